/* See ladder.h: what a case is known by, and which contacts are about that. */
#include "casework/ladder_inner.h"

#include "base/num.h"
#include "casework/group.h"
#include "casework/why.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 1024, KEYS_MAX = 2000, ASNS_MAX = 64, COUNTRIES_MAX = 32 };

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
    net_at(&n, net_count(&n) - 1, last);
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

/* ---- a case ---- */

static bool add_ip(struct ladder_keys *k, struct str ip, struct arena *a, size_t *cap, struct err *e)
{
    if (ip.n != 16)
        return true;
    for (size_t i = 0; i < k->ip_n; i++)
        if (!memcmp(k->ip[i], ip.p, 16))
            return true;
    if (!GROW(a, k->ip, k->ip_n, cap))
        return ladder_no_room(e);
    memcpy(k->ip[k->ip_n++], ip.p, 16);
    return true;
}

static int upper(uint8_t c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; }

static bool add_country(struct ladder_keys *k, struct str c, struct arena *a, size_t *cap, struct err *e)
{
    if (c.n != 2 || k->country_n >= COUNTRIES_MAX)
        return true;
    char want[3] = { (char)upper(c.p[0]), (char)upper(c.p[1]), 0 };
    for (size_t i = 0; i < k->country_n; i++)
        if (!strcmp(k->country[i], want))
            return true;
    if (!GROW(a, k->country, k->country_n, cap))
        return ladder_no_room(e);
    memcpy(k->country[k->country_n++], want, 3);
    return true;
}

static bool add_asn(struct ladder_keys *k, int64_t asn, struct arena *a, size_t *cap, struct err *e)
{
    if (asn <= 0 || asn > UINT32_MAX || k->asn_n >= ASNS_MAX)
        return true;
    for (size_t i = 0; i < k->asn_n; i++)
        if (k->asn[i] == (uint32_t)asn)
            return true;
    if (!GROW(a, k->asn, k->asn_n, cap))
        return ladder_no_room(e);
    k->asn[k->asn_n++] = (uint32_t)asn;
    return true;
}

static bool of_servers(struct ladder *l, int64_t case_, struct arena *a, struct ladder_keys *k, size_t *country_cap, struct err *e)
{
    size_t ips = 0, asns = 0;
    enum store_got got;

    store_reset(l->servers);
    store_bind_int(l->servers, 1, case_);
    while ((got = store_step(l->servers, e)) == STORE_ROW)
        if (!add_ip(k, store_bytes(l->servers, 0), a, &ips, e) || !add_country(k, store_text(l->servers, 1), a, country_cap, e) ||
            !add_asn(k, store_int(l->servers, 2), a, &asns, e))
            return false;
    store_reset(l->servers);
    return got == STORE_DONE;
}

/* What groups servers, as the last update left it. A key that counts for nobody there counts for nobody here. */
static bool of_edges(struct ladder *l, int64_t case_, struct arena *a, struct ladder_keys *k, struct err *e)
{
    size_t domains = 0, entries = 0;
    enum store_got got;

    store_reset(l->keys);
    store_bind_int(l->keys, 1, case_);
    while ((got = store_step(l->keys, e)) == STORE_ROW) {
        int64_t class = store_int(l->keys, 0), state = store_int(l->keys, 2), weight = store_int(l->keys, 3), sure = store_int(l->keys, 4);

        if (class == ORG_IS_DOMAIN) {
            struct ladder_domain *d = GROW(a, k->domain, k->domain_n, &domains);
            if (!d)
                return ladder_no_room(e);
            d->weak = state == GROUP_KEY_PROVIDER || state == GROUP_KEY_DOUBT || weight < group_defaults.join_weight || sure < group_defaults.confidence_min;
            if (!ladder_keep(a, store_text(l->keys, 1), &d->value, e))
                return false;
            k->domain_n++;
        } else if (sure >= group_defaults.confidence_min && state != GROUP_KEY_PROVIDER && state != GROUP_KEY_DOUBT) {
            struct str *x = GROW(a, k->entry, k->entry_n, &entries);
            if (!x)
                return ladder_no_room(e);
            if (!ladder_keep(a, store_text(l->keys, 1), x, e))
                return false;
            k->entry_n++;
        }
    }
    store_reset(l->keys);
    return got == STORE_DONE;
}

