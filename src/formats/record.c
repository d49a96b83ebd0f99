#include "formats/record.h"

bool record_get(const struct record *r, struct str name, struct str *ret)
{
    size_t n = r->cols ? r->cols->n : 0;

    for (size_t i = 0; i < n && i < r->n; i++)
        if (str_ieq(r->cols->name[i], name)) {
            *ret = r->value[i];
            return true;
        }
    return false;
}
