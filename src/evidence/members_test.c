#include "test.h"

#include "base/num.h"
#include "base/time.h"
#include "evidence/ev.h"
#include "evidence/members.h"

struct heard { char text[8192]; size_t n, count; };

static void hear(void *ctx, struct str raw, const char *what, const char *hint)
{
    struct heard *h = ctx;
    h->count++;
    CHECK(what[0] && hint[0]);
    if (h->n < sizeof h->text - 200)
        h->n += (size_t)snprintf(h->text + h->n, sizeof h->text - h->n, "%.*s|%s\n", (int)(raw.n < 60 ? raw.n : 60), (const char *)raw.p, what);
}

static struct members *opened(struct arena *a, struct heard *h, bool zip, uint64_t max)
{
    struct ev_limits l = ev_limits_default();
    struct err       e = { 0 };
    struct members  *m;
    l.members = max;
    CHECK(members_open(&m, &l, zip, hear, h, a, &e));
    return m;
}

static void add(struct members *m, enum member_kind kind, struct str raw, const char *link)
{
    struct err    e = { 0 };
    struct str    in = test_heap(raw.p, raw.n);
    struct member one = { .raw = in, .kind = kind, .link = str_c(link), .mtime_us = TIME_NONE, .where = members_n(m) };
    CHECK(members_add(m, &one, false, &e));
    test_free(in);
}

