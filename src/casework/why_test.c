/* What `case why` has to say, over a small world: sentences, chains, keys that join nothing, links taken back; and how long it takes among many. */
#include "groups_world.h"

static bool has(struct str s, const char *part) { return str_has(s, str_c(part)); }

static const struct why_has *find(const struct why_asset *x, const char *value)
{
    for (size_t i = 0; i < x->has_n; i++)
        if (str_eq(x->has[i].key.value, str_c(value)))
            return &x->has[i];
    return NULL;
}

/* Four servers: one and two by name, two and three by a stated link, four with the same reverse name only. */
static void small(void **state)
{
    struct test_arena t = test_arena(4 << 20);
    struct gw g;
    struct why_asset a;
    struct why_two two;
    struct why_about_key key;
    struct err e = { 0 };
    int64_t s[5], asset[5], found, revoked;
    size_t n;
    (void)state;

    gw_open(&g, w.where, NULL);
    gw_begin(&g);
    s[0] = gw_subject(&g, &(struct gw_server){ .ip = 1, .name = "mail.bakery.org" });
    s[1] = gw_subject(&g, &(struct gw_server){ .ip = 2, .name = "owa.bakery.org" });
    s[2] = gw_subject(&g, &(struct gw_server){ .ip = 3, .name = "mail.bread.net" });
    s[3] = gw_subject(&g, &(struct gw_server){ .ip = 4, .name = "gw.bakery.org" });
    s[4] = gw_subject(&g, &(struct gw_server){ .ip = 5, .name = "mail.else.org" });
    for (int i = 0; i < 5; i++)
        gw_fact(&g, s[i], 1);
    gw_link(&g, s[1], ORG_CERT_ORG, "Bakery Ltd", 90, NULL);
    gw_link(&g, s[2], ORG_CERT_ORG, "Bakery Ltd", 90, NULL);
    revoked = gw_link(&g, s[4], ORG_CERT_DOMAIN, "bakery.org", 90, NULL);
    gw_check(ledger_revoke(g.l, revoked, STR("a mistyped address"), &e), &e, "revoke");
    gw_commit(&g);
    gw_update(&g);
    for (int i = 0; i < 5; i++)
        asset[i] = gw_asset(&g, s[i]);

    gw_check(why_asset(g.s, asset[1], &t.a, &a, &e), &e, "why");
    CHECK(a.org == gw_org(&g, s[1]) && a.servers == 3 && !a.more && a.confidence > 0);
    CHECK_STR(a.name, STR("owa.bakery.org"));
    CHECK(has(a.why, "joined with others by"));
    const struct why_has *h = find(&a, "bakery.org");
    CHECK(h && h->joins && h->given.by == WHY_NAME && h->key.state == GROUP_KEY_JOINS && has(h->why, "owa.bakery.org is its own name (survey)") && has(h->key.why, "joins the 3 servers"));
    h = find(&a, "bakery ltd");
    CHECK(h && h->joins && h->given.by == WHY_LINK && has(h->why, "stated as organisation in the subject of a vouched certificate (tester)") && h->given.observed_us == GW_DAY0);

    gw_check(why_two(g.s, asset[0], asset[2], &t.a, &two, &e), &e, "two");
    CHECK(two.joined && two.step_n == 2 && two.step[0].from == asset[0] && two.step[0].to == asset[1] && two.step[1].to == asset[2] && two.confidence > 0);
    CHECK(has(two.why, "2 joins") && has(two.step[0].why, "mail.bakery.org and owa.bakery.org have domain bakery.org") && has(two.step[1].why, "organisation bakery ltd"));
    CHECK(two.step[0].from_given.by == WHY_NAME && two.step[1].to_given.by == WHY_LINK);

    /* The same name as a reverse name: it has the key, and is not joined by it. */
    gw_check(why_two(g.s, asset[0], asset[3], &t.a, &two, &e), &e, "two");
    CHECK(!two.joined && two.step_n == 1 && two.confidence == 0 && has(two.why, "what both have joins nothing") && two.step[0].weight == 30);
    gw_check(why_two(g.s, asset[0], asset[4], &t.a, &two, &e), &e, "two");
    CHECK(!two.joined && two.step_n == 0 && has(two.why, "nothing in common"));
    gw_check(why_two(g.s, asset[0], asset[0], &t.a, &two, &e), &e, "two");
    CHECK(two.joined && two.step_n == 0);

    gw_check(why_asset(g.s, asset[4], &t.a, &a, &e), &e, "why");
    h = find(&a, "bakery.org");
    CHECK(h && h->given.revoked && !h->joins && has(h->why, "revoked") && has(a.why, "stands alone"));

    gw_check(why_key(g.s, ORG_CERT_DOMAIN, STR("Bakery.ORG"), "", &t.a, &key, &e), &e, "key");
    CHECK(key.key.assets == 3 && key.server_n == 3 && !key.more && !key.ruled && !key.review.n);
    CHECK(!why_key(g.s, ORG_CERT_DOMAIN, STR("nobody.org"), "", &t.a, &key, &e) && e.kind == ERR_NONE);
    CHECK(!why_key(g.s, ORG_REGISTER, STR("without scheme"), "", &t.a, &key, &e) && e.kind == ERR_USAGE);
    CHECK(!why_asset(g.s, 999, &t.a, &a, &e) && e.kind == ERR_NONE);
    CHECK(!why_two(g.s, asset[0], 999, &t.a, &two, &e) && e.kind == ERR_NONE);

    CHECK(why_find(g.s, STR("OWA.bakery.org "), &t.a, &found, &n, &e) && found == asset[1] && n == 1);
    CHECK(why_find(g.s, STR("2"), &t.a, &found, &n, &e) && found == 2);
    CHECK(!why_find(g.s, STR("nobody.example"), &t.a, &found, &n, &e) && e.kind == ERR_NONE);
    CHECK(!why_find(g.s, STR(""), &t.a, &found, &n, &e) && e.kind == ERR_NONE);
    gw_close(&g);
    test_arena_free(&t);
}

