/*
 * nmap's XML: one observation a port, out of what its scripts say.
 *
 * Scripts  ms-exchange-version (its build; it rounds revisions it does not know down, so this is a report, not a reading), http-vuln-exchange (three
 *          numbers; its verdicts mislabel whole lines and are not taken), http-ntlm-info, ssl-cert, http-title, http-server-header, http-headers, and
 *          http-vuln-cve2021-26855: only what it calls vulnerable, for no output means nothing.
 * Source   survey sheet, 6 and 8.5.
 */
#include "survey/import_inner.h"

#include "base/num.h"

#include <stdio.h>
#include <string.h>

enum { VALUE_MAX = 8 << 10, NAMES = 16, KEEP = 64 << 10 };

enum script { SCRIPT_NONE, SCRIPT_VERSION, SCRIPT_VULN_EXCHANGE, SCRIPT_NTLM, SCRIPT_CERT, SCRIPT_TITLE, SCRIPT_SERVER, SCRIPT_HEADERS, SCRIPT_26855 };
static const struct { struct str id; enum script script; } scripts[] = {
    { STR_INIT("ms-exchange-version"), SCRIPT_VERSION }, { STR_INIT("http-vuln-exchange"), SCRIPT_VULN_EXCHANGE }, { STR_INIT("http-ntlm-info"), SCRIPT_NTLM },
    { STR_INIT("ssl-cert"), SCRIPT_CERT }, { STR_INIT("http-title"), SCRIPT_TITLE }, { STR_INIT("http-server-header"), SCRIPT_SERVER }, { STR_INIT("http-headers"), SCRIPT_HEADERS },
    { STR_INIT("http-vuln-cve2021-26855"), SCRIPT_26855 },
};

struct import_nmap {
    struct import *m;
    struct arena   host, port;             /* texts of the host, and of the port under way */
    struct arena   host_all, port_all;     /* the same, empty */
    struct import_row row;
    struct str     ip, when, name[NAMES];
    size_t         name_n;
    bool           reverse[NAMES];
    bool           in_port, took;
    enum script    script;
    struct str     output;
    struct str     table, elem;            /* keys of the innermost table, and of the elem whose text comes */
    struct str     san_name;
    uint8_t        value[VALUE_MAX];
    size_t         value_n;
    bool           vulnerable;
};

struct import_nmap *import_nmap_open(struct import *m)
{
    struct import_nmap *n = NEW(&m->file, struct import_nmap, 1);
    uint8_t            *room = TAKE(&m->file, uint8_t, 2 * KEEP);

    if (!n || !room)
        return NULL;
    n->m = m;
    n->host_all = (struct arena){ room, room + KEEP, NULL };
    n->port_all = (struct arena){ room + KEEP, room + 2 * KEEP, NULL };
    return n;
}

static struct str key_of(const struct xml_attr *attr, size_t n, struct str name) { return str_trim(str_sub(xmlpush_get(attr, n, name), 0, VALUE_MAX)); }

static void begin_port(struct import_nmap *x, const struct xml_attr *attr, size_t n)
{
    struct observation *o = import_begin(x->m, &x->row);
    uint32_t            port;

    x->port    = x->port_all;
    x->in_port = true;
    o->detector = x->m->ret->report;
    if (num_u32(key_of(attr, n, STR("portid")), &port) && port <= 65535)
        o->port = (uint16_t)port;
}

static void state(struct import_nmap *x, struct str s)
{
    if (str_eq(s, STR("open")))
        x->m->o.reach = OBS_ANSWERED;
    else if (str_eq(s, STR("closed")))
        x->m->o.reach = OBS_REFUSED;
    else if (str_eq(s, STR("filtered")))
        x->m->o.reach = OBS_TIMED_OUT;
}

/* "(15.1.2176) ...": the first build in brackets. */
static void build_in_brackets(struct import_nmap *x, struct str s)
{
    for (size_t at; (at = str_chr(s, '(')) != STR_NONE; s = str_from(s, at + 1)) {
        struct str in = str_from(s, at + 1);
        size_t     close = str_chr(in, ')');
        if (close != STR_NONE && announce_build(&x->m->o, OBS_REPORTED, str_sub(in, 0, close))) {
            x->m->o.flags |= OBS_EXCHANGE;
            return;
        }
    }
}

