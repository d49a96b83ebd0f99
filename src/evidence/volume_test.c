/* The walk on a real disk: what os_mem cannot show. */
#include "test.h"

#include "base/num.h"
#include "evidence/ev.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

struct place {
    char              dir[64];
    struct os         os;
    struct test_arena keep;
    struct ev         v;
    struct err        e;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    strcpy(p->dir, "/tmp/ap-volume-XXXXXX");
    if (!mkdtemp(p->dir))
        return -1;
    p->os   = os_posix();
    p->keep = test_arena(64 << 20);
    *state  = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    char          cmd[160];
    ev_close(&p->v);
    snprintf(cmd, sizeof cmd, "chmod -R u+rwX %s; rm -rf %s", p->dir, p->dir);
    int rc = system(cmd);
    test_arena_free(&p->keep);
    free(p);
    return rc;
}

static const char *at(struct place *p, const char *name) { return (const char *)str_fmt(&p->keep.a, "%s/%s", p->dir, name).p; }

static void put(struct place *p, const char *name, struct str body)
{
    struct os_file f = OS_FILE_NONE;
    struct str     path = str_c(at(p, name));
    CHECK(p->os.mkdir(&p->os, str_sub(path, 0, str_rchr(path, '/')), &p->e));
    int fd = open((const char *)path.p, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0 && write(fd, body.p, body.n) == (ssize_t)body.n && close(fd) == 0);
    p->os.close(&p->os, &f);
}

static bool open_it(struct place *p)
{
    struct str given = str_c(p->dir);
    return ev_open(&p->v, &p->os, &p->keep.a, &given, 1, &p->e);
}

static bool has(struct place *p, const char *path) { return ev_find(&p->v, str_c(path)) != NULL; }

static bool refused(const struct place *p, const char *path, const char *what)
{
    for (size_t i = 0; i < p->v.refused_n; i++)
        if (str_eq(p->v.refused[i].path, str_c(path)) && str_has(p->v.refused[i].what, str_c(what)))
            return true;
    return false;
}

static void test_odd_entries(void **state)
{
    struct place *p = *state;
    char          name[256] = "";

    put(p, "C/Windows/Temp/x.bat", STR("echo"));
    put(p, "C/Windows/Temp/b\xff\xfe.bat", STR("echo"));
    put(p, "C/Windows/Temp/back\\slash.bat", STR("echo"));
    put(p, "C/ProgramData/VSPerfMon/x.exe", STR("MZ"));
    memset(name, 'n', 250);
    put(p, (const char *)str_fmt(&p->keep.a, "C/Windows/Temp/%s.bat", name).p, STR("echo"));
    CHECK(symlink("../../ProgramData", at(p, "C/Windows/Temp/inside")) == 0);
    CHECK(symlink("/etc", at(p, "C/Windows/Temp/outside")) == 0);
    CHECK(symlink("x.bat", at(p, "C/Windows/Temp/file.bat")) == 0);
    CHECK(symlink(".", at(p, "C/Windows/Temp/self")) == 0);
    CHECK(symlink(p->dir, at(p, "C/Windows/Temp/top")) == 0);
    CHECK(mkfifo(at(p, "C/Windows/Temp/pipe.bat"), 0600) == 0);
    CHECK(open_it(p));
    CHECK(has(p, "C:\\Windows\\Temp\\x.bat") && has(p, "C:\\Windows\\Temp\\b\xff\xfe.bat"));
    CHECK(has(p, "C:\\Windows\\Temp\\inside\\VSPerfMon\\x.exe"));
    CHECK(has(p, "C:\\Windows\\Temp\\self\\x.bat"));
    CHECK(refused(p, "C:\\Windows\\Temp\\outside", "link: not followed"));
    CHECK(refused(p, "C:\\Windows\\Temp\\file.bat", "link: not followed"));
    CHECK(refused(p, "C:\\Windows\\Temp\\pipe.bat", "not a plain file"));
    CHECK(refused(p, "C:\\Windows\\Temp\\back\\slash.bat", "unsafe name"));
    CHECK(p->v.seen_n == 5);
}

