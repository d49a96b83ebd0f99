/* help: what the tables say, for people. `help VERB` one verb, `help TOPIC` one of the tables of the layers below. */
#include "cli/verbs.h"

#include "detect/files.h"
#include "evidence/ev.h"
#include "report/render.h"

#include <stdio.h>

enum { INDENT = 2, NAME_COLUMN = 26, TEXT_COLUMNS = 78 };

/* Words of `text` between the columns `from` and TEXT_COLUMNS; the cursor stands at column `at`. Ends the line. */
static void wrap(struct out *o, const char *text, size_t from, size_t at)
{
    struct str rest = str_c(text), word;
    bool       first = true;

    for (; at < from; at++)
        out_c(o, " ");
    while (str_cut(&rest, ' ', &word)) {
        if (!first && at + 1 + word.n > TEXT_COLUMNS) {
            out_c(o, "\n");
            for (at = 0; at < from; at++)
                out_c(o, " ");
            first = true;
        }
        if (!first) {
            out_c(o, " ");
            at++;
        }
        out_str(o, word);
        at += word.n;
        first = false;
    }
    out_c(o, "\n");
}

/* "  name                    about", the text on its own line where the name is too long for its column. */
static void row(struct out *o, const char *name, const char *about)
{
    size_t at = INDENT + str_c(name).n;

    out_fmt(o, "%*s%s", INDENT, "", name);
    if (at + 2 > NAME_COLUMN) {
        out_c(o, "\n");
        at = 0;
    }
    wrap(o, about, NAME_COLUMN, at);
}

static void paragraphs(struct out *o, const char *text)
{
    struct str rest = str_c(text);

    while (rest.n) {
        size_t     end = str_find(rest, STR("\n\n"));
        char       part[2048];
        struct str p = str_sub(rest, 0, end);

        snprintf(part, sizeof part, "%.*s", STR_ARG(p));
        out_c(o, "\n");
        wrap(o, part, 0, 0);
        rest = end == STR_NONE ? STR_EMPTY : str_from(rest, end + 2);
    }
}

static void codes(struct out *o)
{
    for (size_t i = 0; exit_codes[i].about; i++) {
        char name[16];

        snprintf(name, sizeof name, "%d", exit_codes[i].code);
        out_fmt(o, "%*s%s", INDENT, "", name);
        wrap(o, exit_codes[i].about, INDENT + 3, INDENT + str_c(name).n);
    }
}

static void sources(struct out *o)
{
    for (size_t i = 0; ev_kinds[i].name; i++)
        row(o, ev_kinds[i].name, ev_kinds[i].about);
}

static void layouts(struct out *o)
{
    for (size_t i = 0; layout_table[i]; i++)
        row(o, layout_table[i]->name, layout_table[i]->about);
}

static void limits(struct out *o)
{
    for (size_t i = 0; ev_limit_table[i].name; i++)
        row(o, ev_limit_table[i].name, ev_limit_table[i].about);
}

static void families(struct out *o)
{
    for (size_t i = FAM_NONE + 1; i < FAM_COUNT; i++) {
        const struct family_info *f = &family_table[i];
        char about[256];

        snprintf(about, sizeof about, "%s%s", f->title, f->examined ? "" : " (not read by this version; named in the report)");
        row(o, f->name, about);
    }
}

static void detectors(struct out *o)
{
    for (size_t i = 0; files_detectors[i]; i++)
        row(o, files_detectors[i]->name, files_detectors[i]->about);
}

static void reports(struct out *o)
{
    for (size_t i = 0; render_kinds[i]; i++)
        row(o, render_kinds[i]->file, render_kinds[i]->about);
}

static const struct topic {
    const char *name, *about;
    void (*write)(struct out *o);
} topics[] = {
    { "codes", "what the exit codes say", codes },
    { "sources", "kinds of evidence that PATH may be", sources },
    { "layouts", "collectors whose way of writing paths is understood", layouts },
    { "limits", "what --limits can change: how much hostile evidence may cost", limits },
    { "families", "families of evidence that coverage speaks of", families },
    { "detectors", "what looks at files, folders and configuration", detectors },
    { "reports", "files that --out DIR receives", reports },
};
enum { TOPICS = sizeof topics / sizeof *topics };

