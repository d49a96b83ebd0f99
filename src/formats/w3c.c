#include "formats/w3c.h"
#include "formats/columns.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static bool header(struct log_state *s, struct str line)
{
    struct str text;
    int64_t    us;

    if (line.n == 0 || line.p[0] != '#')
        return false;
    s->headers++;
    if (columns_directive(line, STR("Fields"), &text)) {
        columns_take(s, text, ' ');
    } else if (columns_directive(line, STR("Date"), &text) && time_parse(str_sub(text, 0, 10), &us)) {
        s->day_us  = us;
        s->has_day = true;
    }
    return true;
}

/* "HH:MM:SS[.fraction]" as microseconds of a day: time_parse knows how, given a day. */
static bool clock_us(struct str s, int64_t *ret)
{
    uint8_t text[32] = "1970-01-01T";

    if (s.n < 5 || s.n > sizeof text - 11)
        return false;
    memcpy(text + 11, s.p, s.n);
    return time_parse((struct str){ text, 11 + s.n }, ret);
}

/* Joins the two fields; without a date field the day comes from "#Date:". */
static bool join_time(const struct log_state *s, struct str date, struct str clock, int64_t *ret)
{
    int64_t day = s->day_us, us;

    if (date.p ? !time_parse(date, &day) : !s->has_day)
        return false;
    if (!clock_us(clock, &us))
        return false;
    *ret = day + us;
    return true;
}

static struct str value_of(struct str field)
{
    return field.n == 1 && field.p[0] == '-' ? str_sub(field, 0, 0) : field;
}

static bool row_time(const struct log_state *s, struct str line, int64_t *ret)
{
    if (!s->has_cols)
        return false;
    size_t     date_at = columns_find(&s->cols, STR("date")), clock_at = columns_find(&s->cols, STR("time"));
    struct str date = STR_EMPTY, clock = STR_EMPTY, field;

    if (clock_at == STR_NONE)
        return false;
    size_t last = date_at != STR_NONE && date_at > clock_at ? date_at : clock_at;
    for (size_t i = 0; i <= last && str_cut(&line, ' ', &field); i++) {
        if (i == date_at)
            date = field;
        if (i == clock_at)
            clock = field;
    }
    if (date_at != STR_NONE && !date.p)
        return false;
    return join_time(s, date, clock, ret);
}

/* Where a field ends. Most are short: a few bytes by hand cost less than a call. */
static size_t field_end(struct str s)
{
    size_t near = s.n < 16 ? s.n : 16;

    for (size_t i = 0; i < near; i++)
        if (s.p[i] == ' ')
            return i;
    const uint8_t *p = s.n > near ? memchr(s.p + near, ' ', s.n - near) : NULL;
    return p ? (size_t)(p - s.p) : s.n;
}

/* The values of a row that is already split give the same time as the row itself, but cheaper. */
static bool split_time(const struct log_state *s, const struct record *r, int64_t *ret)
{
    size_t date_at = columns_find(&s->cols, STR("date")), clock_at = columns_find(&s->cols, STR("time"));

    if (r->n == RECORD_COLUMNS_MAX)                     /* the last value may be a whole rest */
        return row_time(s, r->raw, ret);
    if (clock_at >= r->n || (date_at != STR_NONE && date_at >= r->n))
        return false;
    return join_time(s, date_at == STR_NONE ? STR_EMPTY : r->value[date_at], r->value[clock_at], ret);
}

static struct str without_end(struct str row)
{
    while (row.n && row.p[row.n - 1] == ' ')             /* HTTPERR ends lines with a blank */
        row.n--;
    return row;
}

static bool parse(const struct log_state *s, struct arena *scratch, struct str raw, struct record *ret, struct err *e)
{
    struct record r = { .cols = &s->cols, .time_us = TIME_NONE, .raw = raw };
    struct str    rest = raw;
    size_t        cap = s->cols.n + 1;

    if (!s->has_cols)
        return err_set(e, ERR_FORMAT, "no usable #Fields line before this line");
    rest = without_end(rest);
    if (rest.n == 0)
        return err_set(e, ERR_FORMAT, "the line is empty");

    r.value = NEW(scratch, struct str, cap);
    for (bool more = true; more; r.n++) {
        if (!r.value || (r.n == cap && !GROW(scratch, r.value, r.n, &cap)))
            return err_set(e, ERR_MEMORY, "no room for %zu values", r.n + 1);
        size_t end = r.n + 1 < RECORD_COLUMNS_MAX ? field_end(rest) : rest.n;
        more = end < rest.n;
        r.value[r.n] = value_of(str_sub(rest, 0, end));
        rest = str_from(rest, end + 1);
    }

    r.damaged = r.n < s->cols.n || memchr(raw.p, 0, raw.n) != NULL;
    if (!split_time(s, &r, &r.time_us))
        r.time_us = TIME_NONE;
    *ret = r;
    return true;
}

size_t w3c_cut_portable(struct str row, struct str *ret, size_t max)
{
    size_t n = 0;

    row = without_end(row);
    for (bool more = row.n > 0; more && n < max && n + 1 < RECORD_COLUMNS_MAX;) {
        size_t end = field_end(row);
        more = end < row.n;
        ret[n++] = value_of(str_sub(row, 0, end));
        row = str_from(row, end + 1);
    }
    return n;
}

#ifdef __SSE2__
/* A bit for each separator of 16 bytes at a time: a value ends where a bit is set, however short or long it is. */
size_t w3c_cut(struct str row, struct str *ret, size_t max)
{
    const __m128i blank = _mm_set1_epi8(' ');
    size_t        n = 0, from = 0, i = 0;

    row = without_end(row);
    if (max >= RECORD_COLUMNS_MAX)
        return w3c_cut_portable(row, ret, max);
    for (; row.n - i >= 16 && n < max; i += 16) {
        unsigned bits = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(row.p + i)), blank));
        for (; bits && n < max; bits &= bits - 1) {
            size_t end = i + (size_t)__builtin_ctz(bits);
            ret[n++] = value_of((struct str){ row.p + from, end - from });
            from = end + 1;
        }
    }
    for (; i < row.n && n < max; i++)
        if (row.p[i] == ' ') {
            ret[n++] = value_of((struct str){ row.p + from, i - from });
            from = i + 1;
        }
    if (row.n && n < max)
        ret[n++] = value_of((struct str){ row.p + from, row.n - from });
    return n;
}
#else
size_t w3c_cut(struct str row, struct str *ret, size_t max) { return w3c_cut_portable(row, ret, max); }
#endif

bool w3c_plus(struct arena *a, struct str s, struct str *ret)
{
    if (str_chr(s, '+') == STR_NONE) {
        *ret = s;
        return true;
    }
    uint8_t *p = NEW(a, uint8_t, s.n);
    if (!p)
        return false;
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] == '+' ? ' ' : s.p[i];
    *ret = (struct str){ p, s.n };
    return true;
}

/* A new day or new fields: nothing else in a header changes what a line means. */
static const char *const header_literal[] = { "#Fields:", "#Date:", NULL };

const struct log_kind log_w3c = {
    .name           = "w3c",
    .dated          = false,
    .header_literal = header_literal,
    .header         = header,
    .parse          = parse,
    .time           = row_time,
};
