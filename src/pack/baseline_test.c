#include "test.h"

#include "base/num.h"
#include "os/mem.h"
#include "pack/baseline.h"

static const char head[] =
    "kind: baseline\nid: one\nversion: '1'\ntitle: A clean one\nproduct: Exchange Server 2016\nbuild: '15.1.2106.2'\nmade_from: installation\n"
    "folders:\n  - 'FrontEnd'\n  - 'ClientAccess'\nweb_root: true\n";
#define A "00000000000000000000000000000000000000000000000000000000000000aa"
#define B "00000000000000000000000000000000000000000000000000000000000000bb"

struct disk { struct test_arena t; struct os_mem *m; };

static void add(struct disk *d, const char *path, const char *text) { CHECK(os_mem_add(d->m, path, str_c(text))); }

static void disk_open(struct disk *d)
{
    d->t = test_arena(16 << 20);
    d->m = os_mem_open(&d->t.a, 0);
    CHECK(d->m);
}

static void fill(struct disk *d, const char *at)
{
    char path[64];

    snprintf(path, sizeof path, "%s/pack.yaml", at);
    add(d, path, head);
    snprintf(path, sizeof path, "%s/clean/install.csv", at);
    add(d, path, "path,sha256,builds,bytes\r\nClientAccess\\ecp\\default.aspx," A ",15.1.2106.2,12\r\nClientAccess\\ecp\\default.aspx," B ",15.1.2106.13,\r\n");
    snprintf(path, sizeof path, "%s/clean/web.csv", at);
    add(d, path, "path,sha256,builds\nweb.config," A ",all\n");
}

static void hash(uint8_t ret[32], uint8_t last)
{
    memset(ret, 0, 32);
    ret[31] = last;
}

static void loads(void **state)
{
    struct disk       d;
    struct test_arena t = test_arena(1 << 20);
    struct baseline   b = { .pack_n = 0 };
    struct err        e = { 0 };
    uint8_t           h[32];

    (void)state;
    disk_open(&d);
    fill(&d, "/p");
    if (!baseline_load(&b, &t.a, &d.m->os, STR("/p"), &e))
        fail_msg("%s: %s", e.where, e.what);
    CHECK(b.pack_n == 1 && b.row_n == 3 && b.pack[0].row_n == 3 && b.pack[0].folder_n == 2 && b.pack[0].web);
    CHECK_STR(b.pack[0].id, STR("one"));
    hash(h, 0xbb);
    CHECK(baseline_knows(&b, BASELINE_INSTALL, STR("clientaccess\\ECP\\Default.aspx"), h));
    CHECK(!baseline_knows(&b, BASELINE_WEB, STR("ClientAccess\\ecp\\default.aspx"), h));
    hash(h, 0xcc);
    CHECK(!baseline_knows(&b, BASELINE_INSTALL, STR("ClientAccess\\ecp\\default.aspx"), h));
    CHECK(baseline_first(&b, BASELINE_INSTALL, STR("ClientAccess\\ecp\\default.aspx")) != MAP_NONE);
    CHECK(baseline_first(&b, BASELINE_INSTALL, STR("ClientAccess\\ecp\\other.aspx")) == MAP_NONE);
    CHECK(baseline_covers(&b.pack[0], BASELINE_INSTALL, STR("clientaccess\\x\\y.aspx")) && baseline_covers(&b.pack[0], BASELINE_WEB, STR("x.aspx")));
    CHECK(!baseline_covers(&b.pack[0], BASELINE_INSTALL, STR("ClientAccessX\\y.aspx")) && !baseline_covers(&b.pack[0], BASELINE_INSTALL, STR("Bin\\y.aspx")));
    CHECK(baseline_is(&d.m->os, STR("/p"), t.a) && !baseline_is(&d.m->os, STR("/none"), t.a));
    test_arena_free(&t);
    test_arena_free(&d.t);
}

/* A folder of packs, and a list; what else lies there is not looked at. */
static void several(void **state)
{
    struct disk       d;
    struct test_arena t = test_arena(1 << 20);
    struct baseline   b = { .pack_n = 0 }, c = { .pack_n = 0 };
    struct err        e = { 0 };

    (void)state;
    disk_open(&d);
    fill(&d, "/all/one");
    fill(&d, "/all/two");
    add(&d, "/all/campaign/pack.yaml", "id: x\nversion: '1'\ntitle: y\n");
    add(&d, "/all/readme.txt", "x");
    CHECK(baseline_load_list(&b, &t.a, &d.m->os, STR("/all"), &e) && b.pack_n == 2 && b.row_n == 6);
    CHECK(baseline_load_list(&c, &t.a, &d.m->os, STR("/all/two,/all/one"), &e) && c.pack_n == 2);
    CHECK(memcmp(c.pack[0].sha256, b.pack[0].sha256, 32) == 0);
    uint32_t at = baseline_first(&b, BASELINE_WEB, STR("web.config"));
    CHECK(at != MAP_NONE && b.row[at].pack == 1 && b.row[at].next != MAP_NONE && b.row[b.row[at].next].pack == 0);
    struct baseline none = { .pack_n = 0 };
    CHECK(!baseline_load_list(&none, &t.a, &d.m->os, STR("/all/campaign"), &e) && e.kind == ERR_FORMAT && str_has(str_c(e.hint), STR("afterpatch baseline")));
    e = (struct err){ 0 };
    CHECK(!baseline_load_list(&none, &t.a, &d.m->os, STR("/nowhere"), &e) && e.kind == ERR_IO);
    e = (struct err){ 0 };
    CHECK(!baseline_load_list(&none, &t.a, &d.m->os, STR(","), &e) && e.kind == ERR_USAGE);
    test_arena_free(&t);
    test_arena_free(&d.t);
}

