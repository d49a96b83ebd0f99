#include "test.h"

#include "base/num.h"
#include "formats/wmi.h"

/* Objects as the repository stores them: texts end in NUL and stand behind a byte that says how they are encoded. */
static const char subscription[] =
    "\0\x1f\0\0__EventFilter\0\x1c\0\0\0\0root\\cimv2\0\0WinUpdateFilter\0\0SELECT * FROM __InstanceModificationEvent WITHIN 60 WHERE TargetInstance ISA "
    "'Win32_PerfFormattedData_PerfOS_System'\0\0WQL\0"
    "\0\0\1\2\3\0\0CommandLineEventConsumer\0\0C:\\Windows\\System32\\cmd.exe /c C:\\ProgramData\\x.bat\0\0WinUpdateConsumer\0\0\4\5"
    "\0__FilterToConsumerBinding\0\0CommandLineEventConsumer.Name=\"WinUpdateConsumer\"\0\0__EventFilter.Name=\"WinUpdateFilter\"\0\0";
static const char script[] =
    "\0ActiveScriptEventConsumer\0\0Nightly\0\0VBScript\0\0Set o = GetObject(\"x\")\r\no.Run 1\0\0"
    "\0__FilterToConsumerBinding\0\0ActiveScriptEventConsumer.Name=\"Nightly\"\0\0__EventFilter.Name=\"N\"\0";
static const char definition[] = "\0CommandLineEventConsumer\0\0__EventConsumer\0\0CommandLineTemplate\0\0string\0\0ExecutablePath\0";

static void carve(struct wmi *w, struct arena *a, struct str in)
{
    struct test_arena s = test_arena(1 << 20);
    struct err        e = { 0 };

    wmi_open(w, a);
    CHECK(wmi_scan(w, in, 0, true, s.a, &e) && wmi_settle(w, &e));
    test_arena_free(&s);
}

static void test_subscription(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct str        in = test_heap(subscription, sizeof subscription - 1);
    struct wmi        w;

    (void)state;
    carve(&w, &t.a, in);
    CHECK(w.n == 3 && w.more == 0);
    const struct wmi_item *c = wmi_find(&w, WMI_COMMAND, STR("winupdateconsumer")), *f = wmi_find(&w, WMI_FILTER, STR("WinUpdateFilter")),
                          *b = wmi_find(&w, WMI_BINDING, STR("WinUpdateConsumer"));
    CHECK(c && f && b);
    CHECK_STR(c->text, STR("C:\\Windows\\System32\\cmd.exe /c C:\\ProgramData\\x.bat"));
    CHECK(str_starts(f->text, STR("SELECT * FROM")));
    CHECK_STR(b->text, STR("WinUpdateFilter"));
    CHECK_STR(b->consumer, STR("CommandLineEventConsumer"));
    test_free(in);
    test_arena_free(&t);
}

static void test_script(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct str        in = test_heap(script, sizeof script - 1);
    struct wmi        w;

    (void)state;
    carve(&w, &t.a, in);
    const struct wmi_item *c = wmi_find(&w, WMI_SCRIPT, STR("Nightly"));
    CHECK(w.n == 2 && c);
    CHECK_STR(c->text, STR("Set o = GetObject(\"x\")\r\no.Run 1"));
    test_free(in);
    test_arena_free(&t);
}

/* The class itself is no consumer; text in UTF-16 is read as well; a copy counts, it is no second one. */
static void test_others(void **state)
{
    static const uint8_t cyrillic[] = "\0__FilterToConsumerBinding\0\1C\0o\0m\0m\0a\0n\0d\0L\0i\0n\0e\0E\0v\0e\0n\0t\0C\0o\0n\0s\0u\0m\0e\0r\0.\0N\0a\0m\0e\0=\0\"\0\x16\x04\"\0\0\0"
                                      "\1_\0_\0E\0v\0e\0n\0t\0F\0i\0l\0t\0e\0r\0.\0N\0a\0m\0e\0=\0\"\0f\0\"\0\0\0";
    struct test_arena t = test_arena(1 << 20);
    struct wmi        w;
    char              twice[2 * sizeof subscription];

    (void)state;
    carve(&w, &t.a, (struct str){ (const uint8_t *)definition, sizeof definition - 1 });
    CHECK(w.n == 0);
    carve(&w, &t.a, (struct str){ cyrillic, sizeof cyrillic - 1 });
    CHECK(w.n == 1);
    CHECK_STR(w.item[0].name, STR("\xD0\x96"));
    CHECK_STR(w.item[0].text, STR("f"));
    memcpy(twice, subscription, sizeof subscription);
    memcpy(twice + sizeof subscription, subscription, sizeof subscription);
    carve(&w, &t.a, (struct str){ (const uint8_t *)twice, sizeof twice });
    CHECK(w.n == 3 && w.item[0].copies == 2);
    test_arena_free(&t);
}

/* In windows the same objects come out as in one piece, wherever the border falls. */
static void test_windows(void **state)
{
    size_t   n = 3 * WMI_OVERLAP, at[] = { 0, WMI_OVERLAP - 20, WMI_OVERLAP + 1, 2 * WMI_OVERLAP - 300, n - sizeof subscription };
    uint8_t *p = malloc(n);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(at); i++) {
        struct test_arena t = test_arena(1 << 20), s = test_arena(1 << 20);
        struct wmi        w;
        struct err        e = { 0 };
        memset(p, 0xee, n);
        memcpy(p + at[i], subscription, sizeof subscription);
        wmi_open(&w, &t.a);
        for (size_t off = 0; off < n; off += WMI_OVERLAP) {
            bool   last = off + 2 * WMI_OVERLAP >= n;
            size_t len = last ? n - off : 2 * WMI_OVERLAP;
            CHECK(wmi_scan(&w, (struct str){ p + off, len }, off, last, s.a, &e));
            if (last)
                break;
        }
        CHECK(wmi_settle(&w, &e));
        CHECK_WHY(w.n == 3 && wmi_find(&w, WMI_COMMAND, STR("WinUpdateConsumer")), "a border");
        test_arena_free(&t);
        test_arena_free(&s);
    }
    free(p);
}

static void test_many(void **state)
{
    size_t            n = 6000 * 90, at = 0;
    char             *p = malloc(n);
    struct test_arena t = test_arena(16 << 20);
    struct wmi        w;

    (void)state;
    for (int i = 0; i < 6000; i++)
        at += (size_t)snprintf(p + at, n - at, "AEventConsumer.Name=\"n%d\"%c__EventFilter.Name=\"f%d\"%c", i, 0, i, 0);
    carve(&w, &t.a, (struct str){ (uint8_t *)p, at });
    CHECK(w.n == WMI_ITEMS_MAX && w.more == 6000 - WMI_ITEMS_MAX);
    free(p);
    test_arena_free(&t);
}

static bool work(struct arena *a, struct err *e)
{
    struct wmi   w;
    struct arena scratch = *a;

    wmi_open(&w, a);
    scratch.beg += arena_room(a) / 2;
    struct arena keep = { a->beg, scratch.beg, a->fault };
    w.a = &keep;
    return wmi_scan(&w, (struct str){ (const uint8_t *)subscription, sizeof subscription - 1 }, 0, true, scratch, e) && wmi_settle(&w, e);
}
static void test_fault(void **state)
{
    (void)state;
    fault_sweep(work, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subscription), cmocka_unit_test(test_script), cmocka_unit_test(test_others), cmocka_unit_test(test_windows), cmocka_unit_test(test_many),
        cmocka_unit_test(test_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
