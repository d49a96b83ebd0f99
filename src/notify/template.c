/* See template.h. */
#include "notify/template.h"

#include <string.h>

#include "base/utf.h"
#include "emit/visible.h"

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for a text"); }

/* --- variants --- */

static bool is_head(struct str line) { return str_starts(line, STR("##")) && (line.n == 2 || line.p[2] == ' '); }

/* "audience technical provider, finding backdoored" */
static bool fits(struct str head, const struct template_word *w, size_t n, bool *ret, struct err *e)
{
    struct str rest = head, part, word;

    *ret = true;
    while (str_cut(&rest, ',', &part)) {
        struct str words = str_trim(part), dimension;
        bool       known = false, in = false;
        size_t     count = 0;

        if (!words.n || !str_cut(&words, ' ', &dimension))
            continue;
        for (size_t i = 0; i < n && !known; i++) {
            if (!str_eq(dimension, str_c(w[i].dimension)))
                continue;
            known = true;
            while (str_cut(&words, ' ', &word)) {
                in |= str_eq(word, str_c(w[i].word));
                count += word.n > 0;
            }
        }
        if (!known || !count)
            return err_set(e, ERR_FORMAT, "\"## %.*s\": a head names audience, finding, stage or form, and words of it", STR_ARG(str_sub(head, 0, 60)));
        *ret &= in;
    }
    return true;
}

bool template_pick(struct str file, const struct template_word *w, size_t n, struct str *ret, struct err *e)
{
    struct str rest = file, line, out = file;
    bool       found = false, any = false;

    while (str_cut(&rest, '\n', &line)) {
        bool now = false;

        if (!is_head(line))
            continue;
        if (found) {
            out.n = (size_t)(line.p - out.p);
            break;
        }
        any = true;
        if (!fits(str_trim(str_from(line, 2)), w, n, &now, e))
            return false;
        if (now) {
            found = true;
            out = rest;
        }
    }
    *ret = found || !any ? out : STR_EMPTY;
    return true;
}

/* --- placeholders --- */

bool template_next(struct str *rest, struct str *ret_name, bool *ret_open)
{
    size_t at = str_find(*rest, STR("{{")), end;

    *ret_open = false;
    if (at == STR_NONE)
        return false;
    *rest = str_from(*rest, at + 2);
    end = str_find(*rest, STR("}}"));
    if (end == STR_NONE || str_chr(str_sub(*rest, 0, end), '\n') != STR_NONE) {
        *ret_open = true;
        return false;
    }
    *ret_name = str_sub(*rest, 0, end);
    if (ret_name->n && (ret_name->p[0] == '?' || ret_name->p[0] == '!'))
        *ret_name = str_from(*ret_name, 1);
    *rest = str_from(*rest, end + 2);
    return true;
}

static const struct template_value *value_of(struct str name, const struct template_value *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(name, str_c(v[i].name)))
            return &v[i];
    return NULL;
}

/* One line; nothing in it moves a reader's eye or a terminal's cursor. */
static bool clean(struct str s, bool lines, struct arena *a, struct str *ret)
{
    struct visible v;
    size_t         n = 0;
    bool           blank = true;

    if (!lines && s.n > TEMPLATE_VALUE_MAX) {
        s.n = TEMPLATE_VALUE_MAX;
        while (s.n && (s.p[s.n] & 0xC0) == 0x80)
            s.n--;
    }
    uint8_t *p = TAKE(a, uint8_t, s.n * 3 + 1);
    if (!p)
        return false;
    for (; visible_step(s, &v); s = str_from(s, v.take)) {
        if (lines && s.p[0] == '\n') {
            while (n && p[n - 1] == ' ')
                n--;
            p[n++] = '\n';
        } else if (v.as_is) {
            blank = s.p[0] == ' ';
            memcpy(p + n, s.p, v.take);
            n += v.take;
        } else if (s.p[0] >= 0x80 && v.take == 1) {
            n += utf8_put(0xFFFD, p + n);
            blank = false;
        } else if (!blank || lines) {
            p[n++] = ' ';
            blank = true;
        }
    }
    *ret = (struct str){ p, n };
    if (!lines)
        *ret = str_trim(*ret);
    return true;
}

bool template_clean(struct str s, struct arena *a, struct str *ret) { return clean(s, false, a, ret); }

/* --- what comes out --- */

struct sheet { struct arena *a; uint8_t *p; size_t n, cap, columns; bool full; };

