/*
 * config: what the server was told to load: modules, handlers, filters, virtual directories, transport agents.
 *
 * Rule 1   a program loaded from a place where nobody installs programs is a way back in. One that is merely unknown is a note: many
 *          products add their own.
 * Rule 2   copies of the configuration (inetpub\history, backups) are evidence of the past; only the live file says what is loaded.
 * Source   ways back in, 2.1 to 2.3 and 3; evidence sheet, 8.1; IIS documentation for the names of built-in modules.
 */
#include "detect/files_inner.h"

#include "formats/agents.h"
#include "formats/iisconfig.h"

#include <string.h>

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->family == FAM_IIS_CONFIG;
}

static bool live(struct str path)
{
    return str_ieq(winpath_name(path), STR("applicationHost.config")) && !str_ihas(path, STR("\\history\\")) && !str_ihas(path, STR("\\backup\\"));
}

/* DLLs of IIS itself below inetsrv, and of well-known additions. */
static bool built_in(struct str image)
{
    static const char *const dll[] = {
        "cachuri.dll", "cachfile.dll", "cachtokn.dll", "cachhttp.dll", "compstat.dll", "compdyn.dll", "defdoc.dll", "dirlist.dll", "protsup.dll", "redirect.dll",
        "iis_ssi.dll", "static.dll", "authanon.dll", "authcert.dll", "authbas.dll", "authsspi.dll", "authmd5.dll", "authmap.dll", "urlauthz.dll", "modrqflt.dll",
        "iprestr.dll", "diprestr.dll", "custerr.dll", "loghttp.dll", "logcust.dll", "iisetw.dll", "iisfreb.dll", "iisreqs.dll", "isapi.dll", "filter.dll", "cgi.dll",
        "iisfcgi.dll", "warmup.dll", "appwarmup.dll", "rewrite.dll", "requestrouter.dll", "cachedyn.dll", "validcfg.dll", "wbhst_pm.dll", "webdav.dll", "gzip.dll", "hwebcore.dll",
        "webengine.dll", "webengine4.dll", "aspnet_filter.dll", "aspnet_isapi.dll", "asp.dll", "kerbauth.dll", "exppw.dll", "rpcproxy.dll", "websocket.dll", "iiswsock.dll",
        "cors.dll", "iiscors.dll", "aspnetcore.dll", "aspnetcorev2.dll", "httplogextension.dll", "davfsstatic.dll", "sitemin.dll", "managedengine.dll", "centrallog.dll",
        "ftpsvc.dll", "uri.dll", "advancedlogging.dll", "wdeploymentdlg.dll", "microsoft.web.management.dll", "iiscomp.dll", "exchweb.dll", "owaauth.dll", "passwordexpiry.dll",
    };
    for (size_t i = 0; i < COUNT_OF(dll); i++)
        if (str_ieq(winpath_name(image), str_c(dll[i])))
            return true;
    return false;
}

static bool system_place(struct str path)
{
    static const char *const head[] = { "%windir%\\system32\\", "%systemroot%\\system32\\", "%windir%\\microsoft.net\\", "%systemroot%\\microsoft.net\\", "%windir%\\syswow64\\" };
    for (size_t i = 0; i < COUNT_OF(head); i++)
        if (str_istarts(path, str_c(head[i])))
            return true;
    return str_ihas(path, STR(":\\windows\\system32\\")) || str_ihas(path, STR(":\\windows\\microsoft.net\\")) || str_ihas(path, STR(":\\windows\\syswow64\\"));
}

static bool product_place(const struct files_context *c, struct str path)
{
    for (size_t i = 0; i < c->ev->install_n; i++)
        if (winpath_below(path, c->ev->install[i].path) && !files_odd_place(path))
            return true;
    return str_ihas(path, STR("\\Program Files\\Microsoft\\Exchange Server\\")) && !files_odd_place(path);
}

static struct fact *say(struct files_context *c, const struct files_node *n, enum fact_kind kind, const char *what, const char *detector, enum severity severity,
                        double confidence, uint32_t line)
{
    struct fact *f = files_fact_at(c, n->node, kind, detector, severity, confidence);

    if (f) {
        f->what = str_c(what);
        f->url  = STR_EMPTY;
        f->hash_hex = STR_EMPTY;
        f->bytes = 0;
        f->created_us = TIME_NONE;
        f->cite.line = line;
        f->reachable = REACH_UNKNOWN;
    }
    return f;
}

