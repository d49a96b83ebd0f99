#include "formats/mailaddr.h"

#include "formats/idna.h"

#include <string.h>

enum { NAME_MAX_BYTES = 512 };

/* atext of RFC 5322 */
static bool atom(uint8_t c) { return ch_alnum(c) || (c && c < 0x80 && strchr("!#$%&'*+-/=?^_`{|}~", c)); }

static const char *local_why(struct str s)
{
    if (!s.n)
        return "nothing stands before the @";
    if (s.n > MAILADDR_LOCAL_MAX)
        return "more than 64 octets before the @";
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= 0x80)
            return "letters beyond ASCII before the @";
    if (s.p[0] == '"') {
        size_t i = 1;
        for (; i + 1 < s.n && s.p[i] != '"'; i++) {
            if (s.p[i] == '\\')
                i++;
            if (s.p[i] < ' ' || s.p[i] == 0x7f)
                return "a control byte before the @";
        }
        return i + 1 == s.n && s.n > 1 && s.p[i] == '"' ? NULL : "an open quote before the @";
    }
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '.' ? i == 0 || i + 1 == s.n || s.p[i - 1] == '.' : !atom(s.p[i]))
            return "a byte before the @ that no address has there";
    return NULL;
}

bool mailaddr_parse(struct str s, struct arena *a, struct mailaddr *ret, const char **ret_why)
{
    size_t      at = str_rchr(s, '@');
    struct str  domain = STR_EMPTY;
    const char *why = NULL;

    if (at == STR_NONE)
        why = "no @ in it";
    else if (s.n > 4 * MAILADDR_MAX)                       /* letters beyond ASCII become shorter or longer; not so much */
        why = "longer than an address can be";
    else if (at + 1 < s.n && s.p[at + 1] == '[')
        why = "an address literal, no domain";
    else if (!(why = local_why(str_sub(s, 0, at))) && !idna_domain(str_from(s, at + 1), a, &domain))
        why = "what stands behind the @ is no domain";
    else if (!why && (s.p[at + 1] == '*' || ch_space(s.p[at + 1]) || ch_space(s.p[s.n - 1]) || s.p[s.n - 1] == '.'))
        why = "what stands behind the @ is no domain";
    else if (!why && at + 1 + domain.n > MAILADDR_MAX)
        why = "longer than an address can be";
    if (why) {
        *ret_why = why;
        return false;
    }
    struct str all = s;
    if (domain.p != s.p + at + 1) {
        all = str_cat(a, str_sub(s, 0, at + 1), domain);
        if (!all.p) {
            *ret_why = "no room for it";
            return false;
        }
    }
    *ret = (struct mailaddr){ all, str_sub(all, 0, at), str_from(all, at + 1) };
    return true;
}

static bool between(uint8_t c) { return c == ',' || c == ';' || ch_space(c); }

bool mailaddr_next(struct str *rest, struct str *ret)
{
    struct str s = *rest;

    while (s.n && between(s.p[0]))
        s = str_from(s, 1);
    if (!s.n)
        return false;
    /* A display name goes up to its '<': without ',' or ';' before it, but within quotes. Not far, so that a long list costs no more than its length. */
    size_t open = 0, near = s.n < NAME_MAX_BYTES ? s.n : NAME_MAX_BYTES;
    bool   quoted = false;
    while (open < near && (quoted || (s.p[open] != '<' && s.p[open] != ',' && s.p[open] != ';'))) {
        quoted ^= s.p[open] == '"';
        open++;
    }
    if (open < near && s.p[open] == '<' && (open == 0 || str_chr(str_sub(s, 0, open), '@') == STR_NONE)) {
        size_t close = str_chr(str_from(s, open), '>');
        close = close == STR_NONE ? s.n : open + close;
        *ret  = str_trim(str_sub(s, open + 1, close));
        *rest = str_from(s, close + 1);
    } else {
        size_t end = 0;
        quoted = false;
        while (end < s.n && (quoted || !between(s.p[end]))) {
            quoted = end == 0 && s.p[0] == '"' ? true : quoted && s.p[end] != '"';
            end++;
        }
        *ret  = str_sub(s, 0, end);
        *rest = str_from(s, end);
    }
    if (str_istarts(*ret, STR("mailto:")))
        *ret = str_from(*ret, 7);
    return true;
}
