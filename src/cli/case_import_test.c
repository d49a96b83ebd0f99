/* The whole program over files of many kinds: each is told by its content, and what cannot be used ends nothing. */
#include "cli/cli_fake.h"

#include "base/num.h"
#include "store/store.h"

#include <stdlib.h>
#include <unistd.h>

#define MX    "domain,mx,ip\nbakery.example,mail.bakery.example,192.0.2.7\nnone.example,.,\nx,mx.x.example,\n"
#define TIPS  "who,when,ip,claim,confidence,tlp\nV,2021-03-05,192.0.2.7,webshell,90,green\nV,2031-03-05,192.0.2.7,webshell,90,green\n"
#define SCAN  "ip,build,time\n192.0.2.1,15.1.2176.9,2021-03-16T00:00:00Z\n"
#define EVENT "{\"feed.name\": \"f\", \"time.source\": \"2021-03-06T14:02:11+00:00\", \"classification.type\": \"vulnerable-system\", \"source.ip\": \"192.0.2.7\"}\n"

static struct os_mem *disk(struct fake *f)
{
    struct os_mem *m = os_mem_open(&f->text.a, INT64_C(1700000000000000));

    CHECK(m && os_mem_add(m, "/in/mx.csv", STR(MX)) && os_mem_add(m, "/in/tips.csv", STR(TIPS)) && os_mem_add(m, "/in/scan.csv", STR(SCAN)) && os_mem_add(m, "/in/e.jsonl", STR(EVENT)) &&
          os_mem_add(m, "/in/odd.txt", STR("nothing of ours\n")) && os_mem_add(m, "/in/evil\x1b[2J.csv", STR("who,ip,claim\n\x1b]0;owned\x07,192.0.2.7,vulnerable\n")) && os_mem_add(m, "/in/r.json", STR("{}")) &&
          os_mem_add(m, "/in/r.json.asc", STR("x")) && os_mem_add(m, "/in/bad-report.json", STR("{\"schema\": \"afterpatch-report/1\", \"x\": [")));
    f->os = m->os;
    return m;
}

static bool says(const struct fake *f, const char *word) { return str_has(f->said, str_c(word)); }
static bool complains(const struct fake *f, const char *word) { return str_has(f->complained, str_c(word)); }

static void kinds(void **state)
{
    struct fake   *f = fake_open();
    struct os_mem *m = disk(f);

    (void)state;
    FAKE_RUN(f, "case", "import", "--store", ":memory:", "--who", "t", "/in/mx.csv", "/in/odd.txt", "/in/tips.csv", "/in/scan.csv", "/in/e.jsonl", "/in/mx.csv", "/in/bad-report.json", "/in/evil\x1b[2J.csv");
    CHECK(f->code == CLI_FAILED && complains(f, "/in/odd.txt") && complains(f, "--kind"));
    CHECK(says(f, "/in/mx.csv: mx: 3 rows: 2 taken, 0 about something else, 1 broken; mx 2 (0 said before)\n  broken: 1: a domain of it is none (first in line 4)"));
    CHECK(says(f, "/in/tips.csv: tip: 2 rows: 1 taken, 0 about something else, 1 broken; fact 1") && says(f, "its time lies in the future"));
    CHECK(says(f, "/in/scan.csv: csv: 1 rows: 1 observations (1 new") && says(f, "/in/e.jsonl: idf: 1 rows: 1 taken") && says(f, "/in/mx.csv: mx: already known, nothing new"));
    CHECK(says(f, "/in/bad-report.json: report: refused: ") && !says(f, "\x1b") && !says(f, "\x07"));
    CHECK(m->open_now == 0);
    FAKE_RUN(f, "case", "import", "--store", ":memory:", "--who", "t", "--json", "/in/mx.csv", "/in/tips.csv", "/in/scan.csv");
    CHECK(f->code == CLI_DONE && says(f, "\"kind\": \"mx\", \"rows\": 3, \"taken\": 2, \"partly\": 0, \"items\": {\"mx\": 2}, \"new\": 2, \"already_known\": 0, \"other\": 0, \"broken\": 1, \"reasons\": [{\"why\": \"a domain of it is none\""));
    CHECK(says(f, "\"format\": \"csv\"") && says(f, "\"state\": \"new\""));
    fake_close(f);
}

