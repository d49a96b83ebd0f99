/* status as a page for the team: one file without scripts, in the look of report.html. It names victims. */
#include "cli/status_view.h"

#include "base/num.h"
#include "cli/case_screen.h"
#include "cli/status_draw.h"

#include <stdio.h>

enum { DAYS_AFTER = 14, ROWS = 20, URGENT = 10 };

/* --- curves --- */

struct line { const char *name, *cls; enum case_count n; };
static const struct line lines[] = {
    { "verified", "curve5", COUNT_VERIFIED }, { "patched", "curve3", COUNT_PATCHED }, { "back-doored", "curve4", COUNT_BACKDOORED }, { "patched and still back-doored", "curve6", COUNT_PATCHED_BACKDOORED },
    { "notified", "curve2", COUNT_NOTIFIED }, { "clean", "curve", COUNT_CLEAN },
};

struct series { const struct picture_campaign *k; enum case_unit unit; enum case_count n; };

static bool point(const void *ctx, int32_t day, double *low, double *high, double *line)
{
    const struct series *s = ctx;
    struct case_figure   f = case_figures_on(s->k->series[s->unit], s->k->series_n[s->unit], day);

    *low = *high = *line = (double)f.n[s->n];
    return day >= s->k->first_day;
}

static double most(const struct picture_campaign *k, enum case_unit unit)
{
    double m = 1;

    for (size_t i = 0; i < k->series_n[unit]; i++)
        for (size_t x = 0; x < COUNT_OF(lines); x++)
            if ((double)k->series[unit][i].n[lines[x].n] > m)
                m = (double)k->series[unit][i].n[lines[x].n];
    return m;
}


/* Curves end some days after the last change: what follows is the same. */
static int32_t end_of(const struct picture *p, const struct picture_campaign *k)
{
    int32_t to = k->last_day + DAYS_AFTER;
    return to < p->day ? to : p->day;
}

static void curves(const struct page *g, const struct picture *p, const struct picture_campaign *k, enum case_unit unit)
{
    static const char *const title[] = { "Servers by day", "Organisations by day" };
    const int64_t *n = k->now[unit].n;
    struct plot    t = { g, k->first_day, end_of(p, k), plot_top(most(k, unit)) };
    char           says[320];

    if (k->first_day > k->last_day)
        return;
    snprintf(says, sizeof says, "On the last day %lld %s are verified, %lld patched, %lld back-doored, %lld of these patched, %lld notified, %lld clean.", (long long)n[COUNT_VERIFIED], case_unit_name(unit),
             (long long)n[COUNT_PATCHED], (long long)n[COUNT_BACKDOORED], (long long)n[COUNT_PATCHED_BACKDOORED], (long long)n[COUNT_NOTIFIED], (long long)n[COUNT_CLEAN]);
    plot_begin(&t, title[unit], case_unit_name(unit), says);
    for (size_t i = 0; i < k->detector_n; i++)
        if (k->detector[i].since > k->first_day)
            plot_mark(&t, k->detector[i].since, "tested");
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        plot_curve(&t, point, &(struct series){ k, unit, lines[i].n }, NULL, lines[i].cls);
    plot_end(&t);
}

static void legend(const struct page *g)
{
    out_c(g->o, "<p class=\"legend\">");
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        draw_key(g, lines[i].cls, lines[i].name);
    draw_key(g, "tested", "a new test: what goes up there may have been there before");
    out_c(g->o, "</p>\n");
}

/* --- the wave --- */

