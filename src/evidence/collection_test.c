/* Collections through the whole of this layer: what becomes of entries, shadow copies, holes, duplicates and refusals. */
#include "test.h"

#include "base/num.h"
#include "evidence/twins.h"
#include "make_zip.h"
#include "os/mem.h"

struct bench {
    struct test_arena disk, keep;
    struct os_mem    *m;
    struct ev         v;
    struct err        e;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    b->disk = test_arena(64 << 20);
    b->keep = test_arena(192 << 20);
    b->m    = os_mem_open(&b->disk.a, INT64_C(1614758400000000));
    *state  = b;
    return b->m ? 0 : -1;
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

static void add(struct bench *b, const char *path, struct str body) { CHECK(os_mem_add(b->m, path, body) != NULL); }

static void open_path(struct bench *b, const char *path)
{
    struct str p = str_c(path);
    ev_close(&b->v);
    if (!ev_open(&b->v, &b->m->os, &b->keep.a, &p, 1, &b->e))
        fail_msg("%s", b->e.what);
}

static bool refused(const struct bench *b, const char *path, const char *what)
{
    for (size_t i = 0; i < b->v.refused_n; i++)
        if (str_has(b->v.refused[i].path, str_c(path)) && str_has(b->v.refused[i].what, str_c(what)))
            return true;
    return false;
}

static size_t copies(const struct bench *b, const char *path)
{
    size_t n = 0;
    for (size_t i = 0; i < b->v.node_n; i++)
        n += str_ieq(b->v.node[i].path, str_c(path));
    return n;
}

static struct str body_of(struct bench *b, const struct ev_node *n)
{
    struct str s;
    if (!ev_slurp(&b->v, (struct ev_node *)(uintptr_t)n, 1 << 20, &b->keep.a, &s, &b->e))
        fail_msg("%s", b->e.what);
    return s;
}

#define IIS "inetpub/logs/LogFiles/W3SVC1/"

static void entries(void **state)
{
    struct bench   *b = *state;
    struct zip_file f[] = { { "C/" IIS "u_ex210303.log", STR("one") }, { "c/" IIS "U_EX210303.LOG", STR("two") }, { "C/" IIS "u_ex210303.log", STR("three") },
                            { "C/inetpub/wwwroot/aspnet_client/a.aspx", STR("page") }, { "../../C/" IIS "u_ex210304.log", STR("up") } };

    add(b, "/EXCH01.zip", make_zip(&b->disk.a, f, COUNT_OF(f)));
    open_path(b, "/EXCH01.zip");
    assert_int_equal(copies(b, "C:\\inetpub\\logs\\LogFiles\\W3SVC1\\u_ex210303.log"), 3);
    const struct ev_node *page = ev_find(&b->v, STR("C:\\inetpub\\wwwroot\\aspnet_client\\a.aspx"));
    CHECK(page && str_eq(page->entry, STR("C/inetpub/wwwroot/aspnet_client/a.aspx")));
    CHECK_STR(body_of(b, page), STR("page"));
    struct str all = STR("");
    for (size_t i = 0; i < b->v.node_n; i++)
        if (b->v.node[i].family == FAM_IIS_FRONT)
            all = str_cat(&b->keep.a, all, body_of(b, &b->v.node[i]));
    CHECK_WHY(all.n == 11 && str_has(all, STR("one")) && str_has(all, STR("two")) && str_has(all, STR("three")), "entries of one name are told apart");
    ev_trouble_take(&b->v, b->keep.a);
    CHECK(refused(b, "/EXCH01.zip!/../../C/", "unsafe name"));
    CHECK_STR(str_c(b->v.source[0].kind), STR("collection"));
}

/* A file in a shadow copy is what was, not what is. */
static void shadows(void **state)
{
    struct bench *b = *state;

    add(b, "/k/x_CopyLog.csv", STR("CopiedTimestamp,SourceFile,DestinationFile\r\n"));
    add(b, "/k/C/inetpub/wwwroot/aspnet_client/now.aspx", STR("now"));
    add(b, "/k/C/" IIS "u_ex210303.log", STR("row one\r\nrow two\r\n"));
    add(b, "/k/VSS1/inetpub/wwwroot/aspnet_client/now.aspx", STR("now"));
    add(b, "/k/VSS1/inetpub/wwwroot/aspnet_client/gone.aspx", STR("was"));
    add(b, "/k/VSS1/" IIS "u_ex210303.log", STR("row one\r\n"));
    add(b, "/k/VSS1/" IIS "u_ex210228.log", STR("older\r\n"));
    open_path(b, "/k");
    CHECK_STR(str_c(b->v.source[0].layout), STR("kape"));
    assert_int_equal(copies(b, "C:\\inetpub\\wwwroot\\aspnet_client\\now.aspx"), 1);
    assert_int_equal(copies(b, "C:\\inetpub\\wwwroot\\aspnet_client\\gone.aspx"), 1);
    CHECK(!ev_find(&b->v, STR("C:\\inetpub\\wwwroot\\aspnet_client\\gone.aspx")) && ev_find(&b->v, STR("C:\\inetpub\\wwwroot\\aspnet_client\\now.aspx")));
    CHECK(ev_has_pages_of(&b->v, STR("C:\\inetpub\\wwwroot\\aspnet_client")));

    uint32_t log[8], *of;
    size_t   n = 0, left = 0;
    for (uint32_t i = 0; i < b->v.node_n; i++)
        if (b->v.node[i].family == FAM_IIS_FRONT)
            log[n++] = i;
    CHECK(n == 3 && twins_find(&b->v, log, n, 2, &b->keep.a, &of, &b->e));
    for (size_t i = 0; i < n; i++)
        if (of[i] != UINT32_MAX) {
            left++;
            CHECK_WHY(b->v.node[log[i]].shadow && !b->v.node[of[i]].shadow, "the log that went on growing says it all");
        }
    assert_int_equal(left, 1);
}

static void twins(void **state)
{
    struct bench *b = *state;
    uint32_t      log[8], *of;
    size_t        n = 0, left = 0;

    add(b, "/t/C/" IIS "u_ex210303.log", STR("same bytes\r\n"));
    add(b, "/t/C/copy/LogFiles/W3SVC1/u_ex210303.log", STR("same bytes\r\n"));
    add(b, "/t/C/copy/LogFiles/W3SVC2/u_ex210303.log", STR("same bytes\r\n"));
    add(b, "/t/C/copy/LogFiles/W3SVC3/u_ex210303.log", STR("same bytes\r\nand more"));
    open_path(b, "/t");
    for (uint32_t i = 0; i < b->v.node_n; i++)
        if (family_table[b->v.node[i].family].log)
            log[n++] = i;
    CHECK(n == 4 && twins_find(&b->v, log, n, 1, &b->keep.a, &of, &b->e));
    for (size_t i = 0; i < n; i++)
        left += of[i] != UINT32_MAX;
    CHECK_WHY(left == 1, "equal bytes of one family; the beginning of a log in another folder is another log");
}

static void no_pages(void **state)
{
    struct bench *b = *state;

    add(b, "/k/x_CopyLog.csv", STR("CopiedTimestamp,SourceFile,DestinationFile\r\n"));
    add(b, "/k/C/inetpub/wwwroot/web.config", STR("<configuration/>"));
    add(b, "/k/C/" IIS "u_ex210303.log", STR("row one\r\n"));
    open_path(b, "/k");
    CHECK(b->v.pages_left_out && ev_has_dir(&b->v, STR("C:\\inetpub\\wwwroot")) && !ev_has_pages_of(&b->v, STR("C:\\inetpub\\wwwroot")));
    open_path(b, "/k/C");
    CHECK_WHY(!b->v.pages_left_out, "a drive is whole");
}

static void holes(void **state)
{
    struct bench *b = *state;
    static const char idx[] = "{\"ranges\":[{\"file_offset\":0,\"original_offset\":0,\"file_length\":3,\"length\":3},"
                              "{\"file_offset\":3,\"original_offset\":3,\"file_length\":0,\"length\":5},{\"file_offset\":3,\"original_offset\":8,\"file_length\":2,\"length\":2}]}";
    add(b, "/v/uploads.json", STR("{\"vfs_path\":\"C:\\\\" "ExchangeSetupLogs\\\\ExchangeSetup.log\",\"_Components\":[\"uploads\",\"auto\",\"C:\",\"ExchangeSetupLogs\",\"ExchangeSetup.log\"],"
                                  "\"file_size\":10,\"uploaded_size\":5}\n"
                                  "{\"vfs_path\":\"C:\\\\ExchangeSetupLogs\\\\ExchangeSetup.log.idx\",\"_Components\":[\"uploads\",\"auto\",\"C:\",\"ExchangeSetupLogs\",\"ExchangeSetup.log.idx\"],\"Type\":\"idx\"}\n"));
    add(b, "/v/uploads/auto/C%3A/ExchangeSetupLogs/ExchangeSetup.log", STR("abcXY"));
    add(b, "/v/uploads/auto/C%3A/ExchangeSetupLogs/ExchangeSetup.log.idx", (struct str){ (const uint8_t *)idx, sizeof idx - 1 });
    open_path(b, "/v");
    const struct ev_node *n = ev_find(&b->v, STR("C:\\ExchangeSetupLogs\\ExchangeSetup.log"));
    CHECK(n && n->sparse && n->size_bytes == 10);
    CHECK_STR(body_of(b, n), STR("abc\0\0\0\0\0XY"));
    uint8_t part[4];
    size_t  got;
    CHECK(ev_read(&b->v, n, 6, part, sizeof part, &got, &b->e) && got == 4 && memcmp(part, "\0\0XY", 4) == 0);
}

/* What an archive lost without a name may have been anything: that is more than the loss of the members it names. */
static void lost(void **state)
{
    struct bench   *b = *state;
    struct zip_file one[2] = { { "C/" IIS "u_ex210303.log", STR("row one\r\n") }, { "broken.zip", STR("PK\3\4 and nothing that is one, for long enough to look at it") } };
    uint8_t         tar[1536] = { 0 };
    unsigned        sum = 0;

    add(b, "/l/whole.zip", make_zip(&b->disk.a, one, 1));
    open_path(b, "/l/whole.zip");
    ev_trouble_take(&b->v, b->disk.a);
    assert_int_equal(b->v.refused_n, 0);

    add(b, "/l/beside.zip", make_zip(&b->disk.a, one, 2));
    open_path(b, "/l/beside.zip");
    ev_trouble_take(&b->v, b->disk.a);
    CHECK(b->v.refused_n == 1 && b->v.refused[0].unknown);

    /* A tar of one log, whole but for the blocks that say that it ends. */
    memcpy(tar, "C/" IIS "u_ex210303.log", sizeof "C/" IIS "u_ex210303.log" - 1);
    memcpy(tar + 100, "0000644\0" "0000000\0" "0000000\0" "00000000011\0" "14017553600\0" "        " "0", 57);
    memcpy(tar + 257, "ustar\0" "00", 8);
    for (size_t i = 0; i < 512; i++)
        sum += tar[i];
    snprintf((char *)tar + 148, 8, "%06o", sum);
    memcpy(tar + 512, "row one\r\n", 9);
    add(b, "/l/cut.tar", (struct str){ tar, 1024 });
    open_path(b, "/l/cut.tar");
    ev_trouble_take(&b->v, b->disk.a);
    CHECK(b->v.node_n == 1 && b->v.refused_n == 1 && b->v.refused[0].unknown);
    CHECK_STR(b->v.refused[0].what, STR("truncated: a tar without its end mark"));
    add(b, "/l/whole.tar", (struct str){ tar, 1536 });
    open_path(b, "/l/whole.tar");
    ev_trouble_take(&b->v, b->disk.a);
    CHECK(b->v.node_n == 1 && b->v.refused_n == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(entries, setup, teardown), cmocka_unit_test_setup_teardown(shadows, setup, teardown),
        cmocka_unit_test_setup_teardown(twins, setup, teardown), cmocka_unit_test_setup_teardown(no_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(holes, setup, teardown), cmocka_unit_test_setup_teardown(lost, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
