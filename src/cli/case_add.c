/*
 * case add: a fact by hand: what somebody said on the telephone, a letter that went out, what a responder saw on site.
 *
 * Grade    D unless --grade says more; each fact has the most that a hand may claim for it. B and A are words about tool output and about being on site: they
 *          need a reason, which says whose and where it lies.
 * Whom     a fact of servers that is told of a case is recorded for each of its servers.
 */
#include "cli/case.h"

#include "base/net.h"
#include "base/num.h"
#include "cli/case_updating.h"

#include <stdio.h>

enum { STORE, CAMPAIGN, AT, GRADE, BY, LEVEL, NEW, UPDATE, WHERE, BUILDS, WHO, REASON, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = CASE_OPT_CAMPAIGN,
    [AT]       = { "at", "TIME", "when it was true, or was done (now)", NULL },
    [GRADE]    = { "grade", "LETTER", "what it is worth (D: somebody's word)", "A B C D" },
    [BY]       = { "by", "NAME", "who says so (the case's victim)", NULL },
    [LEVEL]    = { "level", "N", "of call, answered: how sure it is who spoke, 0 to 3 (1)", NULL },
    [NEW]      = { "new", NULL, "the server is in no record yet", NULL },
    [UPDATE]   = CASE_OPT_UPDATE,
    [WHERE]    = CASE_OPT_WHERE,
    [BUILDS]   = CASE_OPT_BUILDS,
    [WHO]      = CASE_OPT_WHO,
    [REASON]   = CASE_OPT_REASON,
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

enum { SERVERS_MAX = 5000, LEVEL_MAX = 3 };

struct what {
    const char    *name;
    enum fact_kind kind;
    int32_t        value;
    enum grade     most;           /* what a hand may claim; GRADE_NONE: it has no grade */
    bool           reason;
};
static const struct what whats[] = {
    { "vulnerable",      FACT_EXPOSURE,     EXPOSURE_VULNERABLE,   GRADE_B, false },
    { "mitigated",       FACT_EXPOSURE,     EXPOSURE_MITIGATED,    GRADE_B, false },
    { "offline",         FACT_EXPOSURE,     EXPOSURE_OFFLINE,      GRADE_B, false },
    { "patched",         FACT_EXPOSURE,     EXPOSURE_PATCHED,      GRADE_B, false },
    { "not-affected",    FACT_EXPOSURE,     EXPOSURE_NOT_AFFECTED, GRADE_B, false },
    { "retired",         FACT_EXPOSURE,     EXPOSURE_RETIRED,      GRADE_B, true },
    { "back-door",       FACT_FINDING,      0,                     GRADE_A, false },
    { "removed",         FACT_REMOVED,      0,                     GRADE_B, false },
    { "hunted-negative", FACT_HUNT,         DOOR_NO,               GRADE_A, false },
    { "not-mine",        FACT_NOT_MINE,     0,                     GRADE_NONE, true },
    { "call",            FACT_NOTICE,       NOTICE_ACCEPTED,       GRADE_NONE, false },
    { "letter",          FACT_NOTICE,       NOTICE_ACCEPTED,       GRADE_NONE, false },
    { "delivered",       FACT_NOTICE,       NOTICE_DELIVERED,      GRADE_NONE, false },
    { "returned",        FACT_NOTICE,       NOTICE_BOUNCED_HARD,   GRADE_NONE, false },
    { "answered",        FACT_REPLY,        1,                     GRADE_NONE, false },
    { "portal-opened",   FACT_PORTAL,       0,                     GRADE_NONE, false },
    { "portal-confirmed", FACT_PORTAL,      1,                     GRADE_NONE, false },
    { "escalated",       FACT_ESCALATED,    0,                     GRADE_NONE, true },
    { "nobody-to-reach", FACT_LADDER_EMPTY, 0,                     GRADE_NONE, true },
    { "trap",            FACT_TRAP,         0,                     GRADE_NONE, true },
};

struct add {
    struct case_data  d;
    const struct args *args;
    const struct what *what;
    struct case_found  found;
    struct fact        f;
    struct ledger_from from;
    uint64_t           n;
};

static bool of_server(const struct what *w) { return w->kind <= FACT_NOT_MINE; }

/* --- what is claimed --- */

static bool what_of(struct add *x, struct str word, struct err *e)
{
    const char *name[COUNT_OF(whats)];

    for (size_t i = 0; i < COUNT_OF(whats); i++) {
        name[i] = whats[i].name;
        if (str_eq(word, str_c(name[i])))
            x->what = &whats[i];
    }
    if (x->what)
        return true;
    const char *near = args_nearest(word, name, COUNT_OF(whats));
    err_set(e, ERR_USAGE, "\"%.*s\" is nothing that can be added", STR_ARG(str_sub(word, 0, 60)));
    return near ? err_hint(e, "did you mean %s?", near) : err_hint(e, "`afterpatch help case add` lists what can");
}

static bool grade_of(struct add *x, struct err *e)
{
    const struct args *a = x->args;
    enum grade         g = x->what->most == GRADE_NONE ? GRADE_NONE : GRADE_D;

    if (a->given[GRADE]) {
        g = (enum grade)(GRADE_D + ('D' - a->value[GRADE].p[0]));
        if (g > x->what->most) {
            if (x->what->most == GRADE_NONE)
                return err_set(e, ERR_USAGE, "%s has no grade", x->what->name);
            err_set(e, ERR_USAGE, "by hand, %s is worth %s at most", x->what->name, grade_name(x->what->most));
            return err_hint(e, "A needs a verified report: `afterpatch case import` takes it");
        }
        if (g >= GRADE_B && !case_reason(a->value[REASON], "a claim of grade B or A", e))
            return false;
    }
    x->f.grade = g;
    if (x->what->kind == FACT_HUNT && g >= GRADE_B)
        x->f.flags |= FACT_COMPLETE;
    return true;
}

static bool claim(struct add *x, struct err *e)
{
    const struct args *a = x->args;
    uint32_t           level = 1;

    x->f = (struct fact){ .kind = x->what->kind, .value = x->what->value, .observed_us = TIME_NONE, .own_us = TIME_NONE, .reason = a->value[REASON] };
    if (x->what->reason && !case_reason(a->value[REASON], x->what->name, e))
        return false;
    if (a->given[AT] && !case_moment(a->value[AT], &x->f.observed_us, e))
        return false;
    if (a->given[AT] && x->f.observed_us > x->d.c->os->now_us(x->d.c->os))
        return err_set(e, ERR_USAGE, "--at lies in the future");
    if (a->given[LEVEL]) {
        if (x->what->kind != FACT_REPLY && x->what->value != NOTICE_ACCEPTED)
            return err_set(e, ERR_USAGE, "--level goes with call and answered");
        if (!num_u32(a->value[LEVEL], &level) || level > LEVEL_MAX)
            return err_set(e, ERR_USAGE, "--level is 0 to %d", LEVEL_MAX);
    }
    if (x->what->kind == FACT_REPLY)
        x->f.value = (int32_t)level;
    return grade_of(x, e);
}

/* --- of whom --- */

static bool source(struct add *x, struct err *e)
{
    struct str         by = str_trim(x->args->value[BY]);
    struct case_source s = { .tlp = STR("AMBER") };

    s.name = by.n ? by : str_fmt(&x->d.c->keep, "the victim of %s", x->found.name[0] ? x->found.name : "a new case");
    return ledger_source(x->d.ledger, &s, &x->from.source, e);
}

static bool new_server(struct add *x, struct str word, struct err *e)
{
    struct subject s = { .name = &word, .name_n = 1 };

    if ((s.has_ip = net_ip_parse(word, s.ip)))
        s.name_n = 0;
    else if (str_chr(word, '.') == STR_NONE || word.n > 253)
        return err_set(e, ERR_USAGE, "\"%.*s\" is no host name and no address", STR_ARG(str_sub(word, 0, 80)));
    int64_t subject;
    if (!ledger_subject(x->d.ledger, &s, &subject, e))
        return false;
    x->f.subject = (uint64_t)subject;
    x->n = 1;
    return ledger_fact(x->d.ledger, x->found.campaign, FACT_OF_SERVER, 0, &x->f, &x->from, NULL, e);
}

static bool servers(struct add *x, struct err *e)
{
    struct store_stmt *st = NULL;
    int64_t           *asset = TAKE(&x->d.c->keep, int64_t, SERVERS_MAX);

    if (!asset)
        return err_set(e, ERR_MEMORY, "no room for the servers of a case");
    if (x->found.asset)
        asset[x->n++] = x->found.asset;
    else {
        if (!store_prepare(x->d.store, "SELECT asset FROM case_server WHERE case_id = ?1 ORDER BY asset", &st, e))
            return false;
        store_bind_int(st, 1, x->found.case_);
        while (case_row(&st, e)) {
            if (x->n == SERVERS_MAX) {
                store_finish(st);
                return err_set(e, ERR_LIMIT, "more than %d servers: name each", SERVERS_MAX);
            }
            asset[x->n++] = store_int(st, 0);
        }
        if (e->kind != ERR_NONE)
            return false;
    }
    if (!x->n)
        return err_set(e, ERR_USAGE, "%s has no server", x->found.name);
    for (uint64_t i = 0; i < x->n; i++) {
        int64_t subject;

        if (!case_subject(&x->d, asset[i], &subject, e))
            return false;
        x->f.subject = (uint64_t)subject;
        if (!ledger_fact(x->d.ledger, x->found.campaign, FACT_OF_SERVER, 0, &x->f, &x->from, NULL, e))
            return false;
    }
    return true;
}

/* --- notices by hand --- */

static bool hand_notice(struct add *x, struct err *e)
{
    struct store_stmt *st = NULL;
    int64_t            now = ledger_now(x->d.ledger), at[2] = { x->found.case_, now };
    const struct str   part[] = { STR("hand"), str_c(x->what->name), { (const uint8_t *)at, sizeof at } };

    x->f.attempt = 1;
    if (x->what->value == NOTICE_ACCEPTED) {
        x->f.subject = (uint64_t)ledger_number(part, COUNT_OF(part));
        return true;
    }
    if (!store_prepare(x->d.store, "SELECT subject FROM case_fact WHERE case_id = ?1 AND of_case = 1 AND kind = ?2 AND value = ?3 AND file = 0 ORDER BY recorded_us DESC, id LIMIT 1", &st, e))
        return false;
    store_bind_int(st, 1, x->found.case_);
    store_bind_int(st, 2, FACT_NOTICE);
    store_bind_int(st, 3, NOTICE_ACCEPTED);
    if (!case_row(&st, e)) {
        if (e->kind == ERR_NONE) {
            err_set(e, ERR_USAGE, "no letter or call of %s is recorded", x->found.name);
            err_hint(e, "`afterpatch case add %s letter` records one", x->found.name);
        }
        return false;
    }
    x->f.subject = (uint64_t)store_int(st, 0);
    store_finish(st);
    return true;
}

static bool of_case(struct add *x, struct err *e)
{
    if (!x->found.case_)
        return err_set(e, ERR_USAGE, "this server is in no case: nobody has said that it is affected");
    if (x->what->kind == FACT_NOTICE && !hand_notice(x, e))
        return false;
    x->n = 1;
    if (!ledger_fact(x->d.ledger, x->found.campaign, FACT_OF_CASE, x->found.case_, &x->f, &x->from, NULL, e))
        return false;
    /* Whoever was reached on the telephone has answered. */
    if (str_eq(str_c(x->what->name), STR("call"))) {
        struct fact reply = x->f;
        uint32_t    level = 1;

        if (x->args->given[LEVEL])
            num_u32(x->args->value[LEVEL], &level);
        reply.kind = FACT_REPLY;
        reply.value = (int32_t)level;
        reply.subject = 0;
        reply.attempt = 0;
        x->n++;
        return ledger_fact(x->d.ledger, x->found.campaign, FACT_OF_CASE, x->found.case_, &reply, &x->from, NULL, e);
    }
    return true;
}

/* --- the verb --- */

static bool audit(struct add *x, struct str word, struct err *e)
{
    struct str about = x->found.case_ ? str_fmt(&x->d.c->keep, "case %lld", (long long)x->found.case_) : word;
    struct str detail = str_fmt(&x->d.c->keep, "%s%s%s%s%.*s", x->what->name, x->f.grade ? ", grade " : "", x->f.grade ? grade_name(x->f.grade) : "", x->f.reason.n ? ": " : "",
                                STR_ARG(x->f.reason));

    return ledger_audit(x->d.ledger, "add", about, detail, e);
}

static bool make(struct add *x, struct cli *c, struct err *e)
{
    const struct args          *a = x->args;
    const struct case_campaign *campaign;
    struct str                  word;

    if (a->operand_n != 2) {
        err_set(e, ERR_USAGE, "a case or server, and what is added");
        return err_hint(e, "afterpatch case add 2021-000123 patched --reason 'told on the telephone'");
    }
    x->d.c = c;
    word = str_trim(a->operand[0]);
    if (!what_of(x, a->operand[1], e) || !claim(x, e) || !case_write(&x->d, c, a->value[STORE], a->value[WHO], e))
        return false;
    if (a->given[NEW]) {
        struct err none = { 0 };

        if (case_find(&x->d, word, a->value[CAMPAIGN], &x->found, &none)) {
            err_set(e, ERR_USAGE, "\"%.*s\" is known already", STR_ARG(str_sub(word, 0, 80)));
            return err_hint(e, "without --new");
        }
        if (!of_server(x->what))
            return err_set(e, ERR_USAGE, "--new goes with what is said of a server");
        if (!case_campaign_named(&x->d, a->value[CAMPAIGN], &campaign, e))
            return false;
        x->found = (struct case_found){ .campaign = campaign->id };
    } else if (!case_find(&x->d, word, a->value[CAMPAIGN], &x->found, e))
        return false;
    if (!ledger_begin(x->d.ledger, e) || !source(x, e))
        return false;
    return (a->given[NEW] ? new_server(x, word, e) : of_server(x->what) ? servers(x, e) : of_case(x, e)) && audit(x, word, e) && ledger_commit(x->d.ledger, e);
}

/* "patched, of 3 servers, worth C" */
static struct str said(struct add *x)
{
    if (!of_server(x->what))
        return str_c(x->what->name);
    return str_fmt(&x->d.c->keep, "%s, of %llu server%s%s%s", x->what->name, (unsigned long long)x->n, x->n == 1 ? "" : "s", x->f.grade ? ", worth " : "", x->f.grade ? grade_name(x->f.grade) : "");
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    const struct case_updating_ask ask = { args->given[UPDATE], args->value[STORE], args->value[WHERE], args->value[BUILDS] };
    struct case_updating u = { 0 };
    struct add           x = { .args = args };
    struct err           e = { 0 };
    bool                 ok = case_updating_begin(&u, c, &ask, &e) && make(&x, c, &e) && case_recorded_by(&u, &x.d, args->given[JSON], said(&x), x.found.name, x.n, &e);

