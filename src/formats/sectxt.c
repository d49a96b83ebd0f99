/* See sectxt.h. */
#include "formats/sectxt.h"

#include <string.h>

#include "base/num.h"
#include "formats/mailaddr.h"

static bool next_line(struct str *rest, struct str *ret)
{
    if (rest->n == 0)
        return false;
    str_cut(rest, '\n', ret);
    if (ret->n && ret->p[ret->n - 1] == '\r')
        ret->n--;
    return true;
}

/* What lies between the frame's headers and its signature. A frame without an end is read to the end. */
static struct str unframed(struct str text, struct arena *a, bool *ret_signed, bool *ret_ok)
{
    struct str rest = text, line = STR_EMPTY;
    uint8_t   *p;
    size_t     n = 0;

    *ret_signed = false;
    while (next_line(&rest, &line) && str_trim(line).n == 0) { }
    if (!str_eq(str_trim(line), STR("-----BEGIN PGP SIGNED MESSAGE-----")))
        return text;
    *ret_signed = true;
    p = NEW(a, uint8_t, text.n + 1);
    if (!p) {
        *ret_ok = false;
        return STR_EMPTY;
    }
    while (next_line(&rest, &line) && str_trim(line).n) { }
    while (next_line(&rest, &line) && !str_starts(line, STR("-----BEGIN PGP SIGNATURE-----"))) {
        if (str_starts(line, STR("- ")))
            line = str_from(line, 2);
        if (line.n)
            memcpy(p + n, line.p, line.n);
        n += line.n;
        p[n++] = '\n';
    }
    return (struct str){ p, n };
}

static void wrong(struct sectxt *r, const char *why)
{
    if (!r->why)
        r->why = why;
}

static bool list(struct str to[SECTXT_LIST_MAX], size_t *n, struct str value)
{
    if (*n < SECTXT_LIST_MAX)
        to[(*n)++] = value;
    return true;
}

static void contact(struct sectxt *r, struct str value, struct arena *a)
{
    struct sectxt_contact c = { SECTXT_MAIL, value, false };
    struct mailaddr m;
    const char     *why;

    if (r->contact_n == SECTXT_CONTACTS_MAX)
        return;
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < ' ' || value.p[i] == 0x7f || (value.p[i] == ' ' && str_istarts(value, STR("https:"))))
            return wrong(r, "a Contact that is no address");
    if (str_istarts(value, STR("https://"))) {
        c.way = SECTXT_WEB;
        if (value.n < 12)
            return wrong(r, "a Contact that is no address");
    } else if (str_istarts(value, STR("tel:"))) {
        c.way = SECTXT_PHONE;
        c.value = str_trim(str_from(value, 4));
        if (!c.value.n)
            return wrong(r, "a Contact that is no address");
    } else {
        c.loose = !str_istarts(value, STR("mailto:"));
        c.value = c.loose ? value : str_from(value, 7);
        size_t query = str_chr(c.value, '?');
        if (query != STR_NONE)
            c.value = str_sub(c.value, 0, query);
        if (!mailaddr_parse(c.value, a, &m, &why))
            return wrong(r, "a Contact that is no address");
        c.value = m.all;
        if (c.loose)
            wrong(r, "a Contact that is no URI");
    }
    r->contact[r->contact_n++] = c;
}

static void languages(struct sectxt *r, struct str value)
{
    struct str one;

    while (str_cut(&value, ',', &one)) {
        one = str_trim(one);
        if (one.n && one.n <= 35)
            list(r->language, &r->language_n, one);
    }
}

static void field(struct sectxt *r, struct str name, struct str value, int *expires, struct arena *a)
{
    if (str_ieq_c(name, "contact"))
        contact(r, value, a);
    else if (str_ieq_c(name, "expires")) {
        ++*expires;
        if (!time_parse(value, &r->expires_us)) {
            r->expires_us = TIME_NONE;
            wrong(r, "an Expires that is no date");
        }
    } else if (str_ieq_c(name, "preferred-languages"))
        languages(r, value);
    else if (str_ieq_c(name, "encryption"))
        list(r->encryption, &r->encryption_n, value);
    else if (str_ieq_c(name, "canonical"))
        list(r->canonical, &r->canonical_n, value);
    else if (str_ieq_c(name, "policy") && !r->policy.n)
        r->policy = value;
}

static bool canonical_says(const struct sectxt *r, struct str fetched)
{
    if (!r->canonical_n || !fetched.n)
        return true;
    for (size_t i = 0; i < r->canonical_n; i++)
        if (str_eq(r->canonical[i], fetched))
            return true;
    return false;
}

bool sectxt_read(struct str text, struct str fetched, int64_t now_us, struct arena *a, struct sectxt *ret)
{
    struct sectxt r = { .expires_us = TIME_NONE };
    struct str    line;
    int           expires = 0;
    bool          ok = true;

    if (text.n > SECTXT_BYTES_MAX) {
        r.cut = true;
        text = str_sub(text, 0, SECTXT_BYTES_MAX);
        wrong(&r, "longer than a security.txt may be");
    }
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_from(text, 3);
    text = unframed(text, a, &r.is_signed, &ok);
    if (!ok)
        return false;
    while (next_line(&text, &line)) {
        size_t colon = str_chr(line, ':');
        if (line.n == 0 || line.p[0] == '#' || colon == STR_NONE)
            continue;
        field(&r, str_trim(str_sub(line, 0, colon)), str_trim(str_from(line, colon + 1)), &expires, a);
    }
    if (expires != 1) {
        wrong(&r, expires ? "two dates of expiry" : "no date of expiry");
        r.expires_us = TIME_NONE;
    }
    if (!canonical_says(&r, fetched))
        wrong(&r, "its Canonical does not name where it came from");
    if (!r.contact_n)
        wrong(&r, "no Contact");
    bool expired = r.expires_us != TIME_NONE && r.expires_us <= now_us;
    if (expired)
        wrong(&r, "expired");
    r.state = !r.contact_n ? SECTXT_NONE : expired ? SECTXT_EXPIRED : r.why ? SECTXT_LOOSE : SECTXT_VALID;
    *ret = r;
    return true;
}
