/*
 * yaml: any bytes. Properties: counts are those of the chains; a map's keys are distinct and found by yaml_get; lists have no keys; depth and
 * nodes keep their bounds; damage has a reason with a line; the same bytes give the same tree.
 */
#include "formats/yaml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void need(bool ok)
{
    if (!ok)
        abort();
}

static size_t walk(const struct yaml_item *i, int depth)
{
    size_t kids = 0, nodes = 1;

    need(depth <= YAML_DEPTH_MAX && i->line >= 1);
    for (const struct yaml_item *k = i->first; k; k = k->next) {
        need(i->kind != YAML_TEXT);
        need(i->kind == YAML_LIST ? k->key.p == NULL : yaml_get(i, k->key) == k);
        nodes += walk(k, depth + 1);
        kids++;
    }
    need(kids == i->count);
    return nodes;
}

static bool same(const struct yaml_item *x, const struct yaml_item *y)
{
    for (; x && y; x = x->next, y = y->next)
        if (x->kind != y->kind || x->plain != y->plain || x->line != y->line || !str_eq(x->key, y->key) || !str_eq(x->text, y->text) ||
            !same(x->first, y->first))
            return false;
    return !x && !y;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n > 8192)
        return 0;
    size_t           room = 4 << 20;
    uint8_t         *block = malloc(room);
    struct arena     a = { block, block + room, NULL };
    struct yaml_tree t, u;
    struct err       e = { 0 };

    if (yaml_read(&t, &a, (struct str){ data, n }, &e)) {
        size_t docs = 0, nodes = 0;
        for (const struct yaml_item *d = t.doc; d; d = d->next, docs++)
            nodes += walk(d, 0);
        need(docs == t.count && nodes <= YAML_NODES_MAX);
        need(!t.damaged || (t.why.kind == ERR_FORMAT && str_starts(str_c(t.why.what), STR("line "))));
        need(yaml_read(&u, &a, (struct str){ data, n }, &e) && same(t.doc, u.doc) && t.damaged == u.damaged);
    } else {
        need(e.kind == ERR_LIMIT || e.kind == ERR_MEMORY);
    }
    free(block);
    return 0;
}
