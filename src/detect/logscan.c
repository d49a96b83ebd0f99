#include "detect/logscan_inner.h"
#include "detect/iocs.h"
#include "formats/w3c.h"

#include <string.h>

/*
 * Memory of one file, all from the caller's `work`:
 *   state  columns of the newest headers: a fixed share
 *   notes  names, peers, builds: a fixed share
 *   row    values of one row: passed by value, so it empties itself
 *   rest   hits; when little is left, or the list cannot grow, they are handed over (flush) and the room is used anew
 */
enum {
    STATE_BYTES = 512 << 10, NOTES_BYTES = 256 << 10, ROW_BYTES = 3 << 20, GATE_BYTES = 1 << 20
};

static size_t words(const struct scan *s) { return (s->pf->rule_n + 63) / 64; }

/* Takes rules out of `want` that do not fit. A row that is a candidate for another reason is looked at by read_row. */
static bool ask_early(struct scan *s, size_t from, size_t to)
{
    const struct log_state *st = &s->state;

    if (s->learnt || s->listed || s->odd || s->plan->pivot || s->plan->whole || st->kind != &log_w3c || !st->has_cols)
        return false;
    logscan_bind(s);
    return gate_ask(&s->gate, &st->cols, &s->binding, logscan_row_text(str_sub(s->block.text, from, to)), &s->proxies, s->row, s->want);
}

/* Is there any reason to take this row apart? */
static bool wanted(const struct scan *s)
{
    bool any = s->learnt || s->listed || s->odd || s->plan->pivot;

    for (size_t w = 0; w < words(s) && !any; w++)
        any = s->want[w] != 0;
    return any;
}

static bool finish_row(struct scan *s)
{
    size_t from = s->from, to = s->to;
    struct arena  a = s->row;
    struct record r;
    struct event  ev;

    if (to == 0)
        return true;
    s->to = 0;
    s->ret->candidates++;
    bool header = s->header;
    s->header = false;
    if (header) {
        struct str line;
        size_t     pos = 0, at;
        struct str row = str_sub(s->block.text, from, to);
        bool       all = true;
        while (lines_step(row, &pos, &line, &at))
            all = s->state.kind->header(&s->state, line) && all;
        if (all)
            goto out;
    }
    s->sure = wanted(s) && ask_early(s, from, to);
    if (wanted(s) && logscan_row_read(s, from, to, &a, &r, &ev) && logscan_in_scope(s->plan, r.time_us)) {
        s->ret->split++;
        s->ioc = s->plan->user ? iocs_of(s->plan->user, &ev, r.time_us, a) + 1 : 0;
        if (s->plan->pivot)
            logscan_judge_pivot(s, &ev, &r, &a);
        else
            logscan_judge_rules(s, &ev, &r, &a);
        logscan_note_version(s, &ev, &r);
    }
out:
    s->learnt = s->listed = s->odd = false;
    memset(s->want, 0, words(s) * sizeof *s->want);
    return !s->failed;
}

static void want_rule(struct scan *s, uint32_t at) { s->want[at / 64] |= UINT64_C(1) << (at % 64); }

static void want_all(struct scan *s)
{
    for (uint32_t i = 0; i < s->pf->rule_n; i++)
        want_rule(s, i);
}

static void want_always(struct scan *s)
{
    for (size_t i = 0; i < s->pf->always_n && !s->plan->pivot; i++)
        want_rule(s, s->pf->always[i]);
}

static bool mark_literal(void *ctx, uint32_t id, size_t end)
{
    struct scan *s = ctx;

    (void)end;
    if (id == PLAN_ID_HEADER)
        s->header = true;
    else if (id == PLAN_ID_LEARNT || id == PLAN_ID_LEARNT_STEM)
        s->learnt = true;
    else if (id == PLAN_ID_IOC)
        s->listed = true;
    else if (id == PLAN_ID_EVASION || id == PLAN_ID_COOKIE) {
        s->odd = true;
        want_all(s);
    } else if (id >= PLAN_ID_RULE && id - PLAN_ID_RULE < s->pf->owner_n) {
        /* Outside IIS a candidate is rare, and a path may be spelled so that only one rule's literal is found: ask them all. */
        if (s->state.kind == &log_w3c)
            want_rule(s, s->pf->owner[id - PLAN_ID_RULE] & ~PLAN_OF_STEM);
        else
            want_all(s);
    }
    return true;
}

