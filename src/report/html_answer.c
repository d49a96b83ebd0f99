/* The top of the page: verdict, axes, reasons, and what to do now. */
#include "report/page.h"

static void fact(const struct page *p, const char *name)
{
    out_c(p->o, "<div><dt>");
    out_c(p->o, name);
    out_c(p->o, "</dt><dd>");
}

static void fact_end(const struct page *p) { out_c(p->o, "</dd></div>\n"); }

static void day(const struct page *p, int64_t us, const char *unknown)
{
    char text[WORDS_TEXT];

    words_day(us, text);
    out_c(p->o, text[0] ? text : unknown);
}

void page_verdict(const struct page *p)
{
    const struct campaign *c = &p->r->campaign;
    struct word            v = word_verdict(c->verdict), open = word_open(c->open);

    out_fmt(p->o, "<section id=\"answer\" class=\"verdict %s\" aria-labelledby=\"h-answer\">\n<p class=\"kicker\">Verdict", tone_name(v.tone));
    if (c->title.n) {
        out_c(p->o, " \xC2\xB7 ");
        html_text(p->o, c->title);
    }
    out_fmt(p->o, "</p>\n<h1 id=\"h-answer\">%s</h1>\n<p class=\"lead\">", v.title);
    html_text(p->o, str_c(verdict_headline(c->verdict)));
    out_fmt(p->o, "</p>\n<div class=\"today %s\"><p><strong>%s.</strong> %s</p>", tone_name(open.tone), open.title, open.meaning);
    if (c->open_because.n) {
        out_c(p->o, "<p class=\"because\">Because of ");
        page_refs(p, c->open_because);
        out_c(p->o, "</p>");
    }
    out_c(p->o, "</div>\n<dl class=\"facts\">\n");
    fact(p, "Window looked at");
    if (c->window_empty) {
        out_c(p->o, "empty: nothing had to be covered");
    } else {
        day(p, c->window_from_us, "unknown");
        out_c(p->o, " to ");
        day(p, c->window_to_us, "unknown");
    }
    fact_end(p);
    fact(p, "Fix installed");
    day(p, c->patched_us, c->exposure.state == EXP_PATCHED ? "yes, date not seen" : "not seen");
    fact_end(p);
    fact(p, "Newest log record");
    day(p, p->r->found->newest_us, "none");
    fact_end(p);
    fact(p, "Findings");
    page_count(p, p->r->finding_n + p->r->omitted.findings);
    fact_end(p);
    out_c(p->o, "</dl>\n</section>\n");
}

static void tile(const struct page *p, const char *name, const char *question, struct word w, enum covered covered, struct id_list ids, int64_t first_us, int64_t last_us)
{
    struct word c = word_covered(covered);
    char        first[WORDS_TEXT], last[WORDS_TEXT];

    words_day(first_us, first);
    words_day(last_us, last);
    out_fmt(p->o, "<article class=\"tile %s\">\n<h3>%s</h3>\n<p class=\"question\">%s</p>\n<p class=\"state\">%s</p>\n<p>%s</p>\n", tone_name(w.tone), name, question, w.title, w.meaning);
    if (first[0]) {
        out_fmt(p->o, "<p class=\"when\">%s", first);
        if (last[0] && !str_eq(str_c(first), str_c(last)))
            out_fmt(p->o, " to %s", last);
        out_c(p->o, "</p>\n");
    }
    out_fmt(p->o, "<p class=\"cover %s\" title=\"%s\"><span class=\"meter\" aria-hidden=\"true\"><i></i><i></i><i></i></span>%s</p>\n",
            covered_name(covered), c.meaning, c.title);
    if (ids.n) {
        out_c(p->o, "<p class=\"because\">");
        page_refs(p, ids);
        out_c(p->o, "</p>\n");
    }
    out_c(p->o, "</article>\n");
}

void page_axes(const struct page *p)
{
    const struct campaign *c = &p->r->campaign;

    page_section(p, "axes", "Five questions");
    out_c(p->o, "<div class=\"tiles\">\n");
    tile(p, "Exposure", "Was the flaw open?", word_exposure(c->exposure.state), c->exposure.covered, c->exposure.findings, c->patched_us, TIME_NONE);
    tile(p, "Exploitation", "Did someone get in through it?", word_exploit(c->exploitation.state), c->exploitation.covered, c->exploitation.findings,
         c->exploitation.first_us, c->exploitation.last_us);
    tile(p, "Back door", "Was a way back left?", word_door(c->back_door.state), c->back_door.covered, c->back_door.findings, TIME_NONE, TIME_NONE);
    tile(p, "Use", "Was it used?", word_use(c->use.state, c->use.re_entered), c->use.covered, c->use.findings, c->use.first_us, c->use.last_us);
    tile(p, "Theft", "Was something taken?", word_theft(c->theft.state), c->theft.covered, c->theft.findings, TIME_NONE, TIME_NONE);
    out_c(p->o, "</div>\n</section>\n");
}

void page_why(const struct page *p)
{
    const struct str_list *why = &p->r->campaign.why;

    if (why->n == 0)
        return;
    page_section(p, "why", "Why");
    out_c(p->o, "<ol class=\"why\">\n");
    for (size_t i = 0; i < why->n && i < PAGE_ROWS; i++) {
        out_c(p->o, "<li>");
        page_sentence(p, why->item[i]);
        out_c(p->o, "</li>\n");
    }
    out_c(p->o, "</ol>\n");
    page_more(p, why->n > PAGE_ROWS ? why->n - PAGE_ROWS : 0);
    out_c(p->o, "</section>\n");
}

void page_steps(const struct page *p)
{
    const struct campaign *c = &p->r->campaign;

    if (c->step_n == 0)
        return;
    page_section(p, "now", "What to do now");
    out_c(p->o, "<ol class=\"steps\">\n");
    for (size_t i = 0; i < c->step_n && i < PAGE_ROWS; i++) {
        const struct next_step *s = &c->step[i];
        out_c(p->o, "<li>\n<h3>");
        html_text(p->o, s->title.n ? s->title : s->id);
        out_c(p->o, "</h3>\n");
        page_markdown(p, s->text);
        if (s->because.n) {
            out_c(p->o, "<p class=\"because\">Because of ");
            page_refs(p, s->because);
            out_c(p->o, "</p>\n");
        }
        out_c(p->o, "</li>\n");
    }
    out_c(p->o, "</ol>\n");
    page_more(p, c->step_n > PAGE_ROWS ? c->step_n - PAGE_ROWS : 0);
    out_c(p->o, "</section>\n");
}
