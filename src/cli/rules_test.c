#include "cli/cli_fake.h"

#include <sys/stat.h>
#include <unistd.h>

static void put(const char *dir, const char *name, const char *text)
{
    char  path[200];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    CHECK((f = fopen(path, "w")) != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void gone(const char *dir, const char *const *name)
{
    char path[200];

    for (; *name; name++) {
        snprintf(path, sizeof path, "%s/%s", dir, *name);
        unlink(path);
    }
    rmdir(dir);
}

static void each_on_a_line(void **state)
{
    struct fake *f = fake_open();
    char         dir[] = "/tmp/rules-XXXXXX";

    (void)state;
    CHECK(mkdtemp(dir) != NULL);
    put(dir, "a.yml", "title: A page\nlogsource: {category: webserver}\ndetection: {s: {cs-uri-query|contains: /x.aspx, dst_colour: red}, condition: s}\n");
    put(dir, "b.yml", "title: A process\nlogsource: {product: linux, category: process_creation}\ndetection: {s: {Image: x}, condition: s}\n");
    put(dir, "d.yar", "rule one { strings: $a = \"needle-of-the-test\" condition: $a }\n");
    FAKE_RUN(f, "rules", "check", dir);
    CHECK(f->code == CLI_DONE);
    CHECK_STR(f->said, STR("works     a.yml: A page: for review; these logs have no field dst_colour\n"
                           "elsewhere b.yml: A process: no log that is read here (product: linux, category: process_creation)\n"
                           "works     d.yar\n2 work here, 0 refused, 1 for logs that are not read here\n"));
    put(dir, "c.yml", "title: Counted\nlogsource: {category: webserver}\ndetection: {s: {a: x}, condition: s | count() > 5}\n");
    put(dir, "e.yar", "rule two { condition: nothing }\n");
    FAKE_RUN(f, "rules", "check", dir);
    CHECK(f->code == CLI_FAILED && str_has(f->said, STR("refused   c.yml: Counted: condition: ")) && str_has(f->said, STR("refused   e.yar: ")));
    CHECK(str_has(f->complained, STR("2 of the rules cannot be used")));
    gone(dir, (const char *const[]){ "a.yml", "b.yml", "c.yml", "d.yar", "e.yar", NULL });
    fake_close(f);
}

static void usage(void **state)
{
    struct fake *f = fake_open();

    (void)state;
    FAKE_RUN(f, "rules");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("check what?")));
    FAKE_RUN(f, "rules", "check");
    CHECK(f->code == CLI_USAGE);
    FAKE_RUN(f, "rules", "list");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("no such task")));
    FAKE_RUN(f, "rules", "check", "/nonexistent");
    CHECK(f->code == CLI_FAILED && f->said.n == 0);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_on_a_line), cmocka_unit_test(usage) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
