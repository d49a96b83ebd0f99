/* Features of reports into groups, on both engines. */
#include "test.h"

#include "base/num.h"
#include "casework/tables.h"
#include "casework/update_inner.h"
#include "ledger_desk.h"

static struct world {
    struct pg_server pg;
    bool             has_pg;
} w;

#define START INT64_C(1614729600000000)           /* 2021-03-03 */
enum { SMALL = 32 << 20 };

static struct ld begin(int engine)
{
    struct ld d = ld_open(engine ? w.pg.where : NULL, "eva", START, SMALL);
    struct err  e = { 0 };

    CHECK(ledger_begin(d.l, &e));
    return d;
}

/* A transaction is always open; what was put in is there after this. */
static void flush(struct ld *d)
{
    struct err e = { 0 };

    CHECK(ledger_commit(d->l, &e) && ledger_begin(d->l, &e));
}

/* A server is its own subject, and asset number 1000 + n. */
static void server(struct ld *d, int n)
{
    char text[128];

    snprintf(text, sizeof text, "INSERT INTO case_asset (subject, asset) VALUES (%d, %d)", n, 1000 + n);
    ld_exec(d, text);
}

static void put(struct ld *d, int64_t file, int64_t campaign, int subject, uint32_t session, enum intruder_feature kind, struct str value, int64_t first_us)
{
    struct err e = { 0 };

    if (!ledger_feature(d->l, file, campaign, subject, session, kind, value, first_us, &e))
        fail_msg("%s", e.what);
}

/* "key:orange page:a" of one session that begins so many hours after the start; hour < 0: unknown. */
static void visit(struct ld *d, int64_t file, int subject, uint32_t session, int hour, const char *features)
{
    char copy[512], *save = NULL;

    snprintf(copy, sizeof copy, "%s", features);
    for (char *one_ = strtok_r(copy, " ", &save); one_; one_ = strtok_r(NULL, " ", &save)) {
        char                 *value = strchr(one_, ':');
        enum intruder_feature k;
        *value++ = 0;
        CHECK(intruder_feature_find(str_c(one_), &k));
        put(d, file, 1, subject, session, k, str_c(value), hour < 0 ? TIME_NONE : START + hour * TIME_HOUR);
    }
}

static const struct case_campaign campaign[] = {
    { .id = 1, .slug = STR_INIT("proxylogon"), .title = STR_INIT("one") }, { .id = 2, .slug = STR_INIT("another"), .title = STR_INIT("two") },
};

static bool try_update(struct ld *d, struct str common, int64_t known_us, struct update_counts *n, struct err *e)
{
    struct update_options o = { .os = &d->m->os, .now_us = START, .known_us = known_us, .intruders = true, .common = common };
    struct test_arena     room = test_arena(SMALL);
    struct case_campaign  c[2] = { campaign[0], campaign[1] };
    struct update         u = { .l = d->l, .s = d->s, .o = &o, .scratch = room.a, .campaign = c, .campaign_n = 2, .n = n };

    flush(d);
    bool ok = update_intruders(&u, e);
    if (ok)
        flush(d);
    else {
        struct err also = { 0 };
        ledger_rollback(d->l);
        CHECK(ledger_begin(d->l, &also));
    }
    test_arena_free(&room);
    return ok;
}

static uint64_t update(struct ld *d)
{
    struct update_counts n = { 0 };
    struct err           e = { 0 };

    if (!try_update(d, STR_EMPTY, TIME_NONE, &n, &e))
        fail_msg("%s %s", e.where, e.what);
    return n.intruders;
}

static int64_t group(struct ld *d, int subject, int64_t file, int session)
{
    char text[200];

    snprintf(text, sizeof text, "SELECT intruder FROM case_visit WHERE asset = %d AND file = %lld AND session = %d", 1000 + subject, (long long)file, session);
    return ld_one(d, text);
}

/* Servers 1..8 of one hand, 11..18 of another, 21..60 of nobody; each report has the number of its server. */
static void two_hands(struct ld *d)
{
    for (int i = 1; i <= 60; i++) {
        char text[200];
        server(d, i);
        snprintf(text, sizeof text, i <= 8 ? "key:x page:a client:192.0.2.%d client:192.0.2.%d path:p" : i >= 11 && i <= 18 ? "key:y page:b client:198.51.100.%d client:198.51.100.%d tool:t" :
                 "agent:browser", i % 4, (i + 1) % 4);
        visit(d, i, i, 1, i, text);
    }
    /* On server 5 the second hand used the first one's shell. */
    visit(d, 5, 5, 2, 30, "key:x page:a client:198.51.100.1 client:198.51.100.2 tool:t");
}

