#include "test.h"

#include "base/num.h"
#include "detect/servers.h"
#include "make_zip.h"
#include "os/mem.h"

struct bench {
    struct test_arena disk, keep;
    struct os_mem    *m;
    struct trees      t;
    struct server_group *group;
    size_t            n;
    struct err        e;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    b->disk = test_arena(64 << 20);
    b->keep = test_arena(256 << 20);
    b->m    = os_mem_open(&b->disk.a, INT64_C(1614758400000000));
    *state  = b;
    return b->m ? 0 : -1;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    trees_close(&b->t);
    assert_int_equal(b->m->open_now, 0);
    test_arena_free(&b->disk);
    test_arena_free(&b->keep);
    free(b);
    return 0;
}

/* A day of the back end, by a server that calls itself `name`. */
static struct str log_of(struct bench *b, const char *name)
{
    return str_fmt(&b->disk.a, "#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time s-computername s-port cs-method cs-uri-stem sc-status\r\n"
                               "2021-03-03 00:00:01 %s 443 GET /owa 200\r\n2021-03-03 00:00:02 %s 443 GET /owa 200\r\n", name, name);
}

static void add(struct bench *b, const char *path, struct str body) { CHECK(os_mem_add(b->m, path, body) != NULL); }

/* "NAME=path,path;NAME=..." */
static struct str grouped(struct bench *b, const char *one, const char *two, const char *server)
{
    static struct str path[2];
    struct ev_options opt = ev_options_default();
    struct str        s = STR("");

    path[0] = str_c(one);
    path[1] = two ? str_c(two) : STR_EMPTY;
    trees_close(&b->t);
    if (!trees_find(&b->t, &b->m->os, &b->keep.a, path, two ? 2 : 1, &opt, &b->e) ||
        !servers_group(&b->t, str_c(server), &b->keep.a, &b->group, &b->n, &b->e))
        fail_msg("%s", b->e.what);
    for (size_t i = 0; i < b->n; i++) {
        s = str_fmt(&b->keep.a, "%.*s%s%.*s=", STR_ARG(s), i ? ";" : "", STR_ARG(b->group[i].name));
        for (size_t k = 0; k < b->group[i].n; k++)
            s = str_fmt(&b->keep.a, "%.*s%s%.*s", STR_ARG(s), k ? "," : "", STR_ARG(b->t.tree[b->group[i].tree[k]].given));
    }
    return s;
}

#define W3 "/inetpub/logs/LogFiles/W3SVC1/u_ex210303.log"

static void by_name(void **state)
{
    struct bench *b = *state;

    add(b, "/one/C" W3, log_of(b, "exch01"));
    CHECK_STR(grouped(b, "/one", NULL, ""), STR("=/one"));       /* one set of drives: the hunt itself finds the name */
    add(b, "/two/a-c/C" W3, log_of(b, "EXCH01.corp.example"));
    add(b, "/two/b-c/C" W3, log_of(b, "EXCH02"));
    add(b, "/two/b-d/D/Exch/V15/FrontEnd/HttpProxy/owa/auth/x.aspx", STR("x"));
    CHECK_STR(grouped(b, "/two", NULL, ""), STR("EXCH01=/two/a-c;EXCH02=/two/b-c;unnamed-1=/two/b-d"));
    CHECK_STR(grouped(b, "/two", NULL, "MAIL"), STR("MAIL=/two"));

    /* Drives of one server: what has no name joins the only one there is, and the folders are one again. */
    add(b, "/three/disk-1/C" W3, log_of(b, "EXCH03"));
    add(b, "/three/disk-2/D/Exch/V15/FrontEnd/HttpProxy/owa/auth/x.aspx", STR("x"));
    CHECK_STR(grouped(b, "/three", NULL, ""), STR("EXCH03=/three"));
    CHECK_STR(grouped(b, "/one", "/three", ""), STR("EXCH01=/one;EXCH03=/three/disk-1,/three/disk-2"));
    CHECK_STR(grouped(b, "/three/disk-1", "/three/disk-2", ""), STR("EXCH03=/three/disk-1,/three/disk-2"));
}

static void archives(void **state)
{
    struct bench *b = *state;
    struct zip_file f = { "C" W3, log_of(b, "EXCH01") }, g = { "C" W3, log_of(b, "EXCH02") };

    add(b, "/z/1.zip", make_zip(&b->disk.a, &f, 1));
    add(b, "/z/2.zip", make_zip(&b->disk.a, &g, 1));
    add(b, "/z/3/C" W3, log_of(b, "EXCH02"));
    add(b, "/z/read me.txt", STR("hello"));
    CHECK_STR(grouped(b, "/z", NULL, ""), STR("EXCH01=/z/1.zip;EXCH02=/z/2.zip,/z/3"));
}

/* A day of a busy server: `one` is what makes its log unlike another's; `name` may be empty, as where IIS does not log it. */
static struct str busy(struct bench *b, const char *name, const char *one, int rows)
{
    struct str s = str_fmt(&b->disk.a, "#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time%s s-port cs-method cs-uri-stem cs(User-Agent) sc-status\r\n",
                           name[0] ? " s-computername" : "");
    for (int i = 0; i < rows; i++)
        s = str_fmt(&b->disk.a, "%.*s2021-03-03 00:00:%02d %s443 GET /owa/ Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+%s 200\r\n", STR_ARG(s), i % 60, name[0] ? str_cstr(&b->disk.a, str_fmt(&b->disk.a, "%s ", name)) : "", one);
    return s;
}

