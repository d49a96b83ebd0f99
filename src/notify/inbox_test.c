/* What comes back, as mail systems and people write it; in our own words, with invented names. */
#include "notify/inbox_fixture.h"

#include "casework/report_fixture.h"
#include "pg_server.h"

#define DSN(to, action, status, diagnostic, returned) \
    "Return-Path: <>\r\nDelivered-To: " to "\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\r\nTo: " to "\r\nSubject: Delivery report\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n" \
    "Content-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\nwords\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\n" \
    "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; it@bakery.example\r\nAction: " action "\r\nStatus: " status "\r\nDiagnostic-Code: " diagnostic "\r\n\r\n" \
    "--B\r\nContent-Type: text/rfc822-headers\r\n\r\n" returned "\r\n\r\n--B--\r\n"
#define OURS "b+%T@bounce.cert.example"
#define PERSON(headers, text) "From: Ann Baker <ann@bakery.example>\r\nTo: <case+%T@reply.cert.example>\r\n" headers "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" text "\r\n"

static const struct { const char *mail; enum inbox_kind kind; enum notice_step then; const char *also; int64_t is; const char *why; } cases[] = {
    { DSN(OURS, "failed", "5.1.1", "smtp; 550 5.1.1 no such user", "Message-ID: <%M>"), INBOX_DSN, NOTICE_BOUNCED_HARD, "SELECT count(*) FROM case_fact WHERE kind = 8 AND value = 0 AND subject = 99", 1, "no such user: the contact is dead" },
    { DSN(OURS, "failed", "5.2.2", "smtp; 552 full", ""), INBOX_DSN, NOTICE_BOUNCED_HARD, "SELECT count(*) FROM case_fact WHERE kind = 8 AND reason LIKE 'rests%'", 1, "full: the contact rests" },
    { DSN(OURS, "failed", "5.7.26", "smtp; 550 DMARC", ""), INBOX_DSN, NOTICE_BOUNCED_SOFT, "SELECT count(*) FROM notify_bucket WHERE policy = 1", 2, "policy: our own fault first" },
    { DSN(OURS, "delivered", "2.0.0", "smtp; 250 ok", ""), INBOX_DSN, NOTICE_DELIVERED, NULL, 0, "delivered" },
    { DSN(OURS, "Delayed", "4.4.1", "smtp; no answer", ""), INBOX_DSN, NOTICE_ACCEPTED, NULL, 0, "delayed: nothing to do" },
    { DSN(OURS, "relayed", "2.0.0", "smtp; 250 ok", ""), INBOX_DSN, NOTICE_ACCEPTED, NULL, 0, "relayed to one that tells no more" },
    { DSN("postmaster@cert.example", "failed", "5.1.1", "x", "Return-Path: <" OURS ">"), INBOX_DSN, NOTICE_BOUNCED_HARD, NULL, 0, "only what came back tells whose it is" },
    { DSN("b+%X@bounce.cert.example", "failed", "5.1.1", "x", "Message-ID: <%M>"), INBOX_BACKSCATTER, NOTICE_ACCEPTED, "SELECT count(*) FROM case_fact WHERE kind = 8", 0, "a forged token moves nothing, whatever Message-ID it quotes" },
    { DSN("postmaster@cert.example", "failed", "5.1.1", "x", "Message-ID: <%M>"), INBOX_BACKSCATTER, NOTICE_ACCEPTED, NULL, 0, "a bounce without a token proves nothing" },
    { "Return-Path: <>\r\nFrom: MAILER-DAEMON@qmail.example\r\nTo: " OURS "\r\nSubject: failure notice\r\n\r\nHi. Sorry it didn't work out.\r\n", INBOX_BOUNCE_UNPARSED, NOTICE_BOUNCED_SOFT, NULL, 0, "a bounce in words" },
    { PERSON("Subject: Out of Office: x\r\nAuto-Submitted: auto-replied\r\n", "Back on Monday."), INBOX_AUTO_REPLY, NOTICE_AUTO_REPLIED, "SELECT count(*) FROM case_fact WHERE kind = 11", 0, "an absence is no answer" },
    { PERSON("Subject: Abwesenheitsnotiz\r\n", "Bin im Urlaub."), INBOX_AUTO_REPLY, NOTICE_AUTO_REPLIED, NULL, 0, "an absence in German, without a header for it" },
    { PERSON("Subject: [Ticket#2021030610000123] Received: your notice\r\nPrecedence: bulk\r\n", "We got it."), INBOX_TICKET_ROBOT, NOTICE_DELIVERED, "SELECT count(*) FROM notify_inbox WHERE ticket = 'Ticket#2021030610000123'", 1, "a robot's number is kept" },
    { PERSON("Subject: Re: [CERT-EX 2021-000123] Back door found\r\n", "Thanks, we are on it."), INBOX_HUMAN, NOTICE_ACKNOWLEDGED, "SELECT count(*) FROM case_fact WHERE kind = 11 AND value = 1", 1, "a person at the contact's domain" },
    { "From: x@elsewhere.example\r\nTo: notify@cert.example\r\nIn-Reply-To: <%M>\r\nSubject: Re: x\r\n\r\nWho are you?\r\n", INBOX_HUMAN, NOTICE_ACKNOWLEDGED, "SELECT count(*) FROM case_fact WHERE kind = 11 AND value = 0", 1, "from elsewhere, with our Message-ID: no identity" },
    { "From: x@y.example\r\nTo: notify@cert.example\r\nSubject: your letter, 2021-000007\r\n\r\nplease call\r\n", INBOX_FOREIGN, NOTICE_ACCEPTED, "SELECT count(*) FROM notify_inbox WHERE state = 1", 1, "names a case, proves nothing: a person looks" },
    { "From: x@y.example\r\nTo: notify@cert.example\r\nSubject: cheap watches\r\n\r\nbuy\r\n", INBOX_FOREIGN, NOTICE_ACCEPTED, NULL, 0, "not about us" },
    { "Return-Path: <>\r\nFrom: fbl@provider.example\r\nTo: fbl@cert.example\r\nSubject: complaint\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=B\r\n\r\n"
      "--B\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1\r\nUser-Agent: x\r\nOriginal-Mail-From: <" OURS ">\r\n\r\n--B--\r\n", INBOX_COMPLAINT, NOTICE_COMPLAINT, "SELECT count(*) FROM case_suppress", 1, "marked as spam: never again to this address" },
    { "From: Ann <ann@bakery.example>\r\nTo: case+%T@reply.cert.example\r\nSubject: read\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=disposition-notification; boundary=B\r\n\r\n--B\r\n\r\nread\r\n--B--\r\n",
      INBOX_MDN, NOTICE_ACCEPTED, NULL, 0, "a receipt nobody asked for is noted" },
    { PERSON("Subject: result\r\n", "%M\0"), INBOX_HUMAN, NOTICE_ACKNOWLEDGED, NULL, 0, "odd bytes in the text" },
};

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct desk d = begin();
        struct err  e = { 0 };
        struct inbox_done got;
        struct str  mail = filled(&d, cases[i].mail);

        for (int again = 0; again < 2; again++) {
            if (!inbox_take(d.l, mail, NOW + TIME_HOUR, &d.a, &got, &e))
                fail_msg("%s: %s", cases[i].why, e.what);
            CHECK_WHY(got.known == (again == 1), cases[i].why);
            if (!again && got.kind != cases[i].kind)
                fail_msg("%s: %s", cases[i].why, inbox_kind_name(got.kind));
            if (one(&d, "SELECT state FROM notify_notice") != (int64_t)cases[i].then)
                fail_msg("%s: %s", cases[i].why, notice_step_name((enum notice_step)one(&d, "SELECT state FROM notify_notice")));
            if (cases[i].also && one(&d, cases[i].also) != cases[i].is)
                fail_msg("%s: %lld", cases[i].why, (long long)one(&d, cases[i].also));
        }
        end(&d);
    }
}

