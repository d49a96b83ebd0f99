/*
 * window: the time in which this server could be entered, and which families of evidence cover it.
 * Contract, window, covers_window, no_trace (what the axes need is in axes.c).
 */
#include "verdict/work.h"

void window_make(struct work *w)
{
    struct campaign     *c = &w->r->campaign;
    const struct server *s = &w->d->server;

    /* From the later of first known exploitation and this server's installation ... */
    c->window_from_us = time_max(w->d->pack ? w->d->pack->exploited_from_us : TIME_NONE, s->installed_us);
    /* ... to the patch time; unpatched or unknown: to the newest evidence. --since/--until never move it. */
    c->window_to_us   = c->patched_us != TIME_NONE ? c->patched_us : w->d->newest_us;
    /* An end that nobody knows is not an empty window: it is one that nothing covers. */
    c->window_empty   = c->exposure.state == EXP_NOT_AFFECTED ||
                        (c->window_to_us != TIME_NONE && c->window_from_us != TIME_NONE && c->window_from_us >= c->window_to_us);
}

/* What was looked at of a span: records outside --since and --until were not, so they cover nothing. False: nothing of it. */
static bool looked_at(const struct work *w, struct span sp, struct span *ret)
{
    const struct report *r = w->r;

    if (r->since_us != TIME_NONE && sp.from_us < r->since_us)
        sp.from_us = r->since_us;
    if (r->until_us != TIME_NONE && sp.to_us > r->until_us)
        sp.to_us = r->until_us;
    *ret = sp;
    return sp.from_us <= sp.to_us;
}

/* Visits the holes of [from, to]: what lies between neighbouring records, or between one and an edge. Exactly HOLE_MAX is none. */
struct hole_walk { const struct work *w; int64_t at; size_t next; bool done; };

static bool hole_next(struct hole_walk *k, const struct seen *s, int64_t from, int64_t to, struct span *ret)
{
    while (!k->done) {
        int64_t end = to;
        int64_t at  = k->at;

        if (k->next < s->span_n) {
            struct span sp;
            if (!looked_at(k->w, s->span[k->next++], &sp) || sp.to_us < from)
                continue;
            if (sp.from_us < to)
                end = sp.from_us;
            if (sp.to_us > k->at)
                k->at = sp.to_us;
        } else {
            k->done = true;
        }
        if (end >= to) {
            end     = to;
            k->done = true;
        }
        if (end > at && end - at > HOLE_MAX) {
            *ret = (struct span){ at, end };
            return true;
        }
    }
    return false;
}

static bool touches(const struct work *w, const struct seen *s, int64_t from, int64_t to)
{
    struct span sp;

    for (size_t i = 0; i < s->span_n; i++)
        if (looked_at(w, s->span[i], &sp) && sp.to_us >= from && sp.from_us <= to)
            return true;
    return false;
}

/* Contract, covers_window of a log family, for any interval: a back door's life as well as the window. */
enum covered cover_interval(const struct work *w, enum family f, int64_t from, int64_t to)
{
    const struct seen *s = &w->d->seen[f];
    struct hole_walk k = { .w = w, .at = from };
    struct span hole;

    /* Records that all lie outside cover nothing, however short the interval. */
    if (from == TIME_NONE || to == TIME_NONE || from > to || !touches(w, s, from, to))
        return COVERED_NO;
    /* Another log of the same family may fill the hole in time, but not what stood in the one that could not be read. */
    if (!hole_next(&k, s, from, to, &hole))
        return s->roots_missing ? COVERED_PARTLY : COVERED_FULL;
    return COVERED_PARTLY;
}

static bool family_is_files(enum family f)
{
    switch (f) {
    case FAM_WEB_ROOTS: case FAM_TEMP_ASPNET: case FAM_IIS_CONFIG: case FAM_TRANSPORT_AGENTS: case FAM_SETUP: case FAM_AV_LOGS:
    case FAM_TASKS: case FAM_REGISTRY: case FAM_MFT: case FAM_POWERSHELL: case FAM_WMI: case FAM_BITS: case FAM_PREFETCH:
        return true;
    default:
        return false;
    }
}

/* File families need every root that the server has. Web roots that are in the evidence and hold no page at all are covered too. */
static enum covered cover_files(const struct work *w, enum family f)
{
    const struct seen *s  = &w->d->seen[f];
    bool any = s->files > 0;

    for (size_t i = 0; f == FAM_WEB_ROOTS && w->d->ev && i < w->d->ev->served_n; i++)
        any |= w->d->ev->served[i].found;
    if (!any)
        return COVERED_NO;
    return s->roots_missing ? COVERED_PARTLY : COVERED_FULL;
}

static bool expected(const struct work *w, enum family f)
{
    const struct pack *p = w->d->pack;

    if (w->is_2010 && family_table[f].from_2013)
        return false;
    for (size_t i = 0; p && i < p->expected_n && i < COUNT_OF(p->expected); i++)
        if (str_eq(p->expected[i], str_c(family_table[f].name)))
            return true;
    return false;
}

static bool gaps_of(struct work *w, struct cover_row *row)
{
    const struct campaign *c = &w->r->campaign;
    struct hole_walk k = { .w = w, .at = c->window_from_us };
    struct span hole, found[CAP_GAPS];

    if (c->window_from_us == TIME_NONE || c->window_to_us == TIME_NONE)
        return true;
    while (hole_next(&k, row->seen, c->window_from_us, c->window_to_us, &hole))
        if (row->gap_n < COUNT_OF(found))
            found[row->gap_n++] = hole;
        else
            row->gap_more++;
    row->gap = NEW(w->a, struct span, row->gap_n);
    if (!row->gap)
        return work_full(w);
    for (size_t i = 0; i < row->gap_n; i++)
        row->gap[i] = found[i];
    return true;
}

/* One row a family, in the order of the table; families of which nothing was found and nothing is expected are rows too. */
bool cover_make(struct work *w)
{
    struct report   *r = w->r;
    struct campaign *c = &r->campaign;

    r->cover = NEW(w->a, struct cover_row, FAM_COUNT);
    if (!r->cover)
        return work_full(w);
    for (int f = FAM_NONE + 1; f < FAM_COUNT; f++) {
        struct cover_row *row = &r->cover[r->cover_n++];
        *row = (struct cover_row){ .family = (enum family)f, .expected = expected(w, (enum family)f), .seen = &w->d->seen[f],
                                   .how_to_get = str_c(family_table[f].how_to_get) };
        if (family_is_files((enum family)f)) {
            row->covers_window = cover_files(w, (enum family)f);
        } else if (c->window_empty) {
            row->covers_window = COVERED_FULL;          /* contract, window: an empty one counts as covered */
        } else {
            row->covers_window = cover_interval(w, (enum family)f, c->window_from_us, c->window_to_us);
            if (!gaps_of(w, row))
                return false;
        }
    }
    return true;
}
