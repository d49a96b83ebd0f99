#include "test.h"

#include "os/guard_inner.h"
#include "os/pool.h"
#include "os/sandbox.h"
#include "os/stop.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A work of ITEMS items, read by `jobs` threads in slices between marks. What happens to an item is its kind. */
/* HANG_MS: long enough for a machine with other things to do. */
enum { ITEMS = 24, SLICE = 6, HANG_MS = 600 };
enum kind { FINE, SEGV, ABORT, FPE, TRAP, DEEP, LEAVES, LOOPS, KILLS, KILLS_ONCE, CRASH_ONCE, SLOW, OVERRUN, INNER, AFTER_INNER };

/* Seen by all processes of one run. */
struct seen { _Atomic uint32_t tried[ITEMS]; _Atomic int pid; _Atomic uint32_t deaths, begun; };

struct job {
    enum kind     item[ITEMS];
    uint32_t      jobs;
    bool          no_marks, sandboxed, slow, crash_at_the_end, stream;
    struct guard *g;
    struct seen  *seen;
    char          line[ITEMS][32];          /* process memory: what a copy must still know */
    size_t        line_n, first;
};

static void nap_ms(long ms)
{
    const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
    nanosleep(&t, NULL);
}

__attribute__((noinline)) static int deep(volatile char *above, int n)
{
    volatile char room[4096];
    room[0] = above ? above[0] : 1;
    room[sizeof room - 1] = (char)n;
    int rest = n < 0 ? 0 : deep(room, n + 1);
    return rest + room[0] + room[sizeof room - 1];
}

/* Without a sanitizer nobody would notice this one. */
#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

__attribute__((noinline)) static void overrun(void)
{
    volatile char *p = malloc(8);
    volatile size_t n = 8;

    CHECK(p != NULL);
    p[n] = p[n - 1];
    free((void *)p);
}

/* Items in items, deeper than are remembered. Crashes in the innermost, unless that is barred already. */
__attribute__((no_sanitize("undefined"), no_sanitize("address"))) static void nested(struct job *j, uint32_t worker, uint64_t depth, bool crash)
{
    if (guard_barred(j->g, 5000 + depth))
        return;
    guard_enter(j->g, worker, 5000 + depth, STR("inner"));
    if (depth < 3)
        nested(j, worker, depth + 1, crash);
    else if (crash)
        *(volatile int *)8 = 1;
    guard_leave(j->g, worker);
}

__attribute__((no_sanitize("undefined"), no_sanitize("address"))) static void do_kind(struct job *j, size_t i, uint32_t worker)
{
    volatile int sum = 0;
    uint32_t     tried = ++j->seen->tried[i];

    switch (j->item[i]) {
    case SEGV:  *(volatile int *)8 = 1; break;
    case CRASH_ONCE: if (tried == 1) *(volatile int *)8 = 1; break;
    case ABORT: abort();
    case FPE:   raise(SIGFPE); break;
    case TRAP:  __builtin_trap();
    case DEEP:  sum = deep(NULL, sum); break;
    case LEAVES: exit(0);
    case SLOW: for (int k = 0; k < 80; k++) { nap_ms(10); guard_beat(j->g, GUARD_SLOTS); } break;
    case LOOPS: for (;;) nap_ms(5);
    case KILLS: kill(getpid(), SIGKILL); break;
    case KILLS_ONCE: if (tried < 4) kill(getpid(), SIGKILL); break;
    case OVERRUN: overrun(); break;
    case INNER: case AFTER_INNER: nested(j, worker, 0, j->item[i] == INNER); *(volatile int *)8 = 1; break;
    case FINE: break;
    }
}

static bool one(void *ctx, size_t at, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    struct job *j = ctx;
    size_t      i = j->first + at;
    char        text[32];

    (void)e;
    snprintf(text, sizeof text, "item %zu", i);
    bool barred = guard_barred(j->g, i + 1000);
    if (!barred) {
        guard_enter(j->g, worker, i + 1000, str_c(text));
        for (int k = 0; k < 3; k++) {
            guard_beat(j->g, worker);
            if (j->slow)
                nap_ms(1);
        }
        do_kind(j, i, worker);
        guard_leave(j->g, worker);
    }
    pool_wait(turn, at);
    snprintf(j->line[j->line_n++], sizeof j->line[0], "%zu %s\n", i, barred ? "stopped" : "read");
    pool_next(turn, at);
    return true;
}

