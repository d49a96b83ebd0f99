#include "emit/out.h"
#include "emit/out_mem.h"
#include "emit/visible.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void out_open(struct out *o, out_put *put, void *ctx)
{
    o->put = put;
    o->ctx = ctx;
    o->written = 0;
    o->failed = false;
    o->err = (struct err){ 0 };
    o->n = 0;
}

static void push_on(struct out *o, struct str s)
{
    if (o->failed || s.n == 0)
        return;
    if (!o->put(o->ctx, s, &o->err)) {
        if (o->err.kind == ERR_NONE)
            err_set(&o->err, ERR_IO, "the output took no more bytes after %llu", (unsigned long long)o->written);
        o->failed = true;
        return;
    }
    o->written += s.n;
}

static void flush(struct out *o)
{
    push_on(o, (struct str){ o->buf, o->n });
    o->n = 0;
}

void out_str(struct out *o, struct str s)
{
    if (s.n > OUT_BUFFER - o->n)
        flush(o);
    if (s.n > OUT_BUFFER) {
        push_on(o, s);
        return;
    }
    if (s.n)
        memcpy(o->buf + o->n, s.p, s.n);
    o->n += s.n;
}

void out_c(struct out *o, const char *c) { out_str(o, str_c(c)); }

void out_fmt(struct out *o, const char *fmt, ...)
{
    char    line[512];                                 /* numbers and short words; what is longer has no business here */
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof line) {
        if (!o->failed)
            err_set(&o->err, ERR_LIMIT, "a formatted piece of %d bytes, at most %zu fit", n, sizeof line - 1);
        o->failed = true;
        return;
    }
    out_str(o, (struct str){ (const uint8_t *)line, (size_t)n });
}

void out_term(struct out *o, struct str s, size_t max)
{
    struct visible v;
    size_t         room = max;
    bool           cut = false;

    /* When it does not fit, three columns are kept for the dots; a limit below three shows dots only. */
    if (max) {
        size_t have = 0;
        for (struct str r = s; !cut && visible_step(r, &v); r = str_from(r, v.take)) {
            have += v.columns;
            cut = have > max;
        }
        if (cut)
            room = max > 3 ? max - 3 : 0;
    }
    for (size_t used = 0; visible_step(s, &v); s = str_from(s, v.take)) {
        if (max && v.columns > room - used)
            break;
        used += v.columns;
        if (v.as_is)
            out_str(o, str_sub(s, 0, v.take));
        else
            out_c(o, v.text);
    }
    if (cut)
        out_str(o, str_sub(STR("..."), 0, max));
}

bool out_done(struct out *o, struct err *e)
{
    if (!o->failed)
        flush(o);
    if (o->failed && e)
        *e = o->err;
    return !o->failed;
}

/* out_mem.h */
bool out_mem_put(void *ctx, struct str s, struct err *e)
{
    struct out_mem *m = ctx;

    if (s.n > m->cap - m->n) {
        if (s.n > SIZE_MAX / 4 - m->n)
            return err_set(e, ERR_LIMIT, "a text of more than %zu bytes", m->n);
        size_t   cap = (m->n + s.n) * 2;
        uint8_t *p = NEW(m->a, uint8_t, cap);
        if (!p)
            return err_set(e, ERR_MEMORY, "no room for %zu bytes of text", cap);
        if (m->n)
            memcpy(p, m->p, m->n);
        m->p = p;
        m->cap = cap;
    }
    memcpy(m->p + m->n, s.p, s.n);
    m->n += s.n;
    return true;
}
