/* case force, case release: a stage by a person's word, and back to what the facts give. Rule 7 of casework/state.h. */
#include "cli/case.h"

#include "cli/case_updating.h"

enum { STORE, CAMPAIGN, UPDATE, WHERE, BUILDS, WHO, REASON, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = CASE_OPT_CAMPAIGN,
    [UPDATE]   = CASE_OPT_UPDATE,
    [WHERE]    = CASE_OPT_WHERE,
    [BUILDS]   = CASE_OPT_BUILDS,
    [WHO]      = CASE_OPT_WHO,
    [REASON]   = CASE_OPT_REASON,
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

static bool stage_of(struct str word, enum case_stage *ret, struct err *e)
{
    const char *name[CASE_STAGES];

    for (size_t i = 0; i < CASE_STAGES; i++) {
        name[i] = case_stage_name((enum case_stage)i);
        if (i != CASE_NONE && str_eq(word, str_c(name[i]))) {
            *ret = (enum case_stage)i;
            return true;
        }
    }
    const char *near = args_nearest(word, name + 1, CASE_STAGES - 1);
    err_set(e, ERR_USAGE, "no stage \"%.*s\"", STR_ARG(str_sub(word, 0, 60)));
    return near ? err_hint(e, "did you mean %s?", near) : err_hint(e, "dismissed, unreachable, closed and so on: `afterpatch help case list` has them all");
}

/* f: kind and value. */
static bool record(struct case_data *d, const struct args *a, struct case_found *found, struct fact *f, struct str detail, struct err *e)
{
    struct ledger_from from = { 0 };
    struct case_source s = { .name = STR("the team"), .tlp = STR("AMBER") };

    if (!case_find(d, a->operand[0], a->value[CAMPAIGN], found, e))
        return false;
    if (!found->case_)
        return err_set(e, ERR_USAGE, "this server is in no case: nobody has said that it is affected");
    f->observed_us = f->own_us = TIME_NONE;
    f->reason = a->value[REASON];
    return ledger_begin(d->ledger, e) && ledger_source(d->ledger, &s, &from.source, e) &&
           ledger_fact(d->ledger, found->campaign, FACT_OF_CASE, found->case_, f, &from, NULL, e) &&
           ledger_audit(d->ledger, f->kind == FACT_FORCE ? "force" : "release", str_fmt(&d->c->keep, "case %lld", (long long)found->case_), detail, e) && ledger_commit(d->ledger, e);
}

/* Records it, with the reason that it needs, and tells. */
static int done(struct cli *c, const struct verb *v, const struct args *a, struct fact *f, const char *reason_of, struct str said, struct str detail, struct err *e)
{
    const struct case_updating_ask ask = { a->given[UPDATE], a->value[STORE], a->value[WHERE], a->value[BUILDS] };
    struct case_updating u = { 0 };
    struct case_data     d = { .c = c };
    struct case_found    found;
    bool ok = e->kind == ERR_NONE && case_reason(a->value[REASON], reason_of, e) && case_updating_begin(&u, c, &ask, e) && case_write(&d, c, a->value[STORE], a->value[WHO], e) &&
              record(&d, a, &found, f, detail, e) && case_recorded_by(&u, &d, a->given[JSON], said, found.name, 1, e);

    case_close(&d);
    case_updating_end(&u);
    return ok ? CLI_DONE : cli_fail(c, v->name, e);
}

static void operands(const struct verb *v, const struct args *a, size_t n, const char *what, struct err *e)
{
    if (a->operand_n == n)
        return;
    err_set(e, ERR_USAGE, "%s", what);
    err_hint(e, "usage: afterpatch %s %s", v->name, v->usage);
}

static int run(struct cli *c, const struct verb *v, const struct args *a)
{
    struct fact     f = { .kind = FACT_FORCE };
    struct err      e = { 0 };
    enum case_stage stage = CASE_NONE;

    operands(v, a, 2, "a case and a stage", &e);
    if (e.kind == ERR_NONE)
        stage_of(a->operand[1], &stage, &e);
    f.value = (int32_t)stage;
    const char *name = case_stage_name(stage);
    return done(c, v, a, &f, "a forced stage", str_fmt(&c->keep, "forced to %s", name), str_fmt(&c->keep, "%s: %.*s", name, STR_ARG(a->value[REASON])), &e);
}

static int run_release(struct cli *c, const struct verb *v, const struct args *a)
{
    struct fact f = { .kind = FACT_RELEASE };
    struct err  e = { 0 };

    operands(v, a, 1, "one case", &e);
    return done(c, v, a, &f, "a release", STR("released: the facts decide"), a->value[REASON], &e);
}

static const struct example examples[] = {
    { "afterpatch case force 2021-000126 dismissed --reason 'a honeypot of the university'", "Until somebody releases it, or a finding says otherwise" },
    { NULL, NULL },
};
static const struct example release_examples[] = {
    { "afterpatch case release 2021-000126 --reason 'it was no honeypot'", "What the facts give counts again" },
    { NULL, NULL },
};

const struct verb verb_case_force = {
    .name = "case force", .about = "sets a case's stage by a person's word, with a reason", .usage = "[OPTION]... CASE STAGE",
    .text = "A forced stage is marked with ! in every list and counted apart in every figure. It gives way to a finding that is recorded after it: the case is contradicted "
            "then, and stands in `afterpatch case review`. It shows after the next `afterpatch case update`, or right away with --update.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
const struct verb verb_case_release = {
    .name = "case release", .about = "takes a forced stage back", .usage = "[OPTION]... CASE",
    .text = "The case stands again where the facts put it, from the next `afterpatch case update` on, or right away with --update.",
    .opt = opts, .example = release_examples, .words = "", .run = run_release,
};