bool ladder_keys_read(struct ladder *l, int64_t case_, struct arena *a, struct ladder_keys *ret, struct err *e)
{
    struct ladder_keys k = { 0 };
    struct str country;
    size_t country_cap = 0;

    store_reset(l->of_case);
    store_bind_int(l->of_case, 1, case_);
    enum store_got got = store_step(l->of_case, e);
    if (got == STORE_ROW) {
        k.campaign = store_int(l->of_case, 0);
        k.org = store_int(l->of_case, 1);
    }
    bool ok = got == STORE_ROW && ladder_keep(a, store_text(l->of_case, 2), &country, e) && ladder_keep(a, store_text(l->of_case, 3), &k.slug, e);
    store_reset(l->of_case);
    if (got == STORE_DONE)
        return err_set(e, ERR_USAGE, "no case %lld", (long long)case_);
    if (!ok || !of_servers(l, case_, a, &k, &country_cap, e) || !of_edges(l, case_, a, &k, e) || !add_country(&k, country, a, &country_cap, e))
        return false;
    *ret = k;
    return true;
}

/* ---- contacts ---- */

static bool take_row(struct store_stmt *st, struct arena *a, struct ladder_row *r, struct err *e)
{
    *r = (struct ladder_row){ .id = store_int(st, 0), .channel = (enum contact_channel)store_int(st, 1), .rung = (uint8_t)store_int(st, 3), .observed_us = store_time(st, 8),
                              .until_us = store_time(st, 9), .manual = store_int(st, 10) != 0, .recorded_us = store_int(st, 12) };
    return ladder_keep(a, store_text(st, 2), &r->address, e) && ladder_keep(a, store_text(st, 4), &r->role, e) && ladder_keep(a, store_text(st, 5), &r->name, e) &&
           ladder_keep(a, store_text(st, 6), &r->language, e) && ladder_keep(a, store_text(st, 7), &r->pgp, e) && ladder_keep(a, store_text(st, 11), &r->source, e);
}

bool ladder_rows_about(struct ladder *l, enum contact_about about, struct str value, bool share, struct arena *a, struct ladder_rows *ret, struct err *e)
{
    struct ladder_rows r = { 0 };
    struct str key = STR_EMPTY;
    size_t     cap = 0;
    enum store_got got = STORE_DONE;

    if (share) {
        a = l->a;
        if (!(key = str_fmt(a, "%d %.*s", (int)about, STR_ARG(value))).p)
            return ladder_no_room(e);
        uint32_t at = map_get(&l->seen_rows, key);
        if (at != MAP_NONE) {
            *ret = l->rows[at];
            return true;
        }
    }
    store_reset(l->contacts);
    store_bind_int(l->contacts, 1, about);
    store_bind_text(l->contacts, 2, value);
    while (r.n < ROWS_MAX && (got = store_step(l->contacts, e)) == STORE_ROW) {
        struct ladder_row *x = GROW(a, r.row, r.n, &cap);
        if (!x)
            return ladder_no_room(e);
        if (!take_row(l->contacts, a, x, e))
            return false;
        r.n += (unsigned)x->channel < CONTACT_CHANNELS && x->rung >= 1 && x->rung <= 13;
    }
    store_reset(l->contacts);
    if (got == STORE_FAILED)
        return false;
    if (share) {
        struct ladder_rows *kept = GROW(l->a, l->rows, l->rows_n, &l->rows_cap);
        if (!kept || !map_put(&l->seen_rows, l->a, key, (uint32_t)l->rows_n))
            return ladder_no_room(e);
        *kept = r;
        l->rows_n++;
    }
    *ret = r;
    return true;
}
