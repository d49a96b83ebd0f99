/*
 * All observations once, by several readers, into spools by server: see daily_inner.h.
 *
 * Shape    each reader writes a spool of its own: pieces of PIECE observations, each of one part; a part's pieces are found by their list.
 * Memory   jobs * parts * PIECE * 16 bytes, and 8 bytes a piece.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/time.h"
#include "os/pool.h"
#include "survey/daily_inner.h"

enum { PIECE = 1024, RANGES = 8, TOGETHER = 64 };

struct part { struct seen buf[PIECE]; size_t n; uint64_t *piece; size_t piece_n, piece_cap; uint64_t count; };
struct row { int64_t id, target, at_us, state; bool no_time; };
struct reader {
    struct store *s;
    struct row row[TOGETHER];       /* looked up together, so that the memory of one is fetched while others are worked on */
    size_t row_n;
    bool own;                       /* the store was opened here */
    struct os_file spool;
    uint64_t size;
    struct part *part;
    uint8_t *day_seen;
    struct daily_counts counts;
    size_t batch;                   /* where the last observation's batch was */
    struct daily *d;
    struct spools *all;
};
struct spools { struct daily *d; uint32_t jobs, parts, ranges; uint64_t extent; struct reader *reader; };

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room to sort observations"); }

static bool piece_out(struct reader *r, struct part *p, struct err *e)
{
    struct os *os = r->d->o.os;

    if (p->piece_n == p->piece_cap) {
        size_t cap = p->piece_cap ? p->piece_cap * 2 : 16;
        uint64_t *grown = realloc(p->piece, cap * sizeof *grown);

        if (!grown)
            return no_room(e);
        p->piece = grown;
        p->piece_cap = cap;
    }
    if (!os->write_at(os, r->spool, r->size, (struct str){ (const uint8_t *)p->buf, PIECE * sizeof *p->buf }, e))
        return false;
    p->piece[p->piece_n++] = r->size;
    r->size += PIECE * sizeof *p->buf;
    p->n = 0;
    return true;
}

const struct d_batch *daily_batch(const struct daily *d, int64_t id, size_t *at)
{
    size_t from = 0, to = d->batch_n;

    if (*at < d->batch_n && d->batch[*at].first <= id && id <= d->batch[*at].last)
        return &d->batch[*at];
    while (from < to) {                                     /* the last that begins at id or before and is not empty */
        size_t mid = from + (to - from) / 2;

        if (d->batch[mid].first <= id)
            from = mid + 1;
        else
            to = mid;
    }
    while (from && d->batch[from - 1].last < id && d->batch[from - 1].last < d->batch[from - 1].first)
        from--;
    if (!from || d->batch[from - 1].last < id)
        return NULL;
    *at = from - 1;
    return &d->batch[*at];
}

static bool place_row(struct reader *r, const struct row *v, struct err *e)
{
    struct daily *d = r->d;
    const struct d_batch *b = daily_batch(d, v->id, &r->batch);

    if (!b || b->is_void)
        return true;
    struct seen s = { places_get(&d->by_target, v->target), places_get(&d->by_state, v->state), v->no_time ? b->recorded_us : v->at_us };
    r->counts.observations++;
    r->counts.no_time += v->no_time;
    if (s.target == NOBODY || s.state == NOBODY)
        return err_set(e, ERR_FORMAT, "the store's tables do not fit together: observation %lld", (long long)v->id);
    if (!daily_time(d, s.at_us, b)) {
        r->counts.wrong_time++;
        return true;
    }
    uint32_t server = d->server_of[s.target];
    bool online = server == NOBODY ? d->target[s.target].online : server & PLACED_ONLINE;
    r->counts.online += online;
    if (server == NOBODY && !online) {
        r->counts.nobody++;
        return true;
    }
    r->day_seen[day_of(s.at_us)] = 1;
    if (server == NOBODY)
        return true;
    struct part *p = &r->part[(uint64_t)(server & ~PLACED_ONLINE) * r->all->parts / d->server_n];
    p->buf[p->n++] = s;
    p->count++;
    r->counts.counted += !online;
    return p->n < PIECE || piece_out(r, p, e);
}

static bool place_rows(struct reader *r, struct err *e)
{
    bool ok = true;

    for (size_t i = 0; i < r->row_n && ok; i++)
        ok = place_row(r, &r->row[i], e);
    r->row_n = 0;
    return ok;
}

static bool take(void *ctx, const struct store_value *v, struct err *e)
{
    struct reader *r = ctx;

    r->row[r->row_n++] = (struct row){ v[0].i, v[1].i, v[2].i, v[3].i, v[2].null };
    places_soon(&r->d->by_target, v[1].i);
    places_soon(&r->d->by_state, v[3].i);
    return r->row_n < TOGETHER || place_rows(r, e);
}

