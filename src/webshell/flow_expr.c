/* Values: names, members, indexes, operators, and what is assigned to them. */
#include "webshell/flow_inner.h"

#include <string.h>

#include "base/num.h"

/* ---- operators ---- */
static bool is_text(const struct val *v) { return v->kind == VAL_TEXT; }
static bool is_number(const struct val *v) { return v->kind == VAL_NUMBER || v->kind == VAL_FRACTION || v->kind == VAL_BOOL; }

/* Joined to a text, a number made of what the request said can only be digits. */
static struct val piece(struct walk *w, struct val v)
{
    if (is_number(&v) && (v.marks & (MARK_REQUEST | MARK_UPLOAD))) {
        v.marks = (v.marks & ~(uint32_t)(MARK_REQUEST | MARK_UPLOAD)) | MARK_IDENTITY;
        v.whole = v.leads = false;
    }
    if (v.object && v.object->klass)
        v = as_text(w, NULL, &v);
    if (v.kind == VAL_OBJECT || v.kind == VAL_LIST || v.kind == VAL_FUNCTION || (v.kind == VAL_UNKNOWN && v.object))
        v = val_mix(w, &v, NULL, 0);
    return v;
}

static bool append(struct walk *w, const struct val *x, const struct val *y, struct val *ret)
{
    size_t n = x->text.n + y->text.n;

    if (n > VAL_TEXT_MAX || w->fold.steps + y->text.n > FOLD_STEPS_MAX)
        return false;
    /* A letter before a long text: folding leaves room there. */
    if (y->text.n >= 256 && x->text.n < y->text.n / 8)
        return false;
    struct val r = val_mix(w, x, y, 1);
    r.kind  = VAL_TEXT;
    r.whole = false;
    r.leads = x->leads || x->whole;
    w->fold.steps += y->text.n;
    /* What was joined last may grow where it is: nobody else's text reaches beyond its own end. */
    if (x->text.p && x->text.p + x->text.n == w->append_end && w->append_room >= y->text.n) {
        memcpy(w->append_end, y->text.p, y->text.n);
        r.text = (struct str){ x->text.p, n };
        w->append_end += y->text.n;
        w->append_room -= y->text.n;
    } else {
        size_t   cap = n < 32 ? n + 16 : n * 2;
        uint8_t *p = TAKE(w->a, uint8_t, cap);
        if (!p) {
            w->full = w->stop = true;
            return false;
        }
        memcpy(p, x->text.p, x->text.n);
        memcpy(p + x->text.n, y->text.p, y->text.n);
        r.text = (struct str){ p, n };
        w->append_end = p + n;
        w->append_room = cap - n;
    }
    *ret = r;
    return true;
}

struct val eval_join(struct walk *w, const struct ir *at, enum ir_sign sign, struct val x, struct val y)
{
    struct val r;

    (void)at;
    if (sign == SIGN_JOIN || (sign == SIGN_ADD && !is_number(&x) && x.kind != VAL_BYTES) || (sign == SIGN_ADD && is_text(&y))) {
        bool script = w->ctx->language == IR_JSCRIPT || w->ctx->language == IR_JSCRIPT_NET;
        x = piece(w, x);
        y = piece(w, y);
        /* The page's own folder with a name joined to it is another folder. */
        if (is_text(&y) && !is_text(&x) && (x.marks & MARK_IDENTITY) && text_has_letter(y.text))
            x.marks &= ~(uint32_t)MARK_IDENTITY;
        if (is_text(&x) && is_text(&y) && x.text.n && y.text.n && append(w, &x, &y, &r))
            return r;
        if ((is_text(&x) && !x.text.n && !x.marks) || (x.kind == VAL_NULL && !script && !is_number(&y)))
            if (is_text(&y) || y.kind == VAL_UNKNOWN) {
                y.maybe = y.maybe || x.maybe;
                return y;
            }
        if ((is_text(&y) && !y.text.n && !y.marks) || (y.kind == VAL_NULL && !script && !is_number(&x)))
            if (is_text(&x) || x.kind == VAL_UNKNOWN) {
                x.maybe = x.maybe || y.maybe;
                return x;
            }
    }
    if (!fold_binary(&w->fold, w->ctx->language, sign, &x, &y, &r)) {
        w->full = w->stop = true;
        return val_unknown(0);
    }
    return r;
}

