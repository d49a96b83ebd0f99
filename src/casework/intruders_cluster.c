/* intruders_cluster: the joining of groups. Rules 2 and 3. */
#include "casework/intruders_inner.h"

enum { CLIENT_MORE = 15, CLIENTS_MAX = 5 };
#define ONE (1u << 16)                              /* shares are fixed-point, so that no machine rounds in another way */

struct points { uint32_t sum, best; bool contradicts, by_client; };

static struct points compare(const struct clusters *s, const struct cluster *x, const struct cluster *y)
{
    uint64_t      common[INTRUDER_FEATURES] = { 0 }, has[2][INTRUDER_FEATURES] = { { 0 }, { 0 } };
    uint32_t      family[INTRUDER_FAMILIES] = { 0 }, least = x->n < y->n ? x->n : y->n, clients = 0;
    struct points p = { 0 };

    for (uint32_t i = 0, j = 0; i < x->part_n || j < y->part_n;) {
        uint32_t f = j == y->part_n || (i < x->part_n && x->part[i].f <= y->part[j].f) ? x->part[i].f : y->part[j].f;
        uint32_t nx = i < x->part_n && x->part[i].f == f ? x->part[i++].n : 0, ny = j < y->part_n && y->part[j].f == f ? y->part[j++].n : 0;
        const struct ilive *l = &s->v->f[f];
        if (!l->live)
            continue;
        has[0][l->kind] += nx;
        has[1][l->kind] += ny;
        if (!nx || !ny)
            continue;
        uint64_t share = (uint64_t)(nx < ny ? nx : ny) * ONE / least;
        /* Strong kinds are what they are; an address counts as far as it is these two groups' own; of the others the ones that everybody has say little. */
        if (l->kind == INTRUDER_CLIENT) {
            share = share * (nx + ny) / l->nodes;
            clients += (nx + ny) * 2 >= l->nodes;
        } else if (!intruder_kinds[l->kind].strong)
            share = l->servers >= s->spread_max ? 0 : share * (s->spread_max - l->servers) / s->spread_max;
        common[l->kind] += share;
    }
    for (int k = 0; k < INTRUDER_FEATURES; k++) {
        uint32_t weight = intruder_kinds[k].weight;
        /* One address may be a shared exit; several of them are not the same by chance. */
        if (k == INTRUDER_CLIENT && clients > 1)
            weight += CLIENT_MORE * (clients > CLIENTS_MAX ? CLIENTS_MAX - 1 : clients - 1);
        uint32_t v = (uint32_t)((common[k] > ONE ? ONE : common[k]) * weight / (ONE / 256)), *of = &family[intruder_kinds[k].family];
        *of = v > *of ? v : *of;
        if ((k == INTRUDER_KEY || k == INTRUDER_PAGE) && has[0][k] * 2 >= x->n && has[1][k] * 2 >= y->n && common[k] * 10 < ONE)
            p.contradicts = true;
    }
    for (int k = 0; k < INTRUDER_FAMILIES; k++) {
        p.sum += family[k];
        if (family[k] > p.best) {
            p.best      = family[k];
            p.by_client = k == intruder_kinds[INTRUDER_CLIENT].family;
        }
    }
    return p;
}

/* Points of a pair that may be joined, 0: may not. In 1/256. */
static uint32_t may_join(const struct clusters *s, const struct cluster *x, const struct cluster *y)
{
    const struct intruder_rules *r = &s->v->c->rules;
    struct points                p = compare(s, x, y);

    if (p.sum >= r->join_points * 256 && p.sum - p.best >= r->support_points * 256)
        return p.sum;
    return p.best >= r->alone_points * 256 && (p.by_client || !p.contradicts) ? p.sum : 0;
}

/* Nodes with the same strong features start as one; a node by itself when none of them would be enough alone. Features are numbers here, and nobody outside chooses them. */
struct start { uint64_t h[2]; uint32_t node; };

static int by_start(const void *x, const void *y)
{
    const struct start *p = x, *q = y;

    for (int i = 0; i < 2; i++)
        if (p->h[i] != q->h[i])
            return p->h[i] > q->h[i] ? 1 : -1;
    return cmp_u32(p->node, q->node);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 32;
}

static struct start start_of(const struct iview *v, uint32_t node)
{
    struct start s = { { 1, 2 }, node };
    bool         any = false;

    for (uint32_t i = v->node[node].first; i < v->node[node].first + v->node[node].n; i++) {
        const struct ilive *f = &v->f[v->of[i]];
        if (!f->live || !intruder_kinds[f->kind].strong)
            continue;
        any |= intruder_kinds[f->kind].weight >= v->c->rules.alone_points;
        for (int k = 0; k < 2; k++)
            s.h[k] = mix(s.h[k], v->of[i]);
    }
    for (int k = 0; !any && k < 2; k++)
        s.h[k] = mix(s.h[k], UINT64_C(1) << 40 | node);
    return s;
}

