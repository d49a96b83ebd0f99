/*
 * basic_inner: what the parts of the front end for VB.NET and VBScript share. Nobody else includes it.
 *
 * Shape    basic_lex.c gives tokens, one at a time, with cheap looks ahead (a scanner's state is a small value that is copied); basic_expr.c,
 *          basic_value.c and basic_literal.c read values; basic_stmt.c, basic_blocks.c and basic_vars.c statements; basic_decl.c and basic_types.c
 *          declarations. All is recursive descent; `depth` ends it, and what lies deeper is read flat.
 * Rules    1. Every function that reads takes at least one token or leaves the decision to its caller; blocks see to it that no place is read twice.
 *          2. No look ahead is longer than the statement at hand, and each statement is looked at a bounded number of times: time is linear.
 *          3. basic_hang alone joins nodes: it knows of the throw-away node and keeps heights.
 */
#ifndef WEBSHELL_BASIC_INNER_H
#define WEBSHELL_BASIC_INNER_H

#include "base/num.h"
#include "webshell/basic.h"

enum { BASIC_DEPTH_MAX = IR_DEPTH_MAX - 24, BASIC_CHAIN_MAX = IR_DEPTH_MAX / 2, BASIC_ARMS_MAX = 12 };

enum basic_token { TOK_END, TOK_EOL, TOK_COLON, TOK_NAME, TOK_KEY, TOK_TEXT, TOK_NUMBER, TOK_JOINED /* $" of VB.NET */, TOK_MARK, TOK_OTHER };

/* Marks of one byte are that byte. */
enum basic_mark { MARK_NE = 128, MARK_LE, MARK_GE, MARK_SET /* := */, MARK_SHL, MARK_SHR };

enum basic_key {
    K_NONE, K_ADDHANDLER, K_ADDRESSOF, K_AND, K_ANDALSO, K_AS, K_ASYNC, K_AWAIT, K_BYREF, K_BYVAL, K_CALL, K_CASE, K_CATCH, K_CLASS, K_CONST, K_CONTINUE, K_CTYPE, K_CUSTOM,
    K_DECLARE, K_DEFAULT, K_DELEGATE, K_DIM, K_DIRECTCAST, K_DO, K_EACH, K_ELSE, K_ELSEIF, K_EMPTY, K_END, K_ENDIF, K_ENUM, K_EQV, K_ERASE, K_EVENT, K_EXIT, K_FALSE, K_FINALLY,
    K_FOR, K_FRIEND, K_FROM, K_FUNCTION, K_GET, K_GETTYPE, K_GLOBAL, K_GOTO, K_HANDLES, K_IF, K_IMP, K_IMPLEMENTS, K_IMPORTS, K_IN, K_INHERITS, K_INTERFACE, K_IS, K_ISNOT,
    K_ITERATOR, K_LET, K_LIB, K_LIKE, K_LOOP, K_ME, K_MOD, K_MODULE, K_MUSTINHERIT, K_MUSTOVERRIDE, K_MYBASE, K_MYCLASS, K_NAMESPACE, K_NARROWING, K_NEW, K_NEXT, K_NOT,
    K_NOTHING, K_NOTINHERITABLE, K_NOTOVERRIDABLE, K_NULL, K_OF, K_ON, K_OPERATOR, K_OPTION, K_OPTIONAL, K_OR, K_ORELSE, K_OVERLOADS, K_OVERRIDABLE, K_OVERRIDES, K_PARAMARRAY,
    K_PARTIAL, K_PRESERVE, K_PRIVATE, K_PROPERTY, K_PROTECTED, K_PUBLIC, K_RAISEEVENT, K_READONLY, K_REDIM, K_REM, K_REMOVEHANDLER, K_RESUME, K_RETURN, K_SELECT, K_SET, K_SHADOWS,
    K_SHARED, K_STATIC, K_STEP, K_STRUCTURE, K_SUB, K_SYNCLOCK, K_THEN, K_THROW, K_TO, K_TRUE, K_TRY, K_TRYCAST, K_TYPEOF, K_UNTIL, K_USING, K_WEND, K_WHEN, K_WHILE, K_WIDENING,
    K_WITH, K_WITHEVENTS, K_WRITEONLY, K_XOR, K_YIELD, K_KEYS
};

