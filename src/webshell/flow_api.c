/* What calling, reading or setting a member of a known class does: the effects of api.h. */
#include "webshell/flow_inner.h"

#include <string.h>

#include "base/num.h"

const struct val *role_arg(const char *roles, char letter, const struct val *arg, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (role_letter(roles, i) == letter)
            return &arg[i];
    return NULL;
}

bool fill_argument(struct walk *w, const struct ir *call, size_t arg, const struct val *v)
{
    const struct ir *k = call && call->op == IR_CALL && call->kid ? ir_kid(call, arg + 1) : NULL;
    /* new ArraySegment<byte>(b): b */
    if (k && k->op == IR_NEW && k->kid && k->kid->op == IR_NAME)
        k = k->kid;
    else if (k && k->op == IR_CALL && k->kid && k->kid->op == IR_MEMBER && IN(k->kid->text, "AsMemory", "AsSpan"))
        k = k->kid->kid;
    struct slot     *s = lvalue_slot(w, k);

    if (!s || s->is_method || s->is_property)
        return false;
    if (v->kind == VAL_LIST || v->kind == VAL_BYTES || v->kind == VAL_TEXT) {
        slot_set(w, s, v);
        return true;
    }
    struct val old = slot_value(w, s), all = val_mix(w, v, NULL, 0);
    if (old.kind == VAL_NUMBER && v->kind == VAL_UNKNOWN)
        return false;                      /* a count or a place beside what receives */
    all.marks |= old.marks;
    all.whole = v->whole;
    all.cls   = old.cls;
    trail_add(w, &all, TRAIL_VARIABLE, call, s->name);
    slot_set(w, s, &all);
    return true;
}

void fill_all(struct walk *w, const struct ir *at, const char *roles, size_t n, const struct val *v)
{
    for (size_t i = 0; i < n; i++)
        if (role_letter(roles, i) == 'r')
            fill_argument(w, at, i, v);
}

const struct api_class *api_gives(const struct api_member *m, const struct val *self)
{
    if (!m->gives)
        return NULL;
    return m->gives[0] ? api_class_find(str_c(m->gives)) : self ? self->cls : NULL;
}

static void copy_roles(struct walk *w, struct object *to, const struct object *from)
{
    unsigned i = 0;

    for (const struct slot *s = from ? from->field.first : NULL; s && to && i < 24; s = s->next, i++)
        if (s->set && s->name.n == 2 && s->name.p[0] == 1)
            slot_set(w, object_role(w, to, (char)s->name.p[1], true), &s->v);
}

void role_store(struct walk *w, struct object *o, char letter, const struct val *v, bool more)
{
    struct slot *s = object_role(w, o, letter, true);

    if (!s)
        return;
    if (more && s->set && strchr("adco", letter)) {
        struct val both = val_mix(w, &s->v, v, 1);
        both.whole = false;
        slot_set(w, s, &both);
    } else
        slot_set(w, s, v);
}

static struct val source(struct walk *w, const struct ir *at, const struct api_member *m, const struct val *self, const struct val *arg, size_t n)
{
    const struct val *k = role_arg(m->roles, 'k', arg, n);
    struct val r = { .kind = VAL_UNKNOWN, .marks = m->marks, .whole = m->marks != 0, .cls = api_gives(m, self) };

