/* Values: names, members, and what has no file of its own. */
#include "webshell/flow_inner.h"

#include <string.h>

#include "base/num.h"

/* ---- names ---- */
static struct slot *closure_slot(struct walk *w, struct frame *f, struct str name)
{
    for (unsigned i = 0; f && i < 64; f = f->up, i++) {
        struct slot *s = table_find(w, &f->local, name);
        if (s)
            return s;
    }
    return NULL;
}

struct slot *name_slot(struct walk *w, struct str name)
{
    struct slot *s = w->frame ? closure_slot(w, w->frame, name) : NULL;

    if (!s && w->frame && w->frame->self && w->frame->self != &w->page_object)
        s = table_find(w, &w->frame->self->field, name);
    /* What the object's own class puts in the place of its base's comes first. */
    const struct klass *own = w->frame && w->frame->klass && w->frame->self ? w->frame->self->klass : NULL;
    if (!s && own && own != w->frame->klass && own->base)
        s = klass_member(w, own, name);
    if (!s && w->frame && w->frame->klass)
        s = klass_member(w, w->frame->klass, name);
    return s ? s : table_find(w, &w->global, name);
}

static struct val self_value(struct walk *w)
{
    struct object *o = w->frame && w->frame->self ? w->frame->self : &w->page_object;
    bool           page = o == &w->page_object || (o->klass && o->klass->page);
    if (o->own) {
        struct val boxed = { .kind = VAL_OBJECT, .object = o };
        return val_refresh(&boxed);
    }
    return (struct val){ .kind = VAL_OBJECT, .object = o, .cls = page ? w->page_class : o->klass ? api_class_find(o->klass->base_name) : NULL };
}

struct str class_name(const struct val *v)
{
    if (v->kind == VAL_TEXT || v->kind == VAL_NUMBER || v->kind == VAL_BYTES || v->kind == VAL_LIST || v->kind == VAL_BOOL)
        return STR("");
    if (v->cls)
        return str_c(v->cls->name);
    if (v->kind == VAL_TYPE) {
        size_t dot = str_rchr(v->name, '.');
        return dot == STR_NONE ? v->name : str_from(v->name, dot + 1);
    }
    return STR("");
}

static struct val method_value(struct walk *w, const struct ir *at, const struct slot *s, const struct val *self)
{
    struct object *o = s->v.object;

    if (!o)
        return val_unknown(0);
    if (s->is_property) {
        struct object *on = self && self->object ? self->object : w->frame ? w->frame->self : NULL;
        if (o->getter)
            return call_method(w, at, o->getter, on, NULL, NULL, 0);
        return val_unknown(0);
    }
    /* In VB the bare name of a function calls it; elsewhere it is handed on, to be called by somebody else. */
    if (in_basic(w) && o->method && !(at && at->after))
        return call_method(w, at, method_pick(o->method, 0), self && self->object ? self->object : w->frame ? w->frame->self : NULL, NULL, NULL, 0);
    for (struct method *m = o->method; m; m = m->next)
        m->event = true;
    struct val v = s->v;
    if (self && self->object && self->object != &w->page_object) {
        struct object *b = object_new(w);
        struct val    *to = NEW(w->a, struct val, 1);
        if (b && to) {
            *b = (struct object){ .method = o->method, .bound = to, .id = b->id };
            *to = *self;
            v.object = b;
        }
    }
    return v;
}

static struct val implicit(struct walk *w, const struct ir *n, struct str name)
{
    const struct api_member *m;
    struct val r;

