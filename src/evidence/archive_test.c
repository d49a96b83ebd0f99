/* What holds for every archive: members are read by many threads at once, and by a process that goes on from a snapshot. */
#include "test.h"

#include "base/num.h"
#include "evidence/archive_fixture.h"
#include "os/pool.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MEMBERS = 24, SIZE = 150001 };

struct made { uint8_t p[8 << 20]; size_t n; };
static struct made o;      /* the tests' own */

static uint8_t byte_at(size_t member, size_t i) { return (uint8_t)((i * 31 >> 4) ^ (i / 777) ^ member * 5); }

static void make(bool zip, bool packed)
{
    static uint8_t body[SIZE];
    struct archive *a = archive_write_new();

    if (zip) {
        archive_write_set_format_zip(a);
        assert_int_equal(packed ? archive_write_zip_set_compression_deflate(a) : archive_write_zip_set_compression_store(a), ARCHIVE_OK);
    } else {
        archive_write_set_format_ustar(a);
        if (packed)
            archive_write_add_filter_gzip(a);
    }
    archive_write_set_bytes_in_last_block(a, 1);
    assert_int_equal(archive_write_open_memory(a, o.p, sizeof o.p, &o.n), ARCHIVE_OK);
    for (size_t k = 0; k < MEMBERS; k++) {
        char name[32];
        for (size_t i = 0; i < SIZE; i++)
            body[i] = byte_at(k, i);
        snprintf(name, sizeof name, "d%zu/m%02zu", k % 3, k);
        struct archive_entry *x = archive_entry_new();
        archive_entry_set_pathname(x, name);
        archive_entry_set_filetype(x, AE_IFREG);
        archive_entry_set_size(x, SIZE);
        CHECK(archive_write_header(a, x) >= ARCHIVE_WARN && archive_write_data(a, body, SIZE) == SIZE);
        archive_entry_free(x);
    }
    archive_write_close(a);
    archive_write_free(a);
}

/* Piece after piece, the member opened anew for each, or once for all. */
static bool read_all(struct os *os, size_t k, bool anew, size_t from)
{
    char           name[32];
    uint8_t        buf[7001];
    struct os_file f = OS_FILE_NONE;
    uint64_t       size;
    struct err     e = { 0 };
    bool           ok = true;

    snprintf(name, sizeof name, "d%zu/m%02zu", k % 3, k);
    for (size_t off = from, got = sizeof buf; ok && got == sizeof buf; off += got) {
        if (f.h < 0)
            ok = os->open(os, STR(""), str_c(name), &f, &size, &e) && size == SIZE;
        ok = ok && os->read_at(os, f, off, buf, sizeof buf, &got, &e) && got == (SIZE - off < sizeof buf ? SIZE - off : sizeof buf);
        for (size_t i = 0; ok && i < got; i++)
            ok = buf[i] == byte_at(k, off + i);
        if (anew)
            os->close(os, &f);
    }
    os->close(os, &f);
    return ok;
}

static bool work(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    (void)worker;
    (void)turn;
    return read_all(ctx, i % MEMBERS, i & 1, 0) || err_set(e, ERR_IO, "member %zu read otherwise", i % MEMBERS);
}

static const struct { const char *why; bool zip, packed; } forms[] = {
    { "packed zip", true, true }, { "stored zip", true, false }, { "tar", false, false }, { "tar.gz", false, true },
};

static void test_threads(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT_OF(forms); k++) {
        struct bench *b = bench();
        struct err    e = { 0 };
        make(forms[k].zip, forms[k].packed);
        CHECK_WHY(open_bytes(b, o.p, o.n, forms[k].zip ? ARCHIVE_ZIP : ARCHIVE_SEQUENCE), b->e.what);
        CHECK_WHY(pool_run(6, MEMBERS * 4, work, archive_os(b->a), &e), e.what);
        assert_string_equal(b->heard.text, "");
        done(b);
    }
}

/* One handle, several threads: read_at may do that. */
struct shared { struct os *os; struct os_file f; };

static bool share(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    struct shared *s = ctx;
    uint8_t        buf[4096];
    size_t         off = i * 7919 % SIZE, got = 0;

    (void)worker;
    (void)turn;
    bool ok = s->os->read_at(s->os, s->f, off, buf, sizeof buf, &got, e) && got == (SIZE - off < sizeof buf ? SIZE - off : sizeof buf);
    for (size_t k = 0; ok && k < got; k++)
        ok = buf[k] == byte_at(0, off + k) || err_set(e, ERR_IO, "byte %zu", off + k);
    return ok;
}

