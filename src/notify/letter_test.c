/* Letters: as many pages as they say, the same bytes each time, and nothing hostile leaves its box. AP_LETTERS=FOLDER keeps them, to be looked at. */
#include "test.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "notify/letter_fixture.h"
#include "notify/pdf.h"

enum { ROOM = 64 << 20, TEXT_MAX = 4 << 20 };
static struct world { struct pack pack; struct test_arena a; char dir[32]; bool tools; struct letter_case *c; } w;

static struct str letter(const char *keep_as)
{
    struct err  e = { 0 };
    struct str  pdf;
    const char *keep = getenv("AP_LETTERS");
    char        path[512];

    if (!compose_letter(letter_told(w.c), &w.c->from, &w.pack, &w.a.a, &pdf, &e))
        fail_msg("%s: %s", e.where, e.what);
    for (int i = 0; i < (keep ? 2 : 1); i++) {
        snprintf(path, sizeof path, "%s/%s.pdf", i ? keep : w.dir, keep_as);
        FILE *f = fopen(path, "wb");
        CHECK(f && fwrite(pdf.p, 1, pdf.n, f) == pdf.n && fclose(f) == 0);
    }
    return pdf;
}

/* What a program says of the letter that was kept last; empty: it is not installed. */
static struct str ask(const char *how, const char *name)
{
    char  command[256];
    char *text = malloc(TEXT_MAX);

    snprintf(command, sizeof command, how, w.dir, name);
    FILE  *f = popen(command, "r");
    size_t n = f ? fread(text, 1, TEXT_MAX, f) : 0;
    CHECK(f && pclose(f) == 0);
    struct str s = str_dup(&w.a.a, (struct str){ (const uint8_t *)text, n });
    free(text);
    return s;
}
#define TEXT "pdftotext -layout '%s/%s.pdf' -"
#define BOXES "pdftotext -bbox '%s/%s.pdf' -"

static size_t times(struct str text, struct str part)
{
    size_t n = 0, at;

    for (; (at = str_find(text, part)) != STR_NONE; text = str_from(text, at + part.n))
        n++;
    return n;
}

static struct str page(struct str text, int at)
{
    struct str one = STR_EMPTY;

    for (int i = 0; i <= at; i++)
        if (!str_cut(&text, '\f', &one))
            return STR_EMPTY;
    return one;
}

/* All words of all pages lie between the margins; of page 1 those of the address in the window, and the text ends above the box. */
static void check_boxes(const char *name, const char *why)
{
    struct str all = ask(BOXES, name), line;
    int        pages = 0;

    while (str_cut(&all, '\n', &line)) {
        double x1, y1, x2, y2;
        char   text[400];
        pages += str_has(line, STR("<page "));
        snprintf(text, sizeof text, "%.*s", (int)(line.n < 399 ? line.n : 399), (const char *)line.p);
        if (sscanf(text, " <word xMin=\"%lf\" yMin=\"%lf\" xMax=\"%lf\" yMax=\"%lf\"", &x1, &y1, &x2, &y2) != 4)
            continue;
        double mm = 25.4 / 72;
        if (x1 * mm < 24.5 || x2 * mm > 191 || y1 * mm < 11 || y2 * mm > 290)
            fail_msg("%s: page %d: %s", why, pages, text);
        if (pages == 1 && y1 * mm > 44 && y2 * mm < 95 && x1 * mm < 120 && (x2 * mm > 105.5 || y1 * mm < 57 || y2 * mm > 92))
            fail_msg("%s: beside the window: %s", why, text);
        if (pages == 1 && y1 * mm < 243 && y2 * mm > 244)
            fail_msg("%s: two texts meet: %s", why, text);
    }
    CHECK(pages > 0);
}

/* --- what is in it --- */

