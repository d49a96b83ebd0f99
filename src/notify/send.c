/* See send.h. */
#include "notify/send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_BYTES = 4 << 20 };

struct sending { struct ledger *l; const struct send_options *o; struct claim claim; uint64_t bytes; };

/* Nothing of the end is on the wire yet; when this is not committed, nothing may be. */
static bool before_dot(void *ctx)
{
    struct sending *x = ctx;
    struct err      e = { 0 };

    return outbox_dot(x->l, &x->claim, x->bytes, x->o->os->now_us(x->o->os), &e);
}

static const char *c_text(struct arena *a, struct str s)
{
    char *p = NEW(a, char, s.n + 1);

    if (p) {
        if (s.n)
            memcpy(p, s.p, s.n);
        p[s.n] = 0;
    }
    return p;
}

/* An address that could end its line, or begin a new one, is none. */
static bool plain(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] == '<' || s.p[i] == '>' || s.p[i] == 0x7f)
            return false;
    return s.n > 0 && s.n <= 254;
}

static void count(struct send_counts *n, enum hand_over what)
{
    uint64_t *const at[] = { [HANDED_ACCEPTED] = &n->accepted, [HANDED_LATER] = &n->later, [HANDED_REFUSED] = &n->refused, [HANDED_NOT] = &n->not_sent, [HANDED_UNKNOWN] = &n->unknown };
    ++*at[what];
}

static bool one(struct sending *x, const struct notice *n, struct arena a, struct send_counts *ret, struct err *e)
{
    const struct send_options *o = x->o;
    struct handed              h = { .what = HANDED_REFUSED, .retry_us = TIME_NONE };
    struct str                 rcpt = o->only_to.n ? o->only_to : n->contact, bytes = STR_EMPTY;
    struct err                 why = { 0 };
    char                       envid[32];
    struct smtp_mail           mail = { .envid = envid };
    struct smtp_watch          watch = { x, before_dot };

    snprintf(envid, sizeof envid, "%lld", (long long)n->id);
    if (!plain(rcpt))
        h.answer = STR("the recipient is no mail address");
    else if (!outbox_bytes(ledger_store(x->l), n->id, &a, &bytes, &why))
        h.answer = why.kind != ERR_NONE ? str_fmt(&a, "%s", why.what) : STR("the message is not there any more");
    else {
        mail.bytes = bytes;
        x->bytes = bytes.n;
        mail.rcpt = c_text(&a, rcpt);
        mail.from = c_text(&a, str_fmt(&a, "b+%s@%.*s", n->token, STR_ARG(o->bounce_domain)));
        if (!mail.rcpt || !mail.from)
            return err_set(e, ERR_MEMORY, "no room for a message");
        if (!outbox_intent(x->l, &x->claim, o->os->now_us(o->os), e)) {
            ret->lost += e->kind == ERR_NONE;
            return e->kind == ERR_NONE;
        }
        smtp_send(&o->mta, &mail, &watch, &a, &h);
    }
    h.at_us = o->os->now_us(o->os);
    if (!outbox_result(x->l, &x->claim, &h, e)) {
        ret->lost += e->kind == ERR_NONE;
        return e->kind == ERR_NONE;
    }
    count(ret, h.what);
    if (o->told)
        o->told(o->told_ctx, n, &h);
    return true;
}

/* False: somebody wants us to stop. */
static bool wait_until(const struct send_options *o, int64_t when_us, int64_t now_us)
{
    int64_t ms = (when_us - now_us) / 1000 + 1;

    return !os_stop_wait(o->stop, ms > 60000 ? 60000 : (uint32_t)ms);
}

static bool work(struct sending *x, struct arena room, struct send_counts *ret, struct err *e)
{
    const struct send_options *o = x->o;
    int64_t                    checked = TIME_NONE;

    for (uint64_t sent = 0; !o->most || sent < o->most; ) {
        struct arena  a = room;
        struct notice n;
        int64_t       now = o->os->now_us(o->os), next = TIME_NONE;
        uint64_t      queued, doubt;

        if (o->stop && os_stop_asked(o->stop))
            return true;
        if (checked == TIME_NONE || now - checked >= TIME_MINUTE || now < checked) {
            if (!outbox_recover(x->l, now, &queued, &doubt, e))
                return false;
            ret->queued_again += queued;
            ret->in_doubt += doubt;
            checked = now;
        }
        if (outbox_claim(x->l, o->owner, CONTACT_EMAIL, &o->rates, now, &a, &x->claim, &n, &next, e)) {
            if (!one(x, &n, a, ret, e))
                return false;
            sent++;
            continue;
        }
        if (e->kind != ERR_NONE)
            return false;
        if (!o->follow && (next == TIME_NONE || next - now > o->wait_us))
            return true;
        if (!wait_until(o, next == TIME_NONE || next - now > TIME_MINUTE ? now + TIME_MINUTE : next, now))
            return true;
    }
    return true;
}

bool send_run(struct ledger *l, const struct send_options *o, struct send_counts *ret, struct err *e)
{
    struct sending x = { .l = l, .o = o };
    uint8_t       *room = malloc(ROOM_BYTES);

    *ret = (struct send_counts){ 0 };
    if (!room)
        return err_set(e, ERR_MEMORY, "no room for a message");
    bool ok = work(&x, (struct arena){ .beg = room, .end = room + ROOM_BYTES }, ret, e);
    free(room);
    return ok;
}
