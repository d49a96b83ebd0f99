/* A plan on both engines: each case told or given its reason, once, whoever dies when. */
#include "notify/plan_fixture.h"
#include "pg_server.h"

#include <sys/wait.h>

static struct { struct pg_server pg; bool has_pg; } w;
static int engines(void) { return w.has_pg ? 2 : 1; }
static struct lf world(int engine, int n) { return pf_open(engine ? w.pg.where : NULL, n); }

enum { N = 24 };

static struct plan_result make(struct lf *f, struct pf_plan x)
{
    struct settings    t = pf_settings();
    struct plan_result r;
    struct err         e = { 0 };

    f->m->now_us = LF_NOW + x.at_us;
    if (!pf_make(f, &t, x, &r, &e))
        fail_msg("%s: %s", e.where, e.what);
    uint64_t sum = r.told;
    for (int i = 0; i < UNPLANNED_REASONS; i++)
        sum += r.reason[i];
    assert_int_equal(sum, r.cases);
    return r;
}

static int64_t reason_of(struct lf *f, int case_)
{
    int64_t v = -1;
    struct err e = { 0 };

    CHECK(bind_ask(f->s, "SELECT why FROM notify_plan WHERE case_id = ?1", BOUND(B_INT(case_)), &v, 1, &e));
    return v;
}

/* Everything that was decided, as one number: key, audience, minimal, and with `bytes` the message. */
static int64_t set_of(struct lf *f, bool bytes)
{
    struct store_stmt *st;
    struct err         e = { 0 };
    int64_t            sum = 0;

    CHECK(bind_open(f->s, "SELECT n.id, n.audience, n.minimal, n.stage, n.contact, n.message_id FROM notify_notice n JOIN notify_bytes b ON b.notice = n.id ORDER BY n.id", NULL, 0, &st, &e));
    while (store_step(st, &e) == STORE_ROW) {
        char            text[80];
        struct str      at = { (const uint8_t *)text, (size_t)snprintf(text, sizeof text, "%lld %lld %lld %lld", (long long)store_int(st, 0), (long long)store_int(st, 1), (long long)store_int(st, 2), (long long)store_int(st, 3)) };
        const struct str part[] = { at, store_text(st, 4), bytes ? store_text(st, 5) : STR_EMPTY };
        sum = (int64_t)((uint64_t)sum + (uint64_t)ledger_number(part, COUNT_OF(part)));
    }
    store_finish(st);
    return sum;
}

static void each_case_is_told_or_has_its_reason(void **state)
{
    (void)state;
    for (int engine = 0; engine < engines(); engine++) {
        struct lf f = world(engine, N);
        struct plan_result r = make(&f, (struct pf_plan){ .threads = 2 }), dry;

        assert_int_equal(r.cases, N);
        assert_int_equal(r.reason[UNPLANNED_NO_CONTACT], 1);
        assert_int_equal(reason_of(&f, 7), UNPLANNED_NO_CONTACT);
        assert_int_equal(reason_of(&f, 8), UNPLANNED_CLEAN);
        assert_int_equal(reason_of(&f, 9), UNPLANNED_UNVERIFIED);
        assert_int_equal(reason_of(&f, 10), UNPLANNED_ANSWERED);
        assert_int_equal(reason_of(&f, 11), UNPLANNED_SUPPRESSED);
        assert_int_equal(reason_of(&f, 12), UNPLANNED_SOURCE);
        assert_int_equal(reason_of(&f, 13), UNPLANNED_HUMAN);
        assert_int_equal(r.unwritten, 1);
        CHECK(strstr(r.unwritten_why.what, "cannot be made"));
        assert_int_equal(r.told, N - 7);
        assert_int_equal(r.decided, lf_one(&f, "SELECT count(*) FROM notify_notice"));
        assert_int_equal(r.decided, lf_one(&f, "SELECT count(*) FROM notify_bytes"));
        assert_int_equal(r.unsigned_, r.channel[CONTACT_EMAIL]);

        /* Its own mail server may be the intruder's: a minimal mail, and telephone and letter at once. */
        assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE case_id = 2"), 3);
        assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE case_id = 2 AND minimal = 1 AND channel = 0"), 1);
        assert_int_equal(r.minimal, 1);
        /* A back door: mail and telephone, at once and before others; the rest once, within office hours. */
        assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE case_id = 16 AND stage = 4 AND channel IN (0, 1)"), 2);
        assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE case_id = 15 AND stage = 0"), 1);
        CHECK(lf_one(&f, "SELECT min(priority) FROM notify_notice WHERE stage = 4") > lf_one(&f, "SELECT max(priority) FROM notify_notice WHERE stage = 0"));
        assert_int_equal(r.wave_n, 2);
        /* The operator's mailbox: one notice that lists all three, and each owner its own. */
        assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE contact = 'noc@msp.example'"), 1);
        assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_also a JOIN notify_notice n ON n.id = a.notice WHERE n.contact = 'noc@msp.example' AND n.audience = 2 AND a.case_id IN (3, 4, 5)"), 3);
        assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE contact IN ('security@o3.example', 'security@o4.example', 'security@o5.example') AND audience = 0"), 3);
        /* Abroad: them, and their CSIRT. */
        assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE case_id = 6 AND audience = 3 AND channel = 0 AND contact = 'cert@gov.example'"), 1);
        assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE case_id = 6 AND audience = 0"), 1);
        /* The ladder is a fact now, and nonces go where nobody else reads. */
        CHECK(lf_one(&f, "SELECT count(*) FROM case_fact WHERE kind = 8 AND case_id = 15") > 0);
        assert_int_equal(lf_one(&f, "SELECT count(*) FROM case_nonce WHERE case_id = 15"), 1);

        /* Again, dry or not: nothing new. */
        int64_t set = set_of(&f, true);
        dry = make(&f, (struct pf_plan){ .dry_run = true });
        assert_int_equal(dry.decided, 0);
        r = make(&f, (struct pf_plan){ .at_us = TIME_MINUTE });
        assert_int_equal(r.decided, 0);
        assert_int_equal(r.told, 0);
        assert_int_equal(r.wave_n, 0);
        assert_int_equal(set_of(&f, true), set);
        assert_int_equal(reason_of(&f, 15), UNPLANNED_WAITING);
        pf_close(&f);
    }
}

