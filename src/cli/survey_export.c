/*
 * survey export: servers with their verdict on one day, for those who tell the operators.
 *
 * idf   IntelMQ's data format: flat JSON objects, one a line and address; empty values are left out, times are UTC with +00:00. A server that somebody
 *       calls compromised gives a second event of its own type: patched is not clean.
 * csv   a row for each server, lists parted by blanks.
 * Source  IntelMQ 3 harmonization.conf; names of identifiers as IntelMQ's Shadowserver parser has them.
 */
#include "cli/survey_view.h"

#include "base/net.h"
#include "base/num.h"
#include "cli/survey.h"
#include "emit/csv.h"
#include "emit/json.h"

#include <stdio.h>

enum { STORE, GROUP, FORMAT, VERDICT, AT, WHERE, BUILDS, FEED };
static const struct opt opts[] = {
    [STORE]   = { "store", "PATH", "the survey's store: a file, or postgresql://... (afterpatch.db)", NULL },
    [GROUP]   = { "group", "NAME", "campaign group or CVE (ProxyLogon)", NULL },
    [FORMAT]  = { "format", "WORD", "idf: JSON lines for IntelMQ; csv (idf)", "idf csv" },
    [VERDICT] = { "verdict", "LIST", "servers with these verdicts, parted by commas, or all (unpatched)", NULL },
    [AT]      = { "at", "DATE", "as it was on this day (the last)", NULL },
    [WHERE]   = { "where", "FILES", "country, network, organisation, sector: files parted by commas", NULL },
    [BUILDS]  = { "builds", "FILE", "build table, in place of the program's own", NULL },
    [FEED]    = { "feed", "NAME", "feed.name of each event (afterpatch-survey)", NULL },
    { NULL, NULL, NULL, NULL }
};

enum { SERVERS_FIRST = 1024, NAMES_BYTES = 16384 };

struct export {
    struct cli          *c;
    const struct args   *args;
    struct survey_data   w;
    struct arena         room;
    uint32_t             group;
    uint32_t             wanted;       /* bits of enum build_verdict */
    int32_t              day;
    struct server_span  *span; size_t n, cap;      /* the last of each server so far */
    bool                 open;
};

/* Spans come in order: of one server and group the later takes the place of the earlier, until the day. */
static bool take(void *ctx, const struct server_span *s, struct err *e)
{
    struct export *x = ctx;

    if (s->group != x->group || (x->day && s->from > x->day))
        return true;
    if (x->n && x->span[x->n - 1].server == s->server) {
        x->span[x->n - 1] = *s;
        return true;
    }
    struct server_span *at = GROW(&x->room, x->span, x->n, &x->cap);
    if (!at)
        return err_set(e, ERR_LIMIT, "no room for more than %zu servers", x->n);
    *at = *s;
    x->n++;
    return true;
}

static bool wanted(const struct export *x, const struct server_span *s)
{
    enum build_verdict v = s->reached ? s->verdict : BUILD_UNREACHABLE;

    return s->to >= x->day && s->state == SPAN_SEEN && ((x->wanted >> v & 1) || (s->flags & SPAN_COMPROMISED));
}

static void build_text(const struct server_span *s, char ret[32])
{
    int at = 0;

    ret[0] = '\0';
    for (int i = 0; i < s->parts && i < 4; i++)
        at += snprintf(ret + at, 32 - (size_t)at, "%s%u", i ? "." : "", s->build[i]);
}

static struct str verdict_of(const struct server_span *s)
{
    return str_c(build_verdict_name(s->reached ? s->verdict : BUILD_UNREACHABLE));
}

/* --- IntelMQ --- */

static void text(struct js *j, const char *key, struct str s)
{
    if (!s.n)
        return;
    js_key(j, key);
    js_str(j, s);
}

