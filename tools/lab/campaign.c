/* campaign: organisations and their servers, providers, and what sources say of them. */
#include "lab/campaign.h"

#include <stdlib.h>
#include <string.h>

const char *const camp_key_name[CAMP_KEYS] = { "register", "constituency", "cert_org", "cert_domain", "exchange_name", "mx", "network", "ptr", "holder", "internal" };

const struct camp_rates campaign_rates = {
    .in_register = 350, .register_row = 600, .in_list = 150, .list_row = 800, .vouched = 250, .cert = 700, .names = 750, .mx = 600, .network = 150, .ptr = 700,
    .nameless = 20, .stale_ptr = 30, .wrong_mx = 2, .old_cert = 1, .stale_range = 10, .typo = 5, .wrong_number = 1, .rumour = 10, .repeated = 1500,
    .missing = 200, .stray = 30, .borrowed = 30, .shared_exit = 60, .split = 150, .unique_page = 300,
};

void *campaign_grow(void *list, uint32_t n, uint32_t *cap, size_t size)
{
    if (n < *cap)
        return list;
    *cap = *cap ? *cap * 2 : 1024;
    list = realloc(list, *cap * size);
    if (!list)
        lab_die("out of memory");
    return list;
}

static void link_add(struct campaign *c, uint32_t server, enum camp_key kind, const char *value, uint8_t confidence, uint32_t source)
{
    c->link = campaign_grow(c->link, c->link_n, &c->link_cap, sizeof *c->link);
    c->link[c->link_n++] = (struct camp_link){ .server = server, .kind = kind, .value = value, .confidence = confidence, .source = source };
}

static struct camp_link *last_link(struct campaign *c) { return &c->link[c->link_n - 1]; }

static const char *const country[] = { "DE", "AT", "CH", "NL", "US", "CZ" };
static const char *const sector[] = { "government-local", "financial-services", "manufacturing", "retail", "education", "healthcare", "energy", "transportation" };
static const char *const size_word[] = { "1-49", "50-249", "250-999", "1000+" };
static const char *const first_word[] = { "North", "South", "River", "Hill", "Lake", "Old", "New", "Green", "Stone", "Bright" };
static const char *const last_word[] = { "Bakery", "Credit Union", "Town", "Works", "Clinic", "School", "Foods", "Printing", "Logistics", "Law" };

/* How many servers an organisation has: most have one, a few have dozens. */
static uint32_t servers_of(struct rng *r)
{
    uint32_t x = rng_below(r, 1000);

    return x < 450 ? 1 : x < 650 ? 2 : x < 800 ? 3 : x < 905 ? rng_between(r, 4, 6) : x < 972 ? rng_between(r, 7, 12) : x < 996 ? rng_between(r, 13, 30) : rng_between(r, 31, 80);
}

static void make_orgs(struct campaign *c, struct rng *r)
{
    const struct camp_rates *k = &c->plan.rates;
    uint32_t                 at = 0;

    for (uint32_t i = 0; i < c->org_n; i++) {
        struct camp_org *o = &c->org[i];
        uint32_t         left = c->plan.servers - at, after = c->org_n - i - 1, n = servers_of(r);
        o->number      = 100000 + i * 7;
        o->name        = pool_fmt(&c->text, "%s %s %u", first_word[rng_below(r, 10)], last_word[rng_below(r, 10)], i);
        o->domain      = pool_fmt(&c->text, "org%u.example", i);
        o->sector      = sector[rng_below(r, 8)];
        memcpy(o->country, country[rng_below(r, 6)], 2);
        o->in_register = rng_chance(r, k->in_register);
        o->in_list     = rng_chance(r, k->in_list);
        o->vouched     = rng_chance(r, k->vouched);
        o->operator_   = UINT32_MAX;
        if (n + after > left)
            n = left > after ? left - after : 0;
        o->servers = n;
        o->first   = at;
        o->size    = size_word[n > 12 ? 3 : n > 6 ? 2 : n > 2 ? 1 : 0];
        /* Other domains of the same house: large ones have several. */
        o->brands  = n > 12 ? rng_below(r, 7) : n > 2 && rng_chance(r, 300) ? rng_between(r, 1, 3) : 0;
        for (uint32_t s = 0; s < n; s++) {
            c->server[at] = (struct camp_server){ .org = i, .patched = -1, .entered = -1, .used_again = -1, .removed = -1, .hunted = -1, .entered_again = -1 };
            memcpy(c->server[at].country, rng_chance(r, 930) ? o->country : country[rng_below(r, 6)], 2);
            at++;
        }
    }
    c->server_n = at;
}

