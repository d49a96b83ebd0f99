/*
 * states: one server, collected more than once. A page that one collection holds and another one lacks, though that one has the folder, was
 * placed or taken away between them. Which of them is newer no list says for certain, so the page counts as there, and the report says
 * that the collections differ.
 */
#include "detect/files_inner.h"

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    (void)n;
    return false;
}

/* Has the source the page's folder, or the one above it, and not the page? Asked by native names: only collections of one layout can be compared. */
static bool lacks(const struct ev *v, uint16_t source, const struct ev_node *page, struct arena scratch)
{
    const struct ev_source *at = &v->source[source];
    const struct layout    *l  = at->tree->layout;
    struct str              dir = page->below;

    if (l && l->selective)
        return false;                     /* it was not asked for every page */
    for (size_t i = 0; i < v->node_n; i++)
        if (v->node[i].source == source && !v->node[i].shadow && str_ieq(v->node[i].path, page->path))
            return false;
    for (int up = 0; up < 2; up++) {
        struct os_stat st;
        struct err     why = { 0 };
        size_t         slash = str_rchr(dir, '/');
        if (slash == STR_NONE)
            return false;
        dir = str_sub(dir, 0, slash);
        struct str path = at->root.n ? str_fmt(&scratch, "%.*s/%.*s", STR_ARG(at->root), STR_ARG(dir)) : dir;
        if (path.p && at->os->stat(at->os, path, &st, &why))
            return st.kind == OS_DIR;
    }
    return false;
}

static bool done(struct files_context *c, struct err *e)
{
    const struct ev *v = c->ev;
    size_t           n = c->found->fact_n, told = 0;

    (void)e;
    for (size_t i = 0; i < n && v->source_n > 1 && told < FILES_PATTERNS_MAX; i++) {
        const struct file_fact *page = &c->found->fact[i];
        if (page->kind != FILE_FACT_PAGE || page->earlier || page->cite.node >= v->node_n || !str_ieq(v->node[page->cite.node].path, page->path))
            continue;
        const struct ev_node *node = &v->node[page->cite.node];
        for (uint16_t s = 0; s < v->source_n; s++) {
            if (s == node->source || !lacks(v, s, node, c->work->scratch))
                continue;
            struct file_fact *f = files_fact_at(c, node, FILE_FACT_NOTE, "files/differs", SEV_LOW, 0.8);
            told++;
            if (!f)
                break;
            f->title = STR("A page is in one collection of this server and not in another");
            f->why   = files_text(c, "%.*s holds it; %.*s has its folder or the one above, but, as far as it could be read, not the page. It was placed or removed between the two; it counts as there, "
                                     "since one of them shows it. Look which is newer.", STR_ARG(files_quote(c, v->source[node->source].given)),
                                  STR_ARG(files_quote(c, v->source[s].given)));
            break;
        }
    }
    return true;
}

const struct files_detector files_states = {
    .name = "states", .about = "pages that one collection of a server holds and another lacks", .wants = wants, .done = done,
};
