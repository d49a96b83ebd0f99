#include "test.h"

#include "base/num.h"
#include "os/mem.h"
#include "survey/where.h"

#include <unistd.h>

/* --- a MaxMind database of our own: MaxMind DB File Format Specification 2.0 --- */

struct mm { uint32_t node[4096][2]; size_t n; uint8_t data[4096]; size_t data_n; };
enum { MM_EMPTY = UINT32_MAX, MM_DATA = 1 << 24 };

static void mm_bytes(struct mm *m, const void *p, size_t n)
{
    CHECK(m->data_n + n <= sizeof m->data);
    memcpy(m->data + m->data_n, p, n);
    m->data_n += n;
}

static void mm_text(struct mm *m, const char *s)       /* type 2, less than 29 bytes */
{
    uint8_t head[2] = { (uint8_t)(2 << 5 | strlen(s)), 0 };
    size_t  n = strlen(s);
    if (n >= 29) {
        head[0] = 2 << 5 | 29;
        head[1] = (uint8_t)(n - 29);
    }
    mm_bytes(m, head, n >= 29 ? 2 : 1);
    mm_bytes(m, s, n);
}

static void mm_map(struct mm *m, uint8_t pairs) { mm_bytes(m, &(uint8_t){ (uint8_t)(7 << 5 | pairs) }, 1); }
static void mm_u32(struct mm *m, uint32_t v) { mm_bytes(m, (uint8_t[]){ 6 << 5 | 4, (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v }, 5); }
static void mm_u16(struct mm *m, uint16_t v) { mm_bytes(m, (uint8_t[]){ 5 << 5 | 2, (uint8_t)(v >> 8), (uint8_t)v }, 3); }

/* IPv4 lies at ::a.b.c.d there. */
static void mm_add(struct mm *m, const char *cidr, uint32_t offset)
{
    struct net n;
    uint32_t   at = 0;

    CHECK(net_parse(str_c(cidr), &n, NULL));
    if (net_is4(n.ip))
        n.ip[10] = n.ip[11] = 0;
    for (unsigned bit = 0; bit < n.bits; bit++) {
        uint32_t *next = &m->node[at][n.ip[bit / 8] >> (7 - bit % 8) & 1];
        if (bit + 1u == n.bits) {
            *next = MM_DATA + offset;
        } else {
            if (*next == MM_EMPTY) {
                *next = (uint32_t)m->n;
                m->node[m->n][0] = m->node[m->n][1] = MM_EMPTY;
                m->n++;
            }
            at = *next;
        }
    }
}

static void mm_write(struct mm *m, const char *path)
{
    FILE  *f = fopen(path, "w");
    size_t data_n = m->data_n;

    CHECK(f);
    for (size_t i = 0; i < m->n; i++)
        for (int k = 0; k < 2; k++) {
            uint32_t v = m->node[i][k];
            v = v == MM_EMPTY ? (uint32_t)m->n : v >= MM_DATA ? (uint32_t)m->n + 16 + (v - MM_DATA) : v;
            uint8_t b[3] = { (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };
            CHECK(fwrite(b, 1, 3, f) == 3);
        }
    CHECK(fwrite((uint8_t[16]){ 0 }, 1, 16, f) == 16 && fwrite(m->data, 1, data_n, f) == data_n);
    m->data_n = 0;
    mm_bytes(m, "\xab\xcd\xefMaxMind.com", 14);
    mm_map(m, 9);
    mm_text(m, "node_count");                  mm_u32(m, (uint32_t)m->n);
    mm_text(m, "record_size");                 mm_u16(m, 24);
    mm_text(m, "ip_version");                  mm_u16(m, 6);
    mm_text(m, "database_type");               mm_text(m, "Test");
    mm_text(m, "binary_format_major_version"); mm_u16(m, 2);
    mm_text(m, "binary_format_minor_version"); mm_u16(m, 0);
    mm_text(m, "build_epoch");                 mm_bytes(m, (uint8_t[]){ 8, 2, 0, 0, 0, 0, 0, 0, 0, 1 }, 10);
    mm_text(m, "languages");                   mm_bytes(m, (uint8_t[]){ 0, 4 }, 2);
    mm_text(m, "description");                 mm_map(m, 0);
    CHECK(fwrite(m->data, 1, m->data_n, f) == m->data_n && fclose(f) == 0);
}

static void mm_make(const char *path)
{
    struct mm *m = calloc(1, sizeof *m);

    if (!m)
        fail_msg("no memory");
    m->n = 1;
    m->node[0][0] = m->node[0][1] = MM_EMPTY;
    uint32_t at = (uint32_t)m->data_n;
    mm_map(m, 1); mm_text(m, "country"); mm_map(m, 1); mm_text(m, "iso_code"); mm_text(m, "AT");
    mm_add(m, "192.0.2.0/24", at);
    at = (uint32_t)m->data_n;
    mm_map(m, 2); mm_text(m, "autonomous_system_number"); mm_u32(m, 64496); mm_text(m, "country"); mm_map(m, 1); mm_text(m, "iso_code"); mm_text(m, "DE");
    mm_add(m, "198.51.100.0/25", at);
    mm_add(m, "2001:db8::/32", at);
    mm_write(m, path);
    free(m);
}

/* --- bench --- */

struct bench { struct test_arena t; struct pack pack; struct where *w; struct err e; };

static struct bench *bench_open(void)
{
    struct bench *b = calloc(1, sizeof *b);

    if (!b)
        fail_msg("no memory");
    b->t = test_arena(16 << 20);
    if (!pack_load_embedded(&b->pack, &b->t.a, STR("survey"), &b->e) || !where_open(&b->w, &b->t.a, &b->pack, &b->e))
        fail_msg("%s %s", b->e.what, b->e.where);
    return b;
}

static void bench_close(struct bench *b)
{
    where_close(b->w);
    test_arena_free(&b->t);
    free(b);
}

static enum where_kind add(struct bench *b, const char *text, uint64_t rows, uint64_t bad)
{
    enum where_kind kind;
    uint64_t        n, wrong;
    struct str      in = test_heap(text, strlen(text)), copy = str_dup(&b->t.a, in);

    if (!where_add_text(b->w, copy, &kind, &n, &wrong, &b->e))
        fail_msg("%s: %s", text, b->e.what);
    if (n != rows || wrong != bad)
        fail_msg("%s: %llu rows, %llu bad", text, (unsigned long long)n, (unsigned long long)wrong);
    test_free(in);
    return kind;
}

static void located(struct bench *b, const char *ip, const char *country, uint32_t asn)
{
    uint8_t  a[16];
    char     cc[3];
    uint32_t n;

    CHECK_WHY(net_ip_parse(str_c(ip), a), ip);
    bool found = where_locate(b->w, a, cc, &n);
    if (strcmp(cc, country) != 0 || n != asn || found != (country[0] || asn))
        fail_msg("%s: \"%s\" AS%u", ip, cc, n);
}

static void databases(void **state)
{
    struct bench *b = bench_open();
    struct os     os = os_posix();
    char          path[] = "/tmp/where-XXXXXX.mmdb";
    int           fd = mkstemps(path, 5);
    enum where_kind kind;
    uint64_t      rows, bad;

    (void)state;
    CHECK(fd >= 0 && close(fd) == 0);
    CHECK_WHY(!where_add(b->w, &os, str_c(path), &kind, &rows, &bad, &b->e) && str_has(str_c(b->e.where), STR(".mmdb")), "an empty file is no database");
    mm_make(path);
    if (!where_add(b->w, &os, str_c(path), &kind, &rows, &bad, &b->e))
        fail_msg("%s", b->e.what);
    CHECK(kind == WHERE_MMDB);
    CHECK(add(b, "192.0.2.0/24,ZZ,64499\n203.0.113.0/24,CH,\n", 2, 0) == WHERE_NETWORKS);
    CHECK(where_ready(b->w, &b->e));
    located(b, "192.0.2.9", "AT", 64499);              /* the country of the first file, the number of the second */
    located(b, "198.51.100.1", "DE", 64496);
    located(b, "198.51.100.200", "", 0);
    located(b, "203.0.113.255", "CH", 0);
    located(b, "2001:db8::1", "DE", 64496);
    located(b, "2001:db9::1", "", 0);
    unlink(path);
    bench_close(b);
}

static void networks(void **state)
{
    struct bench *b = bench_open();

    (void)state;
    CHECK(add(b, "\xef\xbb\xbf" "network,country_iso_code,x\r\n192.0.2.0/24,at,1\r\n192.0.2.128/25,DE,1\r\nnonsense,DE,1\r\n198.51.100.0/24,,1\r\n", 2, 2) == WHERE_NETWORKS);
    CHECK(add(b, "\"203.0.113.5\";\"203.0.113.9\";\"CH\"\n2001:db8:1::,2001:db8:1::ff,FR\n", 1, 1) == WHERE_NETWORKS);
    CHECK(add(b, "network,autonomous_system_number,autonomous_system_organization\n198.51.100.0/24,64500,\"Carrier, Inc\"\n192.0.2.200/32,AS64501,x\n", 2, 0) == WHERE_NETWORKS);
    CHECK(add(b, "2|ripencc|20210301|4|19830705|20210228|+0000\nripencc|*|ipv4|*|4|summary\nripencc|SE|ipv4|198.51.100.0|192|19930901|allocated\n"
                 "ripencc|NO|ipv6|2001:db8:2::|48|20010101|assigned\nripencc|SE|asn|64500|1|19930901|allocated\nripencc|SE|ipv4|198.51.100.0|0|19930901|allocated\n", 2, 1) == WHERE_DELEGATED);
    CHECK(where_ready(b->w, &b->e));
    located(b, "192.0.2.1", "AT", 0);
    located(b, "192.0.2.129", "DE", 0);
    located(b, "192.0.2.200", "DE", 64501);            /* the smaller network knows one, the larger the other */
    located(b, "203.0.113.4", "", 0);
    located(b, "203.0.113.5", "CH", 0);
    located(b, "203.0.113.9", "CH", 0);
    located(b, "203.0.113.10", "", 0);
    located(b, "198.51.100.191", "SE", 64500);         /* 192 addresses are no power of two */
    located(b, "198.51.100.192", "", 64500);
    located(b, "2001:db8:2:ffff::1", "NO", 0);
    located(b, "2001:db8:3::1", "", 0);
    bench_close(b);
}

static struct whose whose(struct bench *b, const char *ip, const char *name, const char *org, const char *sector, uint32_t naics, uint32_t asn)
{
    uint8_t            a[1][16];
    struct str         n[] = { str_c(name) }, o[] = { str_c(org) };
    struct whose_facts f = { .ip = (const uint8_t (*)[16])a, .ip_n = ip[0] != 0, .name = n, .name_n = name[0] != 0, .org = o, .org_n = org[0] != 0, .sector = str_c(sector), .naics = naics, .asn = asn };
    struct whose       w;

    CHECK(!ip[0] || net_ip_parse(str_c(ip), a[0]));
    if (!where_whose(b->w, &b->t.a, &f, &w, &b->e))
        fail_msg("%s", b->e.what);
    return w;
}

static void sectors(void **state)
{
    static const struct { const char *why, *ip, *name, *org, *sector; uint32_t naics, asn; const char *want; enum whose_by by; } c[] = {
        { "the register's network", "192.0.2.20", "mail.bank.example", "", "Finance and Insurance", 52, 0, "health", WHOSE_REGISTER },
        { "the register's domain, and what lies below", "", "owa.mail.city-works.example", "", "", 0, 0, "utilities", WHOSE_REGISTER },
        { "the register's AS", "", "", "", "", 0, 64510, "education", WHOSE_REGISTER },
        { "NAICS before the name", "", "mail.schule.example", "", "", 622110, 0, "health", WHOSE_REPORT },
        { "a carrier's NAICS is the network holder's: the name decides", "", "mail.gymnasium-x.example", "", "", 517311, 0, "education", WHOSE_WORD },
        { "so is a hoster's", "", "mail.firm.example", "", "", 518210, 0, "", WHOSE_UNKNOWN },
        { "another number of information is one", "", "mail.firm.example", "", "", 511110, 0, "information", WHOSE_REPORT },
        { "the source's word", "", "mail.firm.example", "", "Education Services", 0, 0, "education", WHOSE_REPORT },
        { "a carrier's word", "", "mail.firm.example", "", "Communications, Service Provider, and Hosting Service", 0, 0, "", WHOSE_UNKNOWN },
        { "the suffix", "", "mail.agency.gv.at", "", "", 0, 0, "government", WHOSE_SUFFIX },
        { "the suffix before a word", "", "hospital.agency.gov", "", "", 0, 0, "government", WHOSE_SUFFIX },
        { "a suffix that is a word elsewhere", "", "mail.x.mil", "", "", 0, 0, "defence", WHOSE_SUFFIX },
        { "a word of the certificate", "", "mail.x.example", "Universitaetsklinikum X", "", 0, 0, "health", WHOSE_WORD },
        { "part of a name", "", "mail.stadtwerke-x.example", "", "", 0, 0, "utilities", WHOSE_WORD },
        { "a whole word", "", "mail.x-city.example", "", "", 0, 0, "municipality", WHOSE_WORD },
        { "and not part of another", "", "mail.velocity.example", "", "", 0, 0, "", WHOSE_UNKNOWN },
        { "a provider's name for an address", "", "static-192-0-2-10.school.example", "", "", 0, 0, "", WHOSE_UNKNOWN },
        { "nothing", "", "", "", "", 0, 0, "", WHOSE_UNKNOWN },
    };
    struct bench *b = bench_open();

    (void)state;
    CHECK(add(b, "cidr,domain,asn,organisation,sector\n192.0.2.16/28 192.0.2.64/28,,,\"St. Example, Hospital\",health\n,*.city-works.example,,City Works,utilities\n,,AS64510,University X,education\n"
                 "bad,,,Nobody,health\n", 3, 1) == WHERE_REGISTER);
    CHECK(where_ready(b->w, &b->e));
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct whose w = whose(b, c[i].ip, c[i].name, c[i].org, c[i].sector, c[i].naics, c[i].asn);
        if (!str_eq(w.sector, str_c(c[i].want)) || w.sector_by != c[i].by)
            fail_msg("%s: \"%.*s\" by %s", c[i].why, STR_ARG(w.sector), whose_by_name(w.sector_by));
        CHECK_WHY(w.sector.n ? w.confidence > 0 && w.confidence <= 100 : w.confidence == 0, c[i].why);
    }
    bench_close(b);
}

static void organisations(void **state)
{
    static const char rdap[] = "{\"objectClassName\":\"ip network\",\"handle\":\"198.51.100.16 - 198.51.100.31\",\"startAddress\":\"198.51.100.16\",\"endAddress\":\"198.51.100.31\",\"ipVersion\":\"v4\",\"country\":\"ZZ\","
        "\"entities\":[{\"roles\":[\"abuse\"],\"vcardArray\":[\"vcard\",[[\"fn\",{},\"text\",\"Example Abuse\"]]],\"entities\":[{\"roles\":[\"registrant\"],\"vcardArray\":[\"vcard\",[[\"version\",{},\"text\",\"4.0\"],[\"fn\",{},\"text\",\"Example School\"]]]}]}]}\n"
        "{\"objectClassName\":\"ip network\",\"startAddress\":\"203.0.0.0\",\"endAddress\":\"203.0.255.255\",\"entities\":[{\"roles\":[\"registrant\"],\"vcardArray\":[\"vcard\",[[\"fn\",{},\"text\",\"Carrier\"]]]}]}\n"
        "{\"objectClassName\":\"domain\"}\nnonsense\n";
    static const struct { const char *why, *ip, *name, *org, *want; enum whose_by by; const char *domain; } c[] = {
        { "register", "192.0.2.20", "mail.x.example", "Other Ltd", "St. Example", WHOSE_REGISTER, "x.example" },
        { "certificate", "198.51.100.20", "mail.a.co.uk", "A Ltd", "A Ltd", WHOSE_CERTIFICATE, "a.co.uk" },
        { "the product's own certificate", "", "mail.a.co.uk", "Microsoft Exchange", "a.co.uk", WHOSE_NAME, "a.co.uk" },
        { "registrant of a small network", "198.51.100.20", "mail.a.co.uk", "", "Example School", WHOSE_RDAP, "a.co.uk" },
        { "never the one of a large network", "203.0.113.1", "mail.a.co.uk", "", "a.co.uk", WHOSE_NAME, "a.co.uk" },
        { "a public suffix is nobody's", "203.0.113.1", "co.uk", "", "", WHOSE_UNKNOWN, "" },
        { "nobody", "203.0.113.1", "", "", "", WHOSE_UNKNOWN, "" },
    };
    struct bench *b = bench_open();

    (void)state;
    CHECK(add(b, rdap, 2, 2) == WHERE_RDAP && add(b, "cidr,organisation\n192.0.2.16/28,St. Example\n", 1, 0) == WHERE_REGISTER && where_ready(b->w, &b->e));
    located(b, "198.51.100.17", "ZZ", 0);
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct whose w = whose(b, c[i].ip, c[i].name, c[i].org, "", 0, 0);
        if (!str_eq(w.organisation, str_c(c[i].want)) || w.organisation_by != c[i].by || !str_eq(w.domain, str_c(c[i].domain)))
            fail_msg("%s: \"%.*s\" by %s, domain \"%.*s\"", c[i].why, STR_ARG(w.organisation), whose_by_name(w.organisation_by), STR_ARG(w.domain));
    }
    CHECK_WHY(str_eq(whose(b, "198.51.100.20", "", "", "", 0, 0).sector, STR("education")), "the registrant's name has words as well");
    bench_close(b);
}

