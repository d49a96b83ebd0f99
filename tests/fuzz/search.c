/*
 * search: input is literals, one a line, an empty line, then the text. Property: the hits are those of the dullest search.
 * Literal i has id i % 5, so ids are shared and out of the order of lengths.
 */
#include "base/num.h"
#include "base/search.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { LITS = 16, HITS = 65536 };
struct hit { uint32_t id; size_t end; };
struct hits { struct hit *at; size_t n; };

static bool keep(void *ctx, uint32_t id, size_t end)
{
    struct hits *h = ctx;
    if (h->n == HITS)
        return false;
    h->at[h->n++] = (struct hit){ id, end };
    return true;
}

static int order(const void *x, const void *y)
{
    const struct hit *a = x, *b = y;
    return a->end != b->end ? (a->end > b->end) - (a->end < b->end) : (a->id > b->id) - (a->id < b->id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str        rest = { data, n }, line;
    struct search_lit lit[LITS];
    size_t            lits = 0;

    if (n > 4096)
        return 0;
    while (str_cut(&rest, '\n', &line) && line.n)
        if (lits < LITS && line.n <= SEARCH_LIT_MAX) {
            lit[lits] = (struct search_lit){ line, (uint32_t)(lits % 5) };
            lits++;
        }

    size_t               room = 4 << 20;
    uint8_t             *block = malloc(room);
    struct arena         a = { block, block + room, NULL };
    struct err           e = { 0 };
    const struct search *s;
    struct hits          got = { malloc(HITS * sizeof(struct hit)), 0 }, want = { malloc(HITS * sizeof(struct hit)), 0 };

    if (!search_build(&s, &a, lit, lits, &e))
        abort();
    bool whole = true;
    for (size_t i = 0; i < lits; i++) {
        bool twice = false;
        for (size_t k = 0; k < i; k++)
            twice |= lit[k].id == lit[i].id && str_ieq(lit[k].s, lit[i].s);
        for (size_t end = lit[i].s.n; !twice && end <= rest.n; end++)
            if (str_ieq(str_sub(rest, end - lit[i].s.n, end), lit[i].s))
                whole &= keep(&want, lit[i].id, end);
    }
    if (whole)
        qsort(want.at, want.n, sizeof *want.at, order);
    bool (*const engine[])(const struct search *, struct str, search_hit *, void *) = { search_scan, search_scan_own, search_scan_portable };
    for (size_t k = 0; whole && k < COUNT_OF(engine); k++) {
        got.n = 0;
        if (!engine[k](s, rest, keep, &got) || got.n != want.n)
            abort();
        for (size_t i = 0; i < got.n; i++)
            if (got.at[i].id != want.at[i].id || got.at[i].end != want.at[i].end)
                abort();
    }
    free(got.at);
    free(want.at);
    free(block);
    return 0;
}
