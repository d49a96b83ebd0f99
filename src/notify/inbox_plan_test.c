/* From what came back to what comes next: the report moves notice and contact, the ladder says so, and the plan takes the next rung at once. */
#include "notify/plan_fixture.h"

#include "notify/inbox.h"

enum { N = 20, CASE = 17 };

static void make(struct lf *f, int64_t at_us, struct plan_result *ret)
{
    struct settings t = pf_settings();
    struct err      e = { 0 };

    f->m->now_us = LF_NOW + at_us;
    if (!pf_make(f, &t, (struct pf_plan){ .at_us = at_us }, ret, &e))
        fail_msg("%s: %s", e.where, e.what);
}

static struct str token_of(struct lf *f, int64_t *ret_id, struct arena *a)
{
    struct store_stmt *st;
    struct err         e = { 0 };

    CHECK(bind_open(f->s, "SELECT id, token FROM notify_notice WHERE case_id = ?1 AND channel = 0", BOUND(B_INT(CASE)), &st, &e) && store_step(st, &e) == STORE_ROW);
    *ret_id = store_int(st, 0);
    struct str token = str_dup(a, store_text(st, 1));
    store_finish(st);
    return token;
}

/* What the ladder of the case says against its mail contact. */
static uint32_t against(struct lf *f, struct arena a)
{
    struct contact *c;
    struct err      e = { 0 };
    size_t          n;

    if (!ladder_climb(f->s, CASE, f->m->now_us, &a, &c, &n, &e))
        fail_msg("%s", e.what);
    for (size_t i = 0; i < n; i++)
        if (str_eq(c[i].address, STR("security@o17.example")))
            return c[i].flags;
    fail_msg("the contact is not on the ladder");
    return 0;
}

static void next_rung(void **state)
{
    static const struct { const char *status; uint32_t flag; uint64_t decided; const char *why; } row[] = {
        { "failed\r\nStatus: 5.1.1", CONTACT_DEAD, 1, "no such user" },
        { "failed\r\nStatus: 5.2.2", CONTACT_RESTED, 1, "full: it rests" },
        { "failed\r\nStatus: 5.7.26", 0, 0, "policy: our own fault first" },
        { "delayed\r\nStatus: 4.4.1", 0, 0, "still trying" },
        { "delivered\r\nStatus: 2.0.0", 0, 0, "it is there" },
    };
    static const uint32_t all = CONTACT_DEAD | CONTACT_RESTED | CONTACT_WRONG | CONTACT_SUPPRESSED;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row + 2; i++) {
        struct lf          f = pf_open(NULL, N);
        uint8_t           *room = malloc(4 << 20);
        struct arena       a = { .beg = room, .end = room + (4 << 20) };
        struct plan_result r;
        struct inbox_done  done;
        struct err         e = { 0 };
        int64_t            id;

        make(&f, 0, &r);
        struct str token = token_of(&f, &id, &a);
        lf_run(&f, "UPDATE notify_notice SET state = ?1", BOUND(B_INT(NOTICE_ACCEPTED)));
        lf_run(&f, "INSERT INTO notify_event (notice, at_us, who, step, attempt, code, detail) SELECT id, ?1, 'x', ?2, 1, 0, '' FROM notify_notice", BOUND(B_INT(LF_NOW), B_INT(NOTICE_ACCEPTED)));
        f.m->now_us = LF_NOW + TIME_HOUR;
        if (i < sizeof row / sizeof *row) {
            struct str mail = str_fmt(&a, "Return-Path: <>\r\nFrom: MAILER-DAEMON@x\r\nTo: b+%.*s@bounce.cert.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nx\r\n"
                                      "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; security@o17.example\r\nAction: %s\r\n\r\n--b--\r\n", STR_ARG(token), row[i].status);
            CHECK_WHY(inbox_take(f.l, mail, f.m->now_us, &a, &done, &e), row[i].why);
            CHECK_WHY((against(&f, a) & all) == row[i].flag, row[i].why);
            make(&f, 2 * TIME_HOUR, &r);
            if (r.decided != row[i].decided)
                fail_msg("%s: %llu decided", row[i].why, (unsigned long long)r.decided);
        } else if (i == sizeof row / sizeof *row) {      /* a complaint: never again by mail, and the next rung */
            struct str mail = str_fmt(&a, "Return-Path: <>\r\nFrom: fbl@x\r\nTo: fbl@cert.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n"
                                      "Feedback-Type: abuse\r\nOriginal-Mail-From: <b+%.*s@bounce.cert.example>\r\n\r\n--b--\r\n", STR_ARG(token));
            CHECK(inbox_take(f.l, mail, f.m->now_us, &a, &done, &e) && (against(&f, a) & all) == CONTACT_SUPPRESSED);
            make(&f, 2 * TIME_HOUR, &r);
            CHECK_WHY(r.decided == 1, "a complaint");
        } else {                                         /* a person says that it is not theirs: a person looks */
            CHECK(inbox_decide(f.l, id, NOTICE_WRONG_RECIPIENT, STR("they sold it"), &e) && (against(&f, a) & all) == CONTACT_WRONG);
            make(&f, 2 * TIME_HOUR, &r);
            CHECK_WHY(r.decided == 0, "not ours");
        }
        pf_close(&f);
        free(room);
    }
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(next_rung) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
