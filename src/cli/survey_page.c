/* survey status as a page: one file without scripts, in the look of report.html; everything that report/page.h promises holds here as well. */
#include "cli/survey_view.h"

#include "base/num.h"
#include "report/plot.h"

#include <stdio.h>

enum { GROUP_ROWS = 10 };

/* The interval as a bar: known patched, then of whom nobody can tell, then not patched. */
static void share_cell(const struct page *p, const char *label, struct share s)
{
    char text[SURVEY_SHARE_TEXT];

    survey_share_text(s, text);
    page_cell(p, label, false);
    out_fmt(p->o, "<span class=\"nb\">%s</span>", text);
    if (s.known)
        out_fmt(p->o, "<svg class=\"bar\" width=\"100%%\" height=\"8\" aria-hidden=\"true\"><rect class=\"track\" width=\"100%%\" height=\"8\"/>"
                      "<rect class=\"hole\" x=\"%.2f%%\" width=\"%.2f%%\" height=\"8\"/><rect class=\"sure\" width=\"%.2f%%\" height=\"8\"/></svg>",
                s.low * 100, (s.high - s.low) * 100, s.low * 100);
    page_cell_end(p);
}

/* --- curves --- */

/* What a curve shows on a day: false where nobody is there. Shares from 0 to 1. */
struct points {
    const struct survey_view *v;
    const struct survey_group *g;
    enum figure_by by;
    bool left;                     /* the survival of the cohort instead of a share */
};

static bool point(const void *ctx, int32_t d, double *low, double *high, double *line)
{
    const struct points *s = ctx;

    if (s->left) {
        size_t i = (size_t)(d - s->g->patched.from);
        if (d < s->g->patched.from || i >= s->g->patched.n)
            return false;
        *low = s->g->patched.soon[i];
        *high = s->g->patched.late[i];
        *line = s->g->patched.left[i];
        return true;
    }
    struct figure f = figures_on(&s->v->figures, s->g->group, s->by, 0, d);
    struct share  x = figure_share(&f);

    *low = *line = x.low;
    *high = x.high;
    return x.known;
}

static void plots(const struct page *p, const struct survey_view *v, const struct survey_group *g)
{
    struct points s = { v, g, BY_ALL, false };
    struct plot   days = { p, v->first_day, v->day, 1 }, left = { p, v->cohort_day, v->day, 1 };
    char          says[256], now[SURVEY_SHARE_TEXT];

    survey_share_text(figure_share(&g->now), now);
    snprintf(says, sizeof says, "The patched share by day. On the last day %s.", now);
    plot_begin(&days, "Patched share by day", "servers; from known patched to not known unpatched", says);
    plot_curve(&days, point, &s, "band", "curve");
    s.by = BY_COHORT;
    plot_curve(&days, point, &s, "band2", "curve2");
    plot_end(&days);
    if (g->patched.n < 2)
        return;
    snprintf(says, sizeof says, "The part of the cohort that is left unpatched, by day. On the last day %.1f per cent, at least %.1f and at most %.1f.",
             g->patched.left[g->patched.n - 1] * 100, g->patched.soon[g->patched.n - 1] * 100, g->patched.late[g->patched.n - 1] * 100);
    s.left = true;
    plot_begin(&left, "Left unpatched of the cohort", "servers; between patched as soon and as late as the looks allow", says);
    plot_curve(&left, point, &s, "band2", "curve2");
    plot_end(&left);
}

/* --- tables --- */

static void count_heads(const struct page *p, const char *first)
{
    out_fmt(p->o, "<table class=\"stack\">\n<thead><tr><th scope=\"col\">%s</th><th scope=\"col\" class=\"num\">Servers</th><th scope=\"col\" class=\"num\">Patched</th>"
                  "<th scope=\"col\" class=\"num\">Unpatched</th><th scope=\"col\" class=\"num\">Cannot tell</th><th scope=\"col\">Patched share</th>"
                  "<th scope=\"col\" class=\"num\">Gone</th><th scope=\"col\" class=\"num\">Moved</th><th scope=\"col\" class=\"num\">New</th></tr></thead>\n<tbody>\n", first);
}

static void count_cells(const struct page *p, const struct figure *f)
{
    page_count_cell(p, "Servers", figure_population(f));
    page_count_cell(p, "Patched", f->n[FIG_PATCHED]);
    page_count_cell(p, "Unpatched", f->n[FIG_UNPATCHED]);
    page_count_cell(p, "Cannot tell", f->n[FIG_CANNOT_TELL]);
    share_cell(p, "Patched share", figure_share(f));
    page_count_cell(p, "Gone", f->n[FIG_GONE]);
    page_count_cell(p, "Moved", f->n[FIG_MOVED]);
    page_count_cell(p, "New", f->n[FIG_NEW]);
    out_c(p->o, "</tr>\n");
}

