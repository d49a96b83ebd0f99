#include "test.h"

#include "base/hash.h"
#include "base/num.h"
#include "base/winpath.h"
#include "detect/files.h"
#include "make_pe.h"
#include "os/mem.h"
#include "shape_text.h"

#define V15  "/case/C/Program Files/Microsoft/Exchange Server/V15"
#define ECP  V15 "/ClientAccess/ecp"
#define AUTH V15 "/FrontEnd/HttpProxy/owa/auth"
#define WEB  "/case/C/inetpub/wwwroot"

struct bench {
    struct test_arena disk, keep;
    struct os_mem    *m;
    struct ev         v;
    struct pack       pack;
    struct baseline   base;
    struct detected   found;
    _Atomic uint64_t  bytes;
    char              list[2][8192];
    size_t            n[2];
    struct err        e;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);

    b->disk = test_arena(32 << 20);
    b->keep = test_arena(64 << 20);
    b->m    = os_mem_open(&b->disk.a, 0);
    *state  = b;
    CHECK(b->m && pack_load_embedded(&b->pack, &b->keep.a, STR("proxylogon"), &b->e));
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    ev_close(&b->v);
    assert_int_equal(b->m->open_now, 0);
    test_arena_free(&b->disk);
    test_arena_free(&b->keep);
    free(b);
    return 0;
}

static void text(struct bench *b, const char *path, const char *body) { CHECK(os_mem_add(b->m, path, str_dup(&b->disk.a, str_c(body)))); }

static void page(struct bench *b, const char *path, const char *plan)
{
    char   to[1024];
    size_t n = shape_text(to, sizeof to, plan);
    CHECK(os_mem_add(b->m, path, str_dup(&b->disk.a, (struct str){ (uint8_t *)to, n })));
}

static void build(struct bench *b, uint16_t third, uint16_t fourth)
{
    uint8_t  to[MAKE_PE_MAX];
    uint16_t v[4] = { 15, 1, third, fourth };
    size_t   n = make_pe(to, &(struct make_pe){ .version = v, .product = "Microsoft Exchange" });
    CHECK(os_mem_add(b->m, V15 "/Bin/ExSetup.exe", str_dup(&b->disk.a, (struct str){ to, n })));
}

/* A row of a list: the content that the path has in the clean installation. */
static void row(struct bench *b, enum baseline_root root, const char *path, const char *body, const char *builds)
{
    uint8_t raw[32];
    char    hex[65], *to = b->list[root];

    CHECK(hash_sha256(str_c(body), raw));
    num_tohex(raw, 32, hex);
    if (!b->n[root])
        b->n[root] = (size_t)snprintf(to, sizeof b->list[root], "path,sha256,builds,bytes\n");
    b->n[root] += (size_t)snprintf(to + b->n[root], sizeof b->list[root] - b->n[root], "%s,%s,%s,1\n", path, hex, builds);
    CHECK(b->n[root] < sizeof b->list[root]);
}

static const char default_page[] = "<%@ Page Inherits=\"Microsoft.Exchange.Management.ControlPanel.Default\" %>\n<html>clean</html>\n";
static const char logon_page[]   = "<%@ Page Inherits=\"Microsoft.Exchange.HttpProxy.Logon\" %>\n<html>clean</html>\n";

/* Twelve pages, of which the server has all; the build of the baseline is 15.1.2106.2. */
static void clean_server(struct bench *b)
{
    char native[300], path[200];

    row(b, BASELINE_INSTALL, "ClientAccess\\ecp\\default.aspx", default_page, "15.1.2106.2");
    text(b, ECP "/default.aspx", default_page);
    row(b, BASELINE_INSTALL, "FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx", logon_page, "15.1.2106.2");
    text(b, AUTH "/logon.aspx", logon_page);
    for (int i = 0; i < 10; i++) {
        snprintf(native, sizeof native, ECP "/p%d.aspx", i);
        snprintf(path, sizeof path, "ClientAccess\\ecp\\p%d.aspx", i);
        row(b, BASELINE_INSTALL, path, default_page, "15.1.2106.2");
        text(b, native, default_page);
    }
}

