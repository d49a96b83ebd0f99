/*
 * evtplan: rules for event logs, by channel and event id, with what is searched for in the bytes of a chunk.
 *
 * Shape    made once, then read by all threads. A channel has the rules that look at it; a bucket of it those that may fit one event id: from the rule's
 *          source, and from what its condition says of EventID. Literals of a bucket's rules are one search; buckets of the same rules share it.
 * Bytes    texts in records are UTF-16LE. Before the search each pair of bytes becomes one by OR, so that ASCII reads as such, at half the length; where it
 *          is not known where a text begins, pairs are made from either byte on. The operator's indicators are searched for without their first byte instead.
 * Exact    a rule can fit a record only if it is in the record's bucket and, unless it is `always`, of each of its sets one literal stands in the record,
 *          provided the fields that the literals are of hold UTF-16 texts (`asked`; the scan looks, and tries the rule otherwise).
 */
#ifndef DETECT_EVTPLAN_H
#define DETECT_EVTPLAN_H

#include "base/search.h"
#include "base/search_each.h"
#include "detect/evtfield.h"
#include "detect/evtsource.h"
#include "evidence/family.h"

enum { EVT_RULES_MAX = 8192, EVT_LISTED_MAX = 20000, EVT_LISTED_LEAST = 5, EVT_ANY = UINT32_MAX };

/* One literal's rule, and which of its sets the literal is of. */
struct evt_owner { uint32_t rule : 24, set : 8; };
struct evt_search {
    const struct search_each *each;
    struct evt_owner         *owner;
    uint32_t                 *owner_from;   /* of literal i: owner[owner_from[i]] up to owner[owner_from[i + 1]] */
    size_t                    literal_n;
};

struct evt_bucket {
    uint32_t  id;                        /* EVT_ANY: the ids that have no bucket of their own */
    uint64_t *may;                       /* bit per rule of the channel */
    uint32_t *always; size_t always_n;   /* rules to be tried on every record, rising */
    const struct evt_search *search;     /* NULL: there are no rules with literals */
};

/* index: of sigma.rule. sets: how many, all are needed; 0: none, it is tried always. foreign: nothing fits without a character beyond ASCII. */
struct evt_rule { uint32_t index; uint8_t sets; bool keyword, foreign; };

struct evt_channel {
    struct str           name;           /* empty: all that are not in the list */
    struct str           wide;           /* the name as records have it: UTF-16LE */
    enum family          family;
    struct evt_rule     *rule; size_t rule_n;
    struct evt_bucket   *bucket; size_t bucket_n;    /* by id, EVT_ANY last */
    uint8_t             *asked;          /* per sigma field: literals are of it */
    bool                 asks_any;       /* keywords have literals */
};

struct iocs;
struct evt_plan {
    const struct sigma *sigma;
    struct evt_fields   fields;
    struct evt_channel *channel; size_t channel_n;
    const struct search_each **set; size_t set_n;    /* of all buckets, for a thread's room */
    size_t              rules_max, literals_max;     /* of one channel; of one search */
    const struct iocs   *user;           /* the operator's indicators; NULL: none */
    bool                 pivot;          /* ... they are those of a pivot: hits say in `method` what kind of event it is */
    const struct search *listed;         /* what is searched for of them: id is the index of the item. NULL: nothing */
    bool                whole;           /* for tests: nothing is left out that the search did not find */
};

bool evt_plan_make(struct evt_plan *ret, const struct sigma *s, struct arena *keep, struct err *e);
/*
 * The operator's indicators as well: addresses, names of hosts, files, services and tasks, ends of paths, hashes; EVT_LISTED_MAX of them, each of `least` bytes
 * or more. user may be NULL.
 */
bool evt_plan_listed(struct evt_plan *p, const struct iocs *user, size_t least, struct arena *keep, struct err *e);
/* name: as the record has it, as text. Never NULL. */
const struct evt_channel *evt_plan_channel(const struct evt_plan *p, struct str name);
const struct evt_bucket *evt_channel_bucket(const struct evt_channel *c, uint32_t id);
/* The family of coverage that a channel belongs to; FAM_EVTX_OTHER: any other. */
enum family evt_family(struct str channel);

/* Folds n bytes at `from` into (n + 1) / 2 at `to`. */
void evt_fold(uint8_t *to, const uint8_t *from, size_t n);

#endif
