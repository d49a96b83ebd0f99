/* server: the machine itself: defaults of each generation, its folders and files, and the run of a story. */
#include "lab/evlog.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void server_defaults(struct lab *l, enum generation gen)
{
    static const struct { const char *old, *new; } build[] = {
        [GEN_2010] = { "14.3.496.0", "14.3.513.0" },       /* RU30, RU32 */
        [GEN_2013] = { "15.0.1497.2", "15.0.1497.12" },
        [GEN_2016] = { "15.1.2106.2", "15.1.2106.13" },
        [GEN_2019] = { "15.2.721.2", "15.2.721.13" },
    };
    if (l->wanted >= 0 && gen != GEN_2010)
        gen = (enum generation)l->wanted;
    l->gen = gen;
    l->build_old = build[gen].old;
    l->build_new = build[gen].new;
    l->server = "EXCH01";
    l->netbios = "BAKERY";
    l->domain = "bakery.example";
    l->host = "mail.bakery.example";
    l->company = "Bakery";
    l->address = "192.0.2.10";
    l->start_us = at("2021-01-01T00:00:00");
    l->end_us = l->start_us + (int64_t)l->days * TIME_DAY;
    l->patch_us = at("2021-03-03T19:24:10");
    l->installed_us = at("2020-10-17T14:02:00");
    l->fields_change_us = TIME_NONE;
    l->logs_from_us = l->exchange_from_us = l->hole_from_us = l->hole_to_us = INT64_MIN;
    l->user_n = 24;
    snprintf(l->at.install, sizeof l->at.install, "C/Program Files/Microsoft/Exchange Server/V%d", gen == GEN_2010 ? 14 : 15);
    snprintf(l->at.webroot, sizeof l->at.webroot, "C/inetpub/wwwroot");
    snprintf(l->at.logs, sizeof l->at.logs, "C/inetpub/logs/LogFiles");
    snprintf(l->at.temp_aspnet, sizeof l->at.temp_aspnet, "C/Windows/Microsoft.NET/Framework64/%s/Temporary ASP.NET Files", gen == GEN_2010 ? "v2.0.50727" : "v4.0.30319");
}

static const char *const protocol_dir[] = { "autodiscover", "ecp", "ews", "mapi", "oab", "owa", "powershell", "rest", "rpc", "sync" };
enum { PROTOCOL_DIRS = sizeof protocol_dir / sizeof *protocol_dir };

static void application(struct buf *b, const char *indent, const char *url, const char *pool, const char *path)
{
    buf_fmt(b, "%s<application path=\"%s\" applicationPool=\"%s\">\n%s  <virtualDirectory path=\"/\" physicalPath=\"%s\" />\n%s</application>\n", indent, url, pool, indent, path, indent);
}

