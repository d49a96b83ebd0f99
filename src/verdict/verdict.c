#include "verdict/work.h"

#include <string.h>

/* --- the word ----------------------------------------------------------------------------------------------- */

static enum verdict_word word_of(const struct campaign *c)
{
    return verdict_of(&(struct axes){ c->use.state, c->back_door.state, c->exploitation.state, c->theft.state, c->exploitation.covered });
}

/* --- other servers ------------------------------------------------------------------------------------------ */

/* "a]@exch02.example.com:444" names exch02.example.com; empty when it is no name at all. */
static struct str host_of(struct str raw)
{
    size_t at = str_rchr(raw, '@');
    struct str h = at == STR_NONE ? raw : str_from(raw, at + 1);
    size_t colon = str_chr(h, ':');
    bool   letter = false;

    if (colon != STR_NONE)
        h = str_sub(h, 0, colon);
    if (!h.n || h.n > 253 || h.p[0] == '.' || h.p[0] == '-')
        return STR_EMPTY;
    for (size_t i = 0; i < h.n; i++) {
        if (!ch_alnum(h.p[i]) && h.p[i] != '.' && h.p[i] != '-' && h.p[i] != '_')
            return STR_EMPTY;
        letter |= ch_alnum(h.p[i]);
    }
    return letter ? h : STR_EMPTY;
}

static struct str short_name(struct str host)
{
    size_t dot = str_chr(host, '.');
    return dot == STR_NONE ? host : str_sub(host, 0, dot);
}

static bool is_this(const struct server *s, const struct hit *h, struct str host)
{
    if (host_is_local(host) || (s->name.n && str_ieq(short_name(host), s->name)) || (h->server.n && str_ieq(short_name(host), short_name(h->server))))
        return true;
    for (size_t i = 0; i < s->fqdn_n && i < COUNT_OF(s->fqdn); i++)
        if (str_ieq(host, s->fqdn[i]))
            return true;
    for (size_t i = 0; i < s->address_n && i < COUNT_OF(s->address); i++)
        if (str_ieq(host, s->address[i]))
            return true;
    return !s->name.n && !s->fqdn_n && !h->server.n;      /* who this server is, is not known: then nobody is another */
}

/* Whom a forged request was aimed at, or where an act of the intruder went: empty for the others, and for this server itself. */
static struct str other_of(const struct work *w, const struct event *ev)
{
    bool forged = ev->outcome != EXPL_NONE_SEEN, beyond = ev->axis == AXIS_USE && str_eq(ev->state, STR("beyond_server"));
    struct str host = forged || beyond ? host_of(ev->h->target_host) : STR_EMPTY;

    return host.n && !is_this(&w->d->server, ev->h, host) ? host : STR_EMPTY;
}

static struct other_server *other_find(struct work *w, struct str host)
{
    struct report *r = w->r;

