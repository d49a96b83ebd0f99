#include "emit/html.h"
#include "emit/visible.h"

static const char *reference(uint32_t cp)
{
    switch (cp) {
    case '&':  return "&amp;";
    case '<':  return "&lt;";
    case '>':  return "&gt;";
    case '"':  return "&quot;";
    case '\'': return "&#39;";
    case '`':  return "&#96;";                 /* some old readers take it as a quote */
    default:   return NULL;
    }
}

static void write_text(struct out *o, struct str s, bool keep_lines, size_t max)
{
    struct visible v;

    for (size_t used = 0; visible_step(s, &v); s = str_from(s, v.take)) {
        const char *ref = v.as_is ? reference(v.cp) : NULL;

        if (max && used + v.columns > max) {
            out_c(o, "\xE2\x80\xA6");
            return;
        }
        used += v.columns;
        if (keep_lines && (s.p[0] == '\n' || s.p[0] == '\t'))
            out_str(o, str_sub(s, 0, 1));
        else if (ref)
            out_c(o, ref);
        else if (v.as_is)
            out_str(o, str_sub(s, 0, v.take));
        else
            out_c(o, v.text);
    }
}

void html_text(struct out *o, struct str s)               { write_text(o, s, false, 0); }
void html_short(struct out *o, struct str s, size_t max)  { write_text(o, s, false, max); }
void html_lines(struct out *o, struct str s)              { write_text(o, s, true, 0); }
void html_attr(struct out *o, struct str s)               { write_text(o, s, false, 0); }

void html_id(struct out *o, struct str s)
{
    if (s.n == 0 || !ch_alpha(s.p[0]))
        out_c(o, "x");
    for (size_t i = 0; i < s.n; i++) {
        if (ch_alnum(s.p[i]) || s.p[i] == '-' || s.p[i] == '_')
            out_str(o, str_sub(s, i, i + 1));
        else
            out_fmt(o, ".%02X", s.p[i]);
    }
}
