/*
 * fixture: reports for tests, without a hunt. Everything a report can say, in several moods.
 *
 * Used by the tests beside the module and by tests/browser and tests/schema; never part of the program.
 */
#ifndef REPORT_FIXTURE_H
#define REPORT_FIXTURE_H

#include "report/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum fixture_kind {
    FIX_FULL,        /* a server that was entered, with two intruders: the report as people will mostly see it */
    FIX_HOSTILE,     /* the same, and whoever wrote the evidence wants to run script, break layout and hide text */
    FIX_CLEAN,       /* nothing found, everything covered */
    FIX_MISSING,     /* nothing found, nothing covered */
    FIX_EMPTY,       /* every optional thing is absent */
    FIX_HUGE,        /* more of everything than a page should show */
    FIX_KINDS
};
static const char *const fixture_name[FIX_KINDS] = { "full", "hostile", "clean", "missing", "empty", "huge" };

/* Attacks on a page, a terminal and a spreadsheet; each is harmless when it is only text. */
static const char fixture_evil[] =
    "=cmd|' /c calc'!A1\"'><script>document.title='owned'</script></style></title></textarea></pre>--><img src=http://evil.invalid/x onerror=\"document.title='owned'\" id=owned>"
    "<svg onload=document.title='owned'><a href=\"javascript:document.title='owned'\">F9999</a>\x1B[2J\x1B]0;owned\x07\xE2\x80\xAE" "gpj.exe\xE2\x80\xA8\xFF\xC3&#x3c;b&gt; `F0001` **x** ```";

struct fixture {
    struct arena   *a;
    enum fixture_kind kind;
    struct report   r;
    struct detected found;
    struct ev       ev;
    struct pack     pack;
};

/* 3 March 2021 at 04:00 UTC plus minutes. */
static int64_t fix_at(int64_t minutes)
{
    int64_t base = 0;

    time_civil(2021, 3, 3, 4, 0, 0, 0, &base);
    return base + minutes * TIME_MINUTE;
}

/* Evidence text: itself, or with the attacks behind it. */
static struct str fix_text(struct fixture *x, const char *c)
{
    if (x->kind != FIX_HOSTILE)
        return str_c(c);
    return str_cat(x->a, str_c(c), (struct str){ (const uint8_t *)fixture_evil, sizeof fixture_evil - 1 });
}

static struct str_list fix_list(struct fixture *x, size_t n, const char *const *c)
{
    struct str_list l = { NEW(x->a, struct str, n ? n : 1), n };

    for (size_t i = 0; i < n; i++)
        l.item[i] = fix_text(x, c[i]);
    return l;
}
/* Our own words: CVE numbers and techniques come from rules. */
static struct str_list fix_plain(struct fixture *x, size_t n, const char *const *c)
{
    struct str_list l = { NEW(x->a, struct str, n ? n : 1), n };

    for (size_t i = 0; i < n; i++)
        l.item[i] = str_c(c[i]);
    return l;
}
#define FIX_LIST(x, ...) fix_list((x), sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *), (const char *const[]){ __VA_ARGS__ })

static struct id_list fix_ids(struct fixture *x, size_t n, const uint32_t *id)
{
    struct id_list l = { NEW(x->a, uint32_t, n ? n : 1), n };

    memcpy(l.item, id, n * sizeof *id);
    return l;
}
#define FIX_IDS(x, ...) fix_ids((x), sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t), (const uint32_t[]){ __VA_ARGS__ })

