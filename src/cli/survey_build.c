/* survey build: what one build says about a campaign's fix. */
#include "cli/survey.h"

#include "pack/pack.h"

enum { AT };
static const struct opt opts[] = {
    [AT] = { "at", "DATE", "when the build was seen: older than the fix means unpatched", NULL },
    { NULL, NULL, NULL, NULL }
};

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct err          e = { 0 };
    struct pack         p;
    struct build_answer a;
    uint16_t            build[4];
    int                 parts;
    int64_t             at = TIME_NONE;

    if (args->operand_n != 1) {
        err_set(&e, ERR_USAGE, "one build, such as 15.1.2176.9");
        return cli_fail(c, v->name, &e);
    }
    if (!build_parse(args->operand[0], build, &parts))
        err_set(&e, ERR_USAGE, "\"%.*s\" is no build", STR_ARG(str_sub(args->operand[0], 0, 60)));
    else if (args->given[AT] && !time_parse(args->value[AT], &at))
        err_set(&e, ERR_USAGE, "\"%.*s\" is no date", STR_ARG(str_sub(args->value[AT], 0, 60)));
    else if (pack_load_embedded(&p, &c->keep, str_c(pack_embedded_ids[0]), &e) && build_judge(&p, &c->keep, build, parts, at, -1, &a, &e)) {
        out_fmt(c->out, "%s\n%.*s\n", build_verdict_name(a.verdict), STR_ARG(a.why));
        return CLI_DONE;
    }
    return cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch survey build 15.1.2176.9", "Tells whether this build holds the fix of ProxyLogon" },
    { NULL, NULL },
};

const struct verb verb_survey_build = {
    .name = "survey build", .about = "tells what a build says about a fix", .usage = "[OPTION]... BUILD",
    .text = "BUILD has two to four numbers, as a server announces them.", .opt = opts, .example = examples, .words = "", .run = run,
};