static const char *domain_of(struct campaign *c, const struct camp_org *o, struct rng *r, uint32_t main_per_mille)
{
    if (!o->brands || rng_chance(r, main_per_mille))
        return o->domain;
    return pool_fmt(&c->text, "brand%u-%s", rng_below(r, o->brands), o->domain);
}

static const struct camp_org *another(struct campaign *c, struct rng *r) { return &c->org[rng_below(r, c->org_n)]; }

/* The rows of a register and of a list say who it is; some say it of the wrong one. */
static void number_links(struct campaign *c, uint32_t i, struct rng *r)
{
    const struct camp_rates *k = &c->plan.rates;
    const struct camp_org   *o = &c->org[c->server[i].org];

    if (o->in_register && rng_chance(r, k->register_row)) {
        uint32_t number = o->number;
        if (rng_chance(r, k->typo))
            number += 1 + rng_below(r, 5);
        else if (rng_chance(r, k->wrong_number))
            number = another(c, r)->number;
        link_add(c, i, CAMP_REGISTER, pool_fmt(&c->text, "hrb:%u", number), 95, 1);
        last_link(c)->name   = o->name;
        last_link(c)->sector = o->sector;
        last_link(c)->size   = o->size;
        memcpy(last_link(c)->country, o->country, 2);
    }
    if (o->in_list && rng_chance(r, k->list_row)) {
        const struct camp_org *x = rng_chance(r, k->stale_range) ? another(c, r) : o;
        link_add(c, i, CAMP_CONSTITUENCY, pool_fmt(&c->text, "national:%s", x->name), 90, 2);
        last_link(c)->name   = x->name;
        last_link(c)->sector = x->sector;
        memcpy(last_link(c)->country, x->country, 2);
    }
}

static void server_links(struct campaign *c, uint32_t i, struct rng *r)
{
    const struct camp_rates *k = &c->plan.rates;
    const struct camp_org   *o = &c->org[c->server[i].org];
    uint32_t                 isp = rng_below(r, 40), before = c->link_n;

    number_links(c, i, r);
    if (!rng_chance(r, k->nameless)) {
        /* One way of naming itself every server has that speaks to mail programs. */
        bool cert = rng_chance(r, k->cert), names = rng_chance(r, k->names), mx = rng_chance(r, k->mx);
        if (!cert && !mx)
            names = true;
        if (names)
            link_add(c, i, CAMP_EXCHANGE_NAME, domain_of(c, o, r, 800), 85, 3);
        if (cert) {
            const struct camp_org *x = rng_chance(r, k->old_cert) ? another(c, r) : o;
            const char *main = domain_of(c, x, r, 850);
            link_add(c, i, CAMP_CERT_DOMAIN, main, 90, 3);
            if (rng_chance(r, 500))
                link_add(c, i, CAMP_CERT_DOMAIN, domain_of(c, x, r, 500), 90, 3);
            if (x->vouched) {
                link_add(c, i, CAMP_CERT_ORG, x->name, 90, 3);
                memcpy(last_link(c)->country, x->country, 2);
            }
        }
        if (mx)
            link_add(c, i, CAMP_MX, domain_of(c, rng_chance(r, k->wrong_mx) ? another(c, r) : o, r, 800), 80, 4);
    }
    for (uint32_t j = before; j < c->link_n; j++)
        c->server[i].told = true;
    if (rng_chance(r, 600))
        link_add(c, i, CAMP_INTERNAL, rng_chance(r, 300) ? "corp.local" : pool_fmt(&c->text, "org%u.local", c->server[i].org), 90, 3);
    if (rng_chance(r, k->network)) {
        bool hosted = o->servers < 4 && rng_chance(r, 600);
        link_add(c, i, CAMP_NETWORK, hosted ? pool_fmt(&c->text, "NET-HOSTER-%u", rng_below(r, 10)) : pool_fmt(&c->text, "NET-ORG-%u", c->server[i].org), 85, 5);
    }
    if (rng_chance(r, k->ptr)) {
        const char *name = rng_chance(r, 450) ? pool_fmt(&c->text, "isp%u.example", isp) : (rng_chance(r, k->stale_ptr) ? another(c, r) : o)->domain;
        link_add(c, i, CAMP_PTR, name, 80, 6);
    }
    link_add(c, i, CAMP_HOLDER, pool_fmt(&c->text, "Carrier %u", isp), 90, 5);
    last_link(c)->name   = "Carrier";
    last_link(c)->sector = "telecommunications";
    if (rng_chance(r, k->rumour))
        link_add(c, i, CAMP_EXCHANGE_NAME, another(c, r)->domain, 30, 7);
}

