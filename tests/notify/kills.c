/*
 * Never twice: senders are killed with SIGKILL at random moments, several at once, the MTA is restarted, connections are cut before and after the final dot, the disk is full;
 * a real Postfix takes the mail. In the end the Message-IDs in its Maildir are those of the plan, each once.
 *
 * kills [KILLS [lite|pg [SEED]]]     without: 30 kills on SQLite, then on PostgreSQL if there is one. Exit code 77: no Postfix, or not root.
 */
#include "mta.h"
#include "pg_server.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "base/num.h"
#include "casework/tables.h"
#include "notify/send.h"
#include "notify/settle.h"
#include "notify/tables.h"
#include "os/greet.h"
#include "store/bind.h"

enum { SENDERS = 3, PER_KILL = 4, CUT_AFTER_PERCENT = 5, CUT_BEFORE_PERCENT = 3 };
#define LEASE_US  (1500 * INT64_C(1000))
#define ABSENT_US (6 * TIME_SECOND)

struct run { struct mta mta; struct pg_server pg; char where[192]; int proxy_port; pid_t proxy, sender[SENDERS]; unsigned seed; int notices, kills, restarts, full; uint64_t settled, absent; };

static struct run *running;                   /* what has to be ended, whatever happens */
static pid_t parent;

static void end_all(void)
{
    struct run *r = running;

    running = NULL;
    if (!r || getpid() != parent)
        return;
    for (int k = 0; k < SENDERS; k++)
        if (r->sender[k] > 0)
            kill(r->sender[k], SIGKILL);
    if (r->proxy > 0)
        kill(r->proxy, SIGKILL);
    while (wait(NULL) > 0 && errno != ECHILD && !r->pg.pid) { }
    if (getenv("KILLS_KEEP")) {
        printf("kept: %s\n", r->mta.dir);
        mta_down(&r->mta, true);
    } else
        mta_stop(&r->mta);
    pg_server_stop(&r->pg);
}

static _Noreturn void die(const char *what, const char *why)
{
    fprintf(stderr, "kills: %s: %s\n", what, why);
    end_all();
    exit(1);
}

static int dice(struct run *r, int n) { return (int)((unsigned)rand_r(&r->seed) % (unsigned)n); }
static void rest(int ms) { usleep((useconds_t)ms * 1000); }

/* --- a proxy that cuts connections --- */

static bool pass(int to, const char *p, ssize_t n)
{
    for (ssize_t at = 0; at < n; ) {
        ssize_t k = send(to, p + at, (size_t)(n - at), MSG_NOSIGNAL);
        if (k <= 0)
            return false;
        at += k;
    }
    return true;
}

/* One connection. The end of the data is looked for across reads; the command DATA comes in a read of its own. */
static void relay(int client, int server, int fate)
{
    char buf[16384], tail[5] = "";
    bool data = false;

    for (;;) {
        struct pollfd p[2] = { { .fd = client, .events = POLLIN }, { .fd = server, .events = POLLIN } };
        if (poll(p, 2, 20000) <= 0)
            return;
        if (p[1].revents) {
            ssize_t n = recv(server, buf, sizeof buf, 0);
            if (n <= 0 || !pass(client, buf, n))
                return;
        }
        if (!p[0].revents)
            continue;
        ssize_t n = recv(client, buf, sizeof buf, 0);
        if (n <= 0)
            return;
        if (data && fate == 1 && n > 3)
            return;                                              /* before the dot */
        if (!data && n >= 6 && !memcmp(buf + n - 6, "DATA\r\n", 6))
            data = true;
        if (!pass(server, buf, n))
            return;
        for (ssize_t i = 0; i < n && data; i++) {
            memmove(tail, tail + 1, 4);
            tail[4] = buf[i];
        }
        if (data && !memcmp(tail, "\r\n.\r\n", 5)) {
            data = false;
            if (fate == 2) {
                rest(rand() % 30);
                return;                                          /* after it, without an answer */
            }
        }
    }
}

