#include "detect/pattern_cost.h"

/* Of the alternative being read: does it hold something unbounded, something that must be there? Of the group: did any alternative run away? */
struct level { bool unbounded, firm, loose; };

/* The quantifier at i; its length in bytes, 0: none. */
static size_t quantifier(struct str s, size_t i, bool *ret_unbounded, bool *ret_optional)
{
    size_t n = 0;

    *ret_unbounded = *ret_optional = false;
    if (i >= s.n)
        return 0;
    if (s.p[i] == '*' || s.p[i] == '+' || s.p[i] == '?') {
        *ret_unbounded = s.p[i] != '?';
        *ret_optional  = s.p[i] != '+';
        n = 1;
    } else if (s.p[i] == '{') {
        size_t close = str_chr(str_from(s, i), '}'), comma = str_chr(str_from(s, i), ',');
        if (close == STR_NONE || close < 2 || !ch_digit(s.p[i + 1]))
            return 0;
        for (size_t k = 1; k < close; k++)
            if (!ch_digit(s.p[i + k]) && s.p[i + k] != ',')
                return 0;                         /* a brace that counts nothing is itself */
        *ret_unbounded = comma != STR_NONE && comma + 1 == close;
        *ret_optional  = s.p[i + 1] == '0';
        n = close + 1;
    } else {
        return 0;
    }
    if (i + n < s.n && (s.p[i + n] == '?' || s.p[i + n] == '+'))
        n++;                                      /* lazy or possessive */
    return n;
}

static void alternative_ends(struct level *l)
{
    l->loose |= l->unbounded && !l->firm;
    l->unbounded = l->firm = false;
}

static size_t class_length(struct str s, size_t i)
{
    size_t k = i + 1;

    k += k < s.n && s.p[k] == '^';
    k += k < s.n && s.p[k] == ']';
    while (k < s.n && s.p[k] != ']')
        k += s.p[k] == '\\' ? 2 : 1;
    return (k < s.n ? k + 1 : s.n) - i;
}

bool pattern_runs_away(struct str s)
{
    struct level stack[PATTERN_COST_DEPTH] = { 0 };
    size_t       depth = 0, i = 0;

    while (i < s.n) {
        struct level *l = &stack[depth];
        bool   unbounded, optional, loose = false, inner = false;
        size_t n = 1;
        if (s.p[i] == '|') {
            alternative_ends(l);
            i++;
            continue;
        }
        if (s.p[i] == '(') {
            if (depth + 1 == PATTERN_COST_DEPTH)
                return false;                     /* PCRE2 refuses such depth */
            stack[++depth] = (struct level){ .loose = false };
            i++;
            if (i + 1 < s.n && s.p[i] == '?')     /* "(?:", "(?=", "(?<name>" ...: what follows the sign is no atom */
                i += 2;
            continue;
        }
        if (s.p[i] == ')' && depth) {
            alternative_ends(l);
            loose = inner = l->loose;
            l = &stack[--depth];
        } else if (s.p[i] == '\\') {
            n = 2;
        } else if (s.p[i] == '[') {
            n = class_length(s, i);
        } else if (s.p[i] == '^' || s.p[i] == '$') {
            i++;
            continue;
        }
        i += n < s.n - i ? n : s.n - i;
        i += quantifier(s, i, &unbounded, &optional);
        if (loose && unbounded)
            return true;
        l->unbounded |= unbounded || inner;
        l->firm      |= !unbounded && !optional && !inner;
    }
    return false;
}