static bool stratum(const struct page *p, const struct survey_view *v, struct arena a, uint32_t group, enum figure_by by, const char *title, struct err *e)
{
    struct survey_value *list;
    size_t               n, more;

    if (!survey_largest(v, &a, group, by, GROUP_ROWS, &list, &n, &more, e))
        return false;
    if (n == 0 || (n == 1 && list[0].value == 0 && by != BY_PRODUCT))        /* nothing is known of it */
        return true;
    out_fmt(p->o, "<h3>%s</h3>\n", title);
    count_heads(p, title);
    for (size_t i = 0; i < n; i++) {
        struct str name = survey_value_name(v, &a, by, list[i].value);
        out_c(p->o, "<tr>");
        page_cell(p, title, false);
        out_c(p->o, "<strong>");
        html_short(p->o, name, 60);
        out_c(p->o, "</strong>");
        page_cell_end(p);
        count_cells(p, &list[i].now);
    }
    out_c(p->o, "</tbody>\n</table>\n");
    if (more) {
        out_c(p->o, "<p class=\"more\">");
        page_count(p, more);
        out_c(p->o, " more in the CSV.</p>\n");
    }
    return true;
}

static void definitions(const struct page *p, const struct figure *f)
{
    out_c(p->o, "<h3>The same servers, counted in three ways</h3>\n<table class=\"stack\">\n<thead><tr><th scope=\"col\">Counted as</th><th scope=\"col\">Share</th>"
                "<th scope=\"col\">Unit</th><th scope=\"col\">What it says</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; figure_definitions[i].name; i++) {
        out_c(p->o, "<tr>");
        page_cell(p, "Counted as", false);
        out_fmt(p->o, "<strong>%s</strong>", figure_definitions[i].name);
        page_cell_end(p);
        share_cell(p, "Share", figure_definitions[i].share(f));
        page_cell(p, "Unit", false);
        out_c(p->o, figure_definitions[i].unit);
        page_cell_end(p);
        page_cell(p, "Says", false);
        out_c(p->o, figure_definitions[i].about);
        page_cell_end(p);
        out_c(p->o, "</tr>\n");
    }
    out_c(p->o, "</tbody>\n</table>\n");
}

static void facts(const struct page *p, const struct survey_group *g)
{
    char text[SURVEY_HALF_TEXT], n[WORDS_TEXT];
    struct share s = figure_share(&g->now);

    out_c(p->o, "<dl class=\"facts\">\n");
    words_count((uint64_t)figure_population(&g->now), n);
    page_fact(p, "Servers", n);
    survey_share_text(s, text);
    page_fact(p, "Patched share", text);
    snprintf(text, sizeof text, "%.1f %%", s.decided * 100);
    page_fact(p, "Could be decided", text);
    words_count((uint64_t)figure_population(&g->cohort_then), n);
    page_fact(p, "Cohort", n);
    survey_half_text(&g->half, text);
    page_fact(p, "Half-life of the unpatched", text);
    if (g->patched.n) {
        if (g->patched.median < 0)
            snprintf(text, sizeof text, "not yet");
        else
            snprintf(text, sizeof text, "%.1f days", g->patched.median);
        page_fact(p, "Half of the cohort patched after", text);
    }
    words_count((uint64_t)g->now.n[FIG_MITIGATED], n);
    page_fact(p, "Mitigation claimed", n);
    words_count((uint64_t)g->now.n[FIG_COMPROMISED], n);
    page_fact(p, "Compromise claimed", n);
    out_c(p->o, "</dl>\n");
}

static bool group(const struct page *p, const struct survey_view *v, struct arena a, const struct survey_group *g, struct err *e)
{
    static const struct { enum figure_by by; const char *title; } strata[] = {
        { BY_PRODUCT, "Product" }, { BY_LINE, "Line of builds" }, { BY_COUNTRY, "Country" }, { BY_SECTOR, "Sector" }, { BY_ASN, "Network" }, { BY_DETECTOR, "Seen by" },
    };
    const struct build_group *kind = &v->data.builds.group[g->group];

    out_c(p->o, "<section id=\"");
    html_id(p->o, kind->name);
    out_c(p->o, "\">\n<h2>");
    html_text(p->o, kind->name);
    if (kind->title.n && !str_eq(kind->title, kind->name)) {
        out_c(p->o, " <span class=\"sub\">");
        html_text(p->o, kind->title);
        out_c(p->o, "</span>");
    }
    out_c(p->o, "</h2>\n");
    facts(p, g);
    plots(p, v, g);
    definitions(p, &g->now);
    for (size_t i = 0; i < COUNT_OF(strata); i++)
        if (!stratum(p, v, a, g->group, strata[i].by, strata[i].title, e))
            return false;
    out_c(p->o, "</section>\n");
    return true;
}

