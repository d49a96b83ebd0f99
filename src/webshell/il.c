#include "webshell/il.h"

#include "base/num.h"
#include "base/utf.h"

#include <string.h>

struct lift {
    struct ir_builder *b;
    const struct clr  *c;
    const struct clr_method *m;
    struct clr_op     *op;
    size_t             n;
    uint32_t          *last_back;     /* of an instruction: the last one that jumps back to it; 0: none */
    struct ir         *stack[IL_STACK_MAX];
    size_t             depth;
    uint32_t           temps, unread;
    uint64_t           ops;
};

static struct ir *node(struct lift *l, enum ir_op op) { return ir_new(l->b, op, op == IR_VOID ? 1 : 0); }

static struct ir *named(struct lift *l, enum ir_op op, struct str text)
{
    struct ir *n = node(l, op);
    n->text = text;
    return n;
}

static struct ir *with(struct ir *parent, struct ir *x, struct ir *y)
{
    struct ir *tail = NULL;

    ir_add(parent, &tail, x);
    ir_add(parent, &tail, y);
    return parent;
}

static struct ir *numbered(struct lift *l, const char *head, uint32_t k)
{
    struct str s = str_fmt(l->b->a, "%s%u", head, k);
    l->b->full = l->b->full || !s.p;
    return named(l, IR_NAME, s);
}

static void push(struct lift *l, struct ir *n)
{
    if (l->depth < IL_STACK_MAX)
        l->stack[l->depth++] = n;
    else
        l->unread++;
}

static struct ir *pop(struct lift *l) { return l->depth ? l->stack[--l->depth] : node(l, IR_VOID); }

struct list { struct ir *block, *tail; };

static void say(struct list *to, struct ir *n) { ir_add(to->block, &to->tail, n); }

static void assign(struct lift *l, struct list *to, struct ir *where, struct ir *what) { say(to, with(node(l, IR_ASSIGN), where, what)); }

/* What lies on the stack across a branch gets a name by its place, so that both ways meet in it. */
static void spill(struct lift *l, struct list *to)
{
    for (size_t i = 0; i < l->depth; i++) {
        struct ir *n = l->stack[i];
        if (n->op == IR_NAME && n->text.n > 1 && n->text.p[0] == 's' && ch_digit(n->text.p[1]))
            continue;
        assign(l, to, numbered(l, "s", (uint32_t)i), n);
        l->stack[i] = numbered(l, "s", (uint32_t)i);
    }
}

static struct ir *argument(struct lift *l, uint32_t k)
{
    if (!l->m->is_static && k-- == 0)
        return named(l, IR_NAME, STR("this"));
    struct str name = clr_param_name(l->c, l->m, k);
    return name.n ? named(l, IR_NAME, name) : numbered(l, "arg", k);
}

static void binary(struct lift *l, enum ir_sign sign)
{
    struct ir *y = pop(l), *x = pop(l), *n = with(node(l, IR_BINARY), x, y);

    n->sign = (uint8_t)sign;
    push(l, n);
}

static void unary(struct lift *l, enum ir_sign sign)
{
    struct ir *n = with(node(l, IR_UNARY), pop(l), NULL);
    n->sign = (uint8_t)sign;
    push(l, n);
}

static void cast(struct lift *l, struct str type)
{
    struct ir *n = with(node(l, IR_CAST), pop(l), NULL);
    n->type = type;
    push(l, n);
}

static struct ir *wide_text(struct lift *l, struct str utf16)
{
    struct ir *n = node(l, IR_TEXT);

    n->text = utf16.n ? utf_to8(l->b->a, utf16, UTF_16LE) : STR("");
    l->b->full = l->b->full || !n->text.p;
    return n;
}

static struct ir *member(struct lift *l, struct ir *of, struct str name)
{
    struct ir *n = named(l, IR_MEMBER, name);
    return with(n, of, NULL);
}