static void site_config(struct lab *l)
{
    struct buf  b = { 0 };
    const char *logs = strcmp(l->at.logs, "C/inetpub/logs/LogFiles") ? l->logs_win : "%SystemDrive%\\inetpub\\logs\\LogFiles";
    const char *root = strcmp(l->at.webroot, "C/inetpub/wwwroot") ? l->webroot_win : "%SystemDrive%\\inetpub\\wwwroot";
    char        pool[64], url[64];

    buf_fmt(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<configuration>\n  <system.applicationHost>\n    <applicationPools>\n      <add name=\"DefaultAppPool\" />\n"
            "      <add name=\"MSExchangeOWAAppPool\" managedRuntimeVersion=\"v4.0\" />\n      <add name=\"MSExchangeECPAppPool\" managedRuntimeVersion=\"v4.0\" />\n"
            "    </applicationPools>\n    <sites>\n      <site name=\"Default Web Site\" id=\"1\" serverAutoStart=\"true\">\n");
    application(&b, "        ", "/", "DefaultAppPool", root);
    for (size_t i = 0; i < PROTOCOL_DIRS && l->gen != GEN_2010; i++) {
        const char *d = protocol_dir[i];
        snprintf(url, sizeof url, "/%s", !strcmp(d, "sync") ? "Microsoft-Server-ActiveSync" : d);
        snprintf(pool, sizeof pool, "MSExchange%sAppPool", d);
        application(&b, "        ", url, pool, pool_fmt(&l->keep, "%s\\FrontEnd\\HttpProxy\\%s", l->install_win, d));
    }
    if (l->gen == GEN_2010) {
        application(&b, "        ", "/owa", "MSExchangeOWAAppPool", pool_fmt(&l->keep, "%s\\ClientAccess\\Owa", l->install_win));
        application(&b, "        ", "/ecp", "MSExchangeECPAppPool", pool_fmt(&l->keep, "%s\\ClientAccess\\ecp", l->install_win));
        application(&b, "        ", "/EWS", "MSExchangeServicesAppPool", pool_fmt(&l->keep, "%s\\ClientAccess\\exchweb\\ews", l->install_win));
    }
    buf_fmt(&b, "        <bindings>\n          <binding protocol=\"http\" bindingInformation=\"*:80:\" />\n          <binding protocol=\"https\" bindingInformation=\"*:443:\" />\n        </bindings>\n"
            "        <logFile directory=\"%s\" period=\"%s\"%s />\n      </site>\n", logs, l->iis_hourly ? "Hourly" : "Daily", l->iis_hourly ? " localTimeRollover=\"true\"" : "");
    if (l->gen != GEN_2010) {
        buf_str(&b, "      <site name=\"Exchange Back End\" id=\"2\" serverAutoStart=\"true\">\n");
        application(&b, "        ", "/", "DefaultAppPool", root);
        application(&b, "        ", "/owa", "MSExchangeOWAAppPool", pool_fmt(&l->keep, "%s\\ClientAccess\\Owa", l->install_win));
        application(&b, "        ", "/ecp", "MSExchangeECPAppPool", pool_fmt(&l->keep, "%s\\ClientAccess\\ecp", l->install_win));
        application(&b, "        ", "/EWS", "MSExchangeServicesAppPool", pool_fmt(&l->keep, "%s\\ClientAccess\\exchweb\\ews", l->install_win));
        application(&b, "        ", "/Autodiscover", "MSExchangeAutodiscoverAppPool", pool_fmt(&l->keep, "%s\\ClientAccess\\Autodiscover", l->install_win));
        application(&b, "        ", "/OAB", "MSExchangeOABAppPool", pool_fmt(&l->keep, "%s\\ClientAccess\\OAB", l->install_win));
        application(&b, "        ", "/PowerShell", "MSExchangePowerShellAppPool", pool_fmt(&l->keep, "%s\\ClientAccess\\PowerShell", l->install_win));
        application(&b, "        ", "/Microsoft-Server-ActiveSync", "MSExchangeSyncAppPool", pool_fmt(&l->keep, "%s\\ClientAccess\\Sync", l->install_win));
        buf_fmt(&b, "        <bindings>\n          <binding protocol=\"http\" bindingInformation=\"*:81:\" />\n          <binding protocol=\"https\" bindingInformation=\"*:444:\" />\n        </bindings>\n"
                "        <logFile directory=\"%s\" period=\"%s\" />\n      </site>\n", logs, l->iis_hourly ? "Hourly" : "Daily");
    }
    buf_fmt(&b, "      <siteDefaults>\n        <logFile logFormat=\"W3C\" directory=\"%s\" />\n      </siteDefaults>\n    </sites>\n  </system.applicationHost>\n  <system.webServer>\n"
            "    <globalModules>\n      <add name=\"HttpCacheModule\" image=\"%%windir%%\\System32\\inetsrv\\cachhttp.dll\" />\n"
            "      <add name=\"StaticFileModule\" image=\"%%windir%%\\System32\\inetsrv\\static.dll\" />\n"
            "      <add name=\"HttpLoggingModule\" image=\"%%windir%%\\System32\\inetsrv\\loghttp.dll\" />\n%s    </globalModules>\n  </system.webServer>\n</configuration>\n", logs,
            l->mitigated ? "      <add name=\"RewriteModule\" image=\"%SystemRoot%\\system32\\inetsrv\\rewrite.dll\" />\n" : "");
    buf_chr(&b, 0);
    file_text(l, "C/Windows/System32/inetsrv/config/applicationHost.config", l->installed_us, b.p);
    buf_free(&b);
}