static void load(struct bench *b, const char *folders)
{
    char head[400];

    snprintf(head, sizeof head, "kind: baseline\nid: mine\ntitle: clean\nbuild: '15.1.2106.2'\nfolders: [%s]\nweb_root: %s\n", folders, b->n[BASELINE_WEB] ? "true" : "false");
    text(b, "/base/pack.yaml", head);
    text(b, "/base/clean/install.csv", b->n[BASELINE_INSTALL] ? b->list[BASELINE_INSTALL] : "path,sha256,builds\n");
    text(b, "/base/clean/web.csv", b->n[BASELINE_WEB] ? b->list[BASELINE_WEB] : "path,sha256,builds\n");
    b->base = (struct baseline){ .pack_n = 0 };
    if (!baseline_load(&b->base, &b->keep.a, &b->m->os, STR("/base"), &b->e))
        fail_msg("%s: %s", b->e.where, b->e.what);
}

static bool detect(struct bench *b, struct arena *keep, uint32_t jobs, struct err *e)
{
    struct hunt_options  opt = { .jobs = jobs, .since_us = TIME_NONE, .until_us = TIME_NONE, .baseline = &b->base };
    struct files_context c = { .ev = &b->v, .pack = &b->pack, .opt = &opt, .keep = keep, .found = &b->found, .bytes_read = &b->bytes };

    memset(&b->found, 0, sizeof b->found);
    b->found.ev = &b->v;
    b->found.pack = &b->pack;
    b->found.server.um_role = -1;
    b->found.server.installed_us = b->found.server.patched_us = b->found.server.build_at_us = TIME_NONE;
    return files_detect(&c, e);
}

static void hunt(struct bench *b)
{
    struct str path = STR("/case");

    ev_close(&b->v);
    if (!ev_open(&b->v, &b->m->os, &b->keep.a, &path, 1, &b->e) || !detect(b, &b->keep.a, 2, &b->e))
        fail_msg("%s: %s", b->e.where, b->e.what);
}

static const struct file_fact *about(const struct bench *b, const char *detector, const char *path)
{
    for (size_t i = 0; i < b->found.fact_n; i++)
        if (str_eq(b->found.fact[i].detector, str_c(detector)) && str_iends(b->found.fact[i].path, str_c(path)))
            return &b->found.fact[i];
    return NULL;
}

/* Facts that name this file. */
static size_t named(const struct bench *b, const char *path)
{
    size_t n = 0;

    for (size_t i = 0; i < b->found.fact_n; i++)
        n += str_iends(b->found.fact[i].path, str_c(path)) && str_starts(b->found.fact[i].detector, STR("files/"));
    return n;
}

static void title_has(const struct bench *b, const char *part)
{
    const struct file_fact *f = about(b, "files/baseline", "");

    CHECK(f && f->kind == FILE_FACT_NOTE && f->severity == SEV_INFO);
    if (!str_has(f->title, str_c(part)))
        fail_msg("%.*s", STR_ARG(f->title));
}

static void clean(void **state)
{
    struct bench *b = *state;

    build(b, 2106, 2);
    clean_server(b);
    load(b, "FrontEnd, ClientAccess");
    hunt(b);
    title_has(b, "Compared 12 files of build 15.1.2106.2 with known-good ones: 0 unknown, 0 changed");
    CHECK(str_has(about(b, "files/baseline", "")->why, STR("\"mine\" (build 15.1.2106.2, SHA-256 ")) && str_has(about(b, "files/baseline", "")->why, STR("Compared: ClientAccess, FrontEnd; 12 files")));
    for (size_t i = 0; i < b->found.fact_n; i++)
        CHECK(b->found.fact[i].kind == FILE_FACT_NOTE || b->found.fact[i].kind == FILE_FACT_EXPOSURE);
    CHECK(!about(b, "files/changed-page", "") && !about(b, "files/baseline-missing", ""));
}

