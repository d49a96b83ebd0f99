/* Back doors, other ways back, visits and intruders, what was taken, other servers. */
#include "report/page.h"

#include <stdio.h>

/* On a narrow screen each row becomes a card and each cell is named by data-l. */
static void td(const struct page *p, const char *label) { out_fmt(p->o, "<td data-l=\"%s\">", label); }
static void td_end(const struct page *p) { out_c(p->o, "</td>\n"); }

static void nth(const struct page *p, char letter, uint32_t index, size_t n, bool target)
{
    if (index >= n) {
        page_code(p, STR_EMPTY);
        return;
    }
    if (index >= PAGE_ROWS)
        out_fmt(p->o, "%c%u", letter, index + 1);
    else if (target)
        out_fmt(p->o, "<strong id=\"%c%u\">%c%u</strong>", letter, index + 1, letter, index + 1);
    else
        out_fmt(p->o, "<a class=\"ref\" href=\"#%c%u\">%c%u</a>", letter, index + 1, letter, index + 1);
}

static void span_of_time(const struct page *p, int64_t first_us, int64_t last_us)
{
    page_time(p, first_us);
    if (last_us != TIME_NONE && last_us != first_us) {
        out_c(p->o, "<br><span class=\"nb\">to ");
        page_time(p, last_us);
        out_c(p->o, "</span>");
    }
}

static void door(const struct page *p, const struct back_door *b)
{
    struct word state = word_thing(b->state), use = word_used(b->use.state);

    out_c(p->o, "<tr>");
    td(p, "Page");
    out_c(p->o, "<div class=\"cell\"><div class=\"path\">");
    page_code(p, b->path);
    out_c(p->o, "</div>");
    if (b->url.n) {
        out_c(p->o, "<div class=\"sub\">served as ");
        page_code(p, b->url);
        out_c(p->o, "</div>");
    }
    if (b->kind.n || b->key.n) {
        out_c(p->o, "<div class=\"sub\">");
        page_term(p, b->kind.n ? b->kind : STR("kind unknown"));
        if (b->key.n) {
            out_c(p->o, ", key ");
            page_code(p, b->key);
        }
        out_c(p->o, "</div>");
    }
    if (b->sha256.n) {
        out_c(p->o, "<div class=\"sub hash\">SHA-256 ");
        page_code(p, b->sha256);
        out_c(p->o, "</div>");
    }
    out_c(p->o, "</div>");
    td_end(p);
    td(p, "State");
    out_c(p->o, "<div class=\"cell\">");
    page_badge(p, state.title, state.tone);
    if (b->created_us != TIME_NONE) {
        out_c(p->o, "<div class=\"sub\">placed ");
        page_time(p, b->created_us);
        out_c(p->o, "</div>");
    }
    if (b->removed_us != TIME_NONE) {
        out_c(p->o, "<div class=\"sub\">removed ");
        page_time(p, b->removed_us);
        out_c(p->o, "</div>");
    }
    out_fmt(p->o, "<div class=\"sub\">reachable: %s</div></div>", word_reach(b->reachable).title);
    td_end(p);
    td(p, "Use");
    out_c(p->o, "<div class=\"cell\">");
    page_badge(p, use.title, use.tone);
    out_c(p->o, "<div class=\"sub\">");
    page_count(p, b->use.requests);
    out_c(p->o, b->use.requests == 1 ? " request" : " requests");
    if (b->use.errors) {
        out_c(p->o, ", ");
        page_count(p, b->use.errors);
        out_c(p->o, b->use.errors == 1 ? " error" : " errors");
    }
    if (b->use.reached && b->use.state != USED_USED)
        out_c(p->o, ", answered but given no orders");
    out_c(p->o, "</div>");
    if (b->use.first_us != TIME_NONE) {
        out_c(p->o, "<div class=\"sub\">");
        span_of_time(p, b->use.first_us, b->use.last_us);
        out_c(p->o, "</div>");
    }
    if (b->use.clients.n) {
        out_c(p->o, "<div class=\"sub\">from ");
        page_names(p, b->use.clients);
        out_c(p->o, "</div>");
    }
    out_c(p->o, "</div>");
    td_end(p);
    td(p, "Intruder");
    nth(p, 'I', b->intruder, p->r->intruder_n, false);
    td_end(p);
    td(p, "Evidence");
    page_refs(p, b->findings);
    td_end(p);
    out_c(p->o, "</tr>\n");
}

