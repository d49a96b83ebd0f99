/* See compose.h: the evidence as files that machines read: CSV, IntelMQ's data format (sheet, 11.1). */
#include "notify/compose_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/time.h"
#include "emit/csv.h"
#include "emit/json.h"
#include "emit/out_mem.h"
#include "formats/idna.h"

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for a table"); }

static int by_network(const void *x, const void *y)
{
    const struct told_server *a = *(const struct told_server *const *)x, *b = *(const struct told_server *const *)y;
    int                       c = (a->asn > b->asn) - (a->asn < b->asn);

    if (!c)
        c = str_cmp(a->ip, b->ip);
    if (!c)
        c = (a->port > b->port) - (a->port < b->port);
    return c ? c : str_cmp(a->host, b->host);
}

static const struct told_server **sorted(const struct told *t, struct arena *a)
{
    const struct told_server **s = NEW(a, const struct told_server *, t->server_n + 1);

    for (size_t i = 0; s && i < t->server_n; i++)
        s[i] = &t->server[i];
    if (s && t->server_n)
        qsort(s, t->server_n, sizeof *s, by_network);
    return s;
}

static struct str case_of(const struct told *t, const struct told_server *s) { return s->case_name.n ? s->case_name : t->case_name; }

bool compose_csv(const struct told *t, struct arena *a, struct str *ret, struct err *e)
{
    static const char *const   columns[] = { "asn", "ip", "timestamp", "port", "host", "finding", "cve", "version", "detector", "case", "organisation", "path", "sha256" };
    const struct told_server **s = sorted(t, a);
    struct out                *o = TAKE(a, struct out, 1);
    struct out_mem             m = { .a = a };
    struct making              making = { .a = a };
    struct csv                 c;

    if (!s || !o)
        return no_room(e);
    out_open(o, out_mem_put, &m);
    csv_open(&c, o, true);
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        csv_cell(&c, str_c(columns[i]));
    csv_end(&c);
    for (size_t i = 0; i < t->server_n; i++) {
        char when[TIME_TEXT];

        time_text(s[i]->seen_us, when);
        if (s[i]->asn)
            csv_u64(&c, s[i]->asn);
        else
            csv_cell(&c, STR_EMPTY);
        csv_cell(&c, s[i]->ip);
        csv_cell(&c, str_c(when));
        if (s[i]->port)
            csv_u64(&c, s[i]->port);
        else
            csv_cell(&c, STR_EMPTY);
        csv_cell(&c, compose_host(s[i]->host, &making));
        csv_cell(&c, s[i]->finding);
        csv_cell(&c, s[i]->cve);
        csv_cell(&c, s[i]->build);
        csv_cell(&c, s[i]->detector);
        csv_cell(&c, case_of(t, s[i]));
        csv_cell(&c, s[i]->organisation);
        csv_cell(&c, s[i]->path);
        csv_cell(&c, s[i]->sha256);
        csv_end(&c);
    }
    if (!out_done(o, e))
        return false;
    *ret = out_mem_str(&m);
    return !making.full || no_room(e);
}

/* --- IDF --- */

/* TLP 1 as IntelMQ has it; what is not known is RED. */
static const char *tlp1(struct str tlp)
{
    static const char *const map[][2] = { { "TLP:CLEAR", "WHITE" }, { "TLP:WHITE", "WHITE" }, { "TLP:GREEN", "GREEN" }, { "TLP:AMBER", "AMBER" }, { "TLP:AMBER+STRICT", "AMBER" } };

    for (size_t i = 0; i < COUNT_OF(map); i++)
        if (str_ieq(tlp, str_c(map[i][0])))
            return map[i][1];
    return "RED";
}

static void key_str(struct js *j, const char *key, struct str s)
{
    if (!s.n)
        return;                                /* empty values are left out, never null */
    js_key(j, key);
    js_str(j, s);
}
static void key_c(struct js *j, const char *key, const char *s) { key_str(j, key, str_c(s)); }

/* IntelMQ writes +00:00, and whole seconds. */
static void key_time(struct js *j, const char *key, int64_t us, struct making *m)
{
    char text[TIME_TEXT];

    time_text(us, text);
    if (us != TIME_NONE && strlen(text) >= 19)
        key_str(j, key, made(m, str_fmt(m->a, "%.19s+00:00", text)));
}

static bool is_door(struct str finding)
{
    return str_eq(finding, STR("backdoored")) || str_eq(finding, STR("patched_backdoored")) || str_eq(finding, STR("relapsed"));
}

static void event(struct js *j, const struct told *t, const struct sender *from, const struct told_server *s, struct making *m)
{
    bool       door = is_door(s->finding), clean = str_eq(s->finding, STR("clean"));
    struct str host, tlp = s->tlp.n ? s->tlp : t->tlp;

    js_object(j);
    key_c(j, "__type", "Event");
    key_str(j, "feed.name", made(m, str_fmt(m->a, "campaign-%.*s", STR_ARG(t->campaign))));
    key_str(j, "feed.provider", from->name);
    if (s->confidence) {
        js_key(j, "feed.accuracy");
        js_number(j, s->confidence);
    }
    key_time(j, "time.source", s->seen_us, m);
    key_time(j, "time.observation", t->notice->date_us, m);
    key_c(j, "classification.taxonomy", door ? "intrusions" : clean ? "other" : "vulnerable");
    key_c(j, "classification.type", door ? "system-compromise" : clean ? "other" : "vulnerable-system");
    key_c(j, "classification.identifier", door ? "exchange-server-webshell" : clean ? "exchange-server-clean" : "vulnerable-exchange-server");
    key_str(j, "source.ip", s->ip);
    if (s->port) {
        js_key(j, "source.port");
        js_u64(j, s->port);
    }
    if (s->host.n && idna_host(s->host, m->a, &host))
        key_str(j, "source.fqdn", host);
    m->full |= m->a->fault && m->a->fault->fired;
    if (s->asn) {
        js_key(j, "source.asn");
        js_u64(j, s->asn);
    }
    if (s->country[0] && s->country[1])
        key_str(j, "source.geolocation.cc", (struct str){ (const uint8_t *)s->country, 2 });
    if (door) {
        key_c(j, "malware.name", "webshell");
        key_str(j, "malware.hash.sha256", s->sha256);
    }
    key_c(j, "protocol.transport", "tcp");
    key_c(j, "protocol.application", "https");
    key_c(j, "tlp", tlp1(tlp));
    key_str(j, "extra.tlp2", str_istarts(tlp, STR("TLP:")) ? str_from(tlp, 4) : tlp);
    key_str(j, "extra.case_id", case_of(t, s));
    key_str(j, "extra.finding", s->finding);
    key_str(j, "extra.version", s->build);
    key_str(j, "extra.detector", s->detector);
    key_str(j, "extra.cve", s->cve);
    key_str(j, "extra.path", s->path);
    key_str(j, "extra.organisation", s->organisation);
    js_end(j);
    out_c(j->o, "\n");
}

bool compose_idf(const struct told *t, const struct sender *from, struct arena *a, struct str *ret, struct err *e)
{
    const struct told_server **s = sorted(t, a);
    struct out                *o = TAKE(a, struct out, 1);
    struct out_mem             m = { .a = a };
    struct making              making = { .a = a };

    if (!s || !o)
        return no_room(e);
    out_open(o, out_mem_put, &m);
    for (size_t i = 0; i < t->server_n; i++) {
        struct js j;

        js_open(&j, o, true);
        event(&j, t, from, s[i], &making);
    }
    if (!out_done(o, e))
        return false;
    *ret = out_mem_str(&m);
    return !making.full || no_room(e);
}
