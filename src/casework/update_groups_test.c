/* Rows of every kind, and whose each server is then: cases, any order, numbers over updates, reversal, inheritance, and a process that is killed on its way. On SQLite, and the same on PostgreSQL. */
#include "groups_world.h"

enum { ROWS = 10, NEVER_ = -9999 };
enum what { END, SERVER, LINK, FAINT, ENTRY, MX, RULE };
struct row { enum what what; struct gw_server server; int of; enum org_key kind; const char *value, *name, *domain; int from, to, since, until; };

/* What stands in no column of a case: */
#define S(...)                { .what = SERVER, .server = { .ip = __VA_ARGS__ } }
#define K(s, k, v)            { .what = LINK, .of = s, .kind = k, .value = v }
#define WEAK(s, k, v)         { .what = FAINT, .of = s, .kind = k, .value = v }
#define DOMAIN(num, dom)      { .what = ENTRY, .value = num, .domain = dom, .since = NEVER_, .until = NEVER_ }
#define NET(num, a, b)        { .what = ENTRY, .value = num, .from = a, .to = b, .since = NEVER_, .until = NEVER_ }
#define NET_FROM(num, a, b, s, u) { .what = ENTRY, .value = num, .from = a, .to = b, .since = s, .until = u }
#define MAIL(d, h, ip)        { .what = MX, .domain = d, .value = h, .from = ip }
#define RULED(k, v, r)        { .what = RULE, .kind = k, .value = v, .of = r }

static const struct { const char *why; struct row row[ROWS]; const char *want; } cases[] = {
    { "nothing in common", { S(1), S(2) }, "A1 B2" },
    { "a stated domain, written as a host name", { S(1), S(2), K(0, ORG_CERT_DOMAIN, "bakery.example.org"), K(1, ORG_EXCHANGE_NAME, "mail.example.org") }, "A1 A2" },
    { "a faint link joins nothing", { S(1), S(2), K(0, ORG_CERT_DOMAIN, "bakery.org"), WEAK(1, ORG_CERT_DOMAIN, "bakery.org") }, "A1 B2" },
    { "names of Exchange servers say whose they are", { S(1, .name = "mail.bakery.org"), S(2, .name = "owa.bakery.org") }, "A1 A2" },
    { "... of two firms under one public suffix", { S(1, .name = "mail.bakery.co.uk"), S(2, .name = "mail.butcher.co.uk") }, "A1 B2" },
    { "other names are reverse names, and too weak", { S(1, .name = "gw.bakery.org"), S(2, .name = "fw.bakery.org") }, "A1 B2" },
    { "... but with a second weak key of another kind", { S(1, .name = "gw.bakery.org"), S(2, .name = "fw.bakery.org"), K(0, ORG_NETWORK, "NET-BAKERY"), K(1, ORG_NETWORK, "NET-BAKERY") }, "A1 A2" },
    { "a name that a provider made up says nothing even then", { S(1, .name = "host-198-51-100-1.isp.org"), S(2, .name = "host-198-51-100-2.isp.org"), K(0, ORG_NETWORK, "NET"), K(1, ORG_NETWORK, "NET") }, "A1 B2" },
    { "names of the inside say nothing", { S(1, .name = "mail.bakery.local"), S(2, .name = "owa.bakery.local") }, "A1 B2" },
    { "a register by domain, and below it", { S(1, .name = "mail.bakery.org"), S(2, .name = "mail.bread.net"), DOMAIN("vat:1", "bakery.org"), DOMAIN("vat:1", "bread.net") }, "A1 A2" },
    { "... the longest domain of a list counts", { S(1, .name = "mail.city.gov.uk"), S(2, .name = "mail.school.city.gov.uk"), DOMAIN("list:city", "city.gov.uk"), DOMAIN("list:school", "school.city.gov.uk") }, "A1 B2" },
    { "a public suffix ties nothing", { S(1, .name = "mail.bakery.co.uk"), S(2, .name = "mail.butcher.co.uk"), DOMAIN("list:all", "co.uk") }, "A1 B2" },
    { "a reverse name is not enough for an entry", { S(1, .name = "gw.bakery.org"), S(2, .name = "mail.bakery.org"), DOMAIN("vat:1", "bakery.org") }, "A1 B2" },
    { "an entry by network", { S(1), S(2), S(9), NET("list:bakery", 1, 4) }, "A1 A2 B3" },
    { "... the smallest range of a list counts", { S(0x101), S(0x102), S(0x103), NET("list:hoster", 0x100, 0x1ff), NET("list:bakery", 0x102, 0x103) }, "A1 B2 B3" },
    { "... a range as wide as a continent ties nothing", { S(0x0b000001), S(0x0d000001), NET("list:world", 0x0a000000, 0x0dffffff) }, "A1 B2" },
    { "an entry that had ended is stale", { S(1), S(2), NET_FROM("list:bakery", 1, 4, NEVER_, -30) }, "A1 B2" },
    { "... that begins later as well", { S(1), S(2), NET_FROM("list:bakery", 1, 4, 30, NEVER_) }, "A1 B2" },
    { "... that ended later counts: it was so then", { S(1), S(2), NET_FROM("list:bakery", 1, 4, -30, 30) }, "A1 A2" },
    { "in a hoster's network stand others' servers", { S(1, .name = "mail.bakery.org"), S(2, .name = "mail.butcher.org"), S(3), NET("list:hoster", 1, 4), DOMAIN("list:bakery", "bakery.org"), DOMAIN("list:butcher", "butcher.org") }, "A1 B2 C3" },
    { "MX by host name and by address", { S(1, .name = "mx7.host.net"), S(2), MAIL("bakery.org", "mx7.host.net", 0), MAIL("bakery.org", "mail.bakery.org", 2) }, "A1 A2" },
    { "two numbers of one register are two firms, whatever they share", { S(1), S(2), K(0, ORG_CERT_DOMAIN, "group.org"), K(1, ORG_CERT_DOMAIN, "group.org"), K(0, ORG_REGISTER, "vat:1"), K(1, ORG_REGISTER, "vat:2") }, "A1 B2" },
    { "a person ruled that a name is a provider's", { S(1), S(2), K(0, ORG_CERT_DOMAIN, "msp.org"), K(1, ORG_CERT_DOMAIN, "msp.org"), K(0, ORG_EXCHANGE_NAME, "a.org"), K(1, ORG_EXCHANGE_NAME, "b.org"), RULED(ORG_CERT_DOMAIN, "msp.org", GROUP_PROVIDER) }, "A1 B2" },
    { "two computers behind one address: two servers of one firm", { S(1, .computer = "ex01", .name = "mail.bakery.org"), S(1, .computer = "ex02", .name = "owa.bakery.org") }, "A1 A2" },
    { "one certificate, two addresses: a server that moved", { S(1, .tls = 7), S(2, .tls = 7) }, "A1 A1" },
};