static void module(struct files_context *c, struct files_node *n, const struct iis_item *it)
{
    bool native = it->kind == IIS_GLOBAL_MODULE || it->kind == IIS_ISAPI_FILTER;
    struct str target = winpath_canon(&n->scratch, it->target, c->ev->system_drive);
    bool odd = native && (files_odd_place(target) || files_ioc_path(c, target, IOC_PATH_SUFFIX));

    if (native && !odd && (product_place(c, target) || (system_place(it->target) && (built_in(it->target) || !str_ihas(it->target, STR("\\inetsrv\\"))))))
        return;
    if (native && !odd && built_in(it->target) && str_ihas(it->target, STR("\\program files")))
        return;
    if (!native && (it->target.n == 0 || str_istarts(it->target, STR("System.")) || str_istarts(it->target, STR("Microsoft."))))
        return;
    struct fact *f = say(c, n, odd ? FACT_WAY_BACK : FACT_NOTE, "iis_module", odd ? "config/module" : "config/module-unknown", odd ? SEV_HIGH : SEV_LOW, odd ? 0.85 : 0.3, it->line);
    if (!f)
        return;
    f->name  = files_quote(c, it->name);
    f->path  = native && target.n ? str_dup(c->keep, target) : f->path;
    f->title = odd ? STR("Web server module from a place where nobody installs programs") : STR("Web server module that is neither Microsoft's nor Exchange's");
    f->why   = odd ? STR("Every request passes through it, and the path is one that intruders use.")
                   : STR("Monitoring and protection products add modules of their own: compare with a clean server.");
    f->cite.excerpt = files_text(c, "%s %.*s: %.*s", iis_kind_name(it->kind), STR_ARG(str_sub(f->name, 0, 100)), STR_ARG(str_sub(files_quote(c, it->target), 0, 200)));
    files_attack(f, "T1505.004");
}

static void handler(struct files_context *c, struct files_node *n, const struct iis_item *it)
{
    struct str script = str_sub(it->target, 0, str_chr(it->target, '|'));
    struct str target = winpath_canon(&n->scratch, script, c->ev->system_drive);
    bool path = str_chr(script, '\\') != STR_NONE;

    if (files_odd_handler(it)) {
        struct fact *f = say(c, n, FACT_WAY_BACK, "iis_handler", "config/handler", SEV_HIGH, 0.8, it->line);
        if (f) {
            f->name  = files_quote(c, it->name);
            f->title = STR("Files that are no pages are run as pages");
            f->why   = STR("A handler of the whole server runs server script in files whose extension does not say so.");
            f->cite.excerpt = files_text(c, "handler %.*s for %.*s: %.*s", STR_ARG(str_sub(f->name, 0, 80)), STR_ARG(str_sub(files_quote(c, it->extra), 0, 60)),
                                         STR_ARG(str_sub(files_quote(c, it->target), 0, 160)));
            files_attack(f, "T1505.004");
        }
        return;
    }
    if (!path || system_place(script) || product_place(c, target))
        return;
    bool odd = files_odd_place(target);
    struct fact *f = say(c, n, odd ? FACT_WAY_BACK : FACT_NOTE, "iis_handler", odd ? "config/handler" : "config/handler-unknown", odd ? SEV_HIGH : SEV_LOW, odd ? 0.85 : 0.3, it->line);
    if (!f)
        return;
    f->name  = files_quote(c, it->name.n ? it->name : winpath_name(script));
    f->path  = target.n ? str_dup(c->keep, target) : f->path;
    f->title = odd ? STR("Requests are handed to a program in a place where nobody installs programs") : STR("Requests are handed to a program that is not part of Windows or Exchange");
    f->why   = odd ? STR("The handler's program lies where intruders put theirs.") : STR("PHP and other engines are added this way: check that somebody wanted it.");
    f->cite.excerpt = files_text(c, "%s %.*s for %.*s: %.*s", iis_kind_name(it->kind), STR_ARG(str_sub(f->name, 0, 80)), STR_ARG(str_sub(files_quote(c, it->extra), 0, 60)),
                                 STR_ARG(str_sub(files_quote(c, it->target), 0, 160)));
    files_attack(f, "T1505.004");
}

