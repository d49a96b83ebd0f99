/* The ladder on both engines: rungs, grades, order, and what speaks against an address. */
#include "casework/group.h"
#include "casework/ladder_fixture.h"
#include "pg_server.h"

static struct { struct pg_server pg; bool has_pg; } w;
enum { ENGINES = 2 };
static const char *engine(int i) { return i == 0 ? NULL : w.pg.where; }

static struct contact *climb(struct lf *f, int64_t case_, size_t *n)
{
    struct contact *c;
    struct err      e = { 0 };

    if (!ladder_climb(f->s, case_, LF_NOW, &f->a, &c, n, &e))
        fail_msg("%s", e.what);
    return c;
}

static const struct contact *find(const struct contact *c, size_t n, const char *address)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(c[i].address, str_c(address)))
            return &c[i];
    fail_msg("%s is not on the ladder", address);
    return NULL;
}

/* ---- rungs ---- */

static const struct rung_case { enum contact_channel channel; const char *address; enum contact_about about; const char *value; uint8_t rung; const char *role; int64_t observed_us, until_us; bool manual;
    enum grade grade; uint8_t as; uint32_t flags; } rungs[] = {
#define NEVER TIME_NONE, TIME_NONE
#define LATER (LF_NOW + 100 * TIME_DAY)
    { CONTACT_EMAIL,  "cert@a.example",     ABOUT_ENTRY,   "vat:ATU123", 1, "", NEVER, false, GRADE_A, 1, 0 },
    { CONTACT_PHONE,  "+43155501",          ABOUT_ORG,     "17", 2, "", NEVER, true, GRADE_A, 2, 0 },
    { CONTACT_EMAIL,  "sec@a.example",      ABOUT_DOMAIN,  "bakery.example", 3, "", LF_NOW, LATER, false, GRADE_B, 3, 0 },
    { CONTACT_EMAIL,  "moved@a.example",    ABOUT_DOMAIN,  "bakery.example", 3, "redirected", LF_NOW, LATER, false, GRADE_C, 3, 0 },
    { CONTACT_EMAIL,  "open@a.example",     ABOUT_DOMAIN,  "bakery.example", 3, "no expires", LF_NOW, TIME_NONE, false, GRADE_C, 3, 0 },
    { CONTACT_EMAIL,  "gone@a.example",     ABOUT_DOMAIN,  "bakery.example", 3, "", LF_NOW, LF_NOW - 1, false, GRADE_NONE, 3, CONTACT_ENDED },
    { CONTACT_EMAIL,  "team@a.example",     ABOUT_ASN,     "64500", 4, "", NEVER, false, GRADE_B, 4, 0 },
    { CONTACT_EMAIL,  "abuse@a.example",    ABOUT_NETWORK, "192.0.2.0-192.0.2.15", 5, "abuse", NEVER, false, GRADE_B, 5, 0 },
    { CONTACT_EMAIL,  "wide@a.example",     ABOUT_NETWORK, "192.0.0.0-192.0.3.255", 5, "abuse", NEVER, false, GRADE_D, 10, 0 },
    { CONTACT_EMAIL,  "tech@a.example",     ABOUT_NETWORK, "192.0.2.0-192.0.2.15", 6, "technical", NEVER, false, GRADE_C, 6, 0 },
    { CONTACT_POST,   "Bakery\n1 Road",     ABOUT_ENTRY,   "vat:ATU123", 7, "", NEVER, false, GRADE_B, 7, 0 },
    { CONTACT_EMAIL,  "office@a.example",   ABOUT_ENTRY,   "vat:ATU123", 7, "", NEVER, false, GRADE_C, 7, 0 },
    { CONTACT_PHONE,  "+43155502",          ABOUT_DOMAIN,  "bakery.example", 8, "", NEVER, false, GRADE_C, 8, 0 },
    { CONTACT_EMAIL,  "security@a.example", ABOUT_DOMAIN,  "bakery.example", 9, "", NEVER, false, GRADE_D, 9, 0 },
    { CONTACT_EMAIL,  "isp@a.example",      ABOUT_NETWORK, "192.0.0.0-192.0.3.255", 10, "", NEVER, false, GRADE_D, 10, 0 },
    { CONTACT_EMAIL,  "ptr@a.example",      ABOUT_DOMAIN,  "isp.example", 3, "", LF_NOW, LATER, false, GRADE_D, 10, 0 },
    { CONTACT_EMAIL,  "desk@a.example",     ABOUT_DOMAIN,  "bakery.example", 11, "registrar abuse", NEVER, false, GRADE_D, 11, 0 },
    { CONTACT_CSIRT,  "de@a.example",       ABOUT_COUNTRY, "DE", 12, "csirt format=csv", NEVER, false, GRADE_D, 12, 0 },
    { CONTACT_CSIRT,  "at@a.example",       ABOUT_COUNTRY, "AT", 12, "csirt", NEVER, false, GRADE_D, 12, 0 },
    { CONTACT_PHONE,  "110",                ABOUT_COUNTRY, "DE", 13, "police", NEVER, false, GRADE_NONE, 13, 0 },
    { CONTACT_EMAIL,  "old@a.example",      ABOUT_ENTRY,   "vat:ATU123", 1, "", LF_NOW - 366 * TIME_DAY, TIME_NONE, false, GRADE_B, 1, CONTACT_STALE },
    { CONTACT_EMAIL,  "ancient@a.example",  ABOUT_DOMAIN,  "bakery.example", 9, "", LF_NOW - 900 * TIME_DAY, TIME_NONE, false, GRADE_D, 9, CONTACT_STALE },
};