static size_t fill(struct gw *g, const struct row *row, size_t n, size_t turn, int64_t *subject)
{
    size_t subjects = 0;

    gw_begin(g);
    for (size_t i = 0; i < n; i++)
        if (row[i].what == SERVER) {
            subject[subjects] = gw_subject(g, &row[i].server);
            gw_fact(g, subject[subjects++], 3);
        }
    for (size_t i = 0; i < n; i++) {
        const struct row *r = &row[turn & 1 ? n - 1 - (i + turn / 2) % n : (i + turn / 2) % n];
        struct err e = { 0 };
        const char *colon = r->what == ENTRY ? strchr(r->value, ':') : NULL;
        char list[32] = "";

        if (colon)
            memcpy(list, r->value, (size_t)(colon - r->value));
        if (r->what == LINK || r->what == FAINT)
            gw_link(g, subject[r->of], r->kind, r->value, r->what == LINK ? 90 : 40, NULL);
        if (r->what == ENTRY)
            gw_entry(g, !strcmp(list, "vat"), list, colon + 1, r->value, r->domain, r->from, r->to, r->since, r->until);
        if (r->what == MX)
            gw_mx(g, r->domain, r->value, r->from);
        if (r->what == RULE)
            gw_check(ledger_rule(g->l, r->kind, str_c(r->value), "", r->of, STR("known to us"), &e), &e, r->value);
    }
    gw_commit(g);
    return subjects;
}

static void each_case(void **state)
{
    struct gw g;
    (void)state;

    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        size_t n = 0;

        while (n < ROWS && cases[c].row[n].what != END)
            n++;
        for (size_t turn = 0; turn < (!strcmp(w.where, ":memory:") ? 3 : 1); turn++) {
            int64_t subject[GW_SUBJECTS];
            char    got[256];

            gw_open(&g, w.where, NULL);
            size_t k = fill(&g, cases[c].row, n, turn, subject);
            gw_update(&g);
            gw_tell(&g, subject, k, got);
            if (strcmp(got, cases[c].want) != 0)
                fail_msg("%s: got %s, want %s (order %zu)", cases[c].why, got, cases[c].want, turn);
            gw_close(&g);
        }
    }
}

