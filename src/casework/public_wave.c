#include "casework/public_wave.h"

#include "base/num.h"

#include <stdlib.h>

/* --- rule 4 --- */

/* The end of the last week as of which is told, or WAVE_DAY_NONE. */
static int32_t settled(const struct wave_changes *w)
{
    int64_t now = 0, told = 0;
    int32_t as_of = WAVE_DAY_NONE;

    for (size_t i = 0; i < w->n; i++) {
        now += w->list[i].n;
        if (i + 1 < w->n && w->list[i + 1].known == w->list[i].known)
            continue;
        if (now < WAVE_FEW || now < told + PUBLIC_TEN)
            continue;
        as_of = w->list[i].known;
        told = now;
    }
    return as_of;
}

/* --- bars --- */

/* The last day of the bar that begins on `day`. */
static int32_t bar_end(const struct wave_dates *dates, int32_t day)
{
    const int32_t cut[] = { dates->report, dates->patch, dates->code };
    int32_t       to = public_week_end(day);

    for (size_t i = 0; i < COUNT_OF(cut); i++)
        if (cut[i] != WAVE_DAY_NONE && cut[i] > day && cut[i] <= to)
            to = cut[i] - 1;
    return to;
}

/* Of the weeks from..to; numbers not yet in. Only the last weeks, where they are too many: each is a bar, and three may be cut. */
static struct public_bar *bars_make(const struct wave_dates *dates, int32_t from, int32_t to, struct arena *a, size_t *ret_n)
{
    struct public_bar *bar = NEW(a, struct public_bar, PUBLIC_BARS);
    int32_t            first = public_week_end(from) - 6, least = public_week_end(to) - 7 * (PUBLIC_BARS - 3) + 1;

    *ret_n = 0;
    for (int32_t day = first < least ? least : first; bar && day <= to; day = bar[*ret_n - 1].to + 1)
        bar[(*ret_n)++] = (struct public_bar){ .from = day, .to = bar_end(dates, day) };
    return bar;
}

static void bars_fill(struct public_bar *bar, size_t n, const struct wave_changes *w, int32_t as_of)
{
    for (size_t i = 0; i < w->n && w->list[i].known <= as_of; i++)
        for (size_t b = 0; b < n; b++)
            if (w->list[i].day >= bar[b].from && w->list[i].day <= bar[b].to)
                bar[b].n.low += w->list[i].n;
    for (size_t b = 0; b < n; b++)
        bar[b].n = public_cell(bar[b].n.low);
}

/* --- rule 5: nothing but the bars is looked at from here on --- */

static double high(const struct public_bar *b) { return (double)b->n.low + PUBLIC_FIVE - 1; }
static double days(const struct public_bar *b) { return (double)b->to - b->from + 1; }

static void phases(struct public_wave *w, const struct wave_dates *dates)
{
    w->phase[PHASE_BEFORE_REPORT].known = dates->report != WAVE_DAY_NONE || dates->patch != WAVE_DAY_NONE || dates->code != WAVE_DAY_NONE;
    w->phase[PHASE_REPORTED].known = dates->report != WAVE_DAY_NONE;
    w->phase[PHASE_PATCHED].known = dates->patch != WAVE_DAY_NONE;
    w->phase[PHASE_PUBLIC].known = dates->code != WAVE_DAY_NONE;
    for (size_t i = 0; i < w->n; i++)
        w->phase[wave_phase_of(dates, w->bar[i].from)].least += w->bar[i].n.low;
}

/* bar: also those before the first that is told. */
static void change(struct public_wave *w, const struct public_bar *bar, size_t n)
{
    size_t peak = 0;
    double early = 0, before = 0, best = 0;

    for (size_t i = 1; i < n; i++)
        if ((double)bar[i].n.low / days(&bar[i]) > (double)bar[peak].n.low / days(&bar[peak]))
            peak = i;
    for (size_t cut = 1; cut <= peak; cut++) {
        double late = 0, after = 0;

        early += days(&bar[cut - 1]);
        before += high(&bar[cut - 1]);
        for (size_t i = cut; i <= peak; i++) {
            late += days(&bar[i]);
            after += (double)bar[i].n.low;
        }
        double gain = wave_gain(before, early, after, late);
        if (gain <= best || before / early >= after / late)
            continue;
        best = gain;
        w->from = bar[cut].from;
        w->before_most = before / early * 7;
        w->after_least = after / late * 7;
    }
    w->widespread = best >= WAVE_GAIN;
}

enum { TRAIL = 4 * 7 };

/* Where there is no bar, a week holds fewer than 5. */
static double most_on(const struct public_bar *bar, size_t n, int32_t day)
{
    for (size_t i = 0; i < n; i++)
        if (bar[i].from <= day && day <= bar[i].to)
            return high(&bar[i]) / days(&bar[i]);
    return (PUBLIC_FIVE - 1) / 7.0;
}

static bool spike(const struct public_bar *bar, size_t at)
{
    double trail[TRAIL], usual;

    if (bar[at].n.low < PUBLIC_TEN)
        return false;
    for (int i = 0; i < TRAIL; i++)
        trail[i] = most_on(bar, at, bar[at].from - 1 - i) * days(&bar[at]);
    return wave_away((double)bar[at].n.low, trail, TRAIL, &usual) >= WAVE_SPIKE_Z;
}

/* --- all --- */

static bool tell(const struct wave_changes *c, const struct wave_dates *dates, struct arena *a, struct public_wave *w, struct err *e)
{
    struct public_bar *bar;
    int32_t            first = INT32_MAX, last = INT32_MIN;
    size_t             n, from = 0, begun = 0;

    for (size_t i = 0; i < c->n && c->list[i].known <= w->as_of; i++) {
        first = c->list[i].day < first ? c->list[i].day : first;
        last = c->list[i].day > last && c->list[i].day <= w->as_of ? c->list[i].day : last;
    }
    if (dates->begun >= 0 && dates->begun < first)
        first = dates->begun;
    if (first > last)
        return true;
    if (!(bar = bars_make(dates, first, last, a, &n)))
        return err_set(e, ERR_MEMORY, "no room for the bars of a wave");
    bars_fill(bar, n, c, w->as_of);
    while (n && !bar[n - 1].n.low)
        n--;
    while (from < n && !bar[from].n.low)
        from++;
    w->told = from < n;
    if (!w->told)
        return true;
    /* The first rate begins with the campaign, or with the first bar that is told: not with an earlier one that nobody is told of. */
    while (begun < from && (dates->begun < 0 || bar[begun].to < dates->begun))
        begun++;
    change(w, bar + begun, n - begun);
    w->bar = bar + from;
    w->n = n - from;
    phases(w, dates);
    for (size_t i = 0; i < w->n; i++)
        w->bar[i].spike = spike(w->bar, i);
    return true;
}

bool public_wave_tell(const struct wave_changes w[WAVE_WHATS], const struct wave_dates *dates, struct arena *a, struct public_wave *ret, struct err *e)
{
    static const enum wave_what order[] = { WAVE_USED, WAVE_ENTERED, WAVE_PLACED };
    struct public_wave r = { .from = WAVE_DAY_NONE };

    for (size_t i = 0; i < COUNT_OF(order) && !r.told; i++) {
        r.what = order[i];
        r.as_of = settled(&w[order[i]]);
        if (r.as_of != WAVE_DAY_NONE && !tell(&w[order[i]], dates, a, &r, e))
            return false;
    }
    *ret = r;
    return true;
}
