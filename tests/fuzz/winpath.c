/*
 * winpath: any bytes as a path. The first byte picks the system drive; the rest is "path" or "path\nother".
 *
 * Holds    a canonical path is its own canonical path; below and rest agree; dir, name and path agree; a canonical URL path without
 *          escapes is its own canonical URL path.
 */
#include "base/winpath.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool ok)
{
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 1 || n > 4096)
        return 0;
    size_t       room  = 64 * (n + 256);
    uint8_t     *block = malloc(room);
    struct arena a     = { block, block + room, NULL };
    struct str   all   = { data + 1, n - 1 }, one = STR_EMPTY, two = STR_EMPTY;

    str_cut(&all, '\n', &one);
    str_cut(&all, '\n', &two);
    struct str x = winpath_canon(&a, one, data[0]), y = winpath_canon(&a, two, data[0]);
    must(x.p && y.p);
    must(str_eq(winpath_canon(&a, x, data[0]), x));
    must(x.n <= one.n + 32);
    for (size_t i = 0; i < x.n; i++)
        must(x.p[i] != '/' && !(i > 1 && x.p[i] == '\\' && x.p[i - 1] == '\\'));

    struct str dir = winpath_dir(x), name = winpath_name(x);
    must(dir.n + name.n + (str_rchr(x, '\\') == STR_NONE ? 0 : 1) == x.n);
    must(dir.n == 0 || dir.p[dir.n - 1] == '\\' || winpath_below(x, dir));   /* a server without a share has no folder above it */
    must(winpath_ext(x).n <= name.n);
    must(!winpath_is_page(x) || winpath_ext(x).n > 0);
    must(!winpath_reserved(name) || winpath_hidden_name(name));

    struct str rest = winpath_rest(x, y);
    if (winpath_below(x, y)) {
        must(rest.n <= x.n && (rest.n == 0 || str_ends(x, rest)));
        must(rest.n > 0 || x.n <= y.n + 1);
    } else {
        must(rest.n == 0);
    }
    must(x.n == 0 || winpath_below(x, x));
    must(!(winpath_short_fits(name, winpath_name(y)) && str_chr(name, '~') == STR_NONE));

    struct str u = urlpath_canon(&a, one);
    must(u.n > 0 && u.p[0] == '/' && u.n <= one.n + 1);
    bool plain = true;
    for (size_t i = 0; i < u.n; i++) {
        plain = plain && u.p[i] != '%' && u.p[i] != '?';
        must(u.p[i] != '\\' && !(u.p[i] >= 'A' && u.p[i] <= 'Z'));
    }
    if (plain)
        must(str_eq(urlpath_canon(&a, u), u));
    free(block);
    return 0;
}
