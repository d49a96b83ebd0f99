/* The page's own functions and classes: how they are found, called with their arguments, and made. */
#include "webshell/flow_inner.h"

#include <string.h>

#include "base/num.h"

struct method *method_pick(struct method *m, size_t n)
{
    struct method *best = m;

    for (unsigned i = 0; m && i < 32; m = m->next, i++) {
        if (m->params == n)
            return m;
        if (m->params > n && best && best->params < n)
            best = m;
    }
    return best;
}

struct slot *klass_member(struct walk *w, const struct klass *k, struct str name)
{
    for (unsigned i = 0; k && i < 16; k = k->base, i++) {
        struct slot *s = table_find(w, &k->member, name);
        if (s)
            return s;
    }
    return NULL;
}

struct klass *klass_find(struct walk *w, struct str name)
{
    struct slot *s = table_find(w, &w->types, name);
    return s && s->v.object ? s->v.object->klass : NULL;
}

/* Two calls that nobody can tell apart have one answer; texts count by their first bytes and their length. */
static uint64_t sign_of(const struct val *arg, size_t n, const struct object *self)
{
    uint64_t h = 1469598103934665603u + n + (self ? (uint64_t)self->id * 2654435761u : 0);

    for (size_t i = 0; i < n; i++) {
        const struct val *v = &arg[i];
        uint64_t part[] = { v->kind, v->marks, (uint64_t)v->number, v->text.n, v->item_n, v->whole, v->maybe, v->object ? v->object->id : 0, v->cls ? str_hash(str_c(v->cls->name)) : 0,
                            str_hash(str_sub(v->text, 0, 512)), str_hash(str_sub(v->text, v->text.n > 64 ? v->text.n - 64 : 0, v->text.n)), v->code ? v->code->line : 0, str_hash(v->name) };
        for (size_t k = 0; k < COUNT_OF(part); k++)
            h = (h ^ part[k]) * 1099511628211u;
        if (v->kind == VAL_LIST && !v->object)
            for (size_t k = 0; k < v->item_n && k < 64; k++)
                h = (h ^ (uint64_t)v->item[k].number ^ v->item[k].text.n ^ v->item[k].kind) * 1099511628211u;
    }
    return h;
}

static struct frame *frame_open(struct walk *w)
{
    struct frame *f = w->free_frame;

    if (f)
        w->free_frame = f->up;
    else
        f = TAKE(w->a, struct frame, 1);
    if (!f) {
        w->full = w->stop = true;
        return NULL;
    }
    *f = (struct frame){ .serial = w->serial };
    return f;
}

static void frame_close(struct walk *w, struct frame *f)
{
    if (f->captured)
        return;
    if (f->local.last) {
        f->local.last->next = w->free_slot;
        w->free_slot = f->local.first;
    }
    f->local = (struct table){ 0 };
    f->up = w->free_frame;
    w->free_frame = f;
}

static const struct ir *body_of(const struct ir *method)
{
    const struct ir *last = NULL;
    for (const struct ir *k = method->kid; k; k = k->next)
        last = k;
    return last && last->op != IR_PARAM ? last : NULL;
}

/* Interfaces whose methods the framework calls with what it was given elsewhere: a comparer with what is sorted, an object without a class with what it is asked. */
static bool called_back(const struct klass *k)
{
    return k && IN(k->base_name, "IComparer", "Comparer", "IEqualityComparer", "EqualityComparer", "DynamicObject", "ICustomFormatter");
}

