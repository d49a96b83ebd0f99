/*
 * Censys, both generations, and zgrab2: an answer of HTTP may lie at any depth of a record.
 *
 * Censys   any object with keys like an HTTP answer's (status_code, headers, body, html_title) below a service is read; what surrounds it says port, time, path.
 *          One observation a service.
 * zgrab2   each module's result is one observation: the answer, and every answer of the redirect chain before it.
 * Source   survey sheet, 8.3 and 8.4.
 */
#include "survey/import_inner.h"

#include "base/num.h"

#include <string.h>

enum { HEADERS = ANNOUNCE_HEADERS_MAX, DEEP = 12, CHAIN_MAX = 16 };

static const struct jt_node *get(const struct import_object *x, const char *path)                               { return jt_at(x->t, x->root, path); }
static struct str text_in(const struct import_object *x, const struct jt_node *at, const char *path)            { return import_str(x, jt_at(x->t, at, path)); }

/* The first of several names that is there. */
static const struct jt_node *either(const struct import_object *x, const struct jt_node *at, const char *one, const char *two)
{
    const struct jt_node *n = jt_at(x->t, at, one);
    return n ? n : jt_at(x->t, at, two);
}

static bool like_http(const struct jt *t, const struct jt_node *n)
{
    return n->kind == JT_OBJECT && ((jt_get(t, n, "headers") && (jt_get(t, n, "status_code") || jt_get(t, n, "body") || jt_get(t, n, "html_title"))) ||
                                    (jt_get(t, n, "status_code") && (jt_get(t, n, "body") || jt_get(t, n, "html_title"))));
}

static void one_answer(struct import *m, const struct import_object *x, const struct jt_node *n, struct str host, struct str path)
{
    struct http_header h[HEADERS];
    struct announced   a = { .h = h, .host = host, .path = path, .body = text_in(x, n, "body"), .title = text_in(x, n, "html_title") };
    int64_t            v;

    a.n = import_headers(x, jt_get(x->t, n, "headers"), h, 0, HEADERS);
    if (jt_num(jt_get(x->t, n, "status_code"), &v) && v > 0 && v < 1000)
        a.status = (int)v;
    const struct jt_node *icons = jt_get(x->t, n, "favicons");
    for (const struct jt_node *c = jt_child(x->t, icons); c; c = jt_next(x->t, c))
        if (jt_num(either(x, c, "hash_shodan", "shodan_hash"), &v) && v == ANNOUNCE_FAVICON)
            a.favicon = v;
    announce_read(&m->o, x->a, &a);
    if (!m->o.has_body && import_sha256(x, either(x, n, "body_hash_sha256", "body_sha256"), m->o.body))
        m->o.has_body = true;
}

/* ---- Censys ---- */

static int censys_fits(const struct jt *t, const struct jt_node *root)
{
    const struct jt_node *host = jt_get(t, root, "host"), *at = host && host->kind == JT_OBJECT ? host : root;
    const struct jt_node *services = jt_get(t, at, "services");
    return jt_get(t, at, "ip") && services && services->kind == JT_ARRAY ? 90 : 0;
}

/* Every answer below a service, however deep. path: of the endpoint it lies in. */
static void find_answers(struct import *m, const struct import_object *x, const struct jt_node *n, struct str path, uint32_t depth)
{
    if (depth > DEEP || (n->kind != JT_OBJECT && n->kind != JT_ARRAY))
        return;
    if (like_http(x->t, n)) {
        one_answer(m, x, n, STR_EMPTY, path);
        return;
    }
    if (n->kind == JT_OBJECT) {
        struct str own = text_in(x, n, "path");
        if (!own.n && text_in(x, n, "request.uri").n) {
            struct str uri = text_in(x, n, "request.uri");
            size_t     at = str_find(uri, STR("://"));
            if (at != STR_NONE) {
                uri = str_from(uri, at + 3);
                at  = str_chr(uri, '/');
                uri = at == STR_NONE ? STR("/") : str_from(uri, at);
            }
            own = uri;
        }
        if (own.n)
            path = own;
    }
    for (const struct jt_node *c = jt_child(x->t, n); c; c = jt_next(x->t, c))
        find_answers(m, x, c, path, depth + 1);
}

static void subject(struct import *m, struct str dn)
{
    struct str part;

    while (str_cut(&dn, ',', &part)) {
        part = str_trim(part);
        if (str_istarts(part, STR("CN=")) && !m->o.cert_name.n)
            m->o.cert_name = str_from(part, 3);
        else if (str_istarts(part, STR("O=")) && !m->o.cert_org.n)
            m->o.cert_org = str_from(part, 2);
    }
}