/* --- the order of truth --- */

static const struct { const char *mail; enum notice_step says; } words[] = {
    { PERSON("Auto-Submitted: auto-replied\r\nSubject: away\r\n", "x"), NOTICE_AUTO_REPLIED },
    { DSN(OURS, "delivered", "2.0.0", "x", ""), NOTICE_DELIVERED },
    { DSN(OURS, "failed", "5.1.1", "x", ""), NOTICE_BOUNCED_HARD },
    { DSN(OURS, "failed", "5.7.26", "x", ""), NOTICE_BOUNCED_SOFT },
    { PERSON("Subject: Re: x\r\n", "y"), NOTICE_ACKNOWLEDGED },
};
enum { WORDS = 5 };

static void forget(struct desk *d)
{
    static const char *const sql[] = { "DELETE FROM notify_inbox", "DELETE FROM case_fact", "DELETE FROM notify_event", "DELETE FROM notify_bucket", "UPDATE notify_notice SET state = 6" };
    struct err e = { 0 };

    CHECK(NOTICE_ACCEPTED == 6);
    for (size_t i = 0; i < COUNT_OF(sql); i++)
        if (!store_exec(d->s, sql[i], &e))
            fail_msg("%s", e.what);
}

/* What casework makes of the facts that were recorded. */
static enum notice_step folded(struct desk *d)
{
    struct store_stmt  *st;
    struct err          e = { 0 };
    struct fact         f[32];
    struct notice_state r;
    size_t              n = 0;

