/* A volume by itself: what is read of it, absurd numbers, tables and lists that lead in circles, and reads and memory that fail. */
#include "test.h"

#include "base/num.h"
#include "formats/ntfs.h"
#include "make_image.h"

enum { ROOM = 512 << 10 };

struct set { struct mki_disk d; struct test_arena keep; struct ntfs v; struct blocks b; struct err e; };

static void make(struct set *s)
{
    *s = (struct set){ .d = { .p = malloc(VOLUME), .n = VOLUME }, .keep = test_arena(ROOM) };
    mki_volume(s->d.p);
    s->b = mki_block(&s->d);
}
static void drop(struct set *s) { free(s->d.p), test_arena_free(&s->keep); }
static uint8_t *record(struct set *s, size_t n) { return s->d.p + TABLE + n * 1024; }
static bool open_volume(struct set *s) { s->e = (struct err){ 0 }; return ntfs_open(&s->v, &s->b, &s->keep.a, &s->e); }

/* Opens and reads the whole; *ret_got bytes in `buf`. */
static bool read_file(struct set *s, uint64_t number, uint8_t *buf, size_t cap, size_t *ret_got)
{
    struct arena     a = s->keep.a;
    struct ntfs_file f;

    s->e = (struct err){ 0 };
    *ret_got = 0;
    return ntfs_file_open(&f, &s->v, number, 0, STR_EMPTY, &a, &s->e) && ntfs_file_read(&f, 0, buf, cap, ret_got, &s->e);
}

/* An entry of an attribute list: $DATA from that cluster on, in that record. */
static size_t list_entry(uint8_t *p, uint64_t first_vcn, uint64_t at, uint16_t sequence)
{
    memset(p, 0, 32);
    mk_le(p, 0x80, 4), mk_le(p + 4, 32, 2), p[7] = 26, mk_le(p + 8, first_vcn, 8), mk_le(p + 16, at | (uint64_t)sequence << 48, 8);
    return 32;
}
/* Runs of $DATA that do not begin the file. */
static void later_runs(struct mk_mft *m, const uint8_t *runs, size_t n, uint64_t first, uint64_t last)
{
    uint8_t *a = m->p + m->at;
    mkf_runs(m, "", runs, n, 1, 0, 0);
    mk_le(a + 16, first, 8), mk_le(a + 24, last, 8);
}

static void reads(void **state)
{
    static const uint8_t sparse[] = { 0x11, 1, 110, 0x01, 3, 0x11, 1, 1, 0 };
    struct set    s;
    uint8_t       buf[4096];
    size_t        got;
    struct mk_mft m;

    (void)state;
    make(&s);
    m = mkf_begin(record(&s, 20), 20, 1, 1, 0), mkf_standard(&m, DAY, DAY), mkf_name(&m, 5, 5, "x", DAY, 1), mkf_runs(&m, "", sparse, sizeof sparse, 5, 2300, 0x8000), mkf_end(&m);
    CHECK(open_volume(&s) && s.v.cluster_bytes == 512 && s.v.record_bytes == 1024 && s.v.record_n == 32 && !s.v.from_copy && !s.v.from_mirror);
    CHECK(read_file(&s, 14, buf, sizeof buf, &got) && got == 16 && memcmp(buf, "<configuration/>", 16) == 0);
    CHECK(read_file(&s, 15, buf, sizeof buf, &got) && got == 700 && buf[699] == 'p');
    CHECK(read_file(&s, 20, buf, sizeof buf, &got) && got == 2300 && buf[0] == 'p' && buf[512] == 0 && buf[2047] == 0 && buf[2048] == 'p' && buf[2299] == 0);
    CHECK(!read_file(&s, 30, buf, sizeof buf, &got) && !read_file(&s, 99, buf, sizeof buf, &got) && !read_file(&s, UINT64_MAX, buf, sizeof buf, &got));
    drop(&s);
}

