#include "test.h"

#include "casework/report_fixture.h"
#include "casework/report_shape.h"

static struct test_arena mem;

/* --- the tables against docs/report.schema.json ------------------------------------------------------------------------ */

static const struct jt_node *resolve(const struct jt *t, const struct jt_node *n)
{
    struct arena a = mem.a;
    const struct jt_node *ref = jt_get(t, n, "$ref");

    if (!ref)
        return n;
    struct str path = jt_str(ref, &a);
    CHECK(str_starts(path, STR("#/$defs/")));
    const struct jt_node *defs = jt_get(t, jt_root(t), "$defs");
    for (const struct jt_node *c = jt_child(t, defs); c; c = jt_next(t, c))
        if (str_eq(jt_key(c), str_from(path, 8)))
            return resolve(t, c);
    fail_msg("no definition %.*s", STR_ARG(path));
    return NULL;
}

static bool says(const struct jt *t, const struct jt_node *list, const char *word)
{
    for (const struct jt_node *c = jt_child(t, list); c; c = jt_next(t, c))
        if (c->kind == JT_STRING ? str_eq((struct str){ c->text, c->text_n }, str_c(word)) : c->kind == JT_NULL && !strcmp(word, "null"))
            return true;
    return false;
}

static bool is_type(const struct jt *t, const struct jt_node *n, const char *word)
{
    struct arena a = mem.a;
    const struct jt_node *type = jt_get(t, n, "type");

    return type && (type->kind == JT_ARRAY ? says(t, type, word) : str_eq(jt_str(type, &a), str_c(word)));
}

static void compare(const struct jt *t, const struct jt_node *schema, const struct shape_field *of, const char *where);

static void compare_one(const struct jt *t, const struct jt_node *n, const struct shape_field *f, const char *where)
{
    struct arena a = mem.a;
    bool null = false;

    n = resolve(t, n);
    const struct jt_node *any = jt_get(t, n, "anyOf");
    if (any) {                                             /* this or null */
        null = is_type(t, jt_next(t, jt_child(t, any)), "null");
        n    = resolve(t, jt_child(t, any));
    }
    const struct jt_node *words = jt_get(t, n, "enum"), *pattern = jt_get(t, n, "pattern"), *is = jt_get(t, n, "const");
    null |= is_type(t, n, "null") || says(t, words, "null");
    CHECK_WHY(null == !!(f->how & SHAPE_NULL), where);
    switch (f->kind) {
    case SHAPE_ONE_OF: {
        uint32_t in_schema = 0, in_table = 0;
        struct str rest = str_c(f->words), w;
        for (const struct jt_node *c = jt_child(t, words); c; c = jt_next(t, c))
            in_schema += c->kind == JT_STRING;
        while (str_cut(&rest, '|', &w)) {
            char c[64];
            snprintf(c, sizeof c, "%.*s", STR_ARG(w));
            CHECK_WHY(is ? str_eq(jt_str(is, &a), w) : says(t, words, c), where);
            in_table++;
        }
        CHECK_WHY(is || in_schema == in_table, where);
        break;
    }
    case SHAPE_OBJECT: case SHAPE_COUNTS: compare(t, n, f->of, where); break;
    case SHAPE_BOOL:    CHECK_WHY(is_type(t, n, "boolean"), where); break;
    case SHAPE_COUNT:   CHECK_WHY(is_type(t, n, "integer") && str_eq(jt_str(jt_get(t, n, "minimum"), &a), STR("0")), where); break;
    case SHAPE_LINE:    CHECK_WHY(is_type(t, n, "integer") && str_eq(jt_str(jt_get(t, n, "minimum"), &a), STR("1")), where); break;
    case SHAPE_SECONDS: CHECK_WHY(is_type(t, n, "number") && jt_get(t, n, "minimum") && !jt_get(t, n, "maximum"), where); break;
    case SHAPE_SHARE:   CHECK_WHY(is_type(t, n, "number") && jt_get(t, n, "minimum") && jt_get(t, n, "maximum"), where); break;
    case SHAPE_TEXT:
        CHECK_WHY(is_type(t, n, "string") && !pattern && !words, where);
        CHECK_WHY(!!jt_get(t, n, "minLength") == !!(f->how & SHAPE_SOME), where);
        CHECK_WHY(!!jt_get(t, n, "maxLength") == !!f->max, where);
        break;
    default:            CHECK_WHY(is_type(t, n, "string") && pattern, where); break;
    }
}

