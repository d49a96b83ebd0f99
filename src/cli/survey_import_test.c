#include "cli/cli_fake.h"

#define TABLE "ip,build,time\n192.0.2.1,15.1.2176.9,2021-03-16T00:00:00Z\n192.0.2.2,15.x,2021-03-16T00:00:00Z\n192.0.2.3,15.1.2176.2,2021-03-17T00:00:00Z\n"

static struct os_mem *disk(struct fake *f)
{
    struct os_mem *m = os_mem_open(&f->text.a, INT64_C(1700000000000000));

    CHECK(m && os_mem_add(m, "/in/a.csv", STR(TABLE)) && os_mem_add(m, "/in/b.txt", STR("nothing of ours\n")) && os_mem_add(m, "/in/c.csv", STR("ip,build\n192.0.2.9,15.1.1.1\n")));
    f->os = m->os;
    return m;
}

static bool says(const struct fake *f, const char *word) { return str_has(f->said, str_c(word)); }
static bool complains(const struct fake *f, const char *word) { return str_has(f->complained, str_c(word)); }

static void dry(void **state)
{
    struct fake   *f = fake_open();
    struct os_mem *m = disk(f);

    (void)state;
    FAKE_RUN(f, "survey", "import", "--dry-run", "/in/a.csv");
    CHECK(f->code == CLI_DONE && says(f, "\"build\": \"15.1.2176.9\"") && says(f, "{\"broken\": \"its build cannot be read\", \"line\": 3") && says(f, "15.1.2176.2"));
    CHECK(complains(f, "3 rows: 2 observations") && complains(f, "first in line 3") && m->open_now == 0);
    FAKE_RUN(f, "survey", "import", "--dry-run", "--json", "--observed", "2021-04-01", "/in/c.csv");
    CHECK(f->code == CLI_DONE && says(f, "\"observed_at\": \"2021-04-01T00:00:00Z\"") && complains(f, "\"observations\": 1, \"other\": 0, \"broken\": 0"));
    fake_close(f);
}

/* One file that is nothing of ours ends nothing: the others are read, and the exit code says so. */
static void among_others(void **state)
{
    struct fake   *f = fake_open();
    struct os_mem *m = disk(f);

    (void)state;
    FAKE_RUN(f, "survey", "import", "--store", ":memory:", "/in/a.csv", "/in/b.txt", "/in/c.csv", "/in/a.csv");
    CHECK(f->code == CLI_FAILED && complains(f, "/in/b.txt") && complains(f, "--format"));
    CHECK(says(f, "/in/a.csv: csv: 3 rows: 2 observations (2 new, 0 already known), 0 about something else, 1 broken") && says(f, "/in/c.csv: csv: 1 rows") && says(f, "/in/a.csv: already known, nothing new"));
    CHECK(m->open_now == 0);
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
        FAKE_RUN(f, "survey", "import", "--dry-run", "/in/a.csv");
        bool fired = m->fault.fired;
        CHECK(m->open_now == 0);
        if (fired)
            CHECK(f->code != CLI_DONE && (complains(f, "afterpatch: survey import: ") || complains(f, "it breaks off")));
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
    static const struct { const char *word[5], *says; } c[] = {
        { { "survey", "import", NULL }, "no file given" },
        { { "survey", "import", "--map", "ip", "/in/a.csv" }, "no column" },
        { { "survey", "import", "--observed", "soon", "/in/a.csv" }, "no date" },
        { { "survey", "import", "--format", "x", "/in/a.csv" }, "--format" },
        { { "survey", "import", "/in", NULL }, "folder" },
    };
    struct fake *f = fake_open();

    (void)state;
    disk(f);
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        const char *word[6] = { c[i].word[0], c[i].word[1], c[i].word[2], c[i].word[2] ? c[i].word[3] : NULL, c[i].word[2] && c[i].word[3] ? c[i].word[4] : NULL, NULL };
        fake_run(f, word);
        CHECK_WHY(f->code == CLI_USAGE && complains(f, c[i].says), c[i].says);
    }
    FAKE_RUN(f, "survey", "import", "/in/gone.csv");
    CHECK(f->code == CLI_FAILED && complains(f, "/in/gone.csv"));
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(dry), cmocka_unit_test(among_others), cmocka_unit_test(disk_fails), cmocka_unit_test(usage) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
