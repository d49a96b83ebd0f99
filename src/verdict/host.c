/*
 * host: acts that the server's own event logs tell, tied to the requests behind them. Contract, used ("a child process tied to it") and session
 * ("path and time").
 *
 * Child    a process under the web server belongs to the back door whose request was being answered. A request is logged when it ends, so the child
 *          starts before that: by TAKES_MAX at most, or by CLOCK_MAX after it, since two logs round two clocks. The nearest counts.
 * Cmdlet   a setting that the audit log saw written is the write that ECP's log or HttpProxy saw: one sign, one time.
 * Alone    an act without its request stands by itself: it tells of use, but of nobody.
 */
#include "verdict/work.h"

#define TAKES_MAX (2 * TIME_MINUTE)      /* Source: httpRuntime executionTimeout, 110 s by default */
#define CLOCK_MAX (5 * TIME_SECOND)

static bool is_write(const struct event *ev)
{
    return ev->outcome == EXPL_SUCCEEDED && (ev->h->sign == SIGN_DROP || ev->h->sign == SIGN_RESET || ev->h->sign == SIGN_CLEAN_UP);
}

static bool is_behind(const struct event *ev)
{
    return (ev->door != NONE && is_2xx(ev->h)) || (is_write(ev) && !family_is_event_log(ev->h->family));
}

static int64_t cost_of(const struct event *request, const struct event *act)
{
    int64_t t = act->h->first_us;

    if (act->h->sign != SIGN_HOST)
        return is_write(request) && request->h->sign == act->h->sign ? time_apart(request, t) : INT64_MAX;
    if (request->door == NONE || t > request->last_us + CLOCK_MAX)
        return INT64_MAX;
    return time_apart(request, t);
}

bool host_tie(struct work *w)
{
    struct ends ends;

    if (!ends_make(w, is_behind, &ends))
        return false;
    for (size_t i = 0; i < w->event_n; i++) {
        struct event *ev = &w->event[i];
        if (ev->h->first_us != TIME_NONE && (event_is_act(w, ev) || (family_is_event_log(ev->h->family) && is_write(ev))))
            ev->tied = ends_nearest(w, &ends, ev, cost_of, TAKES_MAX);
    }
    return true;
}

void host_join(struct work *w)
{
    for (uint32_t i = 0; i < w->event_n; i++)
        if (w->event[i].tied != NONE)
            group_join(w, w->event[i].tied, i);
}

bool event_is_act(const struct work *w, const struct event *ev)
{
    const struct sigma_rule *rule = rule_of(w, ev->h);
    return ev->h->sign == SIGN_HOST && rule && rule->axis == AXIS_USE;
}

uint32_t door_of(const struct work *w, const struct event *ev)
{
    return ev->door != NONE || ev->tied == NONE || ev->h->sign != SIGN_HOST ? ev->door : w->event[ev->tied].door;
}
