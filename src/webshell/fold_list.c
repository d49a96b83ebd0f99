/* Lists, and texts and bytes where they are used as lists. */
#include "webshell/fold_inner.h"

#include <string.h>

static const struct val *list_of(struct fold_args *c, size_t i) { return i < c->n && c->v[i]->kind == VAL_LIST ? c->v[i] : NULL; }

bool list_array(struct fold_args *c)
{
    /* JScript's Array(3) is three of nothing. */
    if (lang_js(c->l) && c->arg_n == 1 && c->arg[0].kind == VAL_NUMBER) {
        if (c->arg[0].number < 0 || c->arg[0].number > VAL_ITEMS_MAX)
            return false;
        struct val *none = fold_items(c, (size_t)c->arg[0].number);
        for (size_t i = 0; none && i < (size_t)c->arg[0].number; i++)
            none[i].kind = VAL_NULL;
        return none && fold_give_list(c, none, (size_t)c->arg[0].number);
    }
    struct val *item = fold_items(c, c->arg_n);
    if (!item)
        return false;
    for (size_t i = 0; i < c->arg_n; i++)
        item[i] = c->arg[i];
    return fold_give_list(c, item, c->arg_n);
}

bool list_length(struct fold_args *c)
{
    if (c->n && c->v[0]->kind == VAL_BYTES)
        return fold_give_number(c, (int64_t)c->v[0]->text.n);
    return list_of(c, 0) && fold_give_number(c, (int64_t)c->v[0]->item_n);
}
bool list_ubound(struct fold_args *c) { return list_length(c) && (c->n < 2 || !lang_vb(c->l) || c->v[1]->kind == VAL_NUMBER) && fold_give_number(c, c->out.number - 1); }
bool list_lbound(struct fold_args *c) { return fold_give_number(c, 0); }

static bool sublist(struct fold_args *c, const struct val *x, int64_t from, int64_t to)
{
    if (x->kind == VAL_BYTES)
        return fold_give_bytes(c, str_sub(x->text, (size_t)from, (size_t)(to > from ? to : from)));
    return fold_give_list(c, x->item + from, to > from ? (size_t)(to - from) : 0);
}

/* A text counts as the list of its letters, as it does for Enumerable. */
static bool spread(struct fold_args *c, struct val *ret, int64_t *n)
{
    if (!c->n)
        return false;
    *ret = *c->v[0];
    if (ret->kind == VAL_TEXT) {
        if (!text_chars(c))
            return false;
        *ret = c->out;
    }
    *n = ret->kind == VAL_BYTES ? (int64_t)ret->text.n : (int64_t)ret->item_n;
    return ret->kind == VAL_LIST || ret->kind == VAL_BYTES;
}

bool list_reverse(struct fold_args *c)
{
    struct val x;
    int64_t    n;

    if (c->n > 1 || !spread(c, &x, &n))
        return false;
    if (x.kind == VAL_BYTES) {
        uint8_t *p = fold_room(c, x.text.n);
        for (size_t i = 0; p && i < x.text.n; i++)
            p[i] = x.text.p[x.text.n - 1 - i];
        return p && fold_give_bytes(c, (struct str){ p, x.text.n });
    }
    struct val *item = fold_items(c, x.item_n);
    for (size_t i = 0; item && i < x.item_n; i++)
        item[i] = x.item[x.item_n - 1 - i];
    return item && fold_give_list(c, item, x.item_n);
}

bool list_slice(struct fold_args *c)
{
    struct val x;
    int64_t    n, a = 0, b = INT64_MAX;

    if (!spread(c, &x, &n) || (c->n > 1 && !fold_arg_number(c, 1, &a)) || (c->n > 2 && !fold_arg_number(c, 2, &b)))
        return false;
    a = a < 0 ? (a < -n ? 0 : a + n) : a > n ? n : a;
    b = b < 0 ? (b < -n ? 0 : b + n) : b > n ? n : b;
    return sublist(c, &x, a, b);
}
bool list_skip(struct fold_args *c)
{
    struct val x;
    int64_t    n, k;
    return spread(c, &x, &n) && fold_arg_number(c, 1, &k) && sublist(c, &x, k < 0 ? 0 : k > n ? n : k, n);
}
bool list_take(struct fold_args *c)
{
    struct val x;
    int64_t    n, k;
    return spread(c, &x, &n) && fold_arg_number(c, 1, &k) && sublist(c, &x, 0, k < 0 ? 0 : k > n ? n : k);
}

