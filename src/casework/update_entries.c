/*
 * update_entries: rows of registers and constituency lists tie servers by domain, network or AS number.
 *
 * Rules    1. By domain: the longest of the list's domains that is the host name or stands above it. A public suffix ties nothing.
 *          2. By network: the smallest range of the list that holds an address. Wider than WIDE_4 or WIDE_6 bits it is nobody's own, and ties nothing.
 *          3. By AS number: only where the list knows neither domain nor network of the server, and shown only: in an operator's AS stand its customers' servers.
 *          4. What follows is as sure as what it follows from: a reverse name is not enough. Where one list knows the server by its own domain and by its network, and these
 *             differ, the domain counts: in a hoster's network stand others' servers.
 *             A domain that somebody stated of the server (a link, an MX record) counts less; of more than STATED_MAX it is a smart host's, and they tell nobody's name.
 *          5. A row that had ended before the server was first seen, or began after it was last seen, is shown and not counted.
 *          6. A domain or AS number that more than ROWS_MAX rows name is nobody's own, and ties nothing.
 * Bounds   HITS_MAX rows of one server are looked at: beyond that a list is not one of networks that exist.
 */
#include "casework/update_links.h"

#include "base/net.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>

enum { STATED_MAX = 3, WIDE_4 = 24 /* a /8 */, WIDE_6 = 112 /* a /16 */, HITS_MAX = 4096, ROWS_MAX = 64 };

struct entry {
    int64_t    id, source;
    struct str value;              /* "list:number" */
    uint32_t   list;               /* number of its list */
    bool       registered, revoked, has_network;
    struct str name, sector, size, domain;
    uint8_t    first[16], last[16];
    uint32_t   asn;
    char       country[3];
    int64_t    since_us, until_us;
    uint8_t    width;              /* bits of its span, rounded up */
};
struct hit { uint32_t entry; uint8_t rank, sure; struct str detail; size_t length; };      /* rank: 0 own domain, 1 network, 2 weaker names, 3 AS; length: of the domain, or 128 - width */
struct entries {
    struct update *u;
    struct entry *e; size_t n, cap;
    struct map lists, domains;     /* domain -> place in by_domain */
    uint32_t *by_domain, *by_range, *by_asn; size_t domain_n, range_n, asn_n;
    uint8_t (*reach)[16];          /* of by_range: the furthest `last` in the subtree around the middle of a span; see stab */
    struct hit *hit; size_t hit_n, hit_cap;
};

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for registers and lists"); }

/* ---- load ---- */

static uint8_t width_of(const uint8_t first[16], const uint8_t last[16])
{
    for (int i = 0; i < 128; i++)
        if ((first[i / 8] ^ last[i / 8]) >> (7 - i % 8) & 1)
            return (uint8_t)(128 - i);
    return 0;
}

static bool take_entry(void *ctx, const struct store_value *v, struct err *e)
{
    struct entries *x = ctx;
    struct arena   *a = &x->u->keep;
    struct entry   *n = GROW(a, x->e, x->n, &x->cap);
    struct str      list = v[1].s;

    if (!n)
        return no_room(e);
    while (list.n && list.p[list.n - 1] == ':')
        list.n--;
    *n = (struct entry){ .id = v[0].i, .value = str_fmt(a, "%.*s:%.*s", STR_ARG(list), STR_ARG(v[2].s)), .registered = v[3].i != 0, .asn = (uint32_t)v[10].i,
                         .since_us = v[12].null ? TIME_NONE : v[12].i, .until_us = v[13].null ? TIME_NONE : v[13].i, .source = v[14].i, .revoked = !v[15].null };
    list = str_lower(a, list);
    if (!n->value.p || !list.p || !update_keep(a, v[4].s, &n->name) || !update_keep(a, v[5].s, &n->sector) || !update_keep(a, v[6].s, &n->size) ||
        (v[7].s.n && !(n->domain = str_lower(a, v[7].s)).p))
        return no_room(e);
    if (v[11].s.n == 2)
        memcpy(n->country, v[11].s.p, 2);
    if (!v[8].null && !v[9].null && v[8].s.n == 16 && v[9].s.n == 16 && memcmp(v[8].s.p, v[9].s.p, 16) <= 0) {
        memcpy(n->first, v[8].s.p, 16);
        memcpy(n->last, v[9].s.p, 16);
        n->width = width_of(n->first, n->last);
        n->has_network = net_is4(n->first) == net_is4(n->last) && n->width <= (net_is4(n->first) ? WIDE_4 : WIDE_6);
    }
    if (!where_registrable(n->domain).n)
        n->domain = STR_EMPTY;
    n->list = map_get(&x->lists, list);
    if (n->list == MAP_NONE) {
        n->list = (uint32_t)x->lists.n;
        if (!map_put(&x->lists, a, list, n->list))
            return no_room(e);
    }
    x->n++;
    return true;
}

