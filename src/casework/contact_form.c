#include "casework/contact_form.h"

#include "formats/mailaddr.h"

#include <string.h>

bool contact_phone(struct str s, struct arena *a, struct str *ret)
{
    size_t   digits = 0, n = 0;
    uint8_t *p;

    for (size_t i = 0; i < s.n; i++) {
        if (ch_digit(s.p[i]))
            digits++;
        else if (!(s.p[i] == '+' && i == 0) && !(s.p[i] && strchr(" -/().", s.p[i])))
            return false;
    }
    if (digits < 4 || digits > 15 || !(p = TAKE(a, uint8_t, s.n)))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (ch_digit(s.p[i]) || s.p[i] == '+')
            p[n++] = s.p[i];
    *ret = (struct str){ p, n };
    return true;
}

bool contact_portal(struct str s)
{
    if (!str_istarts(s, STR("https://")) || s.n > 1000 || s.n < 12)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] >= 0x7F || strchr("\"<>\\^`{|}", s.p[i]))
            return false;
    return true;
}

bool contact_form_guess(struct str s, enum contact_channel *ret)
{
    size_t digits = 0;

    for (size_t i = 0; i < s.n; i++)
        digits += ch_digit(s.p[i]);
    if (str_istarts(s, STR("https://")) || str_istarts(s, STR("http://")))
        *ret = CONTACT_PORTAL;
    else if (str_chr(s, '@') != STR_NONE)
        *ret = CONTACT_EMAIL;
    else if (digits >= 4 && digits * 2 >= s.n)
        *ret = CONTACT_PHONE;
    else
        return false;
    return true;
}

/* Lines without blanks around them and without empty ones; other control characters are none of an address. */
static bool post(struct str s, struct arena *a, struct str *ret)
{
    uint8_t   *p = TAKE(a, uint8_t, s.n + 1);
    struct str line;
    size_t     n = 0, lines = 0;

    if (!p)
        return false;
    while (str_cut(&s, '\n', &line)) {
        line = str_trim(line);
        if (!line.n)
            continue;
        if (++lines > POST_LINES_MAX)
            return false;
        if (n)
            p[n++] = '\n';
        for (size_t i = 0; i < line.n; i++) {
            if (line.p[i] < ' ' || line.p[i] == 0x7F)
                return false;
            p[n++] = line.p[i];
        }
    }
    *ret = (struct str){ p, n };
    return lines >= 2;
}

bool contact_form(struct str s, enum contact_channel c, struct arena *a, struct str *ret, const char **ret_why)
{
    struct mailaddr m;

    s = str_trim(s);
    switch (c) {
    case CONTACT_EMAIL:
    case CONTACT_CSIRT:
        if (!mailaddr_parse(str_istarts(s, STR("mailto:")) ? str_from(s, 7) : s, a, &m, ret_why))
            return false;
        *ret = m.all;
        return true;
    case CONTACT_PHONE:
        *ret_why = "a telephone number has 4 to 15 digits, with '+' or blanks, and nothing else";
        return contact_phone(str_istarts(s, STR("tel:")) ? str_from(s, 4) : s, a, ret);
    case CONTACT_PORTAL:
        *ret_why = "a portal is an address that begins with https://";
        *ret = s;
        return contact_portal(s);
    case CONTACT_POST:
        *ret_why = "a postal address has 2 to 10 lines: a name, a street, a town";
        return post(s, a, ret);
    default:
        *ret_why = "no such kind of contact";
        return false;
    }
}
