/*
 * intake_fixture: for tests of the kinds: a text in, items and broken rows out as lines; fed whole, in pieces or byte by byte.
 */
#ifndef CASEWORK_INTAKE_FIXTURE_H
#define CASEWORK_INTAKE_FIXTURE_H

#include "casework/intake.h"
#include "casework/intake_out.h"
#include "emit/out_mem.h"
#include "os/os.h"

#include <string.h>

struct intake_fed { struct str s; size_t at, step; };
static inline bool intake_fed_fill(void *ctx, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct intake_fed *f = ctx;
    size_t             n = f->s.n - f->at;

    (void)e;
    n = n < cap ? n : cap;
    if (f->step && n > f->step)
        n = f->step;
    if (n)
        memcpy(buf, f->s.p + f->at, n);
    f->at += n;
    *got = n;
    return true;
}

struct intake_told { struct out *o; };
static inline bool intake_told_take(void *ctx, const struct intake_item *x, struct err *e)
{
    struct intake_told *t = ctx;
    struct js           j;

    (void)e;
    js_open(&j, t->o, true);
    intake_json(&j, x);
    out_c(t->o, "\n");
    return true;
}
static inline bool intake_told_broken(void *ctx, uint64_t line, const char *why, struct str raw, struct err *e)
{
    struct intake_told *t = ctx;

    (void)e, (void)raw;
    out_fmt(t->o, "%llu: %s\n", (unsigned long long)line, why);
    return true;
}

static const int64_t intake_now = INT64_C(1767225600) * TIME_SECOND;      /* 2026-01-01 */

/* Everything that came of it, notes and sums included. The text lives in a. False: intake_read said no; *e. */
static inline bool intake_text(struct str *ret, struct intake_result *result, struct arena *a, struct arena room, struct intake_options opt, struct str in, size_t step, struct err *e)
{
    struct intake_fed  f = { in, 0, step };
    struct out        *o = NEW(a, struct out, 1);
    struct out_mem     mem = { .a = a };
    struct intake_told t = { o };
    struct intake_sink sink = { &t, intake_told_take, intake_told_broken };
    struct arena       keep = { NULL, NULL, NULL };

    out_open(o, out_mem_put, &mem);
    keep.beg = TAKE(a, uint8_t, 64 << 10);
    keep.end = keep.beg + (64 << 10);
    bool ok = intake_read(result, &keep, room, &opt, intake_fed_fill, &f, &sink, e);
    for (size_t i = 0; i < result->sums.note_n; i++) {
        out_c(o, "note: ");
        out_term(o, result->sums.note[i], 0);
        out_c(o, "\n");
    }
    if (result->sums.end.kind != ERR_NONE)
        out_fmt(o, "end: %s\n", result->sums.end.what);
    out_fmt(o, "%s %llu=%llu(%llu)+%llu+%llu\n", ok ? intake_kind_name(result->kind) : "none", (unsigned long long)result->sums.rows, (unsigned long long)result->sums.taken,
            (unsigned long long)result->partly, (unsigned long long)result->sums.other, (unsigned long long)result->sums.broken);
    (void)out_done(o, e);
    *ret = out_mem_str(&mem);
    return ok;
}

#endif
