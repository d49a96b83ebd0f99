#include "test.h"

#include "base/num.h"
#include "base/search.h"

enum { HITS = 200000 };
struct hits { struct { uint32_t id; size_t end; } at[HITS]; size_t n, stop; };

static bool keep(void *ctx, uint32_t id, size_t end)
{
    struct hits *h = ctx;
    if (h->n < HITS) {
        h->at[h->n].id  = id;
        h->at[h->n].end = end;
    }
    h->n++;
    return h->stop == 0 || h->n < h->stop;
}

/* Every distinct (text, id) at every end, in the promised order, found in the dullest way. */
static void naive(const struct search_lit *lit, size_t n, struct str in, struct hits *h)
{
    for (size_t end = 1; end <= in.n; end++) {
        size_t first = h->n;
        for (size_t i = 0; i < n; i++) {
            if (lit[i].s.n > end || !str_ieq(str_sub(in, end - lit[i].s.n, end), lit[i].s))
                continue;
            bool twice = false;
            for (size_t k = 0; k < i; k++)
                twice |= lit[k].id == lit[i].id && str_ieq(lit[k].s, lit[i].s);
            if (twice)
                continue;
            size_t k = h->n;
            for (; k > first && h->at[k - 1].id > lit[i].id; k--)
                h->at[k] = h->at[k - 1];
            h->at[k].id  = lit[i].id;
            h->at[k].end = end;
            h->n++;
        }
    }
}

typedef bool engine(const struct search *s, struct str in, search_hit *on_hit, void *ctx);
static engine *const engines[] = { search_scan, search_scan_own, search_scan_portable };

static void compare(const struct search_lit *lit, size_t n, struct str in, const char *why)
{
    struct test_arena    t    = test_arena(4 << 20);
    struct hits         *want = calloc(1, sizeof *want), *got = calloc(1, sizeof *got);
    const struct search *s;
    struct err           e = { 0 };

    CHECK_WHY(search_build(&s, &t.a, lit, n, &e), why);
    naive(lit, n, in, want);
    for (size_t k = 0; k < COUNT_OF(engines); k++) {
        got->n = 0;
        CHECK_WHY(engines[k](s, in, keep, got), why);
        CHECK_WHY(got->n == want->n && got->n <= HITS, why);
        for (size_t i = 0; i < got->n; i++)
            CHECK_WHY(got->at[i].id == want->at[i].id && got->at[i].end == want->at[i].end, why);
    }
    free(want);
    free(got);
    test_arena_free(&t);
}

