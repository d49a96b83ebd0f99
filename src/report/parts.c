#include "report/parts.h"

static const struct render_kind kind_json = {
    "json", "report.json", "the whole answer for machines; docs/report.schema.json describes it", report_json_write };
static const struct render_kind kind_html = {
    "html", "report.html", "the whole answer for people, one page that works offline and prints", report_html_write };
static const struct render_kind kind_timeline = {
    "timeline", "timeline.csv", "dated findings for Timesketch and spreadsheets", report_timeline_write };
static const struct render_kind kind_manifest = {
    "manifest", "manifest.csv", "every file that was read, with its SHA-256", report_manifest_write };
static const struct render_kind kind_stix = {
    "stix", "stix.json", "a STIX 2.1 bundle for threat platforms", report_stix_write };
static const struct render_kind kind_misp = {
    "misp", "misp.json", "a MISP event, not published", report_misp_write };
static const struct render_kind kind_ecs = {
    "ecs", "ecs.ndjson", "findings and coverage in the Elastic Common Schema", report_ecs_write };
static const struct render_kind kind_l2tcsv = {
    "l2tcsv", "l2t.csv", "dated findings in log2timeline's old table", report_l2tcsv_write };

const struct render_kind *const render_kinds[] = { &kind_json, &kind_html, &kind_timeline, &kind_manifest,
                                                   &kind_stix, &kind_misp, &kind_ecs, &kind_l2tcsv, NULL };

const struct ev_node *report_node(const struct report *r, uint32_t node)
{
    const struct ev *ev = r->found ? r->found->ev : NULL;

    return ev && node < ev->node_n ? &ev->node[node] : NULL;
}

const struct finding *report_finding(const struct report *r, uint32_t index)
{
    return index < r->finding_n ? &r->finding[index] : NULL;
}

const struct cover_row *report_cover(const struct report *r, enum family f, struct cover_row *blank)
{
    for (size_t i = 0; i < r->cover_n; i++)
        if (r->cover[i].family == f)
            return &r->cover[i];
    *blank = (struct cover_row){ .family = f, .how_to_get = str_c(family_table[f].how_to_get) };
    return blank;
}

const struct seen *report_seen(const struct report *r, const struct cover_row *row)
{
    static const struct seen nothing = { .oldest_us = TIME_NONE, .newest_us = TIME_NONE };

    if (row->seen)
        return row->seen;
    return r->found && (unsigned)row->family < FAM_COUNT ? &r->found->seen[row->family] : &nothing;
}

struct str report_server(const struct report *r)
{
    if (!r->found)
        return STR_EMPTY;
    return r->found->server.fqdn_n ? r->found->server.fqdn[0] : r->found->server.name;
}

uint64_t report_refused_more(const struct report *r)
{
    uint64_t more = r->found && r->found->ev ? r->found->ev->refused_more : 0;

    return r->omitted.refused > more ? r->omitted.refused : more;
}
