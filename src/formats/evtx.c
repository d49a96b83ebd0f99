#include "formats/evtx_inner.h"

#include "base/rd.h"

#include <zlib.h>

enum { GRID = 4096, SECTOR = 512 };

static const struct str FILE_SIGN = STR_INIT("ElfFile\0"), CHUNK_SIGN = STR_INIT("ElfChnk\0"), RECORD_SIGN = STR_INIT("**\0\0");

bool evtx_file_open(struct evtx_file *ret, evtx_read *read, void *ctx, uint8_t buf[EVTX_CHUNK_BYTES], struct err *e)
{
    struct evtx_file f = { .read = read, .ctx = ctx, .buf = buf, .at = EVTX_FILE_HEADER_BYTES };
    size_t           got = 0;

    if (!read(ctx, 0, buf, EVTX_FILE_HEADER_BYTES, &got, e))
        return false;
    struct rd r = { { buf, got }, 0, false };
    f.has_header = str_starts(r.s, FILE_SIGN) && got >= 128;
    if (f.has_header) {
        rd_seek(&r, 24);
        f.next_id = rd_u64le(&r);
        rd_seek(&r, 42);
        f.chunk_n = rd_u16le(&r);
        rd_seek(&r, 120);
        uint32_t flags = rd_u32le(&r);
        f.dirty          = flags & 1;
        f.full           = flags & 2;
        f.header_crc_bad = rd_u32le(&r) != crc32(0, buf, 120);
    } else if (str_starts(r.s, CHUNK_SIGN)) {
        f.at = 0;
    }
    *ret = f;
    return true;
}

/* A chunk, or what is left of one whose header is gone: its records stand where they should. */
static bool is_chunk(struct str s)
{
    return str_starts(s, CHUNK_SIGN) || str_starts(str_from(s, EVTX_RECORDS_AT), RECORD_SIGN);
}

static bool zeros(struct str s)
{
    return s.n == 0 || (s.p[0] == 0 && memcmp(s.p, s.p + 1, s.n - 1) == 0);
}

bool evtx_file_next(struct evtx_file *f, struct str *ret, uint64_t *ret_off, struct err *e)
{
    for (;;) {
        size_t got = 0;
        if (f->until && f->at >= f->until)
            return false;
        if (!f->read(f->ctx, f->at, f->buf, EVTX_CHUNK_BYTES, &got, e))
            return false;
        if (got == 0)
            return false;
        struct str s    = { f->buf, got };
        size_t     skip = got;
        if (is_chunk(s)) {
            /* Where the next one begins before this ends, this one is cut short there. */
            for (size_t at = SECTOR; at + CHUNK_SIGN.n <= got; at += SECTOR)
                if (str_starts(str_from(s, at), CHUNK_SIGN)) {
                    s.n = at;
                    break;
                }
            *ret     = s;
            *ret_off = f->at;
            f->at += s.n;
            return true;
        }
        for (size_t at = SECTOR; at + CHUNK_SIGN.n <= got; at += SECTOR)
            if (str_starts(str_from(s, at), CHUNK_SIGN)) {
                skip = at;
                break;
            }
        s.n = skip;
        if (!zeros(s))
            f->lost_bytes += skip;
        f->at += skip;
    }
}

static uint32_t header_crc(struct str in)
{
    uLong crc = crc32(0, in.p, 120);
    return (uint32_t)crc32(crc, in.p + 128, EVTX_RECORDS_AT - 128);
}

