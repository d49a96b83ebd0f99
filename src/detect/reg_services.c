/*
 * services: what Windows runs without anybody logged on, and variables that put libraries into it.
 *
 * Rule 1   program, library and command after a failure are judged by detect/command.
 * Rule 2   the service of remote desktops has one library. Another one is a way back: it lets several people in, or without a password.
 * Rule 3   a profiler is loaded into every .NET program. The agents that watch applications are known; one from a hostile place is a way back.
 * Source   ways back in, 2.2, 6.2 and 8; ATT&CK T1543.003, T1574.012, T1505.005.
 */
#include "detect/reg.h"

#include "detect/command.h"

enum { KERNEL = 1, FILE_SYSTEM = 2 };

static bool judge(struct reg *r, struct arena *a, struct str text, struct command *ret)
{
    struct err mine = { 0 };

    if (text.n == 0 || !command_judge(ret, a, text, COMMAND_STORED, r->c->ev->system_drive, &mine)) {
        *ret = (struct command){ 0 };
        return false;
    }
    return true;
}

static struct file_fact *tell(struct reg *r, bool sure, const struct command *cmd, const struct hive_key *k, struct str path, struct str name, const char *value, struct str text, const char *title, const char *why)
{
    struct file_fact *f = reg_fact(r, sure ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, sure ? "registry/service" : "registry/service-odd", sure ? SEV_HIGH : SEV_LOW, sure ? 0.85 : 0.35, k, path, value, text);

    if (!f)
        return NULL;
    f->what  = STR("service");
    f->name  = files_quote(r->c, name);
    f->title = str_c(title);
    f->why   = str_c(why);
    reg_judged(r, f, cmd);
    files_attack(f, "T1543.003");
    return f;
}

/* Tools of administrators and of intruders alike, by the service that they make. Source: ways back in, 6.2. */
static const char *remote_service(struct str name)
{
    static const char *const known[] = { "PSEXESVC", "RemComSvc", "csexecsvc", "PAExec", "winexesvc", "BTOBTO" };

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_istarts(name, str_c(known[i])))
            return known[i];
    return NULL;
}

static bool known_agent(struct str text)
{
    static const char *const part[] = { "new relic", "newrelic", "dynatrace", "appdynamics", "microsoft monitoring agent", "applicationinsights", "application insights", "instana", "datadog",
                                        "elastic", "solarwinds", "contrast", "stackify", "riverbed", "steelcentral", "intellitrace", "microsoft visual studio", "scom", "avicode", "opentelemetry", "splunk" };
    for (size_t i = 0; i < COUNT_OF(part); i++)
        if (str_ihas(text, str_c(part[i])))
            return true;
    return false;
}

static bool hooking(struct str name)
{
    static const char *const variable[] = { "COR_PROFILER", "COR_PROFILER_PATH", "COR_PROFILER_PATH_32", "COR_PROFILER_PATH_64", "CORECLR_PROFILER", "CORECLR_PROFILER_PATH", "CORECLR_PROFILER_PATH_64",
                                            "APPDOMAIN_MANAGER_ASM", "DOTNET_STARTUP_HOOKS", "COMPLUS_ProfAPI_ProfilerCompatibilitySetting" };
    for (size_t i = 0; i < COUNT_OF(variable); i++)
        if (str_ieq(name, str_c(variable[i])))
            return true;
    return false;
}

static void variable(struct reg *r, struct arena a, const struct hive_key *k, struct str path, struct str name, struct str text, bool agent)
{
    struct command cmd;
    const char    *cname = str_cstr(&a, str_sub(name, 0, 100));

    if (!hooking(name) || !cname || text.n == 0)
        return;
    (void)judge(r, &a, text, &cmd);
    bool is_path = str_chr(text, '\\') != STR_NONE, sure = is_path && cmd.verdict == COMMAND_ACCUSE;
    if (!sure && (agent || known_agent(text) || !is_path))
        return;
    struct file_fact *f = reg_fact(r, sure ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, sure ? "registry/profiler" : "registry/profiler-odd", sure ? SEV_HIGH : SEV_MEDIUM, sure ? 0.85 : 0.4, k, path, cname, text);
    if (!f)
        return;
    f->what  = STR("profiler");
    f->name  = files_quote(r->c, name);
    f->title = STR("A library is loaded into every .NET program of the service");
    f->why   = sure ? STR("") : STR("Agents that watch applications do this; this one is none that is known.");
    reg_judged(r, f, &cmd);
    files_attack(f, "T1574.012");
}

