/*
 * outbox_world: an outbox full of approved notices, a real Postfix behind a proxy that cuts connections, and a count of what arrived: what the tests that kill senders share.
 *
 * Shape    world_start makes them, world_end ends all of it, whatever happened; world_die says why and ends the program. A test is one process: what it forks dies with it.
 * Senders  forked; each has a store and an owner's name of its own. world_send runs send_run as the program does; with `hook` a clock of its own is called at each step (see enum sender_step).
 * Proxy    one connection at a time gets the fate that `fate` names, or by dice what `cut_before` and `cut_after` say in per cent.
 * Settles  world_settle reads the log that Postfix writes. Leases and absence are seconds here.
 */
#ifndef OUTBOX_WORLD_H
#define OUTBOX_WORLD_H

#include "mta.h"
#include "pg_server.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
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

enum { WORLD_SENDERS = 8 };

/* What the proxy does with a connection. HOLD: the end of the message stays with it, and the other side never sees it; SWALLOW: the MTA gets the end, its answer stays here. Both say so
   in shared->held and keep the connection open until the sender is gone. */
enum fate { FATE_DICE, FATE_WHOLE, FATE_BEFORE_DOT, FATE_AFTER_DOT, FATE_HOLD, FATE_SWALLOW };
struct shared { volatile int fate, held, swallowed; };

struct world {
    struct mta mta; struct pg_server pg; char where[192];
    int proxy_port, cut_before, cut_after; struct shared *shared;
    pid_t proxy, sender[WORLD_SENDERS];
    unsigned seed; int notices; int64_t lease_us, absent_us, campaign, wave; bool full;
    uint64_t settled, absent, unseen;
};

static struct world *world_running;            /* what has to be ended, whatever happens */
static pid_t world_parent;

static inline void world_end(void)
{
    struct world *r = world_running;

    world_running = NULL;
    if (!r || getpid() != world_parent)
        return;
    for (int k = 0; k < WORLD_SENDERS; k++)
        if (r->sender[k] > 0) {
            kill(r->sender[k], SIGKILL);
            waitpid(r->sender[k], NULL, 0);
        }
    if (r->proxy > 0) {
        kill(r->proxy, SIGKILL);
        waitpid(r->proxy, NULL, 0);
    }
    if (getenv("KILLS_KEEP")) {
        printf("kept: %s\n", r->mta.dir);
        mta_down(&r->mta, true);
    } else
        mta_stop(&r->mta);
    pg_server_stop(&r->pg);
    if (r->shared)
        munmap(r->shared, sizeof *r->shared);
}

static inline _Noreturn void world_die(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    world_end();
    exit(1);
}

static inline int dice(struct world *r, int n) { return (int)((unsigned)rand_r(&r->seed) % (unsigned)n); }
static inline void rest(int ms) { usleep((useconds_t)ms * 1000); }

/* --- a proxy that cuts connections --- */

static inline bool proxy_pass(int to, const char *p, ssize_t n)
{
    for (ssize_t at = 0; at < n; ) {
        ssize_t k = send(to, p + at, (size_t)(n - at), MSG_NOSIGNAL);
        if (k <= 0)
            return false;
        at += k;
    }
    return true;
}

/* Until the sender is gone. */
static inline void proxy_keep(int client)
{
    char c[256];

    while (recv(client, c, sizeof c, 0) > 0) { }
}