static void dry(void **state)
{
    struct fake   *f = fake_open();
    struct os_mem *m = disk(f);

    (void)state;
    FAKE_RUN(f, "case", "import", "--dry-run", "/in/mx.csv", "/in/scan.csv", "/in/tips.csv");
    CHECK(f->code == CLI_DONE && says(f, "{\"what\": \"mx\", \"line\": 2") && says(f, "\"build\": \"15.1.2176.9\"") && says(f, "{\"broken\": \"its time lies in the future\", \"line\": 3"));
    CHECK(complains(f, "/in/mx.csv: mx: 3 rows") && m->open_now == 0);
    /* A report: why it would be refused, beside what would be taken. */
    FAKE_RUN(f, "case", "import", "--dry-run", "/in/bad-report.json", "/in/tips.csv");
    CHECK(f->code == CLI_FAILED && says(f, "{\"what\": \"report\", \"file\": \"/in/bad-report.json\"") && says(f, "\"match\": null") && says(f, "{\"what\": \"fact\""));
    CHECK(complains(f, "/in/bad-report.json: report: would be refused: ") && m->open_now == 0);
    fake_close(f);
}

static int64_t rows(const char *where)
{
    struct store *s = NULL;
    struct err    e = { 0 };
    int64_t       n = 0;

    CHECK(store_open(&s, str_c(where), STORE_READ, &e) && store_one_int(s, "SELECT (SELECT count(*) FROM case_file) * 1000 + (SELECT count(*) FROM case_fact) * 10 + (SELECT count(*) FROM case_audit)", &n, &e));
    store_close(s);
    return n;
}

/* By the store that there is: known, new, another's; nothing is written. */
static void tried(void **state)
{
    static const char bakery[] = AP_SOURCE_DIR "/tests/corpus/reportin/bakery.json", clean[] = AP_SOURCE_DIR "/tests/corpus/reportin/clean.json", orchard[] = AP_SOURCE_DIR "/tests/corpus/reportin/two-groups.json";
    struct fake *f = fake_open();
    char         dir[] = "/tmp/import-XXXXXX", where[64], command[80];

    (void)state;
    CHECK(mkdtemp(dir) != NULL);
    snprintf(where, sizeof where, "%s/s.db", dir);
    FAKE_RUN(f, "case", "import", "--dry-run", "--store", where, bakery);
    CHECK(f->code == CLI_DONE && complains(f, "s.db") && complains(f, "report of mail.bakery.example: would be taken") && complains(f, "grade C: it carries no nonce") && complains(f, "compared with no store"));
    CHECK_WHY(access(where, F_OK) != 0, "no store is made");
    FAKE_RUN(f, "case", "import", "--store", where, "--who", "t", bakery);
    FAKE_RUN(f, "case", "update", "--store", where, "--who", "t");
    CHECK(f->code == CLI_DONE);
    int64_t before = rows(where);
    FAKE_RUN(f, "case", "import", "--dry-run", "--store", where, bakery, clean, orchard);
    CHECK(f->code == CLI_DONE && complains(f, "already known, nothing new") && complains(f, "by its computer name it is mail.bakery.example, of bakery.example (org:1, 2021-000001)"));
    CHECK(complains(f, "report of mail.orchard.example: would be taken") && complains(f, "it is a new server, and nobody is known to own it"));
    CHECK(says(f, "\"state\": \"known\"") && says(f, "\"servers\": 1, \"by\": \"its computer name\", \"server\": \"mail.bakery.example\"") && says(f, "\"case\": \"2021-000001\""));
    CHECK(rows(where) == before);
    FAKE_RUN(f, "case", "import", "--dry-run", "--store", where, "--campaign", "nowhere", clean);
    CHECK(f->code == CLI_USAGE && complains(f, "no campaign \"nowhere\""));
    snprintf(command, sizeof command, "rm -r %s", dir);
    CHECK(system(command) == 0);
    fake_close(f);
}

/* A disk that fails at any step: said, nothing left open. */
static void disk_fails(void **state)
{
    (void)state;
    for (uint32_t n = 1; n < 100; n++) {
        struct fake   *f = fake_open();
        struct os_mem *m = disk(f);

        m->fault = (struct fault){ .left = n };
        FAKE_RUN(f, "case", "import", "--dry-run", "/in/tips.csv");
        bool fired = m->fault.fired;
        CHECK(m->open_now == 0);
        if (fired)
            CHECK(f->code != CLI_DONE && (complains(f, "afterpatch: case import: ") || complains(f, "it breaks off")));
        else
            CHECK(f->code == CLI_DONE);
        fake_close(f);
        if (!fired)
            return;
    }
    fail_msg("the sweep does not end");
}

