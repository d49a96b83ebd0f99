/*
 * traffic: an ordinary day. People with phones and Outlook, web mail, programs, monitoring, health probes, crawlers,
 * password sprayers and the noise that every public web server hears. Day and night, weekdays and weekends.
 *
 * Rule 1   one call draws one number: the order in which C evaluates arguments is the compiler's choice, and the same seed
 *          must give the same bytes everywhere. Draw into locals first.
 */
#include "lab/lab.h"

#include <stdlib.h>
#include <string.h>

static const char *const first_name[] = {
    "anna", "ben", "clara", "david", "eva", "finn", "greta", "hugo", "ida", "jonas", "karla", "leo", "mia", "noah", "olga", "paul",
    "quentin", "rosa", "sven", "tilda", "ugo", "vera", "wim", "xenia", "yann", "zoe", "amir", "bao", "chen", "dara", "emeka", "fatou",
};
static const char *const last_name[] = {
    "baker", "lind", "moreau", "novak", "okafor", "petit", "rossi", "schmid", "tanaka", "urban", "varga", "weber", "yilmaz", "zeman", "arnold", "brandt",
};
static const char *const phone_ua[] = {
    "Apple-iPhone12C1/1802.146", "Apple-iPhone11C8/1804.70", "Apple-iPad6C11/1803.66", "Android-SAMSUNG-SM-G973F/101.30000", "Outlook-iOS-Android/1.0", "Android-Mail/2021.02.07.361848197.Release",
};
static const char *const browser_ua[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/88.0.4324.190 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:86.0) Gecko/20100101 Firefox/86.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.0.3 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
};
static const char *const outlook_ua[] = {
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.13628; Pro)", "Microsoft Office/15.0 (Windows NT 6.1; Microsoft Outlook 15.0.5311; Pro)",
};
static const char *const ews_ua[] = {
    "Mac OS X/10.15.7 (19H512) CalendarAgent/930.5.1", "MacOutlook/16.46.21021202 (Intelx64 Mac OS X Version 10.15.7 (Build 19H512))",
    "Microsoft Office/16.0 (Windows NT 10.0; MAPICPL 16.0.13628; Pro)", "ExchangeServicesClient/15.00.0913.015", "MeetingRoomPanel/4.2",
};
static const char *const crawler_ua[] = {
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)", "Mozilla/5.0 zgrab/0.x", "",
};
static const char *const noise_stem[] = {
    "/wp-login.php", "/.env", "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php", "/phpmyadmin/index.php", "/favicon.ico", "/robots.txt",
    "/actuator/health", "/.git/config", "/HNAP1", "/cgi-bin/luci", "/manager/html", "/solr/admin/info/system", "/sitemap.xml", "/boaform/admin/formLogin",
};
#define PICK(r, table) ((table)[rng_below((r), sizeof(table) / sizeof *(table))])

void traffic_people(struct lab *l)
{
    struct rng r = rng_for(l->seed, 0xbeef);

    for (uint32_t i = 0; i < l->user_n; i++) {
        uint32_t    skip = rng_below(&r, 3), last = rng_below(&r, sizeof last_name / sizeof *last_name);
        const char *f = first_name[(i * 7 + skip) % (sizeof first_name / sizeof *first_name)], *n = last_name[last], *more = i >= 32 ? "2" : "";
        bool        six = rng_chance(&r, 120), inside = rng_chance(&r, 550);
        uint32_t    a = rng_below(&r, 0xffff), b = rng_below(&r, 0xffff), c = rng_between(&r, 1, 0xffff), high = rng_below(&r, UINT32_MAX), low = rng_below(&r, UINT32_MAX);
        const char *phone = PICK(&r, phone_ua);
        l->user[i] = (struct user){
            .name = pool_fmt(&l->keep, "%s\\%s.%s%s", l->netbios, f, n, more), .display = pool_fmt(&l->keep, "%s.%s%s@%s", f, n, more, l->domain),
            .client = six ? pool_fmt(&l->keep, "2001:db8:%x:%x::%x", a, b, c) : inside ? pool_fmt(&l->keep, "10.%u.%u.%u", 20 + a % 3, b % 4, 20 + c % 220)
                          : pool_fmt(&l->keep, "100.%u.%u.%u", 64 + a % 64, b % 255, 1 + c % 254),
            .phone_ua = phone, .device = pool_fmt(&l->keep, "%08X%08X", high, low), .kind = rng_below(&r, 4),
        };
    }
    for (size_t i = 0; i < sizeof l->outside / sizeof *l->outside; i++) {
        uint32_t a = rng_below(&r, 255), b = rng_between(&r, 1, 254);
        l->outside[i] = pool_fmt(&l->keep, "%s.%u.%u", i % 3 ? "100.72" : "100.90", a, b);
    }
}

