/*
 * axes: from events and things to the five axes. Contract, campaigns[] and the definitions it names; each function names its own.
 */
#include "verdict/work.h"

static bool lists(struct work *w, struct id_list *l, uint32_t rank) { return ids_push(w, l, rank); }

/* --- what each statement proves, and on which axis it stands ------------------------------------------------- */

static void say(struct event *ev, enum axis axis, const char *state)
{
    ev->axis  = axis;
    ev->state = str_c(state);
}

/* Contract, used and requests: only what answered speaks; 3xx and 4xx never. */
static void judge_page_event(const struct work *w, struct event *ev)
{
    bool failed = ev->h->status >= 500 && ev->h->status < 600;

    if (event_uses(ev) && ev->h->family == FAM_IIS_FRONT)
        say(ev, AXIS_USE, "used");
    else if (is_2xx(ev->h) || failed)
        say(ev, AXIS_BACK_DOOR, thing_name(w->r->back_door[ev->door].state));
}

static void judge_event(const struct work *w, struct event *ev)
{
    const struct sigma_rule *rule = rule_of(w, ev->h);

    if (ev->intruder != NONE && ev->h->sign != SIGN_ADMIN && ev->h->sign != SIGN_COEXIST)
        ev->probe = false;
    if (ev->outcome != EXPL_NONE_SEEN)
        say(ev, AXIS_EXPLOITATION, exploit_name(ev->outcome));
    else if (ev->door != NONE)
        judge_page_event(w, ev);
    else if (ev->uses_way)
        say(ev, AXIS_USE, "used");
    else if (rule && rule->axis == AXIS_USE && str_eq(rule->state, STR("beyond_server")) && ev->h->sign != SIGN_REVIEW && ev->h->sign != SIGN_SUPPORT)
        say(ev, AXIS_USE, "beyond_server");
    else if (event_is_act(w, ev))
        say(ev, AXIS_USE, "used");
}

/* --- beyond the server: an act of the intruder's, not of a script that an administrator gave a password ---------- */

static bool is_beyond(const struct event *ev) { return ev->axis == AXIS_USE && str_eq(ev->state, STR("beyond_server")); }
static bool is_inside(const struct event *ev) { return ev->outcome == EXPL_SUCCEEDED || (ev->axis == AXIS_USE && !is_beyond(ev)); }
static int64_t apart(const struct event *inside, const struct event *act) { return time_apart(inside, act->h->first_us); }

/* Contract, session: silence of an hour ends one. A sign-in elsewhere counts where somebody entered or used this server in the same hour. */
static bool beyond_make(struct work *w)
{
    struct ends ends;

    if (!ends_make(w, is_inside, &ends))
        return false;
    for (size_t i = 0; i < w->event_n; i++) {
        struct event *ev = &w->event[i];
        if (is_beyond(ev) && ev->h->sign == SIGN_HOST && ends_nearest(w, &ends, ev, apart, TIME_HOUR) == NONE) {
            ev->axis  = AXIS_NONE;
            ev->state = STR_EMPTY;
        }
    }
    return true;
}

static enum door_state door_of_thing(enum thing_state s)
{
    return s == THING_PRESENT ? DOOR_PRESENT : s == THING_REMOVED ? DOOR_REMOVED : DOOR_UNKNOWN;
}

/* Contract, back_doors: an exposed secret counts as present, a rotated one as removed, an unproven one not at all. */
static enum door_state door_of_way(const struct way_back *b)
{
    if (str_eq(b->state, STR("present")) || str_eq(b->state, STR("exposed")))
        return DOOR_PRESENT;
    if (str_eq(b->state, STR("removed")) || str_eq(b->state, STR("rotated")))
        return DOOR_REMOVED;
    return str_eq(b->state, STR("unproven")) ? DOOR_NONE_SEEN : DOOR_UNKNOWN;
}

static void judge_thing(const struct work *w, struct thing *t)
{
    const struct report *r = w->r;

    if (t->door != NONE) {
        t->axis  = AXIS_BACK_DOOR;
        t->state = str_c(door_name(door_of_thing(r->back_door[t->door].state)));
    } else if (t->way != NONE && door_of_way(&r->way_back[t->way]) != DOOR_NONE_SEEN) {
        t->axis  = AXIS_BACK_DOOR;
        t->state = str_c(door_name(door_of_way(&r->way_back[t->way])));
    } else if (t->f->kind == FILE_FACT_LOOT) {
        t->axis  = AXIS_THEFT;
        t->state = STR("suspected");
    } else if (t->f->kind == FILE_FACT_EXPOSURE || t->f->kind == FILE_FACT_MITIGATION) {
        t->axis  = AXIS_EXPOSURE;
        t->state = str_c(exposure_name(r->campaign.exposure.state));
    }
}

/* --- exploitation ------------------------------------------------------------------------------------------- */

/* Contract, succeeded: "... or a dropped page proven otherwise". A page that came outside the window was not dropped through these flaws. */
static bool page_proves_entry(const struct work *w, const struct back_door *b)
{
    const struct campaign *c = &w->r->campaign;

    if (c->exposure.state == EXP_NOT_AFFECTED)
        return false;
    if (b->created_us == TIME_NONE)
        return true;
    return (c->window_from_us == TIME_NONE || b->created_us >= c->window_from_us) && (c->patched_us == TIME_NONE || b->created_us <= c->patched_us);
}

