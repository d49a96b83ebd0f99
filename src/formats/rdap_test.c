/* Answers as registries give them, in our own words and with invented names. */
#include "test.h"

#include "base/net.h"
#include "base/num.h"
#include "formats/rdap.h"

enum { ROOM = 32 << 20 };
static struct world { uint8_t *room; struct arena a; } w;

static int setup(void **state)
{
    (void)state;
    w.room = malloc(ROOM);
    w.a = (struct arena){ .beg = w.room, .end = w.room + ROOM };
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(w.room);
    return 0;
}

static struct rdap read_whole(const char *text)
{
    struct rdap r;
    struct err  e = { 0 };

    if (!rdap_read(str_c(text), &w.a, &r, &e))
        fail_msg("%s", e.what);
    return r;
}

#define CARD(...) "\"vcardArray\":[\"vcard\",[[\"version\",{},\"text\",\"4.0\"]," __VA_ARGS__ "]]"

/* The sheet's own example, 3.1: what a reader must return from it. */
static void bakery(void **state)
{
    struct rdap r = read_whole(
        "{\"objectClassName\":\"ip network\",\"handle\":\"NET-192-0-2-0-1\",\"startAddress\":\"192.0.2.0\",\"endAddress\":\"192.0.2.15\",\"ipVersion\":\"v4\",\"name\":\"EXAMPLE-BAKERY\",\"country\":\"zz\","
        "\"events\":[{\"eventAction\":\"registration\",\"eventDate\":\"2001-01-01T00:00:00Z\"},{\"eventAction\":\"last changed\",\"eventDate\":\"2020-05-06T07:08:09Z\"}],"
        "\"entities\":[{\"objectClassName\":\"entity\",\"handle\":\"ORG-EB1\",\"roles\":[\"registrant\"],"
        CARD("[\"fn\",{},\"text\",\"Example Bakery Cooperative\"],[\"kind\",{},\"text\",\"org\"],[\"adr\",{\"label\":\"1 Sample Road\\nSampletown\"},\"text\",[\"\",\"\",\"\",\"\",\"\",\"\",\"\"]]")
        ",\"entities\":[{\"objectClassName\":\"entity\",\"handle\":\"AB1-ZZ\",\"roles\":[\"abuse\",\"noc\"],"
        CARD("[\"fn\",{},\"text\",\"Abuse desk\"],[\"kind\",{},\"text\",\"group\"],[\"email\",{\"pref\":\"1\"},\"text\",\"abuse@Bakery.example\"],[\"tel\",{\"type\":[\"work\",\"voice\"]},\"uri\",\"tel:+999-555-0100\"]")
        "}]}]}");

    (void)state;
    CHECK(r.is == RDAP_NETWORK && r.has_range && r.contact_n == 2 && !strcmp(r.country, "ZZ"));
    CHECK_STR(r.changed, STR("2020-05-06T07:08:09Z"));
    CHECK_STR(r.contact[0].name, STR("Example Bakery Cooperative"));
    CHECK_STR(r.contact[0].post, STR("1 Sample Road\nSampletown"));
    CHECK(r.contact[0].roles == RDAP_REGISTRANT && r.contact[0].group);
    CHECK(r.contact[1].roles == (RDAP_ABUSE | RDAP_NOC) && r.contact[1].depth == 1 && r.contact[1].group && !r.contact[1].registrars);
    CHECK_STR(r.contact[1].email[0], STR("abuse@bakery.example"));
    CHECK_STR(r.contact[1].phone[0], STR("+9995550100"));
}

