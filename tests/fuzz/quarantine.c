/* quarantine: any bytes as an entry and as a history; paths are those of a drive. The first byte says whether the rest is plain: then it is locked first. */
#include "formats/quarantine.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

static void check(const struct quarantine *q)
{
    MUST(q->path_n <= QUARANTINE_PATHS_MAX && q->threat.p);
    for (size_t i = 0; i < q->path_n; i++)
        MUST(q->path[i].n > 3 && q->path[i].p[1] == ':');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { ROOM = 4 << 20 };
    uint8_t          *mem = malloc(ROOM), *copy = malloc(n ? n : 1);
    struct arena      a = { mem, mem + ROOM, NULL };
    struct str        in = { copy, n ? n - 1 : 0 };
    struct quarantine q;
    struct err        e = { 0 };

    for (size_t i = 1; i < n; i++)
        copy[i - 1] = data[i];
    if (n && data[0] % 2 && in.n > 60) {
        uint32_t one = copy[40] | (uint32_t)copy[41] << 8;
        struct str rest = str_from(in, 60);
        quarantine_rc4(copy, str_sub(in, 0, 60));
        one = one < rest.n ? one : (uint32_t)rest.n;
        quarantine_rc4(copy + 60, str_sub(rest, 0, one));
        quarantine_rc4(copy + 60 + one, str_from(rest, one));
    }
    if (quarantine_entry(&q, &a, in, &e))
        check(&q);
    a = (struct arena){ mem, mem + ROOM, NULL };
    if (quarantine_history(&q, &a, in, &e)) {
        check(&q);
        MUST(q.threat.n);
    }
    free(copy);
    free(mem);
    return 0;
}
