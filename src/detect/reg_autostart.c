/*
 * autostart: keys that make Windows start programs or load modules, as one table.
 *
 * Rule 1   what is started is judged by detect/command: what it accuses of is a way back, what is only unusual is a note.
 * Rule 2   lists that Windows ships short (packages of the logon process, providers of passwords, helpers) name what they hold; an unknown item is a note,
 *          for products add theirs, and accuses only by its place.
 * Rule 3   the programs of the logon screen's helpers have no debugger on an honest machine.
 * Source   ways back in, 5 and 6.3; MITRE ATT&CK T1547 and T1546 and their parts; Microsoft Learn, "Configuring Additional LSA Protection",
 *          "Winlogon and Credential Providers"; Sysinternals Autoruns' list of places.
 */
#include "detect/reg.h"

#include "detect/command.h"
#include "detect/place.h"

enum how {
    HOW_COMMAND,      /* a command line */
    HOW_QUIET,        /* the same, where unusual places are usual: only what accuses is told */
    HOW_ANY,          /* a command line that honest machines seldom have: what is not in `benign` is a note at least */
    HOW_MODULES,      /* one or more libraries; what is not in `benign` is a note */
    HOW_SHELL,        /* programs parted by commas or lines, the first of them known */
    HOW_DEBUGGER,     /* of the program whose name the key has */
    HOW_PROXY,        /* a port forwarded */
};

struct row {
    unsigned    hives;             /* REG_ bits. A REG_USER key stands below Software\ when the row is of REG_SOFTWARE, too */
    bool        wow;               /* also below WOW6432Node */
    const char *key;               /* '*' for every child, '@' for the current control set */
    const char *value;             /* "*": all of them */
    enum how    how;
    const char *what, *attack, *title, *benign;   /* benign: names without folder and extension, or beginnings of the whole, parted by '|' */
};

#define RUN "Microsoft\\Windows\\CurrentVersion\\"
#define NT  "Microsoft\\Windows NT\\CurrentVersion\\"
#define SESSION "@\\Control\\Session Manager"
#define T_RUN "A program that starts with every logon"
#define BOTH (REG_SOFTWARE | REG_USER)