    if (k && k->kind != VAL_NUMBER) {          /* a place in a list is no name */
        struct val t = fold_text(&w->fold, k);
        if (t.kind == VAL_TEXT && !t.maybe)
            r.key = str_sub(t.text, 0, 128);
    }
    if (!r.key.n && self && self->object && self->object->control.n)
        r.key = self->object->control;
    /* Where the page lies on the disk. */
    if (m->marks == MARK_IDENTITY && (str_istarts(str_c(m->name), STR("Physical")) || str_istarts(str_c(m->name), STR("App"))))
        r.text = STR("~/"), r.whole = false;
    if (!m->marks && self) {
        r = val_mix(w, self, NULL, 0);
        r.cls = api_gives(m, self);
    }
    /* The registry holds secrets for who takes all of it; a value of a known name is a fact about the server. */
    if ((m->marks & MARK_SECRET) && (m->marks & MARK_SYSTEM) && k && !(k->marks & MARK_LISTING))
        r.marks &= ~(uint32_t)MARK_SECRET, r.whole = false;
    if ((m->marks & MARK_REQUEST) && (m->marks & MARK_IDENTITY))
        r.marks = r.key.n ? api_variable_marks(r.key) : k ? MARK_REQUEST : MARK_REQUEST | MARK_IDENTITY;
    if (r.marks & (MARK_REQUEST | MARK_UPLOAD)) {
        w->flow->sources++;
        key_record(w, r.key);
    }
    /* What the page itself put into a control may come back, too. */
    if (self && self->object && self->object->input) {
        struct slot *s = table_find(w, &self->object->field, str_c(m->name));
        if (s && s->set)
            r.marks |= s->v.marks;
    }
    trail_add(w, &r, TRAIL_SOURCE, at, r.key.n ? r.key : str_c(m->name));
    fill_all(w, at, m->roles, n, &r);
    return r;
}

struct val api_pass(struct walk *w, const struct ir *at, const struct api_member *m, const struct val *self, const struct val *arg, size_t n, enum api_how how)
{
    struct val r = val_mix(w, self, arg, n);
    bool       fixed = false;

    /* Bytes copied to where code is. */
    if (n >= 3 && self && self->cls && str_eq(str_c(self->cls->name), STR("Marshal")) && str_eq(str_c(m->name), STR("Copy")) && (arg[2].marks & MARK_CODE) && (val_marks(&arg[0]) & (MARK_REQUEST | MARK_UPLOAD))) {
        struct role role = { 'b', arg[0] };
        use_record(w, at, SINK_MEMORY, STR("Marshal"), STR("Copy"), &role, 1);
    }

    for (size_t i = 0; i < n; i++)
        fixed = fixed || (arg[i].kind == VAL_TEXT && arg[i].text.n && !arg[i].marks);
    if (fixed)
        r.whole = false;
    if (m->marks & ~r.marks) {
        r.marks |= m->marks;
        trail_add(w, &r, m->marks & MARK_DECODED ? TRAIL_DECODED : TRAIL_SOURCE, at, str_c(m->name));
    }
    r.cls = api_gives(m, self);
    if (m->gives) {
        if (self && self->object && !self->object->own)
            r.object = self->object;
        else if (how == HOW_CALL && r.cls)
            r.object = object_new(w);
        if (r.object && r.cls)
            r.kind = VAL_OBJECT;
        if (r.cls)
            r.marks |= r.cls->marks;
    }
    fill_all(w, at, m->roles, n, &r);
    if (n && !m->gives && r.marks && how == HOW_CALL)
        trail_add(w, &r, TRAIL_THROUGH, at, str_c(m->name));
    return r;
}

static struct val field(struct walk *w, const struct api_member *m, const struct val *self, const struct val *arg, size_t n, enum api_how how)
{
    const struct api_class *cls = api_gives(m, self);
    bool       made = str_ieq(str_c(m->name), STR("new"));
    struct val r = self ? *self : val_unknown(0);