static void end_script(struct import_nmap *x)
{
    struct observation *o = &x->m->o;

    switch (x->script) {
    case SCRIPT_VULN_EXCHANGE:
        build_in_brackets(x, x->output);
        break;
    case SCRIPT_TITLE: {
        struct str line = x->output;
        size_t     nl = str_chr(line, '\n');
        announce_read(o, &x->port, &(struct announced){ .title = str_sub(line, 0, nl == STR_NONE ? line.n : nl) });
        break;
    }
    case SCRIPT_SERVER:
        if (!o->server_header.n)
            announce_read(o, &x->port, &(struct announced){ .h = &(struct http_header){ STR("server"), str_trim(x->output) }, .n = 1 });
        break;
    case SCRIPT_HEADERS:
        announce_read_raw(o, &x->port, &(struct announced){ 0 }, x->output);
        break;
    case SCRIPT_26855:
        if (x->vulnerable || (str_has(x->output, STR("VULNERABLE")) && !str_has(x->output, STR("NOT VULNERABLE")))) {
            o->flags |= OBS_EXCHANGE | (o->parts < 3 ? OBS_VERSION_HIDDEN : 0);
            import_claim(x->m, CLAIM_UNPATCHED, STR("CVE-2021-26855"), STR("http-vuln-cve2021-26855"));
        }
        break;
    default:
        break;
    }
    x->script = SCRIPT_NONE;
}

/* Text of an elem: the value of its key. */
static void take_elem(struct import_nmap *x)
{
    struct observation *o = &x->m->o;
    struct str          v = str_trim((struct str){ x->value, x->value_n }), k = x->elem;
    struct str          kept = str_dup(&x->port, v);

    if (!kept.p)
        return;
    switch (x->script) {
    case SCRIPT_VERSION:
        if (str_eq(k, STR("build")) && announce_build(o, OBS_REPORTED, kept))
            o->flags |= OBS_EXCHANGE;
        break;
    case SCRIPT_NTLM:
        if (str_eq(k, STR("NetBIOS_Computer_Name")) && !o->node.n)
            o->node = kept;
        else if (str_eq(k, STR("DNS_Domain_Name")) && !o->ad_domain.n)
            o->ad_domain = str_lower(&x->port, kept);
        else if (str_eq(k, STR("DNS_Computer_Name")))
            announce_name(o, &x->port, kept);
        break;
    case SCRIPT_CERT:
        if (str_eq(x->table, STR("subject")) && str_eq(k, STR("commonName"))) {
            o->cert_name = kept;
            o->naming = OBS_NAME_OF_CERT;
            announce_name(o, &x->port, kept);
            o->naming = OBS_NAME_SAID;
        } else if (str_eq(x->table, STR("subject")) && str_eq(k, STR("organizationName"))) {
            o->cert_org = kept;
        } else if (str_eq(k, STR("sha256"))) {
            o->has_cert = kept.n == 64 && num_unhex(kept, o->cert, 32);
        } else if (str_eq(k, STR("name"))) {
            x->san_name = kept;
        } else if (str_eq(k, STR("value")) && str_has(x->san_name, STR("Subject Alternative Name"))) {
            struct str part;
            while (str_cut(&kept, ',', &part)) {
                part = str_trim(part);
                if (str_istarts(part, STR("DNS:")))
                    announce_name(o, &x->port, str_from(part, 4));
            }
        }
        break;
    case SCRIPT_26855:
        if (str_eq(k, STR("state")) && str_iends(v, STR("VULNERABLE")) && !str_istarts(v, STR("NOT")))
            x->vulnerable = true;
        break;
    default:
        break;
    }
}

static void end_port(struct import_nmap *x)
{
    struct import      *m = x->m;
    struct observation *o = &m->o;

    x->in_port = false;
    m->ret->rows++;
    if (!import_ip(m, x->ip)) {
        (void)import_broken(m, &x->row, import_no_ip);
        return;
    }
    if (!import_epoch(m, x->when)) {
        (void)import_broken(m, &x->row, import_no_time);
        return;
    }
    for (size_t i = 0; i < x->name_n; i++) {
        o->naming = x->reverse[i] ? OBS_NAME_REVERSE : OBS_NAME_SAID;
        announce_name(o, &x->port, x->name[i]);
    }
    o->naming = OBS_NAME_SAID;
    /* A closed port of a host nobody called Exchange says nothing of it. */
    if (o->reach != OBS_ANSWERED && !o->flags && !o->parts && o->port != 443 && o->port != 80)
        o->reach = OBS_REACH_UNKNOWN;
    if ((o->flags & OBS_EXCHANGE) && o->parts < 3)
        o->flags |= OBS_VERSION_HIDDEN;
    else if (o->parts >= 3)
        o->flags &= ~(uint32_t)OBS_VERSION_HIDDEN;
    (void)import_take(m, &x->row);
}

