/* See update_cases.h. */
#include "casework/update_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "casework/state_inner.h"

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the cases"); }

struct board { struct store_bulk *state, *server; };

static void put_us(struct store_bulk *b, int64_t us)
{
    if (us == TIME_NONE)
        store_bulk_null(b);
    else
        store_bulk_int(b, us);
}

static void put_ints(struct store_bulk *b, const int64_t *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        store_bulk_int(b, v[i]);
}
#define INTS(b, ...) put_ints(b, (const int64_t[]){ __VA_ARGS__ }, COUNT_OF(((const int64_t[]){ __VA_ARGS__ })))

static void put_times(struct store_bulk *b, const int64_t *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_us(b, v[i]);
}
#define TIMES(b, ...) put_times(b, (const int64_t[]){ __VA_ARGS__ }, COUNT_OF(((const int64_t[]){ __VA_ARGS__ })))

/* ---- servers ---- */

struct harm { bool beyond; uint8_t theft; };
static struct harm harm_of(const struct cases *c, uint32_t server, uint32_t campaign_at)
{
    struct harm h = { false, 0 };

    for (size_t i = cases_harm_from(c, server, campaign_at); i < c->harm_n && c->harm[i].server == server && c->harm[i].campaign_at == campaign_at; i++)
        if (c->harm[i].us <= c->now_us) {
            h.beyond |= c->harm[i].beyond;
            h.theft = c->harm[i].theft > h.theft ? c->harm[i].theft : h.theft;
        }
    return h;
}

static bool put_server(struct cases *c, struct store_bulk *b, const struct update_case *x, uint32_t at, const struct asset_state *s, struct harm h, struct err *e)
{
    const struct update_server *v = &c->u->server[at];
    char   build[40] = "";
    size_t n = 0;

    for (int i = 0; i < v->parts && i < 4; i++)
        n += (size_t)snprintf(build + n, sizeof build - n, "%s%u", i ? "." : "", v->build[i]);
    INTS(b, x->campaign, v->asset, x->org, x->id);
    store_bulk_text(b, v->name);
    if (v->has_ip)
        store_bulk_bytes(b, (struct str){ v->ip, 16 });
    else
        store_bulk_null(b);
    INTS(b, v->port);
    store_bulk_text(b, str_c(v->country));
    INTS(b, v->asn);
    store_bulk_text(b, v->product);
    store_bulk_text(b, str_c(build));
    INTS(b, s->exposure, s->exposure_grade);
    put_us(b, s->exposure_us);
    INTS(b, s->compromise, s->compromise_grade);
    put_us(b, s->compromise_us);
    INTS(b, s->clean, s->was_clean, s->suspicion, s->hunted, s->re_entered, s->not_mine, s->still_there, s->backdoored_ever, h.beyond, h.theft);
    TIMES(b, s->clean_us, s->hunted_us);
    INTS(b, s->relapses, s->missed);
    TIMES(b, c->first_us[at], c->last_us[at]);
    INTS(b, v->confidence, v->shared);
    return store_bulk_row(b, e);
}

struct sums { uint32_t servers, beyond, stolen, reviews, reports; struct str report_why; };

/* Each server of the group, also those of which nothing is known in this campaign. */
static bool put_servers(struct cases *c, struct store_bulk *b, const struct update_case *x, uint32_t campaign_at, const struct case_state *s, struct sums *ret, struct err *e)
{
    static const struct asset_state unknown = { .exposure_us = TIME_NONE, .compromise_us = TIME_NONE, .clean_us = TIME_NONE, .hunted_us = TIME_NONE };
    struct update *u = c->u;
    uint32_t       from = x->group < u->groups.group_n ? c->first[x->group] : 0, to = x->group < u->groups.group_n ? c->first[x->group + 1] : 0;

    for (uint32_t i = from, k = 0; i < to; i++) {
        uint32_t    at = c->of_group[i];
        uint64_t    asset = (uint64_t)u->server[at].asset;
        struct harm h = harm_of(c, at, campaign_at);

        while (k < s->asset_n && s->asset[k].asset < asset)
            k++;
        const struct asset_state *v = k < s->asset_n && s->asset[k].asset == asset ? &s->asset[k] : &unknown;
        if (!put_server(c, b, x, at, v, h, e))
            return false;
        if (v->not_mine)
            continue;
        ret->servers++;
        ret->beyond += h.beyond;
        ret->stolen += h.theft == 2;
        ret->reviews += c->reviews[at];
        for (size_t j = cases_waiting_from(c, at, campaign_at); j < c->waiting_n && c->waiting[j].server == at && c->waiting[j].campaign_at == campaign_at; j++)
            if (c->waiting[j].us <= c->now_us && (v->hunted_us == TIME_NONE || c->waiting[j].us > v->hunted_us)) {
                ret->reports++;
                ret->report_why = c->waiting[j].why;
            }
    }
    return true;
}

