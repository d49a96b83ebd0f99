/* intruders_view: features and sessions get their numbers for one making, by bytes and by server; what joins nothing is told apart. Rule 1. */
#include "casework/intruders_inner.h"

struct inumbered { uint64_t server; uint32_t session, feature; };

static int by_fact(const void *x, const void *y)
{
    const struct inumbered *p = x, *q = y;

    if (p->server != q->server)
        return p->server > q->server ? 1 : -1;
    return p->session != q->session ? cmp_u32(p->session, q->session) : cmp_u32(p->feature, q->feature);
}
static int by_feature(const void *x, const void *y)
{
    const struct ifeature *p = *(const struct ifeature *const *)x, *q = *(const struct ifeature *const *)y;

    return p->kind != q->kind ? cmp_u32(p->kind, q->kind) : str_cmp(p->value, q->value);
}
static int by_time(const void *x, const void *y)
{
    const struct itime *p = x, *q = y;

    if (p->server != q->server)
        return p->server > q->server ? 1 : -1;
    return p->session != q->session ? cmp_u32(p->session, q->session) : (p->first_us > q->first_us) - (p->first_us < q->first_us);
}

/* Hub, common, or of one session alone. */
static void judge_features(struct iview *v)
{
    const struct intruder_rules *r = &v->c->rules;

    for (uint32_t i = 0; i < v->f_n; i++) {
        struct ilive *f = &v->f[i];
        bool common = v->c->feature[f->raw].common, lone = f->nodes < 2;
        bool hub = f->servers >= r->hub_floor && (uint64_t)f->servers * 100 > (uint64_t)v->servers * r->hub_percent;
        f->live = !common && !lone && !hub;
        f->hub  = !common && !lone && hub;
        v->common += common;
        v->lone   += !common && lone;
        v->hubs   += !common && !lone && hub;
    }
}

bool iview_make(const struct intruders *c, struct arena *a, struct iview *ret, struct err *e)
{
    struct iview            v = { .c = c };
    size_t                  n = (size_t)c->fact_n, f_n = c->feature_n ? c->feature_n : 1, k = 0;
    struct inumbered       *x = TAKE(a, struct inumbered, n ? n : 1);
    const struct ifeature **order = TAKE(a, const struct ifeature *, f_n);
    uint32_t               *of_raw = TAKE(a, uint32_t, f_n);
    struct itime           *time = TAKE(a, struct itime, c->time_n ? c->time_n : 1);
    uint64_t               *last = NEW(a, uint64_t, f_n);

    v.f  = NEW(a, struct ilive, f_n);
    v.of = TAKE(a, uint32_t, n ? n : 1);
    if (!x || !order || !of_raw || !time || !last || !v.f || !v.of)
        return intruders_full(c, e);
    for (size_t i = 0; i < c->feature_n; i++)
        order[i] = &c->feature[i];
    if (c->feature_n)
        qsort(order, c->feature_n, sizeof *order, by_feature);
    for (size_t i = 0; i < c->feature_n; i++) {
        of_raw[order[i] - c->feature] = (uint32_t)i;
        v.f[i] = (struct ilive){ .raw = (uint32_t)(order[i] - c->feature), .kind = order[i]->kind };
    }
    v.f_n = (uint32_t)c->feature_n;
    for (const struct ichunk *p = c->chunk; p; p = p->next)
        for (uint32_t i = 0; i < p->n; i++)
            x[k++] = (struct inumbered){ p->fact[i].server, p->fact[i].session, p->fact[i].feature == IFEATURE_NONE ? IFEATURE_NONE : of_raw[p->fact[i].feature] };
    if (n)
        qsort(x, n, sizeof *x, by_fact);
    if (c->time_n) {
        memcpy(time, c->time, c->time_n * sizeof *time);
        qsort(time, c->time_n, sizeof *time, by_time);
    }
    for (size_t i = 0; i < n; i++)
        v.node_n += !i || x[i].server != x[i - 1].server || x[i].session != x[i - 1].session;
    v.node = TAKE(a, struct inode, v.node_n ? v.node_n : 1);
    if (!v.node)
        return intruders_full(c, e);
    uint32_t node = 0, of = 0;
    size_t   t = 0;
    for (size_t i = 0; i < n; i++) {
        bool fresh = !i || x[i].server != x[i - 1].server || x[i].session != x[i - 1].session;
        if (fresh) {
            while (t < c->time_n && (time[t].server < x[i].server || (time[t].server == x[i].server && time[t].session < x[i].session)))
                t++;
            bool timed = t < c->time_n && time[t].server == x[i].server && time[t].session == x[i].session;
            v.node[node++] = (struct inode){ x[i].server, x[i].session, of, 0, timed ? time[t].first_us : TIME_NONE };
            v.servers += !i || x[i].server != x[i - 1].server;
        }
        if (x[i].feature == IFEATURE_NONE || (!fresh && x[i].feature == x[i - 1].feature))
            continue;
        struct ilive *f = &v.f[x[i].feature];
        v.of[of++] = x[i].feature;
        v.node[node - 1].n++;
        f->nodes++;
        f->servers += f->nodes == 1 || last[x[i].feature] != x[i].server;
        last[x[i].feature] = x[i].server;
    }
    judge_features(&v);
    *ret = v;
    return true;
}
