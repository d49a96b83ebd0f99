#include "emit/json.h"
#include "base/num.h"
#include "emit/visible.h"

#include <math.h>
#include <stdio.h>

void js_open(struct js *j, struct out *o, bool flat)
{
    *j = (struct js){ .o = o, .flat = flat };
}

static void new_line(struct js *j)
{
    if (j->flat)
        return;
    out_c(j->o, "\n");
    for (uint32_t i = 0; i < j->depth; i++)
        out_c(j->o, "  ");
}

/* What stands between this value and the one before it. */
static void next(struct js *j)
{
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    if (j->depth == 0)
        return;
    if (j->filled[j->depth - 1])
        out_c(j->o, j->flat ? ", " : ",");
    j->filled[j->depth - 1] = true;
    new_line(j);
}

static void begin(struct js *j, const char *open, char close)
{
    next(j);
    out_c(j->o, open);
    if (j->depth == JSON_DEPTH_MAX) {
        if (!j->o->failed)
            err_set(&j->o->err, ERR_LIMIT, "JSON deeper than %d levels", JSON_DEPTH_MAX);
        j->o->failed = true;
        return;
    }
    j->close[j->depth] = close;
    j->filled[j->depth++] = false;
}

void js_object(struct js *j) { begin(j, "{", '}'); }
void js_array(struct js *j)  { begin(j, "[", ']'); }

void js_end(struct js *j)
{
    if (j->depth == 0)
        return;
    bool filled = j->filled[--j->depth];
    if (filled)
        new_line(j);
    out_fmt(j->o, "%c", j->close[j->depth]);
    if (j->depth == 0 && !j->flat)
        out_c(j->o, "\n");
}

void js_key(struct js *j, const char *key)
{
    next(j);
    out_fmt(j->o, "\"%s\": ", key);
    j->after_key = true;
}

void js_key_str(struct js *j, struct str key)
{
    js_str(j, key);
    out_c(j->o, ": ");
    j->after_key = true;
}

static void unit(struct out *o, uint32_t cp)
{
    if (cp > 0xFFFF)
        out_fmt(o, "\\u%04x\\u%04x", (unsigned)(0xD800 + ((cp - 0x10000) >> 10)), (unsigned)(0xDC00 + ((cp - 0x10000) & 0x3FF)));
    else
        out_fmt(o, "\\u%04x", (unsigned)cp);
}

static const char *short_escape(uint32_t cp)
{
    switch (cp) {
    case '"':  return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default:   return NULL;
    }
}

/* Most text is plain: it goes in one piece. */
static size_t plain(struct str s)
{
    size_t n = 0;

    while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7F && s.p[n] != '"' && s.p[n] != '\\' && s.p[n] != '<' && s.p[n] != '/')
        n++;
    return n;
}

void js_str(struct js *j, struct str s)
{
    struct visible v;
    bool           after_lt = false;
    bool           bad;

    next(j);
    out_c(j->o, "\"");
    for (;; s = str_from(s, v.take)) {
        size_t run = plain(s);
        if (run) {
            out_str(j->o, str_sub(s, 0, run));
            s        = str_from(s, run);
            after_lt = false;
        }
        if (!visible_step(s, &v))
            break;
        bad = !v.as_is && v.take == 1 && s.p[0] >= 0x80;
        const char *esc = bad ? "\xEF\xBF\xBD" : short_escape(v.cp);
        if (esc)
            out_c(j->o, esc);
        else if (!v.as_is)
            unit(j->o, v.cp);
        else if (v.cp == '/' && after_lt)
            out_c(j->o, "\\/");
        else
            out_str(j->o, str_sub(s, 0, v.take));
        after_lt = !bad && v.cp == '<';
    }
    out_c(j->o, "\"");
}

void js_str_or_null(struct js *j, struct str s)
{
    if (s.n)
        js_str(j, s);
    else
        js_null(j);
}

void js_c(struct js *j, const char *c)
{
    if (c)
        js_str(j, str_c(c));
    else
        js_null(j);
}

void js_u64(struct js *j, uint64_t v) { next(j); out_fmt(j->o, "%llu", (unsigned long long)v); }
void js_i64(struct js *j, int64_t v)  { next(j); out_fmt(j->o, "%lld", (long long)v); }
void js_bool(struct js *j, bool v)    { next(j); out_c(j->o, v ? "true" : "false"); }
void js_null(struct js *j)            { next(j); out_c(j->o, "null"); }

void js_number(struct js *j, double v)
{
    char text[40];

    if (!isfinite(v)) {
        js_null(j);
        return;
    }
    snprintf(text, sizeof text, "%.6g", v);
    for (char *p = text; *p; p++)
        if (*p == ',')                         /* a locale that a library set must not change the file */
            *p = '.';
    next(j);
    out_c(j->o, text);
}

void js_time(struct js *j, int64_t us)
{
    char text[TIME_TEXT] = "";

    if (us != TIME_NONE)
        time_text(us, text);
    js_str_or_null(j, str_c(text));
}

void js_hex(struct js *j, const uint8_t *p, size_t n)
{
    char text[129];

    if (n > 64)
        n = 64;
    num_tohex(p, n, text);
    js_c(j, text);
}
