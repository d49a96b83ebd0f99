#include "detect/evtsource.h"

#include "base/num.h"

#include <stdio.h>

#define SYSMON "Microsoft-Windows-Sysmon/Operational"
#define POWERSHELL "Microsoft-Windows-PowerShell/Operational"
#define CORE "PowerShellCore/Operational"
#define CLASSIC "Windows PowerShell"
#define DEFENDER "Microsoft-Windows-Windows Defender/Operational"
#define CATEGORY(name, channel, ...) { name, NULL, channel, NULL, { __VA_ARGS__ }, NULL }
#define SERVICE(name, channel) { NULL, name, channel, NULL, { 0 }, NULL }

const struct evt_source evt_sources[] = {
    /* What Sysmon tells, and where Windows itself tells the same. */
    CATEGORY("process_creation", SYSMON, 1), CATEGORY("process_creation", "Security", 4688), CATEGORY("file_change", SYSMON, 2),
    CATEGORY("network_connection", SYSMON, 3), CATEGORY("network_connection", "Security", 5156), CATEGORY("sysmon_status", SYSMON, 4, 16),
    CATEGORY("process_termination", SYSMON, 5), CATEGORY("process_termination", "Security", 4689), CATEGORY("driver_load", SYSMON, 6),
    CATEGORY("image_load", SYSMON, 7), CATEGORY("create_remote_thread", SYSMON, 8), CATEGORY("raw_access_thread", SYSMON, 9),
    CATEGORY("raw_access_read", SYSMON, 9), CATEGORY("process_access", SYSMON, 10), CATEGORY("file_event", SYSMON, 11), CATEGORY("file_creation", SYSMON, 11),
    CATEGORY("registry_event", SYSMON, 12, 13, 14), CATEGORY("registry_event", "Security", 4657), CATEGORY("registry_add", SYSMON, 12),
    CATEGORY("registry_delete", SYSMON, 12), CATEGORY("registry_set", SYSMON, 13), CATEGORY("registry_set", "Security", 4657),
    CATEGORY("registry_rename", SYSMON, 14), CATEGORY("create_stream_hash", SYSMON, 15), CATEGORY("pipe_created", SYSMON, 17, 18),
    CATEGORY("wmi_event", SYSMON, 19, 20, 21), CATEGORY("dns_query", SYSMON, 22), CATEGORY("file_delete", SYSMON, 23, 26),
    CATEGORY("clipboard_change", SYSMON, 24), CATEGORY("clipboard_capture", SYSMON, 24), CATEGORY("process_tampering", SYSMON, 25),
    CATEGORY("file_block_executable", SYSMON, 27), CATEGORY("file_block_shredding", SYSMON, 28), CATEGORY("file_executable_detected", SYSMON, 29),
    CATEGORY("sysmon_error", SYSMON, 255),
    CATEGORY("ps_module", POWERSHELL, 4103), CATEGORY("ps_module", CORE, 4103), CATEGORY("ps_script", POWERSHELL, 4104), CATEGORY("ps_script", CORE, 4104),
    CATEGORY("ps_classic_start", CLASSIC, 400), CATEGORY("ps_classic_provider_start", CLASSIC, 600), CATEGORY("ps_classic_script", CLASSIC, 800),
    CATEGORY("antivirus", DEFENDER, 1006, 1007, 1015, 1116, 1117),
    /* Told by tracing sessions that write no event log. */
    { "file_access", NULL, NULL, NULL, { 0 }, "Microsoft-Windows-Kernel-File is traced, not kept in an event log" },
    { "file_rename", NULL, NULL, NULL, { 0 }, "Microsoft-Windows-Kernel-File is traced, not kept in an event log" },

    SERVICE("security", "Security"), SERVICE("system", "System"), SERVICE("application", "Application"), SERVICE("sysmon", SYSMON),
    SERVICE("msexchange-management", "MSExchange Management"), SERVICE("powershell", POWERSHELL), SERVICE("powershell", CORE),
    SERVICE("powershell-classic", CLASSIC), SERVICE("taskscheduler", "Microsoft-Windows-TaskScheduler/Operational"),
    SERVICE("windefend", DEFENDER), SERVICE("bits-client", "Microsoft-Windows-Bits-Client/Operational"),
    SERVICE("terminalservices-localsessionmanager", "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"),
    SERVICE("terminalservices-remoteconnectionmanager", "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational"),
    SERVICE("rdp-client", "Microsoft-Windows-TerminalServices-RDPClient/Operational"),
    SERVICE("rdp-core", "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational"),
    SERVICE("winrm", "Microsoft-Windows-WinRM/Operational"), SERVICE("wmi", "Microsoft-Windows-WMI-Activity/Operational"),
    SERVICE("iis-configuration", "Microsoft-IIS-Configuration/Operational"), SERVICE("iis-configuration", "Microsoft-IIS-Configuration/Administrative"),
    SERVICE("applocker", "Microsoft-Windows-AppLocker/MSI and Script"), SERVICE("applocker", "Microsoft-Windows-AppLocker/EXE and DLL"),
    SERVICE("applocker", "Microsoft-Windows-AppLocker/Packaged app-Deployment"), SERVICE("applocker", "Microsoft-Windows-AppLocker/Packaged app-Execution"),
    SERVICE("appmodel-runtime", "Microsoft-Windows-AppModel-Runtime/Admin"), SERVICE("appxdeployment-server", "Microsoft-Windows-AppXDeploymentServer/Operational"),
    SERVICE("appxpackaging-om", "Microsoft-Windows-AppxPackaging/Operational"), SERVICE("capi2", "Microsoft-Windows-CAPI2/Operational"),
    SERVICE("certificateservicesclient-lifecycle-system", "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational"),
    SERVICE("codeintegrity-operational", "Microsoft-Windows-CodeIntegrity/Operational"), SERVICE("dhcp", "Microsoft-Windows-DHCP-Server/Operational"),
    SERVICE("diagnosis-scripted", "Microsoft-Windows-Diagnosis-Scripted/Operational"), SERVICE("dns-client", "Microsoft-Windows-DNS Client Events/Operational"),
    SERVICE("dns-client", "Microsoft-Windows-DNS-Client/Operational"), SERVICE("dns-server", "DNS Server"),
    SERVICE("dns-server-analytic", "Microsoft-Windows-DNS-Server/Analytical"), SERVICE("dns-server-audit", "Microsoft-Windows-DNS-Server/Audit"),
    SERVICE("driver-framework", "Microsoft-Windows-DriverFrameworks-UserMode/Operational"),
    SERVICE("firewall-as", "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall"), SERVICE("hyper-v-worker", "Microsoft-Windows-Hyper-V-Worker"),
    SERVICE("kernel-event-tracing", "Microsoft-Windows-Kernel-EventTracing"), SERVICE("kernel-shimengine", "Microsoft-Windows-Kernel-ShimEngine/Operational"),
    SERVICE("ldap", "Microsoft-Windows-LDAP-Client/Debug"), SERVICE("lsa-server", "Microsoft-Windows-LSA/Operational"),
    SERVICE("microsoft-servicebus-client", "Microsoft-ServiceBus-Client"), SERVICE("microsoft-servicebus-client", "Microsoft-ServiceBus-Client/Operational"),
    SERVICE("microsoft-servicebus-client", "Microsoft-ServiceBus-Client/Admin"),
    SERVICE("ntfs", "Microsoft-Windows-Ntfs/Operational"), SERVICE("ntlm", "Microsoft-Windows-NTLM/Operational"), SERVICE("openssh", "OpenSSH/Operational"),
    SERVICE("printservice-admin", "Microsoft-Windows-PrintService/Admin"), SERVICE("printservice-operational", "Microsoft-Windows-PrintService/Operational"),
    SERVICE("security-mitigations", "Microsoft-Windows-Security-Mitigations/Kernel Mode"),
    SERVICE("security-mitigations", "Microsoft-Windows-Security-Mitigations/User Mode"), SERVICE("sense", "Microsoft-Windows-SENSE/Operational"),
    SERVICE("shell-core", "Microsoft-Windows-Shell-Core/Operational"), SERVICE("smbclient-audit", "Microsoft-Windows-SmbClient/Audit"),
    SERVICE("smbclient-connectivity", "Microsoft-Windows-SmbClient/Connectivity"), SERVICE("smbclient-security", "Microsoft-Windows-SmbClient/Security"),
    SERVICE("smbserver-audit", "Microsoft-Windows-SMBServer/Audit"), SERVICE("smbserver-connectivity", "Microsoft-Windows-SMBServer/Connectivity"),
    SERVICE("smbserver-security", "Microsoft-Windows-SMBServer/Security"), SERVICE("vhdmp", "Microsoft-Windows-VHDMP/Operational"),
    { NULL, NULL, NULL, NULL, { 0 }, NULL },
};