    CHECK(bind_open(d->s, "SELECT value, attempt, recorded_us, observed_us FROM case_fact WHERE kind = ?1 ORDER BY id", BOUND(B_INT(FACT_NOTICE)), &st, &e));
    for (; n < COUNT_OF(f) && store_step(st, &e) == STORE_ROW; n++) {
        f[n] = (struct fact){ .kind = FACT_NOTICE, .value = (int32_t)store_int(st, 0), .attempt = (uint32_t)store_int(st, 1), .subject = (uint64_t)d->n.id, .recorded_us = store_int(st, 2),
                              .observed_us = store_int(st, 3), .own_us = TIME_NONE };
        f[n].hash[0] = (uint8_t)n;
    }
    store_finish(st);
    CHECK(notice_fold(f, n, (uint64_t)d->n.id, (struct fold_at){ TIME_NONE, TIME_NONE }, d->a, &r, &e));
    return r.step;
}

static void said(struct desk *d, const size_t *order, size_t n, const struct str mail[WORDS])
{
    enum notice_step most = NOTICE_ACCEPTED;
    bool             gone = false;
    struct err       e = { 0 };

    forget(d);
    for (size_t i = 0; i < n; i++) {
        struct arena      a = d->a;
        struct inbox_done done;

        if (!inbox_take(d->l, mail[order[i]], NOW + TIME_HOUR, &a, &done, &e))
            fail_msg("%s", e.what);
        most = notice_truth(words[order[i]].says) > notice_truth(most) ? words[order[i]].says : most;
        gone |= words[order[i]].says == NOTICE_BOUNCED_HARD;
    }
    if (one(d, "SELECT state FROM notify_notice") != (int64_t)most || folded(d) != most)
        fail_msg("%zu words, %zu first: %s in the row, %s in the facts, not %s", n, order[0], notice_step_name((enum notice_step)one(d, "SELECT state FROM notify_notice")), notice_step_name(folded(d)),
                 notice_step_name(most));
    CHECK(one(d, "SELECT count(*) FROM case_fact WHERE kind = 8 AND value = 0") == gone && one(d, "SELECT count(*) FROM notify_event") == (int64_t)n);
}

static uint32_t permuted(struct desk *d, size_t *order, size_t n, const struct str mail[WORDS])
{
    uint32_t count = 0;

    if (n == 1 || n == 2 || n == WORDS) {
        said(d, order, n, mail);
        count++;
    }
    for (size_t k = 0; n < WORDS && k < WORDS; k++) {
        bool used = false;
        for (size_t i = 0; i < n; i++)
            used |= order[i] == k;
        if (used)
            continue;
        order[n] = k;
        count += permuted(d, order, n + 1, mail);
    }
    return count;
}

