#include "detect/correlate.h"
#include "base/num.h"

enum { CORRELATE_STEPS_MAX = 4 << 20 };

static struct str group_value(const struct hit *h, struct str field)
{
    static const struct { const char *name; size_t at; } map[] = {
        { "Server", offsetof(struct hit, server) },   { "Client", offsetof(struct hit, client) },
        { "Canary", offsetof(struct hit, canary) },   { "Account", offsetof(struct hit, account) },
        { "RequestId", offsetof(struct hit, request_id) }, { "Page", offsetof(struct hit, url) },
    };
    for (size_t i = 0; i < COUNT_OF(map); i++)
        if (str_ieq(field, str_c(map[i].name)))
            return *(const struct str *)(const void *)((const uint8_t *)h + map[i].at);
    return STR_EMPTY;
}

static bool same_group(const struct sigma_rule *r, const struct hit *a, const struct hit *b)
{
    for (size_t i = 0; i < r->group_by_n; i++)
        if (!str_ieq(group_value(a, r->group_by[i]), group_value(b, r->group_by[i])))
            return false;
    return true;
}

static uint32_t rule_named(const struct sigma *s, struct str name)
{
    for (size_t i = 0; i < s->rule_n; i++)
        if (str_eq(s->rule[i].id, name) || str_eq(s->rule[i].name, name))
            return (uint32_t)i;
    return UINT32_MAX;
}

static bool follows(const struct hit *a, const struct hit *b, int64_t within)
{
    const int64_t ta[] = { a->first_us, a->last_us }, tb[] = { b->first_us, b->last_us };

    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2; k++)
            if (ta[i] != TIME_NONE && tb[k] != TIME_NONE && tb[k] >= ta[i] && tb[k] - ta[i] <= within)
                return true;
    return false;
}

/* The first statement of rule `want` that follows `from`; UINT32_MAX: none. */
static uint32_t next_of(const struct hits *h, size_t n, const struct sigma_rule *r, uint32_t want, uint32_t from, uint64_t *steps)
{
    for (uint32_t i = 0; i < n && (*steps)++ < CORRELATE_STEPS_MAX; i++)
        if (h->item[i].rule == want && i != from && same_group(r, &h->item[from], &h->item[i]) &&
            follows(&h->item[from], &h->item[i], r->within_us))
            return i;
    return UINT32_MAX;
}

bool correlate(struct hits *h, const struct sigma *sigma, struct err *e)
{
    size_t   n     = h->n;                                /* what correlation adds is not correlated again */
    uint64_t steps = 0;

    for (size_t ri = 0; ri < sigma->rule_n; ri++) {
        const struct sigma_rule *r = &sigma->rule[ri];
        uint32_t of[COUNT_OF(r->of)];
        bool     known = r->correlation && r->of_n >= 2;
        for (size_t k = 0; known && k < r->of_n; k++) {
            of[k] = rule_named(sigma, r->of[k]);
            known = of[k] != UINT32_MAX;
        }
        for (uint32_t i = 0; known && i < n; i++) {
            uint32_t at = i;
            if (h->item[i].rule != of[0])
                continue;
            for (size_t k = 1; k < r->of_n && at != UINT32_MAX; k++)
                at = next_of(h, n, r, of[k], at, &steps);
            if (at == UINT32_MAX)
                continue;
            struct hit one = h->item[at], *from = &h->item[i];
            one.rule     = (uint32_t)ri;
            one.sign     = r->sign;
            one.count    = 1;
            one.first    = from->first;
            one.first_us = from->first_us;
            if (!one.client.n)
                one.client = from->client;
            if (!one.canary.n)
                one.canary = from->canary;
            if (!hits_push(h, &one, e))
                return false;
        }
    }
    return true;
}
