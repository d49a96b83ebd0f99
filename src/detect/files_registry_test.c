#include "files_bench.h"

#include "make_hive.h"

#define US INT64_C(1614738000000000)          /* 2021-03-03T02:20:00Z */
#define CONFIG "Windows/System32/config/"
#define NOW "ControlSet001\\"
#define NT "Microsoft\\Windows NT\\CurrentVersion\\"
#define CV "Microsoft\\Windows\\CurrentVersion\\"
#define TREE NT "Schedule\\TaskCache\\Tree\\"

enum hive_of { SYS, SOFT, USER, HIVES };
static const char *const paths[HIVES] = { CONFIG "SYSTEM", CONFIG "SOFTWARE", "Users/a/NTUSER.DAT" };

static void put(struct mh *m, const char *key, const char *name, const char *value)
{
    char   plain[512];
    size_t n = 0;

    if (value[0] == '#') {
        mh_number(mh_key(m, key, US), name, (uint32_t)strtoul(value + 1, NULL, 10));
        return;
    }
    for (; *value && n < sizeof plain - 1; value++)
        if (*value != '@')
            plain[n++] = *value;
    plain[n] = 0;
    mh_text(mh_key(m, key, US), name, strchr(plain, '\n') ? MH_MULTI : MH_SZ, plain);
}

/* What makes each hive the one that it is. */
static struct mh *plain_hive(enum hive_of h)
{
    struct mh *m = mh_open("ROOT", US);

    if (h == SYS)
        put(m, "Select", "Current", "#1"), put(m, NOW "Control\\ComputerName\\ComputerName", "ComputerName", "mail01");
    else if (h == SOFT)
        put(m, "Microsoft\\Windows NT\\CurrentVersion", "ProductName", "Windows Server 2019 Standard"), put(m, NT "ProfileList\\S-1-5-21-1", "ProfileImagePath", "C:\\Users\\a");
    else
        put(m, "Software\\Microsoft", "x", "y");
    return m;
}

static void add(struct bench *b, const char *path, struct mh *m)
{
    size_t   n;
    uint8_t *p = mh_write(m, "hive", US, &n);

    bench_add(b, path, (struct str){ p, n });
    free(p);
    mh_free(m);
}

struct row { enum hive_of hive; const char *key, *value, *data; int kind; const char *what, *words; };

static void rows_put(struct bench *b, const struct row *row, size_t n)
{
    struct mh *m[HIVES];

    for (int i = 0; i < HIVES; i++)
        m[i] = plain_hive((enum hive_of)i);
    for (size_t i = 0; i < n; i++)
        put(m[row[i].hive], row[i].key, row[i].value, row[i].data);
    for (int i = 0; i < HIVES; i++)
        add(b, paths[i], m[i]);
}