/* What the host says for all its services, looked up once: there may be many of both. */
struct censys_host { struct str seen, ip, country, as_name; const struct jt_node *asn, *names, *reverse; };

static void censys_names(struct import *m, const struct import_object *x, const struct jt_node *s)
{
    const struct jt_node *cert = either(x, s, "tls.certificates.leaf_data", "cert.parsed");

    subject(m, text_in(x, cert, "subject_dn"));
    import_names_from(m, x, jt_get(x->t, cert, "names"), OBS_NAME_OF_CERT);
    import_names_from(m, x, jt_at(x->t, s, "cert.names"), OBS_NAME_OF_CERT);
    import_cert_name(m, x, m->o.cert_name);
    if (text_in(x, cert, "issuer_dn").n && str_eq(text_in(x, cert, "issuer_dn"), text_in(x, cert, "subject_dn")))
        import_self_signed(m);
    m->o.has_cert = import_sha256(x, either(x, s, "tls.certificates.leaf_fp_sha_256", "cert.fingerprint_sha256"), m->o.cert) ||
                    import_sha256(x, jt_at(x->t, s, "tls.fingerprint_sha256"), m->o.cert);
}

static bool censys_service(struct import *m, const struct import_object *x, const struct censys_host *at, const struct jt_node *s)
{
    struct observation   *o = import_begin(m, &x->row);
    const struct jt_node *smtp = jt_get(x->t, s, "smtp");
    struct str            when = import_str(x, either(x, s, "scan_time", "observed_at")), banner;
    int64_t               v;

    if (!import_ip(m, at->ip))
        return import_broken(m, &x->row, import_no_ip);
    if (!import_time(m, when.n ? when : at->seen))
        return import_broken(m, &x->row, import_no_time);
    if (jt_num(jt_get(x->t, s, "port"), &v) && v >= 0 && v <= 65535)
        o->port = (uint16_t)v;
    if (jt_num(at->asn, &v) && v > 0 && v <= UINT32_MAX)
        o->asn = (uint32_t)v;
    import_country(m, at->country);
    o->as_name = at->as_name;
    import_names(m, x, at->names);
    import_names_from(m, x, at->reverse, OBS_NAME_REVERSE);
    censys_names(m, x, s);
    find_answers(m, x, s, STR_EMPTY, 0);
    banner = smtp ? text_in(x, smtp, "banner") : text_in(x, s, "banner");
    if (banner.n && !str_starts(banner, STR("HTTP/")))
        announce_banner(o, x->a, banner);
    return import_take(m, &x->row);
}

static bool censys_read(struct import *m, const struct import_object *x)
{
    const struct jt_node *host = get(x, "host"), *at = host && host->kind == JT_OBJECT ? host : x->root, *services = jt_get(x->t, at, "services");
    struct censys_host    h = { text_in(x, at, "last_updated_at"), text_in(x, at, "ip"), text_in(x, at, "location.country_code"), text_in(x, at, "autonomous_system.name"),
                                jt_at(x->t, at, "autonomous_system.asn"), jt_at(x->t, at, "dns.names"), jt_at(x->t, at, "dns.reverse_dns.names") };

    if (!services || services->kind != JT_ARRAY)
        return import_broken(m, &x->row, import_not_this);
    for (const struct jt_node *s = jt_child(x->t, services); s; s = jt_next(x->t, s)) {
        struct arena         a = *x->a;
        struct import_object y = { x->t, x->root, &a, x->row };
        if (!censys_service(m, &y, &h, s))
            return false;
    }
    if (!jt_child(x->t, services))
        m->ret->other++;
    return true;
}

const struct import_json import_censys = { OBS_CENSYS, censys_fits, censys_read };

/* ---- zgrab2 ---- */

static int zgrab_fits(const struct jt *t, const struct jt_node *root)
{
    const struct jt_node *data = jt_get(t, root, "data"), *first = data && data->kind == JT_OBJECT ? jt_child(t, data) : NULL;
    return (jt_get(t, root, "ip") || jt_get(t, root, "domain")) && first && jt_get(t, first, "status") ? 90 : 0;
}

static enum obs_reach reach_of(struct str status)
{
    static const struct { const char *word; enum obs_reach reach; } table[] = {
        { "success", OBS_ANSWERED }, { "connection-refused", OBS_REFUSED }, { "connection-timeout", OBS_TIMED_OUT }, { "io-timeout", OBS_TIMED_OUT }, { "connection-closed", OBS_BROKEN_ANSWER },
        { "protocol-error", OBS_BROKEN_ANSWER }, { "application-error", OBS_BROKEN_ANSWER },
    };
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (str_eq(status, str_c(table[i].word)))
            return table[i].reach;
    return OBS_REACH_UNKNOWN;
}

