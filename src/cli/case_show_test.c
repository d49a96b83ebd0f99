/* One case on one screen, and what of it obeys nobody. */
#include "cli/case_fixture.h"

#include "base/num.h"

static void screen(void **state)
{
    static const char want[] =
        "2021-000123 Example Bakery Cooperative                                backdoored\n"
        "to do      a back door is there and nobody was told: call them today, not by\n"
        "           mail to this server\n"
        "not clean  a server is not patched; a back door is there\n"
        "owner      org:1 AT, addresses AT; retail (bakers register); 95% sure\n"
        "servers    2: 1 vulnerable, 1 patched, 1 with a back door, 0 clean\n"
        "  mail.bakery.example      192.0.2.7       AT patched B      backdoored A\n"
        "  old.bakery.example       192.0.2.8       AT vulnerable B   unknown A\n"
        "reports    2021-03-12 backdoor_used, re-entered, worth C: the report does not\n"
        "           carry the case's nonce\n"
        "           2021-03-10 backdoor_used, re-entered, worth B: no known responder ...\n"
        "back doors 2 told, and 1 other way back; 2 of them not known to be gone\n"
        "  present  uploader       C:\\inetpub\\wwwroot\\aspnet_... 2021-03-03 to 2021-03-10\n"
        "  present  scheduled_task Winnet                        2021-03-03 to 2021-03-10\n"
        "intruders  2 groups by their traces: a second group may be involved\n"
        "  group 1: 1 visit since 2021-03-02; key orange; elsewhere too\n"
        "  group 2: 1 visit since 2021-03-04; client 203.0.113.66; only here\n"
        "notices    2, the last on 2021-03-08: 2 out, 0 answered, 1 bounced; 1 inherited\n"
        "           from 2021-000125\n"
        "since      verified 2021-03-07\n";
    struct fake   *f = fake_open();
    struct fixture x;

    (void)state;
    fixture_open(&x, NULL);
    fixture_small(&x);
    fixture_done(&x);
    FAKE_RUN(f, "case", "show", "2021-000123", "--store", x.where);
    CHECK(f->code == CLI_DONE && f->complained.n == 0);
    if (!str_eq(f->said, str_c(want))) {
        fwrite(f->said.p, 1, f->said.n, stderr);
        fail_msg("another screen");
    }
    fixture_inert("show", f->said, 80, 24);
    fixture_clear(&x);
    fake_close(f);
}

static void named(void **state)
{
    static const struct { const char *why, *word, *has; } c[] = {
        { "number", "123", "2021-000123 Example" },
        { "host name", "Mail.Bakery.Example.", "> mail.bakery.example" },
        { "address", "192.0.2.8", "> old.bakery.example" },
        { "mapped address", "::ffff:192.0.2.8", "> old.bakery.example" },
        { "organisation", "org:2", "2021-000124 Sample" },
        { "without a name", "126", "2021-000126 org:4" },
        { "hostile", "127", "2021-000127 \\x1B]0;x\\x07<b" },
    };
    struct fake   *f = fake_open();
    struct fixture x;

    (void)state;
    fixture_open(&x, NULL);
    fixture_small(&x);
    fixture_done(&x);
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        FAKE_RUN(f, "case", "show", c[i].word, "--store", x.where);
        if (f->code != CLI_DONE || !str_has(f->said, str_c(c[i].has)))
            fail_msg("%s: %d %.*s%.*s", c[i].why, f->code, STR_ARG(f->said), STR_ARG(f->complained));
        fixture_inert(c[i].why, f->said, 80, 24);
        FAKE_RUN(f, "case", "show", c[i].word, "--store", x.where, "--all");
        CHECK(f->code == CLI_DONE);
        fixture_inert(c[i].why, f->said, 0, 0);
        FAKE_RUN(f, "case", "show", c[i].word, "--store", x.where, "--evidence");
        CHECK(f->code == CLI_DONE);
        fixture_inert(c[i].why, f->said, 80, 24);
        FAKE_RUN(f, "case", "show", c[i].word, "--store", x.where, "--history");
        CHECK(f->code == CLI_DONE);
        fixture_inert(c[i].why, f->said, 80, 24);
        FAKE_RUN(f, "case", "show", c[i].word, "--store", x.where, "--json", "--history");
        CHECK(f->code == CLI_DONE);
        fixture_inert(c[i].why, f->said, 0, 0);
    }
    FAKE_RUN(f, "case", "show", "123", "--store", x.where, "--json");
    fixture_says("json", f->said, "\"second_group\": true");
    fixture_says("json", f->said, "\"inherited_from\": \"2021-000125\"");
    fixture_says("json", f->said, "\"value\": \"203.0.113.66\"");
    FAKE_RUN(f, "case", "show", "123", "--store", x.where, "--evidence");
    fixture_says("evidence", f->said, "victim           ab2c0000 report.json");
    FAKE_RUN(f, "case", "show", "123", "--store", x.where, "--history");
    fixture_says("history", f->said, "2021-03-09 00:00 case                     notice delivered");
    fixture_clear(&x);
    fake_close(f);
}

