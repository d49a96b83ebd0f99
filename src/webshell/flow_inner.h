/*
 * flow_inner: what the parts of the walk share. Included by flow*.c only.
 *
 * Slots    every place that can hold a value (variable, field, role of an object, its content) is a struct slot and is written by slot_set alone:
 *          where code may or may not run, a fork remembers what a slot held before, takes it back between the arms and joins them at the end.
 *          A slot that was made inside the arm needs no memory of what was before (`born`).
 * Objects  shared by reference. Fields, roles ("\1p": what the tables call a role letter) and elements under a known key stand in one table; what is in
 *          it otherwise (elements of a list, text of a builder, bytes of a stream) is its content. `own`: the content is the value itself.
 * Depth    eval and walk count in w->depth together; FLOW_DEPTH_MAX of them are open at most.
 * Stop     `stop`: this entry has used its part of the steps; everything returns at once and the next entry starts.
 */
#ifndef WEBSHELL_FLOW_INNER_H
#define WEBSHELL_FLOW_INNER_H

#include "base/num.h"
#include "webshell/flow.h"
#include "webshell/fold.h"

enum { FLOW_DEPTH_MAX = 300, FLOW_STACK_MAX = 2048, FLOW_ARGS_MAX = 64, FLOW_TEXTS_MAX = 256, FLOW_TEXT_BYTES_MAX = 4 << 20, FLOW_KEYS = 32, FLOW_GATES_MAX = 32, MEMO_N = 4, TRAIL_MAX = 64 };

/* How the code that is walked is written. */
struct ctx { enum ir_language language; bool fold, binding; uint8_t nest; };

struct slot {
    struct slot *next;                   /* of its table */
    struct str   name;
    uint64_t     hash;
    struct val   v;
    uint32_t     born, epoch, pend;
    bool         set, local, fold, result, is_method, is_property, is_type;
    const struct api_class *cls;         /* declared */
    struct str   type;
};
struct table { struct slot *first, *last, **hash; uint32_t n; size_t cap; };

struct method {
    struct method   *next;               /* overload, or the next of all */
    struct method   *all;
    struct str       name, native;       /* native: the function of a DLL it stands for */
    const struct ir *at;                 /* IR_METHOD or IR_LAMBDA */
    const struct ir *index;              /* of an indexer: the IR_PROPERTY whose parameters come before its own */
    const struct ctx *ctx;
    struct klass    *klass;
    uint32_t         params;
    bool             called, event, web, done;
    uint32_t         open;               /* calls of it that are being walked */
    struct { uint64_t sign; uint32_t world; struct val ret; bool used; } memo[MEMO_N];
    uint32_t         memo_next;
};
struct klass {
    struct klass    *next, *base;
    struct str       name, base_name;
    const struct ir *at;
    const struct ctx *ctx;
    struct table     member;             /* methods, properties, static fields */
    struct object   *self;               /* the instance that events are called on */
    struct object   *made, *made_first;  /* the last one that the code makes itself, and the first; NULL: none */
    struct str       item;               /* VB's default member */
    bool             page, fields_done;
};
struct frame {
    struct table     local;
    struct frame    *up;                 /* closure */
    const struct method *method;
    struct object   *self;
    struct klass    *klass;
    const struct val *with;
    const struct val *arg;               /* what it was called with, while it runs */
    size_t           arg_n;
    struct val       ret;
    bool             ret_set, captured;
    uint32_t         serial;
};
struct object {
    struct table     field;
    struct slot      content;
    struct klass    *klass;
    struct method   *method, *getter, *setter;
    struct frame    *closure;
    struct val      *bound;              /* what a function is called on */
    struct str       control;            /* id of a server control */
    uint32_t         id, born;
    bool             own, bytes_own, input;
};

struct undo { struct slot *slot; struct val old; uint32_t epoch; bool set; };
struct pend { struct slot *slot; struct val v; uint32_t count; bool set; };
struct fork { size_t undo, pend; uint32_t outer, arms, local_arms; };

