/*
 * courier: a process that goes into the network for one that may not. Messages over a pair of sockets are all that ties the two.
 *
 * Shape    courier_open, before a store is opened or anything else is read, forks a keeper, which reads nothing. When the first message for a courier comes, the keeper ends the one
 *          there was and forks the next, which runs work(ctx, fd): makes itself ready, shuts itself (courier_shut), and answers until its end of the pair says that nobody asks any more.
 * Message  comes whole or not at all, 1 to COURIER_MESSAGE_MAX bytes (SOCK_SEQPACKET). What it says is the caller's; a test for "too long" is the reader's.
 * Next     a courier that died or spoke nonsense is left (courier_leave), and ended as soon as the next is spoken to. COURIERS_MAX in all, in all processes that are forked behind courier_open:
 *          workers that follow each other (guard.h) take their own, so that none hears what was meant for another.
 * Shut     sandbox_enter_out; no file grows, no core is left, COURIER_MEMORY beyond what was mapped; stdin, stdout and stderr are /dev/null, nothing else is open.
 * Forgets  the environment, and what `forget` names (the address of a store may hold a password), are overwritten in the keeper and its couriers.
 * Ends     with whoever opened it, however that ends. Ctrl-C at the terminal does not reach it.
 * Trust    a courier may be under an attacker's control once it has read an answer: whoever hears it checks every byte. It cannot keep a reader beyond `ms`, nor name a length.
 * Needs    SIGPIPE ignored. Who asks is the process that opened it or one that was forked from it; nothing but read, write and poll is asked of his sandbox.
 * Errors   courier_open false: no process, no sockets.
 * Not done a courier that was taken over is not kept from connecting to whom it likes at its ports, or over UDP. Windows.
 */
#ifndef OS_COURIER_H
#define OS_COURIER_H

#include "base/arena.h"
#include "base/err.h"
#include "os/sandbox.h"

enum { COURIERS_MAX = 16, COURIER_MESSAGE_MAX = 32 << 10, COURIER_MEMORY = 256 << 20, COURIER_FOREVER = -1 };
enum courier_heard { COURIER_MESSAGE, COURIER_LATE, COURIER_GONE };

struct courier;
typedef void courier_work(void *ctx, int fd);
bool courier_open(struct courier **ret, courier_work *work, void *ctx, const struct str *forget, size_t forget_n, struct arena *a, struct err *e);
void courier_close(struct courier *c);                 /* by whoever opened it; NULL is allowed */

/* The next one, for this process alone. False: there is none any more. */
bool courier_next(struct courier *c);
void courier_leave(struct courier *c);                 /* the one there is: nothing of it is heard any more */
int  courier_fd(const struct courier *c);              /* of the one there is; -1: none */

/* ---- at both ends ---- */
bool courier_say(int fd, struct str message);          /* false: the other end is gone, or does not read */
/* buf: COURIER_MESSAGE_MAX + 1 bytes; the message is in it. ms: COURIER_FOREVER waits. */
enum courier_heard courier_hear(int fd, uint8_t *buf, int64_t ms, struct str *ret);

/* ---- in the courier, once it is ready and before it asks anybody ---- */
bool courier_shut(const struct sandbox_rules *r, const uint16_t *port, size_t port_n, struct err *e);

#endif
