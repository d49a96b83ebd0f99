/*
 * objects: what an administrator's tools print of objects: names and values, object by object.
 *
 * Forms    PowerShell's Format-List ("Name : value", blank line between objects, wrapped values indented), LDIF (RFC 2849, also "attr:: base64"),
 *          CSV with a header (also Export-Csv's "#TYPE" line before it), JSON (ConvertTo-Json: one object or an array of them).
 * Shape    objects in the order of the file; pairs in the order of the object, a name may return. A JSON object inside an object gives names with a dot
 *          ("ExternalUrl.AbsoluteUri"), an array gives its name once for each element.
 * Text     UTF-16 and Windows-1252 become UTF-8 first. Names and values are trimmed.
 * Bounds   OBJECTS_MAX objects, OBJECTS_PAIRS_MAX pairs in all, OBJECTS_TEXT_MAX bytes a value, OBJECTS_DEPTH_MAX deep (JSON). Beyond: `damaged`.
 * Errors   ERR_FORMAT: none of the four forms. ERR_MEMORY: the arena is full. Broken text is not an error: what was whole stands, `damaged` tells.
 * Owner    views into the text given, or texts in the arena.
 * Not done what the objects mean; LDIF change records, "attr:< url"; tables (Format-Table).
 * Source   RFC 2849; RFC 4180; RFC 8259; about_Format_List and Export-Csv (Microsoft Learn).
 */
#ifndef FORMATS_OBJECTS_H
#define FORMATS_OBJECTS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { OBJECTS_MAX = 50000, OBJECTS_PAIRS_MAX = 400000, OBJECTS_TEXT_MAX = 64 << 10, OBJECTS_DEPTH_MAX = 32, OBJECTS_COLUMNS_MAX = 512, OBJECTS_WRAPS_MAX = 256 };

enum objects_form { OBJECTS_LIST, OBJECTS_LDIF, OBJECTS_CSV, OBJECTS_JSON };
struct object_pair { struct str name, value; };
struct object { size_t first, n; uint32_t line; };            /* pairs first .. first + n - 1 */
struct objects {
    enum objects_form   form;
    struct object_pair *pair;   size_t pair_n;
    struct object      *object; size_t n;
    bool                damaged;
    char                what[120];
};

bool objects_parse(struct objects *ret, struct arena *a, struct str in, struct err *e);

/* The first value of that name, without case; .p == NULL: none. */
struct str objects_get(const struct objects *o, size_t i, struct str name);

#endif
