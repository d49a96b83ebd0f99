/*
 * tasks: the task cache of the scheduler, which runs what stands there whatever the XML files say.
 *
 * Rule 1   a task in the tree without a security descriptor is shown by no tool of Windows: nobody honest makes one.
 * Rule 2   what a task runs is judged by detect/command, as the XML is.
 * Rule 3   the three views (tree, tasks, XML files) are compared; what only one of them has is a note.
 * Source   ways back in, 6.1; Microsoft, "Tarrask malware uses scheduled tasks for defense evasion" (2022-04-12).
 */
#include "detect/reg.h"

#include "base/map.h"
#include "base/rd.h"
#include "base/utf.h"
#include "detect/command.h"

#define CACHE "Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache"
enum { ACTION_EXEC = 0x6666, ACTION_COM = 0x7777, ACTIONS_MAX = 32, NESTED_MAX = 16, NAMES_MAX = 50000 };

struct tasks { struct map id, name; size_t n; bool xml; struct arena *pile; };

static struct str text_of(struct rd *r, struct arena *a)
{
    uint32_t n = rd_u32le(r);

    return utf_to8(a, rd_take(r, n), UTF_16LE);
}

/* What a component runs: "{...}" below Classes of the same hive. Empty: it is not there, and then nothing runs. */
static struct str component(struct reg *r, struct arena *a, struct str id)
{
    static const char *const server[] = { "InprocServer32", "LocalServer32" };
    struct hive_key k;

    if (id.n != 16)
        return STR_EMPTY;
    const uint8_t *p = id.p;
    for (size_t i = 0; i < COUNT_OF(server); i++) {
        struct str path = str_fmt(a, "Classes\\CLSID\\{%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X}\\%s", p[3], p[2], p[1], p[0], p[5], p[4], p[7], p[6], p[8], p[9], p[10], p[11],
                                  p[12], p[13], p[14], p[15], server[i]);
        struct str text = path.p && reg_key(r, a, path, &k) ? reg_text(r, a, &k, "") : STR_EMPTY;
        if (text.n)
            return text;
    }
    return STR_EMPTY;
}

/* The command line of the worst program that it starts, of the first among equals; empty: none. */
struct str reg_task_actions(struct reg *r, struct arena *a, struct str data, struct command *worst, struct str *ret_user)
{
    struct rd  in = { .s = data };
    struct str line = STR_EMPTY;

    *worst = (struct command){ 0 };
    uint16_t version = rd_u16le(&in);
    *ret_user = version >= 3 ? text_of(&in, a) : STR_EMPTY;
    for (int i = 0; i < ACTIONS_MAX && rd_left(&in) > 2 && !in.bad; i++) {
        uint16_t magic = rd_u16le(&in);
        if (version >= 2)
            (void)text_of(&in, a);
        if (magic != ACTION_EXEC && magic != ACTION_COM)
            break;
        struct str id = magic == ACTION_COM ? rd_take(&in, 16) : STR_EMPTY, command = text_of(&in, a), arguments = magic == ACTION_COM ? STR_EMPTY : text_of(&in, a);
        if (magic == ACTION_COM) {
            command = component(r, a, id);                  /* its own text is data for the component */
        } else {
            (void)text_of(&in, a);
            if (version >= 3)
                rd_skip(&in, 2);
        }
        if (in.bad)
            break;
        if (command.n == 0)
            continue;
        bool       quote = str_chr(command, ' ') != STR_NONE && str_chr(command, '"') == STR_NONE && str_chr(command, '\\') != STR_NONE;
        struct str all = quote ? str_cat(a, str_cat(a, STR("\""), command), STR("\"")) : command;
        all = arguments.n ? str_cat(a, str_cat(a, all, STR(" ")), arguments) : all;
        struct command now;
        struct err     mine = { 0 };
        if (all.p && command_judge(&now, a, str_sub(all, 0, COMMAND_TEXT_MAX), COMMAND_STORED, r->c->ev->system_drive, &mine) && (line.n == 0 || now.verdict > worst->verdict)) {
            *worst = now;
            line   = all;
        }
    }
    return line;
}

