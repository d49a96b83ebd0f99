/* Where a host name is known from: the best word for each stays, goes into the store, and comes out of it by daily_parts. */
#include "daily_fixture.h"

#include "survey/announce.h"

static void best_word(void **state)
{
    struct test_arena t = test_arena(1 << 16);
    struct observation o;
    (void)state;

    observation_clear(&o);
    o.naming = OBS_NAME_REVERSE;
    announce_name(&o, &t.a, STR("mail.bakery.org"));
    announce_name(&o, &t.a, STR("gw.isp.net"));
    o.naming = OBS_NAME_SAID;
    announce_name(&o, &t.a, STR("MAIL.bakery.org"));
    announce_name(&o, &t.a, STR("owa.bakery.org"));
    o.naming = OBS_NAME_OF_CERT;
    announce_name(&o, &t.a, STR("owa.bakery.org"));
    o.naming = OBS_NAME_REVERSE;
    announce_name(&o, &t.a, STR("owa.bakery.org"));
    assert_int_equal(o.name_n, 3);
    CHECK(o.name_from[0] == OBS_NAME_SAID && o.name_from[1] == OBS_NAME_REVERSE && o.name_from[2] == OBS_NAME_OF_CERT);
    observation_clear(&o);
    CHECK(o.naming == OBS_NAME_SAID && o.name_from[1] == OBS_NAME_SAID);
    test_arena_free(&t);
}

struct parts { size_t n; char text[512]; };

static bool take(void *ctx, const struct daily_part *p, struct err *e)
{
    struct parts *x = ctx;
    size_t at = strlen(x->text);

    (void)e;
    x->n++;
    at += (size_t)snprintf(x->text + at, sizeof x->text - at, "[%d %.*s %s", p->ip[15], STR_ARG(p->computer), p->has_cert ? "cert" : "");
    for (size_t i = 0; i < p->name_n; i++)
        at += (size_t)snprintf(x->text + at, sizeof x->text - at, " %.*s:%d", STR_ARG(p->name[i]), p->name_from[i]);
    snprintf(x->text + at, sizeof x->text - at, "]");
    return true;
}

/* The same name from two places is two identities: nothing that was said is lost, and both are one server. */
static void through_the_store(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct os_mem *m = os_mem_open(&t.a, (int64_t)RECORDED * TIME_DAY);
    struct store *s = NULL;
    struct record *r = NULL;
    struct record_file f = { .name = STR("x"), .format = STR("x"), .size_bytes = 1 };
    enum record_state is;
    struct daily *d = NULL;
    struct daily_options how = { .builds = &w.builds, .os = &w.os, .jobs = 1 };
    struct parts got = { 0 };
    struct err e = { 0 };
    (void)state;

    CHECK(store_open(&s, STR(":memory:"), STORE_WRITE, &e) && record_open(&r, s, &m->os, &e) && record_file_begin(r, &f, &is, &e));
    for (int from = OBS_NAME_SAID; from <= OBS_NAME_REVERSE; from++) {
        struct step step = { 3, .ip = 7, .node = "EX01", .build = UNPATCHED, .name = "mail.bakery.org" };
        struct obs_sink sink = record_sink(r);
        struct observation o;

        observe(&o, &step);
        o.name_from[0] = (uint8_t)from;
        CHECK(sink.take(sink.ctx, &o, &e));
    }
    CHECK(record_file_end(r, NULL, &e));
    record_close(r);
    CHECK(daily_open(&d, s, &how, &e) && daily_parts(d, take, &got, &e));
    assert_int_equal(got.n, 3);
    CHECK(daily_parts_count(d) == 3 && strstr(got.text, "mail.bakery.org:0") && strstr(got.text, "mail.bakery.org:1") && strstr(got.text, "mail.bakery.org:2"));
    daily_close(d);
    store_close(s);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(best_word), cmocka_unit_test(through_the_store) };
    struct err e = { 0 };

    w.keep = test_arena(64 << 20);
    w.os = os_posix();
    if (!builds_load(&w.builds, &w.keep.a, &w.os, STR_EMPTY, &e))
        fail_msg("%s %s", e.where, e.what);
    int bad = cmocka_run_group_tests(tests, NULL, NULL);
    test_arena_free(&w.keep);
    return bad;
}
