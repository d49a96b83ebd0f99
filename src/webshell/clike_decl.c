/* C#: name spaces, classes and their members, local functions, attributes. They stand among statements, since a page's blocks mix them. */
#include "webshell/clike_inner.h"

/* What stands before a declaration. */
struct marks { bool any, is_static, is_public, is_const; };

/* ---- names and values ---- */

/* name = value, name = value ...  `like`: the node that each of them is. */
void clike_variables(struct clike *p, struct ir *parent, struct ir **tail, struct ir like)
{
    do {
        struct ir *node, *end = NULL;
        uint32_t   line = p->t[p->i].line;
        bool       escaped;

        if (!tk_plain(p, &p->t[p->i])) {
            clike_unread(p);
            return;
        }
        node = clike_node_at(p, IR_LET, line);
        *node = like;
        node->op   = IR_LET;
        node->line = line;
        node->text = clike_name(p, &p->t[p->i], &escaped);
        node->escaped = escaped;
        p->unit->escaped += escaped;
        step(p);
        if (p->js && take_sign(p, ':'))
            node->type = clike_type(p);
        if (!p->js && at_sign(p, '[') && p->t[p->i].mate)          /* fixed byte b[4] */
            p->i = p->t[p->i].mate + 1;
        p->level++;
        if (take_sign(p, '='))
            clike_hang(p, node, &end, !p->js && at_sign(p, '{') ? clike_list(p, '}') : clike_value(p));
        p->level--;
        clike_hang(p, parent, tail, node);
    } while (take_sign(p, ','));
}

static void parameter(struct clike *p, struct ir *node, struct ir **tail, uint32_t end)
{
    struct ir *param = clike_node(p, IR_PARAM), *kid = NULL;
    bool       escaped;

    for (; p->i < end; step(p)) {
        const struct token *t = &p->t[p->i];
        if (tk_sign(t, '[') && t->mate)
            p->i = t->mate;                       /* attributes */
        else if (tk_word(t, W_ref) || tk_word(t, W_out))
            param->is_static = true;
        else if (!tk_word(t, W_params) && !tk_word(t, W_this) && !tk_word(t, W_in) && !tk_word(t, W_scoped) && !(p->js && t->kind == TK_SIGN && t->id == '.'))
            break;
    }
    uint32_t type_end = p->js ? 0 : clike_type_end(p, p->i, true);
    if (type_end && type_end < end && tk_plain(p, &p->t[type_end])) {
        param->type = clike_type_text(p, p->i, type_end);
        p->i = type_end;
    }
    if (p->i < end && p->t[p->i].kind == TK_NAME) {
        param->text = clike_name(p, &p->t[p->i], &escaped);
        param->escaped = escaped;
        step(p);
    }
    if (p->js && take_sign(p, ':'))
        param->type = clike_type(p);
    if (take_sign(p, '='))
        clike_hang(p, param, &kid, clike_value(p));
    clike_hang(p, node, tail, param);
}

void clike_parameters(struct clike *p, struct ir *node, struct ir **tail)
{
    uint32_t mate = p->t[p->i].mate, end = mate ? mate : p->n;
    uint8_t  close = at_sign(p, '[') ? ']' : ')';

    step(p);
    p->level++;
    while (p->i < end && !at_end(p)) {
        uint32_t from = p->i;

        parameter(p, node, tail, end);
        if (p->i < end && !take_sign(p, ',')) {
            clike_unread(p);
            if (!mate && (at_sign(p, '{') || at_sign(p, ';') || at_sign(p, close)))
                break;
            while (p->i < end && !at_sign(p, ','))
                p->i = p->t[p->i].mate > p->i ? p->t[p->i].mate + 1 : p->i + 1;
            take_sign(p, ',');
        }
        if (p->i == from)
            step(p);
    }
    p->level--;
    if (mate)
        p->i = mate + 1;
    else
        take_sign(p, close);
}

/* ---- attributes ---- */

