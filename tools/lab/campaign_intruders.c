/* campaign_intruders: several groups with habits of their own, some of them shared, on the servers that were hunted. */
#include "lab/campaign.h"

#include <stdlib.h>
#include <string.h>

enum { FLOWS = 8, PATHS = 14, AGENTS = 12, EXITS = 6, PUBLIC_KEYS = 6, SHARED_TOOLS = 4, HABIT_MAX = 4 };

struct habits {
    uint32_t share;                /* of all visits */
    uint32_t keys, pages, tools, clients, agents, paths;
    uint32_t flow[2], path[2], agent[3], shared_tool;      /* SHARED_TOOLS: none */
    bool     public_key;
    uint32_t from_hour, hours;     /* when it works */
    uint32_t change_hour;          /* from then on another key and page */
};

void campaign_feature(struct campaign *c, uint32_t visit, const char *kind, const char *value)
{
    c->feature = campaign_grow(c->feature, c->feature_n, &c->feature_cap, sizeof *c->feature);
    c->feature[c->feature_n++] = (struct camp_feature){ visit, kind, value };
}

static void common(struct campaign *c, const char *kind, const char *value)
{
    c->common = campaign_grow(c->common, c->common_n, &c->common_cap, sizeof *c->common);
    c->common[c->common_n++] = (struct camp_feature){ 0, kind, value };
}

static struct habits habits_of(struct rng *r, uint32_t i, uint32_t days)
{
    struct habits h = { .share = 1000 / (i + 2) };

    h.keys    = rng_between(r, 1, 3);
    h.pages   = rng_between(r, 1, 4);
    h.tools   = rng_below(r, 4);
    h.clients = rng_between(r, 4, 50);
    h.agents  = rng_between(r, 1, 3);
    for (int k = 0; k < 2; k++) {
        h.flow[k] = rng_below(r, FLOWS);
        h.path[k] = rng_below(r, PATHS);
    }
    for (int k = 0; k < 3; k++)
        h.agent[k] = rng_below(r, AGENTS);
    h.shared_tool = rng_chance(r, 350) ? rng_below(r, SHARED_TOOLS) : SHARED_TOOLS;
    h.public_key  = rng_chance(r, 250);
    h.from_hour   = rng_below(r, days * 12);
    h.hours       = rng_between(r, 48, days * 12);
    h.change_hour = h.from_hour + h.hours / 2 + rng_below(r, h.hours / 2 + 1);
    return h;
}

