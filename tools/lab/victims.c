/* victims: stories in which somebody came in. */
#include "lab/story.h"

#include <string.h>

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

void tell_mail(struct lab *l)
{
    mail(l, 6400000, "exch02.bakery.example");
    truth_text(l, "theft.state", "seen");
}

void tell_sample(struct lab *l)
{
    mail(l, 300000, NULL);
    truth_text(l, "theft.state", "suspected");
}

/* ---- pages left behind ---- */

void tell_unused(struct lab *l)
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

void tell_reached(struct lab *l)
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
const char *one_visit(struct lab *l, const struct raid *r, const char *page, const char *url)
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

void tell_used(struct lab *l)
{
    const char *path = one_visit(l, &someone, web(l, "aspnet_client/larder.aspx"), "/aspnet_client/larder.aspx");

    door(l, "present", true, false);
    json_object *d = truth_door(l, path, "present", "used");
    truth_door_use(l, d, someone.key, 3, &someone.client, 1);
    json_object_object_add(json_object_object_get(d, "use"), "errors", json_object_new_int(1));
    truth_list(l, "intruder_clients", someone.client);
}

void tell_victim_balanced(struct lab *l)
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
    if (disk) {                             /* else nothing says whether it is still there */
        raid_visit(l, someone.client, UA_LOOK, at("2021-03-03T11:45:00"), "GET", url, NULL, 404);
        raid_visit(l, "203.0.113.90", UA_SCRIPT, at("2021-03-11T12:00:00"), "GET", url, NULL, 404);
        truth_list(l, "must_not", "203.0.113.90");
    }
    file_remove(l, page);
    if (disk)
        server_compiled(l, "root", url, at("2021-03-03T02:13:31"));
    door(l, disk ? "removed" : "unknown", true, true);
    truth_list(l, "intruder_clients", someone.client);
    truth_door_use(l, truth_door(l, path, disk ? "removed" : "unknown", "used"), NULL, 5, &someone.client, 1);
    return path;
}

void tell_removed(struct lab *l) { gone(l, web(l, "aspnet_client/kettle.aspx"), "/aspnet_client/kettle.aspx", true); }

void tell_task(struct lab *l)
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

void set_no_roots(struct lab *l)
{
    server_defaults(l, GEN_2016);
    l->no_web_roots = true;
}

void tell_logs_only(struct lab *l)
{
    gone(l, web(l, "aspnet_client/kettle.aspx"), "/aspnet_client/kettle.aspx", false);
    /* What web roots would add to coverage is not there; how low that takes the axis is left to the contract's reader. */
    truth_drop(l, "exploitation.covered");
}

void drop_tree(struct lab *l)
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

void set_two(struct lab *l)
{
    server_defaults(l, GEN_2019);
    l->server = "MAIL-EDGE7";
    l->netbios = "ORCHARD";
    l->domain = "orchard.example";
    l->host = "mail.orchard.example";
    l->patch_us = at("2021-03-09T18:30:40");
}

void tell_two(struct lab *l)
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

void tell_download(struct lab *l)
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

void set_moved(struct lab *l)
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

void tell_moved(struct lab *l)
{
    const char *path = one_visit(l, &someone, front(l, "owa/auth/Current/scripts/premium/thimble.aspx"), "/owa/auth/Current/scripts/premium/thimble.aspx");

    door(l, "present", true, false);
    truth_door_use(l, truth_door(l, path, "present", "used"), someone.key, 3, &someone.client, 1);
    truth_list(l, "intruder_clients", someone.client);
}

void tell_loot(struct lab *l)
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

void tell_msert(struct lab *l)
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

/* The page is gone by the intruder's own hand, and the flaw that let him in is still there. */
void tell_never_patched(struct lab *l)
{
    gone(l, web(l, "aspnet_client/kettle.aspx"), "/aspnet_client/kettle.aspx", true);
    truth_text(l, "exposure.state", "unpatched");
    truth_text(l, "door_open.state", "yes");
}

/* One begins, another address goes on within minutes with the same tool and the same stems: one intruder. */
void tell_hand_over(struct lab *l)
{
    struct raid first = someone, second = someone;
    const char *page = front(l, "ecp/auth/thermos.aspx");
    int64_t     t = at("2021-03-01T13:20:00");

    second.client = "203.0.113.201";
    raid_look(l, &first, t);
    raid_admin(l, &first, t + 30 * TIME_SECOND);
    raid_admin(l, &second, t + 5 * TIME_MINUTE);
    raid_drop(l, &second, t + 5 * TIME_MINUTE + 10 * TIME_SECOND);
    raid_page(l, page, second.key, t + 6 * TIME_MINUTE);
    all_covered(l);
    entered(l, 1);
    door(l, "present", false, false);
    truth_door_use(l, truth_door(l, win_path(l, page), "present", "not_seen_used"), second.key, 0, NULL, 0);
    truth_list(l, "intruder_clients", first.client);
    truth_list(l, "intruder_clients", second.client);
}

