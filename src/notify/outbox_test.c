/* The outbox on both engines: one notice for one key, whoever dies when. */
#include "test.h"

#include "base/num.h"
#include "casework/suppress.h"
#include "casework/tables.h"
#include "ledger_desk.h"
#include "notify/outbox.h"
#include "notify/tables.h"
#include "store/bind.h"

static struct world {
    struct pg_server pg;
    bool             has_pg;
} w;

enum { ROOM = 4 << 20 };
#define NOW INT64_C(1615536000000000)

static struct ld begin(int engine)
{
    struct case_campaign c = { .slug = STR("proxylogon"), .begun_us = TIME_NONE, .report_us = TIME_NONE, .patch_us = TIME_NONE, .code_us = TIME_NONE };
    struct ld          d = ld_open(engine ? w.pg.where : NULL, "ada", NOW, ROOM);
    struct err           e = { 0 };

    if (!store_migrate(d.s, &notify_layer, &e))
        fail_msg("%s: %s", e.where, e.what);
    ld_campaign(&d, &c);
    return d;
}

static struct notice to(struct ld *d, const char *contact, int64_t case_, int64_t wave)
{
    return (struct notice){ .campaign = d->campaign, .case_ = case_, .org = case_, .wave = wave, .channel = CONTACT_EMAIL, .contact = str_c(contact), .language = STR("en"),
                            .subject = STR("[X 2021-000001] mail.bakery.example"), .bucket = STR("provider.example"), .domain = STR("bakery.example"), .date_us = NOW, .not_before_us = NOW,
                            .give_up_us = NOW + 5 * TIME_DAY, .priority = 1 };
}

static enum decided decide(struct ld *d, struct notice *n)
{
    struct err   e = { 0 };
    enum decided r = DECIDED_NEW;

    if (!outbox_decide(d->l, n, STR("cert.example"), &r, &e) || (r == DECIDED_NEW && !outbox_bytes_put(d->l, n->id, STR("From: x\r\n\r\ny\r\n"), NOW + 90 * TIME_DAY, &e)))
        fail_msg("%s", e.what);
    return r;
}

/* A wave of n notices, approved. */
static void wave(struct ld *d, int n, const char *const *contact)
{
    struct err e = { 0 };
    uint64_t   count, freed;
    uint8_t    hash[32];
    int64_t    id;

    CHECK(ledger_begin(d->l, &e) && outbox_wave(d->l, d->campaign, STAGE_FIRST, STR("first"), &id, &e));
    for (int i = 0; i < n; i++) {
        struct notice x = to(d, contact[i], i + 1, id);
        assert_int_equal(decide(d, &x), DECIDED_NEW);
    }
    CHECK(outbox_wave_close(d->l, id, &count, hash, &e) && count == (uint64_t)n && outbox_approve(d->l, id, hash, STR("grace"), &freed, &e) && freed == count && ledger_commit(d->l, &e));
}

static bool claim(struct ld *d, const char *owner, int64_t now, struct claim *c, struct notice *n, int64_t *next)
{
    struct err   e = { 0 };
    struct arena a = d->t.a;

    *next = TIME_NONE;
    bool ok = outbox_claim(d->l, str_c(owner), CONTACT_EMAIL, NULL, now, &a, c, n, next, &e);
    if (e.kind != ERR_NONE)
        fail_msg("%s", e.what);
    return ok;
}

static void test_decided_once(void **state)
{
    (void)state;
    for (int engine = 0; engine < ENGINES && (engine == 0 || w.has_pg); engine++) {
        struct ld   d = begin(engine);
        struct err    e = { 0 };
        struct notice a = to(&d, "IT@Bakery.Example", 1, 0), same = to(&d, " it@bakery.example", 1, 0), other_case = to(&d, "it@bakery.example", 2, 0), by_hand = other_case,
                      typo = to(&d, "it@bakery.example", 1, 0), later = to(&d, "it@bakery.example", 1, 0), phone = to(&d, "+43 1 555", 1, 0);
        int64_t       id;

        by_hand.override_ = true;
        typo.subject = STR("another subject");                        /* the text is not the content */
        later.stage = STAGE_REMIND1;
        phone.channel = CONTACT_PHONE;
        CHECK(ledger_begin(d.l, &e));
        assert_int_equal(decide(&d, &a), DECIDED_NEW);
        assert_int_equal(decide(&d, &same), DECIDED_KNOWN);
        assert_int_equal(decide(&d, &typo), DECIDED_KNOWN);
        assert_int_equal(decide(&d, &other_case), DECIDED_TAKEN);
        assert_int_equal(decide(&d, &by_hand), DECIDED_NEW);
        assert_int_equal(decide(&d, &later), DECIDED_NEW);
        CHECK(by_hand.not_before_us == NOW + OUTBOX_QUIET_US && later.not_before_us == NOW + 2 * OUTBOX_QUIET_US);      /* the quiet rule waits, it does not forget */
        assert_int_equal(decide(&d, &phone), DECIDED_NEW);
        CHECK(ledger_commit(d.l, &e));
        assert_int_equal(ld_one(&d, "SELECT count(*) FROM notify_notice"), 4);
        assert_int_equal(ld_one(&d, "SELECT count(*) FROM case_fact WHERE kind = 5"), 4);
        CHECK(outbox_token_check(d.s, str_c(a.token), &id, &e) && id == a.id);
        a.token[20] = a.token[20] == 'a' ? 'b' : 'a';
        CHECK(!outbox_token_check(d.s, str_c(a.token), &id, &e) && e.kind == ERR_NONE);
        ld_close(&d);
    }
}

