/* trees_drives: the disk images of a hunt taken together, since the registry in one of them knows the letters of all. */
#include "evidence/inner.h"

bool trees_name_drives(struct trees *t, struct arena a, struct err *e)
{
    struct image **m = NEW(&a, struct image *, t->container_n + 1);
    uint32_t      *tree_of = NEW(&a, uint32_t, t->container_n + 1);
    size_t         n = 0;

    if (!m || !tree_of)
        return err_set(e, ERR_MEMORY, "no room for the list of sources");
    for (uint32_t i = 0; i < t->tree_n; i++)
        if (str_eq(str_c(t->tree[i].kind), STR("image"))) {
            tree_of[n] = i;
            m[n++]     = t->container[t->tree[i].container].image;
        }
    image_letters(m, n);
    for (size_t i = 0; i < n; i++)
        if (image_named_by(m[i]) != i)
            t->tree[tree_of[i]].belongs = tree_of[image_named_by(m[i])] + 1;
    return true;
}