/* Firms that run their customers' servers: their own name stands on those, too. Most have a handful of customers here, some a hundred. */
static void managed(struct campaign *c, struct rng *r)
{
    uint32_t n = c->org_n / 200 + 1;

    for (uint32_t m = 0; m < n; m++) {
        uint32_t    me = rng_below(r, c->org_n), customers = m % 4 == 0 ? rng_between(r, 2, 4) : m % 4 == 3 ? rng_between(r, 25, 120) : rng_between(r, 5, 24);
        const char *domain = c->org[me].domain;
        if (c->org[me].servers > 12)
            continue;                  /* houses of that size run their own */
        for (uint32_t k = 0; k < customers; k++) {
            struct camp_org *o = &c->org[rng_below(r, c->org_n)];
            if (o->servers > 3 || o->operator_ != UINT32_MAX || o == &c->org[me])
                continue;
            o->operator_ = me;
            for (uint32_t s = o->first; s < o->first + o->servers; s++) {
                if (!rng_chance(r, 700))
                    continue;
                link_add(c, s, rng_chance(r, 500) ? CAMP_CERT_DOMAIN : CAMP_EXCHANGE_NAME, domain, 85, 3);
                if (c->org[me].vouched && rng_chance(r, 400)) {
                    link_add(c, s, CAMP_CERT_ORG, c->org[me].name, 85, 3);
                    memcpy(last_link(c)->country, c->org[me].country, 2);
                }
            }
        }
    }
}

/* Servers that carry many firms' domains: hosting, and smart hosts that take mail for thousands. The domains are mostly of firms outside the campaign. */
static void hosting(struct campaign *c, struct rng *r)
{
    uint32_t n = c->org_n / 1000 + 1;

    for (uint32_t h = 0; h < n; h++) {
        struct camp_org *o = &c->org[rng_below(r, c->org_n)];
        for (uint32_t s = o->first; s < o->first + o->servers; s++) {
            bool     smart = h % 7 == 0;
            uint32_t domains = smart ? rng_between(r, 400, 2000) : rng_chance(r, 200) ? rng_between(r, 4, 15) : rng_between(r, 30, 300);
            c->server[s].shared = true;
            for (uint32_t d = 0; d < domains; d++) {
                const char *of = rng_chance(r, 20) ? another(c, r)->domain : pool_fmt(&c->text, "customer%u-%u-%u.example", h, s - o->first, d);
                link_add(c, s, smart ? CAMP_MX : CAMP_CERT_DOMAIN, of, 80, 4);
            }
        }
    }
    /* A content network's certificate in front of servers of all kinds. */
    for (uint32_t k = 0; k < c->server_n / 300; k++)
        link_add(c, rng_below(r, c->server_n), CAMP_CERT_DOMAIN, "cdn.example", 85, 3);
}

/* The same things are told again and again, day by day, by several sources; some with less certainty. */
static void repeat(struct campaign *c, struct rng *r)
{
    uint32_t n = c->link_n;
    uint64_t more = (uint64_t)n * c->plan.rates.repeated / 1000;

    for (uint64_t i = 0; i < more; i++) {
        struct camp_link l = c->link[rng_below(r, n)];
        l.source += 10;
        if (l.confidence > 60)
            l.confidence = (uint8_t)rng_between(r, 55, l.confidence);
        c->link = campaign_grow(c->link, c->link_n, &c->link_cap, sizeof *c->link);
        c->link[c->link_n++] = l;
    }
}

