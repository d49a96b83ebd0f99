#include "test.h"

#include "base/net.h"
#include "survey/import_fixture.h"

/* One line an observation: what, where, build, flags and claims. Short, so that the cases can be read. */
struct short_told { char *out; size_t n, cap; };

static void put(struct short_told *t, const char *fmt, ...)
{
    va_list v;

    va_start(v, fmt);
    int n = vsnprintf(t->out + t->n, t->cap - t->n, fmt, v);
    va_end(v);
    t->n += n > 0 && (size_t)n < t->cap - t->n ? (size_t)n : 0;
}

static bool short_take(void *ctx, const struct observation *o, struct err *e)
{
    struct short_told *t = ctx;
    char               ip[NET_TEXT] = "-", build[24], when[TIME_TEXT];

    (void)e;
    if (o->has_ip)
        net_ip_text(o->ip, ip);
    observation_build(o, build);
    time_text(o->observed_us, when);
    put(t, "%llu %s:%u %.16s %s/%s", (unsigned long long)o->line, ip, o->port, when, build, o->parts ? obs_means_name(o->means) : "");
    put(t, "%s%s%s%s%s%s", o->flags & OBS_EXCHANGE ? " E" : "", o->flags & OBS_VERSION_HIDDEN ? " H" : "", o->flags & OBS_TWO_BUILDS ? " 2" : "", o->flags & OBS_ONLINE ? " O" : "",
        o->flags & OBS_ODD ? " X" : "", o->flags & OBS_NOT_EXCHANGE ? " N" : "");
    if (o->reach > OBS_ANSWERED)
        put(t, " %s", obs_reach_name(o->reach));
    for (size_t i = 0; i < o->name_n; i++)
        put(t, " %.*s", STR_ARG(o->name[i]));
    if (o->node.n)
        put(t, " node=%.*s", STR_ARG(o->node));
    if (o->ad_domain.n)
        put(t, " ad=%.*s", STR_ARG(o->ad_domain));
    for (size_t i = 0; i < o->claim_n; i++)
        put(t, " %s(%.*s)", claim_kind_name(o->claim[i].kind), STR_ARG(o->claim[i].about));
    put(t, "\n");
    return true;
}

static bool short_broken(void *ctx, uint64_t line, const char *why, struct str raw, struct err *e)
{
    (void)raw, (void)e;
    put(ctx, "%llu! %s\n", (unsigned long long)line, why);
    return true;
}

#define SHADOW "\"timestamp\",\"ip\",\"port\",\"hostname\",\"tag\",\"asn\",\"geo\",\"region\",\"city\",\"naics\",\"sic\",\"sector\",\"version\",\"servername\",\"url\"\n"
#define ROW(time, ip) "\"" time "\",\"" ip "\",443,\"mail.example.org\",\"exchange\",64496,\"ZZ\",\"R\",\"T\",0,,\"S\",\"15.1.2044\",\"EX01\",\n"
#define SHODAN(when, rest) "{\"ip_str\":\"192.0.2.1\",\"port\":443,\"timestamp\":\"" when "\",\"http\":{\"status\":200},\"data\":\"HTTP/1.1 200 OK\\r\\n" rest "\\r\\n\\r\\n\"}\n"

