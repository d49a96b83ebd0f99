/* archive_fixture: what the tests of archives share: an archive in memory, opened as a world; what it told; its listings and contents as text. */
#ifndef EVIDENCE_ARCHIVE_FIXTURE_H
#define EVIDENCE_ARCHIVE_FIXTURE_H

#include "test.h"

#include "evidence/archive.h"
#include "os/mem.h"

struct heard { char text[4096]; size_t n; };

static inline void hear(void *ctx, struct str raw, const char *what, const char *hint)
{
    struct heard *h = ctx;
    CHECK(what[0] && hint[0]);
    if (h->n < sizeof h->text - 400)
        h->n += (size_t)snprintf(h->text + h->n, sizeof h->text - h->n, "%.*s|%.100s\n", (int)(raw.n < 200 ? raw.n : 200), raw.n ? (const char *)raw.p : "", what);
}

struct bench {
    struct test_arena t;
    struct os_mem    *m;
    struct heard      heard;
    struct ev_limits  limits;
    struct spool     *spool;
    struct archive   *a;
    struct err        e;
    struct str        file;
    struct str        password;
    archive_want     *want;
};

static inline struct bench *bench(void)
{
    struct bench *b = calloc(1, sizeof *b);
    b->t      = test_arena(20 << 20);
    b->m      = os_mem_open(&b->t.a, 1000);
    b->limits = ev_limits_default();
    CHECK(b->m && spool_open(&b->spool, &b->m->os, STR(""), &b->limits, &b->t.a, &b->e));
    return b;
}

/* The bytes lie in a block of exactly their size. */
static inline bool open_bytes(struct bench *b, const uint8_t *p, size_t n, enum archive_kind kind)
{
    b->file = test_heap(p, n);
    os_mem_add(b->m, "/e/x", b->file);
    struct archive_from from = { &b->m->os, STR("/e"), STR("x"), STR("x"), b->password, NULL };
    return archive_open(&b->a, &from, kind, &b->limits, b->spool, b->want, hear, &b->heard, &b->t.a, &b->e);
}

/* A file of the corpus that the fuzz targets start from. */
static inline bool open_corpus(struct bench *b, const char *name, enum archive_kind kind)
{
    struct os  real = os_posix();
    struct str s;
    CHECK(os_slurp(&real, STR(AP_SOURCE_DIR "/tests/corpus"), str_c(name), 1 << 20, &b->t.a, &s, &b->e));
    return open_bytes(b, s.p, s.n, kind);
}

static inline void done(struct bench *b)
{
    archive_close(b->a);
    spool_close(b->spool);
    CHECK(b->m->open_now == 0);
    test_free(b->file);
    test_arena_free(&b->t);
    free(b);
}

/* "name kind size key?;" for each entry of a folder. */
static inline const char *listing(struct bench *b, const char *below, char ret[4096])
{
    struct os       *os = archive_os(b->a);
    struct os_entry *list;
    size_t           n, at = 0;

    ret[0] = 0;
    if (!os->list(os, STR(""), str_c(below), &b->t.a, &list, &n, &b->e))
        return "none";
    for (size_t i = 0; i < n && at < 3500; i++)
        at += (size_t)snprintf(ret + at, 4096 - at, "%.*s%s%s ", STR_ARG(list[i].name), list[i].st.kind == OS_DIR ? "/" : list[i].st.kind == OS_LINK ? "@" : "", list[i].key.n ? "+" : "");
    return ret;
}

/* The whole of a member in pieces of `step`; "" when it cannot be opened. */
static inline struct str content(struct bench *b, struct str below, size_t step)
{
    struct os     *os = archive_os(b->a);
    struct os_file f = OS_FILE_NONE;
    uint64_t       size;
    struct err     e = { 0 };

    if (!os->open(os, STR(""), below, &f, &size, &e))
        return b->e = e, STR_EMPTY;
    uint8_t *p = NEW(&b->t.a, uint8_t, (size_t)size + step + 1);
    size_t   n = 0, got;
    CHECK(p);
    do {
        CHECK(os->read_at(os, f, n, p + n, step, &got, &e));
        n += got;
        CHECK(n <= size);
    } while (got == step);
    os->close(os, &f);
    return (struct str){ p, n };
}

#endif
