/*
 * case_why: what case_why.c (a screen) and case_why_json.c share.
 */
#ifndef CLI_CASE_WHY_H
#define CLI_CASE_WHY_H

#include "casework/why.h"
#include "cli/case_data.h"
#include "emit/json.h"

struct why_view { struct case_data d; const struct args *args; struct out *o; uint32_t columns; bool json, all; struct js j; };

/* v->j is open between the two: one object, about: "server", "case", "two", "key". */
void why_json_begin(struct why_view *v, const char *about);
void why_json_end(struct why_view *v);
void why_json_server(struct why_view *v, const struct why_asset *w);       /* into the object at hand */
/* Whole answers. */
void why_json_two(struct why_view *v, const struct why_two *w);
void why_json_key(struct why_view *v, const struct why_about_key *w);

#endif
