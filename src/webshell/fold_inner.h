/*
 * fold_inner: what the parts of folding share. Included by fold*.c only.
 *
 * Calls    v[0] is what the method was called on, or the first argument of a function; v[1] ... are the next. A function sets `out` (content only) and gives
 *          true; false: not known. Marks, trail, key and `whole` of the result are put on by fold.c.
 * Units    positions are characters: code points of well-formed UTF-8, every other byte is one character of its own. Texts of plain ASCII are indexed directly.
 */
#ifndef WEBSHELL_FOLD_INNER_H
#define WEBSHELL_FOLD_INNER_H

#include "base/num.h"
#include "webshell/fold.h"

enum { FOLD_ARGS_MAX = 12 };

struct fold_args {
    struct fold      *f;
    enum ir_language  l;
    const struct val *v[FOLD_ARGS_MAX];
    size_t            n;
    const struct val *arg;            /* all arguments as they were given: for functions that take any number of them */
    size_t            arg_n;
    struct str        name;
    struct val        out;
    bool              full;
};

static inline bool lang_vb(enum ir_language l) { return l == IR_VBNET || l == IR_VBSCRIPT; }
static inline bool lang_js(enum ir_language l) { return l == IR_JSCRIPT || l == IR_JSCRIPT_NET; }

/* ---- fold.c ---- */
bool  fold_steps(struct fold *f, size_t n);                         /* false: too much was made already */
uint8_t *fold_room(struct fold_args *c, size_t n);                  /* n bytes; NULL: too long (then unknown) or the arena is full (`full`) */
bool  fold_give_text(struct fold_args *c, struct str s);
bool  fold_give_bytes(struct fold_args *c, struct str s);
bool  fold_give_number(struct fold_args *c, int64_t n);
bool  fold_give_bool(struct fold_args *c, bool b);
bool  fold_give_list(struct fold_args *c, struct val *item, size_t n);
struct val *fold_items(struct fold_args *c, size_t n);
void  fold_marks(struct val *ret, const struct val *x);             /* joins marks, trail, key, maybe */

/* ---- fold_ops.c ---- */
/* As text; false: not known. Bytes give one character each. */
bool  fold_as_text(struct fold *f, enum ir_language l, const struct val *x, struct str *ret, bool *full);
bool  fold_as_number(enum ir_language l, const struct val *x, int64_t *ret);
bool  fold_arg_text(struct fold_args *c, size_t i, struct str *ret);
bool  fold_arg_number(struct fold_args *c, size_t i, int64_t *ret);
bool  fold_parse_number(struct str s, int64_t *ret);                /* "12", "-3", "&H1F", "0x1f", " 7 " */
struct str fold_number_text(struct fold *f, int64_t n, bool *full);

/* ---- fold_text.c: characters ---- */
bool   chars_plain(struct str s);                                   /* all below 128 */
size_t chars_count(struct fold *f, struct str s);
size_t chars_at(struct fold *f, struct str s, size_t n);                            /* byte position of character n; s.n when there are fewer */
size_t chars_next(struct str s, uint32_t *ret);                     /* length of the first character of a text that is not empty */
size_t chars_before(struct fold *f, struct str s, size_t at);                       /* how many characters stand before this byte */

/*
 * A text that is put together of pieces, some of them not known: what stands before the first and behind the last of these stays known.
 */
struct gather { uint8_t *head, *tail; size_t head_n, head_cap, tail_n, tail_cap; bool broken, bad, leads, whole; };
void gather_text(struct fold_args *c, struct gather *g, struct str s);
void gather_value(struct fold_args *c, struct gather *g, const struct val *v);
bool gather_give(struct fold_args *c, struct gather *g);            /* false: unknown, with what is known of its ends in `out` */
bool fold_as_bytes(struct fold_args *c, const struct val *x, struct str *ret);     /* bytes, or a list of small numbers */
bool fold_as_chars(struct fold_args *c, const struct val *x, struct str *ret);     /* text, or a list of letters or their numbers */

