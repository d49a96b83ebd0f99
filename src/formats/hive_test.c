#include "test.h"

#include "base/time.h"
#include "formats/hive.h"
#include "formats/hive_inner.h"
#include "make_hive.h"

#define US INT64_C(1614738000000000)          /* 2021-03-03T02:20:00Z */
enum { ROOM = 48 << 20 };

static bool from_mem(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    const struct str *s = ctx;
    size_t            n = off < s->n ? s->n - (size_t)off : 0;

    (void)e;
    n = n < cap ? n : cap;
    if (n)
        memcpy(buf, s->p + off, n);
    *ret_got = n;
    return true;
}
static struct hive_source source(struct str *s) { return (struct hive_source){ from_mem, s, s->n }; }

static struct mh *sample(void)
{
    struct mh *m = mh_open("ROOT", US);
    uint8_t    big[40000];

    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (uint8_t)(i * 7);
    struct mh_key *k = mh_key(m, "Microsoft\\Windows NT\\CurrentVersion", US + 1000000);
    mh_text(k, "ProductName", MH_SZ, "Windows Server 2016");
    mh_number(k, "Installed", 0x600dbeef);
    mh_text(k, "List", MH_MULTI, "one\ntwo\nthree");
    mh_text(k, "", MH_EXPAND, "%SystemRoot%\\x");
    mh_value(k, "Big", MH_BINARY, big, sizeof big);
    mh_value(k, "Empty", MH_BINARY, "", 0);
    for (int i = 0; i < 300; i++) {
        char name[64];
        snprintf(name, sizeof name, "Services\\svc%03d", i);
        mh_number(mh_key(m, name, US + i), "Start", (uint32_t)i);
    }
    return m;
}

static bool count_keys(void *ctx, struct hive *h, struct arena a, const struct hive_key *k, struct str path)
{
    (void)h, (void)a, (void)k, (void)path;
    ++*(size_t *)ctx;
    return true;
}

static void whole(void **state)
{
    (void)state;
    struct test_arena t = test_arena(ROOM);
    struct mh        *m = sample();
    size_t            n, keys = 0;
    uint8_t          *p = mh_write(m, "\\SystemRoot\\config\\SOFTWARE", US, &n);
    struct str        s = test_heap(p, n), data = STR_EMPTY;
    struct hive_source in = source(&s);
    struct hive       h;
    struct hive_key   root, k;
    struct hive_value v = { 0 };
    struct err        e = { 0 };
    uint64_t          number = 0;

    CHECK(hive_open(&h, &t.a, &in, NULL, 0, &e) && !h.dirty && !h.cut && !hive_stale(&h));
    CHECK_STR(h.name, STR("\\SystemRoot\\config\\SOFTWARE"));
    CHECK(hive_root(&h, &t.a, &root) && root.subkey_n == 2);
    CHECK(hive_find(&h, &t.a, &root, STR("microsoft\\WINDOWS nt\\CurrentVersion"), &k));
    CHECK(time_filetime(k.written) == US + 1000000 && k.value_n == 6);
    CHECK(hive_value(&h, &t.a, &k, STR("productname"), &v) && hive_data(&h, &t.a, &v, &data));
    CHECK_STR(hive_text(&t.a, v.type, data), STR("Windows Server 2016"));
    CHECK(hive_value(&h, &t.a, &k, STR("Installed"), &v) && hive_data(&h, &t.a, &v, &data) && hive_number(v.type, data, &number) && number == 0x600dbeef);
    CHECK(hive_value(&h, &t.a, &k, STR("List"), &v) && hive_data(&h, &t.a, &v, &data));
    CHECK_STR(hive_text(&t.a, v.type, data), STR("one\ntwo\nthree"));
    CHECK(hive_value(&h, &t.a, &k, STR(""), &v) && hive_data(&h, &t.a, &v, &data));
    CHECK_STR(hive_text(&t.a, v.type, data), STR("%SystemRoot%\\x"));
    CHECK(hive_value(&h, &t.a, &k, STR("Big"), &v) && hive_data(&h, &t.a, &v, &data) && data.n == 40000 && data.p[39999] == (uint8_t)(39999 * 7));
    CHECK(hive_value(&h, &t.a, &k, STR("Empty"), &v) && hive_data(&h, &t.a, &v, &data) && data.n == 0);
    CHECK(!hive_value(&h, &t.a, &k, STR("None"), &v) && !hive_find(&h, &t.a, &root, STR("Services\\none"), &k));
    CHECK(hive_find(&h, &t.a, &root, STR("Services\\SVC299"), &k) && hive_walk(&h, t.a, &root, STR(""), count_keys, &keys) && keys == 305);
    CHECK(h.bad == 0 && h.why.kind == ERR_NONE);
    test_free(s);
    free(p);
    mh_free(m);
    test_arena_free(&t);
}

