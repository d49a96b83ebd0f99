/*
 * layout: a small collection as text, with side files and names to place. "!name" is the archive's name, "=path" begins a file (the lines up to the
 * next mark are its body), "?path" asks for a file, "?path/" for a folder. Every file put there is asked for as well.
 *
 * Properties: layout_open fails for memory only; a placed path begins with a drive or "?:" and has no empty, "." or ".." component, no '/', no NUL; a
 * refusal has a reason and a hint; sparse maps are in order and walked to their end in bounded steps; what is stated about the server holds no control
 * bytes; the same tree gives the same layout, notes and places.
 */
#include "evidence/layout_inner.h"
#include "os/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { ROOM = 512 << 10, ASK_MAX = 256 };

struct world {
    uint8_t          *block;
    struct arena      disk, keep, scratch;
    struct os_mem    *m;
    struct layout    *l;
    struct ev_limits  limits;
    struct str        name, ask[ASK_MAX];
    size_t            ask_n;
};

#define need(ok) do { if (!(ok)) { fprintf(stderr, "line %d: %s\n", __LINE__, #ok); abort(); } } while (0)

static void put(struct world *w, struct str path, struct str body)
{
    struct str left = path, one;

    while (str_cut(&left, '/', &one))
        if (one.n == 0 || str_eq(one, STR(".")) || str_eq(one, STR("..")))
            return;
    struct str  full = str_cat(&w->disk, STR("/c/"), path);
    const char *c    = full.p ? str_cstr(&w->disk, full) : NULL;
    if (!path.n || !c || !os_mem_add(w->m, c, body))
        return;
    if (w->ask_n < ASK_MAX)
        w->ask[w->ask_n++] = path;
}

static void build(struct world *w, struct str in)
{
    struct str path = STR_EMPTY;
    size_t     at = 0, body = 0;

    for (size_t end; at <= in.n; at = end + 1) {
        size_t hit  = str_chr(str_from(in, at), '\n');
        end = hit == STR_NONE ? in.n : at + hit;
        struct str line = str_sub(in, at, end);
        if (end < in.n && (!line.n || !strchr("!=?", line.p[0]) || line.p[0] == 0))
            continue;
        bool mark = line.n && line.p[0] && strchr("!=?", line.p[0]);
        if (path.n)
            put(w, path, str_sub(in, body, mark ? at : end));
        path = mark && line.p[0] == '=' ? str_from(line, 1) : STR_EMPTY;
        body = end + 1;
        if (mark && line.p[0] == '!')
            w->name = str_from(line, 1);
        if (mark && line.p[0] == '?' && w->ask_n < ASK_MAX)
            w->ask[w->ask_n++] = str_from(line, 1);
        if (end >= in.n && path.n)
            put(w, path, STR_EMPTY);
    }
}

static bool world_open(struct world *w, struct str in)
{
    struct err e = { 0 };

    memset(w, 0, sizeof *w);
    w->block = malloc(3 * (size_t)ROOM);
    need(w->block != NULL);
    w->disk    = (struct arena){ w->block, w->block + ROOM, NULL };
    w->keep    = (struct arena){ w->block + ROOM, w->block + 2 * ROOM, NULL };
    w->scratch = (struct arena){ w->block + 2 * ROOM, w->block + 3 * ROOM, NULL };
    w->limits  = ev_limits_default();
    w->limits.side = 4096;
    w->m       = os_mem_open(&w->disk, 0);
    need(w->m && os_mem_dir(w->m, "/c"));
    build(w, in);
    bool ok = layout_open(&w->l, &w->m->os, STR("/c"), w->name, &w->limits, &w->keep, w->scratch, &e);
    need(ok || e.kind == ERR_MEMORY);
    need(w->m->open_now == 0);
    return ok && w->l;
}

static void harmless(struct str path)
{
    struct str rest = path, one;

    need(path.n >= 2 && path.p[1] == ':' && (path.p[0] == '?' || (path.p[0] >= 'A' && path.p[0] <= 'Z')));
    need(str_chr(path, '/') == STR_NONE && str_chr(path, 0) == STR_NONE);
    for (bool first = true; str_cut(&rest, '\\', &one); first = false)
        need(one.n && !str_eq(one, STR(".")) && !str_eq(one, STR("..")) && (!first || one.n == 2));
}

static void walk_sparse(const struct layout_sparse *s)
{
    uint64_t off = 0, step, at;
    bool     hole;

    need(s->n <= LAYOUT_RANGES_MAX);
    for (size_t i = 0; i < s->n; i++) {
        need(s->range[i].bytes && s->range[i].original_off <= INT64_MAX && s->range[i].original_off + s->range[i].bytes <= s->size_bytes);
        need(i == 0 || s->range[i].original_off >= s->range[i - 1].original_off + s->range[i - 1].bytes);
    }
    for (size_t steps = 0; (step = layout_sparse_at(s, off, &hole, &at)) != 0; off += step)
        need(steps++ <= 2 * s->n + 1);
    need(off == s->size_bytes);
}

static void calm(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        need(s.p[i] >= 0x20 && s.p[i] != '<' && s.p[i] != '/' && s.p[i] != '\\');
}

static void same(const struct layout_place *x, const struct layout_place *y)
{
    need(x->what == y->what && str_eq(x->path, y->path) && x->shadow == y->shadow && x->mtime_us == y->mtime_us && x->btime_us == y->btime_us &&
         x->partial == y->partial && !x->sparse == !y->sparse &&
         strcmp(x->refused ? x->refused : "", y->refused ? y->refused : "") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct world a, b;
    struct str   in = { data, n };

    if (n > 16384)
        return 0;
    bool x = world_open(&a, in), y = world_open(&b, in);
    need(x == y);
    if (x) {
        need(a.l->kind == b.l->kind && a.l->note_n == b.l->note_n && a.l->note_n <= LAYOUT_NOTES_MAX && a.l->row_n <= LAYOUT_ROWS_MAX && str_eq(a.l->top, b.l->top));
        need(str_eq(a.l->server.name, b.l->server.name) && !a.l->server.name.n == !a.l->server.stated_by);
        calm(a.l->server.name);
        calm(a.l->server.fqdn);
        for (size_t i = 0; i < a.l->note_n; i++)
            need(a.l->note[i].what && a.l->note[i].hint && strcmp(a.l->note[i].what, b.l->note[i].what) == 0 && str_eq(a.l->note[i].path, b.l->note[i].path));
        for (size_t i = 0; i < a.ask_n; i++) {
            bool                dir   = str_ends(a.ask[i], STR("/"));
            struct str          below = str_sub(a.ask[i], 0, a.ask[i].n - dir);
            struct layout_place p, q;
            layout_map(a.l, below, dir, &a.keep, &p);
            layout_map(b.l, below, dir, &b.keep, &q);
            same(&p, &q);
            if (p.what == LAYOUT_PLACE)
                harmless(p.path);
            need(p.what != LAYOUT_REFUSE || (p.refused && p.hint));
            if (p.sparse)
                walk_sparse(p.sparse);
        }
    }
    free(a.block);
    free(b.block);
    return 0;
}