    if (how == HOW_READ && n == 0 && m->roles[0] && !(m->gives && m->gives[0])) {
        struct slot *s = self ? object_role(w, self->object, m->roles[0], false) : NULL;
        bool place = m->roles[0] == 'p' && !m->gives;      /* FullName: of what a listing gave, what is stored is the folder that was listed */
        if (s && s->set && !(place && (val_marks(self) & MARK_LISTING)))
            return s->v;
        if (place)
            return self ? val_mix(w, self, NULL, 0) : val_unknown(0);
    }
    /* p.StartInfo is a part of p, or another object that was put there: who changes that one later changes the part. */
    if (!m->roles[0] && m->gives && m->gives[0] && r.object && how != HOW_CALL) {
        if (how == HOW_SET && n && arg[n - 1].object)
            role_store(w, r.object, 'i', &arg[n - 1], false);
        struct slot *s = object_role(w, r.object, 'i', false);
        if (s && s->set && s->v.cls == cls)
            return s->v;
    }
    if ((how == HOW_CALL && m->gives && m->gives[0]) || !r.object) {
        struct object *o = object_new(w);
        if (self && self->object)
            copy_roles(w, o, self->object);
        if (self && self->kind == VAL_TYPE && o)
            role_store(w, o, 't', self, false);
        r = (struct val){ .kind = VAL_OBJECT, .object = o };
    }
    r.cls = cls;
    if (cls)
        r.marks |= cls->marks;
    for (size_t i = 0; i < n; i++) {
        char l = role_letter(m->roles, i);
        /* new IPEndPoint(address, port): the port is no other address. */
        if (i && l == 'h' && (arg[i].kind == VAL_NUMBER || arg[i].kind == VAL_FRACTION) && role_letter(m->roles, i - 1) == 'h' && !(arg[i].marks & ~arg[i - 1].marks))
            continue;
        /* Expression.Call(method, its argument): the method it is. */
        if (i && l == 'f' && role_letter(m->roles, i - 1) == 'f' && arg[i - 1].object && object_role(w, arg[i - 1].object, 'm', false))
            continue;
        if (l >= 'a' && l <= 'z')
            role_store(w, r.object, l, &arg[i], how == HOW_CALL && !made);
    }
    if (r.kind == VAL_TYPE)
        r.kind = VAL_OBJECT;
    if (made && n && (arg[0].kind == VAL_TEXT || arg[0].kind == VAL_BYTES) && cls && str_eq(str_c(cls->name), STR("MemoryStream")) && str_has(arg[0].text, STR("<%")))
        w->flow->page_text = true;
    return r;
}

/* Built from pieces: not a view of what the page says in one place. */
static void late(struct walk *w, const struct val *name)
{
    const struct str all = w->page->text;

    if (name->kind == VAL_TEXT && name->text.n && !(all.p && name->text.p >= all.p && name->text.p < all.p + all.n) && !w->ctx->nest)
        w->flow->late_names = true;
}

/* The class of what a moniker or a class name gives. */
static const struct api_class *moniker_class(struct str name)
{
    static const char *const directory[] = { "WinNT:", "IIS:", "LDAP:" };

    if (str_istarts(name, STR("winmgmts:")))
        return api_class_find(STR("WbemServices"));
    for (size_t i = 0; i < COUNT_OF(directory); i++)
        if (str_istarts(name, str_c(directory[i])))
            return api_class_find(STR("ADSI"));
    return api_class_find(name);
}

static struct val make(struct walk *w, const struct ir *at, const struct api_member *m, const struct val *self, const struct val *arg, size_t n)
{
    const struct val *t = role_arg(m->roles, 't', arg, n);
    bool type = str_istarts(str_c(m->name), STR("GetType"));

