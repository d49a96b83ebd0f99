#include "test.h"

#include "base/num.h"
#include "survey/probe_scope.h"

#define HEAD "authority: CERT Example, order 17/2026\nvalid-from: 2026-01-01\nvalid-until: 2026-12-31\n"
static int64_t now;

static int setup(void **state)
{
    (void)state;
    return time_parse(STR("2026-11-23T05:00:00Z"), &now) ? 0 : 1;
}

static void refuses(void **state)
{
    (void)state;
    static const struct { const char *file, *why; bool ok, lab; enum err_kind kind; } at[] = {
        { HEAD "8.8.8.0/24\nmail.example.org\n", "as it should be", true, false, ERR_NONE },
        { "\xef\xbb\xbf# a mark and a comment\r\n" HEAD "\r\n8.8.8.8\r\n", "Windows line ends", true, false, ERR_NONE },
        { HEAD "2a00:1::/112\n", "IPv6", true, false, ERR_NONE },
        { "valid-from: 2026-01-01\nvalid-until: 2026-12-31\n8.8.8.8\n", "no authority", false, false, ERR_USAGE },
        { "authority:  \nvalid-from: 2026-01-01\nvalid-until: 2026-12-31\n8.8.8.8\n", "an empty authority", false, false, ERR_USAGE },
        { "authority: CERT\n8.8.8.8\n", "no validity", false, false, ERR_USAGE },
        { "authority: CERT\nvalid-from: 2026-01-01\nvalid-until: 2026-11-22\n8.8.8.8\n", "expired yesterday", false, false, ERR_USAGE },
        { "authority: CERT\nvalid-from: 2026-01-01\nvalid-until: 2026-11-23\n8.8.8.8\n", "the last day counts", true, false, ERR_NONE },
        { "authority: CERT\nvalid-from: 2026-11-24\nvalid-until: 2026-12-23\n8.8.8.8\n", "from tomorrow on", false, false, ERR_USAGE },
        { "authority: CERT\nauthority: me\nvalid-from: 2026-11-01\nvalid-until: 2026-12-23\n8.8.8.8\n", "two authorities", false, false, ERR_FORMAT },
        { "authority: CERT\nvalid-from: soon\nvalid-until: 2026-12-23\n8.8.8.8\n", "no date", false, false, ERR_FORMAT },
        { HEAD, "nobody", false, false, ERR_USAGE },
        { HEAD "0.0.0.0/0\n", "everybody", false, true, ERR_USAGE },
        { HEAD "::/0\n", "everybody, IPv6", false, true, ERR_USAGE },
        { HEAD "::ffff:0:0/96\n", "everybody in other words", false, true, ERR_USAGE },
        { HEAD "8.0.0.0/7\n", "too large", false, false, ERR_LIMIT },
        { HEAD "2a00:1::/64\n", "too large, IPv6", false, false, ERR_LIMIT },
        { HEAD "8.0.0.0/8\n9.0.0.0/8\n", "too large together", false, false, ERR_LIMIT },
        { HEAD "8.0.0.0/8\n8.1.0.0/16\n", "one inside the other counts once", true, false, ERR_NONE },
        { HEAD "8.8.8.8/24\n", "bits behind the prefix", false, false, ERR_FORMAT },
        { HEAD "10.0.0.0/8\n", "special-purpose without --lab", false, false, ERR_USAGE },
        { HEAD "10.0.0.0/8\n", "special-purpose with it", true, true, ERR_NONE },
        { HEAD "8.8.8.0/24 # why\n", "something behind", false, false, ERR_FORMAT },
        { HEAD "localhost\n", "one label", false, false, ERR_FORMAT },
        { HEAD "m\xc3\xa4il.example.org\n", "not ASCII", false, false, ERR_FORMAT },
        { HEAD "1.2.3.4.5\n", "numbers only", false, false, ERR_FORMAT },
        { HEAD "https://mail.example.org/owa/\n", "an URL", false, false, ERR_FORMAT },
        { HEAD "path: /x\n", "there is no such setting", false, false, ERR_FORMAT },
        { "", "empty", false, false, ERR_USAGE },
    };

    for (size_t i = 0; i < COUNT_OF(at); i++) {
        struct test_arena  t = test_arena(1 << 16);
        struct str         in = test_heap(at[i].file, strlen(at[i].file));
        struct probe_scope s;
        struct err         e = { 0 };
        bool               ok = probe_scope_read(&s, &t.a, in, now, at[i].lab, &e);
        CHECK_WHY(ok == at[i].ok, at[i].why);
        CHECK_WHY(ok || (e.kind == at[i].kind && e.what[0]), at[i].why);
        test_free(in);
        test_arena_free(&t);
    }
}

