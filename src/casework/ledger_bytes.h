/*
 * ledger_bytes: evidence is kept deflated. The only file here that knows zlib.
 *
 * Bounds   what is inflated is as long as it was said to be, and at most LEDGER_BYTES_MAX.
 * Errors   ERR_MEMORY; ERR_FORMAT: the stored bytes are not what they say.
 */
#ifndef CASEWORK_LEDGER_BYTES_H
#define CASEWORK_LEDGER_BYTES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* ret->p is from malloc, and the caller's to free. */
bool ledger_bytes_deflate(struct str s, struct str *ret, struct err *e);
bool ledger_bytes_inflate(struct str packed, int64_t size_bytes, struct arena *a, struct str *ret, struct err *e);

#endif