/* "/owa" + "/x": the address of a virtual directory. */
static struct str address(struct files_context *c, const struct iis_vdir *v)
{
    struct str app = str_eq(v->app_path, STR("/")) ? STR("") : v->app_path, path = str_eq(v->path, STR("/")) ? STR("") : v->path;
    struct str all = str_cat(&c->work->pile, str_sub(app, 0, 500), str_sub(path, 0, 500));

    return all.n ? urlpath_canon(c->keep, all) : STR("/");
}

static void vdir(struct files_context *c, struct files_node *n, const struct iis_vdir *v)
{
    struct str target = winpath_canon(&n->scratch, v->physical_path, c->ev->system_drive);
    bool web = str_ihas(target, STR("\\inetpub\\")) && !str_ihas(target, STR("\\inetpub\\temp\\"));
    /* A served folder is below inetpub by right; the front end's own folders too. */
    bool device = false;
    for (struct str rest = target, part; str_cut(&rest, '\\', &part);)
        device = device || winpath_reserved(part);
    bool right = web || product_place(c, target) || str_ihas(target, STR("\\FrontEnd\\HttpProxy\\"));
    bool odd = v->physical_path.n && files_odd_place(target) && (device || !right);
    struct str url = odd ? address(c, v) : STR_EMPTY;

    if (!odd)
        return;
    bool unc = str_starts(target, STR("\\\\"));
    struct fact *f = say(c, n, unc ? FACT_NOTE : FACT_WAY_BACK, "virtual_directory", unc ? "config/virtual-directory-remote" : "config/virtual-directory", unc ? SEV_LOW : SEV_HIGH,
                         unc ? 0.3 : 0.85, v->line);
    if (!f)
        return;
    f->name  = files_quote(c, v->site_name);
    f->path  = str_dup(c->keep, target);
    f->url   = url;
    f->reachable = unc ? REACH_UNKNOWN : REACH_YES;
    f->title = unc ? STR("Served folder on another computer") : STR("Served folder in a place where nobody publishes");
    f->why   = unc ? STR("The site serves files from a share; check that somebody wanted it.")
                   : STR("A virtual directory maps an address of the site to a folder that intruders use to hide pages.");
    f->cite.excerpt = files_text(c, "site %.*s: %.*s -> %.*s", STR_ARG(str_sub(f->name, 0, 60)), STR_ARG(str_sub(url, 0, 120)), STR_ARG(str_sub(files_quote(c, v->physical_path), 0, 180)));
    files_attack(f, "T1505.003");
}

static void small(struct files_context *c, struct files_node *n, const struct iis_item *it, const char *detector, enum severity severity, const char *title, const char *why)
{
    struct fact *f = say(c, n, FACT_NOTE, "", detector, severity, 0.4, it->line);

    if (!f)
        return;
    f->title = str_c(title);
    f->why   = str_c(why);
    f->name  = files_quote(c, it->name);
    f->cite.excerpt = files_text(c, "%s %.*s in %.*s", iis_kind_name(it->kind), STR_ARG(str_sub(f->name, 0, 100)), STR_ARG(it->location.n ? str_sub(files_quote(c, it->location), 0, 160) : STR("the whole server")));
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct iis_config w;
    bool framework = str_ihas(n->node->path, STR("\\Microsoft.NET\\Framework"));   /* its web.config and machine.config speak for every site */

    if (!live(n->node->path) && !framework)
        return true;
    c->work->app_host = c->work->app_host || !framework;
    if (!iisconfig_parse(&w, &n->scratch, n->body, e))
        return false;
    if (w.damaged && !files_damage(c, FAM_IIS_CONFIG, n->node, w.what, w.item_n + w.vdir_n, e))
        return false;
    for (size_t i = 0; i < w.item_n; i++) {
        const struct iis_item *it = &w.item[i];
        switch (it->kind) {
        case IIS_GLOBAL_MODULE: case IIS_ISAPI_FILTER: case IIS_MODULE: case IIS_HTTP_MODULE:
            module(c, n, it);
            break;
        case IIS_HANDLER: case IIS_HTTP_HANDLER: case IIS_FAST_CGI:
            handler(c, n, it);
            break;
        case IIS_LOG_OFF:
            small(c, n, it, "config/log-off", SEV_MEDIUM, "Logging is switched off", "What was asked of this site leaves no line in the IIS log.");
            break;
        case IIS_ENCRYPTED: case IIS_ELSEWHERE:
            small(c, n, it, "config/elsewhere", SEV_INFO, "A section that could not be read here", "The section is encrypted or kept in another file; what it holds was not seen.");
            break;
        default:
            break;
        }
    }
    for (size_t i = 0; i < w.vdir_n; i++)
        vdir(c, n, &w.vdir[i]);
    for (size_t i = 0; i < w.site_n; i++)
        if (w.site[i].log_off) {
            struct iis_item it = { .kind = IIS_LOG_OFF, .name = w.site[i].name, .location = w.site[i].name, .line = w.site[i].line };
            small(c, n, &it, "config/log-off", SEV_MEDIUM, "Logging is switched off", "What was asked of this site leaves no line in the IIS log.");
        }
    return true;
}

