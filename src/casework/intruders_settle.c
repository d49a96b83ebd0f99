/* intruders_settle: every session where what it shows is likeliest, and the parts of one group that only their shells parted. Rules 4 to 6. */
#include "casework/intruders_inner.h"

enum {
    BIT = INTRUDER_BIT,
    ANOTHERS = 16,                 /* of 256 features are another's: a borrowed shell, a shared exit, a wrong tie. Ours; half or twice of it changes little */
    FRESH_MAX = 128,
    PRIOR = 2,                     /* so many sessions like all others are added to each group: a few sessions prove no habit */
    PART_FAMILIES = 2, PART_FAMILY_BITS = BIT / 2,
    APART_MIN = 10, APART_ROUNDS = 3, PARTS_MAX = 512, KNOWN_MAX = 8 << 20, SETTLE_FAN_MAX = 512, ROUNDS_MAX = 16,
};

/* log2 in 1/256; the same on every machine. x > 0. */
static int32_t bits_of(uint64_t x)
{
    int      top = 63 - __builtin_clzll(x);
    uint64_t m = top > 31 ? x >> (top - 31) : x << (31 - top);
    int32_t  r = top * BIT;

    for (int32_t step = BIT / 2; step; step /= 2) {
        m = m * m >> 31;
        if (m >> 32) {
            m >>= 1;
            r += step;
        }
    }
    return r;
}

/*
 * How much likelier a feature is in a group of n sessions, `there` of which have it, than among all sessions. `fresh` of 256 are features that the group never had before:
 * who comes from a new address each time says nothing by another one.
 */
static int32_t lift(const struct iview *v, const struct ilive *l, uint32_t n, uint32_t there, uint32_t fresh)
{
    uint64_t all = v->node_n - 1, have = l->nodes - 1, size = (uint64_t)n + PRIOR;

    return bits_of((256 - fresh) * (there * all + PRIOR * have) + fresh * size * have) - bits_of(256 * size * have);
}

/* Bits of features for one group are worked out once, for many sessions ask for them: known, by feature, or NULL. */
#define UNKNOWN INT32_MIN

static int32_t *nothing_known(int32_t *known, size_t n)
{
    for (size_t i = 0; known && i < n; i++)
        known[i] = UNKNOWN;
    return known;
}

static int32_t lift_of(const struct clusters *s, uint32_t feature, const struct cluster *y, bool own, int32_t *known)
{
    const struct ilive *l = &s->v->f[feature];
    struct part         key = { feature, 0 };

    if (known && known[feature] != UNKNOWN)
        return known[feature];
    const struct part *p = y->part_n ? bsearch(&key, y->part, y->part_n, sizeof *y->part, ipart_order) : NULL;
    int32_t            bits = lift(s->v, l, y->n - own, p ? p->n - own : 0, y->fresh[l->kind]);
    if (known)
        known[feature] = bits;
    return bits;
}

struct said { int32_t family[INTRUDER_FAMILIES], sum; };

/* What a session's features say for a group, without what it gave to it itself. known: NULL, or of this group and not its own. */
static struct said say(const struct clusters *s, const struct inode *x, const struct cluster *y, bool own, int32_t *known)
{
    struct said r = { .sum = 0 };
    bool        any[INTRUDER_FAMILIES] = { false };

    for (uint32_t i = x->first; i < x->first + x->n; i++) {
        const struct ilive *l = &s->v->f[s->v->of[i]];
        if (!l->live && !l->hub)
            continue;
        int32_t bits = lift_of(s, s->v->of[i], y, own, known), *of = &r.family[intruder_kinds[l->kind].family];
        bool    one = l->kind == INTRUDER_BURST || intruder_kinds[l->kind].family == INTRUDER_SHELL;
        /* Page, key and flow are one shell, two halves of an hour one hour; addresses and tools come one by one. */
        if (!one)
            *of += bits;
        else if (!any[intruder_kinds[l->kind].family] || bits > *of)
            *of = bits;
        any[intruder_kinds[l->kind].family] = true;
    }
    /* Whatever a session shows may be another's once: no family says more against a group than that. An hour says nothing against it: groups come back. */
    for (int f = 0; f < INTRUDER_FAMILIES; f++) {
        int32_t least = f == intruder_kinds[INTRUDER_BURST].family ? 0 : bits_of(ANOTHERS) - 8 * BIT;
        if (r.family[f] < least)
            r.family[f] = least;
        r.sum += r.family[f];
    }
    return r;
}

