/*
 * evdays: what a quiet Exchange server writes into its event logs, day by day.
 *
 * Among it, on purpose, what resembles an intrusion and is none: compilers under w3wp.exe, crash reporters, an administrator's shells, exports to a file
 * server, edits of virtual directories, services of updates, view states that fail their check after a recycle.
 */
#include "lab/evlog.h"

#include <string.h>

#define INETSRV "C:\\Windows\\System32\\inetsrv\\"
#define SYS32 "C:\\Windows\\System32\\"
#define CSC "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\"
#define ADMIN_SID "S-1-5-21-4242-1717-31337-1101"

static const char *admin(struct lab *l) { return pool_fmt(&l->keep, "%s\\mara.admin", l->netbios); }
static const char *operator(struct lab *l) { return pool_fmt(&l->keep, "%s/Users/mara.admin", l->domain); }      /* as the audit of cmdlets names people */

static void compile(struct lab *l, uint32_t channels, int64_t t, const char *parent, const char *pool, const char *child, const char *line)
{
    const char *full = pool_fmt(&l->keep, "%sw3wp.exe -ap \"%s\" -v \"v4.0\" -c \"C:\\Program Files\\Microsoft\\Exchange Server\\V15\\bin\\GenericAppPoolConfigWithGCServerEnabledFalse.config\" -a \\\\.\\pipe\\iisipm0c -h \"C:\\inetpub\\temp\\apppools\\%s\\%s.config\"", "c:\\windows\\system32\\inetsrv\\", pool, pool, pool);

    if (channels & 1u << CH_SECURITY)
        EV(l, CH_SECURITY, 4688, t, "NewProcessName", child, "CommandLine", line, "ParentProcessName", parent);
    if (channels & 1u << CH_SYSMON)
        EV(l, CH_SYSMON, 1, t, "Image", child, "CommandLine", line, "ParentImage", parent, "ParentCommandLine", strcasestr(parent, "w3wp") ? full : parent);
}

static void security(struct lab *l, struct rng *r, int64_t day, bool workday)
{
    static const char *const child[] = { SYS32 "svchost.exe", SYS32 "taskhostw.exe", SYS32 "wbem\\WmiPrvSE.exe", SYS32 "dllhost.exe", SYS32 "MpSigStub.exe" };
    const char *exchange = pool_fmt(&l->keep, "%s\\Bin\\", l->install_win);

    for (uint32_t i = 0; i < 5; i++) {
        int64_t t = day + rng_below(r, 86000) * TIME_SECOND;
        EV_PLAIN(l, CH_SECURITY, 4624, t);
        EV_PLAIN(l, CH_SECURITY, 4672, t + 1000);
        EV(l, CH_SECURITY, 4688, t + TIME_SECOND, "NewProcessName", child[i], "ParentProcessName", SYS32 "services.exe", "CommandLine", "");
    }
    for (uint32_t i = 0; workday && i < 4; i++) {
        const struct user *u = &l->user[rng_below(r, l->user_n)];
        int64_t t = day + 7 * TIME_HOUR + rng_below(r, 36000) * TIME_SECOND;
        EV(l, CH_SECURITY, 4624, t, "TargetUserName", strchr(u->name, '\\') + 1, "TargetDomainName", l->netbios, "TargetUserSid", "S-1-5-21-4242-1717-31337-1210", "LogonType", "3", "LogonProcessName", "NtLmSsp ",
           "AuthenticationPackageName", "NTLM", "WorkstationName", "-", "IpAddress", u->client, "IpPort", "50911", "ProcessName", "-", "TargetLogonId", "0x51aab0", "SubjectUserSid", "S-1-0-0", "SubjectUserName", "-");
        /* Basic authentication at the front end: explicit credentials, in the worker process, for this very server. */
        EV(l, CH_SECURITY, 4648, t + 500000, "TargetUserName", strchr(u->name, '\\') + 1, "ProcessName", INETSRV "w3wp.exe", "IpAddress", u->client, "IpPort", "50911");
    }
    if (workday) {
        EV(l, CH_SECURITY, 4624, day + 8 * TIME_HOUR, "TargetUserName", "mara.admin", "TargetDomainName", l->netbios, "TargetUserSid", ADMIN_SID, "LogonType", "10", "LogonProcessName", "User32 ", "WorkstationName", l->server, "IpAddress", "10.20.1.7",
           "IpPort", "0", "ProcessName", SYS32 "svchost.exe", "TargetLogonId", "0x91be20");
        EV(l, CH_SECURITY, 4688, day + 8 * TIME_HOUR + TIME_MINUTE, "SubjectUserSid", ADMIN_SID, "SubjectUserName", "mara.admin", "SubjectLogonId", "0x91be20", "NewProcessName", SYS32 "WindowsPowerShell\\v1.0\\powershell.exe", "ParentProcessName", "C:\\Windows\\explorer.exe",
           "CommandLine", pool_fmt(&l->keep, "\"%sWindowsPowerShell\\v1.0\\powershell.exe\" -noexit -command \". '%sRemoteExchange.ps1'; Connect-ExchangeServer -auto -ClientApplication:ManagementShell \"", SYS32, exchange));
        EV(l, CH_SECURITY, 4688, day + 8 * TIME_HOUR + 9 * TIME_MINUTE, "SubjectUserSid", ADMIN_SID, "SubjectUserName", "mara.admin", "SubjectLogonId", "0x91be20", "NewProcessName", SYS32 "cmd.exe", "ParentProcessName", "C:\\Windows\\explorer.exe", "CommandLine", "\"C:\\Windows\\system32\\cmd.exe\" ");
        EV(l, CH_SECURITY, 4688, day + 8 * TIME_HOUR + 10 * TIME_MINUTE, "SubjectUserSid", ADMIN_SID, "SubjectUserName", "mara.admin", "SubjectLogonId", "0x91be20", "NewProcessName", SYS32 "whoami.exe", "ParentProcessName", SYS32 "cmd.exe", "CommandLine", "whoami  /groups");
    }
    EV(l, CH_SECURITY, 4688, day + 2 * TIME_HOUR, "NewProcessName", pool_fmt(&l->keep, "%sOleConverter.exe", exchange), "ParentProcessName", pool_fmt(&l->keep, "%sEdgeTransport.exe", exchange), "CommandLine", "");
}

