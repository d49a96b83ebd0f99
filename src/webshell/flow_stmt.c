/* Statements: branches and ways out of them. */
#include "webshell/flow_inner.h"

#include <string.h>

#include "base/num.h"

static struct val note_return(struct walk *w, const struct ir *n)
{
    struct val v = n->kid ? eval(w, n->kid) : (struct val){ .kind = VAL_NULL };

    if (w->frame && !w->dead && n->kid) {
        w->frame->ret = w->frame->ret_set ? val_join(w, &w->frame->ret, &v) : v;
        w->frame->ret_set = true;
    }
    return v;
}

/* Code that does not run as far as anybody can tell: looked at once, and nothing of it stays but its uses. */
void walk_dead(struct walk *w, const struct ir *n, bool rest)
{
    if (!n || w->stop || !seen_first(w, n))
        return;
    struct fork f;
    bool        was = w->dead;

    w->dead = true;
    fork_begin(w, &f);
    fork_arm(w, &f);
    for (; n && !w->stop; n = n->next) {
        walk(w, n);
        if (!rest)
            break;
    }
    fork_arm_end(w, &f, false, true);
    fork_end(w, &f);
    w->dead = was;
}

bool truth_known(const struct val *v, int *ret)
{
    *ret = fold_truth(v);
    return *ret >= 0 && !v->maybe;
}

static enum way arm(struct walk *w, struct fork *f, const struct ir *n)
{
    fork_arm(w, f);
    if (n)
        seen_first(w, n);
    enum way way = n ? walk(w, n) : WAY_ON;
    fork_arm_end(w, f, way == WAY_RETURN, false);
    return way;
}

static enum way either_way(enum way x, enum way y) { return x == WAY_ON || y == WAY_ON ? WAY_ON : x == y ? x : x == WAY_RETURN ? y : y == WAY_RETURN ? x : WAY_BREAK; }

static enum way walk_if(struct walk *w, const struct ir *n)
{
    const struct ir *yes = n->kid ? n->kid->next : NULL, *no = yes ? yes->next : NULL;
    struct val c = operator_truth(w, n, eval(w, n->kid));
    int        t;

    if (truth_known(&c, &t)) {
        const struct ir *run = t ? yes : no;
        if (run)
            seen_first(w, run);
        enum way way = run ? walk(w, run) : WAY_ON;
        walk_dead(w, t ? no : yes, false);
        return way;
    }
    struct fork f;
    fork_begin(w, &f);
    enum way x = arm(w, &f, yes), y = arm(w, &f, no);
    fork_end(w, &f);
    return either_way(x, y);
}

/* A name for what is there already. */
static void name_it(struct walk *w, const struct ir *let, const struct val *v)
{
    struct slot *s = let->text.n ? table_get(w, w->frame ? &w->frame->local : &w->global, let->text, w->frame != NULL) : NULL;

    if (!s || s->is_method || s->is_property)
        return;
    s->type = let->type;
    s->cls  = let->type.n ? api_class_find(let->type) : NULL;
    struct val named = *v;
    trail_add(w, &named, TRAIL_VARIABLE, let, let->text);
    slot_set(w, s, &named);
}

static enum way walk_select(struct walk *w, const struct ir *n)
{
    struct val  subject = n->kid && n->kid->op != IR_CASE ? eval(w, n->kid) : val_unknown(0);
    struct fork f;
    enum way    all = WAY_RETURN;
    bool        any = false, other = false, sure = !subject.maybe, done = false;

    fork_begin(w, &f);
    for (const struct ir *c = n->kid; c && !w->stop; c = c->next) {
        if (c->op != IR_CASE)
            continue;
        const struct ir *body = NULL;
        bool             match = false, open = false, values = false;
        for (const struct ir *k = c->kid; k; k = k->next) {
            if (!k->next) {
                body = k;
                break;
            }
            values = true;
            if (k->op == IR_LET) {
                name_it(w, k, &subject);
                if (k->kid)
                    eval(w, k->kid);
                open = true;
                continue;
            }
            struct val v = eval(w, k), eq;
            gate_record(w, k, &subject, &v);
            if (!fold_binary(&w->fold, w->ctx->language, SIGN_EQ, &subject, &v, &eq)) {
                w->full = w->stop = true;
                break;
            }
            int t;
            if (!truth_known(&eq, &t))
                open = true;
            else if (t)
                match = true;
        }
        other = other || !values;
        bool runs = !values ? !done : match || open;
        sure = sure && !(open && !match);
        if (done || !runs) {
            /* Something before it matched, or it cannot match. */
            walk_dead(w, body, false);
            continue;
        }
        enum way way = arm(w, &f, body);
        if (way == WAY_BREAK)
            way = WAY_ON;
        all = any ? either_way(all, way) : way;
        any = true;
        if (match && !open)
            done = true;
    }
    if (!done && !other) {
        /* Perhaps none of them. */
        f.arms++;
        f.local_arms++;
        all = WAY_ON;
    }
    fork_end(w, &f);
    (void)sure;
    return any ? all : WAY_ON;
}