static void a_dry_run_changes_nothing(void **state)
{
    (void)state;
    for (int engine = 0; engine < engines(); engine++) {
        struct lf          f = world(engine, N);
        struct plan_result dry = make(&f, (struct pf_plan){ .dry_run = true, .threads = 3 }), r;

        assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice") + lf_one(&f, "SELECT count(*) FROM notify_wave") + lf_one(&f, "SELECT count(*) FROM notify_plan") +
                         lf_one(&f, "SELECT count(*) FROM notify_bytes") + lf_one(&f, "SELECT count(*) FROM case_nonce") + lf_one(&f, "SELECT count(*) FROM case_fact"), 0);
        r = make(&f, (struct pf_plan){ .threads = 1 });
        assert_int_equal(dry.told, r.told);
        assert_int_equal(dry.decided, r.decided);
        assert_int_equal(dry.bytes, r.bytes);
        assert_int_equal(dry.wave_n, r.wave_n);
        assert_memory_equal(dry.reason, r.reason, sizeof r.reason);
        assert_memory_equal(dry.channel, r.channel, sizeof r.channel);
        pf_close(&f);
    }
}

static void threads_change_nothing(void **state)
{
    (void)state;
    int64_t set[2];

    for (int i = 0; i < 2; i++) {
        struct lf f = world(0, 60);

        make(&f, (struct pf_plan){ .threads = i ? 5 : 1 });
        set[i] = set_of(&f, false);
        pf_close(&f);
    }
    assert_int_equal(set[0], set[1]);
}

