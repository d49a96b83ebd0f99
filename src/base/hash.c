#define OPENSSL_SUPPRESS_DEPRECATED                     /* hash_sha256 below says why */
#include "base/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

static const EVP_MD *digest(enum hash_kind kind)
{
    switch (kind) {
    case HASH_SHA1: return EVP_sha1();
    case HASH_MD5:  return EVP_md5();
    default:        return EVP_sha256();
    }
}

/* struct hash is libcrypto's context under another name; its type goes no further than this file. */
struct hash *hash_open(enum hash_kind kind)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();

    if (c && EVP_DigestInit_ex(c, digest(kind), NULL) != 1) {
        EVP_MD_CTX_free(c);
        c = NULL;
    }
    return (struct hash *)c;
}

void hash_push(struct hash *h, struct str s)
{
    if (s.n)
        EVP_DigestUpdate((EVP_MD_CTX *)h, s.p, s.n);
}

void hash_done(struct hash *h, uint8_t *ret)
{
    EVP_MD_CTX   *c  = (EVP_MD_CTX *)h;
    const EVP_MD *md = EVP_MD_CTX_get0_md(c);

    EVP_DigestFinal_ex(c, ret, NULL);
    EVP_DigestInit_ex(c, md, NULL);
}

void hash_close(struct hash *h)
{
    EVP_MD_CTX_free((EVP_MD_CTX *)h);
}

/* A row is a few hundred bytes: the general interface, which looks its method up under a lock, would cost more than the hashing. */
bool hash_sha256(struct str s, uint8_t ret[HASH_SHA256_BYTES])
{
    SHA256_CTX c;

    return SHA256_Init(&c) == 1 && SHA256_Update(&c, s.n ? (const void *)s.p : "", s.n) == 1 && SHA256_Final(ret, &c) == 1;
}

bool hash_hmac_sha256(struct str key, struct str s, uint8_t ret[HASH_SHA256_BYTES])
{
    unsigned int n = 0;

    return key.n <= INT32_MAX && HMAC(EVP_sha256(), key.p, (int)key.n, s.n ? s.p : (const uint8_t *)"", s.n, ret, &n) && n == HASH_SHA256_BYTES;
}