/* A back door found for the first time does not wait for the quiet rule. */
static void test_upgrade(void **state)
{
    struct ld   d = begin(0);
    struct err    e = { 0 };
    struct notice first = to(&d, "it@bakery.example", 1, 0), worse = first, again = first;

    (void)state;
    worse.stage = STAGE_BACKDOOR;
    worse.finding = FINDING_BACKDOORED;
    again.stage = STAGE_RELAPSED;
    again.finding = FINDING_RELAPSED;
    CHECK(ledger_begin(d.l, &e));
    decide(&d, &first);
    decide(&d, &worse);
    decide(&d, &again);
    CHECK(worse.not_before_us == NOW && again.not_before_us > NOW && ledger_commit(d.l, &e));
    ld_close(&d);
}

static void test_suppressed(void **state)
{
    struct ld   d = begin(0);
    struct err    e = { 0 };
    struct notice mail = to(&d, "it@bakery.example", 1, 0), letter = mail;

    (void)state;
    CHECK(ledger_begin(d.l, &e) && suppress_add(d.l, STR("bakery.example"), STR("proxylogon"), STR("asked"), NULL, &e) && ledger_commit(d.l, &e) && ledger_begin(d.l, &e));
    assert_int_equal(decide(&d, &mail), DECIDED_SUPPRESSED);
    letter.channel = CONTACT_POST;
    letter.contact = STR("Bakery\n1 Sample Road");
    letter.finding = FINDING_BACKDOORED;
    assert_int_equal(decide(&d, &letter), DECIDED_NEW);
    CHECK(ledger_commit(d.l, &e));
    ld_close(&d);
}

static void test_two_persons(void **state)
{
    struct ld d = begin(0);
    struct err  e = { 0 };
    uint64_t    n;
    uint8_t     hash[32];
    int64_t     id, next;
    struct claim  c;
    struct notice x = to(&d, "it@bakery.example", 1, 1), more = to(&d, "it@mill.example", 2, 1);

    (void)state;
    CHECK(ledger_begin(d.l, &e) && outbox_wave(d.l, d.campaign, STAGE_FIRST, STR(""), &id, &e) && id == 1);
    decide(&d, &x);
    CHECK(outbox_wave_close(d.l, id, &n, hash, &e) && ledger_commit(d.l, &e));
    CHECK(!claim(&d, "s1", NOW, &c, &x, &next) && next == TIME_NONE);            /* nobody approved it */
    CHECK(ledger_begin(d.l, &e) && !outbox_approve(d.l, id, hash, STR("Ada "), &n, &e) && e.kind == ERR_USAGE);
    e = (struct err){ 0 };
    CHECK(!outbox_approve(d.l, id, hash, STR(""), &n, &e));
    decide(&d, &more);                                                         /* it grew after it was shown */
    e = (struct err){ 0 };
    CHECK(!outbox_approve(d.l, id, hash, STR("grace"), &n, &e) && strstr(e.what, "not what was shown"));
    e = (struct err){ 0 };
    CHECK(outbox_wave_close(d.l, id, &n, hash, &e) && outbox_approve(d.l, id, hash, STR("grace"), &n, &e) && n == 2);
    CHECK(!outbox_approve(d.l, id, hash, STR("grace"), &n, &e) && strstr(e.what, "already"));
    e = (struct err){ 0 };
    CHECK(ledger_commit(d.l, &e));
    CHECK(claim(&d, "s1", NOW, &c, &x, &next));
    ld_close(&d);
}

