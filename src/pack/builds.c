#include "pack/builds.h"

#include "pack/build_decide.h"
#include "pack/parts.h"

#include "base/num.h"

#include <stdlib.h>

enum { CSV_MAX = 4 << 20 };

struct build_line {
    uint16_t           v[3];       /* the last is 0 where the key has two numbers */
    enum build_product product;
    uint16_t           first, last;        /* rows */
};

/* --- lines by their numbers --- */

static uint32_t line_hash(const uint16_t v[4], int key)
{
    uint64_t k = (uint64_t)v[0] << 32 | (uint64_t)v[1] << 16 | (key == 3 ? v[2] : 0u);
    return (uint32_t)(k * UINT64_C(0x9E3779B97F4A7C15) >> 52);         /* twelve bits: BUILDS_SLOTS */
}

/* Index of the line, or -1. */
static inline int line_find(const struct builds *b, const uint16_t v[4])
{
    int key = build_key_parts(v);

    for (uint32_t at = line_hash(v, key); b->slot[at]; at = (at + 1) % BUILDS_SLOTS) {
        const struct build_line *l = &b->line[b->slot[at] - 1];
        if (l->v[0] == v[0] && l->v[1] == v[1] && (key == 2 || l->v[2] == v[2]))
            return b->slot[at] - 1;
    }
    return -1;
}

static enum build_product product_of_row(const struct build_row *r)
{
    for (int p = 0; p < BUILD_PRODUCTS; p++)
        if (str_eq(r->product, str_c(build_product_name((enum build_product)p))))
            return (enum build_product)p;
    return build_product_of(r->v);
}

static bool lines_make(struct builds *b, struct arena *a, struct err *e)
{
    b->line = NEW(a, struct build_line, BUILDS_LINES_MAX);
    if (!b->line)
        return err_set(e, ERR_MEMORY, "no room for the build table");
    for (size_t i = 0; i < b->row_n; i++) {
        const struct build_row *r = &b->row[i];
        int key = build_key_parts(r->v), had = line_find(b, r->v);

        if (r->released_us > b->newest_us)
            b->newest_us = r->released_us;
        if (had >= 0) {
            b->line[had].last = (uint16_t)i;
            continue;
        }
        if (b->line_n == BUILDS_LINES_MAX || b->row_n > UINT16_MAX)
            return err_set(e, ERR_LIMIT, "more than %d lines of builds", BUILDS_LINES_MAX);
        uint32_t at = line_hash(r->v, key);
        while (b->slot[at])
            at = (at + 1) % BUILDS_SLOTS;
        b->line[b->line_n] = (struct build_line){ { r->v[0], r->v[1], key == 3 ? r->v[2] : 0 }, product_of_row(r), (uint16_t)i, (uint16_t)i };
        b->slot[at] = (uint16_t)++b->line_n;
    }
    return true;
}

/* --- groups --- */

static bool also(struct str names, struct str name)
{
    struct str one;
    while (str_cut(&names, ';', &one))
        if (str_ieq(str_trim(one), name))
            return true;
    return false;
}

int builds_group(const struct builds *b, struct str name)
{
    for (size_t i = 0; i < b->group_n; i++)
        if (str_ieq(b->group[i].name, name))
            return (int)i;
    for (size_t i = 0; i < b->group_n; i++)
        if (name.n && also(b->group[i].also, name))
            return (int)i;
    return -1;
}

struct str builds_group_name(const struct builds *b, size_t group)
{
    return group < b->group_n ? b->group[group].name : STR_EMPTY;
}

int64_t builds_first_fix_us(const struct builds *b, size_t group)
{
    int64_t first = TIME_NONE;

    for (size_t l = 0; l < b->line_n && group < b->group_n; l++) {
        const struct build_fix *f = &b->fix[l * b->group_n + group];
        if (f->kind != FIX_NEVER && (first == TIME_NONE || f->from_us < first))
            first = f->from_us;
    }
    return first;
}

/* Does a row of Exchange 2010 have the token? Else nobody assessed it there. */
static bool in_2010(const struct builds *b, struct str token)
{
    for (size_t i = 0; i < b->row_n; i++)
        if (b->row[i].v[0] == 14 && build_has_token(b->row[i].fixes, token))
            return true;
    return false;
}