static void fix_nodes(struct fixture *x)
{
    static const struct { enum family family; const char *path; uint64_t bytes; bool hashed; } t[] = {
        { FAM_IIS_FRONT, "C:\\inetpub\\logs\\LogFiles\\W3SVC1\\u_ex210303.log", 41943040, true },
        { FAM_HTTPPROXY, "D:\\Exch\\V15\\Logging\\HttpProxy\\Ecp\\HttpProxy_2021030304-1.LOG", 5242880, true },
        { FAM_ECP_SERVER, "D:\\Exch\\V15\\Logging\\ECP\\Server\\ECPServer20210303-1.LOG", 1048576, true },
        { FAM_WEB_ROOTS, "C:\\inetpub\\wwwroot\\aspnet_client\\discover.aspx", 2170, true },
        { FAM_WEB_ROOTS, "D:\\Exch\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\logg.aspx", 1412, true },
        { FAM_TEMP_ASPNET, "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files\\root\\e22c2559\\92c7e946\\logg.aspx.a1b2c3d4.compiled", 412, true },
        { FAM_IIS_CONFIG, "C:\\Windows\\System32\\inetsrv\\config\\applicationHost.config", 88123, true },
        { FAM_SETUP, "C:\\ExchangeSetupLogs\\ExchangeSetup.log", 9123456, true },
        { FAM_IIS_FRONT, "C:\\inetpub\\logs\\LogFiles\\W3SVC1\\u_ex210305.log", 39000000, false },
        { FAM_NONE, "C:\\ProgramData\\dump\\lsass.zip", 31457280, true },
        { FAM_EVTX_SECURITY, "C:\\Windows\\System32\\winevt\\Logs\\Security.evtx", 134217728, false },
    };
    x->ev.node_n = sizeof t / sizeof *t;
    x->ev.node = NEW(x->a, struct ev_node, x->ev.node_n);
    for (uint32_t i = 0; i < x->ev.node_n; i++) {
        struct ev_node *n = &x->ev.node[i];
        *n = (struct ev_node){ .id = i, .family = t[i].family, .path = fix_text(x, t[i].path), .size_bytes = t[i].bytes,
                               .mtime_us = i % 3 ? fix_at(i * 60) : TIME_NONE, .btime_us = TIME_NONE, .hashed = t[i].hashed };
        memset(n->sha256, (int)(0x10 + i), sizeof n->sha256);
    }
    x->ev.source = NEW(x->a, struct ev_source, 1);
    x->ev.source_n = 1;
    x->ev.source[0] = (struct ev_source){ .given = fix_text(x, "evidence/EXCH01"), .kind = "volume", .layout = "plain", .bytes = 7516192768u };
    x->ev.refused = NEW(x->a, struct ev_refused, 2);
    x->ev.refused_n = 2;
    x->ev.refused[0] = (struct ev_refused){ fix_text(x, "C:\\Windows\\System32\\config\\SAM"), STR("unreadable"), STR("Copy it from a shadow copy, as administrator."), false };
    x->ev.refused[1] = (struct ev_refused){ fix_text(x, "D:\\big.log.gz"), STR("too large"), STR_EMPTY, false };
    x->ev.refused_more = 3;
    struct own_rules *own = NEW(x->a, struct own_rules, 1);
    own->sigma_n = 86;
    own->yara_n = 12;
    own->elsewhere_n = 3100;
    own->refused = NEW(x->a, struct own_refused, 2);
    own->refused_n = 2;
    own->refused[0] = (struct own_refused){ fix_text(x, "web/odd.yml"), fix_text(x, "An odd rule"), STR("aggregation (| count) is not supported") };
    own->refused[1] = (struct own_refused){ fix_text(x, "heavy.yar"), STR_EMPTY, STR("took longer than 20 s to compile") };
    own->refused_more = 1;
    if (x->kind == FIX_FULL || x->kind == FIX_HOSTILE || x->kind == FIX_HUGE)
        x->r.rules = own;
}

