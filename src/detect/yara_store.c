/* Compiled sets as bytes: a head with numbers, the usable files, what was refused, then each set as the library writes it. */
#include "detect/yara_inner.h"

#include "base/num.h"

#include <string.h>

enum { WHY_BYTES_MAX = 1000, RULES_COUNT_MAX = 4 << 20 };

struct head {
    char     mark[8];
    uint32_t given_n, file_n, own_n, refused_n, set_n, rule_n;
    uint64_t compiled_bytes, set_bytes[YARA_SETS_MAX];
};
struct told { uint32_t at, told_only, why_n; };
static const char mark[8] = { 'a', 'p', 'y', 'a', 'r', 'a', '0' + YARA_SETS_MAX, 1 };

void yara_version(struct str *ret) { *ret = STR(YR_VERSION); }

/* POSIX makes this conversion good, as dlsym's. */
const void *yara_code_address(void) { return (const void *)(uintptr_t)yr_initialize; }

/* ---- writing ---- */

struct sink { yara_put *put; void *ctx; struct err *e; uint64_t n; bool failed; };

static bool put(struct sink *s, const void *p, size_t n)
{
    s->n += n;
    s->failed = s->failed || (s->put && n && !s->put(s->ctx, (struct str){ p, n }, s->e));
    return !s->failed;
}

/* The library turns its pointers into offsets to write them, and back only at the end: it is never told that writing failed. */
static size_t on_write(const void *p, size_t size, size_t count, void *ctx)
{
    (void)put(ctx, p, size * count);
    return count;
}

/* The length of a set stands before it, and the library tells it only by writing: once for nothing, then to be kept. */
static bool put_set(YR_RULES *rules, struct sink *s)
{
    YR_STREAM stream = { .user_data = s, .write = on_write };
    int       code = yr_rules_save_stream(rules, &stream);

    return !s->failed && (code == ERROR_SUCCESS || err_set(s->e, ERR_MEMORY, "no room to keep the compiled YARA rules"));
}

static bool put_refused(const struct yara *y, struct sink *s)
{
    for (size_t i = 0; i < y->refused_n; i++) {
        const struct yara_refused *r = &y->refused[i];
        struct str                 why = str_sub(r->why, 0, WHY_BYTES_MAX);
        struct told                t = { r->at, r->told_only, (uint32_t)why.n };
        if (!put(s, &t, sizeof t) || !put(s, why.p, why.n))
            return false;
    }
    return true;
}

bool yara_save(const struct yara *y, size_t n, yara_put *to, void *ctx, struct err *e)
{
    struct head h = { .given_n = (uint32_t)n, .refused_n = (uint32_t)y->refused_n };
    struct sink s = { .put = to, .ctx = ctx, .e = e };

    memcpy(h.mark, mark, sizeof mark);
    if (y->code) {
        h.file_n = (uint32_t)y->file_n;
        h.own_n  = (uint32_t)y->own_n;
        h.rule_n = (uint32_t)y->rule_n;
        h.set_n  = (uint32_t)y->code->set_n;
        h.compiled_bytes = y->compiled_bytes;
        for (size_t i = 0; i < h.set_n; i++) {
            struct sink count = { .e = e };
            if (!put_set(y->code->rules[i], &count))
                return false;
            h.set_bytes[i] = count.n;
        }
    }
    if (!put(&s, &h, sizeof h) || (y->code && !put(&s, y->code->at, sizeof *y->code->at * h.file_n)) || !put_refused(y, &s))
        return false;
    for (size_t i = 0; i < h.set_n; i++)
        if (!put_set(y->code->rules[i], &s))
            return false;
    return true;
}

/* ---- reading ---- */

static bool take(struct str *from, void *to, size_t n)
{
    if (from->n < n)
        return false;
    if (n)
        memcpy(to, from->p, n);
    *from = str_from(*from, n);
    return true;
}

static bool head_fits(const struct head *h, size_t n)
{
    return memcmp(h->mark, mark, sizeof mark) == 0 && h->given_n == n && h->file_n <= n && h->own_n <= h->rule_n && h->rule_n <= RULES_COUNT_MAX &&
           h->set_n <= YARA_SETS_MAX && h->set_n <= h->file_n && !h->set_n == !h->file_n && (h->set_n || !h->rule_n) &&
           h->compiled_bytes <= YARA_COMPILED_MAX;
}

