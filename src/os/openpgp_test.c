#include "test.h"

#include "base/time.h"
#include "os/openpgp.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

/* Throw-away keys, made by gpg itself in a home below TMPDIR. Without gpg the test cannot be: the package is one that the program needs. */
struct keys { char home[128], one[160], other[160], folder[160], secret[OPENPGP_FINGERPRINT]; };

static int wipe(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static void shell(const char *fmt, const char *home, const char *what)
{
    char cmd[1024];

    snprintf(cmd, sizeof cmd, fmt, home, what, what);
    if (system(cmd) != 0)
        fail_msg("%s", cmd);
}

static struct keys keys_make(void)
{
    struct keys k = { 0 };
    const char *tmp = getenv("TMPDIR");

    snprintf(k.home, sizeof k.home, "%s/ap-openpgp.XXXXXX", tmp && strlen(tmp) < 80 ? tmp : "/tmp");
    CHECK(mkdtemp(k.home));
    snprintf(k.one, sizeof k.one, "%s/one.asc", k.home);
    snprintf(k.other, sizeof k.other, "%s/other.pgp", k.home);
    snprintf(k.folder, sizeof k.folder, "%s/ring", k.home);
    CHECK(mkdir(k.folder, 0700) == 0);
    shell("gpg --homedir '%s' --batch --quiet --passphrase '' --quick-gen-key '%s' ed25519 sign never 2>/dev/null", k.home, "One <one@responders.example>");
    shell("gpg --homedir '%s' --batch --quiet --passphrase '' --quick-gen-key '%s' ed25519 sign never 2>/dev/null", k.home, "Other <other@responders.example>");
    shell("gpg --homedir '%s' --batch --quiet --armor --export one@responders.example >'%s'", k.home, k.one);
    shell("gpg --homedir '%s' --batch --quiet --export other@responders.example >'%s'", k.home, k.other);
    return k;
}

static void keys_drop(struct keys *k)
{
    shell("gpgconf --homedir '%s' --kill all%s", k->home, "");
    nftw(k->home, wipe, 8, FTW_DEPTH | FTW_PHYS);
}

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
    size_t                before = homes_left();

    (void)state;
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
    CHECK(homes_left() == before);             /* every home of a verification is gone again */

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
