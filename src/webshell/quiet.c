#include "webshell/quiet.h"

#include "base/num.h"

/* Pieces of the words, long enough to be rare: CreateObject, GetObject, Execute..., GetRef, Transfer..., SaveAs, TransmitFile, WriteFile, SendFile...; and Eval,
   which must stand alone ("interval"). All of them together have at most 64 letters: one bit each. */
static const struct str part[] = { STR_INIT("eval"), STR_INIT("eobject"), STR_INIT("tobject"), STR_INIT("xecute"), STR_INIT("getref"), STR_INIT("transfer"), STR_INIT("saveas"),
                                   STR_INIT("itfile"), STR_INIT("tefile"), STR_INIT("ndfile") };

static bool of_name(uint8_t c) { return ch_alnum(c) || c == '_'; }

bool quiet_code(struct str code, enum ir_language language)
{
    uint64_t mask[256] = { 0 }, first = 0, last = 0, eval = 0, state = 0;
    unsigned bit = 0;

    if (language != IR_VBSCRIPT)
        return false;
    for (size_t i = 0; i < COUNT_OF(part); i++) {
        first |= (uint64_t)1 << bit;
        for (size_t k = 0; k < part[i].n; k++, bit++) {
            mask[part[i].p[k]] |= (uint64_t)1 << bit;
            mask[part[i].p[k] - 32] |= (uint64_t)1 << bit;
        }
        last |= (uint64_t)1 << (bit - 1);
        if (i == 0)
            eval = last;
    }
    /* Bit b of `state`: the letters up to b of its word stand just before here. */
    for (size_t i = 0; i < code.n; i++) {
        state = (state << 1 | first) & mask[code.p[i]];
        if (!(state & last))
            continue;
        bool alone = (i < 4 || !of_name(code.p[i - 4])) && (i + 1 == code.n || !of_name(code.p[i + 1]));
        if ((state & last & ~eval) || alone)
            return false;
    }
    /* Something that no reader of text would see. */
    return str_chr(code, 0) == STR_NONE;
}