/* How often a group shows what none of its other sessions showed. */
static void measure(const struct clusters *s, const struct cluster *c, uint16_t fresh[INTRUDER_FEATURES])
{
    uint32_t uses[INTRUDER_FEATURES] = { 0 }, once[INTRUDER_FEATURES] = { 0 };

    for (uint32_t j = 0; j < c->part_n; j++) {
        enum intruder_feature k = s->v->f[c->part[j].f].kind;
        uses[k] += c->part[j].n;
        once[k] += c->part[j].n == 1;
    }
    for (int k = 0; k < INTRUDER_FEATURES; k++) {
        uint32_t of = uses[k] ? (uint32_t)((uint64_t)once[k] * 256 / uses[k]) : 0;
        fresh[k] = (uint16_t)(of < ANOTHERS ? ANOTHERS : of > FRESH_MAX ? FRESH_MAX : of);
    }
}

/* Rule 6: do the hands of two groups contradict each other, whatever their shells say? */
static bool hands_contradict(const struct clusters *s, const struct cluster *x, const struct cluster *y)
{
    int64_t  sum[INTRUDER_FAMILIES] = { 0 }, all = 0;
    uint64_t uses[INTRUDER_FAMILIES] = { 0 };
    uint16_t fresh[INTRUDER_FEATURES];
    int32_t  least = bits_of(ANOTHERS) - 8 * BIT;

    if (x->n > y->n) {
        const struct cluster *keep = x;
        x = y;
        y = keep;
    }
    if (x->n < s->v->c->rules.part_min)
        return false;
    measure(s, y, fresh);
    for (uint32_t i = 0, k = 0; i < x->part_n; i++) {
        const struct ilive *l = &s->v->f[x->part[i].f];
        int                 f = intruder_kinds[l->kind].family;
        if (f == INTRUDER_SHELL || l->kind == INTRUDER_BURST)
            continue;
        while (k < y->part_n && y->part[k].f < x->part[i].f)
            k++;
        int32_t bits = lift(s->v, l, y->n, k < y->part_n && y->part[k].f == x->part[i].f ? y->part[k].n : 0, fresh[l->kind]);
        sum[f]  += (int64_t)x->part[i].n * (bits < least ? least : bits);
        uses[f] += x->part[i].n;
    }
    /* On average of a session; what few of them show counts by as much less. */
    for (int f = 0; f < INTRUDER_FAMILIES; f++)
        if (uses[f])
            all += sum[f] / (int64_t)(uses[f] > x->n ? uses[f] : x->n);
    return all < -(int64_t)s->v->c->rules.part_bits;
}

/* Bits for a session in a group: of two groups that fit equally well the larger is likelier. */
static int32_t fit(const struct clusters *s, uint32_t node, uint32_t group, bool own, int32_t *known, int32_t *ret_said)
{
    struct said w = say(s, &s->v->node[node], &s->c[group], own, known);

    *ret_said = w.sum;
    return w.sum + bits_of(s->c[group].n - own);
}

/* Room for what is known of every group that a session may go to, by group; NULL where that would be too much. */
static int32_t **knowledge(const struct clusters *s, struct arena *a)
{
    size_t    f_n = s->v->f_n, n = 0;
    int32_t **row = NEW(a, int32_t *, s->n ? s->n : 1);

    for (uint32_t i = 0; i < s->n; i++)
        n += s->c[i].n > s->v->c->rules.attach_max;
    if (!row || !n || !f_n || n > KNOWN_MAX / f_n)
        return row;
    int32_t *all = nothing_known(TAKE(a, int32_t, n * f_n), n * f_n);
    if (!all)
        return NULL;
    n = 0;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->c[i].n > s->v->c->rules.attach_max)
            row[i] = all + f_n * n++;
    return row;
}