static void fix_seen(struct fixture *x)
{
    static const struct { enum family f; uint32_t files; uint64_t records; int from_day, to_day; } t[] = {
        { FAM_IIS_FRONT, 62, 3820455, -61, 9 }, { FAM_IIS_BACK, 62, 3790233, -61, 9 }, { FAM_HTTPPROXY, 1612, 2415630, -29, 9 },
        { FAM_ECP_SERVER, 30, 55012, -29, 9 },  { FAM_OAB_GENERATOR, 12, 812, -10, 9 }, { FAM_EWS, 22, 91234, -6, 9 },
        { FAM_WEB_ROOTS, 812, 0, 0, 0 },        { FAM_TEMP_ASPNET, 211, 0, 0, 0 },      { FAM_IIS_CONFIG, 3, 0, 0, 0 },
        { FAM_SETUP, 1, 0, 0, 0 },
    };
    for (size_t i = 0; i < FAM_COUNT; i++)
        x->found.seen[i] = (struct seen){ .oldest_us = TIME_NONE, .newest_us = TIME_NONE };
    if (x->kind == FIX_MISSING || x->kind == FIX_EMPTY)
        return;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct seen *s = &x->found.seen[t[i].f];
        *s = (struct seen){ .files = t[i].files, .bytes = t[i].files * UINT64_C(1234567), .records = t[i].records, .oldest_us = TIME_NONE, .newest_us = TIME_NONE };
        if (!t[i].records)
            continue;
        s->oldest_us = fix_at(0) + (x->kind == FIX_CLEAN ? -61 : t[i].from_day) * TIME_DAY;
        s->newest_us = fix_at(0) + t[i].to_day * TIME_DAY;
        s->span = NEW(x->a, struct span, 2);
        s->span_n = i == 2 && x->kind != FIX_CLEAN ? 2 : 1;
        s->span[0] = (struct span){ s->oldest_us, s->newest_us };
        if (s->span_n == 2) {
            s->span[0].to_us = fix_at(0) - 20 * TIME_DAY;
            s->span[1] = (struct span){ fix_at(0) - 13 * TIME_DAY, s->newest_us };
        }
    }
    struct seen *s = &x->found.seen[FAM_IIS_FRONT];
    s->damage = NEW(x->a, struct seen_damage, 1);
    s->damage[0] = (struct seen_damage){ 8, fix_text(x, "cut in the middle of a line"), 91812 };
    s->damage_n = 1;
    s->damage_more = 1;
    x->found.seen[FAM_WEB_ROOTS].roots_missing = true;
    x->found.seen[FAM_WEB_ROOTS].missing = fix_text(x, "E:\\sites\\intranet");
}

static void fix_cover(struct fixture *x)
{
    struct report *r = &x->r;

    if (x->kind == FIX_EMPTY)
        return;
    r->cover = NEW(x->a, struct cover_row, FAM_COUNT);
    for (int f = 1; f < FAM_COUNT; f++) {
        struct cover_row *c = &r->cover[r->cover_n++];
        bool have = x->found.seen[f].files > 0;
        *c = (struct cover_row){ .family = (enum family)f, .expected = f != FAM_EVTX_SYSMON && f != FAM_CMDLET, .seen = &x->found.seen[f],
                                 .covers_window = have ? COVERED_FULL : COVERED_NO, .how_to_get = have ? STR_EMPTY : str_c(family_table[f].how_to_get) };
        if (have && x->kind != FIX_CLEAN && x->found.seen[f].records && x->found.seen[f].oldest_us > fix_at(0) - 50 * TIME_DAY)
            c->covers_window = COVERED_PARTLY;
        if (f == FAM_HTTPPROXY && have && x->kind != FIX_CLEAN) {
            c->covers_window = COVERED_PARTLY;
            c->gap = NEW(x->a, struct span, 2);
            c->gap_n = 2;
            c->gap[0] = (struct span){ r->campaign.window_from_us, fix_at(0) - 29 * TIME_DAY };
            c->gap[1] = (struct span){ fix_at(0) - 20 * TIME_DAY, fix_at(0) - 13 * TIME_DAY };
            c->how_to_get = STR("Copy D:\\Exch\\V15\\Logging\\HttpProxy from a backup that is older than 30 days.");
        }
    }
}

static struct cite fix_cite(struct fixture *x, uint32_t node, uint64_t line, int64_t us, const char *excerpt)
{
    struct cite c = { .node = node, .line = line, .offset = line * 311, .time_us = us, .excerpt = fix_text(x, excerpt), .has_raw = true };

    memset(c.raw_sha256, (int)(0xA0 + node), sizeof c.raw_sha256);
    return c;
}

static const char *const fix_cves[] = { "CVE-2021-26855", "CVE-2021-27065" };

struct fix_finding {
    const char *detector, *title, *why, *state, *cve, *attack, *excerpt;
    enum severity severity; double confidence; enum axis axis;
    int64_t minute, last_minute; uint32_t node; uint64_t line, count; uint32_t session; bool probe;
};
enum { FIX_UNDATED = -1000000 };