/* Lines "NAME=text", or the values of a key. */
static void environment(struct reg *r, struct arena a, const struct hive_key *k, struct str path, struct str lines)
{
    bool       agent = known_agent(lines);
    struct str one;

    while (lines.n && str_cut(&lines, '\n', &one)) {
        size_t eq = str_chr(one, '=');
        if (eq != STR_NONE)
            variable(r, a, k, path, str_sub(one, 0, eq), str_from(one, eq + 1), agent);
    }
}

static bool system_environment(struct reg *r)
{
    struct arena       a = r->a;
    struct hive_key    k;
    struct hive_value *v;
    size_t             n;
    struct str         path = STR("@\\Control\\Session Manager\\Environment"), all = STR("");

    if (!reg_key(r, &a, path, &k) || !hive_values(r->h, &a, &k, &v, &n))
        return !r->failed;
    for (size_t i = 0; i < n && i < 400; i++) {
        struct str data;
        if (!hooking(v[i].name) || !hive_data(r->h, &a, &v[i], &data))
            continue;
        struct str text = hive_text(&a, v[i].type, data);
        all = str_cat(&a, all, str_cat(&a, str_cat(&a, v[i].name, STR("=")), str_cat(&a, text, STR("\n"))));
    }
    environment(r, a, &k, path, all);
    return !r->failed;
}

static void library(struct reg *r, struct arena a, const struct hive_key *k, struct str path, struct str name, struct str dll)
{
    struct command cmd;
    struct str     file = winpath_name(str_trim(dll));

    if (!judge(r, &a, dll, &cmd))
        return;
    if (str_ieq(name, STR("TermService")) && !str_ieq(file, STR("termsrv.dll"))) {
        struct file_fact *f = tell(r, true, &cmd, k, path, name, "ServiceDll", dll, "The service of remote desktops runs another library", "Windows has one library for it: termsrv.dll.");
        if (f)
            files_attack(f, "T1505.005");
        return;
    }
    if (cmd.verdict != COMMAND_ORDINARY)
        (void)tell(r, cmd.verdict == COMMAND_ACCUSE, &cmd, k, path, name, "ServiceDll", dll, "A service runs a library from an unusual place", "");
}

static bool one(struct reg *r, void *ctx, struct arena a, const struct hive_key *k, struct str path)
{
    struct hive_key parameters;
    struct command  cmd;
    uint64_t        type = 0, start = 3;
    struct str      name = k->name, image = reg_text(r, &a, k, "ImagePath"), failure = reg_text(r, &a, k, "FailureCommand"), dll = STR_EMPTY;

    (void)ctx;
    (void)reg_number(r, a, k, "Type", &type);
    (void)reg_number(r, a, k, "Start", &start);
    if (hive_find(r->h, &a, k, STR("Parameters"), &parameters)) {
        dll = reg_text(r, &a, &parameters, "ServiceDll");
        if (dll.n) {
            struct arena scratch = a;
            struct str   below = str_cat(&scratch, path, STR("\\Parameters"));
            library(r, scratch, &parameters, below, name, dll);
        }
    }
    if (!dll.n && (dll = reg_text(r, &a, k, "ServiceDll")).n)
        library(r, a, k, path, name, dll);
    bool judged = judge(r, &a, image, &cmd);
    if (image.n && !(type & (KERNEL | FILE_SYSTEM)))
        files_there(r->c, "service", str_dup(r->c->keep, str_sub(name, 0, 256)), judged ? str_dup(r->c->keep, reg_runs(&cmd)) : STR_EMPTY);
    if (judged && cmd.verdict != COMMAND_ORDINARY) {
        bool         sure = cmd.verdict == COMMAND_ACCUSE;
        struct file_fact *f = tell(r, sure, &cmd, k, path, name, "ImagePath", image, sure ? "A service that nobody honest makes" : "A service that runs something unusual", start == 4 ? "It is disabled." : "");
        if (f && start == 4 && sure)
            f->reachable = REACH_NO;
    } else if (remote_service(name)) {
        struct file_fact *f = tell(r, false, &cmd, k, path, name, "ImagePath", image, "A service that remote commands leave", "Tools that run commands from afar install it; administrators use them, too. It is seldom left behind.");
        if (f)
            files_attack(f, "T1569.002");
    }
    if (failure.n && judge(r, &a, failure, &cmd) && cmd.verdict != COMMAND_ORDINARY) {
        bool sure = cmd.verdict == COMMAND_ACCUSE;
        (void)tell(r, sure, &cmd, k, path, name, "FailureCommand", failure, "A command that runs when a service fails", sure ? "" : "Few products use it.");
    }
    struct str lines = reg_text(r, &a, k, "Environment");
    if (lines.n)
        environment(r, a, k, path, lines);
    return true;
}

bool reg_services(struct reg *r)
{
    if (r->kind != REG_SYSTEM)
        return !r->failed;
    return reg_each(r, r->a, STR("@\\Services"), one, NULL) && system_environment(r);
}