static bool forged_cookie(struct str text, size_t at)
{
    for (; at < text.n; at++)
        if (text.p[at] == '/')
            return true;
        else if (text.p[at] == '~' || text.p[at] == '\n')
            return false;
    return false;
}

/* Rows up to `to` hold no literal; the rules without literal are asked about each. */
static bool walk(struct scan *s, size_t to)
{
    if (!s->pf->always_n || s->plan->pivot)
        return true;
    for (size_t at = s->walked; at < to;) {
        logscan_row_bounds(s, at, &s->from, &s->to);
        s->walked = at = s->to + 1;
        if (s->from == s->to) {                            /* an empty line; nothing to judge */
            s->to = 0;
            continue;
        }
        want_always(s);
        if (!finish_row(s))
            return false;
    }
    return true;
}

static bool of_stem(const struct scan *s, uint32_t id)
{
    return id == PLAN_ID_LEARNT_STEM || (id >= PLAN_ID_RULE && id - PLAN_ID_RULE < s->pf->owner_n && (s->pf->owner[id - PLAN_ID_RULE] & PLAN_OF_STEM));
}

/* Finds the row's stem. Where that is not known, it may be anywhere. */
static void find_stem(struct scan *s)
{
    struct log_state *st = &s->state;
    struct str        row = logscan_row_text(str_sub(s->block.text, s->row_from, s->row_to)), value[GATE_COLUMNS];

    s->stem_from = s->row_from;
    s->stem_to   = s->row_to;
    if (st->kind != &log_w3c || !st->has_cols)
        return;
    logscan_bind(s);
    size_t n = s->binding.col[COL_STEM] < 0 ? GATE_COLUMNS : (size_t)s->binding.col[COL_STEM] + 1;
    if (n >= GATE_COLUMNS)
        return;
    if (w3c_cut(row, value, n) < n) {
        s->stem_to = s->row_from;                          /* a short row has none */
        return;
    }
    s->stem_from = value[n - 1].n ? (size_t)(value[n - 1].p - s->block.text.p) : s->row_from;
    s->stem_to   = s->stem_from + value[n - 1].n;
}

/* Most rows with a rule's literal are of a few pages that the rule leaves out. Where peers of forwarded requests are to be learnt the row is read all the same. */
static bool is_vain(const struct scan *s, uint32_t id)
{
    return id >= PLAN_ID_RULE && !s->plan->whole && s->binding.made && s->binding.generation == s->state.cols.generation && s->binding.col[COL_FORWARDED] < 0 &&
           gate_never(&s->gate, &s->state.cols, str_sub(s->block.text, s->stem_from, s->stem_to), s->pf->owner[id - PLAN_ID_RULE] & ~PLAN_OF_STEM);
}

static bool on_literal(void *ctx, uint32_t id, size_t end)
{
    struct scan *s = ctx;

    if (id == PLAN_ID_COOKIE && !forged_cookie(s->block.text, end))
        return true;
    if (end > s->row_to) {
        if (!finish_row(s))
            return false;
        logscan_row_bounds(s, end - 1, &s->row_from, &s->row_to);
        s->stem_to = SIZE_MAX;
    }
    if (of_stem(s, id)) {
        if (s->stem_to == SIZE_MAX)
            find_stem(s);
        if (end <= s->stem_from || end > s->stem_to || is_vain(s, id))
            return true;
    }
    if (s->to == 0) {
        if (!walk(s, s->row_from))
            return false;
        s->from   = s->row_from;
        s->to     = s->row_to;
        s->walked = s->to + 1;
        want_always(s);
    }
    return mark_literal(s, id, end);
}