/* A provider's name, a ruling, a pair of weak keys, a file and its line. */
static void reasons(void **state)
{
    struct test_arena t = test_arena(4 << 20);
    struct gw g;
    struct why_about_key key;
    struct why_two two;
    struct why_asset a;
    struct err e = { 0 };
    int64_t s[30], file;
    char name[64];
    enum ledger_state there;
    (void)state;

    gw_open(&g, w.where, NULL);
    gw_begin(&g);
    struct ledger_file f = { .name = STR("links.csv"), .kind = STR("link"), .sha256 = { 9 }, .size_bytes = 1 };
    gw_check(ledger_file_begin(g.l, &f, &there, &file, &e), &e, "file");
    for (int i = 0; i < 30; i++) {
        snprintf(name, sizeof name, i < 28 ? "mail.customer%d.org" : "gw%d.pair.org", i);
        s[i] = gw_subject(&g, &(struct gw_server){ .ip = 1 + i, .name = name });
        gw_fact(&g, s[i], 1);
        if (i >= 28)
            gw_link(&g, s[i], ORG_NETWORK, "NET-PAIR", 90, NULL);
        else
            gw_link(&g, s[i], ORG_CERT_DOMAIN, i < 22 ? "msp.org" : "ruled.org", 90, NULL);
    }
    struct case_link k = { .subject = s[0], .kind = ORG_REGISTER, .value = STR("vat:77"), .confidence = 95, .name = STR("Customer"), .observed_us = GW_DAY0 };
    gw_check(ledger_link(g.l, &k, &(struct ledger_from){ .file = file, .source = g.source, .line = 12 }, NULL, &e), &e, "link");
    gw_check(ledger_rule(g.l, ORG_CERT_DOMAIN, STR("ruled.org"), "", GROUP_PROVIDER, STR("they run servers for others"), &e), &e, "rule");
    gw_commit(&g);
    gw_update(&g);

    gw_check(why_key(g.s, ORG_EXCHANGE_NAME, STR("msp.org"), NULL, &t.a, &key, &e), &e, "key");
    CHECK(key.key.state == GROUP_KEY_PROVIDER && key.key.domains == 22 && has(key.key.why, "touches 22 domains") && key.name.n && key.server_n == 22);
    gw_check(why_key(g.s, ORG_CERT_DOMAIN, STR("ruled.org"), NULL, &t.a, &key, &e), &e, "key");
    CHECK(key.ruled == GROUP_PROVIDER && key.key.state == GROUP_KEY_PROVIDER && has(key.ruled_why, "they run") && has(key.ruled_by, "tester"));
    gw_check(why_two(g.s, gw_asset(&g, s[28]), gw_asset(&g, s[29]), &t.a, &two, &e), &e, "two");
    CHECK(two.joined && two.step_n == 1 && two.step[0].also.id && has(two.step[0].why, "together that is enough"));
    gw_check(why_asset(g.s, gw_asset(&g, s[0]), &t.a, &a, &e), &e, "why");
    const struct why_has *h = find(&a, "vat:77");
    CHECK(h && has(h->why, "tester, links.csv line 12") && h->given.line == 12);
    CHECK_STR(a.org_name, STR("Customer"));
    gw_close(&g);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(small), cmocka_unit_test(reasons) };

    w.where = ":memory:";
    int bad = cmocka_run_group_tests(tests, NULL, NULL);
    w.has_pg = pg_server_or_say(&w.pg);
    if (w.has_pg) {
        w.where = w.pg.where;
        bad |= cmocka_run_group_tests(tests, NULL, NULL);
        pg_server_stop(&w.pg);
    }
    return bad;
}