static const struct { const char *why, *file, *map; enum obs_source format; const char *in, *out; } cases[] = {
    { "Shadowserver: a claim beside three numbers", "2021-03-15-scan_exchange-x.csv", "", OBS_SOURCES,
      SHADOW "\"2021-03-14 02:11:30\",\"192.0.2.10\",443,\"mail.example.org\",\"exchange;cve-2021-26855\",64496,\"ZZ\",\"REGION\",\"TOWN\",611310,,\"Education Services\",\"15.1.2044\",\"EX01\",\n",
      "2 192.0.2.10:443 2021-03-14T02:11 15.1.2044/reported E mail.example.org node=EX01 unpatched(CVE-2021-26855)\n" },
    { "... by its columns alone", "x.csv", "", OBS_SOURCES, SHADOW ROW("2021-03-14 02:11:30", "192.0.2.10"), "2 192.0.2.10:443 2021-03-14T02:11 15.1.2044/reported E mail.example.org node=EX01\n" },
    { "... written with semicolons by a spreadsheet", "x.csv", "", OBS_SOURCES, "timestamp;ip;tag;asn;geo;version;servername;url\r\n2021-03-14 02:11:30;192.0.2.10;exchange;64496;ZZ;15.1.2044;EX01;\r\n",
      "2 192.0.2.10:0 2021-03-14T02:11 15.1.2044/reported E node=EX01\n" },
    { "a byte order mark", "x.csv", "", OBS_SOURCES, "\xEF\xBB\xBF" SHADOW ROW("2021-03-14 02:11:30", "192.0.2.10"), "2 192.0.2.10:443 2021-03-14T02:11 15.1.2044/reported E mail.example.org node=EX01\n" },
    { "lying times: the future, 1601, nonsense", "x.csv", "", OBS_SOURCES, SHADOW ROW("2999-01-01 00:00:00", "192.0.2.1") ROW("1601-01-01 00:00:00", "192.0.2.2") ROW("soon", "192.0.2.3") ROW("2021-03-14 02:11:30", "192.0.2.4"),
      "2! its time lies in the future\n3! its time lies before there was anything to see\n4! its time cannot be read\n5 192.0.2.4:443 2021-03-14T02:11 15.1.2044/reported E mail.example.org node=EX01\n" },
    { "no address", "x.csv", "", OBS_SOURCES, SHADOW ROW("2021-03-14 02:11:30", "192.0.2.300"), "2! its address cannot be read\n" },
    { "cells too few, too many; empty ones at the end are no harm", "x.csv", "", OBS_SOURCES, "ip,build\n192.0.2.1\n192.0.2.2,15.1.1.1,x\n192.0.2.3,15.1.2176.9,,\n",
      "2! it has not as many cells as the header\n3! it has not as many cells as the header\n4 192.0.2.3:0  15.1.2176.9/reported E\n" },
    { "an open quote costs its line, not the file", "x.csv", "", OBS_SOURCES, "ip,build,host\n192.0.2.1,15.1.2176.9,\"open\n192.0.2.2,15.1.2176.9,b.example\n192.0.2.3,15.1.2176.2,c.example\n",
      "2! a quote in it is out of place\n3 192.0.2.2:0  15.1.2176.9/reported E b.example\n4 192.0.2.3:0  15.1.2176.2/reported E c.example\n" },
    { "a cell over two lines", "x.csv", "", OBS_SOURCES, "ip,build,comment\n192.0.2.1,15.1.2176.9,\"two\nlines\"\n192.0.2.2,15.1.2176.2,\n", "2 192.0.2.1:0  15.1.2176.9/reported E\n4 192.0.2.2:0  15.1.2176.2/reported E\n" },
    { "files one behind the other: the header once more is no row", "x.csv", "", OBS_SOURCES, "ip,build\n192.0.2.1,15.1.2176.9\nip,build\n192.0.2.2,15.1.2176.9\n", "2 192.0.2.1:0  15.1.2176.9/reported E\n4 192.0.2.2:0  15.1.2176.9/reported E\n" },
    { "columns by map", "x.csv", "ip=a,build=v,time=t,name=n", OBS_SOURCES, "a,v,t,n,version\n192.0.2.1,15.01.2176.009,2021-03-16T10:00:00+01:00,Mail.Example.ORG,99\n", "2 192.0.2.1:0 2021-03-16T09:00 15.1.2176.9/reported E mail.example.org\n" },
    { "Get-ExchangeServer's words", "x.csv", "", OBS_HEALTHCHECKER, "Name,AdminDisplayVersion\nEX01,Version 15.1 (Build 2176.2)\n", "2 -:0  15.1.2176.2/self_report E ex01\n" },
    { "not decimals", "x.csv", "", OBS_SOURCES, "ip,build\n192.0.2.1,15.1.1913.10\n", "2 192.0.2.1:0  15.1.1913.10/reported E\n" },
    { "Exchange Online is told", "x.csv", "", OBS_SOURCES, "ip,build\n192.0.2.1,15.20.4000.1\n", "2 192.0.2.1:0  15.20.4000.1/reported E O\n" },
    { "an operator's statement", "x.csv", "", OBS_SOURCES, "host,patched,mitigated,cve\na.example,yes,no,ProxyLogon\nb.example,nein,EOMT,\nc.example,,,\n",
      "2 -:0  / E a.example patched(ProxyLogon)\n3 -:0  / E b.example unpatched() mitigated()\n4 -:0  / E H c.example\n" },
    { "Shodan", "x.json", "", OBS_SOURCES, SHODAN("2021-11-24T08:00:01.123456", "X-OWA-Version: 15.1.2242.12\\r\\nX-FEServer: EX01"), "1 192.0.2.1:443 2021-11-24T08:00 15.1.2242.12/header E node=EX01\n" },
    { "... an empty version", "x.json", "", OBS_SOURCES, SHODAN("2021-11-24T08:00:01", "x-owa-version:"), "1 192.0.2.1:443 2021-11-24T08:00 / E H\n" },
    { "... another server is counted, not taken", "x.json", "", OBS_SOURCES, SHODAN("2021-11-24T08:00:01", "Server: nginx"), "" },
    { "a broken line between whole ones", "x.json", "", OBS_SOURCES, SHODAN("2021-11-24T08:00:01", "X-OWA-Version: 15.1.1.1") "{\"ip_str\":\n\n" SHODAN("2021-11-25T08:00:01", "X-OWA-Version: 15.1.1.2"),
      "1 192.0.2.1:443 2021-11-24T08:00 15.1.1.1/header E\n2! not JSON: a value is missing or unknown\n4 192.0.2.1:443 2021-11-25T08:00 15.1.1.2/header E\n" },
    { "an answer of an interface, laid out over lines", "x.json", "", OBS_SOURCES, "{\n \"total\": 1,\n \"matches\": [\n" SHODAN("2021-11-24T08:00:01", "X-OWA-Version: 15.1.1.1") "]}\n", "1 192.0.2.1:443 2021-11-24T08:00 15.1.1.1/header E\n" },
    { "Censys, the newer", "x.json", "", OBS_SOURCES,
      "{\"host\":{\"ip\":\"2001:db8::1\",\"services\":[{\"port\":443,\"scan_time\":\"2025-01-05T00:00:00Z\",\"endpoints\":[{\"path\":\"/owa/auth/logon.aspx\",\"http\":{\"status_code\":200,\"headers\":{\"X-OWA-Version\":{\"headers\":[\"15.2.1748.39\"]}}}}]}]}}\n",
      "1 2001:db8::1:443 2025-01-05T00:00 15.2.1748.39/header E\n" },
    { "Censys, the older: one service with a page's path, one of mail", "x.json", "", OBS_SOURCES,
      "{\"ip\":\"192.0.2.1\",\"last_updated_at\":\"2025-01-06T00:00:00Z\",\"services\":[{\"port\":443,\"http\":{\"response\":{\"status_code\":200,\"headers\":{\"Server\":[\"Microsoft-IIS/10.0\"]},\"body\":\"/owa/auth/15.1.2176/x\"}}},"
      "{\"port\":25,\"banner\":\"220 EX.corp.example Microsoft ESMTP MAIL Service ready\"},{\"port\":22,\"banner\":\"SSH\"}]}\n",
      "1 192.0.2.1:443 2025-01-06T00:00 15.1.2176/page_path E\n1 192.0.2.1:25 2025-01-06T00:00 / E H ex.corp.example\n" },
    { "zgrab2: what the redirect before it said", "x.json", "", OBS_SOURCES,
      "{\"ip\":\"192.0.2.1\",\"data\":{\"http\":{\"status\":\"success\",\"port\":443,\"timestamp\":\"2025-01-05T01:02:03+01:00\",\"result\":{\"redirect_response_chain\":[{\"status_code\":302,\"headers\":{\"unknown\":[{\"key\":\"x_owa_version\",\"value\":[\"15.2.1544.36\"]}]}}],"
      "\"response\":{\"status_code\":200,\"headers\":{},\"request\":{\"url\":{\"host\":\"mail.example.org:443\",\"path\":\"/owa/auth/logon.aspx\"}}}}}}}\n",
      "1 192.0.2.1:443 2025-01-05T00:02 15.2.1544.36/header E mail.example.org\n" },
    { "... refused, timed out, mail", "x.json", "", OBS_SOURCES,
      "{\"ip\":\"192.0.2.1\",\"data\":{\"http\":{\"status\":\"connection-refused\",\"timestamp\":\"2025-01-05T00:00:00Z\"}}}\n{\"ip\":\"192.0.2.2\",\"data\":{\"http\":{\"status\":\"io-timeout\",\"timestamp\":\"2025-01-05T00:00:00Z\"},"
      "\"smtp\":{\"status\":\"success\",\"protocol\":\"smtp\",\"timestamp\":\"2025-01-05T00:00:00Z\",\"result\":{\"banner\":\"220 m.example Microsoft ESMTP MAIL Service ready\"}}}}\n",
      "1 192.0.2.1:0 2025-01-05T00:00 / refused\n2 192.0.2.2:0 2025-01-05T00:00 / timed_out\n2 192.0.2.2:0 2025-01-05T00:00 / E H m.example\n" },
    { "masscan, killed", "x.json", "", OBS_SOURCES,
      "[\n{ \"ip\": \"192.0.2.10\", \"timestamp\": \"1615300000\", \"ports\": [ {\"port\": 443, \"status\": \"open\"} ] },\n{ \"ip\": \"192.0.2.10\", \"timestamp\": \"1615300002\", \"ports\": [ {\"port\": 443, \"service\": {\"name\": \"title\", \"banner\": \"Outlook\"}} ] }\n,\n{ \"ip\": ",
      "3 192.0.2.10:443 2021-03-09T14:26 / E H\n5! the file breaks off within it\n" },
    { "httpx", "x.json", "", OBS_SOURCES,
      "{\"timestamp\":\"2024-02-20T10:00:00Z\",\"url\":\"https://mail.example.org/owa/\",\"input\":\"mail.example.org\",\"host\":\"192.0.2.10\",\"port\":\"443\",\"path\":\"/owa/\",\"webserver\":\"Microsoft-IIS/8.5\",\"status_code\":200,\"header\":{\"x_owa_version\":\"15.2.1118.40\"}}\n",
      "1 192.0.2.10:443 2024-02-20T10:00 15.2.1118.40/header E X mail.example.org\n" },
    { "BinaryEdge", "x.json", "", OBS_SOURCES,
      "{\"origin\":{\"type\":\"exchange-owa\",\"ts\":1615300000000},\"target\":{\"ip\":\"192.0.2.10\",\"port\":443},\"result\":{\"data\":{\"version\":{\"build_version\":\"15.1.2176.2\"},\"server_names\":[\"EX01\"],\"vulnerabilities\":[\"CVE-2021-26855\"]}}}\n",
      "1 192.0.2.10:443 2021-03-09T14:26 15.1.2176.2/reported E node=EX01 unpatched(CVE-2021-26855)\n" },
    { "nmap: a build, a claim, names; a script that says nothing claims nothing", "x.xml", "", OBS_SOURCES,
      "<?xml version=\"1.0\"?>\n<nmaprun version=\"7.93\">\n<host endtime=\"1637330280\"><address addr=\"192.0.2.10\" addrtype=\"ipv4\"/><hostnames><hostname name=\"mail.example.org\" type=\"PTR\"/></hostnames><ports>"
      "<port portid=\"443\"><state state=\"open\"/><script id=\"ms-exchange-version\"><table key=\"15.1.2375.17\"><elem key=\"build\">15.1.2375.17</elem></table></script><script id=\"http-ntlm-info\"><elem key=\"NetBIOS_Computer_Name\">EX01</elem><elem key=\"DNS_Domain_Name\">Corp.Example</elem></script></port>"
      "<port portid=\"444\"><state state=\"open\"/><script id=\"http-vuln-exchange\" output=\"&#xa;  (15.1.2176) Exchange, potentially vulnerable\"/></port>"
      "<port portid=\"445\"><state state=\"open\"/><script id=\"http-vuln-cve2021-26855\"><table key=\"CVE-2021-26855\"><elem key=\"state\">VULNERABLE</elem></table></script></port>"
      "<port portid=\"446\"><state state=\"open\"/><script id=\"http-vuln-cve2021-26855\" output=\"\"/></port></ports></host></nmaprun>\n",
      "3 192.0.2.10:443 2021-11-19T13:58 15.1.2375.17/reported E mail.example.org node=EX01 ad=corp.example\n3 192.0.2.10:444 2021-11-19T13:58 15.1.2176/reported E mail.example.org\n"
      "3 192.0.2.10:445 2021-11-19T13:58 / E H mail.example.org unpatched(CVE-2021-26855)\n" },
    { "mail: the hop within the domain, over three lines", "x.eml", "", OBS_SOURCES,
      "Return-Path: <a@b>\nReceived: from EX02.corp.example (10.0.0.2) by EX01.corp.example\n (10.0.0.1) with Microsoft SMTP Server (version=TLS1_2, cipher=X) id\n 15.1.2176.9; Tue, 16 Mar 2021 10:00:00 +0100 (CET)\n"
      "Received: by mx.other.example with Microsoft SMTP Server id 15.1.1.1; Tue, 16 Mar 2021 10:00:00 +0000\nReceived: by AM0.corp.example with Microsoft SMTP Server id 15.20.1.1; Tue, 16 Mar 2021 10:00:00 +0000\nMessage-ID: <x>\n\n"
      "Received: by EX09.corp.example with Microsoft SMTP Server id 15.1.1.1; Tue, 16 Mar 2021 10:00:00 +0000\n",
      "2 -:0 2021-03-16T09:00 15.1.2176.9/mail_hop E ex01.corp.example node=EX01 ad=corp.example\n" },
    { "lines of hops alone", "x.txt", "", OBS_SOURCES, "Received: by EX01.corp.example with Microsoft SMTP Server id 15.1.2176.9; 16 Mar 2021 10:00 -0500\nReceived: by notcorp.example with Microsoft SMTP Server id 15.1.2176.9; 16 Mar 2021 10:00 -0500\n"
      "from x by EX02.corp.example with Microsoft SMTP Server id 15.1.2176.2; someday\n",
      "1 -:0 2021-03-16T15:00 15.1.2176.9/mail_hop E ex01.corp.example node=EX01 ad=corp.example\n3! its time cannot be read\n" },
    { "HealthChecker's text, two reports", "x.txt", "", OBS_SOURCES,
      "Exchange Health Checker version 3.1.1\nName: EX01\nGeneration Time: 03/16/2021 10:22:30\nBuild Number: 15.01.2176.002\n\tSecurity Vulnerability: CVE-2021-26855\nExchange Health Checker version 3.1.1\nName: EX02.corp.example\nBuild Number: 15.2.792.10\n",
      "1 -:0 2021-03-16T10:22 15.1.2176.2/self_report E ex01 node=EX01 unpatched(CVE-2021-26855)\n6 -:0  15.2.792.10/self_report E ex02.corp.example node=EX02 ad=corp.example\n" },
};

