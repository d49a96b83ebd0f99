/* mplog: any lines; items are threats, their paths are those of a drive, counts and times agree. */
#include "formats/mplog.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { ROOM = 4 << 20 };
    static uint8_t mem[ROOM];
    struct arena a = { mem, mem + ROOM, NULL };
    struct str   in = { data, n < (256u << 10) ? n : 256u << 10 }, line;
    struct mplog m;
    struct err   e = { 0 };

    mplog_open(&m, &a);
    for (uint64_t number = 1; str_cut(&in, '\n', &line); number++)
        MUST(mplog_line(&m, line, number, &e) || e.kind == ERR_MEMORY);
    MUST(m.n <= MPLOG_ITEMS_MAX && m.command_n <= MPLOG_COMMANDS_MAX);
    for (size_t i = 0; i < m.n; i++) {
        const struct mplog_item *it = &m.item[i];
        MUST((it->asked ? it->threat.n == 0 && it->path.n > 3 : mplog_is_threat(it->threat)) && it->count && it->line && (it->path.n == 0 || (it->path.n > 3 && it->path.p[1] == ':')));
        MUST(!it->removed || it->removed_us <= m.newest_us || m.newest_us == TIME_NONE);
    }
    for (size_t i = 0; i < m.command_n; i++)
        MUST(m.command[i].line.n <= MPLOG_TEXT_MAX);
    return 0;
}
