/* The whole program in memory over a store that is filled by hand: what the screens say, and that nothing in them obeys whoever named it. */
#include "cli/case_fixture.h"

#include "base/num.h"

static void screen(void **state)
{
    static const char want[] =
        "proxylogon: 5 cases, worked out 2021-03-31 06:00 UTC\n"
        "case        organisation                 of stage          vuln door  cln  all\n"
        "2021-000123 Example Bakery Cooperative   AT backdoored        1    1    -    2\n"
        "  a back door is there and nobody was told: call them today, not by mail to t...\n"
        "2021-000124 Sample Credit Union          US verified          1    -    -    1\n"
        "  vulnerable, and no contact is known: look for one\n";
    struct fake   *f = fake_open();
    struct fixture x;

    (void)state;
    fixture_open(&x, NULL);
    fixture_small(&x);
    fixture_done(&x);
    FAKE_RUN(f, "case", "list", "--store", x.where);
    CHECK(f->code == CLI_DONE && f->complained.n == 0);
    if (!str_starts(f->said, str_c(want)))
        fail_msg("%.*s", STR_ARG(f->said));
    fixture_inert("list", f->said, 80, 24);
    fixture_says("forced", f->said, "dismissed!");
    FAKE_RUN(f, "case", "list", "--store", x.where, "--json", "--all");
    CHECK(f->code == CLI_DONE);
    fixture_inert("list --json", f->said, 0, 0);
    fixture_says("json", f->said, "\"total\": 5");
    fixture_says("json", f->said, "\"stage\": \"backdoored\"");
    FAKE_RUN(f, "case", "audit", "--store", x.where);
    CHECK(f->code == CLI_DONE);
    fixture_inert("audit", f->said, 80, 24);
    fixture_says("audit", f->said, "2021-03-22 09:00 berta          force                2021-000126\n  dismissed: they say it is a honeypot\n");
    FAKE_RUN(f, "case", "audit", "126", "--store", x.where, "--json");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("\"about\": \"2021-000126\"")) && str_has(f->said, STR("\"total\": 1,")));
    fixture_clear(&x);
    fake_close(f);
}

static void filters(void **state)
{
    static const struct { const char *why, *word[5], *has, *not; } c[] = {
        { "stage", { "--stage", "clean" }, "2021-000125", "2021-000123" },
        { "country of the organisation, not of the address", { "--country", "us" }, "2021-000125", "2021-000123" },
        { "unknown country", { "--country", "unknown" }, "2021-000126", "2021-000125" },
        { "sector", { "--sector", "retail" }, "2021-000123", "2021-000124" },
        { "needs", { "--needs", "removal" }, "2021-000123", "2021-000124" },
        { "forced", { "--forced" }, "2021-000126", "2021-000123" },
        { "by organisation", { "--find", "CREDIT" }, "2021-000124", "2021-000123" },
        { "by server", { "--find", "somewhere.ex" }, "2021-000125", "2021-000123" },
        { "what LIKE would obey", { "--find", "%" }, "0 cases", "2021-000123" },
        { "two", { "--needs", "patch", "--country", "AT" }, "1 case,", "2021-000124" },
        { "second page", { "--limit", "1", "--page", "2" }, "2021-000124", "2021-000123" },
        { "provider: only what it operates", { "--provider", "org:5" }, "old.bakery.example", "mail.bakery.example" },
        { "provider by its domain", { "--provider", "MSP.example" }, "mail.union.example", "backdoored" },
        { "provider by its name", { "--provider", "msp example" }, "2 servers operated by it", "removal" },
    };
    struct fake   *f = fake_open();
    struct fixture x;

    (void)state;
    fixture_open(&x, NULL);
    fixture_small(&x);
    fixture_done(&x);
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        const char *word[12] = { "case", "list", "--store", x.where };

        for (size_t k = 0; k < 5 && c[i].word[k]; k++)
            word[4 + k] = c[i].word[k];
        fake_run(f, word);
        if (f->code != CLI_DONE || !str_has(f->said, str_c(c[i].has)) || str_has(f->said, str_c(c[i].not)))
            fail_msg("%s: %d %.*s%.*s", c[i].why, f->code, STR_ARG(f->said), STR_ARG(f->complained));
        fixture_inert(c[i].why, f->said, 80, 24);
    }
    fixture_clear(&x);
    fake_close(f);
}

static void refused(void **state)
{
    static const struct { const char *why, *word[6], *says; int code; } c[] = {
        { "no store", { "list", "--store", "/nonexistent/s.db" }, "--store says where it lies", CLI_FAILED },
        { "an operand", { "list", "2021-000123" }, "case show", CLI_USAGE },
        { "no stage", { "list", "--stage", "backdoord" }, "it takes one of", CLI_USAGE },
        { "no campaign", { "list", "--campaign", "x" }, "--campaign NAME: proxylogon", CLI_USAGE },
        { "no number", { "list", "--limit", "0" }, "1 to", CLI_USAGE },
        { "both", { "list", "--limit", "5", "--all" }, "--all, or", CLI_USAGE },
        { "provider with others", { "list", "--provider", "x", "--forced" }, "goes alone", CLI_USAGE },
        { "no provider", { "list", "--provider", "x" }, "case review", CLI_USAGE },
    };
    struct fake   *f = fake_open();
    struct fixture x;

    (void)state;
    fixture_open(&x, NULL);
    fixture_campaign(&x, PROXYLOGON, "proxylogon", "ProxyLogon");
    fixture_done(&x);
    FAKE_RUN(f, "case", "list", "--store", x.where);
    CHECK_WHY(f->code == CLI_FAILED && str_has(f->complained, STR("afterpatch case update")), "before the first update");
    fixture_clear(&x);
    fixture_open(&x, NULL);
    fixture_small(&x);
    fixture_done(&x);
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        const char *word[12] = { "case" };
        size_t      n = 1;

        for (size_t k = 0; k < 6 && c[i].word[k]; k++)
            word[n++] = c[i].word[k];
        if (i) {
            word[n++] = "--store";
            word[n++] = x.where;
        }
        fake_run(f, word);
        if (f->code != c[i].code || !str_has(f->complained, str_c(c[i].says)))
            fail_msg("%s: %d %.*s", c[i].why, f->code, STR_ARG(f->complained));
    }
    fixture_clear(&x);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(screen), cmocka_unit_test(filters), cmocka_unit_test(refused) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
