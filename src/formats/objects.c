#include "formats/objects.h"

#include "base/b64.h"
#include "base/num.h"
#include "base/utf.h"
#include "formats/csvrow.h"

#include <string.h>

struct build {
    struct objects *out;
    struct arena   *a;
    size_t          pair_cap, object_cap;
    bool            open;              /* an object is under way */
    bool            full, stop;        /* no room; a bound was met */
};

static void trouble(struct objects *o, const char *what)
{
    size_t n = strlen(what);

    if (!o->damaged)
        memcpy(o->what, what, n < sizeof o->what ? n : sizeof o->what - 1);
    o->damaged = true;
}

static bool object_begin(struct build *b, uint32_t line)
{
    struct objects *o = b->out;

    b->open = false;
    if (o->n >= OBJECTS_MAX) {
        trouble(o, "too many objects: the rest was not read");
        b->stop = true;
        return false;
    }
    struct object *x = GROW(b->a, o->object, o->n, &b->object_cap);
    if (!x) {
        b->full = true;
        return false;
    }
    *x = (struct object){ o->pair_n, 0, line };
    o->n++;
    return b->open = true;
}

/* An object without anything in it is none. */
static void object_end(struct build *b)
{
    if (b->open && b->out->object[b->out->n - 1].n == 0)
        b->out->n--;
    b->open = false;
}

static bool pair(struct build *b, struct str name, struct str value)
{
    struct objects *o = b->out;

    if (o->pair_n >= OBJECTS_PAIRS_MAX) {
        trouble(o, "too many values: the rest was not read");
        b->stop = true;
        return false;
    }
    struct object_pair *x = GROW(b->a, o->pair, o->pair_n, &b->pair_cap);
    if (!x) {
        b->full = true;
        return false;
    }
    if (value.n > OBJECTS_TEXT_MAX)
        trouble(o, "a value is too long: it was cut");
    *x = (struct object_pair){ str_trim(name), str_trim(str_sub(value, 0, OBJECTS_TEXT_MAX)) };
    o->pair_n++;
    o->object[o->n - 1].n++;
    return true;
}

static bool going(const struct build *b) { return !b->full && !b->stop; }

static bool next_line(struct str *rest, struct str *ret)
{
    if (!str_cut(rest, '\n', ret))
        return false;
    if (ret->n && ret->p[ret->n - 1] == '\r')
        *ret = str_sub(*ret, 0, ret->n - 1);
    return true;
}

/* ---- Format-List and LDIF: lines of names and values, with wrapped ones ---- */

/* Where the name of a line ends; 0: it has none. */
static size_t name_end(struct str line, bool ldif)
{
    size_t at = 0;

    while (at < line.n && at < 64 && (ch_alnum(line.p[at]) || memchr("_-.;", line.p[at], 4)))
        at++;
    size_t end = at;
    while (!ldif && at < line.n && line.p[at] == ' ')
        at++;
    bool colon = at < line.n && line.p[at] == ':' && (ldif || (at + 1 == line.n || line.p[at + 1] == ' '));
    return colon && end ? end : 0;
}

/* A value and its wrapped rest: LDIF folds with one blank, Format-List with an indent. */
static struct str wrapped(struct build *b, struct str value, struct str *rest, bool ldif, uint32_t *line)
{
    struct str look = *rest, next;
    size_t     n = value.n, wraps = 0;

    while (wraps < OBJECTS_WRAPS_MAX && next_line(&look, &next) && next.n && next.p[0] == ' ' && n < OBJECTS_TEXT_MAX) {
        n += (ldif ? str_from(next, 1) : str_trim(next)).n;
        wraps++;
    }
    if (wraps == 0)
        return value;
    uint8_t *p = TAKE(b->a, uint8_t, n + 1);
    if (!p) {
        b->full = true;
        return value;
    }
    memcpy(p, value.p, value.n);
    n = value.n;
    for (size_t i = 0; i < wraps && next_line(rest, &next); i++) {
        struct str more = ldif ? str_from(next, 1) : str_trim(next);
        if (more.n)
            memcpy(p + n, more.p, more.n);
        n += more.n;
        (*line)++;
    }
    return (struct str){ p, n };
}