static bool scan_block(struct scan *s)
{
    s->line_pos = 0;
    s->line_at  = s->block.line;
    s->to       = 0;
    s->row_to   = 0;
    if (!s->state.has_cols) {
        /* A file may start with data of a header that was cut off; and one whose header is the bare kind may hold no literal. */
        struct str line;
        size_t     pos = 0, at;
        for (int i = 0; i < 16 && lines_step(s->block.text, &pos, &line, &at); i++)
            s->state.kind->header(&s->state, line);
    }
    s->walked   = 0;
    search_scan(s->pf->search, s->block.text, on_literal, s);
    if (s->failed || !finish_row(s) || !walk(s, s->block.text.n))
        return false;
    logscan_cover_block(s);
    logscan_sample_block(s);
    s->ret->records += s->block.records;
    return true;
}

struct feed { struct ev_stream *stream; const struct logscan_sink *sink; uint64_t bytes; };

static bool feed_fill(void *ctx, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct feed *f = ctx;

    if (!ev_stream_fill(f->stream, buf, cap, got, e))
        return false;
    f->bytes += *got;
    f->sink->step(f->sink->ctx, *got);
    return true;
}

bool logscan_run(const struct plan *plan, struct ev *ev, struct ev_node *node, bool hash, struct arena *work,
                 const struct logscan_sink *sink, struct logscan_result *ret, struct err *e)
{
    const struct plan_family *pf = &plan->family[node->family];
    struct scan  *s     = NEW(work, struct scan, 1);
    uint8_t      *state = TAKE(work, uint8_t, STATE_BYTES), *row = TAKE(work, uint8_t, ROW_BYTES);
    uint8_t      *notes = TAKE(work, uint8_t, NOTES_BYTES), *gate = TAKE(work, uint8_t, GATE_BYTES);
    struct feed   feed  = { .sink = sink };
    struct lines *lines = NULL;
    struct err    io    = { 0 };

    if (!s || !state || !row || !notes || !gate)
        return err_set(e, ERR_MEMORY, "no room to read a log");
    s->plan  = plan;
    s->pf    = pf;
    s->node  = node;
    s->ret   = ret;
    s->e     = e;
    s->sink  = sink;
    s->work  = work;
    s->notes = (struct arena){ notes, notes + NOTES_BYTES, work->fault };
    s->row   = (struct arena){ row, row + ROW_BYTES, work->fault };
    s->state = (struct log_state){ .kind = family_table[node->family].log, .keep = { state, state + STATE_BYTES, work->fault } };
    s->state.kept      = sink->memory ? &sink->memory->columns : NULL;
    s->field           = NEW(work, int16_t, plan->sigma->field_n + 1);
    s->binding.derived = plan->derived;
    s->binding.named   = true;
    s->gate_room = (struct arena){ gate, gate + GATE_BYTES, NULL };       /* what finds no room there is only slower */
    gate_open(&s->gate, plan, node->family, &s->gate_room);
    ret->client      = plan->pivot ? NEW(work, struct client_seen, plan->client_n ? plan->client_n : 1) : NULL;
    if (!s->field || (plan->pivot && !ret->client))
        return err_set(e, ERR_MEMORY, "no room to read a log");
    ret->oldest_us = ret->newest_us = TIME_NONE;
    if (!ev_stream_open(&feed.stream, ev, node, hash, work, &ret->stopped))
        return true;                                       /* listed as refused by the caller */
    if (lines_open(&lines, work, feed_fill, &feed, s->state.kind->dated, &io)) {
        if (plan->proxies)
            s->proxies = *plan->proxies;
        s->proxies.keep = &s->notes;
        s->work_mark    = *work;                           /* from here on work grows with hits only */
        ret->hits.keep  = work;
        while (lines_next(lines, &s->block, &io))
            if (!scan_block(s))
                break;
        lines_damage(lines, &ret->damage);
    }
    lines_close(lines);
    ev_stream_close(feed.stream);
    ret->proxies = s->proxies;
    ret->bytes   = feed.bytes;
    ret->stopped = io;
    return !s->failed;
}
