#include "test.h"

#include "base/hash.h"
#include "base/num.h"
#include "detect/hits.h"
#include "detect/hunt.h"
#include "detect/iocs.h"
#include "os/mem.h"

/* A server in memory, the embedded pack, and indicators of an operator's. files_iocs.c is tested here as well. */
struct world {
    struct test_arena a;
    struct os_mem    *m;
    struct pack       pack;
    struct sigma      sigma;
    struct iocs       iocs;
    struct ev         ev;
    struct hunt      *hunt;
    struct detected   found;
};

#define FRONT "/case/C/inetpub/logs/LogFiles/W3SVC1/u_ex210303.log"

static const char head[] =
    "#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port "
    "cs-username c-ip cs(User-Agent) cs(Referer) cs-host sc-status sc-substatus sc-win32-status time-taken\r\n";

static void begin(struct world *w)
{
    struct err e = { 0 };

    memset(w, 0, sizeof *w);
    w->a = test_arena(192u << 20);
    w->m = os_mem_open(&w->a.a, 0);
    if (!w->m || !pack_load_embedded(&w->pack, &w->a.a, STR("proxylogon"), &e))
        fail_msg("%s %s", e.what, e.where);
    for (size_t i = 0; i < w->pack.file_n; i++)
        if (str_starts(w->pack.file[i].name, STR("rules/")))
            CHECK(sigma_add(&w->sigma, &w->a.a, w->pack.file[i].name, w->pack.file[i].text, true, &e));
}

static void look(struct world *w, struct str list, const char *rows)
{
    struct str          root = STR("/case");
    struct err          e    = { 0 };
    struct hunt_options opt  = { .jobs = 1, .since_us = TIME_NONE, .until_us = TIME_NONE };

    if (!iocs_add(&w->iocs, &w->a.a, STR("feed"), list, &e))
        fail_msg("%s", e.what);
    iocs_settle(&w->iocs);
    w->pack.user = &w->iocs;
    CHECK(os_mem_add(w->m, FRONT, str_cat(&w->a.a, str_c(head), str_c(rows))));
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

#define ROW(stem, client, agent, referer, host) \
    "2021-03-03 06:00:00 10.0.0.5 GET " stem " - 443 - " client " " agent " " referer " " host " 200 0 0 15\r\n"

static const struct { const char *why, *list, *row; bool hit; } rows[] = {
    { "an address",                         "198.51.100.23", ROW("/owa/", "198.51.100.23", "x", "-", "mail.example"), true },
    { "part of another address is none",    "198.51.100.2", ROW("/owa/", "198.51.100.23", "x", "-", "mail.example"), false },
    { "an address in a query is no client", "198.51.100.23", ROW("/owa/198.51.100.23/x", "192.0.2.1", "x", "-", "mail.example"), false },
    { "a network",                          "198.51.100.0/24", ROW("/owa/", "198.51.100.23", "x", "-", "mail.example"), true },
    { "a network of two octets",            "198.51.0.0/18", ROW("/owa/", "198.51.60.23", "x", "-", "mail.example"), true },
    { "another network",                    "198.51.0.0/18", ROW("/owa/", "198.51.100.23", "x", "-", "mail.example"), false },
    { "IPv6",                               "2001:db8::7", ROW("/owa/", "2001:db8::7", "x", "-", "mail.example"), true },
    { "a domain in the referer",            "evil.example", ROW("/owa/", "192.0.2.1", "x", "https://a.evil.example/x", "mail.example"), true },
    { "the end of another name is none",    "evil.example", ROW("/owa/", "192.0.2.1", "x", "https://notevil.example/x", "mail.example"), false },
    { "a URL in the referer",               "https://evil.example/a/b.htm", ROW("/owa/", "192.0.2.1", "x", "http://Evil.example:80/a/B.htm?c", "mail.example"), true },
    { "another page of that host is none",  "https://evil.example/a/b.htm", ROW("/owa/", "192.0.2.1", "x", "http://evil.example/a/c.htm", "mail.example"), false },
    { "a host asked for",                   "http://mail.example/odd/x.htm", ROW("/odd/x.htm", "192.0.2.1", "x", "-", "mail.example"), true },
    { "a path of a request",                "/odd/thing.htm", ROW("/ODD//thing.htm", "192.0.2.1", "x", "-", "mail.example"), true },
    { "a path spelled with percent signs",  "/odd/thing.htm", ROW("/odd/%74hing.htm", "192.0.2.1", "x", "-", "mail.example"), true },
    { "another path",                       "/odd/thing.htm", ROW("/odd/thing.html", "192.0.2.1", "x", "-", "mail.example"), false },
    { "a user agent",                       "type,value\nuseragent,\"Odd Agent, 1.0 beta\"\n", ROW("/owa/", "192.0.2.1", "odd+Agent,+1.0+beta", "-", "mail.example"), true },
    { "both conditions hold",  "{\"objects\":[{\"type\":\"indicator\",\"pattern\":\"[ipv4-addr:value = '198.51.100.23' AND domain-name:value = 'mail.example']\"}]}",
      ROW("/owa/", "198.51.100.23", "x", "-", "mail.example"), true },
    { "one of two conditions", "{\"objects\":[{\"type\":\"indicator\",\"pattern\":\"[ipv4-addr:value = '198.51.100.23' AND domain-name:value = 'mail.example']\"}]}",
      ROW("/owa/", "198.51.100.23", "x", "-", "other.example"), false },
    { "still valid",           "{\"objects\":[{\"type\":\"indicator\",\"valid_until\":\"2021-03-04T00:00:00Z\",\"pattern\":\"[ipv4-addr:value = '198.51.100.23']\"}]}",
      ROW("/owa/", "198.51.100.23", "x", "-", "mail.example"), true },
    { "no longer valid then",  "{\"objects\":[{\"type\":\"indicator\",\"valid_until\":\"2021-03-01T00:00:00Z\",\"pattern\":\"[ipv4-addr:value = '198.51.100.23']\"}]}",
      ROW("/owa/", "198.51.100.23", "x", "-", "mail.example"), false },
    { "IPv6 networks are not searched for", "2001:db8::/32", ROW("/owa/", "2001:db8::7", "x", "-", "mail.example"), false },
};

static void requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct world w;
        begin(&w);
        look(&w, str_c(rows[i].list), rows[i].row);
        CHECK_WHY(w.found.hit_n == rows[i].hit, rows[i].why);
        if (rows[i].hit) {
            const struct hit *h = &w.found.hit[0];
            CHECK_WHY(h->rule == RULE_IOC && h->sign == SIGN_REVIEW && h->ioc == 1 && h->first.line == 3, rows[i].why);
        }
        end(&w);
    }
}

