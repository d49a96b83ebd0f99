#include "test.h"

#include "base/time.h"
#include "gpg_keys.h"
#include "os/openpgp.h"

static size_t homes_left(void)
{
    FILE *f = popen("ls -d ${TMPDIR:-/tmp}/afterpatch-keys.* 2>/dev/null | wc -l", "r");
    unsigned n = 0;

    CHECK(f && fscanf(f, "%u", &n) == 1);
    pclose(f);
    return n;
}

static void signs_and_verifies(void **state)
{
    struct keys           k = keys_make();
    struct test_arena     t = test_arena(1 << 20);
    struct err            e = { 0 };
    struct str            text = TEST_HEAP("{\"schema\": \"afterpatch-report/1\"}\r\n"), sig, changed = TEST_HEAP("{\"schema\": \"afterpatch-report/2\"}\r\n");
    const char           *micalg = NULL;
    struct openpgp_answer a;
    char                  path[256];

    (void)state;
    CHECK(setenv("TMPDIR", k.home, 1) == 0);   /* others may verify at this moment */
    if (!openpgp_sign(text, str_c(k.home), STR("one@responders.example"), &t.a, &sig, &micalg, &e))
        fail_msg("%s %s", e.what, e.hint);
    CHECK(str_starts(sig, STR("-----BEGIN PGP SIGNATURE-----")) && (!strcmp(micalg, "pgp-sha256") || !strcmp(micalg, "pgp-sha512") || !strcmp(micalg, "pgp-sha384")));

    CHECK(openpgp_verify(text, sig, str_c(k.one), &a, &e) && a.good && strlen(a.fingerprint) == 40 && !a.why[0] && a.signed_us > 1600000000 * TIME_SECOND);
    CHECK(openpgp_verify(changed, sig, str_c(k.one), &a, &e) && !a.good && !a.fingerprint[0] && strstr(a.why, "does not fit"));
    CHECK(openpgp_verify(text, sig, str_c(k.other), &a, &e) && !a.good && strstr(a.why, "not among"));
    CHECK(openpgp_verify(text, STR("-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n"), str_c(k.one), &a, &e) && !a.good && a.why[0]);
    CHECK(openpgp_verify(text, STR("no signature at all"), str_c(k.one), &a, &e) && !a.good && strstr(a.why, "no OpenPGP signature"));
    CHECK(openpgp_verify(text, STR_EMPTY, str_c(k.one), &a, &e) && !a.good && strstr(a.why, "empty"));
    /* A key is no signature. */
    struct str as_key = { sig.p, sig.n / 2 };
    CHECK(openpgp_verify(text, as_key, str_c(k.one), &a, &e) && !a.good && a.why[0]);

    /* A folder of keys, with something else in it. */
    shell("cp '%s' '%s'/ring/", k.one, k.home);
    shell("cp '%s' '%s'/ring/ && echo nothing >'%s'/ring/README", k.other, k.home);
    CHECK(openpgp_verify(text, sig, str_c(k.folder), &a, &e) && a.good);
    snprintf(path, sizeof path, "%s/ring/README", k.home);
    CHECK(!openpgp_verify(text, sig, str_c(path), &a, &e) && e.kind == ERR_FORMAT && strstr(e.what, "no OpenPGP key"));
    CHECK(!openpgp_verify(text, sig, STR("/nowhere/at/all"), &a, &e) && e.kind == ERR_IO);

    /* What its owner took back proves nothing any more. */
    shell("gpg --homedir '%s' --batch --quiet --yes --command-fd 0 --pinentry-mode loopback --passphrase '' --import 2>/dev/null <'%s'", k.home, k.one);
    shell("cd '%s' && sed 's/^:-----/-----/' openpgp-revocs.d/%s*.rev | gpg --homedir . --batch --quiet --import 2>/dev/null", k.home, a.fingerprint);
    shell("gpg --homedir '%s' --batch --quiet --yes --armor --output '%s' --export one@responders.example", k.home, k.one);
    CHECK(openpgp_verify(text, sig, str_c(k.one), &a, &e) && !a.good && strstr(a.why, "revoked"));

    CHECK(!openpgp_sign(text, str_c(k.home), STR("nobody@responders.example"), &t.a, &sig, &micalg, &e) && e.kind == ERR_USAGE && strstr(e.what, "no secret key"));
    CHECK(!openpgp_sign(text, str_c(k.home), STR("responders.example"), &t.a, &sig, &micalg, &e) && e.kind == ERR_USAGE);
    CHECK(!openpgp_sign(text, str_c(k.home), STR_EMPTY, &t.a, &sig, &micalg, &e) && e.kind == ERR_USAGE);
    /* No room for the signature. */
    struct arena none = { NULL, NULL, NULL };
    CHECK(!openpgp_sign(text, str_c(k.home), STR("other@responders.example"), &none, &sig, &micalg, &e) && e.kind == ERR_MEMORY);
    CHECK(homes_left() == 0);                  /* every home of a verification is gone again */

    test_free(text);
    test_free(changed);
    test_arena_free(&t);
    keys_drop(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(signs_and_verifies) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
