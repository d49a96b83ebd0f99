/* What needs no server. Answers of real servers are tried by tests/probe/lab.py. */
#include "test.h"

#include "base/net.h"
#include "os/fetch.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

struct world { uint32_t asked; bool yes; };

static bool may(void *ctx, uint32_t slot, const uint8_t ip[16], uint16_t port)
{
    struct world *w = ctx;

    (void)slot, (void)ip, (void)port;
    w->asked++;
    return w->yes;
}

static struct fetch_rules rules_of(struct world *w)
{
    return (struct fetch_rules){ .user_agent = "test/1 (+https://scan.example/; scan@example.org)", .from = "scan@example.org", .connect_ms = 300, .tls_ms = 300,
                                 .whole_ms = 1000, .body_max = 1000, .slots = 2, .may = may, .ctx = w };
}

/* A port of 127.0.0.1: nobody listens, or somebody who never says a word. */
static int listener(bool listens, uint16_t *ret_port)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t          n = sizeof in;
    int                fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&in, sizeof in) == 0 && getsockname(fd, (struct sockaddr *)&in, &n) == 0);
    CHECK(!listens || listen(fd, 4) == 0);
    *ret_port = ntohs(in.sin_port);
    return fd;
}

static struct fetch_answer once(struct fetch *f, uint16_t port)
{
    struct fetch_ask    ask = { .host = "127.0.0.1", .port = port, .path = "/owa/" };
    struct fetch_answer a = { 0 };
    struct err          e = { 0 };

    CHECK(net_ip_parse(STR("127.0.0.1"), ask.ip));
    CHECK(f->ask(f, 1, &ask, &e));
    CHECK(!f->ask(f, 1, &ask, &e) && e.kind == ERR_USAGE);        /* not twice at a time */
    for (int i = 0; i < 30 && !f->next(f, 100000, &a); i++)
        ;
    CHECK(a.slot == 1);
    return a;
}

static void ends(void **state)
{
    (void)state;
    struct world        w = { .yes = true };
    struct fetch_rules  r = rules_of(&w);
    struct fetch        f = { 0 };
    struct err          e = { 0 };
    uint16_t            closed, silent;
    int                 a = listener(false, &closed), b = listener(true, &silent);
    struct fetch_answer got;

    CHECK(fetch_open(&f, &r, -1, &e));
    got = once(&f, closed);
    CHECK(got.end == FETCH_REFUSED && !got.sent && !got.open && got.why[0] && w.asked == 1);
    f.end(&f, 1);
    got = once(&f, silent);
    CHECK(got.end == FETCH_NO_TLS && !got.sent && w.asked == 2);
    CHECK(got.taken_us > 250000 && got.taken_us < 3000000);
    f.end(&f, 1);
    w.yes = false;
    got = once(&f, silent);
    CHECK(got.end == FETCH_FORBIDDEN && !got.sent && w.asked == 3);
    f.end(&f, 1);
    /* In the middle of it, the slot can be ended and the whole closed. */
    w.yes = true;
    struct fetch_ask ask = { .host = "127.0.0.1", .port = silent, .path = "/owa/" };
    CHECK(net_ip_parse(STR("127.0.0.1"), ask.ip));
    CHECK(f.ask(&f, 0, &ask, &e));
    f.end(&f, 0);
    CHECK(f.ask(&f, 0, &ask, &e));
    f.close(&f);
    f.close(&f);
    close(a);
    close(b);
}

/* Resolving contacts nobody but the resolver: "localhost" comes from /etc/hosts. */
static void names(void **state)
{
    (void)state;
    struct world        w = { .yes = true };
    struct fetch_rules  r = rules_of(&w);
    struct fetch        f = { 0 };
    struct err          e = { 0 };
    struct fetch_answer a = { 0 };
    bool                local = false;
    uint8_t             four[16], six[16];

    CHECK(net_ip_parse(STR("127.0.0.1"), four) && net_ip_parse(STR("::1"), six));
    CHECK(fetch_open(&f, &r, -1, &e));
    CHECK(f.resolve(&f, 0, "localhost", 443, &e));
    for (int i = 0; i < 30 && !f.next(&f, 100000, &a); i++)
        ;
    CHECK(a.end == FETCH_RESOLVED && a.ip_n >= 1 && !a.sent && w.asked == 0);
    for (size_t i = 0; i < a.ip_n; i++)
        local |= memcmp(a.ip[i], four, 16) == 0 || memcmp(a.ip[i], six, 16) == 0;
    CHECK(local);
    f.close(&f);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(ends), cmocka_unit_test(names) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
