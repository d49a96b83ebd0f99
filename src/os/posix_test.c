#include "test.h"

#include "base/time.h"
#include "os/os.h"

#include <sys/stat.h>
#include <unistd.h>

struct place {
    char              dir[64];
    struct str        root;
    struct os         os;
    struct test_arena t;
    struct err        e;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    strcpy(p->dir, "/tmp/ap-posix-XXXXXX");
    if (!mkdtemp(p->dir))
        return -1;
    p->root = str_c(p->dir);
    p->os   = os_posix();
    p->t    = test_arena(16 << 20);
    *state  = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    char          cmd[128];
    snprintf(cmd, sizeof cmd, "rm -rf %s", p->dir);
    int rc = system(cmd);
    test_arena_free(&p->t);
    free(p);
    return rc;
}

static struct str at(struct place *p, const char *name) { return str_fmt(&p->t.a, "%s/%s", p->dir, name); }
static const char *c_at(struct place *p, const char *name) { return (const char *)at(p, name).p; }

static void put(struct place *p, const char *name, struct str body)
{
    struct os_file f = OS_FILE_NONE;
    CHECK(p->os.create(&p->os, at(p, name), &f, &p->e));
    CHECK(p->os.write(&p->os, f, body, &p->e));
    CHECK(p->os.commit(&p->os, &f, &p->e));
    CHECK(f.h < 0);
}

static bool can_open(struct place *p, const char *below)
{
    struct os_file f = OS_FILE_NONE;
    uint64_t       size;
    p->e = (struct err){ 0 };
    bool ok = p->os.open(&p->os, p->root, str_c(below), &f, &size, &p->e);
    CHECK(ok || (p->e.kind == ERR_IO && p->e.what[0] && p->e.where[0]));
    p->os.close(&p->os, &f);
    return ok;
}

static void test_write_and_read(void **state)
{
    struct place  *p = *state;
    struct str     got;
    struct os_file f = OS_FILE_NONE;
    uint64_t       size;
    uint8_t        buf[8];
    size_t         n;

    CHECK(p->os.mkdir(&p->os, at(p, "a/b/c"), &p->e));
    CHECK(p->os.mkdir(&p->os, at(p, "a/b/c/"), &p->e));
    put(p, "a/b/c/x", STR("0123456789"));
    CHECK(os_slurp(&p->os, p->root, STR("a/b/c/x"), 10, &p->t.a, &got, &p->e));
    CHECK_STR(got, STR("0123456789"));
    CHECK(!os_slurp(&p->os, p->root, STR("a/b/c/x"), 9, &p->t.a, &got, &p->e) && p->e.kind == ERR_LIMIT);
    CHECK(p->os.open(&p->os, p->root, STR("a/b/c/x"), &f, &size, &p->e) && size == 10);
    CHECK(p->os.read_at(&p->os, f, 6, buf, 8, &n, &p->e) && n == 4 && memcmp(buf, "6789", 4) == 0);
    CHECK(p->os.read_at(&p->os, f, 60, buf, 8, &n, &p->e) && n == 0);
    CHECK(!p->os.write(&p->os, f, STR("x"), &p->e));
    p->os.close(&p->os, &f);
    p->os.close(&p->os, &f);
    CHECK(!p->os.mkdir(&p->os, at(p, "a/b/c/x/y"), &p->e));
    CHECK(!p->os.mkdir(&p->os, at(p, "a/b/c/x"), &p->e));
}

static void test_uncommitted_leaves_nothing(void **state)
{
    struct place    *p = *state;
    struct os_file   f = OS_FILE_NONE;
    struct os_entry *list;
    size_t           n;

    put(p, "x", STR("old"));
    CHECK(p->os.create(&p->os, at(p, "x"), &f, &p->e));
    CHECK(p->os.write(&p->os, f, STR("new"), &p->e));
    p->os.close(&p->os, &f);
    struct str got;
    CHECK(os_slurp(&p->os, p->root, STR("x"), 10, &p->t.a, &got, &p->e));
    CHECK_STR(got, STR("old"));
    CHECK(p->os.list(&p->os, p->root, STR(""), &p->t.a, &list, &n, &p->e) && n == 1);
    CHECK(!p->os.create(&p->os, at(p, "no/such/x"), &f, &p->e) && f.h < 0);
}

