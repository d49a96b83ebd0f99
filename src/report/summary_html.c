/* summary.html: one page above the pages of the servers, in their look; everything that page.h promises holds here as well. */
#include "report/page.h"
#include "report/summary.h"

#include "base/num.h"

#include <stdio.h>

enum { SERVERS_SHOWN = 1000, ADDRESSES_SHOWN = 4 };

static void td(const struct page *p, const char *label) { out_fmt(p->o, "<td data-l=\"%s\"><div class=\"cell\">", label); }
static void td_end(const struct page *p) { out_c(p->o, "</div></td>\n"); }

static const char *open_short(enum open_state s)
{
    static const char *const text[] = { [OPEN_UNPROVEN] = "not proven closed", [OPEN_NO] = "closed", [OPEN_YES] = "open" };
    return (size_t)s < COUNT_OF(text) ? text[s] : "unknown";
}

/* The name of a server, as a link to its report where there is one. A folder that is not one of ours makes no link. */
static void server(const struct page *p, const struct summary_row *r)
{
    bool linked = !r->failed && r->folder.n && summary_folder_safe(r->folder);

    if (linked) {
        out_c(p->o, "<a href=\"");
        html_attr(p->o, r->folder);
        out_c(p->o, "/report.html\">");
    }
    html_short(p->o, r->name, 80);
    out_c(p->o, linked ? "</a>" : "");
}

static void top(const struct page *p, const struct summary *s)
{
    out_c(p->o, "<header class=\"top\">\n<div class=\"brand\"><span>Afterpatch summary</span><span class=\"tlp\">");
    html_text(p->o, s->tlp.n ? s->tlp : STR("TLP:AMBER"));
    out_c(p->o, "</span></div>\n<p class=\"server\">");
    page_count(p, s->row_n);
    out_c(p->o, s->row_n == 1 ? " server</p>\n<p class=\"sub\">" : " servers</p>\n<p class=\"sub\">");
    html_short(p->o, s->organisation, 120);
    if (s->case_id.n) {
        out_c(p->o, s->organisation.n ? " \xC2\xB7 case " : "case ");
        html_short(p->o, s->case_id, 80);
    }
    out_c(p->o, "</p>\n</header>\n<nav aria-label=\"Sections\">\n<a href=\"#servers\">Servers</a>\n<a href=\"#shared\">Addresses in common</a>\n"
                "<a href=\"#links\">Other servers named</a>\n</nav>\n");
}

static void fact(const struct page *p, const char *name, uint64_t n)
{
    out_fmt(p->o, "<div><dt>%s</dt><dd>", name);
    page_count(p, n);
    out_c(p->o, "</dd></div>\n");
}

static void answer(const struct page *p, const struct summary *s, size_t shared_n)
{
    enum verdict_word worst = summary_worst(s);
    struct word       v = word_verdict(worst);
    uint64_t          state[3] = { 0 }, present = 0, failed = 0, findings = 0;
    enum open_state   open = OPEN_NO;

    for (size_t i = 0; i < s->row_n; i++) {
        const struct summary_row *r = &s->row[i];
        if ((size_t)r->open < COUNT_OF(state))
            state[r->open]++;
        present += r->back_doors_present;
        findings += r->findings;
        failed += r->failed;
    }
    open = state[OPEN_YES] ? OPEN_YES : state[OPEN_UNPROVEN] || s->row_n == 0 ? OPEN_UNPROVEN : OPEN_NO;
    out_fmt(p->o, "<section id=\"answer\" class=\"verdict %s\" aria-labelledby=\"h-answer\">\n<p class=\"kicker\">The worst of these servers</p>\n"
                  "<h1 id=\"h-answer\">%s</h1>\n<p class=\"lead\">", tone_name(v.tone), v.title);
    html_text(p->o, str_c(verdict_headline(worst)));
    out_fmt(p->o, "</p>\n<div class=\"today %s\"><p><strong>Way in today.</strong> Open: ", tone_name(word_open(open).tone));
    page_count(p, state[OPEN_YES]);
    out_c(p->o, ". Not proven closed: ");
    page_count(p, state[OPEN_UNPROVEN]);
    out_c(p->o, ". Closed: ");
    page_count(p, state[OPEN_NO]);
    out_c(p->o, ".</p></div>\n<dl class=\"facts\">\n");
    for (int k = V_BEYOND_SERVER; k >= V_NO_TRACE; k--) {
        uint64_t n = 0;
        for (size_t i = 0; i < s->row_n; i++)
            n += !s->row[i].failed && s->row[i].verdict == (enum verdict_word)k;
        if (n)
            fact(p, word_verdict((enum verdict_word)k).title, n);
    }
    if (failed)
        fact(p, "Without a report", failed);
    fact(p, "Back doors present", present);
    fact(p, "Findings", findings);
    fact(p, "Addresses in several", shared_n);
    out_c(p->o, "</dl>\n</section>\n");
}