static const struct fix_finding fix_findings[] = {
    { "engine/build", "Exchange Server 2016 CU18, build 15.1.2106.2, lacks the fix", "The setup log shows build 15.1.2106.2; the fix for it is 15.1.2106.13 of 2 March 2021.", "unpatched", "CVE-2021-26855", NULL,
      "[03-01-2021 09:12:01.0022] [0] Setup version: 15.1.2106.2", SEV_MEDIUM, 1, AXIS_EXPOSURE, FIX_UNDATED, 0, 7, 14, 1, REPORT_NONE, false },
    { "sigma:proxylogon/httpproxy-ssrf", "Forged request through the front end reached the back end", "AnchorMailbox names a server and a path instead of a mailbox, and the back end answered 200.", "succeeded", "CVE-2021-26855", "T1190",
      "AnchorMailbox=ServerInfo~a]@EXCH01:444/autodiscover/autodiscover.xml HttpStatus=200", SEV_HIGH, 0.95, AXIS_EXPLOITATION, 11, 12, 1, 1042, 3, 0, false },
    { "sigma:proxylogon/proxylogon-session", "An administrator session was obtained (241)", "proxyLogon.ecp answered 241 to a forged request, so the intruder held an administrator's session.", "succeeded", "CVE-2021-26855", "T1190",
      "UrlStem=/ecp/x.js AnchorMailbox=...@EXCH01:444/ecp/proxyLogon.ecp HttpStatus=241", SEV_CRITICAL, 0.99, AXIS_EXPLOITATION, 12, 12, 1, 1047, 1, 0, false },
    { "sigma:proxylogon/oab-setobject", "Script text was written into the virtual directory's ExternalUrl", "SetObject on OABVirtualDirectory carried script in ExternalUrl.", "succeeded", "CVE-2021-27065", "T1505.003",
      "S:CMD=Set-OabVirtualDirectory.ExternalUrl='(script, not shown)'", SEV_CRITICAL, 0.99, AXIS_EXPLOITATION, 13, 13, 2, 88, 1, 0, false },
    { "files/oab-export", "The page discover.aspx is a back door", "The file is an OAB virtual directory export with script in ExternalUrl; no administrator makes one there.", "present", "CVE-2021-27065", "T1505.003",
      "ExternalUrl holds script that evaluates the form field 'orange'", SEV_CRITICAL, 1, AXIS_BACK_DOOR, FIX_UNDATED, 0, 3, 0, 1, 0, false },
    { "files/compiled-leftover", "logg.aspx was compiled here and is gone now", "The .compiled leftover names /owa/auth/logg.aspx; its folder was collected and the page is not in it.", "removed", NULL, "T1505.003",
      "virtualPath=\"/owa/auth/logg.aspx\"", SEV_HIGH, 0.9, AXIS_BACK_DOOR, 95, 95, 5, 0, 1, 1, false },
    { "engine/learnt-page", "The back door discover.aspx was used", "POST to the page answered 200: someone sent it orders.", "used", NULL, "T1505.003",
      "2021-03-03 04:16:40 POST /aspnet_client/discover.aspx 443 198.51.100.23 200", SEV_CRITICAL, 0.98, AXIS_USE, 16, 58, 0, 55122, 14, 0, false },
    { "engine/learnt-page", "The back door was used again, two days later", "POST to the page answered 200 in a later visit than the one that placed it.", "used", NULL, "T1505.003",
      "2021-03-05 22:01:09 POST /aspnet_client/discover.aspx 443 203.0.113.77 200", SEV_CRITICAL, 0.98, AXIS_USE, 3961, 4002, 0, 77810, 6, 2, false },
    { "files/staged", "A staged archive was fetched from a web folder", "GET of /aspnet_client/ad.zip answered 200 with 31,457,280 bytes.", "seen", NULL, "T1567",
      "2021-03-05 22:14:51 GET /aspnet_client/ad.zip 443 203.0.113.77 200", SEV_CRITICAL, 0.97, AXIS_THEFT, 3974, 3974, 0, 77902, 1, 2, false },
    { "files/secret-dump", "A dump of sign-in secrets lies in ProgramData", "lsass.zip holds the memory of the process that keeps passwords.", "present", NULL, "T1003.001",
      "name and size", SEV_CRITICAL, 0.9, AXIS_BACK_DOOR, FIX_UNDATED, 0, 9, 0, 1, REPORT_NONE, false },
    { "sigma:proxylogon/scan", "A scanner looked whether the flaw was there", "The user agent and the target localhost~1942062522 are those of a public check; it reads a header and changes nothing.", NULL, "CVE-2021-26855", NULL,
      "2021-03-06 10:00:00 GET /owa/auth/x.js 443 192.0.2.8 500", SEV_INFO, 0.9, AXIS_NONE, 4680, 4690, 0, 90112, 4, REPORT_NONE, true },
    { "files/extra-page", "A page that the product does not have", "errorFE2.aspx is not among the ten pages of this folder; nobody asked for it in the logs that are here.", NULL, NULL, NULL,
      "1,044 bytes", SEV_MEDIUM, 0.5, AXIS_NONE, FIX_UNDATED, 0, 4, 0, 1, REPORT_NONE, false },
};
enum { FIX_FINDINGS = sizeof fix_findings / sizeof *fix_findings };

