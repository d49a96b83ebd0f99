/*
 * man: the manual page from the tables, in mdoc. Hidden: packagers and `make install` call it.
 *
 * Escapes  a backslash, and a full stop or apostrophe at the beginning of a line: else roff would obey them.
 * Source   mdoc(7).
 */
#include "cli/verbs.h"

#include "report/render.h"

/* The page changes with the tables; its date is that of the version, not of the build. */
#define MAN_DATE "November 22, 2026"

static void text_of(struct out *o, struct str s)
{
    bool line_start = true;

    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];

        if (line_start && (c == '.' || c == '\''))
            out_c(o, "\\&");
        if (c == '\\')
            out_c(o, "\\e");
        else if (c == '-')
            out_c(o, "\\-");
        else
            out_str(o, str_sub(s, i, i + 1));
        line_start = c == '\n';
    }
}

static void text(struct out *o, const char *s)
{
    text_of(o, str_c(s));
}

static void paragraphs(struct out *o, const char *s)
{
    struct str rest = str_c(s);

    while (rest.n) {
        size_t end = str_find(rest, STR("\n\n"));

        text_of(o, str_sub(rest, 0, end));
        out_c(o, "\n");
        rest = end == STR_NONE ? STR_EMPTY : str_from(rest, end + 2);
        if (rest.n)
            out_c(o, ".Pp\n");
    }
}

static void options(struct out *o, const struct opt *opt)
{
    out_c(o, ".Bl -tag -width indent\n");
    for (size_t i = 0; opt[i].name; i++) {
        out_fmt(o, ".It Fl \\-%s", opt[i].name);
        if (opt[i].arg) {
            out_c(o, " Ar ");
            text(o, opt[i].arg);
        }
        out_c(o, "\n");
        text(o, opt[i].about);
        out_c(o, ".\n");
        if (opt[i].words && str_chr(str_c(opt[i].words), ' ') != STR_NONE)
            out_fmt(o, "One of: %s.\n", opt[i].words);
    }
    out_c(o, ".It Fl \\-help\nExplains the verb.\n.El\n");
}

static void verb(struct out *o, const struct verb *v)
{
    out_fmt(o, ".Ss afterpatch %s ", v->name);
    text(o, v->usage);
    out_c(o, "\n");
    text(o, v->about);
    out_c(o, ".\n.Pp\n");
    paragraphs(o, v->text);
    if (v->opt)
        options(o, v->opt);
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct out *o = c->out;

    (void)args;
    out_c(o, ".\\\" Written by `afterpatch man` from the tables of the program.\n"
             ".Dd " MAN_DATE "\n.Dt AFTERPATCH 1\n.Os\n.Sh NAME\n.Nm afterpatch\n.Nd " CLI_ABOUT "\n.Sh SYNOPSIS\n");
    for (size_t i = 0; (v = verb_shown(i)); i++) {
        if (v->sub)
            continue;
        out_fmt(o, ".Nm afterpatch\n.Cm %s\n", v->name);
        if (v->usage[0]) {
            text(o, v->usage);
            out_c(o, "\n");
        }
    }
    out_c(o, ".Sh DESCRIPTION\n"
             ".Nm\nreads what a server left and says what happened to it, with the records that prove it.\n"
             "It never runs or changes evidence, and holds no exploit code; only\n.Cm survey probe\nsends anything anywhere.\n");
    for (size_t i = 0; (v = verb_shown(i)); i++)
        verb(o, v);
    out_c(o, ".Sh ENVIRONMENT\n.Bl -tag -width indent\n");
    for (size_t i = 0; variables[i].name; i++) {
        out_fmt(o, ".It Ev %s\n", variables[i].name);
        text(o, variables[i].about);
        out_c(o, ".\n");
    }
    out_c(o, ".El\n.Sh FILES\nWhat\n.Fl \\-out\n.Ar DIR\nreceives:\n.Bl -tag -width indent\n");
    for (size_t i = 0; render_kinds[i]; i++) {
        out_fmt(o, ".It Pa %s\n", render_kinds[i]->file);
        text(o, render_kinds[i]->about);
        out_c(o, ".\n");
    }
    out_c(o, ".El\n.Sh EXIT STATUS\n.Bl -tag -width indent\n");
    for (size_t i = 0; exit_codes[i].about; i++) {
        out_fmt(o, ".It %d\n", exit_codes[i].code);
        text(o, exit_codes[i].about);
        out_c(o, ".\n");
    }
    out_c(o, ".El\n.Sh EXAMPLES\n");
    for (size_t i = 0; (v = verb_shown(i)); i++)
        for (size_t k = 0; v->example && v->example[k].line; k++) {
            text(o, v->example[k].about);
            out_c(o, ":\n.Dl ");
            text(o, v->example[k].line);
            out_c(o, "\n.Pp\n");
        }
    out_c(o, ".Sh CAVEATS\nNo trace is not a proof of innocence: an intruder can delete logs.\n"
             "The report says which evidence was missing, and how to get it.\n");
    return CLI_DONE;
}

const struct verb verb_man = {
    .name = "man", .about = "prints the manual page", .usage = "",
    .text = "For packagers: `make install` puts it where man(1) looks for it.", .words = "", .run = run, .hidden = true,
};
