#include "test.h"

#include "base/num.h"
#include "detect/place.h"

static void grades(void **state)
{
    static const struct { const char *path; enum place want; } row[] = {
        { "C:\\Windows\\System32\\svchost.exe", PLACE_ORDINARY },        { "C:\\Program Files\\Vendor\\agent.exe", PLACE_ORDINARY },
        { "D:\\Scripts\\backup.ps1", PLACE_ORDINARY },                   { "C:\\ProgramData\\Microsoft\\Windows Defender\\MpCmdRun.exe", PLACE_ORDINARY },
        { "C:\\ProgramData\\Vendor\\agent.exe", PLACE_ODD },             { "C:\\Windows\\Temp\\x.exe", PLACE_ODD },
        { "C:\\Users\\bob\\AppData\\Local\\x\\x.exe", PLACE_ODD },       { "C:\\inetpub\\scripts\\clean.ps1", PLACE_ODD },
        { "C:\\Program Files\\Microsoft Office\\root\\Office16\\msoia.exe", PLACE_ORDINARY }, { "C:\\root\\x.exe", PLACE_ODD }, { "C:\\Windows\\System32\\spool\\drivers\\color\\x.exe", PLACE_HOSTILE },
        { "\\\\files01\\tools\\x.exe", PLACE_ODD },                      { "C:\\ProgramData\\x.exe", PLACE_HOSTILE },
        { "C:\\Users\\Public\\x.exe", PLACE_HOSTILE },                   { "C:\\PerfLogs\\Admin\\x.dll", PLACE_HOSTILE },
        { "C:\\ProgramData\\COM1\\x.dll", PLACE_HOSTILE },               { "C:\\$Recycle.Bin\\S-1-5-18\\x.exe", PLACE_HOSTILE },
        { "C:\\inetpub\\wwwroot\\aspnet_client\\x.exe", PLACE_HOSTILE }, { "C:\\Windows\\Help\\x.exe", PLACE_HOSTILE },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        struct str path = test_heap(row[i].path, strlen(row[i].path));
        CHECK_WHY(place_of(path) == row[i].want, row[i].path);
        test_free(path);
    }
}

static void imitates(void **state)
{
    (void)state;
    CHECK(place_imitates_system(STR("C:\\ProgramData\\x\\SvcHost.exe")));
    CHECK(place_imitates_system(STR("C:\\Windows\\lsass.exe")));
    CHECK(!place_imitates_system(STR("C:\\Windows\\System32\\lsass.exe")));
    CHECK(!place_imitates_system(STR("C:\\Windows\\WinSxS\\amd64_x\\lsass.exe")));
    CHECK(!place_imitates_system(STR("svchost.exe")));
    CHECK(!place_imitates_system(STR("C:\\Program Files\\Vendor\\agent.exe")));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(grades), cmocka_unit_test(imitates) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
