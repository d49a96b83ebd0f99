/* What could be seen: one bar a family over the same time as the timeline; then what was damaged or refused. */
#include "report/page.h"

#include <stdio.h>

enum { SPANS_DRAWN = 200 };

static void percent(struct out *o, unsigned place) { out_fmt(o, "%u.%02u%%", place / 100, place % 100); }

static void bar(const struct page *p, const char *class, int64_t a_us, int64_t b_us)
{
    unsigned a = page_scale(a_us, p->from_us, p->to_us), b = page_scale(b_us, p->from_us, p->to_us);

    if (b_us < p->from_us || a_us > p->to_us)
        return;
    if (b < a + 20)
        b = a + 20;                                    /* an instant is still seen */
    out_fmt(p->o, "<rect class=\"%s\" x=\"", class);
    percent(p->o, a);
    out_c(p->o, "\" y=\"3\" width=\"");
    percent(p->o, b - a);
    out_c(p->o, "\" height=\"14\" rx=\"2\"/>");
}

static void bars(const struct page *p, const struct seen *s, const struct cover_row *row)
{
    const struct campaign *c = &p->r->campaign;
    bool                   files_only = s->files && !s->span_n;

    out_c(p->o, "<svg class=\"bars\" width=\"100%\" height=\"20\" aria-hidden=\"true\"><rect class=\"track\" x=\"0\" y=\"3\" width=\"100%\" height=\"14\" rx=\"2\"/>");
    if (c->window_from_us != TIME_NONE && c->window_to_us != TIME_NONE && !c->window_empty && !files_only)
        bar(p, "hole", c->window_from_us, c->window_to_us);
    if (files_only)
        out_fmt(p->o, "<rect class=\"%s\" x=\"0\" y=\"3\" width=\"100%%\" height=\"14\" rx=\"2\"/>", row->covers_window == COVERED_FULL ? "have" : "have some");
    for (size_t i = 0; i < s->span_n && i < SPANS_DRAWN; i++)
        bar(p, "have", s->span[i].from_us, s->span[i].to_us);
    if (s->span_n > SPANS_DRAWN)
        bar(p, "have some", s->span[SPANS_DRAWN].from_us, s->span[s->span_n - 1].to_us);
    out_c(p->o, "</svg>");
}

static void amount(const struct page *p, const struct seen *s)
{
    char a[WORDS_TEXT], b[WORDS_TEXT];

    if (s->files == 0) {
        out_c(p->o, "not in the evidence");
        return;
    }
    page_count(p, s->files);
    out_c(p->o, s->files == 1 ? " file" : " files");
    words_bytes(s->bytes, a);
    out_fmt(p->o, ", %s", a);
    if (s->records) {
        out_c(p->o, ", ");
        page_count(p, s->records);
        out_c(p->o, " records");
    }
    words_day(s->oldest_us, a);
    words_day(s->newest_us, b);
    if (s->records && a[0] && b[0])
        out_fmt(p->o, ", %s to %s", a, b);
}

static void holes(const struct page *p, const struct cover_row *row)
{
    if (row->gap_n == 0)
        return;
    out_c(p->o, "<p class=\"sub\">Holes: ");
    for (size_t i = 0; i < row->gap_n && i < PAGE_NAMES; i++) {
        char a[WORDS_TEXT], b[WORDS_TEXT];
        words_day(row->gap[i].from_us, a);
        words_day(row->gap[i].to_us, b);
        out_fmt(p->o, "%s%s to %s", i ? "; " : "", a, b);
    }
    if (row->gap_n + row->gap_more > PAGE_NAMES)
        out_fmt(p->o, "; and %zu more", row->gap_n + row->gap_more - PAGE_NAMES);
    out_c(p->o, "</p>\n");
}

static void family(const struct page *p, const struct cover_row *row)
{
    const struct family_info *f = &family_table[row->family];
    const struct seen        *s = report_seen(p->r, row);
    static const enum tone    tone[] = { TONE_WARN, TONE_UNSURE, TONE_GOOD };

    out_fmt(p->o, "<div class=\"fam %s\" id=\"c-%s\">\n<div class=\"who\"><strong>", covered_name(row->covers_window), f->name);
    html_text(p->o, str_c(f->title));
    out_c(p->o, "</strong> ");
    page_badge(p, word_covered(row->covers_window).title, row->expected ? tone[row->covers_window] : TONE_PLAIN);
    out_c(p->o, "</div>\n<div class=\"draw\">");
    bars(p, s, row);
    out_c(p->o, "<p class=\"sub\">");
    amount(p, s);
    if (!f->examined)
        out_c(p->o, "; this version does not read it");
    out_c(p->o, "</p>\n");
    holes(p, row);
    if (s->missing.n) {
        out_c(p->o, "<p class=\"sub\">Missing: ");
        page_code(p, s->missing);
        out_c(p->o, "</p>\n");
    }
    if (row->how_to_get.n && row->covers_window != COVERED_FULL) {
        out_c(p->o, "<p class=\"get\"><span>How to get it</span> ");
        /* A sentence ends in a full stop; what does not is a command. */
        struct str words, command = family_by_hand(row->how_to_get, &words);
        page_prose(p, words);
        if (str_ends(command, STR(".")))
            page_prose(p, command);
        else
            page_code(p, command);
        out_c(p->o, "</p>\n");
    }
    out_c(p->o, "</div>\n</div>\n");
}

