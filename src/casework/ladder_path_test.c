/* Where mail goes (notification sheet, 3.6 and 12.4): a server of the campaign by address, by name, by certificate; a provider; no mail at all; a CNAME behind the MX. On both engines. */
#include "casework/ladder_fixture.h"
#include "pg_server.h"

static struct { struct pg_server pg; bool has_pg; } w;

struct row { const char *host, *ip, *tls; int days; };
/* The campaign: see world. */
static const struct path_case { const char *why, *domain; struct row mx[3]; enum mail_path want; const char *says, *bucket; } cases[] = {
    { "by address", "bakery.example", { { "in.bakery.example", "192.0.2.7", NULL, 1 } }, PATH_COMPROMISED, "192.0.2.7 is mail.bakery.example, vulnerable", "bakery.example" },
    { "by another address of it, that a record knows", "bakery.example", { { "in.bakery.example", "192.0.2.77", NULL, 1 } }, PATH_COMPROMISED, "192.0.2.77 is another address of mail.bakery.example, vulnerable", "bakery.example" },
    { "by its name, whatever the address", "bakery.example", { { "mail.bakery.example", "203.0.113.1", NULL, 1 } }, PATH_COMPROMISED, "mail.bakery.example is a name of mail.bakery.example, vulnerable", "bakery.example" },
    { "by its name, no address known", "bakery.example", { { "mail.bakery.example", NULL, NULL, 1 } }, PATH_COMPROMISED, "a name of", "bakery.example" },
    { "by its certificate", "bakery.example", { { "in.bakery.example", "203.0.113.1", "K", 1 } }, PATH_COMPROMISED, "in.bakery.example is a host with the certificate of mail.bakery.example, vulnerable", "bakery.example" },
    { "another certificate", "bakery.example", { { "in.bakery.example", "203.0.113.1", "L", 1 } }, PATH_OWN, "in.bakery.example is their own", "bakery.example" },
    { "a CNAME, as the look-up keeps it: alias and what it stands for", "bakery.example", { { "mx.bakery.example", NULL, NULL, 1 }, { "mail.bakery.example", "192.0.2.7", NULL, 1 } }, PATH_COMPROMISED, "mail.bakery.example", "bakery.example" },
    { "a CNAME that only the address tells", "bakery.example", { { "mx.bakery.example", "192.0.2.7", NULL, 1 } }, PATH_COMPROMISED, "192.0.2.7", "bakery.example" },
    { "one of two", "bakery.example", { { "a.isp.example", "203.0.113.1", NULL, 1 }, { "b.bakery.example", "192.0.2.7", NULL, 1 } }, PATH_COMPROMISED, "192.0.2.7", "isp.example" },
    { "the second only, months ago: the newest counts, but mail went there this quarter", "bakery.example", { { "mx.isp.example", "203.0.113.1", NULL, 1 }, { "mail.bakery.example", "192.0.2.7", NULL, 40 } }, PATH_COMPROMISED,
      "192.0.2.7", "isp.example" },
    { "long ago it went there", "bakery.example", { { "mx.isp.example", "203.0.113.1", NULL, 1 }, { "mail.bakery.example", "192.0.2.7", NULL, 100 } }, PATH_PROVIDER, "mx.isp.example is a provider's", "isp.example" },
    { "a back door", "bakery.example", { { "x.isp.example", "192.0.2.8", NULL, 1 } }, PATH_COMPROMISED, "192.0.2.8 is door.example, back-doored", "isp.example" },
    { "patched is not clean", "bakery.example", { { "x.isp.example", "192.0.2.9", NULL, 1 } }, PATH_COMPROMISED, "patched, and not hunted", "isp.example" },
    { "nobody knows how it is", "bakery.example", { { "x.isp.example", "192.0.2.10", NULL, 1 } }, PATH_COMPROMISED, "nobody knows its state", "isp.example" },
    { "hunted, and patched", "good.example", { { "mail.good.example", "192.0.2.11", NULL, 1 } }, PATH_OWN, "their own", "good.example" },
    { "never affected", "never.example", { { "mail.never.example", "192.0.2.12", NULL, 1 } }, PATH_OWN, "their own", "never.example" },
    { "a server of another campaign", "else.example", { { "mail.else.example", "192.0.2.13", NULL, 1 } }, PATH_OWN, "their own", "else.example" },
    { "a provider", "bakery.example", { { "bakery-example.mail.isp.co.uk", "203.0.113.1", NULL, 1 } }, PATH_PROVIDER, "bakery-example.mail.isp.co.uk is a provider's", "isp.co.uk" },
    { "a provider without an address: nobody can tell", "bakery.example", { { "mx.isp.example", NULL, NULL, 1 } }, PATH_UNKNOWN, "nobody knows the address of mx.isp.example", "isp.example" },
    { "its address stands in another row", "bakery.example", { { "mx.isp.example", NULL, NULL, 1 }, { "mx.isp.example", "203.0.113.1", NULL, 1 } }, PATH_PROVIDER, "", "isp.example" },
    { "null MX", "bakery.example", { { ".", NULL, NULL, 1 } }, PATH_NULL_MX, "bakery.example takes no mail (null MX)", "" },
    { "null MX beside another is none", "bakery.example", { { ".", NULL, NULL, 1 }, { "mx.isp.example", "203.0.113.1", NULL, 1 } }, PATH_PROVIDER, "", "isp.example" },
    { "null MX since; before it had mail there", "bakery.example", { { ".", NULL, NULL, 1 }, { "mail.bakery.example", "192.0.2.7", NULL, 40 } }, PATH_NULL_MX, "takes no mail", "" },
    { "no row", "bakery.example", { { NULL, NULL, NULL, 0 } }, PATH_UNKNOWN, "no MX of bakery.example is on record", "" },
    { "old rows prove nothing", "bakery.example", { { "mx.isp.example", "203.0.113.1", NULL, 91 } }, PATH_UNKNOWN, "the newest MX on record is of 2020-12-11", "isp.example" },
    { "but an old row may still warn", "bakery.example", { { "mail.bakery.example", "192.0.2.7", NULL, 91 } }, PATH_COMPROMISED, "192.0.2.7", "bakery.example" },
    { "an address alone", "bakery.example", { { "", "203.0.113.1", NULL, 1 } }, PATH_OWN, "bakery.example", "" },
};