static void parameter(struct walk *w, struct frame *f, const struct method *m, const struct ir *k, const struct val *given, bool nobody)
{
    struct slot *s = table_get(w, &f->local, k->text, true);

    if (!s)
        return;
    s->type = k->type;
    s->cls  = k->type.n ? api_class_find(k->type) : NULL;
    /* What the server hands over is a request that came in. */
    if (!given && nobody && str_ieq(k->type, STR("HttpRequestMessage")))
        s->cls = api_class_find(STR("Request"));
    if (given) {
        struct val v = operator_convert(w, m->at, *given, k->type);
        trail_add(w, &v, TRAIL_PARAMETER, k, k->text);
        slot_set(w, s, &v);
    } else if ((m->web || (called_back(m->klass) && m->klass->made)) && nobody) {
        /* Whatever its type is, it is made of what was sent. */
        bool       text = s->cls && str_ieq(str_c(s->cls->name), STR("String"));
        struct val v = { .kind = VAL_UNKNOWN, .marks = MARK_REQUEST, .whole = true, .key = k->text, .cls = text ? NULL : s->cls };
        if (number_type(k->type))
            v = (struct val){ .kind = VAL_FRACTION, .marks = MARK_REQUEST };
        else if (v.cls)
            v.marks |= v.cls->marks, v.object = object_new(w);
        trail_add(w, &v, TRAIL_SOURCE, k, k->text);
        key_record(w, k->text);
        slot_set(w, s, &v);
    } else if (nobody && !s->cls) {
        /* Called by nobody here: anything may come in; of the page's own classes, what was made of them. */
        struct klass *own = k->type.n ? klass_find(w, k->type) : NULL;
        struct val v = own && own->made ? (struct val){ .kind = VAL_OBJECT, .object = own->made } : val_unknown(0);
        slot_set(w, s, &v);
    } else if (k->kid) {
        struct val v = eval(w, k->kid);
        slot_set(w, s, &v);
    }
}

static void parameters(struct walk *w, struct frame *f, const struct method *m, const struct val *arg, size_t n)
{
    size_t i = 0;

    for (const struct ir *k = m->index ? m->index->kid : NULL; k; k = k->next)
        if (k->op == IR_PARAM)
            parameter(w, f, m, k, i < n ? &arg[i] : NULL, n == 0), i++;
    for (const struct ir *k = m->at->kid; k; k = k->next)
        if (k->op == IR_PARAM)
            parameter(w, f, m, k, i < n ? &arg[i] : NULL, n == 0), i++;
}

static void assign_back(struct walk *w, const struct frame *f, const struct method *m, const struct ir *call)
{
    const struct ir *given = call && call->kid ? call->kid->next : NULL;

    for (const struct ir *k = m->at->kid; k && given; k = k->next) {
        if (k->op != IR_PARAM)
            continue;
        if (k->is_static && (given->op == IR_NAME || given->op == IR_MEMBER)) {
            const struct slot *s = table_find(w, &f->local, k->text);
            if (s && s->set)
                assign(w, given, s->v);
        }
        given = given->next;
    }
}

enum { FLOW_NAMED = 8 };

/* G(b: 1, a: x): each argument under the parameter of its name. */
static bool by_name(struct walk *w, const struct method *m, const struct ir *given, const struct val *arg, size_t *n, struct val *ret)
{
    size_t i = 0, last = 0;
    bool   any = false;

    for (const struct ir *k = given; k; k = k->next)
        any = any || k->op == IR_SET;
    if (!any || *n > FLOW_NAMED)
        return false;
    for (size_t k = 0; k < FLOW_NAMED; k++)
        ret[k] = (struct val){ .kind = VAL_NULL, .maybe = true };
    for (const struct ir *k = given; k && i < *n; k = k->next, i++) {
        size_t at = i, place = 0;
        for (const struct ir *p = m->at->kid; p && k->op == IR_SET; p = p->next)
            if (p->op == IR_PARAM) {
                if (m->ctx->fold ? str_ieq(p->text, k->text) : str_eq(p->text, k->text)) {
                    at = place;
                    break;
                }
                place++;
            }
        if (at >= FLOW_NAMED)
            return false;
        ret[at] = arg[i];
        last = at >= last ? at + 1 : last;
    }
    (void)w;
    *n = last;
    return true;
}

struct val call_method(struct walk *w, const struct ir *at, struct method *m, struct object *self, struct frame *up, const struct val *arg, size_t n)
{
    const struct ir *direct = w->direct;

