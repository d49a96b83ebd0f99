/*
 * remote: remote control, tunnels, keys, autostart folders: what lets somebody in that is no part of Windows or Exchange.
 *
 * Rule 1   administrators use the same programs: that one is there is a note. It is a way back where nobody keeps programs, under a name that hides
 *          what it is, or when it is nothing but an intruder's agent.
 * Rule 2   Go programs say of which module they were built, whatever they are called; others by the product that their version names.
 * Rule 3   tokens, keys and passwords of settings never go into a report: addresses do.
 * Source   ways back in, 6.3, 6.4 and 7; names of modules as their projects publish them.
 */
#include "detect/files_remote.h"

#include "base/utf.h"
#include "detect/place.h"
#include "formats/gobuild.h"
#include "formats/pe.h"
#include "formats/runs.h"

#include <stdio.h>

enum tool_class { TOOL_ADMIN, TOOL_TUNNEL, TOOL_AGENT, TOOL_OTHER };      /* OTHER: lets nobody in, but is brought along */
struct tool { const char *module, *name, *part; enum tool_class cls; };

/* `part`: what its file's name holds when nobody hid it. */
static const struct tool go_tools[] = {
    { "github.com/fatedier/frp", "frp", "frp", TOOL_TUNNEL }, { "github.com/jpillora/chisel", "chisel", "chisel", TOOL_TUNNEL },
    { "go.ngrok.com", "ngrok", "ngrok", TOOL_TUNNEL }, { "github.com/inconshreveable/ngrok", "ngrok", "ngrok", TOOL_TUNNEL }, { "ngrok", "ngrok", "ngrok", TOOL_TUNNEL },
    { "github.com/nicocha30/ligolo-ng", "ligolo-ng", "ligolo", TOOL_TUNNEL }, { "github.com/sysdream/ligolo", "ligolo", "ligolo", TOOL_TUNNEL },
    { "github.com/ginuerzh/gost", "gost", "gost", TOOL_TUNNEL }, { "github.com/go-gost/gost", "gost", "gost", TOOL_TUNNEL },
    { "ehang.io/nps", "nps", "np", TOOL_TUNNEL }, { "github.com/ehang-io/nps", "nps", "np", TOOL_TUNNEL }, { "github.com/EddieIvan01/iox", "iox", "iox", TOOL_TUNNEL },
    { "github.com/cloudflare/cloudflared", "cloudflared", "cloudflared", TOOL_TUNNEL }, { "github.com/esrrhs/pingtunnel", "pingtunnel", "pingtunnel", TOOL_TUNNEL },
    { "github.com/zema1/suo5", "suo5", "suo5", TOOL_TUNNEL }, { "github.com/kost/revsocks", "revsocks", "revsocks", TOOL_TUNNEL },
    { "github.com/ph4ntonn/Stowaway", "Stowaway", "stowaway", TOOL_AGENT }, { "Stowaway", "Stowaway", "stowaway", TOOL_AGENT },
    { "github.com/bishopfox/sliver", "Sliver", "sliver", TOOL_AGENT }, { "github.com/Ne0nd0g/merlin", "Merlin", "merlin", TOOL_AGENT },
    { "github.com/shadow1ng/fscan", "fscan", "fscan", TOOL_OTHER }, { "github.com/rclone/rclone", "rclone", "rclone", TOOL_OTHER },
    { "github.com/v2fly/v2ray-core", "v2ray", "v2ray", TOOL_TUNNEL }, { "github.com/xtls/xray-core", "xray", "xray", TOOL_TUNNEL },
    { "tailscale.com", "Tailscale", "tailscale", TOOL_ADMIN }, { "github.com/Velocidex/velociraptor", "Velociraptor", "velociraptor", TOOL_ADMIN },
    { "www.velocidex.com/golang/velociraptor", "Velociraptor", "velociraptor", TOOL_ADMIN }, { "github.com/amidaware/rmmagent", "Tactical RMM", "tactical", TOOL_ADMIN },
};
/* By ProductName of the version. */
static const struct tool products[] = {
    { "AnyDesk", "AnyDesk", "anydesk", TOOL_ADMIN }, { "TeamViewer", "TeamViewer", "teamviewer", TOOL_ADMIN }, { "ScreenConnect", "ScreenConnect", "screenconnect", TOOL_ADMIN },
    { "MeshCentral", "MeshAgent", "mesh", TOOL_ADMIN }, { "Mesh Agent", "MeshAgent", "mesh", TOOL_ADMIN }, { "RustDesk", "RustDesk", "rustdesk", TOOL_ADMIN },
    { "Splashtop", "Splashtop", "s", TOOL_ADMIN }, { "AteraAgent", "Atera", "atera", TOOL_ADMIN }, { "NetSupport", "NetSupport", "client32", TOOL_ADMIN },
    { "Remote Utilities", "Remote Utilities", "r", TOOL_ADMIN }, { "DWAgent", "DWAgent", "dw", TOOL_ADMIN }, { "Action1", "Action1", "action1", TOOL_ADMIN },
    { "PuTTY suite", "plink", "p", TOOL_ADMIN }, { "SimpleHelp", "SimpleHelp", "s", TOOL_ADMIN },
};

static bool module_fits(struct str module, struct str known)
{
    return str_istarts(module, known) && (module.n == known.n || module.p[known.n] == '/');
}

