/*
 * clike_inner: what the files of clike share: tokens, words, and the parser's state. Nobody else includes it.
 *
 * Tokens   all of the code is cut first, into an array at the far end of the arena that is given back when the tree stands. Token 0 is a blank, the last one
 *          is TK_END. Brackets know their mate; one without a mate has 0.
 * Depth    `depth` counts the parser's own recursion, `level` the level of the node whose kids are being read; `height` of a node counts what hangs below it.
 *          Every node goes through clike_hang and, in values, clike_fit: what would reach beyond IR_DEPTH_MAX is squashed to an IR_VOID of its parts.
 */
#ifndef WEBSHELL_CLIKE_INNER_H
#define WEBSHELL_CLIKE_INNER_H

#include "webshell/clike.h"

enum { CLIKE_DEPTH_MAX = 180, CLIKE_TYPE_TOKENS_MAX = 400, CLIKE_TYPE_DEPTH_MAX = 24, CLIKE_ELSE_MAX = 40, CLIKE_HOLES_MAX = 16 };

enum token_kind { TK_BLANK, TK_END, TK_NAME, TK_TEXT, TK_CHAR, TK_NUMBER, TK_REGEX, TK_SIGN, TK_JOIN /* $" */, TK_JOIN_END, TK_HOLE /* { in it */, TK_HOLE_END, TK_JUNK };

enum token_flag {
    TF_LINE = 1,       /* the first one of its line */
    TF_ESCAPED = 2,    /* holds escapes */
    TF_VERBATIM = 4,   /* text: "" is one quote, nothing else is an escape */
    TF_RAW = 8,        /* text: nothing is an escape; the indent of its last line is taken off */
    TF_PIECE = 16,     /* text: {{ is one brace */
    TF_AT = 32,        /* name: @name, never a key word */
    TF_OPEN = 64       /* text: without an end */
};

struct token {
    uint32_t at, n;    /* of texts: what stands between the quotes */
    uint32_t line;
    uint32_t mate;
    uint8_t  kind, id, flags;
};

/* Signs of one character are their own id. '>' always stands alone: the parser joins >> and >>>. */
enum sign_id {
    S_ARROW = 128 /* => */, S_NULL_DOT /* ?. */, S_COALESCE, S_COALESCE_SET, S_COLONS, S_POINTS /* -> */, S_RANGE, S_EQ, S_NE, S_SAME /* === */, S_NOT_SAME,
    S_LE, S_GE, S_SHL, S_SHL_SET, S_AND, S_OR, S_INC, S_DEC, S_ADD_SET, S_SUB_SET, S_MUL_SET, S_DIV_SET, S_MOD_SET, S_AND_SET, S_OR_SET, S_XOR_SET
};

