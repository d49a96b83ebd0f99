/*
 * One record: the steps of its template are walked with its values. System becomes slots, everything else fields. No XML is made, no value is turned
 * into text but where a text has several parts.
 */
#include "formats/evtx_inner.h"

enum section { SECTION_NONE, SECTION_SYSTEM, SECTION_DATA };

enum { T_INSTANCE = 0x0C, T_FRAGMENT = 0x0F, FRAGMENT_BYTES = 4, RECORD_HEAD = 24, RECORD_TAIL = 4 };

struct parts { struct evtx_value v; uint32_t n; };

struct frame { struct str name; struct parts text; uint8_t id; bool filled; };

struct walk {
    struct evtx_chunk *c;
    struct arena      *a;
    struct evtx_event *ev;
    size_t             cap;
    uint32_t           depth, nest;
    enum section       section;
    struct frame       frame[EVTX_DEPTH_MAX];
    bool               in_attr;
    uint8_t            attr;
    struct str         attr_name;
    struct parts       attr_text;
};

/* The values of one instance: where each begins. */
struct values { const struct evtx_instance *in; const uint32_t *at; };

static void hurt(struct walk *w, const char *why)
{
    if (!w->ev->damaged)
        w->ev->damaged = why;
}

static bool spend(struct walk *w, uint32_t steps, size_t bytes)
{
    if (evtx_spend(w->c, steps, bytes))
        return true;
    hurt(w, "too much work for one chunk");
    return false;
}

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for a record"); }

static bool push(struct walk *w, struct str name, struct evtx_value v, struct err *e)
{
    if (w->ev->field_n >= EVTX_FIELDS_MAX) {
        hurt(w, "too many fields in one record");
        return true;
    }
    if (!spend(w, 1, name.n + v.raw.n))
        return true;
    struct evtx_field *f = GROW(w->a, w->ev->field, w->ev->field_n, &w->cap);
    if (!f)
        return no_room(e);
    *f = (struct evtx_field){ name, v };
    w->ev->field_n++;
    return true;
}

/* One more part of a text. The first stays as it is, typed; from the second on they are one text. */
static bool add(struct walk *w, struct parts *p, struct evtx_value v, struct err *e)
{
    if (v.type == EVTX_NULL)
        return true;
    if (p->n++ == 0) {
        p->v = v;
        return true;
    }
    if (!spend(w, 1, p->v.raw.n + v.raw.n))
        return true;
    struct str x = evtx_value_text(w->a, p->v), y = evtx_value_text(w->a, v), both = x.p && y.p ? str_cat(w->a, x, y) : STR_EMPTY;
    p->v = (struct evtx_value){ EVTX_TEXT, both };
    return both.p || (x.p && y.p && !(x.n + y.n)) || no_room(e);
}

static bool under(struct walk *w, struct str parent, struct str name, const char *mark, struct str *ret, struct err *e)
{
    if (parent.n == 0 && mark[0] == '.') {
        *ret = name;
        return true;
    }
    if (!spend(w, 1, parent.n + name.n)) {
        *ret = name;
        return true;
    }
    struct str head = str_cat(w->a, parent, str_c(mark));
    *ret = head.p ? str_cat(w->a, head, name) : STR_EMPTY;
    return ret->p || no_room(e);
}

static bool attr_done(struct walk *w, struct err *e)
{
    if (!w->in_attr)
        return true;
    w->in_attr = false;
    if (w->depth == 0 || w->attr == NAME_XMLNS)
        return true;
    struct frame *f = &w->frame[w->depth - 1];
    struct str    name;
    if (w->section == SECTION_SYSTEM) {
        enum evtx_system which = w->depth == 3 ? evtx_system_of(f->id, w->attr) : EVTX_SYSTEM_N;
        if (which < EVTX_SYSTEM_N && w->attr != NAME_OTHER)
            w->ev->system[which] = w->attr_text.v;
        return true;
    }
    if (w->section != SECTION_DATA)
        return true;
    if (w->depth > 2 && (f->id == NAME_DATA || f->id == NAME_COMPLEXDATA) && w->attr == NAME_NAME) {
        name = evtx_value_text(w->a, w->attr_text.v);
        return name.p ? under(w, w->frame[w->depth - 2].name, name, ".", &f->name, e) : no_room(e);
    }
    f->filled = true;
    return under(w, f->name, w->attr_name, "@", &name, e) && push(w, name, w->attr_text.v, e);
}