static int work(void *ctx, struct guard *g)
{
    struct job *j = ctx;
    struct err  e = { 0 };

    j->g = g;
    j->seen->pid = getpid();
    j->seen->begun++;
    if (j->sandboxed) {
        const char *name;
        struct sandbox_rules r = { .write = STR("/tmp") };
        if (!sandbox_enter(&r, &name, &e))
            return 99;
    }
    guard_put(g, STR("begin\n"), &e);
    for (size_t s = 0; s < ITEMS / SLICE; s++) {
        if (!j->no_marks && !guard_mark(g, &e))
            return 98;
        j->seen->pid = getpid();
        j->first = s * SLICE;
        if (!pool_run(j->jobs, SLICE, one, j, &e))
            return 97;
        guard_put(g, STR("slice\n"), &e);
    }
    if (j->crash_at_the_end)
        raise(SIGSEGV);
    for (size_t i = 0; i < ITEMS; i++)
        guard_put(g, str_c(j->line[i]), &e);
    j->seen->deaths = guard_restarts(g);
    return 5;
}

struct heard { uint32_t deaths; char last[300]; };
struct outcome { bool ok; int code; char text[4096]; struct err e; struct heard heard; };

static struct seen *seen_new(void)
{
    void *p = mmap(NULL, sizeof(struct seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    return p;
}

static void on_death(void *ctx, const char *what, struct str text)
{
    struct heard *h = ctx;

    h->deaths++;
    snprintf(h->last, sizeof h->last, "%s: %.*s", what, (int)text.n, (const char *)text.p);
}

static struct outcome run(struct job *j, uint64_t hang_ms)
{
    struct outcome       o = { .code = -1 };
    struct guard_options opt = { .stream = j->stream, .hang_ms = hang_ms, .died = on_death, .died_ctx = &o.heard };
    FILE *f = tmpfile();

    CHECK(f != NULL);
    j->seen = j->seen ? j->seen : seen_new();
    fflush(stdout);
    int keep = dup(STDOUT_FILENO);
    dup2(fileno(f), STDOUT_FILENO);
    o.ok = guard_run(&opt, work, j, &o.code, &o.e);
    fflush(stdout);
    dup2(keep, STDOUT_FILENO);
    close(keep);
    rewind(f);
    o.text[fread(o.text, 1, sizeof o.text - 1, f)] = 0;
    fclose(f);
    /* Nothing is left behind, and the caller is as it was. */
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    int reaper = 1;
    CHECK(prctl(PR_GET_CHILD_SUBREAPER, &reaper) == 0 && reaper == 0);
    return o;
}

static void expect(const struct outcome *o, const struct job *j, const char *why)
{
    char want[4096] = "begin\n";
    size_t n = strlen(want);

    for (size_t s = 0; s < ITEMS / SLICE; s++)
        n += (size_t)snprintf(want + n, sizeof want - n, "slice\n");
    for (size_t i = 0; i < ITEMS; i++) {
        bool bad = j->item[i] != FINE && j->item[i] != KILLS_ONCE && j->item[i] != CRASH_ONCE && j->item[i] != SLOW;
        n += (size_t)snprintf(want + n, sizeof want - n, "%zu %s\n", i, bad ? "stopped" : "read");
    }
    if (!o->ok || o->code != 5 || strcmp(o->text, want) != 0)
        fail_msg("%s: ok %d (%s; %s), code %d, got:\n%s", why, o->ok, o->e.what, o->e.where, o->code, o->text);
}

static void test_plain(void **state)
{
    (void)state;
    for (uint32_t jobs = 1; jobs <= 3; jobs += 2) {
        struct job     j = { .jobs = jobs };
        struct outcome o = run(&j, 0);
        expect(&o, &j, "no trouble");
        CHECK(j.seen->deaths == 0 && j.seen->begun == 1 && j.line_n == 0);
    }
}

static void test_off(void **state)
{
    struct job j = { .jobs = 2, .seen = seen_new() };
    struct guard_options opt = { .off = true };
    struct err e = { 0 };
    int code = 0, keep = dup(STDOUT_FILENO);
    FILE *f = tmpfile();

    (void)state;
    fflush(stdout);
    dup2(fileno(f), STDOUT_FILENO);
    CHECK(guard_run(&opt, work, &j, &code, &e));
    dup2(keep, STDOUT_FILENO);
    CHECK(code == 5 && j.g == NULL && j.line_n == ITEMS && j.seen->pid == getpid() && ftell(f) >= 0);
    fclose(f);
    close(keep);
}

static const struct { const char *why; enum kind kind; uint32_t deaths; uint64_t hang_ms; } kinds[] = {
    { "SIGSEGV", SEGV, 2, 0 },
    { "abort", ABORT, 2, 0 },
    { "SIGFPE", FPE, 2, 0 },
    { "a trap", TRAP, 2, 0 },
    { "no more stack", DEEP, 2, 0 },
    { "a library that exits", LEAVES, 2, 0 },
    { "an endless loop", LOOPS, 2, HANG_MS },
    { "killed each time at the same step, as for want of memory", KILLS, GUARD_KILLS_MAX, 0 },
    { "killed a few times", KILLS_ONCE, 3, 0 },
    { "crashed once", CRASH_ONCE, 1, 0 },
    { "slow, but it moves", SLOW, 0, HANG_MS },
    { "a sanitizer's report", OVERRUN, 2, 0 },
};

static void test_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds - !SANITIZED; i++)
        for (uint32_t jobs = 1; jobs <= 3; jobs += 2)
            for (int sandboxed = 0; sandboxed <= (kinds[i].kind != KILLS && kinds[i].kind != KILLS_ONCE); sandboxed++) {
                struct job     j = { .jobs = jobs, .sandboxed = sandboxed != 0, .stream = sandboxed != 0, .item = { [14] = kinds[i].kind } };
                struct outcome o = run(&j, kinds[i].hang_ms);
                expect(&o, &j, kinds[i].why);
                if (j.seen->deaths != kinds[i].deaths || j.seen->tried[14] != kinds[i].deaths + (kinds[i].kind == KILLS_ONCE || kinds[i].kind == CRASH_ONCE || kinds[i].kind == SLOW))
                    fail_msg("%s, %u threads: %u deaths, tried %u times", kinds[i].why, jobs, j.seen->deaths, j.seen->tried[14]);
                CHECK_WHY(o.heard.deaths == kinds[i].deaths, kinds[i].why);
                if (kinds[i].deaths == 2 && strcmp(o.heard.last, "a file brought its reader down again, and is left out: item 14") != 0)
                    fail_msg("%s: told \"%s\"", kinds[i].why, o.heard.last);
                /* The copies did their part: what lies before the mark was done once. */
                CHECK_WHY(j.seen->tried[0] == 1 && j.seen->begun == 1, kinds[i].why);
            }
}

