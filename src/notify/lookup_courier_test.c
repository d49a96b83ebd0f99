/* Couriers that lie, break and keep silent; and the real one, before a server on loopback that counts who comes. With a registry and TLS: lookup_test.c. */
#include "test.h"

#include "notify/lookup_courier.h"
#include "notify/lookup_wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static struct { uint32_t judged; bool may; int listener; bool early; char host[256], notes[4000]; size_t notes_n; } w;

static bool may(void *ctx, struct str host, const uint8_t (*ip)[16], size_t n, struct str *ret_why)
{
    struct pollfd p = { .fd = w.listener, .events = POLLIN };

    (void)ctx;
    w.judged++;
    w.early |= w.listener >= 0 && poll(&p, 1, 50) > 0;             /* somebody was there before we said so */
    snprintf(w.host, sizeof w.host, "%.*s %zu %d.%d.%d.%d", STR_ARG(host), n, ip[0][12], ip[0][13], ip[0][14], ip[0][15]);
    *ret_why = w.may ? STR_EMPTY : STR("it is a server of a campaign");
    return w.may;
}

static void noted(void *ctx, struct str what)
{
    (void)ctx;
    w.notes_n += (size_t)snprintf(w.notes + w.notes_n, sizeof w.notes - w.notes_n, "%.*s\n", STR_ARG(what));
}

struct world { struct test_arena t; struct courier *c; struct lookup_net net; };

static void world_open(struct world *x, courier_work *work, void *ctx)
{
    struct err e = { 0 };

    x->t = test_arena(1 << 20);
    CHECK(courier_open(&x->c, work, ctx, NULL, 0, &x->t.a, &e));
    struct lookup_courier_options o = { .courier = x->c, .may = may, .note = noted, .ms = 200 };
    CHECK(lookup_courier_open(&x->net, &o, &x->t.a, &e));
    w.judged = 0, w.early = false, w.may = true, w.notes_n = 0, w.notes[0] = 0;
}

static void world_close(struct world *x)
{
    lookup_net_close(&x->net);
    courier_close(x->c);
    test_arena_free(&x->t);
}

static struct lookup_got got_of(struct world *x, struct lookup_ask q)
{
    struct lookup_got got;
    struct err        e = { 0 };

    if (!x->net.ask(x->net.ctx, &q, &x->t.a, &got, &e))
        fail_msg("%s", e.what);
    return got;
}

static const struct lookup_ask get = { .way = LOOKUP_HTTPS, .host = STR_INIT("bakery.example"), .path = STR_INIT("/"), .accept = STR_INIT("text/plain"), .bytes_max = 1000, .ms = 100 };

/* --- couriers that were made to --- */

static void say(int fd, const struct wire_said *x)
{
    static uint8_t buf[WIRE_MESSAGE_MAX];

    (void)courier_say(fd, (struct str){ buf, wire_write(x, buf) });
}

static void end_with(int fd, uint32_t number, enum lookup_end end)
{
    say(fd, &(struct wire_said){ .kind = WIRE_END, .number = number, .got = { .end = end, .status = 200, .type = STR("text/plain") } });
}

