/* shape: an answer for any bytes; no text of it holds a mark of script; the key is short. */
#include "webshell/shape.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { ROOM = 16 << 20 };
static bool calm(struct str s) { return str_chr(s, '<') == STR_NONE && str_chr(s, '%') == STR_NONE; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint8_t     *mem = malloc(ROOM);
    struct err   e = { 0 };
    struct shape s;

    MUST(mem);
    for (int classic = 0; classic < 2; classic++) {
        struct arena a = { mem, mem + ROOM, NULL };
        if (!shape_of(&s, &a, (struct str){ data, n }, classic, &e)) {
            MUST(e.kind == ERR_MEMORY);
            continue;
        }
        MUST(calm(s.why) && calm(s.url) && calm(s.server) && calm(s.origin) && calm(s.folder) && calm(s.version));
        MUST(!s.decisive || (s.why.n && s.kind != SHAPE_NONE && s.kind != SHAPE_PADDED));
        MUST(!s.planted || (s.decisive && s.kind == SHAPE_SETTINGS));
    }
    free(mem);
    return 0;
}