/* A char of C# counts as its number. */
static struct val as_char(const struct walk *w, struct val v)
{
    if (w->ctx->language != IR_CSHARP || v.kind != VAL_TEXT || !v.text.n || v.text.n > 4)
        return v;
    uint32_t c = v.text.p[0];
    size_t   more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    if (v.text.n != more + 1)
        return v;
    c &= more == 3 ? 7 : more == 2 ? 15 : more ? 31 : 255;
    for (size_t i = 1; i <= more; i++)
        c = c << 6 | (v.text.p[i] & 63);
    v.kind = VAL_NUMBER;
    v.number = c;
    return v;
}

static bool compares(enum ir_sign s) { return s == SIGN_EQ || s == SIGN_NE || s == SIGN_LIKE || s == SIGN_IS; }

static struct val binary(struct walk *w, const struct ir *at, enum ir_sign sign, struct val x, struct val y)
{
    struct val r;

    if (sign == SIGN_ADD || sign == SIGN_JOIN) {
        if (sign == SIGN_ADD && is_number(&y) && at->kid && at->kid->op == IR_TEXT && str_eq(at->kid->type, STR("char")))
            x = as_char(w, x);
        return eval_join(w, at, sign, x, y);
    }
    if (sign == SIGN_COALESCE) {
        if (x.kind == VAL_NULL && !x.maybe)
            return y;
        return val_join(w, &x, &y);
    }
    if (compares(sign))
        gate_record(w, at, &x, &y);
    if (sign == SIGN_XOR || sign == SIGN_SUB || sign == SIGN_MUL || sign == SIGN_DIV || sign == SIGN_MOD || sign == SIGN_BIT_AND || sign == SIGN_BIT_OR || sign == SIGN_SHL || sign == SIGN_SHR ||
        (compares(sign) && (x.kind == VAL_NUMBER) != (y.kind == VAL_NUMBER)) || (sign >= SIGN_LT && sign <= SIGN_GE)) {
        x = as_char(w, x);
        y = as_char(w, y);
    }
    if (!fold_binary(&w->fold, w->ctx->language, sign, &x, &y, &r)) {
        w->full = w->stop = true;
        return val_unknown(0);
    }
    return r;
}

static struct val eval_binary(struct walk *w, const struct ir *n)
{
    /* A chain of any length goes from the left; what leans to the left deeply is walked down without nesting. */
    const struct ir *first = n->kid;
    struct val       x;

    if (!first)
        return val_unknown(0);
    x = eval(w, first);
    enum ir_sign sign = (enum ir_sign)n->sign;
    for (const struct ir *k = first->next; k && !w->stop; k = k->next) {
        if (sign == SIGN_AND || sign == SIGN_OR) {
            int t = fold_truth(&x);
            if ((w->ctx->language != IR_VBSCRIPT) && ((sign == SIGN_AND && t == 0) || (sign == SIGN_OR && t == 1)))
                return x;
            struct val y = eval(w, k);
            int u = fold_truth(&y);
            bool either = w->ctx->language == IR_JSCRIPT || w->ctx->language == IR_JSCRIPT_NET;       /* a || "b" gives one of them */
            if (!either && ((sign == SIGN_AND && (t == 0 || u == 0)) || (sign == SIGN_OR && (t == 1 || u == 1))))
                return (struct val){ .kind = VAL_BOOL, .number = sign == SIGN_OR };
            if (either && t >= 0 && !x.maybe) {
                x = y;                     /* what stands before it decided nothing */
                continue;
            }
            if (t >= 0 && u >= 0 && is_number(&x) && is_number(&y)) {
                x = binary(w, n, sign, x, y);
                continue;
            }
            x = either ? val_join(w, &x, &y) : (struct val){ .kind = VAL_FRACTION, .marks = x.marks | y.marks, .maybe = true };
            continue;
        }
        x = binary(w, n, sign, x, eval(w, k));
    }
    return x;
}

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