/* ---- contacts: the last word about each ---- */

static int by_contact(const void *x, const void *y)
{
    const struct fact *p = *(const struct fact *const *)x, *q = *(const struct fact *const *)y;

    if (p->subject != q->subject)
        return p->subject < q->subject ? -1 : 1;
    return p->recorded_us != q->recorded_us ? (p->recorded_us < q->recorded_us ? -1 : 1) : memcmp(p->hash, q->hash, sizeof p->hash);
}

static bool contacts(const struct cases *c, const struct fact *f, size_t n, struct arena scratch, struct urgency_ask *ret, struct err *e)
{
    const struct fact **p = TAKE(&scratch, const struct fact *, n + 1);
    size_t              k = 0;

    if (!p)
        return no_room(e);
    for (size_t i = 0; i < n; i++)
        if (f[i].kind == FACT_CONTACT && fact_us(&f[i]) <= c->now_us && (c->u->o->known_us == TIME_NONE || f[i].recorded_us <= c->u->o->known_us))
            p[k++] = &f[i];
    if (k)
        qsort(p, k, sizeof *p, by_contact);
    for (size_t i = 0; i < k; i++)
        if ((i + 1 == k || p[i + 1]->subject != p[i]->subject) && p[i]->value && p[i]->grade >= GRADE_D) {
            ret->contacts += (p[i]->flags & FACT_MX_TESTED) != 0;
            ret->untested += !(p[i]->flags & FACT_MX_TESTED);
        }
    return true;
}

/* ---- cases ---- */

static bool put_case(struct store_bulk *b, const struct update_case *x, const struct case_state *s, const struct sums *n, const struct urgency *why, struct err *e)
{
    int64_t changed = TIME_NONE;

    for (uint32_t i = 0; i < s->asset_n; i++)
        changed = later(changed, s->asset[i].changed_us);
    for (uint32_t i = 0; i < s->notice_n; i++)
        changed = later(changed, s->notice[i].changed_us);
    changed = later(later(changed, s->forced_us), later(s->acknowledged_us, s->clean_us));
    INTS(b, x->id, x->campaign, x->org, s->stage, s->derived, s->forced, s->contradicted);
    store_bulk_text(b, s->reason);
    store_bulk_text(b, s->who);
    put_us(b, s->forced_us);
    INTS(b, s->needs, n->servers, s->vulnerable, s->patched, s->backdoored, s->patched_backdoored, s->hunted, s->clean, s->relapsed, s->missed, s->re_entered, n->beyond, n->stolen,
         s->suspicion);
    TIMES(b, s->verified_us, s->notified_us, s->delivered_us, s->acknowledged_us, s->patched_us, s->hunted_us, s->clean_us, changed);
    INTS(b, why->number);
    store_bulk_text(b, str_c(why->why));
    return store_bulk_row(b, e);
}

