/*
 * xmlpush: XML of any size, element by element, in bounded memory. With xml.c the only files that know libxml2.
 *
 * Shape    bytes are fed in pieces, elements come out as calls. Names are local names, attributes as written with references resolved.
 *          Text comes in pieces.
 * Text     UTF-8 (formats/source decodes). No DTD is loaded, no entity but the predefined ones is resolved, nothing expands.
 * Bounds   XMLPUSH_DEPTH levels, XMLPUSH_ATTRS attributes an element (more are left out), 10 MB a value (libxml2's own). A tag with thousands of attributes ends the
 *          document: libxml2 would compare each with all.
 * Damage   what is not well-formed is told once (xmlpush_what), with its line; what can be read behind it is read.
 * Owner    names and values live until the call returns.
 */
#ifndef FORMATS_XMLPUSH_H
#define FORMATS_XMLPUSH_H

#include "base/arena.h"
#include "base/err.h"
#include "formats/xml.h"

enum { XMLPUSH_DEPTH = 64, XMLPUSH_ATTRS = 64 };

/* depth: of the element, the root has 1. Any call may be NULL. False: stop. */
struct xmlpush_ops {
    bool (*start)(void *ctx, struct str name, const struct xml_attr *attr, size_t n, uint32_t depth, uint64_t line);
    bool (*end)(void *ctx, struct str name, uint32_t depth);
    bool (*text)(void *ctx, struct str s, uint32_t depth);
};

struct xmlpush;
/* a: for values with references; what a call needs of it is free again afterwards. */
bool xmlpush_open(struct xmlpush **ret, struct arena *a, const struct xmlpush_ops *ops, void *ctx, struct err *e);
bool xmlpush_feed(struct xmlpush *x, struct str piece);    /* false: a call said stop, or the document has ended for good */
void xmlpush_end(struct xmlpush *x);                       /* the input ended */
const char *xmlpush_what(const struct xmlpush *x);         /* the first damage, for people; NULL: none */
uint64_t xmlpush_line(const struct xmlpush *x);            /* of the damage */
void xmlpush_close(struct xmlpush *x);                     /* accepts NULL */

struct str xmlpush_get(const struct xml_attr *attr, size_t n, struct str name);   /* exactly; .p == NULL: not there */

#endif
