/* minidump: any bytes as a memory dump; reads stay few, names within their bounds. */
#include "formats/minidump.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

struct disk { struct str s; uint32_t reads; };

static bool disk_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct disk *d = ctx;

    (void)e;
    d->reads++;
    *got = off >= d->s.n ? 0 : d->s.n - off < cap ? d->s.n - (size_t)off : cap;
    if (*got)
        memcpy(buf, d->s.p + off, *got);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { ROOM = 2 << 20 };
    uint8_t         *mem = malloc(ROOM);
    struct arena     a = { mem, mem + ROOM, NULL };
    struct disk      d = { { data, n }, 0 };
    struct minidump *m = malloc(sizeof *m);
    struct err       e = { 0 };

    if (minidump_open(m, &a, disk_read, &d, &e)) {
        MUST(m->module_n <= MINIDUMP_MODULES_MAX && (!m->bent || m->module_n));
        (void)minidump_has(m, STR("lsass.exe"));
    } else {
        MUST(e.kind == ERR_FORMAT || e.kind == ERR_MEMORY);
    }
    /* A stream with many modules is read once for each stream that names it, at most. */
    MUST(d.reads <= 2 + MINIDUMP_STREAMS_MAX * 3 + 2 * MINIDUMP_MODULES_MAX);
    free(m);
    free(mem);
    return 0;
}
