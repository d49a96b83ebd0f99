#include "test.h"

#include "base/num.h"
#include "survey/probe_journal.h"

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char whole[] =
    "run 100 77 " HASH " 5\nask 101 192.0.2.1\ngot 102 192.0.2.1 0 2 0\nname 3\nask 103 2001:db8::1\nend 104\n"
    "run 200 78 " HASH " 6\nask 201 192.0.2.2\nask 202 192.0.2.1\ngot 203 192.0.2.1 0 1 999\nname 4\nname 1\nask 205 192.0.";

static void check(const struct probe_journal *j)
{
    uint8_t                   ip[16];
    const struct probe_asked *x;

    CHECK(j->any && !j->ended && j->began_us == 200 && j->seed == 78 && j->targets == 6 && j->hash[1] == 0x11);
    CHECK(j->name_n == 2 && j->name[0] == 4 && j->name[1] == 1);
    CHECK(j->last_ask_us == 202 && j->book.n == 3 && probe_journal_torn(j) == 14);
    CHECK(net_ip_parse(STR("192.0.2.1"), ip) && (x = probe_book_find(&j->book, ip)) && x->at_us == 203 && x->until_us == 999 && x->end == 0);
    CHECK(net_ip_parse(STR("192.0.2.2"), ip) && (x = probe_book_find(&j->book, ip)) && x->at_us == 201 && x->until_us == 0 && x->end == JOURNAL_UNKNOWN);
    CHECK(net_ip_parse(STR("2001:db8::1"), ip) && probe_book_find(&j->book, ip));
    CHECK(net_ip_parse(STR("192.0.0.0"), ip) && !probe_book_find(&j->book, ip));
}

static void reads(void **state)
{
    (void)state;
    for (size_t step = 1; step <= sizeof whole; step += step == 1 ? 6 : 50) {
        struct test_arena    t = test_arena(1 << 18);
        struct probe_journal j;
        struct err           e = { 0 };
        probe_journal_begin(&j, &t.a);
        for (size_t at = 0; at < sizeof whole - 1; at += step) {
            size_t     left = sizeof whole - 1 - at;
            struct str piece = test_heap(whole + at, left < step ? left : step);
            CHECK(probe_journal_feed(&j, piece, &e));
            test_free(piece);
        }
        check(&j);
        test_arena_free(&t);
    }
}

static void refuses(void **state)
{
    (void)state;
    static const struct { const char *in; bool ok; } at[] = {
        { "", true }, { "ask 1 192.0.2.1\n", true }, { "ask 1 192.0.2.1", true }, { "ask 1 192.0.2\n", false }, { "ask x 192.0.2.1\n", false }, { "ask -1 192.0.2.1\n", false },
        { "ask 99999999999999999999 192.0.2.1\n", false }, { "\n", false }, { "hello\n", false }, { "got 1 192.0.2.1 0\n", false }, { "got 1 192.0.2.1 0 1 0 0\n", false },
        { "got 1 192.0.2.1 255 0 0\n", false }, { "got 1 192.0.2.1 99 0 0\n", true }, { "name 4294967295\n", false }, { "name\n", false }, { "run 1 2 33 4\n", false }, { "run 1 2 " HASH " 4\n", true }, { "run 1 2 " HASH "00 4\n", false }, { "end\n", false },
        { "end 1\n", true }, { "ask 1 192.0.2.1\r\n", false },
    };

    for (size_t i = 0; i < COUNT_OF(at); i++) {
        struct test_arena    t = test_arena(1 << 18);
        struct probe_journal j;
        struct err           e = { 0 };
        struct str           in = test_heap(at[i].in, strlen(at[i].in));
        probe_journal_begin(&j, &t.a);
        CHECK_WHY(probe_journal_feed(&j, in, &e) == at[i].ok, at[i].in);
        CHECK_WHY(at[i].ok || e.kind == ERR_FORMAT, at[i].in);
        test_free(in);
        test_arena_free(&t);
    }
}

static void round_trip(void **state)
{
    (void)state;
    struct test_arena    t = test_arena(16 << 20);
    struct probe_journal j;
    struct err           e = { 0 };
    char                 text[JOURNAL_LINE_MAX];
    uint8_t              ip[16], hash[HASH_SHA256_BYTES] = { 1, 2, 3 };

    probe_journal_begin(&j, &t.a);
#define FEED(call) do { size_t n_ = (call); CHECK(n_ && text[n_ - 1] == '\n' && probe_journal_feed(&j, (struct str){ (const uint8_t *)text, n_ }, &e)); } while (0)
    FEED(probe_journal_run(text, INT64_MAX, UINT64_MAX, hash, 1 << 24));
    CHECK(j.seed == UINT64_MAX && memcmp(j.hash, hash, sizeof hash) == 0);
    for (uint32_t i = 0; i < 5000; i++) {
        memset(ip, 0, sizeof ip);
        memcpy(ip + 4, &i, sizeof i);
        FEED(probe_journal_ask(text, 1000 + i, ip));
        if (i % 2)
            FEED(probe_journal_got(text, 2000 + i, ip, 3, 2, 77));
    }
    FEED(probe_journal_name(text, 12));
    FEED(probe_journal_end(text, 5));
    CHECK(j.book.n == 5000 && j.ended && j.name_n == 1);
    const struct probe_asked *x = probe_book_find(&j.book, ip);
    CHECK(x && x->at_us == 2000 + 4999 && x->until_us == 77);
    test_arena_free(&t);
}

static bool work(struct arena *a, struct err *e)
{
    struct probe_journal j;

    probe_journal_begin(&j, a);
    return probe_journal_feed(&j, str_c(whole), e);
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(work, 1 << 18);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(reads), cmocka_unit_test(refuses), cmocka_unit_test(round_trip), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
