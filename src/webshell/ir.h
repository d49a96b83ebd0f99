/*
 * ir: what a piece of server code does, as one small tree for C#, VB.NET, JScript, JScript.NET and VBScript.
 *
 * Shape    nodes with a first kid and a next sibling. Front ends (clike.h, basic.h) build them; flow.h walks them; nobody changes them in between.
 *          What could not be read is IR_VOID with `unread` counted, its readable parts kept as kids where there are any.
 * Case     `fold` of the unit: names compare without case (VB.NET, VBScript). Spelling stays as written, escapes (\u0065) undone.
 * Units    line: 1-based line of the page (not of the piece), 0: unknown.
 * Bounds   IR_NODES_MAX nodes a page unless the builder says otherwise; IR_DEPTH_MAX levels (what lies deeper becomes IR_VOID). Beyond: ir_new gives a node that is shared and
 *          thrown away, and `cut` is set: no caller needs to look.
 * Places   where a kid may be missing but others follow, an IR_VOID stands for it, with a line of at least 1 (a node IR_VOID of line 0 without kids is
 *          taken for the throw-away node and not hung).
 * Chains   x + y + z is ONE IR_BINARY of SIGN_ADD with three kids or more, applied from the left; so is SIGN_JOIN. All other operators have two kids.
 *          A chain of members and calls, or of other operators, that goes deeper than half of IR_DEPTH_MAX continues on an IR_VOID that holds the parts
 *          so far. An else-if chain of more than 40 links continues as a statement of its own.
 * Errors   `full`: the arena is spent; ir_new gives the same throw-away node. Look once, at the end.
 * Owner    nodes and texts live in the builder's arena, or are views into the page.
 * Not done types beyond their names, overloads, name spaces: the last part of a dotted name is the name.
 */
#ifndef WEBSHELL_IR_H
#define WEBSHELL_IR_H

#include "base/arena.h"
#include "base/str.h"

enum { IR_NODES_MAX = 600000, IR_DEPTH_MAX = 160 };

enum ir_language { IR_UNKNOWN, IR_CSHARP, IR_VBNET, IR_JSCRIPT_NET, IR_VBSCRIPT, IR_JSCRIPT, IR_IL, IR_LANGUAGES };

enum ir_op {
    /* values */
    IR_VOID,        /* nothing, or not understood. Kids: readable parts, in order; they are evaluated for what they do */
    IR_TEXT,        /* text.  'c' of C#: type "char".  $"a{x}b" is a SIGN_ADD of its pieces, the first of them always a text */
    IR_NUMBER,      /* number; with a fraction or too large: `text` as written and number 0 */
    IR_LITERAL,     /* text: "true", "false", "null" (Nothing, Empty, undefined, DBNull are null) */
    IR_NAME,        /* text. `ref x`, `out x`, `out var x` are the name alone. this, Me, base and MyBase are names as written in C# ("this", "base").
                       `after` (IR_MEMBER too): the function itself, VB's AddressOf */
    IR_MEMBER,      /* kid 0 . text.   In VB below With: kid 0 is IR_WITH_OBJECT */
    IR_WITH_OBJECT,
    IR_CALL,        /* kid 0 ( the rest ). VB writes indexes the same way: a(b) is IR_CALL there */
    IR_INDEX,       /* kid 0 [ the rest ] */
    IR_NEW,         /* text: last part of the type's name, without generic arguments ("new byte[n]", "new[] {..}": text "byte[]" or "[]");
                       kids: arguments; IR_SET kids are initialisers { Name = value }; one IR_LIST kid holds { a, b, c } */
    IR_UNARY,       /* sign; kid 0 */
    IR_BINARY,      /* sign; kids 0, 1 */
    IR_CHOOSE,      /* kid 0 ? kid 1 : kid 2;   also VB's If(a,b,c); IIf stays a call */
    IR_CAST,        /* type; kid 0.  (T)x, x as T, CType(x, T), DirectCast, TryCast */
    IR_TYPE_OF,     /* type.  typeof(T), GetType(T) */
    IR_LIST,        /* { kids }: array and collection literals */
    IR_ASSIGN,      /* kid 0 = kid 1; sign: of a compound assignment (x += y), else SIGN_NONE.  x++ is x += 1, and `after`: its value is the old one; VB's Set and Let too */
    IR_SET,         /* text = kid 0: initialiser of IR_NEW, named argument (name: v, name:=v), property of a JScript object literal (an IR_LIST of them) */
    IR_LAMBDA,      /* a function as a value: kids are IR_PARAM..., last the body (IR_BLOCK, or one expression) */
    /* statements */
    IR_BLOCK,       /* kids in order */
    IR_LET,         /* Dim/var/T text = kid 0 (if there). type: as written, last part. sign SIGN_CONST: Const. VB's Dim a(n): type "[]".
                       sign SIGN_IS: a name for what is there: first in a handler, what was thrown; as a value of IR_CASE, the subject */
    IR_IF,          /* kid 0 condition, kid 1 then, kid 2 else (if there) */
    IR_LOOP,        /* kid 0 condition (IR_VOID: none), kid 1 body, kid 2 step (if there).  `after`: the condition stands behind the body */
    IR_COUNT,       /* For text = kid 0 To kid 1 Step kid 2 (IR_VOID: 1), kid 3 body */
    IR_EACH,        /* foreach (text in kid 0) kid 1 */
    IR_SELECT,      /* kid 0 subject; IR_CASE kids */
    IR_CASE,        /* kids: values..., last the body (IR_BLOCK). No values: default */
    IR_RETURN,      /* kid 0 if there */
    IR_LEAVE,       /* break, continue, goto, Exit For, Exit Sub ... text: the word after Exit in lower case, or "break", "continue", "goto" */
    IR_TRY,         /* kid 0 body; the rest: handlers and finally, blocks */
    IR_THROW,       /* kid 0 if there */
    IR_USING,       /* kids: resources (IR_LET or values), last the body.  lock, SyncLock, fixed too */
    IR_WITH,        /* VB's With kid 0: body kid 1 */
    IR_ON_ERROR,    /* On Error Resume Next and its like */
    IR_MARKUP,      /* static text of the page between two pieces of code: nothing is kept of it */
    /* declarations */
    IR_METHOD,      /* sign SIGN_IS (IR_PROPERTY too): VB's default member. text; kids: IR_PARAM..., last the body (none, as of extern and abstract: IR_VOID). type: of what it gives. Constructors: text = class
                       name, or "New"; C#'s `: base(a)` is the body's first statement. An expression as body: IR_BLOCK of IR_RETURN */
    IR_PARAM,       /* text, type.  is_static: by reference (ref, out, ByRef, VBScript without ByVal): what is assigned to it goes back to the caller */
    IR_TYPE,        /* class, module, struct, interface: text, type = first base; kids: members (IR_LET are fields) */
    IR_PROPERTY,    /* text, type; kids: IR_METHOD "get" and/or "set" (its last IR_PARAM is "value"); an initialiser: IR_LET. Indexers: text "Item";
                       events: "add", "remove" */
    IR_ATTRIBUTE,   /* text: name without "Attribute"; kids: arguments. Stands before what it belongs to, as a sibling */
    IR_IMPORT,      /* using N; Imports N.  text: dotted. type: alias, if any */
    IR_OPS
};

