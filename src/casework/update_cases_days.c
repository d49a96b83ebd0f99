/*
 * See update_cases.h. A day is asked at its end, or at `now` when that is earlier. The days on which something may change are those of facts, of reports that tell more
 * than their facts, of another detector, and those at which time alone changes something; between them every day is like the one before.
 */
#include "casework/update_cases.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "casework/state_inner.h"

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the days of a case"); }
static int32_t day_of(int64_t us) { return (int32_t)(us >= 0 ? us / TIME_DAY : -((-us + TIME_DAY - 1) / TIME_DAY)); }

static int by_day(const void *x, const void *y)
{
    int32_t p = *(const int32_t *)x, q = *(const int32_t *)y;

    return (p > q) - (p < q);
}

/* The servers of the case and what is known of them besides facts, walked in the order of time. */
struct strata {
    struct cases *c;
    uint32_t      campaign_at;
    const uint32_t *server; uint32_t n;        /* in the order of their numbers */
    size_t       *detector, *harm;             /* by server: the next that begins */
    struct case_server_strata *now;            /* by server */
};

static size_t detector_from(const struct update *u, uint32_t server)
{
    size_t lo = 0, hi = u->detector_n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (u->detector[mid].server < server)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool strata_begin(struct strata *s, struct cases *c, const struct update_case *x, uint32_t campaign_at, struct arena *a)
{
    bool grouped = x->group < c->u->groups.group_n;

    s->c = c;
    s->campaign_at = campaign_at;
    s->server = c->of_group + (grouped ? c->first[x->group] : 0);
    s->n = grouped ? c->first[x->group + 1] - c->first[x->group] : 0;
    s->detector = TAKE(a, size_t, (size_t)s->n + 1);
    s->harm = TAKE(a, size_t, (size_t)s->n + 1);
    s->now = NEW(a, struct case_server_strata, (size_t)s->n + 1);
    if (!s->detector || !s->harm || !s->now)
        return false;
    for (uint32_t i = 0; i < s->n; i++) {
        const char *country = c->u->server[s->server[i]].country;
        s->now[i].country = str_c(country);
        s->detector[i] = detector_from(c->u, s->server[i]);
        s->harm[i] = cases_harm_from(c, s->server[i], campaign_at);
    }
    return true;
}

static bool harm_of(const struct strata *s, uint32_t i)
{
    const struct cases *c = s->c;

    return s->harm[i] < c->harm_n && c->harm[s->harm[i]].server == s->server[i] && c->harm[s->harm[i]].campaign_at == s->campaign_at;
}

static bool detector_of(const struct strata *s, uint32_t i)
{
    const struct update *u = s->c->u;

    return s->detector[i] < u->detector_n && u->detector[s->detector[i]].server == s->server[i];
}

/* True: something is other than before. */
static bool strata_at(struct strata *s, int32_t day, int64_t end_us)
{
    bool changed = false;

    for (uint32_t i = 0; i < s->n; i++) {
        for (; detector_of(s, i) && s->c->u->detector[s->detector[i]].day <= day; s->detector[i]++) {
            s->now[i].detector = daily_detector(s->c->u->daily, s->c->u->detector[s->detector[i]].detector);
            changed = true;
        }
        for (; harm_of(s, i) && s->c->harm[s->harm[i]].us <= end_us; s->harm[i]++) {
            s->now[i].beyond |= s->c->harm[s->harm[i]].beyond;
            s->now[i].stolen |= s->c->harm[s->harm[i]].theft == 2;
            changed = true;
        }
    }
    return changed;
}

/* ---- the days ---- */

static size_t days_of(const struct strata *s, const struct fact *f, size_t n, int32_t last, int32_t *day)
{
    size_t k = 0, m = 0;

    for (size_t i = 0; i < n; i++)
        day[k++] = day_of(fact_us(&f[i]));
    for (uint32_t i = 0; i < s->n; i++) {
        for (size_t j = s->harm[i]; j < s->c->harm_n && s->c->harm[j].server == s->server[i] && s->c->harm[j].campaign_at == s->campaign_at; j++)
            day[k++] = day_of(s->c->harm[j].us);
        for (size_t j = s->detector[i]; j < s->c->u->detector_n && s->c->u->detector[j].server == s->server[i]; j++)
            day[k++] = s->c->u->detector[j].day;
    }
    if (k)
        qsort(day, k, sizeof *day, by_day);
    for (size_t i = 0; i < k; i++)
        if (day[i] <= last && (!m || day[m - 1] != day[i]))
            day[m++] = day[i];
    return m;
}

static size_t days_room(const struct strata *s, size_t n)
{
    for (uint32_t i = 0; i < s->n; i++) {
        for (size_t j = s->harm[i]; j < s->c->harm_n && s->c->harm[j].server == s->server[i] && s->c->harm[j].campaign_at == s->campaign_at; j++)
            n++;
        for (size_t j = s->detector[i]; j < s->c->u->detector_n && s->c->u->detector[j].server == s->server[i]; j++)
            n++;
    }
    return n;
}

static bool same_asset(const struct asset_state *x, const struct asset_state *y)
{
    return x->asset == y->asset && x->exposure == y->exposure && x->exposure_grade == y->exposure_grade && x->compromise == y->compromise &&
           x->compromise_grade == y->compromise_grade && x->clean == y->clean && x->was_clean == y->was_clean && x->suspicion == y->suspicion && x->hunted == y->hunted &&
           x->re_entered == y->re_entered && x->not_mine == y->not_mine && x->still_there == y->still_there && x->backdoored_ever == y->backdoored_ever &&
           x->relapses == y->relapses && x->missed == y->missed;
}

/* As far as any figure could tell: the times beside these follow from them. */
static bool same_state(const struct case_state *x, const struct case_state *y)
{
    if (x->stage != y->stage || x->derived != y->derived || x->forced != y->forced || x->contradicted != y->contradicted || x->assets != y->assets || x->vulnerable != y->vulnerable ||
        x->patched != y->patched || x->backdoored != y->backdoored || x->patched_backdoored != y->patched_backdoored || x->hunted != y->hunted || x->clean != y->clean ||
        x->relapsed != y->relapsed || x->missed != y->missed || x->re_entered != y->re_entered || x->suspicion != y->suspicion || x->asset_n != y->asset_n ||
        x->notice_n != y->notice_n || x->verified_us != y->verified_us || x->notified_us != y->notified_us || x->delivered_us != y->delivered_us ||
        x->acknowledged_us != y->acknowledged_us || x->patched_us != y->patched_us || x->hunted_us != y->hunted_us || x->clean_us != y->clean_us)
        return false;
    for (uint32_t i = 0; i < x->asset_n; i++)
        if (!same_asset(&x->asset[i], &y->asset[i]))
            return false;
    for (uint32_t i = 0; i < x->notice_n; i++)
        if (x->notice[i].notice != y->notice[i].notice || x->notice[i].step != y->notice[i].step || x->notice[i].may_be_out != y->notice[i].may_be_out)
            return false;
    return true;
}

/* Days from..to of a state; strata in the order of its servers. */
struct stretch { int32_t from; bool open; struct case_state s; struct case_server_strata *strata; };

static bool tell(struct strata *s, const struct update_case *x, const struct stretch *t, int32_t to, struct err *e)
{
    const struct update *u = s->c->u;
    struct case_strata   of = { STR_EMPTY, STR_EMPTY, STR_EMPTY };
    int32_t              from = t->from < CASE_DAY_MIN ? CASE_DAY_MIN : t->from;

    /* Figures have no days before 1970 and none after 2149. */
    to = to >= CASE_DAY_MAX ? CASE_DAY_MAX - 1 : to;
    if (from > to)
        return true;
    if (x->group < u->groups.group_n) {
        const struct group *g = &u->groups.group[x->group];
        of = (struct case_strata){ str_c(g->country), g->sector, g->size };
    }
    return case_figures_take(u->figures, x->campaign, from, to, &t->s, &of, t->strata, e);
}

static bool stretch_begin(struct stretch *t, struct strata *s, int32_t day, const struct case_state *now, struct arena *a, struct err *e)
{
    *t = (struct stretch){ day, true, *now, NEW(a, struct case_server_strata, (size_t)now->asset_n + 1) };
    if (!t->strata)
        return no_room(e);
    for (uint32_t i = 0, k = 0; i < now->asset_n; i++) {
        while (k < s->n && (uint64_t)s->c->u->server[s->server[k]].asset < now->asset[i].asset)
            k++;
        if (k < s->n && (uint64_t)s->c->u->server[s->server[k]].asset == now->asset[i].asset)
            t->strata[i] = s->now[k];
    }
    return true;
}

bool cases_days(struct cases *c, const struct update_case *x, uint32_t campaign_at, const struct fact *f, size_t n, struct arena *a, struct case_state *ret, struct err *e)
{
    struct case_series *series;
    struct strata       s = { 0 };
    struct stretch      at = { .open = false };
    struct arena        half[2];
    int32_t            *day, last = day_of(c->now_us);
    size_t              days, next_fact = 0;
    int64_t             wakes = TIME_NONE;
    unsigned            turn = 0;

    if (!strata_begin(&s, c, x, campaign_at, a) || !(day = TAKE(a, int32_t, days_room(&s, n) + 1)))
        return no_room(e);
    if (!case_series_open(&series, f, n, c->u->o->known_us, a, e))
        return false;
    days = days_of(&s, f, n, last, day);
    if (!days || day[days - 1] != last)
        day[days++] = last;            /* what the case is now is asked now */
    /* Two states at a time, each in a half of what is left. */
    half[0] = half[1] = *a;
    half[0].end = half[1].beg = a->beg + arena_room(a) / 32 * 16;
    for (bool done = false; !done; ) {
        int32_t           d = wakes != TIME_NONE && day_of(wakes) < day[next_fact] ? day_of(wakes) : day[next_fact];
        int64_t           end = ((int64_t)d + 1) * TIME_DAY - 1;
        struct arena      room = half[turn];
        struct case_state now;

        next_fact += d == day[next_fact];
        done = d >= last;
        if (done || end > c->now_us)
            end = c->now_us;
        bool changed = strata_at(&s, d, end);
        if (!case_series_at(series, end, &room, &now, &wakes, e))
            return false;
        if (at.open && !changed && same_state(&at.s, &now)) {
            if (done)
                *ret = now;
            if (done && !tell(&s, x, &at, last, e))
                return false;
            continue;
        }
        if (at.open && !tell(&s, x, &at, d - 1, e))
            return false;
        if (!stretch_begin(&at, &s, d, &now, &room, e) || (done && !tell(&s, x, &at, last, e)))
            return false;
        *ret = now;
        turn ^= 1;
    }
    return true;
}
