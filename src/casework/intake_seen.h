/*
 * intake_seen: what passed lately, so that the same server or contact of a million rows is written once. Keys are compared whole: nothing that is new is ever taken for known.
 *
 * Memory   as given to seen_open; when it is full everything is forgotten: then things are written again, which changes nothing.
 */
#ifndef CASEWORK_INTAKE_SEEN_H
#define CASEWORK_INTAKE_SEEN_H

#include "base/arena.h"
#include "base/str.h"

enum { SEEN_KEY_MAX = 4096 };

struct seen;
bool seen_open(struct seen **ret, struct arena *a, size_t bytes);
/* True: it passed, and *ret_number is what was put with it. */
bool seen_find(struct seen *s, struct str key, int64_t *ret_number);
/* Longer keys than SEEN_KEY_MAX are not remembered. */
void seen_put(struct seen *s, struct str key, int64_t number);

#endif
