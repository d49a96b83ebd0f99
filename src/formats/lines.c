/*
 * One buffer, read into directly. From left to right it holds
 *
 *     0        from             cut         have      raw      raw_end   cap
 *     | given  | rows to give   | open row  |  (hole) | pending |  free  |
 *
 * Rule 1   [from, have) is text: UTF-8 without NUL. [raw, raw_end) was read but not yet looked at.
 * Rule 2   without NUL bytes there is no hole, and pending bytes become text by moving an index.
 * Rule 3   `cut` is the last known start of a row; from <= cut <= have. Line starts at or before `scan` are decided.
 * Rule 4   while `gap` is not zero, text is taken over line by line, so that the row which lost bytes ends its block and
 *          the next block's offset is exact. `gap` lies before the line start that is still undecided, `gap_open` after it.
 */
#include "formats/lines.h"
#include "formats/source.h"

#include <string.h>

enum {
    READ     = 256 << 10,               /* one fill: large enough for the disk, small enough for the cache */
    DECIDE   = 16,                      /* bytes that tell whether a line starts a row                     */
    TEXT_CAP = LINES_ROW_MAX + DECIDE + 2 * READ,
};
_Static_assert((int)READ >= (int)SOURCE_ROOM, "a read leaves the room that the source wants");

struct lines {
    struct source *source;
    enum utf_kind  kind;
    bool           dated, started, skipping;
    bool           ended;               /* no more bytes will come; source_why says why   */
    bool           undecided;           /* the last line start of the text may yet begin a row */

    uint8_t *buf;
    size_t   from, cut, scan, have, raw, raw_end;
    uint64_t offset, line;              /* of buf[from] */
    uint64_t gap, gap_open;             /* bytes taken out of [from, have) */
    struct lines_damage damage;
};

/* ---- opening ---- */

bool lines_open(struct lines **ret, struct arena *a, lines_fill *fill, void *ctx, bool dated, struct err *e)
{
    struct lines *l = NEW(a, struct lines, 1);

    if (l)
        l->buf = TAKE(a, uint8_t, TEXT_CAP);
    if (!l || !l->buf)
        return err_set(e, ERR_MEMORY, "no room for a line buffer of %d bytes", TEXT_CAP);
    if (!source_open(&l->source, a, fill, ctx, e))
        return false;
    l->dated = dated;
    l->line  = 1;
    l->damage.first_offset = UINT64_MAX;
    *ret = l;
    return true;
}

void lines_close(struct lines *l)
{
    if (l)
        source_close(l->source);
}

/* ---- rows ---- */

/* 1: starts a row. 0: does not. -1: too few bytes to tell. */
static int row_start(const uint8_t *p, size_t n)
{
    static const struct str word[] = { STR_INIT("datetime,"), STR_INIT("timestamp,"), STR_INIT("date-time,") };
    static const char date[] = "dddd-dd-dd";
    size_t k = 0;

    if (n && p[0] == '#')
        return 1;
    while (k < n && k < 10 && (date[k] == 'd' ? ch_digit(p[k]) : p[k] == '-'))
        k++;
    if (k == 10)
        return 1;
    if (k == n)
        return -1;
    for (size_t w = 0; w < 3; w++) {
        for (k = 0; k < n && k < word[w].n && ch_lower(p[k]) == word[w].p[k];)
            k++;
        if (k == word[w].n)
            return 1;
        if (k == n)
            return -1;
    }
    return 0;
}

bool lines_row_starts(struct str line) { return row_start(line.p, line.n) == 1; }

static int starts_at(const struct lines *l, size_t at)
{
    return l->dated ? row_start(l->buf + at, l->have - at) : 1;
}

