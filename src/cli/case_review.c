/*
 * case review: what a person has to answer: questions of the grouping, contradicted and forced stages, open suspicions; each with the command that answers it.
 *
 * Commands only values of letters, digits and . : - _ @ stand in a command as they are. Others are named by the question's number, so that nobody pastes what an intruder
 *          or a file wrote into a shell.
 */
#include "cli/case.h"

#include "base/num.h"
#include "casework/group.h"
#include "cli/case_data.h"
#include "cli/case_screen.h"
#include "emit/json.h"

#include <stdio.h>

enum { STORE, CAMPAIGN, LIMIT, PAGE, ALL, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = { "campaign", "NAME", "cases of this campaign (all); questions of the grouping belong to none", NULL },
    [LIMIT]    = CASE_OPT_LIMIT,
    [PAGE]     = CASE_OPT_PAGE,
    [ALL]      = CASE_OPT_ALL,
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

/* Numbers of the statement beside those of enum group_ask. */
enum { ASK_CONTRADICTED = 100, ASK_SUSPICION, ASK_FORCED, OTHER_LINES = 3, LINES_EACH = 4 };

/* The sum stands as in the index that finds these few rows. Of one case the most pressing question is asked. */
static const char from[] =
    "SELECT CASE WHEN s.contradicted = 1 THEN 0 WHEN s.suspicion = 1 THEN 2 ELSE 3 END AS rank, s.urgency AS weight, s.case_id AS id,"
    "   CASE WHEN s.contradicted = 1 THEN 100 WHEN s.suspicion = 1 THEN 101 ELSE 102 END AS what, 0 AS kind, '' AS val, s.reason AS one, s.who AS other, 0 AS asset, s.servers AS assets,"
    "   s.why AS why, s.campaign AS campaign FROM case_state s WHERE contradicted + suspicion + forced > 0"
    " UNION ALL SELECT 1, r.assets, r.id, r.what, r.key_kind, r.key_value, r.one, r.other, r.asset, r.assets, r.why, r.campaign FROM case_review r";

struct question {
    int64_t id, what, kind, asset, assets, campaign;
    struct str value, one, other, why;
    char       name[CASE_NAME_TEXT];       /* of a case; empty: of the grouping */
    struct str answer[3]; size_t answer_n;
};

static const char *what_name(int64_t what)
{
    static const char *const ask[] = { "two_numbers", "torn", "provider", "bridge", "wide_entry" };

    switch (what) {
    case ASK_CONTRADICTED: return "contradicted";
    case ASK_SUSPICION:    return "suspicion";
    case ASK_FORCED:       return "forced";
    default:               return what >= 0 && (size_t)what < COUNT_OF(ask) ? ask[what] : "other";
    }
}

/* --- the command that answers it --- */

static bool plain(struct str s)
{
    bool ok = s.n > 0 && s.n <= 100 && s.p[0] != '-';

    for (size_t i = 0; ok && i < s.n; i++)
        ok = ch_alnum(s.p[i]) || s.p[i] == '.' || s.p[i] == ':' || s.p[i] == '-' || s.p[i] == '_' || s.p[i] == '@';
    return ok;
}

static void answer(struct question *q, struct str command)
{
    q->answer[q->answer_n++] = command;
}

static void answers(struct case_data *d, struct question *q)
{
    struct arena *a = &d->c->keep;
    const char   *kind = q->kind >= 0 && q->kind < ORG_KEYS ? org_kinds[q->kind].name : "key";
    struct str    key = plain(q->value) ? str_fmt(a, "%s %.*s", kind, STR_ARG(q->value)) : str_fmt(a, "question:%lld", (long long)q->id);
    struct str    word = q->asset ? case_server_word(d, q->asset) : STR_EMPTY;

    switch (q->what) {
    case ASK_CONTRADICTED:
        answer(q, str_fmt(a, "case show %s", q->name));
        answer(q, str_fmt(a, "case release %s --reason TEXT", q->name));
        return;
    case ASK_SUSPICION:
        answer(q, str_fmt(a, "case show %s", q->name));
        answer(q, str_fmt(a, "case nonce %s", q->name));
        return;
    case ASK_FORCED:
        answer(q, str_fmt(a, "case release %s --reason TEXT", q->name));
        return;
    case GROUP_ASK_TORN:
    case GROUP_ASK_BRIDGE:
        answer(q, plain(word) ? str_fmt(a, "case why %.*s", STR_ARG(word)) : str_fmt(a, "case why %lld", (long long)q->asset));
        answer(q, STR("case decide revoke NUMBER --reason TEXT"));
        return;
    case GROUP_ASK_PROVIDER:
        answer(q, str_fmt(a, "case decide provider %.*s --reason TEXT", STR_ARG(key)));
        answer(q, str_fmt(a, "case decide owner %.*s --reason TEXT", STR_ARG(key)));
        return;
    default:
        if (plain(q->value))
            answer(q, str_fmt(a, "case why %.*s", STR_ARG(key)));
        answer(q, str_fmt(a, "case decide provider %.*s --reason TEXT", STR_ARG(key)));
        return;
    }
}

/* --- shown --- */

static struct str words(struct case_data *d, const struct question *q)
{
    struct arena *a = &d->c->keep;