/* A request that a rule tells anyway is told once, with what the list says of it; and then a network may be of any width. */
static void findings_that_stand_anyway(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    look(&w, STR("198.0.0.0/9\n"), "2021-03-03 06:00:00 10.0.0.5 POST /aspnet_client/zz.aspx - 443 - 198.51.100.23 x - mail.example 200 0 0 15\r\n"
                                   ROW("/owa/", "198.51.100.23", "x", "-", "mail.example"));
    CHECK(w.found.hit_n >= 1);
    for (size_t i = 0; i < w.found.hit_n; i++)
        CHECK(w.found.hit[i].rule != RULE_IOC && w.found.hit[i].ioc == 1 && w.found.hit[i].first.line == 3);
    end(&w);
}

/* What everybody asks for fills no report. */
static void much_is_folded(void **state)
{
    struct world w;
    struct str   rows_of = STR("");

    (void)state;
    begin(&w);
    for (int i = 0; i < 200; i++)
        rows_of = str_cat(&w.a.a, rows_of, str_fmt(&w.a.a, "2021-03-03 %02d:%02d:00 10.0.0.5 GET /odd/page.htm - 443 - 192.0.2.%d x - mail.example 200 0 0 15\r\n", i / 10, i % 10, i));
    const char *text = str_cstr(&w.a.a, rows_of);
    look(&w, STR("/odd/page.htm\n"), text);
    CHECK(w.found.hit_n == HITS_PAGES_MAX + 1);
    CHECK(w.found.hit[HITS_PAGES_MAX].count == 200 - HITS_PAGES_MAX && !w.found.hit[HITS_PAGES_MAX].client.n);
    end(&w);
}

