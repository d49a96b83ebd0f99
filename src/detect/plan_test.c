/*
 * The prefilter's promise: a row that a rule of the pack fits is never left out because its literals were not met.
 *
 * Rows are put together from what the rules look for and from ordinary traffic, then spelled in every way a path, a query, a CSV cell or an
 * ECP command may be spelled, then damaged at random. Each file is scanned twice: with the prefilter, and with every rule asked about
 * every row. Both must give the same hits. The random numbers are fixed: a failure repeats.
 */
#include "test.h"

#include "base/num.h"
#include "detect/logscan.h"
#include "os/mem.h"
#include "pack/pack.h"

enum { ROWS = 64, FILES = 60, ROW_MAX = 4096 };

struct dice { uint64_t x; };
static uint32_t roll(struct dice *d, uint32_t n)
{
    d->x ^= d->x << 13;
    d->x ^= d->x >> 7;
    d->x ^= d->x << 17;
    return (uint32_t)((d->x >> 16) % n);
}
struct row { char p[ROW_MAX]; size_t n; };
static void putc_(struct row *r, char c) { if (r->n + 1 < ROW_MAX) r->p[r->n++] = c; }
static void puts_(struct row *r, const char *s) { while (*s) putc_(r, *s++); }
#define PICK(d, list) ((list)[roll((d), COUNT_OF(list))])

static const char *const paths[] = {
    "/owa/auth/x.aspx", "/owa/auth/logon.aspx", "/owa/auth/Current/themes/resources/logon.css", "/owa/auth/15.1.2106/themes/resources/a.gif", "/owa/auth/x.js",
    "/aspnet_client/x.aspx", "/aspnet_client/system_web/a.ashx", "/aspnet_client/it.zip", "/aspnet_client/a.gif", "/aspnet_client/supp0rt.asp",
    "/ecp/y.js", "/ecp/main.css", "/ecp/default.flt", "/ecp/auth/w.js", "/ecp/auth/TimeoutLogout.aspx", "/ecp/auth/a.aspx", "/ecp/proxyLogon.ecp",
    "/ecp/DDI/DDIService.svc/SetObject", "/ecp/DDI/DDIService.svc/GetList", "/oab/a.aspx", "/ews/exchange.asmx", "/ews/x.php", "/rpc/", "/rpc/rpcproxy.dll", "/rpc/x.jsp",
    "/autodiscover/a.asax", "/autodiscover/autodiscover.xml", "/shop/basket.aspx", "/a.asp", "/mapi/emsmdb", "/owa/auth/out.7z", "/ecp/auth/d.dmp",
    "/owa/auth/it.cab", "/powershell", "/owa/auth/Current/scripts/premium/fexppw.aspx",
};
static const char *const queries[] = {
    "-", "-", "t=1", "msExchEcpCanary=aB.&schema=OABVirtualDirectory", "schema=ResetOABVirtualDirectory&msExchEcpCanary=x", "cmd=whoami", "a=net user", "exec_code=1",
    "orange=x", "&CorrelationID=<empty>;&cafeReqId=00000000-0000-4000-8000-0000000000d4;&encoding=;", "x=powershell", "url=https://mail.example.com/owa/", "ipconfig",
    "t=NO9BxmCXw0JE=", "Email=a@example.com", "file=../../windows/win.ini", "q=${jndi:ldap://x}", "c=run+-encoded+cABpAG4AZwA=", "c=run /encoded x", "page=a'b--union/**/select",
};
static const char *const agents[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "antSword/v2.1", "python-requests/2.25.1", "ExchangeServicesClient/0.0.0.0", "Googlebot/2.1 (+http://www.googlebot.com/bot.html)",
    "DuckDuckBot/1.0; (+http://duckduckgo.com/duckduckbot.html)", "AMProbe/Local/ClientAccess", "-", "Mozilla/5.0 (compatible; Bingbot/2.0; +http://www.bing.com/bingbot.htm)",
};
static const char *const methods[] = { "GET", "POST", "POST", "post", "HEAD" };
static const char *const statuses[] = { "200", "200", "200", "206", "241", "302", "401", "404", "500" };
static const char *const accounts[] = { "-", "EXAMPLE\\EXCH01$", "EXAMPLE\\anna", "EXAMPLE\\EXCH01$@example.com" };