    switch (q->what) {
    case ASK_CONTRADICTED:
        return str_fmt(a, "%s was forced by %.*s (%.*s), and what was recorded since says otherwise.", q->name, STR_ARG(q->other), STR_ARG(q->one));
    case ASK_SUSPICION:
        return str_fmt(a, "%s has an open suspicion: somebody's word that nothing better proves or settles. A hunt does.", q->name);
    case ASK_FORCED:
        return str_fmt(a, "%s stands as %.*s said (%.*s). Does it still hold?", q->name, STR_ARG(q->other), STR_ARG(q->one));
    default:
        return q->why;
    }
}

static void as_text(struct case_data *d, const struct question *q)
{
    struct out *o = d->c->out;
    uint32_t    columns = case_columns(d->c);

    case_wrap(o, words(d, q), 0, 2, columns, 2);
    for (size_t i = 0; i < q->answer_n && i < 2; i++) {
        out_c(o, i ? "  or afterpatch " : "  -> afterpatch ");
        out_term(o, q->answer[i], 0);
        out_c(o, "\n");
    }
}

static void as_json(struct case_data *d, struct js *j, const struct question *q)
{
    bool of_case = q->name[0] != 0;

    js_object(j);
    js_key(j, "what");    js_c(j, what_name(q->what));
    js_key(j, "question"); of_case ? js_null(j) : js_i64(j, q->id);
    js_key(j, "case");    js_c(j, of_case ? q->name : NULL);
    js_key(j, "kind");    js_c(j, !of_case && q->kind >= 0 && q->kind < ORG_KEYS ? org_kinds[q->kind].name : NULL);
    js_key(j, "value");   js_str_or_null(j, q->value);
    js_key(j, "one");     js_str_or_null(j, q->one);
    js_key(j, "other");   js_str_or_null(j, q->other);
    js_key(j, "server");  q->asset ? js_i64(j, q->asset) : js_null(j);
    js_key(j, "servers"); js_i64(j, q->assets);
    js_key(j, "why");     js_str(j, words(d, q));
    js_key(j, "answers");
    js_array(j);
    for (size_t i = 0; i < q->answer_n; i++)
        js_str(j, str_fmt(&d->c->keep, "afterpatch %.*s", STR_ARG(q->answer[i])));
    js_end(j);
    js_end(j);
}

static bool list(struct case_data *d, const struct args *a, const struct case_campaign *of, const struct case_page *p, struct err *e)
{
    struct out        *o = d->c->out;
    struct store_stmt *st = NULL;
    uint64_t           total = 0, shown = 0;
    bool               json = a->given[JSON];
    char               sql[2048];
    struct js          j;

    snprintf(sql, sizeof sql, "SELECT count(*) FROM (%s) q WHERE ?1 = 0 OR campaign = 0 OR campaign = ?1", from);
    if (!store_prepare(d->store, sql, &st, e))
        return false;
    store_bind_int(st, 1, of ? of->id : 0);
    if (!case_row(&st, e))
        return false;
    total = (uint64_t)store_int(st, 0);
    store_finish(st);
    snprintf(sql, sizeof sql, "SELECT rank, id, what, kind, val, one, other, asset, assets, why, campaign FROM (%s) q WHERE ?1 = 0 OR campaign = 0 OR campaign = ?1"
             " ORDER BY rank, weight DESC, id LIMIT ?2 OFFSET ?3", from);
    if (!store_prepare(d->store, sql, &st, e))
        return false;
    store_bind_int(st, 1, of ? of->id : 0);
    store_bind_int(st, 2, (int64_t)p->n);
    store_bind_int(st, 3, (int64_t)p->first);
    if (json) {
        js_open(&j, o, false);
        js_object(&j);
        js_key(&j, "view");  js_c(&j, "review");
        js_key(&j, "made");  js_time(&j, d->made_us);
        js_key(&j, "stale"); js_bool(&j, d->stale);
        js_key(&j, "total"); js_u64(&j, total);
        js_key(&j, "first"); js_u64(&j, p->first);
        js_key(&j, "questions");
        js_array(&j);
    } else
        out_fmt(o, "%llu question%s%s\n", (unsigned long long)total, total == 1 ? "" : "s", d->stale ? "; newer records wait: `afterpatch case update`" : "");
    while (case_row(&st, e)) {
        struct arena    keep = d->c->keep;
        struct question q = { .id = store_int(st, 1), .what = store_int(st, 2), .kind = store_int(st, 3), .value = case_text(d, st, 4), .one = case_text(d, st, 5),
                              .other = case_text(d, st, 6), .asset = store_int(st, 7), .assets = store_int(st, 8), .why = case_text(d, st, 9), .campaign = store_int(st, 10) };

        if (q.what >= ASK_CONTRADICTED)
            case_name_of(d, q.id, q.campaign, q.name);
        answers(d, &q);
        if (json)
            as_json(d, &j, &q);
        else
            as_text(d, &q);
        d->c->keep = keep;
        shown++;
    }
    if (e->kind != ERR_NONE)
        return false;
    if (json) {
        js_end(&j);
        js_end(&j);
        out_c(o, "\n");
    } else
        case_page_more(o, p, shown, total);
    return true;
}

static int run(struct cli *c, const struct verb *v, const struct args *a)
{
    struct case_data            d = { .c = c };
    const struct case_campaign *of = NULL;
    struct case_page            p;
    struct err                  e = { 0 };
    bool                        ok = a->operand_n == 0 || err_set(&e, ERR_USAGE, "review takes no operand");

    ok = ok && case_page_asked(a, LIMIT, PAGE, ALL, OTHER_LINES, LINES_EACH, &p, &e) && case_read(&d, c, a->value[STORE], &e) &&
         (!a->given[CAMPAIGN] || case_campaign_named(&d, a->value[CAMPAIGN], &of, &e)) && case_board(&d, &e) && list(&d, a, of, &p, &e);
    case_close(&d);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch case review", "What only a person can answer, with the command that does" },
    { NULL, NULL },
};

const struct verb verb_case_review = {
    .name = "case review", .about = "questions that only a person can answer, each with the command that does", .usage = "[OPTION]...",
    .text = "Forced stages that later findings contradict come first; then questions of the grouping, those first that touch most servers: a key that would join two register numbers, a server "
            "with two, a domain that may be an owner's or a provider's; then open suspicions, and at last all that is forced; of one case the most pressing. Until a question is answered, what is doubtful joins nothing.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