/* The innermost is blamed; with it left out, what holds it is read on, and is blamed for what it does itself. */
static void test_nested(void **state)
{
    (void)state;
    for (int after = 0; after < 2; after++) {
        struct job     j = { .jobs = 1, .item = { [9] = after ? AFTER_INNER : INNER } };
        struct outcome o = run(&j, 0);
        expect(&o, &j, "nested");
        CHECK(j.seen->deaths == (after ? 2 : 4) && j.seen->tried[9] == (after ? 2 : 4));
    }
}

static void test_several_and_without_marks(void **state)
{
    (void)state;
    for (uint32_t jobs = 1; jobs <= 3; jobs += 2)
        for (int no_marks = 0; no_marks < 2; no_marks++) {
            struct job     j = { .jobs = jobs, .no_marks = no_marks != 0, .stream = jobs > 1, .item = { [0] = SEGV, [1] = ABORT, [7] = LOOPS, [8] = TRAP, [23] = DEEP } };
            struct outcome o = run(&j, HANG_MS);
            expect(&o, &j, no_marks ? "from the beginning" : "from a mark");
            CHECK(no_marks ? j.seen->begun > 5 : j.seen->begun == 1);
        }
}

static void test_no_item(void **state)
{
    struct job     j = { .jobs = 1, .crash_at_the_end = true };
    struct outcome o = run(&j, 0);

    (void)state;
    CHECK(!o.ok && o.e.kind == ERR_LIMIT && strstr(o.e.what, "died 3 times") && o.e.hint[0] && !o.text[0]);
}

