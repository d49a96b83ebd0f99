#include "test.h"

#include "detect/yara.h"

#include "base/num.h"

#include <pthread.h>

static struct yara_file file(const char *name, const char *text) { return (struct yara_file){ str_c(name), str_c(text), false }; }

static void compile(struct yara *y, struct arena *a, const struct yara_file *f, size_t n)
{
    struct err e = { 0 };
    if (!yara_compile(y, a, f, n, &e))
        fail_msg("yara_compile: %s", e.what);
}

static struct yara_result scan(const struct yara *y, struct arena *a, struct str body, const struct yara_about *about)
{
    static const struct yara_about nothing;
    struct yara_scanner *s;
    struct yara_result   r;
    struct err           e = { 0 };
    struct str           exact = test_heap(body.p, body.n);

    CHECK(yara_scanner_open(&s, y, 1, &e));
    CHECK(yara_scan(s, a, exact, about ? about : &nothing, &r, &e));
    yara_scanner_close(s);
    test_free(exact);
    return r;
}

/* Files with one thing wrong, beside one that is good: that one goes on working. */
static const struct { const char *text, *has, *why; } bad[] = {
    { "rule a { condition: }", "line 1: ", "no condition" },
    { "\n\nrule a { strings: $a = \"x\" condition: true }", "line 3: ", "the line is told" },
    { "rule a { condition: $b }", "line 1: ", "a string that is not there" },
    { "include \"/etc/passwd\"\nrule a { condition: true }", "line 1: ", "an include names a file of this machine" },
    { "import \"magic\" rule a { condition: magic.type() contains \"x\" }", "magic", "reads a data base of this machine" },
    { "import \"time\" rule a { condition: time.now() > 0 }", "time", "depends on the day" },
    { "import \"nosuch\" rule a { condition: true }", "line 1: ", "no such module" },
    { "rule a { strings: $a = /(/ condition: $a }", "line 1: ", "no expression" },
    { "rule a { condition: other_file }", "line 1: ", "a file cannot refer to another" },
    { "rule a { condition: nosuchvariable == 1 }", "line 1: ", "a variable that nobody defined" },
    { "rule a { condition: true } rule a { condition: true }", "line 1: ", "twice in one file" },
};

static void refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct test_arena t = test_arena(1 << 20);
        struct yara       y = { 0 };
        struct yara_file  f[] = { file("a.yar", bad[i].text), file("good.yar", "rule other_file { condition: true }") };

        compile(&y, &t.a, f, 2);
        CHECK_WHY(y.refused_n == 1 && str_eq(y.refused[0].file, STR("a.yar")), bad[i].why);
        if (!str_has(y.refused[0].why, str_c(bad[i].has)))
            fail_msg("%s: \"%.*s\"", bad[i].why, STR_ARG(y.refused[0].why));
        CHECK_WHY(y.rule_n == 1 && y.file_n == 1, bad[i].why);
        struct yara_result r = scan(&y, &t.a, STR("anything"), NULL);
        CHECK_WHY(r.hit_n == 1 && str_eq(r.hit[0].file, STR("good.yar")), bad[i].why);
        yara_close(&y);
        test_arena_free(&t);
    }
}

static void bounds(void **state)
{
    struct test_arena t = test_arena(48 << 20);
    struct yara       y = { 0 };
    char             *big = calloc(1, YARA_FILE_BYTES_MAX + 2), *dear = calloc(1, 1 << 20);
    size_t            n = 0;

    (void)state;
    memset(big, ' ', YARA_FILE_BYTES_MAX + 1);
    n += (size_t)sprintf(dear, "rule a { strings: ");
    for (int i = 0; i < 2000; i++)
        n += (size_t)sprintf(dear + n, "$s%d=\"abc%d\" xor ", i, i);
    sprintf(dear + n, "condition: any of them }");
    struct yara_file f[] = { file("big.yar", big), { STR("nul.yar"), STR("rule a { condition: true }\0"), false }, file("dear.yar", dear), file("empty.yar", "") };
    compile(&y, &t.a, f, 4);
    assert_int_equal(y.refused_n, 3);
    CHECK(str_has(y.refused[0].why, STR("at most")));
    CHECK(str_has(y.refused[1].why, STR("NUL")));
    CHECK(str_has(y.refused[2].why, STR("search entries")));
    assert_int_equal(y.rule_n, 0);
    yara_close(&y);
    yara_close(&y);
    compile(&y, &t.a, NULL, 0);
    CHECK(!y.code && !y.refused_n);
    yara_close(&y);
    free(big);
    free(dear);
    test_arena_free(&t);
}

