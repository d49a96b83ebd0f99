#include "detect/command_inner.h"

#include "base/b64.h"
#include "base/num.h"
#include "base/utf.h"
#include "base/winpath.h"
#include "detect/place.h"

#include <string.h>

enum how {
    RUNS_NOTHING,       /* an ordinary program: what its arguments name is its own affair */
    RUNS_FILES,         /* runs the first file named, whatever its extension */
    RUNS_SCRIPTS,       /* runs files whose extension says so */
    RUNS_LINE,          /* what follows one of the words is a command line of its own */
};
static const struct host { const char *name; enum how how; const char *words; const char *attack; } hosts[] = {
    { "cmd", RUNS_LINE, "/c /k /r", "T1059.003" },    { "powershell", RUNS_SCRIPTS, NULL, "T1059.001" },   { "pwsh", RUNS_SCRIPTS, NULL, "T1059.001" },
    { "wscript", RUNS_SCRIPTS, NULL, "T1059.005" },   { "cscript", RUNS_SCRIPTS, NULL, "T1059.005" },      { "mshta", RUNS_FILES, NULL, "T1218.005" },
    { "rundll32", RUNS_FILES, NULL, "T1218.011" },    { "regsvr32", RUNS_FILES, NULL, "T1218.010" },       { "msbuild", RUNS_FILES, NULL, "T1127.001" },
    { "installutil", RUNS_FILES, NULL, "T1218.004" }, { "regasm", RUNS_FILES, NULL, "T1218.009" },         { "regsvcs", RUNS_FILES, NULL, "T1218.009" },
    { "odbcconf", RUNS_SCRIPTS, NULL, "T1218.008" },  { "msiexec", RUNS_SCRIPTS, NULL, "T1218.007" },      { "cmstp", RUNS_SCRIPTS, NULL, "T1218.003" },
    { "python", RUNS_SCRIPTS, NULL, "T1059.006" },    { "pythonw", RUNS_SCRIPTS, NULL, "T1059.006" },      { "java", RUNS_SCRIPTS, NULL, "T1059" },
    { "javaw", RUNS_SCRIPTS, NULL, "T1059" },         { "explorer", RUNS_SCRIPTS, NULL, "T1218" },         { "start", RUNS_LINE, "", "T1059.003" },
    { "call", RUNS_LINE, "", "T1059.003" },           { "forfiles", RUNS_LINE, "/c", "T1202" },            { "pcalua", RUNS_LINE, "-a", "T1202" },
    { "conhost", RUNS_LINE, "--headless", "T1202" },  { "wmic", RUNS_LINE, "create", "T1047" },            { "schtasks", RUNS_LINE, "/tr", "T1053.005" },
    { "sc", RUNS_LINE, "binpath=", "T1543.003" },     { "srvany", RUNS_SCRIPTS, NULL, "T1543.003" },       { "nssm", RUNS_LINE, "install", "T1543.003" },
    { "scriptrunner", RUNS_LINE, "-appvscript", "T1216" }, { "regedit", RUNS_NOTHING, NULL, "T1112" },
};
enum { PARTS_MAX = 16, PATHS_MAX = 64, URLS_MAX = 16, LINES_MAX = 64 };      /* LINES_MAX: command lines within one, all told */

struct judge { struct command *out; struct arena *a; enum command_from from; uint8_t sys; bool full; size_t lines; };

static void attack(struct command *c, const char *id)
{
    for (size_t i = 0; i < c->attack_n; i++)
        if (strcmp(c->attack[i], id) == 0)
            return;
    if (id && c->attack_n < COMMAND_ATTACK_MAX)
        c->attack[c->attack_n++] = id;
}

/* Strongest first; of equals the earlier. */
static void reason(struct judge *j, enum command_verdict grade, const char *why, const char *id)
{
    struct command *c = j->out;
    size_t at = 0;

    if (grade == COMMAND_ORDINARY)
        return;
    for (size_t i = 0; i < c->reason_n; i++)
        if (strcmp(c->reason[i].why, why) == 0) {
            if (c->reason[i].grade >= grade)
                return;
            c->reason_n--;
            memmove(&c->reason[i], &c->reason[i + 1], (c->reason_n - i) * sizeof *c->reason);
            break;
        }
    while (at < c->reason_n && c->reason[at].grade >= grade)
        at++;
    if (at == COMMAND_REASONS_MAX)
        return;
    if (c->reason_n == COMMAND_REASONS_MAX)
        c->reason_n--;
    memmove(&c->reason[at + 1], &c->reason[at], (c->reason_n - at) * sizeof *c->reason);
    c->reason[at] = (struct command_reason){ grade, why };
    c->reason_n++;
    c->verdict = c->reason[0].grade;
    attack(c, id);
}

