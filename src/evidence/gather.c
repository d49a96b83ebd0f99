#include "evidence/gather.h"

#include "base/num.h"

#define B(f) GATHER_BIT(FAM_##f)

/* What a page needs to run, and what intruders leave: src/evidence/rules.c, ext_tool. */
#define PAGES "*.aspx *.ashx *.asmx *.asp"
#define TOOLS "*.exe *.dll *.bat *.cmd *.ps1 *.vbs *.js *.hta *.scr *.zip *.7z *.rar *.dmp *.cab *.pst *.dit *.hiv *.msi *.php *.jsp " PAGES
/* Helpers of the logon screen and the shell that takes their place; libraries that Windows looks for and does not have. */
#define STAND_INS "sethc.exe utilman.exe osk.exe narrator.exe magnify.exe displayswitch.exe atbroker.exe cmd.exe wlbsctrl.dll oci.dll msfte.dll tsmsisrv.dll tsvipsrv.dll"
/* Libraries of Windows that do not belong beside a server's programs: src/evidence/rules.c, is_borrowed. */
#define BORROWED "version.dll wininet.dll winhttp.dll userenv.dll cryptsp.dll cryptbase.dll profapi.dll dwmapi.dll uxtheme.dll iphlpapi.dll netapi32.dll wtsapi32.dll secur32.dll sspicli.dll propsys.dll"
#define FETCHED "AppData\\LocalLow\\Microsoft\\CryptnetUrlCache\\MetaData"
#define COMPILED "*.compiled App_* *.cs *.cmdline *.err *.out *.js *.vb"
#define NET "Microsoft.NET\\Framework"

enum { LARGE_MIB = 512, STAGED_MIB = 50 };

#define FOLDER(bits, base_, path_, ...) { .families = (bits), .kind = GATHER_FOLDER, .base = GATHER_##base_, .path = (path_), __VA_ARGS__ }
#define CHANNEL(bits, name) { .families = (bits), .kind = GATHER_CHANNEL, .path = (name) }
#define HIVE(bits, name)    { .families = (bits), .kind = GATHER_HIVE, .path = (name) }
#define RAW(bits, name)     { .families = (bits), .kind = GATHER_RAW, .path = (name) }

