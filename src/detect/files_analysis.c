/*
 * analysis: the page analyser over every page of the evidence, in the reading threads.
 *
 * Files    what a page includes or names as its code is read with it, where the evidence has it: below the site that serves the page, or beside it.
 * Memory   ANALYSIS_ROOM of the thread's room a page; a page that needs more is told as not followed to its end.
 */
#include "detect/files_inner.h"

enum { ANALYSIS_KEEP = 1 << 20, ANALYSIS_MORE_MAX = 2 << 20 };

struct others {
    const struct files_context *c;
    struct str folder[ANALYSE_MORE_MAX + 1];      /* Windows paths of the folders of the files given so far */
    struct str root;                              /* of the site */
    size_t     n;
};

/* The served root above a page: what "~/" and "/" mean in it. */
static struct str site_root(const struct files_context *c, struct str path)
{
    struct str best = winpath_dir(path);
    size_t     longest = 0;

    for (size_t i = 0; i < c->ev->served_n; i++)
        if (winpath_below(path, c->ev->served[i].path) && c->ev->served[i].path.n > longest) {
            best    = c->ev->served[i].path;
            longest = best.n;
        }
    return best;
}

static bool other(void *ctx, uint32_t from, const struct page_ref *ref, struct arena *a, struct str *ret)
{
    struct others *o = ctx;
    struct err     why = { 0 };
    size_t         got = 0;

    if (from >= o->n || o->n > ANALYSE_MORE_MAX)
        return false;
    struct str rel = analyse_ref_path(a, winpath_rest(o->folder[from], o->root), ref), path = rel.p ? str_fmt(a, "%.*s\\%.*s", STR_ARG(o->root), STR_ARG(rel)) : STR_EMPTY;
    struct str canon = path.p ? winpath_canon(a, path, 'C') : STR_EMPTY;
    const struct ev_node *n = canon.p ? ev_find(o->c->ev, canon) : NULL;
    if (!n || n->size_bytes > ANALYSIS_MORE_MAX)
        return false;
    uint8_t *p = NEW(a, uint8_t, (size_t)n->size_bytes + 1);
    if (!p || !ev_read(o->c->ev, n, 0, p, (size_t)n->size_bytes, &got, &why))
        return false;
    o->folder[o->n++] = winpath_dir(n->path);
    *ret = (struct str){ p, got };
    return true;
}

void files_analyse(const struct files_context *c, struct files_node *n, struct arena *room)
{
    struct analysis *r = NEW(room, struct analysis, 1);
    uint8_t         *own = TAKE(room, uint8_t, ANALYSIS_KEEP);
    struct others    o = { .c = c, .n = 1, .root = site_root(c, n->node->path) };
    struct err       why = { 0 };

    n->page = NULL;
    if (!r || !own)
        return;
    o.folder[0] = winpath_dir(n->node->path);
    struct arena keep = { own, own + ANALYSIS_KEEP, NULL };
    struct analyse_input in = { n->body, container_kind_of(n->node->path), other, &o, n->cut };
    if (!analyse_page(r, &keep, *room, &in, &why))
        *r = (struct analysis){ .verdict = PAGE_REVIEW, .why = STR("The page could not be analysed for want of memory."), .cut = true };
    r->cut = r->cut || n->cut;
    n->page = r;
}

/* The way of the gravest flow, as far as a finding has room for it. */
struct str files_analysis_way(struct files_context *c, const struct analysis *a)
{
    struct arena scratch = c->work->scratch;
    struct str   s = STR("");

    for (size_t i = 0; a->flow_n && i < a->flow[0].step_n && s.n < 400; i++) {
        const struct analyse_step *t = &a->flow[0].step[i];
        struct str next = t->line ? str_fmt(&scratch, "%.*s%sline %u %.*s", STR_ARG(s), i ? "; " : "", t->line, STR_ARG(t->text))
                                  : str_fmt(&scratch, "%.*s%s%.*s", STR_ARG(s), i ? "; " : "", STR_ARG(t->text));
        if (!next.p)
            break;
        s = next;
    }
    return files_quote(c, s);
}
