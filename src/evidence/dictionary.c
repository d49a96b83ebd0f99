/* dictionary: what unpacking will take in memory. A list of a 7z is unpacked here once more, as far as its folders go. */
#include "evidence/dictionary.h"

#include "base/num.h"
#include "base/rd.h"

#include <lzma.h>
#include <stdlib.h>
#include <string.h>

enum { CODERS_MAX = 32, PIECE = 64 << 10, SEVEN_HEAD = 32 };
enum { SEVEN_END = 0, SEVEN_HEADER = 1, SEVEN_MORE = 2, SEVEN_STREAMS = 4, SEVEN_PACKS = 6, SEVEN_FOLDERS = 7, SEVEN_SIZE = 9, SEVEN_SUM = 10, SEVEN_FOLDER = 11, SEVEN_UNPACKED = 12, SEVEN_PACKED_LIST = 23 };

static const char raise[] = "Raise --limits dictionary if this archive is yours and the machine has that much memory, or unpack it elsewhere and hunt the folder.";

bool dictionary_fits(const struct reach *r, uint64_t bytes, struct err *e)
{
    if (bytes <= r->limits.dictionary)
        return true;
    err_set(e, ERR_LIMIT, "too large: unpacking it takes %llu MiB of memory, beyond the limit dictionary", (unsigned long long)(bytes >> 20));
    return err_hint(e, "%s", raise);
}

/* ---- one coder ---- */

static uint64_t of_lzma2(uint8_t bits)
{
    return bits > 40 ? 0 : bits == 40 ? UINT32_MAX : (uint64_t)(2 | (bits & 1)) << (bits / 2 + 11);
}

static uint64_t u32_at(struct str s, size_t at)
{
    struct rd d = { .s = s };
    rd_skip(&d, at);
    return rd_u32le(&d);
}

uint64_t dictionary_of_zip_lzma(struct str head) { return head.n < DICTIONARY_ZIP_HEAD ? 0 : u32_at(head, 5); }

uint64_t dictionary_of_xz(struct str head)
{
    lzma_filter filter[LZMA_FILTERS_MAX + 1];
    lzma_block  block = { .check = LZMA_CHECK_NONE, .filters = filter };
    uint64_t    ret = 0;

    if (head.n <= 12 || !str_starts(head, STR("\xfd" "7zXZ\0")) || head.p[12] == 0)
        return 0;
    block.header_size = lzma_block_header_size_decode(head.p[12]);
    block.check       = (lzma_check)(head.p[7] & 15);
    if (block.header_size > head.n - 12 || lzma_block_header_decode(&block, NULL, head.p + 12) != LZMA_OK)
        return 0;
    for (size_t i = 0; filter[i].id != LZMA_VLI_UNKNOWN; i++) {
        const lzma_options_lzma *o = filter[i].options;
        if (filter[i].id == LZMA_FILTER_LZMA2 && o && o->dict_size > ret)
            ret = o->dict_size;
        free(filter[i].options);
    }
    return ret;
}

/* ---- the list of a 7z ---- */

static uint64_t number(struct rd *d)
{
    uint8_t  first = rd_u8(d), mask = 0x80;
    uint64_t value = 0;

    for (uint32_t i = 0; i < 8; i++, mask >>= 1) {
        if (!(first & mask))
            return value | (uint64_t)(first & (mask - 1)) << (8 * i);
        value |= (uint64_t)rd_u8(d) << (8 * i);
    }
    return value;
}

/* Checksums of n things, some of which may have none. */
static void skip_sums(struct rd *d, uint64_t n)
{
    uint64_t have = n;

    if (!rd_u8(d)) {
        have = 0;
        for (uint64_t i = 0; i < n && !d->bad; i += 8)
            have += (uint64_t)__builtin_popcount(rd_u8(d));
    }
    if (have > rd_left(d) / 4)
        d->bad = true;
    else
        rd_skip(d, (size_t)have * 4);
}

struct coder { uint64_t id; struct str props; };
struct packed { uint64_t off, packed_bytes, size_bytes; struct coder first; };     /* the first pack stream, and folder, of a list */