    w->direct = NULL;
    if (!m || w->stop)
        return val_unknown(0);
    m->called = true;
    if (m->native.n) {
        const struct api_member *row = w->native_class ? api_member_find(w->native_class, m->native) : NULL;
        if (!row && w->native_class && m->native.n > 1 && strchr("AW", m->native.p[m->native.n - 1]))      /* of its two spellings */
            row = api_member_find(w->native_class, str_sub(m->native, 0, m->native.n - 1));
        return row ? api_apply(w, at, w->native_class, row, NULL, arg, n, HOW_CALL) : val_mix(w, NULL, arg, n);
    }
    if (m->open >= 2 || w->calls >= FLOW_CALLS_MAX || w->depth + 8 >= FLOW_DEPTH_MAX)
        return val_mix(w, NULL, arg, n);
    struct val named[FLOW_NAMED];
    if (direct && by_name(w, m, direct->kid ? direct->kid->next : NULL, arg, &n, named))
        arg = named;
    uint64_t sign = sign_of(arg, n, self);
    for (size_t i = 0; i < MEMO_N; i++)
        if (m->memo[i].used && m->memo[i].sign == sign && m->memo[i].world == w->world && !up)
            return m->memo[i].ret;

    struct frame *f = frame_open(w);
    if (!f)
        return val_unknown(0);
    struct frame     *was = w->frame;
    const struct ctx *ctx = w->ctx;
    f->up = up;
    f->arg = arg;
    f->arg_n = n;
    f->method = m;
    f->klass = m->klass;
    f->self = self ? self : m->klass ? m->klass->self : &w->page_object;
    w->ctx = m->ctx;
    parameters(w, f, m, arg, n);
    struct slot *result = NULL;
    if ((m->ctx->language == IR_VBSCRIPT || m->ctx->language == IR_VBNET) && m->name.n && (result = table_get(w, &f->local, m->name, true)) != NULL) {
        result->result = true;
        result->type = m->at->type;
    }
    w->frame = f;
    w->calls++;
    m->open++;
    const struct ir *body = body_of(m->at);
    struct val r = val_unknown(0);
    if (body && body->op != IR_BLOCK && m->at->op == IR_LAMBDA && body->op < IR_BLOCK)
        r = eval(w, body);
    else if (body)
        walk(w, body);
    if (f->ret_set)
        r = f->ret;
    if (result && result->set)
        r = f->ret_set ? val_join(w, &r, &result->v) : result->v;
    else if (result && !f->ret_set && result->type.n == 0)
        r = (struct val){ .kind = VAL_NULL, .maybe = true };
    m->open--;
    w->calls--;
    f->arg = NULL;
    f->arg_n = 0;
    w->frame = was;
    w->ctx = ctx;
    r = val_refresh(&r);
    if (r.marks && m->name.n)
        trail_add(w, &r, TRAIL_RETURN, at, m->name);
    if (direct)
        assign_back(w, f, m, direct);
    if (!w->stop && !up) {
        uint32_t i = m->memo_next++ % MEMO_N;
        m->memo[i].sign = sign;
        m->memo[i].world = w->world;
        m->memo[i].ret = r;
        m->memo[i].used = true;
    }
    frame_close(w, f);
    return r;
}

bool delegate_of(struct walk *w, const struct val *v, struct val *ret_type, struct val *ret_name)
{
    if (!v->object || !v->cls || !str_eq(str_c(v->cls->name), STR("Delegate")))
        return false;
    struct slot *f = object_role(w, v->object, 'f', false);
    for (unsigned i = 0; i < 4 && f && f->set && f->v.object && !object_role(w, f->v.object, 'm', false) && object_role(w, f->v.object, 'f', false); i++)
        f = object_role(w, f->v.object, 'f', false);      /* a lambda of a call of a method */
    struct object *of = f && f->set && f->v.object && object_role(w, f->v.object, 'm', false) ? f->v.object : v->object;
    struct slot *name = object_role(w, of, 'm', false), *type = object_role(w, of, 't', false);
    if (!name || !name->set)
        return false;
    if (ret_name) {
        *ret_name = name->v;
        *ret_type = type && type->set ? type->v : f && f->set ? f->v : val_unknown(0);
    }
    return true;
}

struct val call_value(struct walk *w, const struct ir *at, const struct val *f, const struct val *arg, size_t n)
{
    const struct object *o = f->object;
    struct val r, type, name;

    if (delegate_of(w, f, &type, &name))
        return late_invoke(w, at, &type, &name, arg, n);

