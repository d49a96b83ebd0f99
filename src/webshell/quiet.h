/*
 * quiet: code that can do nothing dangerous whatever it says, told before it is parsed.
 *
 * Shape    VBScript has no objects but ASP's own and those that CreateObject, GetObject or an <object> element give it, and runs no text but through
 *          Execute, Eval and GetRef. Its names have no escapes. Code in which none of those words stands, and none of the few dangerous members of
 *          ASP's own objects, reaches no sink: however it is obfuscated, its plain text would have to hold one of them.
 * Execute  is also a member, of connections above all. Where nothing makes an object, x.Execute is the member of Server or of nothing that is known: such a page
 *          is quiet as long as Server stands nowhere but before a dot and a harmless member, so that x cannot be it.
 * Bounds   one pass, linear; a second one where Execute is a member.
 * Not done other languages: their names can be spelled with escapes, and what they reach without a telling word is much. They are never quiet.
 * Source   VBScript Language Reference; ASP 3.0 built-in objects. quiet_test.c holds the words against the tables of api.h.
 */
#ifndef WEBSHELL_QUIET_H
#define WEBSHELL_QUIET_H

#include "webshell/container.h"

/* The units of a page that declares no objects: together, since they share their names. */
bool quiet_units(const struct unit *u, size_t n);

#endif