#define STAGED "C:\\Users\\Public\\tea.dll"
static void test_planted(void **state)
{
    static const struct row rows[] = {
        { SOFT, CV "Run", "Run1", STAGED, FILE_FACT_WAY_BACK, "run_key", "Run1" },
        { SOFT, "WOW6432Node\\" CV "RunOnce", "Run2", STAGED, FILE_FACT_WAY_BACK, "run_key", "Run2" },
        { USER, "Software\\" CV "Policies\\Explorer\\Run", "Run3", STAGED, FILE_FACT_WAY_BACK, "run_key", "Run3" },
        { USER, "Software\\" NT "Windows", "Load", STAGED, FILE_FACT_WAY_BACK, "startup_item", "Load" },
        { USER, "Environment", "UserInitMprLogonScript", "C:\\PerfLogs\\a.cmd", FILE_FACT_WAY_BACK, "logon_script", "UserInit" },
        { SOFT, NT "Winlogon", "Shell", "explorer.exe, C:\\PerfLogs\\shell.exe", FILE_FACT_WAY_BACK, "winlogon", "shell.exe" },
        { SOFT, NT "Winlogon", "Taskman", "C:\\Tools\\other.exe", FILE_FACT_NOTE, "winlogon", "Taskman" },
        { SOFT, NT "Winlogon\\Notify\\leaf", "DllName", "C:\\PerfLogs\\leaf.dll", FILE_FACT_WAY_BACK, "winlogon", "leaf" },
        { SOFT, NT "Windows", "AppInit_DLLs", "C:\\PerfLogs\\init.dll", FILE_FACT_WAY_BACK, "appinit", "init.dll" },
        { SOFT, NT "Image File Execution Options\\utilman.exe", "Debugger", "C:\\Windows\\explorer.exe", FILE_FACT_WAY_BACK, "accessibility", "utilman.exe" },
        { SOFT, NT "Image File Execution Options\\notepad.exe", "Debugger", "C:\\PerfLogs\\n.exe", FILE_FACT_WAY_BACK, "ifeo", "notepad.exe" },
        { SOFT, NT "Image File Execution Options\\outlook.exe", "Debugger", "C:\\Tools\\trace.exe", FILE_FACT_NOTE, "ifeo", "outlook.exe" },
        { SOFT, NT "SilentProcessExit\\calc.exe", "MonitorProcess", STAGED, FILE_FACT_WAY_BACK, "ifeo", "calc.exe" },
        { SOFT, NT "SilentProcessExit\\armed.exe", "MonitorProcess", STAGED, FILE_FACT_WAY_BACK, "ifeo", "armed.exe" },
        { SYS, NOW "Control\\Session Manager\\KnownDLLs", "tea32", "C:\\PerfLogs\\tea32.dll", FILE_FACT_WAY_BACK, "appcert", "tea32" },
        { SOFT, "Microsoft\\NetSh", "pot", "C:\\PerfLogs\\pot.dll", FILE_FACT_WAY_BACK, "netsh_helper", "pot" },
        { SOFT, "Classes\\exefile\\shell\\open\\command", "", "C:\\PerfLogs\\e.exe \"%1\" %*", FILE_FACT_WAY_BACK, "startup_item", "e.exe" },
        { SYS, NOW "Control\\Session Manager", "BootExecute", "autocheck autochk *\nC:\\PerfLogs\\boot.exe\n", FILE_FACT_WAY_BACK, "boot_execute", "boot.exe" },
        { SYS, NOW "Control\\Session Manager\\AppCertDlls", "Cert", "C:\\PerfLogs\\cert.dll", FILE_FACT_WAY_BACK, "appcert", "Cert" },
        { SYS, NOW "Control\\Lsa", "Security Packages", "kerberos\nteassp\n", FILE_FACT_NOTE, "lsa_package", "teassp" },
        { SYS, NOW "Control\\Lsa", "Authentication Packages", "msv1_0\nC:\\PerfLogs\\auth.dll\n", FILE_FACT_WAY_BACK, "lsa_package", "auth.dll" },
        { SYS, NOW "Services\\np\\NetworkProvider", "ProviderPath", "C:\\PerfLogs\\np.dll", FILE_FACT_WAY_BACK, "network_provider", "NetworkProvider" },
        { SYS, NOW "Services\\DNS\\Parameters", "ServerLevelPluginDll", "\\\\198.51.100.7\\s\\dns.dll", FILE_FACT_NOTE, "service", "dns.dll" },
        { SYS, NOW "Services\\PortProxy\\v4tov4\\tcp", "*/4443", "127.0.0.1/3389", FILE_FACT_WAY_BACK, "portproxy", "*/4443" },
        { SYS, NOW "Services\\PortProxy\\v4tov4\\tcp", "*/2222", "10.0.0.9/3389", FILE_FACT_NOTE, "portproxy", "*/2222" },
        { SOFT, NT "Image File Execution Options\\osk.exe", "Debugger", "systray.exe", FILE_FACT_NOTE, "ifeo", "osk.exe" },
        { SYS, NOW "Services\\xsvc", "ImagePath", "%COMSPEC% /Q /c echo dir ^> \\\\127.0.0.1\\C$\\__output 2^>^&1", FILE_FACT_WAY_BACK, "service", "xsvc" },
        { SYS, NOW "Services\\ysvc\\Parameters", "ServiceDll", "C:\\PerfLogs\\y.dll", FILE_FACT_WAY_BACK, "service", "ysvc" },
        { SYS, NOW "Services\\zsvc", "FailureCommand", "C:\\PerfLogs\\fail.exe", FILE_FACT_WAY_BACK, "service", "zsvc" },
        { SYS, NOW "Services\\PSEXESVC", "ImagePath", "%SystemRoot%\\PSEXESVC.exe", FILE_FACT_NOTE, "service", "PSEXESVC" },
        { SYS, NOW "Control\\Session Manager\\Environment", "COR_PROFILER_PATH", "C:\\PerfLogs\\p.dll", FILE_FACT_WAY_BACK, "profiler", "COR_PROFILER_PATH" },
        { SYS, NOW "Control\\SecurityProviders\\WDigest", "UseLogonCredential", "#1", FILE_FACT_NOTE, "setting", "UseLogonCredential" },
        { SYS, NOW "Control\\Terminal Server\\WinStations\\RDP-Tcp", "PortNumber", "#53", FILE_FACT_NOTE, "setting", "PortNumber" },
        { SOFT, CV "Policies\\System", "LocalAccountTokenFilterPolicy", "#1", FILE_FACT_NOTE, "setting", "LocalAccountTokenFilterPolicy" },
        { SOFT, "Microsoft\\Windows Defender\\Exclusions\\Extensions", "aspx", "#0", FILE_FACT_NOTE, "setting", "aspx" },
        { SOFT, CV "WINEVT\\Channels\\Microsoft-Windows-PowerShell/Operational", "Enabled", "#0", FILE_FACT_NOTE, "setting", "PowerShell/Operational" },
        { SOFT, NT "SilentProcessExit\\lsass.exe", "ReportingMode", "#2", FILE_FACT_SECRET, "dump_setting", "lsass.exe" },
        { SYS, NOW "Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules", "{1}", "v2.26|Action=Allow|Active=TRUE|Dir=In|Protocol=6|App=C:\\Users\\Public\\fw.exe|Name=Update|", FILE_FACT_WAY_BACK, "firewall_rule", "Update" },
        { SYS, NOW "Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules", "{2}", "v2.26|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389|Name=rd|", FILE_FACT_NOTE, "firewall_rule", "LPort=3389" },
        { USER, "Software\\SimonTatham\\PuTTY\\SshHostKeys", "rsa2@22:gate.example.org", "1", FILE_FACT_NOTE, "trace", "gate.example.org" },
        { USER, "Software\\WinRAR\\ArcHistory", "0", "C:\\inetpub\\wwwroot\\aspnet_client\\m.rar", FILE_FACT_NOTE, "trace", "m.rar" },
        { USER, "Software\\Sysinternals\\ProcDump", "EulaAccepted", "#1", FILE_FACT_NOTE, "trace", "ProcDump" },
    };
    struct bench *b = *state;

    static struct row more[sizeof rows / sizeof *rows + 1];
    memcpy(more, rows, sizeof rows);
    more[sizeof rows / sizeof *rows] = (struct row){ SOFT, NT "Image File Execution Options\\armed.exe", "GlobalFlag", "#512", 0, NULL, NULL };
    rows_put(b, more, sizeof more / sizeof *more);
    bench_hunt(b);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct file_fact *f = bench_find(b, (enum file_fact_kind)rows[i].kind, "registry/", rows[i].words);
        CHECK_WHY(f && str_eq(f->what, str_c(rows[i].what)), rows[i].words);
        CHECK_WHY(f->time_us == US && f->title.n && f->why.n && f->created_us == TIME_NONE && f->cite.offset >= 4096 && (rows[i].kind == FILE_FACT_NOTE || f->confidence >= 0.8), rows[i].words);
    }
    CHECK(str_has(bench_find(b, FILE_FACT_WAY_BACK, "registry/", "calc.exe")->why, STR("is not set")) && bench_find(b, FILE_FACT_WAY_BACK, "registry/", "calc.exe")->reachable == REACH_NO);
    CHECK(!str_has(bench_find(b, FILE_FACT_WAY_BACK, "registry/", "armed.exe")->why, STR("is not set")));
    const struct server *s = &b->found.server;
    CHECK_STR(s->name, STR("MAIL01"));
    CHECK_STR(s->os, STR("Windows Server 2019 Standard"));
    const struct seen *c = &b->found.seen[FAM_REGISTRY];
    CHECK(c->files == 3 && c->roots_missing && str_has(c->missing, STR("the hive SAM")) && !str_has(c->missing, STR("NTUSER")));
}

