/* See record.h. */
#include "survey/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/time.h"
#include "survey/record_keys.h"
#include "survey/record_tables.h"

enum { TABLES_OPEN = TABLE_OBSERVATION + 1 };

struct record {
    struct store *s;
    struct os    *os;
    struct keys  *keys;
    struct key    key, part;         /* part: of what a key's row points to */
    struct store_bulk *bulk[TABLES_OPEN];
    int64_t next_observation, next_batch, next_file;

    int64_t  file;                  /* 0: none is under way */
    uint64_t skip;                  /* so many calls were committed before */
    uint64_t taken;                 /* calls of this file, those passed over too */
    struct record_counts counts;

    bool     in_batch, failed;
    uint32_t batch_calls;           /* the most of a batch */
    int64_t  first_observation;     /* of the batch */
    uint64_t batch_observations, batch_broken;
};

/* ---- open and close ---- */

bool record_open(struct record **ret, struct store *s, struct os *os, struct err *e)
{
    struct record *r = calloc(1, sizeof *r);

    if (!r || !(r->key.p = malloc(KEY_MAX)) || !(r->part.p = malloc(KEY_MAX))) {
        record_close(r);
        return err_set(e, ERR_MEMORY, "no room for a recorder");
    }
    r->s = s;
    r->os = os;
    r->batch_calls = RECORD_BATCH;
    if (!keys_open(&r->keys, RECORD_CACHE_BYTES, e) || !store_migrate(s, &record_layer, e) ||
        !store_one_int(s, "SELECT coalesce(max(id), 0) + 1 FROM survey_observation", &r->next_observation, e) ||
        !store_one_int(s, "SELECT coalesce(max(id), 0) + 1 FROM survey_batch", &r->next_batch, e) ||
        !store_one_int(s, "SELECT coalesce(max(id), 0) + 1 FROM survey_file", &r->next_file, e)) {
        record_close(r);
        return false;
    }
    *ret = r;
    return true;
}

static void bulks_drop(struct record *r)
{
    struct err e = { .kind = ERR_IO };

    for (int i = 0; i < TABLES_OPEN; i++) {
        store_bulk_end(r->bulk[i], NULL, &e);
        r->bulk[i] = NULL;
    }
}

void record_close(struct record *r)
{
    if (!r)
        return;
    if (r->in_batch) {
        store_rollback(r->s);
        bulks_drop(r);
    }
    keys_close(r->keys);
    free(r->key.p);
    free(r->part.p);
    free(r);
}

/* ---- batches ---- */

static bool batch_begin(struct record *r, struct err *e)
{
    if (r->failed)
        return err_set(e, ERR_USAGE, "recording failed before");
    if (r->in_batch)
        return true;
    r->failed = !store_begin(r->s, e);
    r->in_batch = !r->failed;
    r->first_observation = r->next_observation;
    r->batch_observations = r->batch_broken = 0;
    return r->in_batch;
}

static struct store_bulk *bulk(struct record *r, enum record_table t, struct err *e)
{
    const struct record_table_shape *shape = &record_tables[t];

    if (!r->bulk[t] && !store_bulk_begin(r->s, shape->name, shape->columns, shape->fresh ? STORE_FRESH : STORE_KEEP_OLD, &r->bulk[t], e))
        return NULL;
    return r->bulk[t];
}

static bool journal(struct record *r, bool whole, struct err *e)
{
    struct store_stmt *st;

    if (!store_prepare(r->s, "INSERT INTO survey_batch (id, file, first_observation, last_observation, taken, observations, broken, recorded_us, whole) "
                             "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", &st, e))
        return false;
    const int64_t v[] = { r->next_batch, r->file, r->first_observation, r->next_observation - 1, (int64_t)r->taken, (int64_t)r->batch_observations,
                          (int64_t)r->batch_broken, r->os->now_us(r->os), whole };
    for (int i = 0; i < (int)COUNT_OF(v); i++)
        store_bind_int(st, i + 1, v[i]);
    bool ok = store_run(st, e);
    store_finish(st);
    return ok;
}