static void fix_one_finding(struct fixture *x, struct finding *f, const struct fix_finding *t, size_t number)
{
    *f = (struct finding){ .detector = str_c(t->detector), .title = fix_text(x, t->title), .why = fix_text(x, t->why), .severity = t->severity,
                           .confidence = t->confidence, .axis = t->axis, .axis_state = str_c(t->state), .count = t->count, .session = t->session,
                           .probe = t->probe, .evidence_n = t->count > 1 ? 2 : 1 };
    snprintf(f->id, sizeof f->id, "F%04u", (unsigned)(number % 100000) + 1);
    memset(f->key, (int)number, sizeof f->key);
    f->time_us = t->minute == FIX_UNDATED ? TIME_NONE : fix_at(t->minute);
    f->last_us = t->minute == FIX_UNDATED ? TIME_NONE : fix_at(t->last_minute);
    if (t->cve)
        f->cve = fix_plain(x, 1, &t->cve);
    if (t->attack)
        f->attack = fix_plain(x, 1, &t->attack);
    f->evidence[0] = fix_cite(x, t->node, t->line, f->time_us, t->excerpt);
    f->evidence[1] = fix_cite(x, t->node, t->line + 700, f->last_us, t->excerpt);
}

static void fix_story(struct fixture *x)
{
    struct report   *r = &x->r;
    struct campaign *c = &r->campaign;
    size_t           n = x->kind == FIX_HUGE ? 6000 : FIX_FINDINGS;

    r->finding = NEW(x->a, struct finding, n);
    r->finding_n = n;
    for (size_t i = 0; i < n; i++)
        fix_one_finding(x, &r->finding[i], &fix_findings[i % FIX_FINDINGS], i);

    c->verdict = V_BACK_DOOR_USED;
    c->open = OPEN_YES;
    c->open_because = FIX_IDS(x, 0, 4, 9);
    c->exposure.state = EXP_UNPATCHED;
    c->exposure.covered = COVERED_FULL;
    c->exposure.findings = FIX_IDS(x, 0);
    c->exploitation.state = EXPL_SUCCEEDED;
    c->exploitation.first_us = fix_at(11);
    c->exploitation.last_us = fix_at(13);
    c->exploitation.cve = fix_plain(x, 2, fix_cves);
    c->exploitation.covered = COVERED_PARTLY;
    c->exploitation.findings = FIX_IDS(x, 1, 2, 3);
    c->back_door.state = DOOR_PRESENT;
    c->back_door.covered = COVERED_NO;
    c->back_door.findings = FIX_IDS(x, 4, 5, 9);
    c->use.state = USE_USED;
    c->use.re_entered = true;
    c->use.first_us = fix_at(16);
    c->use.last_us = fix_at(4002);
    c->use.covered = COVERED_FULL;
    c->use.findings = FIX_IDS(x, 6, 7);
    c->theft.state = THEFT_SEEN;
    c->theft.covered = COVERED_PARTLY;
    c->theft.findings = FIX_IDS(x, 8);
    c->theft.item = NEW(x->a, struct stolen, 2);
    c->theft.item_n = 2;
    c->theft.item[0] = (struct stolen){ STR("archive"), fix_text(x, "/aspnet_client/ad.zip"), 31457280 };
    c->theft.item[1] = (struct stolen){ STR("mailbox"), fix_text(x, "owner@bakery.example"), 512000 };
    c->why = FIX_LIST(x, "On 3 March 2021 at 04:12 UTC someone obtained an administrator session through CVE-2021-26855 (F0003).",
        "One minute later script was written into the offline address book's settings and saved as a page (F0004, F0005).",
        "The page C:\\inetpub\\wwwroot\\aspnet_client\\discover.aspx is still there and can be reached from outside.",
        "It was used 14 times on 3 March and again on 5 March from another address: someone came back (F0007, F0008).",
        "An archive of 31 MB was fetched from the web folder (F0009).",
        "The server was still unpatched when the newest evidence was written (F0001).");
    c->step = NEW(x->a, struct next_step, 4);
    c->step_n = 4;
    c->step[0] = (struct next_step){ STR("isolate"), STR("Take the server off the internet, but leave it switched on"),
        fix_text(x, "Block ports 80 and 443 from outside at the firewall. Do **not** reinstall or restart yet: memory and logs are evidence.\n\n- Mail from outside will wait at the sender; inform your users.\n- Keep the console at hand.\n"), FIX_IDS(x, 4) };
    c->step[1] = (struct next_step){ STR("preserve-logs"), STR("Save the logs before they expire"),
        fix_text(x, "HttpProxy logs are kept for 30 days. Copy them to another disk:\n\n```powershell\nrobocopy D:\\Exch\\V15\\Logging E:\\save\\Logging /E /COPY:DAT\nrobocopy C:\\inetpub\\logs E:\\save\\iis /E /COPY:DAT\n```\n"), FIX_IDS(x, 1, 2) };
    c->step[2] = (struct next_step){ STR("remove-back-door"), STR("Move the back door out of the web folder"),
        fix_text(x, "Keep a copy: it is evidence. Then look at `ExternalUrl` of every virtual directory.\n\n```powershell\nMove-Item 'C:\\inetpub\\wwwroot\\aspnet_client\\discover.aspx' E:\\save\\\nGet-OabVirtualDirectory | fl Name,ExternalUrl\n```\n"), FIX_IDS(x, 3, 4) };
    c->step[3] = (struct next_step){ STR("rotate-secrets"), STR("Change every password and key that this server knew"),
        fix_text(x, "1. All administrators of the domain.\n2. The `krbtgt` account, twice.\n3. Service accounts and certificates.\n"), FIX_IDS(x, 9) };
}

