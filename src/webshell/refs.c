#include "webshell/analyse.h"

enum { PARTS_MAX = 64 };

/* Takes the parts of a path apart at both kinds of slash and walks them; false: it climbs above the root, or is too long. */
static bool walk(struct str *part, size_t *n, struct str path)
{
    while (path.n) {
        size_t end = 0;
        while (end < path.n && path.p[end] != '/' && path.p[end] != '\\')
            end++;
        struct str one = str_sub(path, 0, end);
        path = str_from(path, end + 1);
        if (one.n == 0 || str_eq(one, STR(".")) || str_eq(one, STR("~")))
            continue;
        if (str_eq(one, STR(".."))) {
            if (*n == 0)
                return false;
            (*n)--;
        } else if (*n == PARTS_MAX) {
            return false;
        } else {
            part[(*n)++] = one;
        }
    }
    return true;
}

struct str analyse_ref_path(struct arena *a, struct str folder, const struct page_ref *ref)
{
    struct str part[PARTS_MAX], path = str_trim(ref->path), out = STR("");
    size_t     n = 0;
    bool       rooted = ref->kind == REF_INCLUDE_VIRTUAL ? str_starts(path, STR("/")) || str_starts(path, STR("\\")) : str_starts(path, STR("~")) || str_starts(path, STR("/"));

    if (!path.n || str_chr(path, ':') != STR_NONE || str_chr(path, 0) != STR_NONE || (!rooted && !walk(part, &n, folder)) || !walk(part, &n, path) || n == 0)
        return STR_EMPTY;
    for (size_t i = 0; i < n && out.p; i++)
        out = i ? str_fmt(a, "%.*s/%.*s", STR_ARG(out), STR_ARG(part[i])) : part[i];
    return out;
}
