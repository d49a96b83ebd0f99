#include "formats/x509.h"

#include "base/num.h"
#include "base/rd.h"
#include "base/utf.h"

/* Tags, as RFC 5280 uses them. */
enum { INTEGER = 0x02, OCTETS = 0x04, OID = 0x06, UTF8 = 0x0c, BMP = 0x1e, SEQUENCE = 0x30, SET = 0x31, VERSION = 0xa0, EXTENSIONS = 0xa3, DNS_NAME = 0x82 };

static const struct str oid_org = STR_INIT("\x55\x04\x0a"), oid_name = STR_INIT("\x55\x04\x03"), oid_san = STR_INIT("\x55\x1d\x11");

struct item { uint8_t tag; struct str in; };

/* False: nothing is left, or it is damaged (r->bad). */
static bool next(struct rd *r, struct item *ret)
{
    if (r->bad || rd_left(r) == 0)
        return false;
    uint8_t tag = rd_u8(r), first = rd_u8(r);
    size_t  n = first;
    if (first & 0x80) {
        n = 0;
        if (first == 0x80 || first > 0x84)
            r->bad = true;
        for (int i = 0; i < (first & 0x7f) && !r->bad; i++)
            n = n << 8 | rd_u8(r);
    }
    struct str in = rd_take(r, n);
    if (r->bad)
        return false;
    *ret = (struct item){ tag, in };
    return true;
}

static bool want(struct rd *r, uint8_t tag, struct str *ret)
{
    struct item x;

    if (!next(r, &x) || x.tag != tag) {
        r->bad = true;
        return false;
    }
    *ret = x.in;
    return true;
}

static struct str text_of(struct x509 *ret, struct arena *a, const struct item *x)
{
    struct str s = x->in;

    if (x->tag == BMP && s.n <= 2 * X509_TEXT_MAX)
        s = utf_to8(a, s, UTF_16BE);
    if (s.n > X509_TEXT_MAX) {
        ret->more = true;
        return STR_EMPTY;
    }
    return s;
}

/* Name: a sequence of sets of (type, value). */
static void subject(struct x509 *ret, struct arena *a, struct str in, struct rd *outer)
{
    struct rd   r = { .s = in };
    struct item set, pair, value;
    struct str  type;

    while (next(&r, &set)) {
        struct rd s = { .s = set.in };
        while (next(&s, &pair)) {
            struct rd p = { .s = pair.in };
            if (!want(&p, OID, &type) || !next(&p, &value)) {
                outer->bad = true;
                return;
            }
            struct str *to = str_eq(type, oid_org) ? &ret->org : str_eq(type, oid_name) ? &ret->name : NULL;
            if (to && !to->n)
                *to = text_of(ret, a, &value);
        }
        r.bad |= s.bad;
    }
    outer->bad |= r.bad;
}

static void alt_names(struct x509 *ret, struct arena *a, struct str in, struct rd *outer)
{
    struct rd   r = { .s = in };
    struct str  names;
    struct item x;

    if (!want(&r, SEQUENCE, &names)) {
        outer->bad = true;
        return;
    }
    r = (struct rd){ .s = names };
    while (next(&r, &x)) {
        if (x.tag != DNS_NAME)
            continue;
        struct str name = text_of(ret, a, &x);
        if (name.n && ret->dns_n < X509_NAMES_MAX)
            ret->dns[ret->dns_n++] = name;
        else
            ret->more = true;
    }
    outer->bad |= r.bad;
}

static void extensions(struct x509 *ret, struct arena *a, struct str in, struct rd *outer)
{
    struct rd   r = { .s = in };
    struct str  list, type;
    struct item x, part;

    if (!want(&r, SEQUENCE, &list)) {
        outer->bad = true;
        return;
    }
    r = (struct rd){ .s = list };
    while (next(&r, &x)) {
        struct rd p = { .s = x.in };
        if (!want(&p, OID, &type)) {
            outer->bad = true;
            return;
        }
        while (next(&p, &part))                 /* "critical" may stand before the value */
            if (part.tag == OCTETS && str_eq(type, oid_san))
                alt_names(ret, a, part.in, outer);
        r.bad |= p.bad;
    }
    outer->bad |= r.bad;
}

bool x509_read(struct x509 *ret, struct arena *a, struct str der, struct err *e)
{
    struct rd   r = { .s = der };
    struct str  whole, tbs, issuer, holder, skipped;
    struct item x;

    *ret = (struct x509){ .more = false };
    if (!want(&r, SEQUENCE, &whole))
        return err_set(e, ERR_FORMAT, "not a certificate: %zu bytes", der.n);
    r = (struct rd){ .s = whole };
    if (!want(&r, SEQUENCE, &tbs))
        return err_set(e, ERR_FORMAT, "not a certificate: %zu bytes", der.n);
    r = (struct rd){ .s = tbs };
    size_t start = r.pos;
    if (next(&r, &x) && x.tag != VERSION)
        r.pos = start;                          /* version 1 is not said */
    if (!want(&r, INTEGER, &skipped) || !want(&r, SEQUENCE, &skipped) || !want(&r, SEQUENCE, &issuer) || !want(&r, SEQUENCE, &skipped) || !want(&r, SEQUENCE, &holder))
        return err_set(e, ERR_FORMAT, "certificate: cut or damaged at byte %zu", r.pos);
    ret->own_issuer = str_eq(issuer, holder);
    subject(ret, a, holder, &r);
    start = r.pos;
    if (next(&r, &x) && x.tag == SEQUENCE)
        ret->key = str_sub(tbs, start, r.pos);
    else
        r.pos = start;                          /* what was cut there shows below */
    while (next(&r, &x))
        if (x.tag == EXTENSIONS)
            extensions(ret, a, x.in, &r);
    return !r.bad || err_set(e, ERR_FORMAT, "certificate: damaged");
}
