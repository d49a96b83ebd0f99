/*
 * timeline.csv: dated findings as Timesketch imports them. Findings without a time are left out: it drops placeholder times.
 * Source: Timesketch documentation, "Create timeline from JSON/JSONL/CSV file"; interchange sheet, section 3.1.
 */
#include "emit/csv.h"
#include "emit/json.h"
#include "emit/out_mem.h"
#include "report/outs.h"
#include "report/parts.h"

#include <stdlib.h>
#include <string.h>

enum { CELL_MAX = 32000 };                     /* longer values lose keyword search there */

/* Timesketch wants an offset where RFC 3339 allows Z. */
static struct str offset_time(int64_t us, char buf[TIME_TEXT + 8])
{
    time_text(us, buf);
    size_t n = strlen(buf);
    if (n && buf[n - 1] == 'Z')
        memcpy(buf + n - 1, "+00:00", 7);
    return str_c(buf);
}

static const char *time_means(enum family f)
{
    switch (f) {
    case FAM_IIS_FRONT: case FAM_IIS_BACK: case FAM_HTTPERR: case FAM_HTTPPROXY: case FAM_ECP_SERVER: case FAM_ECP_ACTIVITY:
    case FAM_EWS: case FAM_AUTODISCOVER:
        return "Request received";
    case FAM_OAB_GENERATOR: case FAM_CMDLET: case FAM_AV_LOGS: case FAM_SETUP:
        return "Event logged";
    default:
        return "Time stated by the evidence";
    }
}

static struct str cut_cell(struct str s)
{
    if (s.n <= CELL_MAX)
        return s;
    size_t n = CELL_MAX;
    while (n > CELL_MAX - 4 && (s.p[n] & 0xC0) == 0x80)
        n--;
    return str_sub(s, 0, n);
}

/* A JSON list in one cell: ["exploitation", "succeeded", "CVE-2021-26855"]. */
static bool tags(const struct finding *f, struct out *cell, struct arena *a, struct str *ret, struct err *e)
{
    struct out_mem m = { .a = a };
    struct js      j;

    out_open(cell, out_mem_put, &m);
    js_open(&j, cell, true);
    js_array(&j);
    if (axis_name(f->axis))
        js_c(&j, axis_name(f->axis));
    if (f->axis_state.n)
        js_str(&j, f->axis_state);
    for (size_t i = 0; i < f->cve.n; i++)
        js_str(&j, f->cve.item[i]);
    for (size_t i = 0; i < f->attack.n; i++)
        js_str(&j, f->attack.item[i]);
    if (f->probe)
        js_c(&j, "probe");
    js_end(&j);
    if (!out_done(cell, e))
        return false;
    *ret = out_mem_str(&m);
    return true;
}

static bool write_row(struct csv *c, const struct report *r, const struct outs_row *row, struct out *cell, struct arena scratch, struct err *e)
{
    const struct finding *f = report_finding(r, row->finding);
    const struct ev_node *n = f && f->evidence_n ? report_node(r, f->evidence[0].node) : NULL;
    const struct session *s = row->session < r->session_n ? &r->session[row->session] : NULL;
    enum family           fam = n && n->family < FAM_COUNT ? n->family : FAM_NONE;
    char                  when[TIME_TEXT + 8];
    struct str            tag = STR_EMPTY, type;

    if (f && !tags(f, cell, &scratch, &tag, e))
        return false;
    type = fam == FAM_IIS_FRONT || fam == FAM_IIS_BACK ? STR("iis:log:line")
         : str_fmt(&scratch, "afterpatch:%s", fam ? family_table[fam].name : "finding");
    if (!type.p)
        return err_set(e, ERR_MEMORY, "no room for a row of the timeline");
    csv_cell(c, cut_cell(row->text));
    csv_i64(c, row->time_us);
    csv_cell(c, offset_time(row->time_us, when));
    csv_cell(c, str_c(time_means(fam)));
    csv_cell(c, report_server(r));
    csv_cell(c, type);
    csv_cell(c, cut_cell(n ? n->path : STR_EMPTY));
    csv_cell(c, s && s->clients.n == 1 ? cut_cell(s->clients.item[0]) : STR_EMPTY);
    csv_cell(c, f ? f->detector : STR_EMPTY);
    csv_cell(c, f ? f->axis_state : STR_EMPTY);
    csv_cell(c, tag);
    csv_end(c);
    return true;
}

bool report_timeline_write(struct out *o, const struct report *r, struct arena scratch, struct err *e)
{
    size_t           n;
    struct outs_row *row  = outs_rows(r, &scratch, &n);
    struct out      *cell = NEW(&scratch, struct out, 1);
    struct csv       c;

    if (!row || !cell)
        return err_set(e, ERR_MEMORY, "no room to sort %zu rows of the timeline", r->timeline_n + r->finding_n);
    csv_open(&c, o, true);
    out_c(o, "message,timestamp,datetime,timestamp_desc,hostname,data_type,path,source_ip,rule,verdict_role,tag\r\n");
    for (size_t i = 0; i < n; i++)
        if (!write_row(&c, r, &row[i], cell, scratch, e))
            return false;
    return out_done(o, e);
}
