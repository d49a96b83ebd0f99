/*
 * terminal: the answer on one screen, for someone who reads it alone and in a hurry.
 *
 * Rules    1. no line is wider than `width` columns; colour codes take none.
 *          2. evidence passes term_word: what is printed of it is visible text and nothing else.
 *          3. at most about 40 lines at 80 columns: each part has a budget, and says how much it left out.
 */
#include "base/num.h"
#include "base/utf.h"
#include "emit/out_mem.h"
#include "emit/visible.h"
#include "report/parts.h"
#include "report/words.h"

#include <stdio.h>

enum { WIDTH_MIN = 40, WIDTH_MAX = 120, WHY_MAX = 3, DOORS_MAX = 3, WAYS_MAX = 3, GAPS_MAX = 3, GAPS_ALONE_MAX = 8, STEPS_MAX = 4 };

struct screen {
    struct out          *o;
    const struct report *r;
    uint32_t             width;
    bool                 colour;
};

static void paint(struct screen *s, enum tone t, bool bold)
{
    static const char *const code[] = { "", "32", "33", "33", "31" };

    if (!s->colour)
        return;
    if (code[t][0])
        out_fmt(s->o, "\x1B[%s%sm", bold ? "1;" : "", code[t]);
    else if (bold)
        out_c(s->o, "\x1B[1m");
}

static void plain(struct screen *s)
{
    if (s->colour)
        out_c(s->o, "\x1B[0m");
}

static void blanks(struct screen *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out_c(s->o, " ");
}

/*
 * Words wrapped at the right edge; lines after the first begin at column `indent`, at most `lines` of them. `at` is the column where
 * the cursor stands. A word that is longer than a line is cut where the line ends. Ends with a new line.
 */
static void wrapped(struct screen *s, struct str text, size_t at, size_t indent, size_t lines)
{
    size_t line = 1;
    bool   fresh = true;

    while (text.n) {
        struct str word;
        size_t     end = 0;

        while (text.n && ch_space(text.p[0]))
            text = str_from(text, 1);
        while (end < text.n && !ch_space(text.p[end]))
            end++;
        if (end == 0)
            break;
        word = str_sub(text, 0, end);
        text = str_from(text, end);

        size_t cols = visible_columns(word), room = s->width - at;
        bool   last = line == lines;
        size_t more = last && str_trim(text).n ? 4 : 0;        /* room for " ..." when text will be left over */
        if (cols + !fresh + more > room && !fresh) {
            if (last) {
                out_c(s->o, room >= 4 ? " ..." : "");
                break;
            }
            out_c(s->o, "\n");
            blanks(s, indent);
            at = indent;
            fresh = true;
            line++;
            room = s->width - at;
        }
        if (!fresh) {
            out_c(s->o, " ");
            at++;
            room--;
        }
        out_term(s->o, word, room);
        at += cols < room ? cols : room;
        fresh = false;
    }
    out_c(s->o, "\n");
}

/* A path keeps its end: the file's name says more than the drive. */
static void path_cell(struct screen *s, struct str path, size_t columns)
{
    size_t all = visible_columns(path);

    if (all <= columns || columns < 8) {
        out_term(s->o, path, columns);
        return;
    }
    struct visible v;
    for (size_t drop = all - (columns - 3), gone = 0; gone < drop && visible_step(path, &v); path = str_from(path, v.take))
        gone += v.columns;
    out_c(s->o, "...");
    out_term(s->o, path, columns - 3);
}

static void heading(struct screen *s, const char *title)
{
    out_c(s->o, "\n");
    paint(s, TONE_PLAIN, true);
    out_c(s->o, title);
    plain(s);
    out_c(s->o, "\n");
}

/* A word in its colour, filled with blanks to `columns`. */
static void cell(struct screen *s, const char *text, enum tone t, size_t columns)
{
    paint(s, t, false);
    out_term(s->o, str_c(text), columns);
    plain(s);
    size_t n = visible_columns(str_c(text));
    blanks(s, n < columns ? columns - n : 0);
}

