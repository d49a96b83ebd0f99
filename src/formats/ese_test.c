#include "test.h"

#include "formats/ese.h"
#include "make_ese.h"

enum { ROOM = 1 << 20 };
static const uint8_t file_server[16] = { 0x6F, 0x22, 0xA9, 0x10, 0xEE, 0x50, 0xD8, 0x49, 0xA3, 0x93, 0x9A, 0x50, 0x1D, 0x47, 0xCE, 0x04 };

struct disk { const uint8_t *p; size_t n; struct fault fault; };
static bool disk_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct disk *d = ctx;

    if (fault_now(&d->fault))
        return err_set(e, ERR_IO, "read: broken on purpose");
    *ret_got = off >= d->n ? 0 : d->n - off < cap ? d->n - (size_t)off : cap;
    if (*ret_got)
        memcpy(buf, d->p + off, *ret_got);
    return true;
}

static struct mke sample(void)
{
    struct mke m = mke_open("CLIENTS");

    mke_client(&m, 6, 1, file_server, 7, 1000, 2000, (const uint8_t *)"\xC6\x33\x64\x17", 4, "BAKERY\\ben", 0, 0);
    mke_client(&m, 6, 2, file_server, 1, 3000, 4000, (const uint8_t *)"\x0A\0\0\1", 4, "bakery\\gone", 0, 2);
    mke_client(&m, 8, 3, file_server, 9, 5000, 6000, (const uint8_t *)"\x20\1\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\1", 16, "bakery\\anna", 1, 0);
    return m;
}

struct seen { const struct ese_table *t; struct arena a; char text[600]; size_t n, end; };
static bool row(void *ctx, const struct ese_record *r)
{
    struct seen *s = ctx;
    struct arena a = s->a;
    struct str   address = STR_EMPTY, tenant, user = ese_text(r, ese_column_find(s->t, STR("AuthenticatedUserName")), &a);

    CHECK(s->end || !ese_get(r, ese_column_find(s->t, STR("TenantId")), &a, &tenant));      /* it has no value */
    (void)ese_get(r, ese_column_find(s->t, STR("Address")), &a, &address);
    s->n++;
    snprintf(s->text + strlen(s->text), sizeof s->text - strlen(s->text), "%.*s %zu %llu %llu;", STR_ARG(user), address.n, (unsigned long long)ese_number(r, ese_column_find(s->t, STR("TotalAccesses")), a),
             (unsigned long long)ese_number(r, ese_column_find(s->t, STR("LastAccess")), a));
    return s->n != s->end;
}

static bool look(struct disk *d, struct arena *a, struct seen *s, uint32_t *ret_bad, struct err *e)
{
    struct ese       x;
    struct ese_table t;
    struct blocks    b = { disk_read, d, d->n };

    if (!ese_open(&x, &b, e) || !ese_table_find(&x, a, STR("clients"), &t, e))
        return false;
    s->t = &t;
    s->a = *a;
    struct arena pages = *a;
    s->a.end = pages.beg = a->beg + arena_room(a) / 2 / 16 * 16;
    bool ok = ese_rows(&x, pages, &t, row, s, e);
    *ret_bad = x.bad;
    return ok;
}

static void whole(void **state)
{
    struct mke        m = sample();
    struct test_arena t = test_arena(ROOM);
    struct disk       d = { .p = m.p, .n = (size_t)MKE_PAGES * MKE_PAGE };
    struct seen       s = { 0 };
    struct err        e = { 0 };
    uint32_t          bad;

    (void)state;
    CHECK(look(&d, &t.a, &s, &bad, &e) && bad == 0);
    assert_string_equal(s.text, "BAKERY\\ben 4 7 2000;bakery\\anna 16 9 6000;");
    s = (struct seen){ .end = 1 };
    CHECK(look(&d, &t.a, &s, &bad, &e) && s.n == 1);
    free(m.p), test_arena_free(&t);
}

