#include "layout_tree.h"

#define LOG "2021-03-12 10:00:00 +0000 INF Unix-like Artifacts Collector 3.2.0\n2021-03-12 10:00:00 +0000 INF Operating system: linux\n" \
            "2021-03-12 10:00:00 +0000 INF Hostname: mx01.example.test\n2021-03-12 10:00:00 +0000 INF Time zone: Europe/Berlin\n" \
            "2021-03-12 10:00:00 +0000 INF Mount point: /mnt/evidence/\n"

static void probes(void **state)
{
    static const struct { const char *name, *put[3], *want, *host, *why; } list[] = {
        { "x", { "uac.log", "[root]/etc/passwd" }, "uac", "", "log and root" },
        { "x", { "bodyfile/bodyfile.txt", "[root]/etc/passwd" }, "uac", "", "bodyfile and root" },
        { "uac-mx-01-linux-20210312100000.tar.gz", { "[root]/etc/passwd" }, "uac", "mx-01", "the name of the archive" },
        { "uac-mx01-2021.tar.gz", { "[root]/etc/passwd" }, "uac", "", "another name" },
        { "x", { "some/folder/[root]/a", "some/folder/uac.log" }, "uac", "", "folders around it" },
        { "x", { "uac.log", "bodyfile/bodyfile.txt" }, "none", "", "no files of the machine" },
        { "x", { "root/etc/passwd", "uac.log" }, "none", "", "a folder of another name" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct tree *t = tree_new();
        for (size_t k = 0; k < 3 && list[i].put[k]; k++)
            tree_put(t, list[i].put[k], "");
        const struct layout *l = tree_open(t, list[i].name);
        CHECK_WHY(strcmp(l ? l->kind->name : "none", list[i].want) == 0, list[i].why);
        CHECK_WHY(!l || (str_eq(l->server.name, str_c(list[i].host)) && l->server.by_name_only == (list[i].host[0] != 0)), list[i].why);
        tree_free(t);
    }
}

static void places(void **state)
{
    struct tree *t = tree_new();

    (void)state;
    tree_put(t, "uac.log", LOG);
    tree_put(t, "bodyfile/bodyfile.txt",
             "0|/mnt/evidence/var/log/mail.log|12|-rw-r--r--|0|0|5|1614744000|1614744001|1614744002|1614744003\n"
             "0|/mnt/evidence/odd|name|12|-rw-r--r--|0|0|5|1|1614744001.123456|2|0\n"
             "0|/etc/Passwd|12|r/rrw-r--r--|0|0|5|1|7|2|-1\n"
             "0|/mnt/evidence/link -> x|12|lrwxrwxrwx|0|0|5|1|7|2|3\n"
             "0|/mnt/evidenceless|12|-rw|0|0|5|1|9|2|3\n"
             "0|/far|12|-rw|0|0|5|1|999999999999999999|2|99999999999999999999\n"
             "||||||||||\n|\n\nno line|of a|bodyfile\n0|cut|1");
    tree_put(t, "[root]/var/log/mail.log", "x");
    tree_is(t, "uac-other-linux-20210312100000.tar.gz", "uac");
    CHECK(t->l->selective && !t->l->server.by_name_only && t->l->note_n == 0);
    CHECK_STR(t->l->server.name, STR("mx01"));
    CHECK_STR(t->l->server.fqdn, STR("mx01.example.test"));
    CHECK_STR(t->l->server.os, STR("linux"));
    CHECK_STR(t->l->server.time_zone, STR("Europe/Berlin"));

    tree_at(t, "[root]", true, LAYOUT_ENTER, NULL);
    tree_at(t, "[root]/var", true, LAYOUT_PLACE, "?:\\var");
    struct layout_place p = tree_map(t, "[root]/var/log/mail.log", false);
    CHECK(p.what == LAYOUT_PLACE && p.mtime_us == 1614744001 * TIME_SECOND && p.btime_us == 1614744003 * TIME_SECOND);
    CHECK_STR(p.path, STR("?:\\var\\log\\mail.log"));
    p = tree_map(t, "[root]/odd|name", false);
    CHECK(p.mtime_us == 1614744001 * TIME_SECOND && p.btime_us == TIME_NONE);
    CHECK(tree_map(t, "[root]/etc/Passwd", false).mtime_us == 7 * TIME_SECOND);
    CHECK(tree_map(t, "[root]/etc/passwd", false).mtime_us == TIME_NONE);            /* case matters there */
    CHECK(tree_map(t, "[root]/mnt/evidenceless", false).mtime_us == 9 * TIME_SECOND);
    CHECK(tree_map(t, "[root]/far", false).mtime_us == TIME_NONE);
    tree_at(t, "[root]/a\\b", false, LAYOUT_REFUSE, NULL);
    tree_at(t, "[root]/a/../b", false, LAYOUT_REFUSE, NULL);
    tree_at(t, "[root]/100%4A", false, LAYOUT_PLACE, "?:\\100%4A");
    tree_at(t, "[root]/C", true, LAYOUT_PLACE, "C:");
    tree_at(t, "[root]/C", false, LAYOUT_PLACE, "?:\\C");
    tree_at(t, "[root]/c/inetpub/a", false, LAYOUT_PLACE, "C:\\inetpub\\a");
    tree_at(t, "[root]/mnt/d/Exch", true, LAYOUT_PLACE, "D:\\Exch");
    tree_at(t, "[root]/mnt/data/x", false, LAYOUT_PLACE, "?:\\mnt\\data\\x");
    tree_at(t, "[root]/mnt", true, LAYOUT_PLACE, "?:\\mnt");
    tree_at(t, "uac.log", false, LAYOUT_SKIP, NULL);
    tree_at(t, "live_response/network/netstat.txt", false, LAYOUT_SKIP, NULL);
    tree_at(t, "bodyfile", true, LAYOUT_SKIP, NULL);
    tree_free(t);
}

static void hostile(void **state)
{
    struct tree *t = tree_new();
    size_t       n = 4 << 20;
    char        *text = malloc(n + 1);

    (void)state;
    memset(text, '|', n);
    text[n] = 0;
    tree_put(t, "bodyfile/bodyfile.txt", text);
    tree_put(t, "uac.log", "x Hostname: <script>\nTime zone: \x1b[2J\nOperating system: \nMount point: relative\n");
    tree_put(t, "[root]/a", "");
    tree_is(t, "x", "uac");
    CHECK(t->l->server.name.n == 0 && t->l->server.time_zone.n == 0 && t->l->server.os.n == 0);
    free(text);
    tree_free(t);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct test_arena disk = test_arena(1 << 20);
    struct os_mem    *m    = os_mem_open(&disk.a, 0);

    os_mem_add(m, "/c/uac.log", STR(LOG));
    os_mem_add(m, "/c/bodyfile/bodyfile.txt", STR("0|/a|12|-rw-r--r--|0|0|5|1614744000|1614744001|1614744002|1614744003\n"));
    os_mem_add(m, "/c/[root]/a", STR("x"));
    bool ok = tree_sweep(m, a, e);
    test_arena_free(&disk);
    return ok;
}
static void faults(void **state)
{
    (void)state;
    fault_sweep(sweep, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(probes), cmocka_unit_test(places), cmocka_unit_test(hostile), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
