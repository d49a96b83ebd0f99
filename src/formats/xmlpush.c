#include "formats/xmlpush.h"

#include <libxml/parser.h>
#include <libxml/SAX2.h>
#include <libxml/xmlerror.h>
#include <stdio.h>
#include <string.h>

enum { DENSE_TAG = 8 << 10, DENSE_MAX = 2048, PIECE = 64 << 10 };

struct xmlpush {
    const struct xmlpush_ops *ops;
    void            *ctx;
    struct arena    *a;
    xmlParserCtxtPtr ctxt;
    uint32_t         depth;
    bool             stopped, begun, dense;
    size_t           tag, equals;        /* bytes and '=' since the last '<' */
    uint64_t         line;
    char             what[120];
};

static void trouble(struct xmlpush *x, const char *what, uint64_t line)
{
    if (x->what[0])
        return;
    snprintf(x->what, sizeof x->what, "%s", what);
    for (char *c = x->what; *c; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7E)
            *c = c[1] ? '?' : '\0';
    x->line = line;
}

/* libxml2 leaves "&amp;" as "&#38;" in attributes while entities are not replaced; nothing else stays. */
static struct str value(struct arena *a, const xmlChar *p, size_t n)
{
    struct str s = { p, n };
    size_t     w = 0;

    if (!memchr(p, '&', n) || !str_has(s, STR("&#38;")))
        return s;
    uint8_t *q = TAKE(a, uint8_t, n);
    if (!q)
        return s;
    for (size_t i = 0; i < n; w++) {
        bool amp = s.p[i] == '&' && str_starts(str_from(s, i), STR("&#38;"));
        q[w] = s.p[i];
        i += amp ? 5 : 1;
    }
    return (struct str){ q, w };
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int ns_n, const xmlChar **ns, int attr_n, int defaulted, const xmlChar **attr)
{
    struct xmlpush *x = ctx;
    struct arena    a = *x->a;
    struct xml_attr list[XMLPUSH_ATTRS];
    int             n = attr_n < XMLPUSH_ATTRS ? attr_n : XMLPUSH_ATTRS;

    (void)prefix, (void)uri, (void)ns_n, (void)ns, (void)defaulted;
    if (x->stopped)
        return;
    x->depth++;
    uint64_t line = x->ctxt->input && x->ctxt->input->line > 0 ? (uint64_t)x->ctxt->input->line : 0;
    if (x->depth > XMLPUSH_DEPTH) {
        trouble(x, "elements too deep: the rest was not read", line);
        x->stopped = true;
        return;
    }
    for (int i = 0; i < n; i++) {
        const xmlChar **q = attr + (size_t)i * 5;           /* local name, prefix, URI, start and end of the value */
        list[i].name  = (struct str){ q[0], strlen((const char *)q[0]) };
        list[i].value = q[3] ? value(&a, q[3], (size_t)(q[4] - q[3])) : STR_EMPTY;
    }
    if (x->ops->start && !x->ops->start(x->ctx, (struct str){ name, strlen((const char *)name) }, list, (size_t)n, x->depth, line))
        x->stopped = true;
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct xmlpush *x = ctx;

    (void)prefix, (void)uri;
    if (x->stopped)
        return;
    if (x->ops->end && !x->ops->end(x->ctx, (struct str){ name, strlen((const char *)name) }, x->depth))
        x->stopped = true;
    x->depth -= x->depth > 0;
}

static void on_text(void *ctx, const xmlChar *p, int n)
{
    struct xmlpush *x = ctx;

    if (!x->stopped && n > 0 && x->ops->text && !x->ops->text(x->ctx, (struct str){ p, (size_t)n }, x->depth))
        x->stopped = true;
}

static xmlEntityPtr on_entity(void *ctx, const xmlChar *name)
{
    (void)ctx;
    return xmlGetPredefinedEntity(name);
}

