#include "cli/cli_fake.h"

#include "base/num.h"
#include "shape_text.h"

#include <json-c/json.h>
#include <sys/stat.h>
#include <unistd.h>

static char *root_make(void)
{
    char *root = strdup("/tmp/page-XXXXXX");

    if (!root || !mkdtemp(root) || chdir(root) != 0 || mkdir("site", 0700) != 0 || mkdir("site/inc", 0700) != 0)
        fail_msg("no folder for the test");
    return root;
}

static void file(const char *path, const char *plan)
{
    char   text[4096];
    size_t n = shape_text(text, sizeof text, plan);
    FILE  *f = fopen(path, "w");

    if (!f || fwrite(text, 1, n, f) != n || fclose(f) != 0)
        fail_msg("cannot write %s", path);
}

static void root_drop(char *root)
{
    static const char *const left[] = { "site/a.aspx", "site/b.asp", "site/c.txt", "site/d\x1b[31m.asp", "site/inc/e.asp", "site/inc", "site" };

    for (size_t i = 0; i < COUNT_OF(left); i++)
        (void)remove(left[i]);
    if (chdir("/") != 0 || rmdir(root) != 0)
        fail_msg("cannot remove %s", root);
    free(root);
}

static const char *member(struct json_object *o, const char *key)
{
    struct json_object *v = NULL;
    return json_object_object_get_ex(o, key, &v) && v ? json_object_get_string(v) : "(null)";
}

/* Line number k of what was printed, as JSON. */
static struct json_object *row(struct str said, size_t k)
{
    struct str line = STR_EMPTY;

    for (size_t i = 0; i <= k; i++)
        CHECK(str_cut(&said, '\n', &line));
    struct json_tokener *t = json_tokener_new();
    struct json_object  *o = json_tokener_parse_ex(t, (const char *)line.p, (int)line.n);
    json_tokener_free(t);
    CHECK(o != NULL);
    return o;
}

static void lines_of_json(void **state)
{
    static const struct { const char *file, *verdict, *kind, *key; } want[] = {
        { "site/a.aspx", "back_door", "command", "c" }, { "site/b.asp", "clean", "none", "(null)" }, { "site/c.txt", "inert", "evaluator", "x" },
        { "site/d\x1b[31m.asp", "back_door", "evaluator", "y" }, { "site/inc/e.asp", "clean", "none", "(null)" },
    };
    struct fake *f = fake_open();
    char        *root = root_make();

    (void)state;
    file("site/a.aspx", "{o}@ Page {l}=\"C#\" {c}\n<{s} {a}>void Page_Load(object s,EventArgs e){\nvar q=new {p}();q.StartInfo.Arguments=\"/c \"+{r}.Form[\"c\"];\nq.Start();}</{s}>");
    file("site/b.asp", "{o}= {r}(\"name\") {c}");
    file("site/c.txt", "{o}{e} {r}(\"x\"){c}");
    file("site/d\x1b[31m.asp", "<!--#include file=\"inc/e.asp\"-->{o}run {r}(\"y\"){c}");
    file("site/inc/e.asp", "{o}sub run(s)\n{e} s\nend sub{c}");
    FAKE_RUN(f, "page", "--json", "site");
    CHECK(f->code == CLI_BACK_DOOR && f->complained.n == 0);
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        struct json_object *o = row(f->said, i);
        assert_string_equal(member(o, "file"), want[i].file);
        assert_string_equal(member(o, "verdict"), want[i].verdict);
        assert_string_equal(member(o, "kind"), want[i].kind);
        assert_string_equal(member(o, "key"), want[i].key);
        CHECK(strlen(member(o, "sha256")) == 64 && member(o, "why")[0]);
        json_object_put(o);
    }
    CHECK(str_chr(f->said, 0x1b) == STR_NONE);
    struct json_object *o = row(f->said, 0), *flows = NULL, *steps = NULL, *step = NULL;
    CHECK(json_object_object_get_ex(o, "flows", &flows) && json_object_array_length(flows) >= 1);
    CHECK(json_object_object_get_ex(json_object_array_get_idx(flows, 0), "steps", &steps) && json_object_array_length(steps) >= 2);
    step = json_object_array_get_idx(steps, 0);
    assert_string_equal(member(step, "line"), "3");
    step = json_object_array_get_idx(steps, json_object_array_length(steps) - 1);
    assert_string_equal(member(step, "line"), "4");
    json_object_put(o);
    root_drop(root);
    fake_close(f);
}

static void for_people(void **state)
{
    struct fake *f = fake_open();
    char        *root = root_make();

    (void)state;
    file("site/b.asp", "{o}= {r}(\"name\") {c}");
    file("site/d\x1b[31m.asp", "{o}{e} {r}(\"y\"){c}");
    FAKE_RUN(f, "page", "site");
    CHECK(f->code == CLI_BACK_DOOR);
    CHECK(str_has(f->said, STR("BACK DOOR")) && str_has(f->said, STR("2 files: 1 with a back door")) && !str_has(f->said, STR("b.asp")));
    CHECK(str_chr(f->said, 0x1b) == STR_NONE && str_has(f->said, STR("\\x1B[31m")));
    FAKE_RUN(f, "page", "site/b.asp");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("nothing seen")));
    root_drop(root);
    fake_close(f);
}

static void usage(void **state)
{
    struct fake *f = fake_open();

    (void)state;
    FAKE_RUN(f, "page");
    CHECK(f->code == CLI_USAGE);
    FAKE_RUN(f, "page", "/nowhere/at/all");
    CHECK(f->code == CLI_FAILED && str_has(f->complained, STR("/nowhere/at/all")));
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(lines_of_json), cmocka_unit_test(for_people), cmocka_unit_test(usage) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
