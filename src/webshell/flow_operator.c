/* Operators and conversions that a class of the page declares for itself: what looks like a sum or an assignment calls its code. */
#include "webshell/flow_inner.h"

#include <string.h>

#include "base/num.h"

static struct klass *klass_of(const struct val *v)
{
    return v && v->kind != VAL_TYPE && v->object ? v->object->klass : NULL;
}

/* The next method of this operator from m on. */
static struct method *operator_from(struct method *m, enum ir_sign sign, size_t params)
{
    unsigned looked = 0;

    for (; m && looked < 32; m = m->next, looked++)
        if (m->at->sign == sign && m->params == params)
            return m;
    return NULL;
}

static struct method *operators_of(struct walk *w, const struct klass *k)
{
    struct slot *s = k ? klass_member(w, k, STR("operator")) : NULL;

    return s && s->is_method && s->v.object ? s->v.object->method : NULL;
}

bool operator_call(struct walk *w, const struct ir *at, enum ir_sign sign, const struct val *x, const struct val *y, struct val *ret)
{
    struct val     arg[2] = { *x, y ? *y : (struct val){ .kind = VAL_NULL } };
    struct method *m = w->operators ? operator_from(operators_of(w, klass_of(x)), sign, y ? 2 : 1) : NULL;

    if (!m && y && w->operators)
        m = operator_from(operators_of(w, klass_of(y)), sign, 2);
    if (!m)
        return false;
    *ret = call_method(w, at, m, NULL, NULL, arg, y ? 2 : 1);
    return true;
}

/* Of a class that is asked whether it is true. */
struct val operator_truth(struct walk *w, const struct ir *at, struct val v)
{
    struct slot *s = w->operators && klass_of(&v) ? klass_member(w, klass_of(&v), STR("operator true")) : NULL;

    return s && s->is_method && s->v.object ? call_method(w, at, s->v.object->method, NULL, NULL, &v, 1) : v;
}

/* The conversion among these that takes v to this type; of several whose type is not written, the first. */
static struct method *conversion(struct method *m, struct str type)
{
    struct method *first = operator_from(m, SIGN_NONE, 1);

    for (m = first; m; m = operator_from(m->next, SIGN_NONE, 1))
        if (m->at->type.n && str_ieq(m->at->type, type))
            return m;
    return first && !first->at->type.n ? first : NULL;
}

struct val operator_convert(struct walk *w, const struct ir *at, struct val v, struct str type)
{
    if (!w->operators || !type.n || v.kind == VAL_TYPE)
        return v;
    struct klass  *own = klass_of(&v), *to = klass_find(w, type);
    struct method *m = own && own != to ? conversion(operators_of(w, own), type) : NULL;

    if (!m && to && !own)
        m = conversion(operators_of(w, to), type);
    return m ? call_method(w, at, m, NULL, NULL, &v, 1) : v;
}

/* What a class says of itself as a text: its conversion, or ToString. */
struct val as_text(struct walk *w, const struct ir *at, const struct val *v)
{
    struct method *m = operator_from(operators_of(w, klass_of(v)), SIGN_NONE, 1);
    struct slot   *s;

    if (m)
        return call_method(w, at, m, NULL, NULL, v, 1);
    s = klass_of(v) ? klass_member(w, klass_of(v), STR("ToString")) : NULL;
    if (s && s->is_method && s->v.object && method_pick(s->v.object->method, 0)->params == 0)
        return call_method(w, at, method_pick(s->v.object->method, 0), v->object, NULL, NULL, 0);
    return *v;
}
