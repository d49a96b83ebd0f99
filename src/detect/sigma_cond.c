/*
 * Conditions.
 *
 *   or    := and { "or" and }        and  := not { "and" not }        not := { "not" } one
 *   one   := "(" or ")" | ("1" | "any" | "all") "of" ("them" | name with "*") | name
 *
 * `them` leaves out selections that start with "_". Source: Sigma specification 2.0, "condition".
 */
#include "detect/sigma_code.h"

struct words {
    struct sigma_builder         *b;
    const struct sigma_selection *sel;
    size_t                        n;
    struct str                    rest, word;     /* word: the one to be read; empty at the end */
    int                           depth;
};

static bool word_char(uint8_t c) { return ch_alnum(c) || c == '_' || c == '-' || c == '*' || c == '?' || c == '.' || c >= 0x80; }

static void step(struct words *w)
{
    size_t n = 0;

    while (w->rest.n && ch_space(w->rest.p[0]))
        w->rest = str_from(w->rest, 1);
    while (n < w->rest.n && word_char(w->rest.p[n]))
        n++;
    if (n == 0 && w->rest.n)
        n = 1;                                    /* "(", ")", "|" or what does not belong here */
    w->word = str_sub(w->rest, 0, n);
    w->rest = str_from(w->rest, n);
}

static bool is(const struct words *w, const char *what) { return str_ieq(w->word, str_c(what)); }

static struct sigma_node *refuse(struct words *w, const char *why)
{
    err_set(w->b->e, ERR_FORMAT, "condition: %s at \"%.*s\"", why, STR_ARG(str_sub(w->word, 0, 40)));
    return NULL;
}

static struct sigma_node *ref(struct words *w, const struct sigma_selection *s)
{
    struct sigma_node *n = sigma_node_new(w->b, NODE_REF);
    if (n)
        n->kid = s->node;
    return n;
}

/* "sel*", "*sel", "a*b": stars only. */
static bool name_fits(struct str glob, struct str name)
{
    size_t p = 0, i = 0, star = SIZE_MAX, back = 0;

    while (i < name.n) {
        if (p < glob.n && glob.p[p] == '*') {
            star = p++;
            back = i;
        } else if (p < glob.n && glob.p[p] == name.p[i]) {
            p++;
            i++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            i = ++back;
        } else {
            return false;
        }
    }
    while (p < glob.n && glob.p[p] == '*')
        p++;
    return p == glob.n;
}

static struct sigma_node *of(struct words *w, enum sigma_node_kind kind)
{
    struct sigma_node  *list = sigma_node_new(w->b, kind), *one;
    struct sigma_node **last = list ? &list->kid : NULL;

    step(w);                                      /* "of" */
    step(w);
    bool them = is(w, "them");
    if (w->word.n == 0 || (!them && !word_char(w->word.p[0])))
        return refuse(w, "a selection is missing");
    for (size_t i = 0; list && i < w->n; i++) {
        if (them ? str_starts(w->sel[i].name, STR("_")) : !name_fits(w->word, w->sel[i].name))
            continue;
        if (!(one = ref(w, &w->sel[i])))
            return NULL;
        *last = one;
        last  = &one->next;
    }
    if (list && !list->kid)
        return refuse(w, "no selection has such a name");
    step(w);
    return list;
}

static bool next_is_of(const struct words *w)
{
    struct words ahead = *w;
    step(&ahead);
    return is(&ahead, "of");
}

static struct sigma_node *read_or(struct words *w);

static struct sigma_node *read_one(struct words *w)
{
    if (w->word.n == 0)
        return refuse(w, "it ends too early");
    if (is(w, "(")) {
        if (++w->depth > SIGMA_DEPTH_MAX)
            return refuse(w, "too many parentheses");
        step(w);
        struct sigma_node *n = read_or(w);
        w->depth--;
        if (!n)
            return NULL;
        if (!is(w, ")"))
            return refuse(w, "\")\" is missing");
        step(w);
        return n;
    }
    if (is(w, "|"))
        return refuse(w, "aggregations (\"|\") are not supported; use a correlation");
    if (next_is_of(w)) {
        if (is(w, "1") || is(w, "any"))
            return of(w, NODE_OR);
        if (is(w, "all"))
            return of(w, NODE_AND);
        return refuse(w, "only \"1 of\" and \"all of\" are known");
    }
    for (size_t i = 0; i < w->n; i++)
        if (str_eq(w->sel[i].name, w->word)) {
            step(w);
            return ref(w, &w->sel[i]);
        }
    return refuse(w, "no such selection");
}

static struct sigma_node *read_not(struct words *w)
{
    if (!is(w, "not"))
        return read_one(w);
    if (++w->depth > SIGMA_DEPTH_MAX)
        return refuse(w, "too many \"not\"");
    step(w);
    struct sigma_node *not = sigma_node_new(w->b, NODE_NOT);
    struct sigma_node *kid = not ? read_not(w) : NULL;
    w->depth--;
    if (!kid)
        return NULL;
    not->kid = kid;
    return not;
}

/* A row of equal operators becomes one node. */
static struct sigma_node *read_row(struct words *w, const char *op, enum sigma_node_kind kind, struct sigma_node *(*part)(struct words *))
{
    struct sigma_node *first = part(w);

    if (!first || !is(w, op))
        return first;
    struct sigma_node *row = sigma_node_new(w->b, kind), *last = first;
    if (!row)
        return NULL;
    row->kid = first;
    while (is(w, op)) {
        step(w);
        if (!(last->next = part(w)))
            return NULL;
        last = last->next;
    }
    return row;
}

static struct sigma_node *read_and(struct words *w) { return read_row(w, "and", NODE_AND, read_not); }
static struct sigma_node *read_or(struct words *w)  { return read_row(w, "or", NODE_OR, read_and); }

static struct sigma_node *read_whole(struct sigma_builder *b, const struct yaml_item *i, const struct sigma_selection *sel, size_t n)
{
    struct words w = { .b = b, .sel = sel, .n = n, .rest = i->text };

    if (i->kind != YAML_TEXT) {
        err_set(b->e, ERR_FORMAT, "line %u: a condition that is no text", i->line);
        return NULL;
    }
    step(&w);
    struct sigma_node *root = read_or(&w);
    if (root && is(&w, "|"))
        return refuse(&w, "aggregations (\"|\") are not supported; use a correlation");
    if (root && w.word.n)
        return refuse(&w, "not understood");
    return root;
}

bool sigma_condition_read(struct sigma_builder *b, const struct yaml_item *i, const struct sigma_selection *sel, size_t n,
                          struct sigma_node **ret)
{
    struct sigma_node *root;

    if (i->kind == YAML_LIST && i->count) {
        root = sigma_node_new(b, NODE_OR);
        struct sigma_node **last = root ? &root->kid : NULL;
        for (const struct yaml_item *k = i->first; root && k; k = k->next) {
            if (!(*last = read_whole(b, k, sel, n)))
                return false;
            last = &(*last)->next;
        }
    } else {
        root = read_whole(b, i, sel, n);
    }
    if (!root)
        return false;
    *ret = root;
    return true;
}
