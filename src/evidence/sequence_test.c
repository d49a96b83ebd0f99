/* Archives that are read once, front to back: made here by libarchive's writer, then cut, bent and bounded. */
#include "test.h"

#include "base/num.h"
#include "base/time.h"
#include "evidence/archive_fixture.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

struct made { uint8_t p[4 << 20]; size_t n; };
static struct made o;      /* the tests' own; nothing runs beside them */

struct item { const char *name; struct str body; const char *link, *hard; uint32_t type; };
enum { TAR, TGZ, TBZ, TXZ, TZST, SEVEN, ZIP };

static void make(int form, const struct item *it, size_t n)
{
    struct archive *a = archive_write_new();
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), was = uselocale(utf8);

    switch (form) {
    case SEVEN: archive_write_set_format_7zip(a); break;
    case ZIP:   archive_write_set_format_zip(a); break;
    default:    archive_write_set_format_pax_restricted(a); break;
    }
    if (form == TGZ)
        archive_write_add_filter_gzip(a);
    if (form == TBZ)
        archive_write_add_filter_bzip2(a);
    if (form == TXZ)
        archive_write_add_filter_xz(a);
    if (form == TZST)
        archive_write_add_filter_zstd(a);
    archive_write_set_bytes_in_last_block(a, 1);
    assert_int_equal(archive_write_open_memory(a, o.p, sizeof o.p, &o.n), ARCHIVE_OK);
    for (size_t i = 0; i < n; i++) {
        struct archive_entry *x = archive_entry_new();
        archive_entry_set_pathname(x, it[i].name);
        archive_entry_set_filetype(x, it[i].link ? AE_IFLNK : it[i].type ? it[i].type : AE_IFREG);
        archive_entry_set_perm(x, 0644);
        archive_entry_set_mtime(x, 1614772800, 0);
        if (it[i].link)
            archive_entry_set_symlink(x, it[i].link);
        else if (it[i].hard)
            archive_entry_set_hardlink(x, it[i].hard);
        else
            archive_entry_set_size(x, (la_int64_t)it[i].body.n);
        CHECK(archive_write_header(a, x) >= ARCHIVE_WARN);
        if (it[i].body.n)
            CHECK(archive_write_data(a, it[i].body.p, it[i].body.n) == (la_ssize_t)it[i].body.n);
        archive_entry_free(x);
    }
    archive_write_close(a);
    archive_write_free(a);
    uselocale(was);
    freelocale(utf8);
}

