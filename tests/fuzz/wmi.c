/* wmi: any bytes as a repository; texts within their bounds, the same in one window as twice, what bindings name is found under that name. */
#include "formats/wmi.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

static uint64_t carve(struct str in, size_t step)
{
    enum { KEEP = 2 << 20, ROOM = 1 << 20 };
    static uint8_t mem[KEEP + ROOM];
    struct arena keep = { mem, mem + KEEP, NULL }, scratch = { mem + KEEP, mem + KEEP + ROOM, NULL };
    struct wmi   w;
    struct err   e = { 0 };
    uint64_t     sum = 0;
    bool         ok = true;

    wmi_open(&w, &keep);
    for (size_t off = 0; ok; off += step) {
        bool last = in.n - off <= step + WMI_OVERLAP;
        ok = wmi_scan(&w, str_sub(in, off, last ? in.n : off + step + WMI_OVERLAP), off, last, scratch, &e);
        if (last)
            break;
    }
    ok = ok && wmi_settle(&w, &e);
    MUST(ok || e.kind == ERR_MEMORY);
    MUST(w.n <= WMI_ITEMS_MAX);
    for (size_t i = 0; ok && i < w.n; i++) {
        const struct wmi_item *it = &w.item[i];
        MUST(it->copies > 0 && it->part_n <= WMI_STRINGS_MAX && it->off < in.n && it->name.p && it->text.p);
        for (size_t k = 0; k < it->part_n; k++)
            MUST(it->part[k].n <= WMI_TEXT_MAX);
        MUST(it->kind == WMI_BINDING ? it->name.n && it->text.n : it->part_n > 0);
        MUST(!it->name.n || wmi_find(&w, it->kind, it->name));
        sum += str_hash(it->name) ^ str_hash(it->text) * 3 ^ (uint64_t)it->kind;
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str in = { data, n < (512u << 10) ? n : 512u << 10 };

    MUST(carve(in, 1 << 20) == carve(in, 1 << 20));
    (void)carve(in, WMI_OVERLAP);
    return 0;
}
