/* See compose.h: one server as an XARF report, version 4 (sheet, 11.3). */
#include "notify/compose_inner.h"

#include <stdio.h>
#include <string.h>

#include "base/b64.h"
#include "base/hash.h"
#include "base/num.h"
#include "base/time.h"
#include "emit/json.h"
#include "emit/out_mem.h"
#include "report/uuid.h"

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for a report"); }

/* Seconds: RFC 3339. */
static void key_when(struct js *j, const char *key, int64_t us, struct making *m)
{
    char text[TIME_TEXT];

    time_text(us, text);
    js_key(j, key);
    js_str(j, made(m, str_fmt(m->a, "%.19sZ", text)));
}

static void who(struct js *j, const char *key, const struct sender *from)
{
    js_key(j, key);
    js_object(j);
    js_key(j, "org");
    js_str(j, from->name);
    js_key(j, "contact");
    js_str(j, from->address);
    js_key(j, "domain");
    js_str(j, from->domain);
    js_end(j);
}

/* "^[a-z0-9][a-z0-9_+-]*$" */
static struct str tag_part(struct str s, struct making *m)
{
    uint8_t *p = TAKE(m->a, uint8_t, s.n + 1);
    size_t   n = 0;

    m->full |= !p;
    for (size_t i = 0; p && i < s.n && n < 60; i++) {
        uint8_t c = ch_lower(s.p[i]);
        bool    good = ch_alnum(c) || (n && (c == '-' || c == '_' || c == '+'));
        if (good || n)
            p[n++] = good ? c : '-';
    }
    return n ? (struct str){ p, n } : STR("none");
}

static void tag(struct js *j, struct str one, struct str two, struct making *m)
{
    one = tag_part(one, m);
    two = tag_part(two, m);
    js_str(j, made(m, str_fmt(m->a, "%.*s:%.*s", STR_ARG(one), STR_ARG(two))));
}

/* A re-send is the same report: of the notice and the server. Random by its form (version 4), as the format asks. */
static bool report_id(const struct told *t, const struct told_server *s, struct arena *a, char ret[UUID_TEXT], struct err *e)
{
    uint8_t    u[UUID_BYTES];
    struct str name = str_fmt(a, "xarf/%s/%.*s/%.*s/%u", t->notice->message_id, STR_ARG(s->ip), STR_ARG(s->host), (unsigned)s->port);

    if (!name.p)
        return no_room(e);
    if (!uuid5(uuid_ours, name, u, e))
        return false;
    u[6] = (uint8_t)((u[6] & 0x0f) | 0x40);
    uuid_text(u, ret);
    return true;
}

static bool evidence(struct js *j, const struct told *t, const struct told_server *s, struct arena *a, struct err *e)
{
    struct told one = *t;
    struct str  csv, payload;
    uint8_t     h[HASH_SHA256_BYTES];
    char        hex[HASH_SHA256_BYTES * 2 + 1];

    one.server = s;
    one.server_n = 1;
    if (!compose_csv(&one, a, &csv, e) || !b64_encode(&payload, a, csv, e))
        return false;
    if (!hash_sha256(csv, h))
        return err_set(e, ERR_MEMORY, "no SHA-256");
    for (size_t i = 0; i < sizeof h; i++)
        snprintf(hex + i * 2, 3, "%02x", h[i]);
    struct str shown = str_fmt(a, "sha256:%s", hex);
    if (!shown.p)
        return no_room(e);
    js_key(j, "evidence");
    js_array(j);
    js_object(j);
    js_key(j, "content_type");
    js_c(j, "text/csv");
    js_key(j, "description");
    js_c(j, "What was observed");
    js_key(j, "payload");
    js_str(j, payload);
    js_key(j, "hash");
    js_str(j, shown);
    js_key(j, "size");
    js_u64(j, csv.n);
    js_end(j);
    js_end(j);
    return true;
}

