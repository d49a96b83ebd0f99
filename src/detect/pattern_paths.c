#include "detect/pattern_paths.h"

#include <string.h>

enum { WORDS = PATHS_POSITIONS / 64 };

struct set { uint64_t w[WORDS]; };                 /* of positions */
struct bytes { uint64_t w[4]; };                   /* of byte values */

/* A part of the expression: where it may begin and end, and whether it may be empty. */
struct part { struct set first, last; bool empty; };

struct graph {
    struct str   text;
    size_t       i;
    bool         fold, dot_all, unknown;
    uint32_t     n;
    struct bytes fits[PATHS_POSITIONS];
    struct set   follow[PATHS_POSITIONS];
    struct set   reach[PATHS_POSITIONS];
    struct set   seen[PATHS_POSITIONS];            /* of pairs, while walking */
    uint32_t     steps;
};

static void set_put(struct set *s, uint32_t i) { s->w[i / 64] |= UINT64_C(1) << (i % 64); }
static bool set_has(const struct set *s, uint32_t i) { return s->w[i / 64] >> (i % 64) & 1; }
static void set_join(struct set *s, const struct set *more)
{
    for (size_t i = 0; i < WORDS; i++)
        s->w[i] |= more->w[i];
}

static void byte_put(struct bytes *b, uint8_t c) { b->w[c / 64] |= UINT64_C(1) << (c % 64); }
static bool byte_has(const struct bytes *b, uint8_t c) { return b->w[c / 64] >> (c % 64) & 1; }
static void range_put(struct bytes *b, unsigned from, unsigned to)
{
    for (unsigned c = from; c <= to && c < 256; c++)
        byte_put(b, (uint8_t)c);
}
static void turn(struct bytes *b)
{
    for (size_t i = 0; i < 4; i++)
        b->w[i] = ~b->w[i];
}
static bool meet(const struct bytes *a, const struct bytes *b)
{
    for (size_t i = 0; i < 4; i++)
        if (a->w[i] & b->w[i])
            return true;
    return false;
}

/* ---- reading ---- */

static int at(const struct graph *g, size_t ahead) { return g->i + ahead < g->text.n ? g->text.p[g->i + ahead] : -1; }

static int hex(int c) { return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1; }

/* \d and the like. False: none of them. */
static bool kind_put(struct bytes *b, int c)
{
    struct bytes k = { { 0 } };

    switch (c | 32) {
    case 'w': byte_put(&k, '_'); range_put(&k, 'a', 'z'); range_put(&k, 'A', 'Z'); range_put(&k, '0', '9'); break;
    case 'd': range_put(&k, '0', '9'); break;
    case 's': range_put(&k, 9, 13); byte_put(&k, ' '); break;
    case 'h': byte_put(&k, 9); byte_put(&k, ' '); byte_put(&k, 0xA0); break;
    case 'v': range_put(&k, 10, 13); byte_put(&k, 0x85); break;
    case 'p': range_put(&k, 0, 255); break;
    default: return false;
    }
    if (!(c & 32) && c != 'P')
        turn(&k);
    for (size_t i = 0; i < 4; i++)
        b->w[i] |= k.w[i];
    return true;
}

/* What follows a backslash, g->i on it. One byte, or -1: a kind, which is in b. */
static int escape(struct graph *g, struct bytes *b)
{
    static const char from[] = "nrtfea", to[] = "\n\r\t\f\033\a";
    int         c = at(g, 0);
    const char *p = c > 0 ? strchr(from, c) : NULL;

    g->i += g->i < g->text.n;
    if (p)
        return (uint8_t)to[p - from];
    if (c == 'x' && at(g, 0) == '{') {
        int v = 0;
        for (g->i++; hex(at(g, 0)) >= 0; g->i++)
            v = (v << 4 | hex(at(g, 0))) & 0xff;
        g->i += at(g, 0) == '}';
        return v;
    }
    if (c == 'x') {
        int v = 0;
        for (int k = 0; k < 2 && hex(at(g, 0)) >= 0; k++, g->i++)
            v = v << 4 | hex(at(g, 0));
        return v;
    }
    if ((c == 'p' || c == 'P') && at(g, 0) == '{')
        while (at(g, 0) >= 0 && g->text.p[g->i++] != '}')
            ;
    return c > 0 && kind_put(b, c) ? -1 : c < 0 ? 0 : c;
}

