/* See update_facts.h: whose each fact is, what follows for a case as a whole, and the order. */
#include "casework/update_facts.h"

#include <string.h>

#include "base/num.h"
#include "casework/state_inner.h"
#include "survey/observation.h"

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the facts"); }

static void put64(uint8_t *p, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> (56 - 8 * i));
}

void gather_hash(uint8_t ret[32], uint64_t id, uint64_t asset, uint64_t more)
{
    memset(ret, 0, 32);
    put64(ret, id);
    put64(ret + 8, asset);
    put64(ret + 16, more);
}

uint64_t gather_organisation(struct str name) { return name.n ? str_ihash(name) | 1 : 0; }

bool gather_server_fact(struct gather *g, uint32_t campaign_at, uint32_t server, struct fact f, uint64_t id, struct err *e)
{
    struct update *u = g->u;
    uint32_t       group = u->server[server].group, at = group < u->groups.group_n ? g->case_of[campaign_at][group] : GROUP_NONE;

    if (at == GROUP_NONE)
        return true;
    struct update_fact *p = GROW(&g->a, g->full, g->full_n, &g->full_cap);
    if (!p)
        return no_room(e);
    f.subject = (uint64_t)u->server[server].asset;
    gather_hash(f.hash, id, f.subject, 0);
    *p = (struct update_fact){ .case_at = at, .server = server, .campaign = u->campaign[campaign_at].id, .f = f };
    g->full_n++;
    g->other[server] = true;
    return true;
}

/* ---- whose ---- */

bool update_by_group(const struct update *u, struct arena *a, uint32_t **ret_first, uint32_t **ret_of_group, struct err *e)
{
    uint32_t groups = u->groups.group_n;
    uint32_t *first = NEW(a, uint32_t, (size_t)groups + 2), *of_group = NEW(a, uint32_t, (size_t)u->server_n + 1);

    if (!first || !of_group)
        return no_room(e);
    for (uint32_t i = 0; i < u->server_n; i++)
        if (u->server[i].group < groups)
            first[u->server[i].group + 1]++;
    for (uint32_t i = 0; i < groups; i++)
        first[i + 1] += first[i];
    for (uint32_t i = 0; i < u->server_n; i++)
        if (u->server[i].group < groups)
            of_group[first[u->server[i].group]++] = i;
    memmove(first + 1, first, groups * sizeof *first);
    first[0] = 0;
    *ret_first = first;
    *ret_of_group = of_group;
    return true;
}

static bool index_cases(struct gather *g, struct err *e)
{
    struct update *u = g->u;
    uint32_t       groups = u->groups.group_n;

    g->case_of = NEW(&g->a, uint32_t *, u->campaign_n + 1);
    g->other   = NEW(&g->a, bool, (size_t)u->server_n + 1);
    g->odd_us  = TAKE(&g->a, int64_t, (size_t)u->server_n + 1);
    if (!g->case_of || !g->other || !g->odd_us)
        return no_room(e);
    for (uint32_t c = 0; c < u->campaign_n; c++) {
        if (!(g->case_of[c] = TAKE(&g->a, uint32_t, (size_t)groups + 1)))
            return no_room(e);
        memset(g->case_of[c], 0xff, ((size_t)groups + 1) * sizeof **g->case_of);           /* GROUP_NONE */
        for (uint32_t i = 0; i < u->case_n; i++)
            if (u->cases[i].campaign == u->campaign[c].id && u->cases[i].group < groups)
                g->case_of[c][u->cases[i].group] = i;
    }
    for (uint32_t i = 0; i < u->server_n; i++)
        g->odd_us[i] = TIME_NONE;
    return update_by_group(u, &g->a, &g->first, &g->of_group, e);
}

/* ---- ranges that are no victims: constituency lists of these names ---- */

struct range { uint8_t first[16], last[16]; int64_t since_us; };
struct ranges { struct gather *g; struct range *r; size_t n, cap; };

static bool take_range(void *ctx, const struct store_value *v, struct err *e)
{
    struct ranges *x = ctx;
    struct range  *r;

    if (v[0].null || v[1].null || v[0].s.n != 16 || v[1].s.n != 16)
        return true;
    if (!(r = GROW(&x->g->a, x->r, x->n, &x->cap)))
        return no_room(e);
    memcpy(r->first, v[0].s.p, 16);
    memcpy(r->last, v[1].s.p, 16);
    r->since_us = v[2].null ? v[3].i : v[2].i;
    x->n++;
    return true;
}

