/*
 * case list: the cases of a campaign, those that need a person first.
 *
 * Provider with --provider each row is a server that it operates, and nothing else is said of its owner's case: the list can go to the provider, and no customer's other
 *          servers with it.
 */
#include "cli/case.h"

#include "base/net.h"
#include "base/num.h"
#include "casework/group.h"
#include "cli/case_line.h"
#include "cli/case_screen.h"

#include <stdio.h>
#include <string.h>

enum { STORE, CAMPAIGN, STAGE, COUNTRY, SECTOR, NEEDS, FORCED, FIND, PROVIDER, LIMIT, PAGE, ALL, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = CASE_OPT_CAMPAIGN,
    [STAGE]    = { "stage", "WORD", "cases at this stage", "candidate dismissed verified unreachable contact_found notified delivered acknowledged patched hunted backdoored relapsed clean closed dormant" },
    [COUNTRY]  = { "country", "CC", "of the organisation, not of an address; unknown for none", NULL },
    [SECTOR]   = { "sector", "NAME", "as a register or constituency list says; unknown for none", NULL },
    [NEEDS]    = { "needs", "WORD", "what stands between a case and clean", "patch patch-proof hunt hunt-proof hunt-again removal time rescans suspicion" },
    [FORCED]   = { "forced", NULL, "cases whose stage a person forced", NULL },
    [FIND]     = { "find", "TEXT", "the organisation's name or a server's holds this text", NULL },
    [PROVIDER] = { "provider", "WHO", "the servers that a provider operates: org:NUMBER, its name or domain", NULL },
    [LIMIT]    = CASE_OPT_LIMIT,
    [PAGE]     = CASE_OPT_PAGE,
    [ALL]      = CASE_OPT_ALL,
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

enum { OTHER_LINES = 4, WIDE = 132, NAME_COLUMNS = 11, STAGE_COLUMNS = 14, BINDS_MAX = 10, SQL_MAX = 4096 };

struct list {
    struct case_data   d;
    const struct args *args;
    const struct case_campaign *campaign;
    struct case_page   page;
    bool               wide;
    uint64_t           total;
    /* Conditions with their values, in the order of ?1 ?2 ... */
    char               where[2048];
    struct { bool text; int64_t i; struct str s; } bind[BINDS_MAX];
    int                bind_n;
};

/* --- what is asked for --- */

/* condition: its value is written ?. */
static void and(struct list *l, const char *condition, bool text, int64_t i, struct str s)
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

static void conditions(struct list *l)
{
    const struct args *a = l->args;
    const char        *stage[CASE_STAGES];

    for (size_t i = 0; i < CASE_STAGES; i++)
        stage[i] = case_stage_name((enum case_stage)i);
    snprintf(l->where, sizeof l->where, "s.campaign = ?1");
    l->bind[0].i = l->campaign->id;
    l->bind_n = 1;
    if (a->given[STAGE])
        and(l, "s.stage = ?", false, word_of(a->value[STAGE], stage, CASE_STAGES), STR_EMPTY);
    if (a->given[NEEDS])
        and(l, "(s.needs & ?) <> 0", false, INT64_C(1) << word_of(a->value[NEEDS], case_need_words, CASE_NEEDS), STR_EMPTY);
    if (a->given[FORCED])
        and(l, "s.forced = 1 AND contradicted + suspicion + forced > ?", false, 0, STR_EMPTY);
    if (a->given[COUNTRY])
        and(l, a->given[SECTOR] ? "s.org IN (SELECT org FROM case_org WHERE lower(country) = ?" : "s.org IN (SELECT org FROM case_org WHERE lower(country) = ?)", true, 0,
            str_lower(&l->d.c->keep, known(a->value[COUNTRY])));
    if (a->given[SECTOR])
        and(l, a->given[COUNTRY] ? "sector = ?)" : "s.org IN (SELECT org FROM case_org WHERE sector = ?)", true, 0, known(a->value[SECTOR]));
    if (a->given[FIND]) {
        static const char *const find[] = {
            "(s.org IN (SELECT o.org FROM case_org o WHERE instr(lower(o.name), ?) > 0) OR s.case_id IN (SELECT v.case_id FROM case_server v WHERE v.asset IN"
            " (SELECT n.asset FROM case_server_name n WHERE instr(n.name, ?) > 0)))",
            "(s.org IN (SELECT o.org FROM case_org o WHERE lower(o.name) LIKE ? ESCAPE '\\') OR s.case_id IN (SELECT v.case_id FROM case_server v WHERE v.asset IN"
            " (SELECT n.asset FROM case_server_name n WHERE n.name LIKE ? ESCAPE '\\')))" };

        /* Each engine the quicker way. */
        bool       pg = store_is_postgresql(l->d.store);
        struct str text = str_sub(a->value[FIND], 0, 200);
        and(l, find[pg], true, 0, pg ? like(&l->d.c->keep, text) : str_lower(&l->d.c->keep, text));
    }
}

static bool prepared(struct list *l, const char *sql, struct store_stmt **ret, struct err *e)
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
static bool dear(const struct list *l) { return l->args->given[FIND] || l->args->given[COUNTRY] || l->args->given[SECTOR]; }

static bool count(struct list *l, const char *from, struct err *e)
{
    char               sql[SQL_MAX];
    struct store_stmt *st = NULL;

    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE %s", from, l->where);
    if (!prepared(l, sql, &st, e))
        return false;
    if (!case_row(&st, e))
        return false;
    l->total = (uint64_t)store_int(st, 0);
    store_finish(st);
    return true;
}

/* --- what is shown --- */

static void about(struct list *l, const char *what, const char *more)
{
    struct out *o = l->d.c->out;
    char        n[CASE_TIME_TEXT], when[CASE_TIME_TEXT];

    case_count_text(l->total, n);
    case_minute_text(l->d.made_us, when);
    out_term(o, l->campaign->slug, 34);
    out_fmt(o, ": %s %s%s%s, worked out %s UTC%s\n", n, what, l->total == 1 ? "" : "s", more, when, l->d.stale ? "; newer records wait" : "");
}

static void begin_json(struct list *l, struct js *j, const char *view)
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

static void end_json(struct list *l, struct js *j)
{
    js_end(j);
    js_end(j);
    out_c(l->d.c->out, "\n");
}

static uint32_t organisation_columns(const struct list *l)
{
    return l->wide ? 36 : 28;
}

static void case_text_line(struct list *l, const struct case_line *x)
{
    struct out *o = l->d.c->out;
    char        stage[CASE_STAGE_TEXT];
    uint32_t    columns = case_columns(l->d.c);

    case_stage_text(x, stage);
    case_cell_c(o, x->name, NAME_COLUMNS);
    case_cell(o, case_organisation(&l->d, x), organisation_columns(l));
    case_cell(o, x->country.n ? x->country : STR("-"), 2);
    case_cell_c(o, stage, STAGE_COLUMNS);
    case_number(o, x->vulnerable, 4, true);
    case_number(o, x->backdoored, 4, true);
    case_number(o, x->clean, 4, true);
    out_fmt(o, "%4lld", (long long)x->servers);
    if (l->wide) {
        out_c(o, "  ");
        out_term(o, x->why, columns - (NAME_COLUMNS + organisation_columns(l) + STAGE_COLUMNS + 28));
    } else if (x->why.n) {
        out_c(o, "\n  ");
        out_term(o, x->why, columns - 2);
    }
    out_c(o, "\n");
}

static bool cases(struct list *l, struct err *e)
{
    struct out        *o = l->d.c->out;
    bool               json = l->args->given[JSON];
    struct store_stmt *st = NULL;
    uint64_t           shown = 0;
    char               sql[SQL_MAX];
    struct js          j;

    conditions(l);
    if (!dear(l) && !count(l, "case_state s", e))
        return false;
    snprintf(sql, sizeof sql, "SELECT %s, p.n FROM (SELECT s.case_id, %s AS n FROM case_state s WHERE %s ORDER BY s.urgency DESC, s.case_id LIMIT ?%d OFFSET ?%d) p JOIN case_state s"
             " ON s.case_id = p.case_id LEFT JOIN case_org o ON o.org = s.org ORDER BY s.urgency DESC, s.case_id", case_line_columns, dear(l) ? "count(*) OVER ()" : "0", l->where,
             l->bind_n + 1, l->bind_n + 2);
    if (!prepared(l, sql, &st, e))
        return false;
    store_bind_int(st, l->bind_n + 1, (int64_t)l->page.n);
    store_bind_int(st, l->bind_n + 2, (int64_t)l->page.first);
    bool row = case_row(&st, e);
    if (dear(l)) {
        if (row)
            l->total = (uint64_t)store_int(st, CASE_LINE_COLUMNS);
        else if (e->kind == ERR_NONE && l->page.first && !count(l, "case_state s", e))     /* past the end */
            return false;
    }
    if (e->kind != ERR_NONE)
        return false;
    if (json) {
        begin_json(l, &j, "list");
        js_key(&j, "cases");
        js_array(&j);
    } else {
        about(l, "case", "");
        if (l->total) {
            case_cell_c(o, "case", NAME_COLUMNS);
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
        end_json(l, &j);
    else
        case_page_more(o, &l->page, shown, l->total);
    return true;
}

/* --- of a provider --- */

struct operated { char name[CASE_NAME_TEXT]; struct str organisation, server; char address[NET_TEXT]; enum exposure exposure; enum compromise compromise; bool clean; struct str country; };

static void operated_json(struct js *j, const struct operated *x)
{
    js_object(j);
    js_key(j, "case");         js_c(j, x->name);
    js_key(j, "organisation"); js_str_or_null(j, x->organisation);
    js_key(j, "server");       js_str_or_null(j, x->server);
    js_key(j, "address");      js_str_or_null(j, str_c(x->address));
    js_key(j, "country");      js_str_or_null(j, x->country);
    js_key(j, "exposure");     js_c(j, server_exposure_name(x->exposure));
    js_key(j, "compromise");   js_c(j, compromise_name(x->compromise));
    js_key(j, "clean");        js_bool(j, x->clean);
    js_end(j);
}

static void operated_text(struct list *l, const struct operated *x)
{
    struct out *o = l->d.c->out;

    case_cell_c(o, x->name, NAME_COLUMNS);
    case_cell(o, x->server.n ? x->server : str_c(x->address), l->wide ? 44 : 24);
    case_cell_c(o, x->clean ? "clean" : server_exposure_name(x->exposure), 12);
    case_cell_c(o, compromise_name(x->compromise), 15);
    out_term(o, x->organisation, l->wide ? 40 : 14);
    out_c(o, "\n");
}

/* The numbers of its keys, parted by commas; few. Then the servers under them are found by key, and no other is looked at. */
enum { PROVIDER_KEYS_MAX = 40 };
static bool provider_keys(struct list *l, struct str who, char *ret, size_t cap, struct err *e)
{
    struct store_stmt *st = NULL;
    uint64_t           org = 0;
    bool               by_org = str_istarts(who, STR("org:")) && num_u64(str_from(who, 4), &org);
    size_t             n = 0;

    ret[0] = 0;
    if (!store_prepare(l->d.store, by_org ? "SELECT key FROM case_provider WHERE how = ?2 AND org = ?1 ORDER BY key"
                                          : "SELECT k.key FROM case_provider k JOIN case_key y ON y.id = k.key WHERE k.how = ?2 AND (lower(k.name) = ?1 OR y.value = ?1) ORDER BY k.key", &st, e))
        return false;
    if (by_org)
        store_bind_int(st, 1, (int64_t)org);
    else
        store_bind_text(st, 1, str_lower(&l->d.c->keep, who));
    store_bind_int(st, 2, GROUP_OPERATES);
    for (size_t i = 0; case_row(&st, e); i++)
        if (i < PROVIDER_KEYS_MAX && n + 24 < cap)
            n += (size_t)snprintf(ret + n, cap - n, "%s%lld", i ? ", " : "", (long long)store_int(st, 0));
    return e->kind == ERR_NONE;
}

static bool provider(struct list *l, struct err *e)
{
    /* A plus keeps SQLite from walking all servers of the campaign. */
    static const char  from[] = "case_operates p JOIN case_server s ON s.asset = p.asset";
    struct str         who = str_trim(l->args->value[PROVIDER]);
    struct store_stmt *st = NULL;
    bool               json = l->args->given[JSON], row = false;
    uint64_t           shown = 0;
    char               sql[SQL_MAX], keys[PROVIDER_KEYS_MAX * 24];
    struct js          j;

    if (!provider_keys(l, who, keys, sizeof keys, e))
        return false;
    snprintf(l->where, sizeof l->where, "p.key IN (%s) AND %ss.campaign = ?1", keys, store_is_postgresql(l->d.store) ? "" : "+");
    l->bind[0].i = l->campaign->id;
    l->bind_n = 1;
    if (keys[0]) {
        snprintf(sql, sizeof sql, "SELECT s.case_id, s.campaign, o.name, s.name, s.ip, s.exposure, s.compromise, s.clean, s.country, count(*) OVER () FROM %s LEFT JOIN case_org o ON"
                 " o.org = s.org WHERE %s ORDER BY CASE WHEN s.compromise IN (%d, %d) THEN 0 WHEN s.exposure = %d THEN 1 WHEN s.compromise = %d THEN 2 WHEN s.clean = 0 THEN 3 ELSE 4 END,"
                 " s.asset LIMIT ?2 OFFSET ?3", from, l->where, COMPROMISE_BACKDOORED, COMPROMISE_RELAPSED, EXPOSURE_VULNERABLE, COMPROMISE_SUSPECTED);
        if (!prepared(l, sql, &st, e))
            return false;
        store_bind_int(st, 2, (int64_t)l->page.n);
        store_bind_int(st, 3, (int64_t)l->page.first);
        if ((row = case_row(&st, e)))
            l->total = (uint64_t)store_int(st, 9);
        else if (e->kind != ERR_NONE || (l->page.first && !count(l, from, e)))              /* past the end */
            return false;
    }
    if (!l->total) {
        err_set(e, ERR_USAGE, "no provider \"%.*s\" operates a server in this campaign", STR_ARG(str_sub(who, 0, 60)));
        return err_hint(e, "org:NUMBER, its name, or the domain that stands on the servers; `afterpatch case review` asks about doubtful ones");
    }
    if (json) {
        begin_json(l, &j, "provider");
        js_key(&j, "servers");
        js_array(&j);
    } else
        about(l, "server", " operated by it");
    for (; row; row = case_row(&st, e)) {
        struct arena    keep = l->d.c->keep;
        struct operated x = { .organisation = case_text(&l->d, st, 2), .server = case_text(&l->d, st, 3), .exposure = (enum exposure)store_int(st, 5),
                              .compromise = (enum compromise)store_int(st, 6), .clean = store_int(st, 7) != 0, .country = case_text(&l->d, st, 8) };
        struct str      ip = store_bytes(st, 4);

        if (ip.n == 16)
            net_ip_text(ip.p, x.address);
        case_name_of(&l->d, store_int(st, 0), store_int(st, 1), x.name);
        if (json)
            operated_json(&j, &x);
        else
            operated_text(l, &x);
        l->d.c->keep = keep;
        shown++;
    }
    if (e->kind != ERR_NONE)
        return false;
    if (json)
        end_json(l, &j);
    else
        case_page_more(l->d.c->out, &l->page, shown, l->total);
    return true;
}

/* --- the verb --- */

static bool make(struct list *l, struct cli *c, struct err *e)
{
    const struct args *a = l->args;

    l->wide = case_columns(c) >= WIDE;
    if (a->operand_n) {
        err_set(e, ERR_USAGE, "list takes no operand");
        return err_hint(e, "--find TEXT searches names; `afterpatch case show CASE` shows one");
    }
    if (a->given[PROVIDER] && (a->given[STAGE] || a->given[COUNTRY] || a->given[SECTOR] || a->given[NEEDS] || a->given[FORCED] || a->given[FIND])) {
        err_set(e, ERR_USAGE, "--provider goes alone");
        return err_hint(e, "a provider's list says of each server only what concerns that server");
    }
    if (!case_page_asked(a, LIMIT, PAGE, ALL, OTHER_LINES, l->wide || a->given[PROVIDER] ? 1 : 2, &l->page, e))
        return false;
    return case_read(&l->d, c, a->value[STORE], e) && case_campaign_named(&l->d, a->value[CAMPAIGN], &l->campaign, e) && case_board(&l->d, e) &&
           (a->given[PROVIDER] ? provider(l, e) : cases(l, e));
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct list l = { .args = args };
    struct err  e = { 0 };
    bool        ok = make(&l, c, &e);

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
