#include "files_bench.h"

/* '|' begins a text, which ends in a zero; four bytes of length stand before each. */
static size_t store(uint8_t *to, const char *plan)
{
    size_t n = 0;

    for (const char *p = plan; *p; p++) {
        if (*p == '|') {
            memcpy(to + n, "\0\0\x1f\0\0\0", 6);
            n += 6;
        } else {
            to[n++] = (uint8_t)*p;
            to[n++] = 0;
        }
    }
    memcpy(to + n, "\0\0\0\0", 4);
    return n + 4;
}

static void test_jobs(void **state)
{
    static const char plan[] =
        "|Update|text|C:\\ProgramData\\x.exe|C:\\ProgramData\\x.exe -k|S-1-5-18"
        "|C:\\ProgramData\\y.dll|http://198.51.100.7/y.dll|C:\\BIT1.tmp"
        "|C:\\inetpub\\wwwroot\\aspnet_client\\z.aspx|https://example.org/z.txt|C:\\BIT2.tmp"
        "|C:\\Windows\\SoftwareDistribution\\Download\\a.exe|http://au.download.windowsupdate.com/a.exe|C:\\BIT3.tmp"
        "|C:\\Windows\\ccmcache\\1\\setup.exe|http://10.20.0.4/SMS_DP/setup.exe|C:\\BIT4.tmp"
        "|C:\\Windows\\ccmcache\\2\\setup.exe|http://sccm.example.org/SMS_DP/setup.exe|C:\\BIT5.tmp";
    struct bench *b = *state;
    uint8_t       raw[4096];

    bench_add(b, "ProgramData/Microsoft/Network/Downloader/qmgr0.dat", (struct str){ raw, store(raw, plan) });
    bench_hunt(b);
    const struct file_fact *f = bench_find(b, FILE_FACT_WAY_BACK, "files/bits", "x.exe");
    CHECK(f && str_eq(f->name, STR("Update")) && f->state == THING_UNKNOWN && str_eq(f->what, STR("bits_job")));
    CHECK(bench_find(b, FILE_FACT_WAY_BACK, "files/bits", "y.dll") && bench_find(b, FILE_FACT_WAY_BACK, "files/bits", "z.aspx"));
    CHECK(bench_find(b, FILE_FACT_NOTE, "files/bits", "ccmcache\\1"));
    CHECK(bench_count(b, "files/bits") == 4);
    bench_faults(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = { BENCH_TEST(test_jobs) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