/* word, C#, JScript.   R reserved, T reserved and a type, M reserved and a modifier, c only in its place, n a modifier only in its place, 0 not at all. Sorted. */
#define CLIKE_WORDS(X) \
    X(abstract, 'M', 'n') X(add, 'c', 0) X(and, 'c', 0) X(as, 'R', 0) X(ascending, 'c', 0) X(async, 'n', 0) X(await, 'c', 0) X(base, 'R', 0) X(bool, 'T', 0) \
    X(break, 'R', 'R') X(by, 'c', 0) X(byte, 'T', 0) X(case, 'R', 'R') X(catch, 'R', 'R') X(char, 'T', 0) X(checked, 'R', 0) X(class, 'R', 'R') X(const, 'M', 'R') \
    X(continue, 'R', 'R') X(debugger, 0, 'R') X(decimal, 'T', 0) X(default, 'R', 'R') X(delegate, 'R', 0) X(delete, 0, 'R') X(descending, 'c', 0) X(do, 'R', 'R') \
    X(double, 'T', 0) X(else, 'R', 'R') X(enum, 'R', 'R') X(equals, 'c', 0) X(event, 'M', 0) X(expando, 0, 'n') X(explicit, 'R', 0) X(extends, 0, 'R') \
    X(extern, 'M', 0) X(false, 'R', 'R') X(file, 'n', 0) X(final, 0, 'n') X(finally, 'R', 'R') X(fixed, 'R', 0) X(float, 'T', 0) X(for, 'R', 'R') X(foreach, 'R', 0) \
    X(from, 'c', 0) X(function, 0, 'R') X(get, 'c', 'c') X(global, 'c', 0) X(goto, 'R', 0) X(group, 'c', 0) X(hide, 0, 'n') X(if, 'R', 'R') X(implements, 0, 'c') \
    X(implicit, 'R', 0) X(import, 0, 'R') X(in, 'R', 'R') X(init, 'c', 0) X(instanceof, 0, 'R') X(int, 'T', 0) X(interface, 'R', 'c') X(internal, 'M', 'n') \
    X(into, 'c', 0) X(is, 'R', 0) X(join, 'c', 0) X(let, 'c', 0) X(lock, 'R', 0) X(long, 'T', 0) X(nameof, 'c', 0) X(namespace, 'R', 0) X(new, 'R', 'R') \
    X(not, 'c', 0) X(null, 'R', 'R') X(object, 'T', 0) X(on, 'c', 0) X(operator, 'R', 0) X(or, 'c', 0) X(orderby, 'c', 0) X(out, 'R', 0) X(override, 'M', 'n') \
    X(package, 0, 'c') X(params, 'R', 0) X(partial, 'n', 0) X(private, 'M', 'n') X(protected, 'M', 'n') X(public, 'M', 'n') X(readonly, 'M', 0) X(record, 'c', 0) \
    X(ref, 'R', 0) X(remove, 'c', 0) X(required, 'n', 0) X(return, 'R', 'R') X(sbyte, 'T', 0) X(scoped, 'c', 0) X(sealed, 'M', 0) X(select, 'c', 0) \
    X(set, 'c', 'c') X(short, 'T', 0) X(sizeof, 'R', 0) X(stackalloc, 'R', 0) X(static, 'M', 'n') X(string, 'T', 0) X(struct, 'R', 0) X(super, 0, 'R') \
    X(switch, 'R', 'R') X(this, 'R', 'R') X(throw, 'R', 'R') X(true, 'R', 'R') X(try, 'R', 'R') X(typeof, 'R', 'R') X(uint, 'T', 0) X(ulong, 'T', 0) \
    X(unchecked, 'R', 0) X(undefined, 0, 'c') X(unsafe, 'M', 0) X(ushort, 'T', 0) X(using, 'R', 0) X(var, 'c', 'R') X(virtual, 'M', 0) X(void, 'T', 'R') \
    X(volatile, 'M', 0) X(when, 'c', 0) X(where, 'c', 0) X(while, 'R', 'R') X(with, 'c', 'R') X(yield, 'c', 0)

enum word_id {
    W_NONE,
#define X(w, cs, js) W_##w,
    CLIKE_WORDS(X)
#undef X
    W_WORDS
};

uint8_t clike_word(const uint8_t *p, size_t n, bool js);     /* enum word_id */
uint8_t clike_word_class(uint8_t id, bool js);               /* 'R', 'T', 'M', 'c', 'n' or 0 */

struct clike {
    struct ir_builder *b;
    struct ir_unit    *unit;
    struct ir_places   places;
    struct str         code;
    bool               js, full;
    bool               no_in;            /* `in` ends a value: the head of a for */
    uint32_t           query;            /* inside that many query expressions */
    struct token      *t;
    uint32_t           n, cap, i;        /* t[n] is TK_END; t[i] is next */
    uint32_t           depth, level;
    struct str         type;             /* the class around */
    struct ir         *squashed, *squashed_tail;
};

/* clike_lex.c: cuts the code. Sets t and n. */
void clike_lex(struct clike *p, struct token *room, uint32_t cap);

/* clike_text.c: what a token says. */
struct str clike_name(struct clike *p, const struct token *t, bool *ret_escaped);
struct str clike_text(struct clike *p, const struct token *t);
void clike_number(struct clike *p, const struct token *t, struct ir *node);

/* clike_tree.c: nodes, and looking at tokens. */
struct ir *clike_node(struct clike *p, enum ir_op op);                       /* of the line of the next token */
struct ir *clike_node_at(struct clike *p, enum ir_op op, uint32_t line);
struct ir *clike_name_node(struct clike *p, uint32_t i);
struct ir *clike_text_node(struct clike *p, struct str text, uint32_t line);
void clike_hang(struct clike *p, struct ir *parent, struct ir **tail, struct ir *kid);
struct ir *clike_fit(struct clike *p, struct ir *node, uint32_t slack);
struct ir *clike_parts(struct clike *p, uint32_t to);                        /* everything before token `to` as an IR_VOID of names and texts */
struct ir *clike_parts_value(struct clike *p);                               /* the same up to what ends a value */

