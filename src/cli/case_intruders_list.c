/* case_intruders_list: all groups, those with most visits first. */
#include "cli/case_intruders.h"

#include "casework/second_group.h"

#include <stdio.h>
#include <string.h>

enum { OTHER_LINES = 4, TELLING = 3 };

/* The marks of a group in one line: the best of each kind. */
static bool telling(struct intruders_view *v, int64_t group, uint32_t columns, struct js *j, struct err *e)
{
    struct store_stmt    *st = NULL;
    bool                  had[INTRUDER_FEATURES] = { false };
    uint32_t              n = 0, each = columns > 3 * TELLING ? columns / TELLING : 8;
    struct intruders_mark m;

    if (!intruders_ask(v, "SELECT kind, value, sessions, servers, all_sessions FROM case_mark WHERE intruder = ?1 ORDER BY at", &group, 1, &st, e))
        return false;
    while (case_row(&st, e)) {
        struct arena keep = v->d.c->keep;
        if (n < TELLING && intruders_mark_read(v, st, 0, &m) && !had[m.kind]) {
            had[m.kind] = true;
            if (j)
                intruders_mark_json(j, &m);
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

static bool read_page(struct intruders_view *v, const struct case_campaign *c, struct intruders_group **ret, size_t *ret_n, struct err *e)
{
    struct store_stmt *st = NULL;
    size_t             cap = 0;
    char               sql[256];

    snprintf(sql, sizeof sql, "SELECT %s FROM case_intruder WHERE campaign = ?1 AND sessions >= ?2 ORDER BY sessions DESC, id LIMIT ?3 OFFSET ?4", intruders_group_columns);
    if (!intruders_ask(v, sql, (const int64_t[]){ c->id, SECOND_VISITS_MIN, (int64_t)v->page.n, (int64_t)v->page.first }, 4, &st, e))
        return false;
    *ret = NULL;
    *ret_n = 0;
    while (case_row(&st, e)) {
        struct intruders_group *g = GROW(&v->d.c->keep, *ret, *ret_n, &cap);
        if (!g) {
            store_finish(st);
            return err_set(e, ERR_MEMORY, "no room for the groups");
        }
        intruders_group_read(st, g);
        ++*ret_n;
    }
    return e->kind == ERR_NONE;
}

bool case_intruders_list(struct intruders_view *v, struct err *e)
{
    const struct case_campaign *c;
    struct out                 *o = v->d.c->out;
    struct intruders_group     *g;
    size_t                      n;
    int64_t                     total, alone;
    char                        made[CASE_TIME_TEXT], first[CASE_TIME_TEXT], last[CASE_TIME_TEXT];
    struct js                   j;

    if (!case_page_asked(v->args, INTRUDERS_LIMIT, INTRUDERS_PAGE, INTRUDERS_ALL, OTHER_LINES, 1, &v->page, e) || !case_campaign_named(&v->d, v->args->value[INTRUDERS_CAMPAIGN], &c, e))
        return false;
    const int64_t of[] = { c->id, SECOND_VISITS_MIN };
    if (!intruders_number(v, "SELECT count(*) FROM case_intruder WHERE campaign = ?1 AND sessions >= ?2", of, 2, &total, e) ||
        !intruders_number(v, "SELECT count(*) FROM case_intruder WHERE campaign = ?1 AND sessions < ?2", of, 2, &alone, e) || !read_page(v, c, &g, &n, e))
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
            intruders_group_json(&j, &g[i]);
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
