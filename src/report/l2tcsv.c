/*
 * l2t.csv: dated findings in the 17 fixed columns of log2timeline, for tools that read nothing newer.
 *
 * Shape    no quoting, as plaso writes it: a comma in a value becomes a blank. A double quote becomes a single one, because a reader that does
 *          know quotes would swallow the rows that follow. Control, direction-changing and invisible characters are spelled out (visible.h).
 * Safe     a value that begins with = + - @ gets an apostrophe before it, as in the other tables; "-" alone means empty.
 * Not done findings without a time: placeholder times break readers. Fractions of a second stand in `extra`.
 * Source   plaso, output module l2tcsv; interchange sheet, section 3.2.
 */
#include "emit/visible.h"
#include "report/outs.h"

#include <string.h>

enum { CELL_MAX = 32000 };

static void sep(struct out *o) { out_c(o, ","); }

/* The inside of a cell; *fresh: nothing stands in it yet. */
static void text(struct out *o, struct str s, bool *fresh)
{
    struct visible v;

    for (size_t n = 0; n < CELL_MAX && visible_step(s, &v); s = str_from(s, v.take), n += v.take) {
        if (*fresh && (v.cp == '=' || v.cp == '+' || v.cp == '-' || v.cp == '@') && v.as_is)
            out_c(o, "'");
        *fresh = false;
        if (!v.as_is)
            out_c(o, v.text);
        else if (v.cp == ',')
            out_c(o, " ");
        else if (v.cp == '"')
            out_c(o, "'");
        else
            out_str(o, str_sub(s, 0, v.take));
    }
}

static void cell(struct out *o, struct str s)
{
    bool fresh = true;

    text(o, s, &fresh);
    if (fresh)
        out_c(o, "-");
    sep(o);
}

static void write_row(struct outs *x, struct out *o, const struct outs_row *row)
{
    const struct report      *r = x->r;
    const struct finding     *f = report_finding(r, row->finding);
    const struct cite        *c = f && f->evidence_n ? &f->evidence[0] : NULL;
    const struct ev_node     *n = c ? report_node(r, c->node) : NULL;
    const struct family_info *fam = n && n->family > FAM_NONE && n->family < FAM_COUNT ? &family_table[n->family] : NULL;
    char                      when[TIME_TEXT] = "";
    bool                      fresh = true;

    time_text(row->time_us, when);
    out_fmt(o, "%.2s/%.2s/%.4s,%.8s,UTC,....,", when + 5, when + 8, when, when + 11);
    out_fmt(o, "%s,", fam && fam->log ? "LOG" : "FILE");
    cell(o, str_c(fam ? (fam->title ? fam->title : fam->name) : NULL));
    out_fmt(o, "%s,", fam && fam->log ? "Event logged" : "Time stated by the evidence");
    cell(o, STR_EMPTY);
    cell(o, report_server(r));
    cell(o, row->text);
    if (f) {                                       /* desc: what, why and the decisive fields */
        text(o, row->text, &fresh);
        text(o, STR(". "), &fresh);
        text(o, f->why, &fresh);
        if (c && c->excerpt.n) {
            text(o, STR(" | "), &fresh);
            text(o, c->excerpt, &fresh);
        }
        sep(o);
    } else {
        cell(o, row->text);
    }
    out_c(o, "2,");
    cell(o, n ? n->path : STR_EMPTY);
    cell(o, STR_EMPTY);
    cell(o, f ? str_c(f->id) : STR_EMPTY);
    out_c(o, "afterpatch");
    if (f) {
        out_c(o, "/");
        fresh = false;
        text(o, f->detector, &fresh);
    }
    sep(o);
    fresh = false;
    out_fmt(o, "time_us: %06lld", (long long)(((row->time_us % TIME_SECOND) + TIME_SECOND) % TIME_SECOND));
    if (f && axis_name(f->axis)) {
        out_fmt(o, "; %s: ", axis_name(f->axis));
        text(o, f->axis_state, &fresh);
    }
    if (c && c->line)
        out_fmt(o, "; line: %llu", (unsigned long long)c->line);
    if (c && c->record)
        out_fmt(o, "; record: %llu", (unsigned long long)c->record);
    if (row->session != REPORT_NONE)
        out_fmt(o, "; session: S%u", row->session + 1);
    out_c(o, "\n");
}

bool report_l2tcsv_write(struct out *o, const struct report *r, struct arena scratch, struct err *e)
{
    struct outs x;
    size_t      n = 0;

    if (!outs_open(&x, r, scratch, e))
        return false;
    struct outs_row *row = outs_rows(r, &x.a, &n);
    x.bad |= !row;
    out_c(o, "date,time,timezone,MACB,source,sourcetype,type,user,host,short,desc,version,filename,inode,notes,format,extra\n");
    for (size_t i = 0; i < n; i++)
        write_row(&x, o, &row[i]);
    return outs_done(&x, o, e);
}
