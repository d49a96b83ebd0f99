#include "test.h"
#include "base/rd.h"

static void reads_little_endian(void **state)
{
    (void)state;
    struct str in = TEST_HEAP("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\xff");
    struct rd  r = { .s = in };

    CHECK(rd_u8(&r) == 1 && rd_u16le(&r) == 0x0302 && rd_u32le(&r) == 0x07060504 && rd_left(&r) == 8);
    CHECK(rd_u64le(&r) == UINT64_C(0xff0e0d0c0b0a0908) && rd_left(&r) == 0 && !r.bad);
    CHECK(rd_u8(&r) == 0 && r.bad);
    test_free(in);
}

static void failure_sticks(void **state)
{
    (void)state;
    struct str in = TEST_HEAP("abcd");
    struct rd  r = { .s = in };

    rd_skip(&r, 3);
    CHECK(rd_u16le(&r) == 0 && r.bad && r.pos == 3);    /* nothing is read half */
    CHECK(rd_u8(&r) == 0);                              /* one byte is there, but the header was not whole */
    CHECK(rd_take(&r, 0).p == NULL);
    rd_seek(&r, 0);
    CHECK(r.pos == 3);

    r = (struct rd){ .s = in };
    rd_skip(&r, SIZE_MAX);                              /* a length that would wrap */
    CHECK(r.bad && r.pos == 0);
    r = (struct rd){ .s = in };
    rd_seek(&r, 4);
    CHECK(!r.bad && rd_left(&r) == 0);
    rd_seek(&r, 5);
    CHECK(r.bad);
    r = (struct rd){ .s = in, .pos = 1 };
    CHECK_STR(rd_take(&r, 2), STR("bc"));
    CHECK(rd_has(&r, 1) && !rd_has(&r, 2) && r.bad);
    test_free(in);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(reads_little_endian), cmocka_unit_test(failure_sticks) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
