/* report.html: the order of its pieces, its head and its foot. */
#include "report/page.h"

#include "base/num.h"

void page_head(const struct page *p, struct str name, const char *says)
{
    out_c(p->o, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
                "<meta name=\"robots\" content=\"noindex\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    html_short(p->o, name, 60);
    out_fmt(p->o, ": %s (Afterpatch)</title>\n<style>\n", says);
    page_style(p->o);
    for (const char *const *line = p->style; line && *line; line++) {
        out_c(p->o, *line);
        out_c(p->o, "\n");
    }
    out_c(p->o, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the answer</a>\n");
}

static void top(const struct page *p)
{
    const struct report *r = p->r;
    const struct server *s = &r->found->server;
    struct str           name = report_server(r);

    out_c(p->o, "<header class=\"top\">\n<div class=\"brand\"><span>Afterpatch report</span><span class=\"tlp\">");
    html_text(p->o, r->tlp.n ? r->tlp : STR("TLP:AMBER"));
    out_c(p->o, "</span></div>\n<p class=\"server\">");
    html_short(p->o, name.n ? name : STR("Unnamed server"), 120);
    out_c(p->o, "</p>\n<p class=\"sub\">");
    for (size_t i = 0; i < s->product_n; i++) {
        out_c(p->o, i ? " \xC2\xB7 " : "");
        html_short(p->o, s->product[i].product, 80);
        out_c(p->o, " ");
        html_short(p->o, s->product[i].build, 40);
    }
    if (r->organisation.n) {
        out_c(p->o, s->product_n ? " \xC2\xB7 " : "");
        html_short(p->o, r->organisation, 120);
    }
    if (r->case_id.n) {
        out_c(p->o, " \xC2\xB7 case ");
        html_short(p->o, r->case_id, 80);
    }
    out_c(p->o, "</p>\n</header>\n");
}

static void nav(const struct page *p)
{
    static const struct { const char *id, *title; } link[] = {
        { "axes", "Answer" }, { "why", "Why" }, { "now", "What to do" }, { "doors", "Back doors" }, { "visits", "Visits" },
        { "timeline", "Timeline" }, { "coverage", "Coverage" }, { "findings", "Findings" },
    };

    out_c(p->o, "<nav aria-label=\"Sections\">\n");
    for (size_t i = 0; i < COUNT_OF(link); i++) {
        if ((i == 1 && p->r->campaign.why.n == 0) || (i == 2 && p->r->campaign.step_n == 0))
            continue;
        out_fmt(p->o, "<a href=\"#%s\">%s</a>\n", link[i].id, link[i].title);
    }
    out_c(p->o, "</nav>\n");
}

static void row(const struct page *p, const char *name)
{
    out_fmt(p->o, "<div><dt>%s</dt><dd>", name);
}

static void foot(const struct page *p)
{
    const struct report *r = p->r;
    char                 text[WORDS_TEXT];

    out_c(p->o, "<footer>\n<h2>About this report</h2>\n<dl class=\"facts\">\n");
    row(p, "Made by");
    out_c(p->o, "Afterpatch ");
    html_text(p->o, r->tool_version);
    for (size_t i = 0; r->found->pack && i <= r->found->pack->with_n; i++) {
        const struct pack *pack = i ? r->found->pack->with[i - 1] : r->found->pack;
        char hex[65];
        num_tohex(pack->sha256, 32, hex);
        out_c(p->o, ", pack ");
        html_text(p->o, pack->id);
        out_c(p->o, " ");
        html_text(p->o, pack->version);
        out_fmt(p->o, " <span class=\"hash\"><code>%.16s</code></span>", hex);
    }
    for (size_t i = 0; r->found->baseline && i < r->found->baseline->pack_n; i++) {
        const struct baseline_pack *b = &r->found->baseline->pack[i];
        char hex[65];
        num_tohex(b->sha256, 32, hex);
        out_c(p->o, ", baseline ");
        html_text(p->o, b->id);
        out_fmt(p->o, " <span class=\"hash\"><code>%.16s</code></span>", hex);
    }
    out_c(p->o, "</dd></div>\n");
    row(p, "Evidence");
    for (size_t i = 0; r->found->ev && i < r->found->ev->source_n && i < PAGE_NAMES; i++) {
        const struct ev_source *s = &r->found->ev->source[i];
        page_code(p, s->given);
        words_bytes(s->bytes, text);
        out_fmt(p->o, " %s, %s<br>", s->kind ? s->kind : "", text);
    }
    out_c(p->o, "every file with its SHA-256 is in manifest.csv</dd></div>\n");
    row(p, "Scope");
    if (r->since_us == TIME_NONE && r->until_us == TIME_NONE) {
        out_c(p->o, "all records, whatever their date");
    } else {
        page_time(p, r->since_us);
        out_c(p->o, " to ");
        page_time(p, r->until_us);
    }
    out_c(p->o, "</dd></div>\n");
    row(p, "Server");
    html_text(p->o, r->found->server.name.n ? r->found->server.name : STR("unnamed"));
    if (r->found->server.domain.n) {
        out_c(p->o, ", domain ");
        html_text(p->o, r->found->server.domain);
    }
    if (r->found->server.os.n) {
        out_c(p->o, ", ");
        html_text(p->o, r->found->server.os);
    }
    out_c(p->o, "</dd></div>\n");
    row(p, "Run");
    page_time(p, r->started_us);
    words_bytes(r->bytes_read, text);
    out_fmt(p->o, " UTC, %.1f s, %s read, sandbox ", r->seconds, text);
    html_text(p->o, str_c(r->sandbox ? r->sandbox : "none"));
    out_c(p->o, "</dd></div>\n</dl>\n<p class=\"sub\">The evidence was read and never changed or run. This page is drawn from report.json beside it, "
                "loads nothing and runs nothing. A verdict speaks of one campaign; it does not say that the server is free of others.</p>\n</footer>\n</body>\n</html>\n");
}

/* What the plots span: the window and every event of an intrusion, with a little room at both ends. */
static void span(const struct report *r, int64_t *ret_from, int64_t *ret_to)
{
    const struct campaign *c = &r->campaign;
    int64_t                from = TIME_NONE, to = TIME_NONE;
    const int64_t          fixed[] = { c->window_empty ? TIME_NONE : c->window_from_us, c->window_empty ? TIME_NONE : c->window_to_us, c->patched_us, r->found->newest_us };

    for (size_t i = 0; i < COUNT_OF(fixed) + r->finding_n; i++) {
        const struct finding *f = i < COUNT_OF(fixed) ? NULL : &r->finding[i - COUNT_OF(fixed)];
        int64_t t = f ? f->probe || f->axis == AXIS_NONE || f->axis == AXIS_EXPOSURE ? TIME_NONE : f->time_us : fixed[i];
        if (t == TIME_NONE)
            continue;
        from = from == TIME_NONE || t < from ? t : from;
        to = to == TIME_NONE || t > to ? t : to;
    }
    *ret_from = *ret_to = TIME_NONE;
    if (from == TIME_NONE)
        return;
    int64_t room = (to - from) / 50 > TIME_HOUR ? (to - from) / 50 : TIME_HOUR;
    *ret_from = from - room;
    *ret_to = to + room;
}

bool report_html_write(struct out *o, const struct report *r, struct arena scratch, struct err *e)
{
    struct page p = { .o = o, .r = r };

    if (!page_choose(r, &scratch, &p.shown, e))
        return false;
    span(r, &p.from_us, &p.to_us);
    struct str name = report_server(r);
    page_head(&p, name.n ? name : STR("Server"), word_verdict(r->campaign.verdict).title);
    top(&p);
    nav(&p);
    page_stripes(&p);
    out_c(o, "<main id=\"main\">\n");
    page_verdict(&p);
    page_axes(&p);
    page_why(&p);
    page_steps(&p);
    page_doors(&p);
    page_ways(&p);
    page_people(&p);
    page_theft(&p);
    page_timeline(&p);
    page_coverage(&p);
    page_trouble(&p);
    page_others(&p);
    page_findings(&p);
    out_c(o, "</main>\n");
    foot(&p);
    return out_done(o, e);
}
