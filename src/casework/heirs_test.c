/* Who inherits what: parts, mergers, chains, circles. */
#include "test.h"

#include "base/num.h"
#include "casework/heirs.h"
#include "casework/tables.h"

/* Cases 1..4 still are, 5..8 are no more. Case n was opened on day n. "2<1": 2 inherits from 1. Wanted: from (until, or ever), in the order of finding. */
static const struct { const char *why; int pair[8][2]; int of; const char *want; } rows[] = {
    { "nothing", { { 2, 1 } }, 1, "" },
    { "a part has what was before it", { { 2, 1 } }, 2, "1-2" },
    { "a part of a part", { { 2, 1 }, { 3, 2 } }, 3, "2-3 1-2" },
    { "what became a part of it", { { 1, 5 } }, 1, "5-ever" },
    { "and what had become a part of that", { { 1, 5 }, { 5, 6 } }, 1, "5-ever 6-ever" },
    { "what became a part, and was one of a case that is", { { 3, 5 }, { 5, 2 } }, 3, "5-ever 2-5" },
    { "through a case that is, only what that had", { { 3, 2 }, { 2, 6 } }, 3, "2-3 6-3" },
    { "a circle", { { 2, 5 }, { 5, 6 }, { 6, 5 }, { 6, 2 } }, 2, "5-ever 6-ever" },
    { "cases that are not there", { { 2, 77 }, { 78, 2 }, { 2, 1 } }, 2, "1-2" },
};

static void who_inherits(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct test_arena  m = test_arena(1 << 16);
        struct store      *s;
        struct heirs       h;
        struct heirs_from *from;
        struct err         e = { 0 };
        size_t             n;
        char               sql[128], text[256] = "";

        CHECK(store_open(&s, STR(":memory:"), STORE_WRITE, &e) && store_migrate(s, &casework_layer, &e));
        for (int k = 1; k <= 8; k++) {
            snprintf(sql, sizeof sql, "INSERT INTO case_case (id, campaign, org, opened_us) VALUES (%d, 1, %d, %d)", k, k, k);
            CHECK(store_exec(s, sql, &e));
        }
        for (size_t k = 0; k < 8 && rows[i].pair[k][0]; k++) {
            snprintf(sql, sizeof sql, "INSERT INTO case_heir (case_id, from_case) VALUES (%d, %d)", rows[i].pair[k][0], rows[i].pair[k][1]);
            CHECK(store_exec(s, sql, &e));
        }
        CHECK(heirs_load(&h, s, &m.a, &e) && !heirs_find(&h, 9));
        for (int k = 1; k <= 4; k++)
            heirs_find(&h, k)->is = true;
        CHECK(heirs_of(&h, heirs_find(&h, rows[i].of), &m.a, &from, &n, &e));
        for (size_t k = 0; k < n; k++)
            snprintf(text + strlen(text), sizeof text - strlen(text), from[k].part ? "%s%d-%d" : "%s%d-ever", k ? " " : "", (int)from[k].from, (int)from[k].until_us);
        if (strcmp(text, rows[i].want))
            fail_msg("%s: %s, not %s", rows[i].why, text, rows[i].want);
        store_close(s);
        test_arena_free(&m);
    }
}

static void what_passes(void **state)
{
    static const struct { enum fact_kind kind; int64_t recorded; bool part, want; const char *why; } facts[] = {
        { FACT_NOTICE, 4, true, true, "a notice of before" },   { FACT_NOTICE, 6, true, false, "a later one" },     { FACT_REPLY, 4, true, false, "an answer is the other half's" },
        { FACT_NOTICE, 60, false, true, "a notice" },           { FACT_REPLY, 60, false, true, "an answer" },       { FACT_CONTACT, 60, false, true, "a contact" },
        { FACT_FORCE, 60, false, false, "no decision" },        { FACT_RELEASE, 60, false, false, "nor its end" },  { FACT_LADDER_EMPTY, 4, false, false, "nobody looked for this one" },
        { FACT_EXPOSURE, 4, false, false, "servers are where they are" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        struct heirs_from x = { 1, facts[i].part, facts[i].part ? 5 : INT64_MAX };
        struct fact       f = { .kind = facts[i].kind, .recorded_us = facts[i].recorded };
        if (heirs_get(&x, &f) != facts[i].want)
            fail_msg("%s", facts[i].why);
    }
}

static struct store *stored;
static bool reads(struct arena *a, struct err *e)
{
    struct heirs       h;
    struct heirs_from *from;
    size_t             n;

    return heirs_load(&h, stored, a, e) && heirs_of(&h, heirs_find(&h, 2), a, &from, &n, e);
}

static void room_that_runs_out(void **state)
{
    struct err e = { 0 };

    (void)state;
    CHECK(store_open(&stored, STR(":memory:"), STORE_WRITE, &e) && store_migrate(stored, &casework_layer, &e));
    CHECK(store_exec(stored, "INSERT INTO case_case (id, campaign, org, opened_us) VALUES (1, 1, 1, 1), (2, 1, 2, 2); INSERT INTO case_heir (case_id, from_case) VALUES (2, 1)", &e));
    fault_sweep(reads, 1 << 14);
    store_close(stored);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(who_inherits), cmocka_unit_test(what_passes), cmocka_unit_test(room_that_runs_out) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
