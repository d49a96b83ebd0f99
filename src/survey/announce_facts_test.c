#include "test.h"

#include "survey/announce.h"

static void names(void **state)
{
    static const struct { const char *in, *out; } cases[] = {
        { "Mail.Example.ORG", "mail.example.org" }, { "mail.example.org.", "mail.example.org" }, { "*.example.org", "*.example.org" }, { "EX01", "ex01" }, { "_dmarc.example.org", "_dmarc.example.org" },
        { "192.0.2.1", NULL }, { "a b", NULL }, { "", NULL }, { ".", NULL }, { "a..b", NULL }, { "2001:db8::1", NULL }, { "a/b", NULL }, { "a\xC3\xA4", NULL },
    };
    struct test_arena  t = test_arena(1 << 12);
    struct observation o;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        observation_clear(&o);
        announce_name(&o, &t.a, str_c(cases[i].in));
        CHECK_WHY(o.name_n == (cases[i].out ? 1 : 0), cases[i].in);
        if (cases[i].out)
            CHECK_STR(o.name[0], str_c(cases[i].out));
    }
    observation_clear(&o);
    for (int i = 0; i < OBS_NAMES_MAX + 2; i++)
        announce_name(&o, &t.a, str_fmt(&t.a, "h%d.example", i));
    CHECK(o.name_n == OBS_NAMES_MAX && (o.flags & OBS_MORE));
    test_arena_free(&t);
}

static void server_version(void **state)
{
    struct observation o;

    (void)state;
    observation_clear(&o);
    CHECK(announce_server_version(&o, STR("73C1840A")) && o.parts == 3 && o.build[0] == 15 && o.build[1] == 1 && o.build[2] == 1034);
    observation_clear(&o);
    CHECK(announce_server_version(&o, STR("720280B0")) && o.build[0] == 8 && o.build[1] == 2 && o.build[2] == 176);
    CHECK(!announce_server_version(&o, STR("00000000")) && !announce_server_version(&o, STR("73C1840")) && !announce_server_version(&o, STR("73C1840G")));
}

/* The rules of the header, whatever the order: four numbers, then better means, then the lower build. */
static void which_build(void **state)
{
    static const struct { enum obs_means means; const char *text; } all[] = {
        { OBS_PAGE_PATH, "15.1.2176" }, { OBS_REPORTED, "15.1.2176.9" }, { OBS_HEADER, "15.1.2176" }, { OBS_REPORTED, "15.1.2176.2" }, { OBS_ACTIVESYNC, "15.1" },
    };
    (void)state;
    for (size_t from = 0; from < 5; from++) {
        struct observation o;
        observation_clear(&o);
        for (size_t i = 0; i < 5; i++)
            CHECK(announce_build(&o, all[(from + i * 2) % 5].means, str_c(all[(from + i * 2) % 5].text)));
        CHECK(o.parts == 4 && o.means == OBS_REPORTED && o.build[3] == 2 && (o.flags & OBS_TWO_BUILDS));
    }
    struct observation o;
    observation_clear(&o);
    CHECK(!announce_build(&o, OBS_HEADER, STR("15")) && !announce_build(&o, OBS_HEADER, STR("15.1.x")) && !announce_build(&o, OBS_HEADER, STR("")) && o.parts == 0);
}

static void domains(void **state)
{
    struct test_arena  t = test_arena(1 << 10);
    struct observation o;

    (void)state;
    observation_clear(&o);
    announce_domain(&o, &t.a, STR("EX01"));
    announce_domain(&o, &t.a, STR(".example"));
    announce_domain(&o, &t.a, STR("a b.example"));
    CHECK(o.ad_domain.n == 0);
    announce_domain(&o, &t.a, STR(" EX01.Corp.Example. "));
    announce_domain(&o, &t.a, STR("ex02.other.example"));
    CHECK_STR(o.ad_domain, STR("corp.example"));
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(names), cmocka_unit_test(server_version), cmocka_unit_test(which_build), cmocka_unit_test(domains) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