/* A path as somebody may send it who does not want to be found. */
static void spell_path(struct row *r, struct dice *d, const char *p, bool log)
{
    uint32_t how = roll(d, 20);

    if (log)
        putc_(r, *p++);                                  /* a request begins with a slash */
    for (; *p; p++) {
        if (how == 0 && roll(d, 4) == 0)
            puts_(r, (char[]){ '%', "0123456789ABCDEF"[(*p >> 4) & 15], (roll(d, 2) ? "0123456789abcdef" : "0123456789ABCDEF")[*p & 15], 0 });
        else if (how == 1)
            putc_(r, roll(d, 2) && *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p);
        else if (how == 2 && *p == '/' && roll(d, 2))
            puts_(r, "//");
        else if (how == 3 && *p == '/' && roll(d, 2))
            puts_(r, "/./");
        else if (how == 4 && *p == '/' && roll(d, 2))
            puts_(r, "/y/../");
        else if (how == 5 && *p == '/' && roll(d, 2))
            putc_(r, '\\');
        else if (how == 6 && *p == '/' && p[1] && roll(d, 2))
            puts_(r, "/(S(abc))/");
        else if (how == 7 && *p == '.' && roll(d, 2))
            puts_(r, "%2e");
        else if (how == 8 && *p == '/' && roll(d, 2))
            puts_(r, roll(d, 2) ? "%2F" : "%5c");
        else
            putc_(r, *p);
    }
    if (how == 9)
        puts_(r, PICK(d, ((const char *const[]){ "/foo", "::$DATA", ";.js", "%20", ".", "+", "/a/b.gif" })));
}

static void spell_query(struct row *r, struct dice *d, const char *q)
{
    uint32_t how = roll(d, 5);

    for (; *q; q++) {
        if (*q == ' ')
            puts_(r, roll(d, 2) ? "+" : "%20");
        else if (how == 0 && roll(d, 3) == 0 && *q != '-')
            puts_(r, (char[]){ '%', "0123456789ABCDEF"[(*q >> 4) & 15], "0123456789abcdef"[*q & 15], 0 });
        else
            putc_(r, *q);
    }
}

static void blanks_plus(struct row *r, const char *s)
{
    for (; *s; s++)
        putc_(r, *s == ' ' ? '+' : *s);
}

/* One row each that a rule wants, spelled in odd ways like the rest. */
struct wanted { const char *method, *path, *query, *agent, *status, *account; };
static const struct wanted wanted[] = {
    { "GET", "/ecp/DDI/DDIService.svc/SetObject", "schema=ResetOABVirtualDirectory&msExchEcpCanary=x", "-", "200", "EXAMPLE\\EXCH01$" },
    { "POST", "/ecp/DDI/DDIService.svc/SetObject", "msExchEcpCanary=x&schema=OABVirtualDirectory", "-", "200", "EXAMPLE\\EXCH01$" },
    { "POST", "/ecp/proxyLogon.ecp", "-", "python-requests/2.25.1", "241", "EXAMPLE\\EXCH01$" },
    { "GET", "/aspnet_client/it.zip", "-", "-", "206", "-" },           { "GET", "/aspnet_client/a.gif", "-", "-", "200", "-" },
    { "GET", "/owa/auth/out.7z", "-", "-", "200", "-" },                { "POST", "/shop/basket.aspx", "-", "-", "200", "-" },
    { "POST", "/owa/auth/Current/themes/resources/logon.css", "-", "Googlebot/2.1 (+http://www.googlebot.com/bot.html)", "200", "-" },
    { "GET", "/rpc/", "-", "-", "401", "-" },                           { "POST", "/owa/auth/x.js", "-", "-", "500", "-" },
    { "GET", "/ecp/y.js", "-", "-", "404", "-" },                       { "POST", "/ecp/auth/a.aspx", "cmd=whoami", "-", "200", "-" },
};

static void row_iis(struct row *r, struct dice *d)
{
    struct wanted w = PICK(d, wanted);

    if (roll(d, 3))
        w = (struct wanted){ PICK(d, methods), PICK(d, paths), PICK(d, queries), PICK(d, agents), PICK(d, statuses), PICK(d, accounts) };
    puts_(r, "2021-03-03 07:02:11 192.0.2.10 ");
    puts_(r, w.method);
    putc_(r, ' ');
    spell_path(r, d, w.path, true);
    putc_(r, ' ');
    spell_query(r, d, w.query);
    puts_(r, roll(d, 2) ? " 443 " : " 444 ");
    puts_(r, w.account);
    puts_(r, roll(d, 2) ? " 198.51.100.23 " : " 203.0.113.7 ");
    blanks_plus(r, w.agent);
    puts_(r, roll(d, 2) ? " - " : " https://mail.example.com/owa/ ");
    puts_(r, w.status);
    puts_(r, " 0 0 15");
}

