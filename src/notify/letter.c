/*
 * See compose.h: a notice as a letter. Page 1 for management, folded for a window envelope; from page 2 on the sheet for technicians.
 * Source: DIN 5008:2020, form B (address field 45 mm from the top, 20 mm from the left, 85 x 45 mm; first text line of the subject at 98.46 mm; folds at 105 and 210 mm).
 */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "notify/compose_inner.h"
#include "notify/pdf.h"
#include "notify/told.h"
#include "notify/words.h"

#define LEFT 25.0
#define WIDE 165.0
#define FOOT 284.0
#define SURE_TOP 243.0
enum { ADDRESS_LINES = 6, HOST_LINES = 9, PATH_LINES = 14, PAGES_MAX = 200 };

struct letter {
    const struct told   *t;        /* as the notice speaks, and to technicians */
    struct told          technical;
    struct notice        to_them;
    const struct sender *from;
    const struct pack   *p;
    struct arena        *a;
    struct pdf          *pdf;
    struct str           language, test, title /* of the pages after the first */, finding[NOTICE_FINDINGS];
    int                  page, pages;
    double               y;
    bool                 dry, table;   /* table: its head stands on each page from here */
    struct making       *m;        /* a letter that lacks something is none */
};

static const struct pdf_type label = { PDF_PLAIN, 7.5, true, false, 0 }, value = { PDF_PLAIN, 9.5, false, false, 0 }, small = { PDF_PLAIN, 8, false, false, 1.12 },
                             head = { PDF_BOLD, 8, false, false, 0 }, mono = { PDF_MONO, 7, false, false, 1.1 };

static struct str word(const struct letter *x, const char *name) { return words_get(x->p, x->language, name); }
static struct pdf_box box(double left, double top, double wide, double high) { return (struct pdf_box){ left, top, wide, high }; }

static bool block(const struct letter *x, const struct told *t, const char *form, const char *name, struct str *ret, struct err *e)
{
    if (x->m->full)
        return err_set(e, ERR_MEMORY, "no room for a letter");
    return compose_block(t, x->from, x->p, x->language, form, name, 0, x->a, ret, e) && (pdf_mend(*ret, x->a, ret) || err_set(e, ERR_MEMORY, "no room for a letter"));
}

#define MADE(x, ...) made((x)->m, str_fmt((x)->a, __VA_ARGS__))

static struct str clean(const struct letter *x, struct str s)
{
    struct str out;

    return template_clean(s, x->a, &out) && pdf_mend(out, x->a, &out) ? out : made(x->m, STR_EMPTY);
}

/* Of evidence: nothing that a reader's program would make a link of. */
static struct str theirs(const struct letter *x, struct str s) { return compose_inert(clean(x, s), x->m); }

/* "a b c d" in one piece, whatever lines there are. */
static struct str in_a_row(const struct letter *x, struct str lines, const char *between)
{
    struct str rest = lines, line, all = STR_EMPTY;

    while (str_cut(&rest, '\n', &line))
        if ((line = clean(x, line)).n)
            all = all.n ? MADE(x, "%.*s%s%.*s", STR_ARG(all), between, STR_ARG(line)) : line;
    return all;
}

static struct str in_fours(const struct letter *x, struct str s)
{
    uint8_t *p = TAKE(x->a, uint8_t, s.n * 2 + 1);
    size_t   n = 0;

    for (size_t i = 0, k = 0; p && i < s.n; i++) {
        if (s.p[i] == ' ')
            continue;
        if (k && k % 4 == 0)
            p[n++] = ' ';
        p[n++] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (uint8_t)(s.p[i] - 32) : s.p[i];
        k++;
    }
    return made(x->m, (struct str){ p, p ? n : 0 });
}

/* --- running text --- */

/* "1. " and "- " hang; what begins with two blanks is typed as it is. */
static size_t mark_of(struct str line)
{
    size_t n = 0;

    if (str_starts(line, STR("- ")))
        return 2;
    while (n < line.n && n < 2 && ch_digit(line.p[n]))
        n++;
    return n && n + 1 < line.n && line.p[n] == '.' && line.p[n + 1] == ' ' ? n + 2 : 0;
}

