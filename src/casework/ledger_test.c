/* Rows into SQLite and PostgreSQL: known by what they say, whoever brings them and however often. */
#include "test.h"

#include "base/num.h"
#include "casework/tables.h"
#include "ledger_desk.h"

static struct world {
    struct pg_server pg;
    bool             has_pg;
} w;

enum { ROOM = 4 << 20 };
#define NOW INT64_C(1615536000000000)

static struct ld begin(int engine, const char *who) { return ld_open(engine ? w.pg.where : NULL, who, NOW, ROOM); }

static struct ledger_file file(uint8_t mark)
{
    struct ledger_file f = { .name = STR("tips.csv"), .kind = STR("tips"), .size_bytes = 10 };
    f.sha256[0] = mark;
    return f;
}

/* One file's worth of everything. */
static bool rows(struct ld *d, int64_t file_id, struct err *e)
{
    const struct str name[] = { STR("owa.bakery.example"), STR("mail.bakery.example"), STR("owa.bakery.example") };
    struct subject   s = { .has_ip = true, .ip = { [10] = 0xff, 0xff, 192, 0, 2, 7 }, .port = 443, .node = STR("EX01"), .name = name, .name_n = 3 };
    int64_t          source, campaign, subject, link;
    struct case_campaign c = { .slug = STR("proxylogon"), .title = STR("x"), .group = STR("ProxyLogon"), .begun_us = 1, .report_us = 2, .patch_us = 3, .code_us = TIME_NONE };

    if (!ledger_campaign(d->l, &c, &campaign, e) || !ledger_source(d->l, &(struct case_source){ .name = STR("a neighbour") }, &source, e))
        return false;
    struct ledger_from from = { file_id, source, 3 };
    struct fact        f = { .kind = FACT_FINDING, .grade = GRADE_C, .observed_us = NOW - TIME_HOUR, .own_us = TIME_NONE };
    return ledger_subject(d->l, &s, &subject, e) && ledger_place(d->l, subject, "AT", 64500, &from, e) &&
           ledger_link(d->l, &(struct case_link){ .subject = subject, .kind = ORG_CERT_DOMAIN, .value = STR("bakery.example"), .confidence = 90, .observed_us = TIME_NONE }, &from, &link, e) &&
           ledger_entry(d->l, &(struct case_entry){ .list = STR("vat"), .number = STR("AT123"), .registered = true, .domain = STR("Bakery.Example"), .since_us = TIME_NONE, .until_us = TIME_NONE }, &from, e) &&
           ledger_mx(d->l, &(struct case_mx){ .domain = STR("bakery.example"), .host = STR("mail.bakery.example"), .observed_us = NOW }, &from, e) &&
           ledger_contact(d->l, &(struct case_contact){ .channel = CONTACT_EMAIL, .address = STR("it@bakery.example"), .about = ABOUT_DOMAIN, .about_value = STR("bakery.example"), .rung = 7,
                                                        .observed_us = TIME_NONE, .until_us = TIME_NONE }, &from, NULL, e) &&
           (f.subject = (uint64_t)subject, ledger_fact(d->l, campaign, FACT_OF_SERVER, 0, &f, &from, NULL, e)) &&
           ledger_feature(d->l, file_id, campaign, subject, 1, INTRUDER_KEY, STR("orange"), NOW, e) &&
           ledger_refuse(d->l, file_id, 4, "no address", STR("x,\0y"), e);
}

static void take(struct ld *d, uint8_t mark, bool whole)
{
    struct err         e = { 0 };
    struct ledger_file f = file(mark);
    enum ledger_state  state;
    int64_t            id;

    if (!ledger_begin(d->l, &e) || !ledger_file_begin(d->l, &f, &state, &id, &e) || (state != LEDGER_WHOLE && !rows(d, id, &e)) ||
        (whole && state != LEDGER_WHOLE && !ledger_file_end(d->l, id, &(struct ledger_counts){ 5, 4, 0, 1 }, &e)) || !ledger_commit(d->l, &e))
        fail_msg("%s: %s", e.where, e.what);
}

/* What is in the store, as one number for each table. */
static void check_rows(struct ld *d)
{
    static const char *const table[] = { "case_subject", "case_place", "case_link", "case_entry", "case_mx", "case_contact", "case_fact", "case_feature", "case_source" };
    char sql[64];

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table[i]);
        if (ld_one(d, sql) != 1)
            fail_msg("%s: %lld", table[i], (long long)ld_one(d, sql));
    }
    assert_int_equal(ld_one(d, "SELECT count(*) FROM case_subject_name"), 2);
    assert_int_equal(ld_one(d, "SELECT count(*) FROM case_entry WHERE domain = 'bakery.example'"), 1);
}