/* [target: Name(arguments), Name]: one node each, before what they belong to. */
static void attributes(struct clike *p, struct ir *parent, struct ir **tail)
{
    while (at_sign(p, '[') && p->t[p->i].mate) {
        uint32_t mate = p->t[p->i].mate;

        step(p);
        if (p->t[p->i].kind == TK_NAME && tk_sign(tk(p, 1), ':'))
            p->i += 2;
        while (p->i < mate) {
            struct ir *node = clike_node(p, IR_ATTRIBUTE), *end = NULL;
            uint32_t   from = p->i, to = clike_type_end(p, p->i, false);
            if (to && to <= mate) {
                node->text = clike_type_text(p, p->i, to);
                if (str_ends(node->text, STR("Attribute")) && node->text.n > 9)
                    node->text.n -= 9;
                p->i = to;
            }
            p->level++;
            if (at_sign(p, '('))
                clike_call_values(p, node, &end);
            for (struct ir *k = node->kid; k; k = k->next)
                if (k->op == IR_ASSIGN && k->kid && k->kid->op == IR_NAME) {        /* Name = value is no assignment here */
                    k->op   = IR_SET;
                    k->text = k->kid->text;
                    k->kid  = k->kid->next;
                }
            p->level--;
            clike_hang(p, parent, tail, node);
            if (!take_sign(p, ',') && p->i < mate && p->i == from)
                step(p);
            else if (p->i < mate && !tk_sign(&p->t[p->i - 1], ','))
                p->i = mate;
        }
        p->i = mate + 1;
    }
}

/* ---- methods and properties ---- */

static void skip_constraints(struct clike *p)
{
    while (at_word(p, W_where))
        while (!at_end(p) && !at_sign(p, '{') && !at_sign(p, ';') && !at_sign(p, S_ARROW)) {
            step(p);
            if (at_word(p, W_where))
                break;
        }
}

/* => value; as a block that returns it. */
static struct ir *arrow_body(struct clike *p)
{
    struct ir *block = clike_node(p, IR_BLOCK), *back = clike_node(p, IR_RETURN), *tail = NULL, *end = NULL;

    step(p);
    p->level += 2;
    clike_hang(p, back, &end, clike_value(p));
    p->level -= 2;
    clike_statement_end(p);
    clike_hang(p, block, &tail, back);
    return block;
}

/* { ... }, => ..., ; or nothing. `first`: a statement before all others (a call of the base's constructor), or NULL. */
static void method_body(struct clike *p, struct ir *node, struct ir **tail, struct ir *first)
{
    struct ir *block, *end = NULL;

    p->level++;
    if (at_sign(p, '{'))
        block = clike_block(p);
    else if (at_sign(p, S_ARROW))
        block = arrow_body(p);
    else {
        block = clike_node(p, IR_VOID);
        clike_statement_end(p);
    }
    p->level--;
    if (first) {
        struct ir *both = clike_node_at(p, IR_BLOCK, first->line);
        clike_hang(p, both, &end, first);
        clike_hang(p, both, &end, block);
        block = both;
    }
    clike_hang(p, node, tail, block);
}

static struct ir *declared(struct clike *p, enum ir_op op, uint32_t name, const struct marks *m)
{
    struct ir *node = clike_node_at(p, op, p->t[name].line);
    bool       escaped;

    node->text = clike_name(p, &p->t[name], &escaped);
    node->escaped = escaped;
    node->is_static = m->is_static;
    node->is_public = m->is_public;
    node->is_global = !m->any;
    p->unit->escaped += escaped;
    return node;
}

static void hang_member(struct clike *p, struct ir *parent, struct ir **tail, struct ir *node)
{
    if (p->level + node->height + 1u > IR_DEPTH_MAX) {
        clike_unread(p);
        return;
    }
    clike_hang(p, parent, tail, node);
}