static struct file_fact *tell(struct reg *r, bool sure, const struct hive_key *k, struct str path, struct str name, struct str line, const struct command *cmd, const char *title, const char *why)
{
    struct file_fact *f = reg_fact(r, sure ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, sure ? "registry/task" : "registry/task-odd", sure ? SEV_HIGH : SEV_LOW, sure ? 0.9 : 0.4, k, path, NULL, line);

    if (!f)
        return NULL;
    f->what  = STR("scheduled_task");
    f->name  = files_quote(r->c, name);
    f->title = str_c(title);
    f->why   = str_c(why);
    if (cmd)
        reg_judged(r, f, cmd);
    files_attack(f, "T1053.005");
    return f;
}

/* What \{GUID} below Tasks says it runs. */
static bool task_of(struct reg *r, struct arena *a, struct str id, struct command *cmd, struct str *ret_line, struct hive_key *ret)
{
    struct str        path = str_cat(a, STR(CACHE "\\Tasks\\"), id), data, user;
    struct hive_value v;

    *cmd = (struct command){ 0 };
    *ret_line = STR_EMPTY;
    if (!path.p || !reg_key(r, a, path, ret))
        return false;
    if (hive_value(r->h, a, ret, STR("Actions"), &v) && hive_data(r->h, a, &v, &data))
        *ret_line = reg_task_actions(r, a, data, cmd, &user);
    return true;
}

static bool remember(struct tasks *t, struct map *m, struct str s)
{
    struct str copy = str_lower(t->pile, s);
    return t->n++ < NAMES_MAX && copy.p && map_put(m, t->pile, copy, 1);
}

static void leaf(struct reg *r, struct tasks *t, struct arena a, const struct hive_key *k, struct str path, struct str name, struct str id)
{
    struct hive_value v;
    struct hive_key   task;
    struct command    cmd;
    struct str        line;
    uint64_t          index = 1;
    struct arena      scratch = a;
    bool              described = hive_value(r->h, &scratch, k, STR("SD"), &v), there = task_of(r, &a, id, &cmd, &line, &task);
    bool              indexed = reg_number(r, a, k, "Index", &index);

    (void)(remember(t, &t->id, id) && remember(t, &t->name, name));
    files_there(r->c, "scheduled_task", str_dup(r->c->keep, str_sub(name, 0, 512)), there ? str_dup(r->c->keep, reg_runs(&cmd)) : STR_EMPTY);
    struct str xml = str_cat(&a, str_fmt(&a, "%c:\\Windows\\System32\\Tasks\\", r->c->ev->system_drive), name);
    bool file_gone = t->xml && xml.p && !ev_find(r->c->ev, xml);
    if (!described && r->h->bad == 0 && !hive_stale(r->h)) {
        struct file_fact *f = tell(r, true, k, path, name, line, &cmd, "A scheduled task is hidden from every tool of Windows",
                                   "Its entry has no security descriptor, so that neither the task scheduler's window nor schtasks shows it; it still runs.");
        if (f)
            files_attack(f, "T1564");
        return;
    }
    if (indexed && index == 0) {
        bool sure = cmd.verdict != COMMAND_ORDINARY;
        (void)tell(r, sure, k, path, name, line, &cmd, "A scheduled task is hidden", "The index of its entry is 0, so that the task scheduler's window does not show it.");
        return;
    }
    if (cmd.verdict == COMMAND_ACCUSE) {
        (void)tell(r, true, k, path, name, line, &cmd, "Scheduled task that nobody honest makes", file_gone ? "Its XML file is gone; it runs all the same." : "");
        return;
    }
    if (cmd.verdict == COMMAND_LOOK || file_gone)
        (void)tell(r, false, k, path, name, line, &cmd, cmd.verdict ? "Scheduled task that runs something unusual" : "Scheduled task without its XML file",
                   file_gone ? "The scheduler still runs it, but its file is not in the folder of tasks, which was collected." : "");
}

struct level { uint32_t *sub; size_t n, i; struct arena a; struct str path; };