static bool seen_name(const struct objects *o, struct str name)
{
    const struct object *x = &o->object[o->n - 1];

    for (size_t i = 0; i < x->n && i < 64; i++)
        if (str_eq(o->pair[x->first + i].name, name))
            return true;
    return false;
}

static void read_lines(struct build *b, struct str rest, bool ldif)
{
    struct str line;
    uint32_t   at = 0;

    while (going(b) && next_line(&rest, &line)) {
        at++;
        if (str_trim(line).n == 0) {
            object_end(b);
            continue;
        }
        size_t end = line.p[0] == '#' ? 0 : name_end(line, ldif);
        if (end == 0)
            continue;
        struct str name = str_sub(line, 0, end), value = str_from(line, str_chr(line, ':') + 1);
        bool       packed = ldif && value.n && value.p[0] == ':';
        value = wrapped(b, str_trim(str_from(value, packed)), &rest, ldif, &at);
        if (packed && value.n) {
            struct err mine = { 0 };
            struct str plain = STR_EMPTY;
            if (b64_decode(&plain, b->a, str_sub(value, 0, OBJECTS_TEXT_MAX), &mine))
                value = plain;
            else
                trouble(b->out, "a value is no base64");
            b->full = b->full || mine.kind == ERR_MEMORY;
        }
        /* A list without blank lines: a name that returns begins the next object. LDIF repeats names for several values. */
        if (!b->open || (!ldif && seen_name(b->out, name)))
            if (object_end(b), !object_begin(b, at))
                return;
        pair(b, name, value);
    }
    object_end(b);
}

/* ---- CSV ---- */

static size_t row_end(struct str s)
{
    bool inside = false;

    for (size_t i = 0; i < s.n; i++) {
        inside ^= s.p[i] == '"';
        if (s.p[i] == '\n' && !inside)
            return i;
    }
    return s.n;
}

static void read_csv(struct build *b, struct str rest)
{
    struct str column[OBJECTS_COLUMNS_MAX];
    size_t     column_n = 0;
    uint32_t   line = 0;

    while (going(b) && rest.n) {
        size_t     end = row_end(rest), k = 0;
        struct str row = str_sub(rest, 0, end), cell;
        bool       damaged = false;
        for (size_t i = 0; i < end; i++)
            line += rest.p[i] == '\n';
        line++;
        rest = str_from(rest, end + 1);
        if (row.n && row.p[row.n - 1] == '\r')
            row = str_sub(row, 0, row.n - 1);
        if (row.n == 0 || row.p[0] == '#')
            continue;
        bool head = column_n == 0;
        if (!head && !object_begin(b, line))
            return;
        for (; row.p && k < OBJECTS_COLUMNS_MAX; k++) {
            if (!csvrow_cell(&row, b->a, &cell, &damaged)) {
                b->full = true;
                return;
            }
            if (head)
                column[column_n++] = str_trim(cell);
            else if (k < column_n && !pair(b, column[k], cell))
                return;
        }
        if (damaged)
            trouble(b->out, "a row has an open quote");
        object_end(b);
    }
}

/* ---- JSON ---- */

struct level { struct str name; bool array; };
struct json { struct build *b; struct str s; size_t at; uint32_t line; struct level level[OBJECTS_DEPTH_MAX]; size_t depth; };

static void skip(struct json *j)
{
    for (; j->at < j->s.n && ch_space(j->s.p[j->at]); j->at++)
        j->line += j->s.p[j->at] == '\n';
}

static uint32_t hex4(struct str s, size_t at)
{
    uint64_t v = 0;

    return at + 4 <= s.n && num_hex(str_sub(s, at, at + 4), &v) ? (uint32_t)v : UINT32_MAX;
}

