/* Calls: the page's own functions, functions as values, new objects, code in texts, and what is done to lists and builders. */
#include "webshell/flow_inner.h"

#include <string.h>

#include "base/num.h"
#include "webshell/basic.h"
#include "webshell/clike.h"

static bool basic(const struct walk *w) { return w->ctx->language == IR_VBSCRIPT || w->ctx->language == IR_VBNET; }

static bool script(const struct walk *w) { return w->ctx->language == IR_JSCRIPT || w->ctx->language == IR_JSCRIPT_NET; }

/* ---- own functions ---- */
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

static void parameters(struct walk *w, struct frame *f, const struct method *m, const struct val *arg, size_t n)
{
    size_t i = 0;

    for (const struct ir *k = m->at->kid; k; k = k->next) {
        if (k->op != IR_PARAM)
            continue;
        struct slot *s = table_get(w, &f->local, k->text, true);
        if (!s)
            return;
        s->type = k->type;
        s->cls  = k->type.n ? api_class_find(k->type) : NULL;
        if (i < n) {
            struct val v = arg[i];
            trail_add(w, &v, TRAIL_PARAMETER, k, k->text);
            slot_set(w, s, &v);
        } else if (m->web && n == 0) {
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
        } else if (n == 0 && !s->cls) {
            /* Called by nobody here: anything may come in. */
            struct val v = val_unknown(0);
            slot_set(w, s, &v);
        } else if (k->kid) {
            struct val v = eval(w, k->kid);
            slot_set(w, s, &v);
        }
        i++;
    }
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

/* What a class says of itself as a text: its conversion, or ToString. */
struct val as_text(struct walk *w, const struct ir *at, const struct val *v)
{
    struct slot *s = v->object && v->object->klass ? klass_member(w, v->object->klass, STR("operator")) : NULL;

    for (struct method *m = s && s->is_method && s->v.object ? s->v.object->method : NULL; m; m = m->next)
        if (m->params == 1)
            return call_method(w, at, m, NULL, NULL, v, 1);
    s = v->object && v->object->klass ? klass_member(w, v->object->klass, STR("ToString")) : NULL;
    if (s && s->is_method && s->v.object && method_pick(s->v.object->method, 0)->params == 0)
        return call_method(w, at, method_pick(s->v.object->method, 0), v->object, NULL, NULL, 0);
    return *v;
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
            struct val v = eval(w, let->kid);
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
    return r;
}

static struct val new_array(struct walk *w, const struct ir *n)
{
    const struct ir *list = NULL;

    for (const struct ir *k = n->kid; k; k = k->next)
        if (k->op == IR_LIST)
            list = k;
    bool bytes = str_istarts(n->text, STR("byte"));
    if (list) {
        struct val v = eval(w, list);
        /* Bytes that are all known are bytes. */
        if (bytes && v.kind == VAL_LIST && v.item_n) {
            uint8_t *p = TAKE(w->a, uint8_t, v.item_n);
            size_t   i = 0;
            for (; p && i < v.item_n && v.item[i].kind == VAL_NUMBER && !v.item[i].maybe; i++)
                p[i] = (uint8_t)v.item[i].number;
            if (p && i == v.item_n)
                return (struct val){ .kind = VAL_BYTES, .text = { p, i }, .marks = v.marks };
        }
        return v;
    }
    struct val size = n->kid ? eval(w, n->kid) : (struct val){ .kind = VAL_NUMBER };
    if (size.kind != VAL_NUMBER || size.maybe || size.number < 0 || size.number > VAL_ITEMS_MAX)
        return (struct val){ .kind = VAL_UNKNOWN, .object = object_new(w) };
    if (w->ctx->language == IR_VBNET || w->ctx->language == IR_VBSCRIPT)
        size.number++;
    struct val v = { .kind = bytes ? VAL_BYTES : VAL_LIST };
    if (bytes) {
        v.text = (struct str){ NEW(w->a, uint8_t, (size_t)size.number + 1), (size_t)size.number };
    } else {
        bool numbers = str_istarts(n->text, STR("int")) || str_istarts(n->text, STR("long")) || str_istarts(n->text, STR("uint"));
        v.item_n = (size_t)size.number;
        v.item = TAKE(w->a, struct val, v.item_n + 1);
        for (size_t i = 0; v.item && i < v.item_n; i++)
            v.item[i] = (struct val){ .kind = numbers ? VAL_NUMBER : VAL_NULL };
        w->steps += v.item_n / 8;
    }
    if (bytes ? !v.text.p : !v.item) {
        w->full = w->stop = true;
        return val_unknown(0);
    }
    list_own(w, &v);
    return v;
}

static bool name_in(struct str name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(name, str_c(list[i])))
            return true;
    return false;
}
#define IN(name, ...) name_in(name, (const char *const[]){ __VA_ARGS__ }, COUNT_OF(((const char *const[]){ __VA_ARGS__ })))

