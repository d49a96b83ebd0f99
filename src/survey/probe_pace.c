#include "survey/probe_pace.h"

#include <string.h>

struct pace_place {
    uint8_t  key[17];                    /* kind, then the network or the AS */
    bool     used, left;
    uint8_t  rests;
    uint32_t tried, refused;
    uint64_t reserved, next, rest_until;
};

bool probe_rates_check(const struct probe_rates *r, struct err *e)
{
    if (!(r->all > 0 && r->all <= PACE_ALL_MAX))
        return err_set(e, ERR_USAGE, "rate: %g connections a second; at most %d", r->all, PACE_ALL_MAX);
    if (!(r->net > 0 && r->net <= PACE_NET_MAX))
        return err_set(e, ERR_USAGE, "rate: %g connections a second and /24; at most %d", r->net, PACE_NET_MAX);
    if (!(r->asn > 0 && r->asn <= PACE_ASN_MAX))
        return err_set(e, ERR_USAGE, "rate: %g connections a second and AS; at most %d", r->asn, PACE_ASN_MAX);
    return true;
}

/* Rounded up: a rate is never exceeded by a part of a microsecond; and never so slow that the sum runs over. */
static uint64_t step_us(double rate)
{
    double us = 1e6 / rate;

    return us > 1e12 ? (uint64_t)1e12 : (uint64_t)us + ((double)(uint64_t)us < us);
}

void probe_pace_open(struct probe_pace *ret, struct arena *a, const struct probe_rates *r)
{
    *ret = (struct probe_pace){ .a = a, .all_us = step_us(r->all), .net_us = step_us(r->net), .asn_us = step_us(r->asn) };
}

static struct pace_place *look(struct pace_place *slot, size_t cap, const uint8_t key[17])
{
    size_t i = (size_t)str_hash((struct str){ key, 17 }) & (cap - 1);

    while (slot[i].used && memcmp(slot[i].key, key, 17) != 0)
        i = (i + 1) & (cap - 1);
    return &slot[i];
}

static void key_of(uint8_t ret[17], const uint8_t ip[16], uint32_t asn)
{
    struct net n = net_around(ip, net_is4(ip) ? 120 : 48);

    ret[0] = asn != 0;
    memset(ret + 1, 0, 16);
    if (asn)
        memcpy(ret + 1, &asn, sizeof asn);
    else
        memcpy(ret + 1, n.ip, 16);
}

/* The place, made when it is new. NULL: no room. */
static struct pace_place *place(struct probe_pace *p, const uint8_t ip[16], uint32_t asn)
{
    uint8_t key[17];

    if (p->cap == 0 || p->n >= p->cap - p->cap / 4) {
        size_t             cap = p->cap ? 2 * p->cap : 256;
        struct pace_place *to = NEW(p->a, struct pace_place, cap);
        if (!to)
            return NULL;
        for (size_t i = 0; i < p->cap; i++)
            if (p->slot[i].used)
                *look(to, cap, p->slot[i].key) = p->slot[i];
        p->slot = to;
        p->cap = cap;
    }
    key_of(key, ip, asn);
    struct pace_place *x = look(p->slot, p->cap, key);
    if (!x->used) {
        x->used = true;
        memcpy(x->key, key, sizeof key);
        p->n++;
    }
    return x;
}

/* One that is there. */
static struct pace_place *known(struct probe_pace *p, const uint8_t ip[16], uint32_t asn)
{
    uint8_t key[17];

    if (p->cap == 0)
        return NULL;
    key_of(key, ip, asn);
    struct pace_place *x = look(p->slot, p->cap, key);
    return x->used ? x : NULL;
}

