/*
 * smtp: one message to one recipient through the team's own MTA; libESMTP's only file.
 *
 * Shape    one connection, one message, one RCPT (RFC 5321); DSN is asked for where the MTA offers it (RFC 3461): RET=HDRS, ENVID, NOTIFY=SUCCESS,FAILURE,DELAY, ORCPT.
 * The dot  before_dot is called once, when all bytes are given away and before their end is: nothing of the end (final dot, or the last chunk) is on the wire before it returns. A message that
 *          failed without that call was provably not sent: HANDED_NOT.
 * Result   what the MTA said of the message: HANDED_ACCEPTED only with its 2xx after the data. A session that broke after the dot without an answer: HANDED_UNKNOWN.
 * Bytes    lines end with CRLF; dots are stuffed by the library. Headers are sent as they are.
 * Bounds   timeouts by RFC 5321, 4.5.3.2, at least; ours are these.
 * Threads  one session a thread. SIGPIPE must be ignored by the program.
 * Owner    strings of the result in the arena.
 */
#ifndef NOTIFY_SMTP_H
#define NOTIFY_SMTP_H

#include "notify/outbox.h"

struct smtp_mta { const char *host_port; const char *hello; bool tls; };          /* "127.0.0.1:25"; tls: STARTTLS where offered */
struct smtp_mail { const char *from, *rcpt, *envid; struct str bytes; };          /* envelope addresses; envid: printable ASCII */
struct smtp_watch { void *ctx; bool (*before_dot)(void *ctx); };      /* false: the end must not be written; the connection is dropped */
/* Fills what, code, answer and queue_id ("queued as ..." of Postfix, Exim's id). */
void smtp_send(const struct smtp_mta *mta, const struct smtp_mail *m, const struct smtp_watch *watch, struct arena *a, struct handed *ret);

#endif