static bool work(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    struct spools *all = ctx;
    struct reader *r = &all->reader[worker];
    char sql[256], part[STORE_PART_TEXT];

    (void)turn;
    if (!r->s && !(r->own = store_open(&r->s, all->d->o.where, STORE_READ, e)))
        return false;
    store_part(r->s, all->extent, (uint32_t)i, all->ranges, part);
    snprintf(sql, sizeof sql, "SELECT id, target, observed_us, state FROM survey_observation WHERE id <= %lld AND %s", (long long)all->d->last_observation, part);
    return store_scan(r->s, sql, 4, take, r, e) && place_rows(r, e);
}

static void sum(struct daily *d, const struct reader *r)
{
    const uint64_t *from = (const uint64_t *)&r->counts;
    uint64_t *to = (uint64_t *)&d->counts;

    for (size_t i = 0; i < offsetof(struct daily_counts, first_day) / sizeof *to; i++)
        to[i] += from[i];
    for (size_t i = 0; i < DAY_MAX; i++)
        d->day_seen[i] |= r->day_seen[i];
}

static bool survey_days(struct daily *d, struct err *e)
{
    d->survey_day = TAKE(&d->a, int32_t, DAY_MAX);
    d->runs = TAKE(&d->a, int32_t, DAY_MAX);
    if (!d->survey_day || !d->runs)
        return no_room(e);
    for (int32_t i = 0; i < DAY_MAX; i++) {
        if (d->day_seen[i])
            d->survey_day[d->survey_day_n++] = i;
        d->runs[i] = (int32_t)d->survey_day_n;
    }
    d->counts.first_day = d->survey_day_n ? d->survey_day[0] : 0;
    d->counts.last_day = d->o.last_day ? d->o.last_day : d->survey_day_n ? d->survey_day[d->survey_day_n - 1] : 0;
    return true;
}

bool daily_read(struct daily *d, uint32_t jobs, uint32_t parts, struct spools **ret, struct err *e)
{
    struct spools *all = calloc(1, sizeof *all);
    struct str dir = d->o.spool_dir.n ? d->o.spool_dir : STR("/tmp");

    if (!all || !(all->reader = calloc(jobs, sizeof *all->reader))) {
        free(all);
        return no_room(e);
    }
    all->d = d;
    all->jobs = jobs;
    all->parts = parts;
    all->ranges = jobs * RANGES;
    d->day_seen = NEW(&d->a, uint8_t, DAY_MAX);
    bool ok = (d->day_seen || no_room(e)) && store_extent(d->s, "survey_observation", &all->extent, e);
    for (uint32_t i = 0; i < jobs; i++) {
        struct reader *r = &all->reader[i];

        *r = (struct reader){ .s = i ? NULL : d->s, .spool = OS_FILE_NONE, .d = d, .all = all };
        ok = ok && (((r->part = calloc(parts, sizeof *r->part)) && (r->day_seen = calloc(1, DAY_MAX))) || no_room(e)) &&
             d->o.os->spool(d->o.os, dir, &r->spool, e);
    }
    ok = ok && (!d->last_observation || pool_run(jobs, all->ranges, work, all, e));
    for (uint32_t i = 0; i < jobs && ok; i++)
        sum(d, &all->reader[i]);
    if (!ok || !survey_days(d, e)) {
        spools_close(all);
        return false;
    }
    *ret = all;
    return true;
}

uint64_t spools_count(const struct spools *s, uint32_t part)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < s->jobs; i++)
        n += s->reader[i].part[part].count;
    return n;
}

bool spools_get(struct spools *s, uint32_t part, struct seen *ret, struct err *e)
{
    struct os *os = s->d->o.os;

    for (uint32_t i = 0; i < s->jobs; i++) {
        const struct part *p = &s->reader[i].part[part];

        for (size_t k = 0; k < p->piece_n; k++, ret += PIECE) {
            size_t got;

            if (!os->read_at(os, s->reader[i].spool, p->piece[k], (uint8_t *)ret, PIECE * sizeof *ret, &got, e))
                return false;
            if (got != PIECE * sizeof *ret)
                return err_set(e, ERR_IO, "a spool is cut at %zu bytes", got);
        }
        if (p->n)
            memcpy(ret, p->buf, p->n * sizeof *ret);
        ret += p->n;
    }
    return true;
}

void spools_close(struct spools *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; i < s->jobs; i++) {
        struct reader *r = &s->reader[i];

        for (uint32_t k = 0; r->part && k < s->parts; k++)
            free(r->part[k].piece);
        free(r->part);
        free(r->day_seen);
        if (r->spool.h >= 0)
            s->d->o.os->close(s->d->o.os, &r->spool);
        if (r->own)
            store_close(r->s);
    }
    free(s->reader);
    free(s);
}
