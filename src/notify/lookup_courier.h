/*
 * lookup_courier: the network of look-ups (lookup_net.h) in a process of its own (os/courier.h), which holds no store, and which the look-up does not believe.
 *
 * Shape    lookup_courier_open gives a table that sends each question to the courier and hears its answer (lookup_wire.h). lookup_courier_work is what the courier does: it opens the network,
 *          shuts itself but for the ports of questions and the authorities' files, and answers.
 * Judged   each set of addresses comes back as a question before anything is sent to one of them; `may` is asked in this process, which has the store.
 * Broken   a courier that dies, keeps silent or says what it may not is a broken answer to that question, and a note; the next question goes to the next courier. After the last one each
 *          question is an ERR_IO: look-ups end.
 * Unable   a courier that cannot shut itself or has no network: an ERR_IO in its own words.
 * Bounds   `ms` of a question and LOOKUP_COURIER_MS for the DNS before it and the way; wire_hear's.
 * Threads  one.
 */
#ifndef NOTIFY_LOOKUP_COURIER_H
#define NOTIFY_LOOKUP_COURIER_H

#include "notify/lookup_net.h"
#include "os/courier.h"

enum { LOOKUP_COURIER_MS = 15000 };

struct lookup_courier_options {
    struct courier *courier;       /* the caller's, who closes it after the table */
    lookup_may *may; void *may_ctx;
    void (*note)(void *ctx, struct str what); void *note_ctx;          /* NULL: nobody listens */
    void (*beat)(void *ctx); void *beat_ctx;           /* after each message, for a watch over silence; NULL: none */
    uint32_t ms;                   /* tests: instead of LOOKUP_COURIER_MS */
};
bool lookup_courier_open(struct lookup_net *ret, const struct lookup_courier_options *o, struct arena *a, struct err *e);

/* A courier_work. options: a const struct lookup_net_options; its may is not used. */
void lookup_courier_work(void *options, int fd);

#endif
