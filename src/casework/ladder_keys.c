/* See ladder.h: what a case is known by, and which contacts are about that. */
#include "casework/ladder_inner.h"

#include "base/num.h"
#include "casework/group.h"
#include "casework/why.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 2000, ASNS_MAX = 64, COUNTRIES_MAX = 32 };

bool ladder_no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for a ladder of contacts"); }

bool ladder_keep(struct arena *a, struct str s, struct str *ret, struct err *e)
{
    *ret = s.n ? str_dup(a, s) : STR_EMPTY;
    return ret->p || !s.n || ladder_no_room(e);
}

/* ---- networks ---- */

static uint8_t width_of(const uint8_t first[16], const uint8_t last[16])
{
    for (int i = 0; i < 128; i++)
        if ((first[i / 8] ^ last[i / 8]) >> (7 - i % 8) & 1)
            return (uint8_t)(128 - i);
    return 0;
}

/* "first-last"; a person may have written "192.0.2.0/24" */
static bool range_of(struct str s, uint8_t first[16], uint8_t last[16])
{
    size_t     dash = str_chr(s, '-');
    struct net n;

    if (dash != STR_NONE)
        return net_ip_parse(str_trim(str_sub(s, 0, dash)), first) && net_ip_parse(str_trim(str_from(s, dash + 1)), last) && memcmp(first, last, 16) <= 0 && net_is4(first) == net_is4(last);
    if (!net_parse(s, &n, NULL))
        return false;
    memcpy(first, n.ip, 16);
    memcpy(last, n.ip, 16);
    for (unsigned i = n.bits; i < 128; i++)
        last[i / 8] |= (uint8_t)(0x80 >> i % 8);
    return true;
}

static int by_net(const void *p, const void *q)
{
    const struct net_entry *a = p, *b = q;
    int c = memcmp(a->net.ip, b->net.ip, 16);

    if (c || a->net.bits != b->net.bits)
        return c ? c : a->net.bits < b->net.bits ? -1 : 1;
    return a->value < b->value ? -1 : a->value > b->value;
}

static bool same_net(const struct net *a, const struct net *b) { return a->bits == b->bits && !memcmp(a->ip, b->ip, 16); }

static bool net_add(struct ladder *l, struct str value, size_t *net_cap, size_t *piece_cap, struct err *e)
{
    struct ladder_nets *n = &l->nets;
    uint8_t first[16], last[16];
    struct net_entry piece = { .value = (uint32_t)n->net_n };
    bool    done = false;

    if (!range_of(value, first, last))
        return true;
    struct ladder_net *x = GROW(l->a, n->net, n->net_n, net_cap);
    if (!x)
        return ladder_no_room(e);
    x->width = width_of(first, last);
    if (!ladder_keep(l->a, value, &x->value, e))
        return false;
    n->net_n++;
    while (net_range(first, last, &done, &piece.net)) {
        struct net_entry *to = GROW(l->a, n->piece, n->piece_n, piece_cap);
        if (!to)
            return ladder_no_room(e);
        *to = piece;
        n->piece_n++;
    }
    return true;
}

bool ladder_nets_load(struct ladder *l, struct err *e)
{
    struct ladder_nets *n = &l->nets;
    struct store_stmt  *st;
    size_t net_cap = 0, piece_cap = 0, k = 0;
    enum store_got got = STORE_DONE;
    bool   ok = true;

    if (!bind_open(l->s, "SELECT DISTINCT about_value FROM case_contact WHERE about = ?1 ORDER BY about_value", BOUND(B_INT(ABOUT_NETWORK)), &st, e))
        return false;
    while (ok && (got = store_step(st, e)) == STORE_ROW)
        ok = net_add(l, store_text(st, 0), &net_cap, &piece_cap, e);
    store_finish(st);
    if (!ok || got == STORE_FAILED)
        return false;
    struct net_entry *set = TAKE(l->a, struct net_entry, n->piece_n + 1);
    if (!set)
        return ladder_no_room(e);
    if (n->piece_n)
        qsort(n->piece, n->piece_n, sizeof *n->piece, by_net);
    for (size_t i = 0; i < n->piece_n; i++)
        if (i == 0 || !same_net(&n->piece[i - 1].net, &n->piece[i].net))
            set[k++] = (struct net_entry){ .net = n->piece[i].net, .value = (uint32_t)i };
    net_set_build(&n->set, set, k);
    return true;
}

/* ---- cases ---- */

static bool add_ip(struct ladder_keys *k, struct str ip, struct arena *a, struct err *e)
{
    if (ip.n != 16)
        return true;
    for (size_t i = 0; i < k->ip_n; i++)
        if (!memcmp(k->ip[i], ip.p, 16))
            return true;
    if (!GROW(a, k->ip, k->ip_n, &k->ip_cap))
        return ladder_no_room(e);
    memcpy(k->ip[k->ip_n++], ip.p, 16);
    return true;
}

static int upper(uint8_t c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; }

static bool add_country(struct ladder_keys *k, struct str c, struct arena *a, struct err *e)
{
    if (c.n != 2 || k->country_n >= COUNTRIES_MAX)
        return true;
    char want[3] = { (char)upper(c.p[0]), (char)upper(c.p[1]), 0 };
    for (size_t i = 0; i < k->country_n; i++)
        if (!strcmp(k->country[i], want))
            return true;
    if (!GROW(a, k->country, k->country_n, &k->country_cap))
        return ladder_no_room(e);
    memcpy(k->country[k->country_n++], want, 3);
    return true;
}