/* Stands on the bracket of the parameters. */
static void method(struct clike *p, struct ir *parent, struct ir **tail, struct ir *node)
{
    struct ir *end = NULL, *first = NULL;

    p->level++;
    clike_parameters(p, node, &end);
    skip_constraints(p);
    if (at_sign(p, ':') && (tk_word(tk(p, 1), W_base) || tk_word(tk(p, 1), W_this)) && tk_sign(tk(p, 2), '(')) {
        struct ir *args = NULL;
        first = clike_node(p, IR_CALL);
        step(p);
        clike_hang(p, first, &args, clike_name_node(p, p->i));
        step(p);
        p->level++;
        clike_call_values(p, first, &args);
        p->level--;
    }
    method_body(p, node, &end, first);
    p->level--;
    hang_member(p, parent, tail, node);
}

/* get, set, init, add, remove, with their bodies; stands on '{'. Indexers have their parameters in `node` already: each accessor has them too. */
static void accessors(struct clike *p, struct ir *node, struct ir **tail)
{
    uint32_t mate = p->t[p->i].mate, end = mate ? mate : p->n;

    step(p);
    p->level++;
    while (p->i < end && !at_end(p)) {
        uint32_t from = p->i;
        struct ir *one, *one_end = NULL, *value;

        while (p->t[p->i].kind == TK_NAME && clike_word_class(p->t[p->i].id, false) == 'M')
            step(p);
        if (at_sign(p, '[') && p->t[p->i].mate) {
            p->i = p->t[p->i].mate + 1;
            continue;
        }
        bool setter = at_word(p, W_set) || at_word(p, W_init) || at_word(p, W_add) || at_word(p, W_remove);
        if (setter || at_word(p, W_get)) {
            one = clike_node(p, IR_METHOD);
            one->text = at_word(p, W_get) ? STR("get") : at_word(p, W_add) ? STR("add") : at_word(p, W_remove) ? STR("remove") : STR("set");
            step(p);
            if (setter) {
                value = clike_node(p, IR_PARAM);
                value->text = STR("value");
                clike_hang(p, one, &one_end, value);
            }
            method_body(p, one, &one_end, NULL);
            clike_hang(p, node, tail, one);
        }
        if (p->i == from) {
            clike_unread(p);
            step(p);
        }
    }
    p->level--;
    if (mate)
        p->i = mate + 1;
    else
        take_sign(p, '}');
}

/* Stands behind the name: { get; set; } = x;   => x;   of an indexer behind its parameters. */
static void property(struct clike *p, struct ir *parent, struct ir **tail, struct ir *node)
{
    struct ir *end = NULL, *get, *get_end = NULL, *start, *start_end = NULL;

    for (struct ir *k = node->kid; k; k = k->next)
        end = k;
    p->level++;
    if (at_sign(p, S_ARROW)) {
        get = clike_node(p, IR_METHOD);
        get->text = STR("get");
        clike_hang(p, get, &get_end, arrow_body(p));
        clike_hang(p, node, &end, get);
    } else if (!at_sign(p, '{')) {                /* an indexer that ends here */
        clike_statement_end(p);
    } else {
        accessors(p, node, &end);
        if (take_sign(p, '=')) {
            start = clike_node(p, IR_LET);
            start->text = node->text;
            clike_hang(p, start, &start_end, clike_value(p));
            clike_hang(p, node, &end, start);
            clike_statement_end(p);
        }
    }
    p->level--;
    hang_member(p, parent, tail, node);
}

/* ---- classes ---- */

static void enumeration(struct clike *p, struct ir *node, struct ir **tail)
{
    uint32_t mate = p->t[p->i].mate;

    step(p);
    if (at_sign(p, '}'))
        step(p);
    else {
        clike_variables(p, node, tail, (struct ir){ .op = IR_LET, .sign = SIGN_CONST, .is_static = true, .is_public = true });
        if (mate)
            p->i = mate + 1;
        else
            take_sign(p, '}');
    }
}

