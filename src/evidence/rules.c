/*
 * rules: which files of a server are worth keeping as nodes, as one table. The first rule that fits decides.
 *
 * Everything else is only counted: a full volume has half a million files, and memory has to stay small.
 * Source: evidence sheet, 1, 8, 9.2, 10, 11; ways back in, 1.1, 1.5, 2.1, 3, 6.4, 9; indicator list (paths).
 */
#include "evidence/inner.h"

#include "base/num.h"
#include "base/winpath.h"

/* Kinds of names, as sets of extensions. */
enum ext_set { X_ANY, X_PAGE, X_CONFIG, X_WEB, X_LOG, X_TOOL, X_TEXT, X_LIST };

static const char *const ext_config[] = { ".config", NULL };
static const char *const ext_web[]    = { ".config", ".dll", ".zip", ".7z", ".rar", ".cab", ".dmp", ".gz", ".tar", ".exe", ".ps1", ".bat", ".cmd", ".vbs",
                                          ".pst", ".dit", ".bin", ".dat", ".compiled", ".asp_", ".bak", ".old", ".save", ".inc", NULL };
static const char *const ext_log[]    = { ".log", ".gz", ".txt", ".csv", NULL };
static const char *const ext_tool[]   = { ".exe", ".dll", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".hta", ".scr", ".zip", ".7z", ".rar", ".dmp", ".cab", ".pst",
                                          ".aspx", ".ashx", ".asmx", ".asp", ".php", ".jsp", ".dit", ".hiv", ".msi", NULL };
static const char *const ext_list[]   = { ".txt", ".csv", ".json", ".ldf", ".ldif", NULL };
static const char *const *const ext_sets[] = { NULL, NULL, ext_config, ext_web, ext_log, ext_tool, ext_log, ext_list };

enum place {
    AT_LISTED,     /* in a folder of named_in */
    AT_ANY,        /* `in` anywhere in the folder's path */
    AT_TOP,        /* `in` right below the drive, and everything below that */
    AT_DRIVE,      /* the root of a drive */
    AT_WEB,        /* where a web root may be: the usual folders, and whatever does not belong to Windows and its programs */
    AT_STAGE,      /* small folders in which files are staged: the root of a drive, Windows\\Temp, PerfLogs, the recycle bin */
    AT_NAMED,      /* where a web root is by its name */
    AT_OTHER,      /* not below Windows, profiles, program folders or Exchange's own logs, whose names tell: where logs may have been moved to */
};

struct rule {
    enum place   place;
    const char  *in;          /* lower case, "\\a\\b\\" */
    enum ext_set ext;
    const char  *name;        /* lower case, '*' allowed; NULL: any */
    enum ev_need need;
    enum family  family;
};