static bool add_asn(struct ladder_keys *k, int64_t asn, struct arena *a, struct err *e)
{
    if (asn <= 0 || asn > UINT32_MAX || k->asn_n >= ASNS_MAX)
        return true;
    for (size_t i = 0; i < k->asn_n; i++)
        if (k->asn[i] == (uint32_t)asn)
            return true;
    if (!GROW(a, k->asn, k->asn_n, &k->asn_cap))
        return ladder_no_room(e);
    k->asn[k->asn_n++] = (uint32_t)asn;
    return true;
}

static struct ladder_keys *keys_of(struct ladder_set *x, int64_t case_)
{
    struct ladder_case *c = ladder_case_of(x, case_);

    return c ? &c->k : NULL;
}

static bool take_case(struct ladder_set *x, struct store_stmt *st, struct err *e)
{
    struct ladder_case *c = GROW(x->a, x->c, x->n, &x->c_cap);

    if (!c)
        return ladder_no_room(e);
    *c = (struct ladder_case){ .id = store_int(st, 0), .k = { .campaign = store_int(st, 1), .org = store_int(st, 2) } };
    x->n++;
    return ladder_keep(x->a, store_text(st, 3), &c->k.own_country, e) && ladder_keep(x->a, store_text(st, 4), &c->k.slug, e);
}

static bool take_server(struct ladder_set *x, struct store_stmt *st, struct err *e)
{
    struct ladder_keys *k = keys_of(x, store_int(st, 0));

    return !k || (add_ip(k, store_bytes(st, 1), x->a, e) && add_country(k, store_text(st, 2), x->a, e) && add_asn(k, store_int(st, 3), x->a, e));
}

/* What groups servers, as the last update left it. A key that counts for nobody there counts for nobody here. */
static bool take_edge(struct ladder_set *x, struct store_stmt *st, struct err *e)
{
    struct ladder_keys *k = keys_of(x, store_int(st, 0));
    int64_t             class = store_int(st, 1), state = store_int(st, 3), weight = store_int(st, 4), sure = store_int(st, 5);
    bool                others = store_int(st, 6) != 0;

    if (!k)
        return true;
    if (class == ORG_IS_DOMAIN) {
        struct ladder_domain *d = GROW(x->a, k->domain, k->domain_n, &k->domain_cap);
        if (!d)
            return ladder_no_room(e);
        d->weak = state == GROUP_KEY_PROVIDER || state == GROUP_KEY_DOUBT || weight < group_defaults.join_weight || sure < group_defaults.confidence_min;
        k->domain_n++;
        return ladder_keep(x->a, store_text(st, 2), &d->value, e);
    }
    /* Others: an entry that joins nothing, that another case has, too, and whose name is not what this one goes by: is its range stale? Until a person says, its contact may be anybody's. */
    if (sure < group_defaults.confidence_min || state == GROUP_KEY_PROVIDER || state == GROUP_KEY_DOUBT || others)
        return true;
    struct str *entry = GROW(x->a, k->entry, k->entry_n, &k->entry_cap);
    if (!entry)
        return ladder_no_room(e);
    k->entry_n++;
    return ladder_keep(x->a, store_text(st, 2), entry, e);
}

bool ladder_keys_read(struct ladder_set *x, const int64_t *case_, size_t n, struct err *e)
{
    struct bound some = B_INTS(case_, n);
    bool ok = ladder_each(x, "SELECT c.id, c.campaign, c.org, coalesce(o.country, ''), coalesce(k.slug, '') FROM case_case c LEFT JOIN case_org o ON o.org = c.org"
                             " LEFT JOIN case_campaign k ON k.id = c.campaign WHERE c.id {in ?1} ORDER BY c.id", BOUND(some), take_case, e) &&
              ladder_each(x, "SELECT case_id, ip, country, asn FROM (SELECT case_id, ip, country, asn, row_number() OVER (PARTITION BY case_id ORDER BY asset) AS nth FROM case_server"
                             " WHERE case_id {in ?1}) q WHERE nth <= ?2 ORDER BY case_id, nth", BOUND(some, B_INT(LADDER_SERVERS_MAX)), take_server, e) &&
              ladder_each(x, "SELECT case_id, class, value, state, weight, sure, others FROM (SELECT v.case_id, k.class, k.value, k.state, max(d.weight) AS weight, max(d.sure) AS sure,"
                             " min(CASE WHEN k.state = 1 AND k.class <> 3 AND coalesce(o.name, '') <> coalesce((SELECT n.name FROM case_entry n WHERE n.id = d.row_id),"
                             " (SELECT n.name FROM case_link n WHERE n.id = d.row_id), '') AND EXISTS (SELECT 1 FROM case_edge x JOIN case_server y ON y.asset = x.asset WHERE x.key = k.id"
                             " AND y.case_id <> v.case_id) THEN 1 ELSE 0 END) AS others, row_number() OVER (PARTITION BY v.case_id ORDER BY k.class, k.value, k.state) AS nth"
                             " FROM case_server v JOIN case_edge d ON d.asset = v.asset JOIN case_key k ON k.id = d.key JOIN case_case c ON c.id = v.case_id LEFT JOIN case_org o ON o.org = c.org"
                             " WHERE v.case_id {in ?1} AND k.class IN (0, 1, 3)"
                             " GROUP BY v.case_id, k.class, k.value, k.state) q WHERE nth <= ?2 ORDER BY case_id, nth",
                          BOUND(some, B_INT(KEYS_MAX)), take_edge, e);
    _Static_assert(ORG_IS_REGISTER == 0 && ORG_IS_ENTRY == 1 && ORG_IS_DOMAIN == 3 && GROUP_KEY_WEAK == 1, "numbers within the statement");

    for (size_t i = 0; ok && i < x->n; i++)
        ok = add_country(&x->c[i].k, x->c[i].k.own_country, x->a, e);
    return ok;
}