    if (o && o->method) {
        struct object *self = o->bound ? o->bound->object : NULL;
        return call_method(w, at, method_pick(o->method, n), self, o->closure, arg, n);
    }
    if (f->kind != VAL_FUNCTION)
        return val_mix(w, f, arg, n);
    if (f->cls) {
        const struct api_member *m = api_member_find(f->cls, f->name);
        if (m)
            return api_apply(w, at, f->cls, m, o ? o->bound : NULL, arg, n, HOW_CALL);
    }
    if (f->name.n && !f->cls) {
        const struct api_member *m = api_function_find(w->ctx->language, f->name);
        if (m)
            return api_apply(w, at, NULL, m, NULL, arg, n, HOW_CALL);
        enum fold_result d = fold_call(&w->fold, w->ctx->language, STR(""), f->name, NULL, arg, n, &r);
        if (d == FOLD_FULL)
            w->full = w->stop = true;
        if (d == FOLD_DONE)
            return r;
    }
    return val_mix(w, f, arg, n);
}

/* ---- new ---- */
void klass_fields(struct walk *w, struct klass *k, struct object *o)
{
    struct frame *f, *was = w->frame;
    const struct ctx *ctx = w->ctx;

    if (!k->at || w->calls >= FLOW_CALLS_MAX || !(f = frame_open(w)))
        return;
    f->self = o;
    f->klass = k;
    w->frame = f;
    w->ctx = k->ctx;
    w->calls++;
    for (const struct ir *m = k->at->kid; m && !w->stop; m = m->next) {
        /* A property without a body of its own is a field. */
        struct slot *own = m->op == IR_PROPERTY && !m->is_static ? table_find(w, &k->member, m->text) : NULL;
        if (m->op == IR_PROPERTY && !m->is_static && !(own && own->is_property) && (own = table_get(w, &o->field, m->text, false)) != NULL && !own->set) {
            own->type = m->type;
            own->cls  = m->type.n ? api_class_find(m->type) : NULL;
        }
        const struct ir *let = m->op == IR_LET ? m : m->op == IR_PROPERTY && ir_kid(m, 0) && ir_kid(m, 0)->op == IR_LET ? ir_kid(m, 0) : NULL;
        if (!let || (let->is_static && k->fields_done))
            continue;
        struct table *to = let->is_static ? &k->member : &o->field;
        struct str    name = m->op == IR_PROPERTY ? m->text : let->text;
        struct slot  *s = table_get(w, to, name, false);
        if (!s)
            break;
        s->type = let->type;
        s->cls  = let->type.n ? api_class_find(let->type) : NULL;
        if (let->kid) {
            struct val v = eval(w, typed_new(w, let));
            slot_set(w, s, &v);
        }
    }
    k->fields_done = true;
    w->calls--;
    w->frame = was;
    w->ctx = ctx;
    frame_close(w, f);
}

struct val klass_make(struct walk *w, const struct ir *at, struct klass *k, const struct val *arg, size_t n)
{
    struct val r = { .kind = VAL_OBJECT, .object = object_new(w) };

    if (!r.object)
        return val_unknown(0);
    r.object->klass = k;
    k->made = r.object;
    k->made_first = k->made_first ? k->made_first : r.object;
    unsigned up = 0;
    for (struct klass *b = k; b && up < 8; b = b->base, up++)
        klass_fields(w, b, r.object);
    struct slot *c = table_find(w, &k->member, k->name);
    if (!c)
        c = table_find(w, &k->member, STR("New"));
    if (!c)
        c = table_find(w, &k->member, STR("Class_Initialize"));
    if (c && c->is_method && c->v.object && c->v.object->method)
        call_method(w, at, method_pick(c->v.object->method, n), r.object, NULL, arg, n);
    /* record R(string A, string B): its fields in their order. */
    size_t i = 0;
    for (const struct ir *m = !c && k->at ? k->at->kid : NULL; m && i < n; m = m->next)
        if (m->op == IR_LET && !m->is_static && m->text.n)
            slot_set(w, table_get(w, &r.object->field, m->text, false), &arg[i++]);
    return r;
}