/* A CSV cell: quoted when it must be, and sometimes when it need not be. */
static void csv(struct row *r, struct dice *d, struct str s)
{
    bool quote = roll(d, 8) == 0 || str_chr(s, ',') != STR_NONE || str_chr(s, '"') != STR_NONE;

    if (quote)
        putc_(r, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            putc_(r, '"');
        putc_(r, (char)s.p[i]);
    }
    if (quote)
        putc_(r, '"');
}
static struct str row_str(const struct row *r) { return (struct str){ (const uint8_t *)r->p, r->n }; }

static void row_proxy(struct row *r, struct dice *d)
{
    static const char *const head[] = { "ServerInfo~", "serverinfo~", "SERVERINFO~", "Sid~", "MailboxGuid~", "Smtp~" };
    static const char *const host[] = { "a]@exch01.example.com:444", "localhost", "127.0.0.1", "[::1]:444", "EXCH01", "x" };
    static const char *const path[] = { "", "/EWS/Exchange.asmx", "/autodiscover/autodiscover.xml", "/autodiscover", "/mapi/emsmdb", "/ecp/proxyLogon.ecp", "/powershell/",
                                        "/ecp/DDI/DDIService.svc/SetObject", "/ecp/DDI/DDIService.svc/GetObject", "/rpc/", "/oab/", "/ecp/default.flt" };
    struct row anchor = { .n = 0 }, cookie = { .n = 0 };

    if (roll(d, 3)) {
        puts_(&anchor, PICK(d, head));
        puts_(&anchor, PICK(d, host));
        spell_path(&anchor, d, PICK(d, path), false);
        putc_(&anchor, '?');
        spell_query(&anchor, d, roll(d, 2) ? queries[3 + roll(d, 2)] : PICK(d, queries));
        putc_(&anchor, '#');
    } else {
        puts_(&cookie, roll(d, 4) ? "Server~" : "server~");
        puts_(&cookie, PICK(d, host));
        spell_path(&cookie, d, PICK(d, path), false);
        puts_(&cookie, PICK(d, ((const char *const[]){ "~1942062522~2021-03-04T07:00:00", "~1942062522", "", "~1942062522~03/04/2021~x", ", x/y~1" })));
    }
    puts_(r, "2021-03-03T06:59:20.359Z,id-1,15,1,2106,2,mail.example.com,/ecp/y.js,false,,");
    csv(r, d, row_str(&anchor));
    puts_(r, ",python-requests/2.25.1,198.51.100.23,EXCH01,");
    puts_(r, PICK(d, statuses));
    puts_(r, ",POST,");
    csv(r, d, row_str(&cookie));
    putc_(r, ',');
    puts_(r, PICK(d, ((const char *const[]){ "X-BEResource-Cookie", "X-AnonResource-Backend-Cookie", "Ordinary", "" })));
    puts_(r, ",5000");
}

static void row_ecp(struct row *r, struct dice *d)
{
    static const char *const cmd[] = {
        "Set-OabVirtualDirectory.ExternalUrl='http://f/<s>'.Identity='1'", "Set-OabVirtualDirectory.ExternalUrl=$null.Identity='1'", "Set-OwaVirtualDirectory.InternalUrl=''",
        "Set-WebServicesVirtualDirectory.ExternalUrl='https://mail.example.com/ews'.InternalUrl='http://x/%@'", "Get-OabVirtualDirectory.Identity='1'",
        "Set-EcpVirtualDirectory.ExternalUrl='https://mail.example.com/ecp'", "Remove-OABVirtualDirectory.Force=$true.Identity='EXCH01\\OAB (Default Web Site)'",
        "New-OABVirtualDirectory.Server='EXCH01'.Path='C:\\x y\\OAB'", "set-oabvirtualdirectory.externalurl='http://f/ un\"safe\"'", "Set-OabVirtualDirectory.ExternalUrl='mail/oab'",
    };
    static const char *const url[] = { "/ecp/DDI/DDIService.svc/SetObject?msExchEcpCanary=x.&schema=OABVirtualDirectory", "/ecp/DDI/DDIService.svc/SetObject?schema=ResetOABVirtualDirectory",
                                       "/ecp/VDirMgmt/EditOab.aspx", "/ECP/ddi/DDIService.svc/GetList" };
    struct row cell = { .n = 0 };
    const char *c = PICK(d, cmd);

    puts_(&cell, "S:TIME=1;'S:CMD=");
    for (; *c; c++) {
        if (*c == '\'')
            putc_(&cell, '\'');
        putc_(&cell, roll(d, 40) == 0 && *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c);
    }
    puts_(&cell, "';S:REQID=;S:URL=");
    puts_(&cell, PICK(d, url));
    puts_(&cell, roll(d, 4) ? ";S:EX=;S:ACTID=c3" : ";S:EX=Microsoft.ADNoSuchObjectException;S:ACTID=c3");
    puts_(r, "2021-03-03T06:59:17.960Z,EXCH01,ECP.Request,");
    csv(r, d, row_str(&cell));
}

