/*
 * Literals for the prefilter.
 *
 * A set of texts is sound for a node when a record that fits the node holds one of them in its raw text (case folded), provided the raw
 * text spells the value verbatim between bytes of `cut`.
 *
 *   test   its longest usable stretch between wildcards and cut bytes
 *   and    the best set of its parts: each of them must hold. Best is what costs least where that was measured, else what looks rarest
 *   or     all sets of its parts together; one part without a set spoils it
 *   not    none: what is absent cannot be searched for
 */
#include "detect/sigma_code.h"

#include "base/num.h"

#include <string.h>

enum { LITERAL_MIN = 4, EXTENSION_MIN = 3, VERBATIM_MIN = 3, SPELLED_ODD = 3, SPELLED_MAX = 12, LITERALS_MAX = 20000, WEIGHED_MAX = 64, SCORE_LENGTH_MAX = 24, FREQUENT_SCORE = 2 };

struct set { struct str *lit; uint32_t *of; size_t n; size_t score; uint64_t cost; };     /* n == 0: none. score: of its worst literal; cost: of all */

struct finder { const struct sigma *s; struct arena *a; const struct sigma_raw *raw; bool decoded, verbatim; uint32_t field; struct err *e; };

/* What nearly every line of some log holds. */
static const char *const everywhere[] = {
    "post ", "get ", "true", "false", "http", "mozilla/5.0 (windows nt 10.0; win64; x64) applewebkit/537.36 (khtml, like gecko)", "exchange server",
    "frontend\\httpproxy", "https://", "server", "null", "none", "negotiate", "correlationid=<empty>;", "cafereqid=", "request", "response", "begin",
    "/owa/",
};

/* What many lines of an Exchange server's logs hold; anything inside one of these is taken only when there is nothing better. */
static const char *const common[] = {
    ".aspx",     "/owa/auth/logon.aspx", "/owa/auth/", "/owa/auth.owa", "/ecp/default.aspx", "/ews/exchange.asmx", "/mapi/emsmdb/", "/mapi/nspi/",
    "/rpc/rpcproxy.dll", "/microsoft-server-activesync/default.eas", "/autodiscover/autodiscover.xml", "/autodiscover/autodiscover.json",
    "/powershell/", "/oab/", "/api/",
    "mozilla/4.0 (compatible; msie", "chrome/", "safari/537.36", "microsoft office", "microsoft outlook", "microsoft-server-activesync",
    "exchangeservicesclient", "healthmailbox", "https://localhost", "http://",
    "clientaccess", "example.com", "head", "options", "error",
    "activityid", "windows", "default", "index", "service.svc", "user",
    "mailbox", "proxy", "name", "data", "type", "admin", "system", "anchor", "target", "resource",
    "setting", "client", "content", "script", "method", "status", "path", "file", "temp", "form", "action",
};

static size_t score_of(const struct sigma_raw *raw, struct str s, bool verbatim)
{
    bool letter = false, odd = false;

    for (size_t i = 0; i < s.n; i++)
        odd |= str_chr(STR("${}()<>@#'\"*!^|~`[]"), s.p[i]) != STR_NONE;
    if (verbatim && odd && s.n >= VERBATIM_MIN)
        return 3 + s.n;                            /* "={{": few programs write such things into a URL */
    if (s.n < LITERAL_MIN && !(s.n >= EXTENSION_MIN && s.p[0] == '.'))
        return 0;
    for (size_t i = 0; i < s.n; i++)
        letter |= ch_alpha(s.p[i]) || s.p[i] >= 0x80;
    if (!letter && s.n < 8)
        return 0;                                  /* numbers and punctuation are everywhere */
    struct str name = s.n && s.p[0] == '\\' ? str_from(s, 1) : s;        /* a program with the end of its path */
    for (size_t i = 0; raw->frequent && raw->frequent[i]; i++)
        if (str_ihas(str_c(raw->frequent[i]), s) || str_ieq(str_c(raw->frequent[i]), name))
            return FREQUENT_SCORE;
    for (size_t i = 0; !raw->frequent && i < COUNT_OF(everywhere); i++)
        if (str_ihas(str_c(everywhere[i]), s))
            return 1;                              /* still better than trying every record */
    for (size_t i = 0; !raw->frequent && i < COUNT_OF(common); i++)
        if (str_ihas(str_c(common[i]), s))
            return FREQUENT_SCORE;
    return 3 + (s.n < SCORE_LENGTH_MAX ? s.n : SCORE_LENGTH_MAX) * (letter ? 2 : 1);
}

