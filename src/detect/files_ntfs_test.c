#include "test.h"

#include "detect/files.h"
#include "detect/filetimes.h"
#include "formats/usn.h"
#include "make_mft.h"
#include "os/mem.h"
#include "shape_text.h"

#define DAY (INT64_C(18689) * TIME_DAY)          /* 2021-03-03 */
#define SETUP (INT64_C(18000) * TIME_DAY + 12345)

struct bench {
    struct test_arena disk, keep;
    struct os_mem    *m;
    struct ev         v;
    struct pack       pack;
    struct detected   found;
    _Atomic uint64_t  bytes;
    struct err        e;
    uint8_t           mft[64 * MK_RECORD], usn[16384];
    size_t            mft_n, usn_n;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    b->disk = test_arena(64 << 20);
    b->keep = test_arena(64 << 20);
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
    assert_int_equal(b->m->open_now, 0);
    test_arena_free(&b->disk);
    test_arena_free(&b->keep);
    free(b);
    return 0;
}

static void file(struct bench *b, uint64_t number, uint16_t seq, int in_use, int is_dir, uint64_t parent, const char *name, int64_t born, int64_t created)
{
    mkf_file(b->mft + number * MK_RECORD, number, seq, in_use, is_dir, parent, parent == 5 ? 5 : 1, name, born, created, is_dir ? NULL : "x");
    if ((number + 1) * MK_RECORD > b->mft_n)
        b->mft_n = (number + 1) * MK_RECORD;
}
static void event(struct bench *b, uint64_t record, uint64_t parent, int64_t us, uint32_t reason, const char *name)
{
    b->usn_n += mku_record(b->usn + b->usn_n, 2, MKU_REF(record, 1), MKU_REF(parent, 1), b->usn_n, us, reason, 0x20, name);
}
static void add(struct bench *b, const char *path, struct str body)
{
    struct os_mem_node *n = os_mem_add(b->m, path, body);
    CHECK(n != NULL);
    n->mtime_us = DAY;
}

/* A volume with the usual folders. */
static void volume(struct bench *b)
{
    file(b, 0, 1, 1, 0, 5, "$MFT", SETUP, SETUP);
    file(b, 5, 5, 1, 1, 5, ".", SETUP, SETUP);
    file(b, 30, 1, 1, 1, 5, "inetpub", SETUP, SETUP);
    file(b, 31, 1, 1, 1, 30, "wwwroot", SETUP, SETUP);
    file(b, 32, 1, 1, 1, 31, "aspnet_client", SETUP, SETUP);
    file(b, 33, 1, 1, 1, 5, "Windows", SETUP, SETUP);
    file(b, 34, 1, 1, 1, 33, "Temp", SETUP, SETUP);
    file(b, 35, 1, 1, 1, 30, "logs", SETUP, SETUP);
    file(b, 36, 1, 1, 1, 33, "System32", SETUP, SETUP);
}

static void hunt(struct bench *b, const char *mft, const char *usn)
{
    struct str           path = STR("/case");
    struct hunt_options  opt = { .jobs = 1, .since_us = TIME_NONE, .until_us = TIME_NONE };
    struct files_context c = { .ev = &b->v, .pack = &b->pack, .opt = &opt, .keep = &b->keep.a, .found = &b->found, .bytes_read = &b->bytes };

    if (mft)
        add(b, mft, (struct str){ b->mft, b->mft_n });
    if (usn)
        add(b, usn, (struct str){ b->usn, sizeof b->usn });
    if (!ev_open(&b->v, &b->m->os, &b->keep.a, &path, 1, &b->e))
        fail_msg("ev_open: %s", b->e.what);
    b->found.ev = &b->v;
    b->found.pack = &b->pack;
    b->found.server.installed_us = b->found.server.patched_us = b->found.server.build_at_us = TIME_NONE;
    b->found.server.um_role = -1;
    for (size_t i = 0; i < FAM_COUNT; i++)
        b->found.seen[i].oldest_us = b->found.seen[i].newest_us = TIME_NONE;
    if (!files_detect(&c, &b->e))
        fail_msg("files_detect: %s", b->e.what);
}

static const struct file_fact *find(const struct bench *b, const char *detector, const char *path)
{
    for (size_t i = 0; i < b->found.fact_n; i++)
        if (str_eq(b->found.fact[i].detector, str_c(detector)) && str_iends(b->found.fact[i].path, str_c(path)))
            return &b->found.fact[i];
    return NULL;
}
static const struct file_fact *fact(const struct bench *b, const char *detector, const char *path)
{
    const struct file_fact *f = find(b, detector, path);
    for (size_t i = 0; !f && i < b->found.fact_n; i++)
        print_message("  %.*s | %.*s | %.*s\n", STR_ARG(b->found.fact[i].detector), STR_ARG(b->found.fact[i].path), STR_ARG(b->found.fact[i].why));
    if (!f)
        fail_msg("no %s about %s", detector, path);
    return f;
}