static void wave_plot(const struct page *g, const struct picture *p, const struct picture_campaign *k, enum wave_what what)
{
    static const char *const title[] = { "Back doors placed", "First use", "First entered" };
    const struct wave *w = &k->wave[what];
    int32_t            dates[] = { wave_day_of(k->c.report_us), wave_day_of(k->c.patch_us), wave_day_of(k->c.code_us) }, from, to;
    static const char *const mark[] = { "dated", "dated2", "dated3" };
    char               says[320], n[WORDS_TEXT], turn[STATUS_TEXT];

    if (!w->servers)
        return;
    from = w->first - 3;
    to = w->last + 3;
    for (size_t i = 0; i < COUNT_OF(dates); i++) {
        from = dates[i] != WAVE_DAY_NONE && dates[i] < from && from - dates[i] < 120 ? dates[i] - 1 : from;
        to = dates[i] != WAVE_DAY_NONE && dates[i] > to && dates[i] - to < 60 && dates[i] <= p->day ? dates[i] + 1 : to;
    }
    struct plot t = { g, from, to, plot_top((double)w->peak_n) };
    words_count((uint64_t)w->servers, n);
    status_day_text(w->from, turn);
    snprintf(says, sizeof says, "%s hunted servers by the day of their first, from %s. %s%s", n, title[what], w->widespread ? "Widespread from " : w->few ? "Too few to tell targeted from widespread" : "No turn from targeted to widespread",
             w->widespread ? turn : "");
    plot_begin(&t, title[what], "hunted servers by day", says);
    for (size_t i = 0; i < k->wave_day_n[what]; i++) {
        bool spike = false;
        for (size_t s = 0; s < w->spike_n; s++)
            spike |= w->spike[s].from <= k->wave_day[what][i].day && w->spike[s].to >= k->wave_day[what][i].day;
        plot_bar(&t, k->wave_day[what][i].day, (double)k->wave_day[what][i].n, spike ? "peak" : "bars");
    }
    for (size_t i = 0; i < COUNT_OF(dates); i++)
        if (dates[i] != WAVE_DAY_NONE)
            plot_mark(&t, dates[i], mark[i]);
    plot_end(&t);
}

static void wave_words(const struct page *g, const struct wave *w)
{
    out_c(g->o, "<p>");
    if (w->few) {
        out_c(g->o, "Too few hunted servers to tell targeted from widespread, or a spike from chance.</p>\n");
        return;
    }
    if (w->widespread) {
        out_c(g->o, "Targeted until ");
        page_day(g, w->from - 1);
        out_fmt(g->o, " (%.2f servers a day), widespread from then to the peak (%.1f a day, at least %.1f times as many).", w->before, w->after, w->ratio_low);
    } else
        out_c(g->o, "No turn from targeted to widespread shows.");
    out_c(g->o, w->spike_n ? " Spikes: " : " No spike.");
    for (size_t i = 0; i < w->spike_n; i++) {
        out_c(g->o, i ? ", " : "");
        page_day(g, w->spike[i].from);
        if (w->spike[i].to > w->spike[i].from) {
            out_c(g->o, " to ");
            page_day(g, w->spike[i].to);
        }
        out_fmt(g->o, " (%lld servers on the highest day, %.0f usual before)", (long long)w->spike[i].n, w->spike[i].usual);
    }
    out_c(g->o, w->spike_n ? ".</p>\n" : "</p>\n");
}

static void waves(const struct page *g, const struct picture *p, const struct picture_campaign *k)
{
    out_c(g->o, "<h3>The wave</h3>\n<p class=\"legend\">");
    draw_key(g, "dated", "the flaw was reported");
    draw_key(g, "dated2", "the fix was out");
    draw_key(g, "dated3", "code was public");
    out_c(g->o, "<span class=\"key k-have\"></span>servers of a day; red: a spike</p>\n");
    wave_words(g, &k->wave[status_wave(k)]);
    out_c(g->o, "<div class=\"side\">\n");
    for (int i = 0; i < WAVE_WHATS; i++)
        wave_plot(g, p, k, (enum wave_what)i);
    out_c(g->o, "</div>\n");
}

/* --- tables --- */

static void share_cell(const struct page *g, const char *label, int64_t n, int64_t part, int64_t whole, bool shared)
{
    char text[STATUS_TEXT];

    page_cell(g, label, true);
    page_count(g, (uint64_t)n);
    if (shared) {
        status_share_text(part, whole, text);
        out_c(g->o, " <span class=\"share\">");
        html_text(g->o, str_c(text));
        out_c(g->o, "</span>");
    }
    page_cell_end(g);
}