/* Moves `cut` to the last row start in the text that is not yet scanned. */
static void find_cut(struct lines *l)
{
    size_t end = l->have, next_scan = l->have;

    l->undecided = false;
    while (end > l->scan) {
        const uint8_t *nl = memrchr(l->buf + l->scan, '\n', end - l->scan);
        if (!nl)
            break;
        size_t at = (size_t)(nl - l->buf);
        int    is = starts_at(l, at + 1);
        if (is > 0) {
            l->cut = at + 1;
            break;
        }
        if (is < 0) {
            l->undecided = true;
            next_scan = at;
        }
        end = at;
    }
    l->scan = next_scan;
}

/*
 * A vector of `lanes` at a step: compilers make code for every target of that. Each line end counts, and as a record where the byte behind it starts
 * one; a lane counts to 255 before the lanes are added up.
 */
#define COUNT_STEPS(lanes, text, dated, i, lines, records)                                                                             \
    while ((text).n - (i) > sizeof(lanes)) {           /* one more byte than a step has: what follows its last line end */             \
        lanes  ends = { 0 }, starts = { 0 };                                                                                           \
        size_t steps = ((text).n - (i) - 1) / sizeof(lanes);                                                                           \
        for (steps = steps > 255 ? 255 : steps; steps; steps--, (i) += sizeof(lanes)) {                                                \
            lanes here, next;                                                                                                          \
            memcpy(&here, (text).p + (i), sizeof here);                                                                                \
            memcpy(&next, (text).p + (i) + 1, sizeof next);                                                                            \
            lanes end = (lanes)(here == '\n');                                                                                         \
            ends   -= end;                                                                                                             \
            starts -= end & ((dated) ? (lanes)(next - '0' < 10) : (lanes)(next != '#'));                                               \
        }                                                                                                                              \
        for (size_t k = 0; k < sizeof(lanes); k++) {                                                                                   \
            (lines)   += ends[k];                                                                                                      \
            (records) += starts[k];                                                                                                    \
        }                                                                                                                              \
    }

static bool starts_record(uint8_t c, bool dated) { return dated ? ch_digit(c) : c != '#'; }

/* What is left of a text behind the last whole step. */
static uint64_t count_rest(struct str text, size_t i, bool dated, uint64_t lines, uint64_t records, uint64_t *ret_records)
{
    for (; i < text.n; i++)
        if (text.p[i] == '\n') {
            lines++;
            records += i + 1 < text.n && starts_record(text.p[i + 1], dated);
        }
    *ret_records = records + (text.n && starts_record(text.p[0], dated));
    return lines;
}

uint64_t lines_count_both_portable(struct str text, bool dated, uint64_t *ret_records)
{
    typedef uint8_t lanes __attribute__((vector_size(16)));
    uint64_t lines = 0, records = 0;
    size_t   i = 0;

    COUNT_STEPS(lanes, text, dated, i, lines, records)
    return count_rest(text, i, dated, lines, records, ret_records);
}

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("avx2"))) static uint64_t count_wide(struct str text, bool dated, uint64_t *ret_records)
{
    typedef uint8_t lanes __attribute__((vector_size(32)));
    uint64_t lines = 0, records = 0;
    size_t   i = 0;

    if (dated) {
        COUNT_STEPS(lanes, text, true, i, lines, records)
    } else {
        COUNT_STEPS(lanes, text, false, i, lines, records)
    }
    return count_rest(text, i, dated, lines, records, ret_records);
}

uint64_t lines_count_both(struct str text, bool dated, uint64_t *ret_records)
{
    return __builtin_cpu_supports("avx2") ? count_wide(text, dated, ret_records) : lines_count_both_portable(text, dated, ret_records);
}
#else
uint64_t lines_count_both(struct str text, bool dated, uint64_t *ret_records) { return lines_count_both_portable(text, dated, ret_records); }
#endif

uint64_t lines_count(struct str text)
{
    uint64_t records;
    return lines_count_both(text, false, &records);
}

/* How many bytes of the (inflated) file this text was. */
static uint64_t source_bytes(const struct lines *l, size_t from, size_t to)
{
    uint64_t n = 0;

    if (l->kind == UTF_8)
        return to - from;
    for (size_t i = from; i < to; i++) {
        uint8_t c = l->buf[i];
        if (l->kind == UTF_1252)
            n += (c & 0xC0) != 0x80;
        else
            n += (c & 0xC0) == 0x80 ? 0 : c >= 0xF0 ? 4 : 2;
    }
    return n;
}

