/* probe, inside: what probe.c (whose turn it is) and probe_flight.c (what comes of it) share. */
#ifndef SURVEY_PROBE_INNER_H
#define SURVEY_PROBE_INNER_H

#include "survey/probe.h"
#include "survey/probe_order.h"
#include "survey/probe_plan.h"

enum { NO_NAME = UINT32_MAX, FLIGHT_ROOM = 96 << 10, OURS_MAX = 20 };

/* Somebody to ask, waiting for the time. */
struct target {
    uint64_t at;                     /* of the tick clock */
    uint8_t  ip[16];
    uint32_t name, asn;              /* name: number in the scope, or NO_NAME */
    uint8_t  requests;               /* that an earlier attempt has used */
    bool     resolve, again;         /* again: the retry after a time-out */
};

enum flight_state { FLIGHT_FREE, FLIGHT_RESOLVES, FLIGHT_ASKS };
struct flight {
    enum flight_state state;
    struct target     t;
    struct arena      room;          /* of this exchange; whole is kept to begin anew */
    struct arena      whole;
    struct observation o;
    char              host[FETCH_HOST_MAX], path[PLAN_PATH_MAX];
    enum fetch_end    end;           /* of the first request */
    uint32_t          sent;
    bool              second, opted_out, busy, cert_read;
    int64_t           until_us;
};

struct probe {
    const struct probe_setup *s;
    const struct probe_world *w;
    struct probe_journal     *j;
    struct arena             *a;
    struct probe_counts       n;
    const struct probe_optout *optout;
    struct fetch              fetch;
    struct probe_order        order;
    struct probe_pace         pace;
    uint64_t                  cursor, total, dns_next, checked_at;
    int64_t                   began_us;
    struct target            *heap;  uint32_t heap_n;
    struct target            *later; size_t later_from, later_n, later_cap;    /* retries, in the order in which they are due */
    struct flight            *flight; uint32_t flying, resolving, ours;
    uint32_t                 *free; uint32_t free_n;
    uint8_t                  *name_done;                                      /* a bit for each name */
    bool                      stopping;
    enum probe_ended          ended;
    struct err               *e;
};

static inline int64_t  probe_now(const struct probe *p) { return p->w->os->now_us(p->w->os); }
static inline uint64_t probe_tick(const struct probe *p) { return p->w->os->tick_us(p->w->os); }
static inline struct str probe_name_of(const struct probe *p, uint32_t name) { return name == NO_NAME ? STR_EMPTY : p->s->scope->name[name]; }

/* probe.c: by every rule but the pace, may this address be asked? Counts why not; without `count` it only says. */
bool probe_may(struct probe *p, const uint8_t ip[16], uint32_t name, bool again, bool count);
/* An address has come up: of the scope, or of a name. False: memory. */
bool probe_take(struct probe *p, const uint8_t ip[16], uint32_t name);
bool probe_retry(struct probe *p, const struct target *t);
bool probe_journal_line(struct probe *p, const char *text, size_t n, bool sync);

/* probe_flight.c: begins, and goes on with what came. */
void flight_rules(struct probe *p, struct fetch_rules *ret);
bool flight_resolve(struct probe *p, const struct target *t);
bool flight_ask(struct probe *p, const struct target *t);
bool flight_answer(struct probe *p, const struct fetch_answer *a);
/* The observation of somebody whose retry will not come. */
bool flight_give_up(struct probe *p, const struct target *t);

#endif