static void put(struct sheet *o, struct str s)
{
    if (o->full || !s.n)
        return;
    if (o->n + s.n > o->cap) {
        size_t   cap = (o->n + s.n) * 2 + 512;
        uint8_t *p = TAKE(o->a, uint8_t, cap);
        if (!p) {
            o->full = true;
            return;
        }
        if (o->n)
            memcpy(p, o->p, o->n);
        o->p = p;
        o->cap = cap;
    }
    memcpy(o->p + o->n, s.p, s.n);
    o->n += s.n;
}

static void put_blanks(struct sheet *o, size_t n)
{
    while (n--)
        put(o, STR(" "));
}

/* The longest piece that stays together: letters of two columns may be parted from what stands beside them. */
static struct str piece(struct str s, size_t most, size_t *ret_columns)
{
    struct visible v;
    size_t         n = 0, columns = 0;

    for (struct str rest = s; visible_step(rest, &v); rest = str_from(rest, v.take)) {
        size_t wide = v.as_is ? v.columns : 1;
        if (rest.p[0] == ' ' || (n && (wide == 2 || columns + wide > most)))
            break;
        n += v.take;
        columns += wide;
        if (wide == 2)
            break;
    }
    *ret_columns = columns;
    return str_sub(s, 0, n);
}

/* A unit's text: one long line. first: what it begins with; hang: the blanks of its further lines. */
static void wrap(struct sheet *o, struct str first, size_t hang, struct str s)
{
    size_t room = o->columns ? o->columns : SIZE_MAX, at = visible_columns(first), columns;
    bool   fresh = true;

    put(o, first);
    for (;;) {
        size_t blanks = 0;
        while (blanks < s.n && s.p[blanks] == ' ')
            blanks++;
        s = str_from(s, blanks);
        if (!s.n)
            break;
        struct str word = piece(s, room - hang, &columns);
        size_t     gap = blanks && !fresh ? 1 : 0;
        if (!fresh && at + gap + columns > room) {
            put(o, STR("\n"));
            put_blanks(o, hang);
            at = hang;
            gap = 0;
        }
        put_blanks(o, gap);
        put(o, word);
        at += gap + columns;
        fresh = false;
        s = str_from(s, word.n);
    }
    put(o, STR("\n"));
}

/* --- units --- */

struct filling { const struct template_value *v; size_t n; struct arena *a; struct str whole; struct err *e; };

static bool wrong(const struct filling *f, struct str at, const char *what, struct str name)
{
    uint32_t line = 1;

    for (const uint8_t *p = f->whole.p; p < at.p; p++)
        line += *p == '\n';
    err_set(f->e, ERR_FORMAT, "line %u: %s{{%.*s}}", line, what, STR_ARG(str_sub(name, 0, 40)));
    return false;
}

/* Line ends of the template become blanks; values are cleaned. */
static bool filled(const struct filling *f, struct str unit, struct str *ret)
{
    struct sheet o = { .a = f->a };

    while (unit.n) {
        size_t at = str_find(unit, STR("{{"));
        struct str plain = str_sub(unit, 0, at);
        for (size_t end; (end = str_chr(plain, '\n')) != STR_NONE; plain = str_from(plain, end + 1)) {
            put(&o, str_sub(plain, 0, end));
            put(&o, STR(" "));
        }
        put(&o, plain);
        if (at == STR_NONE)
            break;
        struct str here = str_from(unit, at), name, value;
        bool       open;
        unit = here;
        if (!template_next(&unit, &name, &open))
            return wrong(f, here, "not closed: ", STR_EMPTY);
        const struct template_value *v = value_of(name, f->v, f->n);
        if (!v || (here.n > 2 && (here.p[2] == '?' || here.p[2] == '!')))
            return wrong(f, here, v ? "a condition stands at the beginning of its paragraph: " : "no such placeholder: ", name);
        if (v->lines)
            return wrong(f, here, "its value is lines and stands alone: ", name);
        if (!clean(v->text, false, f->a, &value))
            return no_room(f->e);
        put(&o, value);
    }
    if (o.full)
        return no_room(f->e);
    *ret = (struct str){ o.p, o.n };
    return true;
}

/* "- " or "12. ": how long the mark is. */
static size_t mark_of(struct str line)
{
    size_t n = 0;

    if (str_starts(line, STR("- ")))
        return 2;
    while (n < line.n && n < 3 && ch_digit(line.p[n]))
        n++;
    return n && n + 1 < line.n && line.p[n] == '.' && line.p[n + 1] == ' ' ? n + 2 : 0;
}

static bool is_kept(struct str line) { return str_starts(line, STR("    ")); }
static bool is_condition(struct str line) { return str_starts(line, STR("{{?")) || str_starts(line, STR("{{!")); }
/* Hangs below an item, and only where something is. */
static bool is_hung(struct str line) { return str_starts(line, STR("  ")) && is_condition(str_from(line, 2)); }

