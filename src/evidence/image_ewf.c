/*
 * image_ewf: E01, the image of EnCase and FTK Imager, in one segment or many (E01 ... E99, EAA ... ZZZ).
 *
 * A segment is a chain of sections; "table" sections say where the chunks of the section before them lie. Tables are not read into memory: where each begins is
 * kept, and an entry is read when its chunk is asked for, so that an image of any size takes little.
 * Source: libyal, "Expert Witness Compression Format (EWF)", 2 and 3.
 */
#include "evidence/image_inner.h"

#include "base/num.h"
#include "base/rd.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { SECTIONS_MAX = 1 << 20, TABLES_MAX = 1 << 18, ENTRIES_MAX = 1 << 20, SECTION = 76, FILE_HEADER = 13, CHUNK_MAX = 4 << 20 };

struct table { uint32_t segment, count; uint64_t entries, base, first, end; };     /* first: chunk; end: of the data of its last chunk */
struct ewf {
    struct image_file  *file;  size_t file_n;
    struct table       *table; size_t table_n, table_cap;
    uint64_t            chunk_n;              /* that the tables describe */
    uint32_t            chunk_bytes;
    uint64_t            size_bytes;
    struct image_cache *cache;
    struct image_reach  reach;
    pthread_mutex_t     lock;                 /* of told */
    bool                told, locked;
};

static uint32_t le32(const uint8_t *p) { return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }

static bool make_chunk(void *ctx, uint64_t at, uint8_t *buf, size_t n, struct err *e)
{
    struct ewf *w = ctx;
    size_t      lo = 0, hi = w->table_n;
    uint8_t     pair[8];

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (w->table[mid].first + w->table[mid].count <= at)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == w->table_n)
        return err_set(e, ERR_FORMAT, "chunk %llu: beyond the last table of the image", (unsigned long long)at);
    const struct table *t = &w->table[lo];
    uint32_t i = (uint32_t)(at - t->first);
    bool     last = i + 1 == t->count;
    if (!image_file_whole(&w->file[t->segment], t->entries + 4 * (uint64_t)i, pair, last ? 4 : 8, e))
        return false;
    uint32_t one = le32(pair), next = last ? 0 : le32(pair + 4);
    uint64_t from = t->base + (one & 0x7FFFFFFF), to = last ? t->end : t->base + (next & 0x7FFFFFFF);
    bool     packed = one >> 31;
    if (to <= from || to - from > 2 * (uint64_t)n + 1024) {
        /* The last chunk of a segment, or a table that is damaged: as much as one can take. */
        to = from + n + 1024;
        if (to > w->file[t->segment].size_bytes)
            to = w->file[t->segment].size_bytes;
        if (to <= from)
            return err_set(e, ERR_FORMAT, "chunk %llu: beyond the end of its segment", (unsigned long long)at);
    }
    size_t   size = (size_t)(to - from);
    uint8_t *in = malloc(size);
    bool     ok = in ? image_file_whole(&w->file[t->segment], from, in, size, e) : err_set(e, ERR_MEMORY, "no room for a chunk of an image");
    bool     whole = true;
    if (ok && packed) {
        whole = image_inflate((struct str){ in, size }, buf, n);
        /* The last chunk of the disk may be shorter: its stream ends well all the same. */
        if (!whole && at + 1 < w->chunk_n)
            ok = err_set(e, ERR_FORMAT, "chunk %llu: packed bytes are damaged", (unsigned long long)at);
    } else if (ok) {
        size_t plain = size < n ? (size > 4 ? size - 4 : 0) : n;
        memset(buf, 0, n);
        memcpy(buf, in, plain);
        if (plain + 4 <= size && le32(in + plain) != (uint32_t)adler32_z(1, in, plain))
            whole = at + 1 >= w->chunk_n;
    }
    free(in);
    if (ok && !whole) {
        pthread_mutex_lock(&w->lock);
        bool first = !w->told;
        w->told = true;
        pthread_mutex_unlock(&w->lock);
        if (first)
            image_say(&w->reach, "", "checksum: a chunk of the image is not what was packed", "It was read all the same. Verify the image (ewfverify), and copy it again.");
    }
    return ok;
}

