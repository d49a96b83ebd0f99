/* The page as text; in a browser it is looked at by tests/browser. */
#include "base/num.h"
#include "report/page.h"
#include "report/support_test.h"

static void moods(void **state)
{
    (void)state;
    every_mood(report_html_write);
}

static void what_it_says(void **state)
{
    struct drawn d = draw(FIX_FULL, report_html_write);

    (void)state;
    CHECK(str_starts(d.text, STR("<!doctype html>\n<html lang=\"en\">")));
    CHECK(str_has(d.text, STR("<title>exch01.bakery.example: Back door, used (Afterpatch)</title>")));
    CHECK(str_has(d.text, STR("administrator session through CVE-2021-26855 (<a class=\"ref\" href=\"#F0003\">F0003</a>)")));
    CHECK(str_has(d.text, STR("<pre tabindex=\"0\">robocopy D:\\Exch\\V15\\Logging E:\\save\\Logging /E /COPY:DAT\nrobocopy")));
    CHECK(str_has(d.text, STR("<div class=\"hash\">record SHA-256 <code>a1a1a1a1")));
    CHECK(count_of(d.text, STR("<article class=\"finding ")) == FIX_FINDINGS);
    CHECK(count_of(d.text, STR("<article class=\"tile ")) == 5);
    drawn_free(&d);
}

static void a_large_report_stays_a_page(void **state)
{
    struct drawn d = draw(FIX_HUGE, report_html_write);

    (void)state;
    CHECK(count_of(d.text, STR("<article class=\"finding ")) == PAGE_FINDINGS);
    CHECK(str_has(d.text, STR("5,700 more in report.json")) && d.text.n < 1500000);
    CHECK_WHY(str_has(d.text, STR("id=\"F0001\"")) && str_has(d.text, STR("id=\"F0010\"")), "what claims cite is shown");
    drawn_free(&d);
}

static void marks(void **state)
{
    static const struct { const char *why, *in, *want; } t[] = {
        { "a paragraph over two lines",  "a\nb\n\nc", "<p>a\nb</p>\n<p>c</p>\n" },
        { "bullets, one continued",      "- a\n  b\n- c", "<ul>\n<li>a\n  b</li>\n<li>c</li>\n</ul>\n" },
        { "numbers after bullets",       "- a\n1. b\n", "<ul>\n<li>a</li>\n</ul>\n<ol>\n<li>b</li>\n</ol>\n" },
        { "code keeps its lines",        "```sh\na <b\n\n c\n```\nd", "<pre tabindex=\"0\">a &lt;b\n\n c</pre>\n<p>d</p>\n" },
        { "code that is not closed",     "```\na", "<pre tabindex=\"0\">a</pre>\n" },
        { "inline marks",                "x `a**b` **c `d`**", "<p>x <code>a**b</code> <strong>c <code>d</code></strong></p>\n" },
        { "marks that are not closed",   "a ` b ** c", "<p>a &#96; b ** c</p>\n" },
        { "a word in stars",             "the *Exchange service*, (*a*)", "<p>the <em>Exchange service</em>, (<em>a</em>)</p>\n" },
        { "stars of file names stay",    "*.aspx, *.asmx and a*b*c, 2 * 3 * 4", "<p>*.aspx, *.asmx and a*b*c, 2 * 3 * 4</p>\n" },
        { "numbers go on after code",    "1. a\n```\nx\n```\n2. b", "<ol>\n<li>a</li>\n</ol>\n<pre tabindex=\"0\">x</pre>\n<ol start=\"2\">\n<li>b</li>\n</ol>\n" },
        { "a heading is a paragraph",    "## a", "<p>a</p>\n" },
        { "no link is made of Markdown", "[a](http://evil.invalid)", "<p>[a](http://evil.invalid)</p>\n" },
        { "a tag is text",               "<b>`<i>`", "<p>&lt;b&gt;<code>&lt;i&gt;</code></p>\n" },
        { "a known finding is a link",   "see F0002.", "<p>see <a class=\"ref\" href=\"#F0002\">F0002</a>.</p>\n" },
        { "others are not",              "F9999 F00021 xF0002 F0002x F000", "<p>F9999 F00021 xF0002 F0002x F000</p>\n" },
        { "nothing",                     "", "" },
        { "only marks",                  "**", "<p>**</p>\n" },
    };
    struct test_arena a = test_arena(8 << 20);
    struct fixture   *x = fixture_make(&a.a, FIX_FULL);
    struct out       *o = malloc(sizeof *o);
    struct page       p = { .o = o, .r = &x->r };

    (void)state;
    CHECK(page_choose(&x->r, &a.a, &p.shown, NULL));
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct out_mem m = { .a = &a.a };
        struct str     in = test_heap(t[i].in, strlen(t[i].in));

        out_open(o, out_mem_put, &m);
        page_markdown(&p, in);
        CHECK(out_done(o, NULL));
        if (!str_eq(out_mem_str(&m), str_c(t[i].want)))
            fail_msg("%s: %.*s", t[i].why, STR_ARG(out_mem_str(&m)));
        test_free(in);
    }
    free(o);
    test_arena_free(&a);
}

