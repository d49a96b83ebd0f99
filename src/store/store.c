/* See store.h. What both engines share: the words of their SQL, text without NUL, transactions, migrations. */
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/utf.h"
#include "store/engine.h"
#include "store/kept.h"

/* SQLite takes any path, so it stands last. */
static const struct store_engine *const engines[] = { &store_pg, &store_sqlite };

/* ---- SQL that both understand ---- */

struct sql { char *p; size_t n, cap; bool bad; };

static void sql_put(struct sql *q, const char *s, size_t n)
{
    if (q->bad)
        return;
    if (q->n + n + 1 > q->cap) {
        size_t cap = (q->n + n + 1) * 2;
        char *p = realloc(q->p, cap);

        if (!p) {
            q->bad = true;
            return;
        }
        q->p = p;
        q->cap = cap;
    }
    memcpy(q->p + q->n, s, n);
    q->n += n;
    q->p[q->n] = 0;
}

/* The statement in the engine's own words; what stands in quotes is left alone. Freed by the caller; NULL: no memory. */
static char *sql_of(const struct store_engine *g, const char *text)
{
    const struct { const char *word, *is; } words[] = {
        { "{id}", g->id }, { "{blob}", g->blob }, { "{int}", g->integer }, { "{real}", g->real }, { "{clustered}", g->clustered }, { "{in ", g->in }, { "}", g->in_end },
    };
    struct sql q = { 0 };
    bool quoted = false;

    sql_put(&q, "", 0);
    for (const char *p = text; *p; p++) {
        const char *is = NULL;

        if (*p == '\'')
            quoted = !quoted;
        for (size_t w = 0; !quoted && (*p == '{' || *p == '}') && !is && w < COUNT_OF(words); w++)
            if (!strncmp(p, words[w].word, strlen(words[w].word))) {
                is = words[w].is;
                p += strlen(words[w].word) - 1;
            }
        if (is)
            sql_put(&q, is, strlen(is));
        else
            sql_put(&q, !quoted && *p == '?' ? &g->parameter : p, 1);
    }
    if (q.bad) {
        free(q.p);
        return NULL;
    }
    return q.p;
}

/* ---- open and close ---- */

bool store_open(struct store **ret, struct str where, enum store_mode mode, struct err *e)
{
    size_t i = 0;

    if (where.n == 0)
        return err_set(e, ERR_USAGE, "no address of a store");
    while (!engines[i]->mine(where))
        i++;
    struct store *s = NULL;
    if (!engines[i]->open(&s, where, mode, e))
        return false;
    s->engine = engines[i];
    s->mode = mode;
    *ret = s;
    return true;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    store_rollback(s);
    kept_end(s);
    s->engine->close(s);
}

bool store_is_postgresql(const struct store *s) { return s->engine == &store_pg; }

/* ---- transactions ---- */

bool store_exec(struct store *s, const char *sql, struct err *e)
{
    char *q = sql_of(s->engine, sql);
    bool ok = q ? s->engine->exec(s, q, e) : err_set(e, ERR_MEMORY, "no room for a statement");

    free(q);
    return ok;
}

bool store_begin(struct store *s, struct err *e)
{
    s->in_transaction = s->engine->exec(s, s->engine->begin[s->mode], e);
    return s->in_transaction;
}

bool store_commit(struct store *s, struct err *e)
{
    if (!s->engine->exec(s, "COMMIT", e)) {
        store_rollback(s);
        return false;
    }
    s->in_transaction = false;
    if (s->engine->committed)
        s->engine->committed(s);
    return true;
}

void store_rollback(struct store *s)
{
    struct err e = { 0 };

    if (s->in_transaction)
        s->engine->exec(s, "ROLLBACK", &e);          /* an engine that cannot has undone it already */
    s->in_transaction = false;
}

static bool layer_step(struct store *s, const char *name, int64_t *ret, struct err *e)
{
    struct store_stmt *st;

    if (!store_prepare(s, "SELECT step FROM store_layer WHERE name = ?1", &st, e))
        return false;
    store_bind_text(st, 1, str_c(name));
    enum store_got got = store_step(st, e);
    *ret = got == STORE_ROW ? store_int(st, 0) : 0;
    store_finish(st);
    return got != STORE_FAILED;
}

static bool migrate_step(struct store *s, const struct store_migration *m, int64_t at, struct err *e)
{
    struct store_stmt *st = NULL;
    bool ok = store_begin(s, e) && store_exec(s, m->step[at], e) &&
              store_prepare(s, "INSERT INTO store_layer (name, step) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET step = excluded.step", &st, e);

    if (ok) {
        store_bind_text(st, 1, str_c(m->name));
        store_bind_int(st, 2, at + 1);
        ok = store_run(st, e);
    }
    store_finish(st);
    ok = ok && store_commit(s, e);
    if (!ok) {
        store_rollback(s);
        err_where(e, "step %d of %s: ", (int)at + 1, m->name);
    }
    return ok;
}