/* The update writes both; the update of a year before stands in them too, as it does on real servers. */
static void setup_run(struct buf *setup, struct buf *service, int64_t from, int64_t to, const char *title, const char *build, const char *mode)
{
    static const char *const step[] = { "Stopping services for 'Critical'...", "Recording running services", "Disabling services...", "Services stopped.", "Starting services...", "Services restored." };
    struct civil c = civil_of(from);

    buf_fmt(setup, "[%02d-%02d-%04d %02d:%02d:%02d.0123] [0] **********************************************\n[%02d-%02d-%04d %02d:%02d:%02d.0123] [0] Starting %s\n[%02d-%02d-%04d %02d:%02d:%02d.0139] [0] "
            "Local time zone: (UTC) Coordinated Universal Time.\n", c.month, c.day, c.year, c.hour, c.minute, c.second, c.month, c.day, c.year, c.hour, c.minute, c.second, title, c.month, c.day, c.year,
            c.hour, c.minute, c.second);
    buf_fmt(setup, "[%02d-%02d-%04d %02d:%02d:%02d.0201] [0] Operating system version: Microsoft Windows NT 10.0.14393.0.\n[%02d-%02d-%04d %02d:%02d:%02d.0207] [0] Setup version: %s.\n", c.month, c.day, c.year,
            c.hour, c.minute, c.second, c.month, c.day, c.year, c.hour, c.minute, c.second, build);
    if (mode)
        buf_fmt(setup, "[%02d-%02d-%04d %02d:%02d:%02d.0231] [0] Command Line Parameter Name='mode', Value='%s'.\n", c.month, c.day, c.year, c.hour, c.minute, c.second, mode);
    buf_fmt(service, "[%02d:%02d:%02d] -----------------------------------------------\n[%02d:%02d:%02d] * ServiceControl.ps1: %02d/%02d/%04d %02d:%02d:%02d\n", c.hour, c.minute, c.second, c.hour, c.minute,
            c.second, c.month, c.day, c.year, c.hour, c.minute, c.second);
    for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
        c = civil_of(from + (to - from) * (int64_t)i / (int64_t)(sizeof step / sizeof *step - 1));
        buf_fmt(service, "[%02d:%02d:%02d] %s\n", c.hour, c.minute, c.second, step[i]);
    }
    c = civil_of(to);
    buf_fmt(setup, "[%02d-%02d-%04d %02d:%02d:%02d.0777] [0] The Exchange Server setup operation completed successfully.\n[%02d-%02d-%04d %02d:%02d:%02d.0780] [0] End of Setup\n", c.month, c.day, c.year,
            c.hour, c.minute, c.second, c.month, c.day, c.year, c.hour, c.minute, c.second);
}

static void setup_logs(struct lab *l)
{
    struct buf  setup = { 0 }, service = { 0 };
    const char *product = l->gen == GEN_2010 ? "2010" : l->gen == GEN_2013 ? "2013" : l->gen == GEN_2016 ? "2016" : "2019";
    int64_t     last = l->installed_us;

    setup_run(&setup, &service, l->installed_us - 55 * TIME_MINUTE, l->installed_us, pool_fmt(&l->keep, "Microsoft Exchange Server %s Setup", product), l->build_old, "Install");
    if (l->patch_us != TIME_NONE) {
        setup_run(&setup, &service, l->patch_us - 11 * TIME_MINUTE, l->patch_us, pool_fmt(&l->keep, "Security Update for Exchange Server %s (KB5000871)", product), l->build_new, NULL);
        last = l->patch_us;
    }
    buf_chr(&setup, 0);
    buf_chr(&service, 0);
    file_text(l, "C/ExchangeSetupLogs/ExchangeSetup.log", last, setup.p);
    file_text(l, "C/ExchangeSetupLogs/ServiceControl.log", last, service.p);
    buf_free(&setup);
    buf_free(&service);
}

void server_compiled(struct lab *l, const char *app, const char *url, int64_t when)
{
    const char *page = strrchr(url, '/') + 1;
    uint64_t    h = str_hash(str_c(url));
    const char *dir = pool_fmt(&l->keep, "%s/%s/%08x/%08x", l->at.temp_aspnet, app, (unsigned)str_hash(str_c(app)), 0x5a1e77a3u);
    char        type[256];
    struct buf  dll = { 0 };
    size_t      k = 0;

    for (const char *p = url + 1; *p && k + 1 < sizeof type; p++)
        type[k++] = ch_alnum((uint8_t)*p) ? (char)ch_lower((uint8_t)*p) : '_';
    type[k] = 0;
    file_text(l, pool_fmt(&l->keep, "%s/%s.%08x.compiled", dir, page, (unsigned)h), when, pool_fmt(&l->keep,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<preserve resultType=\"3\" virtualPath=\"%s\" hash=\"%llx\" filehash=\"%llx\" flags=\"110000\" assembly=\"App_Web_%08x\" type=\"ASP.%s\">\n"
        "    <filedeps>\n        <filedep name=\"%s\" />\n    </filedeps>\n</preserve>\n", url, (unsigned long long)(h >> 7), (unsigned long long)(h * 31), (unsigned)(h >> 32), type, url));
    const char *text[] = { pool_fmt(&l->keep, "~%s", url), "get_Request", "Page_Load" };
    pe_strings(&dll, text, sizeof text / sizeof *text);
    file_put(l, pool_fmt(&l->keep, "%s/App_Web_%08x.dll", dir, (unsigned)(h >> 32)), (struct str){ (const uint8_t *)dll.p, dll.n }, when);
    buf_free(&dll);
}

