/* case_intruders_group: what ties the visits of one group, and where it was. */
#include "cli/case_intruders.h"

#include "casework/second_group.h"

enum { OTHER_LINES = 15, MARKS_MAX = 1000 };

static bool marks(struct intruders_view *v, const struct intruders_group *g, struct js *j, struct err *e)
{
    struct store_stmt    *st = NULL;
    int64_t               total, most = v->json || v->args->given[INTRUDERS_ALL] ? MARKS_MAX : INTRUDERS_MARK_LINES;
    struct intruders_mark m;

    if (!intruders_number(v, "SELECT count(*) FROM case_mark WHERE intruder = ?1", &g->id, 1, &total, e) ||
        !intruders_ask(v, "SELECT kind, value, sessions, servers, all_sessions FROM case_mark WHERE intruder = ?1 ORDER BY at LIMIT ?2", (const int64_t[]){ g->id, most }, 2, &st, e))
        return false;
    if (!j)
        intruders_mark_head(v, total ? "what ties its visits, most telling first" : "nothing ties it: it is one visit");
    while (case_row(&st, e)) {
        struct arena keep = v->d.c->keep;
        if (intruders_mark_read(v, st, 0, &m)) {
            if (j)
                intruders_mark_json(j, &m);
            else
                intruders_mark_line(v, &m);
        }
        v->d.c->keep = keep;
    }
    if (!j && total > most)
        out_fmt(v->d.c->out, "and %lld more: --all\n", (long long)(total - most));
    return e->kind == ERR_NONE;
}

static bool visits(struct intruders_view *v, const struct intruders_group *g, struct js *j, struct err *e)
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

    if (!intruders_ask(v, sql, (const int64_t[]){ g->id, (int64_t)v->page.n, (int64_t)v->page.first, SECOND_VISITS_MIN }, 4, &st, e))
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

bool case_intruders_group(struct intruders_view *v, struct err *e)
{
    struct intruders_group g;
    struct js              j;

    if (!case_page_asked(v->args, INTRUDERS_LIMIT, INTRUDERS_PAGE, INTRUDERS_ALL, OTHER_LINES, 1, &v->page, e) || !intruders_group_find(v, &g, e))
        return false;
    if (!v->json) {
        intruders_group_line(v, &g);
        if (!marks(v, &g, NULL, e))
            return false;
        out_c(v->d.c->out, "for the team alone: where it was (+: other groups were there, too)\n");
        return visits(v, &g, NULL, e);
    }
    js_open(&j, v->d.c->out, false);
    js_object(&j);
    js_key(&j, "view");     js_c(&j, "intruder");
    js_key(&j, "campaign"); js_str(&j, intruders_slug(v, g.campaign));
    js_key(&j, "made");     js_time(&j, v->d.made_us);
    js_key(&j, "stale");    js_bool(&j, v->d.stale);
    intruders_group_json(&j, &g);
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
