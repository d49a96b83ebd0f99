/*
 * ladder_path: where the mail of a domain goes, and whether that is a server of the campaign that nobody vouches for. See ladder.h.
 *
 * Order    what compromises is looked for in every row that is fresh; what clears, in the newest set of rows alone (those within MX_SET_US of the newest).
 * Servers  by their address and names from the board; by further addresses and certificates from the records behind them (case_subject, the survey), read once a campaign.
 */
#include "casework/ladder_inner.h"

#include "base/num.h"
#include "survey/where.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MX_SET_US TIME_DAY
enum { MX_ROWS_MAX = 256 };

const char *mail_path_name(enum mail_path p)
{
    static const char *const name[] = { "unknown", "compromised", "own", "provider", "null_mx", "none" };

    return (size_t)p < COUNT_OF(name) ? name[p] : name[0];
}

/* A server that mail may go through. Patched alone is no proof: back doors stay. */
#define TRUSTED "(v.clean = 1 OR (v.exposure IN (4, 5, 6) AND v.compromise = 4) OR (v.exposure = 5 AND v.compromise = 0))"
_Static_assert(EXPOSURE_PATCHED == 4 && EXPOSURE_NOT_AFFECTED == 5 && EXPOSURE_RETIRED == 6 && COMPROMISE_UNKNOWN == 0 && COMPROMISE_NEGATIVE == 4, "numbers within TRUSTED");

#define SERVER_COLUMNS "v.name, v.ip, v.exposure, v.compromise"
bool ladder_path_open(struct ladder *l, struct err *e)
{
    /* A plus keeps the engines from walking all servers of the campaign. */
    return store_prepare(l->s, "SELECT m.host, m.ip, m.tls, coalesce(m.observed_us, m.recorded_us), (SELECT min(v.asset) FROM case_server v WHERE +v.campaign = ?2 AND v.ip = m.ip AND NOT " TRUSTED
                               "), (SELECT min(v.asset) FROM case_server_name n JOIN case_server v ON v.asset = n.asset WHERE +v.campaign = ?2 AND n.name = m.host AND NOT " TRUSTED
                               ") FROM case_mx m LEFT JOIN case_revoked r ON r.link = m.id WHERE m.domain = ?1 AND r.link IS NULL ORDER BY 4 DESC, m.host, m.id LIMIT 256", &l->mx, e) &&
           store_prepare(l->s, "SELECT v.asset FROM case_server_name n JOIN case_server v ON v.asset = n.asset WHERE +v.campaign = ?1 AND n.name = ?2 AND NOT " TRUSTED
                               " ORDER BY v.asset LIMIT 1", &l->by_name, e) &&
           store_prepare(l->s, "SELECT " SERVER_COLUMNS " FROM case_server v WHERE v.campaign = ?1 AND v.asset = ?2", &l->server, e);
}

/* ---- servers by their records ---- */

struct loading { struct ladder *l; struct ladder_campaign *c; };

static bool add(struct loading *x, int64_t asset, struct str key, bool tls, struct err *e)
{
    struct ladder_campaign *c = x->c;
    struct ladder_at *at;

    if (!c->server_n || c->server[c->server_n - 1] != asset) {
        int64_t *s = GROW(x->l->a, c->server, c->server_n, &c->server_cap);
        if (!s)
            return ladder_no_room(e);
        *s = asset;
        c->server_n++;
    }
    if (!(at = GROW(x->l->a, c->at, c->n, &c->cap)))
        return ladder_no_room(e);
    memcpy(at->key, key.p, sizeof at->key);
    at->tls = tls;
    at->server = (uint32_t)(c->server_n - 1);
    c->n++;
    return true;
}

static bool take(void *ctx, const struct store_value *v, struct err *e)
{
    struct loading *x = ctx;

    return (v[1].null || v[1].s.n != 16 || add(x, v[0].i, v[1].s, false, e)) && (v[2].null || v[2].s.n < 16 || add(x, v[0].i, v[2].s, true, e));
}

