#include "test.h"

#include "notify/lookup_wire.h"

static uint8_t buf[WIRE_MESSAGE_MAX];

static struct str written(const struct wire_said *x)
{
    size_t n = wire_write(x, buf);

    CHECK(n >= WIRE_HEAD && n <= WIRE_MESSAGE_MAX);
    return test_heap(buf, n);
}

static const struct lookup_ask https = { .way = LOOKUP_HTTPS, .host = STR_INIT("bakery.example"), .path = STR_INIT("/.well-known/security.txt"), .accept = STR_INIT("text/plain"),
                                         .user_agent = STR_INIT("afterpatch (CERT \xc3\x89xample)"), .from = STR_INIT("notify@cert.example"), .bytes_max = 10, .ms = 5000, .cut_ok = true };
static const struct lookup_ask dns = { .way = LOOKUP_DNS, .host = STR_INIT("bakery.example"), .type = DNSMSG_MX, .bytes_max = 10, .ms = 5000 };

/* What is written is read as it was; each message that is one byte shorter or longer is none. */
static void test_forms(void **state)
{
    struct wire_said all[] = {
        { .kind = WIRE_ASK, .number = 7, .ask = https },
        { .kind = WIRE_ASK, .number = UINT32_MAX, .ask = dns },
        { .kind = WIRE_ASK, .number = 7, .ask = { .way = LOOKUP_WHOIS, .host = STR("whois.example"), .line = STR("-b -r 192.0.2.7"), .bytes_max = 1, .ms = 1 } },
        { .kind = WIRE_VERDICT, .number = 1, .may = true },
        { .kind = WIRE_VERDICT, .number = 1, .why = STR("it is a server of a campaign") },
        { .kind = WIRE_MAY, .number = 1, .host = STR("bakery.example"), .ip = { { 1 }, { [15] = 2 } }, .ip_n = 2 },
        { .kind = WIRE_END, .number = 1, .got = { .end = LOOKUP_ANSWERED, .status = 301, .cut = true, .retry_s = 7200, .location = STR("https://x.example/"), .type = STR("text/plain"), .why = STR("w") } },
        { .kind = WIRE_UNABLE, .number = 1, .why = STR("sandbox: Landlock") },
    };
    struct wire_said got;

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct str m = written(&all[i]);
        CHECK(wire_read(m, &got) && got.kind == all[i].kind && got.number == all[i].number);
        CHECK_STR(got.ask.host, all[i].ask.host);
        CHECK_STR(got.ask.user_agent, all[i].ask.user_agent);
        CHECK_STR(got.ask.line, all[i].ask.line);
        CHECK_STR(got.host, all[i].host);
        CHECK_STR(got.why, all[i].why);
        CHECK_STR(got.got.location, all[i].got.location);
        CHECK(got.may == all[i].may && got.ip_n == all[i].ip_n && memcmp(got.ip, all[i].ip, sizeof got.ip) == 0 && got.got.retry_s == all[i].got.retry_s && got.got.status == all[i].got.status);
        uint8_t again[WIRE_MESSAGE_MAX];
        CHECK(wire_write(&got, again) == m.n && memcmp(again, m.p, m.n) == 0);
        for (size_t n = 0; n < m.n; n++) {
            struct str less = test_heap(m.p, n);
            CHECK(!wire_read(less, &got));
            test_free(less);
        }
        struct str more = test_heap(buf, m.n + 1);
        CHECK(!wire_read(more, &got));
        test_free(more);
        test_free(m);
    }
    static const uint8_t body[WIRE_MESSAGE_MAX];
    struct wire_said piece = { .kind = WIRE_PIECE, .number = 1, .piece = { body, sizeof body } };
    struct str       m = written(&piece);
    CHECK(m.n == WIRE_MESSAGE_MAX && wire_read(m, &got) && got.piece.n == WIRE_PIECE_MAX);
    CHECK(!wire_read(str_sub(m, 0, WIRE_HEAD), &got));
    test_free(m);
}