static int by_domain(const void *p, const void *q, void *ctx)
{
    const struct entry *e = ctx;
    uint32_t a = *(const uint32_t *)p, b = *(const uint32_t *)q;
    int c = str_cmp(e[a].domain, e[b].domain);

    return c ? c : a < b ? -1 : a > b;
}

static int by_range(const void *p, const void *q, void *ctx)
{
    const struct entry *e = ctx;
    uint32_t a = *(const uint32_t *)p, b = *(const uint32_t *)q;
    int c = memcmp(e[a].first, e[b].first, 16);

    return c ? c : a < b ? -1 : a > b;
}

static int by_asn(const void *p, const void *q, void *ctx)
{
    const struct entry *e = ctx;
    uint32_t a = *(const uint32_t *)p, b = *(const uint32_t *)q;

    if (e[a].asn != e[b].asn)
        return e[a].asn < e[b].asn ? -1 : 1;
    return a < b ? -1 : a > b;
}

/* The furthest end of each subtree: of ranges from..to the middle one is the root. */
static void reach(struct entries *x, size_t from, size_t to)
{
    size_t mid = from + (to - from) / 2;

    memcpy(x->reach[mid], x->e[x->by_range[mid]].last, 16);
    if (from < mid) {
        reach(x, from, mid);
        size_t l = from + (mid - from) / 2;
        if (memcmp(x->reach[l], x->reach[mid], 16) > 0)
            memcpy(x->reach[mid], x->reach[l], 16);
    }
    if (mid + 1 < to) {
        reach(x, mid + 1, to);
        size_t r = mid + 1 + (to - mid - 1) / 2;
        if (memcmp(x->reach[r], x->reach[mid], 16) > 0)
            memcpy(x->reach[mid], x->reach[r], 16);
    }
}

static bool index_entries(struct entries *x, struct err *e)
{
    struct arena *a = &x->u->keep;

    x->by_domain = TAKE(a, uint32_t, x->n + 1);
    x->by_range = TAKE(a, uint32_t, x->n + 1);
    x->by_asn = TAKE(a, uint32_t, x->n + 1);
    x->reach = arena_take(a, sizeof *x->reach, x->n + 1, 1);
    if (!x->by_domain || !x->by_range || !x->by_asn || !x->reach)
        return no_room(e);
    for (uint32_t i = 0; i < x->n; i++) {
        if (x->e[i].domain.n)
            x->by_domain[x->domain_n++] = i;
        if (x->e[i].has_network)
            x->by_range[x->range_n++] = i;
        if (x->e[i].asn)
            x->by_asn[x->asn_n++] = i;
    }
    qsort_r(x->by_domain, x->domain_n, sizeof *x->by_domain, by_domain, x->e);
    qsort_r(x->by_range, x->range_n, sizeof *x->by_range, by_range, x->e);
    qsort_r(x->by_asn, x->asn_n, sizeof *x->by_asn, by_asn, x->e);
    for (size_t from = 0, to; from < x->domain_n; from = to) {
        struct str domain = x->e[x->by_domain[from]].domain;

        for (to = from; to < x->domain_n && str_eq(x->e[x->by_domain[to]].domain, domain); )
            to++;
        if (to - from <= ROWS_MAX && !map_put(&x->domains, a, domain, (uint32_t)from))
            return no_room(e);
    }
    if (x->range_n)
        reach(x, 0, x->range_n);
    return true;
}

/* ---- one server ---- */

static bool hit(struct entries *x, uint32_t entry, uint8_t rank, uint8_t sure, struct str detail, size_t length, struct err *e)
{
    if (x->hit_n == HITS_MAX)
        return true;
    struct hit *h = GROW(&x->u->scratch, x->hit, x->hit_n, &x->hit_cap);
    if (!h)
        return no_room(e);
    *h = (struct hit){ entry, rank, sure, detail, length };
    x->hit_n++;
    return true;
}

