/* Uses that are dangerous: what goes into them, what comes out, and code in texts that they run. */
#include "webshell/flow_inner.h"

#include <string.h>

#include "base/num.h"

static const struct val *wrapped(struct walk *w, const struct val *v)
{
    for (unsigned i = 0; v && v->object && i < 4; i++) {
        struct slot *s = object_role(w, v->object, 'p', false);
        if (!s || !s->set || !(s->v.object || s->v.cls))
            return v;
        v = &s->v;
    }
    return v;
}

static bool is_response(const struct val *v) { return v && v->cls && (str_ieq(str_c(v->cls->name), STR("ResponseStream")) || str_ieq(str_c(v->cls->name), STR("Response"))); }

/* Files that hold keys and passwords of the server. */
static bool keeps_secrets(const struct val *path)
{
    static const char *const name[] = { "web.config", "machine.config", "applicationHost.config", "\\config\\SAM", "\\ntds.dit", "\\unattend.xml", "\\sysprep.xml" };
    struct str tail = path->kind == VAL_TEXT ? path->text : path->tail;

    for (size_t i = 0; i < COUNT_OF(name); i++)
        if (str_iends(tail, str_c(name[i])))
            return true;
    return false;
}

static bool has_letter(const struct role *role, size_t n, char letter)
{
    for (size_t i = 0; i < n; i++)
        if (role[i].letter == letter)
            return true;
    return false;
}

/* Something is written through a stream: to a file when its path is known to be one, to the response, or into memory. */
static void write_through(struct walk *w, const struct ir *at, struct str cls, struct str name, const struct val *to, struct role *role, size_t n)
{
    const struct val *end = wrapped(w, to);

    if (is_response(end)) {
        for (size_t i = 0; i < n; i++)
            if (role[i].letter == 'd')
                role[i].letter = 'o';
        use_record(w, at, SINK_RESPOND, cls, name, role, n);
    } else if (end && end->cls && IN(str_c(end->cls->name), "NetworkStream", "NamedPipeClientStream", "PipeWriter")) {
        bool pipe = str_eq(str_c(end->cls->name), STR("PipeWriter"));
        for (size_t i = 0; i < n && pipe; i++)
            if (role[i].letter == 'd')
                role[i].letter = 'a';
        use_record(w, at, pipe ? SINK_PROCESS : SINK_SEND, str_c(end->cls->name), name, role, n);
    } else if (has_letter(role, n, 'p')) {
        use_record(w, at, SINK_WRITE, cls, name, role, n);
    } else {
        for (size_t i = 0; i < n; i++)
            if (role[i].letter == 'd') {
                if (end && end->object && end != to)
                    role_store(w, end->object, 'd', &role[i].v, true);
                if (to && to->object)
                    role_store(w, to->object, 'd', &role[i].v, true);
            }
    }
}

static enum ir_language script_language(struct walk *w, const struct val *self)
{
    struct slot *s = self && self->object ? table_find(w, &self->object->field, STR("Language")) : NULL;

    if (s && s->set && s->v.kind == VAL_TEXT)
        return str_istarts(s->v.text, STR("j")) ? IR_JSCRIPT : IR_VBSCRIPT;
    return w->ctx->language;
}

/* <x:script language="JScript"> of a style sheet: its functions are the page's from now on, called by the sheet. */
static void sheet_scripts(struct walk *w, const struct ir *at, struct str t)
{
    for (unsigned n = 0; n < 16 && !w->stop; n++) {
        size_t tag = str_find(t, STR(":script")), end;
        if (tag == STR_NONE)
            return;
        t = str_from(t, tag + 7);
        if ((end = str_chr(t, '>')) == STR_NONE)
            return;
        struct str head = str_sub(t, 0, end), body = str_from(t, end + 1);
        size_t     close = str_find(body, STR(":script")), cdata;
        if (close == STR_NONE)
            close = body.n;
        t = str_from(body, close + (close < body.n ? 7 : 0));
        body = str_sub(body, 0, close);
        if ((end = str_rchr(body, '<')) != STR_NONE)
            body = str_sub(body, 0, end);
        if ((cdata = str_find(body, STR("<![CDATA["))) != STR_NONE) {
            body = str_from(body, cdata + 9);
            end = str_find(body, STR("]]>"));
            body = str_sub(body, 0, end == STR_NONE ? body.n : end);
        }
        struct val      code = val_str(body);
        struct method **made = w->method_tail;
        run_text(w, at, &code, str_ihas(head, STR("\"C#\"")) || str_ihas(head, STR("'C#'")) || str_ihas(head, STR("csharp")) ? IR_CSHARP
                             : str_ihas(head, STR("\"vb")) || str_ihas(head, STR("'vb")) || str_ihas(head, STR("visualbasic")) ? IR_VBNET : IR_JSCRIPT_NET, false);
        for (struct method *m = *made; m; m = m->all)
            m->event = true;
    }
}