static void figures(const struct page *g, const struct picture_campaign *k)
{
    const int64_t *o = k->now[UNIT_ORGANISATIONS].n, *s = k->now[UNIT_SERVERS].n;
    char           text[STATUS_TEXT];

    out_c(g->o, "<h3>Figures</h3>\n<table class=\"stack\">\n<thead><tr><th scope=\"col\">What / of which</th><th scope=\"col\" class=\"num\">Organisations</th><th scope=\"col\" class=\"num\">Servers</th>"
                "<th scope=\"col\" class=\"num\">Median from verified</th><th scope=\"col\" class=\"num\">From the step before</th></tr></thead>\n<tbody>\n");
    for (const struct status_row *r = status_rows; r->label; r++) {
        out_c(g->o, "<tr>");
        page_cell(g, "What", false);
        out_fmt(g->o, "<strong>%s</strong>", r->label);
        page_cell_end(g);
        share_cell(g, "Organisations", o[r->n], o[r->part], o[r->whole], r->shared);
        share_cell(g, "Servers", s[r->n], s[r->part], s[r->whole], r->shared);
        for (int i = 0; i < 2; i++) {
            page_cell(g, i ? "Since the step" : "Since verified", true);
            if (r->step >= 0) {
                status_wait_text(i ? &k->wait[r->step].since_last : &k->wait[r->step].since_verified, text);
                out_c(g->o, text);
            }
            page_cell_end(g);
        }
        out_c(g->o, "</tr>\n");
    }
    out_c(g->o, "</tbody>\n</table>\n");
}

static const struct { const char *head; enum case_count n; } heads[] = {
    { "Verified", COUNT_VERIFIED }, { "Exposed", COUNT_EXPOSED }, { "Patched", COUNT_PATCHED }, { "Back-doored", COUNT_BACKDOORED }, { "And patched", COUNT_PATCHED_BACKDOORED },
    { "Notified", COUNT_NOTIFIED }, { "Hunted", COUNT_HUNTED }, { "Clean", COUNT_CLEAN }, { "Relapsed", COUNT_RELAPSED },
};

static void count_heads(const struct page *g, const char *first)
{
    out_fmt(g->o, "<table class=\"stack\">\n<thead><tr><th scope=\"col\">%s</th>", first);
    for (size_t i = 0; i < COUNT_OF(heads); i++)
        out_fmt(g->o, "<th scope=\"col\" class=\"num\">%s</th>", heads[i].head);
    out_c(g->o, "</tr></thead>\n<tbody>\n");
}

static void count_cells(const struct page *g, const int64_t *n)
{
    for (size_t i = 0; i < COUNT_OF(heads); i++)
        page_count_cell(g, heads[i].head, n[heads[i].n]);
    out_c(g->o, "</tr>\n");
}

static void stratum(const struct page *g, const struct picture_campaign *k, enum case_by by, const char *title)
{
    const struct case_stratum *v = k->value[by][UNIT_ORGANISATIONS];
    size_t                     n = k->value_n[by][UNIT_ORGANISATIONS];

    if (n == 0 || (n == 1 && v[0].value.n == 0))
        return;
    out_fmt(g->o, "<h3>%s <span class=\"sub\">organisations</span></h3>\n", title);
    count_heads(g, title);
    for (size_t i = 0; i < n && i < ROWS; i++) {
        out_c(g->o, "<tr>");
        draw_value(g, title, v[i].value);
        count_cells(g, v[i].now.n);
    }
    out_c(g->o, "</tbody>\n</table>\n");
    if (n > ROWS) {
        out_c(g->o, "<p class=\"more\">");
        page_count(g, n - ROWS);
        out_c(g->o, " more in the CSV.</p>\n");
    }
}

static void map(const struct page *g, const struct picture_campaign *k, struct arena scratch, enum case_count what, const char *title, const char *count)
{
    const struct case_stratum *v = k->value[CASE_BY_COUNTRY][UNIT_ORGANISATIONS];
    size_t                     n = k->value_n[CASE_BY_COUNTRY][UNIT_ORGANISATIONS], m = 0;
    struct draw_country       *c = NEW(&scratch, struct draw_country, n ? n : 1);
    char                       says[200];

    if (!n || !c)
        return;
    for (size_t i = 0; i < n; i++) {
        char text[WORDS_TEXT];
        if (v[i].now.n[what] <= 0)
            continue;
        c[m] = (struct draw_country){ v[i].value, (uint64_t)v[i].now.n[what], "" };
        words_count(c[m].n, text);
        snprintf(c[m].text, sizeof c[m].text, "%.23s", text);
        m++;
    }
    for (size_t i = 1; i < m; i++)                 /* by this count: they came by verified */
        for (size_t j = i; j > 0 && c[j].n > c[j - 1].n; j--) {
            struct draw_country x = c[j];
            c[j] = c[j - 1];
            c[j - 1] = x;
        }
    snprintf(says, sizeof says, "A map of tiles, one for each country: %s. The table beside it holds the same numbers.", count);
    draw_map(g, scratch, title, count, c, m, says);
}