static void usage(void **state)
{
    static const struct { const char *word[6], *says; } c[] = {
        { { "case", "import", NULL }, "no file given" },
        { { "case", "import", "/in", NULL }, "folder" },
        { { "case", "import", "--kind", "x", "/in/mx.csv", NULL }, "--kind" },
        { { "case", "import", "--tlp", "purple", "/in/mx.csv", NULL }, "--tlp" },
        { { "case", "import", "--map", "colour=x", "/in/mx.csv", NULL }, "no field" },
        { { "case", "import", "--map", "domain", "/in/mx.csv", NULL }, "no column" },
        { { "case", "import", "--case", "soon", "/in/mx.csv", NULL }, "no case" },
        { { "case", "import", "--observed", "soon", "/in/mx.csv", NULL }, "no date" },
        { { "case", "import", "/in/r.json.asc", NULL }, "only signatures" },
        { { "case", "import", "--campaign", "nosuch", "/in/tips.csv", NULL }, "no campaign" },
    };
    struct fake *f = fake_open();

    (void)state;
    disk(f);
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        const char *word[10] = { NULL };
        size_t      n = 0;
        for (; n < 6 && c[i].word[n]; n++)
            word[n] = c[i].word[n];
        word[n++] = "--store";
        word[n++] = ":memory:";
        word[n++] = "--who";
        word[n] = "t";
        const char *all[12] = { NULL };
        memcpy(all, word, (n + 1) * sizeof *word);
        fake_run(f, all);
        CHECK_WHY(f->code == CLI_USAGE && complains(f, c[i].says), c[i].says);
    }
    FAKE_RUN(f, "case", "import", "/in/gone.csv");
    CHECK(f->code == CLI_FAILED && complains(f, "/in/gone.csv"));
    fake_close(f);
}

static void write_file(const char *path, struct str text)
{
    FILE *o = fopen(path, "w");

    CHECK(o && fwrite(text.p, 1, text.n, o) == text.n && fclose(o) == 0);
}

static int64_t count(const char *where, const char *sql)
{
    struct store *s = NULL;
    struct err    e = { 0 };
    int64_t       n = -1;

    if (!store_open(&s, str_c(where), STORE_READ, &e) || !store_one_int(s, sql, &n, &e))
        fail_msg("%s: %s", sql, e.what);
    store_close(s);
    return n;
}

/* What `survey export` writes is taken: a partner may run this program as well. */
static void own_export(void **state)
{
    char         dir[] = "/tmp/case-import-XXXXXX", scan[64], events[64], one[64], two[64], command[80];
    struct fake *f = fake_open();

    (void)state;
    CHECK(mkdtemp(dir) != NULL);
    snprintf(scan, sizeof scan, "%s/scan.csv", dir);
    snprintf(events, sizeof events, "%s/e.jsonl", dir);
    snprintf(one, sizeof one, "%s/one.db", dir);
    snprintf(two, sizeof two, "%s/two.db", dir);
    write_file(scan, STR("ip,build,time,name,country,asn,tag\n192.0.2.1,15.1.2106.2,2021-03-16T00:00:00Z,mail.a.example,AT,64500,exchange\n192.0.2.2,15.1.2176.9,2021-03-16T00:00:00Z,mail.b.example,DE,64501,exchange;webshell\n"));
    FAKE_RUN(f, "survey", "import", "--store", one, scan);
    CHECK(f->code == CLI_DONE);
    FAKE_RUN(f, "survey", "export", "--store", one, "--verdict", "all", "--feed", "partner");
    CHECK(f->code == CLI_DONE);
    write_file(events, f->said);
    FAKE_RUN(f, "case", "import", "--store", two, "--who", "t", events);
    if (f->code != CLI_DONE)
        fail_msg("%.*s", STR_ARG(f->complained));
    CHECK(count(two, "SELECT count(*) FROM case_fact WHERE kind = 0 AND value = 1") == 1);         /* vulnerable */
    CHECK(count(two, "SELECT count(*) FROM case_fact WHERE kind = 0 AND value = 4") == 1);         /* patched */
    CHECK(count(two, "SELECT count(*) FROM case_fact WHERE kind = 3") == 1);                       /* and yet compromised */
    CHECK(count(two, "SELECT count(*) FROM case_source WHERE name = 'partner'") == 1);
    CHECK(count(two, "SELECT count(*) FROM case_place WHERE country = 'AT' AND asn = 64500") == 1);
    CHECK(count(two, "SELECT count(*) FROM case_campaign WHERE slug = 'proxylogon' AND build_group = 'ProxyLogon'") == 1);
    /* The same scan here gives the same observations as there. */
    FAKE_RUN(f, "case", "import", "--store", two, "--who", "t", scan);
    CHECK(f->code == CLI_DONE && count(two, "SELECT count(*) FROM survey_observation") == count(one, "SELECT count(*) FROM survey_observation"));
    CHECK(count(two, "SELECT count(*) FROM survey_claim") == count(one, "SELECT count(*) FROM survey_claim") && count(two, "SELECT count(*) FROM survey_claim") == 1);
    FAKE_RUN(f, "survey", "import", "--store", two, scan);
    CHECK(f->code == CLI_DONE && says(f, "already known"));
    snprintf(command, sizeof command, "rm -r %s", dir);
    CHECK(system(command) == 0);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(kinds), cmocka_unit_test(dry), cmocka_unit_test(tried), cmocka_unit_test(disk_fails), cmocka_unit_test(usage), cmocka_unit_test(own_export) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