/* Rule 4 for every session. All are judged before any is moved, so that their order is nothing. */
static bool settle(struct clusters *s, uint32_t *of_node, bool *ret_moved, struct err *e)
{
    const struct iview          *v = s->v;
    const struct intruder_rules *r = &v->c->rules;
    struct arena                 scratch = *s->a;
    uint32_t                    *to = TAKE(&scratch, uint32_t, v->node_n ? v->node_n : 1);
    int32_t                    **known = knowledge(s, &scratch);

    if (!to || !known || !iclusters_index(s, r->attach_max + 1, true, scratch, e))
        return intruders_full(v->c, e);
    memset(s->stamp, 0, s->n * sizeof *s->stamp);
    for (uint32_t i = 0; i < v->node_n; i++) {
        const struct inode *x = &v->node[i];
        uint32_t home = of_node[i];
        bool     small = s->c[home].n <= r->attach_max;
        int32_t  best = INT32_MIN, second = INT32_MIN, best_said = 0, said;
        to[i] = home;
        for (uint32_t j = x->first; j < x->first + x->n; j++) {
            uint32_t from = s->list_first[v->of[j]], end = s->list_first[v->of[j] + 1];
            for (uint32_t k = from; end - from <= SETTLE_FAN_MAX && k < end; k++) {
                uint32_t o = s->list[k];
                if (s->stamp[o] == i + 1)
                    continue;
                s->stamp[o] = i + 1;
                int32_t bits = fit(s, i, o, o == home, o == home ? NULL : known[o], &said);
                if (bits > best) {
                    second    = best;
                    best      = bits;
                    best_said = said;
                    to[i]     = o;
                } else if (bits > second)
                    second = bits;
            }
        }
        /* Away from a large group only for clearly more than it offers; from a small one when there is no doubt between two. */
        int32_t stays = small ? second : fit(s, i, home, true, NULL, &said);
        if (to[i] != home && (best_said < (int32_t)r->attach_bits || (stays != INT32_MIN && best - stays < (int32_t)r->attach_bits)))
            to[i] = home;
        *ret_moved |= to[i] != home;
    }
    memcpy(of_node, to, v->node_n * sizeof *to);
    return true;
}

static int by_most(const void *x, const void *y)
{
    const struct part *p = x, *q = y;

    return p->n != q->n ? (q->n > p->n) - (q->n < p->n) : cmp_u32(p->f, q->f);
}

struct match { int32_t bits; uint32_t with; };

/* Rule 5: what the sessions of the smaller say for the larger on average; 0 when they may not be joined. */
static int32_t same_hands(const struct clusters *s, const uint32_t *member, uint32_t n, const struct cluster *y, int32_t *known)
{
    int64_t sum[INTRUDER_FAMILIES] = { 0 }, all = 0;
    int     telling = 0;

    for (uint32_t i = 0; i < n; i++) {
        struct said w = say(s, &s->v->node[member[i]], y, false, known);
        /* The shell may have changed: it speaks for, never against. */
        if (w.family[INTRUDER_SHELL] < 0)
            w.family[INTRUDER_SHELL] = 0;
        for (int f = 0; f < INTRUDER_FAMILIES; f++)
            sum[f] += w.family[f];
    }
    for (int f = 0; f < INTRUDER_FAMILIES; f++) {
        all     += sum[f];
        telling += sum[f] >= (int64_t)PART_FAMILY_BITS * n;
    }
    return telling >= PART_FAMILIES && all >= (int64_t)s->v->c->rules.part_bits * n ? (int32_t)(all / n) : 0;
}

