/* group_inner: what the files of the grouping share. Assets and keys are numbers from 0 in the order of their ids and bytes, whatever came first. */
#ifndef CASEWORK_GROUP_INNER_H
#define CASEWORK_GROUP_INNER_H

#include "base/map.h"
#include "casework/group.h"

#include <stdlib.h>
#include <string.h>

struct raw_link { uint64_t asset; uint32_t key, source; uint8_t kind, confidence; };
struct raw_asset { uint64_t id; char country[3]; };
enum { RAW_CHUNK = 4096 };
struct raw_chunk { struct raw_chunk *next; uint32_t n; struct raw_link link[RAW_CHUNK]; };

/* What rows say of the owner that a key names: for each field the surest word, then the one with the lower bytes. */
struct attr {
    struct str name, sector, size;
    char       country[3];
    uint8_t    name_confidence, sector_confidence, size_confidence, country_confidence;
    uint32_t   sector_source, size_source;
};

struct gkey {
    struct group_key k;
    struct attr *attr;             /* NULL: nothing was said */
    uint8_t  ruling;               /* enum group_ruling, 0: none */
    int64_t  ruling_us;
    bool     weak_provider;        /* its weak links (reverse names, networks) touch too many to pair */
    bool     has_weak;             /* a usable link below join_weight */
    uint8_t  second;               /* the weight at which it first joins two assets */
    uint32_t strong;               /* assets that it could join */
    uint32_t scheme;               /* the first key of its register or list; itself elsewhere */
    uint32_t first, n;             /* its edges */
};

/* Where an edge may be used. */
enum { EDGE_USABLE = 1, EDGE_TORN = 2, EDGE_OWN = 4 /* a provider's name on a server that has no other */ };
struct edge { uint32_t key, asset, source; uint8_t weight, confidence, kind, flags; };

struct ident { uint32_t key; struct ident *next; };
/* One join, between two assets that both have the key; two entries, one from either end, sorted by `at`. */
struct tie { uint32_t at, to, key, also; uint8_t weight, confidence; };

struct grouping {
    struct arena      *a;
    struct group_rules rules;
    struct map         index;      /* class and value -> raw number */
    struct gkey       *raw_key; size_t raw_key_n, raw_key_cap;
    struct raw_chunk  *chunk, *last; uint64_t raw_n;
    struct raw_asset  *raw_asset; size_t raw_asset_n, raw_asset_cap;
    struct group_counts counts;
    bool               made;

    uint64_t     *id;  uint32_t asset_n;
    struct gkey  *key; uint32_t key_n;
    struct edge  *edge; uint32_t edge_n;         /* by key, then asset */
    uint32_t     *of_asset, *asset_first;        /* edges of an asset, by key; asset_n + 1 */
    bool         *shared;
    uint32_t     *parent;
    struct ident **ident;          /* of a root */
    struct tie   *tie; uint32_t tie_n; uint32_t *tie_first;
    uint32_t     *group_of, *slot; /* of an asset: its group, its place in member[] */
    struct group_review *review; size_t review_n, review_cap;
};

bool group_full(const struct grouping *g, struct err *e);                       /* false, and says that the arena is */
uint32_t group_root(uint32_t *parent, uint32_t i);
bool group_graph(struct grouping *g, struct err *e);                            /* group_graph.c: numbers, edges, torn assets */
bool group_hubs(struct grouping *g, struct err *e);                             /* group_hubs.c: rules 3 and 4 */
bool group_join_all(struct grouping *g, struct err *e);                         /* group_join.c: rules 2, 5, 6 */
bool group_tell(struct grouping *g, struct groups *ret, struct err *e);         /* group_tell.c: names, providers */
bool group_ask(struct grouping *g, enum group_ask what, uint32_t key, uint32_t one, uint32_t other, uint32_t asset, uint32_t assets, struct err *e);

static inline bool edge_usable(const struct edge *x) { return (x->flags & (EDGE_USABLE | EDGE_TORN)) == EDGE_USABLE; }
/* May this edge join at all, by itself or in a pair? */
static inline bool edge_joins(const struct grouping *g, const struct edge *x)
{
    const struct gkey *k = &g->key[x->key];

    if (!edge_usable(x) || (!(x->flags & EDGE_OWN) && (k->k.state == GROUP_KEY_PROVIDER || k->k.state == GROUP_KEY_DOUBT)))
        return false;
    if (g->shared[x->asset] && k->k.is == ORG_IS_DOMAIN)
        return false;
    return x->weight >= g->rules.join_weight || !k->weak_provider;
}
static inline bool is_number(enum org_class c) { return c == ORG_IS_REGISTER || c == ORG_IS_ENTRY; }
static inline int cmp_u32(uint32_t x, uint32_t y) { return (x > y) - (x < y); }
static inline int cmp_u64(uint64_t x, uint64_t y) { return (x > y) - (x < y); }

#endif