static struct arena room;

static void run(struct import_options o, struct str in, size_t step, struct short_told *t, struct import_result *r, bool *ret_ok, struct err *e)
{
    struct test_arena keep = test_arena(64 << 10);
    struct fed        f = { in, 0, step };
    struct obs_sink   sink = { t, short_take, short_broken };

    *ret_ok = import_read(r, &keep.a, room, &o, fed_fill, &f, &sink, e);
    test_arena_free(&keep);
}

static void formats(void **state)
{
    static const struct str by[] = { STR_INIT("corp.example") };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct import_options o = { .format = cases[i].format, .file_name = str_c(cases[i].file), .map = str_c(cases[i].map), .by = by, .by_n = 1, .now_us = fixture_now, .at_us = TIME_NONE };
        struct str            in = test_heap(cases[i].in, strlen(cases[i].in));
        for (size_t step = 0; step < 8; step += step ? 6 : 1) {
            char                 out[4096] = "";
            struct short_told    t = { out, 0, sizeof out };
            struct import_result r;
            struct err           e = { 0 };
            bool                 ok;

            run(o, in, step, &t, &r, &ok, &e);
            if (!ok)
                fail_msg("%s: %s", cases[i].why, e.what);
            if (strcmp(out, cases[i].out))
                fail_msg("%s, step %zu: got\n%swant\n%s", cases[i].why, step, out, cases[i].out);
            CHECK_WHY(r.format < OBS_SOURCES && r.report.n, cases[i].why);
            uint64_t reasons = 0;
            for (size_t k = 0; k < r.reason_n; k++)
                reasons += r.reason[k].n;
            CHECK_WHY(reasons == r.broken, cases[i].why);
        }
        test_free(in);
    }
}

