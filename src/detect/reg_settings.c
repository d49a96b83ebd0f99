/*
 * settings: defences that were weakened, as one table. All of it are notes: administrators and products do each of these things, too.
 *
 * Source   ways back in, 8; Microsoft Learn: "Microsoft Defender Antivirus exclusions on Exchange servers" (and its change of February 2023),
 *          "Configuring Additional LSA Protection", KB2871997 (WDigest), KB951016 (LocalAccountTokenFilterPolicy).
 */
#include "detect/reg.h"

enum test { IS, LESS, NOT };
static const struct setting {
    unsigned    hives;
    const char *key, *value;
    enum test   test;
    uint64_t    number;
    enum severity severity;
    const char *title, *why, *attack;
} settings[] = {
    { REG_SYSTEM, "@\\Control\\SecurityProviders\\WDigest", "UseLogonCredential", IS, 1, SEV_MEDIUM, "Windows keeps passwords in clear in memory", "Since Windows Server 2012 R2 it does so only when told: whoever reads the memory of the logon process has them.", "T1112" },
    { REG_SYSTEM, "@\\Control\\Lsa", "RunAsPPL", IS, 0, SEV_LOW, "The logon process is not protected", "The protection was switched off by a value of its own, not merely left out.", "T1562.001" },
    { REG_SYSTEM, "@\\Control\\Lsa", "DisableRestrictedAdmin", IS, 0, SEV_MEDIUM, "Remote desktop takes password hashes", "The value allows logons with a hash instead of a password.", "T1112" },
    { REG_SYSTEM, "@\\Control\\Lsa", "LmCompatibilityLevel", LESS, 3, SEV_LOW, "Old and weak forms of logon are allowed", "Levels below 3 send or take LM and NTLM version 1.", "T1112" },
    { REG_SYSTEM, "@\\Control\\Terminal Server\\WinStations\\RDP-Tcp", "UserAuthentication", IS, 0, SEV_LOW, "Remote desktop shows its logon screen to everybody", "Network level authentication is off.", "T1021.001" },
    { REG_SYSTEM, "@\\Control\\Terminal Server\\WinStations\\RDP-Tcp", "PortNumber", NOT, 3389, SEV_MEDIUM, "Remote desktop listens on another port", "Some administrators do this on purpose: ask who did.", "T1021.001" },
    { REG_SYSTEM, "@\\Control\\Terminal Server", "fDenyTSConnections", IS, 0, SEV_INFO, "Remote desktop is on", "Usual on servers; the time is that of the key's last change.", "T1021.001" },
    { REG_SYSTEM, "@\\Services\\EventLog", "Start", IS, 4, SEV_HIGH, "The event log is switched off", "Windows writes no events from its next start on.", "T1562.002" },
    { REG_SYSTEM, "@\\Services\\WinDefend", "Start", IS, 4, SEV_MEDIUM, "The service of Windows Defender is switched off", "Usual beside another antivirus.", "T1562.001" },
    { REG_SYSTEM, "@\\Services\\EventLog\\Security", "MaxSize", LESS, 1048576, SEV_MEDIUM, "The security log is smaller than 1 MiB", "It holds minutes instead of days.", "T1562.002" },
    { REG_SOFTWARE, "Microsoft\\Windows\\CurrentVersion\\Policies\\System", "LocalAccountTokenFilterPolicy", IS, 1, SEV_LOW, "Local accounts have their full rights over the network", "Tools of remote administration ask for it; it makes stolen hashes of local accounts useful.", "T1112" },
    { REG_SOFTWARE, "Microsoft\\Windows\\CurrentVersion\\Policies\\System", "EnableLUA", IS, 0, SEV_LOW, "User account control is off", "Every program of an administrator has full rights.", "T1548.002" },
    { REG_SOFTWARE, "Policies\\Microsoft\\Windows Defender", "DisableAntiSpyware", IS, 1, SEV_MEDIUM, "Windows Defender is switched off by policy", "Usual beside another antivirus: compare with its installation.", "T1562.001" },
    { REG_SOFTWARE, "Microsoft\\Windows Defender", "DisableAntiSpyware", IS, 1, SEV_MEDIUM, "Windows Defender is switched off", "Usual beside another antivirus: compare with its installation.", "T1562.001" },
    { REG_SOFTWARE, "Policies\\Microsoft\\Windows Defender\\Real-Time Protection", "DisableRealtimeMonitoring", IS, 1, SEV_MEDIUM, "Windows Defender does not watch files", "Usual beside another antivirus: compare with its installation.", "T1562.001" },
    { REG_SOFTWARE, "Microsoft\\Windows Defender\\Real-Time Protection", "DisableRealtimeMonitoring", IS, 1, SEV_MEDIUM, "Windows Defender does not watch files", "Usual beside another antivirus: compare with its installation.", "T1562.001" },
    { REG_SOFTWARE, "Policies\\Microsoft\\Windows Defender\\Real-Time Protection", "DisableScriptScanning", IS, 1, SEV_MEDIUM, "Windows Defender does not look at scripts", "", "T1562.001" },
    { REG_SOFTWARE, "Policies\\Microsoft\\Windows\\PowerShell\\ScriptBlockLogging", "EnableScriptBlockLogging", IS, 0, SEV_LOW, "PowerShell does not log what it runs", "The value forbids it, also for suspicious scripts.", "T1562.002" },
    { REG_SOFTWARE, "Microsoft\\Windows Script\\Settings", "AmsiEnable", IS, 0, SEV_MEDIUM, "Scripts are not shown to the antivirus", "", "T1562.001" },
    { REG_USER, "Software\\Microsoft\\Windows Script\\Settings", "AmsiEnable", IS, 0, SEV_MEDIUM, "Scripts of this user are not shown to the antivirus", "", "T1562.001" },
};

