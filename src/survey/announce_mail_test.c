#include "test.h"

#include "survey/announce.h"

#define EXCH   OBS_EXCHANGE
#define HIDDEN OBS_VERSION_HIDDEN

static void received(void **state)
{
    static const struct { const char *why, *line, *by, *build; } cases[] = {
        { "a hop", "Received: from EX02.corp.example (10.0.0.2) by EX01.corp.example (10.0.0.1) with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.1.2176.9; Tue, 16 Mar 2021 10:00:00 +0000", "EX01.corp.example", "15.1.2176.9" },
        { "by mailbox transport", "from a by b.example with Microsoft SMTP Server id 15.01.2507.009 via Mailbox Transport; x", "b.example", "15.01.2507.009" },
        { "these letters in a name", "from byte.example by b.example with Microsoft SMTP Server id 15.1.1.1; x", "b.example", "15.1.1.1" },
        { "Exchange Online is told as it stands", "from a by AM0.prod.outlook.com (2603::1) with Microsoft SMTP Server (x) id 15.20.3955.18; x", "AM0.prod.outlook.com", "15.20.3955.18" },
        { "another program", "from a by b with ESMTP id 15.1.2.3; x", NULL, NULL },
        { "no id", "from a by b with Microsoft SMTP Server; x", NULL, NULL },
        { "three numbers", "from a by b with Microsoft SMTP Server id 15.1.2; x", NULL, NULL },
        { "nobody", "from a with Microsoft SMTP Server id 15.1.2.3; x", NULL, NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str in = test_heap(cases[i].line, strlen(cases[i].line)), by, build;
        bool       ok = announce_received(in, &by, &build);
        CHECK_WHY(ok == (cases[i].by != NULL), cases[i].why);
        if (ok) {
            CHECK_STR(by, str_c(cases[i].by));
            CHECK_STR(build, str_c(cases[i].build));
        }
        test_free(in);
    }
}

static void banners(void **state)
{
    struct test_arena  t = test_arena(1 << 12);
    struct observation o;

    (void)state;
    observation_clear(&o);
    announce_banner(&o, &t.a, STR("220 EX01.corp.example Microsoft ESMTP MAIL Service ready at Tue, 16 Mar 2021 10:00:00 +0000\r\n"));
    CHECK(o.flags == (EXCH | HIDDEN) && o.name_n == 1);
    CHECK_STR(o.name[0], STR("ex01.corp.example"));
    observation_clear(&o);
    announce_banner(&o, &t.a, STR("220 mx ESMTP Postfix"));
    CHECK(o.flags == 0 && o.name_n == 0 && o.reach == OBS_ANSWERED);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(received), cmocka_unit_test(banners) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
