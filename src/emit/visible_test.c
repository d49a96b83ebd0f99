#include "emit/visible.h"
#include "base/num.h"
#include "test.h"

static void characters(void **state)
{
    static const struct { const char *why; uint32_t cp; bool hidden; } t[] = {
        { "a letter", 'a', false },              { "a blank", ' ', false },
        { "new line", '\n', true },              { "delete", 0x7F, true },
        { "no-break space is seen", 0xA0, false }, { "soft hyphen is not", 0xAD, true },
        { "left-to-right mark", 0x200E, true },  { "isolate", 0x2066, true },
        { "line separator", 0x2028, true },      { "hyphen beside the marks", 0x2010, false },
        { "Hangul filler", 0x3164, true },       { "not a character", 0x1FFFE, true },
        { "the last plane's end", 0x10FFFF, true }, { "a pictograph", 0x1F600, false },
        { "variation selector", 0xFE0F, true },  { "variation selector 17", 0xE0100, true },
        { "the replacement character", 0xFFFD, false },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++)
        CHECK_WHY(visible_hidden(t[i].cp) == t[i].hidden, t[i].why);
}

static void columns(void **state)
{
    (void)state;
    CHECK(visible_columns(STR("abc")) == 3);
    CHECK(visible_columns(STR("\xC3\xA4")) == 1);
    CHECK(visible_columns(STR("\xE4\xB8\xAD")) == 2);
    CHECK(visible_columns(STR("\x1B")) == 4);
    CHECK(visible_columns(STR("\xFF")) == 4);
    CHECK(visible_columns(STR("\xE2\x80\xAE")) == 6);
    CHECK(visible_columns(STR_EMPTY) == 0);
}

/* Every step takes at least a byte, and what is spelled out is plain ASCII. */
static void all_two_byte_inputs(void **state)
{
    struct visible v;

    (void)state;
    for (unsigned i = 0; i < 65536; i++) {
        uint8_t    raw[2] = { (uint8_t)(i >> 8), (uint8_t)i };
        struct str s = test_heap(raw, 2), r = s;

        for (; visible_step(r, &v); r = str_from(r, v.take)) {
            CHECK(v.take >= 1 && v.take <= r.n && v.columns >= 1);
            CHECK(v.as_is == (v.text[0] == '\0'));
            CHECK(v.as_is || v.columns == strlen(v.text));
        }
        test_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters),
        cmocka_unit_test(columns),
        cmocka_unit_test(all_two_byte_inputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
