/*
 * The timeline: a plot with one lane an axis, a close-up where the events lie close together, and a table.
 *
 * The drawings have no view box: x is in percent, y and text in pixels, so that a narrow screen squeezes time and leaves letters alone.
 */
#include "base/num.h"
#include "report/page.h"

#include <math.h>

enum { LANES = 4, BINS = 120, LANE_HEIGHT = 52, AXIS_HEIGHT = 26, TICKS_MAX = 5 };

static const struct { enum axis axis; const char *title, *class; } lane_table[LANES] = {
    { AXIS_EXPLOITATION, "Exploitation", "l1" }, { AXIS_BACK_DOOR, "Back door", "l2" }, { AXIS_USE, "Use", "l3" }, { AXIS_THEFT, "Theft", "l4" },
};

static int lane_of(enum axis a)
{
    for (int i = 0; i < LANES; i++)
        if (lane_table[i].axis == a)
            return i;
    return -1;
}

static void percent(struct out *o, unsigned place) { out_fmt(o, "%u.%02u%%", place / 100, place % 100); }

static void shade(const struct page *p, int64_t a_us, int64_t b_us, int64_t from_us, int64_t to_us, int height)
{
    unsigned a = page_scale(a_us, from_us, to_us), b = page_scale(b_us, from_us, to_us);

    if (b <= a)
        return;
    out_c(p->o, "<rect class=\"window\" x=\"");
    percent(p->o, a);
    out_c(p->o, "\" y=\"0\" width=\"");
    percent(p->o, b - a);
    out_fmt(p->o, "\" height=\"%d\"/>", height);
}

static void ticks(const struct page *p, int64_t from_us, int64_t to_us, int height)
{
    static const int hours[] = { 1, 3, 6, 12, 24, 48, 7 * 24, 14 * 24, 30 * 24, 91 * 24, 365 * 24 };
    int64_t step = 0;

    for (size_t i = 0; i < COUNT_OF(hours) && (step == 0 || (to_us - from_us) / step > TICKS_MAX); i++)
        step = hours[i] * TIME_HOUR;
    if ((to_us - from_us) / step > 4 * TICKS_MAX)
        step = (to_us - from_us) / TICKS_MAX;
    for (int64_t t = from_us - from_us % step + (from_us % step > 0 ? step : 0); t <= to_us; t += step) {
        char     day[WORDS_TEXT], clock[WORDS_TEXT];
        unsigned at = page_scale(t, from_us, to_us);

        words_short_day(t, day);
        words_time(t, clock);
        out_c(p->o, "<line class=\"grid\" x1=\"");
        percent(p->o, at);
        out_c(p->o, "\" x2=\"");
        percent(p->o, at);
        out_fmt(p->o, "\" y1=\"0\" y2=\"%d\"/><text class=\"tick\" x=\"", height - AXIS_HEIGHT + 4);
        percent(p->o, at);
        out_fmt(p->o, "\" y=\"%d\" text-anchor=\"%s\">%s%s%.5s</text>\n", height - 8, at < 500 ? "start" : at > 9500 ? "end" : "middle",
                day, step < TIME_DAY ? " " : "", step < TIME_DAY ? clock + 11 : "");
    }
}

static void mark_line(const struct page *p, const char *class, const char *label, int64_t us, int64_t from_us, int64_t to_us, int height)
{
    unsigned at;

    if (us == TIME_NONE || us < from_us || us > to_us)
        return;
    at = page_scale(us, from_us, to_us);
    out_fmt(p->o, "<line class=\"%s\" x1=\"", class);
    percent(p->o, at);
    out_c(p->o, "\" x2=\"");
    percent(p->o, at);
    out_fmt(p->o, "\" y1=\"0\" y2=\"%d\"/><text class=\"mark %s\" x=\"", height - AXIS_HEIGHT + 4, class);
    percent(p->o, at);
    out_fmt(p->o, "\" dx=\"%d\" y=\"12\" text-anchor=\"%s\">%s</text>\n", at > 7500 ? -5 : 5, at > 7500 ? "end" : "start", label);
}

struct bin { uint32_t count, first; int64_t from_us, to_us; };

static void dots(const struct page *p, int lane, int64_t from_us, int64_t to_us)
{
    const struct report *r = p->r;
    struct bin           bin[BINS] = { 0 };
    int                  y = 20 + lane * LANE_HEIGHT + 30;

    for (size_t i = 0; i < r->finding_n; i++) {
        const struct finding *f = &r->finding[i];
        if (f->probe || f->time_us == TIME_NONE || lane_of(f->axis) != lane || f->time_us < from_us || f->time_us > to_us)
            continue;
        unsigned    at = page_scale(f->time_us, from_us, to_us) * (BINS - 1) / 10000;
        struct bin *b = &bin[at];
        if (b->count == 0) {
            b->first = (uint32_t)i;
            b->from_us = b->to_us = f->time_us;
        }
        b->from_us = f->time_us < b->from_us ? f->time_us : b->from_us;
        b->to_us = f->time_us > b->to_us ? f->time_us : b->to_us;
        uint64_t more = f->count > 1000000 ? 1000000 : f->count ? f->count : 1;
        b->count = b->count > UINT32_MAX - 1000000 ? b->count : b->count + (uint32_t)more;
    }
    for (int i = 0; i < BINS; i++) {
        struct bin *b = &bin[i];
        char        when[WORDS_TEXT];
        double      radius = b->count ? 4.5 + 1.1 * log2((double)b->count) : 0;
        bool        link = b->count && p->shown[b->first];

        if (b->count == 0)
            continue;
        words_time(b->from_us, when);
        if (link) {
            out_c(p->o, "<a href=\"#");
            html_id(p->o, str_c(r->finding[b->first].id));
            out_c(p->o, "\">");
        }
        out_fmt(p->o, "<circle class=\"%s\" cx=\"", lane_table[lane].class);
        percent(p->o, page_scale(b->from_us, from_us, to_us));
        out_fmt(p->o, "\" cy=\"%d\" r=\"%.1f\"><title>%s: %u %s, %s</title></circle>%s\n", y, radius > 11 ? 11.0 : radius, lane_table[lane].title,
                b->count, b->count == 1 ? "record" : "records", when, link ? "</a>" : "");
    }
}

