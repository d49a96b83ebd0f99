#include "files_bench.h"
#include "make_prefetch.h"

static void add(struct bench *b, const char *path, const char *name, const char *file, bool packed)
{
    const char *list[] = { file, NULL };
    uint8_t     raw[MAKE_PREFETCH_MAX], small[2 * MAKE_PREFETCH_MAX];
    size_t      n = make_prefetch(raw, name, 3, INT64_C(1614758400000000), list);

    bench_add(b, path, packed ? (struct str){ small, make_packed(small, raw, n) } : (struct str){ raw, n });
}

static void test_runs(void **state)
{
    struct bench *b = *state;

    add(b, "Windows/Prefetch/X.EXE-1.pf", "X.EXE", "\\VOLUME{1}\\PERFLOGS\\X.EXE", true);
    add(b, "Windows/Prefetch/SVCHOST.EXE-2.pf", "SVCHOST.EXE", "\\VOLUME{1}\\PROGRAMDATA\\A\\SVCHOST.EXE", false);
    add(b, "Windows/Prefetch/CMD.EXE-3.pf", "CMD.EXE", "\\VOLUME{1}\\WINDOWS\\SYSTEM32\\CMD.EXE", true);
    add(b, "Windows/Prefetch/PSEXESVC.EXE-4.pf", "PSEXESVC.EXE", "\\VOLUME{1}\\WINDOWS\\PSEXESVC.EXE", false);
    bench_text(b, "Windows/Prefetch/BROKEN.EXE-5.pf", "MAM\x04nothing of the kind");
    bench_hunt(b);
    const struct file_fact *f = bench_find(b, FILE_FACT_NOTE, "files/prefetch", "PERFLOGS\\X.EXE");
    CHECK(f && f->severity == SEV_MEDIUM && f->time_us == INT64_C(1614758400000000) && str_ihas(f->why, STR("3 runs")));
    CHECK(bench_find(b, FILE_FACT_NOTE, "files/prefetch", "SVCHOST.EXE") && bench_find(b, FILE_FACT_NOTE, "files/prefetch", "PSEXESVC"));
    CHECK(bench_count(b, "files/prefetch") == 3 && bench_accused(b) == 0);
    CHECK(b->found.seen[FAM_PREFETCH].damage_n == 1 && b->found.seen[FAM_PREFETCH].newest_us == INT64_C(1614758400000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = { BENCH_TEST(test_runs) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