/* How busy an hour is, of 1000: offices open at seven and close at six, phones never sleep. */
static const uint16_t hour_weight[24] = { 9, 7, 6, 6, 8, 14, 34, 70, 92, 88, 82, 76, 58, 72, 80, 76, 66, 50, 30, 22, 19, 16, 12, 7 };

static int64_t moment(struct rng *r, int64_t day)
{
    uint32_t w = rng_below(r, 1000), h = 0;

    while (h < 23 && w >= hour_weight[h])
        w -= hour_weight[h++];
    w = rng_below(r, 3600000);
    return day + h * TIME_HOUR + (int64_t)w * 1000;
}

/* A request in the middle of an Exchange protocol: front end, proxy row, back end. */
static struct event *app(struct lab *l, int64_t t, enum proto p, const struct user *u, const char *method, const char *stem, const char *ua)
{
    struct event *e = day_event(l, E_WEB, t);

    e->proto = p;
    e->method = method;
    e->stem = stem;
    e->client = u->client;
    e->user = u->name;
    e->ua = ua;
    e->status = e->back_status = 200;
    e->back_stem = stem;
    e->anchor = pool_fmt(&l->today, "Sid~S-1-5-21-%u-%u-1105", 1000 + (unsigned)(str_hash(str_c(u->name)) % 900000), 77);
    return e;
}

static struct event *site(struct lab *l, int64_t t, const char *client, const char *method, const char *stem, const char *ua, int status)
{
    struct event *e = day_event(l, E_WEB, t);

    e->proto = P_NONE;
    e->method = method;
    e->stem = stem;
    e->client = client;
    e->ua = ua;
    e->status = status;
    e->win32 = status == 404 ? 2 : 0;
    return e;
}

static void sizes(struct rng *r, struct event *e, uint32_t ask, uint32_t answer)
{
    e->request_bytes = rng_between(r, ask / 2 + 1, ask + 1);
    e->response_bytes = rng_between(r, answer / 4 + 1, answer + 1);
    e->took_ms = rng_between(r, 4, rng_chance(r, 30) ? 9000 : 240);
}

static void web_mail(struct lab *l, struct rng *r, int64_t t, const struct user *u)
{
    const char   *ua = PICK(r, browser_ua), *host = l->host;
    struct event *e = app(l, t, P_OWA, u, "GET", "/owa/auth/logon.aspx", ua);

    e->user = NULL;
    e->anchor = NULL;
    e->back_stem = NULL;
    e->back_status = 0;
    e->query = pool_fmt(&l->today, "replaceCurrent=1&url=https%%3a%%2f%%2f%s%%2fowa%%2f", host);
    sizes(r, e, 0, 60000);
    e = app(l, t + 9 * TIME_SECOND, P_OWA, u, "POST", "/owa/auth.owa", ua);
    e->status = 302;
    e->back_stem = NULL;
    e->back_status = 0;
    e->referer = pool_fmt(&l->today, "https://%s/owa/auth/logon.aspx?replaceCurrent=1&url=https%%3a%%2f%%2f%s%%2fowa%%2f", host, host);
    sizes(r, e, 420, 0);
    e = app(l, t + 10 * TIME_SECOND, P_OWA, u, "GET", "/owa/", ua);
    e->query = "bO=1";
    sizes(r, e, 0, 90000);
    for (uint32_t i = rng_between(r, 1, 3); i; i--) {
        e = app(l, t + (10 + i * 7) * TIME_SECOND, P_OWA, u, "POST", "/owa/service.svc", ua);
        bool find = rng_chance(r, 500);
        e->query = pool_fmt(&l->today, "action=%s&EP=1&ID=-%u&AC=1", find ? "FindConversation" : "GetItem", rng_between(r, 1, 80));
        e->referer = pool_fmt(&l->today, "https://%s/owa/", host);
        sizes(r, e, 1800, 24000);
    }
    if (rng_chance(r, 60)) {
        e = app(l, t + TIME_MINUTE, P_OWA, u, "GET", "/owa/auth/Current/themes/resources/segoeui-regular.ttf", ua);
        e->user = NULL;
        e->back_stem = NULL;
        e->back_status = 0;
        e->anchor = NULL;
        sizes(r, e, 0, 50000);
    }
    if (rng_chance(r, 100)) {
        e = app(l, t + 40 * TIME_MINUTE, P_OWA, u, "GET", "/owa/logoff.owa", ua);
        e->status = 302;
        e->back_status = 302;
        sizes(r, e, 0, 300);
    }
}

