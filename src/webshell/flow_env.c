/* Where values are kept while code is walked: tables of slots, objects, and what of them is taken back or joined after a branch. */
#include "webshell/flow_inner.h"

#include <string.h>

#include "base/num.h"

bool walk_step(struct walk *w)
{
    if (w->stop)
        return false;
    if (++w->steps > w->limit || w->full || arena_room(w->a) < w->reserve) {
        w->stop = true;
        w->flow->cut = true;
        return false;
    }
    return true;
}

/* ---- tables ---- */
static bool slot_is(const struct walk *w, const struct slot *s, uint64_t hash, struct str name)
{
    return s->hash == hash && s->name.n == name.n && (s->fold || w->ctx->fold ? str_ieq(s->name, name) : memcmp(s->name.p, name.p, name.n) == 0);
}

struct slot *table_find(const struct walk *w, const struct table *t, struct str name)
{
    if (!t->n || !name.n)
        return NULL;
    uint64_t hash = str_ihash(name);
    if (!t->cap) {
        for (struct slot *s = t->first; s; s = s->next)
            if (slot_is(w, s, hash, name))
                return s;
        return NULL;
    }
    for (size_t i = hash & (t->cap - 1); t->hash[i]; i = (i + 1) & (t->cap - 1))
        if (slot_is(w, t->hash[i], hash, name))
            return t->hash[i];
    return NULL;
}

static bool table_index(struct walk *w, struct table *t)
{
    size_t        cap = t->cap ? t->cap * 2 : 64;
    struct slot **h = NEW(w->a, struct slot *, cap);

    if (!h)
        return false;
    t->hash = h;
    t->cap  = cap;
    for (struct slot *s = t->first; s; s = s->next) {
        size_t i = s->hash & (cap - 1);
        while (h[i])
            i = (i + 1) & (cap - 1);
        h[i] = s;
    }
    return true;
}

struct slot *table_get(struct walk *w, struct table *t, struct str name, bool local)
{
    struct slot *s = table_find(w, t, name);

    if (s)
        return s;
    s = w->free_slot;
    if (s)
        w->free_slot = s->next;
    else
        s = TAKE(w->a, struct slot, 1);
    if (!s) {
        w->full = w->stop = true;
        return NULL;
    }
    *s = (struct slot){ .name = name, .hash = str_ihash(name), .born = w->serial_last, .local = local, .fold = w->ctx->fold };
    if (t->last)
        t->last->next = s;
    else
        t->first = s;
    t->last = s;
    t->n++;
    if (t->n >= (t->cap ? t->cap / 10 * 7 : 17)) {
        if (!table_index(w, t))
            w->full = w->stop = true;
    } else if (t->cap) {
        size_t i = s->hash & (t->cap - 1);
        while (t->hash[i])
            i = (i + 1) & (t->cap - 1);
        t->hash[i] = s;
    }
    return s;
}

/* ---- writing ---- */
static bool same(const struct val *x, const struct val *y)
{
    return x->kind == y->kind && x->marks == y->marks && x->number == y->number && x->object == y->object && x->cls == y->cls && x->code == y->code && x->maybe == y->maybe && x->text.p == y->text.p &&
           x->text.n == y->text.n && x->item_n == y->item_n;
}

/* Values without marks inside a loop are forgotten soon; a slot that was there before the arm began is remembered once for each arm. */
void slot_set(struct walk *w, struct slot *s, const struct val *v)
{
    if (!s || (s->set && same(&s->v, v) && s->v.key.p == v->key.p && s->v.trail == v->trail))
        return;
    if (w->serial && s->born < w->serial && s->epoch != w->serial) {
        struct undo *u = GROW(w->a, w->undo, w->undo_n, &w->undo_cap);
        if (!u) {
            w->full = w->stop = true;
            return;
        }
        *u = (struct undo){ s, s->v, s->epoch, s->set };
        w->undo_n++;
        s->epoch = w->serial;
    }
    if (!s->local && (!s->set || !same(&s->v, v))) {
        w->world++;
        w->dirty = w->dirty || (v->marks & ~s->v.marks) || (!s->set && v->marks);
    }
    /* What a call was given is no progress of a loop around it. */
    if ((v->kind == VAL_TEXT || v->kind == VAL_BYTES || v->kind == VAL_LIST) && !(s->name.n == 2 && s->name.p[0] == 1))
        w->known_writes++;
    s->v = *v;
    s->set = true;
}

/* What a list, a builder or a stream is now, whoever else holds it. */
struct val val_refresh(const struct val *v)
{
    struct val r = *v;