static void refused(void **state)
{
    static const struct { const char *why, *in; enum obs_source format; const char *what; } no[] = {
        { "nothing", "", OBS_SOURCES, "nothing" }, { "blanks", " \n\n", OBS_SOURCES, "nothing" }, { "words", "hello world\n", OBS_SOURCES, "known" }, { "another's XML", "<svg/>", OBS_SOURCES, "XML" },
        { "another's JSON", "{\"a\":1}\n", OBS_SOURCES, "JSON" }, { "an empty array", "[]", OBS_SOURCES, "JSON" }, { "columns of nothing", "a,b\n1,2\n", OBS_CSV, "column" },
        { "mail without a domain", "Received: by a.example with Microsoft SMTP Server id 15.1.1.1; x\n", OBS_SOURCES, "whose" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        struct import_options o = { .format = no[i].format, .now_us = fixture_now, .at_us = TIME_NONE };
        char                  out[512] = "";
        struct short_told     t = { out, 0, sizeof out };
        struct import_result  r;
        struct err            e = { 0 };
        bool                  ok;

        run(o, str_c(no[i].in), 0, &t, &r, &ok, &e);
        CHECK_WHY(!ok && e.kind != ERR_NONE && strstr(e.what, no[i].what), no[i].why);
    }
}

/* A line of many megabytes is one broken row, in the memory that a row may take; its neighbours are read. */
static void one_huge_line(void **state)
{
    size_t                n = 3 << 20;
    char                 *p = malloc(n + 1024), out[1024] = "";
    struct import_options o = { .format = OBS_SOURCES, .now_us = fixture_now, .at_us = TIME_NONE, .row_max = 1 << 20 };
    struct short_told     t = { out, 0, sizeof out };
    struct import_result  r;
    struct err            e = { 0 };
    bool                  ok;

    (void)state;
    size_t at = (size_t)sprintf(p, "%s{\"ip_str\":\"192.0.2.9\",\"port\":443,\"data\":\"", SHODAN("2021-11-24T08:00:01", "X-OWA-Version: 15.1.1.1"));
    memset(p + at, 'x', n);
    at += n;
    at += (size_t)sprintf(p + at, "\"}\n%s", SHODAN("2021-11-25T08:00:01", "X-OWA-Version: 15.1.1.2"));
    run(o, (struct str){ (uint8_t *)p, at }, 70000, &t, &r, &ok, &e);
    CHECK(ok && r.broken == 1 && r.taken == 2);
    CHECK_STR(str_c(out), STR("1 192.0.2.1:443 2021-11-24T08:00 15.1.1.1/header E\n2! the row is longer than the limit\n3 192.0.2.1:443 2021-11-25T08:00 15.1.1.2/header E\n"));
    free(p);
}

/* What the sink refuses ends the import, with the sink's own words. */
static bool full(void *ctx, const struct observation *o, struct err *e)
{
    (void)ctx, (void)o;
    return err_set(e, ERR_IO, "the disk is full");
}

static void sink_says_no(void **state)
{
    struct import_options o = { .format = OBS_SOURCES, .now_us = fixture_now, .at_us = TIME_NONE };
    struct test_arena     keep = test_arena(64 << 10);
    struct fed            f = { STR("ip,build\n192.0.2.1,15.1.1.1\n192.0.2.2,15.1.1.1\n"), 0, 0 };
    struct obs_sink       sink = { NULL, full, NULL };
    struct import_result  r;
    struct err            e = { 0 };

    (void)state;
    CHECK(!import_read(&r, &keep.a, room, &o, fed_fill, &f, &sink, &e) && e.kind == ERR_IO && r.taken == 1);
    CHECK_STR(str_c(e.what), STR("the disk is full"));
    test_arena_free(&keep);
}

/* Memory fails at each step: it is said, or it costs text; never more rows than there are, never a crash. */
static void memory_fails(void **state)
{
    static const struct str by[] = { STR_INIT("corp.example") };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct import_options o = { .format = cases[i].format, .file_name = str_c(cases[i].file), .map = str_c(cases[i].map), .by = by, .by_n = 1, .now_us = fixture_now, .at_us = TIME_NONE };
        struct str            in = test_heap(cases[i].in, strlen(cases[i].in));
        uint64_t              whole = 0;
        struct fault          f = { .fired = true };

        for (uint32_t n = 0; f.fired && n < 500; n++) {
            char                 out[4096] = "";
            struct short_told    t = { out, 0, sizeof out };
            struct test_arena    keep = test_arena(64 << 10);
            struct fed           fed = { in, 0, 0 };
            struct obs_sink      sink = { &t, short_take, short_broken };
            struct arena         faulty = room;
            struct import_result r;
            struct err           e = { 0 };

            f = (struct fault){ .left = n };
            if (n)
                faulty.fault = &f;
            bool ok = import_read(&r, &keep.a, faulty, &o, fed_fill, &fed, &sink, &e);
            if (n == 0) {
                whole   = r.rows;
                f.fired = true;
            }
            CHECK_WHY(ok || (e.kind != ERR_NONE && e.what[0]), cases[i].why);
            CHECK_WHY(r.rows <= whole, cases[i].why);
            if (ok && !f.fired && n)
                CHECK_STR(str_c(out), str_c(cases[i].out));
            test_arena_free(&keep);
        }
        CHECK_WHY(!f.fired, cases[i].why);
        test_free(in);
    }
}

