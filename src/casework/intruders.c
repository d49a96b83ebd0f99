/* intruders: facts in; what groups say of themselves out. */
#include "casework/intruders_inner.h"

#include <stdio.h>

const struct intruder_kind intruder_kinds[INTRUDER_FEATURES] = {
    [INTRUDER_PAGE]     = { "page", "the same web shell, byte for byte", 90, 0, true },
    [INTRUDER_COMPILED] = { "compiled", "the same compiled page", 80, 0, true },
    [INTRUDER_KEY]      = { "key", "the same word opens the web shell", 80, 0, true },
    [INTRUDER_TOOL]     = { "tool", "the same program was brought", 70, 1, true },
    [INTRUDER_FLOW]     = { "flow", "web shells of the same shape", 60, 0, false },
    [INTRUDER_CLIENT]   = { "client", "the same address", 60, 2, false },
    [INTRUDER_PATH]     = { "path", "files are put and named in the same way", 40, 3, false },
    [INTRUDER_AGENT]    = { "agent", "the same user agent", 20, 4, false },
    [INTRUDER_BURST]    = { "burst", "in the same hour", 20, 5, false },
};
const struct intruder_rules intruder_defaults = { 20, 10, 90, 30, 75, 2, INTRUDER_BIT, 2 * INTRUDER_BIT, 5 };

bool intruder_feature_find(struct str name, enum intruder_feature *ret)
{
    for (enum intruder_feature k = 0; k < INTRUDER_FEATURES; k++)
        if (str_eq(name, str_c(intruder_kinds[k].name))) {
            *ret = k;
            return true;
        }
    return false;
}

bool intruders_full(const struct intruders *c, struct err *e)
{
    return err_set(e, ERR_MEMORY, "no room for %llu facts about intruders", (unsigned long long)c->fact_n);
}

bool intruders_open(struct intruders **ret, struct arena *a, const struct intruder_rules *rules, struct err *e)
{
    struct intruders *c = NEW(a, struct intruders, 1);

    if (!c)
        return err_set(e, ERR_MEMORY, "no room for intruders");
    c->a     = a;
    c->rules = rules ? *rules : intruder_defaults;
    *ret = c;
    return true;
}

static bool feature_of(struct intruders *c, enum intruder_feature kind, struct str value, uint32_t *ret, struct err *e)
{
    uint8_t text[1 + INTRUDER_VALUE_MAX];

    value   = str_sub(value, 0, INTRUDER_VALUE_MAX);
    text[0] = (uint8_t)kind;
    memcpy(text + 1, value.p, value.n);
    struct str full = { text, value.n + 1 };
    uint32_t   at = map_get(&c->index, full);
    if (at == MAP_NONE) {
        at   = (uint32_t)c->feature_n;
        full = str_dup(c->a, full);
        struct ifeature *f = full.p ? GROW(c->a, c->feature, c->feature_n, &c->feature_cap) : NULL;
        if (!f || !map_put(&c->index, c->a, full, at))
            return intruders_full(c, e);
        *f = (struct ifeature){ kind, str_from(full, 1), false };
        c->feature_n++;
    }
    *ret = at;
    return true;
}