const struct gather_row gather_table[] = {
    FOLDER(B(IIS_FRONT) | B(IIS_BACK), SITE_LOGS, "W3SVC*", .deep = true),
    FOLDER(B(HTTPERR), WINDOWS, "System32\\LogFiles\\HTTPERR", .deep = true),
    FOLDER(B(HTTPPROXY), EXCHANGE, "Logging\\HttpProxy", .deep = true),
    FOLDER(B(ECP_SERVER), EXCHANGE, "Logging\\ECP\\Server", .deep = true),
    FOLDER(B(ECP_ACTIVITY), EXCHANGE, "Logging\\ECP\\Activity", .deep = true),
    FOLDER(B(OAB_GENERATOR), EXCHANGE, "Logging\\OABGeneratorLog", .deep = true),
    FOLDER(B(OAB_GENERATOR), EXCHANGE, "Logging\\OABGeneratorSimpleLog", .deep = true),
    FOLDER(B(EWS), EXCHANGE, "Logging\\Ews", .deep = true),
    FOLDER(B(AUTODISCOVER), EXCHANGE, "Logging\\Autodiscover", .deep = true),
    FOLDER(B(CMDLET), EXCHANGE, "Logging\\CmdletInfra", .deep = true),

    FOLDER(B(WEB_ROOTS), DRIVE, "inetpub\\wwwroot", .deep = true, .max_mib = LARGE_MIB),
    FOLDER(B(WEB_ROOTS), EXCHANGE, "FrontEnd", .deep = true, .max_mib = LARGE_MIB),
    FOLDER(B(WEB_ROOTS), EXCHANGE, "ClientAccess", .deep = true, .max_mib = LARGE_MIB),
    FOLDER(B(WEB_ROOTS), SITE_PAGES, "", .deep = true, .max_mib = LARGE_MIB),
    /* Which build is installed, and pages where none belongs. */
    FOLDER(B(WEB_ROOTS) | B(SETUP), EXCHANGE, "Bin",
           .masks = "ExSetup.exe Microsoft.Exchange.FrontEndHttpProxy.dll Microsoft.Exchange.Management.ControlPanel.dll " PAGES),
    FOLDER(B(TEMP_ASPNET), WINDOWS, NET "64\\v4.0.30319\\Temporary ASP.NET Files", .masks = COMPILED, .deep = true),
    FOLDER(B(TEMP_ASPNET), WINDOWS, NET "64\\v2.0.50727\\Temporary ASP.NET Files", .masks = COMPILED, .deep = true),
    FOLDER(B(TEMP_ASPNET), WINDOWS, NET "\\v4.0.30319\\Temporary ASP.NET Files", .masks = COMPILED, .deep = true),
    FOLDER(B(TEMP_ASPNET), WINDOWS, NET "\\v2.0.50727\\Temporary ASP.NET Files", .masks = COMPILED, .deep = true),

    FOLDER(B(IIS_CONFIG), WINDOWS, "System32\\inetsrv\\config", .masks = "*.config", .deep = true),
    FOLDER(B(IIS_CONFIG), WINDOWS, "System32\\inetsrv\\backup", .masks = "*.config", .deep = true),
    /* What a module says of itself, and what every worker process loads first. */
    FOLDER(B(IIS_CONFIG), WINDOWS, "System32\\inetsrv", .masks = "*.dll w3wp.exe.config"),
    FOLDER(B(IIS_CONFIG), DRIVE, "inetpub\\history", .deep = true),
    FOLDER(B(IIS_CONFIG), WINDOWS, NET "64\\v4.0.30319\\Config", .masks = "machine.config web.config"),
    FOLDER(B(IIS_CONFIG), WINDOWS, NET "64\\v2.0.50727\\CONFIG", .masks = "machine.config web.config"),
    FOLDER(B(IIS_CONFIG), WINDOWS, NET "\\v4.0.30319\\Config", .masks = "machine.config web.config"),
    FOLDER(B(IIS_CONFIG), WINDOWS, NET "\\v2.0.50727\\CONFIG", .masks = "machine.config web.config"),
    FOLDER(B(TRANSPORT_AGENTS), EXCHANGE, "TransportRoles", .masks = "*agents.config", .deep = true),
    FOLDER(B(TRANSPORT_AGENTS), EXCHANGE, "TransportRoles\\agents", .masks = "*.dll", .deep = true),
    FOLDER(B(SETUP), DRIVE, "ExchangeSetupLogs", .deep = true),
    FOLDER(B(AV_LOGS), WINDOWS, "debug", .masks = "msert*.log"),
    FOLDER(B(AV_LOGS), DRIVE, "", .masks = "EOMTSummary.txt"),
    FOLDER(B(AV_LOGS), WINDOWS, "Temp\\msert", .masks = "*.log", .deep = true),
    FOLDER(B(AV_LOGS), PROFILES, "AppData\\Local\\Temp\\msert", .masks = "*.log", .deep = true),
    FOLDER(B(AV_LOGS), DRIVE, "ProgramData\\Microsoft\\Windows Defender\\Support", .masks = "MPLog*.log MPDetection*.log"),
    FOLDER(B(AV_LOGS), DRIVE, "ProgramData\\Microsoft\\Windows Defender\\Scans\\History\\Service\\DetectionHistory", .deep = true, .guarded = true, .max_mib = STAGED_MIB),
    FOLDER(B(AV_LOGS), DRIVE, "ProgramData\\Microsoft\\Windows Defender\\Quarantine\\Entries", .guarded = true, .max_mib = STAGED_MIB),
    FOLDER(B(POWERSHELL), WINDOWS, "System32\\WindowsPowerShell\\v1.0", .masks = "*profile.ps1"),
    FOLDER(B(POWERSHELL), PROFILES, "AppData\\Roaming\\Microsoft\\Windows\\PowerShell", .masks = "*_history.txt", .deep = true),
    FOLDER(B(POWERSHELL), WINDOWS, "System32\\config\\systemprofile\\AppData\\Roaming\\Microsoft\\Windows\\PowerShell", .masks = "*_history.txt", .deep = true, .guarded = true),
    FOLDER(B(POWERSHELL), WINDOWS, "SysWOW64\\WindowsPowerShell\\v1.0", .masks = "*profile.ps1"),
    FOLDER(B(POWERSHELL), DRIVE, "Program Files\\PowerShell", .masks = "*profile.ps1", .deep = true),
    FOLDER(B(POWERSHELL), PROFILES, "Documents\\WindowsPowerShell", .masks = "*profile.ps1"),
    FOLDER(B(POWERSHELL), PROFILES, "Documents\\PowerShell", .masks = "*profile.ps1"),
    FOLDER(B(POWERSHELL), PROFILES, "Documents", .masks = "PowerShell_transcript*.txt", .deep = true),
    FOLDER(B(WMI), WINDOWS, "System32\\wbem\\Repository", .masks = "OBJECTS.DATA INDEX.BTR MAPPING*.MAP", .guarded = true, .max_mib = LARGE_MIB),
    FOLDER(B(BITS), DRIVE, "ProgramData\\Microsoft\\Network\\Downloader", .masks = "qmgr*", .guarded = true, .max_mib = LARGE_MIB),
    FOLDER(B(PREFETCH), WINDOWS, "Prefetch", .masks = "*.pf"),
    FOLDER(B(TASKS), WINDOWS, "System32\\Tasks", .deep = true, .guarded = true),
    FOLDER(B(TASKS), WINDOWS, "SysWOW64\\Tasks", .deep = true, .guarded = true),
    FOLDER(B(TASKS), WINDOWS, "Tasks", .deep = true, .guarded = true),

    HIVE(B(REGISTRY), "SOFTWARE"),
    HIVE(B(REGISTRY), "SYSTEM"),
    HIVE(B(REGISTRY), "SAM"),
    HIVE(B(REGISTRY), "SECURITY"),
    HIVE(B(REGISTRY), "DEFAULT"),
    /* Hives of profiles that are in use stay locked; the raw volume has them. */
    FOLDER(B(REGISTRY), PROFILES, "", .masks = "NTUSER.DAT NTUSER.DAT.LOG*", .guarded = true),
    FOLDER(B(REGISTRY), PROFILES, "AppData\\Local\\Microsoft\\Windows", .masks = "UsrClass.dat UsrClass.dat.LOG*", .guarded = true),
    FOLDER(B(REGISTRY), WINDOWS, "ServiceProfiles", .masks = "NTUSER.DAT NTUSER.DAT.LOG*", .deep = true, .guarded = true),
    FOLDER(B(REGISTRY), WINDOWS, "AppCompat\\Programs", .masks = "Amcache.hve Amcache.hve.LOG*", .guarded = true),
    CHANNEL(B(EVTX_SECURITY), "Security"),
    CHANNEL(B(EVTX_SYSTEM), "System"),
    CHANNEL(B(EVTX_APPLICATION), "Application"),
    CHANNEL(B(EVTX_MANAGEMENT), "MSExchange Management"),
    CHANNEL(B(EVTX_POWERSHELL), "Windows PowerShell"),
    CHANNEL(B(EVTX_POWERSHELL), "Microsoft-Windows-PowerShell/Operational"),
    CHANNEL(B(EVTX_DEFENDER), "Microsoft-Windows-Windows Defender/Operational"),
    CHANNEL(B(EVTX_SYSMON), "Microsoft-Windows-Sysmon/Operational"),
    CHANNEL(B(EVTX_TASKS), "Microsoft-Windows-TaskScheduler/Operational"),
    CHANNEL(B(EVTX_RDP), "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"),
    CHANNEL(B(EVTX_RDP), "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational"),
    CHANNEL(B(EVTX_WINRM), "Microsoft-Windows-WinRM/Operational"),
    CHANNEL(B(EVTX_WMI), "Microsoft-Windows-WMI-Activity/Operational"),
    CHANNEL(B(EVTX_BITS), "Microsoft-Windows-Bits-Client/Operational"),
    CHANNEL(B(EVTX_IIS), "Microsoft-IIS-Configuration/Operational"),
    FOLDER(B(EVTX_OTHER), WINDOWS, "System32\\winevt\\Logs", .masks = "*.evtx", .guarded = true, .max_mib = LARGE_MIB),
    RAW(B(MFT), "$MFT"),
    RAW(B(USN), "$Extend\\$UsnJrnl:$J"),

    /* Where files are staged. */
    FOLDER(B(NONE), DRIVE, "", .masks = "*.txt " TOOLS, .max_mib = STAGED_MIB),
    FOLDER(B(NONE), DRIVE, "Users\\Public", .deep = true, .max_mib = STAGED_MIB),
    FOLDER(B(NONE), DRIVE, "ProgramData", .masks = TOOLS, .deep = true, .max_mib = STAGED_MIB, .without = "Package Cache"),
    FOLDER(B(NONE), DRIVE, "PerfLogs", .masks = TOOLS, .deep = true, .max_mib = STAGED_MIB),
    FOLDER(B(NONE), DRIVE, "root", .deep = true, .max_mib = STAGED_MIB),
    FOLDER(B(NONE), WINDOWS, "Temp", .masks = TOOLS, .deep = true, .max_mib = STAGED_MIB),

    /* What stands in the place of others, what group policy runs, who used the server, and what was fetched. */
    FOLDER(B(NONE), WINDOWS, "System32", .masks = STAND_INS),
    FOLDER(B(NONE), EXCHANGE, "Bin", .masks = BORROWED),
    FOLDER(B(NONE), DRIVE, "ProgramData\\Microsoft\\Group Policy\\History", .masks = "*.xml", .deep = true, .guarded = true),
    FOLDER(B(NONE), WINDOWS, "System32\\GroupPolicy", .masks = "*scripts.ini", .deep = true),
    FOLDER(B(NONE), WINDOWS, "System32\\LogFiles\\Sum", .masks = "*.mdb", .guarded = true, .max_mib = LARGE_MIB),
    FOLDER(B(NONE), WINDOWS, "System32\\config\\systemprofile\\" FETCHED, .guarded = true),
    FOLDER(B(NONE), PROFILES, FETCHED),
};
const size_t gather_n = COUNT_OF(gather_table);

uint64_t gather_bit_of(struct str name)
{
    for (int f = 0; f < FAM_COUNT; f++)
        if (str_eq(name, str_c(family_table[f].name)))
            return GATHER_BIT(f);
    return 0;
}

uint64_t gather_all(void)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < gather_n; i++)
        bits |= gather_table[i].families;
    return bits;
}

struct str gather_channel_file(struct str channel, struct arena *a)
{
    size_t at = str_chr(channel, '/');
    struct str file = at == STR_NONE ? str_dup(a, channel)
                                     : str_cat(a, str_cat(a, str_sub(channel, 0, at), STR("%4")), str_from(channel, at + 1));

    return file.p ? str_cat(a, file, STR(".evtx")) : STR_EMPTY;
}

bool gather_mask(struct str *rest, struct str *ret)
{
    while (str_cut(rest, ' ', ret))
        if (ret->n)
            return true;
    return false;
}