/* Stands on class, struct, interface, enum or record. */
static bool type_declaration(struct clike *p, struct ir *parent, struct ir **tail, const struct marks *m)
{
    bool       is_enum = at_word(p, W_enum), escaped;
    uint32_t   i = p->i + 1, e;
    struct ir *node, *end = NULL;
    struct str outer = p->type;

    if (at_word(p, W_record) && (tk_word(&p->t[i], W_class) || tk_word(&p->t[i], W_struct)))
        i++;
    if (p->t[i].kind != TK_NAME || (at_word(p, W_record) && !tk_sign(&p->t[i + 1], '(') && !tk_sign(&p->t[i + 1], '{') && !tk_sign(&p->t[i + 1], ';') && !tk_sign(&p->t[i + 1], ':')))
        return false;
    node = declared(p, IR_TYPE, i, m);
    p->type = clike_name(p, &p->t[i], &escaped);
    p->i = i + 1;
    if ((e = clike_arguments_end(p, p->i, 0)) != 0)
        p->i = e;
    p->level++;
    if (at_sign(p, '(')) {                        /* a primary constructor: its parameters are fields */
        struct ir *params = clike_node(p, IR_VOID), *params_end = NULL;
        clike_parameters(p, params, &params_end);
        for (struct ir *k = params->kid, *after; k; k = after) {
            after = k->next;
            k->next = NULL;
            k->op = IR_LET;
            clike_hang(p, node, &end, k);
        }
    }
    if (take_sign(p, ':')) {
        node->type = clike_type(p);
        while (!at_end(p) && !at_sign(p, '{') && !at_sign(p, ';') && !at_word(p, W_where))
            p->i = p->t[p->i].mate > p->i && !at_sign(p, '{') ? p->t[p->i].mate + 1 : p->i + 1;
    }
    skip_constraints(p);
    if (at_sign(p, '{') && is_enum)
        enumeration(p, node, &end);
    else if (at_sign(p, '{')) {
        uint32_t mate = p->t[p->i].mate;
        step(p);
        p->depth++;
        clike_list_of(p, node, &end, mate ? mate : p->n);
        p->depth--;
        if (mate && p->i <= mate)
            p->i = mate + 1;
        else if (!mate && !take_sign(p, '}'))
            clike_unread(p);
    } else if (!take_sign(p, ';'))
        clike_unread(p);
    p->level--;
    p->type = outer;
    hang_member(p, parent, tail, node);
    return true;
}

/* namespace A.B { ... } is its members; namespace A.B; is nothing. */
static bool name_space(struct clike *p, struct ir *parent, struct ir **tail)
{
    if (tk(p, 1)->kind != TK_NAME)
        return false;
    step(p);
    while (p->t[p->i].kind == TK_NAME || at_sign(p, '.'))
        step(p);
    if (take_sign(p, ';'))
        return true;
    if (!at_sign(p, '{')) {
        clike_unread(p);
        return true;
    }
    uint32_t mate = p->t[p->i].mate;
    step(p);
    p->depth++;
    clike_list_of(p, parent, tail, mate ? mate : p->n);
    p->depth--;
    if (mate && p->i <= mate)
        p->i = mate + 1;
    else if (!mate && !take_sign(p, '}'))
        clike_unread(p);
    return true;
}

/* using A.B;  using static A.B;  using C = A.B;  Not `using var x = ...`, which is a variable. */
static bool import(struct clike *p, struct ir *parent, struct ir **tail)
{
    uint32_t   i = p->i + 1;
    struct ir *node;
    bool       escaped;

    i += tk_word(&p->t[i], W_static);
    uint32_t e = clike_type_end(p, i, false);
    if (!e || p->t[i].kind != TK_NAME || tk_plain(p, &p->t[e]))
        return false;
    node = clike_node(p, IR_IMPORT);
    if (tk_sign(&p->t[e], '=')) {
        node->type = clike_name(p, &p->t[i], &escaped);
        i = e + 1;
        e = clike_type_end(p, i, false);
        e = e ? e : i;
    }
    node->text = str_sub(p->code, p->t[i].at, e > i ? p->t[e - 1].at + p->t[e - 1].n : p->t[i].at);
    p->i = e;
    clike_statement_end(p);
    clike_hang(p, parent, tail, node);
    return true;
}

/* ---- members ---- */

