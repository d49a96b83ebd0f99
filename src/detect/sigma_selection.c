/* Selections of `detection:`: maps of fields, lists of them, lists of keywords. */
#include "detect/sigma_code.h"

#include "base/num.h"
#include "detect/pattern_cost.h"
#include "detect/pattern_paths.h"

#define BIT(m) (1u << (m))

static bool pattern_read(struct sigma_builder *b, struct str text, unsigned mods, struct sigma_test *t)
{
    t->op    = OP_PATTERN;
    t->text  = text;
    t->flags = (struct pattern_flags){ .fold = mods & BIT(MOD_I), .multiline = mods & BIT(MOD_M), .dot_all = mods & BIT(MOD_S) };
    if (b->s->unfit && pattern_runs_away(text))           /* a user's rule: nobody has tried it on a log of this size */
        return err_set(b->e, ERR_FORMAT, "regular expression: a repeated group of what is itself repeated, as (a+)+, may take for ever");
    if (b->s->unfit && pattern_paths(text, t->flags.fold, t->flags.dot_all) == PATHS_MANY)
        return err_set(b->e, ERR_FORMAT, "regular expression: a repetition that takes one text in many ways, as (a|a)+, may take for ever");
    if (!pattern_compile(&t->pattern, b->a, text, t->flags, b->e))
        return false;
    struct sigma_node *n = sigma_node_new(b, NODE_TEST);
    if (!n) {
        pattern_close(t->pattern);
        return false;
    }
    n->test     = *t;
    n->next     = b->patterns;
    b->patterns = n;
    return true;
}

/* Text that is no expression, network or number: each way it may stand in a record, as alternatives. */
static struct sigma_node *text_node(struct sigma_builder *b, const struct sigma_key *k, struct str text, struct sigma_node *proto)
{
    bool              left  = k->field == SIGMA_RAW || (k->mods & (BIT(MOD_CONTAINS) | BIT(MOD_ENDS)));
    bool              right = k->field == SIGMA_RAW || (k->mods & (BIT(MOD_CONTAINS) | BIT(MOD_STARTS)));
    struct sigma_glob g, *way;
    size_t            n;

    if (!sigma_glob_read(b, text, &g) || !sigma_changes(b, g, k->change, k->change_n, &way, &n))
        return NULL;
    if (n == 1)
        return sigma_glob_test(b, &way[0], left, right, &proto->test) ? proto : NULL;
    struct sigma_node  *any  = sigma_node_new(b, NODE_OR), *one;
    struct sigma_node **last = any ? &any->kid : NULL;
    for (size_t i = 0; any && i < n; i++) {
        if (!(one = sigma_node_new(b, NODE_TEST)))
            return NULL;
        one->test = proto->test;
        if (!sigma_glob_test(b, &way[i], left, right, &one->test))
            return NULL;
        *last = one;
        last  = &one->next;
    }
    return any;
}

/* `a|fieldref: b`: the value of one field against that of another. */
static bool other_read(struct sigma_builder *b, const struct sigma_key *k, struct str name, struct sigma_test *t)
{
    t->op    = OP_FIELD;
    t->shape = k->mods & BIT(MOD_CONTAINS) ? OP_CONTAINS : k->mods & BIT(MOD_STARTS) ? OP_STARTS : k->mods & BIT(MOD_ENDS) ? OP_ENDS : OP_IS;
    return name.n ? sigma_field_index(b, name, &t->other) : err_set(b->e, ERR_FORMAT, "fieldref without the name of a field");
}

static struct sigma_node *value_node(struct sigma_builder *b, const struct sigma_key *k, const struct yaml_item *v)
{
    struct sigma_node *n = sigma_node_new(b, NODE_TEST);
    bool               ok = true, yes;