bool store_migrate(struct store *s, const struct store_migration *m, struct err *e)
{
    int64_t at;

    if (s->mode == STORE_WRITE && !store_exec(s, "CREATE TABLE IF NOT EXISTS store_layer (name TEXT PRIMARY KEY, step {int} NOT NULL)", e))
        return false;
    if (!layer_step(s, m->name, &at, e))
        return s->mode != STORE_WRITE ? err_hint(e, "this store holds nothing yet: import something first") : false;
    if (at > m->step_n) {
        err_set(e, ERR_USAGE, "the store's %s has %d steps, this program knows %d", m->name, (int)at, m->step_n);
        return err_hint(e, "it was written by a newer Afterpatch: use that one");
    }
    if (s->mode != STORE_WRITE && at < m->step_n) {
        err_set(e, ERR_USAGE, "the store's %s has %d steps, this program knows %d", m->name, (int)at, m->step_n);
        return err_hint(e, at ? "open it once for writing: an import brings it up to date" : "this store holds nothing yet: import something first");
    }
    for (; at < m->step_n; at++)
        if (!migrate_step(s, m, at, e))
            return false;
    return true;
}

/* ---- statements ---- */

static bool is_clean(struct str s) { return s.n == 0 || (!memchr(s.p, 0, s.n) && utf8_valid(s)); }

/* to: three times as long. */
static struct str clean_into(struct str s, uint8_t *to)
{
    size_t n = 0;

    while (s.n) {
        uint32_t cp = 0;
        size_t   w = *s.p ? utf8_next(s, &cp) : 0;

        n += utf8_put(w ? cp : 0xFFFD, to + n);
        s = str_from(s, w ? w : 1);
    }
    return (struct str){ to, n };
}

/* Text both engines take: no NUL, whole UTF-8. `s` itself where it is so already. False: no memory. */
static bool text_clean(struct str s, uint8_t **scratch, size_t *cap, struct str *ret)
{
    *ret = s;
    if (is_clean(s))
        return true;
    if (s.n > SIZE_MAX / 4)
        return false;
    if (*cap < s.n * 3) {
        uint8_t *p = realloc(*scratch, s.n * 3);

        if (!p)
            return false;
        *scratch = p;
        *cap = s.n * 3;
    }
    *ret = clean_into(s, *scratch);
    return true;
}

bool store_prepare(struct store *s, const char *sql, struct store_stmt **ret, struct err *e)
{
    struct store_stmt *st = kept_take(s, sql);

    if (st) {
        *ret = st;
        return true;
    }
    char *q = sql_of(s->engine, sql);
    bool  ok = q ? s->engine->prepare(s, q, &st, e) : err_set(e, ERR_MEMORY, "no room for a statement");
    free(q);
    if (ok) {
        st->store = s;
        st->sql = strdup(sql);
        *ret = st;
    }
    return ok;
}

void store_bind_int(struct store_stmt *st, int at, int64_t v) { st->store->engine->bind_int(st, at, v); }
void store_bind_real(struct store_stmt *st, int at, double v) { st->store->engine->bind_real(st, at, v); }
void store_bind_bytes(struct store_stmt *st, int at, struct str v) { st->store->engine->bind_bytes(st, at, v, false); }
void store_bind_null(struct store_stmt *st, int at) { st->store->engine->bind_null(st, at); }
void store_bind_ints(struct store_stmt *st, int at, const int64_t *v, size_t n) { st->store->engine->bind_ints(st, at, v, n); }

/* A value that there was no room for: no such parameter, so the step fails. */
static void bind_lost(struct store_stmt *st) { st->store->engine->bind_bytes(st, -1, STR_EMPTY, true); }

void store_bind_text(struct store_stmt *st, int at, struct str v)
{
    uint8_t *scratch = NULL;
    size_t cap = 0;
    struct str clean;

    if (text_clean(v, &scratch, &cap, &clean))
        st->store->engine->bind_bytes(st, at, clean, true);
    else
        bind_lost(st);
    free(scratch);
}

void store_bind_texts(struct store_stmt *st, int at, const struct str *v, size_t n)
{
    struct str *clean = calloc(n + 1, sizeof *clean);
    size_t      need = 1;

    for (size_t i = 0; i < n; i++)
        need += is_clean(v[i]) ? 0 : v[i].n * 3;
    uint8_t *room = malloc(need), *to = room;
    for (size_t i = 0; clean && room && i < n; i++) {
        clean[i] = v[i];
        if (is_clean(v[i]))
            continue;
        clean[i] = clean_into(v[i], to);
        to += clean[i].n;
    }
    if (clean && room)
        st->store->engine->bind_texts(st, at, clean, n);
    else
        bind_lost(st);
    free(clean);
    free(room);
}

