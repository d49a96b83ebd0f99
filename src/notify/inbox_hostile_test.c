/* What an enemy may send to the address that stands in every notice: nothing gets through, and nothing costs more than its bounds. */
#include "notify/inbox_fixture.h"

enum { BIG = 40 << 20 };
struct letter { char *p; size_t n; };

static void put(struct letter *l, const char *text) { size_t n = strlen(text); CHECK(l->n + n < BIG); memcpy(l->p + l->n, text, n); l->n += n; }
static void many(struct letter *l, int times, const char *fmt)
{
    char line[512];
    for (int i = 0; i < times; i++) {
        snprintf(line, sizeof line, fmt, i, i);
        put(l, line);
    }
}

#define PERSON "From: Ann <ann@bakery.example>\r\nTo: case+%T@reply.cert.example\r\n"
#define MULTI  PERSON "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
#define DSN    "Return-Path: <>\r\nFrom: MAILER-DAEMON@x\r\nTo: b+%T@bounce.cert.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"

static void nested(struct letter *l) { put(l, PERSON "Content-Type: message/rfc822\r\n\r\n"); many(l, 10000, "Content-Type: message/rfc822\r\nX-N: %d\r\n\r\n"); }
static void boundaries(struct letter *l) { put(l, PERSON "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n"); many(l, 10000, "--b%d\r\nContent-Type: multipart/mixed; boundary=c%d\r\n\r\n"); }
static void parts(struct letter *l) { put(l, MULTI); many(l, 20000, "--b\r\nX: %d\r\n\r\npart\r\n"); }
static void base64(struct letter *l) { put(l, MULTI "--b\r\nContent-Type: application/octet-stream\r\nContent-Length: 1073741824\r\nContent-Transfer-Encoding: base64\r\n\r\n"); many(l, 30000, "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\r\n"); }
static void uuencoded(struct letter *l) { put(l, MULTI "--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\n"); many(l, 50000, "M*2DI*2DI*2DI*2DI*2DI*2DI*2DI*2DI*2DI*2DI*2DI*2DI*2DI*2DI*2DI*2DI*2DI\r\n"); }
static void fields(struct letter *l) { put(l, PERSON); many(l, 20000, "X-Field-%d: value\r\n"); put(l, "\r\nx\r\n"); }
static void wide(struct letter *l) { put(l, PERSON "Subject: "); many(l, 300000, "=?utf-8?q?aaa?= "); put(l, "\r\n\r\nx\r\n"); }
static void folded(struct letter *l) { put(l, PERSON "Subject: x\r\n"); many(l, 500000, " folded\r\n"); put(l, "\r\nx\r\n"); }
static void recipients(struct letter *l) { put(l, DSN); many(l, 10000, "Final-Recipient: rfc822; r%d@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"); put(l, "--b--\r\n"); }
static void addresses(struct letter *l) { put(l, "From: <ann@bakery.example>\r\nTo: "); many(l, 100000, "<b+aaaaaaaaaaaaaaaaaaaaaaa%d@bounce.cert.example>,\r\n "); put(l, "x@y.example\r\n\r\nx\r\n"); }
static void params(struct letter *l) { put(l, PERSON "MIME-Version: 1.0\r\nContent-Type: text/plain"); many(l, 50000, "; name*%d*=utf-8''a%%00b"); put(l, "\r\n\r\nx\r\n"); }

static const struct { const char *name; void (*make)(struct letter *l); bool read; enum notice_step then; } bomb[] = {
    { "10,000 messages in one another", nested, false, NOTICE_ACCEPTED },   { "10,000 multiparts in one another", boundaries, false, NOTICE_ACCEPTED },
    { "20,000 parts", parts, true, NOTICE_ACKNOWLEDGED },                  { "base64 that claims a gigabyte, and is 2 MB", base64, true, NOTICE_ACKNOWLEDGED },
    { "uuencode without an end", uuencoded, true, NOTICE_ACKNOWLEDGED },    { "20,000 fields", fields, true, NOTICE_ACKNOWLEDGED },
    { "a field of 5 MB of encoded words", wide, false, NOTICE_ACCEPTED }, { "a field of 500,000 lines", folded, false, NOTICE_ACCEPTED },
    { "a report for 10,000 recipients", recipients, true, NOTICE_ACCEPTED }, { "100,000 forged tokens", addresses, false, NOTICE_ACCEPTED },
    { "a type of 50,000 parameters", params, false, NOTICE_ACCEPTED },
};