    if (!t && n && self == NULL)
        t = &arg[0];
    /* Activator.CreateInstance("assembly", "type") */
    if (t && n >= 2 && t == &arg[0] && val_known_text(&arg[0]) && val_known_text(&arg[1]) && self && self->kind == VAL_TYPE && str_eq(str_c(m->name), STR("CreateInstance")))
        t = &arg[1];
    if (!t) {
        /* x.GetType(): the class of x. */
        if (type && self)
            return (struct val){ .kind = VAL_TYPE, .cls = self->cls, .name = self->cls ? str_c(self->cls->name) : STR_EMPTY, .object = self->object && self->object->klass ? self->object : NULL, .marks = self->marks & MARK_CODE };
        return val_mix(w, self, arg, n);
    }
    if (t->kind == VAL_TYPE) {
        if (type)
            return *t;
        if (t->object && t->object->klass)
            return klass_make(w, at, t->object->klass, NULL, 0);
        struct val r = val_object(w, t->cls);
        r.marks |= t->marks;
        return r;
    }
    if (t->kind == VAL_TEXT && !t->maybe) {
        late(w, t);
        struct str     name = t->text;
        size_t         comma = str_chr(name, ',');
        struct str     plain = comma == STR_NONE ? name : str_sub(name, 0, comma);
        size_t         dot = str_rchr(plain, '.');
        struct klass  *k = klass_find(w, dot == STR_NONE ? plain : str_from(plain, dot + 1));
        const struct api_class *cls = moniker_class(name);
        if (str_istarts(name, STR("script:"))) {
            struct role role = { 'c', *t };
            use_record(w, at, SINK_CODE, STR(""), str_c(m->name), &role, 1);
        }
        if (k && k->self && !cls)
            return type ? (struct val){ .kind = VAL_TYPE, .name = k->name, .object = k->self } : klass_make(w, at, k, NULL, 0);
        if (type)
            return val_type(name, cls);
        struct val r = val_object(w, cls);
        r.marks |= self ? self->marks & (MARK_CODE | MARK_REQUEST | MARK_UPLOAD) : 0;
        if (!cls)
            r.name = name;
        return r;
    }
    uint32_t marks = val_marks(t);
    if (marks & (MARK_REQUEST | MARK_UPLOAD)) {
        /* GetObject of a moniker: script:, and the code lies where the rest says. */
        bool moniker = str_ieq(str_c(m->name), STR("GetObject")) || str_ieq(str_c(m->name), STR("BindToMoniker"));
        const struct api_class *cls = moniker ? moniker_class(t->text) : NULL;
        if (cls) {
            struct val r = val_object(w, cls);       /* WinNT://./ and then a name: what is done with it counts */
            r.marks |= marks;
            return r;
        }
        bool code = moniker && (str_istarts(t->text, STR("script:")) || t->whole);
        struct role role = { code ? 'c' : 't', *t };
        use_record(w, at, code ? SINK_CODE : SINK_LOAD, self && self->cls ? str_c(self->cls->name) : STR(""), str_c(m->name), &role, 1);
    }
    struct val r = val_mix(w, self, arg, n);
    r.marks |= MARK_REFLECTED;
    r.object = object_new(w);
    r.kind = type ? VAL_TYPE : VAL_OBJECT;
    r.whole = false;
    return r;
}

struct val late_invoke(struct walk *w, const struct ir *at, const struct val *target, const struct val *name, const struct val *arg, size_t n)
{
    if (name && name->kind == VAL_TEXT && !name->maybe && name->text.n) {
        late(w, name);
        size_t base = w->sp;
        for (size_t i = 0; i < n && w->sp < FLOW_STACK_MAX; i++)
            w->stack[w->sp++] = arg[i];
        struct val none = val_unknown(0);
        uint32_t   line = w->late_line;
        w->late_line = at ? at->line : line;
        /* Of a class that was looked for among all of them: its methods say which. */
        struct val all = val_mix(w, NULL, arg, n), of = target ? *target : none;
        bool       lost = !of.cls && !(of.object && of.object->klass) && of.kind != VAL_FUNCTION && in_dotnet(w) && (all.marks & (MARK_REQUEST | MARK_UPLOAD));
        if (lost && (IN(name->text, "Start") || IN(name->text, "Load", "LoadFrom", "LoadFile", "UnsafeLoadFrom")))
            of = val_type(name->text, api_class_find(IN(name->text, "Start") ? STR("Process") : STR("Assembly")));
        struct val r = call_member(w, NULL, &of, name->text, w->stack + base, w->sp - base);
        w->late_line = line;
        w->sp = base;
        return r;
    }
    struct val  all = val_mix(w, target, arg, n);
    struct role role[3];
    size_t      k = 0;
    if (name && name->marks) {
        role[k++] = (struct role){ 'm', *name };
        if (target)
            role[k++] = (struct role){ 't', *target };
        role[k++] = (struct role){ 'd', all };
        use_record(w, at, SINK_LOAD, STR(""), STR("Invoke"), role, k);
    }
    all.marks |= MARK_REFLECTED | (name ? name->marks : 0);
    all.whole = false;
    return all;
}