static const struct row rows[] = {
    { BOTH, true, RUN "Run", "*", HOW_COMMAND, "run_key", "T1547.001", T_RUN, "" },
    { BOTH, true, RUN "RunOnce", "*", HOW_COMMAND, "run_key", "T1547.001", T_RUN, "" },
    { BOTH, true, RUN "RunOnceEx\\*", "*", HOW_COMMAND, "run_key", "T1547.001", T_RUN, "" },
    { BOTH, false, RUN "RunServices", "*", HOW_COMMAND, "run_key", "T1547.001", T_RUN, "" },
    { BOTH, false, RUN "RunServicesOnce", "*", HOW_COMMAND, "run_key", "T1547.001", T_RUN, "" },
    { BOTH, false, RUN "Policies\\Explorer\\Run", "*", HOW_COMMAND, "run_key", "T1547.001", T_RUN, "" },
    { BOTH, false, RUN "Group Policy\\Scripts\\Startup\\*\\*", "Script", HOW_COMMAND, "logon_script", "T1037", "A script that policy runs", "" },
    { BOTH, false, RUN "Group Policy\\Scripts\\Logon\\*\\*", "Script", HOW_COMMAND, "logon_script", "T1037", "A script that policy runs", "" },
    { REG_SOFTWARE, true, "Microsoft\\Active Setup\\Installed Components\\*", "StubPath", HOW_COMMAND, "active_setup", "T1547.014", "A program that runs once for every user", "" },
    { BOTH, false, "Microsoft\\Command Processor", "AutoRun", HOW_ANY, "startup_item", "T1547", "A command that every command prompt runs", "doskey|chcp|title|prompt|@chcp" },
    { BOTH, false, NT "Winlogon", "Shell", HOW_SHELL, "winlogon", "T1547.004", "A program beside the desktop at logon", "explorer|cmd.exe /c \"cd /d|powershell.exe|sconfig|%windir%\\explorer" },
    { BOTH, false, NT "Winlogon", "Userinit", HOW_SHELL, "winlogon", "T1547.004", "A program that runs at logon before the desktop", "userinit" },
    { BOTH, false, NT "Winlogon", "Taskman", HOW_ANY, "winlogon", "T1547.004", "A program in the place of the task manager", "taskmgr" },
    { BOTH, false, NT "Winlogon", "AppSetup", HOW_ANY, "winlogon", "T1547.004", "A program that runs at logon to remote desktops", "usrlogon" },
    { REG_SOFTWARE, false, NT "Winlogon", "VmApplet", HOW_SHELL, "winlogon", "T1547.004", "A program that Winlogon starts", "systempropertiesperformance|rundll32|sysdm.cpl" },
    { REG_SOFTWARE, false, NT "Winlogon\\Notify\\*", "DllName", HOW_MODULES, "winlogon", "T1547.004", "A library in the logon process", "crypt32|cryptnet|cscdll|dimsntfy|wlnotify|sclgntfy|wgalogon" },
    { REG_SOFTWARE, false, NT "Winlogon\\GPExtensions\\*", "DllName", HOW_QUIET, "winlogon", "T1547", "A library that applies policy", "" },
    { REG_USER, false, NT "Windows", "Load", HOW_ANY, "startup_item", "T1547.001", T_RUN, "" },
    { REG_USER, false, NT "Windows", "Run", HOW_ANY, "startup_item", "T1547.001", T_RUN, "" },
    { REG_SOFTWARE, true, NT "Windows", "AppInit_DLLs", HOW_MODULES, "appinit", "T1546.010", "A library in every program with windows", "" },
    { REG_SOFTWARE, true, NT "Image File Execution Options\\*", "Debugger", HOW_DEBUGGER, "ifeo", "T1546.012", "A program that starts in the place of another", "" },
    { REG_SOFTWARE, true, NT "Image File Execution Options\\*", "VerifierDlls", HOW_MODULES, "ifeo", "T1546.012", "A library that Windows loads into a program to test it",
      "vrfcore|verifier|vfbasics|vfcompat|vfluapriv|vfprint|vfnet|vfntlmless|vfnws|vfcuzz|vfrdvcompat|vfdynf" },
    { REG_SOFTWARE, true, NT "SilentProcessExit\\*", "MonitorProcess", HOW_ANY, "ifeo", "T1546.012", "A program that starts when another ends", "werfault" },
    { REG_SOFTWARE, false, NT "AeDebug", "Debugger", HOW_COMMAND, "ifeo", "T1546", "A program that starts when another crashes", "" },
    { REG_SOFTWARE, false, "Microsoft\\Windows\\Windows Error Reporting\\Hangs", "Debugger", HOW_ANY, "ifeo", "T1546", "A program that starts when another hangs", "vsjitdebugger" },
    { REG_SOFTWARE, true, "Microsoft\\NetSh", "*", HOW_MODULES, "netsh_helper", "T1546.007", "A library that netsh loads",
      "ifmon|rasmontr|authfwcfg|dhcpcmonitor|dhcpmon|dot3cfg|fwcfg|hnetmon|nettrace|netiohlp|nshhttp|nshipsec|nshwfp|p2pnetsh|peerdistsh|rpcnsh|wcnnetsh|whhelper|wlancfg|"
      "wshelper|wwancfg|napmontr|netprofm|nfsnsh|iasmontr|rasmxs|winsmon|hnetcfg|wcmcfg|mprmontr|nsnetsh|ippromon|netsh|nwifi|wlanmm|mbnapi|wwanmm" },
    { REG_SOFTWARE, false, "Microsoft\\Wbem\\CIMOM", "Autorecover MOFs", HOW_QUIET, "wmi_subscription", "T1546.003", "A WMI definition from an unusual place", "" },
    { REG_SOFTWARE, false, "Classes\\exefile\\shell\\open\\command", "", HOW_ANY, "startup_item", "T1546.001", "A program that starts with every program", "\"%1\" %*" },
    { REG_CLASSES, false, "CLSID\\*\\InprocServer32", "", HOW_QUIET, "com_hijack", "T1546.015", "A component of a user that replaces one of the machine", "" },
    { REG_CLASSES, false, "CLSID\\*\\LocalServer32", "", HOW_QUIET, "com_hijack", "T1546.015", "A component of a user that replaces one of the machine", "" },
    { REG_USER, false, "Software\\Classes\\CLSID\\*\\InprocServer32", "", HOW_QUIET, "com_hijack", "T1546.015", "A component of a user that replaces one of the machine", "" },
    { REG_USER, false, "Environment", "UserInitMprLogonScript", HOW_ANY, "logon_script", "T1037.001", "A script that runs at logon", "" },
    { REG_USER, false, "Control Panel\\Desktop", "SCRNSAVE.EXE", HOW_QUIET, "startup_item", "T1546.002", "A screen saver from an unusual place", "" },
    { REG_SYSTEM, false, SESSION, "BootExecute", HOW_SHELL, "boot_execute", "T1547", "A program that runs before Windows itself", "autocheck|pgdfgsvc|sdnclean" },
    { REG_SYSTEM, false, SESSION, "SetupExecute", HOW_SHELL, "boot_execute", "T1547", "A program that runs before Windows itself", "" },
    { REG_SYSTEM, false, SESSION "\\KnownDLLs", "*", HOW_QUIET, "appcert", "T1574.001", "A library of Windows is taken from another place", "" },
    { REG_SYSTEM, false, SESSION "\\AppCertDlls", "*", HOW_MODULES, "appcert", "T1546.009", "A library in every program that starts others", "" },
    { REG_SYSTEM, false, "@\\Control\\Lsa", "Authentication Packages", HOW_MODULES, "lsa_package", "T1547.002", "A library in the logon process", "msv1_0|sshdpinauthlsa|cloudap" },
    { REG_SYSTEM, false, "@\\Control\\Lsa", "Security Packages", HOW_MODULES, "lsa_package", "T1547.005", "A library in the logon process",
      "kerberos|msv1_0|schannel|wdigest|tspkg|pku2u|livessp|cloudap|negoexts|\"\"" },
    { REG_SYSTEM, false, "@\\Control\\Lsa\\OSConfig", "Security Packages", HOW_MODULES, "lsa_package", "T1547.005", "A library in the logon process",
      "kerberos|msv1_0|schannel|wdigest|tspkg|pku2u|livessp|cloudap|negoexts|\"\"" },
    { REG_SYSTEM, false, "@\\Control\\Lsa", "Notification Packages", HOW_MODULES, "lsa_package", "T1556.002", "A library that is told every new password", "scecli|rassfm|wlnotify|kdcsvc|dpapisrv" },
    { REG_SYSTEM, false, "@\\Control\\SecurityProviders", "SecurityProviders", HOW_MODULES, "lsa_package", "T1547.005", "A library in the logon process",
      "credssp|msapsspc|schannel|digest|msnsspc|pwdssp" },
    { REG_SYSTEM, false, "@\\Services\\*\\NetworkProvider", "ProviderPath", HOW_MODULES, "network_provider", "T1556.008", "A library that is told passwords at logon",
      "ntlanman|drprov|davclnt|p9np|vmhgfs|rdpnp|nfsnp|nfsrc|cscdll|csc|vboxmrxnp|prnetp|pnsson" },
    { REG_SYSTEM, false, "@\\Control\\Print\\Monitors\\*", "Driver", HOW_QUIET, "print_monitor", "T1547.010", "A library in the print service", "" },
    { REG_SYSTEM, false, "@\\Control\\Print\\Environments\\*\\Print Processors\\*", "Driver", HOW_QUIET, "print_monitor", "T1547.012", "A library in the print service", "" },
    { REG_SYSTEM, false, "@\\Services\\W32Time\\TimeProviders\\*", "DllName", HOW_MODULES, "time_provider", "T1547.003", "A library in the time service", "w32time|vmictimeprovider" },
    { REG_SYSTEM, false, "@\\Services\\DNS\\Parameters", "ServerLevelPluginDll", HOW_MODULES, "service", "T1543.003", "A library in the DNS service", "" },
    { REG_SYSTEM, false, "@\\Services\\NTDS", "DirectoryServiceExtPt", HOW_MODULES, "lsa_package", "T1547.008", "A library in the logon process", "" },
    { REG_SYSTEM, false, "@\\Services\\NTDS", "LsaDbExtPt", HOW_MODULES, "lsa_package", "T1547.008", "A library in the logon process", "" },
    { REG_SYSTEM, false, "@\\Control\\MPRServices\\*", "DLLName", HOW_MODULES, "startup_item", "T1547", "A library in the network service", "" },
    { REG_SYSTEM, false, "@\\Control\\BootVerificationProgram", "ImagePath", HOW_ANY, "startup_item", "T1547", "A program that starts with Windows", "" },
    { REG_SYSTEM, false, "@\\Control\\SafeBoot", "AlternateShell", HOW_SHELL, "startup_item", "T1547", "A program that starts in safe mode", "cmd" },
    { REG_SYSTEM, false, "@\\Control\\Terminal Server\\Wds\\rdpwd", "StartupPrograms", HOW_SHELL, "startup_item", "T1547", "A program that starts in remote sessions", "rdpclip" },
    { REG_SYSTEM, false, "@\\Control\\Terminal Server\\WinStations\\RDP-Tcp", "InitialProgram", HOW_ANY, "startup_item", "T1547", "A program that starts in remote sessions", "" },
    { REG_SYSTEM, false, "@\\Services\\PortProxy\\v4tov4\\tcp", "*", HOW_PROXY, "portproxy", "T1090.001", "A port that is forwarded", "" },
    { REG_SYSTEM, false, "@\\Services\\PortProxy\\v4tov6\\tcp", "*", HOW_PROXY, "portproxy", "T1090.001", "A port that is forwarded", "" },
    { REG_SYSTEM, false, "@\\Services\\PortProxy\\v6tov4\\tcp", "*", HOW_PROXY, "portproxy", "T1090.001", "A port that is forwarded", "" },
};

