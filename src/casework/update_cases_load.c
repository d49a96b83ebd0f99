/* See update_cases.h. */
#include "casework/update_cases.h"

#include <stdlib.h>

#include "base/num.h"

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the cases"); }

struct load { struct cases *c; struct arena *a; };

static uint32_t campaign_at(const struct update *u, int64_t id)
{
    uint32_t c = 0;

    while (c < u->campaign_n && u->campaign[c].id != id)
        c++;
    return c;
}

enum { SUBJECT, CAMPAIGN, GRADE, THEFT, BEYOND, WHY, HUNTED, RECORDED, COLUMNS };

static bool take_report(void *ctx, const struct store_value *v, struct err *e)
{
    struct load   *l = ctx;
    struct cases  *c = l->c;
    struct update *u = c->u;
    uint32_t       at = campaign_at(u, v[CAMPAIGN].i);
    int64_t        us = v[HUNTED].null || v[HUNTED].i > v[RECORDED].i ? v[RECORDED].i : v[HUNTED].i;
    uint8_t        theft = str_eq(v[THEFT].s, STR("seen")) ? 2 : str_eq(v[THEFT].s, STR("suspected")) ? 1 : 0;
    const struct update_subject *s = update_subject_find(u, v[SUBJECT].i);

    if (at == u->campaign_n || !s || (u->o->known_us != TIME_NONE && v[RECORDED].i > u->o->known_us))
        return true;
    for (; s < u->subject + u->subject_n && s->id == v[SUBJECT].i; s++) {
        if (v[GRADE].i >= GRADE_C && (theft || v[BEYOND].i)) {
            struct cases_harm *p = GROW(l->a, c->harm, c->harm_n, &c->harm_cap);
            if (!p)
                return no_room(e);
            *p = (struct cases_harm){ s->server, at, us, theft, v[BEYOND].i != 0 };
            c->harm_n++;
        }
        if (v[GRADE].i < GRADE_B) {
            struct str            why = str_dup(&u->keep, v[WHY].s);
            struct cases_waiting *p = GROW(l->a, c->waiting, c->waiting_n, &c->waiting_cap);
            if (!p || (v[WHY].s.n && !why.p))
                return no_room(e);
            *p = (struct cases_waiting){ s->server, at, us, why };
            c->waiting_n++;
        }
    }
    return true;
}

static int by_place(uint32_t s1, uint32_t c1, int64_t t1, uint32_t s2, uint32_t c2, int64_t t2)
{
    return s1 != s2 ? (s1 > s2) - (s1 < s2) : c1 != c2 ? (c1 > c2) - (c1 < c2) : (t1 > t2) - (t1 < t2);
}

static int by_harm(const void *x, const void *y)
{
    const struct cases_harm *p = x, *q = y;
    int c = by_place(p->server, p->campaign_at, p->us, q->server, q->campaign_at, q->us);

    return c ? c : p->theft != q->theft ? p->theft - q->theft : p->beyond - q->beyond;
}

static int by_waiting(const void *x, const void *y)
{
    const struct cases_waiting *p = x, *q = y;
    int c = by_place(p->server, p->campaign_at, p->us, q->server, q->campaign_at, q->us);

    return c ? c : str_cmp(p->why, q->why);
}

#define FROM(list, n, s, c) \
    do { \
        size_t lo = 0, hi = (n); \
        while (lo < hi) { \
            size_t mid = lo + (hi - lo) / 2; \
            if ((list)[mid].server < (s) || ((list)[mid].server == (s) && (list)[mid].campaign_at < (c))) \
                lo = mid + 1; \
            else \
                hi = mid; \
        } \
        return lo; \
    } while (0)

size_t cases_harm_from(const struct cases *c, uint32_t server, uint32_t at) { FROM(c->harm, c->harm_n, server, at); }
size_t cases_waiting_from(const struct cases *c, uint32_t server, uint32_t at) { FROM(c->waiting, c->waiting_n, server, at); }

/* ---- review items: of an asset, and through it of its case ---- */

static int by_asset(const void *key, const void *x)
{
    int64_t                     asset = *(const int64_t *)key;
    const struct update_server *s = x;

    return (asset > s->asset) - (asset < s->asset);
}

static bool take_review(void *ctx, const struct store_value *v, struct err *e)
{
    struct load   *l = ctx;
    struct update *u = l->c->u;
    const struct update_server *s = u->server_n ? bsearch(&v[0].i, u->server, u->server_n, sizeof *u->server, by_asset) : NULL;

    (void)e;
    if (s)
        l->c->reviews[s - u->server]++;
    return true;
}

bool cases_load(struct cases *c, struct arena *a, struct err *e)
{
    struct update *u = c->u;
    struct load    l = { c, a };

    c->reviews  = NEW(a, uint32_t, (size_t)u->server_n + 1);
    c->first_us = TAKE(a, int64_t, (size_t)u->server_n + 1);
    c->last_us  = TAKE(a, int64_t, (size_t)u->server_n + 1);
    if (!c->reviews || !c->first_us || !c->last_us)
        return no_room(e);
    if (!update_by_group(u, a, &c->first, &c->of_group, e) ||
        !store_scan(u->s, "SELECT subject, campaign, grade, theft, beyond, why, hunted_us, recorded_us FROM case_report ORDER BY file, campaign", COLUMNS, take_report, &l, e) ||
        !store_scan(u->s, "SELECT asset FROM case_review", 1, take_review, &l, e))
        return false;
    if (c->harm_n)
        qsort(c->harm, c->harm_n, sizeof *c->harm, by_harm);
    if (c->waiting_n)
        qsort(c->waiting, c->waiting_n, sizeof *c->waiting, by_waiting);
    return true;
}
