/* What is true of a server on a day: see daily_fold.h. */
#include <string.h>

#include "base/num.h"
#include "base/time.h"
#include "survey/daily_fold.h"

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
    if (p->parts && parts && build_compare(s->known.build, p->build, common))
        p->flags |= SPAN_MIXED;
    if (day <= s->mixed_until)
        p->flags |= SPAN_MIXED;
    if (p->parts && (!parts || build_compare(s->known.build, p->build, common) > 0 || (!build_compare(s->known.build, p->build, common) && parts <= p->parts)))
        return;
    if (p->parts || parts || !p->detector) {
        p->detector = s->known.detector;
        p->by = s->known.parts ? s->known.source : OBS_SOURCES;
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
        exchange |= f->slot[i].exchange && slot_lives(f, &f->slot[i], day);
    for (uint32_t i = 0; i < f->server->slot_n; i++) {
        struct slot *s = &f->slot[i];

        if (!slot_lives(f, s, day) || fold_superseded(f, i, day))
            continue;
        slot_settle(s, day);
        nodes++;
        int parts = slot_parts(f, s, day);
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
        ends += f->link[i].day != NEVER && (i == 0 || f->link[i].end != f->link[i - 1].end) && slot_lives(f, &f->slot[f->link[i].slot], day);
    p->nodes = (uint16_t)(nodes > UINT16_MAX ? UINT16_MAX : nodes);
    p->addresses = (uint16_t)(ends > UINT16_MAX ? UINT16_MAX : ends);
}

/* Whose own word of the day is the verdict. */
static void look(struct fold *f, int32_t day, struct period *p)
{
    for (size_t i = 0; i < f->today_n; i++) {
        const struct d_state *s = &f->d->state[f->today[i].state];
        struct known          k = { .parts = s->parts, .day = day };
        uint16_t              who = (uint16_t)(1u << s->source);

        memcpy(k.build, s->build, sizeof k.build);
        const struct judged *j = s->parts && !s->other ? judge(f, &k, s->parts) : NULL;
        for (uint32_t g = 0; g < f->d->o.builds->group_n; g++) {
            uint32_t bit = 1u << g;
            uint8_t  v = s->other ? BUILD_NOT_EXCHANGE : j ? j->verdict[g] : BUILD_CANNOT_TELL;
            bool     four = v != BUILD_CANNOT_TELL && s->parts == 4, mitigated = s->mitigated & bit;

            if (!(f->d->looks & bit))
                continue;
            if (v == BUILD_CANNOT_TELL && (s->unpatched | s->patched) & bit)
                v = s->unpatched & bit ? BUILD_UNPATCHED : BUILD_PATCHED;
            if (!mitigated && (v == BUILD_CANNOT_TELL || v != p->verdict[g]))
                continue;
            if (v != BUILD_CANNOT_TELL && v == p->verdict[g]) {
                p->look[g].told |= who;
                p->look[g].told_by_four |= four ? who : 0;
            }
            p->look[g].told_mitigated |= mitigated ? who : 0;
            p->seen_us = f->today[i].at_us > p->seen_us ? f->today[i].at_us : p->seen_us;
        }
    }
}

static bool same(const struct period *a, const struct period *b)
{
    return !memcmp(a->verdict, b->verdict, sizeof a->verdict) && a->by_claim == b->by_claim && a->mitigated == b->mitigated &&
           a->compromised == b->compromised && a->state == b->state && a->flags == b->flags && a->parts == b->parts && a->reached == b->reached &&
           !memcmp(a->build, b->build, sizeof a->build) && a->detector == b->detector && a->sector == b->sector &&
           !memcmp(a->country, b->country, 2) && a->asn == b->asn;
}

/* looked: the day, where somebody told its build or claimed something on it; else -1. */
bool fold_evaluate(struct fold *f, int32_t day, int32_t looked, struct err *e)
{
    struct period p = { .day = day, .looked = looked, .mitigated = f->mitigated, .compromised = f->compromised, .asn = f->asn, .sector = f->sector,
                        .by = OBS_SOURCES, .seen_us = TIME_NONE };
    struct period *last = f->period_n ? &f->period[f->period_n - 1] : NULL;
    bool alive = false, seen = false, exchange = false;

    memcpy(p.country, f->country, 2);
    memset(p.verdict, BUILD_CANNOT_TELL, sizeof p.verdict);
    for (uint32_t i = 0; i < f->server->slot_n; i++) {
        seen |= f->slot[i].seen;
        exchange |= f->slot[i].exchange;
        alive |= slot_lives(f, &f->slot[i], day);
    }
    p.reached = seen;
    bool moved = f->moved_from != NEVER && day >= f->moved_from;
    if (seen && (moved || !alive)) {                   /* what was last known of it stands beside its state */
        if (last) {
            p = *last;
            p.day = day;
            p.looked = looked;
            p.seen_us = TIME_NONE;
        }
        p.mitigated = f->mitigated;
        p.compromised = f->compromised;
        p.state = moved ? SPAN_MOVED : SPAN_GONE;
        p.addresses = p.nodes = 0;
        if (moved) {
            memset(p.verdict, BUILD_NOT_SELF_HOSTED, sizeof p.verdict);
            p.by_claim = 0;
        }
    } else if (seen) {
        living(f, day, &p);
        if (f->d->looks)
            look(f, day, &p);
    }
    if (exchange)
        p.flags |= SPAN_EXCHANGE;
    if (last && same(last, &p) && p.seen_us == TIME_NONE) {
        last->looked = looked > last->looked ? looked : last->looked;
        last->addresses = p.addresses > last->addresses ? p.addresses : last->addresses;
        last->nodes = p.nodes > last->nodes ? p.nodes : last->nodes;
        return true;
    }
    if (!fold_grow(&f->period, &f->period_cap, f->period_n, sizeof p, e))
        return false;
    f->period[f->period_n++] = p;
    return true;
}

/* The next day on which something changes although nobody says anything. */
int32_t fold_next_wake(const struct fold *f, int32_t day)
{
    int32_t next = INT32_MAX;

    for (uint32_t i = 0; i < f->server->slot_n; i++) {
        const struct slot *s = &f->slot[i];

        if (!s->seen || s->gone)
            continue;
        const int32_t at[] = {
            slot_absent_from(f, s), s->mixed_until == NEVER ? NEVER : s->mixed_until + 1,
            s->hidden_day > s->known.day && s->known.parts ? s->known.day + f->d->o.rules.hidden_days + 1 : NEVER,
        };
        for (size_t k = 0; k < COUNT_OF(at); k++)
            if (at[k] > day && at[k] < next)
                next = at[k];
    }
    return next;
}
