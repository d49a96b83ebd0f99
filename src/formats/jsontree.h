/*
 * jsontree: one JSON value as a tape of nodes in the arena, strings as views of the text. For records of scan files.
 *
 * Shape    node 0 is the value. A container's children follow it, chained by `next`. Names and strings are the bytes between their quotes, escapes undone
 *          by jt_str only, where there are any.
 * Bounds   JT_DEPTH levels, JT_NODES_MAX nodes, texts of less than 4 GiB.
 * Errors   jt_parse false: ret_why, a constant text. Nothing is half read: a record is whole or broken.
 * Strict   as RFC 8259, but for numbers, which are only looked at roughly (jt_num judges), and UTF-8, which passes as it is. One NaN or Infinity
 *          without quotes breaks the record.
 * Owner    nodes in the arena, texts in the record.
 * Not done numbers beyond what jt_num gives, duplicate names (the first wins).
 */
#ifndef FORMATS_JSONTREE_H
#define FORMATS_JSONTREE_H

#include "base/arena.h"
#include "base/str.h"

enum { JT_DEPTH = 128, JT_NODES_MAX = 1 << 21 };
enum jt_kind { JT_NONE, JT_OBJECT, JT_ARRAY, JT_STRING, JT_NUMBER, JT_TRUE, JT_FALSE, JT_NULL };

struct jt_node {
    const uint8_t *key, *text;
    uint32_t key_n, text_n;
    uint32_t next;                 /* sibling, 0: none */
    uint8_t  kind;
    bool     escaped, key_escaped;
    bool     filled;               /* a container with children: the first is the node behind it */
};

struct jt { struct jt_node *node; uint32_t n; };

bool jt_parse(struct jt *ret, struct arena *a, struct str text, const char **ret_why);

/* NULL in gives NULL out everywhere, so that paths can be walked without a check at each step. */
const struct jt_node *jt_root(const struct jt *t);
const struct jt_node *jt_child(const struct jt *t, const struct jt_node *at);      /* the first; NULL: no container, or an empty one */
const struct jt_node *jt_next(const struct jt *t, const struct jt_node *at);
const struct jt_node *jt_get(const struct jt *t, const struct jt_node *object, const char *key);
/* "location.country_code": names with dots between them. */
const struct jt_node *jt_at(const struct jt *t, const struct jt_node *object, const char *path);
struct str jt_key(const struct jt_node *at);                                       /* as it stands */
/* A string without its escapes; a number as written; anything else empty (.p == NULL). Lone surrogates become U+FFFD. */
struct str jt_str(const struct jt_node *at, struct arena *a);
/* A whole number, also one in a string. False: none, or beyond 64 bits. */
bool jt_num(const struct jt_node *at, int64_t *ret);

#endif