static bool by_name(struct entries *x, struct str name, uint8_t rank, uint8_t sure, struct err *e)
{
    for (struct str s = str_starts(name, STR("*.")) ? str_from(name, 2) : name; s.n; ) {
        uint32_t at = map_get(&x->domains, s);
        size_t   dot = str_chr(s, '.');

        for (; at != MAP_NONE && at < x->domain_n && str_eq(x->e[x->by_domain[at]].domain, s); at++)
            if (!hit(x, x->by_domain[at], rank, sure, name, s.n, e))
                return false;
        s = dot == STR_NONE ? STR_EMPTY : str_from(s, dot + 1);
    }
    return true;
}

static bool stab(struct entries *x, const uint8_t ip[16], size_t from, size_t to, uint32_t *left, struct err *e)
{
    if (from >= to || !*left)
        return true;
    size_t mid = from + (to - from) / 2;
    const struct entry *n = &x->e[x->by_range[mid]];

    if (memcmp(x->reach[mid], ip, 16) < 0)
        return true;
    if (!stab(x, ip, from, mid, left, e))
        return false;
    if (memcmp(n->first, ip, 16) > 0)
        return true;
    if (*left && memcmp(n->last, ip, 16) >= 0) {
        --*left;
        if (!hit(x, x->by_range[mid], 1, SURE_ENTRY_NETWORK, STR_EMPTY, (size_t)128 - n->width, e))
            return false;
    }
    return stab(x, ip, mid + 1, to, left, e);
}

static bool by_number(struct entries *x, uint32_t asn, struct err *e)
{
    size_t from = 0, to = x->asn_n;

    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (x->e[x->by_asn[mid]].asn < asn)
            from = mid + 1;
        else
            to = mid;
    }
    if (!asn || (from + ROWS_MAX < x->asn_n && x->e[x->by_asn[from + ROWS_MAX]].asn == asn))
        return true;
    for (; from < x->asn_n && x->e[x->by_asn[from]].asn == asn; from++)
        if (!hit(x, x->by_asn[from], 3, SURE_ENTRY_ASN, STR_EMPTY, 0, e))
            return false;
    return true;
}

static int by_hit(const void *p, const void *q, void *ctx)
{
    const struct entries *x = ctx;
    const struct hit *a = p, *b = q;
    uint32_t l = x->e[a->entry].list, m = x->e[b->entry].list;

    if (l != m)
        return l < m ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->length != b->length)
        return a->length > b->length ? -1 : 1;
    if (a->entry != b->entry)
        return a->entry < b->entry ? -1 : 1;
    if (a->sure != b->sure)
        return a->sure > b->sure ? -1 : 1;
    return str_cmp(a->detail, b->detail);
}

static bool stale(const struct entry *n, const struct seen_times *t)
{
    return (n->until_us != TIME_NONE && t->first_us != TIME_NONE && n->until_us < t->first_us) || (n->since_us != TIME_NONE && t->last_us != TIME_NONE && n->since_us > t->last_us);
}

static bool give(struct entries *x, uint32_t server, const struct hit *h, uint8_t sure, struct err *e)
{
    const struct entry *n = &x->e[h->entry];
    struct group_link l = { .kind = n->registered ? ORG_REGISTER : ORG_CONSTITUENCY, .value = n->value, .confidence = sure, .revoked = n->revoked, .name = n->name,
                            .sector = n->sector, .size = n->size };

    memcpy(l.country, n->country, sizeof l.country);
    return update_give(x->u, server, &l, WHY_ENTRY, n->source, n->id, h->detail.n ? h->detail : n->domain, e);
}

/* The hits of one list. */
static bool judge(struct entries *x, uint32_t server, const struct seen_times *seen, const struct hit *h, size_t n, struct err *e)
{
    struct str own = STR_EMPTY;    /* what the server's own domain says */
    bool       counted = false;    /* a domain or network said something */

    for (size_t i = 0; i < n; i++) {
        const struct entry *en = &x->e[h[i].entry];
        bool    longest = true, old = stale(en, seen);
        uint8_t sure = h[i].sure;

        /* A longer domain or smaller network of the same kind is more specific. */
        for (size_t k = 0; k < i && longest; k++)
            longest = h[k].rank != h[i].rank || h[k].length == h[i].length || stale(&x->e[h[k].entry], seen);
        if (!longest || (i && h[i - 1].entry == h[i].entry && h[i - 1].rank == h[i].rank))
            continue;
        if (h[i].rank == 3 && counted)
            continue;
        if (old)
            sure = SURE_STALE;
        else if (h[i].rank == 0)
            own = own.n ? own : en->value;
        else if (own.n && !str_eq(own, en->value) && sure > SURE_OVERRULED)
            sure = SURE_OVERRULED;
        counted |= !old && h[i].rank < 2;
        if (!give(x, server, &h[i], sure, e))
            return false;
    }
    return true;
}