static void row_oab(struct row *r, struct dice *d)
{
    puts_(r, "2021-03-01T04:11:09.120Z,EXCH01,OABGen,Download failed and temporary file '");
    puts_(r, PICK(d, ((const char *const[]){ "C:\\inetpub\\wwwroot\\aspnet_client\\a.aspx", "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\ClientAccess\\OAB\\Temp\\a",
                                             "\\\\192.0.2.7\\x\\a", "C:\\PROGRA~1\\Microsoft\\EXCHAN~1\\V15\\ClientAccess\\OAB\\Temp\\a.lzx" })));
    puts_(r, "' needs to be removed");
}

static void row_ews(struct row *r, struct dice *d)
{
    puts_(r, "2021-03-03T06:59:17.960Z,id,");
    csv(r, d, str_c(PICK(d, accounts)));
    putc_(r, ',');
    csv(r, d, str_c(PICK(d, agents)));
    puts_(r, ",198.51.100.23,EXCH01,");
    csv(r, d, str_c(PICK(d, ((const char *const[]){ "FindItem", "GetItem", "GetUserAvailability", "m:ExportItems", "FindFolder" }))));
    puts_(r, ",200,7");
}

static void row_cmdlet(struct row *r, struct dice *d)
{
    puts_(r, "2021-03-03T06:59:17.960Z,EXCH01,EXAMPLE\\admin,");
    csv(r, d, str_c(PICK(d, ((const char *const[]){ "New-MailboxExportRequest", "New-ManagementRoleAssignment", "Set-OabVirtualDirectory", "Install-TransportAgent", "Enable-TransportAgent",
                                                    "Get-Mailbox", "Set-OwaVirtualDirectory", "enable-transportagent" }))));
    putc_(r, ',');
    csv(r, d, str_c(PICK(d, ((const char *const[]){ "-FilePath \"\\\\localhost\\c$\\a.aspx\"", "-Role \"Mailbox Import Export\"", "-ExternalUrl \"http://f/<s run" "at=x>\"", "-FilePath \\\\127.0.0.1\\c$\\a.pst",
                                                    "-ExternalUrl \"http://f/ev" "al(x,\"\"uns" "afe\"\")\"", "-Identity \"a, b\"" }))));
    puts_(r, ",Success");
}

static const struct kind { const char *path, *head; void (*row)(struct row *, struct dice *); } kinds[] = {
    { "/case/C/inetpub/logs/LogFiles/W3SVC1/u_ex2103%02u.log", "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n", row_iis },
    { "/case/C/inetpub/logs/LogFiles/W3SVC2/u_ex2103%02u.log", "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n", row_iis },
    { "/case/C/Program Files/Microsoft/Exchange Server/V15/Logging/HttpProxy/Ecp/HttpProxy_20210303%02u-1.LOG",
      "#Fields: DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,UrlHost,UrlStem,IsAuthenticated,AuthenticatedUser,AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,HttpStatus,Method,BackEndCookie,RoutingHint,ResponseBytes\r\n", row_proxy },
    { "/case/C/Program Files/Microsoft/Exchange Server/V15/Logging/ECP/Server/ECPServer202103%02u-1.LOG", "#Fields: TimeStamp,ServerName,EventId,EventData\r\n", row_ecp },
    { "/case/C/Program Files/Microsoft/Exchange Server/V15/Logging/OABGeneratorLog/a%u.log", "#Fields: DateTime,Server,Source,Message\r\n", row_oab },
    { "/case/C/Program Files/Microsoft/Exchange Server/V15/Logging/Ews/Ews_20210303%02u-1.LOG", "#Fields: DateTime,RequestId,AuthenticatedUser,UserAgent,ClientIpAddress,ServerHostName,SoapAction,HttpStatus,ResponseSize\r\n", row_ews },
    { "/case/C/Program Files/Microsoft/Exchange Server/V15/Logging/CmdletInfra/Powershell-Proxy/Cmdlet/Rps_Cmdlet_20210303%02u-1.LOG",
      "#Fields: DateTime,ServerHostName,AuthenticatedUser,Cmdlet,Parameters,ExecutionResult\r\n", row_cmdlet },
};