/* Killed at its k-th text, and made again by another: the same set as if nothing had been. */
static void a_plan_that_died(void **state)
{
    (void)state;
    for (int engine = 0; engine < engines(); engine++) {
        char      dir[] = "/tmp/plan-XXXXXX", where[64], rm[80];
        int64_t   whole = 0;
        const int dies[] = { 0, 1, 33, 45, 56 };

        CHECK(mkdtemp(dir) != NULL);
        for (size_t k = 0; k < COUNT_OF(dies); k += engine && k ? 2 : 1) {
            snprintf(where, sizeof where, "%s/%zu.db", dir, k);
            struct lf f = pf_open(engine ? w.pg.where : where, 52);

            if (dies[k]) {
                ledger_close(f.l);
                store_close(f.s);
                pid_t pid = fork();
                if (pid == 0) {
                    struct settings    t = pf_settings();
                    struct plan_result r;
                    struct err         e = { 0 };

                    pf_pen.dies_at = dies[k];
                    if (!store_open(&f.s, engine ? str_c(w.pg.where) : str_c(where), STORE_WRITE, &e) || !ledger_open(&f.l, f.s, &f.m->os, STR("ada"), &e))
                        _exit(2);
                    (void)pf_make(&f, &t, (struct pf_plan){ .threads = 2, .batch = 32 }, &r, &e);
                    _exit(3);
                }
                int status;
                CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
                assert_int_equal(WEXITSTATUS(status), 0);
                struct err e = { 0 };
                CHECK(store_open(&f.s, engine ? str_c(w.pg.where) : str_c(where), STORE_WRITE, &e) && ledger_open(&f.l, f.s, &f.m->os, STR("ada"), &e));
                assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice n LEFT JOIN notify_bytes b ON b.notice = n.id WHERE b.notice IS NULL"), 0);
                CHECK(dies[k] < 34 || lf_one(&f, "SELECT count(*) FROM notify_notice") >= 25);
            }
            make(&f, (struct pf_plan){ .threads = 2 });
            if (k == 0)
                whole = set_of(&f, true);
            if (set_of(&f, true) != whole) fail_msg("engine %d, dies at %d: %lld notices", engine, dies[k], (long long)lf_one(&f, "SELECT count(*) FROM notify_notice"));
            pf_close(&f);
        }
        snprintf(rm, sizeof rm, "rm -r %s", dir);
        CHECK(system(rm) == 0);
    }
}

