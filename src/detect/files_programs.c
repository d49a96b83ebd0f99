/*
 * programs: files of Windows that stand in the place of others, and libraries that are loaded because they lie in the right folder.
 *
 * Rule 1   a helper of the logon screen with the bytes of a shell, or of another helper, starts for whoever stands before that screen. So does one that names no maker and
 *          version: Windows' own all do. One that calls itself a shell is one.
 * Rule 2   a library with the name of one of Windows' own, in a folder of the mail or web server's programs, is loaded in its place. None of these products ships one: without
 *          maker and version it accuses, with them it asks.
 * Rule 3   libraries that services of Windows look for and that Windows does not have: the same.
 * Not done whether a program imports what lies beside it; signatures.
 * Source   ways back in, 5 and 6.4; ATT&CK T1546.008, T1574.001, T1574.002.
 */
#include "detect/config.h"

#include "formats/pe.h"

#include <string.h>

enum { SEEN_MAX = 64 };

struct program { uint32_t node; bool helper; };
struct programs_memory { struct program seen[SEEN_MAX]; size_t n; };

static const char *const helpers[] = { "sethc.exe", "utilman.exe", "osk.exe", "narrator.exe", "magnify.exe", "displayswitch.exe", "atbroker.exe" };
static const char *const shells[]  = { "cmd.exe", "powershell.exe", "explorer.exe", "taskmgr.exe" };

/* Of System32, and asked for by programs that look into their own folder first. dbghelp.dll is not here: Exchange ships it. */
static const char *const borrowed[] = {
    "version.dll", "wininet.dll", "winhttp.dll", "userenv.dll", "cryptsp.dll", "cryptbase.dll", "profapi.dll", "dwmapi.dll", "uxtheme.dll", "iphlpapi.dll", "netapi32.dll", "wtsapi32.dll", "secur32.dll",
    "sspicli.dll", "propsys.dll", "msimg32.dll", "winmm.dll", "wsock32.dll", "mswsock.dll", "rasapi32.dll", "cscapi.dll", "apphelp.dll", "ntmarta.dll", "dnsapi.dll", "dpapi.dll", "bcrypt.dll", "ncrypt.dll",
    "fveapi.dll", "wlbsctrl.dll", "oci.dll", "msasn1.dll", "edputil.dll", "loadperf.dll", "wbemcomn.dll",
};
/* Asked for by services (IKEEXT, MSDTC, search, SessionEnv) in System32, where Windows Server has none. An Oracle client brings an oci.dll of its own, elsewhere. */
static const char *const phantoms[] = { "wlbsctrl.dll", "oci.dll", "msfte.dll", "tsmsisrv.dll", "tsvipsrv.dll" };

#define LISTED(list, name) listed(list, COUNT_OF(list), name)
static bool listed(const char *const *list, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(name, str_c(list[i])))
            return true;
    return false;
}

static bool in_dir(struct str path, const char *below) { return path.n > 2 && str_ieq(str_from(winpath_dir(path), 2), str_c(below)); }
static bool in_system(struct str path) { return in_dir(path, "\\Windows\\System32"); }

/* Where the programs of the mail server, of IIS and of the shell of Windows lie. */
static bool server_programs(const struct files_context *c, struct str path)
{
    if (in_dir(path, "\\Windows\\System32\\inetsrv") || in_dir(path, "\\Windows\\SysWOW64\\inetsrv") || in_dir(path, "\\Windows") || in_dir(path, "\\Windows\\System32\\wbem"))
        return true;
    for (size_t i = 0; i < c->ev->install_n; i++)
        if (winpath_below(path, c->ev->install[i].path))
            return true;
    return str_ihas(path, STR("\\Program Files\\Microsoft\\Exchange Server\\"));
}

static bool is_borrowed(const struct files_context *c, struct str path)
{
    struct str name = winpath_name(path);

    if (in_system(path))
        return LISTED(phantoms, name);
    /* Windows has its own of these two there. */
    if (in_dir(path, "\\Windows\\System32\\wbem"))
        return LISTED(borrowed, name) && !str_ieq(name, STR("wbemcomn.dll")) && !str_ieq(name, STR("loadperf.dll"));
    return LISTED(borrowed, name) && server_programs(c, path);
}

static bool is_helper(struct str path) { return LISTED(helpers, winpath_name(path)) && (in_system(path) || in_dir(path, "\\Windows\\SysWOW64")); }
static bool is_shell(struct str path)
{
    return LISTED(shells, winpath_name(path)) && (in_system(path) || in_dir(path, "\\Windows") || in_dir(path, "\\Windows\\SysWOW64") || in_dir(path, "\\Windows\\System32\\WindowsPowerShell\\v1.0"));
}

static bool wants(const struct files_context *c, const struct ev_node *n) { return !n->shadow && (is_helper(n->path) || is_shell(n->path) || is_borrowed(c, n->path)); }