static bool is_builder(struct str t) { return IN(t, "StringBuilder", "StringWriter"); }
static bool is_collection(struct str t) { return IN(t, "ArrayList", "List", "Queue", "Stack", "HashSet", "LinkedList", "Collection", "StringCollection", "Array", "ConcurrentQueue", "ConcurrentBag", "IList"); }

static size_t push_args(struct walk *w, const struct ir *k)
{
    size_t n = 0;

    for (; k && n < FLOW_ARGS_MAX && w->sp < FLOW_STACK_MAX && !w->stop; k = k->next) {
        struct val v = eval(w, k);
        w->stack[w->sp++] = v;
        n++;
    }
    return n;
}

/*
 * Array(...), String.fromCharCode(...): codes and letters by the hundred, as pages keep what they hide. They make a list or a text and nothing else,
 * so that they need no place on the stack of arguments. NULL: no more of them than any call may have.
 */
static struct val *many_args(struct walk *w, const struct ir *k, size_t *ret)
{
    size_t n = 0, i = 0;

    for (const struct ir *x = k; x && n <= VAL_ITEMS_MAX; x = x->next)
        n++;
    if (n <= FLOW_ARGS_MAX || n > VAL_ITEMS_MAX)
        return NULL;
    struct val *v = TAKE(w->a, struct val, n);
    if (!v) {
        w->full = w->stop = true;
        return NULL;
    }
    for (; k && i < n && !w->stop; k = k->next)
        v[i++] = eval(w, k);
    *ret = i;
    return v;
}

static bool makes_list(const struct walk *w, const struct ir *f)
{
    bool script = w->ctx->language == IR_JSCRIPT || w->ctx->language == IR_JSCRIPT_NET;
    return (f->op == IR_NAME && IN(f->text, "Array")) || (f->op == IR_MEMBER && (IN(f->text, "Concat") || (script && IN(f->text, "fromCharCode"))));
}

/* { A = { B = c } }: what A holds already is changed. */
static void set_parts(struct walk *w, const struct val *self, const struct ir *set, unsigned depth)
{
    struct val part = member_get(w, set, self, set->text);

    for (const struct ir *k = set->kid->kid; k && !w->stop && depth < 8; k = k->next) {
        if (k->op != IR_SET || !k->kid) {
            eval(w, k);
        } else if (k->kid->op == IR_LIST && k->kid->kid && k->kid->kid->op == IR_SET) {
            set_parts(w, &part, k, depth + 1);
        } else {
            struct val v = eval(w, k->kid);
            trail_add(w, &v, TRAIL_VARIABLE, k, k->text);
            member_set(w, k, &part, k->text, &v);
        }
    }
}

struct val eval_new(struct walk *w, const struct ir *n)
{
    struct str type = n->text;
    size_t     base = w->sp, args = 0;
    struct val r;

