/* quiet: stories in which nobody came in. Several of them look as if. */
#include "lab/story.h"

void tell_untouched(struct lab *l) { all_covered(l); }

void tell_scanner(struct lab *l)
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

void admin_work(struct lab *l, const char *admin, const char *client, int64_t t)
{
    ecp_edit(l, admin, client, t, pool_fmt(&l->keep, "Set-OwaVirtualDirectory.ExternalUrl=''https://%s/owa''.Identity=''00000000-0000-4000-8000-0000000000d1''", l->host), "OWAVirtualDirectory");
    ecp_edit(l, admin, client, t + 3 * TIME_MINUTE, pool_fmt(&l->keep, "Set-OabVirtualDirectory.ExternalUrl=''https://%s/OAB''.Identity=''00000000-0000-4000-8000-0000000000d2''", l->host), "OABVirtualDirectory");
}

void set_busy(struct lab *l)
{
    server_defaults(l, GEN_2019);
    l->server = "MX-A";
    l->netbios = "HARBOUR";
    l->domain = "harbour.example";
    l->host = "post.harbour.example";
    l->patch_us = at("2021-03-04T05:44:51");
}

void tell_busy(struct lab *l)
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

void tell_own_scan(struct lab *l)
{
    raid_localhost(l, "10.20.0.99", at("2021-03-06T20:00:12"), 3);
    raid_names(l, "10.20.0.99", at("2021-03-06T20:04:00"));
    raid_localhost(l, "10.20.0.99", at("2021-03-13T20:00:09"), 3);
    all_covered(l);
    attempted(l);
    truth_list(l, "must_not", "10.20.0.99");
}

void set_balanced(struct lab *l)
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

void tell_balanced(struct lab *l)
{
    raid_localhost(l, "203.0.113.9", at("2021-03-05T03:11:05"), 5);
    raid_names(l, "203.0.113.9", at("2021-03-05T03:14:05"));
    all_covered(l);
    attempted(l);
    truth_list(l, "must_not", "10.0.0.5");
    truth_list(l, "must_not", "10.0.0.6");
    truth_list(l, "must_not", "203.0.113.9");
}

void set_expired(struct lab *l)
{
    server_defaults(l, GEN_2016);
    l->start_us = at("2021-04-08T00:00:00");
    l->end_us = l->start_us + 34 * TIME_DAY;
}

void tell_expired(struct lab *l)
{
    verdict(l, "not_covered");
    truth_text(l, "exposure.covered", "full");
    truth_text(l, "exploitation.covered", "no");
    truth_text(l, "theft.covered", "no");
}

void tell_autodiscover(struct lab *l)
{
    const struct raid r = { .client = "198.51.100.40", .ua = UA_SCRIPT, .script = "/ecp/x.js", .canary = "none" };

    for (int i = 0; i < 4; i++)
        raid_forge(l, &r, at("2021-03-02T21:00:00") + i * 20 * TIME_SECOND, "/autodiscover/autodiscover.xml?", "POST", i == 3 ? 200 : 404, i == 3 ? 3846 : 90, NULL);
    all_covered(l);
    attempted(l);
    truth_list(l, "must_not", "198.51.100.40");
}

void set_coexistence(struct lab *l)
{
    server_defaults(l, GEN_2013);
    l->server = "EX13-HUB";
    l->netbios = "QUARRY";
    l->domain = "quarry.example";
    l->host = "mail.quarry.example";
    l->coexistence = true;
}

void tell_coexistence(struct lab *l)
{
    file_text(l, front(l, "owa/auth/logon.aspx"), at("2020-11-02T13:20:00"), "<%@ Page language=\"c#\" AutoEventWireup=\"false\" Inherits=\"Microsoft.Exchange.HttpProxy.Logon\" %>\n<!DOCTYPE html>\n<html><head><title>Quarry Stone</title></head>"
              "<body><img src=\"/owa/auth/15.0.1497/themes/resources/quarry.png\" alt=\"Quarry\"/><p>Welcome to Quarry web mail</p></body></html>\n");
    all_covered(l);
    truth_list(l, "must_not", "exch10");
    truth_list(l, "must_not", "logon.aspx");
}

