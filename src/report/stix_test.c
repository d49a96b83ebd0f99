#include "report/support_test.h"

static void moods(void **state)
{
    (void)state;
    every_mood(report_stix_write);
}

static bool work(struct arena *a, struct err *e) { return draw_into_nothing(report_stix_write, a, e); }

static void memory_runs_out(void **state)
{
    (void)state;
    fault_sweep(work, 8 << 20);
}

static void objects(void **state)
{
    struct drawn d = draw(FIX_FULL, report_stix_write);

    (void)state;
    CHECK(str_starts(d.text, STR("{\n  \"type\": \"bundle\",\n  \"id\": \"bundle--")));
    /* The check values of the standard's own namespace. */
    CHECK(count_of(d.text, STR("\"id\": \"ipv4-addr--cec0294c-86c8-52cc-8448-ba43593736df\"")) == 1);
    CHECK(count_of(d.text, STR("\"id\": \"directory--6778a97b-9042-5151-a660-75d33756bfda\"")) == 1);
    CHECK(str_has(d.text, STR("\"pattern\": \"[ipv4-addr:value = '198.51.100.23']\"")));
    CHECK(str_has(d.text, STR("\"value\": \"https://exch01.bakery.example/aspnet_client/discover.aspx\"")));
    CHECK(count_of(d.text, STR("\"type\": \"malware\"")) == 2 && count_of(d.text, STR("\"type\": \"intrusion-set\"")) == 2);
    CHECK(count_of(d.text, STR("\"type\": \"report\"")) == 1);
    CHECK(str_has(d.text, STR("marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421")));
    drawn_free(&d);
}

static void marks(void **state)
{
    static const struct { struct str tlp; const char *want; } t[] = {
        { STR_INIT("TLP:RED"), "e828b379-4e03-4974-9ac4-e53a884c97c1" },
        { STR_INIT("TLP:AMBER+STRICT"), "939a9414-2ddd-4d32-a0cd-375ea402b003" },
        { STR_INIT("TLP:CLEAR"), "94868c89-83c2-464b-929b-a1a8aa3c8487" },
        { STR_INIT(""), "55d920b0-5e8b-4f79-9ee9-91f868d9b421" },        /* unknown: amber */
    };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct test_arena a = test_arena(16 << 20);
        struct fixture   *x = fixture_make(&a.a, FIX_CLEAN);
        struct arena      scratch = { a.a.end - (8 << 20), a.a.end, NULL };
        struct out_mem    m = { .a = &a.a };
        struct out       *o = malloc(sizeof *o);
        struct err        e = { 0 };
        a.a.end = scratch.beg;
        x->r.tlp = t[i].tlp;
        out_open(o, out_mem_put, &m);
        CHECK(report_stix_write(o, &x->r, scratch, &e));
        CHECK_WHY(str_has(out_mem_str(&m), str_c(t[i].want)), t[i].want);
        free(o);
        test_arena_free(&a);
    }
}

/* A rule's text is a pattern for others, unless it reads like a page. */
static void rules(void **state)
{
    struct test_arena a = test_arena(32 << 20);
    struct fixture   *x = fixture_make(&a.a, FIX_FULL);
    struct arena      scratch = { a.a.end - (16 << 20), a.a.end, NULL };
    struct out_mem    m = { .a = &a.a };
    struct out       *o = malloc(sizeof *o);
    struct err        e = { 0 };
    struct pack_file  file[2] = {
        { STR("rules/ecp-set-script.yml"), STR("title: Script was written\ndetection:\n  a: 'run" "at'\n") },
        { STR("rules/httpproxy-ssrf.yml"), STR("title: Forged\ndetection:\n  a: 'b~c'\n") },
    };

    (void)state;
    a.a.end = scratch.beg;
    x->pack.file = file;
    x->pack.file_n = 2;
    out_open(o, out_mem_put, &m);
    CHECK(report_stix_write(o, &x->r, scratch, &e));
    CHECK(str_has(out_mem_str(&m), STR("\"pattern\": \"title: Forged\\ndetection:\\n  a: 'b~c'\\n\"")));
    CHECK(!str_has(out_mem_str(&m), STR("Script was written")));
    free(o);
    test_arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moods), cmocka_unit_test(objects), cmocka_unit_test(marks), cmocka_unit_test(rules), cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
