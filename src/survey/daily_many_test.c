/* What no single rule shows: who is joined, strata, counts, thousands of observations in any order, faults. */
#include "daily_fixture.h"

/* ---- what too many share ---- */

static struct outcome straight(const struct step *step, size_t n, struct daily_counts *c)
{
    size_t order[200];

    CHECK(n <= COUNT_OF(order));
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    struct store *s = imported(step, order, n);
    struct outcome o = days_of(s, NULL, 4, NULL, c);
    store_close(s);
    return o;
}

static bool nothing(void *ctx, const struct server_span *s, struct err *e)
{
    (void)ctx;
    (void)s;
    (void)e;
    return true;
}

static void hubs(void **state)
{
    struct step step[100];
    struct daily_counts c;

    (void)state;
    w.where = ":memory:";
    /* A certificate on 32 addresses is a large site's; on one more it is a hoster's, and says nothing of who is who. */
    for (int n = 32; n <= 33; n++) {
        for (int i = 0; i < n; i++)
            step[i] = (struct step){ 3, .ip = 1 + i, .cert = 7, .build = PATCHED };
        straight(step, (size_t)n, &c);
        CHECK(c.servers == (n == 32 ? 1 : 33) && c.hubs == (n == 32 ? 0 : 1));
    }
    for (int i = 0; i < 33; i++)
        step[i] = (struct step){ 3, .ip = 1 + i, .name = "mail.hoster.example", .build = PATCHED };
    straight(step, 33, &c);
    CHECK(c.servers == 33);
    /* The address of a CDN shows a certificate for each of its customers: each is a server, with its own build and the origin behind it. */
    for (int i = 0; i < 70; i++)
        step[i] = (struct step){ 3, .ip = 1, .cert = 100 + i, .build = i % 2 ? PATCHED : UNPATCHED };
    step[70] = (struct step){ 3, .ip = 2, .cert = 100, .build = UNPATCHED };
    struct outcome o = straight(step, 71, &c);
    CHECK(c.servers == 70 && c.hubs == 1);
    CHECK_WHY(strstr(o.text, "[1,2] 3-4:unpatched") && strstr(o.text, "[1] 3-4:patched") && !strstr(o.text, "mixed"), o.text);
    /* Few certificates in turn are one server that renews them. */
    for (int i = 0; i < 60; i++)
        step[i].build = PATCHED;
    straight(step, 60, &c);
    CHECK(c.servers == 1 && c.hubs == 0);
}

static struct daily_counts counts_of(const struct step *step, const size_t *order, size_t n)
{
    struct store *s = imported(step, order, n);
    struct daily_options o = { .builds = &w.builds, .os = &w.os, .jobs = 1 };
    struct span_sink sink = { NULL, nothing };
    struct daily_counts c = { 0 };
    struct daily *d = NULL;
    struct err e = { 0 };

    CHECK(daily_open(&d, s, &o, &e) && daily_spans(d, &sink, &c, &e));
    daily_close(d);
    store_close(s);
    return c;
}

/* Names of nodes and of hosts as somebody wants them who means us ill: many nodes at one end, a chain of names through a whole network. */
static void endless(void **state)
{
    static char text[3000][2][32];
    static struct step step[3000];
    static size_t order[3000];
    struct daily_counts c;

    (void)state;
    w.where = ":memory:";
    for (size_t i = 0; i < COUNT_OF(step); i++) {
        order[i] = i;
        snprintf(text[i][0], sizeof text[i][0], "EX%zu", i);
        step[i] = (struct step){ 3 + (int)(i % 20), .ip = 1, .node = text[i][0], .build = i % 2 ? PATCHED : UNPATCHED };
    }
    c = counts_of(step, order, COUNT_OF(step));
    CHECK(c.servers == COUNT_OF(step) && c.hubs == 1);
    for (size_t i = 0; i < COUNT_OF(step); i++) {
        snprintf(text[i][0], sizeof text[i][0], "a%zu.example.org", i);
        snprintf(text[i][1], sizeof text[i][1], "a%zu.example.org", i + 1);
        step[i] = (struct step){ 3 + (int)(i % 20), .ip = 1 + (int)i, .name = text[i][0], .name2 = text[i][1], .build = i % 2 ? PATCHED : UNPATCHED };
    }
    c = counts_of(step, order, COUNT_OF(step));
    CHECK(c.servers >= 3 && c.servers < 100 && c.hubs >= 2);        /* 1024 nodes at most are one server */
}

