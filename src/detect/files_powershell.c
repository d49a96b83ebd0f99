/*
 * powershell: what was typed (history, transcripts) and what runs whenever PowerShell starts (profiles).
 *
 * Rule 1   history is what people typed: its lines are notes, however hostile. A profile runs by itself: one that an honest person does not write is
 *          a way back.
 * Rule 2   the history of the system's own profile is worth a note by itself: nobody sits at a keyboard as SYSTEM.
 * Source   ways back in, 6.7.
 */
#include "detect/files_command.h"

#include "base/utf.h"

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->family == FAM_POWERSHELL;
}

/* A line that ends in a backtick goes on with the next one. */
static struct str whole_line(struct arena *a, struct str *rest, uint64_t *number)
{
    struct str line, more;

    if (!str_cut(rest, '\n', &line))
        return STR_EMPTY;
    ++*number;
    line = str_trim(line);
    for (int i = 0; i < 64 && line.n && line.p[line.n - 1] == '`' && line.n < COMMAND_TEXT_MAX && str_cut(rest, '\n', &more); i++) {
        ++*number;
        struct str both = str_fmt(a, "%.*s %.*s", STR_ARG(str_sub(line, 0, line.n - 1)), STR_ARG(str_trim(more)));
        if (!both.p)
            break;
        line = both;
    }
    return line;
}

/* "PS C:\Windows\system32> dir" and "Host Application: powershell -File x". Empty: output, not input. */
static struct str typed_in(struct str line)
{
    size_t at;

    if (str_istarts(line, STR("Host Application:")))
        return str_from(line, sizeof "Host Application:" - 1);
    if (!str_starts(line, STR("PS ")) && !str_starts(line, STR("[PS] ")) && !str_starts(line, STR("PS>")))
        return STR_EMPTY;
    at = str_chr(line, '>');
    return at == STR_NONE ? STR_EMPTY : str_from(line, at + 1);
}

static bool is_system(struct str path)
{
    return str_ihas(path, STR("\\config\\systemprofile\\")) || str_ihas(path, STR("\\ServiceProfiles\\"));
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct str         path = n->node->path, name = winpath_name(path);
    bool               profile = str_iends(name, STR("profile.ps1")), transcript = str_istarts(name, STR("powershell_transcript"));
    size_t             skip = 0;
    enum utf_kind      kind = utf_guess(str_sub(n->body, 0, 4096), &skip);
    struct str         text = utf_to8(&n->scratch, str_from(n->body, skip), kind), rest = text;
    struct files_lines *l = NEW(&n->scratch, struct files_lines, 1);
    uint64_t           number = 0;

    if (!l || (n->body.n > skip && !text.p))
        return err_set(e, ERR_MEMORY, "no room for a PowerShell history");
    if (n->cut && !files_damage(c, FAM_POWERSHELL, n->node, "longer than 8 MiB: the rest was not read", 1, e))
        return false;
    while (rest.n) {
        struct arena scratch = n->scratch;
        uint64_t     at = number + 1;
        struct str   line = whole_line(&scratch, &rest, &number);
        line = transcript ? typed_in(line) : line;
        if (line.n && line.p[0] == '#')
            continue;
        if (!files_lines_judge(l, c, line, profile ? COMMAND_STORED : COMMAND_RAN, at, TIME_NONE, scratch, e))
            return false;
    }
    if (!profile)
        files_lines_typed(c, n->node, l, transcript ? "files/powershell-transcript" : "files/powershell-history", "An unusual command was typed in PowerShell",
                          transcript ? "A transcript of PowerShell shows it." : "The history of PowerShell shows it; it does not say when.");
    for (size_t i = 0; profile && i < l->n; i++) {
        bool         sure = l->row[i].verdict == COMMAND_ACCUSE;
        struct file_fact *f = files_line_fact(c, n->node, &l->row[i], sure ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, "files/powershell-profile",
                                              sure ? "PowerShell profile that runs hostile commands" : "PowerShell profile with an unusual command", "It runs each time PowerShell starts.");
        if (!f)
            continue;
        f->what    = STR("powershell_profile");
        f->time_us = n->node->btime_us;
        files_attack(f, "T1546.013");
    }
    if (!profile && !transcript && is_system(path) && l->n == 0) {
        struct file_fact *f = files_fact_at(c, n->node, FILE_FACT_NOTE, "files/powershell-system", SEV_LOW, 0.4);
        if (f) {
            f->title = STR("PowerShell was used by hand as the system");
            f->why   = STR("The history lies in a profile of the system itself or of a service. Nothing in it is unusual, but nobody works there by hand on most servers.");
            f->url   = STR_EMPTY;
        }
    }
    return true;
}

const struct files_detector files_powershell = {
    .name = "powershell", .about = "PowerShell: what was typed, and profiles that run hostile commands", .wants = wants, .look = look,
};
