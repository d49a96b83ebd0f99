/*
 * template: a pack's words with {{placeholders}}, made into lines of text.
 *
 * File     one block ("opening", "reply"). A line "## audience technical provider, finding backdoored" begins a variant: for these words only; a dimension that is not named
 *          is any. The first variant that fits is used, so the particular ones stand first. What stands before the first head is a note to translators. A file without a
 *          head is one variant.
 * Text     units, parted by blank lines or not: a paragraph (its lines are joined and wrapped anew), an item ("- ", "1. ") with its lines hanging, a line that begins with four
 *          blanks (kept as it is, with two). A unit that begins with {{?name}} is kept only where that value is not empty, with {{!name}} only where it is; several may follow each other.
 * Values   put in, and never looked at again: nothing in them is a placeholder, a head, an item or a condition. Control, direction-changing and invisible characters become blanks, bytes that are
 *          no UTF-8 become U+FFFD; cut at TEMPLATE_VALUE_MAX bytes. A value with `lines` keeps its lines, as they are, and stands alone on its line.
 * Nothing  is evaluated: no expressions, no loops, no other files.
 * Wrap     at blanks, and before and after letters that take two columns; a word that is longer than a line is cut at its end, without a sign.
 * Errors   ERR_FORMAT: an unknown placeholder, one that is not closed, a head that is none; with the line. ERR_MEMORY.
 * Owner    the arena; template_pick gives a view.
 */
#ifndef NOTIFY_TEMPLATE_H
#define NOTIFY_TEMPLATE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { TEMPLATE_COLUMNS = 72, TEMPLATE_VALUE_MAX = 1024 };

struct template_word { const char *dimension, *word; };            /* { "audience", "technical" } */
struct template_value { const char *name; struct str text; bool lines; };

/* The variant for these words, one a dimension. *ret is empty where none fits. A dimension that is not among them: ERR_FORMAT. */
bool template_pick(struct str file, const struct template_word *w, size_t n, struct str *ret, struct err *e);
/* columns 0: not wrapped, each unit one line. The text ends with LF, or is empty. */
bool template_fill(struct str text, const struct template_value *v, size_t n, size_t columns, struct arena *a, struct str *ret, struct err *e);
/* For checks: the next placeholder's name, without '?' or '!'. False: no more; one that is not closed ends it too, and sets *ret_open. */
bool template_next(struct str *rest, struct str *ret_name, bool *ret_open);
/* A value as it would be put in: one line. */
bool template_clean(struct str s, struct arena *a, struct str *ret);

#endif