static const struct rule rules[] = {
    /* Text logs. HttpProxy first: it has folders named like other families. */
    { AT_ANY, "\\logging\\httpproxy\\",       X_LOG, NULL, EV_KEEP, FAM_HTTPPROXY },
    { AT_ANY, "",                             X_LOG, "httpproxy_*", EV_KEEP, FAM_HTTPPROXY },
    { AT_ANY, "\\ecp\\server\\",              X_LOG, NULL, EV_KEEP, FAM_ECP_SERVER },
    { AT_ANY, "",                             X_LOG, "ecpserver*", EV_KEEP, FAM_ECP_SERVER },
    { AT_ANY, "\\ecp\\activity\\",            X_LOG, NULL, EV_KEEP, FAM_ECP_ACTIVITY },
    { AT_ANY, "",                             X_LOG, "ecpactivity*", EV_KEEP, FAM_ECP_ACTIVITY },
    { AT_ANY, "\\oabgeneratorlog\\",          X_LOG, NULL, EV_KEEP, FAM_OAB_GENERATOR },
    { AT_ANY, "\\oabgeneratorsimplelog\\",    X_LOG, NULL, EV_KEEP, FAM_OAB_GENERATOR },
    { AT_ANY, "\\logging\\ews\\",             X_LOG, NULL, EV_KEEP, FAM_EWS },
    { AT_ANY, "",                             X_LOG, "ews_*", EV_KEEP, FAM_EWS },
    { AT_ANY, "\\logging\\autodiscover\\",    X_LOG, NULL, EV_KEEP, FAM_AUTODISCOVER },
    { AT_ANY, "\\logging\\cmdletinfra\\",     X_LOG, NULL, EV_KEEP, FAM_CMDLET },
    { AT_ANY, "",                             X_LOG, "rps_cmdlet*", EV_KEEP, FAM_CMDLET },
    { AT_ANY, "\\httperr\\",                  X_LOG, NULL, EV_KEEP, FAM_HTTPERR },
    { AT_ANY, "",                             X_LOG, "httperr*", EV_KEEP, FAM_HTTPERR },
    { AT_ANY, "\\w3svc",                      X_LOG, NULL, EV_KEEP, FAM_IIS_FRONT },
    { AT_ANY, "",                             X_LOG, "u_ex*", EV_KEEP, FAM_IIS_FRONT },

    /* Configuration, compiled pages, setup. */
    { AT_ANY, "\\temporary asp.net files\\",  X_ANY, "*.compiled", EV_KEEP, FAM_TEMP_ASPNET },
    { AT_ANY, "\\temporary asp.net files\\",  X_ANY, "app_web*", EV_KEEP, FAM_TEMP_ASPNET },
    { AT_ANY, "\\temporary asp.net files\\",  X_ANY, "*.c*", EV_KEEP, FAM_TEMP_ASPNET },          /* .cs .cmdline */
    { AT_ANY, "\\temporary asp.net files\\",  X_ANY, "*.js", EV_KEEP, FAM_TEMP_ASPNET },
    { AT_ANY, "\\temporary asp.net files\\",  X_ANY, "*.vb", EV_KEEP, FAM_TEMP_ASPNET },
    { AT_ANY, "\\inetsrv\\",                  X_CONFIG, NULL, EV_KEEP, FAM_IIS_CONFIG },
    { AT_ANY, "\\system32\\inetsrv\\",        X_ANY, "*.dll", EV_KEEP, FAM_NONE },
    { AT_ANY, "\\transportroles\\agents\\",   X_ANY, "*.dll", EV_KEEP, FAM_NONE },
    { AT_ANY, "\\inetpub\\history\\",         X_CONFIG, NULL, EV_KEEP, FAM_IIS_CONFIG },
    { AT_ANY, "",                             X_ANY, "applicationhost.config", EV_KEEP, FAM_IIS_CONFIG },
    { AT_ANY, "",                             X_ANY, "*agents.config", EV_KEEP, FAM_TRANSPORT_AGENTS },
    { AT_ANY, "\\exchangesetuplogs\\",        X_LOG, NULL, EV_KEEP, FAM_SETUP },
    { AT_ANY, "\\windows\\debug\\",           X_LOG, "msert*", EV_KEEP, FAM_AV_LOGS },
    { AT_ANY, "",                             X_LOG, "eomt*", EV_KEEP, FAM_AV_LOGS },
    { AT_ANY, "",                             X_LOG, "msert*.log", EV_KEEP, FAM_AV_LOGS },

    /* Windows' binary evidence and what else its name explains: named_in in the folders of that table, named_any everywhere. */
    { AT_LISTED, "",                          X_ANY, NULL, EV_KEEP, FAM_REGISTRY },
    { AT_ANY, "",                             X_ANY, NULL, EV_KEEP, FAM_REGISTRY },

    /* What IIS serves. In these folders a clean server has few or no files: whatever lies there is kept. */
    { AT_ANY, "\\aspnet_client\\",            X_ANY, NULL, EV_KEEP, FAM_WEB_ROOTS },
    { AT_ANY, "\\httpproxy\\owa\\auth\\",     X_PAGE, NULL, EV_KEEP, FAM_WEB_ROOTS },
    { AT_ANY, "\\httpproxy\\owa\\auth\\",     X_CONFIG, NULL, EV_KEEP, FAM_WEB_ROOTS },
    { AT_ANY, "\\httpproxy\\owa\\auth\\",     X_ANY, NULL, EV_KEEP, FAM_NONE },
    { AT_ANY, "\\httpproxy\\ecp\\auth\\",     X_ANY, NULL, EV_KEEP, FAM_WEB_ROOTS },
    { AT_ANY, "\\frontend\\httpproxy\\oab\\", X_ANY, NULL, EV_KEEP, FAM_WEB_ROOTS },
    { AT_ANY, "\\clientaccess\\oab\\",        X_PAGE, NULL, EV_KEEP, FAM_WEB_ROOTS },
    { AT_ANY, "\\exchange server\\v15\\bin\\", X_PAGE, NULL, EV_KEEP, FAM_NONE },       /* sheet 8.1: nothing of the kind belongs there */
    { AT_ANY, "",                             X_PAGE, NULL, EV_IF_SERVED, FAM_WEB_ROOTS },
    { AT_ANY, "",                             X_CONFIG, "web.config", EV_IF_SERVED, FAM_WEB_ROOTS },
    { AT_ANY, "\\bin\\",                      X_ANY, "exsetup.exe", EV_KEEP, FAM_NONE },
    { AT_ANY, "\\bin\\",                      X_ANY, "microsoft.exchange.frontendhttpproxy.dll", EV_KEEP, FAM_NONE },
    { AT_ANY, "\\bin\\",                      X_ANY, "microsoft.exchange.management.controlpanel.dll", EV_KEEP, FAM_NONE },

    /* Leftovers and staging places. */
    { AT_ANY, "",                             X_ANY, "decrypt_file.txt", EV_KEEP, FAM_NONE },
    { AT_ANY, "",                             X_ANY, "lsass*", EV_KEEP, FAM_NONE },
    { AT_ANY, "\\desktop\\",                  X_ANY, "readme.txt", EV_KEEP, FAM_NONE },
    { AT_TOP, "\\users\\public\\",            X_ANY, NULL, EV_KEEP, FAM_NONE },
    { AT_TOP, "\\programdata\\",              X_TOOL, NULL, EV_KEEP, FAM_NONE },
    { AT_TOP, "\\windows\\temp\\",            X_TOOL, NULL, EV_KEEP, FAM_NONE },
    { AT_TOP, "\\perflogs\\",                 X_TOOL, NULL, EV_KEEP, FAM_NONE },
    { AT_TOP, "\\root\\",                     X_ANY, NULL, EV_KEEP, FAM_NONE },
    { AT_DRIVE, "",                           X_TOOL, NULL, EV_KEEP, FAM_NONE },
    { AT_DRIVE, "",                           X_ANY, "*.txt", EV_KEEP, FAM_NONE },
    { AT_WEB, "",                             X_WEB, NULL, EV_IF_SERVED, FAM_NONE },
    { AT_OTHER, "",                           X_TEXT, NULL, EV_SNIFF, FAM_NONE },

    /* A dump is a dump whatever it is called. One budget of heads a rule. */
    { AT_STAGE, "",                           X_ANY, NULL, EV_MAGIC, FAM_NONE },
    { AT_TOP, "\\programdata\\",              X_ANY, NULL, EV_MAGIC, FAM_NONE },
    { AT_NAMED, "",                           X_ANY, NULL, EV_MAGIC, FAM_WEB_ROOTS },
};
_Static_assert(COUNT_OF(rules) <= EV_RULES_MAX, "a bit each");