static void refused(void **state)
{
    static const struct { const char *why, *word[4], *says; } c[] = {
        { "nothing", { NULL }, "a case is missing" },
        { "two", { "1", "2" }, "one case at a time" },
        { "no such case", { "2021-000999" }, "case list --find TEXT" },
        { "another year", { "2020-000123" }, "2021-000123 has this number" },
        { "no host", { "mail.nobody.example" }, "a host name, an address or org:NUMBER" },
        { "no address", { "192.0.2.77" }, "no case and no server is" },
        { "in no case", { "free.example" }, "nobody has said that it is affected" },
        { "two cases", { "shared.example" }, "--campaign NAME: 2021-000124, 2021-000125" },
        { "hostile", { "\x1b]0;x\x07" }, "\\x1B]0;x\\x07" },
    };
    struct fake   *f = fake_open();
    struct fixture x;

    (void)state;
    fixture_open(&x, NULL);
    fixture_small(&x);
    static const struct fixture_server none = { PROXYLOGON, 20, 0, 0, "free.example", { 203, 0, 113, 77 }, "FR", EXPOSURE_PATCHED, COMPROMISE_UNKNOWN, 0, 0 };
    fixture_server(&x, &none);
    fixture_exec(&x, "INSERT INTO case_server_name (asset, name) VALUES (13, 'shared.example'), (14, 'shared.example')");
    fixture_done(&x);
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        const char *word[10] = { "case", "show", "--store", x.where };

        for (size_t k = 0; k < 4 && c[i].word[k]; k++)
            word[4 + k] = c[i].word[k];
        fake_run(f, word);
        if (f->code != CLI_USAGE || !str_has(f->complained, str_c(c[i].says)))
            fail_msg("%s: %d %.*s", c[i].why, f->code, STR_ARG(f->complained));
    }
    fixture_clear(&x);
    fake_close(f);
}

/* Memory ends at each step in turn: a view says so, or is whole but for a text; it never breaks. */
static void out_of_memory(void **state)
{
    static const char *const view[][4] = { { "show", "123", "--history" }, { "show", "123", "--json" }, { "list" }, { "list", "--provider", "org:5" }, { "review" }, { "audit" }, { "campaign" }, { "why", "123" } };
    struct fake   *f = fake_open();
    struct fixture x;

    (void)state;
    fixture_open(&x, NULL);
    fixture_small(&x);
    fixture_done(&x);
    for (size_t i = 0; i < COUNT_OF(view); i++)
        for (uint32_t n = 1;; n++) {
            const char  *word[10] = { "case" };
            size_t       k = 1;
            struct arena text = f->text.a;
            struct fault fault = { .left = n };

            for (size_t w = 0; w < 4 && view[i][w]; w++)
                word[k++] = view[i][w];
            word[k++] = "--store";
            word[k++] = x.where;
            f->keep.a.fault = &fault;
            fake_run(f, word);
            f->keep.a.fault = NULL;
            CHECK_WHY(f->code == CLI_DONE || (f->code != CLI_DONE && f->complained.n > 20), view[i][0]);
            f->text.a = text;
            if (!fault.fired) {
                CHECK_WHY(f->code == CLI_DONE, view[i][0]);
                break;
            }
            n += n / 8;                                    /* not each one: rows are alike */
        }
    fixture_clear(&x);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(screen), cmocka_unit_test(named), cmocka_unit_test(refused), cmocka_unit_test(out_of_memory) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
