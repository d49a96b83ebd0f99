#include "detect/logscan_inner.h"
#include "base/num.h"

#include <string.h>

enum { ROW_LINES_MAX = 4096 };

size_t logscan_line_start(struct str text, size_t at)
{
    size_t nl = str_rchr(str_sub(text, 0, at), '\n');
    return nl == STR_NONE ? 0 : nl + 1;
}

static size_t line_end(struct str text, size_t at)
{
    size_t nl = str_chr(str_from(text, at), '\n');
    return nl == STR_NONE ? text.n : at + nl;
}

void logscan_row_bounds(const struct scan *s, size_t at, size_t *ret_from, size_t *ret_to)
{
    struct str text = s->block.text;
    size_t     from = logscan_line_start(text, at), to = line_end(text, at);

    if (s->state.kind->dated) {
        for (int i = 0; i < ROW_LINES_MAX && from > 0 && !lines_row_starts(str_sub(text, from, to)); i++)
            from = logscan_line_start(text, from - 1);
        for (int i = 0; i < ROW_LINES_MAX && to < text.n; i++) {
            size_t next = to + 1;
            if (next >= text.n || lines_row_starts(str_from(text, next)))
                break;
            to = line_end(text, next);
        }
    }
    *ret_from = from;
    *ret_to   = to;
}

struct str logscan_row_text(struct str row)
{
    while (row.n && (row.p[row.n - 1] == '\r' || row.p[row.n - 1] == '\n'))
        row.n--;
    return row;
}

static uint64_t line_number(struct scan *s, size_t at)
{
    if (at < s->line_pos) {
        s->line_pos = 0;
        s->line_at  = s->block.line;
    }
    s->line_at += lines_count(str_sub(s->block.text, s->line_pos, at));
    s->line_pos = at;
    return s->line_at;
}

struct logscan_memory *logscan_memory(struct arena *keep)
{
    struct logscan_memory *m = NEW(keep, struct logscan_memory, 1);
    uint8_t               *p = m ? TAKE(keep, uint8_t, LOGSCAN_MEMORY) : NULL;

    if (p)
        m->columns.keep = (struct arena){ p, p + LOGSCAN_MEMORY, NULL };     /* what finds no room there is only slower */
    return p ? m : NULL;
}

/* The columns of these names answer as they did in an earlier log. */
static const struct binding *remembered(const struct logscan_memory *m, const struct str *names)
{
    for (size_t i = 0; m && i < m->binding_n; i++)
        if (m->names[i] == names)
            return &m->binding[i];
    return NULL;
}

static void remember(struct scan *s)
{
    struct logscan_memory *m = s->sink->memory;
    bool                   kept = false;

    for (size_t i = 0; m && i < m->columns.n; i++)
        kept = kept || m->columns.item[i].cols.name == s->state.cols.name;
    if (!kept || m->binding_n == COLUMNS_KEPT)
        return;
    struct binding b = s->binding;
    b.field = TAKE(&m->columns.keep, int16_t, s->plan->sigma->field_n + 1);
    if (!b.field)
        return;
    memcpy(b.field, s->binding.field, s->plan->sigma->field_n * sizeof *b.field);
    m->names[m->binding_n]     = s->state.cols.name;
    m->binding[m->binding_n++] = b;
}

/* How the columns of the newest header answer. There is one. */
void logscan_bind(struct scan *s)
{
    const struct columns *cols = &s->state.cols;

    if (s->binding.made && s->binding.generation == cols->generation)
        return;
    const struct binding *known = remembered(s->sink->memory, cols->name);
    if (known) {
        s->binding = *known;
        s->binding.generation = cols->generation;
        return;
    }
    s->binding.field = s->field;
    binding_make(&s->binding, cols, s->plan->sigma);
    remember(s);
}

/* Splits the row and takes its facts; false: not a record that can be read. */
bool logscan_row_read(struct scan *s, size_t from, size_t to, struct arena *a, struct record *r, struct event *ev)
{
    struct err   ignored = { 0 };
    struct str   raw     = logscan_row_text(str_sub(s->block.text, from, to));

    if (!s->state.has_cols && s->state.kind != &log_oab) {
        s->ret->headerless++;
        return false;
    }
    if (raw.n && raw.p[0] == '#')                        /* a comment of the log, which a rule without literal would take for an empty record */
        return false;
    if (!raw.n || !s->state.kind->parse(&s->state, a, raw, r, &ignored)) {
        s->ret->damaged_rows += raw.n > 0;
        return false;
    }
    s->ret->damaged_rows += r->damaged;
    r->line   = line_number(s, from);
    r->offset = s->block.offset + from;
    logscan_bind(s);
    return event_read(ev, s->node->family, r, &s->binding, &s->proxies, s->plan->ev, a);
}
