#include "survey/announce_inner.h"

#include "base/hash.h"
#include "base/num.h"
#include "pack/pack.h"

/* What one answer showed beside what the observation holds. */
struct seen { bool exchange, proxy, online, activesync; uint16_t sync[4]; int sync_parts; };

static void take_paths(struct observation *o, struct seen *seen, struct str text)
{
    size_t   pos = 0;
    uint16_t v[4];
    int      parts;

    while (announce_path_next(text, &pos, v, &parts)) {
        announce_take(o, OBS_PAGE_PATH, v, parts);
        seen->exchange = true;
    }
}

static struct str url_host(struct str url)
{
    size_t     at = str_find(url, STR("://"));
    struct str rest = at == STR_NONE || at > 8 ? STR_EMPTY : str_from(url, at + 3);

    for (size_t i = 0; i < rest.n; i++)
        if (rest.p[i] == '/' || rest.p[i] == ':' || rest.p[i] == '?' || rest.p[i] == '#')
            return str_sub(rest, 0, i);
    return rest;
}

/* ---- headers ---- */

/* Products that stand before a server and answer in its place. Field: what these words are looked for in. */
enum where { IN_LOCATION, IN_COOKIE, IN_SERVER, IN_TITLE };
static const struct { enum where in; struct str word; } proxies[] = {
    { IN_LOCATION, STR_INIT("/my.policy") }, { IN_LOCATION, STR_INIT("/my.logout") },                       /* F5 APM */
    { IN_LOCATION, STR_INIT("/vpn/") }, { IN_LOCATION, STR_INIT("/logon/LogonPoint") }, { IN_LOCATION, STR_INIT("/nf/auth/") },      /* Citrix */
    { IN_LOCATION, STR_INIT("/cdn-cgi/") }, { IN_LOCATION, STR_INIT(".cloudflareaccess.com") },             /* Cloudflare */
    { IN_LOCATION, STR_INIT("/lm_auth_proxy") },                                                            /* Kemp ESP */
    { IN_LOCATION, STR_INIT("login.microsoftonline.") }, { IN_LOCATION, STR_INIT(".msappproxy.net") },      /* Entra application proxy, modern sign-in */
    { IN_LOCATION, STR_INIT("/adfs/ls") }, { IN_LOCATION, STR_INIT("/dana-na/") }, { IN_LOCATION, STR_INIT("/remote/login") },
    { IN_LOCATION, STR_INIT("/saml") }, { IN_LOCATION, STR_INIT("/oauth2/") },
    { IN_COOKIE, STR_INIT("MRHSession") }, { IN_COOKIE, STR_INIT("LastMRH_Session") }, { IN_COOKIE, STR_INIT("TS01") }, { IN_COOKIE, STR_INIT("BIGipServer") },
    { IN_COOKIE, STR_INIT("NSC_") }, { IN_COOKIE, STR_INIT("CF_Authorization") }, { IN_COOKIE, STR_INIT("__cf_bm") }, { IN_COOKIE, STR_INIT("AzureAppProxy") },
    { IN_COOKIE, STR_INIT("incap_ses") }, { IN_COOKIE, STR_INIT("FORTIWAFSID") }, { IN_COOKIE, STR_INIT("barra_counter_session") },
    { IN_SERVER, STR_INIT("BigIP") }, { IN_SERVER, STR_INIT("BIG-IP") }, { IN_SERVER, STR_INIT("cloudflare") }, { IN_SERVER, STR_INIT("AkamaiGHost") },
    { IN_SERVER, STR_INIT("NetScaler") }, { IN_SERVER, STR_INIT("Sophos") }, { IN_SERVER, STR_INIT("xxxxxxxx-xxxxx") }, { IN_SERVER, STR_INIT("Imperva") },
    { IN_TITLE, STR_INIT("Attention Required! | Cloudflare") }, { IN_TITLE, STR_INIT("Just a moment...") }, { IN_TITLE, STR_INIT("Request Rejected") },
    { IN_TITLE, STR_INIT("BIG-IP logout page") }, { IN_TITLE, STR_INIT("Citrix Gateway") }, { IN_TITLE, STR_INIT("NetScaler") },
};

static bool proxy_word(enum where in, struct str s)
{
    for (size_t i = 0; i < COUNT_OF(proxies) && s.n; i++)
        if (proxies[i].in == in && str_ihas(s, proxies[i].word))
            return true;
    return false;
}

