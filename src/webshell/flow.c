/* The walk as a whole: what is there before the code runs, in which order its parts run, and what nobody calls. */
#include "webshell/flow_inner.h"

#include <string.h>

#include "base/map.h"
#include "base/num.h"

static bool member_unit(const struct container *p, size_t i) { return i < p->unit_n && (p->unit[i].kind == UNIT_MEMBERS || p->unit[i].kind == UNIT_FILE); }

/* ---- what stands around the code ---- */
static const struct api_class *control_class(struct str tag)
{
    static const struct { const char *tag, *cls; } plain[] = { { "input", "HtmlInputText" }, { "textarea", "HtmlTextArea" }, { "select", "HtmlSelect" } };
    size_t colon = str_chr(tag, ':');
    struct str last = colon == STR_NONE ? tag : str_from(tag, colon + 1);

    for (size_t i = 0; colon == STR_NONE && i < COUNT_OF(plain); i++)
        if (str_ieq_c(tag, plain[i].tag))
            return api_class_find(str_c(plain[i].cls));
    const struct api_class *c = last.n ? api_class_find(last) : NULL;
    return c ? c : api_class_find(STR("Control"));
}

static bool gives_input(const struct api_class *c)
{
    static const char *const name[] = { "Text", "Value", "SelectedValue", "FileName", "CommandArgument" };

    for (size_t i = 0; c && i < COUNT_OF(name); i++) {
        const struct api_member *m = api_member_find(c, str_c(name[i]));
        if (m && m->effect == API_SOURCE && m->marks)
            return true;
    }
    return false;
}

static void controls(struct walk *w)
{
    static const struct ctx any = { .language = IR_UNKNOWN, .fold = true };
    static const char *const bags[] = { "ViewBag", "ViewData", "TempData", "App" };      /* of Razor: whatever is put in comes out */

    w->ctx = &any;
    for (size_t i = 0; i < COUNT_OF(bags) && (w->page->kind == PAGE_RAZOR_CS || w->page->kind == PAGE_RAZOR_VB); i++) {
        struct slot *s = table_get(w, &w->global, str_c(bags[i]), false);
        if (!s)
            return;
        s->v = val_object(w, NULL);
        s->set = true;
    }
    for (size_t i = 0; i < w->page->control_n; i++) {
        const struct control *c = &w->page->control[i];
        if (!c->id.n)
            continue;
        struct slot *s = table_get(w, &w->global, c->id, false);
        if (!s || s->set)
            continue;
        struct val v = val_object(w, control_class(c->tag));
        if (!v.object)
            return;
        v.object->control = c->id;
        v.object->input = gives_input(v.cls);
        s->v = v;
        s->set = true;
    }
    for (size_t i = 0; i < w->page->object_n; i++) {
        const struct page_object *o = &w->page->object[i];
        struct slot *s = o->id.n ? table_get(w, &w->global, o->id, false) : NULL;
        if (!s || s->set)
            continue;
        s->v = val_object(w, api_class_find(o->progid.n ? o->progid : o->classid));
        s->set = true;
    }
}

/* ---- who is called from outside ---- */
static bool named_entry(struct str name)
{
    static const char *const whole[] = { "ProcessRequest", "BeginProcessRequest", "EndProcessRequest", "ProcessRequestAsync", "IsReusable", "Init", "OnInit", "OnLoad", "OnPreInit", "OnPreLoad", "OnPreRender", "OnLoadComplete",
        "OnUnload", "OnError", "Render", "RenderControl", "RenderChildren", "CreateChildControls", "InitializeCulture", "RaisePostBackEvent", "RaiseCallbackEvent", "GetCallbackResult", "FrameworkInitialize", "DeterminePostBackMode",
        "Dispose", "GetHandler", "Main", "Global_asax", "Execute", "OnActionExecuting", "LoadPageStateFromPersistenceMedium", "SavePageStateToPersistenceMedium", "OnAuthorization" };
    static const char *const head[] = { "Page_", "Application_", "Session_", "Module_" };

    for (size_t i = 0; i < COUNT_OF(whole); i++)
        if (str_ieq_c(name, whole[i]))
            return true;
    for (size_t i = 0; i < COUNT_OF(head); i++)
        if (str_istarts(name, str_c(head[i])))
            return true;
    return false;
}