static enum command_verdict stored(const struct judge *j, enum command_verdict grade)
{
    return j->from == COMMAND_RAN && grade == COMMAND_ACCUSE ? COMMAND_LOOK : grade;
}

/* Updaters that live in a profile by design. */
static bool profile_product(struct str path)
{
    static const char *const part[] = { "\\appdata\\local\\microsoft\\", "\\appdata\\local\\google\\", "\\appdata\\local\\programs\\", "\\appdata\\roaming\\zoom\\" };

    for (size_t i = 0; i < COUNT_OF(part); i++)
        if (str_ihas(path, str_c(part[i])))
            return true;
    return false;
}

static void at_place(struct judge *j, struct str path)
{
    size_t colon = str_rchr(path, ':');

    if (str_chr(path, '\\') == STR_NONE)
        return;
    if (colon != STR_NONE && colon > 1 && str_rchr(path, '\\') != STR_NONE && colon > str_rchr(path, '\\'))
        reason(j, COMMAND_ACCUSE, "what it runs hides in a stream of another file", "T1564.004");
    if (place_imitates_system(path))
        reason(j, stored(j, COMMAND_ACCUSE), "it has the name of a program of Windows and lies elsewhere", "T1036.005");
    switch (place_of(path)) {
    case PLACE_HOSTILE:
        reason(j, stored(j, COMMAND_ACCUSE), "it starts a program from a place where nobody installs programs", "T1036.005");
        break;
    case PLACE_ODD:
        if (!profile_product(path))
            reason(j, COMMAND_LOOK, "it starts a program from a place where programs are seldom installed", "T1036");
        break;
    default:
        if (path.n > 3 && path.p[1] == ':' && str_rchr(path, '\\') == 2)
            reason(j, COMMAND_LOOK, "the program lies directly in the root of a drive", "T1036");
    }
}

static const struct host *host_of(struct str image)
{
    struct str name = winpath_name(image);

    if (str_iends(name, STR(".exe")))
        name = str_sub(name, 0, name.n - 4);
    for (size_t i = 0; i < COUNT_OF(hosts); i++)
        if (str_ieq(name, str_c(hosts[i].name)))
            return &hosts[i];
    return NULL;
}

/* "-e", "/enc", "-EncodedCommand": any beginning of the word, and "-ec". */
static bool encoded_switch(struct str arg)
{
    struct str word = str_from(arg, 1);

    return arg.n > 1 && (arg.p[0] == '-' || arg.p[0] == '/') && (str_ieq(word, STR("ec")) || (word.n <= 14 && str_istarts(STR("EncodedCommand"), word)));
}

static void text(struct judge *j, struct str line, struct str image);

static void encoded(struct judge *j, const struct command_arg *arg, size_t n)
{
    for (size_t i = 1; i + 1 < n; i++) {
        if (!encoded_switch(arg[i].text))
            continue;
        struct str raw = STR_EMPTY;
        struct err mine = { 0 };
        bool       ok = b64_decode(&raw, j->a, arg[i + 1].text, &mine);
        if (!ok && mine.kind == ERR_MEMORY)
            j->full = true;
        /* "-e" alone may be something else; what says "-enc" means it, whatever follows. */
        if (j->full || (!ok && arg[i].text.n < 4))
            return;
        reason(j, COMMAND_LOOK, "it gives PowerShell a command in base64", "T1027.010");
        if (raw.n < 4)
            return;
        struct str plain = utf_to8(j->a, raw, raw.p[1] == 0 || raw.p[3] == 0 ? UTF_16LE : UTF_8);
        j->full = j->full || !plain.p;
        if (j->out->decoded.n == 0)
            j->out->decoded = plain;
        text(j, str_sub(plain, 0, COMMAND_TEXT_MAX), STR("powershell"));
        return;
    }
}

static void tricks(struct judge *j, const struct command_tricks *t)
{
    if (t->broken >= 3 || t->cut_out >= 3 || t->codes >= 5)
        reason(j, stored(j, COMMAND_ACCUSE), "its words are broken up so that searches miss them", "T1027.010");
    else if (t->joined >= 3)
        reason(j, COMMAND_LOOK, "its words are put together from pieces", "T1027.010");
}