static void compare(const struct jt *t, const struct jt_node *schema, const struct shape_field *of, const char *where)
{
    const struct jt_node *names = jt_get(t, schema, "properties"), *required = jt_get(t, schema, "required");
    uint32_t n = 0;

    for (const struct jt_node *c = jt_child(t, names); c; c = jt_next(t, c), n++) {
        const struct shape_field *f = of;
        char path[200];
        while (f->name && !str_eq(jt_key(c), str_c(f->name)))
            f++;
        snprintf(path, sizeof path, "%s.%.*s", where, STR_ARG(jt_key(c)));
        CHECK_WHY(f->name, path);
        CHECK_WHY(says(t, required, f->name) == !(f->how & SHAPE_MAY), path);
        const struct jt_node *n2 = resolve(t, c);
        CHECK_WHY(is_type(t, n2, "array") == !!(f->how & SHAPE_LIST), path);
        if (f->how & SHAPE_LIST) {
            CHECK_WHY(!!jt_get(t, n2, "minItems") == (f->kind == SHAPE_OBJECT && f->how & SHAPE_SOME), path);
            CHECK_WHY(!!jt_get(t, n2, "maxItems") == !!f->max, path);
            compare_one(t, jt_get(t, n2, "items"), f, path);
        } else
            compare_one(t, c, f, path);
    }
    while (of->name) {
        n--;
        of++;
    }
    CHECK_WHY(n == 0, where);                              /* and no name beyond those */
}

static void as_the_schema(void **state)
{
    struct jt   t;
    const char *why = "";
    FILE *f = fopen(AP_SOURCE_DIR "/docs/report.schema.json", "rb");
    static uint8_t text[1 << 17];
    size_t n = f ? fread(text, 1, sizeof text, f) : 0;

    (void)state;
    CHECK(n > 1000 && n < sizeof text);
    fclose(f);
    mem = test_arena(4 << 20);
    CHECK(jt_parse(&t, &mem.a, (struct str){ text, n }, &why));
    compare(&t, jt_root(&t), report_shape_root, "");
    test_arena_free(&mem);
}

/* --- refusals: where, and why ------------------------------------------------------------------------------------------- */

