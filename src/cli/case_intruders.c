/*
 * case intruders: the same hands on several victims' servers: all groups, one group, why a visit belongs to it, and what of it may go outside.
 *
 * Private  every view but --card is for the team. A card comes from casework/intruders.h and casework/victims.h alone: no servers, nothing that names a victim.
 */
#include "cli/case.h"

#include "base/num.h"
#include "casework/second_group.h"
#include "cli/case_card.h"
#include "cli/case_screen.h"
#include "emit/json.h"

#include <stdio.h>
#include <string.h>

enum { STORE, CAMPAIGN, SERVER, CARD, LIMIT, PAGE, ALL, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = CASE_OPT_CAMPAIGN,
    [SERVER]   = { "server", "NAME", "why the visits to this server belong to the group: its name or address", NULL },
    [CARD]     = { "card", NULL, "what of the group may go outside: no servers, nothing that names a victim, no small counts", NULL },
    [LIMIT]    = CASE_OPT_LIMIT,
    [PAGE]     = CASE_OPT_PAGE,
    [ALL]      = CASE_OPT_ALL,
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

enum { LIST_OTHER_LINES = 4, GROUP_OTHER_LINES = 15, MARK_LINES = 8, TELLING = 3, WHY_VISITS = 5, WHY_MARKS_MAX = 1000, ASK_MAX = 4 };

struct group { int64_t id, campaign, visits, servers, first_us, last_us; };

struct view {
    struct case_data  d;
    const struct args *args;
    struct case_page  page;
    uint32_t          columns;
    bool              json;
};

/* --- statements --- */

static bool ask(struct view *v, const char *sql, const int64_t *value, int n, struct store_stmt **ret, struct err *e)
{
    if (!store_prepare(v->d.store, sql, ret, e))
        return false;
    for (int i = 0; i < n; i++)
        store_bind_int(*ret, i + 1, value[i]);
    return true;
}

static bool one(struct view *v, const char *sql, const int64_t *value, int n, int64_t *ret, struct err *e)
{
    struct store_stmt *st = NULL;

    *ret = 0;
    if (!ask(v, sql, value, n, &st, e))
        return false;
    if (case_row(&st, e)) {
        *ret = store_int(st, 0);
        store_finish(st);
    }
    return e->kind == ERR_NONE;
}

/* --- marks --- */

struct mark { enum intruder_feature kind; struct str value; int64_t sessions, servers, all_sessions; };

static bool read_mark(struct view *v, struct store_stmt *st, int at, struct mark *ret)
{
    int64_t kind = store_int(st, at);

    if (kind < 0 || kind >= INTRUDER_FEATURES)
        return false;
    *ret = (struct mark){ (enum intruder_feature)kind, case_text(&v->d, st, at + 1), store_int(st, at + 2), store_int(st, at + 3), store_int(st, at + 4) };
    return true;
}

static void mark_json(struct js *j, const struct mark *m)
{
    js_object(j);
    js_key(j, "kind");       js_c(j, intruder_kinds[m->kind].name);
    js_key(j, "value");      js_str(j, m->value);
    js_key(j, "visits");     js_i64(j, m->sessions);
    js_key(j, "servers");    js_i64(j, m->servers);
    js_key(j, "all_visits"); js_i64(j, m->all_sessions);
    js_end(j);
}

/* The marks of a group in one line: the best of each kind. */
static bool telling(struct view *v, int64_t group, uint32_t columns, struct js *j, struct err *e)
{
    struct store_stmt *st = NULL;
    bool               had[INTRUDER_FEATURES] = { false };
    uint32_t           n = 0, each = columns > 3 * TELLING ? columns / TELLING : 8;
    struct mark        m;

    if (!ask(v, "SELECT kind, value, sessions, servers, all_sessions FROM case_mark WHERE intruder = ?1 ORDER BY at", &group, 1, &st, e))
        return false;
    while (case_row(&st, e)) {
        struct arena keep = v->d.c->keep;
        if (n < TELLING && read_mark(v, st, 0, &m) && !had[m.kind]) {
            had[m.kind] = true;
            if (j)
                mark_json(j, &m);
            else {
                size_t name = strlen(intruder_kinds[m.kind].name) + 1;
                out_fmt(v->d.c->out, "%s%s ", n ? " " : "", intruder_kinds[m.kind].name);
                out_term(v->d.c->out, m.value, each > name + 5 ? each - name - 1 : 4);
            }
            n++;
        }
        v->d.c->keep = keep;
    }
    return e->kind == ERR_NONE;
}

/* --- all groups --- */

static const char group_columns[] = "id, campaign, sessions, servers, first_us, last_us";

static void read_group(struct store_stmt *st, struct group *ret)
{
    *ret = (struct group){ store_int(st, 0), store_int(st, 1), store_int(st, 2), store_int(st, 3), case_time(st, 4), case_time(st, 5) };
}

static void group_json(struct js *j, const struct group *g)
{
    js_key(j, "group");   js_i64(j, g->id);
    js_key(j, "visits");  js_i64(j, g->visits);
    js_key(j, "servers"); js_i64(j, g->servers);
    js_key(j, "first");   js_time(j, g->first_us);
    js_key(j, "last");    js_time(j, g->last_us);
}

static bool read_page(struct view *v, const struct case_campaign *c, struct group **ret, size_t *ret_n, struct err *e)
{
    struct store_stmt *st = NULL;
    size_t             cap = 0;
    char               sql[256];

    snprintf(sql, sizeof sql, "SELECT %s FROM case_intruder WHERE campaign = ?1 AND sessions >= ?2 ORDER BY sessions DESC, id LIMIT ?3 OFFSET ?4", group_columns);
    if (!ask(v, sql, (const int64_t[]){ c->id, SECOND_VISITS_MIN, (int64_t)v->page.n, (int64_t)v->page.first }, 4, &st, e))
        return false;
    *ret = NULL;
    *ret_n = 0;
    while (case_row(&st, e)) {
        struct group *g = GROW(&v->d.c->keep, *ret, *ret_n, &cap);
        if (!g) {
            store_finish(st);
            return err_set(e, ERR_MEMORY, "no room for the groups");
        }
        read_group(st, g);
        ++*ret_n;
    }
    return e->kind == ERR_NONE;
}

static bool list(struct view *v, struct err *e)
{
    const struct case_campaign *c;
    struct out                 *o = v->d.c->out;
    struct group               *g;
    size_t                      n;
    int64_t                     total, alone;
    char                        made[CASE_TIME_TEXT], first[CASE_TIME_TEXT], last[CASE_TIME_TEXT];
    struct js                   j;

    if (!case_page_asked(v->args, LIMIT, PAGE, ALL, LIST_OTHER_LINES, 1, &v->page, e) || !case_campaign_named(&v->d, v->args->value[CAMPAIGN], &c, e))
        return false;
    const int64_t of[] = { c->id, SECOND_VISITS_MIN };
    if (!one(v, "SELECT count(*) FROM case_intruder WHERE campaign = ?1 AND sessions >= ?2", of, 2, &total, e) ||
        !one(v, "SELECT count(*) FROM case_intruder WHERE campaign = ?1 AND sessions < ?2", of, 2, &alone, e) || !read_page(v, c, &g, &n, e))
        return false;
    case_minute_text(v->d.made_us, made);
    if (v->json) {
        js_open(&j, o, false);
        js_object(&j);
        js_key(&j, "view");     js_c(&j, "intruders");
        js_key(&j, "campaign"); js_str(&j, c->slug);
        js_key(&j, "made");     js_time(&j, v->d.made_us);
        js_key(&j, "stale");    js_bool(&j, v->d.stale);
        js_key(&j, "total");    js_i64(&j, total);
        js_key(&j, "alone");    js_i64(&j, alone);
        js_key(&j, "first");    js_u64(&j, v->page.first);
        js_key(&j, "groups");
        js_array(&j);
    } else {
        out_term(o, c->title.n ? c->title : c->slug, 34);
        out_fmt(o, ": %lld intruder group%s, worked out %s UTC%s\n", (long long)total, total == 1 ? "" : "s", made, v->d.stale ? "; newer records wait" : "");
        if (total)
            out_c(o, " group visits servers first      last       what ties its visits\n");
    }
    for (size_t i = 0; i < n; i++) {
        if (v->json) {
            js_object(&j);
            group_json(&j, &g[i]);
            js_key(&j, "marks");
            js_array(&j);
        } else {
            case_day_text(g[i].first_us, first);
            case_day_text(g[i].last_us, last);
            out_fmt(o, "%6lld %6lld %7lld %-10s %-10s ", (long long)g[i].id, (long long)g[i].visits, (long long)g[i].servers, first, last);
        }
        if (!telling(v, g[i].id, v->columns - 46, v->json ? &j : NULL, e))
            return false;
        if (v->json) {
            js_end(&j);
            js_end(&j);
        } else
            out_c(o, "\n");
    }
    if (v->json) {
        js_end(&j);
        js_end(&j);
        out_c(o, "\n");
        return true;
    }
    case_page_more(o, &v->page, n, (uint64_t)total);
    if (alone)
        out_fmt(o, "%lld visit%s belong%s to no group\n", (long long)alone, alone == 1 ? "" : "s", alone == 1 ? "s" : "");
    return true;
}

/* --- one group --- */

static bool find_group(struct view *v, struct group *ret, struct err *e)
{
    struct store_stmt *st = NULL;
    uint64_t           id;
    char               sql[160];

    if (!num_u64(v->args->operand[0], &id) || id == 0 || id > INT64_MAX) {
        err_set(e, ERR_USAGE, "\"%.*s\" is no number of a group", STR_ARG(str_sub(v->args->operand[0], 0, 60)));
        return err_hint(e, "`afterpatch case intruders` lists the groups with their numbers");
    }
    snprintf(sql, sizeof sql, "SELECT %s FROM case_intruder WHERE id = ?1", group_columns);
    if (!ask(v, sql, (const int64_t[]){ (int64_t)id }, 1, &st, e))
        return false;
    if (!case_row(&st, e)) {
        if (e->kind != ERR_NONE)
            return false;
        err_set(e, ERR_USAGE, "no intruder group %llu", (unsigned long long)id);
        return err_hint(e, "groups that were joined to others keep the larger one's number; `afterpatch case intruders` lists them");
    }
    read_group(st, ret);
    store_finish(st);
    return true;
}

static struct str slug_of(const struct view *v, int64_t campaign)
{
    const struct case_campaign *c = case_campaign_at(&v->d, campaign);

