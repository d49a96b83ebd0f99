#include "detect/evtscan_inner.h"

#include <stdlib.h>

/* --- shapes: where the texts of a record are, once for all that are made alike --- */

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
    size_t logons = 0;
    for (size_t i = 0; i < ev.field_n; i++)
        if (str_ihas(ev.field[i].name, STR("logon")) && str_iends(ev.field[i].name, STR("type"))) {
            logons++;
            if (str_ieq(ev.field[i].name, STR("LogonType")) && ev.field[i].value.type == EVTX_UINT32)
                m->logon = (uint16_t)i, m->has_logon = true;
        }
    m->has_logon = m->has_logon && logons == 1;
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

/* --- the search --- */

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

/* --- what id, provider and kind of logon rule out: sign-ins are half of many a Security log, and most rules for them want one kind --- */

struct known { const struct evt_scan *s; struct str provider, id, logon; };

static size_t known_field(void *ctx, uint32_t field, struct str *ret)
{
    const struct known *k = ctx;
    struct str          name = k->s->plan->fields.sigma->field[field];

    if (str_ieq(name, STR("EventID")) && k->s->rec.id)
        ret[0] = k->id;
    else if (str_ieq(name, STR("Provider_Name")) && k->provider.n)
        ret[0] = k->provider;
    else if (str_ieq(name, STR("LogonType")) && k->logon.n)
        ret[0] = k->logon;
    else
        return SIGMA_UNKNOWN;
    return 1;
}

static uint32_t logon_of(const struct evt_scan *s, const struct evtx_chunk *c)
{
    const struct rec   *r = &s->rec;
    const struct shape *m = r->shape;
    struct str          raw;
    uint64_t            n = UINT32_MAX;

    if (!m || !m->has_logon || !m->layout || !evtx_layout_raw(c, &r->r, m->layout, &m->logon, 1, &raw) || raw.n != 4)
        return UINT32_MAX;
    return evtx_value_number((struct evtx_value){ EVTX_UINT32, raw }, &n) ? (uint32_t)n : UINT32_MAX;
}

static struct kind *kind_of(struct evt_scan *s, struct str provider, uint32_t logon)
{
    const struct rec *r = &s->rec;
    struct kind      *k = &s->kind[(str_hash(provider) ^ r->id * 31 ^ logon * 7 ^ (uintptr_t)r->channel >> 5) % KINDS];

    if (provider.n > PROVIDER_BYTES)
        return NULL;
    if (k->channel != r->channel || k->id != r->id || k->logon != logon || !str_eq((struct str){ k->provider, k->n }, provider)) {
        k->channel = r->channel;
        k->id      = r->id;
        k->logon   = logon;
        k->n       = (uint8_t)provider.n;
        if (provider.n)
            memcpy(k->provider, provider.p, provider.n);
        memset(k->known, 0, (s->plan->rules_max / 64 + 1) * sizeof *k->known);
    }
    return k;
}

/* Leaves out of s->want what fits no record of this id and provider. Most rules name them, and no literal tells of either. */
static void rule_out(struct evt_scan *s, const struct evtx_chunk *c, struct evtx_value provider)
{
    const struct rec *r = &s->rec;
    struct arena      a = s->record;
    uint32_t          logon = logon_of(s, c);
    struct kind      *k = kind_of(s, provider.raw, logon);
    struct known      known = { .s = s };
    size_t            kept = 0;

    for (size_t i = 0; k && i < s->want_n; i++) {
        uint32_t rule = s->want[i];
        uint64_t bit  = UINT64_C(1) << rule % 64;
        if (!(k->known[rule / 64] & bit)) {
            if (!known.id.p) {
                known.id       = str_fmt(&a, "%u", r->id);
                known.provider = provider.type == EVTX_NULL ? STR_EMPTY : evtx_value_text(&a, provider);
                known.logon    = logon == UINT32_MAX ? STR_EMPTY : str_fmt(&a, "%u", logon);
            }
            bool may = !known.id.p || sigma_may_match(&s->plan->sigma->rule[r->channel->rule[rule].index], known_field, &known, a);
            k->known[rule / 64] |= bit;
            k->may[rule / 64] = may ? k->may[rule / 64] | bit : k->may[rule / 64] & ~bit;
        }
        if (k->may[rule / 64] & bit)
            s->want[kept++] = rule;
    }
    s->want_n = k ? kept : s->want_n;
}

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

void evt_seek(struct evt_scan *s, struct evtx_chunk *c, const struct evtx_peek *p)
{
    struct rec *r = &s->rec;

    r->shape = NULL;
    r->all   = r->bucket->search && all_of(s, c, r, p->shape);
    wanted(s, c, p->values);
    if (s->want_n && !s->plan->whole)
        rule_out(s, c, p->provider);
}
