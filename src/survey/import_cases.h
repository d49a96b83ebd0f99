/*
 * import_cases: what the tests of the readers share: a table of files with what must come of them, read whole, in halves and byte by byte, and with memory that
 * fails at each step.
 */
#ifndef SURVEY_IMPORT_CASES_H
#define SURVEY_IMPORT_CASES_H

#include "test.h"

#include "base/net.h"
#include "survey/import_fixture.h"

/* One line an observation: what, where, build, flags and claims. Short, so that the cases can be read. */
struct short_told { char *out; size_t n, cap; };

static inline void put(struct short_told *t, const char *fmt, ...)
{
    va_list v;

    va_start(v, fmt);
    int n = vsnprintf(t->out + t->n, t->cap - t->n, fmt, v);
    va_end(v);
    t->n += n > 0 && (size_t)n < t->cap - t->n ? (size_t)n : 0;
}

static inline bool short_take(void *ctx, const struct observation *o, struct err *e)
{
    struct short_told *t = ctx;
    char               ip[NET_TEXT] = "-", build[24], when[TIME_TEXT];

    (void)e;
    if (o->has_ip)
        net_ip_text(o->ip, ip);
    observation_build(o, build);
    time_text(o->observed_us, when);
    put(t, "%llu %s:%u %.16s %s/%s", (unsigned long long)o->line, ip, o->port, when, build, o->parts ? obs_means_name(o->means) : "");
    put(t, "%s%s%s%s%s%s", o->flags & OBS_EXCHANGE ? " E" : "", o->flags & OBS_VERSION_HIDDEN ? " H" : "", o->flags & OBS_TWO_BUILDS ? " 2" : "", o->flags & OBS_ONLINE ? " O" : "",
        o->flags & OBS_ODD ? " X" : "", o->flags & OBS_NOT_EXCHANGE ? " N" : "");
    if (o->reach > OBS_ANSWERED)
        put(t, " %s", obs_reach_name(o->reach));
    for (size_t i = 0; i < o->name_n; i++)
        put(t, " %.*s", STR_ARG(o->name[i]));
    if (o->node.n)
        put(t, " node=%.*s", STR_ARG(o->node));
    if (o->ad_domain.n)
        put(t, " ad=%.*s", STR_ARG(o->ad_domain));
    for (size_t i = 0; i < o->claim_n; i++)
        put(t, " %s(%.*s)", claim_kind_name(o->claim[i].kind), STR_ARG(o->claim[i].about));
    put(t, "\n");
    return true;
}

static inline bool short_broken(void *ctx, uint64_t line, const char *why, struct str raw, struct err *e)
{
    (void)raw, (void)e;
    put(ctx, "%llu! %s\n", (unsigned long long)line, why);
    return true;
}

struct import_case { const char *why, *file, *map; enum obs_source format; const char *in, *out; };

static const struct str import_by[] = { STR_INIT("corp.example") };
#define CASE_OPTIONS(c) { .format = (c)->format, .file_name = str_c((c)->file), .map = str_c((c)->map), .by = import_by, .by_n = 1, .now_us = fixture_now, .at_us = TIME_NONE }

static inline void import_run(struct arena room, struct import_options o, struct str in, size_t step, struct short_told *t, struct import_result *r, bool *ret_ok, struct err *e)
{
    struct test_arena keep = test_arena(64 << 10);
    struct fed        f = { in, 0, step };
    struct obs_sink   sink = { t, short_take, short_broken };

    *ret_ok = import_read(r, &keep.a, room, &o, fed_fill, &f, &sink, e);
    test_arena_free(&keep);
}

static inline void import_one_case(struct arena room, const struct import_case *c, struct str in)
{
    struct import_options o = CASE_OPTIONS(c);

    for (size_t step = 0; step < 8; step += step ? 6 : 1) {
        char                 out[4096] = "";
        struct short_told    t = { out, 0, sizeof out };
        struct import_result r;
        struct err           e = { 0 };
        uint64_t             reasons = 0;
        bool                 ok;

        import_run(room, o, in, step, &t, &r, &ok, &e);
        if (!ok)
            fail_msg("%s: %s", c->why, e.what);
        if (strcmp(out, c->out))
            fail_msg("%s, step %zu: got\n%swant\n%s", c->why, step, out, c->out);
        CHECK_WHY(r.format < OBS_SOURCES && r.report.n, c->why);
        for (size_t k = 0; k < r.reason_n; k++)
            reasons += r.reason[k].n;
        CHECK_WHY(reasons == r.broken, c->why);
    }
}

/* Memory fails at each step: it is said, or it costs text; never more rows than there are, never a crash. */
static inline void import_one_case_without_memory(struct arena room, const struct import_case *c, struct str in)
{
    struct import_options o = CASE_OPTIONS(c);
    struct fault          f = { .fired = true };
    uint64_t              whole = 0;

    for (uint32_t n = 0; f.fired && n < 500; n++) {
        char                 out[4096] = "";
        struct short_told    t = { out, 0, sizeof out };
        struct arena         faulty = room;
        struct import_result r;
        struct err           e = { 0 };
        bool                 ok;

        f = (struct fault){ .left = n };
        if (n)
            faulty.fault = &f;
        import_run(faulty, o, in, 0, &t, &r, &ok, &e);
        if (n == 0) {
            whole   = r.rows;
            f.fired = true;
        }
        CHECK_WHY(ok || (e.kind != ERR_NONE && e.what[0]), c->why);
        CHECK_WHY(r.rows <= whole, c->why);
        if (ok && !f.fired && n)
            CHECK_STR(str_c(out), str_c(c->out));
    }
    CHECK_WHY(!f.fired, c->why);
}

static inline void import_cases(const struct import_case *c, size_t n)
{
    struct arena room = { 0 };
    struct err   e = { 0 };

    CHECK(os_arena_map(&room, IMPORT_ROOM, &e));
    for (size_t i = 0; i < n; i++) {
        struct str in = test_heap(c[i].in, strlen(c[i].in));
        import_one_case(room, &c[i], in);
        import_one_case_without_memory(room, &c[i], in);
        test_free(in);
    }
    os_arena_unmap(&room);
}

/* A file of cases is a test program. */
#define IMPORT_CASES_MAIN(cases)                                                                \
    static void formats(void **state)                                                           \
    {                                                                                           \
        (void)state;                                                                            \
        import_cases(cases, sizeof cases / sizeof *cases);                                      \
    }                                                                                           \
    int main(void)                                                                              \
    {                                                                                           \
        const struct CMUnitTest tests[] = { cmocka_unit_test(formats) };                        \
        return cmocka_run_group_tests(tests, NULL, NULL);                                       \
    }

#endif
