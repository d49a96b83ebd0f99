/*
 * Shodan's banners, and masscan's, httpx's and BinaryEdge's records: one object, one answer of one port.
 *
 * Source   survey sheet, 8.2, 8.6, 8.7.
 */
#include "survey/import_inner.h"

#include "base/net.h"
#include "base/num.h"

#include <string.h>

enum { HEADERS = ANNOUNCE_HEADERS_MAX };

static const struct jt_node *get(const struct import_object *x, const char *path) { return jt_at(x->t, x->root, path); }
static struct str text(const struct import_object *x, const char *path)           { return import_str(x, get(x, path)); }

static void port_of(struct import *m, const struct jt_node *at)
{
    int64_t v;

    if (jt_num(at, &v) && v >= 0 && v <= 65535)
        m->o.port = (uint16_t)v;
}

/* ---- Shodan ---- */

static int shodan_fits(const struct jt *t, const struct jt_node *root)
{
    bool ip = jt_get(t, root, "ip_str") || (jt_get(t, root, "ip") && jt_get(t, root, "_shodan"));
    return ip && jt_get(t, root, "port") ? 90 : 0;
}

static void shodan_names(struct import *m, const struct import_object *x)
{
    import_names_from(m, x, get(x, "hostnames"), OBS_NAME_REVERSE);
    m->o.cert_name = text(x, "ssl.cert.subject.CN");
    m->o.cert_org  = text(x, "ssl.cert.subject.O");
    import_cert_name(m, x, m->o.cert_name);
    if (m->o.cert_name.n && str_eq(text(x, "ssl.cert.issuer.CN"), m->o.cert_name) && str_eq(text(x, "ssl.cert.issuer.O"), m->o.cert_org))
        import_self_signed(m);
    m->o.has_cert = import_sha256(x, get(x, "ssl.cert.fingerprint.sha256"), m->o.cert);
}

static bool shodan_read(struct import *m, const struct import_object *x)
{
    struct observation *o = import_begin(m, &x->row);
    const struct jt_node *vulns = get(x, "vulns"), *tags = get(x, "tags");
    struct str ip = text(x, "ip_str"), data = text(x, "data");
    int64_t    v;

    if (!ip.n && jt_num(get(x, "ip"), &v) && v >= 0 && v <= UINT32_MAX) {
        uint8_t b[16] = { [10] = 0xFF, [11] = 0xFF, [12] = (uint8_t)(v >> 24), [13] = (uint8_t)(v >> 16), [14] = (uint8_t)(v >> 8), [15] = (uint8_t)v };
        memcpy(o->ip, b, sizeof b);
        o->has_ip = true;
    } else if (!ip.n) {
        ip = text(x, "ip");
    }
    if (ip.n && !import_ip(m, ip))
        return import_broken(m, &x->row, import_no_ip);
    if (!import_time(m, text(x, "timestamp")))
        return import_broken(m, &x->row, import_no_time);
    port_of(m, get(x, "port"));
    shodan_names(m, x);
    import_as(m, text(x, "asn"));
    o->as_name = text(x, "isp");
    import_country(m, text(x, "location.country_code"));

    struct announced a = { .body = text(x, "http.html"), .path = text(x, "http.location"), .title = text(x, "http.title") };
    if (jt_num(get(x, "http.status"), &v) && v > 0 && v < 1000)
        a.status = (int)v;
    if (jt_num(get(x, "http.favicon.hash"), &v))
        a.favicon = v;
    if (str_starts(data, STR("HTTP/")))
        announce_read_raw(o, x->a, &a, data);
    else if (get(x, "http"))
        announce_read(o, x->a, &a);
    else
        announce_banner(o, x->a, data);
    /* Of an HTTP answer only: an SMTP banner's product is no build of the pages. */
    if (o->parts < 3 && get(x, "http") && (str_ihas(text(x, "product"), STR("exchange")) || str_ihas(text(x, "product"), STR("outlook")))) {
        o->flags |= OBS_EXCHANGE;
        (void)announce_build(o, OBS_REPORTED, text(x, "version"));
        if (o->parts < 3)
            o->flags |= OBS_VERSION_HIDDEN;
    }
    if (o->flags & OBS_EXCHANGE) {
        for (const struct jt_node *c = jt_child(x->t, vulns); c; c = jt_next(x->t, c)) {
            const struct jt_node *verified = jt_get(x->t, c, "verified");
            import_claim(m, CLAIM_UNPATCHED, vulns->kind == JT_OBJECT ? jt_key(c) : import_str(x, c), verified && verified->kind == JT_TRUE ? STR("verified") : STR("not verified"));
        }
        for (const struct jt_node *c = jt_child(x->t, tags); c; c = jt_next(x->t, c))
            if (str_ieq(import_str(x, c), STR("compromised")) || str_ieq(import_str(x, c), STR("webshell")))
                import_claim(m, CLAIM_COMPROMISED, STR_EMPTY, import_str(x, c));
    }
    return import_take(m, &x->row);
}