static pid_t proxy_start(struct run *r)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, to = at;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    r->proxy_port = mta_free_port();
    at.sin_port = htons((uint16_t)r->proxy_port);
    to.sin_port = htons((uint16_t)r->mta.port);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s, (struct sockaddr *)&at, sizeof at) != 0 || listen(s, 64) != 0)
        die("proxy", strerror(errno));
    pid_t pid = fork();
    if (pid != 0) {
        close(s);
        return pid;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGCHLD, SIG_IGN);
    for (unsigned n = 0;; n++) {
        int client = accept(s, NULL, NULL), fate = getenv("KILLS_WHOLE") ? 99 : dice(r, 100);
        if (client < 0 || fork() != 0) {
            close(client);
            continue;
        }
        int server = socket(AF_INET, SOCK_STREAM, 0);
        srand(r->seed + n);
        if (connect(server, (struct sockaddr *)&to, sizeof to) == 0)
            relay(client, server, fate < CUT_BEFORE_PERCENT ? 1 : fate < CUT_BEFORE_PERCENT + CUT_AFTER_PERCENT ? 2 : 0);
        _exit(0);
    }
}

/* --- the outbox --- */

static struct ledger *desk(struct run *r, enum store_mode mode, struct os *os, struct err *e)
{
    struct store  *s;
    struct ledger *l;

    return store_open(&s, str_c(r->where), mode, e) && ledger_open(&l, s, os, STR("ada"), e) ? l : NULL;
}

static void desk_close(struct ledger *l)
{
    struct store *s = ledger_store(l);
    ledger_close(l);
    store_close(s);
}

static void plan(struct run *r)
{
    struct os  os = os_posix();
    struct err e = { 0 };
    struct ledger *l = desk(r, STORE_WRITE, &os, &e);
    struct case_campaign c = { .slug = STR("x"), .begun_us = TIME_NONE, .report_us = TIME_NONE, .patch_us = TIME_NONE, .code_us = TIME_NONE };
    int64_t campaign, wave, now = os.now_us(&os);
    uint64_t n;
    uint8_t hash[32];

    if (!l || !store_migrate(ledger_store(l), &notify_layer, &e) || !ledger_begin(l, &e) || !ledger_campaign(l, &c, &campaign, &e) || !outbox_wave(l, campaign, STAGE_FIRST, STR_EMPTY, &wave, &e))
        die("plan", e.what);
    for (int i = 0; i < r->notices; i++) {
        char contact[64], domain[32], text[512];
        enum decided d;

        snprintf(contact, sizeof contact, "it@org%d.example", i);
        snprintf(domain, sizeof domain, "org%d.example", i);
        struct notice x = { .campaign = campaign, .case_ = i + 1, .org = i + 1, .wave = wave, .channel = CONTACT_EMAIL, .contact = str_c(contact), .domain = str_c(domain), .bucket = STR("p"),
                            .date_us = now, .not_before_us = 0, .give_up_us = now + TIME_DAY };
        if (!outbox_decide(l, &x, STR("cert.example"), &d, &e) || d != DECIDED_NEW)
            die("decide", e.what);
        snprintf(text, sizeof text, "From: CERT <notify@cert.example>\r\nTo: <%s>\r\nSubject: x\r\nDate: Sat, 06 Mar 2021 14:02:11 +0000\r\nMessage-ID: <%s>\r\n\r\nOne line.\r\n.\r\n..two\r\n", contact, x.message_id);
        if (!outbox_bytes_put(l, x.id, str_c(text), now + TIME_DAY, &e))
            die("bytes", e.what);
    }
    if (!outbox_wave_close(l, wave, &n, hash, &e) || !outbox_approve(l, wave, hash, STR("grace"), &n, &e) || !ledger_commit(l, &e))
        die("approve", e.what);
    desk_close(l);
}

static pid_t send_some(struct run *r, int k)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    if (r->full) {
        struct rlimit small = { 32 << 10, 32 << 10 };
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &small);
    }
    struct os  os = os_posix();
    struct err e = { 0 };
    char owner[32], host_port[32];
    struct send_counts n;
    struct ledger *l = desk(r, STORE_SHARE, &os, &e);

    snprintf(owner, sizeof owner, "sender %d.%d", k, (int)getpid());
    snprintf(host_port, sizeof host_port, "127.0.0.1:%d", r->proxy_port);
    struct send_options o = { .os = &os, .mta = { host_port, "cert.example", false }, .owner = str_c(owner), .bounce_domain = STR("bounce.cert.example"),
                              .rates = { 1000000000, 1000000000, 1000000000, LEASE_US }, .wait_us = 0 };
    bool ok = l && send_run(l, &o, &n, &e);
    if (!ok && !r->full && getenv("KILLS_SAY"))
        fprintf(stderr, "sender: %s\n", e.what);
    _exit(ok ? 0 : 1);
}