static void system_log(struct lab *l, struct rng *r, int64_t day, bool patch)
{
    static const char *const service[] = { "Windows Update", "Windows Modules Installer", "Software Protection", "Volume Shadow Copy", "Microsoft Software Shadow Copy Provider", "WinHTTP Web Proxy Auto-Discovery Service" };

    for (uint32_t i = 0; i < 6; i++) {
        int64_t t = day + rng_below(r, 80000) * TIME_SECOND;
        EV(l, CH_SYSTEM, 7036, t, "param1", service[i], "param2", "running");
        EV(l, CH_SYSTEM, 7036, t + 10 * TIME_MINUTE, "param1", service[i], "param2", "stopped");
    }
    if (patch) {
        EV(l, CH_SYSTEM, 7045, day + 20 * TIME_HOUR, "ServiceName", "Microsoft Exchange Service Host", "ImagePath", pool_fmt(&l->keep, "\"%s\\Bin\\Microsoft.Exchange.ServiceHost.exe\"", l->install_win), "StartType", "auto start");
        EV(l, CH_SYSTEM, 7040, day + 20 * TIME_HOUR, "param1", "Windows Modules Installer", "param2", "demand start", "param3", "auto start", "param4", "TrustedInstaller");
        EV_PLAIN(l, CH_SYSTEM, 6005, day + 20 * TIME_HOUR + 9 * TIME_MINUTE);
    }
    if (civil_of(day).day == 9)
        EV(l, CH_SYSTEM, 7045, day + 3 * TIME_HOUR, "ServiceName", "MpKslDrv", "ImagePath", "C:\\ProgramData\\Microsoft\\Windows Defender\\Definition Updates\\{0A1B2C3D-9999-4040-8101-000000000500}\\MpKslDrv.sys", "ServiceType", "kernel mode driver", "StartType", "boot start", "AccountName", "");
}