enum ir_sign {
    SIGN_NONE, SIGN_ADD, SIGN_JOIN /* & of VB */, SIGN_SUB, SIGN_MUL, SIGN_DIV, SIGN_INT_DIV, SIGN_MOD, SIGN_POW, SIGN_XOR, SIGN_AND, SIGN_OR, SIGN_BIT_AND, SIGN_BIT_OR,
    SIGN_SHL, SIGN_SHR, SIGN_EQ, SIGN_NE, SIGN_LT, SIGN_LE, SIGN_GT, SIGN_GE, SIGN_NOT, SIGN_NEG, SIGN_COMPLEMENT, SIGN_IS, SIGN_LIKE, SIGN_COALESCE, SIGN_CONST
};

struct ir {
    uint8_t    op;           /* enum ir_op */
    uint8_t    sign;         /* enum ir_sign */
    bool       after;        /* IR_LOOP */
    bool       is_static, is_public, is_global;  /* declarations; is_global: no key word said otherwise (VBScript, JScript top level) */
    bool       escaped;      /* a name that was spelled with character escapes */
    uint8_t    height;       /* for the front end that builds the tree; nobody else reads it */
    uint32_t   line;
    struct str text, type;
    int64_t    number;
    struct ir *kid, *next;
};

/* A piece of code of one language, ready to be walked. */
struct ir_unit {
    enum ir_language language;
    bool       fold;         /* names without case */
    struct ir *top;          /* IR_BLOCK: statements and declarations, mixed, in order */
    uint32_t   unread;       /* places where the front end skipped something */
    uint32_t   escaped;      /* names spelled with character escapes where plain letters do */
    bool       unclosed;     /* the code ends inside a block, a text or a comment */
};

/* Lines of a piece: sorted pieces of it and where they stand in the page. */
struct ir_place { size_t at; uint32_t line; };   /* from this byte of the code on, counting from this line */
struct ir_places { const struct ir_place *place; size_t n; };

struct ir_builder {
    struct arena    *a;
    size_t           nodes, nodes_max;   /* nodes_max 0: IR_NODES_MAX */
    bool             cut, full;
    struct ir        spare;      /* the throw-away node */
};

/* Never NULL. text and type empty, no kids. */
struct ir *ir_new(struct ir_builder *b, enum ir_op op, uint32_t line);
/* Appends `kid` (NULL or the throw-away node: nothing) and what hangs on it as `next` is NOT taken along. *tail: the last kid so far; start with NULL. */
void ir_add(struct ir *parent, struct ir **tail, struct ir *kid);
/* Kid number n, or NULL. */
struct ir *ir_kid(const struct ir *node, size_t n);
/* A canonical text of the tree, "(call (member (name \"Request\") Item) (text \"a\"))": for tests. Bounded by the arena. .p == NULL: full. */
struct str ir_print(struct arena *a, const struct ir *node);
const char *ir_language_name(enum ir_language l);   /* "C#", "VB.NET" ... */

#endif