/* As many lines of a block as fit above `bottom`; gives what is left. */
static struct str flow(struct letter *x, struct str text, struct pdf_type type, double left, double wide, double bottom)
{
    struct str rest = text, line;

    for (struct str before = rest; str_cut(&rest, '\n', &line); before = rest) {
        bool            typed = str_starts(line, STR("  "));
        size_t          mark = typed ? 0 : mark_of(line);
        double          in = typed ? 4 : mark ? 5.5 : 0, high;
        struct pdf_type t = type;
        struct str      body = typed ? str_from(line, 2) : str_from(line, mark);

        if (!str_trim(line).n) {
            x->y += type.size_pt * 0.2;
            continue;
        }
        if (typed) {
            t.face = PDF_MONO;
            t.size_pt = type.size_pt * 0.88;
        }
        size_t taken = pdf_text(x->pdf, box(left + in, x->y, wide - in, bottom - x->y), t, body, &high);
        if (taken && mark)
            pdf_cell(x->pdf, box(left, x->y, in, 0), t, str_sub(line, 0, mark), 1);
        x->y += high + (mark ? type.size_pt * 0.05 : 0);
        if (taken < body.n)
            return taken ? (struct str){ body.p + taken, (size_t)(text.p + text.n - (body.p + taken)) } : before;
    }
    return STR_EMPTY;
}

static bool fits(struct letter *x, struct str text, struct pdf_type type, double room)
{
    double was = x->y;

    pdf_dry(x->pdf, true);
    x->y = 0;
    bool ok = flow(x, text, type, LEFT, WIDE, room).n == 0;
    x->y = was;
    pdf_dry(x->pdf, x->dry);
    return ok;
}

/* --- page 1 --- */

static void foot(const struct letter *x)
{
    struct str of = MADE(x, "%.*s %d %.*s %d", STR_ARG(word(x, "page")), x->page, STR_ARG(word(x, "of")), x->pages);
    struct str id = MADE(x, "%.*s, %.*s %.*s", STR_ARG(clean(x, x->from->name)), STR_ARG(word(x, "case")), STR_ARG(clean(x, x->t->case_name)));
    struct pdf_type right = label;

    right.right = true;
    pdf_cell(x->pdf, box(LEFT, FOOT, 120, 0), label, id, 1);
    pdf_cell(x->pdf, box(LEFT + 125, FOOT, 40, 0), right, of, 1);
}

static void shrink(const struct letter *x, struct pdf_type *t, struct str text, double wide, double least)
{
    while (t->size_pt > least && pdf_wide(x->pdf, *t, text) > wide)
        t->size_pt -= 0.5;
}

static void letterhead(const struct letter *x)
{
    pdf_cell(x->pdf, box(LEFT, 13, 120, 0), (struct pdf_type){ PDF_BOLD, 13, false, false, 0 }, clean(x, x->from->name), 1);
    pdf_cell(x->pdf, box(LEFT, 19.5, 120, 0), (struct pdf_type){ PDF_PLAIN, 8.5, true, false, 0 }, clean(x, x->from->site), 1);
    pdf_cell(x->pdf, box(LEFT + 120, 13, 45, 0), (struct pdf_type){ PDF_BOLD, 9, false, true, 0 }, clean(x, told_label(x->t)), 1);
    pdf_line(x->pdf, LEFT, 25.5, LEFT + WIDE, 25.5, 0.6);
    if (x->test.n) {
        pdf_fill(x->pdf, box(LEFT, 29, WIDE, 9), 0.85);
        struct pdf_type t = { PDF_BOLD, 10, false, false, 0 };
        shrink(x, &t, x->test, WIDE - 6, 6);
        pdf_cell(x->pdf, box(LEFT + 3, 31, WIDE - 6, 0), t, x->test, 1);
    }
    /* Where it is folded, and where it is punched. */
    pdf_line(x->pdf, 4, 105, 8, 105, 0.4);
    pdf_line(x->pdf, 4, 210, 8, 210, 0.4);
    pdf_line(x->pdf, 4, 148.5, 10, 148.5, 0.4);
}