/* A domain's abuse desk lies below its registrar: it is the registrar's. */
static void registrar(void **state)
{
    struct rdap r = read_whole(
        "{\"objectClassName\":\"domain\",\"ldhName\":\"BAKERY.example\",\"entities\":["
        "{\"objectClassName\":\"entity\",\"handle\":\"292\",\"roles\":[\"registrar\"]," CARD("[\"fn\",{},\"text\",\"Registrar Ltd\"]")
        ",\"entities\":[{\"objectClassName\":\"entity\",\"roles\":[\"abuse\"]," CARD("[\"email\",{},\"text\",\"abuse@registrar.example\"]") "}]},"
        "{\"objectClassName\":\"entity\",\"roles\":[\"registrant\"]," CARD("[\"fn\",{},\"text\",\"REDACTED FOR PRIVACY\"],[\"email\",{},\"text\",\"Please query the RDDS: redacted\"],"
        "[\"contact-uri\",{},\"uri\",\"https://registrar.example/contact/bakery.example\"],[\"adr\",{},\"text\",[\"\",\"\",\"redacted\",\"Sampletown\",\"\",\"1234\",\"ZZ\"]]") "}]}");

    (void)state;
    CHECK(r.is == RDAP_DOMAIN && r.contact_n == 3);
    CHECK_STR(r.ldh, STR("bakery.example"));
    CHECK(r.contact[0].registrars && r.contact[1].registrars && !r.contact[2].registrars);
    CHECK(r.contact[2].redacted && r.contact[2].name.n == 0 && r.contact[2].email_n == 0);
    CHECK_STR(r.contact[2].form, STR("https://registrar.example/contact/bakery.example"));
    CHECK_STR(r.contact[2].post, STR("Sampletown\n1234\nZZ"));
}

static void order(void **state)
{
    struct rdap r = read_whole(
        "{\"objectClassName\":\"autnum\",\"startAutnum\":64500,\"endAutnum\":64510,\"entities\":[{\"objectClassName\":\"entity\",\"handle\":\"X\",\"roles\":[\"technical\"],"
        CARD("[\"kind\",{},\"text\",\"individual\"],[\"email\",{},\"text\",\"b@x.example\"],[\"email\",{\"pref\":2},\"text\",\"c@x.example\"],[\"email\",{\"pref\":\"1\"},\"text\",\"mailto:a@x.example\"],"
             "[\"email\",{},\"text\",\"B@x.example\"],[\"email\",{},\"text\",\"not an address\"],[\"email\",{},\"text\",\"hm@ripe.net\"],[\"org\",{},\"text\",[\"X Ltd\",\"Unit\"]],"
             "[\"tel\",{\"type\":\"fax\"},\"text\",\"+1 555 0101\"],[\"tel\",{\"type\":[\"fax\",\"work\"]},\"text\",\"+1 555 0102\"],[\"tel\",{},\"text\",\"+1 (555) 0103;ext=7\"],[\"tel\",{},\"text\",\"call us\"]")
        "},{\"objectClassName\":\"entity\",\"handle\":\"x\",\"roles\":[\"noc\"]," CARD("[\"email\",{},\"text\",\"z@x.example\"]") "}]}");
    const struct rdap_contact *c = &r.contact[0];

    (void)state;
    CHECK(r.is == RDAP_AUTNUM && r.asn_first == 64500 && r.asn_last == 64510 && r.contact_n == 1 && r.refused == 2);
    CHECK(c->roles == (RDAP_TECHNICAL | RDAP_NOC) && !c->group && c->email_n >= 3 && c->phone_n == 1);
    CHECK_STR(c->email[0], STR("a@x.example"));
    CHECK_STR(c->email[1], STR("c@x.example"));
    CHECK_STR(c->email[2], STR("b@x.example"));
    CHECK_STR(c->phone[0], STR("+15550103"));
    CHECK_STR(c->org, STR("X Ltd"));
}

/* RFC 9537: an address in place of the registrant's is not the registrant's; the others' stay what they are. Parameters of an email may be lists. */
static void replaced(void **state)
{
    struct rdap r = read_whole(
        "{\"objectClassName\":\"domain\",\"ldhName\":\"bakery.example\",\"entities\":[{\"objectClassName\":\"entity\",\"roles\":[\"registrant\"]," CARD("[\"email\",{\"type\":[\"work\",\"x\"],\"pref\":[\"1\"]},\"text\",\"k3j@proxy.example\"]")
        "},{\"objectClassName\":\"entity\",\"roles\":[\"technical\"]," CARD("[\"email\",{},\"text\",\"tech@bakery.example\"]") "}],\"redacted\":[\"x\",{\"method\":\"removal\",\"prePath\":\"$.entities[?(@.roles[0]=='technical')]\"},"
        "{\"name\":{\"type\":\"Registrant Email\"},\"method\":\"replacementValue\",\"postPath\":\"$.entities[?(@.roles[0]=='registrant')].vcardArray[1][?(@[0]=='email')][3]\"}]}");

    (void)state;
    CHECK(r.contact_n == 2 && r.contact[0].redacted && r.contact[0].email_n == 1 && !r.contact[1].redacted && r.contact[1].email_n == 1);
}

