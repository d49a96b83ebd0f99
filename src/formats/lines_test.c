#include "test.h"
#include "base/num.h"
#include "formats/lines.h"

#include <zlib.h>

struct feed { struct str in; size_t pos, step, fail_at; };

static bool feed_fill(void *ctx, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct feed *f = ctx;
    size_t n = f->in.n - f->pos;

    if (f->pos >= f->fail_at)
        return err_set(e, ERR_IO, "the disk says no");
    n = n < cap ? n : cap;
    n = n < f->step ? n : f->step;
    n = n < f->fail_at - f->pos ? n : f->fail_at - f->pos;
    if (n)
        memcpy(buf, f->in.p + f->pos, n);
    f->pos  += n;
    *ret_got = n;
    return true;
}

/* What a file became. Where its blocks end depends on the pieces, so that is left out. */
struct got { struct str text; size_t rows; struct lines_damage damage; struct err e; enum utf_kind kind; bool gz; uint64_t last_line, last_offset; };

static struct got read_all(struct test_arena *keep, struct str in, size_t step, size_t fail_at, bool dated)
{
    struct test_arena t = test_arena(4 << 20);
    struct feed       f = { in, 0, step, fail_at };
    struct got        g = { .rows = 0 };
    struct lines     *l;
    struct lines_block b;
    struct str        row;

    CHECK(lines_open(&l, &t.a, feed_fill, &f, dated, &g.e));
    while (lines_next(l, &b, &g.e)) {
        size_t pos = 0, at;
        g.text = str_cat(&keep->a, g.text, b.text);
        CHECK(g.text.p != NULL);
        while (dated ? lines_row_step(b.text, &pos, &row, &at) : lines_step(b.text, &pos, &row, &at)) {
            g.rows++;
            g.last_offset = b.offset + at;
        }
        g.last_line = b.line;
    }
    lines_damage(l, &g.damage);
    g.kind = lines_encoding(l);
    g.gz   = lines_was_gz(l);
    lines_close(l);
    lines_close(NULL);
    test_arena_free(&t);
    return g;
}

#define A "2021-03-03 a\r\n"
#define B "2021-03-04 b\r\n"

static const struct {
    const char *why;
    struct str  in;
    bool        dated;
    struct str  text;
    size_t      rows;
    uint64_t    last_offset, nul_bytes, cut_last, first_offset;
    enum utf_kind kind;
} table[] = {
    { "plain", STR_INIT(A B), false, STR_INIT(A B), 2, 14, 0, 0, UINT64_MAX, UTF_8 },
    { "an empty file", STR_INIT(""), false, STR_INIT(""), 0, 0, 0, 0, UINT64_MAX, UTF_8 },
    { "one byte", STR_INIT("x"), false, STR_INIT("x"), 1, 0, 0, 1, 1, UTF_8 },
    { "the last line has no end", STR_INIT(A "2021"), false, STR_INIT(A "2021"), 2, 14, 0, 1, 18, UTF_8 },
    { "the mark goes and counts", STR_INIT("\xEF\xBB\xBF" A), false, STR_INIT(A), 1, 3, 0, 0, UINT64_MAX, UTF_8 },
    { "a row over three lines", STR_INIT(A "more\r\n20\r\n" B), true, STR_INIT(A "more\r\n20\r\n" B), 2, 24, 0, 0, UINT64_MAX, UTF_8 },
    { "a comment and a bare header begin rows", STR_INIT(A "#x\nDateTime,y\n" B), true, STR_INIT(A "#x\nDateTime,y\n" B), 4, 28, 0, 0, UINT64_MAX, UTF_8 },
    { "what stands before the first date is a row", STR_INIT("x\ny\n" A), true, STR_INIT("x\ny\n" A), 2, 4, 0, 0, UINT64_MAX, UTF_8 },
    { "NUL inside a row: later offsets stay exact", STR_INIT("2021\0\0-03-03 a\n" B), false, STR_INIT("2021-03-03 a\n" B), 2, 15, 2, 0, 4, UTF_8 },
    { "NUL between rows", STR_INIT(A "\0\0\0" B), true, STR_INIT(A B), 2, 17, 3, 0, 14, UTF_8 },
    { "NUL inside what may become a date", STR_INIT(A "2021-\0" "03-04 b\n" A), true, STR_INIT(A "2021-03-04 b\n" A), 3, 28, 1, 0, 19, UTF_8 },
    { "NUL inside what does not become one", STR_INIT(A "2021-\0" "b\n" A), true, STR_INIT(A "2021-b\n" A), 2, 22, 1, 0, 19, UTF_8 },
    { "NUL at the end", STR_INIT(A "\0\0"), false, STR_INIT(A), 1, 0, 2, 0, 14, UTF_8 },
    { "nothing but NUL", STR_INIT("\0\0\0"), false, STR_INIT(""), 0, 0, 3, 0, 0, UTF_8 },
    { "UTF-16LE with a mark", STR_INIT("\xFF\xFE" "a\0\xE9\0\n\0b\0\n\0"), false, STR_INIT("a\xC3\xA9\nb\n"), 2, 8, 0, 0, UINT64_MAX, UTF_16LE },
    { "UTF-16BE, a pair of surrogates, an odd last byte", STR_INIT("\xFE\xFF\xD8\x3D\xDE\x00\0\n\0b\0"), false,
      STR_INIT("\xF0\x9F\x98\x80\nb\xEF\xBF\xBD"), 2, 8, 0, 1, 12, UTF_16BE },
    { "CR alone ends lines where there is no LF", STR_INIT("a\rbc\rd\r"), false, STR_INIT("a\nbc\nd\n"), 3, 5, 0, 0, UINT64_MAX, UTF_8 },
    { "the same in UTF-16", STR_INIT("\xFF\xFE" "a\0\r\0b\0\r\0"), false, STR_INIT("a\nb\n"), 2, 6, 0, 0, UINT64_MAX, UTF_16LE },
    { "CR among LF is text", STR_INIT("a\rb\nc\n"), false, STR_INIT("a\rb\nc\n"), 2, 4, 0, 0, UINT64_MAX, UTF_8 },
    { "Windows-1252", STR_INIT("\x93\xE9\x94\nb\n"), false, STR_INIT("\xE2\x80\x9C\xC3\xA9\xE2\x80\x9D\nb\n"), 2, 4, 0, 0, UINT64_MAX, UTF_1252 },
};

