/* A mistake in the settings would go to 20,000 people: each is refused with its line. A test instance stays one. */
#include "test.h"

#include "base/num.h"
#include "casework/tables.h"
#include "notify/settings.h"
#include "notify/tables.h"
#include "os/mem.h"

#include <string.h>

enum { ROOM = 1 << 20 };
static uint8_t room[ROOM];

#define TEAM "team:\n  name: National CERT Example\n  address: notify@CERT.example\n  domain: cert.example\n  bounce: bounce.cert.example\n  reply: reply.cert.example\n" \
             "  prefix: CERT-EX\n  official: https://cert.example/\n  phone_page: https://cert.example/contact\n  privacy: https://cert.example/privacy\n" \
             "  postal: [National CERT Example, 1 Sample Street, 1010 Sampletown]\n"
#define MTA  "mta:\n  host: 127.0.0.1:25\n  hello: mx.cert.example\n"

static bool load(const char *text, struct settings *ret, struct err *e)
{
    struct arena   a = { .beg = room, .end = room + ROOM };
    struct os_mem *m = os_mem_open(&a, 0);

    os_mem_add(m, "/notify.yaml", str_c(text));
    *e = (struct err){ 0 };
    return settings_load(&m->os, STR("/notify.yaml"), &a, ret, e);
}

static void test_whole(void **state)
{
    struct settings s;
    struct err      e;

    (void)state;
    if (!load(TEAM "  language: de\n" MTA "  tls: true\n  log: /var/log/mail.log\n  log_zone: -3600\n"
              "key:\n  id: 0123456789012345678901234567890123456789\n  fingerprint: 0123 4567 8901 2345 6789  0123 4567 8901 2345 6789\n"
              "desk:\n  recipients_a_day: 200\n  hours: 09-17\n  zone: 3600\nrates:\n  all: 20000\n  provider: 1000\n  domain: 100\ninbox:\n  maildir: /var/mail/reply\n"
              "legal:\n  AT: Data protection authority within 72 hours.\n", &s, &e))
        fail_msg("%s: %s", e.where, e.what);
    CHECK_STR(s.from.address, STR("notify@cert.example"));
    CHECK_STR(s.from.postal, STR("National CERT Example\n1 Sample Street\n1010 Sampletown"));
    CHECK(s.has_key && s.mta_tls && s.log_n == 1 && s.log_zone_s == -3600 && s.desk_a_day == 200 && s.from_hour == 9 && s.to_hour == 17 && s.zone_s == 3600 && !s.from.test);
    CHECK(s.rates.all == 20000 && s.rates.provider == 1000 && s.rates.domain == 100 && s.legal_n == 1);
    CHECK(load(TEAM MTA, &s, &e) && !s.has_key && s.desk_a_day == 500);
    CHECK(load(TEAM MTA "test:\n  recipient: all@test.example\n", &s, &e) && s.from.test);
}

