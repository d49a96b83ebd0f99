#include "test.h"

#include "base/num.h"
#include "casework/tables.h"
#include "casework/victims.h"
#include "survey/record.h"

static void names(void **state)
{
    static const char *const name[] = {
        "mail.north-bakery.example", "Hill Credit Union", "EX01.town.local", ("B\xc3\xa4" "ckerei M\xc3\xbcller GmbH"), "AB", "Windows & Server Ltd", "12345", "owa.mail.example", "\xd0\xb7\xd0\xb0\xd0\xb2\xd0\xbe\xd0\xb4",
    };
    static const struct { enum intruder_feature kind; const char *value; bool named; const char *why; } t[] = {
        { INTRUDER_PATH, "{exchange}\\owa\\auth\\a{6}.aspx", false, "everybody's folders" },
        { INTRUDER_PATH, "c:\\inetpub\\wwwroot\\North-Bakery\\a{4}.aspx", true, "a folder with the firm's name" },
        { INTRUDER_PATH, "c:\\www\\northbakery\\x.aspx", true, "without the hyphen" },
        { INTRUDER_PATH, "c:\\www\\n.o.r.t.h.b.a.k.e.r.y\\x.aspx", true, "with dots between its letters" },
        { INTRUDER_KEY, "hillcreditunion1", true, "a whole name inside a word" },
        { INTRUDER_KEY, "HILL", true, "one word of it" },
        { INTRUDER_KEY, "hi", false, "two letters are nothing" },
        { INTRUDER_KEY, "ab", false, "even when a firm is called so" },
        { INTRUDER_KEY, "%6eorth%62akery", true, "percent-coded" },
        { INTRUDER_KEY, "B\xc3\x84" "CKEREI", true, "capitals with an umlaut" },
        { INTRUDER_KEY, "backerei-x", true, "without the umlaut" },
        { INTRUDER_KEY, "muller", true, "the other word, plain" },
        { INTRUDER_KEY, "\xd0\xb7\xd0\xb0\xd0\xb2\xd0\xbe\xd0\xb4", true, "another script" },
        { INTRUDER_KEY, "12345", false, "a number is no name" },
        { INTRUDER_KEY, "orange", false, "a word of its own" },
        { INTRUDER_AGENT, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/88.0", false, "a browser, though a firm is called Windows & Server" },
        { INTRUDER_AGENT, "python-requests/2.25.1", false, "a library" },
        { INTRUDER_AGENT, "Monitoring of ex01.town.local", true, "a host" },
        { INTRUDER_AGENT, "town", true, "a label" },
        { INTRUDER_AGENT, "scan from 192.0.2.7.", true, "an address in a text" },
        { INTRUDER_AGENT, "scan from 192.0.2.70", false, "another address" },
        { INTRUDER_PATH, "\\\\2001:db8::7\\share", true, "an address of the other family" },
        { INTRUDER_FLOW, "evaluator: taken from the request; runs text as code: eval", false, "the analyser's words" },
        { INTRUDER_FLOW, "evaluator: taken from hill credit union", true, "a forged report" },
        { INTRUDER_PAGE, "3a1f", true, "no hash: who knows what it is" },
        { INTRUDER_PAGE, "north-bakery", true, "a name in place of a hash" },
        { INTRUDER_TOOL, "2f4c948974da341412ab742e14d8cdd33c1efa22b90135fcfae891f08494ac32", false, "a hash" },
        { INTRUDER_CLIENT, "192.0.2.7", true, "a victim's own address" },
        { INTRUDER_CLIENT, "::ffff:192.0.2.7", true, "the same" },
        { INTRUDER_CLIENT, "2001:0db8:0:0::7", true, "the same, of the other family" },
        { INTRUDER_CLIENT, "203.0.113.77", true, "in a network that a list gives to somebody" },
        { INTRUDER_CLIENT, "203.0.113.200", false, "beyond it" },
        { INTRUDER_CLIENT, "198.51.100.1", false, "nobody's" },
        { INTRUDER_CLIENT, "hill", true, "no address: who knows what it is" },
        { INTRUDER_CLIENT, "", true, "nothing" },
    };
    struct test_arena m = test_arena(1 << 20);
    struct store     *s;
    struct victims   *v;
    struct err        e = { 0 };

    (void)state;
    if (!store_open(&s, STR(":memory:"), STORE_WRITE, &e) || !store_migrate(s, &casework_layer, &e))
        fail_msg("%s", e.what);
    CHECK(store_exec(s, "INSERT INTO case_subject (id, ip, port, tls, node, domain) VALUES (1, X'00000000000000000000FFFFC0000207', 443, NULL, 'ex01', 'town.local'), (2, NULL, 0, NULL, '', '');"
                        "INSERT INTO case_entry (id, list, number, registered, name, sector, size, domain, first_ip, last_ip, asn, country, since_us, until_us, source, file, line, recorded_us) VALUES"
                        " (1, 'x', '1', 0, '', '', '', '', X'00000000000000000000FFFFCB007140', X'00000000000000000000FFFFCB00717F', 0, '', NULL, NULL, 0, 0, 0, 0)", &e));
    /* Without a survey, and with one. */
    CHECK(victims_open(&v, s, &m.a, &e));
    CHECK(!victims_named(v, INTRUDER_CLIENT, STR("2001:db8::7")));
    CHECK(store_migrate(s, &record_layer, &e));
    CHECK(store_exec(s, "INSERT INTO survey_node (id, ip, port, named, name) VALUES (1, X'20010DB8000000000000000000000007', 443, 0, 0)", &e));
    CHECK(victims_open(&v, s, &m.a, &e));
    for (size_t i = 0; i < COUNT_OF(name); i++)
        CHECK(victims_add_name(v, str_c(name[i]), &e));
    for (size_t i = 0; i < COUNT_OF(t); i++)
        CHECK_WHY(victims_named(v, t[i].kind, str_c(t[i].value)) == t[i].named, t[i].why);
    store_close(s);
    test_arena_free(&m);
}

/* Every source of names counts. */
static void each_source(void **state)
{
    static const struct { const char *sql, *word; } t[] = {
        { "INSERT INTO case_org (org, name, name_from, sector, sector_source, size, country, confidence, servers, provider) VALUES (1, 'Quarry Works', 1, '', 0, '', '', 0, 1, 0)", "quarry" },
        { "INSERT INTO case_server_name (asset, name) VALUES (1, 'mx.lakeside.example')", "lakeside" },
        { "INSERT INTO case_subject_name (subject, name) VALUES (1, 'mx.riverside.example')", "riverside" },
        { "INSERT INTO case_link (id, subject, kind, value, country, confidence, name, sector, size, source, file, line, observed_us, recorded_us) VALUES (1, 1, 3, 'harbour.example', '', 1, 'Chandlers', '', '', 0, 0, 0, NULL, 0)", "harbour chandlers" },
        { "INSERT INTO case_entry (id, list, number, registered, name, sector, size, domain, first_ip, last_ip, asn, country, since_us, until_us, source, file, line, recorded_us) VALUES (1, 'x', '1', 0, 'Tannery', '', '', 'leather.example', NULL, NULL, 0, '', NULL, NULL, 0, 0, 0, 0)", "tannery leather" },
        { "INSERT INTO case_mx (id, domain, host, ip, source, file, line, observed_us, recorded_us) VALUES (1, 'glassworks.example', 'in.smelter.example', NULL, 0, 0, 0, NULL, 0)", "glassworks smelter" },
        { "INSERT INTO case_contact (id, channel, address, about, about_value, rung, role, name, language, pgp, observed_us, until_us, manual, source, file, line, recorded_us) VALUES (1, 0, 'it@sawmill.example', 0, '', 1, '', 'Ms Cooper', '', '', NULL, NULL, 0, 0, 0, 0, 0)", "sawmill cooper" },
        { "INSERT INTO survey_word (id, text) VALUES (1, 'mail.brewery.example'), (2, 'Distillery Inc'); INSERT INTO survey_name (identity, at, name) VALUES (1, 0, 1);"
          "INSERT INTO survey_identity (id, cert, cert_org, cert_name, ad_domain) VALUES (1, NULL, 2, 0, 0)", "brewery distillery" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct test_arena m = test_arena(1 << 20);
        struct store     *s;
        struct victims   *v;
        struct err        e = { 0 };
        struct str        rest = str_c(t[i].word);
        if (!store_open(&s, STR(":memory:"), STORE_WRITE, &e) || !store_migrate(s, &casework_layer, &e) || !store_migrate(s, &record_layer, &e) || !store_exec(s, t[i].sql, &e))
            fail_msg("%s", e.what);
        CHECK(victims_open(&v, s, &m.a, &e));
        for (size_t at = 0; at < rest.n; at++) {
            size_t from = at;
            while (at < rest.n && rest.p[at] != ' ')
                at++;
            CHECK_WHY(victims_named(v, INTRUDER_KEY, str_sub(rest, from, at)), t[i].word);
        }
        CHECK_WHY(!victims_named(v, INTRUDER_KEY, STR("orange")), t[i].word);
        store_close(s);
        test_arena_free(&m);
    }
}

static void hostile_values(void **state)
{
    struct test_arena m = test_arena(1 << 20);
    struct victims   *v;
    struct err        e = { 0 };
    uint8_t          *large = malloc(100000);

    (void)state;
    CHECK(victims_empty(&v, &m.a, &e) && victims_add_name(v, STR("northbakery"), &e));
    memset(large, 'x', 100000);
    CHECK(victims_add_name(v, (struct str){ large, 100000 }, &e));
    CHECK(victims_named(v, INTRUDER_KEY, (struct str){ large, 100000 }));
    memset(large, 0xc3, 100000);
    CHECK(victims_add_name(v, (struct str){ large, 100000 }, &e) && victims_add_name(v, STR_EMPTY, &e));
    for (size_t n = 0; n < 40; n++) {
        uint8_t *exact = malloc(n ? n : 1);
        for (size_t i = 0; i < n; i++)
            exact[i] = (uint8_t)"%c3\xc3\x97%2\xff\0z:1."[(i + n) % 13];
        for (enum intruder_feature k = 0; k < INTRUDER_FEATURES; k++)
            victims_named(v, k, (struct str){ exact, n });
        free(exact);
    }
    free(large);
    test_arena_free(&m);
}

static bool work(struct arena *a, struct err *e)
{
    struct victims *v;

    return victims_empty(&v, a, e) && victims_add_name(v, STR("mail.north-bakery.example"), e);
}

static void room_that_runs_out(void **state)
{
    (void)state;
    fault_sweep(work, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(names), cmocka_unit_test(each_source), cmocka_unit_test(hostile_values), cmocka_unit_test(room_that_runs_out) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
