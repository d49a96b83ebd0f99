/* The same cases on every engine: SQLite in memory, SQLite in a file, and a PostgreSQL that the test starts. */
#include "test.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/num.h"
#include "pg_server.h"
#include "store/store.h"

static struct world {
    struct pg_server pg;
    bool has_pg;
    char file[64];
} w;

static const char *const cities[] = {
    "CREATE TABLE city (id {int} PRIMARY KEY, name TEXT NOT NULL, area {real}, seal {blob})",
    "CREATE TABLE guest (id {id}, city {int}, word TEXT DEFAULT '{int}?'); CREATE INDEX guest_city ON guest (city)",
};
static const struct store_migration layer = { "cities", cities, 2 };

static void remove_file(void)
{
    static const char *const tail[] = { "", "-lock", "-wal", "-shm" };
    char path[80];

    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s%s", w.file, tail[i]);
        unlink(path);
    }
}

enum { MEMORY, FILE_LITE, POSTGRES, ENGINES };
static const char *where(int engine) { return engine == MEMORY ? ":memory:" : engine == FILE_LITE ? w.file : w.pg.where; }

static struct store *begin(int engine)
{
    struct store *s = NULL;
    struct err e = { 0 };

    if (engine == FILE_LITE)
        remove_file();
    if (!store_open(&s, str_c(where(engine)), STORE_WRITE, &e))
        fail_msg("%s: %s", e.where, e.what);
    if (engine == POSTGRES)
        CHECK(store_exec(s, "DROP TABLE IF EXISTS store_layer, city, guest, big", &e));
    if (!store_migrate(s, &layer, &e))
        fail_msg("%s: %s", e.where, e.what);
    return s;
}

static int64_t one(struct store *s, const char *sql)
{
    struct store_stmt *st;
    struct err e = { 0 };

    if (!store_prepare(s, sql, &st, &e) || store_step(st, &e) != STORE_ROW)
        fail_msg("%s: %s", sql, e.what);
    int64_t v = store_int(st, 0);
    store_finish(st);
    return v;
}

/* ---- the cases ---- */

static void values_come_back(struct store *s, int engine)
{
    struct store_stmt *in, *out;
    struct err e = { 0 };
    static const uint8_t seal[] = { 0, 255, 0, 1 };

    (void)engine;
    CHECK(store_prepare(s, "INSERT INTO city (id, name, area, seal) VALUES (?1, ?2, ?3, ?4)", &in, &e));
    store_bind_int(in, 1, INT64_MIN);
    store_bind_text(in, 2, STR("M\xc3\xbcnchen"));
    store_bind_real(in, 3, 310.71);
    store_bind_bytes(in, 4, (struct str){ seal, 4 });
    CHECK(store_run(in, &e));
    store_bind_int(in, 1, INT64_MAX);
    store_bind_text(in, 2, STR_EMPTY);
    store_bind_null(in, 3);
    store_bind_bytes(in, 4, STR_EMPTY);
    CHECK(store_run(in, &e));
    store_bind_int(in, 1, 7);
    store_bind_text(in, 2, STR("a\0b\xff" "c"));             /* NUL and broken UTF-8: hostile names */
    store_bind_int(in, 3, 3);                                 /* another type than before */
    CHECK(store_run(in, &e));                                 /* and what is not bound is NULL */
    store_finish(in);

    CHECK(store_prepare(s, "SELECT id, name, area, seal FROM city ORDER BY id", &out, &e));
    CHECK(store_step(out, &e) == STORE_ROW);
    CHECK(store_int(out, 0) == INT64_MIN && store_real(out, 2) > 310.7 && store_real(out, 2) < 310.72);
    CHECK_STR(store_text(out, 1), STR("M\xc3\xbcnchen"));
    CHECK_STR(store_bytes(out, 3), ((struct str){ seal, 4 }));
    CHECK(store_step(out, &e) == STORE_ROW);
    CHECK_STR(store_text(out, 1), STR("a\xef\xbf\xbd" "b\xef\xbf\xbd" "c"));
    CHECK(store_null(out, 3) && store_bytes(out, 3).n == 0 && store_int(out, 2) == 3 && !store_null(out, 1));
    CHECK(store_step(out, &e) == STORE_ROW);
    CHECK(store_int(out, 0) == INT64_MAX && store_null(out, 2) && !store_null(out, 1) && !store_null(out, 3));
    CHECK(store_step(out, &e) == STORE_DONE);
    store_finish(out);
    CHECK(one(s, "SELECT count(*) FROM city WHERE id = 7") == 1);
}