/* The window of the envelope: nothing but the way back and the way there. */
static void address(const struct letter *x)
{
    struct str back = in_a_row(x, x->from->postal, " \xc2\xb7 "), rest = x->t->notice->contact, line;
    double     y = 63.4;

    if (x->t->notice->channel != CONTACT_POST)
        rest = x->t->organisation;
    if (!str_starts(back, clean(x, x->from->name)))
        back = MADE(x, "%.*s%s%.*s", STR_ARG(clean(x, x->from->name)), back.n ? " \xc2\xb7 " : "", STR_ARG(back));
    struct pdf_type from = { PDF_PLAIN, 6.5, true, false, 0 };
    shrink(x, &from, back, 80, 4.5);
    pdf_cell(x->pdf, box(LEFT, 59.0, 80, 0), from, back, 1);
    pdf_line(x->pdf, LEFT, 62.3, LEFT + 80, 62.3, 0.3);
    for (int i = 0; i < ADDRESS_LINES && str_cut(&rest, '\n', &line);) {
        bool last = i == ADDRESS_LINES - 1;
        struct pdf_type t = { PDF_PLAIN, 10.5, false, false, 0 };

        line = clean(x, last && rest.n ? in_a_row(x, MADE(x, "%.*s\n%.*s", STR_ARG(line), STR_ARG(rest)), ", ") : line);
        line = compose_inert(line, x->m);
        if (!line.n)
            continue;
        shrink(x, &t, line, 80, 7.5);
        pdf_cell(x->pdf, box(LEFT, y, 80, 0), t, line, 1);
        y += 4.4;
        i++;
    }
}

static void info(const struct letter *x)
{
    struct str when = compose_when(x->t->notice->date_us, x->m), id = str_c(x->t->notice->message_id);
    const struct { const char *name; struct str text; bool bold; } row[] = {
        { "case", clean(x, x->t->case_name), true }, { "date", str_sub(when, 0, 10), false }, { "notice", clean(x, str_sub(id, 0, str_chr(id, '@'))), false },
    };
    double y = 50;

    for (size_t i = 0; i < COUNT_OF(row); i++) {
        struct pdf_type t = value;
        t.face = row[i].bold ? PDF_BOLD : PDF_PLAIN;
        pdf_cell(x->pdf, box(LEFT + 100, y, 65, 0), label, word(x, row[i].name), 1);
        y += 3.4;
        shrink(x, &t, row[i].text, 65, 7);
        pdf_cell(x->pdf, box(LEFT + 100, y, 65, 0), t, row[i].text, 1);
        y += 6.4;
    }
}

/* How anybody can find out whether the letter is true, without believing it. */
static bool sure(struct letter *x, struct err *e)
{
    struct str text, site = clean(x, x->from->site), key = in_fours(x, x->from->fingerprint);
    double     y = SURE_TOP + 3, high;
    bool       code = x->t->nonce.n && !x->t->notice->minimal;

    if (!block(x, x->t, "letter", "letter-close", &text, e))
        return false;
    pdf_fill(x->pdf, box(LEFT - 3, SURE_TOP, WIDE + 6, FOOT - 3 - SURE_TOP), 0.95);
    pdf_code(x->pdf, LEFT + WIDE - 28, SURE_TOP + 1, 30, site);
    pdf_cell(x->pdf, box(LEFT + WIDE - 35.5, SURE_TOP + 31.3, 35, 0), (struct pdf_type){ PDF_PLAIN, 6.5, true, true, 0 }, word(x, "site"), 1);
    pdf_cell(x->pdf, box(LEFT, y, 120, 0), head, word(x, "sure"), 1);
    y += 4.6;
    pdf_text(x->pdf, box(LEFT, y, 126, code ? 14 : 19), (struct pdf_type){ PDF_PLAIN, 7.5, false, false, 1.1 }, str_trim(text), &high);
    y += high + 1.6;
    if (key.n) {
        double in = pdf_wide(x->pdf, label, word(x, "key")) + 2;
        pdf_cell(x->pdf, box(LEFT, y, 60, 0), label, word(x, "key"), 1);
        pdf_cell(x->pdf, box(LEFT + in, y - 0.1, 126 - in, 0), mono, clean(x, key), 1);
        y += 4.4;
    }
    if (code) {
        double in = pdf_wide(x->pdf, label, word(x, "code")) + 2;
        pdf_cell(x->pdf, box(LEFT, y + 0.9, 60, 0), label, word(x, "code"), 1);
        pdf_cell(x->pdf, box(LEFT + in, y, 126 - in, 0), (struct pdf_type){ PDF_MONO, 10, false, false, 0 }, clean(x, in_fours(x, x->t->nonce)), 1);
        pdf_cell(x->pdf, box(LEFT, y + 5.2, 126, 0), (struct pdf_type){ PDF_PLAIN, 6.5, true, false, 0 }, word(x, "code_note"), 1);
    }
    return true;
}