static enum ir_sign operator_sign(struct str name)
{
    static const struct { const char *name; enum ir_sign sign; } table[] = {
        { "op_Equality", SIGN_EQ }, { "op_Inequality", SIGN_NE }, { "op_Addition", SIGN_ADD }, { "op_Subtraction", SIGN_SUB }, { "op_LessThan", SIGN_LT }, { "op_GreaterThan", SIGN_GT },
        { "op_LessThanOrEqual", SIGN_LE }, { "op_GreaterThanOrEqual", SIGN_GE },
    };
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (str_eq(name, str_c(table[i].name)))
            return table[i].sign;
    return SIGN_NONE;
}

/* A call in the spelling of a language: properties and operators are what they were. NULL: it gives nothing and was said as a statement. */
static struct ir *spelled(struct lift *l, struct list *to, const struct clr_ref *r, struct ir *self, struct ir **arg)
{
    struct ir *of = self ? self : named(l, IR_NAME, r->type), *n, *tail = NULL;
    bool       getter = str_starts(r->name, STR("get_")), setter = str_starts(r->name, STR("set_"));
    struct str bare = getter || setter ? str_from(r->name, 4) : r->name;

    if (r->param_n && (str_eq(r->name, STR("op_Implicit")) || str_eq(r->name, STR("op_Explicit"))))
        return arg[0];
    enum ir_sign sign = r->param_n == 2 ? operator_sign(r->name) : SIGN_NONE;
    if (sign) {
        n = with(node(l, IR_BINARY), arg[0], arg[1]);
        n->sign = (uint8_t)sign;
        return n;
    }
    if (getter && r->param_n == 0)
        return member(l, of, bare);
    if (setter && r->param_n == 1) {
        assign(l, to, member(l, of, bare), arg[0]);
        return NULL;
    }
    bool item = str_eq(bare, STR("Item")) || str_eq(bare, STR("Chars"));
    if ((getter && r->param_n) || (setter && r->param_n > 1)) {
        n = node(l, IR_INDEX);
        ir_add(n, &tail, item ? of : member(l, of, bare));
        for (uint32_t i = 0; i + setter < r->param_n; i++)
            ir_add(n, &tail, arg[i]);
        if (getter)
            return n;
        assign(l, to, n, arg[r->param_n - 1]);
        return NULL;
    }
    n = node(l, IR_CALL);
    ir_add(n, &tail, member(l, of, r->name));
    for (uint32_t i = 0; i < r->param_n; i++)
        ir_add(n, &tail, arg[i]);
    return n;
}

static void call(struct lift *l, struct list *to, const struct clr_op *o)
{
    struct clr_ref r;
    struct ir     *arg[256], *self = NULL;

    if (!clr_ref(l->c, (uint32_t)o->number, &r) || r.what != CLR_METHOD) {
        l->unread++;
        push(l, node(l, IR_VOID));
        return;
    }
    for (uint32_t i = r.param_n; i > 0; i--)
        arg[i - 1] = pop(l);
    if (o->op == 0x73) {                                   /* newobj */
        struct ir *n = named(l, IR_NEW, r.type), *tail = NULL;
        for (uint32_t i = 0; i < r.param_n; i++)
            ir_add(n, &tail, arg[i]);
        push(l, n);
        return;
    }
    if (r.has_this)
        self = pop(l);
    if (str_eq(r.name, STR(".ctor")))                      /* of the base class, or of a value in place */
        return;
    struct ir *n = spelled(l, to, &r, self, arg);
    if (!n)
        return;
    if (r.returns)
        push(l, n);
    else
        say(to, n);
}

static void field(struct lift *l, struct list *to, const struct clr_op *o)
{
    struct clr_ref r;
    bool           is_static = o->op >= 0x7E && o->op <= 0x80, store = o->op == 0x7D || o->op == 0x80;
    struct ir     *value = store ? pop(l) : NULL;

    if (!clr_ref(l->c, (uint32_t)o->number, &r) || r.what != CLR_FIELD) {
        l->unread++;
        r = (struct clr_ref){ .name = STR("field"), .type = STR("unknown") };
    }
    struct ir *at = member(l, is_static ? named(l, IR_NAME, r.type) : pop(l), r.name);
    if (store)
        assign(l, to, at, value);
    else
        push(l, at);
}

