/*
 * builds: what a build says about the fix of any campaign group, fast enough to ask it of every row of every file.
 *
 * Shape    the table of builds and the groups, laid out once: a line (major.minor.build; for Exchange 2010 major.minor) knows for each group where
 *          its fix came. Groups are those of groups.csv, then every other token that the build table names: a newer table may bring
 *          campaigns that this program never heard of.
 * Rules    build_decide.h; survey sheet, sections 1 to 3. Three and two numbers are never guessed: BUILD_CANNOT_TELL.
 * Bounds   BUILDS_GROUPS_MAX groups, BUILDS_LINES_MAX lines.
 * Errors   ERR_LIMIT, ERR_FORMAT with the line of the file.
 * Owner    everything in the arena given. Afterwards nothing changes: any thread may ask.
 */
#ifndef PACK_BUILDS_H
#define PACK_BUILDS_H

#include "pack/pack.h"

enum { BUILDS_GROUPS_MAX = 32, BUILDS_LINES_MAX = 1000, BUILDS_SLOTS = 4096 };

enum build_flag {
    BUILD_EOL     = 1 << 0,        /* out of support when it was seen; unknown date: on the newest day of the table */
    BUILD_NEWER   = 1 << 1,        /* newer than the table */
    BUILD_UNKNOWN = 1 << 2,        /* no such line in the table */
    BUILD_BY_DATE = 1 << 3         /* unpatched because it was seen before the fix was there */
};

struct build_fix;
struct build_line;
struct builds {
    const struct build_row   *row;  size_t row_n;       /* sorted by v */
    const struct build_group *group; size_t group_n;
    struct build_line        *line; size_t line_n;
    struct build_fix         *fix;                       /* line * group_n + group */
    int64_t                   newest_us;                 /* of all release dates */
    uint16_t                  slot[BUILDS_SLOTS];        /* of line + 1, by hash of the line's numbers; 0: none */
};

/* From a pack that is loaded; csv: the text of a table that takes the place of the pack's builds, or empty. */
bool builds_make(struct builds *ret, struct arena *a, const struct pack *p, struct str csv, struct err *e);
/* The program's own table and groups; file: builds from this file instead, or empty. What the command line's --builds means. */
bool builds_load(struct builds *ret, struct arena *a, struct os *os, struct str file, struct err *e);

/* Index of a group by its name or one of its other names ("CVE-2021-26855"), letters folded. -1: none. */
int builds_group(const struct builds *b, struct str name);
struct str builds_group_name(const struct builds *b, size_t group);

/* When the first fix of a group was released for any line. TIME_NONE: there is none. */
int64_t builds_first_fix_us(const struct builds *b, size_t group);

/* parts: 0, 2, 3 or 4 numbers of v are known. at_us: when it was seen, or TIME_NONE. ret_flags: build_flag; NULL is allowed. */
enum build_verdict build_verdict(const struct builds *b, size_t group, const uint16_t v[4], int parts, int64_t at_us, uint32_t *ret_flags);

/* The same with its reason. um_role as for build_judge. */
struct build_reason {
    struct build_answer answer;
    uint32_t            flags;
    struct str          line, update;      /* "15.1.2176", "CU19"; empty: unknown */
};
bool builds_answer(const struct builds *b, struct arena *a, size_t group, const uint16_t v[4], int parts, int64_t at_us, int um_role,
                   struct build_reason *ret, struct err *e);

/* "Exchange Server 2016"; empty: no product of Exchange. Not by 15.2 alone: 2019 and SE share it. */
struct str builds_product(const struct builds *b, const uint16_t v[4], int parts);

/* The first row of the build's line: the cumulative update. NULL: not in the table, or too few numbers. */
const struct build_row *builds_line(const struct builds *b, const uint16_t v[4], int parts);
/* BUILD_PRODUCTS: unknown, or one of two. */
enum build_product builds_product_of(const struct builds *b, const uint16_t v[4], int parts);
const char *build_product_name(enum build_product p);   /* "" for BUILD_PRODUCTS */

#endif
