#include "os/os.h"

bool os_slurp(struct os *os, struct str root, struct str below, size_t max, struct arena *a, struct str *ret, struct err *e)
{
    struct os_file f = OS_FILE_NONE;
    uint64_t       size;
    bool           ok = false;

    if (!os->open(os, root, below, &f, &size, e))
        return false;
    if (size > max) {
        err_set(e, ERR_LIMIT, "%llu bytes, at most %zu accepted", (unsigned long long)size, max);
        goto out;
    }
    uint8_t *p   = NEW(a, uint8_t, size ? (size_t)size : 1);
    size_t   got = 0;
    if (!p) {
        err_set(e, ERR_MEMORY, "no room for %llu bytes", (unsigned long long)size);
        goto out;
    }
    /* A file that grows while it is read counts as what it was at open; one that shrinks as what is left. */
    if (size && !os->read_at(os, f, 0, p, (size_t)size, &got, e))
        goto out;
    *ret = (struct str){ p, got };
    ok = true;
out:
    os->close(os, &f);
    return ok;
}

bool os_slurp_path(struct os *os, struct str path, size_t max, struct arena *a, struct str *ret, struct err *e)
{
    size_t     slash = str_rchr(path, '/');
    struct str dir = slash == STR_NONE ? STR(".") : slash ? str_sub(path, 0, slash) : STR("/");

    if (os_slurp(os, dir, slash == STR_NONE ? path : str_from(path, slash + 1), max, a, ret, e))
        return true;
    return e->where[0] ? false : err_where(e, "%.*s", STR_ARG(path));
}