/*
 * Rules as users write them: addresses in cs-uri-query, encodings, dashes, expressions. Each gives a literal, for one that gives none would
 * have every row tried, and hide what the others leave out.
 */
static const char *const users[] = {
    "category: webserver}\ndetection:\n  s: {cs-uri-query|contains: '/aspnet_client/x.aspx'}\n  condition: s",
    "category: webserver}\ndetection:\n  s: {cs-uri-query|contains: 'x.aspx?cmd=whoami'}\n  condition: s",
    "category: webserver}\ndetection:\n  s: {c-uri: '/owa/*.aspx?*whoami'}\n  condition: s",
    "category: webserver}\ndetection:\n  s: {cs-uri-query|contains: '../windows/win.ini'}\n  condition: s",
    "category: webserver}\ndetection:\n  s: {cs-uri-query|contains: '${jndi:ldap://x'}\n  condition: s",
    "category: webserver}\ndetection:\n  s: {cs-uri-query|contains|all: ['union/**/select', '--']}\n  condition: s",
    "category: webserver}\ndetection:\n  s: {cs-uri-query|windash|contains: ' -encoded '}\n  condition: s",
    "category: webserver}\ndetection:\n  s: {cs-uri-query|wide|base64offset|contains: 'ping'}\n  condition: s",
    "category: webserver}\ndetection:\n  s: {cs-uri-stem|endswith: '/basket.aspx', cs-method: POST, sc-status: 200}\n  condition: s",
    "category: webserver}\ndetection:\n  s: {cs-uri-query|re: '(?i)cmd=whoa[m]i$'}\n  condition: s",
    "category: webserver}\ndetection:\n  s: [antSword, python-requests]\n  f: {sc-status: [404, 500]}\n  condition: s and not f",
    "category: webserver}\ndetection:\n  s: ['run -encoded', 'net user', 'nowhere at all']\n  condition: s",
    "product: windows, service: iis}\ndetection:\n  s: {cs-user-agent|contains: 'compatible; Bingbot'}\n  condition: s",
    "category: proxy}\ndetection:\n  s: {c-useragent|startswith: 'python-requests/'}\n  condition: s",
    "category: proxy}\ndetection:\n  s: {cs-host: mail.example.com, c-uri|contains: '/ecp/y.js'}\n  condition: s",
    "service: exchange-cmdlet}\ndetection:\n  s: {Parameters|windash|contains: '-FilePath'}\n  condition: s",
    "service: exchange-cmdlet}\ndetection:\n  s:\n    '|all': [New-Mailbox, '\\\\localhost\\c$']\n  condition: s",
};

struct world { struct test_arena a; struct os_mem *m; struct pack pack; struct sigma sigma; struct ev ev; struct plan plan, brute; };

/* The same plan, with each rule asked about each row. */
static void make_brute(struct world *w)
{
    w->brute = w->plan;
    w->brute.whole = true;
    for (size_t f = 0; f < FAM_COUNT; f++) {
        struct plan_family *pf = &w->brute.family[f];
        if (!pf->rule_n)
            continue;
        pf->always = NEW(&w->a.a, uint32_t, pf->rule_n);
        CHECK(pf->always != NULL);
        for (uint32_t i = 0; i < pf->rule_n; i++)
            pf->always[i] = i;
        pf->always_n = pf->rule_n;
    }
}

static void no_step(void *ctx, uint64_t bytes) { (void)ctx; (void)bytes; }
static bool no_flush(void *ctx, struct hits *h, struct err *e) { (void)ctx; (void)h; return err_set(e, ERR_MEMORY, "not expected"); }