/* Sheet, 6.3: whoever dies after each step, and what the wire has then. */
static void test_crash_table(void **state)
{
    static const char *const contact[] = { "it@bakery.example" };
    static const struct { int dies_after; enum notice_step then; const char *why; } c[] = {
        { 1, NOTICE_QUEUED,  "claim" },
        { 2, NOTICE_QUEUED,  "intent, before the dot: provably not sent" },
        { 3, NOTICE_UNKNOWN, "the dot may have been written" },
    };

    (void)state;
    for (int engine = 0; engine < ENGINES && (engine == 0 || w.has_pg); engine++)
        for (size_t i = 0; i < COUNT_OF(c); i++) {
            struct ld   d = begin(engine);
            struct err    e = { 0 };
            struct claim  k, late;
            struct notice n;
            int64_t       next;
            uint64_t      queued, unknown;

            wave(&d, 1, contact);
            CHECK(claim(&d, "s1", NOW, &k, &n, &next));
            CHECK(!claim(&d, "s2", NOW + TIME_MINUTE, &late, &n, &next));                     /* nobody else has it meanwhile */
            CHECK(c[i].dies_after < 2 || outbox_intent(d.l, &k, NOW, &e));
            CHECK(c[i].dies_after < 3 || outbox_dot(d.l, &k, 17, NOW, &e));
            CHECK(outbox_recover(d.l, NOW + TIME_MINUTE, &queued, &unknown, &e) && queued + unknown == 0);       /* its lease holds */
            CHECK(outbox_recover(d.l, NOW + OUTBOX_LEASE_US + TIME_MINUTE, &queued, &unknown, &e) && queued + unknown == 1);
            if (ld_one(&d, "SELECT state FROM notify_notice") != (int64_t)c[i].then)
                fail_msg("%s: %lld", c[i].why, (long long)ld_one(&d, "SELECT state FROM notify_notice"));
            /* The sender was only slow: its word comes too late to count. */
            struct handed h = { HANDED_ACCEPTED, 250, STR("ok"), STR("4ABC"), NOW, TIME_NONE };
            CHECK(!outbox_result(d.l, &k, &h, &e) && e.kind == ERR_NONE && ld_one(&d, "SELECT state FROM notify_notice") == (int64_t)c[i].then);
            CHECK(!outbox_intent(d.l, &k, NOW, &e) && e.kind == ERR_NONE);
            CHECK(!outbox_dot(d.l, &k, 17, NOW, &e) && e.kind == ERR_NONE);
            if (c[i].then == NOTICE_UNKNOWN) {
                CHECK(!claim(&d, "s2", NOW + TIME_DAY, &late, &n, &next));                    /* never by blind retry */
                CHECK(ledger_begin(d.l, &e) && outbox_settle(d.l, n.id, true, STR("4ABC"), STR("in the log"), NOW, &e) && ledger_commit(d.l, &e));
                assert_int_equal(ld_one(&d, "SELECT state FROM notify_notice"), NOTICE_ACCEPTED);
                CHECK(ledger_begin(d.l, &e) && !outbox_settle(d.l, n.id, false, STR_EMPTY, STR("no"), NOW, &e));
                ledger_rollback(d.l);
            } else
                CHECK(claim(&d, "s2", NOW + TIME_DAY, &late, &n, &next) && late.attempt == 2 && outbox_intent(d.l, &late, NOW, &e) && outbox_result(d.l, &late, &h, &e));
            assert_int_equal(ld_one(&d, "SELECT count(*) FROM notify_notice"), 1);
            ld_close(&d);
        }
}

