/* ese: any bytes as a database: its tables are found, every column of every row is asked for, nothing lies outside of its record, and it ends. */
#include "formats/ese.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { ROOM = 8 << 20 };

struct bytes { const uint8_t *p; size_t n; };
static bool bytes_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    const struct bytes *b = ctx;

    (void)e;
    *got = off >= b->n ? 0 : b->n - off < cap ? b->n - (size_t)off : cap;
    if (*got)
        memcpy(buf, b->p + off, *got);
    return true;
}

struct seen { const struct ese_table *t; struct arena a; size_t n; };
static bool row(void *ctx, const struct ese_record *r)
{
    struct seen *s = ctx;

    for (size_t i = 0; i < s->t->column_n && i < 40; i++) {
        struct arena a = s->a;
        struct str   got;
        if (ese_get(r, &s->t->column[i], &a, &got) && got.n && got.p >= r->bytes.p && got.p <= r->bytes.p + r->bytes.n)
            MUST(got.n <= (size_t)(r->bytes.p + r->bytes.n - got.p));
        (void)ese_text(r, &s->t->column[i], &a);
        (void)ese_number(r, &s->t->column[i], a);
    }
    return ++s->n < 20000;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t     room[ROOM];
    static const char *const table[] = { "CLIENTS", "DNS", "MSysObjects" };
    struct bytes       in = { data, n };
    struct blocks      b = { bytes_read, &in, n };
    struct ese         d;

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct arena     a = { room, room + sizeof room, NULL };
        struct ese_table t;
        struct err       e = { 0 };
        if (!ese_open(&d, &b, &e) || !ese_table_find(&d, &a, str_c(table[i]), &t, &e)) {
            MUST(e.kind != ERR_NONE && e.what[0]);
            continue;
        }
        MUST(t.column_n <= ESE_COLUMNS_MAX);
        struct seen  s = { &t, a, 0 };
        struct arena pages = a;
        s.a.end = pages.beg = a.beg + arena_room(&a) / 2 / 16 * 16;
        if (!ese_rows(&d, pages, &t, row, &s, &e))
            MUST(e.kind != ERR_NONE && e.what[0]);
    }
    return 0;
}
