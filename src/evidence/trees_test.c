#include "test.h"

#include "base/hash.h"
#include "base/num.h"
#include "evidence/ev.h"
#include "make_zip.h"
#include "os/mem.h"

struct bench {
    struct test_arena disk, keep;
    struct os_mem    *m;
    struct trees      t;
    struct ev_options opt;
    struct err        e;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    b->disk = test_arena(64 << 20);
    b->keep = test_arena(64 << 20);
    b->m    = os_mem_open(&b->disk.a, INT64_C(1614758400000000));
    b->opt  = ev_options_default();
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

static void add(struct bench *b, const char *path, struct str body) { CHECK(os_mem_add(b->m, path, body) != NULL); }

static bool find(struct bench *b, const char *one, const char *two)
{
    static struct str p[2];
    p[0] = str_c(one);
    p[1] = two ? str_c(two) : STR_EMPTY;
    trees_close(&b->t);
    b->e = (struct err){ 0 };
    return trees_find(&b->t, &b->m->os, &b->keep.a, p, two ? 2 : 1, &b->opt, &b->e);
}

/* "given|given|..." of all trees. */
static struct str given(struct bench *b)
{
    struct str s = STR("");
    for (size_t i = 0; i < b->t.tree_n; i++)
        s = str_fmt(&b->keep.a, "%.*s%s%.*s", STR_ARG(s), i ? "|" : "", STR_ARG(b->t.tree[i].given));
    return s;
}

static bool told(struct bench *b, const char *path, const char *what)
{
    size_t   n;
    uint64_t more;
    const struct trouble *t = trouble_list(b->t.trouble, &n, &more);
    for (size_t i = 0; i < n; i++)
        if (str_has(t[i].path, str_c(path)) && str_has(t[i].what, str_c(what)))
            return true;
    return false;
}

#define LOG "/inetpub/logs/LogFiles/W3SVC1/u_ex210303.log"
static struct str zip_of(struct bench *b, const char *name) { return make_zip(&b->disk.a, &(struct zip_file){ name, STR("x") }, 1); }

static void folders(void **state)
{
    struct bench *b = *state;

    add(b, "/one/C" LOG, STR("x"));
    add(b, "/one/D/Exch/V15/Logging/x.log", STR("x"));
    CHECK(find(b, "/one", NULL));
    CHECK_STR(given(b), STR("/one"));
    CHECK(find(b, "/one/C/", "/one/D"));
    CHECK_STR(given(b), STR("/one/C|/one/D"));

    add(b, "/two/EXCH01/C" LOG, STR("x"));
    add(b, "/two/EXCH02/C" LOG, STR("x"));
    add(b, "/two/notes.txt", STR("x"));
    CHECK(find(b, "/two", NULL));
    CHECK_STR(given(b), STR("/two/EXCH01|/two/EXCH02|/two"));
    CHECK(b->t.tree[2].skip_n == 2);
    CHECK_STR(b->t.tree[2].skip[1], STR("EXCH02"));
    trees_join(&b->t);
    CHECK_STR(given(b), STR("/two"));
    CHECK_WHY(b->t.tree[0].skip_n == 0, "one server: nothing is left out");

    add(b, "/loose/logs/u_ex210303.log", STR("x"));
    CHECK(find(b, "/loose", NULL));
    CHECK_STR(given(b), STR("/loose"));
    CHECK(find(b, "/loose/logs/u_ex210303.log", NULL) && b->t.tree[0].is_file);
    CHECK(!find(b, "/missing", NULL) && b->e.kind == ERR_IO && b->e.hint[0]);
    CHECK(!find(b, "", NULL) && b->e.kind == ERR_USAGE);
}

static void archives(void **state)
{
    struct bench *b = *state;

    add(b, "/case/EXCH01.zip", zip_of(b, "C" LOG));
    add(b, "/case/sub/EXCH02.zip", zip_of(b, "C" LOG));
    CHECK(find(b, "/case", NULL));
    CHECK_STR(given(b), STR("/case/EXCH01.zip|/case/sub/EXCH02.zip"));
    CHECK_STR(str_c(b->t.tree[0].kind), STR("collection"));
    uint8_t want[HASH_SHA256_BYTES];
    CHECK(hash_sha256(zip_of(b, "C" LOG), want) && b->t.container[0].hashed && memcmp(b->t.container[0].sha256, want, sizeof want) == 0);
    CHECK(find(b, "/case/EXCH01.zip", NULL));
    CHECK_STR(given(b), STR("/case/EXCH01.zip"));

    add(b, "/case/README.txt", STR("from the customer"));
    CHECK(find(b, "/case", NULL) && b->t.tree_n == 3);
    CHECK_WHY(b->t.tree[2].skip_n == 2, "the rest of the folder, without the archives");

    /* A zip of zips, and one whose folders are two servers. */
    struct zip_file inner[] = { { "in/EXCH03.zip", zip_of(b, "C" LOG) }, { "in/EXCH04.zip", zip_of(b, "C" LOG) } };
    add(b, "/nest/all.zip", make_zip(&b->disk.a, inner, 2));
    struct zip_file both[] = { { "EXCH05/C" LOG, STR("x") }, { "EXCH06/C" LOG, STR("x") } };
    add(b, "/nest/both.zip", make_zip(&b->disk.a, both, 2));
    CHECK(find(b, "/nest", NULL));
    CHECK_STR(given(b), STR("/nest/all.zip!/in/EXCH03.zip|/nest/all.zip!/in/EXCH04.zip|/nest/both.zip!/EXCH05|/nest/both.zip!/EXCH06"));
    b->opt.limits.depth = 1;
    CHECK(find(b, "/nest", NULL));
    CHECK(told(b, "/nest/all.zip!/in/EXCH03.zip", "depth"));
    b->opt.limits.depth = 4;
}

static void not_evidence(void **state)
{
    struct bench *b = *state;

    add(b, "/c/C/Windows/System32/x.dll", STR("x"));
    add(b, "/c/C/Temp/loot.zip", zip_of(b, "C" LOG));
    CHECK(find(b, "/c", NULL));
    CHECK_WHY(b->t.tree_n == 1 && b->t.container_n == 0, "an archive on the server's own drive");
    CHECK(find(b, "/c/C", NULL) && b->t.container_n == 0);

    add(b, "/web/wwwroot/aspnet_client/loot.zip", zip_of(b, "C" LOG));
    add(b, "/web/pages/a.aspx", STR("x"));
    add(b, "/web/pages/loot.zip", zip_of(b, "C" LOG));
    CHECK(find(b, "/web", NULL));
    CHECK_WHY(b->t.tree_n == 1 && b->t.container_n == 0, "archives beside pages are loot");

    add(b, "/bad/a.rar", STR("Rar!\x1a\x07\x01\x00-------------------------------------------"));
    add(b, "/bad/b.zip", STR("PK\x03\x04 and then nothing that a zip would hold, for quite some bytes"));
    add(b, "/bad/EXCH01_20210312100000.tar.enc", STR("sealed, as acquire does it"));
    CHECK(find(b, "/bad", NULL));
    CHECK(told(b, "/bad/EXCH01_20210312100000.tar.enc", "encrypt"));
    CHECK(told(b, "/bad/a.rar", "RAR") && told(b, "/bad/b.zip", ""));
    CHECK_STR(given(b), STR("/bad"));
}

/* A world that fails at any call, and memory that ends at any push, give an error or a shorter list; never a handle that stays open. */
static void faults(void **state)
{
    struct bench *b = *state;
    bool          fired = true;

    add(b, "/case/EXCH01.zip", zip_of(b, "C" LOG));
    add(b, "/case/EXCH02/C" LOG, STR("x"));
    for (uint32_t i = 1; fired && i < 400; i++) {
        b->m->fault = (struct fault){ .left = i };
        bool ok = find(b, "/case", NULL);
        fired = b->m->fault.fired;
        b->m->fault = (struct fault){ 0 };
        CHECK(ok || b->e.kind != ERR_NONE);
        trees_close(&b->t);
        CHECK(b->m->open_now == 0);
    }
    for (size_t room = 4096; room < (3 << 20); room *= 2) {
        struct test_arena small = test_arena(room);
        struct str        path  = STR("/case");
        struct err        e     = { 0 };
        struct trees      t;
        if (trees_find(&t, &b->m->os, &small.a, &path, 1, &b->opt, &e))
            trees_close(&t);
        else
            CHECK(e.kind == ERR_MEMORY);
        test_arena_free(&small);
    }
}

static void guesses(void **state)
{
    static const struct { const char *native, *path; } c[] = {
        { "C/inetpub/x.log", "C:\\inetpub\\x.log" }, { "uploads/auto/C%3A/a/b.aspx", "C:\\a\\b.aspx" }, { "fs/d:/x", "D:\\x" },
        { "sysvol/Windows/x", "C:\\Windows\\x" }, { "logs/b.log", "?:\\logs\\b.log" }, { "C", "?:\\C" }, { "", "?:\\" },
    };
    struct bench *b = *state;
    for (size_t i = 0; i < COUNT_OF(c); i++)
        CHECK_STR(ev_guess_path(&b->keep.a, str_c(c[i].native)), str_c(c[i].path));
    CHECK(ev_key(STR("a"), STR("bc")) != ev_key(STR("ab"), STR("c")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(folders, setup, teardown), cmocka_unit_test_setup_teardown(archives, setup, teardown),
        cmocka_unit_test_setup_teardown(not_evidence, setup, teardown), cmocka_unit_test_setup_teardown(faults, setup, teardown),
        cmocka_unit_test_setup_teardown(guesses, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
