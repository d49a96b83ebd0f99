#include "detect/servers_marks.h"

#include "base/hash.h"

#include <stdlib.h>

struct pick { uint64_t key; uint32_t node; };

static int by_key(const void *a, const void *b)
{
    const struct pick *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->node < y->node ? -1 : x->node > y->node;
}

static bool says_something(const struct ev_node *n)
{
    const struct family_info *f = &family_table[n->family];

    return f->log && f->service && !n->shadow && !n->partial && !n->stopped && n->size_bytes >= MARKS_HEAD && n->path.n && n->path.p[0] != '?';
}

static bool key_of(struct str s, uint64_t *ret)
{
    uint8_t sum[HASH_SHA256_BYTES];

    if (!hash_sha256(s, sum))
        return false;
    *ret = 0;
    for (int i = 0; i < 8; i++)
        *ret = *ret << 8 | sum[i];
    return true;
}

static bool head_of(struct ev *v, struct ev_node *node, uint64_t *ret)
{
    uint8_t    head[MARKS_HEAD];
    size_t     n = 0, got = 1;
    struct err why = { 0 };
    bool       ok = ev_node_enter(v, node);

    if (!ok)
        return false;
    while (ok && got && n < sizeof head) {
        ok = ev_read(v, node, n, head + n, sizeof head - n, &got, &why);
        n += ok ? got : 0;
    }
    ev_node_leave(v);
    return ok && n == sizeof head && key_of((struct str){ head, n }, ret);
}

void servers_marks(struct ev *v, struct arena scratch, struct marks *ret)
{
    struct pick *pick = NEW(&scratch, struct pick, v->node_n + 1);
    size_t       n = 0;

    ret->n = 0;
    for (uint32_t i = 0; pick && i < v->node_n; i++) {
        struct arena a = scratch;
        struct str   path = says_something(&v->node[i]) ? str_lower(&a, v->node[i].path) : STR_EMPTY;
        if (path.n && key_of(path, &pick[n].key))
            pick[n++].node = i;
    }
    if (n)
        qsort(pick, n, sizeof *pick, by_key);
    for (size_t i = 0; i < n && i < MARKS_MAX; i++) {
        struct mark m = { .path = pick[i].key };
        /* Of one path twice, in one tree: the first. */
        if ((ret->n && ret->item[ret->n - 1].path == m.path) || !head_of(v, &v->node[pick[i].node], &m.head))
            continue;
        ret->item[ret->n++] = m;
    }
}

bool servers_marks_apart(const struct marks *a, const struct marks *b)
{
    size_t same = 0, other = 0;

    for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
        if (a->item[i].path == b->item[k].path) {
            same  += a->item[i].head == b->item[k].head;
            other += a->item[i].head != b->item[k].head;
            i++, k++;
        } else if (a->item[i].path < b->item[k].path) {
            i++;
        } else {
            k++;
        }
    }
    return other > same;
}
