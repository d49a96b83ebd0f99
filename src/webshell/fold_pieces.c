/* Texts put together, taken apart, searched and replaced. */
#include "webshell/fold_inner.h"

#include <string.h>

#include "base/utf.h"

bool fold_as_bytes(struct fold_args *c, const struct val *x, struct str *ret)
{
    if (x->kind == VAL_BYTES) {
        *ret = x->text;
        return true;
    }
    if (x->kind != VAL_LIST)
        return false;
    for (size_t i = 0; i < x->item_n; i++)
        if (x->item[i].kind != VAL_NUMBER)
            return false;
    uint8_t *p = fold_room(c, x->item_n);
    if (!p)
        return false;
    for (size_t i = 0; i < x->item_n; i++)
        p[i] = (uint8_t)x->item[i].number;
    *ret = (struct str){ p, x->item_n };
    return true;
}

bool fold_as_chars(struct fold_args *c, const struct val *x, struct str *ret)
{
    struct gather g = { 0 };
    uint8_t       buf[4];

    if (x->kind != VAL_LIST)
        return fold_as_text(c->f, c->l, x, ret, &c->full);
    for (size_t i = 0; i < x->item_n && !g.bad; i++)
        if (x->item[i].kind == VAL_NUMBER)
            gather_text(c, &g, (struct str){ buf, utf8_put((uint32_t)(x->item[i].number & 0xFFFF), buf) });
        else if (x->item[i].kind == VAL_TEXT)
            gather_text(c, &g, x->item[i].text);
        else
            return false;
    *ret = (struct str){ g.head, g.head_n };
    return !g.bad;
}

/* ---- together ---- */
static bool join_items(struct fold_args *c, const struct val *list, struct str sep)
{
    struct gather g = { 0 };

    for (size_t i = 0; i < list->item_n && !g.bad; i++) {
        if (i)
            gather_text(c, &g, sep);
        gather_value(c, &g, &list->item[i]);
    }
    return gather_give(c, &g);
}

bool text_join(struct fold_args *c)
{
    struct str sep = lang_js(c->l) ? STR(",") : STR(" ");

    if (!c->n || c->v[0]->kind != VAL_LIST || (c->n > 1 && !fold_arg_text(c, 1, &sep)))
        return false;
    return join_items(c, c->v[0], sep);
}

bool text_join_static(struct fold_args *c)
{
    struct str s, sep;

    if (c->arg_n < 2 || !fold_as_text(c->f, c->l, &c->arg[0], &sep, &c->full))
        return false;
    if (c->arg_n == 2 && c->arg[1].kind == VAL_LIST)
        return join_items(c, &c->arg[1], sep);
    if (c->arg_n == 2 && c->arg[1].kind == VAL_BYTES)
        return false;
    if (c->arg_n == 2 && fold_as_text(c->f, c->l, &c->arg[1], &s, &c->full))
        return fold_give_text(c, s);
    struct val all = { .kind = VAL_LIST, .item = (struct val *)(uintptr_t)(c->arg + 1), .item_n = c->arg_n - 1 };
    if (c->arg_n == 2 && !sep.n)
        return join_items(c, &all, sep);
    return c->arg_n > 2 && join_items(c, &all, sep);
}

bool text_concat(struct fold_args *c)
{
    struct gather g = { 0 };
    bool          method = c->n && (c->n > c->arg_n);        /* JScript's a.concat(b) */

    if (method)
        gather_value(c, &g, c->v[0]);
    for (size_t i = 0; i < c->arg_n && !g.bad; i++)
        if (c->arg[i].kind == VAL_LIST)
            for (size_t k = 0; k < c->arg[i].item_n && !g.bad; k++)
                gather_value(c, &g, &c->arg[i].item[k]);
        else
            gather_value(c, &g, &c->arg[i]);
    return gather_give(c, &g);
}

