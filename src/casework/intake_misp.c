/*
 * MISP events: their targeting data. A row is a server: an attribute target-machine, or an object "victim" with what it holds.
 *
 * Says     a tag in whose quotes stands a claim (rsit:vulnerable="vulnerable-system", rsit:intrusions="system-compromise"), of the attribute, else of the event. Without
 *          one the row says whose a server is, no more. An event whose vulnerabilities are others than this campaign's is other people's business.
 * Link     target-org, or the name of the victim, as an entry of the producer's list ("misp-PRODUCER:name").
 * Not done attacker data (indicators): `afterpatch hunt --iocs`. target-email, target-location and target-external, which say nothing that is kept.
 * Bounds   an event is one row (intake.h).
 * Source   MISP core format (RFC draft), misp-objects "victim"; notification sheet, 11.5.
 */
#include "casework/intake_inner.h"

#include "base/net.h"
#include "base/num.h"

#include <string.h>

enum { LIST_MAX = 100000, TAGS_MAX = 1000 };

struct misp {
    struct intake        *m;
    const struct jt      *t;
    const struct jt_node *event;
    struct str            org;         /* of the only target-org of the event; empty: none, or several */
    struct str            producer, tlp;
    const struct intake_claim *claim;  /* of the event's tags */
    int64_t               when;
    const char           *bad_time;
};

static const char no_machine[] = "its machine is neither an address nor a host name", lone_name[] = "a computer name alone does not tell which server is meant", too_many[] = "more attributes than are read";

static struct str get(const struct misp *x, const struct jt_node *o, const char *key, struct arena *a) { return jt_str(jt_get(x->t, o, key), a); }

/* What tags say: TLP, and a claim in quotes. */
static void tags(struct misp *x, const struct jt_node *o, struct str *tlp, const struct intake_claim **claim, struct arena *a)
{
    uint32_t n = 0;

    for (const struct jt_node *c = jt_child(x->t, jt_get(x->t, o, "Tag")); c && n++ < TAGS_MAX; c = jt_next(x->t, c)) {
        struct str name = get(x, c, "name", a);
        size_t     q = str_chr(name, '"');
        if (str_istarts(name, STR("tlp:")))
            (void)intake_tlp(name, tlp);
        else if (q != STR_NONE && q + 1 < name.n && name.p[name.n - 1] == '"') {
            const struct intake_claim *k = intake_claim_find(str_sub(name, q + 1, name.n - 1));
            if (k && (k->kind == FACT_EXPOSURE || k->kind == FACT_FINDING) && (!*claim || k->kind == FACT_FINDING))       /* the worse of two */
                *claim = k;
        }
    }
}

static bool time_of(struct misp *x, const struct jt_node *attribute, int64_t *ret, const char **ret_why)
{
    static const char *const key[] = { "last_seen", "first_seen" };
    struct arena            *a = &x->m->a;

    for (size_t i = 0; i < COUNT_OF(key); i++) {
        struct str s = get(x, attribute, key[i], a);
        if (s.n)
            return intake_time(x->m, s, ret, ret_why);
    }
    *ret     = x->when;
    *ret_why = x->bad_time;
    return !x->bad_time;
}

/* Facts and links of one server. False: the import stops. */
static bool give(struct misp *x, struct intake_server *s, const struct jt_node *attribute, struct str org, struct str sector)
{
    const struct intake_claim *claim = NULL;
    struct intake_item         fact = { .subject = &s->s }, link = { .subject = &s->s };
    struct intake             *m = x->m;
    struct str                 tlp = x->tlp;
    const char                *why;
    int64_t                    when;

    tags(x, attribute, &tlp, &claim, &m->a);
    if (!claim)
        claim = x->claim;
    if (!time_of(x, attribute, &when, &why))
        return intake_broken(m, why);
    m->source.name = x->producer;
    m->source.tlp  = tlp;
    s->s.name = s->name;
    if (claim) {
        fact.fact.f = (struct fact){ .kind = claim->kind, .value = claim->value, .grade = claim->doubt ? GRADE_D : GRADE_C, .own_us = TIME_NONE, .observed_us = when, .reason = get(x, attribute, "comment", &m->a) };
        if (!intake_give(m, &fact, INTAKE_FACT))
            return !m->stopped;
    }
    if (!org.n)
        return true;
    struct str list = str_cat(&m->a, STR("misp-"), str_sub(x->producer.n ? x->producer : m->opt->source, 0, 60));
    for (size_t i = 0; i < list.n; i++)
        if (list.p[i] == ':')
            ((uint8_t *)(uintptr_t)list.p)[i] = '-';
    link.link = (struct case_link){ .kind = ORG_CONSTITUENCY, .value = str_cat(&m->a, str_cat(&m->a, list, STR(":")), str_sub(org, 0, 180)), .confidence = 70, .name = org, .sector = sector, .observed_us = when };
    return intake_give(m, &link, INTAKE_LINK) || !m->stopped;
}