static void addresses(void **state)
{
    (void)state;
    struct test_arena  t = test_arena(1 << 16);
    struct probe_scope s;
    struct err         e = { 0 };
    uint8_t            ip[16];
    char               text[NET_TEXT];
    static const struct { uint64_t i; const char *want; } at[] = {
        { 0, "8.8.8.0" }, { 255, "8.8.8.255" }, { 256, "9.9.9.9" }, { 257, "192.0.0.0" }, { 257 + 65535, "192.0.255.255" }, { 257 + 65536, "2a00:1::" }, { 257 + 65537, "2a00:1::1" },
    };

    CHECK(probe_scope_read(&s, &t.a, STR(HEAD "9.9.9.9\n8.8.8.0/24\n8.8.8.128/25\n192.0.0.0/16\n2a00:1::/127\nMail.Example.ORG.\nmail.example.org\n"), now, true, &e));
    CHECK(s.addresses == 256 + 1 + 65536 + 2 && s.part_n == 4 && s.name_n == 1);
    CHECK_STR(s.name[0], STR("mail.example.org"));
    for (size_t i = 0; i < COUNT_OF(at); i++) {
        probe_scope_at(&s, at[i].i, ip);
        net_ip_text(ip, text);
        CHECK_STR(str_c(text), str_c(at[i].want));
    }
    test_arena_free(&t);
}

static void special(void **state)
{
    (void)state;
    static const struct { const char *file, *ip; bool lab, ok; const char *why; } at[] = {
        { HEAD "8.0.0.0/8\n", "8.8.8.8", false, true, "ordinary" },
        { HEAD "192.0.0.0/16\n", "192.0.2.1", false, false, "inside a wider network" },
        { HEAD "192.0.0.0/16\n", "192.0.2.1", true, false, "not named, even with lab" },
        { HEAD "127.1.0.0/16\n", "127.1.2.3", true, true, "named, with lab" },
        { HEAD "127.1.0.0/16\n", "127.2.2.3", true, false, "another one" },
        { HEAD "mail.example.org\n", "10.0.0.1", true, false, "what a name resolved to" },
        { HEAD "192.0.0.0/16\n192.0.2.0/28\n", "192.0.2.1", true, true, "named inside a wider one" },
        { HEAD "8.8.8.8\n", "::1", true, false, "IPv6 loopback" },
    };

    for (size_t i = 0; i < COUNT_OF(at); i++) {
        struct test_arena  t = test_arena(1 << 16);
        struct probe_scope s;
        struct err         e = { 0 };
        uint8_t            ip[16];
        const char        *why = "";
        CHECK(net_ip_parse(str_c(at[i].ip), ip));
        CHECK_WHY(probe_scope_read(&s, &t.a, str_c(at[i].file), now, at[i].lab, &e), at[i].why);
        CHECK_WHY(probe_scope_special(&s, ip, &why) == at[i].ok, at[i].why);
        CHECK_WHY(at[i].ok || why[0], at[i].why);
        test_arena_free(&t);
    }
}

static void optout(void **state)
{
    (void)state;
    struct test_arena   t = test_arena(1 << 16);
    struct probe_optout o;
    struct err          e = { 0 };
    uint8_t             ip[16];
    static const struct { const char *who; bool out; } at[] = {
        { "192.0.2.7", true }, { "192.0.2.8", false }, { "198.51.100.1", true }, { "198.51.100.200", true }, { "2001:db8::1", true }, { "2001:db9::1", false },
        { "example.org", true }, { "MAIL.example.org.", true }, { "a.b.example.org", true }, { "notexample.org", false }, { "org", false },
        { "example.net", true }, { "www.example.net", true }, { "*.example.org", true }, { "owa.example.com", true }, { "mail.example.com", false }, { "", false },
    };

    CHECK(probe_optout_read(&o, &t.a, STR("# who does not want it\n192.0.2.7 2026-03-01 ticket 4711\n198.51.100.9/24\n2001:db8::/32,2026-03-02,T-12\nexample.org 2026-04-01 T-13\n"
                                          "*.example.net\nOWA.example.com;2026-05-01;T-14\n"), &e));
    CHECK(o.entries == 6 && o.undated == 2);
    for (size_t i = 0; i < COUNT_OF(at); i++)
        CHECK_WHY((net_ip_parse(str_c(at[i].who), ip) ? probe_optout_ip(&o, ip) : probe_optout_name(&o, str_c(at[i].who))) == at[i].out, at[i].who);
    CHECK(probe_optout_read(&o, &t.a, STR(""), &e) && o.entries == 0 && !probe_optout_name(&o, STR("example.org")));
    CHECK(!probe_optout_read(&o, &t.a, STR("192.0.2.7\n192.0.2\n"), &e) && e.kind == ERR_FORMAT && strstr(e.where, "line 2"));
    test_arena_free(&t);
}

static bool work(struct arena *a, struct err *e)
{
    struct probe_scope  s;
    struct probe_optout o;

    return probe_scope_read(&s, a, STR(HEAD "8.8.8.0/24\nmail.example.org\nb.example.org\n"), now, false, e) && probe_optout_read(&o, a, STR("1.2.3.4\nexample.org\n"), e);
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(work, 1 << 16);
}

int main(void)
{
    const struct CMUnitTest t[] = {
        cmocka_unit_test(refuses), cmocka_unit_test(addresses), cmocka_unit_test(special), cmocka_unit_test(optout), cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(t, setup, NULL);
}
