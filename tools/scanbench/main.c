/*
 * scanbench: how fast the stage that searches the logs is by itself, family by family, in CPU time of one thread.
 *
 *   scanbench EVIDENCE [--learnt N] [--rules DIR] [--runs N]    a table: read alone, search alone, the whole stage
 *   scanbench EVIDENCE [--learnt N] [--rules DIR] --patterns    what is searched for in the logs of IIS and HttpProxy, one literal a line
 *   scanbench EVIDENCE [--learnt N] [--rules DIR] --met         the literals that are met most, with how often
 *
 * The plan is that of a hunt: the whole pack, N pages learnt from files, and the user's Sigma rules. No file is hashed here.
 */
#include "base/num.h"
#include "cli/campaign.h"
#include "detect/logscan.h"
#include "detect/rules_dir.h"
#include "detect/rules_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEEP = 1 << 30, WORK = 96 << 20, READ = 256 << 10, LEARNT_MAX = 10000, MET_SHOWN = 40 };

struct bench {
    struct os    os;
    struct arena keep, work;
    struct ev    ev;
    struct sigma sigma;
    struct plan  plan;
    struct logscan_memory *memory;
};

static void die(const char *what, const struct err *e)
{
    fprintf(stderr, "scanbench: %s: %s\n", what, e ? e->what : "");
    exit(1);
}

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_step(void *ctx, uint64_t bytes) { (void)ctx, (void)bytes; }

static bool on_flush(void *ctx, struct hits *hits, struct err *e)
{
    (void)ctx, (void)hits, (void)e;
    return true;
}

/* Pages as an intruder names them: short, odd, in folders that are served. */
static void learn(struct bench *b, size_t n, struct learnt *ret)
{
    static const char *const folder[] = { "/aspnet_client/", "/owa/auth/", "/ecp/auth/", "/aspnet_client/system_web/", "/owa/auth/current/" };
    struct str *page = NEW(&b->keep, struct str, n ? n : 1);
    uint32_t    x = 2463534242u;

    for (size_t i = 0; page && i < n; i++) {
        char name[9] = "";
        for (size_t k = 0; k < 8; k++) {
            x ^= x << 13, x ^= x >> 17, x ^= x << 5;
            name[k] = "abcdefghijklmnopqrstuvwxyz0123456789"[x % 36];
        }
        page[i] = str_fmt(&b->keep, "%s%.*s.aspx", folder[i % COUNT_OF(folder)], 4 + (int)(i % 5), name);
    }
    *ret = (struct learnt){ .page = page, .page_n = page ? n : 0 };
}

struct count { struct bench *b; uint64_t n, *met; };

static bool on_hit(void *ctx, uint32_t id, size_t end)
{
    struct count *c = ctx;

    (void)end;
    c->n++;
    if (c->met)
        c->met[id]++;
    return true;
}

enum stage { READ_ALONE, SEARCH_ALONE, WHOLE, STAGES };
struct sums { uint64_t bytes, files, records, candidates, split, hits; double s[STAGES]; };

static uint64_t pass(struct bench *b, struct ev_node *node, const struct search *search, struct count *count)
{
    struct arena      work = b->work;
    struct ev_stream *in = NULL;
    struct err        e = { 0 };
    uint8_t          *buf = TAKE(&work, uint8_t, READ);
    size_t            got = 0;
    uint64_t          all = 0;

    if (!buf || !ev_stream_open(&in, &b->ev, node, false, &work, &e))
        return 0;
    while (ev_stream_fill(in, buf, READ, &got, &e) && got) {
        if (search)
            search_scan(search, (struct str){ buf, got }, on_hit, count);
        all += got;
    }
    ev_stream_close(in);
    return all;
}