static void words_in_quotes_stay(struct store *s, int engine)
{
    struct store_stmt *st;
    struct err e = { 0 };

    (void)engine;
    CHECK(store_exec(s, "INSERT INTO guest (city) VALUES (1); INSERT INTO guest (city) VALUES (1)", &e));
    CHECK(one(s, "SELECT max(id) FROM guest") == 2);
    CHECK(store_prepare(s, "SELECT word FROM guest WHERE city = ?1", &st, &e));
    store_bind_int(st, 1, 1);
    CHECK(store_step(st, &e) == STORE_ROW);
    CHECK_STR(store_text(st, 0), STR("{int}?"));
    store_finish(st);
}

/* Sets of numbers and of texts: empty ones, large ones, one statement after the other, hostile text, and a name that only looks like the cleaned one. */
static void sets(struct store *s, int engine)
{
    static const struct str hostile[] = { STR_INIT("O'Hara \"x\\\n\t]"), STR_INIT("a\0b"), STR_INIT("\xff"), STR_INIT(""), STR_INIT("M\xc3\xbcnchen"), STR_INIT("[\"\\u0041\"]") };
    enum { MANY = 3000 };
    struct store_stmt *st;
    struct err e = { 0 };
    int64_t    v[MANY];
    struct str names[MANY];

    (void)engine;
    CHECK(store_prepare(s, "INSERT INTO city (id, name) VALUES (?1, ?2)", &st, &e));
    for (int64_t i = 0; i < (int64_t)COUNT_OF(hostile); i++) {
        store_bind_int(st, 1, i ? i : INT64_MIN);
        store_bind_text(st, 2, hostile[i]);
        CHECK(store_run(st, &e));
    }
    store_finish(st);
    for (int i = 0; i < MANY; i++) {
        v[i] = i == 7 ? INT64_MIN : i + 3;
        names[i] = i < 6 ? hostile[i] : STR("nowhere");
    }
    static const struct { size_t n; int64_t ids, names; } row[] = { { 0, 0, 0 }, { 1, 1, 1 }, { 3, 3, 3 }, { 8, 4, 6 }, { MANY, 4, 6 }, { 2, 2, 2 } };
    struct store_stmt *by_id, *by_name;
    CHECK(store_prepare(s, "SELECT count(*) FROM city WHERE id {in ?1} AND name <> ?2", &by_id, &e) && store_prepare(s, "SELECT count(*) FROM city WHERE name {in ?1}", &by_name, &e));
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        store_bind_ints(by_id, 1, v, row[i].n);
        store_bind_text(by_id, 2, STR("{in ?1}"));
        CHECK(store_step(by_id, &e) == STORE_ROW && store_int(by_id, 0) == row[i].ids);
        store_reset(by_id);
        store_bind_texts(by_name, 1, names, row[i].n);
        CHECK(store_step(by_name, &e) == STORE_ROW && store_int(by_name, 0) == row[i].names);
        store_reset(by_name);
    }
    store_finish(by_id);
    store_finish(by_name);
}

static void statements_nest(struct store *s, int engine)
{
    struct store_stmt *out, *in;
    struct err e = { 0 };
    int n = 0;

    (void)engine;
    CHECK(store_exec(s, "INSERT INTO city (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')", &e));
    CHECK(store_prepare(s, "SELECT id FROM city ORDER BY id", &out, &e));
    CHECK(store_prepare(s, "INSERT INTO guest (city) VALUES (?1)", &in, &e));
    CHECK(store_begin(s, &e));
    for (; store_step(out, &e) == STORE_ROW; n++) {
        store_bind_int(in, 1, store_int(out, 0));
        CHECK(store_run(in, &e));
    }
    CHECK(store_commit(s, &e));
    CHECK(n == 3 && one(s, "SELECT CAST(sum(city) AS {int}) FROM guest") == 6);
    store_finish(out);
    store_finish(in);
}