/* One connection. The end of the data is looked for across reads; the command DATA comes in a read of its own. */
static inline void proxy_relay(int client, int server, enum fate fate, struct shared *shared)
{
    char buf[16384], tail[5] = "";
    bool data = false;

    for (;;) {
        struct pollfd p[2] = { { .fd = client, .events = POLLIN }, { .fd = server, .events = POLLIN } };
        if (poll(p, 2, 20000) <= 0)
            return;
        if (p[1].revents) {
            ssize_t n = recv(server, buf, sizeof buf, 0);
            if (n <= 0 || !proxy_pass(client, buf, n))
                return;
        }
        if (!p[0].revents)
            continue;
        ssize_t n = recv(client, buf, sizeof buf, 0);
        if (n <= 0)
            return;
        if (data && fate == FATE_BEFORE_DOT && n > 3)
            return;
        bool was = data;
        if (!data && n >= 6 && !memcmp(buf + n - 6, "DATA\r\n", 6))
            data = true;
        for (ssize_t i = 0; was && i < n; i++) {
            memmove(tail, tail + 1, 4);
            tail[4] = buf[i];
        }
        bool end = was && !memcmp(tail, "\r\n.\r\n", 5);
        if (end && fate == FATE_HOLD) {
            shared->held++;
            proxy_keep(client);
            return;
        }
        if (!proxy_pass(server, buf, n))
            return;
        if (!end)
            continue;
        data = false;
        if (fate == FATE_AFTER_DOT) {
            rest(rand() % 30);
            return;                                              /* without an answer */
        }
        if (fate == FATE_SWALLOW) {
            if (recv(server, buf, sizeof buf, 0) > 0)            /* it is taken: the answer is here, and stays here */
                shared->swallowed++;
            proxy_keep(client);
            return;
        }
    }
}

static inline enum fate proxy_fate(struct world *r)
{
    int x = dice(r, 100), said = r->shared->fate;

    if (said != FATE_DICE)
        return (enum fate)said;
    return getenv("KILLS_WHOLE") || x >= r->cut_before + r->cut_after ? FATE_WHOLE : x < r->cut_before ? FATE_BEFORE_DOT : FATE_AFTER_DOT;
}

static inline pid_t proxy_start(struct world *r)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, to = at;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    r->proxy_port = mta_free_port();
    at.sin_port = htons((uint16_t)r->proxy_port);
    to.sin_port = htons((uint16_t)r->mta.port);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s, (struct sockaddr *)&at, sizeof at) != 0 || listen(s, 64) != 0)
        world_die("proxy", strerror(errno));
    pid_t pid = fork();
    if (pid != 0) {
        close(s);
        return pid;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGCHLD, SIG_IGN);
    for (unsigned n = 0;; n++) {
        int client = accept(s, NULL, NULL);
        enum fate fate = proxy_fate(r);
        if (client < 0 || fork() != 0) {
            close(client);
            continue;
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(s);
        int server = socket(AF_INET, SOCK_STREAM, 0);
        srand(r->seed + n);
        if (connect(server, (struct sockaddr *)&to, sizeof to) == 0)
            proxy_relay(client, server, fate, r->shared);
        _exit(0);
    }
}

/* --- the outbox --- */

static inline struct ledger *desk(struct world *r, enum store_mode mode, struct os *os, struct err *e)
{
    struct store  *s;
    struct ledger *l;

    return store_open(&s, str_c(r->where), mode, e) && ledger_open(&l, s, os, STR("ada"), e) ? l : NULL;
}

static inline void desk_close(struct ledger *l)
{
    struct store *s = ledger_store(l);
    ledger_close(l);
    store_close(s);
}

/* One notice of case `i`, with its bytes, in a transaction that the caller has begun. */
static inline bool world_decide(struct ledger *l, struct world *r, int i, enum decided *ret, struct err *e)
{
    struct os os = os_posix();
    int64_t   now = os.now_us(&os);
    char      contact[64], domain[32], text[512];

    snprintf(contact, sizeof contact, "it@org%d.example", i);
    snprintf(domain, sizeof domain, "org%d.example", i);
    struct notice x = { .campaign = r->campaign, .case_ = i + 1, .org = i + 1, .wave = r->wave, .channel = CONTACT_EMAIL, .contact = str_c(contact), .domain = str_c(domain), .bucket = STR("p"),
                        .date_us = now, .not_before_us = 0, .give_up_us = now + TIME_DAY };
    if (!outbox_decide(l, &x, STR("cert.example"), ret, e))
        return false;
    if (*ret != DECIDED_NEW)
        return true;
    snprintf(text, sizeof text, "From: CERT <notify@cert.example>\r\nTo: <%s>\r\nSubject: x\r\nDate: Sat, 06 Mar 2021 14:02:11 +0000\r\nMessage-ID: <%s>\r\n\r\nOne line.\r\n.\r\n..two\r\n", contact, x.message_id);
    return outbox_bytes_put(l, x.id, str_c(text), now + TIME_DAY, e);
}