    if (str_ieq(name, STR("this")) || str_ieq(name, STR("me")) || str_ieq(name, STR("base")) || str_ieq(name, STR("mybase")) || str_ieq(name, STR("myclass")))
        return self_value(w);
    if ((w->ctx->language == IR_JSCRIPT_NET || w->ctx->language == IR_JSCRIPT) && name.n && ch_lower(name.p[0]) == name.p[0] && api_function_find(w->ctx->language, name))
        return (struct val){ .kind = VAL_FUNCTION, .name = name };
    if (in_script(w) && w->frame && w->frame->arg_n && str_eq(name, STR("arguments"))) {
        r = (struct val){ .kind = VAL_LIST, .item = TAKE(w->a, struct val, w->frame->arg_n), .item_n = w->frame->arg_n };
        if (!r.item) {
            w->full = w->stop = true;
            return val_unknown(0);
        }
        memcpy(r.item, w->frame->arg, r.item_n * sizeof *r.item);
        for (size_t i = 0; i < r.item_n; i++)
            r.marks |= r.item[i].marks;
        return r;
    }
    for (size_t i = 0; i < w->import_n; i++)
        if (w->ctx->fold ? str_ieq(w->import[i]->type, name) : str_eq(w->import[i]->type, name))
            return val_type(w->import[i]->text, api_class_find(w->import[i]->text));
    const struct klass *k = klass_find(w, name);
    if (k && k->self && in_dotnet(w))
        return (struct val){ .kind = VAL_TYPE, .name = name, .object = k->self };
    if (!w->classic && w->page_class && (!w->frame || !w->frame->klass || w->frame->klass->page) && !k) {
        m = api_member_find(w->page_class, name);
        if (m) {
            struct val page = { .kind = VAL_OBJECT, .object = &w->page_object, .cls = w->page_class };
            return api_apply(w, n, w->page_class, m, &page, NULL, 0, HOW_READ);
        }
    }
    /* with (object) name */
    const struct val *with = !in_script(w) ? NULL : w->frame ? w->frame->with : w->page_object.bound;
    if (with && with->cls && api_member_find(with->cls, name))
        return member_get(w, n, with, name);
    const struct api_class *cls = api_class_find(name);
    if (cls && (in_dotnet(w) || w->ctx->fold || cls->name[0] == name.p[0] || ch_lower((uint8_t)cls->name[0]) != name.p[0] || w->classic))
        return val_type(name, cls);
    m = api_function_find(w->ctx->language, name);
    if (m) {
        if (!in_basic(w))
            return (struct val){ .kind = VAL_FUNCTION, .name = name };
        return api_apply(w, n, NULL, m, NULL, NULL, 0, HOW_CALL);
    }
    enum fold_result f = fold_member(&w->fold, w->ctx->language, STR(""), name, NULL, &r);
    if (f == FOLD_NOT_MINE && in_basic(w))
        f = fold_call(&w->fold, w->ctx->language, STR(""), name, NULL, NULL, 0, &r);
    if (f == FOLD_FULL)
        w->full = w->stop = true;
    if (f == FOLD_DONE)
        return r;
    if (in_dotnet(w))
        return val_type(name, NULL);
    return val_unknown(0);
}

struct val eval_name(struct walk *w, const struct ir *n)
{
    struct slot *s = name_slot(w, n->text);

    if (!s)
        return implicit(w, n, n->text);
    if (s->is_method || s->is_property)
        return method_value(w, n, s, NULL);
    return slot_value(w, s);
}

/* ---- members ---- */
static struct val type_member(struct walk *w, const struct val *self, struct str name)
{
    /* "System.IO" stands together in the page: a view of both parts. */
    struct str all = self->name.p && self->name.p + self->name.n + 1 == name.p ? (struct str){ self->name.p, self->name.n + 1 + name.n }
                   : self->name.n + name.n < 128 ? str_fmt(w->a, "%.*s.%.*s", STR_ARG(self->name), STR_ARG(name)) : name;
    if (!all.p) {
        w->full = w->stop = true;
        return val_unknown(0);
    }
    struct klass *k = klass_find(w, name);
    if (k && k->self)
        return (struct val){ .kind = VAL_TYPE, .name = name, .object = k->self };
    return val_type(all, api_class_find(all));
}

const struct api_class *page_like(const struct walk *w, const struct val *self)
{
    if (self->cls)
        return self->cls;
    if (self->object && (self->object == &w->page_object || (self->object->klass && self->object->klass->page)))
        return w->page_class;
    if (self->object && self->object->klass)
        return api_class_find(self->object->klass->base_name);
    return NULL;
}

struct val member_get(struct walk *w, const struct ir *at, const struct val *self, struct str name)
{
    struct object *o = self->object;
    struct slot   *s = NULL;
    struct val     r;