/* Does to each question what its host is called. */
static void bad(void *ctx, int fd)
{
    static uint8_t   heard[COURIER_MESSAGE_MAX + 1], big[COURIER_MESSAGE_MAX + 1];
    struct wire_said x, judge, y;
    struct str       m;

    (void)ctx;
    while (courier_hear(fd, heard, COURIER_FOREVER, &m) == COURIER_MESSAGE && wire_read(m, &x)) {
        struct str host = x.ask.host;
        static uint8_t answer[COURIER_MESSAGE_MAX + 1];
        char           name[64];

        snprintf(name, sizeof name, "%.*s", STR_ARG(host));
        judge = (struct wire_said){ .kind = WIRE_MAY, .number = x.number, .host = host, .ip = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 7 } }, .ip_n = 1 };
        if (strcmp(name, "die.example") == 0)
            _exit(0);
        if (strcmp(name, "fall.example") == 0)
            raise(SIGSEGV);
        while (strcmp(name, "silent.example") == 0)
            pause();
        if (strcmp(name, "garbage.example") == 0)
            (void)courier_say(fd, STR("\xff\xff\xff\xff\xff\xff\xff\xff"));
        else if (strcmp(name, "empty.example") == 0)
            (void)!write(fd, "", 0);
        else if (strcmp(name, "oversized.example") == 0)
            (void)!write(fd, big, sizeof big);
        else if (strcmp(name, "length.example") == 0)
            (void)courier_say(fd, ((struct str){ (const uint8_t[]){ WIRE_MAY, (uint8_t)x.number, 0, 0, 0, 0xff, 0xff }, 7 }));
        else if (strcmp(name, "hasty.example") == 0)
            end_with(fd, x.number, LOOKUP_ANSWERED);
        else {
            say(fd, &judge);
            if (courier_hear(fd, answer, 2000, &m) != COURIER_MESSAGE || !wire_read(m, &y))
                return;
            if (strcmp(name, "deaf.example") == 0 || y.may)
                for (int i = 0; i < (strcmp(name, "endless.example") == 0 ? 1000 : 1); i++)
                    say(fd, &(struct wire_said){ .kind = WIRE_PIECE, .number = x.number, .piece = STR("Contact: x") });
            if (strcmp(name, "half.example") == 0)
                _exit(1);
            end_with(fd, x.number, y.may || strcmp(name, "deaf.example") == 0 ? LOOKUP_ANSWERED : LOOKUP_FORBIDDEN);
        }
    }
}

static void test_bad(void **state)
{
    static const struct { const char *host; bool may; enum lookup_end end; const char *why; } cases[] = {
        { "good.example", true, LOOKUP_ANSWERED, "" },
        { "die.example", true, LOOKUP_BROKEN, "died" },
        { "good.example", true, LOOKUP_ANSWERED, "" },                     /* the next one */
        { "fall.example", true, LOOKUP_BROKEN, "died" },
        { "half.example", true, LOOKUP_BROKEN, "died" },
        { "silent.example", true, LOOKUP_BROKEN, "kept silent" },
        { "garbage.example", true, LOOKUP_BROKEN, "said what it may not" },
        { "empty.example", true, LOOKUP_BROKEN, "died" },
        { "oversized.example", true, LOOKUP_BROKEN, "said what it may not" },
        { "length.example", true, LOOKUP_BROKEN, "said what it may not" },
        { "hasty.example", true, LOOKUP_BROKEN, "said what it may not" },
        { "endless.example", true, LOOKUP_BROKEN, "said what it may not" },
        { "deaf.example", false, LOOKUP_BROKEN, "said what it may not" },
        { "good.example", false, LOOKUP_FORBIDDEN, "" },
        { "good.example", true, LOOKUP_ANSWERED, "" },
    };
    struct world x;

    (void)state;
    w.listener = -1;
    world_open(&x, bad, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lookup_ask q = get;
        q.host = str_c(cases[i].host);
        w.may = cases[i].may;
        w.notes_n = 0, w.notes[0] = 0;
        struct lookup_got got = got_of(&x, q);
        CHECK_WHY(got.end == cases[i].end && str_has(got.why, str_c(cases[i].why)), cases[i].host);
        CHECK_WHY(got.end == LOOKUP_BROKEN ? strstr(w.notes, cases[i].host) != NULL : !w.notes_n, cases[i].host);
        if (got.end == LOOKUP_ANSWERED) {
            CHECK_STR(got.body, STR("Contact: x"));
            CHECK_STR(got.type, STR("text/plain"));
        } else
            CHECK(got.body.n == 0);
    }
    world_close(&x);
}

/* So often, and no more. */
static void test_last(void **state)
{
    struct world      x;
    struct lookup_got got;
    struct lookup_ask q = get;
    struct err        e = { 0 };

    (void)state;
    world_open(&x, bad, NULL);
    q.host = STR("die.example");
    for (int i = 0; i < COURIERS_MAX; i++)
        CHECK(got_of(&x, q).end == LOOKUP_BROKEN);
    CHECK(!x.net.ask(x.net.ctx, &q, &x.t.a, &got, &e) && e.kind == ERR_IO && e.what[0] && e.hint[0]);
    world_close(&x);
}