const struct import_json import_shodan = { OBS_SHODAN, shodan_fits, shodan_read };

/* ---- masscan ---- */

static int masscan_fits(const struct jt *t, const struct jt_node *root)
{
    const struct jt_node *ports = jt_get(t, root, "ports");
    return jt_get(t, root, "ip") && ports && ports->kind == JT_ARRAY ? 80 : jt_get(t, root, "finished") ? 40 : 0;
}

static bool masscan_read(struct import *m, const struct import_object *x)
{
    const struct jt_node *ports = get(x, "ports");
    struct str            ip = text(x, "ip"), when = text(x, "timestamp");

    if (get(x, "finished") && !ports)                       /* its last record counts, nothing else */
        return m->ret->other++, true;
    if (!ports)
        return import_broken(m, &x->row, import_not_this);
    for (const struct jt_node *p = jt_child(x->t, ports); p; p = jt_next(x->t, p)) {
        struct observation *o = import_begin(m, &x->row);
        struct str          name = import_str(x, jt_at(x->t, p, "service.name")), banner = import_str(x, jt_at(x->t, p, "service.banner"));

        if (!import_ip(m, ip))
            return import_broken(m, &x->row, import_no_ip);
        if (!import_epoch(m, when))
            return import_broken(m, &x->row, import_no_time);
        port_of(m, jt_get(x->t, p, "port"));
        if (str_eq(name, STR("title")))
            announce_read(o, x->a, &(struct announced){ .title = banner });
        else if (str_eq(name, STR("http")))
            announce_read_raw(o, x->a, &(struct announced){ .path = STR("/") }, banner);
        else if (str_eq(name, STR("http.server")))
            announce_read(o, x->a, &(struct announced){ .h = &(struct http_header){ STR("server"), banner }, .n = 1 });
        else if (str_eq(name, STR("smtp")) || str_eq(name, STR("pop3")) || str_eq(name, STR("imap4")) || str_eq(name, STR("imap")))
            announce_banner(o, x->a, banner);
        if (!import_take(m, &x->row))
            return false;
    }
    return true;
}

const struct import_json import_masscan = { OBS_MASSCAN, masscan_fits, masscan_read };

/* ---- httpx ---- */

static int httpx_fits(const struct jt *t, const struct jt_node *root)
{
    int n = (jt_get(t, root, "url") != NULL) + (jt_get(t, root, "input") != NULL) + (jt_get(t, root, "status_code") != NULL || jt_get(t, root, "status-code") != NULL) +
            (jt_get(t, root, "webserver") != NULL) + (jt_get(t, root, "host_ip") != NULL) + (jt_get(t, root, "tech") != NULL);
    return n >= 3 ? 30 + 10 * n : 0;
}

static bool httpx_read(struct import *m, const struct import_object *x)
{
    struct observation *o = import_begin(m, &x->row);
    struct http_header  h[HEADERS];
    struct announced    a = { .h = h, .body = text(x, "body"), .title = text(x, "title"), .path = text(x, "path") };
    const struct jt_node *failed = get(x, "failed");
    int64_t             v;

    if (!import_time(m, text(x, "timestamp")))
        return import_broken(m, &x->row, import_no_time);
    struct str ip = text(x, "host_ip");
    if (!ip.n)
        ip = text(x, "host");                               /* older versions: the address is called host */
    if (ip.n && !import_ip(m, ip))
        announce_name(o, x->a, ip);
    struct str path = import_target(m, x->a, text(x, "url"));
    if (!a.path.n)
        a.path = path;
    if (text(x, "input").n)
        (void)import_target(m, x->a, text(x, "input"));
    port_of(m, get(x, "port"));
    if (jt_num(get(x, "status_code"), &v) || jt_num(get(x, "status-code"), &v))
        a.status = v > 0 && v < 1000 ? (int)v : 0;
    if (jt_num(get(x, "favicon"), &v))
        a.favicon = v;
    a.n = import_headers(x, get(x, "header"), h, 0, HEADERS - 2);
    if (text(x, "location").n)
        h[a.n++] = (struct http_header){ STR("location"), text(x, "location") };
    if (text(x, "webserver").n)
        h[a.n++] = (struct http_header){ STR("server"), text(x, "webserver") };
    if (failed && failed->kind == JT_TRUE)
        o->reach = OBS_BROKEN_ANSWER;
    else
        announce_read(o, x->a, &a);
    o->cert_name = text(x, "tls.subject_cn");
    import_cert_name(m, x, o->cert_name);
    import_names_from(m, x, get(x, "tls.subject_an"), OBS_NAME_OF_CERT);
    o->cert_org = import_str(x, jt_child(x->t, get(x, "tls.subject_org")));
    if (get(x, "tls.self_signed") && get(x, "tls.self_signed")->kind == JT_TRUE)
        import_self_signed(m);
    o->has_cert = import_sha256(x, get(x, "tls.fingerprint_hash.sha256"), o->cert);
    import_as(m, text(x, "asn.as_number"));
    o->as_name = text(x, "asn.as_name");
    import_country(m, text(x, "asn.as_country"));
    return import_take(m, &x->row);
}