static uint64_t of_coder(const struct coder *c)
{
    switch (c->id) {
    case 0x030101: return c->props.n < 5 ? 0 : u32_at(c->props, 1);        /* LZMA */
    case 0x030401: return c->props.n < 5 ? 0 : u32_at(c->props, 1);        /* PPMd */
    case 0x21:     return c->props.n < 1 ? 0 : of_lzma2(c->props.p[0]);    /* LZMA2 */
    default:       return 0;
    }
}

/* Largest demand of its coders; *ret_out: its unpacked streams. */
static uint64_t folder(struct rd *d, struct coder *ret_first, uint64_t *ret_out)
{
    uint64_t most = 0, in = 0, out = 0, n = number(d);

    if (n == 0 || n > CODERS_MAX)
        d->bad = true;
    for (uint64_t i = 0; i < n && !d->bad; i++) {
        struct coder c = { 0, STR_EMPTY };
        uint8_t      flags = rd_u8(d);
        for (uint8_t k = 0; k < (flags & 15); k++)
            c.id = c.id << 8 | rd_u8(d);
        uint64_t ins  = flags & 0x10 ? number(d) : 1;
        uint64_t outs = flags & 0x10 ? number(d) : 1, bytes = flags & 0x20 ? number(d) : 0;
        if (ins > CODERS_MAX || outs > CODERS_MAX || bytes > rd_left(d)) {
            d->bad = true;
            break;
        }
        c.props = rd_take(d, (size_t)bytes);
        in  += ins;
        out += outs;
        if (of_coder(&c) > most)
            most = of_coder(&c);
        if (i == 0)
            *ret_first = c;
    }
    uint64_t bound = out ? out - 1 : 0;
    for (uint64_t i = 0; i < 2 * bound && !d->bad; i++)
        (void)number(d);
    for (uint64_t i = 0; in > bound + 1 && i < in - bound && !d->bad; i++)
        (void)number(d);
    *ret_out = out;
    return most;
}

/* The streams of a list from its SEVEN_PACKS on: largest demand. */
static uint64_t streams(struct rd *d, struct packed *ret)
{
    uint64_t most = 0, n, out = 0;
    uint8_t  id = rd_u8(d);

    if (id == SEVEN_PACKS) {
        ret->off = number(d);
        n = number(d);
        while ((id = rd_u8(d)) != SEVEN_END && !d->bad) {
            for (uint64_t i = 0; id == SEVEN_SIZE && i < n && !d->bad; i++) {
                uint64_t bytes = number(d);
                if (i == 0)
                    ret->packed_bytes = bytes;
            }
            if (id == SEVEN_SUM)
                skip_sums(d, n);
            else if (id != SEVEN_SIZE)
                d->bad = true;
        }
        id = rd_u8(d);
    }
    if (id != SEVEN_FOLDERS || rd_u8(d) != SEVEN_FOLDER || d->bad)
        return 0;
    n = number(d);
    if (rd_u8(d) != 0)                          /* kept elsewhere: nobody writes that */
        d->bad = true;
    for (uint64_t i = 0; i < n && !d->bad; i++) {
        struct coder first = { 0, STR_EMPTY };
        uint64_t     outs = 0, bytes = folder(d, &first, &outs);
        if (d->bad)
            break;
        if (bytes > most)
            most = bytes;
        if (i == 0)
            ret->first = first;
        out = outs;
    }
    if (n == 1 && rd_u8(d) == SEVEN_UNPACKED)   /* asked only where a list is packed: one folder, one coder */
        for (uint64_t i = 0; i < out && !d->bad; i++)
            ret->size_bytes = number(d);
    return most;
}