static inline const struct token *tk(const struct clike *p, uint32_t k) { return &p->t[p->n - p->i < k ? p->n : p->i + k]; }
static inline bool tk_sign(const struct token *t, uint8_t id) { return t->kind == TK_SIGN && t->id == id; }
static inline bool tk_word(const struct token *t, uint8_t id) { return t->kind == TK_NAME && t->id == id; }
static inline bool at_sign(const struct clike *p, uint8_t id) { return tk_sign(&p->t[p->i], id); }
static inline bool at_word(const struct clike *p, uint8_t id) { return tk_word(&p->t[p->i], id); }
static inline bool at_end(const struct clike *p) { return p->i >= p->n; }
static inline void step(struct clike *p) { p->i += p->i < p->n; }
static inline bool take_sign(struct clike *p, uint8_t id) { bool yes = at_sign(p, id); p->i += yes; return yes; }
static inline bool take_word(struct clike *p, uint8_t id) { bool yes = at_word(p, id); p->i += yes; return yes; }
static inline void clike_unread(struct clike *p) { p->unit->unread++; }
/* A name that is not a key word here. */
static inline bool tk_plain(const struct clike *p, const struct token *t)
{
    uint8_t c = t->id ? clike_word_class(t->id, p->js) : 0;
    return t->kind == TK_NAME && (!c || c == 'c' || c == 'n');
}
static inline bool tk_type_word(const struct clike *p, const struct token *t) { return t->kind == TK_NAME && t->id && clike_word_class(t->id, p->js) == 'T'; }
static inline bool tk_near(const struct token *a, const struct token *b) { return a->at + a->n == b->at; }

/* clike_type.c: types. `i` is the first token; 0: no type stands there. */
uint32_t clike_type_end(const struct clike *p, uint32_t i, bool nullable);
uint32_t clike_arguments_end(const struct clike *p, uint32_t i, uint32_t depth);   /* <...> */
struct str clike_type_text(struct clike *p, uint32_t from, uint32_t to);
struct str clike_type(struct clike *p);                                      /* reads one; empty: none */

/* clike_expr.c, clike_primary.c, clike_new.c, clike_pattern.c: values. Never NULL; they stand still where no value stands and then give an IR_VOID. */
struct ir *clike_value(struct clike *p);           /* one */
struct ir *clike_values(struct clike *p);          /* with commas (JScript) */
struct ir *clike_binary(struct clike *p, int least);
struct ir *clike_unary(struct clike *p);
void       clike_operator(struct clike *p, struct ir *method);       /* what stands behind the word: its sign, or the type of a conversion */
struct ir *clike_primary(struct clike *p);
struct ir *clike_member_chain(struct clike *p, struct ir *left);
struct ir *clike_new(struct clike *p);
struct ir *clike_braces(struct clike *p, struct ir *node, struct ir **tail);  /* { a, b } and { A = b } onto a node */
struct ir *clike_list(struct clike *p, uint8_t close);                        /* [ a, b ] of JScript and C# 12, { a, b } */
struct ir *clike_object(struct clike *p);                                     /* { a: b } of JScript */
void clike_call_values(struct clike *p, struct ir *call, struct ir **tail);   /* ( a, b ) or [ a, b ]; stands on the opening one */
struct ir *clike_lambda(struct clike *p);          /* NULL: none stands here */
struct ir *clike_function(struct clike *p);        /* JScript's, as a value */
struct ir *clike_is(struct clike *p, struct ir *left);
struct ir *clike_switch_value(struct clike *p, struct ir *subject);
struct ir *clike_pattern(struct clike *p, int least, struct str *bind, struct str *type);
struct ir *clike_query(struct clike *p);           /* NULL: none stands here */
enum { CLIKE_BIT_OR = 4, CLIKE_SHIFT = 9 };        /* two levels of precedence, for patterns */

/* clike_stmt.c, clike_decl.c: statements and members; they hang what they read onto `parent`. */
void clike_list_of(struct clike *p, struct ir *parent, struct ir **tail, uint32_t end);   /* up to token `end` */
void clike_statement(struct clike *p, struct ir *parent, struct ir **tail);
struct ir *clike_block(struct clike *p);           /* stands on '{' */
struct ir *clike_body(struct clike *p);            /* a block or one statement */
bool clike_member(struct clike *p, struct ir *parent, struct ir **tail);   /* false: it stands on no declaration */
bool clike_js_member(struct clike *p, struct ir *parent, struct ir **tail);
void clike_parameters(struct clike *p, struct ir *node, struct ir **tail);    /* ( ... ) */
void clike_variables(struct clike *p, struct ir *parent, struct ir **tail, struct ir like);
void clike_statement_end(struct clike *p);

#endif
