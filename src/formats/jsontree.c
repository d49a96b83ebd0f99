#include "formats/jsontree.h"

#include "base/utf.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct parse {
    const uint8_t  *p, *end;
    struct arena   *a;
    struct jt_node *node;
    size_t          n, cap;
    const char     *why;
};

static const char bad_value[] = "not JSON: a value is missing or unknown", bad_string[] = "not JSON: a string does not end", bad_control[] = "not JSON: a control character in a string",
                  bad_escape[] = "not JSON: an escape is unknown", bad_object[] = "not JSON: an object is out of order", bad_array[] = "not JSON: an array is out of order",
                  bad_tail[] = "not JSON: something follows the value", bad_depth[] = "JSON nested deeper than the limit", bad_many[] = "more JSON values than the limit",
                  no_room[] = "no room for the JSON values of one record";

static bool fail(struct parse *x, const char *why)
{
    x->why = why;
    return false;
}

static void blanks(struct parse *x)
{
    while (x->p < x->end && (*x->p == ' ' || *x->p == '\n' || *x->p == '\t' || *x->p == '\r'))
        x->p++;
}

/* The first byte from p on that a string may not hold plainly: '"', '\\' or a control character. */
static const uint8_t *plain_end(const uint8_t *p, const uint8_t *end)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), low = _mm_set1_epi8(0x1F);
    while (end - p >= 16) {
        __m128i v;
        memcpy(&v, p, sizeof v);
        __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash)), _mm_cmpeq_epi8(_mm_min_epu8(v, low), v));
        int mask = _mm_movemask_epi8(hit);
        if (mask)
            return p + __builtin_ctz((unsigned)mask);
        p += 16;
    }
#endif
    while (p < end && *p != '"' && *p != '\\' && *p >= 0x20)
        p++;
    return p;
}

/* Stands on the opening quote. */
static bool string(struct parse *x, const uint8_t **ret, uint32_t *ret_n, bool *ret_escaped)
{
    const uint8_t *from = ++x->p;

    *ret_escaped = false;
    for (;;) {
        x->p = plain_end(x->p, x->end);
        if (x->p == x->end)
            return fail(x, bad_string);
        if (*x->p == '"')
            break;
        if (*x->p != '\\')
            return fail(x, bad_control);
        *ret_escaped = true;
        if (x->end - x->p < 2)
            return fail(x, bad_string);
        switch (x->p[1]) {
        case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
            x->p += 2;
            break;
        case 'u':
            if (x->end - x->p < 6 || ch_hex(x->p[2]) < 0 || ch_hex(x->p[3]) < 0 || ch_hex(x->p[4]) < 0 || ch_hex(x->p[5]) < 0)
                return fail(x, bad_escape);
            x->p += 6;
            break;
        default:
            return fail(x, bad_escape);
        }
    }
    *ret   = from;
    *ret_n = (uint32_t)(x->p - from);
    x->p++;
    return true;
}

static struct jt_node *push(struct parse *x)
{
    if (x->n == JT_NODES_MAX) {
        x->why = bad_many;
        return NULL;
    }
    if (x->n == x->cap) {
        /* Nothing else is taken from the arena meanwhile, so the list only gets longer. */
        size_t room = arena_room(x->a) / sizeof *x->node, by = x->cap < 64 ? 64 : x->cap;
        by = by < room ? by : room;
        if (by == 0 || !TAKE(x->a, struct jt_node, by)) {
            x->why = no_room;
            return NULL;
        }
        x->cap += by;
    }
    return &x->node[x->n++];
}

static bool literal(struct parse *x, struct jt_node *n, const char *word, size_t word_n, enum jt_kind kind)
{
    if ((size_t)(x->end - x->p) < word_n || memcmp(x->p, word, word_n) != 0)
        return fail(x, bad_value);
    x->p   += word_n;
    n->kind = (uint8_t)kind;
    return true;
}