static void extra(void **state)
{
    struct bench *b = *state;

    build(b, 2106, 2);
    clean_server(b);
    page(b, ECP "/more.aspx", "<%@ Page {l}=\"C#\" %>\n{o} Response.Write(1); {c}\n");
    text(b, ECP "/still.aspx", "<html></html>\n");
    page(b, AUTH "/more.aspx", "<%@ Page {l}=\"C#\" %>\n{o} Response.Write(1); {c}\n");
    page(b, ECP "/bad.aspx", "<{s} {l}=\"{j}\" {a}>function Page_Load(){{e}({r}[\"orange\"],\"{u}\");}</{s}>");
    text(b, ECP "/bin/more.dll", "MZ");
    page(b, V15 "/ClientAccess/Autodiscover/deep/more.ashx", "<%@ WebHandler {l}=\"C#\" Class=\"X\" %>\nclass X {}\n");
    text(b, WEB "/shop/cart.aspx", "<html></html>\n");
    load(b, "FrontEnd, ClientAccess");
    hunt(b);
    title_has(b, "6 unknown, 0 changed");
    const struct file_fact *f = about(b, "files/baseline-extra", "\\ecp\\more.aspx");
    CHECK(f && f->kind == FILE_FACT_PAGE_REVIEW && f->severity == SEV_HIGH && f->reachable == REACH_YES && !f->product_page && str_has(f->why, STR("mine")));
    f = about(b, "files/baseline-extra", "\\ecp\\still.aspx");
    CHECK(f && f->kind == FILE_FACT_PAGE_REVIEW && f->severity == SEV_MEDIUM);
    CHECK(about(b, "files/baseline-extra", "\\deep\\more.ashx"));
    /* What is asked or accused already is not asked again; the question learns of the baseline. */
    f = about(b, "files/extra-page", "\\auth\\more.aspx");
    CHECK(f && str_has(f->why, STR("The baseline \"mine\" has no such file.")) && named(b, "\\auth\\more.aspx") == 1);
    CHECK(named(b, "\\ecp\\bad.aspx") == 1);
    f = about(b, "files/baseline-program", "\\bin\\more.dll");
    CHECK(f && f->kind == FILE_FACT_NOTE && f->severity == SEV_MEDIUM);
    CHECK(named(b, "\\cart.aspx") == 0);
}

/* What an update left in the folders of the build before it: scripts are counted, a page is asked about. */
static void older_folders(void **state)
{
    struct bench *b = *state;

    build(b, 2106, 2);
    clean_server(b);
    text(b, AUTH "/15.1.1979/scripts/premium/flogon.js", "y");
    text(b, AUTH "/15.1.2106/scripts/premium/extra.js", "y");
    text(b, ECP "/15.1.1979.3/old.aspx", "<html></html>\n");
    load(b, "FrontEnd, ClientAccess");
    hunt(b);
    CHECK(named(b, "flogon.js") == 0);
    const struct file_fact *f = about(b, "files/baseline-script", "extra.js");
    CHECK(f && f->severity == SEV_LOW);
    f = about(b, "files/baseline-extra", "old.aspx");
    CHECK(f && f->severity == SEV_MEDIUM && str_has(f->title, STR("folder of another build")));
}

static void uncovered(void **state)
{
    struct bench *b = *state;

    build(b, 2106, 2);
    clean_server(b);
    page(b, ECP "/more.aspx", "<%@ Page {l}=\"C#\" %>\n{o} Response.Write(1); {c}\n");
    load(b, "FrontEnd");
    hunt(b);
    title_has(b, "Compared 12 files");
    CHECK(named(b, "\\ecp\\more.aspx") == 0);
}

