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
enum { MX_ROWS_MAX = 256 /* of a domain */ };

const char *mail_path_name(enum mail_path p)
{
    static const char *const name[] = { "unknown", "compromised", "own", "provider", "null_mx", "none" };

    return (size_t)p < COUNT_OF(name) ? name[p] : name[0];
}

/* A server that mail may go through. Patched alone is no proof: back doors stay. */
#define TRUSTED "(v.clean = 1 OR (v.exposure IN (4, 5, 6) AND v.compromise = 4) OR (v.exposure = 5 AND v.compromise = 0))"
_Static_assert(EXPOSURE_PATCHED == 4 && EXPOSURE_NOT_AFFECTED == 5 && EXPOSURE_RETIRED == 6 && COMPROMISE_UNKNOWN == 0 && COMPROMISE_NEGATIVE == 4, "numbers within TRUSTED");

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

/* The server that a host is, and how; asset 0: none. named: it is the host's name that tells, not its address. */
struct hit { int64_t asset; const char *by; bool named; };

static struct hit find(const struct ladder_campaign *c, const struct ladder_host *h)
{
    struct hit x = { h->has_ip ? h->at_ip : 0, "", false };

    if (!x.asset && h->name.n)
        x = (struct hit){ h->at_name, "a name of ", true };
    if (!x.asset && h->has_ip)
        x = (struct hit){ at_key(c, h->ip, false), "another address of ", false };
    if (!x.asset && h->has_tls)
        x = (struct hit){ at_key(c, h->tls, true), "a host with the certificate of ", h->name.n > 0 };
    return x;
}

static int by_asset(const void *p, const void *q)
{
    const struct ladder_server *a = p, *b = q;

    return a->asset < b->asset ? -1 : a->asset > b->asset;
}

bool ladder_collides(const struct ladder_set *x, const struct ladder_host *h, struct arena *a, struct str *ret_why, struct err *e)
{
    struct ladder_campaign *c;
    char ip[NET_TEXT] = "";

    *ret_why = STR_EMPTY;
    if (!load(x->l, x->campaign, &c, e))
        return false;
    const struct hit            hit = find(c, h);
    const struct ladder_server  want = { .asset = hit.asset };
    const struct ladder_server *s = hit.asset && x->server_n ? bsearch(&want, x->server, x->server_n, sizeof want, by_asset) : NULL;
    if (!s)
        return true;
    if (h->has_ip)
        net_ip_text(h->ip, ip);
    struct str what = hit.named ? str_sub(h->name, 0, 253) : str_c(ip);
    *ret_why = str_fmt(a, "%.*s is %s%.*s, %s", STR_ARG(what), hit.by, STR_ARG(s->name), standing(s->exposure, s->compromise));
    return ret_why->p || ladder_no_room(e);
}

struct ladder_host ladder_host_of(const struct ladder_set *x, struct str name)
{
    uint32_t at = map_get(&x->by_host, name);

    return (struct ladder_host){ .name = name, .at_name = at == MAP_NONE ? 0 : x->host[at] };
}

/* ---- what is on record ---- */

static bool take_mx(struct ladder_set *x, struct store_stmt *st, struct err *e)
{
    uint32_t           at = map_get(&x->by_domain, store_text(st, 0));
    struct ladder_mxs *of = at == MAP_NONE ? NULL : &x->mx[at];
    struct str         ip = store_bytes(st, 2), tls = store_bytes(st, 3);

    if (!of)
        return true;
    struct ladder_mx *m = GROW(x->a, of->mx, of->n, &of->cap);
    if (!m)
        return ladder_no_room(e);
    of->n++;
    *m = (struct ladder_mx){ .us = store_int(st, 4), .h = { .at_ip = store_int(st, 5), .at_name = store_int(st, 6) } };
    if ((m->h.has_ip = !store_null(st, 2) && ip.n == 16))
        memcpy(m->h.ip, ip.p, 16);
    if ((m->h.has_tls = !store_null(st, 3) && tls.n == 32))
        memcpy(m->h.tls, tls.p, 32);
    return ladder_keep(x->a, store_text(st, 1), &m->h.name, e);
}

