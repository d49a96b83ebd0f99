/*
 * basic: VB.NET and VBScript into ir. Tolerant: it takes whatever stands in a page and never fails.
 *
 * Shape    line based: a statement ends at the end of its line or a colon; "_" continues; VB.NET also continues after an operator, a comma or an open
 *          bracket. The code may be statements, members or a whole file, mixed. Line ends are CR, LF, CRLF and U+2028, U+2029, U+0085.
 * Texts    "" inside a text is one quote; &H and &O numbers; dates (#...#) are IR_TEXT of what stands between the marks; VB.NET's $"..." is joined.
 * Calls    f x, y without brackets is IR_CALL; Call f(x) too; a(b) is always IR_CALL, also where it is an index; x!name is IR_CALL of x with a text.
 * Bounds   BASIC_TOKENS_MAX tokens; ir.h. Time is linear in the bytes given, whatever they hold.
 * Errors   false: the arena is full. Broken code gives what could be read and `unread`.
 * Not done query expressions and XML literals (their parts are kept in IR_VOID), #If (both branches are read).
 * Source   Visual Basic Language Specification 11.0 and VBScript Language Reference (Microsoft).
 */
#ifndef WEBSHELL_BASIC_H
#define WEBSHELL_BASIC_H

#include "webshell/ir.h"

enum { BASIC_TOKENS_MAX = 2000000 };

/* language: IR_VBNET or IR_VBSCRIPT. */
bool basic_parse(struct ir_unit *ret, struct ir_builder *b, struct str code, enum ir_language language, struct ir_places places);

#endif
