/* On SQLite and on PostgreSQL: what is recorded is there once, whatever happens between. */
#include "test.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/num.h"
#include "base/time.h"
#include "os/mem.h"
#include "pg_server.h"
#include "survey/record.h"

static struct world { struct pg_server pg; bool has_pg; char file[64]; } w;
enum { LITE, POSTGRES };

static void remove_file(void)
{
    static const char *const tail[] = { "", "-lock", "-wal", "-shm" };
    char path[80];

    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s%s", w.file, tail[i]);
        unlink(path);
    }
}

static struct store *store_at(int engine, enum store_mode mode)
{
    struct store *s = NULL;
    struct err e = { 0 };

    if (!store_open(&s, str_c(engine == LITE ? w.file : w.pg.where), mode, &e))
        fail_msg("%s: %s", e.where, e.what);
    return s;
}

static void empty(int engine)
{
    struct err e = { 0 };

    remove_file();
    if (engine == LITE)
        return;
    struct store *s = store_at(engine, STORE_WRITE);
    CHECK(store_exec(s, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", &e));
    store_close(s);
}

/* ---- a file of n observations, the same each time ---- */

struct text { char name[3][48], node[16], domain[32], detail[32]; };

static void make(struct observation *o, struct text *t, uint64_t file, uint64_t i)
{
    uint64_t host = i % 97;

    observation_clear(o);
    o->source = i % 7 ? OBS_SHADOWSERVER : OBS_PROBE;
    o->source_name = STR("scan_exchange");
    o->detector = STR("afterpatch 0.1.0");
    o->observed_us = i % 11 ? (int64_t)(18700 + file) * TIME_DAY + (int64_t)i * TIME_SECOND : TIME_NONE;
    o->line = i + 2;
    o->has_ip = i % 13 != 0;
    memcpy(o->ip, (uint8_t[16]){ [10] = 0xff, 0xff, 192, 0, 2, (uint8_t)host }, 16);
    o->port = 443;
    o->reach = OBS_ANSWERED;
    o->flags = OBS_EXCHANGE;
    o->means = OBS_HEADER;
    o->parts = 4;
    memcpy(o->build, (uint16_t[4]){ 15, 1, 2176, (uint16_t)(i % 5) }, 8);
    snprintf(t->name[0], sizeof t->name[0], "mail.example%llu.org", (unsigned long long)host);
    snprintf(t->name[1], sizeof t->name[1], "owa.example%llu.org", (unsigned long long)host);
    o->name[0] = str_c(t->name[0]);
    o->name[1] = str_c(t->name[1]);
    o->name_n = 2;
    snprintf(t->node, sizeof t->node, "%s%llu", i % 2 ? "EX" : "ex", (unsigned long long)host);
    o->node = i % 3 ? str_c(t->node) : STR_EMPTY;
    o->ad_domain = STR("Corp.Example.Org");
    o->has_cert = host % 2;
    memset(o->cert, (int)host, 32);
    o->cert_org = STR("Example \xff Org");
    memcpy(o->country, "AT", 3);
    o->asn = 64496;
    o->has_body = i % 50 == 0;
    memset(o->body, (int)i, 32);
    if (i % 9 == 0) {
        snprintf(t->detail, sizeof t->detail, "/aspnet_client/%llu.aspx", (unsigned long long)i);
        o->claim[0] = (struct obs_claim){ CLAIM_COMPROMISED, STR("ProxyLogon"), str_c(t->detail) };
        o->claim[1] = (struct obs_claim){ CLAIM_UNPATCHED, STR("CVE-2021-26855"), STR_EMPTY };
        o->claim_n = 2;
    }
}

static struct record_file file_of(uint64_t file, const char *format)
{
    struct record_file f = { .name = STR("2021-03-14-scan_exchange.csv"), .format = str_c(format), .size_bytes = 1234 };

    CHECK(hash_sha256((struct str){ (const uint8_t *)&file, sizeof file }, f.sha256));
    return f;
}

enum { ROWS = 3000 };

/* Gives rows up to `stop`; every 100th is a broken one. */
static bool give(struct record *r, uint64_t file, uint64_t stop, struct err *e)
{
    struct obs_sink s = record_sink(r);
    struct observation o;
    struct text t;
    bool ok = true;

    for (uint64_t i = 0; i < stop && ok; i++) {
        make(&o, &t, file, i);
        ok = i % 100 == 99 ? s.broken(s.ctx, i + 2, "no address", STR("a,\0\xff"), e) : s.take(s.ctx, &o, e);
    }
    return ok;
}

static bool import(struct store *s, struct os *os, uint64_t file, const char *format, uint64_t stop, bool whole, struct record_counts *ret, struct err *e)
{
    struct record *r = NULL;
    struct record_file f = file_of(file, format);
    enum record_state state;
    bool ok = record_open(&r, s, os, e);

    *ret = (struct record_counts){ 0 };
    if (ok)
        record_batch(r, 250);
    ok = ok && record_file_begin(r, &f, &state, e);
    if (ok && state != RECORD_WHOLE)
        ok = give(r, file, stop, e) && (!whole || record_file_end(r, ret, e));
    record_close(r);
    return ok;
}

/* ---- what is in there ---- */

static bool hash_row(void *ctx, const struct store_value *v, struct err *e)
{
    struct hash *h = ctx;

    (void)e;
    for (int i = 0; i < 6; i++) {
        /* PostgreSQL gives integers as eight bytes beside their value. */
        int64_t n = v[i].i;
        struct str s = n ? STR_EMPTY : v[i].s.n == 8 ? STR_EMPTY : v[i].s;

        hash_push(h, (struct str){ (const uint8_t *)&n, 8 });
        hash_push(h, s);
        hash_push(h, v[i].null ? STR("-") : STR("+"));
    }
    return true;
}

/* Everything but when it was recorded and in which batches. */
static void dump(int engine, char ret[65])
{
    static const char *const all[] = {
        "SELECT id, line, target, observed_us, state, 0 FROM survey_observation ORDER BY id",
        "SELECT id, node, identity, online, 0, 0 FROM survey_target ORDER BY id",
        "SELECT id, text, 0, 0, 0, 0 FROM survey_word ORDER BY id",
        "SELECT id, ip, port, named, name, 0 FROM survey_node ORDER BY id",
        "SELECT id, cert, cert_org, cert_name, ad_domain, 0 FROM survey_identity ORDER BY id",
        "SELECT identity, at, name, 0, 0, 0 FROM survey_name ORDER BY identity, at",
        "SELECT id, build, parts, flags, detector, country FROM survey_state ORDER BY id",
        "SELECT state, at, kind, about, detail, 0 FROM survey_claim ORDER BY state, at",
        "SELECT observation, sha256, 0, 0, 0, 0 FROM survey_body ORDER BY observation",
        "SELECT file, line, why, raw, 0, 0 FROM survey_broken ORDER BY file, line",
    };
    struct store *s = store_at(engine, STORE_READ);
    struct hash *h = hash_open(HASH_SHA256);
    struct err e = { 0 };
    uint8_t d[32];

    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (!store_scan(s, all[i], 6, hash_row, h, &e))
            fail_msg("%s: %s", all[i], e.what);
    hash_done(h, d);
    num_tohex(d, 32, ret);
    hash_close(h);
    store_close(s);
}

static int64_t count(struct store *s, const char *sql)
{
    struct store_stmt *st;
    struct err e = { 0 };

    if (!store_prepare(s, sql, &st, &e) || store_step(st, &e) != STORE_ROW)
        fail_msg("%s: %s", sql, e.what);
    int64_t v = store_int(st, 0);
    store_finish(st);
    return v;
}

/* ---- cases ---- */

static void same_file_twice(struct os *os, int engine)
{
    struct store *s = store_at(engine, STORE_WRITE);
    struct record_counts c;
    struct err e = { 0 };
    char before[65], after[65];

    if (!import(s, os, 1, "shadowserver 1", ROWS, true, &c, &e))
        fail_msg("%s", e.what);
    CHECK(c.observations == ROWS - ROWS / 100 && c.broken == ROWS / 100 && c.passed_over == 0);
    dump(engine, before);
    CHECK(import(s, os, 1, "shadowserver 1", ROWS, true, &c, &e) && c.observations == 0);
    CHECK(import(s, os, 1, "shadowserver 2", ROWS, true, &c, &e));       /* whole is whole, whoever read it */
    dump(engine, after);
    CHECK(!strcmp(before, after));
    CHECK(count(s, "SELECT count(*) FROM survey_observation") == ROWS - ROWS / 100);
    CHECK(count(s, "SELECT count(*) FROM survey_file") == 1);
    /* One node in two cases is one node: 97 hosts with their name and 97 without, and those without an address. */
    CHECK(count(s, "SELECT count(*) FROM survey_node WHERE ip IS NOT NULL AND named = 1") == 97);
    CHECK(count(s, "SELECT count(*) FROM survey_fact WHERE file = '2021-03-14-scan_exchange.csv' AND detector = 'afterpatch 0.1.0'") == ROWS - ROWS / 100);
    CHECK(count(s, "SELECT count(*) FROM survey_observation WHERE observed_us IS NULL") > 100);
    CHECK(count(s, "SELECT count(*) FROM survey_word WHERE text = 'corp.example.org'") == 1);
    CHECK(count(s, "SELECT min(recorded_us) FROM survey_batch") == os->now_us(os));
    store_close(s);
}

/* The bytes decide, not the name: another file may say the same again, and both stay with their lines. */
static void other_file(struct os *os, int engine)
{
    struct store *s = store_at(engine, STORE_WRITE);
    struct record_counts c;
    struct err e = { 0 };

    CHECK(import(s, os, 1, "shadowserver 1", 500, true, &c, &e) && import(s, os, 2, "shadowserver 1", 500, true, &c, &e));
    CHECK(c.observations == 495 && count(s, "SELECT count(*) FROM survey_observation") == 990);
    CHECK(count(s, "SELECT count(*) FROM survey_node WHERE ip IS NOT NULL AND named = 1") == 97);
    store_close(s);
}

static void half_a_file(struct os *os, int engine)
{
    struct store *s = store_at(engine, STORE_WRITE);
    struct record_counts c;
    struct err e = { 0 };
    char want[65], got[65];

    CHECK(import(s, os, 1, "shadowserver 1", ROWS, true, &c, &e));
    store_close(s);
    dump(engine, want);
    empty(engine);
    s = store_at(engine, STORE_WRITE);
    CHECK(import(s, os, 1, "shadowserver 1", 1111, false, &c, &e));      /* dropped within a batch */
    CHECK(count(s, "SELECT count(*) FROM survey_observation") == 1000 - 10);
    CHECK(import(s, os, 1, "shadowserver 1", ROWS, true, &c, &e) && c.passed_over == 1000);
    store_close(s);
    dump(engine, got);
    CHECK(!strcmp(want, got));
}

/* Another version of a reader may count its rows otherwise: what it cannot continue does not count. */
static void another_reader(struct os *os, int engine)
{
    struct store *s = store_at(engine, STORE_WRITE);
    struct record_counts c;
    struct err e = { 0 };

    CHECK(import(s, os, 1, "shadowserver 1", 600, false, &c, &e) && import(s, os, 1, "shadowserver 2", ROWS, true, &c, &e));
    CHECK(c.passed_over == 0 && c.observations == ROWS - ROWS / 100);
    CHECK(count(s, "SELECT count(*) FROM survey_fact WHERE NOT void") == ROWS - ROWS / 100);
    CHECK(count(s, "SELECT count(*) FROM survey_void") == 1 && count(s, "SELECT count(*) FROM survey_file") == 2);
    CHECK(import(s, os, 1, "shadowserver 1", ROWS, true, &c, &e) && c.observations == 0);
    store_close(s);
}

/* A wrong column map is put right: the reading that counts is the newest, and nothing of the older one is lost. */
static void read_again(struct os *os, int engine)
{
    struct store *s = store_at(engine, STORE_WRITE);
    struct record *r = NULL;
    struct record_file f = file_of(1, "csv ip=name");
    enum record_state state;
    struct record_counts c;
    struct err e = { 0 };

    CHECK(import(s, os, 1, "csv", ROWS, true, &c, &e) && c.observations);
    CHECK(record_open(&r, s, os, &e) && record_file_begin(r, &f, &state, &e) && state == RECORD_WHOLE);
    f.again = true;
    CHECK(record_file_begin(r, &f, &state, &e) && state == RECORD_NEW && give(r, 1, 100, &e) && record_flush(r, &e));
    record_close(r);                                                     /* cut off: it goes on where it was */
    r = NULL;
    CHECK(record_open(&r, s, os, &e) && record_file_begin(r, &f, &state, &e) && state == RECORD_CONTINUES);
    CHECK(give(r, 1, ROWS, &e) && record_file_end(r, &c, &e) && c.passed_over == 100);
    record_close(r);
    CHECK(count(s, "SELECT count(*) FROM survey_fact WHERE NOT void") == ROWS - ROWS / 100);
    CHECK(count(s, "SELECT count(*) FROM survey_observation") == 2 * (ROWS - ROWS / 100));
    store_close(s);
}

static void shorter_than_before(struct os *os, int engine)
{
    struct store *s = store_at(engine, STORE_WRITE);
    struct record_counts c;
    struct err e = { 0 };

    CHECK(import(s, os, 1, "shadowserver 1", 600, false, &c, &e));
    CHECK(!import(s, os, 1, "shadowserver 1", 100, true, &c, &e) && e.kind == ERR_FORMAT && strstr(e.what, "gave 100 records, and 500"));
    store_close(s);
}

/* A probe asks in another order each time, so nothing is passed over: it knows itself whom it asked. */
static void live_run(struct os *os, int engine)
{
    struct store *s = store_at(engine, STORE_WRITE);
    struct record *r = NULL;
    struct record_file f = file_of(9, "probe 1");
    enum record_state state;
    struct record_counts c;
    struct err e = { 0 };

    f.live = true;
    CHECK(record_open(&r, s, os, &e) && record_file_begin(r, &f, &state, &e) && state == RECORD_NEW);
    CHECK(give(r, 9, 50, &e) && record_flush(r, &e) && record_flush(r, &e) && give(r, 9, 10, &e));
    record_close(r);                                                     /* the ten were not flushed */
    CHECK(record_open(&r, s, os, &e) && record_file_begin(r, &f, &state, &e) && state == RECORD_CONTINUES);
    CHECK(give(r, 9, 20, &e) && record_file_end(r, &c, &e) && c.observations == 20 && c.passed_over == 0);
    CHECK(record_file_begin(r, &f, &state, &e) && state == RECORD_WHOLE);
    record_close(r);
    CHECK(count(s, "SELECT count(*) FROM survey_observation") == 70);
    store_close(s);
}

static void wrong_use(struct os *os, int engine)
{
    struct store *s = store_at(engine, STORE_WRITE);
    struct record *r = NULL;
    struct record_file f = file_of(1, "x");
    enum record_state state;
    struct observation o;
    struct err e = { 0 };

    observation_clear(&o);
    CHECK(record_open(&r, s, os, &e));
    struct obs_sink sink = record_sink(r);
    CHECK(!sink.take(sink.ctx, &o, &e) && e.kind == ERR_USAGE);
    e = (struct err){ 0 };
    CHECK(record_file_begin(r, &f, &state, &e) && !record_file_begin(r, &f, &state, &e) && e.kind == ERR_USAGE);
    e = (struct err){ 0 };
    CHECK(sink.take(sink.ctx, &o, &e));                                  /* of which nothing is known: kept all the same */
    CHECK(record_file_end(r, NULL, &e) && !record_file_end(r, NULL, &e));
    record_close(r);
    record_close(NULL);
    store_close(s);
}

/* The disk is full in the middle: told; when there is room again the file goes on where it was. */
static void disk_full(struct os *os, int engine)
{
    struct store *s = store_at(engine, STORE_WRITE);
    struct record_counts c;
    struct err e = { 0 };
    char want[65], got[65];

    if (engine != LITE) {
        store_close(s);
        return;
    }
    CHECK(import(s, os, 1, "shadowserver 1", ROWS, true, &c, &e));
    store_close(s);
    dump(engine, want);
    empty(engine);
    s = store_at(engine, STORE_WRITE);
    CHECK(import(s, os, 1, "shadowserver 1", 300, false, &c, &e) && store_exec(s, "PRAGMA max_page_count=1", &e));
    for (int i = 0; i < 3; i++) {
        e = (struct err){ 0 };
        CHECK(!import(s, os, 1, "shadowserver 1", ROWS, true, &c, &e));
        CHECK_WHY(e.kind == ERR_IO && strstr(e.hint, "disk is full"), e.what);
    }
    e = (struct err){ 0 };
    CHECK(store_exec(s, "PRAGMA max_page_count=1000000", &e) && import(s, os, 1, "shadowserver 1", ROWS, true, &c, &e) && c.passed_over >= 250);
    store_close(s);
    dump(engine, got);
    CHECK(!strcmp(want, got));
}

/* A child imports two files again and again until one run ends by itself; each time it is killed at another moment. */
static void killed(struct os *os, int engine)
{
    const char *more = getenv("AP_KILLS");
    int kills = more ? atoi(more) : engine == LITE ? 20 : 8, killed = 0;
    char want[65], got[65];
    struct record_counts c;
    struct err e = { 0 };
    unsigned seed = 20210302;

    struct store *s = store_at(engine, STORE_WRITE);
    CHECK(import(s, os, 1, "shadowserver 1", ROWS, true, &c, &e) && import(s, os, 2, "shadowserver 1", ROWS, true, &c, &e));
    store_close(s);
    dump(engine, want);
    for (int round = 0; killed < kills; round++) {
        int fell = 0;

        CHECK(round < 1000);
        empty(engine);
        for (;; fell++) {
            pid_t child = fork();
            if (child == 0) {
                struct err why = { 0 };
                bool ok = store_open(&s, str_c(engine == LITE ? w.file : w.pg.where), STORE_WRITE, &why);

                for (uint64_t f = 1; f <= 2; f++)
                    ok = ok && import(s, os, f, "shadowserver 1", ROWS, true, &c, &why);
                if (ok)
                    store_close(s);
                else
                    fprintf(stderr, "%s %s\n", why.where, why.what);
                _exit(!ok);
            }
            int status;
            usleep((useconds_t)(rand_r(&seed) % (engine == LITE ? 60000 : 120000)));
            kill(child, SIGKILL);
            CHECK(waitpid(child, &status, 0) == child);
            if (WIFEXITED(status)) {
                CHECK(WEXITSTATUS(status) == 0);
                break;
            }
            if (fell > 60 || killed + fell >= kills) {          /* enough: let the last one through */
                s = store_at(engine, STORE_WRITE);
                CHECK(import(s, os, 1, "shadowserver 1", ROWS, true, &c, &e) && import(s, os, 2, "shadowserver 1", ROWS, true, &c, &e));
                store_close(s);
                fell++;
                break;
            }
        }
        killed += fell;
        dump(engine, got);
        CHECK(!strcmp(want, got));
    }
}

static void all(int engine)
{
    static void (*const cases[])(struct os *, int) = {
        same_file_twice, other_file, half_a_file, another_reader, read_again, shorter_than_before, live_run, wrong_use, disk_full, killed,
    };
    struct test_arena t = test_arena(1 << 20);
    struct os_mem *m = os_mem_open(&t.a, (int64_t)20000 * TIME_DAY);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        empty(engine);
        cases[i](&m->os, engine);
    }
    test_arena_free(&t);
}

static void sqlite(void **state) { (void)state; all(LITE); }

static void postgresql(void **state)
{
    (void)state;
    if (!w.has_pg)
        skip();
    all(POSTGRES);
}

static int setup(void **state)
{
    (void)state;
    snprintf(w.file, sizeof w.file, "/tmp/record_test.%d.db", (int)getpid());
    w.has_pg = pg_server_or_say(&w.pg);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    remove_file();
    pg_server_stop(&w.pg);
    return 0;
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(sqlite), cmocka_unit_test(postgresql) };
    return cmocka_run_group_tests(t, setup, teardown);
}
