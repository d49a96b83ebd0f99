/* What the web server shows on port 443: binding, store and bytes have to agree. */
#include "files_bench.h"

#include "base/hash.h"
#include "base/num.h"
#include "make_hive.h"

#define US INT64_C(1614738000000000)
#define BINDING "ControlSet001\\Services\\HTTP\\Parameters\\SslBindingInfo\\"
#define STORE "Microsoft\\SystemCertificates\\MY\\Certificates\\"
enum { BINARY = 3 };

static struct str load(const char *name)
{
    char     path[512];
    uint8_t  buf[4096];

    snprintf(path, sizeof path, "%s/tests/corpus/x509/%s", AP_SOURCE_DIR, name);
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s", path);
    size_t n = fread(buf, 1, sizeof buf, f);
    fclose(f);
    return test_heap(buf, n);
}

static void sha1_of(struct str s, uint8_t raw[20], char text[41])
{
    struct hash *h = hash_open(HASH_SHA1);

    hash_push(h, s);
    hash_done(h, raw);
    hash_close(h);
    num_tohex(raw, 20, text);
}

/* (id, 1, length, bytes): something before it, the certificate, something behind. */
static struct str blob(struct str der, uint32_t id)
{
    uint8_t *p = calloc(1, der.n + 64);
    size_t   n = 0;

    mh_u32(p + n, 3), mh_u32(p + n + 4, 1), mh_u32(p + n + 8, 4), n += 16;
    mh_u32(p + n, id), mh_u32(p + n + 4, 1), mh_u32(p + n + 8, (uint32_t)der.n), n += 12;
    memcpy(p + n, der.p, der.n), n += der.n;
    mh_u32(p + n, 20), mh_u32(p + n + 4, 1), mh_u32(p + n + 8, 2), n += 14;
    struct str s = test_heap(p, n);
    free(p);
    return s;
}

static void add(struct bench *b, const char *path, struct mh *m)
{
    size_t   n;
    uint8_t *p = mh_write(m, "hive", US, &n);

    bench_add(b, path, (struct str){ p, n });
    free(p);
    mh_free(m);
}

struct server_of { const char *port; bool other_name, other_bytes; uint32_t id; size_t cut; };

static void build(struct bench *b, const struct server_of *x)
{
    struct mh *sys = mh_open("ROOT", US), *soft = mh_open("ROOT", US);
    struct str der = load("two-names-an-ip.der"), bytes;
    uint8_t    raw[20];
    char       text[41], key[200];

    mh_number(mh_key(sys, "Select", US), "Current", 1);
    mh_text(mh_key(sys, "ControlSet001\\Control\\ComputerName\\ComputerName", US), "ComputerName", MH_SZ, "ex01");
    mh_text(mh_key(soft, "Microsoft\\Windows NT\\CurrentVersion", US), "ProductName", MH_SZ, "Windows Server 2016 Standard");
    sha1_of(der, raw, text);
    snprintf(key, sizeof key, BINDING "%s", x->port);
    mh_value(mh_key(sys, key, US), "SslCertHash", BINARY, raw, sizeof raw);
    /* Others, that nobody who asks for 443 sees. */
    mh_value(mh_key(sys, BINDING "0.0.0.0:444", US), "SslCertHash", BINARY, "01234567890123456789", 20);
    mh_value(mh_key(sys, BINDING "127.0.0.1:443", US), "SslCertHash", BINARY, "short", 5);
    if (x->other_name)
        text[0] = text[0] == '0' ? '1' : '0';
    snprintf(key, sizeof key, STORE "%s", text);
    if (x->other_bytes)
        ((uint8_t *)(uintptr_t)der.p)[der.n - 1] ^= 1;
    bytes = blob(der, x->id);
    mh_value(mh_key(soft, key, US), "Blob", BINARY, bytes.p, x->cut ? x->cut : bytes.n);
    mh_value(mh_key(soft, STORE "notahash", US), "Blob", BINARY, bytes.p, bytes.n);
    mh_value(mh_key(soft, STORE "0123456789012345678901234567890123456789", US), "Other", BINARY, "x", 1);
    add(b, "Windows/System32/config/SYSTEM", sys);
    add(b, "Windows/System32/config/SOFTWARE", soft);
    test_free(der);
    test_free(bytes);
}

