#include "cli/cli_fake.h"

#include <sys/stat.h>
#include <unistd.h>

static void file_make(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        fail_msg("cannot write %s", path);
}

static void listed(void **state)
{
    struct fake *f = fake_open();
    char         dir[] = "/tmp/iocs-XXXXXX", path[64], nothing[64];

    (void)state;
    CHECK(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/feed.txt", dir);
    snprintf(nothing, sizeof nothing, "%s/nothing.txt", dir);
    file_make(path, "198.51.100.1\n198.51.100.1\nhello world\n203.0.113.0/24\nevil[.]example\n");
    file_make(nothing, "hello world\n");
    FAKE_RUN(f, "iocs", "check", path);
    CHECK(f->code == CLI_DONE && f->complained.n == 0);
    CHECK(str_has(f->said, STR("feed.txt: list\n")) && str_has(f->said, STR("not used: feed.txt, line 3: neither hash")));
    CHECK(str_has(f->said, STR("1  address\n")) && str_has(f->said, STR("1  network\n")) && str_has(f->said, STR("3  in all, 1 more were said twice")));
    FAKE_RUN(f, "iocs", "check", nothing);
    CHECK(f->code == CLI_FAILED && str_has(f->complained, STR("no indicator that a hunt can use")));
    FAKE_RUN(f, "iocs", "check", path, nothing);
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("nothing.txt, line 1")));
    unlink(path);
    unlink(nothing);
    rmdir(dir);
    fake_close(f);
}

static void usage(void **state)
{
    struct fake *f = fake_open();

    (void)state;
    FAKE_RUN(f, "iocs");
    CHECK(f->code == CLI_USAGE);
    FAKE_RUN(f, "iocs", "check");
    CHECK(f->code == CLI_USAGE);
    FAKE_RUN(f, "iocs", "frobnicate", "x");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("frobnicate")));
    FAKE_RUN(f, "iocs", "check", "/nonexistent");
    CHECK(f->code == CLI_FAILED && str_has(f->complained, STR("/nonexistent")));
    fake_close(f);
}

/* From the option to the report: a finding to review, and no other verdict. */
static void in_a_hunt(void **state)
{
    static const char *const dir[] = { "C", "C/inetpub", "C/inetpub/logs", "C/inetpub/logs/LogFiles", "C/inetpub/logs/LogFiles/W3SVC1", NULL };
    static const char        log[] = "C/inetpub/logs/LogFiles/W3SVC1/u_ex210302.log";
    struct fake *f = fake_open();
    char         root[] = "/tmp/iocs-XXXXXX";

    (void)state;
    CHECK(mkdtemp(root) != NULL && chdir(root) == 0);
    for (size_t i = 0; dir[i]; i++)
        CHECK(mkdir(dir[i], 0700) == 0);
    file_make(log, "#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
                   "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n"
                   "2021-03-02 06:00:00 10.0.0.5 GET /owa/auth/logon.aspx - 443 - 198.51.100.7 Mozilla/5.0 - 200 0 0 15\r\n");
    file_make("feed.txt", "198.51.100.7 # the client of a case\nhello world\n");
    FAKE_RUN(f, "hunt", "--json", "-", "C");
    int code = f->code;
    CHECK(!str_has(f->said, STR("iocs/")));
    FAKE_RUN(f, "hunt", "--json", "-", "--iocs", "feed.txt", "C");
    CHECK(f->code == code && str_has(f->said, STR("iocs/address")) && str_has(f->said, STR("feed.txt: the client of a case")));
    FAKE_RUN(f, "hunt", "--json", "-", "--iocs", "missing.txt", "C");
    CHECK(f->code == CLI_FAILED && f->said.n == 0 && str_has(f->complained, STR("missing.txt")));
    unlink("feed.txt");
    unlink(log);
    for (size_t i = 5; i-- > 0;)
        CHECK(rmdir(dir[i]) == 0);
    CHECK(chdir("/") == 0 && rmdir(root) == 0);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(listed), cmocka_unit_test(usage), cmocka_unit_test(in_a_hunt) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
