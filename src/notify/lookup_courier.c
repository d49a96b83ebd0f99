/* See lookup_courier.h: the look-up's end. */
#include "notify/lookup_courier.h"

#include "notify/lookup_net_inner.h"
#include "notify/lookup_wire.h"
#include "os/os.h"

_Static_assert((int)WIRE_MESSAGE_MAX <= (int)COURIER_MESSAGE_MAX, "a message fits");

struct asker {
    struct lookup_courier_options o;
    struct lookup_body body;
    uint32_t number;
    uint8_t  said[WIRE_MESSAGE_MAX], heard[COURIER_MESSAGE_MAX + 1];
};

static bool say(struct asker *k, const struct wire_said *x, bool *ret_fits)
{
    size_t n = wire_write(x, k->said);

    *ret_fits = n > 0;
    return courier_say(courier_fd(k->o.courier), (struct str){ k->said, n });
}

static bool no_more(struct err *e)
{
    err_set(e, ERR_IO, "the process that asks the network was replaced %d times, and no more", COURIERS_MAX - 1);
    return err_hint(e, "what was found is kept; the notes say at which hosts it broke: please report them, and look up again");
}

/* One that has died since its last answer has heard nothing: the next is asked the same. False: there is none. */
static bool put_question(struct asker *k, const struct lookup_ask *q, bool *ret_fits, struct err *e)
{
    struct wire_said x = { .kind = WIRE_ASK, .number = ++k->number, .ask = *q };

    for (;;) {
        if (courier_fd(k->o.courier) < 0 && !courier_next(k->o.courier))
            return no_more(e);
        if (say(k, &x, ret_fits) || !*ret_fits)
            return true;
        courier_leave(k->o.courier);
    }
}

static void broken(struct asker *k, const struct lookup_ask *q, const char *how, struct lookup_got *ret, struct arena *a)
{
    struct str note = str_fmt(a, "the process that asks the network %s at %.*s, and is replaced", how, STR_ARG(q->host));

    courier_leave(k->o.courier);
    *ret = (struct lookup_got){ .end = LOOKUP_BROKEN, .why = str_fmt(a, "the process that asks the network %s", how) };
    if (k->o.note && note.p)
        k->o.note(k->o.note_ctx, note);
}

/* Texts of the END outlive the message. */
static bool take(struct asker *k, const struct lookup_got *said, struct lookup_got *ret, struct arena *a, struct err *e)
{
    *ret = *said;
    ret->location = str_dup(a, said->location);
    ret->type = str_dup(a, said->type);
    ret->why = str_dup(a, said->why);
    if ((said->location.n && !ret->location.p) || (said->type.n && !ret->type.p) || (said->why.n && !ret->why.p))
        return lookup_net_no_room(e);
    if (ret->end == LOOKUP_ANSWERED)
        ret->body = (struct str){ k->body.p, k->body.n };
    return true;
}

static bool verdict(struct asker *k, struct wire_talk *t, const struct wire_said *x)
{
    struct wire_said y = { .kind = WIRE_VERDICT, .number = t->number, .may = true };
    bool             fits;

    if (k->o.may)
        y.may = k->o.may(k->o.may_ctx, x->host, x->ip, x->ip_n, &y.why);
    wire_judged(t, y.may);
    return say(k, &y, &fits);
}

static bool unable(struct asker *k, struct str why, struct err *e)
{
    courier_leave(k->o.courier);
    return err_set(e, ERR_IO, "%.*s", STR_ARG(why));
}

/* Until the END of the question, or until the courier is none any more. */
static bool converse(struct asker *k, const struct lookup_ask *q, struct arena *a, struct lookup_got *ret, struct err *e)
{
    struct wire_talk t = { .number = k->number, .q = q };
    struct wire_said x;
    struct str       message;
    int64_t          until = lookup_tick_ms() + q->ms + (k->o.ms ? k->o.ms : LOOKUP_COURIER_MS);

    for (;;) {
        int64_t            left = until - lookup_tick_ms();
        enum courier_heard got = courier_hear(courier_fd(k->o.courier), k->heard, left > 0 ? left : 0, &message);

        if (got != COURIER_MESSAGE) {
            broken(k, q, got == COURIER_LATE ? "kept silent" : "died", ret, a);
            return true;
        }
        if (k->o.beat)
            k->o.beat(k->o.beat_ctx);
        switch (wire_hear(&t, message, &x)) {
        case WIRE_JUDGE:
            if (verdict(k, &t, &x))
                break;
            broken(k, q, "died", ret, a);
            return true;
        case WIRE_MORE:
            if (lookup_body_keep(&k->body, x.piece.p, x.piece.n))
                break;
            courier_leave(k->o.courier);
            return lookup_net_no_room(e);
        case WIRE_ENDED:
            return take(k, &x.got, ret, a, e);
        case WIRE_CANNOT:
            return unable(k, x.why, e);
        case WIRE_BROKEN:
            broken(k, q, "said what it may not", ret, a);
            return true;
        }
    }
}

static bool ask(void *ctx, const struct lookup_ask *q, struct arena *a, struct lookup_got *ret, struct err *e)
{
    struct asker *k = ctx;
    bool          fits;

    k->body.n = 0;
    *ret = (struct lookup_got){ .end = LOOKUP_BROKEN, .why = STR("an address that cannot be asked") };
    if (!put_question(k, q, &fits, e))
        return false;
    return !fits || converse(k, q, a, ret, e);
}

static void shut(void *ctx)
{
    struct asker *k = ctx;

    lookup_body_drop(&k->body);
}

bool lookup_courier_open(struct lookup_net *ret, const struct lookup_courier_options *o, struct arena *a, struct err *e)
{
    struct asker *k = NEW(a, struct asker, 1);

    if (!k)
        return lookup_net_no_room(e);
    k->o = *o;
    *ret = (struct lookup_net){ k, ask, shut };
    return true;
}