static void test_names(void **state)
{
    static const struct { const char *why; struct str raw; bool zip, utf8; const char *want, *refused; bool device; } c[] = {
        { "plain",                          STR_INIT("a/b.txt"),             true,  false, "a/b.txt", NULL, false },
        { "backslashes of a zip",           STR_INIT("a\\b\\c"),             true,  false, "a/b/c",   NULL, false },
        { "a backslash of a tar",           STR_INIT("a\\b"),                false, false, "a\\b",    NULL, false },
        { "leading dots and slash",         STR_INIT("././a/./b//c/"),       false, false, "a/b/c",   NULL, false },
        { "absolute",                       STR_INIT("/etc/passwd"),         false, false, "etc/passwd", NULL, false },
        { "a drive",                        STR_INIT("C:\\inetpub\\x"),      true,  false, "C:/inetpub/x", NULL, false },
        { "a drive in the middle",          STR_INIT("fs/C:/x"),             false, false, "fs/C:/x", NULL, false },
        { "a stream",                       STR_INIT("x/$UsnJrnl:$J"),       false, false, "x/$UsnJrnl:$J", NULL, false },
        { "a drive's working folder",       STR_INIT("C:x"),                 true,  false, NULL, "unsafe name: below the working folder of a drive", false },
        { "up",                             STR_INIT("../x"),                true,  false, NULL, "unsafe name: \"..\" in it", false },
        { "up in the middle",               STR_INIT("a\\..\\..\\x"),        true,  false, NULL, "unsafe name: \"..\" in it", false },
        { "up at the end",                  STR_INIT("a/.."),                false, false, NULL, "unsafe name: \"..\" in it", false },
        { "three dots are a name",          STR_INIT("a/..."),               false, false, "a/...", NULL, false },
        { "NUL",                            STR_INIT("a.aspx\0.txt"),        true,  false, NULL, "unsafe name: NUL in it", false },
        { "network",                        STR_INIT("\\\\host\\share\\x"),  true,  false, NULL, "unsafe name: a network or device path", false },
        { "device path",                    STR_INIT("\\\\?\\C:\\x"),        true,  false, NULL, "unsafe name: a network or device path", false },
        { "network, in slashes",            STR_INIT("//host/x"),            false, false, NULL, "unsafe name: a network or device path", false },
        { "network, in a tar",              STR_INIT("\\\\.\\C:"),           false, false, NULL, "unsafe name: a network or device path", false },
        { "nothing",                        STR_INIT("./"),                  true,  false, "", NULL, false },
        { "CP437",                          STR_INIT("\x81\xe1.txt"),        true,  false, "\xc3\xbc\xc3\x9f.txt", NULL, false },
        { "said to be UTF-8, and is not",   STR_INIT("\x81.txt"),            true,  true,  "\xef\xbf\xbd.txt", NULL, false },
        { "a tar with other bytes",         STR_INIT("\xe9"),                false, false, "\xef\xbf\xbd", NULL, false },
        { "UTF-8 without the flag",         STR_INIT("\xc3\xbc"),            true,  false, "\xc3\xbc", NULL, false },
        { "device",                         STR_INIT("a/CON"),               true,  false, "a/CON", NULL, true },
        { "device with extension",          STR_INIT("nul .txt"),            true,  false, "nul .txt", NULL, true },
        { "device with number",             STR_INIT("Com1.log"),            true,  false, "Com1.log", NULL, true },
        { "no device",                      STR_INIT("COM0/CONS/COM10"),     true,  false, "COM0/CONS/COM10", NULL, false },
        { "terminal escape",                STR_INIT("\x1b[2Jx"),            true,  false, "\x1b[2Jx", NULL, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct test_arena t = test_arena(4096);
        struct str        in = test_heap(c[i].raw.p, c[i].raw.n), got = STR_EMPTY;
        const char       *why;
        bool              device;
        CHECK_WHY(members_name(&t.a, in, c[i].zip, c[i].utf8, &got, &device, &why), c[i].why);
        CHECK_WHY(device == c[i].device, c[i].why);
        if (c[i].refused) {
            CHECK_WHY(why && strcmp(why, c[i].refused) == 0, c[i].why);
        } else {
            CHECK_WHY(!why, c[i].why);
            CHECK_STR(got, str_c(c[i].want));
        }
        test_free(in);
        test_arena_free(&t);
    }
}

static void test_links(void **state)
{
    static const struct { const char *why, *name, *link; bool zip, refused; } c[] = {
        { "beside",              "a/l",   "x",           false, false },
        { "up, and inside",      "a/l",   "../b/x",      false, false },
        { "out",                 "a/l",   "../../x",     false, true  },
        { "out and in again",    "a/l",   "b/../../../a",false, true  },
        { "absolute",            "a/l",   "/etc/passwd", false, true  },
        { "a drive",             "a/l",   "C:\\x",       false, true  },
        { "out, backslashes",    "a/l",   "..\\..\\x",   true,  true  },
        { "a name in a tar",     "a/l",   "..\\..\\x",   false, false },
        { "out at the top",      "l",     "..",          false, true  },
        { "itself",              "l",     "l",           false, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct test_arena t = test_arena(1 << 20);
        struct heard      h = { 0 };
        struct members   *m = opened(&t.a, &h, c[i].zip, 10);
        add(m, MEMBER_LINK, str_c(c[i].name), c[i].link);
        CHECK_WHY(members_n(m) == !c[i].refused && h.count == c[i].refused, c[i].why);
        test_arena_free(&t);
    }
}

static const char *listing(const struct members *m, struct str below, struct arena a, char ret[2048])
{
    struct os_entry *list;
    struct err       e = { 0 };
    size_t           n, at = 0;

    ret[0] = 0;
    if (!members_list(m, below, &a, &list, &n, &e)) {
        CHECK(e.kind == ERR_IO);
        return "none";
    }
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(ret + at, 2048 - at, "%.*s%s%s ", STR_ARG(list[i].name), list[i].st.kind == OS_DIR ? "/" : list[i].st.kind == OS_LINK ? "@" : "", list[i].key.n ? "+" : "");
    return ret;
}

/* Names that sort around '/', folders without entries of their own, files and folders of one name, one name several times. */
static void test_tree(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct heard      h = { 0 };
    struct members   *m = opened(&t.a, &h, true, 100);
    struct err        e = { 0 };
    char              text[2048];

    (void)state;
    add(m, MEMBER_FILE, STR("a/x.txt"), NULL);
    add(m, MEMBER_FILE, STR("a.txt"), NULL);
    add(m, MEMBER_FILE, STR("a"), NULL);
    add(m, MEMBER_FILE, STR("a/x.txt"), NULL);
    add(m, MEMBER_DIR,  STR("a/b/"), NULL);
    add(m, MEMBER_DIR,  STR("a/b/"), NULL);
    add(m, MEMBER_FILE, STR("a/b/c/d"), NULL);
    add(m, MEMBER_FILE, STR("A/x.txt"), NULL);
    add(m, MEMBER_FILE, STR("a\\x.txt"), NULL);
    add(m, MEMBER_LINK, STR("a-l"), "a/b");
    add(m, MEMBER_FILE, STR("a b"), NULL);
    add(m, MEMBER_DIR,  STR("./"), NULL);
    CHECK(members_settle(m, &e) && members_n(m) == 11 && h.count == 0);

    assert_string_equal(listing(m, STR(""), t.a, text), "A/ a a/ a b a-l@ a.txt ");
    assert_string_equal(listing(m, STR("./"), t.a, text), "A/ a a/ a b a-l@ a.txt ");
    assert_string_equal(listing(m, STR("a"), t.a, text), "b/ x.txt x.txt+ x.txt+ ");
    assert_string_equal(listing(m, STR("a/b"), t.a, text), "c/ ");
    assert_string_equal(listing(m, STR("a/b/c/"), t.a, text), "d ");
    assert_string_equal(listing(m, STR("a.txt"), t.a, text), "none");
    assert_string_equal(listing(m, STR("a/b/c/d"), t.a, text), "none");
    assert_string_equal(listing(m, STR("a/../a"), t.a, text), "none");
    assert_string_equal(listing(m, STR("b"), t.a, text), "none");
    assert_string_equal(listing(m, STR("a/"), t.a, text), "b/ x.txt x.txt+ x.txt+ ");

    struct os_entry *list;
    size_t           n;
    CHECK(members_list(m, STR("a"), &t.a, &list, &n, &e) && n == 4);
    CHECK(members_find(m, STR("a/x.txt"))->where == 0 && members_find(m, STR("./a//x.txt"))->where == 0);
    for (size_t i = 2; i < 4; i++) {
        struct str path = str_cat(&t.a, STR("a/"), list[i].key);
        CHECK(members_find(m, path) && members_find(m, path)->copy == i - 1);
        CHECK(list[i].st.ino != list[i - 1].st.ino && list[i].raw.n == 7);
    }
    CHECK_STR(list[3].raw, STR("a\\x.txt"));
    CHECK(!members_find(m, STR("a/x.txt\0" "3")) && !members_find(m, STR("a/x.txt\0")) && !members_find(m, STR("a/x.txt\0" "0")));
    CHECK(!members_find(m, STR("a/b")) && !members_find(m, STR("")) && !members_find(m, STR("a/../a")) && members_find(m, STR("a"))->kind == MEMBER_FILE);
    CHECK_STR(members_find(m, STR("a-l"))->link, STR("a/b"));
    test_arena_free(&t);
}

/* A folder inside itself is one for is_loop when their numbers agree: they never do. */
static void test_numbers(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct heard      h = { 0 };
    struct members   *m = opened(&t.a, &h, false, 100);
    struct err        e = { 0 };
    uint64_t          seen[64];
    struct str        at = STR("");

    (void)state;
    add(m, MEMBER_FILE, STR("a/a/a/a/a/a/a/a/x"), NULL);
    CHECK(members_settle(m, &e));
    for (size_t i = 0; i < 8; i++) {
        struct os_entry *list;
        size_t           n;
        CHECK(members_list(m, at, &t.a, &list, &n, &e) && n == 1 && list[0].st.kind == OS_DIR);
        seen[i] = list[0].st.ino;
        for (size_t k = 0; k < i; k++)
            CHECK(seen[k] != seen[i] && seen[i]);
        at = str_cat(&t.a, at, STR("/a"));
    }
    test_arena_free(&t);
}

static void test_bounds(void **state)
{
    struct test_arena t = test_arena(8 << 20);
    struct heard      h = { 0 };
    struct members   *m = opened(&t.a, &h, false, 3);
    uint8_t           deep[20000], wide[EV_NAME_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof deep; i++)
        deep[i] = i & 1 ? '/' : 'd';
    memset(wide, 'w', sizeof wide);
    add(m, MEMBER_FILE, (struct str){ deep, sizeof deep }, NULL);           /* 10,000 deep */
    add(m, MEMBER_FILE, (struct str){ wide, EV_NAME_MAX }, NULL);
    add(m, MEMBER_FILE, STR(""), NULL);
    add(m, MEMBER_FILE, STR("."), NULL);
    CHECK(members_n(m) == 0 && h.count == 4 && members_room(m));
    add(m, MEMBER_FILE, (struct str){ deep, 2 * EV_DEPTH_MAX - 1 }, NULL);
    add(m, MEMBER_FILE, (struct str){ wide, EV_NAME_MAX - 1 }, NULL);
    add(m, MEMBER_FILE, STR("CON"), NULL);
    CHECK(members_n(m) == 3 && h.count == 5 && !members_room(m));
    add(m, MEMBER_FILE, STR("x"), NULL);
    CHECK(members_n(m) == 3 && h.count == 6 && strstr(h.text, "x|too many: beyond the limit members"));
    test_arena_free(&t);
}

/* 300,000 entries, half of them of one name: sorted, listed and found within a second or two, sanitizers included. */
static void test_many(void **state)
{
    enum { N = 300000 };
    struct test_arena t = test_arena((size_t)400 << 20);
    struct heard      h = { 0 };
    struct members   *m = opened(&t.a, &h, true, N);
    struct err        e = { 0 };
    struct os_entry  *list;
    size_t            n;

    (void)state;
    for (uint32_t i = 0; i < N; i++) {
        char          name[64];
        struct member one = { .kind = MEMBER_FILE, .where = i };
        snprintf(name, sizeof name, i & 1 ? "d/same" : "d/%08u/x", i * 2654435761u);
        one.raw = str_c(name);
        CHECK(members_add(m, &one, true, &e));
    }
    CHECK(members_settle(m, &e));
    struct arena a = t.a;
    CHECK(members_list(m, STR("d"), &a, &list, &n, &e) && n == N);
    CHECK_STR(list[n - 1].name, STR("same"));
    CHECK(members_find(m, STR("d/same"))->where == 1);
    test_arena_free(&t);
}

static bool work(struct arena *a, struct err *e)
{
    struct ev_limits l = ev_limits_default();
    struct members  *m;
    struct heard     h = { 0 };
    struct os_entry *list;
    size_t           n;
    struct member    one[3] = { { .raw = STR("a\\b\x81"), .kind = MEMBER_FILE }, { .raw = STR("a/l"), .kind = MEMBER_LINK, .link = STR("b") }, { .raw = STR("a/l"), .kind = MEMBER_FILE } };

    bool ok = members_open(&m, &l, true, hear, &h, a, e);
    for (size_t i = 0; ok && i < 3; i++)
        ok = members_add(m, &one[i], false, e);
    return ok && members_settle(m, e) && members_list(m, STR("a"), a, &list, &n, e) && n == 3;
}

static void test_faults(void **state)
{
    (void)state;
    fault_sweep(work, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names), cmocka_unit_test(test_links), cmocka_unit_test(test_tree), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_bounds), cmocka_unit_test(test_many), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