/* StringBuilder: v[0] is what it holds so far. */
bool text_append(struct fold_args *c)
{
    struct gather g = { 0 };
    struct str    s;
    int64_t       a, n;

    if (!c->n)
        return false;
    gather_value(c, &g, c->v[0]);
    if (c->n == 3 && fold_arg_text(c, 1, &s) && fold_arg_number(c, 2, &n)) {               /* a letter, n times */
        for (a = 0; a < n && a < VAL_TEXT_MAX && !g.bad; a++)
            gather_text(c, &g, s);
    } else if (c->n > 1) {
        if (c->v[1]->kind == VAL_LIST && fold_as_chars(c, c->v[1], &s))
            gather_text(c, &g, s);
        else
            gather_value(c, &g, c->v[1]);
    }
    return gather_give(c, &g);
}

bool text_append_line(struct fold_args *c)
{
    struct gather g = { 0 };

    for (size_t i = 0; i < c->n && i < 2; i++)
        gather_value(c, &g, c->v[i]);
    gather_text(c, &g, STR("\r\n"));
    return gather_give(c, &g);
}

/* "{0}", "{1,5}", "{2:X2}", "{{". */
bool text_format(struct fold_args *c)
{
    struct gather g = { 0 };
    struct str    s;
    size_t        first = 1;

    if (!c->arg_n || !fold_as_text(c->f, c->l, &c->arg[0], &s, &c->full))
        return false;
    const struct val *v = c->arg + first;
    size_t            n = c->arg_n - first;
    if (n == 1 && v[0].kind == VAL_LIST) {
        n = v[0].item_n;
        v = v[0].item;
    }
    for (size_t i = 0; i < s.n && !g.bad;) {
        if ((s.p[i] == '{' || s.p[i] == '}') && i + 1 < s.n && s.p[i + 1] == s.p[i]) {
            gather_text(c, &g, str_sub(s, i, i + 1));
            i += 2;
            continue;
        }
        if (s.p[i] != '{') {
            size_t k = i + 1;
            while (k < s.n && s.p[k] != '{' && s.p[k] != '}')
                k++;
            gather_text(c, &g, str_sub(s, i, k));
            i = k;
            continue;
        }
        size_t     end = str_chr(str_from(s, i), '}');
        uint64_t   which;
        if (end == STR_NONE)
            return false;
        struct str inside = str_sub(s, i + 1, i + end);
        size_t     colon = str_chr(inside, ':');
        struct str spec = colon == STR_NONE ? STR_EMPTY : str_from(inside, colon + 1);
        if (colon != STR_NONE)
            inside = str_sub(inside, 0, colon);
        size_t comma = str_chr(inside, ',');
        bool   wide = comma != STR_NONE;
        if (wide)
            inside = str_sub(inside, 0, comma);
        if (!num_u64(str_trim(inside), &which) || which >= n || (spec.n && v[which].kind != VAL_TEXT) || wide)
            gather_value(c, &g, &(struct val){ .kind = VAL_UNKNOWN });
        else
            gather_value(c, &g, &v[which]);
        i += end + 1;
    }
    return gather_give(c, &g);
}

bool text_new(struct fold_args *c)
{
    struct str s;
    int64_t    from, n;

    if (c->n == 2 && c->v[0]->kind == VAL_TEXT && fold_arg_number(c, 1, &n)) {             /* new string('x', 3) */
        struct val swap[2] = { { .kind = VAL_NUMBER, .number = n }, *c->v[0] };
        c->v[0] = &swap[0];
        c->v[1] = &swap[1];
        bool ok = text_string_vb(c);
        c->v[0] = &c->arg[0];
        c->v[1] = &c->arg[1];
        return ok;
    }
    if (!c->n || !fold_as_chars(c, c->v[0], &s))
        return false;
    if (c->n == 3 && fold_arg_number(c, 1, &from) && fold_arg_number(c, 2, &n) && from >= 0 && n >= 0) {
        size_t a = chars_at(c->f, s, (size_t)from);
        s = str_sub(str_from(s, a), 0, chars_at(c->f, str_from(s, a), (size_t)n));
    }
    return fold_give_text(c, s);
}

