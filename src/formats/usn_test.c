#include "test.h"

#include "formats/usn.h"

#include "make_mft.h"

#define DAY (INT64_C(18689) * TIME_DAY)

struct disk { const uint8_t *p; uint64_t hole, n; size_t piece; };

static bool disk_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    const struct disk *d = ctx;

    (void)e;
    *got = off >= d->hole + d->n ? 0 : d->hole + d->n - off < cap ? (size_t)(d->hole + d->n - off) : cap;
    for (size_t i = 0; i < *got; i++)
        buf[i] = off + i < d->hole ? 0 : d->p[off + i - d->hole];
    return true;
}
static uint64_t disk_data(void *ctx, uint64_t off) { const struct disk *d = ctx; return off < d->hole ? d->hole : off; }

static void records(void **state)
{
    static uint8_t page[3 * 4096], buf[USN_BUFFER];
    struct usn_record r;
    struct usn u;
    struct err e = { 0 };
    size_t at = 0;

    (void)state;
    at += mku_record(page, 2, MKU_REF(50, 2), MKU_REF(40, 1), 4096, DAY, USN_CREATE, 0x20, "one.aspx");
    at += mku_record(page + at, 3, MKU_REF(51, 2), MKU_REF(40, 1), 4200, DAY + 1, USN_DELETE | USN_CLOSE, 0x20, "two.aspx");
    memcpy(page + at, "\x40\0\0\0\x04\0\0\0", 8), page[at + 40] = 1, mk_le(page + at + 48, USN_CLOSE, 4);       /* version 4: no name */
    size_t four = at;
    at += 0x40;
    memcpy(page + at, "garbage!garbage!", 16);
    mku_record(page + 4096, 2, MKU_REF(52, 2), MKU_REF(40, 1), 8192, DAY + 2, USN_RENAME_NEW, 0x20, "three.aspx");
    for (int hint = 0; hint < 2; hint++) {
        struct disk d = { page, (3 << 20) + 4096, sizeof page, 0 };
        usn_open(&u, disk_read, hint ? disk_data : NULL, &d, buf);
        CHECK(usn_next(&u, &r, &e) && r.file.record == 50 && r.parent.sequence == 1 && r.time_us == DAY && r.reason == USN_CREATE && r.raw.n == 16 && r.offset == d.hole);
        CHECK(usn_next(&u, &r, &e) && r.file.record == 51 && r.major == 3 && r.reason == (USN_DELETE | USN_CLOSE) && r.raw.n == 16);
        CHECK(usn_next(&u, &r, &e) && r.major == 4 && r.raw.n == 0 && r.time_us == TIME_NONE && r.offset == d.hole + four);
        CHECK(usn_next(&u, &r, &e) && r.file.record == 52 && r.usn == 8192);
        CHECK(!usn_next(&u, &r, &e) && e.kind == ERR_NONE && u.records == 4 && u.lost == 16);
    }
}

/* Any byte may be wrong: it ends, and gives no more records than fit. */
static void damaged(void **state)
{
    static uint8_t buf[USN_BUFFER];
    uint8_t page[512];

    (void)state;
    for (size_t i = 0; i < 200; i++)
        for (int bit = 0; bit < 8; bit++) {
            struct usn_record r;
            struct usn u;
            struct err e = { 0 };
            size_t at = 0, n = 0;
            memset(page, 0, sizeof page);
            for (int k = 0; k < 2; k++)
                at += mku_record(page + at, 2 + k, 50, 40, 4096, DAY, USN_CREATE, 0x20, "one.aspx");
            page[i] ^= (uint8_t)(1 << bit);
            struct disk d = { page, 0, sizeof page, 0 };
            usn_open(&u, disk_read, NULL, &d, buf);
            while (usn_next(&u, &r, &e)) {
                CHECK(r.offset < sizeof page && r.raw.n < sizeof page);
                n++;
            }
            CHECK(n <= 3 && u.lost <= sizeof page);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(records), cmocka_unit_test(damaged) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