/*
 * Files that their name explains, in the folders that hold them or wherever they lie. FAM_NONE: kept for a detector that knows its path.
 * Rows with a folder cost one bit of a folder; those without are asked of every file, so they are few.
 * Source: ways back in, 1.8, 6.3, 6.5 to 6.7, 7 and 9.
 */
struct named { const char *in, *name; enum family family; };
static const struct named named_in[] = {
    { "\\config\\", "software", FAM_REGISTRY }, { "\\config\\", "system", FAM_REGISTRY }, { "\\config\\", "sam", FAM_REGISTRY },
    { "\\config\\", "security", FAM_REGISTRY }, { "\\config\\", "default", FAM_REGISTRY }, { "\\config\\", "software.log*", FAM_REGISTRY },
    { "\\config\\", "system.log*", FAM_REGISTRY }, { "\\config\\", "sam.log*", FAM_REGISTRY }, { "\\config\\", "security.log*", FAM_REGISTRY }, { "\\config\\", "default.log*", FAM_REGISTRY },
    { "\\system32\\tasks\\", "*", FAM_TASKS }, { "\\windows\\tasks\\", "*", FAM_TASKS }, { "\\syswow64\\tasks\\", "*", FAM_TASKS },
    { "\\microsoft.net\\framework", "machine.config", FAM_IIS_CONFIG }, { "\\microsoft.net\\framework", "web.config", FAM_IIS_CONFIG },
    { "\\powershell\\", "*_history.txt", FAM_POWERSHELL }, { "\\powershell\\", "*profile.ps1", FAM_POWERSHELL },
    { "\\windowspowershell\\", "*profile.ps1", FAM_POWERSHELL },
    { "\\wbem\\repository\\", "objects.data", FAM_WMI },
    { "\\network\\downloader\\", "qmgr*.d*", FAM_BITS },
    { "\\prefetch\\", "*.pf", FAM_PREFETCH },
    { "\\windows defender\\support\\", "mplog*", FAM_AV_LOGS }, { "\\windows defender\\support\\", "mpdetection*", FAM_AV_LOGS },
    { "\\detectionhistory\\", "*", FAM_AV_LOGS }, { "\\windows defender\\quarantine\\entries\\", "*", FAM_AV_LOGS },
    { "\\start menu\\programs\\startup\\", "*", FAM_NONE },
    /* Helpers of the logon screen, and the shells that take their place; libraries that are loaded because of where they lie. */
    { "\\windows\\", "sethc.exe", FAM_NONE }, { "\\windows\\", "utilman.exe", FAM_NONE }, { "\\windows\\", "osk.exe", FAM_NONE }, { "\\windows\\", "narrator.exe", FAM_NONE },
    { "\\windows\\", "magnify.exe", FAM_NONE }, { "\\windows\\", "displayswitch.exe", FAM_NONE }, { "\\windows\\", "atbroker.exe", FAM_NONE }, { "\\windows\\", "cmd.exe", FAM_NONE },
    { "\\windows\\", "explorer.exe", FAM_NONE }, { "\\windows\\", "taskmgr.exe", FAM_NONE }, { "\\windowspowershell\\v1.0\\", "powershell.exe", FAM_NONE },
    { "\\system32\\", "wlbsctrl.dll", FAM_NONE }, { "\\system32\\", "oci.dll", FAM_NONE }, { "\\system32\\", "msfte.dll", FAM_NONE }, { "\\system32\\", "tsmsisrv.dll", FAM_NONE },
    { "\\system32\\", "tsvipsrv.dll", FAM_NONE },
    { "\\microsoft.net\\assembly\\gac_", "*.dll", FAM_NONE }, { "\\windows\\assembly\\gac", "*.dll", FAM_NONE },
    { "\\cryptneturlcache\\metadata\\", "*", FAM_NONE }, { "\\logfiles\\sum\\", "*.mdb", FAM_NONE },
    /* What group policy brings: the copy that every member keeps, and a controller's own. */
    { "\\group policy\\history\\", "*.xml", FAM_NONE }, { "\\sysvol\\", "*.xml", FAM_NONE }, { "\\policies\\{", "*.xml", FAM_NONE }, { "\\grouppolicy\\", "*scripts.ini", FAM_NONE },
    { "\\policies\\{", "*scripts.ini", FAM_NONE },
    { "\\drivers\\etc\\", "hosts", FAM_NONE },
    { "\\ssh\\", "*authorized_keys*", FAM_NONE }, { "\\ssh\\", "sshd_config", FAM_NONE }, { "\\.ssh\\", "authorized_keys*", FAM_NONE },
    { "\\anydesk\\", "*.trace", FAM_NONE }, { "\\anydesk\\", "connection_trace.txt", FAM_NONE }, { "\\anydesk\\", "s*.conf", FAM_NONE },
    { "\\teamviewer\\", "connections_incoming.txt", FAM_NONE }, { "\\screenconnect client (", "*.config", FAM_NONE },
    { "\\rustdesk\\", "rustdesk*.toml", FAM_NONE }, { "\\filezilla\\", "*.xml", FAM_NONE },
    { "\\.cloudflared\\", "*", FAM_NONE }, { "\\cloudflared\\", "config.y*ml", FAM_NONE }, { "\\tacticalagent\\", "*.exe", FAM_NONE },
    { "\\.vscode", "code_tunnel.json", FAM_NONE },
};
static const struct named named_any[] = {
    { "", "ntuser.dat", FAM_REGISTRY }, { "", "ntuser.dat.log*", FAM_REGISTRY }, { "", "usrclass.dat", FAM_REGISTRY }, { "", "usrclass.dat.log*", FAM_REGISTRY },
    { "", "amcache.hve", FAM_REGISTRY }, { "", "amcache.hve.log*", FAM_REGISTRY },
    { "?", "software", FAM_REGISTRY }, { "?", "system", FAM_REGISTRY }, { "?", "sam", FAM_REGISTRY }, { "?", "security", FAM_REGISTRY }, { "?", "software.log?", FAM_REGISTRY },
    { "?", "system.log?", FAM_REGISTRY }, { "?", "sam.log?", FAM_REGISTRY },
    { "", "security.evtx", FAM_EVTX_SECURITY }, { "", "system.evtx", FAM_EVTX_SYSTEM }, { "", "application.evtx", FAM_EVTX_APPLICATION },
    { "", "msexchange management.evtx", FAM_EVTX_MANAGEMENT }, { "", "windows powershell.evtx", FAM_EVTX_POWERSHELL },
    { "", "microsoft-windows-powershell%4operational.evtx", FAM_EVTX_POWERSHELL },
    { "", "microsoft-windows-windows defender%4operational.evtx", FAM_EVTX_DEFENDER },
    { "", "microsoft-windows-sysmon%4operational.evtx", FAM_EVTX_SYSMON },
    { "", "microsoft-windows-taskscheduler%4operational.evtx", FAM_EVTX_TASKS },
    { "", "microsoft-windows-terminalservices-*.evtx", FAM_EVTX_RDP }, { "", "microsoft-windows-remotedesktopservices-*.evtx", FAM_EVTX_RDP },
    { "", "microsoft-windows-winrm%4operational.evtx", FAM_EVTX_WINRM }, { "", "microsoft-windows-wmi-activity%4operational.evtx", FAM_EVTX_WMI },
    { "", "microsoft-windows-bits-client%4operational.evtx", FAM_EVTX_BITS }, { "", "microsoft-iis-configuration%4*.evtx", FAM_EVTX_IIS },
    { "", "archive-security-*.evtx", FAM_EVTX_SECURITY }, { "", "archive-system-*.evtx", FAM_EVTX_SYSTEM },
    { "", "archive-application-*.evtx", FAM_EVTX_APPLICATION }, { "", "*.evtx", FAM_EVTX_OTHER },
    { "", "$mft", FAM_MFT }, { "", "$j", FAM_USN }, { "", "$usnjrnl*", FAM_USN },
    { "", "consolehost_history.txt", FAM_POWERSHELL }, { "", "powershell_transcript.*", FAM_POWERSHELL }, { "", "objects.data", FAM_WMI },
    { "", "qmgr0.dat", FAM_BITS }, { "", "qmgr1.dat", FAM_BITS }, { "", "qmgr.db", FAM_BITS },
    { "", "mplog-*.log", FAM_AV_LOGS }, { "", "mpdetection-*.log", FAM_AV_LOGS },
    { "", "administrators_authorized_keys", FAM_NONE }, { "", "frp?.ini", FAM_NONE }, { "", "frp?.toml", FAM_NONE }, { "", "frp?.exe", FAM_NONE },
    { "", "ngrok.*", FAM_NONE }, { "", "chisel*.exe", FAM_NONE }, { "", "cloudflared*.exe", FAM_NONE }, { "", "plink*.exe", FAM_NONE },
    { "", "rclone.*", FAM_NONE }, { "", "winscp.ini", FAM_NONE }, { "", "meshagent*", FAM_NONE }, { "", "client32.ini", FAM_NONE },
    { "", "ntds.dit", FAM_NONE }, { "", "psexec-*.key", FAM_NONE }, { "", "procdump*.exe", FAM_NONE }, { "", "*.dmp", FAM_NONE },
    { "", "*decrypt*.txt", FAM_NONE }, { "", "*decrypt*.hta", FAM_NONE }, { "", "*recover*files*.txt", FAM_NONE }, { "", "*restore*files*.txt", FAM_NONE },
};

