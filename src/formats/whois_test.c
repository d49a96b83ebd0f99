/* Answers as WHOIS servers give them, in our own words and with invented names. */
#include "test.h"

#include "base/net.h"
#include "formats/whois.h"

enum { ROOM = 8 << 20 };
static uint8_t room[ROOM];

static const char ripe[] =
    "% This is a made-up answer.\n\n% Abuse contact for '192.0.2.0 - 192.0.2.15' is 'abuse@bakery.example'\n\n"
    "inetnum:        192.0.2.0 - 192.0.2.15\nnetname:        EXAMPLE-BAKERY\ncountry:        zz\norg:            ORG-EB1-EX\nadmin-c:        PB1-EX\ntech-c:         BN1-EX\n"
    "status:         ASSIGNED PA\nlast-modified:  2020-05-06T07:08:09Z\nsource:         EX # Filtered\n\n"
    "organisation:   ORG-EB1-EX\norg-name:       Example Bakery Cooperative\naddress:        1 Sample Road\naddress:        Sampletown\n+               Zedland\nabuse-c:        AB1-EX\ntech-c:         XX9-EX\n\n"
    "role:           Abuse desk\nnic-hdl:        AB1-EX\nabuse-mailbox:  Abuse@Bakery.example\ne-mail:         hello@bakery.example\nphone:          +999 555 0100\n\n"
    "role:           Bakery NOC\nnic-hdl:        BN1-EX\ne-mail:         noc@bakery.example\n\n"
    "person:         P. Baker\nnic-hdl:        PB1-EX\nphone:          +999-555-0101\ne-mail:         p.baker@bakery.example\n\n"
    "role:           Somebody else\nnic-hdl:        XX9-EX\ne-mail:         other@elsewhere.example\n\n"
    "route:          192.0.2.0/24\norigin:         AS64500\n";

static const char apnic[] =
    "inetnum:        192.0.0.0 - 192.0.255.255\nnetname:        EXAMPLE-ISP\nmnt-irt:        IRT-ISP-EX\n\n"
    "inetnum:        192.0.2.0 - 192.0.2.255\r\nnetname:        EXAMPLE-NET\r\ncountry:        ZZ\r\nmnt-irt:        IRT-BAKERY-EX\r\ntech-c:         NO1-EX\r\n\r\n"
    "irt:            IRT-BAKERY-EX\r\naddress:        1 Sample Road\r\ne-mail:         irt@bakery.example\r\nabuse-mailbox:  abuse@bakery.example\r\nremarks:        abuse@bakery.example was validated\r\n\r\n"
    "irt:            IRT-ISP-EX\r\nabuse-mailbox:  abuse@isp.example\r\n\r\nperson:         N. One\r\nnic-hdl:        NO1-EX\r\ne-mail:         n.one@apnic.net\r\n";

static const char arin[] =
    "# start\n\nNetRange:       192.0.0.0 - 192.0.255.255\nCIDR:           192.0.0.0/16\nNetName:        EXAMPLE-ISP\nOrgName:        Example ISP\nOrgAbuseEmail:  abuse@isp.example\n\n# end\n\n# start\n\n"
    "NetRange:       192.0.2.0 - 192.0.2.15\nNetName:        EXAMPLE-BAKERY\nNetHandle:      NET-192-0-2-0-1\nUpdated:        2020-05-06\n\n"
    "OrgName:        Example Bakery Cooperative\nOrgId:          EBC-1\nAddress:        1 Sample Road\nCity:           Sampletown\nCountry:        ZZ\nUpdated:        2019-01-01\n\n"
    "OrgTechHandle: T1-ARIN\nOrgTechName:   Tech\nOrgTechPhone:  +9995550102 \nOrgTechEmail:  tech@bakery.example\n\n"
    "OrgAbuseHandle: A1-ARIN\nOrgAbuseName:   Abuse\nOrgAbusePhone:  +999-555-0100\nOrgAbuseEmail:  abuse@bakery.example\nOrgAbuseRef:    https://rdap.example/entity/A1\n\n"
    "OrgAbuseHandle: A2-ARIN\nOrgAbuseEmail:  abuse2@bakery.example\n\n# end\n";