int ipart_order(const void *x, const void *y) { return cmp_u32(((const struct part *)x)->f, ((const struct part *)y)->f); }

/* The parts of sorted runs with one feature summed up; returns how many are left. */
static uint32_t sum_parts(struct part *p, uint32_t n)
{
    uint32_t k = 0;

    for (uint32_t i = 0; i < n; i++)
        if (k && p[k - 1].f == p[i].f)
            p[k - 1].n += p[i].n;
        else
            p[k++] = p[i];
    return k;
}

bool iclusters_build(struct clusters *s, const uint32_t *of_node, uint32_t n, struct err *e)
{
    const struct iview *v = s->v;
    uint32_t           *most = NEW(s->a, uint32_t, n ? n : 1);

    s->c = NEW(s->a, struct cluster, n ? n : 1);
    s->n = n;
    if (!s->c || !most)
        return intruders_full(v->c, e);
    for (uint32_t i = 0; i < v->node_n; i++)
        most[of_node[i]] += v->node[i].n;
    for (uint32_t i = 0; i < n; i++) {
        s->c[i].into    = i;
        s->c[i].best    = IFEATURE_NONE;
        s->c[i].changed = true;
        s->c[i].part = TAKE(s->a, struct part, most[i] ? most[i] : 1);
        if (!s->c[i].part)
            return intruders_full(v->c, e);
    }
    for (uint32_t i = 0; i < v->node_n; i++) {
        struct cluster *c = &s->c[of_node[i]];
        c->n++;
        for (uint32_t k = v->node[i].first; k < v->node[i].first + v->node[i].n; k++)
            if (v->f[v->of[k]].live || v->f[v->of[k]].hub)
                c->part[c->part_n++] = (struct part){ v->of[k], 1 };
    }
    for (uint32_t i = 0; i < n; i++) {
        if (s->c[i].part_n)
            qsort(s->c[i].part, s->c[i].part_n, sizeof *s->c[i].part, ipart_order);
        s->c[i].part_n = sum_parts(s->c[i].part, s->c[i].part_n);
    }
    return true;
}

static bool begin(struct clusters *s, uint32_t *of_node, struct err *e)
{
    const struct iview *v = s->v;
    struct start       *t = TAKE(s->a, struct start, v->node_n ? v->node_n : 1);
    uint32_t            n = 0;

    if (!t)
        return intruders_full(v->c, e);
    for (uint32_t i = 0; i < v->node_n; i++)
        t[i] = start_of(v, i);
    if (v->node_n)
        qsort(t, v->node_n, sizeof *t, by_start);
    for (uint32_t i = 0; i < v->node_n; i++) {
        n += !i || t[i].h[0] != t[i - 1].h[0] || t[i].h[1] != t[i - 1].h[1];
        of_node[t[i].node] = n - 1;
    }
    return iclusters_build(s, of_node, n, e);
}

static uint32_t leader(struct clusters *s, uint32_t i)
{
    while (s->c[i].into != i)
        i = s->c[i].into = s->c[s->c[i].into].into;
    return i;
}

static bool pivots(const struct iview *v, uint32_t f) { return v->f[f].live && intruder_kinds[v->f[f].kind].weight >= PIVOT_WEIGHT; }

bool iclusters_index(struct clusters *s, uint32_t n_min, bool all, struct arena scratch, struct err *e)
{
    const struct iview *v = s->v;
    uint32_t           *at = TAKE(&scratch, uint32_t, v->f_n + 1);

    if (!at)
        return intruders_full(v->c, e);
    memset(s->list_first, 0, (v->f_n + 1) * sizeof *s->list_first);
    for (uint32_t i = 0; i < s->n; i++)
        for (uint32_t j = 0; s->c[i].n >= n_min && j < s->c[i].part_n; j++)
            if (all || pivots(v, s->c[i].part[j].f))
                s->list_first[s->c[i].part[j].f + 1]++;
    for (uint32_t i = 0; i < v->f_n; i++) {
        s->list_first[i + 1] += s->list_first[i];
        at[i] = s->list_first[i];
    }
    for (uint32_t i = 0; i < s->n; i++)
        for (uint32_t j = 0; s->c[i].n >= n_min && j < s->c[i].part_n; j++)
            if (all || pivots(v, s->c[i].part[j].f))
                s->list[at[s->c[i].part[j].f]++] = i;
    return true;
}

/* Pairs stand in one order, whoever looks: most points, then sessions, then numbers. So the first of all is mutual, and each round joins it at least. */
static bool pair_before(const struct clusters *s, uint32_t i, uint32_t o, uint32_t points, uint32_t than)
{
    const struct cluster *x = &s->c[i];

    if (than == IFEATURE_NONE || points != x->best_points)
        return points > x->best_points;
    if (s->c[o].n != s->c[than].n)
        return s->c[o].n > s->c[than].n;
    uint32_t lo = i < o ? i : o, hi = i < o ? o : i, lo2 = i < than ? i : than, hi2 = i < than ? than : i;
    return lo != lo2 ? lo < lo2 : hi < hi2;
}

