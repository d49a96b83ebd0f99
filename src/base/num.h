/*
 * num: arithmetic on foreign numbers, and numbers in text.
 *
 * Errors   false: overflow, or not wholly a number; *ret is then untouched.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include "base/str.h"

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

static inline bool num_add(size_t a, size_t b, size_t *ret) { return !__builtin_add_overflow(a, b, ret); }
static inline bool num_mul(size_t a, size_t b, size_t *ret) { return !__builtin_mul_overflow(a, b, ret); }
static inline uint64_t num_add_sat(uint64_t a, uint64_t b) { uint64_t r; return __builtin_add_overflow(a, b, &r) ? UINT64_MAX : r; }

/* Decimal digits only, no sign, no blanks, at least one digit. */
bool num_u64(struct str s, uint64_t *ret);
bool num_u32(struct str s, uint32_t *ret);
/* Hex digits only, at least one, at most 16. */
bool num_hex(struct str s, uint64_t *ret);
/* 2n hex digits into n bytes. */
bool num_unhex(struct str s, uint8_t *ret, size_t n);
void num_tohex(const uint8_t *p, size_t n, char *ret /* 2n + 1 */);

#endif
