/*
 * layout_rows: what side files say of single entries, found again by the entry's own path.
 *
 * Shape    a key ("C/inetpub/x.log", native, below the layout's top) to one row: added one by one, settled once, then asked. The first row of
 *          a key stands; later ones are counted. Sorted, not hashed: names that an intruder chose cannot make it slow.
 * Case     `fold`, set before the first row: KAPE and DFIR-ORC come from Windows, UAC does not.
 * Bounds   the caller counts rows (layout_row_more) before it adds one.
 * Errors   ERR_MEMORY only.
 * Owner    key and row are copied into `keep` by layout_rows_add.
 */
#ifndef EVIDENCE_LAYOUT_ROWS_H
#define EVIDENCE_LAYOUT_ROWS_H

#include "evidence/layout_inner.h"

struct layout_row {
    struct str key;               /* set by layout_rows_add */
    struct str path;              /* original Windows path; empty: as the entry's place says */
    int64_t    mtime_us, btime_us;
    uint8_t    shadow;
    uint8_t    volume;            /* DFIR-ORC: which of its volumes; layout_rows does not look at it */
    bool       partial;
    uint32_t   turn;              /* set by layout_rows_add: its place among the rows */
};
struct layout_rows {
    bool               fold;
    struct layout_row *row;
    size_t             n, cap;
    uint64_t           again;     /* rows whose key was there already */
};

bool layout_rows_add(struct layout_rows *t, struct arena *keep, struct str key, const struct layout_row *row, struct err *e);
void layout_rows_settle(struct layout_rows *t);
/* NULL: no side file speaks of it. */
const struct layout_row *layout_rows_get(const struct layout_rows *t, struct str key);
/* Times, partial and shadow of the row to the place; its path too, when it has one. */
void layout_rows_apply(const struct layout_row *row, struct layout_place *io);

/* Not a row, but what the kinds share: '\' to '/'. .p == NULL: no room. */
struct str layout_native(struct arena *a, struct str path);
/* Digits as "dddd-dd" by a pattern: 'd' stands for a digit, anything else for itself. How many bytes of `s` fit the whole pattern; 0: it does not. */
size_t layout_pattern(struct str s, const char *pattern);

#endif