const struct import_json import_httpx = { OBS_HTTPX, httpx_fits, httpx_read };

/* ---- BinaryEdge ---- */

static int binaryedge_fits(const struct jt *t, const struct jt_node *root)
{
    return jt_get(t, root, "target") && jt_get(t, root, "result") && jt_get(t, root, "origin") ? 90 : 0;
}

static bool binaryedge_read(struct import *m, const struct import_object *x)
{
    struct observation *o = import_begin(m, &x->row);
    const struct jt_node *data = get(x, "result.data"), *vulns = jt_get(x->t, data, "vulnerabilities"), *iocs = jt_get(x->t, data, "iocs");

    if (!import_ip(m, text(x, "target.ip")))
        return import_broken(m, &x->row, import_no_ip);
    if (!import_epoch(m, text(x, "origin.ts")) && !import_time(m, text(x, "origin.ts")))
        return import_broken(m, &x->row, import_no_time);
    port_of(m, get(x, "target.port"));
    if (str_has(text(x, "origin.type"), STR("exchange-owa")) || jt_at(x->t, data, "version.build_version")) {
        o->flags |= OBS_EXCHANGE;
        o->reach  = OBS_ANSWERED;
        if (!announce_build(o, OBS_REPORTED, import_str(x, jt_at(x->t, data, "version.build_version"))))
            o->flags |= OBS_VERSION_HIDDEN;
        const struct jt_node *names = jt_get(x->t, data, "server_names");
        o->node = import_str(x, jt_child(x->t, names));
        for (const struct jt_node *c = jt_child(x->t, names); c; c = jt_next(x->t, c)) {
            struct str s = import_str(x, c);
            if (str_chr(s, '.') != STR_NONE)
                announce_name(o, x->a, s);
        }
        for (const struct jt_node *c = jt_child(x->t, vulns); c; c = jt_next(x->t, c)) {
            struct str cve = c->kind == JT_OBJECT ? import_str(x, jt_get(x->t, c, "cve")) : import_str(x, c);
            if (cve.n)
                import_claim(m, CLAIM_UNPATCHED, cve, STR_EMPTY);
        }
        for (const struct jt_node *c = jt_child(x->t, iocs); c; c = jt_next(x->t, c))
            import_claim(m, CLAIM_COMPROMISED, STR_EMPTY, c->kind == JT_OBJECT ? import_str(x, jt_get(x->t, c, "path")) : import_str(x, c));
    } else {
        struct http_header h[HEADERS];
        struct announced   a = { .h = h, .body = import_str(x, jt_at(x->t, data, "response.body.content")), .path = import_str(x, jt_at(x->t, data, "response.url")) };
        int64_t v;
        a.n = import_headers(x, jt_at(x->t, data, "response.headers.headers"), h, 0, HEADERS);
        if (jt_num(jt_at(x->t, data, "response.statusCode"), &v) && v > 0 && v < 1000)
            a.status = (int)v;
        announce_read(o, x->a, &a);
    }
    return import_take(m, &x->row);
}

const struct import_json import_binaryedge = { OBS_BINARYEDGE, binaryedge_fits, binaryedge_read };

/* ---- a feedback form ---- */

static int statement_fits(const struct jt *t, const struct jt_node *root)
{
    int said = 0, who = 0;

    if (!root || root->kind != JT_OBJECT)
        return 0;
    for (const struct jt_node *c = jt_child(t, root); c; c = jt_next(t, c))
        switch (import_col(jt_key(c))) {
        case COL_PATCHED: case COL_MITIGATED: case COL_COMPROMISED: case COL_BUILD: said++; break;
        case COL_IP: case COL_NAME: case COL_NODE: case COL_SERVER: who++; break;
        default: break;
        }
    return said && who ? 30 : 0;
}

static bool statement_read(struct import *m, const struct import_object *x)
{
    struct import_cells c = { .has = 0 };
    const char         *why = NULL;

    import_begin(m, &x->row);
    for (const struct jt_node *k = jt_child(x->t, x->root); k && x->root->kind == JT_OBJECT; k = jt_next(x->t, k)) {
        enum col col = import_col(jt_key(k));
        if (col <= COL_KNOWN || c.has & UINT64_C(1) << col)
            continue;
        c.f[col] = k->kind == JT_TRUE ? STR("yes") : k->kind == JT_FALSE ? STR("no") : import_str(x, k);
        c.has |= UINT64_C(1) << col;
    }
    return import_statement(m, x->a, &c, &why) ? import_take(m, &x->row) : import_broken(m, &x->row, why);
}

const struct import_json import_statement_json = { OBS_STATEMENT, statement_fits, statement_read };
