/*
 * What a format is: the head of the text decides, in this order: XML, JSON, HealthChecker's text, mail, CSV. Any text with a line that has a known column
 * name is CSV; what is left is nothing of ours.
 */
#include "survey/import_inner.h"

#include "base/net.h"
#include "base/num.h"
#include "base/time.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char import_no_time[]   = "its time cannot be read";
const char import_future[]    = "its time lies in the future";
const char import_past[]      = "its time lies before there was anything to see";
const char import_no_target[] = "neither an address nor a name";
const char import_no_ip[]     = "its address cannot be read";
const char import_not_this[]  = "no record of this format";

const struct import_format import_formats[] = {
    { OBS_SHADOWSERVER, "shadowserver", "CSV reports: scan_exchange, scan6_exchange, compromised_website, scan_http, scan_http_vulnerable, scan_smtp_vulnerable, special" },
    { OBS_SHODAN, "shodan", "banners as JSON lines, as `shodan download` writes them" },
    { OBS_CENSYS, "censys", "hosts as JSON lines, of the older and the newer generation" },
    { OBS_ZGRAB, "zgrab", "zgrab2, JSON lines" },
    { OBS_NMAP, "nmap", "XML" },
    { OBS_MASSCAN, "masscan", "JSON, also of a run that was killed" },
    { OBS_HTTPX, "httpx", "JSON lines" },
    { OBS_BINARYEDGE, "binaryedge", "events as JSON lines, exchange-owa among them" },
    { OBS_CSV, "csv", "any table: columns by name, or with --map" },
    { OBS_RECEIVED, "received", "mail: mbox, single messages, or Received lines alone" },
    { OBS_HEALTHCHECKER, "healthchecker", "HealthChecker's output: text, XML or CSV, as the operator's claim" },
    { OBS_STATEMENT, "statement", "a feedback form, CSV or JSON, as the operator's claim" },
    { OBS_SOURCES, NULL, NULL },
};

bool import_format_find(struct str name, enum obs_source *ret)
{
    for (const struct import_format *f = import_formats; f->name; f++)
        if (str_ieq(name, str_c(f->name))) {
            *ret = f->source;
            return true;
        }
    return false;
}

/* ---- observations ---- */

struct observation *import_begin(struct import *m, const struct import_row *row)
{
    struct observation *o = &m->o;

    observation_clear(o);
    o->source      = m->ret->format;
    o->source_name = m->ret->report;
    o->detector    = m->ret->report;
    o->line        = row->line;
    return o;
}

void import_count_reason(struct import_result *r, const char *why, uint64_t line)
{
    for (size_t i = 0; i < r->reason_n; i++)
        if (strcmp(r->reason[i].why, why) == 0) {
            r->reason[i].n++;
            return;
        }
    if (r->reason_n < IMPORT_REASONS_MAX)
        r->reason[r->reason_n++] = (struct import_reason){ why, 1, line };
}

bool import_broken(struct import *m, const struct import_row *row, const char *why)
{
    m->ret->broken++;
    import_count_reason(m->ret, why, row->line);
    if (m->sink->broken && !m->sink->broken(m->sink->ctx, row->line, why, str_sub(row->raw, 0, OBS_RAW_MAX), m->e))
        m->stopped = true;
    return !m->stopped;
}

/* Does it say anything about an Exchange server? */
static bool of_exchange(const struct observation *o)
{
    return o->parts || o->claim_n || o->reach > OBS_ANSWERED || (o->flags & (OBS_EXCHANGE | OBS_NOT_EXCHANGE | OBS_VERSION_HIDDEN | OBS_ONLINE | OBS_ODD));
}

bool import_take(struct import *m, const struct import_row *row)
{
    static const int64_t first_us = INT64_C(852076800) * TIME_SECOND;      /* 1997-01-01: the first Exchange with a page in a browser */
    struct observation *o = &m->o;

    if (!of_exchange(o)) {
        m->ret->other++;
        return true;
    }
    if (!o->has_ip && !o->name_n)
        return import_broken(m, row, import_no_target);
    if (o->observed_us == TIME_NONE)
        o->observed_us = m->opt->at_us;
    if (o->observed_us != TIME_NONE) {
        if (o->observed_us < first_us)
            return import_broken(m, row, import_past);
        if (m->opt->now_us != TIME_NONE && o->observed_us - TIME_DAY > m->opt->now_us)
            return import_broken(m, row, import_future);
    }
    if (o->means == OBS_NO_BUILD && o->parts)
        o->means = OBS_REPORTED;
    m->ret->taken++;
    if (m->sink->take && !m->sink->take(m->sink->ctx, o, m->e))
        m->stopped = true;
    return !m->stopped;
}

void import_note(struct import *m, const char *fmt, ...)
{
    char    text[512];
    va_list v;

    if (m->ret->note_n == IMPORT_NOTES_MAX)
        return;
    va_start(v, fmt);
    int n = vsnprintf(text, sizeof text, fmt, v);
    va_end(v);
    struct str s = str_dup(m->keep, (struct str){ (const uint8_t *)text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1 });
    if (s.n)
        m->ret->note[m->ret->note_n++] = s;
}

