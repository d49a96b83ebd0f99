/* Answers made byte by byte: what they say of the name that was asked counts, and nothing else. */
#include "test.h"

#include "base/net.h"
#include "base/num.h"
#include "formats/dnsmsg.h"

struct msg { uint8_t p[4096]; size_t n; };

static void put8(struct msg *m, unsigned v) { m->p[m->n++] = (uint8_t)v; }
static void put16(struct msg *m, unsigned v) { put8(m, v >> 8), put8(m, v & 255); }
/* "a.b" as labels; a backslash takes the next byte as it is. */
static void name(struct msg *m, const char *s)
{
    size_t at = m->n++;

    for (; *s; s++) {
        if (*s == '.') {
            m->p[at] = (uint8_t)(m->n - at - 1);
            at = m->n++;
            continue;
        }
        put8(m, (uint8_t)(*s == '\\' ? *++s : *s));
    }
    m->p[at] = (uint8_t)(m->n - at - 1);
    if (m->p[at])
        put8(m, 0);
}
static struct msg begin(const char *asked, enum dnsmsg_type type, unsigned answers)
{
    struct msg m = { .n = 0 };

    put16(&m, 7), put16(&m, 0x8180), put16(&m, 1), put16(&m, answers), put16(&m, 0), put16(&m, 0);
    name(&m, asked), put16(&m, type), put16(&m, 1);
    return m;
}
static size_t record(struct msg *m, const char *owner, enum dnsmsg_type type)
{
    name(m, owner), put16(m, type), put16(m, 1), put16(m, 0), put16(m, 300), put16(m, 0);
    return m->n;
}
static void done(struct msg *m, size_t at) { m->p[at - 2] = (uint8_t)((m->n - at) >> 8), m->p[at - 1] = (uint8_t)(m->n - at); }
static void mx(struct msg *m, const char *owner, unsigned preference, const char *host)
{
    size_t at = record(m, owner, DNSMSG_MX);

    put16(m, preference), name(m, host), done(m, at);
}
static void a4(struct msg *m, const char *owner, unsigned last)
{
    size_t at = record(m, owner, DNSMSG_A);

    put16(m, 192 << 8), put8(m, 2), put8(m, last), done(m, at);
}

static uint8_t room[1 << 18];
static bool read_it(const struct msg *m, const char *asked, enum dnsmsg_type type, struct dnsmsg *ret)
{
    struct arena a = { room, room + sizeof room, NULL };
    struct str   heap = test_heap(m->p, m->n);
    struct err   e = { 0 };
    bool         ok = dnsmsg_read(heap, str_c(asked), type, &a, ret, &e);

    CHECK(ok || e.kind == ERR_FORMAT);
    test_free(heap);
    return ok;
}

static void exchangers(void **state)
{
    struct msg    m = begin("Bakery.example", DNSMSG_MX, 5);
    struct dnsmsg r;

    (void)state;
    mx(&m, "bakery.example", 20, "mx2.provider.example");
    mx(&m, "bakery.EXAMPLE", 10, "Mail.bakery.example");
    mx(&m, "other.example", 0, "mx.evil.example");
    mx(&m, "bakery.example", 5, "a b\x1b[0m.example");
    mx(&m, "bakery.example", 30, "two\\.labels.example");
    CHECK(read_it(&m, "bakery.example", DNSMSG_MX, &r) && r.record_n == 2 && r.refused == 2 && !r.null_mx);
    CHECK_STR(r.record[0].host, STR("mail.bakery.example"));
    CHECK_STR(r.record[1].host, STR("mx2.provider.example"));
}

static void null_mx(void **state)
{
    struct msg    m = begin("bakery.example", DNSMSG_MX, 1);
    struct dnsmsg r;

    (void)state;
    mx(&m, "bakery.example", 0, "");
    CHECK(read_it(&m, "bakery.example", DNSMSG_MX, &r) && r.record_n == 0 && r.null_mx && r.refused == 0);
}

static void aliases(void **state)
{
    struct msg    m = begin("mail.bakery.example", DNSMSG_A, 4), loop = begin("a.example", DNSMSG_A, 2);
    struct dnsmsg r;
    size_t        at;

    (void)state;
    a4(&m, "host.provider.example", 9);            /* in any order */
    a4(&m, "elsewhere.example", 66);
    at = record(&m, "mail.bakery.example", DNSMSG_CNAME), name(&m, "x.bakery.example"), done(&m, at);
    at = record(&m, "x.bakery.example", DNSMSG_CNAME), name(&m, "host.provider.example"), done(&m, at);
    CHECK(read_it(&m, "mail.bakery.example", DNSMSG_A, &r) && r.record_n == 1 && r.record[0].ip[15] == 9 && net_is4(r.record[0].ip));
    CHECK_STR(r.alias, STR("host.provider.example"));

    at = record(&loop, "a.example", DNSMSG_CNAME), name(&loop, "b.example"), done(&loop, at);
    at = record(&loop, "b.example", DNSMSG_CNAME), name(&loop, "a.example"), done(&loop, at);
    CHECK(read_it(&loop, "a.example", DNSMSG_A, &r) && r.record_n == 0);
}

static void keeper(void **state)
{
    struct msg    m = begin("bakery.example", DNSMSG_SOA, 1);
    struct dnsmsg r;
    size_t        at = record(&m, "bakery.example", DNSMSG_SOA);

    (void)state;
    name(&m, "ns1.provider.example"), name(&m, "host\\.master.bakery.example");
    for (int i = 0; i < 10; i++)
        put16(&m, 0);
    done(&m, at);
    CHECK(read_it(&m, "bakery.example", DNSMSG_SOA, &r) && r.record_n == 1);
    CHECK_STR(r.record[0].host, STR("host.master@bakery.example"));
}

static void refused(void **state)
{
    struct msg    good = begin("bakery.example", DNSMSG_MX, 2), other = begin("other.example", DNSMSG_MX, 1), m;
    struct dnsmsg r;

    (void)state;
    mx(&good, "bakery.example", 1, "mx.bakery.example");
    mx(&good, "bakery.example", 2, "mx2.bakery.example");
    mx(&other, "bakery.example", 1, "mx.evil.example");
    CHECK(!read_it(&other, "bakery.example", DNSMSG_MX, &r));          /* another question */
    CHECK(!read_it(&good, "bakery.example", DNSMSG_A, &r));            /* another type */
    m = good, m.p[2] &= 0x7F;
    CHECK(!read_it(&m, "bakery.example", DNSMSG_MX, &r));              /* a question, no answer */
    for (m = good; m.n > 0;) {                                         /* cut anywhere: no more than was whole */
        m.n--;
        CHECK(!read_it(&m, "bakery.example", DNSMSG_MX, &r) || r.record_n <= 1);
    }
    /* A name that points at itself. */
    m = begin("bakery.example", DNSMSG_MX, 1);
    size_t at = record(&m, "bakery.example", DNSMSG_MX);
    put16(&m, 1), put16(&m, 0xC000 | (unsigned)m.n), done(&m, at);
    CHECK(read_it(&m, "bakery.example", DNSMSG_MX, &r) && r.record_n == 0 && r.refused == 1);
    /* No more than fit. */
    m = begin("bakery.example", DNSMSG_A, 60);
    for (unsigned i = 0; i < 60; i++)
        a4(&m, "bakery.example", i);
    CHECK(read_it(&m, "bakery.example", DNSMSG_A, &r) && r.record_n == DNSMSG_RECORDS_MAX && r.more);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(exchangers), cmocka_unit_test(null_mx), cmocka_unit_test(aliases), cmocka_unit_test(keeper), cmocka_unit_test(refused) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