static void case_rows(const struct page *g, const struct picture_campaign *k, const struct picture_case *c, size_t n, bool forced)
{
    out_fmt(g->o, "<table class=\"stack\">\n<thead><tr><th scope=\"col\">Case</th><th scope=\"col\">Stage</th><th scope=\"col\">Organisation</th>%s</tr></thead>\n<tbody>\n",
            forced ? "<th scope=\"col\">Facts say</th><th scope=\"col\">Who</th><th scope=\"col\">Reason</th><th scope=\"col\">When</th>" : "<th scope=\"col\">To do</th>");
    for (size_t i = 0; i < n; i++) {
        char name[CASE_NAME_TEXT];

        case_name(c[i].id, k->year, name);
        out_fmt(g->o, "<tr><td data-l=\"Case\"><div class=\"cell nb\">%s</div></td><td data-l=\"Stage\"><div class=\"cell\">%s</div></td>", name, case_stage_name(c[i].stage));
        page_cell(g, "Organisation", false);
        html_short(g->o, c[i].org.n ? c[i].org : STR("(no name)"), 80);
        page_cell_end(g);
        if (!forced) {
            page_cell(g, "To do", false);
            html_short(g->o, c[i].why, 160);
            page_cell_end(g);
        } else {
            out_fmt(g->o, "<td data-l=\"Facts say\"><div class=\"cell\">%s%s</div></td>", case_stage_name(c[i].derived), c[i].contradicted ? " <span class=\"badge bad\">against it</span>" : "");
            page_cell(g, "Who", false);
            html_short(g->o, c[i].who, 40);
            page_cell_end(g);
            page_cell(g, "Reason", false);
            html_short(g->o, c[i].reason, 200);
            page_cell_end(g);
            page_cell(g, "When", false);
            page_time(g, c[i].forced_us);
            page_cell_end(g);
        }
        out_c(g->o, "</tr>\n");
    }
    out_c(g->o, "</tbody>\n</table>\n");
}

static void urgent(const struct page *g, const struct picture *p, const struct picture_campaign *k)
{
    if (p->day != p->board_day || !k->urgent_n)
        return;
    out_c(g->o, "<h3>Needs a person first <span class=\"sub\">");
    page_count(g, (uint64_t)k->urgent_all);
    out_c(g->o, " cases</span></h3>\n");
    case_rows(g, k, k->urgent, k->urgent_n < URGENT ? k->urgent_n : URGENT, false);
}

static void forced(const struct page *g, const struct picture_campaign *k)
{
    out_c(g->o, "<h3>Forced by a person <span class=\"sub\">");
    page_count(g, (uint64_t)k->forced_all);
    out_c(g->o, " cases, ");
    page_count(g, (uint64_t)k->contradicted);
    out_c(g->o, " against the facts</span></h3>\n");
    if (k->forced_n)
        case_rows(g, k, k->forced, k->forced_n, true);
    else
        out_c(g->o, "<p class=\"quiet\">None.</p>\n");
    if (k->forced_all > (int64_t)k->forced_n) {
        out_c(g->o, "<p class=\"more\">");
        page_count(g, (uint64_t)(k->forced_all - (int64_t)k->forced_n));
        out_c(g->o, " more: afterpatch case list.</p>\n");
    }
}

static void who(const struct page *g, const struct picture_campaign *k)
{
    out_c(g->o, "<h3>Who looked</h3>\n<table class=\"stack\">\n<thead><tr><th scope=\"col\">Detector and version</th><th scope=\"col\" class=\"num\">Count</th><th scope=\"col\">Unit</th><th scope=\"col\">Since</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < k->detector_n && i < ROWS; i++) {
        out_c(g->o, "<tr>");
        draw_value(g, "Detector", k->detector[i].name);
        page_count_cell(g, "Count", k->detector[i].servers);
        page_cell(g, "Unit", false);
        out_c(g->o, "servers");
        page_cell_end(g);
        page_cell(g, "Since", false);
        if (k->detector[i].since != WAVE_DAY_NONE)
            page_day(g, k->detector[i].since);
        page_cell_end(g);
        out_c(g->o, "</tr>\n");
    }
    for (size_t i = 0; i < k->tool_n && i < ROWS; i++) {
        out_c(g->o, "<tr>");
        page_cell(g, "Detector", false);
        out_c(g->o, "hunt: <strong>");
        html_short(g->o, k->tool[i].tool.n ? k->tool[i].tool : STR("unknown"), 60);
        out_c(g->o, "</strong> ");
        html_short(g->o, k->tool[i].packs, 80);
        page_cell_end(g);
        page_count_cell(g, "Count", k->tool[i].reports);
        out_c(g->o, "<td data-l=\"Unit\"><div class=\"cell\">reports</div></td><td data-l=\"Since\"></td></tr>\n");
    }
    out_c(g->o, "</tbody>\n</table>\n");
}

