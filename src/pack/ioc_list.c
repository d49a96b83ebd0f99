/*
 * Plain lists: one value a line, what it is guessed from its form. "# ..." is a comment, and so is what follows a ';' or a blank with a '#'
 * (Loki's lists write HASH;comment).
 */
#include "pack/ioc_parts.h"

bool ioc_read_list(struct ioc_reader *r, struct str text, struct err *e)
{
    struct str line;

    while (str_cut(&text, '\n', &line)) {
        enum ioc_kind   kind;
        struct ioc_term t;
        const char     *why = NULL;

        r->line++;
        line = str_trim(line);
        if (!line.n || line.p[0] == '#' || line.p[0] == ';' || str_starts(line, STR("//")))
            continue;
        struct str value = line;
        size_t     semi = str_chr(line, ';'), hash = str_find(line, STR(" #"));
        size_t     cut = semi < hash ? semi : hash;
        r->name = STR("");
        if (cut != STR_NONE) {
            value   = str_trim(str_sub(line, 0, cut));
            r->name = str_trim(str_from(line, cut + (cut == hash ? 2 : 1)));
        }
        while (value.n && (value.p[value.n - 1] == ',' || value.p[value.n - 1] == '"'))
            value.n--;
        if (value.n && value.p[0] == '"')
            value = str_from(value, 1);
        struct arena mark = *r->a;
        struct str   meant = ioc_refang(r->a, value);
        if (!meant.p && value.n)
            return err_set(e, ERR_MEMORY, "no room for indicators");
        if (!ioc_kind_guess(meant, &kind)) {
            *r->a = mark;
            if (!ioc_refuse(r, STR("neither hash, address, domain, URL, path nor file name"), e))
                return false;
            continue;
        }
        if (ioc_normal(r, kind, meant, &t, &why)) {
            if (!ioc_take_all(r, &t, 1, e))
                return false;
            continue;
        }
        if (!why)
            return err_set(e, ERR_MEMORY, "no room for indicators");
        *r->a = mark;
        if (!ioc_refuse(r, str_c(why), e))
            return false;
    }
    return true;
}