static void test_rungs(void **state)
{
    (void)state;
    for (int i = 0; i < ENGINES && (i == 0 || w.has_pg); i++) {
        struct lf f = lf_bakery(engine(i));
        size_t    n;

        for (size_t k = 0; k < COUNT_OF(rungs); k++) {
            const struct rung_case *r = &rungs[k];
            lf_contact(&f, (struct case_contact){ r->channel, str_c(r->address), r->about, str_c(r->value), r->rung, str_c(r->role), .observed_us = r->observed_us, .until_us = r->until_us, .manual = r->manual });
        }
        lf_mail(&f, "other@b.example", ABOUT_DOMAIN, "other.example", 1);
        lf_mail(&f, "fr@b.example", ABOUT_COUNTRY, "FR", 12);
        lf_mail(&f, "beside@b.example", ABOUT_NETWORK, "192.0.2.16-192.0.2.31", 5);
        lf_mail(&f, "no@b.example", ABOUT_NETWORK, "192.0.2.99-192.0.2.1", 5);
        struct contact *c = climb(&f, LF_CASE, &n);
        CHECK(n == COUNT_OF(rungs));
        for (size_t k = 0; k < COUNT_OF(rungs); k++) {
            const struct contact *x = find(c, n, rungs[k].address);
            if (x->grade != rungs[k].grade || x->rung != rungs[k].as || x->flags != rungs[k].flags || !str_eq(x->source, STR("bakers register")) || x->source_us < LF_NOW || x->about != rungs[k].about)
                fail_msg("%s: grade %s rung %d flags %u", rungs[k].address, grade_name(x->grade), x->rung, x->flags);
        }
        /* Best first; what a person stated before what machines found. */
        CHECK_STR(c[0].address, STR("+43155501"));
        CHECK_STR(c[1].address, STR("cert@a.example"));
        for (size_t k = 1; k < n; k++)
            CHECK(c[k - 1].grade >= c[k].grade);
        lf_close(&f);
    }
}

