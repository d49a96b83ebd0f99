/* setuplog: whole and one byte at a time give the same sessions; msert stays within its bounds on the same bytes. */
#include "formats/msert.h"
#include "formats/setuplog.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { ROOM = 4 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint8_t        *mem = malloc(2 * (size_t)ROOM);
    struct arena    a = { mem, mem + ROOM, NULL }, b = { mem + ROOM, mem + 2 * (size_t)ROOM, NULL };
    struct setuplog x, y;
    struct err      e = { 0 };
    struct msert    m;

    MUST(mem);
    setuplog_open(&x, &a);
    setuplog_open(&y, &b);
    bool ok = setuplog_push(&x, (struct str){ data, n }, &e) && setuplog_done(&x, &e), ok2 = true;
    for (size_t i = 0; i < n && ok2; i++)
        ok2 = setuplog_push(&y, (struct str){ data + i, 1 }, &e);
    ok2 = ok2 && setuplog_done(&y, &e);
    MUST(ok == ok2);
    if (ok) {
        MUST(x.n == y.n && x.n <= SETUPLOG_SESSIONS_MAX && x.lines == y.lines && x.strange == y.strange);
        for (size_t i = 0; i < x.n; i++) {
            MUST(x.session[i].start_us == y.session[i].start_us && x.session[i].end_us == y.session[i].end_us);
            MUST(str_eq(x.session[i].version, y.session[i].version));
            MUST(x.session[i].start_us == TIME_NONE || x.session[i].end_us >= x.session[i].start_us);
        }
    }
    a = (struct arena){ mem, mem + ROOM, NULL };
    if (msert_parse(&m, &a, (struct str){ data, n }, &e))
        MUST(m.n <= MSERT_ITEMS_MAX);
    free(mem);
    return 0;
}