static const char lacnic[] =
    "inetnum:     192.0.2/24\nstatus:      allocated\nowner:       Example Bakery Cooperative\nownerid:     ZZ-EBCO-LACNIC\naddress:     1 Sample Road\ncountry:     ZZ\nowner-c:     EBC\ntech-c:      EBC\n"
    "abuse-c:     EBA\nchanged:     20200506\n\nnic-hdl:     EBC\nperson:      Example Desk\ne-mail:      desk@bakery.example\nphone:       +999  5550100 [0000]\n\nnic-hdl:     EBA\nperson:      Abuse\ne-mail:      abuse@bakery.example\n";

static const char registrar[] =
    "   Domain Name: BAKERY.EXAMPLE\r\n   Registry Domain ID: 1_EX\r\n   Registrar: Example Registrar Ltd\r\n   Registrar Abuse Contact Email: abuse@registrar.example\r\n"
    "   Registrar Abuse Contact Phone: +999.5550199\r\n   Registrant Name: REDACTED FOR PRIVACY\r\n   Registrant Organization: Example Bakery Cooperative\r\n   Registrant Country: ZZ\r\n"
    "   Registrant Email: https://registrar.example/form/bakery\r\n   Admin Email: Please query the RDDS service: redacted\r\n   Tech Email: tech@bakery.example\r\n   >>> Last update <<<\r\n";

static struct rdap read_whole(const char *text, const char *asked)
{
    struct arena    a = { room, room + ROOM, NULL };
    struct rdap     r = { 0 };
    struct err      e = { 0 };
    enum whois_says says = WHOIS_BUSY;

    if (!whois_read(str_c(text), str_c(asked), &a, &says, &r, &e))
        fail_msg("%s", e.what);
    CHECK(says == WHOIS_FOUND);
    return r;
}

static const struct rdap_contact *of_role(const struct rdap *r, uint32_t role)
{
    for (size_t i = 0; i < r->contact_n; i++)
        if (r->contact[i].roles & role)
            return &r->contact[i];
    fail_msg("no contact of role %u", role);
    return NULL;
}

static void in_rpsl(void **state)
{
    struct rdap r = read_whole(ripe, "192.0.2.7");
    const struct rdap_contact *abuse = of_role(&r, RDAP_ABUSE), *admin = of_role(&r, RDAP_ADMINISTRATIVE), *org = of_role(&r, RDAP_REGISTRANT);

    (void)state;
    CHECK(r.is == RDAP_NETWORK && r.has_range && r.last[15] == 15 && !strcmp(r.country, "ZZ") && r.contact_n == 4);
    CHECK_STR(abuse->email[0], STR("Abuse@bakery.example"));
    CHECK(abuse->email_n == 2 && abuse->group && abuse->phone_n == 1);
    CHECK_STR(abuse->phone[0], STR("+9995550100"));
    CHECK(!admin->group);
    CHECK_STR(org->org, STR("Example Bakery Cooperative"));
    CHECK_STR(org->post, STR("1 Sample Road\nSampletown"));
    CHECK_STR(of_role(&r, RDAP_TECHNICAL)->email[0], STR("noc@bakery.example"));

    /* Brief form: the comment, or the bare attribute. */
    r = read_whole("inetnum:        192.0.2.0 - 192.0.2.255\nabuse-mailbox:  abuse@bakery.example\n", "192.0.2.7");
    CHECK(r.contact_n == 1 && r.contact[0].roles == RDAP_ABUSE);
    r = read_whole("% Abuse contact for '192.0.2.0 - 192.0.2.255' is 'abuse@bakery.example'\n", "192.0.2.7");
    CHECK(r.contact_n == 1 && !r.has_range);
    r = read_whole("aut-num: AS64500\nas-name: EX\nabuse-c: A\n\nrole: Desk\nnic-hdl: A\nabuse-mailbox: abuse@isp.example\n", "AS64500");
    CHECK(r.is == RDAP_AUTNUM && r.asn_first == 64500 && r.contact_n == 1);
}

