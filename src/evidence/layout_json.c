/*
 * The one file of this folder that knows json-c.
 *
 * Bounds   no text of more than LAYOUT_LINE_MAX bytes goes to the library: "[[[[,{},{}" may cost it two hundred times its size in memory.
 *          JSON_DEPTH levels.
 */
#include "evidence/layout_inner.h"

#include "base/num.h"

#include <json-c/json.h>

enum { JSON_DEPTH = 16 };

/* NULL: not JSON, or something else follows the first value. */
static struct json_object *parse(struct json_tokener *t, struct str s)
{
    json_tokener_reset(t);
    struct json_object *o = json_tokener_parse_ex(t, (const char *)s.p, (int)s.n);
    if (o && str_trim(str_from(s, json_tokener_get_parse_end(t))).n) {
        json_object_put(o);
        o = NULL;
    }
    return o;
}

static struct json_tokener *tokener(struct err *e)
{
    struct json_tokener *t = json_tokener_new_ex(JSON_DEPTH);

    if (!t)
        err_set(e, ERR_MEMORY, "no room for a JSON parser");
    return t;
}

/* One text to the callback. *ret_bad grows when it is no object. False: the callback wants to stop. */
static bool hand(struct json_tokener *t, struct str s, layout_json_row *row, void *ctx, uint64_t *ret_bad, struct err *e)
{
    struct json_object *o  = s.n <= LAYOUT_LINE_MAX ? parse(t, s) : NULL;
    bool                ok = true;

    if (o && json_object_is_type(o, json_type_object))
        ok = row(ctx, o, e);
    else
        ++*ret_bad;
    json_object_put(o);
    return ok;
}

static void tell(struct layout *l, struct str file, uint64_t bad, uint64_t *ret_bad)
{
    if (bad)
        layout_note_add(l, file, "rows of a side file are damaged", "What was whole is used. Compare with the original collection.");
    if (ret_bad)
        *ret_bad = bad;
}

bool layout_json_rows(struct layout *l, struct str file, struct str text, layout_json_row *row, void *ctx, uint64_t *ret_bad, struct err *e)
{
    struct json_tokener *t   = tokener(e);
    uint64_t             bad = 0;
    bool                 go  = true;

    if (!t)
        return false;
    *e = (struct err){ 0 };
    for (struct str one; go && str_cut(&text, '\n', &one);) {
        one = str_trim(one);
        if (one.n == 0)
            continue;
        go = layout_row_more(l, file) && hand(t, one, row, ctx, &bad, e);
    }
    json_tokener_free(t);
    tell(l, file, bad, ret_bad);
    return e->kind == ERR_NONE;
}

bool layout_json_first(struct str text, layout_json_row *row, void *ctx, struct err *e)
{
    struct json_tokener *t = tokener(e);

    if (!t)
        return false;
    *e   = (struct err){ 0 };
    text = str_trim(text);
    struct json_object *o = text.n <= LAYOUT_LINE_MAX ? parse(t, text) : NULL, *first = o;
    if (!o) {
        /* Lines of objects: the first of them. */
        struct str line;
        if (str_cut(&text, '\n', &line) && line.n <= LAYOUT_LINE_MAX)
            first = o = parse(t, line);
    }
    if (json_object_is_type(o, json_type_array))
        first = json_object_array_length(o) ? json_object_array_get_idx(o, 0) : NULL;
    if (first && json_object_is_type(first, json_type_object))
        row(ctx, first, e);
    json_object_put(o);
    json_tokener_free(t);
    return e->kind == ERR_NONE;
}

bool layout_json_leaves(struct layout *l, struct str file, struct str text, layout_json_row *row, void *ctx, uint64_t *ret_bad, struct err *e)
{
    struct json_tokener *t      = tokener(e);
    uint64_t             bad    = 0;
    size_t               from   = STR_NONE;
    bool                 go     = true, quoted = false;

    if (!t)
        return false;
    *e = (struct err){ 0 };
    for (size_t i = 0; go && i < text.n; i++) {
        uint8_t c = text.p[i];
        if (c == '\n') {
            quoted = false;                      /* a quote that nothing closes spoils its own line only */
        } else if (quoted) {
            i += c == '\\';
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{') {
            from = i;
        } else if (c == '}' && from != STR_NONE) {
            go   = layout_row_more(l, file) && hand(t, str_sub(text, from, i + 1), row, ctx, &bad, e);
            from = STR_NONE;
        }
    }
    if (go && from != STR_NONE)
        bad++;                                   /* the text breaks off inside an object */
    json_tokener_free(t);
    tell(l, file, bad, ret_bad);
    return e->kind == ERR_NONE;
}

/* ---- values ---- */

static struct json_object *get(struct json_object *o, const char *key)
{
    struct json_object *v = NULL;

    return json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, key, &v) ? v : NULL;
}

static bool text_of(struct json_object *v, struct str *ret)
{
    if (!v || !json_object_is_type(v, json_type_string))
        return false;
    *ret = (struct str){ (const uint8_t *)json_object_get_string(v), (size_t)json_object_get_string_len(v) };
    return true;
}

bool layout_json_text(struct json_object *o, const char *key, struct str *ret) { return text_of(get(o, key), ret); }

bool layout_json_i64(struct json_object *o, const char *key, int64_t *ret)
{
    struct json_object *v = get(o, key);
    struct str          s;
    uint64_t            u;

    if (text_of(v, &s)) {
        bool minus = s.n && s.p[0] == '-';
        if (!num_u64(str_from(s, minus), &u) || u > INT64_MAX)
            return false;
        *ret = minus ? -(int64_t)u : (int64_t)u;
        return true;
    }
    if (!v || !json_object_is_type(v, json_type_int))
        return false;
    *ret = json_object_get_int64(v);
    return true;
}

bool layout_json_u64(struct json_object *o, const char *key, uint64_t *ret)
{
    int64_t v;

    if (!layout_json_i64(o, key, &v) || v < 0)
        return false;
    *ret = (uint64_t)v;
    return true;
}

int64_t layout_json_time(struct json_object *o, const char *key)
{
    struct str s;

    return layout_json_text(o, key, &s) ? layout_time_take(s) : TIME_NONE;
}

struct json_object *layout_json_object(struct json_object *o, const char *key)
{
    struct json_object *v = get(o, key);

    return v && json_object_is_type(v, json_type_object) ? v : NULL;
}

size_t layout_json_count(struct json_object *o, const char *key)
{
    struct json_object *v = get(o, key);

    return v && json_object_is_type(v, json_type_array) ? json_object_array_length(v) : 0;
}

bool layout_json_item(struct json_object *o, const char *key, size_t i, struct str *ret)
{
    struct json_object *v = get(o, key);

    return v && json_object_is_type(v, json_type_array) && i < json_object_array_length(v) && text_of(json_object_array_get_idx(v, i), ret);
}