/* Whatever comes, and in whatever order, the end is the same: reply > failed > delivered > automatic > soft; the row and the facts agree, and nothing that was said is lost. */
static void any_order(void **state)
{
    struct desk d = begin();
    struct str  mail[WORDS];
    size_t      order[WORDS];

    (void)state;
    for (size_t i = 0; i < WORDS; i++)
        mail[i] = filled(&d, words[i].mail);
    CHECK(permuted(&d, order, 0, mail) == 145);              /* each, each two, and all five, in every order */
    end(&d);
}

/* What a person of the team decided, nothing that comes in undoes; and the contact is wrong for this organisation only. */
static void decided(void **state)
{
    (void)state;
    for (int what = 0; what < 2; what++) {
        struct desk d = begin();
        struct err  e = { 0 };
        struct inbox_done done;
        enum notice_step  to = what ? NOTICE_DECLINED : NOTICE_WRONG_RECIPIENT;

        CHECK(!inbox_decide(d.l, d.n.id, to, STR(" "), &e) && e.kind == ERR_USAGE);
        e = (struct err){ 0 };
        CHECK(!inbox_decide(d.l, d.n.id, NOTICE_DELIVERED, STR("x"), &e) && e.kind == ERR_USAGE);
        e = (struct err){ 0 };
        CHECK(inbox_decide(d.l, d.n.id, to, STR("they say so"), &e));
        for (size_t i = 0; i < WORDS; i++)
            CHECK(inbox_take(d.l, filled(&d, words[i].mail), NOW + TIME_HOUR, &d.a, &done, &e));
        CHECK(one(&d, "SELECT state FROM notify_notice") == (int64_t)to && folded(&d) == to);
        CHECK(one(&d, "SELECT count(*) FROM case_fact WHERE kind = 8 AND reason LIKE 'wrong:%'") == !what && one(&d, "SELECT count(*) FROM case_suppress") == what);
        CHECK(one(&d, "SELECT count(*) FROM notify_inbox WHERE state = 1") == 1);
        int64_t id = one(&d, "SELECT id FROM notify_inbox WHERE state = 1");
        CHECK(inbox_close(d.l, id, STR_EMPTY, &e) && !inbox_close(d.l, id, STR_EMPTY, &e) && e.kind == ERR_USAGE);
        end(&d);
    }
}

/* The path may be the intruder's: so may the answer. */
static void minimal(void **state)
{
    struct desk d = begin();
    struct err  e = { 0 };
    struct inbox_done done;

    (void)state;
    CHECK(store_exec(d.s, "UPDATE notify_notice SET minimal = 1", &e) && inbox_take(d.l, filled(&d, words[4].mail), NOW + TIME_HOUR, &d.a, &done, &e));
    CHECK(done.open && one(&d, "SELECT state FROM notify_notice") == NOTICE_DELIVERED && one(&d, "SELECT count(*) FROM case_fact WHERE kind = 11 AND value > 0") == 0);
    end(&d);
}

/* One in a hundred of a wave for policy: the provider rests at once, and it is told. */
static void our_fault(void **state)
{
    struct desk d = begin();
    struct err  e = { 0 };
    struct inbox_done done;
    struct inbox_alarm alarm[2];
    size_t      n;

    (void)state;
    CHECK(store_exec(d.s, "UPDATE notify_notice SET wave = 3", &e) && inbox_alarms(d.s, &d.a, alarm, 2, &n, &e) && n == 0);
    CHECK(inbox_take(d.l, filled(&d, words[3].mail), NOW + TIME_HOUR, &d.a, &done, &e) && inbox_alarms(d.s, &d.a, alarm, 2, &n, &e));
    CHECK(n == 1 && alarm[0].wave == 3 && alarm[0].policy == 1 && alarm[0].notices == 1 && str_starts(alarm[0].last, STR("5.7.26")));
    CHECK(one(&d, "SELECT count(*) FROM notify_bucket WHERE kind = 1 AND name = 'provider.example' AND paused_until_us > 0") == 1);
    CHECK(one(&d, "SELECT count(*) FROM case_fact WHERE kind = 8") == 0);
    end(&d);
}