    case_close(&x.d);
    case_updating_end(&u);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch case add 2021-000123 call --level 1 --reason 'spoke to their administrator'", "They were reached, and know" },
    { "afterpatch case add mail.bakery.example patched --grade C --reason '15.1.2176.9 in their form'", "A word about one server, with what it is worth" },
    { "afterpatch case add 2021-000123 back-door --grade A --reason 'on site, report 17'", "What a responder saw" },
    { "afterpatch case add owa.new.example vulnerable --new --by 'partner team'", "A server that no record has" },
    { NULL, NULL },
};

const struct verb verb_case_add = {
    .name = "case add", .about = "records a fact by hand: a call, a letter, what somebody said or saw", .usage = "[OPTION]... CASE|HOST WHAT",
    .text = "Of servers: vulnerable, mitigated, offline, patched, not-affected, retired, back-door, removed, hunted-negative, not-mine. Of cases: call (they were reached), letter, "
            "delivered, returned (of the last letter), answered, portal-opened, portal-confirmed, escalated, nobody-to-reach, trap.\n\n"
            "By hand nothing is worth more than D, somebody's word, unless --grade says why: C with a version, B a responder's statement with tool output, A on site. "
            "C and D never make a server clean. The next `afterpatch case update` makes it count, or --update does, right away.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
