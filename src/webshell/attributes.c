#include "webshell/cutter.h"

#include "base/num.h"
#include "base/utf.h"

#include <string.h>

enum page_kind container_kind_of(struct str file_name)
{
    static const struct { const char *ext; enum page_kind kind; } row[] = {
        { "aspx", PAGE_ASPX }, { "ascx", PAGE_ASCX }, { "master", PAGE_MASTER }, { "ashx", PAGE_ASHX }, { "asmx", PAGE_ASMX }, { "soap", PAGE_ASMX },
        { "rem", PAGE_ASMX }, { "svc", PAGE_SVC }, { "asax", PAGE_ASAX }, { "asp", PAGE_ASP }, { "asa", PAGE_ASP }, { "cer", PAGE_ASP }, { "cdx", PAGE_ASP },
        { "cshtml", PAGE_RAZOR_CS }, { "vbhtml", PAGE_RAZOR_VB }, { "config", PAGE_CONFIG }, { "cs", PAGE_SOURCE_CS }, { "vb", PAGE_SOURCE_VB },
    };
    /* An alternate stream opens the same file; blanks and dots at the end vanish when Windows opens it. */
    struct str name = file_name;
    size_t     colon = str_rchr(name, ':');
    if (colon != STR_NONE && colon > 1)
        name = str_sub(name, 0, colon);
    while (name.n && (name.p[name.n - 1] == '.' || name.p[name.n - 1] == ' '))
        name.n--;
    size_t dot = str_rchr(name, '.');
    if (dot == STR_NONE)
        return PAGE_NOT;
    struct str ext = str_from(name, dot + 1);
    for (size_t i = 0; i < COUNT_OF(row); i++)
        if (str_ieq_c(ext, row[i].ext))
            return row[i].kind;
    return PAGE_NOT;
}

static bool name_byte(uint8_t c) { return ch_alnum(c) || c == '_' || c == '-' || c == ':' || c == '.' || c >= 0x80; }

bool attribute_next(struct str *rest, struct str *ret_name, struct str *ret_value)
{
    struct str s = *rest;
    size_t     i = 0;

    while (i < s.n && !ch_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] < 0x80)
        i++;
    if (i == s.n)
        return false;
    size_t from = i;
    while (i < s.n && name_byte(s.p[i]))
        i++;
    struct str name = str_sub(s, from, i), value = STR("");
    size_t     k = i;
    while (k < s.n && (ch_space(s.p[k]) || s.p[k] == 0))
        k++;
    if (k < s.n && s.p[k] == '=') {
        for (k++; k < s.n && (ch_space(s.p[k]) || s.p[k] == 0);)
            k++;
        if (k < s.n && (s.p[k] == '"' || s.p[k] == '\'')) {
            size_t end = str_chr(str_from(s, k + 1), s.p[k]);
            i = end == STR_NONE ? s.n : k + 1 + end + 1;
            value = str_sub(s, k + 1, end == STR_NONE ? s.n : k + 1 + end);
        } else if (k + 1 < s.n && s.p[k] == '<' && s.p[k + 1] == '%') {
            size_t end = str_find(str_from(s, k), STR("%>"));
            i = end == STR_NONE ? s.n : k + end + 2;
            value = str_sub(s, k, i);
        } else {
            for (i = k; i < s.n && !ch_space(s.p[i]) && s.p[i] != '"' && s.p[i] != '\'';)
                i++;
            value = str_sub(s, k, i > k && i == s.n && s.p[i - 1] == '/' ? i - 1 : i);      /* the tag's own slash */
        }
    }
    *ret_name  = name;
    *ret_value = value;
    *rest      = str_from(s, i);
    return true;
}

bool container_attribute(struct str tag, struct str name, struct str *ret)
{
    struct str rest = tag, n, v;

    while (attribute_next(&rest, &n, &v))
        if (str_ieq(n, name)) {
            *ret = str_trim(v);
            return true;
        }
    return false;
}

