/* Texts of a collection that become a path, a name or a time: all of them may be lies. */
#include "evidence/layout_inner.h"

#include "base/num.h"
#include "base/utf.h"
#include "evidence/ev.h"

#include <string.h>

uint8_t layout_drive(struct str c)
{
    bool named = c.n == 1 || (c.n == 2 && c.p[1] == ':');

    return named && ch_alpha(c.p[0]) ? (uint8_t)(c.p[0] & ~0x20) : 0;
}

struct str layout_volume(uint8_t letter)
{
    static const char all[] = "A:B:C:D:E:F:G:H:I:J:K:L:M:N:O:P:Q:R:S:T:U:V:W:X:Y:Z:";

    if (letter < 'A' || letter > 'Z')
        return STR("?:");
    return (struct str){ (const uint8_t *)all + 2 * (letter - 'A'), 2 };
}

const char *layout_component_wrong(struct str c)
{
    if (c.n == 0)
        return "unsafe name: empty";
    if (c.n >= EV_NAME_MAX)
        return "name too long";
    if (str_eq(c, STR(".")) || str_eq(c, STR("..")))
        return "unsafe name: leaves its folder";
    if (str_chr(c, '/') != STR_NONE || str_chr(c, '\\') != STR_NONE)
        return "unsafe name: holds a separator";
    if (str_chr(c, 0) != STR_NONE)
        return "unsafe name: holds NUL";
    if (c.n >= 2 && ch_alpha(c.p[0]) && c.p[1] == ':')
        return "unsafe name: a drive inside a path";
    return NULL;
}

const char *layout_native_wrong(struct str native)
{
    const char *wrong = NULL;

    for (struct str one; native.n && !wrong && str_cut(&native, '/', &one);)
        wrong = layout_component_wrong(one);
    return wrong;
}

static size_t separator(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\\' || s.p[i] == '/')
            return i;
    return STR_NONE;
}

bool layout_path_rest(struct str stated, struct arena *a, struct str *ret, const char **ret_wrong)
{
    uint8_t *p = TAKE(a, uint8_t, (stated.n < LAYOUT_PATH_MAX ? stated.n : 0) + 1);
    size_t   n = 0;

    if (stated.n >= LAYOUT_PATH_MAX || !p) {
        *ret_wrong = p ? "path too long" : "no room for the path";
        return false;
    }
    for (unsigned depth = 0; stated.n;) {
        size_t     at  = separator(stated);
        struct str one = str_sub(stated, 0, at);
        stated = at == STR_NONE ? STR_EMPTY : str_from(stated, at + 1);
        if (one.n == 0)
            continue;
        const char *wrong = ++depth > EV_DEPTH_MAX ? "too deep" : layout_component_wrong(one);
        if (wrong) {
            *ret_wrong = wrong;
            return false;
        }
        p[n++] = '\\';
        memcpy(p + n, one.p, one.n);
        n += one.n;
    }
    *ret = (struct str){ p, n };
    return true;
}

bool layout_path_take(struct str s, struct arena *a, struct str *ret, const char **ret_wrong)
{
    struct str rest;

    if (s.n >= 4 && (s.p[0] == '\\' || s.p[0] == '/') && (s.p[3] == '\\' || s.p[3] == '/') &&
        (str_eq(str_sub(s, 1, 3), STR("\\?")) || str_eq(str_sub(s, 1, 3), STR("\\.")) || str_eq(str_sub(s, 1, 3), STR("??")) ||
         str_eq(str_sub(s, 1, 3), STR("/?")) || str_eq(str_sub(s, 1, 3), STR("/."))))
        s = str_from(s, 4);
    uint8_t letter = layout_drive(str_sub(s, 0, 2));
    if (s.n < 2 || s.p[1] != ':' || !letter || (s.n > 2 && s.p[2] != '\\' && s.p[2] != '/')) {
        *ret_wrong = "no absolute path of a drive";
        return false;
    }
    if (!layout_path_rest(str_from(s, 2), a, &rest, ret_wrong))
        return false;
    struct str path = str_cat(a, layout_volume(letter), rest);
    if (!path.p) {
        *ret_wrong = "no room for the path";
        return false;
    }
    *ret = path;
    return true;
}

struct str layout_host_take(struct str s, struct arena *a)
{
    s = str_trim(s);
    while (s.n && s.p[s.n - 1] == '.')
        s.n--;
    if (s.n == 0 || s.n > 255 || !utf8_valid(s) || s.p[0] == '.')
        return STR_EMPTY;
    for (size_t i = 0; i < s.n; i++)
        if (!ch_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_' && s.p[i] != '.' && s.p[i] < 0x80)
            return STR_EMPTY;
    return str_dup(a, s);
}

int64_t layout_time_take(struct str s)
{
    uint8_t text[48];
    int64_t us;

    s = str_trim(s);
    if (str_ends(s, STR(" UTC")))
        s = str_trim(str_sub(s, 0, s.n - 4));
    if (s.n < 10 || s.n > sizeof text - 2)
        return TIME_NONE;
    memcpy(text, s.p, s.n);
    size_t n = s.n;
    /* "+0000" gets its colon, and the blank before it goes. */
    if (n > 19 && (text[n - 5] == '+' || text[n - 5] == '-') && str_chr(str_from(s, n - 4), ':') == STR_NONE) {
        memmove(text + n - 1, text + n - 2, 2);
        text[n - 2] = ':';
        n++;
    }
    if (n > 20 && (text[n - 6] == '+' || text[n - 6] == '-') && text[n - 7] == ' ') {
        memmove(text + n - 7, text + n - 6, 6);
        n--;
    }
    return time_parse((struct str){ text, n }, &us) ? us : TIME_NONE;
}

struct str layout_stem(struct str name)
{
    static const struct str tail[] = {
        STR_INIT(".tar.gz"), STR_INIT(".tar.bz2"), STR_INIT(".tar.xz"), STR_INIT(".tar.zst"), STR_INIT(".tgz"), STR_INIT(".tbz2"), STR_INIT(".txz"),
        STR_INIT(".tzst"), STR_INIT(".tar"), STR_INIT(".zip"), STR_INIT(".7z"),
    };
    for (size_t i = 0; i < COUNT_OF(tail); i++)
        if (name.n > tail[i].n && str_iends(name, tail[i]))
            return str_sub(name, 0, name.n - tail[i].n);
    return name;
}
