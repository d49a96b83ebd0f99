/* usn: any bytes as a change journal: records come in order and lie inside, it ends, and skipping what is known to be a hole changes nothing. */
#include "formats/usn.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

struct disk { const uint8_t *p; size_t n; };

static bool disk_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    const struct disk *d = ctx;

    (void)e;
    *got = off >= d->n ? 0 : d->n - off < cap ? d->n - (size_t)off : cap;
    if (*got)
        memcpy(buf, d->p + off, *got);
    return true;
}

static uint64_t disk_data(void *ctx, uint64_t off)
{
    const struct disk *d = ctx;
    while (off < d->n && d->p[off] == 0)
        off++;
    return off;
}

static uint64_t run(struct disk *d, usn_data *data, uint64_t *ret_lost)
{
    static uint8_t    buf[USN_BUFFER];
    struct usn        u;
    struct usn_record r;
    struct err        e = { 0 };
    uint64_t          sum = 0, next = 0;

    usn_open(&u, disk_read, data, d, buf);
    while (usn_next(&u, &r, &e)) {
        MUST(r.offset >= next && r.offset < d->n && (r.major == 4 || (r.raw.n && !(r.raw.n & 1) && r.time_us != TIME_NONE)));
        MUST(r.raw.n == 0 || (r.raw.p >= buf && r.raw.p + r.raw.n <= buf + sizeof buf));
        next = r.offset + 56;
        sum  = sum * 31 + str_hash(r.raw) + r.offset + r.reason + r.file.record;
    }
    MUST(e.kind == ERR_NONE && u.lost <= d->n + 8);
    *ret_lost = u.lost;
    return sum * 31 + u.records;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct disk d = { data, n };
    uint64_t    one, two;

    MUST(run(&d, NULL, &one) == run(&d, disk_data, &two) && one == two);
    return 0;
}
