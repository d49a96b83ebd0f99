#include "notify/lookup_wire.h"

#include <string.h>

#include "base/rd.h"

/* --- writing --- */

struct wr { uint8_t *p; size_t n; bool full; };

static void put(struct wr *w, uint64_t v, size_t bytes)
{
    if (bytes > WIRE_MESSAGE_MAX - w->n) {
        w->full = true;
        return;
    }
    for (size_t i = 0; i < bytes; i++)
        w->p[w->n++] = (uint8_t)(v >> 8 * i);
}

static void put_bytes(struct wr *w, struct str s)
{
    if (s.n > WIRE_MESSAGE_MAX - w->n) {
        w->full = true;
        return;
    }
    if (s.n)
        memcpy(w->p + w->n, s.p, s.n);
    w->n += s.n;
}

static void put_text(struct wr *w, struct str s, size_t max)
{
    if (s.n > max) {
        w->full = true;
        return;
    }
    put(w, s.n, 2);
    put_bytes(w, s);
}

static struct str cut(struct str s, size_t max) { return str_sub(s, 0, max); }

static void put_ask(struct wr *w, const struct lookup_ask *q)
{
    put(w, q->way, 1);
    put(w, (uint64_t)q->type, 2);
    put(w, q->bytes_max, 4);
    put(w, q->ms, 4);
    put(w, q->cut_ok, 1);
    put_text(w, q->host, WIRE_HOST_MAX);
    put_text(w, q->path, LOOKUP_PATH_MAX);
    put_text(w, q->accept, LOOKUP_TYPE_MAX);
    put_text(w, cut(q->user_agent, WIRE_WHO_MAX), WIRE_WHO_MAX);
    put_text(w, cut(q->from, WIRE_WHO_MAX), WIRE_WHO_MAX);
    put_text(w, q->line, LOOKUP_PATH_MAX);
}

static void put_end(struct wr *w, const struct lookup_got *g)
{
    put(w, g->end, 1);
    put(w, (uint64_t)(g->status > 0 && g->status <= 999 ? g->status : 0), 2);
    put(w, g->cut, 1);
    put(w, (uint64_t)(g->retry_s < 0 ? 0 : g->retry_s > UINT32_MAX ? UINT32_MAX : g->retry_s), 4);
    put_text(w, cut(g->location, LOOKUP_PATH_MAX), LOOKUP_PATH_MAX);
    put_text(w, cut(g->type, LOOKUP_TYPE_MAX), LOOKUP_TYPE_MAX);
    put_text(w, cut(g->why, WIRE_WHY_MAX), WIRE_WHY_MAX);
}

size_t wire_write(const struct wire_said *x, uint8_t *buf)
{
    struct wr w = { .p = buf };

    put(&w, x->kind, 1);
    put(&w, x->number, 4);
    switch (x->kind) {
    case WIRE_ASK:
        put_ask(&w, &x->ask);
        break;
    case WIRE_VERDICT:
        put(&w, x->may, 1);
        put_text(&w, cut(x->why, WIRE_WHY_MAX), WIRE_WHY_MAX);
        break;
    case WIRE_MAY:
        put_text(&w, cut(x->host, WIRE_HOST_MAX), WIRE_HOST_MAX);
        put(&w, x->ip_n, 1);
        put_bytes(&w, (struct str){ x->ip[0], 16 * (x->ip_n < LOOKUP_IPS_MAX ? x->ip_n : LOOKUP_IPS_MAX) });
        break;
    case WIRE_PIECE:
        put_bytes(&w, cut(x->piece, WIRE_PIECE_MAX));
        break;
    case WIRE_END:
        put_end(&w, &x->got);
        break;
    case WIRE_UNABLE:
        put_text(&w, cut(x->why, WIRE_WHY_MAX), WIRE_WHY_MAX);
        break;
    }
    return w.full ? 0 : w.n;
}

/* --- reading --- */

static struct str text(struct rd *r, size_t max)
{
    size_t n = rd_u16le(r);

    if (n > max)
        r->bad = true;
    return rd_take(r, n);
}

static bool flag(struct rd *r)
{
    uint8_t v = rd_u8(r);

    r->bad |= v > 1;
    return v == 1;
}

static bool known_type(uint32_t type) { return type == DNSMSG_A || type == DNSMSG_SOA || type == DNSMSG_PTR || type == DNSMSG_MX || type == DNSMSG_AAAA; }

