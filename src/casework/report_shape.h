/*
 * report_shape: does this JSON have the shape of docs/report.schema.json? The schema as tables, and the walk over them.
 *
 * Shape    every name that the schema requires is there, every value of a known name has its kind, its pattern, its bounds. Names that the schema does not know are
 *          allowed and not looked at: fields may be added.
 * Strict   beyond the schema: a name that is known stands once in its object and without escapes, so that two readers cannot read two things; an object has
 *          at most SHAPE_MEMBERS_MAX names; a whole number is digits alone and fits 63 bits; text of words and patterns has no escapes.
 * Errors   ERR_FORMAT, what: the fault in our own words, no byte of the file among them; where: the path, "campaigns[0].verdict".
 * Test     report_shape_test compares the tables with the schema, name by name.
 */
#ifndef CASEWORK_REPORT_SHAPE_H
#define CASEWORK_REPORT_SHAPE_H

#include "base/err.h"
#include "formats/jsontree.h"

enum { SHAPE_MEMBERS_MAX = 256 };
bool report_shape(const struct jt *t, struct err *e);

/* --- the tables, for the test --- */
enum shape_kind {
    SHAPE_TEXT, SHAPE_TIME, SHAPE_SHA256, SHAPE_COUNT /* whole, 0 or more */, SHAPE_LINE /* whole, 1 or more */, SHAPE_SECONDS /* 0 or more */, SHAPE_SHARE /* 0..1 */,
    SHAPE_BOOL, SHAPE_ONE_OF, SHAPE_FINDING, SHAPE_SESSION, SHAPE_INTRUDER, SHAPE_CVE, SHAPE_ATTACK, SHAPE_WORD, SHAPE_LAYOUT, SHAPE_SLUG, SHAPE_KEY, SHAPE_OBJECT, SHAPE_COUNTS
};
enum { SHAPE_NULL = 1 /* null is allowed */, SHAPE_MAY = 2 /* may be left out */, SHAPE_LIST = 4 /* of such values */, SHAPE_SOME = 8 /* text or list: not empty */ };
struct shape_field {
    const char *name;
    enum shape_kind kind;
    unsigned how;
    const struct shape_field *of;  /* SHAPE_OBJECT: its names, ended by one without name */
    const char *words;             /* SHAPE_ONE_OF: "yes|no|unproven" */
    uint32_t max;                  /* of text in bytes, of a list in values; 0: none */
};
extern const struct shape_field report_shape_root[];

#endif
