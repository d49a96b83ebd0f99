/* Figures for everybody as a page: one file without scripts. It draws struct status_public and knows nothing else. */
#include "cli/status_draw.h"
#include "cli/status_public.h"

#include "base/num.h"

#include <stdio.h>

static const struct { int count; const char *cls, *band; } lines[] = { { 0, "curve5", NULL }, { 2, "curve3", NULL }, { 3, "curve4", NULL }, { 5, "curve2", NULL }, { 7, "curve", "band" } };

struct series { const struct public_figures *f; int count; };

static bool point(const void *ctx, int32_t day, double *low, double *high, double *line)
{
    const struct series *s = ctx;
    size_t lo = 0, hi = s->f->day_n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (s->f->days[mid].day <= day)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (!lo)
        return false;
    *low = (double)s->f->days[lo - 1].n[s->count].low;
    *high = *low + PUBLIC_FIVE - 1;
    *line = *low + (PUBLIC_FIVE - 1) / 2.0;
    return true;
}

static void curves(const struct page *g, const struct public_figures *f)
{
    double      most = 1;
    char        says[200], n[STATUS_PUBLIC_TEXT];
    struct plot t = { g, 0, f->day, 1 };

    if (!f->day_n)
        return;
    for (size_t i = 0; i < f->day_n; i++)
        if ((double)f->days[i].n[0].low + PUBLIC_FIVE > most)
            most = (double)f->days[i].n[0].low + PUBLIC_FIVE;
    t.from = f->days[0].day;
    t.to = f->days[f->day_n - 1].day + 14 < f->day ? f->days[f->day_n - 1].day + 14 : f->day;
    t.top = plot_top(most);
    out_c(g->o, "<p class=\"legend\">");
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        draw_key(g, lines[i].cls, public_of[lines[i].count].label);
    out_c(g->o, "</p>\n");
    public_cell_text(f->organisations[0], n);
    snprintf(says, sizeof says, "Organisations by day; on the last day %s are verified.", n);
    plot_begin(&t, "Organisations by day", "organisations; each number within a band of five", says);
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        plot_curve(&t, point, &(struct series){ f, lines[i].count }, lines[i].band, lines[i].cls);
    plot_end(&t);
}

static void cell(const struct page *g, const char *label, struct public_cell n)
{
    char text[STATUS_PUBLIC_TEXT];

    public_cell_text(n, text);
    page_cell(g, label, true);
    out_c(g->o, text);
    page_cell_end(g);
}

static void servers_cell(const struct page *g, const struct public_figures *f, int k)
{
    char text[STATUS_PUBLIC_TEXT];

    public_cell_text(f->servers[k], text);
    page_cell(g, "Servers", true);
    out_c(g->o, text);
    if (f->servers[k].told) {
        out_c(g->o, " <span class=\"share\">as of ");
        page_day(g, f->servers_as_of[k]);
        out_c(g->o, "</span>");
    }
    page_cell_end(g);
}

static void figures(const struct page *g, const struct public_figures *f)
{
    char text[STATUS_PUBLIC_TEXT];

    out_c(g->o, "<table class=\"stack\">\n<thead><tr><th scope=\"col\">What</th><th scope=\"col\" class=\"num\">Organisations</th><th scope=\"col\" class=\"num\">Share</th><th scope=\"col\">of</th>"
                "<th scope=\"col\" class=\"num\">Servers</th></tr></thead>\n<tbody>\n");
    for (int k = 0; k < PUBLIC_COUNTS; k++) {
        int whole = public_of[k].whole;

        out_fmt(g->o, "<tr><td data-l=\"What\"><div class=\"cell\"><strong>%s</strong></div></td>", public_of[k].label);
        cell(g, "Organisations", f->organisations[k]);
        public_share_text(whole < 0 ? (struct public_share){ 0 } : public_share(f->organisations[k], f->organisations[whole]), text);
        out_fmt(g->o, "<td data-l=\"Share\" class=\"num\"><div class=\"cell\">%s</div></td><td data-l=\"of\"><div class=\"cell\">%s</div></td>", whole < 0 ? "" : text, whole < 0 ? "" : public_of[whole].label);
        servers_cell(g, f, k);
        out_c(g->o, "</tr>\n");
    }
    out_c(g->o, "</tbody>\n</table>\n");
}

