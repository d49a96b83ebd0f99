#include "detect/filetimes.h"

#include <stdlib.h>

struct filetime *filetimes_add(struct filetimes *t, struct arena *a, struct str path)
{
    struct filetime *x = t->n < FILETIMES_MAX ? GROW(a, t->item, t->n, &t->cap) : NULL;

    if (!x) {
        t->more++;
        return NULL;
    }
    *x = (struct filetime){ .path = path, .mft_node = UINT32_MAX, .usn_node = UINT32_MAX, .si_created_us = TIME_NONE, .si_modified_us = TIME_NONE, .born_us = TIME_NONE,
                            .usn_created_us = TIME_NONE, .usn_removed_us = TIME_NONE, .usn_first_us = TIME_NONE, .usn_last_us = TIME_NONE, .usn_stamped_us = TIME_NONE };
    t->n++;
    t->sorted = false;
    return x;
}

static int fold_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;

    for (size_t i = 0; i < n; i++) {
        int d = ch_lower(a.p[i]) - ch_lower(b.p[i]);
        if (d)
            return d;
    }
    return (a.n > b.n) - (a.n < b.n);
}

static int order(const void *a, const void *b)
{
    const struct filetime *x = a, *y = b;
    int c = fold_cmp(x->path, y->path);

    if (c)
        return c;
    if (x->in_mft != y->in_mft)
        return x->in_mft ? -1 : 1;
    if (x->deleted != y->deleted)
        return x->deleted ? 1 : -1;
    if (x->born_us != y->born_us)
        return x->born_us > y->born_us ? -1 : 1;
    c = str_cmp(x->path, y->path);
    return c ? c : x->record < y->record ? -1 : x->record > y->record;
}

void filetimes_sort(struct filetimes *t)
{
    if (t->n && !t->sorted)
        qsort(t->item, t->n, sizeof *t->item, order);
    t->sorted = true;
}

const struct filetime *filetimes_find(const struct filetimes *t, struct str path)
{
    size_t lo = 0, hi = t ? t->n : 0;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (fold_cmp(t->item[mid].path, path) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return t && lo < t->n && fold_cmp(t->item[lo].path, path) == 0 ? &t->item[lo] : NULL;
}

int64_t filetime_came_us(const struct filetime *x)
{
    if (x->usn_created_us == TIME_NONE)
        return x->born_us;
    /* A file that was there, went and came again: the table speaks of the one that is there now. */
    return x->born_us != TIME_NONE && x->born_us < x->usn_created_us ? x->born_us : x->usn_created_us;
}

bool filetime_set_back(const struct filetime *x)
{
    enum { SLACK = 2 };
    int64_t came = filetime_came_us(x);

    if (x->si_created_us == TIME_NONE || came == TIME_NONE || x->crowd || x->si_created_us > came - SLACK * TIME_SECOND)
        return false;
    /* A copy keeps the day of its last change but gets its own creation; what sets both back, and to whole seconds or beside the journal, is no copy. */
    return x->whole_seconds || (x->usn_stamped_us != TIME_NONE && x->si_created_us < came - TIME_DAY);
}
