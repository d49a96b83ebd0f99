#include "formats/xml.h"

#include "base/utf.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdio.h>
#include <string.h>

struct build {
    struct arena    *a;
    struct xml_doc  *doc;
    struct xml_node *at;           /* the open element */
    struct xml_node *last[XML_DEPTH_MAX + 1];   /* last child seen on each level */
    uint32_t         depth;
    bool             full, over;   /* arena full; a bound was reached: both end the parse */
    xmlParserCtxtPtr ctxt;
};

static void trouble(struct build *b, const char *what)
{
    if (!b->doc->damaged)
        snprintf(b->doc->what, sizeof b->doc->what, "%s", what);
    b->doc->damaged = true;
}

static void stop(struct build *b, const char *why)
{
    if (why) {
        trouble(b, why);
        b->over = true;
    } else {
        b->full = true;
    }
    xmlStopParser(b->ctxt);
}

static struct str copy(struct build *b, const xmlChar *p, size_t n)
{
    if (n > XML_TEXT_MAX) {
        trouble(b, "a value is too long and was cut");
        n = XML_TEXT_MAX;
    }
    return str_dup(b->a, (struct str){ p, n });
}

/* In attributes libxml2 leaves "&amp;" as "&#38;" while entities are not replaced; nothing else stays. One pass undoes it. */
static struct str attr_value(struct build *b, const xmlChar *p, size_t n)
{
    struct str s = copy(b, p, n);
    size_t     w = 0;

    if (!s.p || !str_has(s, STR("&#38;")))
        return s;
    uint8_t *q = (uint8_t *)(uintptr_t)s.p;             /* our own fresh copy */
    for (size_t i = 0; i < s.n; w++) {
        bool amp = str_starts(str_from(s, i), STR("&#38;"));
        q[w] = s.p[i];
        i += amp ? 5 : 1;
    }
    return (struct str){ q, w };
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int ns_n, const xmlChar **ns,
                     int attr_n, int defaulted, const xmlChar **attr)
{
    struct build *b = ctx;

    (void)prefix, (void)uri, (void)ns_n, (void)ns, (void)defaulted;
    if (b->full || b->over)
        return;
    if (b->doc->root && !b->at) {
        stop(b, "more than one root element");
        return;
    }
    if (b->doc->node_n >= XML_NODES_MAX) {
        stop(b, "too many elements: the rest was not read");
        return;
    }
    if (b->depth >= XML_DEPTH_MAX) {
        stop(b, "elements too deep: the rest was not read");
        return;
    }
    if (attr_n > XML_ATTRS_MAX) {
        trouble(b, "too many attributes: some were not read");
        attr_n = XML_ATTRS_MAX;
    }
    struct xml_node *n = NEW(b->a, struct xml_node, 1);
    if (!n) {
        stop(b, NULL);
        return;
    }
    n->name = copy(b, name, strlen((const char *)name));
    n->attr = attr_n > 0 ? NEW(b->a, struct xml_attr, (size_t)attr_n) : NULL;
    if (!n->name.p || (attr_n > 0 && !n->attr)) {
        stop(b, NULL);
        return;
    }
    /* Five pointers an attribute: local name, prefix, URI, start and end of the value. */
    for (int i = 0; i < attr_n; i++) {
        const xmlChar **q = attr + (size_t)i * 5;
        n->attr[i].name  = copy(b, q[0], strlen((const char *)q[0]));
        n->attr[i].value = attr_value(b, q[3], q[3] ? (size_t)(q[4] - q[3]) : 0);
        if (!n->attr[i].name.p || !n->attr[i].value.p) {
            stop(b, NULL);
            return;
        }
        n->attr_n++;
    }
    int line = xmlSAX2GetLineNumber(b->ctxt);
    n->line   = line > 0 ? (uint32_t)line : 0;
    n->parent = b->at;
    if (!b->at)
        b->doc->root = n;
    else if (b->last[b->depth])
        b->last[b->depth]->next = n;
    else
        b->at->child = n;
    b->last[b->depth] = n;
    b->at = n;
    b->last[++b->depth] = NULL;
    b->doc->node_n++;
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct build *b = ctx;

    (void)name, (void)prefix, (void)uri;
    if (b->full || b->over || !b->at)
        return;
    b->at = b->at->parent;
    b->depth--;
}

static void on_text(void *ctx, const xmlChar *p, int len)
{
    struct build *b = ctx;
    struct str    s = { p, len > 0 ? (size_t)len : 0 };

    if (b->full || b->over || !b->at || b->at->child || s.n == 0)
        return;
    struct str *t = &b->at->text;
    if (t->n == 0 && str_trim(s).n == 0)
        return;
    if (s.n > XML_TEXT_MAX - t->n) {
        trouble(b, "a text is too long and was cut");
        s.n = XML_TEXT_MAX - t->n;
        if (s.n == 0)
            return;
    }
    /* libxml2 hands text over in pieces; with nothing pushed in between, each piece goes on where the last one ended. */
    bool     grow = t->n && t->p + t->n == b->a->beg;
    uint8_t *q = NEW(b->a, uint8_t, grow ? s.n : t->n + s.n);
    if (!q) {
        stop(b, NULL);
        return;
    }
    if (grow) {
        memcpy(q, s.p, s.n);
        t->n += s.n;
    } else {
        if (t->n)
            memcpy(q, t->p, t->n);
        memcpy(q + t->n, s.p, s.n);
        *t = (struct str){ q, t->n + s.n };
    }
}

