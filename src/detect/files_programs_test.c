/* Programs of Windows in each other's place, libraries beside the server's programs, assemblies of the cache. */
#include "files_bench.h"

#include "make_pe.h"

#define SYSTEM "Windows/System32/"
#define BIN "Program Files/Microsoft/Exchange Server/V15/Bin/"
#define GAC "Windows/Microsoft.NET/assembly/GAC_MSIL/"

static const uint16_t ten[4] = { 10, 0, 14393, 1 };

/* original NULL: no words of a maker. `salt` makes two of them differ. */
static void program(struct bench *b, const char *path, const char *product, const char *original, const char *salt, bool module)
{
    uint8_t            to[MAKE_PE_MAX];
    const char *const  exports[] = { module ? "RegisterModule" : "Nothing", salt, NULL };
    struct make_pe     pe = { .version = product ? ten : NULL, .product = product, .file_version = product ? "10.0" : NULL, .original = original, .exports = exports };

    bench_add(b, path, (struct str){ to, make_pe(to, &pe) });
}

static void exchange(struct bench *b)
{
    program(b, BIN "ExSetup.exe", "Microsoft Exchange", "ExSetup.exe", "setup", false);
    bench_text(b, "Program Files/Microsoft/Exchange Server/V15/FrontEnd/HttpProxy/owa/auth/logon.aspx", "<%@ Page %>");
}

static void test_planted(void **state)
{
    struct bench *b = *state;

    exchange(b);
    program(b, SYSTEM "cmd.exe", "Windows", "Cmd.Exe", "cmd", false);
    program(b, SYSTEM "sethc.exe", "Windows", "Cmd.Exe", "another cmd", false);
    program(b, SYSTEM "utilman.exe", "Windows", "Cmd.Exe.MUI", "a third", false);
    program(b, SYSTEM "osk.exe", NULL, NULL, "nobody", false);
    program(b, SYSTEM "magnify.exe", "Tool", "tool.exe", "twin", false);
    program(b, SYSTEM "narrator.exe", "Tool", "tool.exe", "twin", false);
    program(b, SYSTEM "wlbsctrl.dll", NULL, NULL, "a", false);
    program(b, BIN "version.dll", NULL, NULL, "b", false);
    program(b, SYSTEM "inetsrv/userenv.dll", NULL, NULL, "c", false);
    program(b, SYSTEM "inetsrv/tea.dll", NULL, NULL, "d", true);
    program(b, GAC "Tea/v4.0_1.0.0.0__b03f5f7f11d50a3a/Tea.dll", NULL, NULL, "e", false);
    bench_hunt(b);
    static const struct { const char *name; enum file_fact_kind kind; const char *detector, *what; } want[] = {
        { "sethc.exe", FILE_FACT_WAY_BACK, "files/logon-screen", "accessibility" }, { "osk.exe", FILE_FACT_WAY_BACK, "files/logon-screen", "accessibility" },
        { "magnify.exe", FILE_FACT_WAY_BACK, "files/logon-screen", "accessibility" }, { "narrator.exe", FILE_FACT_WAY_BACK, "files/logon-screen", "accessibility" },
        { "wlbsctrl.dll", FILE_FACT_WAY_BACK, "files/side-load", "side_load" }, { "version.dll", FILE_FACT_WAY_BACK, "files/side-load", "side_load" },
        { "inetsrv\\userenv.dll", FILE_FACT_WAY_BACK, "files/side-load", "side_load" }, { "tea.dll", FILE_FACT_NOTE, "config/module-file", "iis_module" }, { "Tea.dll", FILE_FACT_NOTE, "config/cache-file", "iis_module" },
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const struct file_fact *f = bench_find(b, want[i].kind, want[i].detector, want[i].name);
        CHECK_WHY(f && str_eq(f->what, str_c(want[i].what)) && f->title.n && f->why.n && f->state == THING_PRESENT && (want[i].kind == FILE_FACT_NOTE || f->confidence >= 0.8), want[i].name);
    }
    CHECK(bench_find(b, FILE_FACT_WAY_BACK, "files/logon-screen", "utilman.exe") && !bench_find(b, FILE_FACT_WAY_BACK, "files/logon-screen", "cmd.exe"));
    bench_faults(b);
}

