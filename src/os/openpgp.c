/* See openpgp.h. */
#include "os/openpgp.h"

#include "base/num.h"
#include "base/time.h"
#include "os/os.h"

#include <errno.h>
#include <ftw.h>
#include <gpgme.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOME_PATH = 256, CLOSE_TRIES = 200, CLOSE_WAIT_US = 10000 };
struct home { char path[HOME_PATH]; };         /* empty: not made */

static bool fail(struct err *e, const char *what, gpgme_error_t err) { return err_set(e, ERR_IO, "%s: %s", what, gpgme_strerror(err)); }

bool openpgp_start(struct err *e)
{
    gpgme_error_t err;

    if (!gpgme_check_version("1.18.0"))
        return err_set(e, ERR_IO, "GPGME 1.18 or later is needed");
    err = gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP);
    return !err || fail(e, "GnuPG cannot be started", err) || err_hint(e, "install gnupg");
}

/* --- a home for one question -------------------------------------------------------------------------------------- */

static bool put_file(const char *dir, const char *name, const char *text)
{
    char  path[HOME_PATH + 32];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    if (!(f = fopen(path, "wx")))
        return false;
    bool ok = fputs(text, f) >= 0;
    return fclose(f) == 0 && ok;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    remove(path);                              /* gpg may take away its own locks meanwhile */
    return 0;
}

static void home_close(struct home *h)
{
    /* GPGME is done when gpg has said its last word, and gpg goes a moment later. */
    for (int i = 0; h->path[0] && i < CLOSE_TRIES; i++) {
        nftw(h->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
        if (access(h->path, F_OK) != 0)
            break;
        usleep(CLOSE_WAIT_US);
    }
    h->path[0] = 0;
}

/* Nothing is asked of the network or of an agent, and nothing of the operator's own settings holds here. */
static bool home_open(struct home *h, struct err *e)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(h->path, sizeof h->path, "%s/afterpatch-keys.XXXXXX", tmp && tmp[0] == '/' && strlen(tmp) < HOME_PATH - 32 ? tmp : "/tmp");
    if (!mkdtemp(h->path)) {
        err_set(e, ERR_IO, "no folder for the keys: %s", strerror(errno));
        err_where(e, "%s", h->path);
        h->path[0] = 0;
        return false;
    }
    if (put_file(h->path, "gpg.conf", "trust-model always\nno-auto-key-retrieve\nno-auto-key-locate\nno-autostart\ndisable-dirmngr\nno-auto-check-trustdb\n") &&
        put_file(h->path, "common.conf", ""))
        return true;
    err_set(e, ERR_IO, "no settings for the keys: %s", strerror(errno));
    home_close(h);
    return false;
}

static bool context(const char *home, gpgme_ctx_t *ret, struct err *e)
{
    gpgme_error_t err = gpgme_new(ret);

    if (!err)
        err = gpgme_set_protocol(*ret, GPGME_PROTOCOL_OpenPGP);
    if (!err && home)
        err = gpgme_ctx_set_engine_info(*ret, GPGME_PROTOCOL_OpenPGP, NULL, home);
    if (!err) {
        gpgme_set_offline(*ret, 1);
        return true;
    }
    return fail(e, "GnuPG cannot be used", err);
}

/* --- keys ----------------------------------------------------------------------------------------------------------- */

static bool import_bytes(gpgme_ctx_t ctx, struct str bytes, int *ret_keys, struct err *e)
{
    gpgme_data_t  data = NULL;
    gpgme_error_t err  = gpgme_data_new_from_mem(&data, (const char *)bytes.p, bytes.n, 0);

    if (err)
        return fail(e, "keys cannot be read", err);
    err = gpgme_op_import(ctx, data);
    gpgme_import_result_t r = err ? NULL : gpgme_op_import_result(ctx);
    for (gpgme_import_status_t s = r ? r->imports : NULL; s; s = s->next)
        *ret_keys += s->result == 0;
    gpgme_data_release(data);
    /* What is no key is an answer for the caller; what the engine could not do is not. */
    if (err && gpgme_err_code(err) != GPG_ERR_NO_DATA)
        return fail(e, "keys cannot be read", err);
    return true;
}