/* "[:alpha:]", g->i on its '['. What is not known here is anything. */
static bool named(struct graph *g, struct bytes *b)
{
    static const struct { const char *name, *kinds; } known[] = {
        { "digit", "d" }, { "space", "s" }, { "word", "w" }, { "blank", "h" }, { "alnum", "w" }, { "alpha", "w" }, { "upper", "w" }, { "lower", "w" }, { "xdigit", "w" },
    };
    struct str rest = str_from(g->text, g->i);
    size_t     end = str_find(rest, STR(":]"));

    if (at(g, 1) != ':' || end == STR_NONE || end > 12)
        return false;
    struct str name = str_sub(rest, 2, end);
    bool       found = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq(name, str_c(known[i].name)))
            found = kind_put(b, known[i].kinds[0]);
    if (!found)
        range_put(b, 0, 255);
    g->i += end + 2;
    return true;
}

static void class_read(struct graph *g, struct bytes *b)
{
    bool not = at(g, 0) == '^', first = true;

    for (g->i += not; at(g, 0) >= 0 && (at(g, 0) != ']' || first); first = false) {
        int c = at(g, 0);
        if (c == '[' && named(g, b))
            continue;
        g->i++;
        if (c == '\\' && (c = escape(g, b)) < 0)
            continue;
        int to = c;
        if (at(g, 0) == '-' && at(g, 1) >= 0 && at(g, 1) != ']') {
            struct bytes none = { { 0 } };
            to = at(g, 1);
            g->i += 2;
            if (to == '\\' && (to = escape(g, &none)) < 0)
                to = 255;
        }
        range_put(b, (unsigned)c, (unsigned)to);
    }
    g->i += g->i < g->text.n;
    if (g->fold)
        for (unsigned c = 'a'; c <= 'z'; c++)
            if (byte_has(b, (uint8_t)c) || byte_has(b, (uint8_t)(c - 32))) {
                byte_put(b, (uint8_t)c);
                byte_put(b, (uint8_t)(c - 32));
            }
    if (not)
        turn(b);
}

/* A part of one position. */
static struct part position(struct graph *g, struct bytes fits)
{
    struct part p = { .empty = false };

    if (g->n == PATHS_POSITIONS) {
        g->unknown = true;
        p.empty = true;
        return p;
    }
    g->fits[g->n] = fits;
    set_put(&p.first, g->n);
    set_put(&p.last, g->n++);
    return p;
}

static struct part anything(struct graph *g, bool empty)
{
    struct bytes all = { { 0 } };

    range_put(&all, 0, 255);
    struct part p = position(g, all);
    p.empty |= empty;
    return p;
}

static void join(struct graph *g, const struct set *from, const struct set *to)
{
    for (uint32_t i = 0; i < g->n; i++)
        if (set_has(from, i))
            set_join(&g->follow[i], to);
}

/* What stands after '(': its own name or kind is passed over. False: no group at all, but flags or a comment, read to its end. */
static bool group_begins(struct graph *g)
{
    if (at(g, 0) != '?')
        return true;
    g->i++;
    int c = at(g, 0), next = at(g, 1);
    if (c == '#') {
        while (at(g, 0) >= 0 && g->text.p[g->i++] != ')')
            ;
        return false;
    }
    if (c == 'P' && next == '<') {
        g->i++;
        c = '<';
        next = -1;
    }
    if (c == '<' && (next == '=' || next == '!')) {
        g->i += 2;
        return true;
    }
    if (c == '<' || c == '\'') {
        for (g->i++; at(g, 0) >= 0 && at(g, 0) != '>' && at(g, 0) != '\''; g->i++)
            ;
        g->i += g->i < g->text.n;
        return true;
    }
    if (c == ':' || c == '=' || c == '!' || c == '>' || c == '|') {
        g->i++;
        return true;
    }
    for (; at(g, 0) >= 0 && str_chr(STR("imsxnUJ-^"), (uint8_t)at(g, 0)) != STR_NONE; g->i++)
        g->fold |= at(g, 0) == 'i', g->dot_all |= at(g, 0) == 's';
    c = at(g, 0);
    g->unknown |= c != ')' && c != ':';              /* recursion, a condition, or nothing that is known here */
    g->i += g->i < g->text.n;
    return c != ')';
}