/* Only the five predefined entities exist, whatever the document declares. */
static xmlEntityPtr on_entity(void *ctx, const xmlChar *name)
{
    (void)ctx;
    return xmlGetPredefinedEntity(name);
}

#if LIBXML_VERSION >= 21200
static void on_error(void *ctx, const xmlError *x)
#else
static void on_error(void *ctx, xmlErrorPtr x)
#endif
{
    struct build *b = ctx;
    char          line[120];

    if (!x || x->level < XML_ERR_ERROR || b->over || b->full)
        return;
    snprintf(line, sizeof line, "line %d: %s", x->line, x->message ? x->message : "not well-formed");
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7E)
            *c = c[1] ? '?' : '\0';
    trouble(b, line);
}

static bool parse(struct build *b, struct str in, struct err *e)
{
    xmlParserCtxtPtr ctxt = xmlCreateMemoryParserCtxt((const char *)in.p, (int)in.n);

    if (!ctxt)
        return err_set(e, ERR_MEMORY, "no room for an XML parser");
    b->ctxt = ctxt;
    memset(ctxt->sax, 0, sizeof *ctxt->sax);
    ctxt->sax->initialized    = XML_SAX2_MAGIC;
    ctxt->sax->startElementNs = on_start;
    ctxt->sax->endElementNs   = on_end;
    ctxt->sax->characters     = on_text;
    ctxt->sax->cdataBlock     = on_text;
    ctxt->sax->getEntity      = on_entity;
    ctxt->sax->serror         = on_error;
    ctxt->userData            = b;
    xmlCtxtUseOptions(ctxt, XML_PARSE_NONET | XML_PARSE_RECOVER | XML_PARSE_IGNORE_ENC | XML_PARSE_COMPACT);
    xmlParseDocument(ctxt);
    if (!ctxt->wellFormed)
        trouble(b, "not well-formed");
    if (ctxt->myDoc)
        xmlFreeDoc(ctxt->myDoc);
    xmlFreeParserCtxt(ctxt);
    return true;
}

/*
 * libxml2 compares each attribute of an element with all before it: a tag of 4 MB costs a minute. So the text ends before a tag with
 * more than DENSE_MAX. Between two '<' stands at most one tag, because no value may hold that sign; text and comments are counted
 * along, which errs on the safe side.
 */
static struct str before_dense(struct str in)
{
    enum { DENSE_MAX = 4096 };
    size_t tag = 0, n = 0;

    for (size_t i = 0; i + 1 < in.n; i++) {
        if (in.p[i] == '<') {
            tag = i;
            n   = 0;
        } else if (in.p[i] == '=' && ++n > DENSE_MAX) {
            return str_sub(in, 0, tag);
        }
    }
    return in;
}

bool xml_parse(struct xml_doc *ret, struct arena *a, struct str in, struct err *e)
{
    struct xml_doc doc = { 0 };
    struct build   b = { .a = a, .doc = &doc };
    size_t         skip = 0;

    if (in.n > XML_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "%zu bytes of XML, at most %d accepted", in.n, XML_BYTES_MAX);
    enum utf_kind kind = utf_guess(str_sub(in, 0, 4096), &skip);
    struct str    text = utf_to8(a, str_from(in, skip), kind);
    if (!text.p && in.n > skip)
        return err_set(e, ERR_MEMORY, "no room for %zu bytes of XML", in.n);
    while (text.n && (ch_space(text.p[0]) || text.p[0] == 0))   /* an XML declaration must stand first; evidence does not care */
        text = str_from(text, 1);
    if (text.n < 3)
        return err_set(e, ERR_FORMAT, "no XML element in %zu bytes", in.n);
    size_t whole = text.n;
    text = before_dense(text);
    if (text.n != whole)
        trouble(&b, "a tag with thousands of attributes: it and the rest were not read");
    if (text.n < 3)
        return err_set(e, ERR_FORMAT, "no XML element before a tag with thousands of attributes");
    if (!parse(&b, text, e))
        return false;
    if (b.full)
        return err_set(e, ERR_MEMORY, "no room for an XML tree of more than %u elements", doc.node_n);
    if (!doc.root)
        return err_set(e, ERR_FORMAT, "no XML element in %zu bytes", in.n);
    *ret = doc;
    return true;
}

struct str xml_get(const struct xml_node *n, struct str name)
{
    for (size_t i = 0; n && i < n->attr_n; i++)
        if (str_ieq(n->attr[i].name, name))
            return n->attr[i].value;
    return STR_EMPTY;
}

static const struct xml_node *named(const struct xml_node *n, struct str name)
{
    while (n && !str_ieq(n->name, name))
        n = n->next;
    return n;
}

const struct xml_node *xml_child(const struct xml_node *n, struct str name)      { return n ? named(n->child, name) : NULL; }
const struct xml_node *xml_child_next(const struct xml_node *n, struct str name) { return n ? named(n->next, name) : NULL; }

const struct xml_node *xml_walk(const struct xml_node *top, const struct xml_node *n)
{
    if (n->child)
        return n->child;
    while (n != top && !n->next)
        n = n->parent;
    return n == top ? NULL : n->next;
}