/* Tables, campaign and an empty wave. */
static inline void world_wave(struct world *r)
{
    struct os  os = os_posix();
    struct err e = { 0 };
    struct ledger *l = desk(r, STORE_WRITE, &os, &e);
    struct case_campaign c = { .slug = STR("x"), .begun_us = TIME_NONE, .report_us = TIME_NONE, .patch_us = TIME_NONE, .code_us = TIME_NONE };

    if (!l || !store_migrate(ledger_store(l), &notify_layer, &e) || !ledger_begin(l, &e) || !ledger_campaign(l, &c, &r->campaign, &e) ||
        !outbox_wave(l, r->campaign, STAGE_FIRST, STR_EMPTY, &r->wave, &e) || !ledger_commit(l, &e))
        world_die("wave", e.what);
    desk_close(l);
}

/* The wave is closed and a second person approves it, in one transaction of `l`. */
static inline bool world_approve(struct ledger *l, struct world *r, struct err *e)
{
    uint64_t n;
    uint8_t  hash[32];

    return ledger_begin(l, e) && outbox_wave_close(l, r->wave, &n, hash, e) && outbox_approve(l, r->wave, hash, STR("grace"), &n, e) && ledger_commit(l, e);
}

/* `more` notices besides those that are there, in a wave of their own, approved. */
static inline void world_plan(struct world *r, int more)
{
    struct os  os = os_posix();
    struct err e = { 0 };
    enum decided d;

    world_wave(r);
    struct ledger *l = desk(r, STORE_WRITE, &os, &e);
    if (!l || !ledger_begin(l, &e))
        world_die("plan", e.what);
    for (int i = 0; i < more; i++)
        if (!world_decide(l, r, r->notices + i, &d, &e) || d != DECIDED_NEW)
            world_die("decide", e.what);
    if (!ledger_commit(l, &e) || !world_approve(l, r, &e))
        world_die("approve", e.what);
    r->notices += more;
    desk_close(l);
}

/* --- senders --- */

/* A sender looks at the clock once in each of these, so a clock of the test's own knows where it is. BEFORE_CLAIM: nothing is written yet. CLAIMED: its claim is committed. INTENT: the intent is
   committed, and all bytes but the end are given away. ANSWERED: the MTA's answer is here, and not written down. IN_...: within the transaction of the claim, the intent, the result. */
enum sender_step { BEFORE_CLAIM = 1, IN_CLAIM, CLAIMED, IN_INTENT, INTENT, ANSWERED, IN_RESULT };
struct hook { enum sender_step at; int signal; int64_t ahead_us; int seen; bool on; };
static struct hook world_hook;

static inline int64_t hooked_now(struct os *os)
{
    struct os posix = os_posix();

    (void)os;
    if (world_hook.on && ++world_hook.seen == (int)world_hook.at)
        kill(getpid(), world_hook.signal);
    return posix.now_us(&posix) + world_hook.ahead_us;
}

/* hook NULL: none. most: notices at most, 0: all that is due. The exit code is 0 or 1, and 2 when its claim was not its own any more. */
static inline pid_t world_send(struct world *r, int k, uint64_t most, const struct hook *hook)
{
    pid_t pid = fork();

    if (pid != 0)
        return r->sender[k] = pid;
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
    struct send_counts n = { 0 };

    world_hook = hook ? *hook : (struct hook){ 0 };
    if (hook)
        os.now_us = hooked_now;
    struct ledger *l = desk(r, STORE_SHARE, &os, &e);

    snprintf(owner, sizeof owner, "%d", (int)getpid());
    snprintf(host_port, sizeof host_port, "127.0.0.1:%d", r->proxy_port);
    struct send_options o = { .os = &os, .mta = { host_port, "cert.example", false }, .owner = str_c(owner), .bounce_domain = STR("bounce.cert.example"),
                              .rates = { 1000000000, 1000000000, 1000000000, r->lease_us }, .most = most };
    world_hook.on = hook != NULL;
    bool ok = l && send_run(l, &o, &n, &e);
    if (!ok && !r->full && getenv("KILLS_SAY"))
        fprintf(stderr, "sender: %s\n", e.what);
    _exit(!ok ? 1 : n.lost ? 2 : 0);
}

