/* Code in texts: read once, walked wherever it is run. */
#include "webshell/flow_inner.h"

#include "webshell/basic.h"
#include "webshell/clike.h"

static struct text_code *text_parse(struct walk *w, struct str text, enum ir_language language, bool value)
{
    for (size_t i = 0; i < w->text_n; i++)
        if (w->text[i].language == language && w->text[i].value == value && str_eq(w->text[i].text, text))
            return &w->text[i];
    if (w->text_n >= FLOW_TEXTS_MAX || w->text_bytes + text.n > FLOW_TEXT_BYTES_MAX) {
        w->flow->cut = true;
        return NULL;
    }
    struct text_code *t = GROW(w->a, w->text, w->text_n, &w->text_cap);
    struct ctx       *c = NEW(w->a, struct ctx, 1);
    bool              vb = language == IR_VBSCRIPT || language == IR_VBNET;
    /* Eval takes a value, where "=" compares. */
    struct str        code = value && vb ? str_fmt(w->a, "(%.*s)", STR_ARG(text)) : text;
    if (value && vb && text.n > 4096)
        code = text;
    if (!t || !c || !code.p) {
        w->full = w->stop = true;
        return NULL;
    }
    *t = (struct text_code){ .text = text, .language = language, .ctx = c, .value = value };
    *c = (struct ctx){ language, vb, false, (uint8_t)(w->ctx->nest + 1) };
    w->text_bytes += text.n;
    bool ok = vb ? basic_parse(&t->unit, &w->builder, code, language, (struct ir_places){ 0 }) : clike_parse(&t->unit, &w->builder, code, language, (struct ir_places){ 0 });
    if (!ok) {
        w->full = w->stop = true;
        return NULL;
    }
    w->text_n++;
    if (t->unit.top && t->unit.top->kid)
        w->flow->decoded_code++;
    return t;
}

static void lines_of(struct ir *n, uint32_t line, unsigned depth)
{
    for (; n && depth < IR_DEPTH_MAX + 8; n = n->next) {
        n->line = line;
        lines_of(n->kid, line, depth + 1);
    }
}

struct val run_text(struct walk *w, const struct ir *at, const struct val *text, enum ir_language language, bool value)
{
    struct val r = val_unknown(text->marks);

    if (text->kind != VAL_TEXT || !text->text.n || w->ctx->nest >= FLOW_NEST_MAX || w->stop)
        return r;
    struct text_code *t = text_parse(w, text->text, language, value);
    if (!t || !t->unit.top)
        return r;
    const struct ctx *ctx = w->ctx, *mine = t->ctx;
    struct ir        *top = t->unit.top;
    size_t            index = (size_t)(t - w->text);
    if (at && top->line != at->line)
        lines_of(top, at->line, 0);
    w->ctx = mine;
    hoist(w, top, mine, w->frame ? w->frame->klass : NULL);
    const struct ir *last = top;
    while (last->op == IR_BLOCK && last->kid)
        for (last = last->kid; last->next;)
            last = last->next;
    if (last == top->kid && last->op < IR_BLOCK && last->op != IR_ASSIGN)
        r = eval(w, last);
    else {
        walk(w, top);
        if (last->op < IR_BLOCK && last->op == IR_NAME)
            r = eval(w, last);
    }
    (void)index;
    w->ctx = ctx;
    return r;
}
