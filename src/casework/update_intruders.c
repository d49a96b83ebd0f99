/* update_intruders: the last step of an update. Features of all reports -> visits -> groups, which keep their numbers -> case_intruder, case_visit, case_mark. */
#include "casework/update_inner.h"

#include "base/num.h"
#include "casework/intruder_common.h"
#include "casework/visits.h"
#include "store/bind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARKS_MAX = 200, SQL_MAX = 512 };
#define TIMES_MAX (INT64_C(8000) * 366 * TIME_DAY)              /* what lies beyond was made up */
#define RULES_VERSION 4            /* of the rules in intruders.h and visits.h: other rules, other groups, though no feature is new */

struct row { int64_t campaign, asset, subject, file, first_us; uint32_t session, value; enum intruder_feature kind; };
struct old { int64_t campaign, file, intruder; uint32_t session; };

struct making {
    struct update *u;
    struct arena   a;              /* scratch, of the whole step */
    struct row    *row;   size_t row_n, row_cap;
    struct str    *value; size_t value_n, value_cap;       /* texts of features, each once */
    struct map     index;
    struct old    *old;   size_t old_n, old_cap;
    uint64_t       next;
    struct store_bulk *group, *visit, *mark;
};

static bool full(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the features of intruders"); }

/* Only what was recorded until then, when the update looks back. */
static void known_until(const struct update *u, const char *select, char ret[SQL_MAX])
{
    if (u->o->known_us == TIME_NONE)
        snprintf(ret, SQL_MAX, "%s", select);
    else
        snprintf(ret, SQL_MAX, "%s JOIN case_file k ON k.id = f.file AND k.recorded_us <= %lld", select, (long long)u->o->known_us);
}

/* --- is anything new? --- */

static uint64_t mix(uint64_t h)
{
    h = (h ^ h >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ h >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    return h ^ h >> 32;
}

/* A feature's number says all of it; so the sum says which features there are, on which servers, in any order. */
static bool take_seen(void *ctx, const struct store_value *v, struct err *e)
{
    uint64_t *sum = ctx;

    (void)e;
    *sum += mix(mix((uint64_t)v[0].i) + (uint64_t)v[1].i);
    return true;
}

static bool seen(struct update *u, int64_t *ret, struct err *e)
{
    char     sql[SQL_MAX];
    uint64_t sum = RULES_VERSION;

    for (size_t i = 0; i < u->o->common.n; i++)
        sum = mix(sum + u->o->common.p[i]);
    for (uint32_t i = 0; i < u->campaign_n; i++)
        sum += mix((uint64_t)u->campaign[i].id * 3);
    known_until(u, "SELECT f.id, a.asset FROM case_feature f JOIN case_asset a ON a.subject = f.subject", sql);
    if (!store_scan(u->s, sql, 2, take_seen, &sum, e))
        return false;
    *ret = (int64_t)(sum >> 1);
    return true;
}

static bool ask(struct update *u, const char *sql, int64_t *ret, struct err *e)
{
    e->kind = ERR_NONE;
    *ret = 0;
    return store_one_int(u->s, sql, ret, e) || e->kind == ERR_NONE;
}

static bool keep(struct update *u, const char *what, int64_t next, struct err *e)
{
    return bind_run(u->s, "DELETE FROM case_next WHERE what = ?1", BOUND(B_TEXT(str_c(what))), e) &&
           bind_run(u->s, "INSERT INTO case_next (what, next) VALUES (?1, ?2)", BOUND(B_TEXT(str_c(what)), B_INT(next)), e);
}

/* --- features in --- */

static bool take_row(void *ctx, const struct store_value *v, struct err *e)
{
    struct making *m = ctx;

    if (v[5].i < 0 || v[5].i >= INTRUDER_FEATURES || v[4].i < 0 || v[4].i > UINT32_MAX)
        return true;
    if (m->row_n >= INTRUDER_FACTS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d features of intruders", INTRUDER_FACTS_MAX);
    uint32_t at = map_get(&m->index, v[6].s);
    if (at == MAP_NONE) {
        struct str *text = GROW(&m->a, m->value, m->value_n, &m->value_cap);
        if (!text)
            return full(e);
        *text = str_dup(&m->a, v[6].s);
        at = (uint32_t)m->value_n;
        if ((v[6].s.n && !text->p) || !map_put(&m->index, &m->a, *text, at))
            return full(e);
        m->value_n++;
    }
    struct row *r = GROW(&m->a, m->row, m->row_n, &m->row_cap);
    if (!r)
        return full(e);
    m->row_n++;
    *r = (struct row){ v[0].i, v[1].i, v[2].i, v[3].i, v[7].null || v[7].i < -TIMES_MAX || v[7].i > TIMES_MAX ? TIME_NONE : v[7].i, (uint32_t)v[4].i, at, (enum intruder_feature)v[5].i };
    return true;
}

static bool take_old(void *ctx, const struct store_value *v, struct err *e)
{
    struct making *m = ctx;
    struct old    *o = GROW(&m->a, m->old, m->old_n, &m->old_cap);

    if (!o)
        return full(e);
    m->old_n++;
    *o = (struct old){ v[0].i, v[1].i, v[3].i, (uint32_t)v[2].i };
    return true;
}

#define CMP(x, y) do { if ((x) != (y)) return (x) > (y) ? 1 : -1; } while (0)

static int by_session(const void *x, const void *y)
{
    const struct row *p = x, *q = y;

    CMP(p->campaign, q->campaign);
    CMP(p->asset, q->asset);
    CMP(p->file, q->file);
    CMP(p->session, q->session);
    CMP(p->kind, q->kind);
    CMP(p->value, q->value);
    return 0;
}

static int by_old(const void *x, const void *y)
{
    const struct old *p = x, *q = y;

    CMP(p->campaign, q->campaign);
    CMP(p->file, q->file);
    CMP(p->session, q->session);
    return 0;
}

static bool load(struct making *m, struct err *e)
{
    char sql[SQL_MAX];

    known_until(m->u, "SELECT f.campaign, a.asset, f.subject, f.file, f.session, f.kind, f.value, f.first_us FROM case_feature f JOIN case_asset a ON a.subject = f.subject", sql);
    if (!store_scan(m->u->s, sql, 8, take_row, m, e) || !store_scan(m->u->s, "SELECT campaign, file, session, intruder FROM case_visit", 4, take_old, m, e))
        return false;
    if (m->row_n)
        qsort(m->row, m->row_n, sizeof *m->row, by_session);
    if (m->old_n)
        qsort(m->old, m->old_n, sizeof *m->old, by_old);
    return true;
}

/* --- one campaign --- */

/* A session of a report: rows first..first+n. */
struct told { uint32_t first, n; };
/* A visit, for the core: `server` stands for the asset, by the lowest of its subjects, so that who came first to this store is nothing. */
struct place { uint64_t server; uint32_t visit; int64_t asset; uint32_t stands, first, n; int64_t first_us; };      /* session[first..first+n) */

struct field { struct making *m; struct visit_session *session; uint32_t session_n; struct place *place; uint32_t place_n; struct intruders *core; };

static int by_number(const void *x, const void *y) { CMP(*(const uint32_t *)x, *(const uint32_t *)y); return 0; }

static bool sessions_of(struct field *f, size_t from, size_t to, struct err *e)
{
    struct making *m = f->m;
    uint32_t       first = f->session_n, n = 0, k = 0, visits;
    uint64_t       server = UINT64_MAX;

    for (size_t i = from; i < to; i++) {
        const struct row     *r = &m->row[i];
        struct visit_session *s = &f->session[first + n];
        server = (uint64_t)r->subject < server ? (uint64_t)r->subject : server;
        if (i == from || r->file != m->row[i - 1].file || r->session != m->row[i - 1].session) {
            struct told *t = NEW(&m->a, struct told, 1);
            if (!t)
                return full(e);
            t->first = (uint32_t)i;
            *s = (struct visit_session){ .file = r->file, .session = r->session, .first_us = TIME_NONE, .ctx = t };
            n++;
        }
        s = &f->session[first + n - 1];
        ((struct told *)s->ctx)->n++;
        if (r->first_us != TIME_NONE && (s->first_us == TIME_NONE || r->first_us < s->first_us))
            s->first_us = r->first_us;
    }
    f->session_n += n;
    /* Features of each session as numbers: kind and value in one. */
    for (uint32_t i = first; i < first + n; i++) {
        struct told *t = f->session[i].ctx;
        uint32_t    *list = TAKE(&m->a, uint32_t, t->n);
        if (!list)
            return full(e);
        k = 0;
        for (uint32_t j = t->first; j < t->first + t->n; j++) {
            const struct row *r = &m->row[j];
            uint32_t          number = r->value * INTRUDER_FEATURES + (uint32_t)r->kind;
            if (m->value[r->value].n && (!k || list[k - 1] != number))
                list[k++] = number;
        }
        if (k)
            qsort(list, k, sizeof *list, by_number);
        f->session[i].feature   = list;
        f->session[i].feature_n = k;
    }
    if (!visits_join(f->session + first, n, m->a, &visits, e))
        return false;
    struct place *p = f->place + f->place_n;
    for (uint32_t i = 0; i < visits; i++)
        p[i] = (struct place){ .server = server, .visit = i + 1, .asset = m->row[from].asset, .first_us = TIME_NONE };
    /* Sessions of a visit side by side. */
    for (uint32_t i = first; i < first + n; i++)
        p[f->session[i].visit].n++;
    for (uint32_t i = 0, at = first; i < visits; i++) {
        p[i].first = at;
        at += p[i].n;
        p[i].n = 0;
    }
    struct visit_session *sorted = TAKE(&m->a, struct visit_session, n ? n : 1);
    if (!sorted)
        return full(e);
    for (uint32_t i = first; i < first + n; i++) {
        struct place *v = &p[f->session[i].visit];
        uint32_t      at = v->first + v->n++;
        sorted[at - first] = f->session[i];
        if (f->session[i].stands)
            v->stands = at;
        if (f->session[i].first_us != TIME_NONE && (v->first_us == TIME_NONE || f->session[i].first_us < v->first_us))
            v->first_us = f->session[i].first_us;
    }
    memcpy(f->session + first, sorted, n * sizeof *sorted);
    f->place_n += visits;
    return true;
}

static bool feed(struct field *f, struct str slug, struct err *e)
{
    struct making          *m = f->m;
    struct intruder_common *c;
    size_t                  n;

    if (!intruder_common_load(slug, m->u->o->common, &m->a, &c, &n, e))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!intruders_common(f->core, c[i].kind, c[i].value, e))
            return false;
    for (uint32_t i = 0; i < f->place_n; i++) {
        const struct place *p = &f->place[i];
        if (!intruders_time(f->core, p->server, p->visit, p->first_us, e))
            return false;
        for (uint32_t k = p->first; k < p->first + p->n; k++) {
            const struct visit_session *s = &f->session[k];
            for (uint32_t j = 0; j < s->feature_n; j++)
                if (!intruders_add(f->core, p->server, p->visit, (enum intruder_feature)(s->feature[j] % INTRUDER_FEATURES), m->value[s->feature[j] / INTRUDER_FEATURES], e))
                    return false;
        }
    }
    return true;
}

static int by_place(const void *x, const void *y)
{
    const struct place *p = x, *q = y;

    CMP(p->server, q->server);
    CMP(p->visit, q->visit);
    return 0;
}

static int64_t was(const struct making *m, int64_t campaign, const struct visit_session *s)
{
    struct old  key = { .campaign = campaign, .file = s->file, .session = s->session };
    struct old *o = m->old_n ? bsearch(&key, m->old, m->old_n, sizeof *m->old, by_old) : NULL;

    return o ? o->intruder : 0;
}

/* The group's number follows its visits, whichever report told of them then. */
static bool number(struct field *f, int64_t campaign, const struct intruder_groups *g, struct follow *ret, struct err *e)
{
    struct making      *m = f->m;
    struct follow_item *item = TAKE(&m->a, struct follow_item, f->session_n ? f->session_n : 1);
    size_t              n = 0;

    if (!item)
        return full(e);
    for (uint32_t i = 0; i < g->session_n; i++) {
        struct place        key = { .server = g->session[i].server, .visit = g->session[i].session };
        const struct place *p = bsearch(&key, f->place, f->place_n, sizeof *f->place, by_place);
        for (uint32_t k = p ? p->first : 0; p && k < p->first + p->n; k++)
            item[n++] = (struct follow_item){ (uint64_t)was(m, campaign, &f->session[k]), g->session[i].group };
    }
    if (!follow(item, n, g->group_n, m->next, &m->a, ret, e))
        return false;
    m->next = ret->next;
    return true;
}

static void put_time(struct store_bulk *b, int64_t us)
{
    if (us == TIME_NONE)
        store_bulk_null(b);
    else
        store_bulk_int(b, us);
}

static bool write_group(struct field *f, int64_t campaign, const struct intruder_groups *g, uint32_t at, int64_t id, struct err *e)
{
    struct making               *m = f->m;
    const struct intruder_group *w = &g->group[at];

    store_bulk_int(m->group, id);
    store_bulk_int(m->group, campaign);
    store_bulk_int(m->group, w->n);
    store_bulk_int(m->group, w->servers);
    put_time(m->group, w->first_us);
    put_time(m->group, w->last_us);
    if (!store_bulk_row(m->group, e))
        return false;
    for (uint32_t i = w->first; i < w->first + w->n; i++) {
        struct place        key = { .server = g->session[i].server, .visit = g->session[i].session };
        const struct place *p = bsearch(&key, f->place, f->place_n, sizeof *f->place, by_place);
        if (!p)
            continue;
        store_bulk_int(m->visit, campaign);
        store_bulk_int(m->visit, p->asset);
        store_bulk_int(m->visit, f->session[p->stands].file);
        store_bulk_int(m->visit, f->session[p->stands].session);
        store_bulk_int(m->visit, id);
        put_time(m->visit, p->first_us);
        if (!store_bulk_row(m->visit, e))
            return false;
    }
    /* The same hour joins, but an hour is nothing to show: first and last say it. */
    for (uint32_t i = 0, k = 0; i < w->mark_n && k < MARKS_MAX; i++) {
        if (w->mark[i].kind == INTRUDER_BURST)
            continue;
        store_bulk_int(m->mark, id);
        store_bulk_int(m->mark, k++);
        store_bulk_int(m->mark, w->mark[i].kind);
        store_bulk_text(m->mark, w->mark[i].value);
        store_bulk_int(m->mark, w->mark[i].sessions);
        store_bulk_int(m->mark, w->mark[i].servers);
        store_bulk_int(m->mark, w->mark[i].all_sessions);
        if (!store_bulk_row(m->mark, e))
            return false;
    }
    return true;
}

static struct str slug_of(const struct update *u, int64_t campaign)
{
    for (uint32_t i = 0; i < u->campaign_n; i++)
        if (u->campaign[i].id == campaign)
            return u->campaign[i].slug;
    return STR_EMPTY;
}

static bool one_campaign(struct making *m, size_t from, size_t to, struct err *e)
{
    int64_t                campaign = m->row[from].campaign;
    struct field           f = { .m = m };
    struct intruder_groups g;
    struct follow          named;

    f.session = TAKE(&m->a, struct visit_session, to - from);
    f.place   = TAKE(&m->a, struct place, to - from);
    if (!f.session || !f.place)
        return full(e);
    for (size_t i = from, k = from; i < to; i = k) {
        while (k < to && m->row[k].asset == m->row[i].asset)
            k++;
        if (!sessions_of(&f, i, k, e))
            return false;
    }
    qsort(f.place, f.place_n, sizeof *f.place, by_place);
    if (!intruders_open(&f.core, &m->a, NULL, e) || !feed(&f, slug_of(m->u, campaign), e) || !intruders_make(f.core, &m->a, &g, e) || !number(&f, campaign, &g, &named, e))
        return false;
    for (uint32_t i = 0; i < g.group_n; i++) {
        if (!write_group(&f, campaign, &g, i, (int64_t)named.number[i], e))
            return false;
        m->u->n->intruders += g.group[i].n > 1;
    }
    return true;
}

static bool open_tables(struct making *m, struct err *e)
{
    struct store *s = m->u->s;

    return store_exec(s, "DELETE FROM case_intruder; DELETE FROM case_visit; DELETE FROM case_mark", e) &&
           store_bulk_begin(s, "case_intruder", "id, campaign, sessions, servers, first_us, last_us", STORE_FRESH, &m->group, e) &&
           store_bulk_begin(s, "case_visit", "campaign, asset, file, session, intruder, first_us", STORE_FRESH, &m->visit, e) &&
           store_bulk_begin(s, "case_mark", "intruder, at, kind, value, sessions, servers, all_sessions", STORE_FRESH, &m->mark, e);
}

static bool all_campaigns(struct making *m, struct err *e)
{
    if (!open_tables(m, e))
        return false;
    for (size_t i = 0, k = 0; i < m->row_n; i = k) {
        struct arena a = m->a;                     /* a campaign at a time */
        while (k < m->row_n && m->row[k].campaign == m->row[i].campaign)
            k++;
        if (!one_campaign(m, i, k, e))
            return false;
        m->a = a;
    }
    return true;
}

/* Every bulk is ended, whatever happened; the first trouble counts. */
static bool close_tables(struct making *m, bool ok, struct err *e)
{
    struct store_bulk *b[] = { m->group, m->visit, m->mark };

    for (size_t i = 0; i < COUNT_OF(b); i++) {
        struct err also = { 0 };
        if (!store_bulk_end(b[i], NULL, &also) && ok) {
            *e = also;
            ok = false;
        }
    }
    return ok;
}

bool update_intruders(struct update *u, struct err *e)
{
    struct making m = { .u = u, .a = u->scratch };
    int64_t       now, before, next;

    if (!seen(u, &now, e) || !ask(u, "SELECT next FROM case_next WHERE what = 'intruders_seen'", &before, e))
        return false;
    if (now == before)
        return ask(u, "SELECT count(*) FROM case_intruder WHERE sessions > 1", &next, e) && (u->n->intruders = (uint64_t)next, true);
    if (!ask(u, "SELECT next FROM case_next WHERE what = 'intruder'", &next, e) || !load(&m, e))
        return false;
    m.next = next > 0 ? (uint64_t)next : 1;
    if (!close_tables(&m, all_campaigns(&m, e), e))
        return false;
    return keep(u, "intruder", (int64_t)m.next, e) && keep(u, "intruders_seen", now, e);
}
