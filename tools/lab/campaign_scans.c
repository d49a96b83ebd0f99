/*
 * campaign_scans: thirty days of scan files in the formats of survey/import.h, and what their rows tell.
 *
 * Who      Shadowserver each day, half of all servers, and all on the first; Shodan each third day; Censys twice; the team's own scan with zgrab twice, with nmap and masscan once; a partner's
 *          table each day.
 * Wrong    rows of a lying clock (refused when read), rows twice, rows that come with a later day's file, three numbers instead of four.
 */
#include "lab/campaign_files.h"

#include <string.h>

enum { GRADE_WORD_C = 2, GRADE_WORD_B = 3 };

struct scan { struct story *s; struct rng r; FILE *f; const char *name; int day; uint32_t n; };

static int64_t moment(struct scan *x) { return STORY_START + x->day * TIME_DAY + TIME_HOUR + (int64_t)rng_below(&x->r, 22 * 3600) * TIME_SECOND; }

static const char *build_now(const struct scan *x, uint32_t i)
{
    const struct story_server *v = &x->s->server[i];
    const struct story_build  *b = &story_builds[v->build];

    return v->patched >= 0 && x->day >= v->patched ? b->after : b->before;
}

/* IIS comes with Windows, and Exchange 2013 never ran on one with IIS 10: such a pair would be a honeypot's. */
static const char *iis_of(const struct scan *x, uint32_t i) { return strstr(story_builds[x->s->server[i].build].product, "2013") ? "Microsoft-IIS/8.5" : "Microsoft-IIS/10.0"; }

static bool is_patched(const struct scan *x, uint32_t i) { return x->s->server[i].patched >= 0 && x->day >= x->s->server[i].patched; }

static void tell(struct scan *x, uint32_t i, int64_t t, enum story_source who)
{
    story_tell(x->s, (struct story_told){ .at_us = t, .own_us = TIME_NONE, .server = i, .word = is_patched(x, i) ? TOLD_PATCHED : TOLD_EXPOSED, .source = (uint8_t)who, .grade = GRADE_WORD_C });
    x->s->rows[who]++;
    x->n++;
}

/* The names that this way of looking shows: a certificate's, one that was asked, a reverse one. */
static const char *name_of(struct scan *x, uint32_t i, enum camp_key kind, uint32_t nth)
{
    struct story_server *v = &x->s->server[i];

    for (uint32_t k = 0; k < v->links; k++) {
        const struct camp_link *l = &x->s->c->link[x->s->by_server[v->link + k]];
        if (l->kind == kind && l->confidence >= 50 && nth-- == 0)
            return kind == CAMP_CERT_ORG ? l->value : kind == CAMP_PTR && !strncmp(l->value, "isp", 3) ? pool_fmt(&x->s->text, "host-198-%u-%u-%u.%s", 18 + (i >> 16), i >> 8 & 255, i & 255, l->value)
                                                                                              : story_host(x->s, i, l->value);
    }
    return NULL;
}

static uint32_t asn_of(uint32_t i) { return 64512 + i * 7 % 40; }

static void clock_text(int64_t t, char ret[32])
{
    story_time(t, ret);
    ret[10] = ' ';
    ret[19] = 0;
}

/* ---- Shadowserver ---- */

static void shadow_row(struct scan *x, uint32_t i, int64_t t, const char *build, bool shell)
{
    char        ip[48], when[32];
    const char *ptr = name_of(x, i, CAMP_PTR, 0);

    story_ip(i, ip);
    clock_text(t, when);
    fprintf(x->f, "\"%s\",\"%s\",443,", when, ip);
    story_cell(x->f, ptr ? ptr : "");
    fprintf(x->f, ",\"exchange%s%s\",%u,\"%s\",", is_patched(x, i) ? "" : ";cve-2021-26855", shell ? ";webshell" : "", asn_of(i), x->s->c->server[i].country);
    story_cell(x->f, story_text(x->s, &x->r, "REGION"));
    putc(',', x->f);
    story_cell(x->f, story_text(x->s, &x->r, "TOWN"));
    fprintf(x->f, ",517311,,");
    story_cell(x->f, story_text(x->s, &x->r, "Communications, Service Provider, and Hosting Service"));
    fprintf(x->f, ",\"%s\",", build);
    story_cell(x->f, story_node(x->s, i));
    putc(',', x->f);
    story_cell(x->f, shell ? story_text(x->s, &x->r, "/aspnet_client/discover.aspx") : "");
    putc('\n', x->f);
}