/* The text of a string whose quote stands at j->at. False: it does not end, or no room. */
static bool json_text(struct json *j, struct str *ret)
{
    size_t from = ++j->at, n = 0;
    bool   plain = true;

    for (; j->at < j->s.n && j->s.p[j->at] != '"'; j->at++) {
        if (j->s.p[j->at] == '\\') {
            plain = false;
            j->at++;
        }
        j->line += j->at < j->s.n && j->s.p[j->at] == '\n';
    }
    if (j->at >= j->s.n)
        return false;
    struct str raw = str_sub(j->s, from, j->at++);
    *ret = raw;
    if (plain)
        return true;
    uint8_t *p = TAKE(j->b->a, uint8_t, raw.n + 4);
    if (!p) {
        j->b->full = true;
        return false;
    }
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] != '\\' || i + 1 >= raw.n) {
            p[n++] = raw.p[i];
            continue;
        }
        static const char from_c[] = "nrtbf", to_c[] = "\n\r\t\b\f";
        uint8_t     c = raw.p[++i];
        const char *k = memchr(from_c, c, 5);
        uint32_t    hi, lo;
        if (c != 'u' || (hi = hex4(raw, i + 1)) == UINT32_MAX) {
            p[n++] = k ? (uint8_t)to_c[k - from_c] : c;
            continue;
        }
        i += 4;
        if (hi >= 0xD800 && hi < 0xDC00 && i + 6 < raw.n && raw.p[i + 1] == '\\' && raw.p[i + 2] == 'u' && (lo = hex4(raw, i + 3)) >= 0xDC00 && lo < 0xE000) {
            hi = 0x10000 + ((hi - 0xD800) << 10) + (lo - 0xDC00);
            i += 6;
        }
        n += utf8_put(hi, p + n);             /* four bytes at most, from six or twelve */
    }
    *ret = (struct str){ p, n };
    return true;
}

static bool broken(struct json *j, const char *what)
{
    trouble(j->b->out, what);
    return false;
}

/* "ExternalUrl.AbsoluteUri": names of the levels below the object itself. */
static struct str path_of(struct json *j, struct str name)
{
    char   to[512];
    size_t n = 0;

    for (size_t i = 0; i <= j->depth; i++) {
        struct str part = i < j->depth ? j->level[i].name : name;
        if (part.n == 0 || n + part.n + 2 > sizeof to)
            continue;
        if (n)
            to[n++] = '.';
        memcpy(to + n, part.p, part.n);
        n += part.n;
    }
    if (n == name.n)
        return name;
    struct str kept = str_dup(j->b->a, (struct str){ (const uint8_t *)to, n });
    j->b->full = j->b->full || !kept.p;
    return kept;
}

/* The levels of the file itself (an array around everything, objects in it) have no name: only what lies within an object has. */
static bool push(struct json *j, struct str name, bool array)
{
    if (j->depth == OBJECTS_DEPTH_MAX)
        return broken(j, "too deep");
    bool outer = j->depth == 0 || (j->depth == 1 && j->level[0].array && !array);
    j->level[j->depth++] = (struct level){ outer ? STR_EMPTY : name, array };
    return !outer || array || (object_end(j->b), object_begin(j->b, j->line));
}

static bool value(struct json *j, struct str name)
{
    uint8_t    c = j->s.p[j->at];
    struct str text;

    if (c == '{' || c == '[') {
        j->at++;
        return push(j, name, c == '[');
    }
    if (c == '"') {
        if (!json_text(j, &text))
            return broken(j, "a text does not end");
    } else {
        size_t from = j->at;
        while (j->at < j->s.n && !memchr(",]} \t\r\n", j->s.p[j->at], 7))
            j->at++;
        if (j->at == from)
            return broken(j, "a value is missing");
        text = str_sub(j->s, from, j->at);
        if (str_eq(text, STR("null")))
            text = STR("");
    }
    return !j->b->open || pair(j->b, path_of(j, name), text);
}

