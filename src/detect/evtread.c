#include "detect/evtread.h"

#include "base/num.h"
#include "detect/hunt_inner.h"
#include "evidence/twins.h"
#include "os/guard.h"

#include <string.h>

enum { WINDOW = 2 * EVTX_CHUNK_BYTES };

bool evt_read_room(struct arena *work, struct arena *ret, struct err *e)
{
    uint8_t *room = TAKE(work, uint8_t, WINDOW + 4096);

    *ret = (struct arena){ room, room ? room + WINDOW + 4096 : NULL, NULL };
    return room || err_set(e, ERR_MEMORY, "no room to read an event log");
}

struct reader { struct ev_stream *in; uint8_t *window; uint64_t at; size_t n; bool packed; };

/* A packed log is read once from its start to its end: the chunk reader's small steps back are served from what was kept. */
static bool read_at(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct reader *r = ctx;

    if (!r->packed)
        return ev_stream_read_at(r->in, off, buf, cap, ret_got, e);
    size_t have = 0;
    if (off >= r->at && off - r->at < r->n) {
        have = r->n - (size_t)(off - r->at);
        have = have < cap ? have : cap;
        memcpy(buf, r->window + (off - r->at), have);
    }
    size_t got = 0;
    if (have < cap && !ev_stream_read_at(r->in, off + have, buf + have, cap - have, &got, e))
        return false;
    *ret_got = have + got;
    if (*ret_got <= WINDOW) {
        memcpy(r->window, buf, *ret_got);
        r->at = off;
        r->n  = *ret_got;
    }
    return true;
}

bool evt_piece_read(struct hunt *h, const struct evt_piece *p, uint32_t worker, struct evt_scan *scan, struct arena *room, bool again, struct evt_read *ret, struct err *e)
{
    struct ev_node  *node = &h->ev->node[p->node];
    struct reader    r = { .packed = node->entry.n > 0 };
    struct evtx_file f = { 0 };
    struct str       chunk;
    uint64_t         off, before = p->from;
    bool             ok = true;

    r.window = r.packed ? TAKE(room, uint8_t, WINDOW) : NULL;
    if (r.packed && !r.window)
        return err_set(e, ERR_MEMORY, "no room to read an event log");
    if (!ev_stream_open(&r.in, h->ev, node, false, room, &ret->stopped))
        return true;
    if (evtx_file_open(&f, read_at, &r, evt_scan_buffer(scan), &ret->stopped)) {
        ret->headless = !f.has_header;
        ret->bad_head = f.header_crc_bad;
        if (p->from)
            f.at = p->from;
        f.until = p->to;
        while (ok && evtx_file_next(&f, &chunk, &off, &ret->stopped)) {
            struct evtx_chunk c;
            struct arena      none = { 0 };
            guard_beat(h->opt.guard, worker);
            evtx_chunk_open(&c, &none, chunk);
            ret->bad_sums += !again && c.has_header && !evtx_chunk_whole(&c);
            ok = evt_scan_chunk(scan, node->id, chunk, off, e);
            h->bytes_read += again ? 0 : f.at - before;
            if (h->opt.progress && !again)
                term_progress_add(h->opt.progress, f.at - before);
            before = f.at;
        }
        ret->lost_bytes = f.lost_bytes;
    }
    ev_stream_close(r.in);
    return ok;
}

bool evt_pieces_make(struct evt_pieces *ret, struct hunt *h, struct err *e)
{
    uint32_t    *node = NEW(h->keep, uint32_t, h->ev->node_n + 1), *of = NULL;
    size_t       n = 0;
    struct arena scratch = { 0 };

    if (!node)
        return err_set(e, ERR_MEMORY, "no room for the list of event logs");
    for (uint32_t i = 0; i < h->ev->node_n; i++)
        if (family_is_event_log(h->ev->node[i].family))
            node[n++] = i;
    if (n == 0)
        return true;
    if (!os_arena_map(&scratch, TWINS_SCRATCH, e))
        return false;
    struct arena whole = scratch;
    bool ok = twins_find(h->ev, node, n, h->jobs, &scratch, &of, e);
    for (size_t i = 0; ok && i < n; i++) {
        const struct ev_node *at = &h->ev->node[node[i]];
        uint64_t end = at->size_bytes, step = at->entry.n ? UINT64_MAX : EVT_SLICE_BYTES, from = 0;
        if (of[i] != UINT32_MAX)
            continue;
        do {
            struct evt_piece *p = GROW(h->keep, ret->item, ret->n, &ret->cap);
            if (!p) {
                ok = err_set(e, ERR_MEMORY, "no room for the list of event logs");
                break;
            }
            uint64_t to = from == 0 ? num_add_sat(EVTX_FILE_HEADER_BYTES, step) : num_add_sat(from, step);
            *p   = (struct evt_piece){ .node = node[i], .from = from, .to = to >= end ? UINT64_MAX : to, .last = to >= end };
            from = to;
            ret->n++;
        } while (from < end);
    }
    os_arena_unmap(&whole);
    return ok;
}
