/*
 * parts: what the forms of the report share.
 *
 * Everything is read from struct report; indices are checked here, once, so that a form never walks outside an array.
 */
#ifndef REPORT_PARTS_H
#define REPORT_PARTS_H

#include "report/render.h"

bool report_json_write(struct out *o, const struct report *r, struct arena scratch, struct err *e);
bool report_html_write(struct out *o, const struct report *r, struct arena scratch, struct err *e);
bool report_timeline_write(struct out *o, const struct report *r, struct arena scratch, struct err *e);
bool report_manifest_write(struct out *o, const struct report *r, struct arena scratch, struct err *e);
bool report_stix_write(struct out *o, const struct report *r, struct arena scratch, struct err *e);
bool report_misp_write(struct out *o, const struct report *r, struct arena scratch, struct err *e);
bool report_ecs_write(struct out *o, const struct report *r, struct arena scratch, struct err *e);
bool report_l2tcsv_write(struct out *o, const struct report *r, struct arena scratch, struct err *e);

#define REPORT_NONE UINT32_MAX

/* NULL: the citation names no node. */
const struct ev_node *report_node(const struct report *r, uint32_t node);
/* NULL: no such finding. */
const struct finding *report_finding(const struct report *r, uint32_t index);
/* The row of a family; one that says "nothing was seen" in *blank when the verdict gave none. */
const struct cover_row *report_cover(const struct report *r, enum family f, struct cover_row *blank);
/* What was seen of the row's family; never NULL. */
const struct seen *report_seen(const struct report *r, const struct cover_row *row);
/* The name of the server for people: full name, else computer name, else empty. */
struct str report_server(const struct report *r);
/* Refused files that are in no list. */
uint64_t report_refused_more(const struct report *r);

#endif
