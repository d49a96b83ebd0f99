#include "detect/gate.h"
#include "formats/w3c.h"

#include <string.h>

struct gate_stem {
    uint8_t n;                                            /* 0: empty */
    uint8_t text[GATE_STEM_MAX];
};

void gate_open(struct row_gate *g, const struct plan *plan, enum family family, struct arena *keep)
{
    *g = (struct row_gate){ .plan = plan, .pf = &plan->family[family], .family = family, .keep = keep };
}

static size_t words(const struct row_gate *g) { return (g->pf->rule_n + 63) / 64; }

static bool any(const struct row_gate *g, const uint64_t *want)
{
    for (size_t w = 0; w < words(g); w++)
        if (want[w])
            return true;
    return false;
}

/* The place of this stem: asked, and possible, words(g) each. NULL: it is not remembered. */
static uint64_t *remembered(struct row_gate *g, const struct columns *cols, struct str stem)
{
    if (!g->stem) {
        struct arena mark = *g->keep;
        g->stem = NEW(g->keep, struct gate_stem, GATE_STEMS);
        g->bits = g->stem ? TAKE(g->keep, uint64_t, GATE_STEMS * 2 * words(g)) : NULL;
        if (!g->bits) {
            *g->keep = mark;
            g->stem = NULL;
            return NULL;
        }
        g->generation = cols->generation;
    }
    if (g->generation != cols->generation) {
        memset(g->stem, 0, GATE_STEMS * sizeof *g->stem);
        g->generation = cols->generation;
    }
    if (!stem.n || stem.n > GATE_STEM_MAX)
        return NULL;
    size_t            at = (size_t)(str_hash(stem) % GATE_STEMS);
    struct gate_stem *s = &g->stem[at];
    uint64_t         *bits = g->bits + at * 2 * words(g);
    if (s->n != stem.n || memcmp(s->text, stem.p, stem.n) != 0) {
        s->n = (uint8_t)stem.n;
        memcpy(s->text, stem.p, stem.n);
        memset(bits, 0, 2 * words(g) * sizeof *bits);
    }
    return bits;
}

bool gate_never(const struct row_gate *g, const struct columns *cols, struct str stem, uint32_t rule)
{
    if (!g->stem || g->generation != cols->generation || !stem.n || stem.n > GATE_STEM_MAX)
        return false;
    size_t                  at = (size_t)(str_hash(stem) % GATE_STEMS);
    const struct gate_stem *s = &g->stem[at];
    const uint64_t         *asked = g->bits + at * 2 * words(g), *possible = asked + words(g);
    return s->n == stem.n && memcmp(s->text, stem.p, stem.n) == 0 && (asked[rule / 64] & ~possible[rule / 64]) >> (rule % 64) & 1;
}

static const struct sigma_rule *rule_at(const struct row_gate *g, size_t w, uint64_t bits)
{
    return &g->plan->sigma->rule[g->pf->rule[w * 64 + (size_t)__builtin_ctzll(bits)]];
}

/* What the stem alone rules out. The first time it asks the rules, of which the stem's values are derived then. */
static void by_stem(struct row_gate *g, const struct record *r, const struct binding *b, struct arena derived, struct arena scratch, uint64_t *want)
{
    uint64_t          *asked = remembered(g, r->cols, g->value[b->col[COL_STEM]]), *possible = asked ? asked + words(g) : NULL;
    struct event_early ev;
    bool               begun = false;

    for (size_t w = 0; asked && w < words(g); w++) {
        for (uint64_t bits = want[w] & ~asked[w]; bits; bits &= bits - 1) {
            uint64_t bit = bits & -bits;
            if (!begun)
                event_early(&ev, g->family, r, b, g->plan->sigma, &g->none, &derived);
            begun = true;
            if (sigma_may_match(rule_at(g, w, bits), event_field_of_stem, &ev, scratch))
                possible[w] |= bit;
            asked[w] |= bit;
        }
        want[w] &= possible[w];
    }
}

bool gate_ask(struct row_gate *g, const struct columns *cols, const struct binding *b, struct str raw, struct proxies *seen, struct arena scratch, uint64_t *want)
{
    struct record      r = { .cols = cols, .value = g->value, .time_us = TIME_NONE, .raw = raw };
    struct event_early ev;
    struct arena       derived = scratch;
    size_t             stem = b->col[COL_STEM] >= 0 ? (size_t)b->col[COL_STEM] + 1 : 0;

    if (!raw.n || raw.p[0] == '#' || b->last > GATE_COLUMNS)
        return false;
    derived.end = scratch.beg = scratch.beg + arena_room(&scratch) / 2;      /* half for the values that fields derive, half for the matcher */
    if (stem && (r.n = w3c_cut(raw, g->value, stem)) == stem) {
        by_stem(g, &r, b, derived, scratch, want);
        if (b->col[COL_FORWARDED] < 0 && !any(g, want))
            return true;
    }
    r.n = w3c_cut(raw, g->value, b->last);
    event_early(&ev, g->family, &r, b, g->plan->sigma, seen, &derived);
    for (size_t w = 0; w < words(g); w++)
        for (uint64_t bits = want[w]; bits; bits &= bits - 1)
            if (!sigma_match_plus(g->plan->sigma, rule_at(g, w, bits), event_field_early, &ev, raw, true, scratch))
                want[w] &= ~(bits & -bits);
    return true;
}
