/* evkinds: channels and kinds of records: provider, header, and fields in their order with what usually stands there ({S} server, {D} domain, {N} the domain's DNS name). */
#include "lab/evlog.h"

const struct evchannel evchannel_table[CH_COUNT] = {
    [CH_SECURITY] = { "Security", "Security" },
    [CH_SYSTEM] = { "System", "System" },
    [CH_APPLICATION] = { "Application", "Application" },
    [CH_MANAGEMENT] = { "MSExchange Management", "MSExchange Management" },
    [CH_POWERSHELL] = { "Microsoft-Windows-PowerShell/Operational", "Microsoft-Windows-PowerShell%4Operational" },
    [CH_POWERSHELL_OLD] = { "Windows PowerShell", "Windows PowerShell" },
    [CH_DEFENDER] = { "Microsoft-Windows-Windows Defender/Operational", "Microsoft-Windows-Windows Defender%4Operational" },
    [CH_SYSMON] = { "Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon%4Operational" },
    [CH_TASKS] = { "Microsoft-Windows-TaskScheduler/Operational", "Microsoft-Windows-TaskScheduler%4Operational" },
    [CH_SESSIONS] = { "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", "Microsoft-Windows-TerminalServices-LocalSessionManager%4Operational" },
    [CH_REMOTE] = { "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational", "Microsoft-Windows-TerminalServices-RemoteConnectionManager%4Operational" },
    [CH_WINRM] = { "Microsoft-Windows-WinRM/Operational", "Microsoft-Windows-WinRM%4Operational" },
    [CH_BITS] = { "Microsoft-Windows-Bits-Client/Operational", "Microsoft-Windows-Bits-Client%4Operational" },
    [CH_WMI] = { "Microsoft-Windows-WMI-Activity/Operational", "Microsoft-Windows-WMI-Activity%4Operational" },
};

#define AUDIT(task) 0, (task), 0x8020000000000000
#define SUBJECT "SubjectUserSid:s=S-1-5-18|SubjectUserName={S}$|SubjectDomainName={D}|SubjectLogonId:h=0x3e7"
#define SECURITY(id, version, task, fields) \
    { CH_SECURITY, id, "Microsoft-Windows-Security-Auditing", "54849625-5478-4994-a5ba-3e3b0328c30d", version, AUDIT(task), 'E', fields }
#define TARGET "TargetUserName|TargetDomainName={S}|TargetSid:s=S-1-5-21-4242-1717-31337-1104|"
#define USER_DETAILS "SamAccountName|DisplayName=%%1793|UserPrincipalName=-|HomeDirectory=%%1793|HomePath=%%1793|ScriptPath=%%1793|ProfilePath=%%1793|UserWorkstations=%%1793|PasswordLastSet=%%1794|" \
    "AccountExpires=%%1794|PrimaryGroupId=513|AllowedToDelegateTo=-|OldUacValue=0x0|NewUacValue=0x15|UserAccountControl=%%2080 %%2082 %%2084|UserParameters=%%1793|SidHistory=-|LogonHours=%%1797"
#define GROUP "MemberName=-|MemberSid:s=S-1-5-21-4242-1717-31337-1104|TargetUserName=Administrators|TargetDomainName=Builtin|TargetSid:s=S-1-5-32-544|" SUBJECT "|PrivilegeList=-"

#define CONTROL "Service Control Manager", "555908d1-a6d7-4695-8e1e-26931d2012f4"
#define CLASSIC(channel, id, provider, level, task, fields) { channel, id, provider, NULL, 0, level, task, 0x80000000000000, 'A', fields }
#define EVENTLOG "Microsoft-Windows-Eventlog", "fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148"
/* Order as in a record of November 2021 that is public; which of the empty ones holds the error of event 6 is not known. */
#define CMDLET "Cmdlet|Parameters|Caller={N}/Users/mara.admin|CallerSid=S-1-5-21-4242-1717-31337-1101|CallerSid2=S-1-5-21-4242-1717-31337-1101|Host=Remote-ManagementShell-Unknown|" \
    "Process=7324 w3wp#MSExchangePowerShellAppPool|Object=|Thread=40|Elapsed=00:00:00.4062500|View=View Entire Forest: 'False', Default Scope: '{N}', Configuration Domain Controller: 'DC01.{N}'|Error=|E1=|E2=|E3=|E4=|E5=|" \
    "Flag=False|E6=|Proxied=0 objects execution has been proxied to remote server.|E7=|E8=|Zero=0|Activity=ActivityId: 0a1b2c3d-8888-4040-8101-000000000500|Plan=ServicePlan:;IsAdmin:True;|E9=|Language=en-US"
