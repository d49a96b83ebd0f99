/* case list: the cases of a campaign, those that need a person first. */
#include "cli/case_list.h"

#include "base/num.h"
#include "cli/case.h"
#include "cli/case_line.h"

#include <stdio.h>
#include <string.h>

static const struct opt opts[] = {
    [LIST_STORE]    = CASE_OPT_STORE,
    [LIST_CAMPAIGN] = CASE_OPT_CAMPAIGN,
    [LIST_STAGE]    = { "stage", "WORD", "cases at this stage", "candidate dismissed verified unreachable contact_found notified delivered acknowledged patched hunted backdoored relapsed clean closed dormant" },
    [LIST_COUNTRY]  = { "country", "CC", "of the organisation, not of an address; unknown for none", NULL },
    [LIST_SECTOR]   = { "sector", "NAME", "as a register or constituency list says; unknown for none", NULL },
    [LIST_NEEDS]    = { "needs", "WORD", "what stands between a case and clean", "patch patch-proof hunt hunt-proof hunt-again removal time rescans suspicion" },
    [LIST_FORCED]   = { "forced", NULL, "cases whose stage a person forced", NULL },
    [LIST_FIND]     = { "find", "TEXT", "the organisation's name or a server's holds this text", NULL },
    [LIST_PROVIDER] = { "provider", "WHO", "the servers that a provider operates: org:NUMBER, its name or domain", NULL },
    [LIST_LIMIT]    = CASE_OPT_LIMIT,
    [LIST_PAGE]     = CASE_OPT_PAGE,
    [LIST_ALL]      = CASE_OPT_ALL,
    [LIST_JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

enum { OTHER_LINES = 4, WIDE = 132, STAGE_COLUMNS = 14 };

/* --- what is asked for --- */

/* condition: its value is written ?. */
static void and(struct case_list *l, const char *condition, bool text, int64_t i, struct str s)
{
    size_t at = strlen(l->where);

    l->bind[l->bind_n].text = text;
    l->bind[l->bind_n].i = i;
    l->bind[l->bind_n].s = s;
    l->bind_n++;
    at += (size_t)snprintf(l->where + at, sizeof l->where - at, " AND ");
    for (const char *p = condition; *p && at + 8 < sizeof l->where; p++)
        at += *p == '?' ? (size_t)snprintf(l->where + at, sizeof l->where - at, "?%d", l->bind_n) : (size_t)snprintf(l->where + at, sizeof l->where - at, "%c", *p);
}

/* Which of the words; the options' own table has refused any other. */
static int64_t word_of(struct str given, const char *const *word, size_t n)
{
    size_t i = 0;

    while (i + 1 < n && !str_eq(given, str_c(word[i])))
        i++;
    return (int64_t)i;
}

/* %TEXT% in lower case, what LIKE would obey made plain. */
static struct str like(struct arena *a, struct str s)
{
    uint8_t *p = TAKE(a, uint8_t, s.n * 2 + 2);
    size_t   n = 0;

    if (!p)
        return STR_EMPTY;
    p[n++] = '%';
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '%' || s.p[i] == '_' || s.p[i] == '\\')
            p[n++] = '\\';
        p[n++] = ch_lower(s.p[i]);
    }
    p[n++] = '%';
    return (struct str){ p, n };
}

static struct str known(struct str s) { return str_eq(s, STR("unknown")) ? STR("") : s; }

static void conditions(struct case_list *l)
{
    const struct args *a = l->args;
    const char        *stage[CASE_STAGES];

    for (size_t i = 0; i < CASE_STAGES; i++)
        stage[i] = case_stage_name((enum case_stage)i);
    snprintf(l->where, sizeof l->where, "s.campaign = ?1");
    l->bind[0].i = l->campaign->id;
    l->bind_n = 1;
    if (a->given[LIST_STAGE])
        and(l, "s.stage = ?", false, word_of(a->value[LIST_STAGE], stage, CASE_STAGES), STR_EMPTY);
    if (a->given[LIST_NEEDS])
        and(l, "(s.needs & ?) <> 0", false, INT64_C(1) << word_of(a->value[LIST_NEEDS], case_need_words, CASE_NEEDS), STR_EMPTY);
    if (a->given[LIST_FORCED])
        and(l, "s.forced = 1 AND contradicted + suspicion + forced > ?", false, 0, STR_EMPTY);
    if (a->given[LIST_COUNTRY])
        and(l, a->given[LIST_SECTOR] ? "s.org IN (SELECT org FROM case_org WHERE lower(country) = ?" : "s.org IN (SELECT org FROM case_org WHERE lower(country) = ?)", true, 0,
            str_lower(&l->d.c->keep, known(a->value[LIST_COUNTRY])));
    if (a->given[LIST_SECTOR])
        and(l, a->given[LIST_COUNTRY] ? "sector = ?)" : "s.org IN (SELECT org FROM case_org WHERE sector = ?)", true, 0, known(a->value[LIST_SECTOR]));
    if (a->given[LIST_FIND]) {
        static const char *const find[] = {
            "(s.org IN (SELECT o.org FROM case_org o WHERE instr(lower(o.name), ?) > 0) OR s.case_id IN (SELECT v.case_id FROM case_server v WHERE v.asset IN"
            " (SELECT n.asset FROM case_server_name n WHERE instr(n.name, ?) > 0)))",
            "(s.org IN (SELECT o.org FROM case_org o WHERE lower(o.name) LIKE ? ESCAPE '\\') OR s.case_id IN (SELECT v.case_id FROM case_server v WHERE v.asset IN"
            " (SELECT n.asset FROM case_server_name n WHERE n.name LIKE ? ESCAPE '\\')))" };

        /* Each engine the quicker way. */
        bool       pg = store_is_postgresql(l->d.store);
        struct str text = str_sub(a->value[LIST_FIND], 0, 200);
        and(l, find[pg], true, 0, pg ? like(&l->d.c->keep, text) : str_lower(&l->d.c->keep, text));
    }
}

