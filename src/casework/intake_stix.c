/*
 * STIX 2.1 bundles: who was seen with what. A row is a sighting, or an identity that is tied to addresses or names without one.
 *
 * Victim   an identity of where_sighted_refs. Its servers: what the sighting's observed-data holds; where there is none, addresses, names and certificates that a
 *          relationship ties to the identity. Several identities over one observed-data: nobody can say which is whose, so no link is made.
 * Says     a sighting of a web shell, a back door or an intrusion set: a finding; of a vulnerability of this campaign: exposed; of an indicator: a suspicion.
 *          Indicators by themselves are not casework's: `afterpatch hunt --iocs` takes them; that is told.
 * Link     the identity as an entry of its producer's list ("stix-PRODUCER:identity--..."): by the standard an id stays with its object. Sectors of the closed list.
 * Grade    C; D below a confidence of 70.
 * Bounds   a bundle is one row (intake.h). STIX_SERVERS addresses of a victim.
 * Source   STIX 2.1, sections 4.12, 4.14, 5.2, 6; notification sheet, 11.4.
 */
#include "casework/intake_inner.h"

#include "base/map.h"
#include "base/net.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>

enum { STIX_SERVERS = 64, SURE = 70, REFS_MAX = 1000, STEPS_MAX = 1 << 20 };

struct pair { uint32_t identity, other; };
struct stix {
    struct intake         *m;
    const struct jt       *t;
    struct map             ids;        /* id -> place in object */
    const struct jt_node **object; uint32_t n;
    bool                  *sighted;    /* of identities */
    struct pair           *pair; uint32_t pair_n;
    struct arena          *keep;       /* as long as the bundle */
    uint32_t               steps;      /* references that were followed: lists that name each other would never end */
};
struct found { uint8_t ip[STIX_SERVERS][16]; size_t ip_n; struct intake_server s; };

static const char no_servers[] = "no address or name of the victim: neither observed data nor a relationship", not_there[] = "what was sighted is not in the bundle", bad_confidence[] = "its confidence is no number from 0 to 100",
                  too_many[] = "more addresses of one victim than are read", too_many_refs[] = "the bundle has more references than are followed";

static struct str get(const struct stix *x, const struct jt_node *o, const char *key) { return jt_str(jt_get(x->t, o, key), &x->m->a); }

static const struct jt_node *find(struct stix *x, struct str id)
{
    uint32_t at = x->steps < STEPS_MAX ? map_get(&x->ids, id) : MAP_NONE;

    x->steps += x->steps < STEPS_MAX;

    return at == MAP_NONE ? NULL : x->object[at];
}

static bool is(const struct stix *x, const struct jt_node *o, const char *type) { return o && str_eq(get(x, o, "type"), str_c(type)); }

/* ---- servers ---- */

static void add_sco(struct stix *x, struct found *f, const struct jt_node *o, int depth)
{
    struct str type = get(x, o, "type"), value = get(x, o, "value");
    uint8_t    ip[16];
    int64_t    port;

    if (str_eq(type, STR("ipv4-addr")) || str_eq(type, STR("ipv6-addr"))) {
        if (str_ends(value, STR("/32")))
            value = str_sub(value, 0, value.n - 3);
        if (!net_ip_parse(value, ip)) {
            (void)intake_part(x->m, intake_no_ip);
            return;
        }
        for (size_t i = 0; i < f->ip_n; i++)
            if (!memcmp(f->ip[i], ip, 16))
                return;
        if (f->ip_n == STIX_SERVERS) {
            (void)intake_part(x->m, too_many);
            return;
        }
        memcpy(f->ip[f->ip_n++], ip, 16);
    } else if (str_eq(type, STR("domain-name"))) {
        if (!intake_name(x->m, &f->s, value))
            (void)intake_part(x->m, intake_no_domain);
    } else if (str_eq(type, STR("url"))) {
        struct intake_server u;
        intake_server(&u);
        if (intake_target(x->m, &u, value)) {
            if (u.s.name_n)
                (void)intake_name(x->m, &f->s, u.name[0]);
            else if (u.s.has_ip && f->ip_n < STIX_SERVERS)
                memcpy(f->ip[f->ip_n++], u.s.ip, 16);
            f->s.s.port = f->s.s.port ? f->s.s.port : u.s.port;
        }
    } else if (str_eq(type, STR("x509-certificate"))) {
        struct str hash = jt_str(jt_get(x->t, jt_get(x->t, o, "hashes"), "SHA-256"), &x->m->a);
        if (hash.n == 64 && num_unhex(hash, f->s.s.tls, 32))
            f->s.s.has_tls = true;
    } else if (str_eq(type, STR("network-traffic")) && depth < 2) {
        const struct jt_node *to = find(x, get(x, o, "dst_ref"));
        if (to)
            add_sco(x, f, to, depth + 1);
        if (jt_num(jt_get(x->t, o, "dst_port"), &port) && port > 0 && port <= 65535)
            f->s.s.port = (uint16_t)port;
    }
}