static const char about_text[] =
    "rule one : FILE shape { meta: author = \"A. Writer\" description = \"says hello\" reference = \"https://example.org/1\" score = 75\n"
    " strings: $h = \"hello\" $w = \"world\" $n = \"never\" condition: any of them }\n"
    "rule two { meta: axis = \"back_door\" state = \"present\" kind = \"uploader\" confidence = 90 condition: filesize > 3 }\n"
    "rule three { meta: axis = \"back_door\" condition: true }\n"
    "private rule hidden { condition: true }\n"
    "rule four { meta: axis = \"theft\" state = \"suspected\" condition: hidden }\n"
    "rule five { meta: axis = \"use\" state = \"used\" confidence = 500 condition: hidden }\n";

static void tells(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct yara       y = { 0 };
    char             *text = strdup(about_text);
    struct yara_file  f = file("sub/about.yar", text);

    (void)state;
    compile(&y, &t.a, &f, 1);
    free(text);                                   /* the set owns what it needs */
    assert_int_equal(y.rule_n, 6);
    assert_int_equal(y.refused_n, 1);
    CHECK(y.refused[0].told_only && str_has(y.refused[0].why, STR("rule five")));
    struct yara_result r = scan(&y, &t.a, STR("say hello, world, hello"), NULL);
    assert_int_equal(r.hit_n, 5);
    CHECK(!r.limit.n && !r.hit_more);
    const struct yara_hit *h = &r.hit[0];
    CHECK_STR(h->rule, STR("one"));
    CHECK_STR(h->file, STR("sub/about.yar"));
    CHECK_STR(h->author, STR("A. Writer"));
    CHECK_STR(h->description, STR("says hello"));
    CHECK_STR(h->reference, STR("https://example.org/1"));
    CHECK_STR(h->tags, STR("FILE shape"));
    assert_int_equal(h->score, 75);
    assert_int_equal(h->place_n, 2);
    CHECK_STR(h->place[0].name, STR("$h"));
    assert_int_equal(h->place[0].offset, 4);
    assert_int_equal(h->place[1].offset, 11);
    CHECK(h->moves == YARA_REVIEW && r.hit[1].moves == YARA_BACK_DOOR && r.hit[2].moves == YARA_REVIEW && r.hit[3].moves == YARA_LOOT && r.hit[4].moves == YARA_REVIEW);
    CHECK_STR(r.hit[1].kind, STR("uploader"));
    CHECK(r.hit[1].confidence > 0.89 && r.hit[1].confidence < 0.91 && r.hit[4].confidence < 0.01 && r.hit[1].score == -1);
    yara_close(&y);
    test_arena_free(&t);
}

static const struct { const char *condition; bool fits; } about_cases[] = {
    { "filename == \"Page.aspx\"", true }, { "filepath == \"C:\\\\inetpub\\\\wwwroot\"", true }, { "filepath contains \"inetpub\"", true },
    { "extension == \".aspx\"", true }, { "filetype == \"JSP\"", true }, { "md5 == \"00ff\"", true }, { "owner == \"SYSTEM\"", true },
    { "filename matches /^page\\./i", true }, { "filename == \"page.aspx\"", false }, { "filetype == \"EXE\"", false },
};

static void knows_the_file(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct yara_about about = { STR("Page.aspx"), STR("C:\\inetpub\\wwwroot"), STR(".aspx"), STR("JSP"), STR("00ff"), STR("SYSTEM") };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(about_cases); i++) {
        struct yara      y = { 0 };
        char             text[256];
        snprintf(text, sizeof text, "rule r { condition: %s }", about_cases[i].condition);
        struct yara_file f = file("a.yar", text);
        compile(&y, &t.a, &f, 1);
        CHECK_WHY(scan(&y, &t.a, STR("x"), &about).hit_n == about_cases[i].fits, about_cases[i].condition);
        CHECK_WHY(scan(&y, &t.a, STR_EMPTY, NULL).hit_n == 0, about_cases[i].condition);
        yara_close(&y);
    }
    test_arena_free(&t);
}