static int by_stated(const void *p, const void *q)
{
    const struct update_stated *a = p, *b = q;

    if (a->server != b->server)
        return a->server < b->server ? -1 : 1;
    int c = str_cmp(a->domain, b->domain);
    return c ? c : (int)b->strong - (int)a->strong;
}

static bool stated(struct entries *x, uint32_t server, size_t *at, struct err *e)
{
    struct update *u = x->u;
    size_t from = *at, strong = 0;

    for (; *at < u->stated_n && u->stated[*at].server == server; ++*at)
        strong += u->stated[*at].strong && (*at == from || !str_eq(u->stated[*at].domain, u->stated[*at - 1].domain));
    for (size_t i = from; i < *at && strong <= STATED_MAX; i++)
        if (!by_name(x, u->stated[i].domain, 2, u->stated[i].strong ? SURE_ENTRY_STATED : SURE_ENTRY_REVERSE, e))
            return false;
    return true;
}

static bool one_server(struct entries *x, uint32_t server, uint32_t *trait, size_t *said, const struct seen_times *seen, struct err *e)
{
    struct update *u = x->u;
    struct arena   was = u->scratch;
    const struct update_server *s = &u->server[server];
    uint32_t       left = HITS_MAX;
    bool           ok = true;

    x->hit = NULL;
    x->hit_n = x->hit_cap = 0;
    for (; *trait < u->trait_n && u->trait[*trait].server == server && ok; ++*trait) {
        const struct update_trait *t = &u->trait[*trait];

        switch ((enum update_kind)t->kind) {
        case TRAIT_CERT_NAME: ok = by_name(x, t->text, 0, SURE_ENTRY_CERT, e); break;
        case TRAIT_OWN_NAME:  ok = by_name(x, t->text, 0, SURE_ENTRY_OWN, e); break;
        case TRAIT_DIRECTORY: ok = by_name(x, t->text, 2, t->survey ? SURE_ENTRY_DIRECTORY : SURE_ENTRY_REVERSE, e); break;
        case TRAIT_REVERSE:   ok = by_name(x, t->text, 2, SURE_ENTRY_REVERSE, e); break;
        default: break;
        }
    }
    ok = ok && stated(x, server, said, e);
    for (uint32_t i = 0; i < s->ip_n && ok; i++)
        ok = stab(x, s->ips[i], 0, x->range_n, &left, e);
    ok = ok && by_number(x, s->asn, e);
    if (x->hit_n > 1)
        qsort_r(x->hit, x->hit_n, sizeof *x->hit, by_hit, x);
    for (size_t from = 0, to; ok && from < x->hit_n; from = to) {
        for (to = from; to < x->hit_n && x->e[x->hit[to].entry].list == x->e[x->hit[from].entry].list; )
            to++;
        ok = judge(x, server, seen, x->hit + from, to - from, e);
    }
    u->scratch = was;
    return ok;
}

bool update_entries(struct update *u, const struct seen_times *seen, struct err *e)
{
    struct entries x = { .u = u };
    uint32_t       trait = 0;
    size_t         said = 0;

    if (!store_scan(u->s, "SELECT n.id, n.list, n.number, n.registered, n.name, n.sector, n.size, n.domain, n.first_ip, n.last_ip, n.asn, n.country, n.since_us, n.until_us,"
                          " n.source, r.link FROM case_entry n LEFT JOIN case_revoked r ON r.link = n.id ORDER BY n.id", 16, take_entry, &x, e))
        return false;
    if (!x.n)
        return true;
    if (!index_entries(&x, e))
        return false;
    if (u->stated_n)
        qsort(u->stated, u->stated_n, sizeof *u->stated, by_stated);
    for (uint32_t i = 0; i < u->server_n; i++) {
        while (trait < u->trait_n && u->trait[trait].server < i)
            trait++;
        if (!one_server(&x, i, &trait, &said, &seen[i], e))
            return false;
    }
    return true;
}