/* ---- places, counts ---- */

struct strata { struct daily *d; char text[1024]; size_t n; };

static bool tell_strata(void *ctx, const struct server_span *s, struct err *e)
{
    struct strata *t = ctx;

    (void)e;
    if (s->group == 0)
        t->n += (size_t)snprintf(t->text + t->n, sizeof t->text - t->n, "%d-%d %.2s %u %.*s/%.*s %d.%d.%d.%d(%d) %u+%u; ", s->from - DAY_0, s->to - DAY_0,
                                 s->country[0] ? s->country : "--", s->asn, STR_ARG(daily_sector(t->d, s->sector)), STR_ARG(daily_detector(t->d, s->detector)), s->build[0],
                                 s->build[1], s->build[2], s->build[3], s->parts, s->addresses, s->nodes);
    return true;
}

static bool vienna(void *ctx, const uint8_t ip[16], char ret_country[3], uint32_t *ret_asn)
{
    (void)ctx;
    memcpy(ret_country, "AT", 3);
    *ret_asn = 64500;
    return ip[15] == 1;
}

static void strata_of(const struct step *step, size_t n, bool located, const char *want)
{
    struct daily_options o = { .builds = &w.builds, .os = &w.os, .jobs = 1, .locate = located ? vienna : NULL };
    size_t order[STEPS_MAX];
    struct strata t = { .n = 0 };
    struct span_sink sink = { &t, tell_strata };
    struct err e = { 0 };

    for (size_t i = 0; i < n; i++)
        order[i] = i;
    struct store *s = imported(step, order, n);
    CHECK(daily_open(&t.d, s, &o, &e) && daily_spans(t.d, &sink, NULL, &e));
    daily_close(t.d);
    store_close(s);
    if (strcmp(t.text, want))
        fail_msg("got  %s\nwant %s", t.text, want);
}

static void places_and_sectors(void **state)
{
    /* Two sources that do not agree would take turns: the better one keeps its word. */
    static const struct step two[] = {
        { 3, .source = OBS_SHODAN, .ip = 1, .build = UNPATCHED, .country = "DE", .asn = 64496, .detector = "shodan" },
        { 4, .source = OBS_SHADOWSERVER, .ip = 1, .build = UNPATCHED, .country = "CH", .asn = 64497, .sector = "Education Services", .detector = "shadowserver" },
        { 5, .source = OBS_SHODAN, .ip = 1, .build = UNPATCHED, .country = "DE", .asn = 64496, .detector = "shodan" },
        { 6, .source = OBS_SHADOWSERVER, .ip = 1, .build = PATCHED, .country = "CH", .asn = 64497, .detector = "shadowserver" },
    };
    static const struct step nodes[] = {
        { 3, .ip = 1, .node = "EX01", .name = "mail.example.org", .build = PATCHED }, { 4, .ip = 2, .node = "EX02", .name = "mail.example.org", .build = UNPATCHED },
    };

    (void)state;
    w.where = ":memory:";
    strata_of(two, 4, false, "3-3 DE 64496 /shodan 15.1.2176.2(4) 1+1; 4-5 CH 64497 Education Services/shodan 15.1.2176.2(4) 1+1; "
                             "6-6 CH 64497 Education Services/shadowserver 15.1.2176.9(4) 1+1; ");
    /* The operator's own databases win over every source. */
    strata_of(two, 4, true, "3-3 AT 64500 /shodan 15.1.2176.2(4) 1+1; 4-5 AT 64500 Education Services/shodan 15.1.2176.2(4) 1+1; "
                            "6-6 AT 64500 Education Services/shadowserver 15.1.2176.9(4) 1+1; ");
    /* The lowest build stands for the server. */
    strata_of(nodes, 2, false, "3-3 -- 0 / 15.1.2176.9(4) 1+1; 4-4 -- 0 / 15.1.2176.2(4) 2+2; ");
}