static bool basic(const struct walk *w) { return w->ctx->language == IR_VBSCRIPT || w->ctx->language == IR_VBNET; }
static bool dotnet(const struct walk *w) { return w->ctx->language == IR_CSHARP || w->ctx->language == IR_VBNET || w->ctx->language == IR_JSCRIPT_NET; }

static bool script(const struct walk *w) { return w->ctx->language == IR_JSCRIPT || w->ctx->language == IR_JSCRIPT_NET; }

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
    if (basic(w) && o->method && !(at && at->after))
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
    if (script(w) && w->frame && w->frame->arg_n && str_eq(name, STR("arguments"))) {
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
    if (k && k->self && dotnet(w))
        return (struct val){ .kind = VAL_TYPE, .name = name, .object = k->self };
    if (!w->classic && w->page_class && (!w->frame || !w->frame->klass || w->frame->klass->page) && !k) {
        m = api_member_find(w->page_class, name);
        if (m) {
            struct val page = { .kind = VAL_OBJECT, .object = &w->page_object, .cls = w->page_class };
            return api_apply(w, n, w->page_class, m, &page, NULL, 0, HOW_READ);
        }
    }
    const struct api_class *cls = api_class_find(name);
    if (cls && (dotnet(w) || w->ctx->fold || cls->name[0] == name.p[0] || ch_lower((uint8_t)cls->name[0]) != name.p[0] || w->classic))
        return val_type(name, cls);
    m = api_function_find(w->ctx->language, name);
    if (m) {
        if (!basic(w))
            return (struct val){ .kind = VAL_FUNCTION, .name = name };
        return api_apply(w, n, NULL, m, NULL, NULL, 0, HOW_CALL);
    }
    enum fold_result f = fold_member(&w->fold, w->ctx->language, STR(""), name, NULL, &r);
    if (f == FOLD_NOT_MINE && basic(w))
        f = fold_call(&w->fold, w->ctx->language, STR(""), name, NULL, NULL, 0, &r);
    if (f == FOLD_FULL)
        w->full = w->stop = true;
    if (f == FOLD_DONE)
        return r;
    if (dotnet(w))
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

static const struct api_class *page_like(const struct walk *w, const struct val *self)
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
    /* What is made when it is asked for: new Lazy<T>(f).Value. */
    if (self->kind == VAL_FUNCTION && dotnet(w) && o && o->method && (str_ieq(name, STR("Value")) || str_ieq(name, STR("Result"))))
        return call_value(w, at, self, NULL, 0);
    /* What makes functions is Function, whatever function it is asked of. */
    if ((w->ctx->language == IR_JSCRIPT || w->ctx->language == IR_JSCRIPT_NET) && str_eq(name, STR("constructor")))
        return (struct val){ .kind = VAL_FUNCTION, .name = self->kind == VAL_FUNCTION ? STR("Function") : STR("Object") };
    const struct api_class  *cls = page_like(w, self);
    const struct api_member *m = cls ? api_member_find(cls, name) : NULL;
    if (m && m->effect != API_PASS) {
        /* The name of a function that needs arguments is the function itself; VB calls it. */
        bool takes = m->effect == API_SINK && m->roles[0] && strchr(m->roles, 'v') == NULL && !basic(w) && (w->ctx->language == IR_CSHARP || w->ctx->language == IR_JSCRIPT);
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
    if (f == FOLD_NOT_MINE && basic(w))
        f = fold_call(&w->fold, w->ctx->language, class_name(&seen), name, &seen, NULL, 0, &r);
    if (f == FOLD_FULL)
        w->full = w->stop = true;
    if (f == FOLD_DONE)
        return r;
    if (m)
        return api_apply(w, at, cls, m, self, NULL, 0, HOW_READ);
    if (self->kind == VAL_TYPE && !(o && o->klass))
        return cls && !api_class_find(name) ? val_unknown(cls->marks) : type_member(w, self, name);   /* System.Configuration.X: a name space like a class */
    if (basic(w) || self->kind != VAL_OBJECT)
        if (basic(w))
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

/* ---- indexes ---- */
struct val index_get(struct walk *w, const struct ir *at, const struct val *given, const struct val *arg, size_t n)
{
    struct val self = val_refresh(given), r;

    if ((w->ctx->language == IR_JSCRIPT || w->ctx->language == IR_JSCRIPT_NET) && n == 1 && val_known_text(&arg[0]) && str_eq(arg[0].text, STR("constructor")))
        return member_get(w, at, &self, arg[0].text);
    if (self.kind == VAL_FUNCTION)
        return call_value(w, at, &self, arg, n);
    if ((self.kind == VAL_LIST || self.kind == VAL_BYTES || self.kind == VAL_TEXT) && n >= 1) {
        const struct val *i = &arg[n - 1 < 1 ? 0 : 0];
        if (!fold_index(&w->fold, w->ctx->language, &self, i, &r)) {
            w->full = w->stop = true;
            return val_unknown(0);
        }
        if (r.kind == VAL_UNKNOWN && !r.marks)
            r.marks = self.marks;
        return n > 1 && (r.kind == VAL_LIST) ? index_get(w, at, &r, arg + 1, n - 1) : val_refresh(&r);
    }
    if (self.object && n >= 1 && self.object->klass == NULL) {
        struct val key = fold_text(&w->fold, &arg[0]);
        struct slot *s = key.kind == VAL_TEXT && !key.maybe ? table_find(w, &self.object->field, key.text) : NULL;
        if (s && s->set)
            return slot_value(w, s);
    }
    const struct api_class  *cls = page_like(w, &self);
    if (delegate_of(w, &self, NULL, NULL))
        return call_value(w, at, &self, arg, n);
    const struct api_member *m = cls ? api_member_find(cls, STR("item")) : NULL;
    if (m)
        return api_apply(w, at, cls, m, &self, arg, n, HOW_CALL);
    if (self.object && self.object->klass) {
        struct slot *s = klass_member(w, self.object->klass, self.object->klass->item.n ? self.object->klass->item : STR("Item"));
        if (s && s->is_method && self.object->klass->item.n && s->v.object)
            return call_method(w, at, method_pick(s->v.object->method, n), self.object, NULL, arg, n);
        if (s && s->is_property && s->v.object && s->v.object->getter)
            return call_method(w, at, s->v.object->getter, self.object, NULL, arg, n);
    }
    r = val_mix(w, &self, NULL, 0);
    if (self.object && self.object->content.set && self.object->content.v.kind != VAL_LIST && !self.object->own)
        r.whole = self.object->content.v.whole;
    r.cls = self.kind == VAL_TYPE ? NULL : self.cls;
    if (r.cls && self.object && !self.object->own)
        r.object = self.object;
    return r;
}

static void index_set(struct walk *w, const struct ir *target, const struct val *arg, size_t n, const struct val *v)
{
    struct slot *s = lvalue_slot(w, target->kid);
    struct val   self;

    if (s && !s->is_method && !s->is_property)
        self = slot_value(w, s);
    else
        self = eval(w, target->kid);
    if (n == 1 && (self.kind == VAL_LIST || self.kind == VAL_BYTES) && arg[0].kind == VAL_NUMBER && !arg[0].maybe && arg[0].number >= 0) {
        bool had = self.object && self.object->own;
        if (list_own(w, &self)) {
            struct object *o = self.object;
            struct val    *c = &o->content.v;
            size_t         i = (size_t)arg[0].number;
            bool           sure = !w->serial || o->born >= w->serial || !had;
            if (!had && s)
                slot_set(w, s, &self);
            if (c->kind == VAL_BYTES && i < c->text.n && v->kind == VAL_NUMBER && !v->marks && sure) {
                ((uint8_t *)(uintptr_t)c->text.p)[i] = (uint8_t)v->number;
                w->known_writes++;
                return;
            }
            if (c->kind == VAL_LIST && i < c->item_n) {
                c->item[i] = sure ? *v : val_join(w, &c->item[i], v);
                if (v->marks && !(c->marks & v->marks)) {
                    c->trail = v->trail;
                    c->key = v->key;
                }
                w->known_writes += v->kind == VAL_TEXT || v->kind == VAL_NUMBER;
                c->marks |= v->marks;
                w->world++;
                return;
            }
            /* JScript's arrays grow when they are written beyond their end. */
            if (c->kind == VAL_LIST && i == c->item_n) {
                content_add(w, o, v);
                return;
            }
            content_mix(w, o, v);
            return;
        }
    }
    const struct api_class  *cls = page_like(w, &self);
    const struct api_member *m = cls ? api_member_find(cls, STR("item")) : NULL;
    if (m && (m->effect == API_STORED || m->effect == API_SINK || m->effect == API_FIELD)) {
        struct val all[8];
        size_t     k = n < 7 ? n : 7;
        memcpy(all, arg, k * sizeof *all);
        all[k] = *v;
        api_apply(w, target, cls, m, &self, all, k + 1, HOW_SET);
        return;
    }
    if (self.object && self.object->klass) {
        struct slot *p = klass_member(w, self.object->klass, self.object->klass->item.n ? self.object->klass->item : STR("Item"));
        if (p && p->is_property && p->v.object && p->v.object->setter) {
            struct val all[8];
            size_t     k = n < 7 ? n : 7;
            memcpy(all, arg, k * sizeof *all);
            all[k] = *v;
            call_method(w, target, p->v.object->setter, self.object, NULL, all, k + 1);
            return;
        }
    }
    if (self.object && n >= 1) {
        struct val key = fold_text(&w->fold, &arg[0]);
        if (key.kind == VAL_TEXT && !key.maybe && !self.object->own && self.object->field.n < VAL_ITEMS_MAX)
            slot_set(w, table_get(w, &self.object->field, key.text, false), v);
        else
            content_mix(w, self.object, v);
        return;
    }
    /* An array of unknown size, or anything else that can be indexed: something of it is v now. */
    if (s) {
        struct val all = val_mix(w, &self, v, 1);
        all.cls = self.cls;
        slot_set(w, s, &all);
    }
}

/* ---- assignment ---- */
struct slot *lvalue_slot(struct walk *w, const struct ir *n)
{
    if (!n)
        return NULL;
    if (n->op == IR_NAME)
        return name_slot(w, n->text);
    if (n->op == IR_MEMBER && n->kid && (n->kid->op == IR_NAME) && (str_ieq(n->kid->text, STR("this")) || str_ieq(n->kid->text, STR("me"))))
        return name_slot(w, n->text);
    if (n->op == IR_CALL && n->kid && !n->kid->next)
        return lvalue_slot(w, n->kid);
    return NULL;
}

static struct slot *new_name(struct walk *w, struct str name)
{
    /* A name that nobody declared: of the page, or in a procedure of VBScript its own. */
    bool local = w->frame && w->ctx->language == IR_VBSCRIPT;
    return table_get(w, local ? &w->frame->local : &w->global, name, local);
}

void assign(struct walk *w, const struct ir *target, struct val v)
{
    struct slot *s;

    if (!target || w->stop)
        return;
    switch ((enum ir_op)target->op) {
    case IR_NAME:
        if (!target->text.n)
            return;
        s = name_slot(w, target->text);
        if (s && s->is_property && s->v.object && s->v.object->setter) {
            call_method(w, target, s->v.object->setter, w->frame ? w->frame->self : NULL, NULL, &v, 1);
            return;
        }
        if (s && s->is_method && !s->is_property && s->v.object && s->v.object->method && basic(w))
            return;
        if (!s)
            s = new_name(w, target->text);
        if (!s)
            return;
        /* A name of the class alone: fields of an instance are made when they are written. */
        trail_add(w, &v, TRAIL_VARIABLE, target, target->text);
        if (!v.cls && s->cls && v.kind == VAL_UNKNOWN)
            v.cls = s->cls;
        slot_set(w, s, &v);
        return;
    case IR_MEMBER: {
        struct val self = eval(w, target->kid);
        /* A structure is there as soon as it has a name. */
        struct slot  *made = !self.object && self.kind == VAL_NULL ? lvalue_slot(w, target->kid) : NULL;
        struct klass *k = made && made->type.n ? klass_find(w, made->type) : NULL;
        if (k && (self.object = object_new(w)) != NULL) {
            self.object->klass = k;
            self.kind = VAL_OBJECT;
            slot_set(w, made, &self);
        }
        trail_add(w, &v, TRAIL_VARIABLE, target, target->text);
        member_set(w, target, &self, target->text, &v);
        return;
    }
    case IR_CALL:
    case IR_INDEX: {
        size_t base = w->sp, n = 0;
        for (const struct ir *k = target->kid ? target->kid->next : NULL; k && n < FLOW_ARGS_MAX && w->sp < FLOW_STACK_MAX; k = k->next) {
            struct val x = eval(w, k);
            w->stack[w->sp++] = x;
            n++;
        }
        if (target->kid)
            index_set(w, target, w->stack + base, n, &v);
        w->sp = base;
        return;
    }
    case IR_LIST:
    case IR_VOID: {
        size_t i = 0;
        for (const struct ir *k = target->kid; k; k = k->next, i++)
            assign(w, k, v.kind == VAL_LIST && i < v.item_n ? v.item[i] : v);
        return;
    }
    case IR_CAST:
        assign(w, target->kid, v);
        return;
    default:
        eval(w, target);
    }
}

static struct val eval_assign(struct walk *w, const struct ir *n)
{
    const struct ir *target = n->kid, *from = target ? target->next : NULL;

    if (!target)
        return val_unknown(0);
    /* The name exists from here on: s = s & "x" starts with nothing. */
    if (target->op == IR_NAME && target->text.n && !name_slot(w, target->text) && (w->classic || w->ctx->language == IR_JSCRIPT || w->ctx->language == IR_VBSCRIPT))
        new_name(w, target->text);
    struct val v = from ? eval(w, from) : val_unknown(0);
    if (n->sign && n->sign != SIGN_CONST) {
        if (n->sign == SIGN_ADD && v.kind == VAL_FUNCTION && target->op == IR_MEMBER) {
            /* An event: somebody calls the function later. */
            struct val self = eval(w, target->kid);
            const struct api_class  *cls = self.cls;
            const struct api_member *m = cls ? api_member_find(cls, target->text) : NULL;
            if (m && m->effect == API_EVENT)
                api_apply(w, n, cls, m, &self, &v, 1, HOW_SET);
            else
                call_value(w, n, &v, NULL, 0);
            return v;
        }
        if (n->sign == SIGN_ADD && v.kind == VAL_FUNCTION && target->op == IR_NAME) {
            assign(w, target, v);                 /* an event of one's own: the last one that was added stands for all */
            return v;
        }
        struct val old = eval(w, target);
        v = n->sign == SIGN_ADD || n->sign == SIGN_JOIN ? eval_join(w, n, (enum ir_sign)n->sign, old, v) : binary(w, n, (enum ir_sign)n->sign, old, v);
        if (n->after && is_number(&old)) {
            assign(w, target, v);
            return old;
        }
    }
    assign(w, target, v);
    return v;
}

/* ---- the rest ---- */
static struct val eval_cast(struct walk *w, const struct ir *n)
{
    static const struct { const char *type, *by; } casts[] = {
        { "int", "ToInt32" }, { "integer", "ToInt32" }, { "long", "ToInt64" }, { "short", "ToInt16" }, { "uint", "ToUInt32" }, { "ushort", "ToUInt16" }, { "byte", "ToByte" }, { "sbyte", "ToSByte" },
        { "char", "ToChar" }, { "double", "ToDouble" }, { "single", "ToSingle" }, { "boolean", "ToBoolean" }, { "bool", "ToBoolean" },
    };
    struct val v = eval(w, n->kid), r;

    for (size_t i = 0; i < COUNT_OF(casts); i++)
        if (str_ieq(n->type, str_c(casts[i].type))) {
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
    struct val c = eval(w, n->kid);
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
    *m = (struct method){ .name = n->text, .at = n, .ctx = w->ctx, .klass = w->frame ? w->frame->klass : NULL, .event = true };
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
            struct val x = as_char(w, r);
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
