#include "report/summary_fixture.h"

#include "base/winpath.h"
#include "emit/visible.h"
#include "report/support_test.h"
#include "report/words.h"

static void names(void **state)
{
    static const struct { const char *why, *one, *other; bool same; } t[] = {
        { "itself",                        "EXCH01", "EXCH01", true },
        { "whatever the case",             "exch01", "EXCH01", true },
        { "full name and computer name",   "exch01.bakery.example", "EXCH01", true },
        { "two full names, one label",     "mail.a.example", "mail.b.example", false },
        { "the same full name",            "mail.a.example", "MAIL.a.example", true },
        { "another computer",              "EXCH01", "EXCH011", false },
        { "an address has no first label", "10.0.0.5", "10", false },
        { "the same address",              "10.0.0.5", "10.0.0.5", true },
        { "IPv6",                          "fe80::1", "fe80::1", true },
        { "nobody",                        "", "", false },
        { "a dot in front is no label",    ".a", "", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct str a = test_heap(t[i].one, strlen(t[i].one)), b = test_heap(t[i].other, strlen(t[i].other));
        CHECK_WHY(summary_same(a, b) == t[i].same && summary_same(b, a) == t[i].same, t[i].why);
        test_free(a);
        test_free(b);
    }
}

static void folders(void **state)
{
    static const struct { const char *why, *name, *want; } t[] = {
        { "as it is",                     "EXCH01", "EXCH01" },
        { "taken, whatever the case",     "exch01", "exch01-2" },
        { "and again",                    "ExCh01", "ExCh01-3" },
        { "no name",                      "", "unnamed-1" },
        { "no name again",                "", "unnamed-2" },
        { "a path",                       "../../etc/passwd", "server-..-..-etc-passwd" },
        { "only dots",                    "...", "unnamed-3" },
        { "a device of Windows",          "CON", "server-CON" },
        { "with an extension",            "nul.aspx", "server-nul.aspx" },
        { "hidden",                       ".ssh", "server-.ssh" },
        { "an option",                    "-rf", "server--rf" },
        { "a dot at the end",             "a.", "a" },
        { "one of our files",             "Summary.json", "server-Summary.json" },
        { "not one of our files",         "summary", "summary" },
        { "control characters and UTF-8", "a\x1B[2J\xC3\xA9/b", "a--2J---b" },
    };
    struct test_arena a = test_arena(1 << 20);
    struct str        taken[32], got;
    size_t            n = 0;
    struct err        e = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct str name = test_heap(t[i].name, strlen(t[i].name));
        CHECK_WHY(summary_folder(name, taken, n, &a.a, &got, &e), t[i].why);
        if (!str_eq(got, str_c(t[i].want)) || !summary_folder_safe(got))
            fail_msg("%s: %.*s", t[i].why, STR_ARG(got));
        taken[n++] = got;
        test_free(name);
    }
    /* Whatever the bytes: safe, unlike the others, never too long. */
    uint8_t  junk[300];
    uint32_t seed = 7;
    for (int i = 0; i < 2000; i++) {
        struct arena scratch = a.a;
        for (size_t k = 0; k < sizeof junk; k++)
            junk[k] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
        struct str name = test_heap(junk, seed % sizeof junk);
        CHECK(summary_folder(name, taken, n, &scratch, &got, &e) && summary_folder_safe(got) && got.n && !winpath_reserved(got));
        for (size_t k = 0; k < n; k++)
            CHECK(!str_ieq(got, taken[k]));
        test_free(name);
    }
    CHECK(!summary_folder_safe(STR("a/b")) && !summary_folder_safe(STR("..")) && !summary_folder_safe(STR_EMPTY) && !summary_folder_safe(STR("a\" onload=x")));
    test_arena_free(&a);
}

static void rows_and_links(void **state)
{
    struct test_arena      a = test_arena(32 << 20);
    struct summary         s;
    struct summary_shared *shared;
    size_t                 n;
    struct err             e = { 0 };

    (void)state;
    CHECK(summary_worst(&(struct summary){ 0 }) == V_NOT_COVERED);
    CHECK(summary_fixture(&s, &a.a, false, &e));
    CHECK(s.row_n == 5 && summary_worst(&s) == V_BACK_DOOR_USED);
    static const char *const order[] = { "EXCH01", "exch02", "EXCH03", "EXCH04", "unnamed-1" };
    for (size_t i = 0; i < 5; i++)
        CHECK_STR(s.row[i].name, str_c(order[i]));
    const struct summary_row *r = &s.row[0];
    CHECK(r->findings == FIX_FINDINGS && r->back_doors_present == 1 && r->back_doors_removed == 1 && r->ways_back == 2 && r->sessions == 3 && r->intruders == 2);
    CHECK(r->clients.n == 3 && str_eq(r->clients.item[0], STR("192.0.2.150")) && str_eq(r->clients.item[2], STR("203.0.113.77")) && r->clients_omitted == 0);
    CHECK(s.row[3].failed && s.row[3].verdict == V_NOT_COVERED && str_has(s.row[3].error, STR("512 bytes")));
    CHECK(s.link_n == 2 && s.link[0].from == 0 && s.link[1].from == 2);
    CHECK_WHY(s.link[0].hunted && s.link[0].to_row == 1 && str_eq(s.link[0].to, STR("EXCH02")), "without case");
    CHECK(summary_shared(&s, &a.a, &shared, &n, &e) && n == 3 && shared[0].row_n == 2 && shared[0].row[0] == 0 && shared[0].row[1] == 2);
    test_arena_free(&a);
}

