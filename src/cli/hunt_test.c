#include "cli/cli_fake.h"

#include "base/num.h"
#include "report/render.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

/* A small server on a real disk: two days of an IIS log, nothing unusual. What a hunt makes of richer evidence is the matter of whole hunts. */
static const char log_text[] =
    "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2021-03-02 00:00:00\r\n"
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus "
    "sc-win32-status time-taken\r\n"
    "2021-03-02 06:00:00 10.0.0.5 GET /owa/auth/logon.aspx - 443 - 198.51.100.7 Mozilla/5.0 - 200 0 0 15\r\n"
    "2021-03-03 06:00:00 10.0.0.5 POST /Microsoft-Server-ActiveSync/default.eas - 443 BAKERY\\anna 198.51.100.8 Phone - 200 0 0 15\r\n";

static void file_make(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    if (!f || fwrite(text, 1, strlen(text), f) != strlen(text) || fclose(f) != 0)
        fail_msg("cannot write %s", path);
}

static char *world(void)
{
    static const char *const dir[] = { "C", "C/inetpub", "C/inetpub/logs", "C/inetpub/logs/LogFiles", "C/inetpub/logs/LogFiles/W3SVC1",
                                       "C/inetpub/wwwroot", "empty" };
    char *root = strdup("/tmp/hunt-XXXXXX");

    if (!root || !mkdtemp(root) || chdir(root) != 0)
        fail_msg("no folder for the test");
    for (size_t i = 0; i < COUNT_OF(dir); i++)
        if (mkdir(dir[i], 0700) != 0)
            fail_msg("no folder %s", dir[i]);
    file_make("C/inetpub/logs/LogFiles/W3SVC1/u_ex210302.log", log_text);
    file_make("C/inetpub/wwwroot/iisstart.htm", "<html>IIS</html>");
    file_make("empty/notes.txt", "nothing of a server\n");
    return root;
}

static int drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void world_drop(char *root)
{
    if (chdir("/") != 0 || nftw(root, drop, 16, FTW_DEPTH | FTW_PHYS) != 0)
        fail_msg("cannot remove %s", root);
    free(root);
}

static bool is_verdict(int code) { return code == 0 || (code >= 3 && code <= 7); }

static struct str slurp(struct fake *f, const char *path)
{
    struct str s = STR_EMPTY;
    struct err e = { 0 };

    if (!os_slurp(&f->os, STR("."), str_c(path), 4 << 20, &f->text.a, &s, &e))
        fail_msg("%s: %s", path, e.what);
    return s;
}

static void files_of_the_report(void **state)
{
    struct fake *f = fake_open();
    char        *root = world(), path[64];

    (void)state;
    FAKE_RUN(f, "hunt", "--out", "new/report", "--organisation", "Bakery <&>", "--case", "C-7:a1", "C");
    CHECK(is_verdict(f->code));
    CHECK(f->said.n > 0);
    for (size_t i = 0; render_kinds[i]; i++) {
        snprintf(path, sizeof path, "new/report/%s", render_kinds[i]->file);
        CHECK_WHY(slurp(f, path).n > 0, path);
    }
    struct str json = slurp(f, "new/report/report.json");
    CHECK(str_has(json, STR("\"C-7\"")) && str_has(json, STR("\"a1\"")) && str_has(json, STR("TLP:AMBER")));

    /* Again, over the old files, with another number of threads: the same but for the run. */
    FAKE_RUN(f, "hunt", "--out", "new/report", "--organisation", "Bakery <&>", "--case", "C-7:a1", "--jobs", "3", "C");
    struct str again = slurp(f, "new/report/report.json");
    size_t a = str_find(json, STR("\"run\"")), b = str_find(again, STR("\"run\""));
    size_t a_end = str_find(json, STR("\"case\"")), b_end = str_find(again, STR("\"case\""));
    CHECK(a != STR_NONE && b != STR_NONE && a_end != STR_NONE && b_end != STR_NONE);
    CHECK_STR(str_sub(again, 0, b), str_sub(json, 0, a));
    CHECK_STR(str_from(again, b_end), str_from(json, a_end));
    world_drop(root);
    fake_close(f);
}

static void streams(void **state)
{
    struct fake *f = fake_open();
    char        *root = world();

    (void)state;
    FAKE_RUN(f, "hunt", "--quiet", "C");
    CHECK(is_verdict(f->code) && f->said.n == 0 && f->complained.n == 0);
    FAKE_RUN(f, "hunt", "--json=-", "C");
    CHECK(is_verdict(f->code) && f->said.n > 2 && f->said.p[0] == '{' && str_ends(str_trim(f->said), STR("}")));
    FAKE_RUN(f, "hunt", "--json=-", "--quiet", "C");
    CHECK(is_verdict(f->code) && f->said.n > 2 && f->said.p[0] == '{' && f->complained.n == 0);
    world_drop(root);
    fake_close(f);
}