static void add_observed(struct stix *x, struct found *f, const struct jt_node *o)
{
    const struct jt_node *list = jt_get(x->t, o, "object_refs"), *old = jt_get(x->t, o, "objects");
    uint32_t              n = 0;

    for (const struct jt_node *c = jt_child(x->t, list); c && n++ < REFS_MAX; c = jt_next(x->t, c)) {
        const struct jt_node *sco = find(x, jt_str(c, &x->m->a));
        if (sco)
            add_sco(x, f, sco, 0);
    }
    for (const struct jt_node *c = old && old->kind == JT_OBJECT ? jt_child(x->t, old) : NULL; c && n++ < REFS_MAX; c = jt_next(x->t, c))      /* STIX 2.0 */
        add_sco(x, f, c, 0);
}

static uint32_t place_of(const struct stix *x, struct str id) { return map_get(&x->ids, id); }

static void add_related(struct stix *x, struct found *f, uint32_t identity)
{
    uint32_t low = 0, high = x->pair_n;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (x->pair[mid].identity < identity)
            low = mid + 1;
        else
            high = mid;
    }
    for (uint32_t n = 0; low < x->pair_n && x->pair[low].identity == identity && n < REFS_MAX && x->steps < STEPS_MAX; low++, n++, x->steps++) {
        const struct jt_node *o = x->object[x->pair[low].other];
        if (is(x, o, "observed-data"))
            add_observed(x, f, o);
        else
            add_sco(x, f, o, 0);
    }
}

/* ---- what is given ---- */

static struct str producer(struct stix *x, const struct jt_node *o)
{
    const struct jt_node *by = find(x, get(x, o, "created_by_ref"));
    struct str            name = by ? get(x, by, "name") : STR_EMPTY;

    return name.n ? name : get(x, o, "created_by_ref");
}

