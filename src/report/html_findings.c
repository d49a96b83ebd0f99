/* Every finding with the evidence it rests on. */
#include "report/page.h"

#include "base/num.h"

static size_t show(uint8_t *shown, const struct report *r, struct id_list l, size_t n)
{
    for (size_t i = 0; i < l.n && i < PAGE_REFS && n < PAGE_FINDINGS; i++)
        if (l.item[i] < r->finding_n && !shown[l.item[i]]) {
            shown[l.item[i]] = 1;
            n++;
        }
    return n;
}

/* What claims cite comes first, then the more severe; the page shows them in the report's order. */
bool page_choose(const struct report *r, struct arena *a, const uint8_t **ret_shown, struct err *e)
{
    uint8_t               *shown = NEW(a, uint8_t, r->finding_n ? r->finding_n : 1);
    const struct campaign *c = &r->campaign;
    size_t                 n = 0;

    if (!shown)
        return err_set(e, ERR_MEMORY, "no room to choose among %zu findings", r->finding_n);
    n = show(shown, r, c->open_because, n);
    n = show(shown, r, c->exposure.findings, n);
    n = show(shown, r, c->exploitation.findings, n);
    n = show(shown, r, c->back_door.findings, n);
    n = show(shown, r, c->use.findings, n);
    n = show(shown, r, c->theft.findings, n);
    for (size_t i = 0; i < c->step_n && i < PAGE_ROWS; i++)
        n = show(shown, r, c->step[i].because, n);
    for (size_t i = 0; i < r->back_door_n && i < PAGE_ROWS; i++)
        n = show(shown, r, r->back_door[i].findings, n);
    for (size_t i = 0; i < r->way_back_n && i < PAGE_ROWS; i++)
        n = show(shown, r, r->way_back[i].findings, n);
    for (int severity = SEV_CRITICAL; severity >= SEV_INFO; severity--)
        for (size_t i = 0; i < r->finding_n && n < PAGE_FINDINGS; i++)
            if (!shown[i] && (int)r->finding[i].severity == severity) {
                shown[i] = 1;
                n++;
            }
    *ret_shown = shown;
    return true;
}

static void digest(const struct page *p, const char *name, const uint8_t *sha256)
{
    char hex[65];

    num_tohex(sha256, 32, hex);
    out_fmt(p->o, "<div class=\"hash\">%s SHA-256 <code>%s</code></div>\n", name, hex);
}

static void cite(const struct page *p, const struct finding *f, size_t i)
{
    const struct cite    *c = &f->evidence[i];
    const struct ev_node *n = report_node(p->r, c->node);

    out_c(p->o, "<figure class=\"cite\" id=\"");
    html_id(p->o, str_c(f->id));
    out_fmt(p->o, "-e%zu\">\n<figcaption>%s", i + 1, f->evidence_n > 1 ? i == 0 ? "<span class=\"nth\">first</span> " : "<span class=\"nth\">last</span> " : "");
    page_code(p, n ? n->path : STR_EMPTY);
    if (n && n->entry.n) {
        out_c(p->o, " in ");
        page_code(p, n->entry);
    }
    out_c(p->o, " <span class=\"sub\">");
    if (c->line || c->record)
        out_fmt(p->o, "%s %llu, offset %llu", c->record ? "record" : "line", (unsigned long long)(c->record ? c->record : c->line), (unsigned long long)c->offset);
    else
        out_c(p->o, "the file as a whole");
    if (c->time_us != TIME_NONE) {
        out_c(p->o, ", ");
        page_time(p, c->time_us);
        out_c(p->o, " UTC");
    }
    out_c(p->o, "</span></figcaption>\n");
    if (c->excerpt.n) {
        out_c(p->o, "<pre tabindex=\"0\">");
        html_text(p->o, c->excerpt);
        out_c(p->o, "</pre>\n");
    }
    if (c->has_raw)
        digest(p, c->line || c->record ? "record" : "content", c->raw_sha256);
    if (n && n->hashed)
        digest(p, "file", n->sha256);
    out_c(p->o, "</figure>\n");
}

static void finding(const struct page *p, const struct finding *f)
{
    struct word severity = word_severity(f->severity);

    out_fmt(p->o, "<article class=\"finding %s%s\" id=\"", tone_name(f->probe ? TONE_PLAIN : severity.tone), f->probe ? " probe" : "");
    html_id(p->o, str_c(f->id));
    out_c(p->o, "\">\n<h3><span class=\"id\">");
    html_text(p->o, str_c(f->id));
    out_c(p->o, "</span> ");
    html_text(p->o, f->title);
    out_c(p->o, " ");
    page_badge(p, severity.title, severity.tone);
    if (f->probe)
        page_badge(p, "accuses nobody", TONE_PLAIN);
    out_c(p->o, "</h3>\n<p>");
    page_sentence(p, f->why);
    out_c(p->o, "</p>\n<p class=\"meta\">");
    if (f->time_us != TIME_NONE) {
        page_time(p, f->time_us);
        if (f->last_us != TIME_NONE && f->last_us != f->time_us) {
            out_c(p->o, " to ");
            page_time(p, f->last_us);
        }
        out_c(p->o, " UTC \xC2\xB7 ");
    }
    if (axis_name(f->axis)) {
        page_term(p, str_c(axis_name(f->axis)));
        out_c(p->o, ": ");
        html_text(p->o, f->axis_state);
    } else {
        out_c(p->o, "for review");
    }
    if (f->count > 1) {
        out_c(p->o, " \xC2\xB7 ");
        page_count(p, f->count);
        out_c(p->o, " records");
    }
    out_fmt(p->o, " \xC2\xB7 confidence %.0f %%", f->confidence * 100);
    if (f->session < p->r->session_n && f->session < PAGE_ROWS)
        out_fmt(p->o, " \xC2\xB7 visit <a class=\"ref\" href=\"#S%u\">S%u</a>", f->session + 1, f->session + 1);
    for (size_t i = 0; i < f->cve.n && i < PAGE_NAMES; i++) {
        out_c(p->o, " \xC2\xB7 ");
        html_text(p->o, f->cve.item[i]);
    }
    for (size_t i = 0; i < f->attack.n && i < PAGE_NAMES; i++) {
        out_c(p->o, " \xC2\xB7 ATT&amp;CK ");
        html_text(p->o, f->attack.item[i]);
    }
    out_c(p->o, " \xC2\xB7 ");
    page_code(p, f->detector);
    out_c(p->o, "</p>\n");
    for (size_t i = 0; i < f->evidence_n && i < 2; i++)
        cite(p, f, i);
    out_c(p->o, "</article>\n");
}

void page_findings(const struct page *p)
{
    const struct report *r = p->r;
    size_t               hidden = 0;

    page_section(p, "findings", "Findings and their evidence");
    if (r->finding_n == 0)
        out_c(p->o, "<p class=\"quiet\">None.</p>\n");
    for (size_t i = 0; i < r->finding_n; i++) {
        if (p->shown[i])
            finding(p, &r->finding[i]);
        else
            hidden++;
    }
    page_more(p, hidden + r->omitted.findings);
    out_c(p->o, "</section>\n");
}
