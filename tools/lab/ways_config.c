/*
 * ways_config: ways back that are configuration, and their honest twins.
 *
 * Source   ways back in, 2, 3 and 6.1. Each planted thing has a twin in the second story that differs in what makes it honest.
 */
#include "lab/story.h"

#include <string.h>

#define HOST_CONFIG "C/Windows/System32/inetsrv/config/applicationHost.config"

/* ---- tasks ---- */

struct task_text { const char *name, *author, *user, *command, *arguments, *more; };

static void task(struct lab *l, const struct task_text *t, int64_t when)
{
    const char *xml = pool_fmt(&l->keep,
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n  <RegistrationInfo>%s%s%s<URI>\\%s</URI></RegistrationInfo>\r\n"
        "  <Triggers><CalendarTrigger><StartBoundary>2021-03-03T02:20:00</StartBoundary><ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay></CalendarTrigger></Triggers>\r\n"
        "  <Principals><Principal id=\"Author\"><UserId>%s</UserId><RunLevel>HighestAvailable</RunLevel></Principal></Principals>\r\n  <Settings>%s</Settings>\r\n"
        "  <Actions Context=\"Author\"><Exec><Command>%s</Command>%s%s%s</Exec></Actions>\r\n</Task>\r\n",
        t->author ? "<Author>" : "", t->author ? t->author : "", t->author ? "</Author>" : "", t->name, t->user, t->more ? t->more : "", t->command, t->arguments ? "<Arguments>" : "",
        t->arguments ? t->arguments : "", t->arguments ? "</Arguments>" : "");
    struct buf b = { 0 }, path = { 0 };

    buf_add(&b, "\xff\xfe", 2);
    for (; *xml; xml++) {
        buf_chr(&b, *xml);
        buf_chr(&b, 0);
    }
    buf_str(&path, "C/Windows/System32/Tasks/");
    for (const char *p = t->name; *p; p++)
        buf_chr(&path, *p == '\\' ? '/' : *p);
    buf_chr(&path, 0);
    file_put(l, path.p, (struct str){ (const uint8_t *)b.p, b.n }, when);
    buf_free(&b);
    buf_free(&path);
}

static void wide(struct buf *b, const char *s)
{
    size_t n = strlen(s) + 1;

    buf_chr(b, (char)n);
    buf_chr(b, 0);
    for (size_t i = 0; i < n; i++) {
        buf_chr(b, s[i]);
        buf_chr(b, 0);
    }
}

/* The old kind of task: a head of 68 bytes, a counter, and texts. */
static void job(struct lab *l, const char *path, const char *command, const char *arguments, int64_t when)
{
    struct buf b = { 0 };
    char       head[70] = { 0x01, 0x06, 0x01, 0x00 };

    head[20] = 70;
    buf_add(&b, head, sizeof head);
    wide(&b, command);
    wide(&b, arguments);
    wide(&b, "");
    wide(&b, "BAKERY\\admin");
    wide(&b, "");
    file_put(l, path, (struct str){ (const uint8_t *)b.p, b.n }, when);
    buf_free(&b);
}

/* ---- configuration ---- */

/* Each "%1" of the marks below stands before what is put in. */
static void put_before(struct buf *text, const char *mark, const char *what)
{
    char *at_mark;

    buf_chr(text, 0);
    text->n--;
    at_mark = strstr(text->p, mark);
    if (!at_mark)
        lab_die("the configuration has no %s", mark);
    size_t     head = (size_t)(at_mark - text->p);
    struct buf w = { 0 };
    buf_add(&w, text->p, head);
    buf_str(&w, what);
    buf_add(&w, text->p + head, text->n - head);
    buf_free(text);
    *text = w;
}

static void config_write(struct lab *l, const char *path, const struct buf *b, int64_t when) { file_put(l, path, (struct str){ (const uint8_t *)b->p, b->n }, when); }

static void history(struct lab *l, int number, const struct buf *b, int64_t when)
{
    config_write(l, pool_fmt(&l->keep, "C/inetpub/history/CFGHISTORY_%010d/applicationHost.config", number), b, when);
}

