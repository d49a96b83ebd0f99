/* Letters and calls on both engines: whoever dies when, the desk finds each once. */
#include "test.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/num.h"
#include "casework/tables.h"
#include "notify/outbox_inner.h"
#include "notify/paper.h"
#include "notify/paper_fixture.h"
#include "notify/settle.h"
#include "notify/tables.h"
#include "os/mem.h"
#include "pg_server.h"

static struct world { struct pg_server pg; bool has_pg; } w;

struct desk { struct store *s; struct ledger *l; struct test_arena a; char dir[64], out[80]; int64_t campaign; };

enum { ENGINES = 2, ROOM = 4 << 20 };
#define NOW INT64_C(1615536000000000)

static int64_t   clock_us = NOW;
static struct os disk;
static int64_t fixed_now(struct os *os) { (void)os; return clock_us; }

static bool open_desk(struct desk *d, const char *where, struct err *e)
{
    disk = os_posix();
    disk.now_us = fixed_now;
    return store_open(&d->s, str_c(where), STORE_WRITE, e) && ledger_open(&d->l, d->s, &disk, STR("ada"), e) && store_migrate(d->s, &notify_layer, e);
}

static struct desk begin(int engine)
{
    struct desk d = { .a = test_arena(ROOM), .dir = "/tmp/ap_paper.XXXXXX" };
    struct err  e = { 0 };
    char        file[96];
    struct case_campaign c = { .slug = STR("proxylogon"), .begun_us = TIME_NONE, .report_us = NOW - 10 * TIME_DAY, .patch_us = TIME_NONE, .code_us = TIME_NONE };

