/*
 * IntelMQ's data format: one flat object a line, keys with dots in them; nested objects (its "hierarchical" output) are read alike. Fields that say nothing of a
 * victim (destination.*, malware hashes) are left where they are.
 *
 * Says     classification.type vulnerable-system: exposed; but where our own export's extra.verdict stands, that. system-compromise and its kin: a finding.
 *          Everything else is other people's business, and so is an identifier, a tag or an extra.campaign that names something else than this campaign.
 * Grade    C; D (a suspicion, a word) below feed.accuracy 70, or where a claim stands behind it. A feed never gets a case closed.
 * Owner    never from the feed: neither sector nor network holder. source.reverse_dns is a link of weight 30, unless an access provider made it up.
 * Contacts source.abuse_contact: rung 5 where its domain is that of the server's own name, else 10: whoever holds the line.
 * Clocks   time.source is when it was true; where it is missing time.observation takes its place, and that is told.
 * Source   notification sheet, 11.1; IntelMQ 3 harmonization.conf.
 */
#include "casework/intake_inner.h"

#include "base/net.h"
#include "base/num.h"
#include "survey/where.h"

#include <string.h>

enum idf {
    K_TYPE, K_IDENTIFIER, K_IP, K_PORT, K_FQDN, K_PTR, K_URL, K_ASN, K_NETWORK, K_NODE, K_ABUSE, K_CC, K_FEED, K_PROVIDER, K_ACCURACY, K_TIME, K_RECEIVED, K_TLP, K_TLP2, K_CAMPAIGN,
    K_VERDICT, K_VERDICT_BY, K_TAG, K_DIRECTIVES, K_KIND, KS
};
static const struct str keys[KS] = {
    [K_TYPE] = STR_INIT("classification.type"), [K_IDENTIFIER] = STR_INIT("classification.identifier"), [K_IP] = STR_INIT("source.ip"), [K_PORT] = STR_INIT("source.port"),
    [K_FQDN] = STR_INIT("source.fqdn"), [K_PTR] = STR_INIT("source.reverse_dns"), [K_URL] = STR_INIT("source.url"), [K_ASN] = STR_INIT("source.asn"), [K_NETWORK] = STR_INIT("source.network"),
    [K_NODE] = STR_INIT("source.local_hostname"), [K_ABUSE] = STR_INIT("source.abuse_contact"), [K_CC] = STR_INIT("source.geolocation.cc"), [K_FEED] = STR_INIT("feed.name"),
    [K_PROVIDER] = STR_INIT("feed.provider"), [K_ACCURACY] = STR_INIT("feed.accuracy"), [K_TIME] = STR_INIT("time.source"), [K_RECEIVED] = STR_INIT("time.observation"), [K_TLP] = STR_INIT("tlp"),
    [K_TLP2] = STR_INIT("extra.tlp2"), [K_CAMPAIGN] = STR_INIT("extra.campaign"), [K_VERDICT] = STR_INIT("extra.verdict"), [K_VERDICT_BY] = STR_INIT("extra.verdict_by"), [K_TAG] = STR_INIT("extra.tag"),
    [K_DIRECTIVES] = STR_INIT("extra.certbund.source_directives"), [K_KIND] = STR_INIT("__type"),
};
enum { SURE = 70, DEPTH_MAX = 3, KEY_MAX_BYTES = 64 };

static const char not_event[] = "a raw report of IntelMQ, no event", no_tlp[] = "its TLP is none that is known", no_name[] = "its name is no host name", no_accuracy[] = "its feed.accuracy is no number from 0 to 100";

struct event { struct str f[KS]; const struct jt_node *directives; };

/* Keys by their whole name, wherever they stand. The first of two wins. */
static void flatten(struct intake *m, const struct jt *t, const struct jt_node *object, struct str prefix, int depth, struct event *ret)
{
    uint8_t buf[KEY_MAX_BYTES];

    for (const struct jt_node *c = jt_child(t, object); c; c = jt_next(t, c)) {
        struct str key = jt_key(c);
        if (prefix.n) {
            if (prefix.n + 1 + key.n > sizeof buf)
                continue;
            memcpy(buf, prefix.p, prefix.n);
            buf[prefix.n] = '.';
            if (key.n)
                memcpy(buf + prefix.n + 1, key.p, key.n);
            key = (struct str){ buf, prefix.n + 1 + key.n };
        }
        if (c->kind == JT_OBJECT) {
            if (depth < DEPTH_MAX)
                flatten(m, t, c, key, depth + 1, ret);
            continue;
        }
        for (size_t i = 0; i < KS; i++)
            if (keys[i].n == key.n && memcmp(keys[i].p, key.p, key.n) == 0) {
                if (i == K_DIRECTIVES && c->kind == JT_ARRAY)
                    ret->directives = c;
                else if (!ret->f[i].n)
                    ret->f[i] = str_trim(jt_str(c, &m->a));
                break;
            }
    }
}