static bool element(struct fold_args *c, const struct val *x, int64_t n, int64_t i)
{
    if (i < 0 || i >= n)
        return false;
    if (x->kind == VAL_BYTES)
        return fold_give_number(c, x->text.p[i]);
    c->out = x->item[i];
    return true;
}
bool list_at(struct fold_args *c)
{
    struct val x;
    int64_t    n, i;
    return spread(c, &x, &n) && fold_arg_number(c, 1, &i) && element(c, &x, n, i);
}
bool list_first(struct fold_args *c)
{
    struct val x;
    int64_t    n;
    return c->n == 1 && spread(c, &x, &n) && element(c, &x, n, 0);
}
bool list_last(struct fold_args *c)
{
    struct val x;
    int64_t    n;
    return c->n == 1 && spread(c, &x, &n) && element(c, &x, n, n - 1);
}

bool list_range(struct fold_args *c)
{
    int64_t from, n;

    if (!fold_arg_number(c, 0, &from) || !fold_arg_number(c, 1, &n) || n < 0 || n > VAL_ITEMS_MAX || from > INT32_MAX || from < INT32_MIN)
        return false;
    struct val *item = fold_items(c, (size_t)n);
    for (int64_t i = 0; item && i < n; i++)
        item[i] = (struct val){ .kind = VAL_NUMBER, .number = from + i };
    return item && fold_give_list(c, item, (size_t)n);
}

/* self with the arguments behind it; lists among them are poured in. */
static bool appended(struct fold_args *c, bool pour, bool before)
{
    const struct val *x = list_of(c, 0);
    size_t            n;

    if (!x)
        return false;
    n = x->item_n;
    for (size_t i = 0; i < c->arg_n; i++)
        n += pour && c->arg[i].kind == VAL_LIST ? c->arg[i].item_n : 1;
    struct val *item = fold_items(c, n);
    size_t      k = 0;
    if (!item)
        return false;
    for (int pass = 0; pass < 2; pass++) {
        if ((pass == 0) != before)
            for (size_t i = 0; i < x->item_n; i++)
                item[k++] = x->item[i];
        else
            for (size_t i = 0; i < c->arg_n; i++)
                if (pour && c->arg[i].kind == VAL_LIST)
                    for (size_t m = 0; m < c->arg[i].item_n; m++)
                        item[k++] = c->arg[i].item[m];
                else
                    item[k++] = c->arg[i];
    }
    return fold_give_list(c, item, n);
}
bool list_concat(struct fold_args *c) { return appended(c, true, false); }
bool list_push(struct fold_args *c) { return appended(c, false, false); }
bool list_unshift(struct fold_args *c) { return appended(c, false, true); }
bool list_pop(struct fold_args *c) { return list_of(c, 0) && element(c, c->v[0], (int64_t)c->v[0]->item_n, (int64_t)c->v[0]->item_n - 1); }
bool list_shift(struct fold_args *c) { return list_of(c, 0) && element(c, c->v[0], (int64_t)c->v[0]->item_n, 0); }

bool list_index_of(struct fold_args *c)
{
    const struct val *x = list_of(c, 0);
    struct str        what, s;

    if (!x || !fold_arg_text(c, 1, &what))
        return false;
    for (size_t i = 0; i < x->item_n; i++) {
        if (!fold_as_text(c->f, c->l, &x->item[i], &s, &c->full))
            return false;
        if (str_eq(s, what) && x->item[i].kind == c->v[1]->kind)
            return fold_give_number(c, (int64_t)i);
    }
    return fold_give_number(c, -1);
}
bool list_contains(struct fold_args *c) { return list_index_of(c) && fold_give_bool(c, c->out.number >= 0); }