static void wait_cell(const struct page *g, const char *label, const struct public_wait *w)
{
    char text[STATUS_PUBLIC_TEXT];

    public_wait_text(w, text);
    page_cell(g, label, true);
    out_c(g->o, text);
    if (w->told) {
        out_c(g->o, " <span class=\"share\">as of ");
        page_day(g, w->as_of);
        out_c(g->o, "</span>");
    }
    page_cell_end(g);
}

static void waits(const struct page *g, const struct public_figures *f)
{
    out_c(g->o, "<h3>How long it takes <span class=\"sub\">organisations; half of them are there within; h hours, d days, w weeks</span></h3>\n<table class=\"stack\">\n<thead><tr><th scope=\"col\">Step</th>"
                "<th scope=\"col\" class=\"num\">Since verified</th><th scope=\"col\" class=\"num\">Since the step before</th></tr></thead>\n<tbody>\n");
    for (int i = 1; i < WAIT_STEPS; i++) {
        out_fmt(g->o, "<tr><td data-l=\"Step\"><div class=\"cell\"><strong>%s</strong></div></td>", wait_step_name(i));
        wait_cell(g, "Since verified", public_wait_of(f, 0, i));
        wait_cell(g, "Since the step before", public_wait_of(f, i - 1, i));
        out_c(g->o, "</tr>\n");
    }
    out_c(g->o, "</tbody>\n</table>\n");
}

/* --- the wave --- */

/* Organisations a day, between both ends of its bar. */
static bool rate(const void *ctx, int32_t day, double *low, double *high, double *line)
{
    const struct public_wave *w = ctx;

    for (size_t i = 0; i < w->n; i++) {
        double days = w->bar[i].to - w->bar[i].from + 1;
        if (day < w->bar[i].from || day > w->bar[i].to)
            continue;
        *low = (double)w->bar[i].n.low / days;
        *high = (double)(w->bar[i].n.low + PUBLIC_FIVE - 1) / days;
        *line = (*low + *high) / 2;
        return true;
    }
    return false;
}

static void wave_plot(const struct page *g, const struct status_public_campaign *k)
{
    static const char *const  mark[] = { "dated", "dated2", "dated3" };
    const struct public_wave *w = &k->f.wave;
    const int32_t             date[] = { wave_day_of(k->report_us), wave_day_of(k->patch_us), wave_day_of(k->code_us) };
    struct plot               t = { g, w->bar[0].from - 1, w->bar[w->n - 1].to + 1, 1 };
    double                    most = 1, low, high, line;

    for (size_t i = 0; i < w->n; i++)
        if (rate(w, w->bar[i].from, &low, &high, &line) && high > most)
            most = high;
    t.top = plot_top(most);
    plot_begin(&t, "The wave", "organisations a day, as the weeks have them on average", "Organisations by the week of their first. The table below holds the same numbers.");
    plot_curve(&t, rate, w, "band", "curve");
    for (size_t i = 0; i < COUNT_OF(date); i++)
        if (date[i] != WAVE_DAY_NONE)
            plot_mark(&t, date[i], mark[i]);
    plot_end(&t);
}

static void wave_words(const struct page *g, const struct public_wave *w)
{
    char least[WORDS_TEXT];

    out_c(g->o, "<p>");
    if (w->widespread) {
        out_c(g->o, "Widespread from the week of ");
        page_day(g, w->from);
        out_fmt(g->o, ": at least %.0f organisations a week until the highest, before at most %.0f.", w->after_least, w->before_most);
    } else {
        out_c(g->o, "No turn from targeted to widespread shows.");
    }
    for (int i = 0, told = 0; i < WAVE_PHASES; i++)
        if (w->phase[i].known) {
            words_count((uint64_t)w->phase[i].least, least);
            out_fmt(g->o, "%s %s %s", told++ ? "," : " Organisations, at least:", least, wave_phase_name((enum wave_phase)i));
        }
    out_c(g->o, ". As of ");
    page_day(g, w->as_of);
    out_c(g->o, ".</p>\n");
}