/*
 * The best partner of a group. What two groups say of each other changes only when one of them does: so a group that stayed as it was, with a best partner that
 * did, looks only at those that changed.
 */
static void find_best(struct clusters *s, uint32_t i)
{
    struct cluster *x = &s->c[i];
    bool            anew = x->changed || (x->best != IFEATURE_NONE && (!s->c[x->best].n || s->c[x->best].changed));

    if (anew) {
        x->best        = IFEATURE_NONE;
        x->best_points = 0;
    }
    for (uint32_t j = 0; j < x->part_n; j++) {
        uint32_t f = x->part[j].f, from = s->list_first[f], to = s->list_first[f + 1];
        if (to - from > INTRUDER_FAN_MAX)
            continue;
        for (uint32_t k = from; k < to; k++) {
            uint32_t o = s->list[k];
            if (o == i || s->stamp[o] == i + 1 || !(anew || s->c[o].changed))
                continue;
            s->stamp[o] = i + 1;
            uint32_t p = may_join(s, x, &s->c[o]);
            if (p && pair_before(s, i, o, p, x->best)) {
                x->best = o;
                x->best_points = p;
            }
        }
    }
}

static bool join(struct clusters *s, uint32_t i, uint32_t o, struct err *e)
{
    struct cluster *x = &s->c[i], *y = &s->c[o];
    struct part    *p = TAKE(s->a, struct part, x->part_n + y->part_n ? x->part_n + y->part_n : 1);
    uint32_t        n = 0;

    if (!p)
        return intruders_full(s->v->c, e);
    for (uint32_t k = 0, m = 0; k < x->part_n || m < y->part_n;)
        p[n++] = m == y->part_n || (k < x->part_n && x->part[k].f <= y->part[m].f) ? x->part[k++] : y->part[m++];
    x->part   = p;
    x->part_n = sum_parts(p, n);
    x->n     += y->n;
    x->changed = true;
    y->n      = 0;
    y->part_n = 0;
    y->into   = i;
    return true;
}

/* Rules 2 and 3 alone. */
static bool gather(const struct iview *v, struct arena *a, struct clusters *ret, uint32_t **ret_of_node, struct err *e)
{
    struct clusters s = { .v = v, .a = a };
    uint32_t       *of_node = TAKE(a, uint32_t, v->node_n ? v->node_n : 1), parts = 0, joined;

    /* Where hubs begin; few servers have none, and then nothing is thinned out below the floor. */
    s.spread_max = (uint32_t)((uint64_t)v->servers * v->c->rules.hub_percent / 100);
    if (s.spread_max < v->c->rules.hub_floor)
        s.spread_max = v->c->rules.hub_floor;
    if (!of_node)
        return intruders_full(v->c, e);
    if (!begin(&s, of_node, e))
        return false;
    for (uint32_t i = 0; i < v->node_n; i++)
        parts += v->node[i].n;
    s.list       = TAKE(a, uint32_t, parts ? parts : 1);
    s.list_first = TAKE(a, uint32_t, v->f_n + 1);
    s.stamp      = TAKE(a, uint32_t, s.n ? s.n : 1);
    if (!s.list || !s.list_first || !s.stamp)
        return intruders_full(v->c, e);
    do {
        joined = 0;
        if (!iclusters_index(&s, 1, false, *a, e))
            return false;
        memset(s.stamp, 0, s.n * sizeof *s.stamp);
        for (uint32_t i = 0; i < s.n; i++)
            if (s.c[i].n)
                find_best(&s, i);
        for (uint32_t i = 0; i < s.n; i++)
            s.c[i].changed = false;
        for (uint32_t i = 0; i < s.n; i++) {
            uint32_t o = s.c[i].n ? s.c[i].best : IFEATURE_NONE;
            if (o == IFEATURE_NONE || o < i || !s.c[o].n || s.c[o].best != i)
                continue;
            if (!join(&s, i, o, e))
                return false;
            joined++;
        }
    } while (joined);
    for (uint32_t i = 0; i < v->node_n; i++)
        of_node[i] = leader(&s, of_node[i]);
    *ret         = s;
    *ret_of_node = of_node;
    return true;
}

bool icluster(const struct iview *v, struct arena *a, uint32_t **ret_group, uint32_t *ret_n, struct err *e)
{
    struct clusters s = { 0 };
    uint32_t       *of_node = NULL;

    if (!gather(v, a, &s, &of_node, e) || !isettle(&s, of_node, e))
        return false;
    uint32_t *number = TAKE(a, uint32_t, s.n ? s.n : 1), n = 0;
    if (!number)
        return intruders_full(v->c, e);
    memset(number, 0xff, s.n * sizeof *number);
    for (uint32_t i = 0; i < v->node_n; i++) {
        if (number[of_node[i]] == UINT32_MAX)
            number[of_node[i]] = n++;
        of_node[i] = number[of_node[i]];
    }
    *ret_group = of_node;
    *ret_n     = n;
    return true;
}
