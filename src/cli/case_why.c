/*
 * case why: whose a server is, and why; why two servers are one organisation's, or are not; what a key does.
 *
 * Sentences are casework/why.h's; here they get their place on a screen, and beside each row of a file the number with which it is taken back.
 */
#include "cli/case_why.h"

#include "cli/case.h"
#include "cli/case_screen.h"

#include <stdio.h>

enum { STORE, CAMPAIGN, COUNTRY, ALL, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = CASE_OPT_CAMPAIGN,
    [COUNTRY]  = { "country", "CC", "of a certificate's organisation: with KIND VALUE", NULL },
    [ALL]      = CASE_OPT_ALL,
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

enum { KEYS = 5, STEPS = 6, SERVERS = 12 };

static size_t shown(const struct why_view *v, size_t n, size_t max) { return v->all || n < max ? n : max; }

static void sentence(struct why_view *v, struct str s, uint32_t indent, uint32_t lines)
{
    if (!s.n)
        return;
    out_fmt(v->o, "%*s", (int)indent, "");
    case_wrap(v->o, s, indent, indent, v->columns, v->all ? 0 : lines);
}

static void more(struct why_view *v, size_t n, size_t max)
{
    if (n > shown(v, n, max))
        out_fmt(v->o, "and %zu more: --all\n", n - max);
}

/* --- one server --- */

static void whose(struct why_view *v, const struct why_asset *w)
{
    out_term(v->o, w->name.n ? w->name : case_server_word(&v->d, w->asset), 40);
    out_fmt(v->o, " is org:%lld's", (long long)w->org);
    if (w->org_name.n) {
        out_c(v->o, ", ");
        out_term(v->o, w->org_name, 30);
    }
    out_fmt(v->o, " (%u server%s), %u%% sure%s\n", w->servers, w->servers == 1 ? "" : "s", w->confidence, w->shared ? "; it is shared" : "");
}

static void key_line(struct why_view *v, const struct why_has *h)
{
    char tail[80];

    snprintf(tail, sizeof tail, "weight %u, %u%% sure: %s", h->weight, h->confidence, h->given.revoked ? "revoked" : h->joins ? "joins" : group_state_name(h->key.state));
    out_fmt(v->o, "%-12s ", org_class_name(h->key.is));
    case_cell(v->o, h->key.value, v->columns - 52);
    out_fmt(v->o, "%s\n", tail);
    sentence(v, h->why, 2, 2);
    if (h->given.by == WHY_LINK && !h->given.revoked)
        out_fmt(v->o, "  wrong? afterpatch case decide revoke %lld --reason TEXT\n", (long long)h->given.row);
}

static void server_text(struct why_view *v, const struct why_asset *w)
{
    whose(v, w);
    sentence(v, w->why, 2, 2);
    for (size_t i = 0; i < shown(v, w->has_n, KEYS); i++)
        key_line(v, &w->has[i]);
    if (!w->has_n)
        out_c(v->o, "nothing ties it to anybody\n");
    more(v, w->has_n, KEYS);
}

static bool server(struct why_view *v, int64_t asset, struct err *e)
{
    struct why_asset w = { 0 };

    if (!why_asset(v->d.store, asset, &v->d.c->keep, &w, e))
        return e->kind == ERR_NONE ? err_set(e, ERR_USAGE, "the last update knows no such server") : false;
    if (v->json) {
        why_json_begin(v, "server");
        why_json_server(v, &w);
        why_json_end(v);
    } else
        server_text(v, &w);
    return true;
}

/* --- a case: each of its servers in a sentence --- */

static bool of_case(struct why_view *v, const struct case_found *f, struct err *e)
{
    struct store_stmt *st = NULL;
    int64_t           *asset = NULL;
    size_t             n = 0, cap = 0;

    if (!store_prepare(v->d.store, "SELECT DISTINCT asset FROM case_server WHERE case_id = ?1 ORDER BY asset LIMIT 1000", &st, e))
        return false;
    store_bind_int(st, 1, f->case_);
    while (case_row(&st, e)) {
        if (!GROW(&v->d.c->keep, asset, n, &cap)) {
            store_finish(st);
            return err_set(e, ERR_MEMORY, "no room for the servers of a case");
        }
        asset[n++] = store_int(st, 0);
    }
    if (e->kind != ERR_NONE)
        return false;
    if (v->json) {
        why_json_begin(v, "case");
        js_key(&v->j, "case");
        js_c(&v->j, f->name);
        js_key(&v->j, "servers");
        js_array(&v->j);
    } else
        out_fmt(v->o, "%s, org:%lld: %zu server%s\n", f->name, (long long)f->org, n, n == 1 ? "" : "s");
    for (size_t i = 0; i < (v->json ? n : shown(v, n, SERVERS / 2 + 1)); i++) {
        struct arena     keep = v->d.c->keep;
        struct why_asset w = { 0 };

        if (!why_asset(v->d.store, asset[i], &v->d.c->keep, &w, e)) {
            if (e->kind != ERR_NONE)
                return false;
            continue;
        }
        if (v->json) {
            js_object(&v->j);
            why_json_server(v, &w);
            js_end(&v->j);
        } else {
            whose(v, &w);
            sentence(v, w.why, 2, 2);
        }
        v->d.c->keep = keep;
    }
    if (v->json) {
        js_end(&v->j);
        why_json_end(v);
    } else {
        more(v, n, SERVERS / 2 + 1);
        out_c(v->o, "case why HOST: all that one server has; case why HOST OTHER: the way between two\n");
    }
    return true;
}

/* --- two servers --- */

static bool two(struct why_view *v, int64_t one, int64_t other, struct err *e)
{
    struct why_two w = { 0 };

    if (!why_two(v->d.store, one, other, &v->d.c->keep, &w, e))
        return e->kind == ERR_NONE ? err_set(e, ERR_USAGE, "the last update does not know both servers") : false;
    if (v->json) {
        why_json_two(v, &w);
        return true;
    }
    sentence(v, w.why, 0, 3);
    for (size_t i = 0; i < shown(v, w.step_n, STEPS); i++) {
        out_fmt(v->o, "%zu. ", i + 1);
        case_wrap(v->o, w.step[i].why, 3, 3, v->columns, v->all ? 0 : 3);
    }
    more(v, w.step_n, STEPS);
    return true;
}

/* --- a key --- */

static bool key(struct why_view *v, enum org_key kind, struct str value, struct err *e)
{
    struct why_about_key w = { 0 };
    const char          *country = str_cstr(&v->d.c->keep, v->args->value[COUNTRY]);
    char                 when[CASE_TIME_TEXT];

    if (!why_key(v->d.store, kind, value, country, &v->d.c->keep, &w, e)) {
        if (e->kind != ERR_NONE)
            return false;
        err_set(e, ERR_USAGE, "no server has %s \"%.*s\"", org_kinds[kind].name, STR_ARG(str_sub(value, 0, 80)));
        return err_hint(e, "as it was at the last update");
    }
    if (v->json) {
        why_json_key(v, &w);
        return true;
    }
    out_fmt(v->o, "%s ", org_class_name(w.key.is));
    out_term(v->o, w.key.value, 60);
    out_fmt(v->o, ": %s\n", group_state_name(w.key.state));
    sentence(v, w.key.why, 2, 3);
    if (w.name.n || w.provider_org) {
        out_c(v->o, "  the provider is ");
        out_term(v->o, w.name.n ? w.name : STR("unknown"), 40);
        if (w.provider_org)
            out_fmt(v->o, " (org:%lld)", (long long)w.provider_org);
        out_c(v->o, "\n");
    }
    if (w.ruled) {
        case_day_text(w.ruled_us, when);
        out_fmt(v->o, "  ruled %s on %s by ", w.ruled == GROUP_OWNER ? "an owner's" : "a provider's", when);
        out_term(v->o, w.ruled_by, 20);
        out_c(v->o, ": ");
        out_term(v->o, w.ruled_why, v->all ? 0 : 24);
        out_c(v->o, "\n");
    }
    sentence(v, w.review, 2, 3);
    for (size_t i = 0; i < shown(v, w.server_n, SERVERS); i++) {
        out_c(v->o, "  ");
        case_cell(v->o, w.server[i].name.n ? w.server[i].name : case_server_word(&v->d, w.server[i].asset), 44);
        out_fmt(v->o, "org:%lld\n", (long long)w.server[i].org);
    }
    if (w.more || w.server_n > shown(v, w.server_n, SERVERS))
        out_fmt(v->o, "  of %u servers\n", w.key.assets);
    return true;
}

/* --- the verb --- */

static bool make(struct why_view *v, struct cli *c, struct err *e)
{
    const struct args *a = v->args;
    struct case_found  f;
    struct err         none = { 0 };
    enum org_key       kind;
    int64_t            one, other;

    if (a->operand_n < 1 || a->operand_n > 2) {
        err_set(e, ERR_USAGE, "whose, or which two");
        return err_hint(e, "afterpatch case why CASE|HOST, HOST OTHER, or KIND VALUE such as cert_domain bakery.example");
    }
    if (!case_read(&v->d, c, a->value[STORE], e) || !case_board(&v->d, e))
        return false;
    if (a->operand_n == 2 && org_kind_find(a->operand[0], &kind))
        return key(v, kind, a->operand[1], e);
    if (a->given[COUNTRY])
        return err_set(e, ERR_USAGE, "--country goes with KIND VALUE");
    if (a->operand_n == 2)
        return case_server(&v->d, a->operand[0], &one, e) && case_server(&v->d, a->operand[1], &other, e) && two(v, one, other, e);
    if (case_find(&v->d, a->operand[0], a->value[CAMPAIGN], &f, &none))
        return f.asset ? server(v, f.asset, e) : of_case(v, &f, e);
    return case_server(&v->d, a->operand[0], &one, e) && server(v, one, e);
}

static int run(struct cli *c, const struct verb *verb, const struct args *args)
{
    struct why_view v = { .args = args, .o = c->out, .columns = case_columns(c), .json = args->given[JSON], .all = args->given[ALL] };
    struct err      e = { 0 };
    bool            ok = make(&v, c, &e);

    case_close(&v.d);
    return ok ? CLI_DONE : cli_fail(c, verb->name, &e);
}

static const struct example examples[] = {
    { "afterpatch case why mail.bakery.example", "Whose it is, and everything that says so" },
    { "afterpatch case why mail.bakery.example old.bakery.example", "The way between two servers of one organisation, or why there is none" },
    { "afterpatch case why cert_domain msp.example", "What a key does: joins, or is a provider's" },
    { NULL, NULL },
};

const struct verb verb_case_why = {
    .name = "case why", .about = "whose a server is and why, by the chain of keys with their sources", .usage = "[OPTION]... CASE|HOST [OTHER] | KIND VALUE",
    .text = "Each key stands with who says so, what it weighs, and what it does: joins, is a provider's, is refused because it would join two numbers. A wrong row of a file has a "
            "number: `afterpatch case decide revoke NUMBER` takes it back, and the next update is as if it had never been.\n\n"
            "KIND is register, constituency, cert_org, cert_domain, exchange_name, mx, network, ptr or holder.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