static void places(void **state)
{
    (void)state;
    CHECK(page_scale(0, 0, 100) == 0 && page_scale(50, 0, 100) == 5000 && page_scale(100, 0, 100) == 10000);
    CHECK(page_scale(-5, 0, 100) == 0 && page_scale(500, 0, 100) == 10000 && page_scale(5, 7, 7) == 0);
}

/* An intrusion that lasted an instant, and one that spans the calendar: the plots still have ends. */
static void odd_times(void **state)
{
    static const int64_t year[][2] = { { 2021, 2021 }, { 1601, 9999 }, { 2020, 2021 } };
    int64_t first = 0, last = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(year); i++) {
        struct test_arena a = test_arena(8 << 20);
        struct fixture   *x = fixture_make(&a.a, FIX_FULL);
        struct out_mem    m = { .a = &a.a };
        struct out       *o = malloc(sizeof *o);
        struct err        e = { 0 };
        struct arena      scratch = { a.a.end - (1 << 20), a.a.end, NULL };

        a.a.end = scratch.beg;
        CHECK(time_civil((int)year[i][0], 1, 1, 0, 0, 0, 0, &first) && time_civil((int)year[i][1], 12, 31, 23, 59, 59, 0, &last));
        for (size_t k = 0; k < x->r.finding_n; k++) {
            x->r.finding[k].time_us = k % 2 && i ? last : first;
            x->r.finding[k].last_us = x->r.finding[k].time_us;
        }
        if (i < 2)
            x->r.campaign.window_from_us = x->r.campaign.window_to_us = x->found.newest_us = i ? TIME_NONE : first;
        out_open(o, out_mem_put, &m);
        CHECK(report_html_write(o, &x->r, scratch, &e));
        CHECK(count_of(out_mem_str(&m), STR("class=\"tick\"")) <= 60);
        free(o);
        test_arena_free(&a);
    }
}

static bool work(struct arena *a, struct err *e)
{
    struct fault   *fault = a->fault;
    struct out     *o = malloc(sizeof *o);
    struct fixture *x;
    bool            ok;

    a->fault = NULL;                                   /* the fixture is not what is tested */
    x = fixture_make(a, FIX_FULL);
    a->fault = fault;
    out_open(o, swallow, NULL);
    ok = report_html_write(o, &x->r, *a, e);
    free(o);
    return ok;
}

static void memory_runs_out(void **state)
{
    (void)state;
    fault_sweep(work, 8 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moods),
        cmocka_unit_test(what_it_says),
        cmocka_unit_test(a_large_report_stays_a_page),
        cmocka_unit_test(marks),
        cmocka_unit_test(places),
        cmocka_unit_test(odd_times),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
