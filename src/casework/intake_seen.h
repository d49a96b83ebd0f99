/*
 * intake_seen: what passed lately, so that the same server or contact of a million rows is written once.
 *
 * Same     what has the same 128 bits of a hash whose key nobody knows (base/sip.h). The numbers of rows have 63: nothing that is new is taken for known sooner than two rows share a number.
 * Memory   as given to seen_open, 24 bytes a key at best, 48 at worst; when it is full everything is forgotten: then things are written again, which changes nothing.
 */
#ifndef CASEWORK_INTAKE_SEEN_H
#define CASEWORK_INTAKE_SEEN_H

#include "base/arena.h"
#include "base/sip.h"

enum { SEEN_KEY_MAX = 4096 };

struct seen;
/* key: of this run alone. */
bool seen_open(struct seen **ret, struct arena *a, size_t bytes, const uint8_t key[SIP_KEY_BYTES]);
/* True: it passed, and *ret_number is what was put with it. */
bool seen_find(struct seen *s, struct str key, int64_t *ret_number);
/* Longer keys than SEEN_KEY_MAX are not remembered. */
void seen_put(struct seen *s, struct str key, int64_t number);

#endif