/* Started from the logon screen by whoever stands before it. */
static bool at_logon_screen(struct str name)
{
    static const char *const program[] = { "sethc.exe", "utilman.exe", "osk.exe", "narrator.exe", "magnify.exe", "displayswitch.exe", "atbroker.exe" };

    for (size_t i = 0; i < COUNT_OF(program); i++)
        if (str_ieq(name, str_c(program[i])))
            return true;
    return false;
}

/* Debuggers and tools that put themselves in the place of others by design. */
static bool known_debugger(struct str image)
{
    static const char *const name[] = { "vsjitdebugger.exe", "ntsd.exe", "cdb.exe", "windbg.exe", "drwtsn32.exe", "dwwin.exe", "procexp.exe", "procexp64.exe", "taskmgr.exe", "notepad++.exe",
                                        "gflags.exe", "devenv.exe", "rundll32.exe", "systray.exe", "msvsmon.exe" };
    for (size_t i = 0; i < COUNT_OF(name); i++)
        if (str_ieq(winpath_name(image), str_c(name[i])))
            return true;
    return false;
}

static bool in_list(const char *list, struct str text)
{
    struct str rest = str_c(list), one, name = winpath_name(text), ext = winpath_ext(name);
    struct str stem = str_sub(name, 0, name.n - (str_ieq(ext, STR(".dll")) || str_ieq(ext, STR(".exe")) || str_ieq(ext, STR(".cmd")) ? ext.n : 0));

    while (rest.n && str_cut(&rest, '|', &one))
        if (str_ieq(stem, one) || str_istarts(text, one))
            /* A known name from a strange folder is not the one that is known. */
            return place_of(text) == PLACE_ORDINARY;
    return false;
}