static void shows_its_certificate(void **state)
{
    struct bench *b = *state;
    struct str    der = load("two-names-an-ip.der");
    uint8_t       want[32];

    build(b, &(struct server_of){ .port = "0.0.0.0:443", .id = 32 });
    bench_hunt(b);
    const struct server *s = &b->found.server;
    CHECK(s->tls_n == 1 && hash_sha256(der, want) && memcmp(s->tls[0].certificate, want, 32) == 0);
    CHECK(memcmp(s->tls[0].key, want, 32) != 0);
    CHECK(s->own_name_n == 2);
    CHECK_STR(s->own_name[0], STR("autodiscover.example.org"));
    CHECK_STR(s->own_name[1], STR("mail.example.org"));
    test_free(der);
}

static void by_name(void **state)
{
    struct bench *b = *state;

    build(b, &(struct server_of){ .port = "mail.example.org:443", .id = 32 });
    bench_hunt(b);
    CHECK(b->found.server.tls_n == 1);
}

/* One thing that does not agree, and nothing is said. */
#define SAYS_NOTHING(name, ...) \
    static void name(void **state) \
    { \
        struct bench *b = *state; \
        build(b, &(struct server_of){ __VA_ARGS__ }); \
        bench_hunt(b); \
        CHECK(b->found.server.tls_n == 0 && b->found.server.own_name_n == 0); \
    }
SAYS_NOTHING(another_port, .port = "0.0.0.0:4430", .id = 32)
SAYS_NOTHING(another_hash, .port = "0.0.0.0:443", .id = 32, .other_name = true)
SAYS_NOTHING(other_bytes, .port = "0.0.0.0:443", .id = 32, .other_bytes = true)
SAYS_NOTHING(no_certificate, .port = "0.0.0.0:443", .id = 33)
SAYS_NOTHING(cut_short, .port = "0.0.0.0:443", .id = 32, .cut = 200)
SAYS_NOTHING(cut_in_the_head, .port = "0.0.0.0:443", .id = 32, .cut = 20)

/* Names in the bindings of the web server's sites, too: only of HTTPS on 443, and only what is a name. */
static void bindings(void **state)
{
    struct bench *b = *state;

    build(b, &(struct server_of){ .port = "0.0.0.0:443", .id = 32 });
    bench_text(b, "Windows/System32/inetsrv/config/applicationHost.config",
               "<configuration><system.applicationHost><sites><site name=\"Default Web Site\" id=\"1\"><application path=\"/\">"
               "<virtualDirectory path=\"/\" physicalPath=\"C:\\inetpub\\wwwroot\"/></application><bindings>"
               "<binding protocol=\"https\" bindingInformation=\"*:443:OWA.Example.org\"/><binding protocol=\"https\" bindingInformation=\"192.0.2.1:443:mail.example.org\"/>"
               "<binding protocol=\"https\" bindingInformation=\"*:443:\"/><binding protocol=\"https\" bindingInformation=\"*:444:back.example.org\"/>"
               "<binding protocol=\"http\" bindingInformation=\"*:443:plain.example.org\"/><binding protocol=\"https\" bindingInformation=\"*:443:ex01\"/>"
               "<binding protocol=\"https\" bindingInformation=\"*:443:*.example.org\"/><binding protocol=\"https\" bindingInformation=\"*:443:192.0.2.1\"/>"
               "</bindings></site></sites></system.applicationHost></configuration>");
    bench_hunt(b);
    const struct server *s = &b->found.server;
    CHECK(s->own_name_n == 3);
    CHECK_STR(s->own_name[0], STR("autodiscover.example.org"));
    CHECK_STR(s->own_name[1], STR("mail.example.org"));
    CHECK_STR(s->own_name[2], STR("owa.example.org"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = { T(shows_its_certificate), T(by_name), T(bindings), T(another_port), T(another_hash), T(other_bytes), T(no_certificate), T(cut_short), T(cut_in_the_head) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
