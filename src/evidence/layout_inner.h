/*
 * layout_inner: what the kinds of layout share and nobody else needs.
 *
 * Tops     a collection may lie inside one folder (or a few, one in the other): layout_open finds that top, and from then on every path a kind sees
 *          (probe's entries, map's `below`, the paths given to layout_list and layout_slurp) counts from there.
 * Score    a kind whose probe says 100 is taken at once; else the highest of at least LAYOUT_SURE, the earlier in the table where two are equal.
 * Errors   open fails for ERR_MEMORY only. A side file that is missing, damaged or too large is a note, and the layout works without it.
 * Lies     every text of a side file is hostile: a path goes through layout_path_take, a name of a machine through layout_host_take.
 */
#ifndef EVIDENCE_LAYOUT_INNER_H
#define EVIDENCE_LAYOUT_INNER_H

#include "evidence/layout.h"

#include "base/time.h"

enum { LAYOUT_SURE = 60, LAYOUT_TOP_DEPTH = 6, LAYOUT_LINE_MAX = 256 << 10, LAYOUT_CELLS_MAX = 128, LAYOUT_PATH_MAX = 32767 };

extern const struct layout_kind layout_velociraptor, layout_acquire, layout_uac, layout_tanium, layout_orc, layout_kape, layout_cylr;

/* ---- notes and places ---- */

/* `path` is copied; a native one below the top gets the top before it. The last place of the list says that there is more. what, hint: constant texts. */
void layout_note_add(struct layout *l, struct str path, const char *what, const char *hint);
/* An empty place: LAYOUT_PLAIN, times unknown. What layout_map hands to a kind. */
struct layout_place layout_place_none(void);
void layout_place_refuse(struct layout_place *ret, const char *what, const char *hint);
/*
 * LAYOUT_PLACE at volume ("C:", "?:") + rest, for layouts that do not encode: `rest` is native, '/' between components, and may be empty (the
 * drive itself). LAYOUT_REFUSE when a component is not harmless, or `a` is full.
 */
void layout_place_native(struct layout_place *ret, struct str volume, struct str rest, struct arena *a);

/* ---- paths ---- */

/* "C", "c", "C:", "c:": the letter in capitals; else 0. */
uint8_t layout_drive(struct str component);
/* "C:" of a letter, "?:" of 0. */
struct str layout_volume(uint8_t letter);
/* NULL: may stand between separators of a Windows path. Else why not: "..", NUL, separators, too long ... */
const char *layout_component_wrong(struct str component);
/* The same for each component of a native path: '/' parts them, a '\' in one is wrong. An empty path is fine. */
const char *layout_native_wrong(struct str native);
/*
 * A Windows path as a side file states it, canonical: "C:\x\y", letter in capitals, '\' between, "\\?\" and "\\.\" before a drive gone. False: it is
 * not an absolute path of a drive or not harmless; *ret_wrong says why ("no room" when `a` is full).
 */
bool layout_path_take(struct str stated, struct arena *a, struct str *ret, const char **ret_wrong);
/* The same for what stands behind the drive: "\Windows\x", "Windows\x" give "\Windows\x"; "" and "\" give "". */
bool layout_path_rest(struct str stated, struct arena *a, struct str *ret, const char **ret_wrong);
/* The name of a machine, if it could be one (letters, digits, '-', '_', '.', bytes beyond ASCII when valid UTF-8; at most 255); else empty. In `a`. */
struct str layout_host_take(struct str stated, struct arena *a);
/* A time as collectors write it: RFC 3339, "2021-03-03 04:15:33.1234567", a zone behind it as "Z", "+00:00", "+0000 UTC", " UTC". TIME_NONE: unusable. */
int64_t layout_time_take(struct str stated);

/* ---- the tree ---- */

/* An entry of a listing by its name, without case; NULL: none of this kind. */
const struct os_entry *layout_entry(const struct os_entry *list, size_t n, struct str name, enum os_kind kind);
/* Entries of a folder below the top. False: it cannot be listed (not there, no folder, no room). */
bool layout_list(const struct layout *l, struct str below, struct arena *a, struct os_entry **ret, size_t *ret_n);
struct str layout_join(struct arena *a, struct str dir, uint8_t sep, struct str name);     /* .p == NULL: no room */
/* Without ".zip", ".7z", ".tar", ".tar.gz", ".tgz", ".tar.zst" ...: the name a collector gave before it packed. */
struct str layout_stem(struct str archive_name);