static void damaged_at(struct lines *l, uint64_t offset)
{
    if (offset < l->damage.first_offset)
        l->damage.first_offset = offset;
}

/* ---- pending bytes become text ---- */

static void take(struct lines *l, size_t n)
{
    if (l->have != l->raw)
        memmove(l->buf + l->have, l->buf + l->raw, n);
    l->have += n;
    l->raw  += n;
}

static void drop_nuls(struct lines *l)
{
    uint64_t unit = l->kind == UTF_16LE || l->kind == UTF_16BE ? 2 : 1, n = 0;

    damaged_at(l, l->offset + source_bytes(l, l->from, l->have) + l->gap + l->gap_open);
    for (; l->raw < l->raw_end && l->buf[l->raw] == 0; l->raw++)
        n++;
    l->damage.nul_bytes += n;
    if (l->have == l->from && !l->skipping)
        l->offset += n * unit;                          /* before the first byte of a row: the row begins later */
    else if (l->undecided && l->scan + 1 < l->have)
        l->gap_open += n * unit;
    else
        l->gap += n * unit;
}

/* Takes over what rule 4 allows. */
static void accept(struct lines *l)
{
    if (l->buf[l->raw] == 0) {
        drop_nuls(l);
        return;
    }
    size_t         n = l->raw_end - l->raw, open_line = l->scan;
    bool           was_open = l->undecided;
    const uint8_t *p = l->buf + l->raw;
    if (l->gap || l->gap_open) {
        const uint8_t *nl = memchr(p, '\n', n);
        if (nl)
            n = (size_t)(nl - p) + 1;
    }
    const uint8_t *nul = memchr(p, 0, n);
    take(l, nul ? (size_t)(nul - p) : n);
    find_cut(l);
    if (l->cut <= l->from && !(was_open && l->undecided && l->scan == open_line)) {
        l->gap += l->gap_open;                          /* that line started no row: it belongs to the row before */
        l->gap_open = 0;
    }
}

static void refill(struct lines *l)
{
    size_t tail = l->have - l->from, got;

    if (l->from && (tail <= READ / 4 || TEXT_CAP - l->have < READ)) {
        memmove(l->buf, l->buf + l->from, tail);
        l->cut  = l->cut > l->from ? l->cut - l->from : 0;
        l->scan = l->scan > l->from ? l->scan - l->from : 0;
        l->from = 0;
        l->have = tail;
    }
    got = source_read(l->source, l->buf + l->have, READ, &l->ended);
    l->raw     = l->have;
    l->raw_end = l->have + got;
}

/* ---- rows leave ---- */

/* at_row: `to` is where a row starts, so what was taken out after it belongs to that row. Gives the records in what leaves. */
static uint64_t leave(struct lines *l, size_t to, bool at_row)
{
    uint64_t records;

    l->line   += lines_count_both((struct str){ l->buf + l->from, to - l->from }, l->dated, &records);
    l->offset += source_bytes(l, l->from, to) + l->gap;
    l->gap     = at_row ? l->gap_open : 0;
    if (at_row)
        l->gap_open = 0;
    l->from = to;
    if (l->scan < to)
        l->scan = to;
    if (l->cut < to)
        l->cut = to;
    return records;
}

static bool give(struct lines *l, size_t to, bool at_row, struct lines_block *ret)
{
    *ret = (struct lines_block){ { l->buf + l->from, to - l->from }, l->offset, l->line, 0 };
    ret->records = leave(l, to, at_row);
    return true;
}