void page_doors(const struct page *p)
{
    const struct report *r = p->r;

    page_section(p, "doors", "Back doors");
    if (r->back_door_n == 0) {
        out_c(p->o, "<p class=\"quiet\">No page was proven to be a back door.</p>\n</section>\n");
        return;
    }
    out_c(p->o, "<table class=\"stack\">\n<thead><tr><th scope=\"col\">Page</th><th scope=\"col\">State</th><th scope=\"col\">Use</th>"
                "<th scope=\"col\">Intruder</th><th scope=\"col\">Evidence</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < r->back_door_n && i < PAGE_ROWS; i++)
        door(p, &r->back_door[i]);
    out_c(p->o, "</tbody>\n</table>\n");
    page_more(p, (r->back_door_n > PAGE_ROWS ? r->back_door_n - PAGE_ROWS : 0) + r->omitted.back_doors);
    out_c(p->o, "</section>\n");
}

void page_ways(const struct page *p)
{
    const struct report *r = p->r;

    page_section(p, "ways", "Other ways back in");
    if (r->way_back_n == 0) {
        out_c(p->o, "<p class=\"quiet\">None was found in the evidence that this version reads.</p>\n</section>\n");
        return;
    }
    out_c(p->o, "<table class=\"stack\">\n<thead><tr><th scope=\"col\">What</th><th scope=\"col\">Where</th><th scope=\"col\">State</th>"
                "<th scope=\"col\">Use</th><th scope=\"col\">Evidence</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < r->way_back_n && i < PAGE_ROWS; i++) {
        const struct way_back *w = &r->way_back[i];
        struct word            state = word_way_state(w->state), use = word_used(w->used);
        out_c(p->o, "<tr>");
        td(p, "What");
        out_c(p->o, "<div class=\"cell\"><strong>");
        page_term(p, w->kind);
        out_c(p->o, "</strong><div class=\"sub\">");
        html_text(p->o, w->name);
        out_c(p->o, "</div></div>");
        td_end(p);
        td(p, "Where");
        page_code(p, w->path);
        td_end(p);
        td(p, "State");
        page_badge(p, state.title ? state.title : "unknown", state.tone);
        td_end(p);
        td(p, "Use");
        page_badge(p, use.title, use.tone);
        td_end(p);
        td(p, "Evidence");
        page_refs(p, w->findings);
        td_end(p);
        out_c(p->o, "</tr>\n");
    }
    out_c(p->o, "</tbody>\n</table>\n");
    page_more(p, r->way_back_n > PAGE_ROWS ? r->way_back_n - PAGE_ROWS : 0);
    out_c(p->o, "</section>\n");
}

static void intruders(const struct page *p)
{
    const struct report *r = p->r;

    if (r->intruder_n == 0)
        return;
    out_c(p->o, "<h3>Intruders</h3>\n<table class=\"stack\">\n<thead><tr><th scope=\"col\">Intruder</th><th scope=\"col\">Addresses</th><th scope=\"col\">Keys and user agents</th>"
                "<th scope=\"col\">Seen</th><th scope=\"col\">What joins them</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < r->intruder_n && i < PAGE_ROWS; i++) {
        const struct intruder *x = &r->intruder[i];
        out_c(p->o, "<tr>");
        td(p, "Intruder");
        nth(p, 'I', (uint32_t)i, r->intruder_n, true);
        td_end(p);
        td(p, "Addresses");
        out_c(p->o, "<div class=\"cell\">");
        page_names(p, x->clients);
        out_c(p->o, "</div>");
        td_end(p);
        td(p, "Keys and user agents");
        out_c(p->o, "<div class=\"cell\">");
        if (x->keys.n) {
            out_c(p->o, "key ");
            page_names(p, x->keys);
            out_c(p->o, "<br>");
        }
        page_names(p, x->user_agents);
        out_c(p->o, "</div>");
        td_end(p);
        td(p, "Seen");
        out_c(p->o, "<div class=\"cell\">");
        span_of_time(p, x->first_us, x->last_us);
        out_c(p->o, "</div>");
        td_end(p);
        td(p, "What joins them");
        html_text(p->o, x->why);
        td_end(p);
        out_c(p->o, "</tr>\n");
    }
    out_c(p->o, "</tbody>\n</table>\n");
    page_more(p, r->intruder_n > PAGE_ROWS ? r->intruder_n - PAGE_ROWS : 0);
}

void page_people(const struct page *p)
{
    const struct report *r = p->r;

    page_section(p, "visits", "Visits and intruders");
    if (r->session_n == 0)
        out_c(p->o, "<p class=\"quiet\">No visit of an intruder was found.</p>\n");
    intruders(p);
    if (r->session_n) {
        out_c(p->o, "<h3>Visits</h3>\n<table class=\"stack\">\n<thead><tr><th scope=\"col\">Visit</th><th scope=\"col\">From</th><th scope=\"col\">When</th>"
                    "<th scope=\"col\">Result</th><th scope=\"col\">Evidence</th></tr></thead>\n<tbody>\n");
        for (size_t i = 0; i < r->session_n && i < PAGE_ROWS; i++) {
            const struct session *s = &r->session[i];
            out_c(p->o, "<tr>");
            td(p, "Visit");
            out_c(p->o, "<div class=\"cell\">");
            nth(p, 'S', (uint32_t)i, r->session_n, true);
            out_c(p->o, " ");
            if (s->intruder < r->intruder_n)
                nth(p, 'I', s->intruder, r->intruder_n, false);
            out_c(p->o, "</div>");
            td_end(p);
            td(p, "From");
            out_c(p->o, "<div class=\"cell\">");
            page_names(p, s->clients);
            out_c(p->o, "</div>");
            td_end(p);
            td(p, "When");
            out_c(p->o, "<div class=\"cell\">");
            span_of_time(p, s->first_us, s->last_us);
            out_c(p->o, "</div>");
            td_end(p);
            td(p, "Result");
            out_c(p->o, "<div class=\"cell\">");
            page_badge(p, s->succeeded ? "got in" : "did not get in", s->succeeded ? TONE_BAD : TONE_PLAIN);
            if (s->cve.n) {
                out_c(p->o, "<div class=\"sub\">");
                page_names(p, s->cve);
                out_c(p->o, "</div>");
            }
            out_c(p->o, "</div>");
            td_end(p);
            td(p, "Evidence");
            page_refs(p, s->findings);
            td_end(p);
            out_c(p->o, "</tr>\n");
        }
        out_c(p->o, "</tbody>\n</table>\n");
        page_more(p, (r->session_n > PAGE_ROWS ? r->session_n - PAGE_ROWS : 0) + r->omitted.sessions);
    }
    out_c(p->o, "</section>\n");
}

void page_theft(const struct page *p)
{
    const struct campaign *c = &p->r->campaign;
    char                   size[WORDS_TEXT];

    page_section(p, "theft", "What was taken");
    out_fmt(p->o, "<p>%s</p>\n", word_theft(c->theft.state).meaning);
    if (c->theft.item_n) {
        out_c(p->o, "<table class=\"stack\">\n<thead><tr><th scope=\"col\">What</th><th scope=\"col\">Name</th><th scope=\"col\" class=\"num\">Size</th></tr></thead>\n<tbody>\n");
        for (size_t i = 0; i < c->theft.item_n && i < PAGE_ROWS; i++) {
            out_c(p->o, "<tr>");
            td(p, "What");
            html_text(p->o, c->theft.item[i].what);
            td_end(p);
            td(p, "Name");
            page_code(p, c->theft.item[i].name);
            td_end(p);
            words_bytes(c->theft.item[i].bytes, size);
            out_fmt(p->o, "<td data-l=\"Size\" class=\"num\">%s", c->theft.item[i].bytes ? size : "\xE2\x80\x93");
            td_end(p);
            out_c(p->o, "</tr>\n");
        }
        out_c(p->o, "</tbody>\n</table>\n");
        page_more(p, c->theft.item_n > PAGE_ROWS ? c->theft.item_n - PAGE_ROWS : 0);
    }
    out_c(p->o, "</section>\n");
}

void page_others(const struct page *p)
{
    const struct report *r = p->r;

    if (r->other_n == 0)
        return;
    page_section(p, "others", "Other servers to look at");
    out_c(p->o, "<ul class=\"plain\">\n");
    for (size_t i = 0; i < r->other_n && i < PAGE_ROWS; i++) {
        out_c(p->o, "<li>");
        page_code(p, r->other[i].name);
        out_c(p->o, " ");
        html_text(p->o, r->other[i].why);
        out_c(p->o, r->other[i].hunted ? "; its own report stands beside this one " : " ");
        page_refs(p, r->other[i].findings);
        out_c(p->o, "</li>\n");
    }
    out_c(p->o, "</ul>\n");
    page_more(p, r->other_n > PAGE_ROWS ? r->other_n - PAGE_ROWS : 0);
    out_c(p->o, "</section>\n");
}
