#include "test.h"
#include "base/num.h"
#include "formats/ecp.h"

/* EventData after the CSV layer; `want` spells items as name=value parted by "|", "!" for damaged. */
static const struct { const char *why, *in, *want; } items[] = {
    { "types go, keys stay", "S:TIME=812;I32:N=4;Dbl:D=0.5;F:f=1", "TIME=812|N=4|D=0.5|f=1" },
    { "a wrapped item with doubled quotes and semicolons",
      "'S:CMD=Set-X.ExternalUrl=''http://f/a;b''.Identity=''i''';S:URL=/ecp?a=b&c=d",
      "CMD=Set-X.ExternalUrl='http://f/a;b'.Identity='i'|URL=/ecp?a=b&c=d" },
    { "wrapped without inner quotes", "'S:A=x;y';S:B=", "A=x;y|B=" },
    { "wrapped and empty", "'S:A=''''';''", "A=''" },
    { "the wrapping never ends", "S:A=1;'S:CMD=x;y''z", "A=1|CMD=x;y'z!" },
    { "a quote that nobody doubled", "'S:A=it's;b';S:C=1", "A=it's;b|C=1!" },
    { "no key: a value without a name", "oops;S:A=1;", "=oops|A=1" },
    { "no type", "A=1", "A=1" },
    { "a colon in the value only", "S:URL=http://x", "URL=http://x" },
    { "nothing", "", "" },
    { "only separators", ";;;", "" },
};

static size_t render(const struct record *r, char *out, size_t cap)
{
    size_t n = 0;

    for (size_t i = 0; i < r->extra_n; i++)
        n += (size_t)snprintf(out + n, cap - n, "%s%.*s=%.*s", i ? "|" : "", STR_ARG(r->extra_name[i]), STR_ARG(r->extra_value[i]));
    return n + (size_t)snprintf(out + n, cap - n, "%s", r->damaged ? "!" : "");
}

static void opens_event_data(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        struct test_arena t = test_arena(1 << 14);
        struct str        in = test_heap(items[i].in, strlen(items[i].in));
        struct record     r = { .n = 0 };
        struct err        e = { 0 };
        char              out[512] = "";

        CHECK_WHY(ecp_items(&t.a, in, &r, &e), items[i].why);
        render(&r, out, sizeof out);
        if (strcmp(out, items[i].want) != 0)
            fail_msg("%s: got \"%s\", want \"%s\"", items[i].why, out, items[i].want);
        test_free(in);
        test_arena_free(&t);
    }
}

/* Both quoting layers at once: the CSV cell is quoted because the value holds double quotes. */
static const char both[] =
    "2021-03-03T06:59:17.960Z,EXCH01,ECP.Request,\"S:TIME=4365;'S:CMD=Set-OabVirtualDirectory.ExternalUrl=''http://f/<x a=\"\"b\"\">"
    "y''.Identity=''00000000-0000-4000-8000-0000000000b2''';S:URL=/ecp/DDI/DDIService.svc/SetObject?schema=OABVirtualDirectory;S:EX=\"";

static void undoes_both_layers(void **state)
{
    (void)state;
    struct test_arena t = test_arena(1 << 14);
    struct log_state  s = { .kind = &log_ecp, .keep = t.a };
    struct str        row = test_heap(both, sizeof both - 1), data;
    struct record     r;
    struct err        e = { 0 };
    char              out[512] = "";

    CHECK(log_ecp.header(&s, STR("#Fields: TimeStamp,ServerName,EventId,EventData")));
    struct arena scratch = s.keep;
    CHECK(log_ecp.parse(&s, &scratch, row, &r, &e) && !r.damaged && r.n == 4 && r.time_us != TIME_NONE);
    CHECK(record_get(&r, STR("eventdata"), &data) && str_starts(data, STR("S:TIME=4365;'S:CMD=")));
    render(&r, out, sizeof out);
    assert_string_equal(out, "TIME=4365|CMD=Set-OabVirtualDirectory.ExternalUrl='http://f/<x a=\"b\">y'.Identity="
                             "'00000000-0000-4000-8000-0000000000b2'|URL=/ecp/DDI/DDIService.svc/SetObject?schema=OABVirtualDirectory|EX=");

    /* The same row cut anywhere is still a record, and what comes out is a beginning of what was there. */
    for (size_t n = 1; n < row.n; n++) {
        struct str cut = test_heap(row.p, n);
        scratch = s.keep;
        CHECK(log_ecp.parse(&s, &scratch, cut, &r, &e));
        CHECK(r.damaged || row.p[n - 1] == ',');         /* a cut right behind a comma cannot be told from an empty cell */
        test_free(cut);
    }
    test_free(row);
    test_arena_free(&t);
}

static void bounds_the_number_of_items(void **state)
{
    (void)state;
    struct test_arena t = test_arena(1 << 16);
    char              in[4 * (RECORD_EXTRA_MAX + 1) + 1];
    struct record     r = { .n = 0 };
    struct err        e = { 0 };

    for (size_t i = 0; i + 4 < sizeof in; i += 4)
        memcpy(in + i, "a=1;", 4);
    CHECK(ecp_items(&t.a, (struct str){ (const uint8_t *)in, sizeof in - 1 }, &r, &e));
    CHECK(r.extra_n == RECORD_EXTRA_MAX && r.damaged);
    test_arena_free(&t);
}

static bool work(struct arena *a, struct err *e)
{
    struct log_state s = { .kind = &log_ecp, .keep = *a };
    struct record    r;

    log_ecp.header(&s, STR("TimeStamp,ServerName,EventId,EventData"));
    struct arena scratch = s.keep;
    return log_ecp.parse(&s, &scratch, (struct str){ (const uint8_t *)both, sizeof both - 1 }, &r, e);
}

static void survives_faults(void **state)
{
    (void)state;
    fault_sweep(work, 8192);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_event_data), cmocka_unit_test(undoes_both_layers),
        cmocka_unit_test(bounds_the_number_of_items), cmocka_unit_test(survives_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