/* Is it about this campaign? */
static bool ours(const struct intake *m, const struct event *v)
{
    int campaign = intake_campaign_word(m, v->f[K_CAMPAIGN]);

    if (campaign >= 0)
        return campaign;
    return (!v->f[K_IDENTIFIER].n && !v->f[K_TAG].n) || import_exchange_word(v->f[K_IDENTIFIER]) || import_exchange_word(v->f[K_TAG]);
}

/* False: it says nothing that is kept. */
static bool says(const struct event *v, struct fact *f)
{
    static const struct { const char *verdict; enum exposure is; } verdicts[] = {
        { "unpatched", EXPOSURE_VULNERABLE }, { "patched", EXPOSURE_PATCHED }, { "not_affected", EXPOSURE_NOT_AFFECTED }, { "unreachable", EXPOSURE_OFFLINE },
    };
    struct str type = v->f[K_TYPE];

    if (str_ieq(type, STR("vulnerable-system"))) {
        *f = (struct fact){ .kind = FACT_EXPOSURE, .value = EXPOSURE_VULNERABLE, .own_us = TIME_NONE };
        if (!v->f[K_VERDICT].n)
            return true;
        for (size_t i = 0; i < COUNT_OF(verdicts); i++)
            if (str_ieq_c(v->f[K_VERDICT], verdicts[i].verdict)) {
                f->value = verdicts[i].is;
                return true;
            }
        return false;
    }
    *f = (struct fact){ .kind = FACT_FINDING, .own_us = TIME_NONE };
    return str_ieq(type, STR("system-compromise")) || str_ieq(type, STR("application-compromise")) || str_ieq(type, STR("infected-system"));
}

static bool contacts(struct intake *m, const struct jt *t, const struct event *v, const struct intake_server *s)
{
    struct case_contact c = { .channel = CONTACT_EMAIL, .about = ABOUT_NETWORK, .observed_us = TIME_NONE /* a feed proves nobody alive */, .until_us = TIME_NONE };
    struct str          list = v->f[K_ABUSE], own = s->s.name_n ? where_registrable(s->name[0]) : STR_EMPTY, one;
    uint8_t             first[16], last[16];
    char                a[NET_TEXT], b[NET_TEXT];
    size_t              n = 0, looked = 0;

    if (!s->s.has_ip)
        return true;
    if (!v->f[K_NETWORK].n || !intake_network(v->f[K_NETWORK], first, last)) {
        memcpy(first, s->s.ip, 16);
        memcpy(last, s->s.ip, 16);
    }
    net_ip_text(first, a);
    net_ip_text(last, b);
    c.about_value = str_fmt(&m->a, "%s-%s", a, b);
    while (mailaddr_next(&list, &one)) {
        struct str domain = own.n ? intake_domain(m, one) : STR_EMPTY;
        c.rung = own.n && str_eq(domain, own) ? 5 : 10;
        c.role = STR("abuse");
        if (!intake_mails(m, one, &c, &n))
            return false;
        if (looked++ == INTAKE_LIST_MAX)
            return intake_part(m, intake_too_many);
    }
    /* What a CERT's own mail path decided, where a team moves from it to here. */
    for (const struct jt_node *d = jt_child(t, v->directives); d && looked++ < INTAKE_LIST_MAX; d = jt_next(t, d)) {
        if (!str_ieq(jt_str(jt_get(t, d, "medium"), &m->a), STR("email")))
            continue;
        c.rung = 10;
        c.role = STR("certbund directive");
        if (!intake_mails(m, jt_str(jt_get(t, d, "recipient_address"), &m->a), &c, &n))
            return false;
    }
    return true;
}

