/* See compose.h: what is wrong with a pack's words. Every text is also made once, of a made-up case, in every combination. */
#include "notify/compose_inner.h"

#include <string.h>

#include "base/num.h"
#include "base/time.h"
#include "emit/visible.h"

enum { LINT_WRONG_MAX = 200, LINT_LINES_MAX = 150, LINT_NAMES_MAX = 64 };

struct lint { const struct pack *p; struct arena *a; struct str *wrong; size_t n, cap; struct str language[COMPOSE_LANGUAGES_MAX]; size_t language_n; struct err *e; };

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the list of problems"); }

static bool note(struct lint *l, struct str text)
{
    struct str *at;

    for (size_t i = 0; i < l->n; i++)
        if (str_eq(l->wrong[i], text))
            return true;
    if (l->n >= LINT_WRONG_MAX)
        return true;
    if (!text.p || !(at = GROW(l->a, l->wrong, l->n, &l->cap)))
        return no_room(l->e);
    *at = text;
    l->n++;
    return true;
}

/* --- names --- */

static bool among(struct str name, const char *const *list)
{
    for (; *list; list++)
        if (str_eq(name, str_c(*list)))
            return true;
    return false;
}

static bool known_value(struct str name, bool row)
{
    if (row)
        return among(name, compose_row_names);
    for (const struct compose_block_value *b = compose_block_values; b->name; b++)
        if (str_eq(name, str_c(b->name)))
            return true;
    return among(name, compose_names);
}

static bool known_block(struct str block)
{
    static const char *const also[] = { "subject", "test", "minimal", "row", "phone", "letter", "words", NULL };

    if (among(block, also) || among(block, compose_order) || str_starts(block, STR("letter-")) || str_starts(block, STR("phone-")))
        return true;
    for (const struct compose_block_value *b = compose_block_values; b->name; b++)
        if (str_eq(block, str_c(b->name)))
            return true;
    return false;
}

/* "notices/de/reply.txt" */
static struct str block_of(struct str file, struct str *ret_language)
{
    struct str rest = str_from(file, 8);

    str_cut(&rest, '/', ret_language);
    return str_sub(rest, 0, rest.n > 4 ? rest.n - 4 : 0);
}

static bool languages(struct lint *l)
{
    size_t                  n;
    const struct pack_file *f = pack_below(l->p, STR("notices/"), &n);

    for (size_t i = 0; i < n; i++) {
        struct str language;
        block_of(f[i].name, &language);
        if (l->language_n && str_eq(l->language[l->language_n - 1], language))
            continue;
        if (l->language_n == COMPOSE_LANGUAGES_MAX)
            return err_set(l->e, ERR_LIMIT, "more than %d languages", COMPOSE_LANGUAGES_MAX);
        l->language[l->language_n++] = language;
    }
    return true;
}

/* --- one file --- */

static bool placeholders(struct lint *l, const struct pack_file *f)
{
    static const struct template_word none[] = { { "audience", "-" }, { "finding", "-" }, { "stage", "-" }, { "form", "-" } };
    struct str language, block = block_of(f->name, &language), rest = f->text, name;
    struct err why = { 0 };
    bool       open;

    if (!template_pick(f->text, none, COUNT_OF(none), &name, &why) && !note(l, str_fmt(l->a, "%.*s: %s", STR_ARG(f->name), why.what)))
        return false;

    if (!known_block(block) && !note(l, str_fmt(l->a, "%.*s: no text of a notice has this name", STR_ARG(f->name))))
        return false;
    while (template_next(&rest, &name, &open))
        if (!known_value(name, str_eq(block, STR("row"))) && !note(l, str_fmt(l->a, "%.*s: no such placeholder: {{%.*s}}", STR_ARG(f->name), STR_ARG(str_sub(name, 0, 40)))))
            return false;
    return !open || note(l, str_fmt(l->a, "%.*s: a placeholder is not closed", STR_ARG(f->name)));
}

/* A part of a file: its head, and its text. */
static bool part(struct str *rest, struct str *ret_head, struct str *ret_text)
{
    struct str line, from = *rest, after = *rest;

    if (!rest->n)
        return false;
    *ret_head = STR_EMPTY;
    if (str_starts(*rest, STR("##"))) {
        str_cut(&after, '\n', &line);
        *ret_head = str_trim(str_from(line, 2));
        from = after;
    }
    struct str text = from;
    text.n = 0;
    while (after.n && !str_starts(after, STR("##"))) {
        str_cut(&after, '\n', &line);
        text.n = (size_t)(line.p + line.n - from.p);
    }
    *ret_text = text;
    *rest = after;
    return true;
}

static size_t names_of(struct str text, struct str names[LINT_NAMES_MAX])
{
    struct str name;
    size_t     n = 0;
    bool       open;

    while (n < LINT_NAMES_MAX && template_next(&text, &name, &open)) {
        bool had = false;
        for (size_t i = 0; i < n; i++)
            had |= str_eq(names[i], name);
        if (!had)
            names[n++] = name;
    }
    return n;
}

