/*
 * case_figures: how a campaign goes, by day and stratum: servers, organisations and notices.
 *
 * Shape    update_cases tells how a case and its servers stood from one day to another; case_figures_write puts the series into the store. Reading verbs take
 *          them from there (case_figures_read), and know nothing else: no name of anybody is in case_figure.
 * Unit     each count says whose it is; a figure without its unit is worth nothing.
 * Who      a case whose shown stage is verified or later counts; a candidate counts as such and nowhere else; one that was dismissed does not count. So a
 *          force moves a case in or out of the figures (and is counted itself, always), but no other count: those follow from facts alone.
 * Of servers        what state.h says of each; notified, delivered, bounced, answered, forced, dormant and closed are those of its case. A server that is not
 *                   the organisation's (not_mine) does not count.
 * Of organisations  verified 1; patched when every server is patched, not affected or retired, and one at least patched; hunted and clean as the case is (all
 *                   servers, state.h rule 6); everything else when it is so of one server at least.
 * Of notices        verified: there is one; notified: handed over; delivered, bounced, answered. Nothing else.
 * Joint    a count "x_of_y" is of those that are both x and y: shares are made of these, so none is over 1.
 * Strata   all, country of the organisation, sector and size part organisations, servers and notices. Country of the address and detector part servers; there an
 *          organisation counts once in each value that one of its servers has, and notices are left out.
 * Values   "" is unknown. Countries are two capitals; the rest at most CASE_VALUE_MAX bytes of UTF-8, sector and size in lower case. Of more than
 *          CASE_VALUES_MAX values of a stratum those with the highest peaks stay, the rest add up under CASE_VALUE_OTHER.
 * Days     by observed_at, 1970-01-01 is 0; as-of day and detector versions stand beside them.
 * Order    takes may come in any order, and a span in pieces: the same rows.
 * Bounds   days CASE_DAY_MIN..CASE_DAY_MAX. Memory: about 150 bytes for each day on which something changed in a series.
 * Errors   ERR_MEMORY; ERR_USAGE: a span that ends before it begins, or of another century; those of the store.
 * Source   notification sheet, 8.6.
 */
#ifndef CASEWORK_CASE_FIGURES_H
#define CASEWORK_CASE_FIGURES_H

#include "base/arena.h"
#include "casework/state.h"
#include "store/store.h"

enum { CASE_VALUE_MAX = 64, CASE_VALUES_MAX = 300, CASE_DAY_MIN = 0, CASE_DAY_MAX = 65535 };
#define CASE_VALUE_OTHER "(other)"

enum case_count {
    COUNT_CANDIDATES,              /* cases; everything below counts from verified on */
    COUNT_VERIFIED, COUNT_EXPOSED, COUNT_PATCHED, COUNT_BACKDOORED, COUNT_PATCHED_BACKDOORED, COUNT_BACKDOORED_EVER, COUNT_REENTERED, COUNT_MOVED_ON, COUNT_MAIL_STOLEN,
    COUNT_NOTIFIED, COUNT_ANSWERED, COUNT_HUNTED, COUNT_CLEAN, COUNT_EVER_CLEAN, COUNT_RELAPSED, COUNT_MISSED, COUNT_FORCED, COUNT_DORMANT, COUNT_CLOSED,
    COUNT_DELIVERED, COUNT_BOUNCED,
    COUNT_REENTERED_OF_BACKDOORED, COUNT_RELAPSED_OF_CLEAN, COUNT_MISSED_OF_HUNTED, COUNT_HUNTED_OF_NOTIFIED, COUNT_ANSWERED_OF_NOTIFIED, CASE_COUNTS
};
const char *case_count_name(enum case_count c);        /* "patched_backdoored" */
enum case_by { CASE_BY_ALL, CASE_BY_COUNTRY, CASE_BY_ADDRESS_COUNTRY, CASE_BY_SECTOR, CASE_BY_SIZE, CASE_BY_DETECTOR, CASE_BYS };
const char *case_by_name(enum case_by by);             /* "address_country" */
enum case_unit { UNIT_SERVERS, UNIT_ORGANISATIONS, UNIT_NOTICES, CASE_UNITS };
const char *case_unit_name(enum case_unit u);

struct case_figures;
/* a: holds everything until the last write. */
bool case_figures_open(struct case_figures **ret, struct arena *a, struct err *e);
/* One case stood so on days from..to (days since 1970 UTC, both included). Strata: of the organisation and, for servers, of each address. Texts are copied. */
struct case_strata { struct str country, sector, size; };
struct case_server_strata { struct str country, detector; bool beyond, stolen; };      /* one for each asset of the state, in its order */
bool case_figures_take(struct case_figures *f, int64_t campaign, int32_t from, int32_t to, const struct case_state *s, const struct case_strata *of,
                       const struct case_server_strata *servers, struct err *e);
/* Replaces what case_figure held, within the caller's transaction. Nothing is written of days after the last that was taken. */
bool case_figures_write(struct case_figures *f, struct store *s, struct err *e);

/* One series: rows by day, from which on they hold until the next. */
struct case_figure { int32_t day; int64_t n[CASE_COUNTS]; };
bool case_figures_read(struct store *s, int64_t campaign, enum case_by by, struct str value, enum case_unit unit, struct arena *a,
                       struct case_figure **ret, size_t *ret_n, struct err *e);
/* What a series says of a day; all 0 before its first. */
struct case_figure case_figures_on(const struct case_figure *f, size_t n, int32_t day);
/* The values of a stratum with what holds on `day`, largest (verified, then candidates) first. Values of which nothing holds are left out. */
struct case_stratum { struct str value; struct case_figure now; };
bool case_figures_values(struct store *s, int64_t campaign, enum case_by by, enum case_unit unit, int32_t day, struct arena *a, struct case_stratum **ret, size_t *ret_n, struct err *e);

/* Shares, each with its named denominator. */
struct case_share {
    const char     *name;          /* "patched and still back-doored" */
    const char     *of;            /* "patched" */
    enum case_count part, whole;
    uint32_t        units;         /* bits of enum case_unit for which it is told */
};
extern const struct case_share case_shares[];          /* ends with .name == NULL */

#endif
