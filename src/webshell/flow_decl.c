/* Declarations, which are known before anything runs. */
#include "webshell/flow_inner.h"

#include "base/num.h"

struct method *method_new(struct walk *w, const struct ir *at, const struct ctx *ctx, struct klass *k, struct table *to)
{
    struct method *m = NEW(w->a, struct method, 1);

    if (!m) {
        w->full = w->stop = true;
        return NULL;
    }
    *m = (struct method){ .name = at->text, .at = at, .ctx = ctx, .klass = k };
    for (const struct ir *p = at->kid; p; p = p->next)
        m->params += p->op == IR_PARAM;
    if (to && at->text.n) {
        struct slot *s = table_get(w, to, at->text, false);
        if (!s)
            return NULL;
        if (s->is_method && s->v.object && s->v.object->method && ctx->nest == 0) {
            m->next = s->v.object->method;      /* an overload */
            s->v.object->method = m;
        } else {
            struct object *o = object_new(w);
            if (!o)
                return NULL;
            o->method = m;
            s->v = (struct val){ .kind = VAL_FUNCTION, .code = at, .name = at->text, .object = o };
            s->set = s->is_method = true;
            s->is_property = false;
        }
    }
    *w->method_tail = m;
    w->method_tail = &m->all;
    return m;
}

static void property(struct walk *w, const struct ir *n, const struct ctx *ctx, struct klass *k)
{
    struct method *get = NULL, *set = NULL;

    for (const struct ir *m = n->kid; m; m = m->next) {
        const struct ir *body = NULL;
        if (m->op != IR_METHOD)
            continue;
        for (const struct ir *b = m->kid; b; b = b->next)
            body = b;
        if (!body || body->op == IR_PARAM || body->op == IR_VOID)
            continue;
        struct method *made = method_new(w, m, ctx, k, NULL);
        if (!made)
            return;
        if (str_ieq(m->text, STR("get")))
            get = made;
        else
            set = made;
        made->name = n->text;
        made->index = n;
    }
    if (!get && !set)
        return;
    struct slot   *s = table_get(w, k ? &k->member : &w->global, n->text, false);
    /* VBScript declares Let and Get apart. */
    struct object *o = s && s->is_property && s->v.object ? s->v.object : s ? object_new(w) : NULL;
    if (!o)
        return;
    o->getter = get ? get : o->getter;
    o->setter = set ? set : o->setter;
    s->v = (struct val){ .kind = VAL_FUNCTION, .object = o };
    s->set = s->is_property = true;
}

static struct klass *klass_new(struct walk *w, const struct ir *n, const struct ctx *ctx)
{
    struct slot   *s = table_get(w, &w->types, n->text, false);
    struct klass  *k;
    if (!s)
        return NULL;
    /* Parts of one class (partial) come together. */
    if (s->v.object && s->v.object->klass)
        return s->v.object->klass;
    k = NEW(w->a, struct klass, 1);
    struct object *o = k ? object_new(w) : NULL;
    if (!o) {
        w->full = w->stop = true;
        return NULL;
    }
    *k = (struct klass){ .name = n->text, .base_name = n->type, .at = n, .ctx = ctx, .self = o };
    o->klass = k;
    k->page = str_iends(n->type, STR("Page")) || (n->text.n && str_ieq(n->text, w->page->inherits));
    s->v = (struct val){ .kind = VAL_TYPE, .name = n->text, .object = o };
    s->set = s->is_type = true;
    *w->klass_tail = k;
    w->klass_tail = &k->next;
    return k;
}

struct pending { struct str native; bool web, event, dll, bound; };

static void attribute(struct walk *w, const struct ir *n, struct pending *p)
{
    static const char *const web[] = { "WebMethod", "OperationContract", "ScriptMethod", "HttpGet", "HttpPost", "HttpPut", "HttpDelete", "WebGet", "WebInvoke", "AjaxMethod", "Route", "SoapDocumentMethod", "SoapRpcMethod", "DirectMethod" };

    for (size_t i = 0; i < COUNT_OF(web); i++)
        if (str_ieq_c(n->text, web[i]))
            p->web = true;
    if (str_ieq(n->text, STR("Handles")))
        p->event = true;
    p->bound = p->bound || IN(n->text, "BindProperty", "FromQuery", "FromForm", "FromBody", "FromRoute", "SupplyParameterFromForm", "SupplyParameterFromQuery");
    if (str_ieq(n->text, STR("DllImport"))) {
        p->dll = true;
        for (const struct ir *k = n->kid; k; k = k->next)
            if (k->op == IR_SET && str_ieq(k->text, STR("EntryPoint")) && k->kid) {
                struct val v = eval(w, k->kid);
                if (v.kind == VAL_TEXT)
                    p->native = v.text;
            }
    }
}

/* A property that the server fills from the request. */
static void bound(struct walk *w, const struct ir *n, struct klass *k)
{
    struct slot *s = table_get(w, k ? &k->self->field : &w->global, n->text, false);
    struct val   v = { .kind = VAL_UNKNOWN, .marks = MARK_REQUEST, .whole = true, .key = n->text };

    if (!s || number_type(n->type))
        return;
    trail_add(w, &v, TRAIL_SOURCE, n, n->text);
    key_record(w, n->text);
    s->v = v;
    s->set = true;
}

static void hoist_in(struct walk *w, const struct ir *block, const struct ctx *ctx, struct klass *k, unsigned depth)
{
    struct pending p = { 0 };

    for (const struct ir *n = block ? block->kid : NULL; n && depth < 40 && !w->full; n = n->next) {
        switch ((enum ir_op)n->op) {
        case IR_ATTRIBUTE:
            attribute(w, n, &p);
            continue;
        case IR_METHOD: {
            if (k && n->sign == SIGN_IS)
                k->item = n->text;
            struct method *m = method_new(w, n, ctx, k, k ? &k->member : &w->global);
            w->operators = w->operators || (k && str_istarts(n->text, STR("operator")));
            if (m) {
                m->web = p.web;
                m->event = p.event;
                if (p.dll)
                    m->native = p.native.n ? p.native : n->text;
                if (p.web && w->web_n < COUNT_OF(w->web_name))
                    w->web_name[w->web_n++] = n->text;
            }
            break;
        }
        case IR_PROPERTY:
            if (k && n->sign == SIGN_IS)
                k->item = n->text;
            property(w, n, ctx, k);
            if (p.bound)
                bound(w, n, k);
            break;
        case IR_TYPE: {
            struct klass *made = klass_new(w, n, ctx);
            if (made)
                hoist_in(w, n, ctx, made, depth + 1);
            break;
        }
        case IR_IMPORT:
            if (n->type.n && w->import_n < COUNT_OF(w->import))
                w->import[w->import_n++] = (struct ir *)(uintptr_t)n;
            break;
        case IR_BLOCK:
            hoist_in(w, n, ctx, k, depth + 1);
            break;
        default:
            break;
        }
        p = (struct pending){ 0 };
    }
}

void hoist(struct walk *w, const struct ir *block, const struct ctx *ctx, struct klass *k)
{
    hoist_in(w, block, ctx, k, 0);
    for (struct klass *c = w->klasses; c; c = c->next)
        if (!c->base && c->base_name.n) {
            struct klass *b = klass_find(w, c->base_name);
            unsigned      up = 0;
            for (struct klass *i = b; i && i != c && up < 16; i = i->base)
                up++;
            if (b && b != c && up < 16)
                c->base = b;
        }
}
