/* Types: where they end, and what is kept of them. Every look ahead is bounded by CLIKE_TYPE_TOKENS_MAX tokens. */
#include "webshell/clike_inner.h"

#include "base/arena.h"

struct look { const struct clike *p; uint32_t last; };    /* last: no look beyond this token */

static uint32_t type_at(const struct look *k, uint32_t i, uint32_t depth, bool nullable);

/* < A, B > ; also <> and <,>. Gives the index behind it. */
static uint32_t angles(const struct look *k, uint32_t i, uint32_t depth)
{
    const struct token *t = k->p->t;

    if (!tk_sign(&t[i], '<') || depth > CLIKE_TYPE_DEPTH_MAX)
        return 0;
    i++;
    for (;;) {
        if (tk_sign(&t[i], '[') && t[i].mate)                /* attributes of a type parameter */
            i = t[i].mate + 1;
        if (tk_word(&t[i], W_in) || tk_word(&t[i], W_out))
            i++;
        if (!tk_sign(&t[i], ',') && !tk_sign(&t[i], '>') && !(i = type_at(k, i, depth + 1, true)))
            return 0;
        if (i > k->last)
            return 0;
        if (tk_sign(&t[i], '>'))
            return i + 1;
        if (!tk_sign(&t[i], ','))
            return 0;
        i++;
    }
}

/* ( A a, B b ), at least two. */
static uint32_t tuple(const struct look *k, uint32_t i, uint32_t depth)
{
    const struct token *t = k->p->t;
    uint32_t n = 0;

    if (depth > CLIKE_TYPE_DEPTH_MAX || !t[i].mate)
        return 0;
    for (i++; i <= k->last; i++) {
        if (!(i = type_at(k, i, depth + 1, true)))
            return 0;
        i += tk_plain(k->p, &t[i]);
        n++;
        if (tk_sign(&t[i], ')'))
            return n > 1 ? i + 1 : 0;
        if (!tk_sign(&t[i], ','))
            return 0;
    }
    return 0;
}

static uint32_t type_at(const struct look *k, uint32_t i, uint32_t depth, bool nullable)
{
    const struct clike *p = k->p;
    const struct token *t = p->t;
    uint32_t e;

    if (i > k->last)
        return 0;
    if (!p->js && (tk_word(&t[i], W_ref) || tk_word(&t[i], W_scoped)) && t[i + 1].kind == TK_NAME) {
        i++;
        i += tk_word(&t[i], W_readonly);
    }
    if (!p->js && tk_sign(&t[i], '(')) {
        if (!(i = tuple(k, i, depth)))
            return 0;
    } else if (tk_word(&t[i], W_delegate) && tk_sign(&t[i + 1], '*')) {
        i += 2;
        if (t[i].kind == TK_NAME)
            i++;
        if (!(i = angles(k, i, depth + 1)))
            return 0;
    } else if (tk_type_word(p, &t[i]) || (p->js && tk_word(&t[i], W_void)))
        i++;
    else
        for (;;) {
            if (!tk_plain(p, &t[i]) || i > k->last)
                return 0;
            i++;
            if (!p->js && tk_sign(&t[i], '<')) {
                if (!(e = angles(k, i, depth + 1)))
                    return depth ? 0 : i;      /* `a < b`: the name alone */
                i = e;
            }
            if (!tk_sign(&t[i], '.') && !tk_sign(&t[i], S_COLONS))
                break;
            i++;
        }
    for (; i <= k->last; ) {
        if (nullable && !p->js && tk_sign(&t[i], '?') && !tk_sign(&t[i - 1], '?'))
            i++;
        else if (!p->js && tk_sign(&t[i], '*'))
            i++;
        else if (tk_sign(&t[i], '[')) {
            e = i + 1;
            while (e <= k->last && tk_sign(&t[e], ','))
                e++;
            if (!tk_sign(&t[e], ']'))
                break;
            i = e + 1;
        } else
            break;
    }
    return i;
}

static struct look look(const struct clike *p, uint32_t i)
{
    return (struct look){ p, p->n - i > CLIKE_TYPE_TOKENS_MAX ? i + CLIKE_TYPE_TOKENS_MAX : p->n - 1 };
}

uint32_t clike_type_end(const struct clike *p, uint32_t i, bool nullable)
{
    struct look k = look(p, i);

    return i < p->n ? type_at(&k, i, 0, nullable) : 0;
}

uint32_t clike_arguments_end(const struct clike *p, uint32_t i, uint32_t depth)
{
    struct look k = look(p, i);

    return i < p->n ? angles(&k, i, depth) : 0;
}

struct str clike_type_text(struct clike *p, uint32_t from, uint32_t to)
{
    uint32_t   name = 0, arrays = 0, deep = 0;
    struct str s = STR("ValueTuple");
    bool       escaped;

    for (uint32_t i = from; i < to; i++) {
        const struct token *t = &p->t[i];

        deep += tk_sign(t, '<') || tk_sign(t, '(');
        deep -= deep && (tk_sign(t, '>') || tk_sign(t, ')'));
        if (t->kind == TK_NAME && !deep && !tk_word(t, W_ref) && !tk_word(t, W_readonly))
            name = i;
        arrays += tk_sign(t, '[') && !deep;
    }
    if (name)
        s = clike_name(p, &p->t[name], &escaped);
    for (arrays = arrays > 4 ? 4 : arrays; arrays && s.p; arrays--)
        s = str_cat(p->b->a, s, STR("[]"));
    if (!s.p)
        p->full = true;
    return s;
}

struct str clike_type(struct clike *p)
{
    uint32_t   from = p->i, to = clike_type_end(p, from, true);
    struct str s;

    if (!to)
        return STR_EMPTY;
    s = clike_type_text(p, from, to);
    p->i = to;
    return s;
}