/* Equal addresses are one contact, the best kept; a person's wins over a better rung. */
static void test_one_of_each(void **state)
{
    struct lf f = lf_bakery(NULL);
    size_t    n;

    (void)state;
    lf_mail(&f, "it@a.example", ABOUT_DOMAIN, "bakery.example", 9);
    int64_t best = lf_mail(&f, "IT@a.example", ABOUT_ENTRY, "vat:ATU123", 1);
    lf_mail(&f, "it@a.example", ABOUT_NETWORK, "192.0.2.0-192.0.2.255", 6);
    struct contact *c = climb(&f, LF_CASE, &n);
    CHECK(n == 1 && c[0].id == best && c[0].grade == GRADE_A);
    int64_t hand = lf_contact(&f, (struct case_contact){ CONTACT_EMAIL, STR("it@a.example"), ABOUT_ORG, STR("17"), 2, .observed_us = TIME_NONE, .until_us = TIME_NONE, .manual = true });
    c = climb(&f, LF_CASE, &n);
    CHECK(n == 1 && c[0].id == hand && c[0].manual);
    CHECK(!ladder_climb(f.s, 999, LF_NOW, &f.a, &c, &n, &(struct err){ 0 }));
    lf_close(&f);
}

/* Networks of both families, as ranges and prefixes, one within the other, ends that are no prefix. */
static void test_networks(void **state)
{
    struct lf f = lf_open(NULL);
    size_t    n;

    (void)state;
    lf_case(&f, LF_CASE, LF_ORG, "");
    lf_server(&f, 11, LF_CASE, "", "2001:db8:7::25", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN);
    lf_server(&f, 12, LF_CASE, "x.example", "198.51.100.77", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN);
    lf_mail(&f, "six@a.example", ABOUT_NETWORK, "2001:db8:7::/48", 5);
    lf_mail(&f, "wide6@a.example", ABOUT_NETWORK, "2001:db8::/32", 5);
    lf_mail(&f, "odd@a.example", ABOUT_NETWORK, "198.51.100.70-198.51.100.77", 5);
    lf_mail(&f, "whole@a.example", ABOUT_NETWORK, "198.51.100.0/24", 5);
    lf_mail(&f, "beside@a.example", ABOUT_NETWORK, "198.51.100.78-198.51.100.79", 5);
    lf_mail(&f, "all@a.example", ABOUT_NETWORK, "0.0.0.0-255.255.255.255", 10);
    lf_mail(&f, "mixed@a.example", ABOUT_NETWORK, "198.51.100.0-2001:db8::1", 5);
    lf_mail(&f, "none@a.example", ABOUT_NETWORK, "<script>", 5);
    struct contact *c = climb(&f, LF_CASE, &n);
    CHECK(n == 5 && find(c, n, "six@a.example")->rung == 5 && find(c, n, "wide6@a.example")->rung == 10 && find(c, n, "odd@a.example")->rung == 5 && find(c, n, "whole@a.example")->rung == 10);
    /* Of equal rungs the smaller network first. */
    CHECK_STR(c[n - 1].address, STR("wide6@a.example"));
    CHECK_STR(c[n - 3].address, STR("whole@a.example"));
    lf_close(&f);
}

/* ---- what speaks against an address ---- */

static uint32_t flags_of(struct lf *f, int64_t case_, const char *address, enum grade *ret)
{
    size_t          n;
    struct contact *c = climb(f, case_, &n);
    const struct contact *x = find(c, n, address);

    *ret = x->grade;
    return x->flags;
}

