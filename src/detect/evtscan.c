#include "detect/evtscan.h"

#include "base/num.h"
#include "detect/evttell.h"
#include "pack/ioc_read.h"

#include <stdlib.h>
#include <string.h>

enum {
    SHAPES = 64, NAMES = 512, NAME_BYTES = 48, TEXTS_MAX = 256, LISTED = 8, FOLDED_BYTES = EVTX_CHUNK_BYTES + TEXTS_MAX + 16, TEMPLATE_BYTES = 2 << 20, RECORD_BYTES = 3 << 20,
};

struct shape;
struct rec {
    struct evtx_record        r;
    const struct evt_channel *channel;
    const struct evt_bucket  *bucket;
    uint32_t                  id;
    uint32_t                  listed[LISTED]; /* the operator's indicators that were met: the first ones, rising */
    size_t                    listed_n;
    bool                      all;           /* every rule of the bucket is tried: the search says nothing of this record */
    const struct shape       *shape;         /* NULL: it has none */
};

/* Of a rule of the channel: in which record one of its literals was met last, and of which sets. Of a literal: in which record it was met last. */
struct met_rule { uint32_t age, sets; };
/* layout NULL: such records have to be walked. text: which of their fields hold texts that are searched. */
struct shape { uint64_t shape; const struct evt_channel *channel; struct evtx_layout *layout; uint16_t *text; size_t text_n; bool all; };
/* Are literals of the channel searched for in a field of that name? As it was found out last. */
struct asked { const struct evt_channel *channel; uint8_t n; bool is; uint8_t name[NAME_BYTES]; };

struct evt_scan {
    const struct evt_plan *plan;
    uint8_t                system_drive;
    int64_t                since_us, until_us;
    uint8_t               *buf, *folded;
    struct rec             rec;
    struct evt_view        view;
    struct search_each_room *room;
    uint32_t               age;              /* of the record that is searched */
    uint32_t              *met_literal;
    struct met_rule       *met_rule;
    uint32_t              *want; size_t want_n;   /* rules of one record */
    struct arena           templates, record, names, *work, mark;
    struct shape           shape[SHAPES];
    struct asked           asked[NAMES];
    /* The channel of the newest record. */
    const struct evt_channel *channel;
    struct evtx_value      channel_value;
    uint8_t                channel_raw[256];
    struct evt_outcome    *out;
    const struct evt_sink *sink;
    struct err            *e;
    uint32_t               node_id;
    uint64_t               offset;
    struct str             chunk;
};

uint8_t *evt_scan_buffer(struct evt_scan *s) { return s->buf; }

bool evt_scan_open(struct evt_scan **ret, const struct evt_plan *plan, uint8_t system_drive, int64_t since_us, int64_t until_us, struct arena *work, struct err *e)
{
    struct evt_scan *s = NEW(work, struct evt_scan, 1);

    if (!s)
        return err_set(e, ERR_MEMORY, "no room to read an event log");
    *s = (struct evt_scan){ .plan = plan, .system_drive = system_drive, .since_us = since_us, .until_us = until_us, .work = work };
    uint8_t *templates = TAKE(work, uint8_t, TEMPLATE_BYTES), *record = TAKE(work, uint8_t, RECORD_BYTES), *names = TAKE(work, uint8_t, 4096);
    s->buf         = TAKE(work, uint8_t, EVTX_CHUNK_BYTES);
    s->folded      = TAKE(work, uint8_t, FOLDED_BYTES);
    s->met_literal = NEW(work, uint32_t, plan->literals_max + 1);
    s->met_rule    = NEW(work, struct met_rule, plan->rules_max + 1);
    s->want        = TAKE(work, uint32_t, 2 * plan->rules_max + 1);
    s->view        = (struct evt_view){ .fields = &plan->fields, .memo = NEW(work, struct evt_memo, plan->fields.n + 1) };
    if (!templates || !record || !names || !s->buf || !s->folded || !s->met_literal || !s->met_rule || !s->want || !s->view.memo)
        return err_set(e, ERR_MEMORY, "no room to read an event log");
    if (!search_each_room(&s->room, work, plan->set, plan->set_n, e))
        return false;
    s->templates = (struct arena){ templates, templates + TEMPLATE_BYTES, work->fault };
    s->record    = (struct arena){ record, record + RECORD_BYTES, work->fault };
    s->names     = (struct arena){ names, names + 4096, NULL };
    s->mark      = *work;
    *ret = s;
    return true;
}