static bool judge(struct reg *r, struct arena *a, struct str text, struct command *ret)
{
    struct err mine = { 0 };

    if (command_judge(ret, a, text, COMMAND_STORED, r->c->ev->system_drive, &mine))
        return true;
    *ret = (struct command){ 0 };
    return false;
}

/* What waits for the end of a program does so only when a flag of that program says so. */
static void silent_flag(struct reg *r, struct arena a, struct file_fact *f, struct str path)
{
    struct str      key = str_cat(&a, STR(NT "Image File Execution Options\\"), winpath_name(path));
    struct hive_key k;
    uint64_t        flag = 0;
    bool            armed = key.p && reg_key(r, &a, key, &k) && reg_number(r, a, &k, "GlobalFlag", &flag) && (flag & 0x200);

    if (!armed) {
        f->reachable = REACH_NO;
        f->why = files_text(r->c, "%.*s%sThe flag that arms it (GlobalFlag 0x200) is not set now.", STR_ARG(str_sub(f->why, 0, 600)), f->why.n ? " " : "");
    }
}

/* `lowest`: what the row makes of something that nothing speaks against. */
static void tell(struct reg *r, const struct row *w, struct arena a, const struct hive_key *k, struct str path, struct str value, struct str text, struct str name, enum command_verdict lowest)
{
    struct command cmd;

    if (!judge(r, &a, text, &cmd))
        return;
    enum command_verdict v = cmd.verdict > lowest ? cmd.verdict : lowest;
    if (w->how == HOW_QUIET && v != COMMAND_ACCUSE && !(r->service && v == COMMAND_LOOK))
        return;
    const char *cvalue = str_cstr(&a, str_sub(value, 0, 200));
    if (v == COMMAND_ORDINARY || !cvalue)
        return;
    bool         sure = v == COMMAND_ACCUSE;
    struct file_fact *f = reg_fact(r, sure ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, sure ? "registry/autostart" : "registry/autostart-odd", sure ? SEV_HIGH : cmd.verdict ? SEV_MEDIUM : SEV_LOW, sure ? 0.85 : 0.4, k, path,
                                   cvalue, text);
    if (!f)
        return;
    f->what  = str_c(w->what);
    f->name  = files_quote(r->c, name);
    f->title = str_c(w->title);
    f->why   = sure || cmd.verdict ? STR("") : STR("It is none of those that Windows brings. Products add their own: compare with a clean server.");
    reg_judged(r, f, &cmd);
    if (str_eq(str_c(w->value), STR("MonitorProcess")))
        silent_flag(r, a, f, path);
    files_attack(f, w->attack);
}