    if (o && o->klass) {
        s = table_find(w, &o->field, name);
        if (!s)
            s = klass_member(w, o->klass, name);
    }
    if (!s && o && (o == &w->page_object || (o->klass && o->klass->page)))
        s = table_find(w, &w->global, name);
    if (!s && o && !o->input && !o->own)
        s = table_find(w, &o->field, name);
    if (s && (s->set || s->cls)) {
        if (s->is_method || s->is_property)
            return method_value(w, at, s, self);
        return slot_value(w, s);
    }
    if (self->kind == VAL_TYPE && self->name.n && in_dotnet(w) && !s && IN(name, "FullName", "Name", "AssemblyQualifiedName")) {
        size_t dot = str_rchr(self->name, '.');
        return val_str(IN(name, "Name") && dot != STR_NONE ? str_from(self->name, dot + 1) : self->name);
    }
    /* What is made when it is asked for: new Lazy<T>(f).Value. */
    if (self->kind == VAL_FUNCTION && in_dotnet(w) && o && o->method && (str_ieq(name, STR("Value")) || str_ieq(name, STR("Result"))))
        return call_value(w, at, self, NULL, 0);
    /* What makes functions is Function, whatever function it is asked of. */
    if ((w->ctx->language == IR_JSCRIPT || w->ctx->language == IR_JSCRIPT_NET) && str_eq(name, STR("constructor")))
        return (struct val){ .kind = VAL_FUNCTION, .name = self->kind == VAL_FUNCTION ? STR("Function") : STR("Object") };
    const struct api_class  *cls = page_like(w, self);
    const struct api_member *m = cls ? api_member_find(cls, name) : NULL;
    if (m && m->effect != API_PASS) {
        /* The name of a function that needs arguments is the function itself; VB calls it. */
        bool takes = m->effect == API_SINK && m->roles[0] && strchr(m->roles, 'v') == NULL && !in_basic(w) && (w->ctx->language == IR_CSHARP || w->ctx->language == IR_JSCRIPT);
        if (takes && m->roles[0] != 'r' && m->roles[0] != '-') {
            r = (struct val){ .kind = VAL_FUNCTION, .name = name, .cls = cls, .object = object_new(w) };
            if (r.object && (r.object->bound = NEW(w->a, struct val, 1)) != NULL)
                *r.object->bound = *self;
            return r;
        }
        return api_apply(w, at, cls, m, self, NULL, 0, HOW_READ);
    }
    struct val seen = val_refresh(self);
    enum fold_result f = fold_member(&w->fold, w->ctx->language, class_name(&seen), name, &seen, &r);
    if (f == FOLD_NOT_MINE && in_basic(w))
        f = fold_call(&w->fold, w->ctx->language, class_name(&seen), name, &seen, NULL, 0, &r);
    if (f == FOLD_FULL)
        w->full = w->stop = true;
    if (f == FOLD_DONE)
        return r;
    if (m)
        return api_apply(w, at, cls, m, self, NULL, 0, HOW_READ);
    /* Whoever has a context has the one of this request. */
    if (in_dotnet(w) && !cls && str_eq(name, STR("HttpContext")) && !s)
        return val_object(w, api_class_find(name));
    if (self->kind == VAL_TYPE && !(o && o->klass))
        return cls && !api_class_find(name) ? val_unknown(cls->marks) : type_member(w, self, name);   /* System.Configuration.X: a name space like a class */
    if (in_basic(w) || self->kind != VAL_OBJECT)
        if (in_basic(w))
            return call_member(w, at, self, name, NULL, 0);
    r = val_mix(w, self, NULL, 0);
    /* A part of an object that nothing is known of: what happens to it happens to the whole. */
    if (o && !o->klass && !o->own)
        r.object = o;
    return r;
}

void member_set(struct walk *w, const struct ir *at, const struct val *self, struct str name, const struct val *v)
{
    struct object *o = self->object;
    struct slot   *s = NULL;

    if (o && o->klass) {
        s = table_find(w, &o->field, name);
        if (!s)
            s = klass_member(w, o->klass, name);
    }
    if (!s && o && (o == &w->page_object || (o->klass && o->klass->page)))
        s = table_find(w, &w->global, name);
    if (s && s->is_property && s->v.object && s->v.object->setter) {
        call_method(w, at, s->v.object->setter, o, NULL, v, 1);
        return;
    }
    if (s) {
        slot_set(w, s, v);
        return;
    }
    const struct api_class  *cls = page_like(w, self);
    const struct api_member *m = cls ? api_member_find(cls, name) : NULL;
    if (m && (m->effect == API_FIELD || m->effect == API_SINK || m->effect == API_EVENT || m->effect == API_STORED))
        api_apply(w, at, cls, m, self, v, 1, HOW_SET);
    if (o && o->own && str_ieq(name, STR("length")) && v->kind == VAL_NUMBER && v->number == 0) {
        struct val none = { .kind = o->content.v.kind };
        slot_set(w, &o->content, &none);
        return;
    }
    if (o)
        slot_set(w, table_get(w, &o->field, name, false), v);
}

