#include "cli/cli_fake.h"

#include "make_hive.h"

#include <unistd.h>

#define US INT64_C(1614738000000000)          /* 2021-03-03T02:20:00Z */

static void write_file(const char *path, const uint8_t *p, size_t n)
{
    FILE *f = fopen(path, "w");

    if (!f || fwrite(p, 1, n, f) != n || fclose(f) != 0)
        fail_msg("cannot write %s", path);
}

static void lines(void **state)
{
    struct fake *f = fake_open();
    char         root[] = "/tmp/registry-XXXXXX";
    struct mh   *m = mh_open("ROOT", US);
    size_t       n, log_n;

    (void)state;
    if (!mkdtemp(root) || chdir(root) != 0)
        fail_msg("no folder for the test");
    mh_text(mh_key(m, "A\\B", US), "text", MH_SZ, "x\"\x1b");
    mh_text(mh_key(m, "A\\B", US), "list", MH_MULTI, "one\ntwo");
    mh_text(mh_key(m, "A\\B", US), "none", MH_MULTI, "");
    mh_number(mh_key(m, "A\\B", US), "number", 17);
    mh_value(mh_key(m, "A\\B", US), "", MH_BINARY, "\1\2\3\4\5", 5);
    uint8_t *before = mh_write(m, "x", US, &n);
    write_file("HIVE", before, n);
    FAKE_RUN(f, "registry", "HIVE", "a\\b");
    CHECK(f->code == CLI_DONE);
    CHECK_STR(f->said, STR("{\"key\": \"a\\\\b\", \"written\": \"2021-03-03T02:20:00Z\", \"values\": [{\"name\": \"text\", \"type\": \"REG_SZ\", \"data\": \"x\\\"\\u001b\"}, "
                           "{\"name\": \"list\", \"type\": \"REG_MULTI_SZ\", \"data\": [\"one\", \"two\"]}, {\"name\": \"none\", \"type\": \"REG_MULTI_SZ\", \"data\": []}, "
                           "{\"name\": \"number\", \"type\": \"REG_DWORD\", \"data\": 17}, {\"name\": \"\", \"type\": \"REG_BINARY\", \"data\": \"0102030405\"}]}\n"));
    CHECK_STR(f->complained, STR("1 keys, 5 values, 0 damaged\n"));
    FAKE_RUN(f, "registry", "--count", "HIVE");
    CHECK(f->code == CLI_DONE && f->said.n == 0 && str_has(f->complained, STR("3 keys")));

    /* What was not written into the hive stands in the log beside it. */
    for (struct mh_value *v = mh_key(m, "A\\B", US)->value; v; v = v->next)
        if (!strcmp(v->name, "number"))
            v->data[0] = 18;
    uint8_t *after = mh_write(m, "x", US, &n);
    mh_dirty(before, 9, 8);
    mh_dirty(after, 9, 9);
    uint8_t *log = mh_new_log(before, after, n, 8, &log_n);
    write_file("HIVE", before, n);
    FAKE_RUN(f, "registry", "HIVE");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("\"data\": 17")));
    write_file("hive.LOG1", log, log_n);
    FAKE_RUN(f, "registry", "HIVE");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("\"data\": 18")));
    FAKE_RUN(f, "registry", "--stored", "HIVE");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("\"data\": 17")));

    FAKE_RUN(f, "registry", "HIVE", "A\\C");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("no key of this name")));
    write_file("b", (const uint8_t *)"text", 4);
    FAKE_RUN(f, "registry", "b");
    CHECK(f->code == CLI_FAILED && str_has(f->complained, STR("no registry hive")));
    FAKE_RUN(f, "registry");
    CHECK(f->code == CLI_USAGE);
    FAKE_RUN(f, "registry", ".");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("folder")));
    FAKE_RUN(f, "registry", "none");
    CHECK(f->code != CLI_DONE);
    (void)remove("HIVE"), (void)remove("hive.LOG1"), (void)remove("b");
    (void)(chdir("/") == 0 && rmdir(root) == 0);
    free(before), free(after), free(log);
    mh_free(m);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(lines) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