static bool no_room(struct finder *f) { return err_set(f->e, ERR_MEMORY, "no room for the literals of a rule"); }

/* May the raw text spell this byte in another way? */
static bool is_cut(const struct finder *f, uint8_t c)
{
    if (f->raw->ascii && (c >= 0x80 || c == 0 || c == '\n'))
        return true;
    if (f->verbatim)
        return f->raw->escaped && c == ' ';        /* sigma_match_plus */
    if (f->decoded && !ch_alnum(c) && c != '-' && c != '_' && c != '.' && c != '/')
        return true;
    return str_chr(f->raw->cut, c) != STR_NONE;
}

/* The best stretch of `s` between cut bytes becomes the set, when it is better than what the set has. */
static bool offer(struct finder *f, struct str s, struct set *set)
{
    for (size_t i = 0, from = 0; i <= s.n; i++) {
        if (i < s.n && !is_cut(f, s.p[i]))
            continue;
        struct str part = str_sub(s, from, i < from + SEARCH_LIT_MAX ? i : from + SEARCH_LIT_MAX);
        size_t     score = score_of(f->raw, part, f->verbatim);
        from = i + 1;
        if (!score)
            continue;
        uint64_t cost = f->raw->cost ? f->raw->cost(f->raw->cost_ctx, part, f->field) : 0;
        if (set->n && (cost > set->cost || (cost == set->cost && score <= set->score)))
            continue;
        struct str *one = NEW(f->a, struct str, 1);
        if (!one)
            return no_room(f);
        *one = str_dup(f->a, part);
        if (!one->p)
            return no_room(f);
        *set = (struct set){ one, NULL, 1, score, cost };
    }
    return true;
}

/* All literals of a test are of its field. */
static bool name_field(struct finder *f, uint32_t field, struct set *set)
{
    if (!set->n)
        return true;
    set->of = NEW(f->a, uint32_t, set->n);
    for (size_t i = 0; set->of && i < set->n; i++)
        set->of[i] = field;
    return set->of || no_room(f);
}

/*
 * A value of a decoded field that has no stretch worth searching for, such as "${::-j}": a window of it with each byte but letters, digits and "-_./"
 * in each of its spellings. Letters and digits in escapes make a row a candidate of every rule, so they stand as they are.
 */
static bool offer_escaped(struct finder *f, struct str s, struct set *set)
{
    static const char hex[] = "0123456789abcdef";
    size_t best = 0, best_n = 0, best_odd = 0;

    for (size_t from = 0; from < s.n; from++) {
        size_t odd = 0, n = 0;
        while (from + n < s.n && n < SPELLED_MAX && (!is_cut(f, s.p[from + n]) || odd < SPELLED_ODD))
            odd += is_cut(f, s.p[from + n++]);
        if (odd >= 2 && n > best_n) {
            best     = from;
            best_n   = n;
            best_odd = odd;
        }
    }
    if (best_n < VERBATIM_MIN)
        return true;
    size_t      count = 1;
    for (size_t i = 0; i < best_odd; i++)
        count *= 3;
    struct str *lit = NEW(f->a, struct str, count);
    size_t      n = 0;
    if (!lit)
        return no_room(f);
    for (size_t k = 0; k < count; k++) {                   /* k in base 3: how each odd byte is spelled */
        uint8_t text[3 * SPELLED_MAX];
        size_t  len = 0, how = k;
        bool    twice = false;
        for (size_t i = 0; i < best_n; i++) {
            uint8_t c = s.p[best + i];
            if (!is_cut(f, c)) {
                text[len++] = c;
                continue;
            }
            if (how % 3 == 0) {
                text[len++] = c;
            } else if (how % 3 == 1) {
                text[len++] = '%';
                text[len++] = (uint8_t)hex[c >> 4];
                text[len++] = (uint8_t)hex[c & 15];
            } else if (c == ' ') {
                text[len++] = '+';
            } else {
                twice = true;                              /* only a blank has a third spelling */
            }
            how /= 3;
        }
        if (twice)
            continue;
        lit[n] = str_dup(f->a, (struct str){ text, len });
        if (!lit[n++].p)
            return no_room(f);
    }
    *set = (struct set){ lit, NULL, n, 3 + best_n, 0 };
    return true;
}