/* Rows, dictionaries and the journal's line become true in one commit. */
static bool batch_end(struct record *r, bool whole, struct err *e)
{
    bool ok = true;

    if (!r->in_batch && !whole)
        return !r->failed || err_set(e, ERR_USAGE, "recording failed before");
    if (!batch_begin(r, e))
        return false;
    for (int i = 0; i < TABLES_OPEN && ok; i++) {
        ok = store_bulk_end(r->bulk[i], NULL, e);
        r->bulk[i] = NULL;
    }
    ok = ok && journal(r, whole, e) && store_commit(r->s, e);
    if (!ok) {
        bulks_drop(r);
        store_rollback(r->s);
        r->failed = true;
    }
    r->in_batch = false;
    r->next_batch++;
    return ok;
}

void record_batch(struct record *r, uint32_t calls) { r->batch_calls = calls; }

bool record_flush(struct record *r, struct err *e) { return batch_end(r, false, e); }

/* ---- files ---- */

struct known { int64_t file, taken; bool whole, same_reader; };

/* What the journal says of a file that is not void. */
static bool file_known(struct record *r, const struct record_file *f, struct known *ret, struct err *e)
{
    struct store_stmt *st;

    if (!store_prepare(r->s, "SELECT f.id, f.format, coalesce(max(b.taken), 0), coalesce(max(b.whole), 0) FROM survey_file f "
                             "LEFT JOIN survey_batch b ON b.file = f.id WHERE f.sha256 = ?1 AND f.id NOT IN (SELECT file FROM survey_void) "
                             "GROUP BY f.id, f.format ORDER BY f.id", &st, e))
        return false;
    store_bind_bytes(st, 1, (struct str){ f->sha256, 32 });
    enum store_got got = store_step(st, e);
    *ret = (struct known){ 0 };
    if (got == STORE_ROW)
        *ret = (struct known){ .file = store_int(st, 0), .same_reader = str_eq(store_text(st, 1), key_word(f->format)),
                               .taken = store_int(st, 2), .whole = store_int(st, 3) != 0 };
    store_finish(st);
    return got != STORE_FAILED;
}

static bool file_void(struct record *r, int64_t file, bool whole, struct err *e)
{
    struct store_stmt *st;

    if (!store_prepare(r->s, "INSERT INTO survey_void (file, why) VALUES (?1, ?2)", &st, e))
        return false;
    store_bind_int(st, 1, file);
    store_bind_text(st, 2, whole ? STR("read anew at the operator's word") : STR("half read by another reader than the one that began it: read anew"));
    bool ok = store_run(st, e);
    store_finish(st);
    return ok;
}

static bool file_add(struct record *r, const struct record_file *f, struct err *e)
{
    struct store_stmt *st;

    if (!store_prepare(r->s, "INSERT INTO survey_file (id, sha256, name, format, size_bytes, begun_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", &st, e))
        return false;
    store_bind_int(st, 1, r->next_file);
    store_bind_bytes(st, 2, (struct str){ f->sha256, 32 });
    store_bind_text(st, 3, key_word(f->name));
    store_bind_text(st, 4, key_word(f->format));
    store_bind_int(st, 5, (int64_t)f->size_bytes);
    store_bind_int(st, 6, r->os->now_us(r->os));
    bool ok = store_run(st, e);
    store_finish(st);
    return ok;
}

bool record_file_begin(struct record *r, const struct record_file *f, enum record_state *ret, struct err *e)
{
    struct known k;

    if (r->file || r->failed)
        return err_set(e, ERR_USAGE, "%s", r->failed ? "recording failed before" : "a file is under way");
    if (!file_known(r, f, &k, e))
        return false;
    r->counts = (struct record_counts){ 0 };
    r->taken = r->skip = 0;
    if (k.whole && !f->again) {
        *ret = RECORD_WHOLE;
        return true;
    }
    if (k.file && !k.whole && (k.same_reader || f->live)) {
        r->file = k.file;
        if (f->live)
            r->taken = (uint64_t)k.taken;
        else
            r->skip = (uint64_t)k.taken;
        *ret = RECORD_CONTINUES;
        return true;
    }
    bool ok = store_begin(r->s, e) && (!k.file || file_void(r, k.file, k.whole, e)) && file_add(r, f, e) && store_commit(r->s, e);
    if (!ok) {
        store_rollback(r->s);
        return false;
    }
    r->file = r->next_file++;
    *ret = RECORD_NEW;
    return true;
}