static void test_results(void **state)
{
    static const char *const contact[] = { "it@bakery.example" };
    static const struct { struct handed h; enum notice_step then; int64_t wait; const char *why; } c[] = {
        { { HANDED_ACCEPTED, 250, { 0 }, { 0 }, NOW, TIME_NONE }, NOTICE_ACCEPTED, -1, "taken" },
        { { HANDED_LATER, 451, { 0 }, { 0 }, NOW, TIME_NONE }, NOTICE_QUEUED, 15 * TIME_MINUTE, "greylisted: the sheet's first wait" },
        { { HANDED_NOT, 0, { 0 }, { 0 }, NOW, 60 * TIME_SECOND }, NOTICE_QUEUED, 60 * TIME_SECOND, "no connection: the caller's wait" },
        { { HANDED_REFUSED, 550, { 0 }, { 0 }, NOW, TIME_NONE }, NOTICE_REFUSED, -1, "refused for good" },
        { { HANDED_UNKNOWN, 0, { 0 }, { 0 }, NOW, TIME_NONE }, NOTICE_UNKNOWN, -1, "cut after the dot" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct ld   d = begin(0);
        struct err    e = { 0 };
        struct claim  k;
        struct notice n;
        int64_t       next;

        wave(&d, 1, contact);
        CHECK(claim(&d, "s1", NOW, &k, &n, &next) && outbox_intent(d.l, &k, NOW, &e) && outbox_result(d.l, &k, &c[i].h, &e));
        if (ld_one(&d, "SELECT state FROM notify_notice") != (int64_t)c[i].then)
            fail_msg("%s", c[i].why);
        CHECK(!claim(&d, "s1", NOW, &k, &n, &next));
        CHECK_WHY(c[i].wait < 0 ? next == TIME_NONE : next == NOW + c[i].wait, c[i].why);
        CHECK_WHY(c[i].wait < 0 || claim(&d, "s1", NOW + c[i].wait, &k, &n, &next), c[i].why);
        ld_close(&d);
    }
}

static void test_stop(void **state)
{
    static const char *const contact[] = { "it@bakery.example" };
    struct ld   d = begin(0);
    struct err    e = { 0 };
    struct claim  k;
    struct notice n;
    int64_t       next;

    (void)state;
    wave(&d, 1, contact);
    CHECK(ledger_begin(d.l, &e) && outbox_stop(d.l, STR("proxylogon"), STR("wrong text"), &e) && ledger_commit(d.l, &e));
    CHECK(!claim(&d, "s1", NOW, &k, &n, &next));
    d.m->now_us++;
    CHECK(ledger_begin(d.l, &e) && !outbox_go(d.l, STR_EMPTY, STR("mended"), &e));
    e = (struct err){ 0 };
    CHECK(outbox_go(d.l, STR("proxylogon"), STR("mended"), &e) && ledger_commit(d.l, &e));
    CHECK(claim(&d, "s1", NOW, &k, &n, &next));
    CHECK(ledger_begin(d.l, &e) && outbox_stop(d.l, STR_EMPTY, STR("everything"), &e) && ledger_commit(d.l, &e));
    CHECK(!outbox_intent(d.l, &k, NOW, &e) && e.kind == ERR_NONE);                 /* between claim and dot, too */
    assert_int_equal(ld_one(&d, "SELECT state FROM notify_notice"), NOTICE_QUEUED);
    ld_close(&d);
}

/* One provider at one message a second; another is not held up by it. */
static void test_rates(void **state)
{
    static const char *const contact[] = { "a@one.example", "b@two.example", "c@three.example" };
    struct ld   d = begin(0);
    struct err    e = { 0 };
    struct claim  k;
    struct notice n;
    int64_t       next, t = NOW;
    struct handed ok = { HANDED_ACCEPTED, 250, STR("ok"), STR("q"), NOW, TIME_NONE }, busy = { HANDED_LATER, 421, STR("4.7.0 slow down"), STR_EMPTY, NOW, TIME_NONE };

    (void)state;
    wave(&d, 3, contact);
    CHECK(store_exec(d.s, "UPDATE notify_notice SET domain = contact; UPDATE notify_notice SET bucket = 'other' WHERE contact = 'c@three.example'", &e));
    CHECK(claim(&d, "s1", t, &k, &n, &next) && outbox_intent(d.l, &k, t, &e) && outbox_result(d.l, &k, &ok, &e));
    t += 50 * 1000;                                                                /* the world allows 20 a second */
    CHECK(claim(&d, "s1", t, &k, &n, &next) && outbox_intent(d.l, &k, t, &e) && outbox_result(d.l, &k, &ok, &e));
    t += 50 * 1000;
    bool third = claim(&d, "s1", t, &k, &n, &next);
    CHECK(!third && next > t && next <= NOW + 2 * TIME_SECOND);
    CHECK(ld_one(&d, "SELECT count(*) FROM notify_notice WHERE state = 6 AND bucket = 'other'") == 1);       /* the other provider's went at once */
    CHECK(claim(&d, "s1", next, &k, &n, &next));
    busy.at_us = NOW + 3 * TIME_SECOND;
    CHECK(outbox_intent(d.l, &k, NOW, &e) && outbox_result(d.l, &k, &busy, &e));
    CHECK(ld_one(&d, "SELECT rate_milli FROM notify_bucket WHERE kind = 1 AND name = 'provider.example'") == 500);
    ld_close(&d);
}

PG_GROUP(w)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decided_once), cmocka_unit_test(test_upgrade), cmocka_unit_test(test_suppressed), cmocka_unit_test(test_two_persons), cmocka_unit_test(test_crash_table),
        cmocka_unit_test(test_results), cmocka_unit_test(test_stop), cmocka_unit_test(test_rates),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
