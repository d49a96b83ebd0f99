/* See intruder_common.h. */
#include "casework/intruder_common.h"

#include "base/num.h"
#include "pack/pack.h"
#include "pack/table.h"

struct building { struct arena *a; struct intruder_common *item; size_t n, cap; };

static bool add(struct building *b, enum intruder_feature kind, struct str value, struct str why, struct err *e)
{
    if (b->n >= INTRUDER_COMMON_MAX)
        return err_set(e, ERR_LIMIT, "more than %d common features", INTRUDER_COMMON_MAX);
    struct intruder_common *x = GROW(b->a, b->item, b->n, &b->cap);
    if (!x)
        return err_set(e, ERR_MEMORY, "no room for common features");
    *x = (struct intruder_common){ kind, value, why };
    b->n++;
    return true;
}

static bool is_hash(enum intruder_feature kind) { return kind == INTRUDER_PAGE || kind == INTRUDER_COMPILED || kind == INTRUDER_TOOL; }

static bool row(struct building *b, const struct table *t, struct err *e)
{
    struct str            word = table_cell(t, "kind"), value = table_cell(t, "value");
    enum intruder_feature kind;
    uint8_t               hash[32];

    if (!intruder_feature_find(word, &kind) || kind == INTRUDER_BURST)
        return err_set(e, ERR_FORMAT, "line %u: \"%.*s\" is no kind of feature", t->line, STR_ARG(str_sub(word, 0, 40)));
    if (!value.n)
        return err_set(e, ERR_FORMAT, "line %u: value is empty", t->line);
    if (is_hash(kind) && !num_unhex(value, hash, sizeof hash))
        return err_set(e, ERR_FORMAT, "line %u: %s is not 64 hex digits", t->line, intruder_kinds[kind].name);
    if (is_hash(kind))
        value = str_lower(b->a, value);
    return value.p ? add(b, kind, value, table_cell(t, "description"), e) : err_set(e, ERR_MEMORY, "no room for common features");
}

static bool table(struct building *b, struct str text, struct err *e)
{
    struct table t;
    struct err   end = { 0 };

    if (!table_open(&t, b->a, text, e))
        return false;
    if (!table_has(&t, "kind") || !table_has(&t, "value"))
        return err_set(e, ERR_FORMAT, "line 1: the header lacks kind or value");
    while (table_next(&t, &end))
        if (!row(b, &t, e))
            return false;
    if (end.kind != ERR_NONE)
        *e = end;
    return end.kind == ERR_NONE;
}

/* Logs of IIS have a plus for a blank, and a report's agents are plain text with single blanks: both forms count. */
static bool agent(struct building *b, const struct ioc *x, struct err *e)
{
    uint8_t *plain = TAKE(b->a, uint8_t, x->value.n ? x->value.n : 1);
    size_t   n = 0;

    if (!plain)
        return err_set(e, ERR_MEMORY, "no room for common features");
    for (size_t i = 0; i < x->value.n; i++) {
        uint8_t c = x->value.p[i] == '+' || x->value.p[i] == ',' ? ' ' : x->value.p[i];
        if (c != ' ' || (n && plain[n - 1] != ' '))
            plain[n++] = c;
    }
    while (n && plain[n - 1] == ' ')
        n--;
    return add(b, INTRUDER_AGENT, x->value, x->description, e) && add(b, INTRUDER_AGENT, (struct str){ plain, n }, x->description, e);
}

static bool embedded(struct str id)
{
    for (size_t i = 0; pack_embedded_ids[i]; i++)
        if (str_eq(id, str_c(pack_embedded_ids[i])))
            return true;
    return false;
}

bool intruder_common_load(struct str slug, struct str more, struct arena *a, struct intruder_common **ret, size_t *ret_n, struct err *e)
{
    struct building b = { .a = a };
    struct pack     p;

    if (embedded(slug)) {
        if (!pack_load_embedded(&p, a, slug, e))
            return false;
        for (size_t i = 0; i < p.ioc_n; i++) {
            const struct ioc *x = &p.ioc[i];
            if ((x->kind == IOC_CHOPPER_KEY && !add(&b, INTRUDER_KEY, x->value, x->description, e)) || (x->kind == IOC_USER_AGENT && !agent(&b, x, e)))
                return false;
        }
    }
    if (!pack_load_embedded(&p, a, STR("survey"), e))
        return false;
    for (size_t i = 0; i < p.file_n; i++)
        if (str_eq(p.file[i].name, STR("common.csv")) && !table(&b, p.file[i].text, e))
            return err_where(e, "common.csv");
    if (more.n && !table(&b, more, e))
        return false;
    *ret   = b.item;
    *ret_n = b.n;
    return true;
}