static struct str type_of(struct lift *l, const struct clr_op *o)
{
    struct clr_ref r;
    return clr_ref(l->c, (uint32_t)o->number, &r) && r.what == CLR_TYPE ? r.name : STR("");
}

static void constant(struct lift *l, int64_t v)
{
    struct ir *n = node(l, IR_NUMBER);
    n->number = v;
    push(l, n);
}

static void twice(struct lift *l, struct list *to)
{
    struct ir *v = pop(l), *t = numbered(l, "t", l->temps);

    if (v->op == IR_NAME) {
        push(l, v);
        push(l, named(l, IR_NAME, v->text));
        return;
    }
    assign(l, to, t, v);
    push(l, numbered(l, "t", l->temps));
    push(l, numbered(l, "t", l->temps++));
}

static void element(struct lift *l, struct list *to, bool store)
{
    struct ir *value = store ? pop(l) : NULL, *at = pop(l), *of = pop(l), *n = with(node(l, IR_INDEX), of, at);

    if (store)
        assign(l, to, n, value);
    else
        push(l, n);
}

static const struct { uint16_t op; enum ir_sign sign; } signs[] = {
    { 0x58, SIGN_ADD }, { 0x59, SIGN_SUB }, { 0x5A, SIGN_MUL }, { 0x5B, SIGN_INT_DIV }, { 0x5C, SIGN_INT_DIV }, { 0x5D, SIGN_MOD }, { 0x5E, SIGN_MOD }, { 0x5F, SIGN_BIT_AND },
    { 0x60, SIGN_BIT_OR }, { 0x61, SIGN_XOR }, { 0x62, SIGN_SHL }, { 0x63, SIGN_SHR }, { 0x64, SIGN_SHR }, { 0xD6, SIGN_ADD }, { 0xD7, SIGN_ADD }, { 0xD8, SIGN_MUL },
    { 0xD9, SIGN_MUL }, { 0xDA, SIGN_SUB }, { 0xDB, SIGN_SUB }, { 0xFE01, SIGN_EQ }, { 0xFE02, SIGN_GT }, { 0xFE03, SIGN_GT }, { 0xFE04, SIGN_LT }, { 0xFE05, SIGN_LT },
};
/* conv.*: the type that the value becomes. */
static const struct { uint16_t op; const char *type; } casts[] = {
    { 0x67, "sbyte" }, { 0x68, "short" }, { 0x69, "int" }, { 0x6A, "long" }, { 0x6D, "uint" }, { 0x6E, "ulong" }, { 0xD1, "char" }, { 0xD2, "byte" }, { 0xD3, "int" },
    { 0xB3, "sbyte" }, { 0xB4, "byte" }, { 0xB7, "int" },
};