static bool fill_file(void *ctx, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    (void)e;
    *got = fread(buf, 1, cap, ctx);
    return true;
}

static void settle(struct run *r)
{
    struct os  os = os_posix();
    struct err e = { 0 };
    struct ledger *l = desk(r, STORE_SHARE, &os, &e);
    uint8_t   *room = malloc(32 << 20);
    struct arena a = { .beg = room, .end = room + (16 << 20) }, b = { .beg = a.end, .end = room + (32 << 20) };
    struct doubt *d;
    size_t n;
    struct settle *s;
    struct settled done;
    struct settle_rules rules = { .now_us = os.now_us(&os), .absent_us = ABSENT_US, .spare_us = 1200 * 1000 };
    time_t now = time(NULL);
    struct tm local;

    localtime_r(&now, &local);
    rules.zone_s = (int32_t)local.tm_gmtoff;
    if (!l || !settle_doubts(ledger_store(l), &a, &d, &n, &e))
        die("settle", e.what);
    if (n) {
        char host_port[32];
        snprintf(host_port, sizeof host_port, "127.0.0.1:%d", r->mta.port);
        (void)os_greet(host_port, 1000, &e);                     /* a line of now: a log that says nothing is not a log that stopped */
        e = (struct err){ 0 };
        rest(20);
        FILE *f = fopen(r->mta.log, "r");
        if (!f || !settle_open(&s, &a, d, n, &rules, &e) || !settle_file(s, fill_file, f, b, &e) || !settle_apply(l, s, d, n, rules.now_us, &done, &e))
            die("settle", e.what);
        fclose(f);
        r->settled += done.taken;
        r->absent += done.absent;
    }
    /* Waits of minutes are not what is tried here. */
    if (!ledger_begin(l, &e) || !bind_run(ledger_store(l), "UPDATE notify_notice SET not_before_us = 0 WHERE state = ?1", BOUND(B_INT(NOTICE_QUEUED)), &e) || !ledger_commit(l, &e))
        die("wait", e.what);
    desk_close(l);
    free(room);
}

static int64_t left(struct run *r, int64_t *ret_accepted)
{
    struct store *s;
    struct err e = { 0 };
    int64_t n[2] = { 0 };

    if (!store_open(&s, str_c(r->where), STORE_READ, &e) ||
        !bind_ask(s, "SELECT sum(CASE WHEN state = ?1 THEN 0 ELSE 1 END), sum(CASE WHEN state = ?1 THEN 1 ELSE 0 END) FROM notify_notice", BOUND(B_INT(NOTICE_ACCEPTED)), n, 2, &e))
        die("count", e.what);
    store_close(s);
    *ret_accepted = n[1];
    return n[0];
}