/* Lists that somebody printed of the mail server's directory and settings, for people or for a case. Source: ways back in, 3. */
static const struct named named_list[] = {
    { "", "*virtualdirector*", FAM_NONE }, { "", "*vdir*", FAM_NONE }, { "", "*.ldf", FAM_NONE }, { "", "*.ldif", FAM_NONE }, { "", "*roleassignment*", FAM_NONE },
    { "", "*inboxrule*", FAM_NONE }, { "", "*transportrule*", FAM_NONE }, { "", "*mailboxpermission*", FAM_NONE }, { "", "*folderpermission*", FAM_NONE }, { "", "*mailboxes*", FAM_NONE },
    { "", "*get-mailbox*", FAM_NONE }, { "", "*journalrule*", FAM_NONE }, { "", "*transportagent*", FAM_NONE },
};

/* Libraries of System32 that programs ask for by name alone. Below Windows' own folders they belong there; in a server's program folder they do not. */
static bool is_borrowed(struct str dir, struct str name)
{
    static const char *const library[] = {
        "version.dll", "wininet.dll", "winhttp.dll", "userenv.dll", "cryptsp.dll", "cryptbase.dll", "profapi.dll", "dwmapi.dll", "uxtheme.dll", "iphlpapi.dll", "netapi32.dll", "wtsapi32.dll", "secur32.dll", "sspicli.dll", "propsys.dll", "msimg32.dll", "winmm.dll", "wsock32.dll", "mswsock.dll", "rasapi32.dll",
        "cscapi.dll", "apphelp.dll", "ntmarta.dll", "dnsapi.dll", "dpapi.dll", "bcrypt.dll", "ncrypt.dll", "fveapi.dll", "wlbsctrl.dll", "oci.dll", "msasn1.dll", "edputil.dll", "loadperf.dll" };
    bool where = str_iends(dir, STR("\\bin")) || str_ihas(dir, STR("\\exchange server\\")) || (dir.n == 10 && str_ieq(str_from(dir, 2), STR("\\windows"))) || str_iends(dir, STR("\\wbem"));

    for (size_t i = 0; where && i < COUNT_OF(library); i++)
        if (str_eq(name, str_c(library[i])))
            return true;
    return false;
}