static void test_one_server(void **state)
{
    static const struct { const char *language, *name, *part[13]; } c[] = {
        { "en", "en-1", { "Dear Sir or Madam", "Yours faithfully", "mail0.bakery.example", "Page 1 of 2", "K7QD W2MZ XA5R TB3N FU6C YHVL PE", "0123 4567 89AB", "Example Security", "https://www.cert.example/contact",
                          "Case", "2021-03-06", "business register", "server off from" } },
        { "de", "de-1", { "Sehr geehrte Damen und Herren", "Mit freundlichen Gr\xc3\xbc\xc3\x9f" "en", "mail0.bakery.example", "Seite 1 von 2", "K7QD W2MZ XA5R TB3N FU6C YHVL PE", "0123 4567 89AB", "Fall" } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        letter_fill(w.c, c[i].language, FINDING_BACKDOORED, 1, &w.a.a);
        struct str pdf = letter(c[i].name);
        static const char *const active[] = { "/Annot", "/URI", "/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/AcroForm", "/OpenAction", "/AA ", "/RichMedia" };
        for (size_t k = 0; k < COUNT_OF(active); k++)
            CHECK_WHY(!str_has(pdf, str_c(active[k])), active[k]);
        CHECK(str_starts(pdf, STR("%PDF-1.4")) && str_has(pdf, STR("/FontFile")) && str_has(pdf, STR("20210306140211")) && !str_has(pdf, STR("/ModDate")));
        if (!w.tools)
            continue;
        struct str text = ask(TEXT, c[i].name), first = page(text, 0), second = page(text, 1);
        for (size_t k = 0; k < COUNT_OF(c[i].part) && c[i].part[k]; k++)
            CHECK_WHY(str_has(first, str_c(c[i].part[k])), c[i].part[k]);
        assert_int_equal(times(text, STR("\f")), 2);
        CHECK(str_has(second, STR("k7qdw2mzxa5rtb3nfu6cyhvlpe")) && str_has(second, STR("sample.aspx")) && str_has(second, STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")));
        CHECK(!str_has(first, STR("sample.aspx")));                  /* the mail room reads page 1 */
        check_boxes(c[i].name, c[i].name);
    }
}

static void test_long(void **state)
{
    char name[64];

    (void)state;
    letter_fill(w.c, "de", FINDING_BACKDOORED, 60, &w.a.a);
    w.c->t.more = 7;
    letter("de-60");
    letter_fill(w.c, "en", FINDING_VULNERABLE, 1, &w.a.a);
    letter("en-vulnerable");
    if (!w.tools)
        return;
    struct str text = ask(TEXT, "de-60");
    size_t     pages = times(text, STR("\f")), heads = times(text, STR("Gesehen von"));
    CHECK(pages == 6 && heads == pages - 1);                         /* the table's head again on each page */
    for (size_t i = 0; i < pages; i++) {
        snprintf(name, sizeof name, "Seite %zu von %zu", i + 1, pages);
        CHECK_WHY(str_has(page(text, (int)i), str_c(name)), name);
    }
    for (int i = 1; i < 60; i++) {
        snprintf(name, sizeof name, "mail%d.bakery.example", i);
        CHECK_WHY(times(text, str_c(name)) == 1, name);
    }
    CHECK(str_has(text, STR("Hier nicht gezeigt: 7")));
    check_boxes("de-60", "60 servers");
}

static void test_minimal_and_test(void **state)
{
    (void)state;
    letter_fill(w.c, "en", FINDING_BACKDOORED, 2, &w.a.a);
    w.c->n.minimal = true;
    letter("en-minimal");
    letter_fill(w.c, "de", FINDING_BACKDOORED, 1, &w.a.a);
    w.c->from.test = true;
    letter("de-test");
    letter_fill(w.c, "fr", FINDING_CLEAN, 1, &w.a.a);                /* no French: English */
    letter("fr-clean");
    if (!w.tools)
        return;
    struct str text = ask(TEXT, "en-minimal");
    CHECK(times(text, STR("\f")) == 1 && !str_has(text, STR("bakery.example")) && !str_has(text, STR("back door")) && str_has(text, STR("switchboard")) && str_has(text, STR("Page 1 of 1")));
    text = ask(TEXT, "de-test");
    CHECK(str_has(page(text, 0), STR("TEST")) && str_has(page(text, 1), STR("TEST")));
    CHECK(str_has(ask(TEXT, "fr-clean"), STR("Dear Sir or Madam")));
}

/* The same letter by another process: its exit status. */
static int elsewhere(const char *path)
{
    char    self[256];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    int     status = -1;

    CHECK(n > 0 && setenv("AP_LETTER_INTO", path, 1) == 0);
    self[n] = 0;
    pid_t pid = fork();
    if (pid == 0) {
        execl(self, self, (char *)NULL);
        _exit(127);
    }
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && unsetenv("AP_LETTER_INTO") == 0);
    return WEXITSTATUS(status);
}

static void test_same_bytes(void **state)
{
    char  path[128];
    FILE *f;

    (void)state;
    letter_fill(w.c, "en", FINDING_BACKDOORED, 3, &w.a.a);
    struct str a = letter("a"), b = letter("b");
    CHECK(a.n > 10000 && str_eq(a, b));
    /* In another process memory lies elsewhere. */
    snprintf(path, sizeof path, "%s/other", w.dir);
    CHECK(elsewhere(path) == 0);
    uint8_t *other = malloc(a.n + 1);
    CHECK((f = fopen(path, "rb")) && fread(other, 1, a.n + 1, f) == a.n && fclose(f) == 0 && memcmp(other, a.p, a.n) == 0);
    free(other);
    CHECK(unlink(path) == 0);
}

enum { NO_FONT = 2 };

/* Another font would make another letter: refused in words. */
static void test_no_font(void **state)
{
    char  path[128], into[128];
    FILE *f;

    (void)state;
    snprintf(path, sizeof path, "%s/fonts.conf", w.dir);
    snprintf(into, sizeof into, "%s/none", w.dir);
    CHECK((f = fopen(path, "w")) && fputs("<?xml version=\"1.0\"?><fontconfig></fontconfig>\n", f) >= 0 && fclose(f) == 0);
    CHECK(setenv("FONTCONFIG_FILE", path, 1) == 0);
    CHECK(elsewhere(into) == NO_FONT && unsetenv("FONTCONFIG_FILE") == 0 && access(into, F_OK) != 0);
}

struct thread { struct letter_case *c; struct test_arena a; struct str pdf; bool ok; };
static void *render(void *ctx)
{
    struct thread *t = ctx;
    struct err     e = { 0 };

    t->ok = true;
    for (int i = 0; i < 2; i++)
        t->ok &= compose_letter(letter_told(t->c), &t->c->from, &w.pack, &t->a.a, &t->pdf, &e);
    return NULL;
}

/* The plan renders on several threads: each the same as alone. */
static void test_threads(void **state)
{
    struct thread t[3];
    pthread_t     id[3];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        t[i] = (struct thread){ .c = malloc(sizeof *t[i].c), .a = test_arena(16 << 20) };
        letter_fill(t[i].c, "de", FINDING_BACKDOORED, 3, &t[i].a.a);
        CHECK(pthread_create(&id[i], NULL, render, &t[i]) == 0);
    }
    letter_fill(w.c, "de", FINDING_BACKDOORED, 3, &w.a.a);
    struct str alone = letter("alone");
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        CHECK(pthread_join(id[i], NULL) == 0 && t[i].ok && str_eq(t[i].pdf, alone));
        test_arena_free(&t[i].a);
        free(t[i].c);
    }
}

