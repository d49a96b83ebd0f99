/*
 * deleted: what stands in keys that were deleted and not yet written over: services, tasks, programs in the place of others, accounts.
 *
 * Rule 1   a deleted key counts as removed, never as there; when a key of the same path lives, it says nothing: Windows moves keys, too.
 * Rule 2   what it ran is judged as the living are (detect/command): what accuses is a removed way back. Everything else is silence: software is uninstalled every day.
 * Rule 3   a deleted local account is a note; one whose name ends in '$' is a removed way back, as the living one would be.
 * Time     that of the key's last change: when it was deleted, nobody wrote down.
 * Source   ways back in, 5 and 6; formats/hive.h for how they are found.
 */
#include "detect/reg.h"

#include "detect/command.h"

enum { ACCOUNTS_MAX = 50, WAYS_MAX = 200 };

struct deleted { struct reg *r; uint32_t ways, accounts; };

static bool lives(struct reg *r, struct arena a, struct str path)
{
    struct hive_key k;

    r->h->deleted = false;
    bool found = hive_find(r->h, &a, &r->root, path, &k);
    r->h->deleted = true;
    return found;
}

static struct file_fact *tell(struct deleted *d, enum file_fact_kind kind, const char *what, const struct hive_key *k, struct str path, const char *value, struct str data, struct str name, const char *title)
{
    struct reg *r = d->r;

    if (kind == FILE_FACT_WAY_BACK ? d->ways >= WAYS_MAX : d->accounts >= ACCOUNTS_MAX)
        return NULL;
    ++*(kind == FILE_FACT_WAY_BACK ? &d->ways : &d->accounts);
    struct file_fact *f = reg_fact(r, kind, "registry/deleted", kind == FILE_FACT_WAY_BACK ? SEV_HIGH : SEV_LOW, kind == FILE_FACT_WAY_BACK ? 0.8 : 0.4, k, path, value, data);
    if (!f)
        return NULL;
    f->what      = str_c(what);
    f->name      = files_quote(r->c, name);
    f->title     = str_c(title);
    f->why       = STR("It was found among the deleted parts of the hive.");
    f->state     = THING_REMOVED;
    f->reachable = REACH_NO;
    return f;
}

static struct str text_of(struct reg *r, struct arena *a, const struct hive_key *k, const char *name)
{
    struct hive_value v;
    struct str        data;

    return hive_value(r->h, a, k, str_c(name), &v) && hive_data(r->h, a, &v, &data) ? hive_text(a, v.type, data) : STR_EMPTY;
}

/* A command line that accuses. */
static void line(struct deleted *d, struct arena a, const struct hive_key *k, struct str path, const char *value, struct str text, const char *what, struct str name, const char *title, const char *attack)
{
    struct command cmd;
    struct err     mine = { 0 };

    if (text.n == 0 || !command_judge(&cmd, &a, text, COMMAND_STORED, d->r->c->ev->system_drive, &mine) || cmd.verdict != COMMAND_ACCUSE)
        return;
    struct file_fact *f = tell(d, FILE_FACT_WAY_BACK, what, k, path, value, text, name, title);
    if (!f)
        return;
    reg_judged(d->r, f, &cmd);
    f->reachable = REACH_NO;
    files_attack(f, attack);
}

/* What follows `head` in the path, when that is one name; empty: another path. */
static struct str child_of(struct str path, const char *head)
{
    size_t     at = str_ifind(path, str_c(head));
    struct str rest = at == STR_NONE ? STR_EMPTY : str_from(path, at + str_c(head).n);

    return str_chr(rest, '\\') == STR_NONE ? rest : STR_EMPTY;
}

static void task(struct deleted *d, struct arena a, const struct hive_key *k, struct str path)
{
    struct reg       *r = d->r;
    struct hive_value v;
    struct str        data, user, name = text_of(r, &a, k, "Path");
    struct command    cmd = { 0 };

    if (!hive_value(r->h, &a, k, STR("Actions"), &v) || !hive_data(r->h, &a, &v, &data))
        return;
    r->h->deleted = false;                       /* a component that it names has to be there */
    struct str text = reg_task_actions(r, &a, data, &cmd, &user);
    r->h->deleted = true;
    while (name.n && name.p[0] == '\\')
        name = str_from(name, 1);
    if (cmd.verdict == COMMAND_ACCUSE)
        line(d, a, k, path, "Actions", text, "scheduled_task", name.n ? name : k->name, "A scheduled task that nobody honest makes was deleted", "T1053.005");
}

static bool visit(void *ctx, struct hive *h, struct arena a, const struct hive_key *k, struct str path)
{
    struct deleted *d = ctx;
    struct reg     *r = d->r;
    struct str      name;

    if (path.n > 600 || str_starts(path, STR("?")) || lives(r, a, path))
        return h->why.kind == ERR_NONE && !r->failed;
    if (r->kind == REG_SYSTEM && (name = child_of(path, "\\Services\\")).n) {
        line(d, a, k, path, "ImagePath", text_of(r, &a, k, "ImagePath"), "service", name, "A service that nobody honest makes was deleted", "T1543.003");
    } else if (r->kind == REG_SYSTEM && str_iends(path, STR("\\Parameters")) && (name = child_of(str_sub(path, 0, path.n - 11), "\\Services\\")).n) {
        line(d, a, k, path, "ServiceDll", text_of(r, &a, k, "ServiceDll"), "service", name, "A service that nobody honest makes was deleted", "T1543.003");
    } else if (r->kind == REG_SOFTWARE && child_of(path, "\\TaskCache\\Tasks\\").n) {
        task(d, a, k, path);
    } else if (r->kind == REG_SOFTWARE && (name = child_of(path, "\\Image File Execution Options\\")).n) {
        line(d, a, k, path, "Debugger", text_of(r, &a, k, "Debugger"), "ifeo", name, "A program in the place of another was taken out again", "T1546.012");
    } else if (r->kind == REG_SAM && (name = child_of(path, "\\Users\\Names\\")).n) {
        bool         sure = name.n > 1 && name.p[name.n - 1] == '$';
        struct file_fact *f = tell(d, sure ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, "account", k, path, NULL, STR_EMPTY, name, "A local account was deleted");
        if (f && sure)
            f->why = STR("Names that end in '$' are not listed by `net user`; honest machines have them only in the domain. It was found among the deleted parts of the hive.");
        if (f)
            files_attack(f, "T1136.001");
    }
    return h->why.kind == ERR_NONE && !r->failed;
}

bool reg_deleted(struct reg *r)
{
    struct deleted d = { .r = r };

    if (r->h->why.kind == ERR_NONE && (r->kind == REG_SYSTEM || r->kind == REG_SOFTWARE || r->kind == REG_SAM))
        (void)hive_deleted(r->h, r->a, visit, &d);
    r->h->deleted = false;
    /* The living part was read: that there is more free room than can be searched is no damage of it. */
    if (r->h->why.kind == ERR_LIMIT)
        r->h->why = (struct err){ 0 };
    return !r->failed;
}
