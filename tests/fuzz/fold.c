/* Folding: random calls on random values. Bounded, the same twice, and marks never come from nowhere. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "webshell/fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { VALUES = 24, ROOM = 24 << 20 };

static const char *const names[] = {
    "Mid", "Left", "Right", "Replace", "Split", "Join", "Chr", "ChrW", "Asc", "StrReverse", "String", "Space", "InStr", "InStrRev", "Hex", "CInt", "CStr", "Array", "UBound", "Filter", "Escape", "Unescape", "MidB", "AscB", "ChrB", "LenB", "Trim",
    "UCase", "Val", "substr", "substring", "slice", "charAt", "charCodeAt", "concat", "reverse", "push", "pop", "replace", "parseInt", "fromCharCode", "Substring", "Insert", "Remove", "PadLeft", "Concat", "Format", "FromBase64String", "ToBase64String", "GetString",
    "GetBytes", "GetEncoding", "ToInt32", "ToChar", "ToString", "Parse", "Append", "new", "UrlDecode", "HtmlDecode", "HtmlEncode", "Combine", "GetExtension", "GetFileName", "ChangeExtension", "MapPath", "Reverse", "Skip", "Take", "Range", "ToCharArray", "IIf", "Length", "FromHexString",
    "TrimEnd", "IndexOf", "Switch", "Choose", "GetDirectoryName", "First", "Round", "Sqr",
};
static const char *const classes[] = { "", "String", "Convert", "Encoding", "StringBuilder", "Regex", "Path", "HttpUtility", "Enumerable", "Array", "Server", "Int32", "GZipStream", "BitConverter", "Uri", "Math", "Char", "RegExp" };

struct in { const uint8_t *p; size_t n; };
static uint8_t byte(struct in *in)
{
    if (!in->n)
        return 0;
    in->n--;
    return *in->p++;
}

static struct val value(struct in *in, const struct val *old, size_t n)
{
    struct val v = { .kind = VAL_UNKNOWN };
    uint8_t    what = byte(in);

    switch (what % 10) {
    case 0: v.kind = VAL_NUMBER, v.number = (int8_t)byte(in); break;
    case 1: v.kind = VAL_NUMBER, v.number = (int64_t)((uint64_t)byte(in) << 56 | (uint64_t)byte(in) << 24 | byte(in)); break;
    case 2: v.kind = VAL_BOOL, v.number = byte(in) & 1; break;
    case 3: v.kind = VAL_NULL; break;
    case 4:
    case 5:
    case 6: {
        size_t len = byte(in) % 40;
        len = len < in->n ? len : in->n;
        v.kind = what % 10 == 6 ? VAL_BYTES : VAL_TEXT;
        v.text = (struct str){ in->p, len };
        in->p += len, in->n -= len;
        break;
    }
    case 7: v.kind = VAL_LIST, v.item_n = n < 3 ? n : 3, v.item = (struct val *)(uintptr_t)old; break;
    case 8: v.kind = VAL_FRACTION; break;
    default: break;
    }
    if (what & 128)
        v.marks = MARK_REQUEST, v.whole = true;
    return v;
}

static uint64_t run(struct arena a, struct in in)
{
    struct fold f = { .a = &a };
    struct val  v[VALUES];
    size_t      n = 0;
    uint64_t    sum = 0;
    bool        marked = false;

    memset(v, 0, sizeof v);
    for (int step = 0; in.n && step < 400; step++) {
        struct val r = { 0 };
        uint8_t    what = byte(&in);
        bool       ok = true;
        if (n < 4 || what % 4 == 0) {
            /* Lists hold older values only, so that there is no ring. */
            r = value(&in, v, n < VALUES / 2 ? n : 0);
            marked = marked || r.marks;
        } else {
            const struct val *x = &v[byte(&in) % n], *y = &v[byte(&in) % n], *z = &v[byte(&in) % n];
            enum ir_language  l = (enum ir_language)(1 + byte(&in) % (IR_LANGUAGES - 1));
            struct val        arg[3] = { *y, *z, v[byte(&in) % n] };
            if (what % 4 == 1)
                ok = fold_binary(&f, l, (enum ir_sign)(byte(&in) % (SIGN_CONST + 1)), x, y, &r);
            else if (what % 4 == 2 && (what & 64))
                ok = fold_index(&f, l, x, y, &r);
            else {
                const char *name = names[byte(&in) % COUNT_OF(names)], *cls = classes[byte(&in) % COUNT_OF(classes)];
                enum fold_result got = fold_call(&f, l, str_c(cls), str_c(name), what & 16 ? x : NULL, arg, byte(&in) % 4, &r);
                ok = got != FOLD_FULL;
                if (got == FOLD_NOT_MINE)
                    continue;
            }
        }
        if (!ok)
            break;
        assert(r.text.n <= VAL_TEXT_MAX && r.tail.n <= VAL_TEXT_MAX && r.item_n <= VAL_ITEMS_MAX && (r.text.p || !r.text.n));
        assert(marked || !(r.marks & MARK_REQUEST));
        for (size_t i = 0; i < r.text.n; i += 97)
            sum = sum * 31 + r.text.p[i];
        sum = sum * 31 + r.kind + r.text.n + (uint64_t)r.number + r.marks + r.whole + r.item_n;
        /* Values 0 to half stay as they are, since lists point at them. */
        if (n < VALUES)
            v[n++] = r;
        else
            v[VALUES / 2 + byte(&in) % (VALUES / 2)] = r;
    }
    assert(f.steps < (uint64_t)FOLD_STEPS_MAX + 64u * VAL_TEXT_MAX);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint8_t     *block = malloc(ROOM), *copy = malloc(n ? n : 1);
    struct arena a = { .beg = block, .end = block ? block + ROOM : NULL };

    if (block && copy) {
        memcpy(copy, data, n);
        uint64_t x = run(a, (struct in){ copy, n });
        assert(x == run(a, (struct in){ copy, n }));
    }
    free(copy);
    free(block);
    return 0;
}