static bool ewf_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct ewf *w = ctx;
    return image_cache_read(w->cache, w->size_bytes, off, buf, cap, ret_got, e);
}

static void ewf_close(void *ctx)
{
    struct ewf *w = ctx;

    image_cache_close(w->cache);
    for (size_t i = 0; i < w->file_n; i++)
        image_file_close(&w->file[i]);
    if (w->locked)
        pthread_mutex_destroy(&w->lock);
}

static bool read_volume(struct ewf *w, struct str s, struct err *e)
{
    struct rd r = { .s = s };

    rd_skip(&r, 8);
    uint32_t per = rd_u32le(&r), sector = rd_u32le(&r);
    uint64_t n = s.n < 100 ? rd_u32le(&r) : rd_u64le(&r), bytes = (uint64_t)per * sector;
    if (r.bad || sector < 256 || sector > 8192 || bytes == 0 || bytes > CHUNK_MAX || n > INT64_MAX / sector)
        return err_set(e, ERR_FORMAT, "its size makes no sense: %u sectors of %u bytes a chunk", per, sector);
    w->chunk_bytes = (uint32_t)bytes;
    w->size_bytes  = n * sector;
    return true;
}

static bool read_table(struct ewf *w, uint32_t segment, uint64_t at, uint64_t size, uint64_t data_end, struct err *e)
{
    uint8_t head[24];

    if (size < SECTION + sizeof head)
        return true;
    if (!image_file_whole(&w->file[segment], at + SECTION, head, sizeof head, e))
        return false;
    struct rd r = { .s = { head, sizeof head } };
    uint32_t count = rd_u32le(&r);
    rd_skip(&r, 4);
    uint64_t base = rd_u64le(&r);
    if (count == 0 || count > ENTRIES_MAX || count > (size - SECTION - sizeof head) / 4)
        return count == 0 || err_set(e, ERR_FORMAT, "a table of %u chunks in %llu bytes", count, (unsigned long long)size);
    struct table *t = w->table_n < TABLES_MAX ? GROW(w->reach.keep, w->table, w->table_n, &w->table_cap) : NULL;
    if (!t)
        return err_set(e, ERR_MEMORY, "no room for the tables of an image");
    *t = (struct table){ .segment = segment, .count = count, .entries = at + SECTION + sizeof head, .base = base, .first = w->chunk_n, .end = data_end };
    w->table_n++;
    w->chunk_n += count;
    return true;
}

/* *ret_done: the last segment. */
static bool read_segment(struct ewf *w, uint32_t segment, bool *ret_done, struct err *e)
{
    uint8_t  head[SECTION];
    uint64_t at = FILE_HEADER, data_end = 0;

    *ret_done = false;
    if (!image_file_whole(&w->file[segment], 0, head, FILE_HEADER, e))
        return false;
    if (memcmp(head, "EVF\x09\x0d\x0a\xff\0", 8) != 0 || (head[9] | head[10] << 8) != (int)((segment + 1) & 0xFFFF))
        return err_set(e, ERR_FORMAT, "segment %u is of another image", segment + 1);
    for (int i = 0; i < SECTIONS_MAX; i++) {
        if (!image_file_whole(&w->file[segment], at, head, sizeof head, e))
            return false;
        struct str type = { head, strnlen((const char *)head, 16) };
        uint64_t   next = le32(head + 16) | (uint64_t)le32(head + 20) << 32, size = le32(head + 24) | (uint64_t)le32(head + 28) << 32;
        if (le32(head + 72) != (uint32_t)adler32_z(1, head, 72))
            return err_set(e, ERR_FORMAT, "segment %u: a section is damaged at %llu", segment + 1, (unsigned long long)at);
        if ((str_eq(type, STR("volume")) || str_eq(type, STR("disk"))) && !w->chunk_bytes) {
            uint8_t data[1052];
            size_t  n = size < SECTION + 94 ? 0 : size - SECTION < sizeof data ? (size_t)(size - SECTION) : sizeof data;
            if (!image_file_whole(&w->file[segment], at + SECTION, data, n, e) || !read_volume(w, (struct str){ data, n }, e))
                return false;
        }
        if (str_eq(type, STR("sectors")))
            data_end = at + size;
        if (str_eq(type, STR("table")) && !read_table(w, segment, at, size, data_end ? data_end : at, e))
            return false;
        if (str_eq(type, STR("done")) || str_eq(type, STR("next"))) {
            *ret_done = str_eq(type, STR("done"));
            return true;
        }
        if (next <= at)
            return err_set(e, ERR_FORMAT, "segment %u: a section leads back", segment + 1);
        at = next;
    }
    return err_set(e, ERR_LIMIT, "segment %u: more than %d sections", segment + 1, SECTIONS_MAX);
}

