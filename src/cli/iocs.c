/* iocs: what a hunt would make of somebody's indicators, line by line. */
#include "cli/iocs_load.h"
#include "cli/verbs.h"

static void file_line(struct out *o, const struct user_file *f)
{
    out_term(o, f->name, 200);
    out_fmt(o, ": %s", f->format);
    if (f->publisher.n) {
        out_c(o, ", ");
        out_term(o, f->publisher, 80);
    }
    out_c(o, "\n");
}

static void refused_line(struct out *o, const struct iocs *s, const struct ioc_refusal *r)
{
    out_c(o, "  not used: ");
    out_term(o, s->file[r->file].name, 200);
    if (r->line)
        out_fmt(o, ", %s %u", s->file[r->file].format[0] == 'C' || s->file[r->file].format[0] == 'l' ? "line" : "object", r->line);
    if (r->id.n) {
        out_c(o, " (");
        out_term(o, r->id, 80);
        out_c(o, ")");
    }
    out_c(o, ": ");
    out_term(o, r->why, 200);
    out_c(o, "\n");
}

static int check(struct cli *c, const struct args *args)
{
    struct iocs  s;
    struct arena room = { 0 };
    struct err   e = { 0 };
    struct str   list = STR("");

    for (size_t i = 1; i < args->operand_n; i++) {
        list = i == 1 ? args->operand[i] : str_fmt(&c->keep, "%.*s,%.*s", STR_ARG(list), STR_ARG(args->operand[i]));
        if (!list.p)
            return err_set(&e, ERR_MEMORY, "no room for the names of files") ? CLI_DONE : cli_fail(c, "iocs check", &e);
    }
    if (!iocs_load(c->os, list, c->scratch, &s, &room, &e))
        return cli_fail(c, "iocs check", &e);
    for (size_t i = 0; i < s.file_n; i++)
        file_line(c->out, &s.file[i]);
    for (size_t i = 0; i < s.refused_n; i++)
        refused_line(c->out, &s, &s.refused[i]);
    if (s.refused_more)
        out_fmt(c->out, "  not used: %llu more\n", (unsigned long long)s.refused_more);
    for (int k = 0; k < IOC_KINDS; k++)
        if (iocs_count(&s, (enum ioc_kind)k))
            out_fmt(c->out, "%8zu  %s\n", iocs_count(&s, (enum ioc_kind)k), ioc_kind_title((enum ioc_kind)k));
    out_fmt(c->out, "%8zu  in all", s.n);
    if (s.twice)
        out_fmt(c->out, ", %llu more were said twice", (unsigned long long)s.twice);
    out_c(c->out, "\n");
    bool none = s.n == 0;
    os_arena_unmap(&room);
    if (!none)
        return CLI_DONE;
    err_set(&e, ERR_FORMAT, "no indicator that a hunt can use");
    return cli_fail(c, "iocs check", &e);
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct err e = { 0 };
    struct str what = args->operand_n ? args->operand[0] : STR_EMPTY;

    if (str_eq(what, STR("check")) && args->operand_n >= 2)
        return check(c, args);
    if (str_eq(what, STR("check")))
        err_set(&e, ERR_USAGE, "check takes a file or a folder");
    else if (what.n)
        err_set(&e, ERR_USAGE, "no such task \"%.*s\"", STR_ARG(what));
    else
        err_set(&e, ERR_USAGE, "check?");
    err_hint(&e, "usage: afterpatch iocs %s", v->usage);
    return cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch iocs check feed.json", "Tells what a hunt with --iocs feed.json would look for, and what not" },
    { NULL, NULL },
};

const struct verb verb_iocs = {
    .name = "iocs", .about = "tells what a hunt makes of indicators in CSV, STIX, MISP or a plain list", .usage = "check FILE...",
    .text = "`hunt --iocs FILE` looks for indicators of yours as well. This lists how many of each kind were read, and each line or object that cannot be "
            "used, with the reason.\n\n"
            "FILE is a CSV table with the columns type and value, a STIX 2.1 bundle, a MISP event, a list with one value a line, or a folder of those. "
            "It ends with exit code 1 when nothing can be used.",
    .example = examples, .words = "check", .run = run,
};