static bool open_one(struct walk *w, const struct evtx_step *s, struct err *e)
{
    if (w->depth >= EVTX_DEPTH_MAX) {
        hurt(w, "elements nested too deep");
        w->depth++;
        return true;
    }
    struct frame *f = &w->frame[w->depth];
    *f = (struct frame){ .id = s->name };
    w->depth++;
    if (w->depth == 2) {
        w->section = s->name == NAME_SYSTEM ? SECTION_SYSTEM : SECTION_DATA;
        if (s->name != NAME_SYSTEM && s->name != NAME_EVENTDATA && s->name != NAME_USERDATA)
            f->name = s->text;
        return true;
    }
    if (w->depth == 1 || w->section != SECTION_DATA)
        return true;
    struct frame *parent = &w->frame[w->depth - 2];
    parent->filled = true;
    if (parent->name.n == 0 && (s->name == NAME_DATA || s->name == NAME_COMPLEXDATA) && w->depth == 3)
        return true;
    return under(w, parent->name, s->text, ".", &f->name, e);
}

static bool array(struct walk *w, struct str name, struct evtx_value v, struct err *e)
{
    struct str        rest = v.raw;
    struct evtx_value item;

    while (evtx_array_next(v.type, &rest, &item)) {
        if (w->ev->field_n >= EVTX_FIELDS_MAX || w->c->steps >= EVTX_STEPS_MAX) {
            hurt(w, "too many fields in one record");
            return true;
        }
        if (!push(w, name, item, e))
            return false;
    }
    return true;
}

static bool end_one(struct walk *w, struct err *e)
{
    if (w->depth == 0)
        return true;
    if (w->depth > EVTX_DEPTH_MAX) {
        w->depth--;
        return true;
    }
    struct frame *f = &w->frame[w->depth - 1];
    bool         ok = attr_done(w, e);
    if (ok && w->section == SECTION_SYSTEM && w->depth == 3 && f->text.n) {
        enum evtx_system which = evtx_system_of(f->id, NAME_OTHER);
        if (which < EVTX_SYSTEM_N)
            w->ev->system[which] = f->text.v;
    } else if (ok && w->section == SECTION_DATA && (f->text.n || (w->depth > 2 && !f->filled))) {
        if (w->depth > 1)
            w->frame[w->depth - 2].filled = true;
        if ((f->text.v.type & EVTX_ARRAY) && f->text.v.type != EVTX_TEXT && f->text.v.raw.n)
            ok = array(w, f->name, f->text.v, e);
        else
            ok = push(w, f->name, f->text.v, e);
    }
    if (w->depth == 2)
        w->section = SECTION_NONE;
    w->depth--;
    return ok;
}

static struct evtx_value value_of(struct walk *w, const struct values *v, uint32_t i)
{
    if (!v || i >= v->in->n)
        return (struct evtx_value){ EVTX_NULL, STR_EMPTY };
    const uint8_t *d = w->c->in.p + v->in->sizes + 4 * (size_t)i;
    size_t         n = evtx_u16(d);
    if (v->at[i] > v->in->end || n > v->in->end - v->at[i]) {
        hurt(w, "values are cut short");
        return (struct evtx_value){ EVTX_NULL, STR_EMPTY };
    }
    return (struct evtx_value){ d[2], { w->c->in.p + v->at[i], n } };
}

static bool fragment(struct walk *w, size_t pos, size_t end, struct err *e);

static bool run(struct walk *w, const struct evtx_steps *steps, size_t from, const struct values *v, struct err *e)
{
    for (size_t i = from; i < steps->n; i++) {
        const struct evtx_step *s = &steps->step[i];
        struct evtx_value     val = { s->type, s->text };
        bool                   ok = true;
        if (w->c->steps >= EVTX_STEPS_MAX || w->c->bytes >= EVTX_BYTES_MAX) {
            hurt(w, "too much work for one chunk");
            return true;
        }
        w->c->steps++;
        switch (s->kind) {
        case STEP_OPEN: ok = attr_done(w, e) && open_one(w, s, e); break;
        case STEP_ATTR:
            ok           = attr_done(w, e);
            w->in_attr   = true;
            w->attr      = s->name;
            w->attr_name = s->text;
            w->attr_text = (struct parts){ 0 };
            break;
        case STEP_SHUT: ok = attr_done(w, e); break;
        case STEP_END:  ok = end_one(w, e); break;
        case STEP_NEST: ok = fragment(w, (size_t)(s->text.p - w->c->in.p), (size_t)(s->text.p - w->c->in.p) + s->text.n, e); break;
        case STEP_SUB:
            val = value_of(w, v, s->sub);
            if (val.type == EVTX_BINXML && !w->in_attr) {
                if (val.raw.n)
                    ok = fragment(w, (size_t)(val.raw.p - w->c->in.p), (size_t)(val.raw.p - w->c->in.p) + val.raw.n, e);
                break;
            }
            /* fall through */
        default:
            if (w->in_attr)
                ok = add(w, &w->attr_text, val, e);
            else if (w->depth && w->depth <= EVTX_DEPTH_MAX)
                ok = add(w, &w->frame[w->depth - 1].text, val, e);
        }
        if (!ok)
            return false;
    }
    return true;
}