static void wave(const struct page *g, const struct status_public_campaign *k)
{
    const struct public_wave *w = &k->f.wave;

    out_fmt(g->o, "<h3>The wave%s%s</h3>\n", w->told ? ": " : "", w->told ? public_wave_text(w) : "");
    if (!w->told) {
        out_fmt(g->o, "<p>Not told: it takes %d organisations, and a week with %d of them.</p>\n", WAVE_FEW, PUBLIC_FIVE);
        return;
    }
    out_c(g->o, "<p class=\"legend\">");
    draw_key(g, "dated", "the flaw was reported");
    draw_key(g, "dated2", "the fix was out");
    draw_key(g, "dated3", "code was public");
    out_c(g->o, "</p>\n");
    wave_words(g, w);
    wave_plot(g, k);
    out_c(g->o, "<table class=\"stack\">\n<thead><tr><th scope=\"col\">From</th><th scope=\"col\">To</th><th scope=\"col\" class=\"num\">Organisations</th><th scope=\"col\">Spike</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < w->n; i++) {
        out_c(g->o, "<tr>");
        page_cell(g, "From", false);
        page_day(g, w->bar[i].from);
        page_cell_end(g);
        page_cell(g, "To", false);
        page_day(g, w->bar[i].to);
        page_cell_end(g);
        cell(g, "Organisations", w->bar[i].n);
        page_cell(g, "Spike", false);
        out_c(g->o, w->bar[i].spike ? "spike" : "");
        page_cell_end(g);
        out_c(g->o, "</tr>\n");
    }
    out_c(g->o, "</tbody>\n</table>\n<p class=\"more\">Weeks that are not listed hold fewer than 5 organisations each.</p>\n");
}

/* Columns that are withheld are named below, and take no room. */
static void table(const struct page *g, const struct public_figures *f, int t, const char *title)
{
    const struct public_row *row = f->table[t].row;
    int                      withheld = 0;

    if (!f->table[t].n)
        return;
    out_fmt(g->o, "<h3>%s <span class=\"sub\">organisations</span></h3>\n<table class=\"stack\">\n<thead><tr><th scope=\"col\">%s</th>", title, title);
    for (int k = 0; k < PUBLIC_STRATUM_COUNTS; k++)
        if (row[0].n[k].told)
            out_fmt(g->o, "<th scope=\"col\" class=\"num\">%s</th>", public_of[k].label);
    out_c(g->o, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < f->table[t].n; i++) {
        out_c(g->o, "<tr>");
        draw_value(g, title, row[i].value);
        for (int k = 0; k < PUBLIC_STRATUM_COUNTS; k++)
            if (row[i].n[k].told)
                cell(g, public_of[k].label, row[i].n[k]);
        out_c(g->o, "</tr>\n");
    }
    out_c(g->o, "</tbody>\n</table>\n<p class=\"more\">Not every value is told");
    for (int k = 0; k < PUBLIC_STRATUM_COUNTS; k++)
        if (!row[0].n[k].told)
            out_fmt(g->o, "%s %s", withheld++ ? "," : "; withheld:", public_of[k].label);
    out_c(g->o, ".</p>\n");
}

static void map(const struct page *g, const struct public_figures *f, struct arena scratch)
{
    struct draw_country *c = NEW(&scratch, struct draw_country, f->table[0].n ? f->table[0].n : 1);

    if (!f->table[0].n || !c)
        return;
    for (size_t i = 0; i < f->table[0].n; i++) {
        char text[STATUS_PUBLIC_TEXT];
        public_cell_text(f->table[0].row[i].n[0], text);
        c[i] = (struct draw_country){ f->table[0].row[i].value, (uint64_t)f->table[0].row[i].n[0].low, "" };
        snprintf(c[i].text, sizeof c[i].text, "%.23s", text);
    }
    draw_map(g, scratch, "By country: verified <span class=\"sub\">organisations; a tile shows the lower end</span>", "Organisations, verified", c, f->table[0].n,
             "A map of tiles, one for each country that is told: verified organisations. The table beside it holds the same numbers.");
}

