/*
 * surveybench: how fast observations are recorded and made into days.
 *
 *     surveybench STORE [--servers N] [--days N] [--jobs N] [--only-days] [--no-figures]
 *
 * Generates a country's survey: each server seen once a day by a scan file of that day, a tenth by a probe as well; half with their node's name, some
 * with three numbers only, patched at random within the days, some gone, some hidden. Then the days of all campaign groups are
 * worked out and counted, by all strata. One line for each step: seconds, observations a second, peak memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "base/num.h"
#include "base/time.h"
#include "os/os.h"
#include "pack/builds.h"
#include "survey/daily.h"
#include "survey/figures.h"
#include "survey/record.h"

enum { DAY_0 = 18687 /* 2021-03-01 */, FIGURES_BYTES = 1 << 30 };

struct bench { const char *where; uint64_t servers, days; uint32_t jobs; bool only_days, no_figures; struct os os; };

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t h = a * 0x9E3779B97F4A7C15u ^ (b + 1) * 0xD6E8FEB86659FD93u;

    h ^= h >> 32;
    h *= 0xD6E8FEB86659FD93u;
    return h ^ h >> 29;
}

struct text { char name[2][48], node[24], domain[48], org[48]; };

static void make(struct observation *o, struct text *t, const struct bench *b, uint64_t server, uint64_t day, bool probe)
{
    static const uint16_t line[][5] = {            /* build, then the number of the fix */
        { 15, 1, 2176, 2, 9 }, { 15, 1, 2106, 2, 13 }, { 15, 2, 792, 3, 10 }, { 15, 2, 721, 2, 13 }, { 15, 0, 1497, 2, 12 }, { 15, 1, 1979, 3, 8 },
        { 15, 2, 858, 5, 5 }, { 15, 1, 2242, 4, 4 },
    };
    static const char country[][3] = { "AT", "DE", "CH", "FR", "IT", "US", "NL", "PL" };
    static const char *const sector[] = { "", "", "Education Services", "Health Care and Social Assistance", "Public Administration", "Manufacturing" };
    uint64_t r = mix(server, 0);
    const uint16_t *l = line[r % COUNT_OF(line)];
    bool patched = mix(server, 1) % b->days * 3 / 2 < day;

    observation_clear(o);
    o->source = probe ? OBS_PROBE : OBS_SHADOWSERVER;
    o->source_name = probe ? STR("owa") : STR("scan_exchange");
    o->detector = probe ? STR("afterpatch 0.1.0") : STR("shadowserver");
    o->observed_us = (int64_t)(DAY_0 + day) * TIME_DAY + (int64_t)(r % 86400) * TIME_SECOND;
    o->line = server + 2;
    o->has_ip = true;
    memset(o->ip + 10, 0xff, 2);
    for (int i = 0; i < 4; i++)
        o->ip[12 + i] = (uint8_t)((0x0B000000u + server * 7) >> (24 - 8 * i));
    o->port = 443;
    o->reach = OBS_ANSWERED;
    o->flags = OBS_EXCHANGE;
    if (r % 23 == 0 && day > 20)
        o->flags |= OBS_VERSION_HIDDEN;
    else {
        o->means = OBS_HEADER;
        o->parts = !probe && r % 3 == 0 ? 3 : 4;
        memcpy(o->build, l, 6);
        o->build[3] = o->parts == 4 ? l[patched ? 4 : 3] : 0;
    }
    snprintf(t->name[0], sizeof t->name[0], "mail.example%llu.org", (unsigned long long)server);
    snprintf(t->name[1], sizeof t->name[1], "autodiscover.example%llu.org", (unsigned long long)server);
    o->name[0] = str_c(t->name[0]);
    o->name[1] = str_c(t->name[1]);
    o->name_n = 2;
    if (r % 2) {
        snprintf(t->node, sizeof t->node, "EX%02llu", (unsigned long long)(r % 50));
        snprintf(t->domain, sizeof t->domain, "ad.example%llu.org", (unsigned long long)server);
        o->node = str_c(t->node);
        o->ad_domain = str_c(t->domain);
    }
    o->has_cert = true;
    for (int i = 0; i < 4; i++) {
        uint64_t h = mix(server, 10 + (uint64_t)i);

        memcpy(o->cert + 8 * i, &h, 8);
    }
    o->asn = 64496 + (uint32_t)(r % 400);
    memcpy(o->country, country[r / 7 % COUNT_OF(country)], 3);
    o->sector = str_c(sector[r / 11 % COUNT_OF(sector)]);
}

/* A step's time by the clock and of the processors: on a busy machine they differ. */
struct step { uint64_t from_us; clock_t cpu; };

static struct step step(struct bench *b) { return (struct step){ b->os.tick_us(&b->os), clock() }; }

static void report(struct bench *b, const char *what, struct step from, uint64_t n, const char *more)
{
    double s = (double)(b->os.tick_us(&b->os) - from.from_us) / 1e6, cpu = (double)(clock() - from.cpu) / CLOCKS_PER_SEC;

    printf("%-24s %7.2f s  %7.2f s of processors  %9.0f observations/s  peak %4llu MB%s\n", what, s, cpu, (double)n / s,
           (unsigned long long)(os_peak_memory_bytes() >> 20), more);
    fflush(stdout);
}

