/* Paths: where only an end of a text is known, its extension or name often is all the same. */
#include "webshell/fold_inner.h"

#include <string.h>

static bool slash(uint8_t c) { return c == '\\' || c == '/'; }

bool text_path_combine(struct fold_args *c)
{
    struct gather g = { 0 };
    struct str    s;

    for (size_t i = 0; i < c->arg_n && !g.bad; i++) {
        const struct val *v = &c->arg[i];
        bool known = fold_as_text(c->f, c->l, v, &s, &c->full);
        if (!known)
            s = v->kind == VAL_UNKNOWN ? v->text : STR_EMPTY;
        if (known && !s.n)
            continue;
        if (s.n && i && (slash(s.p[0]) || (s.n > 1 && s.p[1] == ':')))
            g = (struct gather){ 0 };                   /* a rooted path begins anew */
        else if (i && (g.broken || (g.head_n && !slash(g.head[g.head_n - 1]))))
            gather_text(c, &g, STR("\\"));
        gather_value(c, &g, v);
        /* What is not known may be rooted itself: then nothing before it counts, which only matters for the head. */
        if (!known && i)
            g.head_n = 0;
    }
    return gather_give(c, &g);
}

static size_t last_slash(struct str s)
{
    for (size_t i = s.n; i-- > 0;)
        if (slash(s.p[i]) || s.p[i] == ':')
            return i;
    return STR_NONE;
}

/* The text, or as much of its tail as is known; *whole: its last slash is in it. */
static bool tail_of(struct fold_args *c, struct str *s, bool *known)
{
    *known = fold_arg_text(c, 0, s);
    if (!*known && (!c->n || c->v[0]->kind != VAL_UNKNOWN))
        return false;
    if (!*known)
        *s = c->v[0]->tail;
    return true;
}

bool text_path_name(struct fold_args *c)
{
    struct str s;
    bool       known;

    if (!tail_of(c, &s, &known))
        return false;
    size_t at = last_slash(s);
    if (known || at != STR_NONE)
        return fold_give_text(c, at == STR_NONE ? s : str_from(s, at + 1));
    c->out.tail = s;
    return false;
}

bool text_path_extension(struct fold_args *c)
{
    struct str s;
    bool       known;

    if (!tail_of(c, &s, &known))
        return false;
    size_t dot = str_rchr(s, '.'), at = last_slash(s);
    if (dot == STR_NONE || (at != STR_NONE && at > dot))
        return (known || at != STR_NONE) && fold_give_text(c, STR(""));
    return fold_give_text(c, str_from(s, dot + (c->l == IR_VBSCRIPT)));
}

bool text_path_stem(struct fold_args *c)
{
    if (!text_path_name(c))
        return false;
    size_t dot = str_rchr(c->out.text, '.');
    return dot == STR_NONE || fold_give_text(c, str_sub(c->out.text, 0, dot));
}

bool text_path_folder(struct fold_args *c)
{
    struct str s;
    size_t     at;

    if (fold_arg_text(c, 0, &s))
        return (at = last_slash(s)) != STR_NONE ? fold_give_text(c, str_sub(s, 0, at)) : fold_give_text(c, STR(""));
    return false;
}

bool text_path_change(struct fold_args *c)
{
    struct str    s, ext;
    struct gather g = { 0 };

    if (!fold_arg_text(c, 1, &ext))
        return false;
    if (fold_arg_text(c, 0, &s)) {
        size_t dot = str_rchr(s, '.'), at = last_slash(s);
        gather_text(c, &g, dot != STR_NONE && (at == STR_NONE || dot > at) ? str_sub(s, 0, dot) : s);
    } else
        gather_value(c, &g, &(struct val){ .kind = VAL_UNKNOWN, .text = c->v[0]->kind == VAL_UNKNOWN ? c->v[0]->text : STR_EMPTY });
    if (ext.n && ext.p[0] != '.')
        gather_text(c, &g, STR("."));
    gather_text(c, &g, ext);
    return gather_give(c, &g);
}

/* Server.MapPath: somewhere below the site's folder; how it ends is how the argument ends. */
bool text_map_path(struct fold_args *c)
{
    struct str s;
    bool       known;

    c->n = c->n > c->arg_n ? c->n : c->arg_n;
    for (size_t i = 0; i < c->arg_n && i < FOLD_ARGS_MAX; i++)
        c->v[i] = &c->arg[i];
    c->n = c->arg_n < FOLD_ARGS_MAX ? c->arg_n : FOLD_ARGS_MAX;
    if (!tail_of(c, &s, &known) || !s.n)
        return false;
    uint8_t *p = fold_room(c, s.n);
    if (!p)
        return false;
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] == '/' ? '\\' : s.p[i];
    s = (struct str){ p, s.n };
    if (s.n > 1 && s.p[0] == '~')
        s = str_from(s, 1);
    if (s.n > 1 && s.p[0] == '.' && slash(s.p[1]))
        s = str_from(s, 1);
    c->out.tail = s;
    return false;
}
