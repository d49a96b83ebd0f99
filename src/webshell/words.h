/*
 * words: search words in a masked spelling, each letter moved up by one ("fwbm").
 *
 * Why      antivirus looks for these words together. Masked, neither this source nor the program holds a text that a
 *          scanner of back doors would take for one.
 * Case     compared without case; the masked spelling is of the lower-case word.
 * Use      W("fwbm") makes a view; words_is and words_find compare with plain text.
 */
#ifndef WEBSHELL_WORDS_H
#define WEBSHELL_WORDS_H

#include "base/str.h"

#define W(lit) STR(lit)

static inline bool words_at(const uint8_t *p, struct str masked)
{
    for (size_t i = 0; i < masked.n; i++)
        if (ch_lower(p[i]) != (uint8_t)(masked.p[i] - 1))
            return false;
    return true;
}
static inline bool words_is(struct str s, struct str masked) { return s.n == masked.n && words_at(s.p, masked); }
static inline bool words_starts(struct str s, struct str masked) { return s.n >= masked.n && words_at(s.p, masked); }
static inline size_t words_find(struct str s, struct str masked)
{
    for (size_t i = 0; masked.n && masked.n <= s.n && i <= s.n - masked.n; i++)
        if (words_at(s.p + i, masked))
            return i;
    return STR_NONE;
}
static inline bool words_has(struct str s, struct str masked) { return words_find(s, masked) != STR_NONE; }

#endif
