/*
 * Builds and what they say about the fix.
 *
 * Rule 1   numbers are compared as numbers, part by part (1913.10 is above 1913.9).
 * Rule 2   a line is major.minor.build, for Exchange 2010 major.minor. patched(b) <=> some row of b's line has the token and is <= b.
 * Rule 3   a line whose first row has the token was born patched: any revision of it is, also one below that row (an announced version
 *          may lag the setup version: 15.2.858.2 for .5).
 * Rule 4   three parts decide only where the whole line agrees.
 * Rule 5   observed before the line's fix was released: unpatched, with three parts as well. A build that proves the fix by itself wins
 *          over a date that cannot be.
 * Source   survey sheet, sections 1 to 3.
 */
#include "pack/parts.h"
#include "pack/table.h"

#include "base/num.h"

#include <stdlib.h>

/* March 2021 updates that sources number in two ways (published, then published again): between the two nobody can tell. */
static const struct { uint16_t v[3], from, to; } disputed[] = {
    { { 15, 1, 1415 }, 8, 9 },
    { { 15, 1, 1466 }, 13, 15 },
};

bool build_parse(struct str text, uint16_t ret_v[4], int *ret_parts)
{
    uint16_t   v[4] = { 0 };
    int        n = 0;
    struct str part;

    text = str_trim(text);
    if (!text.n || text.p[text.n - 1] == '.')
        return false;
    while (str_cut(&text, '.', &part)) {
        uint32_t x;
        if (n == 4 || part.n > 10 || !num_u32(part, &x) || x > 65535)
            return false;
        v[n++] = (uint16_t)x;
    }
    if (n < 2)
        return false;
    for (int i = 0; i < 4; i++)
        ret_v[i] = v[i];
    *ret_parts = n;
    return true;
}