static struct file_fact *note(struct reg *r, enum severity s, const struct hive_key *k, struct str path, const char *value, struct str data, const char *title, const char *why, const char *attack)
{
    struct file_fact *f = reg_fact(r, FILE_FACT_NOTE, "registry/setting", s, 0.6, k, path, value, data);

    if (!f)
        return NULL;
    f->what  = STR("setting");
    f->title = str_c(title);
    f->why   = str_c(*why ? why : "Windows does not ship with it.");
    files_attack(f, attack);
    return f;
}

/* ---- exclusions of the antivirus ---- */

/* Microsoft asked for these on Exchange servers; the last four no longer since February 2023. */
static bool asked_for(const struct reg *r, struct str what, bool *ret_old)
{
    static const char *const withdrawn[] = { "temporary asp.net files", "\\inetsrv", "w3wp.exe", "powershell.exe" };
    static const char *const official[] = { "exchange", "\\cluster\\", "\\system32\\config\\", "edgetransport.exe", "fms.exe", "hostcontrollerservice.exe", "noderunner.exe", "parserserver.exe", "scanengine",
                                            "scanningprocess.exe", "msftefd.exe", "updateservice.exe", "dsamain.exe", "cdb.exe", "cidaemon.exe", "clussvc.exe", "inetinfo.exe", "microsoft.search",
                                            "oleconverter.exe", "umservice.exe", "umworkerprocess.exe", "wsbexchange.exe", "iis temporary compressed files", "\\ntds", "\\sysvol", "\\dns\\", "transcodingservice.exe" };
    *ret_old = false;
    for (size_t i = 0; i < COUNT_OF(withdrawn); i++)
        if (str_ihas(what, str_c(withdrawn[i])))
            return *ret_old = true;
    for (size_t i = 0; i < r->c->ev->install_n; i++)
        if (winpath_below(what, r->c->ev->install[i].path))
            return true;
    for (size_t i = 0; i < COUNT_OF(official); i++)
        if (str_ihas(what, str_c(official[i])))
            return true;
    return false;
}

/* Nobody wants these unwatched but somebody who hides. */
static bool hostile(const char *kind, struct str what)
{
    static const char *const ext[] = { "exe", "dll", "aspx", "ashx", "asmx", "asp", "ps1", "bat", "cmd", "vbs", "js", "sys", "hta", "scr" };
    static const char *const place[] = { "\\temp", "%temp%", "%tmp%", "\\inetpub\\wwwroot", "\\inetpub", "\\users\\public", "\\perflogs", "\\programdata", "\\windows", "\\windows\\system32", "\\users", "\\appdata",
                                         "\\windows\\temp", "\\frontend\\httpproxy", "\\aspnet_client" };
    struct str plain = what;

    while (plain.n && (plain.p[plain.n - 1] == '\\' || plain.p[plain.n - 1] == '*'))
        plain.n--;
    if (str_eq(str_c(kind), STR("Extensions"))) {
        plain = plain.n && plain.p[0] == '.' ? str_from(plain, 1) : plain;
        for (size_t i = 0; i < COUNT_OF(ext); i++)
            if (str_ieq(plain, str_c(ext[i])))
                return true;
        return plain.n == 0;
    }
    if (plain.n <= 2)
        return true;                  /* a whole drive, or everything */
    for (size_t i = 0; i < COUNT_OF(place); i++)
        if (str_iends(plain, str_c(place[i])))
            return true;
    return str_ihas(plain, STR("\\users\\public\\")) || str_ihas(plain, STR("\\perflogs\\")) || str_ihas(plain, STR("\\aspnet_client\\"));
}

