/* What script engines know beside their language: the object of the last error, engines inside the engine, patterns, and what JScript adds to all objects of a kind. */
#include "webshell/flow_inner.h"

#include "base/num.h"

/* ---- Err of Visual Basic: what is raised is told again ---- */
void script_err(struct walk *w)
{
    static const struct ctx vb = { .language = IR_VBSCRIPT, .fold = true };

    w->ctx = &vb;
    struct slot *s = table_get(w, &w->global, STR("Err"), false);
    if (!s || s->set)
        return;
    s->v = val_object(w, NULL);
    s->set = true;
    w->err = s->v.object;
}

static void raise(struct walk *w, const struct val *arg, size_t n)
{
    static const char *const part[] = { "Number", "Source", "Description", "HelpFile" };

    for (size_t i = 0; i < n && i < COUNT_OF(part); i++)
        slot_set(w, table_get(w, &w->err->field, str_c(part[i]), false), &arg[i]);
}

/* ---- MSScriptControl: objects that are lent to it, functions that it was taught ---- */
static bool engine_call(struct walk *w, const struct ir *at, struct str name, const struct val *arg, size_t n, struct val *ret)
{
    if (IN(name, "AddObject") && n >= 2 && val_known_text(&arg[0]) && arg[0].text.n) {
        slot_set(w, table_get(w, &w->global, arg[0].text, false), &arg[1]);
        return true;
    }
    bool         run = IN(name, "Run") && n && val_known_text(&arg[0]);
    struct slot *s = run ? table_find(w, &w->global, arg[0].text) : IN(name, "Run", "Eval", "AddCode", "ExecuteStatement", "Add", "Item") ? NULL : table_find(w, &w->global, name);
    if (!s || !s->is_method || !s->v.object)
        return false;
    *ret = call_method(w, at, method_pick(s->v.object->method, n - run), NULL, NULL, arg + run, n - run);
    return true;
}

/* ---- RegExp of VBScript: Pattern is set first, Replace comes later ---- */
static bool pattern_call(struct walk *w, const struct val *self, struct str name, const struct val *arg, size_t n, struct val *ret)
{
    struct slot *s = self->object ? table_find(w, &self->object->field, STR("Pattern")) : NULL;
    struct val   pattern, made;

    if (!IN(name, "Replace") || n != 2 || !s || !s->set || !val_known_text(&s->v) || arg[0].kind != VAL_TEXT)
        return false;
    if (fold_call(&w->fold, IR_CSHARP, STR("Regex"), STR("new"), NULL, &s->v, 1, &pattern) != FOLD_DONE || pattern.kind != VAL_TEXT)
        return false;
    if (fold_call(&w->fold, IR_CSHARP, STR("Regex"), STR("Replace"), &pattern, arg, n, &made) != FOLD_DONE || made.kind != VAL_TEXT)
        return false;
    *ret = made;
    return true;
}

/* ---- String.prototype.f = function ... : every text has f from now on ---- */
bool prototype_set(struct walk *w, const struct ir *target, const struct val *v)
{
    const struct ir *of = target->kid;

    if (!in_script(w) || v->kind != VAL_FUNCTION || !of || of->op != IR_MEMBER || !str_eq(of->text, STR("prototype")) || !of->kid || of->kid->op != IR_NAME ||
        !IN(of->kid->text, "String", "Array", "Object", "Function", "Number", "Boolean", "Date", "RegExp"))
        return false;
    slot_set(w, table_get(w, &w->prototype, target->text, false), v);
    return true;
}

static struct val prototype_call(struct walk *w, const struct ir *at, const struct slot *s, const struct val *self, const struct val *arg, size_t n)
{
    struct object *o = s->v.object, *box = self->object;

    if (!o || !o->method)
        return call_value(w, at, &s->v, arg, n);
    /* `this` is an object, whatever it was. */
    if (!box && (box = object_new(w)) != NULL) {
        box->own = true;
        box->content.v = *self;
        box->content.set = true;
    }
    return call_method(w, at, method_pick(o->method, n), box, o->closure, arg, n);
}

bool script_call(struct walk *w, const struct ir *at, const struct val *self, struct str name, const struct val *arg, size_t n, struct val *ret)
{
    *ret = val_unknown(0);
    if (self->object && self->object == w->err && IN(name, "Raise")) {
        raise(w, arg, n);
        return true;
    }
    struct slot *s = in_script(w) && w->prototype.n ? table_find(w, &w->prototype, name) : NULL;
    if (s && s->set) {
        *ret = prototype_call(w, at, s, self, arg, n);
        return true;
    }
    if (!self->cls)
        return false;
    return (str_ieq_c(STR("MSScriptControl.ScriptControl"), self->cls->name) && engine_call(w, at, name, arg, n, ret)) ||
           (str_ieq_c(STR("RegExp"), self->cls->name) && in_basic(w) && pattern_call(w, self, name, arg, n, ret));
}
