#include "test.h"

#include "base/num.h"
#include "evidence/spool.h"
#include "os/mem.h"

enum { BIG = 3 * SPOOL_CHUNK + 12345 };

static uint8_t byte_at(uint64_t i) { return (uint8_t)(i * 2654435761u >> 13 ^ i); }

static struct str big(void)
{
    uint8_t *p = malloc(BIG);
    for (uint64_t i = 0; i < BIG; i++)
        p[i] = byte_at(i);
    return (struct str){ p, BIG };
}

static bool same(struct spool *s, uint32_t body, uint64_t off, struct str want)
{
    uint8_t   *buf = malloc(want.n + 1);
    size_t     got = 0;
    struct err e = { 0 };
    bool ok = spool_read(s, body, off, buf, want.n, &got, &e) && got == want.n && memcmp(buf, want.p, want.n) == 0;
    free(buf);
    return ok;
}

static void use(struct os *os, struct arena *a, struct str dir)
{
    struct ev_limits l = ev_limits_default();
    struct spool    *s;
    struct err       e = { 0 };
    struct str       b = big();
    uint32_t         one, two, three;
    uint64_t         size;
    uint8_t          buf[8];
    size_t           got;

    CHECK(spool_open(&s, os, dir, &l, a, &e) && spool_bytes(s) == 0 && spool_in_memory(s) == (dir.n == 0));
    CHECK(!spool_write(s, STR("x"), &e) && !spool_end(s, &one, &size, &e));
    e = (struct err){ 0 };
    CHECK(spool_begin(s, &e) && spool_write(s, STR("hello "), &e) && spool_write(s, STR("world"), &e) && spool_end(s, &one, &size, &e) && size == 11);
    /* In odd pieces, so that frames do not end where writes do. */
    CHECK(spool_begin(s, &e));
    for (size_t at = 0; at < b.n; at += 70001)
        CHECK(spool_write(s, str_sub(b, at, at + 70001), &e));
    CHECK(spool_end(s, &two, &size, &e) && size == BIG);
    /* What was given up leaves nothing, and the next begins where it began. */
    uint64_t before = spool_bytes(s);
    CHECK(spool_begin(s, &e) && spool_write(s, b, &e));
    CHECK(spool_bytes(s) > before);
    spool_drop(s);
    CHECK(spool_bytes(s) == before);
    CHECK(spool_begin(s, &e) && spool_end(s, &three, &size, &e) && size == 0);
    CHECK(same(s, one, 0, STR("hello world")) && same(s, one, 6, STR("world")) && same(s, two, 0, b) && same(s, one, 1, STR("ello")));
    for (size_t i = 0; i < 4; i++)
        CHECK(same(s, two, i * SPOOL_CHUNK, str_sub(b, i * SPOOL_CHUNK, i * SPOOL_CHUNK + 1)) && (i == 0 || same(s, two, i * SPOOL_CHUNK - 3, str_sub(b, i * SPOOL_CHUNK - 3, i * SPOOL_CHUNK + 3))));
    CHECK(spool_read(s, one, 9, buf, sizeof buf, &got, &e) && got == 2);
    CHECK(spool_read(s, one, 11, buf, sizeof buf, &got, &e) && got == 0);
    CHECK(spool_read(s, one, UINT64_MAX, buf, sizeof buf, &got, &e) && got == 0);
    CHECK(spool_read(s, three, 0, buf, sizeof buf, &got, &e) && got == 0);
    CHECK(!spool_read(s, three + 1, 0, buf, sizeof buf, &got, &e));
    spool_close(s);
    free((void *)(uintptr_t)b.p);
}

static void test_use(void **state)
{
    struct test_arena t = test_arena(64 << 20);
    struct os_mem    *m = os_mem_open(&t.a, 0);
    struct os         real = os_posix();

    (void)state;
    os_mem_dir(m, "/out");
    use(&m->os, &t.a, STR(""));
    CHECK(m->calls == 0);
    use(&m->os, &t.a, STR("/out"));
    CHECK(m->open_now == 0);
    use(&real, &t.a, STR("/tmp"));
    spool_close(NULL);
    test_arena_free(&t);
}

