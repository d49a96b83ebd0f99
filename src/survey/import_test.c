#include "survey/import_cases.h"

#define SHODAN(when, rest) "{\"ip_str\":\"192.0.2.1\",\"port\":443,\"timestamp\":\"" when "\",\"http\":{\"status\":200},\"data\":\"HTTP/1.1 200 OK\\r\\n" rest "\\r\\n\\r\\n\"}\n"

static struct arena room;

static void refused(void **state)
{
    static const struct { const char *why, *in; enum obs_source format; const char *what; } no[] = {
        { "nothing", "", OBS_SOURCES, "nothing" }, { "blanks", " \n\n", OBS_SOURCES, "nothing" }, { "words", "hello world\n", OBS_SOURCES, "known" }, { "another's XML", "<svg/>", OBS_SOURCES, "XML" },
        { "another's JSON", "{\"a\":1}\n", OBS_SOURCES, "JSON" }, { "an empty array", "[]", OBS_SOURCES, "JSON" }, { "columns of nothing", "a,b\n1,2\n", OBS_CSV, "column" },
        { "mail without a domain", "Received: by a.example with Microsoft SMTP Server id 15.1.1.1; x\n", OBS_SOURCES, "whose" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        struct import_options o = { .format = no[i].format, .now_us = fixture_now, .at_us = TIME_NONE };
        char                  out[512] = "";
        struct short_told     t = { out, 0, sizeof out };
        struct import_result  r;
        struct err            e = { 0 };
        bool                  ok;

        import_run(room, o, str_c(no[i].in), 0, &t, &r, &ok, &e);
        CHECK_WHY(!ok && e.kind != ERR_NONE && strstr(e.what, no[i].what), no[i].why);
    }
}

/* A line of many megabytes is one broken row, in the memory that a row may take; its neighbours are read. */
static void one_huge_line(void **state)
{
    size_t                n = 3 << 20;
    char                 *p = malloc(n + 1024), out[1024] = "";
    struct import_options o = { .format = OBS_SOURCES, .now_us = fixture_now, .at_us = TIME_NONE, .row_max = 1 << 20 };
    struct short_told     t = { out, 0, sizeof out };
    struct import_result  r;
    struct err            e = { 0 };
    bool                  ok;

    (void)state;
    size_t at = (size_t)sprintf(p, "%s{\"ip_str\":\"192.0.2.9\",\"port\":443,\"data\":\"", SHODAN("2021-11-24T08:00:01", "X-OWA-Version: 15.1.1.1"));
    memset(p + at, 'x', n);
    at += n;
    at += (size_t)sprintf(p + at, "\"}\n%s", SHODAN("2021-11-25T08:00:01", "X-OWA-Version: 15.1.1.2"));
    import_run(room, o, (struct str){ (uint8_t *)p, at }, 70000, &t, &r, &ok, &e);
    CHECK(ok && r.broken == 1 && r.taken == 2);
    CHECK_STR(str_c(out), STR("1 192.0.2.1:443 2021-11-24T08:00 15.1.1.1/header E\n2! the row is longer than the limit\n3 192.0.2.1:443 2021-11-25T08:00 15.1.1.2/header E\n"));
    free(p);
}

/* What the sink refuses ends the import, with the sink's own words. */
static bool full(void *ctx, const struct observation *o, struct err *e)
{
    (void)ctx, (void)o;
    return err_set(e, ERR_IO, "the disk is full");
}

static void sink_says_no(void **state)
{
    struct import_options o = { .format = OBS_SOURCES, .now_us = fixture_now, .at_us = TIME_NONE };
    struct test_arena     keep = test_arena(64 << 10);
    struct fed            f = { STR("ip,build\n192.0.2.1,15.1.1.1\n192.0.2.2,15.1.1.1\n"), 0, 0 };
    struct obs_sink       sink = { NULL, full, NULL };
    struct import_result  r;
    struct err            e = { 0 };

    (void)state;
    CHECK(!import_read(&r, &keep.a, room, &o, fed_fill, &f, &sink, &e) && e.kind == ERR_IO && r.taken == 1);
    CHECK_STR(str_c(e.what), STR("the disk is full"));
    test_arena_free(&keep);
}

static void notes(void **state)
{
    struct import_options o = { .format = OBS_SOURCES, .map = STR("name=gone"), .now_us = fixture_now, .at_us = INT64_C(1600000000) * TIME_SECOND };
    struct test_arena     a = test_arena(1 << 20);
    struct import_result  r;
    struct err            e = { 0 };
    struct str            out;

    (void)state;
    CHECK(import_text(&out, &r, &a.a, room, o, STR("ip,build,time\n192.0.2.1,15.1.1.1,\n192.0.2.1,15.1.1.1,2021-01-01\n"), 0, &e));
    CHECK(str_has(out, STR("\"observed_at\": \"2020-09-13T12:26:40Z\"")) && str_has(out, STR("--map names a column")) && str_has(out, STR("without a zone")));
    o.map = STR_EMPTY;
    CHECK(import_text(&out, &r, &a.a, room, o, STR("timestamp,ip,tag,asn,geo,conenction,version,servername\n2021-01-01 00:00:00,192.0.2.1,exchange,0,ZZ,,15.1.1.1,A\n"), 0, &e));
    CHECK(r.format == OBS_SHADOWSERVER && r.note_n == 1 && str_has(out, STR("conenction")));
    test_arena_free(&a);
}

static void maps(void **state)
{
    struct err e = { 0 };

    (void)state;
    CHECK(import_map_check(STR("ip=a, build = b,"), &e) && import_map_check(STR(""), &e));
    CHECK(!import_map_check(STR("bild=b"), &e) && e.kind == ERR_USAGE && strstr(e.what, "bild"));
    CHECK(!import_map_check(STR("ip"), &e) && strstr(e.what, "no column"));
}

static int open_room(void **state)
{
    struct err e = { 0 };
    (void)state;
    return os_arena_map(&room, IMPORT_ROOM, &e) ? 0 : -1;
}

static int close_room(void **state)
{
    (void)state;
    os_arena_unmap(&room);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused), cmocka_unit_test(one_huge_line), cmocka_unit_test(sink_says_no), cmocka_unit_test(notes), cmocka_unit_test(maps),
    };
    return cmocka_run_group_tests(tests, open_room, close_room);
}