static void read_json(struct build *b, struct str s)
{
    struct json j = { .b = b, .s = s, .line = 1 };
    bool        ok = true, first = true;

    for (skip(&j); ok && going(b) && j.at < s.n && (first || j.depth); skip(&j)) {
        uint8_t c = s.p[j.at];
        struct str name = STR_EMPTY;
        first = false;
        if (c == ',') {
            j.at++;
            continue;
        }
        if (c == ']' || c == '}') {
            j.at++;
            j.depth -= j.depth > 0;
            if (j.depth == 0 || (j.depth == 1 && j.level[0].array))
                object_end(b);
            continue;
        }
        if (j.depth && !j.level[j.depth - 1].array) {
            if (c != '"') {
                ok = broken(&j, "a name is missing");
                break;
            }
            if (!json_text(&j, &name)) {
                ok = broken(&j, "a name does not end");
                break;
            }
            skip(&j);
            if (j.at >= s.n || s.p[j.at] != ':') {
                ok = broken(&j, "a name has no value");
                break;
            }
            j.at++;
            skip(&j);
            if (j.at >= s.n) {
                ok = broken(&j, "a name has no value");
                break;
            }
        }
        ok = value(&j, name);
    }
    if (j.depth && going(b))
        trouble(b->out, "it ends in the middle");
    object_end(b);
}

/* ---- which of them ---- */

static bool form_of(struct str text, enum objects_form *ret)
{
    struct str rest = text, line;

    if (str_trim(text).n && (str_trim(str_sub(text, 0, 4096)).p[0] == '[' || str_trim(str_sub(text, 0, 4096)).p[0] == '{')) {
        *ret = OBJECTS_JSON;
        return true;
    }
    for (size_t i = 0; i < 64 && next_line(&rest, &line); i++) {
        size_t commas = 0, list = name_end(line, false);
        if (str_trim(line).n == 0 || line.p[0] == '#')
            continue;
        if (str_istarts(line, STR("dn:")) || str_istarts(line, STR("version:"))) {
            *ret = OBJECTS_LDIF;
            return true;
        }
        if (list) {
            *ret = OBJECTS_LIST;
            return true;
        }
        for (size_t k = 0; k < line.n; k++)
            commas += line.p[k] == ',';
        if (commas >= 1 && (line.p[0] == '"' || ch_alpha(line.p[0])) && !str_has(line, STR(": "))) {
            *ret = OBJECTS_CSV;
            return true;
        }
    }
    return false;
}

bool objects_parse(struct objects *ret, struct arena *a, struct str in, struct err *e)
{
    struct objects out = { 0 };
    struct build   b = { .out = &out, .a = a };
    size_t         mark;
    enum utf_kind  kind = utf_guess(str_sub(in, 0, 4096), &mark);
    struct str     text = str_from(in, mark);

    if (kind != UTF_8) {
        text = utf_to8(a, text, kind);
        if (in.n && !text.p)
            return err_set(e, ERR_MEMORY, "no room for %zu bytes of text", in.n);
    }
    if (!form_of(text, &out.form))
        return err_set(e, ERR_FORMAT, "no list of objects: neither names and values, nor LDIF, CSV or JSON");
    if (out.form == OBJECTS_JSON)
        read_json(&b, text);
    else if (out.form == OBJECTS_CSV)
        read_csv(&b, text);
    else
        read_lines(&b, text, out.form == OBJECTS_LDIF);
    if (b.full)
        return err_set(e, ERR_MEMORY, "no room for more than %zu values", out.pair_n);
    *ret = out;
    return true;
}

struct str objects_get(const struct objects *o, size_t i, struct str name)
{
    for (size_t k = 0; k < o->object[i].n; k++)
        if (str_ieq(o->pair[o->object[i].first + k].name, name))
            return o->pair[o->object[i].first + k].value;
    return STR_EMPTY;
}
