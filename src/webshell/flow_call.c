/* Calls: of members, of names, of whatever a value is. */
#include "webshell/flow_inner.h"

#include <string.h>

#include "base/num.h"

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
struct val *many_args(struct walk *w, const struct ir *k, size_t *ret)
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

/*
 * Functions that are handed to whatever calls them with what it holds: x.Select(y => ...), Array.Sort(a, f), s.replace(re, f). Lambdas that were called
 * already have what they need.
 */
static void hand_over(struct walk *w, const struct ir *at, const struct val *self, const struct val *arg, size_t n, struct val *r)
{
    for (size_t i = 0; i < n && !w->stop; i++) {
        bool own = arg[i].kind == VAL_FUNCTION && arg[i].object && arg[i].object->method;
        if (arg[i].kind != VAL_FUNCTION || (own ? arg[i].object->method->called : !arg[i].cls && !(in_script(w) && arg[i].name.n)))
            continue;
        struct val one = self && self->kind != VAL_TYPE ? val_mix(w, self, NULL, 0) : val_unknown(0);
        if (self && self->kind == VAL_LIST)
            one = val_mix(w, NULL, self->item, self->item_n < 16 ? self->item_n : 16);
        for (size_t k = 0; k < n; k++) {
            if (k == i || !val_marks(&arg[k]))
                continue;
            one = arg[k].kind == VAL_LIST ? val_mix(w, &one, arg[k].item, arg[k].item_n < 16 ? arg[k].item_n : 16) : val_mix(w, &one, &arg[k], 1);
        }
        if (!own && !(one.marks & (MARK_REQUEST | MARK_UPLOAD)))
            continue;
        struct val item[3] = { one, one, one };
        struct val got = call_value(w, at, &arg[i], item, own ? COUNT_OF(item) : 1);
        r->marks |= val_marks(&got);
        if (!r->trail)
            r->trail = got.trail;
    }
}

/* x.Select(f) of what is known item by item: f of each. */
static bool select_each(struct walk *w, const struct ir *at, const struct val *self, const struct val *arg, size_t n, struct val *ret)
{
    enum { EACH_MAX = 4096 };
    size_t count = self->kind == VAL_LIST ? self->item_n : self->kind == VAL_TEXT || self->kind == VAL_BYTES ? self->text.n : 0;

    if (n != 1 || !count || count > EACH_MAX || self->maybe || arg[0].kind != VAL_FUNCTION || !arg[0].object || !arg[0].object->method)
        return false;
    struct val list = { .kind = VAL_LIST, .item = TAKE(w->a, struct val, count) };
    for (size_t i = 0; list.item && i < count && !w->stop; i++) {
        struct val item[2] = { { .kind = VAL_NULL }, { .kind = VAL_NUMBER, .number = (int64_t)i } };
        if (self->kind == VAL_LIST)
            item[0] = self->item[i];
        else if (!fold_index(&w->fold, w->ctx->language, self, &item[1], &item[0]) || item[0].kind == VAL_UNKNOWN)
            return false;
        list.item[list.item_n++] = call_value(w, at, &arg[0], item, arg[0].object->method->at->kid && arg[0].object->method->at->kid->next && arg[0].object->method->at->kid->next->op == IR_PARAM ? 2 : 1);
        list.marks |= val_marks(&list.item[list.item_n - 1]);
    }
    *ret = list;
    return list.item != NULL;
}

static struct val handed(struct walk *w, const struct ir *at, const struct val *self, const struct val *arg, size_t n, struct val r)
{
    for (size_t i = 0; i < n; i++)
        if (arg[i].kind == VAL_FUNCTION) {
            hand_over(w, at, self, arg, n, &r);
            break;
        }
    return r;
}