/* As large as one page allows. *ret_left: what even the smallest letters do not bring onto it. */
static bool body(struct letter *x, bool enclosed, struct str *ret_left, struct err *e)
{
    static const double size[] = { 10.5, 10, 9.5, 9, 8.5, 8 };
    struct str text, subject;
    bool       minimal = x->t->notice->minimal;
    size_t     i = 0;

    if (!block(x, x->t, minimal ? "minimal" : "letter", minimal ? "minimal" : "letter", &text, e) ||
        !block(x, x->t, minimal ? "minimal" : "letter", minimal ? "subject" : "letter-subject", &subject, e))
        return false;
    x->y = 98.4 + pdf_cell(x->pdf, box(LEFT, 98.4, WIDE, 0), (struct pdf_type){ PDF_BOLD, 11.5, false, false, 0 }, str_trim(subject), 2) + 4.5;
    double end = enclosed ? 21 : 16, room = SURE_TOP - 3 - end - x->y;
    struct pdf_type t = { PDF_PLAIN, size[0], false, false, 1.12 };
    while (!fits(x, text, t, room) && ++i < COUNT_OF(size))
        t.size_pt = size[i];
    *ret_left = flow(x, text, t, LEFT, WIDE, x->y + room);
    if (minimal)                             /* it ends by itself */
        return true;
    x->y += 4;
    pdf_cell(x->pdf, box(LEFT, x->y, WIDE, 0), t, word(x, "closing"), 1);
    x->y += 5;
    struct pdf_type bold = t, grey = label;
    bold.face = PDF_BOLD;
    pdf_cell(x->pdf, box(LEFT, x->y, WIDE, 0), bold, clean(x, x->from->name), 1);
    x->y += 4.8;
    pdf_cell(x->pdf, box(LEFT, x->y, WIDE, 0), grey, word(x, "unsigned"), 1);
    if (enclosed)
        pdf_cell(x->pdf, box(LEFT, x->y + 4.4, WIDE, 0), (struct pdf_type){ PDF_PLAIN, 8, false, false, 0 }, word(x, "enclosed"), 1);
    return true;
}

/* --- the sheet for technicians --- */

static const struct column { const char *name; double x, wide; } column[] = { { "time", 0, 29 }, { "server", 31, 54 }, { "version", 87, 27 }, { "finding", 116, 23 }, { "seen_by", 141, 24 } };
enum { COLUMNS = COUNT_OF(column) };

static void table_head(struct letter *x)
{
    pdf_fill(x->pdf, box(LEFT - 1, x->y, WIDE + 2, 5.6), 0.9);
    for (int i = 0; i < COLUMNS; i++)
        pdf_cell(x->pdf, box(LEFT + column[i].x, x->y + 1, column[i].wide, 0), head, word(x, column[i].name), 1);
    x->y += 7;
}