/* ---- side files ---- */

/*
 * The first limits.side bytes of a file below the top, as UTF-8 (UTF-16 with its mark is converted, a mark goes). *ret is empty, .p == NULL, when there is no
 * such file or it cannot be read (the latter is noted, as is what was cut off: by the limit, or to half of `a`). False: ERR_MEMORY.
 */
bool layout_slurp(struct layout *l, struct str below, struct arena *a, struct str *ret, struct err *e);
/* May one more row of a side file be read? Counts it. False: LAYOUT_ROWS_MAX are read, or keep is half full; noted, so stop at once. */
bool layout_row_more(struct layout *l, struct str file);

/* JSON through json-c, in one place (layout_json.c). Texts are views that live until the callback returns. */
struct json_object;
/* Returns false to stop, with e set for failure or ERR_NONE for "enough". */
typedef bool layout_json_row(void *ctx, struct json_object *row, struct err *e);
/* Each line is an object. Lines that are none, and lines beyond LAYOUT_LINE_MAX, are counted and noted; *ret_bad (may be NULL) gets their number. */
bool layout_json_rows(struct layout *l, struct str file, struct str text, layout_json_row *row, void *ctx, uint64_t *ret_bad, struct err *e);
/* A text that is one object, or a list of objects, or lines of them: the first object. No call: there is none, or it has more than LAYOUT_LINE_MAX bytes. */
bool layout_json_first(struct str text, layout_json_row *row, void *ctx, struct err *e);
/* Each object without objects inside ("{...}"), wherever it stands in the text: for long lists that must not become one tree. Counted as rows. */
bool layout_json_leaves(struct layout *l, struct str file, struct str text, layout_json_row *row, void *ctx, uint64_t *ret_bad, struct err *e);

bool layout_json_text(struct json_object *o, const char *key, struct str *ret);      /* false: not there, or no text */
bool layout_json_u64(struct json_object *o, const char *key, uint64_t *ret);         /* a whole number, not negative; digits in a text too */
bool layout_json_i64(struct json_object *o, const char *key, int64_t *ret);
int64_t layout_json_time(struct json_object *o, const char *key);                    /* TIME_NONE */
struct json_object *layout_json_object(struct json_object *o, const char *key);      /* an object inside; NULL */
size_t layout_json_count(struct json_object *o, const char *key);                    /* items of a list; 0: none, or no list */
bool layout_json_item(struct json_object *o, const char *key, size_t i, struct str *ret);   /* a text of a list */

/* CSV: a header row, then rows; quoted cells may hold line breaks. */
struct layout_csv {
    struct str  file, rest;
    struct str  name[LAYOUT_CELLS_MAX]; size_t name_n;
    struct str  cell[LAYOUT_CELLS_MAX]; size_t cell_n;
    uint64_t    rows, bad;            /* bad: an open or misplaced quote, fewer cells than names, too long; such rows are given all the same but too long ones */
};
/* Reads the header; names live in `a`. `file` is for notes. */
bool layout_csv_open(struct layout_csv *ret, struct str file, struct str text, struct arena *a, struct err *e);
/* Cells live in the text or in `row`. False with ERR_NONE: the end (or LAYOUT_ROWS_MAX), damage was noted. */
bool layout_csv_next(struct layout *l, struct layout_csv *c, struct arena *row, struct err *e);
/* A side file from its first row to its last; one that is not there has none. a: for one row. False: `take` said so, or there is no room. */
typedef bool layout_csv_row(struct layout *l, const struct layout_csv *csv, struct arena a, struct err *e);
bool layout_csv_each(struct layout *l, struct str file, struct arena scratch, layout_csv_row *take, struct err *e);
/* By the name of its column, without case and blanks; empty when the row or the file has none. */
struct str layout_csv_get(const struct layout_csv *c, struct str name);

#endif
