/*
 * Never twice: senders are killed with SIGKILL at random moments, several at once, the MTA is restarted, connections are cut before and after the final dot, the disk is full;
 * a real Postfix takes the mail. In the end the Message-IDs in its Maildir are those of the plan, each once.
 *
 * kills [KILLS [lite|pg|both [SEED]]]     without: 30 kills on SQLite, then on PostgreSQL if there is one. Exit code 77: no Postfix, or not root.
 */
#include "outbox_world.h"

enum { SENDERS = 4, PER_KILL_PERCENT = 150, SPARE = 40, TICK_MS = 26 };

struct tally { int kills, restarts, full, idle, claimed, handing, dot; struct store *watch; };

static void reap(struct world *r, int k)
{
    int status;

    if (r->sender[k] > 0 && waitpid(r->sender[k], &status, WNOHANG) == r->sender[k])
        r->sender[k] = 0;
}

/* Where it died, as the store knows. */
static void shoot(struct world *r, struct tally *t, int k)
{
    struct err e = { 0 };
    int64_t v[2] = { TIME_NONE, TIME_NONE };
    char owner[16];

    snprintf(owner, sizeof owner, "%d", (int)r->sender[k]);
    kill(r->sender[k], SIGKILL);
    waitpid(r->sender[k], NULL, 0);
    r->sender[k] = 0;
    t->kills++;
    if (!bind_ask(t->watch, "SELECT max(state), max(dot_us) FROM notify_notice WHERE owner = ?1", BOUND(B_TEXT(str_c(owner))), v, 2, &e))
        world_die("watch", e.what);
    *(v[0] == NOTICE_CLAIMED ? &t->claimed : v[0] != NOTICE_HANDING_OVER ? &t->idle : v[1] == TIME_NONE ? &t->handing : &t->dot) += 1;
}

static void restart(struct world *r, struct tally *t)
{
    mta_down(&r->mta, dice(r, 2));
    if (!mta_up(&r->mta))
        world_die("MTA", "did not come back");
    t->restarts++;
}

static void say_what_is_left(struct world *r)
{
    struct store *s;
    struct store_stmt *st;
    struct err e = { 0 };

    if (!store_open(&s, str_c(r->where), STORE_READ, &e) ||
        !store_prepare(s, "SELECT n.id, n.state, n.attempt, n.owner, n.dot_us, n.lease_us, n.message_id FROM notify_notice n WHERE n.state <> 6 ORDER BY n.id LIMIT 10", &st, &e))
        return;
    while (store_step(st, &e) == STORE_ROW)
        fprintf(stderr, "left: %lld %s, attempt %lld, owner %.*s, dot %lld, lease %lld, %.*s\n", (long long)store_int(st, 0), notice_step_name((enum notice_step)store_int(st, 1)), (long long)store_int(st, 2),
                STR_ARG(store_text(st, 3)), (long long)store_int(st, 4), (long long)store_int(st, 5), STR_ARG(store_text(st, 6)));
    store_finish(st);
    store_close(s);
}

static bool tried(struct world *r, int kills)
{
    struct tally t = { 0 };
    struct err e = { 0 };
    int64_t left[2] = { r->notices, 0 };
    struct came came;
    time_t begun = time(NULL), settled = begun;

    if (!store_open(&t.watch, str_c(r->where), STORE_SHARE, &e))
        world_die("watch", e.what);
    while (left[0]) {
        for (int k = 0; k < SENDERS; k++) {
            reap(r, k);
            if (r->sender[k])
                continue;
            r->full = r->where[0] == '/' && t.kills < kills && dice(r, 40) == 0;
            t.full += r->full;
            world_send(r, k, 0, NULL);
        }
        rest(t.kills < kills ? 1 + dice(r, TICK_MS) : 100);
        if (t.kills < kills) {
            int k = dice(r, SENDERS);
            reap(r, k);
            if (r->sender[k] > 0)
                shoot(r, &t, k);
            if (dice(r, 80) == 0)
                restart(r, &t);
        }
        if (time(NULL) != settled) {
            settled = time(NULL);
            world_settle(r, NULL);
            world_ask(r, "SELECT sum(CASE WHEN state = 6 THEN 0 ELSE 1 END), sum(CASE WHEN state = 6 THEN 1 ELSE 0 END) FROM notify_notice", left, 2);
        }
        if (t.kills < kills && left[0] < SPARE) {                /* a slow machine hands over more between two kills: another wave, decided while they send */
            int more = SPARE + (kills - t.kills) * PER_KILL_PERCENT / 100;
            world_plan(r, more);
            left[0] += more;
        }
        if (time(NULL) - begun > 60 + kills) {
            say_what_is_left(r);
            world_die("time", "not done");
        }
    }
    store_close(t.watch);
    for (int k = 0; k < SENDERS; k++)
        while (r->sender[k]) {
            reap(r, k);
            rest(5);
        }
    world_delivered(r, r->notices, &came);
    printf("%s: %d notices, %d kills (%d before a claim, %d claimed, %d handing over, %d after the dot), %d restarts of the MTA, %d senders with a full disk, %llu settled from its log as taken, "
           "%llu as absent: %d arrived, %d handed over twice, %d that nobody planned, %lld accepted; %d copied by the MTA when it was ended abruptly; %ld s\n", r->where[0] == '/' ? "SQLite" : "PostgreSQL", r->notices, t.kills, t.idle, t.claimed, t.handing, t.dot, t.restarts,
           t.full, (unsigned long long)r->settled, (unsigned long long)r->absent, came.distinct, came.twice, came.foreign, (long long)left[1], came.copies, (long)(time(NULL) - begun));
    return came.distinct == r->notices && came.twice == 0 && came.foreign == 0 && left[1] == r->notices && t.kills >= kills;
}

static bool engine(int kills, bool pg, unsigned seed, const char **ret_why)
{
    struct world r = { .seed = seed, .lease_us = 1500 * INT64_C(1000), .absent_us = 4 * TIME_SECOND, .cut_before = 3, .cut_after = 5 };

    if (!world_start(&r, pg, "smtpd_discard_ehlo_keywords = chunking\nsmtpd_timeout = 3s", ret_why)) {
        printf("left out: %s\n", *ret_why);
        return pg;
    }
    world_plan(&r, SPARE + kills * PER_KILL_PERCENT / 100);
    r.proxy = proxy_start(&r);
    bool ok = tried(&r, kills);
    world_end();
    *ret_why = ok ? "" : "what arrived is not the plan";
    return ok;
}

int main(int argc, char **argv)
{
    int kills = argc > 1 ? atoi(argv[1]) : 30;
    const char *which = argc > 2 ? argv[2] : "both", *why = "";
    unsigned seed = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 1;

    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!mta_can(&why)) {
        printf("skipped: %s\n", why);
        return 77;
    }
    /* Much of it is waiting: both engines at once. */
    int   status = 0;
    pid_t other = !strcmp(which, "both") ? fork() : 0;
    bool  pg = other == 0 && strcmp(which, "lite") != 0;
    bool  ok = engine(kills, pg, seed + pg, &why);
    if (!ok)
        fprintf(stderr, "kills: %s: %s\n", pg ? "PostgreSQL" : "SQLite", why);
    if (other == 0 && !strcmp(which, "both"))
        _exit(!ok);
    if (other > 0)
        waitpid(other, &status, 0);
    return ok && status == 0 ? 0 : 1;
}
