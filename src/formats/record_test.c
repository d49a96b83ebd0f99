#include "test.h"
#include "formats/record.h"

static void finds_columns_by_name(void **state)
{
    (void)state;
    struct str     name[] = { STR_INIT("DateTime"), STR_INIT("ClientIpAddress"), STR_INIT("Empty"), STR_INIT("Beyond") };
    struct str     value[] = { STR_INIT("t"), STR_INIT("198.51.100.23"), STR_INIT("") };
    struct columns cols = { name, 4, 1 };
    struct record  r = { .cols = &cols, .value = value, .n = 3 };
    struct str     got = STR("untouched");

    CHECK(record_get(&r, STR("clientIPaddress"), &got));
    CHECK_STR(got, STR("198.51.100.23"));
    CHECK(record_get(&r, STR("Empty"), &got) && got.n == 0);
    got = STR("untouched");
    CHECK(!record_get(&r, STR("Beyond"), &got));        /* a short row */
    CHECK(!record_get(&r, STR("Absent"), &got));
    r.cols = NULL;
    CHECK(!record_get(&r, STR("DateTime"), &got));
    CHECK_STR(got, STR("untouched"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(finds_columns_by_name) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
