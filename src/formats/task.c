#include "formats/task.h"

#include "base/num.h"
#include "base/utf.h"
#include "formats/xml.h"

#include <string.h>

static void trouble(struct task *t, const char *what)
{
    size_t n = strlen(what);

    n = n < sizeof t->what ? n : sizeof t->what - 1;
    if (!t->damaged)
        memcpy(t->what, what, n);
    t->damaged = true;
}

static bool is(const struct xml_node *n, const char *name) { return n && str_ieq(n->name, str_c(name)); }

static struct str text_of(const struct xml_node *n, const char *name)
{
    const struct xml_node *c = n ? xml_child(n, str_c(name)) : NULL;

    return c ? str_trim(c->text) : STR_EMPTY;
}

static void read_actions(struct task *t, const struct xml_node *list)
{
    for (const struct xml_node *n = list->child; n; n = n->next) {
        if (t->action_n == TASK_ACTIONS_MAX) {
            trouble(t, "more actions than a task can have");
            return;
        }
        struct task_action *x = &t->action[t->action_n++];
        *x = (struct task_action){ .does = is(n, "Exec") ? TASK_EXEC : is(n, "ComHandler") ? TASK_COM : TASK_OTHER };
        x->command   = text_of(n, "Command");
        x->arguments = text_of(n, "Arguments");
        x->directory = text_of(n, "WorkingDirectory");
        x->class_id  = text_of(n, "ClassId");
        x->data      = text_of(n, "Data");
    }
}

static void read_triggers(struct task *t, const struct xml_node *list)
{
    for (const struct xml_node *n = list->child; n; n = n->next) {
        if (t->trigger_n == TASK_TRIGGERS_MAX) {
            trouble(t, "more triggers than a task can have");
            return;
        }
        t->trigger[t->trigger_n++] = (struct task_trigger){ n->name, text_of(n, "StartBoundary"), text_of(xml_child(n, STR("Repetition")), "Interval") };
    }
}

static void read_root(struct task *t, const struct xml_node *root)
{
    const struct xml_node *about = xml_child(root, STR("RegistrationInfo")), *set = xml_child(root, STR("Settings")), *list = xml_child(root, STR("Principals"));
    const struct xml_node *who = list ? xml_child(list, STR("Principal")) : NULL;

    t->uri         = text_of(about, "URI");
    t->author      = text_of(about, "Author");
    t->date        = text_of(about, "Date");
    t->source      = text_of(about, "Source");
    t->description = text_of(about, "Description");
    t->hidden      = str_ieq(text_of(set, "Hidden"), STR("true"));
    t->disabled    = str_ieq(text_of(set, "Enabled"), STR("false"));
    t->user        = text_of(who, "UserId");
    if (!t->user.n)
        t->user = text_of(who, "GroupId");
    t->highest = str_ieq(text_of(who, "RunLevel"), STR("HighestAvailable"));
    if ((list = xml_child(root, STR("Actions"))))
        read_actions(t, list);
    if ((list = xml_child(root, STR("Triggers"))))
        read_triggers(t, list);
}

/* ---- .job: a fixed head of 68 bytes, then texts of UTF-16 with their length in units, the closing NUL included ---- */

enum { JOB_HEAD = 68, JOB_NAME_AT = 70, JOB_FLAGS_AT = 48, JOB_DISABLED = 0x4, JOB_HIDDEN = 0x200 };

static uint32_t u16(struct str s, size_t at) { return at + 2 <= s.n ? (uint32_t)s.p[at] | (uint32_t)s.p[at + 1] << 8 : 0; }

static bool is_job(struct str in)
{
    static const uint16_t version[] = { 0x0400, 0x0500, 0x0501, 0x0600, 0x0601, 0x0602, 0x0603, 0x0A00 };
    bool known = false;

    if (in.n < JOB_NAME_AT || u16(in, 2) != 1 || u16(in, 20) != JOB_NAME_AT)
        return false;
    for (size_t i = 0; i < COUNT_OF(version); i++)
        known = known || u16(in, 0) == version[i];
    return known;
}

static bool job_text(struct task *t, struct arena *a, struct str in, size_t *at, struct str *ret, struct err *e)
{
    size_t units = u16(in, *at), from = *at + 2, end = from + 2 * units;

    if (end > in.n || *at + 2 > in.n) {
        trouble(t, "cut inside its texts");
        *at = in.n;
        return true;
    }
    struct str s = utf_to8(a, str_sub(in, from, end), UTF_16LE);
    if (units && !s.p)
        return err_set(e, ERR_MEMORY, "no room for the texts of a task");
    *ret = str_sub(s, 0, str_chr(s, 0));
    *at  = end;
    return true;
}

static bool read_job(struct task *t, struct arena *a, struct str in, struct err *e)
{
    struct task_action *x = &t->action[0];
    size_t   at = JOB_NAME_AT;
    uint32_t flags = u16(in, JOB_FLAGS_AT);

    t->job        = true;
    t->hidden     = flags & JOB_HIDDEN;
    t->disabled   = flags & JOB_DISABLED;
    t->action_n   = 1;
    x->does       = TASK_EXEC;
    return job_text(t, a, in, &at, &x->command, e) && job_text(t, a, in, &at, &x->arguments, e) && job_text(t, a, in, &at, &x->directory, e) &&
           job_text(t, a, in, &at, &t->author, e) && job_text(t, a, in, &at, &t->description, e);
}

bool task_parse(struct task *ret, struct arena *a, struct str in, struct err *e)
{
    struct xml_doc doc;

    *ret = (struct task){ 0 };
    if (is_job(in)) {
        if (in.n > TASK_JOB_MAX)
            return err_set(e, ERR_LIMIT, "%zu bytes of a .job file, limit %d", in.n, TASK_JOB_MAX);
        return read_job(ret, a, in, e);
    }
    if (!xml_parse(&doc, a, in, e))
        return false;
    if (!is(doc.root, "Task"))
        return err_set(e, ERR_FORMAT, "root element is \"%.*s\", expected \"Task\"", STR_ARG(str_sub(doc.root->name, 0, 40)));
    if (doc.damaged)
        trouble(ret, doc.what);
    read_root(ret, doc.root);
    return true;
}

bool task_as_system(const struct task *t)
{
    static const char *const name[] = { "S-1-5-18", "SYSTEM", "NT AUTHORITY\\SYSTEM", "LocalSystem" };

    for (size_t i = 0; i < COUNT_OF(name); i++)
        if (str_ieq(t->user, str_c(name[i])))
            return true;
    return false;
}
