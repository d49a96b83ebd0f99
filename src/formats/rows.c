/*
 * One buffer: [from, have) is text that was not given yet. What was given is behind `from`, and is overwritten with the next fill.
 */
#include "formats/rows.h"
#include "formats/source.h"

#include <string.h>

enum { READ = 256 << 10 };

struct rows {
    struct source *source;
    uint8_t       *buf;
    size_t         cap, from, have, row_max;
    uint64_t       line;              /* of buf[from] */
    bool           started, ended, skipping;
    /* The row that was given last, for rows_extend and rows_back. */
    size_t         row, row_n, first_n, lines;
};

const char rows_too_long[]       = "the row is longer than the limit";
const char rows_cut[]            = "the file breaks off within it";
const char rows_no_object[]      = "no JSON object begins here";
const char rows_line_in_string[] = "a line end inside a JSON string";
const char rows_too_deep[]       = "JSON nested deeper than the limit";

bool rows_open(struct rows **ret, struct arena *a, size_t row_max, lines_fill *fill, void *ctx, struct err *e)
{
    struct rows *r = NEW(a, struct rows, 1);
    size_t       cap = row_max + 2 * READ;

    if (r)
        r->buf = TAKE(a, uint8_t, cap);
    if (!r || !r->buf)
        return err_set(e, ERR_MEMORY, "no room for rows of %zu bytes", row_max);
    if (!source_open(&r->source, a, fill, ctx, e))
        return false;
    r->cap     = cap;
    r->row_max = row_max;
    r->line    = 1;
    *ret = r;
    return true;
}

void rows_close(struct rows *r)
{
    if (r)
        source_close(r->source);
}

const struct err *rows_why(const struct rows *r) { return source_why(r->source); }
bool rows_was_gz(const struct rows *r)           { return source_gz(r->source); }

/* Puts more text behind `have`; moves what is kept to the front first. False: the end. keep: from where on text is still wanted. */
static bool more(struct rows *r, size_t *keep)
{
    if (r->ended)
        return false;
    if (*keep > 0 && (r->have - *keep <= *keep || r->cap - r->have < READ)) {     /* what is moved was paid for by what went */
        size_t by = *keep;
        memmove(r->buf, r->buf + by, r->have - by);
        r->have -= by;
        r->from -= r->from < by ? r->from : by;
        *keep = 0;
    }
    size_t room = r->cap - r->have, got;
    if (room < SOURCE_ROOM)
        return false;
    if (room > READ)
        room = READ;
    if (!r->started) {
        uint64_t offset;
        got = source_start(r->source, r->buf + r->have, &offset, &r->ended);
        r->started = true;
    } else {
        got = source_read(r->source, r->buf + r->have, room, &r->ended);
    }
    r->have += got;
    return got > 0 || !r->ended;
}

struct str rows_head(struct rows *r)
{
    size_t keep = 0;

    while (r->have < ROWS_HEAD && more(r, &keep))
        ;
    return (struct str){ r->buf, r->have < ROWS_HEAD ? r->have : ROWS_HEAD };
}

struct str rows_piece(struct rows *r, size_t cap)
{
    size_t keep = r->from;

    while (r->from == r->have && more(r, &keep))
        keep = r->from;
    size_t     n = r->have - r->from < cap ? r->have - r->from : cap;
    struct str s = { r->buf + r->from, n };
    r->from += n;
    return s;
}

/* ---- lines ---- */

static struct str without_end(const uint8_t *p, size_t n)
{
    if (n && p[n - 1] == '\n')
        n--;
    if (n && p[n - 1] == '\r')
        n--;
    return (struct str){ p, n };
}

/* Drops text up to the line end. */
static void skip_line(struct rows *r)
{
    for (;;) {
        const uint8_t *nl = r->have > r->from ? memchr(r->buf + r->from, '\n', r->have - r->from) : NULL;
        if (nl) {
            r->from = (size_t)(nl - r->buf) + 1;
            r->line++;
            break;
        }
        size_t keep = r->from = r->have;
        if (!more(r, &keep))
            break;
    }
    r->skipping = false;
}

/* How far the line goes that begins at `at`, line end included; 0: nothing is there. *ret_over: row_max came first; *ret_open: no line end came. `at` moves with the text. */
static size_t line_at(struct rows *r, size_t *at, size_t *keep, size_t max, bool *ret_over, bool *ret_open)
{
    size_t seen = 0;

    *ret_over = *ret_open = false;
    for (;;) {
        size_t         n = r->have - *at;
        const uint8_t *nl = n > seen ? memchr(r->buf + *at + seen, '\n', n - seen) : NULL;
        if (nl && (size_t)(nl - r->buf) - *at < max)
            return (size_t)(nl - r->buf) - *at + 1;
        if (nl || n > max) {
            *ret_over = true;
            return max;
        }
        seen = n;
        size_t off = *at - *keep;
        bool   go = more(r, keep);
        *at = *keep + off;
        if (!go) {
            n = r->have - *at;
            if (n > seen)
                continue;
            *ret_open = true;
            return n;
        }
    }
}