/* A server that failed answers for nobody, and one that was not given is told as missing. */
static void links_to_nowhere(void **state)
{
    struct test_arena a = test_arena(32 << 20);
    struct summary    s = { 0 };
    struct err        e = { 0 }, why = { 0 };
    struct str        taken[4];
    size_t            n = 0;

    (void)state;
    err_set(&why, ERR_IO, "unreadable");
    CHECK(summary_fixture_row(&s, &a.a, FIX_FULL, "EXCH01", taken, &n, &e) && summary_fail(&s, STR("exch02.bakery.example"), STR("x"), &why, &a.a, &e));
    CHECK(summary_settle(&s, &a.a, &e) && s.link_n == 1 && !s.link[0].hunted && s.link[0].to_row == 1);
    s.row_n = 1;
    CHECK(summary_settle(&s, &a.a, &e) && !s.link[0].hunted && s.link[0].to_row == UINT32_MAX);
    test_arena_free(&a);
}

static void many(void **state)
{
    struct test_arena a = test_arena(64 << 20);
    struct summary    s = { 0 };
    struct err        e = { 0 }, why = { 0 };
    char              name[16];

    (void)state;
    err_set(&why, ERR_IO, "unreadable");
    for (int i = 0; i < SUMMARY_ROWS_MAX; i++) {
        snprintf(name, sizeof name, "S%d", i);
        CHECK(summary_fail(&s, str_c(name), str_c(name), &why, &a.a, &e));
    }
    CHECK(!summary_fail(&s, STR("x"), STR("x"), &why, &a.a, &e) && e.kind == ERR_LIMIT);
    test_arena_free(&a);
}

/* ---- forms ---- */

enum form { JSON, HTML, CSV, TERMINAL_80, TERMINAL_COLOUR, FORMS };

static bool write_summary(struct out *o, const struct summary *s, enum form f, struct arena scratch, struct err *e)
{
    switch (f) {
    case JSON: return summary_json(o, s, scratch, e);
    case HTML: return summary_html(o, s, scratch, e);
    case CSV:  return summary_csv(o, s, scratch, e);
    default:   return summary_terminal(o, s, scratch, f == TERMINAL_COLOUR, 80, e);
    }
}

static struct str text_of(struct test_arena *a, bool hostile, enum form f)
{
    struct summary s;
    struct out_mem m = { .a = &a->a };
    struct out    *o = malloc(sizeof *o);
    struct err     e = { 0 };

    CHECK(summary_fixture(&s, &a->a, hostile, &e));
    struct arena scratch = { a->a.end - (1 << 20), a->a.end, NULL };
    a->a.end = scratch.beg;
    out_open(o, out_mem_put, &m);
    if (!write_summary(o, &s, f, scratch, &e))
        fail_msg("%s", e.what);
    free(o);
    return out_mem_str(&m);
}

static void what_they_say(void **state)
{
    struct test_arena a = test_arena(64 << 20);
    struct str        json = text_of(&a, false, JSON), html = text_of(&a, false, HTML), csv = text_of(&a, false, CSV), screen = text_of(&a, false, TERMINAL_80);

    (void)state;
    CHECK(str_has(json, STR("\n  \"worst\": {\"verdict\": \"back_door_used\", \"exit_code\": 7},\n")));
    CHECK_WHY(str_has(json, STR("\n    {\"server\": \"EXCH01\", \"verdict\": \"back_door_used\", \"door_open\": \"yes\", ")), "one line a server");
    CHECK(str_has(json, STR("{\"from\": \"EXCH01\", \"to\": \"EXCH02\", \"hunted\": true, \"server\": \"exch02\", ")));
    CHECK(str_has(json, STR("{\"client\": \"192.0.2.150\", \"servers\": [\"EXCH01\", \"EXCH03\"]}")));
    CHECK(str_has(html, STR("<title>5 servers: Back door, used (Afterpatch)</title>")) && str_has(html, STR("<a href=\"EXCH01/report.html\">EXCH01</a>")));
    CHECK(!str_has(html, STR("EXCH04/report.html")) && str_has(html, STR("No report</span><div class=\"sub\">the archive is cut")));
    CHECK(count_of(csv, STR("\r\n")) == 6 && str_has(csv, STR("\r\nEXCH01,back_door_used,yes,unpatched,2021-03-03T04:11:00Z,")));
    CHECK(str_has(screen, STR("5 servers\n     2  Back door, used\n")));
    CHECK(str_has(screen, STR("\nServer     Verdict             Way in      Back doors  First seen\n")));
    CHECK(str_has(screen, STR("\nEXCH01     Back door, used     open        1 present   3 Mar 2021\n")));
    CHECK(str_has(screen, STR("\nEXCH04     no report: the archive is cut at 512 bytes\n")));
    CHECK(str_has(screen, STR("\nThe same address got into several:\n  192.0.2.150  EXCH01, EXCH03\n")));
    test_arena_free(&a);
}

