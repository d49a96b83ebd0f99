/* Operators: joining, comparing, counting. */
#include "webshell/flow_inner.h"

#include <string.h>

#include "base/num.h"

static bool is_text(const struct val *v) { return v->kind == VAL_TEXT; }
static bool is_number(const struct val *v) { return v->kind == VAL_NUMBER || v->kind == VAL_FRACTION || v->kind == VAL_BOOL; }

/* Joined to a text, a number made of what the request said can only be digits. */
static struct val piece(struct walk *w, struct val v)
{
    if (is_number(&v) && (v.marks & (MARK_REQUEST | MARK_UPLOAD))) {
        v.marks = (v.marks & ~(uint32_t)(MARK_REQUEST | MARK_UPLOAD)) | MARK_IDENTITY;
        v.whole = v.leads = false;
    }
    if (v.object && v.object->klass)
        v = as_text(w, NULL, &v);
    if (v.kind == VAL_OBJECT || v.kind == VAL_LIST || v.kind == VAL_FUNCTION || (v.kind == VAL_UNKNOWN && v.object))
        v = val_mix(w, &v, NULL, 0);
    return v;
}

static bool append(struct walk *w, const struct val *x, const struct val *y, struct val *ret)
{
    size_t n = x->text.n + y->text.n;

    if (n > VAL_TEXT_MAX || w->fold.steps + y->text.n > FOLD_STEPS_MAX)
        return false;
    /* A letter before a long text: folding leaves room there. */
    if (y->text.n >= 256 && x->text.n < y->text.n / 8)
        return false;
    struct val r = val_mix(w, x, y, 1);
    r.kind  = VAL_TEXT;
    r.whole = false;
    r.leads = x->leads || x->whole;
    w->fold.steps += y->text.n;
    /* What was joined last may grow where it is: nobody else's text reaches beyond its own end. */
    if (x->text.p && x->text.p + x->text.n == w->append_end && w->append_room >= y->text.n) {
        memcpy(w->append_end, y->text.p, y->text.n);
        r.text = (struct str){ x->text.p, n };
        w->append_end += y->text.n;
        w->append_room -= y->text.n;
    } else {
        size_t   cap = n < 32 ? n + 16 : n * 2;
        uint8_t *p = TAKE(w->a, uint8_t, cap);
        if (!p) {
            w->full = w->stop = true;
            return false;
        }
        memcpy(p, x->text.p, x->text.n);
        memcpy(p + x->text.n, y->text.p, y->text.n);
        r.text = (struct str){ p, n };
        w->append_end = p + n;
        w->append_room = cap - n;
    }
    *ret = r;
    return true;
}

struct val eval_join(struct walk *w, const struct ir *at, enum ir_sign sign, struct val x, struct val y)
{
    struct val r;

    if (operator_call(w, at, sign, &x, &y, &r))
        return r;
    if (sign == SIGN_JOIN || (sign == SIGN_ADD && !is_number(&x) && x.kind != VAL_BYTES) || (sign == SIGN_ADD && is_text(&y))) {
        bool script = w->ctx->language == IR_JSCRIPT || w->ctx->language == IR_JSCRIPT_NET;
        x = piece(w, x);
        y = piece(w, y);
        /* The page's own folder with a name joined to it is another folder. */
        if (is_text(&y) && !is_text(&x) && (x.marks & MARK_IDENTITY) && text_has_letter(y.text))
            x.marks &= ~(uint32_t)MARK_IDENTITY;
        if (is_text(&x) && is_text(&y) && x.text.n && y.text.n && append(w, &x, &y, &r))
            return r;
        if ((is_text(&x) && !x.text.n && !x.marks) || (x.kind == VAL_NULL && !script && !is_number(&y)))
            if (is_text(&y) || y.kind == VAL_UNKNOWN) {
                y.maybe = y.maybe || x.maybe;
                return y;
            }
        if ((is_text(&y) && !y.text.n && !y.marks) || (y.kind == VAL_NULL && !script && !is_number(&x)))
            if (is_text(&x) || x.kind == VAL_UNKNOWN) {
                x.maybe = x.maybe || y.maybe;
                return x;
            }
    }
    if (!fold_binary(&w->fold, w->ctx->language, sign, &x, &y, &r)) {
        w->full = w->stop = true;
        return val_unknown(0);
    }
    return r;
}