/* What is too long is cut, but a question is not: it would be another one. */
static void test_bounds(void **state)
{
    static uint8_t   long_[WIRE_MESSAGE_MAX];
    struct str       s = { long_, sizeof long_ };
    struct wire_said x = { .kind = WIRE_END, .number = 1, .got = { .end = LOOKUP_BROKEN, .status = 70000, .retry_s = INT64_MAX, .location = s, .type = s, .why = s } }, got;

    (void)state;
    memset(long_, 'x', sizeof long_);
    struct str m = written(&x);
    CHECK(wire_read(m, &got) && got.got.status == 0 && got.got.retry_s == UINT32_MAX && got.got.location.n == LOOKUP_PATH_MAX && got.got.why.n == WIRE_WHY_MAX);
    test_free(m);
    x = (struct wire_said){ .kind = WIRE_ASK, .ask = https };
    x.ask.path = s;
    CHECK(wire_write(&x, buf) == 0);
    x.ask = https;
    x.ask.host = s;
    CHECK(wire_write(&x, buf) == 0);
}

/* One byte of a good message is another: of a kind, a length, a flag, an enum, a type. */
static void test_bytes(void **state)
{
    static const struct { const char *why; size_t at; uint8_t value; struct wire_said x; } cases[] = {
        { "no kind", 0, 0, { .kind = WIRE_VERDICT } },
        { "a kind of tomorrow", 0, 7, { .kind = WIRE_VERDICT } },
        { "a flag of two", 5, 2, { .kind = WIRE_VERDICT } },
        { "no such end", 5, LOOKUP_ENDS, { .kind = WIRE_END } },
        { "a status of 65281", 7, 255, { .kind = WIRE_END, .got = { .status = 1 } } },
        { "a text longer than the message", 6, 200, { .kind = WIRE_VERDICT } },
        { "a text longer than it may be", 7, 255, { .kind = WIRE_VERDICT } },
        { "no address at all", 7, 0, { .kind = WIRE_MAY, .ip_n = 1 } },
        { "more addresses than there are", 7, 2, { .kind = WIRE_MAY, .ip_n = 1 } },
        { "more addresses than a host may have", 7, LOOKUP_IPS_MAX + 1, { .kind = WIRE_MAY, .ip_n = 1 } },
        { "no such way", 5, LOOKUP_WAYS, { .kind = WIRE_ASK } },
        { "a type, and no DNS", 6, 1, { .kind = WIRE_ASK } },
        { "the DNS, and no type", 5, LOOKUP_DNS, { .kind = WIRE_ASK } },
    };
    struct wire_said got;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str m = written(&cases[i].x);
        CHECK_WHY(wire_read(m, &got), cases[i].why);
        ((uint8_t *)(uintptr_t)m.p)[cases[i].at] = cases[i].value;
        CHECK_WHY(!wire_read(m, &got), cases[i].why);
        test_free(m);
    }
}

/* --- what a courier may say, and when --- */