/* One name does not make two computers one, and no name does not either: a log that begins otherwise is another server's. */
static void told_apart(void **state)
{
    struct bench *b = *state;

    add(b, "/two/siteA/C" W3, busy(b, "EXCH01", "anna", 60));
    add(b, "/two/siteB/C" W3, busy(b, "EXCH01", "boris", 60));
    CHECK_STR(grouped(b, "/two", NULL, ""), STR("EXCH01=/two/siteA;EXCH01=/two/siteB"));
    /* The same, a day later: a log has grown, and nobody edited its beginning. */
    add(b, "/again/day1/C" W3, busy(b, "EXCH01", "anna", 60));
    add(b, "/again/day2/C" W3, busy(b, "EXCH01", "anna", 90));
    CHECK_STR(grouped(b, "/again", NULL, ""), STR("EXCH01=/again"));
    CHECK_STR(grouped(b, "/two", NULL, "MAIL"), STR("MAIL=/two"));

    struct zip_file one = { "C" W3, busy(b, "", "anna", 60) }, other = { "C" W3, busy(b, "", "boris", 60) }, page = { "C/inetpub/wwwroot/aspnet_client/x.aspx", STR("x") };
    add(b, "/quiet/a.zip", make_zip(&b->disk.a, &one, 1));
    add(b, "/quiet/b.zip", make_zip(&b->disk.a, &other, 1));
    CHECK_STR(grouped(b, "/quiet", NULL, ""), STR("unnamed-1=/quiet/a.zip;unnamed-2=/quiet/b.zip"));
    add(b, "/same/a.zip", make_zip(&b->disk.a, &one, 1));
    add(b, "/same/b.zip", make_zip(&b->disk.a, &page, 1));
    CHECK_STR(grouped(b, "/same", NULL, ""), STR("=/same/a.zip,/same/b.zip"));
    /* Archives that are called after their servers. */
    struct zip_file named = { "C" W3, busy(b, "EXCH02", "anna", 60) };
    add(b, "/called/EXCH02.zip", make_zip(&b->disk.a, &named, 1));
    add(b, "/called/EXCH01.zip", make_zip(&b->disk.a, &page, 1));
    CHECK_STR(grouped(b, "/called", NULL, ""), STR("EXCH02=/called/EXCH02.zip;unnamed-1=/called/EXCH01.zip"));
    add(b, "/parts/logs.zip", make_zip(&b->disk.a, &named, 1));
    add(b, "/parts/pages.zip", make_zip(&b->disk.a, &page, 1));
    CHECK_STR(grouped(b, "/parts", NULL, ""), STR("EXCH02=/parts/logs.zip,/parts/pages.zip"));
}

/* A folder named like a drive, beside folders of servers: theirs are not its. */
static void drive_beside_servers(void **state)
{
    struct bench *b = *state;

    add(b, "/case/EXCH01/C" W3, log_of(b, "EXCH01"));
    add(b, "/case/EXCH02/C" W3, log_of(b, "EXCH02"));
    add(b, "/case/D/inetpub/wwwroot/a.aspx", STR("x"));
    CHECK_STR(grouped(b, "/case", NULL, ""), STR("EXCH01=/case/EXCH01;EXCH02=/case/EXCH02;unnamed-1=/case"));
}

static void splits(void **state)
{
    struct bench *b = *state;

    add(b, "/mixed/logs/host-a/u_ex210303.log", log_of(b, "EXCH01"));
    add(b, "/mixed/logs/host-b/u_ex210303.log", log_of(b, "EXCH02"));
    add(b, "/mixed/other.txt", STR("x"));
    CHECK_STR(grouped(b, "/mixed", NULL, ""), STR("EXCH01=/mixed/logs/host-a;EXCH02=/mixed/logs/host-b"));
    /* One folder with logs of both cannot be split: the hunt says that it is mixed. */
    add(b, "/pile/u_ex210303.log", log_of(b, "EXCH01"));
    add(b, "/pile/u_ex210304.log", log_of(b, "EXCH02"));
    grouped(b, "/pile", NULL, "");
    CHECK(b->n == 1);
    /* A drive is one server, whatever logs were copied to it. */
    add(b, "/drive/C" W3, log_of(b, "EXCH01"));
    add(b, "/drive/C/Windows/x", STR("x"));
    add(b, "/drive/C/copies/u_ex210305.log", log_of(b, "EXCH09"));
    grouped(b, "/drive", NULL, "");
    CHECK(b->n == 1);
}

static void hostile(void **state)
{
    struct bench *b = *state;

    add(b, "/h/1/C" W3, log_of(b, "..\\..\\x"));
    add(b, "/h/2/C" W3, log_of(b, "\x1b[31mEXCH"));
    add(b, "/h/3/C" W3, log_of(b, "a_name_of_far_more_than_sixty_three_letters_that_no_computer_could_ever_have"));
    CHECK_STR(grouped(b, "/h", NULL, ""), STR("=/h"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(by_name, setup, teardown), cmocka_unit_test_setup_teardown(archives, setup, teardown),
        cmocka_unit_test_setup_teardown(told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(drive_beside_servers, setup, teardown), cmocka_unit_test_setup_teardown(splits, setup, teardown), cmocka_unit_test_setup_teardown(hostile, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
