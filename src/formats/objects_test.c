#include "test.h"

#include "base/num.h"
#include "formats/objects.h"

static const struct { const char *in; enum objects_form form; size_t n; const char *name, *first, *last; bool damaged; const char *why; } rows[] = {
    { "\r\n\r\nName        : OAB (Default Web Site)\r\nExternalUrl : https://mail.example/OAB\r\nServer      : A\r\n\r\nName        : ews\r\nExternalUrl : \r\n\r\n", OBJECTS_LIST, 2, "ExternalUrl",
      "https://mail.example/OAB", "", false, "two objects" },
    { "Name : a\nUrl  : https://mail.example/a-very-\n       long/one\nId   : 1\nName : b\nUrl  : x\n", OBJECTS_LIST, 2, "Url", "https://mail.example/a-very-long/one", "x", false, "a wrapped value; no blank line" },
    { "version: 1\n\ndn: CN=OAB,CN=x\nobjectClass: top\nobjectClass: msExchVirtualDirectory\nmsExchExternalHostName: https://m.exa\n mple/OAB\n\ndn: CN=b\nmsExchExternalHostName:: aHR0cDovL2Yv\n", OBJECTS_LDIF, 3,
      "msExchExternalHostName", "", "http://f/", false, "folded and in base64" },
    { "#TYPE Microsoft.Exchange.X\r\n\"Name\",\"ExternalUrl\"\r\n\"OAB \"\"x\"\"\",\"https://a/\"\r\n\"ews\",\"two\nlines\"\r\n", OBJECTS_CSV, 2, "ExternalUrl", "https://a/", "two\nlines", false, "Export-Csv" },
    { "Name,Url\na,b\n", OBJECTS_CSV, 1, "Url", "b", "b", false, "plain CSV" },
    { "[{\"Name\":\"a\",\"Url\":\"http:\\/\\/f\\/\\u003cx\"},{\"Name\":\"b\",\"Url\":null}]", OBJECTS_JSON, 2, "Url", "http://f/<x", "", false, "escapes" },
    { "{\"Name\":\"a\",\"ExternalUrl\":{\"AbsoluteUri\":\"https://a/\",\"Port\":443},\"Url\":[\"x\",\"y\"]}", OBJECTS_JSON, 1, "ExternalUrl.AbsoluteUri", "https://a/", "https://a/", false, "an object within" },
    { "[{\"Name\":\"a\",\"Url\":\"x\"},{\"Name\":\"b\",\"Url\":\"y", OBJECTS_JSON, 2, "Url", "x", "", true, "cut" },
    { "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":"
      "{\"a\":{\"a\":1", OBJECTS_JSON, 0, "a", NULL, NULL, true, "too deep" },
    { "[\"Name\",1,{\"Name\":\"a\"}]", OBJECTS_JSON, 1, "Name", "a", "a", false, "bare values beside objects" },
};

static void reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct test_arena t = test_arena(1 << 20);
        struct objects o;
        struct err     e = { 0 };
        struct str     in = test_heap(rows[i].in, strlen(rows[i].in));
        if (!objects_parse(&o, &t.a, in, &e))
            fail_msg("%s: %s", rows[i].why, e.what);
        if (o.form != rows[i].form || o.n != rows[i].n || o.damaged != rows[i].damaged)
            fail_msg("%s: form %d, %zu objects, damaged %d (%s)", rows[i].why, (int)o.form, o.n, o.damaged, o.what);
        if (o.n) {
            CHECK_STR(objects_get(&o, 0, str_c(rows[i].name)), str_c(rows[i].first));
            CHECK_STR(objects_get(&o, o.n - 1, str_c(rows[i].name)), str_c(rows[i].last));
        }
        test_free(in);
        test_arena_free(&t);
    }
}

static void wide(void **state)
{
    static const char text[] = "Name : a\r\nUrl : https://a/\r\n";
    uint8_t p[2 * sizeof text] = { 0xff, 0xfe };
    struct test_arena t = test_arena(1 << 16);
    struct objects o;
    struct err     e = { 0 };
    (void)state;

    for (size_t i = 0; i + 1 < sizeof text; i++)
        p[2 + 2 * i] = (uint8_t)text[i];
    struct str in = test_heap(p, 2 * sizeof text);
    CHECK(objects_parse(&o, &t.a, in, &e) && o.n == 1);
    CHECK_STR(objects_get(&o, 0, STR("url")), STR("https://a/"));
    test_free(in);
    test_arena_free(&t);
}

static void none(void **state)
{
    static const char *const in[] = { "", "hello world\n", "\n\n\n", "no list here\nat all\n" };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(in); i++) {
        struct test_arena t = test_arena(1 << 16);
        struct objects o;
        struct err     e = { 0 };
        CHECK_WHY(!objects_parse(&o, &t.a, str_c(in[i]), &e) && e.kind == ERR_FORMAT, in[i]);
        test_arena_free(&t);
    }
}

static void bounds(void **state)
{
    static const char *const unit[] = { "a : b\n", "[", "{\"a\":", "a,b\n", "{\"a\":1},", "dn: a\nb:: QQ==\n", "\"" };
    uint8_t *p = malloc(3 << 20);
    (void)state;

    for (size_t i = 0; i < COUNT_OF(unit); i++) {
        struct test_arena t = test_arena(96u << 20);
        struct objects o = { 0 };
        struct err     e = { 0 };
        size_t n = i == 4 ? (p[0] = '[', 1) : 0, len = strlen(unit[i]);
        for (; n + len <= 3 << 20; n += len)
            memcpy(p + n, unit[i], len);
        bool ok = objects_parse(&o, &t.a, (struct str){ p, n }, &e);
        CHECK_WHY(ok || e.kind == ERR_FORMAT, unit[i]);
        CHECK_WHY(o.n <= OBJECTS_MAX && o.pair_n <= OBJECTS_PAIRS_MAX, unit[i]);
        test_arena_free(&t);
    }
    free(p);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct objects o;

    return objects_parse(&o, a, STR("[{\"a\":{\"b\":\"x\\n\"}},{\"c\":1}]"), e) && objects_parse(&o, a, STR("dn: a\nb:: QUFB\nc: a\n b\n"), e) && objects_parse(&o, a, STR("a,b\n\"x\"\"y\",2\n"), e);
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(sweep, 1 << 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(reads), cmocka_unit_test(wide), cmocka_unit_test(none), cmocka_unit_test(bounds), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