enum header {
    H_NONE, H_OWA_VERSION, H_FE_SERVER, H_BE_SERVER, H_BE_TARGET, H_DIAG, H_BE_STATUS, H_ACTIVESYNC, H_SERVER, H_LOCATION, H_CONTENT_LOCATION, H_COOKIE, H_SERVER_APP
};
static const struct { struct str name; enum header h; } headers[] = {
    { STR_INIT("server"), H_SERVER },
    { STR_INIT("location"), H_LOCATION },
    { STR_INIT("x-diaginfo"), H_DIAG },
    { STR_INIT("set-cookie"), H_COOKIE },
    { STR_INIT("x-feserver"), H_FE_SERVER },
    { STR_INIT("x-beserver"), H_BE_SERVER },
    { STR_INIT("x-owa-version"), H_OWA_VERSION },
    { STR_INIT("content-location"), H_CONTENT_LOCATION },
    { STR_INIT("x-serverapplication"), H_SERVER_APP },
    { STR_INIT("x-backendhttpstatus"), H_BE_STATUS },
    { STR_INIT("x-calculatedbetarget"), H_BE_TARGET },
    { STR_INIT("ms-server-activesync"), H_ACTIVESYNC },
};

static bool same_header(struct str name, struct str known)
{
    for (size_t i = 0; i < known.n; i++) {
        uint8_t c = name.p[i] == '_' ? '-' : ch_lower(name.p[i]);
        if (c != known.p[i])
            return false;
    }
    return true;
}

static enum header header_of(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(headers) && headers[i].name.n <= name.n; i++)
        if (headers[i].name.n == name.n && same_header(name, headers[i].name))
            return headers[i].h;
    return H_NONE;
}

static void take_header(struct observation *o, struct arena *a, struct seen *seen, enum header h, struct str v)
{
    switch (h) {
    case H_NONE:
        break;
    case H_OWA_VERSION:
        seen->exchange = true;
        (void)announce_build(o, OBS_HEADER, v);
        break;
    case H_SERVER_APP:
        if (str_istarts(v, STR("Exchange/"))) {
            seen->exchange = true;
            (void)announce_build(o, OBS_HEADER, str_from(v, 9));
        }
        break;
    case H_FE_SERVER:
        seen->exchange = true;
        if (!o->node.n)
            o->node = v;
        break;
    case H_DIAG:
        seen->exchange = true;
        if (!o->node.n && announce_is_host(v))
            o->node = v;
        break;
    case H_BE_SERVER:
    case H_BE_TARGET:
        seen->exchange = true;
        seen->online |= announce_is_online(v);
        announce_domain(o, a, v);
        break;
    case H_BE_STATUS:
        seen->exchange = true;
        break;
    case H_ACTIVESYNC:                              /* others speak it as well: see settle */
        seen->activesync = build_parse(v, seen->sync, &seen->sync_parts);
        break;
    case H_SERVER:
        if (!o->server_header.n || (str_istarts(v, STR("Microsoft-")) && !str_istarts(o->server_header, STR("Microsoft-"))))
            o->server_header = v;
        seen->proxy |= proxy_word(IN_SERVER, v);
        break;
    case H_LOCATION:
        seen->online |= announce_is_online(url_host(v));
        seen->proxy  |= proxy_word(IN_LOCATION, v);
        take_paths(o, seen, v);
        if (str_ihas(v, STR("/owa/auth/logon.aspx")) || str_ihas(v, STR("/owa/auth/errorfe.aspx")))
            seen->exchange = true;
        break;
    case H_CONTENT_LOCATION:
        take_paths(o, seen, v);
        break;
    case H_COOKIE:
        seen->proxy    |= proxy_word(IN_COOKIE, v);
        seen->exchange |= str_istarts(v, STR("X-BackEndCookie=")) || str_istarts(v, STR("X-OWA-CANARY=")) || str_istarts(v, STR("OutlookSession="));
        break;
    }
}

/* ---- bodies ---- */

static bool owa_title(struct str s)
{
    static const struct str title[] = {
        STR_INIT("Outlook"), STR_INIT("Outlook Web App"), STR_INIT("Outlook Web Access"), STR_INIT("Microsoft Outlook Web App"), STR_INIT("Microsoft Exchange - Outlook Web Access"),
        STR_INIT("Exchange Admin Center"), STR_INIT("Microsoft Outlook Web Access"),
    };
    s = str_trim(s);
    for (size_t i = 0; i < COUNT_OF(title); i++)
        if (str_ieq(s, title[i]))
            return true;
    return false;
}

static struct str title_of(struct str body)
{
    struct str head = str_sub(body, 0, 16 << 10);
    size_t     at = str_find(head, STR("<title"));