/* The copy of the table's first records stands in for them; without both there is nothing to go by. */
static void mirror(void **state)
{
    struct set s;
    uint8_t    buf[64];
    size_t     got;

    (void)state;
    make(&s);
    memset(record(&s, 0), 0, 1024);
    CHECK(open_volume(&s) && s.v.from_mirror && s.v.record_n == 32 && read_file(&s, 14, buf, sizeof buf, &got) && got == 16);
    s.d.p[MIRROR] = 'x';
    CHECK(!open_volume(&s) && s.e.kind == ERR_FORMAT && s.e.what[0]);
    drop(&s);
    /* Torn: the ends of its sectors are not what they were. */
    make(&s);
    record(&s, 0)[1023] ^= 1;
    CHECK(open_volume(&s) && s.v.from_mirror);
    mk_le(s.d.p + 0x38, 16, 8);                              /* a mirror that is the table itself */
    CHECK(open_volume(&s) && !s.v.from_mirror);              /* torn is better than nothing */
    mk_le(s.d.p + 0x38, UINT64_MAX, 8);
    CHECK(open_volume(&s) && !s.v.from_mirror);
    memset(record(&s, 0), 0, 1024);
    CHECK(!open_volume(&s) && s.e.what[0]);
    drop(&s);
}

static void geometry(void **state)
{
    static const struct { size_t at; uint64_t value; int bytes; const char *says, *why; } c[] = {
        { 11, 0, 2, "sectors of 0", "divided by nothing" }, { 11, 513, 2, "sectors of", "" }, { 11, 0xFFFF, 2, "sectors of", "" },
        { 13, 0, 1, "clusters of 0", "" }, { 13, 3, 1, "clusters of", "no power of two" }, { 13, 0xE0, 1, "clusters of", "terabytes" }, { 13, 0x81, 1, "clusters of 0", "" },
        { 0x28, 0, 8, "0 sectors", "" }, { 0x28, UINT64_MAX, 8, "a volume of", "" },
        { 0x30, 255 + 2, 8, "beyond the volume", "a table behind the end" }, { 0x30, UINT64_MAX, 8, "beyond the volume", "" },
        { 0x40, 0, 1, "records of 0", "" }, { 0x40, 0x80, 1, "records of", "2^128" }, { 0x40, 0x7F, 1, "records of", "" }, { 0x40, 0xE1, 1, "records of", "2 GiB" },
        { 0x40, 0xF7, 1, "", "records of 512 bytes, which these are not" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct set s;
        make(&s);
        mk_le(s.d.p + c[i].at, c[i].value, c[i].bytes);
        bool ok = open_volume(&s);
        if (c[i].says[0] && (ok || s.e.kind != ERR_FORMAT || !strstr(s.e.what, c[i].says)))
            fail_msg("%zu %s: ok %d, \"%s\"", i, c[i].why, ok, s.e.what);
        drop(&s);
    }
}

/* Pieces of the table and of files that overlap, lie nowhere, or have no end. */
static void runs(void **state)
{
    static const struct { uint8_t run[12]; size_t n; const char *says, *why; } c[] = {
        { { 0x11, 8, 200, 0 }, 4, "damaged", "200 as a signed byte lies before the volume" },
        { { 0x21, 8, 0xFE, 0x00, 0 }, 5, "beyond the end", "runs over the end" },
        { { 0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 16, 0 }, 11, "", "exabytes" },
        { { 0x11, 0, 16, 0 }, 4, "", "a run of nothing" },
        { { 0x99, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0 }, 11, "damaged", "numbers of nine bytes" },
        { { 0x44, 1 }, 2, "", "cut" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct set    s;
        uint8_t       buf[8192];
        size_t        got;
        struct mk_mft m;
        make(&s);
        m = mkf_begin(record(&s, 20), 20, 1, 1, 0), mkf_standard(&m, DAY, DAY), mkf_runs(&m, "", c[i].run, c[i].n, 8, 4096, 0), mkf_end(&m);
        CHECK(open_volume(&s));
        bool ok = read_file(&s, 20, buf, sizeof buf, &got);
        if (ok ? c[i].says[0] != 0 : !s.e.what[0] || !strstr(s.e.what, c[i].says))
            fail_msg("%zu %s: ok %d, \"%s\"", i, c[i].why, ok, s.e.what);
        drop(&s);
    }
}

/* Lists that lead to themselves, to each other, to another file, and on without end. */
static void circles(void **state)
{
    static const uint8_t one[] = { 0x11, 1, 110, 0 }, two[] = { 0x11, 1, 111, 0 };
    struct set    s;
    uint8_t       list[16384 * 2], buf[4096];
    size_t        got, n;
    struct mk_mft m;

    (void)state;
    for (int kind = 0; kind < 6; kind++) {
        make(&s);
        n = list_entry(list, 0, 20, 1);
        n += list_entry(list + n, 1, kind == 1 ? 14 : kind == 2 ? 40 : 21, 1);
        if (kind == 3)                                       /* the same piece again and again */
            while (n < 600)
                n += list_entry(list + n, 1, n / 32 % 2 ? 21 : 22, 1);
        m = mkf_begin(record(&s, 20), 20, 1, 1, 0), mkf_standard(&m, DAY, DAY);
        if (kind == 5)                                       /* a list that is longer than it says, and is cut */
            mk_le(list + 36, 0xFFF8, 2);
        mkf_resident(&m, 0x20, "", list, n, 0), mkf_runs(&m, "", one, 4, kind == 4 ? 1 : 2, 1024, 0), mkf_end(&m);
        for (size_t k = 21; k < 23; k++) {
            m = mkf_begin(record(&s, k), k, 1, 1, 0), later_runs(&m, two, 4, 1, 1), mkf_end(&m);
            mk_le(m.p + 0x20, UINT64_C(1) << 48 | 20, 8);    /* belongs to record 20 */
            if (kind == 4)
                mk_le(m.p + 0x38 + 16, 0, 8);                /* it says that it begins the file as well */
        }
        CHECK(open_volume(&s));
        bool ok = read_file(&s, 20, buf, sizeof buf, &got);
        static const char *const says[] = { "", "another file", "beyond the end of the file table", "overlap", "two beginnings", "" };
        if (ok ? says[kind][0] != 0 : !strstr(s.e.what, says[kind]))
            fail_msg("circle %d: ok %d, \"%s\"", kind, ok, s.e.what);
        if (kind == 0)
            CHECK(ok && got == 1024 && buf[0] == 'p' && buf[512] == 'p');
        drop(&s);
    }
}

/* The table's own list says where its further records lie: in records that only it describes. */
static void table_in_itself(void **state)
{
    static const uint8_t first[] = { 0x11, 8, 16, 0 }, rest[] = { 0x11, 56, 24, 0 };
    struct set    s;
    uint8_t       list[64], buf[64];
    size_t        got;
    struct mk_mft m;

    (void)state;
    for (uint64_t at = 3; at <= 20; at += 17) {              /* record 3 lies in what is known, record 20 only in what it would describe */
        make(&s);
        size_t n = list_entry(list, 0, 0, 1);
        n += list_entry(list + n, 8, at, 1);
        m = mkf_begin(record(&s, 0), 0, 1, 1, 0), mkf_standard(&m, DAY, DAY), mkf_resident(&m, 0x20, "", list, n, 0), mkf_runs(&m, "", first, 4, 8, 32 * 1024, 0), mkf_end(&m);
        m = mkf_begin(record(&s, at), at, 1, 1, 0), later_runs(&m, rest, 4, 8, 63), mkf_end(&m);
        mk_le(m.p + 0x20, UINT64_C(1) << 48, 8);
        memcpy(s.d.p + MIRROR, record(&s, 0), 1024);
        if (at == 3)
            CHECK(open_volume(&s) && s.v.record_n == 32 && read_file(&s, 14, buf, sizeof buf, &got) && got == 16);
        else
            CHECK(!open_volume(&s) && s.e.what[0]);
        drop(&s);
    }
}

/* Every read and every piece of memory fails once. */
static bool all_of(struct set *s)
{
    uint8_t buf[1024];
    size_t  got;

    return open_volume(s) && read_file(s, 14, buf, sizeof buf, &got) && read_file(s, 15, buf, sizeof buf, &got);
}
static void faults(void **state)
{
    (void)state;
    for (int memory = 0; memory < 2; memory++) {
        bool fired = true;
        for (uint32_t n = 1; fired; n++) {
            struct set   s;
            struct fault f = { .left = memory ? n : 0 };
            make(&s);
            s.keep.a.fault = &f;
            s.d.fault.left = memory ? 0 : n;
            bool ok = all_of(&s);
            fired = f.fired || s.d.fault.fired;
            CHECK(n < 200 && (ok || (fired && s.e.kind != ERR_NONE && s.e.what[0])));
            /* What may fail and be survived: the boot sector, the first record, and the map of used clusters, each of which says so. */
            if (ok && fired)
                CHECK(s.v.from_copy || s.v.from_mirror || !s.v.bitmap.v);
            drop(&s);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(reads), cmocka_unit_test(mirror), cmocka_unit_test(geometry), cmocka_unit_test(runs), cmocka_unit_test(circles),
                                        cmocka_unit_test(table_in_itself), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