bool case_list_prepare(struct case_list *l, const char *sql, struct store_stmt **ret, struct err *e)
{
    if (!store_prepare(l->d.store, sql, ret, e))
        return false;
    for (int i = 0; i < l->bind_n; i++)
        if (l->bind[i].text)
            store_bind_text(*ret, i + 1, l->bind[i].s);
        else
            store_bind_int(*ret, i + 1, l->bind[i].i);
    return true;
}

/* Where the conditions are dear, each row brings the number of all: they are worked out once. */
static bool dear(const struct case_list *l) { return l->args->given[LIST_FIND] || l->args->given[LIST_COUNTRY] || l->args->given[LIST_SECTOR]; }

bool case_list_count(struct case_list *l, const char *from, struct err *e)
{
    char               sql[LIST_SQL_MAX];
    struct store_stmt *st = NULL;

    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE %s", from, l->where);
    if (!case_list_prepare(l, sql, &st, e))
        return false;
    if (!case_row(&st, e))
        return false;
    l->total = (uint64_t)store_int(st, 0);
    store_finish(st);
    return true;
}

/* --- what is shown --- */

void case_list_about(struct case_list *l, const char *what, const char *more)
{
    struct out *o = l->d.c->out;
    char        n[CASE_TIME_TEXT], when[CASE_TIME_TEXT];

    case_count_text(l->total, n);
    case_minute_text(l->d.made_us, when);
    out_term(o, l->campaign->slug, 34);
    out_fmt(o, ": %s %s%s%s, worked out %s UTC%s\n", n, what, l->total == 1 ? "" : "s", more, when, l->d.stale ? "; newer records wait" : "");
}

void case_list_json_begin(struct case_list *l, struct js *j, const char *view)
{
    js_open(j, l->d.c->out, false);
    js_object(j);
    js_key(j, "view");     js_c(j, view);
    js_key(j, "campaign"); js_str(j, l->campaign->slug);
    js_key(j, "made");     js_time(j, l->d.made_us);
    js_key(j, "stale");    js_bool(j, l->d.stale);
    js_key(j, "total");    js_u64(j, l->total);
    js_key(j, "first");    js_u64(j, l->page.first);
}

void case_list_json_end(struct case_list *l, struct js *j)
{
    js_end(j);
    js_end(j);
    out_c(l->d.c->out, "\n");
}

static uint32_t organisation_columns(const struct case_list *l)
{
    return l->wide ? 36 : 28;
}

static void case_text_line(struct case_list *l, const struct case_line *x)
{
    struct out *o = l->d.c->out;
    char        stage[CASE_STAGE_TEXT];
    uint32_t    columns = case_columns(l->d.c);

    case_stage_text(x, stage);
    case_cell_c(o, x->name, LIST_NAME_COLUMNS);
    case_cell(o, case_organisation(&l->d, x), organisation_columns(l));
    case_cell(o, x->country.n ? x->country : STR("-"), 2);
    case_cell_c(o, stage, STAGE_COLUMNS);
    case_number(o, x->vulnerable, 4, true);
    case_number(o, x->backdoored, 4, true);
    case_number(o, x->clean, 4, true);
    out_fmt(o, "%4lld", (long long)x->servers);
    if (l->wide) {
        out_c(o, "  ");
        out_term(o, x->why, columns - (LIST_NAME_COLUMNS + organisation_columns(l) + STAGE_COLUMNS + 28));
    } else if (x->why.n) {
        out_c(o, "\n  ");
        out_term(o, x->why, columns - 2);
    }
    out_c(o, "\n");
}