static void zgrab_answer(struct import *m, const struct import_object *x, const struct jt_node *r)
{
    const struct jt_node *url = jt_at(x->t, r, "request.url");
    struct str            host = text_in(x, url, "host"), path = text_in(x, url, "path");
    size_t                colon = str_rchr(host, ':');

    if (colon != STR_NONE)
        host = str_sub(host, 0, colon);
    one_answer(m, x, r, host, path);
    const struct jt_node *tls = jt_at(x->t, r, "request.tls_log.handshake_log.server_certificates.certificate");
    const struct jt_node *parsed = jt_get(x->t, tls, "parsed");
    if (!parsed)
        return;
    m->o.cert_name = import_str(x, jt_child(x->t, jt_at(x->t, parsed, "subject.common_name")));
    m->o.cert_org  = import_str(x, jt_child(x->t, jt_at(x->t, parsed, "subject.organization")));
    import_cert_name(m, x, m->o.cert_name);
    import_names_from(m, x, jt_get(x->t, parsed, "names"), OBS_NAME_OF_CERT);
    import_names_from(m, x, jt_at(x->t, parsed, "extensions.subject_alt_name.dns_names"), OBS_NAME_OF_CERT);
    const struct jt_node *self = jt_at(x->t, parsed, "signature.self_signed");
    if ((self && self->kind == JT_TRUE) || (text_in(x, parsed, "issuer_dn").n && str_eq(text_in(x, parsed, "issuer_dn"), text_in(x, parsed, "subject_dn"))))
        import_self_signed(m);
    if (import_sha256(x, jt_get(x->t, parsed, "fingerprint_sha256"), m->o.cert))
        m->o.has_cert = true;
}

/* What the record says for all its modules. */
struct zgrab_target { struct str ip, domain; const struct jt_node *port; };

static bool zgrab_module(struct import *m, const struct import_object *x, const struct zgrab_target *at, const struct jt_node *mod)
{
    struct observation   *o = import_begin(m, &x->row);
    const struct jt_node *result = jt_get(x->t, mod, "result"), *response = jt_get(x->t, result, "response");
    struct str            protocol = text_in(x, mod, "protocol");
    enum obs_reach        reach = reach_of(text_in(x, mod, "status"));
    int64_t               v;

    if (at->ip.n && !import_ip(m, at->ip))
        return import_broken(m, &x->row, import_no_ip);
    announce_name(o, x->a, at->domain);
    if (!import_time(m, text_in(x, mod, "timestamp")))
        return import_broken(m, &x->row, import_no_time);
    if (jt_num(jt_get(x->t, mod, "port"), &v) || jt_num(at->port, &v))
        o->port = v > 0 && v <= 65535 ? (uint16_t)v : 0;
    if (response) {
        uint32_t chain = 0;
        for (const struct jt_node *c = jt_child(x->t, jt_get(x->t, result, "redirect_response_chain")); c && chain < CHAIN_MAX; c = jt_next(x->t, c), chain++)
            zgrab_answer(m, x, c);
        zgrab_answer(m, x, response);
    } else if (str_eq(protocol, STR("smtp")) || str_eq(protocol, STR("imap")) || str_eq(protocol, STR("pop3"))) {
        announce_banner(o, x->a, text_in(x, result, "banner"));
        if (text_in(x, result, "ehlo").n)
            announce_banner(o, x->a, text_in(x, result, "ehlo"));
    }
    if (reach != OBS_ANSWERED && (o->flags == 0 || reach == OBS_REFUSED))
        o->reach = str_has(text_in(x, mod, "error"), STR("tls")) && reach == OBS_BROKEN_ANSWER ? OBS_TLS_FAILED : reach;
    return import_take(m, &x->row);
}

static bool zgrab_read(struct import *m, const struct import_object *x)
{
    const struct jt_node *data = get(x, "data");
    struct zgrab_target   at = { import_str(x, get(x, "ip")), import_str(x, get(x, "domain")), get(x, "port") };

    if (!data || data->kind != JT_OBJECT)
        return import_broken(m, &x->row, import_not_this);
    for (const struct jt_node *mod = jt_child(x->t, data); mod; mod = jt_next(x->t, mod)) {
        struct arena         a = *x->a;
        struct import_object y = { x->t, x->root, &a, x->row };
        if (!zgrab_module(m, &y, &at, mod))
            return false;
    }
    if (!jt_child(x->t, data))
        m->ret->other++;
    return true;
}

const struct import_json import_zgrab = { OBS_ZGRAB, zgrab_fits, zgrab_read };