void evt_scan_begin(struct evt_scan *s, struct evt_outcome *o, const struct evt_sink *sink)
{
    size_t max = o->hits.max;

    *s->work = s->mark;
    memset(o, 0, sizeof *o);
    o->hits = (struct hits){ .keep = s->work, .max = max };
    for (size_t i = 0; i < EVT_FAMILIES; i++)
        o->cover[i].oldest_us = o->cover[i].newest_us = TIME_NONE;
    s->names.beg = s->names.end - 4096;
    s->out  = o;
    s->sink = sink;
    s->channel = NULL;
}

/* --- coverage --- */

static void cover(struct evt_cover *o, int64_t t)
{
    struct span *last = o->span_n ? &o->span[o->span_n - 1] : NULL;

    if (o->oldest_us == TIME_NONE || t < o->oldest_us)
        o->oldest_us = t;
    if (o->newest_us == TIME_NONE || t > o->newest_us)
        o->newest_us = t;
    if (last && t >= last->from_us - SPAN_JOIN && t <= last->to_us + SPAN_JOIN) {
        last->from_us = t < last->from_us ? t : last->from_us;
        last->to_us   = t > last->to_us ? t : last->to_us;
    } else if (o->span_n < EVT_SPANS) {
        o->span[o->span_n++] = (struct span){ t, t };
    } else if (t > last->to_us) {                             /* more holes than are told apart */
        last->to_us = t;
    }
}

static void number(struct evt_outcome *o, uint64_t id, int64_t t)
{
    struct evt_range *last = o->range_n ? &o->range[o->range_n - 1] : NULL;

    if (last && id == last->to + 1) {
        last->to    = id;
        last->to_us = t;
    } else if (o->range_n < EVT_RANGES) {
        o->range[o->range_n++] = (struct evt_range){ id, id, t, t };
    } else {
        o->range_more++;
    }
}

/* Instants of before 1990 and after 2200 are no instants of a record. */
static bool is_instant(int64_t t)
{
    static const int64_t FROM = INT64_C(631152000000000), TO = INT64_C(7258118400000000);
    return t >= FROM && t <= TO;
}

static void account(struct evt_scan *s, const struct rec *r)
{
    struct evt_outcome *o = s->out;
    int64_t             t = evt_filetime_us(r->r.written);
    struct evt_cover   *c = &o->cover[r->channel->family - FAM_EVTX_SECURITY];

    o->records++;
    o->slack += r->r.slack;
    c->records++;
    if (is_instant(t))
        cover(c, t);
    if (!r->r.slack && r->r.id)
        number(o, r->r.id, is_instant(t) ? t : TIME_NONE);
    if (r->channel->family == FAM_EVTX_SECURITY) {
        o->audited++;
        o->processes += r->id == 4688;
    }
}

/* --- step 1 --- */

static const struct evt_channel *channel_of(struct evt_scan *s, struct evtx_value v)
{
    /* A log is of one channel, nearly always. */
    if (s->channel && v.type == s->channel_value.type && v.raw.n == s->channel_value.raw.n && memcmp(v.raw.p, s->channel_raw, v.raw.n) == 0)
        return s->channel;
    struct arena a    = s->record;
    struct str   name = v.type == EVTX_NULL ? STR("") : evtx_value_text(&a, v);
    const struct evt_channel *c = evt_plan_channel(s->plan, name);
    s->channel = NULL;
    if (v.raw.n && v.raw.n <= sizeof s->channel_raw) {
        memcpy(s->channel_raw, v.raw.p, v.raw.n);
        s->channel_value = v;
        s->channel       = c;
    }
    if (!s->out->channel.p && name.n && name.n <= 256)
        s->out->channel = str_dup(&s->names, name);
    return c;
}

static bool is_wide(uint8_t type)
{
    uint8_t base = type & (uint8_t)~EVTX_ARRAY;
    return type != EVTX_TEXT && (base == EVTX_STRING || base == EVTX_XML || type == EVTX_NULL);
}

