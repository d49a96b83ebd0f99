/* lookup_net_inner: what the files of the network itself share (lookup_net.h): one that is open, one way to ask each. */
#ifndef NOTIFY_LOOKUP_NET_INNER_H
#define NOTIFY_LOOKUP_NET_INNER_H

#include "notify/lookup_net.h"

#include <ares.h>
#include <curl/curl.h>

/* Bytes of an answer, kept from one question to the next. */
struct lookup_body { uint8_t *p; size_t n, cap; };
bool lookup_body_keep(struct lookup_body *b, const void *p, size_t n);         /* false: no room */
void lookup_body_drop(struct lookup_body *b);

struct lookup_direct {
    struct lookup_net_options o;
    struct lookup_net  self;
    const char        *ca;
    CURL              *easy;
    ares_channel       ares;
    bool               has_ares;
    struct lookup_body body;
    uint8_t            ip[LOOKUP_IPS_MAX][16]; size_t ip_n;        /* that were judged */
};

int64_t lookup_tick_ms(void);
bool lookup_net_no_room(struct err *e);
uint16_t lookup_direct_port(const struct lookup_direct *d, enum lookup_way way);
/* Resolves and judges. False: ret->end says why nobody is asked, or e for want of memory. */
bool lookup_judged(struct lookup_direct *d, struct str host, struct arena *a, struct lookup_got *ret, struct err *e);

bool lookup_ares_open(struct lookup_direct *d, struct arena *a, struct err *e);
void lookup_ares_close(struct lookup_direct *d);
size_t lookup_ares_ports(const struct lookup_direct *d, uint16_t *ret, size_t max);
bool lookup_ares_ask(struct lookup_direct *d, const struct lookup_ask *q, struct arena *a, struct lookup_got *ret, struct err *e);
bool lookup_https_ask(struct lookup_direct *d, const struct lookup_ask *q, struct arena *a, struct lookup_got *ret, struct err *e);
bool lookup_whois_ask(struct lookup_direct *d, const struct lookup_ask *q, struct arena *a, struct lookup_got *ret, struct err *e);

#endif
