/* What comes back, as mail systems and people write it; in our own words, with invented names. */
#include "notify/inbox_fixture.h"

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

/* Whatever comes first, the end is the same: reply > failed > delivered > automatic. */
static void any_order(void **state)
{
    static const char *const mail[] = {
        DSN(OURS, "delivered", "2.0.0", "x", ""), DSN(OURS, "failed", "5.1.1", "x", ""), PERSON("Auto-Submitted: auto-replied\r\nSubject: away\r\n", "x"), PERSON("Subject: Re: x\r\n", "y"),
    };
    static const struct { int n, pick[4]; enum notice_step then; } c[] = {
        { 2, { 0, 1 }, NOTICE_BOUNCED_HARD }, { 2, { 0, 2 }, NOTICE_DELIVERED }, { 3, { 0, 1, 3 }, NOTICE_ACKNOWLEDGED }, { 2, { 1, 2 }, NOTICE_BOUNCED_HARD }, { 4, { 0, 1, 2, 3 }, NOTICE_ACKNOWLEDGED },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++)
        for (int turn = 0; turn < c[i].n; turn++) {
            struct desk d = begin();
            struct err  e = { 0 };
            struct inbox_done got;

            for (int k = 0; k < c[i].n; k++)
                CHECK(inbox_take(d.l, filled(&d, mail[c[i].pick[(k + turn) % c[i].n]]), NOW + TIME_HOUR, &d.a, &got, &e));
            if (one(&d, "SELECT state FROM notify_notice") != (int64_t)c[i].then)
                fail_msg("%zu, %d: %s", i, turn, notice_step_name((enum notice_step)one(&d, "SELECT state FROM notify_notice")));
            end(&d);
        }
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
    const struct CMUnitTest t[] = { cmocka_unit_test(table), cmocka_unit_test(any_order), cmocka_unit_test(bombs) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