    if (r.object && r.object->own && r.object->content.set) {
        const struct val *c = &r.object->content.v;
        r.kind   = c->kind;
        r.text   = c->text;
        r.tail   = c->tail;
        r.item   = c->item;
        r.item_n = c->item_n;
        r.maybe  = c->maybe;
        r.marks |= c->marks;
        r.whole  = c->whole;
        if (!r.trail)
            r.trail = c->trail;
        if (!r.key.n)
            r.key = c->key;
    }
    return r;
}

static bool type_is(struct str type, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq_c(type, list[i]))
            return true;
    return false;
}

bool text_has_letter(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (ch_alpha(s.p[i]))
            return true;
    return false;
}

bool number_type(struct str type)
{
    static const char *const numbers[] = { "int", "integer", "long", "byte", "short", "uint", "ulong", "ushort", "sbyte", "int32", "int64", "uint32", "single", "double", "decimal", "char" };

    return type.n && type_is(type, numbers, COUNT_OF(numbers));
}

struct val slot_value(struct walk *w, const struct slot *s)
{
    (void)w;
    if (s->set) {
        struct val v = val_refresh(&s->v);
        if (!v.cls && s->cls && v.kind != VAL_TEXT && v.kind != VAL_NUMBER && v.kind != VAL_FUNCTION)
            v.cls = s->cls;
        return v;
    }
    if (s->cls)
        return (struct val){ .kind = VAL_UNKNOWN, .cls = s->cls, .marks = s->cls->marks };
    if (number_type(s->type))
        return (struct val){ .kind = VAL_NUMBER, .maybe = !s->local };
    return (struct val){ .kind = VAL_NULL, .maybe = !s->local && s->type.n };
}

/* ---- objects ---- */
struct object *object_new(struct walk *w)
{
    struct object *o = NEW(w->a, struct object, 1);

    if (!o) {
        w->full = w->stop = true;
        return NULL;
    }
    o->id = ++w->ids;
    o->born = o->content.born = w->serial_last;
    return o;
}

struct slot *object_role(struct walk *w, struct object *o, char letter, bool make)
{
    static const char names[] = "\1a\1b\1c\1d\1e\1f\1g\1h\1i\1j\1k\1l\1m\1n\1o\1p\1q\1r\1s\1t\1u\1v\1w\1x\1y\1z";

    if (!o || letter < 'a' || letter > 'z')
        return NULL;
    struct str name = { (const uint8_t *)names + 2 * (letter - 'a'), 2 };
    return make ? table_get(w, &o->field, name, false) : table_find(w, &o->field, name);
}

uint32_t val_marks_inside(const struct val *v, unsigned depth)
{
    uint32_t m = v->marks;

    if (!v->object || depth > 3)
        return m;
    const struct object *o = v->object;
    if (o->content.set)
        m |= o->content.v.marks;
    unsigned looked = 0;
    for (const struct slot *s = o->field.first; s && looked < 32; s = s->next, looked++) {
        if (!s->set)
            continue;
        bool role = s->name.n == 2 && s->name.p[0] == 1;
        /* A path or an address is not what is read through it; another stream under the same letter is. */
        if (!role ? o->klass == NULL : (memchr("pxhnqkums", s->name.p[1], 9) == NULL || s->v.cls || s->v.object))
            m |= val_marks_inside(&s->v, depth + 1);
    }
    return m;
}
uint32_t val_marks(const struct val *v) { return val_marks_inside(v, 0); }

struct val val_object(struct walk *w, const struct api_class *cls)
{
    return (struct val){ .kind = VAL_OBJECT, .cls = cls, .object = object_new(w), .marks = cls ? cls->marks : 0 };
}
struct val val_str(struct str s) { return (struct val){ .kind = VAL_TEXT, .text = s }; }
struct val val_type(struct str name, const struct api_class *cls) { return (struct val){ .kind = VAL_TYPE, .name = name, .cls = cls, .marks = cls ? cls->marks : 0 }; }

/* What a reader of a text gives is the text; so does a reader of a reader. */
static bool whole_inside(const struct val *v, unsigned depth)
{
    const struct object *o = v->object;
    unsigned looked = 0;

    if (v->whole)
        return true;
    if (!o || o->klass || o->method || o->input || depth > 4)
        return false;
    if (o->content.set && o->content.v.kind == VAL_LIST) {
        for (size_t i = 0; i < o->content.v.item_n && i < 8; i++)
            if (o->content.v.item[i].whole)
                return true;
        return false;
    }
    if (o->content.set)
        return o->content.v.whole;
    for (const struct slot *s = o->field.first; s && looked < 32; s = s->next, looked++)
        if (s->set && s->name.n == 2 && s->name.p[0] == 1 && (s->name.p[1] == 'd' || (s->name.p[1] == 'p' && s->v.cls && (s->v.object || str_ieq(str_c(s->v.cls->name), STR("Stream"))))))
            return whole_inside(&s->v, depth + 1);
    return false;
}

