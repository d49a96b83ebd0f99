/* What is reported: uses with the roles of their arguments, keys, gates. */
#include "webshell/flow_inner.h"

#include <string.h>

#include "base/num.h"

enum { USE_INDEX = 2048, ORDERS = MARK_REQUEST | MARK_UPLOAD };

char role_letter(const char *roles, size_t i)
{
    size_t n = strlen(roles);

    if (!n)
        return '-';
    if (roles[n - 1] == '*')
        return i < n - 1 ? roles[i] : n >= 2 ? roles[n - 2] : '-';
    return i < n ? roles[i] : '-';
}

static bool is_place(char letter) { return letter == 'p' || letter == 'x' || letter == 'h' || letter == 'n' || letter == 'q'; }

static bool is_stream(const struct val *v)
{
    return v->cls && v->kind != VAL_TEXT && (str_ieq(str_c(v->cls->name), STR("Stream")) || (v->cls->base && str_ieq(str_c(v->cls->base), STR("Stream"))));
}

/* What stands under a letter: of an object, what was stored in it under that letter. VAL_NULL: nothing. */
struct val role_value(struct walk *w, char letter, const struct val *given, unsigned depth)
{
    struct val v = val_refresh(given);

    if (v.object && v.object->klass && !depth && !v.object->klass->page)
        v = as_text(w, NULL, &v);
    if (!v.object || (v.object->own && v.kind != VAL_OBJECT) || depth > 4) {
        if (v.object || v.kind == VAL_LIST)
            v.marks = val_marks(&v);
        /* A stream or a form as a whole is no path; a text of unknown content is. */
        if (letter == 'p' && is_stream(&v))
            return (struct val){ .kind = VAL_NULL };
        if (is_place(letter) && v.cls && v.kind != VAL_TEXT && letter != 'q' && letter != 'n' && !(v.marks & (ORDERS | MARK_LISTING | MARK_FILE_NAME)))
            return (struct val){ .kind = VAL_NULL };
        return v;
    }
    struct slot *s = object_role(w, v.object, letter, false);
    if (s && s->set) {
        struct val inner = role_value(w, letter, &s->v, depth + 1);
        /* After a branch: the object of one arm, or the plain text of the other. */
        if (is_place(letter) && v.kind == VAL_UNKNOWN && (v.marks & MARK_REQUEST) && (v.whole || v.leads) && !(inner.marks & ORDERS)) {
            struct val plain = v;
            plain.object = NULL, plain.cls = NULL;
            return inner.kind == VAL_NULL ? plain : val_join(w, &plain, &inner);
        }
        return inner;
    }
    static const char content[] = "dbco";
    if (letter == 'p' && is_stream(&v))
        return (struct val){ .kind = VAL_NULL };
    if (is_place(letter)) {
        /* A wrapper hands on what it wraps: StreamWriter(FileStream). */
        struct slot *p = object_role(w, v.object, 'd', false);
        if (p && p->set && p->v.object && p->v.object != v.object && depth < 4) {
            struct val inner = role_value(w, letter, &p->v, depth + 1);
            if (inner.kind != VAL_NULL)
                return inner;
        }
        if (v.cls == NULL || (v.marks & (MARK_LISTING | ORDERS)) || letter == 'n' || letter == 'q') {
            struct val all = val_mix(w, &v, NULL, 0);
            if (all.marks || v.cls == NULL)
                return all;
        }
        return (struct val){ .kind = VAL_NULL };
    }
    for (size_t i = 0; i < sizeof content - 1; i++) {
        s = object_role(w, v.object, content[i], false);
        if (s && s->set && content[i] != letter) {
            struct val inner = role_value(w, content[i], &s->v, depth + 1);
            inner.marks |= v.marks;
            return inner;
        }
    }
    struct val all = val_mix(w, &v, NULL, 0);
    return all;
}

static bool role_has(const struct role *role, size_t n, char letter)
{
    for (size_t i = 0; i < n; i++)
        if (role[i].letter == letter)
            return true;
    return false;
}

static void role_add(struct walk *w, struct role *ret, size_t *n, char letter, const struct val *v)
{
    struct val x = role_value(w, letter, v, 0);

    if (x.kind == VAL_NULL && !x.marks)
        return;
    for (size_t i = 0; i < *n; i++)
        if (ret[i].letter == letter) {
            /* Copy has two paths: the one that the request says stays in front, and both marks are seen. */
            uint32_t both = ret[i].v.marks | x.marks;
            if ((x.marks & ORDERS) && !(ret[i].v.marks & ORDERS))
                ret[i].v = x;
            ret[i].v.marks = both;
            return;
        }
    if (*n < FLOW_ROLES)
        ret[(*n)++] = (struct role){ letter, x };
}

