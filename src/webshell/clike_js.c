/* JScript and JScript.NET: functions, variables, classes, packages, imports. */
#include "webshell/clike_inner.h"

static struct ir *function(struct clike *p, bool is_static, bool is_public, bool any)
{
    struct ir *node, *tail = NULL;
    bool       escaped, get, set;

    step(p);
    get = at_word(p, W_get) && tk(p, 1)->kind == TK_NAME;
    set = at_word(p, W_set) && tk(p, 1)->kind == TK_NAME;
    if (get || set)
        step(p);
    node = clike_node(p, IR_METHOD);
    if (p->t[p->i].kind == TK_NAME) {
        node->text = clike_name(p, &p->t[p->i], &escaped);
        node->escaped = escaped;
        p->unit->escaped += escaped;
        step(p);
        /* function I.Name(...): of an interface */
        while (at_sign(p, '.') && tk(p, 1)->kind == TK_NAME) {
            step(p);
            node->text = clike_name(p, &p->t[p->i], &escaped);
            step(p);
        }
    }
    node->is_static = is_static;
    node->is_public = is_public;
    node->is_global = !any;
    p->level++;
    if (at_sign(p, '('))
        clike_parameters(p, node, &tail);
    else
        clike_unread(p);
    if (take_sign(p, ':'))
        node->type = clike_type(p);
    clike_hang(p, node, &tail, at_sign(p, '{') ? clike_block(p) : clike_node(p, IR_VOID));
    if (tail && tail->op == IR_VOID)
        clike_statement_end(p);
    p->level--;
    if (!get && !set)
        return node;
    struct ir *property = clike_node_at(p, IR_PROPERTY, node->line), *end = NULL;
    property->text = node->text;
    node->text = get ? STR("get") : STR("set");
    clike_hang(p, property, &end, node);
    return property;
}

/* class A extends B implements C { ... }, package A.B { ... } */
static bool class_or_package(struct clike *p, struct ir *parent, struct ir **tail)
{
    bool       package = at_word(p, W_package), escaped;
    struct ir *node = parent, *end = NULL, **to = package ? tail : &end;

    if (tk(p, 1)->kind != TK_NAME)
        return false;
    step(p);
    if (!package) {
        node = clike_node(p, IR_TYPE);
        node->text = clike_name(p, &p->t[p->i], &escaped);
    }
    for (; !at_end(p) && !at_sign(p, '{') && !at_sign(p, ';'); step(p))
        if (at_word(p, W_extends) && tk(p, 1)->kind == TK_NAME) {
            step(p);
            uint32_t e = clike_type_end(p, p->i, false);
            if (e && !package)
                node->type = clike_type_text(p, p->i, e);
        }
    p->level += !package;
    p->depth++;
    if (at_sign(p, '{')) {
        uint32_t mate = p->t[p->i].mate;
        step(p);
        clike_list_of(p, node, to, mate ? mate : p->n);
        if (mate && p->i <= mate)
            p->i = mate + 1;
        else if (!mate && !take_sign(p, '}'))
            clike_unread(p);
    }
    p->depth--;
    p->level -= !package;
    if (!package && p->level + node->height + 1u <= IR_DEPTH_MAX)
        clike_hang(p, parent, tail, node);
    return true;
}

/* WebMethodAttribute public function ...: names, perhaps with arguments, before a declaration on the same line or the next. */
static void attributes(struct clike *p, struct ir *parent, struct ir **tail)
{
    uint32_t i = p->i, n = 0;

    for (; n < 8 && tk_plain(p, &p->t[i]) && clike_word_class(p->t[i].id, true) == 0; n++) {
        while (tk_sign(&p->t[i + 1], '.') && p->t[i + 2].kind == TK_NAME)
            i += 2;
        i++;
        if (tk_sign(&p->t[i], '(') && p->t[i].mate)
            i = p->t[i].mate + 1;
    }
    const struct token *t = &p->t[i];
    if (!n || t->kind != TK_NAME || p->t[i + 1].kind != TK_NAME || !(t->id == W_function || t->id == W_class || clike_word_class(t->id, true) == 'n'))
        return;
    while (p->i < i) {
        struct ir *node, *end = NULL;

        while (tk_sign(tk(p, 1), '.'))
            p->i += 2;
        node = clike_name_node(p, p->i);
        node->op = IR_ATTRIBUTE;
        if (str_ends(node->text, STR("Attribute")) && node->text.n > 9)
            node->text.n -= 9;
        step(p);
        p->level++;
        if (at_sign(p, '('))
            clike_call_values(p, node, &end);
        p->level--;
        clike_hang(p, parent, tail, node);
    }
}

bool clike_js_member(struct clike *p, struct ir *parent, struct ir **tail)
{
    bool is_static = false, is_public = false, any = false;

    if (tk_plain(p, &p->t[p->i]) && clike_word_class(p->t[p->i].id, true) == 0)
        attributes(p, parent, tail);

    for (;;) {
        const struct token *t = &p->t[p->i];
        uint8_t c = t->kind == TK_NAME && t->id ? clike_word_class(t->id, true) : 0;
        if (c != 'n' || tk(p, 1)->kind != TK_NAME || tk(p, 1)->flags & TF_LINE)
            break;
        any = true;
        is_static |= t->id == W_static;
        is_public |= t->id == W_public;
        step(p);
    }
    if (at_word(p, W_function) && tk(p, 1)->kind == TK_NAME) {
        struct ir *node = function(p, is_static, is_public, any);
        if (p->level + node->height + 1u <= IR_DEPTH_MAX)
            clike_hang(p, parent, tail, node);
        else
            clike_unread(p);
        return true;
    }
    if (at_word(p, W_var) || at_word(p, W_const)) {
        struct ir like = { .op = IR_LET, .sign = at_word(p, W_const) ? SIGN_CONST : SIGN_NONE, .is_static = is_static, .is_public = is_public, .is_global = !any };
        step(p);
        clike_variables(p, parent, tail, like);
        clike_statement_end(p);
        return true;
    }
    if (at_word(p, W_class) || at_word(p, W_enum) || (at_word(p, W_package) && tk(p, 1)->kind == TK_NAME) || (at_word(p, W_interface) && tk(p, 1)->kind == TK_NAME))
        return class_or_package(p, parent, tail);
    if (at_word(p, W_import) && tk(p, 1)->kind == TK_NAME) {
        struct ir *node = clike_node(p, IR_IMPORT);
        step(p);
        uint32_t from = p->i;
        while (!at_end(p) && (p->t[p->i].kind == TK_NAME || at_sign(p, '.')) && !(p->i > from && p->t[p->i].flags & TF_LINE))
            step(p);
        node->text = str_sub(p->code, p->t[from].at, p->t[p->i - 1].at + p->t[p->i - 1].n);
        clike_statement_end(p);
        clike_hang(p, parent, tail, node);
        return true;
    }
    return any;
}