    if (type.n >= 2 && type.p[type.n - 1] == ']' && type.p[type.n - 2] == '[')
        return new_array(w, n);
    struct str all = type;
    size_t dot = str_rchr(type, '.');
    if (dot != STR_NONE)
        type = str_from(type, dot + 1);
    for (const struct ir *k = n->kid; k && !w->stop && w->sp < FLOW_STACK_MAX && args < FLOW_ARGS_MAX; k = k->next) {
        /* { Name = value } and { a, b } come later; (name: value) is an argument all the same. */
        if (k->op == IR_LIST || k->op == IR_SET)
            continue;
        struct val v = eval(w, k);
        w->stack[w->sp++] = v;
        args++;
    }
    const struct val *arg = w->stack + base;
    struct klass *k = klass_find(w, type);
    struct slot  *s = k ? NULL : name_slot(w, type);
    const struct api_class *cls = k ? NULL : api_class_find(all);
    if (k) {
        r = klass_make(w, n, k, arg, args);
    } else if (s && (s->is_method || (s->set && s->v.kind == VAL_FUNCTION))) {
        /* JScript: a function that fills `this`. */
        struct object *o = object_new(w);
        struct val     f = s->is_method ? s->v : slot_value(w, s);
        r = (struct val){ .kind = VAL_OBJECT, .object = o };
        unsigned shared = 0;
        for (const struct slot *p = f.object ? f.object->field.first : NULL; p && o && shared < 64; p = p->next, shared++)
            if (p->set && p->name.n && p->name.p[0] > 1)
                slot_set(w, table_get(w, &o->field, p->name, false), &p->v);
        if (f.object && f.object->method)
            call_method(w, n, method_pick(f.object->method, args), o, f.object->closure, arg, args);
    } else if (is_builder(type) || is_collection(type)) {
        r = val_object(w, is_builder(type) ? cls : NULL);
        if (r.object) {
            struct val c = { .kind = is_builder(type) ? VAL_TEXT : VAL_LIST };
            bool js = w->ctx->language == IR_JSCRIPT || w->ctx->language == IR_JSCRIPT_NET;
            r.object->own = true;
            r.object->content.v = c;
            r.object->content.set = true;
            for (size_t i = 0; i < args; i++) {
                if (is_builder(type) && (arg[i].kind == VAL_TEXT || arg[i].kind == VAL_UNKNOWN)) {
                    struct val t = eval_join(w, n, SIGN_JOIN, r.object->content.v, arg[i]);
                    slot_set(w, &r.object->content, &t);
                } else if (!is_builder(type) && js && args == 1 && arg[i].kind == VAL_NUMBER) {
                    break;
                } else if (!is_builder(type) && js && args == FLOW_ARGS_MAX) {
                    size_t      more = 0;
                    struct val *v = many_args(w, n->kid, &more);
                    for (size_t j = 0; v && j < more; j++)
                        content_add(w, r.object, &v[j]);
                    if (v)
                        break;
                    content_add(w, r.object, &arg[i]);
                } else if (!is_builder(type) && js) {
                    content_add(w, r.object, &arg[i]);
                } else if (!is_builder(type) && (arg[i].kind == VAL_LIST))
                    for (size_t j = 0; j < arg[i].item_n; j++)
                        content_add(w, r.object, &arg[i].item[j]);
                else if (!is_builder(type) && arg[i].marks)
                    content_mix(w, r.object, &arg[i]);
            }
            r = val_refresh(&r);
        }
    } else if (args == 1 && arg[0].kind == VAL_TEXT && str_ieq(type, STR("Guid"))) {
        r = arg[0];                        /* a class id, for who makes an object of it */
    } else if (cls) {
        const struct api_member *m = api_member_find(cls, STR("new"));
        r = val_object(w, cls);
        if (m) {
            struct val made = api_apply(w, n, cls, m, &r, arg, args, HOW_CALL);
            r.marks |= made.marks & ~MARK_REQUEST;
            if (m->effect == API_NUMBER || (m->effect == API_PASS && !r.object))
                r = made;
        } else {
            struct val folded;
            enum fold_result d = fold_call(&w->fold, w->ctx->language, type, STR("new"), NULL, arg, args, &folded);
            if (d == FOLD_FULL)
                w->full = w->stop = true;
            if (d == FOLD_DONE)
                r = folded;
        }
        if (args == 1 && arg[0].kind == VAL_FUNCTION)
            r.code = arg[0].code, r.name = arg[0].name;
    } else {
        struct val folded;
        enum fold_result d = fold_call(&w->fold, w->ctx->language, type, STR("new"), NULL, arg, args, &folded);
        if (d == FOLD_FULL)
            w->full = w->stop = true;
        if (d == FOLD_DONE) {
            r = folded;
        } else {
            const struct api_member *m = api_function_find(w->ctx->language, type);       /* new ActiveXObject, new Function */
            /* A delegate is the function that it is made of: new EventHandler(f). */
            if (m)
                r = api_apply(w, n, NULL, m, NULL, arg, args, HOW_CALL);
            else if (args == 1 && arg[0].kind == VAL_FUNCTION)
                r = arg[0];
            else {
                r = val_object(w, NULL);
                for (size_t i = 0; i < args; i++)
                    if (val_marks(&arg[i]))
                        content_mix(w, r.object, &arg[i]);
            }
        }
    }
    w->sp = base;
    for (const struct ir *i = n->kid; i && !w->stop; i = i->next) {
        if (i->op == IR_SET && i->kid && i->kid->op == IR_LIST && i->kid->kid && i->kid->kid->op == IR_SET) {
            set_parts(w, &r, i, 0);
        } else if (i->op == IR_SET) {
            struct val v = eval(w, i->kid);
            trail_add(w, &v, TRAIL_VARIABLE, i, i->text);
            member_set(w, i, &r, i->text, &v);
        } else if (i->op == IR_LIST) {
            for (const struct ir *e = i->kid; e && !w->stop; e = e->next) {
                if (e->op == IR_SET) {
                    struct val v = eval(w, e->kid);
                    trail_add(w, &v, TRAIL_VARIABLE, e, e->text);
                    member_set(w, e, &r, e->text, &v);
                } else if (e->op == IR_LIST && ir_kid(e, 1) && r.object) {
                    struct val key = eval(w, ir_kid(e, 0)), v = eval(w, ir_kid(e, 1));
                    if (key.kind == VAL_TEXT && !key.maybe)
                        slot_set(w, table_get(w, &r.object->field, key.text, false), &v);
                    else
                        content_mix(w, r.object, &v);
                } else {
                    struct val v = eval(w, e);
                    if (r.object && r.object->own)
                        content_add(w, r.object, &v);
                    else
                        content_mix(w, r.object, &v);
                }
            }
        }
    }
    return val_refresh(&r);
}