static void roles_inside(struct walk *w, struct role *ret, size_t *n, const struct object *o)
{
    unsigned looked = 0;

    for (const struct slot *s = o ? o->field.first : NULL; s && looked < 48; s = s->next, looked++)
        if (s->set && s->name.n == 2 && s->name.p[0] == 1 && strchr("axpdchqnbtmu", s->name.p[1]) && (!role_has(ret, *n, (char)s->name.p[1]) || (s->name.p[1] == 'c' && (s->v.marks & ORDERS))))
            role_add(w, ret, n, (char)s->name.p[1], &s->v);
}

size_t roles_of(struct walk *w, struct role *ret, const char *letters, const struct val *self, const struct val *arg, size_t n)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        char l = role_letter(letters, i);
        if (l < 'a' || l > 'z' || l == 'r' || l == 'f' || l == 'k' || l == 's' || l == 'w')
            continue;
        role_add(w, ret, &k, l, &arg[i]);
    }
    /* Then what was stored in the object before, and in objects that are handed over. */
    if (self && self->object && !self->object->own) {
        roles_inside(w, ret, &k, self->object);
        /* The stream that a writer writes to, the command that an adapter runs, the part that was put in. */
        for (const char *l = "piq"; *l; l++) {
            struct slot *s = object_role(w, self->object, *l, false);
            if (s && s->set && s->v.object)
                roles_inside(w, ret, &k, s->v.object);
        }
    }
    for (size_t i = 0; i < n; i++)
        if (arg[i].object && !arg[i].object->own)
            roles_inside(w, ret, &k, arg[i].object);
    /* An upload writes itself. */
    if (self && (self->marks & MARK_UPLOAD) && !role_has(ret, k, 'd') && k < FLOW_ROLES && strchr(letters, 'p')) {
        struct val d = val_mix(w, self, NULL, 0);
        ret[k++] = (struct role){ 'd', d };
    } else if (self && self->cls && str_ieq(str_c(self->cls->name), STR("Request")) && strchr(letters, 'p') && !role_has(ret, k, 'd') && k < FLOW_ROLES)
        ret[k++] = (struct role){ 'd', { .kind = VAL_UNKNOWN, .marks = MARK_REQUEST, .whole = true } };
    return k;
}

static unsigned gravity(const struct role *role, size_t n)
{
    unsigned g = 0;

    for (size_t i = 0; i < n; i++) {
        const struct val *v = &role[i].v;
        bool number = v->kind == VAL_NUMBER || v->kind == VAL_FRACTION || v->kind == VAL_BOOL;
        g += number ? 0 : v->marks & ORDERS ? 8 + v->whole : v->marks ? 2 : 0;
    }
    return g;
}

static bool keeps_open(const struct api_class *cls)
{
    static const char *const name[] = { "Socket", "TcpClient", "NetworkStream", "UdpClient", "ClientWebSocket" };

    for (size_t i = 0; i < COUNT_OF(name); i++)
        if (str_ieq(str_c(cls->name), str_c(name[i])))
            return true;
    return false;
}

static bool worth(enum sink sink, const struct role *role, size_t n)
{
    uint32_t all = 0;

    for (size_t i = 0; i < n; i++)
        all |= role[i].v.marks;
    if (sink == SINK_RESPOND)
        return all & (MARK_SECRET | MARK_FILE | MARK_LISTING | MARK_PROCESS | MARK_NETWORK | MARK_REFLECTED | MARK_CODE);
    if (sink == SINK_INCLUDE)
        return n > 0;
    if (sink == SINK_READ || sink == SINK_SQL || sink == SINK_LIST || sink == SINK_CONNECT)
        return sink == SINK_LIST || sink == SINK_CONNECT || (all & ~(uint32_t)MARK_IDENTITY);
    /* Of what is kept for a later request only connections are told: they make a tunnel of a page. */
    if (sink == SINK_STORE)
        return n && role[0].v.cls && keeps_open(role[0].v.cls);
    return sink != SINK_NONE;
}

