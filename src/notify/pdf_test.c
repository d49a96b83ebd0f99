/* The adapter by itself: what fits, what is left, what is mended; and the code's three finders. */
#include "test.h"

#include "base/num.h"
#include "notify/pdf.h"
#include "notify/qr.h"

static const struct pdf_type plain = { PDF_PLAIN, 10, false, false, 0 };

static struct pdf *begin(void)
{
    struct pdf_about about = { STR("Title \xc3\xa4\n\xff"), STR("Team"), STR("en"), INT64_C(1615039331123456) };
    struct pdf      *p = NULL;
    struct err       e = { 0 };

    if (!pdf_open(&p, &about, &e))
        fail_msg("%s", e.what);
    return p;
}

static struct str end(struct pdf *p, struct test_arena *a)
{
    struct err e = { 0 };
    struct str s = STR_EMPTY;

    if (!pdf_close(p, &a->a, &s, &e))
        fail_msg("%s", e.what);
    return s;
}

static void test_boxes(void **state)
{
    struct test_arena a = test_arena(1 << 20);
    struct pdf *p = begin();
    struct str  text = STR("one two three four five six seven eight nine ten eleven twelve");
    double      high, all;
    size_t      taken;

    (void)state;
    pdf_dry(p, true);
    CHECK(pdf_text(p, (struct pdf_box){ 20, 20, 30, 200 }, plain, text, &all) == text.n && all > 10 && all < 30);
    taken = pdf_text(p, (struct pdf_box){ 20, 20, 30, all / 2 }, plain, text, &high);
    CHECK(taken > 0 && taken < text.n && high <= all / 2 && ch_alpha(text.p[taken]) && text.p[taken - 1] == ' ');      /* between two words */
    CHECK(pdf_text(p, (struct pdf_box){ 20, 20, 30, 1 }, plain, text, &high) == 0 && high == 0);
    CHECK(pdf_text(p, (struct pdf_box){ 20, 20, 30, 1000 }, plain, str_from(text, taken), &high) == text.n - taken);
    CHECK(pdf_cell(p, (struct pdf_box){ 20, 20, 30, 0 }, plain, text, 1) < 5.5 && pdf_cell(p, (struct pdf_box){ 20, 20, 30, 0 }, plain, STR("a\nb\nc\nd"), 1) < 5.5);
    CHECK(pdf_wide(p, plain, STR("mmmm")) > pdf_wide(p, plain, STR("iiii")) && pdf_wide(p, plain, STR_EMPTY) < 0.01);
    pdf_page(p);                                                     /* dry: nothing is there */
    struct str empty = end(p, &a), drawn;
    p = begin();
    pdf_text(p, (struct pdf_box){ 20, 20, 30, 200 }, plain, text, &high);
    pdf_page(p);
    pdf_code(p, 20, 20, 30, STR("https://www.cert.example/"));
    drawn = end(p, &a);
    CHECK(!str_has(empty, STR("/FontFile")) && str_has(drawn, STR("/FontFile")) && str_has(drawn, STR("/Count 2")) && str_has(drawn, STR("20210306140211")));
    test_arena_free(&a);
}

static void test_mended(void **state)
{
    static const struct { struct str in, want; const char *why; } c[] = {
        { STR_INIT("plain \xc3\xa4"), STR_INIT("plain \xc3\xa4"), "as it is" }, { STR_INIT("a\0b"), STR_INIT("a\xef\xbf\xbd" "b"), "NUL" }, { STR_INIT("\xff"), STR_INIT("\xef\xbf\xbd"), "no UTF-8" },
        { STR_INIT("e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81x\xcc\x81"), STR_INIT("e\xcc\x81\xcc\x81\xcc\x81\xcc\x81x\xcc\x81"), "six marks on one letter" }, { { NULL, 0 }, { NULL, 0 }, "nothing" },
    };
    struct test_arena a = test_arena(1 << 16);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct str in = test_heap(c[i].in.p, c[i].in.n), out;
        CHECK_WHY(pdf_mend(in, &a.a, &out) && str_eq(out, c[i].want), c[i].why);
        test_free(in);
    }
    test_arena_free(&a);
}

/* More than a letter may be long, and an arena that is too small: refused at the end, and given back. */
static void test_refused(void **state)
{
    struct test_arena a = test_arena(64);
    struct pdf *p = begin();
    struct err  e = { 0 };
    struct str  s = STR_EMPTY;

    (void)state;
    CHECK(!pdf_close(p, &a.a, &s, &e) && e.kind == ERR_MEMORY && s.n == 0);
    test_arena_free(&a);
}

static void test_code(void **state)
{
    static const uint8_t finder[7] = { 0x7f, 0x41, 0x5d, 0x5d, 0x5d, 0x41, 0x7f };
    struct qr *q = malloc(sizeof *q);
    struct err e = { 0 };
    uint8_t    long_text[QR_TEXT_MAX + 1];

    (void)state;
    CHECK(qr_make(STR("https://www.cert.example/"), q, &e) && q->size == 25);                /* version 2 holds 26 bytes at M */
    for (uint32_t r = 0; r < 7; r++)
        for (uint32_t k = 0; k < 7; k++) {
            bool dark = finder[r] >> (6 - k) & 1;
            CHECK(q->dark[r * q->size + k] == dark && q->dark[r * q->size + q->size - 7 + k] == dark && q->dark[(q->size - 7 + r) * q->size + k] == dark);
        }
    memset(long_text, 'x', sizeof long_text);
    CHECK(qr_make((struct str){ long_text, QR_TEXT_MAX }, q, &e));
    CHECK(!qr_make((struct str){ long_text, QR_TEXT_MAX + 1 }, q, &e) && e.kind == ERR_USAGE);
    CHECK(!qr_make(STR_EMPTY, q, &e));
    free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_boxes), cmocka_unit_test(test_mended), cmocka_unit_test(test_refused), cmocka_unit_test(test_code) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