static struct part alternatives(struct graph *g, int depth);

static struct part atom(struct graph *g, int depth)
{
    struct part  nothing = { .empty = true };
    struct bytes b = { { 0 } };
    int          c = at(g, 0);

    g->i++;
    if (c == '(') {
        if (!group_begins(g))
            return nothing;
        struct part p = alternatives(g, depth + 1);
        g->i += at(g, 0) == ')';
        return p;
    }
    if (c == '^' || c == '$')
        return nothing;
    if (c == '[') {
        class_read(g, &b);
        return position(g, b);
    }
    if (c == '.') {
        range_put(&b, 0, 255);
        if (!g->dot_all)
            b.w[0] &= ~(UINT64_C(1) << '\n');
        return position(g, b);
    }
    if (c == '\\') {
        c = at(g, 0);
        g->unknown |= c == 'Q' || c == 'g' || c == 'k';
        if (c >= 0 && str_chr(STR("bBAzZGKQE"), (uint8_t)c) != STR_NONE) {
            g->i++;
            return nothing;
        }
        if (c >= '1' && c <= '9') {
            while (at(g, 0) >= '0' && at(g, 0) <= '9')
                g->i++;
            return anything(g, true);
        }
        if (c == 'R' || c == 'X' || c == 'N') {
            g->i++;
            return anything(g, false);
        }
        c = escape(g, &b);
        if (c < 0)
            return position(g, b);
    }
    byte_put(&b, (uint8_t)c);
    if (g->fold && (c | 32) >= 'a' && (c | 32) <= 'z')
        byte_put(&b, (uint8_t)(c ^ 32));
    return position(g, b);
}

/* "{2,}" and the like, g->i on its '{'. False: no quantifier, the brace is itself. */
static bool braces(struct graph *g, unsigned *ret_from, unsigned *ret_to)
{
    size_t   i = g->i + 1;
    unsigned v[2] = { 0, 0 };
    bool     comma = false, any[2] = { false, false };

    for (; i < g->text.n && g->text.p[i] != '}'; i++) {
        uint8_t c = g->text.p[i];
        if (c == ',' && !comma)
            comma = true;
        else if (c >= '0' && c <= '9' && v[comma] < 100000) {
            v[comma] = v[comma] * 10 + (unsigned)(c - '0');
            any[comma] = true;
        } else
            return false;
    }
    if (i == g->text.n || !any[0])
        return false;
    *ret_from = v[0];
    *ret_to   = !comma ? v[0] : any[1] ? v[1] : UINT32_MAX;
    g->i = i + 1;
    return true;
}

static void quantify(struct graph *g, struct part *p)
{
    for (int rounds = 0; rounds < 4; rounds++) {
        unsigned from = 1, to = 1;
        int      c = at(g, 0);
        if (c == '*' || c == '+' || c == '?') {
            from = c == '+';
            to   = c == '?' ? 1 : UINT32_MAX;
            g->i++;
        } else if (c != '{' || !braces(g, &from, &to))
            return;
        if (at(g, 0) == '?' || at(g, 0) == '+')      /* lazy, possessive */
            g->i++;
        if (to >= PATHS_LOOP)
            join(g, &p->last, &p->first);
        p->empty |= from == 0;
    }
}

static struct part sequence(struct graph *g, int depth)
{
    struct part s = { .empty = true };

    while (at(g, 0) >= 0 && at(g, 0) != '|' && at(g, 0) != ')' && !g->unknown) {
        struct part p = atom(g, depth);
        quantify(g, &p);
        join(g, &s.last, &p.first);
        if (s.empty)
            set_join(&s.first, &p.first);
        if (p.empty)
            set_join(&p.last, &s.last);
        s.last   = p.last;
        s.empty &= p.empty;
    }
    return s;
}