static void next_page(struct letter *x)
{
    struct str title = MADE(x, "%.*s%s%.*s %.*s", STR_ARG(x->title), x->title.n ? ": " : "", STR_ARG(word(x, "case")), STR_ARG(clean(x, x->t->case_name)));

    pdf_page(x->pdf);
    x->page++;
    pdf_cell(x->pdf, box(LEFT, 13, 115, 0), (struct pdf_type){ PDF_BOLD, 11, false, false, 0 }, title, 1);
    pdf_cell(x->pdf, box(LEFT + 120, 13, 45, 0), (struct pdf_type){ PDF_BOLD, 9, false, true, 0 }, clean(x, told_label(x->t)), 1);
    pdf_line(x->pdf, LEFT, 20, LEFT + WIDE, 20, 0.6);
    x->y = 24;
    if (x->test.n) {
        pdf_fill(x->pdf, box(LEFT, x->y, WIDE, 8), 0.85);
        struct pdf_type t = { PDF_BOLD, 9, false, false, 0 };
        shrink(x, &t, x->test, WIDE - 6, 6);
        pdf_cell(x->pdf, box(LEFT + 3, x->y + 1.8, WIDE - 6, 0), t, x->test, 1);
        x->y += 11;
    }
    foot(x);
    if (x->table)
        table_head(x);
}

/* A block over as many pages as it needs. */
static void flow_pages(struct letter *x, struct str text, struct pdf_type type)
{
    for (int i = 0; text.n && i < PAGES_MAX; i++) {
        text = flow(x, text, type, LEFT, WIDE, FOOT - 4);
        if (text.n)
            next_page(x);
    }
}

static struct str finding_of(const struct letter *x, const struct told_server *s)
{
    for (int k = 0; k < NOTICE_FINDINGS; k++)
        if (str_eq(s->finding, str_c(notice_finding_name((enum notice_finding)k))))
            return x->finding[k];
    return x->finding[x->t->notice->finding];
}

/* How high it is; drawn where the pdf is not dry. */
static double row(struct letter *x, const struct told_server *s)
{
    struct str host = compose_host(s->host, x->m), at = theirs(x, compose_address(s, x->m));
    struct str cell[COLUMNS] = {
        str_sub(compose_when(s->seen_us, x->m), 0, 16), host.n ? host : at,
        theirs(x, MADE(x, "%.*s %.*s", STR_ARG(str_sub(s->product, 0, 120)), STR_ARG(str_sub(s->build, 0, 60)))), finding_of(x, s), theirs(x, s->detector),
    };
    struct str below[] = {
        s->organisation.n || s->case_name.n ? theirs(x, MADE(x, "%.*s %.*s", STR_ARG(s->case_name), STR_ARG(s->organisation))) : STR_EMPTY,
        s->path.n ? MADE(x, "%.*s: %.*s", STR_ARG(word(x, "file")), STR_ARG(theirs(x, s->path))) : STR_EMPTY,
        s->sha256.n ? MADE(x, "SHA-256: %.*s", STR_ARG(theirs(x, s->sha256))) : STR_EMPTY,
    };
    double high = 0, y = x->y;

    for (int i = 0; i < COLUMNS; i++) {
        double h = pdf_cell(x->pdf, box(LEFT + column[i].x, y, column[i].wide, 0), small, cell[i], i == 1 ? HOST_LINES : 5);
        if (i == 1 && host.n && at.n)
            h += pdf_cell(x->pdf, box(LEFT + column[i].x, y + h, column[i].wide, 0), small, at, 1);
        high = h > high ? h : high;
    }
    y += high;
    for (size_t i = 0; i < COUNT_OF(below); i++)
        if (below[i].n)
            y += 0.4 + pdf_cell(x->pdf, box(LEFT + column[1].x, y + 0.4, WIDE - column[1].x, 0), mono, below[i], PATH_LINES);
    pdf_line(x->pdf, LEFT, y + 1.3, LEFT + WIDE, y + 1.3, 0.25);
    return y + 2.6 - x->y;
}

