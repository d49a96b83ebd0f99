/*
 * scan: a small token scan of server code. It knows only the plainest shapes of a back door: something the request says is
 * evaluated, started or written to disk, directly or through one variable.
 *
 * Shape    comments between tokens, joined string literals and \uXXXX escapes in names do not hide a shape.
 * Bounds   SCAN_TOKENS_MAX tokens of the page; SCAN_NAMES_MAX variables are followed. Beyond it: what was seen so far decides.
 * Errors   false: the arena is full.
 * Owner    key lives in the arena.
 * Not done everything else: flow through functions, objects, branches. The page analyser will do that; SCAN_NOTHING is no clean bill.
 * Source   evidence sheet, 8.2; ways back in, 1.4.
 */
#ifndef WEBSHELL_SCAN_H
#define WEBSHELL_SCAN_H

#include "webshell/page.h"

enum { SCAN_TOKENS_MAX = 6000, SCAN_NAMES_MAX = 32, SCAN_KEY_MAX = 64 };

enum scan_find { SCAN_NOTHING, SCAN_EVALUATES, SCAN_STARTS, SCAN_WRITES, SCAN_PLANTS, SCAN_TUNNELS };

struct scan {
    enum scan_find find;
    struct str     key;             /* the request item that carries the order; empty: not one plain name */
    bool           request;         /* the code reads something of the request */
    bool           escaped;         /* a name in the code spells an ASCII letter as \uXXXX */
    size_t         tokens;
};

bool scan_page(struct scan *ret, struct arena *a, const struct page *p, bool classic);
/* The first request item of a piece of code, whatever is done with it; empty: none. */
bool scan_request_key(struct arena *a, struct str code, struct str *ret);

#endif