/* --- the page --- */

static void top(const struct page *p, const struct survey_view *v)
{
    out_c(p->o, "<header class=\"top\">\n<div class=\"brand\"><span>Afterpatch survey</span></div>\n<p class=\"server\">Exchange servers on ");
    page_day(p, v->day);
    out_c(p->o, "</p>\n<p class=\"sub\">");
    page_count(p, v->data.counts.counted);
    out_c(p->o, " observations since ");
    page_day(p, v->first_day);
    out_c(p->o, ". Every figure counts servers, unless it says addresses.</p>\n</header>\n<nav aria-label=\"Campaigns\">\n");
    for (size_t i = 0; i < v->group_n; i++) {
        out_c(p->o, "<a href=\"#");
        html_id(p->o, builds_group_name(&v->data.builds, v->group[i].group));
        out_c(p->o, "\">");
        html_text(p->o, builds_group_name(&v->data.builds, v->group[i].group));
        out_c(p->o, "</a>\n");
    }
    out_c(p->o, "</nav>\n");
}

static void overview(const struct page *p, const struct survey_view *v)
{
    page_section(p, "all", "All campaigns");
    out_c(p->o, "<p class=\"legend\"><span class=\"key k-band\"></span>all servers of the day <span class=\"key k-band2\"></span>the cohort: servers of ");
    page_day(p, v->cohort_day);
    out_c(p->o, ", whatever became of them <span class=\"key k-hole\"></span>nobody can tell</p>\n");
    count_heads(p, "Campaign");
    for (size_t i = 0; i < v->group_n; i++) {
        struct str name = builds_group_name(&v->data.builds, v->group[i].group);
        out_c(p->o, "<tr>");
        page_cell(p, "Campaign", false);
        out_c(p->o, "<a href=\"#");
        html_id(p->o, name);
        out_c(p->o, "\"><strong>");
        html_text(p->o, name);
        out_c(p->o, "</strong></a>");
        page_cell_end(p);
        count_cells(p, &v->group[i].now);
    }
    out_c(p->o, "</tbody>\n</table>\n");
    if (!v->group_n)
        out_c(p->o, "<p class=\"quiet\">No server that any of these campaigns concerns.</p>\n");
    out_c(p->o, "</section>\n");
}

static void foot(const struct page *p, const struct survey_view *v, int64_t now_us)
{
    out_c(p->o, "<footer>\n<h2>About these figures</h2>\n<dl class=\"facts\">\n<div><dt>Made by</dt><dd>Afterpatch " AP_VERSION "</dd></div>\n<div><dt>Drawn</dt><dd>");
    page_time(p, now_us);
    out_c(p->o, " UTC</dd></div>\n<div><dt>Build table until</dt><dd>");
    page_day(p, (int32_t)(v->data.builds.newest_us / TIME_DAY));
    out_c(p->o, "</dd></div>\n</dl>\n<p class=\"sub\">A server counts when something was seen that only Exchange says, and when the campaign concerns its product. The share is an interval: "
                "its lower end are servers known to be patched, its upper end all that are not known to be unpatched. Servers that are gone, that moved to Exchange Online, or that "
                "never answered are in no share. A half-life comes from a straight line through the logarithm of what is left unpatched, with an interval of 95 %; the "
                "time to patch is Turnbull's estimate from when a server was last seen unpatched and first seen patched. Patched is not clean: a back door outlives the patch. "
                "A mitigation is claimed by somebody and cannot be seen from outside.</p>\n</footer>\n</body>\n</html>\n");
}

bool survey_write_page(struct out *o, const struct survey_view *v, struct arena scratch, int64_t now_us, struct err *e)
{
    struct page p = { .o = o };
    char        text[WORDS_TEXT];

    words_day((int64_t)v->day * TIME_DAY, text);
    page_head(&p, STR("Exchange survey"), text);
    page_stripes(&p);
    top(&p, v);
    out_c(o, "<main id=\"main\">\n");
    overview(&p, v);
    for (size_t i = 0; i < v->group_n; i++)
        if (!group(&p, v, scratch, &v->group[i], e))
            return false;
    out_c(o, "</main>\n");
    foot(&p, v, now_us);
    return true;
}