static void intruder(struct bench *b)
{
    file(b, 40, 2, 0, 0, 32, "gone.aspx", DAY, DAY);                              /* its entry is free again */
    file(b, 41, 1, 1, 0, 32, "there.aspx", DAY + TIME_HOUR + 5, INT64_C(15000) * TIME_DAY);   /* times set back, whole seconds */
    file(b, 42, 1, 1, 0, 31, "iisstart.htm", SETUP, SETUP);
    struct mk_mft m = mkf_begin(b->mft + 43 * MK_RECORD, 43, 1, 1, 0);
    mkf_standard(&m, SETUP, SETUP), mkf_name(&m, 31, 1, "web.config", SETUP, 1), mkf_data(&m, "", "x"), mkf_data(&m, "payload", "y"), mkf_data(&m, "Zone.Identifier", "z"), mkf_end(&m);
    b->mft_n = 44 * MK_RECORD;
    event(b, 40, 32, DAY, USN_CREATE, "gone.aspx");
    event(b, 40, 32, DAY + TIME_SECOND, USN_CREATE | USN_EXTEND | USN_CLOSE, "gone.aspx");
    event(b, 41, 32, DAY + TIME_HOUR, USN_CREATE, "there.aspx");
    event(b, 41, 32, DAY + 2 * TIME_HOUR, USN_BASIC_INFO | USN_CLOSE, "there.aspx");
    event(b, 50, 34, DAY + 3 * TIME_HOUR, USN_CREATE, "lsass.dmp");
    event(b, 50, 34, DAY + 4 * TIME_HOUR, USN_DELETE | USN_CLOSE, "lsass.dmp");
    event(b, 51, 32, DAY + 5 * TIME_HOUR, USN_RENAME_NEW | USN_CLOSE, "mail.7z");
    event(b, 40, 32, DAY + 6 * TIME_HOUR, USN_DELETE | USN_CLOSE, "gone.aspx");
    event(b, 52, 35, DAY + 7 * TIME_HOUR, USN_DELETE | USN_CLOSE, "u_ex210303.log");
    event(b, 53, 35, DAY + 7 * TIME_HOUR, USN_DELETE | USN_CLOSE, "ConsoleHost_history.txt");
}

static void check_intruder(const struct bench *b)
{
    const struct file_fact *f = fact(b, "ntfs/page-gone", "\\inetpub\\wwwroot\\aspnet_client\\gone.aspx");
    CHECK(f->kind == FILE_FACT_PAGE_LEFT && f->state == THING_REMOVED && f->created_us == DAY && f->removed_us == DAY + 6 * TIME_HOUR && f->severity < SEV_HIGH);
    f = fact(b, "ntfs/dump", "\\Windows\\Temp\\lsass.dmp");
    CHECK(f->kind == FILE_FACT_SECRET && f->state == THING_UNKNOWN && f->created_us == DAY + 3 * TIME_HOUR && f->removed_us == DAY + 4 * TIME_HOUR);
    f = fact(b, "ntfs/archive", "\\aspnet_client\\mail.7z");
    CHECK(f->kind == FILE_FACT_LOOT && f->state == THING_UNKNOWN && f->created_us == DAY + 5 * TIME_HOUR);
    CHECK(fact(b, "ntfs/log-deleted", "u_ex210303.log")->kind == FILE_FACT_NOTE);
    CHECK(fact(b, "ntfs/log-deleted", "ConsoleHost_history.txt")->severity == SEV_MEDIUM);
}

static void both_alone(void **state)
{
    struct bench *b = *state;
    volume(b), intruder(b);
    hunt(b, "/case/C/$MFT", "/case/C/$Extend/$J");
    check_intruder(b);
    const struct file_fact *f = fact(b, "ntfs/page", "C:\\inetpub\\wwwroot\\aspnet_client\\there.aspx");
    CHECK(f->kind == FILE_FACT_PAGE_REVIEW && f->state == THING_PRESENT && f->created_us == DAY + TIME_HOUR);
    CHECK(fact(b, "ntfs/times", "there.aspx")->kind == FILE_FACT_NOTE);
    CHECK(fact(b, "ntfs/stream", "web.config:payload")->kind == FILE_FACT_NOTE && !find(b, "ntfs/stream", "Zone.Identifier"));
    const struct filetime *t = filetimes_find(b->found.times, STR("c:\\INETPUB\\wwwroot\\aspnet_client\\there.aspx"));
    CHECK(t && t->in_mft && t->si_created_us == INT64_C(15000) * TIME_DAY && t->usn_stamped_us == DAY + 2 * TIME_HOUR && filetime_set_back(t));
    CHECK(b->found.seen[FAM_USN].oldest_us == DAY && b->found.seen[FAM_USN].newest_us == DAY + 7 * TIME_HOUR && b->found.seen[FAM_USN].records == 10);
    CHECK(b->found.seen[FAM_MFT].files == 1 && b->found.seen[FAM_MFT].damage_n == 0 && b->found.seen[FAM_USN].damage_n == 0);
    CHECK(!find(b, "ntfs/page", "iisstart.htm"));
}