static void refused(void **state)
{
    static const char *const bad[] = { "", "hello\nworld\n", "network,country\nx,AT\n", "{\"a\":1}", "[]", "ripencc|SE|ipv4|198.51.100.0|0|1|allocated\n", "a,b\n" };
    struct bench *b = bench_open();
    enum where_kind kind;
    uint64_t      n, wrong;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        CHECK_WHY(!where_add_text(b->w, str_c(bad[i]), &kind, &n, &wrong, &b->e) && b->e.kind == ERR_FORMAT, bad[i]);
    CHECK(where_ready(b->w, &b->e));
    located(b, "198.51.100.0", "", 0);
    bench_close(b);
}

static struct pack *swept;
static bool sweep(struct arena *a, struct err *e)
{
    static const char *const text[] = { "cidr,domain,asn,organisation,sector\n192.0.2.16/28,x.example,64510,A,health\n", "192.0.2.0/24,AT\n",
                                        "{\"objectClassName\":\"ip network\",\"startAddress\":\"198.51.100.16\",\"endAddress\":\"198.51.100.31\",\"country\":\"ZZ\"}" };
    struct where   *w = NULL;
    enum where_kind kind;
    uint64_t        n, bad;
    bool            ok = where_open(&w, a, swept, e);

    for (size_t i = 0; ok && i < COUNT_OF(text); i++)
        ok = where_add_text(w, str_c(text[i]), &kind, &n, &bad, e);
    struct str         name[] = { STR("mail.hospital-x.example") };
    struct whose_facts f = { .name = name, .name_n = 1 };
    struct whose       r;
    return ok && where_ready(w, e) && where_whose(w, a, &f, &r, e);
}

static void memory_fails(void **state)
{
    struct bench *b = bench_open();

    (void)state;
    swept = &b->pack;
    fault_sweep(sweep, 4 << 20);
    bench_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(databases), cmocka_unit_test(networks), cmocka_unit_test(sectors), cmocka_unit_test(organisations), cmocka_unit_test(refused),
        cmocka_unit_test(memory_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