static struct str name_for(const struct row *w, struct str path, struct str value, struct str item)
{
    /* A child's own name says more than that of its only value. */
    if (w->key[str_c(w->key).n - 1] == '*')
        return winpath_name(path);
    if ((w->how == HOW_MODULES || w->how == HOW_SHELL) && !str_eq(str_c(w->value), STR("*")))
        return winpath_name(item);
    return value.n ? value : winpath_name(winpath_dir(path));
}

static void items(struct reg *r, const struct row *w, struct arena a, const struct hive_key *k, struct str path, struct str value, struct str text)
{
    struct str rest = text, item;
    uint8_t    sep = str_chr(text, '\n') != STR_NONE ? '\n' : str_chr(text, ',') != STR_NONE ? ',' : w->how == HOW_MODULES && str_chr(text, '"') == STR_NONE && str_chr(text, '\\') == STR_NONE ? ' ' : '\n';

    for (size_t n = 0; n < 200 && rest.n && str_cut(&rest, sep, &item); n++) {
        struct arena scratch = a;
        item = str_trim(item);
        bool known = item.n == 0 || in_list(w->benign, item);
        if (!known)
            tell(r, w, scratch, k, path, value, item, name_for(w, path, value, item), COMMAND_LOOK);
    }
}

static void debugger(struct reg *r, const struct row *w, struct arena a, const struct hive_key *k, struct str path, struct str value, struct str text)
{
    struct str     program = winpath_name(path);
    struct command cmd;

    if (!judge(r, &a, text, &cmd))
        return;
    if (!at_logon_screen(program)) {
        if (!known_debugger(cmd.image) || cmd.verdict == COMMAND_ACCUSE)
            tell(r, w, a, k, path, value, text, program, COMMAND_LOOK);
        return;
    }
    /* Some administrators switch the helpers off by naming something that shows nothing, or nothing at all. */
    if (cmd.verdict != COMMAND_ACCUSE && (str_ieq(winpath_name(cmd.image), STR("systray.exe")) || winpath_ext(cmd.image).n == 0)) {
        tell(r, w, a, k, path, value, text, program, COMMAND_LOOK);
        return;
    }
    struct file_fact *f = reg_fact(r, FILE_FACT_WAY_BACK, "registry/logon-screen", SEV_CRITICAL, 0.95, k, path, "Debugger", text);
    if (!f)
        return;
    f->what  = STR("accessibility");
    f->name  = files_quote(r->c, program);
    f->title = STR("A helper of the logon screen starts another program");
    f->why   = STR("Whoever sees the logon screen can start it, without a password and as the system.");
    reg_judged(r, f, &cmd);
    files_attack(f, "T1546.008");
}