bool text_char_new(struct fold_args *c)                     /* new StringBuilder(...) */
{
    if (!c->n || c->v[0]->kind == VAL_NUMBER)
        return fold_give_text(c, STR(""));
    return text_same(c);
}

/* ---- apart ---- */
bool text_chars(struct fold_args *c)
{
    struct str  s;
    uint32_t    cp;

    if (c->n && (c->v[0]->kind == VAL_LIST || c->v[0]->kind == VAL_BYTES)) {
        c->out = *c->v[0];
        return true;
    }
    if (!fold_arg_text(c, 0, &s))
        return false;
    size_t      n = chars_count(c->f, s);
    struct val *item = fold_items(c, n);
    if (!item)
        return false;
    for (size_t i = 0, k = 0; i < n; i++) {
        size_t w = chars_next(str_from(s, k), &cp);
        item[i] = (struct val){ .kind = VAL_TEXT, .text = str_sub(s, k, k + w) };
        k += w;
    }
    return fold_give_list(c, item, n);
}

static size_t find(struct fold_args *c, struct str s, size_t from, struct str what, bool fold)
{
    if (from > s.n || !fold_steps(c->f, 1))
        return STR_NONE;
    size_t at = fold ? str_ifind(str_from(s, from), what) : str_find(str_from(s, from), what);
    /* What was looked through counts a little. */
    fold_steps(c->f, (at == STR_NONE ? s.n - from : at) / 8);
    return at == STR_NONE ? at : at + from;
}

/* Where the next separator stands: one of several letters, or a text. */
static size_t separator(struct fold_args *c, struct str s, size_t from, const struct str *sep, size_t n, size_t *len)
{
    size_t best = STR_NONE;

    if (n == 1) {
        *len = sep[0].n;
        return find(c, s, from, sep[0], false);
    }
    for (size_t i = from; i < s.n && best == STR_NONE; i++)
        for (size_t k = 0; k < n; k++)
            if (sep[k].n && str_starts(str_from(s, i), sep[k])) {
                *len = sep[k].n;
                best = i;
                break;
            }
    return best;
}

bool text_split(struct fold_args *c)
{
    struct str s, sep[16] = { STR(" ") };
    size_t     seps = 1;
    bool       drop = false;
    int64_t    most = INT64_MAX;

    if (!fold_arg_text(c, 0, &s))
        return false;
    if (c->n > 1 && c->v[1]->kind == VAL_LIST) {
        for (seps = 0; seps < c->v[1]->item_n && seps < COUNT_OF(sep); seps++)
            if (!fold_as_text(c->f, c->l, &c->v[1]->item[seps], &sep[seps], &c->full))
                return false;
        if (!seps)
            sep[seps++] = STR(" ");
    } else if (c->n > 1 && (!fold_arg_text(c, 1, &sep[0]) || str_eq(c->v[1]->name, STR("regex"))))
        return false;
    for (size_t i = 2; i < c->n; i++) {
        if (c->v[i]->kind == VAL_TEXT && !lang_js(c->l) && c->v[1]->kind != VAL_LIST && seps < COUNT_OF(sep) && c->l == IR_CSHARP)
            sep[seps++] = c->v[i]->text;
        else if (c->v[i]->kind == VAL_NUMBER && i == 2 && c->v[i]->number > 0 && c->v[i]->number < VAL_ITEMS_MAX && lang_vb(c->l))
            most = c->v[i]->number;
        else if (str_iends(c->v[i]->name, STR("RemoveEmptyEntries")) || str_iends(c->v[i]->text, STR("RemoveEmptyEntries")))
            drop = true;
    }
    if (!sep[0].n && seps == 1) {
        if (lang_js(c->l))
            return text_chars(c);
        struct val *one = fold_items(c, 1);
        if (!one)
            return false;
        one[0] = (struct val){ .kind = VAL_TEXT, .text = s };
        return fold_give_list(c, one, 1);
    }
    size_t n = 1, len = 0, at, from = 0;
    while ((at = separator(c, s, from, sep, seps, &len)) != STR_NONE && (int64_t)n < most) {
        from = at + len;
        if (++n > VAL_ITEMS_MAX)
            return false;
    }
    struct val *item = fold_items(c, n);
    if (!item)
        return false;
    size_t k = 0;
    from = 0;
    while (k + 1 < n && (at = separator(c, s, from, sep, seps, &len)) != STR_NONE) {
        if (!drop || at > from)
            item[k++] = (struct val){ .kind = VAL_TEXT, .text = str_sub(s, from, at) };
        else
            n--;
        from = at + len;
    }
    if (!drop || from < s.n)
        item[k++] = (struct val){ .kind = VAL_TEXT, .text = str_from(s, from) };
    for (size_t i = 0; i < k; i++)
        if (!item[i].text.p)
            item[i].text = STR("");
    return fold_give_list(c, item, k);
}

