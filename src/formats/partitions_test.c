#include "test.h"

#include "formats/partitions.h"

#include "make_mft.h"

struct disk { uint8_t *p; size_t n; };
static bool disk_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    const struct disk *d = ctx;

    (void)e;
    *got = off >= d->n ? 0 : d->n - off < cap ? d->n - (size_t)off : cap;
    memcpy(buf, d->p + (off < d->n ? off : 0), *got);
    return true;
}

static void entry(uint8_t *p, uint8_t type, uint32_t first, uint32_t count) { p[4] = type, mk_le(p + 8, first, 4), mk_le(p + 12, count, 4); }
static void mark(uint8_t *s) { s[510] = 0x55, s[511] = 0xAA; }
static void volume(uint8_t *p, const char *oem) { memcpy(p + 3, oem, 8), mark(p); }

static struct partitions *read_all(struct disk *d)
{
    static struct partitions p;
    struct blocks b = { disk_read, d, d->n };
    struct err    e = { 0 };

    CHECK(partitions_read(&p, &b, &e));
    return &p;
}

static void kinds(void **state)
{
    static const struct { const char *oem; enum volume_kind kind; bool says; } c[] = {
        { "NTFS    ", VOLUME_NTFS, false }, { "-FVE-FS-", VOLUME_BITLOCKER, true }, { "EXFAT   ", VOLUME_EXFAT, true }, { "ReFS\0\0\0\0", VOLUME_REFS, true }, { "whatever", VOLUME_UNKNOWN, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        uint8_t     s[512] = { 0 };
        const char *hint;
        volume(s, c[i].oem);
        CHECK_WHY(volume_kind_of((struct str){ s, sizeof s }) == c[i].kind, c[i].oem);
        CHECK_WHY((volume_kind_says(c[i].kind, &hint) != NULL) == c[i].says && (hint[0] != 0) == c[i].says, c[i].oem);
        CHECK_WHY(partitions_probe((struct str){ s, sizeof s }) == (c[i].kind != VOLUME_UNKNOWN), c[i].oem);
    }
}

static void mbr(void **state)
{
    struct disk        d = { calloc(1, 64 << 10), 64 << 10 };
    struct partitions *p;

    (void)state;
    mark(d.p);
    entry(d.p + 446, 7, 2, 8), entry(d.p + 462, 0x42, 12, 4), entry(d.p + 478, 5, 20, 60);
    volume(d.p + 2 * 512, "NTFS    ");
    mark(d.p + 20 * 512), entry(d.p + 20 * 512 + 446, 7, 2, 4), entry(d.p + 20 * 512 + 462, 5, 10, 10);
    volume(d.p + 22 * 512, "-FVE-FS-");
    mark(d.p + 30 * 512), entry(d.p + 30 * 512 + 446, 7, 2, 4000);
    p = read_all(&d);
    CHECK(p->n == 4 && p->one[0].kind == VOLUME_NTFS && p->one[0].off == 1024 && p->one[0].size_bytes == 4096 && p->one[0].number == 1);
    CHECK(p->one[1].kind == VOLUME_LDM && p->one[2].kind == VOLUME_BITLOCKER && p->one[2].number == 5);
    CHECK(p->one[3].off == 32 * 512 && p->one[3].size_bytes == d.n - 32 * 512 && p->trouble);
    entry(d.p + 30 * 512 + 462, 5, 10, 10);             /* the chain leads to itself */
    CHECK(read_all(&d)->trouble && read_all(&d)->n <= 5);
    entry(d.p + 30 * 512 + 462, 5, 0, 10);
    CHECK(strstr(read_all(&d)->trouble, "beyond") || strstr(read_all(&d)->trouble, "back"));
    free(d.p);
}

static void whole_and_none(void **state)
{
    struct disk        d = { calloc(1, 8192), 8192 };
    struct partitions *p;

    (void)state;
    CHECK(read_all(&d)->n == 0);
    volume(d.p, "NTFS    ");
    p = read_all(&d);
    CHECK(p->n == 1 && p->one[0].number == 0 && p->one[0].size_bytes == 8192);
    d.n = 100;
    CHECK(read_all(&d)->n == 0);
    free(d.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(kinds), cmocka_unit_test(mbr), cmocka_unit_test(whole_and_none) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
