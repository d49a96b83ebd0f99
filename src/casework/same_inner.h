/* same_inner: what the two files of same.h share: same_keys.c tells by which keys items meet, same.c joins them. Items are places 0..n-1 in the order of their ids. */
#ifndef CASEWORK_SAME_INNER_H
#define CASEWORK_SAME_INNER_H

#include "base/hash.h"
#include "base/map.h"
#include "base/num.h"
#include "casework/same.h"

#include <stdlib.h>
#include <string.h>

enum same_rank { RANK_SURVEY, RANK_COMPUTER, RANK_TLS, RANK_END, RANK_NAME, RANK_ADDRESS };
enum { SAME_NONE = UINT32_MAX, SAME_CLASSES = 64 };

struct same_key { uint64_t value; uint32_t at, address; uint8_t rank; };      /* at: place among the sorted items */
struct same_root { uint64_t computer, domain, of; uint32_t weight, unclear; bool anchored; };     /* unclear: the first key that fits several; SAME_NONE */

struct same_work {
    const struct same_item *item;
    uint32_t    *sorted;           /* items by id */
    uint32_t     n;
    struct same_rules rules;
    struct arena a;
    struct hash *hash;
    struct map   words; uint64_t *word; size_t word_n, word_cap;
    uint64_t    *computer, *domain;                    /* of each place */
    uint32_t    *address;          /* number of its address; SAME_NONE */
    uint32_t    *parent;
    struct same_root *root;
    struct same_key *key; size_t key_n, key_cap;
    uint32_t    *stamp, turn;
    uint32_t    *list, *only;      /* roots of the key at hand; which one each says less than */
    uint64_t    *wild; size_t wild_n;                  /* wildcard certificates, sorted */
    uint64_t    *room;             /* one for each key */
    struct same *ret;
};

bool same_no_room(struct err *e);
/* Items sorted, words and addresses numbered, keys put and sorted: w->key[]. */
bool same_keys(struct same_work *w, struct err *e);
size_t same_distinct(uint64_t *v, size_t n);           /* sorts v */

#endif
