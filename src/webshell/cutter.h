/*
 * cutter: what the readers of one kind of page share: the container that is being filled, units as lists of pieces, lines, tags. Internal.
 *
 * Shape    a reader walks the decoded text once, from front to back, and calls cutter_* with positions in it. At the end cutter_finish puts the
 *          pieces of each unit together in the unit's language.
 * Bounds   container.h. Tags are read at most CUTTER_TAG_WORK times the page's bytes in all; beyond: `cut`.
 * Errors   `full`: the arena is spent; nobody needs to look before the end.
 */
#ifndef WEBSHELL_CUTTER_H
#define WEBSHELL_CUTTER_H

#include "webshell/container.h"

enum { CUTTER_TAG_WORK = 24 };

/* How a piece becomes code. */
enum piece_kind {
    PIECE_CODE,          /* as it stands, and a line end */
    PIECE_EXPR,          /* a value that is written: <%= %>, @x */
    PIECE_IMPORT,        /* the text of an Import directive's name space */
    PIECE_RAW,           /* as it stands, nothing added: the next one goes on in the same statement */
};
struct piece { struct str s; uint32_t line; uint8_t kind; bool after_markup, foreign; };
struct draft { enum unit_kind kind; enum ir_language language; bool unclosed, encoded; struct piece *piece; size_t n, cap; };

struct cutter {
    struct container *c;
    struct arena     *a;
    struct str        text;
    struct draft      draft[CONTAINER_UNITS_MAX];
    size_t            draft_n;
    size_t            directive_cap, control_cap, object_cap, ref_cap;
    size_t            line_at;           /* lines are counted up to here ... */
    uint32_t          line;              /* ... and this is its line */
    size_t            runat;             /* where the word stands next, from `runat_from` on */
    size_t            runat_from;
    uint64_t          tag_work;
    size_t            blocks;
    size_t            first_code;        /* where the first code stands; STR_NONE: none yet */
    bool              no_quote[2];       /* no more " or ' behind here */
    bool              classic;           /* names of languages mean what classic ASP takes them for */
    bool              foreign;           /* a piece is not valid UTF-8 */
    bool              full;
};

struct tag {
    struct str name, attributes;
    size_t     end;                      /* behind '>' */
    bool       server, closed;           /* runat=server; <x /> */
};

void     cutter_open(struct cutter *k, struct container *c, struct arena *a, struct str text);
/* Position of `lower` (small letters, marks; at least two) from `from` on, without case, or STR_NONE. Eight bytes at a time. */
size_t   cutter_find(struct str text, size_t from, struct str lower);
/* 1-based line of a position. Positions should come in order; a step back costs a new count. */
uint32_t cutter_line(struct cutter *k, size_t at);
/* A piece of code [from, to) of the text for the unit of this kind and language. */
void     cutter_code(struct cutter *k, enum unit_kind kind, enum ir_language language, enum piece_kind how, size_t from, size_t to, bool after_markup);
void     cutter_text(struct cutter *k, enum unit_kind kind, enum ir_language language, enum piece_kind how, struct str s, uint32_t line, bool after_markup);
void     cutter_unclosed(struct cutter *k, enum unit_kind kind, enum ir_language language);
void     cutter_ref(struct cutter *k, enum ref_kind kind, struct str path, uint32_t line);
void     cutter_control(struct cutter *k, const struct tag *t, uint32_t line);
void     cutter_object(struct cutter *k, const struct tag *t, uint32_t line);
/* The tag that starts at `at`, where '<' and the first letter of a name stand. False: none that ends. */
bool     cutter_tag(struct cutter *k, size_t at, struct tag *ret);
/* Could a tag that starts at `at` name its server? (The word stands somewhere behind.) */
bool     cutter_may_serve(struct cutter *k, size_t at);
/* <!-- #include file="x" --> at `at`: its end, or `at` when it is none. */
size_t   cutter_include(struct cutter *k, size_t at);
/* <%@ ... %> whose attributes start at `from`: kept, its attributes taken. Gives the position behind. */
size_t   cutter_directive(struct cutter *k, size_t at, size_t from, struct directive *ret);
/* Puts the units together. False: the arena is full. */
bool     cutter_finish(struct cutter *k);

/* attributes.c */
bool             attribute_next(struct str *rest, struct str *ret_name, struct str *ret_value);    /* false: no more */
struct str       attribute_plain(struct arena *a, struct str s);   /* entities undone, but for those of quotes. .p == NULL: the arena is full */
enum ir_language language_of(struct str word, bool classic);       /* IR_UNKNOWN: not one of ours */

/* Readers. */
void aspx_read(struct cutter *k);
void handler_read(struct cutter *k);
void asp_read(struct cutter *k);
void razor_read(struct cutter *k, bool vb);
void config_read(struct cutter *k);

/* guess.c: the language that the pieces read like; IR_UNKNOWN: they do not say. */
enum ir_language guess_language(const struct draft *d, size_t n, bool classic);

/* scriptenc.c: blocks of the Script Encoder undone. `s` itself: there is none. .p == NULL: the arena is full. *ret_damaged: a block's sum or end is wrong. */
struct str scriptenc_decode(struct arena *a, struct str s, bool *ret_damaged);

/* decode.c: the page as UTF-8 or, where its bytes are not valid, as they are (text_clean puts that right piece by piece). False: the arena is full. */
bool   decode_page(struct container *c, struct arena *a, struct str bytes);
enum bytes_kind { BYTES_UTF8, BYTES_SINGLE, BYTES_DOUBLE };
bool   decode_valid(struct str s);                                 /* utf8_valid, quick where it is ASCII */
enum bytes_kind decode_bytes_kind(struct str text, uint32_t codepage);
/* Valid UTF-8 as it is, else one character for each byte or double byte, which takes at most three times the room. Gives bytes written. */
size_t decode_clean(uint8_t *to, struct str s, enum bytes_kind kind);

/* wrap.c */
enum page_wrap wrap_of(struct str text);

#endif
