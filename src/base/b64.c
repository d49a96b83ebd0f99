#include "base/b64.h"

int b64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (ch_digit(c))
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool b64_decode(struct str *ret, struct arena *a, struct str text, struct err *e)
{
    uint8_t *p = TAKE(a, uint8_t, text.n / 4 * 3 + 3);
    size_t   n = 0, letters = 0;
    uint32_t bits = 0;

    if (!p)
        return err_set(e, ERR_MEMORY, "no room for %zu bytes of base64", text.n);
    for (size_t i = 0; i < text.n && text.p[i] != '='; i++) {
        if (ch_space(text.p[i]))
            continue;
        int v = b64_value(text.p[i]);
        if (v < 0)
            return err_set(e, ERR_FORMAT, "byte %zu (0x%02x) is no letter of base64", i, text.p[i]);
        bits = bits << 6 | (uint32_t)v;
        if (++letters % 4 == 0) {
            p[n++] = (uint8_t)(bits >> 16);
            p[n++] = (uint8_t)(bits >> 8);
            p[n++] = (uint8_t)bits;
        }
    }
    if (letters < 2 || letters % 4 == 1)
        return err_set(e, ERR_FORMAT, "%zu letters of base64: the last one is half", letters);
    if (letters % 4 == 3) {
        p[n++] = (uint8_t)(bits >> 10);
        p[n++] = (uint8_t)(bits >> 2);
    } else if (letters % 4 == 2) {
        p[n++] = (uint8_t)(bits >> 4);
    }
    *ret = (struct str){ p, n };
    return true;
}

bool b64_encode(struct str *ret, struct arena *a, struct str bytes, struct err *e)
{
    static const char letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t          *p = arena_take(a, 4, bytes.n / 3 + 1, 1);
    size_t            n = 0;

    if (!p)
        return err_set(e, ERR_MEMORY, "no room for %zu bytes as base64", bytes.n);
    for (size_t i = 0; i < bytes.n; i += 3) {
        size_t   left = bytes.n - i;
        uint32_t v = (uint32_t)bytes.p[i] << 16 | (left > 1 ? (uint32_t)bytes.p[i + 1] << 8 : 0) | (left > 2 ? bytes.p[i + 2] : 0);
        for (uint32_t k = 0; k < 4; k++)
            p[n++] = (uint8_t)(k > left ? '=' : letter[v >> (18 - 6 * k) & 63]);
    }
    *ret = (struct str){ p, n };
    return true;
}
