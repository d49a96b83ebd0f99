/*
 * One server's observations, day after day: see daily.h and daily_inner.h.
 *
 * Rule 1   knowledge belongs to a slot. A slot's build is the newest with four numbers; three newer ones of the same line only confirm it.
 * Rule 2   another line forgets the fourth number and the claims that were made of the line before.
 * Rule 3   a build that goes down is another node behind the name, or a restored one: the lower one counts until mixed_days passed without it.
 * Rule 4   what was seen without X-FEServer is the one living node of its end; where there are several, or none, it is a slot of its own, and that
 *          counts only until each living node of the end was seen again.
 * Rule 5   the verdict is as of the day when its build was last seen: an observation older than the fix is unpatched.
 * Rule 6   a slot is gone after gone_runs days of refusals, or when it was in no source for absent_days and gone_runs of the survey's days.
 * Rule 7   a day's knowledge is taken in the order of names (nodes, ends, no address), then of precedence, then of time: never of arrival.
 */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/time.h"
#include "survey/daily_fold.h"

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the days of a server"); }

bool fold_open(struct fold **ret, const struct daily *d, struct err *e)
{
    struct fold *f = calloc(1, sizeof *f);

    if (f) {
        f->d = d;
        f->slot = calloc(d->slot_max + 1, sizeof *f->slot);
        f->link = calloc(d->target_max + 1, sizeof *f->link);
        f->cache = calloc(CACHE, sizeof *f->cache);
    }
    if (!f || !f->slot || !f->link || !f->cache) {
        fold_close(f);
        return no_room(e);
    }
    *ret = f;
    return true;
}

void fold_close(struct fold *f)
{
    if (!f)
        return;
    free(f->slot);
    free(f->link);
    free(f->today);
    free(f->failed);
    free(f->period);
    free(f->cache);
    free(f);
}

bool fold_grow(void *list, size_t *cap, size_t n, size_t size, struct err *e)
{
    void **p = list;

    if (n < *cap)
        return true;
    size_t to = n < 8 ? 16 : n * 2;
    void *grown = realloc(*p, to * size);
    if (!grown)
        return no_room(e);
    *p = grown;
    *cap = to;
    return true;
}

/* ---- one day ---- */


static struct slot slot_new(uint32_t end)
{
    return (struct slot){ .end = end, .answered_day = NEVER, .hidden_day = NEVER, .mixed_until = NEVER, .fail_day = NEVER };
}

/* A node said its name for the first time: what was known of its end without one is its own, where it is alone there. */
static void inherit(struct fold *f, uint32_t at, uint32_t end, int32_t day)
{
    uint32_t last;
    size_t older;

    if (end == NOBODY || f->slot[at].seen || fold_nodes_at(f, end, day, NEVER, &last, &older))
        return;
    for (size_t i = fold_link_from(f, end, 0); i < f->link_n && f->link[i].end == end; i++) {
        struct slot *s = &f->slot[f->link[i].slot];

        if (s->named || !slot_lives(f, s, day))
            continue;
        f->slot[at] = *s;
        f->slot[at].named = true;
        f->slot[at].end = NOBODY;
        *s = slot_new(end);
        return;
    }
}

/* The slot that an observation speaks of: rule 4. */
static uint32_t slot_for(struct fold *f, const struct d_target *t, int32_t day)
{
    uint32_t only = 0;
    size_t older, n = 0;

    if (f->slot[t->slot].named) {
        inherit(f, t->slot, t->end, day);
        return t->slot;
    }
    if (t->end != NOBODY)
        return fold_nodes_at(f, t->end, day, NEVER, &only, &older) == 1 ? only : t->slot;
    for (uint32_t i = 0; i < f->server->slot_n && n < 2; i++)
        if (i != t->slot && slot_lives(f, &f->slot[i], day) && !fold_superseded(f, i, day)) {
            n++;
            only = i;
        }
    return n == 1 ? only : t->slot;
}

static void answered(struct fold *f, const struct d_target *t, uint32_t at, int32_t day)
{
    struct slot *s = &f->slot[at];

    s->seen = true;
    s->gone = false;
    s->fails = 0;
    s->answered_day = day;
    if (t->end == NOBODY)
        return;
    size_t i = fold_link_from(f, t->end, at);
    if (i < f->link_n && f->link[i].end == t->end && f->link[i].slot == at)
        f->link[i].day = day;
}

static void place(struct fold *f, const struct d_state *s, int32_t day)
{
    bool stale = day - f->place_day > f->d->o.rules.absent_days;

    if (!f->located && (s->country[0] || s->asn) && (s->source <= f->place_source || stale)) {
        memcpy(f->country, s->country, 2);
        f->asn = s->asn;
        f->place_source = s->source;
        f->place_day = day;
    }
    if (s->sector && (s->source <= f->sector_source || day - f->sector_day > f->d->o.rules.absent_days)) {
        f->sector = s->sector;
        f->sector_source = s->source;
        f->sector_day = day;
    }
}

