/* See words.h. */
#include "notify/words.h"

#include <string.h>

static bool find(struct str file, struct str name, struct str *ret)
{
    struct str rest = file, line;

    while (str_cut(&rest, '\n', &line))
        if (str_starts(line, name) && line.n > name.n && line.p[name.n] == ':') {
            *ret = str_trim(str_from(line, name.n + 1));
            return ret->n > 0;
        }
    return false;
}

static struct str file_of(const struct pack *p, struct str language)
{
    uint8_t      room[64];
    struct arena a = { .beg = room, .end = room + sizeof room };

    return pack_text(p, str_fmt(&a, "notices/%.*s/words.txt", STR_ARG(str_sub(language, 0, 16))));
}

struct str words_get(const struct pack *p, struct str language, const char *name)
{
    struct str text, n = str_c(name);

    return find(file_of(p, language), n, &text) || find(file_of(p, STR("en")), n, &text) ? text : n;
}