#define DEFENDER(id, level, fields) { CH_DEFENDER, id, "Microsoft-Windows-Windows Defender", "11cd958a-c507-4ef3-b3f2-5fd9dfbd2c78", 0, level, 0, 0x8000000000000000, 'E', "Product Name=Windows Defender Antivirus|Product Version=4.18.2101.9" fields }
#define THREAT "|Detection ID={0F1B2C3D-0001-4000-8000-00000000A5A5}|Detection Time=2021-03-03T02:20:00.000Z|Unused|Unused2|Threat ID=2147776033|Threat Name|Severity ID=5|Severity Name=Severe|Category ID=6|Category Name=Backdoor|FWLink=" \
    "|Status Code=1|Status Description|State=1|Source ID=3|Source Name=Real-Time Protection|Process Name=Unknown|Detection User=NT AUTHORITY\\SYSTEM|Unused3|Path|Origin ID=1|Origin Name=Local machine|Execution ID=1|" \
    "Execution Name=Suspended|Type ID=0|Type Name=Concrete|Pre Execution Status=0|Action ID=9|Action Name=Not Applicable|Unused4|Error Code=0x00000000|Error Description=The operation completed successfully. |Unused5|" \
    "Post Clean Status=0|Additional Actions ID=0|Additional Actions String=No additional actions required|Remediation User|Unused6|Signature Version=AV: 1.333.160.0|Engine Version=AM: 1.1.17900.7"
#define SYSMON(id, version, fields) { CH_SYSMON, id, "Microsoft-Windows-Sysmon", "5770385f-c22a-43e0-bf4c-06f5698ffbd9", version, 4, id, 0x8000000000000000, 'E', "RuleName=-|" fields }
#define SYSMON_OLD(id, fields) { CH_SYSMON, id, "Microsoft-Windows-Sysmon", "5770385f-c22a-43e0-bf4c-06f5698ffbd9", 3, 4, id, 0x8000000000000000, 'E', "RuleName=-|" fields }
#define GUID_P "ProcessGuid:g=0a1b2c3d-1111-6040-0101-000000000500|ProcessId:u=7324|"
#define TASKS(id, fields) { CH_TASKS, id, "Microsoft-Windows-TaskScheduler", "de7b24ea-73c8-4a09-985d-5bdadcfa9017", 0, 4, id, 0x8000000000000000, 'E', fields }
#define SESSION(id) { CH_SESSIONS, id, "Microsoft-Windows-TerminalServices-LocalSessionManager", "5d896912-022d-40aa-a3a8-4fa5515c76d7", 0, 4, 0, 0x1000000000000000, 'U', "EventXML@Event_NS#User|SessionID:u=2|Address" }
#define BITS(id, fields) { CH_BITS, id, "Microsoft-Windows-Bits-Client", "ef1cc15b-46c1-414e-bb95-e76b077bd51e", 1, 4, 0, 0x4000000000000000, 'E', fields }
#define ASPNET "ASP.NET 4.0.30319.0"
#define WEB_EVENT "Code|Message|Time|TimeUtc|EventId=9b7f2f5a0c1d4e0f8a6b3c2d1e0f9a8b|Sequence=3|Occurrence=1|Detail=0|Domain=/LM/W3SVC/1/ROOT/owa-1-132591|Trust=Full|App=/owa|AppPath=C:\\Program Files\\Microsoft\\Exchange Server\\V15\\FrontEnd\\HttpProxy\\owa\\|" \
    "Machine={S}|Unused=|ProcessId=7324|ProcessName=w3wp.exe|Account=NT AUTHORITY\\SYSTEM"