/* ---- the rest ---- */
static struct val eval_cast(struct walk *w, const struct ir *n)
{
    static const struct { const char *type, *by; } casts[] = {
        { "int", "ToInt32" }, { "integer", "ToInt32" }, { "long", "ToInt64" }, { "short", "ToInt16" }, { "uint", "ToUInt32" }, { "ushort", "ToUInt16" }, { "byte", "ToByte" }, { "sbyte", "ToSByte" },
        { "char", "ToChar" }, { "double", "ToDouble" }, { "single", "ToSingle" }, { "boolean", "ToBoolean" }, { "bool", "ToBoolean" },
    };
    struct val v = operator_convert(w, n, eval(w, n->kid), n->type), r;

    for (size_t i = 0; i < COUNT_OF(casts); i++)
        if (str_ieq_c(n->type, casts[i].type)) {
            if (!str_ieq(n->type, STR("char")))
                v = as_char(w, v);
            if (v.kind == VAL_NUMBER && str_ieq(n->type, STR("byte"))) {
                v.number &= 255;
                return v;
            }
            enum fold_result f = fold_call(&w->fold, w->ctx->language, STR("Convert"), str_c(casts[i].by), NULL, &v, 1, &r);
            if (f == FOLD_FULL)
                w->full = w->stop = true;
            return f == FOLD_DONE ? r : (struct val){ .kind = VAL_FRACTION, .marks = v.marks, .trail = v.trail, .key = v.key, .maybe = v.maybe };
        }
    if ((v.kind == VAL_UNKNOWN || v.kind == VAL_OBJECT) && !(v.object && v.object->klass)) {
        const struct api_class *cls = api_class_find(n->type);
        /* (TextBox)FindControl(x): a class that the page knows better, unless it is only a base of what is known. */
        bool base = false;
        for (const struct api_class *b = v.cls; b && cls && !base && b->base; b = str_ieq(str_c(b->base), str_c(b->name)) ? NULL : api_class_find(str_c(b->base)))
            base = str_ieq(str_c(b->base), str_c(cls->name));
        if (cls && !base) {
            v.cls = cls;
            v.marks |= cls->marks;
        }
    }
    return v;
}

static struct val eval_list(struct walk *w, const struct ir *n)
{
    struct val r = val_object(w, NULL);
    bool       named = n->kid && n->kid->op == IR_SET;

    if (!r.object)
        return val_unknown(0);
    if (!named) {
        struct val none = { .kind = VAL_LIST };
        r.object->own = true;
        r.object->content.v = none;
        r.object->content.set = true;
    }
    for (const struct ir *k = n->kid; k && !w->stop; k = k->next) {
        if (k->op == IR_SET && named) {
            struct val v = eval(w, k->kid);
            slot_set(w, table_get(w, &r.object->field, k->text, false), &v);
            continue;
        }
        /* { key, value } of a dictionary's initialiser stays a list in the list. */
        struct val v = eval(w, k);
        content_add(w, r.object, &v);
    }
    return val_refresh(&r);
}

static struct val eval_choose(struct walk *w, const struct ir *n)
{
    struct val c = operator_truth(w, n, eval(w, n->kid));
    int        t = fold_truth(&c);
    const struct ir *yes = n->kid ? n->kid->next : NULL, *no = yes ? yes->next : NULL;

    if (t >= 0 && !c.maybe)
        return eval(w, t ? yes : no);
    struct fork f;
    fork_begin(w, &f);
    fork_arm(w, &f);
    struct val x = eval(w, yes);
    fork_arm_end(w, &f, false, false);
    fork_arm(w, &f);
    struct val y = eval(w, no);
    fork_arm_end(w, &f, false, false);
    fork_end(w, &f);
    return val_join(w, &x, &y);
}

