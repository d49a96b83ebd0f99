#include "test.h"

#include "base/num.h"
#include "detect/files.h"

static void places(void **state)
{
    struct ev v = { .install_n = 2, .served_n = 3 };
    static const struct { const char *path, *rest; enum baseline_root root; } c[] = {
        { "D:\\Exch\\V15\\ClientAccess\\ecp\\x.aspx", "ClientAccess\\ecp\\x.aspx", BASELINE_INSTALL },
        { "d:\\exch\\v15\\Bin\\x.aspx", "Bin\\x.aspx", BASELINE_INSTALL },
        { "D:\\Media\\Setup\\ServerRoles\\ClientAccess\\x.aspx", "ClientAccess\\x.aspx", BASELINE_INSTALL },
        { "?:\\case\\FrontEnd\\HttpProxy\\owa\\auth\\x.aspx", "FrontEnd\\HttpProxy\\owa\\auth\\x.aspx", BASELINE_INSTALL },
        { "C:\\inetpub\\wwwroot\\a\\x.aspx", "a\\x.aspx", BASELINE_WEB },
        { "C:\\inetpub\\x.aspx", NULL, BASELINE_WEB },
        { "E:\\shop\\x.aspx", NULL, BASELINE_WEB },
        { "D:\\Exch\\V15", NULL, BASELINE_WEB },
    };

    (void)state;
    v.install[0].path = STR("D:\\Exch\\V15");
    v.install[1].path = STR("D:\\Media\\Setup\\ServerRoles");
    v.served[0] = (struct ev_root){ .path = STR("C:\\inetpub\\wwwroot"), .url = STR("/") };
    v.served[1] = (struct ev_root){ .path = STR("E:\\shop"), .url = STR("/shop") };
    v.served[2] = (struct ev_root){ .path = STR("D:\\Exch\\V15\\ClientAccess\\ecp"), .url = STR("/ecp"), .product = true };
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        enum baseline_root root;
        struct str         rest;
        bool               is = files_baseline_place(&v, str_c(c[i].path), &root, &rest);
        CHECK_WHY(is == (c[i].rest != NULL), c[i].path);
        CHECK_WHY(!is || (root == c[i].root && str_eq(rest, str_c(c[i].rest))), c[i].path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(places) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