/* "x.E01", then E02 ... E99, EAA ... EZZ, FAA ...; small letters stay small. */
static struct str segment_name(struct arena *a, struct str first, uint32_t n)
{
    size_t   dot = str_rchr(first, '.');
    uint8_t *p;

    if (dot == STR_NONE || first.n - dot != 4 || !(p = (uint8_t *)(uintptr_t)str_dup(a, first).p))
        return STR_EMPTY;
    uint8_t letter = first.p[dot + 1], low = letter & 0x20;
    if (n <= 99) {
        p[dot + 2] = (uint8_t)('0' + n / 10);
        p[dot + 3] = (uint8_t)('0' + n % 10);
    } else {
        n -= 100;
        if ((letter & ~0x20) + n / 676 > 'Z')
            return STR_EMPTY;
        p[dot + 1] = (uint8_t)(letter + n / 676);
        p[dot + 2] = (uint8_t)(('A' | low) + n / 26 % 26);
        p[dot + 3] = (uint8_t)(('A' | low) + n % 26);
    }
    return (struct str){ p, first.n };
}

bool image_ewf_open(struct image_body *ret, const struct image_reach *r, struct err *e)
{
    struct ewf *w = NEW(r->keep, struct ewf, 1);
    struct str  name = str_from(r->from.below, r->dir.n);
    bool        done = false;

    if (!w || !(w->file = NEW(r->keep, struct image_file, IMAGE_PIECES_MAX)))
        return err_set(e, ERR_MEMORY, "no room for an image");
    w->reach = *r;
    *ret = (struct image_body){ .form = "E01", .ctx = w, .close = ewf_close };
    w->locked = pthread_mutex_init(&w->lock, NULL) == 0;
    for (uint32_t k = 0; !done && k < IMAGE_PIECES_MAX; k++) {
        uint8_t      block[2048];
        struct arena a = { block, block + sizeof block, NULL };
        struct str   next = k ? segment_name(&a, name, k + 1) : STR_EMPTY;
        struct err   why = { 0 };
        if ((k && !next.n) || !image_file_open(&w->file[k], r, next, &why)) {
            if (!k)
                return *e = why, false;
            image_say(r, "", "truncated: a segment of the image is missing, or the last one has no end", "Put all segments into one folder, under their own names, and hunt again.");
            break;
        }
        w->file_n = k + 1;
        if (!read_segment(w, k, &done, &why)) {
            if (why.kind == ERR_MEMORY || !w->chunk_bytes || !w->table_n)
                return *e = why, false;
            char what[220];
            snprintf(what, sizeof what, "truncated: %.180s", why.what);
            image_say(r, "", what, "What came before was read. Copy the image again.");
            break;
        }
    }
    if (!w->chunk_bytes)
        return err_set(e, ERR_FORMAT, "it does not say how large the disk is");
    ret->b = (struct blocks){ ewf_read, w, w->size_bytes };
    return image_cache_open(&w->cache, w->chunk_bytes, make_chunk, w, e);
}
