/*
 * Layouts: where the fields of records of one shape come from. Records of a shape differ in the bytes of their values alone, so what the walk made of one says
 * where to look in the others: in which instance, and which of its values.
 */
#include "formats/evtx_inner.h"

enum { T_INSTANCE = 0x0C, T_FRAGMENT = 0x0F, FRAGMENT_BYTES = 4, RECORD_HEAD = 24, RECORD_TAIL = 4, INSTANCES_MAX = 8, VALUES_MAX = 512, CONSTANT = 255 };

/* instance: CONSTANT, or of which instance; sub: which value of it. */
struct source { struct str name; struct evtx_value value; uint16_t sub; uint8_t instance; };
struct evtx_layout { size_t n; struct source system[EVTX_SYSTEM_N], field[]; };

/* All instances of a record: the first, then those within its values, in their order. */
struct places { size_t n, total; struct { struct evtx_instance in; uint32_t first; } item[INSTANCES_MAX]; uint32_t at[VALUES_MAX]; };

static bool places_add(const struct evtx_chunk *c, struct places *p, const struct evtx_instance *in)
{
    const uint8_t *d = c->in.p + in->sizes;
    size_t         at = in->values, i, own = p->n;

    if (p->n == INSTANCES_MAX || in->n > VALUES_MAX - p->total)
        return false;
    p->item[p->n].in      = *in;
    p->item[p->n++].first = (uint32_t)p->total;
    p->total += in->n;
    for (i = 0; i < in->n; i++) {
        p->at[p->item[own].first + i] = (uint32_t)at;
        at += evtx_u16(d + 4 * i);
    }
    if (at > in->end)
        return false;
    for (i = 0; i < in->n; i++) {
        struct evtx_instance kid;
        size_t               from = p->at[p->item[own].first + i], size = evtx_u16(d + 4 * i), to;
        if (d[4 * i + 2] != EVTX_BINXML || !size)
            continue;
        size_t end = from + size;
        if (c->in.p[from] == T_FRAGMENT && size > FRAGMENT_BYTES)
            from += FRAGMENT_BYTES;
        if (c->in.p[from] != T_INSTANCE || evtx_instance_at(c, from, end, &kid, &to) || !places_add(c, p, &kid))
            return false;
    }
    return true;
}

static bool places_of(const struct evtx_chunk *c, const struct evtx_record *r, struct places *p)
{
    struct evtx_instance in;
    size_t               pos = r->off + RECORD_HEAD, end = r->off + r->size - RECORD_TAIL, to;

    p->n = p->total = 0;
    return !r->bad_size && end - pos > FRAGMENT_BYTES && c->in.p[pos] == T_FRAGMENT && c->in.p[pos + FRAGMENT_BYTES] == T_INSTANCE &&
           !evtx_instance_at(c, pos + FRAGMENT_BYTES, end, &in, &to) && places_add(c, p, &in);
}

/* Which value is it? Empty ones, and texts of the template, are the same in each record of the shape. False: it was put together, or is a part of an array. */
static bool source_of(const struct evtx_chunk *c, const struct places *p, struct evtx_value v, struct str scratch, struct source *ret)
{
    const uint8_t *chunk = c->in.p;

    ret->value    = v;
    ret->instance = CONSTANT;
    if (v.raw.n == 0 || v.type == EVTX_NULL) {
        ret->value.raw = STR_EMPTY;
        return true;
    }
    if (v.raw.p < chunk || v.raw.p >= chunk + c->in.n)
        return v.raw.p < scratch.p || v.raw.p >= scratch.p + scratch.n;
    size_t at = (size_t)(v.raw.p - chunk);
    for (size_t k = 0; k < p->n; k++) {
        const struct evtx_instance *in = &p->item[k].in;
        for (uint32_t i = 0; i < in->n; i++) {
            const uint8_t *d = chunk + in->sizes + 4 * (size_t)i;
            if (p->at[p->item[k].first + i] != at || evtx_u16(d) != v.raw.n || d[2] != v.type)
                continue;
            ret->instance = (uint8_t)k;
            ret->sub      = (uint16_t)i;
            return true;
        }
    }
    return false;
}

bool evtx_layout_make(struct evtx_chunk *c, const struct evtx_record *r, const struct evtx_event *ev, struct str scratch, struct evtx_layout **ret, struct err *e)
{
    struct places p;

    *ret = NULL;
    if (ev->damaged || !places_of(c, r, &p))
        return true;
    struct evtx_layout *l = arena_push(c->a, sizeof *l + ev->field_n * sizeof *l->field, 1, _Alignof(struct evtx_layout));
    if (!l)
        return err_set(e, ERR_MEMORY, "no room for the layout of records");
    for (size_t i = 0; i < EVTX_SYSTEM_N; i++)
        if (!source_of(c, &p, ev->system[i], scratch, &l->system[i]))
            return true;
    for (l->n = 0; l->n < ev->field_n; l->n++) {
        struct source *s = &l->field[l->n];
        if (!source_of(c, &p, ev->field[l->n].value, scratch, s))
            return true;
        s->name = str_dup(c->a, ev->field[l->n].name);
        if (!s->name.p)
            return err_set(e, ERR_MEMORY, "no room for the layout of records");
    }
    *ret = l;
    return true;
}

/* A record that only seems to be of the shape may have fewer values. */
static struct evtx_value value_at(const struct evtx_chunk *c, const struct places *p, const struct source *s)
{
    if (s->instance == CONSTANT)
        return s->value;
    if (s->instance >= p->n || s->sub >= p->item[s->instance].in.n)
        return (struct evtx_value){ EVTX_NULL, STR_EMPTY };
    const uint8_t *d = c->in.p + p->item[s->instance].in.sizes + 4 * (size_t)s->sub;
    return (struct evtx_value){ d[2], { c->in.p + p->at[p->item[s->instance].first + s->sub], evtx_u16(d) } };
}

bool evtx_layout_read(struct evtx_chunk *c, const struct evtx_record *r, const struct evtx_layout *l, struct arena *a, struct evtx_event *ret, struct err *e)
{
    struct places     p;
    struct evtx_event ev = { .field_n = l->n };

    if (!places_of(c, r, &p))
        return evtx_event_read(c, r, a, ret, e);
    ev.field = TAKE(a, struct evtx_field, l->n + 1);
    if (!ev.field)
        return err_set(e, ERR_MEMORY, "no room for a record");
    (void)evtx_spend(c, (uint32_t)l->n + 8, 0);
    for (size_t i = 0; i < EVTX_SYSTEM_N; i++)
        ev.system[i] = value_at(c, &p, &l->system[i]);
    for (size_t i = 0; i < l->n; i++)
        ev.field[i] = (struct evtx_field){ l->field[i].name, value_at(c, &p, &l->field[i]) };
    *ret = ev;
    return true;
}

bool evtx_layout_raw(const struct evtx_chunk *c, const struct evtx_record *r, const struct evtx_layout *l, const uint16_t *field, size_t n, struct str *ret)
{
    struct places p;

    if (!places_of(c, r, &p))
        return false;
    for (size_t i = 0; i < n; i++)
        ret[i] = value_at(c, &p, &l->field[field[i]]).raw;
    return true;
}
