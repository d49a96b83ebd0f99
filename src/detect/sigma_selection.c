/* Selections of `detection:`: maps of fields, lists of them, lists of keywords; and the modifiers of a field. */
#include "detect/sigma_code.h"

#include "base/num.h"

enum modifier {
    MOD_CONTAINS, MOD_STARTS, MOD_ENDS, MOD_ALL, MOD_RE, MOD_I, MOD_M, MOD_S, MOD_WINDASH, MOD_CIDR, MOD_EXISTS, MOD_CASED, MOD_GT, MOD_GTE,
    MOD_LT, MOD_LTE, MOD_NEQ, MOD_COUNT
};
#define BIT(m) (1u << (m))
#define SHAPES (BIT(MOD_CONTAINS) | BIT(MOD_STARTS) | BIT(MOD_ENDS))
#define ORDER  (BIT(MOD_GT) | BIT(MOD_GTE) | BIT(MOD_LT) | BIT(MOD_LTE))
#define RE_FLAGS (BIT(MOD_I) | BIT(MOD_M) | BIT(MOD_S))

static const struct { const char *name; unsigned fits_with; } modifiers[MOD_COUNT] = {
    [MOD_CONTAINS] = { "contains",   BIT(MOD_ALL) | BIT(MOD_CASED) | BIT(MOD_WINDASH) | BIT(MOD_NEQ) },
    [MOD_STARTS]   = { "startswith", BIT(MOD_ALL) | BIT(MOD_CASED) | BIT(MOD_WINDASH) | BIT(MOD_NEQ) },
    [MOD_ENDS]     = { "endswith",   BIT(MOD_ALL) | BIT(MOD_CASED) | BIT(MOD_WINDASH) | BIT(MOD_NEQ) },
    [MOD_ALL]      = { "all",        SHAPES | BIT(MOD_RE) | RE_FLAGS | BIT(MOD_CASED) | BIT(MOD_WINDASH) | BIT(MOD_CIDR) },
    [MOD_RE]       = { "re",         RE_FLAGS | BIT(MOD_ALL) | BIT(MOD_NEQ) },
    [MOD_I]        = { "i",          RE_FLAGS | BIT(MOD_RE) | BIT(MOD_ALL) | BIT(MOD_NEQ) },
    [MOD_M]        = { "m",          RE_FLAGS | BIT(MOD_RE) | BIT(MOD_ALL) | BIT(MOD_NEQ) },
    [MOD_S]        = { "s",          RE_FLAGS | BIT(MOD_RE) | BIT(MOD_ALL) | BIT(MOD_NEQ) },
    [MOD_WINDASH]  = { "windash",    SHAPES | BIT(MOD_ALL) | BIT(MOD_CASED) | BIT(MOD_NEQ) },
    [MOD_CIDR]     = { "cidr",       BIT(MOD_ALL) | BIT(MOD_NEQ) },
    [MOD_EXISTS]   = { "exists",     0 },
    [MOD_CASED]    = { "cased",      SHAPES | BIT(MOD_ALL) | BIT(MOD_WINDASH) | BIT(MOD_NEQ) },
    [MOD_GT]       = { "gt",         0 },
    [MOD_GTE]      = { "gte",        0 },
    [MOD_LT]       = { "lt",         0 },
    [MOD_LTE]      = { "lte",        0 },
    [MOD_NEQ]      = { "neq",        SHAPES | BIT(MOD_CASED) | BIT(MOD_WINDASH) | BIT(MOD_RE) | RE_FLAGS | BIT(MOD_CIDR) },
};

/* Known to Sigma, not to us: the reason is told in words. */
static const struct { const char *name, *why; } refused[] = {
    { "base64",       "encoded values are not searched for in this version" },
    { "base64offset", "encoded values are not searched for in this version" },
    { "wide",         "UTF-16 encoded values are not searched for in this version" },
    { "utf16",        "UTF-16 encoded values are not searched for in this version" },
    { "utf16le",      "UTF-16 encoded values are not searched for in this version" },
    { "utf16be",      "UTF-16 encoded values are not searched for in this version" },
    { "fieldref",     "comparing two fields is not supported in this version" },
    { "expand",       "placeholders need values that this tool does not have" },
};

struct field_key { struct str name; uint32_t field; unsigned mods; };

static bool modifier_read(struct sigma_builder *b, struct str word, unsigned *mods)
{
    for (size_t m = 0; m < MOD_COUNT; m++)
        if (str_eq(word, str_c(modifiers[m].name))) {
            for (size_t k = 0; k < MOD_COUNT; k++)
                if ((*mods & BIT(k)) && !(modifiers[m].fits_with & BIT(k)))
                    return err_set(b->e, ERR_FORMAT, "modifier %s does not go with %s", modifiers[m].name, modifiers[k].name);
            if ((BIT(m) & RE_FLAGS) && !(*mods & BIT(MOD_RE)))
                return err_set(b->e, ERR_FORMAT, "modifier %s needs re before it", modifiers[m].name);
            *mods |= BIT(m);
            return true;
        }
    for (size_t m = 0; m < COUNT_OF(refused); m++)
        if (str_eq(word, str_c(refused[m].name)))
            return err_set(b->e, ERR_FORMAT, "modifier %s: %s", refused[m].name, refused[m].why);
    return err_set(b->e, ERR_FORMAT, "unknown modifier \"%.*s\"", STR_ARG(str_sub(word, 0, 40)));
}

