/*
 * spool: how bodies are kept.
 *
 * Frames   each holds SPOOL_CHUNK raw bytes but the last of a body, compressed at level 1: fast, and logs shrink tenfold.
 * Reading  a frame is unpacked into one of a few slots, each with its own lock, and copied from there: the usual reader goes front to back in
 *          pieces much smaller than a frame.
 * Only here libzstd.
 */
#include "evidence/spool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { SLOTS = 8, LEVEL = 1 };

struct frame {
    uint64_t off;               /* in the file */
    uint8_t *mem;               /* without a file */
    uint32_t packed, raw;
};

struct body {
    size_t   first, n;          /* frames */
    uint64_t size_bytes;
};

struct slot {
    pthread_mutex_t lock;
    ZSTD_DCtx      *unpack;
    uint8_t        *raw, *packed;
    size_t          frame;      /* whose bytes `raw` holds; SIZE_MAX: nobody's */
};

struct spool {
    struct os     *os;
    struct str     dir;
    uint64_t       max, at;     /* at: where the next frame goes */
    struct os_file file;
    struct arena  *keep;
    struct frame  *frame;
    size_t         frame_n, frame_cap;
    struct body   *body;
    size_t         body_n, body_cap;
    /* the body that is being written */
    bool           begun;
    struct body    now;
    uint64_t       now_at;      /* `at` when it began */
    ZSTD_CCtx     *pack;
    uint8_t       *raw, *packed;
    size_t         raw_n;
    struct slot    slot[SLOTS];
};

bool spool_open(struct spool **ret, struct os *os, struct str dir, const struct ev_limits *limits, struct arena *keep, struct err *e)
{
    struct spool *s = NEW(keep, struct spool, 1);

    if (!s || (dir.n && !(dir = str_dup(keep, dir)).p))
        return err_set(e, ERR_MEMORY, "no room for the spool");
    s->os   = os;
    s->dir  = dir;
    s->max  = dir.n ? limits->spool : limits->spool_memory;
    s->file = OS_FILE_NONE;
    s->keep = keep;
    for (size_t i = 0; i < SLOTS; i++) {
        pthread_mutex_init(&s->slot[i].lock, NULL);
        s->slot[i].frame = SIZE_MAX;
    }
    *ret = s;
    return true;
}

static void frames_free(struct spool *s, size_t from)
{
    for (size_t i = from; i < s->frame_n; i++)
        free(s->frame[i].mem);
    s->frame_n = from;
}

void spool_close(struct spool *s)
{
    if (!s)
        return;
    frames_free(s, 0);
    for (size_t i = 0; i < SLOTS; i++) {
        ZSTD_freeDCtx(s->slot[i].unpack);
        free(s->slot[i].raw);
        free(s->slot[i].packed);
        pthread_mutex_destroy(&s->slot[i].lock);
    }
    ZSTD_freeCCtx(s->pack);
    free(s->raw);
    free(s->packed);
    if (s->file.h >= 0)
        s->os->close(s->os, &s->file);
}

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room to spool members of an archive"); }

bool spool_begin(struct spool *s, struct err *e)
{
    spool_drop(s);
    if (!s->pack)
        s->pack = ZSTD_createCCtx();
    if (!s->raw)
        s->raw = malloc(SPOOL_CHUNK);
    if (!s->packed)
        s->packed = malloc(ZSTD_compressBound(SPOOL_CHUNK));
    if (!s->pack || !s->raw || !s->packed)
        return no_room(e);
    if (s->dir.n && s->file.h < 0 && !s->os->spool(s->os, s->dir, &s->file, e))
        return false;
    s->begun  = true;
    s->now    = (struct body){ .first = s->frame_n };
    s->now_at = s->at;
    s->raw_n  = 0;
    return true;
}

static bool put_frame(struct spool *s, struct err *e)
{
    size_t n = ZSTD_compressCCtx(s->pack, s->packed, ZSTD_compressBound(SPOOL_CHUNK), s->raw, s->raw_n, LEVEL);

    if (ZSTD_isError(n))
        return err_set(e, ERR_MEMORY, "zstd: %s", ZSTD_getErrorName(n));
    if (n > s->max - s->at) {
        err_set(e, ERR_LIMIT, "beyond the limit %s of %llu bytes", s->dir.n ? "spool" : "spool_memory", (unsigned long long)s->max);
        return err_hint(e, s->dir.n ? "Raise --limits spool, or unpack the archive elsewhere and hunt the folder."
                                    : "Give --out FOLDER: members are then kept there while the hunt runs.");
    }
    struct frame *f = GROW(s->keep, s->frame, s->frame_n, &s->frame_cap);
    if (!f)
        return no_room(e);
    *f = (struct frame){ .off = s->at, .packed = (uint32_t)n, .raw = (uint32_t)s->raw_n };
    if (s->file.h < 0) {
        if (!(f->mem = malloc(n)))
            return no_room(e);
        memcpy(f->mem, s->packed, n);
    } else if (!s->os->write_at(s->os, s->file, s->at, (struct str){ s->packed, n }, e)) {
        return false;
    }
    s->frame_n++;
    s->now.n++;
    s->now.size_bytes += s->raw_n;
    s->at   += n;
    s->raw_n = 0;
    return true;
}

