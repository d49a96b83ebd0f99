#include "test.h"

#include "base/num.h"
#include "os/mem.h"
#include "pack/pack.h"

static const char head[] =
    "id: small\nversion: '7'\ntitle: A small one\ncves: [CVE-2021-26855]\nexpected: [iis_front, httpproxy]\n"
    "dates: {exploited_from: 2021-01-03, patched: 2021-03-02}\nfix_tokens: {exchange: ProxyLogon}\n";
static const char iocs[] =
    "type,value,description,source\n"
    "sha256,AA00000000000000000000000000000000000000000000000000000000000001,a page,publisher 2021\n"
    "sha256,aa00000000000000000000000000000000000000000000000000000000000002,\"script, dual-use tool\",publisher 2021\n"
    "md5,aa000000000000000000000000000003,unnamed,\"community list, unverified, low weight (someone)\"\n"
    "md5,aa000000000000000000000000000004,unnamed,\"publisher | community list, unverified\"\n"
    "ip,192.0.2.1,attacker address,publisher\n"
    "useragent,agent/1,weak alone,publisher\n"
    "pathsuffix,\\auth\\x.aspx,page,publisher\n"
    "filename,x.aspx,name,\"community list, unverified\"\n"
    "uri,/owa/auth/x.aspx,probed by scanners in March,publisher\n";
static const char guidance[] =
    "# What to do\n\nA preface.\n\n## preserve-logs: Keep the logs\n\nCopy {path}.\n\n- first\n\n## close-door: Close it\nText.\n";

struct disk { struct test_arena t; struct os_mem *m; };

static void add(struct disk *d, const char *path, const char *text) { CHECK(os_mem_add(d->m, path, str_c(text))); }

static void disk_open(struct disk *d)
{
    d->t = test_arena(8 << 20);
    d->m = os_mem_open(&d->t.a, 0);
    CHECK(d->m);
}

static void fill(struct disk *d)
{
    add(d, "/p/pack.yaml", head);
    add(d, "/p/iocs.csv", iocs);
    add(d, "/p/guidance/en.md", guidance);
    add(d, "/p/guidance/de.md", "anything");
    add(d, "/p/rules/one.yml", "title: one\n");
    add(d, "/p/clean/pages.csv", "path,sha256,builds\n*\\global.asax,"
        "00000000000000000000000000000000000000000000000000000000000000ff,all\n");
    add(d, "/p/clean/config.csv", "sha256,description\n00000000000000000000000000000000000000000000000000000000000000FE,x\n");
    add(d, "/p/builds.csv", "product,cumulative_update,security_update,release_date,build_short,build_long,kb,fixes\n"
        "B,CU2,,2021-01-02,15.1.10.2,,KB2,a;ProxyLogon\nA,CU1,,2021-01-01,15.1.9.10,,KB1,\n");
}

static void from_a_folder(void **state)
{
    struct disk       d;
    struct test_arena t = test_arena(1 << 20);
    struct pack       p, q;
    struct err        e = { 0 };

    (void)state;
    disk_open(&d);
    fill(&d);
    if (!pack_load_dir(&p, &t.a, &d.m->os, STR("/p"), &e))
        fail_msg("%s: %s", e.where, e.what);
    CHECK_STR(p.id, STR("small"));
    CHECK_STR(p.version, STR("7"));
    CHECK(p.cve_n == 1 && p.expected_n == 2 && p.disclosed_us == TIME_NONE && p.patched_us > p.exploited_from_us);
    CHECK_STR(p.fix_token, STR("ProxyLogon"));
    CHECK(p.file_n == 8);
    for (size_t i = 1; i < p.file_n; i++)
        CHECK(str_cmp(p.file[i - 1].name, p.file[i].name) < 0);

    static const enum ioc_weight want[] = { IOC_ACCUSES, IOC_SUPPORTS, IOC_SUPPORTS, IOC_ACCUSES, IOC_CONTEXT, IOC_CONTEXT, IOC_SUPPORTS,
                                            IOC_CONTEXT, IOC_CONTEXT };
    CHECK(p.ioc_n == COUNT_OF(want));
    for (size_t i = 0; i < p.ioc_n; i++)
        if (p.ioc[i].weight != want[i])
            fail_msg("indicator %zu weighs %d", i, (int)p.ioc[i].weight);
    CHECK(map_get(&p.ioc_hash, STR("aa00000000000000000000000000000000000000000000000000000000000001")) == 0);
    CHECK(map_get(&p.ioc_hash, STR("aa000000000000000000000000000004")) == 3);

    CHECK(p.clean_n == 1 && p.clean[0].sha256[31] == 0xff && p.clean_config_n == 1);
    CHECK_STR(p.clean_config[0], STR("00000000000000000000000000000000000000000000000000000000000000fe"));
    CHECK(p.build_n == 2 && p.build[0].v[2] == 9 && p.build[1].v[2] == 10);
    CHECK(p.guide_n == 2);
    const struct guidance *g = pack_guidance(&p, STR("preserve-logs"));
    CHECK(g);
    CHECK_STR(g->title, STR("Keep the logs"));
    CHECK_STR(g->text, STR("Copy {path}.\n\n- first"));
    CHECK_STR(pack_guidance(&p, STR("close-door"))->text, STR("Text."));
    CHECK(!pack_guidance(&p, STR("other")));

    add(&d, "/p/rules/two.yml", "title: two\n");
    CHECK(pack_load_dir(&q, &t.a, &d.m->os, STR("/p"), &e));
    CHECK(memcmp(p.sha256, q.sha256, 32) != 0);
    test_arena_free(&t);
    test_arena_free(&d.t);
}