void page_coverage(const struct page *p)
{
    char   from[WORDS_TEXT], to[WORDS_TEXT];
    size_t silent = 0;

    page_section(p, "coverage", "What could be seen");
    words_day(p->from_us, from);
    words_day(p->to_us, to);
    out_c(p->o, "<p class=\"legend\"><span class=\"key k-have\"></span> records or files are here <span class=\"key k-hole\"></span> hole inside the window.");
    if (from[0] && to[0])
        out_fmt(p->o, " Bars run from %s to %s.", from, to);
    out_c(p->o, "</p>\n<div class=\"fams\">\n");
    for (int f = FAM_NONE + 1; f < FAM_COUNT; f++) {
        struct cover_row        blank;
        const struct cover_row *row = report_cover(p->r, (enum family)f, &blank);
        if (row->expected || report_seen(p->r, row)->files)
            family(p, row);
        else
            silent++;
    }
    out_c(p->o, "</div>\n");
    if (silent) {
        bool first = true;
        out_c(p->o, "<p class=\"quiet\">Not in the evidence, and not needed for this campaign: ");
        for (int f = FAM_NONE + 1; f < FAM_COUNT; f++) {
            struct cover_row        blank;
            const struct cover_row *row = report_cover(p->r, (enum family)f, &blank);
            if (row->expected || report_seen(p->r, row)->files)
                continue;
            out_c(p->o, first ? "" : ", ");
            html_text(p->o, str_c(family_table[f].title));
            first = false;
        }
        out_c(p->o, ".</p>\n");
    }
    out_c(p->o, "</section>\n");
}

static size_t damage_rows(const struct page *p, uint64_t *ret_more)
{
    size_t rows = 0;

    *ret_more = 0;
    for (int f = FAM_NONE + 1; f < FAM_COUNT; f++) {
        struct cover_row        blank;
        const struct cover_row *row = report_cover(p->r, (enum family)f, &blank);
        const struct seen      *s = report_seen(p->r, row);

        *ret_more += s->damage_more;
        for (size_t i = 0; i < s->damage_n; i++) {
            const struct ev_node *n = report_node(p->r, s->damage[i].node);
            if (rows == PAGE_ROWS) {
                ++*ret_more;
                continue;
            }
            if (rows++ == 0)
                out_c(p->o, "<h3>Damaged, and read as far as possible</h3>\n<table class=\"stack\">\n<thead><tr><th scope=\"col\">File</th>"
                            "<th scope=\"col\">What</th><th scope=\"col\" class=\"num\">Records kept</th></tr></thead>\n<tbody>\n");
            out_c(p->o, "<tr><td data-l=\"File\">");
            page_code(p, n ? n->path : STR_EMPTY);
            out_c(p->o, "</td><td data-l=\"What\">");
            html_text(p->o, s->damage[i].what);
            out_c(p->o, "</td><td data-l=\"Records kept\" class=\"num\">");
            page_count(p, s->damage[i].kept);
            out_c(p->o, "</td></tr>\n");
        }
    }
    if (rows)
        out_c(p->o, "</tbody>\n</table>\n");
    return rows;
}

/* Rules that did not look: what they would have found is not in this report. */
static void rules_rows(const struct page *p, const struct own_rules *r)
{
    if (!r || !r->refused_n)
        return;
    out_c(p->o, "<h3>Your rules that could not be used</h3>\n<table class=\"stack\">\n<thead><tr><th scope=\"col\">File</th><th scope=\"col\">Rule</th><th scope=\"col\">Why</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < r->refused_n && i < PAGE_ROWS; i++) {
        out_c(p->o, "<tr><td data-l=\"File\">");
        page_code(p, r->refused[i].file);
        out_c(p->o, "</td><td data-l=\"Rule\">");
        html_text(p->o, r->refused[i].title.n ? r->refused[i].title : STR("\xE2\x80\x93"));
        out_c(p->o, "</td><td data-l=\"Why\">");
        html_text(p->o, r->refused[i].why);
        out_c(p->o, "</td></tr>\n");
    }
    out_c(p->o, "</tbody>\n</table>\n");
    page_more(p, (r->refused_n > PAGE_ROWS ? r->refused_n - PAGE_ROWS : 0) + r->refused_more);
}

void page_trouble(const struct page *p)
{
    const struct ev *ev = p->r->found->ev;
    uint64_t         more = 0;
    size_t           damaged;

    page_section(p, "trouble", "Damaged and refused");
    damaged = damage_rows(p, &more);
    page_more(p, more);
    if (ev && ev->refused_n) {
        out_c(p->o, "<h3>Not read</h3>\n<table class=\"stack\">\n<thead><tr><th scope=\"col\">File</th><th scope=\"col\">Why</th><th scope=\"col\">What helps</th></tr></thead>\n<tbody>\n");
        for (size_t i = 0; i < ev->refused_n && i < PAGE_ROWS; i++) {
            out_c(p->o, "<tr><td data-l=\"File\">");
            page_code(p, ev->refused[i].path);
            out_c(p->o, "</td><td data-l=\"Why\">");
            html_text(p->o, ev->refused[i].what);
            out_c(p->o, "</td><td data-l=\"What helps\">");
            html_text(p->o, ev->refused[i].hint.n ? ev->refused[i].hint : STR("\xE2\x80\x93"));
            out_c(p->o, "</td></tr>\n");
        }
        out_c(p->o, "</tbody>\n</table>\n");
        page_more(p, (ev->refused_n > PAGE_ROWS ? ev->refused_n - PAGE_ROWS : 0) + report_refused_more(p->r));
    } else if (!damaged) {
        out_c(p->o, "<p class=\"quiet\">Nothing was damaged, nothing was refused.</p>\n");
    }
    rules_rows(p, p->r->rules);
    out_c(p->o, "</section>\n");
}