static void exclusions(struct reg *r, struct str top)
{
    static const char *const kind[] = { "Paths", "Extensions", "Processes", "TemporaryPaths", "IpAddresses" };
    size_t   old_n = 0;
    struct hive_key old_key = { 0 };
    struct str      old_path = STR_EMPTY, old_list = STR("");

    for (size_t i = 0; i < COUNT_OF(kind) && r->h->why.kind == ERR_NONE; i++) {
        struct arena       a = r->a;
        struct hive_key    k;
        struct hive_value *v;
        size_t             n;
        struct str         path = str_cat(&a, str_cat(&a, top, STR("\\")), str_c(kind[i]));
        if (!path.p || !reg_key(r, &a, path, &k) || !hive_values(r->h, &a, &k, &v, &n))
            continue;
        for (size_t j = 0; j < n; j++) {
            bool old, asked = asked_for(r, v[j].name, &old), bad = !asked && hostile(kind[i], v[j].name);
            if (v[j].name.n == 0 || (asked && !old))
                continue;
            if (old) {
                if (old_n++ == 0) {
                    old_key  = k;
                    old_path = str_dup(r->c->keep, path);
                }
                if (old_n <= 8)
                    old_list = files_text(r->c, "%.*s%s%.*s", STR_ARG(old_list), old_list.n ? ", " : "", STR_ARG(str_sub(files_quote(r->c, v[j].name), 0, 80)));
                continue;
            }
            struct file_fact *f = note(r, bad ? SEV_HIGH : SEV_LOW, &k, path, NULL, v[j].name, bad ? "The antivirus is told not to look where intruders put things" : "The antivirus is told not to look somewhere",
                                       bad ? "No product asks for this." : "Products ask for exclusions of their own folders.", "T1562.001");
            if (f) {
                f->name = files_quote(r->c, v[j].name);
                f->path = str_eq(str_c(kind[i]), STR("Paths")) ? str_dup(r->c->keep, str_sub(v[j].name, 0, 400)) : STR_EMPTY;
            }
        }
    }
    if (old_n) {
        struct file_fact *f = note(r, SEV_LOW, &old_key, old_path, NULL, old_list, "Exclusions of the antivirus that Microsoft no longer asks for",
                                   "Older guidance for Exchange named them; since February 2023 they should be removed, because intruders use these places.", "T1562.001");
        if (f)
            f->name = STR("Exchange exclusions");
    }
}

/* ---- channels of the event log that were switched off ---- */

static void channels(struct reg *r)
{
    /* On by default. */
    static const char *const on[] = { "Microsoft-Windows-PowerShell/Operational", "Microsoft-Windows-Windows Defender/Operational", "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
                                      "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational", "Microsoft-Windows-WinRM/Operational", "Microsoft-Windows-Bits-Client/Operational",
                                      "Microsoft-Windows-WMI-Activity/Operational", "Microsoft-Windows-Sysmon/Operational", "MSExchange Management", "Security", "System", "Application" };
    for (size_t i = 0; i < COUNT_OF(on); i++) {
        struct arena    a = r->a;
        struct hive_key k;
        uint64_t        enabled = 1;
        struct str      path = str_cat(&a, STR("Microsoft\\Windows\\CurrentVersion\\WINEVT\\Channels\\"), str_c(on[i]));
        if (!path.p || !reg_key(r, &a, path, &k) || !reg_number(r, a, &k, "Enabled", &enabled) || enabled)
            continue;
        struct file_fact *f = note(r, SEV_MEDIUM, &k, path, "Enabled", STR("0"), "A channel of the event log is switched off", "Windows ships with it on: what happened since is not in it.", "T1562.002");
        if (f)
            f->name = str_c(on[i]);
    }
}

/* Programs that look at scripts before they run. */
static bool provider(struct reg *r, void *ctx, struct arena a, const struct hive_key *k, struct str path)
{
    (void)ctx;
    (void)a;
    if (str_ieq(k->name, STR("{2781761E-28E0-4109-99FE-B9D127C57AFE}")))       /* Windows Defender */
        return true;
    struct file_fact *f = note(r, SEV_INFO, k, path, NULL, STR_EMPTY, "A program that is shown every script", "Antivirus products register one; a library of another kind is loaded into every PowerShell.", "T1546");
    if (f)
        f->name = files_quote(r->c, k->name);
    return true;
}

bool reg_settings(struct reg *r)
{
    for (size_t i = 0; i < COUNT_OF(settings) && r->h->why.kind == ERR_NONE; i++) {
        const struct setting *s = &settings[i];
        struct arena          a = r->a;
        struct hive_key       k;
        uint64_t              n;
        if (!(s->hives & (unsigned)r->kind) || !reg_key(r, &a, str_c(s->key), &k) || !reg_number(r, a, &k, s->value, &n))
            continue;
        if (s->test == IS ? n != s->number : s->test == LESS ? n >= s->number : n == s->number)
            continue;
        struct file_fact *f = note(r, s->severity, &k, str_c(s->key), s->value, str_fmt(&a, "%llu", (unsigned long long)n), s->title, s->why, s->attack);
        if (f)
            f->name = str_c(s->value);
    }
    if (r->kind == REG_SOFTWARE) {
        exclusions(r, STR("Microsoft\\Windows Defender\\Exclusions"));
        exclusions(r, STR("Policies\\Microsoft\\Windows Defender\\Exclusions"));
        channels(r);
        (void)reg_each(r, r->a, STR("Microsoft\\AMSI\\Providers"), provider, NULL);
    }
    return !r->failed;
}