/* Everything that is neither a branch nor a call. */
static void plain(struct lift *l, struct list *to, const struct clr_op *o)
{
    uint16_t op = o->op;

    if (op >= 0x02 && op <= 0x05)
        push(l, argument(l, op - 0x02u));
    else if (op >= 0x06 && op <= 0x09)
        push(l, numbered(l, "loc", op - 0x06u));
    else if (op >= 0x0A && op <= 0x0D)
        assign(l, to, numbered(l, "loc", op - 0x0Au), pop(l));
    else if (op == 0x0E || op == 0x0F || op == 0xFE09 || op == 0xFE0A)
        push(l, argument(l, (uint32_t)o->number));
    else if (op == 0x10 || op == 0xFE0B)
        assign(l, to, argument(l, (uint32_t)o->number), pop(l));
    else if (op == 0x11 || op == 0x12 || op == 0xFE0C || op == 0xFE0D)
        push(l, numbered(l, "loc", (uint32_t)o->number));
    else if (op == 0x13 || op == 0xFE0E)
        assign(l, to, numbered(l, "loc", (uint32_t)o->number), pop(l));
    else if (op == 0x14)
        push(l, named(l, IR_LITERAL, STR("null")));
    else if (op >= 0x15 && op <= 0x1E)
        constant(l, op - 0x16);
    else if (op >= 0x1F && op <= 0x21)
        constant(l, o->number);
    else if (op == 0x22 || op == 0x23)
        push(l, named(l, IR_NUMBER, STR("0.0")));
    else if (op == 0x25)
        twice(l, to);
    else if (op == 0x26 && l->depth)
        say(to, pop(l));
    else if ((op >= 0x46 && op <= 0x50) || op == 0x71)
        return;                                            /* through a pointer: the name itself stands for it */
    else if ((op >= 0x51 && op <= 0x57) || op == 0x81 || op == 0xDF) {
        struct ir *value = pop(l);
        assign(l, to, pop(l), value);
    } else if (op == 0x65 || op == 0x66)
        unary(l, op == 0x65 ? SIGN_NEG : SIGN_COMPLEMENT);
    else if (op == 0x72) {
        struct clr_ref r;
        push(l, clr_ref(l->c, (uint32_t)o->number, &r) && r.what == CLR_TEXT ? wide_text(l, r.text) : node(l, IR_VOID));
    } else if (op == 0x74 || op == 0x75 || op == 0xA5)
        cast(l, type_of(l, o));
    else if (op == 0x79 || op == 0x8C || op == 0x76 || op == 0x6B || op == 0x6C)
        return;                                            /* boxed or widened: the same value */
    else if (op >= 0x7B && op <= 0x80)
        field(l, to, o);
    else if (op == 0x8D) {
        struct str t = str_cat(l->b->a, type_of(l, o), STR("[]"));
        l->b->full = l->b->full || !t.p;
        push(l, with(named(l, IR_NEW, t), pop(l), NULL));
    } else if (op == 0x8E)
        push(l, member(l, pop(l), STR("Length")));
    else if (op == 0x8F || (op >= 0x90 && op <= 0x9A) || op == 0xA3)
        element(l, to, false);
    else if ((op >= 0x9B && op <= 0xA2) || op == 0xA4)
        element(l, to, true);
    else if (op == 0xD0) {
        struct ir *n = node(l, IR_TYPE_OF);
        n->type = type_of(l, o);
        push(l, n);
    } else if (op == 0xFE06 || op == 0xFE07) {
        struct clr_ref r;
        if (op == 0xFE07)
            (void)pop(l);
        push(l, clr_ref(l->c, (uint32_t)o->number, &r) && r.what == CLR_METHOD ? member(l, named(l, IR_NAME, r.type), r.name) : node(l, IR_VOID));
    } else if (op == 0xFE15)
        (void)pop(l);
    else if (op == 0xFE1C)
        constant(l, 4);
    else {
        for (size_t i = 0; i < COUNT_OF(signs); i++)
            if (signs[i].op == op) {
                binary(l, signs[i].sign);
                return;
            }
        for (size_t i = 0; i < COUNT_OF(casts); i++)
            if (casts[i].op == op) {
                cast(l, str_c(casts[i].type));
                return;
            }
    }
}

static bool is_jump(uint16_t op) { return op == 0x2B || op == 0x38 || op == 0xDD || op == 0xDE; }
static bool is_branch(uint16_t op) { return (op >= 0x2C && op <= 0x37) || (op >= 0x39 && op <= 0x44); }

/* The condition under which the branch is taken. */
static struct ir *condition(struct lift *l, uint16_t op)
{
    static const enum ir_sign sign[] = { SIGN_EQ, SIGN_GE, SIGN_GT, SIGN_LE, SIGN_LT, SIGN_NE, SIGN_GE, SIGN_GT, SIGN_LE, SIGN_LT };
    unsigned k = op >= 0x39 ? op - 0x39u : op - 0x2Cu;

    if (k < 2) {
        struct ir *v = pop(l);
        if (k == 1)
            return v;
        struct ir *n = with(node(l, IR_UNARY), v, NULL);
        n->sign = SIGN_NOT;
        return n;
    }
    binary(l, sign[k - 2 < COUNT_OF(sign) ? k - 2 : 0]);
    return pop(l);
}

