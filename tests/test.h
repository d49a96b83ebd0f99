/*
 * test: what every *_test.c includes first. cmocka, and three habits of the house:
 *
 *   TEST_HEAP("text")   a copy in an exact-size heap block, so that reading one byte too far is caught
 *   test_arena(bytes)   an arena on the heap; test_arena_free gives it back
 *   fault_sweep(work)   fails the first allocation, then the second, and so on
 */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#undef test_free        /* cmocka's own, which we do not use */

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define CHECK(x)          assert_true(x)
/* A failing case of a table says why it is there. */
#define CHECK_WHY(x, why) do { if (!(x)) fail_msg("%s: %s", (why), #x); } while (0)
#define CHECK_STR(got, want) do { struct str g_ = (got), w_ = (want); if (!str_eq(g_, w_)) \
    fail_msg("got \"%.*s\", want \"%.*s\"", (int)g_.n, g_.n ? (const char *)g_.p : "", (int)w_.n, w_.n ? (const char *)w_.p : ""); } while (0)

static inline struct str test_heap(const void *p, size_t n)
{
    uint8_t *q = malloc(n ? n : 1);
    if (n)
        memcpy(q, p, n);
    return (struct str){ q, n };
}
#define TEST_HEAP(lit) test_heap("" lit, sizeof(lit) - 1)
static inline void test_free(struct str s) { free((void *)(uintptr_t)s.p); }

struct test_arena { struct arena a; void *block; size_t n; };
static inline struct test_arena test_arena(size_t n)
{
    struct test_arena t = { .block = malloc(n), .n = n };
    t.a.beg = t.block;
    t.a.end = t.a.beg + n;
    return t;
}
static inline void test_arena_free(struct test_arena *t) { free(t->block); }

/* Fails step 1, 2, 3 ... of `work` until one run meets no fault. Each failure must say so; the run without must work. */
static inline void fault_sweep(bool (*work)(struct arena *, struct err *), size_t bytes)
{
    for (uint32_t n = 1; n < 100000; n++) {
        struct fault      f = { .left = n };
        struct test_arena t = test_arena(bytes);
        struct err        e = { 0 };

        t.a.fault = &f;
        bool ok = work(&t.a, &e);
        test_arena_free(&t);
        if (!f.fired) {
            CHECK(ok);
            return;
        }
        if (ok || e.kind == ERR_NONE || !e.what[0])
            fail_msg("fault %u: ok %d, kind %d, \"%s\"", n, ok, (int)e.kind, e.what);
    }
    fail_msg("the sweep does not end");
}

#endif
