/* A case's record: what stands in it, in which order, and of whom it is. */
#include "cases_fixture.h"

#include <time.h>

#include "casework/desk.h"
#include "pg_server.h"

static struct { struct pg_server pg; bool has_pg; } w;

static struct fact fact_at(enum fact_kind kind, int value, enum grade g, uint64_t subject, double day)
{
    return (struct fact){ .kind = kind, .value = value, .grade = g, .subject = subject, .attempt = 1, .own_us = TIME_NONE, .observed_us = cf_day(day), .recorded_us = cf_day(day + 1),
                          .reason = kind == FACT_FORCE ? STR("it was looked at") : STR_EMPTY, .who = kind == FACT_FORCE ? STR("somebody") : STR_EMPTY };
}

/* Two servers in case 1, one in case 2, which parted from case 1 on day 4. */
static void world(struct cf *f, const char *where)
{
    static const uint32_t org[] = { 0, 0, 1 };

    cf_open(f, where, NULL, 8 << 20);
    cf_world(f, org, 3, 2, 1);
    f->u.server[1].name = STR("mail.example");
    cf_cases(f, 0);
    cf_exec(f->s, "UPDATE case_case SET opened_us = 1614902400000000 WHERE id = 2; INSERT INTO case_heir (case_id, from_case) VALUES (2, 1);"
                  "INSERT INTO case_source (id, name, organisation, tlp, releasable) VALUES (5, 'A CERT', 'A CERT', '', 0);"
                  "INSERT INTO case_asset (subject, asset) VALUES (1001, 1), (1002, 2), (1003, 3)");
    const struct { int64_t of_case; struct fact f; } facts[] = {
        { 0, fact_at(FACT_EXPOSURE, EXPOSURE_VULNERABLE, GRADE_C, 1002, 3) }, { 0, fact_at(FACT_FINDING, 0, GRADE_B, 1002, 1) }, { 1, fact_at(FACT_NOTICE, NOTICE_ACCEPTED, GRADE_NONE, 40, 2) },
        { 1, fact_at(FACT_NOTICE, NOTICE_DELIVERED, GRADE_NONE, 40, 6) }, { 1, fact_at(FACT_FORCE, CASE_DISMISSED, GRADE_NONE, 0, 8) }, { 0, fact_at(FACT_HUNT, DOOR_NO, GRADE_C, 1003, 5) },
    };
    for (size_t i = 0; i < COUNT_OF(facts); i++)
        cf_fact(f, CF_CAMPAIGN, facts[i].of_case, &facts[i].f, 5);
    cf_run(f);
    cf_exec(f->s, "INSERT INTO case_look (campaign, asset, at_us, source, value, grade, active) VALUES (7, 2, 1614988800000000, 1, 4, 2, 0)");
}

static void in_order(void **state)
{
    static const struct { int64_t case_; size_t most; const char *want; uint64_t left_out; } rows[] = {
        { 1, 100, "1 mail.example 'a back door is there, grade B' A CERT; 2 - 'notice accepted' A CERT; 3 mail.example 'vulnerable, grade C' A CERT; "
                  "5 mail.example 'patched, grade C' shadowserver; 6 - 'notice delivered' A CERT; 8 - 'forced: dismissed' A CERT", 0 },
        { 1, 2, "6 - 'notice delivered' A CERT; 8 - 'forced: dismissed' A CERT", 4 },
        { 2, 100, "2 of 1 'notice accepted, inherited' A CERT; 5 - 'hunted, no door is open, not in full, grade C' A CERT", 0 },
    };

    (void)state;
    for (int engine = 0; engine < 1 + w.has_pg; engine++) {
        struct cf   f;
        struct desk d;
        struct err  e = { 0 };

        world(&f, engine ? w.pg.where : ":memory:");
        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            struct cf_text t = { 0 };
            struct arena   a = f.own.a;

            if (!desk_case(f.s, rows[i].case_, rows[i].most, &a, &d, &e))
                fail_msg("%s", e.what);
            for (size_t k = 0; k < d.n; k++) {
                char says[DESK_TEXT];
                desk_says(&d.fact[k].f, says);
                CHECK((d.fact[k].from == DESK_SERVER || d.fact[k].from == DESK_SURVEY) == (d.fact[k].asset != 0) && (d.fact[k].from == DESK_INHERITED) == (d.fact[k].case_ != 0));
                cf_say(&t, "%s%d ", k ? "; " : "", (int)((d.fact[k].us - CF_DAY0) / TIME_DAY));
                if (d.fact[k].from == DESK_INHERITED)
                    cf_say(&t, "of %d", (int)d.fact[k].case_);
                else
                    cf_say(&t, "%.*s", STR_ARG(d.fact[k].server.n ? d.fact[k].server : STR("-")));
                cf_say(&t, " '%s' %.*s", says, STR_ARG(d.fact[k].source));
            }
            if (strcmp(t.p, rows[i].want) || d.left_out != rows[i].left_out)
                fail_msg("\n  %s\n  %s", t.p, rows[i].want);
            free(t.p);
        }
        CHECK(!desk_case(f.s, 77, 10, &f.own.a, &d, &e) && e.kind == ERR_NONE);
        cf_close(&f);
    }
}

/* Every kind has words, and none overruns. */
static void words(void **state)
{
    (void)state;
    for (int kind = 0; kind <= FACT_KINDS; kind++)
        for (int value = 0; value < 20; value++)
            for (uint32_t flags = 0; flags < 64; flags++) {
                char        says[DESK_TEXT];
                struct fact f = { .kind = (enum fact_kind)kind, .value = value, .flags = flags, .grade = (enum grade)(flags % 5), .finding = flags & 1 };
                desk_says(&f, says);
                CHECK(strlen(says) < DESK_TEXT - 1 && (value > 1 || (kind == FACT_KINDS) == !*says));
            }
}

static struct cf faults;
static bool reads(struct arena *a, struct err *e)
{
    struct desk d;

    return desk_case(faults.s, 2, 10, a, &d, e);
}

static void room_that_runs_out(void **state)
{
    (void)state;
    world(&faults, ":memory:");
    fault_sweep(reads, 1 << 16);
    cf_close(&faults);
}

PG_GROUP(w)

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(in_order), cmocka_unit_test(words), cmocka_unit_test(room_that_runs_out) };

    return cmocka_run_group_tests(tests, setup, teardown);
}