    if (at == STR_NONE)
        at = str_find(head, STR("<TITLE"));
    if (at == STR_NONE)
        return STR_EMPTY;
    head = str_from(head, at + 6);
    size_t close = str_chr(head, '>');
    if (close == STR_NONE)
        return STR_EMPTY;
    head = str_from(head, close + 1);
    size_t end = str_chr(head, '<');
    return end == STR_NONE ? STR_EMPTY : str_trim(str_sub(head, 0, end));
}

/* assemblyIdentity name="microsoft.exchange.ediscovery.exporttool.application" version="15.1.2375.17" */
static void take_manifest(struct observation *o, struct seen *seen, struct str body)
{
    size_t     at = str_find(body, STR("assemblyIdentity"));
    struct str tag;

    if (at == STR_NONE)
        return;
    tag = str_from(body, at);
    size_t end = str_chr(tag, '>');
    tag = str_sub(tag, 0, end == STR_NONE ? 1024 : end);
    at = str_find(tag, STR("version=\""));
    if (at == STR_NONE || !str_ihas(tag, STR("microsoft.exchange.ediscovery.exporttool")))
        return;
    tag = str_from(tag, at + 9);
    end = str_chr(tag, '"');
    if (end != STR_NONE && announce_build(o, OBS_MANIFEST, str_sub(tag, 0, end)))
        seen->exchange = true;
}

/* What a client that has signed in is told: <ServerVersion>73C1840A</ServerVersion>; <ServerVersionInfo MajorVersion="15" MinorVersion="1" ...>. In imports only. */
static void take_signed_in(struct observation *o, struct seen *seen, struct str body)
{
    static const struct str name[] = { STR_INIT("MajorVersion=\""), STR_INIT("MinorVersion=\""), STR_INIT("MajorBuildNumber=\""), STR_INIT("MinorBuildNumber=\"") };
    size_t   at = str_find(body, STR("<ServerVersion>"));
    uint16_t v[4] = { 0 };
    int      n = 0;

    if (at != STR_NONE && announce_server_version(o, str_sub(body, at + 15, at + 23)))
        seen->exchange = true;
    at = str_find(body, STR("ServerVersionInfo"));
    if (at == STR_NONE)
        return;
    struct str tag = str_sub(body, at, at + 512);
    size_t     end = str_chr(tag, '>');
    tag = str_sub(tag, 0, end == STR_NONE ? tag.n : end);
    for (; n < 4; n++) {
        at = str_find(tag, name[n]);
        if (at == STR_NONE)
            break;
        at += name[n].n;
        if (!announce_number(tag, &at, &v[n]))
            break;
    }
    if (n == 4) {
        announce_take(o, OBS_SOAP, v, 4);
        seen->exchange = true;
    }
}

static void take_body(struct observation *o, struct seen *seen, const struct announced *x)
{
    struct str body = str_sub(x->body, 0, ANNOUNCE_BODY_MAX), title = x->title;

    if (str_ihas(x->path, STR("exporttool")))
        take_manifest(o, seen, body);
    if (str_istarts(x->path, STR("/ews")) || str_istarts(x->path, STR("/autodiscover")))
        take_signed_in(o, seen, body);
    take_paths(o, seen, body);
    if (!title.n)
        title = title_of(body);
    seen->exchange |= owa_title(title) || x->favicon == ANNOUNCE_FAVICON;
    seen->proxy    |= proxy_word(IN_TITLE, title);
    if (!seen->exchange && body.n)
        seen->exchange = str_has(body, STR("ASP.auth_logon_aspx")) || str_has(body, STR("/owa/auth.owa")) || str_has(body, STR("/owa/auth/logon.aspx"));
    if (str_ihas(x->path, STR("/healthcheck.htm")) && x->status == 200 && str_istarts(str_trim(body), STR("200 OK")))
        seen->exchange = true;
}

/* ---- what it comes to ---- */

/* The asked path is one that only Exchange serves by these names. */
static bool exchange_path(struct str path)
{
    static const struct str at[] = { STR_INIT("/owa"), STR_INIT("/ews"), STR_INIT("/ecp"), STR_INIT("/autodiscover"), STR_INIT("/microsoft-server-activesync"), STR_INIT("/mapi"), STR_INIT("/oab"), STR_INIT("/rpc") };

    for (size_t i = 0; i < COUNT_OF(at); i++)
        if (str_istarts(path, at[i]) && (path.n == at[i].n || path.p[at[i].n] == '/' || path.p[at[i].n] == '?'))
            return true;
    return false;
}

