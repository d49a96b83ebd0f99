#include "cli/status_draw.h"

#include <stdio.h>
#include <string.h>

void draw_key(const struct page *p, const char *cls, const char *name)
{
    out_fmt(p->o, strncmp(cls, "curve", 5) == 0 ? "<svg class=\"line\" aria-hidden=\"true\"><path class=\"%s\" d=\"M0,6 32,6\"/></svg>%s\n"
                                                : "<svg class=\"line\" aria-hidden=\"true\"><line class=\"%s\" x1=\"0\" x2=\"32\" y1=\"6\" y2=\"6\"/></svg>%s\n", cls, name);
}

void draw_value(const struct page *p, const char *label, struct str value)
{
    page_cell(p, label, false);
    out_c(p->o, "<strong>");
    html_short(p->o, value.n ? value : STR("unknown"), 60);
    out_c(p->o, "</strong>");
    page_cell_end(p);
}

void draw_map(const struct page *p, struct arena scratch, const char *title, const char *count, const struct draw_country *c, size_t n, const char *says)
{
    struct tile_count *t = NEW(&scratch, struct tile_count, n ? n : 1);
    size_t             away = 0;

    if (!t)                                        /* without room the table alone: it says as much */
        n = n > 0 ? n : 0;
    out_fmt(p->o, "<h3>%s</h3>\n<div class=\"map\">\n<div>", title);
    for (size_t i = 0; t && i < n; i++) {
        t[i] = (struct tile_count){ .tile = tile_of(c[i].code), .n = (double)c[i].n };
        away += !t[i].tile;
        tile_number(c[i].n, t[i].text);
    }
    if (t)
        tiles_draw(p, t, n, says);
    out_fmt(p->o, "<p class=\"legend\">One tile for each country, about where it lies; darker is more, each shade three times the next.%s</p></div>\n",
            away ? " What has no tile is in the table." : "");
    out_fmt(p->o, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s by country\">\n<table>\n<thead><tr><th scope=\"col\">Country</th><th scope=\"col\" class=\"num\">%s</th></tr></thead>\n<tbody>\n", count, count);
    for (size_t i = 0; i < n; i++) {
        out_c(p->o, "<tr>");
        draw_value(p, "Country", c[i].code);
        page_cell(p, count, true);
        html_text(p->o, str_c(c[i].text));
        page_cell_end(p);
        out_c(p->o, "</tr>\n");
    }
    out_c(p->o, "</tbody>\n</table>\n</div>\n</div>\n");
}

void draw_campaign_begin(const struct page *p, struct str slug, struct str title)
{
    out_c(p->o, "<section id=\"c-");
    html_id(p->o, slug);
    out_c(p->o, "\">\n<h2>");
    html_short(p->o, slug, 60);
    if (title.n && !str_eq(title, slug)) {
        out_c(p->o, " <span class=\"sub\">");
        html_short(p->o, title, 120);
        out_c(p->o, "</span>");
    }
    out_c(p->o, "</h2>\n");
}

void draw_campaign_nav(const struct page *p, const struct str *slug, size_t n)
{
    out_c(p->o, "<nav aria-label=\"Campaigns\">\n");
    for (size_t i = 0; i < n; i++) {
        out_c(p->o, "<a href=\"#c-");
        html_id(p->o, slug[i]);
        out_c(p->o, "\">");
        html_short(p->o, slug[i], 60);
        out_c(p->o, "</a>\n");
    }
    out_c(p->o, "</nav>\n");
}