static bool cases(struct case_list *l, struct err *e)
{
    struct out        *o = l->d.c->out;
    bool               json = l->args->given[LIST_JSON];
    struct store_stmt *st = NULL;
    uint64_t           shown = 0;
    char               sql[LIST_SQL_MAX];
    struct js          j;

    conditions(l);
    if (!dear(l) && !case_list_count(l, "case_state s", e))
        return false;
    snprintf(sql, sizeof sql, "SELECT %s, p.n FROM (SELECT s.case_id, %s AS n FROM case_state s WHERE %s ORDER BY s.urgency DESC, s.case_id LIMIT ?%d OFFSET ?%d) p JOIN case_state s"
             " ON s.case_id = p.case_id LEFT JOIN case_org o ON o.org = s.org ORDER BY s.urgency DESC, s.case_id", case_line_columns, dear(l) ? "count(*) OVER ()" : "0", l->where,
             l->bind_n + 1, l->bind_n + 2);
    if (!case_list_prepare(l, sql, &st, e))
        return false;
    store_bind_int(st, l->bind_n + 1, (int64_t)l->page.n);
    store_bind_int(st, l->bind_n + 2, (int64_t)l->page.first);
    bool row = case_row(&st, e);
    if (dear(l)) {
        if (row)
            l->total = (uint64_t)store_int(st, CASE_LINE_COLUMNS);
        else if (e->kind == ERR_NONE && l->page.first && !case_list_count(l, "case_state s", e))     /* past the end */
            return false;
    }
    if (e->kind != ERR_NONE)
        return false;
    if (json) {
        case_list_json_begin(l, &j, "list");
        js_key(&j, "cases");
        js_array(&j);
    } else {
        case_list_about(l, "case", "");
        if (l->total) {
            case_cell_c(o, "case", LIST_NAME_COLUMNS);
            case_cell_c(o, "organisation", organisation_columns(l));
            case_cell_c(o, "of", 2);
            case_cell_c(o, "stage", STAGE_COLUMNS);
            out_fmt(o, "vuln door  cln  all%s\n", l->wide ? "  why" : "");
        }
    }
    for (; row; row = case_row(&st, e)) {
        struct arena     keep = l->d.c->keep;              /* texts live as long as their line */
        struct case_line x;

        case_line_read(&l->d, st, &x);
        if (json) {
            js_object(&j);
            case_line_json(&j, &x);
            js_end(&j);
        } else
            case_text_line(l, &x);
        l->d.c->keep = keep;
        shown++;
    }
    if (e->kind != ERR_NONE)
        return false;
    if (json)
        case_list_json_end(l, &j);
    else
        case_page_more(o, &l->page, shown, l->total);
    return true;
}

/* --- the verb --- */

static bool make(struct case_list *l, struct cli *c, struct err *e)
{
    const struct args *a = l->args;

    l->wide = case_columns(c) >= WIDE;
    if (a->operand_n) {
        err_set(e, ERR_USAGE, "list takes no operand");
        return err_hint(e, "--find TEXT searches names; `afterpatch case show CASE` shows one");
    }
    if (a->given[LIST_PROVIDER] && (a->given[LIST_STAGE] || a->given[LIST_COUNTRY] || a->given[LIST_SECTOR] || a->given[LIST_NEEDS] || a->given[LIST_FORCED] || a->given[LIST_FIND])) {
        err_set(e, ERR_USAGE, "--provider goes alone");
        return err_hint(e, "a provider's list says of each server only what concerns that server");
    }
    if (!case_page_asked(a, LIST_LIMIT, LIST_PAGE, LIST_ALL, OTHER_LINES, l->wide || a->given[LIST_PROVIDER] ? 1 : 2, &l->page, e))
        return false;
    return case_read(&l->d, c, a->value[LIST_STORE], e) && case_campaign_named(&l->d, a->value[LIST_CAMPAIGN], &l->campaign, e) && case_board(&l->d, e) &&
           (a->given[LIST_PROVIDER] ? case_list_provider(l, e) : cases(l, e));
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct case_list l = { .args = args };
    struct err       e = { 0 };
    bool             ok = make(&l, c, &e);

    case_close(&l.d);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch case list", "What needs a person first" },
    { "afterpatch case list --needs removal --country AT --all", "Every case in one country in which a back door is there" },
    { "afterpatch case list --provider org:17 --json", "What may be told to a provider: the servers it operates, and no more" },
    { NULL, NULL },
};

const struct verb verb_case_list = {
    .name = "case list", .about = "the cases of a campaign, those that need a person first", .usage = "[OPTION]...",
    .text = "One case is one organisation in one campaign. Columns: the country of the organisation; its stage, with ! when a person forced it; its servers: vulnerable, with a back "
            "door, clean, all. Vulnerable, back-doored and clean are separate: a patched server with a back door counts under door. Below stands what a person has to do next.\n\n"
            "The list is that of the last `afterpatch case update`; it says so when newer records wait.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
