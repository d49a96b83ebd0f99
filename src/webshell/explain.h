/*
 * explain: the way of a value in words, without a byte of the page's code.
 *
 * Texts    names only (request items, variables, calls), at most EXPLAIN_NAME_MAX characters of letters, digits, '_', '-', '.' and '$'; others show as '?'.
 * Owner    texts live in `keep`. A full arena gives fewer steps, never an error.
 */
#ifndef WEBSHELL_EXPLAIN_H
#define WEBSHELL_EXPLAIN_H

#include "webshell/judge.h"

enum { EXPLAIN_NAME_MAX = 64 };

void explain_flow(struct analyse_flow *ret, struct arena *keep, const struct judged *j);
struct str explain_name(struct arena *keep, struct str name);
/* Of a value: the request item it came from; empty: none, or not one plain name. */
struct str explain_key(struct arena *keep, const struct judged *j);

#endif
