/* case_intruders_card: what of a group may go outside. */
#include "cli/case_intruders.h"

#include "cli/case_card.h"

static void card_json(struct intruders_view *v, const struct intruders_group *g, const struct intruder_card *k, uint32_t left_out)
{
    struct js j;

    js_open(&j, v->d.c->out, false);
    js_object(&j);
    js_key(&j, "view");     js_c(&j, "intruder_card");
    js_key(&j, "campaign"); js_str(&j, intruders_slug(v, g->campaign));
    js_key(&j, "group");    js_i64(&j, g->id);
    js_key(&j, "servers");
    if (k->servers)
        js_u64(&j, k->servers);
    else
        js_null(&j);
    js_key(&j, "first");    js_time(&j, k->first_us);
    js_key(&j, "last");     js_time(&j, k->last_us);
    js_key(&j, "left_out"); js_u64(&j, left_out);
    js_key(&j, "marks");
    js_array(&j);
    for (uint32_t i = 0; i < k->mark_n; i++) {
        js_object(&j);
        js_key(&j, "kind");    js_c(&j, intruder_kinds[k->mark[i].kind].name);
        js_key(&j, "about");   js_c(&j, intruder_kinds[k->mark[i].kind].about);
        js_key(&j, "value");   js_str(&j, k->mark[i].value);
        js_key(&j, "servers");
        if (k->mark[i].servers)
            js_u64(&j, k->mark[i].servers);
        else
            js_null(&j);
        js_end(&j);
    }
    js_end(&j);
    js_end(&j);
    out_c(v->d.c->out, "\n");
}

static void card_text(struct intruders_view *v, const struct intruders_group *g, const struct intruder_card *k, uint32_t left_out)
{
    struct out *o = v->d.c->out;
    char        first[CASE_TIME_TEXT], last[CASE_TIME_TEXT];

    case_day_text(k->first_us, first);
    case_day_text(k->last_us, last);
    out_fmt(o, "intruder group %lld, ", (long long)g->id);
    out_term(o, intruders_slug(v, g->campaign), 30);
    if (k->servers)
        out_fmt(o, ": %u servers, %s to %s\n", k->servers, first, last);
    else
        out_fmt(o, ": fewer than %d servers, %s to %s\n", INTRUDER_CELL_MIN, first, last);
    if (k->mark_n) {
        case_cell_c(o, "trace", 9);
        case_cell_c(o, "value", v->columns - 19);
        out_c(o, "servers\n");
    }
    for (uint32_t i = 0; i < k->mark_n; i++) {
        case_cell_c(o, intruder_kinds[k->mark[i].kind].name, 9);
        case_cell(o, k->mark[i].value, v->columns - 19);
        if (k->mark[i].servers)
            out_fmt(o, "%7u\n", k->mark[i].servers);
        else
            out_fmt(o, "%7s\n", "few");
    }
    if (left_out)
        out_fmt(o, "%u trace%s left out: seen at fewer than %d organisations, or naming a victim\n", left_out, left_out == 1 ? "" : "s", INTRUDER_SHARE_MIN);
    out_c(o, "A person reads it before it goes out. The label (TLP) is whoever's who sends it.\n");
}

bool case_intruders_card(struct intruders_view *v, struct err *e)
{
    struct intruders_group g;
    struct case_cards      cards;
    struct intruder_card   k;
    uint32_t               left_out;
    bool                   told;

    if (!intruders_group_find(v, &g, e) || !case_cards_open(&cards, &v->d, e))
        return false;
    bool ok = case_card(&cards, g.id, &k, &left_out, &told, e);
    case_cards_close(&cards);
    if (!ok)
        return false;
    if (!told) {
        err_set(e, ERR_USAGE, "group %lld was seen at fewer than %d organisations", (long long)g.id, INTRUDER_SHARE_MIN);
        return err_hint(e, "what is known of it points at them; there is no card of it");
    }
    if (v->json)
        card_json(v, &g, &k, left_out);
    else
        card_text(v, &g, &k, left_out);
    return true;
}