/* ---- builders and lists ---- */
static bool builder_call(struct walk *w, const struct ir *at, const struct val *self, struct str name, const struct val *arg, size_t n, struct val *ret)
{
    struct object *o = self->object;
    struct val     c = o->content.v, t;

    if (IN(name, "Append", "Write", "AppendLine", "WriteLine", "AppendFormat", "AppendJoin")) {
        struct val add = n ? arg[0] : val_str(STR(""));
        if (IN(name, "AppendFormat") || (n > 1 && IN(name, "Write", "WriteLine"))) {
            if (fold_call(&w->fold, w->ctx->language, STR("String"), STR("Format"), NULL, arg, n, &add) != FOLD_DONE)
                add = val_mix(w, NULL, arg, n);
        } else if (n == 2 && arg[1].kind == VAL_NUMBER && !arg[1].maybe && arg[0].kind == VAL_TEXT && arg[1].number >= 0 && arg[1].number < 4096) {
            for (int64_t i = 1; i < arg[1].number; i++)
                c = eval_join(w, at, SIGN_JOIN, c, arg[0]);
        } else if (add.kind == VAL_NUMBER && !add.maybe)
            add = fold_text(&w->fold, &add);
        t = eval_join(w, at, SIGN_JOIN, c, add);
        if (IN(name, "AppendLine", "WriteLine"))
            t = eval_join(w, at, SIGN_JOIN, t, val_str(STR("\r\n")));
        slot_set(w, &o->content, &t);
        *ret = val_refresh(self);
        return true;
    }
    if (IN(name, "Insert", "Replace", "Remove")) {
        c.object = NULL;
        if (fold_call(&w->fold, w->ctx->language, STR(""), name, &c, arg, n, &t) != FOLD_DONE)
            t = val_mix(w, &c, arg, n);
        slot_set(w, &o->content, &t);
        *ret = val_refresh(self);
        return true;
    }
    if (IN(name, "Clear")) {
        t = val_str(STR(""));
        slot_set(w, &o->content, &t);
        *ret = val_refresh(self);
        return true;
    }
    return false;
}

static bool list_call(struct walk *w, const struct val *self, struct str name, const struct val *arg, size_t n, struct val *ret)
{
    struct object *o = self->object;
    struct val     c = o->content.v;

    if (IN(name, "Add", "Push", "Enqueue", "AddLast", "TryAdd") && n) {
        for (size_t i = 0; i < n; i++)
            content_add(w, o, &arg[i]);
        *ret = (struct val){ .kind = VAL_FRACTION };
        return true;
    }
    if (IN(name, "AddRange", "CopyFrom") && n) {
        if (arg[0].kind == VAL_LIST)
            for (size_t i = 0; i < arg[0].item_n && i < VAL_ITEMS_MAX; i++)
                content_add(w, o, &arg[0].item[i]);
        else
            content_mix(w, o, &arg[0]);
        *ret = (struct val){ .kind = VAL_NULL };
        return true;
    }
    if (IN(name, "Pop", "Dequeue") && c.kind == VAL_LIST && c.item_n) {
        bool first = IN(name, "Dequeue");
        *ret = c.item[first ? 0 : c.item_n - 1];
        if (first) {
            c.item++;
            c.number = c.number > 0 ? c.number - 1 : 0;
        }
        c.item_n--;
        slot_set(w, &o->content, &c);
        return true;
    }
    if (IN(name, "Insert", "Unshift") && n) {
        if (c.kind == VAL_LIST && n == 2 && arg[0].kind == VAL_NUMBER && arg[0].number >= 0 && (size_t)arg[0].number <= c.item_n && w->steps + c.item_n < w->limit) {
            size_t i = (size_t)arg[0].number;
            content_add(w, o, &arg[1]);
            struct val *p = TAKE(w->a, struct val, c.item_n + 1);
            c = o->content.v;
            if (p && c.kind == VAL_LIST && c.item_n) {
                memcpy(p, c.item, i * sizeof *p);
                p[i] = arg[1];
                memcpy(p + i + 1, c.item + i, (c.item_n - 1 - i) * sizeof *p);
                c.item = p;
                c.number = (int64_t)c.item_n;
                w->steps += c.item_n / 8;
                slot_set(w, &o->content, &c);
            }
        } else
            content_mix(w, o, &arg[n - 1]);
        *ret = (struct val){ .kind = VAL_NULL };
        return true;
    }
    if (IN(name, "Clear")) {
        struct val none = { .kind = VAL_LIST };
        slot_set(w, &o->content, &none);
        *ret = (struct val){ .kind = VAL_NULL };
        return true;
    }
    if (IN(name, "Reverse") && c.kind == VAL_LIST && n == 0) {
        struct val *p = TAKE(w->a, struct val, c.item_n + 1);
        for (size_t i = 0; p && i < c.item_n; i++)
            p[i] = c.item[c.item_n - 1 - i];
        if (p) {
            c.item = p;
            c.number = (int64_t)c.item_n;
            w->steps += c.item_n / 8;
            slot_set(w, &o->content, &c);
        }
        *ret = val_refresh(self);
        return true;
    }
    if (IN(name, "ToArray", "ToList", "AsEnumerable", "ToCharArray")) {
        *ret = val_refresh(self);
        return true;
    }
    return false;
}