static bool is_empty(const struct ir *n) { return !n || ((n->op == IR_BLOCK || n->op == IR_VOID) && !n->kid); }

static enum way walk_try(struct walk *w, const struct ir *n)
{
    enum way way = n->kid ? walk(w, n->kid) : WAY_ON;

    for (const struct ir *k = n->kid ? n->kid->next : NULL; k && !w->stop; k = k->next) {
        struct fork f;
        if (is_empty(k) && seen_first(w, k))
            w->flow->swallowed++;
        fork_begin(w, &f);
        if (k->op == IR_BLOCK && k->kid && k->kid->op == IR_LET && k->kid->sign == SIGN_IS)
            name_it(w, k->kid, &w->thrown);
        enum way x = arm(w, &f, k);
        f.arms++;
        f.local_arms++;
        fork_end(w, &f);
        way = either_way(way, x);
    }
    return way == WAY_TRY ? WAY_ON : way;
}

static enum way walk_using(struct walk *w, const struct ir *n)
{
    enum way way = WAY_ON;

    for (const struct ir *k = n->kid; k && !w->stop; k = k->next)
        way = walk(w, k);
    return way;
}

static enum way walk_with(struct walk *w, const struct ir *n)
{
    struct val v = eval(w, n->kid);
    const struct ir *body = n->kid ? n->kid->next : NULL;
    enum way way = WAY_ON;

    if (!v.object && !v.cls && v.kind == VAL_UNKNOWN)
        v.object = object_new(w);
    if (w->frame) {
        const struct val *was = w->frame->with;
        struct frame     *f = w->frame;
        f->with = &v;
        way = body ? walk(w, body) : WAY_ON;
        f->with = was;
    } else {
        struct val *was = w->page_object.bound;
        w->page_object.bound = &v;
        way = body ? walk(w, body) : WAY_ON;
        w->page_object.bound = was;
    }
    return way;
}

static void walk_let(struct walk *w, const struct ir *n)
{
    struct table *to = w->frame ? &w->frame->local : &w->global;
    struct slot  *s;

    if (!n->text.n || n->sign == SIGN_IS) {
        if (n->kid)
            eval(w, n->kid);
        return;
    }
    /* A static local keeps its value: a second declaration changes nothing. */
    struct val v = { .kind = VAL_NULL };
    bool       has = n->kid != NULL;
    if (has && n->kid->op != IR_NEW && str_eq(n->type, STR("[]"))) {
        struct val size = eval(w, n->kid);
        (void)size;
        has = false;
    } else if (has)
        v = operator_convert(w, n, eval(w, typed_new(w, n)), n->type);
    s = table_get(w, to, n->text, w->frame != NULL);
    if (!s || s->is_method || s->is_property)
        return;
    if (n->type.n && (!s->cls || w->frame)) {
        s->type = n->type;
        s->cls = api_class_find(n->type);
    }
    if (!has)
        return;
    trail_add(w, &v, TRAIL_VARIABLE, n, n->text);
    if (!v.cls && s->cls && v.kind == VAL_UNKNOWN) {
        v.cls = s->cls;
        v.marks |= s->cls->marks;
    }
    slot_set(w, s, &v);
}

/* A function inside a function. */
static void local_method(struct walk *w, const struct ir *n)
{
    struct method *m = NEW(w->a, struct method, 1);
    struct slot   *s = m && n->text.n ? table_get(w, &w->frame->local, n->text, true) : NULL;
    struct val     v = { .kind = VAL_FUNCTION, .code = n, .object = s ? object_new(w) : NULL };

    if (!s || !v.object)
        return;
    *m = (struct method){ .name = n->text, .at = n, .ctx = w->ctx, .klass = w->frame->klass };
    for (const struct ir *k = n->kid; k; k = k->next)
        m->params += k->op == IR_PARAM;
    v.object->method  = m;
    v.object->closure = w->frame;
    w->frame->captured = true;
    slot_set(w, s, &v);
}