static void spray(struct lab *l, struct rng *r, int64_t t)
{
    const char *client = l->outside[rng_below(r, 6)];

    for (uint32_t i = 0; i < 4; i++) {
        struct event *e = day_event(l, E_WEB, t + i * 3 * TIME_SECOND);
        e->proto = P_OWA;
        e->method = "POST";
        e->stem = "/owa/auth.owa";
        e->client = client;
        e->ua = browser_ua[1];
        e->status = 302;
        e->user = NULL;
        e->error = "InvalidCreds";
        sizes(r, e, 300, 0);
        e = day_event(l, E_WEB, t + i * 3 * TIME_SECOND + 400000);
        e->proto = P_OWA;
        e->method = "GET";
        e->stem = "/owa/auth/logon.aspx";
        e->query = pool_fmt(&l->today, "url=https%%3a%%2f%%2f%s%%2fowa%%2f&reason=2", l->host);
        e->client = client;
        e->ua = browser_ua[1];
        e->status = 200;
        sizes(r, e, 0, 60000);
    }
}

static void one(struct lab *l, struct rng *r, int64_t t)
{
    const struct user *u = &l->user[rng_below(r, l->user_n)];
    uint32_t           k = rng_below(r, 1000);
    struct event      *e;

    if (k < 330) {
        e = app(l, t, P_EAS, u, rng_chance(r, 950) ? "POST" : "OPTIONS", "/Microsoft-Server-ActiveSync/default.eas", u->phone_ua);
        const char *command = rng_chance(r, 700) ? "Ping" : rng_chance(r, 700) ? "Sync" : "FolderSync";
        e->query = pool_fmt(&l->today, "Cmd=%s&User=%s&DeviceId=%s&DeviceType=%s", command, u->display, u->device,
                            u->phone_ua[1] == 'p' ? "iPhone" : "Android");
        e->back_stem = "/Microsoft-Server-ActiveSync/Proxy/default.eas";
        e->auth = "Basic";
        sizes(r, e, 600, 9000);
    } else if (k < 600) {
        e = app(l, t, P_MAPI, u, "POST", rng_chance(r, 850) ? "/mapi/emsmdb/" : "/mapi/nspi/", outlook_ua[u->kind & 1]);
        e->query = pool_fmt(&l->today, "MailboxId=%08x-1111-4222-8333-%012x@%s", (unsigned)str_hash(str_c(u->name)), u->kind + 17, l->domain);
        e->anchor = pool_fmt(&l->today, "MailboxGuid~%08x-1111-4222-8333-%012x", (unsigned)str_hash(str_c(u->name)), u->kind + 17);
        e->cookie = pool_fmt(&l->today, "Database~%08x-9c0f-4b52-8c05-1a2b3c4d5e6f~~2021-04-%02u", 0xd00d + u->kind, rng_between(r, 1, 28));
        sizes(r, e, 1200, 14000);
    } else if (k < 690)
        web_mail(l, r, t, u);
    else if (k < 790) {
        e = app(l, t, P_EWS, u, "POST", "/EWS/Exchange.asmx", PICK(r, ews_ua));
        e->soap = rng_chance(r, 400) ? "FindItem" : rng_chance(r, 500) ? "GetItem" : "SyncFolderItems";
        e->anchor = pool_fmt(&l->today, "Smtp~%s", u->display);
        sizes(r, e, 2400, 40000);
    } else if (k < 840) {
        e = app(l, t, P_AUTODISCOVER, u, "POST", "/autodiscover/autodiscover.xml", outlook_ua[u->kind & 1]);
        e->anchor = pool_fmt(&l->today, "Smtp~%s", u->display);
        if (rng_chance(r, 300)) {
            e->status = 401;
            e->back_stem = NULL;
            e->back_status = 0;
            e->user = NULL;
        }
        sizes(r, e, 700, 4200);
    } else if (k < 870) {
        bool list = rng_chance(r, 500);
        e = app(l, t, P_OAB, u, rng_chance(r, 500) ? "GET" : "HEAD", list ? "/OAB/7f1d3a52-0a55-4e0a-9c3a-5b0e0f6f4a10/oab.xml" : "/OAB/7f1d3a52-0a55-4e0a-9c3a-5b0e0f6f4a10/c2c2c2c2-data-1.lzx",
                "Microsoft BITS/7.8");
        sizes(r, e, 0, 60000);
    } else if (k < 900) {
        e = app(l, t, P_RPCHTTP, u, rng_chance(r, 500) ? "RPC_IN_DATA" : "RPC_OUT_DATA", "/rpc/rpcproxy.dll", "MSRPC");
        e->query = pool_fmt(&l->today, "%08x-1111-4222-8333-000000000011@%s:6001", (unsigned)str_hash(str_c(u->name)), l->domain);
        sizes(r, e, 900, 4000);
    } else if (k < 912) {
        e = app(l, t, P_OWACALENDAR, u, "GET", pool_fmt(&l->today, "/owa/calendar/%08x@%s/Calendar/calendar.ics", (unsigned)str_hash(str_c(u->name)), l->domain), "Google-Calendar-Importer");
        e->user = NULL;
        sizes(r, e, 0, 8000);
    } else if (k < 926) {
        const char *stem = rng_chance(r, 500) ? "/ecp/" : "/ecp/PersonalSettings/EmailSignature.slab";
        e = app(l, t, P_ECP, u, "GET", stem, PICK(r, browser_ua));
        e->query = "rfr=owa&p=organize";
        sizes(r, e, 0, 30000);
    } else if (k < 975) {
        const char *who = l->outside[rng_below(r, 24)], *ua = PICK(r, crawler_ua), *stem = PICK(r, noise_stem);
        bool        often = rng_chance(r, 700);
        if (k < 950)
            site(l, t, who, "GET", often ? "/" : "/owa/", ua, 302)->took_ms = 3;
        else
            site(l, t, who, often ? "GET" : "POST", stem, ua, 404)->took_ms = 2;
    } else if (k < 985)
        spray(l, r, t);
    else if (k < 990)
        sizes(r, site(l, t, u->client, "GET", "/aspnet_client/system_web/4_0_30319/WebUIValidation.js", browser_ua[3], rng_chance(r, 500) ? 200 : 304), 0, 20000);
    else if (k < 995) {
        /* A site elsewhere asks for free and busy times: a machine account, and quite in order. */
        e = app(l, t, P_EWS, u, "POST", "/EWS/Exchange.asmx", "ASProxy/CrossSite/EXCH09/GetUserAvailability");
        e->client = "10.30.0.10";
        e->user = pool_fmt(&l->today, "%s\\EXCH09$", l->netbios);
        e->soap = "GetUserAvailability";
        sizes(r, e, 1500, 3000);
    } else {
        const char *who = l->outside[rng_below(r, 24)];
        uint32_t    port = rng_between(r, 20000, 60000);
        e = day_event(l, E_HTTPERR, t);
        e->text = pool_fmt(&l->today, " %s %u %s 443 %s", who, port, l->address,
                           rng_chance(r, 600) ? "- - - - - - Timer_ConnectionIdle -" : "HTTP/1.1 GET / - 400 - Hostname -");
    }
}