/* Function("a", "b", "code") as a function expression. VAL_UNKNOWN: not all of it is known. */
static struct val function_text(struct walk *w, const struct val *arg, size_t n)
{
    struct str names = arg[0].text;

    for (size_t i = 0; i < n; i++)
        if (!val_known_text(&arg[i]) || n > 8)
            return val_unknown(0);
    for (size_t i = 1; i + 1 < n; i++)
        names = str_fmt(w->a, "%.*s, %.*s", STR_ARG(names), STR_ARG(arg[i].text));
    struct str all = str_fmt(w->a, "(function(%.*s) { %.*s })", STR_ARG(names), STR_ARG(arg[n - 1].text));
    if (!names.p || !all.p) {
        w->full = w->stop = true;
        return val_unknown(0);
    }
    return val_str(all);
}

/* Json.NET makes objects of any class only where its settings say so. */
static bool any_type(struct walk *w, const struct val *v)
{
    struct slot *s = v && v->object ? table_find(w, &v->object->field, STR("TypeNameHandling")) : NULL;

    return s && s->set && !(s->v.kind == VAL_TYPE && str_iends(s->v.name, STR(".None"))) && !(s->v.kind == VAL_NUMBER && !s->v.number);
}

/* VB's files by number: what FileOpen opened, Print, Write and FilePut write to. */
static size_t by_number(struct walk *w, const struct api_member *m, const struct val *arg, size_t n, struct role *role, size_t k)
{
    bool open = str_eq(str_c(m->name), STR("FileOpen"));

    if (w->ctx->language != IR_VBNET || n < 2 || (!open && m->sink != SINK_WRITE))
        return k;
    struct val key = fold_text(&w->fold, &arg[0]);
    struct str name = key.kind == VAL_TEXT ? str_fmt(w->a, "\1#%.*s", STR_ARG(key.text)) : STR("\1#");
    struct slot *s = name.p ? open ? table_get(w, &w->global, name, false) : table_find(w, &w->global, name) : NULL;
    if (s && open)
        slot_set(w, s, &arg[1]);
    else if (s && s->set && !has_letter(role, k, 'p') && k < FLOW_ROLES)
        role[k++] = (struct role){ 'p', role_value(w, 'p', &s->v, 0) };
    return k;
}

/* new JavaScriptSerializer(new SimpleTypeResolver()) */
static bool resolves(struct walk *w, const struct val *self)
{
    struct slot *s = self && self->object ? object_role(w, self->object, 't', false) : NULL;

    return s && s->set && s->v.kind == VAL_OBJECT;
}

struct val api_sink(struct walk *w, const struct ir *at, const struct api_class *cls, const struct api_member *m, const struct val *self, const struct val *arg, size_t n, enum api_how how)
{
    if (m->sink == SINK_DESERIALISE && cls && str_eq(str_c(cls->name), STR("JavaScriptSerializer")) && !(n > 1 && any_type(w, &arg[n - 1])) && !resolves(w, self))
        return api_pass(w, at, m, self, arg, n, how);
    struct role role[FLOW_ROLES];
    enum sink   kind = (enum sink)m->sink;
    struct str  in = cls ? str_c(cls->name) : STR("");

    if (how == HOW_READ && (strchr(m->roles, 'v') || (kind == SINK_RESPOND && m->roles[0])))
        return val_mix(w, self, NULL, 0);
    size_t      k = roles_of(w, role, m->roles, self, arg, n);
    if (!cls)
        k = by_number(w, m, arg, n, role, k);
    struct val  r = val_unknown(m->marks);
    const struct val *to = role_arg(m->roles, 'w', arg, n);