/* Each pair of parts that are each other's best is joined. */
static bool join_parts(struct clusters *s, uint32_t *of_node, bool *ret_joined, struct err *e)
{
    const struct iview *v = s->v;
    struct arena        scratch = *s->a;
    uint32_t           *first = NEW(&scratch, uint32_t, s->n + 2), *member = TAKE(&scratch, uint32_t, v->node_n ? v->node_n : 1), n = 0;
    struct part        *large = TAKE(&scratch, struct part, s->n ? s->n : 1);      /* f: the group */
    struct match       *m = NEW(&scratch, struct match, PARTS_MAX);
    int32_t            *known = TAKE(&scratch, int32_t, v->f_n ? v->f_n : 1);

    if (!first || !member || !large || !m || !known)
        return intruders_full(v->c, e);
    for (uint32_t i = 0; i < v->node_n; i++)
        first[of_node[i] + 2]++;
    for (uint32_t i = 0; i < s->n; i++)
        first[i + 2] += first[i + 1];
    for (uint32_t i = 0; i < v->node_n; i++)
        member[first[of_node[i] + 1]++] = i;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->c[i].n >= v->c->rules.part_min)
            large[n++] = (struct part){ i, s->c[i].n };
    if (n)
        qsort(large, n, sizeof *large, by_most);
    n = n < PARTS_MAX ? n : PARTS_MAX;
    for (uint32_t i = 0; i < n; i++) {
        nothing_known(known, v->f_n);
        for (uint32_t k = i + 1; k < n; k++) {
            int32_t bits = same_hands(s, member + first[large[k].f], large[k].n, &s->c[large[i].f], known);
            if (bits > m[i].bits)
                m[i] = (struct match){ bits, k };
            if (bits > m[k].bits)
                m[k] = (struct match){ bits, i };
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = m[i].with;
        if (!m[i].bits || k < i || m[k].with != i || !m[k].bits)
            continue;
        for (uint32_t j = first[large[k].f]; j < first[large[k].f] + large[k].n; j++)
            of_node[member[j]] = large[i].f;
        *ret_joined = true;
    }
    return true;
}

/* Rules 4 and 5 in turn, until nothing moves. The clusters of the last round stay. */
static bool settle_down(struct clusters *s, uint32_t *of_node, struct err *e)
{
    const struct arena keep = *s->a;
    bool               again = true;

    for (int round = 0; again && round < ROUNDS_MAX; round++) {
        again = false;
        for (int step = 0; step < 2; step++) {
            *s->a = keep;
            if (!iclusters_build(s, of_node, s->n, e))
                return false;
            for (uint32_t i = 0; i < s->n; i++)
                measure(s, &s->c[i], s->c[i].fresh);
            if (!(step ? join_parts : settle)(s, of_node, &again, e))
                return false;
        }
    }
    return true;
}

/* --- rule 6 --- */

/* A session with two numbers; which of them are the same is all that counts. */
struct pairing { uint32_t one, other, node; };

static int by_pairing(const void *x, const void *y)
{
    const struct pairing *p = x, *q = y;

    return p->one != q->one ? cmp_u32(p->one, q->one) : p->other != q->other ? cmp_u32(p->other, q->other) : cmp_u32(p->node, q->node);
}

/* The address or tool of a session that most others of its group have, too, and more in it than outside; IFEATURE_NONE: it has none. */
static uint32_t hand_of(const struct clusters *s, const struct inode *x, const struct cluster *home)
{
    uint32_t best = IFEATURE_NONE, most = 1;

    for (uint32_t i = x->first; i < x->first + x->n; i++) {
        struct part         key = { s->v->of[i], 0 };
        const struct ilive *l = &s->v->f[key.f];
        const struct part  *p = l->live && (l->kind == INTRUDER_CLIENT || l->kind == INTRUDER_TOOL) ? bsearch(&key, home->part, home->part_n, sizeof *home->part, ipart_order) : NULL;
        if (p && p->n * 2 >= l->nodes && p->n > most) {
            most = p->n;
            best = key.f;
        }
    }
    return best;
}

/* Every group in pieces, one for each hand_of; then put together anew by rules 4 and 5. So only what hands say keeps it together. */
static bool by_hands(const struct clusters *s, const uint32_t *of_node, struct arena *a, uint32_t *ret_of_node, struct err *e)
{
    const struct iview *v = s->v;
    struct clusters     trial = { .v = v, .a = a, .list = s->list, .list_first = s->list_first, .spread_max = s->spread_max };
    struct pairing     *p = TAKE(a, struct pairing, v->node_n ? v->node_n : 1);

    if (!p)
        return intruders_full(v->c, e);
    for (uint32_t i = 0; i < v->node_n; i++)
        p[i] = (struct pairing){ of_node[i], hand_of(s, &v->node[i], &s->c[of_node[i]]), i };
    if (v->node_n)
        qsort(p, v->node_n, sizeof *p, by_pairing);
    for (uint32_t i = 0, to; i < v->node_n; i = to) {
        for (to = i + 1; to < v->node_n && p[to].one == p[i].one && p[to].other == p[i].other; to++)
            ;
        /* Of a piece that is too small for rule 5 each session finds its own way. */
        bool small = to - i < v->c->rules.part_min;
        for (uint32_t k = i; k < to; k++)
            ret_of_node[p[k].node] = trial.n + (small ? k - i : 0);
        trial.n += small ? to - i : 1;
    }
    trial.stamp = TAKE(a, uint32_t, trial.n ? trial.n : 1);
    return trial.stamp ? settle_down(&trial, ret_of_node, e) : intruders_full(v->c, e);
}

