#include "formats/source.h"

#include <string.h>
#include <zlib.h>

enum {
    STAGE  = 64 << 10,                  /* bytes before inflating or decoding                                */
    DECODE = 32 << 10,                  /* of them, decoded at a time: at most three bytes of UTF-8 for each */
    HEAD   = 4096,                      /* what utf_guess and ends_start look at                             */
    ENDS_HEAD = HEAD / 2 - 8,           /* text that is there for sure: UTF-16 halves it, a mark goes        */
};
_Static_assert(3 * (int)DECODE + 3 <= (int)SOURCE_ROOM && (int)STAGE <= (int)SOURCE_ROOM, "a decoded piece fits where the caller promises room");

struct source {
    lines_fill *fill;
    void       *ctx;
    struct err  why;

    enum utf_kind kind;
    uint8_t      *stage;                /* text that is not yet decoded */
    size_t        stage_n;
    bool          stage_ended;          /* nothing will be added to it  */
    struct arena  decode;               /* scratch of utf_to8           */

    bool         gz, gz_between;        /* between: a member ended, another may follow */
    z_stream     z;
    uint8_t     *zin;
    size_t       zin_at, zin_n;
    bool         z_open, zin_ended;
    struct arena zmem;
    uint64_t     z_in, z_out;

    bool         cr;                    /* lines end with CR alone: each becomes LF, byte for byte, so offsets stay */
};

/* ---- plain, inflated, decoded ---- */

static size_t fill_some(struct source *s, uint8_t *p, size_t cap, bool *ret_ended)
{
    size_t got = 0;

    if (!s->fill(s->ctx, p, cap, &got, &s->why)) {
        if (s->why.kind == ERR_NONE)
            err_set(&s->why, ERR_IO, "the file cannot be read further");
        *ret_ended = true;
        return 0;
    }
    if (got == 0)
        *ret_ended = true;
    return got <= cap ? got : cap;
}

bool source_over_ratio(uint64_t in, uint64_t out)
{
    const uint64_t free_bytes = UINT64_C(64) << 20;

    return out > free_bytes && (out - free_bytes) / LINES_RATIO_MAX > in;
}

static voidpf z_push(voidpf ctx, uInt count, uInt size) { return arena_push(ctx, size, count, 16); }
static void   z_drop(voidpf ctx, voidpf p) { (void)ctx, (void)p; }

static bool zin_more(struct source *s)
{
    if (s->zin_at < s->zin_n)
        return true;
    if (s->zin_ended)
        return false;
    s->zin_at = 0;
    s->zin_n  = fill_some(s, s->zin, STAGE, &s->zin_ended);
    return s->zin_n > 0;
}

/* After a member: zero padding is passed over, a new magic number starts the next, anything else is damage. */
static bool gz_next_member(struct source *s, bool *ret_end)
{
    while (zin_more(s)) {
        if (s->zin[s->zin_at] == 0) {
            s->zin_at++;
            continue;
        }
        if (s->zin[s->zin_at] != 0x1F) {
            err_set(&s->why, ERR_FORMAT, "bytes after the gz stream are no gz member");
            break;
        }
        s->gz_between = false;
        return inflateReset(&s->z) == Z_OK;
    }
    *ret_end = true;
    return false;
}

/* Zero: the end, or an error in s->why. */
static size_t inflate_some(struct source *s, uint8_t *p, size_t cap, bool *ret_ended)
{
    size_t got = 0;

    while (got == 0 && !*ret_ended) {
        if (s->gz_between && !gz_next_member(s, ret_ended))
            break;
        if (!zin_more(s)) {
            if (s->why.kind == ERR_NONE)
                err_set(&s->why, ERR_FORMAT, "the gz stream is cut");
            *ret_ended = true;
            break;
        }
        s->z.next_in   = s->zin + s->zin_at;
        s->z.avail_in  = (uInt)(s->zin_n - s->zin_at);
        s->z.next_out  = p;
        s->z.avail_out = (uInt)cap;
        int r = inflate(&s->z, Z_NO_FLUSH);
        size_t used = s->zin_n - s->zin_at - s->z.avail_in;
        got = cap - s->z.avail_out;
        s->zin_at += used;
        s->z_in   += used;
        s->z_out  += got;
        if (r == Z_STREAM_END) {
            s->gz_between = true;
        } else if (r == Z_MEM_ERROR) {
            err_set(&s->why, ERR_MEMORY, "no room to inflate");
            *ret_ended = true;
        } else if (r != Z_OK && r != Z_BUF_ERROR) {
            err_set(&s->why, ERR_FORMAT, "the gz stream is damaged: %s", s->z.msg ? s->z.msg : "unknown reason");
            *ret_ended = true;
        }
        if (source_over_ratio(s->z_in, s->z_out)) {
            err_set(&s->why, ERR_LIMIT, "gz: %llu bytes became %llu, at most %d times as many accepted",
                    (unsigned long long)s->z_in, (unsigned long long)s->z_out, LINES_RATIO_MAX);
            *ret_ended = true;
        }
    }
    return got;
}

static size_t raw_some(struct source *s, uint8_t *p, size_t cap, bool *ret_ended)
{
    return s->gz ? inflate_some(s, p, cap, ret_ended) : fill_some(s, p, cap, ret_ended);
}