/* ---- members that are called ---- */
static bool function_call(struct walk *w, const struct ir *at, const struct val *self, struct str name, const struct val *arg, size_t n, struct val *ret)
{
    if (IN(name, "Invoke", "DynamicInvoke", "BeginInvoke", "call", "apply", "Start", "EndInvoke") && (self->kind == VAL_FUNCTION || delegate_of(w, self, NULL, NULL))) {
        size_t skip = IN(name, "call", "apply") && n ? 1 : 0;
        if ((IN(name, "apply", "DynamicInvoke")) && n > skip && arg[skip].kind == VAL_LIST)
            *ret = call_value(w, at, self, arg[skip].item, arg[skip].item_n < FLOW_ARGS_MAX ? arg[skip].item_n : FLOW_ARGS_MAX);
        else
            *ret = call_value(w, at, self, arg + skip, n - skip);
        return true;
    }
    return false;
}

static bool is_known(const struct val *v) { return v->kind != VAL_UNKNOWN && v->kind != VAL_OBJECT && !v->marks; }

/* A row that changes what marks mean is not asked where plain folding knows the answer. */
static bool folds(const struct api_member *m, const struct val *self, const struct val *arg, size_t n)
{
    if (m->effect == API_PASS && !m->marks && !m->gives && !strchr(m->roles, 'r'))
        return true;
    if (m->effect != API_CLEAN && m->effect != API_NUMBER && m->effect != API_LIMITED && m->effect != API_PASS)
        return false;
    if (self && !is_known(self))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!is_known(&arg[i]))
            return false;
    return true;
}

/* MARK_IDENTITY of a path: the folder of the page itself, until a fixed name is joined to it. */
static void path_place(struct val *r, struct str name, const struct val *arg, size_t n)
{
    size_t dots = 0;

    if (r->kind != VAL_UNKNOWN || !n)
        return;
    if (IN(name, "MapPath")) {
        while (dots < arg[0].text.n && strchr("./\\~", arg[0].text.p[dots]))
            dots++;
        if (dots == arg[0].text.n && (arg[0].kind == VAL_TEXT || (arg[0].marks & MARK_FILE_NAME)))
            r->marks |= MARK_IDENTITY;
    } else if (IN(name, "Combine", "Format", "Concat", "Join"))
        for (size_t i = 0; i < n; i++)
            if (arg[i].kind == VAL_TEXT && text_has_letter(arg[i].text))
                r->marks &= ~(uint32_t)MARK_IDENTITY;
}

/* x.F(y) where F is a static method F(this x, y) of some class here. */
static bool extends(struct walk *w, const struct ir *at, const struct val *self, struct str name, const struct val *arg, size_t n, struct val *ret)
{
    unsigned looked = 0;

    if (n + 1 >= FLOW_ARGS_MAX || w->sp + n + 1 >= FLOW_STACK_MAX)
        return false;
    for (const struct klass *k = w->klasses; k && looked < 64; k = k->next, looked++) {
        const struct slot *s = table_find(w, &k->member, name);
        if (!s || !s->is_method || !s->v.object)
            continue;
        for (struct method *m = s->v.object->method; m; m = m->next)
            if (m->at->is_static && m->params == n + 1) {
                size_t base = w->sp;
                w->stack[w->sp++] = *self;
                for (size_t i = 0; i < n; i++)
                    w->stack[w->sp++] = arg[i];
                *ret = call_method(w, at, m, NULL, NULL, w->stack + base, n + 1);
                w->sp = base;
                return true;
            }
    }
    return false;
}

struct val call_member(struct walk *w, const struct ir *at, const struct val *given, struct str name, const struct val *arg, size_t n)
{
    struct val     self = val_refresh(given), r;
    struct object *o = self.object;
    struct slot   *s = NULL;
    const struct ir *direct = w->direct;

    w->direct = NULL;
    if (w->stop)
        return val_unknown(0);
    if (o && o->klass && !(s = table_find(w, &o->field, name)))
        s = klass_member(w, o->klass, name);
    if (!s && o && (o == &w->page_object || (o->klass && o->klass->page)))
        s = table_find(w, &w->global, name);
    if (!s && o && !o->klass && !o->own && !o->input && o != &w->page_object) {
        s = table_find(w, &o->field, name);
        if (s && !(s->set && (s->v.kind == VAL_FUNCTION || basic(w))))
            s = NULL;
    }
    if (s && s->is_method) {
        w->direct = direct;
        return call_method(w, at, s->v.object ? method_pick(s->v.object->method, n) : NULL, o, NULL, arg, n);
    }
    if (s && s->is_property) {
        struct val v = s->v.object && s->v.object->getter ? call_method(w, at, s->v.object->getter, o, NULL, NULL, 0) : val_unknown(0);
        return n ? index_get(w, at, &v, arg, n) : v;
    }
    if (s && s->set) {
        struct val v = slot_value(w, s);
        /* `this` of JScript is what the function is called on. */
        if (v.kind == VAL_FUNCTION && w->ctx->language == IR_JSCRIPT && v.object && v.object->method && !v.object->bound)
            return call_method(w, at, method_pick(v.object->method, n), o, v.object->closure, arg, n);
        if (v.kind == VAL_FUNCTION)
            return call_value(w, at, &v, arg, n);
        return n ? index_get(w, at, &v, arg, n) : v;
    }
    if (script(w) && str_eq(name, STR("constructor"))) {
        struct val v = member_get(w, at, &self, name);
        return call_value(w, at, &v, arg, n);
    }
    if (function_call(w, at, &self, name, arg, n, &r))
        return r;
    if (self.kind == VAL_TYPE && n && arg[0].kind == VAL_TEXT && str_istarts(name, STR("Parse")) && str_iends(self.name, STR("Guid")))
        return arg[0];                     /* a class id, as new Guid */
    if (o && o->own && self.kind == VAL_LIST && list_call(w, &self, name, arg, n, &r))
        return r;
    if (o && o->own && (self.kind == VAL_TEXT || self.kind == VAL_UNKNOWN) && builder_call(w, at, &self, name, arg, n, &r))
        return r;