bool text_filter(struct fold_args *c)
{
    struct str what;
    bool       with = true;

    if (c->n < 2 || c->v[0]->kind != VAL_LIST || !fold_arg_text(c, 1, &what))
        return false;
    if (c->n > 2) {
        if (c->v[2]->kind != VAL_BOOL)
            return false;
        with = c->v[2]->number != 0;
    }
    struct val *item = fold_items(c, c->v[0]->item_n);
    size_t      k = 0;
    if (!item)
        return false;
    for (size_t i = 0; i < c->v[0]->item_n; i++) {
        struct str s;
        if (!fold_as_text(c->f, c->l, &c->v[0]->item[i], &s, &c->full))
            return false;
        if (str_has(s, what) == with)
            item[k++] = c->v[0]->item[i];
    }
    return fold_give_list(c, item, k);
}

/* ---- searching ---- */
bool text_instr(struct fold_args *c)
{
    struct str s, what;
    int64_t    from = 1, mode = 0;
    size_t     k = 0;

    if (c->n > 2 && (c->v[0]->kind == VAL_NUMBER || c->n == 4)) {
        if (!fold_arg_number(c, 0, &from) || from < 1)
            return false;
        k = 1;
    }
    if (c->n > k + 2 && !fold_arg_number(c, k + 2, &mode))
        return false;
    if (!fold_arg_text(c, k, &s) || !fold_arg_text(c, k + 1, &what))
        return false;
    size_t at = find(c, s, chars_at(c->f, s, (size_t)from - 1), what, mode == 1);
    return fold_give_number(c, at == STR_NONE ? 0 : (int64_t)chars_before(c->f, s, at) + 1);
}

static size_t find_last(struct str s, struct str what)
{
    for (size_t i = what.n <= s.n ? s.n - what.n + 1 : 0; i-- > 0;)
        if (memcmp(s.p + i, what.p, what.n) == 0)
            return i;
    return STR_NONE;
}

bool text_instrrev(struct fold_args *c)
{
    struct str s, what;

    if (c->n != 2 || !fold_arg_text(c, 0, &s) || !fold_arg_text(c, 1, &what) || !what.n || !fold_steps(c->f, s.n))
        return false;
    size_t at = find_last(s, what);
    return fold_give_number(c, at == STR_NONE ? 0 : (int64_t)chars_before(c->f, s, at) + 1);
}

bool text_index_of(struct fold_args *c)
{
    struct str s, what;
    int64_t    from = 0;

    if (!fold_arg_text(c, 0, &s) || !fold_arg_text(c, 1, &what) || (c->n > 2 && (!fold_arg_number(c, 2, &from) || from < 0)))
        return false;
    size_t at = find(c, s, chars_at(c->f, s, (size_t)from), what, false);
    return fold_give_number(c, at == STR_NONE ? -1 : (int64_t)chars_before(c->f, s, at));
}