static void hostile_names(void **state)
{
    struct test_arena a = test_arena(64 << 20);

    (void)state;
    for (int f = 0; f < FORMS; f++) {
        struct str t = text_of(&a, true, (enum form)f);
        CHECK(utf8_valid(t) && !str_has(t, STR("\x07")) && !str_has(t, STR("\xE2\x80\xAE")) && !str_has(t, STR("\x1B[2J")) && !str_has(t, STR("\x1B]")));
        CHECK(f == TERMINAL_COLOUR || !str_has(t, STR("\x1B")));
        CHECK(f == CSV || f == JSON || f >= TERMINAL_80 || (!str_has(t, STR("<script")) && !str_has(t, STR("<img")) && str_has(t, STR("&lt;script&gt;"))));
        CHECK(f != CSV || (!str_has(t, STR("\r\n=")) && !str_has(t, STR(",="))));
    }
    test_arena_free(&a);
}

static size_t columns(struct str line)
{
    size_t n = 0;

    while (line.n) {
        size_t esc = str_find(line, STR("\x1B["));
        n += visible_columns(str_sub(line, 0, esc));
        if (esc == STR_NONE)
            break;
        line = str_from(line, esc + str_chr(str_from(line, esc), 'm') + 1);
    }
    return n;
}

static void no_line_is_too_wide(void **state)
{
    static const uint32_t width[] = { 0, 40, 51, 52, 63, 64, 77, 78, 80, 120, 1000 };

    (void)state;
    for (int hostile = 0; hostile < 2; hostile++)
        for (size_t w = 0; w < sizeof width / sizeof *width; w++) {
            struct test_arena a = test_arena(32 << 20);
            struct summary    s;
            struct out_mem    m = { .a = &a.a };
            struct out       *o = malloc(sizeof *o);
            struct err        e = { 0 };
            struct str        rest, line;
            size_t            most = width[w] < 40 ? 40 : width[w] > 120 ? 120 : width[w];

            CHECK(summary_fixture(&s, &a.a, hostile, &e));
            struct arena scratch = { a.a.end - (1 << 20), a.a.end, NULL };
            a.a.end = scratch.beg;
            out_open(o, out_mem_put, &m);
            CHECK(summary_terminal(o, &s, scratch, w % 2, width[w], &e));
            rest = out_mem_str(&m);
            while (str_cut(&rest, '\n', &line))
                if (columns(line) > most)
                    fail_msg("%u: %zu columns: %.*s", width[w], columns(line), STR_ARG(line));
            free(o);
            test_arena_free(&a);
        }
}

static bool work(struct arena *a, struct err *e)
{
    struct summary s;
    struct out    *o = malloc(sizeof *o);
    bool           ok = true;
    /* The reports are not what is tested: they come from an arena of their own. */
    struct test_arena own = test_arena(8 << 20);
    struct fixture   *x = fixture_make(&own.a, FIX_FULL);
    struct str        folder;

    s = (struct summary){ .tool_version = STR("0"), .started_us = TIME_NONE };
    x->found.server.name = STR("EXCH02");
    ok = summary_folder(STR("CON"), NULL, 0, a, &folder, e) && summary_add(&s, &x->r, folder, a, e);
    x->found.server.name = STR("EXCH01");
    ok = ok && summary_add(&s, &x->r, folder, a, e) && summary_settle(&s, a, e);
    test_arena_free(&own);
    for (int f = 0; ok && f < FORMS; f++) {
        out_open(o, swallow, NULL);
        ok = write_summary(o, &s, (enum form)f, *a, e);
    }
    free(o);
    return ok;
}

static void memory_runs_out(void **state)
{
    (void)state;
    fault_sweep(work, 4 << 20);
}

static void a_full_disk(void **state)
{
    struct test_arena a = test_arena(32 << 20);
    struct out       *o = malloc(sizeof *o);

    (void)state;
    for (int f = 0; f < FORMS; f++) {
        struct summary s;
        struct err     e = { 0 };
        size_t         left = 0;
        CHECK(summary_fixture(&s, &a.a, false, &e));
        out_open(o, full_disk, &left);
        CHECK(!write_summary(o, &s, (enum form)f, a.a, &e) && e.kind == ERR_IO);
    }
    free(o);
    test_arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(folders),
        cmocka_unit_test(rows_and_links),
        cmocka_unit_test(links_to_nowhere),
        cmocka_unit_test(many),
        cmocka_unit_test(what_they_say),
        cmocka_unit_test(hostile_names),
        cmocka_unit_test(no_line_is_too_wide),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(a_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