static void marking(struct stix *x, const struct jt_node *o)
{
    static const struct { const char *id, *tlp; } known[] = {
        { "94868c89-83c2-464b-929b-a1a8aa3c8487", "CLEAR" }, { "bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "GREEN" }, { "55d920b0-5e8b-4f79-9ee9-91f868d9b421", "AMBER" },
        { "939a9414-2ddd-4d32-a0cd-375ea402b003", "AMBER+STRICT" }, { "e828b379-4e03-4974-9ac4-e53a884c97c1", "RED" },
        /* TLP 1.0, as the standard itself has them */
        { "613f2e26-407d-48c7-9eca-b8e91df99dc9", "CLEAR" }, { "34098fce-860f-48ae-8e50-ebd3cc5e41da", "GREEN" }, { "f88d31f6-486f-44da-b317-01333bde0b82", "AMBER" },
        { "5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "RED" },
    };
    uint32_t n = 0;

    for (const struct jt_node *c = jt_child(x->t, jt_get(x->t, o, "object_marking_refs")); c && n++ < REFS_MAX; c = jt_next(x->t, c))
        for (size_t i = 0; i < COUNT_OF(known); i++)
            if (str_ends(jt_str(c, &x->m->a), str_c(known[i].id)))
                x->m->source.tlp = str_c(known[i].tlp);
}

static struct str sector_of(struct stix *x, const struct jt_node *identity)
{
    const struct jt_node *c = jt_child(x->t, jt_get(x->t, identity, "sectors"));

    return c ? intake_sector_or_note(x->m, jt_str(c, &x->m->a)) : STR_EMPTY;
}

/* The identity as an entry of its producer's list. */
static struct str entry_of(struct stix *x, const struct jt_node *identity)
{
    struct str by = producer(x, identity), text;
    uint8_t   *p;

    if (!by.n)
        by = x->m->opt->source;
    text = str_cat(&x->m->a, STR("stix-"), str_sub(by, 0, 60));
    p = (uint8_t *)(uintptr_t)text.p;
    for (size_t i = 0; i < text.n; i++)
        if (p[i] == ':')
            p[i] = '-';
    return str_cat(&x->m->a, str_cat(&x->m->a, text, STR(":")), get(x, identity, "id"));
}

/* Facts and links of one victim's servers. f NULL: links alone. False: the import stops. */
static bool give(struct stix *x, struct found *s, const struct fact *f, const struct jt_node *identity, uint8_t confidence, int64_t when)
{
    for (size_t i = 0; i < (s->ip_n ? s->ip_n : 1); i++) {
        struct intake_item item = { .subject = &s->s.s };
        if (s->ip_n) {
            memcpy(s->s.s.ip, s->ip[i], 16);
            s->s.s.has_ip = true;
        }
        s->s.s.name = s->s.name;
        if (f) {
            item.fact.f = *f;
            if (!intake_give(x->m, &item, INTAKE_FACT) && x->m->stopped)
                return false;
        }
        if (!identity)
            continue;
        struct intake_item link = { .subject = &s->s.s, .link = { .kind = ORG_CONSTITUENCY, .value = entry_of(x, identity), .confidence = confidence, .name = get(x, identity, "name"),
                                                                  .sector = sector_of(x, identity), .observed_us = when } };
        if (!intake_give(x->m, &link, INTAKE_LINK) && x->m->stopped)
            return false;
    }
    return true;
}

/* ---- rows ---- */

static bool has_type(struct stix *x, const struct jt_node *malware)
{
    const struct jt_node *list = jt_get(x->t, malware, "malware_types");
    uint32_t              n = 0;

    if (!jt_child(x->t, list) || str_ihas(get(x, malware, "name"), STR("shell")))
        return true;
    for (const struct jt_node *c = jt_child(x->t, list); c && n++ < REFS_MAX; c = jt_next(x->t, c)) {
        struct str w = jt_str(c, &x->m->a);
        if (str_ieq(w, STR("webshell")) || str_ieq(w, STR("web-shell")) || str_ieq(w, STR("backdoor")) || str_ieq(w, STR("remote-access-trojan")) || str_ieq(w, STR("unknown")))
            return true;
    }
    return false;
}

/* 1: it says so; 0: it is other people's business; -1: refused, and told. */
static int says(struct stix *x, const struct jt_node *sighting, struct fact *f)
{
    struct str            of = get(x, sighting, "sighting_of_ref");
    const struct jt_node *what = find(x, of);

    *f = (struct fact){ .kind = FACT_FINDING, .grade = GRADE_C, .own_us = TIME_NONE };
    if (str_starts(of, STR("indicator--"))) {
        f->grade = GRADE_D;
        return 1;
    }
    if (!what && (str_starts(of, STR("malware--")) || str_starts(of, STR("vulnerability--")))) {
        (void)intake_broken(x->m, not_there);
        return -1;
    }
    f->reason = what ? get(x, what, "name") : STR_EMPTY;
    if (str_starts(of, STR("malware--")))
        return has_type(x, what);
    if (str_starts(of, STR("vulnerability--"))) {
        f->kind  = FACT_EXPOSURE;
        f->value = EXPOSURE_VULNERABLE;
        return import_exchange_word(f->reason) || import_exchange_word(get(x, what, "description")) || intake_campaign_word(x->m, f->reason) == 1;
    }
    return str_starts(of, STR("intrusion-set--")) || str_starts(of, STR("threat-actor--")) || str_starts(of, STR("campaign--"));
}

static bool sighting(struct stix *x, const struct jt_node *o)
{
    struct fact           f;
    struct found         *s = NEW(&x->m->a, struct found, 1);
    const struct jt_node *where = jt_get(x->t, o, "where_sighted_refs"), *victim = NULL;
    uint32_t              victims = 0, n = 0;
    int64_t               confidence = SURE, first;
    const char           *why;
    int                   said = says(x, o, &f);

    if (said <= 0 || !s)
        return said < 0 || s ? !x->m->stopped : err_set(x->m->e, ERR_MEMORY, "no room for a sighting");
    const struct jt_node *c = jt_get(x->t, o, "confidence");
    if (c && (!jt_num(c, &confidence) || confidence < 0 || confidence > 100))
        return intake_broken(x->m, bad_confidence);
    struct str last = get(x, o, "last_seen");
    if (!intake_time(x->m, get(x, o, "first_seen"), &first, &why) || !intake_time(x->m, last.n ? last : get(x, o, get(x, o, "first_seen").n ? "first_seen" : "created"), &f.observed_us, &why))
        return intake_broken(x->m, why);
    if (f.kind == FACT_FINDING)
        f.own_us = first;
    if (confidence < SURE)
        f.grade = GRADE_D;
    x->m->source.name = producer(x, o);
    marking(x, o);
    intake_server(&s->s);
    const struct jt_node *observed = jt_get(x->t, o, "observed_data_refs");
    for (const struct jt_node *r = jt_child(x->t, observed); r && n++ < REFS_MAX; r = jt_next(x->t, r)) {
        const struct jt_node *data = find(x, jt_str(r, &x->m->a));
        if (data)
            add_observed(x, s, data);
    }
    bool shared = s->ip_n || s->s.s.name_n || s->s.s.has_tls, any = false;
    n = 0;
    for (const struct jt_node *r = jt_child(x->t, where); r && n++ < REFS_MAX; r = jt_next(x->t, r)) {
        uint32_t at = place_of(x, jt_str(r, &x->m->a));
        if (at == MAP_NONE || !is(x, x->object[at], "identity"))
            continue;
        victims++;
        victim = x->object[at];
        x->sighted[at] = true;
        if (shared)
            continue;
        struct found *own = NEW(&x->m->a, struct found, 1);
        if (!own)
            return err_set(x->m->e, ERR_MEMORY, "no room for a sighting");
        intake_server(&own->s);
        add_related(x, own, at);
        if (!own->ip_n && !own->s.s.name_n && !own->s.s.has_tls)
            continue;
        any = true;
        if (!give(x, own, &f, victim, (uint8_t)confidence, f.observed_us))
            return false;
    }
    if (shared)
        return give(x, s, &f, victims == 1 ? victim : NULL, (uint8_t)confidence, f.observed_us);
    return any || intake_broken(x->m, no_servers);
}

static bool identity(struct stix *x, uint32_t at)
{
    const struct jt_node *o = x->object[at];
    struct found         *s = NEW(&x->m->a, struct found, 1);
    int64_t               confidence = SURE;
    int64_t               when;
    const char           *why;

    if (!s)
        return err_set(x->m->e, ERR_MEMORY, "no room for an identity");
    intake_server(&s->s);
    add_related(x, s, at);
    if (!s->ip_n && !s->s.s.name_n && !s->s.s.has_tls)
        return true;
    const struct jt_node *c = jt_get(x->t, o, "confidence");
    if (c && (!jt_num(c, &confidence) || confidence < 0 || confidence > 100))
        return intake_broken(x->m, bad_confidence);
    if (!intake_time(x->m, get(x, o, "modified"), &when, &why))
        return intake_broken(x->m, why);
    x->m->source.name = producer(x, o);
    marking(x, o);
    return give(x, s, NULL, o, (uint8_t)confidence, when);
}

/* ---- the bundle ---- */

static int by_identity(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    return x->identity != y->identity ? (x->identity < y->identity ? -1 : 1) : (x->other > y->other) - (x->other < y->other);
}

static bool index_all(struct stix *x, const struct jt_node *list)
{
    struct arena *keep = x->keep;
    uint32_t      n = 0, pairs = 0;

    for (const struct jt_node *c = jt_child(x->t, list); c; c = jt_next(x->t, c))
        n++;
    x->object  = TAKE(keep, const struct jt_node *, n);
    x->sighted = NEW(keep, bool, n);
    if (n && (!x->object || !x->sighted))
        return false;
    for (const struct jt_node *c = jt_child(x->t, list); c; c = jt_next(x->t, c)) {
        struct str id = jt_str(jt_get(x->t, c, "id"), keep);
        if (jt_get(x->t, c, "revoked") && jt_get(x->t, c, "revoked")->kind == JT_TRUE)
            continue;
        x->object[x->n] = c;
        if (id.n && map_get(&x->ids, id) == MAP_NONE && !map_put(&x->ids, keep, id, x->n))
            return false;
        x->n++;
        pairs += str_eq(jt_str(jt_get(x->t, c, "type"), keep), STR("relationship"));
    }
    x->pair = TAKE(keep, struct pair, pairs);
    if (pairs && !x->pair)
        return false;
    for (uint32_t i = 0; i < x->n; i++) {
        struct arena scratch = *keep;
        if (!str_eq(jt_str(jt_get(x->t, x->object[i], "type"), &scratch), STR("relationship")))
            continue;
        struct str a = jt_str(jt_get(x->t, x->object[i], "source_ref"), &scratch), b = jt_str(jt_get(x->t, x->object[i], "target_ref"), &scratch);
        if (str_starts(b, STR("identity--"))) {
            struct str t = a;
            a = b;
            b = t;
        }
        uint32_t one = map_get(&x->ids, a), other = map_get(&x->ids, b);
        if (str_starts(a, STR("identity--")) && one != MAP_NONE && other != MAP_NONE)
            x->pair[x->pair_n++] = (struct pair){ one, other };
    }
    if (x->pair_n)
        qsort(x->pair, x->pair_n, sizeof *x->pair, by_identity);
    return true;
}

static bool object(struct intake *m, const struct jt *t, const struct jt_node *root)
{
    struct stix x = { .m = m, .t = t, .keep = &m->row };
    uint64_t    line = m->line, indicators = 0;
    bool        go = true;

    if (!index_all(&x, jt_get(t, root, "objects"))) {
        m->stopped = true;
        return err_set(m->e, ERR_MEMORY, "no room for a bundle");
    }
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; go && i < x.n; i++) {
            m->a = m->row;
            bool mine = pass ? is(&x, x.object[i], "identity") && !x.sighted[i] : is(&x, x.object[i], "sighting");
            indicators += !pass && is(&x, x.object[i], "indicator");
            if (!mine)
                continue;
            struct str id = jt_str(jt_get(t, x.object[i], "id"), &m->row);
            intake_row_begin(m, line, id);
            go = intake_row_end(m, x.steps >= STEPS_MAX ? intake_broken(m, too_many_refs) : pass ? identity(&x, i) : sighting(&x, x.object[i]));
        }
    if (indicators)
        intake_note(m, "%llu indicators are not casework's: afterpatch hunt --iocs takes them", (unsigned long long)indicators);
    if (m->e->kind == ERR_MEMORY)
        m->stopped = true;
    return go;
}

static int stix_fits(struct str head)
{
    head = str_sub(head, 0, 4096);
    return str_has(head, STR("\"bundle--")) ? 95 : str_has(head, STR("\"bundle\"")) && str_has(head, STR("\"objects\"")) ? 80 : 0;
}

const struct intake_kind intake_stix = {
    .name = "stix", .about = "STIX 2.1 bundles: identities, sightings and the addresses of victims", .of_campaign = true, .fits = stix_fits, .whole = true, .object = object,
};
