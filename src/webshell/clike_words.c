/* Key words of C# and JScript. */
#include "webshell/clike_inner.h"

#include <string.h>

struct word { const char *text; uint8_t n, cs, js; };

static const struct word words[W_WORDS] = {
    [W_NONE] = { "", 0, 0, 0 },
#define X(w, c, j) { #w, sizeof #w - 1, c, j },
    CLIKE_WORDS(X)
#undef X
};

uint8_t clike_word_class(uint8_t id, bool js)
{
    return id < W_WORDS ? js ? words[id].js : words[id].cs : 0;
}

uint8_t clike_word(const uint8_t *p, size_t n, bool js)
{
    unsigned lo = 1, hi = W_WORDS;

    if (n < 2 || n > 10 || *p < 'a' || *p > 'y')
        return W_NONE;
    while (lo < hi) {
        unsigned mid = (lo + hi) / 2;
        size_t   m = words[mid].n;
        int      c = memcmp(p, words[mid].text, n < m ? n : m);

        if (c == 0 && n == m)
            return clike_word_class((uint8_t)mid, js) ? (uint8_t)mid : (uint8_t)W_NONE;
        if (c < 0 || (c == 0 && n < m))
            hi = mid;
        else
            lo = mid + 1;
    }
    return W_NONE;
}