static void notes(void **state)
{
    struct import_options o = { .format = OBS_SOURCES, .map = STR("name=gone"), .now_us = fixture_now, .at_us = INT64_C(1600000000) * TIME_SECOND };
    struct test_arena     a = test_arena(1 << 20);
    struct import_result  r;
    struct err            e = { 0 };
    struct str            out;

    (void)state;
    CHECK(import_text(&out, &r, &a.a, room, o, STR("ip,build,time\n192.0.2.1,15.1.1.1,\n192.0.2.1,15.1.1.1,2021-01-01\n"), 0, &e));
    CHECK(str_has(out, STR("\"observed_at\": \"2020-09-13T12:26:40Z\"")) && str_has(out, STR("--map names a column")) && str_has(out, STR("without a zone")));
    o.map = STR_EMPTY;
    CHECK(import_text(&out, &r, &a.a, room, o, STR("timestamp,ip,tag,asn,geo,conenction,version,servername\n2021-01-01 00:00:00,192.0.2.1,exchange,0,ZZ,,15.1.1.1,A\n"), 0, &e));
    CHECK(r.format == OBS_SHADOWSERVER && r.note_n == 1 && str_has(out, STR("conenction")));
    test_arena_free(&a);
}

static void maps(void **state)
{
    struct err e = { 0 };

    (void)state;
    CHECK(import_map_check(STR("ip=a, build = b,"), &e) && import_map_check(STR(""), &e));
    CHECK(!import_map_check(STR("bild=b"), &e) && e.kind == ERR_USAGE && strstr(e.what, "bild"));
    CHECK(!import_map_check(STR("ip"), &e) && strstr(e.what, "no column"));
}

static int open_room(void **state)
{
    struct err e = { 0 };
    (void)state;
    return os_arena_map(&room, IMPORT_ROOM, &e) ? 0 : -1;
}

static int close_room(void **state)
{
    (void)state;
    os_arena_unmap(&room);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats), cmocka_unit_test(refused), cmocka_unit_test(one_huge_line), cmocka_unit_test(sink_says_no), cmocka_unit_test(memory_fails), cmocka_unit_test(notes), cmocka_unit_test(maps),
    };
    return cmocka_run_group_tests(tests, open_room, close_room);
}
