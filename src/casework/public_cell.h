/*
 * public_cell: what the parts of the figures for everybody have in common: a number is told as the five in which it lies, what takes more takes ten, and weeks end with
 * their Sunday.
 */
#ifndef CASEWORK_PUBLIC_CELL_H
#define CASEWORK_PUBLIC_CELL_H

#include <stdbool.h>
#include <stdint.h>

enum { PUBLIC_FIVE = 5, PUBLIC_TEN = 10 };

struct public_cell {
    bool    told;                      /* false: withheld */
    int64_t low;                       /* low..low + 4; 0: fewer than 5 */
};
static inline struct public_cell public_cell(int64_t n) { return (struct public_cell){ true, n < 0 ? 0 : n / PUBLIC_FIVE * PUBLIC_FIVE }; }

/* The last day of the week of a day from 1970 on; day 3 was a Sunday. */
static inline int32_t public_week_end(int32_t day) { return day + 6 - (day + 3) % 7; }

#endif