/* One session of a visit: each habit shows unless the evidence of it is gone. */
static void session(struct campaign *c, const struct habits *all, uint32_t intruder, uint32_t server, uint32_t number, uint32_t hour, struct rng *r)
{
    const struct camp_rates *k = &c->plan.rates;
    const struct habits     *h = &all[intruder];
    uint32_t                 at = c->visit_n, shell = intruder, feature = c->feature_n;
    bool                     late = hour >= h->change_hour;

    c->visit = campaign_grow(c->visit, c->visit_n, &c->visit_cap, sizeof *c->visit);
    c->visit[c->visit_n++] = (struct camp_visit){ server, number, intruder, (int64_t)hour * TIME_HOUR + (int64_t)rng_below(r, 3600) * TIME_SECOND + INT64_C(1614556800) * TIME_SECOND };
    /* A shell that somebody else left is used now and then. */
    if (rng_chance(r, k->borrowed))
        shell = rng_below(r, c->plan.intruders);
    const struct habits *w = &all[shell];
    uint32_t             page = w->pages > 1 && shell == intruder && late ? w->pages - 1 : rng_below(r, w->pages > 1 ? w->pages - 1 : 1);
    uint32_t             key = w->keys > 1 && shell == intruder && late ? w->keys - 1 : rng_below(r, w->keys > 1 ? w->keys - 1 : 1);
    bool                 unique = rng_chance(r, k->unique_page);

#define SHOW(kind, ...) do { if (!rng_chance(r, k->missing)) campaign_feature(c, at, kind, pool_fmt(&c->text, __VA_ARGS__)); } while (0)
    if (w->public_key && rng_chance(r, 600))
        SHOW("key", "public%u", shell % PUBLIC_KEYS);
    else
        SHOW("key", "key%u-%u", shell, key);
    if (unique)
        SHOW("page", "page-of-server-%u-%u", server, number);
    else
        SHOW("page", "page%u-%u", shell, page);
    if (!unique && rng_chance(r, 500))
        SHOW("compiled", "dll%u-%u", shell, page);
    SHOW("flow", "flow%u", w->flow[page % 2]);
    if (h->tools && rng_chance(r, 500))
        SHOW("tool", "tool%u-%u", intruder, rng_below(r, h->tools));
    if (h->shared_tool < SHARED_TOOLS && rng_chance(r, 300))
        SHOW("tool", "tool-shared-%u", h->shared_tool);
    if (rng_chance(r, 250))
        SHOW("tool", "tool-public-%u", rng_below(r, 3));
    uint32_t addresses = rng_between(r, 1, 3);
    for (uint32_t i = 0; i < addresses; i++) {
        uint32_t one = rng_below(r, h->clients);
        if (rng_chance(r, k->shared_exit))
            SHOW("client", "exit%u", rng_below(r, EXITS));
        else
            SHOW("client", "198.51.%u.%u", intruder, one);
    }
    SHOW("path", "pattern%u", h->path[rng_chance(r, 700) ? 0 : 1]);
    SHOW("agent", "agent%u", h->agent[rng_below(r, h->agents)]);
#undef SHOW
    /* Now and then a feature is another's: a wrong tie of the report, a copy. */
    for (uint32_t i = feature; i < c->feature_n; i++)
        if (i && rng_chance(r, k->stray)) {
            uint32_t other = rng_below(r, i);
            c->feature[i].kind  = c->feature[other].kind;
            c->feature[i].value = c->feature[other].value;
        }
}

void campaign_visits(struct campaign *c)
{
    struct rng     r = rng_for(c->plan.seed, 5);
    uint32_t       n = c->plan.intruders, total = 0, hunts = c->plan.hunts < c->server_n ? c->plan.hunts : c->server_n;
    struct habits *h = calloc(n ? n : 1, sizeof *h);
    uint32_t      *order = calloc(c->server_n, sizeof *order);

    if (!h || !order)
        lab_die("out of memory");
    for (uint32_t i = 0; i < n; i++) {
        h[i] = habits_of(&r, i, c->plan.days);
        total += h[i].share;
    }
    for (uint32_t i = 0; i < c->server_n; i++)
        order[i] = i;
    for (uint32_t i = 0; n && i < hunts; i++) {
        uint32_t pick = i + rng_below(&r, c->server_n - i), server = order[pick], visits = rng_chance(&r, 250) ? rng_between(&r, 2, 3) : 1, number = 0, seen[3] = { UINT32_MAX, UINT32_MAX, UINT32_MAX };
        order[pick] = order[i];
        for (uint32_t v = 0; v < visits; v++) {
            uint32_t x = rng_below(&r, total), who = 0;
            while (x >= h[who].share)
                x -= h[who++].share;
            if (seen[0] == who || seen[1] == who)
                continue;
            seen[v] = who;
            uint32_t sessions = rng_chance(&r, c->plan.rates.split) ? 2 : 1;
            /* Waves: most of what a group does it does in a few hours. */
            for (uint32_t s = 0; s < sessions; s++)
                session(c, h, who, server, ++number, h[who].from_hour + (rng_chance(&r, 600) ? rng_below(&r, 4) * (h[who].hours / 4) : rng_below(&r, h[who].hours)), &r);
        }
    }
    for (uint32_t i = 0; i < 3; i++)
        common(c, "tool", pool_fmt(&c->text, "tool-public-%u", i));
    for (uint32_t i = 0; i < PUBLIC_KEYS; i++)
        common(c, "key", pool_fmt(&c->text, "public%u", i));
    free(h);
    free(order);
}
