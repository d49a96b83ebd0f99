/*
 * tasks: scheduled tasks as files.
 *
 * Rule 1   what a task runs is judged by detect/command. What it accuses of is a way back.
 * Rule 2   an unusual command becomes a way back when the task says more against itself: a published name or host, a folder of Windows' own tasks with an
 *          author that Windows' tasks do not have, a name nobody thought up run as the computer itself, a command in base64 registered by the computer itself.
 * Rule 3   everything else that is unusual is a note. Names alone never accuse: honest programs have the published ones, too.
 * Source   ways back in, 6.1; evidence sheet, 6.3.
 */
#include "detect/files_inner.h"

#include "detect/command.h"
#include "formats/task.h"

#include <string.h>

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->family == FAM_TASKS;
}

/* "Microsoft\Windows\Defrag\ScheduledDefrag": below the folder of tasks, as the scheduler and its log name it. */
static struct str name_of(struct str path)
{
    static const char *const folder[] = { "\\system32\\tasks\\", "\\syswow64\\tasks\\", "\\windows\\tasks\\", "\\tasks\\" };

    for (size_t i = 0; i < COUNT_OF(folder); i++) {
        size_t at = str_ifind(path, str_c(folder[i]));
        if (at != STR_NONE)
            path = str_from(path, at + strlen(folder[i]));
    }
    return str_iends(path, STR(".job")) ? str_sub(path, 0, path.n - 4) : str_chr(path, ':') == 1 ? winpath_name(path) : path;
}

/* A published host or place that the command names. */
static const struct ioc *published_in(const struct files_context *c, struct str text)
{
    for (size_t i = 0; i < c->pack->ioc_n; i++) {
        const struct ioc *x = &c->pack->ioc[i];
        if ((x->kind == IOC_DOMAIN || x->kind == IOC_PATH_PART) && x->value.n >= 6 && str_ihas(text, x->value))
            return x;
    }
    return NULL;
}

/* Windows' own tasks name a resource or Microsoft as their author, or nobody; never a person or a computer. */
static bool imitates(struct str name, const struct task *t)
{
    return str_istarts(name, STR("Microsoft\\Windows\\")) && str_chr(t->author, '\\') != STR_NONE && !str_starts(t->author, STR("$(@")) && !str_istarts(t->author, STR("Microsoft"));
}

static bool by_computer(const struct task *t) { return t->author.n > 1 && t->author.p[t->author.n - 1] == '$'; }

/* Names of tasks often end in a GUID or the account's SID: what stands before says whether somebody thought it up. */
static struct str own_name(struct str name)
{
    size_t brace;

    name = winpath_name(name);
    brace = str_chr(name, '{');
    return str_trim(str_sub(name, 0, brace != STR_NONE && brace ? brace : name.n));
}

static struct str line_of(struct arena *a, const struct task_action *x)
{
    bool   bare = str_chr(x->command, ' ') != STR_NONE && str_chr(x->command, '"') == STR_NONE && str_chr(x->command, '\\') != STR_NONE;
    struct str command = bare ? str_cat(a, str_cat(a, STR("\""), str_sub(x->command, 0, 4000)), STR("\"")) : str_sub(x->command, 0, 4000);

    return x->arguments.n ? str_cat(a, str_cat(a, command, STR(" ")), str_sub(x->arguments, 0, COMMAND_TEXT_MAX)) : command;
}

struct judged { struct command command; struct str line; const struct ioc *host; };

/* The worst of its actions; an equal one later does not replace it. */
static bool judge(struct files_context *c, struct arena *a, const struct task *t, struct judged *ret, struct err *e)
{
    struct command worst = { 0 };

    *ret = (struct judged){ 0 };
    for (size_t i = 0; i < t->action_n; i++) {
        struct command now;
        struct str     line = line_of(a, &t->action[i]);
        if (t->action[i].does != TASK_EXEC)
            continue;
        if (!command_judge(&now, a, line, COMMAND_STORED, c->ev->system_drive, e))
            return false;
        const struct ioc *host = published_in(c, line);
        if (!host)
            host = published_in(c, now.decoded);
        if (ret->line.n == 0 || now.verdict > worst.verdict || (host && !ret->host)) {
            worst     = now;
            ret->line = line;
            ret->host = host;
        }
    }
    ret->command = worst;
    return true;
}

static struct str excerpt(struct files_context *c, const struct task *t, struct str line)
{
    const struct task_trigger *r = t->trigger_n ? &t->trigger[0] : NULL;

    return files_text(c, "%.*s%s%.*s%s%.*s%s%.*s%s%.*s%s%.*s%s%s", STR_ARG(str_sub(files_quote(c, str_trim(line)), 0, 180)), t->user.n ? "; as " : "", STR_ARG(str_sub(files_quote(c, t->user), 0, 40)),
                      t->author.n ? "; author " : "", STR_ARG(str_sub(files_quote(c, t->author), 0, 40)), t->date.n ? "; registered " : "", STR_ARG(str_sub(files_quote(c, t->date), 0, 30)),
                      r ? "; " : "", STR_ARG(r ? str_sub(files_quote(c, r->kind), 0, 24) : STR("")), r && r->interval.n ? " every " : "",
                      STR_ARG(r ? str_sub(files_quote(c, r->interval), 0, 16) : STR("")), t->hidden ? "; hidden" : "", t->disabled ? "; disabled" : "");
}

/* What it runs, when that is no part of Windows: nobody shall be told to look at cmd.exe. */
static struct str runs(const struct command *k)
{
    struct str path = k->target.n ? k->target : k->image;