static void shadow(struct scan *x)
{
    struct story *s = x->s;

    fputs("\"timestamp\",\"ip\",\"port\",\"hostname\",\"tag\",\"asn\",\"geo\",\"region\",\"city\",\"naics\",\"sic\",\"sector\",\"version\",\"servername\",\"url\"\n", x->f);
    for (uint32_t i = 0; i < s->c->server_n; i++) {
        const struct story_server *v = &s->server[i];
        if (x->day && !rng_chance(&x->r, 500))
            continue;
        int64_t t = moment(x);
        bool    shell = v->shell_from >= 0 && x->day >= v->shell_from && x->day < v->shell_to && rng_chance(&x->r, 120);
        shadow_row(x, i, t, build_now(x, i), shell);
        tell(x, i, t, SAYS_SHADOWSERVER);
        if (shell)
            story_tell(s, (struct story_told){ .at_us = t, .own_us = TIME_NONE, .server = i, .word = TOLD_SHELL, .source = SAYS_SHADOWSERVER, .grade = GRADE_WORD_C });
        if (rng_chance(&x->r, 4))              /* the same row twice */
            shadow_row(x, i, t, build_now(x, i), shell);
        if (rng_chance(&x->r, 2))              /* a clock of long ago, and one of tomorrow's */
            shadow_row(x, i, rng_chance(&x->r, 500) ? 0 : INT64_C(4102444800) * TIME_SECOND, build_now(x, i), false);
    }
}

/* ---- JSON ---- */

static void names_json(struct scan *x, uint32_t i, enum camp_key kind)
{
    const char *n;

    putc('[', x->f);
    for (uint32_t k = 0; k < 30 && (n = name_of(x, i, kind, k)) != NULL; k++) {
        if (k)
            putc(',', x->f);
        story_json(x->f, n);
    }
    putc(']', x->f);
}

static void cert_hash(struct scan *x, uint32_t i, char ret[65]) { story_hash(pool_fmt(&x->s->text, "certificate of %u", i), ret); }

static void shodan(struct scan *x)
{
    for (uint32_t i = 0; i < x->s->c->server_n; i++) {
        /* One firm in twenty Shodan does not see on the first day: until somebody else tells of it, it is a candidate. */
        if (x->day ? !rng_chance(&x->r, 120) : x->s->c->server[i].org % 20 == 7)
            continue;
        char    ip[48], when[32], cert[65];
        int64_t t = moment(x);
        const char *cn = name_of(x, i, CAMP_CERT_DOMAIN, 0), *org = name_of(x, i, CAMP_CERT_ORG, 0), *b = build_now(x, i);
        story_ip(i, ip);
        story_time(t, when);
        cert_hash(x, i, cert);
        fprintf(x->f, "{\"ip_str\":\"%s\",\"port\":443,\"transport\":\"tcp\",\"timestamp\":\"%.19s.123456\",\"asn\":\"AS%u\",\"isp\":", ip, when, asn_of(i));
        story_json(x->f, story_text(x->s, &x->r, pool_fmt(&x->s->text, "Carrier %u", asn_of(i))));
        fprintf(x->f, ",\"hostnames\":");
        names_json(x, i, CAMP_PTR);
        fprintf(x->f, ",\"location\":{\"country_code\":\"%s\"},\"http\":{\"status\":200,\"title\":\"Outlook\",\"html\":", x->s->c->server[i].country);
        story_json(x->f, story_text(x->s, &x->r, "<title>Outlook</title>"));
        fprintf(x->f, "},\"data\":\"HTTP/1.1 200 OK\\r\\nServer: %s\\r\\nX-OWA-Version: %s\\r\\nX-FEServer: %s\\r\\n\\r\\n\"", iis_of(x, i), b, story_node(x->s, i));
        fprintf(x->f, ",\"ssl\":{\"cert\":{\"subject\":{");
        if (cn) {
            fputs("\"CN\":", x->f);
            story_json(x->f, cn);
        }
        if (org) {
            fputs(cn ? ",\"O\":" : "\"O\":", x->f);
            story_json(x->f, story_text(x->s, &x->r, org));
        }
        fprintf(x->f, "},\"fingerprint\":{\"sha256\":\"%s\"}}}}\n", cert);
        tell(x, i, t, SAYS_SHODAN);
    }
}