#if LIBXML_VERSION >= 21200
static void on_error(void *ctx, const xmlError *w)
#else
static void on_error(void *ctx, xmlErrorPtr w)
#endif
{
    struct xmlpush *x = ctx;

    if (w && w->level >= XML_ERR_ERROR && !x->stopped)
        trouble(x, w->message ? w->message : "not well-formed", w->line > 0 ? (uint64_t)w->line : 0);
}

bool xmlpush_open(struct xmlpush **ret, struct arena *a, const struct xmlpush_ops *ops, void *ctx, struct err *e)
{
    struct xmlpush *x = NEW(a, struct xmlpush, 1);

    if (!x)
        return err_set(e, ERR_MEMORY, "no room for an XML parser");
    x->ctxt = xmlCreatePushParserCtxt(NULL, NULL, NULL, 0, NULL);
    if (!x->ctxt)
        return err_set(e, ERR_MEMORY, "no room for an XML parser");
    x->ops = ops;
    x->ctx = ctx;
    x->a   = a;
    memset(x->ctxt->sax, 0, sizeof *x->ctxt->sax);
    x->ctxt->sax->initialized    = XML_SAX2_MAGIC;
    x->ctxt->sax->startElementNs = on_start;
    x->ctxt->sax->endElementNs   = on_end;
    x->ctxt->sax->characters     = on_text;
    x->ctxt->sax->cdataBlock     = on_text;
    x->ctxt->sax->getEntity      = on_entity;
    x->ctxt->sax->serror         = on_error;
    x->ctxt->userData            = x;
    xmlCtxtUseOptions(x->ctxt, XML_PARSE_NONET | XML_PARSE_RECOVER | XML_PARSE_IGNORE_ENC | XML_PARSE_COMPACT);
    *ret = x;
    return true;
}

/* How much of the piece comes before a tag with too many attributes grows too dense. Only tags longer than DENSE_TAG are looked at closely. */
static size_t before_dense(struct xmlpush *x, struct str s)
{
    for (size_t i = 0; i < s.n;) {
        const uint8_t *lt = memchr(s.p + i, '<', s.n - i);
        size_t         end = lt ? (size_t)(lt - s.p) : s.n;
        if (x->tag + (end - i) > DENSE_TAG)
            for (size_t k = i; k < end; k++)
                if (s.p[k] == '=' && ++x->equals > DENSE_MAX) {
                    x->dense = true;
                    return k;
                }
        x->tag += end - i;
        if (lt) {
            x->tag    = 0;
            x->equals = 0;
            end++;
        }
        i = end;
    }
    return s.n;
}

bool xmlpush_feed(struct xmlpush *x, struct str piece)
{
    while (!x->begun && piece.n && (ch_space(piece.p[0]) || piece.p[0] == 0))    /* the XML declaration must stand first; evidence does not care */
        piece = str_from(piece, 1);
    while (piece.n && !x->stopped) {
        struct str part = str_sub(piece, 0, PIECE);
        piece = str_from(piece, part.n);
        x->begun = true;
        size_t n = before_dense(x, part);
        xmlParseChunk(x->ctxt, (const char *)part.p, (int)n, 0);
        if (x->dense && !x->stopped) {
            trouble(x, "a tag with thousands of attributes: it and the rest were not read", 0);
            x->stopped = true;
        }
        if (x->ctxt->disableSAX)
            x->stopped = true;
    }
    return !x->stopped;
}

void xmlpush_end(struct xmlpush *x)
{
    if (x->begun && !x->stopped)
        xmlParseChunk(x->ctxt, "", 0, 1);
}

const char *xmlpush_what(const struct xmlpush *x) { return x->what[0] ? x->what : NULL; }
uint64_t xmlpush_line(const struct xmlpush *x)    { return x->line; }

void xmlpush_close(struct xmlpush *x)
{
    if (!x || !x->ctxt)
        return;
    if (x->ctxt->myDoc)
        xmlFreeDoc(x->ctxt->myDoc);
    x->ctxt->myDoc = NULL;
    xmlFreeParserCtxt(x->ctxt);
    x->ctxt = NULL;
}

struct str xmlpush_get(const struct xml_attr *attr, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(attr[i].name, name))
            return attr[i].value;
    return STR_EMPTY;
}