static uint64_t later(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* Each place has a queue of its own: one that is slow does not hold up the other networks of its AS. */
static uint64_t reserve(struct pace_place *x, uint64_t now, uint64_t step)
{
    uint64_t at = later(now, later(x->reserved, x->rest_until));

    x->reserved = at + step;
    return at;
}

bool probe_pace_reserve(struct probe_pace *p, const uint8_t ip[16], uint32_t asn, uint64_t now, uint64_t *ret_at, struct err *e)
{
    struct pace_place *x = place(p, ip, 0);
    uint64_t           at = now;

    if (x) {
        at = reserve(x, now, p->net_us);
        x = asn ? place(p, ip, asn) : x;         /* may move the table */
    }
    if (!x)
        return err_set(e, ERR_MEMORY, "no room for %zu networks", p->n + 1);
    *ret_at = asn ? later(at, reserve(x, now, p->asn_us)) : at;
    return true;
}

void probe_pace_went(struct probe_pace *p, const uint8_t ip[16], uint32_t asn, uint64_t now)
{
    struct pace_place *net = known(p, ip, 0), *as = asn ? known(p, ip, asn) : NULL;

    p->all_next = later(p->all_next, now + p->all_us);
    if (net)
        net->next = later(net->next, now + p->net_us);
    if (as)
        as->next = later(as->next, now + p->asn_us);
}

enum pace_answer probe_pace_take(struct probe_pace *p, const uint8_t ip[16], uint32_t asn, uint64_t now, uint64_t *ret_again)
{
    struct pace_place *net = known(p, ip, 0), *as = asn ? known(p, ip, asn) : NULL;
    uint64_t           at = p->all_next;

    if (!net || (asn && !as))
        return PACE_LEAVE;                       /* was never reserved: our own mistake, and nobody is asked by it */
    if (net->left || (as && as->left))
        return PACE_LEAVE;
    at = later(at, later(net->next, net->rest_until));
    if (as)
        at = later(at, later(as->next, as->rest_until));
    if (at > now) {
        *ret_again = at;
        return PACE_WAIT;
    }
    probe_pace_went(p, ip, asn, now);
    return PACE_GO;
}

static uint32_t sample_of(const struct pace_place *x) { return x->key[0] ? PACE_ASN_SAMPLE : PACE_NET_SAMPLE; }
static bool     enough(const struct pace_place *x) { return (uint64_t)x->refused * 100 > (uint64_t)x->tried * PACE_REFUSED_PERCENT; }

static bool told(struct pace_place *x, uint64_t now, bool refused)
{
    x->tried++;
    x->refused += refused;
    if (x->tried < sample_of(x))
        return false;
    bool rest = enough(x);
    x->tried = x->refused = 0;
    if (!rest)
        return false;
    x->rest_until = now + PACE_REST_US;
    x->left = ++x->rests >= PACE_RESTS;
    return true;
}

bool probe_pace_told(struct probe_pace *p, const uint8_t ip[16], uint32_t asn, uint64_t now, bool refused)
{
    struct pace_place *net = known(p, ip, 0), *as = asn ? known(p, ip, asn) : NULL;
    bool               any = net && told(net, now, refused);

    return (as && told(as, now, refused)) || any;
}

void probe_pace_hold(struct probe_pace *p, uint64_t until) { p->all_next = later(p->all_next, until); }

bool probe_pace_recall(struct probe_pace *p, const uint8_t ip[16], uint32_t asn, bool refused, struct err *e)
{
    for (int i = 0; i < (asn ? 2 : 1); i++) {
        struct pace_place *x = place(p, ip, i ? asn : 0);
        if (!x)
            return err_set(e, ERR_MEMORY, "no room for %zu networks", p->n + 1);
        x->tried++;
        x->refused += refused;
    }
    return true;
}

void probe_pace_settle(struct probe_pace *p, uint64_t now)
{
    for (size_t i = 0; i < p->cap; i++) {
        struct pace_place *x = &p->slot[i];
        if (!x->used || x->tried < sample_of(x))
            continue;
        if (enough(x)) {
            x->rest_until = now + PACE_REST_US;
            x->rests = 1;
        }
        x->tried = x->refused = 0;
    }
}