static void censys(struct scan *x)
{
    for (uint32_t i = 0; i < x->s->c->server_n; i++) {
        if (!rng_chance(&x->r, 300))
            continue;
        char    ip[48], when[32], cert[65];
        int64_t t = moment(x);
        const char *org = name_of(x, i, CAMP_CERT_ORG, 0);
        story_ip(i, ip);
        story_time(t, when);
        cert_hash(x, i, cert);
        fprintf(x->f, "{\"host\":{\"ip\":\"%s\",\"location\":{\"country_code\":\"%s\"},\"autonomous_system\":{\"asn\":%u,\"name\":", ip, x->s->c->server[i].country, asn_of(i));
        story_json(x->f, story_text(x->s, &x->r, "EXAMPLE-AS"));
        fprintf(x->f, "},\"services\":[{\"port\":443,\"protocol\":\"HTTP\",\"scan_time\":\"%s\",\"endpoints\":[{\"path\":\"/owa/auth/logon.aspx\",\"http\":{\"status_code\":200,\"html_title\":\"Outlook\","
                      "\"headers\":{\"X-OWA-Version\":{\"headers\":[\"%s\"]},\"X-FEServer\":{\"headers\":[\"%s\"]}},\"body\":\"\"}}],\"tls\":{\"fingerprint_sha256\":\"%s\"},\"cert\":{\"names\":",
                when, build_now(x, i), story_node(x->s, i), cert);
        names_json(x, i, CAMP_CERT_DOMAIN);
        fputs(",\"parsed\":{\"subject_dn\":", x->f);
        story_json(x->f, org ? pool_fmt(&x->s->text, "O=%s", org) : "");
        fputs("}}}]}}\n", x->f);
        tell(x, i, t, SAYS_CENSYS);
    }
}

static void zgrab(struct scan *x)
{
    for (uint32_t i = 0; i < x->s->c->server_n; i++) {
        if (!rng_chance(&x->r, 900))
            continue;
        char    ip[48], when[32], cert[65];
        int64_t t = moment(x);
        const char *host = name_of(x, i, CAMP_EXCHANGE_NAME, 0), *org = name_of(x, i, CAMP_CERT_ORG, 0), *ad = story_ad(x->s, i), *cn = name_of(x, i, CAMP_CERT_DOMAIN, 0);
        story_ip(i, ip);
        story_time(t, when);
        cert_hash(x, i, cert);
        fprintf(x->f, "{\"ip\":\"%s\",", ip);
        if (host) {
            fputs("\"domain\":", x->f);
            story_json(x->f, host);
            putc(',', x->f);
        }
        fprintf(x->f, "\"data\":{\"http\":{\"status\":\"success\",\"protocol\":\"http\",\"port\":443,\"timestamp\":\"%s\",\"result\":{\"response\":{\"status_line\":\"200 OK\",\"status_code\":200,"
                      "\"headers\":{\"server\":[\"%s\"],\"unknown\":[{\"key\":\"x_owa_version\",\"value\":[\"%s\"]},{\"key\":\"x_feserver\",\"value\":[\"%s\"]}",
                when, iis_of(x, i), build_now(x, i), story_node(x->s, i));
        if (ad)
            fprintf(x->f, ",{\"key\":\"x_calculatedbetarget\",\"value\":[\"%s.%s\"]}", story_node(x->s, i), ad);
        fputs("]},\"body\":\"\",\"request\":{\"url\":{\"scheme\":\"https\",\"host\":", x->f);
        story_json(x->f, host ? host : ip);
        fprintf(x->f, ",\"path\":\"/owa/auth/logon.aspx\"},\"tls_log\":{\"handshake_log\":{\"server_certificates\":{\"certificate\":{\"parsed\":{\"fingerprint_sha256\":\"%s\",\"names\":", cert);
        names_json(x, i, CAMP_CERT_DOMAIN);
        fputs(",\"subject\":{\"common_name\":[", x->f);
        if (cn)
            story_json(x->f, cn);
        fputs("],\"organization\":[", x->f);
        if (org)
            story_json(x->f, story_text(x->s, &x->r, org));
        fputs("]}}}}}}}}}}}}\n", x->f);
        tell(x, i, t, SAYS_ZGRAB);
    }
}

/* ---- the team's own, and a partner's ---- */