static bool import_keys(gpgme_ctx_t ctx, struct str keys, struct err *e)
{
    struct os        os = os_posix();
    struct os_stat   st;
    struct os_entry *entry = NULL;
    struct str       bytes;
    struct arena     whole;
    size_t           n = 0, files = 0;
    int              got = 0;

    if (!os.stat(&os, keys, &st, e) || !os_arena_map(&whole, (size_t)OPENPGP_RING_MAX + (8 << 20), e))
        return false;
    struct arena a  = whole;
    bool         ok = true;
    if (st.kind != OS_DIR) {
        ok = os_slurp_path(&os, keys, OPENPGP_RING_MAX, &a, &bytes, e) && import_bytes(ctx, bytes, &got, e);
    } else {
        ok = os.list(&os, keys, STR(""), &a, &entry, &n, e);
        for (size_t i = 0; ok && i < n; i++) {
            struct arena scratch = a;
            if (entry[i].st.kind != OS_FILE)
                continue;
            if (++files > OPENPGP_KEYS_MAX)
                ok = err_set(e, ERR_LIMIT, "more than %d files of keys", OPENPGP_KEYS_MAX);
            else
                ok = os_slurp(&os, keys, entry[i].name, OPENPGP_RING_MAX, &scratch, &bytes, e) && import_bytes(ctx, bytes, &got, e);
        }
    }
    os_arena_unmap(&whole);
    if (ok && !got) {
        err_set(e, ERR_FORMAT, "no OpenPGP key can be read there");
        err_where(e, "%.*s", STR_ARG(keys));
        return err_hint(e, "export the key: gpg --armor --export NAME");
    }
    return ok;
}

/* --- verify ---------------------------------------------------------------------------------------------------------- */

static const char *trouble(const gpgme_signature_t s)
{
    if (s->hash_algo == GPGME_MD_MD5 || s->hash_algo == GPGME_MD_SHA1 || s->hash_algo == GPGME_MD_RMD160)
        return "it was made with a hash that can be forged (SHA-1, MD5)";
    switch (gpgme_err_code(s->status)) {
    case GPG_ERR_NO_ERROR:      return s->wrong_key_usage ? "its key is not one for signatures" : NULL;
    case GPG_ERR_BAD_SIGNATURE: return "it does not fit these bytes: one of the two was changed";
    case GPG_ERR_NO_PUBKEY:     return "its key is not among the given ones";
    case GPG_ERR_SIG_EXPIRED:   return "it has expired";
    case GPG_ERR_KEY_EXPIRED:   return "its key has expired";
    case GPG_ERR_CERT_REVOKED:  return "its key was revoked";
    default:                    return "it cannot be checked";
    }
}

static bool judge(gpgme_ctx_t ctx, struct openpgp_answer *ret)
{
    gpgme_verify_result_t r = gpgme_op_verify_result(ctx);
    struct openpgp_answer out = { .signed_us = TIME_NONE };
    int n = 0;

    for (gpgme_signature_t s = r ? r->signatures : NULL; s && n < OPENPGP_SIGNERS; s = s->next, n++) {
        const char *why = trouble(s);
        gpgme_key_t key = NULL;
        if (why) {
            if (!out.why[0])
                snprintf(out.why, sizeof out.why, "%s", why);
            continue;
        }
        /* The signature may be a subkey's; people know a key by its first. */
        if (gpgme_get_key(ctx, s->fpr, &key, 0) || !key || !key->fpr || key->revoked || key->expired || key->disabled || key->invalid) {
            snprintf(out.why, sizeof out.why, "its key is not valid");
            if (key)
                gpgme_key_unref(key);
            continue;
        }
        out.good      = true;
        out.signed_us = s->timestamp ? (int64_t)s->timestamp * TIME_SECOND : TIME_NONE;
        snprintf(out.fingerprint, sizeof out.fingerprint, "%s", key->fpr);
        gpgme_key_unref(key);
        break;
    }
    if (out.good)
        out.why[0] = 0;
    else if (!out.why[0])
        snprintf(out.why, sizeof out.why, "there is no OpenPGP signature in it");
    *ret = out;
    return true;
}