static void test_again(void **state)
{
    (void)state;
    for (int engine = 0; engine < ENGINES && (engine == 0 || w.has_pg); engine++) {
        struct ld d = begin(engine, "ada");
        uint64_t    said, known;

        take(&d, 1, false);
        check_rows(&d);
        assert_int_equal(ld_one(&d, "SELECT whole FROM case_file"), 0);
        d.m->now_us += TIME_DAY;                  /* the half comes again, and whole, a day later: nothing is said twice */
        take(&d, 1, true);
        ledger_said(d.l, &said, &known);
        CHECK(said > 0 && known == said);
        check_rows(&d);
        assert_int_equal(ld_one(&d, "SELECT whole FROM case_file"), 1);
        CHECK(ld_one(&d, "SELECT recorded_us FROM case_fact") == NOW);
        take(&d, 1, true);                        /* whole already */
        check_rows(&d);
        assert_int_equal(ld_one(&d, "SELECT count(*) FROM case_refused"), 1);
        ld_close(&d);
    }
}

/* Another file that says the same is another file, and the same fact. */
static void test_other_file(void **state)
{
    struct ld d = begin(0, "ada");

    (void)state;
    take(&d, 1, true);
    take(&d, 2, true);
    assert_int_equal(ld_one(&d, "SELECT count(*) FROM case_file"), 2);
    assert_int_equal(ld_one(&d, "SELECT count(*) FROM case_fact"), 1);
    assert_int_equal(ld_one(&d, "SELECT count(*) FROM case_feature"), 2);     /* of a report: two reports are two */
    ld_close(&d);
}

static void test_rollback(void **state)
{
    struct ld d = begin(0, "ada");
    struct err  e = { 0 };
    enum ledger_state st;
    int64_t     id;
    struct ledger_file f = file(9);

    (void)state;
    CHECK(ledger_begin(d.l, &e) && ledger_file_begin(d.l, &f, &st, &id, &e) && rows(&d, id, &e));
    ledger_rollback(d.l);
    assert_int_equal(ld_one(&d, "SELECT count(*) FROM case_fact"), 0);
    assert_int_equal(ld_one(&d, "SELECT count(*) FROM case_file"), 0);
    CHECK(!ledger_commit(d.l, &e) && e.kind == ERR_USAGE);
    ld_close(&d);
}

static void test_refused(void **state)
{
    struct ld d = begin(0, "ada"), nobody;
    struct err  e = { 0 };
    struct ledger_from hand = { 0 };
    int64_t     id;

    (void)state;
    CHECK(ledger_begin(d.l, &e));
    CHECK(!ledger_subject(d.l, &(struct subject){ .domain = STR("corp.example") }, &id, &e) && e.kind == ERR_USAGE);
    CHECK(!ledger_link(d.l, &(struct case_link){ .kind = ORG_KEYS, .value = STR("x") }, &hand, &id, &e));
    CHECK(!ledger_link(d.l, &(struct case_link){ .confidence = 101, .value = STR("x") }, &hand, &id, &e));
    CHECK(!ledger_contact(d.l, &(struct case_contact){ .rung = 14, .address = STR("x"), .about_value = STR("y") }, &hand, NULL, &e));
    CHECK(!ledger_mx(d.l, &(struct case_mx){ .domain = STR("x.example") }, &hand, &e));
    CHECK(!ledger_fact(d.l, 1, FACT_OF_SERVER, 0, &(struct fact){ .kind = FACT_FINDING, .grade = GRADE_C, .observed_us = NOW, .own_us = TIME_NONE }, &hand, NULL, &e));   /* of no server */
    CHECK(!ledger_fact(d.l, 1, FACT_OF_CASE, 1, &(struct fact){ .kind = FACT_FORCE, .value = CASE_CLEAN, .observed_us = TIME_NONE, .own_us = TIME_NONE }, &hand, NULL, &e));   /* no reason */
    CHECK(!ledger_revoke(d.l, 1, STR(" "), &e) && !ledger_revoke(d.l, 1, STR("why not"), &e));
    CHECK(!ledger_rule(d.l, ORG_CERT_DOMAIN, STR("x.example"), NULL, 1, STR(""), &e));
    CHECK(ledger_rule(d.l, ORG_CERT_DOMAIN, STR("x.example"), NULL, 2, STR("a hoster"), (e = (struct err){ 0 }, &e)) && ledger_commit(d.l, &e));
    assert_int_equal(ld_one(&d, "SELECT count(*) FROM case_audit WHERE who = 'ada' AND detail = 'a hoster'"), 1);
    ld_close(&d);
    nobody = begin(0, "");
    CHECK(ledger_begin(nobody.l, &e) && !ledger_rule(nobody.l, ORG_CERT_DOMAIN, STR("x.example"), NULL, 2, STR("a hoster"), &e));
    ld_close(&nobody);
}