static void left_out(struct screen *s, uint64_t n)
{
    if (n)
        out_fmt(s->o, "  and %llu more in the report\n", (unsigned long long)n);
}

static void write_head(struct screen *s)
{
    const struct report   *r = s->r;
    const struct campaign *c = &r->campaign;
    const struct server   *sv = &r->found->server;
    struct word            v = word_verdict(c->verdict), open = word_open(c->open);
    struct str             name = report_server(r);
    size_t                 room = s->width, n;

    out_term(s->o, name.n ? name : STR("unnamed server"), room / 2);
    n = visible_columns(name.n ? name : STR("unnamed server"));
    room -= n < room / 2 ? n : room / 2;
    if (sv->product_n && room > 24) {
        out_c(s->o, ", ");
        out_term(s->o, sv->product[0].product, room / 2);
        out_c(s->o, " ");
        n = visible_columns(sv->product[0].product);
        room -= 3 + (n < room / 2 ? n : room / 2);
        out_term(s->o, sv->product[0].build, room);
    }
    out_c(s->o, "\n\n");
    paint(s, v.tone, true);
    out_c(s->o, v.title);
    plain(s);
    out_c(s->o, "\n");
    wrapped(s, str_c(verdict_headline(c->verdict)), 0, 0, 3);
    paint(s, open.tone, true);
    wrapped(s, str_c(open.title), 0, 0, 1);
    plain(s);
}

static void axis(struct screen *s, const char *name, struct word w, enum covered covered, int64_t first_us)
{
    struct word c = word_covered(covered);
    char        day[WORDS_TEXT];
    bool        dated = s->width >= 64;
    size_t      room = s->width - (dated ? 49 : 36);

    words_day(first_us, day);
    blanks(s, 2);
    cell(s, name, TONE_PLAIN, 14);
    cell(s, w.title, w.tone, 20);
    if (dated)
        cell(s, day, TONE_PLAIN, 13);
    if (room >= 8) {
        paint(s, c.tone, false);
        out_term(s->o, str_c(c.title), room);
        plain(s);
    }
    out_c(s->o, "\n");
}

static void write_axes(struct screen *s)
{
    const struct campaign *c = &s->r->campaign;

    out_c(s->o, "\n");
    axis(s, "Exposure", word_exposure(c->exposure.state), c->exposure.covered, c->patched_us);
    axis(s, "Exploitation", word_exploit(c->exploitation.state), c->exploitation.covered, c->exploitation.first_us);
    axis(s, "Back door", word_door(c->back_door.state), c->back_door.covered, TIME_NONE);
    axis(s, "Use", word_use(c->use.state, c->use.re_entered), c->use.covered, c->use.first_us);
    axis(s, "Theft", word_theft(c->theft.state), c->theft.covered, TIME_NONE);
}

static void write_why(struct screen *s)
{
    const struct campaign *c = &s->r->campaign;

    if (c->why.n == 0)
        return;
    heading(s, "Why");
    for (size_t i = 0; i < c->why.n && i < WHY_MAX; i++) {
        out_c(s->o, "  - ");
        wrapped(s, c->why.item[i], 4, 4, 2);
    }
    left_out(s, c->why.n > WHY_MAX ? c->why.n - WHY_MAX : 0);
}

/* What is present comes before what is unknown and removed; within, in the report's order. */
static void write_doors(struct screen *s)
{
    const struct report *r = s->r;
    static const enum thing_state order[] = { THING_PRESENT, THING_UNKNOWN, THING_REMOVED };
    size_t shown = 0;

    if (r->back_door_n == 0)
        return;
    heading(s, "Back doors");
    for (size_t k = 0; k < COUNT_OF(order); k++)
        for (size_t i = 0; i < r->back_door_n && shown < DOORS_MAX; i++) {
            const struct back_door *b = &r->back_door[i];
            if (b->state != order[k])
                continue;
            struct word state = word_thing(b->state), use = word_used(b->use.state);
            blanks(s, 2);
            cell(s, state.title, state.tone, 9);
            cell(s, use.title, use.tone, 14);
            path_cell(s, b->path, s->width - 25);
            out_c(s->o, "\n");
            shown++;
        }
    left_out(s, r->back_door_n - shown + r->omitted.back_doors);
}