/* A statement that was finished is there for the next who asks: as if it were new, also twice at once, after a failure, and when there are many. */
static void kept_as_new(struct store *s, int engine)
{
    static const char words[] = "SELECT count(*) FROM city WHERE id < ?1 OR name = ?2";
    struct store_stmt *a, *b;
    struct err e = { 0 };

    (void)engine;
    CHECK(store_exec(s, "INSERT INTO city (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')", &e));
    for (int turn = 0; turn < 3; turn++) {
        CHECK(store_prepare(s, words, &a, &e) && store_prepare(s, words, &b, &e) && a != b);
        store_bind_int(a, 1, 3);
        store_bind_null(a, 2);
        store_bind_int(b, 1, 0);
        store_bind_text(b, 2, STR("c"));
        CHECK(store_step(a, &e) == STORE_ROW && store_int(a, 0) == 2 && store_step(b, &e) == STORE_ROW && store_int(b, 0) == 1);
        store_finish(a);
        store_finish(b);
    }
    for (int i = 0; i < 300; i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "SELECT %d", i % 200);
        CHECK(one(s, sql) == i % 200);
    }
    for (int turn = 0; turn < 2; turn++) {
        e = (struct err){ 0 };
        CHECK(store_prepare(s, "INSERT INTO city (id, name) VALUES (?1, ?2)", &a, &e));
        store_bind_int(a, 1, 1);
        store_bind_text(a, 2, STR("again"));
        CHECK(store_step(a, &e) == STORE_FAILED);
        store_finish(a);
    }
    e = (struct err){ 0 };
    CHECK(store_begin(s, &e) && store_prepare(s, words, &a, &e));
    store_finish(a);
    store_rollback(s);
    CHECK(store_exec(s, "DROP TABLE city; CREATE TABLE city (id {int}, name TEXT, more TEXT)", &e) && store_prepare(s, words, &a, &e));
    store_bind_int(a, 1, 9);
    store_bind_null(a, 2);
    CHECK(store_step(a, &e) == STORE_ROW && store_int(a, 0) == 0);
    store_finish(a);
    CHECK(store_exec(s, "DROP TABLE city; CREATE TABLE city (id {int} PRIMARY KEY, name TEXT NOT NULL, area {real}, seal {blob})", &e));
}

static void undone_is_gone(struct store *s, int engine)
{
    struct err e = { 0 };

    (void)engine;
    CHECK(store_begin(s, &e) && store_exec(s, "INSERT INTO city (id, name) VALUES (1, 'a')", &e));
    store_rollback(s);
    CHECK(one(s, "SELECT count(*) FROM city") == 0);
    CHECK(store_begin(s, &e) && store_exec(s, "INSERT INTO city (id, name) VALUES (1, 'a')", &e) && store_commit(s, &e));
    CHECK(one(s, "SELECT count(*) FROM city") == 1);
}

/* An error says what is wrong, and not what was in the row: names of victims are in there. */
static void errors_in_words(struct store *s, int engine)
{
    struct store_stmt *st = NULL;
    struct err e = { 0 };

    (void)engine;
    CHECK(!store_exec(s, "SELEKT 1", &e) && e.kind == ERR_IO && e.what[0]);
    e = (struct err){ 0 };
    CHECK(!store_prepare(s, "SELECT x FROM nowhere", &st, &e) && e.kind == ERR_IO);
    CHECK_WHY(strstr(e.what, "nowhere"), e.what);
    e = (struct err){ 0 };
    CHECK(store_exec(s, "INSERT INTO city (id, name) VALUES (4711, 'Secretville')", &e));
    CHECK(!store_exec(s, "INSERT INTO city (id, name) VALUES (4711, 'Secretville')", &e));
    CHECK(!strstr(e.what, "4711") && !strstr(e.what, "Secret") && !strstr(e.hint, "4711"));
    e = (struct err){ 0 };
    CHECK(store_prepare(s, "SELECT name FROM city WHERE id = ?1", &st, &e));
    store_bind_int(st, 9, 1);
    CHECK(store_step(st, &e) == STORE_FAILED && e.kind != ERR_NONE);
    store_finish(st);
    CHECK(one(s, "SELECT count(*) FROM city") == 1);
}

