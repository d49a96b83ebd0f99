/* intruders_inner: facts as they are kept, and numbered for one making. */
#ifndef CASEWORK_INTRUDERS_INNER_H
#define CASEWORK_INTRUDERS_INNER_H

#include "base/map.h"
#include "base/time.h"
#include "casework/intruders.h"

#include <stdlib.h>
#include <string.h>

struct ifact { uint64_t server; uint32_t session, feature; };          /* feature NONE: only that the session is there */
struct ifeature { enum intruder_feature kind; struct str value; bool common; };
struct itime { uint64_t server; uint32_t session; int64_t first_us; };
enum { IFACT_CHUNK = 2048 };
#define IFEATURE_NONE UINT32_MAX
struct ichunk { struct ichunk *next; uint32_t n; struct ifact fact[IFACT_CHUNK]; };

struct intruders {
    struct arena         *a;
    struct intruder_rules rules;
    struct map            index;
    struct ifeature *feature; size_t feature_n, feature_cap;
    struct ichunk   *chunk, *last; uint64_t fact_n;
    struct itime    *time; size_t time_n, time_cap;
};

/* Of one making. Features are numbered by kind and value, nodes (sessions) by server and session. */
struct inode { uint64_t server; uint32_t session, first, n; int64_t first_us; };    /* of[first..] */
struct ilive { uint32_t raw; enum intruder_feature kind; uint32_t nodes, servers; bool live, hub; };    /* neither: it says nothing at all */
struct iview {
    const struct intruders *c;
    struct inode *node;  uint32_t node_n;
    struct ilive *f;     uint32_t f_n;
    uint32_t     *of;                   /* features of nodes, sorted */
    uint32_t      servers, hubs, common, lone;
};
bool iview_make(const struct intruders *c, struct arena *a, struct iview *ret, struct err *e);
/* Which group each node belongs to, 0..*ret_n-1; in the arena. */
bool icluster(const struct iview *v, struct arena *a, uint32_t **ret_group, uint32_t *ret_n, struct err *e);

struct part { uint32_t f, n; };                     /* so many sessions of the group have the feature */
struct cluster {
    struct part *part; uint32_t part_n;             /* by feature */
    uint32_t n;                                     /* sessions; 0: joined to another */
    uint32_t into;
    bool     changed;                               /* in the last round */
    uint32_t best; uint32_t best_points;            /* the mutual one is joined */
    uint16_t fresh[INTRUDER_FEATURES];              /* of 256: how often it shows something new (intruders_settle.c) */
};
struct clusters {
    const struct iview *v;
    struct arena *a;
    struct cluster *c; uint32_t n;
    uint32_t *list; uint32_t *list_first;           /* feature to clusters, built anew each round */
    uint32_t *stamp;
    uint32_t spread_max;                            /* servers at which a weak feature says nothing */
};

/* Groups from the number that each node has, 0..n-1. */
bool iclusters_build(struct clusters *s, const uint32_t *of_node, uint32_t n, struct err *e);
/* Which groups of n_min sessions or more have a feature; only such features as may propose a pair, or all. */
bool iclusters_index(struct clusters *s, uint32_t n_min, bool all, struct arena scratch, struct err *e);
int ipart_order(const void *x, const void *y);
/* Moves sessions, joins parts and takes groups apart. The numbers stay below s->n, which grows; some are left without a session. */
bool isettle(struct clusters *s, uint32_t *of_node, struct err *e);
static inline int cmp_u32(uint32_t x, uint32_t y) { return (x > y) - (x < y); }
bool intruders_full(const struct intruders *c, struct err *e);

#endif