/* With tokens and ids filled in: once, at the head. */
static struct str head_filled(struct desk *d, struct letter *l)
{
    size_t     n = l->n < 400 ? l->n : 400;
    char       head[401];
    struct str text;

    memcpy(head, l->p, n);
    head[n] = 0;
    text = filled(d, head);
    CHECK(text.n >= n && l->n - n + text.n < BIG);
    memmove(l->p + text.n, l->p + n, l->n - n);
    memcpy(l->p, text.p, text.n);
    return (struct str){ (uint8_t *)l->p, l->n - n + text.n };
}

static void bombs(void **state)
{
    struct letter l = { malloc(BIG), 0 };
    struct desk   d = begin();
    uint64_t      before = os_peak_memory_bytes();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bomb); i++) {
        struct arena      a = d.a;
        struct inbox_done done = { 0 };
        struct err        e = { 0 };

        if (!store_exec(d.s, "UPDATE notify_notice SET state = 6", &e) || !store_exec(d.s, "DELETE FROM notify_inbox", &e))
            fail_msg("%s", e.what);
        l.n = 0;
        bomb[i].make(&l);
        bool ok = inbox_take(d.l, head_filled(&d, &l), NOW + TIME_HOUR, &d.a, &done, &e);
        if (ok != bomb[i].read && !(bomb[i].read && e.kind == ERR_LIMIT))
            fail_msg("%s: %s", bomb[i].name, ok ? "read" : e.what);
        if (ok && one(&d, "SELECT state FROM notify_notice") != (int64_t)bomb[i].then)
            fail_msg("%s: %s", bomb[i].name, notice_step_name((enum notice_step)one(&d, "SELECT state FROM notify_notice")));
        d.a = a;
    }
    uint64_t peak = os_peak_memory_bytes();
#if !defined(__SANITIZE_ADDRESS__)
    CHECK(peak - before < (uint64_t)400 << 20);
#endif
    (void)peak;
    (void)before;
    end(&d);
    free(l.p);
}

/* What it says stays what it says: a text, in its column, of one notice. */
static const struct { const char *mail, *why; enum inbox_kind kind; enum notice_step then; } tricks[] = {
    { PERSON "Subject: \x1b]0;owned\x07\x1b[2J\r\n\r\n\x1b[31mred\r\n", "a terminal's own language", INBOX_HUMAN, NOTICE_ACKNOWLEDGED },
    { PERSON "Subject: '); DROP TABLE notify_notice; --\r\n\r\n'; DELETE FROM notify_inbox; --\r\n", "SQL", INBOX_HUMAN, NOTICE_ACKNOWLEDGED },
    { PERSON "Subject: <script>alert(1)</script>\r\nContent-Type: text/html\r\n\r\n<img src=x onerror=alert(1)>\r\n", "HTML", INBOX_HUMAN, NOTICE_ACKNOWLEDGED },
    { PERSON "Subject: =?utf-8?q?x=0D=0ABcc:_evil@x.example?=\r\n\r\nx\r\n", "a line in an encoded word", INBOX_HUMAN, NOTICE_ACKNOWLEDGED },
    { PERSON "Subject: =?utf-7?q?+ADw-script+AD4-?=\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-16le\r\n\r\n\xff\xfe<\r\n", "charsets that lie", INBOX_HUMAN, NOTICE_ACKNOWLEDGED },
    { PERSON "Subject: =?x-none-such?b?////?=\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=\"../../etc/passwd\"\r\n\r\n\xc3\x28\xff\r\n", "charsets that are none", INBOX_HUMAN, NOTICE_ACKNOWLEDGED },
    { PERSON "Subject: [Ticket#123\x1b[2J] x\r\nPrecedence: bulk\r\n\r\nx\r\n", "a ticket that is none", INBOX_AUTO_REPLY, NOTICE_AUTO_REPLIED },
    { PERSON "Subject: [Ticket#1234: {{secret}} =cmd] x\r\nPrecedence: bulk\r\n\r\nx\r\n", "a ticket that would be a template or a formula", INBOX_AUTO_REPLY, NOTICE_AUTO_REPLIED },
    { "From: x@y.example\r\nTo: case+%X@reply.cert.example\r\nIn-Reply-To: <n.1.0@cert.example>\r\nSubject: Re: x\r\n\r\nwe are clean\r\n", "a token and a Message-ID that nobody made", INBOX_BACKSCATTER, NOTICE_ACCEPTED },
    { "From: x@y.example\r\nTo: notify@cert.example\r\nSubject: case+%T@reply\r\n\r\ncase+%T@reply.cert.example\r\n", "a token in the text is no address that it came to", INBOX_FOREIGN, NOTICE_ACCEPTED },
    { "Return-Path: <>\r\nFrom: fbl@x\r\nTo: fbl@cert.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n"
      "Original-Rcpt-To: <it@bakery.example>\r\nOriginal-Mail-From: <b+%X@bounce.cert.example>\r\n\r\n--b--\r\n", "a complaint that would silence a victim", INBOX_BACKSCATTER, NOTICE_ACCEPTED },
    { DSN "Final-Recipient: rfc822; it@bakery.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; \x1b]0;x\x07 550\r\n\0x\r\n--b--\r\n", "escapes in a diagnostic", INBOX_DSN, NOTICE_BOUNCED_HARD },
    { DSN "Final-Recipient: rfc822; it@bakery.example\r\nAction: failed delivered\r\nStatus: 99999.1.1\r\n\r\n--b--\r\n", "an action and a status that are none", INBOX_BOUNCE_UNPARSED, NOTICE_BOUNCED_SOFT },
    { DSN "Final-Recipient: rfc822; it@bakery.example\r\nAction: failed\r\nStatus: 5.1.999999999999999999\r\n\r\n--b--\r\n", "a number that would wrap", INBOX_DSN, NOTICE_BOUNCED_HARD },
};