static bool fill(struct store *s, enum store_keys keys, int64_t from, int64_t to, uint64_t *ret_new, struct err *e)
{
    struct store_bulk *b = NULL, *c = NULL;
    bool ok = store_bulk_begin(s, "city", "id, name, seal", keys, &b, e) && store_bulk_begin(s, "guest", "city", keys, &c, e);

    for (int64_t i = from; ok && i < to; i++) {
        store_bulk_int(b, i);
        store_bulk_text(b, i % 2 ? STR("odd") : STR("e\0ven"));
        if (i % 3)
            store_bulk_bytes(b, STR("\0\1"));
        else
            store_bulk_null(b);
        ok = store_bulk_row(b, e);
        if (i % 2) {                                 /* two at once */
            store_bulk_int(c, i);
            ok = ok && store_bulk_row(c, e);
        }
    }
    bool ended = store_bulk_end(b, ret_new, e);
    return store_bulk_end(c, NULL, e) && ended && ok;
}

static void many_rows_in(struct store *s, int engine)
{
    enum { N = 50000 };
    struct err e = { 0 };
    uint64_t fresh = 0;

    CHECK(store_begin(s, &e) && fill(s, STORE_FRESH, 0, N, &fresh, &e) && store_commit(s, &e));
    CHECK(fresh == N && one(s, "SELECT count(*) FROM guest") == N / 2);
    CHECK(engine != POSTGRES || one(s, "SELECT count(DISTINCT tablename) FROM pg_stats WHERE tablename IN ('city', 'guest')") == 2);        /* who reads next has plans for such tables */
    CHECK(store_begin(s, &e) && fill(s, STORE_KEEP_OLD, N - 100, N + 100, &fresh, &e) && store_commit(s, &e));
    CHECK(fresh == 100 && one(s, "SELECT count(*) FROM city") == N + 100);
    CHECK(store_begin(s, &e) && fill(s, STORE_KEEP_OLD, 5, 5, &fresh, &e) && store_commit(s, &e));
    CHECK(fresh == 0);
    /* A key that was said to be new and is not: an error, and nothing of it stays. */
    CHECK(store_begin(s, &e) && !fill(s, STORE_FRESH, N, N + 500, &fresh, &e) && e.kind == ERR_IO);
    store_rollback(s);
    CHECK(one(s, "SELECT count(*) FROM city") == N + 100);
    CHECK(one(s, "SELECT count(*) FROM city WHERE seal IS NULL") == (N + 100 + 2) / 3);
}

struct seen { int64_t sum; uint64_t rows, stop; bool wrong; };

static bool see(void *ctx, const struct store_value *v, struct err *e)
{
    struct seen *x = ctx;

    if (++x->rows == x->stop)
        return err_set(e, ERR_USAGE, "enough");
    x->sum += v[0].i;
    x->wrong |= v[0].i % 2 ? !str_eq(v[1].s, STR("odd")) : v[1].s.n != 7;
    x->wrong |= v[2].null != (v[0].i % 3 == 0) || (!v[2].null && v[2].s.n != 2);
    return true;
}

static void many_rows_out(struct store *s, int engine)
{
    enum { N = 20000 };
    struct seen x = { 0 };
    struct err e = { 0 };
    uint64_t fresh;

    (void)engine;
    CHECK(store_scan(s, "SELECT id, name, seal FROM city", 3, see, &x, &e) && x.rows == 0);
    CHECK(store_begin(s, &e) && fill(s, STORE_FRESH, 0, N, &fresh, &e) && store_commit(s, &e));
    CHECK(store_scan(s, "SELECT id, name, seal FROM city", 3, see, &x, &e));
    CHECK(x.rows == N && x.sum == (int64_t)N * (N - 1) / 2 && !x.wrong);
    x = (struct seen){ .stop = 10 };
    CHECK(!store_scan(s, "SELECT id, name, seal FROM city", 3, see, &x, &e) && x.rows == 10 && !strcmp(e.what, "enough"));
    e = (struct err){ 0 };
    CHECK(!store_scan(s, "SELECT id FROM nowhere", 1, see, &x, &e) && e.kind == ERR_IO);
    CHECK(one(s, "SELECT count(*) FROM city") == N);            /* and goes on working */
}