/* ---- over time ---- */

static int64_t facts_and_name(struct gw *g, int ip, const char *name)
{
    int64_t s = gw_subject(g, &(struct gw_server){ .ip = ip, .name = name });

    gw_fact(g, s, 1);
    return s;
}

/* A link joins two firms; it is taken back; numbers, cases and what they inherit. */
static void reversal(void **state)
{
    struct gw g;
    int64_t a[3], b[2], wrong;
    struct err e = { 0 };
    char sql[200];
    (void)state;

    gw_open(&g, w.where, NULL);
    gw_begin(&g);
    for (int i = 0; i < 3; i++)
        a[i] = facts_and_name(&g, 1 + i, "mail.bakery.org");
    for (int i = 0; i < 3; i++)                         /* names of their own: one name is one server */
        gw_link(&g, a[i], ORG_CERT_DOMAIN, "bakery.org", 90, NULL);
    a[1] = facts_and_name(&g, 11, "owa.bakery.org");
    a[2] = facts_and_name(&g, 12, "remote.bakery.org");
    b[0] = facts_and_name(&g, 21, "mail.butcher.org");
    b[1] = facts_and_name(&g, 22, "owa.butcher.org");
    gw_commit(&g);
    gw_update(&g);
    int64_t bakery = gw_org(&g, a[0]), butcher = gw_org(&g, b[0]), assets[5];
    CHECK(bakery != butcher && gw_org(&g, a[2]) == bakery && gw_org(&g, b[1]) == butcher);
    for (int i = 0; i < 5; i++)
        assets[i] = gw_asset(&g, i < 3 ? a[i] : b[i - 3]);
    snprintf(sql, sizeof sql, "SELECT id FROM case_case WHERE org = %lld", (long long)bakery);
    int64_t case_a = gw_int(&g, sql);
    snprintf(sql, sizeof sql, "SELECT id FROM case_case WHERE org = %lld", (long long)butcher);
    int64_t case_b = gw_int(&g, sql);
    CHECK(case_a > 0 && case_b > 0 && case_a != case_b && gw_int(&g, "SELECT count(*) FROM case_heir") == 0);

    gw_begin(&g);
    wrong = gw_link(&g, b[0], ORG_CERT_DOMAIN, "bakery.org", 90, NULL);
    gw_commit(&g);
    gw_update(&g);
    CHECK(gw_org(&g, b[0]) == bakery && gw_org(&g, b[1]) == bakery);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM case_heir WHERE case_id = %lld AND from_case = %lld", (long long)case_a, (long long)case_b);
    CHECK(gw_int(&g, sql) == 1);

    gw_begin(&g);
    gw_check(ledger_revoke(g.l, wrong, STR("the wrong number was written down"), &e), &e, "revoke");
    gw_commit(&g);
    gw_update(&g);
    int64_t again = gw_org(&g, b[0]);
    CHECK(gw_org(&g, a[0]) == bakery && again != bakery && gw_org(&g, b[1]) == again);
    for (int i = 0; i < 5; i++)
        CHECK(gw_asset(&g, i < 3 ? a[i] : b[i - 3]) == assets[i]);
    /* Both have what was sent to either: the case that stayed from the other, the new one from the one that was split. */
    snprintf(sql, sizeof sql, "SELECT id FROM case_case WHERE org = %lld", (long long)again);
    int64_t case_c = gw_int(&g, sql);
    CHECK(case_c > case_b);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM case_heir WHERE case_id = %lld AND from_case IN (%lld, %lld)", (long long)case_c, (long long)case_a, (long long)case_b);
    CHECK(gw_int(&g, sql) == 2);

    /* Nothing new: nothing changes, not even a number. */
    int64_t next = gw_int(&g, "SELECT sum(next) FROM case_next"), reviews = gw_int(&g, "SELECT count(*) FROM case_review");
    gw_update(&g);
    CHECK(gw_int(&g, "SELECT sum(next) FROM case_next") == next && gw_int(&g, "SELECT count(*) FROM case_review") == reviews && gw_org(&g, b[0]) == again);
    CHECK(gw_int(&g, "SELECT count(*) FROM case_case") == 3);
    gw_close(&g);
}