/* The definition is gone: what the values are called is lost, what they are is not. */
static bool nameless(struct walk *w, const struct values *v, struct err *e)
{
    bool root = w->depth == 0;

    if (root)                                                   /* a value that is a fragment holds EventData: below Event */
        w->frame[w->depth++] = (struct frame){ .id = NAME_EVENT };
    for (uint32_t i = 0; i < v->in->n; i++) {
        struct evtx_value val = value_of(w, v, i);
        if (val.type == EVTX_NULL)
            continue;
        if (!(val.type == EVTX_BINXML ? fragment(w, (size_t)(val.raw.p - w->c->in.p), (size_t)(val.raw.p - w->c->in.p) + val.raw.n, e) : push(w, STR_EMPTY, val, e)))
            return false;
        if (w->c->steps >= EVTX_STEPS_MAX)
            break;
    }
    if (root)
        w->depth = 0;
    return true;
}

static bool from_slots(struct walk *w, const struct evtx_tpl *t, const struct values *v, struct err *e)
{
    for (size_t i = 0; i < EVTX_SYSTEM_N; i++)
        if (t->slot[i].kind != SLOT_NONE)
            w->ev->system[i] = t->slot[i].kind == SLOT_CONST ? t->slot[i].value : value_of(w, v, t->slot[i].sub);
    w->frame[0] = (struct frame){ .id = NAME_EVENT };
    w->depth    = 1;
    w->section  = SECTION_NONE;
    w->c->steps += 8;
    return run(w, &t->steps, t->after, v, e);
}

static bool instance(struct walk *w, size_t *pos, size_t end, struct err *e)
{
    struct evtx_instance in;
    struct evtx_tpl     *t;
    size_t               to;
    const char          *why = evtx_instance_at(w->c, *pos, end, &in, &to), *hint = NULL;

    if (why) {
        hurt(w, why);
        *pos = end;
        return true;
    }
    *pos = to;
    if (!spend(w, in.n / 8 + 1, 0))
        return true;
    uint32_t *at = TAKE(w->a, uint32_t, in.n + 1);
    if (!at)
        return no_room(e);
    size_t to_at = in.values;
    for (uint32_t i = 0; i < in.n; i++) {
        at[i] = (uint32_t)to_at;
        to_at += evtx_u16(w->c->in.p + in.sizes + 4 * (size_t)i);
    }
    struct values v = { &in, at };
    if (!evtx_tpl_of(w->c, &in, &t, &hint, e))
        return false;
    if (hint)
        hurt(w, hint);
    if (!t)
        return nameless(w, &v, e);
    return t->quick && w->depth == 0 ? from_slots(w, t, &v, e) : run(w, &t->steps, 0, &v, e);
}

static bool fragment(struct walk *w, size_t pos, size_t end, struct err *e)
{
    if (w->nest >= EVTX_NEST_MAX) {
        hurt(w, "fragments nested too deep");
        return true;
    }
    uint32_t depth = w->depth;
    bool        ok = true;
    w->nest++;
    while (ok && pos < end && w->c->in.p[pos] != 0 && spend(w, 1, 0)) {
        uint8_t t = w->c->in.p[pos];
        if (t == T_FRAGMENT) {
            pos = end - pos < FRAGMENT_BYTES ? end : pos + FRAGMENT_BYTES;
        } else if (t == T_INSTANCE) {
            ok = instance(w, &pos, end, e);
        } else {
            struct evtx_steps steps = { 0 };
            ok = evtx_compile(w->c, w->a, &pos, end, false, &steps, e);
            if (ok && steps.damaged)
                hurt(w, steps.damaged), pos = end;
            ok = ok && run(w, &steps, 0, NULL, e);
            if (ok && !steps.damaged)
                break;                                          /* compiled up to its end */
        }
        while (ok && w->depth > depth)                          /* what the walk left open where it ran out of steps */
            w->depth--;
    }
    w->nest--;
    return ok;
}

