/*
 * case export as a STIX 2.1 bundle.
 *
 * Victims    identity of each organisation; of each server its address and name, network traffic to its port, observed data of these, and a sighting of the web shell or
 *            weakness where_sighted at the organisation.
 * Intruders  an intrusion set of each group, indicators of what can be looked for (hashes, addresses, user agents), and a note of the other traces.
 * Source     STIX 2.1; notification sheet, 11.4.
 */
#include "cli/case_share.h"

#include "base/num.h"
#include "report/outs_fit.h"
#include "report/stix_mark.h"

#include <stdio.h>
#include <string.h>

static void key_str(struct share *s, const char *key, struct str v) { js_key(&s->j, key); js_str(&s->j, v); }
static void key_c(struct share *s, const char *key, const char *v)  { js_key(&s->j, key); js_c(&s->j, v); }

static void key_list(struct share *s, const char *key, const struct str *v, size_t n)
{
    js_key(&s->j, key);
    js_array(&s->j);
    for (size_t i = 0; i < n; i++)
        js_str(&s->j, v[i]);
    js_end(&s->j);
}

/* False: it stands there already. */
static bool begin(struct share *s, const char *type, struct str id)
{
    if (s->bad || map_get(&s->there, id) != MAP_NONE)
        return false;
    if (!map_put(&s->there, &s->a, id, 1)) {
        s->bad = true;
        return false;
    }
    js_object(&s->j);
    key_c(s, "type", type);
    key_c(s, "spec_version", "2.1");
    key_str(s, "id", id);
    key_list(s, "object_marking_refs", &s->marking, 1);
    return true;
}

static bool begin_own(struct share *s, const char *type, struct str id)
{
    if (!begin(s, type, id))
        return false;
    key_str(s, "created_by_ref", s->author);
    stix_ms(&s->j, "created", s->begun_us);
    stix_ms(&s->j, "modified", s->x->made_us);
    return true;
}

void stix_share_open(struct share *s)
{
    const char *mark = stix_tlp_uuid(s->x->tlp);

    s->marking = str_fmt(&s->a, "marking-definition--%s", mark);
    s->author  = share_id(s, NULL, "identity", STR("author"));
    s->bad |= !s->marking.p;
    js_object(&s->j);
    key_c(s, "type", "bundle");
    key_str(s, "id", share_id(s, NULL, "bundle", str_fmt(&s->a, "%lld|%.*s|%.*s", (long long)s->x->made_us, STR_ARG(s->x->campaign->slug), STR_ARG(s->x->to))));
    js_key(&s->j, "objects");
    js_array(&s->j);
    stix_tlp_write(&s->j, s->x->tlp);
    if (begin(s, "identity", s->author)) {
        stix_ms(&s->j, "created", s->begun_us);
        stix_ms(&s->j, "modified", s->x->made_us);
        key_str(s, "name", share_text(s, s->x->feed));
        key_c(s, "identity_class", "organization");
        js_end(&s->j);
    }
}

void stix_share_end(struct share *s)
{
    js_end(&s->j);
    js_end(&s->j);
}

/* --- victims --- */

/* Observables: their ids come of what they say. No value needs an escape in JSON: addresses and host names. */
static struct str observable(struct share *s, const char *type, struct str value)
{
    char       name[300];
    uint8_t    u[UUID_BYTES];
    char       text[UUID_TEXT];
    struct err e = { 0 };

    snprintf(name, sizeof name, "{\"value\":\"%.*s\"}", STR_ARG(value));
    if (!uuid5(uuid_stix, str_c(name), u, &e)) {
        s->bad = true;
        return STR_EMPTY;
    }
    uuid_text(u, text);
    struct str id = str_fmt(&s->a, "%s--%s", type, text);
    if (id.p && begin(s, type, id)) {
        key_str(s, "value", value);
        js_end(&s->j);
    }
    s->bad |= !id.p;
    return id;
}

static struct str traffic(struct share *s, struct str to, bool four, bool name, uint16_t port)
{
    const char *net = name ? "tcp" : four ? "ipv4" : "ipv6";
    char        canon[300], text[UUID_TEXT];
    uint8_t     u[UUID_BYTES];
    struct err  e = { 0 };
    struct str  protocol[] = { str_c(net), STR("tcp"), STR("https") };
    size_t      from = name ? 1 : 0;