enum way { WAY_ON, WAY_BREAK, WAY_CONTINUE, WAY_TRY /* VB's Exit Try */, WAY_RETURN };
struct text_code { struct str text; enum ir_language language; struct ir_unit unit; const struct ctx *ctx; bool value; };

struct walk {
    struct arena   *a;
    struct flow    *flow;
    struct fold     fold;
    const struct container *page;
    const struct ctx *ctx;
    struct frame   *frame;               /* NULL: the page's own level */
    struct table    global, stored, types, prototype;
    struct object  *err;                 /* Err of Visual Basic; NULL: no such language here */
    struct slot    *free_slot;           /* of functions that returned */
    struct frame   *free_frame;
    const struct ir *direct;             /* the call whose arguments are written one for one */
    struct object   page_object;
    struct slot     stored_any;
    struct klass   *klasses, **klass_tail;
    struct method  *methods, **method_tail;
    const struct api_class *page_class, *native_class;
    struct val     *stack; size_t sp;
    struct undo    *undo; size_t undo_n, undo_cap;
    struct pend    *pend; size_t pend_n, pend_cap;
    uint32_t        serial, serial_last, world, ids, calls, depth, texts;
    size_t          text_bytes;
    struct text_code *text; size_t text_n, text_cap;
    uint32_t        late_line;           /* of the late call whose member is called now */
    uint64_t        steps, limit, steps_max, loop_steps, known_writes;
    uint32_t        loops;           /* loops around what is walked now, on the way from the entry */
    size_t          use_cap, gate_cap;
    uint32_t       *use_at;              /* places of uses by line and sink, plus 1 */
    const struct ir **seen; size_t seen_n, seen_cap;
    uint8_t        *append_end; size_t append_room;    /* the text that was joined last may grow in place */
    struct ir_builder builder;
    struct str      web_name[64]; size_t web_n;
    struct ir      *import[64]; size_t import_n;
    struct val      thrown;              /* what any of the page's throws may bring */
    bool            stop, full, reached, classic, dead, dirty;
    bool            operators;           /* some class declares any */
    size_t          reserve;
};

static inline bool in_basic(const struct walk *w) { return w->ctx->language == IR_VBSCRIPT || w->ctx->language == IR_VBNET; }
static inline bool in_script(const struct walk *w) { return w->ctx->language == IR_JSCRIPT || w->ctx->language == IR_JSCRIPT_NET; }
static inline bool in_dotnet(const struct walk *w) { return w->ctx->language == IR_CSHARP || w->ctx->language == IR_VBNET || w->ctx->language == IR_JSCRIPT_NET; }

static inline bool name_in(struct str name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq_c(name, list[i]))
            return true;
    return false;
}
#define IN(name, ...) name_in(name, (const char *const[]){ __VA_ARGS__ }, COUNT_OF(((const char *const[]){ __VA_ARGS__ })))

/* ---- flow_env.c ---- */
struct slot  *table_find(const struct walk *w, const struct table *t, struct str name);
struct slot  *table_get(struct walk *w, struct table *t, struct str name, bool local);     /* made if missing; NULL: arena full */
void          slot_set(struct walk *w, struct slot *s, const struct val *v);
struct val    slot_value(struct walk *w, const struct slot *s);
bool          number_type(struct str type);
bool          text_has_letter(struct str s);
struct object *object_new(struct walk *w);
struct slot  *object_role(struct walk *w, struct object *o, char letter, bool make);
struct val    val_join(struct walk *w, const struct val *x, const struct val *y);           /* what may be either */
uint32_t      val_marks(const struct val *v);                                               /* with what is inside */
uint32_t      val_marks_inside(const struct val *v, unsigned depth);
struct val    val_mix(struct walk *w, const struct val *self, const struct val *arg, size_t n);   /* unknown, made of these */
struct val    val_object(struct walk *w, const struct api_class *cls);                      /* a new instance */
struct val    val_str(struct str s);
struct val    val_type(struct str name, const struct api_class *cls);
struct val    val_refresh(const struct val *v);
static inline struct val val_unknown(uint32_t marks) { return (struct val){ .kind = VAL_UNKNOWN, .marks = marks }; }
void          trail_add(struct walk *w, struct val *v, enum trail_kind what, const struct ir *at, struct str name);
void          fork_begin(struct walk *w, struct fork *f);
void          fork_arm(struct walk *w, struct fork *f);
void          fork_arm_end(struct walk *w, struct fork *f, bool returned, bool thrown_away);
void          fork_end(struct walk *w, struct fork *f);
bool          seen_first(struct walk *w, const struct ir *n);                                /* true: this place was not seen before */
bool          list_own(struct walk *w, struct val *v);                                      /* from now on its content may be written */
void          content_add(struct walk *w, struct object *o, const struct val *v);           /* one more element */
void          content_mix(struct walk *w, struct object *o, const struct val *v);           /* something of it is inside */
bool          walk_step(struct walk *w);                                                    /* false: stop */