static const struct item plain[] = {
    { .name = "fs/C:/inetpub/logs/u_ex.log", .body = STR_INIT("2021-03-03 12:00:00 GET / 200\r\n") },
    { .name = "./fs/C:/a.txt", .body = STR_INIT("text") },
    { .name = "fs/C:/empty", .body = STR_INIT("") },
    { .name = "fs/C:/dir/", .body = STR_INIT(""), .type = AE_IFDIR },
    { .name = "fs/C:/\xc3\xbc.txt", .body = STR_INIT("umlaut") },
    { .name = "fs/C:/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      .body = STR_INIT("long name") },
};

static void test_forms(void **state)
{
    static const struct { int form; const char *name; } f[] = { { TAR, "tar" }, { TGZ, "tar.gz" }, { TBZ, "tar.bz2" }, { TXZ, "tar.xz" }, { TZST, "tar.zst" }, { SEVEN, "7z" } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(f); i++) {
        struct bench *b = bench();
        char          text[4096];
        const char   *what, *hint;
        make(f[i].form, plain, COUNT_OF(plain));
        CHECK_WHY(archive_probe((struct str){ o.p, o.n < ARCHIVE_HEAD ? o.n : ARCHIVE_HEAD }, str_fmt(&b->t.a, "x.%s", f[i].name), &what, &hint) == ARCHIVE_SEQUENCE, f[i].name);
        CHECK_WHY(open_bytes(b, o.p, o.n, ARCHIVE_SEQUENCE), b->e.what);
        assert_string_equal(archive_form(b->a), f[i].name);
        assert_string_equal(listing(b, "", text), "fs/ ");
        CHECK_WHY(strncmp(listing(b, "fs/C:", text), "a.txt aaaa", 10) == 0 && strstr(text, "dir/ empty inetpub/ \xc3\xbc.txt "), f[i].name);
        for (size_t k = 0; k < COUNT_OF(plain); k++)
            if (plain[k].type != AE_IFDIR)
                for (size_t step = 1; step < 40; step += 13)
                    CHECK_STR(content(b, str_c(plain[k].name), step), plain[k].body);
        const struct member *m = members_find(archive_members(b->a), STR("fs/C:/a.txt"));
        CHECK_WHY(m && m->mtime_us == INT64_C(1614772800) * TIME_SECOND, f[i].name);
        assert_string_equal(b->heard.text, "");
        /* Only what is packed needs the spool. */
        CHECK_WHY((spool_bytes(b->spool) > 0) == (f[i].form != TAR), f[i].name);
        done(b);
    }
}

static void test_hostile(void **state)
{
    static const struct { const char *why; struct item it[3]; size_t n; const char *list, *told, *read, *body; } c[] = {
        { "out of the tree", { { .name = "../x", .body = STR_INIT("a") }, { .name = "ok", .body = STR_INIT("b") } }, 2, "ok ", "../x|unsafe name: \"..\" in it\n", "ok", "b" },
        { "absolute", { { .name = "/etc/x", .body = STR_INIT("a") } }, 1, "etc/ ", "", "etc/x", "a" },
        { "one name twice", { { .name = "x", .body = STR_INIT("first") }, { .name = "x", .body = STR_INIT("second") } }, 2, "x x+ ", "", "x", "first" },
        { "a hard link", { { .name = "x", .body = STR_INIT("body") }, { .name = "y", .hard = "x" } }, 2, "x y ", "", "y", "body" },
        { "a hard link to a hard link", { { .name = "x", .body = STR_INIT("body") }, { .name = "y", .hard = "./x" }, { .name = "z", .hard = "y" } }, 3, "x y z ", "", "z", "body" },
        { "a hard link out", { { .name = "y", .hard = "../../etc/passwd" } }, 1, "", "y|link: leads out of the archive\n", NULL, NULL },
        { "a hard link to what comes later", { { .name = "y", .hard = "x" }, { .name = "x", .body = STR_INIT("body") } }, 2, "x ", "y|link: its target is not in the archive\n", "x", "body" },
        { "a hard link to itself", { { .name = "y", .hard = "y" } }, 1, "", "y|link: its target is not in the archive\n", NULL, NULL },
        { "a link inside", { { .name = "d/l", .link = "../x" } }, 1, "d/ ", "", NULL, NULL },
        { "a link out", { { .name = "l", .link = "/etc" } }, 1, "", "l|link: leads out of the archive\n", NULL, NULL },
        { "a pipe", { { .name = "p", .body = STR_INIT(""), .type = AE_IFIFO } }, 1, "", "p|not a plain file: not opened\n", NULL, NULL },
        { "a device of Windows", { { .name = "NUL", .body = STR_INIT("n") } }, 1, "NUL ", "NUL|name of a device: no file on Windows can have it\n", "NUL", "n" },
    };
    static const int forms[] = { TAR, TGZ };

    (void)state;
    for (size_t k = 0; k < COUNT_OF(forms); k++)
        for (size_t i = 0; i < COUNT_OF(c); i++) {
            struct bench *b = bench();
            char          text[4096];
            make(forms[k], c[i].it, c[i].n);
            CHECK_WHY(open_bytes(b, o.p, o.n, ARCHIVE_SEQUENCE), c[i].why);
            if (strcmp(listing(b, "", text), c[i].list) != 0 || strcmp(b->heard.text, c[i].told) != 0)
                fail_msg("%s: listed \"%s\", told \"%s\"", c[i].why, text, b->heard.text);
            if (c[i].read)
                CHECK_STR(content(b, str_c(c[i].read), 3), str_c(c[i].body));
            done(b);
        }
}

/* Cut at many lengths: what comes before the cut is there, and the member at the cut as far as it goes (packed: to the last whole block of the filter). */
static void test_cut(void **state)
{
    static uint8_t body[300000];
    struct item    it[] = { { .name = "one", .body = STR_INIT("first") }, { .name = "two", .body = { body, sizeof body } }, { .name = "three", .body = STR_INIT("third") } };
    static const int forms[] = { TAR, TGZ, TBZ, TXZ, TZST, SEVEN };

    (void)state;
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (uint8_t)(i * 2654435761u >> 11);
    for (size_t k = 0; k < COUNT_OF(forms); k++) {
        size_t partly = 0;
        make(forms[k], it, COUNT_OF(it));
        for (size_t n = 1; n < o.n; n += o.n / 37) {
            struct bench *b = bench();
            if (open_bytes(b, o.p, n, ARCHIVE_SEQUENCE)) {
                for (size_t i = 0; i < COUNT_OF(it); i++)
                    CHECK(str_starts(it[i].body, content(b, str_c(it[i].name), 1000)));
                size_t got = content(b, STR("two"), 4096).n;
                partly += got > 0 && got < sizeof body && strstr(b->heard.text, "two|truncated");
            } else {
                CHECK(b->e.kind == ERR_FORMAT && b->e.what[0] && b->e.hint[0]);
            }
            done(b);
        }
        if (partly <= 10 && forms[k] == TAR)
            fail_msg("form %d: %zu cuts gave a part", forms[k], partly);
        if (partly == 0 && forms[k] == TGZ)
            fail_msg("form %d: %zu cuts gave a part", forms[k], partly);
    }
}

static bool only_logs(void *ctx, const struct member *m) { return (void)ctx, str_ends(m->name, STR(".log")); }

static void test_want_and_limits(void **state)
{
    static const struct item it[] = { { .name = "a.log", .body = STR_INIT("12345") }, { .name = "b.bin", .body = STR_INIT("1234567890") }, { .name = "c.log", .body = STR_INIT("1234") } };
    char text[4096];

    (void)state;
    struct bench *b = bench();
    make(TGZ, it, 3);
    b->want = only_logs;
    CHECK(open_bytes(b, o.p, o.n, ARCHIVE_SEQUENCE));
    assert_string_equal(listing(b, "", text), "a.log b.bin c.log ");
    CHECK_STR(content(b, STR("a.log"), 9), STR("12345"));
    CHECK_STR(content(b, STR("c.log"), 9), STR("1234"));
    CHECK_STR(content(b, STR("b.bin"), 9), STR(""));
    CHECK(b->e.kind == ERR_LIMIT && strcmp(b->heard.text, "b.bin|not spooled\n") == 0);
    CHECK(members_find(archive_members(b->a), STR("b.bin"))->size_bytes == 10);
    done(b);

    b = bench();
    b->limits.members = 2;
    CHECK(open_bytes(b, o.p, o.n, ARCHIVE_SEQUENCE));
    assert_string_equal(listing(b, "", text), "a.log b.bin ");
    assert_string_equal(b->heard.text, "|too many: entries beyond the limit members of 2\n");
    done(b);

    b = bench();
    b->limits.unpacked = 12;
    CHECK(open_bytes(b, o.p, o.n, ARCHIVE_SEQUENCE));
    assert_string_equal(listing(b, "", text), "a.log ");
    assert_string_equal(b->heard.text, "b.bin|too large: beyond the limit unpacked\n|too large: what follows that member was not read\n");
    done(b);

    make(TAR, it, 3);           /* a plain tar is passed without unpacking: the rest is read */
    b = bench();
    b->limits.unpacked = 12;
    CHECK(open_bytes(b, o.p, o.n, ARCHIVE_SEQUENCE));
    assert_string_equal(listing(b, "", text), "a.log c.log ");
    done(b);

    make(TGZ, it, 3);
    b = bench();
    spool_close(b->spool);
    b->limits.spool_memory = 1;
    CHECK(spool_open(&b->spool, &b->m->os, STR(""), &b->limits, &b->t.a, &b->e) && open_bytes(b, o.p, o.n, ARCHIVE_SEQUENCE));
    CHECK_STR(content(b, STR("a.log"), 9), STR(""));
    CHECK(b->e.kind == ERR_LIMIT && strstr(b->e.hint, "--out") && strstr(b->heard.text, "a.log|not spooled: beyond the limit of the spool\n"));
    done(b);
}

/* 200 MB of zeros in 200 KB: refused by what it states, and by what it does. */
static void test_bomb(void **state)
{
    enum { PART = 1 << 20, PARTS = 200 };
    static uint8_t zeros[PART];
    struct archive *a = archive_write_new();

    (void)state;
    archive_write_set_format_ustar(a);
    archive_write_add_filter_zstd(a);
    archive_write_set_bytes_in_last_block(a, 1);
    assert_int_equal(archive_write_open_memory(a, o.p, sizeof o.p, &o.n), ARCHIVE_OK);
    for (int i = 0; i < 2; i++) {
        struct archive_entry *x = archive_entry_new();
        archive_entry_set_pathname(x, i ? "bomb" : "small");
        archive_entry_set_filetype(x, AE_IFREG);
        archive_entry_set_size(x, i ? (la_int64_t)PART * PARTS : 100);
        CHECK(archive_write_header(a, x) == ARCHIVE_OK);
        for (int k = 0; k < (i ? PARTS : 1); k++)
            CHECK(archive_write_data(a, zeros, i ? PART : 100) >= 0);
        archive_entry_free(x);
    }
    archive_write_close(a);
    archive_write_free(a);
    struct bench *b = bench();
    char          text[4096];
    CHECK(open_bytes(b, o.p, o.n, ARCHIVE_SEQUENCE));
    assert_string_equal(listing(b, "", text), "small ");
    assert_string_equal(b->heard.text, "bomb|too large: beyond the limit ratio\n|too large: what follows that member was not read\n");
    done(b);
}

static void test_corpus(void **state)
{
    static const char *const name[] = { "tar", "pax", "tgz", "tbz", "txz", "tzst", "7z" };
    char text[4096];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(name); i++) {
        struct bench *b = bench();
        CHECK_WHY(open_corpus(b, (const char *)str_fmt(&b->t.a, "sequence/%s", name[i]).p, ARCHIVE_SEQUENCE), b->e.what);
        assert_string_equal(listing(b, "C", text), "a.txt empty inetpub/ l@ ");
        CHECK_STR(content(b, STR("C/inetpub/u_ex.log"), 5), STR("GET / 200\r\nGET / 200\r\nGET / 200\r\n"));
        assert_string_equal(b->heard.text, "");
        done(b);
    }
    struct bench *b = bench();
    CHECK(open_corpus(b, "sequence/sparse", ARCHIVE_SEQUENCE));
    struct str s = content(b, STR("C/sparse"), 777);
    CHECK(s.n == 20002 && s.p[0] == 0 && s.p[19999] == 0 && s.p[20000] == 'x' && spool_bytes(b->spool) > 0);
    CHECK_STR(content(b, STR("C/a.txt"), 9), STR("text\n"));
    CHECK_STR(content(b, STR("C/hard"), 9), STR("text\n"));
    done(b);

    b = bench();
    b->password = STR("secret");
    CHECK(open_corpus(b, "sequence/7z-encrypted", ARCHIVE_SEQUENCE));
    CHECK_STR(content(b, STR("C/a.txt"), 9), STR(""));
    if (b->e.kind != ERR_FORMAT || !strstr(b->heard.text, "C/a.txt|encrypted\n") || strstr(b->heard.text, "truncated"))
        fail_msg("%s; %s", b->e.what, b->heard.text);
    done(b);
    b = bench();
    CHECK(!open_corpus(b, "sequence/7z-hidden", ARCHIVE_SEQUENCE) && b->e.kind == ERR_FORMAT && strstr(b->e.what, "encrypted"));
    done(b);
    b = bench();
    CHECK(!open_corpus(b, "sequence/7z-cut", ARCHIVE_SEQUENCE) && strstr(b->e.what, "truncated"));
    done(b);
}

