#include "test.h"

#include "detect/filetimes.h"

#define DAY (INT64_C(18689) * TIME_DAY)

static void found(void **state)
{
    struct test_arena a = test_arena(1 << 16);
    struct filetimes  t = { 0 };

    (void)state;
    struct filetime *x = filetimes_add(&t, &a.a, STR("C:\\b.aspx"));
    x->in_mft = x->deleted = true, x->born_us = DAY;
    x = filetimes_add(&t, &a.a, STR("C:\\B.aspx"));
    x->in_mft = true, x->born_us = DAY - 5;
    filetimes_add(&t, &a.a, STR("C:\\a.aspx"));
    filetimes_sort(&t);
    CHECK(filetimes_find(&t, STR("c:\\B.ASPX"))->born_us == DAY - 5);      /* the one that is there, before a younger one that is not */
    CHECK(filetimes_find(&t, STR("C:\\A.aspx")) && !filetimes_find(&t, STR("C:\\c.aspx")) && !filetimes_find(NULL, STR("C:\\a.aspx")));
    test_arena_free(&a);
}

static void set_back(void **state)
{
    struct filetime x = { .si_created_us = DAY - 9 * TIME_DAY, .born_us = DAY, .usn_created_us = TIME_NONE, .usn_stamped_us = TIME_NONE };

    (void)state;
    CHECK(!filetime_set_back(&x));                       /* a copy of an older file */
    x.whole_seconds = true;
    CHECK(filetime_set_back(&x));
    x.crowd = true;
    CHECK(!filetime_set_back(&x));                       /* an installation */
    x.crowd = x.whole_seconds = false, x.usn_stamped_us = DAY + TIME_MINUTE;
    CHECK(filetime_set_back(&x));
    x.usn_created_us = DAY - 8 * TIME_DAY;
    CHECK(filetime_came_us(&x) == DAY - 8 * TIME_DAY);
    x.si_created_us = DAY;
    CHECK(!filetime_set_back(&x));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(found), cmocka_unit_test(set_back) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