bool spool_write(struct spool *s, struct str bytes, struct err *e)
{
    if (!s->begun)
        return err_set(e, ERR_IO, "write: no body was begun");
    while (bytes.n) {
        size_t n = SPOOL_CHUNK - s->raw_n;
        if (n > bytes.n)
            n = bytes.n;
        memcpy(s->raw + s->raw_n, bytes.p, n);
        s->raw_n += n;
        bytes = str_from(bytes, n);
        if (s->raw_n == SPOOL_CHUNK && !put_frame(s, e)) {
            spool_drop(s);
            return false;
        }
    }
    return true;
}

bool spool_end(struct spool *s, uint32_t *ret_body, uint64_t *ret_size, struct err *e)
{
    if (!s->begun)
        return err_set(e, ERR_IO, "write: no body was begun");
    struct body *b = NULL;
    if (s->raw_n && !put_frame(s, e))
        goto out;
    b = s->body_n < UINT32_MAX ? GROW(s->keep, s->body, s->body_n, &s->body_cap) : NULL;
    if (!b) {
        no_room(e);
        goto out;
    }
    *b        = s->now;
    *ret_body = (uint32_t)s->body_n++;
    *ret_size = s->now.size_bytes;
    s->begun  = false;
out:
    spool_drop(s);
    return b != NULL;
}

void spool_drop(struct spool *s)
{
    if (!s->begun)
        return;
    frames_free(s, s->now.first);
    s->at    = s->now_at;
    s->begun = false;
}

/* The frame's bytes, in its slot, whose lock is held. */
static bool fill(struct spool *s, struct slot *at, size_t i, struct err *e)
{
    const struct frame *f = &s->frame[i];
    const uint8_t      *packed = f->mem;
    size_t              got;

    if (at->frame == i)
        return true;
    if (!at->unpack)
        at->unpack = ZSTD_createDCtx();
    if (!at->raw)
        at->raw = malloc(SPOOL_CHUNK);
    if (!at->packed && s->file.h >= 0)
        at->packed = malloc(ZSTD_compressBound(SPOOL_CHUNK));
    if (!at->unpack || !at->raw || (!packed && !at->packed))
        return no_room(e);
    at->frame = SIZE_MAX;
    if (!packed) {
        if (!s->os->read_at(s->os, s->file, f->off, at->packed, f->packed, &got, e))
            return false;
        if (got < f->packed)
            return err_set(e, ERR_IO, "spool: %zu bytes of a frame of %u", got, f->packed);
        packed = at->packed;
    }
    size_t n = ZSTD_decompressDCtx(at->unpack, at->raw, SPOOL_CHUNK, packed, f->packed);
    if (ZSTD_isError(n) || n != f->raw)
        return err_set(e, ERR_IO, "spool: %s", ZSTD_isError(n) ? ZSTD_getErrorName(n) : "a frame changed its size");
    at->frame = i;
    return true;
}

bool spool_read(struct spool *s, uint32_t body, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    if (body >= s->body_n)
        return err_set(e, ERR_IO, "spool: no body %u", body);
    const struct body *b = &s->body[body];
    size_t got = 0;
    if (off < b->size_bytes && cap > b->size_bytes - off)
        cap = (size_t)(b->size_bytes - off);
    while (off < b->size_bytes && got < cap) {
        size_t       i    = b->first + (size_t)((off + got) / SPOOL_CHUNK), in = (size_t)((off + got) % SPOOL_CHUNK), n;
        struct slot *slot = &s->slot[i % SLOTS];
        pthread_mutex_lock(&slot->lock);
        bool ok = fill(s, slot, i, e);
        if (ok) {
            n = s->frame[i].raw - in < cap - got ? s->frame[i].raw - in : cap - got;
            memcpy(buf + got, slot->raw + in, n);
            got += n;
        }
        pthread_mutex_unlock(&slot->lock);
        if (!ok)
            return false;
    }
    *ret_got = got;
    return true;
}

uint64_t spool_size(const struct spool *s, uint32_t body) { return body < s->body_n ? s->body[body].size_bytes : 0; }

uint64_t spool_bytes(const struct spool *s) { return s->at; }

bool spool_in_memory(const struct spool *s) { return s->dir.n == 0; }
