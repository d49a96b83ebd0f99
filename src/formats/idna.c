#include "formats/idna.h"

#include "base/utf.h"

#include <idn2.h>
#include <string.h>

enum { LABEL_MAX = 63, UTF8_MAX = 1024 };

static bool label_ok(struct str l)
{
    if (!l.n || l.n > LABEL_MAX || l.p[0] == '-' || l.p[l.n - 1] == '-')
        return false;
    for (size_t i = 0; i < l.n; i++)
        if (!ch_alnum(l.p[i]) && l.p[i] != '-' && l.p[i] != '_')
            return false;
    return true;
}

static bool ascii_ok(struct str s)
{
    struct str rest = s, label = STR_EMPTY;
    bool       letter = false;

    if (!s.n || s.n > IDNA_NAME_MAX || s.p[s.n - 1] == '.')
        return false;
    while (str_cut(&rest, '.', &label))
        if (!label_ok(label))
            return false;
    for (size_t i = 0; i < label.n; i++)
        letter |= ch_alpha(label.p[i]);
    return letter;
}

/* In a buffer of our own: the library wants a C string. */
static bool to_ascii(struct str s, struct arena *a, struct str *ret)
{
    char  text[UTF8_MAX + 1], *out = NULL;
    bool  ok = s.n <= UTF8_MAX && str_chr(s, 0) == STR_NONE && utf8_valid(s);

    if (!ok)
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    ok = idn2_to_ascii_8z(text, &out, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK;
    if (ok) {
        struct str ascii = str_lower(a, str_c(out));
        ok = ascii.p && ascii_ok(ascii);
        if (ok)
            *ret = ascii;
    }
    idn2_free(out);
    return ok;
}

bool idna_host(struct str name, struct arena *a, struct str *ret)
{
    bool upper = false, foreign = false;

    name = str_trim(name);
    if (str_starts(name, STR("*.")))
        name = str_from(name, 2);
    if (name.n && name.p[name.n - 1] == '.')
        name.n--;
    for (size_t i = 0; i < name.n; i++) {
        upper   |= name.p[i] >= 'A' && name.p[i] <= 'Z';
        foreign |= name.p[i] >= 0x80;
    }
    if (foreign)
        return to_ascii(name, a, ret);
    if (!ascii_ok(name))
        return false;
    struct str lower = upper ? str_lower(a, name) : name;
    if (!lower.p)
        return false;
    *ret = lower;
    return true;
}

bool idna_domain(struct str name, struct arena *a, struct str *ret)
{
    struct str host;

    if (!idna_host(name, a, &host) || str_chr(host, '.') == STR_NONE)
        return false;
    *ret = host;
    return true;
}
