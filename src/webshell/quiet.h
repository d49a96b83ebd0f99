/*
 * quiet: code that can do nothing dangerous whatever it says, told before it is parsed.
 *
 * Shape    VBScript has no objects but ASP's own and those that CreateObject, GetObject or an <object> element give it, and runs no text but through
 *          Execute, Eval and GetRef. Its names have no escapes. Code in which none of those words stands, and none of the few dangerous members of
 *          ASP's own objects, reaches no sink: however it is obfuscated, its plain text would have to hold one of them.
 * Bounds   one pass, linear.
 * Not done other languages: their names can be spelled with escapes, and what they reach without a telling word is much. They are never quiet.
 * Source   VBScript Language Reference; ASP 3.0 built-in objects. quiet_test.c holds the words against the tables of api.h.
 */
#ifndef WEBSHELL_QUIET_H
#define WEBSHELL_QUIET_H

#include "webshell/ir.h"

/* code: decoded, of one unit. A page is quiet where all its units are and it declares no objects. */
bool quiet_code(struct str code, enum ir_language language);

#endif
