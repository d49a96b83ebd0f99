#include "survey/figures.h"

#include "base/num.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 1 << 12 };

const char *figure_count_name(enum figure_count c)
{
    static const char *const name[FIG_COUNTS] = {
        [FIG_PATCHED] = "patched", [FIG_UNPATCHED] = "unpatched", [FIG_CANNOT_TELL] = "cannot_tell", [FIG_GONE] = "gone", [FIG_MOVED] = "moved",
        [FIG_NEW] = "new", [FIG_OTHER] = "other", [FIG_UNREACHED] = "unreachable", [FIG_MITIGATED] = "mitigation_claimed",
        [FIG_STALE] = "unpatched_by_three_numbers", [FIG_ADDRESSES] = "addresses", [FIG_ADDRESSES_PATCHED] = "addresses_patched",
        [FIG_ADDRESSES_SAFE] = "addresses_patched_or_mitigated", [FIG_COMPROMISED] = "compromise_claimed",
    };
    return (size_t)c < FIG_COUNTS ? name[c] : "";
}

const char *figure_by_name(enum figure_by by)
{
    static const char *const name[FIGURE_BYS] = { "all", "country", "sector", "asn", "product", "line", "detector", "cohort" };
    return (size_t)by < FIGURE_BYS ? name[by] : "";
}

/* --- the table of changes --- */

static uint64_t key_of(uint32_t group, enum figure_by by, uint32_t value, int32_t day)
{
    return (uint64_t)group << 58 | (uint64_t)by << 54 | (uint64_t)value << 16 | (uint64_t)(uint16_t)day;
}

/* A key of a slot is never 0: FIGURES_DAY_MIN. */
static struct figure *slot_of(struct figure *slot, size_t cap, uint64_t key)
{
    size_t at = (size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (cap - 1);

    while (slot[at].key && slot[at].key != key)
        at = (at + 1) & (cap - 1);
    return &slot[at];
}

static bool slots_double(struct figures *f, struct err *e)
{
    size_t         cap = f->slot_cap * 2;
    struct figure *slot = NEW(f->a, struct figure, cap);

    if (!slot)
        return err_set(e, ERR_LIMIT, "no room for more than %zu figures", f->slot_n);
    for (size_t i = 0; i < f->slot_cap; i++)
        if (f->slot[i].key)
            *slot_of(slot, cap, f->slot[i].key) = f->slot[i];
    f->slot = slot;
    f->slot_cap = cap;
    return true;
}

static bool add(struct figures *f, uint64_t key, const int32_t n[FIG_COUNTS], struct err *e)
{
    struct figure *s = slot_of(f->slot, f->slot_cap, key);

    if (!s->key) {
        if (f->slot_n * 3 >= f->slot_cap * 2) {
            if (!slots_double(f, e))
                return false;
            s = slot_of(f->slot, f->slot_cap, key);
        }
        s->key = key;
        f->slot_n++;
    }
    for (int i = 0; i < FIG_COUNTS; i++)
        s->n[i] += n[i];
    return true;
}

/* --- spans --- */

bool figures_open(struct figures *ret, struct arena *a, const struct figures_options *o, struct err *e)
{
    struct figures f = { .o = *o, .a = a, .slot_cap = SLOTS_FIRST, .first_day = INT32_MAX, .last_day = INT32_MIN };

    f.slot = NEW(a, struct figure, f.slot_cap);
    if (!f.slot)
        return err_set(e, ERR_MEMORY, "no room for figures");
    *ret = f;
    return true;
}

/* What moved away counts where it counted before: its verdict is that of the cloud now. */
static bool affected(const struct figures *f, const struct server_span *s)
{
    return (s->flags & SPAN_EXCHANGE) && s->reached && (s->verdict <= BUILD_CANNOT_TELL || (s->state == SPAN_MOVED && f->now.counted));
}

/* What one server counts for, each day of this span. */
static void counts_of(const struct figures *f, const struct server_span *s, int32_t n[FIG_COUNTS])
{
    memset(n, 0, FIG_COUNTS * sizeof *n);
    if (!s->reached) {
        n[FIG_UNREACHED] = 1;
        return;
    }
    if (!affected(f, s)) {
        n[FIG_OTHER] = 1;
        return;
    }
    n[FIG_COMPROMISED] = !!(s->flags & SPAN_COMPROMISED);
    if (s->state != SPAN_SEEN) {
        n[s->state == SPAN_MOVED ? FIG_MOVED : FIG_GONE] = 1;
        return;
    }
    bool mitigated = (s->flags & SPAN_MITIGATED) && s->verdict != BUILD_PATCHED, patched = s->verdict == BUILD_PATCHED;

    n[s->verdict] = 1;                      /* FIG_PATCHED, FIG_UNPATCHED, FIG_CANNOT_TELL */
    n[FIG_MITIGATED] = mitigated;
    n[FIG_ADDRESSES] = s->addresses ? s->addresses : 1;
    n[FIG_ADDRESSES_PATCHED] = patched ? n[FIG_ADDRESSES] : 0;
    n[FIG_ADDRESSES_SAFE] = patched || mitigated ? n[FIG_ADDRESSES] : 0;
    n[FIG_STALE] = build_verdict(f->o.builds, s->group, s->build, s->parts < 3 ? s->parts : 3, TIME_NONE, NULL) == BUILD_UNPATCHED;
}
_Static_assert((int)FIG_PATCHED == (int)BUILD_PATCHED && (int)FIG_UNPATCHED == (int)BUILD_UNPATCHED && (int)FIG_CANNOT_TELL == (int)BUILD_CANNOT_TELL,
               "verdicts of the population count at their own number");

static uint32_t value_of(const struct figures *f, const struct server_span *s, enum figure_by by)
{
    switch (by) {
    case BY_COUNTRY:  return (uint32_t)(uint8_t)s->country[0] << 8 | (uint8_t)s->country[1];
    case BY_SECTOR:   return s->sector;
    case BY_ASN:      return s->asn;
    case BY_PRODUCT:  return (uint32_t)builds_product_of(f->o.builds, s->build, s->parts);
    case BY_LINE:     return figure_line(s->build, s->parts);
    case BY_DETECTOR: return s->detector;
    case BY_ALL: case BY_COHORT: case FIGURE_BYS: break;
    }
    return 0;
}

/* --- when the servers of the cohort were patched --- */

static uint64_t when_hash(const struct patched_when *w)
{
    uint64_t h = (uint64_t)(uint32_t)w->after << 32 | (uint32_t)w->by;
    return (h ^ (uint64_t)w->group << 58) * UINT64_C(0x9E3779B97F4A7C15) >> 20;
}

static struct patched_when *when_slot(struct patched_when *slot, size_t cap, const struct patched_when *w)
{
    size_t at = (size_t)when_hash(w) & (cap - 1);