bool text_last_index_of(struct fold_args *c)
{
    struct str s, what;

    if (c->n != 2 || !fold_arg_text(c, 0, &s) || !fold_arg_text(c, 1, &what) || !what.n || !fold_steps(c->f, s.n))
        return false;
    size_t at = find_last(s, what);
    return fold_give_number(c, at == STR_NONE ? -1 : (int64_t)chars_before(c->f, s, at));
}

bool text_starts(struct fold_args *c)
{
    struct str s, t;
    return fold_arg_text(c, 0, &s) && fold_arg_text(c, 1, &t) && c->n == 2 && fold_give_bool(c, str_starts(s, t));
}
bool text_ends(struct fold_args *c)
{
    struct str s, t;
    return fold_arg_text(c, 0, &s) && fold_arg_text(c, 1, &t) && c->n == 2 && fold_give_bool(c, str_ends(s, t));
}
bool text_contains(struct fold_args *c)
{
    struct str s, t;
    return fold_arg_text(c, 0, &s) && fold_arg_text(c, 1, &t) && c->n == 2 && fold_give_bool(c, str_has(s, t));
}
bool text_equals(struct fold_args *c)
{
    struct str s, t;
    return fold_arg_text(c, 0, &s) && fold_arg_text(c, 1, &t) && c->n == 2 && fold_give_bool(c, str_eq(s, t));
}
bool text_empty(struct fold_args *c)
{
    struct str s;
    if (c->n && c->v[0]->kind == VAL_UNKNOWN && (c->v[0]->text.n || c->v[0]->tail.n))
        return fold_give_bool(c, false);
    return fold_arg_text(c, 0, &s) && fold_give_bool(c, !str_trim(s).n);
}
bool text_compare_vb(struct fold_args *c)
{
    struct str s, t;
    int64_t    mode = 0;

    if (!fold_arg_text(c, 0, &s) || !fold_arg_text(c, 1, &t) || (c->n > 2 && !fold_arg_number(c, 2, &mode)))
        return false;
    if (mode == 1)
        return str_ieq(s, t) ? fold_give_number(c, 0) : false;
    int d = str_cmp(s, t);
    return fold_give_number(c, d < 0 ? -1 : d > 0);
}

/* ---- replacing ---- */
static bool replace_in(struct fold_args *c, struct str s, struct str what, struct str with, bool fold, uint64_t most)
{
    struct gather g = { 0 };
    size_t        from = 0, at;

    if (!what.n)
        return fold_give_text(c, s);
    while (most-- && (at = find(c, s, from, what, fold)) != STR_NONE && !g.bad) {
        gather_text(c, &g, str_sub(s, from, at));
        gather_text(c, &g, with);
        from = at + what.n;
    }
    if (!from)
        return fold_give_text(c, s);
    gather_text(c, &g, str_from(s, from));
    return gather_give(c, &g);
}

/* Replace(s, what, with, start, count, mode) and s.Replace(what, with). */
bool text_replace(struct fold_args *c)
{
    struct str s, what, with;
    int64_t    from = 1, most = -1, mode = 0;

    if (!fold_arg_text(c, 0, &s) || !fold_arg_text(c, 1, &what) || (c->n > 2 && !fold_arg_text(c, 2, &with)))
        return false;
    if (c->n < 3)
        with = STR("");
    if (lang_vb(c->l)) {
        if (c->n > 3 && c->v[3]->kind == VAL_NUMBER)
            from = c->v[3]->number;
        if (c->n > 4 && c->v[4]->kind == VAL_NUMBER)
            most = c->v[4]->number;
        if (c->n > 5)
            mode = c->v[5]->kind == VAL_NUMBER ? c->v[5]->number : 1;
    }
    if (from < 1)
        return false;
    if (from > 1)
        s = str_from(s, chars_at(c->f, s, (size_t)from - 1));
    return replace_in(c, s, what, with, mode == 1, most < 0 ? UINT64_MAX : (uint64_t)most);
}