/* One operator, many customers: each is its own organisation, and the operator has a list of what it runs. */
static void provider(void **state)
{
    struct gw g;
    int64_t own, customer[30];
    char name[64], sql[160];
    (void)state;

    gw_open(&g, w.where, NULL);
    gw_begin(&g);
    own = facts_and_name(&g, 1, "mail.msp.org");
    for (int i = 0; i < 30; i++) {
        snprintf(name, sizeof name, "mail.customer%d.org", i);
        customer[i] = facts_and_name(&g, 10 + i, name);
        gw_link(&g, customer[i], ORG_CERT_DOMAIN, "msp.org", 90, NULL);
    }
    gw_commit(&g);
    gw_update(&g);
    for (int i = 0; i < 30; i++)
        for (int k = 0; k < i; k++)
            CHECK(gw_org(&g, customer[i]) != gw_org(&g, customer[k]));
    snprintf(sql, sizeof sql, "SELECT count(*) FROM case_provider p JOIN case_operates o ON o.key = p.key WHERE p.how = 0 AND p.org = %lld", (long long)gw_org(&g, own));
    assert_int_equal(gw_int(&g, sql), 30);
    snprintf(sql, sizeof sql, "SELECT provider FROM case_org WHERE org = %lld", (long long)gw_org(&g, own));
    assert_int_equal(gw_int(&g, sql), 1);
    gw_close(&g);
}

/* A row of a register, and one of mail exchangers, are taken back like links. */
static void rows_taken_back(void **state)
{
    struct gw g;
    struct err e = { 0 };
    int64_t s[4];
    (void)state;

    gw_open(&g, w.where, NULL);
    gw_begin(&g);
    s[0] = facts_and_name(&g, 1, "mail.one.org");
    s[1] = facts_and_name(&g, 2, "mail.two.org");
    s[2] = facts_and_name(&g, 3, "mail.three.org");
    s[3] = facts_and_name(&g, 4, "mail.four.org");
    gw_entry(&g, true, "vat", "1", "One", "one.org", 0, 0, NEVER_, NEVER_);
    gw_entry(&g, true, "vat", "1", "One", "two.org", 0, 0, NEVER_, NEVER_);
    gw_mx(&g, "three.org", "mail.four.org", 0);
    gw_commit(&g);
    gw_update(&g);
    CHECK(gw_org(&g, s[0]) == gw_org(&g, s[1]) && gw_org(&g, s[2]) == gw_org(&g, s[3]));
    int64_t entry = gw_int(&g, "SELECT id FROM case_entry WHERE domain = 'two.org'"), mx = gw_int(&g, "SELECT id FROM case_mx");
    gw_begin(&g);
    gw_check(ledger_revoke(g.l, entry, STR("sold in 2019"), &e) && ledger_revoke(g.l, mx, STR("a test zone"), &e), &e, "revoke");
    gw_commit(&g);
    gw_update(&g);
    CHECK(gw_org(&g, s[0]) != gw_org(&g, s[1]) && gw_org(&g, s[2]) != gw_org(&g, s[3]));
    gw_close(&g);
}

/* What a person has to decide keeps its number as long as it says the same. */
static void reviews(void **state)
{
    struct gw g;
    int64_t s[2], id;
    (void)state;

    gw_open(&g, w.where, NULL);
    gw_begin(&g);
    s[0] = facts_and_name(&g, 1, "mail.group.org");
    s[1] = facts_and_name(&g, 2, "owa.group.org");
    gw_link(&g, s[0], ORG_REGISTER, "vat:1", 95, "Bakery");
    gw_link(&g, s[1], ORG_REGISTER, "vat:2", 95, "Butcher");
    gw_commit(&g);
    gw_update(&g);
    assert_int_equal(gw_int(&g, "SELECT count(*) FROM case_review WHERE what = 0 AND key_value = 'group.org' AND one = 'vat:1' AND other = 'vat:2'"), 1);
    id = gw_int(&g, "SELECT id FROM case_review");
    gw_begin(&g);
    facts_and_name(&g, 3, "mail.else.org");
    gw_commit(&g);
    gw_update(&g);
    CHECK(gw_int(&g, "SELECT id FROM case_review") == id);
    CHECK(gw_int(&g, "SELECT count(*) FROM case_org WHERE name = 'Bakery'") == 1);

    /* Where an address lies, without any survey. */
    struct err e = { 0 };
    gw_begin(&g);
    gw_check(ledger_place(g.l, s[0], "AT", 64500, &(struct ledger_from){ .source = g.source }, &e), &e, "place");
    gw_commit(&g);
    gw_update(&g);
    CHECK(gw_int(&g, "SELECT count(*) FROM case_org_country WHERE country = 'AT'") == 1);
    gw_close(&g);
}