static struct val invoke(struct walk *w, const struct ir *at, const struct api_member *m, const struct val *self, const struct val *arg, size_t n)
{
    struct object    *o = self ? self->object : NULL;
    const struct val *name = role_arg(m->roles, 'm', arg, n), *f = role_arg(m->roles, 'f', arg, n);
    const struct slot *stored = object_role(w, o, 'm', false), *type = object_role(w, o, 't', false), *on = object_role(w, o, 'f', false);
    struct val target = f ? *f : val_unknown(0);

    if (!name && stored && stored->set)
        name = &stored->v;
    /* A static member has no target but its type. */
    if (target.kind == VAL_NULL || !f || (!target.cls && !target.object && target.kind == VAL_UNKNOWN && type && type->set)) {
        if (type && type->set)
            target = type->v;
        else if (on && on->set)
            target = on->v;
        else if (self)
            target = *self;
    }
    /* The arguments stand in a list, or one by one behind. */
    size_t first = 0;
    while (first < n && role_letter(m->roles, first) != 'v')
        first++;
    const struct val *list = first < n ? &arg[first] : NULL;
    size_t            count = first < n ? n - first : 0;
    if (list && list->kind == VAL_LIST && count == 1) {
        count = list->item_n < FLOW_ARGS_MAX ? list->item_n : FLOW_ARGS_MAX;
        list  = list->item;
    }
    if (!name && self && self->kind == VAL_FUNCTION)
        return call_value(w, at, self, list, count);
    if (list && list->kind == VAL_NULL && count == 1 && str_eq(str_c(m->name), STR("Invoke")))
        count = 0;                         /* Invoke(x, null): without arguments */
    /* A property by its name is read and set like one. */
    bool gets = str_eq(str_c(m->name), STR("GetValue")), sets = str_eq(str_c(m->name), STR("SetValue"));
    if ((gets || (sets && count)) && name && val_known_text(name)) {
        late(w, name);
        if (gets)
            return member_get(w, at, &target, name->text);
        member_set(w, at, &target, name->text, list);
        return val_unknown(0);
    }
    /* One of the methods of a class, chosen by what nobody can tell: that which does most. */
    struct val given = val_mix(w, NULL, list, count);
    if (!name && target.cls && (given.marks & (MARK_REQUEST | MARK_UPLOAD)) && str_eq(str_c(m->name), STR("Invoke")))
        for (size_t i = 0; i < target.cls->n; i++) {
            const struct api_member *row = &target.cls->member[i];
            if (row->effect == API_SINK && (row->sink == SINK_CODE || row->sink == SINK_LOAD || row->sink == SINK_PROCESS || row->sink == SINK_DESERIALISE))
                return api_apply(w, at, target.cls, row, &target, list, count, HOW_CALL);
        }
    /* A method that was put together here, called with what the request says. */
    if (self && self->cls && str_eq(str_c(self->cls->name), STR("ILGenerator"))) {
        struct val all = val_mix(w, NULL, list, count);
        if (all.marks & (MARK_REQUEST | MARK_UPLOAD)) {
            struct role role = { 'c', all };
            use_record(w, at, SINK_CODE, STR("DynamicMethod"), str_c(m->name), &role, 1);
        }
    }
    return late_invoke(w, at, &target, name, list, count);
}

struct val api_stored(struct walk *w, const struct ir *at, const struct api_member *m, const struct val *self, const struct val *arg, size_t n, enum api_how how)
{
    const struct val *s = role_arg(m->roles, 's', arg, n), *v = role_arg(m->roles, 'v', arg, n);
    struct val key = s ? fold_text(&w->fold, s) : val_unknown(0);
    bool       known = key.kind == VAL_TEXT && !key.maybe;

