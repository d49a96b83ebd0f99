/*
 * surveyimport: how fast the readers of `survey import` are, up to the verdict on a build, without a store.
 *
 *     surveyimport make KIND MB >FILE     a made-up scan: csv, shodan, zgrab, censys, masscan, nmap
 *     surveyimport read FILE...           MB/s of one core, rows, verdicts
 *
 * What is made is the same each time. `make bench SURVEY=1` compares with Python and jq on the same files.
 */
#include "evidence/packed.h"
#include "os/os.h"
#include "pack/builds.h"
#include "survey/import.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- making ---- */

struct made { uint64_t x, bytes; };

static uint32_t pick(struct made *m, uint32_t n)
{
    m->x ^= m->x << 13;
    m->x ^= m->x >> 7;
    m->x ^= m->x << 17;
    return (uint32_t)((m->x >> 20) % n);
}

static const char *const builds[] = { "15.1.2176.9", "15.1.2176.2", "15.2.792.10", "15.0.1497.12", "15.1.2242.12", "15.1.2507.9", "15.2.1118.40", "15.1.1913.10", "15.2.858.5", "15.0.1395.10" };

static void csv(struct made *m, uint32_t i)
{
    const char *b = builds[pick(m, 10)];
    if (i == 0)
        m->bytes += (uint64_t)printf("\"timestamp\",\"ip\",\"port\",\"hostname\",\"tag\",\"asn\",\"geo\",\"region\",\"city\",\"naics\",\"sic\",\"sector\",\"version\",\"servername\",\"url\"\n");
    m->bytes += (uint64_t)printf("\"2021-03-%02u %02u:%02u:%02u\",\"192.%u.%u.%u\",443,\"mail%u.example.org\",\"exchange;cve-2021-26855\",%u,\"ZZ\",\"REGION\",\"TOWN\",%u,,\"Professional, Scientific, and Technical Services\",\"%s\",\"EX%02u\",\n",
                                 1 + pick(m, 28), pick(m, 24), pick(m, 60), pick(m, 60), pick(m, 256), pick(m, 256), pick(m, 256), i, 64496 + pick(m, 16), 541110 + pick(m, 9), b, pick(m, 90));
}

/* A logon page in JSON: what most of a banner is. */
static void page(struct made *m, const char *build)
{
    char line[24];
    snprintf(line, sizeof line, "%s", build);
    *strrchr(line, '.') = '\0';
    m->bytes += (uint64_t)printf("<!DOCTYPE HTML>\\r\\n<html><head><link rel=\\\"shortcut icon\\\" href=\\\"/owa/auth/%s/themes/resources/favicon.ico\\\" type=\\\"image/x-icon\\\"><title>Outlook</title></head><body>", line);
    for (uint32_t k = 0, n = 4 + pick(m, 8); k < n; k++)
        m->bytes += (uint64_t)printf("<div class=\\\"signInInputLabel%u\\\" role=\\\"heading\\\" aria-label=\\\"user name %u\\\">Domain and user name of the account, as the administrator gave it: %u</div>\\r\\n", k, pick(m, 1000), pick(m, 100000));
    m->bytes += (uint64_t)printf("<!-- OwaPage = ASP.auth_logon_aspx --></body></html>");
}

static void shodan(struct made *m, uint32_t i)
{
    const char *b = builds[pick(m, 10)];
    m->bytes += (uint64_t)printf("{\"ip_str\":\"198.51.%u.%u\",\"port\":443,\"transport\":\"tcp\",\"timestamp\":\"2021-11-%02uT08:00:01.123456\",\"asn\":\"AS%u\",\"org\":\"Example Org %u\",\"isp\":\"Example ISP\",\"hostnames\":[\"mail%u.example.org\"],"
                                 "\"domains\":[\"example.org\"],\"location\":{\"country_code\":\"ZZ\",\"city\":\"Town\",\"latitude\":1.5,\"longitude\":2.25},\"http\":{\"status\":200,\"title\":\"Outlook\",\"favicon\":{\"hash\":1768726119},\"html\":\"",
                                 pick(m, 256), pick(m, 256), 1 + pick(m, 28), 64496 + pick(m, 16), i, i);
    page(m, b);
    m->bytes += (uint64_t)printf("\"},\"data\":\"HTTP/1.1 200 OK\\r\\nCache-Control: no-cache, no-store\\r\\nContent-Type: text/html; charset=utf-8\\r\\nServer: Microsoft-IIS/10.0\\r\\nX-OWA-Version: %s\\r\\nX-FEServer: EX%u\\r\\nX-Frame-Options: SAMEORIGIN\\r\\n\\r\\n\","
                                 "\"ssl\":{\"cert\":{\"subject\":{\"CN\":\"mail%u.example.org\",\"O\":\"Example Org\"},\"serial\":%u,\"expired\":false}},\"hash\":%u,\"vulns\":{\"CVE-2021-26855\":{\"verified\":false,\"cvss\":7.5}}}\n",
                                 b, pick(m, 90), i, pick(m, 1u << 30), pick(m, 1u << 30));
}