static bool is_asked(struct evt_scan *s, const struct evt_channel *c, struct str name)
{
    struct asked *a = name.n <= NAME_BYTES ? &s->asked[(str_hash(name) ^ (uintptr_t)c >> 4) % NAMES] : NULL;
    bool          is = false;

    if (a && a->channel == c && str_eq((struct str){ a->name, a->n }, name))
        return a->is;
    for (uint32_t k = 0; k < s->plan->fields.n && !is; k++)
        is = c->asked[k] && evt_field_feeds(&s->plan->fields, k, name);
    if (a) {
        *a = (struct asked){ .channel = c, .n = (uint8_t)name.n, .is = is };
        if (name.n)
            memcpy(a->name, name.p, name.n);
    }
    return is;
}

/* Which fields hold texts that literals are of, and is there one that does not hold UTF-16? */
static bool is_odd(struct evt_scan *s, struct evtx_chunk *c, const struct rec *r, struct shape *m)
{
    struct arena      a = s->record;
    uint8_t          *from = a.beg;
    struct evtx_event ev;
    struct err        why = { 0 };

    if (!evtx_event_read(c, &r->r, &a, &ev, &why) || ev.damaged)
        return true;
    (void)evtx_layout_make(c, &r->r, &ev, (struct str){ from, (size_t)(a.beg - from) }, &m->layout, &why);
    m->text = m->layout ? TAKE(c->a, uint16_t, ev.field_n + 1) : NULL;
    for (size_t i = 0; i < ev.field_n; i++) {
        const struct evtx_field *f = &ev.field[i];
        bool plain = f->value.type == EVTX_TEXT || (f->value.type & 0x7F) == EVTX_ANSI, wide = is_wide(f->value.type);
        if (f->value.raw.n == 0 || !(((plain || wide) && r->channel->asks_any) || is_asked(s, r->channel, f->name)))
            continue;
        if (!wide)
            return true;
        if (m->text)
            m->text[m->text_n++] = (uint16_t)i;
    }
    if (!m->text || m->text_n > TEXTS_MAX)
        m->layout = NULL;
    return false;
}

static bool all_of(struct evt_scan *s, struct evtx_chunk *c, struct rec *r, uint64_t shape)
{
    if (s->plan->whole || !shape || r->r.bad_size)
        return true;
    struct shape *m = &s->shape[(shape ^ shape >> 32) % SHAPES];
    if (m->shape != shape || m->channel != r->channel) {
        *m = (struct shape){ .shape = shape, .channel = r->channel };
        m->all = is_odd(s, c, r, m);
    }
    r->shape = m;
    return m->all;
}

static bool in_scope(const struct evt_scan *s, int64_t t)
{
    return t == TIME_NONE || ((s->since_us == TIME_NONE || t >= s->since_us) && (s->until_us == TIME_NONE || t <= s->until_us));
}

/* --- step 2 --- */

static void on_literal(void *ctx, uint32_t literal)
{
    struct evt_scan         *s = ctx;
    const struct rec        *r = &s->rec;
    const struct evt_search *x = r->bucket->search;

    if (s->met_literal[literal] == s->age)
        return;
    s->met_literal[literal] = s->age;
    for (uint32_t i = x->owner_from[literal]; i < x->owner_from[literal + 1]; i++) {
        struct evt_owner o = x->owner[i];
        struct met_rule *m = &s->met_rule[o.rule];
        if (m->age != s->age)
            *m = (struct met_rule){ .age = s->age };
        m->sets |= 1u << o.set;
        if (m->sets == (1u << r->channel->rule[o.rule].sets) - 1) {
            s->want[s->want_n++] = o.rule;
            m->sets |= 1u << 31;                              /* once */
        }
    }
}

static bool on_listed(void *ctx, uint32_t id, size_t end)
{
    struct rec *r = &((struct evt_scan *)ctx)->rec;
    size_t      i = r->listed_n;

    (void)end;
    while (i > 0 && r->listed[i - 1] > id)
        i--;
    if (i == LISTED || (i > 0 && r->listed[i - 1] == id))
        return true;
    r->listed_n += r->listed_n < LISTED;
    for (size_t k = r->listed_n - 1; k > i; k--)
        r->listed[k] = r->listed[k - 1];
    r->listed[i] = id;
    return true;
}