static int fix_by_time(const void *x, const void *y)
{
    const struct time_row *a = x, *b = y;

    if (a->time_us != b->time_us)
        return a->time_us < b->time_us ? -1 : 1;
    return a->finding < b->finding ? -1 : 1;
}

static void fix_things(struct fixture *x)
{
    struct report *r = &x->r;
    size_t         doors = x->kind == FIX_HUGE ? 900 : 2, visits = x->kind == FIX_HUGE ? 900 : 3;

    r->back_door = NEW(x->a, struct back_door, doors);
    r->back_door_n = doors;
    for (size_t i = 0; i < doors; i++) {
        struct back_door *b = &r->back_door[i];
        bool              odd = i & 1;
        *b = (struct back_door){ .path = fix_text(x, odd ? "D:\\Exch\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\logg.aspx" : "C:\\inetpub\\wwwroot\\aspnet_client\\discover.aspx"),
            .url = fix_text(x, odd ? "/owa/auth/logg.aspx" : "/aspnet_client/discover.aspx"), .kind = STR("evaluator"), .key = odd ? STR_EMPTY : fix_text(x, "orange"),
            .sha256 = odd ? STR_EMPTY : STR("1313131313131313131313131313131313131313131313131313131313131313"), .state = odd ? THING_REMOVED : THING_PRESENT,
            .reachable = odd ? REACH_NO : REACH_YES, .created_us = odd ? fix_at(94) : fix_at(13), .removed_us = odd ? fix_at(5000) : TIME_NONE, .intruder = odd ? 1 : 0 };
        b->use.state = odd ? USED_NOT_SEEN : USED_USED;
        b->use.reached = true;
        b->use.first_us = odd ? TIME_NONE : fix_at(16);
        b->use.last_us = odd ? TIME_NONE : fix_at(4002);
        b->use.requests = odd ? 1 : 20;
        b->use.clients = odd ? FIX_LIST(x, "192.0.2.150") : FIX_LIST(x, "198.51.100.23", "203.0.113.77");
        b->findings = odd ? FIX_IDS(x, 5) : FIX_IDS(x, 4, 6, 7);
    }
    r->way_back = NEW(x->a, struct way_back, 2);
    r->way_back_n = 2;
    r->way_back[0] = (struct way_back){ STR("exposed_secret"), fix_text(x, "lsass memory dump"), fix_text(x, "C:\\ProgramData\\dump\\lsass.zip"), STR("exposed"), USED_NO_EVIDENCE, REACH_UNKNOWN, FIX_IDS(x, 9) };
    r->way_back[1] = (struct way_back){ STR("iis_module"), fix_text(x, "CacheHelper"), fix_text(x, "C:\\Windows\\System32\\inetsrv\\cachehlp.dll"), STR("unknown"), USED_NOT_SEEN, REACH_YES, FIX_IDS(x, 4) };
    r->session = NEW(x->a, struct session, visits);
    r->session_n = visits;
    for (size_t i = 0; i < visits; i++) {
        size_t k = i % 3;
        r->session[i] = (struct session){ .intruder = k == 1 ? 1 : 0, .clients = k == 0 ? FIX_LIST(x, "198.51.100.23") : k == 1 ? FIX_LIST(x, "192.0.2.150") : FIX_LIST(x, "203.0.113.77"),
            .cve = k == 2 ? (struct str_list){ 0 } : fix_plain(x, 2, fix_cves), .first_us = fix_at(k == 0 ? 11 : k == 1 ? 94 : 3961), .last_us = fix_at(k == 0 ? 58 : k == 1 ? 96 : 4002),
            .succeeded = true, .findings = k == 0 ? FIX_IDS(x, 1, 2, 3, 6) : k == 1 ? FIX_IDS(x, 5) : FIX_IDS(x, 7, 8) };
    }
    r->intruder = NEW(x->a, struct intruder, 2);
    r->intruder_n = 2;
    r->intruder[0] = (struct intruder){ FIX_LIST(x, "orange"), FIX_LIST(x, "198.51.100.23", "203.0.113.77"), FIX_LIST(x, "python-requests/2.25.1"), fix_at(11), fix_at(4002), STR("both addresses used the same back door, discover.aspx") };
    r->intruder[1] = (struct intruder){ { 0 }, FIX_LIST(x, "192.0.2.150"), { 0 }, fix_at(94), fix_at(96), STR("one address, one back door") };
    r->other = NEW(x->a, struct other_server, 1);
    r->other_n = 1;
    r->other[0] = (struct other_server){ .name = fix_text(x, "EXCH02"), .why = STR("named as the target of a forged request"), .findings = FIX_IDS(x, 1) };
    size_t rows = 0;
    r->timeline = NEW(x->a, struct time_row, r->finding_n);
    for (uint32_t i = 0; i < r->finding_n; i++)
        if (r->finding[i].time_us != TIME_NONE && !r->finding[i].probe)
            r->timeline[rows++] = (struct time_row){ r->finding[i].time_us, i, r->finding[i].session, r->finding[i].title };
    r->timeline_n = rows;
    qsort(r->timeline, rows, sizeof *r->timeline, fix_by_time);
    if (x->kind == FIX_HUGE)
        r->omitted.timeline = 12000;
}

