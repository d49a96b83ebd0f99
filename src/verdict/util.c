#include "verdict/work.h"

#include <string.h>

bool work_full(struct work *w)
{
    return err_set(w->e, ERR_MEMORY, "no room left to reach a verdict over %zu hits and %zu facts", w->d->hit_n, w->d->fact_n);
}

/* Heap sort: no memory, no worst case that evidence could choose. */
static void sift(uint32_t *v, size_t at, size_t n, work_cmp *cmp, const void *ctx)
{
    for (;;) {
        size_t child = at * 2 + 1;
        if (child >= n)
            return;
        if (child + 1 < n && cmp(ctx, v[child], v[child + 1]) < 0)
            child++;
        if (cmp(ctx, v[at], v[child]) >= 0)
            return;
        uint32_t t = v[at];
        v[at]    = v[child];
        v[child] = t;
        at       = child;
    }
}

void sort_u32(uint32_t *v, size_t n, work_cmp *cmp, const void *ctx)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(v, i, n, cmp, ctx);
    for (size_t end = n; end > 1; end--) {
        uint32_t t = v[0];
        v[0]       = v[end - 1];
        v[end - 1] = t;
        sift(v, 0, end - 1, cmp, ctx);
    }
}

/* A list without its own capacity: it doubles whenever its length is a power of two. */
static bool doubles_at(size_t n) { return (n & (n - 1)) == 0; }

bool ids_push(struct work *w, struct id_list *l, uint32_t id)
{
    if (l->n && l->item[l->n - 1] == id)
        return true;
    if (doubles_at(l->n)) {
        uint32_t *p = NEW(w->a, uint32_t, l->n ? l->n * 2 : 1);
        if (!p)
            return work_full(w);
        if (l->n)
            memcpy(p, l->item, l->n * sizeof *p);
        l->item = p;
    }
    l->item[l->n++] = id;
    return true;
}

static int by_value(const void *ctx, uint32_t x, uint32_t y)
{
    (void)ctx;
    return x < y ? -1 : x > y;
}

void ids_finish(struct id_list *l)
{
    size_t n = 0;

    sort_u32(l->item, l->n, by_value, NULL);
    for (size_t i = 0; i < l->n; i++)
        if (!n || l->item[n - 1] != l->item[i])
            l->item[n++] = l->item[i];
    l->n = n;
}

bool strs_push(struct work *w, struct str_list *l, struct str s)
{
    if (!s.n || (l->n && str_eq(l->item[l->n - 1], s)))
        return true;
    if (doubles_at(l->n)) {
        struct str *p = NEW(w->a, struct str, l->n ? l->n * 2 : 1);
        if (!p)
            return work_full(w);
        if (l->n)
            memcpy(p, l->item, l->n * sizeof *p);
        l->item = p;
    }
    l->item[l->n++] = s;
    return true;
}

/* Contract: nothing in the report contains the body of a web shell, and a client writes what it likes into a user agent or X-Forwarded-For. */
bool shown(struct work *w, struct str s, struct str *ret)
{
    size_t      lt = str_chr(s, '<');
    struct text t  = { .a = w->a };

    *ret = s;
    if (lt == STR_NONE)
        return true;
    /* The '<' stays: no file can be called so, and a path that is cut must not name another one in a command of the guidance. */
    text_add(&t, str_sub(s, 0, lt + 1));
    text_c(&t, "...");
    *ret = text_done(&t);
    return !t.bad || work_full(w);
}

bool strs_show(struct work *w, struct str_list *l, struct str s)
{
    return shown(w, s, &s) && strs_push(w, l, s);
}

static void sift_str(struct str *v, size_t at, size_t n)
{
    for (;;) {
        size_t child = at * 2 + 1;
        if (child >= n)
            return;
        if (child + 1 < n && str_cmp(v[child], v[child + 1]) < 0)
            child++;
        if (str_cmp(v[at], v[child]) >= 0)
            return;
        struct str t = v[at];
        v[at]    = v[child];
        v[child] = t;
        at       = child;
    }
}

void strs_finish(struct str_list *l)
{
    size_t n = 0;

    for (size_t i = l->n / 2; i-- > 0;)
        sift_str(l->item, i, l->n);
    for (size_t end = l->n; end > 1; end--) {
        struct str t     = l->item[0];
        l->item[0]       = l->item[end - 1];
        l->item[end - 1] = t;
        sift_str(l->item, 0, end - 1);
    }
    for (size_t i = 0; i < l->n; i++)
        if (!n || !str_eq(l->item[n - 1], l->item[i]))
            l->item[n++] = l->item[i];
    l->n = n;
}

bool strs_have(const struct str_list *l, struct str s)
{
    size_t lo = 0, hi = l->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int    c   = str_cmp(l->item[mid], s);
        if (c == 0)
            return true;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

const struct sigma_rule *rule_of(const struct work *w, const struct hit *h)
{
    return w->d->sigma && h->rule < w->d->sigma->rule_n ? &w->d->sigma->rule[h->rule] : NULL;
}

/* "localhost" in its spellings, with or without a port. Source: evidence sheet 3.1, stage table. */
bool host_is_local(struct str host)
{
    return str_istarts(host, STR("localhost")) || str_starts(host, STR("127.")) || str_eq(host, STR("::1")) ||
           str_starts(host, STR("[::1]")) || str_istarts(host, STR("::ffff:127.")) || str_eq(host, STR("0.0.0.0"));
}

int time_cmp(int64_t x, int64_t y)
{
    if (x == TIME_NONE || y == TIME_NONE)
        return (x == TIME_NONE) - (y == TIME_NONE);
    return x < y ? -1 : x > y;
}

void text_add(struct text *t, struct str s)
{
    if (t->bad || !s.n)
        return;
    if (s.n > t->cap - t->n) {
        size_t cap = t->cap ? t->cap : 128;
        while (s.n > cap - t->n) {
            if (cap > SIZE_MAX / 4) {
                t->bad = true;
                return;
            }
            cap *= 2;
        }
        uint8_t *p = NEW(t->a, uint8_t, cap);
        if (!p) {
            t->bad = true;
            return;
        }
        if (t->n)
            memcpy(p, t->p, t->n);
        t->p   = p;
        t->cap = cap;
    }
    memcpy(t->p + t->n, s.p, s.n);
    t->n += s.n;
}

void text_c(struct text *t, const char *c) { text_add(t, str_c(c)); }

void text_u64(struct text *t, uint64_t v)
{
    uint8_t digit[20];
    size_t  n = sizeof digit;

    do
        digit[--n] = (uint8_t)('0' + v % 10);
    while (v /= 10);
    text_add(t, (struct str){ digit + n, sizeof digit - n });
}

void text_clean(struct text *t, struct str s, size_t max)
{
    size_t lt  = str_chr(s, '<');
    bool   cut = lt != STR_NONE;

    /* Contract, last but one line: nothing in the report contains the body of a web shell. */
    if (cut)
        s.n = lt;
    if (s.n > max) {
        s.n = max;
        cut = true;
    }
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        while (i < s.n && s.p[i] >= 0x20 && s.p[i] != 0x7f)
            i++;
        text_add(t, str_sub(s, from, i));
        if (i < s.n) {
            text_c(t, "?");
            i++;
        }
    }
    if (cut)
        text_c(t, "...");
}