static struct part alternatives(struct graph *g, int depth)
{
    struct part all = { .empty = false };

    g->unknown |= depth > PATHS_DEPTH;
    for (bool more = true; more && !g->unknown; ) {
        struct part p = sequence(g, depth);
        set_join(&all.first, &p.first);
        set_join(&all.last, &p.last);
        all.empty |= p.empty;
        more = at(g, 0) == '|';
        g->i += more;
    }
    return all;
}

/* ---- walking ---- */

/* The lowest position of *w, which loses it. */
static uint32_t next_of(uint64_t *w, size_t word)
{
    uint32_t i = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(*w);

    *w &= *w - 1;
    return i;
}

/* Everything that can be reached from p, p itself only by a way round. */
static void reach(struct graph *g, uint32_t p)
{
    uint32_t   stack[PATHS_POSITIONS + 1], n = 0;
    struct set all = { { 0 } };

    for (stack[n++] = p; n;) {
        uint32_t q = stack[--n];
        for (size_t w = 0; w < WORDS; w++) {
            uint64_t fresh = g->follow[q].w[w] & ~all.w[w];
            all.w[w] |= fresh;
            while (fresh)
                stack[n++] = next_of(&fresh, w);
        }
    }
    g->reach[p] = all;
}

/* From a pair on: the pairs that the same byte leads to. Both walks stay where p can be met again. True: they met at p. */
static bool step_pair(struct graph *g, uint32_t a, uint32_t b, uint32_t p, const struct set *stay, bool apart)
{
    for (size_t v = 0; v < WORDS; v++)
        for (uint64_t xs = g->follow[a].w[v] & stay->w[v]; xs;) {
            uint32_t x = next_of(&xs, v);
            g->steps += WORDS;
            for (size_t w = 0; w < WORDS; w++)
                for (uint64_t ys = g->follow[b].w[w] & stay->w[w]; ys;) {
                    uint32_t y = next_of(&ys, w);
                    g->steps++;
                    if ((apart && x == y) || !meet(&g->fits[x], &g->fits[y]))
                        continue;
                    if (x == p && y == p)
                        return true;
                    set_put(&g->seen[x], y);
                }
        }
    return false;
}

/* Two walks that part right after p and meet at p again. */
static bool parts_and_meets(struct graph *g, uint32_t p, const struct set *stay)
{
    struct set taken[PATHS_POSITIONS];
    bool       more = true;

    memset(g->seen, 0, sizeof g->seen);
    if (step_pair(g, p, p, p, stay, true))
        return true;
    memset(taken, 0, sizeof taken);
    while (more && g->steps < PATHS_STEPS) {
        more = false;
        for (uint32_t a = 0; a < g->n; a++)
            for (size_t w = 0; w < WORDS; w++) {
                uint64_t todo = g->seen[a].w[w] & ~taken[a].w[w];
                while (todo) {
                    uint32_t b = next_of(&todo, w);
                    set_put(&taken[a], b);
                    more = true;
                    if (step_pair(g, a, b, p, stay, false))
                        return true;
                }
            }
    }
    return false;
}

enum pattern_paths pattern_paths(struct str text, bool fold, bool dot_all)
{
    struct graph g = { .text = text, .fold = fold || str_has(text, STR("(?i")), .dot_all = dot_all };

    (void)alternatives(&g, 0);
    if (g.unknown || g.i < text.n)
        return PATHS_UNKNOWN;
    for (uint32_t p = 0; p < g.n; p++)
        reach(&g, p);
    for (uint32_t p = 0; p < g.n; p++) {
        struct set stay = { { 0 } };
        if (!set_has(&g.reach[p], p))
            continue;                                /* in no loop */
        for (uint32_t q = 0; q < g.n; q++)
            if (set_has(&g.reach[p], q) && set_has(&g.reach[q], p))
                set_put(&stay, q);
        if (parts_and_meets(&g, p, &stay))
            return PATHS_MANY;
        if (g.steps >= PATHS_STEPS)
            return PATHS_UNKNOWN;
    }
    return PATHS_FEW;
}
