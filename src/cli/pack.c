/* pack: which campaigns are inside, and whether a folder holds a good one. */
#include "cli/campaign.h"
#include "cli/verbs.h"

#include "detect/packcheck.h"
#include "notify/compose.h"
#include "pack/baseline.h"

static int list(struct cli *c)
{
    for (size_t i = 0; pack_embedded_ids[i]; i++) {
        struct arena keep = c->keep;          /* one pack at a time */
        struct pack  pack;
        struct sigma sigma;
        struct err   e = { 0 };

        if (!campaign_load(c->os, str_c(pack_embedded_ids[i]), STR_EMPTY, &keep, &pack, &sigma, &e))
            return cli_fail(c, "pack", &e);
        out_fmt(c->out, "%s\n  ", pack_embedded_ids[i]);
        out_term(c->out, pack.title, 76);
        out_c(c->out, "\n  version ");
        out_term(c->out, pack.version, 40);
        size_t rules = 0;
        for (size_t k = 0; k < sigma.rule_n; k++)
            rules += !sigma.rule[k].pack.n;
        out_fmt(c->out, ", %zu rules, %zu indicators, %zu builds, %zu known pages, %zu texts of guidance%s\n", rules, pack.ioc_n,
                pack.build_n, pack.clean_n, pack.guide_n, pack.rules_only ? "; taken by every hunt" : "");
        sigma_close(&sigma);
    }
    return CLI_DONE;
}

/* A baseline is used whole or not at all, so its first problem is the answer. */
static int check_baseline(struct cli *c, struct str dir)
{
    struct baseline b = { .pack_n = 0 };
    struct err      e = { 0 };

    if (!baseline_load(&b, &c->keep, c->os, dir, &e))
        return cli_fail(c, "pack check", &e);
    out_c(c->out, "baseline ");
    out_term(c->out, b.pack[0].id, 60);
    out_c(c->out, ", build ");
    out_term(c->out, b.pack[0].builds, 60);
    out_fmt(c->out, ": %zu files, %zu folders%s: no problem found\n", b.row_n, b.pack[0].folder_n, b.pack[0].web ? " and the web root" : "");
    return CLI_DONE;
}

static int check(struct cli *c, struct str dir)
{
    struct packcheck found;
    struct str      *wrong;
    size_t           wrong_n;
    struct err       e = { 0 };

    if (baseline_is(c->os, dir, c->scratch))
        return check_baseline(c, dir);
    if (!packcheck_dir(&found, &c->keep, c->os, dir, &e) || !compose_lint(&found.pack, &c->keep, &wrong, &wrong_n, &e))
        return cli_fail(c, "pack check", &e);
    for (size_t i = 0; i < found.problem_n; i++) {
        out_term(c->out, found.problem[i].file, 0);
        out_c(c->out, ": ");
        out_term(c->out, found.problem[i].why, 0);
        out_c(c->out, "\n");
    }
    for (size_t i = 0; i < wrong_n; i++) {
        out_term(c->out, wrong[i], 0);
        out_c(c->out, "\n");
    }
    wrong_n += found.problem_n;
    if (wrong_n) {
        err_set(&e, ERR_FORMAT, "%zu problem%s in this pack", wrong_n, wrong_n == 1 ? "" : "s");
        err_where(&e, "%.*s", STR_ARG(dir));
        return cli_fail(c, "pack check", &e);
    }
    out_c(c->out, "pack ");
    out_term(c->out, found.pack.id, 40);
    out_fmt(c->out, ": %zu rules, %zu YARA rules, %zu indicators, %zu builds: no problem found\n", found.rules, found.yara_rules, found.pack.ioc_n, found.pack.build_n);
    return CLI_DONE;
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct err e = { 0 };
    struct str what = args->operand_n ? args->operand[0] : STR_EMPTY;

    if (str_eq(what, STR("list")) && args->operand_n == 1)
        return list(c);
    if (str_eq(what, STR("check")) && args->operand_n == 2)
        return check(c, args->operand[1]);
    if (str_eq(what, STR("check")))
        err_set(&e, ERR_USAGE, "check takes one folder, %zu given", args->operand_n - 1);
    else if (what.n && !str_eq(what, STR("list")))
        err_set(&e, ERR_USAGE, "no such task \"%.*s\"", STR_ARG(what));
    else
        err_set(&e, ERR_USAGE, "%s", what.n ? "list takes no operand" : "list or check?");
    err_hint(&e, "usage: afterpatch pack %s", v->usage);
    return cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch pack check packs/proxylogon", "Tells whether this folder is a pack that a hunt can use" },
    { NULL, NULL },
};

const struct verb verb_pack = {
    .name = "pack", .about = "lists the campaigns inside the program, or checks a pack in a folder", .usage = "list | check DIR",
    .text = "A pack teaches the engine one campaign: rules, builds, indicators, guidance, texts of notices.\n\n"
            "`check` prints each problem on a line of its own (file, rule, reason) and ends with exit code 1 when there is one.",
    .example = examples, .words = "list check", .run = run,
};