/* IIS tells the Windows below: 7.0 is 2008, 7.5 2008 R2, 8.0 2012, 8.5 2012 R2, 10.0 2016 and later. Supportability matrix of each product. */
static bool odd_pair(const struct observation *o)
{
    struct str iis = o->server_header;
    uint16_t   v[2] = { 0 };
    size_t     at = 14;

    if (o->parts < 2)
        return false;
    bool known = (o->build[0] == 15 && (o->build[1] <= 2 || o->build[1] == 20)) || (o->build[0] == 14 && (o->build[1] <= 3 || o->build[1] == 15 || o->build[1] == 16)) ||
                 (o->build[0] == 8 && o->build[1] <= 3) || o->build[0] == 6;
    if (!known)
        return true;
    if (!str_istarts(iis, STR("Microsoft-IIS/")) || !announce_number(iis, &at, &v[0]) || at >= iis.n || iis.p[at++] != '.' || !announce_number(iis, &at, &v[1]))
        return false;
    uint32_t w = v[0] * 10u + v[1];
    if (o->build[0] == 15)
        switch (o->build[1]) {
        case 0:  return w < 75 || w > 85;
        case 1:  return w < 80;
        case 2:  return w < 100;
        default: return false;
        }
    return o->build[0] == 14 && (w < 70 || w > 85);
}

static void settle(struct observation *o, const struct announced *x, const struct seen *s)
{
    bool asked_exchange = exchange_path(x->path);

    if (s->exchange)
        o->flags |= OBS_EXCHANGE;
    if (s->activesync && (o->flags & OBS_EXCHANGE) && !o->parts)
        announce_take(o, OBS_ACTIVESYNC, s->sync, s->sync_parts > 2 ? 2 : s->sync_parts);
    if (o->parts >= 2 && o->build[0] == 15 && o->build[1] == 20)
        o->flags |= OBS_ONLINE;
    if (s->online || announce_is_online(x->host))
        o->flags |= OBS_ONLINE;
    if (asked_exchange && (s->proxy || x->status == 401 || x->status == 403 || x->status == 407))
        o->flags |= OBS_VERSION_HIDDEN;
    if (o->flags & OBS_EXCHANGE)
        o->flags |= OBS_VERSION_HIDDEN;
    if (asked_exchange && !s->proxy && ((x->status >= 200 && x->status < 300) || x->status == 404))
        o->flags |= OBS_NOT_EXCHANGE;
    if (o->flags & (OBS_EXCHANGE | OBS_ONLINE))
        o->flags &= ~(uint32_t)OBS_NOT_EXCHANGE;
    if (o->parts >= 3)
        o->flags &= ~(uint32_t)(OBS_VERSION_HIDDEN | OBS_NOT_EXCHANGE);
    o->flags = (o->flags & ~(uint32_t)OBS_ODD) | (odd_pair(o) ? OBS_ODD : 0);
}

void announce_read(struct observation *o, struct arena *a, const struct announced *x)
{
    struct seen s = { 0 };
    size_t      n = x->n < ANNOUNCE_HEADERS_MAX ? x->n : ANNOUNCE_HEADERS_MAX;

    o->reach = OBS_ANSWERED;
    if (x->status)
        o->status = x->status;
    for (size_t i = 0; i < n; i++) {
        enum header h = header_of(x->h[i].name);
        if (h != H_NONE)
            take_header(o, a, &s, h, str_trim(str_sub(x->h[i].value, 0, ANNOUNCE_VALUE_MAX)));
    }
    take_body(o, &s, x);
    if (x->host.n)
        announce_name(o, a, x->host);
    if (x->hash_body && x->body.n)
        o->has_body = hash_sha256(x->body, o->body);
    settle(o, x, &s);
}

void announce_read_raw(struct observation *o, struct arena *a, const struct announced *x, struct str raw)
{
    struct http_header h[ANNOUNCE_HEADERS_MAX];
    struct announced   y = *x;
    struct str         rest = raw, line;
    uint32_t           status;

    y.h = h;
    y.n = 0;
    if (!str_cut(&rest, '\n', &line))
        line = STR_EMPTY;
    line = str_trim(line);
    size_t sp = str_chr(line, ' ');
    if (str_istarts(line, STR("HTTP/")) && sp != STR_NONE && num_u32(str_sub(line, sp + 1, sp + 4), &status))
        y.status = (int)status;
    while (str_cut(&rest, '\n', &line)) {
        struct str t = str_trim(line);
        if (!t.n)
            break;
        size_t colon = str_chr(line, ':');
        if (colon != STR_NONE && y.n < ANNOUNCE_HEADERS_MAX)
            h[y.n++] = (struct http_header){ str_trim(str_sub(line, 0, colon)), str_from(line, colon + 1) };
    }
    if (rest.n)
        y.body = rest;
    announce_read(o, a, &y);
}
