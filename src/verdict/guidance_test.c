#include "verdict/fixture.h"

/* What to do now: which steps, in which order, and what stands in their commands. */

static const struct next_step *step_of(const struct fx *f, const char *id)
{
    for (size_t i = 0; i < f->r.campaign.step_n; i++)
        if (str_eq(f->r.campaign.step[i].id, str_c(id)))
            return &f->r.campaign.step[i];
    return NULL;
}

static size_t place_of(const struct fx *f, const char *id)
{
    const struct next_step *s = step_of(f, id);
    return s ? (size_t)(s - f->r.campaign.step) : SIZE_MAX;
}

static void test_nothing(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_judge(f);
    CHECK(step_of(f, "patch") && step_of(f, "no-trace-keep-watch") && f->r.campaign.step_n == 2);
    fx_patched(f, day(1));
    fx_judge(f);
    CHECK(f->r.campaign.step_n == 1 && step_of(f, "no-trace-keep-watch"));
    f->d.server.mitigated = true;
    fx_judge(f);
    CHECK(step_of(f, "mitigations-clean-up"));
    fx_free(f);
}

static void test_gaps(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct guidance guide[] = { { STR("not-covered-collect"), STR("Collect"), STR("- {family}: {where}\n```\n{how_to_get}\n```\n") } };
    f->pack.guide   = guide;
    f->pack.guide_n = 1;
    f->d.seen[FAM_HTTPPROXY] = f->d.seen[FAM_IIS_FRONT] = (struct seen){ 0 };
    fx_forged(f, R_FORGED_TRY, "a", "/ews/", 500, at(1));
    fx_judge(f);
    CHECK(f->r.campaign.verdict == V_NOT_COVERED);
    const struct next_step *s = step_of(f, "not-covered-collect");
    struct str words;
    CHECK(s && str_has(s->text, family_by_hand(str_c(family_table[FAM_HTTPPROXY].how_to_get), &words)) && str_has(s->text, str_c(family_table[FAM_IIS_FRONT].title)));
    CHECK(!str_has(s->text, family_by_hand(str_c(family_table[FAM_EWS].how_to_get), &words)));       /* not expected by the campaign */
    CHECK(place_of(f, "preserve-logs") == 0 && step_of(f, "attempted-only") && !step_of(f, "isolate"));
    fx_free(f);
}

