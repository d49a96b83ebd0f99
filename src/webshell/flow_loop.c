/* Loops: walked turn by turn while they make something known, then as what may happen any number of times. */
#include "webshell/flow_inner.h"

#include "base/num.h"

enum { LOOP_TRIES = 4, LOOP_FEW = 16, LOOP_NEST = 4 };

struct turn { uint64_t writes, steps; uint32_t times; };

/* Loops in loops in loops double the work with each level: where that has cost much already, the inner ones are walked once. */
static bool nested(const struct walk *w) { return w->loops > LOOP_NEST && w->loop_steps > w->steps_max / 16; }

static bool goes_on(struct walk *w, struct turn *t)
{
    /* A loop that makes no known text or list is understood after a few turns; but a few turns may be all: the letters of a group, the bits of a byte. */
    t->times++;
    if (w->stop || nested(w) || w->loop_steps > w->steps_max / 4 * 3 || w->steps > w->limit - w->limit / 16)
        return false;
    if (t->times % 8 == LOOP_TRIES && (t->times > LOOP_FEW || w->loops > 2)) {
        if (w->known_writes == t->writes)
            return false;
        t->writes = w->known_writes;
    }
    return true;
}

static void walk_twice(struct walk *w, const struct ir *cond, const struct ir *body, const struct ir *step)
{
    struct fork f;

    for (int i = nested(w); i < 2 && !w->stop; i++) {
        fork_begin(w, &f);
        fork_arm(w, &f);
        if (cond)
            eval(w, cond);
        enum way way = body ? walk(w, body) : WAY_ON;
        if (way != WAY_RETURN && step)
            walk(w, step);
        fork_arm_end(w, &f, way == WAY_RETURN, false);
        f.arms++;
        f.local_arms++;
        fork_end(w, &f);
    }
}

enum way walk_loop(struct walk *w, const struct ir *n)
{
    const struct ir *cond = n->kid, *body = cond ? cond->next : NULL, *step = body ? body->next : NULL;
    bool        endless = !cond || cond->op == IR_VOID || cond->op == IR_LITERAL;
    bool        first = n->after;
    struct turn turn = { .writes = w->known_writes };
    uint64_t    steps = w->steps;

    if (body)
        seen_first(w, body);
    while (!nested(w)) {
        if (!first) {
            struct val c = endless && !(cond && cond->op == IR_LITERAL) ? (struct val){ .kind = VAL_BOOL, .number = 1 } : eval(w, cond);
            int        t;
            if (!truth_known(&c, &t))
                break;
            if (!t) {
                if (!turn.times && body && !n->after)
                    walk_dead(w, body, false);
                w->loop_steps += w->steps - steps;
                return WAY_ON;
            }
        }
        first = false;
        enum way way = body ? walk(w, body) : WAY_ON;
        if (way >= WAY_TRY || w->stop) {
            w->loop_steps += w->steps - steps;
            return way;
        }
        if (way == WAY_BREAK) {
            w->loop_steps += w->steps - steps;
            return WAY_ON;
        }
        if (step)
            walk(w, step);
        w->loop_steps += w->steps - steps;
        steps = w->steps;
        if (!goes_on(w, &turn))
            break;
    }
    w->loop_steps += w->steps - steps;
    walk_twice(w, cond, body, step);
    return WAY_ON;
}

static struct slot *loop_slot(struct walk *w, struct str name)
{
    if (!name.n)
        return NULL;
    struct slot *s = name_slot(w, name);
    return s && !s->is_method && !s->is_property ? s : table_get(w, w->frame ? &w->frame->local : &w->global, name, w->frame != NULL);
}

enum way walk_count(struct walk *w, const struct ir *n)
{
    const struct ir *to = ir_kid(n, 1), *by = ir_kid(n, 2), *body = ir_kid(n, 3);
    struct val  x = eval(w, n->kid), end = eval(w, to);
    struct val  step = by && by->op != IR_VOID ? eval(w, by) : (struct val){ .kind = VAL_NUMBER, .number = 1 };
    struct slot *s = loop_slot(w, n->text);
    struct turn turn = { .writes = w->known_writes };
    bool        sure = x.kind == VAL_NUMBER && end.kind == VAL_NUMBER && step.kind == VAL_NUMBER && !x.maybe && !end.maybe && !step.maybe && step.number != 0 && !nested(w);
    uint64_t    steps = w->steps;

