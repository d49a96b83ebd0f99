/*
 * hunt: one server or many. Finds what the paths hold, tells the servers apart, hunts one after the other, and says what it found.
 *
 * Order    nothing is read before the options, the pack and the output folder are known to be good: a hunt may take an hour.
 *          Files are written before the terminal gets its report, so that a pager that is closed early costs nothing.
 * Worker   everything that reads evidence happens in a process without network and without writes outside the output folder (sandbox.h); what
 *          brings it down is tried again once, then left out and told (guard.h). What it prints to stdout comes through its supervisor.
 */
#include "cli/apart.h"
#include "cli/hunt_one.h"
#include "cli/hunt_out.h"
#include "cli/rules_try.h"
#include "cli/verbs.h"

#include "detect/rules_load.h"
#include "os/cache.h"
#include "os/sandbox.h"
#include "report/render.h"

#include <string.h>

static const char campaign_id[] = "proxylogon";

enum { PASSWORD_MAX = 4096 };
#define RULES_ROOM ((size_t)RULES_KEEP_MAX + ((size_t)64 << 20))
#define SUMMARY_BYTES ((size_t)64 << 20)

struct work {
    struct cli        *c;
    const struct verb *verb;
    const struct args *args;
    struct hunt_run    run;
    struct str         password, made;
};

/* The folder of one server, of many. */
static bool folder_of(struct work *w, const struct summary *s, struct str name, struct arena *a, struct str *ret, struct err *e)
{
    struct arena scratch = w->c->scratch;
    struct str  *taken = NEW(&scratch, struct str, s->row_n + 1);

    if (!taken)
        return err_set(e, ERR_MEMORY, "no room for the names of folders");
    for (size_t i = 0; i < s->row_n; i++)
        taken[i] = s->row[i].folder;
    return summary_folder(name, taken, s->row_n, a, ret, e);
}

static bool print_one(struct work *w, const struct report *r, struct err *e)
{
    struct cli *c = w->c;

    if (w->run.setup.json)
        return hunt_out_json(c, r, e);
    return w->run.setup.quiet || render_terminal(c->out, r, c->scratch, c->colour, c->width, e);
}

/* Named in a forged request of this server, and hunted itself. */
static void mark_hunted(struct report *r, const struct server_group *group, size_t n)
{
    for (size_t i = 0; i < r->other_n; i++)
        for (size_t k = 0; k < n; k++)
            r->other[i].hunted = r->other[i].hunted || summary_same(r->other[i].name, group[k].name);
}

/* An older hunt of another number of servers left its files in the folder: they are nobody's but the operator's, and not of this hunt. */
static void tell_older(struct work *w, const char *file)
{
    struct cli    *c = w->c;
    struct arena   scratch = c->scratch;
    struct str     path = str_fmt(&scratch, "%.*s/%s", STR_ARG(w->run.setup.out), file);
    struct os_stat st;
    struct err     why = { 0 };

    if (w->run.setup.out.n && !w->run.setup.quiet && path.p && c->os->stat(c->os, path, &st, &why))
        cli_note(c, "an older hunt's file is in the output folder, and is not of this one", path);
}

static int of_one(struct work *w, struct trees *trees, const struct server_group *group)
{
    struct cli      *c = w->c;
    struct err       e = { 0 };
    struct hunt_one *one = NEW(&c->keep, struct hunt_one, 1);
    bool             ok = one ? true : err_set(&e, ERR_MEMORY, "no room for the hunt");

    ok = ok && hunt_one(c, &w->run, trees, group, one, &e) && (!w->run.setup.out.n || hunt_out_report(c, w->run.setup.out, &one->report, &e)) &&
         print_one(w, &one->report, &e);
    int code = ok ? verdict_exit_code(one->report.campaign.verdict) : cli_fail(c, w->verb->name, &e);
    tell_older(w, "summary.json");
    if (one)
        hunt_one_close(one);
    return code;
}