static bool versioned(const struct pe *p) { return p->has_version && (p->version[0] || p->version[1] || p->version[2] || p->version[3]); }

static void helper(struct files_context *c, const struct ev_node *n, double confidence, const char *why, struct str more)
{
    struct file_fact *f = files_fact_at(c, n, FILE_FACT_WAY_BACK, "files/logon-screen", SEV_CRITICAL, confidence);

    if (!f)
        return;
    f->what      = STR("accessibility");
    f->reachable = REACH_YES;
    f->title     = STR("A helper of the logon screen is another program");
    f->why       = files_text(c, "%s%.*s Whoever sees the logon screen, also by remote desktop, can start it, without a password and as the system.", why, STR_ARG(more));
    f->time_us   = n->btime_us;
    f->cite.excerpt = files_text(c, "%.*s, %llu bytes", STR_ARG(winpath_name(n->path)), (unsigned long long)n->size_bytes);
    files_attack(f, "T1546.008");
}

static void library(struct files_context *c, const struct files_node *n, bool nobody, const struct pe *p)
{
    bool         system = in_system(n->node->path);
    struct file_fact *f = files_fact_at(c, n->node, nobody ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, nobody ? "files/side-load" : "files/side-load-odd", nobody ? SEV_HIGH : SEV_MEDIUM, nobody ? 0.8 : 0.4);

    if (!f)
        return;
    f->what  = STR("side_load");
    f->title = system ? STR("A library that a service of Windows looks for and Windows does not have") : STR("A library of Windows in the folder of a server's programs");
    f->why   = files_text(c, "%s %s%.*s%s", system ? "The service loads it as soon as it is there." : "A program that asks for the library of Windows takes the one that lies beside it.",
                          nobody ? "It names neither maker nor version, as Windows' libraries and every product's do." : "It calls itself ", STR_ARG(nobody ? STR_EMPTY : str_sub(files_quote(c, p->product_name), 0, 80)),
                          nobody ? "" : ": products that bring one are rare.");
    f->time_us = n->node->btime_us;
    f->cite.excerpt = files_text(c, "%.*s, %llu bytes", STR_ARG(winpath_name(n->node->path)), (unsigned long long)n->node->size_bytes);
    files_attack(f, "T1574.001");
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct programs_memory *m = c->work->programs ? c->work->programs : (c->work->programs = NEW(&c->work->pile, struct programs_memory, 1));
    struct err              mine = { 0 };
    struct pe               p;
    struct str              path = n->node->path;
    bool                    mend = is_helper(path);
    struct str              own;

    if (!m)
        return err_set(e, ERR_MEMORY, "no room for the programs of Windows");
    if ((mend || is_shell(path)) && m->n < SEEN_MAX)
        m->seen[m->n++] = (struct program){ n->node->id, mend };
    if (is_shell(path) || !pe_parse(&p, &n->scratch, n->body, &mine))
        return true;
    if (!mend) {
        /* Beyond what was read of it there may be words of its maker. */
        library(c, n, !versioned(&p) && !n->cut, &p);
        return true;
    }
    if (n->cut || p.damaged)
        return true;
    own = str_sub(p.original_name, 0, p.original_name.n - (str_iends(p.original_name, STR(".mui")) ? 4 : 0));
    if (!versioned(&p))
        helper(c, n->node, 0.85, "It names neither maker nor version, as every program of Windows does.", STR_EMPTY);
    else if (LISTED(shells, own))
        helper(c, n->node, 0.9, "By its own words it is ", files_text(c, "%.*s.", STR_ARG(str_sub(files_quote(c, own), 0, 40))));
    return true;
}

/* The same bytes under two names. */
static bool done(struct files_context *c, struct err *e)
{
    struct programs_memory *m = c->work->programs;

    (void)e;
    for (size_t i = 0; m && i < m->n; i++) {
        const struct ev_node *x = &c->ev->node[m->seen[i].node], *twin = NULL;
        if (!m->seen[i].helper || !x->hashed)
            continue;
        for (size_t j = 0; j < m->n && !twin; j++) {
            const struct ev_node *y = &c->ev->node[m->seen[j].node];
            if (y->hashed && !str_ieq(winpath_name(x->path), winpath_name(y->path)) && memcmp(x->sha256, y->sha256, 32) == 0)
                twin = y;
        }
        bool told = false;
        for (size_t k = 0; twin && k < c->found->fact_n && !told; k++)
            told = str_eq(c->found->fact[k].detector, STR("files/logon-screen")) && str_eq(c->found->fact[k].path, x->path);
        if (twin && !told)
            helper(c, x, 0.95, "Its bytes are those of ", files_text(c, "%.*s.", STR_ARG(str_sub(files_quote(c, twin->path), 0, 160))));
    }
    return true;
}

const struct files_detector files_programs = {
    .name = "programs", .about = "helpers of the logon screen that are other programs, libraries that are loaded because of where they lie", .wants = wants, .look = look, .done = done,
};
