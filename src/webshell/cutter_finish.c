#include "webshell/cutter.h"

#include <string.h>

/* The code of a unit while it is put together. */
struct joiner {
    uint8_t         *p;
    size_t           n, cap;
    struct ir_place *place;
    size_t           place_n, place_cap;
    enum bytes_kind  bytes;
    bool             clike;
};

static void put(struct joiner *j, struct str s)
{
    if (s.n && s.n <= j->cap - j->n) {
        memcpy(j->p + j->n, s.p, s.n);
        j->n += s.n;
    }
}

static void place_put(struct joiner *j, uint32_t line)
{
    if (j->place_n && j->place[j->place_n - 1].at == j->n)
        j->place_n--;
    if (j->place_n < j->place_cap)
        j->place[j->place_n++] = (struct ir_place){ j->n, line };
}

static bool is_clike(enum ir_language l) { return l == IR_CSHARP || l == IR_JSCRIPT || l == IR_JSCRIPT_NET; }

/* A value without what would end the call that is put around it: a comment of VB up to its line's end, blanks, a semicolon. */
static struct str value_of(struct str s, bool clike)
{
    if (!clike) {
        bool text = false;
        for (size_t i = 0; i < s.n; i++) {
            text = text != (s.p[i] == '"');
            if (!text && s.p[i] == '\'') {
                s.n = i;
                break;
            }
        }
    }
    s = str_trim(s);
    while (clike && s.n && s.p[s.n - 1] == ';')
        s = str_trim(str_sub(s, 0, s.n - 1));
    return s;
}

/* Static text between two pieces is a statement: `if (x)` in front of it has its body there. */
static void markup(struct joiner *j)
{
    size_t i = j->n;

    while (i && ch_space(j->p[i - 1]))
        i--;
    if (!i || strchr("{};:,(", j->p[i - 1]))
        return;
    put(j, STR(";\n"));
}

static void import(struct joiner *j, const struct piece *name)
{
    put(j, j->clike ? STR("using ") : STR("Imports "));
    j->n += decode_clean(j->p + j->n, name->s, name->foreign ? j->bytes : BYTES_UTF8);
    put(j, j->clike ? STR(";\n") : STR("\n"));
}

static void piece_put(struct joiner *j, const struct piece *p, bool encoded)
{
    if (p->after_markup && j->clike)
        markup(j);
    place_put(j, p->line);
    if (p->kind == PIECE_IMPORT) {
        import(j, p);
        return;
    }
    struct str s = p->kind == PIECE_EXPR ? value_of(p->s, j->clike) : p->s;
    if (p->kind == PIECE_EXPR) {
        if (s.n == 0)
            return;
        put(j, STR("Response.Write("));
    }
    size_t from = j->n;
    j->n += decode_clean(j->p + j->n, s, p->foreign ? j->bytes : BYTES_UTF8);
    /* The lines of code that was encoded are lines of nothing that a reader can see: all of it stands where its block does. */
    for (size_t i = from; encoded && i < j->n; i++)
        if (j->p[i] == '\n' && j->place_n < j->place_cap)
            j->place[j->place_n++] = (struct ir_place){ i + 1, p->line };
    if (p->kind == PIECE_EXPR)
        put(j, j->clike ? STR("\n);") : STR(")"));
    if (p->kind != PIECE_RAW)
        put(j, STR("\n"));
}

