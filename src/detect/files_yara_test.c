#include "test.h"

#include "base/num.h"
#include "detect/files.h"
#include "detect/yara.h"
#include "os/mem.h"
#include "shape_text.h"

struct bench {
    struct test_arena disk, keep;
    struct os_mem    *m;
    struct ev         v;
    struct pack       pack;
    struct yara       yara;
    struct detected   found;
    _Atomic uint64_t  bytes;
    struct err        e;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);

    b->disk = test_arena(16 << 20);
    b->keep = test_arena(128 << 20);
    b->m    = os_mem_open(&b->disk.a, INT64_C(1614758400000000));
    *state  = b;
    CHECK(b->m);
    if (!pack_load_embedded(&b->pack, &b->keep.a, STR("proxylogon"), &b->e))
        fail_msg("the pack does not load: %s", b->e.what);
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    ev_close(&b->v);
    yara_close(&b->yara);
    test_arena_free(&b->disk);
    test_arena_free(&b->keep);
    free(b);
    return 0;
}

/* The pack's rules, and one file of a user's. */
static void rules(struct bench *b, const char *user)
{
    struct yara_file f[16];
    size_t           n = 0;

    for (size_t i = 0; i < b->pack.file_n && n < 15; i++)
        if (str_starts(b->pack.file[i].name, STR("yara/")))
            f[n++] = (struct yara_file){ b->pack.file[i].name, b->pack.file[i].text, true };
    if (user)
        f[n++] = (struct yara_file){ STR("mine.yar"), str_c(user), false };
    if (!yara_compile(&b->yara, &b->keep.a, f, n, &b->e))
        fail_msg("yara_compile: %s", b->e.what);
    for (size_t i = 0; i < b->yara.refused_n; i++)
        fail_msg("%.*s: %.*s", STR_ARG(b->yara.refused[i].file), STR_ARG(b->yara.refused[i].why));
}

static void put(struct bench *b, const char *path, const char *plan, bool settings)
{
    char   to[8192];
    size_t n = settings ? shape_settings(to, sizeof to, plan) : shape_text(to, sizeof to, plan);
    struct os_mem_node *f = os_mem_add(b->m, path, str_dup(&b->disk.a, (struct str){ (uint8_t *)to, n }));

    CHECK(f != NULL);
    f->mtime_us = INT64_C(1614758400000000);
}

static void hunt(struct bench *b, uint32_t jobs)
{
    struct str           path = STR("/case");
    struct hunt_options  opt = { .jobs = jobs, .since_us = TIME_NONE, .until_us = TIME_NONE, .yara = &b->yara };
    struct files_context c = { .ev = &b->v, .pack = &b->pack, .opt = &opt, .keep = &b->keep.a, .found = &b->found, .bytes_read = &b->bytes };

    ev_close(&b->v);
    memset(&b->v, 0, sizeof b->v);
    if (!ev_open(&b->v, &b->m->os, &b->keep.a, &path, 1, &b->e))
        fail_msg("ev_open: %s", b->e.what);
    memset(&b->found, 0, sizeof b->found);
    b->found.ev = &b->v;
    b->found.pack = &b->pack;
    b->found.server.installed_us = b->found.server.patched_us = b->found.server.build_at_us = TIME_NONE;
    b->found.server.um_role = -1;
    for (size_t i = 0; i < FAM_COUNT; i++)
        b->found.seen[i].oldest_us = b->found.seen[i].newest_us = TIME_NONE;
    if (!files_detect(&c, &b->e))
        fail_msg("files_detect: %s", b->e.what);
}

static const struct file_fact *by_rule(const struct bench *b, const char *detector, const char *path)
{
    for (size_t i = 0; i < b->found.fact_n; i++)
        if (str_eq(b->found.fact[i].detector, str_c(detector)) && str_iends(b->found.fact[i].path, str_c(path)))
            return &b->found.fact[i];
    return NULL;
}

static size_t pages(const struct bench *b, const char *path)
{
    size_t n = 0;

    for (size_t i = 0; i < b->found.fact_n; i++)
        n += b->found.fact[i].kind == FILE_FACT_PAGE && str_iends(b->found.fact[i].path, str_c(path));
    return n;
}

#define WEB "/case/C/inetpub/wwwroot"
#define USER "rule mine : web { meta: author = \"A. Writer\" reference = \"https://example.org/r\" description = \"a word that nobody writes\" score = 80" \
             " strings: $w = \"qwertyuniq\" condition: $w }\n"
#define SURE "rule sure { meta: author = \"B\" axis = \"back_door\" state = \"present\" kind = \"uploader\" confidence = 80 strings: $w = \"qwertysure\" condition: $w }\n" \
             "rule taken { meta: axis = \"theft\" state = \"suspected\" strings: $w = \"qwertyloot\" condition: $w }\n"

/* The shape is judged in code already: the pack's rule agrees, and makes no second back door. */
static void settings_once(void **state)
{
    struct bench *b = *state;

    rules(b, "rule mine { strings: $w = \"PollInterval\" condition: $w }");
    put(b, WEB "/aspnet_client/list.aspx", "http://f/{o}@ x {c}", true);
    hunt(b, 2);
    assert_int_equal(pages(b, "list.aspx"), 1);
    CHECK(!by_rule(b, "yara/oab_export_shape", "list.aspx"));
    const struct file_fact *f = by_rule(b, "yara/mine", "list.aspx");
    CHECK(f && f->kind == FILE_FACT_NOTE && str_has(f->why, STR("proven otherwise")));
}