/* --- settling --- */

static inline bool world_fill(void *ctx, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    (void)e;
    *got = fread(buf, 1, cap, ctx);
    return true;
}

/* log NULL: Postfix's own. Waits of minutes are not what is tried here: what is queued is due. */
static inline struct settled world_settle(struct world *r, const char *log)
{
    struct os  os = os_posix();
    struct err e = { 0 };
    struct ledger *l = desk(r, STORE_SHARE, &os, &e);
    uint8_t   *room = malloc(32 << 20);
    struct arena a = { .beg = room, .end = room + (16 << 20) }, b = { .beg = a.end, .end = room + (32 << 20) };
    struct doubt *d;
    size_t n;
    struct settle *s;
    struct settled done = { 0 };
    struct settle_rules rules = { .now_us = os.now_us(&os), .absent_us = r->absent_us };     /* its seconds are whole, its zone is ours: nothing to spare */
    time_t now = time(NULL);
    struct tm local;

    localtime_r(&now, &local);
    rules.zone_s = (int32_t)local.tm_gmtoff;
    if (!l || !settle_doubts(ledger_store(l), &a, &d, &n, &e))
        world_die("settle", e.what);
    if (n) {
        char host_port[32];
        snprintf(host_port, sizeof host_port, "127.0.0.1:%d", r->mta.port);
        (void)os_greet(host_port, 1000, &e);                     /* a line of now: a log that says nothing is not a log that stopped */
        e = (struct err){ 0 };
        rest(20);
        FILE *f = fopen(log ? log : r->mta.log, "r");
        if (!f || !settle_open(&s, &a, d, n, &rules, &e) || !settle_file(s, world_fill, f, b, &e) || !settle_apply(l, s, d, n, rules.now_us, &done, &e))
            world_die("settle", f ? e.what : "no log");
        fclose(f);
        r->settled += done.taken;
        r->absent += done.absent;
        r->unseen += done.unseen;
    }
    if (!ledger_begin(l, &e) || !bind_run(ledger_store(l), "UPDATE notify_notice SET not_before_us = 0 WHERE state = ?1", BOUND(B_INT(NOTICE_QUEUED)), &e) || !ledger_commit(l, &e))
        world_die("wait", e.what);
    desk_close(l);
    free(room);
    return done;
}

/* Leases that ended, seen from `ahead_us` in the future. */
static inline void world_recover(struct world *r, int64_t ahead_us, uint64_t *ret_queued, uint64_t *ret_unknown)
{
    struct os  os = os_posix();
    struct err e = { 0 };
    struct ledger *l = desk(r, STORE_SHARE, &os, &e);

    if (!l || !outbox_recover(l, os.now_us(&os) + ahead_us, ret_queued, ret_unknown, &e))
        world_die("recover", e.what);
    desk_close(l);
}

/* Up to 8 numbers of one row, as the store has them now. */
static inline void world_ask(struct world *r, const char *sql, int64_t *ret, int n)
{
    struct store *s;
    struct err e = { 0 };

    if (!store_open(&s, str_c(r->where), STORE_READ, &e) || !bind_ask(s, sql, NULL, 0, ret, n, &e))
        world_die("ask", e.what);
    store_close(s);
}

/* --- what arrived --- */

static inline int world_by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* What came: distinct Message-IDs; how many were handed over more than once; how many copies the MTA made of one hand-over, which an abrupt end does between delivery and its queue; those that nobody
   planned. The MTA's queue id in the Received line tells hand-overs apart. */