bool record_file_end(struct record *r, struct record_counts *ret, struct err *e)
{
    if (!r->file)
        return err_set(e, ERR_USAGE, "no file is under way");
    bool ok = r->taken >= r->skip;
    if (!ok)
        err_set(e, ERR_FORMAT, "the file gave %llu records, and %llu before it was cut off", (unsigned long long)r->taken, (unsigned long long)r->skip);
    ok = ok && batch_end(r, true, e);
    r->file = 0;
    if (ok && ret)
        *ret = r->counts;
    return ok;
}

/* ---- one observation ---- */

/* The word's number, with its row. 0: an empty word has none. */
static bool word_put(struct record *r, struct str s, int64_t *ret, struct err *e)
{
    *ret = 0;
    if (s.n == 0)
        return true;
    key_begin(&r->part, KEY_WORD);
    key_str(&r->part, s);
    *ret = keys_id(r->keys, &r->part);
    struct store_bulk *b = bulk(r, TABLE_WORD, e);
    if (!b)
        return false;
    store_bulk_int(b, *ret);
    store_bulk_text(b, key_word(s));
    return store_bulk_row(b, e);
}

static bool words_put(struct record *r, const struct str *s, size_t n, int64_t *ret, struct err *e)
{
    for (size_t i = 0; i < n; i++)
        if (!word_put(r, s[i], &ret[i], e))
            return false;
    return true;
}

/* One name in two cases is one node. */
static struct str lower(uint8_t buf[KEY_WORD_MAX], struct str s)
{
    s = key_word(s);
    for (size_t i = 0; i < s.n; i++)
        buf[i] = ch_lower(s.p[i]);
    return (struct str){ buf, s.n };
}

/* Without an address its name is all there is. */
static struct str node_name(uint8_t buf[KEY_WORD_MAX], const struct observation *o)
{
    return lower(buf, o->node.n ? o->node : o->has_ip || !o->name_n ? STR_EMPTY : o->name[0]);
}

static void node_key(struct key *k, const struct observation *o, struct str name)
{
    key_str(k, o->has_ip ? (struct str){ o->ip, 16 } : STR_EMPTY);
    key_u64(k, o->port);
    key_u64(k, o->node.n != 0);
    key_str(k, name);
}

static void identity_key(struct key *k, const struct observation *o, struct str domain)
{
    key_str(k, o->has_cert ? (struct str){ o->cert, 32 } : STR_EMPTY);
    key_str(k, o->cert_org);
    key_str(k, o->cert_name);
    key_str(k, domain);
    bool from = false;
    for (size_t i = 0; i < o->name_n; i++) {
        key_str(k, o->name[i]);
        from |= o->name_from[i] != OBS_NAME_SAID;
    }
    if (from)                                              /* behind all names, and no name itself: it has no dot */
        key_str(k, (struct str){ o->name_from, o->name_n });
}

static bool node_put(struct record *r, const struct observation *o, struct str name, int64_t *ret, struct err *e)
{
    struct store_bulk *b = bulk(r, TABLE_NODE, e);
    int64_t word;

    key_begin(&r->part, KEY_NODE);
    node_key(&r->part, o, name);
    *ret = keys_id(r->keys, &r->part);
    if (!b || !word_put(r, name, &word, e))
        return false;
    store_bulk_int(b, *ret);
    if (o->has_ip)
        store_bulk_bytes(b, (struct str){ o->ip, 16 });
    else
        store_bulk_null(b);
    store_bulk_int(b, o->port);
    store_bulk_int(b, o->node.n != 0);
    store_bulk_int(b, word);
    return store_bulk_row(b, e);
}