/* The best of a value; see offer_escaped for what is done where there is none. */
static bool offer_value(struct finder *f, struct str s, struct set *set)
{
    return offer(f, s, set) && (set->n || !f->decoded || !f->raw->escaped || offer_escaped(f, s, set));
}

static bool of_glob(struct finder *f, const struct sigma_test *t, struct set *set)
{
    uint8_t *run = NEW(f->a, uint8_t, t->glob_n + 1);
    size_t   n   = 0;

    if (!run)
        return no_room(f);
    for (size_t i = 0; i <= t->glob_n; i++) {
        if (i < t->glob_n && t->glob[i] < 256) {
            run[n++] = (uint8_t)t->glob[i];
            continue;
        }
        if (n && !offer(f, (struct str){ run, n }, set))
            return false;
        n = 0;
    }
    return true;
}

/* One past the bracket expression that starts at i; STR_NONE when it does not end or is not understood. */
static size_t class_end(struct str s, size_t i)
{
    i++;
    if (i < s.n && s.p[i] == '^')
        i++;
    if (i < s.n && s.p[i] == ']')
        i++;
    for (; i < s.n && s.p[i] != ']'; i++) {
        if (s.p[i] == '\\')
            i++;
        else if (s.p[i] == '[' && i + 1 < s.n && (s.p[i + 1] == ':' || s.p[i + 1] == '.' || s.p[i + 1] == '='))
            return STR_NONE;                       /* [[:alpha:]]: give up rather than guess */
    }
    return i < s.n ? i + 1 : STR_NONE;
}

/*
 * Runs of characters that every match of an expression must hold: outside groups, brackets and quantifiers that allow zero.
 * Anything not understood gives no set. Inline options are safe but for x, which changes what blanks mean.
 */
static bool of_pattern(struct finder *f, struct str s, struct set *ret)
{
    uint8_t   *run = NEW(f->a, uint8_t, s.n + 1);
    size_t     n = 0;
    struct set set = { .n = 0 };

    if (!run)
        return no_room(f);
    for (size_t i = 0; i <= s.n;) {
        int c = i < s.n ? s.p[i] : -1, plain = -1;
        size_t next = i + 1;
        if (c == '|')
            return true;                           /* alternatives at the top: no set */
        if (c == '\\') {
            if (i + 1 >= s.n)
                return true;
            int d = s.p[i + 1];
            next = i + 2;
            if (!ch_alnum((uint8_t)d) && d < 0x80)
                plain = d;
            else if (d != 'd' && d != 'D' && d != 's' && d != 'S' && d != 'w' && d != 'W' && d != 'b' && d != 'B')
                return true;                       /* \x41, \Q..\E, references and the like */
        } else if (c == '[') {
            next = class_end(s, i);
            if (next == STR_NONE)
                return true;
        } else if (c == '(') {
            if (i + 1 < s.n && s.p[i + 1] == '?' && !(i + 2 < s.n && s.p[i + 2] == ':')) {
                /* Options for the rest "(?i)": skip. Anything longer (look-around, names, comments, x) gives up. */
                size_t k = i + 2;
                while (k < s.n && (s.p[k] == 'i' || s.p[k] == 'm' || s.p[k] == 's'))
                    k++;
                if (k >= s.n || s.p[k] != ')')
                    return true;
                next = k + 1;
            } else {
                int depth = 0;
                size_t k = i;
                for (; k < s.n; k++) {
                    if (s.p[k] == '\\') {
                        if (k + 1 < s.n && (s.p[k + 1] == 'Q' || s.p[k + 1] == 'E'))
                            return true;
                        k++;
                    } else if (s.p[k] == '[') {
                        size_t end = class_end(s, k);
                        if (end == STR_NONE)
                            return true;
                        k = end - 1;
                    } else if (s.p[k] == '(') {
                        if (k + 1 < s.n && s.p[k + 1] == '?' && !(k + 2 < s.n && s.p[k + 2] == ':'))
                            return true;
                        if (k + 1 < s.n && s.p[k + 1] == '*')
                            return true;
                        depth++;
                    } else if (s.p[k] == ')' && --depth == 0) {
                        break;
                    }
                }
                if (k >= s.n)
                    return true;
                next = k + 1;
            }
        } else if (c >= 0 && !strchr(".^$*+?{}()", c)) {
            plain = c;
        } else if (c == '}' || c == ')') {
            return true;
        }
        int q = next < s.n ? s.p[next] : -1;       /* what follows decides whether the character must be there */
        if (plain >= 0 && q != '?' && q != '*' && q != '{')
            run[n++] = (uint8_t)plain;
        bool ends = plain < 0 || q == '?' || q == '*' || q == '{' || q == '+';
        if (ends && n) {
            if (!offer(f, (struct str){ run, n }, &set))
                return false;
            n = 0;
        }
        if (q == '{') {                            /* "{2,3}" is skipped whole; a "{" that counts nothing is itself, and gives up */
            size_t close = next + 1;
            while (close < s.n && (ch_digit(s.p[close]) || s.p[close] == ','))
                close++;
            if (close >= s.n || s.p[close] != '}')
                return true;
            next = close + 1;
        }
        i = next;
    }
    *ret = set;
    return true;
}