static bool lacks(struct lint *l, struct str file, struct str head, struct str text, struct str other)
{
    struct str have[LINT_NAMES_MAX], want[LINT_NAMES_MAX];
    size_t     have_n = names_of(text, have), want_n = names_of(other, want);

    for (size_t i = 0; i < want_n; i++) {
        bool had = false;
        for (size_t k = 0; k < have_n; k++)
            had |= str_eq(want[i], have[k]);
        if (!had && !note(l, str_fmt(l->a, "%.*s: {{%.*s}} stands in another language and not here (\"## %.*s\")", STR_ARG(file), STR_ARG(want[i]), STR_ARG(head))))
            return false;
    }
    return true;
}

/* words.txt: "name: word". */
static bool words(struct lint *l, struct str file, struct str text, struct str other)
{
    struct str line, x;

    while (str_cut(&other, '\n', &line)) {
        struct str name = str_sub(line, 0, str_chr(line, ':')), rest = text;
        bool       had = name.n == line.n;
        while (!had && str_cut(&rest, '\n', &x))
            had = str_starts(x, name) && x.n > name.n && x.p[name.n] == ':';
        if (!had && !note(l, str_fmt(l->a, "%.*s: the word \"%.*s\" stands in another language and not here", STR_ARG(file), STR_ARG(name))))
            return false;
    }
    return true;
}

/* The same variants, in the same order, with the same placeholders. */
static bool equal(struct lint *l, const struct pack_file *one, struct str other_name, struct str other)
{
    struct str x = one->text, y = other, head1, head2, text1, text2;

    for (;;) {
        bool more1 = part(&x, &head1, &text1), more2 = part(&y, &head2, &text2);
        /* Notes to translators are each language's own affair. */
        if (more1 && !head1.n && text1.p == one->text.p && x.n)
            more1 = part(&x, &head1, &text1);
        if (more2 && !head2.n && text2.p == other.p && y.n)
            more2 = part(&y, &head2, &text2);
        if (!more1 && !more2)
            return true;
        if (more1 != more2 || !str_eq(head1, head2))
            return note(l, str_fmt(l->a, "%.*s: the variants are not those of %.*s, beginning with \"## %.*s\"", STR_ARG(other_name), STR_ARG(one->name), STR_ARG(more1 ? head1 : head2)));
        if (!lacks(l, other_name, head1, text2, text1) || !lacks(l, one->name, head1, text1, text2))
            return false;
    }
}

static bool against_english(struct lint *l)
{
    size_t                  n;
    const struct pack_file *f = pack_below(l->p, STR("notices/"), &n);

    for (size_t i = 0; i < n; i++) {
        struct str language, block = block_of(f[i].name, &language);
        if (!placeholders(l, &f[i]))
            return false;
        for (size_t k = 0; k < l->language_n; k++) {
            struct str name = str_fmt(l->a, "notices/%.*s/%.*s.txt", STR_ARG(l->language[k]), STR_ARG(block)), other = pack_text(l->p, name);
            if (!name.p)
                return no_room(l->e);
            if (!other.n && !note(l, str_fmt(l->a, "%.*s: is missing, another language has it", STR_ARG(name))))
                return false;
            if (other.n && str_eq(block, STR("words"))) {
                if (!words(l, name, other, f[i].text))
                    return false;
                continue;
            }
            if (other.n && str_eq(language, STR("en")) && !str_eq(l->language[k], language) && !equal(l, &f[i], name, other))
                return false;
        }
    }
    return true;
}

/* --- every combination --- */

static bool failed(struct lint *l, struct str language, const struct notice *n, struct err *why)
{
    if (why->kind == ERR_MEMORY) {
        *l->e = *why;
        return false;
    }
    return note(l, str_fmt(l->a, "%s%s%s (%.*s)", why->where[0] ? why->where : notice_audience_name(n->audience), ": ", why->what, STR_ARG(language)));
}

static bool look(struct lint *l, struct str text, struct str language, const struct notice *n)
{
    struct str line;
    size_t     lines = 0;

    while (str_cut(&text, '\n', &line)) {
        lines++;
        if (visible_columns(line) > TEMPLATE_COLUMNS && !note(l, str_fmt(l->a, "%.*s: a line is longer than %d columns: \"%.*s...\"", STR_ARG(language), TEMPLATE_COLUMNS, STR_ARG(str_sub(line, 0, 40)))))
            return false;
    }
    return lines <= LINT_LINES_MAX || note(l, str_fmt(l->a, "%.*s, %s, %s: %zu lines, and people read no more than %d", STR_ARG(language), notice_audience_name(n->audience),
                                                      notice_finding_name(n->finding), lines, LINT_LINES_MAX));
}