static void nameless_library(struct lab *l, const char *path, int64_t when)
{
    static const char *const text[] = { "BeginRequest", "tea" };
    struct buf dll = { 0 };

    pe_strings(&dll, text, sizeof text / sizeof *text);
    file_put(l, path, (struct str){ (const uint8_t *)dll.p, dll.n }, when);
    buf_free(&dll);
}

static void vendor_library(struct lab *l, const char *path, int64_t when)
{
    struct buf dll = { 0 };

    pe_versioned(&dll, "4.2.0.0", "Filter.dll", "Mail filter");
    file_put(l, path, (struct str){ (const uint8_t *)dll.p, dll.n }, when);
    buf_free(&dll);
}

static void owa_config(struct lab *l, const char *module, const char *key, int64_t when)
{
    file_text(l, front(l, "owa/web.config"), when, pool_fmt(&l->keep,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n  <system.webServer>\n    <modules>\n      <add name=\"OwaModule\" type=\"Microsoft.Exchange.HttpProxy.ProxyModule,Microsoft.Exchange.FrontEndHttpProxy\" />\n"
        "%s    </modules>\n  </system.webServer>\n  <system.web>\n%s  </system.web>\n</configuration>\n", module, key));
}

static void agents_config(struct lab *l, const char *more, int64_t when)
{
    const char *path = pool_fmt(&l->keep, "%s/TransportRoles/Shared/agents.config", l->at.install);
    struct buf  b = { 0 };

    file_slurp(l, path, &b);
    put_before(&b, "</agentList>", more);
    config_write(l, path, &b, when);
    buf_free(&b);
}

void tell_ways_config(struct lab *l)
{
    static const struct task_text planted[] = {
        /* Among Windows' own, by a person, with a command in base64 ("stand-in"). */
        { "Microsoft\\Windows\\Defrag\\StorageOptimize", "BAKERY\\admin", "S-1-5-18", "powershell.exe", "-w hidden -enc cwB0AGEAbgBkAC0AaQBuAA==", "<Hidden>true</Hidden>" },
        { "CacheTask", NULL, "S-1-5-18", "rundll32.exe", "C:\\ProgramData\\cachetask.dll,Start", NULL },
        { "xkqzvbrt", NULL, "SYSTEM", "C:\\ProgramData\\Intel Graphics\\igfx.exe", NULL, NULL },
    };
    int64_t    t = at("2021-03-03T02:31:00");
    struct buf now = { 0 };

    for (size_t i = 0; i < sizeof planted / sizeof *planted; i++) {
        task(l, &planted[i], t);
        truth_list(l, "ways_back", planted[i].name);
    }
    job(l, "C/Windows/Tasks/At1.job", "C:\\Users\\Public\\winsvc.exe", "-k", t);
    truth_list(l, "ways_back", "At1");

    /* Four versions: quiet; one with a module that went again; one with what is there now; today's. */
    file_slurp(l, HOST_CONFIG, &now);
    history(l, 11, &now, l->installed_us);
    struct buf gone = { 0 };
    buf_add(&gone, now.p, now.n);
    put_before(&gone, "    </globalModules>", "      <add name=\"CacheHelp\" image=\"C:\\ProgramData\\c\\cachehelp.dll\" />\n");
    history(l, 12, &gone, t);
    buf_free(&gone);
    put_before(&now, "    </globalModules>", "      <add name=\"HttpLogingModule\" image=\"%windir%\\System32\\inetsrv\\httplog.dll\" />\n");
    put_before(&now, "        <bindings>", "        <application path=\"/owa/auth/pics\"><virtualDirectory path=\"/\" physicalPath=\"C:\\ProgramData\\COM1\" /></application>\n");
    put_before(&now, "  </system.webServer>", "    <handlers><add name=\"Pictures\" path=\"*.gif\" verb=\"*\" modules=\"IsapiModule\" scriptProcessor=\"%windir%\\System32\\inetsrv\\asp.dll\" /></handlers>\n");
    history(l, 13, &now, t + TIME_HOUR);
    config_write(l, HOST_CONFIG, &now, t + TIME_HOUR);
    buf_free(&now);
    truth_list(l, "ways_back", "CacheHelp");
    truth_list(l, "ways_back", "HttpLogingModule");
    truth_list(l, "ways_back", "Default Web Site/owa/auth/pics");
    truth_list(l, "ways_back", "Pictures");

    owa_config(l, "      <add name=\"MailFilter\" type=\"Mail.Filter, MailFilter\" />\n", "", t);
    nameless_library(l, front(l, "owa/bin/MailFilter.dll"), t);
    truth_list(l, "ways_back", "MailFilter");

    agents_config(l, "      <agent name=\"Journal Helper\" baseType=\"Microsoft.Exchange.Data.Transport.Smtp.SmtpReceiveAgent\" classFactory=\"Journal.Factory\" assemblyPath=\"C:\\ProgramData\\journal\\journal.dll\" "
                  "enabled=\"true\" priority=\"4\" />\n", t);
    truth_list(l, "ways_back", "Journal Helper");

    /* An administrator printed the directory for the case: a planted address is still in it. The words stand apart here. */
    file_text(l, "C/case/Get-OabVirtualDirectory.txt", t + TIME_DAY, pool_fmt(&l->keep,
        "\nName                            : OAB (Default Web Site)\nInternalUrl                     : https://%s/OAB\nExternalUrl                     : http://f/%c%s language=%s\nIdentity                        : %s\\OAB (Default Web Site)\n\n",
        l->host, '<', "scr" "ipt", "x", l->server));
    truth_list(l, "ways_back", pool_fmt(&l->keep, "%s\\OAB (Default Web Site)", l->server));

    truth_text(l, "back_door.covered", "no");
    door(l, "present", false, false);
    truth_drop(l, "use.covered");
}