/* --- what an intruder, or a bad register, could write --- */

static struct str repeat(const char *part, size_t n)
{
    size_t   k = strlen(part);
    uint8_t *p = TAKE(&w.a.a, uint8_t, n * k);

    CHECK(p);
    for (size_t i = 0; i < n; i++)
        memcpy(p + i * k, part, k);
    return (struct str){ p, n * k };
}

static void test_hostile(void **state)
{
    const struct { struct str text; const char *why; } c[] = {
        { repeat("W", 10000), "10,000 letters in one word" }, { repeat("mm ", 4000), "12,000 bytes in words" }, { repeat("a\n", 500), "500 lines" },
        { STR("<span size='90000'>x</span> &amp; {{case}} {{?host}} ## finding clean %s %n"), "markup, placeholders, formats" },
        { STR("\xe2\x80\xae" "gpj.exe \xe2\x81\xa6 x \xe2\x80\x8f\x01\x1b[31m\x7f\r\t\x0c"), "direction and control characters" },
        { STR("\xd7\x90\xd7\x91\xd7\x92 \xd8\xa7\xd9\x84\xd8\xb9 \xe6\xbc\xa2\xe5\xad\x97 \xf0\x9f\x92\xa3 \xe2\x98\xa0"), "other scripts" }, { STR("\xff\xfe\xc3(\xed\xa0\x80 end"), "no UTF-8" },
        { str_cat(&w.a.a, STR("Z"), repeat("\xcc\x81\xcc\xa8\xcd\xaa", 300)), "marks that pile up" }, { STR("https://evil.example/ javascript:alert(1) www.evil.example"), "links" },
        { ((struct str){ (const uint8_t *)"a\0b", 3 }), "NUL" }, { STR_EMPTY, "nothing" }, { STR("   "), "blanks" },
    };
    int shown = 0;

    (void)state;
    /* Each of them in some places; all together in each. */
    for (size_t i = 0; i < COUNT_OF(c); i += 2) {
#define AT(k) c[(i + (k)) % COUNT_OF(c)].text
        letter_fill(w.c, "en", FINDING_BACKDOORED, 3, &w.a.a);
        for (size_t k = 0; k < 2; k++) {
            struct str t = AT(3 + k);
            w.c->server[k] = (struct told_server){ .host = t, .ip = t, .product = t, .build = t, .finding = t, .detector = t, .cve = t, .path = t, .sha256 = t, .port = 443, .seen_us = TIME_NONE,
                                                   .case_name = t, .organisation = t, .confidence = 200, .tlp = t };
        }
        w.c->n.contact = AT(0);
        w.c->t.contact_source = w.c->t.organisation = AT(1);
        w.c->t.legal = w.c->from.postal = AT(2);
        w.c->t.steps = AT(5);
        char name[32];
        snprintf(name, sizeof name, "hostile-%zu", i);
        struct str pdf = letter(name);
        CHECK_WHY(!str_has(pdf, STR("/Annot")) && pdf.n < (1 << 20), c[i].why);
        if (!w.tools)
            continue;
        check_boxes(name, c[i].why);
        struct str text = ask(TEXT, name);
        CHECK_WHY(times(text, STR("\f")) <= 12 && str_has(page(text, 0), STR("Page 1 of")) && str_has(page(text, 0), STR("Yours faithfully")), c[i].why);
        CHECK_WHY(str_has(text, STR("Please call us")), c[i].why);                           /* nothing was pushed out */
        CHECK_WHY(i == 6 || times(text, STR("//evil.example")) == times(text, STR("[:]//evil.example")), c[i].why);       /* at 6 they are the team's own words */
        shown += str_has(text, STR("{{case}}")) && str_has(text, STR("<span"));
    }
    CHECK(!w.tools || shown);                                                                /* shown, not obeyed */
}

