/* The door of the front end for VB.NET and VBScript. */
#include "webshell/basic_inner.h"

/* Heights are bounded by construction; this makes it certain. */
static void seal(struct ir_builder *b, struct ir *n, unsigned depth)
{
    if (depth >= IR_DEPTH_MAX && n->kid) {
        *n = (struct ir){ .op = IR_VOID, .line = n->line ? n->line : 1, .next = n->next };
        b->cut = true;
        return;
    }
    for (struct ir *k = n->kid; k; k = k->next)
        if (k->kid)
            seal(b, k, depth + 1);
}

bool basic_parse(struct ir_unit *ret, struct ir_builder *b, struct str code, enum ir_language language, struct ir_places places)
{
    struct basic p = { .b = b, .code = code, .places = places, .net = language == IR_VBNET, .lex = { .line = 1, .start = true } };
    struct ir   *top, *tail = NULL;

    basic_next(&p);
    /* Not counted among the nodes: there is always a top. */
    if (!(top = NEW(b->a, struct ir, 1))) {
        b->full = true;
        return false;
    }
    *top = (struct ir){ .op = IR_BLOCK, .line = p.t.line };
    basic_block(&p, top, &tail, W_TOP);
    if (b->full)
        return false;
    seal(b, top, 0);
    *ret = (struct ir_unit){ .language = language, .fold = true, .top = top, .unread = p.unread, .escaped = p.escaped, .unclosed = p.unclosed };
    return true;
}
