/*
 * str: a view of bytes.
 *
 * Owns     nothing. May hold NUL, is never NUL-terminated, may be invalid UTF-8.
 * Units    all sizes and positions in bytes; STR_NONE means "not found".
 * Case     the `i` variants fold ASCII letters only; that is what Windows paths,
 *          HTTP names and Sigma need. Full Unicode case stays out on purpose.
 * Bounds   functions that build text take an arena and give an empty view with
 *          .p == NULL when it is full: test .p where that matters.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct str {
    const uint8_t *p;
    size_t         n;
};

#define STR(lit)       ((struct str){ (const uint8_t *)("" lit), sizeof(lit) - 1 })
#define STR_INIT(lit)  { (const uint8_t *)("" lit), sizeof(lit) - 1 }
#define STR_NONE       SIZE_MAX
#define STR_ARG(s)     (int)((s).n > 4096 ? 4096 : (s).n), (const char *)((s).p ? (s).p : (const uint8_t *)"")
#define STR_EMPTY      ((struct str){ NULL, 0 })

static inline uint8_t ch_lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c; }
static inline bool ch_digit(uint8_t c) { return c >= '0' && c <= '9'; }
static inline bool ch_alpha(uint8_t c) { c = ch_lower(c); return c >= 'a' && c <= 'z'; }
static inline bool ch_alnum(uint8_t c) { return ch_digit(c) || ch_alpha(c); }
static inline bool ch_space(uint8_t c) { return c == ' ' || (c >= 9 && c <= 13); }
int ch_hex(uint8_t c);                            /* 0..15, or -1 */

struct str str_c(const char *c);                  /* view of a C string; NULL gives empty */
bool str_eq(struct str a, struct str b);
bool str_ieq(struct str a, struct str b);
/* The same with a C string, which is not measured before its first byte fits: for tables of names. */
static inline bool str_ieq_c(struct str s, const char *c)
{
    size_t i = 0;

    while (i < s.n && c[i] && ch_lower(s.p[i]) == ch_lower((uint8_t)c[i]))
        i++;
    return i == s.n && !c[i];
}
int  str_cmp(struct str a, struct str b);         /* by bytes, then by length */
int  str_icmp(struct str a, struct str b);        /* ASCII folded; ties by bytes, so a total order */
bool str_starts(struct str s, struct str head);
bool str_istarts(struct str s, struct str head);
bool str_ends(struct str s, struct str tail);
bool str_iends(struct str s, struct str tail);
size_t str_find(struct str s, struct str part);   /* first position, or STR_NONE */
size_t str_ifind(struct str s, struct str part);
size_t str_chr(struct str s, uint8_t c);
size_t str_rchr(struct str s, uint8_t c);
static inline bool str_has(struct str s, struct str part) { return str_find(s, part) != STR_NONE; }
static inline bool str_ihas(struct str s, struct str part) { return str_ifind(s, part) != STR_NONE; }
struct str str_sub(struct str s, size_t from, size_t to);  /* [from, to), clamped */
struct str str_from(struct str s, size_t from);
struct str str_trim(struct str s);                /* blanks and control white space at both ends */

/* Takes what stands before `sep` off *rest; the whole of it when there is none. False: nothing left. */
bool str_cut(struct str *rest, uint8_t sep, struct str *ret);

struct str str_dup(struct arena *a, struct str s);
struct str str_lower(struct arena *a, struct str s);
struct str str_cat(struct arena *a, struct str x, struct str y);
struct str str_fmt(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A C string in the arena. Fails (NULL) when s holds a NUL byte: a path may not. */
const char *str_cstr(struct arena *a, struct str s);

/* Percent-decoding, once. Bad escapes stay as they are. Gives `s` itself when there is nothing to decode. */
struct str str_unpercent(struct arena *a, struct str s);

uint64_t str_hash(struct str s);                  /* FNV-1a, for tables; not for evidence */
uint64_t str_ihash(struct str s);

#endif