static void test_against(void **state)
{
    (void)state;
    for (int i = 0; i < ENGINES && (i == 0 || w.has_pg); i++) {
        struct lf  f = lf_bakery(engine(i));
        struct err e = { 0 };
        enum grade g;

        lf_case(&f, 124, 18, "AT");
        lf_server(&f, 12, 124, "mail.miller.example", "192.0.2.9", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN);
        int64_t dead = lf_mail(&f, "dead@a.example", ABOUT_NETWORK, "192.0.2.0-192.0.2.255", 5), rest = lf_mail(&f, "rest@a.example", ABOUT_NETWORK, "192.0.2.0-192.0.2.255", 5);
        int64_t wrong = lf_mail(&f, "wrong@a.example", ABOUT_NETWORK, "192.0.2.0-192.0.2.255", 5);
        lf_mail(&f, "quiet@a.example", ABOUT_NETWORK, "192.0.2.0-192.0.2.255", 5);
        lf_mail(&f, "ended@a.example", ABOUT_NETWORK, "192.0.2.0-192.0.2.255", 5);
        lf_mail(&f, "note@a.example", ABOUT_NETWORK, "192.0.2.0-192.0.2.255", 5);
        f.m->now_us = LF_NOW - TIME_DAY;
        lf_back(&f, LF_CASE, dead, "5.1.1 no such user");
        lf_back(&f, LF_CASE, rest, "rests: 5.2.2 mailbox full");
        lf_back(&f, LF_CASE, wrong, "wrong: not ours");
        lf_back(&f, LF_CASE, lf_mail(&f, "note@a.example", ABOUT_NETWORK, "192.0.2.0-192.0.2.255", 6), "ladder: no longer");
        CHECK(ledger_begin(f.l, &e) && suppress_add(f.l, STR("quiet@a.example"), STR("proxylogon"), STR("they asked"), NULL, &e) && ledger_commit(f.l, &e));
        lf_contact(&f, (struct case_contact){ CONTACT_EMAIL, STR("ended@a.example"), ABOUT_NETWORK, STR("192.0.2.0-192.0.2.255"), 2, .role = STR("dropped: ended"), .observed_us = TIME_NONE,
                                              .until_us = f.m->now_us, .manual = true });
        f.m->now_us = LF_NOW;
        /* An entry that others have, too, is nobody's contact before a person says whose it is, but of the case that goes by its name. */
        lf_entry(&f, 31, "national", "miller", "x");
        lf_entry(&f, 32, "national", "stale", "Former holder");
        lf_key(&f, 12, 31, 1, "national:miller", 1, 95, 90);
        lf_edge(&f, LF_ASSET, 31, 95, 90);
        lf_key(&f, 12, 32, 1, "national:stale", 1, 95, 90);
        lf_edge(&f, LF_ASSET, 32, 95, group_defaults.confidence_min - 1);
        lf_mail(&f, "miller@a.example", ABOUT_ENTRY, "national:miller", 1);
        lf_mail(&f, "stale@a.example", ABOUT_ENTRY, "national:stale", 1);
        size_t entries_n;
        struct contact *entries;
        CHECK(ladder_climb(f.s, 124, LF_NOW, &f.a, &entries, &entries_n, &e) && find(entries, entries_n, "miller@a.example"));
        for (size_t k = 0; k < entries_n; k++)
            CHECK(!str_eq(entries[k].address, STR("stale@a.example")));
        /* A security.txt of what is a server of the campaign now, and one of another host. */
        struct case_source forged = { .name = STR("security.txt:mail.miller.example"), .tlp = STR("GREEN") }, good = { .name = STR("security.txt:www.miller.example"), .tlp = STR("GREEN") };
        int64_t hand = f.file_source;
        CHECK(ledger_begin(f.l, &e) && ledger_source(f.l, &forged, &f.file_source, &e) && ledger_commit(f.l, &e));
        lf_contact(&f, (struct case_contact){ CONTACT_EMAIL, STR("forged@a.example"), ABOUT_NETWORK, STR("192.0.2.0-192.0.2.255"), 3, .observed_us = TIME_NONE, .until_us = LF_NOW + TIME_DAY });
        CHECK(ledger_begin(f.l, &e) && ledger_source(f.l, &good, &f.file_source, &e) && ledger_commit(f.l, &e));
        lf_contact(&f, (struct case_contact){ CONTACT_EMAIL, STR("stated@a.example"), ABOUT_NETWORK, STR("192.0.2.0-192.0.2.255"), 3, .observed_us = TIME_NONE, .until_us = LF_NOW + TIME_DAY });
        f.file_source = hand;
        CHECK(flags_of(&f, 124, "forged@a.example", &g) == CONTACT_FORGED && g == GRADE_NONE && flags_of(&f, 124, "stated@a.example", &g) == 0 && g == GRADE_B);
        /* Dead, resting, ended and opted out are so for everybody; "not ours" for whoever said so. */
        CHECK(flags_of(&f, LF_CASE, "dead@a.example", &g) == CONTACT_DEAD && g == GRADE_NONE && flags_of(&f, 124, "dead@a.example", &g) == CONTACT_DEAD);
        CHECK(flags_of(&f, 124, "rest@a.example", &g) == CONTACT_RESTED && g == GRADE_NONE);
        CHECK(flags_of(&f, LF_CASE, "wrong@a.example", &g) == CONTACT_WRONG && g == GRADE_NONE && flags_of(&f, 124, "wrong@a.example", &g) == 0 && g == GRADE_B);
        CHECK(flags_of(&f, 124, "quiet@a.example", &g) == CONTACT_SUPPRESSED && g == GRADE_NONE);
        CHECK(flags_of(&f, 124, "ended@a.example", &g) == CONTACT_ENDED && g == GRADE_NONE);
        CHECK(flags_of(&f, LF_CASE, "note@a.example", &g) == 0 && g == GRADE_B);
        /* A month later the full mailbox is tried again, the dead one is not. */
        size_t n;
        struct contact *c;
        CHECK(ladder_climb(f.s, LF_CASE, LF_NOW + 30 * TIME_DAY, &f.a, &c, &n, &e) && find(c, n, "rest@a.example")->grade == GRADE_B && find(c, n, "dead@a.example")->grade == GRADE_NONE);
        /* What a person states after that counts again. */
        f.m->now_us = LF_NOW + 1;
        lf_contact(&f, (struct case_contact){ CONTACT_EMAIL, STR("dead@a.example"), ABOUT_ORG, STR("17"), 2, .observed_us = LF_NOW, .until_us = TIME_NONE, .manual = true });
        CHECK(flags_of(&f, LF_CASE, "dead@a.example", &g) == 0 && g == GRADE_A);
        lf_close(&f);
    }
}

