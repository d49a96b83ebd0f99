/* What a log proves, and what it does not. */
#include "test.h"

#include "base/num.h"
#include "notify/settle.h"

enum { ROOM = 16 << 20 };
#define DOT INT64_C(1615039331000000)              /* 2021-03-06 14:02:11 */

struct feed { struct str left; size_t step; };
static bool fill(void *ctx, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct feed *f = ctx;
    struct str   part = str_sub(f->left, 0, f->step && f->step < cap ? f->step : cap);

    (void)e;
    if (part.n)
        memcpy(buf, part.p, part.n);
    f->left = str_from(f->left, part.n);
    *got = part.n;
    return true;
}

#define BEFORE "Mar  6 13:00:00 mta postfix/master[1]: daemon started\n"
#define AFTER  "Mar  6 16:00:00 mta postfix/smtpd[9]: connect from localhost[127.0.0.1]\n"
#define CLEAN  "Mar  6 14:02:11 mta postfix/cleanup[7]: 4ABC01D: message-id=<n.1.0@cert.example>\n"
#define QMGR   "Mar  6 14:02:11 mta postfix/qmgr[3]: 4ABC01D: from=<b+x@bounce.cert.example>, size=310, nrcpt=1 (queue active)\n"
#define SENT   "Mar  6 14:02:12 mta postfix/smtp[8]: 4ABC01D: to=<it@bakery.example>, relay=x, delay=1, dsn=2.0.0, status=sent (250 ok)\n"

static const struct { const char *log; int64_t later; enum settle_word want; const char *id, *why; } cases[] = {
    { BEFORE CLEAN QMGR SENT AFTER, 2 * TIME_HOUR, SETTLE_TAKEN, "4ABC01D", "in the queue, and sent" },
    { CLEAN QMGR, TIME_SECOND, SETTLE_TAKEN, "4ABC01D", "in the queue: coverage does not matter for what is there" },
    { CLEAN "Mar  6 14:02:12 mta postfix/qmgr[3]: 4ABC01D: removed\n", TIME_SECOND, SETTLE_TAKEN, "4ABC01D", "removed from the queue" },
    { BEFORE CLEAN AFTER, 2 * TIME_HOUR, SETTLE_ABSENT, "", "the id passed by, and the data never ended" },
    { BEFORE AFTER, 2 * TIME_HOUR, SETTLE_ABSENT, "", "never heard of" },
    { BEFORE AFTER, 14 * TIME_MINUTE, SETTLE_UNSEEN, "", "too early to tell" },
    { BEFORE CLEAN, 2 * TIME_HOUR, SETTLE_UNSEEN, "", "the log ends too early" },
    { CLEAN AFTER, 2 * TIME_HOUR, SETTLE_UNSEEN, "", "the log was cut at its beginning" },
    { "", 2 * TIME_HOUR, SETTLE_UNSEEN, "", "no log" },
    { BEFORE "Mar  6 14:02:11 mta postfix/cleanup[7]: 4ABC01D: message-id=<n.1.0@cert.example>x\n" QMGR AFTER, 2 * TIME_HOUR, SETTLE_ABSENT, "", "another id that begins so" },
    { BEFORE "Mar  6 14:02:11 mta postfix/cleanup[7]: 4ABC01D: message-id=<xn.1.0@cert.example>\n" QMGR AFTER, 2 * TIME_HOUR, SETTLE_ABSENT, "", "another id that ends so" },
    { BEFORE "Mar  6 14:02:11 mta postfix/smtpd[7]: 4ABC01D: client=x[message-id=<n.1.0@cert.example>]\n" QMGR AFTER, 2 * TIME_HOUR, SETTLE_ABSENT, "", "a client that calls itself so" },
    { BEFORE CLEAN "Mar  6 14:02:12 mta postfix/cleanup[7]: 4ABC01D: message-id=<other@x>\n" QMGR AFTER, 2 * TIME_HOUR, SETTLE_ABSENT, "", "the queue id is another message's now" },
    { BEFORE CLEAN "Mar  6 14:02:12 mta postfix/smtpd[7]: 4ABC01D: reject: from=<x> proto=ESMTP\n" AFTER, 2 * TIME_HOUR, SETTLE_ABSENT, "", "a refusal is no queue" },
    { "2021-03-06T13:00:00.000+00:00 mta postfix/master[1]: x\n2021-03-06T14:02:11.5+00:00 mta postfix/cleanup[7]: 4ABC01D: message-id=<n.1.0@cert.example>\n"
      "2021-03-06T15:02:11.6+01:00 mta postfix/qmgr[3]: 4ABC01D: from=<b@x>, size=1, nrcpt=1 (queue active)\n", TIME_SECOND, SETTLE_TAKEN, "4ABC01D", "times with a zone" },
    { "2021-03-06T14:00:00Z mta postfix/master[1]: x\n2021-03-06T14:18:00Z mta postfix/master[1]: y\n", TIME_HOUR, SETTLE_ABSENT, "", "times with a zone need no hour to spare" },
    { "2021-03-06 13:00:00 exim 4.94 started\n2021-03-06 14:02:11 1lIXyz-0001ab-CD <= b@x H=localhost [127.0.0.1] P=esmtp S=100 id=n.1.0@cert.example\n", TIME_SECOND, SETTLE_TAKEN, "1lIXyz-0001ab-CD", "Exim" },
    { "2021-03-06 14:02:11 1lIXyz-0001ab-CD <= id=n.1.0@cert.example H=x id=other@x\n", TIME_SECOND, SETTLE_UNSEEN, "", "Exim: a sender that calls itself so" },
};

