/*
 * What the targets of text-log kinds share. The input is a small file. Its rows go through header, time and parse; then:
 *
 *   values, extras and raw lie inside the row, the scratch arena, or static text
 *   the same row gives the same record twice
 *   the cheap time is the record's time
 *   counts keep to their bounds, and no row is refused for another reason than ERR_FORMAT
 */
#ifndef LOGFUZZ_H
#define LOGFUZZ_H

#include "formats/lines.h"
#include "formats/record.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { LOGFUZZ_KEEP = 1 << 18, LOGFUZZ_SCRATCH = 1 << 18 };

static inline bool inside(struct str s, const uint8_t *p, size_t n)
{
    return s.n == 0 || (s.p >= p && s.n <= n && (size_t)(s.p - p) <= n - s.n);
}

static inline bool same_texts(const struct str *x, const struct str *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!str_eq(x[i], y[i]))
            return false;
    return true;
}

static inline void logfuzz_row(const struct log_state *s, struct str row, uint8_t *mem)
{
    struct arena  one = { mem, mem + LOGFUZZ_SCRATCH, NULL }, two = { mem + LOGFUZZ_SCRATCH, mem + 2 * LOGFUZZ_SCRATCH, NULL };
    struct record x, y;
    struct err    e = { 0 };
    int64_t       us = TIME_NONE;

    if (!s->kind->parse(s, &one, row, &x, &e)) {
        MUST(e.kind == ERR_FORMAT && e.what[0]);
        return;
    }
    MUST(s->kind->parse(s, &two, row, &y, &e));
    MUST(str_eq(x.raw, row) && x.n == y.n && x.extra_n == y.extra_n && x.time_us == y.time_us && x.damaged == y.damaged);
    MUST(x.n >= 1 && x.n <= RECORD_COLUMNS_MAX && x.extra_n <= RECORD_EXTRA_MAX);
    MUST(same_texts(x.value, y.value, x.n));
    MUST(same_texts(x.extra_name, y.extra_name, x.extra_n) && same_texts(x.extra_value, y.extra_value, x.extra_n));
    for (size_t i = 0; i < x.n; i++)
        MUST(inside(x.value[i], row.p, row.n) || inside(x.value[i], mem, LOGFUZZ_SCRATCH));
    for (size_t i = 0; i < x.extra_n; i++)
        MUST(inside(x.extra_value[i], row.p, row.n) || inside(x.extra_value[i], mem, LOGFUZZ_SCRATCH));
    if (!s->kind->time(s, row, &us))
        us = TIME_NONE;
    MUST(us == x.time_us);
}

static inline int logfuzz(const struct log_kind *kind, const uint8_t *data, size_t n)
{
    if (n > 65536)
        return 0;
    uint8_t *mem = malloc(LOGFUZZ_KEEP + 2 * LOGFUZZ_SCRATCH);
    MUST(mem);
    struct log_state s = { .kind = kind, .keep = { mem, mem + LOGFUZZ_KEEP, NULL } };
    struct str       text = { data, n }, row;
    size_t           pos = 0, at;

    while (kind->dated ? lines_row_step(text, &pos, &row, &at) : lines_step(text, &pos, &row, &at)) {
        uint32_t generation = s.cols.generation;
        uint8_t *exact = malloc(row.n + 1);             /* a block of its own, so that reading too far is caught */
        MUST(exact);
        if (row.n)
            memcpy(exact, row.p, row.n);
        struct str r = { exact, row.n };
        if (!kind->header(&s, r)) {
            MUST(s.cols.generation == generation);
            logfuzz_row(&s, r, mem + LOGFUZZ_KEEP);
        }
        MUST(s.cols.n <= RECORD_COLUMNS_MAX);
        for (size_t i = 0; i < s.cols.n; i++)
            MUST(inside(s.cols.name[i], mem, LOGFUZZ_KEEP));
        free(exact);
    }
    free(mem);
    return 0;
}

#endif