/* --- memory --- */

static bool work(uint32_t left, bool *ret_fired, struct err *e)
{
    struct test_arena t = test_arena(16 << 20);
    struct fault      f = { .left = left };
    struct str        pdf = STR_EMPTY;

    t.a.fault = &f;
    bool ok = compose_letter(letter_told(w.c), &w.c->from, &w.pack, &t.a, &pdf, e);
    CHECK(ok == (pdf.n > 0) && (!ok || (str_starts(pdf, STR("%PDF-")) && str_has(pdf, STR("%%EOF")))));
    *ret_fired = f.fired;
    test_arena_free(&t);
    return ok;
}

/* Each step would take a minute: a part of them, at growing distances. */
static void test_faults(void **state)
{
    bool     fired = true;
    uint32_t n = 1, tried = 0;

    (void)state;
    letter_fill(w.c, "en", FINDING_BACKDOORED, 1, &w.a.a);
    for (; fired; n += 1 + n / 6, tried++) {
        struct err e = { 0 };
        bool       ok = work(n, &fired, &e);
        if (ok ? fired : e.kind != ERR_MEMORY || !e.what[0])
            fail_msg("fault %u: ok %d, kind %d, \"%s\"", n, ok, (int)e.kind, e.what);
    }
    CHECK(tried > 20);
}

static int setup(void **state)
{
    struct err e = { 0 };

    (void)state;
    w.a = test_arena(ROOM);
    w.c = malloc(sizeof *w.c);
    w.tools = system("pdftotext -v >/dev/null 2>&1") == 0;
    if (!w.tools)
        print_message("what stands on the pages is left out: pdftotext is not installed (package poppler-utils)\n");
    snprintf(w.dir, sizeof w.dir, "/tmp/ap_letter.XXXXXX");
    return mkdtemp(w.dir) && pack_load_embedded(&w.pack, &w.a.a, STR("proxylogon"), &e) ? 0 : 1;
}

static int teardown(void **state)
{
    char command[64];

    (void)state;
    snprintf(command, sizeof command, "rm -rf -- '%s'", w.dir);
    free(w.c);
    test_arena_free(&w.a);
    return system(command);
}

/* The letter of test_same_bytes once more, by itself. */
static int other(const char *path)
{
    struct err e = { 0 };
    struct str pdf;
    bool       ok = setup(NULL) == 0;

    letter_fill(w.c, "en", FINDING_BACKDOORED, 3, &w.a.a);
    ok = ok && compose_letter(letter_told(w.c), &w.c->from, &w.pack, &w.a.a, &pdf, &e);
    FILE *f = ok ? fopen(path, "wb") : NULL;
    ok = f && fwrite(pdf.p, 1, pdf.n, f) == pdf.n && fclose(f) == 0;
    bool no_font = e.kind == ERR_IO && strstr(e.what, "is not installed") && strstr(e.hint, "fonts-dejavu-core");
    return teardown(NULL) == 0 && ok ? 0 : no_font ? NO_FONT : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_one_server), cmocka_unit_test(test_long), cmocka_unit_test(test_minimal_and_test), cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_no_font), cmocka_unit_test(test_threads), cmocka_unit_test(test_hostile),
                                        cmocka_unit_test(test_faults) };
    const char *into = getenv("AP_LETTER_INTO");

    return into ? other(into) : cmocka_run_group_tests(tests, setup, teardown);
}