/* `new` before a member, which hides the base's: a modifier or a type and a name follow it. `new T x` is nothing else. */
static bool hides(const struct clike *p, bool any)
{
    const struct token *u = tk(p, 1);
    uint32_t e;

    if (u->kind != TK_NAME)
        return false;
    if (any || (u->id && (clike_word_class(u->id, false) == 'M' || u->id == W_class || u->id == W_delegate)))
        return true;
    e = clike_type_end(p, p->i + 1, true);
    return e && tk_plain(p, &p->t[e]) && (tk_sign(&p->t[e + 1], '(') || tk_sign(&p->t[e + 1], '{') || tk_sign(&p->t[e + 1], ';') || tk_sign(&p->t[e + 1], '=') || tk_sign(&p->t[e + 1], S_ARROW));
}

static struct marks modifiers(struct clike *p)
{
    struct marks m = { 0 };

    for (;;) {
        const struct token *t = &p->t[p->i], *u = tk(p, 1);
        uint8_t c = t->kind == TK_NAME && t->id ? clike_word_class(t->id, false) : 0;
        if (t->id == W_new && t->kind == TK_NAME && hides(p, m.any)) {
            m.any = true;
            step(p);
            continue;
        }
        if (!(c == 'M' || (c == 'n' && u->kind == TK_NAME && !tk_sign(u, '='))) || t->id == W_event || (t->id == W_unsafe && tk_sign(u, '{')))
            return m;
        if (t->id == W_static && (tk_sign(u, '(') || tk_sign(tk(p, 2), S_ARROW)))
            return m;                              /* static (x) => ... */
        m.any = true;
        m.is_static |= t->id == W_static || t->id == W_const;
        m.is_const  |= t->id == W_const;
        m.is_public |= t->id == W_public;
        step(p);
    }
}

/* Behind the parameters' closing bracket: does a body, or what stands before one, follow? */
static bool body_follows(const struct clike *p, uint32_t open, bool member)
{
    uint32_t mate = p->t[open].mate;
    const struct token *t = mate ? &p->t[mate + 1] : NULL;

    return t && (tk_sign(t, '{') || tk_sign(t, S_ARROW) || tk_word(t, W_where) || (member && (tk_sign(t, ';') || tk_sign(t, ':'))));
}

static bool operator_member(struct clike *p, struct ir *parent, struct ir **tail, const struct marks *m)
{
    struct ir *node;
    uint32_t   i = p->i;

    while (i < p->n && !tk_sign(&p->t[i], '('))
        i++;
    if (i >= p->n || i - p->i > 64)
        return false;
    node = declared(p, IR_METHOD, p->i, m);
    node->text = STR("operator");
    step(p);
    clike_operator(p, node);
    p->i = i;
    if (p->t[i].mate && tk_sign(&p->t[p->t[i].mate + 1], '('))     /* operator ()(...) does not exist; operator true( does */
        p->i = p->t[i].mate + 1;
    method(p, parent, tail, node);
    return true;
}