    clock_us = NOW;
    CHECK(mkdtemp(d.dir));
    snprintf(d.out, sizeof d.out, "%s/out", d.dir);
    snprintf(file, sizeof file, "%s/a.db", d.dir);
    if (engine) {
        struct store *s;
        CHECK(store_open(&s, str_c(w.pg.where), STORE_WRITE, &e) && store_exec(s, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", &e));
        store_close(s);
    }
    if (!open_desk(&d, engine ? w.pg.where : file, &e) || !ledger_begin(d.l, &e) || !ledger_campaign(d.l, &c, &d.campaign, &e) || !ledger_commit(d.l, &e))
        fail_msg("%s: %s", e.where, e.what);
    return d;
}

static void close_desk(struct desk *d)
{
    ledger_close(d->l);
    store_close(d->s);
    d->l = NULL;
    d->s = NULL;
}

static void end(struct desk *d)
{
    close_desk(d);
    test_arena_free(&d->a);
    paper_clear(d->dir);
}

static int64_t one(struct desk *d, const char *sql)
{
    struct err e = { 0 };
    int64_t    n = -1;

    if (!store_one_int(d->s, sql, &n, &e) && e.kind != ERR_NONE)
        fail_msg("%s: %s", sql, e.what);
    return n;
}

static void wave(struct desk *d, enum contact_channel channel, int n, int64_t *ret_id) { paper_wave(d->l, d->a.a, d->campaign, NOW, channel, n, ret_id); }

static struct paper_options options(struct desk *d, enum contact_channel channel)
{
    return (struct paper_options){ .os = &disk, .owner = STR("desk:1"), .dir = str_c(d->out), .channel = channel };
}

static uint64_t write_all(struct desk *d, enum contact_channel channel)
{
    struct paper_options o = options(d, channel);
    struct err           e = { 0 };
    uint64_t             n;

    if (!paper_write(d->l, &o, clock_us, &n, &e))
        fail_msg("%s: %s", e.where, e.what);
    return n;
}

static struct str slurp(struct desk *d, const char *name)
{
    struct err e = { 0 };
    struct str s;

    return os_slurp(&disk, str_c(d->out), str_c(name), 1 << 20, &d->a.a, &s, &e) ? s : STR_EMPTY;
}

/* The desk takes what lies there, prints it and throws it away. How many letters, and how many of them were those of `id`; parts are not touched. */
static int take(struct desk *d, const int64_t *id, int *ret_of, int n)
{
    DIR *dir = opendir(d->out);
    int  all = 0;

    for (struct dirent *x; dir && (x = readdir(dir)); ) {
        struct str name = str_c(x->d_name);
        char       path[512];
        if (!str_ends(name, STR(".pdf")) && !str_ends(name, STR(".txt")))
            continue;
        for (int i = 0; i < n; i++) {
            char want[64];
            snprintf(want, sizeof want, "bytes of %lld", (long long)id[i]);
            ret_of[i] += str_eq(slurp(d, x->d_name), str_c(want));
        }
        snprintf(path, sizeof path, "%s/%s", d->out, x->d_name);
        CHECK(unlink(path) == 0);
        all++;
    }
    if (dir)
        closedir(dir);
    return all;
}

static int parts(struct desk *d)
{
    DIR *dir = opendir(d->out);
    int  n = 0;

    for (struct dirent *x; dir && (x = readdir(dir)); )
        n += str_has(str_c(x->d_name), STR(".part"));
    if (dir)
        closedir(dir);
    return n;
}

static void test_once(void **state)
{
    (void)state;
    for (int engine = 0; engine < ENGINES && (engine == 0 || w.has_pg); engine++) {
        struct desk d = begin(engine);
        struct err  e = { 0 };
        int64_t     id[3];
        char        name[96];
        uint64_t    queued, unknown;
        struct doubt *doubt;
        struct paper_row *row;
        size_t      n;

        wave(&d, CONTACT_POST, 3, id);
        wave(&d, CONTACT_PHONE, 1, NULL);
        assert_int_equal(write_all(&d, CONTACT_POST), 3);
        snprintf(name, sizeof name, "2021-000101-first-%lld.pdf", (long long)id[1]);
        CHECK(str_starts(slurp(&d, name), STR("bytes of ")));
        struct str index = slurp(&d, "index.csv");
        CHECK(str_has(index, STR("file,copies,notice,case,")) && str_has(index, str_c(name)) && str_has(index, STR("2021-000102")) && str_has(index, STR("handing_over")) && !str_has(index, STR(".txt")));
        CHECK(str_has(index, STR(",\"'=Bakery 0, Ltd 1 Sample Road Sampletown\",")));       /* no formula, one line */
        assert_int_equal(write_all(&d, CONTACT_POST), 0);
        int of[3] = { 0 };
        assert_int_equal(take(&d, id, of, 3), 3);
        CHECK(of[0] == 1 && of[1] == 1 && of[2] == 1);
        assert_int_equal(write_all(&d, CONTACT_POST), 0);                         /* taken, not lost */
        clock_us = NOW + 3 * TIME_DAY;
        CHECK(outbox_recover(d.l, clock_us, &queued, &unknown, &e) && queued + unknown == 0);      /* a sender of mail runs meanwhile */
        CHECK(settle_doubts(d.s, &d.a.a, &doubt, &n, &e) && n == 0);
        assert_int_equal(write_all(&d, CONTACT_POST), 0);
        CHECK(paper_under_way(d.s, clock_us, &d.a.a, &row, &n, &e) && n == 3 && row[0].overdue && row[0].channel == CONTACT_POST && str_eq(row[0].folder, str_c(d.out)));
        CHECK(paper_under_way(d.s, NOW + TIME_HOUR, &d.a.a, &row, &n, &e) && n == 3 && !row[0].overdue);
        assert_int_equal(one(&d, "SELECT count(*) FROM notify_bucket"), 0);        /* paper spends nothing of the mail's pace */
        assert_int_equal(write_all(&d, CONTACT_PHONE), 1);
        CHECK(str_has(slurp(&d, "index.csv"), STR(".txt")));
        end(&d);
    }
}

/* --- who dies when --- */

struct death { int left; };
static void dies(void *ctx, const char *what)
{
    struct death *x = ctx;

    (void)what;
    if (x->left-- == 0)
        kill(getpid(), SIGKILL);
}

/* A run in a process of its own that is killed at its n-th step, or after so many microseconds. True: it came to its end. */
static bool run_killed(struct desk *d, const char *where, int step, unsigned after_us)
{
    int   status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        struct desk  child = *d;
        struct death x = { step };
        struct err   e = { 0 };
        uint64_t     n;

        if (!open_desk(&child, where, &e))
            _exit(3);
        struct paper_options o = options(&child, CONTACT_POST);
        o.step = step >= 0 ? dies : NULL;
        o.step_ctx = &x;
        bool ok = paper_write(child.l, &o, clock_us, &n, &e);
        _exit(ok ? 0 : 4);
    }
    CHECK(pid > 0);
    if (after_us) {
        usleep(after_us);
        kill(pid, SIGKILL);
    }
    CHECK(waitpid(pid, &status, 0) == pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        fail_msg("the run ended with %d", WEXITSTATUS(status));
    return WIFEXITED(status);
}

static void each_once(struct desk *d, const char *where, const int64_t *id, int *of, int n, const char *why)
{
    struct err e = { 0 };

    clock_us += PAPER_LEASE_US + TIME_MINUTE;
    if (!open_desk(d, where, &e))
        fail_msg("%s", e.what);
    write_all(d, CONTACT_POST);
    take(d, id, of, n);
    for (int i = 0; i < n; i++)
        if (of[i] != 1)
            fail_msg("%s: letter %d was there %d times", why, i, of[i]);
    assert_int_equal(parts(d), 0);
    assert_int_equal(one(d, "SELECT count(*) FROM notify_notice WHERE state = 3 AND written > 0"), n);
    close_desk(d);
}

static void test_killed_at_each_step(void **state)
{
    (void)state;
    for (int engine = 0; engine < ENGINES && (engine == 0 || w.has_pg); engine++) {
        bool ended = false;
        for (int step = engine ? 3 : 0; !ended; step++) {
            struct desk d = begin(engine);
            char        file[96], why[64];
            int64_t     id[1];
            int         of[1] = { 0 };

            snprintf(file, sizeof file, "%s/a.db", d.dir);
            snprintf(why, sizeof why, "killed at step %d", step);
            wave(&d, CONTACT_POST, 1, id);
            close_desk(&d);
            ended = run_killed(&d, engine ? w.pg.where : file, step, 0);
            take(&d, id, of, 1);                                             /* the desk does not wait for the next run */
            each_once(&d, engine ? w.pg.where : file, id, of, 1, why);
            CHECK(!ended || step == 5);
            end(&d);
            ended |= engine && step == 3;                                    /* right after the commit that matters: the engine decides nothing else */
        }
    }
}

/* AP_PAPER_KILLS=300: more of them. */
static void test_killed_any_time(void **state)
{
    enum { LETTERS = 20, ROUND = 12 };
    const char *more = getenv("AP_PAPER_KILLS");
    int         wanted = more ? atoi(more) : ROUND, kills = 0, letters = 0, found = 0;
    unsigned    seed = 1;

    (void)state;
    for (int tries = 0; kills < wanted && tries < 4 * wanted; letters += LETTERS) {
        struct desk d = begin(0);
        char        file[96];
        int64_t     id[LETTERS];
        int         of[LETTERS] = { 0 };

        snprintf(file, sizeof file, "%s/a.db", d.dir);
        wave(&d, CONTACT_POST, LETTERS, id);
        close_desk(&d);
        for (int i = 0; i < ROUND; i++, tries++) {
            seed = seed * 1103515245u + 12345u;
            kills += !run_killed(&d, file, -1, 2000 + seed / 65536u % 14000);
            found += parts(&d) > 0;
            take(&d, id, of, LETTERS);
            clock_us += PAPER_LEASE_US + TIME_MINUTE;
        }
        each_once(&d, file, id, of, LETTERS, "killed at any time");
        end(&d);
    }
    print_message("killed %d times at any moment, %d of them left a part: %d letters, each once\n", kills, found, letters);
}

/* --- the disk fails --- */

static struct { struct os real; int left; bool fired; } bad;
static bool breaks(struct err *e) { return bad.left-- == 0 ? (bad.fired = true, !err_set(e, ERR_IO, "the disk failed as asked")) : false; }
static bool bad_list(struct os *os, struct str root, struct str below, struct arena *a, struct os_entry **ret, size_t *ret_n, struct err *e) { (void)os; return !breaks(e) && bad.real.list(&bad.real, root, below, a, ret, ret_n, e); }
static bool bad_mkdir(struct os *os, struct str path, struct err *e) { (void)os; return !breaks(e) && bad.real.mkdir(&bad.real, path, e); }
static bool bad_create(struct os *os, struct str path, struct os_file *ret, struct err *e) { (void)os; return !breaks(e) && bad.real.create(&bad.real, path, ret, e); }
static bool bad_write(struct os *os, struct os_file f, struct str s, struct err *e) { (void)os; return !breaks(e) && bad.real.write(&bad.real, f, s, e); }
static bool bad_commit(struct os *os, struct os_file *f, struct err *e) { (void)os; return !breaks(e) && bad.real.commit(&bad.real, f, e); }

static void test_faults(void **state)
{
    (void)state;
    bad.fired = true;
    for (int n = 0; bad.fired; n++) {
        struct desk d = begin(0);
        struct err  e = { 0 };
        struct os   os = os_posix();
        int64_t     id[1];
        int         of[1] = { 0 };
        uint64_t    k = 0;
        char        file[96];

        snprintf(file, sizeof file, "%s/a.db", d.dir);
        wave(&d, CONTACT_POST, 1, id);
        struct paper_options o = options(&d, CONTACT_POST);
        bad.real = os_posix();
        bad.left = n;
        bad.fired = false;
        os.list = bad_list, os.mkdir = bad_mkdir, os.create = bad_create, os.write = bad_write, os.commit = bad_commit;
        o.os = &os;
        bool ok = paper_write(d.l, &o, clock_us, &k, &e);
        CHECK(bad.fired ? !ok && e.kind == ERR_IO && strstr(e.what, "as asked") : ok && k == 1);
        assert_int_equal(take(&d, id, of, 1), (int)k);
        close_desk(&d);
        each_once(&d, file, id, of, 1, "the disk failed");
        end(&d);
    }
}

/* What a run that died within os->commit left goes with the next one; another's file of such a name stays. */
static void test_torn(void **state)
{
    static const struct { const char *name; bool stays; } left[] = { { "x.pdf.part.part-17-0", false }, { "index.csv.part-4711-3", false }, { "notes.part-17-0", true }, { "part-1-0", true } };
    struct desk d = begin(0);
    int64_t     id[1];
    char        path[COUNT_OF(left)][160];

    (void)state;
    wave(&d, CONTACT_POST, 1, id);
    (void)mkdir(d.out, 0755);
    for (size_t i = 0; i < COUNT_OF(left); i++) {
        snprintf(path[i], sizeof path[i], "%s/%s", d.out, left[i].name);
        FILE *f = fopen(path[i], "w");
        CHECK(f && fclose(f) == 0);
    }
    write_all(&d, CONTACT_POST);
    for (size_t i = 0; i < COUNT_OF(left); i++) {
        CHECK((access(path[i], F_OK) == 0) == left[i].stays);
        (void)unlink(path[i]);
    }
    close_desk(&d);
    end(&d);
}

static void test_in_the_way(void **state)
{
    struct desk d = begin(0);
    struct err  e = { 0 };
    int64_t     id;
    uint64_t    n;
    char        name[96], path[256], other[128];
    struct paper_options o = options(&d, CONTACT_POST);

    (void)state;
    wave(&d, CONTACT_POST, 1, &id);
    snprintf(name, sizeof name, "2021-000100-first-%lld.pdf", (long long)id);
    snprintf(path, sizeof path, "%s/%s", d.out, name);
    snprintf(other, sizeof other, "%s/other", d.dir);
    CHECK(mkdir(d.out, 0700) == 0 && symlink(other, path) == 0);
    CHECK(!paper_write(d.l, &o, clock_us, &n, &e) && e.kind == ERR_USAGE && strstr(e.what, "another file") && n == 0 && access(other, F_OK) != 0);
    assert_int_equal(one(&d, "SELECT state FROM notify_notice"), NOTICE_QUEUED);
    CHECK(unlink(path) == 0);
    snprintf(path, sizeof path, "%s/%s.part", d.out, name);
    CHECK(symlink(other, path) == 0);                                          /* a part that is a link is replaced, not followed */
    clock_us += 2 * TIME_MINUTE;
    assert_int_equal(write_all(&d, CONTACT_POST), 1);
    CHECK(access(other, F_OK) != 0 && str_starts(slurp(&d, name), STR("bytes of ")) && parts(&d) == 0);
    /* Other people's files stay as they are. */
    snprintf(path, sizeof path, "%s/holiday.part", d.out);
    CHECK(symlink(other, path) == 0);
    assert_int_equal(write_all(&d, CONTACT_POST), 0);
    assert_int_equal(parts(&d), 1);
    e = (struct err){ 0 };
    o.dir = STR("/");
    o.channel = CONTACT_EMAIL;
    CHECK(!paper_write(d.l, &o, clock_us, &n, &e) && e.kind == ERR_USAGE);
    end(&d);
}

static void test_again(void **state)
{
    struct desk d = begin(0);
    struct err  e = { 0 };
    int64_t     id;
    uint64_t    n;
    char        name[96];
    struct paper_options o = options(&d, CONTACT_POST);

    (void)state;
    wave(&d, CONTACT_POST, 1, &id);
    o.again = id;
    CHECK(!paper_write(d.l, &o, clock_us, &n, &e) && e.kind == ERR_USAGE && strstr(e.what, "nothing to write again"));
    e = (struct err){ 0 };
    write_all(&d, CONTACT_POST);
    for (int i = 2; i < 4; i++) {
        CHECK(paper_write(d.l, &o, clock_us, &n, &e) && n == 1);
        snprintf(name, sizeof name, "2021-000100-first-%lld-copy-%d.pdf", (long long)id, i);
        CHECK(str_starts(slurp(&d, name), STR("bytes of ")));
    }
    CHECK(one(&d, "SELECT count(*) FROM case_audit WHERE what = 'write again'") == 2 && one(&d, "SELECT copies FROM notify_paper") == 2);
    CHECK(str_has(slurp(&d, "index.csv"), STR(".pdf,3,")));
    CHECK(paper_settle(d.l, id, PAPER_RETURNED, STR_EMPTY, TIME_NONE, &e));
    CHECK(!paper_write(d.l, &o, clock_us, &n, &e) && e.kind == ERR_USAGE);
    end(&d);
}

static void test_test_instance(void **state)
{
    struct desk d = begin(0);
    struct err  e = { 0 };
    int64_t     id;
    uint64_t    n;
    char        name[96];
    struct paper_options o = options(&d, CONTACT_PHONE);

    (void)state;
    wave(&d, CONTACT_PHONE, 1, &id);
    o.only_to = STR("desk@cert.example");
    CHECK(paper_write(d.l, &o, clock_us, &n, &e) && n == 1);
    snprintf(name, sizeof name, "TEST-2021-000100-first-%lld.txt", (long long)id);
    CHECK(slurp(&d, name).n && str_has(slurp(&d, "index.csv"), STR(",desk@cert.example,")) && !str_has(slurp(&d, "index.csv"), STR("+43")));
    end(&d);
}

/* --- what became of it --- */

static void test_outcomes(void **state)
{
    static const struct { enum contact_channel channel; enum paper_outcome first, then; enum notice_step is; int facts; const char *why; } c[] = {
        { CONTACT_POST, PAPER_POSTED, PAPER_OUTCOMES, NOTICE_ACCEPTED, 0, "posted" },
        { CONTACT_POST, PAPER_POSTED, PAPER_RETURNED, NOTICE_BOUNCED_HARD, 1, "it came back: the address is dead" },
        { CONTACT_POST, PAPER_RETURNED, PAPER_OUTCOMES, NOTICE_BOUNCED_HARD, 1, "it came back, so it was posted" },
        { CONTACT_POST, PAPER_POSTED, PAPER_ACKNOWLEDGED, NOTICE_ACKNOWLEDGED, 1, "they wrote back" },
        { CONTACT_PHONE, PAPER_REACHED_TECHNICAL, PAPER_OUTCOMES, NOTICE_ACKNOWLEDGED, 1, "told to whom it belongs" },
        { CONTACT_PHONE, PAPER_REACHED_OTHER, PAPER_REACHED_TECHNICAL, NOTICE_ACKNOWLEDGED, 1, "called back" },
        { CONTACT_PHONE, PAPER_VOICEMAIL, PAPER_REACHED_OTHER, NOTICE_DELIVERED, 0, "then somebody else" },
        { CONTACT_PHONE, PAPER_WRONG_NUMBER, PAPER_OUTCOMES, NOTICE_BOUNCED_HARD, 1, "the number is dead" },
        { CONTACT_PHONE, PAPER_REFUSED, PAPER_OUTCOMES, NOTICE_DECLINED, 0, "they do not want to know" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct desk d = begin(0);
        struct err  e = { 0 };
        int64_t     id;

        wave(&d, c[i].channel, 1, &id);
        CHECK_WHY(!paper_settle(d.l, id, c[i].first, STR_EMPTY, TIME_NONE, &e) && e.kind == ERR_USAGE, "not written yet");
        e = (struct err){ 0 };
        write_all(&d, c[i].channel);
        clock_us += TIME_DAY;
        CHECK_WHY(paper_settle(d.l, id, c[i].first, STR(" RR123456785AT "), NOW + TIME_HOUR, &e), c[i].why);
        CHECK_WHY(c[i].then == PAPER_OUTCOMES || paper_settle(d.l, id, c[i].then, STR_EMPTY, TIME_NONE, &e), c[i].why);
        CHECK_WHY(one(&d, "SELECT state FROM notify_notice") == (int64_t)c[i].is, c[i].why);
        CHECK_WHY(one(&d, "SELECT count(*) FROM case_fact WHERE kind <> 5") == c[i].facts, c[i].why);
        CHECK_WHY(one(&d, "SELECT count(*) FROM case_audit WHERE what = 'settle'") == (c[i].then == PAPER_OUTCOMES ? 1 : 2), c[i].why);
        CHECK_WHY(one(&d, "SELECT count(*) FROM notify_notice WHERE queue_id = 'RR123456785AT'") == (c[i].first == PAPER_POSTED), c[i].why);
        CHECK_WHY(!paper_settle(d.l, id, c[i].first, STR_EMPTY, TIME_NONE, &e) && e.kind == ERR_USAGE && e.hint[0], "twice");
        end(&d);
    }
}

static void test_refused_outcomes(void **state)
{
    struct desk d = begin(0);
    struct err  e = { 0 };
    int64_t     letter, call;
    enum paper_outcome o;

    (void)state;
    wave(&d, CONTACT_POST, 1, &letter);
    wave(&d, CONTACT_PHONE, 1, &call);
    write_all(&d, CONTACT_POST);
    write_all(&d, CONTACT_PHONE);
    const struct { int64_t id; enum paper_outcome o; int64_t at; const char *says; } c[] = {
        { letter, PAPER_VOICEMAIL, TIME_NONE, "to a letter" }, { call, PAPER_POSTED, TIME_NONE, "to a call" }, { call, PAPER_VOICEMAIL, clock_us + TIME_HOUR, "future" },
        { call, PAPER_VOICEMAIL, NOW - TIME_DAY, "before" }, { 12345, PAPER_VOICEMAIL, TIME_NONE, "no notice" }, { call, PAPER_OUTCOMES, TIME_NONE, "no such outcome" },
    };
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        e = (struct err){ 0 };
        CHECK_WHY(!paper_settle(d.l, c[i].id, c[i].o, STR_EMPTY, c[i].at, &e) && e.kind == ERR_USAGE && strstr(e.what, c[i].says), c[i].says);
    }
    assert_int_equal(one(&d, "SELECT count(*) FROM notify_notice WHERE state = 3"), 2);
    for (int i = 0; i < PAPER_OUTCOMES; i++)
        CHECK(paper_outcome_find(str_c(paper_outcome_name((enum paper_outcome)i)), &o) && o == (enum paper_outcome)i);
    CHECK(!paper_outcome_find(STR("sent"), &o));
    end(&d);
}

/* Nobody answers: it waits, the same sheet is used again, and after PAPER_CALLS it is over. */
static void test_no_answer(void **state)
{
    struct desk d = begin(0);
    struct err  e = { 0 };
    int64_t     id;

    (void)state;
    wave(&d, CONTACT_PHONE, 1, &id);
    for (int i = 0; i < PAPER_CALLS; i++) {
        assert_int_equal(write_all(&d, CONTACT_PHONE), i == 0);                  /* its sheet is in the folder already */
        CHECK(paper_settle(d.l, id, PAPER_NO_ANSWER, STR("engaged"), TIME_NONE, &e));
        assert_int_equal(one(&d, "SELECT state FROM notify_notice"), i + 1 < PAPER_CALLS ? NOTICE_QUEUED : NOTICE_REFUSED);
        CHECK(!paper_settle(d.l, id, PAPER_NO_ANSWER, STR_EMPTY, TIME_NONE, &e));
        e = (struct err){ 0 };
        assert_int_equal(write_all(&d, CONTACT_PHONE), 0);                       /* too early */
        clock_us += TIME_DAY;
    }
    assert_int_equal(one(&d, "SELECT max(attempt) FROM case_fact WHERE kind = 5"), PAPER_CALLS);
    assert_int_equal(take(&d, NULL, NULL, 0), 1);
    end(&d);
}

PG_GROUP(w)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once), cmocka_unit_test(test_killed_at_each_step), cmocka_unit_test(test_killed_any_time), cmocka_unit_test(test_faults), cmocka_unit_test(test_torn), cmocka_unit_test(test_in_the_way),
        cmocka_unit_test(test_again), cmocka_unit_test(test_test_instance), cmocka_unit_test(test_outcomes), cmocka_unit_test(test_refused_outcomes), cmocka_unit_test(test_no_answer),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
