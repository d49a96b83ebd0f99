/*
 * json: a streaming writer; one of the doors for evidence. Functions are named js_: json_ belongs to json-c.
 *
 * Shape    values in the order they are called, two blanks a level. Empty objects and arrays stay on one line.
 * Text     valid UTF-8 (a bad byte becomes U+FFFD, as utf8_clean does). Control, direction-changing and invisible characters are
 *          escaped as \uNNNN: the value is the same, and a terminal or editor shows it safely. "</" is written "<\/", so that the
 *          text may stand inside a page.
 * Bounds   JSON_DEPTH_MAX levels; deeper is our own mistake and marks the sink as failed.
 * Errors   those of the sink: check once with out_done.
 * Source   RFC 8259.
 */
#ifndef EMIT_JSON_H
#define EMIT_JSON_H

#include "base/time.h"
#include "emit/out.h"

enum { JSON_DEPTH_MAX = 32 };

struct js {
    struct out *o;
    uint32_t    depth;
    bool        flat;                          /* everything on one line */
    bool        after_key;
    char        close[JSON_DEPTH_MAX];         /* '}' or ']' */
    bool        filled[JSON_DEPTH_MAX];
};

void js_open(struct js *j, struct out *o, bool flat);
void js_object(struct js *j);
void js_array(struct js *j);
void js_end(struct js *j);                 /* the innermost object or array */
void js_key(struct js *j, const char *key);   /* our own names only: ASCII, nothing to escape */
void js_key_str(struct js *j, struct str key);  /* names from evidence: escaped as js_str does */

void js_str(struct js *j, struct str s);
void js_str_or_null(struct js *j, struct str s);   /* empty: null */
void js_c(struct js *j, const char *c);            /* NULL: null */
void js_u64(struct js *j, uint64_t v);
void js_i64(struct js *j, int64_t v);
void js_number(struct js *j, double v);            /* six digits; not finite: null */
void js_bool(struct js *j, bool v);
void js_null(struct js *j);
void js_time(struct js *j, int64_t us);            /* RFC 3339 with Z; TIME_NONE: null */
void js_hex(struct js *j, const uint8_t *p, size_t n);   /* at most 64 bytes */

#endif