static void loops_and_limits(void **state)
{
    char       *text = malloc(1 << 20);
    size_t      n = 0;
    struct rdap r = read_whole("{\"objectClassName\":\"entity\",\"handle\":\"A\",\"roles\":[\"abuse\"],\"entities\":[{\"handle\":\"B\",\"entities\":[{\"handle\":\"A\",\"entities\":[{\"handle\":\"B\",\"entities\":[{\"handle\":\"C\"}]}]}]}]}");

    (void)state;
    CHECK(r.contact_n == 2 && r.more);                   /* A and B once; C lies too deep */
    n = (size_t)snprintf(text, 1 << 20, "{\"objectClassName\":\"ip network\",\"entities\":[");
    for (int i = 0; i < 500; i++)
        n += (size_t)snprintf(text + n, (1 << 20) - n, "%s{\"handle\":\"H%d\"}", i ? "," : "", i);
    snprintf(text + n, (1 << 20) - n, "]}");
    r = read_whole(text);
    CHECK(r.contact_n == RDAP_CONTACTS_MAX && r.more);
    free(text);
}

static void refused(void **state)
{
    static const struct { const char *text; enum err_kind kind; const char *why; } c[] = {
        { "", ERR_FORMAT, "empty" }, { "<html>", ERR_FORMAT, "a page" }, { "[]", ERR_FORMAT, "an array" }, { "{}", ERR_FORMAT, "no class" },
        { "{\"objectClassName\":\"nameserver\"}", ERR_FORMAT, "a class without contacts" }, { "{\"errorCode\":404,\"title\":\"not found\"}", ERR_FORMAT, "an error answer" },
        { "{\"objectClassName\":\"ip network\",\"entities\":[", ERR_FORMAT, "cut" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct rdap r;
        struct err  e = { 0 };
        CHECK_WHY(!rdap_read(str_c(c[i].text), &w.a, &r, &e) && e.kind == c[i].kind, c[i].why);
    }
    uint8_t *big = calloc(1, RDAP_BYTES_MAX + 1);
    struct rdap r;
    struct err  e = { 0 };
    CHECK(!rdap_read((struct str){ big, RDAP_BYTES_MAX + 1 }, &w.a, &r, &e) && e.kind == ERR_LIMIT);
    free(big);
}

static void bootstrap(void **state)
{
    static const char file[] = "{\"version\":\"1.0\",\"services\":[[[\"192.0.0.0/8\",\"2001:db8::/32\"],[\"http://wide.example/rdap\",\"https://wide.example/rdap\"]],[[\"192.0.2.0/24\"],[\"https://near.example/\"]],"
                               "[[\"64496-64511\"],[\"https://as.example/\"]],[[\"example\",\"co.example\"],[\"https://dns.example/\"]],[[\"old\"],[\"http://old.example/\"]],[[\"none\"],[\"ftp://x/\"]]]}";
    static const struct { const char *asked, *want; } c[] = {
        { "192.0.2.7", "https://near.example/" }, { "192.1.2.7", "https://wide.example/rdap/" }, { "2001:db8::1", "https://wide.example/rdap/" }, { "10.0.0.1", NULL }, { "AS64500", "https://as.example/" },
        { "AS1", NULL }, { "bakery.example", "https://dns.example/" }, { "bakeryexample", NULL }, { "x.old", "http://old.example/" }, { "x.none", NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct str url = STR_EMPTY;
        struct err e = { 0 };
        bool ok = rdap_bootstrap(str_c(file), str_c(c[i].asked), &w.a, &url, &e);
        CHECK_WHY(e.kind == ERR_NONE && ok == (c[i].want != NULL), c[i].asked);
        if (ok)
            CHECK_STR(url, str_c(c[i].want));
    }
}

int main(void)
{
    const struct CMUnitTest t[] = {
        cmocka_unit_test(bakery), cmocka_unit_test(registrar), cmocka_unit_test(order), cmocka_unit_test(replaced), cmocka_unit_test(loops_and_limits), cmocka_unit_test(refused), cmocka_unit_test(bootstrap),
    };
    return cmocka_run_group_tests(t, setup, teardown);
}