static bool note_cves(struct work *w, const struct sigma_rule *rule)
{
    for (size_t i = 0; rule && i < rule->cve_n && i < COUNT_OF(rule->cve); i++)
        if (!strs_push(w, &w->r->campaign.exploitation.cve, rule->cve[i]))
            return false;
    return true;
}

static bool exploitation_make(struct work *w)
{
    struct campaign *c = &w->r->campaign;

    c->exploitation.first_us = c->exploitation.last_us = TIME_NONE;
    for (size_t i = 0; i < w->event_n; i++)
        if (w->event[i].outcome > c->exploitation.state)
            c->exploitation.state = w->event[i].outcome;
    for (size_t i = 0; i < w->r->back_door_n; i++)
        if (page_proves_entry(w, &w->r->back_door[i]))
            c->exploitation.state = EXPL_SUCCEEDED;
    /* Times, CVEs and findings are those of the state that is claimed: attempts beside a success are findings of their own. */
    for (size_t i = 0; i < w->event_n; i++) {
        const struct event *ev = &w->event[i];
        if (ev->outcome == EXPL_NONE_SEEN || ev->outcome != c->exploitation.state)
            continue;
        c->exploitation.first_us = time_min(c->exploitation.first_us, ev->h->first_us);
        c->exploitation.last_us  = time_max(c->exploitation.last_us, ev->last_us);
        if (!lists(w, &c->exploitation.findings, ev->rank) || !note_cves(w, rule_of(w, ev->h)))
            return false;
    }
    for (size_t i = 0; i < w->thing_n; i++) {
        const struct thing *t = &w->thing[i];
        if (t->door == NONE || !page_proves_entry(w, &w->r->back_door[t->door]))
            continue;
        if (!lists(w, &c->exploitation.findings, t->rank))
            return false;
        for (size_t k = 0; k < t->f->cve_n && k < COUNT_OF(t->f->cve); k++)
            if (!strs_push(w, &c->exploitation.cve, t->f->cve[k]))
                return false;
        int64_t at = w->r->back_door[t->door].created_us;
        c->exploitation.first_us = time_min(c->exploitation.first_us, at);
        c->exploitation.last_us  = time_max(c->exploitation.last_us, at);
    }
    for (size_t d = 0; d < w->r->back_door_n; d++) {      /* known from logs alone: the requests that prove it */
        const struct page *p = &w->page[w->door_page[d]];
        for (uint32_t k = p->from_file ? NONE : p->first_event; k != NONE; k = w->event[k].next_on_door)
            if (event_uses(&w->event[k]) && !lists(w, &c->exploitation.findings, w->event[k].rank))
                return false;
    }
    ids_finish(&c->exploitation.findings);
    strs_finish(&c->exploitation.cve);
    return true;
}

/* --- back doors --------------------------------------------------------------------------------------------- */

static bool back_door_make(struct work *w)
{
    struct report   *r = w->r;
    struct campaign *c = &r->campaign;

    for (size_t i = 0; i < w->thing_n; i++) {
        const struct thing *t = &w->thing[i];
        if (t->door != NONE && !lists(w, &r->back_door[t->door].findings, t->rank))
            return false;
        if (t->axis == AXIS_BACK_DOOR && !lists(w, &c->back_door.findings, t->rank))
            return false;
    }
    for (size_t i = 0; i < w->event_n; i++) {
        const struct event *ev = &w->event[i];
        if (door_of(w, ev) == NONE || ev->axis == AXIS_NONE)
            continue;
        if (!lists(w, &r->back_door[door_of(w, ev)].findings, ev->rank) || !lists(w, &c->back_door.findings, ev->rank))
            return false;
    }
    for (size_t i = 0; i < r->back_door_n; i++) {
        struct back_door  *b = &r->back_door[i];
        const struct page *p = &w->page[w->door_page[i]];
        enum door_state    s = door_of_thing(b->state);

        if (s > c->back_door.state)
            c->back_door.state = s;
        if (p->placed_by != NONE) {
            b->intruder = w->event[p->placed_by].intruder;
            if (!lists(w, &b->findings, w->event[p->placed_by].rank))
                return false;
        }
        for (uint32_t k = p->first_event; b->intruder == NONE && k != NONE; k = w->event[k].next_on_door)
            if (event_uses(&w->event[k]))
                b->intruder = w->event[k].intruder;
        ids_finish(&b->findings);
    }
    for (size_t i = 0; i < r->way_back_n; i++)
        if (door_of_way(&r->way_back[i]) > c->back_door.state)
            c->back_door.state = door_of_way(&r->way_back[i]);
    /* Somebody acted from within the web server, and by what is not found: gone, in memory, or in a folder that nobody collected. */
    for (size_t i = 0; i < w->event_n && !r->back_door_n && !r->way_back_n; i++)
        if (w->event[i].axis == AXIS_USE && event_is_act(w, &w->event[i])) {
            c->back_door.state = DOOR_UNKNOWN;
            if (!lists(w, &c->back_door.findings, w->event[i].rank))
                return false;
        }
    ids_finish(&c->back_door.findings);
    return true;
}

