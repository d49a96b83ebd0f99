/* What the gate says of a row is what sigma_match says of the record; plan_test compares whole logs. */
#include "test.h"

#include "base/num.h"
#include "detect/gate.h"
#include "formats/w3c.h"

static const char *const rules[] = {
    "detection: {a: {Page: /owa/auth/x.aspx}, b: {Page|endswith: '.js'}, condition: a or b}",
    "detection: {a: {cs-uri-stem|startswith: '/owa/'}, b: {cs-method: POST}, condition: a and not b}",
    "detection: {a: {sc-status: 200}, b: {Page: [/owa/auth/logon.aspx, /owa/auth/logoff.aspx]}, condition: a and not b}",
    "detection: {a: [whoami], b: {Side: back}, condition: a or b}",
    "detection: {a: {cs-uri-query|contains: 'x y'}, b: {c-uri-extension: aspx}, condition: a and b}",
    "detection: {a: {cs-user-agent|startswith: 'python requests'}, condition: not a}",
    "detection: {a: {cs-uri-stem|re: '^/[a-z]+/$'}, b: {Active: 'true'}, condition: a or b}",
    "detection: {a: {cs-uri-stem: null}, condition: a}",
};
static const char *const fields[] = { "date time cs-method cs-uri-stem cs-uri-query s-port c-ip cs(User-Agent) sc-status", "time cs-uri-stem sc-status cs-method", "date cs-method c-ip" };
static const char *const cells[] = {
    "2021-03-03", "GET", "POST", "/owa/auth/x.aspx", "/OWA/auth/logon.aspx", "/owa/auth/a.js", "/owa//auth/./x.aspx/foo", "/%6fwa/auth/x.aspx", "-", "-", "444", "443", "200", "404",
    "q=x%20y", "q=x+y", "c=whoami", "python+requests/2", "Mozilla/5.0", "/owa/", "192.0.2.1",
};

static uint32_t roll(uint64_t *x, uint32_t n)
{
    *x ^= *x << 13, *x ^= *x >> 7, *x ^= *x << 17;
    return (uint32_t)((*x >> 16) % n);
}

static void says_what_the_record_says(void **state)
{
    struct test_arena  t = test_arena(32u << 20), memory = test_arena(1u << 20);
    struct err         e = { 0 };
    struct sigma       sigma = { 0 };
    struct plan        plan = { .sigma = &sigma };
    struct plan_family *pf = &plan.family[FAM_IIS_FRONT];
    struct row_gate    g;
    struct proxies     seen = { .keep = &t.a };
    struct log_state   st = { .kind = &log_w3c, .keep = t.a };
    struct binding     b = { 0 };
    uint64_t           x = 88172645463325252u, yes = 0, never = 0;

    (void)state;
    st.keep.end = st.keep.beg + (4u << 20);
    t.a.beg     = st.keep.end;
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        CHECK(sigma_add(&sigma, &t.a, STR("x.yml"), str_fmt(&t.a, "title: t\nlogsource: {category: webserver}\n%s\n", rules[i]), false, &e));
    CHECK(sigma.rule_n == COUNT_OF(rules));
    pf->rule   = NEW(&t.a, uint32_t, COUNT_OF(rules));
    pf->rule_n = COUNT_OF(rules);
    for (uint32_t i = 0; i < COUNT_OF(rules); i++)
        pf->rule[i] = i;
    b.field   = NEW(&t.a, int16_t, sigma.field_n + 1);
    b.derived = NEW(&t.a, uint8_t, sigma.field_n + 1);
    gate_open(&g, &plan, FAM_IIS_FRONT, &memory.a);
    for (int round = 0; round < 20000; round++) {
        struct arena a = t.a;
        if (round % 1000 == 0) {                           /* another header: what was remembered is of no use any more */
            CHECK(st.kind->header(&st, str_fmt(&a, "#Fields: %s", fields[roll(&x, COUNT_OF(fields))])));
            binding_make(&b, &st.cols, &sigma);
        }
        struct str raw = STR_EMPTY;
        for (size_t i = 0, n = 1 + roll(&x, 10); i < n; i++)
            raw = str_fmt(&a, "%.*s%s%s", STR_ARG(raw), i ? " " : "", cells[roll(&x, COUNT_OF(cells))]);
        uint64_t         want[1] = { roll(&x, 1u << COUNT_OF(rules)) }, asked = want[0], fit = 0;
        struct record    r;
        struct event     ev;
        struct proxies   others = { .n = 0 };
        CHECK(st.kind->parse(&st, &a, raw, &r, &e) && event_read(&ev, FAM_IIS_FRONT, &r, &b, &others, NULL, &a));
        struct event_view v = { &ev, &r, &b, &sigma, &a };
        struct arena      scratch = t.a;
        scratch.beg = a.end = a.beg + arena_room(&a) / 2;
        for (size_t i = 0; i < COUNT_OF(rules); i++)
            if ((asked >> i & 1) && sigma_match(&sigma, &sigma.rule[i], event_field, &v, raw, scratch))
                fit |= 1u << i;
        struct test_arena own = test_arena(1u << 20);
        struct str        exact = str_dup(&own.a, raw);
        struct str        at_stem = b.col[COL_STEM] >= 0 && (size_t)b.col[COL_STEM] < r.n ? r.value[b.col[COL_STEM]] : STR_EMPTY;
        for (uint32_t i = 0; i < COUNT_OF(rules); i++)     /* what earlier rows with this stem have told holds for this one */
            if (gate_never(&g, &st.cols, at_stem, i)) {
                CHECK(!((asked & fit) >> i & 1));
                never++;
            }
        CHECK(gate_ask(&g, &st.cols, &b, exact, &seen, own.a, want));
        if (want[0] != fit)
            fail_msg("round %d: %llx, the record says %llx of %llx: %.*s", round, (unsigned long long)want[0], (unsigned long long)fit, (unsigned long long)asked, STR_ARG(raw));
        yes += fit != 0;
        test_arena_free(&own);
    }
    CHECK(yes > 1000 && never > 1000);
    sigma_close(&sigma);
    test_arena_free(&memory);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(says_what_the_record_says) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
