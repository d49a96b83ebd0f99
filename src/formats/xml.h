/*
 * xml: a small read-only tree from XML bytes. With xmlpush.c (streams) the only files that know libxml2.
 *
 * Shape    elements with their local name (no namespace prefix), attributes in order, children in order, the line where they
 *          start. `text` is the character data that stands before the first child element, which is all that
 *          configuration files need; CDATA counts.
 * Text     UTF-16 (with or without a mark) and Windows-1252 become UTF-8 first; what the file declares as its encoding is not
 *          believed. Character references and the five predefined entities are resolved, no other entity ever is: no
 *          DTD is loaded, no network touched, nothing expands.
 * Bounds   XML_BYTES_MAX of input, XML_DEPTH_MAX deep, XML_NODES_MAX elements, XML_ATTRS_MAX attributes an element,
 *          XML_TEXT_MAX bytes of a text or value. Beyond a bound the tree ends (or the value is cut) and `damaged` is set.
 * Errors   ERR_FORMAT: no element at all. ERR_LIMIT: the input is too large. ERR_MEMORY: the arena is full.
 *          Broken XML is not an error: what was read before stands, `damaged` and `what` tell.
 * Owner    everything lives in the arena. libxml2's own memory is released before the return.
 * Not done text between and after child elements, processing instructions, comments, encodings other than the above.
 * Source   XML 1.0 (fifth edition), 2.8, 4.6; libxml2's SAX2 interface.
 */
#ifndef FORMATS_XML_H
#define FORMATS_XML_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { XML_BYTES_MAX = 8 << 20, XML_DEPTH_MAX = 64, XML_NODES_MAX = 60000, XML_ATTRS_MAX = 128, XML_TEXT_MAX = 64 << 10 };

struct xml_attr { struct str name, value; };

struct xml_node {
    struct str       name, text;
    struct xml_attr *attr;
    size_t           attr_n;
    struct xml_node *child, *next, *parent;   /* first child; next sibling */
    uint32_t         line;                    /* 1-based; 0 unknown */
};

struct xml_doc {
    struct xml_node *root;
    uint32_t         node_n;
    bool             damaged;
    char             what[120];               /* the first trouble, for people; empty when there is none */
};

bool xml_parse(struct xml_doc *ret, struct arena *a, struct str in, struct err *e);

/* The value of an attribute, name compared without case; empty when it is not there (p == NULL then). */
struct str xml_get(const struct xml_node *n, struct str name);
/* The first child of that name, without case; NULL: none. xml_child_next: the next sibling of the same name. */
const struct xml_node *xml_child(const struct xml_node *n, struct str name);
const struct xml_node *xml_child_next(const struct xml_node *n, struct str name);
/* Document order, children before siblings, never leaving `top`; start with n = top. NULL at the end. */
const struct xml_node *xml_walk(const struct xml_node *top, const struct xml_node *n);

#endif