static void bad_files(void **state)
{
    static const struct { const char *why, *file, *text, *reason; } c[] = {
        { "no YAML", "/p/pack.yaml", "id: [", "line" },
        { "no id", "/p/pack.yaml", "version: 1\ntitle: x\n", "needed" },
        { "date", "/p/pack.yaml", "id: a\nversion: 1\ntitle: x\ndates: {patched: soon}\n", "dates.patched" },
        { "text where a list belongs", "/p/pack.yaml", "id: a\nversion: 1\ntitle: x\ncves: one\n", "not a list" },
        { "indicator type", "/p/iocs.csv", "type,value\nsmell,x\n", "line 2: unknown type" },
        { "hash length", "/p/iocs.csv", "type,value\nmd5,12\n", "32 hex digits" },
        { "an address never accuses", "/p/iocs.csv", "type,value,weight\nip,192.0.2.1,accuses\n", "never accuses" },
        { "weight", "/p/iocs.csv", "type,value,weight\nmd5,aa000000000000000000000000000003,heavy\n", "weight is" },
        { "build", "/p/builds.csv", "product,cumulative_update,security_update,release_date,build_short,kb,fixes\na,b,c,2021-01-01,15.1,k,\n", "four numbers" },
        { "build date", "/p/builds.csv", "product,cumulative_update,security_update,release_date,build_short,kb,fixes\na,b,c,March,15.1.1.1,k,\n", "no date" },
        { "build header", "/p/builds.csv", "product\nx\n", "lacks cumulative_update" },
        { "group rule", "/p/groups.csv", "group,rule\nx,maybe\n", "build, configuration or more" },
        { "group header", "/p/groups.csv", "name,rule\nx,build\n", "lacks group" },
        { "clean hash", "/p/clean/pages.csv", "path,sha256\nx,12\n", "64 hex" },
        { "guidance head", "/p/guidance/en.md", "## no colon here\n", "\"## id: title\"" },
        { "guidance twice", "/p/guidance/en.md", "## a: b\n## a: c\n", "twice" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct disk          d;
        struct test_arena    t = test_arena(1 << 20);
        struct pack          p;
        struct pack_problem *list;
        size_t               n;
        struct err           e = { 0 };

        disk_open(&d);
        if (strcmp(c[i].file, "/p/pack.yaml") != 0)
            add(&d, "/p/pack.yaml", head);
        add(&d, c[i].file, c[i].text);
        CHECK_WHY(!pack_load_dir(&p, &t.a, &d.m->os, STR("/p"), &e) && e.kind == ERR_FORMAT, c[i].why);
        CHECK_WHY(str_has(str_c(e.what), str_c(c[i].reason)), e.what);
        CHECK_WHY(str_has(str_c(e.where), str_c(c[i].file + 3)), e.where);
        CHECK_WHY(pack_check_dir(&p, &t.a, &d.m->os, STR("/p"), &list, &n, &e), c[i].why);
        CHECK_WHY(n == 1 && str_has(list[0].why, str_c(c[i].reason)), c[i].why);
        test_arena_free(&t);
        test_arena_free(&d.t);
    }
}

static void several_problems(void **state)
{
    struct disk          d;
    struct test_arena    t = test_arena(1 << 20);
    struct pack          p;
    struct pack_problem *list;
    size_t               n;
    struct err           e = { 0 };

    (void)state;
    disk_open(&d);
    add(&d, "/p/iocs.csv", "type,value\nsmell,x\n");
    add(&d, "/p/notes.txt", "x");
    add(&d, "/p/.hidden", "x");
    CHECK(pack_check_dir(&p, &t.a, &d.m->os, STR("/p"), &list, &n, &e));
    CHECK(n == 3);
    CHECK_STR(list[0].file, STR("iocs.csv"));
    CHECK_STR(list[1].file, STR("notes.txt"));
    CHECK_STR(list[2].file, STR("pack.yaml"));
    CHECK(!pack_load_dir(&p, &t.a, &d.m->os, STR("/nowhere"), &e) && e.kind == ERR_IO);
    test_arena_free(&t);
    test_arena_free(&d.t);
}

/* What the program carries is the folder it was built from. */
static void embedded(void **state)
{
    struct test_arena t = test_arena(32 << 20);
    struct pack       p, q;
    struct err        e = { 0 };
    struct os         os = os_posix();

    (void)state;
    CHECK(pack_embedded_ids[0] && strcmp(pack_embedded_ids[0], "proxylogon") == 0);
    if (!pack_load_embedded(&p, &t.a, STR("proxylogon"), &e))
        fail_msg("%s: %s", e.where, e.what);
    CHECK(pack_load_dir(&q, &t.a, &os, STR(AP_SOURCE_DIR "/packs/proxylogon"), &e));
    CHECK(p.file_n == q.file_n && memcmp(p.sha256, q.sha256, 32) == 0);
    CHECK(p.ioc_n == 372 && p.build_n == 397 && p.clean_n == 39 && p.clean_config_n == 4 && p.cve_n == 4);
    for (size_t i = 0; i < p.ioc_n; i++)
        CHECK(p.ioc[i].weight != IOC_ACCUSES || p.ioc[i].kind <= IOC_MD5);
    CHECK(pack_load_embedded(&p, &t.a, STR("survey"), &e) && p.survey_only && p.build_n == 397 && p.group_n == 13);
    CHECK(!pack_load_embedded(&p, &t.a, STR("other"), &e) && e.kind == ERR_USAGE);
    test_arena_free(&t);
}

static void published_pages(void **state)
{
    static const struct { const char *why, *url; bool published; } c[] = {
        { "a published address", "/owa/auth/redirsuiteserverproxy.aspx", true },
        { "a published path below the web root", "/aspnet_client/discover.aspx", true },
        { "a published path below FrontEnd", "/owa/auth/8lw7tahf9i1pjnro.aspx", true },
        { "published output of an intruder is no page", "/aspnet_client/google.log", false },
        { "the product's own page", "/owa/auth/logon.aspx", false },
        { "the same name in another folder", "/ecp/discover.aspx", false },
        { "nothing", "", false },
    };
    struct test_arena t = test_arena(16 << 20);
    struct pack p;
    struct err  e = { 0 };

    (void)state;
    CHECK(pack_load_embedded(&p, &t.a, STR("proxylogon"), &e));
    for (size_t i = 0; i < sizeof c / sizeof *c; i++)
        CHECK_WHY(pack_page_published(&p, str_c(c[i].url)) == c[i].published, c[i].why);
    test_arena_free(&t);
}

static bool load(struct arena *a, struct err *e)
{
    struct disk d;
    struct pack p;

    disk_open(&d);
    fill(&d);
    bool ok = pack_load_dir(&p, a, &d.m->os, STR("/p"), e);
    test_arena_free(&d.t);
    return ok;
}

static bool load_embedded(struct arena *a, struct err *e)
{
    struct pack p;
    return pack_load_embedded(&p, a, STR("proxylogon"), e);
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(load, 1 << 20);
    fault_sweep(load_embedded, 16 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_a_folder), cmocka_unit_test(bad_files), cmocka_unit_test(several_problems), cmocka_unit_test(embedded), cmocka_unit_test(published_pages),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
