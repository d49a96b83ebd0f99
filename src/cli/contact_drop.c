/*
 * contact drop: a person says that an address is not to be used any more: it ended, it is dead, or it is not theirs.
 *
 * Kept     nothing is deleted. For ended and dead, which hold for everybody: a row by hand that says so, and the facts of cases that counted on it are taken back. For wrong, which is
 *          between it and one organisation: a fact of the case.
 */
#include "cli/contact.h"

#include "base/num.h"
#include "casework/ladder.h"
#include "cli/case_data.h"
#include "formats/mailaddr.h"
#include "store/bind.h"

enum { STORE, CAMPAIGN, AS, CASE, WHO, REASON, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = CASE_OPT_CAMPAIGN,
    [AS]       = { "as", "WORD", "ended: nobody reads it now; dead: it does not exist; wrong: of the case, it is not theirs (ended)", "ended dead wrong" },
    [CASE]     = { "case", "CASE", "whose it is not; with --as wrong", NULL },
    [WHO]      = CASE_OPT_WHO,
    [REASON]   = CASE_OPT_REASON,
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

enum { COUNTED_MAX = 100000 };
struct counted { int64_t case_, campaign, contact; };
struct drop { struct case_data d; const struct args *args; struct case_contact c; int64_t id; struct case_found found; struct counted *on; size_t n, cap; };

/* --- which --- */

static bool which(struct drop *x, struct err *e)
{
    struct arena      *a = &x->d.c->keep;
    struct store_stmt *st = NULL;
    struct str         word = str_trim(x->args->operand[0]);
    struct mailaddr    mail;
    const char        *why;
    uint64_t           id = 0;
    bool               several = false;

    /* A telephone number is digits as well: a contact's own number is longer than any. */
    bool by_id = word.n > 15 && num_u64(word, &id) && id <= INT64_MAX;
    if (!by_id && mailaddr_parse(word, a, &mail, &why))
        word = mail.all;
    if (!store_prepare(x->d.store, by_id ? "SELECT id, channel, address, about, about_value, rung FROM case_contact WHERE id = ?1"
                                         : "SELECT id, channel, address, about, about_value, rung FROM case_contact WHERE address = ?1 ORDER BY channel, id LIMIT 1000", &st, e))
        return false;
    if (by_id)
        store_bind_int(st, 1, (int64_t)id);
    else
        store_bind_text(st, 1, word);
    while (case_row(&st, e)) {
        if (x->id) {
            several |= store_int(st, 1) != (int64_t)x->c.channel;
            continue;
        }
        x->id = store_int(st, 0);
        x->c = (struct case_contact){ .channel = (enum contact_channel)store_int(st, 1), .address = case_text(&x->d, st, 2), .about = (enum contact_about)store_int(st, 3),
                                      .about_value = case_text(&x->d, st, 4), .rung = (uint8_t)store_int(st, 5), .observed_us = TIME_NONE, .manual = true };
    }
    if (e->kind != ERR_NONE)
        return false;
    if (several) {
        err_set(e, ERR_USAGE, "\"%.*s\" is more than one kind of contact", STR_ARG(str_sub(word, 0, 80)));
        return err_hint(e, "`afterpatch contact show CASE --json` has their numbers");
    }
    if (!x->id) {
        err_set(e, ERR_USAGE, "no contact is \"%.*s\"", STR_ARG(str_sub(word, 0, 80)));
        return err_hint(e, "its address as `afterpatch contact show CASE` writes it, or its number");
    }
    return true;
}

/* Cases whose last word about it is that it was found. */
static bool counting(struct drop *x, struct err *e)
{
    struct store_stmt *st = NULL;

    if (!store_prepare(x->d.store, "SELECT f.case_id, f.campaign, f.subject, f.value FROM case_contact c JOIN case_fact f ON f.subject = c.id WHERE c.address = ?1 AND c.channel = ?2 AND f.of_case = 1"
                                   " AND f.kind = ?3 ORDER BY f.case_id, f.subject, f.recorded_us DESC, f.id DESC", &st, e))
        return false;
    store_bind_text(st, 1, x->c.address);
    store_bind_int(st, 2, x->c.channel);
    store_bind_int(st, 3, FACT_CONTACT);
    struct counted last = { 0 };
    while (case_row(&st, e)) {
        struct counted now = { store_int(st, 0), store_int(st, 1), store_int(st, 2) };
        bool           first = now.case_ != last.case_ || now.contact != last.contact;

        last = now;
        if (!first || !store_int(st, 3))
            continue;
        struct counted *to = x->n < COUNTED_MAX ? GROW(&x->d.c->keep, x->on, x->n, &x->cap) : NULL;
        if (!to) {
            store_finish(st);
            return err_set(e, ERR_MEMORY, "no room for the cases that count on it");
        }
        *to = now;
        x->n++;
    }
    return e->kind == ERR_NONE;
}

/* --- the verb --- */

static bool fact(struct drop *x, const struct counted *of, struct str reason, struct err *e)
{
    const struct ledger_from hand = { 0 };
    struct fact f = { .kind = FACT_CONTACT, .value = 0, .subject = (uint64_t)of->contact, .observed_us = ledger_now(x->d.ledger), .own_us = TIME_NONE, .reason = reason };

    return ledger_fact(x->d.ledger, of->campaign, FACT_OF_CASE, of->case_, &f, &hand, NULL, e);
}

static bool record(struct drop *x, struct str as, struct err *e)
{
    struct ledger     *l = x->d.ledger;
    struct arena      *a = &x->d.c->keep;
    struct ledger_from from = { 0 };
    struct str         why = str_trim(x->args->value[REASON]);
    struct case_source s = { .name = str_fmt(a, "%.*s, by hand", STR_ARG(x->d.who)), .tlp = STR("AMBER") };

    if (!ledger_begin(l, e))
        return false;
    if (str_eq(as, STR("wrong"))) {
        struct counted of = { x->found.case_, x->found.campaign, x->id };
        x->n = 1;
        if (!fact(x, &of, str_fmt(a, LADDER_WRONG " %.*s", STR_ARG(why)), e))
            return false;
    } else {
        x->c.role = str_fmt(a, LADDER_DROPPED ": %.*s", STR_ARG(as));
        x->c.until_us = ledger_now(l);
        if (!ledger_source(l, &s, &from.source, e) || !ledger_contact(l, &x->c, &from, NULL, e) || !counting(x, e))
            return false;
        struct str reason = str_fmt(a, LADDER_SAYS " %.*s: %.*s", STR_ARG(as), STR_ARG(why));
        for (size_t i = 0; i < x->n; i++)
            if (!fact(x, &x->on[i], reason, e))
                return false;
    }
    int64_t case_ = x->found.case_;
    if (!case_ && x->c.about == ABOUT_ORG && !bind_ask(ledger_store(l), "SELECT min(id) FROM case_case WHERE CAST(org AS TEXT) = ?1", BOUND(B_TEXT(x->c.about_value)), &case_, 1, e) && e->kind != ERR_NONE)
        return false;
    struct str about = case_ > 0 ? str_fmt(a, "case %lld", (long long)case_) : x->c.about_value;
    return ledger_audit(l, "contact drop", about, str_fmt(a, "%.*s, %.*s: %.*s", STR_ARG(x->c.address), STR_ARG(as), STR_ARG(why)), e) && ledger_commit(l, e);
}

static int run(struct cli *c, const struct verb *v, const struct args *a)
{
    struct drop x = { .args = a, .d = { .c = c } };
    struct err  e = { 0 };
    struct str  as = a->given[AS] ? a->value[AS] : STR("ended");
    bool        wrong = str_eq(as, STR("wrong")), ok = a->operand_n == 1;

    if (!ok) {
        err_set(&e, ERR_USAGE, "one contact");
        err_hint(&e, "afterpatch contact drop it@bakery.example --reason 'she left'");
    }
    if (ok && wrong != a->given[CASE]) {
        ok = err_set(&e, ERR_USAGE, wrong ? "--as wrong needs --case: whose is it not?" : "--case goes with --as wrong");
        err_hint(&e, "ended and dead hold for every case; \"not theirs\" holds for one organisation");
    }
    ok = ok && case_reason(a->value[REASON], "an end", &e) && case_write(&x.d, c, a->value[STORE], a->value[WHO], &e) && which(&x, &e) &&
         (!wrong || case_find(&x.d, a->value[CASE], a->value[CAMPAIGN], &x.found, &e));
    if (ok && wrong && !x.found.case_)
        ok = err_set(&e, ERR_USAGE, "this server is in no case: nobody has said that it is affected");
    ok = ok && record(&x, as, &e);
    if (ok)
        case_recorded(&x.d, a->given[JSON], str_fmt(&c->keep, "%.*s is %.*s", STR_ARG(x.c.address), STR_ARG(wrong ? STR("not theirs") : as)), x.found.name, x.n + !wrong);
    case_close(&x.d);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch contact drop ada@bakery.example --reason 'she left the firm'", "Not to be used any more, by nobody" },
    { "afterpatch contact drop '+4315550100' --as dead --reason 'no such number'", "It does not exist" },
    { "afterpatch contact drop info@miller.example --as wrong --case 2021-000123 --reason 'they answered: not our server'", "Good for others, not for this case" },
    { NULL, NULL },
};

const struct verb verb_contact_drop = {
    .name = "contact drop", .about = "says that a contact is not to be used any more: ended, dead, or not theirs", .usage = "[OPTION]... CONTACT",
    .text = "CONTACT is its address, or its number. Nothing is deleted: it stays on the ladder with what speaks against it, and `afterpatch contact add` brings it back.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
