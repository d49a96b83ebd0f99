/* Values of rules and values of records: wildcards, numbers, networks. */
#include "detect/sigma_code.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <string.h>

/*
 * Escapes (interchange sheet, 4.2): "\*" and "\?" are the characters, "\\" is one backslash (so "\\*" is a backslash and a wildcard),
 * any other "\" is itself. Neighbouring stars are one.
 */
bool sigma_glob_read(struct sigma_builder *b, struct str v, struct sigma_glob *ret)
{
    if (v.n > SIGMA_VALUE_MAX)
        return err_set(b->e, ERR_FORMAT, "a value of %zu bytes, at most %d accepted", v.n, SIGMA_VALUE_MAX);
    uint16_t *g = NEW(b->a, uint16_t, v.n + 1);
    size_t    n = 0;
    if (!g)
        return err_set(b->e, ERR_MEMORY, "no room for a value");

    for (size_t i = 0; i < v.n; i++) {
        uint16_t c = v.p[i];
        if (c == '\\' && i + 1 < v.n && (v.p[i + 1] == '*' || v.p[i + 1] == '?' || v.p[i + 1] == '\\'))
            c = v.p[++i];
        else if (c == '*')
            c = GLOB_STAR;
        else if (c == '?')
            c = GLOB_ONE;
        if (c != GLOB_STAR || n == 0 || g[n - 1] != GLOB_STAR)
            g[n++] = c;
    }
    *ret = (struct sigma_glob){ g, n };
    return true;
}

bool sigma_glob_test(struct sigma_builder *b, const struct sigma_glob *v, bool open_left, bool open_right, struct sigma_test *ret)
{
    uint16_t *g = NEW(b->a, uint16_t, v->n + 2);
    uint8_t  *t = NEW(b->a, uint8_t, v->n + 1);
    size_t    n = 0, from = 0;
    if (!g || !t)
        return err_set(b->e, ERR_MEMORY, "no room for a value");

    if (open_left && (v->n == 0 || v->p[0] != GLOB_STAR))
        g[n++] = GLOB_STAR;
    for (size_t i = 0; i < v->n; i++)
        g[n++] = v->p[i];
    if (open_right && (n == 0 || g[n - 1] != GLOB_STAR))
        g[n++] = GLOB_STAR;

    size_t to = n;
    bool   left = n > 0 && g[0] == GLOB_STAR, right = n > 0 && g[n - 1] == GLOB_STAR, plain = true;
    from += left;
    if (right && to > from)
        to--;
    for (size_t i = from; i < to; i++) {
        plain &= g[i] < 256;
        t[i - from] = (uint8_t)g[i];
    }
    ret->glob   = g;
    ret->glob_n = n;
    ret->text   = (struct str){ t, to - from };
    ret->op     = !plain ? OP_GLOB : left && right ? OP_CONTAINS : left ? OP_ENDS : right ? OP_STARTS : OP_IS;
    return true;
}

/* Length of the dash at the start of `s`: hyphen, slash, en dash, em dash, horizontal bar; 0: there is none. */
static size_t dash_length(struct str s)
{
    if (s.n && (s.p[0] == '-' || s.p[0] == '/'))
        return 1;
    return s.n >= 3 && s.p[0] == 0xe2 && s.p[1] == 0x80 && s.p[2] >= 0x93 && s.p[2] <= 0x95 ? 3 : 0;
}

static bool glob_fits(const struct sigma_test *t, struct str in, uint64_t *limits)
{
    size_t   p = 0, i = 0, star = SIZE_MAX, back = 0;
    uint32_t steps = 0;

    while (i < in.n) {
        if (++steps > SIGMA_GLOB_STEPS_MAX) {
            ++*limits;
            return false;
        }
        uint16_t g = p < t->glob_n ? t->glob[p] : UINT16_MAX;
        uint8_t  c = in.p[i];
        if (g == GLOB_STAR) {
            star = p++;
            back = i;
        } else if (g == GLOB_DASH && dash_length(str_from(in, i))) {
            p++;
            i += dash_length(str_from(in, i));
        } else if (g == GLOB_ONE || (g < 256 && (t->cased ? g == c : ch_lower((uint8_t)g) == ch_lower(c)))) {
            p++;
            i++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            i = ++back;
        } else {
            return false;
        }
    }
    while (p < t->glob_n && t->glob[p] == GLOB_STAR)
        p++;
    return p == t->glob_n;
}