static bool record_all(struct bench *b, struct store *s, struct err *e)
{
    struct record *r = NULL;
    struct observation o;
    struct text t;
    struct step from = step(b);
    uint64_t n = 0;
    bool ok = record_open(&r, s, &b->os, e);

    for (uint64_t day = 0; ok && day < b->days; day++) {
        struct record_file f = { .name = STR("scan_exchange.csv"), .format = STR("bench") };
        struct obs_sink sink = record_sink(r);
        enum record_state state;
        uint64_t id[2] = { day, b->servers };

        ok = hash_sha256((struct str){ (const uint8_t *)id, sizeof id }, f.sha256) && record_file_begin(r, &f, &state, e);
        if (!ok || state == RECORD_WHOLE)
            continue;
        for (uint64_t i = 0; ok && i < b->servers; i++) {
            if (mix(i, 2) % 20 == 0 && day > b->days / 2)           /* gone */
                continue;
            make(&o, &t, b, i, day, i % 10 == day % 10);
            ok = sink.take(sink.ctx, &o, e);
            n++;
        }
        ok = ok && record_file_end(r, NULL, e);
    }
    record_close(r);
    if (ok)
        report(b, "recorded", from, n, "");
    return ok;
}

static bool nothing(void *ctx, const struct server_span *s, struct err *e)
{
    (void)ctx;
    (void)s;
    (void)e;
    return true;
}

static bool days_all(struct bench *b, struct store *s, struct err *e)
{
    struct arena a, whole = { 0 }, keep = { 0 };
    struct builds builds;
    struct figures fig;
    struct daily *d = NULL;
    struct daily_counts c = { 0 };
    struct step from = step(b);
    char more[160];
    bool ok = os_arena_map(&whole, FIGURES_BYTES, e) && os_arena_map(&keep, FIGURES_BYTES, e);

    if (!ok)
        return false;
    struct arena k = keep;
    a = whole;
    ok = builds_load(&builds, &k, &b->os, STR_EMPTY, e);
    struct daily_options o = { .builds = &builds, .os = &b->os, .where = strcmp(b->where, ":memory:") ? str_c(b->where) : STR_EMPTY, .jobs = b->jobs };
    struct figures_options fo = { .builds = &builds, .cohort_day = DAY_0 };
    ok = ok && daily_open(&d, s, &o, e);
    if (ok)
        report(b, "who is there", from, 0, "");
    ok = ok && figures_open(&fig, &a, &fo, e);
    if (ok) {
        struct span_sink sink = b->no_figures ? (struct span_sink){ .take = nothing } : figures_sink(&fig);

        ok = daily_spans(d, &sink, &c, e) && figures_done(&fig, e);
    }
    snprintf(more, sizeof more, "  %llu servers, %llu spans, %zu groups, %zu figures", (unsigned long long)c.servers, (unsigned long long)c.spans, builds.group_n,
             ok ? fig.figure_n : 0);
    if (ok)
        report(b, "all days, all figures", from, c.observations, more);
    daily_close(d);
    os_arena_unmap(&whole);
    os_arena_unmap(&keep);
    return ok;
}

int main(int argc, char **argv)
{
    struct bench b = { .where = NULL, .servers = 100000, .days = 100, .os = os_posix() };
    struct store *s = NULL;
    struct err e = { 0 };

    for (int i = 1; i < argc; i++) {
        uint64_t v = 0;
        bool value = i + 1 < argc && num_u64(str_c(argv[i + 1]), &v);

        if (!strcmp(argv[i], "--servers") && value)
            b.servers = v, i++;
        else if (!strcmp(argv[i], "--days") && value)
            b.days = v, i++;
        else if (!strcmp(argv[i], "--jobs") && value)
            b.jobs = (uint32_t)v, i++;
        else if (!strcmp(argv[i], "--only-days"))
            b.only_days = true;
        else if (!strcmp(argv[i], "--no-figures"))
            b.no_figures = true;
        else if (!b.where && argv[i][0] != '-')
            b.where = argv[i];
        else
            b.where = NULL, i = argc;
    }
    if (!b.where || !b.servers || !b.days) {
        fprintf(stderr, "surveybench STORE [--servers N] [--days N] [--jobs N] [--only-days] [--no-figures]\n");
        return 2;
    }
    bool ok = b.only_days || (store_open(&s, str_c(b.where), STORE_WRITE, &e) && record_all(&b, s, &e));
    if (ok && strcmp(b.where, ":memory:")) {
        store_close(s);
        s = NULL;
        ok = store_open(&s, str_c(b.where), STORE_READ, &e);
    }
    ok = ok && days_all(&b, s, &e);
    store_close(s);
    if (!ok)
        fprintf(stderr, "surveybench: %s%s%s\n", e.where, *e.where ? ": " : "", e.what);
    return !ok;
}
