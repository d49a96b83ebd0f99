/*
 * One line a server: IntelMQ's data format, Shadowserver's scan_exchange, and a table for network operators.
 *
 * Source  IntelMQ 3 harmonization.conf; Shadowserver's header as in IntelMQ's test data of 2023; notification sheet, 11.1, 11.2, 11.6.
 */
#include "cli/case_export.h"

#include "base/net.h"
#include "base/num.h"
#include "emit/csv.h"
#include "emit/json.h"
#include "report/outs_fit.h"

#include <stdio.h>

static void text(struct js *j, const char *key, struct str s)
{
    if (s.n) {
        js_key(j, key);
        js_str(j, s);
    }
}

static void number(struct js *j, const char *key, uint64_t v)
{
    if (v) {
        js_key(j, key);
        js_u64(j, v);
    }
}

/* "2021-03-06T14:02:11+00:00", whole seconds. */
static void idf_time(struct js *j, const char *key, int64_t us)
{
    char t[TIME_TEXT], shown[48];

    if (us == TIME_NONE)
        return;
    time_text(us, t);
    snprintf(shown, sizeof shown, "%.19s+00:00", t);
    text(j, key, str_c(shown));
}

static int64_t seen(const struct export_server *s) { return s->backdoored && s->compromise_us != TIME_NONE ? s->compromise_us : s->seen_us != TIME_NONE ? s->seen_us : s->exposure_us; }

static struct str address(const struct export_server *s, char buf[NET_TEXT])
{
    if (!s->has_ip)
        return STR_EMPTY;
    net_ip_text(s->ip, buf);
    return str_c(buf);
}

void export_idf(const struct export_ask *x, struct out *o, const struct export_server *s, uint64_t n)
{
    struct js j;
    char      ip[NET_TEXT];

    (void)n;
    js_open(&j, o, true);
    js_object(&j);
    text(&j, "__type", STR("Event"));
    text(&j, "feed.name", x->feed);
    idf_time(&j, "time.source", seen(s));
    idf_time(&j, "time.observation", x->made_us);
    text(&j, "classification.taxonomy", s->backdoored ? STR("intrusions") : STR("vulnerable"));
    text(&j, "classification.type", s->backdoored ? STR("system-compromise") : STR("vulnerable-system"));
    text(&j, "classification.identifier", s->backdoored ? STR("exchange-server-webshell") : STR("vulnerable-exchange-server"));
    text(&j, "source.ip", address(s, ip));
    number(&j, "source.port", s->port);
    text(&j, "source.fqdn", outs_host(s->name) && str_chr(s->name, '.') != STR_NONE ? s->name : STR_EMPTY);      /* else the whole event could be refused */
    text(&j, "source.local_hostname", str_chr(s->name, '.') == STR_NONE ? s->name : STR_EMPTY);
    number(&j, "source.asn", s->asn);
    text(&j, "source.geolocation.cc", s->country);
    text(&j, "malware.name", s->backdoored ? STR("webshell") : STR_EMPTY);
    text(&j, "protocol.transport", STR("tcp"));
    text(&j, "protocol.application", STR("https"));
    text(&j, "tlp", export_tlp1(x->tlp));
    text(&j, "extra.tlp2", str_starts(x->tlp, STR("TLP:")) ? str_from(x->tlp, 4) : x->tlp);
    text(&j, "extra.campaign", x->campaign->slug);
    text(&j, "extra.case_id", str_c(s->case_name));
    text(&j, "extra.exposure", str_c(server_exposure_name(s->exposure)));
    text(&j, "extra.version", s->build);
    text(&j, "extra.product", s->product);
    text(&j, "extra.source.sector", s->sector);
    text(&j, "extra.detector", x->detector);
    js_end(&j);
    out_c(o, "\n");
}

static void table_time(struct csv *c, int64_t us, const char *between)
{
    char t[TIME_TEXT], shown[40] = "";

    if (us != TIME_NONE) {
        time_text(us, t);
        snprintf(shown, sizeof shown, "%.10s%s%.8s%s", t, between, t + 11, *between == 'T' ? "Z" : "");
    }
    csv_cell(c, str_c(shown));
}

static void head(struct out *o, const char *const *column, size_t n)
{
    struct csv c;

    csv_open(&c, o, true);
    for (size_t i = 0; i < n; i++)
        csv_cell(&c, str_c(column[i]));
    csv_end(&c);
}

void export_shadowserver(const struct export_ask *x, struct out *o, const struct export_server *s, uint64_t n)
{
    static const char *const column[] = { "timestamp", "ip", "port", "hostname", "tag", "asn", "geo", "region", "city", "naics", "sic", "sector", "version", "servername", "url" };
    struct csv c;
    char       ip[NET_TEXT];
    bool       host = str_chr(s->name, '.') != STR_NONE;

    if (n == 0)
        head(o, column, COUNT_OF(column));
    csv_open(&c, o, true);
    table_time(&c, seen(s), " ");
    csv_cell(&c, address(s, ip));
    csv_u64(&c, s->port ? s->port : 443);
    csv_cell(&c, host ? s->name : STR_EMPTY);
    csv_cell(&c, s->backdoored ? STR("exchange;webshell") : x->cve.n ? STR("exchange;cve-2021-26855") : STR("exchange"));
    csv_u64(&c, s->asn);
    csv_cell(&c, s->country);
    for (int i = 0; i < 2; i++)
        csv_cell(&c, STR_EMPTY);
    csv_u64(&c, 0);
    for (int i = 0; i < 2; i++)
        csv_cell(&c, STR_EMPTY);
    csv_cell(&c, s->build);
    csv_cell(&c, host ? STR_EMPTY : s->name);
    csv_cell(&c, STR_EMPTY);
    csv_end(&c);
}

void export_csv(const struct export_ask *x, struct out *o, const struct export_server *s, uint64_t n)
{
    static const char *const column[] = { "asn", "ip", "timestamp", "port", "host", "finding", "cve", "version", "detector", "case" };
    struct csv c;
    char       ip[NET_TEXT];

    if (n == 0)
        head(o, column, COUNT_OF(column));
    csv_open(&c, o, true);
    csv_u64(&c, s->asn);
    csv_cell(&c, address(s, ip));
    table_time(&c, seen(s), "T");
    csv_u64(&c, s->port ? s->port : 443);
    csv_cell(&c, s->name);
    csv_cell(&c, s->backdoored ? STR("back_door") : STR("vulnerable"));
    csv_cell(&c, x->cve);
    csv_cell(&c, s->build);
    csv_cell(&c, x->detector);
    csv_cell(&c, str_c(s->case_name));
    csv_end(&c);
}