static void in_other_registries(void **state)
{
    struct rdap r = read_whole(apnic, "192.0.2.7");

    (void)state;
    CHECK(r.last[14] == 2 && r.refused == 1);               /* the smaller network; an address of the registry's is none */
    CHECK_STR(of_role(&r, RDAP_ABUSE)->email[0], STR("abuse@bakery.example"));
    for (size_t i = 0; i < r.contact_n; i++)
        CHECK(!r.contact[i].email_n || !str_ends(r.contact[i].email[0], STR("isp.example")));

    r = read_whole(arin, "192.0.2.7");
    CHECK(r.last[15] == 15 && r.contact_n == 4);
    CHECK_STR(of_role(&r, RDAP_ABUSE)->email[0], STR("abuse@bakery.example"));
    CHECK_STR(of_role(&r, RDAP_TECHNICAL)->phone[0], STR("+9995550102"));
    CHECK_STR(of_role(&r, RDAP_REGISTRANT)->post, STR("1 Sample Road\nSampletown\nZZ"));
    CHECK_STR(r.changed, STR("2020-05-06"));
    r = read_whole(arin, "192.0.9.7");
    CHECK(r.last[15] == 255 && r.contact_n == 2);
    CHECK_STR(of_role(&r, RDAP_ABUSE)->email[0], STR("abuse@isp.example"));

    r = read_whole(lacnic, "192.0.2.7");
    CHECK(r.has_range && r.first[15] == 0 && r.last[15] == 255 && r.contact_n == 3);
    CHECK_STR(of_role(&r, RDAP_ABUSE)->email[0], STR("abuse@bakery.example"));
    CHECK_STR(r.contact[2].org, STR("Example Bakery Cooperative"));
}

static void of_a_domain(void **state)
{
    struct rdap r = read_whole(registrar, "bakery.example");
    const struct rdap_contact *owner = of_role(&r, RDAP_REGISTRANT), *desk = of_role(&r, RDAP_REGISTRAR);

    (void)state;
    CHECK(r.is == RDAP_DOMAIN && r.contact_n == 4);
    CHECK_STR(r.ldh, STR("bakery.example"));
    CHECK(desk->registrars && !owner->registrars && owner->redacted && owner->email_n == 0 && owner->name.n == 0);
    CHECK_STR(desk->email[0], STR("abuse@registrar.example"));
    CHECK_STR(desk->org, STR("Example Registrar Ltd"));
    CHECK_STR(owner->form, STR("https://registrar.example/form/bakery"));
    CHECK(of_role(&r, RDAP_ADMINISTRATIVE)->email_n == 0 && of_role(&r, RDAP_ADMINISTRATIVE)->redacted);
    CHECK_STR(of_role(&r, RDAP_TECHNICAL)->email[0], STR("tech@bakery.example"));
}

static void says_nothing(void **state)
{
    static const struct { const char *text; enum whois_says says; const char *why; } cases[] = {
        { "%ERROR:101: no entries found\n%\n% No entries found in source EX.\n", WHOIS_NOTHING, "RIPE" },
        { "No match for \"BAKERY.EXAMPLE\".\r\n", WHOIS_NOTHING, "a registry of domains" },
        { "No match found for n + 192.0.2.7.\n", WHOIS_NOTHING, "ARIN" },
        { "%ERROR:201: access denied for 192.0.2.1\n", WHOIS_BUSY, "refused" },
        { "% Query rate limit exceeded. Reduced information.\n", WHOIS_BUSY, "LACNIC" },
        { "inetnum: 198.51.100.0 - 198.51.100.255\nabuse-mailbox: a@b.example\n", WHOIS_NOTHING, "another network" },
    };
    static const char *const broken[] = { "", "hello\n", "key: value\n", "\xff\xfe\n\0" };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena    a = { room, room + ROOM, NULL };
        struct rdap     r;
        struct err      e = { 0 };
        enum whois_says says;
        CHECK_WHY(whois_read(str_c(cases[i].text), STR("192.0.2.7"), &a, &says, &r, &e) && says == cases[i].says, cases[i].why);
    }
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct arena    a = { room, room + ROOM, NULL };
        struct rdap     r;
        struct err      e = { 0 };
        enum whois_says says;
        CHECK(!whois_read(str_c(broken[i]), STR("192.0.2.7"), &a, &says, &r, &e) && e.kind == ERR_FORMAT);
    }
}