    for (size_t lo = 0, hi = r->other_n; lo < hi;) {
        size_t mid = lo + (hi - lo) / 2;
        if (str_ieq(r->other[mid].name, host))
            return &r->other[mid];
        if (str_icmp(r->other[mid].name, host) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static bool others_make(struct work *w)
{
    struct report *r = w->r;
    struct str_list names = { 0 };

    for (size_t i = 0; i < w->event_n; i++) {
        struct str host = other_of(w, &w->event[i]), low = host.n ? str_lower(w->a, host) : STR_EMPTY;
        if (host.n && !low.p)
            return work_full(w);
        if (!strs_push(w, &names, low))
            return false;
    }
    strs_finish(&names);
    r->other = NEW(w->a, struct other_server, names.n);
    if (!r->other)
        return work_full(w);
    for (r->other_n = 0; r->other_n < names.n; r->other_n++)
        r->other[r->other_n] = (struct other_server){ .name = names.item[r->other_n], .why = STR("named in a forged request") };
    for (size_t i = 0; i < w->event_n; i++) {
        const struct event *ev = &w->event[i];
        struct str host = other_of(w, ev);
        struct other_server *o = host.n ? other_find(w, host) : NULL;
        if (!o)
            continue;
        if (ev->axis == AXIS_USE)
            o->why = STR("an action of the intruder there was recorded here");
        if (!ids_push(w, &o->findings, ev->rank))
            return false;
    }
    for (size_t i = 0; i < r->other_n; i++)
        ids_finish(&r->other[i].findings);
    return true;
}

/* --- front door --------------------------------------------------------------------------------------------- */

static void report_clear(struct report *r, const struct detected *found)
{
    /* What was known before the verdict, and the run part, stay the caller's. */
    r->found = found;
    memset(&r->campaign, 0, sizeof r->campaign);
    r->campaign.window_from_us = r->campaign.window_to_us = r->campaign.patched_us = TIME_NONE;
    r->back_door = NULL; r->back_door_n = 0;
    r->way_back  = NULL; r->way_back_n  = 0;
    r->session   = NULL; r->session_n   = 0;
    r->intruder  = NULL; r->intruder_n  = 0;
    r->other     = NULL; r->other_n     = 0;
    r->finding   = NULL; r->finding_n   = 0;
    r->cover     = NULL; r->cover_n     = 0;
    r->timeline  = NULL; r->timeline_n  = 0;
    memset(&r->omitted, 0, sizeof r->omitted);
    if (found->ev)
        r->omitted.refused = found->ev->refused_more;
    if (found->pack) {
        r->campaign.id    = found->pack->id;
        r->campaign.title = found->pack->title;
    }
}

bool verdict_make(struct report *r, const struct detected *found, struct arena *a, struct err *e)
{
    struct work w = { .r = r, .d = found, .a = a, .e = e };

    report_clear(r, found);
    if (!events_make(&w) || !exposure_judge(&w))
        return false;
    window_make(&w);
    if (!cover_make(&w) || !pages_make(&w) || !host_tie(&w) || !probes_mark(&w) || !intruders_find(&w) || !sessions_make(&w) || !pages_use(&w) || !ways_make(&w) ||
        !axes_make(&w) || !door_make(&w))
        return false;
    r->campaign.verdict = word_of(&r->campaign);
    return others_make(&w) && guidance_make(&w) && findings_make(&w) && why_make(&w);
}

/* Contract, intruders: only proven hits, and what joins them, are pivoted on; whether an address is shared is known only after the pivot. */
bool verdict_pivot(const struct detected *found, struct arena *a, struct pivot *ret, struct err *e)
{
    struct report r    = { 0 };
    struct arena  work = *a;           /* all but the answer is scratch: the verdict needs as much again */
    struct work   w    = { .r = &r, .d = found, .a = &work, .e = e };
    struct pivot  out  = { 0 };

    report_clear(&r, found);
    if (!events_make(&w) || !pages_make(&w) || !host_tie(&w) || !probes_mark(&w) || !intruders_find(&w))
        return false;
    for (size_t i = 0; i < w.event_n; i++) {
        const struct event *ev = &w.event[i];
        if (ev->intruder == NONE)          /* whoever goes on where a proven one stopped is looked at as well: it may be a balancer */
            continue;
        if (!strs_push(&w, &out.clients, ev->client) || !strs_push(&w, &out.canaries, ev->h->canary))
            return false;
    }
    strs_finish(&out.clients);
    strs_finish(&out.canaries);
    if (out.clients.n > CAP_PIVOT)
        out.clients.n = CAP_PIVOT;
    if (out.canaries.n > CAP_PIVOT)
        out.canaries.n = CAP_PIVOT;

    /* The texts belong to the hits; only the two lists move to where the scratch began. */
    struct str  list[2 * CAP_PIVOT];
    struct str_list *from[] = { &out.clients, &out.canaries };
    size_t       at = 0;
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < from[k]->n; i++)
            list[at++] = from[k]->item[i];
    struct str *kept = NEW(a, struct str, at ? at : 1);
    if (!kept)
        return work_full(&w);
    for (size_t i = 0; i < at; i++)
        kept[i] = list[i];
    out.clients.item  = kept;
    out.canaries.item = kept + out.clients.n;
    *ret = out;
    return true;
}