    const struct api_class *cls = self.cls;
    if (!cls && o && (o == &w->page_object || (o->klass && o->klass->page)))
        cls = w->page_class;
    if (!cls && o && o->klass)
        cls = api_class_find(o->klass->base_name);
    const struct api_member *m = cls && !(o && o->own && self.kind == VAL_TEXT) ? api_member_find(cls, name) : NULL;
    if (m && !folds(m, &self, arg, n))
        return api_apply(w, at, cls, m, &self, arg, n, HOW_CALL);
    struct str known = class_name(&self);
    enum fold_result d = fold_call(&w->fold, w->ctx->language, known, name, self.kind == VAL_TYPE && self.name.n && !cls ? &self : self.kind == VAL_TYPE ? &self : &self, arg, n, &r);
    if (d == FOLD_NOT_MINE && n == 0)
        d = fold_member(&w->fold, w->ctx->language, known, name, &self, &r);
    if (d == FOLD_FULL)
        w->full = w->stop = true;
    if (d == FOLD_DONE) {
        /* Array.Reverse(a) turns a itself. */
        if (IN(name, "Reverse", "Sort") && str_ieq(known, STR("Array")))
            fill_argument(w, at, 0, &r);
        if (r.kind == VAL_UNKNOWN && !r.cls && m && m->gives && m->gives[0])
            r.cls = api_class_find(str_c(m->gives));
        path_place(&r, name, arg, n);
        if (r.kind == VAL_UNKNOWN && (IN(name, "FromBase64String", "FromBase64", "Decrypt", "TransformFinalBlock", "DecodeBase64", "FromHexString")))
            r.marks |= MARK_DECODED;
        return r;
    }
    if (m)
        return api_apply(w, at, cls, m, &self, arg, n, HOW_CALL);
    if (w->ctx->language == IR_CSHARP && self.kind != VAL_TYPE && extends(w, at, &self, name, arg, n, &r))
        return r;
    r = val_mix(w, &self, arg, n);
    /* x.Select(y => ...), by whomever: it is called with what x holds. */
    for (size_t i = 0; i < n && !w->stop; i++)
        if (arg[i].kind == VAL_FUNCTION && arg[i].object && arg[i].object->method && self.kind != VAL_TYPE) {
            struct val one = self.kind == VAL_LIST ? val_mix(w, NULL, self.item, self.item_n < 16 ? self.item_n : 16) : val_mix(w, &self, NULL, 0);
            struct val item[2] = { one, one };
            struct val got = call_value(w, at, &arg[i], item, 2);
            r.marks |= val_marks(&got);
            if (!r.trail)
                r.trail = got.trail;
        }
    if (self.kind == VAL_TYPE && !cls && o && o->klass == NULL)
        r.object = NULL;
    /* What nobody knows may keep what it was given, and give it to whatever is asked of it later. */
    if (o && o != &w->page_object && !o->klass) {
        for (size_t i = 0; i < n; i++)
            if (val_marks(&arg[i]) & ~o->content.v.marks)
                content_mix(w, o, &arg[i]);
        if (!o->own) {
            if (n == 2 && arg[0].kind == VAL_TEXT && !arg[0].maybe && IN(name, "Add", "Set", "setAttribute"))
                slot_set(w, table_get(w, &o->field, arg[0].text, false), &arg[1]);
            else if (n && n <= 2 && arg[0].kind == VAL_TEXT && IN(name, "Item", "Get", "TryGetValue", "get_Item", "GetValue", "GetValueOrDefault")) {
                s = table_find(w, &o->field, arg[0].text);
                if (s && s->set && n == 2)
                    fill_argument(w, at, 1, &s->v);
                if (s && s->set)
                    return slot_value(w, s);
                if (n == 2)
                    fill_argument(w, at, 1, &r);
            }
            r.object = o;
        }
    }
    return r;
}