/* Index of the instruction at an offset of the code; n where there is none. */
static size_t index_of(const struct lift *l, int64_t at)
{
    size_t lo = 0, hi = l->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if ((int64_t)l->op[mid].at < at)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < l->n && (int64_t)l->op[lo].at == at ? lo : l->n;
}

static struct ir *region(struct lift *l, size_t from, size_t to, unsigned nest, bool loop_head);

static struct ir *negated(struct lift *l, struct ir *c)
{
    struct ir *n = with(node(l, IR_UNARY), c, NULL);
    n->sign = SIGN_NOT;
    return n;
}

/* A conditional branch forward: the instructions that it skips, and what stands behind a jump at their end, are the two ways. Gives where to go on. */
static size_t branch(struct lift *l, struct list *out, size_t i, size_t to, unsigned nest)
{
    size_t     target = index_of(l, l->op[i].number), end = target;
    struct ir *c = condition(l, l->op[i].op), *n, *tail = NULL;

    spill(l, out);
    if (target <= i || target > to || nest >= IL_NEST_MAX) {
        say(out, c);
        return i + 1;
    }
    size_t depth = l->depth, last = target - 1;
    if (last > i && is_jump(l->op[last].op) && l->op[last].op != 0xDD && l->op[last].op != 0xDE) {
        size_t behind = index_of(l, l->op[last].number);
        if (behind > target && behind <= to)
            end = behind;
    }
    n = node(l, IR_IF);
    ir_add(n, &tail, negated(l, c));
    ir_add(n, &tail, region(l, i + 1, end > target ? last : target, nest + 1, false));
    if (end > target) {
        size_t after = l->depth;
        l->depth = depth;
        ir_add(n, &tail, region(l, target, end, nest + 1, false));
        l->depth = l->depth > after ? l->depth : after;
        for (size_t k = depth; k < l->depth; k++)
            l->stack[k] = numbered(l, "s", (uint32_t)k);
    }
    say(out, n);
    return end;
}

static struct ir *region(struct lift *l, size_t from, size_t to, unsigned nest, bool loop_head)
{
    struct list out = { .block = node(l, IR_BLOCK) };

    for (size_t i = from; i < to && !l->b->full && !l->b->cut;) {
        const struct clr_op *o = &l->op[i];
        size_t               back = l->last_back[i];
        if (back && back < to && nest < IL_NEST_MAX && !(loop_head && i == from)) {
            spill(l, &out);
            struct ir *n = with(node(l, IR_LOOP), node(l, IR_VOID), region(l, i, back + 1, nest + 1, true));
            say(&out, n);
            i = back + 1;
            continue;
        }
        if (is_branch(o->op)) {
            i = branch(l, &out, i, to, nest);
            continue;
        }
        if (is_jump(o->op))
            spill(l, &out);
        else if (o->op == 0x45)
            say(&out, pop(l));
        else if (o->op == 0x28 || o->op == 0x6F || o->op == 0x73)
            call(l, &out, o);
        else if (o->op == 0x2A || o->op == 0x7A)
            say(&out, with(node(l, o->op == 0x2A ? IR_RETURN : IR_THROW), o->op == 0x7A || (l->m->returns && l->depth) ? pop(l) : NULL, NULL));
        else
            plain(l, &out, o);
        i++;
    }
    spill(l, &out);
    return out.block;
}

static bool read_ops(struct lift *l)
{
    struct str code = l->m->code;
    size_t     pos = 0, cap = 0;

    l->n  = 0;
    l->op = NULL;
    for (struct clr_op o; l->ops < IL_OPS_MAX && clr_step(code, &pos, &o); l->ops++) {
        struct clr_op *to = GROW(l->b->a, l->op, l->n, &cap);
        if (!to)
            return false;
        *to = o;
        l->n++;
    }
    l->unread += pos < code.n;
    l->last_back = NEW(l->b->a, uint32_t, l->n + 1);
    if (!l->last_back)
        return false;
    for (size_t i = 0; i < l->n; i++)
        if (is_branch(l->op[i].op) || is_jump(l->op[i].op)) {
            size_t at = index_of(l, l->op[i].number);
            if (at <= i && l->op[i].op != 0xDD && l->op[i].op != 0xDE)
                l->last_back[at] = (uint32_t)i;
        }
    return true;
}

