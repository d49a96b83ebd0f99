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

/* What groups servers, as the last update left it. A key that counts for nobody there counts for nobody here. */
static bool of_edges(struct ladder *l, int64_t case_, struct arena *a, struct ladder_keys *k, struct err *e)
{
    size_t domains = 0, entries = 0;
    enum store_got got;

    store_reset(l->keys);
    store_bind_int(l->keys, 1, case_);
    store_bind_int(l->keys, 2, group_defaults.confidence_min);
    while ((got = store_step(l->keys, e)) == STORE_ROW) {
        int64_t class = store_int(l->keys, 0), state = store_int(l->keys, 2), weight = store_int(l->keys, 3), sure = store_int(l->keys, 4);
        bool    others = store_int(l->keys, 5) != 0;

        if (class == ORG_IS_DOMAIN) {
            struct ladder_domain *d = GROW(a, k->domain, k->domain_n, &domains);
            if (!d)
                return ladder_no_room(e);
            d->weak = state == GROUP_KEY_PROVIDER || state == GROUP_KEY_DOUBT || weight < group_defaults.join_weight || sure < group_defaults.confidence_min;
            if (!ladder_keep(a, store_text(l->keys, 1), &d->value, e))
                return false;
            k->domain_n++;
        } else if (sure >= group_defaults.confidence_min && state != GROUP_KEY_PROVIDER && state != GROUP_KEY_DOUBT && !others) {
            /* Others: an entry that another case has as surely, and that joins the two not: is its range stale? `case review` asks, and until then its contact may be anybody's. */
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

/* A row for each server; one without any where it has none. */
static bool of_case(struct ladder *l, int64_t case_, struct arena *a, struct ladder_keys *k, struct str *ret_country, size_t *country_cap, struct err *e)
{
    size_t ips = 0, asns = 0, n = 0;
    enum store_got got;

    store_reset(l->of_case);
    store_bind_int(l->of_case, 1, case_);
    for (; (got = store_step(l->of_case, e)) == STORE_ROW; n++) {
        if (n == 0) {
            k->campaign = store_int(l->of_case, 0);
            k->org = store_int(l->of_case, 1);
            if (!ladder_keep(a, store_text(l->of_case, 2), ret_country, e) || !ladder_keep(a, store_text(l->of_case, 3), &k->slug, e))
                return false;
        }
        if (!store_null(l->of_case, 6) && (!add_ip(k, store_bytes(l->of_case, 4), a, &ips, e) || !add_country(k, store_text(l->of_case, 5), a, country_cap, e) ||
                                           !add_asn(k, store_int(l->of_case, 6), a, &asns, e)))
            return false;
    }
    store_reset(l->of_case);
    return got == STORE_DONE && (n || err_set(e, ERR_USAGE, "no case %lld", (long long)case_));
}

bool ladder_keys_read(struct ladder *l, int64_t case_, struct arena *a, struct ladder_keys *ret, struct err *e)
{
    struct ladder_keys k = { 0 };
    struct str country = STR_EMPTY;
    size_t country_cap = 0;

    if (!of_case(l, case_, a, &k, &country, &country_cap, e) || !of_edges(l, case_, a, &k, e) || !add_country(&k, country, a, &country_cap, e))
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

bool ladder_rows_of(struct ladder *l, const struct ladder_about *x, size_t n, struct arena *a, struct ladder_rows *ret, struct err *e)
{
    struct ladder_rows r = { 0 };
    size_t     cap = 0;
    enum store_got got = STORE_DONE;

    store_reset(l->contacts);
    for (size_t i = 0; i < LADDER_ABOUTS; i++) {
        store_bind_int(l->contacts, (int)i * 2 + 1, i < n ? (int64_t)x[i].about : -1);
        store_bind_text(l->contacts, (int)i * 2 + 2, i < n ? x[i].value : STR(""));
    }
    while (r.n < ROWS_MAX && (got = store_step(l->contacts, e)) == STORE_ROW) {
        struct ladder_row *to = GROW(a, r.row, r.n, &cap);
        if (!to)
            return ladder_no_room(e);
        if (!take_row(l->contacts, a, to, e))
            return false;
        while (to->of < n && !((int64_t)x[to->of].about == store_int(l->contacts, 13) && str_eq(x[to->of].value, store_text(l->contacts, 14))))
            to->of++;
        r.n += to->of < n && (unsigned)to->channel < CONTACT_CHANNELS && to->rung >= 1 && to->rung <= 13;
    }
    store_reset(l->contacts);
    *ret = r;
    return got != STORE_FAILED;
}

bool ladder_rows_about(struct ladder *l, enum contact_about about, struct str value, struct ladder_rows *ret, struct err *e)
{
    struct ladder_about one = { about, value, false };
    struct ladder_rows  r;
    struct str          key = str_fmt(l->a, "%d %.*s", (int)about, STR_ARG(value));

    if (!key.p)
        return ladder_no_room(e);
    uint32_t at = map_get(&l->seen_rows, key);
    if (at != MAP_NONE) {
        *ret = l->rows[at];
        return true;
    }
    if (!ladder_rows_of(l, &one, 1, l->a, &r, e))
        return false;
    struct ladder_rows *kept = GROW(l->a, l->rows, l->rows_n, &l->rows_cap);
    if (!kept || !map_put(&l->seen_rows, l->a, key, (uint32_t)l->rows_n))
        return ladder_no_room(e);
    *kept = *ret = r;
    l->rows_n++;
    return true;
}