static void plot(const struct page *p, const char *title, int64_t from_us, int64_t to_us)
{
    const struct campaign *c = &p->r->campaign;
    int                    height = 20 + LANES * LANE_HEIGHT + AXIS_HEIGHT, inner = height - AXIS_HEIGHT;
    char                   from[WORDS_TEXT], to[WORDS_TEXT];

    words_time(from_us, from);
    words_time(to_us, to);
    out_fmt(p->o, "<figure class=\"plot\">\n<figcaption>%s <span class=\"sub\">%.16s to %.16s UTC</span></figcaption>\n<div class=\"inset\"><svg class=\"lanes\" width=\"100%%\" height=\"%d\" "
                  "role=\"img\" aria-label=\"%s\">\n", title, from, to, height, title);
    if (c->window_from_us != TIME_NONE && c->window_to_us != TIME_NONE && !c->window_empty)
        shade(p, c->window_from_us, c->window_to_us, from_us, to_us, inner);
    ticks(p, from_us, to_us, height);
    for (int i = 0; i < LANES; i++) {
        int y = 20 + i * LANE_HEIGHT + 30;
        out_fmt(p->o, "<text class=\"lane\" x=\"0\" y=\"%d\" dx=\"4\">%s</text><line class=\"base\" x1=\"0\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/>\n", y - 16, lane_table[i].title, y, y);
        dots(p, i, from_us, to_us);
    }
    mark_line(p, "patch", "fix installed", c->patched_us, from_us, to_us, height);
    out_c(p->o, "</svg></div>\n</figure>\n");
}

static void table(const struct page *p)
{
    const struct report *r = p->r;

    if (r->timeline_n == 0)
        return;
    out_c(p->o, "<table class=\"stack\">\n<thead><tr><th scope=\"col\">Time (UTC)</th><th scope=\"col\">What happened</th><th scope=\"col\">Visit</th>"
                "<th scope=\"col\">Evidence</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < r->timeline_n && i < PAGE_TIMES; i++) {
        const struct time_row *t = &r->timeline[i];
        const struct finding  *f = report_finding(r, t->finding);
        struct word            severity = word_severity(f ? f->severity : SEV_INFO);
        out_c(p->o, "<tr><td data-l=\"Time (UTC)\" class=\"when\">");
        page_time(p, t->time_us);
        out_fmt(p->o, "</td><td data-l=\"What\"><div class=\"cell\"><span class=\"dot %s\" title=\"%s\"></span>", tone_name(f && f->probe ? TONE_PLAIN : severity.tone), severity.title);
        html_text(p->o, t->text);
        out_c(p->o, "</div>");
        out_c(p->o, "</td><td data-l=\"Visit\">");
        if (t->session < r->session_n && t->session < PAGE_ROWS)
            out_fmt(p->o, "<a class=\"ref\" href=\"#S%u\">S%u</a>", t->session + 1, t->session + 1);
        else
            page_code(p, STR_EMPTY);
        out_c(p->o, "</td><td data-l=\"Evidence\">");
        page_refs(p, (struct id_list){ (uint32_t[]){ t->finding }, t->finding < r->finding_n });
        out_c(p->o, "</td></tr>\n");
    }
    out_c(p->o, "</tbody>\n</table>\n");
}

/* First and last dated event that has a lane. */
static bool events(const struct report *r, int64_t *ret_first, int64_t *ret_last)
{
    bool any = false;

    for (size_t i = 0; i < r->finding_n; i++) {
        const struct finding *f = &r->finding[i];
        if (f->probe || f->time_us == TIME_NONE || lane_of(f->axis) < 0)
            continue;
        *ret_first = !any || f->time_us < *ret_first ? f->time_us : *ret_first;
        *ret_last = !any || f->time_us > *ret_last ? f->time_us : *ret_last;
        any = true;
    }
    return any;
}

void page_timeline(const struct page *p)
{
    const struct report *r = p->r;
    int64_t              first = 0, last = 0;

    page_section(p, "timeline", "Timeline");
    if (!events(r, &first, &last)) {
        out_c(p->o, "<p class=\"quiet\">No dated event belongs to an intrusion.</p>\n");
    } else if (p->from_us != TIME_NONE) {
        out_c(p->o, "<p class=\"legend\"><span class=\"key k-window\"></span> window looked at <span class=\"key k-patch\"></span> fix installed. "
                    "Larger dots stand for more records. All times are UTC.</p>\n");
        plot(p, "The whole time", p->from_us, p->to_us);
        int64_t margin = (last - first) / 12 > 10 * TIME_MINUTE ? (last - first) / 12 : 10 * TIME_MINUTE;
        if (last - first < (p->to_us - p->from_us) / 6)
            plot(p, "Close-up of the events", first - margin, last + margin);
    }
    table(p);
    page_more(p, (r->timeline_n > PAGE_TIMES ? r->timeline_n - PAGE_TIMES : 0) + r->omitted.timeline);
    out_c(p->o, "</section>\n");
}