static void usage(struct out *o, const struct verb *v)
{
    out_fmt(o, "afterpatch %s%s%s", v->name, v->usage[0] ? " " : "", v->usage);
}

static void verb(struct out *o, const struct verb *v)
{
    out_c(o, "usage: ");
    usage(o, v);
    out_c(o, "\n");
    paragraphs(o, v->text);
    if (v->sub) {
        out_fmt(o, "\nverbs of `afterpatch %s`:\n", v->name);
        for (size_t i = 0; v->sub[i]; i++)
            row(o, verb_word(v->sub[i]), v->sub[i]->about);
        out_fmt(o, "\n`afterpatch help %s VERB` explains one.\n", v->name);
    }
    if (v->opt) {
        out_c(o, "\noptions:\n");
        for (size_t i = 0; v->opt[i].name; i++) {
            char name[64];

            snprintf(name, sizeof name, "--%s%s%s", v->opt[i].name, v->opt[i].arg ? " " : "", v->opt[i].arg ? v->opt[i].arg : "");
            row(o, name, v->opt[i].about);
        }
        row(o, "--help", "this text");
    }
    if (v->example) {
        out_c(o, "\nexamples:\n");
        for (size_t i = 0; v->example[i].line; i++) {
            out_fmt(o, "%*s%s\n", INDENT, "", v->example[i].line);
            wrap(o, v->example[i].about, INDENT + 4, 0);
        }
    }
    if (v == &verb_hunt) {
        out_c(o, "\nexit codes:\n");
        codes(o);
    }
}

static void overview(struct out *o)
{
    out_c(o, "afterpatch " AP_VERSION "\n");
    wrap(o, CLI_ABOUT, 0, 0);
    out_c(o, "\nusage: afterpatch VERB [OPTION]... [OPERAND]...\n\nverbs:\n");
    for (size_t i = 0; verb_table[i]; i++)
        if (!verb_table[i]->hidden)
            row(o, verb_table[i]->name, verb_table[i]->about);
    out_c(o, "\ntopics of `afterpatch help TOPIC`:\n");
    for (size_t i = 0; i < TOPICS; i++)
        row(o, topics[i].name, topics[i].about);
    out_c(o, "\nstart with:\n  afterpatch hunt --out report /mnt/evidence\n");
}

/* The verb of `help hunt`, `help survey build`, or of both words in one operand. NULL: none. */
static const struct verb *asked(const struct args *args)
{
    struct str         rest = args->operand[0], first;
    const struct verb *v;

    str_cut(&rest, ' ', &first);
    v = verb_find(first);
    if (args->operand_n > 1 && !rest.n)
        rest = args->operand[1];
    if (v && rest.n)
        v = verb_sub(v, rest);
    return args->operand_n > 2 ? NULL : v;
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct err e = { 0 };

    (void)v;
    if (args->operand_n == 0) {
        overview(c->out);
        return CLI_DONE;
    }
    const struct verb *one = asked(args);

    if (one) {
        verb(c->out, one);
        return CLI_DONE;
    }
    for (size_t i = 0; args->operand_n == 1 && i < TOPICS; i++)
        if (str_eq(args->operand[0], str_c(topics[i].name))) {
            topics[i].write(c->out);
            return CLI_DONE;
        }
    one = verb_find(args->operand[0]);
    if (args->operand_n > 1 && one && one->sub)
        err_set(&e, ERR_USAGE, "%s has no verb \"%.*s\"", one->name, STR_ARG(args->operand[1]));
    else if (args->operand_n > 1)
        err_set(&e, ERR_USAGE, "one verb or topic at a time");
    else
        err_set(&e, ERR_USAGE, "no verb or topic \"%.*s\"", STR_ARG(args->operand[0]));
    err_hint(&e, "`afterpatch help` lists them");
    return cli_fail(c, "help", &e);
}

const struct verb verb_help = {
    .name = "help", .about = "explains the program, a verb or a topic", .usage = "[VERB [VERB]|TOPIC]",
    .text = "Without an operand: the verbs and topics that there are.",
    .words = "hunt page events registry collect baseline pack rules iocs survey help version codes sources layouts limits families detectors reports", .run = run,
};