/* Most of the global assembly cache is Windows', .NET's and Exchange's own: thousands of files that nobody has to read. */
static bool of_the_framework(struct str name)
{
    static const char *const head[] = { "microsoft.", "system.", "mscor", "presentation", "windowsbase", "uiautomation", "reachframework", "policy.", "interop.", "accessibility.", "smdiagnostics.", "wcf",
                                        "servermanager", "srm", "custommarshalers.", "isymwrapper.", "sysglobl.", "xsltc", "aspnet", "adodb.", "stdole.", "office.", "dfsmgmt", "eventviewer.", "napsnap",
                                        "nap", "taskscheduler.", "windowsformsintegration.", "mmc", "storagemgmt", "bdatunepia.", "ehc", "mce", "security", "clus", "failoverclusters", "exchange" };
    for (size_t i = 0; i < COUNT_OF(head); i++)
        if (str_starts(name, str_c(head[i])))
            return true;
    return str_eq(name, STR("system.dll"));
}

/* A row of named_any whose folder is "?" speaks of files that somebody saved, in folders whose volume nobody knows. */
/* '*' fits any run of characters, '?' one; both are lower case. One star is remembered: that is enough, and it cannot blow up. */
static bool name_fits(const char *pattern, struct str name)
{
    struct str p = str_c(pattern);
    size_t     i = 0, k = 0, star = STR_NONE, back = 0;

    while (k < name.n) {
        if (i < p.n && p.p[i] == '*') {
            star = i++;
            back = k;
        } else if (i < p.n && (p.p[i] == name.p[k] || p.p[i] == '?')) {
            i++;
            k++;
        } else if (star != STR_NONE) {
            i = star + 1;
            k = ++back;
        } else {
            return false;
        }
    }
    while (i < p.n && p.p[i] == '*')
        i++;
    return i == p.n;
}