/* ---- facts ---- */

static void test_record(void **state)
{
    (void)state;
    for (int i = 0; i < ENGINES && (i == 0 || w.has_pg); i++) {
        struct lf       f = lf_bakery(engine(i));
        struct err      e = { 0 };
        struct contact *c;
        uint64_t        k;
        size_t          n;

        int64_t mail = lf_mail(&f, "it@a.example", ABOUT_DOMAIN, "bakery.example", 5);
        lf_contact(&f, (struct case_contact){ CONTACT_PHONE, STR("+43155501"), ABOUT_ORG, STR("17"), 8, .observed_us = TIME_NONE, .until_us = TIME_NONE });
        lf_contact(&f, (struct case_contact){ CONTACT_PHONE, STR("110"), ABOUT_COUNTRY, STR("DE"), 13, .observed_us = TIME_NONE, .until_us = TIME_NONE });
        c = climb(&f, LF_CASE, &n);
        CHECK(ledger_begin(f.l, &e) && ladder_record(f.l, f.campaign, LF_CASE, c, n, &k, &e) && ledger_commit(f.l, &e) && k == 2);
        CHECK(lf_one(&f, "SELECT count(*) FROM case_fact WHERE kind = 8 AND value = 1 AND grade = 3 AND flags = 0") == 1);      /* nobody knows where its mail goes */
        CHECK(lf_one(&f, "SELECT count(*) FROM case_fact WHERE kind = 8 AND value = 1 AND grade = 2 AND flags = 16") == 1);     /* a telephone */
        CHECK(ledger_begin(f.l, &e) && ladder_record(f.l, f.campaign, LF_CASE, c, n, &k, &e) && ledger_commit(f.l, &e) && k == 0);
        /* The path is judged, then the address dies. */
        f.m->now_us += TIME_HOUR;
        lf_mx(&f, "a.example", "mx.a.example", "203.0.113.1", NULL, LF_NOW);
        c = climb(&f, LF_CASE, &n);
        CHECK(ledger_begin(f.l, &e) && ladder_record(f.l, f.campaign, LF_CASE, c, n, &k, &e) && ledger_commit(f.l, &e) && k == 1);
        CHECK(lf_one(&f, "SELECT count(*) FROM case_fact WHERE kind = 8 AND value = 1 AND grade = 3 AND flags = 16") == 1);
        f.m->now_us += TIME_HOUR;
        lf_back(&f, LF_CASE, mail, "5.1.1 no such user");
        c = climb(&f, LF_CASE, &n);
        CHECK(ledger_begin(f.l, &e) && ladder_record(f.l, f.campaign, LF_CASE, c, n, &k, &e) && ledger_commit(f.l, &e) && k == 0);
        CHECK(flags_of(&f, LF_CASE, "it@a.example", &(enum grade){ 0 }) == CONTACT_DEAD);
        /* What a case that this one took over had, and nobody has any more. */
        lf_exec(&f, "INSERT INTO case_heir (case_id, from_case) VALUES (123, 99)");
        lf_run(&f, "INSERT INTO case_fact (id, campaign, of_case, case_id, subject, kind, grade, value, flags, attempt, source, finding, observed_us, recorded_us, own_us, reason, who, file, line)"
                   " VALUES (1, ?1, 1, 99, 4711, 8, 3, 1, 16, 0, 0, 0, NULL, 5, NULL, '', 'x', 0, 0)", BOUND(B_INT(f.campaign)));
        CHECK(ledger_begin(f.l, &e) && ladder_record(f.l, f.campaign, LF_CASE, c, n, &k, &e) && ledger_commit(f.l, &e) && k == 1);
        CHECK(lf_one(&f, "SELECT count(*) FROM case_fact WHERE case_id = 123 AND subject = 4711 AND value = 0") == 1);
        /* Opted out: recorded no longer, and the note itself kills nobody. */
        f.m->now_us += TIME_HOUR;
        int64_t other = lf_mail(&f, "no@b.example", ABOUT_ORG, "17", 5);
        c = climb(&f, LF_CASE, &n);
        CHECK(ledger_begin(f.l, &e) && ladder_record(f.l, f.campaign, LF_CASE, c, n, &k, &e) && suppress_add(f.l, STR("b.example"), STR_EMPTY, STR("x"), NULL, &e) && ledger_commit(f.l, &e) && k == 1);
        f.m->now_us += TIME_HOUR;
        c = climb(&f, LF_CASE, &n);
        CHECK(ledger_begin(f.l, &e) && ladder_record(f.l, f.campaign, LF_CASE, c, n, &k, &e) && ledger_commit(f.l, &e) && k == 1);
        CHECK(flags_of(&f, LF_CASE, "no@b.example", &(enum grade){ 0 }) == CONTACT_SUPPRESSED && other);
        lf_close(&f);
    }
}

