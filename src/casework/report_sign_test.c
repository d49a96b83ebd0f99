/* A signature beside a report: only one by a known key lifts it, and each other says why not. */
#include "test.h"

#include "casework/report_fixture.h"
#include "casework/report_in.h"
#include "gpg_keys.h"
#include "os/openpgp.h"

static void signatures(void **state)
{
    struct keys          k = keys_make();
    struct test_arena    t = test_arena(1 << 20);
    struct str           s = fixture_load("clean"), changed = fixture_change(fixture_load("clean"), "\"verdict\"", "\"verdict\" ", 1), sig;
    struct report_signed r;
    struct err           e = { 0 };
    const char          *micalg;

    (void)state;
    if (!openpgp_sign(s, str_c(k.home), STR("one@responders.example"), &t.a, &sig, &micalg, &e))
        fail_msg("%s", e.what);
    CHECK(report_signature(s, STR_EMPTY, str_c(k.one), &r, &e) && !r.given && !r.known && strstr(r.why, "no known responder"));
    CHECK(report_signature(s, sig, STR_EMPTY, &r, &e) && r.given && !r.known && strstr(r.why, "no keys of known responders"));
    CHECK(report_signature(s, sig, str_c(k.other), &r, &e) && r.given && !r.known && !r.fingerprint[0] && strstr(r.why, "not among"));
    CHECK(report_signature(changed, sig, str_c(k.one), &r, &e) && r.given && !r.known && strstr(r.why, "does not fit"));
    CHECK(report_signature(s, s, str_c(k.one), &r, &e) && r.given && !r.known && r.why[0]);
    CHECK(report_signature(s, sig, str_c(k.one), &r, &e) && r.given && r.known && strlen(r.fingerprint) == 40 && !r.why[0]);
    CHECK(!report_signature(s, sig, STR("/nowhere"), &r, &e) && e.kind == ERR_IO);
    test_free(s);
    test_free(changed);
    test_arena_free(&t);
    keys_drop(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(signatures) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