static const struct { const char *why, *list; enum file_fact_kind kind; const char *detector; } files[] = {
    { "a hash asks",                 "a9993e364706816aba3e25717850c26c9cd0d89d\n", FILE_FACT_NOTE, "iocs/hash" },
    { "MD5 as well",                 "900150983cd24fb0d6963f7d28e17f72\n", FILE_FACT_NOTE, "iocs/hash" },
    { "a row may say that it accuses", "type,value,weight\nsha1,a9993e364706816aba3e25717850c26c9cd0d89d,accuses\n", FILE_FACT_TOOL, "files/hash" },
    { "a path, on whatever drive",   "D:\\ProgramData\\tool.exe\n", FILE_FACT_NOTE, "iocs/path" },
    { "a name",                      "tool.exe\n", FILE_FACT_NOTE, "iocs/file-name" },
    { "a name and its hash",         "{\"objects\":[{\"type\":\"indicator\",\"pattern\":\"[file:name = 'tool.exe' AND file:hashes.MD5 = '900150983cd24fb0d6963f7d28e17f72']\"}]}", FILE_FACT_NOTE, "iocs/hash" },
    { "a name with another hash",    "{\"objects\":[{\"type\":\"indicator\",\"pattern\":\"[file:name = 'tool.exe' AND file:hashes.MD5 = '000150983cd24fb0d6963f7d28e17f72']\"}]}", FILE_FACT_NOTE, NULL },
    { "a hash under another name",   "{\"objects\":[{\"type\":\"indicator\",\"pattern\":\"[file:name = 'other.exe' AND file:hashes.MD5 = '900150983cd24fb0d6963f7d28e17f72']\"}]}", FILE_FACT_NOTE, NULL },
    { "a longer name is another",    "ool.exe\n", FILE_FACT_NOTE, NULL },
    { "half a folder is another",    "\\gramdata\\tool.exe\n", FILE_FACT_NOTE, NULL },
};

static void found_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct world w;
        size_t       n = 0;
        begin(&w);
        CHECK(os_mem_add(w.m, "/case/C/ProgramData/tool.exe", STR("abc")));
        look(&w, str_c(files[i].list), "");
        for (size_t k = 0; k < w.found.fact_n; k++) {
            const struct file_fact *f = &w.found.fact[k];
            if (!str_starts(f->detector, STR("iocs/")) && !str_eq(f->detector, STR("files/hash")))
                continue;
            n++;
            CHECK_WHY(files[i].detector && f->kind == files[i].kind && str_eq(f->detector, str_c(files[i].detector)) && str_has(f->why, STR("feed")), files[i].why);
        }
        CHECK_WHY(n == (files[i].detector != NULL), files[i].why);
        end(&w);
    }
}

static void too_many_terms(void **state)
{
    struct iocs s = { .n = 0 };
    struct err  e = { 0 };

    (void)state;
    for (int k = IOC_DOMAIN + 1; k <= IOC_KINDS; k++)
        s.first[k] = IOCS_SEARCHED_MAX + 1;
    CHECK(!iocs_fit(&s, &e) && e.kind == ERR_LIMIT && e.hint[0]);
    for (int k = IOC_DOMAIN + 1; k <= IOC_KINDS; k++)
        s.first[k] = IOCS_SEARCHED_MAX;
    CHECK(iocs_fit(&s, &e));
    const struct user_ioc name = { .kind = IOC_DOMAIN, .value = STR("evil.example") }, address = { .kind = IOC_IP, .value = STR("198.51.100.23") },
                          wide = { .kind = IOC_NETWORK, .value = STR("198.0.0.0/9") }, many = { .kind = IOC_NETWORK, .value = STR("198.51.0.0/17") },
                          few = { .kind = IOC_NETWORK, .value = STR("198.51.100.0/25") };
    CHECK_STR(iocs_literal(&s, &name), STR("evil.example"));
    CHECK_STR(iocs_literal(&s, &address), STR("198.51.100.23"));
    CHECK(iocs_literal(&s, &wide).n == 0);
    CHECK_STR(iocs_literal(&s, &many), STR("198.51."));
    CHECK_STR(iocs_literal(&s, &few), STR("198.51.100."));
    for (int k = IOC_IP + 1; k <= IOC_KINDS; k++)
        s.first[k]++;
    CHECK(iocs_literal(&s, &address).n == 0 && iocs_literal(&s, &name).n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests), cmocka_unit_test(findings_that_stand_anyway), cmocka_unit_test(much_is_folded), cmocka_unit_test(found_files),
        cmocka_unit_test(too_many_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