static bool ext_fits(enum ext_set set, struct str name)
{
    if (set == X_ANY)
        return true;
    if (set == X_PAGE)
        return winpath_is_page(name);
    struct str ext = winpath_ext(name);
    for (const char *const *x = ext_sets[set]; *x; x++)
        if (str_ieq(ext, str_c(*x)))
            return true;
    return false;
}

/* Not Windows, not its programs, not a profile. dir: folded, with a separator at its end. */
static bool is_own_place(struct str dir)
{
    static const char *const theirs[] = { "\\windows\\", "\\program files\\", "\\program files (x86)\\", "\\users\\", "\\programdata\\", "\\$recycle.bin\\" };

    for (size_t i = 0; dir.p[0] != '?' && i < COUNT_OF(theirs); i++)
        if (str_starts(str_from(dir, 2), str_c(theirs[i])))
            return false;
    return true;
}

static bool is_named_web(struct str dir)
{
    return str_has(dir, STR("\\frontend\\")) || str_has(dir, STR("\\clientaccess\\")) || str_has(dir, STR("\\inetpub\\"));
}

/* Folders in which files are staged: their first bytes are asked, whatever they are called. */
static bool is_stage(struct str dir)
{
    static const struct str stage[] = { STR_INIT("\\windows\\temp\\"), STR_INIT("\\perflogs\\"), STR_INIT("\\$recycle.bin\\") };
    bool loose = dir.p[0] == '?';

    for (size_t i = 0; i < COUNT_OF(stage); i++)
        if (loose ? str_has(dir, stage[i]) : str_starts(str_from(dir, 2), stage[i]))
            return true;
    return !loose && dir.n == 3;
}