/* ---- faults ---- */

static struct lf faults;
static bool climbs(struct arena *a, struct err *e)
{
    struct contact *c;
    size_t          n;

    return ladder_climb(faults.s, LF_CASE, LF_NOW, a, &c, &n, e);
}

static void test_faults(void **state)
{
    (void)state;
    faults = lf_bakery(NULL);
    lf_mail(&faults, "it@bakery.example", ABOUT_DOMAIN, "bakery.example", 5);
    lf_mail(&faults, "noc@isp.example", ABOUT_NETWORK, "192.0.2.0-192.0.2.200", 10);
    lf_mail(&faults, "de@csirt.example", ABOUT_COUNTRY, "DE", 12);
    lf_mx(&faults, "bakery.example", "mail.bakery.example", "192.0.2.7", NULL, LF_NOW);
    lf_mx(&faults, "isp.example", "mx.isp.example", "203.0.113.1", NULL, LF_NOW);
    lf_back(&faults, LF_CASE, lf_mail(&faults, "wrong@a.example", ABOUT_ORG, "17", 5), "wrong: x");
    fault_sweep(climbs, 1 << 18);
    lf_close(&faults);
}

PG_GROUP(w)

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(test_rungs), cmocka_unit_test(test_one_of_each), cmocka_unit_test(test_networks), cmocka_unit_test(test_against), cmocka_unit_test(test_record), cmocka_unit_test(test_faults) };

    return cmocka_run_group_tests(t, setup, teardown);
}
