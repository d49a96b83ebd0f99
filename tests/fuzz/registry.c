/*
 * registry: any bytes as a hive of a server, through every detector of the registry. Each fact has a title, a reason and a place in the hive; what accuses is
 * sure enough to; a second look says the same.
 */
#include "detect/reg.h"

#include <stdlib.h>
#include <string.h>

enum { KEEP = 24 << 20, SCRATCH = 64 << 20, PILE = 4 << 20 };

static uint64_t once(struct str in, uint8_t *room)
{
    struct ev_node       node = { .family = FAM_REGISTRY, .path = STR("C:\\Windows\\System32\\config\\SOFTWARE"), .size_bytes = in.n, .mtime_us = TIME_NONE, .btime_us = TIME_NONE };
    struct ev            v = { .node = &node, .node_n = 1, .system_drive = 'C' };
    struct arena         keep = { room, room + KEEP, NULL };
    struct pack          pack = { 0 };
    static struct detected found;
    struct hunt_options  opt = { .jobs = 1, .since_us = TIME_NONE, .until_us = TIME_NONE };
    _Atomic uint64_t     bytes = 0;
    struct files_work    w = { .scratch = { room + KEEP, room + KEEP + SCRATCH, NULL }, .pile = { room + KEEP + SCRATCH, room + KEEP + SCRATCH + PILE, NULL } };
    struct files_context c = { .ev = &v, .pack = &pack, .opt = &opt, .keep = &keep, .found = &found, .bytes_read = &bytes, .work = &w };
    struct files_node    n = { .node = &node, .body = in, .scratch = w.scratch };
    struct err           e = { 0 };
    uint64_t             sum = 0;

    memset(&found, 0, sizeof found);
    found.ev   = &v;
    found.pack = &pack;
    found.server.um_role = -1;
    if (!files_registry.look(&c, &n, &e) || !files_registry.done(&c, &e)) {
        if (e.kind == ERR_NONE || !e.what[0])
            abort();
        return 0;
    }
    for (size_t i = 0; i < found.fact_n; i++) {
        const struct file_fact *f = &found.fact[i];
        if (!f->title.n || !f->why.n || !f->detector.n || (f->kind == FILE_FACT_WAY_BACK && (f->confidence < 0.8 || !f->what.n || !f->name.n)))
            abort();
        sum = sum * 31 + str_hash(f->name) + str_hash(f->cite.excerpt) + str_hash(f->why);
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t *room;               /* once: a new one each time would be all the work */

    room = room ? room : malloc(KEEP + SCRATCH + PILE);
    if (once((struct str){ data, n }, room) != once((struct str){ data, n }, room))
        abort();
    return 0;
}
