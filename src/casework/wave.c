#include "casework/wave.h"

#include "base/time.h"

#include <math.h>
#include <stdlib.h>

static const char *const what_names[] = { "placed", "used", "entered" };
static const char *const phase_names[] = { "before the report", "report to fix", "fix to public code", "after public code" };

const char *wave_what_name(enum wave_what w) { return (unsigned)w < WAVE_WHATS ? what_names[w] : "?"; }
const char *wave_phase_name(enum wave_phase p) { return (unsigned)p < WAVE_PHASES ? phase_names[p] : "?"; }

int32_t wave_day_of(int64_t us) { return us == TIME_NONE ? WAVE_DAY_NONE : (int32_t)((us - (us < 0 ? TIME_DAY - 1 : 0)) / TIME_DAY); }

/* The phase of a day is that of the last date that it has reached. */
enum wave_phase wave_phase_of(const struct wave_dates *w, int32_t day)
{
    enum wave_phase p = PHASE_BEFORE_REPORT;

    if (w->report != WAVE_DAY_NONE && day >= w->report)
        p = PHASE_REPORTED;
    if (w->patch != WAVE_DAY_NONE && day >= w->patch)
        p = PHASE_PATCHED;
    if (w->code != WAVE_DAY_NONE && day >= w->code)
        p = PHASE_PUBLIC;
    return p;
}

/* --- spikes --- */

static int by_number(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static double middle(double *v, size_t n)
{
    qsort(v, n, sizeof *v, by_number);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

double wave_away(double n, double *trail, size_t trail_n, double *ret_usual)
{
    double usual = middle(trail, trail_n);

    for (size_t i = 0; i < trail_n; i++)
        trail[i] = fabs(trail[i] - usual);
    *ret_usual = usual;
    return (n - usual) / fmax(1.4826 * middle(trail, trail_n), sqrt(fmax(usual, 1)));
}

/* d[at] against the days before it; those without anybody are 0. */
static bool spike(const struct wave_day *d, size_t at, struct wave_spike *ret)
{
    double trail[WAVE_TRAIL] = { 0 };

    if (d[at].n < WAVE_SPIKE_MIN)
        return false;
    for (size_t i = at; i-- > 0 && (int64_t)d[at].day - d[i].day <= WAVE_TRAIL;)
        trail[d[at].day - d[i].day - 1] = (double)d[i].n;
    *ret = (struct wave_spike){ d[at].day, d[at].day, d[at].day, d[at].n, 0, 0 };
    ret->z = wave_away((double)d[at].n, trail, WAVE_TRAIL, &ret->usual);
    return ret->z >= WAVE_SPIKE_Z;
}

/* The strongest stay; of equal ones the earlier. */
static void keep(struct wave *w, struct wave_spike s)
{
    size_t weakest = 0;

    if (w->spike_n < WAVE_SPIKES) {
        w->spike[w->spike_n++] = s;
        return;
    }
    for (size_t i = 1; i < w->spike_n; i++)
        if (w->spike[i].z <= w->spike[weakest].z)
            weakest = i;
    if (s.z <= w->spike[weakest].z)
        return;
    for (size_t i = weakest; i + 1 < w->spike_n; i++)
        w->spike[i] = w->spike[i + 1];
    w->spike[w->spike_n - 1] = s;
}

/* Days in a row become one. */
static void spikes(struct wave *w, const struct wave_day *d, size_t n)
{
    struct wave_spike s, run = { .n = 0 };

    for (size_t i = 0; i < n; i++) {
        if (!spike(d, i, &s))
            continue;
        if (run.n && s.day == run.to + 1) {
            run.to = s.day;
            if (s.n > run.n) {
                run.day = s.day;
                run.n = s.n;
                run.z = s.z;
            }
            continue;
        }
        if (run.n)
            keep(w, run);
        run = s;
    }
    if (run.n)
        keep(w, run);
}

/* --- targeted to widespread --- */

/* The logarithm of how likely n events in so many days are at their own rate, without what every cut has in common. */
static double likely(double n, double days) { return n > 0 ? n * log(n / days) - n : 0; }

double wave_gain(double before, double early_days, double after, double late_days)
{
    return likely(before, early_days) + likely(after, late_days) - likely(before + after, early_days + late_days);
}

static void change(struct wave *w, const struct wave_day *d, size_t n, int32_t begun)
{
    int32_t start = begun != WAVE_DAY_NONE && begun < w->first ? begun : w->first;
    double  all = 0, days = (double)w->peak - start + 1, before = 0, best = 0, best_before = 0;

    for (size_t i = 0; i < n && d[i].day <= w->peak; i++)
        all += (double)d[i].n;
    /* A cut lies best right before a day on which somebody came. */
    for (size_t i = 0; i < n && d[i].day <= w->peak; before += (double)d[i].n, i++) {
        double early = (double)d[i].day - start, gain;
        if (early < 1)
            continue;
        gain = wave_gain(before, early, all - before, days - early);
        if (gain > best && before / early < (all - before) / (days - early)) {
            best = gain;
            w->from = d[i].day;
            best_before = before;
        }
    }
    w->widespread = best >= WAVE_GAIN;
    if (!w->widespread)
        return;
    double early = (double)w->from - start, late = days - early;
    w->before = best_before / early;
    w->after = (all - best_before) / late;
    /* The ratio of two Poisson rates: normal on the logarithmic scale, with a half more where there are few. */
    w->ratio_low = exp(log(((all - best_before) + 0.5) / late / ((best_before + 0.5) / early)) - 1.96 * sqrt(1 / (best_before + 0.5) + 1 / (all - best_before + 0.5)));
}

struct wave wave_of(const struct wave_day *d, size_t n, const struct wave_dates *dates)
{
    struct wave w = { .first = WAVE_DAY_NONE, .last = WAVE_DAY_NONE, .peak = WAVE_DAY_NONE, .from = WAVE_DAY_NONE };

    w.phase_known[PHASE_BEFORE_REPORT] = dates->report != WAVE_DAY_NONE || dates->patch != WAVE_DAY_NONE || dates->code != WAVE_DAY_NONE;
    w.phase_known[PHASE_REPORTED] = dates->report != WAVE_DAY_NONE;
    w.phase_known[PHASE_PATCHED] = dates->patch != WAVE_DAY_NONE;
    w.phase_known[PHASE_PUBLIC] = dates->code != WAVE_DAY_NONE;
    for (size_t i = 0; i < n; i++) {
        w.servers += d[i].n;
        w.phase[wave_phase_of(dates, d[i].day)] += d[i].n;
        if (d[i].n > w.peak_n) {
            w.peak_n = d[i].n;
            w.peak = d[i].day;
        }
    }
    w.few = w.servers < WAVE_FEW;
    if (!n)
        return w;
    w.first = d[0].day;
    w.last = d[n - 1].day;
    if (w.few)
        return w;
    spikes(&w, d, n);
    change(&w, d, n, dates->begun);
    return w;
}
