/*
 * An evaluator of its own, slow and plain, written from the Sigma specification alone, against the engine on random rules and records.
 *
 * It shares no code with sigma_*.c: values are spelled out as lists of characters and compared by recursion, encodings are made byte by
 * byte through tables of text, conditions are evaluated while they are read. The random numbers are fixed: a failure repeats.
 */
#include "test.h"

#include "detect/sigma.h"

enum { ROUNDS = 1000, TEXT = 512, LETTERS = 200, WAYS = 128 };

struct dice { uint64_t x; };
static unsigned roll(struct dice *d, unsigned n)
{
    d->x = d->x * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(d->x >> 33) % n;
}
#define PICK(d, list) ((list)[roll((d), sizeof(list) / sizeof *(list))])

/* --- a record: four fields, each absent or with one or two values --- */

static const char *const field_name[] = { "fa", "fb", "fc", "fd" };
struct record { const char *value[4][2]; int n[4]; char raw[TEXT]; };

static const char *const pool[] = {
    "", "a", "ab", "AB", "abc", "b", "a*b", "a?b", "a\\b", "-a", "/a", "x -a /b", "x /a -b", "\342\200\223a", "YWI=", "YWJj", "xYWJjx", "AWFi", "YQBiAA==", "AGEAYg==",
    "//5hAGIA", "5", "6.5", "-3", "10.1.2.3", "10.200.0.1", "192.0.2.1", "abab", "bca", "a\nb", "aab", "LWE=", "L2E=", "FiY2", "hYm",
};

/* --- the specification, once more --- */