/* A spool has no name, belongs to us alone, and is written and read at any offset. */
static void test_spool(void **state)
{
    struct place    *p = *state;
    struct os_file   f = OS_FILE_NONE;
    struct os_entry *list;
    size_t           n, got;
    uint8_t          buf[16];
    struct stat      st;

    CHECK(p->os.spool(&p->os, p->root, &f, &p->e) && !(f.h & 1));
    CHECK(p->os.write_at(&p->os, f, 4, STR("efgh"), &p->e) && p->os.write_at(&p->os, f, 0, STR("ab"), &p->e));
    CHECK(p->os.read_at(&p->os, f, 0, buf, sizeof buf, &got, &p->e) && got == 8 && memcmp(buf, "ab\0\0efgh", 8) == 0);
    CHECK(fstat((int)(f.h / 2), &st) == 0 && st.st_nlink == 0 && (st.st_mode & 077) == 0);
    CHECK(p->os.list(&p->os, p->root, STR(""), &p->t.a, &list, &n, &p->e) && n == 0);
    CHECK(!p->os.write_at(&p->os, f, UINT64_MAX - 1, STR("xyz"), &p->e) && p->e.kind == ERR_IO);
    p->os.close(&p->os, &f);
    CHECK(f.h < 0 && !p->os.write_at(&p->os, f, 0, STR("x"), &p->e));
    CHECK(!p->os.spool(&p->os, at(p, "none"), &f, &p->e) && p->e.kind == ERR_IO && p->e.where[0]);
}