static struct ir *attribute(struct lift *l, struct str name)
{
    if (str_ends(name, STR("Attribute")))
        name = str_sub(name, 0, name.n - 9);
    return named(l, IR_ATTRIBUTE, name);
}

static bool method(struct lift *l, struct ir *type, struct ir **tail, const struct clr_method *m, struct str attr)
{
    struct ir *n = node(l, IR_METHOD), *mine = NULL;

    if (attr.n)
        ir_add(type, tail, attribute(l, attr));
    if (m->is_pinvoke) {
        struct ir *imported = attribute(l, STR("DllImport")), *entry = named(l, IR_SET, STR("EntryPoint"));
        ir_add(type, tail, with(imported, named(l, IR_TEXT, m->import_from), with(entry, named(l, IR_TEXT, m->import_name), NULL)));
    }
    n->text      = str_eq(m->name, STR(".ctor")) || str_eq(m->name, STR(".cctor")) ? m->type : m->name;
    n->is_static = m->is_static;
    n->is_public = m->is_public;
    l->m     = m;
    l->depth = 0;
    l->temps = 0;
    for (uint32_t k = 0; k < m->param_n; k++) {
        struct str name = clr_param_name(l->c, m, k);
        struct ir *p = name.n ? named(l, IR_PARAM, name) : numbered(l, "arg", k);
        p->op = IR_PARAM;
        ir_add(n, &mine, p);
    }
    if (!read_ops(l))
        return false;
    ir_add(n, &mine, region(l, 0, l->n, 0, false));
    ir_add(type, tail, n);
    return true;
}

bool il_read(struct ir_unit *ret, struct ir_builder *b, const struct clr *c)
{
    struct lift l = { .b = b, .c = c };
    struct ir_unit u = { .language = IR_IL };
    uint32_t    n = clr_method_n(c) < IL_METHODS_MAX ? clr_method_n(c) : IL_METHODS_MAX, type_row = UINT32_MAX, token;
    struct str *attr = NEW(b->a, struct str, n + 1), name;
    struct list top = { .block = ir_new(b, IR_BLOCK, 0) };
    struct ir  *type = NULL, *tail = NULL;

    if (!attr)
        return false;
    for (uint32_t i = 0; clr_attribute(c, i, &token, &name); i++)
        if (token >> 24 == 0x06 && (token & 0xFFFFFF) <= n && (str_starts(name, STR("Web")) || str_starts(name, STR("Operation")) || str_starts(name, STR("Http"))))
            attr[(token & 0xFFFFFF) - 1] = name;
    for (uint32_t i = 0; i < n && l.ops < IL_OPS_MAX && !b->full && !b->cut; i++) {
        struct clr_method m;
        if (!clr_method(c, i, &m) || (!m.code.n && !m.is_pinvoke))
            continue;
        if (m.type_row != type_row || !type) {
            type = named(&l, IR_TYPE, m.type);
            type->type = m.base;
            type_row = m.type_row;
            tail = NULL;
            say(&top, type);
        }
        if (!method(&l, type, &tail, &m, attr[i]))
            return false;
    }
    u.top    = top.block;
    u.unread = l.unread + c->damaged;
    *ret = u;
    return !b->full;
}

struct str il_virtual_path(struct arena *a, const struct clr *c, size_t k)
{
    size_t     pos = 0, seen = 0;
    struct str wide;

    for (size_t i = 0; i < PE_STRINGS_MAX && pe_user_string(c->us, &pos, &wide); i++) {
        if (wide.n < 8 || wide.n > 1024 || wide.p[0] != '~' || wide.p[1] || wide.p[2] != '/' || wide.p[3])
            continue;
        if (seen++ < k)
            continue;
        struct str s = utf_to8(a, wide, UTF_16LE);
        return s.n > 1 ? str_from(s, 1) : STR_EMPTY;
    }
    return STR_EMPTY;
}