/* What a block belongs to, and so what ends it. W_LINE: the rest of a line, behind Then. */
enum basic_what {
    W_TOP, W_LINE, W_IF, W_SELECT, W_FOR, W_DO, W_WHILE, W_WITH, W_TRY, W_USING, W_SYNCLOCK, W_PROC, W_ACCESSOR, W_PROPERTY, W_EVENT, W_CLASS, W_MODULE, W_STRUCTURE, W_INTERFACE,
    W_ENUM, W_NAMESPACE, W_KINDS
};

struct basic_tok {
    uint8_t    kind, key, mark;
    bool       blank;             /* something blank stands before it */
    bool       doubled, broken;   /* a text with "" in it; one without its end */
    bool       escaped;           /* a name in full-width letters */
    uint32_t   line;
    size_t     at, end;
    struct str text;              /* name without brackets, text without quotes, number as written */
};

/* A scanner's state. */
struct basic_lex {
    size_t   pos;
    size_t   counted;             /* line ends are counted up to here */
    size_t   place;               /* next of the places */
    uint32_t line;
    size_t   bare;                /* no ] stands before this */
    bool     ends;                /* line ends passed since */
    bool     start;               /* nothing but blanks before on this line */
    bool     dot;                 /* the last token was a dot: what follows is a name, whatever it is */
};

struct basic {
    struct ir_builder *b;
    struct str         code;
    struct ir_places   places;
    bool               net;       /* VB.NET */
    struct basic_lex   lex;       /* behind t */
    struct basic_tok   t;
    uint32_t           tokens, unread, escaped;
    bool               unclosed;
    bool               no_xml;    /* an XML literal had no end: none is looked for again */
    bool               bodyless;  /* within an interface */
    bool               in_proc;
    bool               in_line;   /* a lambda of one statement: a bracket or comma ends it */
    bool               in_module;
    unsigned           depth;
    struct ir         *type;      /* the type around */
    struct ir         *chain, *chain_tail;   /* the last node that may take more operands, and its last kid */
    unsigned           nexts;     /* loops that a Next of several names still has to end */
    uint16_t           open[W_KINDS];
};

/* basic_words.c */
enum basic_key basic_key_of(struct str s, bool net);
bool basic_same(const uint8_t *p, const char *lower, size_t n);   /* without case; `lower` is letters */
bool basic_soft(const struct basic_tok *t);                       /* a name, or a key word that may be one */
bool basic_word_is(const struct basic *p, const char *lower);

/* basic_lex.c */
void basic_next(struct basic *p);
struct basic_tok basic_peek(const struct basic *p);               /* the token behind the one at hand */
struct basic_tok basic_scan(const struct basic *p, struct basic_lex *x);
bool basic_number(struct basic *p);                               /* at an & that begins a number: makes it one */
struct str basic_text(struct basic *p, const struct basic_tok *t); /* "" undone */
int64_t basic_number_value(const struct basic *p, struct str s, bool *ret_whole);
static inline bool basic_is(const struct basic *p, enum basic_key k) { return p->t.kind == TOK_KEY && p->t.key == (uint8_t)k; }
static inline bool basic_mark(const struct basic *p, int m) { return p->t.kind == TOK_MARK && p->t.mark == (uint8_t)m; }
static inline bool basic_word(const struct basic_tok *t) { return t->kind == TOK_NAME || t->kind == TOK_KEY; }

/* basic_tree.c */
struct ir *basic_new(struct basic *p, enum ir_op op);             /* at the line of the token at hand */
struct ir *basic_leaf(struct basic *p, enum ir_op op, struct str text);   /* takes the token at hand */
void basic_hang(struct basic *p, struct ir *parent, struct ir **tail, struct ir *kid);
struct ir *basic_gap(struct basic *p);                            /* the IR_VOID that stands where nothing is written */
struct ir *basic_pair(struct basic *p, enum ir_op op, enum ir_sign sign, struct ir *x, struct ir *y);   /* y may be NULL */
void basic_more(struct basic *p);                                 /* VB.NET goes on in the next line here */
void basic_closing(struct basic *p, int mark);                    /* VB.NET: a line end before this closing mark does not count */
void basic_skip_brackets(struct basic *p);                        /* from an open bracket to behind its partner, or the line's end */
struct str basic_type(struct basic *p, bool arrays);              /* last part of a type's name; "[]" behind it */
struct str basic_array_of(struct basic *p, struct str type);