/* How much of the stage can be decoded without splitting a character. */
static size_t stage_whole(const struct source *s)
{
    size_t n = s->stage_n < DECODE ? s->stage_n : DECODE;

    if (s->kind == UTF_1252 || (s->stage_ended && n == s->stage_n))
        return n;
    n &= ~(size_t)1;
    if (n >= 2) {
        uint8_t high = s->stage[n - 2 + (s->kind == UTF_16LE)];
        if (high >= 0xD8 && high < 0xDC)
            n -= 2;
    }
    return n;
}

static size_t decode_some(struct source *s, uint8_t *p, bool *ret_ended)
{
    size_t n;

    while ((n = stage_whole(s)) == 0) {
        if (s->stage_ended) {
            *ret_ended = true;
            return 0;
        }
        s->stage_n += raw_some(s, s->stage + s->stage_n, STAGE - s->stage_n, &s->stage_ended);
    }
    struct arena scratch = s->decode;
    struct str   text = utf_to8(&scratch, (struct str){ s->stage, n }, s->kind);
    if (text.n)
        memcpy(p, text.p, text.n);
    s->stage_n -= n;
    memmove(s->stage, s->stage + n, s->stage_n);
    return text.n;
}

/* ---- line ends ---- */

/*
 * An old Mac's line ends, or those of an editor that made them so: only when the first text knows no LF. Judged over a fixed share of
 * the head that is there however the bytes came, so that the answer depends on the file alone.
 */
static size_t ends_start(struct source *s, uint8_t *p, size_t n)
{
    size_t m = n < ENDS_HEAD ? n : ENDS_HEAD;

    s->cr = m && memchr(p, '\r', m) && !memchr(p, '\n', m) && memchr(p, '\r', m) != p + m - 1;
    return n;
}

static size_t ends(const struct source *s, uint8_t *p, size_t n)
{
    for (size_t i = 0; s->cr && i < n; i++)
        if (p[i] == '\r')
            p[i] = '\n';
    return n;
}

/* ---- the promises of the header ---- */

bool source_open(struct source **ret, struct arena *a, lines_fill *fill, void *ctx, struct err *e)
{
    struct source *s = NEW(a, struct source, 1);

    /* What gz and other encodings need is set aside now, so that reading cannot run out of memory half way. */
    if (s) {
        s->zin        = TAKE(a, uint8_t, STAGE);
        s->zmem.beg   = TAKE(a, uint8_t, STAGE);
        s->stage      = TAKE(a, uint8_t, STAGE);
        s->decode.beg = TAKE(a, uint8_t, 3 * DECODE + 64);
    }
    if (!s || !s->zin || !s->zmem.beg || !s->stage || !s->decode.beg)
        return err_set(e, ERR_MEMORY, "no room to inflate or decode text");
    s->zmem.end   = s->zmem.beg + STAGE;
    s->decode.end = s->decode.beg + 3 * DECODE + 64;
    s->fill       = fill;
    s->ctx        = ctx;
    *ret = s;
    return true;
}

size_t source_start(struct source *s, uint8_t *buf, uint64_t *ret_offset, bool *ret_ended)
{
    size_t n = 0, skip;
    bool   ended = false;

    *ret_offset = 0;
    while (n < 3 && !ended)
        n += fill_some(s, s->zin + n, STAGE - n, &ended);
    if (n >= 3 && s->zin[0] == 0x1F && s->zin[1] == 0x8B && s->zin[2] == 8) {
        s->z.zalloc = z_push;
        s->z.zfree  = z_drop;
        s->z.opaque = &s->zmem;
        s->gz       = true;
        s->z_open   = inflateInit2(&s->z, 16 + MAX_WBITS) == Z_OK;
        if (!s->z_open) {
            err_set(&s->why, ERR_MEMORY, "no room to inflate");
            *ret_ended = true;
            return 0;
        }
        s->zin_n     = n;
        s->zin_ended = ended;
        ended        = false;
        n            = 0;
    } else {
        memcpy(buf, s->zin, n);
    }
    while (n < HEAD && !ended)
        n += raw_some(s, buf + n, STAGE - n, &ended);

    s->kind     = utf_guess((struct str){ buf, n }, &skip);
    *ret_offset = skip;
    n -= skip;
    if (s->kind == UTF_8) {
        memmove(buf, buf + skip, n);
        *ret_ended = ended;
        return ends(s, buf, ends_start(s, buf, n));
    }
    memcpy(s->stage, buf + skip, n);
    s->stage_n     = n;
    s->stage_ended = ended;
    n = decode_some(s, buf, ret_ended);
    return ends(s, buf, ends_start(s, buf, n));
}

size_t source_read(struct source *s, uint8_t *buf, size_t cap, bool *ret_ended)
{
    return ends(s, buf, s->kind == UTF_8 ? raw_some(s, buf, cap, ret_ended) : decode_some(s, buf, ret_ended));
}

enum utf_kind source_kind(const struct source *s) { return s->kind; }
bool source_gz(const struct source *s) { return s->gz; }
const struct err *source_why(const struct source *s) { return &s->why; }

void source_close(struct source *s)
{
    if (s && s->z_open) {
        inflateEnd(&s->z);
        s->z_open = false;
    }
}