void set_2010(struct lab *l)
{
    server_defaults(l, GEN_2010);
    l->server = "OLDMAIL";
    l->fields_change_us = at("2021-01-19T08:00:00");       /* only then do its logs name it */
}

void tell_2010(struct lab *l)
{
    /* Its one flaw shows in event logs, which nobody collected. */
    verdict(l, "not_covered");
    truth_text(l, "exposure.covered", "full");
}

void set_mitigated(struct lab *l)
{
    server_defaults(l, GEN_2016);
    l->patch_us = TIME_NONE;
    l->mitigated = true;
}

void tell_mitigated(struct lab *l)
{
    file_text(l, "C/EOMTSummary.txt", at("2021-03-16T08:14:02"), "EOMT mitigation summary\nMessage: EOMT.ps1 completed successfully\nScan complete: no threats found\n");
    file_text(l, "C/Windows/Temp/msert/EOMT.log", at("2021-03-16T08:14:02"),
              "2021-03-16T08:12:31.1840000Z : [INFO] [EOMT.ps1 version 21.3.15.2001] Starting\n2021-03-16T08:12:40.0210000Z : [INFO] Applying mitigation on EXCH01\n2021-03-16T08:14:02.4410000Z : [INFO] EOMT.ps1 complete on EXCH01\n");
    all_covered(l);
    truth_text(l, "exposure.state", "mitigated");
}

/* Never patched, and nobody came: history is clean, the door is open. */
void set_unpatched(struct lab *l)
{
    server_defaults(l, GEN_2016);
    l->patch_us = TIME_NONE;
}

void tell_open(struct lab *l)
{
    all_covered(l);
    truth_text(l, "exposure.state", "unpatched");
    truth_text(l, "door_open.state", "yes");
}

/* Exchange keeps its own logs for a month, IIS keeps both of its for good: the two together are enough. */
void set_month(struct lab *l)
{
    server_defaults(l, GEN_2016);
    l->exchange_from_us = at("2021-03-01T06:00:00");
}

void tell_iis_only(struct lab *l)
{
    all_covered(l);
    truth_text(l, "theft.covered", "partly");
}

/* Five days are missing from every log, and scanners came on others: both must be said. */
void set_hole(struct lab *l)
{
    server_defaults(l, GEN_2013);
    l->hole_from_us = at("2021-02-10T03:00:00");
    l->hole_to_us = at("2021-02-15T09:00:00");
}

void tell_hole(struct lab *l)
{
    raid_localhost(l, "203.0.113.9", at("2021-03-03T03:11:05"), 6);
    all_covered(l);
    verdict(l, "not_covered");
    truth_text(l, "exploitation.state", "attempted");
    truth_text(l, "exploitation.covered", "partly");
    truth_text(l, "theft.covered", "partly");
    truth_list(l, "must_not", "203.0.113.9");
}

/* Set up in February: the window begins with the server. */
void set_late(struct lab *l)
{
    server_defaults(l, GEN_2019);
    l->installed_us = at("2021-02-20T15:10:00");
    l->logs_from_us = at("2021-02-20T15:30:00");
}

/* Set up after it all with a build that holds the fix: nothing to cover. */
void set_born_patched(struct lab *l)
{
    server_defaults(l, GEN_2016);
    l->build_old = "15.1.2242.4";
    l->patch_us = TIME_NONE;
    l->installed_us = at("2021-03-20T10:00:00");
    l->logs_from_us = at("2021-03-20T10:30:00");
    l->no_window = true;
}

void tell_born_patched(struct lab *l)
{
    all_covered(l);
    truth_drop(l, "exposure.covered");
}
