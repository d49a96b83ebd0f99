/*
 * hunt: the pipeline. Evidence, files, logs, pivot, verdict, report; each step is a function of the layer that owns it.
 *
 * Order    nothing is read before the options, the pack and the output folder are known to be good: a hunt may take an hour.
 *          Files are written before the terminal gets its report, so that a pager that is closed early costs nothing.
 */
#include "cli/apart.h"
#include "cli/campaign.h"
#include "cli/setup.h"
#include "cli/verbs.h"

#include "detect/hunt.h"
#include "os/term.h"
#include "report/render.h"
#include "verdict/verdict.h"

static const char campaign_id[] = "proxylogon";

struct work {
    struct setup         setup;
    struct pack          pack;
    struct baseline      baseline;
    struct sigma         sigma;
    struct ev            ev;
    struct detected      found;
    struct hunt         *hunt;
    struct term_progress progress;
    struct report        report;
};

/* Where render writes to when it is a file. */
struct file_sink {
    struct os     *os;
    struct os_file file;
};

static bool file_put(void *ctx, struct str s, struct err *e)
{
    struct file_sink *f = ctx;

    return f->os->write(f->os, f->file, s, e);
}

/* One form of the report, written but without its name. `o`: room for a sink. */
static bool file_write(struct cli *c, struct out *o, struct str dir, const struct render_kind *kind, const struct report *r, struct os_file *ret,
                       struct err *e)
{
    struct arena     scratch = c->scratch;
    struct file_sink f = { .os = c->os, .file = OS_FILE_NONE };
    struct str       path = str_fmt(&scratch, "%.*s/%s", STR_ARG(dir), kind->file);

    if (!path.p)
        return err_set(e, ERR_MEMORY, "no room for a path");
    if (!c->os->create(c->os, path, &f.file, e))
        return false;
    *ret = f.file;
    out_open(o, file_put, &f);
    if (kind->write(o, r, scratch, e) && out_done(o, e))
        return true;
    if (!e->where[0])
        err_where(e, "%.*s", STR_ARG(path));
    return false;
}

/* May the folder be written to? Asked when the evidence is known to be some, and before an hour is spent on it. */
static bool out_check(struct cli *c, struct str dir, struct err *e)
{
    struct arena   scratch = c->scratch;
    struct os_file f = OS_FILE_NONE;
    struct str     path = str_fmt(&scratch, "%.*s/%s", STR_ARG(dir), render_kinds[0]->file);

    if (!path.p)
        return err_set(e, ERR_MEMORY, "no room for a path");
    bool ok = c->os->mkdir(c->os, dir, e) && c->os->create(c->os, path, &f, e);
    c->os->close(c->os, &f);
    return ok || err_hint(e, "give --out a folder that you may write to");
}

/* All forms are written before the first gets its name: a full disk leaves the old report whole, not half of each. */
static bool files_write(struct cli *c, struct str dir, const struct report *r, struct err *e)
{
    enum { KINDS_MAX = 16, FORMS_NEEDED = 2 };      /* report.json and report.html come first */
    struct arena   keep = c->keep;
    struct out    *o = NEW(&keep, struct out, 1);
    struct os_file file[KINDS_MAX];
    size_t         n = 0;
    bool           ok = true;

    if (!o)
        return err_set(e, ERR_MEMORY, "no room for an output buffer");
    if (!c->os->mkdir(c->os, dir, e))
        return false;
    for (; ok && n < KINDS_MAX && render_kinds[n]; n++) {
        file[n] = OS_FILE_NONE;
        ok = file_write(c, o, dir, render_kinds[n], r, &file[n], e);
        if (ok || n < FORMS_NEEDED || (e->kind != ERR_MEMORY && e->kind != ERR_LIMIT))
            continue;
        /* The answer is more than any further form of it: a flood of findings may be too much for one, and the hunt took an hour. */
        cli_note(c, "a form of the report is not written, it would be too large", str_c(render_kinds[n]->file));
        c->os->close(c->os, &file[n]);
        *e = (struct err){ 0 };
        ok = true;
    }
    for (size_t i = 0; i < n; i++) {
        if (ok && file[i].h >= 0 && !c->os->commit(c->os, &file[i], e)) {
            ok = false;
            if (!e->where[0])
                err_where(e, "%.*s/%s", STR_ARG(dir), render_kinds[i]->file);
        }
        c->os->close(c->os, &file[i]);
    }
    if (!ok && e->kind == ERR_IO && !e->hint[0])
        err_hint(e, "make room there or give --out another disk; what was in the folder before is as it was");
    return ok;
}