static bool object(struct intake *m, const struct jt *t, const struct jt_node *root)
{
    struct event         v = { 0 };
    struct intake_server s;
    struct intake_item   x = { .subject = &s.s }, place = { .subject = &s.s };
    uint32_t             port, accuracy = 100;
    const char          *why;

    flatten(m, t, root, STR_EMPTY, 0, &v);
    if (v.f[K_KIND].n && !str_ieq(v.f[K_KIND], STR("Event")))
        return intake_broken(m, not_event);
    if (!ours(m, &v) || !says(&v, &x.fact.f))
        return true;
    intake_server(&s);
    if (v.f[K_IP].n && !(s.s.has_ip = net_ip_parse(v.f[K_IP], s.s.ip)))
        return intake_broken(m, intake_no_ip);
    if (v.f[K_PORT].n && !str_eq(v.f[K_PORT], STR("0"))) {
        if (!num_u32(v.f[K_PORT], &port) || port > 65535)
            return intake_broken(m, intake_no_port);
        s.s.port = (uint16_t)port;
    }
    bool odd = v.f[K_FQDN].n && !intake_name(m, &s, v.f[K_FQDN]);
    if (v.f[K_URL].n && (!s.s.has_ip || !s.s.name_n)) {     /* its host, where it tells more */
        struct intake_server u = s;
        u.s.name = u.name;
        if (intake_target(m, &u, v.f[K_URL])) {
            s = u;
            s.s.name = s.name;
        }
    }
    s.s.node = v.f[K_NODE];
    if (!s.s.has_ip && !s.s.name_n)
        return intake_broken(m, intake_no_server);
    struct str rest = v.f[K_ACCURACY], percent;                   /* 0 to 100, never a share: "1.0" is one in a hundred */
    if (v.f[K_ACCURACY].n && (!str_cut(&rest, '.', &percent) || !num_u32(percent, &accuracy) || accuracy > 100))
        return intake_broken(m, no_accuracy);
    if ((v.f[K_TLP2].n || v.f[K_TLP].n) && !intake_tlp(v.f[K_TLP2].n ? v.f[K_TLP2] : v.f[K_TLP], &m->source.tlp))
        return intake_broken(m, no_tlp);
    struct str when = v.f[K_TIME].n ? v.f[K_TIME] : v.f[K_RECEIVED];
    if (!intake_time(m, when, &x.fact.f.observed_us, &why))
        return intake_broken(m, why);
    if (!v.f[K_TIME].n && v.f[K_RECEIVED].n && intake_once(m, NOTE_RECEIVED))
        intake_note(m, "events without time.source: time.observation was taken, first in line %llu", (unsigned long long)m->line);
    m->source.name         = v.f[K_FEED];
    m->source.organisation = v.f[K_PROVIDER];
    x.fact.f.grade  = accuracy < SURE || str_ieq(v.f[K_VERDICT_BY], STR("claim")) ? GRADE_D : GRADE_C;
    x.fact.f.reason = v.f[K_IDENTIFIER];
    if (!intake_give(m, &x, INTAKE_FACT))
        return !m->stopped;
    if (odd && !intake_part(m, no_name))
        return false;
    (void)intake_asn(v.f[K_ASN], &place.asn);
    (void)intake_country(v.f[K_CC], place.country);
    if ((place.country[0] || place.asn) && !intake_give(m, &place, INTAKE_PLACE) && m->stopped)
        return false;
    struct str ptr = v.f[K_PTR].n && s.s.has_ip && !org_ptr_default(v.f[K_PTR], s.s.ip) ? intake_domain(m, v.f[K_PTR]) : STR_EMPTY;
    if (ptr.n) {
        struct intake_item link = { .subject = &s.s, .link = { .kind = ORG_PTR, .value = ptr, .confidence = 100, .observed_us = x.fact.f.observed_us } };
        if (!intake_give(m, &link, INTAKE_LINK) && m->stopped)
            return false;
    }
    return contacts(m, t, &v, &s);
}

static int idf_fits(struct str head)
{
    head = str_sub(head, 0, 16 << 10);
    if (str_has(head, STR("\"classification.type\"")) || str_has(head, STR("\"classification.taxonomy\"")))
        return 90;
    return str_has(head, STR("\"__type\"")) && str_has(head, STR("\"Event\"")) ? 80 : str_has(head, STR("\"classification\"")) && str_has(head, STR("\"feed\"")) ? 60 : 0;
}

const struct intake_kind intake_idf = {
    .name = "idf", .about = "IntelMQ events, one JSON object a line; also what `afterpatch survey export` writes", .of_campaign = true, .fits = idf_fits, .object = object,
};
