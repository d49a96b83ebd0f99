/*
 * arrows: each arrow of the outbox, from deciding to the result, cut at its very step: senders that die there, senders that only stop there and come back after their lease, clocks that jump, logs that
 * cannot be read. A real Postfix takes the mail; in the end the Message-IDs in its Maildir are those of the plan, each once. Random moments are kills.c's.
 *
 * arrows [lite|pg|both]      Exit code 77: no Postfix, or not root.
 * Source   notification sheet, 6.3 and section 12, 6.
 */
#include "outbox_world.h"

static int failures;
static void want(bool ok, const char *why, const char *what)
{
    if (!ok)
        fprintf(stderr, "arrows: %s: %s\n", why, what);
    failures += !ok;
}

/* --- decide, approve --- */

enum planner { DIES_DECIDING, DECIDES, DIES_APPROVING };

/* A planner of its own process: it dies inside its transaction, or right behind it. */
static void planner(struct world *r, enum planner what)
{
    pid_t pid = fork();

    if (pid == 0) {
        struct os  os = os_posix();
        struct err e = { 0 };
        struct ledger *l = desk(r, STORE_SHARE, &os, &e);
        enum decided d;
        uint64_t n;
        uint8_t  hash[32];

        if (!l || !ledger_begin(l, &e))
            _exit(1);
        if (what == DIES_APPROVING) {
            if (outbox_wave_close(l, r->wave, &n, hash, &e) && outbox_approve(l, r->wave, hash, STR("grace"), &n, &e))
                kill(getpid(), SIGKILL);
            _exit(1);
        }
        for (int i = 0; i < r->notices; i++) {
            if (!world_decide(l, r, i, &d, &e))
                _exit(1);
            if (what == DIES_DECIDING && i == r->notices / 2)
                kill(getpid(), SIGKILL);
        }
        if (ledger_commit(l, &e))
            kill(getpid(), SIGKILL);
        _exit(1);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    want(WIFSIGNALED(status), "planner", "did not come to its step");
}

static void decided(struct world *r)
{
    struct os  os = os_posix();
    struct err e = { 0 };
    enum decided d = DECIDED_NEW;
    int64_t n[2];

    world_wave(r);
    planner(r, DIES_DECIDING);
    world_ask(r, "SELECT (SELECT count(*) FROM notify_notice), (SELECT count(*) FROM notify_bytes)", n, 2);
    want(n[0] == 0 && n[1] == 0, "dies while it decides", "something of it is there");
    planner(r, DECIDES);
    world_ask(r, "SELECT (SELECT count(*) FROM notify_notice), (SELECT count(*) FROM notify_bytes)", n, 2);
    want(n[0] == r->notices && n[1] == r->notices, "dies behind the decision", "not all of it is there");
    struct ledger *l = desk(r, STORE_SHARE, &os, &e);
    for (int i = 0; l && i < r->notices; i++) {
        bool ok = ledger_begin(l, &e) && world_decide(l, r, i, &d, &e) && ledger_commit(l, &e);
        want(ok && d == DECIDED_KNOWN, "decided again", ok ? decided_name(d) : e.what);
    }
    if (l)
        desk_close(l);
    planner(r, DIES_APPROVING);
    world_send(r, 0, 0, NULL);
    waitpid(r->sender[0], NULL, 0);
    r->sender[0] = 0;
    world_ask(r, "SELECT (SELECT count(*) FROM notify_notice WHERE state <> 0), (SELECT count(*) FROM notify_wave WHERE approved_us IS NOT NULL)", n, 2);
    want(n[0] == 0 && n[1] == 0, "dies while it approves", "something of it is free");
    l = desk(r, STORE_SHARE, &os, &e);
    want(l && world_approve(l, r, &e), "approve", e.what);
    if (l)
        desk_close(l);
}

/* --- senders that die, or stop --- */

/* The dot is recorded and not written: no clock is looked at between the two, so this sender is the test's own. */
struct dot { struct ledger *l; struct claim c; struct os *os; int signal; };
static bool dot_then_signal(void *ctx)
{
    struct dot *x = ctx;
    struct err  e = { 0 };

    bool ok = outbox_dot(x->l, &x->c, 100, x->os->now_us(x->os), &e);
    kill(getpid(), x->signal);
    return ok;
}

static pid_t send_to_dot(struct world *r, int k, int signal_)
{
    pid_t pid = fork();

    if (pid != 0)
        return r->sender[k] = pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct os    os = os_posix();
    struct err   e = { 0 };
    uint8_t      room[64 << 10];
    struct arena a = { .beg = room, .end = room + sizeof room };
    struct outbox_rates rates = { 1000000000, 1000000000, 1000000000, r->lease_us };
    struct dot   x = { .l = desk(r, STORE_SHARE, &os, &e), .os = &os, .signal = signal_ };
    struct notice n;
    struct str   bytes;
    int64_t      next;
    char         owner[32], host_port[32], to[256];
    struct handed h;

    snprintf(owner, sizeof owner, "%d", (int)getpid());
    snprintf(host_port, sizeof host_port, "127.0.0.1:%d", r->proxy_port);
    if (!x.l || !outbox_claim(x.l, str_c(owner), CONTACT_EMAIL, &rates, os.now_us(&os), &a, &x.c, &n, &next, &e) || !outbox_intent(x.l, &x.c, os.now_us(&os), &e) ||
        !outbox_bytes(ledger_store(x.l), n.id, &a, &bytes, &e))
        _exit(1);
    snprintf(to, sizeof to, "%.*s", STR_ARG(n.contact));
    struct smtp_mta mta = { host_port, "cert.example", false };
    struct smtp_mail mail = { "b+x@bounce.cert.example", to, "1", bytes };
    struct smtp_watch watch = { &x, dot_then_signal };
    smtp_send(&mta, &mail, &watch, &a, &h);
    h.at_us = os.now_us(&os);
    _exit(outbox_result(x.l, &x.c, &h, &e) ? 0 : 2);
}

enum { DOT = 100 /* recorded, not written */, HELD, SWALLOWED };
enum end { NEVER_CLAIMED, BACK, TAKEN, ABSENT };
static const struct arrow {
    const char *why; int at, signal; enum notice_step step; bool dot; enum end end;
} arrows[] = {
    { "killed before the claim",                                    BEFORE_CLAIM, SIGKILL, 0,                   false, NEVER_CLAIMED },
    { "killed in the transaction of the claim",                     IN_CLAIM,     SIGKILL, 0,                   false, NEVER_CLAIMED },
    { "killed after the claim",                                     CLAIMED,      SIGKILL, NOTICE_CLAIMED,      false, BACK },
    { "killed in the transaction of the intent",                    IN_INTENT,    SIGKILL, NOTICE_CLAIMED,      false, BACK },
    { "killed after the intent, all bytes but the end on the wire", INTENT,       SIGKILL, NOTICE_HANDING_OVER, false, BACK },
    { "killed when the dot is recorded and not written",            DOT,          SIGKILL, NOTICE_HANDING_OVER, true,  ABSENT },
    { "killed after the dot, which got lost on the way",            HELD,         SIGKILL, NOTICE_HANDING_OVER, true,  ABSENT },
    { "killed after the dot, the answer on its way",                SWALLOWED,    SIGKILL, NOTICE_HANDING_OVER, true,  TAKEN },
    { "killed after the answer, before the result",                 ANSWERED,     SIGKILL, NOTICE_HANDING_OVER, true,  TAKEN },
    { "killed in the transaction of the result",                    IN_RESULT,    SIGKILL, NOTICE_HANDING_OVER, true,  TAKEN },
    { "stops after the claim, comes back after its lease",          CLAIMED,      SIGSTOP, NOTICE_CLAIMED,      false, BACK },
    { "stops after the intent, comes back after its lease",         INTENT,       SIGSTOP, NOTICE_HANDING_OVER, false, BACK },
    { "stops when the dot is recorded, comes back after absence",   DOT,          SIGSTOP, NOTICE_HANDING_OVER, true,  ABSENT },
    { "stops after the answer, comes back after its lease",         ANSWERED,     SIGSTOP, NOTICE_HANDING_OVER, true,  TAKEN },
};
enum { ARROWS = sizeof arrows / sizeof *arrows };

/* Of the notice that this process has, or had. False: none. */
static bool of_owner(struct world *r, pid_t pid, int64_t ret[3])
{
    char sql[256];

    snprintf(sql, sizeof sql, "SELECT max(id), max(state), max(CASE WHEN dot_us IS NULL THEN 0 ELSE 1 END) FROM notify_notice WHERE owner = '%d'", (int)pid);
    world_ask(r, sql, ret, 3);
    return ret[0] != TIME_NONE;
}

static int64_t state_of(struct world *r, int64_t notice)
{
    char sql[128];
    int64_t v;

    snprintf(sql, sizeof sql, "SELECT state FROM notify_notice WHERE id = %lld", (long long)notice);
    world_ask(r, sql, &v, 1);
    return v;
}

static pid_t shoot(struct world *r, int k, const struct arrow *x, int64_t *ret_notice)
{
    struct hook hook = { .at = (enum sender_step)x->at, .signal = x->signal };
    volatile int *said = x->at == HELD ? &r->shared->held : &r->shared->swallowed;
    int status = 0, before = *said;
    int64_t v[3] = { 0 };

    r->shared->fate = x->at == HELD ? FATE_HOLD : x->at == SWALLOWED ? FATE_SWALLOW : FATE_WHOLE;
    pid_t pid = x->at == DOT ? send_to_dot(r, k, x->signal) : world_send(r, k, 1, x->at < DOT ? &hook : NULL);
    if (x->at == HELD || x->at == SWALLOWED) {
        for (int i = 0; i < 2000 && *said == before; i++)
            rest(5);
        want(*said != before, x->why, "its message did not come");
        kill(pid, SIGKILL);
    }
    waitpid(pid, &status, WUNTRACED);
    want(x->signal == SIGSTOP ? WIFSTOPPED(status) : WIFSIGNALED(status), x->why, "did not come to its step");
    bool has = of_owner(r, pid, v);
    want(has == (x->end != NEVER_CLAIMED), x->why, has ? "has a notice" : "has no notice");
    want(!has || (v[1] == (int64_t)x->step && (v[2] != 0) == x->dot), x->why, notice_step_name((enum notice_step)v[1]));
    *ret_notice = has ? v[0] : 0;
    if (x->signal == SIGKILL)
        r->sender[k] = 0;
    r->shared->fate = FATE_WHOLE;
    return x->signal == SIGSTOP ? pid : 0;
}

/* All that is due goes out; nobody dies. */
static void send_all(struct world *r, int64_t ahead_us)
{
    struct hook hook = { .ahead_us = ahead_us };
    int status = 1;

    waitpid(world_send(r, 0, 0, ahead_us ? &hook : NULL), &status, 0);
    r->sender[0] = 0;
    want(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a whole sender", "failed");
}

static void come_back(struct world *r, int k, const char *why)
{
    int status = 0;

    kill(r->sender[k], SIGCONT);
    waitpid(r->sender[k], &status, 0);
    want(WIFEXITED(status) && WEXITSTATUS(status) == 2, why, "its claim was still its own");
    r->sender[k] = 0;
}

static void shot(struct world *r)
{
    pid_t   stopped[ARROWS];
    int64_t notice[ARROWS];
    uint64_t queued = 0, unknown = 0;
    int     k = 1;

    for (int i = 0; i < ARROWS; i++) {
        stopped[i] = shoot(r, k, &arrows[i], &notice[i]);
        k += stopped[i] != 0;
    }
    /* Nobody else gets them while their leases last. */
    send_all(r, 0);
    for (int i = 0; i < ARROWS; i++)
        want(!notice[i] || state_of(r, notice[i]) == (int64_t)arrows[i].step, arrows[i].why, "touched before its lease ended");
    world_recover(r, r->lease_us + TIME_SECOND, &queued, &unknown);
    for (int i = 0; i < ARROWS; i++)
        want(!notice[i] || state_of(r, notice[i]) == (arrows[i].end == BACK ? NOTICE_QUEUED : NOTICE_UNKNOWN), arrows[i].why, "is not what it should be after its lease");
    (void)world_settle(r, NULL);
    for (int i = 0; i < ARROWS; i++)
        want(arrows[i].end != TAKEN || state_of(r, notice[i]) == NOTICE_ACCEPTED, arrows[i].why, "the MTA's log has it, and it is not settled");
    send_all(r, 0);
    for (int i = 0; i < ARROWS; i++)
        want(arrows[i].end != BACK || state_of(r, notice[i]) == NOTICE_ACCEPTED, arrows[i].why, "was not sent again");
    /* Two whose claim went to somebody else, who has sent it since; one whose answer came too late. */
    for (int i = 0, n = 1; i < ARROWS; i++)
        if (stopped[i]) {
            if (arrows[i].end != ABSENT)
                come_back(r, n, arrows[i].why);
            n++;
        }
    for (int i = 0; i < 300 && world_settle(r, NULL).unseen; i++)          /* until the log reaches over the time of absence */
        rest(50);
    send_all(r, 0);
    for (int i = 0, n = 1; i < ARROWS; i++) {
        want(arrows[i].end != ABSENT || state_of(r, notice[i]) == NOTICE_ACCEPTED, arrows[i].why, "was absent, and was not sent again");
        if (stopped[i]) {
            if (arrows[i].end == ABSENT)
                come_back(r, n, arrows[i].why);          /* its connection is long closed: this dot goes nowhere */
            n++;
        }
    }
}

/* --- clocks that jump, and a log that nobody can read --- */

static void jumps(struct world *r)
{
    static const struct arrow stopped = { "a sender in hand-over, and another one's clock jumps ahead", INTENT, SIGSTOP, NOTICE_HANDING_OVER, false, BACK };
    static const struct arrow ahead = { "killed after a claim with a clock that was ahead", CLAIMED, SIGKILL, NOTICE_CLAIMED, false, BACK };
    static const struct arrow unread = { "killed after the answer, and the log is gone", ANSWERED, SIGKILL, NOTICE_HANDING_OVER, true, TAKEN };
    struct hook hook = { .at = CLAIMED, .signal = SIGKILL, .ahead_us = 2 * TIME_HOUR };
    struct os   os = os_posix();
    struct err  e = { 0 };
    int64_t     notice, v[3];
    uint64_t    queued = 0, unknown = 0;
    int         status;

    world_plan(r, 1);
    shoot(r, 1, &stopped, &notice);
    send_all(r, 2 * TIME_HOUR);
    want(state_of(r, notice) == NOTICE_ACCEPTED, stopped.why, "the other one did not take it over");
    come_back(r, 1, stopped.why);

    world_plan(r, 3);
    pid_t pid = world_send(r, 1, 1, &hook);
    waitpid(pid, &status, 0);
    r->sender[1] = 0;
    of_owner(r, pid, v);
    notice = v[0];
    send_all(r, -TIME_DAY);                      /* a clock that jumps back only makes leases longer, and no bucket waits for it */
    want(state_of(r, notice) == NOTICE_CLAIMED, ahead.why, "a clock that jumped back ended a lease");
    world_recover(r, r->lease_us + TIME_SECOND, &queued, &unknown);
    want(state_of(r, notice) == NOTICE_CLAIMED, ahead.why, "its lease ended too early");
    world_recover(r, 3 * TIME_HOUR, &queued, &unknown);
    want(state_of(r, notice) == NOTICE_QUEUED, ahead.why, "its lease never ends");
    (void)world_settle(r, NULL);

    send_all(r, 0);
    world_plan(r, 1);
    shoot(r, 1, &unread, &notice);
    world_recover(r, 3 * TIME_HOUR, &queued, &unknown);
    struct settled s = world_settle(r, "/dev/null");
    want(s.unseen == 1 && s.taken + s.absent == 0 && state_of(r, notice) == NOTICE_UNKNOWN, unread.why, "a log that says nothing settled it");
    send_all(r, 0);
    want(state_of(r, notice) == NOTICE_UNKNOWN, unread.why, "was sent again without anybody's word");
    struct ledger *l = desk(r, STORE_SHARE, &os, &e);
    want(l && ledger_begin(l, &e) && outbox_settle(l, notice, true, STR_EMPTY, STR("the postmaster has seen it"), os.now_us(&os), &e) && ledger_commit(l, &e), unread.why, e.what);
    if (l)
        desk_close(l);
    send_all(r, 0);
}

/* --- the run --- */

static void engine(bool pg)
{
    /* absent_us: longer than the MTA waits for the rest of a message (smtpd_timeout), as the fifteen minutes of OUTBOX_ABSENT_US are. */
    struct world r = { .lease_us = TIME_MINUTE, .absent_us = 1500 * INT64_C(1000), .notices = ARROWS + 4 };
    struct came came;
    int  before = failures;
    const char *why = "";
    int64_t n[2];
    time_t begun = time(NULL);

    if (!world_start(&r, pg, "smtpd_discard_ehlo_keywords = chunking\nsmtpd_timeout = 1s", &why)) {
        printf("left out: %s\n", why);
        return;
    }
    r.shared->fate = FATE_WHOLE;
    decided(&r);
    r.proxy = proxy_start(&r);
    shot(&r);
    jumps(&r);
    world_delivered(&r, r.notices, &came);
    world_ask(&r, "SELECT count(*), sum(CASE WHEN state = 6 THEN 1 ELSE 0 END) FROM notify_notice", n, 2);
    want(came.distinct == r.notices && came.twice + came.copies + came.foreign == 0, pg ? "PostgreSQL" : "SQLite", "what arrived is not the plan");
    want(n[0] == r.notices && n[1] == r.notices, pg ? "PostgreSQL" : "SQLite", "not all is accepted");
    printf("%s: %d arrows cut, %d notices: %d arrived, %d twice, %d that nobody planned; %llu settled as taken, %llu as absent; %d wrong, %ld s\n", pg ? "PostgreSQL" : "SQLite", ARROWS + 6, r.notices, came.distinct,
           came.twice, came.foreign, (unsigned long long)r.settled, (unsigned long long)r.absent, failures - before, (long)(time(NULL) - begun));
    world_end();
}

int main(int argc, char **argv)
{
    const char *which = argc > 1 ? argv[1] : "both", *why = "";

    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!mta_can(&why)) {
        printf("skipped: %s\n", why);
        return 77;
    }
    /* Most of it is waiting: both at once. */
    int   status = 0;
    pid_t other = !strcmp(which, "both") ? fork() : 0;
    engine(other == 0 && strcmp(which, "lite") != 0);
    if (other > 0)
        waitpid(other, &status, 0);
    return failures || status ? 1 : 0;
}