static void changed(void **state)
{
    struct bench *b = *state;

    build(b, 2106, 2);
    clean_server(b);
    row(b, BASELINE_INSTALL, "ClientAccess\\ecp\\web.config", "<configuration/>", "15.1.2106.2");
    text(b, ECP "/web.config", "<configuration><x/></configuration>");
    row(b, BASELINE_INSTALL, "ClientAccess\\ecp\\gone.aspx", default_page, "15.1.2106.2");
    row(b, BASELINE_INSTALL, "ClientAccess\\never\\collected.aspx", default_page, "15.1.2106.2");
    row(b, BASELINE_INSTALL, "FrontEnd\\HttpProxy\\owa\\auth\\15.1.2106\\scripts\\premium\\flogon.js", "x", "15.1.2106.2");
    text(b, AUTH "/15.1.2106/scripts/premium/flogon.js", "y");
    text(b, AUTH "/logon.aspx", "<%@ Page Inherits=\"Microsoft.Exchange.HttpProxy.Logon\" %>\n<html>other</html>\n");
    text(b, ECP "/p3.aspx", "<html>other</html>\n");
    load(b, "FrontEnd, ClientAccess");
    hunt(b);
    title_has(b, "Compared 14 files of build 15.1.2106.2 with known-good ones: 0 unknown, 4 changed");
    const struct file_fact *f = about(b, "files/baseline-changed", "\\owa\\auth\\logon.aspx");
    CHECK(f && f->kind == FILE_FACT_PAGE_REVIEW && f->severity == SEV_HIGH && f->product_page);
    CHECK(named(b, "\\owa\\auth\\logon.aspx") == 1);
    f = about(b, "files/baseline-changed", "\\ecp\\p3.aspx");
    CHECK(f && f->product_page);
    f = about(b, "files/baseline-config", "\\ecp\\web.config");
    CHECK(f && f->kind == FILE_FACT_NOTE && f->severity == SEV_LOW);
    f = about(b, "files/baseline-script", "flogon.js");
    CHECK(f && f->kind == FILE_FACT_NOTE && f->severity == SEV_MEDIUM);
    f = about(b, "files/baseline-missing", "");
    CHECK(f && f->kind == FILE_FACT_NOTE && str_has(f->title, STR("1 page ")) && str_has(f->cite.excerpt, STR("gone.aspx")));
}

/* The same cumulative update with another security update: an extra page is asked about, a changed one is not. */
static void near_build(void **state)
{
    struct bench *b = *state;

    build(b, 2106, 13);
    clean_server(b);
    text(b, ECP "/p3.aspx", "<html>other</html>\n");
    text(b, AUTH "/logon.aspx", "<html>other</html>\n");
    page(b, ECP "/more.aspx", "<%@ Page {l}=\"C#\" %>\n{o} Response.Write(1); {c}\n");
    load(b, "FrontEnd, ClientAccess");
    hunt(b);
    title_has(b, "of another build: 1 unknown, 2 different");
    const struct file_fact *f = about(b, "files/baseline-extra", "\\ecp\\more.aspx");
    CHECK(f && f->kind == FILE_FACT_PAGE_REVIEW && f->severity == SEV_MEDIUM);
    CHECK(named(b, "\\ecp\\p3.aspx") == 0 && !about(b, "files/baseline-missing", ""));
    /* The campaign's own list knows the page's name: it says what it says without a baseline. */
    f = about(b, "files/changed-page", "\\owa\\auth\\logon.aspx");
    CHECK(f && f->severity == SEV_LOW && f->product_page && named(b, "\\owa\\auth\\logon.aspx") == 1);
}

static void other_build(void **state)
{
    struct bench *b = *state;

    build(b, 2044, 4);
    clean_server(b);
    text(b, ECP "/p3.aspx", "<html>other</html>\n");
    page(b, ECP "/more.aspx", "<%@ Page {l}=\"C#\" %>\n{o} Response.Write(1); {c}\n");
    load(b, "FrontEnd, ClientAccess");
    hunt(b);
    title_has(b, "of another build: 1 unknown, 1 different");
    CHECK(named(b, "\\ecp\\p3.aspx") == 0 && named(b, "\\ecp\\more.aspx") == 0);
}

/* Nothing tells the build, but the files agree: near, not the same. */
static void unknown_build(void **state)
{
    struct bench *b = *state;

    clean_server(b);
    text(b, ECP "/p3.aspx", "<html>other</html>\n");
    page(b, ECP "/more.aspx", "<%@ Page {l}=\"C#\" %>\n{o} Response.Write(1); {c}\n");
    load(b, "FrontEnd, ClientAccess");
    hunt(b);
    title_has(b, "of an unknown build with");
    const struct file_fact *f = about(b, "files/baseline-extra", "\\ecp\\more.aspx");
    CHECK(f && f->severity == SEV_MEDIUM);
    CHECK(named(b, "\\ecp\\p3.aspx") == 0);
}