static bool one(struct lint *l, struct str language, const struct told *t, const struct sender *from)
{
    static const char *const must[] = { "subject", "opening", "actions", "reply", "who", "verify", "row" }, *const letters[] = { "letter-subject", "letter" };
    struct arena         scratch = *l->a;
    struct err           why = { 0 };
    struct str           text;
    const struct notice *n = t->notice;

    scratch.beg += arena_room(&scratch) / 2;           /* the list of problems grows before it */
    for (size_t i = 0; i < COUNT_OF(must); i++) {
        struct arena a = scratch;
        struct told  row = *t;
        bool         ok = i + 1 == COUNT_OF(must) ? compose_evidence(&row, l->p, language, 1, TEMPLATE_COLUMNS, &a, &text, &why)
                                                  : compose_block(t, from, l->p, language, "full", must[i], TEMPLATE_COLUMNS, &a, &text, &why);
        if (!ok)
            return failed(l, language, n, &why);
        if (!text.n && !note(l, str_fmt(l->a, "notices/%.*s/%s.txt: nothing for %s, %s, %s", STR_ARG(language), must[i], notice_audience_name(n->audience), notice_finding_name(n->finding),
                                        notice_stage_name(n->stage))))
            return false;
    }
    for (size_t i = 0; i < COUNT_OF(letters) + 1; i++) {
        struct arena a = scratch;
        const char  *block = i < COUNT_OF(letters) ? letters[i] : "phone", *form = i < COUNT_OF(letters) ? "letter" : "phone";
        if (!compose_block(t, from, l->p, language, form, block, TEMPLATE_COLUMNS, &a, &text, &why))
            return failed(l, language, n, &why);
        if (!text.n && !note(l, str_fmt(l->a, "notices/%.*s/%s.txt: nothing for %s", STR_ARG(language), block, notice_finding_name(n->finding))))
            return false;
    }
    struct arena a = scratch;
    if (!compose_text(t, from, l->p, &a, &text, &why))
        return failed(l, language, n, &why);
    return look(l, text, language, n);
}

static bool combinations(struct lint *l, struct str language)
{
    static const struct sender from = { .name = STR_INIT("A Team"), .address = STR_INIT("notify@cert.example"), .domain = STR_INIT("cert.example"), .reply_domain = STR_INIT("reply.cert.example"),
                                        .site = STR_INIT("https://www.cert.example/"), .prefix = STR_INIT("CERT-EX"), .fingerprint = STR_INIT("0123456789ABCDEF0123456789ABCDEF01234567") };
    struct told_server s = { .host = STR("mail.bakery.example"), .ip = STR("192.0.2.7"), .port = 443, .build = STR("15.1.2106.2"), .detector = STR("survey/probe"), .cve = STR("CVE-2021-26855"),
                             .seen_us = 0, .confidence = 95 };
    struct notice      n = { .language = language, .token = "abcdefghijklmnopqrstuvwxyz", .message_id = "n.1.1@cert.example" };
    struct told        t = { .notice = &n, .case_name = STR("2021-000123"), .nonce = STR("abcdefghijklmnopqrstuvwxyz"), .organisation = STR("Example Bakery Cooperative"), .campaign = l->p->id,
                             .campaign_title = l->p->title, .server = &s, .server_n = 1, .contact_source = STR("a register"), .tlp = STR("TLP:AMBER"), .more = 2 };

    for (int audience = 0; audience < AUDIENCES; audience++)
        for (int finding = 0; finding < NOTICE_FINDINGS; finding++)
            for (int stage = 0; stage < NOTICE_STAGES; stage++) {
                n.audience = (enum notice_audience)audience;
                n.finding = (enum notice_finding)finding;
                n.stage = (enum notice_stage)stage;
                s.finding = str_c(notice_finding_name(n.finding));
                if (!one(l, language, &t, &from))
                    return false;
            }
    n.minimal = true;
    struct str   text;
    struct err   why = { 0 };
    struct arena a = *l->a;
    a.beg += arena_room(&a) / 2;
    if (!compose_block(&t, &from, l->p, language, "minimal", "minimal", TEMPLATE_COLUMNS, &a, &text, &why))
        return failed(l, language, &n, &why);
    return text.n || note(l, str_fmt(l->a, "notices/%.*s/minimal.txt: nothing in it", STR_ARG(language)));
}

bool compose_lint(const struct pack *p, struct arena *a, struct str **ret_wrong, size_t *ret_n, struct err *e)
{
    struct lint l = { .p = p, .a = a, .e = e };
    struct str  english;
    size_t      files;

    *ret_wrong = NULL;
    *ret_n = 0;
    pack_below(p, STR("notices/"), &files);
    if (!files)
        return true;
    english = compose_language(p, STR("en"), NULL);
    if (!languages(&l) || (!english.n && !note(&l, STR("notices/en: English is missing, which stands below every other language"))) || (english.n && !against_english(&l)))
        return false;
    for (size_t i = 0; i < l.language_n && english.n && !l.n; i++)          /* what is wrong already would be told a hundred times */
        if (!combinations(&l, l.language[i]))
            return false;
    *ret_wrong = l.wrong;
    *ret_n = l.n;
    return true;
}