/* ---- flow_expr.c ---- */
struct val    eval(struct walk *w, const struct ir *n);
struct val    eval_name(struct walk *w, const struct ir *n);
struct val    member_get(struct walk *w, const struct ir *at, const struct val *self, struct str name);
void          member_set(struct walk *w, const struct ir *at, const struct val *self, struct str name, const struct val *v);
struct slot  *name_slot(struct walk *w, struct str name);
struct str    class_name(const struct val *v);
const struct api_class *page_like(const struct walk *w, const struct val *self);             /* its class, or that of the page that it is */

/* ---- flow_sign.c ---- */
struct val    eval_join(struct walk *w, const struct ir *at, enum ir_sign sign, struct val x, struct val y);
struct val    eval_sign(struct walk *w, const struct ir *at, enum ir_sign sign, struct val x, struct val y);
struct val    eval_binary(struct walk *w, const struct ir *n);
struct val    as_char(const struct walk *w, struct val v);                                   /* a char of C# as its number */

/* ---- flow_place.c ---- */
struct val    index_get(struct walk *w, const struct ir *at, const struct val *self, const struct val *arg, size_t n);
void          assign(struct walk *w, const struct ir *target, struct val v);
struct val    eval_assign(struct walk *w, const struct ir *n);
struct slot  *lvalue_slot(struct walk *w, const struct ir *n);

/* ---- flow_call.c ---- */
struct val    eval_call(struct walk *w, const struct ir *n);
struct val    call_member(struct walk *w, const struct ir *at, const struct val *self, struct str name, const struct val *arg, size_t n);
struct val   *many_args(struct walk *w, const struct ir *k, size_t *ret);                          /* NULL: no more of them than any call may have */

/* ---- flow_own.c ---- */
struct val    call_value(struct walk *w, const struct ir *at, const struct val *f, const struct val *arg, size_t n);
struct val    call_method(struct walk *w, const struct ir *at, struct method *m, struct object *self, struct frame *up, const struct val *arg, size_t n);
struct method *method_pick(struct method *m, size_t n);
struct klass *klass_find(struct walk *w, struct str name);
struct val    klass_make(struct walk *w, const struct ir *at, struct klass *k, const struct val *arg, size_t n);
struct slot  *klass_member(struct walk *w, const struct klass *k, struct str name);
void          klass_fields(struct walk *w, struct klass *k, struct object *o);
bool          delegate_of(struct walk *w, const struct val *v, struct val *ret_type, struct val *ret_name);   /* CreateDelegate(..., method): is one, and of what */

/* ---- flow_script.c ---- */
void          script_err(struct walk *w);
bool          script_call(struct walk *w, const struct ir *at, const struct val *self, struct str name, const struct val *arg, size_t n, struct val *ret);   /* false: an ordinary member */
bool          prototype_set(struct walk *w, const struct ir *target, const struct val *v);          /* false: an ordinary assignment */