static void hostile(void **state)
{
    static char big[WHOIS_BYTES_MAX + 2];
    struct arena    a = { room, room + ROOM, NULL };
    struct rdap     r;
    struct err      e = { 0 };
    enum whois_says says;
    size_t          n = 0;

    (void)state;
    memset(big, 'x', sizeof big - 1);
    CHECK(!whois_read((struct str){ (const uint8_t *)big, sizeof big - 1 }, STR("192.0.2.7"), &a, &says, &r, &e) && e.kind == ERR_LIMIT);
    /* Objects that name each other, and each other again. */
    r = read_whole("inetnum: 192.0.2.0 - 192.0.2.255\norg: A\n\norganisation: A\nabuse-c: B\norg: A\n\norganisation: B\nabuse-c: A\norg: B\n", "192.0.2.7");
    CHECK(r.contact_n <= 2);
    /* More blocks than are read, and more contacts than are kept. */
    n += (size_t)sprintf(big + n, "inetnum: 192.0.2.0 - 192.0.2.255\n");
    for (int i = 0; i < 8; i++)
        n += (size_t)sprintf(big + n, "tech-c: H%d\nadmin-c: G%d\nabuse-c: F%d\n", i, i, i);
    for (int i = 0; i < 2000; i++)
        n += (size_t)sprintf(big + n, "\nrole: Role %d\nnic-hdl: H%d\ne-mail: a%d@b.example\n", i, i, i);
    r = read_whole(big, "192.0.2.7");
    CHECK(r.more && r.contact_n == 8);
    /* What a terminal would obey is no address. */
    r = read_whole("inetnum: 192.0.2.0 - 192.0.2.255\nabuse-mailbox: a\x1b[2J@b.example\nabuse-mailbox: x@y.example\n", "192.0.2.7");
    CHECK(r.contact_n == 0 && r.refused == 1);
}

static void bulk(void **state)
{
    struct str          rest = str_c(ripe), ranges;
    struct whois_object o;
    struct rdap         r = { 0 };
    struct rdap_contact c;
    struct arena        a = { room, room + ROOM, NULL };
    uint8_t             first[16], last[16];
    size_t              n = 0, contacts = 0;

    (void)state;
    for (; whois_object_next(&rest, &o); n++)
        contacts += whois_object_contact(&o, &a, &r, &c);
    CHECK(n == 7 && contacts == 5);
    CHECK(whois_range(STR("192.0.2/24"), first, last) && last[15] == 255 && whois_range(STR("2001:db8::/32"), first, last) && last[15] == 255 && first[15] == 0);
    CHECK(!whois_range(STR("192.0.2.9 - 192.0.2.1"), first, last) && !whois_range(STR("192.0.2.1"), first, last) && !whois_range(STR("1.2.3.4.5/24"), first, last) && !whois_range(STR("192.0.2.0 - ::1"), first, last));
    ranges = whois_referral(STR("% IANA\n\nrefer:        whois.example.net\n"), &a);
    CHECK_STR(ranges, STR("whois.example.net"));
    CHECK_STR(whois_referral(STR("ReferralServer:  whois://WHOIS.example.org:43\n"), &a), STR("whois.example.org"));
    CHECK_STR(whois_referral(STR("refer: a b\n"), &a), STR_EMPTY);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct rdap     r;
    enum whois_says says;

    return whois_read(str_c(ripe), STR("192.0.2.7"), a, &says, &r, e) && whois_read(str_c(arin), STR("192.0.2.7"), a, &says, &r, e) && whois_read(str_c(registrar), STR("x"), a, &says, &r, e);
}

/* An address or line that finds no room is left out; contacts themselves must not be. */
static void faults(void **state)
{
    (void)state;
    for (uint32_t n = 1; n < 1000; n++) {
        struct fault      f = { .left = n };
        struct test_arena t = test_arena(ROOM);
        struct err        e = { 0 };
        t.a.fault = &f;
        bool ok = sweep(&t.a, &e);
        test_arena_free(&t);
        CHECK(ok || e.kind == ERR_MEMORY);
        if (!f.fired)
            return;
    }
    fail_msg("the sweep does not end");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(in_rpsl), cmocka_unit_test(in_other_registries), cmocka_unit_test(of_a_domain), cmocka_unit_test(says_nothing), cmocka_unit_test(hostile),
                                        cmocka_unit_test(bulk), cmocka_unit_test(faults) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