static void test_one_handle(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT_OF(forms); k++) {
        struct bench *b = bench();
        struct shared s = { .f = OS_FILE_NONE };
        struct err    e = { 0 };
        uint64_t      size;
        make(forms[k].zip, forms[k].packed);
        CHECK(open_bytes(b, o.p, o.n, forms[k].zip ? ARCHIVE_ZIP : ARCHIVE_SEQUENCE));
        s.os = archive_os(b->a);
        CHECK(s.os->open(s.os, STR("d0"), STR("m00"), &s.f, &size, &e));
        CHECK_WHY(pool_run(4, 60, share, &s, &e), e.what);
        s.os->close(s.os, &s.f);
        done(b);
    }
}

/* A copy of the process reads on from where the first stood, and so does the first: neither moves the other. The disk is a real one. */
static void test_snapshot(void **state)
{
    struct os real = os_posix();

    (void)state;
    for (size_t k = 0; k < COUNT_OF(forms); k++) {
        char           path[] = "/tmp/ap-archive-XXXXXX";
        struct bench  *b = bench();
        struct os_file f;
        uint64_t       size;
        uint8_t        buf[5000];
        size_t         got;
        int            fd = mkstemp(path), status;
        make(forms[k].zip, forms[k].packed);
        CHECK(fd >= 0 && write(fd, o.p, o.n) == (ssize_t)o.n);
        close(fd);
        spool_close(b->spool);
        CHECK(spool_open(&b->spool, &real, STR("/tmp"), &b->limits, &b->t.a, &b->e));
        struct archive_from from = { .os = &real, .root = STR("/tmp"), .below = str_from(str_c(path), 5), .name = STR("x") };
        CHECK(archive_open(&b->a, &from, forms[k].zip ? ARCHIVE_ZIP : ARCHIVE_SEQUENCE, &b->limits, b->spool, NULL, hear, &b->heard, &b->t.a, &b->e));
        struct os *os = archive_os(b->a);
        CHECK(os->open(os, STR("d1"), STR("m01"), &f, &size, &b->e) && os->read_at(os, f, 0, buf, sizeof buf, &got, &b->e) && got == sizeof buf);
        pid_t child = fork();
        bool  ok = os->read_at(os, f, got, buf, sizeof buf, &got, &b->e) && got == sizeof buf && buf[0] == byte_at(1, 5000) && buf[4999] == byte_at(1, 9999);
        for (size_t i = 0; ok && i < MEMBERS; i++)
            ok = read_all(os, child ? i : MEMBERS - 1 - i, i & 1, 0);
        if (child == 0)
            _exit(ok ? 0 : 1);
        CHECK(ok && child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
        os->close(os, &f);
        unlink(path);
        done(b);
    }
}

/* A container that is not there, is a folder, is empty, or of no kind. */
static void test_not_opened(void **state)
{
    struct bench *b = bench();
    static const struct { const char *below; enum archive_kind kind; enum err_kind want; } c[] = {
        { "none", ARCHIVE_ZIP, ERR_IO }, { "d", ARCHIVE_ZIP, ERR_IO }, { "empty", ARCHIVE_ZIP, ERR_FORMAT }, { "text", ARCHIVE_ZIP, ERR_FORMAT }, { "text", ARCHIVE_SEQUENCE, ERR_FORMAT },
        { "text", ARCHIVE_NONE, ERR_FORMAT }, { "text", ARCHIVE_OTHER, ERR_FORMAT },
    };

    (void)state;
    os_mem_dir(b->m, "/e/d");
    os_mem_add(b->m, "/e/empty", STR(""));
    os_mem_add(b->m, "/e/text", STR("#Software: Microsoft Internet Information Services 8.5\r\n"));
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct archive_from from = { .os = &b->m->os, .root = STR("/e"), .below = str_c(c[i].below), .name = str_c(c[i].below) };
        struct err          e = { 0 };
        CHECK_WHY(!archive_open(&b->a, &from, c[i].kind, &b->limits, b->spool, NULL, hear, &b->heard, &b->t.a, &e), c[i].below);
        CHECK_WHY(e.kind == c[i].want && e.what[0] && e.where[0] && b->m->open_now == 0, c[i].below);
    }
    b->a = NULL;
    done(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads), cmocka_unit_test(test_one_handle), cmocka_unit_test(test_snapshot), cmocka_unit_test(test_not_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