    if (name)
        snprintf(canon, sizeof canon, "{\"dst_port\":%u,\"dst_ref\":\"%.*s\",\"protocols\":[\"tcp\",\"https\"]}", port, STR_ARG(to));
    else
        snprintf(canon, sizeof canon, "{\"dst_port\":%u,\"dst_ref\":\"%.*s\",\"protocols\":[\"%s\",\"tcp\",\"https\"]}", port, STR_ARG(to), net);
    if (!uuid5(uuid_stix, str_c(canon), u, &e)) {
        s->bad = true;
        return STR_EMPTY;
    }
    uuid_text(u, text);
    struct str id = str_fmt(&s->a, "network-traffic--%s", text);
    s->bad |= !id.p;
    if (id.p && begin(s, "network-traffic", id)) {
        key_str(s, "dst_ref", to);
        js_key(&s->j, "dst_port");
        js_u64(&s->j, port);
        key_list(s, "protocols", protocol + from, COUNT_OF(protocol) - from);
        js_end(&s->j);
    }
    return id;
}

static struct str organisation(struct share *s, const struct export_server *v)
{
    struct str name = share_text(s, v->organisation), sector = share_text(s, v->sector);

    if (!v->org || !name.n)
        return STR_EMPTY;
    struct str id = share_id(s, NULL, "identity", str_fmt(&s->a, "org|%lld", (long long)v->org));
    if (begin_own(s, "identity", id)) {
        key_str(s, "name", name);
        key_c(s, "identity_class", "organization");
        if (sector.n)
            key_list(s, "sectors", &sector, 1);
        js_end(&s->j);
    }
    return id;
}

static struct str weakness(struct share *s)
{
    struct str name = share_weakness(s), id = share_id(s, NULL, "vulnerability", name);

    if (begin_own(s, "vulnerability", id)) {
        key_str(s, "name", name);
        key_str(s, "description", str_fmt(&s->a, "Microsoft Exchange Server, campaign %.*s", STR_ARG(s->x->campaign->slug)));
        js_end(&s->j);
    }
    return id;
}

static struct str shell(struct share *s)
{
    struct str id = share_id(s, NULL, "malware", STR("web shell"));

    if (begin_own(s, "malware", id)) {
        key_c(s, "name", "Web shell on an Exchange server, family unknown");
        js_key(&s->j, "is_family");
        js_bool(&s->j, false);
        key_list(s, "malware_types", &STR("webshell"), 1);
        js_end(&s->j);
    }
    return id;
}

static void sighting(struct share *s, const struct export_server *v, struct str of, struct str where, const struct str *ref, size_t n, bool door)
{
    int64_t    seen = share_seen(v, door);
    struct str name = str_fmt(&s->a, "%lld|%s", (long long)v->asset, door ? "door" : "exposed"), data = share_id(s, NULL, "observed-data", name), id = share_id(s, NULL, "sighting", name);

    if (seen == TIME_NONE)
        seen = s->x->made_us;
    if (begin_own(s, "observed-data", data)) {
        stix_ms(&s->j, "first_observed", seen);
        stix_ms(&s->j, "last_observed", seen);
        js_key(&s->j, "number_observed");
        js_u64(&s->j, 1);
        key_list(s, "object_refs", ref, n);
        js_end(&s->j);
    }
    if (!begin_own(s, "sighting", id))
        return;
    key_str(s, "sighting_of_ref", of);
    if (where.n)
        key_list(s, "where_sighted_refs", &where, 1);
    key_list(s, "observed_data_refs", &data, 1);
    stix_ms(&s->j, "first_seen", seen);
    stix_ms(&s->j, "last_seen", seen);
    js_key(&s->j, "count");
    js_u64(&s->j, 1);
    js_key(&s->j, "external_references");
    js_array(&s->j);
    js_object(&s->j);
    key_c(s, "source_name", "case");
    key_c(s, "external_id", v->case_name);
    js_end(&s->j);
    js_end(&s->j);
    js_end(&s->j);
}

void stix_share_victim(struct share *s, const struct export_server *v, const struct share_who *w)
{
    struct str where = organisation(s, v), ref[3];
    uint16_t   port = v->port ? v->port : 443;
    size_t     n = 0;

    if (w->ip.n)
        ref[n++] = observable(s, w->four ? "ipv4-addr" : "ipv6-addr", w->ip);
    if (w->name.n)
        ref[n++] = observable(s, "domain-name", w->name);
    ref[n] = traffic(s, ref[0], w->four, !w->ip.n, port);
    n++;
    if (v->backdoored)
        sighting(s, v, shell(s), where, ref, n, true);
    if (share_exposed(v))
        sighting(s, v, weakness(s), where, ref, n, false);
}

