/*
 * record_keys: a thing's number is what it says: the first 63 bits of the SHA-256 of its fields, each with its length.
 *
 * Shape    key_* put the fields one after the other; keys_find gives the number, and whether the thing passed before: it is in the store then.
 *          Words are not remembered: who is new brings his own.
 * Bounds   a word is cut at KEY_WORD_MAX bytes, for its number as in its table. What does not fit into KEY_MAX is left out, and `cut` set.
 * Memory   as given to keys_open; when it is full everything is forgotten: then things are written again, which changes nothing.
 */
#ifndef SURVEY_RECORD_KEYS_H
#define SURVEY_RECORD_KEYS_H

#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

enum { KEY_WORD_MAX = 1024, KEY_MAX = 96 << 10 };

enum key_kind { KEY_WORD, KEY_NODE, KEY_IDENTITY, KEY_TARGET, KEY_STATE };
struct key { uint8_t *p; size_t n; bool cut; };       /* p: KEY_MAX bytes */

void key_begin(struct key *k, enum key_kind kind);
void key_u64(struct key *k, uint64_t v);
void key_str(struct key *k, struct str s);

struct keys;
bool keys_open(struct keys **ret, size_t bytes, struct err *e);
void keys_close(struct keys *c);
int64_t keys_id(struct keys *c, const struct key *k);
/* True: it is known. False: it counts as known from now on. */
bool keys_find(struct keys *c, const struct key *k, int64_t *ret_id);

/* The word as it is stored. */
static inline struct str key_word(struct str s) { return str_sub(s, 0, KEY_WORD_MAX); }

#endif
