/*
 * zip_frame: what libzip is shown in place of the whole archive (zip.c says why).
 */
#include "evidence/zip_inner.h"

#include <string.h>

enum { GAP = 66000 };

static void put16(uint8_t *p, size_t *n, uint32_t v)
{
    p[(*n)++] = (uint8_t)v;
    p[(*n)++] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, size_t *n, uint32_t v)
{
    put16(p, n, v & 0xffff);
    put16(p, n, v >> 16);
}

static void put64(uint8_t *p, size_t *n, uint64_t v)
{
    put32(p, n, (uint32_t)v);
    put32(p, n, (uint32_t)(v >> 32));
}

void zip_frame_make(struct zip_stream *s)
{
    const struct zip_entry *z = s->entry;
    bool     large = z->size_bytes >= UINT32_MAX || s->place.packed_bytes >= UINT32_MAX, aes = z->method == ZIP_AES;
    size_t   n = 0;
    uint8_t *p = s->head;

    put32(p, &n, 0x02014b50);
    put16(p, &n, 45);
    put16(p, &n, 45);
    put16(p, &n, z->flags & (ZIP_FLAG_CRYPT | ZIP_FLAG_LATER | ZIP_FLAG_STRONG));
    put16(p, &n, z->method);
    put16(p, &n, z->dos_time);
    put16(p, &n, z->dos_date);
    put32(p, &n, z->crc);
    put32(p, &n, large ? UINT32_MAX : (uint32_t)s->place.packed_bytes);
    put32(p, &n, large ? UINT32_MAX : (uint32_t)z->size_bytes);
    put16(p, &n, 1);
    put16(p, &n, (large ? 20 : 0) + (aes ? 11 : 0));
    put16(p, &n, 0);
    put16(p, &n, 0);
    put16(p, &n, 0);
    put32(p, &n, 0);
    put32(p, &n, (uint32_t)(46 + 1 + (large ? 20 : 0) + (aes ? 11 : 0)));
    p[n++] = 'm';
    if (large) {
        put16(p, &n, 1);
        put16(p, &n, 16);
        put64(p, &n, z->size_bytes);
        put64(p, &n, s->place.packed_bytes);
    }
    if (aes) {
        put16(p, &n, 0x9901);
        put16(p, &n, sizeof z->aes);
        memcpy(p + n, z->aes, sizeof z->aes);
        n += sizeof z->aes;
    }
    uint32_t record = (uint32_t)n;
    put32(p, &n, 0x04034b50);
    memset(p + n, 0, ZIP_LOCAL - 4);
    s->head_n = n + ZIP_LOCAL - 4;

    n = 0;
    p = s->end;
    put32(p, &n, 0x06054b50);
    put32(p, &n, 0);
    put16(p, &n, 1);
    put16(p, &n, 1);
    put32(p, &n, record);
    put32(p, &n, 0);
    put16(p, &n, 0);
}

static uint64_t shown_bytes(const struct zip_stream *s) { return s->head_n + s->place.packed_bytes + GAP + ZIP_END_BYTES; }

/* Bytes of the container, read ahead: libzip asks for 8 KiB at a time. */
static bool ahead(struct zip_stream *s, uint64_t off, uint8_t *buf, size_t n, size_t *ret_got)
{
    struct zipfile *z = s->of;

    if (off < s->ahead_off || off - s->ahead_off >= s->ahead_n) {
        uint64_t left = s->place.off + s->place.packed_bytes - off;
        s->ahead_n   = 0;
        s->ahead_off = off;
        if (!reach_read(z->r, off, s->ahead, left < ZIP_AHEAD ? (size_t)left : ZIP_AHEAD, &s->ahead_n, &s->io))
            return false;
    }
    size_t in = (size_t)(off - s->ahead_off), have = s->ahead_n > in ? s->ahead_n - in : 0;
    if (n > have)
        n = have;
    memcpy(buf, s->ahead + in, n);
    *ret_got = n;
    return true;
}

static zip_int64_t show(struct zip_stream *s, uint8_t *buf, uint64_t cap)
{
    uint64_t got = 0, body = s->head_n, gap = body + s->place.packed_bytes, end = gap + GAP, all = shown_bytes(s);

    while (got < cap && s->at < all) {
        uint64_t stop = s->at < body ? body : s->at < gap ? gap : s->at < end ? end : all;
        size_t   n = (size_t)(stop - s->at < cap - got ? stop - s->at : cap - got), in = n;
        if (s->at < body)
            memcpy(buf + got, s->head + s->at, n);
        else if (s->at < gap) {
            if (!ahead(s, s->place.off + (s->at - body), buf + got, n, &in)) {
                zip_error_set(&s->error, ZIP_ER_READ, 0);
                return -1;
            }
            if (in == 0)
                break;              /* the container is shorter than it was */
        } else if (s->at < end) {
            memset(buf + got, 0, n);
        } else {
            memcpy(buf + got, s->end + (s->at - end), n);
        }
        s->at += in;
        got   += in;
    }
    return (zip_int64_t)got;
}

zip_int64_t zip_frame_source(void *ctx, void *data, zip_uint64_t n, zip_source_cmd_t what)
{
    struct zip_stream *s = ctx;

    switch (what) {
    case ZIP_SOURCE_OPEN:
        s->at = 0;
        return 0;
    case ZIP_SOURCE_READ:
        return show(s, data, n);
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
        return 0;
    case ZIP_SOURCE_STAT: {
        zip_stat_t *st = data;
        if (n < sizeof *st)
            break;
        zip_stat_init(st);
        st->valid = ZIP_STAT_SIZE;
        st->size  = shown_bytes(s);
        return (zip_int64_t)sizeof *st;
    }
    case ZIP_SOURCE_SEEK: {
        zip_int64_t to = zip_source_seek_compute_offset(s->at, shown_bytes(s), data, n, &s->error);
        if (to < 0)
            return -1;
        s->at = (uint64_t)to;
        return 0;
    }
    case ZIP_SOURCE_TELL:
        return (zip_int64_t)s->at;
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&s->error, data, n);
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE,
                                              ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS, -1);
    default:
        break;
    }
    zip_error_set(&s->error, ZIP_ER_OPNOTSUPP, 0);
    return -1;
}