static void counts(void **state)
{
    static const struct step step[] = {
        { 3, .ip = 1, .name = "a.example.org", .build = PATCHED }, { 3, .ip = 1, .name = "a.example.org", .build = PATCHED }, { 3, .ip = 0, .build = PATCHED },
        { 4, .ip = 2, .name = "a.example.org", .flags = OBS_ONLINE }, { 3, .ip = 3, .build = PATCHED, .no_time = true }, { 6000, .ip = 1, .build = PATCHED },
        { 9, .ip = 1, .build = PATCHED },
    };
    struct daily_counts c;

    (void)state;
    w.where = ":memory:";
    struct outcome o = straight(step, COUNT_OF(step), &c);
    CHECK(c.observations == 7 && c.nobody == 1 && c.online == 1 && c.no_time == 1 && c.servers == 2);
    CHECK_WHY(c.wrong_time == 3, "one in the future, two after the last day that was asked for");
    CHECK(c.counted == 2 && c.last_day == DAY_0 + 4 && c.first_day == DAY_0 + 3);
    /* The same said in two files counts once. */
    CHECK_STR(str_c(o.text), STR("[1] 3-3:patched 4-4:not_self_hosted/moved"));
}

/* ---- many, in any order, by any number of threads, on any engine ---- */

enum { MANY = 6000 };

static size_t draw(unsigned *seed, size_t n)
{
    *seed = *seed * 1103515245 + 12345;
    return (*seed >> 16) % n;
}

static void random_steps(struct step *s, unsigned seed)
{
    static const char *const build[] = { NULL, UNPATCHED, PATCHED, "15.1.2176", "15.1.2106", "15.1.2106.13", "15.1.2242.4", "15.2.792.3", "15.2", "14.3.513.0", "15.1.2176.5" };
    static const char *const node[] = { NULL, NULL, "EX01", "EX02", "ex01" }, *const domain[] = { NULL, "ad.example.org", "ad.example.net" };
    static const char *const name[] = { NULL, "mail.example.org", "owa.example.org", "mail.example.net", "a.b.example", "x.local" };
    static const char *const about[] = { NULL, NULL, NULL, NULL, "ProxyLogon", "CVE-2021-34473", "" };
    static const enum obs_reach reach[] = { 0, 0, 0, 0, 0, OBS_REFUSED, OBS_TIMED_OUT };
    static const uint32_t flags[] = { 0, 0, 0, OBS_EXCHANGE, OBS_EXCHANGE | OBS_VERSION_HIDDEN, OBS_NOT_EXCHANGE, OBS_TWO_BUILDS, OBS_ODD };
    static const char *const country[] = { NULL, "AT", "DE" }, *const sector[] = { NULL, "Education Services", "Manufacturing" }, *const detector[] = { "a 1", "b 2", NULL };

    for (size_t i = 0; i < MANY; i++) {
#define ANY(list) list[draw(&seed, COUNT_OF(list))]
#define NUM(n) (int)draw(&seed, n)
        s[i] = (struct step){ .day = 1 + NUM(80) };
        s[i].minute = NUM(5), s[i].source = (enum obs_source)NUM(OBS_SOURCES), s[i].ip = NUM(300), s[i].build = ANY(build), s[i].reach = ANY(reach);
        if (s[i].reach) {
            s[i].build = NULL;
            continue;
        }
        s[i].node = ANY(node), s[i].domain = ANY(domain), s[i].flags = ANY(flags), s[i].about = ANY(about), s[i].claim = (enum claim_kind)NUM(4);
        /* Most certificates and names belong to a few addresses; what joins all would leave one server. */
        s[i].cert = NUM(8) ? 0 : 1 + s[i].ip / 3, s[i].name = NUM(200) ? NULL : ANY(name);
        s[i].country = ANY(country), s[i].sector = ANY(sector), s[i].detector = ANY(detector), s[i].asn = (uint32_t)NUM(3);
        if (s[i].name && NUM(10) == 0)
            s[i].flags |= OBS_ONLINE;
    }
}

