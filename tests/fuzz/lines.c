/*
 * lines: fed whole equals fed byte by byte; every byte of plain text is accounted for; offsets and line numbers are exact;
 * no block splits a row. The first byte chooses `dated` and the size of the pieces.
 */
#include "formats/lines.h"

#include <stdlib.h>
#include <string.h>

struct feed { struct str in; size_t pos, step; };

static bool feed_fill(void *ctx, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct feed *f = ctx;
    size_t n = f->in.n - f->pos;

    (void)e;
    n = n < cap ? n : cap;
    n = n < f->step ? n : f->step;
    if (n)
        memcpy(buf, f->in.p + f->pos, n);
    f->pos  += n;
    *ret_got = n;
    return true;
}

struct seen { size_t n; uint64_t rows, text; struct lines_damage damage; enum err_kind end; };

#define MUST(x) do { if (!(x)) abort(); } while (0)

/* A file whose lines end in a lone CR is read with line feeds in their place; all else stays as it is. */
static bool same(const uint8_t *file, const uint8_t *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (file[i] != text[i] && !(file[i] == '\r' && text[i] == '\n'))
            return false;
    return true;
}

static void run(struct str in, size_t step, bool dated, uint8_t *mem, size_t mem_n, struct seen *s)
{
    struct arena  a = { mem, mem + mem_n, NULL };
    struct feed   f = { in, 0, step };
    struct err    e = { 0 };
    struct lines *l;
    struct lines_block b;
    uint64_t line = 1;
    bool     at_row = true;

    MUST(lines_open(&l, &a, feed_fill, &f, dated, &e));
    while (lines_next(l, &b, &e)) {
        bool plain = lines_encoding(l) == UTF_8 && !lines_was_gz(l);
        lines_damage(l, &s->damage);
        MUST(b.text.n > 0 && b.text.n <= LINES_ROW_MAX && !memchr(b.text.p, 0, b.text.n));
        MUST(b.line >= line);
        MUST(s->damage.long_rows || b.line == line);
        if (dated && s->n && !s->damage.long_rows)
            MUST(at_row && lines_row_starts(b.text));
        if (plain) {
            MUST(b.offset < in.n && same(in.p + b.offset, b.text.p, 1));
            /* Line starts carry their offset into the file; a line that lost bytes is the last row of its block. */
            if (s->damage.nul_bytes == 0)
                MUST(b.offset + b.text.n <= in.n && same(in.p + b.offset, b.text.p, b.text.n));
        }
        struct str row;
        size_t pos = 0, at, walked = 0;
        while (dated ? lines_row_step(b.text, &pos, &row, &at) : lines_step(b.text, &pos, &row, &at)) {
            MUST(at == walked && pos > at && row.n <= pos - at);
            walked = pos;
            if (plain && !same(in.p + b.offset + at, b.text.p + at, 1))
                MUST(dated && s->damage.nul_bytes);
            /* The sum over rows does not depend on how they were cut into blocks. */
            s->rows = (s->rows ^ (plain ? b.offset + at : 0) ^ str_hash(row)) * 0x100000001b3u;
        }
        MUST(walked == b.text.n);
        for (size_t i = 0; i < b.text.n; i++) {
            line += b.text.p[i] == '\n';
            s->text = (s->text ^ b.text.p[i]) * 0x100000001b3u;
        }
        at_row = b.text.p[b.text.n - 1] == '\n';
        s->n += b.text.n;
    }
    lines_damage(l, &s->damage);
    s->end = e.kind;
    MUST(!lines_next(l, &b, &e) && e.kind == s->end);
    if (lines_encoding(l) == UTF_8 && !lines_was_gz(l) && !s->damage.long_rows) {
        size_t mark = in.n >= 3 && memcmp(in.p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
        MUST(s->n + s->damage.nul_bytes + mark == in.n);
    }
    lines_close(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 1 || n > 16384)                             /* of gz, some 16 MB of text */
        return 0;
    struct str  in  = { data + 1, n - 1 };
    bool        dated = data[0] & 1;
    size_t      step = 1 + (data[0] >> 1) % 37, mem_n = 2 << 20;
    uint8_t    *mem = malloc(mem_n);
    struct seen x = { .n = 0 }, y = { .n = 0 };

    MUST(mem);
    run(in, SIZE_MAX, dated, mem, mem_n, &x);
    run(in, step, dated, mem, mem_n, &y);
    MUST(x.n == y.n && x.text == y.text && x.rows == y.rows && x.end == y.end);
    MUST(memcmp(&x.damage, &y.damage, sizeof x.damage) == 0);
    free(mem);
    return 0;
}
