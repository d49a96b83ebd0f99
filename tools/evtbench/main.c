/*
 * evtbench: how fast event logs are searched, in CPU time of one thread.
 *
 *   evtbench [--rules DIR] [--runs N] [--whole] FILE.evtx ...   a line for each: records and bytes a second, records that rules were asked about
 *   evtbench [--rules DIR] --always                             the rules that are tried on every record of their ids, channel by channel
 *   evtbench [--rules DIR] --asked FILE.evtx ...                rules whose literals were found, and how often they were asked
 *   evtbench [--rules DIR] --met FILE.evtx ...                  each match: number of the record, a tab, file of the rule
 *
 * The rules are those of a hunt: the whole pack, and the user's Sigma rules. A file's chunks are read from memory, so that nothing else is measured.
 */
#include "base/num.h"
#include "cli/campaign.h"
#include "detect/evtscan.h"
#include "detect/rules_dir.h"
#include "detect/rules_load.h"
#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEEP = 1 << 30, WORK = 64 << 20, FILE_MAX_BYTES = 1 << 30 };

static void die(const char *what, const struct err *e)
{
    fprintf(stderr, "evtbench: %s: %s\n", what, e ? e->what : "");
    exit(1);
}

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct tally { uint64_t hits, facts; const struct sigma *sigma; uint32_t *asked; };

static bool on_flush(void *ctx, struct evt_outcome *o, struct err *e)
{
    struct tally *t = ctx;

    (void)e;
    t->hits += o->hits.n;
    t->facts += o->fact_n;
    return true;
}

static void on_met(void *ctx, uint32_t rule, uint64_t record)
{
    const struct tally *t = ctx;
    printf("%llu\t%.*s\n", (unsigned long long)record, STR_ARG(t->sigma->rule[rule].file));
}

static void on_asked(void *ctx, uint32_t rule)
{
    struct tally *t = ctx;
    t->asked[rule]++;
}

struct memory { struct str text; };

static bool from_memory(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct memory *m = ctx;
    struct str     s = off < m->text.n ? str_sub(m->text, (size_t)off, (size_t)off + cap) : STR_EMPTY;

    (void)e;
    if (s.n)
        memcpy(buf, s.p, s.n);
    *got = s.n;
    return true;
}

static void one_file(const struct evt_plan *plan, const char *path, struct str text, size_t runs, bool met, uint32_t *asked, struct arena work)
{
    struct err          e = { 0 };
    struct tally        tally = { .sigma = plan->sigma, .asked = asked };
    struct evt_sink     sink = { &tally, on_flush, met ? on_met : NULL, asked ? on_asked : NULL };

    struct evt_outcome *o = NEW(&work, struct evt_outcome, 1);
    struct evt_scan    *scan;
    double              best = 1e9;
    uint64_t            bytes = 0;

    if (!o || !evt_scan_open(&scan, plan, 'C', TIME_NONE, TIME_NONE, &work, &e))
        die("no room", &e);
    for (size_t run = 0; run < runs; run++) {
        struct memory    m = { text };
        struct evtx_file f;
        struct str       chunk;
        uint64_t         off;
        o->hits.max = HITS_MAX;
        evt_scan_begin(scan, o, &sink);
        bytes = 0;
        double from = cpu_s();
        if (!evtx_file_open(&f, from_memory, &m, evt_scan_buffer(scan), &e))
            die(path, &e);
        while (evtx_file_next(&f, &chunk, &off, &e)) {
            if (!evt_scan_chunk(scan, 0, chunk, off, &e))
                die(path, &e);
            bytes += chunk.n;
        }
        double took = cpu_s() - from;
        best = took < best ? took : best;
    }
    if (met)
        return;
    for (size_t i = 0; asked && i < plan->sigma->rule_n; i++)
        if (asked[i])
            printf("%8u %.*s\n", asked[i], STR_ARG(plan->sigma->rule[i].name));
    const char *name = strrchr(path, '/');
    printf("%-44.44s %8llu records %7.3f M/s %6.0f MB/s  asked %6llu, %.1f rules each  matched %llu\n", name ? name + 1 : path, (unsigned long long)o->records,
           (double)o->records / best / 1e6, (double)bytes / best / 1e6, (unsigned long long)o->tried, o->tried ? (double)o->asked / (double)o->tried : 0.0,
           (unsigned long long)o->matched);
}