/* A term of the contract with blanks for underscores. */
static void kind_cell(struct screen *s, struct str kind, size_t columns)
{
    struct str part;

    if (visible_columns(kind) > columns) {
        out_term(s->o, kind, columns);
        return;
    }
    for (bool first = true; str_cut(&kind, '_', &part); first = false) {
        out_c(s->o, first ? "" : " ");
        out_term(s->o, part, 0);
    }
}

static void write_ways(struct screen *s)
{
    const struct report *r = s->r;
    size_t               shown = 0;

    if (r->way_back_n == 0)
        return;
    heading(s, "Other ways back in");
    for (; shown < r->way_back_n && shown < WAYS_MAX; shown++) {
        const struct way_back *w = &r->way_back[shown];
        struct word            state = word_way_state(w->state);
        struct str             what = w->path.n ? w->path : w->name;
        blanks(s, 2);
        cell(s, state.title ? state.title : "unknown", state.tone, 9);
        kind_cell(s, w->kind, 17);
        size_t n = visible_columns(w->kind);
        blanks(s, n < 17 ? 18 - n : 1);
        if (s->width > 40)
            path_cell(s, what, s->width - 29);
        out_c(s->o, "\n");
    }
    left_out(s, r->way_back_n - shown);
}

static void write_gaps(struct screen *s)
{
    const struct report *r = s->r;
    size_t               shown = 0, more = 0, most = r->back_door_n + r->way_back_n ? GAPS_MAX : GAPS_ALONE_MAX;

    for (int f = FAM_NONE + 1; f < FAM_COUNT; f++) {
        struct cover_row        blank;
        const struct cover_row *row = report_cover(r, (enum family)f, &blank);

        if (!row->expected || row->covers_window == COVERED_FULL)
            continue;
        if (shown == most) {
            more++;
            continue;
        }
        if (shown++ == 0)
            heading(s, "Not covered, and where it lies");
        out_c(s->o, "  ");
        cell(s, row->covers_window == COVERED_PARTLY ? "partly" : "no", TONE_UNSURE, 8);
        cell(s, family_table[f].title, TONE_PLAIN, 26);
        if (s->width >= 60) {
            out_c(s->o, " ");
            out_term(s->o, str_c(family_table[f].where), s->width - 37);
        }
        out_c(s->o, "\n");
    }
    left_out(s, more);
    if (shown)
        out_term(s->o, STR("  report.html (--out DIR) has a command that collects each"), s->width);
    out_c(s->o, shown ? "\n" : "");
    if (r->rules && r->rules->refused_n) {
        char say[160];
        snprintf(say, sizeof say, "  %llu of your own rules could not be used: see `afterpatch rules check`",
                 (unsigned long long)(r->rules->refused_n + r->rules->refused_more));
        out_c(s->o, shown ? "" : "\n");
        out_term(s->o, str_c(say), s->width);
        out_c(s->o, "\n");
    }
}

static void write_steps(struct screen *s)
{
    const struct campaign *c = &s->r->campaign;

    if (c->step_n == 0)
        return;
    heading(s, "First steps");
    for (size_t i = 0; i < c->step_n && i < STEPS_MAX; i++) {
        out_fmt(s->o, "  %zu. ", i + 1);
        wrapped(s, c->step[i].title.n ? c->step[i].title : c->step[i].text, 5, 5, 2);
    }
    left_out(s, c->step_n > STEPS_MAX ? c->step_n - STEPS_MAX : 0);
}

bool render_terminal(struct out *o, const struct report *r, struct arena scratch, bool colour, uint32_t width, struct err *e)
{
    struct screen s = { .o = o, .r = r, .colour = colour };

    (void)scratch;
    s.width = width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width;
    write_head(&s);
    write_axes(&s);
    write_why(&s);
    write_doors(&s);
    write_ways(&s);
    write_gaps(&s);
    write_steps(&s);
    return out_done(o, e);
}