static void cases(void **state)
{
    static const struct { const char *why, *lits, *in; } c[] = {
        { "nothing to find", "discover.aspx", "GET /owa/auth/logon.aspx" },
        { "whole input is the literal", "discover.aspx", "discover.aspx" },
        { "case of letters does not count", "DiScover.ASPX", "dIsCOVER.aspX" },
        { "only letters fold: @ and ` differ, [ and { differ", "abc@efgh|abc[efgh", "abc`efgh abc{efgh ABC@EFGH abc[efgh" },
        { "one byte short of the end", "discover.aspx", "xdiscover.asp" },
        { "literals of one, two, three, four bytes", "a|bc|def|ghij", "abcdefghijaABCDEFGHIJ" },
        { "suffixes of each other, told by id", "discover.aspx|.aspx|aspx|x", "/discover.aspx /x.aspx" },
        { "overlapping occurrences", "aaaa|aaaaaaaa|aa", "aaaaaaaaaaaaa" },
        { "same text, several ids", "setobject|SetObject|setobject", "xSetObjectx" },
        { "prefixes of each other", "abcdefgh|abcdefghi|abcdefg|abcd", "zabcdefghi" },
        { "middle and long together", "page|longer-than-that", "a page longer-than-that page" },
        { "empty input", "x", "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct search_lit lit[8];
        size_t            n = 0;
        struct str        rest = str_c(c[i].lits), one;
        while (str_cut(&rest, '|', &one)) {
            lit[n] = (struct search_lit){ one, (uint32_t)(100 - n) };
            n++;
        }
        struct str in = test_heap(c[i].in, strlen(c[i].in));
        compare(lit, n, in, c[i].why);
        test_free(in);
    }
}

static uint32_t next(uint32_t *x) { return *x = *x * 1664525u + 1013904223u, *x >> 8; }

/* Small alphabets make overlaps, suffixes and false grams common; lengths reach every group and stride. */
static void random_input(void **state)
{
    uint32_t x = 7;

    (void)state;
    for (int round = 0; round < 150; round++) {
        static const char letters[] = "aAbB@`/.xyz019";
        size_t            alphabet = 1 + next(&x) % (sizeof letters - 1), n = next(&x) % 24;
        size_t            len_min = 1 + next(&x) % 14, spread = 1 + next(&x) % 10;
        struct search_lit lit[24];
        struct str        keep_lit[24];
        for (size_t i = 0; i < n; i++) {
            uint8_t b[32];
            size_t  len = len_min + next(&x) % spread;
            for (size_t k = 0; k < len; k++)
                b[k] = (uint8_t)letters[next(&x) % alphabet];
            keep_lit[i] = test_heap(b, len);
            lit[i]      = (struct search_lit){ keep_lit[i], next(&x) % 20 };
        }
        size_t   size = next(&x) % 600;
        uint8_t *p = malloc(size + 1);
        for (size_t k = 0; k < size; k++)
            p[k] = (uint8_t)letters[next(&x) % alphabet];
        for (int k = 0; n && k < 6; k++) {           /* plant some whole */
            struct str s = keep_lit[next(&x) % n];
            if (s.n < size)
                memcpy(p + next(&x) % (size - s.n), s.p, s.n);
        }
        struct str in = test_heap(p, size);
        compare(lit, n, in, "random");
        test_free(in);
        free(p);
        for (size_t i = 0; i < n; i++)
            test_free(keep_lit[i]);
    }
}

/* Occurrences across the inner blocks, and the longest literal of all. */
static void block_edges(void **state)
{
    static uint8_t big[110000], longest[SEARCH_LIT_MAX];

    (void)state;
    memset(longest, 'q', sizeof longest);
    memset(longest + 500, 'w', 24);
    struct search_lit lit[] = {
        { STR("needle-of-some-length"), 1 }, { STR("length"), 2 }, { { longest, sizeof longest }, 3 }, { STR("gth"), 4 },
        { { longest + 490, 40 }, 5 }, { { longest + 600, sizeof longest - 600 }, 6 },
    };
    for (size_t shift = 0; shift < 26; shift++) {
        memset(big, '.', sizeof big);
        memcpy(big + 32768 - shift, lit[0].s.p, lit[0].s.n);
        memcpy(big + 65536 - shift * 41, longest, sizeof longest);
        memcpy(big + 98304 - shift, lit[0].s.p, lit[0].s.n);
        memcpy(big + sizeof big - 21, lit[0].s.p, lit[0].s.n);
        struct str in = test_heap(big, sizeof big - shift % 3);
        compare(lit, COUNT_OF(lit), in, "edges of blocks");
        test_free(in);
    }
}

/* Chains of a thousand tails, each told in order of id. */
static void long_chain(void **state)
{
    static uint8_t           a[SEARCH_LIT_MAX];
    static struct search_lit lit[SEARCH_LIT_MAX];

    (void)state;
    memset(a, 'a', sizeof a);
    for (size_t i = 0; i < SEARCH_LIT_MAX; i++)
        lit[i] = (struct search_lit){ { a, i + 1 }, (uint32_t)(i * 7919 % 1024) };
    compare(lit, 200, (struct str){ a, 300 }, "chain of 200");

    struct test_arena    t = test_arena(4 << 20);
    struct hits         *got = calloc(1, sizeof *got);
    const struct search *s;
    struct err           e = { 0 };
    CHECK(search_build(&s, &t.a, lit, SEARCH_LIT_MAX, &e));
    got->stop = HITS;
    search_scan(s, (struct str){ a, sizeof a }, keep, got);
    for (size_t i = 1; i < got->n; i++)
        CHECK(got->at[i - 1].end < got->at[i].end || (got->at[i - 1].end == got->at[i].end && got->at[i - 1].id <= got->at[i].id));
    free(got);
    test_arena_free(&t);
}

static void stops(void **state)
{
    struct test_arena    t = test_arena(1 << 20);
    const struct search *s;
    struct err           e = { 0 };
    struct search_lit    lit[] = { { STR("word"), 1 }, { STR("rd"), 2 } };
    struct hits         *h = calloc(1, sizeof *h);

    (void)state;
    CHECK(search_build(&s, &t.a, lit, 2, &e));
    for (size_t k = 0; k < COUNT_OF(engines); k++)
        for (int again = 0; again < 100; again++) {      /* a scan that is ended leaves nothing taken */
            h->n    = 0;
            h->stop = 1;
            CHECK(!engines[k](s, STR("a word and a word"), keep, h));
            CHECK(h->n == 1);
        }
    free(h);
    test_arena_free(&t);
}

static void bounds(void **state)
{
    static uint8_t       big[SEARCH_LIT_MAX + 1];
    struct test_arena    t = test_arena(1 << 20);
    const struct search *s = NULL;
    struct err           e = { 0 };

    (void)state;
    CHECK(!search_build(&s, &t.a, &(struct search_lit){ STR(""), 1 }, 1, &e) && e.kind == ERR_LIMIT);
    CHECK(!search_build(&s, &t.a, &(struct search_lit){ { big, sizeof big }, 1 }, 1, &e) && e.kind == ERR_LIMIT);
    CHECK(!search_build(&s, &t.a, NULL, SEARCH_LITS_MAX + 1, &e) && e.kind == ERR_LIMIT);
    CHECK(s == NULL);
    CHECK(search_build(&s, &t.a, NULL, 0, &e));
    CHECK(search_scan(s, STR("anything"), keep, NULL));
    test_arena_free(&t);
}

static bool build(struct arena *a, struct err *e)
{
    const struct search *s;
    struct search_lit    lit[] = { { STR("discover.aspx"), 1 }, { STR("page"), 2 }, { STR("ab"), 3 } };
    return search_build(&s, a, lit, COUNT_OF(lit), e);
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(build, 2 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases), cmocka_unit_test(random_input), cmocka_unit_test(block_edges), cmocka_unit_test(long_chain),
        cmocka_unit_test(stops), cmocka_unit_test(bounds), cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