static struct logscan_result *scan_of(struct world *w, const struct plan *p, struct ev_node *n, struct arena *work)
{
    static const struct logscan_sink sink = { .step = no_step, .flush = no_flush };
    struct logscan_result *r = NEW(work, struct logscan_result, 1);
    struct err e = { 0 };

    CHECK(r != NULL);
    r->hits.max = 100000;
    if (!logscan_run(p, &w->ev, n, false, work, &sink, r, &e) || r->stopped.kind != ERR_NONE)
        fail_msg("%s %s", e.what, r->stopped.what);
    return r;
}

static const char *rule_name(const struct world *w, uint32_t rule)
{
    return rule < w->sigma.rule_n ? (const char *)str_fmt((struct arena *)(uintptr_t)&w->a.a, "%.*s%c", STR_ARG(w->sigma.rule[rule].name), 0).p : "(learnt)";
}

static bool has_hit(const struct logscan_result *r, const struct hit *h)
{
    for (size_t i = 0; i < r->hits.n; i++)
        if (r->hits.item[i].rule == h->rule && r->hits.item[i].first.line == h->first.line && r->hits.item[i].last.line == h->last.line && r->hits.item[i].count == h->count)
            return true;
    return false;
}

static void same_hits(struct world *w, const struct plan *plan, struct ev_node *n, struct str body, uint64_t *seen)
{
    size_t       room = 12u << 20;
    struct test_arena one = test_arena(room), two = test_arena(room);
    struct logscan_result *fast = scan_of(w, plan, n, &one.a), *slow = scan_of(w, &w->brute, n, &two.a);

    for (size_t i = 0; i < slow->hits.n; i++) {
        const struct hit *h = &slow->hits.item[i];
        if (h->rule < 1024)
            seen[h->rule] += h->count;
        if (has_hit(fast, h))
            continue;
        struct str line = STR_EMPTY, rest = body;
        for (uint64_t k = 0; k < h->first.line && str_cut(&rest, '\n', &line); k++)
            ;
        fail_msg("the prefilter left out %s, line %u: %.*s", rule_name(w, h->rule), (unsigned)h->first.line, STR_ARG(line));
    }
    CHECK(fast->hits.n == slow->hits.n && fast->hits.more == slow->hits.more);
    test_arena_free(&one);
    test_arena_free(&two);
}

static bool rules_add(struct world *w, bool own, struct err *e)
{
    bool ok = true;

    for (size_t i = 0; ok && own && i < w->pack.file_n; i++)
        if (str_starts(w->pack.file[i].name, STR("rules/")))
            ok = sigma_add(&w->sigma, &w->a.a, w->pack.file[i].name, w->pack.file[i].text, true, e);
    for (size_t i = 0; ok && !own && i < COUNT_OF(users); i++)
        ok = sigma_add(&w->sigma, &w->a.a, str_fmt(&w->a.a, "user-%zu.yml", i), str_fmt(&w->a.a, "title: t\nlogsource: {%s\n", users[i]), false, e);
    if (w->sigma.refused_n)
        fail_msg("%.*s: %.*s", STR_ARG(w->sigma.refused[0].file), STR_ARG(w->sigma.refused[0].why));
    return ok;
}

/* Any word on what literals cost: which of a rule's literals are searched for must make no difference. */
static uint64_t any_cost(void *ctx, struct str lit, uint32_t field)
{
    const uint64_t *seed = ctx;
    return (str_hash(lit) + field) * *seed >> 40;
}

enum { OTHERS = 4 };

/* Rules for other evidence have their own tests. */
static bool of_logs(const struct world *w, size_t rule)
{
    for (size_t f = 0; f < FAM_COUNT; f++)
        for (size_t i = 0; i < w->plan.family[f].rule_n; i++)
            if (w->plan.family[f].rule[i] == rule)
                return true;
    return false;
}