    if (how == HOW_SET && n)
        v = &arg[n - 1];
    if (v && (how == HOW_SET || n >= 2)) {
        struct slot *to = known && w->stored.n < VAL_ITEMS_MAX ? table_get(w, &w->stored, key.text, false) : &w->stored_any;
        if (!to)
            return val_unknown(0);
        struct val now = *v;
        /* Another request may store something else under the same key: what it was made of stays possible. */
        if (to->set && (to->v.marks & ~now.marks))
            now = val_join(w, &now, &to->v);
        slot_set(w, to, &now);
        struct role kept = { 'v', *v };
        use_record(w, at, SINK_STORE, self && self->cls ? str_c(self->cls->name) : STR(""), str_c(m->name), &kept, 1);
        return val_unknown(0);
    }
    if (!s)
        return self ? *self : val_unknown(0);
    struct slot *from = known ? table_find(w, &w->stored, key.text) : &w->stored_any;
    struct val   r = from && from->set ? slot_value(w, from) : val_unknown(0);
    if (!known)
        for (const struct slot *i = w->stored.first; i; i = i->next)
            r.marks |= i->v.marks;
    else if (w->stored_any.set)
        r.marks |= w->stored_any.v.marks;
    r.maybe = true;
    if (!r.marks)
        r.marks = MARK_STORED;             /* another page may have put it there */
    else {
        r.marks |= MARK_STORED;
        trail_add(w, &r, TRAIL_STORED, at, known ? key.text : STR_EMPTY);
    }
    return r;
}

static struct val event(struct walk *w, const struct ir *at, const struct api_member *m, const struct val *self, const struct val *arg, size_t n)
{
    const struct val *f = role_arg(m->roles, 'f', arg, n);
    struct object    *o = self ? self->object : NULL;

    if (f && f->kind == VAL_TEXT && !f->maybe) {
        /* GetRef("name"): the function of that name; setTimeout("code"): the code. */
        struct slot *s = name_slot(w, f->text);
        if (s && s->is_method && s->v.object) {
            for (struct method *i = s->v.object->method; i; i = i->next)
                i->event = true;
            return s->v;
        }
        if (w->ctx->language == IR_JSCRIPT || w->ctx->language == IR_JSCRIPT_NET)
            return run_text(w, at, f, w->ctx->language, false);
        return val_unknown(f->marks);
    }
    if (str_ieq(str_c(m->name), STR("new"))) {
        if (f && o)
            role_store(w, o, 'f', f, false);
        return self ? *self : val_unknown(0);
    }
    struct val fn = f ? *f : val_unknown(0);
    if (!f && self && self->kind == VAL_FUNCTION)
        fn = *self;
    else if (!f && o) {
        struct slot *s = object_role(w, o, 'f', false);
        if (s && s->set)
            fn = s->v;
    }
    size_t base = w->sp;
    for (size_t i = 0; i < n && w->sp < FLOW_STACK_MAX; i++)
        if (role_letter(m->roles, i) == 'v' || role_letter(m->roles, i) == '-')
            w->stack[w->sp++] = arg[i];
    if (self && fn.kind != VAL_FUNCTION && delegate_of(w, self, NULL, NULL))
        fn = *self;
    if (w->sp == base && w->sp < FLOW_STACK_MAX && str_eq(str_c(m->name), STR("AcceptWebSocketRequest")))
        w->stack[w->sp++] = val_object(w, api_class_find(STR("Context")));       /* its function is given the context */
    struct val r = fn.kind == VAL_FUNCTION || delegate_of(w, &fn, NULL, NULL) ? call_value(w, at, &fn, w->stack + base, w->sp - base) : val_mix(w, self, arg, n);
    w->sp = base;
    return r;
}

static bool is_digest(const struct api_class *cls, struct str name)
{
    return str_istarts(name, STR("ComputeHash")) || str_istarts(name, STR("HashData")) || str_istarts(name, STR("HashPassword")) || str_istarts(name, STR("TryComputeHash")) ||
           (cls && (str_istarts(str_c(cls->name), STR("MD5")) || str_istarts(str_c(cls->name), STR("SHA"))));
}

static struct val clean(struct walk *w, const struct ir *at, const struct api_class *cls, const struct api_member *m, const struct val *self, const struct val *arg, size_t n)
{
    struct val all = val_mix(w, NULL, arg, n);
    struct val r = { .kind = VAL_UNKNOWN, .cls = api_gives(m, self) };