static void utf16(struct lab *l, const char *path, int64_t when, const char *text)
{
    struct buf b = { 0 };

    buf_add(&b, "\xff\xfe", 2);
    for (; *text; text++) {
        if (*text == '\n')
            buf_add(&b, "\r\0", 2);
        buf_chr(&b, *text);
        buf_chr(&b, 0);
    }
    file_put(l, path, (struct str){ (const uint8_t *)b.p, b.n }, when);
    buf_free(&b);
}

static void web_trees(struct lab *l, int64_t when)
{
    static const char *const page[] = { "errorFE", "expiredpassword", "frowny", "logoff", "logon", "OutlookCN", "RedirSuiteServiceProxy", "signout" };
    static const char *const back[] = { "Owa", "ecp", "exchweb/ews", "Autodiscover", "OAB", "PowerShell", "Sync", "mapi/emsmdb", "mapi/nspi" };
    const char *asax = "<%@ Application Inherits=\"Microsoft.Exchange.HttpProxy.ProxyApplication\" %>\n";
    const char *config = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n  <system.web>\n    <compilation debug=\"false\" />\n  </system.web>\n</configuration>\n";
    char        version[32];
    int         v[3];

    sscanf(l->build_old, "%d.%d.%d", &v[0], &v[1], &v[2]);
    snprintf(version, sizeof version, "%d.%d.%d", v[0], v[1], v[2]);
    for (size_t i = 0; i < sizeof back / sizeof *back; i++)
        if (l->gen != GEN_2010 || i < 5)
            file_text(l, pool_fmt(&l->keep, "%s/ClientAccess/%s/web.config", l->at.install, back[i]), when, config);
    if (l->gen == GEN_2010) {
        dir_make(l, pool_fmt(&l->keep, "%s/ClientAccess/Owa/auth", l->at.install));
        return;
    }
    for (size_t i = 0; i < PROTOCOL_DIRS; i++) {
        file_text(l, pool_fmt(&l->keep, "%s/FrontEnd/HttpProxy/%s/web.config", l->at.install, protocol_dir[i]), when, config);
        file_text(l, pool_fmt(&l->keep, "%s/FrontEnd/HttpProxy/%s/global.asax", l->at.install, protocol_dir[i]), when, asax);
    }
    /* Our own harmless stand-ins: names of the product, other bytes. A hunt lists them for review and accuses nobody. */
    for (size_t i = 0; i < sizeof page / sizeof *page; i++)
        if (i != 2 || l->gen != GEN_2013)
            file_text(l, pool_fmt(&l->keep, "%s/FrontEnd/HttpProxy/owa/auth/%s.aspx", l->at.install, page[i]), when, pool_fmt(&l->keep,
                "<%%@ Page language=\"c#\" AutoEventWireup=\"false\" Inherits=\"Microsoft.Exchange.HttpProxy.%s\" %%>\n<!DOCTYPE html>\n<html><head><title>Outlook</title></head><body><p>stand-in</p></body></html>\n", page[i]));
    file_text(l, pool_fmt(&l->keep, "%s/FrontEnd/HttpProxy/owa/auth/GetIdToken.htm", l->at.install), when, "<!DOCTYPE html><html><body></body></html>\n");
    file_text(l, pool_fmt(&l->keep, "%s/FrontEnd/HttpProxy/ecp/auth/TimeoutLogout.aspx", l->at.install), when,
              "<%@ Page Language=\"C#\" AutoEventWireup=\"false\" Inherits=\"Microsoft.Exchange.HttpProxy.EcpTimeoutLogout\" %>\n<html><body>stand-in</body></html>\n");
    for (int i = 0; i < 2; i++)
        file_text(l, pool_fmt(&l->keep, "%s/FrontEnd/HttpProxy/owa/auth/%s/themes/resources/logon.css", l->at.install, i ? version : "Current"), when, "body { margin: 0 }\n");
    server_compiled(l, "owa", "/owa/auth/logon.aspx", when + 5 * TIME_HOUR);
}