static bool place_fits(const struct rule *r, struct str dir)
{
    struct str in    = str_c(r->in);
    bool       loose = dir.p[0] == '?';

    switch (r->place) {
    case AT_LISTED:
        for (size_t i = 0; i < COUNT_OF(named_in); i++)
            if (str_has(dir, str_c(named_in[i].in)))
                return true;
        return false;
    case AT_ANY:   return in.n == 0 || str_has(dir, in);
    case AT_TOP:   return loose ? str_has(dir, in) : str_starts(str_from(dir, 2), in);
    case AT_DRIVE: return !loose && dir.n == 3;
    case AT_WEB:   return (is_own_place(dir) && !is_stage(dir)) || is_named_web(dir);
    case AT_STAGE: return is_stage(dir);
    case AT_NAMED: return is_named_web(dir) || str_has(dir, STR("\\wwwroot\\"));
    case AT_OTHER:
        return is_own_place(dir) && !str_has(dir, STR("\\v15\\logging\\")) && !str_has(dir, STR("\\v14\\logging\\")) &&
               !str_has(dir, STR("\\transportroles\\"));
    }
    return false;
}

static struct str folded_dir(struct arena *a, struct str dir)
{
    struct str s = str_cat(a, dir, STR("\\"));
    return s.p ? str_lower(a, s) : STR_EMPTY;
}

uint64_t ev_rules_of_dir(struct str dir, struct arena scratch)
{
    struct str folded = folded_dir(&scratch, dir);
    uint64_t   mask   = 0;

    for (size_t i = 0; folded.p && i < COUNT_OF(rules); i++)
        if (place_fits(&rules[i], folded))
            mask |= UINT64_C(1) << i;
    return mask;
}

/* `name` in lower case. NULL: no row fits. */
static const struct named *named_by(enum place place, struct str dir, struct str name, struct arena scratch)
{
    struct str folded = STR_EMPTY;

    for (size_t i = 0; place != AT_LISTED && i < COUNT_OF(named_any); i++)
        if (name_fits(named_any[i].name, name) && (!*named_any[i].in || (dir.n && dir.p[0] == '?')))
            return &named_any[i];
    for (size_t i = 0; place != AT_LISTED && ext_fits(X_LIST, name) && i < COUNT_OF(named_list); i++)
        if (name_fits(named_list[i].name, name))
            return &named_list[i];
    for (size_t i = 0; place == AT_LISTED && i < COUNT_OF(named_in); i++) {
        if (!name_fits(named_in[i].name, name))
            continue;
        if (!folded.p)
            folded = folded_dir(&scratch, dir);
        if (str_has(folded, str_c(named_in[i].in)) && !(str_has(str_c(named_in[i].in), STR("assembly\\gac")) && of_the_framework(name)))
            return &named_in[i];
    }
    return NULL;
}