    if (!n)
        return NULL;
    struct sigma_test *t = &n->test;
    t->field  = k->field;
    t->cased  = k->mods & BIT(MOD_CASED);
    t->number = yaml_number(v);
    if (v->kind != YAML_TEXT) {
        ok = err_set(b->e, ERR_FORMAT, "line %u: a value that is a list or a map", v->line);
    } else if (k->mods & BIT(MOD_EXISTS)) {
        if (!yaml_bool(v, &yes))
            ok = err_set(b->e, ERR_FORMAT, "line %u: exists takes true or false", v->line);
        else
            t->op = yes ? OP_EXISTS : OP_ABSENT;
    } else if (yaml_null(v)) {
        t->op = OP_NONE;
        if (k->field == SIGMA_RAW || (k->mods & ~(BIT(MOD_NEQ) | BIT(MOD_ALL))))
            ok = err_set(b->e, ERR_FORMAT, "line %u: null with a modifier or without a field", v->line);
    } else if (k->mods & MODS_ORDER) {
        t->op = k->mods & BIT(MOD_GT) ? OP_GT : k->mods & BIT(MOD_GTE) ? OP_GTE : k->mods & BIT(MOD_LT) ? OP_LT : OP_LTE;
        if (!sigma_number_parse(v->text, &t->limit))
            ok = err_set(b->e, ERR_FORMAT, "line %u: a comparison with what is no number", v->line);
    } else if (k->mods & BIT(MOD_CIDR)) {
        t->op = OP_NET;
        if (!sigma_net_parse(v->text, &t->net))
            ok = err_set(b->e, ERR_FORMAT, "line %u: not a network in CIDR form", v->line);
    } else if (k->mods & BIT(MOD_FIELDREF)) {
        ok = other_read(b, k, v->text, t);
    } else if (k->mods & BIT(MOD_RE)) {
        ok = pattern_read(b, v->text, k->mods, t);
    } else {
        return text_node(b, k, v->text, n);
    }
    return ok ? n : NULL;
}

/* One field (or "|all") with its value or values. */
static struct sigma_node *field_node(struct sigma_builder *b, const struct yaml_item *i)
{
    struct sigma_key   k;
    struct sigma_node *list, *one;

    if (!sigma_key_read(b, i->key, &k))
        return NULL;
    if (i->kind == YAML_MAP) {
        err_set(b->e, ERR_FORMAT, "line %u: a map inside a field", i->line);
        return NULL;
    }
    if (i->kind == YAML_TEXT) {
        list = value_node(b, &k, i);
    } else {
        if (i->count == 0 || (k.mods & (MODS_ORDER | BIT(MOD_EXISTS)))) {
            err_set(b->e, ERR_FORMAT, i->count ? "line %u: a list where one value belongs" : "line %u: an empty list", i->line);
            return NULL;
        }
        list = sigma_node_new(b, k.mods & BIT(MOD_ALL) ? NODE_AND : NODE_OR);
        struct sigma_node **last = list ? &list->kid : NULL;
        for (const struct yaml_item *v = i->first; list && v; v = v->next) {
            if (!(one = value_node(b, &k, v)))
                return NULL;
            *last = one;
            last  = &one->next;
        }
    }
    if (!list || !(k.mods & BIT(MOD_NEQ)))
        return list;
    struct sigma_node *not = sigma_node_new(b, NODE_NOT);
    if (not)
        not->kid = list;
    return not;
}

static struct sigma_node *map_node(struct sigma_builder *b, const struct yaml_item *m)
{
    struct sigma_node *all = sigma_node_new(b, NODE_AND), *one;

    if (all && m->count == 0) {
        err_set(b->e, ERR_FORMAT, "line %u: an empty selection", m->line);
        return NULL;
    }
    struct sigma_node **last = all ? &all->kid : NULL;
    for (const struct yaml_item *f = m->first; all && f; f = f->next) {
        if (!(one = field_node(b, f)))
            return NULL;
        *last = one;
        last  = &one->next;
    }
    return all;
}

bool sigma_selection_read(struct sigma_builder *b, const struct yaml_item *i, struct sigma_node **ret)
{
    static const struct sigma_key keyword = { .field = SIGMA_RAW };
    struct sigma_node            *any, *one;

    if (i->kind == YAML_MAP) {
        any = map_node(b, i);
    } else if (i->kind == YAML_TEXT) {
        if (yaml_null(i))
            return err_set(b->e, ERR_FORMAT, "line %u: an empty selection", i->line);
        any = value_node(b, &keyword, i);
    } else {
        if (i->count == 0)
            return err_set(b->e, ERR_FORMAT, "line %u: an empty selection", i->line);
        any = sigma_node_new(b, NODE_OR);
        struct sigma_node **last = any ? &any->kid : NULL;
        for (const struct yaml_item *k = i->first; any && k; k = k->next) {
            if (!(one = k->kind == YAML_MAP ? map_node(b, k) : value_node(b, &keyword, k)))
                return false;
            *last = one;
            last  = &one->next;
        }
    }
    if (!any)
        return false;
    *ret = any;
    return true;
}
