/* The verb: files and cache without a network, what it refuses, JSON, and hostile names that stay inert. The network itself: notify/lookup_test.c. */
#include "cli/case_fixture.h"

#include "notify/tables.h"

#include <unistd.h>

static const char split[] =
    "inetnum: 192.0.2.0 - 192.0.2.15\nnetname: BAKERY\norg: OB\n\norganisation: OB\norg-name: Bakery\x1b[2J <b>&\nabuse-c: AB\n\n"
    "role: Desk\x1b[31m\nnic-hdl: AB\nabuse-mailbox: abuse@bakery.example\nphone: +999 555 0100\n";

static struct fixture filled(const char *where)
{
    struct fixture f;
    char           path[80];

    fixture_open(&f, where);
    fixture_campaign(&f, PROXYLOGON, "proxylogon", "ProxyLogon");
    fixture_board(&f, 12);
    fixture_org(&f, &(struct fixture_org){ 1, "Bakery", "food", "small", "ZZ", "ZZ", 0, 0 });
    fixture_case(&f, &(struct fixture_case){ 123, PROXYLOGON, 1, CASE_VERIFIED, 0, 0, 1, 1, 0, 0, 0, 0, 0, 100, "tell them", NULL });
    fixture_server(&f, &(struct fixture_server){ PROXYLOGON, 11, 1, 123, "mail.bakery.example", { 192, 0, 2, 7 }, "ZZ", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN, 0, 0 });
    fixture_done(&f);
    snprintf(path, sizeof path, "%s/split.db", f.dir);
    FILE *out = fopen(path, "w");
    CHECK(out && fputs(split, out) >= 0 && fclose(out) == 0);
    return f;
}

static bool inert(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < ' ' && s.p[i] != '\n')
            return false;
    return true;
}

static void offline(void **state)
{
    struct fixture f = filled(NULL);
    struct fake   *k = fake_open();
    char           from[80];

    (void)state;
    snprintf(from, sizeof from, "%s/split.db", f.dir);
    FAKE_RUN(k, "contact", "look", "--all", "--store", f.where, "--who", "ada", "--from", from);
    CHECK_WHY(k->code == 0, (const char *)k->complained.p);
    CHECK(str_has(k->said, STR("split.db: 2 contacts of 1 networks")) && str_has(k->said, STR("1 of 1 cases, 2 contacts")) && str_has(k->said, STR("2021-000123\n    192.0.2.7 is not in the cache")));
    CHECK(str_has(k->said, STR("nothing was asked in the network: --online does")) && inert(k->said));
    FAKE_RUN(k, "contact", "show", "2021-000123", "--store", f.where);
    CHECK(k->code == 0 && str_has(k->said, STR("abuse@bakery.example")) && inert(k->said));
    FAKE_RUN(k, "contact", "look", "mail.bakery.example", "--store", f.where, "--who", "ada", "--json");
    CHECK(k->code == 0 && str_has(k->said, STR("\"view\": \"contact-look\"")) && str_has(k->said, STR("\"case\": \"2021-000123\"")) && str_has(k->said, STR("\"192.0.2.7 is not in the cache\"")) && inert(k->said));
    FAKE_RUN(k, "case", "audit", "--store", f.where);
    CHECK(str_has(k->said, STR("contact look")));
    fake_close(k);
    fixture_clear(&f);
}

static void refused(void **state)
{
    struct fixture f = filled(NULL);
    struct fake   *k = fake_open();
    char           settings[80], nothing[80];

    (void)state;
    snprintf(settings, sizeof settings, "%s/none.yaml", f.dir);
    snprintf(nothing, sizeof nothing, "%s/none.db", f.dir);
    FAKE_RUN(k, "contact", "look", "--store", f.where, "--who", "ada");
    CHECK(k->code == 2 && str_has(k->complained, STR("which cases?")));
    FAKE_RUN(k, "contact", "look", "--all", "2021-000123", "--store", f.where, "--who", "ada");
    CHECK(k->code == 2);
    FAKE_RUN(k, "contact", "look", "2021-000123", "--store", f.where, "--who", "ada", "--online", "--settings", settings);
    CHECK(k->code != 0 && str_has(k->complained, STR("none.yaml")));
    FAKE_RUN(k, "contact", "look", "--all", "--store", f.where, "--who", "ada", "--from", nothing);
    CHECK(k->code != 0 && str_has(k->complained, STR("none.db")));
    FAKE_RUN(k, "contact", "look", "2021-000999", "--store", f.where, "--who", "ada");
    CHECK(k->code != 0);
    fake_close(k);
    fixture_clear(&f);
}

/* A DNS that is not there, a registry that nobody knows: told, and no failure of ours. */
static void nobody_there(void **state)
{
    struct fixture f = filled(NULL);
    struct fake   *k = fake_open();
    char           settings[80];

    (void)state;
    snprintf(settings, sizeof settings, "%s/notify.yaml", f.dir);
    FILE *out = fopen(settings, "w");
    CHECK(out && fputs("team:\n  name: CERT \xc3\x89xample\n  address: notify@cert.example\n  domain: cert.example\n  bounce: bounce.cert.example\n  reply: reply.cert.example\n"
                       "  phone_page: https://cert.example/phone\n  official: https://cert.example/\n  privacy: https://cert.example/privacy\n  prefix: CERT-EX\n  postal: [CERT Example, 1 Road]\n  language: en\nmta:\n  host: 127.0.0.1:25\n  hello: cert.example\n", out) >= 0 && fclose(out) == 0);
    FAKE_RUN(k, "contact", "look", "2021-000123", "--store", f.where, "--who", "ada", "--online", "--settings", settings, "--rdap", "https://rdap.example/", "--dns", "127.0.0.1:1", "--json");
    if (k->code != 0 || !str_has(k->said, STR("no registry is asked for 192.0.2.7")) || !str_has(k->said, STR("\"failed\": 1")))
        fail_msg("%.*s\n%.*s", STR_ARG(k->complained), STR_ARG(k->said));
    fake_close(k);
    fixture_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(offline), cmocka_unit_test(refused), cmocka_unit_test(nobody_there) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
