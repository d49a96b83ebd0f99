/*
 * html: evidence on a page; one of the doors. Nothing else writes evidence to HTML.
 *
 * Text     & < > " ' become references. Control, direction-changing and invisible characters and bytes that are not UTF-8 are spelled
 *          out (visible.h), so what a reader sees is what was there.
 * Places   html_text: between tags (and inside <title>, <pre>). html_attr: between double quotes. html_id: an id or the part of a
 *          link after '#'. There is no door into a script, a style, a URL or a tag name: evidence does not go there.
 * Errors   those of the sink.
 * Source   HTML Living Standard, 13.1.2 and 13.2.5; OWASP cross-site scripting prevention, rules 1 and 2.
 */
#ifndef EMIT_HTML_H
#define EMIT_HTML_H

#include "emit/out.h"

void html_text(struct out *o, struct str s);
/* At most max columns, then three dots; 0: no limit. */
void html_short(struct out *o, struct str s, size_t max);
/* The same, but line ends and tabs stay: for text of our own that holds evidence in places. */
void html_lines(struct out *o, struct str s);
void html_attr(struct out *o, struct str s);
/* Letters, digits, '-' and '_' stay; any other byte becomes ".XX". Begins with a letter: "x" is put first where it would not. */
void html_id(struct out *o, struct str s);

#endif