/* A char of C# counts as its number. */
struct val as_char(const struct walk *w, struct val v)
{
    if (w->ctx->language != IR_CSHARP || v.kind != VAL_TEXT || !v.text.n || v.text.n > 4)
        return v;
    uint32_t c = v.text.p[0];
    size_t   more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    if (v.text.n != more + 1)
        return v;
    c &= more == 3 ? 7 : more == 2 ? 15 : more ? 31 : 255;
    for (size_t i = 1; i <= more; i++)
        c = c << 6 | (v.text.p[i] & 63);
    v.kind = VAL_NUMBER;
    v.number = c;
    return v;
}

static bool compares(enum ir_sign s) { return s == SIGN_EQ || s == SIGN_NE || s == SIGN_LIKE || s == SIGN_IS; }

struct val eval_sign(struct walk *w, const struct ir *at, enum ir_sign sign, struct val x, struct val y)
{
    struct val r;

    if (sign == SIGN_ADD || sign == SIGN_JOIN) {
        if (sign == SIGN_ADD && is_number(&y) && at->kid && at->kid->op == IR_TEXT && str_eq(at->kid->type, STR("char")))
            x = as_char(w, x);
        return eval_join(w, at, sign, x, y);
    }
    if (operator_call(w, at, sign, &x, &y, &r))
        return r;
    if (sign == SIGN_COALESCE) {
        if (x.kind == VAL_NULL && !x.maybe)
            return y;
        return val_join(w, &x, &y);
    }
    if (compares(sign))
        gate_record(w, at, &x, &y);
    if (sign == SIGN_XOR || sign == SIGN_SUB || sign == SIGN_MUL || sign == SIGN_DIV || sign == SIGN_MOD || sign == SIGN_BIT_AND || sign == SIGN_BIT_OR || sign == SIGN_SHL || sign == SIGN_SHR ||
        (compares(sign) && (x.kind == VAL_NUMBER) != (y.kind == VAL_NUMBER)) || (sign >= SIGN_LT && sign <= SIGN_GE)) {
        x = as_char(w, x);
        y = as_char(w, y);
    }
    if (!fold_binary(&w->fold, w->ctx->language, sign, &x, &y, &r)) {
        w->full = w->stop = true;
        return val_unknown(0);
    }
    return r;
}

struct val eval_binary(struct walk *w, const struct ir *n)
{
    /* A chain of any length goes from the left; what leans to the left deeply is walked down without nesting. */
    const struct ir *first = n->kid;
    struct val       x;

    if (!first)
        return val_unknown(0);
    x = eval(w, first);
    enum ir_sign sign = (enum ir_sign)n->sign;
    for (const struct ir *k = first->next; k && !w->stop; k = k->next) {
        if (sign == SIGN_AND || sign == SIGN_OR) {
            int t = fold_truth(&x);
            if ((w->ctx->language != IR_VBSCRIPT) && ((sign == SIGN_AND && t == 0) || (sign == SIGN_OR && t == 1)))
                return x;
            struct val y = eval(w, k);
            int u = fold_truth(&y);
            bool either = w->ctx->language == IR_JSCRIPT || w->ctx->language == IR_JSCRIPT_NET;       /* a || "b" gives one of them */
            if (!either && ((sign == SIGN_AND && (t == 0 || u == 0)) || (sign == SIGN_OR && (t == 1 || u == 1))))
                return (struct val){ .kind = VAL_BOOL, .number = sign == SIGN_OR };
            if (either && t >= 0 && !x.maybe) {
                x = y;                     /* what stands before it decided nothing */
                continue;
            }
            if (t >= 0 && u >= 0 && is_number(&x) && is_number(&y)) {
                x = eval_sign(w, n, sign, x, y);
                continue;
            }
            x = either ? val_join(w, &x, &y) : (struct val){ .kind = VAL_FRACTION, .marks = x.marks | y.marks, .maybe = true };
            continue;
        }
        x = eval_sign(w, n, sign, x, eval(w, k));
    }
    return x;
}
