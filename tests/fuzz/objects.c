/* objects: any bytes. Counts stay within their bounds, objects are runs of pairs one after the other, and every text is readable. */
#include "formats/objects.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { ROOM = 8 << 20 };
    uint8_t       *room = malloc(ROOM);
    struct arena   a = { room, room + ROOM, NULL };
    struct err     e = { 0 };
    struct objects o;
    volatile uint8_t sum = 0;

    if (objects_parse(&o, &a, (struct str){ data, n }, &e)) {
        size_t next = 0;
        if (o.n > OBJECTS_MAX || o.pair_n > OBJECTS_PAIRS_MAX || (o.damaged && !o.what[0]))
            abort();
        for (size_t i = 0; i < o.n; i++) {
            if (o.object[i].first != next || o.object[i].n == 0)
                abort();
            next += o.object[i].n;
        }
        for (size_t i = 0; i < o.pair_n; i++) {
            if (o.pair[i].value.n > OBJECTS_TEXT_MAX)
                abort();
            for (size_t k = 0; k < o.pair[i].value.n; k++)
                sum = (uint8_t)(sum + o.pair[i].value.p[k]);
            for (size_t k = 0; k < o.pair[i].name.n; k++)
                sum = (uint8_t)(sum + o.pair[i].name.p[k]);
        }
        if (next != o.pair_n)
            abort();
    } else if (e.kind == ERR_NONE || !e.what[0]) {
        abort();
    }
    free(room);
    return 0;
}
