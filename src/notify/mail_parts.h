/*
 * mail_parts: a message that came in, taken apart; GMime's only reading file.
 *
 * Shape    headers of the message, and its parts front to back, flattened: each with its type, its decoded bytes, and how deep it lay. A message/rfc822 part is one part whose bytes are the
 *          inner message; its parts follow.
 * Bounds   MAIL_PARTS_MAX parts, MAIL_DEPTH_MAX levels, MAIL_BODY_MAX decoded bytes of all parts together; more sets `cut`. A message with more nested levels, or longer fields, than the library
 *          should be trusted with is not given to it (ERR_LIMIT).
 * Headers  as text: folded lines joined, encoded words decoded, invalid bytes replaced; hostile all the same. Of several of one name the first.
 * Owner    everything in the arena.
 * Errors   ERR_FORMAT: no message at all; ERR_LIMIT: too large; ERR_MEMORY.
 */
#ifndef NOTIFY_MAIL_PARTS_H
#define NOTIFY_MAIL_PARTS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { MAIL_BYTES_MAX = 32 << 20, MAIL_PARTS_MAX = 200, MAIL_DEPTH_MAX = 12, MAIL_BODY_MAX = 48 << 20, MAIL_HEADER_MAX = 4000 };

struct mail_part { struct str type /* "message/delivery-status", lower case */, report_type, name, bytes; uint32_t depth; };
struct mail_header { struct str name, value; };
struct mail {
    struct mail_header *header; size_t header_n;       /* of the outer message, in its order, at most 500 */
    struct mail_part   *part;   size_t part_n;
    struct str          report_type;                   /* of a multipart/report at the top */
    bool                cut;
};
/* What the library loads from the disk is loaded now, before a sandbox, and kept until mail_ready_end. */
enum { MAIL_CHARSETS = 13 };
struct mail_charsets { void *h[MAIL_CHARSETS]; };
void mail_ready(struct mail_charsets *ret);
void mail_ready_end(struct mail_charsets *c);
bool mail_read(struct str bytes, struct arena *a, struct mail *ret, struct err *e);
/* Empty: not there. */
struct str mail_header(const struct mail *m, const char *name);

#endif
