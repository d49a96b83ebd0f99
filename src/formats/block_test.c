#include "test.h"

#include "make_image.h"

static void parts(void **state)
{
    struct mki_disk    d = { .p = malloc(100), .n = 100 };
    struct block_range r, in;
    uint8_t            buf[64];
    struct err         e = { 0 };

    (void)state;
    for (size_t i = 0; i < d.n; i++)
        d.p[i] = (uint8_t)i;
    struct blocks b = block_part(&r, mki_block(&d), 40, 1000), c = block_part(&in, b, 10, 20);
    CHECK(b.size_bytes == 60 && c.size_bytes == 20);             /* never beyond what it is a part of */
    CHECK(block_whole(&c, 0, buf, 20, &e) && buf[0] == 50 && buf[19] == 69);
    CHECK(!block_whole(&c, 1, buf, 20, &e) && e.kind == ERR_FORMAT && e.what[0]);
    CHECK(!block_whole(&c, UINT64_MAX, buf, 20, &e) && !block_whole(&c, 20, buf, 1, &e) && block_whole(&c, 20, buf, 0, &e));
    CHECK(block_part(&r, mki_block(&d), UINT64_MAX, UINT64_MAX).size_bytes == 0 && block_part(&r, mki_block(&d), 100, 1).size_bytes == 0);
    free(d.p);
}

/* Less than was promised, and nothing at all. */
static void failing(void **state)
{
    struct mki_disk d = { .p = malloc(100), .n = 100 };
    struct blocks   b = mki_block(&d);
    uint8_t         buf[64];
    struct err      e = { 0 };

    (void)state;
    memset(d.p, 1, d.n);
    b.size_bytes = 200;                                          /* as a cut image says */
    CHECK(!block_whole(&b, 90, buf, 20, &e) && e.kind == ERR_FORMAT && strstr(e.what, "ends at 100"));
    d.fault.left = 1;
    e = (struct err){ 0 };
    CHECK(!block_whole(&b, 0, buf, 20, &e) && e.kind == ERR_IO);
    free(d.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(parts), cmocka_unit_test(failing) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