/* What happened to each server: the patch, the entry, whether they came back, the clean-up, the hunt. */
static void lives(struct campaign *c, struct rng *r)
{
    int16_t days = (int16_t)c->plan.days;

    for (uint32_t i = 0; i < c->server_n; i++) {
        struct camp_server *s = &c->server[i];
        if (rng_chance(r, 850))
            s->patched = (int16_t)rng_between(r, 1, c->plan.days - 1);
        if (rng_chance(r, 250)) {
            s->entered = (int16_t)rng_below(r, s->patched > 0 ? (uint32_t)s->patched : c->plan.days * 2 / 3);
            if (rng_chance(r, 90))
                s->used_again = (int16_t)(s->entered + 1 + (int16_t)rng_below(r, 3));
            if (s->patched >= 0 && rng_chance(r, 400) && s->patched + 2 < days) {
                s->removed = (int16_t)rng_between(r, (uint32_t)s->patched + 1, c->plan.days - 1);
                if (s->removed + 1 < days && rng_chance(r, 700)) {
                    s->hunted = (int16_t)(s->removed + 1);
                    if (s->hunted + 2 < days && rng_chance(r, 60)) {
                        s->entered_again = (int16_t)(s->hunted + 1);
                        s->missed = rng_chance(r, 400);
                    }
                }
            }
        } else if (s->patched >= 0 && s->patched + 1 < days && rng_chance(r, 100))
            s->hunted = (int16_t)(s->patched + 1);
    }
}

static void row(void (*take)(void *, const struct camp_row *), void *ctx, struct rng *r, const struct campaign *c, struct camp_row x)
{
    x.recorded = rng_chance(r, 900) ? x.day : (uint16_t)(x.day + rng_below(r, c->plan.days - x.day));
    take(ctx, &x);
}

void campaign_rows(const struct campaign *c, void (*take)(void *ctx, const struct camp_row *r), void *ctx)
{
    struct rng r = rng_for(c->plan.seed, 7);

    for (uint16_t day = 0; day < c->plan.days; day++)
        for (uint32_t i = 0; i < c->server_n; i++) {
            const struct camp_server *s = &c->server[i];
            bool last = day + 1u == c->plan.days, patched = s->patched >= 0 && day >= s->patched;
            bool there = s->entered >= 0 && day >= s->entered && (s->removed < 0 || day < s->removed);
            bool again = s->entered_again >= 0 && day > s->entered_again;
            /* The last day is a full scan, so that the truth can be known. */
            if (last || rng_chance(&r, 700))
                row(take, ctx, &r, c, (struct camp_row){ .word = patched ? CAMP_PATCHED : CAMP_VULNERABLE, .server = i, .day = day, .since = -1 });
            if (there && (last || day + 1 == s->removed || rng_chance(&r, 300)))
                row(take, ctx, &r, c, (struct camp_row){ .word = CAMP_SHELL, .server = i, .day = day, .since = s->entered, .shell = 1 });
            if (again && (last || rng_chance(&r, 300)))
                row(take, ctx, &r, c, (struct camp_row){ .word = CAMP_SHELL, .server = i, .day = day, .since = s->missed ? s->entered : s->entered_again, .shell = 2 });
            if (day == s->removed)
                row(take, ctx, &r, c, (struct camp_row){ .word = CAMP_SHELL_GONE, .server = i, .day = day, .since = -1, .shell = 1 });
            if (day == s->hunted)
                row(take, ctx, &r, c, (struct camp_row){ .word = CAMP_HUNT, .server = i, .day = day, .since = -1, .re_entered = s->used_again >= 0, .clean = true });
            if (rng_chance(&r, 5))
                row(take, ctx, &r, c, (struct camp_row){ .word = CAMP_SAYS_PATCHED, .server = i, .day = day, .since = -1 });
        }
}

void campaign_make(struct campaign *ret, const struct camp_plan *plan)
{
    struct campaign c = { .plan = *plan, .org_n = plan->organisations };
    struct rng      r = rng_for(plan->seed, 1), life = rng_for(plan->seed, 3);

    if (!plan->organisations || plan->servers < plan->organisations || plan->days < 10)
        lab_die("a campaign needs organisations, a server for each, and 10 days");
    c.org    = calloc(c.org_n, sizeof *c.org);
    c.server = calloc(plan->servers, sizeof *c.server);
    if (!c.org || !c.server)
        lab_die("out of memory");
    make_orgs(&c, &r);
    for (uint32_t i = 0; i < c.server_n; i++)
        server_links(&c, i, &r);
    managed(&c, &r);
    hosting(&c, &r);
    repeat(&c, &r);
    lives(&c, &life);
    campaign_visits(&c);
    *ret = c;
}

void campaign_free(struct campaign *c)
{
    free(c->org);
    free(c->server);
    free(c->link);
    free(c->visit);
    free(c->feature);
    free(c->common);
    pool_drop(&c->text);
}
