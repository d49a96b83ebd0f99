#include "cli/page_out.h"

#include "emit/json.h"

static void flow_json(struct js *j, const struct analyse_flow *f)
{
    js_object(j);
    js_key(j, "kind");
    js_c(j, analyse_what_name(f->what));
    js_key(j, "verdict");
    js_c(j, analyse_verdict_name(f->grade));
    js_key(j, "line");
    js_u64(j, f->line);
    js_key(j, "text");
    js_str(j, f->text);
    js_key(j, "steps");
    js_array(j);
    for (size_t i = 0; i < f->step_n; i++) {
        js_object(j);
        js_key(j, "line");
        js_u64(j, f->step[i].line);
        js_key(j, "text");
        js_str(j, f->step[i].text);
        js_end(j);
    }
    js_end(j);
    js_end(j);
}

void page_out_json(struct out *o, const struct page_said *s)
{
    const struct analysis *a = &s->a;
    struct js j;

    js_open(&j, o, true);
    js_object(&j);
    js_key(&j, "file");
    js_str(&j, s->path);
    js_key(&j, "sha256");
    if (s->hashed)
        js_hex(&j, s->sha256, sizeof s->sha256);
    else
        js_null(&j);
    js_key(&j, "verdict");
    js_c(&j, analyse_verdict_name(a->verdict));
    js_key(&j, "kind");
    js_c(&j, analyse_what_name(a->what));
    js_key(&j, "flows");
    js_array(&j);
    for (size_t i = 0; i < a->flow_n; i++)
        flow_json(&j, &a->flow[i]);
    js_end(&j);
    js_key(&j, "context");
    js_array(&j);
    for (size_t i = 0; i < a->context_n; i++)
        js_str(&j, a->context[i]);
    js_end(&j);
    js_key(&j, "key");
    js_str_or_null(&j, a->key);
    js_key(&j, "gate");
    js_str_or_null(&j, a->gate);
    js_key(&j, "language");
    js_c(&j, a->script ? ir_language_name(a->language) : NULL);
    js_key(&j, "why");
    js_str(&j, a->why);
    js_end(&j);
    out_c(o, "\n");
}

static void named(struct out *o, const char *name, struct str s)
{
    if (!s.n)
        return;
    out_fmt(o, "    %-9s", name);
    out_term(o, s, 200);
    out_c(o, "\n");
}

void page_out_text(struct out *o, const struct page_said *s, bool colour)
{
    static const struct { const char *word, *on; } shown[] = {
        [PAGE_CLEAN] = { "nothing seen", "" }, [PAGE_INERT] = { "cannot run", "\033[33m" }, [PAGE_REVIEW] = { "look at it", "\033[33m" },
        [PAGE_BACK_DOOR] = { "BACK DOOR", "\033[1;31m" },
    };
    const struct analysis *a = &s->a;

    out_c(o, colour ? shown[a->verdict].on : "");
    out_fmt(o, "%-13s", shown[a->verdict].word);
    out_c(o, colour && shown[a->verdict].on[0] ? "\033[0m" : "");
    out_term(o, s->path, 0);
    out_c(o, "\n");
    named(o, "", a->why);
    named(o, "key", a->key);
    named(o, "opens for", a->gate);
    for (size_t i = 0; i < a->flow_n; i++) {
        out_c(o, "    ");
        if (a->flow[i].line)
            out_fmt(o, "line %u: ", a->flow[i].line);
        out_term(o, a->flow[i].text, 300);
        out_c(o, "\n");
        for (size_t k = 0; k < a->flow[i].step_n; k++) {
            out_fmt(o, "      %zu. ", k + 1);
            if (a->flow[i].step[k].line)
                out_fmt(o, "line %u: ", a->flow[i].step[k].line);
            out_term(o, a->flow[i].step[k].text, 200);
            out_c(o, "\n");
        }
    }
    for (size_t i = 0; i < a->context_n; i++)
        named(o, "beside", a->context[i]);
}
