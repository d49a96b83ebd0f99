#include "test.h"

#include "evidence/family.h"

static void test_table_is_whole(void **state)
{
    (void)state;
    for (int i = 0; i < FAM_COUNT; i++) {
        const struct family_info *f = &family_table[i];
        CHECK(f->name && f->title && f->where && f->how_to_get && f->title[0]);
        for (const char *c = f->name; *c; c++)
            CHECK_WHY((*c >= 'a' && *c <= 'z') || *c == '_', f->name);
        for (int k = 0; k < i; k++)
            CHECK_WHY(strcmp(f->name, family_table[k].name) != 0, f->name);
        /* What is a text log has a reader and a Sigma service, and is examined. */
        CHECK_WHY((f->log != NULL) == (f->service != NULL), f->name);
        CHECK_WHY(!f->log || f->examined, f->name);
        if (i != FAM_NONE) {
            CHECK_WHY(f->where[0] && f->how_to_get[0], f->name);
            CHECK_WHY(f->examined, f->name);
        }
    }
}

static void test_by_hand(void **state)
{
    struct str words, command = family_by_hand(STR("Run `x`; or by hand: robocopy a b"), &words);

    (void)state;
    CHECK_STR(command, STR("robocopy a b"));
    CHECK_STR(words, STR("Run `x`; or by hand: "));
    CHECK_STR(family_by_hand(STR("Take a disk image."), &words), STR("Take a disk image."));
    CHECK(words.n == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_table_is_whole), cmocka_unit_test(test_by_hand) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