/* The first bytes of what `in` was packed from. *ret: malloc'ed, NULL when it cannot be unpacked. */
static bool unpack(struct reach *r, const struct packed *in, uint8_t **ret, size_t *ret_n, struct err *e)
{
    lzma_filter filter[2] = { { .id = in->first.id == 0x21 ? LZMA_FILTER_LZMA2 : LZMA_FILTER_LZMA1 }, { .id = LZMA_VLI_UNKNOWN } };
    lzma_stream z = LZMA_STREAM_INIT;
    size_t      room = in->size_bytes < DICTIONARY_LIST ? (size_t)in->size_bytes : DICTIONARY_LIST, got;
    uint8_t    *piece = NULL, *out = NULL;
    bool        ok = false;

    *ret = NULL;
    if ((in->first.id != 0x21 && in->first.id != 0x030101) || room == 0)
        return true;
    if (lzma_properties_decode(&filter[0], NULL, in->first.props.p, in->first.props.n) != LZMA_OK)
        return true;
    uint64_t off = num_add_sat(SEVEN_HEAD, in->off), end = num_add_sat(off, in->packed_bytes);
    if (!(piece = malloc(PIECE)) || !(out = malloc(room)) || lzma_raw_decoder(&z, filter) != LZMA_OK) {
        err_set(e, ERR_MEMORY, "no room for the list of a 7z");
        goto out;
    }
    z.next_out  = out;
    z.avail_out = room;
    for (lzma_ret code = LZMA_OK; code == LZMA_OK && z.avail_out && off < end;) {
        if (!reach_read(r, off, piece, end - off < PIECE ? (size_t)(end - off) : PIECE, &got, e))
            goto out;
        if (got == 0)
            break;
        off       += got;
        z.next_in  = piece;
        z.avail_in = got;
        code = lzma_code(&z, LZMA_RUN);
    }
    *ret   = out;
    *ret_n = room - z.avail_out;
    ok     = true;
out:
    lzma_end(&z);
    free(filter[0].options);
    free(piece);
    if (!ok)
        free(out);
    return ok;
}

/* As it stands in the archive. */
static bool load(struct reach *r, uint64_t off, uint64_t bytes, uint8_t **ret, size_t *ret_n, struct err *e)
{
    size_t   n = bytes < DICTIONARY_LIST ? (size_t)bytes : DICTIONARY_LIST;
    uint8_t *p = malloc(n ? n : 1);

    if (!p)
        return err_set(e, ERR_MEMORY, "no room for the list of a 7z");
    if (!reach_read(r, off, p, n, ret_n, e)) {
        free(p);
        return false;
    }
    *ret = p;
    return true;
}

bool dictionary_of_seven(struct reach *r, uint64_t *ret, struct err *e)
{
    uint8_t  head[SEVEN_HEAD], *list = NULL;
    size_t   n = 0;
    uint64_t most = 0;
    bool     whole, ok;

    *ret = 0;
    if (!reach_whole(r, 0, head, sizeof head, &whole, e))
        return false;
    if (!whole)
        return true;
    struct rd h = { .s = { head, sizeof head } };
    rd_skip(&h, 12);
    uint64_t off = num_add_sat(rd_u64le(&h), SEVEN_HEAD), bytes = rd_u64le(&h);
    if (off > r->size_bytes || bytes > r->size_bytes - off)
        return true;
    ok = load(r, off, bytes, &list, &n, e);
    for (uint32_t depth = 0; ok && list && depth <= DICTIONARY_NEST; depth++) {
        struct rd     d = { .s = { list, n } };
        struct packed in = { 0 };
        uint8_t       id = rd_u8(&d), *inner = NULL;
        most = bytes > most ? bytes : most;
        if (id == SEVEN_PACKED_LIST) {
            uint64_t wants = streams(&d, &in);
            most = wants > most ? wants : most;
            bytes = in.size_bytes;
            ok = d.bad || (dictionary_fits(r, most, e) && dictionary_fits(r, bytes, e) && unpack(r, &in, &inner, &n, e));
            free(list);
            list = inner;
            continue;
        }
        if (id == SEVEN_HEADER) {
            id = rd_u8(&d);
            while (id == SEVEN_MORE && !d.bad) {             /* properties of the archive: number, bytes */
                while (rd_u8(&d) != SEVEN_END && !d.bad) {
                    uint64_t skip = number(&d);
                    rd_skip(&d, skip < rd_left(&d) ? (size_t)skip : rd_left(&d));
                }
                id = rd_u8(&d);
            }
            uint64_t wants = id == SEVEN_STREAMS ? streams(&d, &in) : 0;
            most = wants > most ? wants : most;
            if (d.bad && bytes > n) {
                err_set(e, ERR_LIMIT, "too large: its list takes %llu MiB", (unsigned long long)(bytes >> 20));
                ok = err_hint(e, "Unpack it elsewhere and hunt the folder.");
            }
        }
        break;
    }
    free(list);
    *ret = most;
    return ok;
}
