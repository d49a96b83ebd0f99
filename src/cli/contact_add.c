/*
 * contact add: a contact that a person found: of a case's organisation, of a domain, or the national CSIRT of a country.
 *
 * Rung     2 (the victim named it) unless --rung says 1 (of the constituency's own list); of a country 12. By hand it wins over what machines found, and revives an address that had died.
 * Facts    what a case's ladder gives with it is recorded at once.
 */
#include "cli/contact.h"

#include "base/num.h"
#include "casework/contact_form.h"
#include "casework/ladder.h"
#include "cli/case_data.h"
#include "formats/idna.h"
#include "survey/where.h"

#include <string.h>

enum { STORE, CAMPAIGN, CHANNEL, RUNG, ROLE, LANGUAGE, PGP, NAME, UNTIL, WHO, REASON, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = CASE_OPT_CAMPAIGN,
    [CHANNEL]  = { "channel", "WORD", "what ADDRESS is (what it looks like)", "email phone post portal" },
    [RUNG]     = { "rung", "N", "1: of the constituency's list; 2: the victim named it (2)", "1 2" },
    [ROLE]     = { "role", "TEXT", "what they are there; of a CSIRT \"format=csv max_rows=500\"", NULL },
    [LANGUAGE] = { "language", "TAG", "that they read: de, en", NULL },
    [PGP]      = { "pgp", "HEX", "fingerprint of their OpenPGP key, 40 or 64 digits", NULL },
    [NAME]     = { "name", "TEXT", "who it is", NULL },
    [UNTIL]    = { "until", "TIME", "it ends then", NULL },
    [WHO]      = CASE_OPT_WHO,
    [REASON]   = CASE_OPT_REASON,
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

enum { TEXT_MAX = 200 };

struct add { struct case_data d; const struct args *args; struct case_contact c; struct case_found found; char about[CASE_NAME_TEXT]; uint64_t facts; };

/* --- what is given --- */

static bool letters(struct str s, const char *also)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ch_alpha(s.p[i]) && !(s.p[i] && strchr(also, s.p[i])))
            return false;
    return s.n > 0;
}

static bool short_text(struct str s, const char *option, struct str *ret, struct err *e)
{
    *ret = str_trim(s);
    for (size_t i = 0; i < ret->n; i++)
        if (ret->p[i] < ' ' || ret->p[i] == 0x7F)
            return err_set(e, ERR_USAGE, "%s holds a control character", option);
    return ret->n <= TEXT_MAX || err_set(e, ERR_USAGE, "%s: %zu bytes, at most %d", option, ret->n, TEXT_MAX);
}

static bool pgp_of(struct add *x, struct str s, struct err *e)
{
    struct arena *a = &x->d.c->keep;
    uint8_t      *p = TAKE(a, uint8_t, s.n + 1), digit;
    size_t        n = 0;

    for (size_t i = 0; p && i < s.n; i++)
        if (s.p[i] != ' ')
            p[n++] = s.p[i];
    bool ok = p && (n == 40 || n == 64);
    for (size_t i = 0; ok && i < n; i++) {
        const uint8_t two[2] = { '0', p[i] };
        ok = num_unhex((struct str){ two, 2 }, &digit, 1);
        p[i] = p[i] >= 'a' ? (uint8_t)(p[i] - 32) : p[i];
    }
    x->c.pgp = (struct str){ p, n };
    return ok || err_set(e, ERR_USAGE, "a fingerprint has 40 or 64 hex digits");
}

/* "A; B; C" are the lines of a postal address. */
static struct str lines(struct str s, struct arena *a)
{
    struct str t = str_dup(a, s);

    for (size_t i = 0; i < t.n; i++)
        if (t.p[i] == ';')
            ((uint8_t *)(uintptr_t)t.p)[i] = '\n';
    return t;
}

static bool address_of(struct add *x, struct err *e)
{
    static const char *const word[] = { "email", "phone", "post", "portal" };
    const struct args *a = x->args;
    struct str         s = a->operand[1];
    const char        *why = "";

    if (a->given[CHANNEL]) {
        for (size_t i = 0; i < COUNT_OF(word); i++)
            if (str_eq(a->value[CHANNEL], str_c(word[i])))
                x->c.channel = (enum contact_channel)i;
    } else if (!contact_form_guess(str_trim(s), &x->c.channel)) {
        err_set(e, ERR_USAGE, "\"%.*s\" looks like no mail address, telephone number or portal", STR_ARG(str_sub(s, 0, 80)));
        return err_hint(e, "a postal address: --channel post, its lines parted by ';'");
    }
    if (x->c.about == ABOUT_COUNTRY) {
        if (x->c.channel != CONTACT_EMAIL)
            return err_set(e, ERR_USAGE, "a national CSIRT is written to by mail");
        x->c.channel = CONTACT_CSIRT;
    }
    if (x->c.channel == CONTACT_POST)
        s = lines(s, &x->d.c->keep);
    return contact_form(s, x->c.channel, &x->d.c->keep, &x->c.address, &why) || err_set(e, ERR_USAGE, "%.*s: %s", STR_ARG(str_sub(a->operand[1], 0, 80)), why);
}

