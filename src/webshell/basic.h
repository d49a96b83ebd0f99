/*
 * basic: VB.NET and VBScript into ir. Tolerant: it takes whatever stands in a page and never fails.
 *
 * Shape    line based: a statement ends at the end of its line or a colon; "_" continues; VB.NET also continues after an operator, a comma or an open
 *          bracket. The code may be statements, members or a whole file, mixed. Line ends are CR, LF, CRLF and U+2028, U+2029, U+0085.
 * Texts    "" inside a text is one quote; &H and &O numbers are the bits of the smallest type that holds them (&HFFFF of VBScript is -1); dates (#...#)
 *          are IR_TEXT of what stands between the marks; VB.NET's $"..." is a SIGN_JOIN of its pieces, the first of them always a text.
 * Calls    f x, y without brackets is IR_CALL; Call f(x) too; a name alone as a statement too; a(b) is always IR_CALL, also where it is an index; x!name is
 *          IR_CALL of x with a text.
 * Signs    And, Or, Xor, Not are SIGN_BIT_AND, SIGN_BIT_OR, SIGN_XOR, SIGN_NOT for truth values and for bits; AndAlso, OrElse are SIGN_AND, SIGN_OR.
 *          IsNot is Not of Is; a Imp b is (Not a) SIGN_OR b; Eqv is SIGN_EQ; TypeOf x Is T has an IR_TYPE_OF as its second kid.
 * Arrays   ReDim a(n) is a = New "[]"(n); with Preserve IR_VOID of a and that, since what is in it stays; Erase a is a = null.
 * Ranges   Case 1 To 3 and Case Is > 3 are IR_VOID of the numbers. If with more than a dozen ElseIf goes on as IR_SELECT of true.
 * Others   AddHandler a.E, f is a.E += f; Yield x is a Return below an IF of which nothing is known; Handles and Implements of a method, Implements of a
 *          type: IR_ATTRIBUTE with texts; Declare: IR_ATTRIBUTE "DllImport" and a method without a body; On Error: text "resume next", "goto 0", "goto".
 * Broken   words behind a whole statement are read as the next one; a missing end is found at the end of what is around, or at the next procedure.
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
