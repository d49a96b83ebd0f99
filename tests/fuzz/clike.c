/*
 * clike: any bytes give a tree, as C# and as JScript; it is bounded in nodes and depth, lines lie within the piece, every text is a view of the piece or
 * stands in the arena, the same code gives the same tree, and so does a prefix give some tree. Places are made from the first bytes.
 */
#include "frontfuzz.h"
#include "webshell/clike.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const enum ir_language language[2] = { IR_CSHARP, IR_JSCRIPT_NET };

    return front_fuzz(clike_parse, language, data, n);
}