/* "2 present, 1 removed" */
static void doors(const struct page *p, const struct summary_row *r)
{
    const struct { uint64_t n; const char *word; enum tone tone; } part[] = {
        { r->back_doors_present, "present", TONE_BAD }, { r->back_doors_unknown, "unknown", TONE_WARN }, { r->back_doors_removed, "removed", TONE_PLAIN },
    };
    bool any = false;

    for (size_t i = 0; i < COUNT_OF(part); i++) {
        char text[WORDS_TEXT], badge[WORDS_TEXT + 16];
        if (part[i].n == 0)
            continue;
        words_count(part[i].n, text);
        snprintf(badge, sizeof badge, "%s %s", text, part[i].word);
        out_c(p->o, any ? " " : "");
        page_badge(p, badge, part[i].tone);
        any = true;
    }
    if (r->ways_back) {
        out_c(p->o, any ? "<div class=\"sub\">other ways back: " : "<div>other ways back: ");
        page_count(p, r->ways_back);
        out_c(p->o, "</div>");
    } else if (!any) {
        page_code(p, STR_EMPTY);
    }
}

static void row(const struct page *p, const struct summary_row *r, uint32_t index)
{
    struct word v = word_verdict(r->failed ? V_NOT_COVERED : r->verdict);

    out_c(p->o, "<tr>");
    td(p, "Server");
    out_fmt(p->o, "<strong id=\"R%u\">", index + 1);
    server(p, r);
    out_c(p->o, "</strong>");
    if (r->sources.n) {
        out_c(p->o, "<div class=\"sub\">from ");
        page_code(p, r->sources);
        out_c(p->o, "</div>");
    }
    td_end(p);
    td(p, "Verdict");
    page_badge(p, r->failed ? "No report" : v.title, v.tone);
    if (r->failed) {
        out_c(p->o, "<div class=\"sub\">");
        html_text(p->o, r->error);
        out_c(p->o, "</div>");
    }
    td_end(p);
    td(p, "Way in");
    page_badge(p, open_short(r->open), word_open(r->open).tone);
    out_fmt(p->o, "<div class=\"sub\">%s</div>", word_exposure(r->exposure).title);
    td_end(p);
    td(p, "Back doors");
    doors(p, r);
    td_end(p);
    td(p, "Broken into");
    page_time(p, r->first_us);
    if (r->last_us != TIME_NONE && r->last_us != r->first_us) {
        out_c(p->o, "<br><span class=\"nb\">to ");
        page_time(p, r->last_us);
        out_c(p->o, "</span>");
    }
    td_end(p);
    td(p, "Addresses");
    for (size_t i = 0; i < r->clients.n && i < ADDRESSES_SHOWN; i++) {
        out_c(p->o, i ? "<br>" : "");
        page_code(p, r->clients.item[i]);
    }
    if (r->clients.n > ADDRESSES_SHOWN || r->clients_omitted) {
        out_c(p->o, "<br>and ");
        page_count(p, r->clients.n - (r->clients.n < ADDRESSES_SHOWN ? r->clients.n : ADDRESSES_SHOWN) + r->clients_omitted);
        out_c(p->o, " more");
    } else if (r->clients.n == 0) {
        page_code(p, STR_EMPTY);
    }
    td_end(p);
    out_c(p->o, "<td data-l=\"Findings\" class=\"num\">");
    page_count(p, r->findings);
    out_c(p->o, "</td>\n</tr>\n");
}

static void more(const struct page *p, uint64_t n)
{
    if (n == 0)
        return;
    out_c(p->o, "<p class=\"more\">");
    page_count(p, n);
    out_c(p->o, " more in summary.json.</p>\n");
}

static void servers(const struct page *p, const struct summary *s)
{
    page_section(p, "servers", "Servers");
    out_c(p->o, "<table class=\"stack\">\n<thead><tr><th scope=\"col\">Server</th><th scope=\"col\">Verdict</th><th scope=\"col\">Way in today</th>"
                "<th scope=\"col\">Back doors</th><th scope=\"col\">Broken into (UTC)</th><th scope=\"col\">Addresses</th><th scope=\"col\" class=\"num\">Findings</th></tr></thead>\n<tbody>\n");
    for (uint32_t i = 0; i < s->row_n && i < SERVERS_SHOWN; i++)
        row(p, &s->row[i], i);
    out_c(p->o, "</tbody>\n</table>\n");
    more(p, s->row_n > SERVERS_SHOWN ? s->row_n - SERVERS_SHOWN : 0);
    out_c(p->o, "</section>\n");
}