static void test_links_are_not_followed(void **state)
{
    struct place *p = *state;

    CHECK(p->os.mkdir(&p->os, at(p, "in/d"), &p->e));
    put(p, "in/d/x", STR("x"));
    put(p, "outside", STR("secret"));
    CHECK(symlink("../outside", c_at(p, "in/up")) == 0);
    CHECK(symlink("d", c_at(p, "in/dir")) == 0);
    CHECK(symlink("x", c_at(p, "in/d/y")) == 0);
    CHECK(symlink("/", c_at(p, "in/top")) == 0);
    CHECK(can_open(p, "in/d/x"));
    CHECK(can_open(p, "in//./d/x"));
    CHECK(!can_open(p, "in/up"));
    CHECK(!can_open(p, "in/d/y"));
    CHECK(!can_open(p, "in/dir/x"));
    CHECK(!can_open(p, "in/top/etc/passwd"));
    CHECK(!can_open(p, "../etc/passwd"));
    CHECK(!can_open(p, "in/../../../../etc/passwd"));
    CHECK(!can_open(p, "in/d"));
    CHECK(!can_open(p, ""));
    CHECK(!can_open(p, "gone"));

    /* The same where openat2 cannot be used: a path beyond PATH_MAX goes one component at a time. */
    static const struct { const char *below; bool opens; } cases[] = {
        { "in/d/x", true }, { "in/up", false }, { "in/d/y", false }, { "in/dir/x", false }, { "in/top/etc/passwd", false },
        { "../etc/passwd", false }, { "in/../in/d/x", false }, { "in/d", false }, { "", false }, { "gone", false }, { "in/d/x/", true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[5000] = "";
        for (size_t k = 0; k < 4200; k += 2)
            memcpy(path + k, "./", 2);
        strcpy(path + 4200, cases[i].below);
        CHECK_WHY(can_open(p, path) == cases[i].opens, cases[i].below);
    }
}

static void test_pipe_does_not_block(void **state)
{
    struct place *p = *state;

    CHECK(mkfifo(c_at(p, "pipe"), 0600) == 0);
    CHECK(!can_open(p, "pipe"));
    CHECK_STR(str_c(p->e.what), STR("open: not a plain file"));
}

static void test_list(void **state)
{
    struct place    *p = *state;
    struct os_entry *list;
    size_t           n;

    CHECK(p->os.mkdir(&p->os, at(p, "b"), &p->e));
    put(p, "a", STR("12345"));
    put(p, "B", STR(""));
    put(p, "\xff\xfe", STR(""));
    CHECK(symlink("a", c_at(p, "l")) == 0);
    CHECK(mkfifo(c_at(p, "p"), 0600) == 0);
    CHECK(p->os.list(&p->os, p->root, STR(""), &p->t.a, &list, &n, &p->e));
    CHECK(n == 6);
    CHECK_STR(list[0].name, STR("B"));
    CHECK_STR(list[1].name, STR("a"));
    CHECK_STR(list[5].name, STR("\xff\xfe"));
    CHECK(list[1].st.kind == OS_FILE && list[1].st.size_bytes == 5 && list[1].st.btime_us == TIME_NONE && list[1].st.mtime_us > 0);
    CHECK(list[2].st.kind == OS_DIR && list[3].st.kind == OS_LINK && list[4].st.kind == OS_OTHER);
    CHECK(!p->os.list(&p->os, p->root, STR("a"), &p->t.a, &list, &n, &p->e));
    CHECK(!p->os.list(&p->os, p->root, STR("l"), &p->t.a, &list, &n, &p->e));
    struct arena tight = { .beg = p->t.a.beg, .end = p->t.a.beg + 40 };
    CHECK(!p->os.list(&p->os, p->root, STR(""), &tight, &list, &n, &p->e) && p->e.kind == ERR_MEMORY);
}

static void test_names_beyond_path_max(void **state)
{
    struct place *p = *state;
    struct str    below = STR("");
    char          name[201];

    /* Windows allows 32,767 characters: far more than one call of this kernel takes. */
    memset(name, 'n', 200);
    name[200] = 0;
    CHECK(chdir(p->dir) == 0);
    for (int i = 0; i < 30; i++) {
        CHECK(mkdir(name, 0700) == 0 && chdir(name) == 0);
        below = str_fmt(&p->t.a, "%.*s%s%s", STR_ARG(below), below.n ? "/" : "", name);
        if (below.n > 4000)     /* STR_ARG cuts at 4096 for messages */
            break;
    }
    CHECK(mkdir(name, 0700) == 0 && chdir(name) == 0);
    below = str_cat(&p->t.a, str_cat(&p->t.a, below, STR("/")), str_c(name));
    FILE *f = fopen("x", "w");
    CHECK(f && fclose(f) == 0);
    CHECK(chdir("/") == 0);
    CHECK(below.n > 4096 - 100);
    below = str_cat(&p->t.a, below, STR("/x"));

    struct os_file h = OS_FILE_NONE;
    uint64_t       size;
    CHECK(p->os.open(&p->os, p->root, below, &h, &size, &p->e));
    p->os.close(&p->os, &h);
}

static void test_stat(void **state)
{
    struct place  *p = *state;
    struct os_stat st;

    put(p, "a", STR("12345"));
    CHECK(symlink("a", c_at(p, "l")) == 0);
    CHECK(p->os.stat(&p->os, at(p, "l"), &st, &p->e) && st.kind == OS_FILE && st.size_bytes == 5);
    CHECK(p->os.stat(&p->os, p->root, &st, &p->e) && st.kind == OS_DIR);
    CHECK(!p->os.stat(&p->os, at(p, "gone"), &st, &p->e) && p->e.kind == ERR_IO);
    CHECK(!p->os.stat(&p->os, STR("a\0b"), &st, &p->e));
}

static void test_machine(void **state)
{
    struct place *p = *state;
    struct arena  a, whole;

    CHECK(os_cores() >= 1);
    CHECK(os_peak_memory_bytes() > 1 << 20);
    CHECK(p->os.now_us(&p->os) > INT64_C(1600000000) * 1000000);
    CHECK(p->os.tick_us(&p->os) <= p->os.tick_us(&p->os));
    CHECK(os_arena_map(&whole, (size_t)1 << 36, &p->e));
    a = whole;
    uint8_t *x = NEW(&a, uint8_t, 100);
    CHECK(x && x[99] == 0);
    os_arena_unmap(&whole);
    os_arena_unmap(&whole);
    CHECK(!os_arena_map(&whole, 0, &p->e));
    CHECK(!os_arena_map(&whole, SIZE_MAX / 2, &p->e) && p->e.kind == ERR_MEMORY);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_write_and_read), T(test_uncommitted_leaves_nothing), T(test_spool), T(test_links_are_not_followed), T(test_pipe_does_not_block), T(test_list),
        T(test_names_beyond_path_max), T(test_stat), T(test_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