static void whole(struct bench *b, struct ev_node *node, struct sums *s)
{
    struct arena          work = b->work;
    struct err            e = { 0 };
    struct logscan_sink   sink = { .step = on_step, .flush = on_flush, .memory = b->memory };
    struct logscan_result *r = NEW(&work, struct logscan_result, 1);

    if (!r)
        die("no room", NULL);
    r->hits.max = HITS_MAX;
    if (!logscan_run(&b->plan, &b->ev, node, false, &work, &sink, r, &e))
        die("a log could not be read", &e);
    s->records    += r->records;
    s->hits       += r->hits.n;
    s->candidates += r->candidates;
    s->split      += r->split;
}

static bool is_log(const struct ev_node *n) { return family_table[n->family].log && family_table[n->family].service; }

static void measure(struct bench *b, size_t runs)
{
    struct sums  sum[FAM_COUNT] = { { 0 } }, all = { 0 };
    struct count count = { .b = b };

    for (size_t run = 0; run < runs; run++)
        for (enum family f = 0; f < FAM_COUNT; f++) {
            struct sums s = { 0 };
            for (enum stage k = READ_ALONE; k < STAGES; k++) {
                double from = cpu_s();
                for (size_t i = 0; i < b->ev.node_n; i++) {
                    struct ev_node *n = &b->ev.node[i];
                    if (n->family != f || !is_log(n))
                        continue;
                    if (k == READ_ALONE)
                        s.bytes += pass(b, n, NULL, NULL), s.files++;
                    else if (k == SEARCH_ALONE)
                        pass(b, n, b->plan.family[f].search, &count);
                    else
                        whole(b, n, &s);
                }
                s.s[k] = cpu_s() - from;
            }
            for (enum stage k = READ_ALONE; run && k < STAGES; k++)
                s.s[k] = s.s[k] < sum[f].s[k] ? s.s[k] : sum[f].s[k];
            sum[f] = s;
        }
    printf("%-24s %8s %9s %8s %8s %8s %9s %7s %7s   (GB/s of CPU time, best of %zu)\n", "logs", "files", "MB", "read", "search", "stage", "less read", "rows %", "split %",
           runs);
    for (enum family f = 0; f <= FAM_COUNT; f++) {
        struct sums s = f == FAM_COUNT ? all : sum[f];
        double      bytes = (double)s.bytes / 1e9, rows = s.records ? (double)s.records : 1;
        if (!s.bytes)
            continue;
        printf("%-24.24s %8llu %9.1f %8.2f %8.2f %8.2f %9.2f %7.2f %7.2f\n", f == FAM_COUNT ? "all" : family_table[f].title, (unsigned long long)s.files, bytes * 1000,
               bytes / s.s[0], bytes / s.s[1], bytes / s.s[2], bytes / (s.s[2] - s.s[0]), 100 * (double)s.candidates / rows, 100 * (double)s.split / rows);
        all.bytes += s.bytes, all.files += s.files, all.records += s.records, all.candidates += s.candidates, all.split += s.split;
        for (enum stage k = READ_ALONE; k < STAGES; k++)
            all.s[k] += s.s[k];
    }
}

static void patterns(const struct bench *b)
{
    static const enum family of[] = { FAM_IIS_FRONT, FAM_HTTPPROXY };
    struct map   seen = { 0 };
    struct arena a = b->work;

    for (size_t k = 0; k < COUNT_OF(of); k++) {
        const struct search *s = b->plan.family[of[k]].search;
        for (size_t i = 0; i < search_text_n(s); i++) {
            struct str t = search_text(s, i);
            if (map_get(&seen, t) == MAP_NONE && map_put(&seen, &a, t, 0))
                printf("%.*s\n", STR_ARG(t));
        }
    }
}