static bool json_print(struct cli *c, const struct report *r, struct err *e)
{
    for (size_t i = 0; render_kinds[i]; i++)
        if (str_eq(str_c(render_kinds[i]->name), STR("json")))
            return render_kinds[i]->write(c->out, r, c->scratch, e) && out_done(c->out, e);
    return err_set(e, ERR_FORMAT, "this program has no JSON report");
}

/* Nothing of a server in there. Tell what a server would have shown, so that the operator can tell a wrong path from a poor collection. */
static bool not_evidence(struct cli *c, const struct work *w, struct err *e)
{
    if (!c->silent) {
        out_fmt(c->err, "afterpatch: looked at %llu file%s for:\n", (unsigned long long)w->ev.seen_n, w->ev.seen_n == 1 ? "" : "s");
        for (size_t i = FAM_NONE + 1; i < FAM_COUNT; i++)
            if (family_table[i].examined)
                out_fmt(c->err, "  %-38s %s\n", family_table[i].title, family_table[i].where);
        for (size_t i = 0; i < w->ev.refused_n && i < 10; i++) {
            out_c(c->err, "  refused ");
            out_term(c->err, w->ev.refused[i].path, 200);
            out_c(c->err, ": ");
            out_term(c->err, w->ev.refused[i].what, 200);
            out_c(c->err, "\n");
        }
    }
    err_set(e, ERR_FORMAT, "nothing of an Exchange or IIS server was recognised");
    return err_hint(e, "give the drive's root (the folder that holds inetpub or Program Files) or the folder above it");
}

/* Of everything but text logs: their bytes are counted by the pass that reads them. */
static uint64_t file_bytes(const struct ev *ev)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < ev->node_n; i++)
        if (!family_table[ev->node[i].family].log)
            sum += ev->node[i].size_bytes;
    return sum;
}

static bool files(struct cli *c, struct work *w, struct err *e)
{
    bool ok;

    term_progress_start(&w->progress, c->os, !w->progress.on, "reading files", file_bytes(&w->ev));
    ok = hunt_files(w->hunt, e);
    term_progress_end(&w->progress);
    return ok;
}

static bool logs(struct cli *c, struct work *w, struct err *e)
{
    (void)c;
    return hunt_logs(w->hunt, e);
}

static bool pivot(struct cli *c, struct work *w, struct err *e)
{
    struct pivot p;

    return verdict_pivot(&w->found, &c->keep, &p, e) &&
           hunt_pivot(w->hunt, p.clients.item, p.clients.n, p.canaries.item, p.canaries.n, e);
}

static bool look(struct cli *c, struct work *w, const struct args *args, struct err *e)
{
    static bool (*const step[])(struct cli *, struct work *, struct err *) = { files, logs, pivot };
    struct hunt_options opt = { .jobs = w->setup.jobs, .since_us = w->setup.since_us, .until_us = w->setup.until_us, .progress = &w->progress,
                                .baseline = w->baseline.pack_n ? &w->baseline : NULL };

    if (!ev_open(&w->ev, c->os, &c->keep, args->operand, args->operand_n, e))
        return false;
    if (!ev_recognised(&w->ev))
        return not_evidence(c, w, e);
    if (w->setup.out.n && !out_check(c, w->setup.out, e))
        return false;
    if (!hunt_open(&w->hunt, c->os, &w->ev, &w->pack, &w->sigma, &opt, &c->keep, &w->found, e))
        return false;
    for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
        /* Each step that shows its progress puts this out when it ends. */
        w->progress.on = !c->silent && !w->setup.quiet;
        if (!step[i](c, w, e))
            return false;
    }
    return true;
}

