#include "cli/cli_fake.h"

#include "base/num.h"

#include <unistd.h>

struct room { char dir[32], csv[64], store[64], page[64]; };

static void room_make(struct room *r, struct fake *f)
{
    static const char rows[] = "time,ip,name,node,build,country,asn,sector\n"
                               "2021-03-01T04:00:00Z,192.0.2.1,mail.a.example,EX1,15.1.2176.8,AT,64496,\n"
                               "2021-03-01T04:00:00Z,192.0.2.2,mail.b.example,EX2,15.1.2176.8,AT,64496,\n"
                               "2021-03-01T04:00:00Z,192.0.2.3,mail.school.example,EX3,15.2.792,DE,64497,\n"
                               "2021-03-04T04:00:00Z,192.0.2.1,mail.a.example,EX1,15.1.2176.9,AT,64496,\n"
                               "2021-03-04T04:00:00Z,192.0.2.3,mail.school.example,EX3,15.2.792,DE,64497,\n"
                               "2021-03-04T04:00:00Z,192.0.2.9,\"\x1b]0;x\x07.example\",EX9,15.1.1261.35,FR,64498,\n";

    snprintf(r->dir, sizeof r->dir, "/tmp/survey-XXXXXX");
    CHECK(mkdtemp(r->dir) != NULL);
    snprintf(r->csv, sizeof r->csv, "%s/scan.csv", r->dir);
    snprintf(r->store, sizeof r->store, "%s/s.db", r->dir);
    snprintf(r->page, sizeof r->page, "%s/page.html", r->dir);
    FILE *out = fopen(r->csv, "w");
    CHECK(out && fputs(rows, out) >= 0 && fclose(out) == 0);
    FAKE_RUN(f, "survey", "import", "--store", r->store, r->csv);
    if (f->code != CLI_DONE)
        fail_msg("%.*s", STR_ARG(f->complained));
}

static void room_clear(struct room *r)
{
    char command[64];

    snprintf(command, sizeof command, "rm -r %s", r->dir);
    CHECK(system(command) == 0);
}

static void forms(void **state)
{
    struct fake *f = fake_open();
    struct room  r;

    (void)state;
    room_make(&r, f);
    FAKE_RUN(f, "survey", "status", "--store", r.store);
    CHECK(f->code == CLI_DONE && f->complained.n == 0);
    CHECK(str_has(f->said, STR("as of 2021-03-04, 6 observations, cohort of 2021-03-01")));
    /* One patched, one not seen since, one of a line that never got it, one of whom nobody can tell. */
    CHECK(str_has(f->said, STR("ProxyLogon                   4        1         2       1  25.0 to 50.0 %")));
    FAKE_RUN(f, "survey", "status", "--store", r.store, "--group", "CVE-2021-26855");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("not proven unpatched            75.0 % of servers")) && str_has(f->said, STR("cohort of 3: unpatched 3, then 1")));
    FAKE_RUN(f, "survey", "status", "--store", r.store, "--group", "ProxyLogon", "--by", "sector");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("\neducation ")) && str_has(f->said, STR("\nunknown ")));
    FAKE_RUN(f, "survey", "status", "--store", r.store, "--at", "2021-03-02", "--group", "ProxyLogon");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("as of 2021-03-02")) && !str_has(f->said, STR("2021-03-03")));
    FAKE_RUN(f, "survey", "status", "--store", r.store, "--csv");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("\r\n2021-03-04,ProxyLogon,all,all,servers,1,2,1,")) && str_has(f->said, STR(",ProxyLogon,country,AT,servers,")));
    FAKE_RUN(f, "survey", "status", "--store", r.store, "--html", "-");
    CHECK(f->code == CLI_DONE && str_starts(f->said, STR("<!doctype html>")) && str_ends(f->said, STR("</html>\n")));
    FAKE_RUN(f, "survey", "status", "--store", r.store, "--html", r.page);
    CHECK(f->code == CLI_DONE && f->said.n == 0 && access(r.page, R_OK) == 0);
    FAKE_RUN(f, "survey", "export", "--store", r.store, "--verdict", "all", "--format", "csv");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR(",patched,15.1.2176.9,4,Exchange Server 2016,")) && !str_has(f->said, STR("\x1b")));
    FAKE_RUN(f, "survey", "export", "--store", r.store);
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("\"source.ip\": \"192.0.2.2\"")) && !str_has(f->said, STR("192.0.2.3")) && !str_has(f->said, STR("\x1b")));
    room_clear(&r);
    fake_close(f);
}

static void refused(void **state)
{
    static const struct { const char *why, *word[7], *says; int code; } c[] = {
        { "no store", { "status", "--store", "/nonexistent/s.db" }, "--store says where it lies", CLI_FAILED },
        { "an operand", { "status", "x" }, "no operand", CLI_USAGE },
        { "two forms", { "status", "--csv", "--json" }, "one of", CLI_USAGE },
        { "a stratum of all groups", { "status", "--by", "day" }, "--group", CLI_USAGE },
        { "no day", { "status", "--at", "soon" }, "is no day", CLI_USAGE },
        { "a day before Exchange", { "status", "--cohort", "1970-01-01" }, "is no day", CLI_USAGE },
        { "no verdict", { "export", "--verdict", "safe" }, "no verdict", CLI_USAGE },
        { "no verb", { "frobnicate" }, "unknown verb", CLI_USAGE },
    };
    struct fake *f = fake_open();
    struct room  r;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        const char *word[9] = { "survey" };

        for (size_t k = 0; k < 7 && c[i].word[k]; k++)
            word[k + 1] = c[i].word[k];
        fake_run(f, word);
        if (f->code != c[i].code || !str_has(f->complained, str_c(c[i].says)))
            fail_msg("%s: %d %.*s", c[i].why, f->code, STR_ARG(f->complained));
    }
    room_make(&r, f);
    FAKE_RUN(f, "survey", "status", "--store", r.store, "--group", "x");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("no group")));
    FAKE_RUN(f, "survey", "status", "--store", r.store, "--at", "2020-01-01");
    CHECK(f->code == CLI_FAILED && str_has(f->complained, STR("until then")));
    FAKE_RUN(f, "survey", "status", "--store", r.store, "--where", r.csv);
    CHECK_WHY(f->code == CLI_FAILED && str_has(f->complained, STR("neither a header nor a network")), "a file that knows no place");
    FAKE_RUN(f, "survey", "status", "--store", r.store, "--html", "/nonexistent/dir/page.html");
    CHECK(f->code == CLI_FAILED && str_has(f->complained, STR("/nonexistent")));
    room_clear(&r);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(forms), cmocka_unit_test(refused) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