static bool calls_back(const struct api_member *m) { return m->effect == API_EVENT || m->effect == API_INVOKE || m->effect == API_MAKE; }

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
        if (s && !(s->set && (s->v.kind == VAL_FUNCTION || in_basic(w))))
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
    if ((in_script(w) || self.cls || o == w->err) && script_call(w, at, &self, name, arg, n, &r))
        return r;
    if (in_script(w) && str_eq(name, STR("constructor"))) {
        struct val v = member_get(w, at, &self, name);
        return call_value(w, at, &v, arg, n);
    }
    if (function_call(w, at, &self, name, arg, n, &r))
        return r;
    if (self.kind == VAL_TYPE && n && arg[0].kind == VAL_TEXT && str_istarts(name, STR("Parse")) && str_iends(self.name, STR("Guid")))
        return arg[0];                     /* a class id, as new Guid */
    if (in_dotnet(w) && IN(name, "Select", "ConvertAll") && select_each(w, at, &self, arg, n, &r))
        return r;
    if (o && o->own && self.kind == VAL_LIST && list_call(w, &self, name, arg, n, &r))
        return handed(w, at, &self, arg, n, r);
    if (o && o->own && (self.kind == VAL_TEXT || self.kind == VAL_UNKNOWN) && builder_call(w, at, &self, name, arg, n, &r))
        return r;

    /* A name that nobody else has: what is written there is what is found there. */
    if (n == 0 && self.kind == VAL_TYPE && IN(name, "GetTempFileName", "GetRandomFileName")) {
        struct str temp = str_fmt(w->a, "%s%u.tmp", IN(name, "GetTempFileName") ? "%TEMP%\\tmp" : "tmp", at ? at->line : 0);
        return temp.p ? val_str(temp) : val_unknown(0);
    }
    const struct api_class *cls = self.cls;
    if (!cls && o && (o == &w->page_object || (o->klass && o->klass->page)))
        cls = w->page_class;
    if (!cls && o && o->klass)
        cls = api_class_find(o->klass->base_name);
    if (self.kind == VAL_TYPE && !cls && str_ieq(self.name, STR("My")) && (cls = api_class_find(name)) != NULL) {
        r = val_object(w, cls);            /* My.Request and the like of VB */
        return n ? index_get(w, at, &r, arg, n) : r;
    }
    if (!cls && (self.kind == VAL_TYPE || (self.marks & MARK_REFLECTED)) && !(o && o->klass) && (str_istarts(name, STR("Get")) || str_ieq(name, STR("InvokeMember"))))
        cls = api_class_find(STR("Type"));           /* of a class that nobody knows */
    const struct api_member *m = cls && !(o && o->own && self.kind == VAL_TEXT) ? api_member_find(cls, name) : NULL;
    if (m && cls != self.cls && str_eq(str_c(cls->name), STR("Type")) && m->effect == API_MAKE)
        m = NULL;
    if (m && !folds(m, &self, arg, n)) {
        r = api_apply(w, at, cls, m, &self, arg, n, HOW_CALL);
        return calls_back(m) ? r : handed(w, at, &self, arg, n, r);
    }
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
        return handed(w, at, &self, arg, n, r);
    }
    if (m) {
        r = api_apply(w, at, cls, m, &self, arg, n, HOW_CALL);
        return calls_back(m) ? r : handed(w, at, &self, arg, n, r);
    }
    if (self.kind == VAL_OBJECT && self.cls && o && !o->klass && IN(name, "First", "FirstOrDefault", "Single", "SingleOrDefault", "Last", "LastOrDefault", "Where", "Skip", "Take", "OrderBy", "ElementAt", "ToArray", "ToList"))
        return self;                       /* of several of a class: one of them */
    if (w->ctx->language == IR_CSHARP && self.kind != VAL_TYPE && extends(w, at, &self, name, arg, n, &r))
        return r;
    r = val_mix(w, &self, arg, n);
    r = handed(w, at, &self, arg, n, r);
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
    const struct val *with = !in_script(w) ? NULL : w->frame ? w->frame->with : w->page_object.bound;
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

/* table[what the request says](x): any of the functions in it. */
static bool any_function(struct walk *w, const struct ir *n, const struct val *arg, size_t args, struct val *ret)
{
    enum { TRIES = 16 };
    struct val self = eval(w, n->kid->kid);
    unsigned   called = 0;

    if (!self.object || self.object->klass)
        return false;
    for (const struct slot *s = self.object->field.first; s && called < TRIES && !w->stop; s = s->next)
        if (s->set && s->v.kind == VAL_FUNCTION) {
            struct val f = s->v, got = call_value(w, n, &f, arg, args);
            *ret = called++ ? val_mix(w, ret, &got, 1) : got;
        }
    return called > 0;
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
        struct slot *above = f->kid->op == IR_NAME && IN(f->kid->text, "base", "MyBase") && w->frame && w->frame->klass && w->frame->klass->base ? klass_member(w, w->frame->klass->base, f->text) : NULL;
        if (above && above->is_method && above->v.object)          /* what the class itself put in the place of */
            r = call_method(w, n, method_pick(above->v.object->method, args), self.object, NULL, w->stack + base, args);
        else
            r = call_member(w, n, &self, f->text, w->stack + base, args);
        w->direct = NULL;
    } else if (by_text(w, n, &r)) {
        ;
    } else {
        struct val v = eval(w, f);
        args = push_args(w, f->next);
        if (v.kind != VAL_FUNCTION && f->op == IR_INDEX && any_function(w, n, w->stack + base, args, &r))
            ;
        else
            r = v.kind == VAL_FUNCTION ? call_value(w, n, &v, w->stack + base, args) : args ? index_get(w, n, &v, w->stack + base, args) : v;
    }
    w->sp = base;
    return r;
}