static int by_slot(const void *x, const void *y, void *ctx)
{
    const struct today *a = x, *b = y;
    const struct d_state *state = ((const struct daily *)ctx)->state;
    int pa = state[a->state].precedence, pb = state[b->state].precedence;

    if (a->slot != b->slot)
        return a->slot < b->slot ? -1 : 1;
    if (pa != pb)
        return pa > pb ? -1 : 1;
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us ? -1 : 1;
    return a->state < b->state ? -1 : a->state > b->state;
}

/* All that was said of one slot on one day, best first. */
static void slot_day(struct fold *f, const struct today *t, size_t n, int32_t day)
{
    const struct d_state *all = f->d->state;
    struct slot *s = &f->slot[t->slot];
    uint8_t best = all[t->state].precedence;
    bool exchange = false, other = false, hidden = false, precise = false;

    for (size_t i = 0; i < n; i++) {
        const struct d_state *x = &all[t[i].state];

        if (best && x->precedence == best) {
            struct known k = { .parts = x->parts, .source = x->source, .detector = x->detector, .day = day };

            memcpy(k.build, x->build, sizeof k.build);
            slot_learn(f, s, &k);
        }
        if (x->two)
            s->mixed_until = day + f->d->o.rules.mixed_days;
        exchange |= x->exchange;
        other |= x->other;
        hidden |= x->hidden;
        precise |= x->parts >= 3;
        s->odd |= x->odd;
        place(f, x, day);
    }
    s->exchange |= exchange;
    s->other = exchange ? false : other ? true : s->other;
    if (hidden && !precise)
        s->hidden_day = day;
    if (!s->known.parts && exchange)
        s->known.detector = all[t->state].detector;
    for (size_t i = 0; i < n; i++) {
        const struct d_state *x = &all[t[i].state];
        bool same = x->parts < 3 || s->known.parts < 3 || !build_compare(x->build, s->known.build, 3);

        f->mitigated |= x->mitigated;
        f->compromised |= x->compromised;
        if (same && (x->unpatched | x->patched)) {
            s->unpatched = (s->unpatched & ~x->patched) | x->unpatched;
            s->patched = (s->patched & ~x->unpatched) | (x->patched & ~x->unpatched);
        }
    }
}

static int by_target(const void *x, const void *y)
{
    const struct seen *a = x, *b = y;

    if (a->target != b->target)
        return a->target < b->target ? -1 : 1;
    if (a->state != b->state)
        return a->state < b->state ? -1 : 1;
    return a->at_us < b->at_us ? -1 : a->at_us > b->at_us;
}

/* The same said twice counts once, at its last time. */
static size_t once(struct seen *s, size_t n)
{
    size_t kept = 0;

    qsort(s, n, sizeof *s, by_target);
    for (size_t i = 0; i < n; i++) {
        if (i + 1 < n && s[i].target == s[i + 1].target && s[i].state == s[i + 1].state)
            continue;
        s[kept++] = s[i];
    }
    return kept;
}

static void refuse(struct fold *f, struct slot *s, int32_t day)
{
    if (!s->seen || s->answered_day == day || s->fail_day == day)
        return;
    s->fail_day = day;
    s->gone |= ++s->fails >= f->d->o.rules.gone_runs;
}

static void refused(struct fold *f, int32_t day)
{
    for (size_t k = 0; k < f->failed_n; k++)
        if (f->failed[k] == NOBODY)                     /* the name itself: all of it */
            for (uint32_t i = 0; i < f->server->slot_n; i++)
                refuse(f, &f->slot[i], day);
        else if (k == 0 || f->failed[k] != f->failed[k - 1])
            for (size_t i = fold_link_from(f, f->failed[k], 0); i < f->link_n && f->link[i].end == f->failed[k]; i++)
                if (f->link[i].day != NEVER)
                    refuse(f, &f->slot[f->link[i].slot], day);
}

