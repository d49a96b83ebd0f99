#include "test.h"

#include "evidence/gather.h"

static void test_every_family_can_be_had(void **state)
{
    uint64_t all = gather_all();

    (void)state;
    for (int f = 0; f < FAM_COUNT; f++) {
        CHECK_WHY(all & GATHER_BIT(f), family_table[f].name);
        CHECK_WHY(gather_bit_of(str_c(family_table[f].name)) == GATHER_BIT(f), family_table[f].name);
    }
    CHECK(gather_bit_of(STR("no_such")) == 0 && gather_bit_of(STR_EMPTY) == 0 && gather_bit_of(STR("HTTPPROXY")) == 0);
}

/* What stands between quotes in a batch file, in YAML and in CSV: plain words only. */
static void test_rows_are_plain(void **state)
{
    (void)state;
    for (size_t i = 0; i < gather_n; i++) {
        const struct gather_row *row = &gather_table[i];
        CHECK(row->path && row->families && row->families < GATHER_BIT(FAM_COUNT));
        for (const char *p = row->path; *p; p++)
            CHECK_WHY(*p >= ' ' && *p < 127 && !strchr("\"'%,!^&|<>?", *p), row->path);
        for (const char *p = row->masks ? row->masks : ""; *p; p++)
            CHECK_WHY(*p >= ' ' && *p < 127 && !strchr("\"'%,!^&|<>?\\/:", *p), row->masks);
        if (row->kind == GATHER_FOLDER) {
            struct str path = str_c(row->path);
            CHECK_WHY(row->base < GATHER_BASES && !str_starts(path, STR("\\")) && !str_ends(path, STR("\\")) && str_chr(path, ':') == STR_NONE, row->path);
            size_t star = str_chr(path, '*');
            CHECK_WHY(star == STR_NONE || star == path.n - 1, row->path);
            CHECK_WHY(row->max_mib < 4096, row->path);      /* in bytes it fits 32 bits */
        }
    }
}

/* The command by hand in the report names the same thing as the first row of the family. */
static void test_by_hand_is_the_same(void **state)
{
    (void)state;
    for (int f = FAM_NONE + 1; f < FAM_COUNT; f++) {
        const struct family_info *info = &family_table[f];
        const struct gather_row  *row = NULL;
        for (size_t i = 0; i < gather_n && !row; i++)
            row = gather_table[i].families & GATHER_BIT(f) ? &gather_table[i] : NULL;
        CHECK_WHY(row, info->name);
        struct str said = str_c(info->how_to_get);
        CHECK_WHY(str_has(said, STR("`afterpatch collect ")), info->name);
        if (row->kind == GATHER_RAW)
            continue;
        char option[80];
        snprintf(option, sizeof option, "--families %s --out", info->name);
        CHECK_WHY(str_has(said, str_c(option)), info->name);
        /* "Logging\ECP\Server" by hand is the whole of Logging\ECP; site logs are the folder that holds W3SVC*. */
        struct str path = str_c(row->path);
        if (row->base == GATHER_SITE_LOGS)
            path = STR("inetpub\\logs\\LogFiles");
        if (f == FAM_ECP_SERVER || f == FAM_ECP_ACTIVITY)
            path = STR("Logging\\ECP");
        if (f == FAM_SETUP)
            path = STR("ExchangeSetupLogs");
        CHECK_WHY(str_has(said, path), info->name);
    }
}

static void test_channels_and_masks(void **state)
{
    static const struct { struct str channel, file; } cases[] = {
        { STR_INIT("Security"), STR_INIT("Security.evtx") },
        { STR_INIT("Windows PowerShell"), STR_INIT("Windows PowerShell.evtx") },
        { STR_INIT("Microsoft-Windows-PowerShell/Operational"), STR_INIT("Microsoft-Windows-PowerShell%4Operational.evtx") },
    };
    struct test_arena t = test_arena(4096);
    struct str rest = STR("  *.aspx  *.log "), mask;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_STR(gather_channel_file(cases[i].channel, &t.a), cases[i].file);
    struct arena none = { t.a.beg, t.a.beg, NULL };
    CHECK(!gather_channel_file(cases[2].channel, &none).p);
    CHECK(gather_mask(&rest, &mask) && str_eq(mask, STR("*.aspx")));
    CHECK(gather_mask(&rest, &mask) && str_eq(mask, STR("*.log")));
    CHECK(!gather_mask(&rest, &mask));
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_family_can_be_had), cmocka_unit_test(test_rows_are_plain),
        cmocka_unit_test(test_by_hand_is_the_same), cmocka_unit_test(test_channels_and_masks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