bool openpgp_verify(struct str bytes, struct str signature, struct str keys, struct openpgp_answer *ret, struct err *e)
{
    struct home   h    = { 0 };
    gpgme_ctx_t   ctx  = NULL;
    gpgme_data_t  text = NULL, sig = NULL;
    gpgme_error_t err;
    bool          ok = false;

    if (signature.n == 0 || signature.n > OPENPGP_SIGNATURE_MAX) {
        *ret = (struct openpgp_answer){ .signed_us = TIME_NONE };
        snprintf(ret->why, sizeof ret->why, "it is %s", signature.n ? "too long for a signature" : "empty");
        return true;
    }
    if (!openpgp_start(e) || !home_open(&h, e) || !context(h.path, &ctx, e) || !import_keys(ctx, keys, e))
        goto out;
    err = gpgme_data_new_from_mem(&text, (const char *)(bytes.n ? bytes.p : (const uint8_t *)""), bytes.n, 0);
    if (!err)
        err = gpgme_data_new_from_mem(&sig, (const char *)signature.p, signature.n, 0);
    if (!err)
        err = gpgme_op_verify(ctx, sig, text, NULL);
    switch (gpgme_err_code(err)) {
    case GPG_ERR_NO_ERROR:
        ok = judge(ctx, ret);
        break;
    case GPG_ERR_NO_DATA: case GPG_ERR_BAD_DATA: case GPG_ERR_INV_ARMOR: case GPG_ERR_BAD_SIGNATURE: case GPG_ERR_INV_VALUE: case GPG_ERR_GENERAL: case GPG_ERR_INV_PACKET:
        *ret = (struct openpgp_answer){ .signed_us = TIME_NONE };
        snprintf(ret->why, sizeof ret->why, "there is no OpenPGP signature in it");
        ok = true;
        break;
    default:
        fail(e, "the signature cannot be checked", err);
    }
out:
    gpgme_data_release(text);
    gpgme_data_release(sig);
    if (ctx)
        gpgme_release(ctx);
    home_close(&h);
    return ok;
}

/* --- sign -------------------------------------------------------------------------------------------------------------- */

/* RFC 3156, 5, with the names of RFC 9580, 9.5. */
static const char *micalg_of(gpgme_hash_algo_t hash)
{
    switch (hash) {
    case GPGME_MD_SHA224: return "pgp-sha224";
    case GPGME_MD_SHA256: return "pgp-sha256";
    case GPGME_MD_SHA384: return "pgp-sha384";
    case GPGME_MD_SHA512: return "pgp-sha512";
    default:              return NULL;
    }
}

static bool read_back(gpgme_data_t data, struct arena *a, struct str *ret, struct err *e)
{
    off_t size = gpgme_data_seek(data, 0, SEEK_END);

    if (size <= 0 || size > OPENPGP_SIGNATURE_MAX || gpgme_data_seek(data, 0, SEEK_SET) != 0)
        return err_set(e, ERR_IO, "the signature cannot be read back");
    uint8_t *p = TAKE(a, uint8_t, (size_t)size);
    if (!p)
        return err_set(e, ERR_MEMORY, "no room for a signature");
    for (size_t n = 0; n < (size_t)size;) {
        ssize_t got = gpgme_data_read(data, p + n, (size_t)size - n);
        if (got <= 0)
            return err_set(e, ERR_IO, "the signature cannot be read back");
        n += (size_t)got;
    }
    *ret = (struct str){ p, (size_t)size };
    return true;
}

/* The key is looked up once. Contexts are kept for the next signature: a new one would ask gpg for its version and for the key again, which costs more than signing. */
struct openpgp_signer {
    char            path[HOME_PATH];           /* empty: the operator's usual home */
    gpgme_key_t     key;
    pthread_mutex_t lock;
    gpgme_ctx_t     idle[OPENPGP_THREADS]; size_t idle_n;
};

static bool signing_context(const struct openpgp_signer *s, gpgme_ctx_t *ret, struct err *e)
{
    gpgme_error_t err;

    if (!context(s->path[0] ? s->path : NULL, ret, e))
        return false;
    gpgme_set_armor(*ret, 1);
    if (!s->key || !(err = gpgme_signers_add(*ret, s->key)))
        return true;
    gpgme_release(*ret);
    *ret = NULL;
    return fail(e, "it could not be signed", err);
}

