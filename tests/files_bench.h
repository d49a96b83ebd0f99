/*
 * files_bench: a server in memory, looked at by every detector of files, for tests of one of them.
 *
 * Text     '@' inside of telling words goes when the file is made, so that no scanner finds them here.
 */
#ifndef FILES_BENCH_H
#define FILES_BENCH_H

#include "test.h"

#include "detect/files.h"
#include "os/mem.h"

struct bench {
    struct test_arena disk, keep;
    struct os_mem    *m;
    struct ev         v;
    struct pack       pack;
    struct detected   found;
    _Atomic uint64_t  bytes;
    struct err        e;
};

static inline int bench_setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);

    b->disk = test_arena(64 << 20);
    b->keep = test_arena(128 << 20);
    b->m    = os_mem_open(&b->disk.a, INT64_C(1614758400000000));
    *state  = b;
    CHECK(b->m);
    if (!pack_load_embedded(&b->pack, &b->keep.a, STR("proxylogon"), &b->e))
        fail_msg("the pack does not load: %s", b->e.what);
    return 0;
}

static inline int bench_teardown(void **state)
{
    struct bench *b = *state;

    ev_close(&b->v);
    assert_int_equal(b->m->open_now, 0);
    test_arena_free(&b->disk);
    test_arena_free(&b->keep);
    free(b);
    return 0;
}

/* `path` below "/case/C/". */
static inline void bench_add(struct bench *b, const char *path, struct str body)
{
    char full[512];

    snprintf(full, sizeof full, "/case/C/%s", path);
    struct os_mem_node *n = os_mem_add(b->m, full, str_dup(&b->disk.a, body));
    CHECK(n != NULL);
    n->mtime_us = INT64_C(1614758400000000);        /* 2021-03-03 08:00 */
}

static inline void bench_text(struct bench *b, const char *path, const char *body)
{
    size_t n = 0;
    char  *p = malloc(strlen(body) + 1);

    for (; *body; body++)
        if (*body != '@')
            p[n++] = *body;
    bench_add(b, path, (struct str){ (uint8_t *)p, n });
    free(p);
}

static inline bool bench_detect(struct bench *b, struct arena *keep, struct err *e)
{
    struct hunt_options  opt = { .jobs = 1, .since_us = TIME_NONE, .until_us = TIME_NONE };
    struct files_context c = { .ev = &b->v, .pack = &b->pack, .opt = &opt, .keep = keep, .found = &b->found, .bytes_read = &b->bytes };

    memset(&b->found, 0, sizeof b->found);
    b->found.ev = &b->v;
    b->found.pack = &b->pack;
    b->found.server.installed_us = b->found.server.patched_us = b->found.server.build_at_us = TIME_NONE;
    b->found.server.um_role = -1;
    for (size_t i = 0; i < FAM_COUNT; i++)
        b->found.seen[i].oldest_us = b->found.seen[i].newest_us = TIME_NONE;
    return files_detect(&c, e);
}

static inline void bench_hunt(struct bench *b)
{
    struct str path = STR("/case");

    bench_text(b, "inetpub/wwwroot/iisstart.htm", "<html>");
    if (!ev_open(&b->v, &b->m->os, &b->keep.a, &path, 1, &b->e))
        fail_msg("ev_open: %s", b->e.what);
    if (!bench_detect(b, &b->keep.a, &b->e))
        fail_msg("files_detect: %s", b->e.what);
}

/* After bench_hunt: memory fails, then the disk, once at each step (after the first forty, at every fortieth part further). */
static inline void bench_faults(struct bench *b)
{
    size_t whole = b->found.fact_n;

    for (uint32_t n = 1, more = 1; more; n += 1 + n / 40) {
        struct fault f = { .left = n };
        struct arena keep = b->keep.a;
        struct err   e = { 0 };

        keep.fault = &f;
        bool ok = bench_detect(b, &keep, &e);
        CHECK(ok || (e.kind != ERR_NONE && e.what[0]));
        more = f.fired;
        if (!f.fired)
            CHECK(ok && b->found.fact_n == whole);
    }
    for (uint32_t n = 1, more = 1; more; n += 1 + n / 40) {
        struct arena keep = b->keep.a;
        struct err   e = { 0 };

        b->m->fault = (struct fault){ .left = n };
        CHECK(bench_detect(b, &keep, &e));
        more = b->m->fault.fired;
        CHECK(b->m->open_now == 0);
    }
    b->m->fault = (struct fault){ 0 };
}

/* The fact of that kind whose detector begins so and whose name, path or excerpt has the words; NULL: none. */
static inline const struct file_fact *bench_find(const struct bench *b, enum file_fact_kind kind, const char *detector, const char *words)
{
    for (size_t i = 0; i < b->found.fact_n; i++) {
        const struct file_fact *f = &b->found.fact[i];
        if (f->kind == kind && str_starts(f->detector, str_c(detector)) &&
            (str_ihas(f->name, str_c(words)) || str_ihas(f->path, str_c(words)) || str_ihas(f->cite.excerpt, str_c(words))))
            return f;
    }
    return NULL;
}

static inline size_t bench_count(const struct bench *b, const char *detector)
{
    size_t n = 0;

    for (size_t i = 0; i < b->found.fact_n; i++)
        n += str_starts(b->found.fact[i].detector, str_c(detector));
    return n;
}

static inline size_t bench_accused(const struct bench *b)
{
    size_t n = 0;

    for (size_t i = 0; i < b->found.fact_n; i++) {
        enum file_fact_kind k = b->found.fact[i].kind;
        bool bad = k == FILE_FACT_WAY_BACK || k == FILE_FACT_SECRET || k == FILE_FACT_LOOT || k == FILE_FACT_TOOL || k == FILE_FACT_RANSOM || k == FILE_FACT_AV || k == FILE_FACT_PAGE;
        if (bad)
            fprintf(stderr, "  accused: %.*s %.*s | %.*s\n", STR_ARG(b->found.fact[i].detector), STR_ARG(b->found.fact[i].path), STR_ARG(b->found.fact[i].why));
        n += bad;
    }
    return n;
}

#define BENCH_TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

#endif