static void zgrab(struct made *m, uint32_t i)
{
    const char *b = builds[pick(m, 10)];
    m->bytes += (uint64_t)printf("{\"ip\":\"198.51.%u.%u\",\"domain\":\"mail%u.example.org\",\"data\":{\"http\":{\"status\":\"success\",\"protocol\":\"http\",\"port\":443,\"timestamp\":\"2024-01-%02uT01:02:03Z\",\"result\":{\"response\":{\"status_line\":\"200 OK\","
                                 "\"status_code\":200,\"headers\":{\"server\":[\"Microsoft-IIS/10.0\"],\"content_type\":[\"text/html\"],\"unknown\":[{\"key\":\"x_owa_version\",\"value\":[\"%s\"]},{\"key\":\"x_feserver\",\"value\":[\"EX%u\"]}]},\"body\":\"",
                                 pick(m, 256), pick(m, 256), i, 1 + pick(m, 28), b, pick(m, 90));
    page(m, b);
    m->bytes += (uint64_t)printf("\",\"request\":{\"url\":{\"scheme\":\"https\",\"host\":\"mail%u.example.org\",\"path\":\"/owa/auth/logon.aspx\"}}}}}}}\n", i);
}

static void censys(struct made *m, uint32_t i)
{
    const char *b = builds[pick(m, 10)];
    m->bytes += (uint64_t)printf("{\"host\":{\"ip\":\"198.51.%u.%u\",\"location\":{\"country_code\":\"ZZ\"},\"autonomous_system\":{\"asn\":64496,\"name\":\"EXAMPLE\"},\"services\":[{\"port\":443,\"protocol\":\"HTTP\",\"scan_time\":\"2024-01-%02uT00:00:00Z\","
                                 "\"endpoints\":[{\"path\":\"/owa/auth/logon.aspx\",\"http\":{\"status_code\":200,\"html_title\":\"Outlook\",\"headers\":{\"X-OWA-Version\":{\"headers\":[\"%s\"]},\"Server\":{\"headers\":[\"Microsoft-IIS/10.0\"]}},\"body\":\"",
                                 pick(m, 256), pick(m, 256), 1 + pick(m, 28), b);
    page(m, b);
    m->bytes += (uint64_t)printf("\"}}]},{\"port\":25,\"protocol\":\"SMTP\",\"scan_time\":\"2024-01-02T00:00:00Z\",\"banner\":\"220 mail%u.example.org Microsoft ESMTP MAIL Service ready\"}]}}\n", i);
}

static void masscan(struct made *m, uint32_t i)
{
    if (i == 0)
        m->bytes += (uint64_t)printf("[\n");
    m->bytes += (uint64_t)printf("%s{   \"ip\": \"198.51.%u.%u\",   \"timestamp\": \"16153%05u\", \"ports\": [ {\"port\": 443, \"proto\": \"tcp\", ", i ? ",\n" : "", pick(m, 256), pick(m, 256), pick(m, 99999));
    m->bytes += (uint64_t)(i % 2 ? printf("\"status\": \"open\", \"reason\": \"syn-ack\", \"ttl\": 115} ] }") : printf("\"service\": {\"name\": \"title\", \"banner\": \"Outlook\"}} ] }"));
}

static void nmap(struct made *m, uint32_t i)
{
    const char *b = builds[pick(m, 10)];
    if (i == 0)
        m->bytes += (uint64_t)printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<nmaprun scanner=\"nmap\" version=\"7.93\" start=\"1637330000\">\n");
    m->bytes += (uint64_t)printf("<host starttime=\"16373%05u\" endtime=\"1637399999\"><status state=\"up\" reason=\"user-set\" reason_ttl=\"0\"/>\n<address addr=\"198.51.%u.%u\" addrtype=\"ipv4\"/>\n<hostnames>\n<hostname name=\"mail%u.example.org\" type=\"PTR\"/>\n</hostnames>\n"
                                 "<ports><port protocol=\"tcp\" portid=\"443\"><state state=\"open\" reason=\"syn-ack\" reason_ttl=\"115\"/><service name=\"https\" product=\"Microsoft IIS httpd\" version=\"10.0\" ostype=\"Windows\" tunnel=\"ssl\" method=\"probed\" conf=\"10\"/>"
                                 "<script id=\"http-title\" output=\"Outlook&#xa;Requested resource was https://198.51.0.1/owa/auth/logon.aspx\"><elem key=\"title\">Outlook</elem></script>"
                                 "<script id=\"ms-exchange-version\" output=\"&#xa;  %s: &#xa;    product: Exchange Server&#xa;    build: %s\"><table key=\"%s\">\n<elem key=\"product\">Exchange Server</elem>\n<elem key=\"build\">%s</elem>\n</table>\n</script>"
                                 "<script id=\"ssl-cert\" output=\"Subject: commonName=mail%u.example.org\"><table key=\"subject\">\n<elem key=\"commonName\">mail%u.example.org</elem>\n</table>\n<table key=\"validity\">\n<elem key=\"notBefore\">2021-01-01T00:00:00</elem>\n</table>\n</script></port>\n</ports>\n</host>\n",
                                 pick(m, 99999), pick(m, 256), pick(m, 256), i, b, b, b, b, i, i);
}

