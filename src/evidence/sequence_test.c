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

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_forms) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