struct came { int distinct, twice, copies, foreign; };
static inline void world_arrived(struct world *r, struct came *ret)
{
    enum { MOST = 200000 };
    char **id = calloc(MOST, sizeof *id), **want = calloc((size_t)r->notices + 1, sizeof *want), line[1024], path[512], queue[64], both[1200];
    int n = 0, wanted = 0;
    DIR *d = opendir(r->mta.inbox);
    struct dirent *x;
    struct store *s;
    struct store_stmt *st;
    struct err e = { 0 };

    if (!id || !want || !store_open(&s, str_c(r->where), STORE_READ, &e) || !store_prepare(s, "SELECT message_id FROM notify_notice", &st, &e))
        world_die("arrived", e.what);
    while (wanted < r->notices && store_step(st, &e) == STORE_ROW) {
        snprintf(line, sizeof line, "Message-ID: <%.*s>\n", STR_ARG(store_text(st, 0)));
        want[wanted++] = strdup(line);
    }
    store_finish(st);
    store_close(s);
    while (d && (x = readdir(d)) && n < MOST) {
        if (x->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", r->mta.inbox, x->d_name);
        FILE *f = fopen(path, "r");
        bool found = false;
        bool report = f && fgets(line, sizeof line, f) && !strcmp(line, "Return-Path: <>\n");      /* what the MTA says of it */
        queue[0] = 0;
        while (f && !found && fgets(line, sizeof line, f)) {
            const char *at = strstr(line, "SMTP id ");
            if (at && !queue[0])
                snprintf(queue, sizeof queue, "%.40s", at + 8);
            found = !strncmp(line, "Message-ID: ", 12);
        }
        if (f)
            fclose(f);
        if (report)
            continue;
        if (!found)
            world_die("arrived without Message-ID", path);
        snprintf(both, sizeof both, "%s%s", line, queue);
        id[n++] = strdup(both);
    }
    if (d)
        closedir(d);
    qsort(id, (size_t)n, sizeof *id, world_by_text);
    qsort(want, (size_t)wanted, sizeof *want, world_by_text);
    *ret = (struct came){ 0 };
    for (int i = 0; i < n; i++) {
        size_t own = strcspn(id[i], "\n") + 1;
        bool   same = i > 0 && !strncmp(id[i], id[i - 1], own), copy = same && !strcmp(id[i], id[i - 1]);
        char   key[1024], *k = key;

        snprintf(key, sizeof key, "%.*s", (int)own, id[i]);
        ret->twice += same && !copy;
        ret->copies += copy;
        ret->distinct += !same;
        ret->foreign += !bsearch(&k, want, (size_t)wanted, sizeof *want, world_by_text);
    }
    for (int i = 0; i < n; i++)
        free(id[i]);
    for (int i = 0; i < wanted; i++)
        free(want[i]);
    free(id);
    free(want);
}

/* The MTA's own queue has time to empty. */
static inline void world_delivered(struct world *r, int want, struct came *ret)
{
    for (int i = 0; i < 300; i++) {
        world_arrived(r, ret);
        if (ret->distinct >= want)
            break;
        rest(i < 20 ? 20 : 100);
    }
    rest(200);
    world_arrived(r, ret);
}

/* more: lines of main.cf besides. False: *ret_why in words; there is no Postfix, or no PostgreSQL where `pg` asks for one. */
static inline bool world_start(struct world *r, bool pg, const char *more, const char **ret_why)
{
    if (!mta_start(&r->mta, more, ret_why))
        return false;
    if (pg && !pg_server_or_say(&r->pg)) {
        mta_stop(&r->mta);
        *ret_why = "no PostgreSQL";
        return false;
    }
    if (pg)
        snprintf(r->where, sizeof r->where, "%s", r->pg.where);
    else
        snprintf(r->where, sizeof r->where, "%s/outbox.db", r->mta.dir);
    r->shared = mmap(NULL, sizeof *r->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    world_running = r;
    world_parent = getpid();
    return true;
}

#endif