struct val val_mix(struct walk *w, const struct val *self, const struct val *arg, size_t n)
{
    struct val r = { .kind = VAL_UNKNOWN };

    (void)w;
    for (size_t i = 0; i <= n; i++) {
        const struct val *v = i == 0 ? self : &arg[i - 1];
        if (!v)
            continue;
        uint32_t m = val_marks(v);
        if (m && (!r.trail || (m & ~r.marks & (MARK_REQUEST | MARK_UPLOAD)))) {
            r.trail = v->trail ? v->trail : r.trail;
            r.key   = v->key.n ? v->key : r.key;
        }
        r.marks |= m;
        r.whole = r.whole || v->whole || (n == 0 && v->object && whole_inside(v, 0));
        r.maybe = r.maybe || v->maybe;
    }
    return r;
}

struct val val_join(struct walk *w, const struct val *x, const struct val *y)
{
    if (same(x, y))
        return *x;
    /* Nothing or something: something, as far as anybody can tell. */
    if (x->kind == VAL_NULL && !x->marks) {
        struct val r = *y;
        r.maybe = true;
        return r;
    }
    if (y->kind == VAL_NULL && !y->marks) {
        struct val r = *x;
        r.maybe = true;
        return r;
    }
    struct val r = fold_either(&w->fold, x, y);
    r.cls = x->cls ? x->cls : y->cls;
    if (x->object || y->object) {
        bool mine = x->object && (!y->object || x->marks || !y->marks);
        r.object = mine ? x->object : y->object;
        if (x->object && y->object && x->object != y->object) {
            struct val other = mine ? *y : *x;
            r.marks |= val_marks(&other);
        }
        if (r.kind == VAL_UNKNOWN && (x->kind == VAL_FUNCTION || y->kind == VAL_FUNCTION)) {
            const struct val *f = x->kind == VAL_FUNCTION ? x : y;
            r.kind = VAL_FUNCTION, r.code = f->code, r.name = f->name, r.object = f->object, r.cls = f->cls;
        }
    }
    r.maybe = true;
    return r;
}

/* ---- trails ---- */
void trail_add(struct walk *w, struct val *v, enum trail_kind what, const struct ir *at, struct str name)
{
    const struct trail *from = v->trail;

    if (!v->marks || (from && from->depth >= TRAIL_MAX))
        return;
    /* Loops come by the same places again and again. */
    unsigned back = 0;
    for (const struct trail *t = from; t && back < 6; t = t->from, back++)
        if (t->at == at && t->what == what)
            return;
    struct trail *t = NEW(w->a, struct trail, 1);
    if (!t) {
        w->full = w->stop = true;
        return;
    }
    *t = (struct trail){ from, at, at ? at->line : 0, (uint8_t)what, from ? from->depth + 1 : 1, name };
    v->trail = t;
}

/* ---- branches ---- */
void fork_begin(struct walk *w, struct fork *f) { *f = (struct fork){ .undo = w->undo_n, .pend = w->pend_n, .outer = w->serial }; }
void fork_arm(struct walk *w, struct fork *f)
{
    (void)f;
    w->serial = ++w->serial_last;
}

void fork_arm_end(struct walk *w, struct fork *f, bool returned, bool thrown_away)
{
    for (size_t i = w->undo_n; i-- > f->undo;) {
        struct undo *u = &w->undo[i];
        struct val   now = u->slot->v;
        bool         set = u->slot->set;

        u->slot->v = u->old;
        u->slot->set = u->set;
        u->slot->epoch = u->epoch;
        if (thrown_away || (returned && u->slot->local))
            continue;
        struct pend *p = GROW(w->a, w->pend, w->pend_n, &w->pend_cap);
        if (!p) {
            w->full = w->stop = true;
            continue;
        }
        *p = (struct pend){ u->slot, now, 1, set };
        w->pend_n++;
    }
    w->undo_n = f->undo;
    w->serial = f->outer;
    if (!thrown_away) {
        f->arms++;
        f->local_arms += !returned;
    }
}