static void test_unreadable(void **state)
{
    struct place *p = *state;
    struct str    s;

    put(p, "C/Windows/Temp/x.bat", STR("echo"));
    put(p, "C/PerfLogs/y.bat", STR("echo"));
    put(p, "E/odd.log", STR("#Software"));
    CHECK(chmod(at(p, "C/PerfLogs"), 0) == 0 && chmod(at(p, "C/Windows/Temp/x.bat"), 0) == 0 && chmod(at(p, "E/odd.log"), 0) == 0);
    CHECK(open_it(p));
    if (geteuid() == 0)
        skip();                    /* nothing is unreadable for root */
    CHECK(refused(p, "C:\\PerfLogs", "unreadable folder"));
    CHECK(refused(p, "E:\\odd.log", "unreadable"));
    const struct ev_node *n = ev_find(&p->v, STR("C:\\Windows\\Temp\\x.bat"));
    CHECK(n && !ev_slurp(&p->v, &p->v.node[n->id], 100, &p->keep.a, &s, &p->e) && p->e.kind == ERR_IO);
}

static void test_vanishes(void **state)
{
    struct place *p = *state;
    struct str    s;

    put(p, "C/Windows/Temp/x.bat", STR("echo"));
    CHECK(open_it(p));
    CHECK(unlink(at(p, "C/Windows/Temp/x.bat")) == 0);
    CHECK(symlink("/etc/passwd", at(p, "C/Windows/Temp/x.bat")) == 0);
    struct ev_node *n = &p->v.node[ev_find(&p->v, STR("C:\\Windows\\Temp\\x.bat"))->id];
    CHECK(!ev_slurp(&p->v, n, 1 << 20, &p->keep.a, &s, &p->e) && p->e.kind == ERR_IO && !n->hashed);
}

static void test_many_names(void **state)
{
    struct place *p = *state;
    char          name[64];

    put(p, "C/Windows/Temp/00000.bat", STR(""));
    for (int i = 1; i < 10000; i++) {
        snprintf(name, sizeof name, "C/Windows/Temp/%05d.bat", i);
        int fd = open(at(p, name), O_WRONLY | O_CREAT, 0600);
        CHECK(fd >= 0 && close(fd) == 0);
    }
    CHECK(open_it(p));
    CHECK(p->v.node_n == 10000 && p->v.refused_n == 0);
    CHECK_STR(p->v.node[9999].path, STR("C:\\Windows\\Temp\\09999.bat"));
}

static void test_gz_is_sniffed(void **state)
{
    struct place *p = *state;
    static const char text[] = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Fields: date time s-ip cs-method cs-uri-stem s-port sc-status\r\n";

    CHECK(p->os.mkdir(&p->os, str_c(at(p, "E/logs")), &p->e));
    gzFile z = gzopen(at(p, "E/logs/old.gz"), "wb");
    CHECK(z && gzwrite(z, text, sizeof text - 1) > 0);
    for (int i = 0; i < 20000; i++)
        CHECK(gzprintf(z, "2021-03-03 06:%02d:%02d 10.0.%d.%d GET /owa/%x 444 200\r\n", i / 60 % 60, i % 60, i % 7, i % 251, (unsigned)i * 2654435761u) > 0);
    CHECK(gzclose(z) == Z_OK);
    put(p, "E/inetpub/wwwroot/loot.tar.gz", STR("\x1f\x8b"));
    put(p, "E/logs/not.gz", STR("\x1f\x8b nothing of the kind"));
    CHECK(open_it(p));
    const struct ev_node *n = ev_find(&p->v, STR("E:\\logs\\old.gz"));
    CHECK(n && n->family == FAM_IIS_BACK);
    CHECK(!has(p, "E:\\logs\\not.gz"));
    CHECK(has(p, "E:\\inetpub\\wwwroot\\loot.tar.gz"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_odd_entries), T(test_unreadable), T(test_vanishes), T(test_many_names), T(test_gz_is_sniffed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