static bool take_host(struct ladder_set *x, struct store_stmt *st, struct err *e)
{
    int64_t   *asset = GROW(x->a, x->host, x->host_n, &x->host_cap);
    struct str name = str_dup(x->a, store_text(st, 0));

    if (!asset || !name.p || !map_put(&x->by_host, x->a, name, (uint32_t)x->host_n))
        return ladder_no_room(e);
    *asset = store_int(st, 1);
    x->host_n++;
    return true;
}

static bool take_named(struct ladder_set *x, struct store_stmt *st, struct err *e)
{
    struct ladder_server *s = GROW(x->a, x->server, x->server_n, &x->server_cap);
    struct str            name = str_sub(store_text(st, 1), 0, 253), ip = store_bytes(st, 2);
    char                  text[NET_TEXT] = "";

    if (!s)
        return ladder_no_room(e);
    *s = (struct ladder_server){ .asset = store_int(st, 0), .exposure = (enum exposure)store_int(st, 3), .compromise = (enum compromise)store_int(st, 4) };
    x->server_n++;
    if (ip.n == 16)
        net_ip_text(ip.p, text);
    return ladder_keep(x->a, name.n ? name : str_c(text), &s->name, e);
}

/* The servers that these hosts are. */
static bool servers(struct ladder_set *x, struct err *e)
{
    struct ladder_campaign *c;
    size_t   n = 0, most = x->host_n;
    int64_t *asset;

    for (size_t i = 0; i < x->mx_n; i++)
        most += x->mx[i].n;
    if (!load(x->l, x->campaign, &c, e))
        return false;
    if (!(asset = TAKE(x->a, int64_t, most + 1)))
        return ladder_no_room(e);
    for (size_t i = 0; i < x->mx_n; i++)
        for (size_t k = 0; k < x->mx[i].n; k++)
            if ((asset[n] = find(c, &x->mx[i].mx[k].h).asset))
                n++;
    for (size_t i = 0; i < x->host_n; i++)
        asset[n++] = x->host[i];
    return !n || ladder_each(x, "SELECT asset, name, ip, exposure, compromise FROM case_server WHERE campaign = ?1 AND asset {in ?2} ORDER BY asset", BOUND(B_INT(x->campaign), B_INTS(asset, n)),
                             take_named, e);
}

static bool path_key(const struct ladder_set *x, struct arena *a, struct str domain, struct str *ret, struct err *e)
{
    *ret = str_fmt(a, "%lld %.*s", (long long)x->campaign, STR_ARG(domain));
    return ret->p || ladder_no_room(e);
}

/* Those whose path is not known yet. */
static bool new_domains(struct ladder_set *x, const struct str *domain, size_t n, struct str *ret, size_t *ret_n, struct err *e)
{
    *ret_n = 0;
    for (size_t i = 0; i < n; i++) {
        struct arena       scratch = *x->a;
        struct str         key;

        if (!path_key(x, &scratch, domain[i], &key, e))
            return false;
        if (map_get(&x->l->seen_path, key) != MAP_NONE)
            continue;
        struct ladder_mxs *of = GROW(x->a, x->mx, x->mx_n, &x->mx_cap);
        if (!of || !map_put(&x->by_domain, x->a, domain[i], (uint32_t)x->mx_n))
            return ladder_no_room(e);
        *of = (struct ladder_mxs){ 0 };
        x->mx_n++;
        ret[(*ret_n)++] = domain[i];
    }
    return true;
}