static void addresses(struct judge *j, struct str line, bool *ret_known, bool *ret_public)
{
    size_t     pos = 0, n = 0;
    struct str url;

    *ret_known = *ret_public = false;
    for (; n < URLS_MAX && command_next_url(line, &pos, &url); n++) {
        bool       public = false;
        struct str host = command_host(url, &public);
        *ret_known  = (n == 0 || *ret_known) && command_known_host(host);
        *ret_public = *ret_public || public;
        if (j->out->url.n == 0 && !(j->out->url = str_dup(j->a, url)).p)
            j->full = true;
    }
}

/* Every rule that fits the text; `image` is who reads it. */
static void rules(struct judge *j, struct str line, struct str image)
{
    struct command_tricks t;
    bool       known, public;
    struct str flat = command_flat(j->a, line, &t);

    j->full = j->full || !flat.p;
    if (!flat.p)
        return;
    tricks(j, &t);
    addresses(j, line, &known, &public);
    for (size_t i = 0; i < command_rule_n; i++) {
        const struct command_rule *r = &command_rules[i];
        if (!command_fits(r, image, flat))
            continue;
        enum command_verdict grade = (enum command_verdict)(j->from == COMMAND_STORED ? r->stored : r->ran);
        if (r->fetch && known)
            grade = grade > COMMAND_LOOK ? COMMAND_LOOK : grade;
        reason(j, r->fetch && public ? COMMAND_ACCUSE : grade, r->why, r->attack);
    }
}

static void line_of(struct judge *j, struct str line, int depth);

/* "a & b && c | d": each is a command of its own. */
static void parts_of(struct judge *j, struct str line, int depth)
{
    size_t from = 0, n = 0;
    bool   inside = false;

    line = str_trim(line);
    /* cmd takes off the outermost quotes, unless they hold nothing but a program. */
    struct str within = line.n > 2 && line.p[0] == '"' && line.p[line.n - 1] == '"' ? str_sub(line, 1, line.n - 1) : STR_EMPTY;
    if (within.n && (str_chr(within, '"') != STR_NONE || !command_runnable(within)))
        line = within;
    for (size_t i = 0; i <= line.n && n < PARTS_MAX; i++) {
        inside ^= i < line.n && line.p[i] == '"';
        bool cut = i == line.n || (!inside && (line.p[i] == '&' || line.p[i] == '|' || line.p[i] == '\n') && (i == 0 || (line.p[i - 1] != '^' && line.p[i - 1] != '>')));
        if (!cut)
            continue;
        struct str one = str_trim(str_sub(line, from, i));
        from = i + 1;
        if (one.n && ++n)
            line_of(j, one, depth);
    }
}

static void target(struct judge *j, struct str path)
{
    struct str canon = winpath_canon(j->a, path, j->sys);

    j->full = j->full || !canon.p;
    at_place(j, canon);
    if (j->out->target.n == 0)
        j->out->target = canon;
}

/* What an interpreter is told to run, by the paths in its arguments. */
static void targets(struct judge *j, const struct host *h, struct str rest)
{
    static const char *const library[] = { ".dll", ".cpl", ".ocx", ".ax", ".tsp", ".acm", ".drv", ".exe", ".sys", ".bpl", ".inf" };
    size_t     pos = 0;
    struct str path;

    for (size_t n = 0; n < PATHS_MAX && command_next_path(rest, &pos, &path); n++) {
        bool runs = command_runnable(path), loads = str_eq(str_c(h->name), STR("rundll32")) || str_eq(str_c(h->name), STR("regsvr32")), right = !loads;
        if (!runs && h->how != RUNS_FILES)
            continue;
        if (loads && n == 0 && str_chr(path, ',') != STR_NONE)
            path = str_sub(path, 0, str_chr(path, ','));
        for (size_t i = 0; i < COUNT_OF(library) && !right; i++)
            right = str_ieq(winpath_ext(path), str_c(library[i]));
        if (n == 0 && !right && winpath_ext(path).n)
            reason(j, stored(j, COMMAND_ACCUSE), "it loads as a library a file whose name says that it is something else", h->attack);
        target(j, path);
        if (h->how == RUNS_FILES)
            return;
    }
}

static void text(struct judge *j, struct str line, struct str image)
{
    const struct host *h = host_of(image);

    rules(j, line, image);
    if (h && h->how == RUNS_SCRIPTS)
        targets(j, h, line);
}

static struct str bare(struct str image)
{
    struct str name = winpath_name(image);

    return str_iends(name, STR(".exe")) ? str_sub(name, 0, name.n - 4) : name;
}

