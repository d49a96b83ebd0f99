#include "formats/usn.h"

#include "base/rd.h"

#include <string.h>

/* Every record begins with its size and its version: what both could be is looked at, the rest of a block is not. */
static bool parse(struct str in, struct usn_record *ret, size_t *ret_size)
{
    struct rd r = { .s = in };
    uint32_t  size = rd_u32le(&r);
    uint16_t  minor;
    uint64_t  ref[2];

    ret->major = rd_u16le(&r);
    minor      = rd_u16le(&r);
    if (r.bad || size < 56 || size > USN_RECORD_MAX || (size & 7) || size > in.n || ret->major < 2 || ret->major > 4 || minor != 0)
        return false;
    r.s = str_sub(in, 0, size);
    for (int i = 0; i < 2; i++) {
        ref[i] = rd_u64le(&r);
        if (ret->major > 2)
            rd_skip(&r, 8);
    }
    ret->file   = (struct mft_ref){ ref[0] & UINT64_C(0xFFFFFFFFFFFF), (uint16_t)(ref[0] >> 48) };
    ret->parent = (struct mft_ref){ ref[1] & UINT64_C(0xFFFFFFFFFFFF), (uint16_t)(ref[1] >> 48) };
    ret->usn    = rd_u64le(&r);
    ret->time_us    = TIME_NONE;
    ret->attributes = 0;
    ret->raw        = STR_EMPTY;
    *ret_size       = size;
    if (ret->major == 4) {
        ret->reason = rd_u32le(&r);
        return !r.bad;
    }
    ret->time_us    = time_filetime(rd_u64le(&r));
    ret->reason     = rd_u32le(&r);
    rd_skip(&r, 8);
    ret->attributes = rd_u32le(&r);
    size_t name_n = rd_u16le(&r), name_at = rd_u16le(&r);
    rd_seek(&r, name_at);
    ret->raw = rd_take(&r, name_n);
    return !r.bad && name_n > 0 && !(name_n & 1) && ret->time_us != TIME_NONE;
}

void usn_open(struct usn *ret, usn_read *read, usn_data *data, void *ctx, uint8_t *buf)
{
    *ret = (struct usn){ .read = read, .data = data, .ctx = ctx, .buf = buf };
}

static bool all_zero(const uint8_t *p, size_t n) { return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0); }

/* What is left moves to the front, the rest is filled. */
static bool fill(struct usn *u, struct err *e)
{
    size_t left = u->n - u->at, got = 0;

    memmove(u->buf, u->buf + u->at, left);
    u->base += u->at;
    u->at = 0;
    u->n  = left;
    if (left == 0 && u->data) {
        uint64_t to = u->data(u->ctx, u->base) & ~UINT64_C(7);
        u->base = to > u->base ? to : u->base;
    }
    if (u->ended)
        return true;
    if (!u->read(u->ctx, u->base + left, u->buf + left, USN_BUFFER - left, &got, e))
        return false;
    u->ended = got < USN_BUFFER - left;
    u->n     = left + got;
    return true;
}

bool usn_next(struct usn *u, struct usn_record *ret, struct err *e)
{
    for (;;) {
        if (u->n - u->at < USN_RECORD_MAX && !u->ended && !fill(u, e))
            return false;
        size_t left = u->n - u->at;
        if (left < 8)
            return false;
        if (u->buf[u->at] == 0 && all_zero(u->buf + u->at, 8)) {
            /* Pages of the journal end in zeros, and its beginning is nothing else. */
            size_t step = 8;
            if (((u->base + u->at) & 4095) == 0)
                while (left - step >= 4096 && all_zero(u->buf + u->at + (step & ~(size_t)4095), 4096))
                    step = (step & ~(size_t)4095) + 4096;
            u->at += step;
            continue;
        }
        size_t size;
        if (parse((struct str){ u->buf + u->at, left }, ret, &size)) {
            ret->offset = u->base + u->at;
            u->at += size;
            u->records++;
            return true;
        }
        u->at += 8;
        u->lost += 8;
    }
}