    if (body)
        seen_first(w, body);
    if (sure) {
        int64_t i = x.number;
        for (; step.number > 0 ? i <= end.number : i >= end.number;) {
            struct val v = { .kind = VAL_NUMBER, .number = i };
            slot_set(w, s, &v);
            enum way way = body ? walk(w, body) : WAY_ON;
            w->loop_steps += w->steps - steps;
            steps = w->steps;
            if (way >= WAY_TRY || w->stop)
                return way;
            if (way == WAY_BREAK)
                return WAY_ON;
            if (__builtin_add_overflow(i, step.number, &i) || !goes_on(w, &turn))
                goto blind;
        }
        if (!turn.times && body)
            walk_dead(w, body, false);
        struct val v = { .kind = VAL_NUMBER, .number = i };
        slot_set(w, s, &v);
        return WAY_ON;
    }
blind:;
    struct val v = { .kind = VAL_FRACTION, .marks = (x.marks | end.marks) & ~(uint32_t)(MARK_REQUEST | MARK_UPLOAD), .maybe = true };
    if (x.marks & MARK_REQUEST)
        v.marks |= MARK_IDENTITY;
    slot_set(w, s, &v);
    walk_twice(w, NULL, body, NULL);
    return WAY_ON;
}

static struct val element_of(struct walk *w, const struct ir *at, const struct val *all)
{
    const struct api_member *m = all->cls ? api_member_find(all->cls, STR("item")) : NULL;
    struct val r;

    if (m && m->effect == API_SOURCE) {
        r = api_apply(w, at, all->cls, m, all, NULL, 0, HOW_CALL);
        r.marks |= all->marks & ~(uint32_t)MARK_IDENTITY;
        return r;
    }
    r = val_mix(w, all, NULL, 0);
    r.cls = all->kind == VAL_TYPE ? NULL : all->cls;
    r.object = all->object && !all->object->own ? all->object : NULL;
    r.maybe = true;
    return r;
}

enum way walk_each(struct walk *w, const struct ir *n)
{
    const struct ir *body = n->kid ? n->kid->next : NULL;
    struct val   all = eval(w, n->kid);
    struct slot *s = loop_slot(w, n->text);
    struct turn  turn = { .writes = w->known_writes };
    uint64_t     steps = w->steps;

    if (body)
        seen_first(w, body);
    if (s && n->type.n) {
        s->type = n->type;
        s->cls = api_class_find(n->type);
    }
    bool text = all.kind == VAL_TEXT && w->ctx->language != IR_JSCRIPT, places = w->ctx->language == IR_JSCRIPT;
    if ((all.kind == VAL_LIST || text || all.kind == VAL_BYTES) && !all.maybe && !nested(w)) {
        size_t count = all.kind == VAL_LIST ? all.item_n : all.text.n;
        for (size_t i = 0; i < count; i++) {
            struct val at = { .kind = VAL_NUMBER, .number = (int64_t)i }, v;
            if (all.kind == VAL_LIST)
                v = places ? at : val_refresh(&all.item[i]);
            else if (!fold_index(&w->fold, w->ctx->language, &all, &at, &v)) {
                w->full = w->stop = true;
                return WAY_ON;
            }
            if (text && v.kind == VAL_UNKNOWN)
                break;
            slot_set(w, s, &v);
            enum way way = body ? walk(w, body) : WAY_ON;
            w->loop_steps += w->steps - steps;
            steps = w->steps;
            if (way >= WAY_TRY || w->stop)
                return way;
            if (way == WAY_BREAK)
                return WAY_ON;
            if (!goes_on(w, &turn))
                goto blind;
        }
        if (!count && body)
            walk_dead(w, body, false);
        return WAY_ON;
    }
blind:;
    struct val v = element_of(w, n, &all);
    trail_add(w, &v, TRAIL_VARIABLE, n, n->text);
    slot_set(w, s, &v);
    walk_twice(w, NULL, body, NULL);
    return WAY_ON;
}