static void test_limit(void **state)
{
    struct test_arena t = test_arena(16 << 20);
    struct os_mem    *m = os_mem_open(&t.a, 0);
    struct ev_limits  l = ev_limits_default();
    struct spool     *s;
    struct err        e = { 0 };
    struct str        b = big();
    uint32_t          one, two;
    uint64_t          size;

    (void)state;
    l.spool_memory = 4096;
    CHECK(spool_open(&s, &m->os, STR(""), &l, &t.a, &e));
    CHECK(spool_begin(s, &e) && spool_write(s, STR("small"), &e) && spool_end(s, &one, &size, &e));
    CHECK(spool_begin(s, &e));
    CHECK(!spool_write(s, b, &e) && e.kind == ERR_LIMIT && strstr(e.hint, "--out"));
    CHECK(!spool_end(s, &two, &size, &e));
    e = (struct err){ 0 };
    CHECK(spool_begin(s, &e) && spool_write(s, STR("again"), &e) && spool_end(s, &two, &size, &e));
    CHECK(same(s, one, 0, STR("small")) && same(s, two, 0, STR("again")));
    spool_close(s);
    free((void *)(uintptr_t)b.p);
    test_arena_free(&t);
}

/* Two that go on from one snapshot write to one place: the later bytes are the true ones, for both wrote the same. */
static void test_same_place(void **state)
{
    struct test_arena t = test_arena(16 << 20);
    struct os_mem    *m = os_mem_open(&t.a, 0);
    struct ev_limits  l = ev_limits_default();
    struct spool     *s;
    struct err        e = { 0 };
    uint32_t          body;
    uint64_t          size;

    (void)state;
    os_mem_dir(m, "/out");
    CHECK(spool_open(&s, &m->os, STR("/out"), &l, &t.a, &e));
    for (int i = 0; i < 3; i++) {
        CHECK(spool_begin(s, &e) && spool_write(s, STR("what the dead one wrote"), &e));
        spool_drop(s);
        CHECK(spool_begin(s, &e) && spool_write(s, STR("anew"), &e) && spool_end(s, &body, &size, &e));
        CHECK(same(s, body, 0, STR("anew")));
    }
    spool_close(s);
    test_arena_free(&t);
}

static bool work(struct arena *a, struct os_mem *m, struct err *e)
{
    struct ev_limits l = ev_limits_default();
    struct spool    *s = NULL;
    uint32_t         body;
    uint64_t         size;
    uint8_t          buf[8];
    size_t           got;

    bool ok = spool_open(&s, &m->os, STR("/out"), &l, a, e) && spool_begin(s, e) && spool_write(s, STR("abc"), e) && spool_end(s, &body, &size, e) &&
              spool_read(s, body, 0, buf, sizeof buf, &got, e) && got == 3;
    spool_close(s);
    return ok;
}

/* Memory and the disk fail, one call after the other. */
static void test_faults(void **state)
{
    (void)state;
    for (int disk = 0; disk < 2; disk++)
        for (uint32_t left = 1;; left++) {
            struct test_arena t = test_arena(1 << 20), k = test_arena(1 << 20);
            struct os_mem    *m = os_mem_open(&t.a, 0);
            struct fault      f = { .left = disk ? 0 : left };
            struct err        e = { 0 };
            os_mem_dir(m, "/out");
            m->fault = (struct fault){ .left = disk ? left : 0 };
            k.a.fault = disk ? NULL : &f;
            bool ok = work(&k.a, m, &e), fired = f.fired || m->fault.fired;
            CHECK(m->open_now == 0 && ok == !fired && (ok || (e.kind != ERR_NONE && e.what[0])));
            test_arena_free(&t);
            test_arena_free(&k);
            if (!fired)
                break;
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_use), cmocka_unit_test(test_limit), cmocka_unit_test(test_same_place), cmocka_unit_test(test_faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
