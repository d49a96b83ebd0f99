/* The tree as text, for tests and for whoever debugs a front end. */
#include "webshell/ir.h"

static const char *const op_name[IR_OPS] = {
    [IR_VOID] = "void", [IR_TEXT] = "text", [IR_NUMBER] = "number", [IR_LITERAL] = "literal", [IR_NAME] = "name", [IR_MEMBER] = "member",
    [IR_WITH_OBJECT] = "with-object", [IR_CALL] = "call", [IR_INDEX] = "index", [IR_NEW] = "new", [IR_UNARY] = "unary", [IR_BINARY] = "binary",
    [IR_CHOOSE] = "choose", [IR_CAST] = "cast", [IR_TYPE_OF] = "type-of", [IR_LIST] = "list", [IR_ASSIGN] = "assign", [IR_SET] = "set", [IR_LAMBDA] = "lambda",
    [IR_BLOCK] = "block", [IR_LET] = "let", [IR_IF] = "if", [IR_LOOP] = "loop", [IR_COUNT] = "count", [IR_EACH] = "each", [IR_SELECT] = "select",
    [IR_CASE] = "case", [IR_RETURN] = "return", [IR_LEAVE] = "leave", [IR_TRY] = "try", [IR_THROW] = "throw", [IR_USING] = "using", [IR_WITH] = "with",
    [IR_ON_ERROR] = "on-error", [IR_MARKUP] = "markup", [IR_METHOD] = "method", [IR_PARAM] = "param", [IR_TYPE] = "type", [IR_PROPERTY] = "property",
    [IR_ATTRIBUTE] = "attribute", [IR_IMPORT] = "import",
};
static const char *const sign_name[] = {
    [SIGN_NONE] = "", [SIGN_ADD] = "+", [SIGN_JOIN] = "&", [SIGN_SUB] = "-", [SIGN_MUL] = "*", [SIGN_DIV] = "/", [SIGN_INT_DIV] = "\\", [SIGN_MOD] = "%",
    [SIGN_POW] = "pow", [SIGN_XOR] = "^", [SIGN_AND] = "&&", [SIGN_OR] = "||", [SIGN_BIT_AND] = "bit-and", [SIGN_BIT_OR] = "bit-or", [SIGN_SHL] = "<<",
    [SIGN_SHR] = ">>", [SIGN_EQ] = "==", [SIGN_NE] = "!=", [SIGN_LT] = "<", [SIGN_LE] = "<=", [SIGN_GT] = ">", [SIGN_GE] = ">=", [SIGN_NOT] = "not",
    [SIGN_NEG] = "neg", [SIGN_COMPLEMENT] = "~", [SIGN_IS] = "is", [SIGN_LIKE] = "like", [SIGN_COALESCE] = "??", [SIGN_CONST] = "const",
};

struct print { struct arena *a; uint8_t *p; size_t n, cap; bool full; };

static void put(struct print *o, struct str s)
{
    for (size_t i = 0; i < s.n && !o->full; i++) {
        uint8_t *c = GROW(o->a, o->p, o->n, &o->cap);
        o->full = !c;
        if (c) {
            *c = s.p[i];
            o->n++;
        }
    }
}

static void quoted(struct print *o, struct str s)
{
    put(o, STR(" \""));
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            put(o, STR("\\"));
        put(o, s.p[i] == '\n' ? STR("\\n") : s.p[i] == '\r' ? STR("\\r") : (struct str){ s.p + i, 1 });
    }
    put(o, STR("\""));
}

static void walk(struct print *o, const struct ir *n, unsigned depth)
{
    put(o, STR("("));
    put(o, str_c(n->op < IR_OPS ? op_name[n->op] : "?"));
    if (n->sign) {
        put(o, STR(" "));
        put(o, str_c(sign_name[n->sign]));
    }
    if (n->op == IR_NUMBER && !n->text.n) {
        struct arena scratch = { .beg = (uint8_t[64]){ 0 } };
        scratch.end = scratch.beg + 64;
        put(o, STR(" "));
        put(o, str_fmt(&scratch, "%lld", (long long)n->number));
    }
    if (n->text.n)
        quoted(o, n->text);
    else if (n->op == IR_TEXT)
        put(o, STR(" \"\""));
    if (n->type.n) {
        put(o, STR(" :"));
        put(o, n->type);
    }
    if (n->after)
        put(o, STR(" after"));
    if (n->is_static)
        put(o, STR(" static"));
    for (const struct ir *k = n->kid; k && depth < 2 * IR_DEPTH_MAX; k = k->next) {
        put(o, STR(" "));
        walk(o, k, depth + 1);
    }
    put(o, STR(")"));
}

struct str ir_print(struct arena *a, const struct ir *node)
{
    struct print o = { .a = a };

    if (node)
        walk(&o, node, 0);
    return o.full ? STR_EMPTY : (struct str){ o.p, o.n };
}
