/*
 * baseline: a known-good pack from a clean installation or from installation media.
 *
 * Order    the tree is hunted first (files only, no logs): what looks like a back door, or like a way back in, is named and nothing is written. A
 *          baseline that holds an intruder's page would hide it on every server that is compared with it.
 * Same     the same tree gives the same bytes. There is no clock; --date puts a day in.
 * Media    "Setup\ServerRoles" of the installation media is taken for the install folder: a guess, which pack.yaml tells. Setup changes
 *          some configuration files while it installs.
 * Source   docs/baseline.md.
 */
#include "cli/apart.h"
#include "cli/baseline_list.h"
#include "cli/campaign.h"
#include "cli/hunt_out.h"
#include "cli/setup.h"
#include "cli/verbs.h"

#include "base/num.h"
#include "os/guard.h"
#include "os/sandbox.h"

enum { B_OUT, B_JOBS, B_BUILD, B_DATE, B_OPTS };
static const struct opt baseline_opts[B_OPTS + 1] = {
    [B_OUT] = { "out", "DIR", "writes the pack there", NULL },
    [B_JOBS] = { "jobs", "N", "threads; without it one per core", NULL },
    [B_BUILD] = { "build", "BUILD", "the build, where no program of the tree tells it: 15.1.2106.2", NULL },
    [B_DATE] = { "date", "DAY", "when the pack was made, for its pack.yaml: 2021-03-05", NULL },
};

/* ---- is it clean? ---- */

static bool accuses(const struct file_fact *f)
{
    switch (f->kind) {
    case FILE_FACT_PAGE: case FILE_FACT_WAY_BACK: case FILE_FACT_SECRET: case FILE_FACT_LOOT: case FILE_FACT_TOOL: case FILE_FACT_RANSOM:
        return true;
    case FILE_FACT_PAGE_LEFT: case FILE_FACT_AV:
        return f->severity >= SEV_HIGH;
    default:
        return false;
    }
}

static bool clean(struct cli *c, const struct baseline_work *w, struct err *e)
{
    enum { SHOWN = 20 };
    size_t n = 0;

    for (size_t i = 0; i < w->found.fact_n; i++) {
        const struct file_fact *f = &w->found.fact[i];
        bool bad = accuses(f);
        if (!bad && !(f->kind == FILE_FACT_PAGE_REVIEW && f->severity >= SEV_MEDIUM))
            continue;
        n += bad;
        if (n > SHOWN || (!bad && c->silent))
            continue;
        out_c(c->err, bad ? "afterpatch: not clean: " : "afterpatch: note: look at it before you trust this baseline: ");
        out_term(c->err, f->path, 300);
        out_c(c->err, ": ");
        out_term(c->err, f->title, 200);
        out_c(c->err, "\n");
    }
    if (n == 0)
        return true;
    err_set(e, ERR_FORMAT, "this is no clean installation: %zu thing%s in it belong%s to an intruder; nothing is written", n, n == 1 ? "" : "s", n == 1 ? "s" : "");
    return err_hint(e, "take an installation that was never reachable, and hunt this one");
}

/* ---- the verb ---- */

struct job {
    struct cli          *c;
    const struct verb   *verb;
    struct baseline_work work;
    struct str           made;         /* of --out, by us */
};

static bool given(const struct args *args, struct baseline_work *w, struct err *e)
{
    int64_t day;

    if (args->operand_n != 1) {
        err_set(e, ERR_USAGE, args->operand_n ? "one tree is taken, %zu are given" : "no tree is given (%zu)", args->operand_n);
        return err_hint(e, "afterpatch baseline --out packs/mine /mnt/clean");
    }
    w->out   = args->value[B_OUT];
    w->tree  = args->operand[0];
    w->build = args->value[B_BUILD];
    w->date  = args->value[B_DATE];
    w->jobs  = os_cores();
    if (!w->out.n) {
        err_set(e, ERR_USAGE, "--out is missing");
        return err_hint(e, "afterpatch baseline --out packs/mine /mnt/clean");
    }
    if (args->given[B_JOBS] && (!num_u32(args->value[B_JOBS], &w->jobs) || !w->jobs || w->jobs > SETUP_JOBS_MAX))
        return err_set(e, ERR_USAGE, "--jobs cannot be \"%.*s\": a number from 1 to %d", STR_ARG(str_sub(args->value[B_JOBS], 0, 40)), SETUP_JOBS_MAX);
    w->jobs = w->jobs < 1 ? 1 : w->jobs > 16 ? 16 : w->jobs;
    if (w->date.n && (w->date.n != sizeof "2021-03-05" - 1 || !time_parse(w->date, &day)))
        return err_set(e, ERR_USAGE, "--date cannot read \"%.*s\" as a day", STR_ARG(str_sub(w->date, 0, 40)));
    return true;
}

static bool enter_sandbox(struct job *j, struct err *e)
{
    const char          *name;
    struct sandbox_rules rules = { &j->work.tree, 1, j->work.out };

    return !j->c->guarded || sandbox_enter(&rules, &name, e);
}

