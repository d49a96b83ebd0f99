/* See dnsmsg.h. */
#include "formats/dnsmsg.h"

#include <string.h>

#include "base/rd.h"
#include "formats/idna.h"

enum { NAME_BYTES = 255, SECTION_RECORDS = 4096, CLASS_IN = 1, HEADER = 12 };

struct name { uint8_t text[NAME_BYTES * 4]; size_t n; bool root; };       /* dots between labels; a dot within one is written "\." */

static uint16_t u16(struct rd *r)
{
    unsigned high = rd_u8(r);

    return (uint16_t)(high << 8 | rd_u8(r));
}

/* Leaves the reader behind the name, wherever its pointers led. */
static void take_name(struct rd *r, struct name *ret)
{
    struct rd at = *r;
    size_t    all = 0;
    bool      jumped = false;

    *ret = (struct name){ 0 };
    for (int pointers = 0; !at.bad;) {
        uint8_t n = rd_u8(&at);
        if ((n & 0xC0) == 0xC0) {
            size_t to = (size_t)(n & 0x3F) << 8 | rd_u8(&at);
            if (!jumped)
                *r = at;
            jumped = true;
            at.bad |= ++pointers > DNSMSG_POINTERS;
            rd_seek(&at, to);
            continue;
        }
        if (n & 0xC0 || (all += n + 1u) > NAME_BYTES) {
            at.bad = true;
            break;
        }
        if (n == 0)
            break;
        struct str label = rd_take(&at, n);
        if (at.bad)
            break;
        if (ret->n)
            ret->text[ret->n++] = '.';
        for (size_t i = 0; i < label.n; i++) {
            if (label.p[i] == '.' || label.p[i] == '\\')
                ret->text[ret->n++] = '\\';
            ret->text[ret->n++] = ch_lower(label.p[i]);
        }
    }
    ret->root = ret->n == 0;
    if (jumped)
        r->bad |= at.bad;
    else
        *r = at;
}

static struct str text_of(const struct name *n) { return (struct str){ n->text, n->n }; }

static bool host_of(const struct name *n, struct arena *a, struct str *ret)
{
    struct str host;

    if (!idna_host(text_of(n), a, &host))
        return false;
    *ret = str_dup(a, host);
    return ret->p != NULL;
}

/* "host\.master.bakery.example" is host.master@bakery.example. */
static struct str mailbox(const struct name *n, struct arena *a)
{
    uint8_t *p = NEW(a, uint8_t, n->n + 1);
    size_t   k = 0;
    bool     at = false;

    if (!p)
        return STR_EMPTY;
    for (size_t i = 0; i < n->n; i++) {
        if (!at && n->text[i] == '\\' && i + 1 < n->n)
            p[k++] = n->text[++i];
        else if (!at && n->text[i] == '.') {
            p[k++] = '@';
            at = true;
        } else
            p[k++] = n->text[i];
    }
    return at ? (struct str){ p, k } : STR_EMPTY;
}

static void push(struct dnsmsg *m, const struct dnsmsg_record *x)
{
    size_t at = m->record_n;

    if (at == DNSMSG_RECORDS_MAX) {
        m->more = true;
        return;
    }
    while (at > 0 && m->record[at - 1].preference > x->preference) {
        m->record[at] = m->record[at - 1];
        at--;
    }
    m->record[at] = *x;
    m->record_n++;
}

/* data: of its own record; names in it may point anywhere in the answer. */
static void take_data(struct dnsmsg *m, enum dnsmsg_type type, struct rd data, size_t end, struct arena *a)
{
    struct dnsmsg_record x = { 0 };
    struct name          n;
    bool                 ok = false;

    if (type == DNSMSG_A && end - data.pos == 4) {
        memcpy(x.ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
        memcpy(x.ip + 12, data.s.p + data.pos, 4);
        ok = true;
    } else if (type == DNSMSG_AAAA && end - data.pos == 16) {
        memcpy(x.ip, data.s.p + data.pos, 16);
        ok = true;
    } else if (type == DNSMSG_MX && end - data.pos > 2) {
        x.preference = u16(&data);
        take_name(&data, &n);
        if (!data.bad && data.pos <= end && n.root) {
            m->null_mx = true;
            return;
        }
        ok = !data.bad && data.pos <= end && host_of(&n, a, &x.host);
    } else if (type == DNSMSG_PTR) {
        take_name(&data, &n);
        ok = !data.bad && data.pos <= end && host_of(&n, a, &x.host);
    } else if (type == DNSMSG_SOA) {
        take_name(&data, &n);
        take_name(&data, &n);
        ok = !data.bad && data.pos <= end && (x.host = mailbox(&n, a)).n > 0;
    }
    if (ok)
        push(m, &x);
    else
        m->refused++;
}

/* The records of `name` in the answer section; *ret_alias: where it is an alias to. */
static bool records(struct rd r, unsigned count, struct str name, enum dnsmsg_type type, struct arena *a, struct dnsmsg *m, struct str *ret_alias)
{
    *ret_alias = STR_EMPTY;
    for (unsigned i = 0; i < count && i < SECTION_RECORDS; i++) {
        struct name owner, to;
        take_name(&r, &owner);
        unsigned kind = u16(&r), class = u16(&r);
        rd_skip(&r, 4);
        size_t n = u16(&r), at = r.pos;
        rd_skip(&r, n);
        if (r.bad)
            return i > 0;                          /* what was whole is kept */
        if (class != CLASS_IN || !str_ieq(text_of(&owner), name))
            continue;
        struct rd data = { .s = r.s, .pos = at };
        if (kind == (unsigned)type)
            take_data(m, type, data, at + n, a);
        else if (kind == DNSMSG_CNAME && ret_alias->n == 0) {
            take_name(&data, &to);
            if (data.bad || data.pos > at + n || !host_of(&to, a, ret_alias))
                m->refused++;
        }
    }
    return true;
}

bool dnsmsg_read(struct str answer, struct str name, enum dnsmsg_type type, struct arena *a, struct dnsmsg *ret, struct err *e)
{
    struct rd     r = { .s = answer };
    struct dnsmsg m = { 0 };
    struct name   asked;
    struct str    alias = STR_EMPTY;

    rd_skip(&r, 2);
    unsigned flags = u16(&r), questions = u16(&r), answers = u16(&r);
    rd_seek(&r, HEADER);
    take_name(&r, &asked);
    unsigned kind = u16(&r), class = u16(&r);
    if (answer.n > DNSMSG_BYTES_MAX || r.bad || !(flags & 0x8000) || questions != 1 || kind != (unsigned)type || class != CLASS_IN || !str_ieq(text_of(&asked), name))
        return err_set(e, ERR_FORMAT, "no answer to the question that was asked");
    m.code = (uint8_t)(flags & 0x0F);
    for (int hop = 0; hop <= DNSMSG_HOPS; hop++) {
        if (!records(r, answers, name, type, a, &m, &alias) && answers)
            return err_set(e, ERR_FORMAT, "the answer is broken");
        if (m.record_n || m.null_mx || alias.n == 0)
            break;
        m.alias = name = alias;
    }
    *ret = m;
    return true;
}
