#include "cli/cli_fake.h"

#include "pack/pack.h"

#include <unistd.h>

static void listed(void **state)
{
    struct fake *f = fake_open();

    (void)state;
    FAKE_RUN(f, "pack", "list");
    CHECK(f->code == CLI_DONE && f->complained.n == 0);
    for (size_t i = 0; pack_embedded_ids[i]; i++)
        CHECK(str_has(f->said, str_c(pack_embedded_ids[i])));
    fake_close(f);
}

static void our_pack_is_sound(void **state)
{
    struct fake *f = fake_open();

    (void)state;
    FAKE_RUN(f, "pack", "check", AP_SOURCE_DIR "/packs/proxylogon");
    if (f->code != CLI_DONE)
        fail_msg("%.*s%.*s", STR_ARG(f->said), STR_ARG(f->complained));
    CHECK(str_has(f->said, STR("no problem found")));
    fake_close(f);
}

static void refused(void **state)
{
    struct fake *f = fake_open();

    (void)state;
    FAKE_RUN(f, "pack", "check", "/nonexistent");
    CHECK(f->code == CLI_FAILED && f->said.n == 0 && str_has(f->complained, STR("/nonexistent")));
    FAKE_RUN(f, "pack", "check");
    CHECK(f->code == CLI_USAGE);
    FAKE_RUN(f, "pack", "list", "x");
    CHECK(f->code == CLI_USAGE);
    FAKE_RUN(f, "pack");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("list or check?")));
    fake_close(f);
}

static void each_problem_on_a_line(void **state)
{
    struct fake *f = fake_open();
    char         dir[] = "/tmp/pack-XXXXXX", path[64];

    (void)state;
    CHECK(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/pack.yaml", dir);
    FILE *out = fopen(path, "w");
    CHECK(out && fputs("id: [\n", out) >= 0 && fclose(out) == 0);
    FAKE_RUN(f, "pack", "check", dir);
    CHECK(f->code == CLI_FAILED && str_starts(f->said, STR("pack.yaml: ")) && str_ends(f->said, STR("\n")));
    CHECK(str_has(f->complained, STR("in this pack\n  where: /tmp/pack-")));
    unlink(path);
    rmdir(dir);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(listed), cmocka_unit_test(our_pack_is_sound), cmocka_unit_test(refused),
                                        cmocka_unit_test(each_problem_on_a_line) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
