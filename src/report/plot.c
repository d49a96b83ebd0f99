#include "report/plot.h"

#include "base/num.h"

#include <math.h>
#include <stdio.h>

enum { TICKS_MAX = 5 };

double plot_top(double most)
{
    static const double round[] = { 4, 8, 12, 20, 40 };
    double unit = 1;

    for (; unit < 1e15; unit *= 10)
        for (size_t i = 0; i < COUNT_OF(round); i++)
            if (round[i] * unit >= most)
                return round[i] * unit;
    return most;
}

/* Days to 0..1000 across, values to 1000..0 down. */
static double across(const struct plot *t, double day) { return (day - t->from) / (t->to > t->from ? t->to - t->from : 1) * 1000; }
static double down(const struct plot *t, double v) { return (1 - v / t->top) * 1000; }

static void axes(const struct plot *t)
{
    static const int32_t steps[] = { 1, 2, 7, 14, 30, 61, 91, 182, 365, 730, 1826 };
    struct out *o = t->p->o;
    int32_t     step = 1;

    for (size_t i = 0; i < COUNT_OF(steps) && (t->to - t->from) / step >= TICKS_MAX; i++)
        step = steps[i];
    for (int i = 0; i <= 4; i++) {
        char text[WORDS_TEXT];
        if (t->top <= 1)
            snprintf(text, sizeof text, "%d %%", 100 - 25 * i);
        else
            words_count((uint64_t)(t->top * (4 - i) / 4), text);
        out_fmt(o, "<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/><text x=\"4\" y=\"%d\">%s</text>", PLOT_TOP + PLOT_HEIGHT * i / 4,
                PLOT_TOP + PLOT_HEIGHT * i / 4, PLOT_TOP + PLOT_HEIGHT * i / 4 + (i ? -4 : 13), text);
    }
    for (int32_t d = t->from; d <= t->to; d += step) {
        char   text[WORDS_TEXT];
        double at = t->to > t->from ? (double)(d - t->from) / (t->to - t->from) * 100 : 0;

        if (t->to - t->from > 330)
            words_day((int64_t)d * TIME_DAY, text);
        else
            words_short_day((int64_t)d * TIME_DAY, text);
        out_fmt(o, "<text x=\"%.2f%%\" y=\"%d\" text-anchor=\"%s\">%s</text>", at, PLOT_TOP + PLOT_HEIGHT + 16, at < 4 ? "start" : at > 94 ? "end" : "middle", text);
    }
}

void plot_begin(const struct plot *t, const char *title, const char *unit, const char *says)
{
    out_fmt(t->p->o, "<figure class=\"plot\">\n<figcaption>%s <span class=\"sub\">%s</span></figcaption>\n<div class=\"inset\">"
                     "<svg class=\"lanes\" width=\"100%%\" height=\"%d\" role=\"img\" aria-label=\"%s\">", title, unit, PLOT_TOP + PLOT_HEIGHT + PLOT_AXIS, says);
    axes(t);
    out_fmt(t->p->o, "<svg class=\"lanes\" y=\"%d\" width=\"100%%\" height=\"%d\" viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\">", PLOT_TOP, PLOT_HEIGHT);
}

void plot_end(const struct plot *t) { out_c(t->p->o, "</svg></svg></div>\n</figure>\n"); }

/* One unbroken piece of a curve, from..to in steps. */
static void piece(const struct plot *t, plot_at *at, const void *ctx, const char *band, const char *cls, int32_t from, int32_t to, int32_t step)
{
    struct out *o = t->p->o;
    double      low, high, line;

    if (band) {
        out_fmt(o, "<path class=\"%s\" d=\"M", band);
        for (int32_t d = from; d <= to; d += step)
            if (at(ctx, d, &low, &high, &line))
                out_fmt(o, "%.1f,%.1f ", across(t, d), down(t, high));
        for (int32_t d = from + (to - from) / step * step; d >= from; d -= step)
            if (at(ctx, d, &low, &high, &line))
                out_fmt(o, "%.1f,%.1f ", across(t, d), down(t, low));
        out_c(o, "Z\"/>");
    }
    out_fmt(o, "<path class=\"%s\" vector-effect=\"non-scaling-stroke\" d=\"M", cls);
    for (int32_t d = from; d <= to; d += step)
        if (at(ctx, d, &low, &high, &line))
            out_fmt(o, "%.1f,%.1f ", across(t, d), down(t, line));
    out_c(o, "\"/>");
}

void plot_curve(const struct plot *t, plot_at *at, const void *ctx, const char *band, const char *line)
{
    int32_t step = (t->to - t->from) / PLOT_POINTS + 1, from = t->from;
    double  x;
    bool    open = false;

    for (int32_t d = t->from; d <= t->to + step; d += step) {
        bool here = d <= t->to && at(ctx, d, &x, &x, &x);
        if (here && !open)
            from = d;
        if (!here && open)
            piece(t, at, ctx, band, line, from, d - step, step);
        open = here;
    }
}

void plot_bar(const struct plot *t, int32_t day, double high, const char *cls)
{
    double wide = 1000.0 / (t->to - t->from + 1), y = down(t, fmin(high, t->top));

    if (day >= t->from && day <= t->to && high > 0)
        out_fmt(t->p->o, "<rect class=\"%s\" x=\"%.2f\" width=\"%.2f\" y=\"%.1f\" height=\"%.1f\"/>", cls, (day - t->from) * wide, wide * 0.86, y, 1000 - y);
}

void plot_mark(const struct plot *t, int32_t day, const char *cls)
{
    if (day >= t->from && day <= t->to)
        out_fmt(t->p->o, "<line class=\"%s\" vector-effect=\"non-scaling-stroke\" x1=\"%.1f\" x2=\"%.1f\" y1=\"0\" y2=\"1000\"/>", cls, across(t, day), across(t, day));
}
