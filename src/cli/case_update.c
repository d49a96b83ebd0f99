/* case update: works everything out anew from what is recorded. */
#include "cli/case.h"

#include "base/num.h"
#include "cli/case_updating.h"

enum { STORE, WHERE, BUILDS, AT, KNOWN, JOBS, WHO, JSON };
static const struct opt opts[] = {
    [STORE]  = CASE_OPT_STORE,
    [WHERE]  = { "where", "FILES", "country, network, organisation, sector: files parted by commas", NULL },
    [BUILDS] = { "builds", "FILE", "build table, in place of the program's own", NULL },
    [AT]     = { "at", "TIME", "as it stands at this moment (now)", NULL },
    [KNOWN]  = { "known", "TIME", "by what had been recorded until then (all)", NULL },
    [JOBS]   = { "jobs", "NUMBER", "threads that read (as many as cores)", NULL },
    [WHO]    = CASE_OPT_WHO,
    [JSON]   = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

static bool moment(const struct args *args, int opt, int64_t *ret, struct err *e)
{
    if (!args->given[opt] || time_parse(args->value[opt], ret))
        return true;
    err_set(e, ERR_USAGE, "\"%.*s\" is no time", STR_ARG(str_sub(args->value[opt], 0, 60)));
    return err_hint(e, "write 2021-03-14 or 2021-03-14T02:11:30Z");
}

static void tell(struct cli *c, bool json, const struct update_counts *n)
{
    struct js j;

    if (!json) {
        case_updating_tell(c->out, n);
        return;
    }
    js_open(&j, c->out, true);
    case_updating_json(&j, n);
    out_c(c->out, "\n");
}

static int run(struct cli *c, const struct verb *verb, const struct args *args)
{
    const struct case_updating_ask ask = { true, args->value[STORE], args->value[WHERE], args->value[BUILDS] };
    struct case_updating u = { 0 };
    struct update_counts n;
    struct case_data     d = { 0 };
    struct err           e = { 0 };

    bool ok = (args->operand_n == 0 || err_set(&e, ERR_USAGE, "update takes no operand")) && case_updating_begin(&u, c, &ask, &e) && moment(args, AT, &u.how.now_us, &e) &&
              moment(args, KNOWN, &u.how.known_us, &e) &&
              (!args->given[JOBS] || (num_u32(args->value[JOBS], &u.how.jobs) && u.how.jobs >= 1 && u.how.jobs <= 64) || err_set(&e, ERR_USAGE, "--jobs takes a number from 1 to 64")) &&
              case_write(&d, c, args->value[STORE], args->value[WHO], &e) && case_updating_run(&u, &d, &n, &e);
    case_close(&d);
    case_updating_end(&u);
    if (!ok)
        return cli_fail(c, verb->name, &e);
    tell(c, args->given[JSON], &n);
    return CLI_DONE;
}

static const struct example examples[] = {
    { "afterpatch case update", "After every import, and after every decision that was made without --update" },
    { "afterpatch case update --where geo.mmdb,delegated-ripencc-latest", "With country and network of each address from the operator's own databases" },
    { NULL, NULL },
};

const struct verb verb_case_update = {
    .name = "case update", .about = "works out servers, organisations, cases, figures and intruder groups anew", .usage = "[OPTION]...",
    .text = "Everything that the views show is worked out from what was recorded, in one piece: until it is done they show what was there before, and a run that is cut off changes nothing. "
            "So a wrong link or a wrong ruling is taken back, and the next update is as if it had never been. Servers, organisations and cases keep their numbers.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
