#include "test.h"

#include "base/num.h"
#include "base/time.h"
#include "casework/intruders.h"

static struct test_arena facts, out;
static struct intruders *c;
static struct intruder_groups r;
static struct err e;

static void begin(void)
{
    facts = test_arena(4 << 20);
    out   = test_arena(8 << 20);
    CHECK(intruders_open(&c, &facts.a, NULL, &e));
}

/* "key:orange page:a client:198.51.100.7" of one session. */
static void add(uint64_t server, uint32_t session, const char *text)
{
    char copy[512], *save = NULL;

    strcpy(copy, text);
    CHECK(intruders_add(c, server, session, INTRUDER_PAGE, STR_EMPTY, &e));
    for (char *one = strtok_r(copy, " ", &save); one; one = strtok_r(NULL, " ", &save)) {
        char *value = strchr(one, ':');
        enum intruder_feature k;
        *value++ = 0;
        if (!strcmp(one, "hour")) {
            CHECK(intruders_time(c, server, session, atoi(value) * TIME_HOUR + TIME_MINUTE, &e));
            continue;
        }
        if (!intruder_feature_find(str_c(one), &k))
            fail_msg("no feature %s", one);
        CHECK(intruders_add(c, server, session, k, str_c(value), &e));
    }
}

static void make(void)
{
    if (!intruders_make(c, &out.a, &r, &e))
        fail_msg("%s", e.what);
}
static void end(void) { test_arena_free(&facts); test_arena_free(&out); }

static uint32_t group_of(uint64_t server, uint32_t session)
{
    for (uint32_t i = 0; i < r.session_n; i++)
        if (r.session[i].server == server && r.session[i].session == session)
            return r.session[i].group;
    fail_msg("no session %u", session);
    return 0;
}