/* The number says the same build, the files do not: said, and what differs is asked about all the same. */
static void no_fit(void **state)
{
    struct bench *b = *state;
    char          native[300];

    build(b, 2106, 2);
    clean_server(b);
    for (int i = 0; i < 10; i++) {
        snprintf(native, sizeof native, ECP "/p%d.aspx", i);
        text(b, native, "<html>other</html>\n");
    }
    load(b, "FrontEnd, ClientAccess");
    hunt(b);
    const struct file_fact *f = about(b, "files/baseline", "");
    CHECK(f && f->severity == SEV_MEDIUM && str_has(f->why, STR("Most are not")));
    CHECK(about(b, "files/baseline-changed", "\\ecp\\p9.aspx"));
}

static void many_configs(void **state)
{
    struct bench *b = *state;
    char          native[300], path[200];

    build(b, 2106, 2);
    clean_server(b);
    for (int i = 0; i < 13; i++) {
        snprintf(native, sizeof native, ECP "/c%d/web.config", i);
        snprintf(path, sizeof path, "ClientAccess\\ecp\\c%d\\web.config", i);
        row(b, BASELINE_INSTALL, path, "<configuration/>", "15.1.2106.2");
        text(b, native, "<configuration><x/></configuration>");
    }
    load(b, "FrontEnd, ClientAccess");
    hunt(b);
    title_has(b, "0 unknown, 13 changed");
    const struct file_fact *f = about(b, "files/baseline-config", "");
    CHECK(f && str_starts(f->title, STR("13 configuration files")) && str_has(f->cite.excerpt, STR("and 10 more")) && named(b, "web.config") == 0);
}

/* A page that the clean installation has is never asked about, where the campaign's list has none of that name. */
static void known_good(void **state)
{
    static const char own[] = "<%@ Page Inherits=\"X\" %>\n<html>of a later update</html>\n";
    struct bench *b = *state;

    build(b, 2106, 2);
    clean_server(b);
    row(b, BASELINE_INSTALL, "FrontEnd\\HttpProxy\\owa\\auth\\later.aspx", own, "15.1.2106.2");
    text(b, AUTH "/later.aspx", own);
    row(b, BASELINE_WEB, "aspnet_client\\ours.aspx", own, "15.1.2106.2");
    text(b, WEB "/aspnet_client/ours.aspx", own);
    text(b, WEB "/aspnet_client/theirs.aspx", own);
    load(b, "FrontEnd, ClientAccess");
    hunt(b);
    CHECK(named(b, "\\auth\\later.aspx") == 0 && named(b, "\\ours.aspx") == 0);
    CHECK(named(b, "\\theirs.aspx") == 1 && about(b, "files/aspnet-client-page", "\\theirs.aspx"));
}

static void faults(void **state)
{
    struct bench *b = *state;
    struct str    path = STR("/case");

    build(b, 2106, 2);
    clean_server(b);
    row(b, BASELINE_INSTALL, "ClientAccess\\ecp\\gone.aspx", default_page, "15.1.2106.2");
    text(b, ECP "/p3.aspx", "<html>other</html>\n");
    page(b, ECP "/more.aspx", "<%@ Page {l}=\"C#\" %>\n{o} Response.Write(1); {c}\n");
    load(b, "FrontEnd, ClientAccess");
    CHECK(ev_open(&b->v, &b->m->os, &b->keep.a, &path, 1, &b->e));
    struct test_arena t = test_arena(16 << 20);
    for (uint32_t n = 1;; n++) {
        struct fault f = { .left = n };
        struct arena a = t.a;
        struct err   e = { 0 };
        a.fault = &f;
        bool ok = detect(b, &a, 1, &e);
        /* A fact without room is counted; whatever fails has a reason. */
        CHECK(ok || (e.kind != ERR_NONE && e.what[0]));
        if (!f.fired)
            break;
    }
    test_arena_free(&t);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = { CASE(clean), CASE(extra), CASE(older_folders), CASE(uncovered), CASE(changed), CASE(near_build), CASE(other_build), CASE(unknown_build), CASE(no_fit), CASE(many_configs), CASE(known_good),
                                        CASE(faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
