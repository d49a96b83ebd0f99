#include "webshell/quiet.h"

#include "base/num.h"

/* Pieces of the words, long enough to be rare: CreateObject, GetObject, GetRef, Transfer..., SaveAs, TransmitFile, WriteFile, SendFile...; and Eval, which must
   stand alone ("interval"), and Execute..., which may be a member. All of them together have at most 64 letters: one bit each. */
static const struct str part[] = { STR_INIT("eval"), STR_INIT("xecute"), STR_INIT("eobject"), STR_INIT("tobject"), STR_INIT("getref"), STR_INIT("transfer"), STR_INIT("saveas"),
                                   STR_INIT("itfile"), STR_INIT("tefile"), STR_INIT("ndfile") };
enum { EVAL, EXECUTE };
enum quiet { QUIET_NOT, QUIET_BUT_EXECUTE, QUIET };

static bool of_name(uint8_t c) { return ch_alnum(c) || c == '_'; }

/* Does the word that begins at `at` follow a dot that makes it a member? Right behind the dot, and what the dot belongs to is no number. */
static bool is_member(struct str code, size_t at)
{
    if (at < 2 || code.p[at - 1] != '.')
        return false;
    size_t from = at - 1;
    while (from && of_name(code.p[from - 1]))
        from--;
    return from == at - 1 || !ch_digit(code.p[from]);
}

static enum quiet quiet_code(struct str code)
{
    uint64_t   mask[256] = { 0 }, first = 0, last = 0, end[2] = { 0 }, state = 0;
    unsigned   bit = 0;
    enum quiet r = QUIET;

    for (size_t i = 0; i < COUNT_OF(part); i++) {
        first |= (uint64_t)1 << bit;
        for (size_t k = 0; k < part[i].n; k++, bit++) {
            mask[part[i].p[k]] |= (uint64_t)1 << bit;
            mask[part[i].p[k] - 32] |= (uint64_t)1 << bit;
        }
        last |= (uint64_t)1 << (bit - 1);
        if (i < COUNT_OF(end))
            end[i] = (uint64_t)1 << (bit - 1);
    }
    /* Bit b of `state`: the letters up to b of its word stand just before here. */
    for (size_t i = 0; i < code.n; i++) {
        state = (state << 1 | first) & mask[code.p[i]];
        uint64_t hit = state & last;
        if (!hit)
            continue;
        if (hit & ~(end[EVAL] | end[EXECUTE]))
            return QUIET_NOT;
        if (hit & end[EVAL] && (i < 4 || !of_name(code.p[i - 4])) && (i + 1 == code.n || !of_name(code.p[i + 1])))
            return QUIET_NOT;
        if (hit & end[EXECUTE]) {
            if (i < 6 || ch_lower(code.p[i - 6]) != 'e' || !is_member(code, i - 6))
                return QUIET_NOT;
            r = QUIET_BUT_EXECUTE;
        }
    }
    /* Something that no reader of text would see. */
    return str_chr(code, 0) == STR_NONE ? r : QUIET_NOT;
}

/* Does Server stand only before a dot and one of its harmless members? */
static bool server_harmless(struct str code)
{
    static const struct str member[] = { STR_INIT("mappath"), STR_INIT("htmlencode"), STR_INIT("urlencode"), STR_INIT("urlpathencode"), STR_INIT("scripttimeout"), STR_INIT("getlasterror") };

    for (size_t at = 0, p; (p = str_ifind(str_from(code, at), STR("server"))) != STR_NONE; at += p + 6) {
        size_t     from = at + p, k = 0;
        struct str rest = str_from(code, from + 6);
        if ((from && of_name(code.p[from - 1])) || (rest.n && of_name(rest.p[0])))
            continue;
        if (!rest.n || rest.p[0] != '.')
            return false;
        rest = str_from(rest, 1);
        while (k < COUNT_OF(member) && !(str_istarts(rest, member[k]) && (rest.n == member[k].n || !of_name(rest.p[member[k].n]))))
            k++;
        if (k == COUNT_OF(member))
            return false;
    }
    return true;
}

bool quiet_units(const struct unit *u, size_t n)
{
    bool execute = false, server = true;

    for (size_t i = 0; i < n; i++) {
        enum quiet q = u[i].language == IR_VBSCRIPT ? quiet_code(u[i].code) : QUIET_NOT;
        if (q == QUIET_NOT)
            return false;
        execute = execute || q == QUIET_BUT_EXECUTE;
    }
    for (size_t i = 0; execute && server && i < n; i++)
        server = server_harmless(u[i].code);
    return !execute || server;
}