enum store_got store_step(struct store_stmt *st, struct err *e)
{
    enum store_got got = st->store->engine->step(st, e);

    st->failed |= got == STORE_FAILED;
    return got;
}

bool store_run(struct store_stmt *st, struct err *e)
{
    enum store_got got;

    do
        got = store_step(st, e);
    while (got == STORE_ROW);
    store_reset(st);
    return got == STORE_DONE;
}

void store_reset(struct store_stmt *st) { st->store->engine->reset(st); }
void store_finish(struct store_stmt *st)
{
    if (st)
        kept_put(st);
}
int64_t store_int(struct store_stmt *st, int column) { return st->store->engine->get_int(st, column); }
double  store_real(struct store_stmt *st, int column) { return st->store->engine->get_real(st, column); }
struct str store_text(struct store_stmt *st, int column) { return st->store->engine->get_bytes(st, column); }
struct str store_bytes(struct store_stmt *st, int column) { return st->store->engine->get_bytes(st, column); }
bool    store_null(struct store_stmt *st, int column) { return st->store->engine->get_null(st, column); }

/* ---- many rows ---- */

bool store_bulk_begin(struct store *s, const char *table, const char *columns, enum store_keys keys, struct store_bulk **ret, struct err *e)
{
    struct store_bulk *b = NULL;
    int n = 1;

    for (const char *p = columns; *p; p++)
        n += *p == ',';
    if (!s->engine->bulk_begin(s, table, columns, n, keys, &b, e))
        return false;
    b->store = s;
    b->keys = keys;
    *ret = b;
    return true;
}

void store_bulk_int(struct store_bulk *b, int64_t v) { b->store->engine->bulk_int(b, v); }
void store_bulk_bytes(struct store_bulk *b, struct str v) { b->store->engine->bulk_bytes(b, v, false); }
void store_bulk_null(struct store_bulk *b) { b->store->engine->bulk_null(b); }

void store_bulk_text(struct store_bulk *b, struct str v)
{
    struct str clean;

    if (!text_clean(v, &b->scratch, &b->scratch_cap, &clean)) {
        b->no_memory = true;
        clean = STR_EMPTY;
    }
    b->store->engine->bulk_bytes(b, clean, true);
}

bool store_bulk_row(struct store_bulk *b, struct err *e)
{
    if (b->no_memory)
        return err_set(e, ERR_MEMORY, "no room for a row");
    return b->store->engine->bulk_row(b, e);
}

bool store_bulk_end(struct store_bulk *b, uint64_t *ret_new, struct err *e)
{
    if (!b)
        return true;
    uint64_t rows = 0;
    free(b->scratch);
    b->scratch = NULL;
    bool ok = b->store->engine->bulk_end(b, &rows, e);
    if (ok && ret_new)
        *ret_new = rows;
    return ok;
}

bool store_scan(struct store *s, const char *sql, int columns, store_take *take, void *ctx, struct err *e)
{
    char *q = sql_of(s->engine, sql);
    bool ok = q ? s->engine->scan(s, q, columns, take, ctx, e) : err_set(e, ERR_MEMORY, "no room for a statement");

    free(q);
    return ok;
}

bool store_one_int(struct store *s, const char *sql, int64_t *ret, struct err *e)
{
    struct store_stmt *st;

    if (!store_prepare(s, sql, &st, e))
        return false;
    bool ok = store_step(st, e) == STORE_ROW;
    if (ok)
        *ret = store_int(st, 0);
    store_finish(st);
    return ok;
}

bool store_extent(struct store *s, const char *table, uint64_t *ret, struct err *e)
{
    char    sql[256];
    int64_t n;

    snprintf(sql, sizeof sql, s->engine->extent, table);
    if (!store_one_int(s, sql, &n, e))
        return false;
    *ret = (uint64_t)n;
    return true;
}

/* Pages of PostgreSQL are read one after the other; through the index of id every row would be looked up. */
void store_part(struct store *s, uint64_t extent, uint32_t part, uint32_t parts, char ret[STORE_PART_TEXT])
{
    unsigned long long from = extent * part / parts, to = extent * (part + 1) / parts;

    if (!s->engine->by_place)
        snprintf(ret, STORE_PART_TEXT, part + 1 == parts ? "id > %llu" : "id > %llu AND id <= %llu", from, to);
    else
        snprintf(ret, STORE_PART_TEXT, part + 1 == parts ? "ctid >= '(%llu,0)'" : "ctid >= '(%llu,0)' AND ctid < '(%llu,0)'", from, to);
}
