#include "test.h"

#include "os/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

struct job {
    size_t        order[400];
    size_t        merged;
    _Atomic int   under_way, under_way_max;
    size_t        fail_a, fail_b;      /* items that fail; SIZE_MAX: none */
    _Atomic size_t started;
    bool          wait, next;
    uint32_t      jobs;
    _Atomic bool  bad_worker;
};

static bool work(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    struct job *j   = ctx;
    int         now = atomic_fetch_add(&j->under_way, 1) + 1, max = atomic_load(&j->under_way_max);

    atomic_fetch_add(&j->started, 1);
    while (now > max && !atomic_compare_exchange_weak(&j->under_way_max, &max, now)) {}
    if (worker >= (j->jobs ? j->jobs : 1))
        atomic_store(&j->bad_worker, true);
    /* Early items are slow: without turns the order would be wrong. */
    if (i % 7 == 0)
        usleep(500);
    if (j->wait) {
        pool_wait(turn, i);
        j->order[j->merged++] = i;
    }
    atomic_fetch_sub(&j->under_way, 1);
    if (j->next) {
        pool_next(turn, i);
        pool_next(turn, i);
    }
    if (i == j->fail_a || i == j->fail_b)
        return err_set(e, ERR_FORMAT, "item %zu", i);
    return true;
}

static void test_order(void **state)
{
    (void)state;
    for (uint32_t jobs = 0; jobs <= 9; jobs++)
        for (int next = 0; next < 2; next++) {
            struct job j = { .fail_a = SIZE_MAX, .fail_b = SIZE_MAX, .wait = true, .next = next, .jobs = jobs };
            struct err e = { 0 };
            CHECK(pool_run(jobs, 200, work, &j, &e));
            CHECK(j.merged == 200 && !j.bad_worker);
            for (size_t i = 0; i < 200; i++)
                CHECK(j.order[i] == i);
            CHECK((uint32_t)j.under_way_max <= (jobs ? jobs : 1));
        }
}

static void test_first_error_is_the_lowest(void **state)
{
    (void)state;
    for (uint32_t jobs = 1; jobs <= 8; jobs++) {
        struct job j = { .fail_a = 21, .fail_b = 23, .jobs = jobs };
        struct err e = { 0 };
        CHECK(!pool_run(jobs, 400, work, &j, &e));
        CHECK(e.kind == ERR_FORMAT);
        CHECK_STR(str_c(e.what), STR("item 21"));
        CHECK(j.started < 400);
    }
}

static void test_none(void **state)
{
    struct job j = { .fail_a = SIZE_MAX, .fail_b = SIZE_MAX };
    struct err e = { 0 };

    (void)state;
    CHECK(pool_run(8, 0, work, &j, &e) && j.started == 0);
    CHECK(pool_run(8, 1, work, &j, &e) && j.started == 1);
}

static bool same_thread(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    (void)i, (void)turn, (void)e;
    return worker == 0 && pthread_equal(*(pthread_t *)ctx, pthread_self());
}

static void test_inline(void **state)
{
    pthread_t  me = pthread_self();
    struct err e = { 0 };

    (void)state;
    CHECK(pool_run(1, 10, same_thread, &me, &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order), cmocka_unit_test(test_first_error_is_the_lowest), cmocka_unit_test(test_none), cmocka_unit_test(test_inline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
