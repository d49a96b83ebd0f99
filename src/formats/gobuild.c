#include "formats/gobuild.h"

#include "base/arena.h"

static struct str field(struct str *rest)
{
    struct str one;

    return str_cut(rest, '\t', &one) ? str_sub(one, 0, GOBUILD_TEXT_MAX) : STR_EMPTY;
}

/* Module paths are of these characters and no others: a mark in data that is no build information says nothing. */
static bool is_module(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ch_alnum(s.p[i]) && str_chr(STR("/.-_~+@"), s.p[i]) == STR_NONE)
            return false;
    return s.n > 0;
}

bool gobuild_find(struct gobuild *ret, struct str in)
{
    static const struct str mark = STR_INIT("\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6");

    for (size_t from = 0;;) {
        size_t at = str_find(str_from(in, from), mark);
        if (at == STR_NONE)
            return false;
        from += at + mark.n;
        struct str     rest = str_sub(in, from, from + 4 * GOBUILD_TEXT_MAX), line;
        struct gobuild g = { 0 };
        for (int i = 0; i < 2 && str_cut(&rest, '\n', &line); i++) {
            struct str word = field(&line);
            if (str_eq(word, STR("path")))
                g.path = field(&line);
            else if (str_eq(word, STR("mod"))) {
                g.module  = field(&line);
                g.version = field(&line);
            }
        }
        if (!is_module(g.path) && !is_module(g.module))
            continue;
        if (!is_module(g.path))
            g.path = g.module;
        if (!is_module(g.module))
            g.module = g.path;
        if (g.version.n && str_chr(g.version, 0) != STR_NONE)
            g.version = STR_EMPTY;
        *ret = g;
        return true;
    }
}

bool gobuild_likely(struct str head)
{
    head = str_sub(head, 0, 2048);
    return str_starts(head, STR("MZ")) && str_has(head, STR(".symtab\0")) && str_has(head, STR(".idata\0"));
}