/* A plus keeps the engines from walking all servers of the campaign. */
bool ladder_mail_read(struct ladder_set *x, const struct str *domain, size_t n, const struct str *host, size_t host_n, struct err *e)
{
    struct str *fresh = TAKE(x->a, struct str, n + 1);
    size_t      fresh_n;

    if (!fresh)
        return ladder_no_room(e);
    if (!new_domains(x, domain, n, fresh, &fresh_n, e))
        return false;
    if (fresh_n && !ladder_each(x, "SELECT q.domain, q.host, q.ip, q.tls, q.us, (SELECT min(v.asset) FROM case_server v WHERE +v.campaign = ?2 AND v.ip = q.ip AND NOT " TRUSTED
                                   "), (SELECT min(v.asset) FROM case_server_name n JOIN case_server v ON v.asset = n.asset WHERE +v.campaign = ?2 AND n.name = q.host AND NOT " TRUSTED
                                   ") FROM (SELECT m.domain, m.host, m.ip, m.tls, coalesce(m.observed_us, m.recorded_us) AS us, row_number() OVER (PARTITION BY m.domain"
                                   " ORDER BY coalesce(m.observed_us, m.recorded_us) DESC, m.host, m.id) AS nth FROM case_mx m LEFT JOIN case_revoked r ON r.link = m.id"
                                   " WHERE m.domain {in ?1} AND r.link IS NULL) q WHERE q.nth <= ?3 ORDER BY q.domain, q.nth",
                                BOUND(B_TEXTS(fresh, fresh_n), B_INT(x->campaign), B_INT(MX_ROWS_MAX)), take_mx, e))
        return false;
    if (host_n && !ladder_each(x, "SELECT n.name, min(v.asset) FROM case_server_name n JOIN case_server v ON v.asset = n.asset WHERE +v.campaign = ?1 AND n.name {in ?2} AND NOT " TRUSTED
                                  " GROUP BY n.name", BOUND(B_INT(x->campaign), B_TEXTS(host, host_n)), take_host, e))
        return false;
    return servers(x, e);
}

/* ---- a domain ---- */

static bool is_null(const struct ladder_mx *m) { return str_eq(m->h.name, STR(".")); }

/* Rows of one host with and without its address go together; addresses that no host is named with may be anybody's of the set. */
static bool placed(const struct ladder_mx *m, size_t n, size_t at)
{
    for (size_t i = 0; i < n; i++)
        if (m[i].h.has_ip && (str_eq(m[i].h.name, m[at].h.name) || !m[i].h.name.n))
            return true;
    return false;
}

static bool said(struct ladder_known *k, struct err *e) { return k->why.p || ladder_no_room(e); }

/* m: newest first. */
static bool judge(const struct ladder_set *x, struct str domain, const struct ladder_mx *m, size_t n, struct ladder_known *ret, struct err *e)
{
    struct ladder *l = x->l;
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
        if (!ladder_collides(x, &m[i].h, l->a, &why, e))
            return false;
        if (why.n) {
            ret->path = PATH_COMPROMISED;
            ret->why = why;
            break;
        }
    }
    const struct ladder_mx *first = NULL, *lost = NULL;
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

bool ladder_path_of(struct ladder_set *x, struct str domain, struct arena *a, enum mail_path *ret, struct str *ret_why, struct str *ret_bucket, struct err *e)
{
    struct ladder      *l = x->l;
    struct arena        scratch = *a;
    struct str          key;
    struct ladder_known k;

    if (!path_key(x, a == l->a ? a : &scratch, domain, &key, e))
        return false;
    uint32_t at = map_get(&l->seen_path, key);
    if (at == MAP_NONE) {
        uint32_t                 of = map_get(&x->by_domain, domain);
        const struct ladder_mxs *m = of == MAP_NONE ? NULL : &x->mx[of];

        if (!judge(x, domain, m ? m->mx : NULL, m ? m->n : 0, &k, e) || !ladder_keep(l->a, key, &key, e))
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

bool ladder_path(struct ladder *l, int64_t campaign, struct str domain, struct arena *a, enum mail_path *ret, struct str *ret_why, struct str *ret_bucket, struct err *e)
{
    struct ladder_set x = { .l = l, .a = a, .campaign = campaign };

    return ladder_mail_read(&x, &domain, 1, NULL, 0, e) && ladder_path_of(&x, domain, a, ret, ret_why, ret_bucket, e);
}
