/*
 * mime: one message to one recipient as bytes that stay as they are: what is signed is what is sent, at every attempt. GMime's only writing file.
 *
 * Shape    sheet 5.1 and 5.2: headers in a fixed order; multipart/mixed of a text (quoted-printable) and attachments (base64); with a key multipart/signed around it (RFC 3156): the
 *          inner part canonical, CRLF, seven bits, no blank at a line's end, no line that begins "From ". Boundaries come from the Message-ID, so that the same input gives the same bytes.
 * Headers  text in any of them is what it is, never a line of its own: control bytes become blanks, letters beyond ASCII encoded words. Addresses must be addresses (mailaddr.h): ERR_USAGE.
 * Bounds   MIME_BYTES_MAX a message (ERR_LIMIT: attach less), MIME_PARTS_MAX attachments.
 * Owner    the arena.
 * Source   RFC 5322, 2045 to 2047, 3156, 3834, 4180.
 */
#ifndef NOTIFY_MIME_H
#define NOTIFY_MIME_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { MIME_BYTES_MAX = 1 << 20, MIME_PARTS_MAX = 8 };

struct mime_part { struct str type /* "text/csv; charset=utf-8; header=present" */, name, bytes; };
struct mime_field { const char *name; struct str value; };
struct mime_mail {
    struct str from_name, from, to, reply_to, subject, message_id /* without <> */, in_reply_to;
    int64_t    date_us;
    bool       auto_submitted;     /* machine-sent: RFC 3834 */
    const struct mime_field *extra; size_t extra_n;    /* "X-CERT-Case" */
    struct str text;               /* UTF-8, lines with LF */
    const struct mime_part *part; size_t part_n;
};
/* os/openpgp.h. open: the same key held open, for many messages by any number of threads; NULL: it is looked up for this one. */
struct openpgp_signer;
struct signer { struct str home, key; struct openpgp_signer *open; };

/* key NULL: unsigned. */
bool mime_build(const struct mime_mail *m, const struct signer *key, struct arena *a, struct str *ret, struct err *e);

#endif
