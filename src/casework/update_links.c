/*
 * update_links: everything that ties a server to an owner, into the grouping: what was stated (case_link, case_mx), registers and lists (update_entries.c), and what the
 * names, certificates and networks say that were seen. Each link remembers by what it is known and by whom (u->given).
 *
 * Order    rows come by their numbers, which are those of their content: no order of arrival shows.
 */
#include "casework/update_links.h"

#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for what ties servers to owners"); }

bool update_give(struct update *u, uint32_t server, const struct group_link *l, enum why_by by, int64_t source, int64_t row, struct str detail, struct err *e)
{
    struct group_link x = *l;

    if (u->given_n >= GROUP_LINKS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d links", GROUP_LINKS_MAX);
    if (u->given_n == u->given_cap)
        return no_room(e);
    u->given[u->given_n] = (struct update_given){ (uint8_t)by, (uint8_t)l->kind, l->confidence, l->revoked, source, row, detail };
    x.asset = u->server[server].content;
    x.source = (uint32_t)u->given_n++;
    u->n->links++;
    return grouping_link(u->grouping, &x, e);
}

/* ---- what was stated ---- */

static bool state(struct update *u, uint32_t server, const struct group_link *l, struct err *e)
{
    if (l->revoked || org_kinds[l->kind].is != ORG_IS_DOMAIN || l->confidence < group_defaults.confidence_min || !l->value.n)
        return true;
    struct update_stated *x = GROW(&u->keep, u->stated, u->stated_n, &u->stated_cap);
    if (!x)
        return no_room(e);
    *x = (struct update_stated){ server, org_kinds[l->kind].weight >= group_defaults.join_weight, str_lower(&u->keep, l->value) };
    u->stated_n++;
    return x->domain.p ? true : no_room(e);
}

static bool is_domain(enum org_key k) { return org_kinds[k].is == ORG_IS_DOMAIN; }

/* Files of reports that prove nothing: anybody can write any name into one. Their links are shown, and do not count. */
struct stated { struct update *u; int64_t *unproven; size_t n, cap; };

static bool take_unproven(void *ctx, const struct store_value *v, struct err *e)
{
    struct stated *x = ctx;
    int64_t *slot = GROW(&x->u->keep, x->unproven, x->n, &x->cap);

    if (!slot)
        return no_room(e);
    x->unproven[x->n++] = v[0].i;
    return true;
}

static int by_file(const void *p, const void *q)
{
    int64_t a = *(const int64_t *)p, b = *(const int64_t *)q;

    return a < b ? -1 : a > b;
}

static bool take_link(void *ctx, const struct store_value *v, struct err *e)
{
    struct stated *x = ctx;
    struct update *u = x->u;
    const struct update_subject *s = update_subject_find(u, v[1].i);
    struct group_link l = {
        .kind = (enum org_key)v[2].i, .value = v[3].s, .confidence = (uint8_t)(v[5].i < 0 ? 0 : v[5].i > 100 ? 100 : v[5].i), .name = v[6].s, .sector = v[7].s, .size = v[8].s,
        .revoked = !v[10].null,
    };

    if (v[2].i < 0 || v[2].i >= ORG_KEYS)
        return true;                                    /* of a newer program */
    if (l.confidence > SURE_UNPROVEN && x->n && bsearch(&v[11].i, x->unproven, x->n, sizeof *x->unproven, by_file))
        l.confidence = SURE_UNPROVEN;
    if (v[4].s.n == 2)
        memcpy(l.country, v[4].s.p, 2);
    if (is_domain(l.kind) && where_registrable(l.value).n)
        l.value = where_registrable(l.value);
    for (; s && s < u->subject + u->subject_n && s->id == v[1].i; s++)
        if (!update_give(u, s->server, &l, WHY_LINK, v[9].i, v[0].i, STR_EMPTY, e) || !state(u, s->server, &l, e))
            return false;
    return true;
}

static bool take_ruling(void *ctx, const struct store_value *v, struct err *e)
{
    struct update *u = ctx;
    char country[3] = { 0 };

    if (v[0].i < 0 || v[0].i >= ORG_KEYS || (v[3].i != GROUP_OWNER && v[3].i != GROUP_PROVIDER))
        return true;
    if (v[2].s.n == 2)
        memcpy(country, v[2].s.p, 2);
    if (grouping_rule(u->grouping, (enum org_key)v[0].i, v[1].s, country, (enum group_ruling)v[3].i, v[4].i, e))
        return true;
    return e->kind == ERR_USAGE;                        /* a value that is none decides nothing */
}

/* ---- MX ---- */

struct named { struct str name; uint32_t server; };
struct placed { uint8_t ip[16]; uint32_t server; };
struct mx { struct update *u; struct named *named; size_t named_n; struct placed *placed; size_t placed_n; };

static int by_name(const void *p, const void *q)
{
    const struct named *a = p, *b = q;
    int c = str_cmp(a->name, b->name);

    return c ? c : a->server < b->server ? -1 : a->server > b->server;
}

static int by_place(const void *p, const void *q)
{
    const struct placed *a = p, *b = q;
    int c = memcmp(a->ip, b->ip, sizeof a->ip);

    return c ? c : a->server < b->server ? -1 : a->server > b->server;
}

static bool take_mx(void *ctx, const struct store_value *v, struct err *e)
{
    struct mx     *m = ctx;
    struct named   want = { v[2].s, 0 };
    struct placed  at = { .server = 0 };
    struct str     domain = where_registrable(v[1].s);
    struct group_link l = { .kind = ORG_MX, .value = domain.n ? domain : v[1].s, .confidence = SURE_MX, .revoked = !v[5].null };
    size_t         from = 0, to = m->named_n;
    struct str     host;

    if (!update_keep(&m->u->keep, v[2].s, &host))
        return no_room(e);
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (by_name(&m->named[mid], &want) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    for (; want.name.n && from < m->named_n && str_eq(m->named[from].name, want.name); from++)
        if ((from == 0 || by_name(&m->named[from - 1], &m->named[from]) != 0) &&
            (!update_give(m->u, m->named[from].server, &l, WHY_MX, v[4].i, v[0].i, host, e) || !state(m->u, m->named[from].server, &l, e)))
            return false;
    if (v[3].null || v[3].s.n != sizeof at.ip)
        return true;
    memcpy(at.ip, v[3].s.p, sizeof at.ip);
    for (from = 0, to = m->placed_n; from < to; ) {
        size_t mid = from + (to - from) / 2;
        if (by_place(&m->placed[mid], &at) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    for (; from < m->placed_n && !memcmp(m->placed[from].ip, at.ip, sizeof at.ip); from++)
        if (!update_give(m->u, m->placed[from].server, &l, WHY_MX, v[4].i, v[0].i, host, e) || !state(m->u, m->placed[from].server, &l, e))
            return false;
    return true;
}

static bool mail(struct update *u, struct err *e)
{
    struct mx    m = { .u = u };
    struct arena was = u->scratch;
    size_t       ips = 0;

    for (uint32_t i = 0; i < u->server_n; i++)
        ips += u->server[i].ip_n;
    m.named = TAKE(&u->scratch, struct named, (size_t)u->trait_n + 1);
    m.placed = TAKE(&u->scratch, struct placed, ips + 1);
    if (!m.named || !m.placed)
        return no_room(e);
    for (uint32_t i = 0; i < u->trait_n; i++)
        if (u->trait[i].kind <= TRAIT_REVERSE)
            m.named[m.named_n++] = (struct named){ u->trait[i].text, u->trait[i].server };
    for (uint32_t i = 0; i < u->server_n; i++)
        for (uint32_t k = 0; k < u->server[i].ip_n; k++) {
            struct placed *p = &m.placed[m.placed_n++];
            memcpy(p->ip, u->server[i].ips[k], sizeof p->ip);
            p->server = i;
        }
    if (m.named_n)
        qsort(m.named, m.named_n, sizeof *m.named, by_name);
    if (m.placed_n)
        qsort(m.placed, m.placed_n, sizeof *m.placed, by_place);
    bool ok = store_scan(u->s, "SELECT m.id, m.domain, m.host, m.ip, m.source, r.link FROM case_mx m LEFT JOIN case_revoked r ON r.link = m.id WHERE m.host <> '.' ORDER BY m.id", 6, take_mx, &m, e);
    u->scratch = was;
    return ok;
}

/* ---- what was seen ---- */

static bool seen(struct update *u, const struct update_trait *t, struct err *e)
{
    static const struct { enum org_key kind; uint8_t sure; enum why_by by; bool text; } as[] = {
        [TRAIT_CERT_NAME] = { ORG_CERT_DOMAIN, SURE_CERTIFICATE, WHY_CERTIFICATE, false },
        [TRAIT_OWN_NAME]  = { ORG_EXCHANGE_NAME, SURE_OWN_NAME, WHY_NAME, false },
        [TRAIT_REVERSE]   = { ORG_PTR, SURE_REVERSE, WHY_REVERSE_NAME, false },
        [TRAIT_CERT_ORG]  = { ORG_CERT_ORG, SURE_CERTIFICATE, WHY_CERTIFICATE, true },
        [TRAIT_DIRECTORY] = { ORG_INTERNAL, SURE_DIRECTORY, WHY_DIRECTORY, true },
    };

    if (t->kind >= COUNT_OF(as))
        return true;
    struct group_link l = { .kind = as[t->kind].kind, .value = as[t->kind].text ? t->text : t->domain, .confidence = as[t->kind].sure };
    return !l.value.n || update_give(u, t->server, &l, as[t->kind].by, 0, 0, t->text, e);
}

/* By the operator's files: a register's network, the customer of a small network; and who carries the address. */
static bool networks(struct update *u, uint32_t server, struct err *e)
{
    const struct update_server *s = &u->server[server];
    char as[16];

    for (uint32_t i = 0; u->o->places && i < s->ip_n; i++) {
        struct whose_facts f = { .ip = &s->ips[i], .ip_n = 1 };
        struct whose whose;
        struct arena scratch = u->scratch;
        struct group_link l = { .kind = ORG_NETWORK, .confidence = SURE_NETWORK };

        if (!where_whose(u->o->places, &scratch, &f, &whose, e))
            return false;
        l.value = whose.organisation;
        if (whose.organisation_by == WHOSE_REGISTER) {
            l = (struct group_link){ .kind = ORG_CONSTITUENCY, .value = str_fmt(&u->keep, "register file:%.*s", STR_ARG(str_sub(whose.organisation, 0, ORG_VALUE_MAX - 16))),
                                     .confidence = SURE_ENTRY_NETWORK, .name = whose.organisation, .sector = whose.sector_by == WHOSE_REGISTER ? whose.sector : STR_EMPTY };
            if (!l.value.p)
                return no_room(e);
        } else if (whose.organisation_by != WHOSE_RDAP)
            continue;
        if (!update_give(u, server, &l, WHY_PLACE, 0, 0, STR_EMPTY, e))
            return false;
    }
    if (!s->asn)
        return true;
    struct group_link l = { .kind = ORG_HOLDER, .value = { (const uint8_t *)as, (size_t)snprintf(as, sizeof as, "AS%u", s->asn) }, .confidence = SURE_NETWORK };
    return update_give(u, server, &l, WHY_PLACE, 0, 0, STR_EMPTY, e);
}

/* ---- when ---- */

struct times { struct update *u; struct seen_times *seen; };

static void widen(struct seen_times *t, int64_t first, int64_t last)
{
    t->first_us = t->first_us == TIME_NONE || first < t->first_us ? first : t->first_us;
    t->last_us = t->last_us == TIME_NONE || last > t->last_us ? last : t->last_us;
}

static bool take_times(void *ctx, const struct store_value *v, struct err *e)
{
    struct times *t = ctx;
    const struct update_subject *s = update_subject_find(t->u, v[0].i);

    (void)e;
    for (; s && !v[1].null && s < t->u->subject + t->u->subject_n && s->id == v[0].i; s++)
        widen(&t->seen[s->server], v[1].i, v[2].i);
    return true;
}

/* Of the survey's servers the whole survey's time: an entry is stale when it had ended before that. */
static bool when(struct times *t, struct err *e)
{
    struct update *u = t->u;
    int64_t first, last;
    struct err none = { 0 };

    for (uint32_t i = 0; i < u->server_n; i++)
        t->seen[i] = (struct seen_times){ TIME_NONE, TIME_NONE };
    if (!store_scan(u->s, "SELECT subject, min(observed_us), max(observed_us) FROM case_fact WHERE of_case = 0 GROUP BY subject", 3, take_times, t, e))
        return false;
    if (!u->survey_n || !store_one_int(u->s, "SELECT min(observed_us) FROM survey_observation WHERE observed_us IS NOT NULL HAVING count(*) > 0", &first, &none) ||
        !store_one_int(u->s, "SELECT max(observed_us) FROM survey_observation WHERE observed_us IS NOT NULL HAVING count(*) > 0", &last, &none)) {
        if (none.kind != ERR_NONE)
            *e = none;
        return none.kind == ERR_NONE;
    }
    for (uint32_t i = 0; i < u->survey_n; i++)
        widen(&t->seen[u->survey[i].server], first, last);
    return true;
}

_Static_assert(GRADE_B == 3, "the statement below has its number");

bool update_links(struct update *u, struct err *e)
{
    struct times t = { .u = u };
    struct stated x = { .u = u };

    /* How many there will be nobody knows; address space costs nothing, and growing among other things would cost twice. */
    u->given_cap = arena_room(&u->keep) / 8 / sizeof *u->given;
    if (!(u->given = TAKE(&u->keep, struct update_given, u->given_cap)))
        return no_room(e);
    if (!grouping_open(&u->grouping, &u->keep, NULL, e))
        return false;
    if (!(t.seen = TAKE(&u->keep, struct seen_times, (size_t)u->server_n + 1)))
        return no_room(e);
    for (uint32_t i = 0; i < u->server_n; i++)
        if (!grouping_asset(u->grouping, u->server[i].content, u->server[i].country, e))
            return false;
    if (!store_scan(u->s, "SELECT file, max(grade) FROM case_report GROUP BY file HAVING max(grade) < 3 ORDER BY file", 2, take_unproven, &x, e))
        return false;
    if (!store_scan(u->s, "SELECT k.id, k.subject, k.kind, k.value, k.country, k.confidence, k.name, k.sector, k.size, k.source, r.link, k.file"
                          " FROM case_link k LEFT JOIN case_revoked r ON r.link = k.id ORDER BY k.id", 12, take_link, &x, e) ||
        !store_scan(u->s, "SELECT kind, value, country, what, at_us FROM case_ruling ORDER BY id", 5, take_ruling, u, e) ||
        !when(&t, e) || !mail(u, e) || !update_entries(u, t.seen, e))
        return false;
    for (uint32_t i = 0; i < u->trait_n; i++)
        if (!seen(u, &u->trait[i], e))
            return false;
    for (uint32_t i = 0; i < u->server_n; i++)
        if (!networks(u, i, e))
            return false;
    return true;
}
