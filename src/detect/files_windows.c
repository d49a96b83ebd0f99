/* files_windows: a node of any size in pieces that overlap, for carvers. What fits into the body is one piece. And how many things may be told. */
#include "detect/files_inner.h"

#include <string.h>

bool files_may_tell(struct files_context *c, enum files_told kind)
{
    if (c->work->told[kind] < FILES_TOLD_MAX) {
        c->work->told[kind]++;
        return true;
    }
    c->found->fact_more++;
    return false;
}

bool files_windows(struct files_context *c, struct files_node *n, size_t overlap, files_window *look, void *ctx, struct err *e)
{
    enum { WINDOW = 1 << 20 };
    struct arena      a = n->scratch;
    struct ev_stream *in = NULL;
    struct err        io = { 0 };
    uint64_t          off = 0;
    size_t            have = 0;
    bool              ok = true, end = false;

    if (!n->cut)
        return look(ctx, n->body, 0, true, a, e);
    uint8_t *buf = TAKE(&a, uint8_t, WINDOW + overlap);
    if (!buf)
        return err_set(e, ERR_MEMORY, "no room to read a file in pieces");
    if (!ev_stream_open(&in, c->ev, n->node, true, &a, &io))
        return files_damage(c, n->node->family, n->node, io.what, 0, e);
    while (ok && !end) {
        size_t got = 1;
        while (have < WINDOW + overlap && got) {
            if (!ev_stream_fill(in, buf + have, WINDOW + overlap - have, &got, &io)) {
                ok  = files_damage(c, n->node->family, n->node, io.what, off, e);
                got = 0;
            }
            have += got;
        }
        end = got == 0;
        ok  = ok && look(ctx, (struct str){ buf, have }, off, end, a, e);
        if (have > overlap) {
            off += have - overlap;
            memmove(buf, buf + have - overlap, overlap);
            have = overlap;
        }
    }
    ev_stream_close(in);
    return ok;
}
