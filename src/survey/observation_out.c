#include "survey/observation_out.h"

#include "base/net.h"
#include "base/num.h"

#include <stdio.h>

void observation_build(const struct observation *o, char ret[24])
{
    int n = 0;

    ret[0] = '\0';
    for (int i = 0; i < o->parts && i < 4; i++)
        n += snprintf(ret + n, 24 - (size_t)n, "%s%u", i ? "." : "", o->build[i]);
}

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

static void hash(struct js *j, const char *key, bool has, const uint8_t *p)
{
    if (has) {
        js_key(j, key);
        js_hex(j, p, 32);
    }
}

static void flags(struct js *j, uint32_t f)
{
    static const struct { uint32_t bit; const char *name; } table[] = {
        { OBS_EXCHANGE, "exchange" }, { OBS_NOT_EXCHANGE, "not_exchange" }, { OBS_VERSION_HIDDEN, "version_hidden" }, { OBS_TWO_BUILDS, "two_builds" },
        { OBS_ONLINE, "online" }, { OBS_ODD, "odd" }, { OBS_MORE, "more" },
        { OBS_SELF_SIGNED, "self_signed" },
    };
    js_key(j, "flags");
    js_array(j);
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (f & table[i].bit)
            js_c(j, table[i].name);
    js_end(j);
}

void observation_json(struct js *j, const struct observation *o)
{
    char line[NET_TEXT > 24 ? NET_TEXT : 24];

    js_object(j);
    js_key(j, "source");
    js_c(j, obs_source_name(o->source));
    text(j, "report", o->source_name);
    if (!str_eq(o->detector, o->source_name))
        text(j, "detector", o->detector);
    number(j, "line", o->line);
    if (o->observed_us != TIME_NONE) {
        js_key(j, "observed_at");
        js_time(j, o->observed_us);
    }
    if (o->has_ip) {
        net_ip_text(o->ip, line);
        text(j, "ip", str_c(line));
    }
    number(j, "port", o->port);
    js_key(j, "reach");
    js_c(j, obs_reach_name(o->reach));
    number(j, "status", o->status > 0 ? (uint64_t)o->status : 0);
    flags(j, o->flags);
    if (o->parts) {
        observation_build(o, line);
        text(j, "build", str_c(line));
        number(j, "precision", (uint64_t)o->parts);
        js_key(j, "means");
        js_c(j, obs_means_name(o->means));
    }
    if (o->name_n) {
        js_key(j, "names");
        js_array(j);
        for (size_t i = 0; i < o->name_n; i++)
            js_str(j, o->name[i]);
        js_end(j);
    }
    text(j, "node", o->node);
    text(j, "ad_domain", o->ad_domain);
    hash(j, "cert_sha256", o->has_cert, o->cert);
    text(j, "cert_name", o->cert_name);
    text(j, "cert_org", o->cert_org);
    hash(j, "body_sha256", o->has_body, o->body);
    text(j, "server", o->server_header);
    number(j, "asn", o->asn);
    text(j, "as_name", o->as_name);
    text(j, "country", str_c(o->country));
    text(j, "sector", o->sector);
    number(j, "naics", o->naics);
    if (o->claim_n) {
        js_key(j, "claims");
        js_array(j);
        for (size_t i = 0; i < o->claim_n; i++) {
            js_object(j);
            js_key(j, "kind");
            js_c(j, claim_kind_name(o->claim[i].kind));
            text(j, "about", o->claim[i].about);
            text(j, "detail", o->claim[i].detail);
            js_end(j);
        }
        js_end(j);
    }
    js_end(j);
}
