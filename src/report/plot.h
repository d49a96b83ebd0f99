/*
 * plot: curves and bars by day on a page, without scripts.
 *
 * Shape    plot_begin, then curves, bars and marks in any order, then plot_end. x runs over the days from..to, y from 0 to `top`; both are stretched with the page, so that
 *          a narrow screen squeezes time and leaves letters alone.
 * Classes  of html_style.c: curve, curve2 .. curve5 for lines, band and band2 for what lies between a lower and an upper line, bars, dated.
 * Bounds   PLOT_POINTS points a curve; longer ones are thinned.
 * Text     title, unit, says and names are our own words; nothing of evidence comes in here.
 */
#ifndef REPORT_PLOT_H
#define REPORT_PLOT_H

#include "report/sheet.h"

enum { PLOT_POINTS = 400, PLOT_TOP = 8, PLOT_HEIGHT = 200, PLOT_AXIS = 24 };

struct plot {
    const struct page *p;
    int32_t from, to;                  /* days */
    double  top;                       /* 1: a share, in per cent; else a count, see plot_top */
};
/* What a curve is on a day, 0..top; false where there is nothing: the curve is interrupted. */
typedef bool plot_at(const void *ctx, int32_t day, double *low, double *high, double *line);

/* A round number at or above `most` that four lines of a grid divide well. */
double plot_top(double most);
/* says: what the picture shows, for those who do not see it. */
void plot_begin(const struct plot *t, const char *title, const char *unit, const char *says);
/* band: NULL: a line only. */
void plot_curve(const struct plot *t, plot_at *at, const void *ctx, const char *band, const char *line);
/* One bar for a day. */
void plot_bar(const struct plot *t, int32_t day, double high, const char *cls);
/* An upright line at the beginning of a day; its names go into the legend of the caller. Days outside are left out. */
void plot_mark(const struct plot *t, int32_t day, const char *cls);
void plot_end(const struct plot *t);

#endif
