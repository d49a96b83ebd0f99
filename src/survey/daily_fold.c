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
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/time.h"
#include "survey/daily_inner.h"

enum { NEVER = INT32_MIN, CACHE = 1 << 14 };

struct known { uint16_t build[4]; uint8_t parts; uint16_t detector; int32_t day; };
struct slot {
    bool     named, seen, exchange, other, odd, gone, has_next;
    uint32_t end;                        /* of a slot without a name; NOBODY: none */
    struct known known, next;            /* next: what is taken when the lower one is not seen any more */
    int32_t  answered_day, hidden_day, mixed_until, fail_day, fails;
    uint32_t unpatched, patched;         /* claims of this line */
};
/* A slot was reached at an end. */
struct link { uint32_t end, slot; int32_t day; };
struct today { uint32_t slot, state; int64_t at_us; };
struct judged { uint64_t build; int32_t day; uint8_t parts, verdict[BUILDS_GROUPS_MAX]; bool eol; };

struct fold {
    const struct daily *d;
    const struct d_server *server;
    struct slot   *slot;
    struct link   *link;   size_t link_n;
    struct today  *today;  size_t today_n, today_cap;
    struct seen   *day;    size_t day_cap;
    uint32_t      *failed; size_t failed_n, failed_cap;      /* ends; NOBODY: the name itself */
    struct period *period; size_t period_n, period_cap;
    struct judged *cache;
    int32_t  moved_from, last_answer;
    uint32_t mitigated, compromised;
    char     country[2];
    uint32_t asn;
    uint16_t sector;
    int32_t  place_day, sector_day;
    uint8_t  place_source, sector_source;
    bool     located;
};

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
    free(f->day);
    free(f->failed);
    free(f->period);
    free(f->cache);
    free(f);
}

static bool grow(void *list, size_t *cap, size_t n, size_t size, struct err *e)
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

/* ---- who lives ---- */

/* The day on which a slot that is in no source any more counts as gone. */
static int32_t absent_from(const struct fold *f, const struct slot *s)
{
    const struct daily *d = f->d;
    size_t run = (size_t)d->runs[s->answered_day] + (size_t)(d->o.rules.gone_runs > 0 ? d->o.rules.gone_runs - 1 : 0);

    if (run >= d->survey_day_n)
        return INT32_MAX;
    int32_t by_days = s->answered_day + d->o.rules.absent_days + 1;
    return d->survey_day[run] > by_days ? d->survey_day[run] : by_days;
}

static bool lives(const struct fold *f, const struct slot *s, int32_t day) { return s->seen && !s->gone && day < absent_from(f, s); }

