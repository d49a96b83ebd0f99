/* campaign_story: what happened to each server, so that it fits the visits of its intruders and the hunts that found them. */
#include "lab/campaign_files.h"

#include <stdlib.h>
#include <string.h>

const char *const story_proof_name[PROOFS] = { "nonce", "none", "partial", "foreign", "forged" };

/* Source: packs/survey/builds.csv; before and after the update of March 2021. */
const struct story_build story_builds[] = {
    { "Exchange Server 2016", "15.1.2176.2", "15.1.2176.9" }, { "Exchange Server 2016", "15.1.2106.2", "15.1.2106.13" }, { "Exchange Server 2016", "15.1.2106.8", "15.1.2106.13" },
    { "Exchange Server 2019", "15.2.792.3", "15.2.792.10" }, { "Exchange Server 2019", "15.2.721.2", "15.2.721.13" }, { "Exchange Server 2013", "15.0.1497.2", "15.0.1497.12" },
};

void story_tell(struct story *s, struct story_told t)
{
    s->told = campaign_grow(s->told, s->told_n, &s->told_cap, sizeof *s->told);
    s->told[s->told_n++] = t;
}

static int16_t day_of(int64_t us) { return (int16_t)((us - STORY_START) / TIME_DAY); }

static enum story_proof proof_of(struct rng *r)
{
    uint32_t x = rng_below(r, 100);

    return x < 68 ? PROOF_NONCE : x < 80 ? PROOF_NONE : x < 90 ? PROOF_PARTIAL : x < 95 ? PROOF_FOREIGN : PROOF_FORGED;
}

static void add_hunt(struct story_server *v, int day, enum story_proof proof, bool gone, bool again)
{
    v->hunt[v->hunts++] = (struct story_hunt){ (int16_t)day, proof, gone, again };
}

/* A server with visits: entered on the first, hunted after the last, perhaps cleaned, hunted again, and in trouble again. */
static void victim(struct story *s, uint32_t i, struct rng *r)
{
    struct story_server *v = &s->server[i];
    struct campaign     *c = s->c;
    int                  days = (int)c->plan.days, last = 0, first = days;

    for (uint32_t k = v->visit; k < v->visit + v->visits; k++) {
        /* Room for the hunts behind the last visit. */
        c->visit[k].first_us = STORY_START + (c->visit[k].first_us - STORY_START) / TIME_DAY * (days - 12) / days * TIME_DAY + (c->visit[k].first_us - STORY_START) % TIME_DAY;
        int d = day_of(c->visit[k].first_us);
        last  = d > last ? d : last;
        first = d < first ? d : first;
        if (v->doors < STORY_DOORS_MAX) {
            v->doors++;
            v->door[v->doors - 1] = (struct story_door){ k, (uint16_t)v->doors, false, c->visit[k].first_us + 2 * TIME_MINUTE, c->visit[k].first_us + 20 * TIME_MINUTE };
        }
        for (uint32_t j = v->visit; j < k; j++)
            if (c->visit[j].intruder == c->visit[k].intruder && !v->re_entered && rng_chance(r, 600)) {
                struct story_door *d1 = &v->door[j - v->visit];
                int64_t earlier = c->visit[j].first_us, later = c->visit[k].first_us;
                /* The first visit's page was used in a later one: the definition of re-entry. */
                if (later - earlier > 3 * TIME_HOUR) {
                    v->re_entered = true;
                    d1->last_us   = later + 10 * TIME_MINUTE;
                } else if (earlier - later > 3 * TIME_HOUR) {
                    v->re_entered = true;
                    v->door[k - v->visit].last_us = earlier + 10 * TIME_MINUTE;
                }
            }
    }
    v->patched = rng_chance(r, 880) ? (int16_t)rng_between(r, (uint32_t)first + 1, (uint32_t)(last + 2 < days - 6 ? last + 2 : days - 6)) : -1;
    if (v->patched == 0)
        v->patched = 1;
    v->stolen = rng_chance(r, 60);
    v->beyond = rng_chance(r, 50);
    int h1 = last + 1 + (int)rng_below(r, 2);
    add_hunt(v, h1 + (h1 <= v->patched ? v->patched - h1 + 1 : 0), proof_of(r), rng_chance(r, 250), false);
    v->shell_from = (int16_t)first;
    v->shell_to   = v->hunt[0].gone ? v->hunt[0].day : (int16_t)days;
    if (v->patched < 0 || !rng_chance(r, 600))
        return;
    /* Cleaned and hunted again. */
    int h2 = v->hunt[0].day + 1 + (int)rng_below(r, 3);
    if (h2 > days - 3)
        return;
    add_hunt(v, h2, proof_of(r), true, false);
    v->shell_to = (int16_t)(v->hunt[0].gone ? v->hunt[0].day : v->hunt[0].day + (h2 > v->hunt[0].day));
    if (!rng_chance(r, 80) || v->doors == STORY_DOORS_MAX || h2 + 2 >= days)
        return;
    bool missed = rng_chance(r, 400);
    v->doors++;
    v->door[v->doors - 1] = (struct story_door){ UINT32_MAX, (uint16_t)v->doors, true, missed ? STORY_START + first * TIME_DAY + 7 * TIME_HOUR : STORY_START + (h2 + 1) * TIME_DAY + TIME_HOUR,
                                                 STORY_START + (h2 + 1) * TIME_DAY + 2 * TIME_HOUR };
    add_hunt(v, h2 + 2, PROOF_NONCE, true, true);
}

