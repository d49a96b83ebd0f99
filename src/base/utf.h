/*
 * utf: text encodings to UTF-8.
 *
 * Not done normalisation, case folding beyond ASCII.
 * Source   Unicode 15, chapter 3.9 (well-formed UTF-8, table 3-7); Windows-1252 best-fit table.
 */
#ifndef BASE_UTF_H
#define BASE_UTF_H

#include "base/arena.h"
#include "base/str.h"

bool utf8_valid(struct str s);
/* Length of the well-formed sequence at s, 1 to 4; 0 when there is none. *ret_cp is its code point. */
size_t utf8_next(struct str s, uint32_t *ret_cp);
/* Writes 1 to 4 bytes (U+FFFD for surrogates and beyond U+10FFFF). */
size_t utf8_put(uint32_t cp, uint8_t ret[4]);
/* Invalid bytes become U+FFFD, one each. Gives `s` itself when it is valid. .p == NULL: arena full. */
struct str utf8_clean(struct arena *a, struct str s);

enum utf_kind { UTF_8, UTF_16LE, UTF_16BE, UTF_1252 };
/*
 * By byte order mark; else UTF-16 when every second byte of the first 512 is mostly NUL; else UTF-8 when the head is
 * valid (a cut sequence at its end is fine); else Windows-1252. *ret_skip is the length of the mark.
 */
enum utf_kind utf_guess(struct str head, size_t *ret_skip);
/* The whole of `s` to UTF-8. Unpaired surrogates and a lone last byte become U+FFFD. .p == NULL: arena full. */
struct str utf_to8(struct arena *a, struct str s, enum utf_kind kind);

#endif
