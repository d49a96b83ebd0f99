#include "detect/evtplan_ids.h"

#include "base/num.h"
#include "detect/sigma_code.h"

bool evt_ids_has(const struct evt_ids *s, uint32_t id)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->id[i] == id)
            return true;
    return s->any;
}

void evt_ids_add(struct evt_ids *s, uint32_t id)
{
    if (evt_ids_has(s, id))
        return;
    if (s->n == EVT_IDS_KEPT)
        s->any = true;
    else
        s->id[s->n++] = id;
}

struct evt_ids evt_ids_of(const struct sigma *s, const struct sigma_node *n)
{
    struct evt_ids all = { .any = n->kind != NODE_OR };

    switch (n->kind) {
    case NODE_REF:
        return evt_ids_of(s, n->kid);
    case NODE_TEST: {
        uint32_t id;
        if (n->test.field != SIGMA_RAW && n->test.op == OP_IS && str_ieq(s->field[n->test.field], STR("EventID")) && num_u32(n->test.text, &id))
            all = (struct evt_ids){ .n = 1, .id = { id } };
        return all;
    }
    case NODE_AND:
        for (const struct sigma_node *k = n->kid; k; k = k->next) {
            struct evt_ids one = evt_ids_of(s, k), both = { .any = all.any && one.any };
            for (size_t i = 0; i < all.n; i++)
                if (evt_ids_has(&one, all.id[i]))
                    evt_ids_add(&both, all.id[i]);
            for (size_t i = 0; i < one.n; i++)
                if (evt_ids_has(&all, one.id[i]))
                    evt_ids_add(&both, one.id[i]);
            all = both;
        }
        return all;
    case NODE_OR:
        for (const struct sigma_node *k = n->kid; k && !all.any; k = k->next) {
            struct evt_ids one = evt_ids_of(s, k);
            all.any |= one.any;
            for (size_t i = 0; i < one.n; i++)
                evt_ids_add(&all, one.id[i]);
        }
        return all;
    case NODE_NOT:
        break;
    }
    return (struct evt_ids){ .any = true };
}

/* Has every match of it a character beyond ASCII in some text? The search has no literals for those. */
bool evt_is_foreign(const struct sigma_node *n)
{
    bool all = true, some = false;

    switch (n->kind) {
    case NODE_TEST:
        if (n->test.op > OP_GLOB)
            return false;
        for (size_t i = 0; i < n->test.text.n && n->test.op != OP_GLOB; i++)
            some |= n->test.text.p[i] >= 0x80;
        for (size_t i = 0; i < n->test.glob_n && n->test.op == OP_GLOB; i++)
            some |= n->test.glob[i] >= 0x80 && n->test.glob[i] < 256;
        return some;
    case NODE_REF:
        return evt_is_foreign(n->kid);
    case NODE_NOT:
        return false;
    default:
        for (const struct sigma_node *k = n->kid; k; k = k->next) {
            bool one = evt_is_foreign(k);
            all  = all && one;
            some = some || one;
        }
        return n->kind == NODE_AND ? some : all && n->kid;
    }
}

/* The ids of this channel that the rule's source speaks of. n == 0 and not any: it does not look at the channel. */
struct evt_ids evt_source_ids(const struct sigma_rule *r, const struct evt_channel *c)
{
    struct evt_ids ids = { 0 };
    struct str named;

    if (r->correlation || !r->code)
        return ids;
    if (evt_source_by_channel(r, &named)) {
        ids.any = !named.n || str_ieq(named, c->name);
        return ids;
    }
    for (const struct evt_source *s = evt_sources; s->category || s->service; s++) {
        if (!s->channel || !evt_source_is(r, s) || !str_ieq(str_c(s->channel), c->name))
            continue;
        ids.any |= s->id[0] == 0;
        for (size_t i = 0; i < EVT_IDS_MAX && s->id[i]; i++)
            evt_ids_add(&ids, s->id[i]);
    }
    return ids;
}
