/* Call sheets: two pages at most, nothing of servers where a machine or a stranger hears it, and hostile text in its lines. */
#include "test.h"

#include "emit/visible.h"
#include "notify/letter_fixture.h"
#include "notify/paper.h"
#include "notify/words.h"

enum { ROOM = 16 << 20, PAGES_LINES = 132 };
static struct world { struct pack pack; struct test_arena a; struct letter_case *c; } w;

static void call(const char *language, enum notice_finding finding, size_t servers)
{
    letter_fill(w.c, language, finding, servers, &w.a.a);
    w.c->n.channel = CONTACT_PHONE;
    w.c->n.contact = STR("+9995550100");
    w.c->n.audience = AUDIENCE_TECHNICAL;
}

static struct str sheet(const char *why)
{
    struct err e = { 0 };
    struct str s, rest, line;
    size_t     n = 0;

    if (!compose_phone(letter_told(w.c), &w.c->from, &w.pack, &w.a.a, &s, &e))
        fail_msg("%s: %s: %s", why, e.where, e.what);
    for (rest = s; str_cut(&rest, '\n', &line); n++)
        if (visible_columns(line) > 72)
            fail_msg("%s: a line of %zu columns: %.*s", why, visible_columns(line), (int)line.n, (const char *)line.p);
    if (n > PAGES_LINES)
        fail_msg("%s: %zu lines", why, n);
    for (rest = s; rest.n; ) {
        struct visible v;
        visible_step(rest, &v);
        CHECK_WHY(v.as_is || rest.p[0] == '\n', why);
        rest = str_from(rest, v.take);
    }
    return s;
}

/* What stands between two headings. */
static struct str section(struct str s, const char *language, const char *name)
{
    struct str head = str_fmt(&w.a.a, "== %.*s\n", STR_ARG(words_get(&w.pack, str_c(language), name)));
    size_t     at = str_find(s, head);

    CHECK_WHY(at != STR_NONE, name);
    s = str_from(s, at + head.n);
    return str_sub(s, 0, str_find(s, STR("\n== ")) == STR_NONE ? s.n : str_find(s, STR("\n== ")));
}

static void test_sections(void **state)
{
    static const char *const language[] = { "en", "de" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(language); i++)
        for (int f = 0; f < NOTICE_FINDINGS; f++) {
            call(language[i], (enum notice_finding)f, 6);
            struct str s = sheet(notice_finding_name((enum notice_finding)f)), machine = section(s, language[i], "voicemail");

            CHECK(str_has(s, STR("CERT-EX 2021-000123")) && str_has(s, STR("+9995550100")) && str_has(s, STR("Example Bakery Cooperative")) && str_has(s, STR("business register, 2021-03-01")));
            CHECK(str_has(section(s, language[i], "evidence"), STR("mail0.bakery.example")) && str_has(section(s, language[i], "evidence"), STR(": 2\n")));        /* 4 of 6 are shown */
            CHECK(machine.n > 100 && !str_has(machine, STR("bakery.example")) && !str_has(machine, STR("192.0.2.")) && !str_has(machine, STR("Exchange")));
            CHECK(str_has(section(s, language[i], "script"), STR("2021-000123")));
            for (int o = PAPER_REACHED_TECHNICAL; o < PAPER_OUTCOMES; o++)
                CHECK_WHY(str_has(section(s, language[i], "attempts"), str_c(paper_outcome_name((enum paper_outcome)o))), paper_outcome_name((enum paper_outcome)o));
            CHECK(str_has(section(s, language[i], "attempts"), STR("\n4.   ____")) && !str_has(s, STR("{{")));
        }
    call("en", FINDING_BACKDOORED, 1);
    w.c->t.contact_name = STR("Jane Doe");
    w.c->t.contact_role = STR("security");
    CHECK(str_has(sheet("a name"), STR("Ask for: Jane Doe (security); whoever looks after")));
    w.c->t.contact_name = STR_EMPTY;
    CHECK(str_has(sheet("a role"), STR("Ask for: security; whoever looks after")));
    call("fr", FINDING_BACKDOORED, 1);
    w.c->from.test = true;
    struct str s = sheet("test");
    CHECK(str_has(str_sub(s, 0, 80), STR("THIS IS A TEST")) && str_has(s, STR("== What to say")));      /* no French: English */
    call("en", FINDING_BACKDOORED, 2);
    w.c->n.minimal = true;
    CHECK(!str_has(sheet("minimal"), STR("bakery.example")));
}

static void test_hostile(void **state)
{
    uint8_t   *p = TAKE(&w.a.a, uint8_t, 10000);
    struct str text[] = { { p, 10000 }, STR("{{case}} == Attempts\n== On voicemail\n\x1b[2J\xe2\x80\xae" "x\xff"), STR("https://evil.example/"), STR_EMPTY };

    (void)state;
    memset(p, 'W', 10000);
    for (size_t i = 0; i < COUNT_OF(text); i++) {
        struct str t = text[i];

        call("en", FINDING_BACKDOORED, 30);
        for (size_t k = 0; k < 30; k++)
            w.c->server[k] = (struct told_server){ .host = t, .ip = t, .product = t, .build = t, .finding = t, .detector = t, .cve = t, .path = t, .sha256 = t, .port = 443, .seen_us = TIME_NONE,
                                                   .case_name = t, .organisation = t, .tlp = t };
        w.c->n.contact = w.c->t.contact_name = w.c->t.contact_role = w.c->t.organisation = w.c->t.contact_source = w.c->t.steps = w.c->t.legal = t;
        struct str s = sheet("hostile");
        size_t     heads = 0, at;
        for (struct str rest = s; (at = str_find(rest, STR("\n== "))) != STR_NONE; rest = str_from(rest, at + 4))
            heads++;
        CHECK(heads >= 3 && heads <= 4);                             /* no more sections than ours */
        if (i == 1)
            CHECK(str_has(s, STR("{{case}}")));
    }
}

static bool work(struct arena *a, struct err *e)
{
    struct str s;
    return compose_phone(letter_told(w.c), &w.c->from, &w.pack, a, &s, e);
}

static void test_faults(void **state)
{
    (void)state;
    call("en", FINDING_BACKDOORED, 1);
    fault_sweep(work, 1 << 20);
}

static void test_words(void **state)
{
    struct pack empty = { 0 };

    (void)state;
    CHECK_STR(words_get(&w.pack, STR("de"), "case"), STR("Fall"));
    CHECK_STR(words_get(&w.pack, STR("fr"), "case"), STR("Case"));
    CHECK_STR(words_get(&w.pack, STR("../../etc/passwd-and-much-more"), "page"), STR("Page"));
    CHECK_STR(words_get(&empty, STR("en"), "case"), STR("case"));
    CHECK_STR(words_get(&w.pack, STR("en"), "cas"), STR("cas"));
}

static int setup(void **state)
{
    struct err e = { 0 };

    (void)state;
    w.a = test_arena(ROOM);
    w.c = malloc(sizeof *w.c);
    return pack_load_embedded(&w.pack, &w.a.a, STR("proxylogon"), &e) ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    free(w.c);
    test_arena_free(&w.a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_sections), cmocka_unit_test(test_hostile), cmocka_unit_test(test_faults), cmocka_unit_test(test_words) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
