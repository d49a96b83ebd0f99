/*
 * mailbox: where mail waits to be read: a Maildir, an mbox, or one message in a file.
 *
 * Shape    mailbox_open says what a path is. A Maildir: mailbox_list gives the names in new/, as delivered (by name); mailbox_take its bytes; mailbox_seen moves one to cur/, once its
 *          message is in the store: ":2,S" when nobody has to look at it, ":2," when somebody has (so that a mail reader shows it as unread). A file: mailbox_bytes, and mbox_next where
 *          mbox_is says that it holds several.
 * Left     links, folders and devices in new/ are counted and left; nothing is followed. A message larger than MAIL_BYTES_MAX is refused for itself (ERR_LIMIT).
 * mbox     messages begin at a line "From " at the beginning or after an empty line. ">From " stays as it is: nobody's signature is checked by what an mbox made of it.
 * Bounds   MAILBOX_NAMES_MAX names at once: the rest next time, and told; MAILBOX_BYTES_MAX an mbox.
 * Owner    names and bytes in the arena.
 * Errors   of os.h. ERR_USAGE: a folder that is no Maildir.
 * Source   the layout as Dovecot and Postfix keep it (new, cur, tmp; info ":2,"); RFC 4155 for mbox.
 */
#ifndef NOTIFY_MAILBOX_H
#define NOTIFY_MAILBOX_H

#include "notify/mail_parts.h"
#include "os/os.h"

enum { MAILBOX_NAMES_MAX = 200000, MAILBOX_BYTES_MAX = 128 << 20 };
enum mailbox_kind { MAILBOX_DIR, MAILBOX_FILE };
struct mailbox { struct os *os; struct str path; enum mailbox_kind kind; };
bool mailbox_open(struct os *os, struct str path, struct mailbox *ret, struct err *e);

/* --- a Maildir --- */
/* *ret_left: what is no plain file, and names beyond the bound. */
bool mailbox_list(const struct mailbox *m, struct arena *a, struct str **ret, size_t *ret_n, uint64_t *ret_left, struct err *e);
bool mailbox_take(const struct mailbox *m, struct str name, struct arena *a, struct str *ret, struct err *e);
bool mailbox_seen(const struct mailbox *m, struct str name, bool open, struct err *e);

/* --- a file --- */
bool mailbox_bytes(const struct mailbox *m, struct arena *a, struct str *ret, struct err *e);
bool mbox_is(struct str head);
/* The next message without its "From " line; *rest moves on. False: no more. */
bool mbox_next(struct str *rest, struct str *ret);

#endif
