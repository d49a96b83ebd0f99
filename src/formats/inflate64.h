/*
 * inflate64: Deflate64, method 9 of zip, as Windows packs files of 2 GiB and more. zlib and libzip do not read it.
 *
 * Shape    pulled: the reader asks for bytes, inflate64 asks `more` for packed ones. It differs from Deflate in a window of 64 KiB, two more distance
 *          codes, and length code 285, which has 16 extra bits and no upper end of 258.
 * Bounds   the window and two code tables: 80 KiB, nothing else is ever allocated. Every step takes at least one packed bit or gives one byte.
 * Errors   inflate64_read false: `more` failed. Damage: it gives what came before, then nothing; `bad` is set.
 * Not done checksums, which stand outside of the stream.
 * Source   RFC 1951; the tables of zlib's contrib/infback9 (inftree9.c: lbase, lext, dbase, dext).
 */
#ifndef FORMATS_INFLATE64_H
#define FORMATS_INFLATE64_H

#include "base/err.h"
#include "base/str.h"

enum { INFLATE64_WINDOW = 1 << 16, INFLATE64_FAST = 10, INFLATE64_BITS = 15 };

struct inflate64_code {
    uint16_t fast[1 << INFLATE64_FAST];      /* symbol << 4 | length; 0: not here */
    uint16_t count[INFLATE64_BITS + 1], symbol[288];
};
/* The next packed bytes; an empty view: there are no more. */
typedef bool inflate64_more(void *ctx, struct str *ret, struct err *e);

struct inflate64 {
    inflate64_more *more;
    void           *ctx;
    struct str      in;
    bool            in_end, last, done, bad;
    uint64_t        bits;
    uint32_t        bit_n;
    enum { INFLATE64_HEAD, INFLATE64_STORED, INFLATE64_CODES } state;
    uint32_t        left;                    /* of a stored block, or of a match */
    uint32_t        dist;                    /* of the match */
    uint64_t        total;
    struct inflate64_code lit, far;
    uint8_t         window[INFLATE64_WINDOW];
};

void inflate64_start(struct inflate64 *z, inflate64_more *more, void *ctx);
/* *ret_got < n only at the end, or where the stream is damaged (bad). */
bool inflate64_read(struct inflate64 *z, uint8_t *buf, size_t n, size_t *ret_got, struct err *e);

#endif
