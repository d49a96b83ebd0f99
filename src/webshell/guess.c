#include "webshell/cutter.h"

#include "base/num.h"

enum { GUESS_BYTES_MAX = 64 << 10, WORD_MAX = 9, LEAD = 60 };

/* Words that only one of the languages uses, outside of texts and comments. */
static const struct { struct str word; int8_t cs, js, vb; } hint[] = {
    { STR_INIT("dim"), 0, 0, 4 },      { STR_INIT("then"), 0, 0, 4 },      { STR_INIT("sub"), 0, 0, 4 },       { STR_INIT("elseif"), 0, 0, 4 },
    { STR_INIT("byval"), 0, 0, 6 },    { STR_INIT("nothing"), 0, 0, 3 },   { STR_INIT("end"), 0, 0, 2 },       { STR_INIT("wend"), 0, 0, 4 },
    { STR_INIT("next"), 0, 0, 1 },     { STR_INIT("imports"), 0, 0, 6 },   { STR_INIT("handles"), 0, 0, 3 },   { STR_INIT("loop"), 0, 0, 2 },
    { STR_INIT("void"), 4, 0, 0 },     { STR_INIT("using"), 4, 0, 0 },     { STR_INIT("string"), 1, 0, 0 },    { STR_INIT("foreach"), 4, 0, 0 },
    { STR_INIT("int"), 2, 0, 0 },      { STR_INIT("bool"), 3, 0, 0 },      { STR_INIT("namespace"), 2, 0, 1 }, { STR_INIT("byte"), 1, 0, 0 },
    { STR_INIT("null"), 1, 1, 0 },     { STR_INIT("var"), 1, 2, 0 },       { STR_INIT("function"), 0, 3, 1 },  { STR_INIT("typeof"), 1, 1, 0 },
    { STR_INIT("undefined"), 0, 3, 0 },{ STR_INIT("eval"), 0, 1, 0 },      { STR_INIT("object"), 1, 0, 1 },    { STR_INIT("as"), 0, 0, 2 },
};

static void word_counts(struct str w, int64_t n[3])
{
    /* The letters that begin them. */
    static const char begins[32] = { ['d' - 'a'] = 1, ['t' - 'a'] = 1, ['s' - 'a'] = 1, ['e' - 'a'] = 1, ['b' - 'a'] = 1, ['n' - 'a'] = 1, ['w' - 'a'] = 1, ['i' - 'a'] = 1,
                                     ['h' - 'a'] = 1, ['l' - 'a'] = 1, ['v' - 'a'] = 1, ['u' - 'a'] = 1, ['f' - 'a'] = 1, ['o' - 'a'] = 1, ['a' - 'a'] = 1 };
    uint8_t first = ch_lower(w.p[0]);

    if (w.n > WORD_MAX || !begins[(first - 'a') & 31])
        return;
    for (size_t i = 0; i < COUNT_OF(hint); i++)
        if (w.n == hint[i].word.n && first == hint[i].word.p[0] && str_ieq(w, hint[i].word)) {
            n[0] += hint[i].cs;
            n[1] += hint[i].js;
            n[2] += hint[i].vb;
            return;
        }
}

enum { OF_WORD = 1, BEGINS_WORD = 2, BLANK = 4, TELLING = 8 };
static const uint8_t kind_of[256] = {
    ['0' ... '9'] = OF_WORD, ['a' ... 'z'] = OF_WORD | BEGINS_WORD, ['A' ... 'Z'] = OF_WORD | BEGINS_WORD, ['_'] = OF_WORD | BEGINS_WORD, [' '] = BLANK, ['\t'] = BLANK,
    ['"'] = TELLING, ['\n'] = TELLING, ['\r'] = TELLING, ['{'] = TELLING, ['}'] = TELLING, [';'] = TELLING, ['\''] = TELLING, ['&'] = TELLING,
};

/* Basic without doubt. The other two share so much that they are counted to the end. */
static bool settled(const int64_t n[3]) { return n[2] > n[0] + LEAD && n[2] > n[1] + LEAD; }

static void piece_counts(struct str s, int64_t n[3])
{
    uint8_t before = '\n';
    bool    ends = false;          /* the word before was End or Exit: "End Function" is Basic */

    for (size_t i = 0; i < s.n;) {
        uint8_t c = s.p[i], kind = kind_of[c];
        if (!(kind & (BEGINS_WORD | TELLING))) {
            before = kind & BLANK ? before : c;
            i++;
            continue;
        }
        if (kind & BEGINS_WORD) {
            size_t from = i;
            while (i < s.n && kind_of[s.p[i]] & OF_WORD)
                i++;
            struct str w = str_sub(s, from, i);
            if (ends && before == 'a' && (str_ieq(w, STR("function")) || str_ieq(w, STR("if")) || str_ieq(w, STR("property"))))
                n[2] += 4;
            else if (w.n >= 2 && w.n <= 10 && before != '.')
                word_counts(w, n);
            ends = (w.n == 3 && str_ieq(w, STR("end"))) || (w.n == 4 && str_ieq(w, STR("exit")));
            before = 'a';
            continue;
        }
        if (c == '"') {
            size_t end = str_chr(str_from(s, i + 1), '"');
            i = end == STR_NONE ? s.n : i + 1 + end + 1;
            before = '"';
            continue;
        }
        if (c == '\n' || c == '\r') {
            if (settled(n))
                return;
            if (before == ';' || before == '{' || before == '}') {
                n[0] += 2;
                n[1] += 2;
            }
        } else if (c == '{' || c == '}' || c == ';') {
            n[0]++;
            n[1]++;
        } else if (c == '\'' && (before == '\n' || before == '\r')) {
            n[2] += 2;
        } else if (c == '&' && i + 1 < s.n && s.p[i + 1] == ' ' && before != '&') {
            n[2]++;
        }
        before = c;
        i++;
    }
    if (before == ';' || before == '}' || before == '{') {
        n[0] += 2;
        n[1] += 2;
    }
}

enum ir_language guess_language(const struct draft *d, size_t n, bool classic)
{
    int64_t count[3] = { 0 };
    size_t  seen = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t p = 0; d[i].language == IR_UNKNOWN && p < d[i].n && seen < GUESS_BYTES_MAX && !settled(count); p++) {
            struct str s = str_sub(d[i].piece[p].s, 0, GUESS_BYTES_MAX);
            piece_counts(s, count);
            seen += s.n;
        }
    if (count[2] >= count[0] && count[2] >= count[1] && count[2] > 0)
        return classic ? IR_VBSCRIPT : IR_VBNET;
    if (classic)
        return count[1] > count[2] + 4 ? IR_JSCRIPT : IR_UNKNOWN;
    if (count[0] == 0 && count[1] == 0)
        return IR_UNKNOWN;
    return count[1] > count[0] ? IR_JSCRIPT_NET : IR_CSHARP;
}