static bool take_files(struct yara_code *c, struct str *in, struct arena *a, const struct yara_file *file, const struct head *h, bool *ret_fits)
{
    c->at   = NEW(a, uint32_t, h->file_n);
    c->file = NEW(a, struct yara_file, h->file_n);
    if (!c->at || !c->file)
        return false;
    *ret_fits = take(in, c->at, sizeof *c->at * h->file_n);
    for (size_t i = 0; i < h->file_n && *ret_fits; i++) {
        *ret_fits = c->at[i] < h->given_n && (!i || c->at[i] > c->at[i - 1]);
        if (*ret_fits)
            c->file[c->file_n++] = file[c->at[i]];
    }
    return true;
}

/* A reason is text for people: anything else in it was not written by us. */
static bool is_text(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!s.p[i])
            return false;
    return s.n > 0 && s.n <= WHY_BYTES_MAX;
}

bool yara_stored(struct yara *ret, struct arena *a, struct str bytes, const struct yara_file *file, size_t n, struct err *e)
{
    struct yara out = { .code = NEW(a, struct yara_code, 1) };
    struct head h;
    bool        fits = take(&bytes, &h, sizeof h) && head_fits(&h, n);

    if (!out.code)
        return err_set(e, ERR_MEMORY, "no room for the YARA rules");
    if (fits && !take_files(out.code, &bytes, a, file, &h, &fits))
        return err_set(e, ERR_MEMORY, "no room for the YARA rules");
    for (size_t i = 0; fits && i < h.refused_n; i++) {
        struct told t;
        fits = take(&bytes, &t, sizeof t) && t.at < n && t.told_only <= 1 && t.why_n <= bytes.n && is_text(str_sub(bytes, 0, t.why_n));
        if (fits && !yara_refuse(&out, a, t.at, file[t.at].name, str_dup(a, str_sub(bytes, 0, t.why_n)), t.told_only, e))
            return false;
        if (fits)
            bytes = str_from(bytes, t.why_n);
    }
    for (size_t i = 0; fits && i < h.set_n; i++) {
        fits = h.set_bytes[i] && h.set_bytes[i] <= bytes.n;
        if (fits) {
            out.code->stored[out.code->stored_n++] = str_sub(bytes, 0, (size_t)h.set_bytes[i]);
            bytes = str_from(bytes, (size_t)h.set_bytes[i]);
        }
    }
    if (!fits || bytes.n)
        return err_set(e, ERR_FORMAT, "no compiled YARA rules of this version");
    out.file_n = h.file_n;
    out.own_n  = h.own_n;
    out.rule_n = h.rule_n;
    out.compiled_bytes = h.compiled_bytes;
    if (!h.set_n)
        out.code = NULL;
    *ret = out;
    return true;
}

static size_t on_read(void *p, size_t size, size_t count, void *ctx)
{
    size_t n;

    return !__builtin_mul_overflow(size, count, &n) && take(ctx, p, n) ? count : 0;
}

bool yara_wake(struct yara *y, struct err *e)
{
    struct yara_code *c = y->code;

    if (!c || c->set_n)
        return true;
    if (!yara_library_open(e))
        return false;
    for (size_t i = 0; i < c->stored_n; i++) {
        struct str rest = c->stored[i];
        YR_STREAM  stream = { .user_data = &rest, .read = on_read };
        YR_RULES  *rules = NULL;
        int        code = yr_rules_load_stream(&stream, &rules);
        if (code == ERROR_SUCCESS) {
            c->rules[c->set_n++] = rules;
            continue;
        }
        yara_drop(c);
        yr_finalize();
        return err_set(e, code == ERROR_INSUFFICIENT_MEMORY ? ERR_MEMORY : ERR_FORMAT, "compiled YARA rules cannot be loaded (the library's error %d)", code);
    }
    return true;
}

bool yara_none(struct yara *y, struct arena *a, struct str why, struct err *e)
{
    struct yara_code *c = y->code;
    struct str        said = str_dup(a, why);

    for (size_t i = 0; c && i < c->file_n; i++)
        if (!yara_refuse(y, a, c->at[i], c->file[i].name, said, false, e))
            return false;
    y->code = NULL;
    y->file_n = y->rule_n = y->own_n = 0;
    y->compiled_bytes = 0;
    return true;
}
