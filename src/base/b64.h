/*
 * b64: base64 to bytes, and back.
 *
 * Shape    the standard and the URL alphabet; white space between the letters is passed over, '=' ends.
 * Errors   ERR_FORMAT: not base64 (a foreign byte, or one letter left over; an empty text is none). ERR_MEMORY: the arena is full.
 * Owner    the arena.
 * Source   RFC 4648, 4 and 5.
 */
#ifndef BASE_B64_H
#define BASE_B64_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* What one letter of either alphabet stands for; -1: none. */
int b64_value(uint8_t c);
bool b64_decode(struct str *ret, struct arena *a, struct str text, struct err *e);
/* The standard alphabet, padded, on one line. */
bool b64_encode(struct str *ret, struct arena *a, struct str bytes, struct err *e);

#endif