/* Anybody can write any names into a report: one that proves nothing ties nobody; one of grade B does. */
static void reports_prove(void **state)
{
    struct err e = { 0 };
    (void)state;

    for (enum grade grade = GRADE_D; grade <= GRADE_B; grade++) {
        struct gw g;
        int64_t a, b, r, file;
        enum ledger_state there;

        gw_open(&g, w.where, NULL);
        gw_begin(&g);
        a = facts_and_name(&g, 1, "mail.bakery.org");
        b = facts_and_name(&g, 2, "mail.butcher.org");
        struct ledger_file f = { .name = STR("report.json"), .kind = STR("report"), .sha256 = { 7 }, .size_bytes = 1 };
        gw_check(ledger_file_begin(g.l, &f, &there, &file, &e), &e, "file");
        struct str name[] = { STR("mail.bakery.org"), STR("owa.butcher.org") };
        struct subject x = { .node = STR("ex01"), .domain = STR("butcher.org"), .name = name, .name_n = 2 };
        gw_check(ledger_subject(g.l, &x, &r, &e), &e, "subject");
        struct case_report report = { .file = file, .campaign = g.campaign, .subject = r, .verdict = STR("no_sign"), .grade = grade, .hunted_us = GW_DAY0, .from_us = TIME_NONE, .to_us = TIME_NONE,
                                      .patched_us = TIME_NONE, .newest_us = TIME_NONE, .placed_us = TIME_NONE, .used_us = TIME_NONE, .last_us = TIME_NONE, .entered_us = TIME_NONE };
        gw_check(ledger_report(g.l, &report, &e), &e, "report");
        struct case_link k = { .subject = r, .kind = ORG_EXCHANGE_NAME, .value = STR("butcher.org"), .confidence = 60, .observed_us = GW_DAY0 };
        gw_check(ledger_link(g.l, &k, &(struct ledger_from){ .file = file }, NULL, &e), &e, "link");
        gw_entry(&g, true, "vat", "2", "Butcher", "butcher.org", 0, 0, NEVER_, NEVER_);
        gw_commit(&g);
        gw_update(&g);
        CHECK(gw_asset(&g, r) == gw_asset(&g, a));
        CHECK((gw_org(&g, a) == gw_org(&g, b)) == (grade == GRADE_B));
        gw_close(&g);
    }
}

/* A domain that half a register names is nobody's own. */
static void nobodys_domain(void **state)
{
    struct gw g;
    int64_t s[2];
    char number[16];
    (void)state;

    gw_open(&g, w.where, NULL);
    gw_begin(&g);
    s[0] = facts_and_name(&g, 1, "mail.portal.org");
    s[1] = facts_and_name(&g, 2, "mail.bakery.org");
    for (int i = 0; i < 70; i++) {
        snprintf(number, sizeof number, "%d", i);
        gw_entry(&g, true, "vat", number, "Some firm", "portal.org", 0, 0, NEVER_, NEVER_);
    }
    gw_entry(&g, true, "vat", "999", "Bakery", "bakery.org", 0, 0, NEVER_, NEVER_);
    gw_commit(&g);
    gw_update(&g);
    CHECK(gw_int(&g, "SELECT count(*) FROM case_org WHERE name = 'portal.org'") == 1 && gw_int(&g, "SELECT count(*) FROM case_org WHERE name = 'Bakery'") == 1);
    CHECK(gw_int(&g, "SELECT count(*) FROM case_review") == 0 && gw_org(&g, s[0]) != gw_org(&g, s[1]));
    gw_close(&g);
}

/* ---- with the survey ---- */

static bool last_look(void *ctx, const struct server_span *s, struct err *e)
{
    (void)e;
    update_server_seen(ctx, s);
    return true;
}