static bool join(struct cutter *k, const struct draft *d, struct unit *ret, enum bytes_kind bytes)
{
    struct joiner j = { .bytes = bytes, .clike = is_clike(ret->language) };
    size_t        lines = 0;

    if (d->n == 1 && d->piece->kind == PIECE_CODE && !d->encoded && !d->piece->foreign) {
        ret->code = d->piece->s;
        j.place   = TAKE(k->a, struct ir_place, 1);
        if (!j.place)
            return false;
        j.place[0]  = (struct ir_place){ 0, d->piece->line };
        ret->places = (struct ir_places){ j.place, 1 };
        return true;
    }
    for (size_t i = 0; i < d->n; i++) {
        const struct piece *p = &d->piece[i];
        j.cap += (p->foreign ? p->s.n * 3 : p->s.n) + 40;
        for (size_t b = 0; d->encoded && b < p->s.n; b++)
            lines += p->s.p[b] == '\n';
    }
    j.place_cap = d->n + lines;
    j.p         = TAKE(k->a, uint8_t, j.cap + 1);
    j.place     = TAKE(k->a, struct ir_place, j.place_cap + 1);
    if (!j.p || !j.place)
        return false;
    for (size_t i = 0; i < d->n; i++)
        piece_put(&j, &d->piece[i], d->encoded);
    ret->code   = (struct str){ j.p, j.n };
    ret->places = (struct ir_places){ j.place, j.place_n };
    return true;
}

/* Padding: code that starts far to the right or far below nothing. */
static bool padded(const struct cutter *k)
{
    struct str t = k->text;
    size_t     at = k->first_code, blanks = 0, lines = 0, i;

    if (at == STR_NONE)
        return false;
    for (i = at > 2 ? at - 2 : 0; i > 0; i--)
        if (!ch_space(t.p[i - 1]))
            break;
        else if (t.p[i - 1] == '\n')
            lines++;
    size_t run = (at > 2 ? at - 2 : 0) - i;
    if (lines >= 200 || (lines == 0 && run >= 400))
        return true;
    if (t.n < 4096)
        return false;
    for (i = 0; i < t.n && i - blanks < t.n / 20; i++)
        blanks += ch_space(t.p[i]) || t.p[i] == 0;
    return blanks > t.n - t.n / 20;
}

/* Import directives: an alias, or what someone wrote behind the name, is code of the file's head. */
static void imports(struct cutter *k, enum ir_language language)
{
    struct str v;

    if (!is_clike(language) && language != IR_VBNET)
        return;
    for (size_t i = 0; i < k->c->directive_n; i++) {
        const struct directive *d = &k->c->directive[i];
        if (str_ieq(d->name, STR("import")) && container_attribute(d->text, STR("namespace"), &v) && v.n && v.n < 4096)
            cutter_text(k, UNIT_FILE, IR_UNKNOWN, PIECE_IMPORT, v, d->line, false);
    }
}

static int rank_of(const struct draft *d)
{
    static const int rank[] = { [UNIT_FILE] = 0, [UNIT_MEMBERS] = 1, [UNIT_RENDER] = 2, [UNIT_BINDING] = 3, [UNIT_EVENT] = 4 };
    return rank[d->kind];
}

bool cutter_finish(struct cutter *k)
{
    struct container *c = k->c;

    if (k->full)
        return false;
    if (!c->declared) {
        enum ir_language g = guess_language(k->draft, k->draft_n, k->classic);
        enum ir_language usual = c->language != IR_UNKNOWN ? c->language : k->classic ? IR_VBSCRIPT : IR_VBNET;
        c->guessed  = g != IR_UNKNOWN && g != usual;
        c->language = g != IR_UNKNOWN ? g : usual;
    }
    if (!k->classic)
        imports(k, c->language);
    if (k->full)
        return false;
    enum bytes_kind bytes = BYTES_UTF8;
    if (k->foreign)
        bytes = decode_bytes_kind(c->text, c->codepage);
    c->unit = NEW(k->a, struct unit, k->draft_n ? k->draft_n : 1);
    if (!c->unit)
        return false;
    for (int rank = 0; rank < 5; rank++)
        for (size_t i = 0; i < k->draft_n; i++) {
            const struct draft *d = &k->draft[i];
            if (rank_of(d) != rank || d->n == 0)
                continue;
            struct unit *u = &c->unit[c->unit_n];
            *u = (struct unit){ .kind = d->kind, .language = d->language == IR_UNKNOWN ? c->language : d->language, .unclosed = d->unclosed, .encoded = d->encoded };
            if (!join(k, d, u, bytes))
                return false;
            c->unit_n++;
        }
    c->padded = padded(k);
    return true;
}