/* What one scan defined must not be seen by the next of the same scanner. */
static void forgets(void **state)
{
    struct test_arena    t = test_arena(1 << 20);
    struct yara          y = { 0 };
    struct yara_file     f = file("a.yar", "rule r { strings: $a = \"abc\" condition: $a or filename == \"x\" }");
    struct yara_scanner *s;
    struct err           e = { 0 };
    struct yara_about    x = { .filename = STR("x") }, none = { 0 };
    struct yara_result   r;

    (void)state;
    compile(&y, &t.a, &f, 1);
    CHECK(yara_scanner_open(&s, &y, 1, &e));
    CHECK(yara_scan(s, &t.a, STR("..."), &x, &r, &e) && r.hit_n == 1);
    CHECK(yara_scan(s, &t.a, STR("abc"), &none, &r, &e) && r.hit_n == 1 && r.hit[0].place_n == 1);
    CHECK(yara_scan(s, &t.a, STR("..."), &none, &r, &e) && r.hit_n == 0);
    yara_scanner_close(s);
    yara_scanner_close(NULL);
    yara_close(&y);
    test_arena_free(&t);
}

static void limits(void **state)
{
    struct test_arena t = test_arena(8 << 20);
    struct yara       y = { 0 };
    struct yara_file  f[] = { file("a.yar", "rule many { strings: $a = \"a\" condition: #a > 5000000 }"),
                              file("b.yar", "rule forever { condition: for all i in (1..9000000000) : (i > 0 and uint8(i % 10) < 256) }") };
    uint8_t          *body = malloc(2 << 20);

    (void)state;
    memset(body, 'a', 2 << 20);
    compile(&y, &t.a, &f[0], 1);
    struct yara_result r = scan(&y, &t.a, (struct str){ body, 2 << 20 }, NULL);
    CHECK(r.hit_n == 0 && str_has(r.limit, STR("1,000,000")));
    yara_close(&y);
    compile(&y, &t.a, &f[1], 1);
    r = scan(&y, &t.a, (struct str){ body, 100 }, NULL);
    CHECK(r.hit_n == 0 && str_has(r.limit, STR("limit of 1 s")));
    yara_close(&y);

    char text[4096];
    int  n = 0;
    for (int i = 0; i < YARA_HITS_MAX + 3; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "rule r%d { condition: true }\n", i);
    f[0] = file("c.yar", text);
    compile(&y, &t.a, &f[0], 1);
    r = scan(&y, &t.a, STR("x"), NULL);
    CHECK(r.hit_n == YARA_HITS_MAX && r.hit_more == 3);
    yara_close(&y);
    free(body);
    test_arena_free(&t);
}

/* Many strings are built in several sets: nobody sees it. */
static void several_sets(void **state)
{
    enum { FILES = 60, STRINGS = 100 };
    struct test_arena t = test_arena(8 << 20);
    struct yara       y = { 0 };
    struct yara_file  f[FILES];
    char              name[FILES][16];
    char             *text = malloc(FILES * 8192);

    (void)state;
    for (int i = 0; i < FILES; i++) {
        char *p = text + i * 8192;
        snprintf(name[i], sizeof name[i], "f%02d.yar", i);
        int n = snprintf(p, 8192, i == 30 ? "rule r { strings: " : "rule r : s { strings: ");
        for (int k = 0; k < STRINGS; k++)
            n += snprintf(p + n, 8192 - (size_t)n, "$s%d = \"%c%02dword%d\" nocase ", k, 'a' + (i + k) % 26, i, k);
        snprintf(p + n, 8192 - (size_t)n, i == 30 ? "condition: missing }" : "condition: any of them }");
        f[i] = file(name[i], p);
    }
    compile(&y, &t.a, f, FILES);
    CHECK(y.file_n == FILES - 1 && y.rule_n == FILES - 1 && y.refused_n == 1 && str_eq(y.refused[0].file, STR("f30.yar")));
    char all[1024];
    int  n = 0;
    for (int i = 0; i < FILES; i += 5)
        n += snprintf(all + n, sizeof all - (size_t)n, "%c%02dWORD%d ", 'a' + (i + 7) % 26, i, 7);
    struct yara_result r = scan(&y, &t.a, (struct str){ (uint8_t *)all, (size_t)n }, NULL);
    assert_int_equal(r.hit_n, FILES / 5 - 1);
    for (size_t i = 0, k = 0; i < r.hit_n; i++, k += 5) {
        if (k == 30)
            k += 5;
        CHECK_STR(r.hit[i].file, str_c(name[k]));
    }
    yara_close(&y);
    free(text);
    test_arena_free(&t);
}