/* Subjects meet the survey's servers; these keep their numbers when more of them is seen; what is behind one address is told apart. */
static void surveyed(void **state)
{
    static const struct step step[] = {
        { 3, .source = OBS_PROBE, .ip = 1, .node = "EX01", .name = "mail.bakery.org", .build = "15.1.2176.2", .country = "AT", .asn = 64500 },
        { 4, .source = OBS_PROBE, .ip = 2, .node = "EX02", .name = "owa.bakery.org", .build = "15.1.2176.9", .country = "DE", .asn = 64501 },
        { 4, .source = OBS_PROBE, .ip = 3, .node = "EX03", .build = "15.1.2176.2", .country = "AT" }, { 4, .source = OBS_PROBE, .ip = 3, .node = "EX04", .build = "15.1.2176.2" },
        { 5, .source = OBS_PROBE, .ip = 9, .node = "EX01", .name = "mail.bakery.org", .build = "15.1.2176.9", .country = "AT" },
    };
    static const size_t order[] = { 0, 1, 2, 3, 4 };
    struct gw g;
    struct err e = { 0 };
    int64_t s[4];
    uint32_t n;
    (void)state;

    w.keep = test_arena(64 << 20);
    w.os = os_posix();
    gw_check(builds_load(&w.builds, &w.keep.a, &w.os, STR_EMPTY, &e), &e, "builds");
    gw_open(&g, w.where, imported(step, order, COUNT_OF(order)));
    g.o.builds = &w.builds;
    gw_begin(&g);
    const struct gw_server row[] = { { .ip = 1 }, { .ip = 2 }, { .ip = 3 }, { .name = "mail.bakery.org" } };
    for (int i = 0; i < 4; i++) {
        struct subject x = { .has_ip = row[i].ip != 0, .ip = { [10] = 0xff, 0xff, 192, 0, 0, (uint8_t)row[i].ip } };
        struct str name = row[i].name ? str_c(row[i].name) : STR_EMPTY;
        x.name = &name;
        x.name_n = name.n != 0;
        gw_check(ledger_subject(g.l, &x, &s[i], &e), &e, "subject");
        gw_fact(&g, s[i], 4);
    }
    gw_commit(&g);
    gw_update(&g);
    /* Two servers by address, one of them by name too; the third address is two computers. */
    CHECK(gw_asset(&g, s[0]) == gw_asset(&g, s[3]) && gw_asset(&g, s[0]) != gw_asset(&g, s[1]) && gw_org(&g, s[0]) == gw_org(&g, s[1]));
    assert_int_equal(g.u.server_n, 4);
    const struct update_subject *x = update_subject_find(&g.u, s[2]);
    CHECK(x && x[0].id == x[1].id && x[0].server != x[1].server);
    const struct update_survey *v = update_survey_find(&g.u, g.u.server[x[0].server].survey, &n);
    CHECK(v && n == 2 && v[0].server == x[0].server && v[1].server == x[1].server);

    struct span_sink sink = { &g.u, last_look };
    daily_looks(g.u.daily, 1);
    gw_check(daily_spans(g.u.daily, &sink, NULL, &e), &e, "spans");
    const struct update_server *one = &g.u.server[update_subject_find(&g.u, s[0])->server], *two = &g.u.server[update_subject_find(&g.u, s[1])->server];
    CHECK(one->build[3] == 9 && two->build[3] == 9 && !strcmp(one->country, "AT") && !strcmp(two->country, "DE") && two->asn == 64501 && one->ip_n == 2);
    CHECK(one->ip[15] == 9);                            /* where it answered last */
    CHECK_STR(one->name, STR("mail.bakery.org"));
    CHECK(str_has(one->product, STR("2016")));
    gw_begin(&g);
    gw_check(update_countries(&g.u, &e), &e, "countries");
    gw_commit(&g);
    assert_int_equal(gw_int(&g, "SELECT count(*) FROM case_org_country"), 4);      /* the bakery has two; the computers of the third address are two organisations */
    int64_t asset = gw_asset(&g, s[0]), stranger;
    gw_update(&g);
    CHECK(gw_asset(&g, s[0]) == asset && g.n.servers == 4);

    /* The address of one, and a name that the survey knows at another: a slip, and it makes no firm of two. */
    gw_begin(&g);
    struct str others = STR("mail.bakery.org");
    struct subject slip = { .has_ip = true, .ip = { [10] = 0xff, 0xff, 192, 0, 0, 3 }, .node = STR("EX03"), .name = &others, .name_n = 1 };
    gw_check(ledger_subject(g.l, &slip, &stranger, &e), &e, "subject");
    gw_fact(&g, stranger, 4);
    gw_commit(&g);
    gw_update(&g);
    CHECK(g.n.servers == 4 && gw_asset(&g, stranger) != asset && gw_org(&g, stranger) != gw_org(&g, s[0]));
    gw_close(&g);
    memset(&w.builds, 0, sizeof w.builds);
    test_arena_free(&w.keep);
}

