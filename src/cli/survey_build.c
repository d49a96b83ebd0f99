/* survey build: what a build says about a campaign's fix, for one build or for lines of them. */
#include "cli/survey.h"

#include "emit/json.h"
#include "pack/builds.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { AT, GROUP, BUILDS, JSON };
static const struct opt opts[] = {
    [AT] = { "at", "DATE", "when the build was seen: before the fix was released means unpatched", NULL },
    [GROUP] = { "group", "NAME", "campaign group or CVE, or all (ProxyLogon)", NULL },
    [BUILDS] = { "builds", "FILE", "build table, in place of the program's own", NULL },
    [JSON] = { "json", NULL, "one JSON object a line", NULL },
    { NULL, NULL, NULL, NULL }
};

enum { LINE_BYTES = 4096, GROUP_ALL = -2 };

struct question { struct str build, date, group; };
struct work {
    struct cli          *c;
    const struct args   *args;
    struct builds        builds;
    bool                 lines;        /* many: each answer on a line of its own, with its build */
    uint64_t             line, bad;
};

static void flags(struct js *j, const struct build_reason *r, int parts)
{
    static const struct { uint32_t bit; const char *name; } name[] = {
        { BUILD_EOL, "eol" }, { BUILD_NEWER, "newer_than_table" }, { BUILD_UNKNOWN, "unknown_build" }, { BUILD_BY_DATE, "by_date" },
    };

    js_key(j, "flags");
    js_array(j);
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        if (r->flags & name[i].bit)
            js_c(j, name[i].name);
    if (parts == 0)
        js_c(j, "version_hidden");
    js_end(j);
}

static void answer_json(struct out *o, struct str group, struct str build, int parts, int64_t at, const struct build_reason *r)
{
    const struct build_row *fix = r->answer.fixed_by;
    char      by[32] = "";
    struct js j;

    if (fix)
        snprintf(by, sizeof by, "%u.%u.%u.%u", fix->v[0], fix->v[1], fix->v[2], fix->v[3]);
    js_open(&j, o, true);
    js_object(&j);
    js_key(&j, "verdict");           js_c(&j, build_verdict_name(r->answer.verdict));
    js_key(&j, "group");             js_str(&j, group);
    js_key(&j, "build");             js_str_or_null(&j, build);
    js_key(&j, "line");              js_str_or_null(&j, r->line);
    js_key(&j, "product");           js_str_or_null(&j, r->answer.product);
    js_key(&j, "cumulative_update"); js_str_or_null(&j, r->update);
    js_key(&j, "fixed_by");          js_c(&j, fix ? by : NULL);
    js_key(&j, "fixed_by_update");   js_str_or_null(&j, fix ? fix->security.n ? fix->security : fix->cumulative : STR_EMPTY);
    js_key(&j, "fixed_by_kb");       js_str_or_null(&j, fix ? fix->kb : STR_EMPTY);
    js_key(&j, "fixed_at");          js_time(&j, fix ? fix->released_us : TIME_NONE);
    js_key(&j, "observed_at");       js_time(&j, at);
    js_key(&j, "precision");         js_i64(&j, parts);
    flags(&j, r, parts);
    js_key(&j, "why");               js_str(&j, r->answer.why);
    js_end(&j);
    out_c(o, "\n");
}

/* build, date, group, verdict, why; parted by tabs, so that cut and awk take it. */
static void answer_line(struct out *o, const struct question *q, struct str group, const struct build_reason *r)
{
    out_term(o, q->build, 0);
    out_c(o, "\t");
    out_term(o, q->date, 0);
    out_c(o, "\t");
    out_term(o, group, 0);
    out_fmt(o, "\t%s\t", build_verdict_name(r->answer.verdict));
    out_term(o, r->answer.why, 0);
    out_c(o, "\n");
}

static bool answer(struct work *w, const struct question *q, size_t group, const uint16_t v[4], int parts, int64_t at, struct err *e)
{
    struct arena        a = w->c->scratch;
    struct str          name = builds_group_name(&w->builds, group);
    struct build_reason r;

    if (!builds_answer(&w->builds, &a, group, v, parts, at, -1, &r, e))
        return false;
    if (w->args->given[JSON])
        answer_json(w->c->out, name, q->build, parts, at, &r);
    else if (w->lines)
        answer_line(w->c->out, q, name, &r);
    else {
        out_fmt(w->c->out, "%s\n", build_verdict_name(r.answer.verdict));
        out_term(w->c->out, r.answer.why, 0);
        out_c(w->c->out, "\n");
    }
    return true;
}

static bool ask(struct work *w, const struct question *q, struct err *e)
{
    uint16_t v[4] = { 0 };
    int      parts = 0, group = str_ieq(q->group, STR("all")) ? GROUP_ALL : builds_group(&w->builds, q->group);
    int64_t  at = TIME_NONE;

    if (q->build.n && !build_parse(q->build, v, &parts)) {
        err_set(e, ERR_USAGE, "\"%.*s\" is no build", STR_ARG(str_sub(q->build, 0, 60)));
        return err_hint(e, "a build has two to four numbers: 15.1.2176.9");
    }
    if (q->date.n && !time_parse(q->date, &at)) {
        err_set(e, ERR_USAGE, "\"%.*s\" is no date", STR_ARG(str_sub(q->date, 0, 60)));
        return err_hint(e, "write 2021-03-14 or 2021-03-14T02:11:30Z");
    }
    if (group == -1) {
        err_set(e, ERR_USAGE, "no group \"%.*s\"", STR_ARG(str_sub(q->group, 0, 60)));
        return err_hint(e, "`afterpatch survey build --group all 15.1` lists them");
    }
    if (group != GROUP_ALL)
        return answer(w, q, (size_t)group, v, parts, at, e);
    w->lines = true;
    for (size_t i = 0; i < w->builds.group_n; i++)
        if (!answer(w, q, i, v, parts, at, e))
            return false;
    return true;
}

