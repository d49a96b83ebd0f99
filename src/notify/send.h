/*
 * send: takes what is due out of the outbox and hands it to the MTA, one by one, until nothing is due.
 *
 * Shape    first leases that ended (outbox_recover), then claim, intent, smtp, result. Several may run at once, each with a store opened with STORE_SHARE and an owner's name of its own.
 * Fence    a sender whose lease ended before the end of the message was written drops the connection instead of writing it.
 * Waits    for buckets and retries, on `stop`; without `follow` only for what is due within wait_us.
 * Errors   of the store. What the MTA says is a result, no error.
 */
#ifndef NOTIFY_SEND_H
#define NOTIFY_SEND_H

#include "notify/smtp.h"
#include "os/stop.h"

struct send_options {
    struct os      *os;
    struct smtp_mta mta;
    struct str      owner, bounce_domain;          /* VERP: b+TOKEN@bounce_domain */
    struct str      only_to;                       /* a test instance: every recipient is this address; empty: none */
    struct outbox_rates rates;
    struct os_stop *stop;                          /* NULL: none */
    int64_t         wait_us;                       /* waits so long at most for the next one to be due */
    bool            follow;                        /* until stopped */
    uint64_t        most;                          /* 0: all */
    void          (*told)(void *ctx, const struct notice *n, const struct handed *h); void *told_ctx;
};
struct send_counts { uint64_t accepted, later, refused, not_sent, unknown, lost /* claims that were not ours any more */, queued_again, in_doubt; };
bool send_run(struct ledger *l, const struct send_options *o, struct send_counts *ret, struct err *e);

#endif