/* basic_value.c */
bool basic_begins(const struct basic *p);                         /* the token at hand may begin a value */
struct ir *basic_primary(struct basic *p);
struct ir *basic_flat(struct basic *p);                           /* too deep: names and texts up to the partner of the bracket at hand */

/* basic_literal.c */
struct ir *basic_joined(struct basic *p);
bool basic_xml(struct basic *p, struct ir **ret);                 /* false: none here, nothing taken */
struct ir *basic_query(struct basic *p);

/* basic_expr.c. Levels of operators, from the loosest; the order is that of both languages. */
enum { L_NONE, L_IMP, L_EQV, L_XOR, L_OR, L_AND, L_NOT, L_COMPARE, L_SHIFT, L_JOIN, L_ADD, L_MOD, L_INT_DIV, L_MUL, L_NEG, L_POW };
struct ir *basic_expr(struct basic *p);
uint8_t    basic_sign(const struct basic *p);              /* enum ir_sign of the operator that stands here */
struct ir *basic_rest(struct basic *p, struct ir *left, unsigned min);   /* operators of this level and tighter, behind a value that is already read (or NULL) */
struct ir *basic_head(struct basic *p, bool *ret_call);           /* what a statement begins with: a target or a call; *ret_call: its last part is (one value) */
struct ir *basic_suffixes(struct basic *p, struct ir *n);         /* members, calls and indexes behind a value */
void basic_args(struct basic *p, struct ir *call, struct ir **tail, bool bracket);

/* basic_stmt.c */
bool basic_at_end(const struct basic *p);                         /* of a statement */
void basic_leftover(struct basic *p, struct ir *parent, struct ir **tail);
void basic_skip(struct basic *p);                                 /* to the end of the statement, unread */
void basic_block(struct basic *p, struct ir *parent, struct ir **tail, enum basic_what what);
void basic_end(struct basic *p, enum basic_what what);            /* takes the end of a block of this kind, if it stands there */
void basic_body(struct basic *p, struct ir *parent, struct ir **tail, enum basic_what what);   /* a block in a new IR_BLOCK */
void basic_line_statement(struct basic *p, struct ir *parent, struct ir **tail);   /* one statement in a new IR_BLOCK: a lambda's */

/* basic_vars.c */
void basic_dims(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags);
void basic_redim(struct basic *p, struct ir *parent, struct ir **tail);
void basic_erase(struct basic *p, struct ir *parent, struct ir **tail);
void basic_simple(struct basic *p, struct ir *parent, struct ir **tail);   /* an assignment or a call */

/* basic_blocks.c: the statement whose key word makes a block. */
void basic_compound(struct basic *p, struct ir *parent, struct ir **tail);

/* basic_decl.c. A procedure stands within its surroundings, but its blocks cannot end those outside. */
struct basic_scope { uint16_t open[W_KINDS]; unsigned nexts; bool in_proc, in_line; };
struct basic_scope basic_enter(struct basic *p);
void basic_leave(struct basic *p, const struct basic_scope *s);
unsigned basic_role(const struct basic_tok *t);                   /* 1: a modifier. 2: begins a declaration, a name behind it. 3: the same, no name needed */
bool basic_declares(const struct basic *p);                       /* a declaration of a procedure, property or type begins here */
bool basic_declaration(struct basic *p, struct ir *parent, struct ir **tail);   /* false: none here, nothing taken */
void basic_params(struct basic *p, struct ir *parent, struct ir **tail);
void basic_procedure(struct basic *p, struct ir *n, struct ir **tail, enum basic_what what);   /* a body and its end */
struct ir *basic_lambda(struct basic *p);
void basic_attributes(struct basic *p, struct ir *parent, struct ir **tail);
void basic_no_attributes(struct basic *p);                        /* those of a parameter say nothing to us */
void basic_clauses(struct basic *p, struct ir *parent, struct ir **tail);   /* Handles and Implements */
void basic_generic(struct basic *p);                              /* behind (Of T) */
void basic_flags(struct ir *n, const struct ir *flags);

/* basic_types.c */
bool basic_accessor(struct basic *p, struct ir *parent, struct ir **tail);       /* false: none here */
void basic_property(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags, bool bodyless);
void basic_event(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags, bool custom);
void basic_enum(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags);
void basic_class(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags, enum basic_what what);
void basic_imports(struct basic *p, struct ir *parent, struct ir **tail);
void basic_bases(struct basic *p, struct ir *parent, struct ir **tail);          /* Inherits, Implements */

#endif