static void quiet(struct story *s, uint32_t i, struct rng *r)
{
    struct story_server *v = &s->server[i];
    uint32_t             days = s->c->plan.days;

    if (rng_chance(r, 850))
        v->patched = (int16_t)rng_between(r, 1, days - 1);
    /* Entered, and nobody has hunted: only scans and feeds tell. */
    if (rng_chance(r, 150)) {
        v->shell_from = (int16_t)rng_below(r, v->patched > 0 ? (uint32_t)v->patched : days * 2 / 3);
        v->shell_to   = (int16_t)days;
    }
}

static void gather_links(struct story *s)
{
    struct campaign *c = s->c;
    uint32_t         at = 0;

    s->by_server = calloc(c->link_n ? c->link_n : 1, sizeof *s->by_server);
    if (!s->by_server)
        lab_die("out of memory");
    for (uint32_t i = 0; i < c->link_n; i++)
        if (c->link[i].source < 10)
            s->server[c->link[i].server].links++;
    for (uint32_t i = 0; i < c->server_n; i++) {
        s->server[i].link = at;
        at += s->server[i].links;
        s->server[i].links = 0;
    }
    for (uint32_t i = 0; i < c->link_n; i++)
        if (c->link[i].source < 10) {
            struct story_server *v = &s->server[c->link[i].server];
            s->by_server[v->link + v->links++] = i;
        }
}

void campaign_story(struct story *s, struct campaign *c, uint32_t hunts)
{
    struct rng r = rng_for(c->plan.seed, 11);
    uint32_t   reports = 0;

    s->c = c;
    s->server = calloc(c->server_n, sizeof *s->server);
    if (!s->server)
        lab_die("out of memory");
    gather_links(s);
    for (uint32_t i = 0; i < c->visit_n; i++) {
        struct story_server *v = &s->server[c->visit[i].server];
        if (!v->visits++)
            v->visit = i;
    }
    for (uint32_t i = 0; i < c->server_n; i++) {
        struct story_server *v = &s->server[i];
        v->patched = v->shell_from = v->shell_to = -1;
        for (int k = 0; k < 3; k++)
            v->first_us[k] = TIME_NONE;
        v->build = (uint16_t)rng_below(&r, STORY_BUILDS);
        if (v->visits)
            victim(s, i, &r);
        else
            quiet(s, i, &r);
        reports += v->hunts;
    }
    /* What is left of the number of hunts goes to servers where nobody was. */
    for (uint32_t i = 0, tries = c->server_n * 4; reports < hunts && tries; tries--) {
        i = rng_below(&r, c->server_n);
        struct story_server *v = &s->server[i];
        if (v->hunts || v->shell_from >= 0 || v->patched < 0 || v->patched + 2 >= (int)c->plan.days)
            continue;
        add_hunt(v, v->patched + 1, proof_of(&r), true, false);
        reports++;
    }
    s->reports = reports;
}