void tell_ways_config_benign(struct lab *l)
{
    static const struct task_text honest[] = {
        { "Microsoft\\Windows\\Defrag\\StorageCheck", "Microsoft Corporation", "S-1-5-18", "%windir%\\system32\\rundll32.exe", "C:\\Windows\\System32\\storage.dll,Check", "<Hidden>true</Hidden>" },
        { "Nightly backup", "BAKERY\\admin", "S-1-5-18", "powershell.exe", "-NoProfile -ExecutionPolicy Bypass -WindowStyle Hidden -File \"C:\\Scripts\\backup mail.ps1\"", NULL },
        { "Encoded report", "BAKERY\\admin", "BAKERY\\admin", "powershell.exe", "-enc cwB0AGEAbgBkAC0AaQBuAA==", NULL },
        { "GoogleUpdateTaskMachineUA{5C2F1F1E-0000-4000-8000-00000000C0DE}", NULL, "SYSTEM", "C:\\Program Files (x86)\\Google\\Update\\GoogleUpdate.exe", "/ua", NULL },
        { "Vendor agent", "Vendor", "SYSTEM", "C:\\ProgramData\\Vendor\\agent.exe", "--check https://updates.vendor.example/", NULL },
        { "Log cleaning", "BAKERY\\admin", "SYSTEM", "cmd.exe", "/c forfiles /p C:\\inetpub\\logs\\LogFiles /s /d -30 /c \"cmd /c del @path\"", NULL },
        { "VSPerfMon", "BAKERY\\dev", "BAKERY\\dev", "C:\\Program Files\\Microsoft Visual Studio\\vsperfmon.exe", NULL, NULL },
    };
    int64_t    t = at("2021-02-10T09:15:00");
    struct buf now = { 0 };

    for (size_t i = 0; i < sizeof honest / sizeof *honest; i++)
        task(l, &honest[i], t);
    job(l, "C/Windows/Tasks/Maintenance.job", "C:\\Program Files\\Vendor\\maintain.exe", "-k", t);
    truth_list(l, "must_not", "Vendor");

    file_slurp(l, HOST_CONFIG, &now);
    history(l, 11, &now, l->installed_us);
    put_before(&now, "    </globalModules>", "      <add name=\"NewRelicModule\" image=\"C:\\Program Files\\New Relic\\.NET Agent\\module.dll\" />\n      <add name=\"RewriteModule\" image=\"%SystemRoot%\\system32\\inetsrv\\rewrite.dll\" />\n");
    put_before(&now, "        <bindings>", "        <application path=\"/intranet\"><virtualDirectory path=\"/\" physicalPath=\"C:\\Sites\\intranet\" /></application>\n");
    put_before(&now, "  </system.webServer>", "    <fastCgi><application fullPath=\"C:\\Program Files\\PHP\\php-cgi.exe\" /></fastCgi>\n    <httpLogging dontLog=\"false\" />\n"
               "    <handlers><add name=\"PHP\" path=\"*.php\" verb=\"*\" modules=\"FastCgiModule\" scriptProcessor=\"C:\\Program Files\\PHP\\php-cgi.exe\" /></handlers>\n");
    history(l, 12, &now, t);
    config_write(l, HOST_CONFIG, &now, t);
    buf_free(&now);

    file_text(l, "C/Sites/intranet/default.htm", t, "<!DOCTYPE html>\n<html><body>intranet</body></html>\n");

    /* A module that an authentication product adds, whose library says whose it is; and one fixed key, as farms have it. */
    const char *key = "    <machineKey validationKey=\"00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF\" decryptionKey=\"00112233445566778899AABBCCDDEEFF\" validation=\"HMACSHA256\" />\n";
    owa_config(l, "      <add name=\"SecondFactor\" type=\"Vendor.SecondFactor, SecondFactor\" />\n", key, t);
    vendor_library(l, front(l, "owa/bin/SecondFactor.dll"), t);
    file_text(l, front(l, "ecp/web.config"), t, pool_fmt(&l->keep, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n  <system.web>\n%s  </system.web>\n</configuration>\n", key));
    file_text(l, web(l, "web.config"), t,
              "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n  <system.webServer>\n    <rewrite>\n      <rules>\n        <rule name=\"PowerShell - inbound\" stopProcessing=\"true\"><match url=\".*\" />"
              "<action type=\"AbortRequest\" /></rule>\n        <rule name=\"EEMS M1.1 PowerShell - inbound\" stopProcessing=\"true\"><match url=\".*\" /><action type=\"AbortRequest\" /></rule>\n"
              "        <rule name=\"To OWA\"><match url=\"^$\" /><action type=\"Redirect\" url=\"https://mail.bakery.example/owa\" /></rule>\n      </rules>\n    </rewrite>\n"
              "    <httpErrors><error statusCode=\"404\" path=\"/errors/404.htm\" responseMode=\"ExecuteURL\" /></httpErrors>\n  </system.webServer>\n</configuration>\n");
    agents_config(l, "      <agent name=\"Exclaimer Signature Agent\" baseType=\"Microsoft.Exchange.Data.Transport.Routing.RoutingAgent\" classFactory=\"Exclaimer.Factory\" "
                  "assemblyPath=\"C:\\Program Files\\Exclaimer Ltd\\Signature Manager\\agent.dll\" enabled=\"true\" priority=\"4\" />\n", t);

    /* What an administrator prints for a case. */
    file_text(l, "C/case/vdirs.csv", t, pool_fmt(&l->keep, "#TYPE Selected.Microsoft.Exchange.Data.Directory.SystemConfiguration.ADOabVirtualDirectory\n\"Identity\",\"InternalUrl\",\"ExternalUrl\"\n"
        "\"%s\\OAB (Default Web Site)\",\"https://%s/OAB\",\"https://%s/OAB\"\n\"%s\\ecp (Default Web Site)\",\"https://%s/ecp\",\"\"\n", l->server, l->host, l->host, l->server, l->host));
    file_text(l, "C/case/roleassignments.json", t, "[{\"Name\":\"Backup\",\"Role\":\"ApplicationImpersonation\",\"RoleAssigneeName\":\"svc-backup\",\"RoleAssigneeType\":\"User\",\"RoleAssignmentDelegationType\":\"Regular\"}]\n");
    file_text(l, "C/case/inboxrules.csv", t, "Name,MailboxOwnerId,ForwardTo,DeleteMessage\nTo my deputy,anna@bakery.example,ben@bakery.example,False\nInvoices,anna@bakery.example,books@accountant.example,False\n");
    all_covered(l);
}