static void line_of(struct judge *j, struct str line, int depth)
{
    size_t     rest_at = 0;
    struct str image = command_program(line, &rest_at), canon = image;

    if (image.n == 0 || depth > COMMAND_DEPTH_MAX || j->full || ++j->lines > LINES_MAX)
        return;
    if (str_chr(image, '\\') != STR_NONE || str_chr(image, '/') != STR_NONE) {
        struct str whole = str_istarts(image, STR("system32\\")) || str_istarts(image, STR("syswow64\\")) ? str_cat(j->a, STR("\\SystemRoot\\"), image) : image;
        canon = winpath_canon(j->a, whole, j->sys);
    }
    struct command_arg *arg = TAKE(j->a, struct command_arg, COMMAND_ARGS_MAX);
    size_t              n = 0;
    struct str          rest = str_from(line, rest_at), shown = canon.p ? canon : image;
    j->full = !canon.p || !arg || !command_split(j->a, line, arg, &n);
    if (j->full)
        return;
    if (j->out->image.n == 0)
        j->out->image = shown;
    else if (j->out->target.n == 0 && depth && !host_of(shown))
        j->out->target = shown;
    at_place(j, shown);
    const struct host *h = host_of(shown);
    struct str name = bare(shown);
    rules(j, line, name);
    if (!h)
        return;
    if (str_istarts(name, STR("powershell")) || str_istarts(name, STR("pwsh")))
        encoded(j, arg, n);
    if (h->how == RUNS_FILES || h->how == RUNS_SCRIPTS)
        targets(j, h, rest);
    if (h->how != RUNS_LINE)
        return;
    if (h->words[0] == 0) {                     /* "start": its title and switches come first */
        while ((rest = str_trim(rest)).n && (rest.p[0] == '/' || str_starts(rest, STR("\"\"")))) {
            size_t blank = str_chr(rest, ' ');
            rest = str_from(rest, blank == STR_NONE ? rest.n : blank);
        }
        parts_of(j, rest, depth + 1);
        return;
    }
    for (size_t i = 1; i < n; i++)
        for (struct str words = str_c(h->words), one; str_cut(&words, ' ', &one);) {
            bool joined = str_istarts(arg[i].text, one) && arg[i].text.n > one.n;       /* "/cwhoami", "binpath=C:\x.exe" */
            if (!joined && !str_ieq(arg[i].text, one))
                continue;
            bool whole = str_eq(name, STR("schtasks")) || str_eq(name, STR("sc")) || str_eq(name, STR("wmic")) || str_eq(name, STR("forfiles"));
            struct str inner = joined ? str_from(arg[i].text, one.n) : whole && i + 1 < n ? arg[i + 1].text : str_from(line, arg[i].to);
            if (joined && !whole)
                inner = str_from(line, arg[i].from + one.n);
            parts_of(j, inner, depth + 1);
            return;
        }
}

bool command_judge(struct command *ret, struct arena *a, struct str line, enum command_from from, uint8_t sys, struct err *e)
{
    struct command out = { 0 };
    struct judge   j = { .out = &out, .a = a, .from = from, .sys = sys ? sys : 'C' };
    struct str     all = command_expand(a, line, j.sys);

    j.full = !all.p;
    if (!j.full)
        line_of(&j, str_trim(all), 0);
    if (j.full)
        return err_set(e, ERR_MEMORY, "no room to read a command line of %zu bytes", line.n);
    *ret = out;
    return true;
}

struct str command_why(struct arena *a, const struct command *c)
{
    struct str all = STR_EMPTY;

    for (size_t i = 0; i < c->reason_n; i++)
        all = i == 0 ? str_fmt(a, "%c%s", c->reason[i].why[0] - ('a' - 'A'), c->reason[i].why + 1) : str_cat(a, all, str_fmt(a, "; %s", c->reason[i].why));
    return all.n ? str_cat(a, all, STR(".")) : STR_EMPTY;
}

static bool vowel(uint8_t c) { return memchr("aeiouy", ch_lower(c), 6) != NULL; }

bool command_random_name(struct str name)
{
    size_t run = 0, longest = 0, cases = 0, digits = 0, vowels = 0, letters = 0;

    if (name.n < 6 || name.n > 24)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = name.p[i];
        bool    low = c >= 'a' && c <= 'z', letter = ch_alpha(c);
        if (!ch_alnum(c))
            return false;
        run = low && !vowel(c) ? run + 1 : 0;
        longest = run > longest ? run : longest;
        letters += letter;
        vowels  += letter && vowel(c);
        if (i) {
            bool before = ch_alpha(name.p[i - 1]);
            cases  += letter && before && (name.p[i - 1] >= 'a') != low;
            digits += before != letter;
        }
    }
    return longest >= 5 || digits >= 4 || (letters >= 8 && vowels <= 1 && longest >= 3) || (name.n <= 12 && cases >= 6);
}
