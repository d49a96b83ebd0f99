#include "cli/own_rules.h"

static void add(struct own_rules *o, struct str file, struct str title, struct str why)
{
    if (o->refused_n < OWN_RULES_MAX)
        o->refused[o->refused_n++] = (struct own_refused){ file, title, why };
    else
        o->refused_more++;
}

const struct own_rules *own_rules_tell(const struct rules_dir *d, const struct sigma *s, size_t from, const struct yara *y, struct arena *a)
{
    struct own_rules *o = NEW(a, struct own_rules, 1);

    if (!o || !(o->refused = NEW(a, struct own_refused, OWN_RULES_MAX)))
        return NULL;
    for (size_t i = 0; i < s->rule_n; i++)
        o->sigma_n += !s->rule[i].own;
    o->yara_n = y->rule_n - y->own_n;
    for (size_t i = 0; i < d->left_n; i++)
        add(o, d->left[i].file, STR_EMPTY, d->left[i].why);
    for (size_t i = from; i < s->refused_n; i++) {
        o->elsewhere_n += s->refused[i].elsewhere;
        if (!s->refused[i].elsewhere)
            add(o, s->refused[i].file, s->refused[i].title, s->refused[i].why);
    }
    for (size_t i = 0; i < y->refused_n; i++)
        if (!y->refused[i].told_only)
            add(o, y->refused[i].file, STR_EMPTY, y->refused[i].why);
    return o;
}
