/*
 * policy: what group policy makes this server run: tasks and services of its preferences (XML), scripts at start and logon (scripts.ini).
 *
 * Shape    each member keeps a copy of the preferences that were applied to it (ProgramData\Microsoft\Group Policy\History), a domain controller has them all (SYSVOL).
 * Rule 1   what is run is judged by detect/command. A policy reaches many computers: what accuses is told as such.
 * Rule 2   a password in preferences is readable by everybody of the domain (MS14-025): a note. So is who becomes an administrator by policy.
 * Source   ways back in, 5 and 6.1; MS-GPPREF 2.2.1; ATT&CK T1484.001, T1053.005, T1037.003, T1552.006.
 */
#include "detect/files_inner.h"

#include "base/utf.h"
#include "detect/command.h"
#include "formats/xml.h"

enum { RUNS_MAX = 200, INI_BYTES = 256 << 10 };

static bool is_scripts(struct str path) { return str_iends(winpath_name(path), STR("scripts.ini")); }
static bool is_preferences(struct str path)
{
    static const char *const name[] = { "ScheduledTasks.xml", "Services.xml", "Groups.xml", "DataSources.xml", "Drives.xml", "Printers.xml" };

    for (size_t i = 0; i < COUNT_OF(name); i++)
        if (str_ieq(winpath_name(path), str_c(name[i])) && str_ihas(path, STR("\\Preferences\\")))
            return true;
    return false;
}
static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->family == FAM_NONE && ((is_scripts(n->path) && (str_ihas(n->path, STR("\\GroupPolicy\\")) || str_ihas(n->path, STR("\\Policies\\{")))) || is_preferences(n->path));
}

struct thing { const char *what, *title, *attack; struct str name, command, arguments; uint32_t line; };

static bool tell(struct files_context *c, struct files_node *n, const struct thing *t, struct err *e)
{
    struct arena   a = n->scratch;
    struct command k;
    bool           quote = str_chr(t->command, ' ') != STR_NONE && str_chr(t->command, '"') == STR_NONE && str_chr(t->command, '\\') != STR_NONE && !t->arguments.n;
    struct str     line = quote ? str_fmt(&a, "\"%.*s\"", STR_ARG(str_sub(t->command, 0, 4000)))
                                : str_fmt(&a, "%.*s%s%.*s", STR_ARG(str_sub(t->command, 0, 4000)), t->arguments.n ? " " : "", STR_ARG(str_sub(t->arguments, 0, 20000)));

    if (t->command.n == 0)
        return true;
    if (!line.p)
        return err_set(e, ERR_MEMORY, "no room for a command of a policy");
    if (!command_judge(&k, &a, line, COMMAND_STORED, c->ev->system_drive, e))
        return false;
    bool sure = k.verdict == COMMAND_ACCUSE;
    if (k.verdict == COMMAND_ORDINARY)
        return true;
    struct file_fact *f = files_fact_at(c, n->node, sure ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, sure ? "files/policy" : "files/policy-odd", sure ? SEV_HIGH : SEV_MEDIUM, sure ? 0.85 : 0.4);
    if (!f)
        return true;
    f->what  = str_c(t->what);
    f->name  = files_quote(c, t->name);
    f->url   = STR_EMPTY;
    f->title = str_c(t->title);
    f->why   = files_text(c, "%.*s Group policy brings it to every computer that the policy applies to: look at the policy in the domain, too.", STR_ARG(str_sub(command_why(c->keep, &k), 0, 500)));
    f->reachable = REACH_UNKNOWN;
    f->cite.line = t->line;
    f->cite.excerpt = files_text(c, "%.*s: %.*s", STR_ARG(str_sub(f->name, 0, 100)), STR_ARG(str_sub(files_quote(c, line), 0, 240)));
    files_attack(f, t->attack);
    files_attack(f, "T1484.001");
    for (size_t i = 0; i < k.attack_n; i++)
        files_attack(f, k.attack[i]);
    return true;
}

static void note(struct files_context *c, struct files_node *n, const struct xml_node *x, struct str name, enum severity severity, const char *title, const char *why, const char *attack)
{
    struct file_fact *f = files_fact_at(c, n->node, FILE_FACT_NOTE, "files/policy-setting", severity, 0.5);

    if (!f)
        return;
    f->what  = STR("setting");
    f->name  = files_quote(c, name);
    f->url   = STR_EMPTY;
    f->title = str_c(title);
    f->why   = str_c(why);
    f->cite.line    = x->line;
    f->cite.excerpt = files_text(c, "%.*s: %.*s", STR_ARG(str_sub(files_quote(c, x->name), 0, 40)), STR_ARG(str_sub(f->name, 0, 200)));
    files_attack(f, attack);
}

