#include "cli/hunt_one.h"

#include <stdatomic.h>
#include "cli/own_rules.h"

/* Nothing of a server in there. Tell what a server would have shown, so that the operator can tell a wrong path from a poor collection. */
static bool not_evidence(struct cli *c, const struct hunt_one *w, struct err *e)
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
    bool sealed = false;

    for (size_t i = 0; i < w->ev.refused_n; i++)
        sealed = sealed || str_ihas(w->ev.refused[i].what, STR("encrypted"));
    err_set(e, ERR_FORMAT, "nothing of an Exchange or IIS server was recognised");
    return err_hint(e, sealed ? "it is encrypted: give a file that holds its password with --password-file, or hunt a decrypted copy"
                              : "give the drive's root (the folder that holds inetpub or Program Files) or the folder above it");
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

static bool files(struct cli *c, struct hunt_one *w, struct err *e)
{
    bool ok;

    term_progress_start(&w->progress, c->os, !w->progress.on, "reading files", file_bytes(&w->ev));
    ok = hunt_files(w->hunt, e);
    term_progress_end(&w->progress);
    return ok;
}

static bool logs(struct cli *c, struct hunt_one *w, struct err *e)
{
    (void)c;
    return hunt_logs(w->hunt, e);
}

static bool pivot(struct cli *c, struct hunt_one *w, struct err *e)
{
    struct pivot p;

    return verdict_pivot(&w->found, &c->keep, &p, e) &&
           hunt_pivot(w->hunt, p.clients.item, p.clients.n, p.canaries.item, p.canaries.n, e);
}

/* What the collector states of the machine, where the evidence itself has not said it yet. */
static void stated(struct server *s, const struct server_group *group)
{
    const struct layout_server *l = group->stated;

    if (group->name.n && !str_starts(group->name, STR("unnamed-")))
        s->name = group->name;
    if (!l)
        return;
    s->os = l->os;
    s->time_zone = l->time_zone;
    size_t dot = str_chr(l->fqdn, '.');
    if (dot != STR_NONE)
        s->domain = str_from(l->fqdn, dot + 1);
}

/*
 * On a terminal, what was found first is told while the rest is read. The report says what it comes to; nothing there hangs on this line, nor on
 * which of several threads was first.
 */
static void tell_first(void *ctx, const struct hunt_first *f)
{
    struct hunt_one *w = ctx;
    struct out      *o = w->cli->err;
    struct err       e = { 0 };

    if (atomic_load(&w->told) || atomic_exchange(&w->told, true))
        return;
    out_c(o, "\r\033[Kafterpatch: found first: ");        /* in the place of the line of progress */
    out_term(o, f->title, 120);
    out_c(o, ": ");
    out_term(o, f->path, 200);
    if (f->line)
        out_fmt(o, ", line %llu", (unsigned long long)f->line);
    out_c(o, "\n");
    (void)out_done(o, &e);
}

static bool look(struct cli *c, const struct hunt_run *run, struct hunt_one *w, struct trees *trees, const struct server_group *group, struct err *e)
{
    static bool (*const step[])(struct cli *, struct hunt_one *, struct err *) = { files, logs, pivot };
    struct hunt_options opt = { .jobs = run->setup.jobs, .since_us = run->setup.since_us, .until_us = run->setup.until_us, .progress = &w->progress,
                                .guard = run->guard, .yara = &run->yara.set, .baseline = run->baseline.pack_n ? &run->baseline : NULL,
                                .cited_only = !run->setup.out.n };                 /* the manifest lists the SHA-256 of every log */

    w->cli = c;
    if (!c->silent && !run->setup.quiet && term_is_tty(stderr)) {
        opt.first     = tell_first;
        opt.first_ctx = w;
    }
    if (!ev_open_trees(&w->ev, &c->keep, trees, group->tree, group->n, e))
        return false;
    if (!ev_recognised(&w->ev)) {
        ev_trouble_take(&w->ev, c->scratch);
        return not_evidence(c, w, e);
    }
    if (!hunt_open(&w->hunt, c->os, &w->ev, &run->pack, &run->sigma, &opt, &c->keep, &w->found, e))
        return false;
    stated(&w->found.server, group);
    for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
        /* Each step that shows its progress puts this out when it ends. */
        w->progress.on = !c->silent && !run->setup.quiet;
        if (!guard_mark(run->guard, e) || !step[i](c, w, e))
            return false;
    }
    return true;
}

static void about_the_run(struct cli *c, const struct hunt_run *run, struct hunt_one *w)
{
    struct report *r = &w->report;

    r->started_us = run->started_us;
    r->seconds = (double)(c->os->tick_us(c->os) - run->from_us) / 1e6;
    r->bytes_read = hunt_bytes_read(w->hunt);
    r->peak_memory_bytes = os_peak_memory_bytes();
    r->sandbox = run->sandbox;
}

static void about_the_case(const struct hunt_run *run, struct hunt_one *w)
{
    struct report *r = &w->report;

    r->tool_version = STR(AP_VERSION);
    r->case_id = run->setup.case_id;
    r->case_nonce = run->setup.case_nonce;
    r->organisation = run->setup.organisation;
    r->tlp = run->setup.tlp;
    r->since_us = run->setup.since_us;
    r->until_us = run->setup.until_us;
}

bool hunt_one(struct cli *c, const struct hunt_run *run, struct trees *trees, const struct server_group *group, struct hunt_one *ret, struct err *e)
{
    about_the_case(run, ret);
    if (run->setup.rules.n && !(ret->report.rules = own_rules_tell(&run->rules, &run->sigma, run->pack_refused_n, &run->yara.set, &c->keep)))
        return err_set(e, ERR_MEMORY, "no room for the list of rules");
    if (!look(c, run, ret, trees, group, e) || !verdict_make(&ret->report, &ret->found, &c->keep, e))
        return false;
    about_the_run(c, run, ret);
    return true;
}

void hunt_one_close(struct hunt_one *w)
{
    hunt_close(w->hunt);
    ev_close(&w->ev);
    w->hunt = NULL;
}