int main(int argc, char **argv)
{
    struct os     os = os_posix();
    struct arena  keep, work;
    struct pack   pack;
    struct sigma *sigma;
    struct evt_plan plan;
    struct err    e = { 0 };
    size_t        runs = 3, files = 0;
    const char   *rules = NULL;
    bool          whole = false, always_only = false, met = false, asked = false;

    if (!os_arena_map(&keep, KEEP, &e) || !os_arena_map(&work, WORK, &e) || !(sigma = NEW(&keep, struct sigma, 1)))
        die("no room", &e);
    for (int i = 1; i < argc; i++) {
        if (i + 1 < argc && !strcmp(argv[i], "--rules"))
            rules = argv[++i];
        else if (i + 1 < argc && !strcmp(argv[i], "--runs"))
            runs = strtoul(argv[++i], NULL, 10);
        else if (!strcmp(argv[i], "--whole"))
            whole = true;
        else if (!strcmp(argv[i], "--met"))
            met = true;
        else if (!strcmp(argv[i], "--asked"))
            asked = true;
        else if (!strcmp(argv[i], "--always"))
            always_only = true;
        else
            argv[1 + files++] = argv[i];
    }
    if ((!files && !always_only) || !runs) {
        fprintf(stderr, "usage: evtbench [--rules DIR] [--runs N] [--whole] [--met | --asked] FILE.evtx ...\n");
        return 2;
    }
    if (!campaign_load(&os, STR("proxylogon"), STR_EMPTY, &keep, &pack, sigma, &e))
        die("the pack", &e);
    if (rules) {
        struct rules_dir dir = { 0 };
        if (!rules_dir_add(&dir, &keep, &os, str_c(rules), &e) || !rules_load_sigma(sigma, &dir, &os, &keep, work, &e))
            die("the rules", &e);
    }
    if (!evt_plan_make(&plan, sigma, &keep, &e))
        die("the plan", &e);
    plan.whole = whole;
    if (!met)
        printf("%zu rules, of them for event logs", sigma->rule_n);
    for (size_t i = 0; !met && i < plan.channel_n; i++)
        if (plan.channel[i].rule_n > 20) {
            size_t always = 0;
            for (size_t k = 0; k < plan.channel[i].rule_n; k++)
                always += plan.channel[i].rule[k].sets == 0;
            printf("; %.*s %zu (%zu without literals)", STR_ARG(plan.channel[i].name), plan.channel[i].rule_n, always);
        }
    if (!met)
        printf("; %zu searches, the largest for %zu literals\n", plan.set_n, plan.literals_max);
    for (size_t i = 0; always_only && i < plan.channel_n; i++)
        for (size_t k = 0; i < FAM_COUNT && k < plan.channel[i].rule_n; k++)
            if (plan.channel[i].rule[k].sets == 0 && !plan.channel[i].rule[k].foreign)
                printf("%.*s: %.*s\n", STR_ARG(plan.channel[i].name), STR_ARG(sigma->rule[plan.channel[i].rule[k].index].name));
    for (size_t i = 0; i < files; i++) {
        struct arena a = keep;
        FILE        *in = fopen(argv[1 + i], "rb");
        size_t       cap = arena_room(&a) / 2 < FILE_MAX_BYTES ? arena_room(&a) / 2 : FILE_MAX_BYTES;
        uint8_t     *p = TAKE(&a, uint8_t, cap);
        if (!in || !p)
            die(argv[1 + i], &e);
        struct str text = { p, fread(p, 1, cap, in) };
        fclose(in);
        one_file(&plan, argv[1 + i], text, met || asked ? 1 : runs, met, asked ? NEW(&a, uint32_t, sigma->rule_n + 1) : NULL, work);
    }
    sigma_close(sigma);
    return 0;
}