struct thread { const struct yara *y; pthread_t id; unsigned n, wrong; };

static void *many(void *p)
{
    struct thread       *th = p;
    struct test_arena    t = test_arena(1 << 20);
    struct yara_scanner *s = NULL;
    struct err           e = { 0 };
    struct yara_about    about = { 0 };

    th->wrong += !yara_scanner_open(&s, th->y, YARA_SECONDS, &e);
    for (unsigned i = 0; s && i < 300; i++) {
        struct arena       a = t.a;
        char               body[64];
        struct yara_result r;
        int n = snprintf(body, sizeof body, "%s %u %u", i % 3 ? "nothing" : "needle", th->n, i);
        th->wrong += !yara_scan(s, &a, (struct str){ (const uint8_t *)body, (size_t)n }, &about, &r, &e) || r.hit_n != (i % 3 == 0);
    }
    yara_scanner_close(s);
    test_arena_free(&t);
    return NULL;
}

static void threads(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct yara       y = { 0 };
    struct yara_file  f = file("a.yar", "rule r { strings: $a = /n(e|x)+dle/ condition: $a }");
    struct thread     th[4];

    (void)state;
    compile(&y, &t.a, &f, 1);
    for (unsigned i = 0; i < 4; i++) {
        th[i] = (struct thread){ .y = &y, .n = i };
        CHECK(pthread_create(&th[i].id, NULL, many, &th[i]) == 0);
    }
    for (unsigned i = 0; i < 4; i++) {
        CHECK(pthread_join(th[i].id, NULL) == 0);
        assert_int_equal(th[i].wrong, 0);
    }
    yara_close(&y);
    test_arena_free(&t);
}

static bool all_of_it(struct arena *a, struct err *e)
{
    struct yara          y = { 0 };
    struct yara_file     f[] = { file("a.yar", "rule x : t { condition: true }"), file("b.yar", "rule"), file("c.yar", "rule y { condition: true }") };
    struct yara_scanner *s = NULL;
    struct yara_about    about = { 0 };
    struct yara_result   r;
    bool ok = yara_compile(&y, a, f, 3, e) && yara_scanner_open(&s, &y, 1, e) && yara_scan(s, a, STR("z"), &about, &r, e);

    CHECK(!ok || (r.hit_n == 2 && y.refused_n == 1));
    yara_scanner_close(s);
    yara_close(&y);
    return ok;
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(all_of_it, 1 << 18);
}

static void types(void **state)
{
    (void)state;
    CHECK_STR(yara_type(STR("MZ\x90")), STR("EXE"));
    CHECK_STR(yara_type(STR("PK\x03\x04\x14\x00\x06\x00z")), STR("Office"));
    CHECK_STR(yara_type(STR("PK\x03\x04")), STR("ZIP"));
    CHECK_STR(yara_type(STR("M")), STR_EMPTY);
    CHECK_STR(yara_type(STR_EMPTY), STR_EMPTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses), cmocka_unit_test(bounds), cmocka_unit_test(tells), cmocka_unit_test(knows_the_file), cmocka_unit_test(forgets),
        cmocka_unit_test(limits), cmocka_unit_test(several_sets), cmocka_unit_test(threads), cmocka_unit_test(faults), cmocka_unit_test(types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