static bool own_ranges(struct gather *g, struct err *e)
{
    struct update *u = g->u;
    struct ranges  x = { .g = g };

    if (!store_scan(u->s, "SELECT first_ip, last_ip, since_us, recorded_us FROM case_entry WHERE list IN ('own', 'honeypots')", 4, take_range, &x, e))
        return false;
    for (uint32_t i = 0; i < u->server_n && x.n; i++)
        for (size_t k = 0; k < x.n; k++) {
            bool in = u->server[i].has_ip && memcmp(u->server[i].ip, x.r[k].first, 16) >= 0 && memcmp(u->server[i].ip, x.r[k].last, 16) <= 0;
            for (uint32_t j = 0; j < u->server[i].ip_n && !in; j++)
                in = memcmp(u->server[i].ips[j], x.r[k].first, 16) >= 0 && memcmp(u->server[i].ips[j], x.r[k].last, 16) <= 0;
            if (in)
                g->odd_us[i] = earlier(g->odd_us[i], x.r[k].since_us);
        }
    return true;
}

/* ---- the layout ---- */

/* What the team runs itself is one source, whatever the tool. */
uint64_t gather_survey_source(unsigned source)
{
    static const struct str organisation[OBS_SOURCES] = {
        [OBS_PROBE] = STR_INIT("own survey"), [OBS_ZGRAB] = STR_INIT("own survey"), [OBS_NMAP] = STR_INIT("own survey"), [OBS_MASSCAN] = STR_INIT("own survey"),
        [OBS_HTTPX] = STR_INIT("own survey"), [OBS_RECEIVED] = STR_INIT("own survey"), [OBS_SHADOWSERVER] = STR_INIT("shadowserver"), [OBS_SHODAN] = STR_INIT("shodan"),
        [OBS_CENSYS] = STR_INIT("censys"), [OBS_BINARYEDGE] = STR_INIT("binaryedge"), [OBS_CSV] = STR_INIT("a table"), [OBS_HEALTHCHECKER] = STR_INIT("the operator"),
        [OBS_STATEMENT] = STR_INIT("the operator"),
    };
    return source < OBS_SOURCES ? gather_organisation(organisation[source]) : 0;
}

static struct fact look_fact(const struct update *u, const struct gather_look *l)
{
    struct fact f = { .kind = FACT_EXPOSURE, .grade = (enum grade)l->grade, .value = l->value, .flags = l->active ? FACT_ACTIVE : 0,
                      .subject = (uint64_t)u->server[l->server].asset, .source = gather_survey_source(l->by),
                      .observed_us = l->us, .recorded_us = l->us, .own_us = TIME_NONE };

    gather_hash(f.hash, (uint64_t)l->us, f.subject, (uint64_t)1 << 63 | (uint64_t)l->value << 24 | (uint64_t)l->grade << 16 | (uint64_t)l->by << 8 | l->active);
    return f;
}

static uint32_t case_of_look(const struct gather *g, const struct gather_look *l)
{
    uint32_t group = g->u->server[l->server].group;

    return group < g->u->groups.group_n ? g->case_of[l->campaign][group] : GROUP_NONE;
}

/* A word that the server is affected, as far as a honeypot could say it. */
static bool accuses(const struct fact *f) { return f->kind == FACT_FINDING || (f->kind == FACT_EXPOSURE && f->value == EXPOSURE_VULNERABLE) || f->kind == FACT_HUNT; }

/* What holds of the whole case: grouped, and a trap, when nothing accuses any of its servers but those that are odd. They are as old as what they stand on. */
static uint32_t whole_case(struct gather *g, uint32_t at)
{
    struct update      *u = g->u;
    struct update_case *c = &u->cases[at];
    int64_t             first = TIME_NONE, known = TIME_NONE, odd = TIME_NONE;
    bool                real = false;
    uint32_t            n = 0;
    struct update_fact *to = &u->fact[c->first + c->n];

    for (uint32_t i = c->first; i < c->first + c->n; i++) {
        const struct update_fact *f = &u->fact[i];

        first = earlier(first, fact_us(&f->f));
        known = earlier(known, f->f.recorded_us);
        if (f->server == GROUP_NONE || !accuses(&f->f))
            continue;
        if (g->odd_us[f->server] == TIME_NONE)
            real = true;
        else
            odd = earlier(odd, later(g->odd_us[f->server], fact_us(&f->f)));
    }
    if (first == TIME_NONE)
        return 0;
    uint8_t confidence = c->group < u->groups.group_n ? u->groups.group[c->group].confidence : 0;
    to[n] = (struct update_fact){ .case_at = at, .server = GROUP_NONE, .campaign = c->campaign,
                                  .f = { .kind = FACT_GROUPED, .value = confidence > 100 ? 100 : confidence, .observed_us = first, .recorded_us = known, .own_us = TIME_NONE } };
    gather_hash(to[n++].f.hash, (uint64_t)c->id, 0, 1);
    if (odd != TIME_NONE && !real) {
        to[n] = (struct update_fact){ .case_at = at, .server = GROUP_NONE, .campaign = c->campaign,
                                      .f = { .kind = FACT_TRAP, .observed_us = odd, .recorded_us = odd, .own_us = TIME_NONE } };
        gather_hash(to[n++].f.hash, (uint64_t)c->id, 0, 2);
    }
    return n;
}