static void groups_on_servers(void **state)
{
    (void)state;
    for (int engine = 0; engine <= w.has_pg; engine++) {
        struct ld d = begin(engine);
        two_hands(&d);
        CHECK(update(&d) == 2);
        int64_t x = group(&d, 1, 1, 1), y = group(&d, 11, 11, 1);
        CHECK(x > 0 && y > 0 && x != y && group(&d, 8, 8, 1) == x && group(&d, 5, 5, 1) == x && group(&d, 5, 5, 2) == y);
        CHECK(ld_one(&d, "SELECT count(*) FROM case_visit") == 61 && ld_one(&d, "SELECT count(*) FROM case_visit WHERE first_us IS NULL") == 0);
        CHECK(ld_one(&d, "SELECT count(*) FROM case_mark WHERE kind = 8") == 0 && ld_one(&d, "SELECT count(*) FROM case_mark") > 6);
        char text[200];
        snprintf(text, sizeof text, "SELECT sessions * 1000 + servers FROM case_intruder WHERE id = %lld", (long long)y);
        CHECK(ld_one(&d, text) == 9009);
        snprintf(text, sizeof text, "SELECT count(*) FROM case_mark WHERE intruder = %lld AND kind = %d AND value = 't' AND sessions = 9 AND servers = 9 AND all_sessions = 9", (long long)y, INTRUDER_TOOL);
        CHECK(ld_one(&d, text) == 1);

        /* Without anything new they are left alone; with something new all is worked out anew. */
        ld_exec(&d, "UPDATE case_mark SET servers = 77");
        CHECK(update(&d) == 2 && ld_one(&d, "SELECT count(*) FROM case_mark WHERE servers <> 77") == 0);
        visit(&d, 70, 6, 1, 40, "client:203.0.113.9");
        CHECK(update(&d) == 2 && ld_one(&d, "SELECT count(*) FROM case_mark WHERE servers = 77") == 0 && group(&d, 1, 1, 1) == x && group(&d, 11, 11, 1) == y);
        /* A server that turns out to be another one: nothing in the features changed, and it counts. */
        ld_exec(&d, "UPDATE case_asset SET asset = 1001 WHERE subject = 2");
        update(&d);
        snprintf(text, sizeof text, "SELECT servers FROM case_intruder WHERE id = %lld", (long long)x);
        CHECK(ld_one(&d, text) == 7 && group(&d, 1, 2, 1) == x);
        ld_close(&d);
    }
}

static void reports_about_one_visit(void **state)
{
    (void)state;
    struct ld d = begin(0);
    two_hands(&d);
    update(&d);
    int64_t x = group(&d, 1, 1, 1);
    /* A second hunt of server 1: the same session, with more seen; and what was left of that of server 2. */
    visit(&d, 101, 1, 3, 1, "key:x page:a client:192.0.2.1 client:192.0.2.2 path:p tool:new agent:browser");
    visit(&d, 102, 2, 1, 3, "page:a");
    update(&d);
    CHECK(ld_one(&d, "SELECT count(*) FROM case_visit") == 61);
    CHECK(group(&d, 1, 101, 3) == x && group(&d, 1, 1, 1) == -1);       /* the report that saw more stands for it */
    CHECK(group(&d, 2, 2, 1) == x && group(&d, 2, 102, 1) == -1);
    CHECK(ld_one(&d, "SELECT sessions FROM case_intruder ORDER BY sessions DESC LIMIT 1") == 9);
    ld_close(&d);
}

static void numbers_stay(void **state)
{
    (void)state;
    for (int engine = 0; engine <= w.has_pg; engine++) {
        struct ld d = begin(engine);
        two_hands(&d);
        update(&d);
        int64_t x = group(&d, 1, 1, 1), y = group(&d, 11, 11, 1), most = ld_one(&d, "SELECT max(id) FROM case_intruder");
        /* A third hand comes, larger than both: it gets a number of its own, and the others keep theirs. */
        for (int i = 61; i <= 75; i++) {
            char text[100];
            server(&d, i);
            snprintf(text, sizeof text, "key:z page:c client:203.0.113.%d", i % 3);
            visit(&d, i, i, 1, i, text);
        }
        CHECK(update(&d) == 3);
        CHECK(group(&d, 1, 1, 1) == x && group(&d, 11, 11, 1) == y && group(&d, 61, 61, 1) > most);
        /* Everything is gone, and comes back: no number is used twice. */
        most = ld_one(&d, "SELECT max(id) FROM case_intruder");
        ld_exec(&d, "DELETE FROM case_feature");
        CHECK(update(&d) == 0 && ld_one(&d, "SELECT count(*) FROM case_visit") == 0 && ld_one(&d, "SELECT count(*) FROM case_mark") == 0);
        visit(&d, 1, 1, 1, 1, "key:x");
        update(&d);
        CHECK(group(&d, 1, 1, 1) > most);
        ld_close(&d);
    }
}