/* `Type name` and what follows it, or a constructor. */
static bool typed(struct clike *p, struct ir *parent, struct ir **tail, const struct marks *m)
{
    uint32_t e = clike_type_end(p, p->i, true), name, args;
    bool     escaped, member = m->any || parent->op == IR_TYPE;

    if (p->t[p->i].kind == TK_NAME && tk_sign(tk(p, 1), '(') && body_follows(p, p->i + 1, member) &&
        (m->any || (p->type.n && str_eq(clike_name(p, &p->t[p->i], &escaped), p->type)))) {
        struct ir *node = declared(p, IR_METHOD, p->i, m);         /* a constructor */
        step(p);
        method(p, parent, tail, node);
        return true;
    }
    if (!e)
        return false;
    if (tk_word(&p->t[e], W_operator)) {
        p->i = e;
        return operator_member(p, parent, tail, m);
    }
    name = e;
    /* I.Name of an explicit interface: the type ended before I. */
    while (tk_plain(p, &p->t[name]) && tk_sign(&p->t[name + 1], '.') && (tk_plain(p, &p->t[name + 2]) || tk_word(&p->t[name + 2], W_this)) && name - e < 32)
        name += 2;
    if (tk_word(&p->t[name], W_this) && tk_sign(&p->t[name + 1], '[')) {
        struct ir *node = declared(p, IR_PROPERTY, name, m), *end = NULL;
        node->text = STR("Item");
        node->type = clike_type_text(p, p->i, e);
        p->i = name + 1;
        clike_parameters(p, node, &end);
        property(p, parent, tail, node);
        return true;
    }
    if (!tk_plain(p, &p->t[name]))
        return false;
    args = name + 1;
    if (tk_sign(&p->t[args], '<'))
        args = clike_arguments_end(p, args, 0);
    if (args && tk_sign(&p->t[args], '(') && (member || body_follows(p, args, false))) {
        struct ir *node = declared(p, IR_METHOD, name, m);
        node->type = clike_type_text(p, p->i, e);
        p->i = args;
        method(p, parent, tail, node);
        return true;
    }
    if (tk_sign(&p->t[name + 1], '{') || tk_sign(&p->t[name + 1], S_ARROW)) {
        struct ir *node = declared(p, IR_PROPERTY, name, m);
        node->type = clike_type_text(p, p->i, e);
        p->i = name + 1;
        property(p, parent, tail, node);
        return true;
    }
    if (!tk_sign(&p->t[name + 1], '=') && !tk_sign(&p->t[name + 1], ';') && !tk_sign(&p->t[name + 1], ',') && !tk_sign(&p->t[name + 1], '[') && !tk_sign(&p->t[name + 1], '}') &&
        name + 1 < p->n && !m->any)
        return false;
    struct ir like = { .op = IR_LET, .type = clike_type_text(p, p->i, e), .is_static = m->is_static, .is_public = m->is_public, .is_global = !m->any,
                       .sign = m->is_const ? SIGN_CONST : SIGN_NONE };
    p->i = name;
    clike_variables(p, parent, tail, like);
    clike_statement_end(p);
    return true;
}

bool clike_member(struct clike *p, struct ir *parent, struct ir **tail)
{
    uint32_t from = p->i;

    if (at_sign(p, '[') && p->t[p->i].mate)
        attributes(p, parent, tail);
    if (at_word(p, W_using) && tk(p, 1)->kind == TK_NAME) {
        if (import(p, parent, tail))
            return true;
        step(p);                                  /* using var x = ... */
    }
    if (at_word(p, W_namespace))
        return name_space(p, parent, tail);
    struct marks m = modifiers(p);
    if (at_word(p, W_event))
        step(p);
    if (at_word(p, W_class) || at_word(p, W_struct) || at_word(p, W_interface) || at_word(p, W_enum) || at_word(p, W_record))
        if (type_declaration(p, parent, tail, &m))
            return true;
    if (at_sign(p, '~') && tk(p, 1)->kind == TK_NAME && tk_sign(tk(p, 2), '(') && body_follows(p, p->i + 2, true)) {
        struct ir *node = declared(p, IR_METHOD, p->i + 1, &m);
        node->text = STR("Finalize");
        p->i += 2;
        method(p, parent, tail, node);
        return true;
    }
    if (at_word(p, W_delegate) && !tk_sign(tk(p, 1), '(') && !tk_sign(tk(p, 1), '{') && !tk_sign(tk(p, 1), '*')) {
        while (!at_end(p) && !at_sign(p, ';') && !at_sign(p, '}'))     /* the type of a delegate: nothing runs */
            p->i = p->t[p->i].mate > p->i ? p->t[p->i].mate + 1 : p->i + 1;
        take_sign(p, ';');
        return true;
    }
    if (at_word(p, W_implicit) || at_word(p, W_explicit)) {
        step(p);
        if (at_word(p, W_operator))
            return operator_member(p, parent, tail, &m);
    }
    if (typed(p, parent, tail, &m))
        return true;
    /* Marks without a declaration: what follows them is read as a statement. */
    return p->i > from && (m.any || at_end(p));
}