const struct evkind evkind_table[] = {
    SECURITY(4688, 2, 13312, SUBJECT "|NewProcessId:h=0x1b2c|NewProcessName|TokenElevationType=%%1936|ProcessId:h=0x1c9c|CommandLine|TargetUserSid:s=S-1-0-0|TargetUserName=-|TargetDomainName=-|TargetLogonId:h=0x0|ParentProcessName|MandatoryLabel:s=S-1-16-16384"),
    SECURITY(4624, 2, 12544, SUBJECT "|TargetUserSid:s=S-1-5-18|TargetUserName=SYSTEM|TargetDomainName=NT AUTHORITY|TargetLogonId:h=0x3e7|LogonType:u=5|LogonProcessName=Advapi  |AuthenticationPackageName=Negotiate|WorkstationName=-|"
             "LogonGuid:g=00000000-0000-0000-0000-000000000000|TransmittedServices=-|LmPackageName=-|KeyLength:u=0|ProcessId:h=0x2a8|ProcessName=C:\\Windows\\System32\\services.exe|IpAddress=-|IpPort=-|ImpersonationLevel=%%1833|RestrictedAdminMode=-|"
             "TargetOutboundUserName=-|TargetOutboundDomainName=-|VirtualAccount=%%1843|TargetLinkedLogonId:h=0x0|ElevatedToken=%%1842"),
    SECURITY(4625, 0, 12544, SUBJECT "|TargetUserSid:s=S-1-0-0|TargetUserName|TargetDomainName={D}|Status:x=0xc000006d|FailureReason=%%2313|SubStatus:x=0xc000006a|LogonType:u=3|LogonProcessName=NtLmSsp |AuthenticationPackageName=NTLM|WorkstationName=-|"
             "TransmittedServices=-|LmPackageName=-|KeyLength:u=0|ProcessId:h=0x0|ProcessName=-|IpAddress=-|IpPort=-"),
    SECURITY(4648, 0, 12544, SUBJECT "|LogonGuid:g=00000000-0000-0000-0000-000000000000|TargetUserName|TargetDomainName={D}|TargetLogonGuid:g=00000000-0000-0000-0000-000000000000|TargetServerName=localhost|TargetInfo=localhost|ProcessId:h=0x1c9c|ProcessName|IpAddress=-|IpPort=-"),
    SECURITY(4672, 0, 12548, "SubjectUserSid:s=S-1-5-18|SubjectUserName=SYSTEM|SubjectDomainName=NT AUTHORITY|SubjectLogonId:h=0x3e7|PrivilegeList=SeSecurityPrivilege"),
    SECURITY(4697, 0, 12289, SUBJECT "|ServiceName|ServiceFileName|ServiceType:x=0x10|ServiceStartType:u=2|ServiceAccount=LocalSystem"),
    SECURITY(4698, 0, 12804, SUBJECT "|TaskName|TaskContent"),
    SECURITY(4699, 0, 12804, SUBJECT "|TaskName|TaskContent"),
    SECURITY(4702, 0, 12804, SUBJECT "|TaskName|TaskContentNew"),
    SECURITY(4719, 0, 13568, SUBJECT "|CategoryId=%%8276|SubcategoryId=%%13312|SubcategoryGuid:g=0cce922b-69ae-11d9-bed3-505054503030|AuditPolicyChanges"),
    SECURITY(4720, 0, 13824, TARGET SUBJECT "|PrivilegeList=-|" USER_DETAILS),
    SECURITY(4722, 0, 13824, TARGET SUBJECT),
    SECURITY(4724, 0, 13824, TARGET SUBJECT),
    SECURITY(4726, 0, 13824, TARGET SUBJECT "|PrivilegeList=-"),
    SECURITY(4728, 0, 13826, GROUP),
    SECURITY(4732, 0, 13826, GROUP),
    SECURITY(4756, 0, 13826, GROUP),
    SECURITY(4757, 0, 13826, GROUP),
    SECURITY(4729, 0, 13826, GROUP),
    SECURITY(4738, 0, 13824, "Dummy=-|" TARGET SUBJECT "|PrivilegeList=-|" USER_DETAILS),
    SECURITY(4781, 0, 13824, "OldTargetUserName|NewTargetUserName|TargetDomainName={S}|TargetSid:s=S-1-5-21-4242-1717-31337-1104|" SUBJECT "|PrivilegeList=-"),
    SECURITY(5145, 0, 12811, SUBJECT "|ObjectType=File|IpAddress|IpPort=49811|ShareName=\\\\*\\ADMIN$|ShareLocalPath=\\??\\C:\\Windows|RelativeTargetName|AccessMask:x=0x2|AccessList=%%4417|AccessReason=-"),
    { CH_SECURITY, 1102, EVENTLOG, 1, 4, 104, 0x4020000000000000, 'U', "LogFileCleared@http://manifests.microsoft.com/win/2004/08/windows/eventlog#SubjectUserSid:s=S-1-5-18|SubjectUserName={S}$|SubjectDomainName={D}|SubjectLogonId:h=0x3e7" },
    { CH_SYSTEM, 104, EVENTLOG, 0, 4, 104, 0x8000000000000000, 'U', "LogFileCleared@http://manifests.microsoft.com/win/2004/08/windows/eventlog#SubjectUserName={S}$|SubjectDomainName={D}|Channel|BackupPath" },
    { CH_SYSTEM, 7045, CONTROL, 0, 4, 0, 0x8080000000000000, 'E', "ServiceName|ImagePath|ServiceType=user mode service|StartType=demand start|AccountName=LocalSystem" },
    { CH_SYSTEM, 7036, CONTROL, 0, 4, 0, 0x8080000000000000, 'E', "param1|param2" },
    { CH_SYSTEM, 7040, CONTROL, 0, 4, 0, 0x8080000000000000, 'E', "param1|param2|param3|param4" },
    CLASSIC(CH_SYSTEM, 6005, "EventLog", 4, 0, ""),
    CLASSIC(CH_APPLICATION, 1309, ASPNET, 3, 3, WEB_EVENT "|Exception|ExceptionMessage|Url|Path|Client|User=|Authenticated=False|AuthenticationType=|ThreadAccount=NT AUTHORITY\\SYSTEM|ThreadId=12|Thread=NT AUTHORITY\\SYSTEM|Impersonating=False|Stack"),
    CLASSIC(CH_APPLICATION, 1316, ASPNET, 4, 3, WEB_EVENT "|Url|Path|Client|User=|Authenticated=False|AuthenticationType=|ThreadAccount=NT AUTHORITY\\SYSTEM|Reason|ClientIp|Port|Agent|PersistedState|Referer|ViewStatePath"),
    CLASSIC(CH_APPLICATION, 1314, ASPNET, 4, 3, WEB_EVENT "|Url|Path|Client|User=|Authenticated=False|AuthenticationType=|ThreadAccount=NT AUTHORITY\\SYSTEM|Name|Reason"),
    CLASSIC(CH_APPLICATION, 1082, "MSExchange Unified Messaging", 2, 12, "Text"),
    CLASSIC(CH_APPLICATION, 4999, "MSExchange Common", 2, 1, "Process|Kind=E12|Build|Assembly|Method|Exception|Hash|Date|Text"),
    CLASSIC(CH_APPLICATION, 4, "MSExchange Control Panel", 2, 1, "User|Request|Text"),
    CLASSIC(CH_APPLICATION, 1001, "MSExchange Front End HTTP Proxy", 4, 1, "Text"),
    CLASSIC(CH_APPLICATION, 326, "ESENT", 4, 1, "Process|Pid|Instance|Number|Path|Time|Details"),
    CLASSIC(CH_APPLICATION, 327, "ESENT", 4, 1, "Process|Pid|Instance|Number|Path|Time|Details"),
    CLASSIC(CH_APPLICATION, 2001, "MSExchange ADAccess", 4, 1, "Text"),
    CLASSIC(CH_MANAGEMENT, 1, "MSExchange CmdletLogs", 4, 1, CMDLET),
    CLASSIC(CH_MANAGEMENT, 6, "MSExchange CmdletLogs", 2, 1, CMDLET),
    { CH_POWERSHELL, 4104, "Microsoft-Windows-PowerShell", "a0c1853b-5c40-4b15-8766-3cf1c58f985a", 1, 5, 2, 0, 'E', "MessageNumber:i=1|MessageTotal:i=1|ScriptBlockText|ScriptBlockId=0b2d4f6a-0000-4000-8000-0000000000c1|Path=" },
    CLASSIC(CH_POWERSHELL_OLD, 400, "PowerShell", 4, 4, "State=Available|Before=None|Details"),
    CLASSIC(CH_POWERSHELL_OLD, 600, "PowerShell", 4, 6, "Provider=Registry|State=Started|Details"),
    CLASSIC(CH_POWERSHELL_OLD, 800, "PowerShell", 4, 8, "Line|Details|Output"),
    DEFENDER(1116, 3, THREAT), DEFENDER(1117, 4, THREAT),
    DEFENDER(5001, 4, ""), DEFENDER(5007, 4, "|Old Value|New Value"), DEFENDER(2000, 4, "|Current Signature Version=1.333.160.0|Previous Signature Version=1.333.101.0"),
    DEFENDER(1013, 4, "|Timestamp=2021-03-03T02:00:00.000Z|Domain=NT AUTHORITY|User=SYSTEM|SID=S-1-5-18"),
    SYSMON(1, 5, "UtcTime=2021-03-03 02:16:00.123|" GUID_P "Image|FileVersion=10.0.14393.0|Description=-|Product=Microsoft Windows Operating System|Company=Microsoft Corporation|OriginalFileName=-|CommandLine|CurrentDirectory=C:\\Windows\\System32\\inetsrv\\|"
           "User=NT AUTHORITY\\SYSTEM|LogonGuid:g=0a1b2c3d-0000-6040-e703-000000000000|LogonId:h=0x3e7|TerminalSessionId:u=0|IntegrityLevel=System|Hashes=SHA256=0000000000000000000000000000000000000000000000000000000000000000|"
           "ParentProcessGuid:g=0a1b2c3d-2222-6040-0101-000000000500|ParentProcessId:u=7324|ParentImage|ParentCommandLine|ParentUser=NT AUTHORITY\\SYSTEM"),
    SYSMON(3, 5, "UtcTime=2021-03-03 02:16:00.123|" GUID_P "Image|User=NT AUTHORITY\\SYSTEM|Protocol=tcp|Initiated:b=true|SourceIsIpv6:b=false|SourceIp=192.0.2.10|SourceHostname=-|SourcePort:w=50123|SourcePortName=-|DestinationIsIpv6:b=false|DestinationIp|DestinationHostname=-|DestinationPort:w=443|DestinationPortName=https"),
    SYSMON(10, 3, "UtcTime=2021-03-03 02:16:00.123|SourceProcessGUID:g=0a1b2c3d-1111-6040-0101-000000000500|SourceProcessId:u=8120|SourceThreadId:u=8124|SourceImage|TargetProcessGUID:g=0a1b2c3d-3333-6040-0101-000000000500|TargetProcessId:u=680|TargetImage|GrantedAccess:x=0x1400|CallTrace=C:\\Windows\\SYSTEM32\\ntdll.dll+9f8a4"),
    SYSMON(11, 2, "UtcTime=2021-03-03 02:16:00.123|" GUID_P "Image|TargetFilename|CreationUtcTime=2021-03-03 02:16:00.120|User=NT AUTHORITY\\SYSTEM"),
    SYSMON(13, 2, "EventType=SetValue|UtcTime=2021-03-03 02:16:00.123|" GUID_P "Image|TargetObject|Details|User=NT AUTHORITY\\SYSTEM"),
    SYSMON_OLD(19, "EventType=WmiFilterEvent|UtcTime=2021-03-03 02:16:00.123|Operation=Created|User=NT AUTHORITY\\SYSTEM|EventNamespace= \"root\\\\cimv2\"|Name|Query"),
    SYSMON_OLD(20, "EventType=WmiConsumerEvent|UtcTime=2021-03-03 02:16:00.123|Operation=Created|User=NT AUTHORITY\\SYSTEM|Name|Type=Command Line|Destination"),
    SYSMON_OLD(21, "EventType=WmiBindingEvent|UtcTime=2021-03-03 02:16:00.123|Operation=Created|User=NT AUTHORITY\\SYSTEM|Consumer|Filter"),
    SYSMON(23, 5, "UtcTime=2021-03-03 02:16:00.123|" GUID_P "User=NT AUTHORITY\\SYSTEM|Image|TargetFilename|Hashes=SHA256=0000000000000000000000000000000000000000000000000000000000000000|IsExecutable:b=false|Archived=false"),
    TASKS(106, "TaskName|UserContext"), TASKS(140, "TaskName|UserName"), TASKS(141, "TaskName|UserName"),
    TASKS(200, "TaskName|ActionName|TaskInstanceId:g=0a1b2c3d-4444-4040-8101-000000000500|EnginePID:u=9120"),
    TASKS(201, "TaskName|TaskInstanceId:g=0a1b2c3d-4444-4040-8101-000000000500|ActionName|ResultCode:u=0|EnginePID:u=9120"),
    SESSION(21), SESSION(24), SESSION(25),
    { CH_REMOTE, 1149, "Microsoft-Windows-TerminalServices-RemoteConnectionManager", "c76baa63-ae81-421c-b425-340b4b24157f", 0, 4, 0, 0x1000000000000000, 'U', "EventXML@Event_NS#Param1|Param2={D}|Param3" },
    { CH_WINRM, 6, "Microsoft-Windows-WinRM", "a7975c8f-ac13-49f1-87da-5a984a4ab417", 0, 4, 3, 0x4000000000000002, 'E', "connection" },
    { CH_WINRM, 91, "Microsoft-Windows-WinRM", "a7975c8f-ac13-49f1-87da-5a984a4ab417", 0, 4, 10, 0x4000000000000004, 'E', "resourceUri|shellId=0A1B2C3D-5555-4040-8101-000000000500" },
    BITS(3, "jobTitle|jobId:g=0a1b2c3d-6666-4040-8101-000000000500|jobOwner=NT AUTHORITY\\SYSTEM|processPath|processId:u=2140"),
    BITS(59, "transferId:g=0a1b2c3d-7777-4040-8101-000000000500|name|Id:g=0a1b2c3d-6666-4040-8101-000000000500|url|peer=|fileTime:f=0|fileLength:q=18446744073709551615|bytesTotal:q=18446744073709551615|bytesTransferred:q=0|bytesTransferredFromPeer:q=0"),
    BITS(16403, "User=NT AUTHORITY\\SYSTEM|jobTitle|jobId:g=0a1b2c3d-6666-4040-8101-000000000500|jobOwner=NT AUTHORITY\\SYSTEM|fileCount:u=1|RemoteName|LocalName|processId:u=2140|ClientProcessStartKey:q=0"),
    { CH_WMI, 5861, "Microsoft-Windows-WMI-Activity", "1418ef04-b0b4-4623-bf7e-d74ab47bbdaa", 0, 4, 0, 0x4000000000000000, 'U', "Operation_ESStoConsumerBinding@http://manifests.microsoft.com/win/2006/windows/WMI#Namespace=//./root/subscription|ESS|CONSUMER|PossibleCause" },
    { CH_WMI, 5857, "Microsoft-Windows-WMI-Activity", "1418ef04-b0b4-4623-bf7e-d74ab47bbdaa", 0, 4, 0, 0x4000000000000000, 'U', "Operation_StartedOperational@http://manifests.microsoft.com/win/2006/windows/WMI#ProviderName=CIMWin32|Code:x=0x0|HostProcess=wmiprvse.exe|ProcessID:u=3120|ProviderPath=%systemroot%\\system32\\wbem\\cimwin32.dll" },
};
const size_t evkind_n = sizeof evkind_table / sizeof *evkind_table;
