#include "test.h"

#include "base/hash.h"
#include "evidence/packed.h"
#include "make_zip.h"
#include "os/mem.h"

#include <archive.h>
#include <archive_entry.h>
#include <lzma.h>
#include <zstd.h>

static const struct str text = STR_INIT("ip,build\n192.0.2.1,15.1.2176.9\n192.0.2.2,15.1.2176.2\n");

struct got { char form[8]; struct str bytes; size_t members; uint8_t sha256[32]; uint64_t size_bytes; bool damaged; };

/* One file in a world of memory: member `i`, in reads of `step`. */
static bool read_it(struct str file, const struct ev_limits *limits, size_t i, size_t step, struct got *ret, struct arena *a, struct err *e)
{
    struct os_mem *m = os_mem_open(a, INT64_C(1700000000000000));
    struct packed *p = NULL;
    struct str     name;
    uint8_t       *out = TAKE(a, uint8_t, 1 << 20);
    size_t         n = 0, got = 0;

    CHECK(m && out && os_mem_add(m, "/in/file", file));
    bool ok = packed_open(&p, &m->os, STR("/in/file"), limits, a, e);
    if (ok) {
        snprintf(ret->form, sizeof ret->form, "%s", packed_form(p));
        ret->members = packed_n(p);
        ret->damaged = packed_damage(p) != NULL;
    }
    ok = ok && packed_member(p, i, &name, e) && packed_hash(p, ret->sha256, &ret->size_bytes, e);
    while (ok && n < (1 << 20) - step) {
        ok = packed_fill(p, out + n, step, &got, e);
        n += got;
        if (got == 0)
            break;
    }
    ret->bytes = (struct str){ out, n };
    packed_close(p);
    CHECK(m->open_now == 0);
    return ok;
}

static struct str zst(struct arena *a, struct str s)
{
    size_t   cap = ZSTD_compressBound(s.n);
    uint8_t *p = TAKE(a, uint8_t, cap);
    return (struct str){ p, ZSTD_compress(p, cap, s.p, s.n, 3) };
}

static struct str xz(struct arena *a, struct str s)
{
    size_t   cap = lzma_stream_buffer_bound(s.n), n = 0;
    uint8_t *p = TAKE(a, uint8_t, cap);

    CHECK(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, s.p, s.n, p, &n, cap) == LZMA_OK);
    return (struct str){ p, n };
}

static void forms(void **state)
{
    struct ev_limits limits = ev_limits_default();

    (void)state;
    for (size_t step = 1; step < 100000; step *= 300) {
        struct test_arena     t = test_arena(16 << 20);
        struct zip_file       two[] = { { "a.csv", text }, { "sub/b.csv", STR("other\n") }, { "__MACOSX/._a.csv", STR("x") } };
        const struct { const char *form; struct str file; } all[] = {
            { "plain", text }, { "zst", zst(&t.a, text) }, { "xz", xz(&t.a, text) }, { "zip", make_zip(&t.a, two, 3) }, { "plain", STR("") },
        };
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
            struct arena a = t.a;
            struct got   g = { 0 };
            struct err   e = { 0 };
            uint8_t      want[32];

            if (!read_it(all[i].file, &limits, 0, step, &g, &a, &e))
                fail_msg("%s: %s", all[i].form, e.what);
            CHECK_STR(str_c(g.form), str_c(all[i].form));
            CHECK_STR(g.bytes, all[i].file.n ? text : STR_EMPTY);
            bool zip = strcmp(g.form, "zip") == 0;
            CHECK(g.members == (zip ? 2 : 1) && !g.damaged);
            CHECK(hash_sha256(zip ? text : all[i].file, want) && memcmp(want, g.sha256, 32) == 0 && g.size_bytes == (zip ? text.n : all[i].file.n));
        }
        struct arena a = t.a;
        struct got   g = { 0 };
        struct err   e = { 0 };
        CHECK(read_it(all[3].file, &limits, 1, step, &g, &a, &e));
        CHECK_STR(g.bytes, STR("other\n"));
        test_arena_free(&t);
    }
}

/* What came before the break is given, then the error. */
static void cut(void **state)
{
    struct ev_limits  limits = ev_limits_default();
    struct test_arena t = test_arena(32 << 20);
    size_t            n = 400000;
    uint8_t          *p = TAKE(&t.a, uint8_t, n);
    uint64_t          x = 88172645463325252u;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        p[i] = (uint8_t)('a' + (x >> 20) % 20);
    }
    struct str whole[] = { zst(&t.a, (struct str){ p, n }), xz(&t.a, (struct str){ p, n }) };
    for (size_t i = 0; i < 2; i++) {
        struct arena a = t.a;
        struct got   g = { 0 };
        struct err   e = { 0 };
        CHECK(!read_it(str_sub(whole[i], 0, whole[i].n - 1000), &limits, 0, 4096, &g, &a, &e));
        CHECK(e.kind == ERR_FORMAT && strstr(e.what, "cut") && g.bytes.n < n);
        CHECK(g.bytes.n == 0 || memcmp(g.bytes.p, p, g.bytes.n) == 0);
        CHECK(i == 1 || g.bytes.n > n / 2);
    }
    test_arena_free(&t);
}

/* A zip without its directory: its whole members are there. */
static void cut_zip(void **state)
{
    struct ev_limits  limits = ev_limits_default();
    struct test_arena t = test_arena(64 << 20);
    struct zip_file   two[] = { { "a.csv", text }, { "b.csv", STR("other\n") } };
    struct str        zip = make_zip(&t.a, two, 2);
    struct got        g = { 0 };
    struct err        e = { 0 };

    (void)state;
    if (!read_it(str_sub(zip, 0, zip.n - 60), &limits, 0, 100, &g, &t.a, &e))
        fail_msg("%s", e.what);
    CHECK_STR(g.bytes, text);
    CHECK(g.damaged);
    test_arena_free(&t);
}