/* ---- values ---- */

bool import_time(struct import *m, struct str text)
{
    text = str_trim(text);
    if (text.n > 4 && str_iends(text, STR(" UTC")))
        text = str_trim(str_sub(text, 0, text.n - 4));
    if (text.n == 0)
        return true;
    if (text.n > 30 && ch_digit(text.p[text.n - 1]) == false && text.p[text.n - 1] != 'Z')
        return false;
    if (!time_parse(text, &m->o.observed_us))
        return import_epoch(m, text);
    bool zone = text.p[text.n - 1] == 'Z' || (text.n > 6 && text.p[text.n - 3] == ':' && (text.p[text.n - 6] == '+' || text.p[text.n - 6] == '-'));
    if (!zone && !m->zoneless && (m->ret->format == OBS_CSV || m->ret->format == OBS_STATEMENT || m->ret->format == OBS_HEALTHCHECKER)) {
        m->zoneless = true;
        import_note(m, "times without a zone are taken as UTC");
    }
    return true;
}

bool import_epoch(struct import *m, struct str s)
{
    uint64_t v;

    s = str_trim(s);
    if (s.n == 0)
        return true;
    struct str whole = s;
    str_cut(&whole, '.', &s);                               /* fractions of a second tell nothing here */
    if (s.n < 8 || !num_u64(s, &v))
        return false;
    if (v > UINT64_C(100000000000))                         /* milliseconds */
        v /= 1000;
    if (v > UINT64_C(253402300799))
        return false;
    m->o.observed_us = (int64_t)v * TIME_SECOND;
    return true;
}

/* Most are four short numbers; the rest is base/net's. */
static bool ip4(struct str s, uint8_t ret[16])
{
    uint8_t b[4];
    size_t  i = 0;

    for (int part = 0; part < 4; part++) {
        uint32_t v = 0;
        size_t   from = i;
        while (i < s.n && ch_digit(s.p[i]) && i - from < 3)
            v = v * 10 + (uint32_t)(s.p[i++] - '0');
        if (i == from || v > 255 || (i - from > 1 && s.p[from] == '0') || (part < 3 ? i >= s.n || s.p[i++] != '.' : i != s.n))
            return false;
        b[part] = (uint8_t)v;
    }
    memset(ret, 0, 10);
    ret[10] = ret[11] = 0xFF;
    memcpy(ret + 12, b, 4);
    return true;
}

bool import_ip(struct import *m, struct str text)
{
    if (ip4(text, m->o.ip) || net_ip_parse(str_trim(text), m->o.ip)) {
        m->o.has_ip = true;
        return true;
    }
    return false;
}

void import_claim(struct import *m, enum claim_kind kind, struct str about, struct str detail)
{
    struct observation *o = &m->o;

    if (o->claim_n == OBS_CLAIMS_MAX)
        o->flags |= OBS_MORE;
    else
        o->claim[o->claim_n++] = (struct obs_claim){ kind, about, detail };
}

void import_country(struct import *m, struct str cc)
{
    if (cc.n != 2 || !ch_alpha(cc.p[0]) || !ch_alpha(cc.p[1]))
        return;
    m->o.country[0] = (char)(ch_lower(cc.p[0]) - 32);
    m->o.country[1] = (char)(ch_lower(cc.p[1]) - 32);
}

void import_as(struct import *m, struct str number)
{
    number = str_trim(number);
    if (str_istarts(number, STR("AS")))
        number = str_from(number, 2);
    (void)num_u32(number, &m->o.asn);
}

struct str import_target(struct import *m, struct arena *a, struct str text)
{
    struct str s = str_trim(text), path = STR_EMPTY;
    size_t     scheme = str_find(str_sub(s, 0, 16), STR("://"));
    uint32_t   port = 0;

    if (scheme != STR_NONE) {
        port = str_istarts(s, STR("https:")) ? 443 : str_istarts(s, STR("http:")) ? 80 : 0;
        s = str_from(s, scheme + 3);
        size_t at = 0;
        while (at < s.n && s.p[at] != '/' && s.p[at] != '?' && s.p[at] != '#')
            at++;
        path = at < s.n ? str_from(s, at) : STR("/");
        s    = str_sub(s, 0, at);
        at   = str_rchr(s, '@');
        if (at != STR_NONE)
            s = str_from(s, at + 1);
    }
    size_t colon = str_rchr(s, ':'), close = str_rchr(s, ']');
    if (colon != STR_NONE && (close == STR_NONE ? str_chr(s, ':') == colon : colon > close)) {
        uint32_t given;
        if (num_u32(str_from(s, colon + 1), &given) && given <= 65535)
            port = given;
        s = str_sub(s, 0, colon);
    }
    if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
        s = str_sub(s, 1, s.n - 1);
    if (!m->o.port)
        m->o.port = (uint16_t)port;
    uint8_t ip[16];
    if (net_ip_parse(s, ip)) {
        if (!m->o.has_ip) {
            memcpy(m->o.ip, ip, sizeof ip);
            m->o.has_ip = true;
        }
    } else {
        announce_name(&m->o, a, s);
    }
    return path;
}