/* The texts that are searched, one after the other; where it is not known where they begin, everything from `values` on, in pairs from either byte on. */
static struct str folded(struct evt_scan *s, const struct evtx_chunk *c, size_t values)
{
    const struct rec *r = &s->rec;
    struct str        text[TEXTS_MAX];
    size_t            n = 0, end = r->r.off + r->r.size;

    if (r->shape->layout && evtx_layout_raw(c, &r->r, r->shape->layout, r->shape->text, r->shape->text_n, text)) {
        for (size_t i = 0; i < r->shape->text_n && n + text[i].n / 2 + 2 <= FOLDED_BYTES; i++) {
            if (text[i].n)
                evt_fold(s->folded + n, text[i].p, text[i].n);
            n += (text[i].n + 1) / 2;
            s->folded[n++] = 0;
        }
        return (struct str){ s->folded, n };
    }
    evt_fold(s->folded, s->chunk.p + values, end - values);
    n = (end - values + 1) / 2;
    s->folded[n++] = 0;
    evt_fold(s->folded + n, s->chunk.p + values + 1, end - values - 1);
    return (struct str){ s->folded, n + (end - values) / 2 };
}

static int by_number(const void *x, const void *y)
{
    const uint32_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

/* The rules to be asked, rising, in s->want. */
static void wanted(struct evt_scan *s, const struct evtx_chunk *c, size_t values)
{
    struct rec *r = &s->rec;

    s->want_n = 0;
    if (s->plan->listed) {
        evt_fold(s->folded, s->chunk.p + r->r.off, r->r.size);
        (void)search_scan(s->plan->listed, (struct str){ s->folded, (r->r.size + 1) / 2 }, on_listed, s);
    }
    if (r->all) {
        for (uint32_t i = 0; i < r->channel->rule_n; i++)
            if (r->bucket->may[i / 64] >> i % 64 & 1)
                s->want[s->want_n++] = i;
        return;
    }
    if (r->bucket->search) {
        if (++s->age == 0) {                                  /* once in four thousand million records */
            memset(s->met_literal, 0, (s->plan->literals_max + 1) * sizeof *s->met_literal);
            memset(s->met_rule, 0, (s->plan->rules_max + 1) * sizeof *s->met_rule);
            s->age = 1;
        }
        search_each_run(r->bucket->search->each, s->room, folded(s, c, values), on_literal, s);
    }
    bool found = s->want_n > 0;
    for (size_t i = 0; i < r->bucket->always_n; i++)
        s->want[s->want_n++] = r->bucket->always[i];
    if (found && s->want_n > 1)
        qsort(s->want, s->want_n, sizeof *s->want, by_number);
}

/* --- step 3 --- */

static bool flush(struct evt_scan *s)
{
    struct evt_outcome *o = s->out;

    if (!s->sink->flush(s->sink->ctx, o, s->e))
        return false;
    *s->work = s->mark;
    o->hits = (struct hits){ .keep = s->work, .max = o->hits.max };
    o->fact = NULL;
    o->fact_n = o->fact_cap = 0;
    return true;
}

static bool tell_one(struct evt_scan *s, const struct rec *r, uint32_t index, uint32_t listed)
{
    static const struct sigma_rule none = { .sign = SIGN_REVIEW };
    struct evt_said said = { .view = &s->view, .rule = index == RULE_IOC ? &none : &s->plan->sigma->rule[index], .index = index, .family = r->channel->family, .node = s->node_id,
                             .id = r->id, .record = &r->r, .at = s->offset + r->r.off, .raw = str_sub(s->chunk, r->r.off, r->r.off + r->r.size), .system_drive = s->system_drive, .pivot = s->plan->pivot };

    if (s->sink->met && index != RULE_IOC)
        s->sink->met(s->sink->ctx, index, r->r.id);
    if (arena_room(s->work) < EVT_ROOM && !flush(s))
        return false;
    if (said.rule->about != ABOUT_NOTHING) {
        struct fact *f = GROW(s->work, s->out->fact, s->out->fact_n, &s->out->fact_cap);
        if (!f || !evt_tell_fact(&said, s->work, f))
            return err_set(s->e, ERR_MEMORY, "no room for what event logs tell");
        s->out->fact_n++;
        return true;
    }
    struct hit h;
    if (!evt_tell_hit(&said, s->view.a, &h))
        return err_set(s->e, ERR_MEMORY, "no room for what event logs tell");
    h.ioc = s->plan->pivot ? 0 : listed;
    if (s->plan->pivot) {
        h.rule = RULE_PIVOT;
        h.sign = SIGN_PIVOT;
    }
    if (hits_push(&s->out->hits, &h, s->e))
        return true;
    /* The list wanted to double and could not; empty, there is room. */
    bool some = s->out->hits.n > 0;
    if (some)
        *s->e = (struct err){ 0 };
    return some && flush(s) && hits_push(&s->out->hits, &h, s->e);
}

/* Texts made for a statement go again, but for one that the view remembers. */
static bool tell(struct evt_scan *s, const struct rec *r, uint32_t index, uint32_t listed)
{
    struct arena mark = *s->view.a;
    bool         raw = s->view.has_raw, ok = tell_one(s, r, index, listed);

    if (s->view.has_raw == raw)
        *s->view.a = mark;
    return ok;
}

/* Does the record's text hold the indicator as a word of its own, and was it valid then? */
static bool is_word(struct str raw, const struct user_ioc *x)
{
    struct str rest;
    size_t     at = 0, found;

    while ((found = str_ifind(rest = str_from(raw, at), x->value)) != STR_NONE) {
        size_t  end = at + found + x->value.n;
        uint8_t before = at + found ? raw.p[at + found - 1] : ' ', after = end < raw.n ? raw.p[end] : ' ';
        bool    part = x->value.p[0] != '\\' && (ch_alnum(before) || (x->kind == IOC_IP && before == '.'));
        if (!part && !ch_alnum(after) && !(x->kind == IOC_IP && after == '.' && end + 1 < raw.n && ch_digit(raw.p[end + 1])))
            return true;
        at += found + 1;
    }
    return false;
}

/* Its number + 1; 0: none. */
static uint32_t listed_of(struct evt_scan *s, const struct rec *r, int64_t time_us)
{
    for (size_t i = 0; i < r->listed_n; i++) {
        const struct user_ioc *x = &s->plan->user->item[r->listed[i]];
        if ((x->until_us == TIME_NONE || time_us == TIME_NONE || time_us <= x->until_us) && is_word(evt_raw(&s->view), x))
            return r->listed[i] + 1;
    }
    return 0;
}

static bool is_beyond(struct evtx_value v)
{
    bool   is_wide16 = v.type != EVTX_TEXT && ((v.type & 0x7F) == EVTX_STRING || (v.type & 0x7F) == EVTX_XML);
    bool   bytes = v.type == EVTX_TEXT || (v.type & 0x7F) == EVTX_ANSI;
    bool   any = false;

    for (size_t i = 0; is_wide16 && i + 1 < v.raw.n; i += 2)
        any |= v.raw.p[i] >= 0x80 || v.raw.p[i + 1];
    for (size_t i = 0; bytes && i < v.raw.n; i++)
        any |= v.raw.p[i] >= 0x80;
    return any || (is_wide16 && v.raw.n % 2);               /* half a character becomes U+FFFD */
}

static bool has_foreign(const struct evtx_event *ev)
{
    for (size_t i = 0; i < EVTX_SYSTEM_N; i++)
        if (is_beyond(ev->system[i]))
            return true;
    for (size_t i = 0; i < ev->field_n; i++)
        if (is_beyond(ev->field[i].value))
            return true;
    return false;
}

static bool ask(struct evt_scan *s, struct evtx_chunk *c)
{
    const struct rec *r = &s->rec;
    struct arena      a = s->record;
    struct evtx_event ev;
    struct err        why = { 0 };
    size_t            n = s->want_n;
    bool              matched = false;
    int               foreign = -1;

    s->out->tried++;
    s->out->asked += n;
    if (!(r->shape && r->shape->layout ? evtx_layout_read(c, &r->r, r->shape->layout, &a, &ev, &why) : evtx_event_read(c, &r->r, &a, &ev, &why))) {
        s->out->damaged++;
        s->out->limits++;
        return true;
    }
    s->out->damaged += ev.damaged != NULL;
    /* Half for the texts of the record, half for the matcher. */
    uint8_t     *middle = a.beg + arena_room(&a) / 2;
    struct arena scratch = { middle, a.end, a.fault };
    a.end = middle;
    evt_view_begin(&s->view, &ev, &a);
    int64_t when = evt_time(&s->view, &r->r);
    if (!in_scope(s, when))
        return true;
    uint32_t listed = listed_of(s, r, when);
    for (size_t i = 0; i < n; i++) {
        const struct evt_rule *rule = &r->channel->rule[s->want[i]];
        if (s->sink->asked)
            s->sink->asked(s->sink->ctx, rule->index);
        if (rule->foreign && (foreign < 0 ? (foreign = has_foreign(&ev)) : foreign) == 0)
            continue;
        struct str raw = rule->keyword ? evt_raw(&s->view) : STR_EMPTY;
        if (!sigma_match(s->plan->sigma, &s->plan->sigma->rule[rule->index], evt_field, &s->view, raw, scratch))
            continue;
        matched = true;
        if (!tell(s, r, rule->index, listed))
            return false;
    }
    if (!matched && listed && !tell(s, r, RULE_IOC, listed))
        return false;
    s->out->matched += matched;
    s->out->limits += s->view.full;
    return true;
}

/* Whose log this is: the first record tells. */
static void computers(struct evt_scan *s, struct str chunk)
{
    struct arena       a = s->templates, b = s->record;
    struct evtx_chunk  c;
    struct evtx_record r;
    struct evtx_event  ev;
    struct err         why = { 0 };

    evtx_chunk_open(&c, &a, chunk);
    if (!evtx_chunk_next(&c, &r) || !evtx_event_read(&c, &r, &b, &ev, &why) || ev.damaged)
        return;
    struct str name = evtx_value_text(&b, ev.system[EVTX_COMPUTER]);
    bool       ok   = name.n > 1 && name.n < 256;
    for (size_t i = 0; i < name.n && ok; i++)
        ok = ch_alnum(name.p[i]) || name.p[i] == '-' || name.p[i] == '_' || name.p[i] == '.';
    if (ok && (name = str_dup(&s->names, name)).p)
        s->out->computer[s->out->computer_n++] = (struct evt_name){ name, 1 };
}

static bool one_record(struct evt_scan *s, struct evtx_chunk *c)
{
    struct rec      *r = &s->rec;
    struct arena     a = s->record;
    struct evtx_peek p = { 0 };
    struct err       why = { 0 };

    if (!evtx_event_peek(c, &r->r, &a, &p, &why)) {
        s->out->records++;
        s->out->damaged++;
        s->out->limits++;
        return true;
    }
    r->channel = channel_of(s, p.channel);
    r->id      = p.event_id;
    r->bucket  = evt_channel_bucket(r->channel, r->id);
    r->listed_n = 0;
    r->shape   = NULL;
    account(s, r);
    if (!r->bucket->search && !r->bucket->always_n && !s->plan->listed)
        return true;
    r->all = r->bucket->search && all_of(s, c, r, p.shape);
    wanted(s, c, p.values);
    return (s->want_n == 0 && !r->listed_n) || ask(s, c);
}

bool evt_scan_chunk(struct evt_scan *s, uint32_t node, struct str chunk, uint64_t offset, struct err *e)
{
    struct arena      a = s->templates;
    struct evtx_chunk c;
    bool              ok = true;

    s->node_id = node;
    s->offset  = offset;
    s->e       = e;
    s->chunk   = chunk;
    evtx_chunk_open(&c, &a, chunk);
    if (s->out->chunks == 0)
        computers(s, chunk);
    memset(s->shape, 0, sizeof s->shape);
    while (ok && evtx_chunk_next(&c, &s->rec.r))
        ok = one_record(s, &c);
    s->out->chunks++;
    s->out->bad_chunks  += c.header_crc_bad;
    s->out->cut_chunks  += c.cut;
    s->out->lost_places += c.lost;
    return ok;
}