/* --- sections --- */

static void facts(const struct page *g, const struct picture_campaign *k)
{
    const int64_t *n = k->now[UNIT_ORGANISATIONS].n, *s = k->now[UNIT_NOTICES].n;
    const struct { const char *name; int64_t us; } day[] = { { "First known use", k->c.begun_us }, { "Reported", k->c.report_us }, { "Fix", k->c.patch_us }, { "Public code", k->c.code_us } };
    const struct { const char *name; int64_t n; } count[] = { { "Candidates (organisations)", n[COUNT_CANDIDATES] }, { "Dormant (organisations)", n[COUNT_DORMANT] }, { "Closed (organisations)", n[COUNT_CLOSED] },
                                                             { "Notices out", s[COUNT_NOTIFIED] }, { "Notices delivered", s[COUNT_DELIVERED] }, { "Notices bounced", s[COUNT_BOUNCED] }, { "Notices answered", s[COUNT_ANSWERED] } };
    char text[WORDS_TEXT];

    out_c(g->o, "<dl class=\"facts wide\">\n");
    for (size_t i = 0; i < COUNT_OF(day); i++) {
        if (day[i].us == TIME_NONE)
            snprintf(text, sizeof text, "unknown");
        else
            words_day(day[i].us, text);
        page_fact(g, day[i].name, text);
    }
    for (size_t i = 0; i < COUNT_OF(count); i++) {
        words_count((uint64_t)count[i].n, text);
        page_fact(g, count[i].name, text);
    }
    out_c(g->o, "</dl>\n");
}

static void campaign(const struct page *g, const struct picture *p, const struct picture_campaign *k, struct arena scratch)
{
    draw_campaign_begin(g, k->c.slug, k->c.title);
    facts(g, k);
    urgent(g, p, k);
    figures(g, k);
    legend(g);
    curves(g, p, k, UNIT_ORGANISATIONS);
    curves(g, p, k, UNIT_SERVERS);
    waves(g, p, k);
    map(g, k, scratch, COUNT_VERIFIED, "By country: verified <span class=\"sub\">country of the organisation</span>", "Organisations, verified");
    map(g, k, scratch, COUNT_BACKDOORED, "By country: back-doored now <span class=\"sub\">country of the organisation</span>", "Organisations, back-doored");
    stratum(g, k, CASE_BY_COUNTRY, "Country");
    stratum(g, k, CASE_BY_ADDRESS_COUNTRY, "Country of an address");
    stratum(g, k, CASE_BY_SECTOR, "Sector");
    stratum(g, k, CASE_BY_SIZE, "Size");
    who(g, k);
    forced(g, k);
    out_c(g->o, "</section>\n");
}