/* ---- regular expressions: a row of letters and classes, each once or many times ---- */
enum { RE_MAX = 24 };
struct re { uint64_t set[RE_MAX][4]; bool many[RE_MAX], none[RE_MAX]; size_t n; };

static void re_add(uint64_t set[4], unsigned c) { set[(c & 255) >> 6] |= 1ull << (c & 63); }
static bool re_has(const uint64_t set[4], unsigned c) { return set[c >> 6] >> (c & 63) & 1; }

static bool re_escape(uint64_t set[4], uint8_t e)
{
    bool negate = e == 'D' || e == 'W' || e == 'S';
    uint64_t t[4] = { 0 };

    switch (ch_lower(e)) {
    case 'd': for (unsigned k = '0'; k <= '9'; k++) re_add(t, k); break;
    case 's': for (unsigned k = 0; k < 256; k++) if (ch_space((uint8_t)k)) re_add(t, k); break;
    case 'w': for (unsigned k = 0; k < 256; k++) if (ch_alnum((uint8_t)k) || k == '_') re_add(t, k); break;
    default:
        if (e == 'n' || e == 'r' || e == 't')
            re_add(t, e == 'n' ? '\n' : e == 'r' ? '\r' : '\t');
        else if (ch_alnum(e))
            return false;
        else
            re_add(t, e);
    }
    for (int k = 0; k < 4; k++)
        set[k] |= negate ? ~t[k] : t[k];
    return true;
}

static bool re_read(struct re *re, struct str s, bool fold)
{
    memset(re, 0, sizeof *re);
    for (size_t i = 0; i < s.n;) {
        if (re->n == RE_MAX || s.p[i] >= 128)
            return false;
        uint64_t *set = re->set[re->n];
        uint8_t   ch = s.p[i++];
        if (ch == '[') {
            bool     negate = i < s.n && s.p[i] == '^';
            uint64_t t[4] = { 0 };
            i += negate;
            for (bool first = true; i < s.n && (s.p[i] != ']' || first); first = false) {
                if (s.p[i] == '\\' && i + 1 < s.n) {
                    if (!re_escape(t, s.p[i + 1]))
                        return false;
                    i += 2;
                } else if (i + 2 < s.n && s.p[i + 1] == '-' && s.p[i + 2] != ']') {
                    for (unsigned k = s.p[i]; k <= s.p[i + 2]; k++)
                        re_add(t, k);
                    i += 3;
                } else
                    re_add(t, s.p[i++]);
            }
            if (i++ >= s.n)
                return false;
            for (int k = 0; k < 4; k++)
                set[k] = negate ? ~t[k] : t[k];
        } else if (ch == '\\') {
            if (i >= s.n || !re_escape(set, s.p[i++]))
                return false;
        } else if (ch == '.') {
            memset(set, 0xFF, 32);
            set['\n' >> 6] &= ~(1ull << '\n');
        } else if (strchr("()|^$*+?{}", ch))
            return false;
        else
            re_add(set, ch);
        if (i < s.n && (s.p[i] == '+' || s.p[i] == '*')) {
            re->many[re->n] = true;
            re->none[re->n] = s.p[i++] == '*';
            if (i < s.n && s.p[i] == '?')
                return false;
        } else if (i < s.n && (s.p[i] == '?' || s.p[i] == '{'))
            return false;
        if (fold)
            for (unsigned k = 'a'; k <= 'z'; k++)
                if (re_has(set, k) || re_has(set, k - 32)) {
                    re_add(set, k);
                    re_add(set, k - 32);
                }
        re->n++;
    }
    return re->n > 0;
}