static void world(struct lf *f)
{
    uint8_t tls[32], ip[16];

    lf_case(f, LF_CASE, LF_ORG, "AT");
    lf_server(f, 11, LF_CASE, "mail.bakery.example", "192.0.2.7", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN);
    lf_server(f, 12, LF_CASE, "door.example", "192.0.2.8", EXPOSURE_PATCHED, COMPROMISE_BACKDOORED);
    lf_server(f, 13, LF_CASE, "patched.example", "192.0.2.9", EXPOSURE_PATCHED, COMPROMISE_UNKNOWN);
    lf_server(f, 14, LF_CASE, "unknown.example", "192.0.2.10", EXPOSURE_UNKNOWN, COMPROMISE_UNKNOWN);
    lf_server(f, 15, LF_CASE, "mail.good.example", "192.0.2.11", EXPOSURE_PATCHED, COMPROMISE_NEGATIVE);
    lf_server(f, 16, LF_CASE, "mail.never.example", "192.0.2.12", EXPOSURE_NOT_AFFECTED, COMPROMISE_UNKNOWN);
    lf_server(f, 17, LF_CASE, "mail.else.example", "192.0.2.13", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN);
    lf_exec(f, "UPDATE case_server SET campaign = 999, case_id = 999 WHERE asset = 17");
    memset(tls, 'K', sizeof tls);
    CHECK(net_ip_parse(STR("192.0.2.77"), ip));
    lf_run(f, "INSERT INTO case_subject (id, ip, port, tls, node, domain) VALUES (901, ?1, 443, ?2, '', '')", BOUND(B_BYTES(((struct str){ ip, 16 })), B_BYTES(((struct str){ tls, 32 }))));
    lf_exec(f, "INSERT INTO case_asset (subject, asset) VALUES (901, 11)");
}