static void test_full(void **state)
{
    (void)state;
    static const char *const order[] = {
        "isolate", "preserve-logs", "preserve-pages", "remove-ways-back", "remove-back-doors", "clear-compiled", "reset-oab-url", "review-pages",
        "check-mail-theft", "rotate-credentials", "rotate-krbtgt", "patch", "rebuild", "check-other-servers", "notify", "watch-again",
    };
    struct fx *f = fx_new();
    struct guidance guide[] = {
        { STR("isolate"), STR("Isolate"), STR("Block:\n- {client}\n") },
        { STR("remove-back-doors"), STR("Remove"), STR("```\ncopy '{install}\\Logs'\nRemove-Item -LiteralPath '{path}'\nWhere-Object { $_.X -and '{install}' }\n```\nSee {url}.") },
        { STR("clear-compiled"), STR("Clear"), STR("rm '{compiled}'\n- {gone}\nend") },
        { STR("patch"), STR("Patch"), STR("{fixed_by} {kb} {window_from} {server} {unknown}") },
    };
    f->pack.guide   = guide;
    f->pack.guide_n = COUNT_OF(guide);
    fx_forged(f, R_RESET, "198.51.100.23", "/ecp/ddi/ddiservice.svc/setobject", 200, at(0))->target_host = STR("exch02");
    fx_page(f, at(0.5));
    fx_fact(f, FILE_FACT_PAGE, "C:\\inetpub\\wwwroot\\aspnet_client\\it's.aspx", "/aspnet_client/it's.aspx");
    struct file_fact *left = fx_fact(f, FILE_FACT_PAGE_LEFT, FX_PATH, FX_URL);
    left->cite.node = N_LEFT;
    left->state     = THING_PRESENT;
    fx_fact(f, FILE_FACT_WAY_BACK, "C:\\w.dll", "")->what = STR("iis_module");
    fx_fact(f, FILE_FACT_SECRET, "C:\\a.dmp", "")->state = THING_PRESENT;
    fx_fact(f, FILE_FACT_PAGE_REVIEW, "C:\\inetpub\\wwwroot\\aspnet_client\\own.aspx", "/aspnet_client/own.aspx");
    fx_request(f, RULE_LEARNT, "198.51.100.23", "POST", FX_URL, 200, at(30));
    fx_judge(f);

    CHECK(f->r.campaign.step_n == COUNT_OF(order));
    for (size_t i = 0; i < COUNT_OF(order); i++)
        CHECK_WHY(place_of(f, order[i]) == i, order[i]);
    for (size_t i = 0; i < f->r.campaign.step_n; i++) {
        const struct next_step *s = &f->r.campaign.step[i];
        CHECK_WHY(s->because.n > 0 || str_eq(s->id, STR("patch")), "each step names the findings it rests on");
        for (size_t k = 0; k < s->because.n; k++)
            CHECK(s->because.item[k] < f->r.finding_n);
    }
    CHECK_STR(step_of(f, "isolate")->text, STR("Block:\n- 198.51.100.23"));
    CHECK_STR(step_of(f, "isolate")->title, STR("Isolate"));
    CHECK_STR(step_of(f, "remove-back-doors")->text,
              STR("```\ncopy 'C:\\Ex\\Logs'\nRemove-Item -LiteralPath 'C:\\inetpub\\wwwroot\\aspnet_client\\x.aspx'\n"
                  "Remove-Item -LiteralPath 'C:\\inetpub\\wwwroot\\aspnet_client\\it''s.aspx'\n"
                  "Where-Object { $_.X -and 'C:\\Ex' }\n```\nSee /aspnet_client/x.aspx.\nSee /aspnet_client/it's.aspx."));
    CHECK_STR(step_of(f, "clear-compiled")->text,
              STR("rm 'C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files\\root\\1234abcd\\5678ef01'\nend"));
    CHECK_STR(step_of(f, "patch")->text, STR("Mar21SU KB5000871 2021-01-03T00:00:00Z EXCH01 {unknown}"));
    fx_free(f);
}