static void nothing_left_out(bool own)
{
    struct str learnt[] = { STR_INIT("/owa/auth/current/themes/zz.aspx"), STR_INIT("/shop/basket.aspx") };
    struct world *w = calloc(1, sizeof *w);
    struct dice   d = { 0x9E3779B97F4A7C15 };
    struct err    e = { 0 };
    struct str    root = STR("/case");
    uint64_t     *seen = calloc(1024, sizeof *seen);

    CHECK(w && seen);
    w->a = test_arena(96u << 20);
    w->m = os_mem_open(&w->a.a, 0);
    CHECK(pack_load_embedded(&w->pack, &w->a.a, STR("proxylogon"), &e));
    CHECK(rules_add(w, own, &e));
    for (size_t k = 0; k < COUNT_OF(kinds); k++)
        for (unsigned i = 0; i < FILES; i++) {
            size_t   n = 0, room = strlen(kinds[k].head) + ROWS * (ROW_MAX + 2);
            uint8_t *p = malloc(room);
            CHECK(p != NULL);
            n = strlen(kinds[k].head);
            memcpy(p, kinds[k].head, n);
            for (int r = 0; r < ROWS; r++) {
                struct row row = { .n = 0 };
                kinds[k].row(&row, &d);
                if (roll(&d, 4) == 0)                    /* damage; not of the time stamp, and no line break */
                    for (uint32_t m = roll(&d, 4); m && row.n > 40; m--) {
                        char c = (char)(32 + roll(&d, 224));
                        row.p[24 + roll(&d, (uint32_t)row.n - 24)] = c;
                    }
                memcpy(p + n, row.p, row.n);
                n += row.n;
                p[n++] = '\r';
                p[n++] = '\n';
            }
            struct str name = str_fmt(&w->a.a, "%.*s%c", STR_ARG(str_fmt(&w->a.a, kinds[k].path, i)), 0);
            struct str body = str_dup(&w->a.a, (struct str){ p, n });
            CHECK(name.p && body.p && os_mem_add(w->m, (const char *)name.p, body));
            free(p);
        }
    if (!ev_open(&w->ev, &w->m->os, &w->a.a, &root, 1, &e) || !plan_make(&w->plan, &w->ev, &w->sigma, &(struct learnt){ .page = learnt, .page_n = COUNT_OF(learnt) }, &w->a.a, &e))
        fail_msg("%s %s", e.what, e.where);
    for (size_t f = 0; f < FAM_COUNT && !own; f++)
        if (w->plan.family[f].always_n)
            fail_msg("no literal for %s", rule_name(w, w->plan.family[f].rule[w->plan.family[f].always[0]]));
    make_brute(w);
    struct plan *other = NEW(&w->a.a, struct plan, OTHERS);
    for (size_t i = 0; i < OTHERS; i++) {
        uint64_t seed = 0x9E3779B97F4A7C15u * (2 * i + 1);
        if (!other || !plan_make_costs(&other[i], &w->ev, &w->sigma, &(struct learnt){ .page = learnt, .page_n = COUNT_OF(learnt) }, any_cost, &seed, &w->a.a, &e))
            fail_msg("%s %s", e.what, e.where);
    }
    size_t logs = 0, wanted_logs = own ? COUNT_OF(kinds) * FILES : 0;
    for (size_t i = 0; i < w->ev.node_n; i++) {
        struct ev_node *n = &w->ev.node[i];
        if (!family_table[n->family].log || !w->plan.family[n->family].rule_n)
            continue;
        struct os_mem_node *file = os_mem_find(w->m, str_cat(&w->a.a, STR("/case/"), n->below));
        CHECK(file != NULL);
        same_hits(w, &w->plan, n, file->body, seen);
        if (family_table[n->family].log == &log_w3c)       /* elsewhere there is no choice */
            same_hits(w, &other[i % OTHERS], n, file->body, seen);
        logs++;
    }
    if (logs < wanted_logs || !logs)
        fail_msg("%zu logs of %zu were recognised", logs, wanted_logs);
    /* Every rule of the pack took part: a test that makes no hit of a rule proves nothing about it. */
    for (size_t i = 0; i < w->sigma.rule_n; i++)
        if (of_logs(w, i) && !seen[i])
            fail_msg("no row fits %s", rule_name(w, (uint32_t)i));
    ev_close(&w->ev);
    sigma_close(&w->sigma);
    test_arena_free(&w->a);
    free(seen);
    free(w);
}