static void test_paths(void **state)
{
    (void)state;
    for (int engine = 0; engine < 2 && (engine == 0 || w.has_pg); engine++) {
        struct lf f = lf_open(engine ? w.pg.where : NULL);

        world(&f);
        for (size_t i = 0; i < COUNT_OF(cases); i++) {
            const struct path_case *c = &cases[i];
            struct arena   own = f.a, a;
            struct ladder *l;
            struct err     e = { 0 };
            enum mail_path path = PATH_NONE;
            struct str     why = STR_EMPTY, bucket = STR_EMPTY;

            lf_exec(&f, "DELETE FROM case_mx");
            for (size_t k = 0; k < COUNT_OF(c->mx) && c->mx[k].host; k++)
                lf_mx(&f, c->domain, c->mx[k].host, c->mx[k].ip, c->mx[k].tls, LF_NOW - c->mx[k].days * TIME_DAY);
            a = (struct arena){ .beg = own.beg + LF_ROOM / 4, .end = own.end };
            own.end = a.beg;
            if (!ladder_open(&l, f.s, LF_NOW, &own, &e) || !ladder_path(l, f.campaign, str_c(c->domain), &a, &path, &why, &bucket, &e))
                fail_msg("%s: %s", c->why, e.what);
            if (path != c->want || !str_has(why, str_c(c->says)) || !str_eq(bucket, str_c(c->bucket)))
                fail_msg("%s: %s, \"%.*s\", bucket %.*s", c->why, mail_path_name(path), STR_ARG(why), STR_ARG(bucket));
            /* The same again, from memory. */
            CHECK(ladder_path(l, f.campaign, str_c(c->domain), &a, &path, &why, &bucket, &e) && path == c->want && str_has(why, str_c(c->says)));
        }
        lf_close(&f);
    }
}

/* The survey's certificate of a server that no file speaks of. */
static void test_survey(void **state)
{
    struct lf  f = lf_open(NULL);
    struct err e = { 0 };
    uint8_t    tls[32];

    (void)state;
    world(&f);
    lf_exec(&f, "CREATE TABLE survey_target (id INTEGER PRIMARY KEY, node INTEGER, identity INTEGER); CREATE TABLE survey_node (id INTEGER PRIMARY KEY, ip BLOB);"
                "CREATE TABLE survey_identity (id INTEGER PRIMARY KEY, cert BLOB); INSERT INTO survey_target VALUES (71, 72, 73); INSERT INTO survey_node VALUES (72, NULL);"
                "INSERT INTO case_asset (subject, asset) VALUES (71, 12); INSERT INTO store_layer (name, step) VALUES ('survey', 2)");
    memset(tls, 'S', sizeof tls);
    lf_run(&f, "INSERT INTO survey_identity (id, cert) VALUES (73, ?1)", BOUND(B_BYTES(((struct str){ tls, 32 }))));
    lf_mx(&f, "bakery.example", "in.isp.example", "203.0.113.1", "S", LF_NOW);
    lf_mail(&f, "it@bakery.example", ABOUT_ORG, "17", 2);
    lf_contact(&f, (struct case_contact){ CONTACT_PORTAL, STR("https://mail.bakery.example:443/help"), ABOUT_ORG, STR("17"), 8, .observed_us = TIME_NONE, .until_us = TIME_NONE });
    lf_contact(&f, (struct case_contact){ CONTACT_PORTAL, STR("https://www.bakery.example/help"), ABOUT_ORG, STR("17"), 8, .observed_us = TIME_NONE, .until_us = TIME_NONE });
    struct contact *c;
    size_t          n;
    CHECK(ladder_climb(f.s, LF_CASE, LF_NOW, &f.a, &c, &n, &e) && n == 3);
    CHECK(c[0].path == PATH_COMPROMISED && str_eq(c[0].mx_bucket, STR("isp.example")));
    CHECK_STR(c[0].path_why, STR("in.isp.example is a host with the certificate of door.example, back-doored"));
    CHECK(c[1].path == PATH_COMPROMISED && c[2].path == PATH_NONE);        /* a form on the intruder's own server */
    lf_close(&f);
}

PG_GROUP(w)

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(test_paths), cmocka_unit_test(test_survey) };

    return cmocka_run_group_tests(t, setup, teardown);
}
