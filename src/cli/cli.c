#include "cli/cli.h"

#include "base/num.h"
#include "cli/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { VERBS_MAX = 32, LINE_MAX_SHOWN = 600 };

bool cli_put_stream(void *ctx, struct str s, struct err *e)
{
    FILE *f = ctx;

    if (s.n && fwrite(s.p, 1, s.n, f) != s.n) {
        if (errno == EPIPE)                    /* the reader has seen enough */
            return true;
        return err_set(e, ERR_IO, "cannot write the output: %s", strerror(errno));
    }
    if (fflush(f) != 0 && errno != EPIPE)
        return err_set(e, ERR_IO, "cannot write the output: %s", strerror(errno));
    return true;
}

static void line(struct out *o, const char *head, const char *text)
{
    if (!text[0])
        return;
    out_c(o, head);
    out_term(o, str_c(text), LINE_MAX_SHOWN);
    out_c(o, "\n");
}

int cli_fail(struct cli *c, const char *verb, const struct err *e)
{
    out_c(c->err, "afterpatch: ");
    if (verb && verb[0]) {
        out_c(c->err, verb);
        out_c(c->err, ": ");
    }
    line(c->err, "", e->what[0] ? e->what : err_kind_name(e->kind));
    line(c->err, "  where: ", e->where);
    line(c->err, "  hint: ", e->hint);
    return e->kind == ERR_USAGE ? CLI_USAGE : CLI_FAILED;
}

void cli_note(struct cli *c, const char *what, struct str about)
{
    if (c->silent)
        return;
    out_c(c->err, "afterpatch: note: ");
    out_c(c->err, what);
    out_c(c->err, about.n ? ": " : "");
    out_term(c->err, about, LINE_MAX_SHOWN);
    out_c(c->err, "\n");
}

/* group: NULL for the verbs themselves. */
static int unknown_verb(struct cli *c, const struct verb *group, struct str name)
{
    const struct verb *const *table = group ? group->sub : verb_table;
    const char *of = group ? group->name : "", *gap = group ? " " : "";
    const char *word[VERBS_MAX];
    struct err  e = { 0 };
    size_t      n = 0;

    for (; table[n] && n < VERBS_MAX; n++)
        word[n] = verb_word(table[n]);
    const char *near = args_nearest(name, word, n);
    bool option = str_starts(name, STR("-"));

    err_set(&e, ERR_USAGE, option ? "unknown option %.*s" : "unknown verb \"%.*s\"", STR_ARG(name));
    if (near)
        err_hint(&e, "did you mean `afterpatch %s%s%s`?", of, gap, near);
    else
        err_hint(&e, "`afterpatch help%s%s` lists the verbs", gap, of);
    return cli_fail(c, group ? group->name : NULL, &e);
}

static int explain(struct cli *c, const struct verb *v)
{
    struct str  operand[] = { str_c(v->name) };
    struct args whole = { .operand = operand, .operand_n = 1 };

    return verb_help.run(c, &verb_help, &whole);
}

/* What people type by habit for the two verbs that every program has. */
static const struct verb *by_habit(struct str word)
{
    if (str_eq(word, STR("--help")) || str_eq(word, STR("-h")))
        return &verb_help;
    if (str_eq(word, STR("--version")) || str_eq(word, STR("-V")))
        return &verb_version;
    return NULL;
}

static int dispatch(struct cli *c, int argc, char *const *argv)
{
    struct err  e = { 0 };
    struct args args, whole = { 0 };
    int         words = 2;

    if (argc < 2) {
        /* Nothing said: help goes where errors go, so that a pipe does not take it for a result. */
        struct out *o = c->out;
        c->out = c->err;
        verb_help.run(c, &verb_help, &whole);
        c->out = o;
        return CLI_USAGE;
    }
    struct str         name = str_c(argv[1]);
    const struct verb *v = verb_find(name);

    if (!v)
        v = by_habit(name);
    if (!v)
        return unknown_verb(c, NULL, name);
    if (v->sub) {
        struct str word = argc > words ? str_c(argv[words]) : STR_EMPTY;

        if (by_habit(word) == &verb_help)
            return explain(c, v);
        if (!word.n) {
            err_set(&e, ERR_USAGE, "a verb is missing");
            err_hint(&e, "`afterpatch help %s` lists the verbs", v->name);
            return cli_fail(c, v->name, &e);
        }
        if (!verb_sub(v, word))
            return unknown_verb(c, v, word);
        v = verb_sub(v, word);
        words++;
    }
    if (!args_parse(v->opt, argc - words, argv + words, &c->keep, &args, &e)) {
        if (e.kind == ERR_USAGE && !e.hint[0])
            err_hint(&e, "see `afterpatch help %s`", v->name);
        return cli_fail(c, v->name, &e);
    }
    if (args.help)
        return explain(c, v);
    return v->run(c, v, &args);
}

int cli_main(struct cli *c, int argc, char *const *argv)
{
    struct err e = { 0 };
    int        code = dispatch(c, argc, argv);

    /* A result that did not arrive must not look like one that did. */
    if (!out_done(c->out, &e))
        code = cli_fail(c, NULL, &e);
    out_done(c->err, &e);
    return code;
}
