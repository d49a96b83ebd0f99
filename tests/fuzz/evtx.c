/* evtx: any bytes as a chunk and as a file; records go forward, values lie inside, work and memory stay within their bounds, the same bytes say the same. */
#include "formats/evtx.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

struct disk { const uint8_t *p; size_t n; };

static bool disk_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    const struct disk *d = ctx;

    (void)e;
    *got = off >= d->n ? 0 : d->n - off < cap ? d->n - (size_t)off : cap;
    if (*got)
        memcpy(buf, d->p + off, *got);
    return true;
}

/* What one record of a shape tells of the next one is what walking it tells. */
static void like(struct evtx_chunk *c, const struct evtx_record *r, const struct evtx_layout *l, const struct evtx_event *want, struct arena a)
{
    struct evtx_event got = { 0 };
    struct err        e = { 0 };

    if (!evtx_layout_read(c, r, l, &a, &got, &e)) {
        MUST(e.kind == ERR_MEMORY);
        return;
    }
    MUST(got.field_n == want->field_n);
    for (size_t i = 0; i < EVTX_SYSTEM_N; i++)
        MUST(got.system[i].type == want->system[i].type && str_eq(got.system[i].raw, want->system[i].raw));
    for (size_t i = 0; i < got.field_n; i++)
        MUST(str_eq(got.field[i].name, want->field[i].name) && got.field[i].value.type == want->field[i].value.type && str_eq(got.field[i].value.raw, want->field[i].value.raw));
}

static uint64_t chunk(struct str in, struct arena of_chunk, struct arena own)
{
    struct evtx_chunk  c;
    struct evtx_record r;
    uint64_t           sum = 0, shape = 0;
    struct evtx_layout *layout = NULL;
    size_t             before = 0;

    evtx_chunk_open(&c, &of_chunk, in);
    (void)evtx_chunk_whole(&c);
    while (evtx_chunk_next(&c, &r)) {
        struct arena      a = own, b = own;
        struct evtx_event ev;
        struct evtx_peek  p;
        struct err        e = { 0 };
        uint64_t          id = 0;
        MUST(r.off >= before && r.size >= (r.bad_size ? 24 : 28) && r.off + r.size <= c.in.n);
        before = r.off + r.size;
        MUST(evtx_event_peek(&c, &r, &b, &p, &e) || e.kind == ERR_MEMORY);
        uint8_t *from = a.beg;
        if (!evtx_event_read(&c, &r, &a, &ev, &e)) {
            MUST(e.kind == ERR_MEMORY);
            continue;
        }
        if (layout && p.shape == shape && !ev.damaged)
            like(&c, &r, layout, &ev, a);
        layout = NULL;
        if (p.shape && !ev.damaged)
            (void)evtx_layout_make(&c, &r, &ev, (struct str){ from, (size_t)(a.beg - from) }, &layout, &e);
        shape = p.shape;
        MUST(ev.field_n <= EVTX_FIELDS_MAX);
        if (!ev.damaged)
            MUST(p.event_id == (evtx_value_number(ev.system[EVTX_EVENT_ID], &id) ? (uint32_t)id : 0));
        sum = sum * 31 + r.id + ev.field_n;
        for (size_t i = 0; i < ev.field_n; i++) {
            struct arena t = a;
            struct str   s = evtx_value_text(&t, ev.field[i].value), again;
            MUST(s.p || arena_room(&a) < (4u << 20));
            t     = a;
            again = evtx_value_text(&t, ev.field[i].value);
            MUST(str_eq(s, again));
            sum = sum * 31 + str_hash(s) + str_hash(ev.field[i].name);
        }
    }
    MUST(c.steps <= EVTX_STEPS_MAX + 65536 && c.bytes <= EVTX_BYTES_MAX);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { ROOM = 64 << 20 };
    static uint8_t  *room;                                      /* once: clearing it for each input would be most of the work */
    static uint8_t   buf[EVTX_CHUNK_BYTES];
    struct disk      d = { data, n };
    struct evtx_file f;
    struct str       in;
    struct err       e = { 0 };
    uint64_t         off, last = 0, steps = 0;

    if (!room && !(room = malloc(2 * (size_t)ROOM)))
        return 0;
    struct arena a = { room, room + ROOM, NULL }, b = { room + ROOM, room + 2 * (size_t)ROOM, NULL };
    (void)chunk((struct str){ data, n }, a, b);
    MUST(evtx_file_open(&f, disk_read, &d, buf, &e));
    while (evtx_file_next(&f, &in, &off, &e)) {
        MUST(in.n && (steps++ == 0 || off > last) && off + in.n <= n);
        last = off;
        MUST(chunk(in, a, b) == chunk(in, a, b));
    }
    return 0;
}
