#include "test.h"

#include "base/num.h"
#include "formats/yaml.h"

/* The tree as one line: {k:v,...} [a,b] 'quoted' plain. */
static struct str show(struct arena *a, const struct yaml_item *i)
{
    if (i->kind == YAML_TEXT)
        return i->plain ? i->text : str_fmt(a, "'%.*s'", STR_ARG(i->text));
    struct str s = STR("");
    for (const struct yaml_item *k = i->first; k; k = k->next) {
        s = str_fmt(a, "%.*s%s%.*s%s", STR_ARG(s), k == i->first ? "" : ",", STR_ARG(k->key), i->kind == YAML_MAP ? ":" : "");
        s = str_cat(a, s, show(a, k));
    }
    return i->kind == YAML_MAP ? str_fmt(a, "{%.*s}", STR_ARG(s)) : str_fmt(a, "[%.*s]", STR_ARG(s));
}

static void cases(void **state)
{
    static const struct { const char *why, *in, *want, *damage; } c[] = {
        { "block map", "a: 1\nb: text\n", "{a:1,b:text}", NULL },
        { "flow", "a: [1, 'x', {b: c}]\n", "{a:[1,'x',{b:c}]}", NULL },
        { "block scalars", "a: |\n  one\n  two\nb: >-\n  x\n  y\n", "{a:'one\ntwo\n',b:'x y'}", NULL },
        { "comments and nothing", "# only\n", "", NULL },
        { "two documents", "a: 1\n---\nb: 2\n", "{a:1}{b:2}", NULL },
        { "backslashes stay in single quotes", "a: '\\\\*'\n", "{a:'\\\\*'}", NULL },
        { "a key of Sigma", "'|all':\n  - x\n", "{|all:[x]}", NULL },
        { "first document stands when the second is broken", "a: 1\n---\nb: [\n", "{a:1}", "line" },
        { "alias", "a: &x 1\nb: *x\n", "", "an anchor" },
        { "merge", "a:\n  <<: 1\n", "", "a merge key" },
        { "twice", "a: 1\na: 2\n", "", "one key twice" },
        { "list as key", "? [a]\n: b\n", "", "a key that is not a plain text" },
        { "tag", "a: !!int 3\n", "", "a tag" },
        { "control byte", "a: \x01\n", "", "line" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct test_arena t  = test_arena(1 << 20);
        struct str        in = test_heap(c[i].in, strlen(c[i].in)), got = STR("");
        struct yaml_tree  tree;
        struct err        e = { 0 };

        CHECK_WHY(yaml_read(&tree, &t.a, in, &e), c[i].why);
        for (const struct yaml_item *d = tree.doc; d; d = d->next)
            got = str_cat(&t.a, got, show(&t.a, d));
        CHECK_STR(got, str_c(c[i].want));
        CHECK_WHY(tree.damaged == (c[i].damage != NULL), c[i].why);
        if (c[i].damage)
            CHECK_WHY(str_has(str_c(tree.why.what), str_c(c[i].damage)), tree.why.what);
        test_free(in);
        test_arena_free(&t);
    }
}

static void limits(void **state)
{
    struct test_arena t = test_arena(64 << 20);
    struct yaml_tree  tree;
    struct err        e = { 0 };
    static uint8_t    deep[200];

    (void)state;
    memset(deep, '[', sizeof deep);
    CHECK(!yaml_read(&tree, &t.a, (struct str){ deep, sizeof deep }, &e) && e.kind == ERR_LIMIT);
    uint8_t *big = calloc(1, YAML_BYTES_MAX + 1);
    CHECK(!yaml_read(&tree, &t.a, (struct str){ big, YAML_BYTES_MAX + 1 }, &e) && e.kind == ERR_LIMIT);
    for (size_t i = 0; i < 1 << 20; i += 2)
        memcpy(big + i, i ? "1," : "[ ", 2);
    CHECK(!yaml_read(&tree, &t.a, (struct str){ big, 1 << 20 }, &e) && e.kind == ERR_LIMIT);
    free(big);
    test_arena_free(&t);
}

static void values(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct yaml_tree  tree;
    struct err        e = { 0 };
    bool              b = false;

    (void)state;
    CHECK(yaml_read(&tree, &t.a, STR("a: ~\nb: 4104\nc: '4104'\nd: yes\ne: ''\nf: -3\ng: 1x\n"), &e));
    const struct yaml_item *d = tree.doc;
    CHECK(yaml_null(yaml_get(d, STR("a"))) && !yaml_null(yaml_get(d, STR("e"))));
    CHECK(yaml_number(yaml_get(d, STR("b"))) && !yaml_number(yaml_get(d, STR("c"))) && yaml_number(yaml_get(d, STR("f"))));
    CHECK(!yaml_number(yaml_get(d, STR("g"))));
    CHECK(yaml_bool(yaml_get(d, STR("d")), &b) && b && !yaml_bool(yaml_get(d, STR("b")), &b));
    CHECK(!yaml_get(d, STR("z")) && yaml_text(d, STR("z")).n == 0 && !yaml_get(NULL, STR("z")));
    CHECK(yaml_get(d, STR("c"))->line == 3);
    test_arena_free(&t);
}

/* What is below a key says the key's line, wherever libyaml sees it begin. */
static void lines(void **state)
{
    static const struct { const char *why, *in; uint32_t a, last; } c[] = {
        { "a text", "a: 1\nz: 2\n", 1, 2 },
        { "a block of keys", "# it\na:\n  b: 1\nz: 2\n", 2, 4 },
        { "a block of items", "a:\n\n\n  - b\nz: 2\n", 1, 5 },
        { "nothing", "a:\nz:\n", 1, 2 },
        { "in braces", "a: {b: 1,\n  c: 2}\nz: [1,\n  2]\n", 1, 3 },
        { "a text on a line of its own", "a:\n  'x'\nz: |\n  y\n", 1, 3 },
        { "keys in question", "? a\n: b\nz: 1\n", 1, 3 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct test_arena t = test_arena(1 << 20);
        struct yaml_tree  tree;
        struct err        e = { 0 };

        CHECK_WHY(yaml_read(&tree, &t.a, str_c(c[i].in), &e) && !tree.damaged, c[i].why);
        CHECK_WHY(yaml_get(tree.doc, STR("a"))->line == c[i].a && yaml_get(tree.doc, STR("z"))->line == c[i].last, c[i].why);
        test_arena_free(&t);
    }
}

static bool read_some(struct arena *a, struct err *e)
{
    struct yaml_tree tree;
    return yaml_read(&tree, a, STR("a: [1, 2]\nb: {c: 'd'}\n"), e);
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(read_some, 1 << 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(cases), cmocka_unit_test(limits), cmocka_unit_test(values), cmocka_unit_test(lines), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