static void reads_the_table(void **state)
{
    (void)state;
    const size_t steps[] = { SIZE_MAX, 1, 2, 7 };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        for (size_t k = 0; k < COUNT_OF(steps); k++) {
            struct test_arena keep = test_arena(1 << 16);
            struct str in = test_heap(table[i].in.p, table[i].in.n);
            struct got g  = read_all(&keep, in, steps[k], SIZE_MAX, table[i].dated);

            CHECK_WHY(g.e.kind == ERR_NONE, table[i].why);
            CHECK_STR(g.text, table[i].text);
            CHECK_WHY(g.rows == table[i].rows, table[i].why);
            if (g.kind == UTF_8)                        /* inside a block of another encoding offsets are near, not exact */
                CHECK_WHY(g.last_offset == table[i].last_offset, table[i].why);
            CHECK_WHY(g.damage.nul_bytes == table[i].nul_bytes && g.damage.cut_last == table[i].cut_last, table[i].why);
            CHECK_WHY(g.damage.first_offset == table[i].first_offset && g.damage.long_rows == 0, table[i].why);
            CHECK_WHY(g.kind == table[i].kind && !g.gz, table[i].why);
            test_free(in);
            test_arena_free(&keep);
        }
}

static size_t gz_of(const char *text, uint8_t *out, size_t cap)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)text, .avail_in = (uInt)strlen(text), .next_out = out, .avail_out = (uInt)cap };

    CHECK(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&z);
    return cap - z.avail_out;
}

static void inflates_members(void **state)
{
    (void)state;
    uint8_t gz[512] = { 0 };
    size_t  one = gz_of(A, gz, sizeof gz), two = one + gz_of("\xC3\xA9\n" B, gz + one, sizeof gz - one);
    const struct { const char *why; size_t n; uint8_t after; const char *text; enum err_kind kind; } cases[] = {
        { "one member", one, 0, A, ERR_NONE },
        { "two members", two, 0, A "\xC3\xA9\n" B, ERR_NONE },
        { "padding behind", two + 40, 0, A "\xC3\xA9\n" B, ERR_NONE },
        { "bytes behind", two + 1, 'x', A "\xC3\xA9\n" B, ERR_FORMAT },
        { "cut in the trailer", two - 3, 0, A "\xC3\xA9\n" B, ERR_FORMAT },
        { "cut in the second header", one + 4, 0, A, ERR_FORMAT },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t step = 1; step < 600; step += 599 - 1) {
            struct test_arena keep = test_arena(1 << 16);
            gz[two] = cases[i].after;
            struct str in = test_heap(gz, cases[i].n);
            struct got g  = read_all(&keep, in, step, SIZE_MAX, false);
            CHECK_WHY(g.gz && g.e.kind == cases[i].kind, cases[i].why);
            CHECK_STR(g.text, str_c(cases[i].text));
            test_free(in);
            test_arena_free(&keep);
        }
}

