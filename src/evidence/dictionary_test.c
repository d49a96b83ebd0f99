/* What unpacking will take, as headers state it: small archives made by 7-Zip 16.02 and xz 5.4, with the statement bent. */
#include "test.h"

#include "base/num.h"
#include "evidence/dictionary.h"
#include "os/mem.h"

#define MIB (UINT64_C(1) << 20)

/* The list alone, plain, as `7z a -mhc=off` writes it; it stands right behind the head. */
#define BEFORE "01 04 06 00 01 09 3c 00 07 0b 01 00 01 "
#define BEHIND " 0c 38 00 08 0a 01 90 e5 0e 33 00 00 05 01 19 0c 000000000000000000000000 11 1f 00 75005f0065007800320031003000330030" \
               "0031002e006c006f0067000000 19 04 00000000 14 0a 01 00 73cc044fc07add01 15 06 01 00 2080a481 00 00"
/* A list that is packed: 31 names. */
#define ENCODED "377abcaf271c00049141efc26f010000000000002200000000000000e581091500310302bbad9ba36052a1bc22a000051f98ef87a0993772b97566a59ff8468216ececc79a2fa4e0ecdfa6" \
    "995b96cd91b360cfcb05090000813307ae0fd15ba324a090a077b0fefafd51e7bd19d4d44901f210f5436306f4b3c938d7f7ed8ff3b1415994062c141311e0520d229401db72c4451c144f" \
    "1a5a510977becbcb43b33c6a6da3e1cc8679517ba0f4e951b3f9803aa6d8d4cfba2d6f8e1841daf1d8f8a1c17c90f24f989c57252cb36668f9000638c8f8303a9b44c4bdb7e5e70c40697d" \
    "031eef85a502daa2867c773bc20219f5e0ef7c9b28b47c8e63f164c2f873389df4c3c217465cc0c12ef493cfd8ce4e6a8bbed4cb0ae9e2dfed56e303603f72ebe1fb14c995daceaa06be97" \
    "28fa713c3bddd8ea439a56b77e286dab1a2ed41c5c8d0ae800f142d0a72a928584a1e3697442a10e6259c058ff25c765ae9379b666e3501f41be0c477a6d54d121c1fb7632bb11270ec0cb" \
    "a131a65d014452aef8f0cbb2347104b4d1580145500000001706360109813900070b01000123030101055d001000000c872a0a01e271cf190000"

static size_t unhex(const char *text, uint8_t *ret)
{
    size_t n = 0, half = 0;

    for (const char *p = text; *p; p++) {
        if (*p == ' ')
            continue;
        uint8_t v = (uint8_t)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
        ret[n] = (uint8_t)(half ? ret[n] << 4 | v : v);
        n += half;
        half ^= 1;
    }
    return n;
}

static struct str seven(const char *list, uint8_t room[4096])
{
    static const uint8_t magic[8] = { '7', 'z', 0xbc, 0xaf, 0x27, 0x1c, 0, 4 };
    size_t n = unhex(list, room + 32);

    memset(room, 0, 32);
    memcpy(room, magic, sizeof magic);
    room[20] = (uint8_t)n;
    room[21] = (uint8_t)(n >> 8);
    return (struct str){ room, n + 32 };
}

static bool ask(struct str bytes, uint64_t limit, uint64_t *ret, struct err *e)
{
    struct test_arena t = test_arena(1 << 20);
    struct os_mem    *m = os_mem_open(&t.a, 1000);
    struct str        heap = test_heap(bytes.p, bytes.n);
    struct reach      r = { .size_bytes = bytes.n, .limits = ev_limits_default(), .file = OS_FILE_NONE };
    uint64_t          size;

    r.limits.dictionary = limit;
    os_mem_add(m, "/e/x", heap);
    r.from.os = &m->os;
    CHECK(m->os.open(&m->os, STR("/e"), STR("x"), &r.file, &size, e));
    bool ok = dictionary_of_seven(&r, ret, e);
    m->os.close(&m->os, &r.file);
    test_free(heap);
    test_arena_free(&t);
    return ok;
}