/* The character that an entity at s stands for, and its length; 0: none. Only what a name of a language, class or file may need. */
static size_t entity_at(struct str s, uint32_t *ret)
{
    static const struct { struct str name; uint32_t cp; } row[] = {
        { STR_INIT("&lt;"), '<' }, { STR_INIT("&gt;"), '>' }, { STR_INIT("&amp;"), '&' }, { STR_INIT("&nbsp;"), 0xA0 }, { STR_INIT("&quot;"), '"' },
        { STR_INIT("&apos;"), '\'' },
    };
    for (size_t i = 0; i < COUNT_OF(row); i++)
        if (str_istarts(s, row[i].name)) {
            *ret = row[i].cp;
            return row[i].name.n;
        }
    size_t end = str_chr(str_sub(s, 0, 12), ';');
    if (s.n < 4 || s.p[1] != '#' || end == STR_NONE)
        return 0;
    uint64_t v;
    uint32_t d;
    if (ch_lower(s.p[2]) == 'x' ? num_hex(str_sub(s, 3, end), &v) : num_u32(str_sub(s, 2, end), &d)) {
        *ret = ch_lower(s.p[2]) == 'x' ? (v > 0x10FFFF ? 0xFFFD : (uint32_t)v) : d;
        return end + 1;
    }
    return 0;
}

struct str attribute_plain(struct arena *a, struct str s)
{
    if (str_chr(s, '&') == STR_NONE)
        return s.p ? s : STR("");
    uint8_t *to = TAKE(a, uint8_t, s.n);
    size_t   n = 0;
    if (!to)
        return STR_EMPTY;
    for (size_t i = 0; i < s.n;) {
        uint32_t cp = 0;
        uint8_t  b[4];
        size_t   len = s.p[i] == '&' ? entity_at(str_from(s, i), &cp) : 0, w = len ? utf8_put(cp, b) : 0;
        /* A quote would end the value it stands in; U+10FFFF and the like are never shorter than what they replace. */
        if (len == 0 || cp == '"' || cp == '\'' || w > len) {
            to[n++] = s.p[i++];
            continue;
        }
        memcpy(to + n, b, w);
        n += w;
        i += len;
    }
    return (struct str){ to, n };
}

enum ir_language language_of(struct str word, bool classic)
{
    static const struct { const char *name; enum ir_language net, classic; } row[] = {
        { "c#", IR_CSHARP, IR_CSHARP }, { "cs", IR_CSHARP, IR_CSHARP }, { "csharp", IR_CSHARP, IR_CSHARP }, { "vb", IR_VBNET, IR_VBSCRIPT },
        { "visualbasic", IR_VBNET, IR_VBSCRIPT }, { "vbs", IR_VBNET, IR_VBSCRIPT }, { "vbscript", IR_VBNET, IR_VBSCRIPT },
        { "vbscript.encode", IR_VBNET, IR_VBSCRIPT }, { "jscript", IR_JSCRIPT_NET, IR_JSCRIPT }, { "javascript", IR_JSCRIPT_NET, IR_JSCRIPT },
        { "js", IR_JSCRIPT_NET, IR_JSCRIPT }, { "ecmascript", IR_JSCRIPT_NET, IR_JSCRIPT }, { "livescript", IR_JSCRIPT_NET, IR_JSCRIPT },
        { "jscript.encode", IR_JSCRIPT_NET, IR_JSCRIPT }, { "text/javascript", IR_JSCRIPT_NET, IR_JSCRIPT }, { "text/vbscript", IR_VBNET, IR_VBSCRIPT },
        { "text/jscript", IR_JSCRIPT_NET, IR_JSCRIPT }, { "text/c#", IR_CSHARP, IR_CSHARP }, { "vj#", IR_CSHARP, IR_CSHARP }, { "vjs", IR_CSHARP, IR_CSHARP },
    };
    word = str_trim(word);
    for (size_t i = 0; i < COUNT_OF(row); i++)
        if (str_ieq_c(word, row[i].name))
            return classic ? row[i].classic : row[i].net;
    /* JavaScript1.2 and the like. */
    if (str_istarts(word, STR("javascript")) || str_istarts(word, STR("jscript")))
        return classic ? IR_JSCRIPT : IR_JSCRIPT_NET;
    return IR_UNKNOWN;
}