static void table(void **state)
{
    uint8_t *room = malloc(ROOM);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t step = 0; step < 80; step += 79) {
            struct arena  a = { .beg = room, .end = room + ROOM / 4 }, b = { .beg = room + ROOM / 4, .end = room + ROOM };
            struct err    e = { 0 };
            struct settle *s;
            struct doubt  d = { 1, STR("n.1.0@cert.example"), DOT };
            struct settle_rules r = { .now_us = DOT + cases[i].later, .absent_us = OUTBOX_ABSENT_US, .spare_us = TIME_HOUR };
            struct feed   f = { str_c(cases[i].log), step };
            struct str    id;

            CHECK_WHY(settle_open(&s, &a, &d, 1, &r, &e) && settle_file(s, fill, &f, b, &e), cases[i].why);
            CHECK_WHY(settle_answer(s, 0, &id) == cases[i].want, cases[i].why);
            CHECK_STR(id, str_c(cases[i].id));
        }
    free(room);
}

/* A new year came between the log and now. */
static void new_year(void **state)
{
    uint8_t      *room = malloc(ROOM);
    struct arena  a = { .beg = room, .end = room + ROOM / 4 }, b = { .beg = room + ROOM / 4, .end = room + ROOM };
    struct err    e = { 0 };
    struct settle *s;
    int64_t       dot;
    struct doubt  d = { 1, STR("n.1.0@cert.example"), 0 };
    struct settle_rules r = { .absent_us = OUTBOX_ABSENT_US, .spare_us = TIME_HOUR };
    struct feed   f = { STR("Dec 31 20:00:00 mta x[1]: y\nJan  1 03:00:00 mta x[1]: y\n"), 0 };
    struct str    id;

    (void)state;
    CHECK(time_parse(STR("2020-12-31T23:50:00Z"), &dot) && time_parse(STR("2021-01-01T04:00:00Z"), &r.now_us));
    d.dot_us = dot;
    CHECK(settle_open(&s, &a, &d, 1, &r, &e) && settle_file(s, fill, &f, b, &e) && settle_answer(s, 0, &id) == SETTLE_ABSENT);
    free(room);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(table), cmocka_unit_test(new_year) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