/* Two sessions on two servers; eleven others, so that nothing of theirs is seen on a fifth of all. */
static void two_sessions(void **state)
{
    static const struct { const char *one, *other; bool same; const char *why; } t[] = {
        { "page:a", "page:a", true, "one page, byte for byte" },
        { "key:x", "key:x", true, "one word of its own" },
        { "key:published", "key:published", false, "a word that everybody can read" },
        { "tool:t", "tool:t", false, "one tool: 70, it may be bought or found" },
        { "tool:t path:p agent:u hour:5", "tool:t path:p agent:u hour:5", true, "a tool, and habits beside it" },
        { "client:192.0.2.7", "client:192.0.2.7", false, "one address: perhaps a shared exit" },
        { "client:192.0.2.7 client:192.0.2.8", "client:192.0.2.7 client:192.0.2.8", true, "two addresses that nobody else has" },
        { "client:192.0.2.7 path:p agent:u", "client:192.0.2.7 path:p agent:u", true, "an address and habits" },
        { "path:p agent:u hour:5", "path:p agent:u hour:5", false, "habits alone" },
        { "agent:u", "agent:u", false, "everybody has a browser" },
        { "page:a key:x", "page:a key:y", false, "one published page, two words: two hands" },
        { "page:a key:x client:192.0.2.7 path:p", "page:a key:y client:192.0.2.7 path:p", true, "two words, and the same hands in everything else" },
        { "page:a", "page:b", false, "nothing in common" },
        { "key:x page:a", "key:x page:b", false, "one word in two different pages contradicts itself, until more speaks for it" },
        { "", "", false, "nothing is known of either" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        begin();
        add(1, 1, t[i].one);
        add(2, 1, t[i].other);
        /* What a contradiction is made of must be somebody's habit, not one page. */
        if (strstr(t[i].one, "page:a") && strcmp(t[i].one, t[i].other)) {
            add(3, 1, t[i].one);
            add(4, 1, t[i].other);
        }
        for (uint64_t s = 20; s < 31; s++)
            add(s, 1, "");
        CHECK(intruders_common(c, INTRUDER_KEY, STR("published"), &e));
        make();
        CHECK_WHY((group_of(1, 1) == group_of(2, 1)) == t[i].same, t[i].why);
        end();
    }
}

static void hubs_join_nobody(void **state)
{
    (void)state;
    /* A tool on twelve of forty servers: more than a fifth. On eight it is somebody's. */
    for (uint32_t with = 8; with <= 12; with += 4) {
        begin();
        for (uint32_t i = 0; i < 40; i++)
            add(i, 1, i < with ? "page:a" : "");
        make();
        CHECK((group_of(0, 1) == group_of(1, 1)) == (with == 8) && r.hubs == (with == 12));
        end();
    }
}

/* Two groups with ten servers each, and a session of the second that used a shell of the first. */
static void a_borrowed_shell_joins_nobody(void **state)
{
    char text[128];

    (void)state;
    begin();
    for (unsigned i = 0; i < 10; i++) {
        snprintf(text, sizeof text, "page:a key:x client:192.0.2.%u client:192.0.2.%u path:p", i % 4, (i + 1) % 4);
        add(i, 1, text);
        snprintf(text, sizeof text, "page:b key:y client:198.51.100.%u client:198.51.100.%u path:q tool:t", i % 4, (i + 1) % 4);
        add(100 + i, 1, text);
    }
    add(5, 2, "page:a key:x client:198.51.100.1 client:198.51.100.2 path:q tool:t");
    for (uint64_t s = 200; s < 260; s++)
        add(s, 1, "");
    make();
    CHECK(group_of(0, 1) == group_of(9, 1) && group_of(100, 1) == group_of(109, 1) && group_of(0, 1) != group_of(100, 1));
    CHECK(group_of(5, 2) == group_of(100, 1));      /* the hands tell, not the shell */
    uint32_t on[4];
    CHECK(intruders_on(&r, 5, on, 4) == 2 && on[0] == 0 && on[1] == 1 && intruders_on(&r, 6, on, 0) == 1 && intruders_on(&r, 999, on, 4) == 0);
    struct intruder_mark *m;
    uint32_t n;
    CHECK(intruders_why(c, &r, 5, 2, &out.a, &m, &n, &e) && n >= 4);
    bool tool = false, page = false;
    for (uint32_t i = 0; i < n; i++) {
        tool |= m[i].kind == INTRUDER_TOOL && m[i].sessions == 11 && m[i].all_sessions == 11;
        page |= m[i].kind == INTRUDER_PAGE;
    }
    CHECK(tool && !page);
    CHECK(!intruders_why(c, &r, 5, 3, &out.a, &m, &n, &e) && e.kind == ERR_NONE);
    end();
}

/* One hand changes its shell five times, and comes from the same eight addresses all the time: no two of the five have an address for themselves. */
static void changing_shells_are_one(void **state)
{
    char text[160];

    (void)state;
    begin();
    for (unsigned i = 0; i < 60; i++) {
        snprintf(text, sizeof text, "page:a%u key:x%u client:192.0.2.%u client:192.0.2.%u path:p agent:u", i % 5, i % 5, i / 5 % 8, (i / 5 + 1 + i % 3) % 8);
        add(i, 1, text);
    }
    /* Another hand with a habit of it, and others of nobody. */
    for (unsigned i = 0; i < 40; i++) {
        snprintf(text, sizeof text, "page:b key:y client:198.51.100.%u client:198.51.100.%u path:q agent:u", i % 9, (i + 1) % 9);
        add(100 + i, 1, text);
    }
    for (uint64_t s = 200; s < 400; s++)
        add(s, 1, "agent:w");
    make();
    for (uint32_t i = 1; i < 60; i++)
        CHECK(group_of(i, 1) == group_of(0, 1));
    for (uint32_t i = 1; i < 40; i++)
        CHECK(group_of(100 + i, 1) == group_of(100, 1));
    CHECK(group_of(0, 1) != group_of(100, 1));
    end();
}

/* A word that two hands read somewhere, and nobody told us: it is on every page of both. */
static void a_published_word_joins_nobody(void **state)
{
    char text[160];

    (void)state;
    begin();
    for (unsigned i = 0; i < 60; i++) {
        unsigned hand = i % 2;
        snprintf(text, sizeof text, "key:somewhere client:192.0.%u.%u client:192.0.%u.%u path:p%u agent:u%u", hand, i / 2 % 6, hand, (i / 2 + 1) % 6, hand, hand);
        add(i, 1, i % 7 == 3 ? "key:somewhere" : text);
    }
    for (uint64_t s = 200; s < 500; s++)
        add(s, 1, "agent:w");
    make();
    for (uint32_t i = 2; i < 60; i++)
        if (i % 7 != 3)
            CHECK(group_of(i, 1) == group_of(i % 2, 1));
    CHECK(group_of(0, 1) != group_of(1, 1));
    end();
}

static bool victim(void *ctx, enum intruder_feature kind, struct str value)
{
    (void)ctx;
    return kind == INTRUDER_CLIENT && str_eq(value, STR("192.0.2.99"));
}

static void a_card_names_no_victim(void **state)
{
    struct intruder_card k;

    (void)state;
    begin();
    for (uint32_t i = 0; i < 6; i++)
        add(i, 1, i < 2 ? "key:x client:192.0.2.99 client:192.0.2.1 path:bakery hour:30" : i < 4 ? "key:x client:192.0.2.99 client:192.0.2.1" : "key:x client:192.0.2.99");
    for (uint64_t s = 100; s < 140; s++)
        add(s, 1, "");
    make();
    CHECK(r.group[0].n == 6 && r.group[0].servers == 6 && r.group[0].mark_n >= 4);
    CHECK(intruders_card(&r.group[0], victim, NULL, &out.a, &k, &e));
    CHECK(k.servers == 6 && k.mark_n == 2 && k.first_us == TIME_DAY && k.last_us == TIME_DAY);
    CHECK(k.mark[0].kind == INTRUDER_KEY && k.mark[0].servers == 6);
    CHECK(k.mark[1].kind == INTRUDER_CLIENT && k.mark[1].servers == 0 && !str_eq(k.mark[1].value, STR("192.0.2.99")));      /* four servers: too few to count */
    CHECK(intruders_card(&r.group[0], NULL, NULL, &out.a, &k, &e) && k.mark_n == 3);
    end();
}

/* ---- properties ---- */

struct rnd { uint64_t s; };
static uint32_t rnd(struct rnd *x, uint32_t n)
{
    x->s = x->s * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((x->s >> 33) % n);
}

struct one { uint32_t server, session, kind; char value[24]; };

static void dump(char **ret, size_t *ret_n)
{
    FILE *f = open_memstream(ret, ret_n);

    for (uint32_t i = 0; i < r.session_n; i++)
        fprintf(f, "S %llu %u %u\n", (unsigned long long)r.session[i].server, r.session[i].session, r.session[i].group);
    for (uint32_t i = 0; i < r.group_n; i++) {
        fprintf(f, "G %u %u %u\n", r.group[i].first, r.group[i].n, r.group[i].servers);
        for (uint32_t k = 0; k < r.group[i].mark_n; k++) {
            const struct intruder_mark *m = &r.group[i].mark[k];
            fprintf(f, "M %d %.*s %u %u %u\n", (int)m->kind, STR_ARG(m->value), m->sessions, m->servers, m->all_sessions);
        }
    }
    fprintf(f, "%u %u %u %u\n", r.hubs, r.common, r.lone, r.servers);
    fclose(f);
}

static void put(const struct one *o) { CHECK(intruders_add(c, o->server, o->session, (enum intruder_feature)o->kind, str_c(o->value), &e)); }

static void order_and_steps_change_nothing(void **state)
{
    enum { N = 600 };
    static struct one o[N];

    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct rnd x = { seed };
        char      *want, *got;
        size_t     want_n, got_n;
        for (int i = 0; i < N; i++) {
            o[i] = (struct one){ .server = rnd(&x, 60), .session = rnd(&x, 2), .kind = rnd(&x, INTRUDER_FEATURES) };
            /* Servers lean to one of five groups, so that there is something to find. */
            snprintf(o[i].value, sizeof o[i].value, "v%u-%u", rnd(&x, 5) ? o[i].server % 5 : rnd(&x, 5), rnd(&x, 2));
        }
        begin();
        for (int i = 0; i < N; i++)
            put(&o[i]);
        make();
        dump(&want, &want_n);
        CHECK(r.group[0].n > 2);
        end();
        for (int round = 0; round < 4; round++) {
            for (uint32_t i = N - 1; i > 0; i--) {
                uint32_t   k = rnd(&x, i + 1);
                struct one keep = o[i];
                o[i] = o[k];
                o[k] = keep;
            }
            begin();
            for (int i = 0; i < N; i++) {
                put(&o[i]);
                if (round == 1)
                    put(&o[i]);         /* everything twice */
                if (round == 2 && i % 200 == 100) {
                    struct arena keep = out.a;
                    make();             /* groups in between */
                    out.a = keep;
                }
            }
            make();
            dump(&got, &got_n);
            end();
            if (got_n != want_n || memcmp(got, want, got_n))
                fail_msg("seed %u, round %d:\n%s\n--\n%s", (unsigned)seed, round, want, got);
            free(got);
        }
        free(want);
    }
}