/* ---- the call itself ---- */
static struct val call_name(struct walk *w, const struct ir *n, const struct val *arg, size_t args)
{
    struct str   name = n->kid->text;
    struct slot *s = name_slot(w, name);
    struct val   r;

    if (s && s->result) {            /* F(x) inside F is the function again */
        struct slot *g = w->frame && w->frame->klass ? klass_member(w, w->frame->klass, name) : NULL;
        s = g ? g : table_find(w, &w->global, name);
    }
    if (s && s->is_method) {
        w->direct = n;
        return call_method(w, n, s->v.object ? method_pick(s->v.object->method, args) : NULL, w->frame ? w->frame->self : NULL, NULL, arg, args);
    }
    if (s) {
        struct val v = s->is_property ? eval_name(w, n->kid) : slot_value(w, s);
        if (v.kind == VAL_FUNCTION)
            return call_value(w, n, &v, arg, args);
        return args ? index_get(w, n, &v, arg, args) : v;
    }
    if (w->classic || !w->page_class || !api_member_find(w->page_class, name) || w->ctx->binding) {
        if (w->ctx->binding && (str_ieq(name, STR("Eval")) || str_ieq(name, STR("Bind")) || str_ieq(name, STR("XPath"))))
            return val_unknown(MARK_DATABASE);
        const struct api_member *m = api_function_find(w->ctx->language, name);
        if (m && !folds(m, NULL, arg, args))
            return api_apply(w, n, NULL, m, NULL, arg, args, HOW_CALL);
        enum fold_result d = fold_call(&w->fold, w->ctx->language, STR(""), name, NULL, arg, args, &r);
        if (d == FOLD_FULL)
            w->full = w->stop = true;
        /* A list of unknown length: what was put into it is inside. */
        if (d == FOLD_DONE && r.kind == VAL_UNKNOWN && args && arg[0].object && !arg[0].object->own && IN(name, "Join", "Filter"))
            return val_mix(w, NULL, arg, args);
        if (d == FOLD_DONE)
            return r;
        if (m)
            return api_apply(w, n, NULL, m, NULL, arg, args, HOW_CALL);
    } else if (!klass_find(w, name)) {
        const struct api_member *m = api_function_find(w->ctx->language, name);
        struct val page = { .kind = VAL_OBJECT, .object = &w->page_object, .cls = w->page_class };
        const struct api_member *row = api_member_find(w->page_class, name);
        if (m && (w->ctx->language == IR_JSCRIPT_NET))
            return api_apply(w, n, NULL, m, NULL, arg, args, HOW_CALL);
        if (row->gives && row->effect == API_PASS) {
            struct val v = api_apply(w, n, w->page_class, row, &page, NULL, 0, HOW_READ);
            return args ? index_get(w, n, &v, arg, args) : v;
        }
        return api_apply(w, n, w->page_class, row, &page, arg, args, HOW_CALL);
    }
    /* with (object) name(...) of JScript. */
    const struct val *with = !script(w) ? NULL : w->frame ? w->frame->with : w->page_object.bound;
    if (with && (with->cls ? api_member_find(with->cls, name) != NULL : with->object && table_find(w, &with->object->field, name)))
        return call_member(w, n, with, name, arg, args);
    struct val v = eval_name(w, n->kid);
    if (v.cls || v.kind == VAL_FUNCTION)
        return index_get(w, n, &v, arg, args);
    /* A function that lives elsewhere: an include, a class behind the page. */
    return val_mix(w, NULL, arg, args);
}

/* JScript's o["na" + "me"](a): a member chosen by a text. On `this` and the like it may be a function that stands alone. */
static bool by_text(struct walk *w, const struct ir *n, struct val *ret)
{
    const struct ir *f = n->kid;
    size_t           base = w->sp, args = 0;

    if (n->op != IR_CALL || f->op != IR_INDEX || !f->kid || !f->kid->next || f->kid->next->next || (w->ctx->language != IR_JSCRIPT_NET && w->ctx->language != IR_JSCRIPT))
        return false;
    struct val name = eval(w, f->kid->next);
    if (name.kind != VAL_TEXT || name.maybe || !name.text.n)
        return false;
    w->flow->late_names = w->flow->late_names || f->kid->next->op != IR_TEXT;
    bool own = f->kid->op == IR_NAME && (str_eq(f->kid->text, STR("this")) || str_eq(f->kid->text, STR("window")) || str_eq(f->kid->text, STR("self")));
    struct val self = eval(w, f->kid);
    own = own || self.object == &w->page_object;
    args = push_args(w, f->next);
    struct ir *plain = own && api_function_find(w->ctx->language, name.text) ? NEW(w->a, struct ir, 2) : NULL;      /* the call as it is meant */
    if (plain) {
        plain[0] = (struct ir){ .op = IR_CALL, .line = n->line, .kid = &plain[1] };
        plain[1] = (struct ir){ .op = IR_NAME, .line = n->line, .text = name.text };
        *ret = call_name(w, plain, w->stack + base, args);
    } else {
        *ret = call_member(w, n, &self, name.text, w->stack + base, args);
    }
    w->sp = base;
    return true;
}

