/*
 * fold: what operators and library functions of the five languages give for known values.
 *
 * Shape    pure functions over values: text, number and byte operations, encodings, regular replacement of plain patterns, arrays. Marks and trails of
 *          the inputs are joined into the result by these functions too; where content is not known they give VAL_UNKNOWN with the joined marks and
 *          whatever head and tail are still known (joining texts, Trim, ToString, Substring from 0 ...).
 * Names    fold_call finds a function by the class it belongs to (last part of its name: "Convert", "Encoding", "String", "" for VBScript's and
 *          VB.NET's own functions and for methods of a text or number) and its name, without case. `self` is what the method was called on, or NULL.
 * Result   FOLD_DONE: *ret is set. FOLD_NOT_MINE: not a function known here. FOLD_FULL: the arena is spent.
 * Bounds   VAL_TEXT_MAX and VAL_ITEMS_MAX for each result; f->steps counts bytes made and ends at FOLD_STEPS_MAX (then results are unknown):
 *          doubling texts cannot cost more.
 * Source   VBScript and VB.NET language references, .NET API reference, ECMA-262 (all as documented by Microsoft and Ecma).
 */
#ifndef WEBSHELL_FOLD_H
#define WEBSHELL_FOLD_H

#include "webshell/value.h"

enum { FOLD_STEPS_MAX = 64 << 20 };
enum fold_result { FOLD_NOT_MINE, FOLD_DONE, FOLD_FULL };

/* Long texts that were looked at last: where their characters stand. Zeroed at the start. */
struct fold_seen { const uint8_t *p; size_t n, chars, at_char, at_byte; bool plain, valid; };
struct fold {
    struct arena    *a;
    uint64_t         steps;
    struct fold_seen seen[8];
    uint32_t         seen_next;
    uint8_t         *front;             /* the text that was last put before another: this many bytes before it are still free */
    size_t           front_room;
};

enum fold_result fold_call(struct fold *f, enum ir_language l, struct str cls, struct str name, const struct val *self, const struct val *arg, size_t n, struct val *ret);
/* Properties without arguments: Length, Count, UTF8 (gives VAL_TYPE "Encoding" with `name` "utf-8"), Empty ... */
enum fold_result fold_member(struct fold *f, enum ir_language l, struct str cls, struct str name, const struct val *self, struct val *ret);
bool fold_binary(struct fold *f, enum ir_language l, enum ir_sign sign, const struct val *x, const struct val *y, struct val *ret);   /* false: arena full */
bool fold_unary(struct fold *f, enum ir_language l, enum ir_sign sign, const struct val *x, struct val *ret);
/* One element of a text, list or byte array; .kind VAL_UNKNOWN where it is not known. base: what the language counts from. */
bool fold_index(struct fold *f, enum ir_language l, const struct val *x, const struct val *at, struct val *ret);
/* As text, the way joining would make it. .kind VAL_UNKNOWN where it is not known. */
struct val fold_text(struct fold *f, const struct val *x);
/* What may be either: content kept where equal (else unknown, `maybe`), marks joined, the longer trail kept. */
struct val fold_either(struct fold *f, const struct val *x, const struct val *y);
/* 1: true, 0: false, -1: not known. */
int fold_truth(const struct val *x);

#endif
