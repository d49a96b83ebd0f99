/* See compose.h: blocks of the pack in their order. */
#include "notify/compose_inner.h"
#include "notify/told.h"

#include <string.h>

/* 4.2 of the sheet. */
const char *const compose_order[] = { "pass", "stage", "opening", "others", "actions", "evidence", "steps", "check", "reply", "duties", "who", "verify", NULL };

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for a text"); }

/* --- languages --- */

static bool has_language(const struct pack *p, struct str language, struct str *ret)
{
    size_t                  n;
    const struct pack_file *f = pack_below(p, STR("notices/"), &n);

    for (size_t i = 0; i < n; i++) {
        struct str rest = str_from(f[i].name, 8), one;
        if (str_cut(&rest, '/', &one) && str_ieq(one, language) && str_eq(rest, STR("opening.txt"))) {
            *ret = one;
            return true;
        }
    }
    return false;
}

struct str compose_language(const struct pack *p, struct str wanted, bool *ret_missing)
{
    struct str out, rest = wanted, one;
    bool       any = false;

    if (ret_missing)
        *ret_missing = false;
    while (str_cut(&rest, ',', &one)) {
        one = str_trim(one);
        any |= one.n > 0;
        if (one.n && (has_language(p, one, &out) || has_language(p, str_sub(one, 0, str_chr(one, '-')), &out)))
            return out;
    }
    if (ret_missing)
        *ret_missing = any;
    return has_language(p, STR("en"), &out) ? out : STR_EMPTY;
}

/* --- blocks --- */

bool compose_one(const struct compose *c, const char *block, const char *finding, const struct template_value *v, size_t n, struct str *ret, struct err *e)
{
    const struct notice        *x = c->t->notice;
    const struct template_word  w[] = { { "audience", notice_audience_name(x->audience) }, { "finding", finding }, { "stage", notice_stage_name(x->stage) }, { "form", c->form } };
    struct str                  name = str_fmt(c->a, "notices/%.*s/%s.txt", STR_ARG(c->language), block), text;

    if (!name.p)
        return no_room(e);
    if (!template_pick(pack_text(c->p, name), w, sizeof w / sizeof *w, &text, e) || !template_fill(text, v, n, c->columns, c->a, ret, e)) {
        err_where(e, "%.*s", STR_ARG(name));
        return false;
    }
    return true;
}

static bool begin(struct compose *c, const struct told *t, const struct sender *from, const struct pack *p, struct str language, const char *form, size_t columns, struct arena *a, struct err *e)
{
    *c = (struct compose){ .t = t, .from = from, .p = p, .a = a, .language = language, .form = form, .columns = columns };
    if (!language.n) {
        err_set(e, ERR_FORMAT, "the pack has no texts of notices");
        err_where(e, "%.*s", STR_ARG(p->id));
        return err_hint(e, "notices/en/*.txt are needed at least: docs/notices.md");
    }
    return compose_values(c, e);
}

static const char *form_of(const struct told *t) { return t->notice->minimal ? "minimal" : "full"; }

bool compose_block(const struct told *t, const struct sender *from, const struct pack *p, struct str language, const char *form, const char *block, size_t columns, struct arena *a,
                   struct str *ret, struct err *e)
{
    struct compose c;

    return begin(&c, t, from, p, language, form, columns, a, e) && compose_one(&c, block, notice_finding_name(t->notice->finding), c.v, c.n, ret, e);
}

bool compose_evidence(const struct told *t, const struct pack *p, struct str language, size_t rows, size_t columns, struct arena *a, struct str *ret, struct err *e)
{
    struct compose c = { .t = t, .p = p, .a = a, .language = language, .form = form_of(t), .columns = columns };

    *ret = STR_EMPTY;
    return t->notice->minimal || compose_rows(&c, rows, ret, e);
}

bool compose_subject(const struct told *t, const struct sender *from, const struct pack *p, struct arena *a, struct str *ret, struct err *e)
{
    struct str text;

    if (!compose_block(t, from, p, compose_language(p, t->notice->language, NULL), form_of(t), "subject", 0, a, &text, e))
        return false;
    *ret = str_fmt(a, "%s[%.*s%s%.*s] %.*s%s%.*s%s", from->test ? "[TEST] " : "", STR_ARG(from->prefix), from->prefix.n ? " " : "", STR_ARG(t->case_name), STR_ARG(str_trim(text)),
                   t->ticket.n ? " [" : "", STR_ARG(t->ticket), t->ticket.n ? "]" : "");
    return ret->p || no_room(e);
}

/* --- the text --- */

struct pages { struct arena *a; struct str all; bool full; };

/* Blocks are parted by an empty line. */
static struct str join(struct arena *a, struct str x, struct str y)
{
    uint8_t *p = TAKE(a, uint8_t, x.n + 1 + y.n);

    if (!p)
        return STR_EMPTY;
    memcpy(p, x.p, x.n);
    p[x.n] = '\n';
    memcpy(p + x.n + 1, y.p, y.n);
    return (struct str){ p, x.n + 1 + y.n };
}

static void add(struct pages *s, struct str text)
{
    if (!text.n || s->full)
        return;
    s->all = s->all.n ? join(s->a, s->all, text) : text;
    s->full = !s->all.p;
}

static bool one_language(struct pages *s, const struct compose *c, struct err *e)
{
    static const char *const minimal[] = { "minimal", NULL };
    struct str               text;

    for (const char *const *b = c->t->notice->minimal ? minimal : compose_order; *b; b++) {
        if (!compose_one(c, *b, notice_finding_name(c->t->notice->finding), c->v, c->n, &text, e))
            return false;
        add(s, text);
    }
    return !s->full || no_room(e);
}

bool compose_text(const struct told *t, const struct sender *from, const struct pack *p, struct arena *a, struct str *ret, struct err *e)
{
    struct str     language = compose_language(p, t->notice->language, NULL), english = compose_language(p, STR("en"), NULL), text;
    struct pages   s = { .a = a };
    struct compose c;

    if (!begin(&c, t, from, p, language, form_of(t), TEMPLATE_COLUMNS, a, e))
        return false;
    if (from->test) {
        if (!compose_one(&c, "test", notice_finding_name(t->notice->finding), c.v, c.n, &text, e))
            return false;
        add(&s, text.n ? text : STR("TEST\n"));
    }
    if (!t->notice->minimal) {
        text = str_fmt(a, "%.*s\n", STR_ARG(told_label(t)));
        s.full |= !text.p;
        add(&s, text);
    }
    if (!one_language(&s, &c, e))
        return false;
    if (!str_eq(language, english)) {
        add(&s, STR("------------------------------------------------------------------------\n"));
        if (!begin(&c, t, from, p, english, t->notice->minimal ? "minimal" : "below", TEMPLATE_COLUMNS, a, e) || !one_language(&s, &c, e))
            return false;
    }
    *ret = s.all;
    return !s.full || no_room(e);
}