static int make(const char *kind, uint64_t bytes)
{
    static const struct { const char *kind; void (*row)(struct made *m, uint32_t i); const char *end; } kinds[] = {
        { "csv", csv, "" }, { "shodan", shodan, "" }, { "zgrab", zgrab, "" }, { "censys", censys, "" }, { "masscan", masscan, "\n]\n" }, { "nmap", nmap, "</nmaprun>\n" },
    };
    struct made m = { .x = 88172645463325252u };

    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (strcmp(kind, kinds[k].kind) == 0) {
            for (uint32_t i = 0; m.bytes < bytes; i++)
                kinds[k].row(&m, i);
            fputs(kinds[k].end, stdout);
            return fflush(stdout) == 0 ? 0 : 1;
        }
    return 2;
}

/* ---- reading ---- */

struct count { const struct builds *b; size_t group; uint64_t n, verdict[16]; };

static bool take(void *ctx, const struct observation *o, struct err *e)
{
    struct count *c = ctx;
    uint32_t      flags;

    (void)e;
    c->n++;
    c->verdict[build_verdict(c->b, c->group, o->build, o->parts, o->observed_us, &flags) & 15]++;
    return true;
}

static int fail(const char *what, const struct err *e)
{
    fprintf(stderr, "surveyimport: %s: %s %s\n", what, e->what, e->hint);
    return 1;
}

static int read_one(struct os *os, const char *path, const struct builds *b, struct arena room, struct arena keep)
{
    struct ev_limits      limits = ev_limits_default();
    struct import_options opt = { .format = OBS_SOURCES, .now_us = TIME_NONE, .at_us = TIME_NONE };
    struct import_result  r = { 0 };
    struct count          c = { .b = b };
    struct obs_sink       sink = { &c, take, NULL };
    struct packed        *p = NULL;
    struct err            e = { 0 };
    struct str            name;
    struct os_stat        st = { 0 };
    int                   g = builds_group(b, STR("ProxyLogon"));

    if (g < 0 || !os->stat(os, str_c(path), &st, &e) || !packed_open(&p, os, str_c(path), &limits, &keep, &e) || !packed_member(p, 0, &name, &e))
        return fail(path, &e);
    c.group = (size_t)g;
    clock_t  from = clock();                 /* of this process: a busy machine does not make it slower */
    bool     ok = import_read(&r, &keep, room, &opt, packed_fill, p, &sink, &e);
    uint64_t us = (uint64_t)(clock() - from) * 1000000 / CLOCKS_PER_SEC;
    packed_close(p);
    if (!ok)
        return fail(path, &e);
    printf("%s: %.0f MB/s, %.0f ns a row, %" PRIu64 " rows, %" PRIu64 " observations, %" PRIu64 " broken; patched %" PRIu64 ", unpatched %" PRIu64 ", cannot tell %" PRIu64 "; peak %" PRIu64 " MB\n", path,
           (double)st.size_bytes / (double)(us ? us : 1), r.rows ? (double)us * 1000 / (double)r.rows : 0, r.rows, c.n, r.broken, c.verdict[BUILD_PATCHED], c.verdict[BUILD_UNPATCHED], c.verdict[BUILD_CANNOT_TELL],
           os_peak_memory_bytes() >> 20);
    return 0;
}

int main(int argc, char **argv)
{
    struct os     os = os_posix();
    struct arena  room, keep;
    struct builds b;
    struct err    e = { 0 };
    int           code = 0;

    if (argc == 4 && strcmp(argv[1], "make") == 0)
        return make(argv[2], strtoull(argv[3], NULL, 10) * 1000000);
    if (argc < 3 || strcmp(argv[1], "read") != 0) {
        fprintf(stderr, "usage: surveyimport make csv|shodan|zgrab|censys|masscan|nmap MB | surveyimport read FILE...\n");
        return 2;
    }
    if (!os_arena_map(&room, IMPORT_ROOM, &e) || !os_arena_map(&keep, 64 << 20, &e) || !builds_load(&b, &keep, &os, STR_EMPTY, &e))
        return fail("builds", &e);
    for (int i = 2; i < argc; i++)
        code |= read_one(&os, argv[i], &b, room, keep);
    return code;
}
