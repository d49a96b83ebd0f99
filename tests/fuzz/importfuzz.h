/*
 * What the targets of the survey's readers share. The first byte says in what pieces the file comes, the second which format of the family; the rest is
 * the file. Then:
 *
 *   whole, or in pieces: the same observations, broken rows, counts and notes
 *   every observation keeps to its bounds: a target, builds of 0, 2, 3 or 4 numbers with their means, a time that can be, names in lower case, each once
 *   reasons add up to the broken rows; a file that is refused says why
 *   all text can be read and written as JSON (the sanitizer watches)
 */
#ifndef IMPORTFUZZ_H
#define IMPORTFUZZ_H

#include "survey/import_fixture.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { IMPORTFUZZ_OUT = 48 << 20 };

struct importfuzz { struct out o; struct told told; uint64_t taken, broken; };

static inline bool importfuzz_take(void *ctx, const struct observation *o, struct err *e)
{
    struct importfuzz *f = ctx;

    MUST(o->has_ip || o->name_n);
    MUST(o->parts == 0 || (o->parts >= 2 && o->parts <= 4 && o->means != OBS_NO_BUILD));
    MUST(o->observed_us == TIME_NONE || (o->observed_us > 0 && o->observed_us <= fixture_now + TIME_DAY));
    MUST(o->name_n <= OBS_NAMES_MAX && o->claim_n <= OBS_CLAIMS_MAX && o->source < OBS_SOURCES);
    MUST(!(o->flags & OBS_EXCHANGE) || !(o->flags & OBS_NOT_EXCHANGE));
    for (size_t i = 0; i < o->name_n; i++) {
        MUST(o->name[i].n && o->name[i].n <= 255);
        for (size_t k = 0; k < o->name[i].n; k++)
            MUST(o->name[i].p[k] == ch_lower(o->name[i].p[k]));
        for (size_t k = 0; k < i; k++)
            MUST(!str_eq(o->name[i], o->name[k]));
    }
    f->taken++;
    return told_take(&f->told, o, e);
}

static inline bool importfuzz_broken(void *ctx, uint64_t line, const char *why, struct str raw, struct err *e)
{
    struct importfuzz *f = ctx;

    MUST(why && why[0] && raw.n <= OBS_RAW_MAX);
    f->broken++;
    out_term(&f->o, raw, 0);
    return told_broken(&f->told, line, why, raw, e);
}

/* Everything that came of it, as text. */
static inline struct str importfuzz_read(uint8_t *mem, struct arena room, const struct import_options *opt, struct str in, size_t step)
{
    struct arena         a = { mem, mem + IMPORTFUZZ_OUT, NULL }, keep;
    struct importfuzz   *f = NEW(&a, struct importfuzz, 1);
    uint8_t             *k = TAKE(&a, uint8_t, 1 << 16);
    struct out_mem       m = { .a = &a };
    struct fed           fed = { in, 0, step };
    struct obs_sink      sink = { f, importfuzz_take, importfuzz_broken };
    struct import_result r;
    struct err           e = { 0 };
    uint64_t             reasons = 0;

    keep = (struct arena){ k, k + (1 << 16), NULL };
    out_open(&f->o, out_mem_put, &m);
    f->told.o = &f->o;
    bool ok = import_read(&r, &keep, room, opt, fed_fill, &fed, &sink, &e);
    MUST(ok || (e.kind != ERR_NONE && e.what[0]));
    MUST(r.taken == f->taken && r.broken == f->broken);
    for (size_t i = 0; i < r.reason_n; i++)
        reasons += r.reason[i].n;
    MUST(reasons == r.broken || r.reason_n == IMPORT_REASONS_MAX);
    for (size_t i = 0; i < r.note_n; i++)
        out_term(&f->o, r.note[i], 0);
    out_fmt(&f->o, "%d %d %llu %llu %llu %llu %d %s", ok, r.format, (unsigned long long)r.rows, (unsigned long long)r.taken, (unsigned long long)r.other, (unsigned long long)r.broken, r.end.kind, ok ? "" : e.what);
    MUST(out_done(&f->o, &e));
    return out_mem_str(&m);
}

static inline int importfuzz(const enum obs_source *format, size_t format_n, const char *file, const uint8_t *data, size_t n)
{
    static const struct str by[] = { STR_INIT("corp.example") };
    static struct arena     room;
    static uint8_t         *mem;
    struct err              e = { 0 };

    if (n < 2 || n > (1 << 20))
        return 0;
    if (!mem) {
        mem = malloc(2 * (size_t)IMPORTFUZZ_OUT);
        MUST(mem && os_arena_map(&room, IMPORT_ROOM, &e));
    }
    struct import_options o = { .format = format[data[1] % format_n], .file_name = str_c(file), .by = by, .by_n = 1, .now_us = fixture_now, .at_us = TIME_NONE, .row_max = data[1] & 0x80 ? 4096 : 0 };
    struct str            in = { data + 2, n - 2 };
    struct str            whole = importfuzz_read(mem, room, &o, in, 0), pieces = importfuzz_read(mem + IMPORTFUZZ_OUT, room, &o, in, (size_t)data[0] + 1);
    MUST(str_eq(whole, pieces));
    return 0;
}

#endif