static bool hash_span(void *ctx, const struct server_span *s, struct err *e)
{
    struct { struct hash *h; uint64_t n; } *x = ctx;
    const uint64_t v[] = {
        s->server, s->group, (uint64_t)s->from, (uint64_t)s->to, s->verdict, s->state, s->flags, s->parts, s->reached, (uint64_t)s->looked, s->build[0], s->build[1], s->build[2], s->build[3],
        s->addresses, s->nodes, s->detector, (uint64_t)s->country[0], (uint64_t)s->country[1], s->asn, s->sector,
    };

    (void)e;
    x->n++;
    hash_push(x->h, (struct str){ (const uint8_t *)v, sizeof v });
    return true;
}

static bool spans_hash(struct store *s, const char *where, uint32_t jobs, size_t memory, struct os *os, uint8_t ret[32], uint64_t *ret_n, struct err *e)
{
    struct daily_options o = { .builds = &w.builds, .os = os, .where = str_or(where), .jobs = jobs, .memory_bytes = memory };
    struct { struct hash *h; uint64_t n; } x = { hash_open(HASH_SHA256), 0 };
    struct span_sink sink = { &x, hash_span };
    struct daily *d = NULL;
    bool ok = daily_open(&d, s, &o, e) && daily_spans(d, &sink, NULL, e);

    daily_close(d);
    hash_done(x.h, ret);
    hash_close(x.h);
    *ret_n = x.n;
    return ok;
}

static struct step many[MANY];
static size_t many_order[MANY];

static void same_spans(const char *where, bool reversed, const uint8_t want[32], uint8_t ret[32])
{
    uint64_t n;

    w.where = where;
    for (size_t i = 0; i < MANY; i++)
        many_order[i] = reversed ? MANY - 1 - i : i;
    if (reversed)
        shuffle(many_order, MANY, 7);
    struct store *s = imported(many, many_order, MANY);
    bool again = strcmp(where, ":memory:") != 0;
    if (again) {
        struct err e = { 0 };

        store_close(s);
        CHECK(store_open(&s, str_c(where), STORE_READ, &e));
    }
    for (uint32_t jobs = 1; jobs <= (again ? 3 : 1); jobs += 2)
        for (size_t memory = 1 << 10; memory <= 1 << 26; memory <<= 16) {
            struct err e = { 0 };

            if (!spans_hash(s, again ? where : NULL, jobs, memory, &w.os, ret, &n, &e))
                fail_msg("%s %s", e.where, e.what);
            CHECK(n > 20000);
            if (want && memcmp(ret, want, 32))
                fail_msg("%s, %s, %u threads, %zu bytes: other spans", where, reversed ? "in another order" : "in order", jobs, memory);
        }
    store_close(s);
    w.where = ":memory:";
}

static void remove_store(const char *file)
{
    for (size_t i = 0; i < 4; i++) {
        char path[80];

        snprintf(path, sizeof path, "%s%s", file, (const char *[]){ "", "-lock", "-wal", "-shm" }[i]);
        unlink(path);
    }
}

static void order_changes_nothing(void **state)
{
    char file[64];
    uint8_t want[32], got[32];

    (void)state;
    random_steps(many, 20210302);
    same_spans(":memory:", false, NULL, want);
    same_spans(":memory:", true, want, got);
    snprintf(file, sizeof file, "/tmp/daily_test.%d.db", (int)getpid());
    same_spans(file, true, want, got);
    remove_store(file);
    if (w.has_pg)
        same_spans(w.pg.where, true, want, got);
}