bool evtx_event_read(struct evtx_chunk *c, const struct evtx_record *r, struct arena *a, struct evtx_event *ret, struct err *e)
{
    struct evtx_event ev = { .damaged = r->bad_size ? "its two sizes differ" : NULL };
    struct walk       w;
    size_t            end = r->off + r->size - (r->bad_size ? 0 : RECORD_TAIL);

    w.c = c, w.a = a, w.ev = &ev, w.cap = 0, w.depth = w.nest = 0, w.section = SECTION_NONE, w.in_attr = false;    /* frames are set when they open */
    *e = (struct err){ 0 };
    if (!fragment(&w, r->off + RECORD_HEAD, end, e))
        return false;
    if (!ev.damaged && ev.field_n == 0 && ev.system[EVTX_PROVIDER].type == EVTX_NULL && ev.system[EVTX_EVENT_ID].type == EVTX_NULL)
        ev.damaged = "nothing in it is an event";
    *ret = ev;
    return true;
}

static struct evtx_value slot_value(const struct evtx_chunk *c, const struct evtx_instance *in, const struct evtx_slot *s)
{
    if (s->kind != SLOT_SUB || s->sub >= in->n)
        return s->kind == SLOT_CONST ? s->value : (struct evtx_value){ EVTX_NULL, STR_EMPTY };
    size_t at = in->values;
    for (uint32_t i = 0; i < s->sub; i++)
        at += evtx_u16(c->in.p + in->sizes + 4 * (size_t)i);
    const uint8_t *d = c->in.p + in->sizes + 4 * (size_t)s->sub;
    size_t         n = evtx_u16(d);
    return at > in->end || n > in->end - at ? (struct evtx_value){ EVTX_NULL, STR_EMPTY } : (struct evtx_value){ d[2], { c->in.p + at, n } };
}

static uint32_t id_of(struct evtx_value v)
{
    uint64_t n = 0;
    return evtx_value_number(v, &n) ? (uint32_t)n : 0;
}

/*
 * Which definitions, and of which types the values are: what the walk does hangs on nothing else. A fragment that is a value has to be an instance again. Empty
 * values are told apart as well: what is not there has no field. Arrays may give any number of fields of the type.
 */
static uint64_t shape_of(const struct evtx_chunk *c, const struct evtx_instance *in, uint32_t depth)
{
    enum { DEEP = 3 };
    uint64_t       h = (in->def_off + UINT64_C(1) + ((uint64_t)in->id << 20)) * UINT64_C(0x9E3779B97F4A7C15);
    const uint8_t *d = c->in.p + in->sizes;
    size_t         at = in->values;

    for (uint32_t i = 0; i < in->n; i++, d += 4) {
        size_t size = evtx_u16(d);
        if (d[2] == EVTX_BINXML && size) {
            struct evtx_instance kid;
            size_t               to, from = at;
            if (depth == DEEP || at + size > in->end)
                return 0;
            if (c->in.p[from] == T_FRAGMENT && size > FRAGMENT_BYTES)
                from += FRAGMENT_BYTES;
            if (c->in.p[from] != T_INSTANCE || evtx_instance_at(c, from, at + size, &kid, &to))
                return 0;
            uint64_t inner = shape_of(c, &kid, depth + 1);
            if (!inner || (to < at + size && c->in.p[to] != 0))
                return 0;
            h ^= inner;
        }
        h = (h ^ (d[2] | (size ? 0x100u : 0))) * UINT64_C(0x100000001B3);
        h ^= h >> 29;
        at += size;
    }
    return at <= in->end && h ? h : 0;
}

bool evtx_event_peek(struct evtx_chunk *c, const struct evtx_record *r, struct arena *a, struct evtx_peek *ret, struct err *e)
{
    size_t               pos = r->off + RECORD_HEAD, end = r->off + r->size - (r->bad_size ? 0 : RECORD_TAIL), to;
    struct evtx_instance in;
    struct evtx_tpl     *t;
    const char          *hint = NULL;
    struct evtx_event    ev;

    if (end - pos > FRAGMENT_BYTES && c->in.p[pos] == T_FRAGMENT && c->in.p[pos + FRAGMENT_BYTES] == T_INSTANCE &&
        !evtx_instance_at(c, pos + FRAGMENT_BYTES, end, &in, &to)) {
        if (!evtx_tpl_of(c, &in, &t, &hint, e))
            return false;
        if (t && t->quick) {
            *ret = (struct evtx_peek){ slot_value(c, &in, &t->slot[EVTX_PROVIDER]), slot_value(c, &in, &t->slot[EVTX_CHANNEL]),
                                       id_of(slot_value(c, &in, &t->slot[EVTX_EVENT_ID])), hint || t->steps.damaged || r->bad_size ? 0 : shape_of(c, &in, 0), in.values };
            return true;
        }
    }
    if (!evtx_event_read(c, r, a, &ev, e))
        return false;
    *ret = (struct evtx_peek){ ev.system[EVTX_PROVIDER], ev.system[EVTX_CHANNEL], id_of(ev.system[EVTX_EVENT_ID]), 0, r->off };
    return true;
}