/* When anything was observed of each server of the case. */
static void seen(struct cases *c, const struct update_case *x)
{
    struct update *u = c->u;

    if (x->group < u->groups.group_n)
        for (uint32_t i = c->first[x->group]; i < c->first[x->group + 1]; i++)
            c->first_us[c->of_group[i]] = c->last_us[c->of_group[i]] = TIME_NONE;
    for (uint32_t i = x->first; i < x->first + x->n; i++) {
        const struct update_fact *f = &u->fact[i];
        int64_t                   us = fact_us(&f->f);

        if (f->server == GROUP_NONE || us > c->now_us || f->f.kind == FACT_NOT_MINE)
            continue;
        c->first_us[f->server] = earlier(c->first_us[f->server], us);
        c->last_us[f->server]  = later(c->last_us[f->server], us);
    }
}

static bool one_case(struct cases *c, struct board *b, const struct update_case *x, struct arena a, struct err *e)
{
    struct update    *u = c->u;
    struct fact      *f = TAKE(&a, struct fact, (size_t)x->n + 1);
    struct case_state s;
    struct sums       n = { 0 };
    struct urgency    why;
    uint32_t          campaign_at = 0;

    if (!f)
        return no_room(e);
    for (uint32_t i = 0; i < x->n; i++)
        f[i] = u->fact[x->first + i].f;
    while (campaign_at < u->campaign_n && u->campaign[campaign_at].id != x->campaign)
        campaign_at++;
    seen(c, x);
    if (!cases_days(c, x, campaign_at, f, x->n, &a, &s, e) || !put_servers(c, b->server, x, campaign_at, &s, &n, e))
        return false;
    struct urgency_ask ask = { .state = &s, .now_us = c->now_us, .reviews = n.reviews, .reports = n.reports, .report_why = n.report_why };
    if (!contacts(c, f, x->n, a, &ask, e))
        return false;
    urgency_of(&ask, &why);
    return put_case(b->state, x, &s, &n, &why, e);
}

/* ---- all ---- */

static int64_t now_of(const struct update *u)
{
    int64_t now = u->o->now_us;

    for (uint32_t i = 0; i < u->fact_n && u->o->now_us == TIME_NONE; i++)
        if (u->o->known_us == TIME_NONE || u->fact[i].f.recorded_us <= u->o->known_us)
            now = later(now, fact_us(&u->fact[i].f));
    return now == TIME_NONE ? 0 : now;
}

static bool cases(struct cases *c, struct arena a, struct board *b, struct err *e)
{
    struct update *u = c->u;

    for (uint32_t i = 0; i < u->case_n; i++)
        if (!one_case(c, b, &u->cases[i], a, e))
            return err_where(e, "case %lld", (long long)u->cases[i].id);
    return true;
}

bool update_cases(struct update *u, struct err *e)
{
    struct arena a = u->scratch;
    struct cases c = { .u = u, .now_us = now_of(u) };
    struct board b = { NULL, NULL };
    struct err   unused = { 0 };

    if (!cases_load(&c, &a, e) || !case_figures_open(&u->figures, &u->keep, e))
        return false;
    bool ok = store_bulk_begin(u->s, "case_state", "case_id, campaign, org, stage, derived, forced, contradicted, reason, who, forced_us, needs, servers, vulnerable, patched, backdoored,"
                               " patched_backdoored, hunted, clean, relapsed, missed, re_entered, beyond, stolen, suspicion, verified_us, notified_us, delivered_us, acknowledged_us,"
                               " patched_us, hunted_us, clean_us, changed_us, urgency, why", STORE_FRESH, &b.state, e) &&
              store_bulk_begin(u->s, "case_server", "campaign, asset, org, case_id, name, ip, port, country, asn, product, build, exposure, exposure_grade, exposure_us, compromise,"
                               " compromise_grade, compromise_us, clean, was_clean, suspicion, hunted, re_entered, not_mine, still_there, backdoored_ever, beyond, theft, clean_us,"
                               " hunted_us, relapses, missed, first_seen_us, last_seen_us, confidence, shared", STORE_FRESH, &b.server, e) &&
              cases(&c, a, &b, e);
    /* Both are ended, whatever went before; the first error is the one that is told. */
    bool ended = store_bulk_end(b.state, NULL, ok ? e : &unused);
    ok = ok && ended;
    ended = store_bulk_end(b.server, NULL, ok ? e : &unused);
    return ok && ended;
}