/* An answer proves that somebody is there: the same statement anew, once a month. A ticket's number comes back for the next subject. */
static void life(void **state)
{
    struct desk d = begin();
    struct err  e = { 0 };
    struct inbox_done done;
    struct case_contact c = { .channel = CONTACT_EMAIL, .address = STR("it@bakery.example"), .about = ABOUT_DOMAIN, .about_value = STR("bakery.example"), .rung = 4, .observed_us = NOW - 400 * TIME_DAY, .until_us = TIME_NONE, .manual = true };
    struct ledger_from  from = { 0 };
    struct str  ticket;
    int64_t     id;
    char        sql[128];

    (void)state;
    CHECK(ledger_begin(d.l, &e) && ledger_contact(d.l, &c, &from, &id, &e) && ledger_commit(d.l, &e));
    snprintf(sql, sizeof sql, "UPDATE notify_notice SET contact_id = %lld", (long long)id);
    CHECK(store_exec(d.s, sql, &e) && inbox_take(d.l, filled(&d, words[0].mail), NOW, &d.a, &done, &e));
    CHECK(one(&d, "SELECT count(*) FROM case_contact") == 2 && one(&d, "SELECT count(*) FROM case_contact WHERE rung = 4 AND manual = 0 AND observed_us = 1615536000000000") == 1);
    CHECK(inbox_take(d.l, filled(&d, PERSON("Subject: [Ticket#2021030610000123] got it\r\nPrecedence: bulk\r\n", "x")), NOW + TIME_DAY, &d.a, &done, &e));
    CHECK(one(&d, "SELECT count(*) FROM case_contact") == 2 && inbox_ticket(d.s, 7, STR("it@bakery.example"), &d.a, &ticket, &e) && str_eq(ticket, STR("Ticket#2021030610000123")));
    CHECK(inbox_ticket(d.s, 8, STR("it@bakery.example"), &d.a, &ticket, &e) && ticket.n == 0);
    end(&d);
}

/* A hunt's report in an answer goes where `case import` takes it: for this case, once; one that is none, or nobody's, does not. */
static void attached(void **state)
{
    static const struct { const char *why; bool ours, whole; } row[] = { { "whole, and to our token", true, true }, { "not by the schema", true, false }, { "to nobody's token", false, true } };
    struct str json = fixture_load("bakery");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        struct desk d = begin();
        struct err  e = { 0 };
        struct inbox_done done;

        d.m->now_us = INT64_C(1900000000000000);
        struct str mail = str_fmt(&d.a, "%.*sMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nour result\r\n--b\r\nContent-Type: application/json; name=report.json\r\n\r\n%.*s\r\n--b--\r\n",
                                  STR_ARG(filled(&d, row[i].ours ? "From: ann@bakery.example\r\nTo: case+%T@reply.cert.example\r\n" : "From: ann@bakery.example\r\nTo: case+%X@reply.cert.example\r\n")),
                                  (int)(row[i].whole ? json.n : json.n / 2), (const char *)json.p);
        for (int again = 0; again < 2; again++)
            if (!inbox_take(d.l, mail, NOW + TIME_HOUR, &d.a, &done, &e) || done.known != (again == 1) || !done.open)
                fail_msg("%s: %s", row[i].why, e.what);
        int64_t reports = one(&d, "SELECT count(*) FROM case_report"), doors = one(&d, "SELECT count(*) FROM case_door");
        if (reports != (row[i].ours && row[i].whole) || (doors > 0) != (reports > 0))
            fail_msg("%s: %lld reports, %lld doors", row[i].why, (long long)reports, (long long)doors);
        end(&d);
    }
    test_free(json);
}

