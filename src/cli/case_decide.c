/*
 * case decide: what a person says about owners, kept with name and reason, and taken back the same way.
 *
 * Hand     `same` and `apart` give servers numbers of a register of our own, "hand": two of one number are one organisation, two numbers never are one (group.h, rule 5).
 *          They are links like any other: case why shows them, and revoke takes them back.
 */
#include "cli/case.h"

#include "base/num.h"
#include "casework/group.h"
#include "casework/why.h"
#include "cli/case_updating.h"

#include <stdio.h>
#include <string.h>

enum { STORE, COUNTRY, NAME, SECTOR, SIZE, UPDATE, WHERE, BUILDS, WHO, REASON, JSON };
static const struct opt opts[] = {
    [STORE]   = CASE_OPT_STORE,
    [COUNTRY] = { "country", "CC", "of the organisation: with link, and with cert_org", NULL },
    [NAME]    = { "name", "TEXT", "of the organisation: with link", NULL },
    [SECTOR]  = { "sector", "NAME", "of the organisation: with link register or constituency", NULL },
    [SIZE]    = { "size", "WORD", "of the organisation: with link register or constituency", NULL },
    [UPDATE]  = CASE_OPT_UPDATE,
    [WHERE]   = CASE_OPT_WHERE,
    [BUILDS]  = CASE_OPT_BUILDS,
    [WHO]     = CASE_OPT_WHO,
    [REASON]  = CASE_OPT_REASON,
    [JSON]    = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

enum { HAND_TEXT = 32, LINK_CONFIDENCE = 100 };

struct decide { struct case_data d; const struct args *args; struct str said; uint64_t n; };

static bool operands(const struct decide *x, size_t n, const char *usage, struct err *e)
{
    if (x->args->operand_n == n)
        return true;
    err_set(e, ERR_USAGE, "this decision has %zu operand%s", n, n == 1 ? "" : "s");
    return err_hint(e, "afterpatch case decide %s --reason TEXT", usage);
}

static bool country_of(const struct decide *x, char ret[3], struct err *e)
{
    struct str c = x->args->value[COUNTRY];

    ret[0] = 0;
    if (!x->args->given[COUNTRY])
        return true;
    if (c.n != 2 || !ch_alpha(c.p[0]) || !ch_alpha(c.p[1]))
        return err_set(e, ERR_USAGE, "--country takes two letters, such as AT");
    ret[0] = (char)(ch_lower(c.p[0]) - 32);
    ret[1] = (char)(ch_lower(c.p[1]) - 32);
    ret[2] = 0;
    return true;
}

/* --- owner, provider --- */

/* A firm's name says whose only with its country: that of the key, where there is but one of this name. */
static bool name_country(struct decide *x, struct str value, char country[3], struct err *e)
{
    struct store_stmt *st = NULL;
    size_t             n = 0;

    if (!store_prepare(x->d.store, "SELECT country FROM case_key WHERE class = ?1 AND value = ?2", &st, e))
        return false;
    store_bind_int(st, 1, ORG_IS_NAME);
    store_bind_text(st, 2, value);
    for (; case_row(&st, e); n++)
        snprintf(country, 3, "%.*s", STR_ARG(str_sub(store_text(st, 0), 0, 2)));
    if (e->kind != ERR_NONE || n < 2)
        return e->kind == ERR_NONE;
    err_set(e, ERR_USAGE, "there are %zu organisations of this name", n);
    return err_hint(e, "--country CC says of which country");
}

/* KIND VALUE, or question:NUMBER as `case review` writes it. */
static bool key_of(struct decide *x, enum org_key *ret_kind, struct str *ret_value, char country[3], struct err *e)
{
    const struct args *a = x->args;
    struct store_stmt *st = NULL;
    uint64_t           id;
    struct str         clean;
    struct arena       scratch = x->d.c->scratch;

    if (a->operand_n == 2 && str_starts(a->operand[1], STR("question:")) && num_u64(str_from(a->operand[1], 9), &id)) {
        if (!store_prepare(x->d.store, "SELECT key_kind, key_value FROM case_review WHERE id = ?1", &st, e))
            return false;
        store_bind_int(st, 1, (int64_t)id);
        if (!case_row(&st, e)) {
            if (e->kind == ERR_NONE) {
                err_set(e, ERR_USAGE, "no such question");
                err_hint(e, "`afterpatch case review` lists those that are open");
            }
            return false;
        }
        *ret_kind = (enum org_key)store_int(st, 0);
        *ret_value = case_text(&x->d, st, 1);
        store_finish(st);
        if (*ret_kind >= ORG_KEYS)
            return err_set(e, ERR_USAGE, "this question is about no key");
        return org_kinds[*ret_kind].is != ORG_IS_NAME || country[0] || name_country(x, *ret_value, country, e);
    }
    if (!operands(x, 3, "owner|provider KIND VALUE", e))
        return false;
    if (!org_kind_find(a->operand[1], ret_kind)) {
        const char *name[ORG_KEYS];

        for (size_t i = 0; i < ORG_KEYS; i++)
            name[i] = org_kinds[i].name;
        const char *near = args_nearest(a->operand[1], name, ORG_KEYS);
        err_set(e, ERR_USAGE, "no kind of key \"%.*s\"", STR_ARG(str_sub(a->operand[1], 0, 60)));
        return err_hint(e, "%s%s", near ? "did you mean " : "register, constituency, cert_org, cert_domain, exchange_name, mx, network, ptr, holder", near ? near : "");
    }
    *ret_value = str_trim(a->operand[2]);
    if (org_key_clean(*ret_kind, *ret_value, country, &scratch, &clean))
        return true;
    err_set(e, ERR_USAGE, "\"%.*s\" is no %s", STR_ARG(str_sub(*ret_value, 0, 60)), org_kinds[*ret_kind].name);
    return err_hint(e, "a register number is vat:DE123456789, an entry LIST:ENTRY, a domain has a dot");
}

static bool rule(struct decide *x, enum group_ruling what, struct err *e)
{
    struct why_about_key now = { 0 };
    struct err           none = { 0 };
    enum org_key         kind;
    struct str           value;
    char                 country[3];

    if (!country_of(x, country, e) || !key_of(x, &kind, &value, country, e) || !ledger_begin(x->d.ledger, e) ||
        !ledger_rule(x->d.ledger, kind, value, country, (int)what, x->args->value[REASON], e) || !ledger_commit(x->d.ledger, e))
        return false;
    if (!why_key(x->d.store, kind, value, country, &x->d.c->keep, &now, &none))
        cli_note(x->d.c, "no server has it at present", value);
    x->n = 1;
    x->said = str_fmt(&x->d.c->keep, "%s %.*s is %s", org_kinds[kind].name, STR_ARG(value), what == GROUP_OWNER ? "an owner's" : "a provider's");
    return true;
}

static bool owner(struct decide *x, struct err *e) { return rule(x, GROUP_OWNER, e); }
static bool provider(struct decide *x, struct err *e) { return rule(x, GROUP_PROVIDER, e); }

/* --- revoke --- */

static bool revoke(struct decide *x, struct err *e)
{
    uint64_t link;

    if (!operands(x, 2, "revoke NUMBER", e))
        return false;
    if (!num_u64(x->args->operand[1], &link) || link > INT64_MAX) {
        err_set(e, ERR_USAGE, "\"%.*s\" is no number of a link", STR_ARG(str_sub(x->args->operand[1], 0, 40)));
        return err_hint(e, "`afterpatch case why HOST` shows the numbers");
    }
    if (!ledger_begin(x->d.ledger, e) || !ledger_revoke(x->d.ledger, (int64_t)link, x->args->value[REASON], e))
        return e->hint[0] ? false : err_hint(e, "`afterpatch case why HOST` shows the numbers");
    x->n = 1;
    x->said = str_fmt(&x->d.c->keep, "link %llu is taken back", (unsigned long long)link);
    return ledger_commit(x->d.ledger, e);
}

/* --- links by hand --- */

static bool link_put(struct decide *x, int64_t asset, enum org_key kind, struct str value, const char *country, int64_t *ret, struct err *e)
{
    struct case_source s = { .name = STR("the team"), .tlp = STR("AMBER") };
    struct ledger_from from = { 0 };
    struct case_link   k = { .kind = kind, .value = value, .confidence = LINK_CONFIDENCE, .name = x->args->value[NAME], .sector = x->args->value[SECTOR],
                             .size = x->args->value[SIZE], .observed_us = x->d.c->os->now_us(x->d.c->os) };

    memcpy(k.country, country, 3);
    return ledger_source(x->d.ledger, &s, &from.source, e) && case_subject(&x->d, asset, &k.subject, e) && ledger_link(x->d.ledger, &k, &from, ret, e) &&
           ledger_audit(x->d.ledger, "link", str_fmt(&x->d.c->keep, "link %lld", (long long)*ret),
                        str_fmt(&x->d.c->keep, "%.*s: %s %.*s: %.*s", STR_ARG(case_server_word(&x->d, asset)), org_kinds[kind].name, STR_ARG(value), STR_ARG(x->args->value[REASON])), e);
}

static bool link_hand(struct decide *x, struct err *e)
{
    struct arena scratch = x->d.c->scratch;
    struct str   clean, value;
    enum org_key kind;
    int64_t      asset, link;
    char         country[3];

    if (!operands(x, 4, "link HOST KIND VALUE", e) || !country_of(x, country, e))
        return false;
    if (!org_kind_find(x->args->operand[2], &kind))
        return err_set(e, ERR_USAGE, "no kind of key \"%.*s\"", STR_ARG(str_sub(x->args->operand[2], 0, 60)));
    value = str_trim(x->args->operand[3]);
    if (!org_key_clean(kind, value, country, &scratch, &clean)) {
        err_set(e, ERR_USAGE, "\"%.*s\" is no %s", STR_ARG(str_sub(value, 0, 60)), org_kinds[kind].name);
        return err_hint(e, "a register number is vat:DE123456789, an entry LIST:ENTRY, a domain has a dot");
    }
    if (!case_server(&x->d, x->args->operand[1], &asset, e) || !ledger_begin(x->d.ledger, e) || !link_put(x, asset, kind, value, country, &link, e) || !ledger_commit(x->d.ledger, e))
        return false;
    x->n = 1;
    x->said = str_fmt(&x->d.c->keep, "%.*s has %s %.*s (link %lld)", STR_ARG(case_server_word(&x->d, asset)), org_kinds[kind].name, STR_ARG(value), (long long)link);
    return true;
}

/* The number that a hand gave this server already; empty: none. */
static bool hand_of(struct decide *x, int64_t asset, struct str *ret, struct err *e)
{
    struct store_stmt *st = NULL;

    *ret = STR_EMPTY;
    if (!store_prepare(x->d.store, "SELECT k.value FROM case_asset a JOIN case_link k ON k.subject = a.subject LEFT JOIN case_revoked r ON r.link = k.id"
                                   " WHERE a.asset = ?1 AND k.kind = ?2 AND k.value LIKE 'hand:%' AND r.link IS NULL ORDER BY k.id LIMIT 1", &st, e))
        return false;
    store_bind_int(st, 1, asset);
    store_bind_int(st, 2, ORG_REGISTER);
    if (case_row(&st, e)) {
        *ret = case_text(&x->d, st, 0);
        store_finish(st);
    }
    return e->kind == ERR_NONE;
}

static struct str hand_new(struct decide *x, int64_t asset)
{
    int64_t          at[2] = { asset, x->d.c->os->now_us(x->d.c->os) };
    const struct str part[] = { STR("hand"), { (const uint8_t *)at, sizeof at } };

    return str_fmt(&x->d.c->keep, "hand:%016llX", (unsigned long long)ledger_number(part, COUNT_OF(part)));
}

static bool pair(struct decide *x, bool same, struct err *e)
{
    const struct args *a = x->args;
    struct str         hand[2];
    int64_t            asset[2], link;
    char               country[3];

    if (!operands(x, 3, same ? "same HOST OTHER" : "apart HOST OTHER", e) || !country_of(x, country, e))
        return false;
    for (int i = 0; i < 2; i++)
        if (!case_server(&x->d, a->operand[i + 1], &asset[i], e) || !hand_of(x, asset[i], &hand[i], e))
            return false;
    if (asset[0] == asset[1])
        return err_set(e, ERR_USAGE, "both are the same server");
    if (hand[0].n && hand[1].n && str_eq(hand[0], hand[1]) != same) {
        err_set(e, ERR_USAGE, "somebody has decided the contrary for these two");
        return err_hint(e, "`afterpatch case why HOST` shows the link \"hand:...\"; take one back first: case decide revoke NUMBER");
    }
    if (!ledger_begin(x->d.ledger, e))
        return false;
    struct str fresh = hand[0].n ? hand[0] : same && hand[1].n ? hand[1] : hand_new(x, asset[0]);
    for (int i = 0; i < 2; i++) {
        struct str value = same || i == 0 ? fresh : hand_new(x, asset[1]);

        if (hand[i].n)
            continue;
        x->n++;
        if (!link_put(x, asset[i], ORG_REGISTER, value, country, &link, e))
            return false;
    }
    x->said = str_fmt(&x->d.c->keep, "%.*s and %.*s are %s", STR_ARG(case_server_word(&x->d, asset[0])), STR_ARG(case_server_word(&x->d, asset[1])),
                      same ? "one organisation's" : "of two organisations");
    return ledger_commit(x->d.ledger, e);
}

static bool same(struct decide *x, struct err *e) { return pair(x, true, e); }
static bool apart(struct decide *x, struct err *e) { return pair(x, false, e); }

/* --- the verb --- */

static const struct { const char *word; bool (*run)(struct decide *x, struct err *e); } kinds[] = {
    { "owner", owner }, { "provider", provider }, { "revoke", revoke }, { "link", link_hand }, { "same", same }, { "apart", apart },
};

static bool make(struct decide *x, struct cli *c, struct err *e)
{
    const struct args *a = x->args;
    const char        *word[COUNT_OF(kinds)];
    size_t             at = COUNT_OF(kinds);

    x->d.c = c;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        word[i] = kinds[i].word;
        if (a->operand_n && str_eq(a->operand[0], str_c(word[i])))
            at = i;
    }
    if (at == COUNT_OF(kinds)) {
        const char *near = a->operand_n ? args_nearest(a->operand[0], word, COUNT_OF(word)) : NULL;

        if (!a->operand_n)
            err_set(e, ERR_USAGE, "what is decided?");
        else
            err_set(e, ERR_USAGE, "nothing is decided by \"%.*s\"", STR_ARG(str_sub(a->operand[0], 0, 60)));
        return err_hint(e, "%s%s", near ? "did you mean " : "owner, provider, revoke, link, same or apart", near ? near : "");
    }
    return case_reason(a->value[REASON], "a decision", e) && case_write(&x->d, c, a->value[STORE], a->value[WHO], e) && kinds[at].run(x, e);
}

