/*
 * daily_inner: what the parts of daily.h know of each other.
 *
 *   daily_load    what the store knows of words, nodes, identities, targets and states, sorted by number
 *   daily_join    which targets are one server, and its slots and ends
 *   daily_read    all observations once, spooled by server
 *   daily_fold    one server's observations, day after day
 *   daily_spans   what the fold says of each day, as spans by group
 *
 * A target (record_tables.h) is a node with an identity. A slot is what has one build at a time: a node by its X-FEServer, wherever it was reached;
 * what answered without that name at one end (address and port); what was told without an address.
 */
#ifndef SURVEY_DAILY_INNER_H
#define SURVEY_DAILY_INNER_H

#include "pack/builds.h"
#include "survey/daily.h"
#include "survey/observation.h"

#define NOBODY UINT32_MAX
#define PLACED_ONLINE ((uint32_t)1 << 31)

/* Numbers of the store to places in a table. */
struct place { int64_t id; uint32_t at; };
struct places { struct place *slot; size_t cap; };
bool places_make(struct places *p, struct arena *a, size_t n);
void places_put(struct places *p, int64_t id, uint32_t at);
uint32_t places_get(const struct places *p, int64_t id);       /* NOBODY */
void places_soon(const struct places *p, int64_t id);          /* it will be asked for: the memory may be fetched */

struct d_word { int64_t id; struct str text; };
struct d_node { int64_t id; uint8_t ip[16]; uint32_t address; uint16_t port; bool has_ip, named; uint32_t word; };
struct d_identity { int64_t id; uint64_t cert; bool has_cert, wild; uint32_t org, cert_name, domain, name_first, name_n; };
struct d_target { int64_t id; uint32_t node, identity, server, slot, end; bool online, nobody /* neither address nor name */; };
struct d_state {
    int64_t  id;
    uint16_t build[4];
    uint8_t  parts, source, precedence;        /* of the build within a day; 0: it has none */
    bool     answered, exchange, other, hidden, two, odd, fails;
    uint16_t detector, sector;
    char     country[2];
    uint32_t asn;
    uint32_t unpatched, patched, mitigated, compromised;       /* claims, by group */
};
struct d_batch { int64_t first, last, recorded_us; bool is_void; };

/* One observation on its way: 16 bytes. */
struct seen { uint32_t target, state; int64_t at_us; };

struct d_server { uint64_t id; uint32_t target_first, target_n, slot_n, end_n; };

struct daily {
    struct store *s;
    struct daily_options o;
    struct arena whole, a;
    int64_t last_observation;

    struct d_word *word;         size_t word_n;
    struct d_node *node;         size_t node_n, address_n;
    struct d_identity *identity; size_t identity_n;
    uint32_t *name;              size_t name_n;                /* words, by identity */
    uint8_t *name_from;                                        /* enum obs_naming of each */
    struct d_target *target;     size_t target_n;
    struct d_state *state;       size_t state_n;
    struct d_batch *batch;       size_t batch_n;
    struct places by_target, by_state;
    uint32_t *detector;          size_t detector_n;            /* words, sorted by text */
    uint32_t *sector;            size_t sector_n;              /* the first is NOBODY: "" */

    struct d_server *server;     size_t server_n;              /* sorted by id */
    uint32_t *of_server;                                       /* targets, by server */
    uint32_t *server_of;                                       /* of a target, in little room; PLACED_ONLINE is set beside it, NOBODY: none */
    uint32_t slot_max, target_max;                               /* of any server */
    uint64_t hubs;

    uint8_t *day_seen; int32_t *survey_day; size_t survey_day_n;     /* days on which anything was observed: the survey's runs */
    int32_t *runs;                                             /* by day: how many until then, that day too */
    struct daily_counts counts;
    uint32_t looks;                                            /* groups of daily_looks; 0: spans of all, as long as they are the same */
};

enum { DAY_MIN = 9496, DAY_MAX = 60000 };      /* 1996-01-01, before the first Exchange; 2134 */

bool daily_load(struct daily *d, struct err *e);
bool daily_join(struct daily *d, struct err *e);

/* The batch of an observation; NULL: none. *at: where the last one was. */
const struct d_batch *daily_batch(const struct daily *d, int64_t id, size_t *at);
static inline int32_t day_of(int64_t us) { return (int32_t)(us >= 0 ? us / TIME_DAY : -((-us + TIME_DAY - 1) / TIME_DAY)); }
/* Whether a time can be. */
static inline bool daily_time(const struct daily *d, int64_t us, const struct d_batch *b)
{
    int32_t day = day_of(us);

    return day >= DAY_MIN && day < DAY_MAX && us <= b->recorded_us + TIME_DAY && (!d->o.last_day || day <= d->o.last_day);
}

/* Spools: part p holds the observations of the servers [p * server_n / parts, (p + 1) * server_n / parts). */
struct spools;
bool daily_read(struct daily *d, uint32_t jobs, uint32_t parts, struct spools **ret, struct err *e);
uint64_t spools_count(const struct spools *s, uint32_t part);
bool spools_get(struct spools *s, uint32_t part, struct seen *ret, struct err *e);
void spools_close(struct spools *s);

/* ---- what is true of a server from a day on ---- */
struct look { uint16_t told, told_by_four, told_mitigated; };
struct period {
    int32_t  day, looked;              /* looked: the last day in it on which its build was seen or something claimed; -1: none */
    uint8_t  verdict[BUILDS_GROUPS_MAX];
    uint32_t by_claim, mitigated, compromised, eol;            /* by group */
    enum span_state state;
    uint32_t flags;
    uint8_t  parts;
    bool     reached;
    uint16_t build[4];
    uint16_t addresses, nodes, detector, sector;
    char     country[2];
    uint32_t asn;
    uint8_t  by;
    int64_t  seen_us;                  /* with daily_looks; look[] is only filled when it is a time */
    struct look look[BUILDS_GROUPS_MAX];
};

struct fold;
bool fold_open(struct fold **ret, const struct daily *d, struct err *e);
void fold_close(struct fold *f);
/* seen: of this server only, in any order; it is sorted in place. The periods live until the next call. False: no memory. */
bool fold_server(struct fold *f, uint32_t server, struct seen *seen, size_t n, const struct period **ret, size_t *ret_n, struct err *e);

/* Gives one server's spans to the sink. */
bool spans_of(const struct daily *d, uint32_t server, const struct period *p, size_t n, const struct span_sink *sink, struct err *e);

#endif