/* "mail.example.org", "192.0.2.7", "mail.example.org (192.0.2.7)", "hostname|443" */
static const char *machine(struct misp *x, struct intake_server *s, struct str value)
{
    struct str one;

    for (bool any = false; intake_next(&value, &one); any = true) {
        if (one.n > 2 && one.p[0] == '(' && one.p[one.n - 1] == ')')
            one = str_sub(one, 1, one.n - 1);
        uint32_t port;
        if (any && num_u32(one, &port) && port > 0 && port <= 65535) {
            s->s.port = (uint16_t)port;
            continue;
        }
        if (!intake_target(x->m, s, one))
            return no_machine;
    }
    if (!s->s.has_ip && s->s.name_n) {
        bool whole = false;
        for (size_t i = 0; i < s->s.name_n; i++)
            whole |= str_chr(s->name[i], '.') != STR_NONE;
        if (!whole)
            return lone_name;
    }
    return s->s.has_ip || s->s.name_n ? NULL : no_machine;
}

static bool of_server(struct str type)
{
    static const char *const types[] = { "target-machine", "ip-src", "ip-dst", "hostname", "domain", "domain|ip", "hostname|port", "ip-src|port", "ip-dst|port", "url" };

    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (str_eq(type, str_c(types[i])))
            return true;
    return false;
}

static bool attribute_row(struct misp *x, const struct jt_node *o)
{
    struct intake_server s;

    intake_server(&s);
    const char *why = machine(x, &s, get(x, o, "value", &x->m->a));
    return why ? intake_broken(x->m, why) : give(x, &s, o, x->org, STR_EMPTY);
}

static bool victim_row(struct misp *x, const struct jt_node *o)
{
    struct intake_server s;
    struct arena        *a = &x->m->a;
    struct str           org = STR_EMPTY, sector = STR_EMPTY;
    const char          *why = NULL;
    uint32_t             n = 0;

    intake_server(&s);
    for (const struct jt_node *c = jt_child(x->t, jt_get(x->t, o, "Attribute")); c && n++ < TAGS_MAX; c = jt_next(x->t, c)) {
        struct str type = get(x, c, "type", a), relation = get(x, c, "object_relation", a), value = get(x, c, "value", a);
        if (str_eq(type, STR("target-org")) || str_eq(relation, STR("name")))
            org = value;
        else if (str_eq(relation, STR("sectors")))
            sector = sector.n ? sector : intake_sector_or_note(x->m, value);
        else if (of_server(type)) {
            const char *no = machine(x, &s, value);
            why = no && !why ? no : why;
        }
    }
    if (!s.s.has_ip && !s.s.name_n)
        return intake_broken(x->m, why ? why : intake_no_server);
    return give(x, &s, o, org.n ? org : x->org, sector);
}

/* It names vulnerabilities, and none is this campaign's. */
static bool others(struct misp *x, const struct jt_node *event, struct arena a)
{
    bool     named = false, ours = import_exchange_word(get(x, event, "info", &a));
    uint32_t n = 0;

    for (const struct jt_node *c = jt_child(x->t, jt_get(x->t, event, "Attribute")); c && n++ < LIST_MAX; c = jt_next(x->t, c)) {
        struct arena each = a;
        if (!str_eq(get(x, c, "type", &each), STR("vulnerability")))
            continue;
        named = true;
        ours |= import_exchange_word(get(x, c, "value", &each)) || intake_campaign_word(x->m, get(x, c, "value", &each)) == 1;
    }
    return named && !ours;
}

