#include "test.h"

#include "base/num.h"
#include "shape_text.h"
#include "webshell/settings.h"

static void test_list(void **state)
{
    char            text[4096];
    size_t          n = shape_settings(text, sizeof text, "http://f/");
    struct str      in = test_heap(text, n);
    struct settings s;

    (void)state;
    CHECK(settings_read(&s, in));
    CHECK_STR(s.value[SET_EXTERNAL_URL], STR("http://f/"));
    CHECK_STR(s.value[SET_SERVER], STR("EXCH01"));
    CHECK_STR(s.value[SET_CHANGED_UTC], STR("3/3/2021 6:59:20 AM"));
    CHECK(s.known >= 14 && strcmp(settings_key_name(SET_EXTERNAL_URL), "ExternalUrl") == 0);
    test_free(in);
}

/* A value may go on in the next line; a list that is not Exchange's is none. */
static void test_edges(void **state)
{
    static const char wrapped[] = "OfflineAddressBooks : a\nServer : s\nAdminDisplayVersion : v\nName : n\nPath : p\nExternalUrl : one\n                      two\nGuid : g\n";
    struct settings s;
    struct str      in = test_heap(wrapped, sizeof wrapped - 1);

    (void)state;
    CHECK(settings_read(&s, in));
    CHECK(str_starts(s.value[SET_EXTERNAL_URL], STR("one")) && str_ends(s.value[SET_EXTERNAL_URL], STR("two")));
    test_free(in);
    CHECK(!settings_read(&s, STR("")));
    CHECK(!settings_read(&s, STR("Name : a\nServer : b\nPath : c\nGuid : d\nIsValid : e\nObjectClass : f\n")));
    CHECK(!settings_read(&s, STR("ExternalUrl : x\nOfflineAddressBooks : y\n")));
    struct str huge = { (const uint8_t *)wrapped, SETTINGS_BYTES_MAX + 1 };
    CHECK(!settings_read(&s, huge));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_list), cmocka_unit_test(test_edges) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
