/*
 * Modifiers that change a value before it is looked for: windash, UTF-16, base64.
 *
 * windash       a dash or slash between what is no letter, digit or "_" and what is one, becomes any of five dashes. One place in the row says
 *               it for all (GLOB_DASH), unless an encoding follows: then each combination is spelled out.
 * utf16...      code units of the characters; wildcards stay. utf16 puts a byte order mark in front.
 * base64        of the bytes; a value with wildcards has no such form.
 * base64offset  the three ways the same bytes look inside longer data, without the characters at either end that depend on their neighbours.
 * Source        Sigma specification 2.1, appendix "modifiers"; RFC 4648, section 4.
 */
#include "detect/sigma_code.h"

#include "base/num.h"
#include "base/utf.h"

struct ways { struct sigma_glob *item; size_t n; };

static bool no_room(struct sigma_builder *b) { return err_set(b->e, ERR_MEMORY, "no room for a value"); }

static bool word_like(uint16_t c) { return c < 256 && (ch_alnum((uint8_t)c) || c == '_' || c >= 0x80); }

/* In place: no other row shares it yet. */
static void dashes_mark(struct sigma_glob *g)
{
    for (size_t i = 0; i + 1 < g->n; i++)
        if ((g->p[i] == '-' || g->p[i] == '/') && (i == 0 || !word_like(g->p[i - 1])) && word_like(g->p[i + 1]))
            g->p[i] = GLOB_DASH;
}

static bool dashes_spell(struct sigma_builder *b, const struct sigma_glob *g, struct ways *ret)
{
    static const char *const dash[] = { "-", "/", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95" };
    size_t count = 1, marks = 0;

    for (size_t i = 0; i < g->n; i++)
        if (g->p[i] == GLOB_DASH) {
            marks++;
            count *= COUNT_OF(dash);
            if (count > SIGMA_VARIANTS_MAX)
                return err_set(b->e, ERR_FORMAT, "windash before an encoding, with more than %d ways to spell the value", SIGMA_VARIANTS_MAX);
        }
    ret->item = NEW(b->a, struct sigma_glob, count);
    if (!ret->item)
        return no_room(b);
    for (ret->n = 0; ret->n < count; ret->n++) {
        uint16_t *p = NEW(b->a, uint16_t, g->n + 2 * marks + 1);
        size_t    n = 0, which = ret->n;
        if (!p)
            return no_room(b);
        for (size_t i = 0; i < g->n; i++) {
            if (g->p[i] != GLOB_DASH) {
                p[n++] = g->p[i];
                continue;
            }
            for (const char *c = dash[which % COUNT_OF(dash)]; *c; c++)
                p[n++] = (uint8_t)*c;
            which /= COUNT_OF(dash);
        }
        ret->item[ret->n] = (struct sigma_glob){ p, n };
    }
    return true;
}

static size_t unit_put(uint16_t *p, uint32_t unit, bool big)
{
    p[0] = (uint16_t)(big ? unit >> 8 : unit & 255);
    p[1] = (uint16_t)(big ? unit & 255 : unit >> 8);
    return 2;
}

static bool utf16(struct sigma_builder *b, struct sigma_glob *g, bool mark, bool big)
{
    uint16_t *p = NEW(b->a, uint16_t, 2 * g->n + 2);
    size_t    n = 0;

    if (!p)
        return no_room(b);
    if (mark)
        n += unit_put(p, 0xFEFF, big);
    for (size_t i = 0; i < g->n;) {
        if (g->p[i] > 255) {
            p[n++] = g->p[i++];
            continue;
        }
        uint8_t  byte[4];
        size_t   have = 0;
        uint32_t cp = 0;
        while (have < sizeof byte && i + have < g->n && g->p[i + have] < 256) {
            byte[have] = (uint8_t)g->p[i + have];
            have++;
        }
        size_t used = utf8_next((struct str){ byte, have }, &cp);
        if (!used)
            return err_set(b->e, ERR_FORMAT, "a UTF-16 modifier on a value that is not UTF-8");
        i += used;
        if (cp >= 0x10000) {
            n += unit_put(p + n, 0xD800 + ((cp - 0x10000) >> 10), big);
            cp = 0xDC00 + ((cp - 0x10000) & 0x3FF);
        }
        n += unit_put(p + n, cp, big);
    }
    *g = (struct sigma_glob){ p, n };
    return true;
}

/* `skip` unknown bytes stand before the value: characters that they reach into are left out, and with `open` those at the end as well. */
static bool base64(struct sigma_builder *b, const struct sigma_glob *g, size_t skip, bool open, struct sigma_glob *ret)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t    bytes = skip + g->n, n = 0, from = (skip * 8 + 5) / 6, to = open ? bytes * 8 / 6 : (bytes * 8 + 5) / 6;
    uint16_t *p = NEW(b->a, uint16_t, to + 4);

    if (!p)
        return no_room(b);
    for (size_t i = 0; i < g->n; i++)
        if (g->p[i] > 255)
            return err_set(b->e, ERR_FORMAT, "base64 of a value with wildcards");
    for (size_t k = from; k < to; k++) {
        unsigned six = 0;
        for (size_t bit = k * 6; bit < k * 6 + 6; bit++) {
            size_t   at  = bit / 8;
            unsigned one = at >= skip && at < bytes ? (unsigned)(g->p[at - skip] >> (7 - bit % 8)) & 1 : 0;
            six = six << 1 | one;
        }
        p[n++] = (uint8_t)digit[six];
    }
    for (size_t k = to; !open && k % 4; k++)
        p[n++] = '=';
    *ret = (struct sigma_glob){ p, n };
    return true;
}

static bool offsets(struct sigma_builder *b, struct ways *w)
{
    struct sigma_glob *item = NEW(b->a, struct sigma_glob, w->n * 3);
    size_t             n = 0;

    if (!item)
        return no_room(b);
    for (size_t i = 0; i < w->n; i++)
        for (size_t skip = 0; skip < 3; skip++) {
            if (!base64(b, &w->item[i], skip, true, &item[n]))
                return false;
            if (item[n].n == 0)
                return err_set(b->e, ERR_FORMAT, "base64offset of a value too short to be found");
            n++;
        }
    *w = (struct ways){ item, n };
    return true;
}

bool sigma_changes(struct sigma_builder *b, struct sigma_glob value, const enum sigma_change *change, size_t n, struct sigma_glob **ret, size_t *ret_n)
{
    struct ways w = { NEW(b->a, struct sigma_glob, 1), 1 };
    bool        ok = true;

    if (!w.item)
        return no_room(b);
    w.item[0] = value;
    for (size_t c = 0; ok && c < n; c++) {
        if (change[c] == CHANGE_WINDASH) {
            dashes_mark(&w.item[0]);              /* stands first of the changes: there is one row */
            if (c + 1 < n)
                ok = dashes_spell(b, &value, &w);
            continue;
        }
        if (change[c] == CHANGE_BASE64_OFFSET) {
            ok = offsets(b, &w);
            continue;
        }
        for (size_t i = 0; ok && i < w.n; i++)
            ok = change[c] == CHANGE_BASE64 ? base64(b, &w.item[i], 0, false, &w.item[i])
                                            : utf16(b, &w.item[i], change[c] == CHANGE_UTF16, change[c] == CHANGE_UTF16BE);
    }
    *ret   = w.item;
    *ret_n = w.n;
    return ok;
}
