/*
 * render: every form of the report, as one table. A form is drawn from struct report alone.
 */
#ifndef REPORT_RENDER_H
#define REPORT_RENDER_H

#include "emit/out.h"
#include "verdict/report.h"

struct render_kind {
    const char *name;            /* "json" */
    const char *file;            /* "report.json": its name under --out */
    const char *about;           /* one line for help and docs */
    bool (*write)(struct out *o, const struct report *r, struct arena scratch, struct err *e);
};
extern const struct render_kind *const render_kinds[];   /* NULL-ended */

/* One screen for people: verdict, reasons, back doors, what was not covered, first steps. width: columns. */
bool render_terminal(struct out *o, const struct report *r, struct arena scratch, bool colour, uint32_t width, struct err *e);

#endif
