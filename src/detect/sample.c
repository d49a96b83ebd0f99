#include "detect/sample.h"
#include "formats/columns.h"
#include "formats/lines.h"
#include "formats/w3c.h"

#include <string.h>

enum { COLUMNS = 64, STATE = 64 << 10 };

/* Which column of this log is the stem? */
static size_t stem_of(struct str text, struct arena room)
{
    struct log_state st = { .kind = &log_w3c, .keep = room };
    struct str       line;
    size_t           pos = 0, at;

    for (int i = 0; i < 16 && !st.has_cols && lines_step(text, &pos, &line, &at); i++)
        log_w3c.header(&st, line);
    if (!st.has_cols)
        return STR_NONE;
    size_t stem = columns_find(&st.cols, STR("cs-uri-stem"));
    return stem == STR_NONE ? columns_find(&st.cols, STR("cs-uri")) : stem;
}

static bool read_one(struct sample *s, struct ev *ev, struct ev_node *n)
{
    struct arena       tmp = { s->room->beg + arena_room(s->room) / 2, s->room->end, s->room->fault };
    struct ev_stream  *in = NULL;
    struct lines      *lines = NULL;
    struct lines_block b;
    struct err         e = { 0 };
    struct str         text = STR_EMPTY;

    if (ev_stream_open(&in, ev, n, false, &tmp, &e) && lines_open(&lines, &tmp, ev_stream_fill, in, false, &e) && lines_next(lines, &b, &e)) {
        struct str whole = str_sub(b.text, 0, SAMPLE_BYTES);
        size_t     end = str_rchr(whole, '\n');
        text = end == STR_NONE ? STR_EMPTY : str_dup(s->room, str_sub(whole, 0, end + 1));
    }
    lines_close(lines);
    ev_stream_close(in);
    if (!text.n)
        return false;
    s->log[s->log_n].text = text;
    s->log[s->log_n].stem = stem_of(text, tmp);
    s->log_n++;
    return true;
}

bool sample_open(struct sample *ret, struct ev *ev, enum family f, struct arena *room)
{
    size_t all = 0, k = 0;

    *ret = (struct sample){ .room = room };
    for (size_t i = 0; i < ev->node_n; i++)
        all += ev->node[i].family == f && ev->source[ev->node[i].source].os == ev->os;
    for (size_t i = 0; i < ev->node_n; i++) {
        struct ev_node *n = &ev->node[i];
        if (n->family != f || ev->source[n->source].os != ev->os)
            continue;
        bool take = all <= SAMPLE_LOGS || k * SAMPLE_LOGS / all != (k + 1) * SAMPLE_LOGS / all;      /* evenly spread */
        k++;
        if (!take || ret->log_n == SAMPLE_LOGS || !ev_node_enter(ev, n))
            continue;
        read_one(ret, ev, n);
        ev_node_leave(ev);
    }
    return ret->log_n > 0;
}

uint64_t sample_cost(struct sample *s, struct str lit, bool of_stem)
{
    struct arena mark = *s->room;
    uint8_t     *p = TAKE(s->room, uint8_t, lit.n + 1);

    if (!p)
        return 0;
    p[0] = of_stem ? 's' : '-';
    for (size_t i = 0; i < lit.n; i++)
        p[i + 1] = ch_lower(lit.p[i]);
    struct str key = { p, lit.n + 1 };
    uint32_t   at = map_get(&s->at, key);
    if (s->met || at != MAP_NONE || s->lit_n == SAMPLE_LITS) {
        if (s->met)
            *s->room = mark;
        return s->met && at != MAP_NONE ? s->met[at] : 0;
    }
    struct search_lit *one = GROW(s->room, s->lit, s->lit_n, &s->cap);
    if (one && map_put(&s->at, s->room, key, (uint32_t)s->lit_n))
        *one = (struct search_lit){ str_from(key, 1), (uint32_t)s->lit_n }, s->lit_n++;
    return 0;
}

struct counting { struct sample *s; size_t log, row_from, row_to, stem_from, stem_to; };

static bool on_hit(void *ctx, uint32_t id, size_t end)
{
    struct counting *c = ctx;
    struct str       text = c->s->log[c->log].text;
    size_t           stem = c->s->log[c->log].stem;
    bool             of_stem = c->s->lit[id].s.p[-1] == 's';

    if (of_stem && stem < COLUMNS && end > c->row_to) {
        struct str value[COLUMNS];
        size_t nl = str_rchr(str_sub(text, 0, end - 1), '\n'), to = str_chr(str_from(text, end - 1), '\n');
        c->row_from  = nl == STR_NONE ? 0 : nl + 1;
        c->row_to    = to == STR_NONE ? text.n : end - 1 + to;
        c->stem_from = c->stem_to = 0;
        if (w3c_cut(str_sub(text, c->row_from, c->row_to), value, stem + 1) == stem + 1) {
            c->stem_from = (size_t)(value[stem].p - text.p);
            c->stem_to   = c->stem_from + value[stem].n;
        }
    }
    bool candidate = !of_stem || stem >= COLUMNS || (end > c->stem_from && end <= c->stem_to);
    c->s->met[id] += candidate ? 1 + SAMPLE_IN_ROW : 1;
    return true;
}

void sample_count(struct sample *s)
{
    const struct search *db;
    struct err           e = { 0 };

    s->met = NEW(s->room, uint64_t, s->lit_n ? s->lit_n : 1);
    if (!s->met || !search_build_small(&db, s->room, s->lit, s->lit_n, &e))
        return;
    for (size_t i = 0; i < s->log_n; i++) {
        struct counting c = { .s = s, .log = i };
        search_scan_own(db, s->log[i].text, on_hit, &c);
    }
}