static int by_key(const void *p, const void *q)
{
    const struct ladder_at *a = p, *b = q;

    if (a->tls != b->tls)
        return a->tls ? 1 : -1;
    int c = memcmp(a->key, b->key, sizeof a->key);
    return c ? c : a->server < b->server ? -1 : a->server > b->server;
}

static bool load(struct ladder *l, int64_t campaign, struct ladder_campaign **ret, struct err *e)
{
    static const char *const from[] = {
        "SELECT v.asset, s.ip, s.tls FROM case_server v JOIN case_asset a ON a.asset = v.asset JOIN case_subject s ON s.id = a.subject WHERE v.campaign = %lld AND NOT " TRUSTED " ORDER BY v.asset",
        "SELECT v.asset, n.ip, i.cert FROM case_server v JOIN case_asset a ON a.asset = v.asset JOIN survey_target t ON t.id = a.subject JOIN survey_node n ON n.id = t.node"
        " JOIN survey_identity i ON i.id = t.identity WHERE v.campaign = %lld AND NOT " TRUSTED " ORDER BY v.asset",
    };
    struct loading x = { .l = l };
    int64_t        n;

    for (size_t i = 0; i < l->campaign_n; i++)
        if (l->campaign[i].id == campaign) {
            *ret = &l->campaign[i];
            return true;
        }
    if (!store_one_int(l->s, "SELECT count(*) FROM store_layer WHERE name = 'survey'", &n, e))
        return false;
    if (!(x.c = GROW(l->a, l->campaign, l->campaign_n, &l->campaign_cap)))
        return ladder_no_room(e);
    *x.c = (struct ladder_campaign){ .id = campaign };
    for (size_t i = 0; i < COUNT_OF(from); i++) {
        char sql[700];

        if (i == 1 && !n)
            continue;                                   /* a store without a survey */
        snprintf(sql, sizeof sql, from[i], (long long)campaign);
        if (!store_scan(l->s, sql, 3, take, &x, e))
            return false;
    }
    if (x.c->n)
        qsort(x.c->at, x.c->n, sizeof *x.c->at, by_key);
    l->campaign_n++;
    *ret = x.c;
    return true;
}