static int run(struct cli *c, const struct verb *v, const struct args *a)
{
    const struct case_updating_ask ask = { a->given[UPDATE], a->value[STORE], a->value[WHERE], a->value[BUILDS] };
    struct case_updating u = { 0 };
    struct decide        x = { .args = a };
    struct err           e = { 0 };
    bool                 ok = case_updating_begin(&u, c, &ask, &e) && make(&x, c, &e) && case_recorded_by(&u, &x.d, a->given[JSON], x.said, "", x.n, &e);

    case_close(&x.d);
    case_updating_end(&u);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch case decide provider cert_domain msp.example --reason 'their web page says so'", "It joins nothing any more, and stands as the operator of its customers' servers" },
    { "afterpatch case decide revoke 4711 --reason 'typed wrong'", "A row of a file no longer counts" },
    { "afterpatch case decide same mail.a.example owa.b.example --update --reason 'one firm, two brands'", "By hand, worked out at once, and taken back with revoke" },
    { "afterpatch case decide link mail.a.example register vat:DE123456789 --name 'A GmbH' --reason 'their letter'", "What somebody told" },
    { NULL, NULL },
};

const struct verb verb_case_decide = {
    .name = "case decide", .about = "answers a question: owner or provider, a wrong link, one organisation or two", .usage = "[OPTION]... DECISION OPERAND...",
    .text = "owner KIND VALUE: what has this key is one organisation's. provider KIND VALUE: it joins nothing. revoke NUMBER: a link was wrong. link HOST KIND VALUE: one that no file has. "
            "same HOST OTHER, apart HOST OTHER: one organisation, or two. Instead of KIND VALUE stands question:NUMBER where `case review` writes it so.\n\n"
            "Each needs a reason and a name, and each can be taken back: rulings by the contrary ruling, links by revoke. Nothing is joined or parted at once: the next "
            "`afterpatch case update` works everything out by it, or --update does, right away. Notices follow: after a split both cases inherit them.",
    .opt = opts, .example = examples, .words = "owner provider revoke link same apart", .run = run,
};
