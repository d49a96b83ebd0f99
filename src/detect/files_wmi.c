/*
 * wmi: permanent event subscriptions in a WMI repository.
 *
 * Rule 1   only a consumer that a binding names runs. Its command line or script decides; Windows' own and those of known products are nothing.
 * Rule 2   the repository keeps what was deleted: its objects are "unknown", never "present". An event 5861 or the server itself can say more.
 * Source   ways back in, 6.5.
 */
#include "detect/files_command.h"

#include "formats/wmi.h"

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->family == FAM_WMI;
}

/* Names alone could be borrowed: class and text have to fit, too. Empty text: any. Source: ways back in, 6.5; a Windows Server 2008 and later. */
static bool is_benign(const struct wmi_item *b, const struct wmi_item *it)
{
    static const struct { const char *consumer, *cls, *text; } known[] = {
        { "SCM Event Log Consumer", "NTEventLogEventConsumer", "" }, { "BVTConsumer", "CommandLineEventConsumer", "KernCap.vbs" },
        { "TSLogonEvents", "", "" }, { "TSLogonFilter", "", "" }, { "RAevent", "", "" }, { "RmAssistEventFilter", "", "" }, { "WSCEAA", "", "" },
    };
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_ieq(b->name, str_c(known[i].consumer)) && (!*known[i].cls || str_ieq(b->consumer, str_c(known[i].cls))) &&
            (!*known[i].text || (it && str_ihas(it->text, str_c(known[i].text)))))
            return it == NULL || *known[i].text;
    return false;
}

/* A script that fetches something and runs or writes it, or that starts programs through another interpreter. */
static const char *script_says(struct str s)
{
    bool fetches = str_ihas(s, STR("xmlhttp")) || str_ihas(s, STR("winhttprequest")) || str_ihas(s, STR("http://")) || str_ihas(s, STR("https://"));
    bool runs    = str_ihas(s, STR(".run")) || str_ihas(s, STR(".exec")) || str_ihas(s, STR("execute")) || str_ihas(s, STR("shellexecute")) || str_ihas(s, STR("win32_process"));
    bool writes  = str_ihas(s, STR("adodb.stream")) || str_ihas(s, STR("savetofile"));

    return fetches && (runs || writes) ? "It fetches something from the network and runs or stores it." : runs && str_ihas(s, STR("powershell")) && str_ihas(s, STR(" -e"))
         ? "It starts PowerShell with an encoded command." : NULL;
}

static bool tell(struct files_context *c, struct files_node *n, const struct wmi *w, const struct wmi_item *b, struct err *e)
{
    const struct wmi_item *it = str_ieq(b->consumer, STR("CommandLineEventConsumer")) ? wmi_find(w, WMI_COMMAND, b->name)
                              : str_ieq(b->consumer, STR("ActiveScriptEventConsumer")) ? wmi_find(w, WMI_SCRIPT, b->name) : NULL;
    const struct wmi_item *filter = wmi_find(w, WMI_FILTER, b->text);
    struct arena           scratch = n->scratch;
    struct command         cmd = { 0 };
    bool                   accuse, runs = str_ieq(b->consumer, STR("CommandLineEventConsumer")) || str_ieq(b->consumer, STR("ActiveScriptEventConsumer"));
    const char            *script = NULL;

    if (!runs || is_benign(b, it))
        return true;
    if (it && !command_judge(&cmd, &scratch, str_sub(it->text, 0, COMMAND_TEXT_MAX), COMMAND_STORED, c->ev->system_drive, e))
        return false;
    if (it && it->kind == WMI_SCRIPT)
        script = script_says(it->text);
    accuse = cmd.verdict == COMMAND_ACCUSE || script;
    struct file_fact *f = !files_may_tell(c, TOLD_WMI) ? NULL : files_fact_at(c, n->node, accuse ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, "files/wmi", accuse ? SEV_HIGH : cmd.verdict == COMMAND_LOOK || (it && it->kind == WMI_SCRIPT) ? SEV_MEDIUM : SEV_LOW,
                                   accuse ? 0.9 : 0.4);
    if (!f)
        return true;
    struct str why = it && it->kind == WMI_COMMAND ? command_why(&scratch, &cmd) : STR_EMPTY;
    f->what  = STR("wmi_subscription");
    f->name  = str_dup(c->keep, b->name);
    f->path  = it && it->kind == WMI_COMMAND && cmd.image.p ? str_dup(c->keep, cmd.target.n ? cmd.target : cmd.image) : STR("");
    f->url   = STR_EMPTY;
    f->hash_hex   = STR_EMPTY;
    f->bytes      = 0;
    f->created_us = TIME_NONE;
    f->state      = f->earlier ? f->state : THING_UNKNOWN;
    f->reachable  = REACH_UNKNOWN;
    f->title = accuse ? STR("WMI subscription that runs hostile commands") : STR("WMI subscription of an unknown kind");
    f->why   = files_text(c, "%.*s%s%s%sThe consumer %.*s is bound to the filter %.*s%s%.*s. The repository keeps deleted objects, too: this one may be deleted.", STR_ARG(why),
                          why.n ? " " : "", script ? script : "", script ? " " : it ? "" : "Its consumer was not found. ", STR_ARG(str_sub(b->name, 0, 80)), STR_ARG(str_sub(b->text, 0, 80)),
                          filter ? ": " : "", STR_ARG(filter ? str_sub(filter->text, 0, 160) : STR("")));
    f->cite.offset  = it ? it->off : b->off;
    f->cite.excerpt = it && it->kind == WMI_COMMAND ? files_quote(c, str_trim(it->text)) : files_text(c, "%.*s \"%.*s\"", STR_ARG(b->consumer), STR_ARG(str_sub(b->name, 0, 100)));
    files_attack(f, "T1546.003");
    for (size_t i = 0; i < cmd.attack_n && i < 2; i++)
        files_attack(f, cmd.attack[i]);
    return true;
}

static bool scan(void *ctx, struct str window, uint64_t off, bool last, struct arena scratch, struct err *e) { return wmi_scan(ctx, window, off, last, scratch, e); }

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    enum { ROOM = 24 << 20 };
    struct wmi   w;
    uint8_t     *own = TAKE(&n->scratch, uint8_t, ROOM);
    struct arena keep = { own, own + (own ? ROOM : 0), n->scratch.fault };

    if (!own)
        return err_set(e, ERR_MEMORY, "no room for the subscriptions of a WMI repository");
    wmi_open(&w, &keep);
    if (!files_windows(c, n, WMI_OVERLAP, scan, &w, e) || !wmi_settle(&w, e))
        return false;
    if (w.more && !files_damage(c, FAM_WMI, n->node, "more objects than are kept: the rest was not looked at", w.n, e))
        return false;
    for (size_t i = 0; i < w.n; i++)
        if (w.item[i].kind == WMI_BINDING && !tell(c, n, &w, &w.item[i], e))
            return false;
    return true;
}

const struct files_detector files_wmi = {
    .name = "wmi", .about = "WMI subscriptions: commands and scripts that run on an event", .wants = wants, .look = look,
};
