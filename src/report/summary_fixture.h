/*
 * summary_fixture: summaries for tests, made of the reports of fixture.h: several servers, one that failed, links both ways, hostile names.
 *
 * Used by the tests beside the module and by tests/browser and tests/schema; never part of the program.
 */
#ifndef REPORT_SUMMARY_FIXTURE_H
#define REPORT_SUMMARY_FIXTURE_H

#include "report/fixture.h"
#include "report/summary.h"

static inline bool summary_fixture_row(struct summary *s, struct arena *a, enum fixture_kind kind, const char *name, struct str *taken, size_t *taken_n, struct err *e)
{
    struct fixture *x = fixture_make(a, kind);
    struct str      folder;

    x->found.server.fqdn_n = 0;
    x->found.server.name = kind == FIX_HOSTILE ? fix_text(x, name) : str_c(name);
    if (s->row_n == 0) {
        s->tool_version = x->r.tool_version;
        s->tlp = x->r.tlp;
        s->organisation = x->r.organisation;
        s->case_id = x->r.case_id;
        s->sandbox = x->r.sandbox;
        s->started_us = x->r.started_us;
    }
    if (!summary_folder(x->found.server.name, taken, *taken_n, a, &folder, e))
        return false;
    taken[(*taken_n)++] = folder;
    return summary_add(s, &x->r, folder, a, e);
}

/* hostile: whoever wrote the evidence chose the names. 8 MiB. */
static inline bool summary_fixture(struct summary *s, struct arena *a, bool hostile, struct err *e)
{
    enum fixture_kind full = hostile ? FIX_HOSTILE : FIX_FULL;
    struct str        taken[8], folder;
    size_t            n = 0;
    struct err        why = { 0 };

    *s = (struct summary){ 0 };
    err_set(&why, ERR_FORMAT, hostile ? "cut\x1B[2J=cmd|x<script>" : "the archive is cut at 512 bytes");
    return summary_fixture_row(s, a, full, "EXCH03", taken, &n, e) && summary_fixture_row(s, a, FIX_CLEAN, "exch02", taken, &n, e) &&
           summary_fixture_row(s, a, full, "EXCH01", taken, &n, e) && summary_fixture_row(s, a, FIX_MISSING, "", taken, &n, e) &&
           summary_folder(STR("EXCH04"), taken, n, a, &folder, e) && summary_fail(s, STR("EXCH04"), folder, &why, a, e) && summary_settle(s, a, e);
}

#endif
