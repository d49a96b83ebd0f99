#include "files_bench.h"

#include "base/time.h"
#include "make_mft.h"

#define CACHE "Windows/System32/config/systemprofile/AppData/LocalLow/Microsoft/CryptnetUrlCache/MetaData/"
#define US INT64_C(1614738000000000)

/* `cut`: bytes that are missing at its end. */
static void entry(struct bench *b, const char *name, const char *url, size_t cut)
{
    uint8_t p[1024] = { 0 };
    size_t  n = mk_wide(p + 116, url) + 2;
    char    path[200];

    mk_le(p, 116, 4), mk_le(p + 12, n, 4), mk_le(p + 16, mk_ticks(US), 8), mk_le(p + 112, 4096, 4);
    snprintf(path, sizeof path, CACHE "%s", name);
    bench_add(b, path, (struct str){ p, 116 + n - cut });
}

static void test_all(void **state)
{
    struct bench *b = *state;

    entry(b, "1", "http://198.51.100.23/tea.exe", 0);
    entry(b, "2", "https://files.example.org/a/b.aspx?x=1", 0);
    entry(b, "3", "http://ctldl.windowsupdate.com/msdownload/update/v3/static/trustedr/en/authrootstl.cab?8c", 0);
    entry(b, "4", "http://crl.microsoft.com/pki/crl/products/MicRooCerAut2011.crl", 0);
    entry(b, "5", "http://ocsp.digicert.com/MFEwTzBNMEswSTAJBgUrDgMCGgUABBTBL0V27RVZ7LBduom%2FnYB45SPUEw%3D", 0);
    entry(b, "6", "http://198.51.100.23/cut.exe", 8);
    bench_text(b, CACHE "7", "short");
    bench_hunt(b);
    const struct file_fact *f = bench_find(b, FILE_FACT_NOTE, "files/fetched", "tea.exe");
    CHECK(f && f->time_us == US && f->severity == SEV_HIGH && str_has(f->why, STR("as the system")));
    CHECK(bench_find(b, FILE_FACT_NOTE, "files/fetched", "b.aspx") && bench_count(b, "files/fetched") == 2 && bench_accused(b) == 0);
    bench_faults(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = { BENCH_TEST(test_all) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
