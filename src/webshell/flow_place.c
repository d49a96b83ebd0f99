/* Places: indexes, and what is assigned to names, members and indexes. */
#include "webshell/flow_inner.h"

#include <string.h>

#include "base/num.h"

static bool is_number(const struct val *v) { return v->kind == VAL_NUMBER || v->kind == VAL_FRACTION || v->kind == VAL_BOOL; }

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
    /* An array that nothing is known of gets a place for the object. */
    if (s && n == 1 && !self.object && (!self.cls || str_eq(str_c(self.cls->name), STR("Array"))) && (self.kind == VAL_NULL || self.kind == VAL_UNKNOWN) && (v->object || v->kind == VAL_FUNCTION)) {
        struct val key = fold_text(&w->fold, &arg[0]), array = val_object(w, NULL);
        array.marks = self.marks;
        if (array.object && key.kind == VAL_TEXT && !key.maybe) {
            slot_set(w, table_get(w, &array.object->field, key.text, false), v);
            slot_set(w, s, &array);
            return;
        }
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
        if (s && s->is_method && !s->is_property && s->v.object && s->v.object->method && in_basic(w))
            return;
        if (!s)
            s = new_name(w, target->text);
        if (!s)
            return;
        /* A name of the class alone: fields of an instance are made when they are written. */
        v = operator_convert(w, target, v, s->type);
        trail_add(w, &v, TRAIL_VARIABLE, target, target->text);
        if (!v.cls && s->cls && v.kind == VAL_UNKNOWN)
            v.cls = s->cls;
        slot_set(w, s, &v);
        return;
    case IR_MEMBER: {
        if (prototype_set(w, target, &v))
            return;
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

struct val eval_assign(struct walk *w, const struct ir *n)
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
            else if (self.object && self.object->klass && !self.object->klass->page)
                member_set(w, n, &self, target->text, &v);         /* raised by its own class */
            else
                call_value(w, n, &v, NULL, 0);
            return v;
        }
        if (n->sign == SIGN_ADD && v.kind == VAL_FUNCTION && target->op == IR_NAME) {
            assign(w, target, v);                 /* an event of one's own: the last one that was added stands for all */
            return v;
        }
        struct val old = eval(w, target);
        v = n->sign == SIGN_ADD || n->sign == SIGN_JOIN ? eval_join(w, n, (enum ir_sign)n->sign, old, v) : eval_sign(w, n, (enum ir_sign)n->sign, old, v);
        if (n->after && is_number(&old)) {
            assign(w, target, v);
            return old;
        }
    }
    assign(w, target, v);
    return v;
}