void use_record(struct walk *w, const struct ir *at, enum sink sink, struct str cls, struct str name, const struct role *role, size_t n)
{
    struct flow *f = w->flow;
    uint32_t     line = at ? at->line : w->late_line;

    if (!worth(sink, role, n))
        return;
    if (!w->use_at) {
        w->use_at = NEW(w->a, uint32_t, USE_INDEX);
        f->use = TAKE(w->a, struct use, FLOW_USES_MAX);
        if (!w->use_at || !f->use) {
            w->full = w->stop = true;
            return;
        }
    }
    size_t at_slot = (line * 31u + sink * 7u) & (USE_INDEX - 1);
    struct use *u = NULL;
    for (; w->use_at[at_slot]; at_slot = (at_slot + 1) & (USE_INDEX - 1)) {
        struct use *x = &f->use[w->use_at[at_slot] - 1];
        size_t dot = cls.n ? cls.n + 1 : 0;
        if (x->sink == sink && x->line == line && x->call.n == dot + name.n && str_iends(x->call, name) && str_istarts(x->call, cls)) {
            u = x;
            break;
        }
    }
    bool reached = w->reached && !w->dead;
    if (u) {
        /* The gravest wins; of dead and living code the living. */
        if (u->reached && !reached)
            return;
        if (u->reached == reached && gravity(u->role, u->role_n) >= gravity(role, n))
            return;
        if (!u->reached && reached && gravity(u->role, u->role_n) > gravity(role, n)) {
            u->reached = true;
            return;
        }
    } else if (f->use_n < FLOW_USES_MAX) {
        u = &f->use[f->use_n++];
        *u = (struct use){ .sink = sink, .line = line, .at = at };
        u->call = cls.n ? str_fmt(w->a, "%.*s.%.*s", STR_ARG(cls), STR_ARG(name)) : name;
        if (!u->call.p && cls.n) {
            f->use_n--;
            w->full = w->stop = true;
            return;
        }
        w->use_at[at_slot] = (uint32_t)f->use_n;
    } else {
        /* No room: the first that carries nothing gives way. Its place in the index stays and fits nothing any more. */
        f->cut = true;
        if (!gravity(role, n))
            return;
        for (size_t i = 0; i < f->use_n && !u; i++)
            if (!gravity(f->use[i].role, f->use[i].role_n))
                u = &f->use[i];
        if (!u)
            return;
        *u = (struct use){ .sink = sink, .line = line, .at = at };
        u->call = cls.n ? str_fmt(w->a, "%.*s.%.*s", STR_ARG(cls), STR_ARG(name)) : name;
    }
    u->role_n = n < FLOW_ROLES ? n : FLOW_ROLES;
    if (u->role_n)
        memcpy(u->role, role, u->role_n * sizeof *role);
    u->at = at;
    u->nest = w->ctx->nest;
    u->binding = w->ctx->binding;
    u->reached = reached;
}

void key_record(struct walk *w, struct str key)
{
    struct flow *f = w->flow;

    if (!key.n)
        return;
    for (uint32_t i = 0; i < f->key_n; i++)
        if (str_ieq(f->key[i], key))
            return;
    if (f->key_n < FLOW_KEYS)
        f->key[f->key_n++] = key;
}

void gate_record(struct walk *w, const struct ir *at, const struct val *x, const struct val *y)
{
    struct flow      *f = w->flow;
    const struct val *asked = x->marks & (MARK_REQUEST | MARK_HASHED) ? x : y, *fixed = asked == x ? y : x;

    if (!(asked->marks & (MARK_REQUEST | MARK_HASHED)) || fixed->marks || (fixed->kind != VAL_TEXT && fixed->kind != VAL_NUMBER) || (fixed->kind == VAL_TEXT && !fixed->text.n))
        return;
    uint32_t line = at ? at->line : 0;
    struct val t = fold_text(&w->fold, fixed);
    if (t.kind != VAL_TEXT)
        return;
    for (size_t i = 0; i < f->gate_n; i++)
        if (f->gate[i].line == line && str_eq(f->gate[i].constant, t.text))
            return;
    if (f->gate_n >= FLOW_GATES_MAX)
        return;
    struct gate *g = GROW(w->a, f->gate, f->gate_n, &w->gate_cap);
    if (!g) {
        w->full = w->stop = true;
        return;
    }
    *g = (struct gate){ line, asked->key, t.text, asked->marks & MARK_HASHED };
    f->gate_n++;
}