/* A channel's name is no service of any text log: those have no slash. "Security" and the like stand in the table. */
bool evt_source_by_channel(const struct sigma_rule *r, struct str *ret_channel)
{
    bool whole = !r->category.n && !r->service.n, named = !r->category.n && str_chr(r->service, '/') != STR_NONE;

    *ret_channel = named ? r->service : STR_EMPTY;
    return str_ieq(r->product, STR("windows")) && (whole || named);
}

bool evt_source_is(const struct sigma_rule *r, const struct evt_source *s)
{
    bool product = !r->product.n || str_ieq(r->product, STR("windows")) || str_ieq(r->product, STR("exchange"));

    if (s->category)
        return product && str_ieq(r->category, str_c(s->category)) && !r->service.n;
    return product && s->service && str_ieq(r->service, str_c(s->service)) && !r->category.n;
}

enum evt_fit evt_source_fit(const struct sigma_rule *r, char why[SIGMA_WHY_MAX])
{
    enum evt_fit best = EVT_FOREIGN;
    struct str   channel;

    if (r->correlation)
        return EVT_FOREIGN;
    if (evt_source_by_channel(r, &channel))
        return EVT_FITS;
    for (const struct evt_source *s = evt_sources; s->category || s->service; s++) {
        if (!evt_source_is(r, s))
            continue;
        if (s->channel)
            return EVT_FITS;
        best = EVT_UNREAD;
        if (why)
            snprintf(why, SIGMA_WHY_MAX, "no event log holds it: %s", s->why);
    }
    return best;
}