static void campaign(const struct page *g, const struct status_public_campaign *k, struct arena scratch)
{
    const struct { const char *name; int64_t us; } day[] = { { "Reported", k->report_us }, { "Fix", k->patch_us }, { "Public code", k->code_us } };

    draw_campaign_begin(g, k->slug, STR_EMPTY);
    out_c(g->o, "<dl class=\"facts wide\">\n");
    for (size_t i = 0; i < COUNT_OF(day); i++) {
        char text[WORDS_TEXT] = "unknown";
        if (day[i].us != TIME_NONE)
            words_day(day[i].us, text);
        page_fact(g, day[i].name, text);
    }
    out_c(g->o, "<div><dt>Seen by</dt><dd>");
    for (size_t i = 0; i < k->f.detector_n; i++) {
        out_c(g->o, i ? ", " : "");
        html_short(g->o, k->f.detector[i], 60);
    }
    out_c(g->o, k->f.detector_n ? "</dd></div>\n</dl>\n" : "not told</dd></div>\n</dl>\n");
    figures(g, &k->f);
    waits(g, &k->f);
    curves(g, &k->f);
    wave(g, k);
    map(g, &k->f, scratch);
    table(g, &k->f, 0, "Country");
    table(g, &k->f, 1, "Sector");
    table(g, &k->f, 2, "Size");
    out_c(g->o, "</section>\n");
}

bool status_public_page(struct out *o, const void *what, struct arena scratch, int64_t now_us, struct err *e)
{
    const struct status_public *p = what;
    struct page                 g = { .o = o, .style = sheet_style };
    struct str                  slug[STATUS_PUBLIC_CAMPAIGNS];
    char                        text[WORDS_TEXT];

    (void)e;
    for (size_t i = 0; i < p->campaign_n; i++)
        slug[i] = p->campaign[i].slug;
    words_day((int64_t)p->day * TIME_DAY, text);
    page_head(&g, STR("Campaign figures"), text);
    out_c(o, "<header class=\"top\">\n<div class=\"brand\"><span>Afterpatch figures</span><span class=\"tlp\">" STATUS_PUBLIC_TLP "</span></div>\n<h1 class=\"server\">Campaign figures of ");
    page_day(&g, p->day);
    out_fmt(o, "</h1>\n<p class=\"sub\">Each number is told as the five in which it lies; fewer than %d are suppressed. Servers that are patched are not clean: a back door outlives the patch.</p>\n</header>\n", PUBLIC_FIVE);
    draw_campaign_nav(&g, slug, p->campaign_n);
    out_c(o, "<main id=\"main\">\n");
    for (size_t i = 0; i < p->campaign_n; i++)
        campaign(&g, &p->campaign[i], scratch);
    out_c(o, "</main>\n<footer>\n<h2>About these figures</h2>\n<dl class=\"facts\">\n<div><dt>Made by</dt><dd>Afterpatch " AP_VERSION "</dd></div>\n<div><dt>Drawn</dt><dd>");
    page_time(&g, now_us);
    out_c(o, " UTC</dd></div>\n</dl>\n<p class=\"sub\">They were made from counts alone, in a place without names. An organisation counts from the day on which it was verified; earlier days may be revised. Values "
             "with fewer than 5 organisations are not listed, and others are left out so that no sum tells of them; a column in which sums would tell more is withheld. Shares are intervals: what the two numbers "
             "allow. How long things take holds whatever any four organisations did, and is told anew after ten more got there; the wave counts each organisation once, by its first server, after hunts told of ten "
             "more. Rules: docs/status.md.</p>\n</footer>\n</body>\n</html>\n");
    return true;
}
