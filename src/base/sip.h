/*
 * sip: SipHash-2-4 with 128 bits: a hash for tables whose keys an attacker writes. Who does not know the key cannot make two texts meet.
 *
 * Not for  what is kept or told: the key is made anew with each run. That is hash.h.
 * Source   J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF", 2012; the reference code's variant of 128 bits.
 */
#ifndef BASE_SIP_H
#define BASE_SIP_H

#include "base/str.h"

enum { SIP_KEY_BYTES = 16 };
struct sip128 { uint64_t lo, hi; };
struct sip128 sip128(const uint8_t key[SIP_KEY_BYTES], struct str s);

#endif