static bool identity_put(struct record *r, const struct observation *o, struct str domain, int64_t *ret, struct err *e)
{
    struct store_bulk *b = bulk(r, TABLE_IDENTITY, e), *n = bulk(r, TABLE_NAME, e);
    int64_t id[3], name;

    key_begin(&r->part, KEY_IDENTITY);
    identity_key(&r->part, o, domain);
    *ret = keys_id(r->keys, &r->part);
    if (!b || !n || !words_put(r, (struct str[]){ o->cert_org, o->cert_name, domain }, 3, id, e))
        return false;
    store_bulk_int(b, *ret);
    if (o->has_cert)
        store_bulk_bytes(b, (struct str){ o->cert, 32 });
    else
        store_bulk_null(b);
    for (size_t i = 0; i < COUNT_OF(id); i++)
        store_bulk_int(b, id[i]);
    if (!store_bulk_row(b, e))
        return false;
    for (size_t i = 0; i < o->name_n; i++) {
        if (!word_put(r, o->name[i], &name, e))
            return false;
        store_bulk_int(n, *ret);
        store_bulk_int(n, (int64_t)i);
        store_bulk_int(n, name);
        store_bulk_int(n, o->name_from[i]);
        if (!store_bulk_row(n, e))
            return false;
    }
    return true;
}

static uint64_t build_packed(const struct observation *o)
{
    uint64_t v = 0;

    for (int i = 0; i < 4; i++)
        v = v << 16 | (i < o->parts ? o->build[i] : 0);
    return v;
}

static bool claims_put(struct record *r, const struct observation *o, int64_t state, struct err *e)
{
    struct store_bulk *b = o->claim_n ? bulk(r, TABLE_CLAIM, e) : NULL;
    int64_t id[2];

    for (size_t i = 0; i < o->claim_n; i++) {
        const struct obs_claim *c = &o->claim[i];

        if (!b || !words_put(r, (struct str[]){ c->about, c->detail }, 2, id, e))
            return false;
        store_bulk_int(b, state);
        store_bulk_int(b, (int64_t)i);
        store_bulk_int(b, c->kind);
        store_bulk_int(b, id[0]);
        store_bulk_int(b, id[1]);
        if (!store_bulk_row(b, e))
            return false;
    }
    return true;
}

static bool state_put(struct record *r, const struct observation *o, int64_t *ret, struct err *e)
{
    size_t cc = strnlen(o->country, 2);
    const struct str word[] = { o->source_name, o->detector, o->server_header, o->as_name, o->sector, { (const uint8_t *)o->country, cc } };
    const int64_t num[] = { o->source, o->means, o->parts, (int64_t)build_packed(o), o->reach, o->flags, o->status, o->asn, o->naics };
    int64_t id[COUNT_OF(word)];

    key_begin(&r->key, KEY_STATE);
    for (size_t i = 0; i < COUNT_OF(num); i++)
        key_u64(&r->key, (uint64_t)num[i]);
    for (size_t i = 0; i < COUNT_OF(word); i++)
        key_str(&r->key, word[i]);
    for (size_t i = 0; i < o->claim_n; i++) {
        key_u64(&r->key, o->claim[i].kind);
        key_str(&r->key, o->claim[i].about);
        key_str(&r->key, o->claim[i].detail);
    }
    if (keys_find(r->keys, &r->key, ret))
        return true;
    struct store_bulk *b = bulk(r, TABLE_STATE, e);
    if (!b || !words_put(r, word, COUNT_OF(word), id, e))
        return false;
    store_bulk_int(b, *ret);
    for (size_t i = 0; i < COUNT_OF(num); i++)
        store_bulk_int(b, num[i]);
    for (size_t i = 0; i < COUNT_OF(word); i++)
        store_bulk_int(b, id[i]);
    return store_bulk_row(b, e) && claims_put(r, o, *ret, e);
}