    if (kind == SINK_STORE)
        return api_stored(w, at, m, self, arg, n, HOW_CALL);
    if (kind == SINK_NONE)
        return api_pass(w, at, m, self, arg, n, how);
    if (to) {
        struct role two[2];
        size_t      j = 0;
        struct val  p = role_value(w, 'p', to, 0);
        struct val  d = val_mix(w, self, NULL, 0);
        d.marks |= m->marks;
        if (p.kind != VAL_NULL)
            two[j++] = (struct role){ 'p', p };
        two[j++] = (struct role){ 'd', d };
        if (to->object && j == 1)
            content_mix(w, to->object, &d);
        write_through(w, at, in, str_c(m->name), to, two, j);
        return r;
    }
    if (kind == SINK_READ && !has_letter(role, k, 'p') && !strchr(m->roles, '-')) {
        /* Not known to be a file: what comes out is what went in. A reader of another stream (d.Load(s)) holds what that one brings. */
        for (size_t i = 0; i < n && self && self->object && strchr(m->roles, 'p'); i++)
            if (val_marks(&arg[i]) & (MARK_REQUEST | MARK_UPLOAD))
                role_store(w, self->object, 'd', &arg[i], true);
            else if (arg[i].cls && str_eq(str_c(arg[i].cls->name), STR("Request")))
                role_store(w, self->object, 'd', &(const struct val){ .kind = VAL_UNKNOWN, .marks = MARK_REQUEST, .whole = true }, true);      /* x.load Request: its body */
        r = val_mix(w, self, NULL, 0);
        r.cls = api_gives(m, self);
        fill_all(w, at, m->roles, n, &r);
        return r;
    }
    /* An open connection keeps where it leads: what is sent through it later goes there. */
    for (size_t i = 0; kind == SINK_CONNECT && self && self->object && !self->object->own && i < k; i++)
        if (role[i].letter == 'n' || role[i].letter == 'h')
            role_store(w, self->object, role[i].letter, &role[i].v, false);
    uint32_t from = 0;
    if (kind == SINK_READ || kind == SINK_LIST)
        for (size_t i = 0; i < k; i++)
            if (role[i].letter == 'p') {
                from |= role[i].v.marks & (MARK_REQUEST | MARK_UPLOAD) ? MARK_STORED : 0;
                from |= (role[i].v.marks & MARK_REQUEST) && (role[i].v.whole || role[i].v.leads) && kind == SINK_READ ? MARK_CHOSEN : 0;
                from |= kind == SINK_READ && keeps_secrets(&role[i].v) && !(cls && str_istarts(in, STR("Msxml"))) ? MARK_SECRET : 0;
            }
    /* Response.TransmitFile(path): read and sent at once. */
    if (kind == SINK_READ && (from & MARK_SECRET) && cls && str_eq(in, STR("Response"))) {
        struct role sent = { 'o', val_unknown(MARK_SECRET | MARK_FILE) };
        use_record(w, at, SINK_RESPOND, in, str_c(m->name), &sent, 1);
    }
    if (kind == SINK_WRITE && strchr(m->roles, 'd') && self && (self->object || self->cls) && !strchr(m->roles, 'p'))
        write_through(w, at, in, str_c(m->name), self, role, k);
    else if (kind != SINK_WRITE || has_letter(role, k, 'p') || !self || self->kind == VAL_TYPE)
        use_record(w, at, kind, in, str_c(m->name), role, k);
    if (kind == SINK_CODE) {
        const struct val *c = role_arg(m->roles, 'c', arg, n);
        for (size_t i = 0; i < k && (str_istarts(in, STR("Xsl")) || str_istarts(str_c(m->name), STR("transformNode"))); i++)
            if (role[i].letter == 'c' && role[i].v.kind == VAL_TEXT && at)
                sheet_scripts(w, at, role[i].v.text);
        bool script = w->ctx->language == IR_VBSCRIPT || w->ctx->language == IR_JSCRIPT || w->ctx->language == IR_JSCRIPT_NET;
        /* What may be the text is read like what is: something is run in any case. */
        struct val made = script && !cls && n && str_eq(str_c(m->name), STR("Function")) ? function_text(w, arg, n) : val_unknown(0);
        if (made.kind == VAL_TEXT) {
            struct val f = run_text(w, at, &made, w->ctx->language, true);
            if (n == 1 && f.kind == VAL_FUNCTION)
                call_value(w, at, &f, NULL, 0);
            return f;
        }
        if (c && script && c->kind == VAL_TEXT && !cls)
            r = run_text(w, at, c, w->ctx->language, str_ieq(str_c(m->name), STR("eval")) && w->ctx->language == IR_VBSCRIPT);
        else if (c && c->kind == VAL_TEXT && cls && str_ihas(in, STR("ScriptControl")))
            r = run_text(w, at, c, script_language(w, self) == IR_JSCRIPT ? IR_JSCRIPT : IR_VBSCRIPT, str_ieq(str_c(m->name), STR("eval")));
        else if (c)
            r.marks |= c->marks;
    }
    r.marks |= m->marks | (m->marks ? from : 0);
    if (m->marks)
        trail_add(w, &r, TRAIL_SOURCE, at, str_c(m->name));
    const struct api_class *out = api_gives(m, self);
    if (m->gives) {
        r.cls = out;
        if (!m->gives[0] && self)
            r.object = self->object;
        if (m->gives[0] || !r.object) {
            r.object = object_new(w);
            for (size_t i = 0; i < k && r.object; i++)
                role_store(w, r.object, role[i].letter, &role[i].v, false);
        }
        r.kind = VAL_OBJECT;
        if (out)
            r.marks |= out->marks;
    }
    /* A text that was posted by the request and saved by one call (Request.SaveAs) stays what it is. */
    fill_all(w, at, m->roles, n, &r);
    return r;
}