static void in_parts(struct store *s, int engine)
{
    enum { N = 20000 };
    struct err e = { 0 };
    uint64_t fresh, extent;

    (void)engine;
    CHECK(store_begin(s, &e) && fill(s, STORE_FRESH, 1, N + 1, &fresh, &e) && store_commit(s, &e));
    for (uint32_t parts = 1; parts < 40; parts += 6) {
        struct seen x = { 0 };

        CHECK(store_extent(s, "city", &extent, &e));
        for (uint32_t i = 0; i < parts; i++) {
            char sql[200], part[STORE_PART_TEXT];
            uint64_t before = x.rows;

            store_part(s, extent, i, parts, part);
            snprintf(sql, sizeof sql, "SELECT id, name, seal FROM city WHERE id <= %d AND %s", N, part);
            CHECK(store_scan(s, sql, 3, see, &x, &e));
            CHECK_WHY(parts > 20 || (x.rows - before) * parts < N * 2, "about equal");
        }
        CHECK(x.rows == N && x.sum == (int64_t)N * (N + 1) / 2 && !x.wrong);
    }
}

static void steps_once(struct store *s, int engine)
{
    static const char *const more[] = { "SELECT 1", "SELECT 1", "CREATE TABLE big (x {int})", "CREATE TABLE big (x {int})" };
    const struct store_migration newer = { "cities", more, 3 }, broken = { "cities", more, 4 };
    struct err e = { 0 };

    (void)engine;
    CHECK(store_migrate(s, &layer, &e));
    CHECK(store_migrate(s, &newer, &e) && one(s, "SELECT step FROM store_layer") == 3);
    CHECK(!store_migrate(s, &broken, &e) && one(s, "SELECT step FROM store_layer") == 3);
    CHECK_WHY(strstr(e.where, "step 4 of cities"), e.where);
    e = (struct err){ 0 };
    CHECK(!store_migrate(s, &layer, &e) && e.kind == ERR_USAGE && strstr(e.hint, "newer"));
}

static void one_writer_many_readers(struct store *s, int engine)
{
    struct store *r = NULL, *second = NULL;
    struct err e = { 0 };

    if (engine == MEMORY)
        return;
    CHECK(!store_open(&second, str_c(where(engine)), STORE_WRITE, &e) && e.kind == ERR_USAGE && strstr(e.what, "another program writes"));
    e = (struct err){ 0 };
    CHECK(store_exec(s, "INSERT INTO city (id, name) VALUES (1, 'a')", &e));
    CHECK(store_open(&r, str_c(where(engine)), STORE_READ, &e));
    CHECK(store_migrate(r, &layer, &e));
    CHECK(store_begin(r, &e) && one(r, "SELECT count(*) FROM city") == 1);
    CHECK(store_begin(s, &e) && store_exec(s, "INSERT INTO city (id, name) VALUES (2, 'b')", &e));
    CHECK(one(r, "SELECT count(*) FROM city") == 1);            /* never waits for the writer */
    CHECK(store_commit(s, &e) && one(r, "SELECT count(*) FROM city") == 1);       /* its snapshot stands */
    CHECK(store_commit(r, &e) && one(r, "SELECT count(*) FROM city") == 2);
    CHECK(!store_exec(r, "INSERT INTO city (id, name) VALUES (3, 'c')", &e));
    store_close(r);
}

enum { SHARERS = 3, SHARED_ROWS = 40 };

/* Reads the highest number and adds the next one: two at once would make one number twice. */
static int add_numbers(int engine)
{
    struct store *s;
    struct err e = { 0 };
    int64_t at;

    if (!store_open(&s, str_c(where(engine)), STORE_SHARE, &e) || !store_migrate(s, &layer, &e))
        return 1;
    for (int i = 0; i < SHARED_ROWS; i++) {
        char sql[96];

        if (!store_begin(s, &e) || !store_one_int(s, "SELECT coalesce(max(id), 0) + 1 FROM city", &at, &e))
            return 2;
        snprintf(sql, sizeof sql, "INSERT INTO city (id, name) VALUES (%lld, 'x')", (long long)at);
        if (!store_exec(s, sql, &e) || !store_commit(s, &e))
            return 3;
    }
    store_close(s);
    return 0;
}

