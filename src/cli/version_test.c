#include "cli/cli_fake.h"

#include "pack/pack.h"

static void first_line_is_the_version(void **state)
{
    struct fake *f = fake_open();

    (void)state;
    FAKE_RUN(f, "version");
    CHECK(f->code == CLI_DONE && f->complained.n == 0);
    CHECK(str_starts(f->said, STR("afterpatch " AP_VERSION "\npacks: ")));
    for (size_t i = 0; pack_embedded_ids[i]; i++)
        CHECK(str_has(f->said, str_c(pack_embedded_ids[i])));
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(first_line_is_the_version) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
