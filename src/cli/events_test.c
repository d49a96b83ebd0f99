#include "cli/cli_fake.h"

#include "base/num.h"
#include "make_evtx.h"

#include <json-c/json.h>
#include <unistd.h>

/* One chunk of two records; the second has equal names, one without, and a name that a terminal would obey. */
static size_t make(uint8_t *to)
{
    struct mk m;

    mk_file(to, 1, 0);
    mk_chunk(&m, to + 4096);
    for (uint64_t i = 1; i <= 2; i++) {
        mk_record(&m, i, UINT64_C(132592000000000000));
        mk_template(&m, (uint32_t)i, 0);
        mk_open(&m, "Event", false), mk_shut(&m);
        mk_system(&m, "Test", "Security");
        mk_open(&m, "EventData", false), mk_shut(&m);
        mk_data(&m, i == 2 ? "a" : NULL, 5, 1), mk_data(&m, i == 2 ? "a" : NULL, 6, 8);
        if (i == 2)
            mk_data(&m, "\x1b[31m", 5, 1), mk_data(&m, NULL, 7, 1);
        mk_end(&m), mk_end(&m);
        mk_template_end(&m);
        mk_values(&m, 8);
        mk_system_values(&m, 4688, i, UINT64_C(132592000000000000));
        mk_value_text(&m, "x\"\x1b"), mk_value_number(&m, 8, 7, 4), mk_value(&m, 0, NULL, 0);
        mk_record_end(&m);
    }
    mk_chunk_end(&m);
    return 4096 + MK_CHUNK;
}

static void write_file(const char *path, const uint8_t *p, size_t n)
{
    FILE *f = fopen(path, "w");

    if (!f || fwrite(p, 1, n, f) != n || fclose(f) != 0)
        fail_msg("cannot write %s", path);
}

static const char ROW[] = "{\"file\": \"a.evtx\", \"record\": 1, \"time\": \"2021-03-02T23:06:40.0000000Z\", \"channel\": \"Security\", \"provider\": \"Test\", \"event_id\": 4688, "
                          "\"level\": 4, \"computer\": \"mail01\", \"user\": \"S-1-5-18\", \"data\": [\"x\\\"\\u001b\", \"7\"]}\n";

static void lines(void **state)
{
    static uint8_t bytes[4096 + MK_CHUNK];
    struct fake   *f = fake_open();
    char           root[] = "/tmp/events-XXXXXX";
    size_t         n = make(bytes);

    (void)state;
    if (!mkdtemp(root) || chdir(root) != 0)
        fail_msg("no folder for the test");
    write_file("a.evtx", bytes, n);
    FAKE_RUN(f, "events", "a.evtx");
    CHECK(f->code == CLI_DONE);
    CHECK_STR(str_sub(f->said, 0, sizeof ROW - 1), str_c(ROW));
    CHECK(str_has(f->said, STR("\"data\": {\"a\": [\"x\\\"\\u001b\", \"7\"], \"\\u001b[31m\": \"x\\\"\\u001b\", \"Data\": null}}\n")));
    CHECK_STR(f->complained, STR("2 records, 0 damaged, 0 from slack\n"));
    FAKE_RUN(f, "events", "--system", "a.evtx");
    CHECK(str_has(f->said, STR("\"record_id\": \"2\"")));
    FAKE_RUN(f, "events", "--count", "a.evtx");
    CHECK(f->code == CLI_DONE && f->said.n == 0);

    bytes[4096 + 600] ^= 1;                                     /* a chunk whose checksum does not hold */
    write_file("b.evtx", bytes, n - 100);
    FAKE_RUN(f, "events", "b.evtx", "a.evtx");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("\"checksum\": false")) && str_has(f->complained, STR("4 records")));

    write_file("b.evtx", (const uint8_t *)"text", 4);
    FAKE_RUN(f, "events", "b.evtx", "a.evtx");
    CHECK(f->code == CLI_FAILED && str_has(f->complained, STR("no event log")) && str_has(f->said, STR("\"a.evtx\"")));
    FAKE_RUN(f, "events");
    CHECK(f->code == CLI_USAGE);
    FAKE_RUN(f, "events", ".");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("folder")));
    FAKE_RUN(f, "events", "none.evtx");
    CHECK(f->code == CLI_FAILED);
    (void)remove("a.evtx"), (void)remove("b.evtx");
    if (chdir("/") != 0 || rmdir(root) != 0)
        fail_msg("cannot remove %s", root);
    fake_close(f);
}

/* Batches, a bad chunk: the same bytes with any number of threads. */
static void threads(void **state)
{
    enum { CHUNKS = 150 };
    static uint8_t bytes[4096 + MK_CHUNK];
    struct fake   *f = fake_open();
    char           root[] = "/tmp/events-XXXXXX";
    size_t         n = make(bytes);

    (void)state;
    if (!mkdtemp(root) || chdir(root) != 0)
        fail_msg("no folder for the test");
    FILE *to = fopen("many.evtx", "w");
    CHECK(to && fwrite(bytes, 1, 4096, to) == 4096);
    for (int i = 0; i < CHUNKS; i++) {
        bytes[4096 + 512 + 24 + 40] ^= i == 77;
        CHECK(fwrite(bytes + 4096, 1, n - 4096, to) == n - 4096);
        bytes[4096 + 512 + 24 + 40] ^= i == 77;
    }
    CHECK(fclose(to) == 0);
    FAKE_RUN(f, "events", "--jobs", "1", "many.evtx", "many.evtx");
    CHECK(f->code == CLI_DONE && str_has(f->complained, STR("600 records")) && str_has(f->complained, STR("1 of 150 chunks")));
    struct str one = test_heap(f->said.p, f->said.n), told = test_heap(f->complained.p, f->complained.n);
    CHECK(one.n > 600 * 100);
    FAKE_RUN(f, "events", "--jobs=3", "many.evtx", "many.evtx");
    CHECK(f->code == CLI_DONE && str_eq(f->said, one) && str_eq(f->complained, told));
    FAKE_RUN(f, "events", "--jobs=0", "many.evtx");
    CHECK(f->code == CLI_USAGE);
    test_free(one), test_free(told);
    (void)remove("many.evtx");
    if (chdir("/") != 0 || rmdir(root) != 0)
        fail_msg("cannot remove %s", root);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(lines), cmocka_unit_test(threads) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
