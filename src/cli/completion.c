/*
 * completion: a bash completion script from the tables. Hidden: packagers and `make install` call it.
 *
 * Shape    one function; per verb the options, per option what follows it: words, folders, files, or nothing.
 * Source   bash(1), "Programmable Completion". Needs nothing but bash 4.
 */
#include "cli/verbs.h"

/* mapfile, not an array of words: names of files hold blanks. */
static void reply(struct out *o, const char *kind, const char *words)
{
    out_fmt(o, "mapfile -t COMPREPLY < <(compgen %s%s%s%s -- \"$cur\")", kind, words ? " '" : "", words ? words : "", words ? "'" : "");
}

/* DIR completes folders, FILE and PATH files; anything else is free text. */
static void value(struct out *o, const struct opt *opt)
{
    struct str arg = str_c(opt->arg);

    if (opt->words)
        reply(o, "-W", opt->words);
    else if (str_has(arg, STR("DIR")))
        reply(o, "-d", NULL);
    else if (str_has(arg, STR("PATH")) || str_has(arg, STR("FILE")))
        reply(o, "-f", NULL);
    else
        out_c(o, "COMPREPLY=()");
}

static void names(struct out *o, const struct verb *const *table)
{
    bool first = true;

    for (size_t i = 0; table[i]; i++)
        if (!table[i]->hidden) {
            out_fmt(o, "%s%s", first ? "" : " ", verb_word(table[i]));
            first = false;
        }
}

/* A group: the words of its sub-verbs. What follows such a word is a case of its own. */
static void group(struct out *o, const struct verb *v)
{
    out_fmt(o, "    '%s') ", v->name);
    out_c(o, "mapfile -t COMPREPLY < <(compgen -W '");
    names(o, v->sub);
    out_c(o, "' -- \"$cur\") ;;\n");
}

static void verb(struct out *o, const struct verb *v)
{
    out_fmt(o, "    '%s')\n        case \"$prev\" in\n", v->name);
    for (size_t i = 0; v->opt && v->opt[i].name; i++)
        if (v->opt[i].arg) {
            out_fmt(o, "        --%s) ", v->opt[i].name);
            value(o, &v->opt[i]);
            out_c(o, "; return ;;\n");
        }
    out_c(o, "        esac\n        case \"$cur\" in\n        -*) mapfile -t COMPREPLY < <(compgen -W '");
    for (size_t i = 0; v->opt && v->opt[i].name; i++)
        out_fmt(o, "--%s ", v->opt[i].name);
    out_c(o, "--help' -- \"$cur\") ;;\n        *) ");
    if (v->words && !v->words[0]) {
        out_c(o, "COMPREPLY=()");
    } else if (v->words && str_has(str_c(v->usage), STR("DIR"))) {
        /* A word first, then the folder that it is about. */
        out_fmt(o, "if [ \"$COMP_CWORD\" -eq %d ]; then ", verb_word(v) == v->name ? 2 : 3);
        reply(o, "-W", v->words);
        out_c(o, "; else ");
        reply(o, "-d", NULL);
        out_c(o, "; fi");
    } else {
        reply(o, v->words ? "-W" : "-f", v->words);
    }
    out_c(o, " ;;\n        esac ;;\n");
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct out *o = c->out;

    (void)args;
    out_c(o, "# bash completion for afterpatch " AP_VERSION ". Written by `afterpatch completion`.\n"
             "_afterpatch()\n{\n"
             "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} IFS=$' \\t\\n'\n"
             "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        mapfile -t COMPREPLY < <(compgen -W '");
    names(o, verb_table);
    out_c(o, "' -- \"$cur\")\n        return\n    fi\n    local verb=${COMP_WORDS[1]}\n");
    for (size_t i = 0; (v = verb_shown(i)); i++)
        if (v->sub)
            out_fmt(o, "    [ \"$verb\" = '%s' ] && [ \"$COMP_CWORD\" -gt 2 ] && verb+=\" ${COMP_WORDS[2]}\"\n", v->name);
    out_c(o, "    case \"$verb\" in\n");
    for (size_t i = 0; (v = verb_shown(i)); i++)
        if (v->sub)
            group(o, v);
        else
            verb(o, v);
    out_c(o, "    esac\n}\ncomplete -o filenames -F _afterpatch afterpatch\n");
    return CLI_DONE;
}

const struct verb verb_completion = {
    .name = "completion", .about = "prints the bash completion script", .usage = "",
    .text = "For packagers: `make install` puts it where bash looks for it.", .words = "", .run = run, .hidden = true,
};