static void test_honest(void **state)
{
    static const struct row rows[] = {
        { SOFT, CV "Run", "Tray", "\"C:\\Program Files\\Vendor\\tray.exe\" /s", 0, NULL, "Tray" },
        { SOFT, NT "Winlogon", "Shell", "explorer.exe", 0, NULL, "Winlogon" },
        { SOFT, NT "Winlogon", "Userinit", "C:\\Windows\\system32\\userinit.exe,", 0, NULL, "Winlogon" },
        { SOFT, NT "Windows", "AppInit_DLLs", "", 0, NULL, "AppInit" },
        { SOFT, NT "Image File Execution Options\\x.exe", "Debugger", "\"C:\\Windows\\system32\\vsjitdebugger.exe\"", 0, NULL, "x.exe" },
        { SOFT, "Microsoft\\NetSh", "4", "rasmontr.dll", 0, NULL, "NetSh" },
        { SOFT, "Classes\\exefile\\shell\\open\\command", "", "\"%1\" %*", 0, NULL, "exefile" },
        { SYS, NOW "Control\\Session Manager", "BootExecute", "autocheck autochk *\n", 0, NULL, "BootExecute" },
        { SYS, NOW "Control\\Lsa", "Security Packages", "\"\"\n", 0, NULL, "Security Packages" },
        { SYS, NOW "Control\\Session Manager\\KnownDLLs", "kernel32", "kernel32.dll", 0, NULL, "KnownDLLs" },
        { SYS, NOW "Control\\Session Manager\\KnownDLLs", "DllDirectory", "%SystemRoot%\\system32", 0, NULL, "KnownDLLs" },
        { SYS, NOW "Control\\Lsa", "Notification Packages", "rassfm\nscecli\n", 0, NULL, "Notification" },
        { SYS, NOW "Control\\SecurityProviders", "SecurityProviders", "credssp.dll", 0, NULL, "SecurityProviders" },
        { SYS, NOW "Services\\TermService\\Parameters", "ServiceDll", "%SystemRoot%\\System32\\termsrv.dll", 0, NULL, "TermService" },
        { SYS, NOW "Services\\W3SVC", "Environment", "COR_ENABLE_PROFILING=1\nCOR_PROFILER={1}\nCOR_PROFILER_PATH=C:\\Program Files\\Dynatrace\\agent.dll\n", 0, NULL, "COR_" },
        { SYS, NOW "Services\\MSiSCSI", "FailureCommand", "customScript.cmd", 0, NULL, "MSiSCSI" },
        { SOFT, "Microsoft\\Windows Defender\\Exclusions\\Processes", "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Bin\\EdgeTransport.exe", "#0", 0, NULL, "EdgeTransport" },
        { SYS, NOW "Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules", "RemoteDesktop-UserMode-In-TCP", "v2.26|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389|App=%SystemRoot%\\system32\\svchost.exe|Svc=termservice|Name=@FirewallAPI.dll,-28775|", 0, NULL, "RemoteDesktop" },
        { SYS, NOW "Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules", "{3}", "v2.26|Action=Allow|Active=TRUE|Dir=In|Protocol=6|App=C:\\Program Files\\Vendor\\agent.exe|Name=Agent|", 0, NULL, "Agent" },
        { SYS, NOW "Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules", "{4}", "v2.26|Action=Block|Active=TRUE|Dir=Out|Protocol=6|App=C:\\Users\\Public\\game.exe|Name=Blocked|", 0, NULL, "Blocked" },
        { SYS, NOW "Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules", "{5}", "v2.26|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389|RA4=10.0.0.0/255.0.0.0|Name=Admins|", 0, NULL, "Admins" },
        { USER, "Software\\" CV "Run", "OneDrive", "\"C:\\Users\\a\\AppData\\Local\\Microsoft\\OneDrive\\OneDrive.exe\" /background", 0, NULL, "OneDrive" },
    };
    struct bench *b = *state;

    rows_put(b, rows, sizeof rows / sizeof *rows);
    bench_hunt(b);
    CHECK(bench_accused(b) == 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_WHY(!bench_find(b, FILE_FACT_NOTE, "registry/", rows[i].words), rows[i].words);
}

static void task(struct mh *m, const char *name, const char *id, const char *line, bool sd, int index)
{
    char    key[200];
    uint8_t actions[300] = { 3, 0, 0, 0, 0, 0, 0x66, 0x66 };
    size_t  n = strlen(line);

    snprintf(key, sizeof key, TREE "%s", name);
    put(m, key, "Id", id);
    mh_number(mh_key(m, key, US), "Index", (uint32_t)index);
    if (sd)
        mh_value(mh_key(m, key, US), "SD", MH_BINARY, "\1\2\3\4\5", 5);
    snprintf(key, sizeof key, NT "Schedule\\TaskCache\\Tasks\\%s", id);
    mh_u32(actions + 12, 2 * (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        actions[16 + 2 * i] = (uint8_t)line[i];
    mh_value(mh_key(m, key, US), "Actions", MH_BINARY, actions, 16 + 2 * n + 10);
}

/* Two actions: a component, then a program of Windows. */
static void component_task(struct mh *m, const char *name, const char *id, uint8_t class)
{
    char    key[200];
    uint8_t actions[100] = { 3, 0, 0, 0, 0, 0, 0x77, 0x77, 0, 0, 0, 0, class, 0, 0, 0, 0, 0, 0, 0x40, 0x80 };
    size_t  at = 12 + 16 + 4;

    snprintf(key, sizeof key, TREE "%s", name);
    put(m, key, "Id", id);
    mh_value(mh_key(m, key, US), "SD", MH_BINARY, "\1\2\3\4\5", 5);
    snprintf(key, sizeof key, NT "Schedule\\TaskCache\\Tasks\\%s", id);
    actions[at] = actions[at + 1] = 0x66;
    mh_u32(actions + at + 6, 10);
    memcpy(actions + at + 10, "a\0.\0e\0x\0e\0", 10);
    mh_value(mh_key(m, key, US), "Actions", MH_BINARY, actions, at + 20 + 10);
}

static void test_tasks(void **state)
{
    struct bench *b = *state;
    struct mh    *m = plain_hive(SOFT);

    component_task(m, "Component", "{7}", 7);
    put(m, "Classes\\CLSID\\{00000007-0000-4000-8000-000000000000}\\InprocServer32", "", "C:\\PerfLogs\\com.dll");
    component_task(m, "OfWindows", "{8}", 8);
    put(m, "Classes\\CLSID\\{00000008-0000-4000-8000-000000000000}\\InprocServer32", "", "%SystemRoot%\\System32\\pots.dll");
    component_task(m, "OfNobody", "{9}", 9);
    bench_text(b, "Windows/System32/Tasks/OfWindows", "<Task/>");
    bench_text(b, "Windows/System32/Tasks/OfNobody", "<Task/>");

    task(m, "Hidden", "{1}", "C:\\Windows\\System32\\a.exe", false, 3);
    task(m, "Microsoft\\Windows\\Index", "{2}", "C:\\Windows\\System32\\a.exe", true, 0);
    task(m, "Bad", "{3}", "C:\\PerfLogs\\a.exe", true, 3);
    task(m, "Good", "{4}", "C:\\Windows\\System32\\a.exe", true, 3);
    task(m, "NoFile", "{5}", "C:\\Windows\\System32\\a.exe", true, 3);
    put(m, NT "Schedule\\TaskCache\\Tasks\\{6}", "Path", "\\Orphan");
    add(b, CONFIG "SOFTWARE", m);
    bench_text(b, "Windows/System32/Tasks/Good", "<Task/>");
    bench_text(b, "Windows/System32/Tasks/Dead", "<Task/>");
    bench_hunt(b);
    const struct file_fact *f = bench_find(b, FILE_FACT_WAY_BACK, "registry/task", "Hidden");
    CHECK(f && str_eq(f->name, STR("Hidden")) && str_eq(f->what, STR("scheduled_task")));
    CHECK(bench_find(b, FILE_FACT_NOTE, "registry/task", "Index") && bench_find(b, FILE_FACT_WAY_BACK, "registry/task", "Bad") && bench_find(b, FILE_FACT_NOTE, "registry/task", "NoFile"));
    const struct file_fact *com = bench_find(b, FILE_FACT_WAY_BACK, "registry/task", "Component");
    CHECK(com && str_has(com->path, STR("com.dll")) && !bench_find(b, FILE_FACT_NOTE, "registry/task", "OfWindows") && !bench_find(b, FILE_FACT_WAY_BACK, "registry/task", "OfWindows") && !bench_find(b, FILE_FACT_WAY_BACK, "registry/task", "OfNobody"));
    CHECK(bench_find(b, FILE_FACT_NOTE, "registry/task", "Orphan") && bench_find(b, FILE_FACT_NOTE, "registry/task-dead", "Dead"));
    CHECK(!bench_find(b, FILE_FACT_NOTE, "registry/task", "Good") && !bench_find(b, FILE_FACT_WAY_BACK, "registry/task", "Good"));
}

static void user(struct mh *m, const char *name, uint32_t rid, uint32_t own, uint32_t flags, int64_t us)
{
    char    key[100];
    uint8_t f[80] = { 0 }, v[0xCC + 64] = { 0 };

    snprintf(key, sizeof key, "SAM\\Domains\\Account\\Users\\%08X", rid);
    mh_u32(f + 0x30, own);
    mh_u16(f + 0x38, flags);
    mh_u32(v + 16, 2 * (uint32_t)strlen(name));
    for (size_t i = 0; name[i]; i++)
        v[0xCC + 2 * i] = (uint8_t)name[i];
    mh_value(mh_key(m, key, us), "F", MH_BINARY, f, sizeof f);
    mh_value(mh_key(m, key, us), "V", MH_BINARY, v, sizeof v);
    snprintf(key, sizeof key, "SAM\\Domains\\Account\\Users\\Names\\%s", name);
    mh_value(mh_key(m, key, us), "", rid, "", 0);
}

static void test_accounts(void **state)
{
    enum { YEAR_US = 31536000 };
    struct bench *b = *state;
    struct mh    *m = mh_open("ROOT", US), *soft = plain_hive(SOFT);
    uint8_t       v[12] = { 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0 }, c[0x34 + 5 * 28 + 16] = { 0 };
    static const uint32_t admin[] = { 500, 501, 1001, 1002, 1003 };

    mh_value(mh_key(m, "SAM\\Domains\\Account", US), "V", MH_BINARY, v, sizeof v);
    mh_u32(c + 0x30, 6);
    for (size_t i = 0; i < 5; i++) {
        uint8_t *p = c + 0x34 + 28 * i;
        p[0] = 1, p[1] = 5, p[7] = 5, p[8] = 21;
        memcpy(p + 12, v, 12);
        mh_u32(p + 24, admin[i]);
    }
    memcpy(c + 0x34 + 140, "\1\1\0\0\0\0\0\5\x14\0\0\0", 12);          /* NETWORK SERVICE */
    mh_value(mh_key(m, "SAM\\Domains\\Builtin\\Aliases\\00000220", US), "C", MH_BINARY, c, 0x34 + 152);
    user(m, "Administrator", 500, 500, 0, US);
    user(m, "Guest", 501, 501, 0, US);
    user(m, "DefaultAccount", 503, 503, 1, US);
    user(m, "young", 1001, 1001, 0, US);
    user(m, "old", 1002, 1002, 0, US - YEAR_US * INT64_C(1000000));
    user(m, "plain", 1003, 1003, 0, US);
    user(m, "other", 1004, 500, 1, US);
    user(m, "pc$", 1005, 1005, 0, US);
    user(m, "user", 1006, 1006, 0, US);
    add(b, CONFIG "SAM", m);
    put(soft, NT "Winlogon\\SpecialAccounts\\UserList", "young", "#0");
    put(soft, NT "Winlogon\\SpecialAccounts\\UserList", "old", "#0");
    put(soft, "Microsoft\\Updates\\Exchange 2019\\SP1\\KB5000871", "InstalledDate", "3/4/2021");
    add(b, CONFIG "SOFTWARE", soft);
    bench_hunt(b);
    static const struct { const char *name; enum file_fact_kind kind; } want[] = {
        { "Guest", FILE_FACT_WAY_BACK }, { "young", FILE_FACT_WAY_BACK }, { "old", FILE_FACT_NOTE }, { "plain", FILE_FACT_NOTE }, { "other", FILE_FACT_WAY_BACK }, { "pc$", FILE_FACT_WAY_BACK }, { "S-1-5-20", FILE_FACT_NOTE },
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        CHECK_WHY(bench_find(b, want[i].kind, "registry/account", want[i].name), want[i].name);
    CHECK(bench_find(b, FILE_FACT_WAY_BACK, "registry/account-hidden", "young")->created_us == US);
    CHECK(bench_accused(b) == 4 && !bench_find(b, FILE_FACT_NOTE, "registry/account", "Users\\000003EE") && !bench_find(b, FILE_FACT_NOTE, "registry/account", "DefaultAccount"));
    CHECK(bench_find(b, FILE_FACT_NOTE, "registry/update", "KB5000871"));
}

/* A tool by its hash, and one that only a place speaks against. */
static void test_ran(void **state)
{
    struct bench     *b = *state;
    struct mh        *m = mh_open("ROOT", US);
    const struct ioc *x = NULL;
    char              id[80];
    uint8_t           shim[0x34 + 12 + 160] = { 0x34 };
    static const char path[] = "C:\\PerfLogs\\ran.exe";

    for (size_t i = 0; i < b->pack.ioc_n && !x; i++)
        x = b->pack.ioc[i].kind == IOC_SHA1 ? &b->pack.ioc[i] : NULL;
    if (x) {
        snprintf(id, sizeof id, "0000%.*s", (int)x->value.n, (const char *)x->value.p);
        put(m, "Root\\InventoryApplicationFile\\t|1", "FileId", id);
        put(m, "Root\\InventoryApplicationFile\\t|1", "LowerCaseLongPath", "c:\\windows\\temp\\t.exe");
    }
    put(m, "Root\\InventoryApplicationFile\\p|1", "LowerCaseLongPath", "c:\\perflogs\\p.exe");
    put(m, "Root\\InventoryApplicationFile\\q|1", "LowerCaseLongPath", "c:\\program files\\q.exe");
    add(b, "Windows/AppCompat/Programs/Amcache.hve", m);
    m = plain_hive(SYS);
    memcpy(shim + 0x34, "10ts", 4);
    mh_u32(shim + 0x34 + 8, 2 + 2 * (sizeof path - 1) + 8 + 4);
    mh_u16(shim + 0x34 + 12, 2 * (sizeof path - 1));
    for (size_t i = 0; i < sizeof path - 1; i++)
        shim[0x34 + 14 + 2 * i] = (uint8_t)path[i];
    mh_u64(shim + 0x34 + 14 + 2 * (sizeof path - 1), mh_ticks(US - 7000000));
    mh_value(mh_key(m, NOW "Control\\Session Manager\\AppCompatCache", US), "AppCompatCache", MH_BINARY, shim, sizeof shim);
    mh_value(mh_key(m, NOW "Control\\Session Manager\\AppCompatCache", US), "Pad", MH_BINARY, shim, sizeof shim);
    uint8_t run[24] = { 0 };
    mh_u64(run, mh_ticks(US - 9000000));
    struct mh_key *bam = mh_key(m, NOW "Services\\bam\\State\\UserSettings\\S-1-5-18", US);
    mh_value(bam, "\\Device\\HarddiskVolume4\\Users\\Public\\moderated.exe", MH_BINARY, run, sizeof run);
    mh_value(bam, "\\Device\\HarddiskVolume4\\Windows\\System32\\plain.exe", MH_BINARY, run, sizeof run);
    mh_value(bam, "\\Device\\HarddiskVolume4\\Users\\Public\\cut.exe", MH_BINARY, run, 7);
    mh_value(bam, "Microsoft.Something_8wekyb3d8bbwe", MH_BINARY, run, sizeof run);
    add(b, CONFIG "SYSTEM", m);
    m = plain_hive(USER);
    uint8_t count[72] = { 0 };
    mh_u64(count + 60, mh_ticks(US - 11000000));
    struct mh_key *assist = mh_key(m, "Software\\" CV "Explorer\\UserAssist\\{CEBFF5CD-ACE2-4F4F-9178-9926F41749EA}\\Count", US);
    mh_value(assist, "P:\\CresYbtf\\znqrolunaq.rkr", MH_BINARY, count, sizeof count);          /* C:\PerfLogs\madebyhand.exe */
    mh_value(assist, "{1NP14R77-02R7-4R5Q-O744-2RO1NR5198O7}\\pzq.rkr", MH_BINARY, count, sizeof count);
    mh_value(assist, "HRZR_PGYFRFFVBA", MH_BINARY, count, sizeof count);
    put(m, "Software\\Microsoft\\Terminal Server Client\\Servers\\dc01.bakery.example", "UsernameHint", "BAKERY\\admin");
    add(b, paths[USER], m);
    bench_hunt(b);
    CHECK(!x || bench_find(b, FILE_FACT_TOOL, "registry/tool", "t.exe") || bench_find(b, FILE_FACT_NOTE, "registry/ran", "t.exe"));
    CHECK(bench_find(b, FILE_FACT_NOTE, "registry/ran", "p.exe") && !bench_find(b, FILE_FACT_NOTE, "registry/ran", "q.exe"));
    const struct file_fact *f = bench_find(b, FILE_FACT_NOTE, "registry/ran", "ran.exe");
    CHECK(f && f->time_us == US - 7000000);
    f = bench_find(b, FILE_FACT_NOTE, "registry/ran", "moderated.exe");
    CHECK(f && f->used_us == US - 9000000 && str_has(f->why, STR("it ran, for S-1-5-18")));
    f = bench_find(b, FILE_FACT_NOTE, "registry/ran", "madebyhand.exe");
    CHECK(f && f->used_us == US - 11000000 && str_has(f->why, STR("HKU\\a")));
    CHECK(bench_find(b, FILE_FACT_NOTE, "registry/trace", "dc01.bakery.example") && !bench_find(b, FILE_FACT_NOTE, "registry/ran", "pzq") && !bench_find(b, FILE_FACT_NOTE, "registry/ran", "cmd.exe"));
    CHECK(!bench_find(b, FILE_FACT_NOTE, "registry/ran", "plain.exe") && !bench_find(b, FILE_FACT_NOTE, "registry/ran", "cut.exe"));
}

/* Deleted keys: what they ran counts as gone; what lives under the same path says nothing; honest software that went is no news. */
static void test_deleted(void **state)
{
    struct bench  *b = *state;
    struct mh     *m = plain_hive(SYS), *sam = mh_open("ROOT", US);
    struct mh_key *gone[4], *user[2];
    size_t         n;

    gone[0] = mh_key(m, NOW "Services\\GoneTea", US), put(m, NOW "Services\\GoneTea", "ImagePath", "C:\\Users\\Public\\tea.exe");
    gone[1] = mh_key(m, NOW "Services\\GoneVendor", US), put(m, NOW "Services\\GoneVendor", "ImagePath", "\"C:\\Program Files\\Vendor\\v.exe\"");
    gone[2] = mh_key(m, NOW "Services\\Moved", US), put(m, NOW "Services\\Moved", "ImagePath", "C:\\PerfLogs\\old.exe");
    gone[3] = mh_key(m, NOW "Services\\Lib\\Parameters", US), put(m, NOW "Services\\Lib\\Parameters", "ServiceDll", "C:\\PerfLogs\\lib.dll");
    put(m, NOW "Services\\Stays", "ImagePath", "C:\\Windows\\System32\\stays.exe");
    uint8_t *p = mh_write(m, "SYSTEM", US, &n);
    for (int i = 0; i < 4; i++)
        mh_delete(p, gone[i]);
    /* "Moved" lives elsewhere: the bytes of "Stays" take its name. */
    struct mh_key *stays = mh_key(m, NOW "Services\\Stays", US);
    memcpy(p + 4096 + stays->at + 4 + 76, "Moved", 5);
    bench_add(b, CONFIG "SYSTEM", (struct str){ p, n });
    free(p), mh_free(m);

    mh_key(sam, "SAM\\Domains\\Account", US);
    user[0] = mh_key(sam, "SAM\\Domains\\Account\\Users\\Names\\teaboy$", US), user[1] = mh_key(sam, "SAM\\Domains\\Account\\Users\\Names\\trainee", US);
    p = mh_write(sam, "SAM", US, &n);
    mh_delete(p, user[0]), mh_delete(p, user[1]);
    bench_add(b, CONFIG "SAM", (struct str){ p, n });
    free(p), mh_free(sam);

    m = plain_hive(SOFT);
    task(m, "Wash", "{1}", "C:\\PerfLogs\\wash.exe", true, 3), task(m, "Dry", "{2}", "C:\\Windows\\System32\\dry.exe", true, 3);
    put(m, NT "Schedule\\TaskCache\\Tasks\\{1}", "Path", "\\Wash");
    p = mh_write(m, "SOFTWARE", US, &n);
    mh_delete(p, mh_key(m, NT "Schedule\\TaskCache\\Tasks\\{1}", US)), mh_delete(p, mh_key(m, NT "Schedule\\TaskCache\\Tasks\\{2}", US));
    mh_delete(p, mh_key(m, TREE "Wash", US)), mh_delete(p, mh_key(m, TREE "Dry", US));
    bench_add(b, CONFIG "SOFTWARE", (struct str){ p, n });
    free(p), mh_free(m);

    bench_hunt(b);
    static const struct { const char *name, *what; } want[] = { { "GoneTea", "service" }, { "lib.dll", "service" }, { "teaboy$", "account" }, { "Wash", "scheduled_task" } };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const struct file_fact *f = bench_find(b, FILE_FACT_WAY_BACK, "registry/deleted", want[i].name);
        CHECK_WHY(f && f->state == THING_REMOVED && f->reachable == REACH_NO && str_eq(f->what, str_c(want[i].what)) && f->created_us == TIME_NONE && f->removed_us == TIME_NONE, want[i].name);
    }
    CHECK(bench_accused(b) == 4 && bench_find(b, FILE_FACT_NOTE, "registry/deleted", "trainee"));
}

/* A hive larger than what the detectors get at once, and one that was not closed. */
static void test_large_and_stale(void **state)
{
    struct bench *b = *state;
    struct mh    *m = plain_hive(SOFT);
    size_t        n;
    uint8_t      *big = calloc(1, 9 << 20);

    mh_value(mh_key(m, "Aaa", US), "Big", MH_BINARY, big, 9 << 20);
    put(m, CV "Run", "Late", STAGED);
    add(b, CONFIG "SOFTWARE", m);
    free(big);
    m = plain_hive(SYS);
    uint8_t *p = mh_write(m, "SYSTEM", US, &n);
    mh_dirty(p, 5, 4);
    bench_add(b, CONFIG "SYSTEM", (struct str){ p, n });
    free(p);
    mh_free(m);
    bench_text(b, CONFIG "SAM", "no hive at all");
    bench_hunt(b);
    CHECK(bench_find(b, FILE_FACT_WAY_BACK, "registry/autostart", "Late"));
    CHECK(bench_find(b, FILE_FACT_NOTE, "registry/stale", "SYSTEM"));
    const struct seen *c = &b->found.seen[FAM_REGISTRY];
    CHECK(c->files == 2 && c->damage_n == 2 && c->roots_missing && str_has(c->missing, STR("without its last changes")) && str_has(c->missing, STR("NTUSER.DAT")));
}

/* Bytes changed at random: whatever comes out, nothing breaks and the hunt ends. */
static void test_hostile(void **state)
{
    static const struct row rows[] = {
        { SOFT, CV "Run", "A", STAGED, 0, NULL, NULL }, { SOFT, TREE "x", "Id", "{1}", 0, NULL, NULL }, { SYS, NOW "Services\\a", "ImagePath", STAGED, 0, NULL, NULL },
        { SYS, NOW "Services\\a\\Parameters", "ServiceDll", STAGED, 0, NULL, NULL }, { SYS, NOW "Control\\Session Manager\\AppCompatCache", "AppCompatCache", "10ts10ts", 0, NULL, NULL },
        { USER, "SAM\\Domains\\Account\\Users\\000001F4", "V", "0123456789012345678901234567890123456789012345678901234567890123456789", 0, NULL, NULL },
        { USER, "SAM\\Domains\\Account\\Users\\000001F4", "F", "0123456789012345678901234567890123456789", 0, NULL, NULL },
        { USER, "SAM\\Domains\\Builtin\\Aliases\\00000220", "C", "0123456789012345678901234567890123456789", 0, NULL, NULL },
    };
    struct bench *b = *state;
    uint64_t      x = 88172645463325252u;

    for (int h = 0; h < HIVES; h++) {
        struct mh *m = plain_hive((enum hive_of)h);
        size_t     n;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            if ((int)rows[i].hive == h)
                put(m, rows[i].key, rows[i].value, rows[i].data);
        uint8_t *p = mh_write(m, "hive", US, &n), *q = malloc(n);
        for (int round = 0; round < 40; round++) {
            char path[64];
            memcpy(q, p, n);
            for (int k = 0; k < 12; k++) {
                x ^= x << 13, x ^= x >> 7, x ^= x << 17;
                q[4096 + (x >> 8) % (n - 4096)] = k & 1 ? (uint8_t)x : (uint8_t)(x % 3 == 0 ? 0xff : x % 3 == 1 ? 0 : 0x80);
            }
            snprintf(path, sizeof path, "Users/u%d-%d/NTUSER.DAT", h, round);
            bench_add(b, path, (struct str){ q, round % 10 == 9 ? n - 700 : n });
        }
        free(p), free(q);
        mh_free(m);
    }
    bench_hunt(b);
    CHECK(b->found.seen[FAM_REGISTRY].files == 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = { BENCH_TEST(test_planted), BENCH_TEST(test_honest), BENCH_TEST(test_tasks), BENCH_TEST(test_accounts), BENCH_TEST(test_ran), BENCH_TEST(test_deleted), BENCH_TEST(test_large_and_stale), BENCH_TEST(test_hostile) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