static bool key_read(struct sigma_builder *b, struct str key, struct field_key *ret)
{
    struct field_key k = { .field = SIGMA_RAW };
    struct str       word;

    str_cut(&key, '|', &k.name);
    while (str_cut(&key, '|', &word))
        if (!modifier_read(b, word, &k.mods))
            return false;
    if (k.name.n == 0) {
        if (k.mods & (BIT(MOD_EXISTS) | BIT(MOD_CIDR) | ORDER | BIT(MOD_STARTS) | BIT(MOD_ENDS) | BIT(MOD_NEQ)))
            return err_set(b->e, ERR_FORMAT, "keywords without a field take all, contains, cased, windash and re only");
    } else if (!sigma_field_index(b, k.name, &k.field)) {
        return false;
    }
    *ret = k;
    return true;
}

static bool pattern_read(struct sigma_builder *b, struct str text, unsigned mods, struct sigma_test *t)
{
    t->op    = OP_PATTERN;
    t->text  = text;
    t->flags = (struct pattern_flags){ .fold = mods & BIT(MOD_I), .multiline = mods & BIT(MOD_M), .dot_all = mods & BIT(MOD_S) };
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

static bool dash_at(struct str v, size_t i)
{
    return (v.p[i] == '-' || v.p[i] == '/') && (i == 0 || ch_space(v.p[i - 1])) && i + 1 < v.n && ch_alnum(v.p[i + 1]);
}

/* The value with each of the five dashes that Windows programs take, in place of the leading dash of a word. */
static struct sigma_node *windash(struct sigma_builder *b, struct str v, struct sigma_node *proto, bool left, bool right)
{
    static const char *const dash[] = { "-", "/", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95" };
    struct sigma_node  *any  = sigma_node_new(b, NODE_OR);
    struct sigma_node **last = any ? &any->kid : NULL;

    for (size_t d = 0; any && d < COUNT_OF(dash); d++) {
        struct str s = STR("");
        for (size_t i = 0; i < v.n && s.p; i++)
            s = str_cat(b->a, s, dash_at(v, i) ? str_c(dash[d]) : str_sub(v, i, i + 1));
        struct sigma_node *n = sigma_node_new(b, NODE_TEST);
        if (!n)
            return NULL;
        n->test = proto->test;
        if (!s.p) {
            err_set(b->e, ERR_MEMORY, "no room for a value");
            return NULL;
        }
        if (!sigma_value_read(b, s, left, right, &n->test))
            return NULL;
        *last = n;
        last  = &n->next;
    }
    return any;
}

static struct sigma_node *value_node(struct sigma_builder *b, const struct field_key *k, const struct yaml_item *v)
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
        t->op = OP_ABSENT;
        if (k->field == SIGMA_RAW || (k->mods & ~(BIT(MOD_NEQ) | BIT(MOD_ALL))))
            ok = err_set(b->e, ERR_FORMAT, "line %u: null with a modifier or without a field", v->line);
    } else if (k->mods & ORDER) {
        t->op = k->mods & BIT(MOD_GT) ? OP_GT : k->mods & BIT(MOD_GTE) ? OP_GTE : k->mods & BIT(MOD_LT) ? OP_LT : OP_LTE;
        if (!sigma_number_parse(v->text, &t->limit))
            ok = err_set(b->e, ERR_FORMAT, "line %u: a comparison with what is no number", v->line);
    } else if (k->mods & BIT(MOD_CIDR)) {
        t->op = OP_NET;
        if (!sigma_net_parse(v->text, &t->net))
            ok = err_set(b->e, ERR_FORMAT, "line %u: not a network in CIDR form", v->line);
    } else if (k->mods & BIT(MOD_RE)) {
        ok = pattern_read(b, v->text, k->mods, t);
    } else {
        bool left  = k->field == SIGMA_RAW || (k->mods & (BIT(MOD_CONTAINS) | BIT(MOD_ENDS)));
        bool right = k->field == SIGMA_RAW || (k->mods & (BIT(MOD_CONTAINS) | BIT(MOD_STARTS)));
        if (k->mods & BIT(MOD_WINDASH))
            return windash(b, v->text, n, left, right);
        ok = sigma_value_read(b, v->text, left, right, t);
    }
    return ok ? n : NULL;
}

/* One field (or "|all") with its value or values. */
static struct sigma_node *field_node(struct sigma_builder *b, const struct yaml_item *i)
{
    struct field_key   k;
    struct sigma_node *list, *one;

    if (!key_read(b, i->key, &k))
        return NULL;
    if (i->kind == YAML_MAP) {
        err_set(b->e, ERR_FORMAT, "line %u: a map inside a field", i->line);
        return NULL;
    }
    if (i->kind == YAML_TEXT) {
        list = value_node(b, &k, i);
    } else {
        if (i->count == 0 || (k.mods & (ORDER | BIT(MOD_EXISTS)))) {
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
    static const struct field_key keyword = { .field = SIGMA_RAW };
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