bool intruders_add(struct intruders *c, uint64_t server, uint32_t session, enum intruder_feature kind, struct str value, struct err *e)
{
    uint32_t feature = IFEATURE_NONE;

    if (c->fact_n >= INTRUDER_FACTS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d facts about intruders", INTRUDER_FACTS_MAX);
    if ((unsigned)kind >= INTRUDER_FEATURES)
        return err_set(e, ERR_USAGE, "no kind %d of feature", (int)kind);
    if (value.n && !feature_of(c, kind, value, &feature, e))
        return false;
    if (!c->last || c->last->n == IFACT_CHUNK) {
        struct ichunk *k = TAKE(c->a, struct ichunk, 1);
        if (!k)
            return intruders_full(c, e);
        k->next = NULL;
        k->n    = 0;
        *(c->last ? &c->last->next : &c->chunk) = k;
        c->last = k;
    }
    c->last->fact[c->last->n++] = (struct ifact){ server, session, feature };
    c->fact_n++;
    return true;
}

#define TIMES_MAX (INT64_C(8000) * 366 * TIME_DAY)              /* about the year 9999 */

/* Hours that begin on the hour and half past, so that neighbours always share one. */
bool intruders_time(struct intruders *c, uint64_t server, uint32_t session, int64_t first_us, struct err *e)
{
    if (first_us < -TIMES_MAX || first_us > TIMES_MAX)          /* TIME_NONE, too */
        return intruders_add(c, server, session, INTRUDER_BURST, STR_EMPTY, e);
    for (int half = 0; half < 2; half++) {
        char    text[32];
        int64_t shifted = first_us + half * (TIME_HOUR / 2), hour = shifted / TIME_HOUR - (shifted % TIME_HOUR < 0);
        snprintf(text, sizeof text, "%lld/%d", (long long)hour, half);
        if (!intruders_add(c, server, session, INTRUDER_BURST, str_c(text), e))
            return false;
    }
    struct itime *t = GROW(c->a, c->time, c->time_n, &c->time_cap);
    if (!t)
        return intruders_full(c, e);
    *t = (struct itime){ server, session, first_us };
    c->time_n++;
    return true;
}

bool intruders_common(struct intruders *c, enum intruder_feature kind, struct str value, struct err *e)
{
    uint32_t f;

    if ((unsigned)kind >= INTRUDER_FEATURES || !value.n)
        return true;
    if (!feature_of(c, kind, value, &f, e))
        return false;
    c->feature[f].common = true;
    return true;
}

/* ---- out ---- */

static int by_mark(const void *x, const void *y)
{
    const struct intruder_mark *p = x, *q = y;
    uint64_t a = (uint64_t)intruder_kinds[p->kind].weight * p->sessions, b = (uint64_t)intruder_kinds[q->kind].weight * q->sessions;

    if (a != b)
        return a > b ? -1 : 1;
    return p->kind != q->kind ? (p->kind > q->kind) - (p->kind < q->kind) : str_cmp(p->value, q->value);
}

static struct intruder_mark mark_of(const struct iview *v, uint32_t f)
{
    const struct ifeature *x = &v->c->feature[v->f[f].raw];

    return (struct intruder_mark){ .kind = x->kind, .value = x->value, .all_sessions = v->f[f].nodes };
}

struct tally { uint32_t *sessions, *servers, *stamp, *met, n; uint64_t *last; };

/* Counts the features of nodes of one group; marks in `met`. */
static void tally(struct tally *t, const struct iview *v, const uint32_t *node, uint32_t n, uint32_t stamp)
{
    t->n = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct inode *x = &v->node[node[i]];
        for (uint32_t j = x->first; j < x->first + x->n; j++) {
            uint32_t f = v->of[j];
            if (!v->f[f].live && !v->f[f].hub)
                continue;
            if (t->stamp[f] != stamp) {
                t->stamp[f]    = stamp;
                t->sessions[f] = t->servers[f] = 0;
                t->met[t->n++] = f;
            }
            if (!t->servers[f] || t->last[f] != x->server)
                t->servers[f]++;
            t->last[f] = x->server;
            t->sessions[f]++;
        }
    }
}

struct ordered { uint32_t group, n, lowest; };
static int by_size(const void *x, const void *y)
{
    const struct ordered *p = x, *q = y;

    return p->n != q->n ? (q->n > p->n) - (q->n < p->n) : (p->lowest > q->lowest) - (p->lowest < q->lowest);
}