static void refused(void **state)
{
    static const struct { size_t at; uint32_t value; int bytes; const char *says; } c[] = {
        { 4, 0, 4, "no ESE" }, { 12, 1, 4, "no ESE" }, { 236, 1, 4, "pages of 1 " }, { 236, 65536, 4, "pages of" }, { 236, 5000, 4, "pages of" },
        { 5 * MKE_PAGE + 36, 8, 4, "no table" }, { 5 * MKE_PAGE + 34, 0xFFFF, 2, "no table" }, { 5 * MKE_PAGE + 40 + 16 + 6 + 4, 99, 4, "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        struct mke        m = sample();
        struct test_arena t = test_arena(ROOM);
        struct disk       d = { .p = m.p, .n = (size_t)MKE_PAGES * MKE_PAGE };
        struct seen       s = { 0 };
        struct err        e = { 0 };
        uint32_t          bad;
        mke_le(m.p + c[i].at, c[i].value, c[i].bytes);
        bool ok = look(&d, &t.a, &s, &bad, &e);
        CHECK_WHY(c[i].says[0] ? !ok && e.kind == ERR_FORMAT && strstr(e.what, c[i].says) : ok || e.what[0], c[i].says);
        free(m.p), test_arena_free(&t);
    }
}

/* Branches that lead to themselves, to each other, to the catalogue; a database that claims more pages than it has. */
static void circles(void **state)
{
    (void)state;
    for (uint32_t to = 4; to < 8; to++) {
        struct mke        m = sample();
        struct test_arena t = test_arena(ROOM);
        struct disk       d = { .p = m.p, .n = (size_t)MKE_PAGES * MKE_PAGE };
        struct seen       s = { 0 };
        struct err        e = { 0 };
        uint32_t          bad = 0;
        uint8_t           child[4];
        mke_begin(&m, 6, 4), mke_begin(&m, 7, 4);
        mke_le(child, to, 4);
        for (uint32_t i = 0; i < 100; i++)
            mke_entry(&m, 6, i, child, 4, 0), mke_entry(&m, 7, i, (const uint8_t *)"\6\0\0\0", 4, 0);
        bool ok = look(&d, &t.a, &s, &bad, &e);
        CHECK(ok ? bad > 0 || s.n > 0 : e.kind == ERR_LIMIT && e.what[0]);
        free(m.p), test_arena_free(&t);
    }
}

static void faults(void **state)
{
    struct mke m = sample();

    (void)state;
    for (int memory = 0; memory < 2; memory++) {
        bool fired = true;
        for (uint32_t n = 1; fired; n++) {
            struct test_arena t = test_arena(ROOM);
            struct fault      f = { .left = memory ? n : 0 };
            struct disk       d = { .p = m.p, .n = (size_t)MKE_PAGES * MKE_PAGE, .fault = { .left = memory ? 0 : n } };
            struct seen       s = { 0 };
            struct err        e = { 0 };
            uint32_t          bad;
            t.a.fault = &f;
            bool ok = look(&d, &t.a, &s, &bad, &e);
            fired = f.fired || d.fault.fired;
            CHECK(n < 400 && (ok || (fired && e.kind != ERR_NONE && e.what[0])));
            test_arena_free(&t);
        }
    }
    free(m.p);
}

/* A column with the number 0, which no table has: found by fuzzing. */
static void column_zero(void **state)
{
    static struct ese_column c = { 0, 16, 0, STR_INIT("x") };
    static const uint8_t     bytes[64] = { 5, 128, 61 };
    struct ese_table         t = { 5, &c, 1 };
    struct str               in = test_heap(bytes, sizeof bytes), got;
    struct ese_record        r = { &t, in, false };
    struct test_arena        a = test_arena(1024);

    (void)state;
    CHECK(!ese_get(&r, &c, &a.a, &got) && !ese_get(&r, NULL, &a.a, &got));
    test_free(in), test_arena_free(&a);
}

/* Each byte of the pages that count in turn. */
static void every_byte(void **state)
{
    struct mke m = sample();
    size_t     n = (size_t)MKE_PAGES * MKE_PAGE;

    (void)state;
    for (size_t at = 5 * MKE_PAGE; at < 8 * MKE_PAGE; at += at % MKE_PAGE < 700 || at % MKE_PAGE > 4000 ? 2 : 301) {
        struct test_arena t = test_arena(ROOM);
        m.p[at] ^= 0xFF;
        struct str  copy = test_heap(m.p, n);
        struct disk d = { .p = copy.p, .n = n };
        struct seen s = { .end = 50 };
        struct err  e = { 0 };
        uint32_t    bad;
        CHECK(look(&d, &t.a, &s, &bad, &e) || e.what[0]);
        m.p[at] ^= 0xFF;
        test_free(copy), test_arena_free(&t);
    }
    free(m.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(whole), cmocka_unit_test(refused), cmocka_unit_test(circles), cmocka_unit_test(faults), cmocka_unit_test(column_zero), cmocka_unit_test(every_byte) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