/* "0.0.0.0/8443" = "127.0.0.1/3389". */
static void proxy(struct reg *r, const struct row *w, const struct hive_key *k, struct str path, struct arena a, struct str value, struct str text)
{
    struct str  to = str_from(text, str_chr(text, '/') == STR_NONE ? text.n : str_chr(text, '/') + 1), from = str_from(value, str_chr(value, '/') == STR_NONE ? value.n : str_chr(value, '/') + 1);
    const char *cvalue = str_cstr(&a, str_sub(value, 0, 200));
    /* Remote desktop, file shares or remote management of this very server behind another port: who wants another port sets it there. */
    bool own    = str_starts(text, STR("127.")) || str_istarts(text, STR("localhost/")) || str_starts(text, STR("::1/"));
    bool hidden = own && !str_eq(from, to) && (str_eq(to, STR("3389")) || str_eq(to, STR("445")) || str_eq(to, STR("5985")));

    if (!cvalue)
        return;
    struct file_fact *f = reg_fact(r, hidden ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, hidden ? "registry/portproxy" : "registry/portproxy-odd", hidden ? SEV_HIGH : SEV_MEDIUM, hidden ? 0.8 : 0.4, k, path, cvalue, text);
    if (!f)
        return;
    f->what  = str_c(w->what);
    f->name  = files_text(r->c, "%.*s to %.*s", STR_ARG(str_sub(value, 0, 80)), STR_ARG(str_sub(files_quote(r->c, text), 0, 80)));
    f->title = hidden ? STR("Remote access is hidden behind another port") : STR("A port is forwarded to another address");
    f->why   = hidden ? STR("Windows passes what arrives at the first port on to the second, which gives control of this server.")
                      : STR("Windows passes what arrives there on. Some administrators do this on purpose: ask who did.");
    files_attack(f, w->attack);
}

static void one_value(struct reg *r, const struct row *w, struct arena a, const struct hive_key *k, struct str path, const struct hive_value *v)
{
    struct str data;

    if (!hive_data(r->h, &a, v, &data))
        return;
    struct str text = hive_text(&a, v->type, data), name = v->name;
    if (text.n == 0)
        return;
    switch (w->how) {
    case HOW_COMMAND: case HOW_QUIET:
        /* The default values of a key that means something else are no programs: "RunOnceEx" has titles there. */
        for (struct str rest = text, item; rest.n && str_cut(&rest, '\n', &item);)
            if (!in_list(w->benign, item))
                tell(r, w, a, k, path, name, item, name_for(w, path, name, item), COMMAND_ORDINARY);
        break;
    case HOW_ANY:
        if (!in_list(w->benign, text))
            tell(r, w, a, k, path, name, text, name_for(w, path, name, text), COMMAND_LOOK);
        break;
    case HOW_MODULES: case HOW_SHELL: items(r, w, a, k, path, name, text); break;
    case HOW_DEBUGGER:                debugger(r, w, a, k, path, name, text); break;
    case HOW_PROXY:                   proxy(r, w, k, path, a, name, text); break;
    }
}

static void at_key(struct reg *r, const struct row *w, struct arena a, const struct hive_key *k, struct str path)
{
    struct hive_value *v;
    size_t             n;

    if (!hive_values(r->h, &a, k, &v, &n))
        return;
    for (size_t i = 0; i < n && r->h->why.kind == ERR_NONE; i++)
        if (str_eq(str_c(w->value), STR("*")) ? v[i].name.n > 0 : str_ieq(v[i].name, str_c(w->value)))
            one_value(r, w, a, k, path, &v[i]);
}

