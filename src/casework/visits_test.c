#include "test.h"

#include "base/num.h"
#include "casework/visits.h"

#define H(n) ((n) * TIME_HOUR)
enum { MOST = 8 };
static const uint32_t few[] = { 1, 2 }, more[] = { 1, 2, 3, 4 }, other[] = { 7, 8 };
#define FEW few, 2
#define MORE more, 4
#define OTHER other, 2
#define NONE NULL, 0

struct row { int64_t file; uint32_t session; int64_t first_us; const uint32_t *feature; uint32_t feature_n; };

static void cases(void **state)
{
    static const struct { struct row row[MOST]; uint32_t visits; const char *why; } t[] = {
        { { { 1, 1, H(5), FEW } }, 1, "one" },
        { { { 1, 1, H(5), FEW }, { 2, 1, H(5), MORE } }, 1, "two reports, the same beginning" },
        { { { 1, 1, H(5), FEW }, { 2, 1, H(5), OTHER } }, 1, "the same beginning, seen by what was left of it" },
        { { { 1, 1, H(5), FEW }, { 1, 2, H(5), FEW } }, 2, "one report tells two sessions apart" },
        { { { 1, 1, H(5), MORE }, { 2, 4, H(6), FEW } }, 1, "the later hunt had less of the log" },
        { { { 1, 1, H(5), FEW }, { 2, 4, H(6), MORE } }, 2, "more than the other saw, and later: perhaps another visit" },
        { { { 1, 1, H(5), MORE }, { 2, 4, H(30), FEW } }, 2, "a day later they came back" },
        { { { 1, 1, H(5), MORE }, { 1, 2, H(7), FEW }, { 2, 1, H(8), FEW } }, 2, "part of the session it followed, not of the one before" },
        { { { 1, 1, H(5), MORE }, { 1, 2, H(7), OTHER }, { 2, 1, H(8), FEW } }, 3, "the report that saw it all would have had it in its second session" },
        { { { 1, 1, H(5), MORE }, { 2, 1, TIME_NONE, FEW } }, 1, "no time, and nothing new" },
        { { { 1, 1, H(5), MORE }, { 2, 1, TIME_NONE, OTHER } }, 2, "no time, something else" },
        { { { 1, 1, H(5), MORE }, { 2, 1, TIME_NONE, NONE } }, 2, "nothing is known of it" },
        { { { 1, 1, TIME_NONE, FEW }, { 2, 1, TIME_NONE, FEW }, { 3, 1, TIME_NONE, MORE } }, 1, "three reports, no times" },
        { { { 1, 1, H(5), FEW }, { 1, 2, H(5), OTHER }, { 2, 1, H(5), OTHER }, { 2, 2, H(5), FEW } }, 2, "two that begin at one moment, told apart by what they show" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++)
        for (int backwards = 0; backwards < 2; backwards++) {
            struct test_arena    m = test_arena(1 << 14);
            struct visit_session s[MOST];
            struct err           e = { 0 };
            uint32_t             n = 0, visits = 0, stand = 0;
            while (n < MOST && t[i].row[n].file)
                n++;
            for (uint32_t k = 0; k < n; k++) {
                const struct row *r = &t[i].row[backwards ? n - 1 - k : k];
                s[k] = (struct visit_session){ r->file, r->session, r->first_us, r->feature, r->feature_n, 99, false, NULL };
            }
            CHECK(visits_join(s, n, m.a, &visits, &e));
            CHECK_WHY(visits == t[i].visits, t[i].why);
            for (uint32_t k = 0; k < n; k++) {
                CHECK(s[k].visit < visits);
                stand += s[k].stands;
                for (uint32_t j = 0; j < n; j++)
                    CHECK(!s[k].stands || s[j].visit != s[k].visit || s[j].feature_n <= s[k].feature_n);
            }
            CHECK_WHY(stand == visits, t[i].why);
            test_arena_free(&m);
        }
}

static bool work(struct arena *a, struct err *e)
{
    struct visit_session s[3] = { { 1, 1, H(1), FEW, 0, false, NULL }, { 2, 1, H(1), MORE, 0, false, NULL }, { 3, 1, H(9), OTHER, 0, false, NULL } };
    uint32_t             n;

    return visits_join(s, 3, *a, &n, e) && n == 2;
}

/* Twenty thousand sessions of one server, hostile: bounded. */
static void many(void **state)
{
    enum { N = 20000 };
    struct test_arena     m = test_arena(4 << 20);
    struct visit_session *s = calloc(N, sizeof *s);
    struct err            e = { 0 };
    uint32_t              n = 0;

    (void)state;
    for (uint32_t i = 0; i < N; i++)
        s[i] = (struct visit_session){ i % 7, i, i % 3 == 0 ? TIME_NONE : i % 3 == 1 ? H(1) : H(2) + i, FEW, 0, false, NULL };
    CHECK(visits_join(s, N, m.a, &n, &e) && n > 0);
    free(s);
    test_arena_free(&m);
    fault_sweep(work, 1 << 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(cases), cmocka_unit_test(many) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