static void fix_head(struct fixture *x)
{
    struct report   *r = &x->r;
    struct campaign *c = &r->campaign;
    struct server   *s = &x->found.server;

    x->pack = (struct pack){ .id = STR("proxylogon"), .version = STR("1"), .title = STR("ProxyLogon, Exchange Server, March 2021") };
    memset(x->pack.sha256, 0x77, sizeof x->pack.sha256);
    x->found.ev = &x->ev;
    x->found.pack = &x->pack;
    x->found.newest_us = TIME_NONE;
    r->found = &x->found;
    r->tool_version = STR("0.1.0");
    r->since_us = r->until_us = r->started_us = TIME_NONE;
    s->installed_us = s->patched_us = s->build_at_us = TIME_NONE;
    c->id = x->pack.id;
    c->title = x->pack.title;
    c->window_from_us = c->window_to_us = c->patched_us = TIME_NONE;
    c->exploitation.first_us = c->exploitation.last_us = c->use.first_us = c->use.last_us = TIME_NONE;
    if (x->kind == FIX_EMPTY)
        return;
    time_civil(2021, 3, 12, 10, 0, 0, 0, &r->started_us);
    time_civil(2021, 1, 3, 0, 0, 0, 0, &c->window_from_us);
    c->window_to_us = x->found.newest_us = fix_at(0) + 9 * TIME_DAY;
    r->seconds = 12.4;
    r->bytes_read = 7516192768u;
    r->peak_memory_bytes = 91226112;
    r->sandbox = "landlock+seccomp";
    r->case_id = fix_text(x, "C-2021-0042");
    r->case_nonce = STR("b7f3");
    r->organisation = fix_text(x, "Corner Bakery");
    r->tlp = STR("TLP:AMBER");
    s->name = fix_text(x, "EXCH01");
    s->domain = STR("bakery.example");
    s->fqdn[0] = fix_text(x, "exch01.bakery.example");
    s->fqdn_n = 1;
    s->os = STR("Windows Server 2016");
    s->product[0] = (struct product){ .product = STR("Exchange Server 2016"), .build = fix_text(x, "15.1.2106.2"), .install_path = fix_text(x, "D:\\Exch\\V15\\"), .cite = { .node = REPORT_NONE } };
    s->product_n = 1;
}