/* ---- flow_operator.c: what classes of the page's own declare ---- */
bool          operator_call(struct walk *w, const struct ir *at, enum ir_sign sign, const struct val *x, const struct val *y, struct val *ret);   /* y NULL: of one. False: none */
struct val    operator_convert(struct walk *w, const struct ir *at, struct val v, struct str type);   /* v itself, or what its conversion to this type gives */
struct val    operator_truth(struct walk *w, const struct ir *at, struct val v);
struct val    as_text(struct walk *w, const struct ir *at, const struct val *v);                /* an object of the page's own where a text is asked for */

/* ---- flow_new.c, flow_list.c, flow_text.c ---- */
struct val    eval_new(struct walk *w, const struct ir *n);
const struct ir *typed_new(struct walk *w, const struct ir *let);                            /* the value of a declaration, with its type where only the left side names it */
bool          builder_call(struct walk *w, const struct ir *at, const struct val *self, struct str name, const struct val *arg, size_t n, struct val *ret);
bool          list_call(struct walk *w, const struct val *self, struct str name, const struct val *arg, size_t n, struct val *ret);
struct val    run_text(struct walk *w, const struct ir *at, const struct val *text, enum ir_language language, bool value);

/* ---- flow_api.c ---- */
/* A member of a known class: called with arguments, read (arg NULL), or assigned (the last argument is the value). */
enum api_how { HOW_CALL, HOW_READ, HOW_SET };
struct val    api_apply(struct walk *w, const struct ir *at, const struct api_class *cls, const struct api_member *m, const struct val *self, const struct val *arg, size_t n, enum api_how how);
struct val    late_invoke(struct walk *w, const struct ir *at, const struct val *target, const struct val *name, const struct val *arg, size_t n);
bool          fill_argument(struct walk *w, const struct ir *call, size_t arg, const struct val *v);   /* the variable given as an argument receives v */

/* For the parts of it, which stand in flow_api.c and flow_sink.c. */
const struct val *role_arg(const char *roles, char letter, const struct val *arg, size_t n);   /* the first argument of that role; NULL: none */
const struct api_class *api_gives(const struct api_member *m, const struct val *self);
void          role_store(struct walk *w, struct object *o, char letter, const struct val *v, bool more);
void          fill_all(struct walk *w, const struct ir *at, const char *roles, size_t n, const struct val *v);   /* arguments that receive */
struct val    api_pass(struct walk *w, const struct ir *at, const struct api_member *m, const struct val *self, const struct val *arg, size_t n, enum api_how how);
struct val    api_stored(struct walk *w, const struct ir *at, const struct api_member *m, const struct val *self, const struct val *arg, size_t n, enum api_how how);
struct val    api_sink(struct walk *w, const struct ir *at, const struct api_class *cls, const struct api_member *m, const struct val *self, const struct val *arg, size_t n, enum api_how how);

/* ---- flow_use.c ---- */
char          role_letter(const char *roles, size_t i);                                       /* what argument number i is */
void          use_record(struct walk *w, const struct ir *at, enum sink sink, struct str cls, struct str name, const struct role *role, size_t n);
size_t        roles_of(struct walk *w, struct role *ret, const char *letters, const struct val *self, const struct val *arg, size_t n);
struct val    role_value(struct walk *w, char letter, const struct val *v, unsigned depth);
void          key_record(struct walk *w, struct str key);
void          gate_record(struct walk *w, const struct ir *at, const struct val *x, const struct val *y);

/* ---- flow_stmt.c, flow_loop.c ---- */
enum way      walk(struct walk *w, const struct ir *n);
void          walk_dead(struct walk *w, const struct ir *n, bool rest);                     /* what does not run: looked at once */
bool          truth_known(const struct val *v, int *ret);
enum way      walk_loop(struct walk *w, const struct ir *n);
enum way      walk_count(struct walk *w, const struct ir *n);
enum way      walk_each(struct walk *w, const struct ir *n);

/* ---- flow_decl.c ---- */
void          hoist(struct walk *w, const struct ir *block, const struct ctx *ctx, struct klass *k);
struct method *method_new(struct walk *w, const struct ir *at, const struct ctx *ctx, struct klass *k, struct table *to);

#endif