static bool is_entry(const struct walk *w, const struct method *m, const struct map *handlers)
{
    if (m->native.n)
        return false;
    if (m->event || m->web || named_entry(m->name) || map_get(handlers, m->name) != MAP_NONE)
        return true;
    /* The constructor of what the server makes itself. */
    return m->klass && (str_ieq(m->name, m->klass->name) || str_ieq(m->name, STR("New"))) && (m->klass->page || str_iends(m->klass->base_name, STR("Handler")) || str_iends(m->klass->base_name, STR("HttpModule")) || w->page->kind == PAGE_ASHX);
}

/* Each part may use half of what is left, so that no loop hides what stands behind it. */
static void share(struct walk *w)
{
    uint64_t left = w->steps < w->steps_max ? w->steps_max - w->steps : 0;

    w->limit = w->steps + left / 2 + 64;
    w->stop = w->full;
    w->depth = w->calls = w->loops = 0;
    w->sp = 0;
    w->serial = 0;
    w->undo_n = w->pend_n = 0;
    w->frame = NULL;
    w->direct = NULL;
    w->dead = false;
    if (w->loop_steps > w->steps_max / 4)
        w->loop_steps = w->steps_max / 4;
}

static bool has_orders(const struct object *o)
{
    unsigned looked = 0;

    for (const struct slot *s = o->field.first; s && looked < 32; s = s->next, looked++)
        if (s->set && (s->v.marks & (MARK_REQUEST | MARK_UPLOAD)))
            return true;
    return false;
}

static void run_method(struct walk *w, struct method *m, bool reached)
{
    if (m->native.n)
        return;
    share(w);
    w->reached = reached;
    m->done = true;
    m->open = 0;
    struct object *self = m->klass ? m->klass->self : &w->page_object;
    if (m->klass && m->klass->made && !m->klass->page)
        self = has_orders(m->klass->made_first) ? m->klass->made_first : m->klass->made;
    call_method(w, m->at, m, self, NULL, NULL, 0);
}

static void run_unit(struct walk *w, const struct ir_unit *u, const struct ctx *ctx)
{
    share(w);
    w->reached = true;
    w->ctx = ctx;
    if (u->top)
        walk(w, u->top);
}

static void run_entries(struct walk *w, const struct map *handlers, bool again)
{
    /* New functions may appear on the way: code in texts defines some. */
    for (struct method *m = w->methods; m && !w->full; m = m->all)
        if ((again || !m->done) && (!m->called || m->done || m->event || m->web || named_entry(m->name)) && is_entry(w, m, handlers))
            run_method(w, m, true);
}

static void run_rest(struct walk *w)
{
    for (struct method *m = w->methods; m && !w->full; m = m->all)
        if (!m->called && !m->done)
            run_method(w, m, false);
}

static bool handler_names(struct map *to, struct walk *w)
{
    for (size_t i = 0; i < w->page->control_n; i++)
        if (w->page->control[i].handler.n && !map_put(to, w->a, w->page->control[i].handler, 1))
            return false;
    for (size_t i = 0; i < w->web_n; i++)
        if (!map_put(to, w->a, w->web_name[i], 1))
            return false;
    return true;
}

