#include "report/uuid.h"
#include "test.h"

static void names(void **state)
{
    /* RFC 9562, appendix A.4: the namespace of DNS names. The others are STIX observables, checked with two other programs. */
    static const uint8_t dns[UUID_BYTES] = { 0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8 };
    static const struct { const uint8_t *space; struct str name; const char *want; } t[] = {
        { dns, STR_INIT("www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2" },
        { uuid_stix, STR_INIT("{\"value\":\"198.51.100.23\"}"), "cec0294c-86c8-52cc-8448-ba43593736df" },
        { uuid_stix, STR_INIT("{\"path\":\"C:\\\\inetpub\\\\wwwroot\\\\aspnet_client\"}"), "6778a97b-9042-5151-a660-75d33756bfda" },
    };
    uint8_t    u[UUID_BYTES];
    char       text[UUID_TEXT];
    struct err e = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        CHECK(uuid5(t[i].space, t[i].name, u, &e));
        uuid_text(u, text);
        CHECK_STR(str_c(text), str_c(t[i].want));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(names) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
