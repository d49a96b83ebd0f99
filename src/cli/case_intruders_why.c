/* case_intruders_why: what the visits to one server have in common with others of a group. */
#include "cli/case_intruders.h"

enum { WHY_VISITS = 5 };

static bool why_visit(struct intruders_view *v, const struct intruders_group *g, int64_t file, int64_t session, struct js *j, struct err *e)
{
    static const char sql[] =
        "SELECT m.kind, m.value, m.sessions, m.servers, m.all_sessions FROM case_mark m JOIN case_feature f ON f.kind = m.kind AND f.value = m.value WHERE m.intruder = ?1 AND f.file = ?2"
        " AND f.session = ?3 AND f.campaign = ?4 ORDER BY m.at";
    struct store_stmt    *st = NULL;
    struct intruders_mark m;
    uint32_t              n = 0;

    if (!intruders_ask(v, sql, (const int64_t[]){ g->id, file, session, g->campaign }, 4, &st, e))
        return false;
    while (case_row(&st, e)) {
        struct arena keep = v->d.c->keep;
        if (intruders_mark_read(v, st, 0, &m)) {
            if (j)
                intruders_mark_json(j, &m);
            else if (n < INTRUDERS_MARK_LINES || v->args->given[INTRUDERS_ALL])
                intruders_mark_line(v, &m);
            n++;
        }
        v->d.c->keep = keep;
    }
    if (!j && n > INTRUDERS_MARK_LINES && !v->args->given[INTRUDERS_ALL])
        out_fmt(v->d.c->out, "and %u more: --all\n", n - INTRUDERS_MARK_LINES);
    if (!j && !n && e->kind == ERR_NONE)
        out_c(v->d.c->out, "nothing that others of the group have: it stands for itself\n");
    return e->kind == ERR_NONE;
}

struct why { int64_t file, session, first_us; struct str report; };

bool case_intruders_why(struct intruders_view *v, struct err *e)
{
    struct case_found      at;
    struct intruders_group g;
    struct store_stmt     *st = NULL;
    struct why            *w = NULL;
    size_t                 n = 0, cap = 0;
    char                   when[CASE_TIME_TEXT];
    struct js              j;

    if (!intruders_group_find(v, &g, e) || !case_find(&v->d, v->args->value[INTRUDERS_SERVER], intruders_slug(v, g.campaign), &at, e))
        return false;
    if (!at.asset) {
        err_set(e, ERR_USAGE, "--server takes a host name or an address of one server");
        return err_hint(e, "`afterpatch case show %.*s` lists a case's servers", STR_ARG(str_sub(v->args->value[INTRUDERS_SERVER], 0, 60)));
    }
    if (!intruders_ask(v, "SELECT t.file, t.session, t.first_us, k.name FROM case_visit t LEFT JOIN case_file k ON k.id = t.file WHERE t.campaign = ?1 AND t.asset = ?2 AND t.intruder = ?3"
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
        return err_hint(e, "`afterpatch case show %.*s` names the groups that were there", STR_ARG(str_sub(v->args->value[INTRUDERS_SERVER], 0, 60)));
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
        intruders_group_line(v, &g);
    for (size_t i = 0; i < n; i++) {
        if (!v->json && i >= WHY_VISITS && !v->args->given[INTRUDERS_ALL]) {
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
            intruders_mark_head(v, "what it has in common with others of the group");
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