/* Length of the match at the head of s; 0: none. Greedy without going back, which is enough for what it is used for. */
static size_t re_match(struct fold_args *c, const struct re *re, struct str s, bool *spent)
{
    size_t i = 0;

    for (size_t k = 0; k < re->n; k++) {
        size_t from = i;
        while (i < s.n && re_has(re->set[k], s.p[i]) && (re->many[k] || i == from))
            i++;
        if (i == from && !re->none[k]) {
            *spent = !fold_steps(c->f, i + 1);
            return 0;
        }
    }
    *spent = !fold_steps(c->f, i + 1);
    return i;
}

static bool replace_re(struct fold_args *c, struct str s, struct str pattern, struct str flags, struct str with, bool all)
{
    struct re     re;
    struct gather g = { 0 };
    size_t        from = 0;
    bool          spent = false;

    if (str_chr(with, '$') != STR_NONE || !re_read(&re, pattern, str_chr(flags, 'i') != STR_NONE))
        return false;
    for (size_t i = 0; i < s.n && !g.bad;) {
        size_t n = re_match(c, &re, str_from(s, i), &spent);
        if (spent)
            return false;
        if (!n) {
            i++;
            continue;
        }
        gather_text(c, &g, str_sub(s, from, i));
        gather_text(c, &g, with);
        from = i += n;
        if (!all)
            break;
    }
    gather_text(c, &g, str_from(s, from));
    return gather_give(c, &g);
}

/* A regular expression is a text whose name is "regex": "/pattern/flags". */
static bool re_parts(const struct val *v, struct str *pattern, struct str *flags)
{
    if (v->kind != VAL_TEXT || !str_eq(v->name, STR("regex")) || v->text.n < 2)
        return false;
    size_t end = str_rchr(v->text, '/');
    if (end == STR_NONE || end == 0)
        return false;
    *pattern = str_sub(v->text, 1, end);
    *flags = str_from(v->text, end + 1);
    return true;
}

bool text_regex_new(struct fold_args *c)
{
    struct str    p, flags = STR("");
    struct gather g = { 0 };
    size_t        k = c->n && c->v[0]->kind == VAL_TYPE ? 1 : 0;

    if (!fold_arg_text(c, k, &p) || (c->n > k + 1 && !fold_arg_text(c, k + 1, &flags)))
        return false;
    gather_text(c, &g, STR("/"));
    gather_text(c, &g, p);
    gather_text(c, &g, STR("/"));
    gather_text(c, &g, flags);
    if (!gather_give(c, &g))
        return false;
    c->out.name = STR("regex");
    return true;
}

bool text_replace_js(struct fold_args *c)
{
    struct str s, what, with, pattern, flags;

    if (!fold_arg_text(c, 0, &s) || c->n < 3 || !fold_arg_text(c, 2, &with))
        return false;
    if (re_parts(c->v[1], &pattern, &flags))
        return replace_re(c, s, pattern, flags, with, str_chr(flags, 'g') != STR_NONE);
    return fold_arg_text(c, 1, &what) && replace_in(c, s, what, with, false, 1);
}

bool text_regex(struct fold_args *c)                        /* Regex.Replace(s, pattern, with); regex.Replace(s, with) */
{
    struct str s, pattern, flags = STR(""), with;
    size_t     k = c->n && c->v[0]->kind == VAL_TYPE ? 1 : 0;

    if (c->n && re_parts(c->v[0], &pattern, &flags))
        return fold_arg_text(c, 1, &s) && fold_arg_text(c, 2, &with) && replace_re(c, s, pattern, flags, with, true);
    if (c->n > k + 3)
        return false;
    return fold_arg_text(c, k, &s) && fold_arg_text(c, k + 1, &pattern) && fold_arg_text(c, k + 2, &with) && replace_re(c, s, pattern, flags, with, true);
}
