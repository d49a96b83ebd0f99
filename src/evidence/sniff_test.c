#include "test.h"

#include "base/num.h"
#include "evidence/inner.h"
#include "make_minidump.h"

static void test_magic(void **state)
{
    static const struct { struct str head; bool is; const char *why; } cases[] = {
        { STR_INIT("MDMP\x93\xa7"), true, "a memory dump" }, { STR_INIT("regf"), true, "a hive" }, { STR_INIT("7z\xBC\xAF\x27\x1C"), true, "an archive" },
        { STR_INIT("Rar!\x1A\x07\x01"), true, "an archive" }, { STR_INIT("\1\2\3\4\xEF\xCD\xAB\x89"), true, "a database" }, { STR_INIT("!BDN"), true, "a mailbox" },
        { STR_INIT("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), false, "nothing but zeros" },
        { STR_INIT("hello"), false, "text" }, { STR_INIT(""), false, "nothing" },
    };
    static const char *const module[] = { "C:\\Windows\\System32\\lsass.exe", NULL };
    uint8_t dump[MAKE_MINIDUMP_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str head = test_heap(cases[i].head.p, cases[i].head.n);
        CHECK_WHY(ev_is_magic(head) == cases[i].is, cases[i].why);
        test_free(head);
    }
    for (size_t wipe = 0; wipe <= 16; wipe += 4) {
        (void)make_minidump(dump, module, 1, wipe);
        struct str head = test_heap(dump, EV_MAGIC_HEAD);
        CHECK_WHY(ev_is_magic(head), "a dump whose head was wiped");
        test_free(head);
        for (size_t n = 0; n < 56; n++) {
            head = test_heap(dump, n);
            CHECK(ev_is_magic(head) == (wipe == 0 && n >= 4));
            test_free(head);
        }
    }
}

static void test_programs(void **state)
{
    (void)state;
    CHECK(ev_is_hidden_program(STR("C:\\PerfLogs\\x.png"), STR("MZ\x90")));
    CHECK(!ev_is_hidden_program(STR("C:\\ProgramData\\Microsoft\\Windows Defender\\Definition Updates\\mpavbase.vdm"), STR("MZ\x90")));
    CHECK(!ev_is_hidden_program(STR("C:\\PerfLogs\\x.png"), STR("M")));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_magic), cmocka_unit_test(test_programs) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