static void unable(void *ctx, int fd)
{
    static uint8_t heard[COURIER_MESSAGE_MAX + 1];
    struct str     m;

    (void)ctx;
    if (courier_hear(fd, heard, COURIER_FOREVER, &m) == COURIER_MESSAGE)
        say(fd, &(struct wire_said){ .kind = WIRE_UNABLE, .number = 1, .why = STR("sandbox: seccomp: no room") });
}

static void test_unable(void **state)
{
    struct world      x;
    struct lookup_got got;
    struct err        e = { 0 };

    (void)state;
    world_open(&x, unable, NULL);
    CHECK(!x.net.ask(x.net.ctx, &get, &x.t.a, &got, &e) && e.kind == ERR_IO && strcmp(e.what, "sandbox: seccomp: no room") == 0);
    world_close(&x);
}

/* --- the real one --- */

static uint16_t listening(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t          n = sizeof at;

    w.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    CHECK(w.listener >= 0 && bind(w.listener, (struct sockaddr *)&at, n) == 0 && listen(w.listener, 8) == 0 && getsockname(w.listener, (struct sockaddr *)&at, &n) == 0);
    return ntohs(at.sin_port);
}

static int came(void)
{
    int n = 0, fd;

    for (; (fd = accept(w.listener, NULL, NULL)) >= 0; n++)
        close(fd);
    return n;
}

/* Nobody comes to a host before its addresses were judged, nor after a no. */
static void test_judged_first(void **state)
{
    struct lookup_net_options o = { .dns = STR("127.0.0.1:1"), .loopback = true };
    struct lookup_ask q = get, line = { .way = LOOKUP_WHOIS, .host = STR("127.0.0.1"), .line = STR("192.0.2.7"), .bytes_max = 1000, .ms = 300 };
    struct world      x;

    (void)state;
    o.https_port = o.whois_port = listening();
    world_open(&x, lookup_courier_work, &o);
    q.host = STR("127.0.0.1");
    w.may = false;
    struct lookup_got got = got_of(&x, q);
    CHECK(got.end == LOOKUP_FORBIDDEN && w.judged == 1 && !w.early && came() == 0 && strcmp(w.host, "127.0.0.1 1 127.0.0.1") == 0);
    CHECK_STR(got.why, STR("it is a server of a campaign"));
    CHECK(got_of(&x, line).end == LOOKUP_FORBIDDEN && w.judged == 2 && !w.early && came() == 0);
    w.may = true;
    CHECK(got_of(&x, q).end == LOOKUP_LATE && w.judged == 3 && !w.early && came() == 1);       /* it speaks no TLS */
    CHECK(got_of(&x, line).end == LOOKUP_LATE && w.judged == 4 && !w.early && came() == 1);
    CHECK(!w.notes_n);
    world_close(&x);

    /* Special addresses are refused before anybody is asked. */
    o.loopback = false;
    world_open(&x, lookup_courier_work, &o);
    CHECK(got_of(&x, q).end == LOOKUP_FORBIDDEN && w.judged == 0 && came() == 0);
    line.line = STR("two\nlines");
    CHECK(got_of(&x, line).end == LOOKUP_FORBIDDEN && w.judged == 0);
    q.host = STR("bakery.example");
    got = got_of(&x, q);                               /* nobody answers at that port */
    CHECK(got.end != LOOKUP_ANSWERED && got.why.n && !w.notes_n);
    world_close(&x);
    close(w.listener);
}

/* Authorities that are not there: it says so, and does not go on less safe. */
static void test_nothing_to_trust(void **state)
{
    struct lookup_net_options o = { .dns = STR("127.0.0.1:1"), .ca = STR("/nowhere/ca.pem") };
    struct world      x;
    struct lookup_got got;
    struct err        e = { 0 };

    (void)state;
    world_open(&x, lookup_courier_work, &o);
    bool ok = x.net.ask(x.net.ctx, &get, &x.t.a, &got, &e);
    CHECK(ok ? got.end != LOOKUP_ANSWERED : e.kind == ERR_IO && strstr(e.what, "sandbox") != NULL);
    world_close(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_bad), cmocka_unit_test(test_last), cmocka_unit_test(test_unable), cmocka_unit_test(test_judged_first), cmocka_unit_test(test_nothing_to_trust) };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