/* A value that is no container. */
static bool scalar(struct parse *x, struct jt_node *n)
{
    const uint8_t *from = x->p;

    switch (*from) {
    case '"':
        n->kind = JT_STRING;
        return string(x, &n->text, &n->text_n, &n->escaped);
    case 't':
        return literal(x, n, "true", 4, JT_TRUE);
    case 'f':
        return literal(x, n, "false", 5, JT_FALSE);
    case 'n':
        return literal(x, n, "null", 4, JT_NULL);
    default:
        if (!ch_digit(*from) && (*from != '-' || x->end - from < 2 || !ch_digit(from[1])))
            return fail(x, bad_value);
        x->p++;
        while (x->p < x->end && (ch_digit(*x->p) || *x->p == '.' || *x->p == 'e' || *x->p == 'E' || *x->p == '+' || *x->p == '-'))
            x->p++;
        n->kind   = JT_NUMBER;
        n->text   = from;
        n->text_n = (uint32_t)(x->p - from);
        return true;
    }
}

static bool tape(struct parse *x)
{
    uint32_t up[JT_DEPTH], last[JT_DEPTH], depth = 0;     /* the open containers, and the last child of each */

    for (;;) {
        struct jt_node key = { 0 }, *n;

        /* Before a value, or at the end of an empty container. */
        blanks(x);
        if (x->p == x->end)
            return fail(x, bad_value);
        if (depth && x->node[up[depth - 1]].kind == JT_OBJECT) {
            if (*x->p != '"' || !string(x, &key.key, &key.key_n, &key.key_escaped))
                return x->why ? false : fail(x, bad_object);
            blanks(x);
            if (x->p == x->end || *x->p++ != ':')
                return fail(x, bad_object);
            blanks(x);
            if (x->p == x->end)
                return fail(x, bad_value);
        }
        if (!(n = push(x)))
            return false;
        *n = key;
        uint32_t me = (uint32_t)(x->n - 1);
        if (depth) {
            if (last[depth - 1])
                x->node[last[depth - 1]].next = me;
            x->node[up[depth - 1]].filled = true;
            last[depth - 1] = me;
        }
        if (*x->p == '{' || *x->p == '[') {
            bool object = *x->p++ == '{';
            n->kind = object ? JT_OBJECT : JT_ARRAY;
            if (depth == JT_DEPTH)
                return fail(x, bad_depth);
            blanks(x);
            if (x->p == x->end || *x->p != (object ? '}' : ']')) {
                up[depth]     = me;
                last[depth++] = 0;
                continue;
            }
            x->p++;
        } else if (!scalar(x, n)) {
            return false;
        }
        /* Behind a value: close what ends here, or go on to the next. */
        for (;;) {
            if (depth == 0)
                return true;
            bool object = x->node[up[depth - 1]].kind == JT_OBJECT;
            blanks(x);
            if (x->p == x->end)
                return fail(x, object ? bad_object : bad_array);
            uint8_t c = *x->p++;
            if (c == ',')
                break;
            if (c != (object ? '}' : ']'))
                return fail(x, object ? bad_object : bad_array);
            depth--;
        }
    }
}

bool jt_parse(struct jt *ret, struct arena *a, struct str text, const char **ret_why)
{
    struct parse x = { .p = text.p, .end = text.p + text.n, .a = a };

    if (text.n > UINT32_MAX) {
        *ret_why = bad_many;
        return false;
    }
    x.node = TAKE(a, struct jt_node, 1);
    x.cap  = x.node != NULL;
    if (!x.node) {
        *ret_why = no_room;
        return false;
    }
    bool ok = tape(&x);
    if (ok) {
        blanks(&x);
        ok = x.p == x.end || fail(&x, bad_tail);
    }
    if (!ok) {
        *ret_why = x.why;
        return false;
    }
    *ret = (struct jt){ x.node, (uint32_t)x.n };
    return true;
}

