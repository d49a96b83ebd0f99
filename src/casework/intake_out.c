#include "casework/intake_out.h"

#include "base/net.h"
#include "base/num.h"

#include <string.h>

static void text(struct js *j, const char *key, struct str s)
{
    if (!s.n)
        return;
    js_key(j, key);
    js_str(j, s);
}

static void two(struct js *j, const char *key, const char *country) { text(j, key, (struct str){ (const uint8_t *)country, strnlen(country, 2) }); }

static void time_at(struct js *j, const char *key, int64_t us)
{
    if (us == TIME_NONE)
        return;
    js_key(j, key);
    js_time(j, us);
}

static void number(struct js *j, const char *key, uint64_t v)
{
    if (!v)
        return;
    js_key(j, key);
    js_u64(j, v);
}

static void address(struct js *j, const char *key, bool has, const uint8_t ip[16])
{
    char s[NET_TEXT];

    if (!has)
        return;
    net_ip_text(ip, s);
    js_key(j, key);
    js_c(j, s);
}

static void server(struct js *j, const struct subject *s)
{
    if (!s)
        return;
    js_key(j, "server");
    js_object(j);
    address(j, "ip", s->has_ip, s->ip);
    number(j, "port", s->port);
    if (s->name_n) {
        js_key(j, "names");
        js_array(j);
        for (size_t i = 0; i < s->name_n; i++)
            js_str(j, s->name[i]);
        js_end(j);
    }
    text(j, "node", s->node);
    text(j, "ad_domain", s->domain);
    if (s->has_tls) {
        js_key(j, "tls");
        js_hex(j, s->tls, 32);
    }
    js_end(j);
}

static void entry(struct js *j, const struct case_entry *x)
{
    text(j, "list", x->list);
    text(j, "number", x->number);
    js_key(j, "registered");
    js_bool(j, x->registered);
    text(j, "name", x->name);
    text(j, "sector", x->sector);
    text(j, "size", x->size);
    text(j, "domain", x->domain);
    address(j, "first", x->has_network, x->first);
    address(j, "last", x->has_network, x->last);
    number(j, "asn", x->asn);
    two(j, "country", x->country);
    time_at(j, "since", x->since_us);
    time_at(j, "until", x->until_us);
}

static void contact(struct js *j, const struct case_contact *x)
{
    static const char *const channel[CONTACT_CHANNELS] = { "email", "phone", "post", "portal", "csirt" }, *const about[CONTACT_ABOUTS] = { "domain", "network", "entry", "asn", "country", "org" };

    js_key(j, "channel"); js_c(j, x->channel < CONTACT_CHANNELS ? channel[x->channel] : "");
    text(j, "address", x->address);
    js_key(j, "about");   js_c(j, x->about < CONTACT_ABOUTS ? about[x->about] : "");
    text(j, "about_value", x->about_value);
    number(j, "rung", x->rung);
    text(j, "role", x->role);
    text(j, "name", x->name);
    text(j, "language", x->language);
    text(j, "pgp", x->pgp);
    time_at(j, "observed_at", x->observed_us);
    time_at(j, "until", x->until_us);
}

static void fact(struct js *j, const struct intake_item *x)
{
    static const char *const kind[FACT_KINDS] = { [FACT_EXPOSURE] = "exposure", [FACT_REMOVED] = "removed", [FACT_HUNT] = "hunt", [FACT_FINDING] = "finding", [FACT_NOT_MINE] = "not_mine", [FACT_REPLY] = "reply" };
    static const char *const door[] = { "unproven", "no", "yes" };
    const struct fact       *f = &x->fact.f;

    text(j, "case", x->fact.case_);
    js_key(j, "fact"); js_c(j, f->kind < FACT_KINDS && kind[f->kind] ? kind[f->kind] : "");
    js_key(j, "grade"); js_c(j, grade_name(f->grade));
    if (f->kind == FACT_EXPOSURE) {
        js_key(j, "exposure");
        js_c(j, server_exposure_name((enum exposure)f->value));
    }
    if (f->kind == FACT_HUNT) {
        js_key(j, "door_open"); js_c(j, f->value >= 0 && f->value < (int)COUNT_OF(door) ? door[f->value] : "");
        js_key(j, "complete");  js_bool(j, f->flags & FACT_COMPLETE);
        js_key(j, "present");   js_bool(j, f->flags & FACT_PRESENT);
    }
    time_at(j, "observed_at", f->observed_us);
    time_at(j, "since", f->own_us);
    text(j, "reason", f->reason);
}

void intake_json(struct js *j, const struct intake_item *x)
{
    js_object(j);
    js_key(j, "what"); js_c(j, intake_what_name(x->what));
    js_key(j, "line"); js_u64(j, x->line);
    text(j, "source", x->source.name);
    text(j, "of", x->source.organisation);
    text(j, "tlp", x->source.tlp);
    if (x->source.releasable) {
        js_key(j, "releasable");
        js_bool(j, true);
    }
    server(j, x->subject);
    switch (x->what) {
    case INTAKE_PLACE:
        two(j, "country", x->country);
        number(j, "asn", x->asn);
        break;
    case INTAKE_LINK:
        js_key(j, "kind"); js_c(j, x->link.kind < ORG_KEYS ? org_kinds[x->link.kind].name : "");
        text(j, "value", x->link.value);
        two(j, "country", x->link.country);
        js_key(j, "confidence"); js_u64(j, x->link.confidence);
        text(j, "name", x->link.name);
        text(j, "sector", x->link.sector);
        text(j, "size", x->link.size);
        time_at(j, "observed_at", x->link.observed_us);
        break;
    case INTAKE_ENTRY:
        entry(j, &x->entry);
        break;
    case INTAKE_MX:
        text(j, "domain", x->mx.domain);
        text(j, "host", x->mx.host);
        address(j, "ip", x->mx.has_ip, x->mx.ip);
        if (x->mx.has_tls) {
            js_key(j, "tls");
            js_hex(j, x->mx.tls, 32);
        }
        time_at(j, "observed_at", x->mx.observed_us);
        break;
    case INTAKE_CONTACT:
        contact(j, &x->contact);
        break;
    case INTAKE_FACT:
        fact(j, x);
        break;
    case INTAKE_SUPPRESS:
        text(j, "address", x->suppress.address);
        text(j, "scope", x->suppress.scope);
        text(j, "why", x->suppress.why);
        break;
    case INTAKE_WHATS:
        break;
    }
    js_end(j);
}
