/*
 * inbox_fixture: a desk with one notice that was sent to it@bakery.example (contact 99), for the tests of what comes back. Only tests include it.
 */
#ifndef NOTIFY_INBOX_FIXTURE_H
#define NOTIFY_INBOX_FIXTURE_H

#include "test.h"

#include "base/num.h"
#include "casework/tables.h"
#include "notify/inbox.h"
#include "notify/mail_parts.h"
#include "notify/outbox_inner.h"
#include "notify/tables.h"
#include "os/mem.h"

enum { DESK_ROOM = 32 << 20 };
#define NOW INT64_C(1615536000000000)

struct desk { struct store *s; struct os_mem *m; struct ledger *l; struct arena a; uint8_t *room; struct notice n; };

static inline struct desk begin_in(struct str where)
{
    struct desk d = { .room = malloc(DESK_ROOM) };
    struct err  e = { 0 };
    struct case_campaign c = { .slug = STR("proxylogon"), .begun_us = TIME_NONE, .report_us = TIME_NONE, .patch_us = TIME_NONE, .code_us = TIME_NONE };
    int64_t     campaign;
    enum decided r;

    d.a = (struct arena){ .beg = d.room, .end = d.room + DESK_ROOM };
    d.m = os_mem_open(&d.a, NOW);
    CHECK(store_open(&d.s, where, STORE_WRITE, &e) && ledger_open(&d.l, d.s, &d.m->os, STR("ada"), &e) && store_migrate(d.s, &notify_layer, &e) && ledger_begin(d.l, &e) &&
          ledger_campaign(d.l, &c, &campaign, &e));
    d.n = (struct notice){ .campaign = campaign, .case_ = 7, .org = 7, .channel = CONTACT_EMAIL, .contact = STR("it@bakery.example"), .contact_id = 99, .bucket = STR("provider.example"), .domain = STR("bakery.example"),
                           .date_us = NOW, .not_before_us = NOW, .give_up_us = NOW + TIME_DAY };
    CHECK(outbox_decide(d.l, &d.n, STR("cert.example"), &r, &e) && r == DECIDED_NEW && outbox_step(d.l, d.n.id, &(struct step){ .to = NOTICE_ACCEPTED, .attempt = 1, .at_us = NOW }, &e) && ledger_commit(d.l, &e));
    return d;
}

static inline struct desk begin(void) { return begin_in(STR(":memory:")); }

static inline void end(struct desk *d)
{
    ledger_close(d->l);
    store_close(d->s);
    free(d->room);
}

static inline int64_t one(struct desk *d, const char *sql)
{
    struct err e = { 0 };
    int64_t    n = -1;

    if (!store_one_int(d->s, sql, &n, &e) && e.kind != ERR_NONE)
        fail_msg("%s: %s", sql, e.what);
    return n;
}

/* "%T" is the notice's token, "%M" its Message-ID, "%X" a token that nobody made. */
static inline struct str filled(struct desk *d, const char *text)
{
    struct str out = STR_EMPTY;

    for (const char *p = text; *p; p++) {
        struct str more = { (const uint8_t *)p, 1 };
        if (*p == '%' && strchr("TMX", p[1])) {
            more = p[1] == 'T' ? str_c(d->n.token) : p[1] == 'M' ? str_c(d->n.message_id) : STR("aaaaaaaaaaaaaaaaaaaaaaaaaa");
            p++;
        }
        out = str_fmt(&d->a, "%.*s%.*s", STR_ARG(out), STR_ARG(more));
    }
    return out;
}

#endif