    while (slot[at].servers && (slot[at].group != w->group || slot[at].after != w->after || slot[at].by != w->by))
        at = (at + 1) & (cap - 1);
    return &slot[at];
}

static bool when_add(struct figures *f, const struct patched_when *w, struct err *e)
{
    if (f->when_n * 3 >= f->when_cap * 2) {
        size_t               cap = f->when_cap ? f->when_cap * 2 : 1024;
        struct patched_when *slot = NEW(f->a, struct patched_when, cap);

        if (!slot)
            return err_set(e, ERR_LIMIT, "no room for more than %zu times of patching", f->when_n);
        for (size_t i = 0; i < f->when_cap; i++)
            if (f->when[i].servers)
                *when_slot(slot, cap, &f->when[i]) = f->when[i];
        f->when = slot;
        f->when_cap = cap;
    }
    struct patched_when *s = when_slot(f->when, f->when_cap, w);
    if (!s->servers) {
        *s = *w;
        f->when_n++;
    }
    s->servers++;
    return true;
}

/* What the server counted for in this stratum ends, before day `next` of it. */
static bool stratum_ends(struct figures *f, int by, struct err *e)
{
    int32_t n[FIG_COUNTS];

    if (!f->now.last[by].next)
        return true;
    for (int i = 0; i < FIG_COUNTS; i++)
        n[i] = -f->now.last[by].n[i];
    if (!add(f, f->now.last[by].key | (uint64_t)f->now.last[by].next, n, e))
        return false;
    f->now.last[by].next = 0;
    return true;
}

/* From..to in a stratum. Most spans follow upon the one before: then one change says both. key: without its day. */
static bool stratum_add(struct figures *f, int by, uint64_t key, int32_t from, int32_t to, const int32_t n[FIG_COUNTS], struct err *e)
{
    int32_t change[FIG_COUNTS];
    bool    follows = f->now.last[by].next == from && f->now.last[by].key == key;

    if (!follows && !stratum_ends(f, by, e))
        return false;
    for (int i = 0; i < FIG_COUNTS; i++)
        change[i] = n[i] - (follows ? f->now.last[by].n[i] : 0);
    if (!add(f, key | (uint64_t)from, change, e))
        return false;
    f->now.last[by].key = key;
    f->now.last[by].next = to + 1;
    memcpy(f->now.last[by].n, n, FIG_COUNTS * sizeof *n);
    return true;
}

static bool server_ends(struct figures *f, struct err *e)
{
    struct patched_when w = { f->now.group, f->now.after, f->now.by, 0 };

    for (int by = 0; by < FIGURE_BYS; by++)
        if (!stratum_ends(f, by, e))
            return false;
    /* Neither ever seen unpatched nor ever patched: it says nothing about when. */
    if (!f->now.open || !f->now.cohort || (w.after == PATCHED_BEFORE && w.by == PATCHED_NEVER))
        return true;
    return when_add(f, &w, e);
}

/* A server that is unpatched again was not patched for good: what counts is the last time. */
static void follow(struct figures *f, const struct server_span *s, int32_t from, int32_t to)
{
    int32_t looked = s->looked && s->looked < to ? s->looked : to;

    if (s->state != SPAN_SEEN || to < f->o.cohort_day)
        return;
    if (s->verdict == BUILD_UNPATCHED) {
        if (looked >= from)                            /* else nobody saw it in this span, and what was seen before still stands */
            f->now.after = looked;
        f->now.by = PATCHED_NEVER;
    } else if (s->verdict == BUILD_PATCHED && f->now.by == PATCHED_NEVER) {
        f->now.by = from < f->o.cohort_day ? f->o.cohort_day : from;
    }
}

bool figures_take(struct figures *f, const struct server_span *s, struct err *e)
{
    int32_t n[FIG_COUNTS], to = f->o.last_day && s->to > f->o.last_day ? f->o.last_day : s->to;
    bool    first = !f->now.open || f->now.server != s->server || f->now.group != s->group;

    if (s->group >= FIGURES_GROUPS_MAX || s->from < FIGURES_DAY_MIN || s->to < s->from || s->to >= FIGURES_DAY_MAX)
        return err_set(e, ERR_FORMAT, "a span of group %u from day %d to %d", s->group, s->from, s->to);
    if ((f->o.groups && !(f->o.groups >> s->group & 1)) || to < s->from)
        return true;
    if (first) {
        if (!server_ends(f, e))
            return false;
        f->now.server = s->server;
        f->now.group = s->group;
        f->now.open = true;
        f->now.counted = f->now.cohort = false;
        f->now.after = PATCHED_BEFORE;
        f->now.by = PATCHED_NEVER;
    }
    f->spans++;
    if (s->from < f->first_day)
        f->first_day = s->from;
    if (to > f->last_day)
        f->last_day = to;
    counts_of(f, s, n);
    bool population = n[FIG_PATCHED] + n[FIG_UNPATCHED] + n[FIG_CANNOT_TELL] > 0, fresh = population && !f->now.counted;

    f->now.counted |= population;
    if (population && s->from <= f->o.cohort_day && to >= f->o.cohort_day)
        f->now.cohort = true;
    for (int by = 0; by < FIGURE_BYS; by++) {
        static const int32_t one[FIG_COUNTS] = { [FIG_NEW] = 1 }, no_more[FIG_COUNTS] = { [FIG_NEW] = -1 };
        int32_t from = s->from, until = to;

        if ((f->o.without >> by & 1) || (by == BY_COHORT && !f->now.cohort))
            continue;
        if (by == BY_COHORT && from < f->o.cohort_day)          /* the span in which the cohort begins */
            from = f->o.cohort_day;
        if (by == BY_ASN && f->o.asn_to) {
            from = from < f->o.asn_from ? f->o.asn_from : from;
            until = until > f->o.asn_to ? f->o.asn_to : until;
            if (until < from)
                continue;
        }
        uint64_t key = key_of(s->group, (enum figure_by)by, value_of(f, s, (enum figure_by)by), 0);
        if (!stratum_add(f, by, key, from, until, n, e))
            return false;
        if (fresh && by != BY_COHORT && from == s->from && (!add(f, key | (uint64_t)from, one, e) || !add(f, key | (uint64_t)(from + 1), no_more, e)))
            return false;
    }
    if (population || f->now.cohort)
        follow(f, s, s->from, to);
    return true;
}

static bool take(void *ctx, const struct server_span *s, struct err *e) { return figures_take(ctx, s, e); }
struct span_sink figures_sink(struct figures *f) { return (struct span_sink){ f, take }; }

/* --- series --- */

static int by_key(const void *x, const void *y)
{
    const struct figure *a = x, *b = y;
    return (a->key > b->key) - (a->key < b->key);
}

static int by_when(const void *x, const void *y)
{
    const struct patched_when *a = x, *b = y;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (a->after != b->after)
        return a->after < b->after ? -1 : 1;
    return (a->by > b->by) - (a->by < b->by);
}

bool figures_done(struct figures *f, struct err *e)
{
    size_t n = 0;

    if (!server_ends(f, e))
        return false;
    for (size_t i = 0; i < f->slot_cap; i++)
        if (f->slot[i].key)
            f->slot[n++] = f->slot[i];
    qsort(f->slot, n, sizeof *f->slot, by_key);
    for (size_t i = 1; i < n; i++)
        if (f->slot[i].key >> 16 == f->slot[i - 1].key >> 16)
            for (int k = 0; k < FIG_COUNTS; k++)
                f->slot[i].n[k] += f->slot[i - 1].n[k];
    f->figure = f->slot;
    f->figure_n = n;

    n = 0;
    for (size_t i = 0; i < f->when_cap; i++)
        if (f->when[i].servers)
            f->when[n++] = f->when[i];
    if (n)
        qsort(f->when, n, sizeof *f->when, by_when);
    f->when_n = n;
    return true;
}

/* The first figure whose key is not below. */
static size_t lower(const struct figures *f, uint64_t key)
{
    size_t lo = 0, hi = f->figure_n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (f->figure[mid].key < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

const struct figure *figures_series(const struct figures *f, uint32_t group, enum figure_by by, uint32_t value, size_t *ret_n)
{
    uint64_t key = key_of(group, by, value, 0);
    size_t   from = lower(f, key), to = lower(f, key + 0x10000);

    *ret_n = to - from;
    return f->figure + from;
}

struct figure figures_on(const struct figures *f, uint32_t group, enum figure_by by, uint32_t value, int32_t day)
{
    uint64_t      key = key_of(group, by, value, 0);
    size_t        after = lower(f, key_of(group, by, value, day) + 1);
    struct figure none = { .key = key_of(group, by, value, day) };

    if (after == 0 || f->figure[after - 1].key >> 16 != key >> 16)
        return none;
    none = f->figure[after - 1];
    none.key = key_of(group, by, value, day);
    return none;
}

bool figures_next_value(const struct figures *f, uint32_t group, enum figure_by by, uint64_t *value)
{
    if (*value > UINT32_MAX)
        return false;
    size_t at = lower(f, key_of(group, by, (uint32_t)*value, 0));
    if (at == f->figure_n || figure_group(&f->figure[at]) != group || figure_by(&f->figure[at]) != by)
        return false;
    *value = figure_value(&f->figure[at]);
    return true;
}

/* --- shares --- */

int64_t figure_population(const struct figure *f)
{
    return (int64_t)f->n[FIG_PATCHED] + f->n[FIG_UNPATCHED] + f->n[FIG_CANNOT_TELL];
}

static struct share share_of(double patched, double unpatched, double all)
{
    struct share s = { .known = all > 0 };

    if (!s.known)
        return s;
    s.low = patched / all;
    s.high = (all - unpatched) / all;
    s.decided = (patched + unpatched) / all;
    s.point = patched + unpatched > 0 ? patched / (patched + unpatched) : 0;
    return s;
}

struct share figure_share(const struct figure *f)
{
    return share_of(f->n[FIG_PATCHED], f->n[FIG_UNPATCHED], (double)figure_population(f));
}

static struct share of_addresses(const struct figure *f)
{
    double all = f->n[FIG_ADDRESSES], safe = f->n[FIG_ADDRESSES_SAFE];
    return share_of(safe, all - safe, all);
}

static struct share by_three_numbers(const struct figure *f)
{
    double all = (double)figure_population(f), stale = f->n[FIG_STALE];
    return share_of(all - stale, stale, all);
}

const struct definition figure_definitions[] = {
    { "patched", "servers", "has the fix; what nobody can tell is the interval", figure_share },
    { "patched or mitigated", "addresses", "has the fix, or somebody claims a mitigation; everything else counts as vulnerable", of_addresses },
    { "not proven unpatched", "servers", "three numbers of the build do not prove that the fix is missing; what nobody can tell counts as patched", by_three_numbers },
    { NULL, NULL, NULL, NULL }
};