static void not_evidence(void **state)
{
    struct fake *f = fake_open();
    char        *root = world();

    (void)state;
    FAKE_RUN(f, "hunt", "empty");
    CHECK(f->code == CLI_FAILED && f->said.n == 0);
    CHECK(str_has(f->complained, STR("nothing of an Exchange or IIS server was recognised")));
    CHECK_WHY(str_has(f->complained, STR("W3SVC1")), "tells what was looked for");
    FAKE_RUN(f, "hunt", "missing");
    CHECK(f->code == CLI_FAILED && str_has(f->complained, STR("missing")));
    FAKE_RUN(f, "hunt", "--pack", "empty", "C");
    CHECK(f->code == CLI_FAILED && f->said.n == 0 && f->complained.n > 0);
    FAKE_RUN(f, "hunt", "--out", "C/report", "C");
    CHECK(f->code == CLI_USAGE && access("C/report", F_OK) != 0);
    world_drop(root);
    fake_close(f);
}

static bool no_create(struct os *os, struct str path, struct os_file *ret, struct err *e)
{
    (void)os;
    (void)ret;
    err_set(e, ERR_IO, "create: no space left on device");
    return err_where(e, "%.*s", STR_ARG(path));
}

static bool no_write(struct os *os, struct os_file file, struct str s, struct err *e)
{
    (void)os;
    (void)file;
    (void)s;
    return err_set(e, ERR_IO, "write: no space left on device");
}

static bool no_commit(struct os *os, struct os_file *file, struct err *e)
{
    os->close(os, file);
    return err_set(e, ERR_IO, "commit: no space left on device");
}

/* A report that could not be written must not end with the exit code of a verdict, nor leave half a file. */
static void disk_is_full(void **state)
{
    struct fake *f = fake_open();
    char        *root = world();
    struct os    whole = f->os;

    (void)state;
    for (int i = 0; i < 3; i++) {
        f->os = whole;
        if (i == 0)
            f->os.create = no_create;
        else if (i == 1)
            f->os.write = no_write;
        else
            f->os.commit = no_commit;
        FAKE_RUN(f, "hunt", "--out", "report", "C");
        CHECK(f->code == CLI_FAILED && f->said.n == 0);
        CHECK(str_has(f->complained, STR("no space left on device")));
        CHECK_WHY(str_has(f->complained, STR("where: report/")), "names the file");
        if (access("report", F_OK) == 0)
            fail_msg("%d: something is left of the output folder", i);
    }
    world_drop(root);
    fake_close(f);
}

/* The whole hunt on a disk in memory, on which one call fails: the first, then the second, and so on. */
static void every_call_fails_once(void **state)
{
    uint32_t n = 0;
    bool     fired = true;

    (void)state;
    while (fired && n < 500) {
        struct fake      *f = fake_open();
        struct test_arena disk = test_arena(16 << 20);
        struct os_mem    *m = os_mem_open(&disk.a, 0);

        CHECK(m && os_mem_add(m, "/case/C/inetpub/logs/LogFiles/W3SVC1/u_ex210302.log", str_c(log_text)) &&
              os_mem_add(m, "/case/C/inetpub/wwwroot/iisstart.htm", STR("<html>IIS</html>")));
        f->os = m->os;
        m->fault = (struct fault){ .left = ++n };
        FAKE_RUN(f, "hunt", "--jobs", "1", "--out", "/case/report", "/case/C");
        fired = m->fault.fired;
        if (f->code == CLI_FAILED)
            CHECK_WHY(f->complained.n > 0, "a failure says why");
        else
            CHECK_WHY(is_verdict(f->code) && f->said.n > 0 && os_mem_find(m, STR("/case/report/report.json")), "a verdict has its report");
        if (!fired && f->code == CLI_FAILED)
            fail_msg("call %u, without a fault: %.*s", n, STR_ARG(f->complained));
        CHECK_WHY(m->open_now == 0, "no file stays open, no half of one");
        test_arena_free(&disk);
        fake_close(f);
    }
    CHECK(n > 10 && !fired);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_the_report), cmocka_unit_test(streams), cmocka_unit_test(not_evidence), cmocka_unit_test(disk_is_full),
        cmocka_unit_test(every_call_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