/* Headers that make libarchive give up a tar cost what they describe, not what follows. */
static void test_resumes(void **state)
{
    struct bench *b = bench();

    (void)state;
    CHECK(open_corpus(b, "sequence/tar-lying-headers", ARCHIVE_SEQUENCE));
    CHECK_STR(content(b, STR("C/one.txt"), 9), STR("one"));
    CHECK_STR(content(b, STR("C/two.txt"), 9), STR("two"));
    CHECK_STR(content(b, STR("C/three.txt"), 9), STR("three"));
    assert_string_equal(b->heard.text, "|damaged: entries that cannot be read were left out\n");
    done(b);
}

/* What is known and not read says so. */
static void test_probe(void **state)
{
    static const struct { struct str head; const char *name; enum archive_kind want; } c[] = {
        { STR_INIT("PK\3\4"),            "x.zip",     ARCHIVE_ZIP },
        { STR_INIT("PK\5\6"),            "x.zip",     ARCHIVE_ZIP },
        { STR_INIT("PK\3\4"),            "x.zip.001", ARCHIVE_OTHER },
        { STR_INIT("Rar!\x1a\x07\1\0"),  "x.rar",     ARCHIVE_OTHER },
        { STR_INIT("MSCF\0\0\0\0"),      "x.cab",     ARCHIVE_OTHER },
        { STR_INIT("\x1f\x8b\x08"),      "x.tar.gz",  ARCHIVE_SEQUENCE },
        { STR_INIT("\x1f\x8b\x08"),      "u_ex.log.gz", ARCHIVE_OTHER },
        { STR_INIT("BZh9"),              "x.TBZ2",    ARCHIVE_SEQUENCE },
        { STR_INIT("\x28\xb5\x2f\xfd"),  "x.zst",     ARCHIVE_OTHER },
        { STR_INIT("#Software: IIS"),    "x.zip",     ARCHIVE_NONE },
        { STR_INIT("MZ\x90\0\3\0\0\0"),  "x.zip",     ARCHIVE_ZIP },
        { STR_INIT("MZ\x90\0\3\0\0\0"),  "x.exe",     ARCHIVE_NONE },
        { STR_INIT(""),                  "x.zip",     ARCHIVE_NONE },
        { STR_INIT("PK"),                "x.zip",     ARCHIVE_NONE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        const char *what, *hint;
        struct str  in = test_heap(c[i].head.p, c[i].head.n);
        CHECK_WHY(archive_probe(in, str_c(c[i].name), &what, &hint) == c[i].want, c[i].name);
        CHECK_WHY(c[i].want != ARCHIVE_OTHER || (what[0] && hint[0]), c[i].name);
        test_free(in);
    }
}

/* A tar in a zip: packed, its members are spooled; stored, they are ranges of ranges. */
static void test_nested(void **state)
{
    static struct made in;

    (void)state;
    make(TAR, plain, COUNT_OF(plain));
    memcpy(in.p, o.p, in.n = o.n);
    for (int form = 0; form < 2; form++) {
        struct item   it = { .name = "in.tar", .body = { in.p, in.n } };
        struct bench *b = bench();
        make(form ? TAR : ZIP, &it, 1);
        CHECK(open_bytes(b, o.p, o.n, form ? ARCHIVE_SEQUENCE : ARCHIVE_ZIP));
        struct archive_from from = { archive_os(b->a), STR(""), STR("in.tar"), STR("x!/in.tar"), STR_EMPTY, NULL };
        struct archive     *outer = b->a;
        CHECK(archive_open(&b->a, &from, ARCHIVE_SEQUENCE, &b->limits, b->spool, NULL, hear, &b->heard, &b->t.a, &b->e));
        CHECK_STR(content(b, STR("fs/C:/inetpub/logs/u_ex.log"), 7), plain[0].body);
        CHECK((spool_bytes(b->spool) > 0) == !form);
        archive_close(b->a);
        b->a = outer;
        done(b);
    }
}

/* The disk fails, one call after the other: an error, or what came before is kept and it is told. */
static void test_faults(void **state)
{
    static const int forms[] = { TAR, TGZ, SEVEN };

    (void)state;
    for (size_t k = 0; k < COUNT_OF(forms); k++) {
        make(forms[k], plain, 3);
        for (uint32_t left = 1;; left++) {
            struct bench *b = bench();
            b->m->fault = (struct fault){ .left = left };
            bool ok = open_bytes(b, o.p, o.n, ARCHIVE_SEQUENCE), fired = b->m->fault.fired;
            CHECK(ok ? !fired || b->heard.n : b->e.kind != ERR_NONE && b->e.what[0]);
            done(b);
            if (!fired)
                break;
        }
    }
}

/* Memory of the index fails, one push after the other. */
static void test_memory(void **state)
{
    static const struct item it[] = { { .name = "a", .body = STR_INIT("x") }, { .name = "b", .hard = "a" }, { .name = "c", .link = "a" } };

    (void)state;
    make(TGZ, it, COUNT_OF(it));
    for (uint32_t left = 1;; left++) {
        struct bench *b = bench();
        struct fault  f = { .left = left };
        b->file = test_heap(o.p, o.n);
        os_mem_add(b->m, "/e/x", b->file);
        struct archive_from from = { .os = &b->m->os, .root = STR("/e"), .below = STR("x"), .name = STR("x") };
        b->t.a.fault = &f;
        bool ok = archive_open(&b->a, &from, ARCHIVE_SEQUENCE, &b->limits, b->spool, NULL, hear, &b->heard, &b->t.a, &b->e);
        b->t.a.fault = NULL;
        CHECK(ok == !f.fired && (ok || (b->e.kind == ERR_MEMORY && b->e.what[0])));
        done(b);
        if (!f.fired)
            return;
    }
}

/* Each byte of small archives changed in turn: nothing but orderly answers, and the same ones twice. */
static void test_bent(void **state)
{
    static const struct item it[] = { { .name = "a/b", .body = STR_INIT("packed packed packed packed") }, { .name = "c", .hard = "a/b" } };
    static const int forms[] = { TGZ, TZST, SEVEN };

    (void)state;
    for (size_t k = 0; k < COUNT_OF(forms); k++) {
        make(forms[k], it, forms[k] == SEVEN ? 1 : 2);
        for (size_t at = 0; at < o.n; at += 1 + o.n / 300) {
            struct bench *b = bench();
            o.p[at] ^= 0x41;
            if (open_bytes(b, o.p, o.n, ARCHIVE_SEQUENCE))
                for (size_t i = 0; i < members_n(archive_members(b->a)); i++) {
                    const struct member *m = members_at(archive_members(b->a), i);
                    if (m->kind == MEMBER_FILE && m->size_bytes < 1 << 20)
                        CHECK_STR(content(b, m->name, 5), content(b, m->name, 1000));
                }
            else
                CHECK(b->e.kind != ERR_NONE && b->e.what[0]);
            o.p[at] ^= 0x41;
            done(b);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms), cmocka_unit_test(test_hostile), cmocka_unit_test(test_cut), cmocka_unit_test(test_want_and_limits), cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_corpus), cmocka_unit_test(test_resumes), cmocka_unit_test(test_probe), cmocka_unit_test(test_nested), cmocka_unit_test(test_faults),
        cmocka_unit_test(test_memory), cmocka_unit_test(test_bent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