/* What the groups are, without their numbers and without those of the servers. */
static char *dump(struct ld *d)
{
    struct store_stmt *st;
    struct err         e = { 0 };
    char              *text;
    size_t             n;
    FILE              *f = open_memstream(&text, &n);
    static const char *const ask[] = {
        "SELECT a.subject, v.file, v.session, v.first_us, i.sessions, i.servers, i.first_us, i.last_us, (SELECT min(file * 100 + session) FROM case_visit o WHERE o.intruder = i.id)"
        " FROM case_visit v JOIN case_intruder i ON i.id = v.intruder JOIN case_asset a ON a.asset = v.asset ORDER BY v.campaign, v.file, v.session, a.subject",
        "SELECT (SELECT min(file * 100 + session) FROM case_visit o WHERE o.intruder = m.intruder) AS g, m.at, m.kind, m.sessions, m.servers, m.all_sessions, length(m.value), 0, 0 FROM case_mark m ORDER BY g, m.at",
    };

    for (int q = 0; q < 2; q++) {
        if (!store_prepare(d->s, ask[q], &st, &e))
            fail_msg("%s", e.what);
        while (store_step(st, &e) == STORE_ROW) {
            for (int i = 0; i < 9; i++)
                fprintf(f, "%lld ", (long long)store_int(st, i));
            fputc('\n', f);
        }
        store_finish(st);
    }
    fclose(f);
    return text;
}

struct rnd { uint64_t s; };
static uint32_t rnd(struct rnd *x, uint32_t n)
{
    x->s = x->s * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((x->s >> 33) % n);
}

struct told { int file, subject; uint32_t session; int hour; char text[64]; };

/* Rows in any order, servers numbered as they came, with updates in between: the same groups, on both engines. */
static void order_is_nothing(void **state)
{
    enum { N = 500, SERVERS = 60 };
    static struct told t[N];
    struct rnd         x = { 5 };
    char              *want = NULL;

    (void)state;
    for (int i = 0; i < N; i++) {
        static const char *const kind[] = { "page", "key", "client", "client", "path", "agent", "tool" };
        int subject = 1 + (int)rnd(&x, SERVERS), report = (int)rnd(&x, 2);
        t[i] = (struct told){ .file = subject * 2 + report, .subject = subject, .session = 1 + rnd(&x, 2) };
        t[i].hour = (int)(t[i].session * 3) + subject % 5;
        snprintf(t[i].text, sizeof t[i].text, "%s:v%u-%u", kind[rnd(&x, 7)], rnd(&x, 6) ? (uint32_t)subject % 4 : rnd(&x, 4), rnd(&x, 3));
    }
    for (int round = 0; round < 4; round++) {
        struct ld d = begin(round == 3 && w.has_pg);
        for (int i = 1; i <= SERVERS; i++) {
            char text[128];
            snprintf(text, sizeof text, "INSERT INTO case_asset (subject, asset) VALUES (%d, %d)", i, round % 2 ? 5000 - i : i);
            ld_exec(&d, text);
        }
        for (uint32_t i = N - 1; round && i > 0; i--) {
            uint32_t    k = rnd(&x, i + 1);
            struct told keep = t[i];
            t[i] = t[k];
            t[k] = keep;
        }
        for (int i = 0; i < N; i++) {
            visit(&d, t[i].file, t[i].subject, t[i].session, t[i].hour, t[i].text);
            if (round == 2 && i % 100 == 50)
                update(&d);
        }
        update(&d);
        char *got = dump(&d);
        CHECK(strlen(got) > 1000);
        if (want && strcmp(want, got) != 0)
            fail_msg("round %d:\n%s\n---\n%s", round, want, got);
        free(want);
        want = got;
        ld_close(&d);
    }
    free(want);
}