/* What the server does to itself, all day and night: managed availability, monitoring, the address book. */
static void probes(struct lab *l, struct rng *r, int64_t t)
{
    const struct { enum proto p; const char *method, *stem; } probe[] = {
        { P_AUTODISCOVER, "POST", "/autodiscover/autodiscover.xml" }, { P_EAS, "OPTIONS", "/Microsoft-Server-ActiveSync/default.eas" }, { P_ECP, "GET", "/ecp/" },
        { P_EWS, "POST", "/EWS/Exchange.asmx" }, { P_MAPI, "POST", "/mapi/emsmdb/" }, { P_OAB, "GET", "/OAB/oab.xml" }, { P_OWA, "GET", "/owa/healthcheck.htm" },
        { P_OWACALENDAR, "GET", "/owa/calendar/healthcheck.htm" }, { P_POWERSHELL, "POST", "/powershell" }, { P_RPCHTTP, "RPC_IN_DATA", "/rpc/rpcproxy.dll" },
    };
    struct user health = { .client = l->address, .name = pool_fmt(&l->today, "%s\\HealthMailbox7c1e4d9", l->netbios) };

    for (size_t i = 0; i < sizeof probe / sizeof *probe; i++) {
        struct event *e = app(l, t + (int64_t)i * 11 * TIME_SECOND, probe[i].p, &health, probe[i].method, probe[i].stem, i % 2 ? "AMProbe/Local/ClientAccess" : "MSExchangeInternalMonitoring");
        e->no_front = i % 4 == 3;                     /* some probes enter by the back door of the stack itself */
        e->anchor = pool_fmt(&l->today, "Smtp~HealthMailbox7c1e4d9@%s", l->domain);
        if (l->coexistence && (i == 0 || i == 3)) {   /* another generation in the same organisation: no '/' in the value */
            e->anchor = pool_fmt(&l->today, "ServerInfo~%s.%s", "EXCH10", l->domain);
            e->target = pool_fmt(&l->today, "exch10.%s", l->domain);
            e->routing = "CrossVersion";
        }
        sizes(r, e, 300, 2000);
    }
    struct event *e = day_event(l, E_HTTPERR, t + 3 * TIME_MINUTE);
    e->text = pool_fmt(&l->today, " %s %u %s 443 - - - - - - Timer_ConnectionIdle -", l->address, rng_between(r, 20000, 60000), l->address);
    e = day_event(l, E_ECP_ACTIVITY, t + 4 * TIME_MINUTE);
    e->text = pool_fmt(&l->today, ",%s,Request,S:PSA=HealthMailbox7c1e4d9@%s;S:URL=/ecp/exhealth.check;S:Bld=%s;S:ActID=%08x-0000-4000-8000-000000000001;I32:ADR.C[dc01]=1;F:ADR.AL[dc01]=1.2", l->server, l->domain,
                       l->patch_us != TIME_NONE && t >= l->patch_us ? l->build_new : l->build_old, (unsigned)rng_next(r));
    uint32_t took = rng_between(r, 12, 300);
    e = day_event(l, E_ECP, t + 5 * TIME_MINUTE);
    e->text = pool_fmt(&l->today, ",%s,ECP.Request,S:TIME=%u;S:SID=%08x-0000-4000-8000-000000000002;'S:CMD=Get-ExchangeServer.Identity=''%s''';S:REQID=;S:URL=/ecp/exhealth.check;S:REFERRER=;S:EX=;S:ACTID=;S:RS=0;S:BLD=%s;S:TNAME=<null>;S:TID=;S:USID=;S:EDOID=;S:ACID=",
                       l->server, took, (unsigned)rng_next(r), l->server, l->patch_us != TIME_NONE && t >= l->patch_us ? l->build_new : l->build_old);
    e = day_event(l, E_CMDLET, t + 6 * TIME_MINUTE);
    struct buf b = { 0 };
    buf_chr(&b, ',');
    buf_iso(&b, t + 6 * TIME_MINUTE - 80000);
    buf_fmt(&b, ",%08x-0000-4000-8000-000000000003,%s,5120,w3wp#MSExchangePowerShellAppPool,%s,S-1-5-18,Management,Get-MailboxDatabase,\"-Status \"\"True\"\" -Server \"\"%s\"\"\",Success,,", (unsigned)rng_next(r),
            l->server, health.name, l->server);
    buf_chr(&b, 0);
    e->text = pool_fmt(&l->today, "%s", b.p);
    buf_free(&b);
}