/* Somebody ends its processes at random: the worker, or the copy, or all of them. */
static void test_random_kills(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 4; seed++) {
        struct job j = { .jobs = 1 + seed % 3, .slow = true, .seen = seen_new() };
        pid_t      me = getpid();
        pid_t      killer = fork();
        if (killer == 0) {
            unsigned r = seed * 2654435761u;
            for (int k = 0; k < 20; k++) {
                nap_ms(2 + (long)(r >> 24) % 30);
                r = r * 1664525u + 1013904223u;
                int pid = j.seen->pid;
                if (pid > 0 && getppid() == me)
                    kill(r >> 30 ? pid : -getpgid(pid) < -1 && getpgid(pid) != getpgid(me) ? -getpgid(pid) : pid, SIGKILL);
            }
            _exit(0);
        }
        struct outcome       o = { .code = -1 };
        struct guard_options opt = { .stream = seed % 2 == 1 };
        FILE *f = tmpfile();
        fflush(stdout);
        int keep = dup(STDOUT_FILENO);
        dup2(fileno(f), STDOUT_FILENO);
        o.ok = guard_run(&opt, work, &j, &o.code, &o.e);
        dup2(keep, STDOUT_FILENO);
        close(keep);
        kill(killer, SIGKILL);
        CHECK(waitpid(killer, NULL, 0) == killer);
        rewind(f);
        o.text[fread(o.text, 1, sizeof o.text - 1, f)] = 0;
        fclose(f);
        expect(&o, &j, "killed at random");
        CHECK(j.seen->deaths > 0);
    }
}

static bool gone_within_ms(pid_t group, long ms)
{
    for (; ms > 0; ms -= 10) {
        if (kill(-group, 0) != 0 && errno == ESRCH)
            return true;
        nap_ms(10);
    }
    return false;
}

/* The supervisor is told to end, or is ended: nothing of it stays. */
static void test_supervisor_ends(void **state)
{
    static const struct { int sig; int status; } end[] = { { SIGTERM, 143 << 8 }, { SIGINT, 130 << 8 }, { SIGHUP, 129 << 8 }, { SIGKILL, SIGKILL } };

    (void)state;
    for (size_t i = 0; i < sizeof end / sizeof *end; i++) {
        struct job j = { .jobs = 2, .item = { [8] = LOOPS }, .seen = seen_new() };
        fflush(NULL);
        pid_t pid = fork();
        if (pid == 0) {
            struct guard_options opt = { 0 };
            struct err e = { 0 };
            int code = 0;
            _exit(guard_run(&opt, work, &j, &code, &e) ? code : 200);
        }
        while (!j.seen->tried[8])
            nap_ms(5);
        pid_t group = j.seen->pid;
        CHECK(group > 0 && getpgid(group) == group && group != getpgid(0));
        CHECK(kill(pid, end[i].sig) == 0);
        int st = 0;
        CHECK(waitpid(pid, &st, 0) == pid);
        if (st != end[i].status)
            fail_msg("signal %d: status %x", end[i].sig, (unsigned)st);
        CHECK(gone_within_ms(group, 3000));
    }
}

/* A worker in an attacker's hands: it spoils what is shared and talks without end. The supervisor can still be told to stop, and ends all. */
static int work_hostile(void *ctx, struct guard *g)
{
    struct job          *j = ctx;
    struct guard_message m = { .what = GUARD_COPY, .value = getppid(), .number = guard_number(1, 1) };

    memset(g->shared, 0xff, sizeof *g->shared);
    for (int i = 0; i < 3; i++)
        if (fork() == 0)
            j->seen->tried[i] = 1;
    j->seen->pid = getpid();
    j->seen->tried[8] = 1;
    for (;;) {
        m.number += 1;
        if (write(g->control, &m, sizeof m) < 0)
            _exit(1);
    }
}

static void test_hostile(void **state)
{
    struct job j = { .seen = seen_new() };

    (void)state;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct guard_options opt = { 0 };
        struct err e = { 0 };
        int code = 0;
        _exit(guard_run(&opt, work_hostile, &j, &code, &e) ? code : 200);
    }
    while (!j.seen->tried[8])
        nap_ms(5);
    pid_t group = getpgid(j.seen->pid);
    nap_ms(50);
    CHECK(group > 0 && kill(pid, SIGTERM) == 0);
    int st = 0;
    CHECK(waitpid(pid, &st, 0) == pid && WIFEXITED(st) && WEXITSTATUS(st) == 143);
    CHECK(gone_within_ms(group, 3000));
}

/* A stopped worker is not a hung one. */
static void test_stopped(void **state)
{
    struct job j = { .jobs = 1, .slow = true, .item = { [3] = FINE }, .seen = seen_new() };

    (void)state;
    fflush(NULL);
    pid_t helper = fork();
    if (helper == 0) {
        while (!j.seen->pid || !j.seen->tried[2])
            nap_ms(1);
        kill(j.seen->pid, SIGSTOP);
        nap_ms(2 * HANG_MS);
        kill(j.seen->pid, SIGCONT);
        _exit(0);
    }
    struct outcome       o = { .code = -1 };
    struct guard_options opt = { .hang_ms = HANG_MS };
    int keep = dup(STDOUT_FILENO);
    FILE *f = tmpfile();
    dup2(fileno(f), STDOUT_FILENO);
    o.ok = guard_run(&opt, work, &j, &o.code, &o.e);
    dup2(keep, STDOUT_FILENO);
    close(keep);
    fclose(f);
    CHECK(waitpid(helper, NULL, 0) == helper);
    CHECK(o.ok && o.code == 5 && j.seen->deaths == 0);
}