/* Names that an intruder chose never become part of a command. */
static void test_hostile(void **state)
{
    static const struct { const char *path, *want; const char *why; } c[] = {
        { "C:\\a\\x'; Remove-Item C:\\ -Recurse; '.aspx", "rm 'C:\\a\\x''; Remove-Item C:\\ -Recurse; ''.aspx'", "quotes are doubled" },
        { "C:\\a\\$(calc) `n.aspx", "rm 'C:\\a\\$(calc) `n.aspx'", "nothing is special in a literal" },
        { "C:\\a\\x\ncalc.aspx", "# One name holds", "a line end" },
        { "C:\\a\\x\xe2\x80\x99; calc; \xe2\x80\x98.aspx", "# One name holds", "quotes of typographers are quotes to PowerShell" },
        { "C:\\a\\x\xff.aspx", "# One name holds", "broken text" },
        { "C:\\a\\gr\xc3\xbc\xc3\x9f.aspx", "rm 'C:\\a\\gr\xc3\xbc\xc3\x9f.aspx'", "umlauts are names" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct fx *f = fx_new();
        struct guidance guide[] = { { STR("remove-back-doors"), STR("Remove"), STR("```\nrm '{path}'\n```\n- `{path}`\n```\nrm {path}\n```") } };
        f->pack.guide   = guide;
        f->pack.guide_n = 1;
        fx_fact(f, FILE_FACT_PAGE, c[i].path, "/aspnet_client/q.aspx");
        fx_judge(f);
        struct str text = step_of(f, "remove-back-doors")->text;
        CHECK_WHY(str_has(text, str_c(c[i].want)), c[i].why);
        CHECK_WHY(!str_has(text, STR("\ncalc")), c[i].why);
        CHECK_WHY(str_has(text, STR("```\n# One name holds")), "outside a literal only plain characters stand in a block");
        fx_free(f);
    }
}

/* What a command can remove by its name stands in one line each; the others have no such line. */
static void test_by_name(void **state)
{
    static const struct { const char *kind, *name; enum thing_state is; } way[] = {
        { "service", "Updater", THING_PRESENT }, { "scheduled_task", "\\Micro'soft\\Winnet", THING_UNKNOWN }, { "account", "help", THING_REMOVED },
        { "iis_module", "Cache", THING_PRESENT },
    };
    struct fx *f = fx_new();
    struct guidance guide[] = { { STR("remove-ways-back"), STR("Remove"),
        STR("- {way_kind} {way_name}\n```\nsc.exe delete '{service}'\nschtasks.exe /TN '{task}'\nDisable-LocalUser '{account}'\nx '{subscription}'\n```") } };

    (void)state;
    f->pack.guide   = guide;
    f->pack.guide_n = 1;
    for (size_t i = 0; i < COUNT_OF(way); i++) {
        struct file_fact *x = fx_fact(f, FILE_FACT_WAY_BACK, "C:\\w.exe", "");
        x->what    = str_c(way[i].kind);
        x->name    = str_c(way[i].name);
        x->state   = way[i].is;
        x->time_us = at((double)i);
    }
    fx_judge(f);
    CHECK_STR(step_of(f, "remove-ways-back")->text, STR("- service Updater\n- scheduled_task \\Micro'soft\\Winnet\n- iis_module Cache\n"
                                                       "```\nsc.exe delete 'Updater'\nschtasks.exe /TN '\\Micro''soft\\Winnet'\n```"));
    fx_free(f);
}

static void test_many(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    static char name[50][64];
    struct guidance guide[] = { { STR("remove-back-doors"), STR("Remove"), STR("- {path}") } };
    f->pack.guide   = guide;
    f->pack.guide_n = 1;
    for (int i = 0; i < 50; i++) {
        snprintf(name[i], sizeof name[i], "C:\\a\\p%02d.aspx", i);
        fx_fact(f, FILE_FACT_PAGE, name[i], "");
    }
    fx_judge(f);
    struct str text = step_of(f, "remove-back-doors")->text;
    CHECK(str_has(text, STR("p39.aspx")) && !str_has(text, STR("p40.aspx")) && str_ends(text, STR("- ... and 10 more: see the report")));
    fx_free(f);
}

/* The sections that steps name are all in the pack's guidance, and in its blocks every placeholder stands in a literal. */
static void test_pack_text(void **state)
{
    static const char *const id[] = {
        "isolate", "preserve-logs", "preserve-pages", "remove-back-doors", "clear-compiled", "reset-oab-url", "remove-ways-back", "check-mail-theft",
        "rotate-credentials", "rotate-krbtgt", "rebuild", "patch", "mitigations-clean-up", "check-other-servers", "watch-again", "notify",
        "not-covered-collect", "attempted-only", "no-trace-keep-watch", "review-pages",
    };
    static char text[1 << 17];
    FILE *file = fopen(AP_SOURCE_DIR "/packs/proxylogon/guidance/en.md", "rb");

    (void)state;
    CHECK(file);
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    CHECK(n > 0 && n < sizeof text - 1);
    struct str all = { (const uint8_t *)text, n };
    for (size_t i = 0; i < COUNT_OF(id); i++) {
        char head[64];
        snprintf(head, sizeof head, "\n## %s: ", id[i]);
        CHECK_WHY(str_has(all, str_c(head)), id[i]);
    }
    bool fenced = false;
    for (struct str line; str_cut(&all, '\n', &line);) {
        if (str_starts(line, STR("```")))
            fenced = !fenced;
        bool quoted = false;
        for (size_t at = 0; fenced && at < line.n; at++) {
            size_t close = line.p[at] == '{' ? str_chr(str_from(line, at), '}') : STR_NONE;
            bool   word  = close != STR_NONE && close > 1;
            quoted ^= line.p[at] == '\'';
            for (size_t k = at + 1; word && k < at + close; k++)
                word = ch_alpha(line.p[k]) || line.p[k] == '_';
            if (word && !str_starts(str_from(line, at), STR("{how_to_get}")))
                CHECK_WHY(quoted, "a placeholder in a command stands in a literal");
        }
    }
    CHECK(!fenced);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing), cmocka_unit_test(test_gaps), cmocka_unit_test(test_full), cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_by_name), cmocka_unit_test(test_many), cmocka_unit_test(test_pack_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