/* Cmdlets through a forged request: a mailbox is exported into a web folder and not fetched. */
void tell_export(struct lab *l)
{
    int64_t    t = at("2021-03-02T23:05:00");
    struct buf b = { 0 };

    raid_look(l, &someone, t);
    raid_admin(l, &someone, t + 30 * TIME_SECOND);
    raid_forge(l, &someone, t + 50 * TIME_SECOND, "/powershell?", "POST", 200, 5100, NULL);
    buf_chr(&b, ',');
    buf_iso(&b, t + 51 * TIME_SECOND);
    buf_fmt(&b, ",00000000-0000-4000-8000-0000000000f7,%s,5120,w3wp#MSExchangePowerShellAppPool,%s\\%s$,S-1-5-18,,New-MailboxExportRequest,\"-Mailbox \"\"%s\"\" -FilePath \"\"\\\\127.0.0.1\\c$\\inetpub\\wwwroot\\"
            "aspnet_client\\notes.pst\"\"\",Success,,", l->server, l->netbios, l->server, l->user[0].display);
    buf_chr(&b, 0);
    story_event(l, E_CMDLET, t + 52 * TIME_SECOND)->text = pool_fmt(&l->keep, "%s", b.p);
    buf_free(&b);
    all_covered(l);
    entered(l, 1);
    truth_text(l, "theft.state", "suspected");
    truth_list(l, "intruder_clients", someone.client);
}

/* The intruder comes out of the same address as half the staff: that address says nothing about anyone. */
void set_shared(struct lab *l)
{
    server_defaults(l, GEN_2016);
    l->server = "POST01";
    l->netbios = "FERRY";
    l->domain = "ferry.example";
    l->host = "mail.ferry.example";
}

void tell_shared(struct lab *l)
{
    struct raid r = someone;

    r.client = "198.51.100.200";
    for (uint32_t i = 0; i < l->user_n; i += 2)
        l->user[i].client = r.client;
    const char *path = one_visit(l, &r, web(l, "aspnet_client/gangway.aspx"), "/aspnet_client/gangway.aspx");
    door(l, "present", true, false);
    truth_door_use(l, truth_door(l, path, "present", "used"), r.key, 3, &r.client, 1);
    for (uint32_t i = 0; i < l->user_n; i++)
        truth_list(l, "must_not", strchr(l->user[i].name, '\\') + 1);
}

/* Only IIS remembers: the back end's own machine account, and the page. */
void tell_iis_victim(struct lab *l)
{
    const char *page = web(l, "aspnet_client/jar.aspx"), *url = "/aspnet_client/jar.aspx";

    intrude(l, &someone, "2021-02-27T03:00:00");
    raid_page(l, page, someone.key, at("2021-02-27T03:01:08"));
    raid_visit(l, someone.client, UA_SHELL, at("2021-02-27T03:05:00"), "POST", url, NULL, 200);
    raid_visit(l, someone.client, UA_SHELL, at("2021-02-28T19:05:00"), "POST", url, NULL, 200);
    all_covered(l);
    entered(l, 1);
    door(l, "present", true, true);
    truth_text(l, "theft.covered", "partly");
    truth_door_use(l, truth_door(l, win_path(l, page), "present", "used"), someone.key, 2, &someone.client, 1);
    truth_list(l, "intruder_clients", someone.client);
}

/* Below /owa/auth a page that is gone answers 302, to a POST as well: that is no use. */
void tell_removed_owa(struct lab *l)
{
    const char *page = front(l, "owa/auth/doormat.aspx"), *url = "/owa/auth/doormat.aspx", *late = "203.0.113.140";
    const char *path = one_visit(l, &someone, page, url);

    for (int i = 0; i < 3; i++)
        raid_visit(l, i ? late : someone.client, UA_SHELL, at("2021-03-07T16:00:00") + i * TIME_MINUTE, "POST", url, NULL, 302);
    raid_visit(l, late, UA_SHELL, at("2021-03-07T16:05:00"), "GET", url, "rye7Qk2LmZp1=1", 302);
    file_remove(l, page);
    server_compiled(l, "owa", url, at("2021-03-03T02:13:31"));
    door(l, "removed", true, false);
    truth_door_use(l, truth_door(l, path, "removed", "used"), NULL, 3, &someone.client, 1);
    truth_list(l, "intruder_clients", someone.client);
    truth_list(l, "must_not", late);
}

/* ---- the demo ---- */

void set_bakery(struct lab *l)
{
    server_defaults(l, GEN_2016);
    l->patch_us = at("2021-03-04T20:41:33");
    l->user_n = 14;
}

void tell_bakery(struct lab *l)
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