static bool given(struct add *x, struct err *e)
{
    const struct args *a = x->args;
    struct case_contact *c = &x->c;

    c->manual = true;
    c->observed_us = x->d.c->os->now_us(x->d.c->os);
    c->until_us = TIME_NONE;
    c->rung = c->about == ABOUT_COUNTRY ? 12 : a->given[RUNG] ? (uint8_t)(a->value[RUNG].p[0] - '0') : 2;
    if (a->given[RUNG] && c->about == ABOUT_COUNTRY)
        return err_set(e, ERR_USAGE, "a national CSIRT is rung 12");
    if (!short_text(a->value[ROLE], "--role", &c->role, e) || !short_text(a->value[NAME], "--name", &c->name, e) || (a->given[PGP] && !pgp_of(x, a->value[PGP], e)))
        return false;
    if (str_istarts(c->role, STR(LADDER_DROPPED)))
        return err_set(e, ERR_USAGE, "a role that begins with \"" LADDER_DROPPED "\" ends a contact: `afterpatch contact drop` does");
    if (c->about == ABOUT_COUNTRY)
        c->role = str_trim(str_fmt(&x->d.c->keep, "csirt %.*s", STR_ARG(c->role)));
    c->language = str_lower(&x->d.c->keep, str_trim(a->value[LANGUAGE]));
    if (a->given[LANGUAGE] && (!letters(c->language, "-") || c->language.n < 2 || c->language.n > 16))
        return err_set(e, ERR_USAGE, "a language is a tag such as de, en or pt-br");
    if (a->given[UNTIL] && !case_moment(a->value[UNTIL], &c->until_us, e))
        return false;
    return c->until_us == TIME_NONE || c->until_us > c->observed_us || err_set(e, ERR_USAGE, "--until lies in the past");
}

/* --- of whom --- */

static bool whose(struct add *x, struct err *e)
{
    struct arena *a = &x->d.c->keep;
    struct str    word = str_trim(x->args->operand[0]), host;
    struct err    none = { 0 };

    if (word.n == 2 && letters(word, "")) {
        x->c.about = ABOUT_COUNTRY;
        x->c.about_value = str_fmt(a, "%c%c", word.p[0] & ~0x20, word.p[1] & ~0x20);
        return true;
    }
    if (case_find(&x->d, word, x->args->value[CAMPAIGN], &x->found, e)) {
        x->c.about = ABOUT_ORG;
        x->c.about_value = str_fmt(a, "%lld", (long long)x->found.org);
        return x->found.case_ || err_set(e, ERR_USAGE, "this server is in no case: nobody has said that it is affected");
    }
    if (str_chr(word, '.') != STR_NONE && idna_domain(word, a, &host) && where_registrable(host).n) {
        *e = none;
        x->c.about = ABOUT_DOMAIN;
        x->c.about_value = where_registrable(host);
        return true;
    }
    return false;
}

/* --- the verb --- */

static struct str about_word(const struct add *x)
{
    return x->c.about == ABOUT_ORG ? str_fmt(&x->d.c->keep, "case %lld", (long long)x->found.case_) : x->c.about_value;
}

static bool record(struct add *x, struct err *e)
{
    struct ledger     *l = x->d.ledger;
    struct ledger_from from = { 0 };
    struct case_source s = { .name = str_fmt(&x->d.c->keep, "%.*s, by hand", STR_ARG(x->d.who)), .tlp = STR("AMBER") };
    struct contact    *c;
    size_t             n;

    if (!ledger_begin(l, e) || !ledger_source(l, &s, &from.source, e) || !ledger_contact(l, &x->c, &from, NULL, e) ||
        !ledger_audit(l, "contact add", about_word(x), str_fmt(&x->d.c->keep, "%.*s: %.*s", STR_ARG(x->c.address), STR_ARG(x->args->value[REASON])), e) || !ledger_commit(l, e))
        return false;
    if (!x->found.case_)
        return true;
    return ladder_climb(x->d.store, x->found.case_, ledger_now(l), &x->d.c->keep, &c, &n, e) && ledger_begin(l, e) &&
           ladder_record(l, x->found.campaign, x->found.case_, c, n, &x->facts, e) && ledger_commit(l, e);
}

static int run(struct cli *c, const struct verb *v, const struct args *a)
{
    struct add x = { .args = a, .d = { .c = c } };
    struct err e = { 0 };
    bool       ok = a->operand_n == 2;

    if (!ok) {
        err_set(&e, ERR_USAGE, "whose, and an address");
        err_hint(&e, "afterpatch contact add 2021-000123 it@bakery.example --reason 'they called us'");
    }
    ok = ok && case_reason(a->value[REASON], "a contact by hand", &e) && case_write(&x.d, c, a->value[STORE], a->value[WHO], &e) && whose(&x, &e) && address_of(&x, &e) && given(&x, &e) &&
         record(&x, &e);
    if (ok)
        case_recorded(&x.d, a->given[JSON], str_fmt(&c->keep, "%s %.*s of %.*s", contact_channel_name(x.c.channel), STR_ARG(x.c.address), STR_ARG(x.found.case_ ? STR("the case's organisation") : x.c.about_value)),
                      x.found.name, 1 + x.facts);
    case_close(&x.d);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch contact add 2021-000123 it@bakery.example --name 'Ada Baker' --language de --reason 'she called our switchboard'", "Somebody of theirs" },
    { "afterpatch contact add 2021-000123 '+43 1 555 0100' --role 'on call' --reason 'from their card'", "A telephone number" },
    { "afterpatch contact add bakery.example 'Bakery Ltd; 1 Sample Road; 1010 Sampletown' --channel post --reason 'imprint'", "A postal address, of whoever owns the domain" },
    { "afterpatch contact add AT cert@cert.example --role 'format=csv max_rows=500' --reason 'their page'", "A national CSIRT" },
    { NULL, NULL },
};

const struct verb verb_contact_add = {
    .name = "contact add", .about = "records a contact that a person found", .usage = "[OPTION]... CASE|DOMAIN|COUNTRY ADDRESS",
    .text = "What a person states wins over what machines found, and counts again where the same address had bounced before. Of a domain it serves every case that the domain is known to belong to; of a "
            "country (two letters) it is the national CSIRT.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
