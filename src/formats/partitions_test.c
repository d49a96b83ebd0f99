#include "test.h"

#include "formats/partitions.h"

#include "base/num.h"
#include "make_image.h"

static void entry(uint8_t *p, uint8_t type, uint32_t first, uint32_t count) { p[4] = type, mk_le(p + 8, first, 4), mk_le(p + 12, count, 4); }
static void mark(uint8_t *s) { s[510] = 0x55, s[511] = 0xAA; }
static void volume(uint8_t *p, const char *oem) { memcpy(p + 3, oem, 8), mark(p); }

static struct partitions *read_all(struct mki_disk *d)
{
    static struct partitions p;
    struct blocks b = mki_block(d);
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
    struct mki_disk        d = { .p = calloc(1, 64 << 10), .n = 64 << 10 };
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
    struct mki_disk        d = { .p = calloc(1, 8192), .n = 8192 };
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

/* ---- GPT ---- */

enum { GPT_DISK = 64 << 10, GPT_LBAS = GPT_DISK / 512 };

static void gpt_entry(uint8_t *p, uint8_t type, uint64_t first, uint64_t last) { memset(p, type, 16), memset(p + 16, type + 1, 16), mk_le(p + 32, first, 8), mk_le(p + 40, last, 8); }

static void gpt_head(uint8_t *p, uint64_t lba, uint32_t n, uint32_t size)
{
    memcpy(p, "EFI PART", 8), memset(p + 56, 0xD1, 16), mk_le(p + 72, lba, 8), mk_le(p + 80, n, 4), mk_le(p + 84, size, 4);
}

static void gpt_disk(struct mki_disk *d)
{
    *d = (struct mki_disk){ .p = calloc(1, GPT_DISK), .n = GPT_DISK };
    mark(d->p), entry(d->p + 446, 0xEE, 1, GPT_LBAS - 1);
    gpt_head(d->p + 512, 2, 4, 128);
    gpt_entry(d->p + 1024, 0x11, 16, 31), gpt_entry(d->p + 1024 + 128, 0x22, 32, 63);
    volume(d->p + 16 * 512, "NTFS    "), volume(d->p + 32 * 512, "ReFS\0\0\0\0");
    gpt_head(d->p + GPT_DISK - 512, GPT_LBAS - 5, 4, 128);
    memcpy(d->p + GPT_DISK - 5 * 512, d->p + 1024, 512);
}

static void gpt(void **state)
{
    /* What is poked into the table; how many partitions are left of it, and what is said. */
    static const struct { size_t at; const char *bytes; size_t bytes_n, n; const char *says, *why; } c[] = {
        { 0, "", 0, 2, NULL, "whole" },
        { 512, "x", 1, 2, "copy was used", "no header: the copy at the end" },
        { 512 + 84, "\0\0\0\0", 4, 2, "damaged", "entries of nothing: the copy at the end" },
        { 512 + 84, "\xFF\xFF\xFF\xFF", 4, 2, "damaged", "entries of gigabytes" },
        { 512 + 72, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, 2, "damaged", "a list that lies nowhere" },
        { 512 + 80, "\xFF\xFF\xFF\xFF", 4, 128, "more partitions", "a list without end" },
        { 1024 + 32, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, 1, "ends before", "" },
        { 1024 + 40, "\xFF\xFF\xFF\xFF\0\0\0\0", 8, 2, "ends beyond", "" },
        { 1024 + 40, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, 1, "ends before", "its size does not fit 64 bits" },
        { 1024 + 32, "\0\0\1\0\0\0\0\0\0\0\2\0\0\0\0\0", 16, 1, "beyond", "a partition behind the end" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct mki_disk d;
        gpt_disk(&d);
        memcpy(d.p + c[i].at, c[i].bytes, c[i].bytes_n);
        if (c[i].n == 128)                                   /* as many as there is room for */
            for (int k = 0; k < 200 && 1024 + 128 * k < GPT_DISK - 128; k++)
                gpt_entry(d.p + 1024 + 128 * k, 0x11, 16, 16);
        struct partitions *p = read_all(&d);
        if (p->n != c[i].n || !!p->trouble != !!c[i].says || (c[i].says && !strstr(p->trouble, c[i].says)))
            fail_msg("%zu %s: %zu partitions, \"%s\"", i, c[i].why, p->n, p->trouble ? p->trouble : "");
        if (i < 2)
            CHECK(p->gpt && p->disk_id[0] == 0xD1 && p->one[0].guid[0] == 0x12 && p->one[0].off == 16 * 512 && p->one[0].size_bytes == 16 * 512 && p->one[1].kind == VOLUME_REFS);
        free(d.p);
    }
}

/* A read that fails ends the table with words. */
static void faults(void **state)
{
    struct mki_disk   d;
    bool              fired = true;

    (void)state;
    gpt_disk(&d);
    for (uint32_t n = 1; fired; n++) {
        static struct partitions p;
        struct blocks b = mki_block(&d);
        struct err    e = { 0 };
        d.fault = (struct fault){ .left = n };
        bool ok = partitions_read(&p, &b, &e);
        fired = d.fault.fired;
        CHECK(n < 100 && ok == !fired && (ok || (e.kind == ERR_IO && e.what[0])));
    }
    free(d.p);
}

/* Each link names the next, as many as fit: it ends, and says so. */
static void long_chain(void **state)
{
    struct mki_disk d = { .p = calloc(1, 256 << 10), .n = 256 << 10 };

    (void)state;
    mark(d.p), entry(d.p + 446, 5, 1, 400);
    for (uint32_t i = 1; i < 400; i++)
        mark(d.p + i * 512), entry(d.p + i * 512 + 446, 7, 0, 1), entry(d.p + i * 512 + 462, 5, i, 1);
    struct partitions *p = read_all(&d);
    CHECK(p->n <= PARTITIONS_MAX && p->trouble && strstr(p->trouble, "does not end"));
    free(d.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(kinds), cmocka_unit_test(mbr), cmocka_unit_test(whole_and_none), cmocka_unit_test(gpt), cmocka_unit_test(faults),
                                        cmocka_unit_test(long_chain) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
