/*
 * gpg_keys: two throw-away keys of a test's own, made by gpg in a home below TMPDIR that goes with them. gnupg is a package that the program needs, so without it the test fails.
 */
#ifndef GPG_KEYS_H
#define GPG_KEYS_H

#include "test.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

struct keys { char home[128], one[160], other[160], folder[160]; };   /* one: armoured; other: binary; folder: an empty one */

static inline int keys_wipe(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static inline void shell(const char *fmt, const char *home, const char *what)
{
    char cmd[1024];

    snprintf(cmd, sizeof cmd, fmt, home, what, what);
    if (system(cmd) != 0)
        fail_msg("%s", cmd);
}

static inline struct keys keys_make(void)
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

static inline void keys_drop(struct keys *k)
{
    shell("gpgconf --homedir '%s' --kill all%s", k->home, "");
    nftw(k->home, keys_wipe, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