#define MAY(h)   { .kind = WIRE_MAY, .number = 3, .host = STR_INIT(h), .ip_n = 1 }
#define PIECE(s) { .kind = WIRE_PIECE, .number = 3, .piece = STR_INIT(s) }
#define END(e)   { .kind = WIRE_END, .number = 3, .got = { .end = e } }
enum { STEPS = 6 };
static const struct talk_case {
    const char *why;
    const struct lookup_ask *q;
    bool        may[2];                                /* verdicts */
    struct wire_said said[STEPS]; enum wire_heard heard[STEPS];
} talks[] = {
    { "judged, answered", &https, { true }, { MAY("bakery.example"), PIECE("12345"), PIECE("67890"), END(LOOKUP_ANSWERED) }, { WIRE_JUDGE, WIRE_MORE, WIRE_MORE, WIRE_ENDED } },
    { "in other letters, and its alias", &https, { true, true }, { MAY("Bakery.Example"), MAY("mx.provider.example"), END(LOOKUP_ANSWERED) }, { WIRE_JUDGE, WIRE_JUDGE, WIRE_ENDED } },
    { "the DNS is asked without", &dns, { 0 }, { PIECE("1"), END(LOOKUP_ANSWERED) }, { WIRE_MORE, WIRE_ENDED } },
    { "nobody is there", &https, { 0 }, { END(LOOKUP_NO_NAME) }, { WIRE_ENDED } },
    { "special: nobody is asked about it", &https, { 0 }, { END(LOOKUP_FORBIDDEN) }, { WIRE_ENDED } },
    { "no means no", &https, { false }, { MAY("bakery.example"), END(LOOKUP_FORBIDDEN) }, { WIRE_JUDGE, WIRE_ENDED } },
    { "an answer after a no", &https, { false }, { MAY("bakery.example"), END(LOOKUP_ANSWERED) }, { WIRE_JUDGE, WIRE_BROKEN } },
    { "it connected after a no", &https, { false }, { MAY("bakery.example"), END(LOOKUP_NO_TRUST) }, { WIRE_JUDGE, WIRE_BROKEN } },
    { "a body after a no", &https, { false }, { MAY("bakery.example"), PIECE("x") }, { WIRE_JUDGE, WIRE_BROKEN } },
    { "asked again after a no", &https, { false }, { MAY("bakery.example"), MAY("bakery.example") }, { WIRE_JUDGE, WIRE_BROKEN } },
    { "no to the alias", &https, { true, false }, { MAY("bakery.example"), MAY("a.example"), END(LOOKUP_ANSWERED) }, { WIRE_JUDGE, WIRE_JUDGE, WIRE_BROKEN } },
    { "an answer that nobody allowed", &https, { 0 }, { END(LOOKUP_ANSWERED) }, { WIRE_BROKEN } },
    { "a body that nobody allowed", &https, { 0 }, { PIECE("x") }, { WIRE_BROKEN } },
    { "another host", &https, { 0 }, { MAY("other.example") }, { WIRE_BROKEN } },
    { "a third name", &https, { true, true }, { MAY("bakery.example"), MAY("a.example"), MAY("b.example") }, { WIRE_JUDGE, WIRE_JUDGE, WIRE_BROKEN } },
    { "a judgement in the middle of the body", &https, { true, true }, { MAY("bakery.example"), PIECE("x"), MAY("a.example") }, { WIRE_JUDGE, WIRE_MORE, WIRE_BROKEN } },
    { "the DNS needs no judgement", &dns, { 0 }, { MAY("bakery.example") }, { WIRE_BROKEN } },
    { "one byte too many", &https, { true }, { MAY("bakery.example"), PIECE("12345"), PIECE("678901") }, { WIRE_JUDGE, WIRE_MORE, WIRE_BROKEN } },
    { "an old question's answer", &https, { 0 }, { { .kind = WIRE_END, .number = 2 } }, { WIRE_BROKEN } },
    { "a question", &https, { 0 }, { { .kind = WIRE_ASK, .number = 3 } }, { WIRE_BROKEN } },
    { "a verdict", &https, { 0 }, { { .kind = WIRE_VERDICT, .number = 3, .may = true } }, { WIRE_BROKEN } },
    { "it cannot", &https, { 0 }, { { .kind = WIRE_UNABLE, .number = 3, .why = STR_INIT("no") } }, { WIRE_CANNOT } },
    { "it cannot any more", &https, { true }, { MAY("bakery.example"), { .kind = WIRE_UNABLE, .number = 3 } }, { WIRE_JUDGE, WIRE_BROKEN } },
};

static void test_talks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof talks / sizeof *talks; i++) {
        const struct talk_case *c = &talks[i];
        struct wire_talk        t = { .number = 3, .q = c->q };
        struct wire_said        got;
        size_t                  verdicts = 0;
        for (size_t k = 0; k < STEPS && c->said[k].kind; k++) {
            struct str m = written(&c->said[k]);
            CHECK_WHY(wire_hear(&t, m, &got) == c->heard[k], c->why);
            if (c->heard[k] == WIRE_JUDGE) {
                struct wire_talk hasty = t;            /* it does not wait for the verdict */
                CHECK_WHY(wire_hear(&hasty, m, &got) == WIRE_BROKEN, c->why);
                wire_judged(&t, c->may[verdicts++]);
            }
            CHECK(t.body_n <= c->q->bytes_max);
            test_free(m);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_forms), cmocka_unit_test(test_bounds), cmocka_unit_test(test_bytes), cmocka_unit_test(test_talks) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