/* "\w3svc1\" but neither "\w3svcold\" nor the traces of failed requests. */
static bool iis_dir(struct str dir) { return ev_site_of_log(dir) != 0 && !str_ihas(dir, STR("\\FailedReqLogFiles")); }

struct ev_fit ev_rules_fit(uint64_t mask, struct str dir, struct str name, uint64_t size_bytes, struct arena scratch)
{
    struct str lower  = str_lower(&scratch, name);
    bool       served = false;
    bool       loose = dir.n && dir.p[0] == '?';

    if (!lower.p)
        return (struct ev_fit){ .need = EV_DROP };
    if (is_borrowed(dir, lower))
        return (struct ev_fit){ .need = EV_KEEP, .family = FAM_NONE };
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        const struct rule *r = &rules[i];
        struct ev_fit      fit = { r->need, r->family, false, false, (uint8_t)i };
        if (!(mask >> i & 1) || !ext_fits(r->ext, lower) || (r->name && !name_fits(r->name, lower)))
            continue;
        if (r->family == FAM_REGISTRY) {
            const struct named *by = named_by(r->place, dir, lower, scratch);
            if (!by)
                continue;
            fit.family = by->family;
        }
        if (r->family == FAM_IIS_FRONT) {
            if (*r->in && !iis_dir(dir))
                continue;
            fit.by_port = ev_site_of_log(dir) == 0;
        }
        if ((r->need == EV_SNIFF && size_bytes == 0) || (r->need == EV_MAGIC && size_bytes < EV_MAGIC_SIZE_MIN))
            continue;
        /* In web folders the rule names the family only to tell them from staging places: an archive there is not a page. */
        if (r->need == EV_MAGIC) {
            fit.or_served = r->family == FAM_WEB_ROOTS;
            fit.family    = FAM_NONE;
            return fit;
        }
        /* In a folder that somebody put together, every page is there for a reason. */
        if (r->need == EV_IF_SERVED && loose && (r->family == FAM_WEB_ROOTS || r->ext != X_WEB))
            fit.need = EV_KEEP;
        /* ".gz" may be an archive in a web folder or an old log: both are asked. */
        if (fit.need == EV_IF_SERVED && ext_fits(X_TEXT, lower)) {
            served = true;
            continue;
        }
        fit.or_served = served;
        return fit;
    }
    return (struct ev_fit){ .need = served ? EV_IF_SERVED : EV_DROP };
}

uint32_t ev_site_of_log(struct str path)
{
    for (struct str rest = path;;) {
        size_t at = str_ifind(rest, STR("\\W3SVC"));
        if (at == STR_NONE)
            return 0;
        rest = str_from(rest, at + sizeof "\\W3SVC" - 1);
        size_t n = 0;
        while (n < rest.n && ch_digit(rest.p[n]))
            n++;
        uint32_t id;
        if ((n == rest.n || rest.p[n] == '\\') && num_u32(str_sub(rest, 0, n), &id) && id != 0)
            return id;
    }
}

enum family ev_family_of(const struct ev *v, struct str path, struct arena scratch)
{
    struct str    dir = winpath_dir(path), name = winpath_name(path);
    struct ev_fit fit = ev_rules_fit(ev_rules_of_dir(dir, scratch), dir, name, 1, scratch);

    if (fit.need == EV_KEEP && fit.family != FAM_NONE)
        return fit.family;
    /* It may be a folder: the first rule that speaks of what lies in such a folder, and of no other. */
    uint64_t mask = ev_rules_of_dir(path, scratch);
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if ((mask >> i & 1) && *rules[i].in && rules[i].family != FAM_NONE && rules[i].need == EV_KEEP && rules[i].ext != X_CONFIG &&
            (rules[i].family != FAM_IIS_FRONT || iis_dir(path)))
            return rules[i].family;
    struct str folded = folded_dir(&scratch, path);
    for (size_t i = 0; i < COUNT_OF(named_in); i++)
        if (named_in[i].family != FAM_NONE && named_in[i].in[str_c(named_in[i].in).n - 1] == '\\' && str_has(folded, str_c(named_in[i].in)))
            return named_in[i].family;
    return ev_is_served(v, path) ? FAM_WEB_ROOTS : FAM_NONE;
}