/* ---- any order ---- */

enum { CROWD = 60 };

/* For each subject the lowest subject of its server and of its organisation: what is said, without numbers. */
static struct str partition(struct gw *g, struct arena *a)
{
    struct store_stmt *st;
    struct err e = { 0 };
    struct str out = STR_EMPTY;

    gw_check(store_prepare(g->s, "SELECT x.subject, (SELECT min(y.subject) FROM case_asset y WHERE y.asset = x.asset),"
                                 " (SELECT min(z.subject) FROM case_asset z JOIN case_member n ON n.asset = z.asset WHERE n.org = m.org), o.name, o.sector, o.country, o.servers, o.confidence"
                                 " FROM case_asset x JOIN case_member m ON m.asset = x.asset JOIN case_org o ON o.org = m.org ORDER BY x.subject", &st, &e), &e, "partition");
    while (store_step(st, &e) == STORE_ROW)
        out = str_fmt(a, "%.*s%lld %lld %lld %.*s %.*s %.*s %lld %lld\n", STR_ARG(out), (long long)store_int(st, 0), (long long)store_int(st, 1), (long long)store_int(st, 2),
                      STR_ARG(store_text(st, 3)), STR_ARG(store_text(st, 4)), STR_ARG(store_text(st, 5)), (long long)store_int(st, 6), (long long)store_int(st, 7));
    store_finish(st);
    return out;
}

/* The same rows of all kinds in another order, and in two helpings with an update between. */
static struct str crowd(const char *where, uint32_t turn, struct arena *a)
{
    struct gw g;
    struct str out;

    gw_open(&g, where, NULL);
    gw_begin(&g);
    for (uint32_t i = 0; i < CROWD; i++) {
        static const uint32_t step[] = { 1, 7, 11, 13, 17, 59 };
        uint32_t k = (i * step[turn] + turn * 13) % CROWD, org = k % 17;
        char name[64], domain[64], number[32];
        struct gw_server x = { .ip = (int)(k % 40 + 1), .port = k % 5 ? 443 : 444, .tls = k % 7 ? 0 : (int)(k % 11 + 1), .computer = k % 6 ? NULL : k % 12 ? "ex01" : "ex02", .domain = "corp.example", .name = name };

        snprintf(name, sizeof name, "%s%u.firm%u.org", k % 3 ? "mail" : "gw", k % 4, org);
        snprintf(domain, sizeof domain, "firm%u.org", org);
        snprintf(number, sizeof number, "%u", org);
        int64_t s = gw_subject(&g, &x);
        gw_fact(&g, s, (int)(k % 20));
        if (k % 2)
            gw_link(&g, s, ORG_NETWORK, k % 4 == 1 ? "NET-A" : "NET-B", 80, NULL);
        if (k % 3 == 0)
            gw_entry(&g, true, "vat", number, domain, domain, 0, 0, NEVER_, NEVER_);
        if (k % 9 == 0)
            gw_entry(&g, false, "list", number, domain, NULL, (int)(k % 40 + 1), (int)(k % 40 + 3), NEVER_, k % 2 ? 100 : -100);
        if (k % 8 == 0)
            gw_mx(&g, domain, name, 0);
        if (i == CROWD / 2) {
            gw_commit(&g);
            gw_update(&g);
            gw_begin(&g);
        }
    }
    gw_commit(&g);
    gw_update(&g);
    out = partition(&g, a);
    gw_close(&g);
    return out;
}

static void any_order(void **state)
{
    struct test_arena t = test_arena(8 << 20);
    struct str first = crowd(":memory:", 0, &t.a);
    (void)state;

    CHECK(first.n > 1000);
    for (uint32_t turn = 1; turn < 6; turn++)
        CHECK_STR(crowd(":memory:", turn, &t.a), first);
    if (w.has_pg) {
        w.where = w.pg.where;
        CHECK_STR(crowd(w.pg.where, 3, &t.a), first);
        reversal(NULL);
        w.where = ":memory:";
    }
    test_arena_free(&t);
}

