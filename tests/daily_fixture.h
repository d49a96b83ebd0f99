/*
 * daily_fixture: observations as steps of a table, imported in any order, and what is said of each server on each day as text.
 *
 * Days are those of March 2021: 1 is the first, 2 the day of the fix. The group is ProxyLogon where none is named.
 */
#ifndef DAILY_FIXTURE_H
#define DAILY_FIXTURE_H

#include "test.h"

#include <unistd.h>

#include "base/hash.h"
#include "base/num.h"
#include "base/time.h"
#include "os/mem.h"
#include "pack/builds.h"
#include "pg_server.h"
#include "survey/daily.h"
#include "survey/record.h"

enum { DAY_0 = 18686 /* 2021-02-28 */, RECORDED = 20000 };

struct step {
    int day, minute;
    enum obs_source source;
    int ip;                          /* 192.0.2.ip; 0: none */
    uint16_t port;
    const char *node, *build;        /* "15.1.2176.9" */
    const char *name, *name2, *domain;
    int cert; const char *cert_name;
    enum obs_reach reach;            /* 0: answered */
    uint32_t flags;
    enum claim_kind claim; const char *about;     /* NULL: no claim */
    const char *country, *sector, *detector;
    uint32_t asn;
    bool unknown_reach, no_time;
};
enum { STEPS_MAX = 40 };

struct outcome { char text[8192]; size_t n; uint64_t spans; };

static struct test_world { struct test_arena keep; struct builds builds; struct os os; struct pg_server pg; bool has_pg; const char *where; } w;

static inline struct str str_or(const char *s) { return s ? str_c(s) : STR_EMPTY; }

static inline void observe(struct observation *o, const struct step *s)
{
    static const uint8_t mapped[16] = { [10] = 0xff, 0xff, 192, 0, 2 };

    observation_clear(o);
    o->source = s->source;
    o->detector = str_or(s->detector);
    o->observed_us = s->no_time ? TIME_NONE : (int64_t)(DAY_0 + s->day) * TIME_DAY + s->minute * TIME_MINUTE;
    o->line = 1;
    o->has_ip = s->ip != 0;
    memcpy(o->ip, mapped, 16);
    o->ip[15] = (uint8_t)s->ip;
    o->ip[14] = (uint8_t)(s->ip >> 8);
    o->port = s->port ? s->port : s->ip ? 443 : 0;
    o->reach = s->unknown_reach ? OBS_REACH_UNKNOWN : s->reach ? s->reach : OBS_ANSWERED;
    o->flags = s->flags;
    o->node = str_or(s->node);
    o->ad_domain = str_or(s->domain);
    if (s->build) {
        CHECK(build_parse(str_c(s->build), o->build, &o->parts));
        o->means = OBS_HEADER;
        o->flags |= OBS_EXCHANGE;
    }
    if (s->name)
        o->name[o->name_n++] = str_c(s->name);
    if (s->name2)
        o->name[o->name_n++] = str_c(s->name2);
    o->has_cert = s->cert != 0;
    memset(o->cert, s->cert, 32);
    o->cert[1] = (uint8_t)(s->cert >> 8);
    o->cert_name = str_or(s->cert_name);
    if (s->country)
        memcpy(o->country, s->country, 3);
    o->sector = str_or(s->sector);
    o->asn = s->asn;
    if (s->about) {
        o->claim[0] = (struct obs_claim){ s->claim, str_c(s->about), STR_EMPTY };
        o->claim_n = 1;
    }
}