static int low(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

/* Pattern letters: a byte, or -1 for any text, -2 for any one byte. */
struct letters { int c[LETTERS]; int n; };

static bool fits_letters(const struct letters *p, int i, const char *v, bool cased)
{
    if (i == p->n)
        return !*v;
    if (p->c[i] == -1) {
        for (const char *rest = v;; rest++) {
            if (fits_letters(p, i + 1, rest, cased))
                return true;
            if (!*rest)
                return false;
        }
    }
    if (!*v)
        return false;
    int have = (unsigned char)*v, want = p->c[i];
    return (want == -2 || have == want || (!cased && low(have) == low(want))) && fits_letters(p, i + 1, v + 1, cased);
}

static void letters_of(const char *value, struct letters *ret)
{
    ret->n = 0;
    for (; *value; value++) {
        if (*value == '\\' && (value[1] == '*' || value[1] == '?' || value[1] == '\\'))
            ret->c[ret->n++] = (unsigned char)*++value;
        else
            ret->c[ret->n++] = *value == '*' ? -1 : *value == '?' ? -2 : (unsigned char)*value;
    }
}

struct way { struct letters l; };
struct ways { struct way w[WAYS]; int n; };

static bool wordish(int c) { return c >= 0 && (c == '_' || c >= 128 || (low(c) >= 'a' && low(c) <= 'z') || (c >= '0' && c <= '9')); }

static void all_dashes(struct ways *ws)
{
    static const char *const dash[] = { "-", "/", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95" };

    for (bool more = true; more;) {
        more = false;
        for (int k = 0; k < ws->n && !more; k++) {
            struct letters *l = &ws->w[k].l;
            for (int i = 0; i + 1 < l->n; i++) {
                if ((l->c[i] != '-' && l->c[i] != '/') || (i && wordish(l->c[i - 1])) || !wordish(l->c[i + 1]))
                    continue;
                struct letters was = *l;
                for (int d = 0; d < 5; d++) {            /* 1000 and above: a byte that is settled */
                    struct letters one = { .n = 0 };
                    for (int j = 0; j < was.n; j++)
                        if (j != i)
                            one.c[one.n++] = was.c[j];
                        else
                            for (const char *c = dash[d]; *c; c++)
                                one.c[one.n++] = 1000 + (unsigned char)*c;
                    if (d == 0)
                        *l = one;
                    else
                        ws->w[ws->n++].l = one;
                }
                more = true;
                break;
            }
        }
    }
    for (int k = 0; k < ws->n; k++)
        for (int i = 0; i < ws->w[k].l.n; i++)
            if (ws->w[k].l.c[i] >= 1000)
                ws->w[k].l.c[i] -= 1000;
}

/* ASCII and dashes of three bytes: the test has no other letters. */
static void wide(struct letters *l, bool mark, bool big)
{
    struct letters o = { .n = 0 };

    if (mark) {
        o.c[o.n++] = 0xff;
        o.c[o.n++] = 0xfe;
    }
    for (int i = 0; i < l->n; i++) {
        int unit = l->c[i];
        if (unit < 0) {
            o.c[o.n++] = unit;
            continue;
        }
        if (unit == 0xe2) {
            unit = 0x2000 | (l->c[i + 1] & 63) << 6 | (l->c[i + 2] & 63);
            i += 2;
        }
        o.c[o.n++] = big ? unit >> 8 : unit & 255;
        o.c[o.n++] = big ? unit & 255 : unit >> 8;
    }
    *l = o;
}

static int bits64(const struct letters *l, char *out)
{
    static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    int n = 0;

    for (int i = 0; i < l->n; i += 3) {
        int b0 = l->c[i], b1 = i + 1 < l->n ? l->c[i + 1] : 0, b2 = i + 2 < l->n ? l->c[i + 2] : 0;
        out[n++] = abc[b0 >> 2];
        out[n++] = abc[(b0 & 3) << 4 | b1 >> 4];
        out[n++] = i + 1 < l->n ? abc[(b1 & 15) << 2 | b2 >> 6] : '=';
        out[n++] = i + 2 < l->n ? abc[b2 & 63] : '=';
    }
    return n;
}

/* By the published recipe: encode with 0, 1, 2 blanks in front, cut 0, 2, 3 characters at the start and those at the end that hang on what follows. */
static bool base64_ways(struct ways *ws, bool offset)
{
    static const int start[] = { 0, 2, 3 }, end[] = { 0, 3, 2 };
    struct ways *o = malloc(sizeof *o);

    CHECK(o != NULL);
    o->n = 0;
    for (int k = 0; k < ws->n; k++)
        for (int skip = 0; skip < (offset ? 3 : 1); skip++) {
            struct letters in = { .n = 0 }, *out = &o->w[o->n++].l;
            char           text[TEXT * 2];
            out->n = 0;
            for (int i = 0; i < skip; i++)
                in.c[in.n++] = ' ';
            for (int i = 0; i < ws->w[k].l.n; i++) {
                if (ws->w[k].l.c[i] < 0) {
                    free(o);
                    return false;
                }
                in.c[in.n++] = ws->w[k].l.c[i];
            }
            int n = bits64(&in, text), from = offset ? start[skip] : 0, to = offset ? n - end[in.n % 3] : n;
            for (int i = from; i < to; i++)
                out->c[out->n++] = text[i];
            if (offset && out->n == 0) {
                free(o);
                return false;
            }
        }
    *ws = *o;
    free(o);
    return true;
}

/* --- a random test of one field, as text and as a judgement --- */

struct item { int field; bool keyword, all, neq; char mods[80]; const char *value[3]; int n; };

static const char *const values[] = { "a", "ab", "ABC", "a*", "*b", "a?b", "a\\*b", "a\\b", "-a", "x -a /b", "abc", "", "b*a", "a b", "\\\\*b", "ab*c" };
static const char *const plain[] = { "a", "ab", "ABC", "a\\*b", "a\\b", "-a", "x -a /b", "abc", "abab", "bca" };
static const char *const shapes[] = { "", "|contains", "|startswith", "|endswith" };
static const char *const changes[] = { "", "", "", "|windash", "|wide", "|utf16be", "|base64", "|base64offset", "|wide|base64", "|utf16|base64", "|windash|base64",
                                       "|wide|base64offset", "|windash|wide|base64offset", "|utf16le" };
static bool has(const char *s, const char *w) { return strstr(s, w) != NULL; }

static void item_make(struct item *t, struct dice *d)
{
    *t = (struct item){ .field = (int)roll(d, 4), .keyword = roll(d, 8) == 0 };
    const char *special[] = { "|exists", "|gt", "|lte", "|cidr", "|fieldref", "|fieldref|startswith" };
    unsigned    how = roll(d, 10);

    t->n = 1 + (int)roll(d, 3);
    if (!t->keyword && how == 0) {
        strcpy(t->mods, PICK(d, special));
        t->n = 1;
        t->value[0] = has(t->mods, "exists") ? (roll(d, 2) ? "true" : "false") : has(t->mods, "cidr") ? (roll(d, 2) ? "10.0.0.0/9" : "192.0.2.1")
                    : has(t->mods, "fieldref") ? PICK(d, field_name) : roll(d, 2) ? "5" : "6.5";
        return;
    }
    strcpy(t->mods, PICK(d, changes));
    strcat(t->mods, t->keyword ? (roll(d, 2) ? "" : "|contains") : PICK(d, shapes));
    if (roll(d, 4) == 0)
        strcat(t->mods, "|cased");
    if (roll(d, 3) == 0)
        t->all = true;
    else if (!t->keyword && roll(d, 6) == 0)
        t->neq = true;
    for (int i = 0; i < t->n; i++)
        t->value[i] = !t->keyword && !t->mods[0] && roll(d, 10) == 0 ? NULL : has(t->mods, "base64") && roll(d, 30) ? PICK(d, plain) : PICK(d, values);
}

static int item_text(const struct item *t, char *out, size_t room)
{
    int n = snprintf(out, room, "'%s%s%s%s': [", t->keyword ? "" : field_name[t->field], t->mods, t->all ? "|all" : "", t->neq ? "|neq" : "");

    if (has(t->mods, "exists") || has(t->mods, "|gt") || has(t->mods, "lte"))
        return n - 1 + snprintf(out + n - 1, room - (size_t)n, "%s", t->value[0]);
    for (int i = 0; i < t->n; i++)
        n += snprintf(out + n, room - (size_t)n, t->value[i] ? "%s'%s'" : "%snull", i ? ", " : "", t->value[i] ? t->value[i] : "");
    return n + snprintf(out + n, room - (size_t)n, "]");
}

static bool address(const char *s, unsigned long *ret)
{
    unsigned a, b, c, e;
    char     more;

    if (sscanf(s, "%u.%u.%u.%u%c", &a, &b, &c, &e, &more) != 4)
        return false;
    *ret = (unsigned long)a << 24 | b << 16 | c << 8 | e;
    return true;
}

static bool numeric(const char *s, double *ret)
{
    char *end;
    *ret = strtod(s, &end);
    return *s && !*end;
}

/* -1: the rule cannot be. */
static int one_fits(const struct item *t, const char *want, const char *have, const struct record *r)
{
    bool cased = has(t->mods, "cased");

    if (has(t->mods, "cidr")) {
        unsigned long a, b = 0;
        int           bits = has(want, "/") ? 9 : 32;
        char          net[40];
        snprintf(net, sizeof net, "%.*s", (int)strcspn(want, "/"), want);
        return address(have, &a) && address(net, &b) && a >> (32 - bits) == b >> (32 - bits);
    }
    if (has(t->mods, "|gt") || has(t->mods, "lte")) {
        double h, w;
        return numeric(have, &h) && numeric(want, &w) && (has(t->mods, "|gt") ? h > w : h <= w);
    }
    if (has(t->mods, "fieldref")) {
        for (int f = 0; f < 4; f++)
            for (int i = 0; i < r->n[f] && strcmp(field_name[f], want) == 0; i++) {
                struct letters l = { .n = 0 };
                for (const char *c = r->value[f][i]; *c; c++)
                    l.c[l.n++] = (unsigned char)*c;
                if (has(t->mods, "startswith"))
                    l.c[l.n++] = -1;
                if (fits_letters(&l, 0, have, cased))
                    return 1;
            }
        return 0;
    }
    struct ways *ws = malloc(sizeof *ws);
    bool         can = true, fits = false;
    CHECK(ws != NULL);
    ws->n = 1;
    letters_of(want, &ws->w[0].l);
    if (has(t->mods, "windash"))
        all_dashes(ws);
    if (has(t->mods, "wide") || has(t->mods, "utf16"))
        for (int k = 0; k < ws->n; k++)
            wide(&ws->w[k].l, has(t->mods, "utf16|"), has(t->mods, "utf16be"));
    if (has(t->mods, "base64"))
        can = base64_ways(ws, has(t->mods, "base64offset"));
    for (int k = 0; can && k < ws->n && !fits; k++) {
        struct letters l = { .n = 0 };
        if (t->keyword || has(t->mods, "contains") || has(t->mods, "endswith"))
            l.c[l.n++] = -1;
        for (int i = 0; i < ws->w[k].l.n; i++)
            l.c[l.n++] = ws->w[k].l.c[i];
        if (t->keyword || has(t->mods, "contains") || has(t->mods, "startswith"))
            l.c[l.n++] = -1;
        fits = fits_letters(&l, 0, have, cased);
    }
    free(ws);
    return can ? fits : -1;
}

static int item_fits(const struct item *t, const struct record *r)
{
    int all = 1, any = 0, bad = 0;

    for (int i = 0; i < t->n; i++) {
        int got = 0;
        if (t->keyword) {
            got = one_fits(t, t->value[i], r->raw, r);
        } else if (has(t->mods, "exists")) {
            got = (r->n[t->field] > 0) == (t->value[i][0] == 't');
        } else if (!t->value[i]) {
            got = 1;
            for (int k = 0; k < r->n[t->field]; k++)
                got &= r->value[t->field][k][0] == '\0';
        } else {
            bad |= one_fits(t, t->value[i], "", r) < 0;
            for (int k = 0; k < r->n[t->field]; k++)
                got |= one_fits(t, t->value[i], r->value[t->field][k], r) == 1;
        }
        bad |= got < 0;
        all &= got;
        any |= got;
    }
    return bad ? -1 : t->neq ? !any : t->all ? all : any;
}

/* --- conditions: six shapes over three selections, each two items that must hold together --- */

static const char *const conditions[] = { "sel_a", "sel_a and sel_b", "sel_a or not other", "1 of sel_*", "all of sel_* and not 1 of oth*", "not (sel_a or sel_b) or all of them" };

static bool condition_fits(size_t which, bool a, bool b, bool o)
{
    switch (which) {
    case 0: return a;
    case 1: return a && b;
    case 2: return a || !o;
    case 3: return a || b;
    case 4: return a && b && !o;
    default: return !(a || b) || (a && b && o);
    }
}

struct ctx { const struct sigma *s; const struct record *r; };
static size_t get(void *ctx, uint32_t field, struct str *ret)
{
    const struct ctx *c = ctx;
    for (int f = 0; f < 4; f++)
        if (str_eq(c->s->field[field], str_c(field_name[f]))) {
            for (int i = 0; i < c->r->n[f]; i++)
                ret[i] = str_c(c->r->value[f][i]);
            return (size_t)c->r->n[f];
        }
    return 0;
}

static void record_make(struct record *r, struct dice *d)
{
    int n = 0;

    *r = (struct record){ .raw = "" };
    for (int f = 0; f < 4; f++) {
        r->n[f] = (int)roll(d, 3);
        for (int i = 0; i < r->n[f]; i++) {
            r->value[f][i] = PICK(d, pool);
            n += snprintf(r->raw + n, sizeof r->raw - (size_t)n, "%s|", r->value[f][i]);
        }
    }
}

static bool literals_kept(const struct sigma *s, struct arena *a, const struct record *r)
{
    static const struct sigma_raw raw = { .cut = STR_INIT("") };
    struct sigma_literals l;
    struct err            e = { 0 };
    bool                  met = false, also;

    CHECK(sigma_literals(s, &s->rule[0], a, &raw, &l, &e));
    also = l.also_n == 0;
    for (size_t i = 0; i < l.n; i++)
        met |= str_ihas(str_c(r->raw), l.lit[i]);
    for (size_t i = 0; i < l.also_n; i++)
        also |= str_ihas(str_c(r->raw), l.also[i]);
    return l.always || (met && also);
}

static void agree(void **state)
{
    struct dice d = { 20210302 };
    unsigned    fitted = 0, refused = 0;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct test_arena t = test_arena(1 << 20), scratch = test_arena(1 << 16);
        struct sigma      s = { 0 };
        struct err        e = { 0 };
        struct item       item[3][2];
        size_t            which = roll(&d, 6);
        char              text[4096];
        int               n = snprintf(text, sizeof text, "title: t\ndetection:\n");
        static const char *const name[] = { "sel_a", "sel_b", "other" };
        for (int k = 0; k < 3; k++) {
            n += snprintf(text + n, sizeof text - (size_t)n, "  %s:\n", name[k]);
            for (int i = 0; i < 2; i++) {
                do
                    item_make(&item[k][i], &d);
                while (i && (item[k][1].keyword || item[k][1].field == item[k][0].field));    /* a key stands once */
                n += snprintf(text + n, sizeof text - (size_t)n, "    ");
                n += item_text(&item[k][i], text + n, sizeof text - (size_t)n);
                n += snprintf(text + n, sizeof text - (size_t)n, "\n");
            }
        }
        snprintf(text + n, sizeof text - (size_t)n, "  condition: %s\n", conditions[which]);
        CHECK(sigma_add(&s, &t.a, STR("x.yml"), str_c(text), false, &e));
        for (int k = 0; k < 8; k++) {
            struct record r;
            int           v[3], bad = 0;
            record_make(&r, &d);
            for (int i = 0; i < 3; i++) {
                int x = item_fits(&item[i][0], &r), y = item_fits(&item[i][1], &r);
                bad |= x < 0 || y < 0;
                v[i] = x == 1 && y == 1;
            }
            struct str why = s.refused_n ? s.refused[0].why : STR("");
            if (bad != (s.rule_n == 0))
                fail_msg("%s: %.*s\n%s", bad ? "should be refused" : "is refused", STR_ARG(why), text);
            if (bad) {
                refused++;
                break;
            }
            struct ctx ctx = { &s, &r };
            bool       got = sigma_match(&s, &s.rule[0], get, &ctx, str_c(r.raw), scratch.a), want = condition_fits(which, v[0], v[1], v[2]);
            if (got != want)
                fail_msg("the engine says %d, the specification %d (%d %d %d): %s\nof\n%s", got, want, v[0], v[1], v[2], r.raw, text);
            fitted += got;
            if (got && !literals_kept(&s, &t.a, &r))
                fail_msg("no literal in %s\nof\n%s", r.raw, text);
        }
        sigma_close(&s);
        test_arena_free(&t);
        test_arena_free(&scratch);
    }
    CHECK(fitted > ROUNDS && refused < ROUNDS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(agree) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