/* ---- memory that runs out ---- */

/* Wherever it runs out, the update says so, and what was there stays. */
static void short_of_memory(void **state)
{
    struct test_arena t = test_arena(4 << 20);
    struct gw g;
    bool whole = false;
    (void)state;

    gw_open(&g, ":memory:", NULL);
    gw_begin(&g);
    for (int i = 0; i < 12; i++) {
        char name[32], number[16];
        struct gw_server x = { .ip = 1 + i % 9, .tls = i % 4, .computer = i % 5 ? NULL : "ex01", .domain = "corp.example", .name = name };

        snprintf(name, sizeof name, "mail.firm%d.org", i % 6);
        snprintf(number, sizeof number, "%d", i % 6);
        gw_fact(&g, gw_subject(&g, &x), i);
        gw_entry(&g, true, "vat", number, "Firm", name + 5, i + 1, i + 2, NEVER_, NEVER_);
        gw_mx(&g, "other.org", name, 0);
    }
    gw_commit(&g);
    gw_update(&g);
    struct str before = partition(&g, &t.a);
    for (uint32_t n = 1; n < 100000 && !whole; n += n < 40 ? 1 : n / 16) {
        struct fault f = { .left = n };
        struct err e = { 0 };

        g.keep.a.fault = g.scratch.a.fault = &f;
        gw_begin(&g);
        whole = gw_steps(&g, &e);
        if (whole)
            CHECK_WHY(!f.fired, str_cstr(&t.a, str_fmt(&t.a, "step %u failed, and nobody said so", n)));
        else if (!f.fired || e.kind == ERR_NONE || !e.what[0])
            fail_msg("step %u: %s %s", n, e.where, e.what);
        ledger_rollback(g.l);
        CHECK_STR(partition(&g, &t.a), before);
    }
    CHECK(whole);
    g.keep.a.fault = g.scratch.a.fault = NULL;
    gw_close(&g);
    test_arena_free(&t);
}

/* ---- killed on its way ---- */

static void killed(void **state)
{
    char dir[] = "/tmp/ap_groups.XXXXXX", file[64];
    struct test_arena t = test_arena(4 << 20);
    struct gw g;
    int64_t s[2];
    int status;
    (void)state;

    CHECK(mkdtemp(dir));
    snprintf(file, sizeof file, "%s/x.db", dir);
    gw_open(&g, file, NULL);
    gw_begin(&g);
    s[0] = facts_and_name(&g, 1, "mail.bakery.org");
    s[1] = facts_and_name(&g, 2, "mail.butcher.org");
    gw_commit(&g);
    gw_update(&g);
    struct str before = partition(&g, &t.a);
    gw_begin(&g);
    gw_link(&g, s[1], ORG_CERT_DOMAIN, "bakery.org", 90, NULL);
    gw_commit(&g);
    gw_close(&g);
    pid_t pid = fork();
    if (pid == 0) {
        struct err e = { 0 };
        gw_open(&g, file, NULL);
        gw_begin(&g);
        (void)gw_steps(&g, &e);
        raise(SIGKILL);
    }
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
    gw_open(&g, file, NULL);
    CHECK_STR(partition(&g, &t.a), before);
    gw_update(&g);
    CHECK(gw_org(&g, s[0]) == gw_org(&g, s[1]));
    gw_close(&g);
    static const char *const end[] = { "", "-wal", "-shm", ".lock", "-lock" };
    for (size_t i = 0; i < COUNT_OF(end); i++) {
        char path[96];
        snprintf(path, sizeof path, "%s%s", file, end[i]);
        unlink(path);
    }
    rmdir(dir);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case), cmocka_unit_test(reversal), cmocka_unit_test(provider), cmocka_unit_test(rows_taken_back), cmocka_unit_test(reviews), cmocka_unit_test(reports_prove), cmocka_unit_test(nobodys_domain), cmocka_unit_test(surveyed), cmocka_unit_test(any_order), cmocka_unit_test(short_of_memory), cmocka_unit_test(killed),
    };

    w.where = ":memory:";
    w.has_pg = pg_server_or_say(&w.pg);
    int bad = cmocka_run_group_tests(tests, NULL, NULL);
    if (w.has_pg)
        pg_server_stop(&w.pg);
    return bad;
}