static bool make(struct job *j, struct guard *g, struct err *e)
{
    struct cli           *c = j->c;
    struct baseline_work *w = &j->work;
    struct trees         *trees = NEW(&c->keep, struct trees, 1);
    struct ev_options     how = ev_options_default();
    struct hunt_options   opt = { .jobs = w->jobs, .since_us = TIME_NONE, .until_us = TIME_NONE, .guard = g };

    how.guard     = g;
    how.spool_dir = w->out;
    if (!trees)
        return err_set(e, ERR_MEMORY, "no room for the work");
    w->trees = trees;
    if ((c->guarded && !os_memory_limit(setup_memory_bytes(w->jobs, &how.limits), e)) || !enter_sandbox(j, e) || !guard_mark(g, e) ||
        !trees_find(trees, c->os, &c->keep, &w->tree, 1, &how, e))
        return false;
    trees_join(trees);
    uint32_t *which = NEW(&c->keep, uint32_t, trees->tree_n + 1);
    for (size_t i = 0; which && i < trees->tree_n; i++)
        which[i] = (uint32_t)i;
    if (!which)
        return err_set(e, ERR_MEMORY, "no room for the work");
    if (!ev_open_trees(&w->ev, &c->keep, trees, which, trees->tree_n, e) ||
        !hunt_open(&w->hunt, c->os, &w->ev, &w->pack, &w->sigma, &opt, &c->keep, &w->found, e) || !guard_mark(g, e) || !hunt_files(w->hunt, e))
        return false;
    ev_trouble_take(&w->ev, c->scratch);
    if (!clean(c, w, e) || !baseline_list_make(c, w, e) || !baseline_list_write(c, w, e))
        return false;
    out_fmt(c->out, "baseline of build %u.%u.%u.%u: %zu files of the product, %zu of the web root, in ", w->v[0], w->v[1], w->v[2], w->v[3], w->rows[BASELINE_INSTALL],
            w->rows[BASELINE_WEB]);
    out_term(c->out, w->out, 200);
    out_c(c->out, "\n");
    return true;
}

/* In the worker: a tree that is called clean may be anything. */
static int work(void *ctx, struct guard *g)
{
    struct job *j = ctx;
    struct err  e = { 0 };

    if (g)
        out_open(j->c->out, guard_put, g);
    int code = make(j, g, &e) ? CLI_DONE : cli_fail(j->c, j->verb->name, &e);
    hunt_close(j->work.hunt);
    ev_close(&j->work.ev);
    if (j->work.trees)
        trees_close(j->work.trees);
    if (!out_done(j->c->out, &e))
        code = cli_fail(j->c, j->verb->name, &e);
    out_done(j->c->err, &e);
    return code;
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct err  e = { 0 }, later = { 0 };
    struct job *j = NEW(&c->keep, struct job, 1);
    int         code = CLI_FAILED;

    if (!j) {
        err_set(&e, ERR_MEMORY, "no room for the work");
        return cli_fail(c, v->name, &e);
    }
    *j = (struct job){ .c = c, .verb = v };
    struct baseline_work *w = &j->work;
    struct guard_options  opt = { .off = !c->guarded, .hang_ms = c->hang_ms };
    struct os_stat        st;
    bool ok = given(args, w, &e) && c->os->stat(c->os, w->tree, &st, &e) && apart_check(c->os, w->out, &w->tree, 1, c->scratch, &e) &&
              campaign_load(c->os, str_c(pack_embedded_ids[0]), STR_EMPTY, &c->keep, &w->pack, &w->sigma, &e) && hunt_out_make(c, w->out, &j->made, &e);
    ok = ok && out_done(c->out, &e) && out_done(c->err, &e) && guard_run(&opt, work, j, &code, &e);
    if (!ok)
        code = cli_fail(c, v->name, &e);
    if (code != CLI_DONE && w->out.n)
        hunt_out_unmake(c, w->out, j->made);
    sigma_close(&w->sigma);
    out_done(c->out, &later);
    return code;
}

static const struct example examples[] = {
    { "afterpatch baseline --out packs/cu18 /mnt/clean", "From the disk of a clean server of the same build" },
    { "afterpatch hunt --baseline packs/cu18 --out report /mnt/evidence", "Extra and changed pages of the product are findings" },
    { NULL, NULL },
};

const struct verb verb_baseline = {
    .name = "baseline", .about = "makes a list of known-good files from a clean installation, to hunt with", .usage = "--out DIR [OPTION]... TREE",
    .text = "TREE is the drive of a clean Exchange server of the same build (cumulative and security update), its install folder, or the root of "
            "the installation media. Its pages, configuration and the programs beside them are listed with SHA-256 and build.\n\n"
            "A tree in which the file detectors find what belongs to an intruder is refused, and nothing is written. Take an installation that "
            "was never reachable from outside: the list says that what it holds is good.\n\n"
            "The same tree gives the same files, byte for byte.",
    .opt = baseline_opts, .example = examples, .run = run,
};