static bool on_start(void *ctx, struct str name, const struct xml_attr *attr, size_t n, uint32_t depth, uint64_t line)
{
    struct import_nmap *x = ctx;

    (void)depth;
    x->value_n = 0;
    if (str_eq(name, STR("host"))) {
        x->host   = x->host_all;
        x->row    = (struct import_row){ line, STR_EMPTY };
        x->name_n = 0;
        x->ip     = STR_EMPTY;
        x->when   = str_dup(&x->host, key_of(attr, n, STR("endtime")));
        if (!x->when.n)
            x->when = str_dup(&x->host, key_of(attr, n, STR("starttime")));
    } else if (str_eq(name, STR("nmaprun"))) {
        char       text[64];
        struct str v = str_sub(key_of(attr, n, STR("version")), 0, 20);
        int        len = snprintf(text, sizeof text, "nmap %.*s", STR_ARG(v));
        struct str kept = str_dup(x->m->keep, (struct str){ (const uint8_t *)text, len > 0 ? (size_t)len : 0 });
        if (v.n && kept.n)
            x->m->ret->report = kept;
    } else if (str_eq(name, STR("address"))) {
        if (!x->ip.n && str_istarts(key_of(attr, n, STR("addrtype")), STR("ipv")))
            x->ip = str_dup(&x->host, key_of(attr, n, STR("addr")));
    } else if (str_eq(name, STR("hostname"))) {
        struct str kept = str_dup(&x->host, key_of(attr, n, STR("name")));
        if (kept.n && x->name_n < NAMES) {
            x->reverse[x->name_n] = str_eq(key_of(attr, n, STR("type")), STR("PTR"));
            x->name[x->name_n++] = kept;
        }
    } else if (str_eq(name, STR("port"))) {
        begin_port(x, attr, n);
    } else if (!x->in_port) {
        return true;
    } else if (str_eq(name, STR("state"))) {
        state(x, key_of(attr, n, STR("state")));
    } else if (str_eq(name, STR("service"))) {
        struct str product = key_of(attr, n, STR("product"));
        announce_name(&x->m->o, &x->port, key_of(attr, n, STR("hostname")));
        if (str_has(product, STR("Microsoft Exchange")) || str_has(product, STR("Outlook Web")))
            x->m->o.flags |= OBS_EXCHANGE;
    } else if (str_eq(name, STR("script"))) {
        struct str id = key_of(attr, n, STR("id"));
        x->script     = SCRIPT_NONE;
        x->vulnerable = false;
        x->table = x->elem = x->san_name = STR_EMPTY;
        for (size_t i = 0; i < COUNT_OF(scripts); i++)
            if (str_eq(id, scripts[i].id))
                x->script = scripts[i].script;
        x->output = x->script ? str_dup(&x->port, str_sub(xmlpush_get(attr, n, STR("output")), 0, VALUE_MAX)) : STR_EMPTY;
    } else if (x->script && str_eq(name, STR("table"))) {
        x->table = str_dup(&x->port, key_of(attr, n, STR("key")));
        if (x->script == SCRIPT_VERSION && announce_build(&x->m->o, OBS_REPORTED, x->table))
            x->m->o.flags |= OBS_EXCHANGE;
    } else if (x->script && str_eq(name, STR("elem"))) {
        x->elem = str_dup(&x->port, key_of(attr, n, STR("key")));
    }
    return !x->m->stopped;
}

static bool on_end(void *ctx, struct str name, uint32_t depth)
{
    struct import_nmap *x = ctx;

    (void)depth;
    if (x->in_port && x->script && str_eq(name, STR("elem")))
        take_elem(x);
    else if (x->in_port && str_eq(name, STR("script")))
        end_script(x);
    else if (x->in_port && str_eq(name, STR("port")))
        end_port(x);
    return !x->m->stopped;
}

static bool on_text(void *ctx, struct str s, uint32_t depth)
{
    struct import_nmap *x = ctx;

    (void)depth;
    if (x->script) {
        s = str_sub(s, 0, VALUE_MAX - x->value_n);
        if (s.n)
            memcpy(x->value + x->value_n, s.p, s.n);
        x->value_n += s.n;
    }
    return true;
}

const struct xmlpush_ops import_nmap_ops = { on_start, on_end, on_text };