typedef bool fold_fn(struct fold_args *c);
#define FOLD_FN(name) bool name(struct fold_args *c)
FOLD_FN(text_mid_vb); FOLD_FN(text_left); FOLD_FN(text_right); FOLD_FN(text_len); FOLD_FN(text_upper); FOLD_FN(text_lower); FOLD_FN(text_trim); FOLD_FN(text_trim_left); FOLD_FN(text_trim_right);
FOLD_FN(text_reverse); FOLD_FN(text_replace); FOLD_FN(text_replace_js); FOLD_FN(text_split); FOLD_FN(text_join); FOLD_FN(text_join_static); FOLD_FN(text_instr); FOLD_FN(text_instrrev); FOLD_FN(text_space);
FOLD_FN(text_string_vb); FOLD_FN(text_substring); FOLD_FN(text_substr_js); FOLD_FN(text_substring_js); FOLD_FN(text_slice_js); FOLD_FN(text_index_of); FOLD_FN(text_last_index_of); FOLD_FN(text_insert); FOLD_FN(text_remove);
FOLD_FN(text_pad_left); FOLD_FN(text_pad_right); FOLD_FN(text_concat); FOLD_FN(text_format); FOLD_FN(text_same); FOLD_FN(text_starts); FOLD_FN(text_ends); FOLD_FN(text_contains); FOLD_FN(text_char_at); FOLD_FN(text_char_code);
FOLD_FN(text_equals); FOLD_FN(text_compare_vb); FOLD_FN(text_empty); FOLD_FN(text_new); FOLD_FN(text_chars); FOLD_FN(text_append); FOLD_FN(text_append_line); FOLD_FN(text_regex); FOLD_FN(text_regex_new); FOLD_FN(text_filter);
FOLD_FN(text_path_combine); FOLD_FN(text_path_name); FOLD_FN(text_path_extension); FOLD_FN(text_path_stem); FOLD_FN(text_path_folder); FOLD_FN(text_path_change); FOLD_FN(text_map_path); FOLD_FN(text_insert_builder);
FOLD_FN(text_of_codes); FOLD_FN(text_chr); FOLD_FN(text_asc); FOLD_FN(text_char_new);

FOLD_FN(bytes_from_base64); FOLD_FN(bytes_to_base64); FOLD_FN(bytes_get_string); FOLD_FN(bytes_get_bytes); FOLD_FN(bytes_encoding); FOLD_FN(bytes_hex_text); FOLD_FN(bytes_from_hex); FOLD_FN(bytes_unescape); FOLD_FN(bytes_escape);
FOLD_FN(bytes_url_decode); FOLD_FN(bytes_url_encode); FOLD_FN(bytes_html_decode); FOLD_FN(bytes_html_encode); FOLD_FN(bytes_midb); FOLD_FN(bytes_leftb); FOLD_FN(bytes_rightb); FOLD_FN(bytes_lenb); FOLD_FN(bytes_ascb); FOLD_FN(bytes_chrb);
FOLD_FN(bytes_inflate); FOLD_FN(bytes_to_number); FOLD_FN(bytes_of_number); FOLD_FN(bytes_block_copy); FOLD_FN(bytes_to_array); FOLD_FN(bytes_convert);

FOLD_FN(math_cint); FOLD_FN(math_cbyte); FOLD_FN(math_cstr); FOLD_FN(math_cbool); FOLD_FN(math_cdbl); FOLD_FN(math_hex); FOLD_FN(math_oct); FOLD_FN(math_val); FOLD_FN(math_fix); FOLD_FN(math_abs); FOLD_FN(math_sgn); FOLD_FN(math_round); FOLD_FN(math_parse_int);
FOLD_FN(math_to_int); FOLD_FN(math_to_byte); FOLD_FN(math_to_char); FOLD_FN(math_to_string); FOLD_FN(math_to_text); FOLD_FN(math_number_text); FOLD_FN(math_min); FOLD_FN(math_max); FOLD_FN(math_pow); FOLD_FN(math_number_js); FOLD_FN(math_parse); FOLD_FN(math_is_numeric);
FOLD_FN(math_iif); FOLD_FN(math_choose); FOLD_FN(math_switch); FOLD_FN(math_is_array); FOLD_FN(math_is_empty); FOLD_FN(math_unknown); FOLD_FN(math_sqr);

FOLD_FN(list_array); FOLD_FN(list_ubound); FOLD_FN(list_lbound); FOLD_FN(list_length); FOLD_FN(list_reverse); FOLD_FN(list_slice); FOLD_FN(list_concat); FOLD_FN(list_push); FOLD_FN(list_unshift); FOLD_FN(list_pop); FOLD_FN(list_shift);
FOLD_FN(list_index_of); FOLD_FN(list_contains); FOLD_FN(list_sort); FOLD_FN(list_to_array); FOLD_FN(list_skip); FOLD_FN(list_take); FOLD_FN(list_first); FOLD_FN(list_last); FOLD_FN(list_range); FOLD_FN(list_at); FOLD_FN(list_resize);

#endif