/* Sorted by case, and within it as they were gathered: by counting. */
static bool lay_out(struct gather *g, struct err *e)
{
    struct update *u = g->u;
    uint64_t       total = 0;

    for (uint32_t i = 0; i < u->case_n; i++)
        u->cases[i].first = u->cases[i].n = 0;
    for (size_t i = 0; i < g->full_n; i++)
        u->cases[g->full[i].case_at].n++;
    for (size_t i = 0; i < g->look_n; i++) {
        uint32_t at = case_of_look(g, &g->look[i]);
        if (at != GROUP_NONE)
            u->cases[at].n++;
    }
    for (uint32_t i = 0; i < u->case_n; i++) {
        total += u->cases[i].n + 2;
        if (total > UINT32_MAX)
            return err_set(e, ERR_LIMIT, "more than %u facts", UINT32_MAX);
        u->cases[i].first = (uint32_t)(total - u->cases[i].n - 2);
        u->cases[i].n = 0;
    }
    if (!(u->fact = TAKE(&u->keep, struct update_fact, total ? (size_t)total : 1)))
        return no_room(e);
    for (size_t i = 0; i < g->full_n; i++) {
        struct update_case *c = &u->cases[g->full[i].case_at];
        u->fact[c->first + c->n++] = g->full[i];
    }
    for (size_t i = 0; i < g->look_n; i++) {
        const struct gather_look *l = &g->look[i];
        uint32_t                  at = case_of_look(g, l);
        if (at == GROUP_NONE)
            continue;
        u->fact[u->cases[at].first + u->cases[at].n++] = (struct update_fact){ .case_at = at, .server = l->server, .campaign = u->campaign[l->campaign].id, .f = look_fact(u, l) };
    }
    /* Up to two more each; what a case does not need is closed up. */
    for (uint32_t i = 0, to = 0; i < u->case_n; i++) {
        struct update_case *c = &u->cases[i];

        c->n += whole_case(g, i);
        memmove(u->fact + to, u->fact + c->first, c->n * sizeof *u->fact);
        c->first = to;
        to += c->n;
        u->fact_n = to;
    }
    return true;
}

/* ---- how the survey's word changed, for who reads a case's history ---- */

/* Looks come server by server in the order of time. Told is what says something new, or the same on better grounds. */
static bool put_looks(const struct gather *g, struct err *e)
{
    const struct update      *u = g->u;
    const struct gather_look *told = NULL;
    struct store_bulk        *b;
    struct err                unused = { 0 };
    bool                      ok = true;

    if (!store_exec(u->s, "DELETE FROM case_look", e))
        return false;
    if (!g->look_n)
        return true;
    if (!store_bulk_begin(u->s, "case_look", "campaign, asset, at_us, source, value, grade, active", STORE_KEEP_OLD, &b, e))
        return false;
    for (size_t i = 0; i < g->look_n && ok; i++) {
        const struct gather_look *l = &g->look[i];

        if (told && told->server == l->server && told->campaign == l->campaign && told->value == l->value && told->grade >= l->grade)
            continue;
        told = l;
        const int64_t v[] = { u->campaign[l->campaign].id, u->server[l->server].asset, l->us, l->by, l->value, l->grade, l->active };
        for (size_t k = 0; k < COUNT_OF(v); k++)
            store_bulk_int(b, v[k]);
        ok = store_bulk_row(b, e);
    }
    return store_bulk_end(b, NULL, ok ? e : &unused) && ok;
}

bool update_facts(struct update *u, struct err *e)
{
    struct gather g = { .u = u, .a = u->scratch };

    if (u->campaign_n > GATHER_CAMPAIGNS_MAX)
        return err_set(e, ERR_LIMIT, "%u campaigns, at most %d", u->campaign_n, GATHER_CAMPAIGNS_MAX);
    if (!index_cases(&g, e) || !own_ranges(&g, e) || !gather_ledger(&g, e) || !gather_survey(&g, e) || !lay_out(&g, e) || !put_looks(&g, e))
        return false;
    u->n->facts = u->fact_n;
    /* The scratch is free again: spans have told where addresses lie. */
    return !u->daily || update_countries(u, e);
}