/* Where the links of an end, or of a slot at an end, begin. Links are sorted. */
static size_t link_from(const struct fold *f, uint32_t end, uint32_t slot)
{
    size_t from = 0, to = f->link_n;

    while (from < to) {
        size_t mid = from + (to - from) / 2;
        const struct link *l = &f->link[mid];

        if (l->end < end || (l->end == end && l->slot < slot))
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

/* Living named nodes of an end; *ret_last: one of them. older: those not seen since that day. */
static size_t nodes_at(const struct fold *f, uint32_t end, int32_t day, int32_t since, uint32_t *ret_last, size_t *ret_older)
{
    size_t n = 0;

    *ret_older = 0;
    for (size_t i = link_from(f, end, 0); i < f->link_n && f->link[i].end == end; i++) {
        const struct slot *s = &f->slot[f->link[i].slot];

        if (f->link[i].day == NEVER || !s->named || !lives(f, s, day))
            continue;
        n++;
        *ret_last = f->link[i].slot;
        *ret_older += s->answered_day < since;
    }
    return n;
}

/* Rule 4: an anonymous slot that has nothing to add. */
static bool superseded(const struct fold *f, uint32_t at, int32_t day)
{
    const struct slot *s = &f->slot[at];
    uint32_t end, last;
    size_t older;

    if (s->named)
        return false;
    end = s->end;
    if (end != NOBODY)
        return nodes_at(f, end, day, s->answered_day, &last, &older) && !older;
    size_t others = 0;
    for (uint32_t i = 0; i < f->server->slot_n; i++) {
        if (i == at || !lives(f, &f->slot[i], day))
            continue;
        others++;
        if (f->slot[i].answered_day < s->answered_day)
            return false;
    }
    return others != 0;
}

/* ---- what a slot knows ---- */

static int compare(const uint16_t *a, const uint16_t *b, int parts)
{
    for (int i = 0; i < parts; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

static void take(struct slot *s, const struct known *k)
{
    if (s->known.parts < 3 || k->parts < 3 || compare(s->known.build, k->build, 3))
        s->unpatched = s->patched = 0;                  /* rule 2 */
    s->known = *k;
}

static void learn(const struct fold *f, struct slot *s, const struct known *k)
{
    int32_t hold = k->day + f->d->o.rules.mixed_days;
    int parts = k->parts < s->known.parts ? k->parts : s->known.parts, c = parts ? compare(k->build, s->known.build, parts) : 1;

    if (c < 0) {                                        /* rule 3 */
        if (k->day > s->mixed_until || !s->has_next) {
            s->next = s->known;
            s->has_next = true;
        }
        s->mixed_until = hold;
        take(s, k);
    } else if (c == 0 && k->parts >= s->known.parts) {
        uint16_t detector = s->known.detector;

        if (k->day <= s->mixed_until)
            s->mixed_until = hold;
        if (k->parts > s->known.parts)
            detector = k->detector;
        s->known = *k;
        s->known.detector = detector;
    } else if (c == 0) {                                /* rule 1 */
        if (k->parts == 3 && k->day > s->mixed_until)
            s->known.day = k->day;
    } else if (parts && k->day <= s->mixed_until) {
        s->next = *k;
        s->has_next = true;
    } else
        take(s, k);
}

/* When the lower build was not seen for long enough, what was seen since is true again. */
static void settle(struct slot *s, int32_t day)
{
    if (!s->has_next || day <= s->mixed_until)
        return;
    s->has_next = false;
    if (s->next.day > s->known.day)
        take(s, &s->next);
}

static int parts_known(const struct fold *f, const struct slot *s, int32_t day)
{
    bool lapsed = s->hidden_day > s->known.day && day - s->known.day > f->d->o.rules.hidden_days;

    return lapsed ? 0 : s->known.parts;
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

    if (end == NOBODY || f->slot[at].seen || nodes_at(f, end, day, NEVER, &last, &older))
        return;
    for (size_t i = link_from(f, end, 0); i < f->link_n && f->link[i].end == end; i++) {
        struct slot *s = &f->slot[f->link[i].slot];

        if (s->named || !lives(f, s, day))
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
        return nodes_at(f, t->end, day, NEVER, &only, &older) == 1 ? only : t->slot;
    for (uint32_t i = 0; i < f->server->slot_n && n < 2; i++)
        if (i != t->slot && lives(f, &f->slot[i], day) && !superseded(f, i, day)) {
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
    size_t i = link_from(f, t->end, at);
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
            struct known k = { .parts = x->parts, .detector = x->detector, .day = day };

            memcpy(k.build, x->build, sizeof k.build);
            learn(f, s, &k);
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
        bool same = x->parts < 3 || s->known.parts < 3 || !compare(x->build, s->known.build, 3);

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
            for (size_t i = link_from(f, f->failed[k], 0); i < f->link_n && f->link[i].end == f->failed[k]; i++)
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
                if (!grow(&f->failed, &f->failed_cap, f->failed_n, sizeof *f->failed, e))
                    return false;
                f->failed[f->failed_n++] = t->end;
            }
            if (!s->answered)
                continue;
            uint32_t slot = slot_for(f, t, day);
            answered(f, t, slot, day);
            if (!grow(&f->today, &f->today_cap, f->today_n, sizeof *f->today, e))
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

/* ---- what is true then ---- */

static const struct judged *judge(struct fold *f, const struct known *k, int parts)
{
    uint64_t build = (uint64_t)k->build[0] << 48 | (uint64_t)k->build[1] << 32 | (uint64_t)k->build[2] << 16 | k->build[3];
    uint64_t h = (build * 0x9E3779B97F4A7C15u ^ (uint64_t)k->day * 0xD6E8FEB86659FD93u) + (uint64_t)parts;
    struct judged *j = &f->cache[(h >> 40) & (CACHE - 1)];

    if (j->parts == parts && j->build == build && j->day == k->day)
        return j;
    const struct builds *b = f->d->o.builds;
    *j = (struct judged){ .build = build, .day = k->day, .parts = (uint8_t)parts };
    for (size_t g = 0; g < b->group_n; g++) {
        uint32_t flags = 0;

        j->verdict[g] = (uint8_t)build_verdict(b, g, k->build, parts, (int64_t)k->day * TIME_DAY, &flags);
        j->eol |= flags & BUILD_EOL;
    }
    return j;
}

/* Which of two is the weaker: what is known to be open, then what nobody knows. */
static int weakness(uint8_t v)
{
    static const uint8_t rank[BUILD_VERDICTS] = {
        [BUILD_UNPATCHED] = 6, [BUILD_CANNOT_TELL] = 5, [BUILD_PATCHED] = 4, [BUILD_NOT_AFFECTED] = 3, [BUILD_NOT_SELF_HOSTED] = 2, [BUILD_NOT_EXCHANGE] = 1,
        [BUILD_UNREACHABLE] = 0,
    };
    return rank[v];
}

static void slot_verdict(struct fold *f, const struct slot *s, int parts, struct period *p, bool first)
{
    const struct judged *j = parts && !s->other ? judge(f, &s->known, parts) : NULL;

    for (size_t g = 0; g < f->d->o.builds->group_n; g++) {
        uint8_t v = s->other ? BUILD_NOT_EXCHANGE : j ? j->verdict[g] : BUILD_CANNOT_TELL;
        uint32_t bit = 1u << g;
        bool claim = v == BUILD_CANNOT_TELL && (s->unpatched | s->patched) & bit;

        if (claim)
            v = s->unpatched & bit ? BUILD_UNPATCHED : BUILD_PATCHED;
        if (!first && weakness(v) < weakness(p->verdict[g]))
            continue;
        /* Of two equal verdicts that of the table is told. */
        if (first || weakness(v) > weakness(p->verdict[g]) || !claim)
            p->by_claim = (p->by_claim & ~bit) | (claim ? bit : 0);
        p->verdict[g] = v;
    }
    if (j && j->eol)
        p->flags |= SPAN_EOL;
}

/* The build that stands for the server: the lowest known of its slots. */
static void represent(const struct fold *f, const struct slot *s, int parts, int32_t day, struct period *p)
{
    int common = parts < p->parts ? parts : p->parts;

    (void)f;
    if (p->parts && parts && compare(s->known.build, p->build, common))
        p->flags |= SPAN_MIXED;
    if (day <= s->mixed_until)
        p->flags |= SPAN_MIXED;
    if (p->parts && (!parts || compare(s->known.build, p->build, common) > 0 || (!compare(s->known.build, p->build, common) && parts <= p->parts)))
        return;
    if (p->parts || parts || !p->detector) {
        p->detector = s->known.detector;
        p->parts = (uint8_t)parts;
        for (int i = 0; i < 4; i++)
            p->build[i] = i < parts ? s->known.build[i] : 0;
    }
}

static void living(struct fold *f, int32_t day, struct period *p)
{
    bool any = false, exchange = false;
    size_t nodes = 0, ends = 0;

    for (uint32_t i = 0; i < f->server->slot_n; i++)
        exchange |= f->slot[i].exchange && lives(f, &f->slot[i], day);
    for (uint32_t i = 0; i < f->server->slot_n; i++) {
        struct slot *s = &f->slot[i];

        if (!lives(f, s, day) || superseded(f, i, day))
            continue;
        settle(s, day);
        nodes++;
        int parts = parts_known(f, s, day);
        if (exchange && !s->exchange)                   /* a port beside it that says nothing of Exchange */
            continue;
        slot_verdict(f, s, parts, p, !any);
        represent(f, s, parts, day, p);
        if (parts < 3 && s->hidden_day != NEVER && s->exchange && !s->other)
            p->flags |= SPAN_HIDDEN;
        if (s->odd)
            p->flags |= SPAN_ODD;
        any = true;
    }
    for (size_t i = 0; i < f->link_n; i++)
        ends += f->link[i].day != NEVER && (i == 0 || f->link[i].end != f->link[i - 1].end) && lives(f, &f->slot[f->link[i].slot], day);
    p->nodes = (uint16_t)(nodes > UINT16_MAX ? UINT16_MAX : nodes);
    p->addresses = (uint16_t)(ends > UINT16_MAX ? UINT16_MAX : ends);
}

static bool same(const struct period *a, const struct period *b)
{
    return !memcmp(a->verdict, b->verdict, sizeof a->verdict) && a->by_claim == b->by_claim && a->mitigated == b->mitigated &&
           a->compromised == b->compromised && a->state == b->state && a->flags == b->flags && a->parts == b->parts && a->reached == b->reached &&
           !memcmp(a->build, b->build, sizeof a->build) && a->detector == b->detector && a->sector == b->sector &&
           !memcmp(a->country, b->country, 2) && a->asn == b->asn;
}

/* looked: the day, where somebody told its build or claimed something on it; else -1. */
static bool evaluate(struct fold *f, int32_t day, int32_t looked, struct err *e)
{
    struct period p = { .day = day, .looked = looked, .mitigated = f->mitigated, .compromised = f->compromised, .asn = f->asn, .sector = f->sector };
    struct period *last = f->period_n ? &f->period[f->period_n - 1] : NULL;
    bool alive = false, seen = false, exchange = false;

    memcpy(p.country, f->country, 2);
    memset(p.verdict, BUILD_CANNOT_TELL, sizeof p.verdict);
    for (uint32_t i = 0; i < f->server->slot_n; i++) {
        seen |= f->slot[i].seen;
        exchange |= f->slot[i].exchange;
        alive |= lives(f, &f->slot[i], day);
    }
    p.reached = seen;
    bool moved = f->moved_from != NEVER && day >= f->moved_from;
    if (seen && (moved || !alive)) {                   /* what was last known of it stands beside its state */
        if (last) {
            p = *last;
            p.day = day;
            p.looked = looked;
        }
        p.mitigated = f->mitigated;
        p.compromised = f->compromised;
        p.state = moved ? SPAN_MOVED : SPAN_GONE;
        p.addresses = p.nodes = 0;
        if (moved) {
            memset(p.verdict, BUILD_NOT_SELF_HOSTED, sizeof p.verdict);
            p.by_claim = 0;
        }
    } else if (seen)
        living(f, day, &p);
    if (exchange)
        p.flags |= SPAN_EXCHANGE;
    if (last && same(last, &p)) {
        last->looked = looked > last->looked ? looked : last->looked;
        last->addresses = p.addresses > last->addresses ? p.addresses : last->addresses;
        last->nodes = p.nodes > last->nodes ? p.nodes : last->nodes;
        return true;
    }
    if (!grow(&f->period, &f->period_cap, f->period_n, sizeof p, e))
        return false;
    f->period[f->period_n++] = p;
    return true;
}

/* The next day on which something changes although nobody says anything. */
static int32_t next_wake(const struct fold *f, int32_t day)
{
    int32_t next = INT32_MAX;

    for (uint32_t i = 0; i < f->server->slot_n; i++) {
        const struct slot *s = &f->slot[i];

        if (!s->seen || s->gone)
            continue;
        const int32_t at[] = {
            absent_from(f, s), s->mixed_until == NEVER ? NEVER : s->mixed_until + 1,
            s->hidden_day > s->known.day && s->known.parts ? s->known.day + f->d->o.rules.hidden_days + 1 : NEVER,
        };
        for (size_t k = 0; k < COUNT_OF(at); k++)
            if (at[k] > day && at[k] < next)
                next = at[k];
    }
    return next;
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

        while (from && (wake = next_wake(f, day)) < at) {
            if (!evaluate(f, day = wake, -1, e))
                return false;
        }
        bool told = false;
        for (to = from; to < n && day_of(seen[to].at_us) == at; to++) {
            const struct d_state *s = &d->state[seen[to].state];
            told |= !d->target[seen[to].target].online && (s->parts || s->unpatched || s->patched);
        }
        day = at;
        if (!one_day(f, seen + from, to - from, day, e) || !evaluate(f, day, told ? day : -1, e))
            return false;
    }
    for (int32_t wake; n && (wake = next_wake(f, day)) <= d->counts.last_day; )
        if (!evaluate(f, day = wake, -1, e))
            return false;
    *ret = f->period;
    *ret_n = f->period_n;
    return true;
}