static void address_book(struct lab *l, struct rng *r, int64_t t)
{
    struct event *e = day_event(l, E_OAB, t);

    e->text = pool_fmt(&l->today, ",%s,OABGen,Generation of offline address book \\Default Offline Address Book finished in %u s", l->server, rng_between(r, 2, 40));
    if (rng_chance(r, 120)) {
        e = day_event(l, E_OAB, t + TIME_MINUTE);
        e->text = pool_fmt(&l->today, ",%s,OABGen,Download failed and temporary file '%s\\ClientAccess\\OAB\\Temp\\%08x.tmp' needs to be removed", l->server, l->install_win, (unsigned)rng_next(r));
    }
}

uint32_t traffic_requests(const struct lab *l, int64_t day)
{
    bool     weekend = civil_of(day).weekday >= 5;
    uint64_t n = weekend ? 26 : 62;

    /* One request leaves about 1,700 bytes in all its logs, and some bring others with them. */
    if (l->megabytes)
        n = n * l->megabytes * 1000000 / ((uint64_t)l->days * 52 * 1600);
    return n < 20 ? 20 : (uint32_t)n;
}

void traffic_day(struct lab *l, int64_t day)
{
    struct rng r = rng_for(l->seed, (uint64_t)(day / TIME_DAY));
    uint32_t   n = traffic_requests(l, day);

    for (int64_t t = day + 17 * TIME_MINUTE; t < day + TIME_DAY; t += 12 * TIME_HOUR)
        probes(l, &r, t);
    for (int64_t t = day + 4 * TIME_HOUR; t < day + TIME_DAY; t += 12 * TIME_HOUR)
        address_book(l, &r, t);
    for (uint32_t i = 0; i < n; i++)
        one(l, &r, moment(&r, day));
}