static void shared_section(const struct page *p, const struct summary *s, const struct summary_shared *shared, size_t n)
{
    page_section(p, "shared", "Addresses in common");
    if (n == 0)
        out_c(p->o, "<p class=\"quiet\">No address of an intruder was seen on more than one of these servers.</p>\n");
    else
        out_c(p->o, "<p class=\"quiet\">The same address got into each of these servers: one case, probably, and not several.</p>\n<table class=\"stack\">\n<thead><tr>"
                    "<th scope=\"col\">Address</th><th scope=\"col\">Servers</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < n && i < PAGE_ROWS; i++) {
        out_c(p->o, "<tr>");
        td(p, "Address");
        page_code(p, shared[i].client);
        td_end(p);
        td(p, "Servers");
        for (size_t k = 0; k < shared[i].row_n && k < PAGE_REFS; k++) {
            out_c(p->o, k ? ", " : "");
            server(p, &s->row[shared[i].row[k]]);
        }
        if (shared[i].row_n > PAGE_REFS)
            out_fmt(p->o, " and %zu more", shared[i].row_n - PAGE_REFS);
        td_end(p);
        out_c(p->o, "</tr>\n");
    }
    out_c(p->o, n ? "</tbody>\n</table>\n" : "");
    more(p, n > PAGE_ROWS ? n - PAGE_ROWS : 0);
    out_c(p->o, "</section>\n");
}

static void links(const struct page *p, const struct summary *s)
{
    page_section(p, "links", "Other servers named");
    if (s->link_n == 0)
        out_c(p->o, "<p class=\"quiet\">No forged request on these servers named another one.</p>\n");
    else
        out_c(p->o, "<table class=\"stack\">\n<thead><tr><th scope=\"col\">Named</th><th scope=\"col\">By the evidence of</th><th scope=\"col\">Why</th>"
                    "<th scope=\"col\">Its own evidence</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < s->link_n && i < PAGE_ROWS; i++) {
        const struct summary_link *l = &s->link[i];
        if (l->from >= s->row_n)
            continue;
        out_c(p->o, "<tr>");
        td(p, "Named");
        page_code(p, l->to);
        td_end(p);
        td(p, "By");
        server(p, &s->row[l->from]);
        td_end(p);
        td(p, "Why");
        html_text(p->o, l->why);
        td_end(p);
        td(p, "Evidence");
        if (l->to_row < s->row_n) {
            server(p, &s->row[l->to_row]);
            out_c(p->o, ": ");
            page_badge(p, l->hunted ? word_verdict(s->row[l->to_row].verdict).title : "no report", l->hunted ? word_verdict(s->row[l->to_row].verdict).tone : TONE_UNSURE);
        } else {
            page_badge(p, "not among these servers", TONE_UNSURE);
        }
        td_end(p);
        out_c(p->o, "</tr>\n");
    }
    out_c(p->o, s->link_n ? "</tbody>\n</table>\n" : "");
    more(p, (s->link_n > PAGE_ROWS ? s->link_n - PAGE_ROWS : 0) + s->links_omitted);
    out_c(p->o, "</section>\n");
}

static void foot(const struct page *p, const struct summary *s)
{
    out_c(p->o, "<footer>\n<h2>About this summary</h2>\n<dl class=\"facts\">\n<div><dt>Made by</dt><dd>Afterpatch ");
    html_text(p->o, s->tool_version);
    out_c(p->o, "</dd></div>\n<div><dt>Run</dt><dd>");
    page_time(p, s->started_us);
    out_c(p->o, " UTC, sandbox ");
    html_text(p->o, str_c(s->sandbox ? s->sandbox : "none"));
    out_c(p->o, "</dd></div>\n</dl>\n<p class=\"sub\">One line a server; the reasons, the evidence and what to do stand in each server's own report. Evidence is grouped by the "
                "computer name that it states. A server whose evidence could not be read counts as not covered.</p>\n</footer>\n</body>\n</html>\n");
}

bool summary_html(struct out *o, const struct summary *s, struct arena scratch, struct err *e)
{
    struct page            p = { .o = o };
    struct summary_shared *shared;
    size_t                 shared_n;
    char                   title[WORDS_TEXT + 16];
    int                    n;

    if (!summary_shared(s, &scratch, &shared, &shared_n, e))
        return false;
    n = snprintf(title, sizeof title, "%zu server%s", s->row_n, s->row_n == 1 ? "" : "s");
    page_head(&p, (struct str){ (const uint8_t *)title, (size_t)n }, word_verdict(summary_worst(s)).title);
    top(&p, s);
    out_c(o, "<main id=\"main\">\n");
    answer(&p, s, shared_n);
    servers(&p, s);
    shared_section(&p, s, shared, shared_n);
    links(&p, s);
    out_c(o, "</main>\n");
    foot(&p, s);
    return out_done(o, e);
}
