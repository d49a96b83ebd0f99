#include "evidence/family.h"

/*
 * Source: folders and file names from the evidence sheet, 1, 8 and 9.3, and ways back in, 1.5, 2.1 and 3. Commands are robocopy and
 * PowerShell as they stand on every Windows Server since 2008 R2; E:\collect stands for a disk that is not the server's own.
 */
/* The report's way: one file that takes it all. The command by hand is for who has only the report. gather_test.c holds both together. */
#define BY_HAND "or by hand: "
#define RUN(name) "Run on the server, as administrator, the file that `afterpatch collect --families " name " --out collect.cmd` writes; " BY_HAND
#define EXCHANGE(folder) "robocopy \"%ExchangeInstallPath%" folder "\" \"E:\\collect\\Exchange\\" folder "\" /E /COPY:DAT /R:1 /W:1"
#define EVTX(channel, file) "wevtutil epl \"" channel "\" \"E:\\collect\\evtx\\" file "\""

const struct family_info family_table[FAM_COUNT] = {
    [FAM_NONE] = { "none", "other files", NULL, NULL, true, false, "", "" },
    [FAM_IIS_FRONT] = { "iis_front", "IIS log, front end", "iis", &log_w3c, true, false, "C:\\inetpub\\logs\\LogFiles\\W3SVC1\\u_ex*.log",
        RUN("iis_front") "robocopy \"%SystemDrive%\\inetpub\\logs\\LogFiles\" E:\\collect\\LogFiles /E /COPY:DAT /R:1 /W:1" },
    [FAM_IIS_BACK] = { "iis_back", "IIS log, back end", "iis", &log_w3c, true, true, "C:\\inetpub\\logs\\LogFiles\\W3SVC2\\u_ex*.log",
        RUN("iis_back") "robocopy \"%SystemDrive%\\inetpub\\logs\\LogFiles\" E:\\collect\\LogFiles /E /COPY:DAT /R:1 /W:1" },
    [FAM_HTTPERR] = { "httperr", "HTTP.sys error log", "httperr", &log_w3c, true, false, "C:\\Windows\\System32\\LogFiles\\HTTPERR\\httperr*.log",
        RUN("httperr") "robocopy \"%windir%\\System32\\LogFiles\\HTTPERR\" E:\\collect\\HTTPERR /E /COPY:DAT /R:1 /W:1" },
    [FAM_HTTPPROXY] = { "httpproxy", "Exchange HttpProxy log", "exchange-httpproxy", &log_exchange, true, true,
        "%ExchangeInstallPath%Logging\\HttpProxy\\<protocol>\\HttpProxy_*.LOG", RUN("httpproxy") EXCHANGE("Logging\\HttpProxy") },
    [FAM_ECP_SERVER] = { "ecp_server", "Exchange ECP server log", "exchange-ecp-server", &log_ecp, true, true,
        "%ExchangeInstallPath%Logging\\ECP\\Server\\ECPServer*.LOG", RUN("ecp_server") EXCHANGE("Logging\\ECP") },
    [FAM_ECP_ACTIVITY] = { "ecp_activity", "Exchange ECP activity log", "exchange-ecp-activity", &log_ecp, true, true,
        "%ExchangeInstallPath%Logging\\ECP\\Activity\\ECPActivity_*.LOG", RUN("ecp_activity") EXCHANGE("Logging\\ECP") },
    [FAM_OAB_GENERATOR] = { "oab_generator", "Exchange address book generator log", "exchange-oabgenerator", &log_oab, true, true,
        "%ExchangeInstallPath%Logging\\OABGeneratorLog\\*.log", RUN("oab_generator") EXCHANGE("Logging\\OABGeneratorLog") },
    [FAM_EWS] = { "ews", "Exchange Web Services log", "exchange-ews", &log_exchange, true, true, "%ExchangeInstallPath%Logging\\Ews\\Ews_*.LOG",
        RUN("ews") EXCHANGE("Logging\\Ews") },
    [FAM_AUTODISCOVER] = { "autodiscover", "Exchange Autodiscover log", "exchange-autodiscover", &log_exchange, true, true,
        "%ExchangeInstallPath%Logging\\Autodiscover\\*.LOG", RUN("autodiscover") EXCHANGE("Logging\\Autodiscover") },
    [FAM_CMDLET] = { "cmdlet", "Exchange cmdlet log", "exchange-cmdlet", &log_exchange, true, true,
        "%ExchangeInstallPath%Logging\\CmdletInfra\\*\\Cmdlet\\Rps_Cmdlet_*.LOG", RUN("cmdlet") EXCHANGE("Logging\\CmdletInfra") },
    [FAM_WEB_ROOTS] = { "web_roots", "pages that IIS serves", NULL, NULL, true, false,
        "C:\\inetpub\\wwwroot, %ExchangeInstallPath%FrontEnd, %ExchangeInstallPath%ClientAccess and every physicalPath of applicationHost.config",
        RUN("web_roots") "robocopy \"%SystemDrive%\\inetpub\\wwwroot\" E:\\collect\\C\\inetpub\\wwwroot /E /COPY:DAT /R:1 /W:1 & "
        "robocopy \"%ExchangeInstallPath%FrontEnd\" E:\\collect\\Exchange\\FrontEnd /E /COPY:DAT /R:1 /W:1 & "
        "robocopy \"%ExchangeInstallPath%ClientAccess\" E:\\collect\\Exchange\\ClientAccess /E /COPY:DAT /R:1 /W:1" },
    [FAM_TEMP_ASPNET] = { "temp_aspnet", "compiled pages", NULL, NULL, true, false,
        "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files",
        RUN("temp_aspnet") "robocopy \"%windir%\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files\" "
        "\"E:\\collect\\C\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files\" /E /COPY:DAT /R:1 /W:1" },
    [FAM_IIS_CONFIG] = { "iis_config", "IIS configuration", NULL, NULL, true, false,
        "C:\\Windows\\System32\\inetsrv\\config\\applicationHost.config and C:\\inetpub\\history",
        RUN("iis_config") "robocopy \"%windir%\\System32\\inetsrv\\config\" E:\\collect\\C\\Windows\\System32\\inetsrv\\config *.config /COPY:DAT & "
        "robocopy \"%SystemDrive%\\inetpub\\history\" E:\\collect\\C\\inetpub\\history /E /COPY:DAT" },
    [FAM_TRANSPORT_AGENTS] = { "transport_agents", "Exchange transport agents", NULL, NULL, true, false,
        "%ExchangeInstallPath%TransportRoles\\Shared\\agents.config",
        RUN("transport_agents") "robocopy \"%ExchangeInstallPath%TransportRoles\" \"E:\\collect\\Exchange\\TransportRoles\" *agents.config /S /COPY:DAT" },
    [FAM_SETUP] = { "setup", "Exchange setup logs", NULL, NULL, true, false, "C:\\ExchangeSetupLogs\\ExchangeSetup.log, ServiceControl.log",
        RUN("setup") "robocopy \"%SystemDrive%\\ExchangeSetupLogs\" E:\\collect\\C\\ExchangeSetupLogs /E /COPY:DAT" },
    [FAM_AV_LOGS] = { "av_logs", "logs of Defender, of the Safety Scanner and of EOMT", NULL, NULL, true, false,
        "C:\\Windows\\debug\\msert.log, C:\\EOMTSummary.txt, %TEMP%\\msert\\EOMT.log, C:\\ProgramData\\Microsoft\\Windows Defender",
        RUN("av_logs") "robocopy \"%windir%\\debug\" E:\\collect\\C\\Windows\\debug msert*.log /COPY:DAT & "
        "robocopy \"%ProgramData%\\Microsoft\\Windows Defender\\Support\" \"E:\\collect\\C\\ProgramData\\Microsoft\\Windows Defender\\Support\" MPLog*.log /COPY:DAT & "
        "robocopy \"%SystemDrive%\\.\" E:\\collect\\C EOMTSummary.txt /COPY:DAT & robocopy \"%TEMP%\\msert\" E:\\collect\\C\\Windows\\Temp\\msert *.log /COPY:DAT" },
    [FAM_TASKS] = { "tasks", "scheduled tasks", NULL, NULL, true, false, "C:\\Windows\\System32\\Tasks",
        RUN("tasks") "robocopy \"%windir%\\System32\\Tasks\" E:\\collect\\C\\Windows\\System32\\Tasks /E /COPY:DAT /B" },
    [FAM_REGISTRY] = { "registry", "registry", NULL, NULL, true, false, "C:\\Windows\\System32\\config\\SOFTWARE, SYSTEM, SAM and DEFAULT, and NTUSER.DAT of every profile",
        RUN("registry") "reg save HKLM\\SOFTWARE E:\\collect\\SOFTWARE & reg save HKLM\\SYSTEM E:\\collect\\SYSTEM & reg save HKLM\\SAM E:\\collect\\SAM & "
        "robocopy \"%SystemDrive%\\Users\" E:\\collect\\C\\Users NTUSER.DAT NTUSER.DAT.LOG* /S /LEV:2 /COPY:DAT /B /R:1 /W:1" },
    [FAM_EVTX_SECURITY] = { "evtx_security", "event log Security", NULL, NULL, true, false, "C:\\Windows\\System32\\winevt\\Logs\\Security.evtx",
        RUN("evtx_security") EVTX("Security", "Security.evtx") },
    [FAM_EVTX_SYSTEM] = { "evtx_system", "event log System", NULL, NULL, true, false, "C:\\Windows\\System32\\winevt\\Logs\\System.evtx",
        RUN("evtx_system") EVTX("System", "System.evtx") },
    [FAM_EVTX_APPLICATION] = { "evtx_application", "event log Application", NULL, NULL, true, false,
        "C:\\Windows\\System32\\winevt\\Logs\\Application.evtx", RUN("evtx_application") EVTX("Application", "Application.evtx") },
    [FAM_EVTX_MANAGEMENT] = { "evtx_management", "event log MSExchange Management", NULL, NULL, true, false,
        "C:\\Windows\\System32\\winevt\\Logs\\MSExchange Management.evtx", RUN("evtx_management") EVTX("MSExchange Management", "MSExchange Management.evtx") },
    [FAM_EVTX_POWERSHELL] = { "evtx_powershell", "event logs of PowerShell", NULL, NULL, true, false,
        "C:\\Windows\\System32\\winevt\\Logs\\Windows PowerShell.evtx, Microsoft-Windows-PowerShell%4Operational.evtx",
        RUN("evtx_powershell") EVTX("Windows PowerShell", "Windows PowerShell.evtx") " & "
        EVTX("Microsoft-Windows-PowerShell/Operational", "Microsoft-Windows-PowerShell%4Operational.evtx") },
    [FAM_EVTX_DEFENDER] = { "evtx_defender", "event log of Windows Defender", NULL, NULL, true, false,
        "C:\\Windows\\System32\\winevt\\Logs\\Microsoft-Windows-Windows Defender%4Operational.evtx",
        RUN("evtx_defender") EVTX("Microsoft-Windows-Windows Defender/Operational", "Microsoft-Windows-Windows Defender%4Operational.evtx") },
    [FAM_EVTX_SYSMON] = { "evtx_sysmon", "event log of Sysmon", NULL, NULL, true, false,
        "C:\\Windows\\System32\\winevt\\Logs\\Microsoft-Windows-Sysmon%4Operational.evtx",
        RUN("evtx_sysmon") EVTX("Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon%4Operational.evtx") },
    [FAM_EVTX_TASKS] = { "evtx_tasks", "event log of the task scheduler", NULL, NULL, true, false,
        "C:\\Windows\\System32\\winevt\\Logs\\Microsoft-Windows-TaskScheduler%4Operational.evtx",
        RUN("evtx_tasks") EVTX("Microsoft-Windows-TaskScheduler/Operational", "Microsoft-Windows-TaskScheduler%4Operational.evtx") },
    [FAM_EVTX_RDP] = { "evtx_rdp", "event logs of Remote Desktop", NULL, NULL, true, false,
        "C:\\Windows\\System32\\winevt\\Logs\\Microsoft-Windows-TerminalServices-LocalSessionManager%4Operational.evtx, ...RemoteConnectionManager%4Operational.evtx",
        RUN("evtx_rdp") EVTX("Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", "Microsoft-Windows-TerminalServices-LocalSessionManager%4Operational.evtx") " & "
        EVTX("Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational", "Microsoft-Windows-TerminalServices-RemoteConnectionManager%4Operational.evtx") },
    [FAM_EVTX_WINRM] = { "evtx_winrm", "event log of remote management (WinRM)", NULL, NULL, true, false,
        "C:\\Windows\\System32\\winevt\\Logs\\Microsoft-Windows-WinRM%4Operational.evtx",
        RUN("evtx_winrm") EVTX("Microsoft-Windows-WinRM/Operational", "Microsoft-Windows-WinRM%4Operational.evtx") },
    [FAM_EVTX_WMI] = { "evtx_wmi", "event log of WMI", NULL, NULL, true, false,
        "C:\\Windows\\System32\\winevt\\Logs\\Microsoft-Windows-WMI-Activity%4Operational.evtx",
        RUN("evtx_wmi") EVTX("Microsoft-Windows-WMI-Activity/Operational", "Microsoft-Windows-WMI-Activity%4Operational.evtx") },
    [FAM_EVTX_BITS] = { "evtx_bits", "event log of BITS", NULL, NULL, true, false,
        "C:\\Windows\\System32\\winevt\\Logs\\Microsoft-Windows-Bits-Client%4Operational.evtx",
        RUN("evtx_bits") EVTX("Microsoft-Windows-Bits-Client/Operational", "Microsoft-Windows-Bits-Client%4Operational.evtx") },
    [FAM_EVTX_IIS] = { "evtx_iis", "event log of IIS configuration", NULL, NULL, true, false,
        "C:\\Windows\\System32\\winevt\\Logs\\Microsoft-IIS-Configuration%4Operational.evtx",
        RUN("evtx_iis") EVTX("Microsoft-IIS-Configuration/Operational", "Microsoft-IIS-Configuration%4Operational.evtx") },
    [FAM_EVTX_OTHER] = { "evtx_other", "other event logs", NULL, NULL, true, false,
        "C:\\Windows\\System32\\winevt\\Logs\\*.evtx",
        RUN("evtx_other") "robocopy \"%windir%\\System32\\winevt\\Logs\" E:\\collect\\C\\Windows\\System32\\winevt\\Logs *.evtx /COPY:DAT /R:1 /W:1" },
    [FAM_MFT] = { "mft", "master file table", NULL, NULL, true, false, "C:\\$MFT",
        "Take a disk image, or run what `afterpatch collect --form kape` or `--form velociraptor` writes: both tools read the raw volume." },
    [FAM_POWERSHELL] = { "powershell", "PowerShell history and profiles", NULL, NULL, true, false,
        "%APPDATA%\\Microsoft\\Windows\\PowerShell\\PSReadLine\\ConsoleHost_history.txt of each profile, and of System32\\config\\systemprofile",
        RUN("powershell") "robocopy \"%windir%\\System32\\WindowsPowerShell\\v1.0\" E:\\collect\\C\\Windows\\System32\\WindowsPowerShell\\v1.0 *profile.ps1 /COPY:DAT & "
        "robocopy \"%SystemDrive%\\Users\" E:\\collect\\C\\Users *_history.txt *profile.ps1 PowerShell_transcript* /S /COPY:DAT /R:1 /W:1 /B" },
    [FAM_WMI] = { "wmi", "WMI repository", NULL, NULL, true, false, "C:\\Windows\\System32\\wbem\\Repository\\OBJECTS.DATA",
        RUN("wmi") "robocopy \"%windir%\\System32\\wbem\\Repository\" E:\\collect\\C\\Windows\\System32\\wbem\\Repository /COPY:DAT /R:1 /W:1 /B" },
    [FAM_BITS] = { "bits", "transfer jobs of BITS", NULL, NULL, true, false, "C:\\ProgramData\\Microsoft\\Network\\Downloader\\qmgr0.dat, qmgr1.dat or qmgr.db",
        RUN("bits") "robocopy \"%ProgramData%\\Microsoft\\Network\\Downloader\" E:\\collect\\C\\ProgramData\\Microsoft\\Network\\Downloader /COPY:DAT /R:1 /W:1 /B" },
    [FAM_PREFETCH] = { "prefetch", "programs that ran (Prefetch)", NULL, NULL, true, false, "C:\\Windows\\Prefetch",
        RUN("prefetch") "robocopy \"%windir%\\Prefetch\" E:\\collect\\C\\Windows\\Prefetch *.pf /COPY:DAT /R:1 /W:1" },
    [FAM_USN] = { "usn", "change journal", NULL, NULL, true, false, "C:\\$Extend\\$UsnJrnl:$J",
        "fsutil usn readjournal C: csv > E:\\collect\\usn-C.csv (or run what `afterpatch collect --form velociraptor` writes: it reads the raw volume)" },
};

struct str family_by_hand(struct str how_to_get, struct str *ret_words)
{
    size_t at = str_find(how_to_get, STR(BY_HAND));

    *ret_words = at == STR_NONE ? STR_EMPTY : str_sub(how_to_get, 0, at + sizeof BY_HAND - 1);
    return str_from(how_to_get, ret_words->n);
}