/* Rows around the limit, and what follows them. */
static void cuts_long_rows(void **state)
{
    (void)state;
    const struct { size_t n; bool end, dated; uint64_t long_rows; } cases[] = {
        { LINES_ROW_MAX - 1, true, false, 0 }, { LINES_ROW_MAX, true, false, 1 },    { LINES_ROW_MAX + 9, true, false, 1 },
        { LINES_ROW_MAX + 17, true, true, 1 }, { 3 * LINES_ROW_MAX, true, false, 1 }, { 3 * LINES_ROW_MAX, false, true, 1 },
        { LINES_ROW_MAX, false, false, 0 },    { LINES_ROW_MAX + 1, false, false, 1 },
    };
    const size_t steps[] = { SIZE_MAX, 4093 };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t k = 0; k < COUNT_OF(steps); k++) {
            struct test_arena keep = test_arena(16 << 20);
            size_t   n = 14 + cases[i].n + (cases[i].end ? 1 + 28 : 0), kept = cases[i].n + cases[i].end;
            uint8_t *p = malloc(n);
            memcpy(p, A, 14);
            memset(p + 14, 'x', n - 14);
            memcpy(p + 14, "2021-03-03", 10);
            if (cases[i].end) {
                p[14 + cases[i].n] = '\n';
                memcpy(p + n - 28, A B, 28);
            }
            struct got g = read_all(&keep, (struct str){ p, n }, steps[k], SIZE_MAX, cases[i].dated);
            CHECK(g.e.kind == ERR_NONE && g.damage.long_rows == cases[i].long_rows);
            if (kept > LINES_ROW_MAX)
                kept = LINES_ROW_MAX;
            CHECK(g.text.n == 14 + kept + (cases[i].end ? 28 : 0));
            CHECK(g.rows == (cases[i].end ? 4 : 2));
            if (cases[i].end)
                CHECK(g.last_offset == n - 14 && str_ends(g.text, STR(A B)));
            if (cases[i].long_rows)
                CHECK(g.damage.first_offset == 14 + LINES_ROW_MAX);
            free(p);
            test_arena_free(&keep);
        }
}

static void keeps_blocks_before_a_failure(void **state)
{
    (void)state;
    struct str in = TEST_HEAP(A B);

    for (size_t at = 0; at <= in.n; at++) {
        struct test_arena keep = test_arena(4096);
        struct got g = read_all(&keep, in, 5, at, false);
        CHECK(g.e.kind == ERR_IO && strcmp(g.e.what, "the disk says no") == 0);
        CHECK_STR(g.text, str_sub(in, 0, at));
        test_arena_free(&keep);
    }
    test_free(in);
}

static void steps_over_lines(void **state)
{
    (void)state;
    struct str in = TEST_HEAP("a\r\n\nb\r\r\nc"), line;
    size_t     pos = 0, at;
    const struct { const char *line; size_t at; } want[] = { { "a", 0 }, { "", 3 }, { "b\r", 4 }, { "c", 8 } };

    for (size_t i = 0; i < COUNT_OF(want); i++) {
        CHECK(lines_step(in, &pos, &line, &at) && at == want[i].at);
        CHECK_STR(line, str_c(want[i].line));
    }
    CHECK(!lines_step(in, &pos, &line, &at));
    test_free(in);

    CHECK(lines_row_starts(STR("2021-03-03")) && lines_row_starts(STR("#")) && lines_row_starts(STR("TIMESTAMP,x")));
    CHECK(!lines_row_starts(STR("2021-03-0")) && !lines_row_starts(STR("DateTime")) && !lines_row_starts(STR("")));
}

/* The number of a block's first line counts every line end before it, whatever the size of the reads. */
static void counts_lines(void **state)
{
    (void)state;
    size_t   n = 3 << 20;
    uint8_t *p = malloc(n);
    struct test_arena t = test_arena(4 << 20);
    struct lines *l;
    struct lines_block b;
    struct err e = { 0 };
    uint64_t line = 1;

    for (size_t i = 0; i < n; i++)
        p[i] = i % 5 == 0 || i % 7 == 3 ? '\n' : 'a';
    struct feed f = { { p, n }, 0, SIZE_MAX, SIZE_MAX };
    CHECK(lines_open(&l, &t.a, feed_fill, &f, false, &e));
    while (lines_next(l, &b, &e)) {
        CHECK(b.line == line && memcmp(p + b.offset, b.text.p, b.text.n) == 0);
        for (size_t i = 0; i < b.text.n; i++)
            line += b.text.p[i] == '\n';
    }
    CHECK(line > n / 4);
    lines_close(l);
    test_arena_free(&t);
    free(p);
}