static int64_t at_key(const struct ladder_campaign *c, const uint8_t key[16], bool tls)
{
    struct ladder_at want = { .tls = tls, .server = 0 };
    size_t from = 0, to = c->n;

    memcpy(want.key, key, sizeof want.key);
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (by_key(&c->at[mid], &want) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from < c->n && c->at[from].tls == tls && !memcmp(c->at[from].key, key, 16) ? c->server[c->at[from].server] : 0;
}

/* ---- is a host one of them? ---- */

static const char *standing(enum exposure x, enum compromise c)
{
    if (c == COMPROMISE_BACKDOORED || c == COMPROMISE_RELAPSED)
        return "back-doored";
    if (c == COMPROMISE_SUSPECTED)
        return "perhaps back-doored";
    if (x == EXPOSURE_VULNERABLE)
        return "vulnerable";
    if (c == COMPROMISE_REMOVED)
        return "a back door was removed, and nobody has hunted since";
    return x == EXPOSURE_PATCHED ? "patched, and not hunted" : x == EXPOSURE_MITIGATED ? "mitigated, not patched" : "nobody knows its state";
}

/* SERVER_COLUMNS. */
static bool tell(struct store_stmt *st, const char *by, struct str what, struct arena *a, struct str *ret, struct err *e)
{
    struct str  name = str_sub(store_text(st, 0), 0, 253), ip = store_bytes(st, 1);
    const char *is = standing((enum exposure)store_int(st, 2), (enum compromise)store_int(st, 3));
    char        text[NET_TEXT] = "";

    if (ip.n == 16)
        net_ip_text(ip.p, text);
    if (!name.n)
        name = str_c(text);
    *ret = str_fmt(a, "%.*s is %s%.*s, %s", STR_ARG(str_sub(what, 0, 253)), by, STR_ARG(name), is);
    return ret->p || ladder_no_room(e);
}

static bool name_of(struct ladder *l, int64_t campaign, struct str name, int64_t *ret, struct err *e)
{
    store_reset(l->by_name);
    store_bind_int(l->by_name, 1, campaign);
    store_bind_text(l->by_name, 2, name);
    enum store_got got = store_step(l->by_name, e);
    *ret = got == STORE_ROW ? store_int(l->by_name, 0) : 0;
    store_reset(l->by_name);
    return got != STORE_FAILED;
}

bool ladder_collides(struct ladder *l, int64_t campaign, const struct ladder_host *h, struct arena *a, struct str *ret_why, struct err *e)
{
    struct ladder_campaign *c;
    char        text[NET_TEXT] = "";
    const char *by = "";
    struct str  what;
    int64_t     asset = h->asked && h->has_ip ? h->at_ip : 0;

    *ret_why = STR_EMPTY;
    if (!load(l, campaign, &c, e))
        return false;
    if (h->has_ip)
        net_ip_text(h->ip, text);
    what = str_c(text);
    if (!asset && h->name.n) {
        asset = h->at_name;
        if (!h->asked && !name_of(l, campaign, h->name, &asset, e))
            return false;
        by = "a name of ";
        what = asset ? h->name : what;
    }
    if (!asset && h->has_ip) {
        asset = at_key(c, h->ip, false);
        by = "another address of ";
    }
    if (!asset && h->has_tls) {
        asset = at_key(c, h->tls, true);
        by = "a host with the certificate of ";
        what = h->name.n ? h->name : what;
    }
    if (!asset)
        return true;
    store_reset(l->server);
    store_bind_int(l->server, 1, campaign);
    store_bind_int(l->server, 2, asset);
    enum store_got got = store_step(l->server, e);
    bool ok = got != STORE_FAILED && (got == STORE_DONE || tell(l->server, by, what, a, ret_why, e));
    store_reset(l->server);
    return ok;
}

/* ---- a domain ---- */

struct mx { struct ladder_host h; int64_t us; };

static bool read_mx(struct ladder *l, int64_t campaign, struct str domain, struct arena *a, struct mx **ret, size_t *ret_n, struct err *e)
{
    struct mx *m = NULL;
    size_t     n = 0, cap = 0;
    enum store_got got = STORE_DONE;

    store_reset(l->mx);
    store_bind_text(l->mx, 1, domain);
    store_bind_int(l->mx, 2, campaign);
    while (n < MX_ROWS_MAX && (got = store_step(l->mx, e)) == STORE_ROW) {
        struct mx *x = GROW(a, m, n, &cap);
        struct str ip = store_bytes(l->mx, 1), tls = store_bytes(l->mx, 2);

        if (!x)
            return ladder_no_room(e);
        *x = (struct mx){ .us = store_int(l->mx, 3), .h = { .asked = true, .at_ip = store_int(l->mx, 4), .at_name = store_int(l->mx, 5) } };
        if ((x->h.has_ip = !store_null(l->mx, 1) && ip.n == 16))
            memcpy(x->h.ip, ip.p, 16);
        if ((x->h.has_tls = !store_null(l->mx, 2) && tls.n == 32))
            memcpy(x->h.tls, tls.p, 32);
        if (!ladder_keep(a, store_text(l->mx, 0), &x->h.name, e))
            return false;
        n++;
    }
    store_reset(l->mx);
    *ret = m;
    *ret_n = n;
    return got != STORE_FAILED;
}

static bool is_null(const struct mx *m) { return str_eq(m->h.name, STR(".")); }

/* Rows of one host with and without its address go together; addresses that no host is named with may be anybody's of the set. */
static bool placed(const struct mx *m, size_t n, size_t at)
{
    for (size_t i = 0; i < n; i++)
        if (m[i].h.has_ip && (str_eq(m[i].h.name, m[at].h.name) || !m[i].h.name.n))
            return true;
    return false;
}

static bool said(struct ladder_known *k, struct err *e) { return k->why.p || ladder_no_room(e); }

/* m: newest first. */
static bool judge(struct ladder *l, int64_t campaign, struct str domain, const struct mx *m, size_t n, struct ladder_known *ret, struct err *e)
{
    struct str own = where_registrable(domain);
    size_t     set = 0, hosts = 0, nulls = 0, theirs = 0;
    bool       fresh = n && l->now_us - m[0].us <= MX_FRESH_US;
    char       day[TIME_TEXT];

    *ret = (struct ladder_known){ .path = PATH_UNKNOWN };
    if (!n) {
        ret->why = str_fmt(l->a, "no MX of %.*s is on record", STR_ARG(domain));
        return said(ret, e);
    }
    while (set < n && m[0].us - m[set].us <= MX_SET_US)
        set++;
    for (size_t i = 0; i < n; i++) {
        struct str why;

        if (is_null(&m[i]) || (i >= set && l->now_us - m[i].us > MX_FRESH_US))
            continue;
        if (!ladder_collides(l, campaign, &m[i].h, l->a, &why, e))
            return false;
        if (why.n) {
            ret->path = PATH_COMPROMISED;
            ret->why = why;
            break;
        }
    }
    const struct mx *first = NULL, *lost = NULL;
    for (size_t i = 0; i < set; i++) {
        if (is_null(&m[i])) {
            nulls++;
            continue;
        }
        struct str name = where_registrable(m[i].h.name);
        hosts++;
        if (m[i].h.name.n && (!first || str_cmp(m[i].h.name, first->h.name) < 0))
            first = &m[i];
        theirs += own.n && str_eq(name, own);
        if (!lost && !placed(m, set, i))
            lost = &m[i];
    }
    if (first && !ladder_keep(l->a, where_registrable(first->h.name), &ret->bucket, e))
        return false;
    if (fresh && nulls && !hosts) {
        ret->path = PATH_NULL_MX;
        ret->why = str_fmt(l->a, "%.*s takes no mail (null MX)", STR_ARG(domain));
        return said(ret, e);
    }
    if (ret->path == PATH_COMPROMISED)
        return true;
    if (!fresh) {
        time_text(m[0].us, day);
        ret->why = str_fmt(l->a, "the newest MX on record is of %.10s: too old to prove anything", day);
    } else if (lost) {
        ret->why = str_fmt(l->a, "nobody knows the address of %.*s, the MX of %.*s", STR_ARG(lost->h.name), STR_ARG(domain));
    } else {
        struct str host = first ? first->h.name : domain;
        ret->path = theirs || !first ? PATH_OWN : PATH_PROVIDER;
        ret->why = str_fmt(l->a, ret->path == PATH_OWN ? "%.*s is their own, and no server of this campaign that is in doubt" : "%.*s is a provider's", STR_ARG(host));
    }
    return said(ret, e);
}

bool ladder_path(struct ladder *l, int64_t campaign, struct str domain, struct arena *a, enum mail_path *ret, struct str *ret_why, struct str *ret_bucket, struct err *e)
{
    struct str key = str_fmt(l->a, "%lld %.*s", (long long)campaign, STR_ARG(domain));
    struct arena scratch = *a, *rows = a == l->a ? a : &scratch;       /* the rows are needed here only */
    struct ladder_known k;
    struct mx *m = NULL;
    size_t     n = 0;

    if (!key.p)
        return ladder_no_room(e);
    uint32_t at = map_get(&l->seen_path, key);
    if (at == MAP_NONE) {
        if (!read_mx(l, campaign, domain, rows, &m, &n, e) || !judge(l, campaign, domain, m, n, &k, e))
            return false;
        struct ladder_known *kept = GROW(l->a, l->path, l->path_n, &l->path_cap);
        if (!kept || !map_put(&l->seen_path, l->a, key, (uint32_t)l->path_n))
            return ladder_no_room(e);
        *kept = k;
        at = (uint32_t)l->path_n++;
    }
    *ret = l->path[at].path;
    return ladder_keep(a, l->path[at].why, ret_why, e) && ladder_keep(a, l->path[at].bucket, ret_bucket, e);
}
