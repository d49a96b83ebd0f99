/*
 * openpgp: detached signatures, made and verified by GnuPG. The only file that knows GPGME.
 *
 * Shape    openpgp_verify: over these bytes, by these public keys and no others. openpgp_sign: with one secret key of a home that the operator names.
 * Home     verification has one of its own: a new folder, mode 0700, with the given keys, removed afterwards with what gpg left there and its agent ended. The
 *          operator's own key ring, trust and settings are never read or changed by it; nothing is fetched from anywhere.
 * Keys     a file (binary or armoured, one key or many) or a folder of such files. Whoever puts a key there vouches for it: the web of trust is not asked. Revoked
 *          and expired keys, and signatures by such, do not verify; a signature's own expiry counts. SHA-1 and MD5 signatures do not verify.
 * Bounds   OPENPGP_SIGNATURE_MAX bytes, OPENPGP_KEYS_MAX files, OPENPGP_RING_MAX bytes of each; OPENPGP_SIGNERS signatures in one.
 * Errors   ERR_IO: gpg cannot be started or its home not made; ERR_FORMAT, ERR_LIMIT: keys that cannot be read. "Does not verify" is an answer, not an error.
 * Threads  each call has a context of its own; openpgp_start once before, from one thread. One openpgp_signer serves any number of threads.
 * Source   RFC 9580 (OpenPGP), RFC 3156 (micalg), GPGME manual 1.18 (Debian 12) and 1.18 (Ubuntu 24.04).
 */
#ifndef OS_OPENPGP_H
#define OS_OPENPGP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { OPENPGP_SIGNATURE_MAX = 1 << 20, OPENPGP_KEYS_MAX = 1000, OPENPGP_RING_MAX = 16 << 20, OPENPGP_SIGNERS = 16, OPENPGP_FINGERPRINT = 65, OPENPGP_WHY = 160, OPENPGP_THREADS = 64 };

/* Whether GnuPG is there. */
bool openpgp_start(struct err *e);

struct openpgp_answer {
    bool    good;                  /* one of the signatures is right, by a given key that is valid */
    char    fingerprint[OPENPGP_FINGERPRINT];          /* of the primary key, in capitals; empty: not good */
    int64_t signed_us;             /* when it says it was made; TIME_NONE */
    char    why[OPENPGP_WHY];      /* not good: why, in words */
};
bool openpgp_verify(struct str bytes, struct str signature, struct str keys, struct openpgp_answer *ret, struct err *e);

/*
 * home: a GnuPG home that holds the secret key; empty: the operator's usual one. key: fingerprint, or whatever names just one key. ret: armoured, in the arena.
 * ret_micalg: "pgp-sha256" ... as RFC 3156 names the hash that was used.
 */
bool openpgp_sign(struct str bytes, struct str home, struct str key, struct arena *a, struct str *ret, const char **ret_micalg, struct err *e);

/*
 * The same for many signatures: the key is found once. Each costs one start of gpg, and gpg-agent keeps the key meanwhile. The signature is that of openpgp_sign.
 */
struct openpgp_signer;
bool openpgp_signer_open(struct openpgp_signer **ret, struct str home, struct str key, struct err *e);
bool openpgp_signer_sign(struct openpgp_signer *s, struct str bytes, struct arena *a, struct str *ret, const char **ret_micalg, struct err *e);
void openpgp_signer_close(struct openpgp_signer *s);   /* NULL is allowed; nobody signs any more */

#endif