bool flow_walk(struct flow *ret, struct arena *a, const struct container *page, const struct ir_unit *unit, size_t n)
{
    struct flow  f = { 0 };
    struct walk *w = NEW(a, struct walk, 1);
    struct ctx  *ctx = NEW(a, struct ctx, n + 1);
    struct map   handlers = { .fold = true };

    if (!w || !ctx)
        return false;
    w->a = a;
    w->flow = &f;
    w->page = page;
    w->fold.a = a;
    w->builder.a = a;
    w->klass_tail = &w->klasses;
    w->method_tail = &w->methods;
    w->stack = TAKE(a, struct val, FLOW_STACK_MAX);
    w->classic = page->kind == PAGE_ASP;
    w->page_class = api_class_find(STR("Page"));
    w->native_class = api_class_find(STR("DllImport"));
    w->reserve = arena_room(a) / 8;
    /* What a page decodes letter by letter takes some tens of steps each. */
    w->steps_max = FLOW_STEPS_MAX + (uint64_t)page->text.n * FLOW_STEPS_BYTE;
    if (w->steps_max > FLOW_STEPS_ALL)
        w->steps_max = FLOW_STEPS_ALL;
    w->limit = w->steps_max;
    w->stored_any.fold = true;
    if (!w->stack)
        return false;

    controls(w);
    for (size_t i = 0; i < n && !w->err; i++)
        if (unit[i].language == IR_VBSCRIPT || unit[i].language == IR_VBNET)
            script_err(w);
    for (size_t i = 0; i < n; i++) {
        ctx[i] = (struct ctx){ unit[i].language, unit[i].fold, i < page->unit_n && page->unit[i].kind == UNIT_BINDING, 0 };
        f.unread += unit[i].unread;
        f.escaped += unit[i].escaped;
        f.unclosed = f.unclosed || unit[i].unclosed;
        w->ctx = &ctx[i];
        hoist(w, unit[i].top, &ctx[i], NULL);
    }
    /* What the server hands over as it was sent. */
    for (struct method *m = w->methods; m; m = m->all)
        m->web = m->web || str_ieq(m->name, STR("RaiseCallbackEvent")) || str_ieq(m->name, STR("RaisePostBackEvent")) ||
                 (m->klass && (str_iends(m->klass->base_name, STR("WebSocketHandler")) || str_ieq(m->klass->base_name, STR("PersistentConnection")))
                  && (str_istarts(m->name, STR("OnMessage")) || str_ieq(m->name, STR("OnReceived")))) ||
                 ((m->klass ? str_ieq(m->klass->base_name, STR("PageModel")) : page->kind == PAGE_RAZOR_CS) && (str_istarts(m->name, STR("OnGet")) || str_istarts(m->name, STR("OnPost")))) ||
                 (m->klass && m->at->is_public && (str_ieq(m->klass->base_name, STR("Hub")) || str_ieq(m->klass->base_name, STR("ApiController"))) && !str_ieq(m->name, m->klass->name));
    /* What a service's interface promises its class keeps. */
    for (struct method *m = w->methods; m; m = m->all)
        for (size_t i = 0; i < w->web_n && !m->web; i++)
            m->web = str_ieq(w->web_name[i], m->name);
    bool ok = !w->full && handler_names(&handlers, w);

    for (int round = 0; ok && round < 2 && !w->full; round++) {
        if (round && !w->dirty)
            break;
        w->dirty = false;
        if (!round) {
            for (size_t i = 0; i < n; i++)
                if (member_unit(page, i))
                    run_unit(w, &unit[i], &ctx[i]);
            for (struct klass *k = w->klasses; k && !w->full; k = k->next) {
                share(w);
                w->reached = true;
                w->ctx = k->ctx;
                klass_fields(w, k, k->self);
            }
            run_entries(w, &handlers, false);
        } else if (!w->classic)
            run_entries(w, &handlers, true);
        if (round && w->classic && !w->stored.n && !w->stored_any.set)
            break;
        for (size_t i = 0; i < n; i++)
            if (!member_unit(page, i))
                run_unit(w, &unit[i], &ctx[i]);
        run_entries(w, &handlers, false);
        if (!round)
            run_rest(w);
    }
    /* Where memory ends, what was found until then stays found. */
    if (!ok || (w->full && !f.use_n))
        return false;
    f.cut = f.cut || w->builder.cut || w->full;
    *ret = f;
    return true;
}
