/* New objects: arrays, lists, instances of the page's own classes and of known ones, and what stands in braces behind them. */
#include "webshell/flow_inner.h"

#include "base/num.h"

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

static bool is_builder(struct str t) { return IN(t, "StringBuilder", "StringWriter"); }
static bool is_collection(struct str t) { return IN(t, "ArrayList", "List", "Queue", "Stack", "HashSet", "LinkedList", "Collection", "StringCollection", "Array", "ConcurrentQueue", "ConcurrentBag", "IList"); }

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

/* T x = new(...): the type stands on the left. */
const struct ir *typed_new(struct walk *w, const struct ir *let)
{
    const struct ir *k = let->kid;

    if (!k || k->op != IR_NEW || k->text.n || !let->type.n || str_eq(let->type, STR("var")) || w->ctx->language != IR_CSHARP)
        return k;
    struct ir *made = NEW(w->a, struct ir, 1);
    if (!made)
        return k;
    *made = *k;
    made->text = let->type;
    return made;
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
            if (d == FOLD_DONE && (args || folded.kind != VAL_UNKNOWN))
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
                /* new Timer(f, ...): whoever it is will call it. */
                for (size_t i = 0; i < args && !w->stop; i++)
                    if (arg[i].kind == VAL_FUNCTION && arg[i].object && arg[i].object->method)
                        call_value(w, n, &arg[i], NULL, 0);
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
