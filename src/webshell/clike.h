/*
 * clike: C#, JScript.NET and classic JScript into ir. Tolerant: it takes whatever stands in a page and never fails.
 *
 * Shape    one lexer, one parser; `language` switches what differs (casts, generics, verbatim and interpolated texts, regular expressions,
 *          function literals, optional semicolons). The code may be statements (a page's blocks joined), members of a class (a script block) or a
 *          whole file (name spaces, classes): the parser takes all three, mixed.
 * Escapes  names with \uXXXX are undone and counted; texts are unescaped ("\x41", verbatim, raw); comments of every kind vanish.
 * Bounds   CLIKE_TOKENS_MAX tokens; ir.h. Time is linear in the bytes given, whatever they hold.
 * Errors   false: the arena is full. Broken code gives what could be read and `unread`.
 * Not done preprocessor (both branches of #if are read), unsafe code beyond its shape, query expressions (their parts are kept in IR_VOID).
 * Source   ECMA-334 (C#), ECMA-262 3rd edition (JScript), JScript .NET language reference (Microsoft).
 */
#ifndef WEBSHELL_CLIKE_H
#define WEBSHELL_CLIKE_H

#include "webshell/ir.h"

enum { CLIKE_TOKENS_MAX = 2000000 };

/* language: IR_CSHARP, IR_JSCRIPT_NET or IR_JSCRIPT. */
bool clike_parse(struct ir_unit *ret, struct ir_builder *b, struct str code, enum ir_language language, struct ir_places places);

#endif
