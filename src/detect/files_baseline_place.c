/* baseline_place: where a file belongs in a baseline, and what the baselines say of it. */
#include "detect/files_inner.h"

/* "FrontEnd\..." of "?:\x\FrontEnd\HttpProxy\owa\auth\logon.aspx": a tree that somebody carried here without its install folder. */
static bool loose_place(struct str path, struct str *ret_rest)
{
    static const struct str mark[] = { STR_INIT("\\FrontEnd\\HttpProxy\\"), STR_INIT("\\ClientAccess\\") };

    for (size_t i = 0; i < COUNT_OF(mark); i++) {
        size_t at = str_ifind(path, mark[i]);
        if (at != STR_NONE) {
            *ret_rest = str_from(path, at + 1);
            return true;
        }
    }
    return false;
}

bool files_baseline_place(const struct ev *v, struct str path, enum baseline_root *ret_root, struct str *ret_rest)
{
    struct str best = STR_EMPTY, rest;

    for (size_t i = 0; i < v->install_n; i++) {
        rest = winpath_rest(path, v->install[i].path);
        if (rest.n && (!best.n || rest.n < best.n))
            best = rest;
    }
    if (best.n || loose_place(path, &best)) {
        *ret_root = BASELINE_INSTALL;
        *ret_rest = best;
        return true;
    }
    for (size_t i = 0; i < v->served_n; i++) {
        const struct ev_root *r = &v->served[i];
        if (r->product || !(r->url.n == 0 || str_eq(r->url, STR("/"))))
            continue;
        rest = winpath_rest(path, r->path);
        if (rest.n && (!best.n || rest.n < best.n))
            best = rest;
    }
    if (!best.n)
        return false;
    *ret_root = BASELINE_WEB;
    *ret_rest = best;
    return true;
}

enum base_says files_baseline_says(const struct files_context *c, const struct ev_node *n)
{
    const struct baseline *b = c->opt->baseline;
    enum baseline_root     root;
    struct str             rest;

    if (!b || n->shadow || n->partial || !files_baseline_place(c->ev, n->path, &root, &rest) || baseline_first(b, root, rest) == MAP_NONE)
        return BASE_SILENT;
    return n->hashed && baseline_knows(b, root, rest, n->sha256) ? BASE_KNOWN : BASE_NAMED;
}
