/*
 * hash: SHA-256, SHA-1 and MD5 from libcrypto; the only file that knows it.
 *
 * SHA-256 identifies evidence. SHA-1 and MD5 serve only to compare with
 * published indicators, and SHA-1 to make name-based ids (RFC 9562, UUIDv5).
 * Errors   hash_open gives NULL when libcrypto has no such digest or no memory.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/str.h"

enum hash_kind { HASH_SHA256, HASH_SHA1, HASH_MD5 };
enum { HASH_SHA256_BYTES = 32, HASH_SHA1_BYTES = 20, HASH_MD5_BYTES = 16, HASH_MAX = 32 };

struct hash;
struct hash *hash_open(enum hash_kind kind);
void hash_push(struct hash *h, struct str s);
void hash_done(struct hash *h, uint8_t *ret);     /* writes the digest and starts anew */
void hash_close(struct hash *h);                  /* accepts NULL */

bool hash_sha256(struct str s, uint8_t ret[HASH_SHA256_BYTES]);
bool hash_hmac_sha256(struct str key, struct str s, uint8_t ret[HASH_SHA256_BYTES]);

#endif