/* The same statements on the other engine. */
static void postgresql(void **state)
{
    struct pg_server pg = { .dir = "" };
    struct err  e = { 0 };
    struct inbox_done done;
    struct inbox_alarm alarm[2];
    struct str  ticket;
    size_t      n;
    bool        known, open;

    (void)state;
    if (!pg_server_or_say(&pg))
        return;
    struct desk d = begin_in(str_c(pg.where));
    struct case_contact c = { .channel = CONTACT_EMAIL, .address = STR("it@bakery.example"), .about = ABOUT_DOMAIN, .about_value = STR("bakery.example"), .rung = 4, .observed_us = TIME_NONE, .until_us = TIME_NONE };
    struct ledger_from  from = { 0 };
    int64_t     id;

    CHECK(ledger_begin(d.l, &e) && ledger_contact(d.l, &c, &from, &id, &e) && bind_run(d.s, "UPDATE notify_notice SET contact_id = ?1, wave = 3", BOUND(B_INT(id)), &e) && ledger_commit(d.l, &e));
    for (size_t i = 0; i < WORDS; i++) {
        struct str mail = filled(&d, words[i].mail);
        if (!inbox_take(d.l, mail, NOW + TIME_HOUR, &d.a, &done, &e) || done.known || !inbox_take(d.l, mail, NOW, &d.a, &done, &e) || !done.known)
            fail_msg("%zu: %s", i, e.what);
        CHECK(inbox_known(d.s, mail, &known, &open, &e) && known && open == (i == 4));
    }
    CHECK(inbox_take(d.l, filled(&d, PERSON("Subject: [Ticket#2021030610000123] \xff\r\nPrecedence: bulk\r\n", "\xff\xfe\1")), NOW, &d.a, &done, &e) && done.kind == INBOX_TICKET_ROBOT);
    CHECK(one(&d, "SELECT state FROM notify_notice") == NOTICE_ACKNOWLEDGED && folded(&d) == NOTICE_ACKNOWLEDGED && one(&d, "SELECT count(*) FROM case_contact") == 2);
    CHECK(inbox_alarms(d.s, &d.a, alarm, 2, &n, &e) && n == 1 && inbox_ticket(d.s, 7, STR("it@bakery.example"), &d.a, &ticket, &e) && ticket.n);
    CHECK(inbox_decide(d.l, d.n.id, NOTICE_DECLINED, STR("asked for it"), &e) && inbox_close(d.l, one(&d, "SELECT id FROM notify_inbox WHERE state = 1"), STR_EMPTY, &e));
    CHECK(one(&d, "SELECT count(*) FROM case_suppress") == 1);
    end(&d);
    pg_server_stop(&pg);
}

static void bombs(void **state)
{
    struct desk d = begin();
    struct err  e = { 0 };
    struct inbox_mail r;
    size_t      n = 0, cap = 4 << 20;
    char       *p = malloc(cap);

    (void)state;
    n = (size_t)snprintf(p, cap, "From: x@y\r\nContent-Type: message/rfc822\r\n\r\n");
    for (int i = 0; i < 50000 && n + 80 < cap; i++)
        n += (size_t)snprintf(p + n, cap - n, "Content-Type: message/rfc822\r\n\r\n");
    CHECK(!inbox_read((struct str){ (uint8_t *)p, n }, &d.a, &r, &e) && e.kind == ERR_LIMIT);
    e = (struct err){ 0 };
    n = (size_t)snprintf(p, cap, "From: x@y\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n");
    for (int i = 0; i < 300; i++)
        n += (size_t)snprintf(p + n, cap - n, "--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i, i + 1);
    CHECK(inbox_read((struct str){ (uint8_t *)p, n }, &d.a, &r, &e) && r.cut);            /* 300 levels: read as far as MAIL_DEPTH_MAX */
    n = (size_t)snprintf(p, cap, "From: x@y\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
    for (int i = 0; i < 1000; i++)
        n += (size_t)snprintf(p + n, cap - n, "--b\r\n\r\npart\r\n");
    CHECK(inbox_read((struct str){ (uint8_t *)p, n }, &d.a, &r, &e) && r.cut);
    CHECK(!inbox_read(STR_EMPTY, &d.a, &r, &e) && e.kind == ERR_FORMAT);
    free(p);
    end(&d);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(table), cmocka_unit_test(any_order), cmocka_unit_test(decided), cmocka_unit_test(minimal), cmocka_unit_test(our_fault), cmocka_unit_test(life), cmocka_unit_test(attached), cmocka_unit_test(postgresql),
                                    cmocka_unit_test(bombs) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