static void names_the_path(void **state)
{
    static const struct { const char *was, *is, *where, *what; } cases[] = {
        { "\"verdict\": \"back_door_used\"", "\"verdict\": \"fine\"", "campaigns[0].verdict", "not one of no_trace|" },
        { "\"verdict\": \"back_door_used\"", "\"verdict\": null", "campaigns[0].verdict", "not a text" },
        { "\"verdict\": \"back_door_used\"", "\"verdict\": \"back_door_\\u0075sed\"", "campaigns[0].verdict", "an escape" },
        { "\"verdict\": \"back_door_used\"", "\"verdict\": \"back_door_used\", \"verdict\": \"no_trace\"", "campaigns[0].verdict", "twice" },
        { "\"verdict\": \"back_door_used\"", "\"verdict\": \"back_door_used\", \"v\\u0065rdict\": \"no_trace\"", "campaigns[0]", "a name with an escape" },
        { "\"verdict\": \"back_door_used\",", "", "campaigns[0].verdict", "missing" },
        { "\"schema\": \"afterpatch-report/1\"", "\"schema\": \"afterpatch-report/2\"", "schema", "not one of" },
        { "\"re_entered\": true", "\"re_entered\": 1", "campaigns[0].use.re_entered", "neither true nor false" },
        { "\"count\": 1,", "\"count\": -1,", "findings[0].count", "whole number" },
        { "\"count\": 1,", "\"count\": 1.5,", "findings[0].count", "whole number" },
        { "\"count\": 1,", "\"count\": 1e3,", "findings[0].count", "whole number" },
        { "\"count\": 1,", "\"count\": 007,", "findings[0].count", "whole number" },
        { "\"count\": 1,", "\"count\": 9223372036854775808,", "findings[0].count", "63 bits" },
        { "\"count\": 1,", "\"count\": 99999999999999999999999999999999999999999999999999999999999999999999999999,", "findings[0].count", "63 bits" },
        { "\"count\": 1,", "\"count\": \"1\",", "findings[0].count", "not a number" },
        { "\"confidence\": 0.9,", "\"confidence\": 1.01,", "findings[0].confidence", "between 0 and 1" },
        { "\"confidence\": 0.9,", "\"confidence\": -0.1,", "findings[0].confidence", "between 0 and 1" },
        { "\"confidence\": 0.9,", "\"confidence\": 1e400,", "findings[0].confidence", "between 0 and 1" },
        { "\"confidence\": 0.9,", "\"confidence\": 0.,", "findings[0].confidence", "not a number as JSON" },
        { "\"confidence\": 0.9,", "\"confidence\": 1e,", "findings[0].confidence", "not a number as JSON" },
        { "\"confidence\": 0.9,", "\"confidence\": 00.9,", "findings[0].confidence", "not a number as JSON" },
        { "\"started\": \"2021-04-02T09:00:00Z\"", "\"started\": \"2021-02-30T09:00:00Z\"", "run.started", "not a time" },
        { "\"started\": \"2021-04-02T09:00:00Z\"", "\"started\": \"2021-04-02 09:00:00Z\"", "run.started", "not a time" },
        { "\"started\": \"2021-04-02T09:00:00Z\"", "\"started\": \"2021-04-02T09:00:00+02:00\"", "run.started", "not a time" },
        { "\"started\": \"2021-04-02T09:00:00Z\"", "\"started\": \"2021-04-02T09:00:00.1Z\"", "run.started", "not a time" },
        { "\"tlp\": \"TLP:AMBER\"", "\"tlp\": \"TLP:PINK\"", "case.tlp", "not one of" },
        { "\"fqdns\": [", "\"fqdns\": {\"a\": [", NULL, NULL },
        { "\"tls_key_sha256\": []", "\"tls_key_sha256\": [\"AB\"]", "server.tls_key_sha256[0]", "SHA-256" },
        { "\"addresses\": [", "\"addresses\": [7, ", "server.addresses[0]", "not a text" },
        { "\"id\": \"S1\"", "\"id\": \"S01\"", "sessions[0].id", "id of a session" },
        { "\"id\": \"I1\"", "\"id\": \"J1\"", "intruders[0].id", "id of an intruder" },
        { "\"CVE-2021-26855\"", "\"CVE-21-26855\"", "campaigns[0].exploitation.cves[0]", "CVE" },
        { "\"T1190\"", "\"T119\"", NULL, "ATT&CK" },
        { "\"line\": 2,", "\"line\": 0,", "findings[0].evidence[0].line", "1 or more" },
        { "\"omitted\": {", "\"omitted\": {\"more\": -1, ", "omitted.*", "whole number" },
        { "\"campaigns\": [", "\"campaigns\": [], \"campains\": [", "campaigns", "an empty list" },
        { "\"why\": [", "\"why\": [\"\", ", "campaigns[0].why[0]", "an empty text" },
        { "\"layout\": \"plain\"", "\"layout\": \"Plain\"", "sources[0].layout", "lower case" },
        { "\"server\": {", "\"server\": [{}], \"other\": {", "server", "not an object" },
        { "\"sessions\": [", "\"sessions\": \"none\", \"others\": [", "sessions", "not a list" },
        { "\"evidence\": [", "\"evidence\": [null, ", "findings[0].evidence[0]", "not an object" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str  s = fixture_change(fixture_load("bakery"), cases[i].was, cases[i].is, 1);
        struct jt   t;
        const char *why = "";
        struct err  e = { 0 };
        mem = test_arena(8 << 20);
        bool parsed = jt_parse(&t, &mem.a, s, &why);
        if (cases[i].where || cases[i].what) {
            CHECK_WHY(parsed && !report_shape(&t, &e) && e.kind == ERR_FORMAT, cases[i].is);
            if (cases[i].where && strcmp(e.where, cases[i].where) != 0)
                fail_msg("%s: at \"%s\" (%s)", cases[i].is, e.where, e.what);
            if (cases[i].what && !strstr(e.what, cases[i].what))
                fail_msg("%s: \"%s\"", cases[i].is, e.what);
        } else
            CHECK_WHY(!parsed || !report_shape(&t, &e), cases[i].is);
        test_arena_free(&mem);
        test_free(s);
    }
}

/* Fields may be added, and say what they like. */
static void more_is_allowed(void **state)
{
    static const char *const added[] = { "\"new\": 1, ", "\"new\": {\"verdict\": [null, [[]]]}, ", "\"new\": \"\xF0\x9F\x8D\x9E\", ", "\"\": -1e-9, " };

    (void)state;
    for (size_t i = 0; i < sizeof added / sizeof *added; i++) {
        char        is[128];
        struct jt   t;
        const char *why = "";
        struct err  e = { 0 };
        snprintf(is, sizeof is, "%s\"verdict\":", added[i]);
        struct str s = fixture_change(fixture_load("bakery"), "\"verdict\":", is, 1);
        mem = test_arena(8 << 20);
        CHECK(jt_parse(&t, &mem.a, s, &why));
        if (!report_shape(&t, &e))
            fail_msg("%s: %s", e.where, e.what);
        test_arena_free(&mem);
        test_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(as_the_schema), cmocka_unit_test(names_the_path), cmocka_unit_test(more_is_allowed) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