static void event(struct export *x, const struct server_span *s, const struct daily_server *who, const struct whose *w, const uint8_t *ip, bool compromised)
{
    const struct build_group *g = &x->w.builds.group[x->group];
    char      build[32], when[40], day[SURVEY_DAY_TEXT], id[24], address[NET_TEXT];
    struct js j;

    build_text(s, build);
    survey_day_text(x->day, day);
    snprintf(when, sizeof when, "%sT00:00:00+00:00", day);
    snprintf(id, sizeof id, "%016llx", (unsigned long long)s->server);
    js_open(&j, x->c->out, true);
    js_object(&j);
    text(&j, "__type", STR("Event"));
    text(&j, "feed.name", x->args->given[FEED] ? x->args->value[FEED] : STR("afterpatch-survey"));
    text(&j, "time.source", str_c(when));
    text(&j, "classification.taxonomy", compromised ? STR("intrusions") : STR("vulnerable"));
    text(&j, "classification.type", compromised ? STR("system-compromise") : STR("vulnerable-system"));
    text(&j, "classification.identifier", compromised ? STR("exchange-server-webshell") : STR("vulnerable-exchange-server"));
    if (ip) {
        net_ip_text(ip, address);
        text(&j, "source.ip", str_c(address));
    }
    text(&j, "source.fqdn", who->name_n ? who->name[0] : STR_EMPTY);
    text(&j, "source.local_hostname", who->node_n ? who->node[0] : STR_EMPTY);
    if (s->asn) {
        js_key(&j, "source.asn");
        js_u64(&j, s->asn);
    }
    text(&j, "source.geolocation.cc", s->country[0] ? (struct str){ (const uint8_t *)s->country, 2 } : STR_EMPTY);
    text(&j, "protocol.transport", STR("tcp"));
    text(&j, "protocol.application", STR("https"));
    text(&j, "extra.campaign", g->name);
    text(&j, "extra.verdict", verdict_of(s));
    text(&j, "extra.version", str_c(build));
    text(&j, "extra.product", builds_product(&x->w.builds, s->build, s->parts));
    text(&j, "extra.organization", w->organisation);
    text(&j, "extra.organization_by", w->organisation.n ? str_c(whose_by_name(w->organisation_by)) : STR_EMPTY);
    text(&j, "extra.source.sector", w->sector);
    text(&j, "extra.source.sector_by", w->sector.n ? str_c(whose_by_name(w->sector_by)) : STR_EMPTY);
    text(&j, "extra.server", str_c(id));
    text(&j, "extra.detector", daily_detector(x->w.daily, s->detector));
    if (s->flags & SPAN_BY_CLAIM)
        text(&j, "extra.verdict_by", STR("claim"));
    if (s->flags & SPAN_MITIGATED)
        text(&j, "extra.mitigation", STR("claimed"));
    js_end(&j);
    out_c(x->c->out, "\n");
}

static void events(struct export *x, const struct server_span *s, const struct daily_server *who, const struct whose *w)
{
    enum build_verdict v = s->reached ? s->verdict : BUILD_UNREACHABLE;

    for (size_t i = 0; i < (who->ip_n ? who->ip_n : 1); i++) {
        const uint8_t *ip = who->ip_n ? who->ip[i] : NULL;
        if (x->wanted >> v & 1)
            event(x, s, who, w, ip, false);
        if (s->flags & SPAN_COMPROMISED)
            event(x, s, who, w, ip, true);
    }
}

/* --- CSV --- */

static const char *const columns[] = { "day", "server", "group", "verdict", "build", "precision", "product", "flags", "ip", "names", "nodes", "ad_domains", "organisation",
                                       "organisation_by", "country", "asn", "sector", "sector_by", "sector_confidence", "detector" };

static void list(struct csv *c, struct arena a, const struct str *s, size_t n)
{
    struct str all = STR("");

    for (size_t i = 0; i < n && all.p; i++)
        all = str_fmt(&a, "%.*s%s%.*s", STR_ARG(all), i ? " " : "", STR_ARG(s[i]));
    csv_cell(c, all);
}

static void row(struct export *x, const struct server_span *s, const struct daily_server *who, const struct whose *w, struct arena a)
{
    static const struct { uint32_t bit; const char *name; } flag[] = {
        { SPAN_MIXED, "mixed_backends" }, { SPAN_HIDDEN, "version_hidden" }, { SPAN_EOL, "eol" }, { SPAN_MITIGATED, "mitigation_claimed" },
        { SPAN_COMPROMISED, "compromise_claimed" }, { SPAN_BY_CLAIM, "by_claim" }, { SPAN_ODD, "odd" },
    };
    char       build[32], day[SURVEY_DAY_TEXT], id[24], address[NET_TEXT];
    struct str said[COUNT_OF(flag)], ip[DAILY_LIST_MAX];
    size_t     n = 0;
    struct csv c;

    build_text(s, build);
    survey_day_text(x->day, day);
    snprintf(id, sizeof id, "%016llx", (unsigned long long)s->server);
    csv_open(&c, x->c->out, true);
    csv_cell(&c, str_c(day));
    csv_cell(&c, str_c(id));
    csv_cell(&c, builds_group_name(&x->w.builds, x->group));
    csv_cell(&c, verdict_of(s));
    csv_cell(&c, str_c(build));
    csv_u64(&c, s->parts);
    csv_cell(&c, builds_product(&x->w.builds, s->build, s->parts));
    for (size_t i = 0; i < COUNT_OF(flag); i++)
        if (s->flags & flag[i].bit)
            said[n++] = str_c(flag[i].name);
    list(&c, a, said, n);
    for (n = 0; n < who->ip_n && n < DAILY_LIST_MAX; n++) {
        net_ip_text(who->ip[n], address);
        ip[n] = str_dup(&a, str_c(address));
    }
    list(&c, a, ip, n);
    list(&c, a, who->name, who->name_n);
    list(&c, a, who->node, who->node_n);
    list(&c, a, who->domain, who->domain_n);
    csv_cell(&c, w->organisation);
    csv_cell(&c, str_c(whose_by_name(w->organisation_by)));
    csv_cell(&c, s->country[0] ? (struct str){ (const uint8_t *)s->country, 2 } : STR_EMPTY);
    if (s->asn)
        csv_u64(&c, s->asn);
    else
        csv_cell(&c, STR_EMPTY);
    csv_cell(&c, w->sector);
    csv_cell(&c, str_c(whose_by_name(w->sector_by)));
    csv_i64(&c, w->confidence);
    csv_cell(&c, daily_detector(x->w.daily, s->detector));
    csv_end(&c);
}