const struct files_detector files_config = {
    .name = "config", .about = "applicationHost.config: modules, handlers, filters and virtual directories that are not the product's", .wants = wants, .look = look,
};

/* ---- transport agents ---- */

static bool wants_agents(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->family == FAM_TRANSPORT_AGENTS;
}

/* Products that filter or sign mail on the server. Source: ways back in, section 3, and vendors' install guides. */
static bool known_vendor(const struct agent *g)
{
    static const char *const vendor[] = {
        "exclaimer", "codetwo", "symantec", "trend micro", "kaspersky", "sophos", "eset", "mcafee", "trellix", "barracuda", "gfi ", "gfisoftware", "bitdefender", "f-secure",
        "withsecure", "mimecast", "proofpoint", "forcepoint", "websense", "spamtitan", "vamsoft", "nospamproxy", "trustwave", "opswat", "crossware", "mdaemon", "dkim signer",
        "digitalpersona", "titus", "boldon james", "policypatrol", "red earth",
    };
    for (size_t i = 0; i < COUNT_OF(vendor); i++)
        if (str_ihas(g->assembly_path, str_c(vendor[i])))
            return true;
    return false;
}

static bool look_agents(struct files_context *c, struct files_node *n, struct err *e)
{
    struct agents w;

    if (!agents_parse(&w, &n->scratch, n->body, e))
        return false;
    if (w.damaged && !files_damage(c, FAM_TRANSPORT_AGENTS, n->node, "cut or not well-formed", w.n, e))
        return false;
    for (size_t i = 0; i < w.n; i++) {
        const struct agent *g = &w.agent[i];
        struct str path = winpath_canon(&n->scratch, g->assembly_path, c->ev->system_drive);
        bool odd = files_odd_place(path);
        if (!odd && (str_ihas(path, STR("\\TransportRoles\\agents\\")) || product_place(c, path) || path.n == 0))
            continue;
        bool vendor = !odd && (known_vendor(g) || str_ihas(path, STR(":\\Program Files")));
        struct fact *f = say(c, n, vendor ? FACT_NOTE : FACT_WAY_BACK, "transport_agent", vendor ? "config/agent-other" : "config/agent", vendor ? SEV_INFO : SEV_HIGH,
                             vendor ? 0.2 : odd ? 0.9 : 0.7, g->line);
        if (!f)
            continue;
        f->name  = files_quote(c, g->name);
        f->path  = str_dup(c->keep, path);
        f->title = vendor ? STR("Transport agent of another product") : STR("Unknown transport agent");
        f->why   = vendor ? STR("It is installed like a program; check that it was bought.")
                          : STR("It sees every message, and its file lies outside the folders of Exchange and of installed programs.");
        f->cite.excerpt = files_text(c, "agent %.*s, %s: %.*s", STR_ARG(str_sub(f->name, 0, 100)), g->enabled ? "enabled" : "not enabled", STR_ARG(str_sub(path, 0, 200)));
        files_attack(f, "T1505.002");
    }
    return true;
}

const struct files_detector files_agents = {
    .name = "agents", .about = "transport agents whose files lie outside the product", .wants = wants_agents, .look = look_agents,
};
