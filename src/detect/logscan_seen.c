#include "detect/logscan_inner.h"
#include "base/hash.h"

#include <string.h>

static void note_name(struct logscan_name *list, size_t *n, struct str name, struct arena *keep)
{
    if (!name.n || name.n > 255)
        return;
    for (size_t i = 0; i < *n; i++)
        if (str_ieq(list[i].name, name)) {
            list[i].rows++;
            return;
        }
    if (*n < LOGSCAN_NAMES) {
        struct str copy = str_dup(keep, name);
        if (copy.p)
            list[(*n)++] = (struct logscan_name){ copy, 1 };
    }
}

void logscan_note_version(struct scan *s, const struct event *ev, const struct record *r)
{
    struct logscan_result *o = s->ret;

    if (ev->family != FAM_HTTPPROXY || ev->version[0] < 14 || ev->version[0] > 15 || !ev->version[2] || r->time_us == TIME_NONE)
        return;
    for (size_t i = 0; i < o->version_n; i++)
        if (memcmp(o->version[i].v, ev->version, sizeof ev->version) == 0) {
            if (r->time_us > o->version[i].last_us)
                o->version[i].last_us = r->time_us;
            return;
        }
    if (o->version_n == LOGSCAN_VERSIONS)
        return;
    struct logscan_version *v = &o->version[o->version_n++];
    memcpy(v->v, ev->version, sizeof v->v);
    v->first_us = v->last_us = r->time_us;
    v->first = (struct cite){ .node = s->node->id, .line = r->line, .offset = r->offset, .time_us = r->time_us, .has_raw = true };
    hash_sha256(r->raw, v->first.raw_sha256);
    v->first.excerpt = str_fmt(&s->notes, "server build %u.%u.%u.%u", v->v[0], v->v[1], v->v[2], v->v[3]);
}

static void cover(struct logscan_result *o, int64_t from, int64_t to)
{
    if (from > to) {
        int64_t t = from;
        from = to;
        to   = t;
    }
    if (o->oldest_us == TIME_NONE || from < o->oldest_us)
        o->oldest_us = from;
    if (o->newest_us == TIME_NONE || to > o->newest_us)
        o->newest_us = to;
    if (o->span_n) {
        struct span *last = &o->span[o->span_n - 1];
        if (from <= last->to_us + SPAN_JOIN && to >= last->from_us - SPAN_JOIN) {
            last->from_us = from < last->from_us ? from : last->from_us;
            last->to_us   = to > last->to_us ? to : last->to_us;
            return;
        }
    }
    if (o->span_n < LOGSCAN_SPANS)
        o->span[o->span_n++] = (struct span){ from, to };
    else if (to > o->span[LOGSCAN_SPANS - 1].to_us)        /* more holes than we tell apart: the last one closes, said as damage by the caller */
        o->span[LOGSCAN_SPANS - 1].to_us = to;
}

/* Times of the first and last row of a block; when they lie far apart, of every row in between. */
void logscan_cover_block(struct scan *s)
{
    struct str text = s->block.text, line;
    int64_t    first = TIME_NONE, last = TIME_NONE, t;
    size_t     pos = 0, at, tries = 0;

    while (tries++ < 64 && lines_step(text, &pos, &line, &at))
        if (s->state.kind->time(&s->state, line, &t)) {
            first = t;
            break;
        }
    for (size_t end = text.n; end && tries < 192; tries++) {
        size_t stop = text.p[end - 1] == '\n' ? end - 1 : end, from = logscan_line_start(text, stop);
        if (s->state.kind->time(&s->state, logscan_row_text(str_sub(text, from, stop)), &t)) {
            last = t;
            break;
        }
        end = from;
    }
    if (first == TIME_NONE || last == TIME_NONE) {
        if (first != TIME_NONE || last != TIME_NONE)
            cover(s->ret, first == TIME_NONE ? last : first, first == TIME_NONE ? last : first);
        return;
    }
    if (last >= first && last - first <= SPAN_JOIN) {
        cover(s->ret, first, last);
        return;
    }
    pos = 0;
    while (lines_step(text, &pos, &line, &at))
        if (s->state.kind->time(&s->state, line, &t))
            cover(s->ret, t, t);
}

/* Who wrote this log: read from the first row that can be read of each block, which costs next to nothing. */
void logscan_sample_block(struct scan *s)
{
    struct str    text = s->block.text, line;
    size_t        pos = 0, at;

    for (int tries = 0; tries < 8 && lines_step(text, &pos, &line, &at); tries++) {
        struct arena  a = s->row;
        struct record r;
        struct event  ev;
        if (!line.n || line.p[0] == '#' || !s->state.has_cols)
            continue;
        uint64_t bad = s->ret->damaged_rows, none = s->ret->headerless;
        size_t   from, to;
        logscan_row_bounds(s, at, &from, &to);
        if (!logscan_row_read(s, from, to, &a, &r, &ev) || r.time_us == TIME_NONE) {
            s->ret->damaged_rows = bad;
            s->ret->headerless   = none;
            continue;
        }
        s->ret->damaged_rows = bad;
        struct logscan_result *o = s->ret;
        note_name(o->server, &o->server_n, ev.server, &s->notes);
        note_name(o->host, &o->host_n, ev.host, &s->notes);
        note_name(o->address, &o->address_n, ev.server_ip, &s->notes);
        logscan_note_version(s, &ev, &r);
        return;
    }
}
