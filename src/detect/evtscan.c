#include "detect/evtscan_inner.h"

#include "detect/evttell.h"

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
    size_t words = plan->rules_max / 64 + 1;
    for (size_t i = 0; i < KINDS; i++)
        if (!(s->kind[i].known = NEW(work, uint64_t, words)) || !(s->kind[i].may = NEW(work, uint64_t, words)))
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

static bool in_scope(const struct evt_scan *s, int64_t t)
{
    return t == TIME_NONE || ((s->since_us == TIME_NONE || t >= s->since_us) && (s->until_us == TIME_NONE || t <= s->until_us));
}

/* --- step 3; step 2 is evtscan_seek.c's --- */

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
        struct file_fact *f = GROW(s->work, s->out->fact, s->out->fact_n, &s->out->fact_cap);
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
    account(s, r);
    if (!r->bucket->search && !r->bucket->always_n && !s->plan->listed)
        return true;
    evt_seek(s, c, &p);
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