/* Side by side: counts, and when the wave came against the fix. */
static void overview(const struct page *g, const struct picture *p)
{
    page_section(g, "all", p->campaign_n == 1 ? "At a glance" : "Side by side");
    out_c(g->o, "<p class=\"sub\">Organisations, from verified on.</p>\n");
    count_heads(g, "Campaign");
    for (size_t i = 0; i < p->campaign_n; i++) {
        out_c(g->o, "<tr>");
        draw_value(g, "Campaign", p->campaign[i].c.slug);
        count_cells(g, p->campaign[i].now[UNIT_ORGANISATIONS].n);
    }
    out_c(g->o, "</tbody>\n</table>\n<h3>Waves <span class=\"sub\">hunted servers</span></h3>\n<table class=\"stack\">\n<thead><tr><th scope=\"col\">Campaign</th><th scope=\"col\">Of</th><th scope=\"col\" class=\"num\">Servers</th>");
    for (int i = 0; i < WAVE_PHASES; i++)
        out_fmt(g->o, "<th scope=\"col\" class=\"num\">%s</th>", wave_phase_name((enum wave_phase)i));
    out_c(g->o, "<th scope=\"col\">Widespread from</th><th scope=\"col\">Days after the fix</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < p->campaign_n; i++) {
        const struct picture_campaign *k = &p->campaign[i];
        enum wave_what what = status_wave(k);
        const struct wave *w = &k->wave[what];

        out_c(g->o, "<tr>");
        draw_value(g, "Campaign", k->c.slug);
        out_fmt(g->o, "<td data-l=\"Of\"><div class=\"cell\">%s</div></td>", what == WAVE_USED ? "first use" : wave_what_name(what));
        page_count_cell(g, "Servers", w->servers);
        for (int x = 0; x < WAVE_PHASES; x++)
            if (w->phase_known[x])
                page_count_cell(g, wave_phase_name((enum wave_phase)x), w->phase[x]);
            else
                out_fmt(g->o, "<td data-l=\"%s\" class=\"num\"><div class=\"cell\">unknown</div></td>", wave_phase_name((enum wave_phase)x));
        page_cell(g, "Widespread from", false);
        if (w->widespread)
            page_day(g, w->from);
        else
            out_c(g->o, w->few ? "too few to tell" : "no turn");
        page_cell_end(g);
        page_cell(g, "Days after the fix", false);
        if (w->widespread && k->c.patch_us != TIME_NONE)
            out_fmt(g->o, "%d", w->from - wave_day_of(k->c.patch_us));
        page_cell_end(g);
        out_c(g->o, "</tr>\n");
    }
    out_c(g->o, "</tbody>\n</table>\n</section>\n");
}

static void foot(const struct page *g, const struct picture *p, int64_t now_us)
{
    out_c(g->o, "<footer>\n<h2>About these figures</h2>\n<dl class=\"facts\">\n<div><dt>Made by</dt><dd>Afterpatch " AP_VERSION "</dd></div>\n<div><dt>Drawn</dt><dd>");
    page_time(g, now_us);
    out_c(g->o, " UTC</dd></div>\n<div><dt>Worked out</dt><dd>");
    page_time(g, p->made_us);
    out_c(g->o, " UTC</dd></div>\n</dl>\n<p class=\"sub\">A case counts from verified on. Days are those on which something was true, as it is known now: earlier days may be revised. A server is back-doored as long as a finding of "
                "grade C or better is there; patched is not clean. An organisation is patched when all its servers are, clean when the case is, and everything else when one of its servers is. A median is "
                "that of Kaplan and Meier with an interval of 95 %; open cases count as long as they were watched. Widespread begins where two steady rates tell the days much better than one; a spike "
                "lies four robust deviations above the median of the 14 days before it. Servers that nobody hunted are in no wave. State: docs/status.md.</p>\n</footer>\n</body>\n</html>\n");
}

bool status_page(struct out *o, const void *what, struct arena scratch, int64_t now_us, struct err *e)
{
    const struct picture *p = what;
    struct page           g = { .o = o, .style = sheet_style };
    struct str            slug[PICTURE_CAMPAIGNS];
    char                  text[WORDS_TEXT];

    (void)e;
    words_day((int64_t)p->day * TIME_DAY, text);
    page_head(&g, STR("Campaign status"), text);
    page_stripes(&g);
    out_c(o, "<header class=\"top\">\n<div class=\"brand\"><span>Afterpatch status</span><span class=\"tlp\">" STATUS_TLP "</span></div>\n<h1 class=\"server\">");
    for (size_t i = 0; i < p->campaign_n; i++) {
        slug[i] = p->campaign[i].c.slug;
        out_c(o, i ? ", " : "");
        html_short(o, slug[i], 60);
    }
    out_c(o, " on ");
    page_day(&g, p->day);
    out_c(o, "</h1>\n<p class=\"sub\">Each figure names its unit: organisations, servers or notices.</p>\n</header>\n");
    draw_campaign_nav(&g, slug, p->campaign_n);
    out_c(o, "<main id=\"main\">\n");
    overview(&g, p);
    for (size_t i = 0; i < p->campaign_n; i++)
        campaign(&g, p, &p->campaign[i], scratch);
    out_c(o, "</main>\n");
    foot(&g, p, now_us);
    return true;
}
