/* Registrable domains by the public suffix list: the one place that knows libpsl. The list is the one that the library was built with. */
#include "survey/where_inner.h"

#include <libpsl.h>
#include <string.h>

enum { NAME_MAX_BYTES = 253 };

struct str where_registrable(struct str name)
{
    char        c[NAME_MAX_BYTES + 1];
    const char *domain;

    if (!name.n || name.n > NAME_MAX_BYTES || str_chr(name, 0) != STR_NONE || !psl_builtin())
        return STR_EMPTY;
    memcpy(c, name.p, name.n);
    c[name.n] = '\0';
    domain = psl_registrable_domain(psl_builtin(), c);
    return domain ? str_from(name, (size_t)(domain - c)) : STR_EMPTY;
}