static void test_nonce(void **state)
{
    (void)state;
    for (int engine = 0; engine < ENGINES && (engine == 0 || w.has_pg); engine++) {
        struct ld d = begin(engine, "ada");
        struct err  e = { 0 };
        char        one_[NONCE_TEXT], other[NONCE_TEXT];
        bool        good = false;
        static const struct { int64_t case_, later; bool right, want; const char *why; } c[] = {
            { 12, 0,             true,  true,  "as it was given" },
            { 12, 91 * TIME_DAY, true,  false, "too late" },
            { 12, -TIME_DAY,     true,  false, "before it was given" },
            { 13, 0,             true,  false, "another case's" },
            { 12, 0,             false, false, "one that was never given" },
        };

        CHECK(ledger_begin(d.l, &e) && ledger_nonce(d.l, 12, TIME_NONE, one_, &e) && ledger_nonce(d.l, 13, TIME_NONE, other, &e) && ledger_commit(d.l, &e));
        CHECK(strlen(one_) == NONCE_TEXT - 1 && strcmp(one_, other) != 0);
        for (size_t i = 0; i < COUNT_OF(c); i++) {
            CHECK(ledger_nonce_check(d.s, c[i].case_, str_c(c[i].right ? one_ : other), NOW + c[i].later, &good, &e));
            if (good != c[i].want)
                fail_msg("%s", c[i].why);
        }
        for (char *p = one_; *p; p++)
            *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
        CHECK(ledger_nonce_check(d.s, 12, str_c(one_), NOW, &good, &e) && good);          /* read out over the phone */
        CHECK(store_exec(d.s, "UPDATE case_nonce SET revoked_us = issued_us", &e));
        CHECK(ledger_nonce_check(d.s, 12, str_c(one_), NOW, &good, &e) && !good);
        ld_close(&d);
    }
}

static void test_bytes(void **state)
{
    struct ld d = begin(0, "ada");
    struct err  e = { 0 };
    uint8_t     text[5000];
    struct ledger_file f = file(1);
    enum ledger_state st;
    struct str  back;
    int64_t     id;

    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * i / 7);
    f.bytes = (struct str){ text, sizeof text };
    CHECK(ledger_begin(d.l, &e) && ledger_file_begin(d.l, &f, &st, &id, &e) && ledger_file_end(d.l, id, &(struct ledger_counts){ 0 }, &e) && ledger_commit(d.l, &e));
    CHECK(ledger_file_bytes(d.s, id, &d.t.a, &back, &e));
    CHECK_STR(back, f.bytes);
    CHECK(!ledger_file_bytes(d.s, id + 1, &d.t.a, &back, &e) && e.kind == ERR_NONE);
    CHECK(store_exec(d.s, "UPDATE case_bytes SET size_bytes = 4999", &e));
    CHECK(!ledger_file_bytes(d.s, id, &d.t.a, &back, &e) && e.kind == ERR_FORMAT);
    ld_close(&d);
}

static void test_campaigns(void **state)
{
    struct ld d = begin(0, "ada");
    struct err  e = { 0 };
    struct case_campaign c = { .slug = STR("one"), .begun_us = TIME_NONE, .report_us = TIME_NONE, .patch_us = 5, .code_us = TIME_NONE }, back;
    int64_t id;

    (void)state;
    CHECK(!ledger_campaign_find(d.s, STR_EMPTY, &d.t.a, &back, &e) && e.kind == ERR_NONE);
    CHECK(ledger_begin(d.l, &e) && ledger_campaign(d.l, &c, &id, &e));
    c.patch_us = 6;
    CHECK(ledger_campaign(d.l, &c, &id, &e) && ledger_campaign_find(d.s, STR_EMPTY, &d.t.a, &back, &e) && back.id == id && back.patch_us == 6 && back.code_us == TIME_NONE);
    c.slug = STR("two");
    CHECK(ledger_campaign(d.l, &c, &id, &e) && !ledger_campaign_find(d.s, STR_EMPTY, &d.t.a, &back, &e) && e.kind == ERR_USAGE);
    e = (struct err){ 0 };
    CHECK(ledger_campaign_find(d.s, STR("two"), &d.t.a, &back, &e) && back.id == id && ledger_commit(d.l, &e));
    ld_close(&d);
}

static void test_names(void **state)
{
    static const struct { const char *text; int64_t want; } c[] = {
        { "2021-000123", 123 }, { "123", 123 }, { "2021-1", 1 }, { "21-1", 0 }, { "2021-", 0 }, { "", 0 }, { "0", 0 }, { "2021-0x1", 0 }, { "-1", 0 }, { "1-2-3", 0 },
        { "2021-9999999999999999999", 0 },
    };
    char text[CASE_NAME_TEXT];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        int64_t got = 0;
        bool    ok = case_name_parse(str_c(c[i].text), &got);
        if (ok != (c[i].want != 0) || got != c[i].want)
            fail_msg("%s: %lld", c[i].text, (long long)got);
    }
    case_name(123, 2021, text);
    assert_string_equal(text, "2021-000123");
}

PG_GROUP(w)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_again), cmocka_unit_test(test_other_file), cmocka_unit_test(test_rollback), cmocka_unit_test(test_refused), cmocka_unit_test(test_nonce),
        cmocka_unit_test(test_bytes), cmocka_unit_test(test_campaigns), cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