static bool whole(struct arena *a, struct err *err)
{
    struct intruders      *x;
    struct intruder_groups g;
    struct intruder_card   k;
    struct intruder_mark  *m;
    uint32_t               n;

    if (!intruders_open(&x, a, NULL, err) || !intruders_common(x, INTRUDER_KEY, STR("known"), err))
        return false;
    for (uint32_t i = 0; i < 20; i++)
        if (!intruders_add(x, i, 1, INTRUDER_KEY, i % 5 ? STR("x") : STR("y"), err) || !intruders_time(x, i, 1, i * TIME_MINUTE, err) ||
            !intruders_add(x, i, 1, INTRUDER_CLIENT, i % 3 ? STR("192.0.2.1") : STR("192.0.2.2"), err))
            return false;
    return intruders_make(x, a, &g, err) && intruders_why(x, &g, 1, 1, a, &m, &n, err) && intruders_card(&g.group[0], NULL, NULL, a, &k, err);
}

static void room_that_runs_out(void **state)
{
    struct intruders      *x;
    struct intruder_groups g;

    (void)state;
    fault_sweep(whole, 2 << 20);
    begin();
    make();
    CHECK(!r.group_n && !r.session_n);      /* nothing is no error */
    CHECK(!intruders_add(c, 1, 1, INTRUDER_FEATURES, STR("x"), &e) && e.kind == ERR_USAGE);
    for (uint32_t i = 0; i < 50; i++)
        add(i, 1, "page:a key:b client:c");
    uint8_t      room[256];
    struct arena small = { room, room + sizeof room, NULL };
    x = c;
    CHECK(!intruders_make(x, &small, &g, &e) && e.kind == ERR_MEMORY);
    end();
}

static void kinds_have_words(void **state)
{
    (void)state;
    for (enum intruder_feature k = 0; k < INTRUDER_FEATURES; k++) {
        enum intruder_feature got;
        CHECK(intruder_feature_find(str_c(intruder_kinds[k].name), &got) && got == k);
        CHECK(intruder_kinds[k].about && intruder_kinds[k].weight && intruder_kinds[k].family < INTRUDER_FAMILIES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_sessions),
        cmocka_unit_test(hubs_join_nobody),
        cmocka_unit_test(a_borrowed_shell_joins_nobody),
        cmocka_unit_test(changing_shells_are_one),
        cmocka_unit_test(a_published_word_joins_nobody),
        cmocka_unit_test(a_card_names_no_victim),
        cmocka_unit_test(order_and_steps_change_nothing),
        cmocka_unit_test(room_that_runs_out),
        cmocka_unit_test(kinds_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