    return str_chr(path, '\\') == STR_NONE || str_ihas(path, STR(":\\windows\\system32\\")) || str_ihas(path, STR(":\\windows\\syswow64\\")) ? STR_EMPTY : path;
}

static void tell(struct files_context *c, const struct ev_node *n, struct str name, const struct task *t, const struct judged *j, const struct ioc *x, bool sure, const char *more)
{
    const struct command *k = &j->command;
    struct file_fact *f = files_fact_at(c, n, sure ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, sure ? "files/task" : "files/task-odd", sure ? SEV_HIGH : k->verdict ? SEV_MEDIUM : SEV_LOW, sure ? 0.85 : 0.4);

    if (!f)
        return;
    struct str path = runs(k), why = k->reason_n ? command_why(c->keep, k) : STR("What it starts is nothing unusual.");
    f->what  = STR("scheduled_task");
    f->name  = files_quote(c, name);
    f->url   = STR_EMPTY;
    f->title = sure ? x ? STR("Scheduled task of the campaign") : STR("Scheduled task that nobody honest makes")
                    : x ? STR("Scheduled task of a published name") : STR("Scheduled task that runs something unusual");
    f->why   = files_text(c, "%.*s%s%s", STR_ARG(str_sub(why, 0, 400)), *more ? " " : "", more);
    if (x)
        f->why = files_text(c, "%.*s Published: %.*s (%.*s).", STR_ARG(str_sub(f->why, 0, 450)), STR_ARG(str_sub(x->description, 0, 160)), STR_ARG(str_sub(x->source, 0, 100)));
    if (path.n)
        f->path = str_dup(c->keep, path);
    if (f->state == THING_PRESENT)
        f->reachable = path.n && !t->disabled && ev_find(c->ev, path) ? REACH_YES : REACH_UNKNOWN;
    f->time_us = n->btime_us;
    f->cite.excerpt = excerpt(c, t, j->line);
    files_attack(f, "T1053.005");
    for (size_t i = 0; i < k->attack_n; i++)
        files_attack(f, k->attack[i]);
}

enum { OTHERS_MAX = 4 };

/* A task may start several programs: each further one that accuses by itself is told, too. */
static bool tell_others(struct files_context *c, struct files_node *n, struct str name, const struct task *t, const struct judged *worst, struct err *e)
{
    for (size_t i = 0, told = 0; i < t->action_n && told < OTHERS_MAX; i++) {
        struct arena  a = n->scratch;
        struct judged other = { 0 };
        if (t->action[i].does != TASK_EXEC)
            continue;
        other.line = line_of(&a, &t->action[i]);
        if (str_eq(other.line, worst->line))
            continue;
        if (!command_judge(&other.command, &a, other.line, COMMAND_STORED, c->ev->system_drive, e))
            return false;
        if (other.command.verdict != COMMAND_ACCUSE)
            continue;
        tell(c, n->node, name, t, &other, NULL, true, "The task starts it beside others.");
        told++;
    }
    return true;
}

/* The scheduler keeps files of its own beside the old kind of task. */
static bool no_task(struct str path) { return str_ieq(winpath_name(path), STR("SCHEDLGU.TXT")) || str_ieq(winpath_name(path), STR("SA.DAT")) || str_ieq(winpath_name(path), STR("desktop.ini")); }

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct str        name = name_of(n->node->path);
    const struct ioc *x = files_ioc_path(c, n->node->path, IOC_TASK_NAME);
    struct task       t;
    struct judged     j;
    struct err        mine = { 0 };

    if (no_task(n->node->path))
        return true;
    if (!task_parse(&t, &n->scratch, n->body, &mine)) {
        if (mine.kind != ERR_FORMAT) {
            *e = mine;
            return false;
        }
        t = (struct task){ .damaged = true };
        memcpy(t.what, mine.what, sizeof t.what - 1);
    }
    if (t.damaged && !files_damage(c, FAM_TASKS, n->node, t.what, t.action_n, e))
        return false;
    if (!judge(c, &n->scratch, &t, &j, e))
        return false;
    const struct command *k = &j.command;
    if (!n->node->shadow)
        files_there(c, "scheduled_task", name, runs(k));
    x = x ? x : j.host;
    bool imitation = imitates(name, &t), random = task_as_system(&t) && command_random_name(own_name(name)), machine = by_computer(&t) && k->decoded.n;
    /* Some tools of Windows put people's tasks there (performance counters, backup): those run programs of Windows. */
    imitation = imitation && (k->verdict != COMMAND_ORDINARY || runs(k).n);
    bool script = k->target.n || k->decoded.n || k->url.n;
    bool sure = k->verdict == COMMAND_ACCUSE || (k->verdict == COMMAND_LOOK && (x || imitation || random || machine));
    if (!sure && k->verdict == COMMAND_ORDINARY && !x && !imitation && !(random && script))
        return true;
    tell(c, n->node, name, &t, &j, x, sure,
         imitation ? "It stands among Windows' own tasks, and its author is none that those have."
         : random ? "It runs as the computer itself, under a name that nobody thought up." : machine ? "The computer's own account registered it, as a program that took over a service would." : "");
    return tell_others(c, n, name, &t, &j, e);
}

const struct files_detector files_tasks = {
    .name = "tasks", .about = "scheduled tasks that run hidden, fetched or misplaced programs, imitate Windows' own, or have published names", .wants = wants, .look = look,
};
