#include "test.h"

#include "formats/mft.h"

#include "make_mft.h"

#define DAY (INT64_C(18689) * TIME_DAY)

static void a_file(void **state)
{
    static struct mft_record r;
    uint8_t    *raw = malloc(MK_RECORD);
    struct err  e = { 0 };
    struct mk_mft m = mkf_begin(raw, 77, 3, 1, 0);
    static const uint8_t runs[] = { 0x21, 0x10, 0x00, 0x01, 0x11, 0x08, 0xF0, 0x01, 0x04, 0x00 };

    (void)state;
    mkf_standard(&m, DAY, DAY + 5 * TIME_SECOND);
    mkf_name(&m, 5, 5, "x.aspx", DAY + TIME_DAY + 7, 1);
    mkf_data(&m, "hidden", "text");
    mkf_runs(&m, "", runs, sizeof runs, 0x1C, 100000, 0x8000);
    mkf_end(&m);
    CHECK(mft_record_size((struct str){ raw, 512 }) == 1024);
    CHECK(mft_record_parse(&r, raw, MK_RECORD, 77, &e));
    CHECK(!r.damaged && r.in_use && !r.is_dir && r.sequence == 3 && mft_is_base(&r));
    CHECK(r.has_standard && r.standard.created_us == DAY && r.standard.modified_us == DAY + 5 * TIME_SECOND && r.standard.whole_seconds);
    CHECK(r.name_n == 1 && r.name[0].parent.record == 5 && r.name[0].times.created_us == DAY + TIME_DAY + 7 && !r.name[0].times.whole_seconds && r.name[0].raw.n == 12);
    CHECK(r.stream_n == 2 && r.stream[0].resident && r.stream[0].raw.n == 12);
    CHECK_STR(r.stream[0].data, STR("text"));
    CHECK(!r.stream[1].resident && r.stream[1].size_bytes == 100000 && r.stream[1].sparse && !r.stream[1].compressed);
    int64_t lcn = 0; struct mft_run run; bool bad; struct str rest = r.stream[1].data;
    CHECK(mft_run_next(&rest, &lcn, &run, &bad) && run.clusters == 16 && run.lcn == 256);
    CHECK(mft_run_next(&rest, &lcn, &run, &bad) && run.clusters == 8 && run.lcn == 240);
    CHECK(mft_run_next(&rest, &lcn, &run, &bad) && run.clusters == 4 && run.lcn == -1);
    CHECK(!mft_run_next(&rest, &lcn, &run, &bad) && !bad);
    free(raw);
}

/* Any byte of a record may be wrong, and it may end anywhere: never beyond its bytes, always something said or nothing kept. */
static void damaged(void **state)
{
    static struct mft_record r;
    uint8_t whole[MK_RECORD];
    static const uint8_t runs[] = { 0x88, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0 };
    struct mk_mft m = mkf_begin(whole, 9, 1, 1, 1);

    (void)state;
    mkf_standard(&m, DAY, DAY);
    mkf_name(&m, 5, 5, "folder", DAY, 3);
    mkf_runs(&m, "s", runs, sizeof runs, 9, 9, 1);
    mkf_end(&m);
    for (size_t i = 0; i < m.at + 16; i++)
        for (int bit = 0; bit < 8; bit++) {
            struct str in = test_heap(whole, MK_RECORD);
            struct err e = { 0 };
            uint8_t   *p = (uint8_t *)(uintptr_t)in.p;
            p[i] ^= (uint8_t)(1 << bit);
            if (mft_record_parse(&r, p, in.n, 9, &e))
                for (size_t k = 0; k < r.stream_n; k++) {
                    int64_t lcn = 0; struct mft_run run; bool bad; struct str rest = r.stream[k].data;
                    while (!r.stream[k].resident && mft_run_next(&rest, &lcn, &run, &bad))
                        CHECK(run.lcn >= -1 && run.clusters > 0);
                }
            else
                CHECK(e.kind == ERR_FORMAT && e.what[0]);
            test_free(in);
        }
    uint8_t torn[MK_RECORD];
    struct err e = { 0 };
    memcpy(torn, whole, sizeof torn);
    torn[1022] = 9;
    CHECK(mft_record_parse(&r, torn, sizeof torn, 9, &e) && r.damaged && r.name_n == 1);
    CHECK(!mft_record_parse(&r, torn, 511, 9, &e));
}

static void lists(void **state)
{
    uint8_t p[64] = { 0 };
    struct mft_list_entry x;

    (void)state;
    mk_le(p, 0x80, 4), mk_le(p + 4, 0x28, 2), p[6] = 2, p[7] = 0x1A, mk_le(p + 8, 0x100, 8), mk_le(p + 16, MKU_REF(40, 2), 8);
    mk_wide(p + 0x1A, "$J");
    struct str rest = { p, 0x28 };
    CHECK(mft_list_next(&rest, &x) && x.type == 0x80 && x.first_vcn == 0x100 && x.at.record == 40 && x.at.sequence == 2 && x.raw.n == 4 && rest.n == 0);
    CHECK(!mft_list_next(&rest, &x));
    p[4] = 8;
    rest = (struct str){ p, 0x28 };
    CHECK(!mft_list_next(&rest, &x));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_file), cmocka_unit_test(damaged), cmocka_unit_test(lists) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
