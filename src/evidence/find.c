/*
 * find: from a path that somebody wrote to what is in the evidence, and between paths and addresses.
 */
#include "evidence/inner.h"

#include "base/num.h"
#include "base/winpath.h"

enum { SCRATCH = 16 << 10, SHORT_MAX = 8, ALIAS_MAX = 8 };

static size_t node_at(const struct ev *v, struct str path)
{
    size_t lo = 0, hi = v->node_n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (ev_fold_cmp(v->node[mid].path, path) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static const struct ev_node *node_exact(const struct ev *v, struct str path)
{
    /* A shadow copy shows an earlier day: what is only there is not there any more. */
    for (size_t at = node_at(v, path); at < v->node_n && ev_fold_cmp(v->node[at].path, path) == 0; at++)
        if (!v->node[at].shadow)
            return &v->node[at];
    return NULL;
}

static bool dir_exact(const struct ev *v, struct str path)
{
    while (path.n > 2 && path.p[path.n - 1] == '\\')
        path.n--;
    size_t at = ev_dir_at(v, path);
    return at < v->dir_n && ev_fold_cmp(v->dir[at], path) == 0;
}

/* What is looked for: a file or a folder. Either way a path that fits is given back as the evidence spells it. */
static bool exact(const struct ev *v, struct str path, bool want_dir, struct str *ret)
{
    const struct ev_node *n = want_dir ? NULL : node_exact(v, path);

    if (n)
        *ret = n->path;
    else if (want_dir && dir_exact(v, path))
        *ret = path;
    else
        return false;
    return true;
}

static bool resolve_short(const struct ev *v, struct str path, bool want_dir, struct arena scratch, int depth, struct str *ret);

/* The short component `name` of `dir`, then `rest`. The number after '~' follows the order of creation; sorted order is the best guess. */
static bool try_children(const struct ev *v, struct str dir, struct str name, struct str rest, bool want_dir, struct arena scratch, int depth, struct str *ret)
{
    struct str head = str_cat(&scratch, dir, STR("\\"));
    if (!head.p)
        return false;
    bool   dirs = rest.n > 0 || want_dir;
    size_t n    = dirs ? v->dir_n : v->node_n;
    for (size_t i = dirs ? ev_dir_at(v, head) : node_at(v, head); i < n; i++) {
        struct str full = dirs ? v->dir[i] : v->node[i].path;
        if (!str_istarts(full, head))
            break;
        if (!dirs && v->node[i].shadow)
            continue;
        struct str one = str_from(full, head.n);
        if (str_chr(one, '\\') != STR_NONE || !winpath_short_fits(name, one))
            continue;
        if (rest.n == 0) {
            *ret = full;
            return true;
        }
        struct arena here = scratch;
        struct str   next = str_cat(&here, str_cat(&here, full, STR("\\")), rest);
        if (next.p && (exact(v, next, want_dir, ret) || resolve_short(v, next, want_dir, here, depth + 1, ret)))
            return true;
    }
    return false;
}

static bool resolve_short(const struct ev *v, struct str path, bool want_dir, struct arena scratch, int depth, struct str *ret)
{
    size_t from = 0;

    if (depth > SHORT_MAX)
        return false;
    for (;;) {
        size_t sep = str_chr(str_from(path, from), '\\');
        size_t end = sep == STR_NONE ? path.n : from + sep;
        struct str part = str_sub(path, from, end);
        bool   is_long = sep == STR_NONE ? false : dir_exact(v, str_sub(path, 0, end));
        if (from && !is_long && str_chr(part, '~') != STR_NONE)
            return try_children(v, str_sub(path, 0, from - 1), part, sep == STR_NONE ? STR_EMPTY : str_from(path, end + 1), want_dir, scratch, depth, ret);
        if (sep == STR_NONE)
            return false;
        from = end + 1;
    }
}

static bool resolve(const struct ev *v, struct str raw, bool want_dir, struct arena scratch, struct str *ret)
{
    struct str path = winpath_canon(&scratch, raw, v->system_drive);

    for (int hops = 0; path.p && hops < ALIAS_MAX; hops++) {
        if (exact(v, path, want_dir, ret) ||
            (str_chr(path, '~') != STR_NONE && resolve_short(v, path, want_dir, scratch, 0, ret)))
            return true;
        const struct ev_alias *via = NULL;
        for (size_t i = 0; i < v->alias_n; i++)
            if (winpath_below(path, v->alias[i].from) && (!via || v->alias[i].from.n > via->from.n))
                via = &v->alias[i];
        if (!via)
            return false;
        struct str rest = winpath_rest(path, via->from);
        path = rest.n ? str_cat(&scratch, str_cat(&scratch, via->to, STR("\\")), rest) : via->to;
    }
    return false;
}

const struct ev_node *ev_find(const struct ev *v, struct str path)
{
    uint8_t      block[SCRATCH];
    struct arena scratch = { block, block + sizeof block, NULL };
    struct str   found;

    return resolve(v, path, false, scratch, &found) ? node_exact(v, found) : NULL;
}

bool ev_has_pages_of(const struct ev *v, struct str dir) { return !v->pages_left_out && ev_has_dir(v, dir); }

bool ev_has_dir(const struct ev *v, struct str path)
{
    uint8_t      block[SCRATCH];
    struct arena scratch = { block, block + sizeof block, NULL };
    struct str   found;

    return resolve(v, path, true, scratch, &found);
}

bool ev_url_of(const struct ev *v, struct arena *a, struct str path, struct str *ret_url)
{
    const struct ev_root *best = NULL;
    const struct ev_node *n    = ev_find(v, path);
    struct str            full = n ? n->path : winpath_canon(a, path, v->system_drive);

    for (size_t i = 0; full.p && i < v->served_n; i++) {
        const struct ev_root *r = &v->served[i];
        if (r->url.n == 0 || !winpath_below(full, r->path))
            continue;
        /* The innermost folder answers; the front end before the back end; the shorter address of two. */
        bool front = !ev_is_back_site(v, r->site);
        if (!best || r->path.n > best->path.n ||
            (r->path.n == best->path.n && (front > !ev_is_back_site(v, best->site) ||
                                           (front == !ev_is_back_site(v, best->site) && r->url.n < best->url.n))))
            best = r;
    }
    if (!best)
        return false;
    struct str rest = winpath_rest(full, best->path);
    uint8_t   *p    = NEW(a, uint8_t, best->url.n + rest.n + 2);
    if (!p)
        return false;
    size_t k = 0;
    for (size_t i = 0; i < best->url.n; i++)
        p[k++] = best->url.p[i];
    if (rest.n && (k == 0 || p[k - 1] != '/'))
        p[k++] = '/';
    for (size_t i = 0; i < rest.n; i++)
        p[k++] = rest.p[i] == '\\' ? '/' : ch_lower(rest.p[i]);
    *ret_url = (struct str){ p, k };
    return true;
}

/* "/owa" serves "/owa" and "/owa/x", not "/owax". */
static bool url_below(struct str url, struct str root)
{
    return str_eq(root, STR("/")) || (str_starts(url, root) && (url.n == root.n || url.p[root.n] == '/'));
}

bool ev_path_of(const struct ev *v, struct arena *a, struct str raw, struct str *ret_path)
{
    struct str            url  = urlpath_canon(a, raw);
    const struct ev_root *best = NULL;

    for (size_t i = 0; url.p && i < v->served_n; i++) {
        const struct ev_root *r = &v->served[i];
        if (r->url.n == 0 || !url_below(url, r->url) || ev_is_back_site(v, r->site))
            continue;
        if (!best || r->url.n > best->url.n || (r->url.n == best->url.n && r->found && !best->found))
            best = r;
    }
    if (!best)
        return false;
    struct str rest = str_eq(best->url, STR("/")) ? str_from(url, 1) : str_from(url, best->url.n < url.n ? best->url.n + 1 : url.n);
    uint8_t   *p    = NEW(a, uint8_t, best->path.n + rest.n + 1);
    if (!p)
        return false;
    size_t k = 0;
    for (size_t i = 0; i < best->path.n; i++)
        p[k++] = best->path.p[i];
    if (rest.n)
        p[k++] = '\\';
    for (size_t i = 0; i < rest.n; i++)
        p[k++] = rest.p[i] == '/' ? '\\' : rest.p[i];
    *ret_path = (struct str){ p, k };
    /* As the evidence spells it, where it is there. */
    const struct ev_node *n = ev_find(v, *ret_path);
    if (n)
        *ret_path = n->path;
    return true;
}