bool openpgp_signer_open(struct openpgp_signer **ret, struct str home, struct str key, struct err *e)
{
    struct openpgp_signer *s = NULL;
    gpgme_ctx_t            ctx = NULL;
    gpgme_error_t          err;
    char                   name[256];

    if (home.n >= HOME_PATH || key.n >= sizeof name || !key.n || str_chr(home, 0) != STR_NONE || str_chr(key, 0) != STR_NONE)
        return err_set(e, ERR_USAGE, "the key for signing, or its folder, has no name that can be used");
    if (!openpgp_start(e))
        return false;
    if (!(s = calloc(1, sizeof *s)))
        return err_set(e, ERR_MEMORY, "no room for a key");
    pthread_mutex_init(&s->lock, NULL);
    snprintf(s->path, sizeof s->path, "%.*s", STR_ARG(home));
    snprintf(name, sizeof name, "%.*s", STR_ARG(key));
    if (!signing_context(s, &ctx, e))
        goto bad;
    if ((err = gpgme_get_key(ctx, name, &s->key, 1)) != 0) {
        err_set(e, ERR_USAGE, gpgme_err_code(err) == GPG_ERR_AMBIGUOUS_NAME ? "several secret keys have this name" : "there is no secret key of this name");
        err_hint(e, "name its fingerprint: gpg --list-secret-keys");
        goto bad;
    }
    if ((err = gpgme_signers_add(ctx, s->key)) != 0) {
        fail(e, "it could not be signed", err);
        goto bad;
    }
    s->idle[s->idle_n++] = ctx;
    *ret = s;
    return true;
bad:
    if (ctx)
        gpgme_release(ctx);
    openpgp_signer_close(s);
    return false;
}

void openpgp_signer_close(struct openpgp_signer *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->idle_n; i++)
        gpgme_release(s->idle[i]);
    if (s->key)
        gpgme_key_unref(s->key);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static bool take(struct openpgp_signer *s, gpgme_ctx_t *ret, struct err *e)
{
    *ret = NULL;
    pthread_mutex_lock(&s->lock);
    if (s->idle_n)
        *ret = s->idle[--s->idle_n];
    pthread_mutex_unlock(&s->lock);
    return *ret || signing_context(s, ret, e);
}

static void give(struct openpgp_signer *s, gpgme_ctx_t ctx)
{
    pthread_mutex_lock(&s->lock);
    if (s->idle_n < OPENPGP_THREADS) {
        s->idle[s->idle_n++] = ctx;
        ctx = NULL;
    }
    pthread_mutex_unlock(&s->lock);
    if (ctx)
        gpgme_release(ctx);
}

static bool sign_with(gpgme_ctx_t ctx, struct str bytes, struct arena *a, struct str *ret, const char **ret_micalg, struct err *e)
{
    gpgme_data_t  text = NULL, sig = NULL;
    gpgme_error_t err = gpgme_data_new_from_mem(&text, (const char *)(bytes.n ? bytes.p : (const uint8_t *)""), bytes.n, 0);
    bool          ok = false;

    if (!err)
        err = gpgme_data_new(&sig);
    if (!err)
        err = gpgme_op_sign(ctx, text, sig, GPGME_SIG_MODE_DETACH);
    if (err) {
        fail(e, "it could not be signed", err);
        goto out;
    }
    gpgme_sign_result_t r = gpgme_op_sign_result(ctx);
    const char *micalg = r && r->signatures && !r->signatures->next ? micalg_of(r->signatures->hash_algo) : NULL;
    if (!micalg) {
        err_set(e, ERR_IO, "the signature was made with a hash that can be forged");
        err_hint(e, "digest-algo SHA256 in gpg.conf");
        goto out;
    }
    ok = read_back(sig, a, ret, e);
    if (ok)
        *ret_micalg = micalg;
out:
    gpgme_data_release(text);
    gpgme_data_release(sig);
    return ok;
}

bool openpgp_signer_sign(struct openpgp_signer *s, struct str bytes, struct arena *a, struct str *ret, const char **ret_micalg, struct err *e)
{
    gpgme_ctx_t ctx;

    if (!take(s, &ctx, e))
        return false;
    bool ok = sign_with(ctx, bytes, a, ret, ret_micalg, e);
    if (ok)
        give(s, ctx);
    else
        gpgme_release(ctx);                    /* nobody knows what state it is in */
    return ok;
}

bool openpgp_sign(struct str bytes, struct str home, struct str key, struct arena *a, struct str *ret, const char **ret_micalg, struct err *e)
{
    struct openpgp_signer *s;

    if (!openpgp_signer_open(&s, home, key, e))
        return false;
    bool ok = openpgp_signer_sign(s, bytes, a, ret, ret_micalg, e);
    openpgp_signer_close(s);
    return ok;
}