static bool body_put(struct record *r, const struct observation *o, struct err *e)
{
    if (!o->has_body)
        return true;
    struct store_bulk *b = bulk(r, TABLE_BODY, e);
    if (!b)
        return false;
    store_bulk_int(b, r->next_observation);
    store_bulk_bytes(b, (struct str){ o->body, 32 });
    return store_bulk_row(b, e);
}

/* A target is known by all that its node and its identity say: both are written with it. */
static bool target_put(struct record *r, const struct observation *o, int64_t *ret, struct err *e)
{
    uint8_t a[KEY_WORD_MAX], d[KEY_WORD_MAX];
    struct str name = node_name(a, o), domain = lower(d, o->ad_domain);
    bool online = o->flags & OBS_ONLINE;
    int64_t node, identity;

    key_begin(&r->key, KEY_TARGET);
    key_u64(&r->key, online);
    node_key(&r->key, o, name);
    identity_key(&r->key, o, domain);
    if (keys_find(r->keys, &r->key, ret))
        return true;
    struct store_bulk *b = bulk(r, TABLE_TARGET, e);
    if (!b || !node_put(r, o, name, &node, e) || !identity_put(r, o, domain, &identity, e))
        return false;
    store_bulk_int(b, *ret);
    store_bulk_int(b, node);
    store_bulk_int(b, identity);
    store_bulk_int(b, online);
    return store_bulk_row(b, e);
}

static bool row_put(struct record *r, const struct observation *o, struct err *e)
{
    int64_t target, state;

    if (!target_put(r, o, &target, e) || !state_put(r, o, &state, e) || !body_put(r, o, e))
        return false;
    struct store_bulk *b = bulk(r, TABLE_OBSERVATION, e);
    if (!b)
        return false;
    store_bulk_int(b, r->next_observation);
    store_bulk_int(b, (int64_t)(o->line > INT64_MAX ? INT64_MAX : o->line));
    store_bulk_int(b, target);
    if (o->observed_us == TIME_NONE)
        store_bulk_null(b);
    else
        store_bulk_int(b, o->observed_us);
    store_bulk_int(b, state);
    return store_bulk_row(b, e);
}

/* Every call counts, so that the next reading passes over the same ones. False with ERR_NONE: passed over. */
static bool counts_now(struct record *r, struct err *e)
{
    if (!r->file)
        return err_set(e, ERR_USAGE, "no file is under way");
    if (r->taken++ < r->skip) {
        r->counts.passed_over++;
        return false;
    }
    return batch_begin(r, e);
}

static bool counted(struct record *r, bool ok, struct err *e)
{
    r->failed |= !ok;
    if (ok && r->batch_observations + r->batch_broken >= r->batch_calls)
        ok = batch_end(r, false, e);
    return ok;
}

static bool take(void *ctx, const struct observation *o, struct err *e)
{
    struct record *r = ctx;

    if (!counts_now(r, e))
        return e->kind == ERR_NONE;
    bool ok = row_put(r, o, e);
    r->next_observation += ok;
    r->batch_observations++;
    r->counts.observations++;
    return counted(r, ok, e);
}

static bool broken(void *ctx, uint64_t line, const char *why, struct str raw, struct err *e)
{
    struct record *r = ctx;

    if (!counts_now(r, e))
        return e->kind == ERR_NONE;
    struct store_bulk *b = bulk(r, TABLE_BROKEN, e);
    if (!b)
        return counted(r, false, e);
    store_bulk_int(b, r->file);
    store_bulk_int(b, (int64_t)r->taken);
    store_bulk_int(b, (int64_t)(line > INT64_MAX ? INT64_MAX : line));
    store_bulk_text(b, str_c(why));
    store_bulk_bytes(b, str_sub(raw, 0, OBS_RAW_MAX));
    bool ok = store_bulk_row(b, e);
    r->batch_broken++;
    r->counts.broken++;
    return counted(r, ok, e);
}

struct obs_sink record_sink(struct record *r) { return (struct obs_sink){ .ctx = r, .take = take, .broken = broken }; }
