/*
 * See compose.h: a notice as a sheet for whoever makes the call: plain text, PHONE_LINES at most (two pages of 66).
 * What a person reads out stands in the pack; what was seen stands last, so that it is not read out by mistake.
 */
#include <string.h>

#include "base/num.h"
#include "notify/compose_inner.h"
#include "notify/paper.h"
#include "notify/told.h"
#include "notify/words.h"

enum { PHONE_LINES = 126, PHONE_ROWS = 4, HEAD_BYTES = 240 };

struct sheet { const struct told *t; const struct sender *from; const struct pack *p; struct arena *a; struct making *m; struct str language, all; };

#define MADE(x, ...) made((x)->m, str_fmt((x)->a, __VA_ARGS__))

static struct str word(const struct sheet *x, const char *name) { return words_get(x->p, x->language, name); }

static void put(struct sheet *x, struct str s)
{
    if (s.n && !x->m->full)
        x->all = made(x->m, str_cat(x->a, x->all, s));
}

/* At most four lines of it. */
static struct str cut(struct str s, size_t most)
{
    if (s.n <= most)
        return s;
    while (most && (s.p[most] & 0xC0) == 0x80)
        most--;
    return str_sub(s, 0, most);
}

/* "Name: value", wrapped; nothing where the value is empty. name NULL: the value alone. */
static bool line(struct sheet *x, const char *name, struct str value, struct err *e)
{
    const struct template_value v[] = { { "name", name ? word(x, name) : STR_EMPTY, false }, { "value", cut(value, HEAD_BYTES), false } };
    struct str                  text;

    if (!value.n)
        return true;
    if (!template_fill(name ? STR("{{name}}: {{value}}") : STR("{{value}}"), v, COUNT_OF(v), TEMPLATE_COLUMNS, x->a, &text, e))
        return false;
    put(x, text);
    return true;
}

static void title(struct sheet *x, const char *name)
{
    put(x, STR("\n== "));
    put(x, word(x, name));
    put(x, STR("\n\n"));
}

static bool block(struct sheet *x, const char *name, struct err *e)
{
    struct str text;

    if (!compose_block(x->t, x->from, x->p, x->language, "phone", name, TEMPLATE_COLUMNS, x->a, &text, e))
        return false;
    put(x, text);
    return true;
}

/* "Jane Doe (security); else whoever looks after the mail server; ..." */
static struct str ask(const struct sheet *x)
{
    struct str name = x->t->contact_name, role = x->t->contact_role;
    static const char *const of[AUDIENCES] = { "ask_technical", "ask_management", "ask_provider", "ask_csirt" };

    struct str others = word(x, of[(unsigned)x->t->notice->audience < AUDIENCES ? x->t->notice->audience : AUDIENCE_TECHNICAL]);
    if (!name.n && !role.n)
        return others;
    return MADE(x, "%.*s%s%.*s%s; %.*s", STR_ARG(cut(name, HEAD_BYTES / 2)), name.n && role.n ? " (" : "", STR_ARG(cut(role, HEAD_BYTES / 4)), name.n && role.n ? ")" : "", STR_ARG(others));
}

static bool head(struct sheet *x, struct err *e)
{
    const struct notice *n = x->t->notice;
    struct str           id = str_c(n->message_id), since = str_sub(compose_when(x->t->contact_source_us, x->m), 0, 10);
    struct str           name = MADE(x, "%.*s%s%.*s", STR_ARG(x->from->prefix), x->from->prefix.n ? " " : "", STR_ARG(x->t->case_name));
    struct str           source = MADE(x, "%.*s%s%.*s", STR_ARG(x->t->contact_source), since.n ? ", " : "", STR_ARG(since));

    if (x->from->test && !block(x, "test", e))
        return false;
    put(x, x->from->test ? STR("\n") : STR_EMPTY);
    if (!line(x, NULL, told_label(x->t), e))
        return false;
    put(x, STR("\n"));
    return line(x, "call", name, e) && line(x, "notice", MADE(x, "%.*s, %.*s", STR_ARG(str_sub(id, 0, str_chr(id, '@'))), STR_ARG(compose_when(n->date_us, x->m))), e) &&
           line(x, "organisation", x->t->organisation, e) && line(x, "ask", ask(x), e) && line(x, "number", n->channel == CONTACT_PHONE ? n->contact : STR_EMPTY, e) &&
           line(x, "source", x->t->contact_source.n ? source : STR_EMPTY, e);
}

static void attempts(struct sheet *x)
{
    title(x, "attempts");
    put(x, word(x, "columns"));
    for (int i = 1; i <= PAPER_CALLS; i++)
        put(x, MADE(x, "\n\n%d.   ____________________  ______________________  ________________", i));
    put(x, STR("\n\n"));
    put(x, word(x, "outcomes"));
    put(x, STR(":\n "));
    for (int i = PAPER_REACHED_TECHNICAL; i < PAPER_OUTCOMES; i++)
        put(x, MADE(x, " %s%s%s", paper_outcome_name((enum paper_outcome)i), i + 1 < PAPER_OUTCOMES ? "," : "", i == PAPER_VOICEMAIL ? "\n " : ""));
    put(x, STR("\n"));
}

static bool whole(struct sheet *x, size_t rows, struct err *e)
{
    struct str evidence;

    x->all = STR("");
    if (!head(x, e))
        return false;
    put(x, STR("\n"));
    if (!block(x, "phone-number", e))
        return false;
    title(x, "script");
    if (!block(x, "phone", e))
        return false;
    title(x, "voicemail");
    if (!block(x, "phone-voicemail", e))
        return false;
    attempts(x);
    if (!compose_evidence(x->t, x->p, x->language, rows, TEMPLATE_COLUMNS, x->a, &evidence, e))
        return false;
    if (evidence.n)
        title(x, "evidence");
    put(x, evidence);
    if (evidence.n && x->t->server_n + x->t->more > rows && !line(x, "more", MADE(x, "%zu", x->t->server_n + x->t->more - rows), e))
        return false;
    return !x->m->full || err_set(e, ERR_MEMORY, "no room for a call sheet");
}

static size_t lines_of(struct str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '\n';
    return n;
}

bool compose_phone(const struct told *t, const struct sender *from, const struct pack *p, struct arena *a, struct str *ret, struct err *e)
{
    struct sheet x = { .t = t, .from = from, .p = p, .a = a, .language = compose_language(p, t->notice->language, NULL) };
    struct making m = { a, false };
    struct arena before = *a;

    x.m = &m;
    /* Paths can be long: fewer of them, then. */
    for (size_t rows = PHONE_ROWS; ; rows--) {
        *a = before;
        if (!whole(&x, rows, e))
            return false;
        if (rows == 0 || lines_of(x.all) <= PHONE_LINES)
            break;
    }
    *ret = x.all;
    return true;
}