bool import_exchange_word(struct str text)
{
    static const struct str word[] = {
        STR_INIT("exchange"), STR_INIT("proxylogon"), STR_INIT("proxyshell"), STR_INIT("proxynotshell"), STR_INIT("owassrf"), STR_INIT("hafnium"), STR_INIT("outlook web"), STR_INIT("cve-2021-26855"), STR_INIT("cve-2021-26857"),
        STR_INIT("cve-2021-26858"), STR_INIT("cve-2021-27065"), STR_INIT("cve-2021-34473"), STR_INIT("cve-2022-41040"), STR_INIT("cve-2022-41082"), STR_INIT("cve-2020-0688"), STR_INIT("cve-2024-21410"),
    };
    for (size_t i = 0; i < COUNT_OF(word) && text.n; i++)
        if (str_ihas(text, word[i]))
            return true;
    return false;
}

/* ---- the file ---- */

/* The first line with anything in it. */
static struct str first_line(struct str head)
{
    struct str line;

    while (str_cut(&head, '\n', &line))
        if (str_trim(line).n)
            return str_trim(line);
    return STR_EMPTY;
}

static bool csv_fits(struct str head)
{
    struct str line = first_line(head), cell;
    uint8_t    sep = csv_separator(line);

    while (str_cut(&line, sep, &cell)) {
        cell = str_trim(cell);
        if (cell.n >= 2 && cell.p[0] == '"' && cell.p[cell.n - 1] == '"')
            cell = str_sub(cell, 1, cell.n - 1);
        if (import_col(cell) > COL_KNOWN)
            return true;
    }
    return false;
}

enum family { NO_FAMILY, CSV_FAMILY, JSON_FAMILY, XML_FAMILY, MAIL_FAMILY, HEALTH_FAMILY };

static enum family family_of(struct str head, enum obs_source said, struct str map)
{
    struct str s = str_trim(head);

    if (said == OBS_RECEIVED)
        return MAIL_FAMILY;
    if (s.n && s.p[0] == '<')
        return XML_FAMILY;
    if (s.n && (s.p[0] == '{' || s.p[0] == '['))
        return JSON_FAMILY;
    switch (said) {
    case OBS_SHODAN: case OBS_CENSYS: case OBS_ZGRAB: case OBS_MASSCAN: case OBS_HTTPX: case OBS_BINARYEDGE:
        return JSON_FAMILY;
    case OBS_NMAP:
        return XML_FAMILY;
    case OBS_SHADOWSERVER: case OBS_CSV: case OBS_STATEMENT:
        return CSV_FAMILY;
    default:
        break;
    }
    if (import_health_fits(s))
        return HEALTH_FAMILY;
    if (said == OBS_SOURCES && import_mail_fits(s))
        return MAIL_FAMILY;
    return said == OBS_HEALTHCHECKER || map.n || csv_fits(s) ? CSV_FAMILY : NO_FAMILY;
}

bool import_read(struct import_result *ret, struct arena *keep, struct arena room, const struct import_options *o, lines_fill *fill, void *ctx,
                 const struct obs_sink *sink, struct err *e)
{
    struct import_result out = { .format = o->format };
    struct import        m = { .opt = o, .sink = sink, .ret = &out, .keep = keep, .e = e };
    size_t               row_max = o->row_max ? o->row_max : IMPORT_ROW_MAX;
    bool                 ok;

    *ret = out;
    if (arena_room(&room) < IMPORT_ROOM || !rows_open(&m.rows, &room, row_max, fill, ctx, e))
        return e->kind != ERR_NONE ? false : err_set(e, ERR_MEMORY, "an import wants %d MiB of room", IMPORT_ROOM >> 20);
    size_t file = 16 << 20;
    m.file = (struct arena){ room.beg, room.beg + file, room.fault };
    m.row  = (struct arena){ room.beg + file, room.end, room.fault };
    struct str head = rows_head(m.rows);
    switch (family_of(head, o->format, o->map)) {
    case CSV_FAMILY:    ok = import_csv(&m, head); break;
    case JSON_FAMILY:   ok = import_json(&m, head); break;
    case XML_FAMILY:    ok = import_xml(&m, head); break;
    case MAIL_FAMILY:   ok = import_mail(&m, head); break;
    case HEALTH_FAMILY: ok = import_health_text(&m, head); break;
    default:
        ok = false;
        if (rows_why(m.rows)->kind != ERR_NONE) {
            *e = *rows_why(m.rows);
            break;
        }
        err_set(e, ERR_FORMAT, str_trim(head).n ? "this is no scan, mail or statement that is known" : "there is nothing in it");
        err_hint(e, "say what it is with --format, or name its columns with --map ip=COLUMN,build=COLUMN,time=COLUMN");
    }
    out.gz  = rows_was_gz(m.rows);
    out.end = *rows_why(m.rows);
    rows_close(m.rows);
    *ret = out;
    if (ok && m.stopped && e->kind == ERR_NONE)
        return err_set(e, ERR_MEMORY, "no room for a record");
    return ok && !m.stopped;
}