static bool groups_make(struct builds *b, struct arena *a, const struct pack *p, struct err *e)
{
    struct build_group *g = NEW(a, struct build_group, BUILDS_GROUPS_MAX);

    if (!g)
        return err_set(e, ERR_MEMORY, "no room for the groups");
    if (p->group_n > BUILDS_GROUPS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d groups", BUILDS_GROUPS_MAX);
    for (size_t i = 0; i < p->group_n; i++)
        g[b->group_n++] = p->group[i];
    b->group = g;
    for (size_t i = 0; i < b->row_n; i++) {
        struct str rest = b->row[i].fixes, one;

        while (str_cut(&rest, ';', &one)) {
            one = str_trim(one);
            if (!one.n || builds_group(b, one) >= 0)
                continue;
            if (b->group_n == BUILDS_GROUPS_MAX)
                return err_set(e, ERR_LIMIT, "more than %d groups", BUILDS_GROUPS_MAX);
            struct build_group fresh = { .name = one, .title = one };
            for (int k = 0; k < BUILD_PRODUCTS; k++) {
                fresh.on[k].token = one;
                fresh.on[k].how = k <= BUILD_2007 || (k == BUILD_2010 && !in_2010(b, one)) ? BUILD_NEVER_ASSESSED : BUILD_BY_TOKEN;
            }
            g[b->group_n++] = fresh;
        }
    }
    return true;
}

static bool fixes_make(struct builds *b, struct arena *a, struct err *e)
{
    b->fix = NEW(a, struct build_fix, b->line_n * b->group_n + 1);
    if (!b->fix)
        return err_set(e, ERR_MEMORY, "no room for the build table");
    for (size_t l = 0; l < b->line_n; l++)
        for (size_t g = 0; g < b->group_n; g++) {
            const struct build_line *line = &b->line[l];
            struct str               token = b->group[g].on[line->product % BUILD_PRODUCTS].token;

            for (size_t r = line->first; r <= line->last; r++) {
                const struct build_row *row = &b->row[r];
                if (!build_has_token(row->fixes, token))
                    continue;
                b->fix[l * b->group_n + g] = (struct build_fix){ .from_us = row->released_us, .v = { row->v[2], row->v[3] }, .row = (uint16_t)r,
                                                                 .kind = r == line->first && row->v[0] != 14 ? FIX_BORN : FIX_LATER };
                break;
            }
        }
    return true;
}

bool builds_make(struct builds *ret, struct arena *a, const struct pack *p, struct str csv, struct err *e)
{
    struct builds b = { .row = p->build, .row_n = p->build_n, .newest_us = TIME_NONE };

    if (csv.n) {
        struct pack         other = { 0 };
        struct pack_building made = { .p = &other, .a = a };
        if (!pack_builds_read(&made, csv, e))
            return false;
        b.row = other.build;
        b.row_n = other.build_n;
    }
    if (!b.row_n)
        return err_set(e, ERR_FORMAT, "no builds");
    if (!lines_make(&b, a, e) || !groups_make(&b, a, p, e) || !fixes_make(&b, a, e))
        return false;
    *ret = b;
    return true;
}

bool builds_load(struct builds *ret, struct arena *a, struct os *os, struct str file, struct err *e)
{
    struct pack p;
    struct str  csv = STR_EMPTY;

    if (!pack_load_embedded(&p, a, STR("survey"), e))
        return false;
    if (file.n && !os_slurp_path(os, file, CSV_MAX, a, &csv, e))
        return false;
    if (file.n && !csv.n)
        return err_set(e, ERR_FORMAT, "the file is empty");
    if (!builds_make(ret, a, &p, csv, e))
        return file.n ? err_where(e, "%.*s", STR_ARG(file)) : false;
    return true;
}

/* --- judging --- */

struct found {
    const struct build_line *line;         /* NULL: none */
    const struct build_fix  *fix;
    enum build_product       product;
};

static inline struct found find(const struct builds *b, size_t group, const uint16_t v[4], int parts)
{
    struct found f = { NULL, NULL, build_product_of(v) };

    if (parts < build_key_parts(v))
        return f;
    int at = line_find(b, v);
    if (at >= 0) {
        f.line = &b->line[at];
        f.product = f.line->product;
        f.fix = &b->fix[(size_t)at * b->group_n + group];
    }
    return f;
}

/* The newest row with the first two numbers of v. Only asked where the line is unknown. */
static const struct build_row *newest_of(const struct builds *b, const uint16_t v[4])
{
    const struct build_row *r = NULL;

    for (size_t i = 0; i < b->row_n; i++)
        if (build_cmp(b->row[i].v, v, 2) == 0)
            r = &b->row[i];
    return r;
}

static struct build_decision judge(const struct builds *b, size_t group, const struct found *f, const uint16_t v[4], int parts, int64_t at_us, int um_role)
{
    struct build_decision d = { BUILD_CANNOT_TELL, WHY_FEW_PARTS };

    if (parts < 2 || build_decide_foreign(v, &d))
        return d;
    size_t p = f->product % BUILD_PRODUCTS;            /* a product of tomorrow is judged by its line */
    return build_decide(f->product == BUILD_PRODUCTS ? BUILD_BY_TOKEN : b->group[group].on[p].how, b->group[group].rule, f->fix,
                        f->line || parts < build_key_parts(v) ? NULL : newest_of(b, v), v, parts, at_us, um_role);
}

static uint32_t flags_of(const struct builds *b, const struct found *f, struct build_decision d, int parts, int64_t at_us)
{
    int64_t  ends = parts >= 2 ? build_support_ends(f->product) : TIME_NONE;
    uint32_t flags = d.why == WHY_NEWER ? BUILD_NEWER : d.why == WHY_UNKNOWN ? BUILD_UNKNOWN : d.why == WHY_BEFORE ? BUILD_BY_DATE : 0;

    if (ends != TIME_NONE && (at_us == TIME_NONE ? b->newest_us : at_us) >= ends)
        flags |= BUILD_EOL;
    return flags;
}

enum build_verdict build_verdict(const struct builds *b, size_t group, const uint16_t v[4], int parts, int64_t at_us, uint32_t *ret_flags)
{
    struct found          f = find(b, group, v, parts);
    struct build_decision d = judge(b, group, &f, v, parts, at_us, -1);

    if (ret_flags)
        *ret_flags = flags_of(b, &f, d, parts, at_us);
    return d.verdict;
}

enum build_product builds_product_of(const struct builds *b, const uint16_t v[4], int parts)
{
    struct found f = find(b, 0, v, parts);

    return !f.line && (parts < 2 || f.product == BUILD_2019) ? BUILD_PRODUCTS : f.product;       /* 2019 and SE share 15.2 */
}

const struct build_row *builds_line(const struct builds *b, const uint16_t v[4], int parts)
{
    struct found f = find(b, 0, v, parts);
    return f.line ? &b->row[f.line->first] : NULL;
}

struct str builds_product(const struct builds *b, const uint16_t v[4], int parts)
{
    struct found f = find(b, 0, v, parts);
    return f.line ? b->row[f.line->first].product : str_c(build_product_name(builds_product_of(b, v, parts)));
}

bool builds_answer(const struct builds *b, struct arena *a, size_t group, const uint16_t v[4], int parts, int64_t at_us, int um_role,
                   struct build_reason *ret, struct err *e)
{
    struct found            f = find(b, group, v, parts);
    struct build_decision   d = judge(b, group, &f, v, parts, at_us, um_role);
    const struct build_row *first = f.line ? &b->row[f.line->first] : NULL;
    const struct build_row *fix = f.fix && f.fix->kind != FIX_NEVER ? &b->row[f.fix->row] : NULL;
    struct build_reason     r = { .flags = flags_of(b, &f, d, parts, at_us) };

    r.answer = (struct build_answer){ .verdict = d.verdict, .fixed_by = d.verdict == BUILD_NOT_AFFECTED && d.why == WHY_NOT_AFFECTED ? NULL : fix,
                                      .product = builds_product(b, v, parts), .why = build_words(a, d, v, parts, f.product, first, fix) };
    if (first) {
        r.update = first->cumulative;
        r.line = build_key_parts(v) == 2 ? str_fmt(a, "%u.%u", v[0], v[1]) : str_fmt(a, "%u.%u.%u", v[0], v[1], v[2]);
    }
    if (!r.answer.why.p || (first && !r.line.p))
        return err_set(e, ERR_MEMORY, "no room for a sentence");
    *ret = r;
    return true;
}