/* One server of several. What goes wrong with it is its row in the summary; only memory ends the run. */
static bool of_many(struct work *w, struct trees *trees, const struct server_group *group, size_t group_n, size_t at, struct summary *s, struct arena *keep,
                    struct err *e)
{
    struct cli      *c = w->c;
    struct arena     before = c->keep;
    struct hunt_one *one = NEW(&c->keep, struct hunt_one, 1);
    struct err       why = { 0 };
    struct str       folder, dir;

    if (!one)
        return err_set(e, ERR_MEMORY, "no room for the hunt");
    if (!folder_of(w, s, group[at].name, keep, &folder, e))
        return false;
    if (!w->run.setup.quiet) {
        struct arena scratch = c->scratch;
        cli_note(c, "server", str_fmt(&scratch, "%.*s, %zu of %zu", STR_ARG(group[at].name), at + 1, group_n));
    }
    bool ok = hunt_one(c, &w->run, trees, &group[at], one, &why);
    if (ok) {
        mark_hunted(&one->report, group, group_n);
        dir = str_fmt(&c->keep, "%.*s/%.*s", STR_ARG(w->run.setup.out), STR_ARG(folder));
        ok = dir.p ? true : err_set(&why, ERR_MEMORY, "no room for a path");
        ok = ok && (!w->run.setup.out.n || hunt_out_report(c, dir, &one->report, &why));
        ok = ok && (w->run.setup.out.n || w->run.setup.json || print_one(w, &one->report, &why));
    }
    if (ok)
        ok = summary_add(s, &one->report, folder, keep, e);
    else {
        cli_fail(c, w->verb->name, &why);
        ok = summary_fail(s, group[at].name, folder, &why, keep, e);
    }
    hunt_one_close(one);
    c->keep = before;
    return ok;
}

static bool many(struct work *w, struct trees *trees, const struct server_group *group, size_t n, int *ret_code, struct err *e)
{
    struct cli    *c = w->c;
    struct arena   whole = { 0 };
    struct summary s = { .tool_version = STR(AP_VERSION), .tlp = w->run.setup.tlp, .organisation = w->run.setup.organisation, .case_id = w->run.setup.case_id,
                         .sandbox = w->run.sandbox, .started_us = w->run.started_us };
    bool           ok = os_arena_map(&whole, SUMMARY_BYTES, e);
    struct arena   keep = whole;

    for (size_t i = 0; ok && i < n; i++)
        ok = of_many(w, trees, group, n, i, &s, &keep, e);
    ok = ok && summary_settle(&s, &keep, e) && (!w->run.setup.out.n || hunt_out_summary(c, w->run.setup.out, &s, e));
    if (ok && w->run.setup.json)
        ok = summary_json(c->out, &s, c->scratch, e);
    else if (ok && !w->run.setup.quiet)
        ok = summary_terminal(c->out, &s, c->scratch, c->colour, c->width, e);
    tell_older(w, "report.json");
    if (ok)
        *ret_code = verdict_exit_code(summary_worst(&s));
    os_arena_unmap(&whole);
    return ok;
}

static bool enter_sandbox(struct work *w, struct err *e)
{
    struct arena scratch = w->c->scratch;
    size_t       n = 0;
    struct str  *read = NEW(&scratch, struct str, w->args->operand_n + 1);

    w->run.sandbox = "none";
    if (!w->c->guarded || w->run.setup.no_sandbox)
        return true;
    if (!read)
        return err_set(e, ERR_MEMORY, "no room for the paths of the evidence");
    for (size_t i = 0; i < w->args->operand_n; i++)
        read[n++] = w->args->operand[i];
    /* An image may go on in files beside the one that was given. */
    for (size_t i = 0; i < w->args->operand_n; i++) {
        struct str *piece, *more;
        size_t      piece_n;
        if (!image_siblings(w->c->os, w->args->operand[i], &scratch, &piece, &piece_n, e))
            return false;
        if (!piece_n)
            continue;
        more = NEW(&scratch, struct str, n + piece_n);
        if (!more)
            return err_set(e, ERR_MEMORY, "no room for the paths of the evidence");
        memcpy(more, read, n * sizeof *more);
        memcpy(more + n, piece, piece_n * sizeof *more);
        read = more;
        n += piece_n;
    }
    struct sandbox_rules rules = { read, n, w->run.setup.out };
    return sandbox_enter(&rules, &w->run.sandbox, e) || err_hint(e, "--sandbox off goes on without it, less safe");
}