struct val eval_call(struct walk *w, const struct ir *n)
{
    const struct ir *f = n->kid;
    size_t           base = w->sp, args = 0;
    struct val       r;

    if (!f)
        return val_unknown(0);
    struct val *many = n->op == IR_CALL && makes_list(w, f) && !(f->op == IR_NAME && name_slot(w, f->text)) ? many_args(w, f->next, &args) : NULL;
    if (many) {
        enum fold_result d = fold_call(&w->fold, w->ctx->language, f->op == IR_NAME ? STR("") : STR("String"), f->text, NULL, many, args, &r);
        if (d == FOLD_FULL)
            w->full = w->stop = true;
        return d == FOLD_DONE ? r : val_mix(w, NULL, many, args);
    }
    if (f->op == IR_NAME && n->op == IR_CALL) {
        if (str_ieq(f->text, STR("base")))
            return f->next ? eval(w, f->next) : val_unknown(0);
        args = push_args(w, f->next);
        r = call_name(w, n, w->stack + base, args);
    } else if (f->op == IR_MEMBER && (n->op == IR_CALL || str_ieq(f->text, STR("Item")))) {      /* Item["x"] is the call of Item */
        struct val self = eval(w, f->kid);
        args = push_args(w, f->next);
        w->direct = n;
        r = call_member(w, n, &self, f->text, w->stack + base, args);
        w->direct = NULL;
    } else if (by_text(w, n, &r)) {
        ;
    } else {
        struct val v = eval(w, f);
        args = push_args(w, f->next);
        r = v.kind == VAL_FUNCTION ? call_value(w, n, &v, w->stack + base, args) : args ? index_get(w, n, &v, w->stack + base, args) : v;
    }
    w->sp = base;
    return r;
}

/* ---- code in texts ---- */
static struct text_code *text_parse(struct walk *w, struct str text, enum ir_language language, bool value)
{
    for (size_t i = 0; i < w->text_n; i++)
        if (w->text[i].language == language && w->text[i].value == value && str_eq(w->text[i].text, text))
            return &w->text[i];
    if (w->text_n >= FLOW_TEXTS_MAX || w->text_bytes + text.n > FLOW_TEXT_BYTES_MAX) {
        w->flow->cut = true;
        return NULL;
    }
    struct text_code *t = GROW(w->a, w->text, w->text_n, &w->text_cap);
    struct ctx       *c = NEW(w->a, struct ctx, 1);
    bool              vb = language == IR_VBSCRIPT || language == IR_VBNET;
    /* Eval takes a value, where "=" compares. */
    struct str        code = value && vb ? str_fmt(w->a, "(%.*s)", STR_ARG(text)) : text;
    if (value && vb && text.n > 4096)
        code = text;
    if (!t || !c || !code.p) {
        w->full = w->stop = true;
        return NULL;
    }
    *t = (struct text_code){ .text = text, .language = language, .ctx = c, .value = value };
    *c = (struct ctx){ language, vb, false, (uint8_t)(w->ctx->nest + 1) };
    w->text_bytes += text.n;
    bool ok = vb ? basic_parse(&t->unit, &w->builder, code, language, (struct ir_places){ 0 }) : clike_parse(&t->unit, &w->builder, code, language, (struct ir_places){ 0 });
    if (!ok) {
        w->full = w->stop = true;
        return NULL;
    }
    w->text_n++;
    if (t->unit.top && t->unit.top->kid)
        w->flow->decoded_code++;
    return t;
}

static void lines_of(struct ir *n, uint32_t line, unsigned depth)
{
    for (; n && depth < IR_DEPTH_MAX + 8; n = n->next) {
        n->line = line;
        lines_of(n->kid, line, depth + 1);
    }
}

struct val run_text(struct walk *w, const struct ir *at, const struct val *text, enum ir_language language, bool value)
{
    struct val r = val_unknown(text->marks);

    if (text->kind != VAL_TEXT || !text->text.n || w->ctx->nest >= FLOW_NEST_MAX || w->stop)
        return r;
    struct text_code *t = text_parse(w, text->text, language, value);
    if (!t || !t->unit.top)
        return r;
    const struct ctx *ctx = w->ctx, *mine = t->ctx;
    struct ir        *top = t->unit.top;
    size_t            index = (size_t)(t - w->text);
    if (at && top->line != at->line)
        lines_of(top, at->line, 0);
    w->ctx = mine;
    hoist(w, top, mine, w->frame ? w->frame->klass : NULL);
    const struct ir *last = top;
    while (last->op == IR_BLOCK && last->kid)
        for (last = last->kid; last->next;)
            last = last->next;
    if (last == top->kid && last->op < IR_BLOCK && last->op != IR_ASSIGN)
        r = eval(w, last);
    else {
        walk(w, top);
        if (last->op < IR_BLOCK && last->op == IR_NAME)
            r = eval(w, last);
    }
    (void)index;
    w->ctx = ctx;
    return r;
}