/* A row longer than the limit: the last row start within it, if there is one, or the limit itself. */
static bool give_limited(struct lines *l, size_t to, struct lines_block *ret)
{
    if (to - l->from <= LINES_ROW_MAX)
        return give(l, to, true, ret);
    size_t limit = l->from + LINES_ROW_MAX, end = limit;
    while (end > l->from) {
        const uint8_t *nl = memrchr(l->buf + l->from, '\n', end - l->from);
        if (!nl)
            break;
        end = (size_t)(nl - l->buf);
        if (starts_at(l, end + 1) > 0)
            return give(l, end + 1, true, ret);
    }
    l->damage.long_rows++;
    damaged_at(l, l->offset + source_bytes(l, l->from, limit) + l->gap);
    l->skipping = true;
    return give(l, limit, false, ret);
}

/* The rest of a row that was too long. */
static void skip(struct lines *l)
{
    size_t at = l->from;

    for (;;) {
        const uint8_t *nl = at < l->have ? memchr(l->buf + at, '\n', l->have - at) : NULL;
        if (!nl) {
            leave(l, l->have, false);
            return;
        }
        at = (size_t)(nl - l->buf);
        int is = starts_at(l, at + 1);
        if (is < 0) {
            leave(l, at, false);                        /* keeps the line end: it shows where the open line begins */
            return;
        }
        at++;
        if (is > 0) {
            l->skipping = false;
            leave(l, at, true);
            return;
        }
    }
}

bool lines_next(struct lines *l, struct lines_block *ret, struct err *e)
{
    if (!l->started) {
        l->started = true;
        l->raw_end = source_start(l->source, l->buf, &l->offset, &l->ended);
        l->kind    = source_kind(l->source);
    }
    for (;;) {
        if (l->skipping && l->have > l->from)
            skip(l);
        if (!l->skipping && l->cut > l->from)
            return give_limited(l, l->cut, ret);
        if (!l->skipping && l->have - l->from >= LINES_ROW_MAX + DECIDE)
            return give_limited(l, l->have, ret);
        if (l->raw < l->raw_end) {
            accept(l);
        } else if (!l->ended) {
            refill(l);
        } else {
            if (l->skipping) {
                leave(l, l->have, true);
                l->skipping = false;
            }
            if (l->have == l->from)
                break;
            l->undecided = false;
            if (l->buf[l->have - 1] != '\n' && !l->damage.cut_last) {
                l->damage.cut_last = 1;
                damaged_at(l, l->offset + source_bytes(l, l->from, l->have) + l->gap + l->gap_open);
            }
            l->gap += l->gap_open;
            l->gap_open = 0;
            return give_limited(l, l->have, ret);
        }
    }
    if (e)
        *e = *source_why(l->source);
    return false;
}

void lines_damage(const struct lines *l, struct lines_damage *ret) { *ret = l->damage; }
enum utf_kind lines_encoding(const struct lines *l) { return l->kind; }
bool lines_was_gz(const struct lines *l) { return source_gz(l->source); }

/* ---- walking inside a block ---- */

static bool step_to(struct str text, size_t *pos, size_t end, struct str *ret, size_t *ret_at)
{
    size_t from = *pos, n = end - from;

    *pos = end;
    n -= n && text.p[from + n - 1] == '\n';
    n -= n && text.p[from + n - 1] == '\r';
    *ret    = (struct str){ text.p + from, n };
    *ret_at = from;
    return true;
}

static size_t line_end(struct str text, size_t pos)
{
    const uint8_t *nl = memchr(text.p + pos, '\n', text.n - pos);
    return nl ? (size_t)(nl - text.p) + 1 : text.n;
}

bool lines_step(struct str text, size_t *pos, struct str *ret, size_t *ret_at)
{
    if (*pos >= text.n)
        return false;
    return step_to(text, pos, line_end(text, *pos), ret, ret_at);
}

bool lines_row_step(struct str text, size_t *pos, struct str *ret, size_t *ret_at)
{
    if (*pos >= text.n)
        return false;
    size_t end = line_end(text, *pos);
    while (end < text.n && !lines_row_starts(str_from(text, end)))
        end = line_end(text, end);
    return step_to(text, pos, end, ret, ret_at);
}