/* Beside a writer, too. */
static void sharers_take_turns(struct store *s, int engine)
{
    pid_t pid[SHARERS];
    int status;

    if (engine == MEMORY)
        return;
    for (int i = 0; i < SHARERS; i++)
        if ((pid[i] = fork()) == 0)
            _exit(add_numbers(engine));
    for (int i = 0; i < SHARERS; i++)
        CHECK(waitpid(pid[i], &status, 0) == pid[i] && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(one(s, "SELECT count(*) FROM city") == SHARERS * SHARED_ROWS);
}

static void by_table(int engine)
{
    static void (*const cases[])(struct store *, int) = {
        values_come_back, words_in_quotes_stay, sets, statements_nest, kept_as_new, undone_is_gone, errors_in_words, many_rows_in, many_rows_out, in_parts, steps_once,
        one_writer_many_readers, sharers_take_turns,
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct store *s = begin(engine);

        cases[i](s, engine);
        store_close(s);
    }
}

static void in_memory(void **state) { (void)state; by_table(MEMORY); }
static void in_a_file(void **state) { (void)state; by_table(FILE_LITE); }

static void postgresql(void **state)
{
    (void)state;
    if (!w.has_pg)
        skip();
    by_table(POSTGRES);
}

/* What was filled is known to the planner at the commit; what is few beside the rest waits for the server's own look. */
static void known_to_the_planner(void **state)
{
    struct store *s;
    struct err e = { 0 };
    uint64_t fresh;

    (void)state;
    if (!w.has_pg)
        skip();
    s = begin(POSTGRES);
    CHECK(store_begin(s, &e) && fill(s, STORE_FRESH, 0, 400, &fresh, &e) && store_commit(s, &e));
    CHECK(one(s, "SELECT count(*) FROM pg_class WHERE oid = 'city'::regclass AND reltuples > 0") == 0);
    CHECK(store_begin(s, &e) && fill(s, STORE_FRESH, 400, 20000, &fresh, &e) && store_commit(s, &e));
    CHECK(one(s, "SELECT CAST(reltuples AS bigint) FROM pg_class WHERE oid = 'city'::regclass") == 20000);
    store_close(s);
    CHECK(store_open(&s, str_c(w.pg.where), STORE_WRITE, &e));
    CHECK(store_begin(s, &e) && fill(s, STORE_FRESH, 20000, 21000, &fresh, &e) && store_commit(s, &e));
    CHECK(one(s, "SELECT CAST(reltuples AS bigint) FROM pg_class WHERE oid = 'city'::regclass") == 20000);
    CHECK(store_begin(s, &e) && fill(s, STORE_FRESH, 21000, 23000, &fresh, &e) && store_commit(s, &e));
    CHECK(one(s, "SELECT CAST(reltuples AS bigint) FROM pg_class WHERE oid = 'city'::regclass") == 23000);
    store_close(s);
}

/* ---- addresses ---- */

static void addresses(void **state)
{
    static const struct { const char *where, *why; enum store_mode mode; enum err_kind kind; } t[] = {
        { "", "nothing", STORE_READ, ERR_USAGE },
        { "/nonexistent/x.db", "no such folder", STORE_READ, ERR_IO },
        { "/nonexistent/x.db", "no place for the lock", STORE_WRITE, ERR_IO },
        { "/etc/passwd", "a file that is no database", STORE_READ, ERR_IO },
        { "/tmp/store_test_missing.db", "a reader makes no store", STORE_READ, ERR_IO },
        { "postgresql://u:hunter2@127.0.0.1:1/x?connect_timeout=2", "nobody there", STORE_READ, ERR_IO },
        { "postgresql://u:hunter2@h:port/x", "a port that is none", STORE_READ, ERR_IO },
        { "postgresql://u:hunter2@/x?password=hunter2&nonsense=1", "a parameter that is none", STORE_READ, ERR_USAGE },
        { "postgresql:///x?host=/nonexistent&password=hunter2", "no socket", STORE_WRITE, ERR_IO },
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct store *s = NULL;
        struct err e = { 0 };

        CHECK_WHY(!store_open(&s, str_c(t[i].where), t[i].mode, &e), t[i].why);
        if (e.kind != t[i].kind || !e.what[0])
            fail_msg("%s: kind %d, %s", t[i].why, (int)e.kind, e.what);
        CHECK_WHY(!strstr(e.what, "hunter2") && !strstr(e.where, "hunter2") && !strstr(e.hint, "hunter2"), t[i].why);
    }
}

/* ---- when the disk is full, when the connection goes ---- */

static void disk_full(void **state)
{
    struct store *s = begin(FILE_LITE);
    struct err e = { 0 };
    uint64_t fresh;

    (void)state;
    CHECK(store_begin(s, &e) && fill(s, STORE_FRESH, 0, 1000, &fresh, &e) && store_commit(s, &e));
    CHECK(store_exec(s, "PRAGMA max_page_count=60", &e));
    CHECK(store_begin(s, &e) && !fill(s, STORE_FRESH, 1000, 50000, &fresh, &e));
    CHECK_WHY(e.kind == ERR_IO && strstr(e.hint, "disk is full"), e.what);
    store_rollback(s);
    CHECK(one(s, "SELECT count(*) FROM city") == 1000);
    e = (struct err){ 0 };
    CHECK(store_exec(s, "PRAGMA max_page_count=100000", &e));        /* room was made: the same program goes on */
    CHECK(store_begin(s, &e) && fill(s, STORE_FRESH, 1000, 5000, &fresh, &e) && store_commit(s, &e));
    CHECK(one(s, "SELECT count(*) FROM city") == 5000);
    store_close(s);
}

/* The same where the kernel says no: a file may grow no further, at any moment of writing log, table or commit. */
static void writing_fails(void **state)
{
    (void)state;
    for (rlim_t kib = 40; kib < 400; kib += 40) {
        struct store *s = begin(FILE_LITE);
        struct err e = { 0 };
        uint64_t fresh;

        CHECK(store_begin(s, &e) && fill(s, STORE_FRESH, 0, 100, &fresh, &e) && store_commit(s, &e));
        store_close(s);
        pid_t child = fork();
        if (child == 0) {
            struct rlimit l = { kib << 10, kib << 10 };

            signal(SIGXFSZ, SIG_IGN);
            if (setrlimit(RLIMIT_FSIZE, &l) != 0)
                _exit(9);
            bool ok = store_open(&s, str_c(w.file), STORE_WRITE, &e);
            ok = ok && store_begin(s, &e) && fill(s, STORE_FRESH, 100, 20000, &fresh, &e) && store_commit(s, &e);
            _exit(ok ? 1 : e.kind != ERR_NONE && e.what[0] ? 0 : 2);
        }
        int status = -1;
        CHECK(waitpid(child, &status, 0) == child);
        if (status != 0)
            fail_msg("%d KiB: status %x", (int)kib, (unsigned)status);
        CHECK(store_open(&s, str_c(w.file), STORE_READ, &e));
        CHECK(one(s, "SELECT count(*) FROM city") == 100 && one(s, "SELECT count(*) FROM guest") == 50);
        store_close(s);
    }
}

static void connection_lost(void **state)
{
    struct store *s = NULL, *other = NULL;
    struct store_stmt *st;
    struct err e = { 0 };
    uint64_t fresh;

    (void)state;
    if (!w.has_pg)
        skip();
    s = begin(POSTGRES);
    CHECK(store_open(&other, str_c(w.pg.where), STORE_READ, &e));
    CHECK(store_begin(s, &e) && fill(s, STORE_FRESH, 0, 100, &fresh, &e) && store_commit(s, &e));
    CHECK(store_begin(s, &e) && fill(s, STORE_FRESH, 100, 200, &fresh, &e));
    CHECK(store_prepare(other, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = 'afterpatch'",
                        &st, &e) && store_run(st, &e));
    store_finish(st);
    CHECK(!store_commit(s, &e) && e.kind == ERR_IO && e.what[0] && strstr(e.hint, "connection is gone"));
    e = (struct err){ 0 };
    CHECK(!store_begin(s, &e) && !fill(s, STORE_FRESH, 300, 400, &fresh, &e) && e.what[0]);
    store_close(s);
    CHECK(one(other, "SELECT count(*) FROM city") == 100);
    store_close(other);
    e = (struct err){ 0 };
    CHECK(store_open(&s, str_c(w.pg.where), STORE_WRITE, &e));       /* the writer's place is free again */
    store_close(s);
}

static int setup(void **state)
{
    (void)state;
    snprintf(w.file, sizeof w.file, "/tmp/store_test.%d.db", (int)getpid());
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
    const struct CMUnitTest t[] = {
        cmocka_unit_test(in_memory), cmocka_unit_test(in_a_file), cmocka_unit_test(postgresql), cmocka_unit_test(known_to_the_planner), cmocka_unit_test(addresses),
        cmocka_unit_test(disk_full), cmocka_unit_test(writing_fails), cmocka_unit_test(connection_lost),
    };
    return cmocka_run_group_tests(t, setup, teardown);
}
