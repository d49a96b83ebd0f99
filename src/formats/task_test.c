#include "test.h"

#include "base/num.h"
#include "formats/task.h"

static struct str wide(const char *s)
{
    size_t   n = strlen(s);
    uint8_t *p = malloc(2 * n + 2);

    p[0] = 0xff;
    p[1] = 0xfe;
    for (size_t i = 0; i < n; i++) {
        p[2 + 2 * i] = (uint8_t)s[i];
        p[3 + 2 * i] = 0;
    }
    return (struct str){ p, 2 * n + 2 };
}

static const char sample[] =
    "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n"
    "  <RegistrationInfo><Date>2021-03-03T02:20:00</Date><Author>BAKERY\\EXCH01$</Author><URI>\\Tea</URI></RegistrationInfo>\r\n"
    "  <Triggers><TimeTrigger><Repetition><Interval>PT45M</Interval></Repetition><StartBoundary>2021-03-03T02:20:00</StartBoundary></TimeTrigger><BootTrigger /></Triggers>\r\n"
    "  <Principals><Principal id=\"Author\"><UserId>S-1-5-18</UserId><RunLevel>HighestAvailable</RunLevel></Principal></Principals>\r\n"
    "  <Settings><Hidden>true</Hidden></Settings>\r\n"
    "  <Actions Context=\"Author\"><Exec><Command>cmd.exe</Command><Arguments>/c a &amp; b</Arguments><WorkingDirectory>C:\\x</WorkingDirectory></Exec>"
    "<ComHandler><ClassId>{0F87369F-A4E5-4CFC-BD3E-73E6154572DD}</ClassId><Data>x</Data></ComHandler></Actions>\r\n</Task>\r\n";

static void xml(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        struct test_arena t = test_arena(1 << 20);
        struct err  e = { 0 };
        struct task w;
        struct str  in = k ? test_heap(sample, sizeof sample - 1) : wide(sample);
        CHECK(task_parse(&w, &t.a, in, &e));
        CHECK(!w.damaged && !w.job && w.hidden && w.highest && !w.disabled && task_as_system(&w));
        CHECK_STR(w.uri, STR("\\Tea"));
        CHECK_STR(w.author, STR("BAKERY\\EXCH01$"));
        CHECK_STR(w.date, STR("2021-03-03T02:20:00"));
        CHECK(w.action_n == 2 && w.action[0].does == TASK_EXEC && w.action[1].does == TASK_COM && w.trigger_n == 2);
        CHECK_STR(w.action[0].arguments, STR("/c a & b"));
        CHECK_STR(w.action[1].class_id, STR("{0F87369F-A4E5-4CFC-BD3E-73E6154572DD}"));
        CHECK_STR(w.trigger[0].interval, STR("PT45M"));
        CHECK_STR(w.trigger[1].kind, STR("BootTrigger"));
        test_free(in);
        test_arena_free(&t);
    }
}

static size_t job(uint8_t *p, size_t text_n)
{
    static const char *const text[] = { "C:\\Windows\\System32\\cmd.exe", "/c tea.cmd", "", "BAKERY\\admin", "tea" };
    size_t n = 70;

    memset(p, 0, 70);
    p[1] = 0x06;
    p[0] = 0x01;
    p[2] = 1;
    p[20] = 70;
    p[49] = 0x02;
    for (size_t i = 0; i < text_n; i++) {
        size_t len = strlen(text[i]) ? strlen(text[i]) + 1 : 0;
        p[n++] = (uint8_t)len;
        p[n++] = 0;
        for (size_t k = 0; k < len; k++) {
            p[n++] = (uint8_t)text[i][k];
            p[n++] = 0;
        }
    }
    return n;
}

static void jobs(void **state)
{
    uint8_t p[512];
    (void)state;

    for (size_t cut = 0; cut < 2; cut++) {
        struct test_arena t = test_arena(1 << 16);
        struct err  e = { 0 };
        struct task w;
        size_t      n = job(p, 5);
        struct str  in = test_heap(p, cut ? n - 40 : n);
        CHECK(task_parse(&w, &t.a, in, &e));
        CHECK(w.job && w.hidden && w.damaged == (cut == 1) && w.action_n == 1);
        CHECK_STR(w.action[0].command, STR("C:\\Windows\\System32\\cmd.exe"));
        CHECK_STR(w.action[0].arguments, STR("/c tea.cmd"));
        if (!cut)
            CHECK_STR(w.author, STR("BAKERY\\admin"));
        test_free(in);
        test_arena_free(&t);
    }
}

static void bad(void **state)
{
    static const struct { const char *text; enum err_kind kind; const char *why; } row[] = {
        { "", ERR_FORMAT, "nothing" }, { "hello", ERR_FORMAT, "no XML" }, { "<configuration/>", ERR_FORMAT, "another root" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        struct test_arena t = test_arena(1 << 18);
        struct err  e = { 0 };
        struct task w;
        struct str  in = test_heap(row[i].text, strlen(row[i].text));
        CHECK_WHY(!task_parse(&w, &t.a, in, &e) && e.kind == row[i].kind, row[i].why);
        test_free(in);
        test_arena_free(&t);
    }
}

/* Entities stay what they are, too many actions are told, a cut file keeps what was whole. */
static void hostile(void **state)
{
    struct test_arena t = test_arena(4 << 20);
    struct err  e = { 0 };
    struct task w;
    char       *p = malloc(100000);
    size_t      n = 0;
    (void)state;

    struct str in = TEST_HEAP("<!DOCTYPE Task [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]>"
                              "<Task><Actions><Exec><Command>x&b;&f;</Command></Exec></Actions></Task>");
    if (task_parse(&w, &t.a, in, &e) && w.action_n)
        CHECK(!str_has(w.action[0].command, STR("aaaa")) && !str_has(w.action[0].command, STR("root")));
    test_free(in);

    n += (size_t)sprintf(p, "<Task><Actions>");
    for (int i = 0; i < 100; i++)
        n += (size_t)sprintf(p + n, "<Exec><Command>c%d</Command></Exec>", i);
    in = test_heap(p, n);                     /* and never closed */
    CHECK(task_parse(&w, &t.a, in, &e) && w.damaged && w.action_n == TASK_ACTIONS_MAX);
    CHECK_STR(w.action[31].command, STR("c31"));
    test_free(in);
    free(p);
    test_arena_free(&t);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct task w;

    return task_parse(&w, a, STR("<Task><Actions><Exec><Command>c</Command></Exec></Actions></Task>"), e);
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(sweep, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(xml), cmocka_unit_test(jobs), cmocka_unit_test(bad), cmocka_unit_test(hostile), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