/*
 * A group whose sessions are two hands that only a shell joined (a key or a page that somebody published, and nobody had told us) is taken apart where hands contradict each other. The
 * parts are groups of their own then, and rules 4 and 5 have the last word.
 */
static bool take_apart(struct clusters *s, uint32_t *of_node, bool *ret_changed, struct err *e)
{
    const struct iview *v = s->v;
    struct arena        scratch = *s->a;
    uint32_t           *hands = TAKE(&scratch, uint32_t, v->node_n ? v->node_n : 1), *of = TAKE(&scratch, uint32_t, v->node_n ? v->node_n : 1), n = 0;
    struct pairing     *p = TAKE(&scratch, struct pairing, v->node_n ? v->node_n : 1);
    uint32_t           *unused = NEW(&scratch, uint32_t, s->n ? s->n : 1), unused_n = 0;
    struct clusters     parts = { .v = v, .a = &scratch };

    if (!hands || !of || !p || !unused)
        return intruders_full(v->c, e);
    struct arena trial = scratch;
    if (!by_hands(s, of_node, &trial, hands, e))
        return false;
    for (uint32_t i = 0; i < v->node_n; i++)
        p[i] = (struct pairing){ of_node[i], hands[i], i };
    if (v->node_n)
        qsort(p, v->node_n, sizeof *p, by_pairing);
    for (uint32_t i = 0; i < s->n; i++)
        if (!s->c[i].n)
            unused[unused_n++] = i;
    /* Parts by the group they are of: at[part] is its first place in p. */
    uint32_t *at = TAKE(&scratch, uint32_t, v->node_n + 1);
    if (!at)
        return intruders_full(v->c, e);
    for (uint32_t i = 0; i < v->node_n; i++) {
        if (!i || p[i].one != p[i - 1].one || p[i].other != p[i - 1].other)
            at[n++] = i;
        of[p[i].node] = n - 1;
    }
    at[n] = v->node_n;
    if (!iclusters_build(&parts, of, n, e))
        return false;
    for (uint32_t i = 0, to; i < n; i = to) {
        bool apart = false, kept = false;
        for (to = i; to < n && p[at[to]].one == p[at[i]].one; to++)
            for (uint32_t k = i; k < to && !apart; k++)
                apart = parts.c[k].n >= APART_MIN && parts.c[to].n >= APART_MIN && hands_contradict(&parts, &parts.c[k], &parts.c[to]);
        for (uint32_t k = i; apart && k < to; k++) {
            if (parts.c[k].n < APART_MIN)
                continue;
            if (kept && unused_n) {
                unused_n--;
                for (uint32_t m = at[k]; m < at[k + 1]; m++)
                    of_node[p[m].node] = unused[unused_n];
                *ret_changed = true;
            }
            kept = true;
        }
    }
    return true;
}

bool isettle(struct clusters *s, uint32_t *of_node, struct err *e)
{
    bool again = true;

    /* Numbers for what will be taken apart. */
    s->n    += s->v->node_n / APART_MIN;
    s->stamp = TAKE(s->a, uint32_t, s->n ? s->n : 1);
    if (!s->stamp)
        return intruders_full(s->v->c, e);
    const struct arena keep = *s->a;

    for (int round = 0; again && round < APART_ROUNDS; round++) {
        again = false;
        *s->a = keep;
        if (!settle_down(s, of_node, e) || !iclusters_build(s, of_node, s->n, e) || !take_apart(s, of_node, &again, e))
            return false;
    }
    *s->a = keep;
    return !again || settle_down(s, of_node, e);
}