/* Who reads while somebody writes sees one state from beginning to end, and waits for nobody. */
static void beside_a_writer(void **state)
{
    char file[64];
    uint8_t want[32], got[32];
    uint64_t n, before = 0;
    int status, looks = 0;
    struct store *s = NULL;
    struct err e = { 0 };

    (void)state;
    snprintf(file, sizeof file, "/tmp/daily_test.%d.db", (int)getpid());
    random_steps(many, 99);
    for (size_t i = 0; i < MANY; i++)
        many_order[i] = i;
    w.where = ":memory:";
    s = imported(many, many_order, MANY);
    CHECK(spans_hash(s, NULL, 1, 0, &w.os, want, &n, &e));
    store_close(s);
    w.where = file;
    store_close(imported(many, many_order, 0));            /* the tables */
    pid_t child = fork();
    if (child == 0) {
        store_close(imported(many, many_order, MANY));
        _exit(0);
    }
    for (bool more = true; more; looks++) {
        more = waitpid(child, &status, WNOHANG) == 0;
        CHECK(store_open(&s, str_c(file), STORE_READ, &e));
        if (!spans_hash(s, NULL, 1, 0, &w.os, got, &n, &e))
            fail_msg("look %d: %s %s", looks, e.where, e.what);
        CHECK(n >= before || looks == 0);
        before = n;
        store_close(s);
    }
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0 && looks > 1 && !memcmp(want, got, 32));
    remove_store(file);
    w.where = ":memory:";
}

/* ---- when something fails ---- */

static void faults(void **state)
{
    struct test_arena t = test_arena(16 << 20);
    uint8_t want[32], got[32];
    uint64_t n;
    struct err e = { 0 };
    uint32_t left = 1;

    (void)state;
    w.where = ":memory:";
    random_steps(many, 5);
    for (size_t i = 0; i < MANY; i++)
        many_order[i] = i;
    struct store *s = imported(many, many_order, MANY);
    CHECK(spans_hash(s, NULL, 1, 0, &w.os, want, &n, &e));
    for (;; left++) {                                      /* the spool's first call fails, then its second ... */
        struct arena a = t.a;
        struct os_mem *m = os_mem_open(&a, (int64_t)RECORDED * TIME_DAY);

        CHECK(m->os.mkdir(&m->os, STR("/tmp"), &e));
        m->fault = (struct fault){ .left = left };
        e = (struct err){ 0 };
        bool ok = spans_hash(s, NULL, 1, 0, &m->os, got, &n, &e);
        bool fired = m->fault.fired;
        CHECK(m->open_now == 0);
        if (!fired) {
            if (!ok)
                fail_msg("%s %s", e.where, e.what);
            CHECK(!memcmp(want, got, 32));
            break;
        }
        CHECK(!ok && e.kind != ERR_NONE && e.what[0]);
    }
    CHECK_WHY(left > 5, "spools were written and read");
    /* A store whose tables do not fit together is told, not guessed at. */
    CHECK(store_exec(s, "DELETE FROM survey_target WHERE id IN (SELECT target FROM survey_observation LIMIT 1)", &e));
    e = (struct err){ 0 };
    CHECK(!spans_hash(s, NULL, 1, 0, &w.os, got, &n, &e) && e.kind == ERR_FORMAT && strstr(e.what, "do not fit together"));
    e = (struct err){ 0 };
    CHECK(store_exec(s, "DELETE FROM survey_node", &e) && !spans_hash(s, NULL, 1, 0, &w.os, got, &n, &e) && e.kind == ERR_FORMAT);
    store_close(s);
    test_arena_free(&t);
}

static void empty_store(void **state)
{
    struct daily_counts c;

    (void)state;
    w.where = ":memory:";
    struct outcome o = straight(NULL, 0, &c);
    CHECK(o.n == 0 && c.servers == 0 && c.spans == 0 && c.observations == 0);
}

int main(void)
{
    const struct CMUnitTest t[] = {
        cmocka_unit_test(hubs), cmocka_unit_test(endless), cmocka_unit_test(places_and_sectors), cmocka_unit_test(counts),
        cmocka_unit_test(order_changes_nothing), cmocka_unit_test(beside_a_writer), cmocka_unit_test(faults), cmocka_unit_test(empty_store),
    };
    return cmocka_run_group_tests(t, setup, teardown);
}
