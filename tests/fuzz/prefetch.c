/* prefetch: any bytes, packed or not; lists within their bounds, work bounded by the size unpacked. */
#include "formats/prefetch.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { ROOM = 2 << 20 };
    uint8_t        *mem = malloc(ROOM);
    struct arena    a = { mem, mem + ROOM, NULL };
    struct prefetch p;
    struct err      e = { 0 };

    if (!prefetch_parse(&p, &a, (struct str){ data, n }, &e)) {
        MUST(e.kind != ERR_NONE && e.what[0]);
        free(mem);
        return 0;
    }
    MUST(p.file_n <= PREFETCH_FILES_MAX && p.run_n <= PREFETCH_TIMES && p.version >= 17 && p.version <= 31 && p.name.n <= 3 * 30);
    for (size_t i = 0; i < p.file_n; i++) {
        struct str s = prefetch_below_drive(p.file[i]);
        MUST(p.file[i].n && s.n <= p.file[i].n);
    }
    free(mem);
    return 0;
}
