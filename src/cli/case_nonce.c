/* case nonce: what a victim passes to `afterpatch hunt --case NAME:NONCE`, so that its report counts as this case's. */
#include "cli/case.h"

#include "cli/case_data.h"
#include "cli/case_screen.h"
#include "emit/json.h"

enum { STORE, CAMPAIGN, UNTIL, REVOKE, WHO, REASON, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = CASE_OPT_CAMPAIGN,
    [UNTIL]    = { "until", "DATE", "how long it holds (90 days)", NULL },
    [REVOKE]   = { "revoke", NULL, "take back all that were given for this case", NULL },
    [WHO]      = CASE_OPT_WHO,
    [REASON]   = CASE_OPT_REASON,
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

static void tell(struct case_data *d, bool json, const struct case_found *f, const char *nonce, int64_t until_us)
{
    struct out *o = d->c->out;
    char        when[CASE_TIME_TEXT];
    struct js   j;

    if (json) {
        js_open(&j, o, false);
        js_object(&j);
        js_key(&j, "view");  js_c(&j, "nonce");
        js_key(&j, "case");  js_c(&j, f->name);
        js_key(&j, "nonce"); js_c(&j, nonce);
        js_key(&j, "value"); js_str(&j, str_fmt(&d->c->keep, "%s:%s", f->name, nonce));
        js_key(&j, "until"); js_time(&j, until_us);
        js_end(&j);
        out_c(o, "\n");
        return;
    }
    case_day_text(until_us, when);
    out_fmt(o, "%s:%s\n\n", f->name, nonce);
    out_fmt(o, "The victim runs: afterpatch hunt --case %s:%s --out report PATH...\n", f->name, nonce);
    out_fmt(o, "It holds until %s, and cannot be shown again: only its hash is kept.\n", when);
}

static bool give(struct case_data *d, const struct args *a, const struct case_found *f, struct err *e)
{
    int64_t now = ledger_now(d->ledger), until_us = now + 90 * TIME_DAY;
    char    nonce[NONCE_TEXT];

    if (a->given[UNTIL] && !case_moment(a->value[UNTIL], &until_us, e))
        return false;
    if (until_us <= now) {
        err_set(e, ERR_USAGE, "that day is over");
        return err_hint(e, "--until names a day to come");
    }
    if (!ledger_begin(d->ledger, e) || !ledger_nonce(d->ledger, f->case_, until_us, nonce, e) || !ledger_commit(d->ledger, e))
        return false;
    tell(d, a->given[JSON], f, nonce, until_us);
    return true;
}

static bool take_back(struct case_data *d, const struct args *a, const struct case_found *f, struct err *e)
{
    uint64_t n;

    if (!case_reason(a->value[REASON], "taking back", e) || !ledger_begin(d->ledger, e) || !ledger_nonce_revoke(d->ledger, f->case_, a->value[REASON], &n, e) ||
        !ledger_commit(d->ledger, e))
        return false;
    case_recorded(d, a->given[JSON], str_fmt(&d->c->keep, "%llu nonce%s taken back", (unsigned long long)n, n == 1 ? "" : "s"), f->name, n);
    return true;
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct case_data  d = { 0 };
    struct case_found f;
    struct err        e = { 0 };
    bool              ok = args->operand_n == 1;

    if (!ok) {
        err_set(&e, ERR_USAGE, args->operand_n ? "one case at a time" : "a case is missing");
        err_hint(&e, "usage: afterpatch %s %s", v->name, v->usage);
    }
    ok = ok && case_write(&d, c, args->value[STORE], args->value[WHO], &e) && case_find(&d, args->operand[0], args->value[CAMPAIGN], &f, &e);
    if (ok && !f.case_)
        ok = err_set(&e, ERR_USAGE, "this server is in no case: nobody has said that it is affected");
    ok = ok && (args->given[REVOKE] ? take_back(&d, args, &f, &e) : give(&d, args, &f, &e));
    case_close(&d);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch case nonce 2021-000123", "For the letter to this victim" },
    { "afterpatch case nonce 2021-000123 --revoke --reason 'sent to the wrong address'", "None of them counts any more" },
    { NULL, NULL },
};

const struct verb verb_case_nonce = {
    .name = "case nonce", .about = "gives what a victim's hunt has to carry, so that its report counts as this case's", .usage = "[OPTION]... CASE|HOST",
    .text = "A hunt's report that carries the nonce of its case cannot be another server's or an old one: without it a report is worth no more than C. The nonce is 26 "
            "letters of 128 random bits. A case may have several; what comes back is matched by any that holds.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
