/* Messages as bytes: the same each time, with a signature that GnuPG accepts, and headers that nobody breaks out of. */
#include "test.h"

#include "base/num.h"
#include "gpg_keys.h"
#include "notify/mail_parts.h"
#include "notify/mime.h"
#include "os/openpgp.h"

enum { ROOM = 64 << 20 };
static struct world { uint8_t *room; struct arena a; struct keys keys; } w;

static int setup(void **state)
{
    (void)state;
    w.room = malloc(ROOM);
    w.a = (struct arena){ .beg = w.room, .end = w.room + ROOM };
    w.keys = keys_make();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    keys_drop(&w.keys);
    free(w.room);
    return 0;
}

static struct mime_mail plain(void)
{
    static const struct mime_part part[] = {
        { STR_INIT("text/csv; charset=utf-8; header=present"), STR_INIT("2021-000123.csv"), STR_INIT("time,ip\r\n2021-03-06T14:02:11Z,192.0.2.7\r\n") },
        { STR_INIT("application/json"), STR_INIT("2021-000123.json"), STR_INIT("{\"a\":1}\n") },
    };
    static const struct mime_field extra[] = { { "X-CERT-Case", STR_INIT("2021-000123") } };

    return (struct mime_mail){ .from_name = STR("National CERT \xc3\x96sterreich"), .from = STR("notify@cert.example"), .to = STR("it@bakery.example"), .reply_to = STR("case+x@reply.cert.example"),
                               .subject = STR("[CERT-EX 2021-000123] Back door found on mail.bakery.example"), .message_id = STR("n.1.0@cert.example"), .date_us = INT64_C(1615039331000000),
                               .auto_submitted = true, .extra = extra, .extra_n = 1, .part = part, .part_n = 2,
                               .text = STR("TLP:AMBER\n\nFrom here on: trailing blank \nFrom the start\n.\nB\xc3\xa4" "ckerei\n\ttab\t\n") };
}

static struct str build(const struct mime_mail *m, const struct signer *key)
{
    struct err e = { 0 };
    struct str s;

    if (!mime_build(m, key, &w.a, &s, &e))
        fail_msg("%s", e.what);
    return s;
}

/* What arrives has CRLF. */
static void check_text(struct str got, struct str want)
{
    uint8_t *p = malloc(got.n + 1);
    size_t   n = 0;

    for (size_t i = 0; i < got.n; i++)
        if (got.p[i] != '\r')
            p[n++] = got.p[i];
    CHECK_STR(((struct str){ p, n }), want);
    free(p);
}

static void same_bytes(void **state)
{
    struct mime_mail m = plain();
    struct str       a = build(&m, NULL), b = build(&m, NULL);
    struct mail      back;
    struct err       e = { 0 };

    (void)state;
    CHECK_STR(a, b);
    CHECK(str_has(a, STR("Date: Sat, 06 Mar 2021 14:02:11 +0000\r\n")) && str_has(a, STR("\r\nAuto-Submitted: auto-generated\r\n")) && str_has(a, STR("\r\nX-CERT-Case: 2021-000123\r\n")));
    CHECK(!str_has(a, STR("\r\nFrom the")) && !str_has(a, STR(" \r\n")) && !str_has(a, STR("\t\r\n")));
    for (size_t i = 0; i < a.n; i++)
        CHECK(a.p[i] < 0x80 && (a.p[i] != '\n' || a.p[i - 1] == '\r'));
    CHECK(mail_read(a, &w.a, &back, &e) && back.part_n == 3);
    check_text(back.part[0].bytes, m.text);
    CHECK_STR(back.part[1].bytes, m.part[0].bytes);
    CHECK_STR(back.part[1].name, m.part[0].name);
    CHECK_STR(mail_header(&back, "Subject"), m.subject);
}

/* RFC 3156: what lies between the boundary's line and the CRLF before the next boundary, byte for byte. */
static void is_signed(void **state)
{
    (void)state;
    struct mime_mail m = plain();
    struct signer    key = { .home = str_c(w.keys.home), .key = STR("one@responders.example") };
    struct str       s = build(&m, &key), body, signature, rest;
    struct openpgp_answer answer;
    struct err       e = { 0 };
    size_t           at = str_find(s, STR("boundary=\"=_s"));
    struct str       mark = str_fmt(&w.a, "\r\n--%.*s", STR_ARG(str_sub(s, at + 10, at + 10 + 35)));

    CHECK(at != STR_NONE && str_has(s, STR("micalg=pgp-sha")));
    rest = str_from(s, str_find(s, mark) + mark.n + 2);
    body = str_sub(rest, 0, str_find(rest, mark));
    rest = str_from(rest, body.n + mark.n + 2);
    signature = str_from(str_sub(rest, 0, str_find(rest, mark)), str_find(rest, STR("-----BEGIN")));
    CHECK(openpgp_verify(body, signature, str_c(w.keys.one), &answer, &e));
    if (!answer.good)
        fail_msg("%s", answer.why);
    CHECK(str_starts(body, STR("Content-Type: multipart/mixed")));
    uint8_t *bad = malloc(body.n);
    memcpy(bad, body.p, body.n);
    bad[body.n / 2] ^= 1;
    CHECK(openpgp_verify((struct str){ bad, body.n }, signature, str_c(w.keys.one), &answer, &e) && !answer.good);
    free(bad);
}