static void test_seven(void **state)
{
    static const struct { const char *list, *why; uint64_t want; } c[] = {
        { BEFORE "21 21 01 00" BEHIND,                              "LZMA2 of 4 KiB",                      4096             },
        { BEFORE "21 21 01 20" BEHIND,                              "LZMA2 of 256 MiB",                    256 * MIB        },
        { BEFORE "21 21 01 25" BEHIND,                              "LZMA2 of 1.5 GiB",                    1536 * MIB       },
        { BEFORE "21 21 01 28" BEHIND,                              "LZMA2 of all there is",               UINT32_MAX       },
        { BEFORE "21 21 01 29" BEHIND,                              "LZMA2 beyond its scale: damaged",     0                },
        { BEFORE "23 03 01 01 05 5d 00 00 00 60" BEHIND,            "LZMA",                                1536 * MIB       },
        { BEFORE "23 03 04 01 05 06 00 00 00 c0" BEHIND,            "PPMd",                                3072 * MIB       },
        { BEFORE "01 00" BEHIND,                                    "stored",                              0                },
        { "01 02 05 03 616263 00 04 06 00 01 09 3c 00 07 0b 01 00 01 21 21 01 25" BEHIND, "properties of the archive come first", 1536 * MIB },
        { "01 04 06 00 02 09 3c 3c 0a 00 80 01020304 00 07 0b 02 00 01 21 21 01 20 01 21 21 01 25 0c 38 38", "the second of two folders; a checksum for one stream only", 1536 * MIB },
        { "01 04 06 00 04 09 01 02 03 04 00 07 0b 01 00 04 21 21 01 18 21 21 01 1a 21 21 01 1c 14 0303011b 04 01 05 00 00 01 02 02 00 06 01 03 02", "the four coders of code for x86", 64 * MIB },
        { "01 04 07 0b 01 00 01 21 21 01 25 0c 38",                 "no pack streams are listed",          1536 * MIB       },
        { "01 04 06 00 01 09 3c 00 07 0b 01 00 21",                 "breaks off: the library judges it",   0                },
        { "01 04 06 00 ff ffffffffffffffff 09 01 02",               "as many streams as a number holds",   0                },
        { "01 04 06 00 01 09 3c 00 07 0b ff ffffffffffffffff 00",   "as many folders",                     0                },
        { "01 04 06 00 01 09 3c 00 07 0b 01 00 ff ffffffffffffffff","as many coders",                      0                },
        { "00",                                                     "an empty archive",                    0                },
        { "",                                                       "no list at all",                      0                },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        uint8_t    room[4096];
        uint64_t   got = 1;
        struct err e = { 0 };
        CHECK_WHY(ask(seven(c[i].list, room), UINT64_C(1) << 40, &got, &e), c[i].why);
        CHECK_WHY(got == c[i].want || (c[i].want == 0 && got < 4096), c[i].why);      /* the list is what there is */
    }
}

/* Cut anywhere, bent anywhere: an answer, and never more of the list than there is. */
static void test_bent(void **state)
{
    uint8_t  room[4096];
    struct str s = seven(BEFORE "21 21 01 25" BEHIND, room);

    (void)state;
    for (size_t i = 0; i < s.n; i++) {
        struct err e = { 0 };
        uint64_t   got;
        CHECK(ask(str_sub(s, 0, i), UINT64_C(1) << 40, &got, &e));
        uint8_t was = room[i];
        room[i] ^= 0xff;
        CHECK(ask(s, UINT64_C(1) << 40, &got, &e) || e.kind == ERR_LIMIT);
        room[i] = was;
    }
}

static void test_packed_list(void **state)
{
    uint8_t    all[4096];
    size_t     n = unhex(ENCODED, all);
    struct err e = { 0 };
    uint64_t   got = 0;

    (void)state;
    CHECK(ask((struct str){ all, n }, 256 * MIB, &got, &e) && got == 64 << 10);              /* PPMd, as the packed list says */
    /* The list itself, by its packed form's head: LZMA, whose dictionary is the four bytes before "0c". */
    uint8_t *props = NULL;
    for (size_t i = n - 1; i > 8 && !props; i--)
        if (memcmp(all + i - 8, "\x23\x03\x01\x01\x05\x5d", 6) == 0)
            props = all + i - 8 + 6;
    assert_non_null(props);
    memcpy(props, "\0\0\0\x60", 4);
    CHECK(!ask((struct str){ all, n }, 256 * MIB, &got, &e) && e.kind == ERR_LIMIT && strstr(e.what, "1536 MiB") && strstr(e.hint, "dictionary"));
    e = (struct err){ 0 };
    CHECK(ask((struct str){ all, n }, UINT64_C(1) << 40, &got, &e) && got == 1536 * MIB);
}

static void test_xz_and_lzma(void **state)
{
    static const struct { const char *head, *why; uint64_t want; } c[] = {
        { "fd377a585a00 0004 e6d6b446 02 00 21 01 08 000000 d80f2313", "64 KiB",                  64 << 10 },
        { "fd377a585a00 0004 e6d6b446 02 00 21 01 08 000000 d80f2314", "its checksum is wrong",   0        },
        { "fd377a585a00 0004 e6d6b446 00",                             "no block",                0        },
        { "fd377a585a00 0004 e6d6b446 02 00 21 01",                    "breaks off",              0        },
        { "fd377a585a00 0004 e6d6b446 02 00 21 01 25 000000 3b787b41",     "1.5 GiB",                 1536 * MIB },
    };
    uint8_t room[256];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct str heap = test_heap(room, unhex(c[i].head, room));
        CHECK_WHY(dictionary_of_xz(heap) == c[i].want, c[i].why);
        test_free(heap);
    }
    assert_int_equal(dictionary_of_zip_lzma(STR("\x10\x02\x05\0\x5d\0\0\0\x60")), 1536 * MIB);
    assert_int_equal(dictionary_of_zip_lzma(STR("\x10\x02\x05\0\x5d\0\0\0")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_seven), cmocka_unit_test(test_bent), cmocka_unit_test(test_packed_list), cmocka_unit_test(test_xz_and_lzma) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