static struct file_fact *tool_fact(struct files_context *c, struct files_node *n, const struct tool *t, bool hidden)
{
    enum place   place = place_of(n->node->path);
    bool         served = n->node->family == FAM_WEB_ROOTS, accuse = t->cls == TOOL_AGENT || (hidden && place != PLACE_ORDINARY) || (place == PLACE_HOSTILE && t->cls != TOOL_OTHER) ||
                          served || (hidden && t->cls == TOOL_TUNNEL);
    enum file_fact_kind kind = !accuse ? FILE_FACT_NOTE : t->cls == TOOL_OTHER ? FILE_FACT_TOOL : FILE_FACT_WAY_BACK;
    struct file_fact *f = files_may_tell(c, TOLD_REMOTE) ? files_fact_at(c, n->node, kind, "files/remote-tool", accuse ? SEV_HIGH : SEV_LOW, accuse ? 0.85 : 0.4) : NULL;

    if (!f)
        return NULL;
    f->what    = t->cls == TOOL_ADMIN ? STR("remote_tool") : t->cls == TOOL_OTHER ? STR("tool") : STR("tunnel");
    f->name    = str_c(t->name);
    f->time_us = n->node->btime_us;
    f->title   = files_text(c, accuse ? "%s, where or as nobody installs it" : "%s is there", t->name);
    f->why     = files_text(c, "%s%s%s%s", t->cls == TOOL_AGENT ? "It serves intruders and nobody else. " : t->cls == TOOL_OTHER ? "It looks for other computers, or moves files elsewhere. " : t->cls == TOOL_TUNNEL ? "It lets somebody outside reach this network. "
                               : "It lets somebody work on this server from outside. ",
                            hidden ? "The file's name hides what it is. " : "", place == PLACE_HOSTILE || served ? "Nobody keeps programs in this folder. " : "",
                            accuse ? "" : "Administrators use it, too: ask whether it is theirs.");
    files_attack(f, t->cls == TOOL_ADMIN ? "T1219" : t->cls == TOOL_OTHER ? "T1588.002" : "T1572");
    return f;
}

/* ---- programs ---- */

struct go { struct gobuild build; char text[3][GOBUILD_TEXT_MAX + 1]; bool found; };

/* The window goes; what was found in it is copied. */
static bool go_window(void *ctx, struct str window, uint64_t off, bool last, struct arena scratch, struct err *e)
{
    struct go     *g = ctx;
    struct gobuild b;

    (void)off, (void)last, (void)scratch, (void)e;
    if (g->found || !gobuild_find(&b, window))
        return true;
    struct str from[3] = { b.path, b.module, b.version }, *to[3] = { &g->build.path, &g->build.module, &g->build.version };
    for (int i = 0; i < 3; i++) {
        int len = snprintf(g->text[i], sizeof g->text[i], "%.*s", STR_ARG(from[i]));
        *to[i] = (struct str){ (uint8_t *)g->text[i], len > 0 ? (size_t)len : 0 };
    }
    g->found = true;
    return true;
}

static bool program(struct files_context *c, struct files_node *n, struct err *e)
{
    enum { GO_BYTES_MAX = 128 << 20 };
    struct str  name = winpath_name(n->node->path);
    struct pe   pe;
    struct err  why = { 0 };

    if (gobuild_likely(n->body) && n->node->size_bytes <= GO_BYTES_MAX) {
        struct go *g = NEW(&n->scratch, struct go, 1);
        if (!g)
            return err_set(e, ERR_MEMORY, "no room to read a program");
        if (!files_windows(c, n, GOBUILD_OVERLAP, go_window, g, e))
            return false;
        for (size_t i = 0; g->found && i < COUNT_OF(go_tools); i++) {
            if (!module_fits(g->build.module, str_c(go_tools[i].module)) && !module_fits(g->build.path, str_c(go_tools[i].module)))
                continue;
            struct file_fact *f = tool_fact(c, n, &go_tools[i], !str_ihas(name, str_c(go_tools[i].part)));
            if (f)
                f->cite.excerpt = files_text(c, "Go module %.*s %.*s", STR_ARG(g->build.module), STR_ARG(str_sub(g->build.version, 0, 40)));
            return true;
        }
        return true;
    }
    struct pe *p = &pe;
    if (place_of(n->node->path) == PLACE_ORDINARY || !pe_parse(p, &n->scratch, n->body, &why) || !p->product_name.n)
        return why.kind == ERR_MEMORY ? (*e = why, false) : true;
    for (size_t i = 0; i < COUNT_OF(products); i++)
        if (str_ihas(p->product_name, str_c(products[i].module))) {
            bool         hidden = !str_ihas(name, str_c(products[i].part));
            struct file_fact *f = tool_fact(c, n, &products[i], hidden);
            if (f)
                f->cite.excerpt = files_text(c, "product %.*s, version %.*s", STR_ARG(str_sub(p->product_name, 0, 80)), STR_ARG(str_sub(p->file_version, 0, 40)));
            return true;
        }
    return true;
}

/* ---- settings and traces, by their names ---- */

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->size_bytes > 0 && (n->family == FAM_NONE || n->family == FAM_WEB_ROOTS) && !winpath_is_page(n->path);
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct str path = n->node->path;

    if (n->node->family == FAM_NONE && str_ihas(path, STR("\\Start Menu\\Programs\\Startup\\")))
        return remote_startup(c, n, e);
    if (n->body.n > 64 && str_starts(n->body, STR("MZ")))
        return program(c, n, e);
    return n->node->family != FAM_NONE || remote_settings(c, n, e);
}

const struct files_detector files_remote = {
    .name = "remote", .about = "remote control, tunnels, their settings, SSH keys, autostart folders", .wants = wants, .look = look,
};