    return c ? c->slug : STR_EMPTY;
}

static void group_line(struct view *v, const struct group *g)
{
    char first[CASE_TIME_TEXT], last[CASE_TIME_TEXT], made[CASE_TIME_TEXT];

    case_day_text(g->first_us, first);
    case_day_text(g->last_us, last);
    case_day_text(v->d.made_us, made);
    out_fmt(v->d.c->out, "group %lld (", (long long)g->id);
    out_term(v->d.c->out, slug_of(v, g->campaign), 16);
    out_fmt(v->d.c->out, "): %lld visit%s to %lld server%s\n%s to %s; worked out %s%s\n", (long long)g->visits, g->visits == 1 ? "" : "s", (long long)g->servers, g->servers == 1 ? "" : "s",
            first, last, made, v->d.stale ? "; newer records wait" : "");
}

static void mark_head(struct view *v, const char *what)
{
    case_cell_c(v->d.c->out, what, v->columns - 27);
    out_c(v->d.c->out, " visits servers in all\n");
}

static void mark_line(struct view *v, const struct mark *m)
{
    case_cell_c(v->d.c->out, intruder_kinds[m->kind].name, 9);
    case_cell(v->d.c->out, m->value, v->columns - 37);
    out_fmt(v->d.c->out, " %6lld %7lld %6lld\n", (long long)m->sessions, (long long)m->servers, (long long)m->all_sessions);
}

static bool marks(struct view *v, const struct group *g, struct js *j, struct err *e)
{
    struct store_stmt *st = NULL;
    int64_t            total, most = v->json || v->args->given[ALL] ? WHY_MARKS_MAX : MARK_LINES;
    struct mark        m;

    if (!one(v, "SELECT count(*) FROM case_mark WHERE intruder = ?1", &g->id, 1, &total, e) ||
        !ask(v, "SELECT kind, value, sessions, servers, all_sessions FROM case_mark WHERE intruder = ?1 ORDER BY at LIMIT ?2", (const int64_t[]){ g->id, most }, 2, &st, e))
        return false;
    if (!j)
        mark_head(v, total ? "what ties its visits, most telling first" : "nothing ties it: it is one visit");
    while (case_row(&st, e)) {
        struct arena keep = v->d.c->keep;
        if (read_mark(v, st, 0, &m)) {
            if (j)
                mark_json(j, &m);
            else
                mark_line(v, &m);
        }
        v->d.c->keep = keep;
    }
    if (!j && total > most)
        out_fmt(v->d.c->out, "and %lld more: --all\n", (long long)(total - most));
    return e->kind == ERR_NONE;
}

static bool visits(struct view *v, const struct group *g, struct js *j, struct err *e)
{
    static const char sql[] =
        "SELECT v.case_id, o.name, v.name, t.asset, t.first_us, t.file, t.session, (SELECT count(DISTINCT x.intruder) FROM case_visit x JOIN case_intruder i ON i.id = x.intruder"
        " WHERE x.campaign = t.campaign AND x.asset = t.asset AND i.sessions >= ?4) FROM (SELECT campaign, asset, file, session, first_us FROM case_visit WHERE intruder = ?1"
        " ORDER BY first_us IS NULL, first_us, asset, file, session LIMIT ?2 OFFSET ?3) t LEFT JOIN case_server v ON v.campaign = t.campaign AND v.asset = t.asset"
        " LEFT JOIN case_org o ON o.org = v.org ORDER BY t.first_us IS NULL, t.first_us, t.asset, t.file, t.session";
    struct store_stmt *st = NULL;
    struct out        *o = v->d.c->out;
    uint64_t           shown = 0;
    char               name[CASE_NAME_TEXT], when[CASE_TIME_TEXT];

    if (!ask(v, sql, (const int64_t[]){ g->id, (int64_t)v->page.n, (int64_t)v->page.first, SECOND_VISITS_MIN }, 4, &st, e))
        return false;
    while (case_row(&st, e)) {
        struct arena keep = v->d.c->keep;
        int64_t      case_ = store_int(st, 0), groups = store_int(st, 7);
        struct str   org = case_text(&v->d, st, 1), server = case_text(&v->d, st, 2);
        name[0] = 0;
        if (case_)
            case_name_of(&v->d, case_, g->campaign, name);
        if (j) {
            js_object(j);
            js_key(j, "case");         js_str_or_null(j, str_c(name));
            js_key(j, "organisation"); js_str_or_null(j, org);
            js_key(j, "server");       js_str_or_null(j, server);
            js_key(j, "asset");        js_i64(j, store_int(st, 3));
            js_key(j, "first");        js_time(j, case_time(st, 4));
            js_key(j, "report");       js_i64(j, store_int(st, 5));
            js_key(j, "session");      js_i64(j, store_int(st, 6));
            js_key(j, "other_groups"); js_i64(j, groups > 0 ? groups - 1 : 0);
            js_end(j);
        } else {
            case_minute_text(case_time(st, 4), when);
            case_cell_c(o, when, 16);
            case_cell_c(o, name[0] ? name : "-", 11);
            case_cell(o, server.n ? server : STR("-"), 24);
            out_term(o, org, v->columns - 58);
            out_c(o, groups > 1 ? " +\n" : "\n");
        }
        v->d.c->keep = keep;
        shown++;
    }
    if (!j && e->kind == ERR_NONE)
        case_page_more(o, &v->page, shown, (uint64_t)g->visits);
    return e->kind == ERR_NONE;
}

static bool group(struct view *v, struct err *e)
{
    struct group g;
    struct js    j;

    if (!case_page_asked(v->args, LIMIT, PAGE, ALL, GROUP_OTHER_LINES, 1, &v->page, e) || !find_group(v, &g, e))
        return false;
    if (!v->json) {
        group_line(v, &g);
        if (!marks(v, &g, NULL, e))
            return false;
        out_c(v->d.c->out, "for the team alone: where it was (+: other groups were there, too)\n");
        return visits(v, &g, NULL, e);
    }
    js_open(&j, v->d.c->out, false);
    js_object(&j);
    js_key(&j, "view");     js_c(&j, "intruder");
    js_key(&j, "campaign"); js_str(&j, slug_of(v, g.campaign));
    js_key(&j, "made");     js_time(&j, v->d.made_us);
    js_key(&j, "stale");    js_bool(&j, v->d.stale);
    group_json(&j, &g);
    js_key(&j, "marks");
    js_array(&j);
    if (!marks(v, &g, &j, e))
        return false;
    js_end(&j);
    js_key(&j, "where");
    js_array(&j);
    if (!visits(v, &g, &j, e))
        return false;
    js_end(&j);
    js_end(&j);
    out_c(v->d.c->out, "\n");
    return true;
}

/* --- why --- */

static bool why_visit(struct view *v, const struct group *g, int64_t file, int64_t session, struct js *j, struct err *e)
{
    static const char sql[] =
        "SELECT m.kind, m.value, m.sessions, m.servers, m.all_sessions FROM case_mark m JOIN case_feature f ON f.kind = m.kind AND f.value = m.value WHERE m.intruder = ?1 AND f.file = ?2"
        " AND f.session = ?3 AND f.campaign = ?4 ORDER BY m.at";
    struct store_stmt *st = NULL;
    struct mark        m;
    uint32_t           n = 0;

    if (!ask(v, sql, (const int64_t[]){ g->id, file, session, g->campaign }, 4, &st, e))
        return false;
    while (case_row(&st, e)) {
        struct arena keep = v->d.c->keep;
        if (read_mark(v, st, 0, &m)) {
            if (j)
                mark_json(j, &m);
            else if (n < MARK_LINES || v->args->given[ALL])
                mark_line(v, &m);
            n++;
        }
        v->d.c->keep = keep;
    }
    if (!j && n > MARK_LINES && !v->args->given[ALL])
        out_fmt(v->d.c->out, "and %u more: --all\n", n - MARK_LINES);
    if (!j && !n && e->kind == ERR_NONE)
        out_c(v->d.c->out, "nothing that others of the group have: it stands for itself\n");
    return e->kind == ERR_NONE;
}

struct why { int64_t file, session, first_us; struct str report; };

static bool why(struct view *v, struct err *e)
{
    struct case_found  at;
    struct group       g;
    struct store_stmt *st = NULL;
    struct why        *w = NULL;
    size_t             n = 0, cap = 0;
    char               when[CASE_TIME_TEXT];
    struct js          j;

    if (!find_group(v, &g, e) || !case_find(&v->d, v->args->value[SERVER], slug_of(v, g.campaign), &at, e))
        return false;
    if (!at.asset) {
        err_set(e, ERR_USAGE, "--server takes a host name or an address of one server");
        return err_hint(e, "`afterpatch case show %.*s` lists a case's servers", STR_ARG(str_sub(v->args->value[SERVER], 0, 60)));
    }
    if (!ask(v, "SELECT t.file, t.session, t.first_us, k.name FROM case_visit t LEFT JOIN case_file k ON k.id = t.file WHERE t.campaign = ?1 AND t.asset = ?2 AND t.intruder = ?3"
                " ORDER BY t.first_us IS NULL, t.first_us, t.file, t.session", (const int64_t[]){ g.campaign, at.asset, g.id }, 3, &st, e))
        return false;
    while (case_row(&st, e)) {
        struct why *x = GROW(&v->d.c->keep, w, n, &cap);
        if (!x) {
            store_finish(st);
            return err_set(e, ERR_MEMORY, "no room for the visits");
        }
        *x = (struct why){ store_int(st, 0), store_int(st, 1), case_time(st, 2), case_text(&v->d, st, 3) };
        n++;
    }
    if (e->kind != ERR_NONE)
        return false;
    if (!n) {
        err_set(e, ERR_USAGE, "group %lld has no visit to this server", (long long)g.id);
        return err_hint(e, "`afterpatch case show %.*s` names the groups that were there", STR_ARG(str_sub(v->args->value[SERVER], 0, 60)));
    }
    if (v->json) {
        js_open(&j, v->d.c->out, false);
        js_object(&j);
        js_key(&j, "view");  js_c(&j, "intruder_why");
        js_key(&j, "group"); js_i64(&j, g.id);
        js_key(&j, "asset"); js_i64(&j, at.asset);
        js_key(&j, "visits");
        js_array(&j);
    } else
        group_line(v, &g);
    for (size_t i = 0; i < n; i++) {
        if (!v->json && i >= WHY_VISITS && !v->args->given[ALL]) {
            out_fmt(v->d.c->out, "and %zu more visits: --all\n", n - i);
            break;
        }
        if (v->json) {
            js_object(&j);
            js_key(&j, "first");   js_time(&j, w[i].first_us);
            js_key(&j, "report");  js_i64(&j, w[i].file);
            js_key(&j, "name");    js_str_or_null(&j, w[i].report);
            js_key(&j, "session"); js_i64(&j, w[i].session);
            js_key(&j, "marks");
            js_array(&j);
        } else {
            case_minute_text(w[i].first_us, when);
            out_fmt(v->d.c->out, "visit %s, session S%lld of ", when, (long long)w[i].session);
            out_term(v->d.c->out, w[i].report.n ? w[i].report : STR("a report"), v->columns - 48);
            out_c(v->d.c->out, "\n");
            mark_head(v, "what it has in common with others of the group");
        }
        if (!why_visit(v, &g, w[i].file, w[i].session, v->json ? &j : NULL, e))
            return false;
        if (v->json) {
            js_end(&j);
            js_end(&j);
        }
    }
    if (v->json) {
        js_end(&j);
        js_end(&j);
        out_c(v->d.c->out, "\n");
    }
    return true;
}

/* --- card --- */

static void card_json(struct view *v, const struct group *g, const struct intruder_card *k, uint32_t left_out)
{
    struct js j;

    js_open(&j, v->d.c->out, false);
    js_object(&j);
    js_key(&j, "view");     js_c(&j, "intruder_card");
    js_key(&j, "campaign"); js_str(&j, slug_of(v, g->campaign));
    js_key(&j, "group");    js_i64(&j, g->id);
    js_key(&j, "servers");
    if (k->servers)
        js_u64(&j, k->servers);
    else
        js_null(&j);
    js_key(&j, "first");    js_time(&j, k->first_us);
    js_key(&j, "last");     js_time(&j, k->last_us);
    js_key(&j, "left_out"); js_u64(&j, left_out);
    js_key(&j, "marks");
    js_array(&j);
    for (uint32_t i = 0; i < k->mark_n; i++) {
        js_object(&j);
        js_key(&j, "kind");    js_c(&j, intruder_kinds[k->mark[i].kind].name);
        js_key(&j, "about");   js_c(&j, intruder_kinds[k->mark[i].kind].about);
        js_key(&j, "value");   js_str(&j, k->mark[i].value);
        js_key(&j, "servers");
        if (k->mark[i].servers)
            js_u64(&j, k->mark[i].servers);
        else
            js_null(&j);
        js_end(&j);
    }
    js_end(&j);
    js_end(&j);
    out_c(v->d.c->out, "\n");
}

static void card_text(struct view *v, const struct group *g, const struct intruder_card *k, uint32_t left_out)
{
    struct out *o = v->d.c->out;
    char        first[CASE_TIME_TEXT], last[CASE_TIME_TEXT];

    case_day_text(k->first_us, first);
    case_day_text(k->last_us, last);
    out_fmt(o, "intruder group %lld, ", (long long)g->id);
    out_term(o, slug_of(v, g->campaign), 30);
    if (k->servers)
        out_fmt(o, ": %u servers, %s to %s\n", k->servers, first, last);
    else
        out_fmt(o, ": fewer than %d servers, %s to %s\n", INTRUDER_CELL_MIN, first, last);
    if (k->mark_n) {
        case_cell_c(o, "trace", 9);
        case_cell_c(o, "value", v->columns - 19);
        out_c(o, "servers\n");
    }
    for (uint32_t i = 0; i < k->mark_n; i++) {
        case_cell_c(o, intruder_kinds[k->mark[i].kind].name, 9);
        case_cell(o, k->mark[i].value, v->columns - 19);
        if (k->mark[i].servers)
            out_fmt(o, "%7u\n", k->mark[i].servers);
        else
            out_fmt(o, "%7s\n", "few");
    }
    if (left_out)
        out_fmt(o, "%u trace%s left out: seen at fewer than %d organisations, or naming a victim\n", left_out, left_out == 1 ? "" : "s", INTRUDER_SHARE_MIN);
    out_c(o, "A person reads it before it goes out. The label (TLP) is whoever's who sends it.\n");
}

static bool card(struct view *v, struct err *e)
{
    struct group         g;
    struct case_cards    cards;
    struct intruder_card k;
    uint32_t             left_out;
    bool                 told;

    if (!find_group(v, &g, e) || !case_cards_open(&cards, &v->d, e))
        return false;
    bool ok = case_card(&cards, g.id, &k, &left_out, &told, e);
    case_cards_close(&cards);
    if (!ok)
        return false;
    if (!told) {
        err_set(e, ERR_USAGE, "group %lld was seen at fewer than %d organisations", (long long)g.id, INTRUDER_SHARE_MIN);
        return err_hint(e, "what is known of it points at them; there is no card of it");
    }
    if (v->json)
        card_json(v, &g, &k, left_out);
    else
        card_text(v, &g, &k, left_out);
    return true;
}

/* --- the verb --- */

static bool make(struct view *v, struct cli *c, struct err *e)
{
    const struct args *a = v->args;

    v->columns = case_columns(c);
    v->json    = a->given[JSON];
    if (a->operand_n > 1) {
        err_set(e, ERR_USAGE, "one group at a time");
        return err_hint(e, "`afterpatch case intruders` lists the groups with their numbers");
    }
    if ((a->given[SERVER] || a->given[CARD]) && !a->operand_n) {
        err_set(e, ERR_USAGE, "--%s is about one group", a->given[CARD] ? "card" : "server");
        return err_hint(e, "afterpatch case intruders 12 --%s", a->given[CARD] ? "card" : "server mail.bakery.example");
    }
    if (a->given[SERVER] && a->given[CARD])
        return err_set(e, ERR_USAGE, "--card names no server: without --server");
    if (!case_read(&v->d, c, a->value[STORE], e) || !case_board(&v->d, e))
        return false;
    return a->given[CARD] ? card(v, e) : a->given[SERVER] ? why(v, e) : a->operand_n ? group(v, e) : list(v, e);
}

static int run(struct cli *c, const struct verb *verb, const struct args *args)
{
    struct view v = { .args = args };
    struct err  e = { 0 };
    bool        ok = make(&v, c, &e);

    case_close(&v.d);
    return ok ? CLI_DONE : cli_fail(c, verb->name, &e);
}

static const struct example examples[] = {
    { "afterpatch case intruders", "All groups, those with most visits first" },
    { "afterpatch case intruders 12", "What ties the visits of one group, and where it was" },
    { "afterpatch case intruders 12 --server mail.bakery.example", "Why the visits to a server belong to it" },
    { "afterpatch case intruders 12 --card --json", "What may be told outside" },
    { NULL, NULL },
};

const struct verb verb_case_intruders = {
    .name = "case intruders", .about = "groups of visits that the same hands made, on several victims' servers", .usage = "[OPTION]... [GROUP]",
    .text = "A visit is a session of an intruder in a hunt's report. Visits are one group by what they have in common and others have not: web shells and their keys, tools, addresses, "
            "habits. One server may have several groups. Groups have numbers, which they keep, and no names; nothing here says who they are.\n\n"
            "Every view but --card is for the team: it may hold what one victim must not learn of another. A card has no servers, no trace that names a victim or was seen at fewer than "
            "three organisations, and no count below five.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