static bool is_among(const struct finder *f, uint32_t field, const char *const *name)
{
    for (; name && *name && field != SIGMA_RAW; name++)
        if (str_ieq(f->s->field[field], str_c(*name)))
            return true;
    return false;
}

static bool of_test(struct finder *f, const struct sigma_test *t, struct set *ret)
{
    if (t->number || is_among(f, t->field, f->raw->derived))
        return true;
    f->field    = t->field;
    f->decoded  = is_among(f, t->field, f->raw->decoded);
    f->verbatim = t->field == SIGMA_RAW;           /* the record's text as it stands is what is compared: nothing is spelled in another way */
    bool ok = true;
    switch (t->op) {
    case OP_IS: case OP_CONTAINS: case OP_STARTS: case OP_ENDS: ok = offer_value(f, t->text, ret); break;
    case OP_GLOB:    ok = of_glob(f, t, ret); break;
    case OP_PATTERN: ok = of_pattern(f, t->text, ret); break;
    default:         break;
    }
    return ok && name_field(f, t->field, ret);
}

static bool of_node(struct finder *f, const struct sigma_node *n, struct set *ret);

/* Of ".asp" and ".aspx" only the first costs: whoever searches for both searches for that one. */
static void weigh(const struct finder *f, struct set *all)
{
    if (!f->raw->cost || all->n > WEIGHED_MAX)
        return;
    all->cost = 0;
    for (size_t i = 0; i < all->n; i++) {
        bool covered = false;
        for (size_t k = 0; k < all->n && !covered; k++)
            covered = k != i && str_ihas(all->lit[i], all->lit[k]) && (all->lit[k].n < all->lit[i].n || k < i);
        if (!covered)
            all->cost = num_add_sat(all->cost, f->raw->cost(f->raw->cost_ctx, all->lit[i], all->of[i]));
    }
}

static bool of_or(struct finder *f, const struct sigma_node *n, struct set *ret)
{
    struct set all = { .score = SIZE_MAX };
    size_t     cap = 0, cap_of = 0;

    for (const struct sigma_node *k = n->kid; k; k = k->next) {
        struct set one = { .n = 0 };
        if (!of_node(f, k, &one))
            return false;
        if (one.n == 0 || all.n + one.n > LITERALS_MAX)
            return true;
        for (size_t i = 0; i < one.n; i++) {
            struct str *at = GROW(f->a, all.lit, all.n, &cap);
            uint32_t   *of = GROW(f->a, all.of, all.n, &cap_of);
            if (!at || !of)
                return no_room(f);
            *at = one.lit[i];
            *of = one.of[i];
            all.n++;
        }
        if (one.score < all.score)
            all.score = one.score;
        all.cost = num_add_sat(all.cost, one.cost);
    }
    weigh(f, &all);
    *ret = all;
    return true;
}

