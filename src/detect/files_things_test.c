#include "files_bench.h"
#include "make_minidump.h"

static const char *const lsass[] = { "C:\\Windows\\System32\\lsass.exe", "C:\\Windows\\System32\\lsasrv.dll", NULL };
static const char *const w3wp[]  = { "C:\\Windows\\System32\\inetsrv\\w3wp.exe", "C:\\Windows\\System32\\ntdll.dll", NULL };

static void dump(struct bench *b, const char *path, const char *const *module, size_t wipe)
{
    uint8_t raw[MAKE_MINIDUMP_MAX];

    bench_add(b, path, (struct str){ raw, make_minidump(raw, module, 1614758400, wipe) });
}

static void database(struct bench *b, const char *path, const char *tables, size_t n)
{
    char *p = calloc(1, 16384);

    memcpy(p + 4, "\xef\xcd\xab\x89", 4);
    memcpy(p + 8192, tables, n);
    bench_add(b, path, (struct str){ (uint8_t *)p, 16384 });
    free(p);
}
#define DOMAIN "datatable\0link_table\0sd_table"

static void test_secrets(void **state)
{
    struct bench *b = *state;

    dump(b, "ProgramData/a.txt", lsass, 0);
    dump(b, "Windows/Temp/b.log", lsass, 8);
    dump(b, "PerfLogs/c", lsass, 16);
    dump(b, "Users/adm/AppData/Local/Temp/lsass.DMP", lsass, 0);
    database(b, "PerfLogs/Active Directory/ntds.dit", "x", 1);
    database(b, "Windows/Temp/d.tmp", DOMAIN, sizeof DOMAIN);
    bench_hunt(b);
    static const char *const name[] = { "a.txt", "b.log", "PerfLogs\\c", "lsass.DMP", "ntds.dit", "d.tmp" };
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        CHECK_WHY(bench_find(b, FILE_FACT_SECRET, "files/secret", name[i]), name[i]);
    CHECK(str_ihas(bench_find(b, FILE_FACT_SECRET, "files/secret", "b.log")->why, STR("changed")));
}

static void test_honest(void **state)
{
    struct bench *b = *state;

    dump(b, "ProgramData/Microsoft/Windows/WER/ReportQueue/x/memory.dmp", w3wp, 0);
    dump(b, "Windows/Minidump/1.dmp", w3wp, 0);
    database(b, "Windows/System32/ntds.dit", DOMAIN, sizeof DOMAIN);
    database(b, "Windows/NTDS/ntds.dit", DOMAIN, sizeof DOMAIN);
    database(b, "Windows/Temp/edb.tmp", "MSysObjects", 11);
    database(b, "Windows/Temp/adamntds.dit", DOMAIN, sizeof DOMAIN);
    bench_text(b, "Windows/Temp/setup.tmp", "MZ\x90 an installer's own file, of more than sixty-four bytes, so that it is looked at at all.");
    bench_hunt(b);
    CHECK(bench_accused(b) == 0);
    CHECK(bench_count(b, "files/hidden-program") == 0);
}

static void test_archives(void **state)
{
    static const char rest[] = "................................................................................................";
    struct bench *b = *state;
    char          body[256];

    memcpy(body, "Rar!\x1A\x07\x01\0crc4\x21\x04", 14);
    memcpy(body + 14, rest, sizeof rest);
    bench_add(b, "PerfLogs/a.part1.rar", (struct str){ (uint8_t *)body, 14 + sizeof rest });
    memcpy(body, "PK\x03\x04\x14\0\1\0", 8);
    memcpy(body + 8, rest, sizeof rest);
    bench_add(b, "PerfLogs/b.zip", (struct str){ (uint8_t *)body, 8 + sizeof rest });
    memset(body, 0, sizeof body);
    memcpy(body, "7z\xBC\xAF\x27\x1C\0\4", 8);
    body[12] = 64, body[20] = 40;
    memcpy(body + 100, "\x06\xF1\x07\x01", 4);
    bench_add(b, "PerfLogs/c.7z", (struct str){ (uint8_t *)body, 200 });
    bench_text(b, "PerfLogs/d.png", "MZ\x90 a program that calls itself a picture, of more than sixty-four bytes, so that it is looked at.");
    bench_hunt(b);
    const struct file_fact *f = bench_find(b, FILE_FACT_NOTE, "files/loot", "a.part1.rar");
    CHECK(f && str_ihas(f->why, STR("even the names")) && str_ihas(f->why, STR("several pieces")));
    f = bench_find(b, FILE_FACT_NOTE, "files/loot", "b.zip");
    CHECK(f && str_ihas(f->why, STR("password")));
    f = bench_find(b, FILE_FACT_NOTE, "files/loot", "c.7z");
    CHECK(f && str_ihas(f->why, STR("password")));
    CHECK(bench_find(b, FILE_FACT_NOTE, "files/hidden-program", "d.png"));
}

static void test_flood(void **state)
{
    struct bench *b = *state;
    char          path[64];

    for (int i = 0; i < 700; i++) {
        snprintf(path, sizeof path, "ProgramData/%d.bin", i);
        dump(b, path, lsass, 4);
    }
    bench_hunt(b);
    CHECK(bench_count(b, "files/secret") == 500 && b->found.fact_more == 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = { BENCH_TEST(test_secrets), BENCH_TEST(test_honest), BENCH_TEST(test_archives), BENCH_TEST(test_flood) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