static bool one_day(struct fold *f, struct seen *seen, size_t n, int32_t day, struct err *e)
{
    const struct daily *d = f->d;

    n = n > 1 ? once(seen, n) : n;
    f->today_n = f->failed_n = 0;
    /* Named nodes first, then ends, then what has no address: each learns from those before who is there. */
    for (int turn = 0; turn < 3; turn++)
        for (size_t i = 0; i < n; i++) {
            const struct d_target *t = &d->target[seen[i].target];
            const struct d_state *s = &d->state[seen[i].state];

            if (t->online) {
                if (turn == 0 && day > f->last_answer && f->moved_from == NEVER)
                    f->moved_from = day;
                continue;
            }
            if (turn != (f->slot[t->slot].named ? 0 : t->end != NOBODY ? 1 : 2))
                continue;
            if (s->fails) {
                if (!fold_grow(&f->failed, &f->failed_cap, f->failed_n, sizeof *f->failed, e))
                    return false;
                f->failed[f->failed_n++] = t->end;
            }
            if (!s->answered)
                continue;
            uint32_t slot = slot_for(f, t, day);
            answered(f, t, slot, day);
            if (!fold_grow(&f->today, &f->today_cap, f->today_n, sizeof *f->today, e))
                return false;
            f->today[f->today_n++] = (struct today){ slot, seen[i].state, seen[i].at_us };
        }
    if (f->today_n > 1)
        qsort_r(f->today, f->today_n, sizeof *f->today, by_slot, (void *)(uintptr_t)d);
    for (size_t from = 0, to; from < f->today_n; from = to) {
        for (to = from; to < f->today_n && f->today[to].slot == f->today[from].slot; )
            to++;
        slot_day(f, f->today + from, to - from, day);
    }
    if (f->failed_n)
        refused(f, day);
    return true;
}

/* ---- a server ---- */

static int by_link(const void *x, const void *y)
{
    const struct link *a = x, *b = y;

    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    return a->slot < b->slot ? -1 : a->slot > b->slot;
}

static int by_time(const void *x, const void *y)
{
    const struct seen *a = x, *b = y;

    return a->at_us != b->at_us ? (a->at_us < b->at_us ? -1 : 1) : by_target(x, y);
}

static void begin(struct fold *f, uint32_t server)
{
    const struct daily *d = f->d;
    const struct d_server *v = f->server = &d->server[server];
    size_t n = 0;

    for (uint32_t i = 0; i < v->slot_n; i++)
        f->slot[i] = slot_new(NOBODY);
    f->located = false;
    f->country[0] = f->country[1] = 0;
    f->asn = 0;
    f->sector = 0;
    f->place_source = f->sector_source = OBS_SOURCES;
    f->place_day = f->sector_day = 0;
    f->mitigated = f->compromised = 0;
    f->moved_from = f->last_answer = NEVER;
    f->period_n = f->link_n = 0;
    for (uint32_t i = 0; i < v->target_n; i++) {
        const struct d_target *t = &d->target[d->of_server[v->target_first + i]];
        const struct d_node *node = &d->node[t->node];
        char country[3] = "";

        if (t->online)
            continue;
        f->slot[t->slot].named = node->named;
        f->slot[t->slot].end = node->named ? NOBODY : t->end;
        if (t->end != NOBODY)
            f->link[n++] = (struct link){ t->end, t->slot, NEVER };
        if (node->has_ip && !f->located && d->o.locate && d->o.locate(d->o.locate_ctx, node->ip, country, &f->asn)) {
            memcpy(f->country, country, 2);
            f->located = true;
        }
    }
    qsort(f->link, n, sizeof *f->link, by_link);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || by_link(&f->link[i], &f->link[i - 1]))
            f->link[f->link_n++] = f->link[i];
}

bool fold_server(struct fold *f, uint32_t server, struct seen *seen, size_t n, const struct period **ret, size_t *ret_n, struct err *e)
{
    const struct daily *d = f->d;
    bool sorted = true;
    int32_t day = 0;

    begin(f, server);
    for (size_t i = 1; i < n && sorted; i++)
        sorted = seen[i - 1].at_us <= seen[i].at_us;
    if (!sorted)
        qsort(seen, n, sizeof *seen, by_time);
    for (size_t i = n; i-- > 0 && f->last_answer == NEVER; )
        if (!d->target[seen[i].target].online && d->state[seen[i].state].answered)
            f->last_answer = day_of(seen[i].at_us);
    for (size_t from = 0, to; from < n; from = to) {
        int32_t at = day_of(seen[from].at_us), wake;

        while (from && (wake = fold_next_wake(f, day)) < at) {
            if (!fold_evaluate(f, day = wake, -1, e))
                return false;
        }
        bool told = false;
        for (to = from; to < n && day_of(seen[to].at_us) == at; to++) {
            const struct d_state *s = &d->state[seen[to].state];
            told |= !d->target[seen[to].target].online && (s->parts || s->unpatched || s->patched);
        }
        day = at;
        if (!one_day(f, seen + from, to - from, day, e) || !fold_evaluate(f, day, told ? day : -1, e))
            return false;
        f->today_n = 0;
    }
    for (int32_t wake; n && (wake = fold_next_wake(f, day)) <= d->counts.last_day; )
        if (!fold_evaluate(f, day = wake, -1, e))
            return false;
    *ret = f->period;
    *ret_n = f->period_n;
    return true;
}
