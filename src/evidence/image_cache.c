/* image_cache: unpacked chunks of an image. A slot for each of the last chunks, each with its own lock. */
#include "evidence/image_inner.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { SLOTS = 32, CACHE_BYTES = 8 << 20, CHUNK_MAX = 4 << 20 };

struct slot { pthread_mutex_t lock; uint64_t at; uint8_t *p; };
struct image_cache { struct slot slot[SLOTS]; size_t slot_n, chunk_bytes; image_make *make; void *ctx; };

bool image_cache_open(struct image_cache **ret, size_t chunk_bytes, image_make *make, void *ctx, struct err *e)
{
    if (chunk_bytes < 512 || chunk_bytes > CHUNK_MAX)
        return err_set(e, ERR_FORMAT, "packed in pieces of %zu bytes", chunk_bytes);
    struct image_cache *c = calloc(1, sizeof *c);
    if (!c)
        return err_set(e, ERR_MEMORY, "no room for an image");
    c->chunk_bytes = chunk_bytes;
    c->make = make;
    c->ctx  = ctx;
    size_t n = CACHE_BYTES / chunk_bytes < SLOTS ? CACHE_BYTES / chunk_bytes : SLOTS;
    for (; c->slot_n < n; c->slot_n++) {
        c->slot[c->slot_n].at = UINT64_MAX;
        pthread_mutex_init(&c->slot[c->slot_n].lock, NULL);
    }
    *ret = c;
    return true;
}

bool image_cache_read(struct image_cache *c, uint64_t size_bytes, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    size_t all = 0;
    bool   ok = true;

    cap = off >= size_bytes ? 0 : size_bytes - off < cap ? (size_t)(size_bytes - off) : cap;
    while (ok && all < cap) {
        uint64_t     at = (off + all) / c->chunk_bytes;
        size_t       in = (size_t)((off + all) % c->chunk_bytes), now = c->chunk_bytes - in < cap - all ? c->chunk_bytes - in : cap - all;
        struct slot *s = &c->slot[at % c->slot_n];
        pthread_mutex_lock(&s->lock);
        if (s->at != at) {
            s->at = UINT64_MAX;
            if (!s->p && !(s->p = malloc(c->chunk_bytes)))
                ok = err_set(e, ERR_MEMORY, "no room for a piece of an image");
            else if ((ok = c->make(c->ctx, at, s->p, c->chunk_bytes, e)))
                s->at = at;
        }
        if (ok)
            memcpy(buf + all, s->p + in, now);
        pthread_mutex_unlock(&s->lock);
        all += ok ? now : 0;
    }
    *ret_got = all;
    return ok;
}

void image_cache_close(struct image_cache *c)
{
    for (size_t i = 0; c && i < c->slot_n; i++) {
        pthread_mutex_destroy(&c->slot[i].lock);
        free(c->slot[i].p);
    }
    free(c);
}

bool image_inflate(struct str in, uint8_t *out, size_t n)
{
    z_stream z = { .next_in = (uint8_t *)(uintptr_t)in.p, .avail_in = (uInt)in.n, .next_out = out, .avail_out = (uInt)n };

    memset(out, 0, n);
    if (inflateInit(&z) != Z_OK)
        return false;
    int rc = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return rc == Z_STREAM_END;
}