static enum way walk_block(struct walk *w, const struct ir *n)
{
    if (w->frame)
        for (const struct ir *k = n->kid; k; k = k->next)
            if (k->op == IR_METHOD)
                local_method(w, k);
    for (const struct ir *k = n->kid; k && !w->stop; k = k->next) {
        enum way way = walk(w, k);
        if (way != WAY_ON) {
            walk_dead(w, k->next, true);
            return way;
        }
    }
    return WAY_ON;
}

/* ReDim Preserve a(n): longer, with what it has. */
static bool redim(struct walk *w, const struct ir *n)
{
    const struct ir *name = n->kid, *size = name ? name->next : NULL;
    struct slot     *s;

    if (!size || size->op != IR_NEW || !str_eq(size->text, STR("[]")) || size->next || !(s = lvalue_slot(w, name)))
        return false;
    struct val v = slot_value(w, s), to = size->kid ? eval(w, size->kid) : val_unknown(0);
    if (v.kind == VAL_NULL && (to.kind != VAL_NUMBER || to.maybe)) {
        v = (struct val){ .kind = VAL_UNKNOWN, .object = object_new(w) };      /* of nobody knows what size */
        slot_set(w, s, &v);
        return true;
    }
    if (v.kind == VAL_NULL)
        v = (struct val){ .kind = VAL_LIST };
    if (v.kind != VAL_LIST || to.kind != VAL_NUMBER || to.maybe || to.number < 0 || to.number >= VAL_ITEMS_MAX || !list_own(w, &v))
        return true;
    struct val none = { .kind = VAL_NULL };
    while (v.object->content.v.kind == VAL_LIST && v.object->content.v.item_n < (size_t)to.number + 1 && walk_step(w))
        content_add(w, v.object, &none);
    slot_set(w, s, &v);
    return true;
}

static enum way walk_here(struct walk *w, const struct ir *n)
{
    switch ((enum ir_op)n->op) {
    case IR_BLOCK:
        return walk_block(w, n);
    case IR_LET:
        walk_let(w, n);
        return WAY_ON;
    case IR_IF:
        return walk_if(w, n);
    case IR_LOOP: case IR_COUNT: case IR_EACH: {
        w->loops++;
        enum way way = n->op == IR_LOOP ? walk_loop(w, n) : n->op == IR_COUNT ? walk_count(w, n) : walk_each(w, n);
        w->loops--;
        return way;
    }
    case IR_SELECT:
        return walk_select(w, n);
    case IR_CASE:
        for (const struct ir *k = n->kid; k && !w->stop; k = k->next)
            walk(w, k);
        return WAY_ON;
    case IR_RETURN:
        note_return(w, n);
        return WAY_RETURN;
    case IR_LEAVE:
        if (str_eq(n->text, STR("goto")))
            return WAY_ON;
        if (str_eq(n->text, STR("continue")))
            return WAY_CONTINUE;
        if (str_eq(n->text, STR("try")))
            return WAY_TRY;
        return str_eq(n->text, STR("sub")) || str_eq(n->text, STR("function")) || str_eq(n->text, STR("property")) || str_eq(n->text, STR("end")) || str_eq(n->text, STR("stop")) ? WAY_RETURN : WAY_BREAK;
    case IR_TRY:
        return walk_try(w, n);
    case IR_THROW:
        if (n->kid) {
            struct val v = eval(w, n->kid);
            w->thrown = w->thrown.marks ? val_mix(w, &w->thrown, &v, 1) : val_mix(w, &v, NULL, 0);
        }
        return WAY_RETURN;
    case IR_USING:
        return walk_using(w, n);
    case IR_WITH:
        return walk_with(w, n);
    case IR_ON_ERROR:
        /* "goto 0" ends it, a label handles it. */
        if (str_eq(n->text, STR("resume next")) && seen_first(w, n))
            w->flow->swallowed++;
        return WAY_ON;
    case IR_VOID:
        if (redim(w, n))
            return WAY_ON;
        eval(w, n);
        return WAY_ON;
    case IR_MARKUP: case IR_METHOD: case IR_PARAM: case IR_TYPE: case IR_PROPERTY: case IR_ATTRIBUTE: case IR_IMPORT:
        return WAY_ON;
    default:
        eval(w, n);
        return WAY_ON;
    }
}

enum way walk(struct walk *w, const struct ir *n)
{
    if (!n || !walk_step(w))
        return WAY_ON;
    if (w->depth >= FLOW_DEPTH_MAX) {
        w->flow->cut = true;
        return WAY_ON;
    }
    w->depth++;
    enum way way = walk_here(w, n);
    w->depth--;
    /* Nobody but a loop looks at `continue`. */
    if (way == WAY_CONTINUE && (n->op == IR_LOOP || n->op == IR_COUNT || n->op == IR_EACH))
        way = WAY_ON;
    return way;
}
