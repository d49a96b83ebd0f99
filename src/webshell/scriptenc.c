#include "webshell/cutter.h"

#include <string.h>

/*
 * The Script Encoder's cipher. Three alphabets take turns by a fixed order of 64; each row gives, for the encoded characters TAB, ' ' to DEL, the plain one.
 * Facts: the tables of the encoder's runtime as published many times since 2000; proved here by the check sums of the blocks that they decode.
 */
static const char alphabet[3][98] = {
    "{20!)[83=X:5e9\\VsfNEkbYx^}Jmq?`?S?B'Hru17MR\"TjGd- \177.L]~loytC&v%$+(#A4\t*D?w;UiacPgQIOFh|6pnz/_KZ,W",
    "W.GzVBj/&IA42[vrC89pEhqO\tbD#u?~?^?wJa]\"KoN;LPg*}tT+-,0nkf5%!dMRc?{x)(sY3\177mUS|:_eFX1ilZH'\\=$y7`Q 6",
    "n-uR`q^I\\b})6 |z\177kc3+hQfv1dTC?:?~?E,*t'7DyY/o&rj9{?8wgSG4x]0#Z[lHUpi.L!$NP\tVs5aKX;W\"mM%(FJ2A=_OBe",
};
static const char turn[65] = "1201202002021020102011200210200211020201011201021020112001120102";

static int digit64(uint8_t c)
{
    if (ch_digit(c))
        return c - '0' + 52;
    if (ch_alpha(c))
        return c <= 'Z' ? c - 'A' : c - 'a' + 26;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Six digits of base 64: four bytes, the lowest first. */
static bool number_at(struct str s, uint32_t *ret)
{
    uint64_t bits = 0;

    if (s.n < 6)
        return false;
    for (size_t i = 0; i < 6; i++) {
        int d = digit64(s.p[i]);
        if (d < 0)
            return false;
        bits = bits << 6 | (uint64_t)d;
    }
    bits >>= 4;
    *ret = (uint32_t)(bits >> 24 & 0xFF) | (uint32_t)(bits >> 16 & 0xFF) << 8 | (uint32_t)(bits >> 8 & 0xFF) << 16 | (uint32_t)(bits & 0xFF) << 24;
    return true;
}

/* Decodes `s` to `to` (no longer than `s`). pairs: a byte above ASCII takes the next one along. Gives the length; *ret_sum: the sum of the plain characters. */
static size_t decode(uint8_t *to, struct str s, bool pairs, uint32_t *ret_sum)
{
    static const char mark[] = "#&!*$", plain[] = "\r\n<>@";
    size_t   n = 0, k = 0;
    uint32_t sum = 0;

    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (c >= 0x80) {
            to[n++] = c;
            if (pairs && i + 1 < s.n)
                to[n++] = s.p[++i];
            continue;
        }
        if (c == '@' && i + 1 < s.n) {
            const char *at = s.p[i + 1] ? strchr(mark, s.p[i + 1]) : NULL;
            if (at) {
                c = (uint8_t)plain[at - mark];
                i++;
            }
        } else if (c == 9 || c >= 32) {
            c = (uint8_t)alphabet[turn[k % 64] - '0'][c == 9 ? 0 : c - 31];
        }
        to[n++] = c;
        sum += c;
        k++;
    }
    *ret_sum = sum;
    return n;
}

static size_t plainness(struct str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == ' ' || (s.p[i] >= 'a' && s.p[i] <= 'z');
    return n;
}

/* The end mark of a block whose text starts at `from`: the six digits of the sum stand before it. STR_NONE: there is none. */
static size_t end_at(struct str s, size_t from, uint32_t *ret_sum)
{
    for (size_t at = from; at < s.n;) {
        size_t p = str_find(str_from(s, at), STR("==^#~@"));
        if (p == STR_NONE)
            return STR_NONE;
        p += at;
        if (p >= from + 6 && number_at(str_from(s, p - 6), ret_sum))
            return p - 6;
        at = p + 1;
    }
    return STR_NONE;
}

struct str scriptenc_decode(struct arena *a, struct str s, bool *ret_damaged)
{
    uint8_t *to = NULL;
    size_t   n = 0, done = 0;
    uint32_t length;

    *ret_damaged = false;
    for (size_t at = 0; at < s.n;) {
        size_t p = str_find(str_from(s, at), STR("#@~^"));
        if (p == STR_NONE)
            break;
        p += at;
        at = p + 4;
        if (!number_at(str_from(s, at), &length) || !str_starts(str_from(s, at + 6), STR("==")))
            continue;
        if (!to && !(to = TAKE(a, uint8_t, s.n + 1)))
            return STR_EMPTY;
        memcpy(to + n, s.p + done, p - done);
        n += p - done;
        uint32_t   want = 0, sum;
        size_t     from = at + 8, end = end_at(s, from, &want);
        struct str in = str_sub(s, from, end == STR_NONE ? s.n : end);
        /* Pages of East Asia: the second byte of a character may be an ASCII one, which is no turn of the cipher. The sum says which it was. */
        size_t wrote = decode(to + n, in, true, &sum);
        if (end == STR_NONE || sum != want) {
            /* Where no sum tells, because it is cut off or wrong, the reading with more blanks and small letters is it: the cipher's other alphabets scatter them. */
            size_t plain = plainness((struct str){ to + n, wrote });
            wrote = decode(to + n, in, false, &sum);
            if ((end == STR_NONE || sum != want) && plainness((struct str){ to + n, wrote }) < plain) {
                uint32_t other;
                wrote = decode(to + n, in, true, &other);
            }
        }
        if (end == STR_NONE || sum != want)
            *ret_damaged = true;
        n += wrote;
        done = at = end == STR_NONE ? s.n : end + 6 + 6;
    }
    if (!to)
        return s;
    memcpy(to + n, s.p + done, s.n - done);
    n += s.n - done;
    return (struct str){ to, n };
}