/* --- intruders --- */

/* A value within single quotes of a pattern. */
static struct str quoted(struct share *s, struct str v)
{
    uint8_t *p = arena_push(&s->a, 2, v.n + 1, 1);
    size_t   n = 0;

    if (!p) {
        s->bad = true;
        return STR_EMPTY;
    }
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] == '\'' || v.p[i] == '\\')
            p[n++] = '\\';
        p[n++] = v.p[i];
    }
    return (struct str){ p, n };
}

static struct str pattern(struct share *s, const struct intruder_mark *m)
{
    struct str v = quoted(s, share_text(s, m->value));
    uint8_t    ip[16];

    switch (m->kind) {
    case INTRUDER_PAGE: case INTRUDER_TOOL: case INTRUDER_COMPILED:
        return outs_sha256(m->value) ? str_fmt(&s->a, "[file:hashes.'SHA-256' = '%.*s']", STR_ARG(v)) : STR_EMPTY;
    case INTRUDER_CLIENT:
        return net_ip_parse(m->value, ip) ? str_fmt(&s->a, "[%s:value = '%.*s']", net_is4(ip) ? "ipv4-addr" : "ipv6-addr", STR_ARG(v)) : STR_EMPTY;
    case INTRUDER_AGENT:
        return str_cat(&s->a, str_cat(&s->a, STR("[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = '"), v), STR("']"));
    default:
        return STR_EMPTY;
    }
}

void stix_share_group(struct share *s, int64_t group, const struct intruder_card *k)
{
    struct str set = share_id(s, NULL, "intrusion-set", str_fmt(&s->a, "%lld", (long long)group)), rest = STR_EMPTY;

    if (begin_own(s, "intrusion-set", set)) {
        key_str(s, "name", str_fmt(&s->a, "Group %lld of %.*s", (long long)group, STR_ARG(s->x->campaign->title.n ? s->x->campaign->title : s->x->campaign->slug)));
        if (k->servers)
            key_str(s, "description", str_fmt(&s->a, "Seen on %u servers. The same hands by what they left; nothing is said of who they are.", k->servers));
        else
            key_c(s, "description", "Seen on few servers. The same hands by what they left; nothing is said of who they are.");
        if (k->first_us != TIME_NONE)
            stix_ms(&s->j, "first_seen", k->first_us);
        if (k->last_us != TIME_NONE && k->last_us >= k->first_us)
            stix_ms(&s->j, "last_seen", k->last_us);
        js_end(&s->j);
    }
    for (uint32_t i = 0; i < k->mark_n && !s->bad; i++) {
        const struct intruder_mark *m = &k->mark[i];
        struct str                  p = pattern(s, m), name = str_cat(&s->a, str_fmt(&s->a, "%lld|%d|", (long long)group, m->kind), m->value);

        if (!p.n) {
            if (m->kind != INTRUDER_BURST)
                rest = str_cat(&s->a, rest, str_cat(&s->a, str_fmt(&s->a, "%s%s: ", rest.n ? "\n" : "", intruder_kinds[m->kind].about), share_text(s, m->value)));
            continue;
        }
        struct str id = share_id(s, NULL, "indicator", name), tie = share_id(s, NULL, "relationship", name);
        if (begin_own(s, "indicator", id)) {
            key_str(s, "name", str_fmt(&s->a, "%s, group %lld", intruder_kinds[m->kind].about, (long long)group));
            key_list(s, "indicator_types", &STR("malicious-activity"), 1);
            key_str(s, "pattern", p);
            key_c(s, "pattern_type", "stix");
            stix_ms(&s->j, "valid_from", k->first_us != TIME_NONE ? k->first_us : s->begun_us);
            js_end(&s->j);
        }
        if (begin_own(s, "relationship", tie)) {
            key_c(s, "relationship_type", "indicates");
            key_str(s, "source_ref", id);
            key_str(s, "target_ref", set);
            js_end(&s->j);
        }
    }
    if (rest.n && begin_own(s, "note", share_id(s, NULL, "note", str_fmt(&s->a, "%lld", (long long)group)))) {
        key_c(s, "abstract", "Traces that the group's visits have in common");
        key_str(s, "content", rest);
        key_list(s, "object_refs", &set, 1);
        js_end(&s->j);
    }
}
