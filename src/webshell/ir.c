#include "webshell/ir.h"

const char *ir_language_name(enum ir_language l)
{
    static const char *const name[IR_LANGUAGES] = {
        [IR_UNKNOWN] = "unknown", [IR_CSHARP] = "C#", [IR_VBNET] = "VB.NET", [IR_JSCRIPT_NET] = "JScript.NET", [IR_VBSCRIPT] = "VBScript", [IR_JSCRIPT] = "JScript", [IR_IL] = "compiled",
    };
    return name[l < IR_LANGUAGES ? l : IR_UNKNOWN];
}

struct ir *ir_new(struct ir_builder *b, enum ir_op op, uint32_t line)
{
    struct ir *n = NULL;

    if (b->nodes >= (b->nodes_max ? b->nodes_max : IR_NODES_MAX))
        b->cut = true;
    else if (!(n = NEW(b->a, struct ir, 1)))
        b->full = true;
    if (!n) {
        b->spare = (struct ir){ .op = IR_VOID };
        return &b->spare;
    }
    b->nodes++;
    n->op   = (uint8_t)op;
    n->line = line;
    return n;
}

void ir_add(struct ir *parent, struct ir **tail, struct ir *kid)
{
    /* The throw-away node comes again and again: hung anywhere, it would close a circle. It is the only one without an op and a line. */
    if (!kid || kid == parent || (kid->op == IR_VOID && kid->line == 0 && !kid->kid))
        return;
    if (*tail)
        (*tail)->next = kid;
    else
        parent->kid = kid;
    *tail = kid;
}

struct ir *ir_kid(const struct ir *node, size_t n)
{
    struct ir *k = node ? node->kid : NULL;

    while (k && n--)
        k = k->next;
    return k;
}