/*
 * In the worker, because compiled rules are code: what a hostile rule file may have made of its compiler is loaded where it can do no more than
 * hostile evidence. What cannot be loaded, or brings the worker down, is told and left out.
 */
static bool wake_rules(struct work *w, struct guard *g, struct err *e)
{
    struct yara   *y = &w->run.yara.set;
    const uint64_t key = UINT64_C(0x79617261);
    struct err     why = { 0 };
    bool           ok = !guard_barred(g, key);

    if (ok) {
        guard_enter(g, 0, key, STR("compiled YARA rules"));
        ok = yara_wake(y, &why);
        guard_leave(g, 0);
    } else {
        err_set(&why, ERR_FORMAT, "they brought their reader down");
    }
    if (ok || why.kind == ERR_MEMORY) {
        *e = why;
        return ok;
    }
    if (!w->run.setup.quiet)
        cli_note(w->c, "no YARA rule is used", str_c(why.what));
    return yara_none(y, &w->c->keep, str_c(why.what), e);
}

/* In the worker. */
static int work(void *ctx, struct guard *g)
{
    struct work         *w = ctx;
    struct cli          *c = w->c;
    struct err           e = { 0 };
    struct trees        *trees = NEW(&c->keep, struct trees, 1);
    struct server_group *group = NULL;
    size_t               n = 0;
    int                  code = CLI_FAILED;
    struct ev_options    opt = { .limits = w->run.setup.limits, .spool_dir = w->run.setup.out, .password = w->password, .guard = g };
    bool                 ok = trees ? true : err_set(&e, ERR_MEMORY, "no room for the hunt");

    if (g)
        out_open(c->out, guard_put, g);
    w->run.guard = g;
    ok = ok && (!c->guarded || os_memory_limit(setup_memory_bytes(w->run.setup.jobs, &opt.limits) + yara_memory_bytes(&w->run.yara.set, w->run.setup.jobs) +
                                            arena_room(&w->run.iocs_room), &e)) && enter_sandbox(w, &e) &&
         wake_rules(w, g, &e) && guard_mark(g, &e) && trees_find(trees, c->os, &c->keep, w->args->operand, w->args->operand_n, &opt, &e) &&
         servers_group(trees, w->run.setup.server, &c->keep, &group, &n, &e);
    if (ok && n == 1)
        code = of_one(w, trees, &group[0]);
    else if (ok)
        ok = many(w, trees, group, n, &code, &e);
    if (!ok)
        code = cli_fail(c, w->verb->name, &e);
    if (trees)
        trees_close(trees);
    if (!out_done(c->out, &e))
        code = cli_fail(c, w->verb->name, &e);
    out_done(c->err, &e);
    return code;
}

static bool password_of(struct cli *c, struct str file, struct str *ret, struct err *e)
{
    if (!file.n)
        return true;
    size_t     slash = str_rchr(file, '/');
    struct str dir = slash == STR_NONE ? STR(".") : slash ? str_sub(file, 0, slash) : STR("/");
    if (!os_slurp(c->os, dir, slash == STR_NONE ? file : str_from(file, slash + 1), PASSWORD_MAX, &c->keep, ret, e))
        return false;
    while (ret->n && (ret->p[ret->n - 1] == '\n' || ret->p[ret->n - 1] == '\r'))
        ret->n--;
    return ret->n && str_chr(*ret, 0) == STR_NONE ? true : err_set(e, ERR_USAGE, "the password file is empty or holds a NUL byte");
}