    (void)at;
    if ((all.marks & (MARK_REQUEST | MARK_UPLOAD | MARK_HASHED)) && is_digest(cls, str_c(m->name))) {
        r.marks = MARK_HASHED;
        r.key   = all.key;
        r.trail = all.trail;
    }
    if (r.cls && self && self->object)
        r.object = self->object;
    return r;
}

static struct val limited(struct walk *w, const struct ir *at, const struct api_member *m, const struct val *self, const struct val *arg, size_t n)
{
    struct val r = val_mix(w, NULL, arg, n);

    (void)self;
    r.marks &= m->marks;
    r.whole = false;
    if (n) {
        struct val t = fold_text(&w->fold, &arg[0]);
        r.tail = t.kind == VAL_TEXT ? t.text : arg[0].kind == VAL_UNKNOWN ? arg[0].tail : STR_EMPTY;
    }
    /* Below the site, whatever is asked; where no folder is named, beside the page. */
    if (str_istarts(str_c(m->name), STR("MapPath")) || str_istarts(str_c(m->name), STR("Resolve"))) {
        size_t dots = 0;
        while (n && dots < arg[0].text.n && strchr("./\\~", arg[0].text.p[dots]))
            dots++;
        if (n && dots == arg[0].text.n && (arg[0].kind == VAL_TEXT || (arg[0].marks & MARK_FILE_NAME)))
            r.marks |= MARK_IDENTITY;
        r.text = STR("~/");
    }
    if (r.marks)
        trail_add(w, &r, TRAIL_THROUGH, at, str_c(m->name));
    return r;
}

struct val api_apply(struct walk *w, const struct ir *at, const struct api_class *cls, const struct api_member *m, const struct val *self, const struct val *arg, size_t n, enum api_how how)
{
    struct val r;
    const struct api_class  *out;
    const struct api_member *row;

    if (w->stop)
        return val_unknown(0);
    switch ((enum api_effect)m->effect) {
    case API_SOURCE:
        if ((m->marks & MARK_UPLOAD) && how == HOW_CALL && n && w->ctx->fold && m->gives && (out = api_gives(m, self)) != NULL && out != cls && (row = api_member_find(out, STR("item"))) != NULL && row->gives) {
            r = source(w, at, m, self, NULL, 0);          /* VB: r.Files(0) is one of the files */
            return index_get(w, at, &r, arg, n);
        }
        return how == HOW_SET ? val_unknown(0) : source(w, at, m, self, arg, n);
    case API_SINK:
        return api_sink(w, at, cls, m, self, arg, n, how);
    case API_FIELD:
        return field(w, m, self, arg, n, how);
    case API_CLEAN:
        return clean(w, at, cls, m, self, arg, n);
    case API_NUMBER:
        r = val_mix(w, self && self->kind != VAL_TYPE ? self : NULL, arg, n);
        r.kind = VAL_FRACTION;
        r.whole = false;
        fill_all(w, at, m->roles, n, &r);
        return r;
    case API_LIMITED:
        return limited(w, at, m, self, arg, n);
    case API_MAKE:
        return make(w, at, m, self, arg, n);
    case API_INVOKE:
        return invoke(w, at, m, self, arg, n);
    case API_STORED:
        return api_stored(w, at, m, self, arg, n, how);
    case API_EVENT:
        return event(w, at, m, self, arg, n);
    case API_PASS:
    default: {
        /* VB writes an index like a call: c.Request("k") is an item of the request. */
        out = how == HOW_CALL && n && !m->roles[0] && m->gives && m->gives[0] && w->ctx->fold ? api_gives(m, self) : NULL;
        if (out && out != cls && api_member_find(out, STR("item"))) {
            r = api_pass(w, at, m, self, NULL, 0, HOW_READ);
            return index_get(w, at, &r, arg, n);
        }
        return api_pass(w, at, m, self, arg, n, how);
    }
    }
}