const struct jt_node *jt_root(const struct jt *t) { return t->n ? t->node : NULL; }

const struct jt_node *jt_child(const struct jt *t, const struct jt_node *at)
{
    (void)t;
    return at && at->filled ? at + 1 : NULL;
}

const struct jt_node *jt_next(const struct jt *t, const struct jt_node *at) { return at && at->next ? t->node + at->next : NULL; }

static const struct jt_node *get(const struct jt *t, const struct jt_node *object, const char *key, size_t n)
{
    if (!object || object->kind != JT_OBJECT)
        return NULL;
    for (const struct jt_node *c = jt_child(t, object); c; c = jt_next(t, c))
        if (c->key_n == n && memcmp(c->key, key, n) == 0)
            return c;
    return NULL;
}

const struct jt_node *jt_get(const struct jt *t, const struct jt_node *object, const char *key) { return get(t, object, key, strlen(key)); }

const struct jt_node *jt_at(const struct jt *t, const struct jt_node *object, const char *path)
{
    for (;;) {
        const char *dot = strchr(path, '.');
        object = get(t, object, path, dot ? (size_t)(dot - path) : strlen(path));
        if (!object || !dot)
            return object;
        path = dot + 1;
    }
}

struct str jt_key(const struct jt_node *at) { return at ? (struct str){ at->key, at->key_n } : STR_EMPTY; }

static uint32_t hex4(const uint8_t *p) { return (uint32_t)(ch_hex(p[0]) << 12 | ch_hex(p[1]) << 8 | ch_hex(p[2]) << 4 | ch_hex(p[3])); }

struct str jt_str(const struct jt_node *at, struct arena *a)
{
    if (!at || (at->kind != JT_STRING && at->kind != JT_NUMBER))
        return STR_EMPTY;
    struct str s = { at->text, at->text_n };
    if (!at->escaped)
        return s;
    uint8_t *p = TAKE(a, uint8_t, s.n);                   /* an escape is never shorter than what it stands for */
    size_t   n = 0;
    if (!p)
        return STR_EMPTY;
    for (size_t i = 0; i < s.n;) {
        const uint8_t *slash = memchr(s.p + i, '\\', s.n - i);
        size_t         run = (slash ? (size_t)(slash - s.p) : s.n) - i;
        memcpy(p + n, s.p + i, run);
        n += run;
        i += run;
        if (!slash)
            break;
        uint8_t c = s.p[i + 1];
        i += 2;
        switch (c) {
        case 'b': p[n++] = '\b'; break;
        case 'f': p[n++] = '\f'; break;
        case 'n': p[n++] = '\n'; break;
        case 'r': p[n++] = '\r'; break;
        case 't': p[n++] = '\t'; break;
        case 'u': {
            uint32_t cp = hex4(s.p + i);
            i += 4;
            if (cp >= 0xD800 && cp < 0xDC00 && s.n - i >= 6 && s.p[i] == '\\' && s.p[i + 1] == 'u') {
                uint32_t low = hex4(s.p + i + 2);
                if (low >= 0xDC00 && low < 0xE000) {
                    cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
                    i += 6;
                }
            }
            uint8_t b[4];
            size_t  w = utf8_put(cp, b);
            memcpy(p + n, b, w);
            n += w;
            break;
        }
        default: p[n++] = c; break;
        }
    }
    return (struct str){ p, n };
}

bool jt_num(const struct jt_node *at, int64_t *ret)
{
    if (!at || (at->kind != JT_NUMBER && at->kind != JT_STRING) || at->text_n == 0)
        return false;
    bool    minus = at->text[0] == '-';
    int64_t v = 0;
    for (uint32_t i = minus; i < at->text_n; i++)
        if (!ch_digit(at->text[i]) || __builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, at->text[i] - '0', &v))
            return false;
    if (minus ? at->text_n == 1 : v == INT64_MIN)
        return false;
    *ret = minus ? v : -v;
    return true;
}
