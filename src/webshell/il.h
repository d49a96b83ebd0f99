/*
 * il: the code of a compiled page or library, lifted into ir so that the same walk and the same judgement see it.
 *
 * Shape    one IR_TYPE a class, one IR_METHOD a method with code; P/Invoke methods as IR_METHOD without body behind an IR_ATTRIBUTE "DllImport".
 *          Properties are members again, operators are operators, stack slots that live across branches are names ("s0"), doubled values "t0".
 *          Forward branches become IR_IF, backward ones IR_LOOP; a jump that is neither is taken for a fall-through.
 * Lines    none (0): IL has none.
 * Bounds   IL_METHODS_MAX methods, IL_OPS_MAX instructions in all, IL_STACK_MAX slots, nesting of IL_NEST_MAX; ir.h. Linear.
 * Errors   false: the arena is full. Broken code gives what could be read and `unread`.
 * Not done exception handlers beyond their statements, data of array initialisers, switch targets.
 * Source   ECMA-335 III.
 */
#ifndef WEBSHELL_IL_H
#define WEBSHELL_IL_H

#include "formats/clr.h"
#include "webshell/ir.h"

enum { IL_METHODS_MAX = 20000, IL_OPS_MAX = 400000, IL_STACK_MAX = 128, IL_NEST_MAX = 24 };

bool il_read(struct ir_unit *ret, struct ir_builder *b, const struct clr *c);
/* The page that the assembly was compiled from, as its own code names it ("/owa/auth/x.aspx"). Empty: none. Several: number k. */
struct str il_virtual_path(struct arena *a, const struct clr *c, size_t k);

#endif