/* Long ones are signed whole, and with a key that is held open as with one that is not. */
static void is_signed_whole(void **state)
{
    struct mime_mail m = plain();
    struct mime_part part = { STR("text/plain"), STR("long.txt"), STR_EMPTY };
    struct signer    key = { .home = str_c(w.keys.home), .key = STR("one@responders.example") };
    struct err       e = { 0 };
    struct mail      back;
    enum { LONG = 300000 };
    uint8_t         *p = malloc(LONG);

    (void)state;
    for (size_t i = 0; i < LONG; i++)
        p[i] = (uint8_t)('a' + i % 26);
    part.bytes = (struct str){ p, LONG };
    m.part = &part;
    m.part_n = 1;
    for (int open = 0; open < 2; open++) {
        if (open)
            CHECK(openpgp_signer_open(&key.open, key.home, key.key, &e));
        for (int again = 0; again < 1 + open; again++) {
            struct str s = build(&m, &key), mark, rest, body, signature;
            struct openpgp_answer answer;
            size_t at = str_find(s, STR("boundary=\"=_s"));

            CHECK(mail_read(s, &w.a, &back, &e) && back.part_n == 3);
            CHECK_STR(back.part[1].bytes, part.bytes);
            mark = str_fmt(&w.a, "\r\n--%.*s", STR_ARG(str_sub(s, at + 10, at + 10 + 35)));
            rest = str_from(s, str_find(s, mark) + mark.n + 2);
            body = str_sub(rest, 0, str_find(rest, mark));
            rest = str_from(rest, body.n + mark.n + 2);
            signature = str_from(str_sub(rest, 0, str_find(rest, mark)), str_find(rest, STR("-----BEGIN")));
            CHECK(openpgp_verify(body, signature, str_c(w.keys.one), &answer, &e) && answer.good);
        }
    }
    openpgp_signer_close(key.open);
    free(p);
}

/* Nothing in a field begins another field, a body or a recipient. */
static void injections(void **state)
{
    static const char *const hostile[] = { "x\r\nBcc: evil@x.example", "x\nContent-Type: text/html\n\n<b>", "\r\n\r\nbody", "a\r b\0c", "=?utf-8?q?=0D=0ABcc:_evil@x.example?=" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(hostile); i++) {
        struct mime_mail  m = plain();
        struct mime_field extra = { "X-CERT-Case", str_c(hostile[i]) };
        struct mime_part  part = { str_c(hostile[i]), str_c(hostile[i]), STR("x") };
        struct mail       back;
        struct err        e = { 0 };

        m.subject = m.from_name = str_c(hostile[i]);
        m.extra = &extra;
        m.part = &part;
        m.part_n = 1;
        struct str s = build(&m, NULL);
        CHECK_WHY(mail_read(s, &w.a, &back, &e), hostile[i]);
        CHECK_WHY(mail_header(&back, "Bcc").n == 0, hostile[i]);
        CHECK_WHY(back.header_n == 9, hostile[i]);                /* those that were meant; the type is the part's */
        check_text(back.part[0].bytes, m.text);
    }
}

static void refused(void **state)
{
    static const struct { const char *from, *to, *id; enum err_kind kind; const char *why; } c[] = {
        { "notify@cert.example", "it@bakery.example\r\nRCPT TO:<x@y.example>", "n.1.0@cert.example", ERR_USAGE, "a recipient with a line in it" },
        { "notify@cert.example", "a@b.example, c@d.example", "n.1.0@cert.example", ERR_USAGE, "two recipients" },
        { "notify", "it@bakery.example", "n.1.0@cert.example", ERR_USAGE, "a sender that is none" },
        { "notify@cert.example", "it@bakery.example", "n>\r\nX: y@z", ERR_USAGE, "an id with a line in it" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct mime_mail m = plain();
        struct err       e = { 0 };
        struct str       s;

        m.from = str_c(c[i].from);
        m.to = str_c(c[i].to);
        m.message_id = str_c(c[i].id);
        CHECK_WHY(!mime_build(&m, NULL, &w.a, &s, &e) && e.kind == c[i].kind, c[i].why);
    }
    struct mime_mail m = plain();
    struct err       e = { 0 };
    struct str       s;
    uint8_t         *big = calloc(1, MIME_BYTES_MAX);
    struct mime_part part = { STR("text/csv"), STR("x"), { big, MIME_BYTES_MAX } };
    m.part = &part;
    m.part_n = 1;
    CHECK(!mime_build(&m, NULL, &w.a, &s, &e) && e.kind == ERR_LIMIT);
    free(big);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(same_bytes), cmocka_unit_test(is_signed), cmocka_unit_test(is_signed_whole), cmocka_unit_test(injections), cmocka_unit_test(refused) };
    return cmocka_run_group_tests(t, setup, teardown);
}