/* The same hive, older: what differs is in the log. */
static void replayed(void **state)
{
    (void)state;
    enum kind { NEW, NEW_TWO, OLD, STALE, OLDER, TORN, BAD_HEAD } ;
    static const struct { const char *why; int kind; bool seen; } cases[] = {
        { "one new log", NEW, true }, { "two new logs, given in the wrong order", NEW_TWO, true }, { "an old log", OLD, true }, { "no log", STALE, false },
        { "a log older than the hive", OLDER, false }, { "an entry whose checksum does not hold", TORN, false }, { "a damaged base block", BAD_HEAD, true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct test_arena t = test_arena(ROOM);
        struct mh        *m = sample();
        size_t            n, n2, log_n = 0, log2_n = 0, logs_n = 0;
        mh_number(mh_key(m, "Planted", US), "Value", 1);
        uint8_t          *before = mh_write(m, "x", US, &n), *log = NULL, *log2 = NULL;
        m->root->child->value = NULL;         /* "Microsoft" has none */
        for (struct mh_key *k = m->root->child; k; k = k->next)
            if (strcmp(k->name, "Planted") == 0)
                k->value->data[0] = 2;
        uint8_t          *after = mh_write(m, "x", US, &n2);
        struct hive_source logs[2] = { { 0 } };
        struct str         s, l, l2;
        struct hive        h;
        struct hive_key    root, k;
        struct hive_value  v = { 0 };
        struct err         e = { 0 };
        struct str         data = STR_EMPTY;
        uint64_t           number = 0;

        assert_int_equal(n, n2);
        mh_dirty(before, 9, 8);
        mh_dirty(after, 9, 9);
        if (cases[i].kind == OLD)
            log = mh_old_log(before, after, n, &log_n);
        else if (cases[i].kind != STALE)
            log = mh_new_log(before, after, n, cases[i].kind == OLDER ? 7 : cases[i].kind == NEW_TWO ? 9 : 8, &log_n);
        if (cases[i].kind == NEW_TWO)
            log2 = mh_new_log(before, after, n, 8, &log2_n);
        if (cases[i].kind == TORN)
            log[log_n - 1] ^= 1;
        if (cases[i].kind == BAD_HEAD)
            before[508] ^= 1;
        s = test_heap(before, n);
        l = test_heap(log, log_n);
        l2 = test_heap(log2, log2_n);
        if (log)
            logs[logs_n++] = source(&l);
        if (log2)
            logs[logs_n++] = source(&l2);
        struct hive_source in = source(&s);
        CHECK_WHY(hive_open(&h, &t.a, &in, logs, logs_n, &e), cases[i].why);
        CHECK_WHY(h.dirty && hive_stale(&h) == !cases[i].seen, cases[i].why);
        CHECK_WHY(hive_root(&h, &t.a, &root) && hive_find(&h, &t.a, &root, STR("Planted"), &k), cases[i].why);
        CHECK_WHY(hive_value(&h, &t.a, &k, STR("Value"), &v) && hive_data(&h, &t.a, &v, &data) && hive_number(v.type, data, &number), cases[i].why);
        CHECK_WHY(number == (cases[i].seen ? 2 : 1), cases[i].why);
        CHECK_WHY(cases[i].kind != NEW_TWO || (h.said[0].applied && h.said[1].applied), cases[i].why);
        CHECK_WHY(cases[i].kind != OLDER || h.said[0].what, cases[i].why);
        free(before), free(after), free(log), free(log2);
        test_free(s), test_free(l), test_free(l2);
        mh_free(m);
        test_arena_free(&t);
    }
}

/* Every way the fields of the format can lie: nothing is read beyond the bytes, and no work is without end. */
static void hostile(void **state)
{
    (void)state;
    struct mh *m = sample();
    size_t     n;
    uint8_t   *p = mh_write(m, "x", US, &n);
    uint32_t   root = m->root->at, services = m->root->child->next->at, nt = m->root->child->child->at;
    uint32_t   list = hive_u32(p + 4096 + services + 4 + 28);
    static const uint32_t worth[] = { 0, 1, 7, 8, 0x20, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff8, 4096, 0x00100000 };
    struct { const char *what; size_t at; } field[] = {
        { "root", 36 }, { "bins", 40 }, { "root's cell", 4096 + root }, { "subkeys", 4096 + root + 4 + 20 }, { "list", 4096 + root + 4 + 28 }, { "values", 4096 + nt + 4 + 36 },
        { "value list", 4096 + nt + 4 + 40 }, { "name", 4096 + nt + 4 + 72 }, { "list's cell", 4096 + list }, { "list's count", 4096 + list + 4 }, { "list's item", 4096 + list + 8 },
    };
    for (size_t f = 0; f < sizeof field / sizeof *field; f++)
        for (size_t w = 0; w < sizeof worth / sizeof *worth + 2; w++) {
            struct test_arena  t = test_arena(ROOM);
            struct str         s = test_heap(p, n);
            struct hive_source in = source(&s);
            struct hive        h;
            struct hive_key    key;
            struct err         e = { 0 };
            size_t             keys = 0;
            /* ... and the lists point at their own key, and at the list itself. */
            mh_u32((uint8_t *)(uintptr_t)s.p + field[f].at, w < sizeof worth / sizeof *worth ? worth[w] : w == sizeof worth / sizeof *worth ? root : list);
            if (hive_open(&h, &t.a, &in, NULL, 0, &e) && hive_root(&h, &t.a, &key)) {
                (void)hive_walk(&h, t.a, &key, STR(""), count_keys, &keys);
                CHECK_WHY(h.why.kind == ERR_NONE && keys <= 400 && h.steps < 4000, field[f].what);
            }
            test_free(s);
            test_arena_free(&t);
        }
    /* A list of lists that holds itself. */
    memcpy(p + 4096 + list + 4, "ri", 2);
    mh_u32(p + 4096 + list + 8, list);
    mh_u32(p + 4096 + list + 12, list);
    struct test_arena  t = test_arena(ROOM);
    struct str         s = test_heap(p, n);
    struct hive_source in = source(&s);
    struct hive        h;
    struct hive_key    key;
    struct err         e = { 0 };
    size_t             keys = 0;
    CHECK(hive_open(&h, &t.a, &in, NULL, 0, &e) && hive_root(&h, &t.a, &key));
    (void)hive_walk(&h, t.a, &key, STR(""), count_keys, &keys);
    CHECK(h.bad > 0);
    test_free(s);
    test_arena_free(&t);
    for (size_t cut = 0; cut < n; cut += cut < 4400 ? 97 : 4096) {
        t  = test_arena(ROOM);
        s  = test_heap(p, cut);
        in = source(&s);
        e  = (struct err){ 0 };
        if (hive_open(&h, &t.a, &in, NULL, 0, &e) && hive_root(&h, &t.a, &key)) {
            (void)hive_walk(&h, t.a, &key, STR(""), count_keys, &keys);
            CHECK(h.cut);
        }
        test_free(s);
        test_arena_free(&t);
    }
    free(p);
    mh_free(m);
}

static bool swept(struct arena *a, struct err *e)
{
    struct mh *m = mh_open("ROOT", US);
    size_t     n, keys = 0;
    mh_text(mh_key(m, "A\\B", US), "name", MH_SZ, "text");
    uint8_t   *p = mh_write(m, "x", US, &n);
    struct str s = { p, n }, data = STR_EMPTY;
    struct hive_source in = source(&s);
    struct hive        h = { 0 };
    struct hive_key    root, k;
    struct hive_value  v = { 0 };
    bool ok = hive_open(&h, a, &in, NULL, 0, e);
    if (ok) {
        ok = hive_root(&h, a, &root) && hive_walk(&h, *a, &root, STR(""), count_keys, &keys) && hive_find(&h, a, &root, STR("A\\B"), &k) &&
             hive_value(&h, a, &k, STR("name"), &v) && hive_data(&h, a, &v, &data);
        if (h.why.kind != ERR_NONE)
            *e = h.why;
        if (ok && !hive_text(a, v.type, data).p)
            ok = err_set(e, ERR_MEMORY, "no room for a text");
    }
    free(p);
    mh_free(m);
    return ok;
}
static void faults(void **state) { (void)state; fault_sweep(swept, ROOM); }

static void marvin(void **state)
{
    (void)state;
    /* The tail of 1 to 3 bytes is part of the sum. */
    CHECK(hive_marvin(STR("abcd")) == mh_marvin((const uint8_t *)"abcd", 4) && hive_marvin(STR("abcde")) != hive_marvin(STR("abcdf")));
    CHECK(hive_marvin(STR("")) == mh_marvin(NULL, 0));
}

/* ---- keys in free cells ---- */

struct gone { char text[2048]; size_t n, end; };
static bool note_gone(void *ctx, struct hive *h, struct arena a, const struct hive_key *k, struct str path)
{
    struct gone      *g = ctx;
    struct hive_value v;
    struct str        data = STR_EMPTY;

    if (hive_value(h, &a, k, STR("Run"), &v) && hive_data(h, &a, &v, &data))
        data = hive_text(&a, v.type, data);
    g->n++;
    snprintf(g->text + strlen(g->text), sizeof g->text - strlen(g->text), "%.*s=%.*s;", STR_ARG(path), STR_ARG(data));
    return g->n != g->end;
}

static void carve(const uint8_t *p, size_t n, struct gone *g, size_t end)
{
    struct test_arena  t = test_arena(8 << 20);
    struct str         body = { p, n };
    struct hive_source in = source(&body);
    struct hive        h;
    struct err         e = { 0 };

    *g = (struct gone){ .end = end };
    CHECK(hive_open(&h, &t.a, &in, NULL, 0, &e));
    CHECK(hive_deleted(&h, t.a, note_gone, g) == (end == 0 || g->n < end) && h.bad == 0 && !h.deleted && h.why.kind == ERR_NONE);
    test_arena_free(&t);
}

static void deleted(void **state)
{
    struct mh    *m = mh_open("ROOT", US);
    struct gone   g;
    size_t        n;
    struct mh_key *k[4];

    (void)state;
    mh_text(k[0] = mh_key(m, "Services\\Tea", US), "Run", MH_SZ, "C:\\PerfLogs\\tea.exe");
    mh_text(k[1] = mh_key(m, "Services\\Tea\\Deep", US), "Run", MH_SZ, "deep");
    mh_text(k[2] = mh_key(m, "Services\\Stays", US), "Run", MH_SZ, "stays");
    mh_text(k[3] = mh_key(m, "Other", US), "Run", MH_SZ, "ok!");
    uint8_t *p = mh_write(m, "x", US, &n);
    carve(p, n, &g, 0);
    CHECK(g.n == 0);
    mh_delete(p, k[1]), mh_delete(p, k[0]), mh_delete(p, k[3]);
    carve(p, n, &g, 0);
    CHECK(g.n == 3 && strstr(g.text, "Services\\Tea=C:\\PerfLogs\\tea.exe;") && strstr(g.text, "Services\\Tea\\Deep=deep;") && strstr(g.text, "Other=ok!;"));
    carve(p, n, &g, 1);
    CHECK(g.n == 1);
    /* Free cells that were joined, a parent that is gone, and a time that is none. */
    for (size_t at = 4096 + 32; at + 8 < n;) {
        uint32_t raw = mh_get(p + at), size = raw >> 31 ? 0 - raw : raw, next = at + size < n ? mh_get(p + at + size) : UINT32_MAX;
        if (!(raw >> 31) && !(next >> 31) && at + size < n)
            mh_u32(p + at, size + next);
        else
            at += size;
    }
    carve(p, n, &g, 0);
    CHECK(g.n == 3 && strstr(g.text, "Services\\Tea=C:\\PerfLogs\\tea.exe;"));
    memset(p + 4096 + k[0]->at + 4, 0, 2);
    carve(p, n, &g, 0);
    CHECK(g.n == 2 && strstr(g.text, "?\\Deep=deep;"));
    mh_u32(p + 4096 + k[3]->at + 4 + 8, 0x7FFFFFFF);
    carve(p, n, &g, 0);
    CHECK(g.n == 1);
    /* Whatever stands in it. */
    for (size_t at = 4096 + 32; at < n; at += 41) {
        uint8_t was = p[at];
        struct str copy;
        p[at] ^= 0xFF;
        copy = test_heap(p, n);
        struct test_arena  t = test_arena(8 << 20);
        struct hive_source in = source(&copy);
        struct hive        h;
        struct err         e = { 0 };
        g = (struct gone){ .end = 20 };
        if (hive_open(&h, &t.a, &in, NULL, 0, &e))
            (void)hive_deleted(&h, t.a, note_gone, &g);
        test_arena_free(&t), test_free(copy);
        p[at] = was;
    }
    free(p);
    mh_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(whole), cmocka_unit_test(replayed), cmocka_unit_test(hostile), cmocka_unit_test(faults), cmocka_unit_test(marvin), cmocka_unit_test(deleted) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