void evtx_chunk_open(struct evtx_chunk *ret, struct arena *a, struct str in)
{
    struct evtx_chunk c = { .in = str_sub(in, 0, EVTX_CHUNK_BYTES), .a = a, .pos = EVTX_RECORDS_AT, .cut = in.n < EVTX_CHUNK_BYTES };

    if (in.n >= EVTX_RECORDS_AT && str_starts(in, CHUNK_SIGN)) {
        struct rd r = { c.in, 24, false };
        c.has_header = true;
        c.first_id   = rd_u64le(&r);
        c.last_id    = rd_u64le(&r);
        rd_seek(&r, 48);
        uint32_t free_at = rd_u32le(&r);
        c.records_crc    = rd_u32le(&r);
        rd_seek(&r, 124);
        c.header_crc_bad = rd_u32le(&r) != header_crc(c.in);
        c.free_at        = free_at >= EVTX_RECORDS_AT && free_at <= EVTX_CHUNK_BYTES ? free_at : 0;
    }
    *ret = c;
}

bool evtx_chunk_whole(const struct evtx_chunk *c)
{
    return c->has_header && c->free_at && c->free_at <= c->in.n && crc32(0, c->in.p + EVTX_RECORDS_AT, (uInt)(c->free_at - EVTX_RECORDS_AT)) == c->records_crc;
}

enum { RECORD_HEAD = 24, RECORD_LEAST = 28 };

/* Both sizes, and nothing but a record's head is trusted. */
static bool record_at(const struct evtx_chunk *c, size_t at, struct evtx_record *ret)
{
    if (c->in.n - at < RECORD_LEAST || memcmp(c->in.p + at, RECORD_SIGN.p, RECORD_SIGN.n) != 0)
        return false;
    const uint8_t *p = c->in.p + at;
    size_t      size = evtx_u32(p + 4);
    bool          ok = size >= RECORD_LEAST && size <= c->in.n - at && evtx_u32(p + size - 4) == size;
    *ret = (struct evtx_record){ .off = at, .size = ok ? size : size >= RECORD_LEAST && size <= c->in.n - at ? size : c->in.n - at, .id = evtx_u64(p + 8),
                                 .written = evtx_u64(p + 16), .bad_size = !ok };
    return true;
}

static size_t next_sign(struct str in, size_t from)
{
    while (from + RECORD_LEAST <= in.n) {
        const uint8_t *p = memchr(in.p + from, '*', in.n - RECORD_LEAST - from + 1);
        if (!p)
            break;
        from = (size_t)(p - in.p);
        if (memcmp(p, RECORD_SIGN.p, RECORD_SIGN.n) == 0)
            return from;
        from++;
    }
    return STR_NONE;
}

/*
 * Behind the last record lies what older ones left: a record there counts only with both its sizes. But one that goes on with the numbers where the
 * last one stopped was written after the header was (a dirty file), and is a record like the others.
 */
bool evtx_chunk_next(struct evtx_chunk *c, struct evtx_record *ret)
{
    struct evtx_record r;
    size_t             live = c->free_at && c->free_at < c->in.n ? c->free_at : c->in.n;
    bool               told = false;

    while (c->pos + RECORD_LEAST <= c->in.n) {
        bool slack = c->in_slack || c->pos >= live;
        bool found = record_at(c, c->pos, &r);
        if (found && slack && !r.bad_size && !c->in_slack && c->seen_id && r.id == c->seen_id + 1)
            slack = false;
        if (found && !(slack && r.bad_size)) {
            r.slack = slack;
            if (r.bad_size) {
                /* Whatever its size says, it ends before the next record does begin. */
                size_t next = next_sign(c->in, c->pos + RECORD_HEAD);
                if (next != STR_NONE && next < c->pos + r.size)
                    r.size = next - c->pos;
            }
            c->pos += r.size;
            c->in_slack |= slack;
            if (!slack)
                c->seen_id = r.id;
            *ret = r;
            return true;
        }
        if (!slack && !told && !zeros(str_sub(c->in, c->pos, live)))
            told = true, c->lost++;
        size_t next = next_sign(c->in, c->pos + 1);
        if (c->pos >= live)
            c->in_slack = true;
        if (next == STR_NONE)
            break;
        c->pos = next;
    }
    c->pos = c->in.n;
    return false;
}