/* `rest` of the row's key below `path`. */
static void descend(struct reg *r, const struct row *w, struct arena a, const struct hive_key *at, struct str path, struct str rest)
{
    struct hive_key k;
    size_t          star = str_chr(rest, '*');
    struct str      fixed = str_sub(rest, 0, star == STR_NONE ? rest.n : star);
    uint32_t       *sub;
    size_t          n;

    while (fixed.n && fixed.p[fixed.n - 1] == '\\')
        fixed.n--;
    if (!hive_find(r->h, &a, at, fixed, &k))
        return;
    struct str here = fixed.n && path.n ? str_cat(&a, str_cat(&a, path, STR("\\")), fixed) : fixed.n ? fixed : path;
    if (star == STR_NONE) {
        at_key(r, w, a, &k, here);
        return;
    }
    struct str after = str_from(rest, star + 1);
    after = after.n && after.p[0] == '\\' ? str_from(after, 1) : after;
    if (!here.p || !hive_subkeys(r->h, &a, &k, &sub, &n))
        return;
    for (size_t i = 0; i < n && i < REG_EACH_MAX && r->h->why.kind == ERR_NONE; i++) {
        struct arena    scratch = a;
        struct hive_key one;
        if (!hive_key_at(r->h, &scratch, sub[i], &one))
            continue;
        struct str below = str_cat(&scratch, str_cat(&scratch, here, STR("\\")), one.name);
        if (!below.p)
            return;
        if (after.n)
            descend(r, w, scratch, &one, below, after);
        else
            at_key(r, w, scratch, &one, below);
    }
}

static void row(struct reg *r, const struct row *w, struct arena a, const char *before)
{
    struct hive_key at = r->root;
    struct str      key = str_c(w->key), path = STR("");

    if (key.p[0] == '@') {
        if (!hive_find(r->h, &a, &r->root, r->control, &at))
            return;
        key  = str_from(key, 2);
        path = STR("@");
    }
    key = str_cat(&a, str_c(before), key);
    if (key.p)
        descend(r, w, a, &at, path, key);
}

/* Memory of a process that ends is written to a folder: with lsass.exe, passwords. */
static bool silent_exit(struct reg *r)
{
    struct arena    a = r->a;
    struct hive_key k;
    uint64_t        mode = 0;
    struct str      path = STR(NT "SilentProcessExit\\lsass.exe");

    if (r->kind != REG_SOFTWARE || !hive_find(r->h, &a, &r->root, path, &k))
        return true;
    struct str folder = reg_text(r, &a, &k, "LocalDumpFolder");
    if (!reg_number(r, a, &k, "ReportingMode", &mode) || !(mode & 2))
        return true;
    struct file_fact *f = reg_fact(r, FILE_FACT_SECRET, "registry/silent-exit", SEV_HIGH, 0.85, &k, path, "LocalDumpFolder", folder);
    if (f) {
        f->what  = STR("dump_setting");
        f->state = THING_UNKNOWN;
        f->path  = folder.n ? winpath_canon(r->c->keep, str_sub(folder, 0, 400), r->c->ev->system_drive) : STR("");
        f->title = STR("Windows is told to write the memory of the logon process to a file");
        f->why   = STR("The passwords of everyone who is logged on stand in it. Nobody can say whether it was written and who has it.");
        files_attack(f, "T1003.001");
    }
    return true;
}

bool reg_autostarts(struct reg *r)
{
    for (size_t i = 0; i < COUNT_OF(rows) && !r->failed && r->h->why.kind == ERR_NONE; i++) {
        const struct row *w = &rows[i];
        if (!(w->hives & (unsigned)r->kind))
            continue;
        bool below = r->kind == REG_USER && (w->hives & REG_SOFTWARE);
        bool user_nt = r->kind == REG_USER && w->hives == REG_USER && str_starts(str_c(w->key), STR("Microsoft\\"));
        row(r, w, r->a, below || user_nt ? "Software\\" : "");
        if (w->wow)
            row(r, w, r->a, below ? "Software\\WOW6432Node\\" : "WOW6432Node\\");
    }
    return silent_exit(r);
}
