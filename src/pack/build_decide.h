/*
 * build_decide: the rules by which a build is patched, unpatched, or cannot be told; and their words. Private to src/pack.
 *
 * Rule 1   numbers are compared as numbers, part by part (1913.10 is above 1913.9).
 * Rule 2   a line is major.minor.build, for Exchange 2010 major.minor. patched(b) <=> some row of b's line has the token and is <= b.
 * Rule 3   a line whose first row has the token was born patched: any revision of it is, also one below that row (an announced version
 *          may lag the setup version: 15.2.858.2 for .5).
 * Rule 4   three parts decide only where the whole line agrees.
 * Rule 5   observed before the line's fix was released: unpatched, with three parts as well. A build that proves the fix by itself wins
 *          over a date that cannot be.
 * Source   survey sheet, sections 1 to 3.
 */
#ifndef PACK_BUILD_DECIDE_H
#define PACK_BUILD_DECIDE_H

#include "pack/builds.h"

enum build_fix_kind { FIX_NEVER, FIX_LATER, FIX_BORN };
/* Where a line got a fix. */
struct build_fix {
    int64_t  from_us;
    uint16_t v[2];                 /* the last two numbers of that build */
    uint8_t  kind;
    uint16_t row;                  /* in the table, for words */
};

enum build_why {
    WHY_ONLINE, WHY_NOT_EXCHANGE, WHY_NOT_AFFECTED, WHY_NOT_ASSESSED, WHY_FEW_PARTS, WHY_NEWER, WHY_UNKNOWN, WHY_NEVER_FIXED, WHY_BORN, WHY_ABOVE,
    WHY_BEFORE, WHY_DISPUTED, WHY_BELOW, WHY_THREE_PARTS, WHY_TWO_PARTS, WHY_NO_UM, WHY_UM_UNKNOWN, WHY_SETTING, WHY_MORE
};
struct build_decision { enum build_verdict verdict; enum build_why why; };

/* The product by the first two numbers. BUILD_PRODUCTS: none of Exchange's, or one that is not known yet. 15.2 gives BUILD_2019. */
enum build_product build_product_of(const uint16_t v[4]);
/* End of support: an instant, TIME_NONE for a product that has support. */
int64_t build_support_ends(enum build_product p);

/* Before the table is asked: what is no Exchange of one's own. False: ask. */
bool build_decide_foreign(const uint16_t v[4], struct build_decision *ret);
/*
 * fix: of the build's own line; NULL: the line is not in the table. newest: the newest build of the table with the same first two numbers, or NULL.
 */
struct build_decision build_decide(enum build_how how, enum build_rule rule, const struct build_fix *fix, const struct build_row *newest,
                                   const uint16_t v[4], int parts, int64_t at_us, int um_role);

/* Numbers of a line's key: 2 for Exchange 2010, else 3. */
static inline int build_key_parts(const uint16_t v[4]) { return v[0] == 14 ? 2 : 3; }
int build_cmp(const uint16_t *a, const uint16_t *b, int parts);
bool build_has_token(struct str fixes, struct str token);

/* The sentence. first: first row of the line, or NULL; fix: the row of the fix, or NULL. .p == NULL: no memory. */
struct str build_words(struct arena *a, struct build_decision d, const uint16_t v[4], int parts, enum build_product product,
                       const struct build_row *first, const struct build_row *fix);

#endif