/* Before the worker begins: its sandbox does not see the folders of the indicators. */
static bool prepare_iocs(struct cli *c, struct hunt_run *run, struct err *e)
{
    struct arena scratch = c->scratch;

    if (!run->setup.iocs.n)
        return true;
    if (!iocs_load(c->os, run->setup.iocs, c->scratch, &run->iocs, &run->iocs_room, e))
        return false;
    run->pack.user = &run->iocs;
    uint64_t left = run->iocs.refused_n + run->iocs.refused_more;
    if (left && !run->setup.quiet)
        cli_note(c, "indicators that cannot be used", str_fmt(&scratch, "%llu, beside %zu that can; `afterpatch iocs check` tells which and why",
                                                              (unsigned long long)left, run->iocs.n));
    return true;
}

/* Before the worker begins: its sandbox does not see the folders of the rules. */
static bool prepare_rules(struct cli *c, struct hunt_run *run, struct err *e)
{
    struct arena scratch = c->scratch;
    struct str   rest = run->setup.rules, dir;
    size_t       left = 0, works = run->sigma.rule_n, from = run->sigma.refused_n;

    if (!run->setup.rules.n)
        return true;
    if (!os_arena_map(&run->rules_room, RULES_ROOM, e))
        return false;
    run->pack_refused_n = from;
    struct arena keep = run->rules_room;
    while (str_cut(&rest, ',', &dir))
        if (!rules_dir_add(&run->rules, &keep, c->os, dir, e))
            return false;
    struct rules_how how = { .here = !c->guarded, .no_sandbox = run->setup.no_sandbox };
    if (!rules_try(&run->rules, &how, c->os, &keep, c->scratch, e) || !rules_load_sigma(&run->sigma, &run->rules, c->os, &keep, c->scratch, e))
        return false;
    for (size_t i = from; i < run->sigma.refused_n; i++)
        left += !run->sigma.refused[i].elsewhere;
    left += run->rules.left_n;
    if (left && !run->setup.quiet)
        cli_note(c, "rules that cannot be used", str_fmt(&scratch, "%zu, beside %zu Sigma rules that can; `afterpatch rules check` tells which and why", left,
                                                         run->sigma.rule_n - works));
    return true;
}

static bool prepare(struct cli *c, struct work *w, struct err *e)
{
    const struct args *args = w->args;
    struct hunt_run   *run = &w->run;

    run->started_us = c->os->now_us(c->os);
    run->from_us = c->os->tick_us(c->os);
    if (args->operand_n == 0) {
        err_set(e, ERR_USAGE, "no evidence given");
        return err_hint(e, "name the folder that holds the server's drive: afterpatch hunt --out report /mnt/evidence");
    }
    if (!setup_make(args, os_cores(), &c->keep, &run->setup, e))
        return false;
    if (run->setup.out.n && !apart_check(c->os, run->setup.out, args->operand, args->operand_n, c->scratch, e))
        return false;
    if (!password_of(c, run->setup.password_file, &w->password, e) ||
        !campaign_load(c->os, str_c(campaign_id), run->setup.pack_dir, &c->keep, &run->pack, &run->sigma, e))
        return false;
    for (size_t i = 0; i < run->sigma.refused_n && !run->setup.quiet; i++)
        cli_note(c, "a rule of the pack cannot be used", run->sigma.refused[i].why);
    if (!prepare_rules(c, run, e))
        return false;
    struct yara_how how = { .here = !c->guarded, .no_sandbox = run->setup.no_sandbox };
    if (c->guarded && !run->setup.no_rule_cache)
        how.cache = cache_home(&c->keep);
    if (!yara_load(c->os, &run->pack, &run->rules, &how, &c->keep, &run->yara, e))
        return false;
    if (!run->setup.quiet)
        yara_notes(c, &run->yara.set);
    if (!prepare_iocs(c, run, e))
        return false;
    if (run->setup.baseline.n && !baseline_load_list(&run->baseline, &c->keep, c->os, run->setup.baseline, e))
        return false;
    for (size_t i = 0; i < args->operand_n; i++) {
        struct os_stat st;
        if (!c->os->stat(c->os, args->operand[i], &st, e))
            return err_hint(e, "Check the path and the permissions.");
    }
    return !run->setup.out.n || hunt_out_make(c, run->setup.out, &w->made, e);
}

