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
static inline int cmp_u32(uint32_t x, uint32_t y) { return (x > y) - (x < y); }
bool intruders_full(const struct intruders *c, struct err *e);

#endif
