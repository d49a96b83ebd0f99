/*
 * public_figures: what may be told to everybody (TLP:CLEAR). A path of its own: it works on a store that holds three tables of numbers, case_figure, case_wait and case_wave, of one
 * campaign, into which public_store copies the rows that are needed. No name, address, reason or case is within its reach.
 *
 * Rules    1. Every number is told as the five in which it lies: 0-4, 5-9, 10-14 ... The first of them is told as "fewer than 5": that is the suppression of small
 *             cells. So no published number, and no difference of two of them, on one day or between days, says anything to less than five.
 *          2. Strata count organisations only: country, sector, size. Of servers there is the whole, as of the end of the last week by which 5 organisations had come into the count, or
 *             gone from it, since the number that was told before; it is withheld where fewer than 5 stand behind it. Told by the day, one organisation with thirty servers would be
 *             seen to come.
 *          3. A value is named when 5 or more verified organisations have it, and it is a country, a sector of STIX 2.1 or one of four sizes: words from
 *             registers are not repeated. Rows stand in the order of what is told of them, then of names. Nothing says how many values were left out.
 *          4. The rows of a column, what is left out and the whole are one equation, and columns lie within each other. The smallest value is left out, always, and
 *             more, from the smallest on, until what is left out is so much that it can make up for any change of any one number within its five
 *             (public_columns): then the equations say nothing of a number that it does not say itself. A column for which it is too little is withheld in that
 *             table. Of all ways to part rows that are told from those that are not, the one that tells most numbers is taken.
 *          5. Days: the whole only, by rule 1. A step shows that a border of five was crossed: the difference of two days is known to nine values at best.
 *          6. Medians and the wave have rules of their own (public_wait.h, public_wave.h): of the whole only, as of the end of a week, and moved by ten organisations at least.
 *          7. A detector is named when 5 or more organisations were seen by it, and its name is plain (letters, digits, ". _ -" and blanks).
 * Not done  protection against one who knows most of the cases himself (or all large ones: what is left of a number of servers is then small), or who knows from elsewhere that exactly one organisation changed on the day on which a border was crossed.
 * Shares   an interval, from the lowest to the highest that the two numbers allow.
 * Owner    everything in the arena.
 * Errors   of the store; ERR_MEMORY.
 * Source   notification sheet, 8.6 (cells under 5, separate path); Hundepool et al., Statistical Disclosure Control (2012), chapters 4 and 5 (complementary
 *          suppression, rounding, differencing). The rules are ours.
 */
#ifndef CASEWORK_PUBLIC_FIGURES_H
#define CASEWORK_PUBLIC_FIGURES_H

#include "casework/case_figures.h"
#include "casework/public_cell.h"
#include "casework/public_wait.h"
#include "casework/public_wave.h"

/*
 * A store in memory with the three tables, and in it what publication may see of one campaign: the whole up to a day, strata as they stand on it, waits and the wave up to it.
 * from: nothing but the three is read.
 */
bool public_store(struct store *from, int64_t campaign, int32_t day, struct arena scratch, struct store **ret, struct err *e);

/* The counts that are told, in this order. */
enum { PUBLIC_COUNTS = 13, PUBLIC_STRATUM_COUNTS = 8 };
extern const enum case_count public_counts[PUBLIC_COUNTS];             /* the first PUBLIC_STRATUM_COUNTS also by stratum */

struct public_row { struct str value; struct public_cell n[PUBLIC_STRATUM_COUNTS]; };      /* value: "" is unknown */
struct public_day { int32_t day; struct public_cell n[PUBLIC_COUNTS]; };

struct public_figures {
    int32_t day;
    struct public_cell organisations[PUBLIC_COUNTS], servers[PUBLIC_COUNTS];
    int32_t servers_as_of[PUBLIC_COUNTS];                              /* of those that are told: the last day of a week */
    struct public_day *days; size_t day_n;                             /* organisations; only where a number changes */
    struct { enum case_by by; struct public_row *row; size_t n; } table[3];            /* country, sector, size */
    struct str *detector; size_t detector_n;
    struct public_wait wait[WAIT_PAIRS];                               /* as wait_pairs */
    struct public_wave wave;
};
/* s: of public_store, or any store that has the tables. dates: of the campaign. */
bool public_figures_read(struct store *s, int64_t campaign, int32_t day, const struct wave_dates *dates, struct arena *a, struct public_figures *ret, struct err *e);

struct public_share { bool known; double low, high; };
struct public_share public_share(struct public_cell part, struct public_cell whole);

/*
 * Rule 4: which columns may be told (bits, in the order of public_counts) when rest[] is left out of the rows, and nobody could say that it is more than `most`
 * organisations. 0: none, more must be left out. One number of a row may be anything within its five, its row still in order (t there and in the columns around it, 0
 * elsewhere): others then change by 4 at most, and what is left out makes up for that in each column, when it has 4 to give, 4 more to take, and 8 between a column and
 * one within it, 12 between a column and two that exclude each other.
 */
uint32_t public_columns(const int64_t rest[PUBLIC_STRATUM_COUNTS], int64_t most);

#endif