static void stays_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(tricks); i++) {
        struct desk d = begin();
        struct err  e = { 0 };
        struct inbox_done done;

        if (!inbox_take(d.l, filled(&d, tricks[i].mail), NOW + TIME_HOUR, &d.a, &done, &e))
            fail_msg("%s: %s", tricks[i].why, e.what);
        if (done.kind != tricks[i].kind || one(&d, "SELECT state FROM notify_notice") != (int64_t)tricks[i].then)
            fail_msg("%s: %s, %s", tricks[i].why, inbox_kind_name(done.kind), notice_step_name((enum notice_step)one(&d, "SELECT state FROM notify_notice")));
        CHECK_WHY(one(&d, "SELECT count(*) FROM notify_notice") == 1 && one(&d, "SELECT count(*) FROM notify_inbox") == 1 && one(&d, "SELECT count(*) FROM case_suppress") == 0, tricks[i].why);
        CHECK_WHY(one(&d, "SELECT count(*) FROM notify_inbox WHERE ticket <> ''") == 0, tricks[i].why);
        end(&d);
    }
}

/* NUL everywhere, and a message of nothing but one byte. */
static void bytes(void **state)
{
    struct desk d = begin();

    (void)state;
    for (int c = 0; c < 256; c += 5) {
        struct arena      a = d.a;
        struct inbox_mail r;
        struct err        e = { 0 };
        uint8_t          *p = malloc(4096);

        memset(p, c, 4096);
        CHECK(inbox_read((struct str){ p, 4096 }, &a, &r, &e) || e.kind != ERR_NONE);
        free(p);
    }
    end(&d);
}

/* Out of memory at each step: an error, and nothing half done. */
static void faults(void **state)
{
    struct desk d = begin();
    struct str  mail = filled(&d, DSN "Final-Recipient: rfc822; it@bakery.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n");

    (void)state;
    for (uint32_t n = 1; n < 500; n++) {
        struct fault      f = { .left = n };
        struct arena      a = d.a;
        struct inbox_done done;
        struct err        e = { 0 };

        a.fault = &f;
        bool ok = inbox_take(d.l, mail, NOW + TIME_HOUR, &a, &done, &e);
        if (!f.fired) {
            CHECK(ok && one(&d, "SELECT count(*) FROM notify_inbox") == 1);
            break;
        }
        if (!ok)
            CHECK(e.kind != ERR_NONE && one(&d, "SELECT count(*) FROM notify_inbox") == 0 && one(&d, "SELECT state FROM notify_notice") == NOTICE_ACCEPTED);
        else {                                                       /* a text that may be missing */
            struct err none = { 0 };
            CHECK(store_exec(d.s, "DELETE FROM notify_inbox", &none) && store_exec(d.s, "DELETE FROM case_fact", &none) && store_exec(d.s, "UPDATE notify_notice SET state = 6", &none));
        }
    }
    end(&d);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(bombs), cmocka_unit_test(stays_text), cmocka_unit_test(bytes), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