static void table_only(void **state)
{
    struct bench *b = *state;
    volume(b), intruder(b);
    hunt(b, "/case/C/$MFT", NULL);
    const struct file_fact *f = fact(b, "ntfs/page-gone", "\\aspnet_client\\gone.aspx");
    CHECK(f->state == THING_REMOVED && f->created_us == DAY && f->removed_us == TIME_NONE);
    CHECK(fact(b, "ntfs/times", "there.aspx"));
}

/* Without a table the journal knows folders by what it says of them itself. */
static void journal_only(void **state)
{
    struct bench *b = *state;
    b->usn_n += mku_record(b->usn, 3, MKU_REF(32, 1), MKU_REF(31, 1), 0, DAY - TIME_DAY, USN_CREATE, 0x10, "aspnet_client");
    event(b, 40, 32, DAY, USN_CREATE, "gone.aspx");
    event(b, 40, 32, DAY + TIME_HOUR, USN_DELETE | USN_CLOSE, "gone.aspx");
    event(b, 41, 99, DAY, USN_CREATE, "nowhere.aspx");
    hunt(b, NULL, "/case/C/$Extend/$UsnJrnl%3A$J");
    const struct file_fact *f = fact(b, "ntfs/page-gone", "?:\\aspnet_client\\gone.aspx");
    CHECK(f->state == THING_REMOVED && f->removed_us == DAY + TIME_HOUR);
    CHECK(!find(b, "ntfs/page", "nowhere.aspx"));
}

/* What is in the evidence is judged by its bytes; the file system dates it. */
static void dates_a_page(void **state)
{
    struct bench *b = *state;
    char   to[4096];
    size_t n = shape_text(to, sizeof to, "{o}@ Page Language=\"{j}\" {c}{o} {e}({r}[\"k\"],\"{u}\"); {c}");
    volume(b), intruder(b);
    add(b, "/case/C/inetpub/wwwroot/aspnet_client/there.aspx", str_dup(&b->disk.a, (struct str){ (uint8_t *)to, n }));
    hunt(b, "/case/C/$MFT", "/case/C/$Extend/$J");
    CHECK(!find(b, "ntfs/page", "there.aspx"));
    for (size_t i = 0; i < b->found.fact_n; i++)
        if ((b->found.fact[i].kind == FILE_FACT_PAGE || b->found.fact[i].kind == FILE_FACT_PAGE_REVIEW) && str_iends(b->found.fact[i].path, STR("there.aspx"))) {
            CHECK(b->found.fact[i].created_us == DAY + TIME_HOUR);
            return;
        }
    fail_msg("the page is not found");
}

static void benign(void **state)
{
    struct bench *b = *state;
    volume(b);
    file(b, 44, 1, 1, 1, 33, "Logs", SETUP, SETUP);
    for (unsigned i = 0; i < 6; i++) {           /* an update: files of one minute, older by their own word */
        char name[32];
        snprintf(name, sizeof name, "tool%u.exe", i);
        file(b, 45 + i, 1, 1, 0, 34, name, DAY + i, INT64_C(15000) * TIME_DAY);
    }
    event(b, 52, 34, DAY, USN_CREATE, "setup.exe");
    event(b, 52, 34, DAY + 1, USN_DELETE | USN_CLOSE, "setup.exe");
    event(b, 53, 36, DAY + 1, USN_DELETE | USN_CLOSE, "old.log");
    hunt(b, "/case/C/$MFT", "/case/C/$Extend/$J");
    for (size_t i = 0; i < b->found.fact_n; i++)
        CHECK_WHY(!str_starts(b->found.fact[i].detector, STR("ntfs/")), "nothing to say of an ordinary volume");
}

static void damaged(void **state)
{
    struct bench *b = *state;
    volume(b), intruder(b);
    memset(b->mft + 36 * MK_RECORD, 'x', MK_RECORD);
    b->mft[42 * MK_RECORD + 510] = 99;
    memset(b->usn + b->usn_n + 64, 'y', 64);
    hunt(b, "/case/C/$MFT", "/case/C/$Extend/$J");
    check_intruder(b);
    CHECK(b->found.seen[FAM_MFT].damage_n == 1 && b->found.seen[FAM_USN].damage_n == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_alone, setup, teardown), cmocka_unit_test_setup_teardown(table_only, setup, teardown),
        cmocka_unit_test_setup_teardown(journal_only, setup, teardown), cmocka_unit_test_setup_teardown(dates_a_page, setup, teardown),
        cmocka_unit_test_setup_teardown(benign, setup, teardown), cmocka_unit_test_setup_teardown(damaged, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
