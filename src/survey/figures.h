/*
 * figures: how many are patched, how many are not, and of how many nobody can say it; by day, campaign group and stratum.
 *
 * Shape    spans in (daily.h), in their order; then figures_done; then series: for one group and stratum what held from one day to the next.
 *          Every span is counted in BY_ALL and in its country, sector, AS, product, line of builds and detector; servers that were there on the cohort's day
 *          are followed in BY_COHORT as well, whatever becomes of them.
 * Unit     servers, but where a count says addresses. A figure without its unit is worth nothing: publishers count both.
 * Counts   the population of a day are servers seen as Exchange and affected: FIG_PATCHED, FIG_UNPATCHED, FIG_CANNOT_TELL. Gone, moved, unreachable and
 *          not affected ones are beside it, each on its own: a server that was switched off was not patched.
 * Share    an interval: known patched .. not known unpatched. A point only of those that could be decided, with how many these are.
 * Bounds   FIGURES_GROUPS_MAX groups; days FIGURES_DAY_MIN .. FIGURES_DAY_MAX. Memory: 64 bytes for each day on which something changed in a
 *          stratum. ERR_LIMIT when the arena is full.
 * Owner    everything in the arena given to figures_open.
 * Source   survey sheet, section 10.
 */
#ifndef SURVEY_FIGURES_H
#define SURVEY_FIGURES_H

#include "base/arena.h"
#include "pack/builds.h"
#include "survey/daily.h"

enum { FIGURES_GROUPS_MAX = 64, FIGURES_DAY_MIN = 7305 /* 1990 */, FIGURES_DAY_MAX = 65535 };

enum figure_count {
    FIG_PATCHED, FIG_UNPATCHED, FIG_CANNOT_TELL,
    FIG_GONE, FIG_MOVED,               /* no longer answering; served by Exchange Online */
    FIG_NEW,                           /* counted for the first time on this day */
    FIG_OTHER,                         /* not affected, no Exchange, nobody's own */
    FIG_UNREACHED,                     /* never answered */
    FIG_MITIGATED,                     /* claimed by somebody; also counted as unpatched or cannot tell */
    FIG_STALE,                         /* unpatched by three numbers alone; also counted above */
    FIG_ADDRESSES, FIG_ADDRESSES_PATCHED, FIG_ADDRESSES_SAFE,      /* of the population: all, patched, patched or claimed to be mitigated */
    FIG_COMPROMISED,                   /* claimed; another axis */
    FIG_COUNTS
};
const char *figure_count_name(enum figure_count c);    /* "cannot_tell" */

enum figure_by { BY_ALL, BY_COUNTRY, BY_SECTOR, BY_ASN, BY_PRODUCT, BY_LINE, BY_DETECTOR, BY_COHORT, FIGURE_BYS };
const char *figure_by_name(enum figure_by by);         /* "country" */

/* A value of BY_LINE, 0: unknown; and back to the numbers of the line (14.3: two). */
static inline uint32_t figure_line(const uint16_t v[4], int parts)
{
    int key = v[0] == 14 ? 2 : 3;
    return parts < key || v[0] > 255 || v[1] > 255 ? 0 : (uint32_t)v[0] << 24 | (uint32_t)v[1] << 16 | (key == 3 ? v[2] : 0u);
}
static inline void figure_line_numbers(uint32_t value, uint16_t ret_v[4])
{
    ret_v[0] = (uint16_t)(value >> 24);
    ret_v[1] = (uint16_t)(value >> 16 & 255);
    ret_v[2] = (uint16_t)value;
    ret_v[3] = 0;
}

/* From this day on, until the next figure of its series. */
struct figure {
    uint64_t key;                      /* group, stratum, value, day: figure_day and so on. Figures are sorted by it */
    int32_t  n[FIG_COUNTS];
};
static inline uint32_t figure_group(const struct figure *f) { return (uint32_t)(f->key >> 58); }
static inline enum figure_by figure_by(const struct figure *f) { return (enum figure_by)(f->key >> 54 & 15); }
static inline uint32_t figure_value(const struct figure *f) { return (uint32_t)(f->key >> 16 & UINT32_MAX) ; }
static inline int32_t figure_day(const struct figure *f) { return (int32_t)(f->key & 0xFFFF); }

/* When a server of the cohort was patched: after `after`, on `by` or before. */
enum { PATCHED_BEFORE = -1 /* never seen unpatched */, PATCHED_NEVER = INT32_MAX /* not until it was last seen */ };
struct patched_when { uint32_t group; int32_t after, by; uint32_t servers; };

struct figures_options {
    const struct builds *builds;
    int32_t  cohort_day;               /* servers of this day's population are the cohort */
    int32_t  last_day;                 /* spans are cut here; 0: they are not */
    uint64_t groups;                   /* bits of the groups that count; 0: all */
    uint32_t without;                  /* bits of enum figure_by that are left out */
    int32_t  asn_from, asn_to;         /* BY_ASN is counted on these days only: a curve for each of many thousand networks takes memory. 0, 0: every day */
};

struct figures {
    struct figures_options o;
    struct arena          *a;
    struct figure         *slot; size_t slot_cap, slot_n;       /* while spans come: a hash table of changes */
    struct patched_when   *when; size_t when_cap, when_n;       /* the same */
    const struct figure   *figure; size_t figure_n;             /* when done */
    int32_t  first_day, last_day;
    uint64_t spans;
    struct {                           /* the server and group of which spans come */
        uint64_t server; uint32_t group;
        bool     open, counted, cohort;
        int32_t  after, by;
        struct { uint64_t key; int32_t next, n[FIG_COUNTS]; } last[FIGURE_BYS];      /* what it counts for until `next`; next == 0: nothing */
    } now;
};

bool figures_open(struct figures *ret, struct arena *a, const struct figures_options *o, struct err *e);
bool figures_take(struct figures *f, const struct server_span *s, struct err *e);
struct span_sink figures_sink(struct figures *f);
/* Sorts and adds up. Afterwards figure and when are final. */
bool figures_done(struct figures *f, struct err *e);

/* The series of a stratum, in order of days: figures *ret_n from the one returned. *ret_n == 0: none. */
const struct figure *figures_series(const struct figures *f, uint32_t group, enum figure_by by, uint32_t value, size_t *ret_n);
/* What held on a day; all zero where nothing did. */
struct figure figures_on(const struct figures *f, uint32_t group, enum figure_by by, uint32_t value, int32_t day);
/* The next value of a stratum from *value on, in order; false: no more. Begin with 0, and go on with the value found + 1. */
bool figures_next_value(const struct figures *f, uint32_t group, enum figure_by by, uint64_t *value);

struct share {
    bool   known;                      /* false: nobody is there */
    double low, high;                  /* known patched .. not known unpatched */
    double decided;                    /* how many could be decided */
    double point;                      /* patched of these; only with `decided` */
};
struct share figure_share(const struct figure *f);
int64_t figure_population(const struct figure *f);

/* One truth, several published numbers: each publisher's way to count, of the same figure. */
struct definition { const char *name, *unit, *about; struct share (*share)(const struct figure *f); };
extern const struct definition figure_definitions[];   /* ends with .name == NULL */

#endif
