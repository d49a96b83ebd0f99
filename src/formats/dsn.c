/* See dsn.h. */
#include "formats/dsn.h"

#include <string.h>

#include "base/num.h"
#include "base/utf.h"

static struct str line_of(struct str *rest)
{
    size_t end = str_chr(*rest, '\n');
    struct str line = str_sub(*rest, 0, end == STR_NONE ? rest->n : end);

    *rest = end == STR_NONE ? STR_EMPTY : str_from(*rest, end + 1);
    return line.n && line.p[line.n - 1] == '\r' ? str_sub(line, 0, line.n - 1) : line;
}

bool dsn_block(struct str *rest, struct str *ret)
{
    while (rest->n) {
        struct str begin = *rest;
        size_t     n = 0;
        bool       any = false;

        while (rest->n) {
            struct str line = line_of(rest);
            if (str_trim(line).n == 0)
                break;
            any |= str_chr(line, ':') != STR_NONE;
            n = begin.n - rest->n;
        }
        if (any) {
            *ret = str_sub(begin, 0, n);
            return true;
        }
    }
    return false;
}

static bool blank(uint8_t c) { return c == ' ' || c == '\t'; }

struct str dsn_field(struct str block, const char *name, struct arena *a)
{
    size_t want = strlen(name);

    while (block.n) {
        struct str line = line_of(&block), more = block;

        if (line.n <= want || !str_ieq_c(str_sub(line, 0, want), name) || str_trim(str_sub(line, want, line.n)).n == 0 || str_trim(str_sub(line, want, line.n)).p[0] != ':')
            continue;
        struct str value = str_trim(str_from(line, str_chr(line, ':') + 1));
        uint8_t   *p = NEW(a, uint8_t, DSN_FIELD_MAX);
        size_t     n = value.n > DSN_FIELD_MAX ? DSN_FIELD_MAX : value.n;
        if (!p)
            return STR_EMPTY;
        if (n)
            memcpy(p, value.p, n);
        while (more.n && blank(more.p[0])) {
            struct str part = str_trim(line_of(&more));
            if (part.n == 0 || n + 1 + part.n > DSN_FIELD_MAX)
                continue;
            if (n)
                p[n++] = ' ';
            memcpy(p + n, part.p, part.n);
            n += part.n;
        }
        return (struct str){ p, n };
    }
    return STR_EMPTY;
}

struct str dsn_value(struct str field, struct str *ret_type)
{
    size_t at = str_chr(field, ';');

    if (ret_type)
        *ret_type = at == STR_NONE ? STR_EMPTY : str_trim(str_sub(field, 0, at));
    return at == STR_NONE ? str_trim(field) : str_trim(str_from(field, at + 1));
}

/* RFC 6533, 3: "\x{5C}" for what does not go through. */
static struct str unescaped(struct str s, struct arena *a)
{
    uint8_t *p = NEW(a, uint8_t, s.n * 4 + 1);
    size_t   n = 0;

    if (!p)
        return s;
    for (size_t i = 0; i < s.n; ) {
        size_t   end = i + 3 < s.n && s.p[i] == '\\' && s.p[i + 1] == 'x' && s.p[i + 2] == '{' ? str_chr(str_from(s, i), '}') : STR_NONE;
        uint64_t v;

        if (end != STR_NONE && end <= 9 && num_hex(str_sub(s, i + 3, i + end), &v) && v >= 0x20 && v <= 0x10FFFF && (v < 0xD800 || v > 0xDFFF)) {
            n += utf8_put((uint32_t)v, p + n);
            i += end + 1;
        } else
            p[n++] = s.p[i++];
    }
    return (struct str){ p, n };
}

struct str dsn_address(struct str field, struct arena *a)
{
    struct str type, v = dsn_value(field, &type);

    if (v.n >= 2 && v.p[0] == '<' && v.p[v.n - 1] == '>')
        v = str_trim(str_sub(v, 1, v.n - 1));
    return str_ieq_c(type, "utf-8") ? unescaped(v, a) : v;
}

bool dsn_status(struct str s, uint16_t ret[3])
{
    uint64_t v[3];

    s = str_trim(s);
    for (int i = 0; i < 3; i++) {
        size_t n = 0;

        while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
            n++;
        if (n == 0 || n > 3 || !num_u64(str_sub(s, 0, n), &v[i]) || (i < 2 && (n == s.n || s.p[n] != '.')))
            return false;
        s = str_from(s, n + (i < 2));
    }
    if ((s.n && !blank(s.p[0])) || (v[0] != 2 && v[0] != 4 && v[0] != 5))
        return false;
    for (int i = 0; i < 3; i++)
        ret[i] = (uint16_t)v[i];
    return true;
}