/* "build,date,group"; what is missing is as the options say. A line that cannot be used is told, and the next one read. */
static bool one_line(struct work *w, struct str line, const struct question *otherwise, struct err *e)
{
    struct question q = *otherwise;
    struct str      cell;
    struct err      mine = { 0 };

    w->line++;
    if (str_ends(line, STR("\r")))
        line.n--;
    if (!str_trim(line).n || (w->line == 1 && str_istarts(line, STR("build,"))))
        return true;
    q.build = str_cut(&line, ',', &cell) ? str_trim(cell) : STR_EMPTY;
    if (str_cut(&line, ',', &cell) && str_trim(cell).n)
        q.date = str_trim(cell);
    if (str_cut(&line, ',', &cell) && str_trim(cell).n)
        q.group = str_trim(cell);
    if (ask(w, &q, &mine))
        return true;
    if (mine.kind != ERR_USAGE) {
        *e = mine;
        return false;
    }
    w->bad++;
    char at[48];
    snprintf(at, sizeof at, "line %llu", (unsigned long long)w->line);
    cli_note(w->c, at, str_c(mine.what));
    return true;
}

static bool from_stdin(struct work *w, const struct question *otherwise, struct err *e)
{
    uint8_t *buf = TAKE(&w->c->keep, uint8_t, LINE_BYTES);
    size_t   n = 0;
    bool     skip = false;
    ssize_t  got;

    if (!buf)
        return err_set(e, ERR_MEMORY, "no room for a line");
    while ((got = read(STDIN_FILENO, buf + n, LINE_BYTES - n)) > 0) {
        struct str rest = { buf, n + (size_t)got };
        size_t     end;

        while ((end = str_chr(rest, '\n')) != STR_NONE) {
            if (!skip && !one_line(w, str_sub(rest, 0, end), otherwise, e))
                return false;
            skip = false;
            rest = str_from(rest, end + 1);
        }
        if (rest.n == LINE_BYTES) {                  /* no build is that long: the whole line goes */
            if (!skip) {
                cli_note(w->c, "a line is too long", STR_EMPTY);
                w->line++;
                w->bad++;
            }
            skip = true;
            rest.n = 0;
        }
        memmove(buf, rest.p, rest.n);
        n = rest.n;
    }
    if (got < 0)
        return err_set(e, ERR_IO, "cannot read standard input");
    return !n || skip || one_line(w, (struct str){ buf, n }, otherwise, e);
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct work     w = { .c = c, .args = args };
    struct question q = { .date = args->value[AT], .group = args->given[GROUP] ? args->value[GROUP] : STR("ProxyLogon") };
    struct err      e = { 0 };

    if (args->operand_n != 1) {
        err_set(&e, ERR_USAGE, args->operand_n ? "one build at a time" : "a build is missing");
        err_hint(&e, "usage: afterpatch %s %s", v->name, v->usage);
        return cli_fail(c, v->name, &e);
    }
    if (!builds_load(&w.builds, &c->keep, c->os, args->value[BUILDS], &e))
        return cli_fail(c, v->name, &e);
    q.build = args->operand[0];
    if (!str_eq(q.build, STR("-")))
        return ask(&w, &q, &e) ? CLI_DONE : cli_fail(c, v->name, &e);
    w.lines = true;
    if (!from_stdin(&w, &q, &e))
        return cli_fail(c, v->name, &e);
    if (!w.bad)
        return CLI_DONE;
    err_set(&e, ERR_FORMAT, "%llu of %llu lines cannot be used", (unsigned long long)w.bad, (unsigned long long)w.line);
    return cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch survey build 15.1.2176.9", "Tells whether this build holds the fix of ProxyLogon" },
    { "afterpatch survey build --group ProxyShell --at 2021-04-01 15.2.792", "The same for another campaign, from three numbers and a date" },
    { "cut -d, -f7 scan.csv | afterpatch survey build --json -", "For many: one object a line" },
    { NULL, NULL },
};

const struct verb verb_survey_build = {
    .name = "survey build", .about = "tells whether a build holds a campaign's fix, and why", .usage = "[OPTION]... BUILD|-",
    .text = "BUILD has two to four numbers, as a server announces them: 15.1.2176.9, 15.01.2176.009, 15.1.2176. The answer is patched, unpatched, cannot_tell, "
            "not_affected, not_self_hosted (Exchange Online) or not_exchange, and a sentence that says why. Three numbers tell the cumulative update and not "
            "the security update: where only the latter holds the fix, the answer is cannot_tell, unless the date is older than the fix.\n\n"
            "With - lines are read from standard input, `build,date,group`, date and group optional; the answer is build, date, group, verdict and reason, "
            "parted by tabs, or a JSON object. A line that cannot be used is told on stderr, and the exit code is 1.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
