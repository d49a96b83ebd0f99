#include "webshell/cutter.h"

void razor_read(struct cutter *k, bool vb)
{
    k->c->language = vb ? IR_VBNET : IR_CSHARP;
    k->c->declared = true;
}
