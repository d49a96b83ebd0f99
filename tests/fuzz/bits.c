/* bits: any bytes as a job store, in one window and in several; items within the input and their bounds. */
#include "formats/bits.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

static void carve(struct str in, size_t step)
{
    enum { KEEP = 2 << 20, ROOM = 1 << 20 };
    static uint8_t mem[KEEP + ROOM];
    struct arena keep = { mem, mem + KEEP, NULL }, scratch = { mem + KEEP, mem + KEEP + ROOM, NULL };
    struct bits  b;
    struct err   e = { 0 };
    bool         ok = true;

    bits_open(&b, &keep);
    for (size_t off = 0; ok; off += step) {
        bool last = in.n - off <= step + BITS_OVERLAP;
        ok = bits_scan(&b, str_sub(in, off, last ? in.n : off + step + BITS_OVERLAP), off, last, scratch, &e);
        if (last)
            break;
    }
    MUST(ok || e.kind == ERR_MEMORY);
    MUST(b.n <= BITS_ITEMS_MAX);
    for (size_t i = 0; i < b.n; i++) {
        const struct bits_item *it = &b.item[i];
        MUST(it->off < in.n && it->url.n <= BITS_TEXT_MAX && it->line.n <= BITS_TEXT_MAX && (it->command ? it->line.n && it->owner.n : it->url.n));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str in = { data, n < (512u << 10) ? n : 512u << 10 };

    carve(in, 1 << 20);
    carve(in, BITS_OVERLAP);
    return 0;
}
