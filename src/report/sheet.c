#include "report/sheet.h"

/* Shades of the map keep 4.5:1 between letters and ground, in the light and in the dark; lines differ by dashes as well as by colour. */
const char *const sheet_style[] = {
    "svg .curve3 { fill: none; stroke: var(--good); stroke-width: 2; } svg .curve4 { fill: none; stroke: var(--bad); stroke-width: 2; stroke-dasharray: 2 3; }",
    "svg .curve5 { fill: none; stroke: var(--text); stroke-width: 1.5; stroke-dasharray: 9 3 2 3; } svg .curve6 { fill: none; stroke: var(--unsure); stroke-width: 2; stroke-dasharray: 12 4; }",
    "svg .bars { fill: var(--have); } svg .peak { fill: var(--bad); }",
    "svg line.dated { stroke: var(--text); stroke-width: 1.5; stroke-dasharray: 4 3; } svg line.dated2 { stroke: var(--good); stroke-width: 2; } svg line.dated3 { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 1 3; }",
    "svg line.tested { stroke: var(--l3); stroke-width: 1.5; stroke-dasharray: 1 4; }",
    ".line { display: inline-block; width: 2rem; height: .7rem; margin: 0 .3rem 0 .8rem; vertical-align: -.05em; } .line:first-child { margin-left: 0; } .legend svg { overflow: visible; }",
    ".map { display: grid; grid-template-columns: minmax(0, 5fr) minmax(15rem, 2fr); gap: 1.5rem; align-items: start; } .map .scroll { max-height: 34rem; overflow: auto; }",
    ".map .scroll:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }",
    ".tilemap { width: 100%; height: auto; } .tilemap text { font-size: 10px; text-anchor: middle; fill: var(--text); } .tilemap .num { font-size: 11px; font-weight: 600; }",
    ".tilemap .m0 { fill: var(--soft); } .tilemap .away { fill: var(--muted); } .tilemap .m1, .tilemap .m2, .tilemap .m3, .tilemap .m4, .tilemap .m5 { fill: var(--accent); }",
    ".tilemap .m1 { fill-opacity: .12; } .tilemap .m2 { fill-opacity: .24; } .tilemap .m3 { fill-opacity: .38; } .tilemap .m4 { fill-opacity: .85; } .tilemap .n4, .tilemap .n5 { fill: var(--card); }",
    ".side { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 0 1.5rem; } .facts.wide { grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); }",
    ".facts + table { margin-top: 1rem; } .facts + h3, .map + h3, .side + h3, .plot + h3 { margin-top: 1.5rem; } .map + h3 + table, h3 + .map { margin-top: .6rem; } h3 + .legend { margin-top: .4rem; } table + .legend { margin-top: 1.25rem; }",
    ".share { color: var(--muted); font-size: .85em; white-space: nowrap; }",
    "@media (max-width: 900px) { .map { grid-template-columns: 1fr; } .map .scroll { max-height: none; } }",
    "@media (max-width: 640px) { .side { grid-template-columns: 1fr; } .stack td.num::before { white-space: normal; } }",
    "@media print { .map { grid-template-columns: 1fr; } .map .scroll { max-height: none; overflow: visible; } .tilemap { break-inside: avoid; max-width: 16cm; } }",
    NULL
};

void page_cell(const struct page *p, const char *label, bool number)
{
    out_fmt(p->o, "<td data-l=\"%s\"%s><div class=\"cell\">", label, number ? " class=\"num\"" : "");
}

void page_cell_end(const struct page *p) { out_c(p->o, "</div></td>"); }

void page_count_cell(const struct page *p, const char *label, int64_t n)
{
    page_cell(p, label, true);
    page_count(p, (uint64_t)(n < 0 ? 0 : n));
    page_cell_end(p);
}

void page_day(const struct page *p, int32_t day)
{
    char text[WORDS_TEXT];

    words_day((int64_t)day * TIME_DAY, text);
    out_fmt(p->o, "<span class=\"nb\">%s</span>", text);
}

void page_fact(const struct page *p, const char *name, const char *value)
{
    out_fmt(p->o, "<div><dt>%s</dt><dd>%s</dd></div>\n", name, value);
}

void page_stripes(const struct page *p)
{
    /* One pattern for all holes: stripes are seen in black and white as well. */
    out_c(p->o, "<svg width=\"0\" height=\"0\" class=\"defs\" aria-hidden=\"true\"><defs><pattern id=\"stripes\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" "
                "patternTransform=\"rotate(45)\"><rect class=\"s1\" width=\"7\" height=\"7\"/><rect class=\"s2\" width=\"3\" height=\"7\"/></pattern></defs></svg>\n");
}