/* The search tells ids; a literal's own rank is what is asked for here. So the same texts are searched for once more, under their index. */
static void met(struct bench *b)
{
    for (enum family f = 0; f < FAM_COUNT; f++) {
        const struct search *s = b->plan.family[f].search, *by_index = NULL;
        struct err   e = { 0 };
        uint64_t     bytes = 0;
        size_t       n = s ? search_text_n(s) : 0;
        struct search_lit *lit = NEW(&b->keep, struct search_lit, n + 1);
        struct count c = { .b = b, .met = NEW(&b->keep, uint64_t, n + 1) };
        for (size_t i = 0; lit && i < n; i++)
            lit[i] = (struct search_lit){ search_text(s, i), (uint32_t)i };
        if (!n || !c.met || !search_build(&by_index, &b->keep, lit, n, &e))
            continue;
        for (size_t i = 0; i < b->ev.node_n; i++)
            if (b->ev.node[i].family == f)
                bytes += pass(b, &b->ev.node[i], by_index, &c);
        if (!bytes)
            continue;
        for (size_t i = 0; i < b->plan.family[f].always_n; i++)
            printf("without literal: %.*s\n", STR_ARG(b->sigma.rule[b->plan.family[f].rule[b->plan.family[f].always[i]]].title));
        printf("%s: %zu literals, met %llu times in %.1f MB\n", family_table[f].title, n, (unsigned long long)c.n, (double)bytes / 1e6);
        for (size_t shown = 0; shown < MET_SHOWN; shown++) {
            size_t best = 0;
            for (size_t i = 1; i < n; i++)
                best = c.met[i] > c.met[best] ? i : best;
            if (!c.met[best])
                break;
            printf("  %10llu  %.*s\n", (unsigned long long)c.met[best], STR_ARG(lit[best].s));
            c.met[best] = 0;
        }
    }
}

int main(int argc, char **argv)
{
    struct bench *b = calloc(1, sizeof *b);
    struct err    e = { 0 };
    struct pack   pack;
    struct learnt learnt;
    const char   *rules = NULL, *evidence = NULL, *mode = "";
    size_t        learnt_n = 0, runs = 3;

    if (!b || !os_arena_map(&b->keep, KEEP, &e) || !os_arena_map(&b->work, WORK, &e))
        die("no room", &e);
    b->os = os_posix();
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0)
            evidence = argv[i];
        else if (!strcmp(argv[i], "--patterns") || !strcmp(argv[i], "--met"))
            mode = argv[i];
        else if (i + 1 < argc && !strcmp(argv[i], "--learnt"))
            learnt_n = strtoul(argv[++i], NULL, 10);
        else if (i + 1 < argc && !strcmp(argv[i], "--runs"))
            runs = strtoul(argv[++i], NULL, 10);
        else if (i + 1 < argc && !strcmp(argv[i], "--rules"))
            rules = argv[++i];
        else
            evidence = NULL, i = argc;
    }
    if (!evidence || learnt_n > LEARNT_MAX || !runs) {
        fprintf(stderr, "usage: scanbench EVIDENCE [--learnt N] [--rules DIR] [--runs N] [--patterns | --met]\n");
        return 2;
    }
    struct str path = str_c(evidence);
    if (!campaign_load(&b->os, STR("proxylogon"), STR_EMPTY, &b->keep, &pack, &b->sigma, &e))
        die("the pack", &e);
    if (rules) {
        struct rules_dir dir = { 0 };
        if (!rules_dir_add(&dir, &b->keep, &b->os, str_c(rules), &e) || !rules_load_sigma(&b->sigma, &dir, &b->os, &b->keep, b->work, &e))
            die("the rules", &e);
    }
    learn(b, learnt_n, &learnt);
    if (!ev_open(&b->ev, &b->os, &b->keep, &path, 1, &e))
        die("the evidence", &e);
    if (!plan_make(&b->plan, &b->ev, &b->sigma, &learnt, &b->keep, &e))
        die("the plan", &e);
    b->memory = logscan_memory(&b->keep);
    if (!strcmp(mode, "--patterns"))
        patterns(b);
    else if (!strcmp(mode, "--met"))
        met(b);
    else
        measure(b, runs);
    ev_close(&b->ev);
    sigma_close(&b->sigma);
    return 0;
}
