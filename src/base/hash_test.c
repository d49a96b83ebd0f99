#include "test.h"
#include "base/hash.h"
#include "base/num.h"

/* Source: FIPS 180-4 and RFC 1321 test values of "" and "abc". */
static const struct { enum hash_kind kind; size_t n; const char *in, *want; } table[] = {
    { HASH_SHA256, HASH_SHA256_BYTES, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { HASH_SHA256, HASH_SHA256_BYTES, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { HASH_SHA1, HASH_SHA1_BYTES, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
    { HASH_MD5, HASH_MD5_BYTES, "abc", "900150983cd24fb0d6963f7d28e17f72" },
    { HASH_MD5, HASH_MD5_BYTES, "", "d41d8cd98f00b204e9800998ecf8427e" },
};

static void gives_published_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct hash *h = hash_open(table[i].kind);
        struct str   in = test_heap(table[i].in, strlen(table[i].in));
        uint8_t      sum[HASH_MAX];
        char         text[2 * HASH_MAX + 1];

        CHECK(h != NULL);
        for (int again = 0; again < 3; again++) {       /* done starts anew; whole, then in pieces */
            if (again < 2)
                hash_push(h, in);
            for (size_t k = 0; again == 2 && k < in.n; k++)
                hash_push(h, str_sub(in, k, k + 1));
            hash_done(h, sum);
            num_tohex(sum, table[i].n, text);
            assert_string_equal(text, table[i].want);
        }
        if (table[i].kind == HASH_SHA256) {
            uint8_t one[HASH_SHA256_BYTES];
            CHECK(hash_sha256(in, one) && memcmp(one, sum, sizeof one) == 0);
        }
        hash_close(h);
        test_free(in);
    }
    hash_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(gives_published_values) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