/* Every observation a file of its own, in the order given. */
static inline struct store *imported(const struct step *step, const size_t *order, size_t n)
{
    struct test_arena t = test_arena(1 << 20);
    struct os_mem *m = os_mem_open(&t.a, (int64_t)RECORDED * TIME_DAY);
    struct store *s = NULL;
    struct record *r = NULL;
    struct err e = { 0 };

    if (!store_open(&s, str_c(w.where), STORE_WRITE, &e))
        fail_msg("%s %s", e.where, e.what);
    if (store_is_postgresql(s))
        CHECK(store_exec(s, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", &e));
    if (!record_open(&r, s, &m->os, &e))
        fail_msg("%s %s", e.where, e.what);
    struct record_file f = { .name = STR("x"), .format = STR("x") };
    enum record_state state;
    f.size_bytes = n;
    f.sha256[0] = n != 0;                                  /* an empty file is another */
    CHECK(record_file_begin(r, &f, &state, &e));
    record_batch(r, 500);
    for (size_t i = 0; i < n; i++) {
        struct obs_sink sink = record_sink(r);
        struct observation o;

        observe(&o, &step[order[i]]);
        CHECK(sink.take(sink.ctx, &o, &e));
    }
    CHECK(record_file_end(r, NULL, &e));
    record_close(r);
    test_arena_free(&t);
    return s;
}

struct telling { struct daily *d; uint32_t group; struct outcome *out; uint64_t server; struct server_span last; int32_t first_day; };

static inline void say(struct outcome *o, const char *fmt, ...)
{
    va_list v;

    va_start(v, fmt);
    int n = vsnprintf(o->text + o->n, sizeof o->text - o->n, fmt, v);
    va_end(v);
    CHECK(n >= 0 && o->n + (size_t)n < sizeof o->text);
    o->n += (size_t)n;
}

static inline void say_addresses(struct telling *t, uint64_t server)
{
    struct test_arena a = test_arena(1 << 16);
    struct daily_server v;
    struct err e = { 0 };

    CHECK(daily_server(t->d, server, &a.a, &v, &e));
    say(t->out, "\n[");
    for (size_t i = 0; i < v.ip_n; i++)
        say(t->out, "%s%d", i ? "," : "", v.ip[i][15] | v.ip[i][14] << 8);
    for (size_t i = 0; i < v.name_n && !v.ip_n; i++)
        say(t->out, "%.*s", STR_ARG(v.name[i]));
    say(t->out, "]");
    test_arena_free(&a);
}

static inline bool tell(void *ctx, const struct server_span *s, struct err *e)
{
    static const char *const flag[] = { "mixed", "hidden", "eol", "mitigated", "compromised", "by_claim", "", "odd" };
    struct telling *t = ctx;

    (void)e;
    t->out->spans++;
    CHECK(s->from <= s->to);
    /* Without gaps, group after group, in the order of servers. */
    if (t->last.from && s->server == t->last.server && s->group == t->last.group)
        CHECK(s->from == t->last.to + 1);
    else if (t->last.from)
        CHECK(s->server > t->last.server || (s->server == t->last.server && s->group == t->last.group + 1));
    t->last = *s;
    if (s->group != t->group)
        return true;
    if (t->server != s->server)
        say_addresses(t, s->server);
    t->server = s->server;
    say(t->out, " %d-%d:%s", s->from - DAY_0, s->to - DAY_0, s->reached ? build_verdict_name(s->verdict) : "unreached");
    if (s->state != SPAN_SEEN)
        say(t->out, "/%s", s->state == SPAN_GONE ? "gone" : "moved");
    for (size_t i = 0; i < COUNT_OF(flag); i++)
        if (s->flags & 1u << i && *flag[i])
            say(t->out, "+%s", flag[i]);
    if (s->reached && !(s->flags & SPAN_EXCHANGE))
        say(t->out, "+stranger");
    return true;
}

static inline int by_line(const void *x, const void *y) { return strcmp(*(char *const *)x, *(char *const *)y); }

/* Ids are hashes, so servers are told in the order of their addresses. */
static inline void sort_lines(struct outcome *o)
{
    char copy[sizeof o->text], *line[200];
    size_t n = 0;

    strcpy(copy, o->text);
    for (char *save, *p = strtok_r(copy, "\n", &save); p; p = strtok_r(NULL, "\n", &save))
        line[n++] = p;
    qsort(line, n, sizeof *line, by_line);
    o->n = 0;
    o->text[0] = 0;
    for (size_t i = 0; i < n; i++)
        say(o, "%s%s", i ? "\n" : "", line[i]);
}

static inline struct outcome days_of(struct store *s, const char *group, int last_day, const struct daily_options *more, struct daily_counts *ret_counts)
{
    struct daily_options o = more ? *more : (struct daily_options){ .jobs = 1 };
    struct outcome out = { .n = 0 };
    struct daily_counts c;
    struct err e = { 0 };
    struct daily *d = NULL;

    o.builds = &w.builds;
    o.os = &w.os;
    o.last_day = last_day ? DAY_0 + last_day : 0;
    if (!daily_open(&d, s, &o, &e))
        fail_msg("%s %s", e.where, e.what);
    struct telling t = { .d = d, .group = (uint32_t)builds_group(&w.builds, str_c(group ? group : "ProxyLogon")), .out = &out };
    struct span_sink sink = { &t, tell };
    if (!daily_spans(d, &sink, &c, &e))
        fail_msg("%s %s", e.where, e.what);
    CHECK(c.spans == out.spans);
    daily_close(d);
    sort_lines(&out);
    if (ret_counts)
        *ret_counts = c;
    return out;
}

static inline unsigned shuffle(size_t *order, size_t n, unsigned seed)
{
    for (size_t i = n; i > 1; i--) {
        seed = seed * 1103515245 + 12345;
        size_t k = (seed >> 16) % i, x = order[i - 1];

        order[i - 1] = order[k];
        order[k] = x;
    }
    return seed;
}

static inline size_t steps_in(const struct step *s)
{
    size_t n = 0;

    while (n < STEPS_MAX && s[n].day)
        n++;
    return n;
}

#define PATCHED   "15.1.2176.9"
#define UNPATCHED "15.1.2176.2"

static inline int setup(void **state)
{
    struct err e = { 0 };

    (void)state;
    w.keep = test_arena(64 << 20);
    w.os = os_posix();
    if (!builds_load(&w.builds, &w.keep.a, &w.os, STR_EMPTY, &e))
        fail_msg("%s %s", e.where, e.what);
    w.has_pg = pg_server_or_say(&w.pg);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    pg_server_stop(&w.pg);
    test_arena_free(&w.keep);
    return 0;
}

#endif
