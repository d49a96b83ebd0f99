/*
 * The one file of this folder that knows json-c, and it shows it single strings only: "[[[[,{},{}" may cost the library two hundred times its
 * size in memory, so the structure is cut here.
 */
#include "pack/ioc_parts.h"

#include <json-c/json.h>

static struct str skip(struct str s)
{
    size_t i = 0;

    while (i < s.n && ch_space(s.p[i]))
        i++;
    return str_from(s, i);
}

/* Bytes of the string that starts at s, with its quotes; 0: it does not end. */
static size_t string_end(struct str s)
{
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[i] == '\\')
            i++;
        else if (s.p[i] == '"')
            return i + 1;
    }
    return 0;
}

/* Bytes of the value that starts at s; 0: broken. */
static size_t value_end(struct str s)
{
    uint8_t close[IOC_JSON_DEPTH];
    size_t  depth = 0, i = 0;

    while (i < s.n) {
        uint8_t c = s.p[i];
        if (c == '"') {
            size_t n = string_end(str_from(s, i));
            if (!n)
                return 0;
            i += n;
            if (!depth)
                return i;
            continue;
        }
        if (c == '{' || c == '[') {
            if (depth == IOC_JSON_DEPTH)
                return 0;
            close[depth++] = c == '{' ? '}' : ']';
        } else if (c == '}' || c == ']') {
            if (!depth)
                return i;
            if (close[--depth] != c)
                return 0;
            if (!depth)
                return i + 1;
        } else if (!depth && (c == ',' || ch_space(c))) {
            return i;
        }
        i++;
    }
    return depth ? 0 : i;
}

bool ioc_cut_open(struct ioc_cut *ret, struct str value)
{
    struct str s = skip(value);

    if (!s.n || (s.p[0] != '{' && s.p[0] != '['))
        return false;
    *ret = (struct ioc_cut){ .rest = str_from(s, 1), .end = s.p[0] == '{' ? '}' : ']' };
    return true;
}

static bool broken(struct ioc_cut *c)
{
    c->bad = true;
    return false;
}

bool ioc_cut_next(struct ioc_cut *c, struct str *ret_key, struct str *ret_value)
{
    struct str s = skip(c->rest), key = STR_EMPTY;

    if (c->bad)
        return false;
    if (!s.n)
        return broken(c);
    if (s.p[0] == c->end) {
        c->rest = s;
        return false;
    }
    if (c->begun) {
        if (s.p[0] != ',')
            return broken(c);
        s = skip(str_from(s, 1));
    }
    if (c->end == '}') {
        size_t n = s.n && s.p[0] == '"' ? string_end(s) : 0;
        if (!n)
            return broken(c);
        key = str_sub(s, 1, n - 1);
        s = skip(str_from(s, n));
        if (!s.n || s.p[0] != ':')
            return broken(c);
        s = skip(str_from(s, 1));
    }
    size_t n = value_end(s);
    if (!n && s.n && (s.p[0] == '{' || s.p[0] == '['))
        c->cut = true;
    else if (!n)
        return broken(c);
    if (c->cut)
        n = s.n;
    *ret_key   = key;
    *ret_value = str_sub(s, 0, n);
    c->rest    = str_from(s, n);
    c->begun   = true;
    return true;
}

struct str ioc_cut_get(struct str object, const char *key)
{
    struct ioc_cut c;
    struct str     k, v;

    if (!ioc_cut_open(&c, object) || c.end != '}')
        return STR_EMPTY;
    while (ioc_cut_next(&c, &k, &v))
        if (str_eq(k, str_c(key)))
            return v;
    return STR_EMPTY;
}

struct str ioc_json_text(struct arena *a, struct str value)
{
    if (!value.n || value.n > IOC_JSON_TEXT || value.p[0] == '{' || value.p[0] == '[')
        return STR("");
    if (value.p[0] != '"')
        return value;
    struct str inner = str_sub(value, 1, value.n - 1), out = STR("");
    if (str_chr(inner, '\\') == STR_NONE)
        return inner;
    struct json_tokener *t = json_tokener_new_ex(2);
    struct json_object  *o = t ? json_tokener_parse_ex(t, (const char *)value.p, (int)value.n) : NULL;
    if (o && json_object_is_type(o, json_type_string))
        out = str_dup(a, (struct str){ (const uint8_t *)json_object_get_string(o), (size_t)json_object_get_string_len(o) });
    if (!t)
        out = STR_EMPTY;
    json_object_put(o);
    if (t)
        json_tokener_free(t);
    return out;
}