/* Blocks of other encodings begin exactly too, also behind characters of two and four bytes, and behind U+0000. */
static void offsets_in_utf16_are_exact(void **state)
{
    (void)state;
    static const uint8_t row[] = { 'a', 0, 0xE9, 0, 0x3D, 0xD8, 0, 0xDE, 0, 0, 'z', 0, '\n', 0 };   /* 14 bytes */
    size_t   n = 2 + 60000 * sizeof row, blocks = 0;
    uint8_t *p = malloc(n);
    struct test_arena t = test_arena(4 << 20);
    struct lines *l;
    struct lines_block b;
    struct lines_damage damage;
    struct err e = { 0 };

    memcpy(p, "\xFF\xFE", 2);
    for (size_t i = 2; i < n; i++)
        p[i] = row[(i - 2) % sizeof row];
    struct feed f = { { p, n }, 0, 4099, SIZE_MAX };
    CHECK(lines_open(&l, &t.a, feed_fill, &f, false, &e));
    while (lines_next(l, &b, &e)) {
        CHECK(b.offset == 2 + (b.line - 1) * sizeof row);
        blocks++;
    }
    lines_damage(l, &damage);
    CHECK(lines_encoding(l) == UTF_16LE && e.kind == ERR_NONE && blocks == 60000);
    CHECK(damage.nul_bytes == 60000 && damage.first_offset == 2 + 8);
    lines_close(l);
    test_arena_free(&t);
    free(p);
}

static bool work(struct arena *a, struct err *e)
{
    uint8_t gz[256];
    struct feed f = { { gz, gz_of(A, gz, sizeof gz) }, 0, SIZE_MAX, SIZE_MAX };
    struct lines *l;
    struct lines_block b;

    if (!lines_open(&l, a, feed_fill, &f, false, e))
        return false;
    while (lines_next(l, &b, e))
        continue;
    lines_close(l);
    return e->kind == ERR_NONE;
}

static void survives_faults(void **state)
{
    (void)state;
    fault_sweep(work, 4 << 20);
}

/* Wide, portable, and one byte after the other: line ends, and records behind them. */
static void same_counts(struct str text)
{
    for (int dated = 0; dated < 2; dated++) {
        uint64_t lines = 0, records = 0, wide, portable;
        for (size_t i = 0; i < text.n; i++) {
            bool starts = i == 0 || text.p[i - 1] == '\n';
            lines   += text.p[i] == '\n';
            records += starts && (dated ? ch_digit(text.p[i]) : text.p[i] != '#');
        }
        CHECK(lines_count_both(text, dated, &wide) == lines && lines_count_both_portable(text, dated, &portable) == lines);
        CHECK(wide == records && portable == records);
    }
}

/* Line ends at each place of texts around the sizes that are counted at a step. */
static void counts(void **state)
{
    static const size_t sizes[] = { 0, 1, 15, 16, 17, 31, 32, 33, 34, 65, 16 * 255 - 1, 16 * 255, 16 * 256 + 5, 32 * 255 + 1, 9000 };

    (void)state;
    for (size_t k = 0; k < COUNT_OF(sizes); k++) {
        uint8_t *p = malloc(sizes[k] + 1);
        uint64_t want = 0;
        for (size_t i = 0; i < sizes[k]; i++) {
            p[i] = i % 7 == 0 || i + 1 == sizes[k] ? '\n' : (uint8_t)"\x8A" "2#x/:0\n"[i % 8];
            want += p[i] == '\n';
        }
        struct str text = test_heap(p, sizes[k]);
        CHECK(lines_count(text) == want);
        same_counts(text);
        memset(p, '\n', sizes[k]);
        test_free(text);
        text = test_heap(p, sizes[k]);
        CHECK(lines_count(text) == sizes[k]);
        same_counts(text);
        test_free(text);
        free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(reads_the_table),   cmocka_unit_test(inflates_members), cmocka_unit_test(cuts_long_rows),
        cmocka_unit_test(keeps_blocks_before_a_failure), cmocka_unit_test(steps_over_lines),
        cmocka_unit_test(counts_lines),      cmocka_unit_test(offsets_in_utf16_are_exact),
        cmocka_unit_test(survives_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