static void test_refused(void **state)
{
    static const struct { const char *text, *why; } row[] = {
        { "", "no settings" },
        { TEAM, "mta: host is missing" },
        { MTA, "team: name is missing" },
        { TEAM MTA "tset:\n  recipient: all@test.example\n", "line 15: tset: no such setting" },
        { TEAM MTA "test:\n  recipent: all@test.example\n", "line 16: recipent: no such setting" },
        { TEAM MTA "test:\n  recipient: all\n", "line 16: recipient" },
        { TEAM MTA "test: {}\n", "test: recipient is missing" },
        { TEAM MTA "test:\n", "line 15: test: settings are wanted" },
        { TEAM MTA "test:\n  - recipient: all@test.example\n", "line 15: test: settings are wanted" },
        { TEAM MTA "test:\n  recipient:\n    - all@test.example\n", "line 16: recipient: a text is wanted" },
        { TEAM MTA "  tls: perhaps\n", "true or false" },
        { TEAM MTA "  log: [a, [b]]\n", "line 15: log: a text is wanted" },
        { TEAM MTA "desk:\n  hours: 18-08\n", "hours are wanted" },
        { TEAM MTA "desk:\n  hours: 8-25\n", "hours are wanted" },
        { TEAM MTA "desk:\n  zone: 100000\n", "seconds east" },
        { TEAM MTA "desk:\n  recipients_a_day: 0\n", "a number from 1" },
        { TEAM MTA "rates:\n  all: 5\n", "rates: provider is missing" },
        { TEAM MTA "key:\n  id: x\n  fingerprint: 0123\n", "40 or 64" },
        { TEAM MTA "legal:\n  at: x\n", "two capital letters" },
        { TEAM MTA "team:\n  name: again\n", "" },
        { "team:\n  name: \"a\\r\\nBcc: x\"\n", "control characters" },
        { "team:\n  address: notify@cert.example\n  official: http://cert.example/\n", "https" },
        { "team:\n  official: https://cert.example@evil.example/\n", "https" },
        { "team:\n  prefix: \"CERT EX\"\n", "short word" },
        { "team:\n  domain: localhost\n", "a domain is wanted" },
        { "# ours\nteam:\n  - name: x\n", "line 2: team: settings are wanted" },
        { "team: {name: x\n", "" },
    };
    struct settings s;
    struct err      e;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        if (load(row[i].text, &s, &e))
            fail_msg("taken: %s", row[i].text);
        if (!strstr(e.what, row[i].why))
            fail_msg("\"%s\" for \"%s\"", e.what, row[i].why);
    }
}

static char *swapped(const char *from, const char *to)
{
    static char text[sizeof TEAM MTA + 100];
    const char *at = strstr(TEAM MTA, from);

    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - TEAM MTA), TEAM MTA, to, at + strlen(from));
    return text;
}

static void test_domains_that_belong_together(void **state)
{
    struct settings s;
    struct err      e;

    (void)state;
    CHECK(!load(swapped("domain: cert.example", "domain: other.example"), &s, &e) && strstr(e.what, "not in the team's domain"));
    CHECK(!load(swapped("bounce.cert.example", "bounce.mailer.example"), &s, &e) && strstr(e.what, "is not below"));
    CHECK(load(swapped("bounce.cert.example", "cert.example"), &s, &e));
}

static void test_an_instance_stays_what_it_is(void **state)
{
    uint8_t        *own = malloc(ROOM);
    struct arena    a = { .beg = own, .end = own + ROOM };
    struct os_mem  *m = os_mem_open(&a, INT64_C(1615536000000000));
    struct settings real = { .from.name = STR("a team") }, test = { .from.name = STR("a team"), .test_recipient = STR("all@test.example") }, other = { .test_recipient = STR("b@test.example") };
    struct store   *s;
    struct ledger  *l;
    struct str      to;
    struct err      e = { 0 };
    bool            there;

    (void)state;
    for (int k = 0; k < 2; k++) {
        const struct settings *first = k ? &test : &real, *second = k ? &real : &test;
        CHECK(store_open(&s, STR(":memory:"), STORE_WRITE, &e) && ledger_open(&l, s, &m->os, STR("ada"), &e) && store_migrate(s, &notify_layer, &e));
        CHECK(settings_instance(s, &a, &there, &to, &e) && !there);
        CHECK(settings_bind(l, first, &e) && settings_bind(l, first, &e));
        CHECK(settings_instance(s, &a, &there, &to, &e) && there && str_eq(to, first->test_recipient));
        CHECK(!settings_bind(l, second, &e) && e.kind == ERR_USAGE && strstr(e.hint, "never changes"));
        CHECK(!settings_bind(l, k ? &other : second, &e));
        e = (struct err){ 0 };
        ledger_close(l);
        store_close(s);
    }
    free(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole), cmocka_unit_test(test_refused), cmocka_unit_test(test_domains_that_belong_together), cmocka_unit_test(test_an_instance_stays_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