static bool tell(const struct iview *v, const uint32_t *group, uint32_t group_n, struct arena *a, struct arena *keep, struct intruder_groups *ret, struct err *e)
{
    struct ordered *o = NEW(a, struct ordered, group_n ? group_n : 1);
    uint32_t       *at = NEW(a, uint32_t, group_n + 1), *node = TAKE(a, uint32_t, v->node_n ? v->node_n : 1), *rank = TAKE(a, uint32_t, group_n ? group_n : 1);
    size_t          f_n = v->f_n ? v->f_n : 1;
    struct tally    t = { TAKE(a, uint32_t, f_n), TAKE(a, uint32_t, f_n), NEW(a, uint32_t, f_n), TAKE(a, uint32_t, f_n), 0, TAKE(a, uint64_t, f_n) };
    struct intruder_groups out = { .group_n = group_n, .session_n = v->node_n, .hubs = v->hubs, .common = v->common, .lone = v->lone, .servers = v->servers };

    out.group   = NEW(keep, struct intruder_group, group_n ? group_n : 1);
    out.session = NEW(keep, struct intruder_session, v->node_n ? v->node_n : 1);
    if (!o || !at || !node || !rank || !t.sessions || !t.servers || !t.stamp || !t.met || !t.last || !out.group || !out.session)
        return intruders_full(v->c, e);
    for (uint32_t i = 0; i < v->node_n; i++) {
        if (!o[group[i]].n++)
            o[group[i]].lowest = i;
        o[group[i]].group = group[i];
    }
    qsort(o, group_n, sizeof *o, by_size);
    for (uint32_t i = 0; i < group_n; i++) {
        rank[o[i].group] = i;
        at[i + 1] = at[i] + o[i].n;
        out.group[i] = (struct intruder_group){ .first = at[i], .first_us = TIME_NONE, .last_us = TIME_NONE };
    }
    for (uint32_t i = 0; i < v->node_n; i++) {
        struct intruder_group *w = &out.group[rank[group[i]]];
        const struct inode    *x = &v->node[i];
        node[w->first + w->n] = i;
        w->servers += !w->n || out.session[w->first + w->n - 1].server != x->server;
        out.session[w->first + w->n++] = (struct intruder_session){ x->server, x->session, rank[group[i]], x->first_us };
        if (x->first_us == TIME_NONE)
            continue;
        w->first_us = w->first_us == TIME_NONE || x->first_us < w->first_us ? x->first_us : w->first_us;
        w->last_us  = x->first_us > w->last_us ? x->first_us : w->last_us;
    }
    for (uint32_t i = 0; i < group_n; i++) {
        struct intruder_group *w = &out.group[i];
        uint32_t               k = 0;
        tally(&t, v, node + w->first, w->n, i + 1);
        for (uint32_t j = 0; j < t.n; j++)
            k += t.sessions[t.met[j]] > 1;
        w->mark = TAKE(keep, struct intruder_mark, k ? k : 1);
        if (!w->mark)
            return intruders_full(v->c, e);
        for (uint32_t j = 0; j < t.n; j++)
            if (t.sessions[t.met[j]] > 1) {
                struct intruder_mark m = mark_of(v, t.met[j]);
                m.sessions = t.sessions[t.met[j]];
                m.servers  = t.servers[t.met[j]];
                w->mark[w->mark_n++] = m;
            }
        if (k)
            qsort(w->mark, k, sizeof *w->mark, by_mark);
    }
    *ret = out;
    return true;
}

/*
 * The result must outlive the scratch, and both come from one arena: the scratch takes its upper half, from a copy of the arena that ends where the whole does.
 */
bool intruders_make(struct intruders *c, struct arena *a, struct intruder_groups *ret, struct err *e)
{
    struct arena scratch = *a, keep = *a;
    struct iview v;
    uint32_t    *group, group_n;

    scratch.beg += arena_room(a) / 2;
    scratch.beg += -(uintptr_t)scratch.beg & 63;
    if (scratch.beg > scratch.end)
        return intruders_full(c, e);
    keep.end = scratch.beg;
    if (!iview_make(c, &scratch, &v, e) || !icluster(&v, &scratch, &group, &group_n, e) || !tell(&v, group, group_n, &scratch, &keep, ret, e))
        return false;
    a->beg = keep.beg;
    return true;
}

