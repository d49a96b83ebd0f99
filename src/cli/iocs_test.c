#include "cli/cli_fake.h"

#include <unistd.h>

static void file_make(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        fail_msg("cannot write %s", path);
}

static void listed(void **state)
{
    struct fake *f = fake_open();
    char         dir[] = "/tmp/iocs-XXXXXX", path[64], nothing[64];

    (void)state;
    CHECK(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/feed.txt", dir);
    snprintf(nothing, sizeof nothing, "%s/nothing.txt", dir);
    file_make(path, "198.51.100.1\n198.51.100.1\nhello world\n203.0.113.0/24\nevil[.]example\n");
    file_make(nothing, "hello world\n");
    FAKE_RUN(f, "iocs", "check", path);
    CHECK(f->code == CLI_DONE && f->complained.n == 0);
    CHECK(str_has(f->said, STR("feed.txt: list\n")) && str_has(f->said, STR("not used: feed.txt, line 3: neither hash")));
    CHECK(str_has(f->said, STR("1  address\n")) && str_has(f->said, STR("1  network\n")) && str_has(f->said, STR("3  in all, 1 more were said twice")));
    FAKE_RUN(f, "iocs", "check", nothing);
    CHECK(f->code == CLI_FAILED && str_has(f->complained, STR("no indicator that a hunt can use")));
    FAKE_RUN(f, "iocs", "check", path, nothing);
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("nothing.txt, line 1")));
    unlink(path);
    unlink(nothing);
    rmdir(dir);
    fake_close(f);
}

static void usage(void **state)
{
    struct fake *f = fake_open();

    (void)state;
    FAKE_RUN(f, "iocs");
    CHECK(f->code == CLI_USAGE);
    FAKE_RUN(f, "iocs", "check");
    CHECK(f->code == CLI_USAGE);
    FAKE_RUN(f, "iocs", "frobnicate", "x");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("frobnicate")));
    FAKE_RUN(f, "iocs", "check", "/nonexistent");
    CHECK(f->code == CLI_FAILED && str_has(f->complained, STR("/nonexistent")));
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(listed), cmocka_unit_test(usage) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