/* --- the verb --- */

static bool verdicts(struct str words, uint32_t *ret, struct err *e)
{
    struct str one;

    *ret = 0;
    while (str_cut(&words, ',', &one)) {
        size_t v = 0;
        one = str_trim(one);
        if (str_eq(one, STR("all"))) {
            *ret = UINT32_MAX;
            continue;
        }
        while (v < BUILD_VERDICTS && !str_eq(one, str_c(build_verdict_name((enum build_verdict)v))))
            v++;
        if (v == BUILD_VERDICTS) {
            err_set(e, ERR_USAGE, "no verdict \"%.*s\"", STR_ARG(str_sub(one, 0, 60)));
            return err_hint(e, "patched, unpatched, cannot_tell, not_affected, not_self_hosted, not_exchange, unreachable, all");
        }
        *ret |= 1u << v;
    }
    return true;
}

static bool make(struct export *x, struct err *e)
{
    const struct args   *a = x->args;
    struct span_sink     sink = { x, take };
    int                  group;

    if (a->operand_n)
        return err_set(e, ERR_USAGE, "export takes no operand");
    if (!verdicts(a->given[VERDICT] ? a->value[VERDICT] : STR("unpatched"), &x->wanted, e) || (a->given[AT] && !survey_day_parse(a->value[AT], &x->day, e)) ||
        !survey_data_open(&x->w, x->c, a->value[STORE], a->value[BUILDS], a->value[WHERE], x->day, e))
        return false;
    if ((group = builds_group(&x->w.builds, a->given[GROUP] ? a->value[GROUP] : STR("ProxyLogon"))) < 0)
        return err_set(e, ERR_USAGE, "no group \"%.*s\"", STR_ARG(str_sub(a->value[GROUP], 0, 60)));
    x->group = (uint32_t)group;
    x->room = x->w.room;
    /* As the sources have it: whose a server is gets asked once for each that is written. */
    if (!daily_spans(x->w.daily, &sink, &x->w.counts, e))
        return false;
    x->day = x->day ? x->day : x->w.counts.last_day;
    return true;
}

static bool write(struct export *x, struct err *e)
{
    bool csv = str_eq(x->args->value[FORMAT], STR("csv"));
    struct csv head;

    csv_open(&head, x->c->out, true);
    for (size_t i = 0; csv && i < COUNT_OF(columns); i++)
        csv_cell(&head, str_c(columns[i]));
    if (csv)
        csv_end(&head);
    for (size_t i = 0; i < x->n; i++) {
        struct arena        a = x->c->scratch;
        struct daily_server who = { 0 };
        struct whose        w;

        if (!wanted(x, &x->span[i]))
            continue;
        if (!daily_server(x->w.daily, x->span[i].server, &a, &who, e) && e->kind != ERR_NONE)
            return false;
        if (!survey_whose(&x->w, &a, &who, daily_sector(x->w.daily, x->span[i].sector), x->span[i].asn, &w, e))
            return false;
        if (csv)
            row(x, &x->span[i], &who, &w, a);
        else
            events(x, &x->span[i], &who, &w);
    }
    return true;
}

static int run(struct cli *c, const struct verb *verb, const struct args *args)
{
    struct export x = { .c = c, .args = args };
    struct err    e = { 0 };
    bool          ok = make(&x, &e) && write(&x, &e);

    survey_data_close(&x.w);
    return ok ? CLI_DONE : cli_fail(c, verb->name, &e);
}

static const struct example examples[] = {
    { "afterpatch survey export --group ProxyLogon > events.json", "Unpatched servers as events for IntelMQ" },
    { "afterpatch survey export --format csv --verdict unpatched,cannot_tell", "The same as a table, with those of whom nobody can say it" },
    { NULL, NULL },
};

const struct verb verb_survey_export = {
    .name = "survey export", .about = "servers with their verdict, as IntelMQ events or CSV", .usage = "[OPTION]...",
    .text = "One JSON object a line and address in IntelMQ's data format, or one row of CSV a server. What somebody claims to be compromised is exported as well, whatever "
            "its verdict, as an event of its own: patched is not clean.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
