/*
 * dsn: the machine-readable part of what mail systems send back: delivery status notifications and feedback reports.
 *
 * Shape    blocks of header fields parted by empty lines. dsn_block cuts the next block off a text; dsn_field finds a field in it, unfolded, without regard to case. The first block speaks
 *          of the message, the others of one recipient each.
 * Values   "rfc822; it@bakery.example" is type and value; dsn_value gives what follows the type, without blanks and angle brackets. A status is class.subject.detail.
 * Bounds   DSN_FIELD_MAX bytes a value: longer ones are cut. Any number of fields and blocks; a text is walked once for each question.
 * Hostile  every byte; NUL and control bytes stay in the value, and are the reader's to escape.
 * Errors   none: what is not there is empty.
 * Source   RFC 3464, 2.1; RFC 3463, 2; RFC 5965, 3; RFC 6533 (utf-8 types; "\x{..}" is undone).
 */
#ifndef FORMATS_DSN_H
#define FORMATS_DSN_H

#include "base/arena.h"
#include "base/str.h"

enum { DSN_FIELD_MAX = 2000 };

/* The next block that has any field; *rest moves on. False: no more. */
bool dsn_block(struct str *rest, struct str *ret);
/* Empty: not there, or the arena is full. Folded lines are one, with one blank between. The first of several counts. */
struct str dsn_field(struct str block, const char *name, struct arena *a);
/* "550 5.1.1 no" of "smtp; 550 5.1.1 no"; *ret_type "smtp", may be NULL. Without a type: all of it. */
struct str dsn_value(struct str field, struct str *ret_type);
/* An address: dsn_value, without <>; of type utf-8 with \x{...} undone, in the arena. */
struct str dsn_address(struct str field, struct arena *a);
/* "5.1.1", also with a comment behind it. */
bool dsn_status(struct str s, uint16_t ret[3]);

#endif