static int cmp(const uint16_t *a, const uint16_t *b, int parts)
{
    for (int i = 0; i < parts; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

static bool has_token(struct str fixes, struct str token)
{
    struct str one;
    while (str_cut(&fixes, ';', &one))
        if (token.n && str_eq(str_trim(one), token))
            return true;
    return false;
}

struct line {
    const struct build_row *first, *fix, *last;    /* first row of the line, first with the fix, last */
};

static struct line line_of(const struct pack *p, const uint16_t *v, int key_parts, struct str token)
{
    struct line l = { NULL, NULL, NULL };

    for (size_t i = 0; i < p->build_n; i++) {
        const struct build_row *r = &p->build[i];
        if (cmp(r->v, v, key_parts) != 0)
            continue;
        if (!l.first)
            l.first = r;
        if (!l.fix && has_token(r->fixes, token))
            l.fix = r;
        l.last = r;
    }
    return l;
}

static struct str product_of(const uint16_t *v)
{
    if (v[0] == 6 && v[1] == 5) return STR("Exchange Server 2003");
    if (v[0] == 8)              return STR("Exchange Server 2007");
    if (v[0] == 14)             return STR("Exchange Server 2010");
    if (v[0] == 15 && v[1] == 0) return STR("Exchange Server 2013");
    if (v[0] == 15 && v[1] == 1) return STR("Exchange Server 2016");
    if (v[0] == 15 && v[1] == 2) return STR("Exchange Server 2019");
    return STR("");
}

static struct str text_of(struct arena *a, const uint16_t *v, int parts)
{
    switch (parts) {
    case 2:  return str_fmt(a, "%u.%u", v[0], v[1]);
    case 3:  return str_fmt(a, "%u.%u.%u", v[0], v[1], v[2]);
    default: return str_fmt(a, "%u.%u.%u.%u", v[0], v[1], v[2], v[3]);
    }
}

struct judge { struct arena *a; struct build_answer *ret; struct err *e; };

static bool say(struct judge *j, enum build_verdict verdict, struct str why)
{
    if (!why.p)
        return err_set(j->e, ERR_MEMORY, "no room for a sentence");
    j->ret->verdict = verdict;
    j->ret->why     = why;
    return true;
}

/* Exchange 2010 has only one of the flaws, and that one needs the Unified Messaging role. */
static bool judge_2010(struct judge *j, const struct pack *p, const uint16_t *v, int parts, struct str build, int64_t at_us, int um_role)
{
    struct line             l   = line_of(p, v, 2, p->fix_token_2010);
    const struct build_row *fix = l.fix;
    bool known = fix != NULL, above = false;

    j->ret->fixed_by = fix;
    if (!l.first)
        return say(j, BUILD_CANNOT_TELL, str_fmt(j->a, "Build %.*s is newer than the build table or unknown to it.", STR_ARG(build)));
    if (fix && parts >= 3) {
        int c = cmp(v, fix->v, parts == 4 ? 4 : 3);
        above = c > 0 || (c == 0 && (parts == 4 || fix->v[3] == 0));
        known = above || c < 0 || parts == 4;
    } else if (fix) {
        known = false;
    } else {
        known = true;                              /* a service pack that never got the fix */
    }
    if (above)
        return say(j, BUILD_PATCHED, str_fmt(j->a, "Build %.*s contains %.*s.", STR_ARG(build), STR_ARG(fix->security)));
    if (um_role == 0)
        return say(j, BUILD_NOT_AFFECTED, STR("Exchange 2010 without the Unified Messaging role is not affected."));
    if (um_role < 0)
        return say(j, BUILD_CANNOT_TELL, str_fmt(j->a, "Build %.*s lacks the fix or may lack it; only the Unified Messaging role is affected, and whether this server has it is unknown.", STR_ARG(build)));
    if (fix && at_us != TIME_NONE && at_us < fix->released_us)
        return say(j, BUILD_UNPATCHED, str_fmt(j->a, "Build %.*s was seen before %.*s was released.", STR_ARG(build), STR_ARG(fix->security)));
    if (!known)
        return say(j, BUILD_CANNOT_TELL, str_fmt(j->a, "Build %.*s has too few parts to tell the rollup.", STR_ARG(build)));
    return say(j, BUILD_UNPATCHED, str_fmt(j->a, "Build %.*s does not contain the fix of March 2021.", STR_ARG(build)));
}

static bool judge_unknown(struct judge *j, const struct pack *p, const uint16_t *v, int parts, struct str build)
{
    const struct build_row *newest = NULL;

    for (size_t i = 0; i < p->build_n; i++)
        if (cmp(p->build[i].v, v, 2) <= 0)
            newest = &p->build[i];                 /* rows are sorted */
    bool newer = !newest || cmp(newest->v, v, 2) < 0 || cmp(newest->v, v, parts < 4 ? 3 : 4) < 0;
    return say(j, BUILD_CANNOT_TELL, str_fmt(j->a, newer ? "Build %.*s is newer than the build table." :
                                             "Build %.*s is not in the build table.", STR_ARG(build)));
}

bool build_judge(const struct pack *p, struct arena *a, const uint16_t v[4], int parts, int64_t at_us, int um_role,
                 struct build_answer *ret, struct err *e)
{
    struct build_answer out = { .product = product_of(v) };
    struct judge        j   = { a, &out, e };
    struct str          build = text_of(a, v, parts);
    bool                ok;

    if (!build.p)
        return err_set(e, ERR_MEMORY, "no room for a sentence");
    if (v[0] == 15 && v[1] == 20) {
        ok = say(&j, BUILD_NOT_SELF_HOSTED, str_fmt(a, "%.*s is Exchange Online, not a server of one's own.", STR_ARG(build)));
    } else if ((v[0] == 6 && v[1] == 5) || v[0] == 8) {
        ok = say(&j, BUILD_NOT_AFFECTED, str_fmt(a, "%.*s does not have these flaws; it has been out of support for years.", STR_ARG(out.product)));
    } else if (v[0] < 14) {
        ok = say(&j, BUILD_NOT_EXCHANGE, str_fmt(a, "%.*s is no version of Exchange.", STR_ARG(build)));
    } else if (v[0] == 14) {
        ok = judge_2010(&j, p, v, parts, build, at_us, um_role);
    } else if (parts < 3) {
        ok = say(&j, BUILD_CANNOT_TELL, str_fmt(a, "Version %.*s does not tell the cumulative update.", STR_ARG(build)));
    } else {
        struct line             l   = line_of(p, v, 3, p->fix_token);
        const struct build_row *fix = l.fix;

        out.fixed_by = fix;
        if (l.first)
            out.product = l.first->product;
        bool doubt = false;
        for (size_t i = 0; parts == 4 && i < COUNT_OF(disputed); i++)
            doubt |= cmp(v, disputed[i].v, 3) == 0 && v[3] >= disputed[i].from && v[3] <= disputed[i].to;

        if (!l.first)
            ok = judge_unknown(&j, p, v, parts, build);
        else if (!fix)
            ok = say(&j, BUILD_UNPATCHED, str_fmt(a, "Build %.*s (%.*s %.*s) never got the fix; it needs a later cumulative update.", STR_ARG(build),
                                                  STR_ARG(l.first->product), STR_ARG(l.first->cumulative)));
        else if (fix == l.first)
            ok = say(&j, BUILD_PATCHED, str_fmt(a, "Build %.*s (%.*s %.*s) contained the fix from the start.", STR_ARG(build),
                                                STR_ARG(fix->product), STR_ARG(fix->cumulative)));
        else if (parts == 4 && !doubt && v[3] >= fix->v[3])
            ok = say(&j, BUILD_PATCHED, str_fmt(a, "Build %.*s contains %.*s (%.*s), first in %u.%u.%u.%u.", STR_ARG(build),
                                                STR_ARG(fix->security), STR_ARG(fix->kb), fix->v[0], fix->v[1], fix->v[2], fix->v[3]));
        else if (at_us != TIME_NONE && at_us < fix->released_us)
            ok = say(&j, BUILD_UNPATCHED, str_fmt(a, "Build %.*s was seen before %.*s was released.", STR_ARG(build), STR_ARG(fix->security)));
        else if (doubt)
            ok = say(&j, BUILD_CANNOT_TELL, str_fmt(a, "Sources disagree on whether build %.*s contains %.*s.", STR_ARG(build), STR_ARG(fix->security)));
        else if (parts == 4)
            ok = say(&j, BUILD_UNPATCHED, str_fmt(a, "Build %.*s is below %u.%u.%u.%u, which brought the fix (%.*s).", STR_ARG(build),
                                                  fix->v[0], fix->v[1], fix->v[2], fix->v[3], STR_ARG(fix->kb)));
        else
            ok = say(&j, BUILD_CANNOT_TELL, str_fmt(a, "Three parts (%.*s) tell the cumulative update only; the fourth tells whether %.*s is there.",
                                                    STR_ARG(build), STR_ARG(fix->security)));
    }
    if (ok)
        *ret = out;
    return ok;
}

const char *build_verdict_name(enum build_verdict v)
{
    static const char *const name[] = { "patched", "unpatched", "cannot_tell", "not_affected", "not_self_hosted", "not_exchange" };
    return (size_t)v < COUNT_OF(name) ? name[v] : "cannot_tell";
}

/* --- builds.csv --- */

static int by_build(const void *x, const void *y)
{
    const struct build_row *a = x, *b = y;
    int c = cmp(a->v, b->v, 4);
    return c ? c : (a->fixes.p > b->fixes.p) - (a->fixes.p < b->fixes.p);      /* equal builds stay in the order of the file */
}

bool pack_builds_read(struct pack_building *b, struct str text, struct err *e)
{
    static const char *const need[] = { "product", "cumulative_update", "security_update", "release_date", "build_short", "kb", "fixes" };
    struct pack *p = b->p;
    struct table t;
    struct err   mine = { 0 };

    if (!table_open(&t, b->a, text, e))
        return false;
    for (size_t i = 0; i < COUNT_OF(need); i++)
        if (!table_has(&t, need[i]))
            return err_set(e, ERR_FORMAT, "line 1: the header lacks %s", need[i]);
    while (table_next(&t, &mine)) {
        struct build_row r = { .product = table_cell(&t, "product"), .cumulative = table_cell(&t, "cumulative_update"),
                               .security = table_cell(&t, "security_update"), .kb = table_cell(&t, "kb"), .fixes = table_cell(&t, "fixes") };
        int parts;
        if (!build_parse(table_cell(&t, "build_short"), r.v, &parts) || parts != 4)
            return err_set(e, ERR_FORMAT, "line %u: build_short is not four numbers", t.line);
        if (!time_parse(table_cell(&t, "release_date"), &r.released_us))
            return err_set(e, ERR_FORMAT, "line %u: release_date is no date", t.line);
        if (p->build_n >= PACK_ROWS_MAX)
            return err_set(e, ERR_LIMIT, "more than %d builds", PACK_ROWS_MAX);
        struct build_row *at = GROW(b->a, p->build, p->build_n, &b->build_cap);
        if (!at)
            return err_set(e, ERR_MEMORY, "no room for builds");
        *at = r;
        p->build_n++;
    }
    if (mine.kind != ERR_NONE) {
        *e = mine;
        return false;
    }
    if (p->build_n)
        qsort(p->build, p->build_n, sizeof *p->build, by_build);
    return true;
}