static const struct intruder_session *first_on(const struct intruder_groups *g, uint32_t group, uint64_t server)
{
    const struct intruder_group *w = &g->group[group];
    uint32_t                     lo = w->first, hi = w->first + w->n;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (g->session[mid].server < server)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < w->first + w->n && g->session[lo].server == server ? &g->session[lo] : NULL;
}

uint32_t intruders_on(const struct intruder_groups *g, uint64_t server, uint32_t *ret, uint32_t cap)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < g->group_n; i++)
        if (first_on(g, i, server)) {
            if (n < cap)
                ret[n] = i;
            n++;
        }
    return n;
}

bool intruders_why(const struct intruders *c, const struct intruder_groups *g, uint64_t server, uint32_t session, struct arena *a, struct intruder_mark **ret, uint32_t *ret_n,
                   struct err *e)
{
    const struct intruder_group *w = NULL;
    uint32_t                     n = 0, k = 0;

    e->kind = ERR_NONE;
    for (uint32_t i = 0; i < g->group_n && !w; i++)
        for (const struct intruder_session *s = first_on(g, i, server); s && s < g->session + g->group[i].first + g->group[i].n && s->server == server; s++)
            if (s->session == session)
                w = &g->group[i];
    if (!w)
        return false;
    struct intruder_mark *m = TAKE(a, struct intruder_mark, w->mark_n ? w->mark_n : 1);
    bool                 *has = NEW(a, bool, c->feature_n ? c->feature_n : 1);
    if (!m || !has)
        return intruders_full(c, e);
    for (const struct ichunk *p = c->chunk; p; p = p->next)
        for (uint32_t i = 0; i < p->n; i++)
            if (p->fact[i].server == server && p->fact[i].session == session && p->fact[i].feature != IFEATURE_NONE)
                has[p->fact[i].feature] = true;
    for (; n < w->mark_n; n++) {
        uint8_t text[1 + INTRUDER_VALUE_MAX];
        text[0] = (uint8_t)w->mark[n].kind;
        memcpy(text + 1, w->mark[n].value.p, w->mark[n].value.n);
        uint32_t f = map_get(&c->index, (struct str){ text, w->mark[n].value.n + 1 });
        if (f != MAP_NONE && has[f])
            m[k++] = w->mark[n];
    }
    *ret   = m;
    *ret_n = k;
    return true;
}

static uint32_t cell(uint32_t n) { return n < INTRUDER_CELL_MIN ? 0 : n; }
static int64_t day_of(int64_t us) { return us == TIME_NONE ? us : (us / TIME_DAY - (us % TIME_DAY < 0)) * TIME_DAY; }

bool intruders_card(const struct intruder_group *g, bool (*names_victim)(void *ctx, enum intruder_feature kind, struct str value), void *ctx, struct arena *a,
                    struct intruder_card *ret, struct err *e)
{
    struct intruder_card out = { cell(g->servers), day_of(g->first_us), day_of(g->last_us), TAKE(a, struct intruder_mark, g->mark_n ? g->mark_n : 1), 0 };

    if (!out.mark)
        return err_set(e, ERR_MEMORY, "no room for what a group has in common");
    for (uint32_t i = 0; i < g->mark_n; i++) {
        struct intruder_mark m = g->mark[i];
        if (m.servers < INTRUDER_SHARE_MIN || m.kind == INTRUDER_BURST || (names_victim && names_victim(ctx, m.kind, m.value)))
            continue;
        m.sessions     = cell(m.sessions);
        m.servers      = cell(m.servers);
        m.all_sessions = 0;
        out.mark[out.mark_n++] = m;
    }
    *ret = out;
    return true;
}