static bool one_event(struct misp *x, const struct jt_node *event, uint64_t line)
{
    struct intake        *m = x->m;
    struct arena          before = m->row;
    const struct jt_node *list = jt_get(x->t, event, "Attribute");
    uint32_t              n = 0, orgs = 0;
    uint64_t              attackers = 0;
    bool                  go = true;

    *x = (struct misp){ .m = m, .t = x->t, .event = event, .when = TIME_NONE };
    x->producer = get(x, jt_get(x->t, event, "Orgc"), "name", &m->row);
    tags(x, event, &x->tlp, &x->claim, &m->row);
    (void)intake_time(m, get(x, event, "date", &m->row), &x->when, &x->bad_time);
    bool other = others(x, event, m->row);
    for (const struct jt_node *c = jt_child(x->t, list); c && n++ < LIST_MAX; c = jt_next(x->t, c)) {
        struct arena a = m->row;
        struct str   type = get(x, c, "type", &a);
        if (str_eq(type, STR("target-org")) && !orgs++)
            x->org = get(x, c, "value", &m->row);
        attackers += !str_starts(type, STR("target-"));
    }
    if (orgs != 1)
        x->org = STR_EMPTY;
    n = 0;
    for (const struct jt_node *c = jt_child(x->t, list); go && c && n < LIST_MAX; c = jt_next(x->t, c), n++) {
        struct arena a = m->row;
        if (!str_eq(get(x, c, "type", &a), STR("target-machine")))
            continue;
        struct str raw = get(x, c, "value", &m->row);
        intake_row_begin(m, line, raw);
        go = intake_row_end(m, other || attribute_row(x, c));
    }
    bool cut = n == LIST_MAX;
    n = 0;
    for (const struct jt_node *c = jt_child(x->t, jt_get(x->t, event, "Object")); go && c && n < LIST_MAX; c = jt_next(x->t, c), n++) {
        struct arena a = m->row;
        if (!str_eq(get(x, c, "name", &a), STR("victim")))
            continue;
        struct str raw = get(x, c, "uuid", &m->row);
        intake_row_begin(m, line, raw);
        go = intake_row_end(m, other || victim_row(x, c));
    }
    if ((cut || n == LIST_MAX) && intake_once(m, NOTE_CUT))
        intake_note(m, "%s", too_many);
    if (attackers && intake_once(m, NOTE_KIND))
        intake_note(m, "attributes that are no targeting data are left: afterpatch hunt --iocs takes indicators");
    m->row = before;
    return go;
}

static bool object(struct intake *m, const struct jt *t, const struct jt_node *root)
{
    struct misp           x = { .m = m, .t = t };
    const struct jt_node *list = jt_get(t, root, "response"), *event = jt_get(t, root, "Event");
    uint64_t              line = m->line;
    bool                  go = true;

    if (event && event->kind == JT_OBJECT)
        return one_event(&x, event, line);
    if (!list || list->kind != JT_ARRAY) {
        intake_row_begin(m, line, STR("{"));
        return intake_row_end(m, intake_broken(m, "no event in it"));
    }
    for (const struct jt_node *c = jt_child(t, list); go && c; c = jt_next(t, c)) {
        event = jt_get(t, c, "Event");
        go = !event || event->kind != JT_OBJECT || one_event(&x, event, line);
    }
    return go;
}

static int misp_fits(struct str head)
{
    head = str_sub(head, 0, 16 << 10);
    if (!str_has(head, STR("\"Event\"")) || str_has(head, STR("\"__type\"")))
        return 0;
    return str_has(head, STR("\"Attribute\"")) || str_has(head, STR("\"Orgc\"")) || str_has(head, STR("\"threat_level_id\"")) ? 85 : str_has(head, STR("\"info\"")) ? 60 : 0;
}

const struct intake_kind intake_misp = {
    .name = "misp", .about = "MISP events: their targeting data", .of_campaign = true, .fits = misp_fits, .whole = true, .object = object,
};
