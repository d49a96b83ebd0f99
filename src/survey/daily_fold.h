/*
 * daily_fold: one server under way through its days. Rules 1 to 7 stand in daily_fold.c.
 *
 *   daily_slot   who lives, and what a slot knows
 *   daily_state  what is true of the server then, as a period
 *   daily_fold   the days, in their order
 */
#ifndef SURVEY_DAILY_FOLD_H
#define SURVEY_DAILY_FOLD_H

#include <limits.h>

#include "survey/daily_inner.h"

enum { NEVER = INT32_MIN, CACHE = 1 << 14 };

struct known { uint16_t build[4]; uint8_t parts, source; uint16_t detector; int32_t day; };
struct slot {
    bool     named, seen, exchange, other, odd, gone, has_next;
    uint32_t end;                        /* of a slot without a name; NOBODY: none */
    struct known known, next;            /* next: what is taken when the lower one is not seen any more */
    int32_t  answered_day, hidden_day, mixed_until, fail_day, fails;
    uint32_t unpatched, patched;         /* claims of this line */
};
/* A slot was reached at an end. */
struct link { uint32_t end, slot; int32_t day; };
struct today { uint32_t slot, state; int64_t at_us; };
struct judged { uint64_t build; int32_t day; uint8_t parts, verdict[BUILDS_GROUPS_MAX]; bool eol; };

struct fold {
    const struct daily *d;
    const struct d_server *server;
    struct slot   *slot;
    struct link   *link;   size_t link_n;
    struct today  *today;  size_t today_n, today_cap;
    uint32_t      *failed; size_t failed_n, failed_cap;      /* ends; NOBODY: the name itself */
    struct period *period; size_t period_n, period_cap;
    struct judged *cache;
    int32_t  moved_from, last_answer;
    uint32_t mitigated, compromised;
    char     country[2];
    uint32_t asn;
    uint16_t sector;
    int32_t  place_day, sector_day;
    uint8_t  place_source, sector_source;
    bool     located;
};

/* Room for one more in a list of n. */
bool fold_grow(void *list, size_t *cap, size_t n, size_t size, struct err *e);

/* The day on which a slot that is in no source any more counts as gone. */
static inline int32_t slot_absent_from(const struct fold *f, const struct slot *s)
{
    const struct daily *d = f->d;
    size_t run = (size_t)d->runs[s->answered_day] + (size_t)(d->o.rules.gone_runs > 0 ? d->o.rules.gone_runs - 1 : 0);

    if (run >= d->survey_day_n)
        return INT32_MAX;
    int32_t by_days = s->answered_day + d->o.rules.absent_days + 1;
    return d->survey_day[run] > by_days ? d->survey_day[run] : by_days;
}

static inline bool slot_lives(const struct fold *f, const struct slot *s, int32_t day) { return s->seen && !s->gone && day < slot_absent_from(f, s); }

/* Where the links of an end, or of a slot at an end, begin. Links are sorted. */
size_t fold_link_from(const struct fold *f, uint32_t end, uint32_t slot);
/* Living named nodes of an end; *ret_last: one of them; *ret_older: how many were not seen since that day. */
size_t fold_nodes_at(const struct fold *f, uint32_t end, int32_t day, int32_t since, uint32_t *ret_last, size_t *ret_older);
/* Rule 4: an anonymous slot that has nothing to add. */
bool fold_superseded(const struct fold *f, uint32_t at, int32_t day);

/* The first `parts` numbers. */
int build_compare(const uint16_t *a, const uint16_t *b, int parts);
void slot_learn(const struct fold *f, struct slot *s, const struct known *k);
/* When the lower build was not seen for long enough, what was seen since is true again. */
void slot_settle(struct slot *s, int32_t day);
int slot_parts(const struct fold *f, const struct slot *s, int32_t day);       /* numbers known; 0 when they were hidden for too long */

/* What is true on that day, as a period, if it is another than before. looked: the day, where somebody told its build or claimed something on it; else -1. */
bool fold_evaluate(struct fold *f, int32_t day, int32_t looked, struct err *e);
/* The next day on which something changes although nobody says anything. */
int32_t fold_next_wake(const struct fold *f, int32_t day);

#endif
