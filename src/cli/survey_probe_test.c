/* The document says what there is. What the command refuses is in tests/golden/survey-probe-refusals, what it does in tests/probe/lab.py. */
#include "test.h"

#include "base/num.h"
#include "cli/survey.h"
#include "os/os.h"
#include "survey/probe.h"
#include "survey/probe_plan.h"

static void document(void **state)
{
    (void)state;
    struct test_arena  t = test_arena(1 << 20);
    struct os          os = os_posix();
    struct err         e = { 0 };
    struct str         s;
    struct observation o;
    char               path[PLAN_PATH_MAX];
    static const struct { uint32_t flags; int parts; } first[] = { { OBS_EXCHANGE, 3 }, { OBS_EXCHANGE, 0 }, { OBS_VERSION_HIDDEN, 0 } };

    CHECK(os_slurp(&os, STR(AP_SOURCE_DIR), STR("docs/survey-probe.md"), 1 << 20, &t.a, &s, &e));
    CHECK(str_has(s, str_fmt(&t.a, "`GET %s`", probe_plan_first())));
    for (size_t i = 0; i < COUNT_OF(first); i++) {
        observation_clear(&o);
        o.flags = first[i].flags;
        o.parts = first[i].parts;
        CHECK(probe_plan_second(&o, 200, STR("HTTP/1.1 200 OK\r\n\r\n"), "mail.example.org", path));
        CHECK_WHY(str_has(s, str_fmt(&t.a, "`GET %s`", path)), path);
    }
    CHECK(str_has(s, str_fmt(&t.a, "in all | %d | %d |", PACE_ALL, PACE_ALL_MAX)));
    CHECK(str_has(s, str_fmt(&t.a, "of IPv6 | %d | %d |", PACE_NET, PACE_NET_MAX)));
    CHECK(str_has(s, str_fmt(&t.a, "| %d | %d | `--rate-asn` |", PACE_ASN, PACE_ASN_MAX)));
    CHECK(str_has(s, str_fmt(&t.a, "| %d h | %d h |", PROBE_AGAIN_HOURS, PROBE_AGAIN_HOURS_MIN)));
    CHECK(str_has(s, str_fmt(&t.a, "| %d s, %d s, %d s |", PROBE_CONNECT_MS / 1000, PROBE_TLS_MS / 1000, PROBE_WHOLE_MS / 1000)));
    CHECK(str_has(s, str_fmt(&t.a, "up to %d KiB", PROBE_BODY_MAX >> 10)));
    CHECK(PROBE_TARGETS_MAX == 16777216 && str_has(s, STR("16,777,216")));
    for (const struct opt *x = verb_survey_probe.opt; x->name; x++)
        if (strcmp(x->name, "state") != 0)
            CHECK_WHY(str_has(s, str_fmt(&t.a, "--%s", x->name)), x->name);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(document) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