/* With hands_on the first wish to end is the worker's, whenever it comes; and a worker that begins anew finds what was kept. */
static int work_asked(void *ctx, struct guard *g)
{
    struct job    *j = ctx;
    uint8_t       *kept = guard_kept(g);
    struct os_stop stop = { -1 };
    struct err     e = { 0 };

    if (kept[GUARD_KEPT_BYTES - 1]++ == 0) {
        j->seen->deaths++;
        raise(SIGKILL);
    }
    j->seen->tried[0] = 1;
    if (j->slow)
        nap_ms(300);                              /* it comes before anybody asks for it */
    if (kept[0] != 0 || kept[GUARD_KEPT_BYTES - 1] != 2 || !os_stop_open(&stop, &e))
        return 1;
    while (j->no_marks)
        nap_ms(10);                               /* it does not ask at all */
    bool asked = os_stop_wait(&stop, 20000);
    os_stop_close(&stop);
    return asked ? 42 : 2;
}

static void test_hands_on(void **state)
{
    static const struct { int sig, again; bool slow, deaf; int code; } cases[] = {
        { SIGINT, 0, false, false, 42 }, { SIGTERM, 0, false, false, 42 }, { SIGINT, 0, true, false, 42 }, { SIGINT, SIGTERM, false, true, 143 }, { SIGHUP, 0, false, false, 129 } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct job j = { .slow = cases[i].slow, .no_marks = cases[i].deaf, .seen = seen_new() };
        fflush(NULL);
        pid_t pid = fork();
        if (pid == 0) {
            struct guard_options opt = { .hands_on = true };
            struct err e = { 0 };
            int code = 0;
            _exit(guard_run(&opt, work_asked, &j, &code, &e) ? code : 200);
        }
        while (!j.seen->tried[0])
            nap_ms(5);
        CHECK(kill(pid, cases[i].sig) == 0);
        if (cases[i].again) {
            nap_ms(100);
            CHECK(kill(pid, cases[i].again) == 0);
        }
        int st = 0;
        CHECK(waitpid(pid, &st, 0) == pid);
        if (!WIFEXITED(st) || WEXITSTATUS(st) != cases[i].code || j.seen->deaths != 1)
            fail_msg("case %zu: status %x, %u deaths", i, (unsigned)st, j.seen->deaths);
    }
}

/* ---- judgement ---- */

static struct guard_shared *shared_with(const uint64_t *key, size_t n)
{
    struct guard_shared *s = calloc(1, sizeof *s);

    for (size_t i = 0; i < n; i++) {
        s->slot[i].busy = 1;
        s->slot[i].key  = key[i];
        s->slot[i].text_n = UINT32_MAX;          /* spoilt: bounded all the same */
        memset(s->slot[i].text, 'x', GUARD_KEY_TEXT);
    }
    s->fault = FAULT_UNSEEN;
    return s;
}

static void test_judge(void **state)
{
    const uint64_t       keys[] = { 9, 4 };
    struct guard_shared *s = shared_with(keys, 2);
    struct judge        *j = calloc(1, sizeof *j);
    struct err           e = { 0 };

    (void)state;
    s->fault = 1;
    CHECK(judge_death(j, s, DEATH_FAULT, false, &e) && j->barred_n == 0 && j->text_n == GUARD_KEY_TEXT);
    s->fault = 0;
    CHECK(judge_death(j, s, DEATH_FAULT, false, &e) && j->barred_n == 0);
    CHECK(judge_death(j, s, DEATH_FAULT, false, &e) && j->barred_n == 1 && j->barred[0] == 9);
    CHECK(judge_death(j, s, DEATH_HANG, false, &e) && j->barred_n == 2 && j->barred[0] == 4 && j->barred[1] == 9);
    /* A number that no slot has is nobody's fault, and nobody's fault three times is the end. */
    s->fault = 70000;
    CHECK(judge_death(j, s, DEATH_FAULT, false, &e) && j->barred_n == 2 && j->strange == 1);
    s->fault = FAULT_UNSEEN;
    CHECK(judge_death(j, s, DEATH_FAULT, false, &e) && j->strange == 2);
    s->fault = FAULT_FOREIGN;
    CHECK(judge_death(j, s, DEATH_FAULT, false, &e) && j->strange == 2 && j->killed == 1);
    s->fault = FAULT_NO_ITEM;
    s->slot[0].busy = 0;
    CHECK(!judge_death(j, s, DEATH_FAULT, false, &e) && e.kind == ERR_LIMIT && e.where[0]);
    free(s);
    free(j);
}

