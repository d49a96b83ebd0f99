/* See lookup_courier.h: the courier's end. What it hears comes from a process that is not less trusted than itself; it is read by the same bounded reader. */
#include "notify/lookup_courier.h"

#include <string.h>

#include "notify/lookup_wire.h"
#include "os/os.h"

enum { ROOM = 16 << 20 };

struct answerer {
    int      fd;
    uint32_t number;
    bool     lost;                 /* nobody asks any more */
    uint8_t  said[WIRE_MESSAGE_MAX], asked[COURIER_MESSAGE_MAX + 1], verdict[COURIER_MESSAGE_MAX + 1];
};

static void say(struct answerer *k, struct wire_said *x)
{
    x->number = k->number;
    size_t n = wire_write(x, k->said);
    k->lost |= !courier_say(k->fd, (struct str){ k->said, n });
}

static bool hear(struct answerer *k, enum wire_kind want, uint8_t *buf, struct wire_said *ret)
{
    struct str message;

    k->lost |= courier_hear(k->fd, buf, COURIER_FOREVER, &message) != COURIER_MESSAGE || !wire_read(message, ret) || ret->kind != want;
    return !k->lost;
}

static bool may(void *ctx, struct str host, const uint8_t (*ip)[16], size_t n, struct str *ret_why)
{
    struct answerer *k = ctx;
    struct wire_said x = { .kind = WIRE_MAY, .host = host, .ip_n = n }, y;

    *ret_why = STR("nobody says whether it may be asked");
    memcpy(x.ip, ip, n * sizeof *x.ip);
    say(k, &x);
    if (k->lost || !hear(k, WIRE_VERDICT, k->verdict, &y) || y.number != k->number)
        return false;
    *ret_why = y.why;
    return y.may;
}

static void answer(struct answerer *k, struct lookup_net *net, const struct lookup_ask *q, struct arena a)
{
    struct wire_said x = { .kind = WIRE_END };
    struct err       e = { 0 };

    if (!net->ask(net->ctx, q, &a, &x.got, &e))
        x.got = (struct lookup_got){ .end = LOOKUP_BROKEN, .why = str_c(e.what) };
    for (struct str rest = x.got.end == LOOKUP_ANSWERED ? x.got.body : STR_EMPTY; rest.n && !k->lost;) {
        struct wire_said piece = { .kind = WIRE_PIECE, .piece = str_sub(rest, 0, WIRE_PIECE_MAX) };
        say(k, &piece);
        rest = str_from(rest, piece.piece.n);
    }
    say(k, &x);
}

static bool ready(struct answerer *k, struct lookup_net_options *o, struct lookup_net *net, struct arena *a, struct err *e)
{
    struct str file[LOOKUP_FILES_MAX];
    uint16_t   port[LOOKUP_PORTS_MAX];

    o->may = may;
    o->may_ctx = k;
    if (!lookup_net_open(net, o, a, e))
        return false;
    struct sandbox_rules left = { .read = file, .read_n = lookup_net_files(o, file) };
    return courier_shut(&left, port, lookup_net_ports(net, port), e);
}

void lookup_courier_work(void *options, int fd)
{
    const struct lookup_net_options *given = options;
    struct lookup_net_options o = *given;
    struct lookup_net net = { 0 };
    struct answerer   k = { .fd = fd };
    struct wire_said  x;
    struct arena      a = { 0 };
    struct err        e = { 0 };

    bool ok = os_arena_map(&a, ROOM, &e) && ready(&k, &o, &net, &a, &e);
    while (hear(&k, WIRE_ASK, k.asked, &x)) {
        struct wire_said cannot = { .kind = WIRE_UNABLE, .why = str_c(e.what) };

        k.number = x.number;
        if (ok)
            answer(&k, &net, &x.ask, a);
        else
            say(&k, &cannot);
    }
}