static bool table(struct letter *x, struct err *e)
{
    size_t n = x->t->server_n < COMPOSE_ROWS_MAX ? x->t->server_n : COMPOSE_ROWS_MAX, more = x->t->more + x->t->server_n - n;
    struct str note;

    if (x->y > FOOT - 40)
        next_page(x);
    pdf_cell(x->pdf, box(LEFT, x->y, WIDE, 0), (struct pdf_type){ PDF_BOLD, 10, false, false, 0 }, word(x, "seen"), 1);
    x->y += 6.5;
    table_head(x);
    x->table = true;
    for (size_t i = 0; i < n && x->page < PAGES_MAX; i++) {
        struct arena keep = *x->a;

        pdf_dry(x->pdf, true);
        double high = row(x, &x->t->server[i]);
        pdf_dry(x->pdf, x->dry);
        if (x->y + high > FOOT - 4)
            next_page(x);
        x->y += row(x, &x->t->server[i]);
        *x->a = keep;
    }
    x->table = false;
    if (more) {
        x->y += 1;
        flow_pages(x, MADE(x, "%.*s: %zu", STR_ARG(word(x, "more")), more), small);
    }
    x->y += 2;
    if (!block(x, &x->technical, "letter", "letter-table", &note, e))
        return false;
    flow_pages(x, note, (struct pdf_type){ PDF_PLAIN, 8.5, false, false, 1.12 });
    return true;
}

static bool sheet(struct letter *x, struct err *e)
{
    static const char *const blocks[] = { "pass", "opening", "actions", "steps", "check", "reply" };
    struct pdf_type          text_type = { PDF_PLAIN, 9, false, false, 1.12 };

    x->title = word(x, "technicians");
    next_page(x);
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        struct str text;

        if (!block(x, &x->technical, "letter", blocks[i], &text, e))
            return false;
        if (!text.n)
            continue;
        flow_pages(x, text, text_type);
        x->y += 2.4;
    }
    return !x->t->server_n || table(x, e);
}

/* --- the whole --- */

static bool findings(struct letter *x, struct err *e)
{
    for (int k = 0; k < NOTICE_FINDINGS; k++) {
        struct notice n = x->to_them;
        struct told   t = x->technical;

        n.finding = (enum notice_finding)k;
        t.notice = &n;
        if (!block(x, &t, "letter", "finding", &x->finding[k], e))
            return false;
        x->finding[k] = str_trim(x->finding[k]);
    }
    return true;
}

static bool pages(struct letter *x, bool dry, struct err *e)
{
    bool       enclosed = !x->t->notice->minimal;
    struct str left;

    pdf_dry(x->pdf, x->dry = dry);
    x->page = 1;
    x->title = STR_EMPTY;
    letterhead(x);
    address(x);
    info(x);
    if (!body(x, enclosed, &left, e) || !sure(x, e))
        return false;
    foot(x);
    if (left.n) {
        next_page(x);
        flow_pages(x, left, (struct pdf_type){ PDF_PLAIN, 9, false, false, 1.12 });
    }
    if (enclosed && !sheet(x, e))
        return false;
    x->pages = x->page;
    return true;
}

bool compose_letter(const struct told *t, const struct sender *from, const struct pack *p, struct arena *a, struct str *ret_pdf, struct err *e)
{
    struct letter x = { .t = t, .technical = *t, .to_them = *t->notice, .from = from, .p = p, .a = a, .language = compose_language(p, t->notice->language, NULL) };
    struct told   management = *t;
    struct notice to_management = *t->notice;
    struct making m = { a, false };

    if (x.to_them.audience == AUDIENCE_MANAGEMENT || x.to_them.audience == AUDIENCE_TECHNICAL) {
        x.to_them.audience = AUDIENCE_TECHNICAL;
        to_management.audience = AUDIENCE_MANAGEMENT;
    }
    x.technical.notice = &x.to_them;
    management.notice = &to_management;
    x.t = &management;
    x.m = &m;
    if (from->test && !block(&x, x.t, "letter", "test", &x.test, e))
        return false;
    x.test = str_trim(x.test);
    struct str title = MADE(&x, "%.*s %.*s", STR_ARG(from->prefix), STR_ARG(t->case_name));
    struct pdf_about about = { title, from->name, x.language, t->notice->date_us };
    if (!findings(&x, e) || !pdf_open(&x.pdf, &about, e))
        return false;
    /* First measured, so that each page knows how many there are. */
    bool       ok = pages(&x, true, e) && pages(&x, false, e) && (!m.full || err_set(e, ERR_MEMORY, "no room for a letter"));
    struct err none = { 0 };
    struct arena scratch = { 0 };
    struct str unused;
    if (ok)
        return pdf_close(x.pdf, a, ret_pdf, e);
    pdf_close(x.pdf, &scratch, &unused, &none);
    return false;
}