bool sigma_number_parse(struct str s, double *ret)
{
    bool   minus = s.n && s.p[0] == '-';
    double v = 0, unit = 1;
    size_t digits = 0;

    if (minus)
        s = str_from(s, 1);
    if (s.n == 0 || s.n > 40)
        return false;
    bool dot = false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.' && !dot) {
            dot = true;
            continue;
        }
        if (!ch_digit(s.p[i]))
            return false;
        v = v * 10 + (s.p[i] - '0');
        unit = dot ? unit * 10 : unit;
        digits++;
    }
    if (!digits)
        return false;
    *ret = (minus ? -v : v) / unit;
    return true;
}

static bool address_parse(struct str s, uint8_t ret[16], uint8_t *ret_bytes)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    char   text[64];
    size_t zone = str_chr(s, '%');

    if (zone != STR_NONE)
        s = str_sub(s, 0, zone);
    if (s.n == 0 || s.n >= sizeof text || str_chr(s, 0) != STR_NONE)
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    if (inet_pton(AF_INET, text, ret) == 1) {
        *ret_bytes = 4;
        return true;
    }
    if (inet_pton(AF_INET6, text, ret) != 1)
        return false;
    *ret_bytes = 16;
    if (memcmp(ret, mapped, sizeof mapped) == 0) {       /* ::ffff:192.0.2.1 is that IPv4 address */
        memmove(ret, ret + 12, 4);
        *ret_bytes = 4;
    }
    return true;
}

bool sigma_net_parse(struct str s, struct sigma_net *ret)
{
    struct sigma_net n = { .bits = 0 };
    size_t           slash = str_chr(s, '/');
    uint32_t         bits;

    if (!address_parse(str_sub(s, 0, slash == STR_NONE ? s.n : slash), n.p, &n.bytes))
        return false;
    bits = n.bytes * 8u;                          /* an address alone is a network of one */
    if (slash != STR_NONE && !num_u32(str_from(s, slash + 1), &bits))
        return false;
    if (bits > n.bytes * 8u)
        return false;
    n.bits = (uint8_t)bits;
    *ret   = n;
    return true;
}

static bool net_has(const struct sigma_net *n, struct str value)
{
    uint8_t a[16], bytes;

    if (!address_parse(value, a, &bytes) || bytes != n->bytes)
        return false;
    for (unsigned i = 0; i < n->bits; i++)
        if ((a[i / 8] ^ n->p[i / 8]) >> (7 - i % 8) & 1)
            return false;
    return true;
}

bool sigma_test_value(const struct sigma_test *t, struct str v, struct arena scratch, uint64_t *limits)
{
    double d;

    switch (t->op) {
    case OP_IS:       return t->cased ? str_eq(v, t->text) : str_ieq(v, t->text);
    case OP_CONTAINS: return t->cased ? str_has(v, t->text) : str_ihas(v, t->text);
    case OP_STARTS:   return t->cased ? str_starts(v, t->text) : str_istarts(v, t->text);
    case OP_ENDS:     return t->cased ? str_ends(v, t->text) : str_iends(v, t->text);
    case OP_GLOB:     return glob_fits(t, v, limits);
    case OP_NET:      return net_has(&t->net, v);
    case OP_ABSENT:
    case OP_NONE:
    case OP_FIELD:    return false;               /* sigma_match knows these: they need more than one value */
    case OP_EXISTS:   return true;
    case OP_GT:       return sigma_number_parse(v, &d) && d > t->limit;
    case OP_GTE:      return sigma_number_parse(v, &d) && d >= t->limit;
    case OP_LT:       return sigma_number_parse(v, &d) && d < t->limit;
    case OP_LTE:      return sigma_number_parse(v, &d) && d <= t->limit;
    case OP_PATTERN: {
        enum pattern_answer got = pattern_match(t->pattern, v, scratch);
        *limits += got == PATTERN_LIMIT;
        return got == PATTERN_YES;
    }
    }
    return false;
}