/* Two files and a folder. gz: packed as well. */
static struct str tar(struct arena *a, bool gz, struct str one, struct str two)
{
    struct archive *w = archive_write_new();
    size_t          cap = one.n + two.n + (64 << 10), n = 0;
    uint8_t        *p = TAKE(a, uint8_t, cap);
    const struct str body[] = { STR_EMPTY, one, two };

    CHECK(archive_write_set_format_ustar(w) == ARCHIVE_OK && (!gz || archive_write_add_filter_gzip(w) == ARCHIVE_OK) && archive_write_open_memory(w, p, cap, &n) == ARCHIVE_OK);
    for (int i = 0; i < 3; i++) {
        struct archive_entry *x = archive_entry_new();
        archive_entry_set_pathname(x, i == 0 ? "r" : i == 1 ? "r/one.csv" : "r/two.csv");
        archive_entry_set_filetype(x, i ? AE_IFREG : AE_IFDIR);
        archive_entry_set_perm(x, 0644);
        archive_entry_set_size(x, (la_int64_t)body[i].n);
        CHECK(archive_write_header(w, x) == ARCHIVE_OK && archive_write_data(w, body[i].p, body[i].n) == (la_ssize_t)body[i].n);
        archive_entry_free(x);
    }
    CHECK(archive_write_close(w) == ARCHIVE_OK);
    archive_write_free(w);
    return (struct str){ p, n };
}

static void tars(void **state)
{
    struct test_arena t = test_arena(48 << 20);
    struct ev_limits  limits = ev_limits_default();
    struct got        got;
    struct err        e = { 0 };

    (void)state;
    for (int gz = 0; gz < 2; gz++) {
        struct str file = tar(&t.a, gz, STR("one"), text);
        for (size_t step = 1; step < 5000; step += 4000) {
            struct arena a = t.a;
            CHECK(read_it(file, &limits, 1, step, &got, &a, &e) && got.members == 2 && !strcmp(got.form, "tar") && str_eq(got.bytes, text) && got.size_bytes == text.n && !got.damaged);
        }
    }
    /* Of a packed one only so much is kept: that member is refused, and no more than that. */
    limits.spool_memory = 1 << 20;
    struct str big = { TAKE(&t.a, uint8_t, 4 << 20), 4 << 20 };
    for (uint64_t i = 0, r = 88172645463325252; i < big.n; i++) {       /* what cannot be packed */
        r ^= r << 13, r ^= r >> 7, r ^= r << 17;
        ((uint8_t *)(uintptr_t)big.p)[i] = (uint8_t)r;
    }
    struct str file = tar(&t.a, true, big, text);
    bool took = read_it(file, &limits, 0, 4096, &got, &t.a, &e);
    if (took || e.kind != ERR_FORMAT || !strstr(e.what, "no room") || !e.hint[0])
        fail_msg("%d %d %s; %s; %zu bytes", took, (int)e.kind, e.what, e.hint, got.bytes.n);
    e = (struct err){ 0 };
    CHECK(read_it(file, &limits, 1, 4096, &got, &t.a, &e) && str_eq(got.bytes, text));
    /* In place there is no such limit. */
    CHECK(read_it(tar(&t.a, false, big, text), &limits, 0, 4096, &got, &t.a, &e) && got.size_bytes == big.n);
    test_arena_free(&t);
}

static void refused(void **state)
{
    struct ev_limits  limits = ev_limits_default();
    struct test_arena t = test_arena(160 << 20);
    struct got        g = { 0 };
    struct err        e = { 0 };
    struct arena      a = t.a;
    static const uint8_t seven[512] = { '7', 'z', 0xBC, 0xAF, 0x27, 0x1C, 0, 4 };

    (void)state;
    CHECK(!read_it((struct str){ seven, sizeof seven }, &limits, 0, 100, &g, &a, &e) && e.kind == ERR_FORMAT && e.what[0]);      /* a 7z that is none */
    e = (struct err){ 0 };
    a = t.a;
    CHECK(!read_it(STR("Rar!\x1a\x07\0 and more"), &limits, 0, 100, &g, &a, &e) && e.kind == ERR_FORMAT && e.hint[0]);
    a = t.a;
    CHECK(!read_it(STR("PK\3\4 and nothing else"), &limits, 0, 100, &g, &a, &e));
    a = t.a;
    CHECK(!read_it(STR("\x28\xB5\x2F\xFD nonsense"), &limits, 0, 100, &g, &a, &e) && e.kind == ERR_FORMAT);
    /* 70 MB of zeros in a few kilobytes. */
    a = t.a;
    uint8_t   *zeros = NEW(&a, uint8_t, 70 << 20);
    struct str bomb = zst(&a, (struct str){ zeros, 70 << 20 });
    struct os_mem *m = os_mem_open(&a, 0);
    struct packed *p;
    struct str     name;
    uint8_t        buf[65536];
    size_t         got = 1, sum = 0;
    CHECK(m && os_mem_add(m, "/f", bomb) && packed_open(&p, &m->os, STR("/f"), &limits, &a, &e) && packed_member(p, 0, &name, &e));
    e = (struct err){ 0 };
    while (packed_fill(p, buf, sizeof buf, &got, &e) && got)
        sum += got;
    CHECK(e.kind == ERR_LIMIT && sum >= (64 << 20) && sum < (70 << 20));
    packed_close(p);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(forms), cmocka_unit_test(cut), cmocka_unit_test(cut_zip), cmocka_unit_test(tars), cmocka_unit_test(refused) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
