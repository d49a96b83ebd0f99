#include "test.h"

static void tells_a_story(void **state)
{
    (void)state;
    struct err e = { 0 };

    CHECK(!err_set(&e, ERR_FORMAT, "chunk %d: checksum %08x", 17, 0x9f3a1c02u));
    CHECK(!err_where(&e, "Security.evtx@0x%x", 0x111000u) && !err_where(&e, "web01.zip!/"));
    CHECK(!err_hint(&e, "Compare with the disk image."));
    assert_string_equal(e.what, "chunk 17: checksum 9f3a1c02");
    assert_string_equal(e.where, "web01.zip!/Security.evtx@0x111000");
    assert_string_equal(e.hint, "Compare with the disk image.");
    CHECK(e.kind == ERR_FORMAT);
    /* A new error forgets the place of the old one. */
    err_set(&e, ERR_IO, "x");
    CHECK(e.kind == ERR_IO && !e.where[0] && !e.hint[0]);
}

static void cuts_what_is_too_long(void **state)
{
    (void)state;
    struct err e = { 0 };
    char       big[1000];

    memset(big, 'a', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    err_set(&e, ERR_LIMIT, "%s", big);
    err_where(&e, "inner");
    err_where(&e, "%s", big);
    err_hint(&e, "%s", big);
    CHECK(strlen(e.what) == sizeof e.what - 1 && strlen(e.where) == sizeof e.where - 1 && strlen(e.hint) == sizeof e.hint - 1);
    err_set(&e, ERR_LIMIT, "x");
    err_where(&e, "%.250s", big);
    err_where(&e, "%s", "outer!/");
    CHECK(strlen(e.where) == sizeof e.where - 1 && strncmp(e.where, "outer!/aaa", 10) == 0);
}

static void accepts_nobody_listening(void **state)
{
    (void)state;
    CHECK(!err_set(NULL, ERR_IO, "x") && !err_where(NULL, "x") && !err_hint(NULL, "x"));
    assert_string_equal(err_kind_name(ERR_NONE), "no error");
    assert_string_equal(err_kind_name(ERR_USAGE), "wrong usage");
    assert_string_equal(err_kind_name((enum err_kind)99), "error");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(tells_a_story), cmocka_unit_test(cuts_what_is_too_long),
                                        cmocka_unit_test(accepts_nobody_listening) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