static struct str text_of(const struct xml_node *x, const char *name)
{
    const struct xml_node *at = xml_child(x, str_c(name));
    return at ? str_trim(at->text) : STR_EMPTY;
}

/* The name of the nearest element above that has one. */
static struct str name_above(const struct xml_node *x)
{
    for (; x; x = x->parent) {
        struct str name = xml_get(x, STR("name"));
        if (name.n)
            return name;
    }
    return STR("?");
}

static bool preferences(struct files_context *c, struct files_node *n, const struct xml_node *root, struct err *e)
{
    size_t runs = 0;

    for (const struct xml_node *x = root; x && runs < RUNS_MAX; x = xml_walk(root, x)) {
        struct thing t = { .what = "scheduled_task", .title = "Group policy makes a task that nobody honest makes", .attack = "T1053.005", .name = name_above(x), .line = x->line };
        if (str_ieq(x->name, STR("Exec"))) {
            t.command   = text_of(x, "Command");
            t.arguments = text_of(x, "Arguments");
        } else if (str_ieq(x->name, STR("Properties")) && xml_get(x, STR("appName")).n) {
            t.command   = xml_get(x, STR("appName"));
            t.arguments = xml_get(x, STR("args"));
        } else if (str_ieq(x->name, STR("Properties")) && xml_get(x, STR("program")).n) {
            t.what      = "service";
            t.title     = "Group policy sets a command that runs when a service fails";
            t.attack    = "T1543.003";
            t.command   = xml_get(x, STR("program"));
            t.arguments = xml_get(x, STR("args"));
        }
        runs += t.command.n > 0;
        if (!tell(c, n, &t, e))
            return false;
        if (str_ieq(x->name, STR("Properties")) && xml_get(x, STR("cpassword")).n)
            note(c, n, x, name_above(x), SEV_MEDIUM, "A password in group policy", "Everybody of the domain can read it, the key is published (MS14-025). Change it, and delete the setting.", "T1552.006");
        if (str_ieq(x->name, STR("Member")) && str_ieq(xml_get(x, STR("action")), STR("ADD")) && x->parent && x->parent->parent &&
            (str_eq(xml_get(x->parent->parent, STR("groupSid")), STR("S-1-5-32-544")) || str_ihas(xml_get(x->parent->parent, STR("groupName")), STR("Administrators"))))
            note(c, n, x, xml_get(x, STR("name")), SEV_LOW, "Group policy makes somebody an administrator", "Administrators do this on purpose: ask whether this one is known.", "T1098");
    }
    return true;
}

/* "[Startup]", "0CmdLine=x.cmd", "0Parameters=/q". */
static bool scripts(struct files_context *c, struct files_node *n, struct err *e)
{
    size_t        skip;
    struct str    body = str_sub(n->body, 0, INI_BYTES), line, section = STR("script");
    enum utf_kind kind = utf_guess(body, &skip);
    struct str    text = utf_to8(&n->scratch, str_from(body, skip), kind);
    struct thing  t = { .what = "logon_script", .title = "Group policy runs a script that nobody honest sets", .attack = "T1037.003", .name = section };

    for (uint32_t number = 1; str_cut(&text, '\n', &line) && number < 2000; number++) {
        struct str key, value = str_trim(line);
        if (value.n > 2 && value.p[0] == '[') {
            section = str_sub(value, 1, value.n - 1);
            continue;
        }
        if (!str_cut(&value, '=', &key))
            continue;
        key = str_trim(key);
        if (str_iends(key, STR("CmdLine"))) {
            if (!tell(c, n, &t, e))
                return false;
            t.command   = str_trim(value);
            t.arguments = STR_EMPTY;
            t.name      = section;
            t.line      = number;
        } else if (str_iends(key, STR("Parameters"))) {
            t.arguments = str_trim(value);
        }
    }
    return tell(c, n, &t, e);
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct xml_doc doc;
    struct err     mine = { 0 };

    if (n->node->shadow)
        return true;
    if (is_scripts(n->node->path))
        return scripts(c, n, e);
    if (!xml_parse(&doc, &n->scratch, n->body, &mine)) {
        if (mine.kind == ERR_MEMORY)
            return *e = mine, false;
        ev_refuse(c->ev, n->node->path, "damaged", "It is a list of group policy's; whoever applied it could read it. Copy it again.");
        return true;
    }
    if (doc.damaged)
        ev_refuse(c->ev, n->node->path, "damaged: a part of it", "What stands before the damage was read.");
    return preferences(c, n, doc.root, e);
}

const struct files_detector files_policy = {
    .name = "policy", .about = "tasks, services, scripts and administrators that group policy brings", .wants = wants, .look = look,
};