static void tree(struct reg *r, struct tasks *t, struct arena a)
{
    struct level    level[NESTED_MAX];
    struct hive_key k;
    size_t          depth = 1;

    if (!reg_key(r, &a, STR(CACHE "\\Tree"), &k))
        return;
    level[0] = (struct level){ .a = a, .path = STR(CACHE "\\Tree") };
    if (!hive_subkeys(r->h, &level[0].a, &k, &level[0].sub, &level[0].n))
        return;
    while (depth && r->h->why.kind == ERR_NONE) {
        struct level *l = &level[depth - 1];
        if (l->i == l->n || l->i >= REG_EACH_MAX) {
            depth--;
            continue;
        }
        struct arena scratch = l->a;
        if (!hive_key_at(r->h, &scratch, l->sub[l->i++], &k))
            continue;
        struct str path = str_cat(&scratch, str_cat(&scratch, l->path, STR("\\")), k.name), id;
        if (!path.p)
            return;
        struct arena own = scratch;
        if ((id = reg_text(r, &own, &k, "Id")).n)
            leaf(r, t, own, &k, path, str_from(path, sizeof CACHE "\\Tree\\" - 1), id);
        if (k.subkey_n == 0 || depth == NESTED_MAX)
            continue;
        level[depth] = (struct level){ .a = scratch, .path = path };
        if (hive_subkeys(r->h, &level[depth].a, &k, &level[depth].sub, &level[depth].n))
            depth++;
    }
}

static bool orphan(struct reg *r, void *ctx, struct arena a, const struct hive_key *k, struct str path)
{
    struct tasks  *t = ctx;
    struct str     id = str_lower(&a, k->name), name = reg_text(r, &a, k, "Path"), line;
    struct command cmd;
    struct hive_key again;

    if (!id.p || map_get(&t->id, id) != MAP_NONE)
        return true;
    (void)task_of(r, &a, k->name, &cmd, &line, &again);
    while (name.n && name.p[0] == '\\')
        name = str_from(name, 1);
    (void)tell(r, cmd.verdict == COMMAND_ACCUSE, k, path, name.n ? name : k->name, line, &cmd, cmd.verdict == COMMAND_ACCUSE ? "Scheduled task that nobody honest makes" : "Scheduled task outside of the tree of tasks",
               "Its entry in the tree of tasks is missing: it was half deleted, or somebody hides it.");
    return true;
}

static void dead_files(struct reg *r, const struct tasks *t, struct arena a)
{
    const struct ev *v = r->c->ev;
    struct str       head = str_fmt(&a, "%c:\\Windows\\System32\\Tasks\\", v->system_drive);

    for (size_t i = 0; i < v->node_n && head.p; i++) {
        struct arena scratch = a;
        if (v->node[i].family != FAM_TASKS || v->node[i].shadow || !str_istarts(v->node[i].path, head))
            continue;
        struct str name = str_from(v->node[i].path, head.n), lower = str_lower(&scratch, name);
        if (!lower.p || map_get(&t->name, lower) != MAP_NONE)
            continue;
        struct file_fact *f = reg_fact(r, FILE_FACT_NOTE, "registry/task-dead", SEV_LOW, 0.4, NULL, STR(CACHE "\\Tree"), NULL, name);
        if (!f)
            return;
        f->what  = STR("scheduled_task");
        f->name  = files_quote(r->c, name);
        f->path  = v->node[i].path;
        f->title = STR("File of a scheduled task that the scheduler does not know");
        f->why   = STR("The task scheduler's cache has no entry of this name, so that the file starts nothing.");
    }
}

bool reg_tasks(struct reg *r)
{
    struct arena a = r->a;
    struct tasks t = { .pile = &a };
    char         dir[] = "C:\\Windows\\System32\\Tasks";

    if (r->kind != REG_SOFTWARE || r->failed)
        return !r->failed;
    dir[0] = (char)r->c->ev->system_drive;
    t.xml  = ev_has_dir(r->c->ev, str_c(dir));
    /* Names gather at one end of the scratch, the walk uses the other. */
    struct arena pile = a;
    size_t       half = arena_room(&a) / 3;
    uint8_t     *room = TAKE(&a, uint8_t, half);
    if (!room)
        return true;
    pile = (struct arena){ room, room + half, a.fault };
    t.pile = &pile;
    tree(r, &t, a);
    if (t.n && t.n < NAMES_MAX && r->h->why.kind == ERR_NONE) {
        (void)reg_each(r, a, STR(CACHE "\\Tasks"), orphan, &t);
        if (t.xml)
            dead_files(r, &t, a);
    }
    return !r->failed;
}