static bool next_line(struct rows *r, struct rows_row *ret)
{
    bool   over, open;
    size_t at, keep, n;

    if (r->skipping)
        skip_line(r);
    at = keep = r->from;
    n  = line_at(r, &at, &keep, r->row_max, &over, &open);
    if (n == 0)
        return false;
    *ret = (struct rows_row){ .text = without_end(r->buf + at, n), .line = r->line };
    if (over) {
        ret->broken = rows_too_long;
        r->skipping = true;
    } else if (open && rows_why(r)->kind != ERR_NONE) {
        ret->broken = rows_cut;
    }
    r->row     = at;
    r->row_n   = r->first_n = n;
    r->lines   = 1;
    r->from    = at + n;
    r->line   += !over && !open;
    return true;
}

bool rows_extend(struct rows *r, struct rows_row *row)
{
    size_t at = r->from, keep = r->row;
    bool   over, open;

    if (row->broken || r->skipping || r->lines >= ROWS_EXTEND_MAX || r->row_n >= r->row_max)
        return false;
    size_t n = line_at(r, &at, &keep, r->row_max - r->row_n, &over, &open);
    r->row  = keep;
    r->from = at;
    row->text = without_end(r->buf + r->row, r->row_n);
    if (n == 0 || over)
        return false;
    r->row_n += n;
    r->from  += n;
    r->lines++;
    r->line += !open;
    row->text = without_end(r->buf + r->row, r->row_n);
    return true;
}

void rows_back(struct rows *r, struct rows_row *row)
{
    row->text = without_end(r->buf + r->row, r->first_n);
    if (r->lines < 2)
        return;
    r->from  = r->row + r->first_n;
    r->line  = row->line + 1;
    r->row_n = r->first_n;
    r->lines = 1;
}

/* ---- objects ---- */

static bool between(uint8_t c) { return ch_space(c) || c == ',' || c == '[' || c == ']' || c == 0x1E; }

/* What a scan of an object knows when the text ends for now. */
struct scan { size_t at; uint32_t depth; bool string; };
enum scanned { SCAN_MORE, SCAN_END, SCAN_LINE, SCAN_DEEP };

/* Inside a string: to behind its closing quote. */
static enum scanned scan_string(struct scan *s, const uint8_t *p, size_t n)
{
    while (s->at < n) {
        uint8_t c = p[s->at];
        if (c == '"') {
            s->at++;
            s->string = false;
            return SCAN_END;
        }
        if (c == '\n')
            return SCAN_LINE;
        if (c == '\\') {
            if (s->at + 1 >= n)
                return SCAN_MORE;
            s->at += p[s->at + 1] == '\n' ? 1 : 2;
            continue;
        }
        s->at++;
    }
    return SCAN_MORE;
}

static enum scanned scan_object(struct scan *s, const uint8_t *p, size_t n)
{
    while (s->at < n) {
        if (s->string) {
            enum scanned e = scan_string(s, p, n);
            if (e != SCAN_END)
                return e;
            continue;
        }
        switch (p[s->at++]) {
        case '"':
            s->string = true;
            break;
        case '{': case '[':
            if (++s->depth > ROWS_DEPTH)
                return SCAN_DEEP;
            break;
        case '}': case ']':
            if (--s->depth == 0)
                return SCAN_END;
            break;
        default:
            break;
        }
    }
    return SCAN_MORE;
}

static bool object_row(struct rows *r, size_t n, const char *broken, struct rows_row *ret)
{
    *ret = (struct rows_row){ .text = { r->buf + r->from, n }, .line = r->line, .broken = broken };
    r->line += lines_count(ret->text);
    r->from += n;
    r->row   = r->from;
    r->lines = 0;
    return true;
}

static bool next_object(struct rows *r, struct rows_row *ret)
{
    struct scan s = { 0 };
    size_t      keep;

    if (r->skipping)
        skip_line(r);
    for (;;) {
        while (r->from < r->have && between(r->buf[r->from]))
            r->line += r->buf[r->from++] == '\n';
        keep = r->from;
        if (r->from < r->have)
            break;
        if (!more(r, &keep))
            return false;
    }
    if (r->buf[r->from] != '{') {
        struct rows_row line;
        bool            over, open;
        size_t          at = keep, n = line_at(r, &at, &keep, r->row_max, &over, &open);
        r->from = at;
        line = (struct rows_row){ .text = without_end(r->buf + at, n), .line = r->line, .broken = over ? rows_too_long : rows_no_object };
        r->from    += n;
        r->line    += !over && !open;
        r->skipping = over;
        *ret = line;
        return true;
    }
    for (;;) {
        size_t n = r->have - r->from;
        switch (scan_object(&s, r->buf + r->from, n < r->row_max ? n : r->row_max)) {
        case SCAN_END:
            return object_row(r, s.at, NULL, ret);
        case SCAN_LINE:
            return object_row(r, s.at + 1, rows_line_in_string, ret);
        case SCAN_DEEP:
            r->skipping = true;
            return object_row(r, s.at, rows_too_deep, ret);
        case SCAN_MORE:
            if (n >= r->row_max) {
                r->skipping = true;
                return object_row(r, r->row_max, rows_too_long, ret);
            }
            if (!more(r, &keep) && r->have - keep == n)
                return object_row(r, n, rows_cut, ret);
            r->from = keep;
            break;
        }
    }
}

bool rows_next(struct rows *r, enum rows_kind kind, struct rows_row *ret)
{
    return kind == ROWS_LINES ? next_line(r, ret) : next_object(r, ret);
}