static void about_the_run(struct cli *c, struct work *w, int64_t started_us, uint64_t from_us)
{
    struct report *r = &w->report;

    r->started_us = started_us;
    r->seconds = (double)(c->os->tick_us(c->os) - from_us) / 1e6;
    r->bytes_read = hunt_bytes_read(w->hunt);
    r->peak_memory_bytes = os_peak_memory_bytes();
    r->sandbox = "none";
}

static void about_the_case(struct work *w)
{
    struct report *r = &w->report;

    r->tool_version = STR(AP_VERSION);
    r->case_id = w->setup.case_id;
    r->case_nonce = w->setup.case_nonce;
    r->organisation = w->setup.organisation;
    r->tlp = w->setup.tlp;
    r->since_us = w->setup.since_us;
    r->until_us = w->setup.until_us;
}

static bool hunt(struct cli *c, struct work *w, const struct args *args, struct err *e)
{
    int64_t  started_us = c->os->now_us(c->os);
    uint64_t from_us = c->os->tick_us(c->os);

    if (args->operand_n == 0) {
        err_set(e, ERR_USAGE, "no evidence given");
        return err_hint(e, "name the folder that holds the server's drive: afterpatch hunt --out report /mnt/evidence");
    }
    if (!setup_make(args, os_cores(), &c->keep, &w->setup, e))
        return false;
    if (w->setup.out.n && !apart_check(c->os, w->setup.out, args->operand, args->operand_n, c->scratch, e))
        return false;
    if (!campaign_load(c->os, str_c(campaign_id), w->setup.pack_dir, &c->keep, &w->pack, &w->sigma, e))
        return false;
    if (w->setup.baseline.n && !baseline_load_list(&w->baseline, &c->keep, c->os, w->setup.baseline, e))
        return false;
    for (size_t i = 0; i < w->sigma.refused_n && !w->setup.quiet; i++)
        cli_note(c, "a rule of the pack cannot be used", w->sigma.refused[i].why);

    about_the_case(w);
    if (!look(c, w, args, e) || !verdict_make(&w->report, &w->found, &c->keep, e))
        return false;
    about_the_run(c, w, started_us, from_us);

    if (w->setup.out.n && !files_write(c, w->setup.out, &w->report, e))
        return false;
    if (w->setup.json)
        return json_print(c, &w->report, e);
    return w->setup.quiet || render_terminal(c->out, &w->report, c->scratch, c->colour, c->width, e);
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct err   e = { 0 };
    struct work *w = NEW(&c->keep, struct work, 1);
    int          code;

    if (!w) {
        err_set(&e, ERR_MEMORY, "no room for the hunt");
        return cli_fail(c, v->name, &e);
    }
    code = hunt(c, w, args, &e) ? verdict_exit_code(w->report.campaign.verdict) : cli_fail(c, v->name, &e);
    hunt_close(w->hunt);
    ev_close(&w->ev);
    sigma_close(&w->sigma);
    return code;
}

static const struct example examples[] = {
    { "afterpatch hunt --out report /mnt/evidence", "A mounted disk, or a folder that was copied from a server" },
    { "afterpatch hunt --since 2021-02-26 --jobs 2 /mnt/c /mnt/d", "Two drives of one server, two threads, records from that day on" },
    { "afterpatch hunt --quiet --json - /mnt/evidence | jq .campaigns[0].verdict", "For a script; the exit code tells the verdict, too" },
    { NULL, NULL },
};

const struct verb verb_hunt = {
    .name = "hunt", .about = "reads what a server left and gives a verdict with evidence", .usage = "[OPTION]... PATH...",
    .text = "Was this Exchange server entered through the flaws of March 2021 (ProxyLogon)? Is a back door there, or was one? "
            "Was it used? What was taken? What could not be seen? What is to be done now?\n\n"
            "PATH is a mounted volume, a folder with drives in it (C, D, ...), or files copied from the server. All paths are taken "
            "as one server. Mount evidence read-only. Nothing in it is run or changed, and the output folder must lie outside it.\n\n"
            "The report goes to the terminal, and with --out also to files. Without trace is not without doubt: the report names the "
            "evidence that was missing, and how to get it.",
    .opt = hunt_opts, .example = examples, .run = run,
};
