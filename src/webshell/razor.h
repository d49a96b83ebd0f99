/*
 * razor: pages of Razor cut into code; the state that both languages share. Internal to razor*.c.
 *
 * Shape    a stack of frames instead of calls: markup holds code, code holds markup, to RAZOR_DEPTH_MAX. What lies deeper is read as what it lies in.
 * Source   Razor syntax reference (Microsoft Learn).
 */
#ifndef WEBSHELL_RAZOR_H
#define WEBSHELL_RAZOR_H

#include "webshell/cutter.h"

enum { RAZOR_DEPTH_MAX = 64 };

enum frame_kind { FRAME_DOCUMENT, FRAME_LINE, FRAME_TAG, FRAME_CODE };
enum frame_raw { RAW_NONE, RAW_SCRIPT, RAW_STYLE, RAW_COMMENT };
struct frame {
    uint8_t  kind;
    uint8_t  unit;             /* enum unit_kind that its code belongs to */
    bool     template;         /* markup as a value inside an expression: what is written in it is joined */
    /* markup */
    uint8_t  raw, quote;
    bool     in_tag, closing, empty, same;
    uint32_t depth;            /* open elements of the first one's name; open braces; open blocks of VB */
    /* code */
    size_t   from;             /* where code begins that was not given away yet */
    bool     opened, start;    /* a brace was seen; a statement may begin here */
    bool     statement;        /* @if and the like: else and catch may follow */
    bool     bare;             /* @functions: its own braces are not of the code */
    bool     loop;             /* do: a while may follow */
    uint32_t parens;
    struct str word;           /* markup: the first element's name; VB: the key word that opened it */
};

struct razor {
    struct cutter *k;
    struct str     t;
    bool           vb;
    struct frame   frame[RAZOR_DEPTH_MAX];
    size_t         depth;
};

static inline struct frame *razor_top(struct razor *r) { return &r->frame[r->depth - 1]; }
struct frame *razor_push(struct razor *r, enum frame_kind kind);     /* NULL: too deep */
size_t razor_blanks(struct str t, size_t at);                        /* past white space */
/* The text, comment or single byte that starts at `at`: its end. */
size_t razor_token(const struct razor *r, size_t at);
/* Gives the code of the frame up to `to` away. */
void   razor_flush(struct razor *r, struct frame *f, size_t to);
/* An implicit or explicit value whose first byte stands at `at`: written; gives its end. */
size_t razor_value(struct razor *r, size_t at, bool explicit);
/* An '@' in markup at `at`. */
size_t razor_at(struct razor *r, size_t at);
/* Markup inside code begins at `at`, the code before it ends at `from`. line: it goes to the end of its line, else to the end of its element. */
size_t razor_markup(struct razor *r, struct frame *f, size_t at, size_t from, bool line, bool template);
size_t razor_code_cs(struct razor *r, size_t at);
size_t razor_code_vb(struct razor *r, size_t at);
/* A key word after '@': true when it was one; *ret: where to go on. */
bool   razor_word_cs(struct razor *r, size_t at, struct str word, size_t *ret);
bool   razor_word_vb(struct razor *r, size_t at, struct str word, size_t *ret);
size_t razor_line_end(struct str t, size_t at);                      /* of the LF, or the text's end */
void   razor_directive(struct razor *r, size_t at, struct str word, size_t to);

#endif
