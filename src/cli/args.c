#include "cli/args.h"

#include <string.h>

enum { NEAR_MAX = 32 };

/* Edits that turn a into b: insert, drop, replace. Words longer than NEAR_MAX are not near anything. */
static size_t edits(struct str a, struct str b)
{
    size_t row[NEAR_MAX + 1];

    if (a.n > NEAR_MAX || b.n > NEAR_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.n; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t above = row[j];
            size_t best = diagonal + (ch_lower(a.p[i - 1]) != ch_lower(b.p[j - 1]));

            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[b.n];
}

const char *args_nearest(struct str s, const char *const *word, size_t n)
{
    const char *found = NULL;
    size_t      best = 3;              /* more than two edits is another word */

    for (size_t i = 0; i < n; i++) {
        struct str w = str_c(word[i]);
        size_t     d = edits(s, w);

        /* The beginning of a name is near it, whatever its length; and so is what only begins like it. */
        if ((s.n >= 2 && s.n < w.n && str_istarts(w, s)) || (w.n >= 3 && str_istarts(s, w)))
            d = d ? 1 : 0;
        if (d < best && d < w.n) {
            best = d;
            found = word[i];
        }
    }
    return found;
}

static bool unknown(const struct opt *opt, size_t opt_n, struct str name, struct err *e)
{
    const char *word[ARGS_OPTIONS_MAX + 1];

    for (size_t i = 0; i < opt_n; i++)
        word[i] = opt[i].name;
    word[opt_n] = "help";
    const char *near = args_nearest(name, word, opt_n + 1);
    err_set(e, ERR_USAGE, "unknown option --%.*s", STR_ARG(name));
    return near ? err_hint(e, "did you mean --%s?", near) : false;
}

static bool is_word(const char *words, struct str value)
{
    struct str rest = str_c(words), w;

    while (str_cut(&rest, ' ', &w))
        if (str_eq(w, value))
            return true;
    return false;
}

/* Whole words, as many as a hint holds. */
static bool one_of(const char *words, struct err *e)
{
    static const char lead[] = "it takes one of: ", more[] = " ...";
    size_t n = strlen(words), room = sizeof e->hint - sizeof lead;

    if (n <= room)
        return err_hint(e, "%s%s", lead, words);
    for (n = room - (sizeof more - 1); n && words[n] != ' ';)
        n--;
    return err_hint(e, "%s%.*s%s", lead, (int)n, words, more);
}

/* argv[*i] starts with "--" and is not "--" alone. Takes the value, from the next word where it stands there. */
static bool option(const struct opt *opt, size_t opt_n, int argc, char *const *argv, int *i, struct args *out, struct err *e)
{
    struct str name = str_from(str_c(argv[*i]), 2), value = STR_EMPTY;
    size_t     eq = str_chr(name, '='), k;
    bool       has_value = eq != STR_NONE;

    if (has_value) {
        value = str_from(name, eq + 1);
        name = str_sub(name, 0, eq);
    }
    for (k = 0; k < opt_n && !str_eq(name, str_c(opt[k].name)); k++)
        ;
    if (k == opt_n) {
        if (!str_eq(name, STR("help")))
            return unknown(opt, opt_n, name, e);
        if (has_value)
            return err_set(e, ERR_USAGE, "--help takes no value");
        out->help = true;
        return true;
    }
    if (out->given[k])
        return err_set(e, ERR_USAGE, "--%s is given twice", opt[k].name);
    if (!opt[k].arg && has_value)
        return err_set(e, ERR_USAGE, "--%s takes no value", opt[k].name);
    if (opt[k].arg && !has_value) {
        if (*i + 1 >= argc) {
            err_set(e, ERR_USAGE, "--%s needs a value", opt[k].name);
            return err_hint(e, "write --%s %s", opt[k].name, opt[k].arg);
        }
        value = str_c(argv[++*i]);
    }
    if (opt[k].arg && value.n == 0)
        return err_set(e, ERR_USAGE, "the value of --%s is empty", opt[k].name);
    if (opt[k].words && !is_word(opt[k].words, value)) {
        err_set(e, ERR_USAGE, "--%s cannot be \"%.*s\"", opt[k].name, STR_ARG(value));
        return one_of(opt[k].words, e);
    }
    out->given[k] = true;
    out->value[k] = value;
    return true;
}

bool args_parse(const struct opt *opt, int argc, char *const *argv, struct arena *a, struct args *ret, struct err *e)
{
    struct args out = { 0 };
    size_t      opt_n = 0;
    bool        options_over = false;

    while (opt && opt[opt_n].name && opt_n < ARGS_OPTIONS_MAX)
        opt_n++;
    out.operand = NEW(a, struct str, (size_t)(argc > 0 ? argc : 0) + 1);
    if (!out.operand)
        return err_set(e, ERR_MEMORY, "no room for %d arguments", argc);

    for (int i = 0; i < argc; i++) {
        struct str word = str_c(argv[i]);

        if (options_over || word.n < 2 || word.p[0] != '-') {
            out.operand[out.operand_n++] = word;
        } else if (str_eq(word, STR("--"))) {
            options_over = true;
        } else if (str_eq(word, STR("-h"))) {
            out.help = true;
        } else if (word.p[1] != '-') {
            err_set(e, ERR_USAGE, "unknown option %.*s", STR_ARG(word));
            return err_hint(e, "options have whole names, such as --help; a file of this name is ./%.*s", STR_ARG(word));
        } else if (!option(opt, opt_n, argc, argv, &i, &out, e)) {
            return false;
        }
    }
    *ret = out;
    return true;
}