/* --- what arrived --- */

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Distinct Message-IDs, and how many came more than once. */
static void arrived(struct run *r, int *ret_distinct, int *ret_twice)
{
    char *id[200000], line[1024], path[512];
    int n = 0;
    DIR *d = opendir(r->mta.inbox);
    struct dirent *x;

    while (d && (x = readdir(d)) && n < 200000) {
        if (x->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", r->mta.inbox, x->d_name);
        FILE *f = fopen(path, "r");
        bool found = false;
        bool report = f && fgets(line, sizeof line, f) && !strcmp(line, "Return-Path: <>\n");      /* what the MTA says of it */
        while (f && !found && fgets(line, sizeof line, f))
            found = !strncmp(line, "Message-ID: ", 12);
        if (f)
            fclose(f);
        if (report)
            continue;
        if (!found)
            die("arrived without Message-ID", path);
        id[n++] = strdup(line);
    }
    if (d)
        closedir(d);
    qsort(id, (size_t)n, sizeof *id, by_text);
    *ret_distinct = *ret_twice = 0;
    for (int i = 0; i < n; i++) {
        bool same = i > 0 && !strcmp(id[i], id[i - 1]);
        *ret_twice += same;
        *ret_distinct += !same;
    }
    for (int i = 0; i < n; i++)
        free(id[i]);
}

/* --- the run --- */

static void reap(struct run *r, int k, bool by_force)
{
    int status;

    if (r->sender[k] <= 0)
        return;
    if (by_force)
        kill(r->sender[k], SIGKILL);
    if (waitpid(r->sender[k], &status, by_force ? 0 : WNOHANG) == r->sender[k])
        r->sender[k] = 0;
}

static bool tried(struct run *r, int kills)
{
    int64_t accepted = 0;
    int distinct, twice;
    time_t begun = time(NULL), settled = begun;

    for (int round = 0; ; round++) {
        for (int k = 0; k < SENDERS; k++) {
            reap(r, k, false);
            r->full = !strncmp(r->where, "/tmp", 4) && r->kills < kills && dice(r, 40) == 0;
            if (!r->sender[k])
                r->sender[k] = send_some(r, k);
        }
        rest(10 + dice(r, r->kills < kills ? 90 : 400));
        if (r->kills < kills) {
            int k = dice(r, SENDERS);
            if (r->sender[k] > 0) {
                reap(r, k, true);
                r->kills++;
            }
            if (dice(r, 60) == 0) {
                mta_down(&r->mta, dice(r, 2));
                if (!mta_up(&r->mta))
                    die("MTA", "did not come back");
                r->restarts++;
            }
        }
        if (time(NULL) != settled) {
            settled = time(NULL);
            settle(r);
            if (left(r, &accepted) == 0)
                break;
        }
        if (time(NULL) - begun > 60 + kills)
            die("time", "not done");
    }
    for (int k = 0; k < SENDERS; k++)
        reap(r, k, true);
    for (int i = 0; i < 300; i++) {                              /* the MTA's own queue */
        arrived(r, &distinct, &twice);
        if (distinct >= r->notices)
            break;
        rest(100);
    }
    rest(300);
    arrived(r, &distinct, &twice);
    printf("%s: %d notices, %d kills, %d restarts of the MTA, %llu settled from its log as taken, %llu as absent: %d arrived, %d twice, %lld accepted, %ld s\n",
           r->where[0] == '/' ? "SQLite" : "PostgreSQL", r->notices, r->kills, r->restarts, (unsigned long long)r->settled, (unsigned long long)r->absent, distinct, twice, (long long)accepted,
           (long)(time(NULL) - begun));
    return distinct == r->notices && twice == 0 && accepted == r->notices && r->kills >= kills;
}

static bool engine(int kills, bool pg, unsigned seed, const char **ret_why)
{
    struct run r = { .seed = seed, .notices = 60 + kills * PER_KILL };
    bool ok = false;

    if (!mta_start(&r.mta, "smtpd_discard_ehlo_keywords = chunking", ret_why))
        return false;
    if (pg && !pg_server_or_say(&r.pg)) {
        mta_stop(&r.mta);
        return true;
    }
    if (pg)
        snprintf(r.where, sizeof r.where, "%s", r.pg.where);
    else
        snprintf(r.where, sizeof r.where, "%s/outbox.db", r.mta.dir);
    running = &r;
    parent = getpid();
    plan(&r);
    r.proxy = proxy_start(&r);
    ok = tried(&r, kills);
    end_all();
    *ret_why = ok ? "" : "what arrived is not the plan";
    return ok;
}

int main(int argc, char **argv)
{
    int kills = argc > 1 ? atoi(argv[1]) : 30;
    const char *which = argc > 2 ? argv[2] : "both", *why = "";
    unsigned seed = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 1;
    struct mta probe;

    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!mta_start(&probe, "", &why)) {
        printf("skipped: %s\n", why);
        return 77;
    }
    mta_stop(&probe);
    if ((strcmp(which, "pg") != 0 && !engine(kills, false, seed, &why)) || (strcmp(which, "lite") != 0 && !engine(kills, true, seed + 1, &why)))
        die("failed", why);
    return 0;
}