/* A rule without literal is tried on every row, and a comment is none. */
static void comments_are_no_rows(void **state)
{
    static const char log[] = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Fields: date time cs-method cs-uri-stem cs(User-Agent)\r\n"
                              "2021-03-03 07:02:11 GET /a Mozilla/5.0\r\n2021-03-03 07:02:12 GET /b -\r\n";
    struct world *w = calloc(1, sizeof *w);
    struct test_arena work = test_arena(12u << 20);
    struct err    e = { 0 };
    struct str    root = STR("/case");

    (void)state;
    CHECK(w != NULL);
    w->a = test_arena(16u << 20);
    w->m = os_mem_open(&w->a.a, 0);
    CHECK(os_mem_add(w->m, "/case/C/inetpub/logs/LogFiles/W3SVC1/u_ex210303.log", str_c(log)));
    CHECK(sigma_add(&w->sigma, &w->a.a, STR("x.yml"), STR("title: t\nlogsource: {category: proxy}\ndetection: {s: {c-useragent: ''}, condition: s}"), false, &e));
    CHECK(ev_open(&w->ev, &w->m->os, &w->a.a, &root, 1, &e) && plan_make(&w->plan, &w->ev, &w->sigma, &(struct learnt){ .page_n = 0 }, &w->a.a, &e));
    CHECK(w->ev.node_n > 0);
    for (size_t i = 0; i < w->ev.node_n; i++)
        if (family_table[w->ev.node[i].family].log) {
            struct logscan_result *r = scan_of(w, &w->plan, &w->ev.node[i], &work.a);
            CHECK(r->hits.n == 1 && r->hits.item[0].first.line == 5);
        }
    ev_close(&w->ev);
    sigma_close(&w->sigma);
    test_arena_free(&w->a);
    test_arena_free(&work);
    free(w);
}

/* Hundreds of rules, and less and less room: then they are tried on more rows, or there is a reason; never fewer hits. */
static void rules_without_room(void **state)
{
    static const char log[] = "#Fields: date time cs-method cs-uri-stem cs(User-Agent)\r\n2021-03-03 07:02:11 GET /name-7/x.php -\r\n2021-03-03 07:02:12 GET /b agent-300/1\r\n"
                              "2021-03-03 07:02:13 GET /name-150/y.php -\r\n";
    struct world *w = calloc(1, sizeof *w);
    struct err    e = { 0 };
    struct str    root = STR("/case");
    size_t        searched = 0, tried = 0, refused = 0;

    (void)state;
    CHECK(w != NULL);
    w->a = test_arena(16u << 20);
    w->m = os_mem_open(&w->a.a, 0);
    CHECK(os_mem_add(w->m, "/case/C/inetpub/logs/LogFiles/W3SVC1/u_ex210303.log", str_c(log)));
    for (uint32_t i = 0; i < 400; i++)
        CHECK(sigma_add(&w->sigma, &w->a.a, STR("x.yml"), str_fmt(&w->a.a, "title: t\nlogsource: {category: webserver}\ndetection:\n  s: {%s: ['%s-%u/', 'one-%u/', 'two-%u/', 'three-%u/']}\n  condition: s\n",
              i < 200 ? "cs-uri-stem|contains" : "cs-user-agent|startswith", i < 200 ? "/name" : "agent", i, i, i, i), false, &e));
    CHECK(w->sigma.rule_n == 400 && ev_open(&w->ev, &w->m->os, &w->a.a, &root, 1, &e) && w->ev.node_n == 1);
    for (size_t room = 200000; room < 8u << 20; room += room / 8) {
        struct test_arena keep = test_arena(room), work = test_arena(12u << 20);
        struct plan       plan;
        e = (struct err){ 0 };
        if (!plan_make(&plan, &w->ev, &w->sigma, &(struct learnt){ .page_n = 0 }, &keep.a, &e)) {
            if (e.kind != ERR_MEMORY)
                fail_msg("%zu bytes: %s", room, e.what);
            refused++;
        } else {
            struct logscan_result *r = scan_of(w, &plan, &w->ev.node[0], &work.a);
            CHECK(r->hits.n == 3 && r->hits.item[0].rule == 7 && r->hits.item[1].rule == 300 && r->hits.item[2].rule == 150);
            if (plan.family[FAM_IIS_FRONT].always_n)
                tried++;
            else
                searched++;
        }
        test_arena_free(&keep);
        test_arena_free(&work);
    }
    if (!refused || !tried || !searched)
        fail_msg("refused %zu, tried on all rows %zu, searched for %zu", refused, tried, searched);
    ev_close(&w->ev);
    sigma_close(&w->sigma);
    test_arena_free(&w->a);
    free(w);
}

static void prefilter_leaves_nothing_out(void **state) { (void)state; nothing_left_out(true); }
static void nor_of_users_rules(void **state) { (void)state; nothing_left_out(false); }

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(prefilter_leaves_nothing_out), cmocka_unit_test(nor_of_users_rules), cmocka_unit_test(comments_are_no_rows),
                                      cmocka_unit_test(rules_without_room) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