static void bad_files(void **state)
{
    static const struct { const char *why, *file, *text, *reason; } c[] = {
        { "no YAML", "/p/pack.yaml", "kind: [", "line" },
        { "a campaign", "/p/pack.yaml", "id: a\nversion: '1'\ntitle: x\n", "not baseline" },
        { "no build", "/p/pack.yaml", "kind: baseline\nid: a\ntitle: x\n", "names no build" },
        { "an odd build", "/p/pack.yaml", "kind: baseline\nid: a\ntitle: x\nbuild: CU18\n", "names no build" },
        { "no id", "/p/pack.yaml", "kind: baseline\ntitle: x\nbuild: '15.1.1.1'\n", "needed" },
        { "folders are a list", "/p/pack.yaml", "kind: baseline\nid: a\ntitle: x\nbuild: '15.1.1.1'\nfolders: FrontEnd\n", "not a list" },
        { "a folder above", "/p/pack.yaml", "kind: baseline\nid: a\ntitle: x\nbuild: '15.1.1.1'\nfolders: ['..\\x']\n", "relative" },
        { "header", "/p/clean/install.csv", "path,sha256\nx," A "\n", "lacks builds" },
        { "hash", "/p/clean/install.csv", "path,sha256,builds\nx,12,all\n", "line 2: sha256" },
        { "no path", "/p/clean/install.csv", "path,sha256,builds\n," A ",all\n", "relative" },
        { "absolute", "/p/clean/install.csv", "path,sha256,builds\nC:\\x.aspx," A ",all\n", "relative" },
        { "rooted", "/p/clean/install.csv", "path,sha256,builds\n\\x.aspx," A ",all\n", "relative" },
        { "upwards", "/p/clean/install.csv", "path,sha256,builds\na\\..\\x.aspx," A ",all\n", "relative" },
        { "a stream", "/p/clean/install.csv", "path,sha256,builds\nx.aspx:y," A ",all\n", "relative" },
        { "other separators", "/p/clean/install.csv", "path,sha256,builds\na/x.aspx," A ",all\n", "relative" },
        { "a terminal's escape", "/p/clean/install.csv", "path,sha256,builds\na\033[2J," A ",all\n", "relative" },
        { "build of a row", "/p/clean/install.csv", "path,sha256,builds\nx.aspx," A ",soon\n", "names no build" },
        { "bytes", "/p/clean/install.csv", "path,sha256,builds,bytes\nx.aspx," A ",all,-1\n", "bytes" },
        { "cells", "/p/clean/install.csv", "path,sha256,builds\nx.aspx," A "\n", "2 cells" },
        { "open quote", "/p/clean/install.csv", "path,sha256,builds\n\"x.aspx," A ",all\n", "quote" },
        { "empty list", "/p/clean/install.csv", "", "lacks" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct disk       d;
        struct test_arena t = test_arena(1 << 20);
        struct baseline   b = { .pack_n = 0 };
        struct err        e = { 0 };

        disk_open(&d);
        fill(&d, "/p");
        add(&d, c[i].file, c[i].text);
        CHECK_WHY(!baseline_load(&b, &t.a, &d.m->os, STR("/p"), &e) && e.kind == ERR_FORMAT, c[i].why);
        CHECK_WHY(str_has(str_c(e.what), str_c(c[i].reason)), e.what);
        CHECK_WHY(str_has(str_c(e.where), str_c(c[i].file + 3)), e.where);
        test_arena_free(&t);
        test_arena_free(&d.t);
    }
}

static void too_many(void **state)
{
    struct disk       d;
    struct test_arena t = test_arena(4 << 20);
    struct baseline   b = { .pack_n = 0 };
    struct err        e = { 0 };

    (void)state;
    disk_open(&d);
    fill(&d, "/p");
    for (size_t i = 0; i < BASELINE_PACKS_MAX; i++)
        CHECK(baseline_load(&b, &t.a, &d.m->os, STR("/p"), &e));
    CHECK(!baseline_load(&b, &t.a, &d.m->os, STR("/p"), &e) && e.kind == ERR_LIMIT);
    test_arena_free(&t);
    test_arena_free(&d.t);
}

static void kinds(void **state)
{
    static const struct { const char *why; enum baseline_root root; const char *path; enum baseline_kind want; } c[] = {
        { "page", BASELINE_INSTALL, "ClientAccess\\ecp\\default.aspx", BASELINE_PAGE },
        { "application file", BASELINE_INSTALL, "FrontEnd\\HttpProxy\\owa\\Global.asax", BASELINE_PAGE },
        { "a page where none belongs", BASELINE_INSTALL, "Bin\\x.aspx", BASELINE_PAGE },
        { "page of the site", BASELINE_WEB, "x\\y.ashx", BASELINE_PAGE },
        { "configuration", BASELINE_INSTALL, "ClientAccess\\ecp\\web.config", BASELINE_CONFIG },
        { "configuration of services is not the web server's", BASELINE_INSTALL, "Bin\\EdgeTransport.exe.config", BASELINE_NOTHING },
        { "program beside pages", BASELINE_INSTALL, "ClientAccess\\Owa\\bin\\Microsoft.Exchange.Clients.Owa.dll", BASELINE_PROGRAM },
        { "program of a site", BASELINE_WEB, "bin\\x.dll", BASELINE_PROGRAM },
        { "program elsewhere", BASELINE_INSTALL, "Bin\\x.dll", BASELINE_NOTHING },
        { "script of the logon page", BASELINE_INSTALL, "FrontEnd\\HttpProxy\\owa\\auth\\15.1.2106\\scripts\\premium\\flogon.js", BASELINE_SCRIPT },
        { "script elsewhere", BASELINE_INSTALL, "ClientAccess\\Owa\\prem\\x.js", BASELINE_NOTHING },
        { "picture", BASELINE_INSTALL, "FrontEnd\\HttpProxy\\owa\\auth\\x.png", BASELINE_NOTHING },
        { "nothing", BASELINE_INSTALL, "", BASELINE_NOTHING },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++)
        CHECK_WHY(baseline_kind_of(c[i].root, str_c(c[i].path)) == c[i].want, c[i].why);
}

static void builds(void **state)
{
    static const struct { const char *builds; uint16_t v[4]; int parts; enum baseline_fit want; } c[] = {
        { "15.1.2106.2", { 15, 1, 2106, 2 }, 4, BASELINE_SAME },
        { "15.01.2106.002", { 15, 1, 2106, 2 }, 4, BASELINE_SAME },
        { "15.1.2106.2", { 15, 1, 2106, 13 }, 4, BASELINE_NEAR },
        { "15.1.2106.2", { 15, 1, 2106, 0 }, 3, BASELINE_NEAR },
        { "15.1.2106", { 15, 1, 2106, 2 }, 4, BASELINE_NEAR },
        { "15.1.2106.2", { 15, 1, 2044, 2 }, 4, BASELINE_OTHER },
        { "15.1.2106.2", { 15, 2, 2106, 2 }, 4, BASELINE_OTHER },
        { "15.1.225-15.1.845", { 15, 1, 544, 27 }, 4, BASELINE_NEAR },
        { "15.1.225-15.1.845", { 15, 1, 845, 34 }, 4, BASELINE_NEAR },
        { "15.1.225-15.1.845", { 15, 1, 1034, 1 }, 4, BASELINE_OTHER },
        { "15.1.2106.2-15.1.2106.13", { 15, 1, 2106, 8 }, 4, BASELINE_SAME },
        { "15.1.2106.2-15.1.2106.13", { 15, 1, 2106, 14 }, 4, BASELINE_OTHER },
        { "14.3.1.1; 15.1.2106.2", { 15, 1, 2106, 2 }, 4, BASELINE_SAME },
        { "all", { 15, 1, 2106, 2 }, 4, BASELINE_SAME },
        { "", { 15, 1, 2106, 2 }, 4, BASELINE_OTHER },
        { "x", { 15, 1, 2106, 2 }, 4, BASELINE_OTHER },
        { "15.1", { 15, 1, 2106, 2 }, 4, BASELINE_OTHER },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++)
        if (baseline_fit(str_c(c[i].builds), c[i].v, c[i].parts) != c[i].want)
            fail_msg("%s against %u.%u.%u.%u", c[i].builds, c[i].v[0], c[i].v[1], c[i].v[2], c[i].v[3]);
}

static bool load(struct arena *a, struct err *e)
{
    struct disk     d;
    struct baseline b = { .pack_n = 0 };

    disk_open(&d);
    fill(&d, "/p");
    bool ok = baseline_load(&b, a, &d.m->os, STR("/p"), e);
    test_arena_free(&d.t);
    return ok;
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(load, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(loads), cmocka_unit_test(several), cmocka_unit_test(bad_files), cmocka_unit_test(too_many), cmocka_unit_test(kinds),
                                        cmocka_unit_test(builds), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