/* --- use ---------------------------------------------------------------------------------------------------- */

/* Contract, re_entered: used in a later session than the one that placed it; placing not seen: more than 1 h after creation. */
static bool re_entered(const struct work *w, const struct page *p, const struct event *ev)
{
    const struct event *placed = p->placed_by != NONE ? &w->event[p->placed_by] : NULL;

    if (ev->h->first_us == TIME_NONE)
        return false;
    if (placed && placed->session != NONE && ev->session != NONE)
        return placed->session != ev->session && w->r->session[ev->session].first_us > w->r->session[placed->session].last_us;
    return p->created_us != TIME_NONE && ev->last_us > p->created_us + TIME_HOUR;
}

static bool use_make(struct work *w)
{
    struct report   *r = w->r;
    struct campaign *c = &r->campaign;

    c->use.first_us = c->use.last_us = TIME_NONE;
    for (size_t i = 0; i < w->event_n; i++) {
        const struct event *ev = &w->event[i];
        if (ev->axis != AXIS_USE)
            continue;
        bool beyond = str_eq(ev->state, STR("beyond_server"));
        enum use_state s = beyond ? USE_BEYOND_SERVER : USE_USED;
        if (s > c->use.state)
            c->use.state = s;
        c->use.first_us = time_min(c->use.first_us, ev->h->first_us);
        c->use.last_us  = time_max(c->use.last_us, ev->last_us);
        uint32_t door = beyond ? NONE : door_of(w, ev);
        if (door != NONE && re_entered(w, &w->page[w->door_page[door]], ev)) {
            c->use.re_entered = true;
            if (!lists(w, &w->came_back, ev->rank))
                return false;
        }
        if (!lists(w, &c->use.findings, ev->rank))
            return false;
    }
    for (size_t i = 0; i < r->way_back_n; i++)
        if (r->way_back[i].used == USED_USED) {
            if (c->use.state < USE_USED)
                c->use.state = USE_USED;
            for (size_t k = 0; k < r->way_back[i].findings.n; k++)
                if (!lists(w, &c->use.findings, r->way_back[i].findings.item[k]))
                    return false;
        }
    ids_finish(&c->use.findings);
    return true;
}

/* --- coverage of the axes ----------------------------------------------------------------------------------- */

static enum covered low(enum covered x, enum covered y) { return x < y ? x : y; }
static enum covered high(enum covered x, enum covered y) { return x > y ? x : y; }
static enum covered family(const struct work *w, enum family f) { return w->r->cover[f - 1].covers_window; }

/* Contract, covered of an axis: the lowest of its families. Exposure is exposure.c's. */
static void coverage_make(struct work *w)
{
    struct campaign *c = &w->r->campaign;
    int64_t oldest = TIME_NONE;

    /* no_trace: HttpProxy, or both IIS logs, and the web roots. Exchange 2010: its one flaw shows in the Application log. */
    enum covered entry = w->is_2010 ? family(w, FAM_EVTX_APPLICATION)
                                    : high(family(w, FAM_HTTPPROXY), low(family(w, FAM_IIS_FRONT), family(w, FAM_IIS_BACK)));
    c->exploitation.covered = c->window_empty ? COVERED_FULL : low(entry, family(w, FAM_WEB_ROOTS));

    c->back_door.covered = low(low(family(w, FAM_WEB_ROOTS), family(w, FAM_IIS_CONFIG)),
                               low(low(family(w, FAM_REGISTRY), family(w, FAM_TASKS)), family(w, FAM_TRANSPORT_AGENTS)));
    /* use: the front end's IIS log since the oldest back door; of unknown age: since the window began. */
    for (size_t i = 0; i < w->r->back_door_n; i++) {
        int64_t t = w->r->back_door[i].created_us != TIME_NONE ? w->r->back_door[i].created_us : c->window_from_us;
        oldest = time_min(oldest, t);
    }
    c->use.covered = w->r->back_door_n ? cover_interval(w, FAM_IIS_FRONT, oldest, w->d->newest_us) : family(w, FAM_IIS_FRONT);
    c->theft.covered = low(family(w, FAM_HTTPPROXY), family(w, FAM_IIS_FRONT));
}

bool axes_make(struct work *w)
{
    for (size_t i = 0; i < w->event_n; i++)
        judge_event(w, &w->event[i]);
    if (!beyond_make(w))
        return false;
    for (size_t i = 0; i < w->thing_n; i++) {
        judge_thing(w, &w->thing[i]);
        if (w->thing[i].axis == AXIS_EXPOSURE && !lists(w, &w->r->campaign.exposure.findings, w->thing[i].rank))
            return false;
    }
    ids_finish(&w->r->campaign.exposure.findings);
    if (!exploitation_make(w) || !back_door_make(w) || !use_make(w) || !theft_make(w))
        return false;
    coverage_make(w);
    return true;
}