static void application(struct lab *l, struct rng *r, int64_t day)
{
    const char *url = pool_fmt(&l->keep, "https://%s/owa/auth/logon.aspx", l->host), *client = l->user[rng_below(r, l->user_n)].client;

    EV(l, CH_APPLICATION, 2001, day + rng_below(r, 80000) * TIME_SECOND, "Text", "Exchange Active Directory Provider has been initialised.");
    EV(l, CH_APPLICATION, 326, day + 4 * TIME_HOUR, "Process", "Information Store - DB01", "Pid", "5120,D,50", "Instance", "DB01: ", "Number", "1", "Path", "C:\\ExchangeDatabases\\DB01\\DB01.edb", "Time", "0", "Details", "[1] 0.000, [2] 0.000");
    EV(l, CH_APPLICATION, 1309, day + 5 * TIME_HOUR, "Code", "3005", "Message", "An unhandled exception has occurred.", "Exception", "HttpException", "ExceptionMessage", "The file '/owa/auth/old.aspx' does not exist.", "Url", pool_fmt(&l->keep, "https://%s/owa/auth/old.aspx", l->host),
       "Path", "/owa/auth/old.aspx", "Client", client, "Stack", "   at System.Web.UI.Util.CheckVirtualFileExists(VirtualPath virtualPath)");
    for (uint32_t i = 0; i < 2; i++)
        EV(l, CH_APPLICATION, 1316, day + 6 * TIME_HOUR + i * TIME_MINUTE, "Code", "4009", "Message", "Viewstate verification failed. Reason: The viewstate supplied failed integrity check.", "Detail", "50203", "Url", url, "Path", "/owa/auth/logon.aspx", "Client", client,
           "Reason", "Viewstate verification failed. Reason: The viewstate supplied failed integrity check.", "ClientIp", client, "Port", "50911", "Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "PersistedState", "dDw0ODE1MTYyMzQyOz4=", "ViewStatePath", "/owa/auth/logon.aspx");
}

static void management(struct lab *l, struct rng *r, int64_t day, bool workday)
{
    int64_t t = day + 9 * TIME_HOUR + rng_below(r, 20000) * TIME_SECOND;
    const char *who = l->user[rng_below(r, l->user_n)].display;

    EV(l, CH_MANAGEMENT, 1, day + 60 * TIME_MINUTE, "Cmdlet", "Get-MailboxDatabase", "Parameters", "-Status \"True\"", "Caller", "NT AUTHORITY\\SYSTEM (MSExchangeHMWorker)", "CallerSid", "S-1-5-18", "Host", "Local-ManagementShell-Unknown");
    if (!workday)
        return;
    EV(l, CH_MANAGEMENT, 1, t, "Cmdlet", "Set-Mailbox", "Parameters", pool_fmt(&l->keep, "-Identity \"%s\" -ProhibitSendQuota \"2 GB\"", who), "Caller", operator(l));
    EV(l, CH_MANAGEMENT, 6, t + TIME_MINUTE, "Cmdlet", "Get-Mailbox", "Parameters", "-Identity \"nobody\"", "Caller", operator(l), "Error", "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException: The operation couldn't be performed because object 'nobody' couldn't be found.");
    switch (civil_of(day).day) {
    case 8:
        EV(l, CH_MANAGEMENT, 1, t, "Cmdlet", "New-MailboxExportRequest", "Parameters", pool_fmt(&l->keep, "-Mailbox \"%s\" -FilePath \"\\\\files01\\archive\\leavers\\%s.pst\"", who, who), "Caller", operator(l));
        break;
    case 12:
        EV(l, CH_MANAGEMENT, 1, t, "Cmdlet", "Remove-MailboxExportRequest", "Parameters", pool_fmt(&l->keep, "-Identity \"%s\\MailboxExport\"", who), "Caller", operator(l));
        EV(l, CH_MANAGEMENT, 1, t + TIME_MINUTE, "Cmdlet", "Set-OabVirtualDirectory", "Parameters", pool_fmt(&l->keep, "-ExternalUrl \"https://%s/OAB\" -Identity \"%s\\OAB (Default Web Site)\"", l->host, l->server), "Caller", operator(l));
        break;
    case 16:
        EV(l, CH_MANAGEMENT, 1, t, "Cmdlet", "Add-MailboxPermission", "Parameters", pool_fmt(&l->keep, "-Identity \"Info\" -User \"%s\" -AccessRights \"FullAccess\"", who), "Caller", operator(l));
        break;
    case 19:
        EV(l, CH_MANAGEMENT, 1, t, "Cmdlet", "New-ExchangeCertificate", "Parameters", pool_fmt(&l->keep, "-GenerateRequest \"True\" -SubjectName \"CN=%s\" -RequestFile \"\\\\files01\\certs\\mail.req\"", l->host), "Caller", operator(l));
        break;
    default:
        break;
    }
}

static void shells(struct lab *l, uint32_t channels, int64_t day, bool workday)
{
    const char *details = pool_fmt(&l->keep, "NewEngineState=Available\r\n\tPreviousEngineState=None\r\n\r\n\tSequenceNumber=13\r\n\r\n\tHostName=ConsoleHost\r\n\tHostVersion=5.1.14393.4169\r\n\tHostId=0a1b2c3d\r\n\t"
        "HostApplication=powershell.exe -NonInteractive -NoProfile -File \"C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Scripts\\StartDagServerMaintenance.ps1\"\r\n\tEngineVersion=5.1.14393.4169\r\n\tRunspaceId=0a1b\r\n");

    if (channels & 1u << CH_POWERSHELL_OLD) {
        EV(l, CH_POWERSHELL_OLD, 400, day + 6 * TIME_HOUR, "Details", details);
        EV(l, CH_POWERSHELL_OLD, 600, day + 6 * TIME_HOUR, "Details", details);
    }
    if (channels & 1u << CH_POWERSHELL) {
        EV(l, CH_POWERSHELL, 4104, day + 6 * TIME_HOUR, "ScriptBlockText", "Get-MailboxDatabase -Status | Select-Object Name, Mounted, DatabaseSize | Export-Csv C:\\Scripts\\sizes.csv -NoTypeInformation", "Path", "C:\\Scripts\\Get-Sizes.ps1");
        if (workday)
            EV(l, CH_POWERSHELL, 4104, day + 8 * TIME_HOUR + 2 * TIME_MINUTE, "ScriptBlockText", "Invoke-WebRequest -UseBasicParsing -Uri \"https://go.example.org/update-notes.html\" -OutFile \"$env:TEMP\\notes.html\"");
    }
}

static void rest(struct lab *l, uint32_t channels, struct rng *r, int64_t day, bool workday)
{
    if (channels & 1u << CH_DEFENDER) {
        EV_PLAIN(l, CH_DEFENDER, 2000, day + 3 * TIME_HOUR);
        EV(l, CH_DEFENDER, 5007, day + 3 * TIME_HOUR + TIME_SECOND, "Old Value", "HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\Signature Updates\\EngineVersion = 1.1.17800.5", "New Value", "HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\Signature Updates\\EngineVersion = 1.1.17900.7");
    }
    if (channels & 1u << CH_TASKS) {
        EV(l, CH_TASKS, 200, day + TIME_HOUR, "TaskName", "\\Microsoft\\Windows\\Defrag\\ScheduledDefrag", "ActionName", "C:\\Windows\\system32\\defrag.exe");
        EV(l, CH_TASKS, 201, day + TIME_HOUR + TIME_MINUTE, "TaskName", "\\Microsoft\\Windows\\Defrag\\ScheduledDefrag", "ActionName", "C:\\Windows\\system32\\defrag.exe");
        EV(l, CH_TASKS, 140, day + 4 * TIME_HOUR, "TaskName", "\\Microsoft\\Windows\\WindowsUpdate\\Scheduled Start", "UserName", "S-1-5-18");
    }
    if (channels & 1u << CH_SESSIONS && workday) {
        EV(l, CH_SESSIONS, 21, day + 8 * TIME_HOUR, "User", admin(l), "Address", "10.20.1.7");
        EV(l, CH_SESSIONS, 24, day + 16 * TIME_HOUR, "User", admin(l), "Address", "10.20.1.7");
    }
    if (channels & 1u << CH_SESSIONS && civil_of(day).day == 15)
        EV(l, CH_SESSIONS, 21, day + 7 * TIME_HOUR, "User", admin(l), "Address", "LOCAL");
    if (channels & 1u << CH_REMOTE && workday)
        EV(l, CH_REMOTE, 1149, day + 8 * TIME_HOUR - 4 * TIME_SECOND, "Param1", "mara.admin", "Param3", "10.20.1.7");
    if (channels & 1u << CH_WINRM) {
        EV(l, CH_WINRM, 91, day + 5 * TIME_HOUR, "resourceUri", "http://schemas.microsoft.com/powershell/Microsoft.Exchange");
        EV(l, CH_WINRM, 6, day + 5 * TIME_HOUR, "connection", pool_fmt(&l->keep, "http://%s.%s/powershell?serializationLevel=Full;ExchClientVer=15.1.2106.2;clientApplication=ManagementShell", l->server, l->domain));
    }
    if (channels & 1u << CH_BITS) {
        EV(l, CH_BITS, 3, day + 2 * TIME_HOUR, "jobTitle", "WU Client Download", "processPath", SYS32 "svchost.exe");
        EV(l, CH_BITS, 59, day + 2 * TIME_HOUR + TIME_SECOND, "name", "WU Client Download", "url", "http://download.windowsupdate.example/c/msdownload/update/software/secu/2021/02/windows10.0-kb4601318-x64.cab");
        EV(l, CH_BITS, 16403, day + 2 * TIME_HOUR, "jobTitle", "WU Client Download", "RemoteName", "http://download.windowsupdate.example/c/msdownload/update/software/secu/2021/02/windows10.0-kb4601318-x64.cab", "LocalName", "C:\\Windows\\SoftwareDistribution\\Download\\0a1b\\BIT1.tmp");
    }
    if (channels & 1u << CH_WMI) {
        EV_PLAIN(l, CH_WMI, 5857, day + rng_below(r, 80000) * TIME_SECOND);
        if (civil_of(day).day == 2)
            EV(l, CH_WMI, 5861, day + 6 * TIME_HOUR, "ESS", "SCM Event Log Filter", "CONSUMER", "NTEventLogEventConsumer=\"SCM Event Log Consumer\"", "PossibleCause", "Binding EventFilter: \ninstance of __EventFilter\n{\n\tName = \"SCM Event Log Filter\";\n\tQuery = \"select * from "
               "MSFT_SCMEventLogEvent\";\n\tQueryLanguage = \"WQL\";\n};\nPerm. Consumer: \ninstance of NTEventLogEventConsumer\n{\n\tName = \"SCM Event Log Consumer\";\n\tSourceName = \"Service Control Manager\";\n};\n");
    }
}

void ev_ordinary(struct lab *l, uint32_t channels)
{
    for (int64_t day = l->start_us; day < l->end_us; day += TIME_DAY) {
        struct rng   r = rng_for(l->seed, 0x65767478u + (uint64_t)(day / TIME_DAY));
        struct civil c = civil_of(day);
        bool         workday = c.weekday < 5, patch = l->patch_us != TIME_NONE && day == l->patch_us - l->patch_us % TIME_DAY;
        int64_t      t = day + 4 * TIME_HOUR + rng_below(&r, 3000) * TIME_SECOND;

        if (channels & 1u << CH_SECURITY)
            security(l, &r, day, workday);
        if (channels & 1u << CH_SYSTEM)
            system_log(l, &r, day, patch);
        if (channels & 1u << CH_APPLICATION)
            application(l, &r, day);
        if (channels & 1u << CH_MANAGEMENT)
            management(l, &r, day, workday);
        shells(l, channels, day, workday);
        compile(l, channels, t, INETSRV "w3wp.exe", "MSExchangeOWAAppPool", CSC "csc.exe", pool_fmt(&l->keep, "\"%scsc.exe\" /noconfig /fullpaths @\"C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files\\owa\\8e05b027\\e164d61b\\x0kjcq1z.cmdline\"", CSC));
        compile(l, channels, t + TIME_SECOND, CSC "csc.exe", "", CSC "cvtres.exe", pool_fmt(&l->keep, "%scvtres.exe /NOLOGO /READONLY /MACHINE:IX86 \"/OUT:C:\\Windows\\TEMP\\RES3A1.tmp\" \"C:\\Windows\\TEMP\\CSC3A0.TMP\"", CSC));
        if (c.weekday == 2) {
            compile(l, channels, t + TIME_HOUR, INETSRV "w3wp.exe", "MSExchangeServicesAppPool", SYS32 "WerFault.exe", SYS32 "WerFault.exe -u -p 7324 -s 5544");
            compile(l, channels, t + 2 * TIME_HOUR, INETSRV "w3wp.exe", "MSExchangeOWAAppPool", SYS32 "conhost.exe", "\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1");
        }
        if (channels & 1u << CH_SYSMON) {
            EV(l, CH_SYSMON, 11, t, "Image", INETSRV "w3wp.exe", "TargetFilename", "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files\\owa\\8e05b027\\e164d61b\\App_Web_x0kjcq1z.0.cs");
            EV(l, CH_SYSMON, 11, t + TIME_MINUTE, "Image", pool_fmt(&l->keep, "%s\\Bin\\UMWorkerProcess.exe", l->install_win), "TargetFilename", "C:\\Windows\\Temp\\CacheCleanup.bin");
            EV(l, CH_SYSMON, 10, t, "SourceImage", SYS32 "wbem\\wmiprvse.exe", "TargetImage", SYS32 "lsass.exe", "GrantedAccess", "0x1410");
            EV(l, CH_SYSMON, 10, t, "SourceImage", "C:\\ProgramData\\Microsoft\\Windows Defender\\platform\\4.18.2101.9-0\\MsMpEng.exe", "TargetImage", SYS32 "lsass.exe", "GrantedAccess", "0x1010");
            if (patch)
                EV(l, CH_SYSMON, 11, day + 20 * TIME_HOUR, "Image", SYS32 "msiexec.exe", "TargetFilename", pool_fmt(&l->keep, "%s\\FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx", l->install_win));
        }
        rest(l, channels, &r, day, workday);
    }
}