/* The same fields in another order, which the code does not take for the list that a reset writes. */
static void settings_by_rule(void **state)
{
    struct bench *b = *state;

    rules(b, NULL);
    put(b, WEB "/aspnet_client/other.aspx", "InternalUrl, ExternalUrl; PollInterval; OfflineAddressBooks; msExchOABVirtualDirectory", false);
    put(b, WEB "/aspnet_client/other.txt", "InternalUrl, ExternalUrl; PollInterval; OfflineAddressBooks; msExchOABVirtualDirectory", false);
    hunt(b, 1);
    const struct file_fact *f = by_rule(b, "yara/oab_export_shape", "other.aspx");
    CHECK(f && f->kind == FILE_FACT_PAGE && f->confidence > 0.89 && f->confidence < 0.91);
    assert_int_equal(pages(b, "other.aspx"), 1);
    f = by_rule(b, "yara/oab_export_shape", "other.txt");
    CHECK(f && f->kind == FILE_FACT_NOTE);
}

static void user_reviews(void **state)
{
    struct bench *b = *state;

    rules(b, USER);
    put(b, WEB "/aspnet_client/a.aspx", "some text with qwertyuniq in it", false);
    put(b, "/case/C/Users/Public/tool.exe", "MZ qwertyuniq", false);
    put(b, "/case/C/inetpub/logs/LogFiles/W3SVC1/u_ex210303.log", "#Fields: date qwertyuniq\n", false);
    hunt(b, 4);
    const struct file_fact *f = by_rule(b, "yara/mine", "a.aspx");
    CHECK(f && f->kind == FILE_FACT_PAGE_REVIEW && f->severity == SEV_HIGH);
    CHECK(str_has(f->why, STR("A. Writer")) && str_has(f->why, STR("https://example.org/r")) && str_has(f->why, STR("a word that nobody writes")));
    CHECK(str_has(f->cite.excerpt, STR("$w at byte 15")) && str_has(f->cite.excerpt, STR("tags web")));
    CHECK(!str_has(f->cite.excerpt, STR("qwertyuniq")) && !str_has(f->why, STR("qwertyuniq")));
    assert_int_equal(f->cite.offset, 15);
    assert_int_equal(pages(b, "a.aspx"), 0);
    f = by_rule(b, "yara/mine", "tool.exe");
    CHECK(f && f->kind == FILE_FACT_NOTE);
    CHECK(!by_rule(b, "yara/mine", ".log"));
}

static void user_moves(void **state)
{
    struct bench *b = *state;

    rules(b, USER SURE);
    put(b, WEB "/aspnet_client/a.aspx", "qwertyuniq qwertysure", false);
    put(b, WEB "/aspnet_client/b.txt", "qwertysure", false);
    put(b, "/case/C/Users/Public/c.bin", "....qwertyloot", false);
    hunt(b, 2);
    const struct file_fact *f = by_rule(b, "yara/sure", "a.aspx");
    CHECK(f && f->kind == FILE_FACT_PAGE && f->confidence > 0.79 && f->confidence < 0.81);
    CHECK_STR(f->what, STR("uploader"));
    f = by_rule(b, "yara/mine", "a.aspx");
    CHECK(f && f->kind == FILE_FACT_NOTE);
    f = by_rule(b, "yara/sure", "b.txt");
    CHECK(f && f->kind == FILE_FACT_NOTE);
    f = by_rule(b, "yara/taken", "c.bin");
    CHECK(f && f->kind == FILE_FACT_LOOT);
}

/* The same facts in the same order, whatever the number of threads. */
static void threads(void **state)
{
    struct bench *b = *state;
    struct file_fact first[64];
    size_t           n = 0;

    rules(b, USER SURE);
    for (int i = 0; i < 20; i++) {
        char path[100];
        snprintf(path, sizeof path, WEB "/aspnet_client/p%02d.aspx", i);
        put(b, path, i % 2 ? "qwertyuniq qwertysure" : "qwertyuniq", false);
    }
    for (uint32_t jobs = 1; jobs <= 4; jobs += 3) {
        hunt(b, jobs);
        CHECK(b->found.fact_n <= 64);
        for (size_t i = 0; i < b->found.fact_n && n; i++)
            CHECK(str_eq(first[i].detector, b->found.fact[i].detector) && str_eq(first[i].path, b->found.fact[i].path) && str_eq(first[i].why, b->found.fact[i].why));
        if (!n)
            memcpy(first, b->found.fact, b->found.fact_n * sizeof *first);
        CHECK(!n || n == b->found.fact_n);
        n = b->found.fact_n;
    }
}

/* A limit of the library on one file: told as damage of the file's family, and the hunt goes on. */
static void limit(void **state)
{
    struct bench *b = *state;
    bool          told = false;

    rules(b, "rule many { strings: $a = \"e\" condition: #a > 2000000 }");
    char  *big = malloc(2 << 20);
    memset(big, 'e', 2 << 20);
    struct os_mem_node *f = os_mem_add(b->m, WEB "/aspnet_client/big.aspx", str_dup(&b->disk.a, (struct str){ (uint8_t *)big, 2 << 20 }));
    CHECK(f != NULL);
    free(big);
    hunt(b, 1);
    const struct seen *s = &b->found.seen[FAM_WEB_ROOTS];
    for (size_t i = 0; i < s->damage_n; i++)
        told = told || str_has(s->damage[i].what, STR("1,000,000"));
    CHECK(told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(settings_once, setup, teardown), cmocka_unit_test_setup_teardown(settings_by_rule, setup, teardown),
        cmocka_unit_test_setup_teardown(user_reviews, setup, teardown), cmocka_unit_test_setup_teardown(user_moves, setup, teardown),
        cmocka_unit_test_setup_teardown(threads, setup, teardown), cmocka_unit_test_setup_teardown(limit, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
