/* status: how each campaign goes: figures with their unit, how long things take, the wave, and what needs a person first. */
#include "cli/status_view.h"

#include "cli/page_file.h"
#include "cli/status_public.h"
#include "cli/verbs.h"

enum { STORE, CAMPAIGN, AT, BY, CSV, JSON, HTML, PUBLIC };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = { "campaign", "NAME", "one campaign in detail (all, side by side)", NULL },
    [AT]       = { "at", "DATE", "as it was on this day (the last)", NULL },
    [BY]       = { "by", "WORD", "the table of one stratum, or of the last days", "day country address_country sector size detector" },
    [CSV]      = { "csv", NULL, "every figure of every day, stratum and unit as CSV", NULL },
    [JSON]     = { "json", NULL, "the same picture as one JSON object", NULL },
    [HTML]     = { "html", "FILE", "one page with curves, the wave and a map, for a browser; - for standard output", NULL },
    [PUBLIC]   = { "public", NULL, "for everybody (TLP:CLEAR): from the figures alone, small numbers suppressed", NULL },
    { NULL, NULL, NULL, NULL }
};

struct asked { struct picture_ask p; enum case_by by; bool days; };

static bool asked(const struct args *args, struct asked *ret, struct err *e)
{
    struct asked a = { .p = { .campaign = args->value[CAMPAIGN], .urgent = STATUS_URGENT, .forced = 1 } };

    if (args->operand_n)
        return err_set(e, ERR_USAGE, "status takes no operand");
    if (args->given[CSV] + args->given[JSON] + args->given[HTML] > 1)
        return err_set(e, ERR_USAGE, "one of --csv, --json and --html at a time");
    if (args->given[BY] && (args->given[CSV] || args->given[JSON] || args->given[HTML] || args->given[PUBLIC])) {
        err_set(e, ERR_USAGE, "--by is a table on the screen");
        return err_hint(e, "--csv and --json hold every stratum");
    }
    if (args->given[AT] && !survey_day_parse(args->value[AT], &a.p.day, e))
        return false;
    a.days = args->given[BY] && str_eq(args->value[BY], STR("day"));
    while (args->given[BY] && !a.days && a.by < CASE_BYS - 1 && !str_eq(args->value[BY], str_c(case_by_name(a.by))))
        a.by++;
    if (args->given[BY])
        a.p.by = a.days ? 0 : 1u << a.by;
    if (args->given[JSON] || args->given[HTML]) {
        a.p.by = ~0u;
        a.p.forced = STATUS_FORCED_ROWS;
        a.p.urgent = 20;
    }
    a.p.series = a.days || args->given[JSON] || args->given[HTML];
    *ret = a;
    return true;
}

static bool show(struct case_data *d, const struct args *args, const struct asked *a, struct err *e)
{
    struct cli    *c = d->c;
    struct picture p;

    if (!case_board(d, e) || !picture_read(d->store, &a->p, &c->keep, &p, e))
        return false;
    if (args->given[CSV])
        return status_csv(c->out, d->store, &p, c->scratch, e);
    if (args->given[JSON])
        status_json(c->out, &p, d->stale);
    else if (args->given[HTML])
        return page_file(c, args->value[HTML], status_page, &p, e);
    else if (a->days)
        return status_days(c, &p);
    else if (args->given[BY])
        status_table(c, &p, a->by);
    else
        status_screen(c, &p, d->stale);
    return true;
}

static int run(struct cli *c, const struct verb *verb, const struct args *args)
{
    struct case_data d = { 0 };
    struct asked     a;
    struct err       e = { 0 };

    if (!asked(args, &a, &e))
        return cli_fail(c, verb->name, &e);
    if (args->given[PUBLIC]) {
        struct status_public_ask ask = { args->value[STORE], args->value[CAMPAIGN], a.p.day, args->given[CSV], args->given[JSON], args->given[HTML], args->value[HTML] };
        return status_public(c, &ask, &e) ? CLI_DONE : cli_fail(c, verb->name, &e);
    }
    bool ok = case_read(&d, c, args->value[STORE], &e) && show(&d, args, &a, &e);
    case_close(&d);
    return ok ? CLI_DONE : cli_fail(c, verb->name, &e);
}

static const struct example examples[] = {
    { "afterpatch status", "One campaign on one screen, or all of them side by side" },
    { "afterpatch status --campaign proxylogon --by sector", "Who is hit, by sector" },
    { "afterpatch status --at 2021-03-16 --html status.html", "A page with curves, the wave and a map, as of a day" },
    { "afterpatch status --public --html public.html", "A page for everybody: no names, small numbers suppressed" },
    { NULL, NULL },
};

const struct verb verb_status = {
    .name = "status", .about = "how a campaign goes: who is patched, back-doored, told and clean, by day, country and sector", .usage = "[OPTION]...",
    .text = "Every figure names its unit: servers, organisations or notices. A case counts from verified on; candidates stand apart. Patched is not clean: servers that are patched "
            "and still back-doored have a line of their own. Shares name their denominator in the label, after the slash.\n\n"
            "How long each step takes is a median by Kaplan and Meier, in which cases that are still open count as long as they were watched. The wave shows on which day each hunted server "
            "was first used, against the days of the report, the fix and public code.\n\n"
            "States that a person forced are counted and listed. The figures are those of the last `afterpatch case update`. docs/status.md defines each of them.\n\n"
            "--public works on a copy that holds nothing but figures, tells each number as the five in which it lies, medians as intervals, the wave by week, and withholds what sums and differences would give away.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