static void agents(struct lab *l, int64_t when)
{
    static const char *const agent[][3] = {
        { "Transport Rule Agent", "Microsoft.Exchange.MessagingPolicies.TransportRuleAgent.TransportRuleAgentFactory", "Rule\\Microsoft.Exchange.MessagingPolicies.TransportRuleAgent.dll" },
        { "Malware Agent", "Microsoft.Exchange.Transport.Agent.Malware.MalwareAgentFactory", "Antimalware\\Microsoft.Exchange.Transport.Agent.Malware.dll" },
        { "Journal Agent", "Microsoft.Exchange.MessagingPolicies.Journaling.JournalAgentFactory", "Journaling\\Microsoft.Exchange.MessagingPolicies.JournalAgent.dll" },
    };
    struct buf b = { 0 };

    buf_str(&b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n  <mexRuntime>\n    <monitoring />\n    <agentList>\n");
    for (size_t i = 0; i < 3; i++)
        buf_fmt(&b, "      <agent name=\"%s\" baseType=\"Microsoft.Exchange.Data.Transport.Routing.RoutingAgent\" classFactory=\"%s\" assemblyPath=\"%s\\TransportRoles\\agents\\%s\" enabled=\"true\" priority=\"%zu\" />\n",
                agent[i][0], agent[i][1], l->install_win, agent[i][2], i + 1);
    buf_str(&b, "    </agentList>\n    <settings />\n  </mexRuntime>\n</configuration>\n");
    buf_chr(&b, 0);
    file_text(l, pool_fmt(&l->keep, "%s/TransportRoles/Shared/agents.config", l->at.install), when, b.p);
    buf_free(&b);
}

void server_files(struct lab *l)
{
    int64_t    when = l->installed_us;
    struct buf exe = { 0 };

    pe_versioned(&exe, l->patch_us != TIME_NONE ? l->build_new : l->build_old, "ExSetup.exe", "Microsoft Exchange Setup (stand-in)");
    file_put(l, pool_fmt(&l->keep, "%s/Bin/ExSetup.exe", l->at.install), (struct str){ (const uint8_t *)exe.p, exe.n }, when);
    buf_free(&exe);
    site_config(l);
    if (!l->no_setup_logs)
        setup_logs(l);
    agents(l, when);
    utf16(l, "C/Windows/System32/Tasks/Microsoft/Windows/Defrag/ScheduledDefrag", when,
          "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\n  <RegistrationInfo><Author>Microsoft Corporation</Author></RegistrationInfo>\n"
          "  <Actions Context=\"LocalSystem\"><Exec><Command>%windir%\\system32\\defrag.exe</Command><Arguments>-c -h -k -g -$</Arguments></Exec></Actions>\n</Task>\n");
    if (l->no_web_roots)
        return;
    web_trees(l, when);
    file_text(l, pool_fmt(&l->keep, "%s/iisstart.htm", l->at.webroot), when, "<!DOCTYPE html>\n<html><head><title>IIS Windows Server</title></head><body></body></html>\n");
    dir_make(l, pool_fmt(&l->keep, "%s/aspnet_client/system_web/4_0_30319", l->at.webroot));
    if (l->mitigated)
        file_text(l, pool_fmt(&l->keep, "%s/web.config", l->at.webroot), at("2021-03-16T08:12:40"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<configuration>\n  <system.webServer>\n    <rewrite>\n      <rules>\n"
            "        <rule name=\"X-AnonResource-Backend Abort - inbound\" stopProcessing=\"true\">\n          <match url=\".*\" />\n          <conditions>\n            <add input=\"{HTTP_COOKIE}\" pattern=\"(.*)X-AnonResource-Backend(.*)\" />\n"
            "          </conditions>\n          <action type=\"AbortRequest\" />\n        </rule>\n"
            "        <rule name=\"X-BEResource Abort - inbound\" stopProcessing=\"true\">\n          <match url=\".*\" />\n          <conditions>\n            <add input=\"{HTTP_COOKIE}\" pattern=\"(.*)X-BEResource=(.+)/(.+)~(.+)\" />\n"
            "          </conditions>\n          <action type=\"AbortRequest\" />\n        </rule>\n      </rules>\n    </rewrite>\n  </system.webServer>\n</configuration>\n");
    else
        file_text(l, pool_fmt(&l->keep, "%s/web.config", l->at.webroot), when,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<configuration>\n  <system.webServer>\n    <defaultDocument enabled=\"true\" />\n  </system.webServer>\n</configuration>\n");
}

/* ---- the run ---- */

static struct event *push(struct lab *l, struct event **list, size_t *n, size_t *cap, enum what what, int64_t us)
{
    if (*n == *cap) {
        *cap = *cap ? *cap * 2 : 1024;
        *list = realloc(*list, *cap * sizeof **list);
        if (!*list)
            lab_die("out of memory");
    }
    struct event *e = &(*list)[(*n)++];
    *e = (struct event){ .at_us = us, .seq = l->seq++, .what = what, .proto = P_NONE, .method = "GET", .stem = "/", .client = l->address, .ua = "", .took_ms = 15 };
    return e;
}

struct event *story_event(struct lab *l, enum what what, int64_t us) { return push(l, &l->story, &l->story_n, &l->story_cap, what, us); }
struct event *day_event(struct lab *l, enum what what, int64_t us) { return push(l, &l->event, &l->event_n, &l->event_cap, what, us); }

static int by_time(const void *x, const void *y)
{
    const struct event *a = x, *b = y;

    if (a->at_us != b->at_us)
        return a->at_us < b->at_us ? -1 : 1;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static const char *windows_root(struct lab *l, const char *path) { return win_path(l, path); }

bool lab_run(struct lab *l)
{
    char        path[1024];
    struct stat st;
    size_t      told = 0;

    snprintf(path, sizeof path, "%s/evidence", l->out);
    if (!stat(path, &st))
        lab_die("%s exists already: choose another folder", path);
    if (l->scenario->set)
        l->scenario->set(l);
    if (l->server_wanted)
        l->server = l->server_wanted;
    l->install_win = windows_root(l, l->at.install);
    l->webroot_win = windows_root(l, l->at.webroot);
    l->logs_win = windows_root(l, l->at.logs);
    traffic_people(l);
    truth_open(l);
    dir_make(l, "C");
    server_files(l);
    l->scenario->tell(l);

    rows_open(l);
    if (l->story_n)
        qsort(l->story, l->story_n, sizeof *l->story, by_time);
    for (size_t i = 0; i < l->story_n; i++) {
        if (l->story[i].at_us < l->start_us || l->story[i].at_us >= l->end_us)
            lab_die("%s: a story of %u days is too short", l->scenario->name, l->days);
        bool known = false;
        for (uint32_t k = 0; k < l->hot_n; k++)
            known = known || l->hot_day[k] / TIME_DAY == l->story[i].at_us / TIME_DAY;
        if (!known && l->hot_n < sizeof l->hot_day / sizeof *l->hot_day)
            l->hot_day[l->hot_n++] = l->story[i].at_us;
    }
    for (int64_t day = l->start_us; day < l->end_us; day += TIME_DAY) {
        l->event_n = 0;
        traffic_day(l, day);
        qsort(l->event, l->event_n, sizeof *l->event, by_time);
        /* Both lists are sorted: the smaller head goes first. What would fall behind midnight waits for no one and is left out. */
        for (size_t i = 0; i < l->event_n || (told < l->story_n && l->story[told].at_us < day + TIME_DAY);) {
            bool story = told < l->story_n && l->story[told].at_us < day + TIME_DAY && (i == l->event_n || l->story[told].at_us < l->event[i].at_us);
            struct event *e = story ? &l->story[told++] : &l->event[i++];
            if (e->at_us < day + TIME_DAY)
                rows_write(l, e);
        }
        pool_drop(&l->today);
    }
    rows_close(l);
    evlog_write(l);
    if (l->scenario->after)
        l->scenario->after(l);
    if (!l->no_window)
        truth_time(l, "window.from", l->installed_us > at("2021-01-03T00:00:00") ? l->installed_us : at("2021-01-03T00:00:00"));
    if (!l->no_window)
        truth_time(l, "window.patched", l->no_setup_logs ? TIME_NONE : l->patch_us);
    if (!l->no_window)
        truth_time(l, "window.to", l->patch_us != TIME_NONE && !l->no_setup_logs ? l->patch_us : l->newest_us);
    truth_write(l);
    json_object_put(l->truth);
    free(l->story);
    free(l->event);
    pool_drop(&l->keep);
    return true;
}
