#include "test.h"

#include "survey/record_keys.h"

struct world { struct key k; struct keys *c; };

static void set(struct key *k, enum key_kind kind, const char *a, const char *b)
{
    key_begin(k, kind);
    key_str(k, str_c(a));
    key_str(k, str_c(b));
}

static void what_it_says_is_its_number(void **state)
{
    struct world *w = *state;
    int64_t a, b;

    set(&w->k, KEY_NODE, "ex01", "example");
    CHECK(!keys_find(w->c, &w->k, &a) && a > 0);
    CHECK(keys_find(w->c, &w->k, &b) && a == b && keys_id(w->c, &w->k) == a);
    set(&w->k, KEY_NODE, "ex0", "1example");              /* lengths count: the border between fields is part of what is said */
    CHECK(!keys_find(w->c, &w->k, &b) && a != b);
    set(&w->k, KEY_STATE, "ex01", "example");
    CHECK(!keys_find(w->c, &w->k, &b) && a != b);
    set(&w->k, KEY_NODE, "ex01", "example");
    CHECK(keys_find(w->c, &w->k, &b) && a == b);
}

static void forgets_when_full(void **state)
{
    struct world *w = *state;
    size_t known = 0;
    int64_t first, id;

    key_begin(&w->k, KEY_NODE);
    CHECK(!keys_find(w->c, &w->k, &first));
    for (uint64_t i = 0; i < 100000; i++) {
        key_begin(&w->k, KEY_STATE);
        key_u64(&w->k, i);
        known += keys_find(w->c, &w->k, &id);
    }
    CHECK(known == 0);
    key_begin(&w->k, KEY_NODE);
    keys_find(w->c, &w->k, &id);
    CHECK(id == first);                                    /* whatever was forgotten, the number stays */
}

static void long_words_are_cut(void **state)
{
    struct world *w = *state;
    char text[KEY_WORD_MAX + 2];
    int64_t a, b;

    memset(text, 'x', sizeof text);
    key_begin(&w->k, KEY_WORD);
    key_str(&w->k, (struct str){ (uint8_t *)text, KEY_WORD_MAX });
    CHECK(!keys_find(w->c, &w->k, &a));
    key_begin(&w->k, KEY_WORD);
    key_str(&w->k, (struct str){ (uint8_t *)text, KEY_WORD_MAX + 1 });
    CHECK(keys_find(w->c, &w->k, &b) && a == b && !w->k.cut);
    for (size_t i = 0; i < KEY_MAX / KEY_WORD_MAX + 1; i++)
        key_str(&w->k, (struct str){ (uint8_t *)text, KEY_WORD_MAX });
    CHECK(w->k.cut && w->k.n <= KEY_MAX);
    for (size_t i = 0; i < 2000; i++)
        key_u64(&w->k, UINT64_MAX);
    CHECK(w->k.n <= KEY_MAX);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct err e = { 0 };

    *state = w;
    w->k.p = malloc(KEY_MAX);
    return keys_open(&w->c, 1 << 16, &e) ? 0 : -1;
}

static int teardown(void **state)
{
    struct world *w = *state;

    keys_close(w->c);
    keys_close(NULL);
    free(w->k.p);
    free(w);
    return 0;
}

int main(void)
{
    const struct CMUnitTest t[] = {
        cmocka_unit_test_setup_teardown(what_it_says_is_its_number, setup, teardown),
        cmocka_unit_test_setup_teardown(forgets_when_full, setup, teardown),
        cmocka_unit_test_setup_teardown(long_words_are_cut, setup, teardown),
    };
    return cmocka_run_group_tests(t, NULL, NULL);
}