static void vulnerability(struct js *j, const struct told_server *s, const struct pack *p)
{
    js_key(j, "category");
    js_c(j, "vulnerability");
    js_key(j, "type");
    js_c(j, "cve");
    js_key(j, "service");
    js_c(j, "microsoft_exchange");
    js_key(j, "service_port");
    js_u64(j, s->port ? s->port : 443);
    if (s->build.n) {
        js_key(j, "service_version");
        js_str(j, s->build);
    }
    js_key(j, "cve_id");
    js_str(j, s->cve.n ? s->cve : p->cve[0]);
    js_key(j, "cve_ids");
    js_array(j);
    for (size_t i = 0; i < p->cve_n; i++)
        js_str(j, p->cve[i]);
    js_end(j);
    js_key(j, "patch_available");
    js_bool(j, true);
    js_key(j, "exploitability");
    js_c(j, "weaponized");
    js_key(j, "remediation_priority");
    js_c(j, "emergency");
    js_key(j, "description");
    js_c(j, "Exchange server that is open to a flaw in wide use.");
}

static void compromised(struct js *j)
{
    js_key(j, "category");
    js_c(j, "infrastructure");
    js_key(j, "type");
    js_c(j, "compromised_server");
    js_key(j, "compromise_method");
    js_c(j, "webshell_deployment");
    js_key(j, "description");
    js_c(j, "A back door that an intruder left on an Exchange server. Updates do not remove it.");
}

bool compose_xarf(const struct told *t, const struct sender *from, const struct pack *p, size_t at, struct arena *a, struct str *ret, struct err *e)
{
    const struct told_server *s = &t->server[at];
    struct out               *o = TAKE(a, struct out, 1);
    struct out_mem            m = { .a = a };
    struct making             making = { .a = a };
    struct js                 j;
    char                      id[UUID_TEXT];
    bool                      flaw = str_eq(s->finding, STR("vulnerable"));

    if (!o)
        return no_room(e);
    if (str_eq(s->finding, STR("clean")) || (flaw && !s->cve.n && !p->cve_n))
        return err_set(e, ERR_USAGE, "nothing to report of this server as XARF");
    if (!report_id(t, s, a, id, e))
        return false;
    out_open(o, out_mem_put, &m);
    js_open(&j, o, false);
    js_object(&j);
    js_key(&j, "xarf_version");
    js_c(&j, "4.2.0");
    js_key(&j, "report_id");
    js_c(&j, id);
    key_when(&j, "timestamp", s->seen_us == TIME_NONE ? t->notice->date_us : s->seen_us, &making);
    who(&j, "reporter", from);
    who(&j, "sender", from);
    js_key(&j, "source_identifier");
    js_str(&j, s->ip.n ? s->ip : compose_host(s->host, &making));
    if (s->port) {
        js_key(&j, "source_port");
        js_u64(&j, s->port);
    }
    if (flaw)
        vulnerability(&j, s, p);
    else
        compromised(&j);
    js_key(&j, "evidence_source");
    js_c(&j, s->own_check ? "vulnerability_scan" : "automated_discovery");
    if (s->confidence) {
        js_key(&j, "confidence");
        js_number(&j, s->confidence / 100.0);
    }
    if (!evidence(&j, t, s, a, e))
        return false;
    js_key(&j, "tags");
    js_array(&j);
    tag(&j, from->prefix.n ? from->prefix : STR("case"), s->case_name.n ? s->case_name : t->case_name, &making);
    tag(&j, STR("campaign"), t->campaign, &making);
    if (flaw && p->cve_n)
        tag(&j, STR("cve"), str_from(s->cve.n ? s->cve : p->cve[0], 4), &making);
    if (!flaw)
        tag(&j, STR("compromise"), STR("webshell"), &making);
    js_end(&j);
    js_end(&j);
    out_c(o, "\n");
    if (!out_done(o, e))
        return false;
    *ret = out_mem_str(&m);
    return !making.full || no_room(e);
}
