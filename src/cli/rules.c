/* rules: what a hunt could do with a folder of a user's rules, rule by rule. */
#include "cli/rules_try.h"
#include "cli/verbs.h"
#include "cli/yara_load.h"

#include "base/map.h"
#include "detect/event.h"
#include "detect/pattern.h"
#include "detect/rules_load.h"

struct tally { size_t works, refused, elsewhere; };

static void line(struct cli *c, const char *word, struct str file, struct str title, struct str about)
{
    out_fmt(c->out, "%-9s ", word);
    out_term(c->out, file, 0);
    if (title.n) {
        out_c(c->out, ": ");
        out_term(c->out, title, 160);
    }
    if (about.n) {
        out_c(c->out, ": ");
        out_term(c->out, about, 0);
    }
    out_c(c->out, "\n");
}

/* Fields of web and proxy logs that no rule of such a log can meet here. */
static bool known_field(struct str name)
{
    static const char *const more[] = { "date", "time", "s-sitename", "cs-version", "cs-bytes", "time-taken", "sc-substatus", "sc-win32-status", "s-siteid",
                                        "s-reason", "s-queuename", "c-port", "X-Forwarded-For", "cs(Referer)", "UrlHost", "UrlStem", "UrlQuery" };

    for (size_t i = 0; event_field_names[i]; i++)
        if (str_ieq(name, str_c(event_field_names[i])))
            return true;
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (str_ieq(name, str_c(more[i])))
            return true;
    return str_istarts(name, STR("cs(")) || str_istarts(name, STR("sc("));
}

static bool web(const struct sigma_rule *r) { return str_ieq(r->category, STR("webserver")) || str_ieq(r->category, STR("proxy")); }

/* What is to be known of a rule that works: what it moves, and a field that these logs do not have. */
static struct str remark(const struct sigma *s, const struct sigma_rule *r, struct arena *a)
{
    struct str t = r->axis == AXIS_NONE ? STR("for review") : str_fmt(a, "moves %s to %.*s", axis_name(r->axis), STR_ARG(r->state));

    if (rules_has_pattern(r))
        t = str_fmt(a, "%.*s; a regular expression is given up after %d steps on one value (match limit)", STR_ARG(t), PATTERN_STEPS_MAX);
    if (!web(r))
        return t;
    for (size_t i = 0; i < s->field_n; i++)
        if (!known_field(s->field[i]) && sigma_asks(r, (uint32_t)i))
            t = str_fmt(a, "%.*s; these logs have no field %.*s", STR_ARG(t), STR_ARG(s->field[i]));
    return t;
}

static bool sigma_part(struct cli *c, struct rules_dir *d, struct tally *n, struct err *e)
{
    struct sigma s = { 0 };
    struct rules_how how = { .here = !c->guarded };
    bool         ok = rules_try(d, &how, c->os, &c->keep, c->scratch, e) && rules_load_sigma(&s, d, c->os, &c->keep, c->scratch, e);

    for (size_t i = 0; ok && i < s.rule_n; i++) {
        struct arena a = c->scratch;
        line(c, "works", s.rule[i].file, s.rule[i].title, remark(&s, &s.rule[i], &a));
        n->works++;
    }
    for (int elsewhere = 0; ok && elsewhere < 2; elsewhere++)
        for (size_t i = 0; i < s.refused_n; i++)
            if (s.refused[i].elsewhere == (elsewhere == 1)) {
                line(c, elsewhere ? "elsewhere" : "refused", s.refused[i].file, s.refused[i].title, s.refused[i].why);
                *(elsewhere ? &n->elsewhere : &n->refused) += 1;
            }
    sigma_close(&s);
    return ok;
}

/* Compiled as a hunt would, and as safely, but anew: whoever checks wants to see what this program says today. */
static bool yara_part(struct cli *c, const struct rules_dir *d, struct tally *n, struct err *e)
{
    struct pack        none = { 0 };
    struct yara_loaded y = { .from_cache = false };
    struct yara_how    how = { .here = !c->guarded };
    struct map         refused = { .fold = false };
    bool               ok = yara_load(c->os, &none, d, &how, &c->keep, &y, e);

    for (size_t i = 0; ok && i < y.set.refused_n; i++)
        if (!y.set.refused[i].told_only && !map_put(&refused, &c->keep, y.set.refused[i].file, 1))
            ok = err_set(e, ERR_MEMORY, "no room for the list of rules");
    for (size_t i = 0; ok && i < d->file_n; i++)
        if (d->file[i].kind == RULES_YARA && map_get(&refused, d->file[i].file) == MAP_NONE) {
            line(c, "works", d->file[i].file, STR_EMPTY, STR_EMPTY);
            n->works++;
        }
    for (size_t i = 0; ok && i < y.set.refused_n; i++) {
        line(c, y.set.refused[i].told_only ? "note" : "refused", y.set.refused[i].file, STR_EMPTY, y.set.refused[i].why);
        n->refused += !y.set.refused[i].told_only;
    }
    yara_unload(&y);
    return ok;
}

static int check(struct cli *c, struct str dir)
{
    struct rules_dir d = { 0 };
    struct tally     n = { 0 };
    struct err       e = { 0 };

    if (!rules_dir_add(&d, &c->keep, c->os, dir, &e) || !sigma_part(c, &d, &n, &e) || !yara_part(c, &d, &n, &e))
        return cli_fail(c, "rules check", &e);
    for (size_t i = 0; i < d.left_n; i++)
        line(c, "refused", d.left[i].file, STR_EMPTY, d.left[i].why);
    n.refused += d.left_n;
    out_fmt(c->out, "%zu work here, %zu refused, %zu for logs that are not read here\n", n.works, n.refused, n.elsewhere);
    if (!n.refused && (n.works || n.elsewhere))
        return CLI_DONE;
    err_set(&e, ERR_FORMAT, n.refused ? "%zu of the rules cannot be used" : "no rule found", n.refused);
    err_where(&e, "%.*s", STR_ARG(dir));
    return cli_fail(c, "rules check", &e);
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct err e = { 0 };
    struct str what = args->operand_n ? args->operand[0] : STR_EMPTY;

    if (str_eq(what, STR("check")) && args->operand_n == 2)
        return check(c, args->operand[1]);
    if (str_eq(what, STR("check")))
        err_set(&e, ERR_USAGE, "check takes one folder, %zu given", args->operand_n - 1);
    else if (what.n)
        err_set(&e, ERR_USAGE, "no such task \"%.*s\"", STR_ARG(what));
    else
        err_set(&e, ERR_USAGE, "check what?");
    err_hint(&e, "usage: afterpatch rules %s", v->usage);
    return cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch rules check sigma/rules/web", "Tells which of these rules a hunt can use, and why not the others" },
    { NULL, NULL },
};

const struct verb verb_rules = {
    .name = "rules", .about = "tells which of your own Sigma and YARA rules a hunt can use", .usage = "check DIR",
    .text = "A hunt takes rules of your own with --rules DIR: Sigma (*.yml, *.yaml) for text logs, YARA (*.yar, *.yara) for files, in any mix and depth.\n\n"
            "`check` prints each on a line of its own: `works`, `refused` with the reason, or `elsewhere` for a Sigma rule whose log source is no text "
            "log of an Exchange server. It ends with exit code 1 when a rule is refused.",
    .example = examples, .words = "check", .run = run,
};