static void the_desk_bounds_it(void **state)
{
    (void)state;
    struct lf          f = world(0, 40);
    struct settings    t = pf_settings();
    struct plan_result r = make(&f, (struct pf_plan){ .most = 8 });
    struct err         e = { 0 };

    CHECK(r.decided <= 8 && r.decided >= 5 && r.reason[UNPLANNED_DESK] > 10);
    assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE stage <> 4"), 0);       /* back doors first */
    t.desk_a_day = 30;
    CHECK(pf_make(&f, &t, (struct pf_plan){ 0 }, &r, &e));
    assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice") <= 30, 1);
    CHECK(pf_make(&f, &t, (struct pf_plan){ .at_us = TIME_HOUR }, &r, &e));
    CHECK(r.decided <= 2);                           /* the same day: what was left of it */
    for (int day = 1; day < 6; day++)
        CHECK(pf_make(&f, &t, (struct pf_plan){ .at_us = day * TIME_DAY }, &r, &e));
    assert_int_equal(r.reason[UNPLANNED_DESK], 0);
    pf_close(&f);

    f = world(0, 12);
    r = make(&f, (struct pf_plan){ .only_case = 4 });
    assert_int_equal(r.cases, 1);
    CHECK(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE case_id <> 4") == 0 && r.decided > 0);
    CHECK(!pf_make(&f, &t, (struct pf_plan){ .only_case = 4000 }, &r, &e) && e.kind == ERR_USAGE);
    pf_close(&f);
}

static void a_stop(void **state)
{
    (void)state;
    struct lf  f = world(0, N);
    struct err e = { 0 };

    CHECK(ledger_begin(f.l, &e) && outbox_stop(f.l, STR("another campaign"), STR("x"), &e) && ledger_commit(f.l, &e));
    CHECK(make(&f, (struct pf_plan){ .dry_run = true }).told > 0);
    CHECK(ledger_begin(f.l, &e) && outbox_stop(f.l, STR("proxylogon"), STR("x"), &e) && ledger_commit(f.l, &e));
    struct plan_result r = make(&f, (struct pf_plan){ 0 });
    CHECK(r.told == 0 && r.reason[UNPLANNED_STOPPED] == N && r.decided == 0);
    CHECK(ledger_begin(f.l, &e) && outbox_go(f.l, STR("proxylogon"), STR("x"), &e) && ledger_commit(f.l, &e));
    CHECK(make(&f, (struct pf_plan){ 0 }).told > 0);
    pf_close(&f);
}

/* A wave is approved by another person, for what was shown and nothing else. */
static void a_wave(void **state)
{
    (void)state;
    struct lf          f = world(0, N);
    struct plan_result r = make(&f, (struct pf_plan){ 0 });
    struct err         e = { 0 };
    uint64_t           n;
    uint8_t            hash[32];

    CHECK(ledger_begin(f.l, &e) && !outbox_approve(f.l, r.wave[0].wave, r.wave[0].hash, STR(" ADA"), &n, &e) && e.kind == ERR_USAGE);
    ledger_rollback(f.l);
    e = (struct err){ 0 };
    CHECK(ledger_begin(f.l, &e) && outbox_cancel(f.l, lf_one(&f, "SELECT min(id) FROM notify_notice WHERE wave = 1"), STR("a person called"), &e) && ledger_commit(f.l, &e));
    CHECK(ledger_begin(f.l, &e) && !outbox_approve(f.l, 1, r.wave[0].wave == 1 ? r.wave[0].hash : r.wave[1].hash, STR("grace"), &n, &e));
    CHECK(strstr(e.what, "not what was shown"));
    ledger_rollback(f.l);
    e = (struct err){ 0 };
    CHECK(outbox_wave_hash(f.s, 1, &n, hash, &e) && ledger_begin(f.l, &e) && outbox_approve(f.l, 1, hash, STR("grace"), &n, &e) && ledger_commit(f.l, &e));
    CHECK(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE wave = 1 AND state = 1") == (int64_t)n);
    pf_close(&f);
}

static void step(struct lf *f, const char *contact, enum notice_step to, int64_t at)
{
    struct err e = { 0 };

    f->m->now_us = at;
    lf_run(f, "INSERT INTO notify_event (notice, at_us, who, step, attempt, code, detail) SELECT id, ?2, 'x', ?3, 1, 0, '' FROM notify_notice WHERE contact = ?1", BOUND(B_TEXT(str_c(contact)), B_INT(at), B_INT(to)));
    lf_run(f, "UPDATE notify_notice SET state = ?2, changed_us = ?3 WHERE contact = ?1", BOUND(B_TEXT(str_c(contact)), B_INT(to), B_INT(at)));
    (void)e;
}

static void what_comes_next(void **state)
{
    (void)state;
    struct lf f = world(0, N);

    make(&f, (struct pf_plan){ 0 });
    step(&f, "security@o15.example", NOTICE_ACCEPTED, LF_NOW + TIME_HOUR);
    step(&f, "security@o17.example", NOTICE_BOUNCED_HARD, LF_NOW + TIME_HOUR);
    step(&f, "security@o18.example", NOTICE_ACKNOWLEDGED, LF_NOW + TIME_HOUR);
    struct plan_result r = make(&f, (struct pf_plan){ .at_us = 2 * TIME_HOUR });
    assert_int_equal(r.decided, 1);                  /* the next rung, at once */
    assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE case_id = 17 AND stage = 0 AND channel = 1"), 1);
    r = make(&f, (struct pf_plan){ .at_us = 74 * TIME_HOUR });
    assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE case_id = 15 AND stage = 1 AND channel = 1"), 1);
    assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE case_id = 18"), 1);
    assert_int_equal(reason_of(&f, 18), UNPLANNED_ANSWERED);
    pf_close(&f);
}

/* A part of a case that was told already is not told again; what its other half was told since then is not its own. */
static void heirs(void **state)
{
    (void)state;
    struct lf  f = world(0, N);
    struct err e = { 0 };

    make(&f, (struct pf_plan){ .only_case = 15 });
    CHECK(ledger_begin(f.l, &e));
    pf_case(&f, 50);
    CHECK(ledger_commit(f.l, &e));
    lf_run(&f, "INSERT INTO case_heir (case_id, from_case) VALUES (50, 15)", NULL, 0);
    lf_run(&f, "UPDATE case_case SET opened_us = ?1 WHERE id = 50", BOUND(B_INT(LF_NOW + TIME_HOUR)));
    struct plan_result r = make(&f, (struct pf_plan){ .at_us = 2 * TIME_HOUR, .only_case = 50 });
    assert_int_equal(r.reason[UNPLANNED_WAITING], 1);
    lf_run(&f, "UPDATE case_case SET opened_us = ?1 WHERE id = 50", BOUND(B_INT(LF_NOW - TIME_HOUR)));
    r = make(&f, (struct pf_plan){ .at_us = 2 * TIME_HOUR, .only_case = 50 });
    assert_int_equal(r.told, 1);
    pf_close(&f);
}

/* What a CSIRT was handed is a fact of each case in it, and not that they were told. */
static void a_csirt(void **state)
{
    (void)state;
    struct lf  f = world(0, 6);
    struct err e = { 0 };
    uint64_t   n;

    CHECK(ledger_begin(f.l, &e));
    pf_case(&f, 30);
    CHECK(ledger_commit(f.l, &e));
    lf_exec(&f, "UPDATE case_org SET country = 'ZZ' WHERE org = 1030");
    struct plan_result r = make(&f, (struct pf_plan){ 0 });
    assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE audience = 3"), 1);
    assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_also a JOIN notify_notice n ON n.id = a.notice WHERE n.audience = 3 AND a.case_id IN (6, 30)"), 2);
    for (size_t i = 0; i < r.wave_n; i++)
        CHECK(ledger_begin(f.l, &e) && outbox_approve(f.l, r.wave[i].wave, r.wave[i].hash, STR("grace"), &n, &e) && ledger_commit(f.l, &e));
    CHECK(lf_one(&f, "SELECT count(DISTINCT f.case_id) FROM case_fact f JOIN notify_notice n ON n.id = f.subject WHERE f.kind = 5 AND n.audience = 3") == 2);
    CHECK(lf_one(&f, "SELECT count(*) FROM case_fact f JOIN notify_notice n ON n.id = f.subject WHERE f.kind = 5 AND n.audience = 3 AND f.flags <> 64") == 0);
    /* A third one, the same day: tomorrow. */
    CHECK(ledger_begin(f.l, &e));
    pf_case(&f, 31);
    CHECK(ledger_commit(f.l, &e));
    lf_exec(&f, "UPDATE case_org SET country = 'ZZ' WHERE org = 1031");
    make(&f, (struct pf_plan){ .at_us = TIME_HOUR });
    assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE audience = 3"), 1);
    r = make(&f, (struct pf_plan){ .at_us = TIME_DAY });
    assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice WHERE audience = 3"), 2);
    assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_also WHERE case_id = 31"), 1);
    pf_close(&f);
}

static void what_fails_leaves_nothing_half(void **state)
{
    (void)state;
    struct settings    t = pf_settings();
    struct plan_result r;

    for (int n = 1; n < 30; n += 3) {
        struct lf  f = world(0, 8);
        struct err e = { 0 };

        pf_pen.fails_at = n;
        bool ok = pf_make(&f, &t, (struct pf_plan){ .threads = 1 }, &r, &e);
        CHECK(ok == (pf_pen.writes < n) && (ok || e.kind == ERR_MEMORY));
        assert_int_equal(lf_one(&f, "SELECT count(*) FROM notify_notice n LEFT JOIN notify_bytes b ON b.notice = n.id WHERE b.notice IS NULL"), 0);
        pf_pen.fails_at = 0;
        pf_close(&f);
    }
    /* Memory that ends: refused, in words; made again with enough, whole. */
    for (uint32_t n = 1; n < 400; n += 11) {
        struct lf    f = world(0, 3);
        struct arena room;
        struct fault fault = { .left = n };
        struct err   e = { 0 };
        struct case_campaign c = { .id = f.campaign, .slug = STR("proxylogon") };
        struct plan_options  o = { .pen = &pf_pen_table, .os = &f.m->os, .settings = &t, .campaign = &c, .now_us = LF_NOW };

        CHECK(os_arena_map(&room, 64 << 20, &e));
        struct arena a = room;
        a.fault = &fault;
        bool ok = notify_plan_make(f.l, &o, &a, &r, &e);
        /* A copy of an empty text may fail and nothing is lost. */
        if (ok ? lf_one(&f, "SELECT count(*) FROM notify_notice") != 5 : !fault.fired || e.kind != ERR_MEMORY || !e.what[0])
            fail_msg("step %u: %s %d %s", n, ok ? "done" : "failed", e.kind, e.what);
        os_arena_unmap(&room);
        pf_close(&f);
        if (!fault.fired)
            break;
    }
}

static int setup(void **state) { (void)state; w.has_pg = pg_server_or_say(&w.pg); return 0; }
static int teardown(void **state) { (void)state; pg_server_stop(&w.pg); return 0; }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case_is_told_or_has_its_reason), cmocka_unit_test(a_dry_run_changes_nothing), cmocka_unit_test(threads_change_nothing), cmocka_unit_test(a_plan_that_died),
        cmocka_unit_test(the_desk_bounds_it), cmocka_unit_test(a_stop), cmocka_unit_test(a_wave), cmocka_unit_test(what_comes_next), cmocka_unit_test(heirs), cmocka_unit_test(a_csirt),
        cmocka_unit_test(what_fails_leaves_nothing_half),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