/* {{?name}} and {{!name}} at its beginning. */
static bool conditions(const struct filling *f, struct str *unit, bool *ret_keep)
{
    *ret_keep = true;
    while (is_condition(*unit)) {
        bool       want = unit->p[2] == '?', open;
        struct str name, at = *unit;

        if (!template_next(unit, &name, &open))
            return wrong(f, at, "not closed: ", STR_EMPTY);
        const struct template_value *v = value_of(name, f->v, f->n);
        if (!v)
            return wrong(f, at, "no such placeholder: ", name);
        *ret_keep &= want == (str_trim(v->text).n > 0);
        while (unit->n && (unit->p[0] == ' ' || unit->p[0] == '\n'))
            *unit = str_from(*unit, 1);
    }
    return true;
}

/* Takes one unit off: a kept line, or lines up to a blank one, an item's mark, a kept line or a condition. */
static struct str take_unit(struct str *rest)
{
    struct str unit = *rest, line, after = *rest;
    size_t     n = 0;

    while (str_cut(&after, '\n', &line)) {
        if (n && (!str_trim(line).n || mark_of(line) || is_kept(line) || is_condition(line) || is_hung(line)))
            break;
        n = (size_t)(line.p + line.n - unit.p);
        *rest = after;
        if (is_kept(line))
            break;
    }
    return str_sub(unit, 0, n);
}

/* The value whose lines are put in whole, if the unit is just its placeholder. */
static const struct template_value *lines_of(const struct filling *f, struct str unit)
{
    struct str name, rest = str_trim(unit);
    bool       open;

    if (!str_starts(rest, STR("{{")) || !template_next(&rest, &name, &open) || rest.n)
        return NULL;
    const struct template_value *v = value_of(name, f->v, f->n);
    return v && v->lines ? v : NULL;
}

static bool put_kept(const struct filling *f, struct sheet *o, struct str unit)
{
    struct str text;

    if (!filled(f, unit, &text))
        return false;
    put(o, STR("  "));
    put(o, text);
    put(o, STR("\n"));
    return true;
}

static bool put_wrapped(const struct filling *f, struct sheet *o, struct str mark, struct str unit)
{
    struct str text;

    if (!filled(f, unit, &text))
        return false;
    if (str_trim(text).n)
        wrap(o, mark, mark.n, text);
    return true;
}

static bool put_lines(const struct filling *f, struct sheet *o, struct str lines)
{
    struct str text;

    if (!clean(lines, true, f->a, &text))
        return no_room(f->e);
    put(o, text);
    if (text.n && text.p[text.n - 1] != '\n')
        put(o, STR("\n"));
    return true;
}

bool template_fill(struct str text, const struct template_value *v, size_t n, size_t columns, struct arena *a, struct str *ret, struct err *e)
{
    struct filling f = { .v = v, .n = n, .a = a, .whole = text, .e = e };
    struct sheet   o = { .a = a, .columns = columns };
    bool           gap = false, keep, ok;

    for (struct str rest = text, line; rest.n;) {
        struct str probe = rest;

        str_cut(&probe, '\n', &line);
        if (!str_trim(line).n) {
            gap = true;
            rest = probe;
            continue;
        }
        struct str unit = take_unit(&rest);
        bool       kept = is_kept(unit), hung = is_hung(unit);
        struct str mark = hung ? STR("  ") : STR_EMPTY;
        unit = str_from(unit, kept ? 4 : hung ? 2 : 0);
        if (!conditions(&f, &unit, &keep))
            return false;
        const struct template_value *lines = kept || hung ? NULL : lines_of(&f, unit);
        if (!keep || !unit.n || (lines && !lines->text.n))
            continue;
        size_t before = o.n, at;
        if (gap && o.n)
            put(&o, STR("\n"));
        at = o.n;
        if (kept) {
            ok = put_kept(&f, &o, unit);
        } else if (lines) {
            ok = put_lines(&f, &o, lines->text);
        } else {
            if (!hung)
                mark = str_sub(unit, 0, mark_of(unit));
            ok = put_wrapped(&f, &o, mark, str_from(unit, hung ? 0 : mark.n));
        }
        if (!ok)
            return false;
        gap = gap && o.n == at;
        if (o.n == at)                         /* nothing came of it: no empty line either */
            o.n = before;
    }
    if (o.full)
        return no_room(e);
    *ret = (struct str){ o.p, o.n };
    return true;
}
