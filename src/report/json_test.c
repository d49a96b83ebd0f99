/* What a schema cannot say in C's own words; the shape itself is tests/schema. */
#include "report/support_test.h"

#include "base/num.h"

#include <json-c/json.h>

static struct json_object *parse(struct str s)
{
    struct json_tokener *tok = json_tokener_new();

    json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *root = json_tokener_parse_ex(tok, (const char *)s.p, (int)s.n);
    CHECK(root && json_tokener_get_error(tok) == json_tokener_success);
    json_tokener_free(tok);
    return root;
}

static struct json_object *at(struct json_object *v, const char *key)
{
    struct json_object *r = NULL;

    if (!json_object_object_get_ex(v, key, &r))
        fail_msg("no %s", key);
    return r;
}

static void moods(void **state)
{
    (void)state;
    every_mood(report_json_write);
}

static void values(void **state)
{
    struct drawn        d = draw(FIX_FULL, report_json_write);
    struct json_object *root = parse(d.text), *c = json_object_array_get_idx(at(root, "campaigns"), 0);

    (void)state;
    CHECK(strcmp(json_object_get_string(at(root, "schema")), "afterpatch-report/1") == 0);
    CHECK(strcmp(json_object_get_string(at(c, "verdict")), "back_door_used") == 0);
    CHECK(strcmp(json_object_get_string(at(at(c, "door_open"), "state")), "yes") == 0);
    CHECK(strcmp(json_object_get_string(json_object_array_get_idx(at(at(c, "door_open"), "because"), 1)), "F0005") == 0);
    CHECK(strcmp(json_object_get_string(at(at(c, "exploitation"), "first")), "2021-03-03T04:11:00Z") == 0);
    CHECK(at(at(c, "window"), "patched") == NULL);
    CHECK(json_object_array_length(at(root, "coverage")) == FAM_COUNT - 1);
    struct json_object *door = json_object_array_get_idx(at(root, "back_doors"), 0);
    CHECK(strcmp(json_object_get_string(at(door, "intruder")), "I1") == 0 && strcmp(json_object_get_string(at(door, "key")), "orange") == 0);
    CHECK(at(json_object_array_get_idx(at(root, "back_doors"), 1), "key") == NULL);
    struct json_object *f = json_object_array_get_idx(at(root, "findings"), 11), *e = json_object_array_get_idx(at(f, "evidence"), 0);
    CHECK(at(f, "axis") == NULL && at(f, "time") == NULL && at(e, "line") == NULL);
    CHECK(json_object_get_int64(at(at(root, "omitted"), "refused")) == 3);
    json_object_put(root);
    drawn_free(&d);
}

static void hostile_text_is_only_text(void **state)
{
    struct drawn        d = draw(FIX_HOSTILE, report_json_write);
    struct json_object *root = parse(d.text);

    (void)state;
    CHECK(!str_has(d.text, STR("</")) && !str_has(d.text, STR("\xE2\x80\xAE")) && !str_has(d.text, STR("\x1B")));
    CHECK(strstr(json_object_get_string(at(at(root, "case"), "organisation")), "Corner Bakery=cmd|' /c calc'!A1\"'><script>"));
    json_object_put(root);
    drawn_free(&d);
}

static void an_index_that_leads_nowhere(void **state)
{
    struct test_arena a = test_arena(8 << 20);
    struct fixture   *x = fixture_make(&a.a, FIX_FULL);
    struct out_mem    m = { .a = &a.a };
    struct out       *o = malloc(sizeof *o);
    struct err        e = { 0 };

    (void)state;
    x->r.campaign.open_because.item[0] = 4000000000u;
    x->r.finding[0].evidence[0].node = REPORT_NONE;
    x->r.timeline[0].finding = 99;
    out_open(o, out_mem_put, &m);
    CHECK(report_json_write(o, &x->r, a.a, &e));
    struct json_object *root = parse(out_mem_str(&m));
    CHECK(json_object_array_length(at(at(json_object_array_get_idx(at(root, "campaigns"), 0), "door_open"), "because")) == 2);
    CHECK(at(json_object_array_get_idx(at(json_object_array_get_idx(at(root, "findings"), 0), "evidence"), 0), "path") == NULL);
    CHECK(at(json_object_array_get_idx(at(root, "timeline"), 0), "finding") == NULL);
    json_object_put(root);
    free(o);
    test_arena_free(&a);
}

/* Contract, sources: the hash of one file, else null. */
static void one_file_given_has_its_hash(void **state)
{
    static const struct { const char *given; bool hashed; size_t nodes; bool want; const char *why; } c[] = {
        { "/case/HttpProxy_1.LOG", true, 1, true, "a file by its name" },
        { "HttpProxy_1.LOG", true, 1, true, "without a folder" },
        { "/case", true, 1, false, "a folder that holds one file" },
        { "/case/HttpProxy_1.LOG", false, 1, false, "a file that was not read" },
        { "/case/HttpProxy_1.LOG", true, 2, false, "more than one" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct test_arena a = test_arena(8 << 20);
        struct fixture   *x = fixture_make(&a.a, FIX_FULL);
        struct out_mem    m = { .a = &a.a };
        struct out       *o = malloc(sizeof *o);
        struct err        e = { 0 };

        x->ev.node_n = c[i].nodes;
        x->ev.node[0] = (struct ev_node){ .path = STR("?:\\HttpProxy_1.LOG"), .size_bytes = 77, .hashed = c[i].hashed };
        x->ev.node[1].source = 0;
        x->ev.source[0].given = str_c(c[i].given);
        x->ev.source[0].bytes = 77;
        out_open(o, out_mem_put, &m);
        CHECK(report_json_write(o, &x->r, a.a, &e));
        struct json_object *root = parse(out_mem_str(&m));
        CHECK_WHY((at(json_object_array_get_idx(at(root, "sources"), 0), "sha256") != NULL) == c[i].want, c[i].why);
        json_object_put(root);
        free(o);
        test_arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moods),
        cmocka_unit_test(values),
        cmocka_unit_test(hostile_text_is_only_text),
        cmocka_unit_test(an_index_that_leads_nowhere),
        cmocka_unit_test(one_file_given_has_its_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