static struct val eval_lambda(struct walk *w, const struct ir *n)
{
    struct val     v = { .kind = VAL_FUNCTION, .code = n, .object = object_new(w) };
    struct method *m = NEW(w->a, struct method, 1);

    if (!v.object || !m) {
        w->full = w->stop = true;
        return val_unknown(0);
    }
    *m = (struct method){ .name = n->text, .at = n, .ctx = w->ctx, .klass = w->frame ? w->frame->klass : NULL };
    /* One that nobody calls is looked at in the end, like any function. */
    if (seen_first(w, n)) {
        *w->method_tail = m;
        w->method_tail = &m->all;
    }
    v.object->method  = m;
    v.object->closure = w->frame;
    if (w->frame) {
        w->frame->captured = true;
        if (w->frame->self) {
            v.object->bound = NEW(w->a, struct val, 1);
            if (v.object->bound)
                *v.object->bound = (struct val){ .kind = VAL_OBJECT, .object = w->frame->self };
        }
    }
    return v;
}

static struct val eval_here(struct walk *w, const struct ir *n)
{
    struct val r = { .kind = VAL_UNKNOWN };

    switch ((enum ir_op)n->op) {
    case IR_TEXT:
        return val_str(n->text);
    case IR_NUMBER:
        return n->text.n && !n->number ? (struct val){ .kind = VAL_FRACTION } : (struct val){ .kind = VAL_NUMBER, .number = n->number };
    case IR_LITERAL:
        if (str_ieq(n->text, STR("null")))
            return (struct val){ .kind = VAL_NULL };
        return (struct val){ .kind = VAL_BOOL, .number = str_ieq(n->text, STR("true")) };
    case IR_NAME:
        return eval_name(w, n);
    case IR_MEMBER: {
        struct val self = eval(w, n->kid);
        return member_get(w, n, &self, n->text);
    }
    case IR_WITH_OBJECT:
        for (struct frame *f = w->frame; f; f = f->up)
            if (f->with)
                return val_refresh(f->with);
        return w->page_object.bound ? val_refresh(w->page_object.bound) : r;
    case IR_CALL:
    case IR_INDEX:
        return eval_call(w, n);
    case IR_NEW:
        return eval_new(w, n);
    case IR_UNARY:
        r = eval(w, n->kid);
        {
            struct val x = r;
            if (operator_call(w, n, n->sign == SIGN_NEG ? SIGN_SUB : (enum ir_sign)n->sign, &x, NULL, &r))
                return r;
            x = as_char(w, r);
            if (n->sign == SIGN_NOT) {
                int t = fold_truth(&x);
                if (t < 0 || x.maybe)
                    return (struct val){ .kind = VAL_FRACTION, .marks = x.marks, .maybe = true };
            }
            if (!fold_unary(&w->fold, w->ctx->language, (enum ir_sign)n->sign, &x, &r))
                w->full = w->stop = true;
        }
        return r;
    case IR_BINARY:
        return eval_binary(w, n);
    case IR_CHOOSE:
        return eval_choose(w, n);
    case IR_CAST:
        return eval_cast(w, n);
    case IR_TYPE_OF: {
        struct klass *k = klass_find(w, n->type);
        if (k && k->self)
            return (struct val){ .kind = VAL_TYPE, .name = n->type, .object = k->self };
        return val_type(n->type, api_class_find(n->type));
    }
    case IR_LIST:
        return eval_list(w, n);
    case IR_ASSIGN:
        return eval_assign(w, n);
    case IR_SET:
        return eval(w, n->kid);
    case IR_LAMBDA:
        return eval_lambda(w, n);
    case IR_VOID: {
        size_t count = 0;
        for (const struct ir *k = n->kid; k && !w->stop; k = k->next, count++) {
            struct val v = eval(w, k);
            r = count && !str_eq(n->text, STR(",")) ? val_mix(w, &r, &v, 1) : v;
        }
        return r;
    }
    default:
        walk(w, n);
        return r;
    }
}

struct val eval(struct walk *w, const struct ir *n)
{
    if (!n || !walk_step(w))
        return val_unknown(0);
    if (w->depth >= FLOW_DEPTH_MAX) {
        w->flow->cut = true;
        return val_unknown(0);
    }
    w->depth++;
    struct val v = eval_here(w, n);
    w->depth--;
    return v;
}