static void test_judge_kills(void **state)
{
    const uint64_t       keys[] = { 7 };
    struct guard_shared *s = shared_with(keys, 1);
    struct judge        *j = calloc(1, sizeof *j);
    struct err           e = { 0 };

    (void)state;
    /* At another step each time: nobody's fault, until it is too much. */
    for (uint32_t i = 0; i < GUARD_RESTARTS_MAX / 2; i++) {
        s->slot[0].beats = i + 1;
        CHECK(judge_death(j, s, DEATH_KILLED, false, &e) && j->barred_n == 0);
    }
    /* With something else in between, too. */
    for (uint32_t i = 0; i < 3 * (GUARD_KILLS_MAX - 1); i++) {
        s->slot[0].key = 8 + i / (GUARD_KILLS_MAX - 1);
        CHECK(judge_death(j, s, DEATH_KILLED, false, &e) && j->barred_n == 0);
    }
    /* The kernel is out of memory: wherever it stands. */
    s->slot[0].key = 20;
    for (uint32_t i = 0; i < GUARD_KILLS_MAX; i++) {
        CHECK(j->barred_n == 0);
        s->slot[0].beats = i * i;
        CHECK(judge_death(j, s, DEATH_KILLED, true, &e));
    }
    CHECK(j->barred_n == 1 && j->barred[0] == 20);
    s->slot[0].busy = 0;
    while (j->killed < GUARD_RESTARTS_MAX)
        CHECK(judge_death(j, s, DEATH_KILLED, false, &e));
    CHECK(!judge_death(j, s, DEATH_KILLED, false, &e) && e.kind == ERR_LIMIT && strstr(e.what, "died"));
    free(s);
    free(j);
}

static void test_judge_is_bounded(void **state)
{
    struct guard_shared *s = shared_with(&(uint64_t){ 1 }, 1);
    struct judge        *j = calloc(1, sizeof *j);
    struct err           e = { 0 };
    uint64_t             key = 0;

    (void)state;
    s->fault = 0;
    for (;;) {
        s->slot[0].key = (key / 2 + 1) * 0x9e3779b97f4a7c15u;
        if (!judge_death(j, s, DEATH_FAULT, false, &e))
            break;
        key++;
    }
    CHECK(j->barred_n == GUARD_BARRED_MAX && key == 2 * GUARD_BARRED_MAX + 1 && e.kind == ERR_LIMIT);
    for (uint32_t i = 1; i < j->barred_n; i++)
        CHECK(j->barred[i - 1] < j->barred[i]);
    memcpy(s->barred, j->barred, sizeof s->barred);
    s->barred_n = UINT32_MAX;                    /* spoilt */
    struct guard g = { .shared = s };
    CHECK(guard_barred(&g, j->barred[0]) && guard_barred(&g, j->barred[GUARD_BARRED_MAX - 1]) && !guard_barred(&g, 3) && !guard_barred(&g, UINT64_MAX));
    free(s);
    free(j);
}

static void test_nobody(void **state)
{
    struct err e = { 0 };

    (void)state;
    CHECK(guard_mark(NULL, &e) && !guard_barred(NULL, 1) && guard_restarts(NULL) == 0 && !guard_kept(NULL));
    guard_enter(NULL, 0, 1, STR("x"));
    guard_beat(NULL, 0);
    guard_leave(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody), cmocka_unit_test(test_judge), cmocka_unit_test(test_judge_kills), cmocka_unit_test(test_judge_is_bounded),
        cmocka_unit_test(test_plain), cmocka_unit_test(test_off), cmocka_unit_test(test_kinds), cmocka_unit_test(test_several_and_without_marks), cmocka_unit_test(test_nested),
        cmocka_unit_test(test_no_item), cmocka_unit_test(test_random_kills), cmocka_unit_test(test_supervisor_ends), cmocka_unit_test(test_stopped), cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_hands_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
