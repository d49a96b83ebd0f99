/*
 * event_inner: what the files of event.h share: event.c reads a record, event_columns.c finds its columns, event_aim.c what it was aimed at, event_field.c gives rules their values.
 */
#ifndef DETECT_EVENT_INNER_H
#define DETECT_EVENT_INNER_H

#include "detect/event.h"

static inline bool event_of_iis(enum family f) { return f == FAM_IIS_FRONT || f == FAM_IIS_BACK || f == FAM_HTTPERR; }

static inline struct str event_cell(const struct record *r, const struct binding *b, enum column c)
{
    int16_t at = b->col[c];
    return at >= 0 && (size_t)at < r->n ? r->value[at] : STR_EMPTY;
}

/* "198.51.100.1:50123", "[2001:db8::1]:443", "fe80::1%12": the address alone. */
struct str event_without_port(struct str ip);
/* "a,b+c" -> text with blanks: IIS writes '+' for a blank, HttpProxy drops commas and leaves two blanks (sheet 2). */
struct str event_plain_agent(struct arena *a, struct str s, bool plus);

void event_put_url(struct event *e, struct arena *scratch);        /* url */
void event_put_query(struct event *e, struct arena *scratch);      /* query, active */

/* Target, canary and mailbox of a forged request; leaves others as they are. */
void event_read_target(struct event *e, struct arena *a, struct str anchor, struct str cookie);
/* has_set, set_url, set_plain, out of the command. */
void event_read_set_url(struct event *e);
/* A path that the OAB service has no business with. Sheet 5. */
bool event_foreign_path(const struct ev *ev, struct arena *a, struct str path);

/* Which value of ours a field's name means; 0: none. */
uint8_t event_derived_of(struct str name);

#endif
