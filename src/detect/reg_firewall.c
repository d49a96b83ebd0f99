/*
 * firewall: rules that let something in, or out, for a program from a place where nobody keeps programs.
 *
 * Rule 1   a rule that is on and allows such a program accuses: products install themselves elsewhere, and administrators open ports.
 * Rule 2   a port of remote access that a rule without program or service opens to everybody is a note: administrators do that, and so do intruders before they forward it.
 *          Windows' own rules have names that are resources ("@FirewallAPI.dll,-28775").
 * Source   ways back in, 6.3 and 8; MS-FASP 2.2.37 for the text of a rule; ATT&CK T1562.004.
 */
#include "detect/reg.h"

#include "detect/command.h"

enum { NOTES_MAX = 20 };

struct rule { struct str action, active, dir, app, service, port, remote, name; };

static struct rule parse(struct str text)
{
    struct rule r = { 0 };
    struct str  field, key;

    while (str_cut(&text, '|', &field)) {
        if (!str_cut(&field, '=', &key))
            continue;
        struct str *to = str_ieq(key, STR("Action")) ? &r.action : str_ieq(key, STR("Active")) ? &r.active : str_ieq(key, STR("Dir")) ? &r.dir : str_ieq(key, STR("App")) ? &r.app
                       : str_ieq(key, STR("Svc")) ? &r.service : str_ieq(key, STR("LPort")) ? &r.port : str_istarts(key, STR("RA4")) || str_istarts(key, STR("RA6")) ? &r.remote
                       : str_ieq(key, STR("Name")) ? &r.name : NULL;
        if (to)
            *to = field;
    }
    return r;
}

static bool remote_access(struct str port)
{
    static const char *const known[] = { "22", "445", "3389", "5900", "5985", "5986" };

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_eq(port, str_c(known[i])))
            return true;
    return false;
}

static void one(struct reg *r, struct arena a, const struct hive_key *k, struct str path, const struct hive_value *v, uint32_t *notes)
{
    struct str     data;
    struct command cmd = { 0 };
    struct err     mine = { 0 };

    if (!hive_data(r->h, &a, v, &data))
        return;
    struct str  text = hive_text(&a, v->type, data);
    struct rule x = parse(text);
    if (!str_ieq(x.action, STR("Allow")) || !str_ieq(x.active, STR("TRUE")) || str_starts(x.name, STR("@")))
        return;
    bool judged = x.app.n && command_judge(&cmd, &a, x.app, COMMAND_STORED, r->c->ev->system_drive, &mine), sure = judged && cmd.verdict == COMMAND_ACCUSE;
    bool open = !x.app.n && !x.service.n && !x.remote.n && str_ieq(x.dir, STR("In")) && remote_access(x.port);
    if (!sure && (!open || *notes >= NOTES_MAX))
        return;
    *notes += !sure;
    const char       *value = str_cstr(&a, str_sub(v->name, 0, 200));
    struct file_fact *f = value ? reg_fact(r, sure ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, sure ? "registry/firewall" : "registry/firewall-odd", sure ? SEV_HIGH : SEV_LOW, sure ? 0.8 : 0.3, k, path, value, text) : NULL;
    if (!f)
        return;
    f->what  = STR("firewall_rule");
    f->name  = files_quote(r->c, x.name.n ? x.name : v->name);
    f->title = sure ? STR("The firewall lets a program through that lies where nobody keeps programs") : STR("The firewall opens a port of remote access to everybody");
    f->why   = sure ? STR("") : STR("No program, service or address limits the rule. Administrators open ports in this way: ask who did.");
    if (judged)
        reg_judged(r, f, &cmd);
    files_attack(f, "T1562.004");
}

bool reg_firewall(struct reg *r)
{
    static const struct { enum reg_kind kind; const char *key; } where[] = {
        { REG_SYSTEM, "@\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules" }, { REG_SOFTWARE, "Policies\\Microsoft\\WindowsFirewall\\FirewallRules" },
    };
    uint32_t notes = 0;

    for (size_t i = 0; i < COUNT_OF(where) && !r->failed; i++) {
        struct arena       a = r->a;
        struct hive_key    k;
        struct hive_value *v;
        size_t             n;
        if (where[i].kind != r->kind || !reg_key(r, &a, str_c(where[i].key), &k) || !hive_values(r->h, &a, &k, &v, &n))
            continue;
        for (size_t j = 0; j < n && r->h->why.kind == ERR_NONE; j++)
            one(r, a, &k, str_c(where[i].key), &v[j], &notes);
    }
    return !r->failed;
}