static bool is_better(const struct set *a, const struct set *b)
{
    if (!a->n || !b->n)
        return a->n > 0 && b->n == 0;
    if (a->cost != b->cost)
        return a->cost < b->cost;
    return a->score > b->score || (a->score == b->score && a->n < b->n);
}

static bool of_node(struct finder *f, const struct sigma_node *n, struct set *ret)
{
    struct set best = { .n = 0 };

    switch (n->kind) {
    case NODE_TEST: return of_test(f, &n->test, ret);
    case NODE_REF:  return of_node(f, n->kid, ret);
    case NODE_OR:   return of_or(f, n, ret);
    case NODE_NOT:  return true;
    case NODE_AND:
        for (const struct sigma_node *k = n->kid; k; k = k->next) {
            struct set one = { .n = 0 };
            if (!of_node(f, k, &one))
                return false;
            if (is_better(&one, &best))
                best = one;
        }
        *ret = best;
        return true;
    }
    return true;
}

/* The best sets among what must hold together, best first, looking through nested conjunctions. */
struct sets { struct set at[SIGMA_SETS_MAX]; size_t n; };

static void sets_add(struct sets *l, const struct set *one)
{
    size_t i = l->n;

    if (!one->n)
        return;
    while (i > 0 && is_better(one, &l->at[i - 1]))
        i--;
    if (i == SIGMA_SETS_MAX)
        return;
    l->n += l->n < SIGMA_SETS_MAX;
    for (size_t k = l->n - 1; k > i; k--)
        l->at[k] = l->at[k - 1];
    l->at[i] = *one;
}

static bool of_all(struct finder *f, const struct sigma_node *n, struct sets *ret)
{
    struct set one = { .n = 0 };

    while (n->kind == NODE_REF)
        n = n->kid;
    if (n->kind == NODE_AND) {
        for (const struct sigma_node *k = n->kid; k; k = k->next)
            if (!of_all(f, k, ret))
                return false;
        return true;
    }
    if (!of_node(f, n, &one))
        return false;
    sets_add(ret, &one);
    return true;
}

bool sigma_literal_sets(const struct sigma *s, const struct sigma_rule *r, struct arena *a, const struct sigma_raw *raw, struct sigma_sets *ret, struct err *e)
{
    struct finder f = { .s = s, .a = a, .raw = raw, .e = e };
    struct sets   all = { .n = 0 };

    *ret = (struct sigma_sets){ .n = 0 };
    if (r->code && r->literal.n) {
        struct str *own = NEW(a, struct str, 1);
        if (!own)
            return no_room(&f);
        *own = r->literal;
        ret->at[0] = (struct sigma_set){ .lit = own, .n = 1 };
        ret->n     = 1;
        return true;
    }
    if (r->code && !of_all(&f, r->code->root, &all))
        return false;
    for (size_t i = 0; i < all.n; i++)
        ret->at[i] = (struct sigma_set){ all.at[i].lit, all.at[i].of, all.at[i].n, all.at[i].score > FREQUENT_SCORE };
    ret->n = all.n;
    return true;
}

bool sigma_literals(const struct sigma *s, const struct sigma_rule *r, struct arena *a, const struct sigma_raw *raw, struct sigma_literals *ret,
                    struct err *e)
{
    struct sigma_sets sets;

    if (!sigma_literal_sets(s, r, a, raw, &sets, e))
        return false;
    *ret = (struct sigma_literals){ .lit = sets.at[0].lit, .n = sets.at[0].n, .also = sets.at[1].lit, .also_n = sets.at[1].n, .lit_of = sets.at[0].of,
                                    .also_of = sets.at[1].of, .always = sets.n == 0 && r->code };
    return true;
}