/* In the supervisor. */
static void on_death(void *ctx, const char *what, struct str text)
{
    struct work *w = ctx;
    struct err   e = { 0 };

    if (w->run.setup.quiet)
        return;
    cli_note(w->c, what, text);
    (void)out_done(w->c->err, &e);
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct err   e = { 0 }, later = { 0 };
    struct work *w = NEW(&c->keep, struct work, 1);
    int          code = CLI_FAILED;

    if (!w) {
        err_set(&e, ERR_MEMORY, "no room for the hunt");
        return cli_fail(c, v->name, &e);
    }
    *w = (struct work){ .c = c, .verb = v, .args = args };
    struct guard_options opt = { .off = !c->guarded, .hang_ms = c->hang_ms, .died = on_death, .died_ctx = w };
    bool ok = prepare(c, w, &e);
    /* What is still in our buffers must not be printed by the worker as well. */
    ok = ok && out_done(c->out, &e) && out_done(c->err, &e) && guard_run(&opt, work, w, &code, &e);
    if (!ok)
        code = cli_fail(c, v->name, &e);
    if (code == CLI_FAILED || code == CLI_USAGE || code > 128)
        hunt_out_unmake(c, w->run.setup.out, w->made);
    sigma_close(&w->run.sigma);
    os_arena_unmap(&w->run.rules_room);
    os_arena_unmap(&w->run.iocs_room);
    yara_unload(&w->run.yara);
    out_done(c->out, &later);
    return code;
}

static const struct example examples[] = {
    { "afterpatch hunt --out report /mnt/evidence", "A mounted disk, or a folder that was copied from a server" },
    { "afterpatch hunt --since 2021-02-26 --jobs 2 /mnt/c /mnt/d", "Two drives of one server, two threads, records from that day on" },
    { "afterpatch hunt --out report Collection-EXCH01.zip EXCH02.zip", "Collections of two servers, read in place: two reports and a summary" },
    { "afterpatch hunt --quiet --json - /mnt/evidence | jq .campaigns[0].verdict", "For a script; the exit code tells the verdict, too" },
    { NULL, NULL },
};

const struct verb verb_hunt = {
    .name = "hunt", .about = "reads what a server left and gives a verdict with evidence", .usage = "[OPTION]... PATH...",
    .text = "Was this Exchange server entered through the flaws of March 2021 (ProxyLogon)? Is a back door there, or was one? "
            "Was it used? What was taken? What could not be seen? What is to be done now?\n\n"
            "PATH is a disk image (raw, E01, VHD, VHDX, VMDK), a mounted volume, a folder with drives in it (C, D, ...), files copied from the server, or what a collector wrote "
            "(Velociraptor, KAPE, CyLR, acquire, DFIR-ORC, UAC, Tanium, or a plain archive): a zip, 7z or tar is read in place, and a folder "
            "may hold many. Evidence of several servers is told apart by computer name; each gets a folder with its report below --out, beside a "
            "summary, and the exit code is that of the worst.\n\n"
            "Mount evidence read-only. Nothing in it is run or changed, and the output folder must lie outside it. Evidence is read by a process "
            "without network that can write nowhere but there; what brings its readers down is left out and told. The one thing that is kept elsewhere are "
            "compiled YARA rules of your own, in your cache folder.\n\n"
            "The report goes to the terminal, and with --out also to files. Without trace is not without doubt: the report names the "
            "evidence that was missing, and how to get it.",
    .opt = hunt_opts, .example = examples, .run = run,
};