static void what_everybody_has(void **state)
{
    static const struct { const char *features; bool own; } t[] = {
        { "key:orange", false },                  /* published: iocs.csv of the campaign */
        { "key:password", false },                /* common.csv */
        { "key:a-word-of-their-own", true },
        { "page:p agent:Mozilla/5.0+(compatible;+Baiduspider/2.0;++http://www.baidu.com/search/spider.html)", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct ld d = begin(0);
        for (int k = 1; k <= 40; k++) {
            server(&d, k);
            visit(&d, k, k, 1, k * 50, k <= 5 ? t[i].features : "agent:browser");
        }
        update(&d);
        CHECK((group(&d, 1, 1, 1) == group(&d, 2, 2, 1)) == t[i].own);
        CHECK(ld_one(&d, "SELECT count(*) FROM case_mark WHERE kind = 7 AND value LIKE '%Baidu%'") == 0);
        /* The operator's table says more, and that alone is a reason to work it out anew. */
        struct update_counts n = { 0 };
        struct err           e = { 0 };
        CHECK(try_update(&d, STR("kind,value\nkey,a-word-of-their-own\n"), TIME_NONE, &n, &e));
        CHECK((group(&d, 1, 1, 1) == group(&d, 2, 2, 1)) == (i == 3));
        CHECK(!try_update(&d, STR("kind,value\nwheel,x\n"), TIME_NONE, &n, &e) && e.kind == ERR_FORMAT && strstr(e.what, "wheel"));
        CHECK(group(&d, 1, 1, 1) > 0);            /* a refused update leaves what was there */
        ld_close(&d);
    }
}

static void campaigns_and_looking_back(void **state)
{
    (void)state;
    struct ld          d = begin(0);
    struct update_counts n = { 0 };
    struct err           e = { 0 };
    two_hands(&d);
    for (int i = 21; i <= 30; i++)
        put(&d, i, 2, i, 1, INTRUDER_KEY, STR("x"), START);
    update(&d);
    CHECK(ld_one(&d, "SELECT count(DISTINCT campaign) FROM case_intruder") == 2);
    CHECK(ld_one(&d, "SELECT count(*) FROM case_visit v JOIN case_intruder i ON i.id = v.intruder WHERE v.campaign <> i.campaign") == 0);
    CHECK(ld_one(&d, "SELECT count(*) FROM case_visit WHERE campaign = 2") == 10);
    /* By what was recorded until noon: the report of server 1 alone. */
    ld_exec(&d, "INSERT INTO case_file (id, sha256, name, kind, size_bytes, campaign, source, recorded_us, whole, rows_n, taken, known, refused)"
            " SELECT DISTINCT file, '', '', '', 0, 0, 0, CASE WHEN file = 1 THEN 5 ELSE 50 END, 1, 0, 0, 0, 0 FROM case_feature");
    CHECK(try_update(&d, STR_EMPTY, 10, &n, &e) && ld_one(&d, "SELECT count(*) FROM case_visit") == 1);
    update(&d);
    CHECK(ld_one(&d, "SELECT count(*) FROM case_visit") == 71);
    ld_close(&d);
}

static void hostile_values(void **state)
{
    static const struct str value[] = {
        STR_INIT("'; DROP TABLE case_visit; --"), STR_INIT("\x1b]0;x\x07"), STR_INIT("=cmd|' /C calc'!A0"), STR_INIT("a\0b"), STR_INIT("\xff\xfe"), STR_INIT("\xe2\x80\xae""evil"), STR_INIT("%s%n%d"),
        STR_INIT(""),
    };

    (void)state;
    for (int engine = 0; engine <= w.has_pg; engine++) {
        struct ld d = begin(engine);
        uint8_t     large[4000];
        memset(large, 'x', sizeof large);
        for (int i = 1; i <= 40; i++) {
            server(&d, i);
            for (size_t k = 0; k < COUNT_OF(value); k++)
                if (i <= 6)
                    put(&d, i, 1, i, 1, (enum intruder_feature)(k % INTRUDER_BURST), value[k], START);
            put(&d, i, 1, i, UINT32_MAX, INTRUDER_KEY, (struct str){ large, i <= 6 ? sizeof large : 1 }, START);
        }
        /* Rows that no ledger wrote: kinds and numbers that do not exist. */
        ld_exec(&d, "INSERT INTO case_feature (id, file, campaign, subject, session, kind, value, first_us) VALUES (1, 1, 1, 1, -5, 3, 'x', 0), (2, 1, 1, 1, 1, 99, 'x', 0), (3, 1, 7, 1, 1, -1, 'x', 0),"
                " (4, 9, 9, 1, 1, 1, 'x', 9223372036854775807), (5, 9, 9, 1, 2, 1, 'x', -9223372036854775807)");
        CHECK(update(&d) >= 1 && group(&d, 1, 1, 1) == group(&d, 6, 6, 1) && ld_one(&d, "SELECT count(*) FROM case_visit WHERE campaign = 9") == 2);
        ld_close(&d);
    }
}

PG_GROUP(w)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_on_servers),
        cmocka_unit_test(reports_about_one_visit),
        cmocka_unit_test(numbers_stay),
        cmocka_unit_test(order_is_nothing),
        cmocka_unit_test(what_everybody_has),
        cmocka_unit_test(campaigns_and_looking_back),
        cmocka_unit_test(hostile_values),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