/* False: the arena is too small. 4 MiB is enough, 32 MiB for FIX_HUGE. Call fixture_make again to begin anew. */
static inline struct fixture *fixture_make(struct arena *a, enum fixture_kind kind)
{
    struct fixture *x = NEW(a, struct fixture, 1);

    x->a = a;
    x->kind = kind;
    fix_head(x);
    if (kind == FIX_FULL || kind == FIX_HOSTILE || kind == FIX_HUGE)
        fix_nodes(x);
    fix_seen(x);
    if (kind == FIX_FULL || kind == FIX_HOSTILE || kind == FIX_HUGE) {
        fix_story(x);
        fix_things(x);
    }
    if (kind == FIX_CLEAN) {
        x->r.campaign.verdict = V_NO_TRACE;
        x->r.campaign.open = OPEN_NO;
        x->r.campaign.exposure.state = EXP_PATCHED;
        x->r.campaign.patched_us = x->r.campaign.window_to_us = fix_at(0) + TIME_DAY;
        x->r.campaign.exposure.covered = x->r.campaign.exploitation.covered = x->r.campaign.back_door.covered = COVERED_FULL;
        x->r.campaign.use.covered = x->r.campaign.theft.covered = COVERED_FULL;
        x->r.campaign.why = FIX_LIST(x, "The logs that would show a forged request cover the whole window, and show none.", "No page stands where the product has none.");
    }
    if (kind == FIX_MISSING || kind == FIX_EMPTY) {
        x->r.campaign.verdict = V_NOT_COVERED;
        x->r.campaign.open = OPEN_UNPROVEN;
        x->r.campaign.exposure.state = EXP_CANNOT_TELL;
        x->r.campaign.why = FIX_LIST(x, "HttpProxy logs do not cover the window, so nothing can be said about it.");
    }
    fix_cover(x);
    return x;
}

#endif