static void nmap(struct scan *x)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<nmaprun scanner=\"nmap\" version=\"7.93\" start=\"1614556800\">\n", x->f);
    for (uint32_t i = 0; i < x->s->c->server_n; i++) {
        if (!rng_chance(&x->r, 100))
            continue;
        char    ip[48];
        int64_t t = moment(x);
        const char *b = build_now(x, i), *ptr = name_of(x, i, CAMP_PTR, 0);
        story_ip(i, ip);
        fprintf(x->f, "<host starttime=\"%lld\" endtime=\"%lld\"><status state=\"up\" reason=\"user-set\" reason_ttl=\"0\"/>\n<address addr=\"%s\" addrtype=\"ipv%d\"/>\n<hostnames>\n", (long long)(t / TIME_SECOND),
                (long long)(t / TIME_SECOND), ip, strchr(ip, ':') ? 6 : 4);
        if (ptr)
            fprintf(x->f, "<hostname name=\"%s\" type=\"PTR\"/>\n", ptr);
        fprintf(x->f, "</hostnames>\n<ports><port protocol=\"tcp\" portid=\"443\"><state state=\"open\" reason=\"syn-ack\" reason_ttl=\"115\"/>"
                      "<service name=\"https\" product=\"Microsoft IIS httpd\" version=\"%s\" ostype=\"Windows\" tunnel=\"ssl\" method=\"probed\" conf=\"10\"/>"
                      "<script id=\"ms-exchange-version\" output=\"&#xa;  %s: &#xa;    product: Exchange Server&#xa;    build: %s\"><table key=\"%s\">\n<elem key=\"product\">Exchange Server</elem>\n"
                      "<elem key=\"build\">%s</elem>\n</table>\n</script></port>\n</ports>\n</host>\n", iis_of(x, i) + 14, b, b, b, b);
        tell(x, i, t, SAYS_NMAP);
    }
    fputs("</nmaprun>\n", x->f);
}

static void masscan(struct scan *x)
{
    fputs("[\n", x->f);
    for (uint32_t i = 0, n = 0; i < x->s->c->server_n; i++) {
        if (!rng_chance(&x->r, 200))
            continue;
        char ip[48];
        story_ip(i, ip);
        fprintf(x->f, "%s{   \"ip\": \"%s\",   \"timestamp\": \"%lld\", \"ports\": [ {\"port\": 443, \"proto\": \"tcp\", \"service\": {\"name\": \"title\", \"banner\": \"Outlook\"}} ] }", n++ ? ",\n" : "", ip,
                (long long)(moment(x) / TIME_SECOND));
    }
    fputs("\n]\n", x->f);
}

/* A partner who tells some days late, and now and then three numbers only: those confirm a build, and no more. */
static void partner(struct scan *x)
{
    fputs("seen,address,port,host,build,node\n", x->f);
    for (uint32_t i = 0; i < x->s->c->server_n; i++) {
        if (!rng_chance(&x->r, 30))
            continue;
        int          today = x->day, late = rng_chance(&x->r, 100) ? (int)rng_below(&x->r, (uint32_t)today + 1) : 0;
        char         ip[48], when[32];
        const char  *host;
        x->day -= late;
        int64_t      t = moment(x);
        char         b[24];
        snprintf(b, sizeof b, "%s", build_now(x, i));
        bool three = rng_chance(&x->r, 80) && !is_patched(x, i);
        if (three)
            *strrchr(b, '.') = 0;
        host = name_of(x, i, CAMP_EXCHANGE_NAME, 0);
        story_ip(i, ip);
        clock_text(t, when);
        fprintf(x->f, "%s,%s,443,", when, ip);
        story_cell(x->f, host ? host : "");
        fprintf(x->f, ",%s,%s\n", b, story_node(x->s, i));
        /* Three numbers cannot tell, but before the fix was there, on 2 March: then every build is open (docs/survey-store.md, rule 3). */
        if (!three || x->day < 1)
            tell(x, i, t, SAYS_OWN);
        x->day = today;
    }
}

void campaign_scans(struct story *s)
{
    static const struct { const char *pattern; void (*write)(struct scan *); int first, every; } kinds[] = {
        { "scans/%.10s-scan_exchange-lab-geo.csv", shadow, 0, 1 }, { "scans/shodan-%.10s.json", shodan, 0, 3 }, { "scans/censys-%.10s.json", censys, 6, 15 },
        { "scans/zgrab-%.10s.json", zgrab, 4, 14 }, { "scans/nmap-%.10s.xml", nmap, 9, 100 }, { "scans/masscan-%.10s.json", masscan, 2, 100 }, { "scans/partner-%.10s.csv", partner, 1, 1 },
    };

    for (int day = 0; day < (int)s->c->plan.days; day++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            if (day < kinds[k].first || (day - kinds[k].first) % kinds[k].every)
                continue;
            char        when[32], name[128];
            struct scan x = { .s = s, .r = rng_for(s->c->plan.seed, 1000 + (uint64_t)day * 16 + k), .day = day };
            story_time(STORY_START + day * TIME_DAY, when);
            snprintf(name, sizeof name, kinds[k].pattern, when);
            x.f = story_create(s, "%s", name);
            kinds[k].write(&x);
            story_close(s, x.f);
        }
}