static void read_ask(struct rd *r, struct lookup_ask *q)
{
    uint8_t  way = rd_u8(r);
    uint32_t type = rd_u16le(r);

    r->bad |= way >= LOOKUP_WAYS || !(way == LOOKUP_DNS ? known_type(type) : type == 0);
    if (r->bad)
        return;
    q->way = (enum lookup_way)way;
    q->type = (enum dnsmsg_type)type;
    q->bytes_max = rd_u32le(r);
    q->ms = rd_u32le(r);
    q->cut_ok = flag(r);
    q->host = text(r, WIRE_HOST_MAX);
    q->path = text(r, LOOKUP_PATH_MAX);
    q->accept = text(r, LOOKUP_TYPE_MAX);
    q->user_agent = text(r, WIRE_WHO_MAX);
    q->from = text(r, WIRE_WHO_MAX);
    q->line = text(r, LOOKUP_PATH_MAX);
}

static void read_may(struct rd *r, struct wire_said *x)
{
    x->host = text(r, WIRE_HOST_MAX);
    size_t     n = rd_u8(r);
    struct str all = rd_take(r, 16 * n);

    r->bad |= n == 0 || n > LOOKUP_IPS_MAX;
    if (r->bad)
        return;
    x->ip_n = n;
    memcpy(x->ip, all.p, all.n);
}

static void read_end(struct rd *r, struct lookup_got *g)
{
    uint8_t  end = rd_u8(r);
    uint32_t status = rd_u16le(r);

    r->bad |= end >= LOOKUP_ENDS || status > 999;
    if (r->bad)
        return;
    g->end = (enum lookup_end)end;
    g->status = (int)status;
    g->cut = flag(r);
    g->retry_s = rd_u32le(r);
    g->location = text(r, LOOKUP_PATH_MAX);
    g->type = text(r, LOOKUP_TYPE_MAX);
    g->why = text(r, WIRE_WHY_MAX);
}

bool wire_read(struct str message, struct wire_said *ret)
{
    struct rd r = { .s = message };
    uint8_t   kind = rd_u8(&r);

    *ret = (struct wire_said){ .number = rd_u32le(&r) };
    if (r.bad || message.n > WIRE_MESSAGE_MAX || kind < WIRE_ASK || kind > WIRE_UNABLE)
        return false;
    ret->kind = (enum wire_kind)kind;
    switch (ret->kind) {
    case WIRE_ASK:
        read_ask(&r, &ret->ask);
        break;
    case WIRE_VERDICT:
        ret->may = flag(&r);
        ret->why = text(&r, WIRE_WHY_MAX);
        break;
    case WIRE_MAY:
        read_may(&r, ret);
        break;
    case WIRE_PIECE:
        ret->piece = rd_take(&r, rd_left(&r));
        r.bad |= ret->piece.n == 0;
        break;
    case WIRE_END:
        read_end(&r, &ret->got);
        break;
    case WIRE_UNABLE:
        ret->why = text(&r, WIRE_WHY_MAX);
        break;
    }
    return !r.bad && rd_left(&r) == 0;
}

/* --- the look-up's side --- */

/* Nothing that a host said comes before somebody allowed to ask it. The DNS is asked without. */
static bool may_answer(const struct wire_talk *t) { return t->q->way == LOOKUP_DNS || (t->mays && t->allowed); }

static enum wire_heard hear_may(struct wire_talk *t, const struct wire_said *x)
{
    if (t->q->way == LOOKUP_DNS || t->mays == WIRE_MAYS_MAX || t->body_n || (t->mays ? !t->allowed : !str_ieq(x->host, t->q->host)))
        return WIRE_BROKEN;
    t->mays++;
    t->asked = true;
    return WIRE_JUDGE;
}

static enum wire_heard hear_end(const struct wire_talk *t, const struct wire_said *x)
{
    if (t->mays && !t->allowed)
        return x->got.end == LOOKUP_FORBIDDEN ? WIRE_ENDED : WIRE_BROKEN;
    return x->got.end == LOOKUP_ANSWERED && !may_answer(t) ? WIRE_BROKEN : WIRE_ENDED;
}

enum wire_heard wire_hear(struct wire_talk *t, struct str message, struct wire_said *ret)
{
    if (t->asked || !wire_read(message, ret) || ret->number != t->number)
        return WIRE_BROKEN;
    switch (ret->kind) {
    case WIRE_MAY:
        return hear_may(t, ret);
    case WIRE_PIECE:
        if (!may_answer(t) || ret->piece.n > t->q->bytes_max - t->body_n)
            return WIRE_BROKEN;
        t->body_n += ret->piece.n;
        return WIRE_MORE;
    case WIRE_END:
        return hear_end(t, ret);
    case WIRE_UNABLE:
        return t->mays || t->body_n ? WIRE_BROKEN : WIRE_CANNOT;
    case WIRE_ASK: case WIRE_VERDICT:
        break;
    }
    return WIRE_BROKEN;
}

void wire_judged(struct wire_talk *t, bool may)
{
    t->asked = false;
    t->allowed = may;
}