/* A copy of the shell that keeps its own name inside, byte by byte. */
static void test_same_bytes(void **state)
{
    struct bench *b = *state;

    program(b, SYSTEM "cmd.exe", "Windows", "x", "cmd", false);
    program(b, SYSTEM "utilman.exe", "Windows", "x", "cmd", false);
    program(b, SYSTEM "sethc.exe", "Windows", "sethc.exe", "sethc", false);
    bench_hunt(b);
    const struct file_fact *f = bench_find(b, FILE_FACT_WAY_BACK, "files/logon-screen", "utilman.exe");
    CHECK(f && str_has(f->why, STR("System32\\cmd.exe")) && bench_accused(b) == 1);
}

static void test_honest(void **state)
{
    struct bench *b = *state;

    exchange(b);
    program(b, SYSTEM "cmd.exe", "Windows", "Cmd.Exe", "cmd", false);
    program(b, SYSTEM "sethc.exe", "Windows", "SETHC.EXE", "sethc", false);
    program(b, SYSTEM "utilman.exe", "Windows", "utilman2.exe", "utilman", false);
    program(b, SYSTEM "magnify.exe", "Windows", "ScreenMagnifier.exe", "magnify", false);
    program(b, SYSTEM "oci.dll", "Oracle Client", "oci.dll", "oci", false);
    program(b, SYSTEM "version.dll", "Windows", "VERSION.DLL", "version", false);
    program(b, SYSTEM "wbem/loadperf.dll", NULL, NULL, "loadperf", false);
    program(b, "Windows/SysWOW64/version.dll", "Windows", "VERSION.DLL", "version32", false);
    program(b, "Program Files/Vendor/bin/version.dll", NULL, NULL, "vendor's own affair", false);
    program(b, SYSTEM "inetsrv/static.dll", "Internet Information Services", "static.dll", "static", true);
    program(b, GAC "Vendor.Auth/v4.0_1.0.0.0__b03f5f7f11d50a3a/Vendor.Auth.dll", "Vendor Auth", "Vendor.Auth.dll", "auth", false);
    program(b, GAC "Microsoft.Exchange.Data/v4.0_15.0.0.0__31bf3856ad364e35/Microsoft.Exchange.Data.dll", NULL, NULL, "never read", false);
    bench_hunt(b);
    CHECK(bench_accused(b) == 0 && bench_find(b, FILE_FACT_NOTE, "files/side-load-odd", "oci.dll"));
    static const char *const quiet[] = { "sethc.exe", "utilman.exe", "version.dll", "loadperf.dll", "static.dll", "Vendor.Auth.dll", "Microsoft.Exchange.Data.dll" };
    for (size_t i = 0; i < sizeof quiet / sizeof *quiet; i++)
        CHECK_WHY(!bench_find(b, FILE_FACT_NOTE, "files/", quiet[i]) && !bench_find(b, FILE_FACT_NOTE, "config/", quiet[i]), quiet[i]);
}

/* A managed module of the whole server, whose assembly lies in the cache alone: nobody's accuses, a vendor's asks. */
static void test_cache(void **state)
{
    struct bench *b = *state;

    exchange(b);
    program(b, GAC "Tea/v4.0_1.0.0.0__b03f5f7f11d50a3a/Tea.dll", NULL, NULL, "e", false);
    program(b, GAC "Vendor.Auth/v4.0_1.0.0.0__b03f5f7f11d50a3a/Vendor.Auth.dll", "Vendor Auth", "Vendor.Auth.dll", "auth", false);
    bench_text(b, "Windows/System32/inetsrv/config/applicationHost.config",
               "<configuration><location path=\"\"><system.webServer><modules>"
               "<add name=\"TeaTime\" type=\"Tea.Time, Tea, Version=1.0.0.0, Culture=neutral, PublicKeyToken=b03f5f7f11d50a3a\" />"
               "<add name=\"VendorAuth\" type=\"Vendor.Auth.Module, Vendor.Auth, Version=1.0.0.0, Culture=neutral, PublicKeyToken=b03f5f7f11d50a3a\" />"
               "</modules></system.webServer></location></configuration>");
    bench_hunt(b);
    const struct file_fact *f = bench_find(b, FILE_FACT_WAY_BACK, "config/module", "Tea.dll");
    CHECK(f && str_eq(f->name, STR("TeaTime")) && str_ihas(f->path, STR("GAC_MSIL")));
    CHECK(bench_accused(b) == 1 && bench_find(b, FILE_FACT_NOTE, "config/module-unknown", "VendorAuth") && !bench_find(b, FILE_FACT_NOTE, "config/cache-file", "Tea"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { BENCH_TEST(test_planted), BENCH_TEST(test_same_bytes), BENCH_TEST(test_honest), BENCH_TEST(test_cache) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