void fork_end(struct walk *w, struct fork *f)
{
    size_t end = w->pend_n;

    for (size_t i = f->pend; i < end; i++) {
        struct slot *s = w->pend[i].slot;
        if (!s->pend) {
            s->pend = (uint32_t)(i + 1);
            continue;
        }
        struct pend *first = &w->pend[s->pend - 1];
        first->v = !first->set ? w->pend[i].v : val_join(w, &first->v, &w->pend[i].v);
        first->set = first->set || w->pend[i].set;
        first->count++;
        w->pend[i].slot = NULL;
    }
    for (size_t i = f->pend; i < end; i++) {
        struct slot *s = w->pend[i].slot;
        if (!s)
            continue;
        s->pend = 0;
        if (!w->pend[i].set)
            continue;
        struct val v = w->pend[i].v;
        if (w->pend[i].count < (s->local ? f->local_arms : f->arms)) {
            if (s->set) {
                v = val_join(w, &v, &s->v);
            } else
                v.maybe = true;
        }
        slot_set(w, s, &v);
    }
    w->pend_n = f->pend;
}

bool seen_first(struct walk *w, const struct ir *n)
{
    if (w->seen_n * 2 >= w->seen_cap) {
        size_t            cap = w->seen_cap ? w->seen_cap * 2 : 256;
        const struct ir **t = (const struct ir **)NEW(w->a, struct ir *, cap);
        if (!t)
            return false;
        for (size_t i = 0; i < w->seen_cap; i++)
            if (w->seen[i]) {
                size_t j = ((uintptr_t)w->seen[i] >> 4) * 0x9e3779b97f4a7c15u >> 20 & (cap - 1);
                while (t[j])
                    j = (j + 1) & (cap - 1);
                t[j] = w->seen[i];
            }
        w->seen = t;
        w->seen_cap = cap;
    }
    size_t j = ((uintptr_t)n >> 4) * 0x9e3779b97f4a7c15u >> 20 & (w->seen_cap - 1);
    for (; w->seen[j]; j = (j + 1) & (w->seen_cap - 1))
        if (w->seen[j] == n)
            return false;
    w->seen[j] = n;
    w->seen_n++;
    return true;
}

/* ---- contents ---- */
bool list_own(struct walk *w, struct val *v)
{
    if (v->object && v->object->own)
        return v->object->content.v.kind == VAL_LIST || v->object->content.v.kind == VAL_BYTES;
    if (v->kind != VAL_LIST && v->kind != VAL_BYTES)
        return false;
    struct object *o = object_new(w);
    if (!o)
        return false;
    struct val c = *v;
    c.object = NULL;
    if (v->kind == VAL_LIST) {
        size_t cap = v->item_n < 4 ? 4 : v->item_n;
        c.item = TAKE(w->a, struct val, cap);
        if (c.item && v->item_n)
            memcpy(c.item, v->item, v->item_n * sizeof *c.item);
        c.number = (int64_t)cap;         /* of a list that is written: room behind item */
    } else {
        uint8_t *p = TAKE(w->a, uint8_t, v->text.n + 1);
        if (p && v->text.n)
            memcpy(p, v->text.p, v->text.n);
        c.text.p = p;
        o->bytes_own = true;
    }
    if (v->kind == VAL_LIST ? !c.item : !c.text.p) {
        w->full = w->stop = true;
        return false;
    }
    o->own = true;
    o->content.v = c;
    o->content.set = true;
    v->object = o;
    return true;
}

void content_mix(struct walk *w, struct object *o, const struct val *v)
{
    if (!o)
        return;
    struct val m = val_mix(w, o->content.set ? &o->content.v : NULL, v, 1);
    if (o->content.set && o->content.v.kind == VAL_UNKNOWN && m.marks == o->content.v.marks)
        return;
    slot_set(w, &o->content, &m);
}

void content_add(struct walk *w, struct object *o, const struct val *v)
{
    if (!o)
        return;
    struct val c = o->content.set ? o->content.v : (struct val){ .kind = VAL_LIST };
    if (c.kind != VAL_LIST || c.item_n >= VAL_ITEMS_MAX) {
        content_mix(w, o, v);
        return;
    }
    if (c.item_n >= (size_t)c.number || (w->serial && o->born < w->serial && o->content.epoch != w->serial)) {
        /* A new place when it is full, and when the old one may have to come back. */
        size_t      cap = c.item_n < 4 ? 8 : c.item_n * 2;
        struct val *p = TAKE(w->a, struct val, cap);
        if (!p) {
            w->full = w->stop = true;
            return;
        }
        if (c.item_n)
            memcpy(p, c.item, c.item_n * sizeof *p);
        c.item = p;
        c.number = (int64_t)cap;
    }
    c.item[c.item_n++] = *v;
    c.marks |= v->object ? val_marks(v) : v->marks;
    if (v->marks && !c.trail) {
        c.trail = v->trail;
        c.key = v->key;
    }
    slot_set(w, &o->content, &c);
}
