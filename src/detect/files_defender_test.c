#include "files_bench.h"
#include "make_quarantine.h"

#define DEFENDER "ProgramData/Microsoft/Windows Defender/"
#define DOOR     "Back@door:ASP/Chop@per.F!dha"

static struct str threat(char to[128], const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        if (*s != '@')
            to[n++] = *s;
    to[n] = 0;
    return (struct str){ (uint8_t *)to, n };
}

static void test_log(void **state)
{
    struct bench *b = *state;
    int64_t       us;

    bench_text(b, "ProgramData/here.exe", "MZ");
    bench_text(b, DEFENDER "Support/MPLog-20210101-010101.log",
               "2021-03-09T01:00:00.000Z Service started\n"
               "2021-03-09T01:10:00.000Z DETECTION_ADD#1 " DOOR " file:C:\\inetpub\\wwwroot\\aspnet_client\\gone.aspx PropBag [length: 0]\n"
               "2021-03-09T01:10:05.000Z DETECTION_CLEANEVENT MPSOURCE_SYSTEM MP_THREAT_ACTION_REMOVE 0x00000000 " DOOR " file:C:\\inetpub\\wwwroot\\aspnet_client\\gone.aspx;\n"
               "2021-03-09T01:11:00.000Z DETECTION_ADD#1 Hack@Tool:Win32/Mimi@katz.D file:C:\\ProgramData\\here.exe\n"
               "2021-03-09T01:12:00.000Z DETECTION_ADD#1 Tro@jan:Win32/Wacatac file:C:\\Users\\a\\Downloads\\setup.exe\n"
               "2021-03-09T01:13:00.000Z DETECTION_ADD#1 Virus:DOS/EI@CAR_Test_File file:C:\\inetpub\\wwwroot\\aspnet_client\\test.aspx\n"
               "2021-03-09T01:14:00.000Z DETECTION_ADD#1 Tro@jan:O97M/X file:C:\\Program Files\\Microsoft\\Exchange Server\\V15\\TransportRoles\\data\\Temp\\x.doc\n"
               "2021-03-09T01:14:10.000Z SDN:Issuing SDN query for \\Device\\HarddiskVolume2\\inetpub\\wwwroot\\aspnet_client\\asked.aspx (x) (sha1=1, "
               "sha2=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff)\n"
               "2021-03-09T01:14:11.000Z SDN:Issuing SDN query for C:\\inetpub\\wwwroot\\app\\own.aspx (x) (sha1=1, sha2=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff)\n"
               "2021-03-09T01:15:00.000Z Engine:command line reported as threat: C:\\Windows\\System32\\rundll32.exe(rund@ll32 com@svcs.dll, Mini@Dump 612 C:\\x.dmp full)\n");
    bench_hunt(b);
    const struct file_fact *f = bench_find(b, FILE_FACT_AV, "files/defender", "gone.aspx");
    CHECK(f && f->state == THING_REMOVED && f->reachable == REACH_NO && str_eq(f->url, STR("/aspnet_client/gone.aspx")));
    CHECK(time_parse(STR("2021-03-09T01:10:00Z"), &us) && f->time_us == us && time_parse(STR("2021-03-09T01:10:05Z"), &us) && f->removed_us == us && f->cite.line == 2);
    f = bench_find(b, FILE_FACT_TOOL, "files/defender", "here.exe");
    CHECK(f && f->state == THING_PRESENT);
    f = bench_find(b, FILE_FACT_PAGE_LEFT, "files/defender-asked", "asked.aspx");
    CHECK(f && f->state != THING_PRESENT && f->severity == SEV_MEDIUM && str_eq(f->url, STR("/aspnet_client/asked.aspx")) && str_starts(f->hash_hex, STR("00112233")));
    CHECK(bench_count(b, "files/defender-asked") == 1);
    CHECK(bench_find(b, FILE_FACT_NOTE, "files/defender", "setup.exe"));
    CHECK(!bench_find(b, FILE_FACT_AV, "files/defender", "test.aspx") && !bench_find(b, FILE_FACT_NOTE, "files/defender", "x.doc"));
    CHECK(bench_find(b, FILE_FACT_SECRET, "files/defender-command", "612"));
    CHECK(b->found.seen[FAM_AV_LOGS].newest_us != TIME_NONE);
}

static void test_records(void **state)
{
    struct bench *b = *state;
    uint8_t       raw[MAKE_QUARANTINE_MAX];
    char          name[128];
    int64_t       us = INT64_C(1615523460000000);

    (void)threat(name, DOOR);
    bench_add(b, DEFENDER "Quarantine/Entries/{80062A2A}", (struct str){ raw, make_quarantine(raw, name, "C:\\inetpub\\wwwroot\\a.aspx", us) });
    bench_add(b, DEFENDER "Scans/History/Service/DetectionHistory/03/9A3F", (struct str){ raw, make_history(raw, name, "C:\\inetpub\\wwwroot\\b.aspx") });
    bench_text(b, DEFENDER "Scans/History/Service/DetectionHistory/04/broken", "nothing");
    bench_hunt(b);
    const struct file_fact *f = bench_find(b, FILE_FACT_AV, "files/defender", "a.aspx");
    CHECK(f && f->state == THING_REMOVED && f->time_us == us);
    f = bench_find(b, FILE_FACT_AV, "files/defender", "b.aspx");
    CHECK(f && f->state == THING_UNKNOWN);
    CHECK(b->found.seen[FAM_AV_LOGS].damage_n == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = { BENCH_TEST(test_log), BENCH_TEST(test_records) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
