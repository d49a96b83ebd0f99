/*
 * import_fixture: for the tests of the readers: a text in, observations and broken rows out as lines; fed whole, in halves or byte by byte.
 */
#ifndef SURVEY_IMPORT_FIXTURE_H
#define SURVEY_IMPORT_FIXTURE_H

#include "emit/out_mem.h"
#include "os/os.h"
#include "survey/import.h"
#include "survey/observation_out.h"

#include <string.h>

struct fed { struct str s; size_t at, step; };
static inline bool fed_fill(void *ctx, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct fed *f = ctx;
    size_t      n = f->s.n - f->at;

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

struct told { struct out *o; };
static inline bool told_take(void *ctx, const struct observation *o, struct err *e)
{
    struct told *t = ctx;
    struct js    j;

    (void)e;
    js_open(&j, t->o, true);
    observation_json(&j, o);
    out_c(t->o, "\n");
    return true;
}
static inline bool told_broken(void *ctx, uint64_t line, const char *why, struct str raw, struct err *e)
{
    struct told *t = ctx;

    (void)e, (void)raw;
    out_fmt(t->o, "%llu: %s\n", (unsigned long long)line, why);
    return true;
}

static const int64_t fixture_now = INT64_C(1767225600) * TIME_SECOND;      /* 2026-01-01 */

/* Everything that came of it, notes and end included. The text lives in a. False: import_read said no; *e. */
static inline bool import_text(struct str *ret, struct import_result *result, struct arena *a, struct arena room, struct import_options opt, struct str in, size_t step, struct err *e)
{
    struct fed      f = { in, 0, step };
    struct out     *o = NEW(a, struct out, 1);
    struct out_mem  mem = { .a = a };
    struct told     t = { o };
    struct obs_sink sink = { &t, told_take, told_broken };

    out_open(o, out_mem_put, &mem);
    struct arena keep = { NULL, NULL, NULL };
    keep.beg = TAKE(a, uint8_t, 64 << 10);
    keep.end = keep.beg + (64 << 10);
    bool ok = import_read(result, &keep, room, &opt, fed_fill, &f, &sink, e);
    for (size_t i = 0; i < result->note_n; i++) {
        out_c(o, "note: ");
        out_term(o, result->note[i], 0);
        out_c(o, "\n");
    }
    if (result->end.kind != ERR_NONE)
        out_fmt(o, "end: %s\n", result->end.what);
    (void)out_done(o, e);
    *ret = out_mem_str(&mem);
    return ok;
}

#endif
