#include "detect/config.h"

#include "detect/place.h"

#include <string.h>

/* Native modules of IIS and of well-known additions: their names and their files. A name with another file is somebody's disguise. */
static const struct { const char *name, *dll; } built_ins[] = {
    { "UriCacheModule", "cachuri.dll" },           { "FileCacheModule", "cachfile.dll" },          { "TokenCacheModule", "cachtokn.dll" },
    { "HttpCacheModule", "cachhttp.dll" },         { "DynamicCompressionModule", "compdyn.dll" },  { "StaticCompressionModule", "compstat.dll" },
    { "DefaultDocumentModule", "defdoc.dll" },     { "DirectoryListingModule", "dirlist.dll" },    { "ProtocolSupportModule", "protsup.dll" },
    { "HttpRedirectionModule", "redirect.dll" },   { "ServerSideIncludeModule", "iis_ssi.dll" },   { "StaticFileModule", "static.dll" },
    { "AnonymousAuthenticationModule", "authanon.dll" }, { "CertificateMappingAuthenticationModule", "authcert.dll" }, { "UrlAuthorizationModule", "urlauthz.dll" },
    { "BasicAuthenticationModule", "authbas.dll" }, { "WindowsAuthenticationModule", "authsspi.dll" }, { "DigestAuthenticationModule", "authmd5.dll" },
    { "IISCertificateMappingAuthenticationModule", "authmap.dll" }, { "IpRestrictionModule", "iprestr.dll" }, { "DynamicIpRestrictionModule", "diprestr.dll" },
    { "RequestFilteringModule", "modrqflt.dll" },  { "CustomErrorModule", "custerr.dll" },         { "CustomLoggingModule", "logcust.dll" },
    { "HttpLoggingModule", "loghttp.dll" },        { "FailedRequestsTracingModule", "iisfreb.dll" }, { "RequestMonitorModule", "iisreqs.dll" },
    { "TracingModule", "iisetw.dll" },             { "IsapiModule", "isapi.dll" },                 { "IsapiFilterModule", "filter.dll" },
    { "CgiModule", "cgi.dll" },                    { "FastCgiModule", "iisfcgi.dll" },             { "ConfigurationValidationModule", "validcfg.dll" },
    { "WebSocketModule", "iiswsock.dll" },         { "ApplicationInitializationModule", "warmup.dll" }, { "RewriteModule", "rewrite.dll" },
    { "WebDAVModule", "webdav.dll" },              { "exppw", "exppw.dll" },                       { "kerbauth", "kerbauth.dll" },
    { "PasswordExpiryModule", "passwordexpiry.dll" }, { "CorsModule", "iiscors.dll" },
    /* Files without a module name of their own here: ISAPI programs, and older or added parts. */
    { "", "cachedyn.dll" }, { "", "appwarmup.dll" }, { "", "requestrouter.dll" }, { "", "wbhst_pm.dll" }, { "", "gzip.dll" }, { "", "hwebcore.dll" }, { "", "webengine.dll" },
    { "", "webengine4.dll" }, { "", "aspnet_filter.dll" }, { "", "aspnet_isapi.dll" }, { "", "asp.dll" }, { "", "rpcproxy.dll" }, { "", "websocket.dll" }, { "", "cors.dll" },
    { "", "aspnetcore.dll" }, { "", "aspnetcorev2.dll" }, { "", "httplogextension.dll" }, { "", "davfsstatic.dll" }, { "", "sitemin.dll" }, { "", "managedengine.dll" },
    { "", "centrallog.dll" }, { "", "ftpsvc.dll" }, { "", "uri.dll" }, { "", "advancedlogging.dll" }, { "", "wdeploymentdlg.dll" }, { "", "microsoft.web.management.dll" },
    { "", "iiscomp.dll" }, { "", "exchweb.dll" }, { "", "owaauth.dll" }, { "", "cgi.dll" },
};

static bool built_in(struct str image)
{
    for (size_t i = 0; i < COUNT_OF(built_ins); i++)
        if (str_ieq(winpath_name(image), str_c(built_ins[i].dll)))
            return true;
    return false;
}

/* Named as a module of Windows, or one letter beside it, and no such file. */
static bool disguised(struct str name, struct str image)
{
    for (size_t i = 0; i < COUNT_OF(built_ins); i++) {
        struct str real = str_c(built_ins[i].name);
        if (real.n == 0 || real.n < 8 || str_ieq(winpath_name(image), str_c(built_ins[i].dll)))
            continue;
        size_t head = 0, tail = 0, least = real.n < name.n ? real.n : name.n, most = real.n > name.n ? real.n : name.n;
        while (head < least && ch_lower(real.p[head]) == ch_lower(name.p[head]))
            head++;
        while (tail < least - head && ch_lower(real.p[real.n - 1 - tail]) == ch_lower(name.p[name.n - 1 - tail]))
            tail++;
        if (most - head - tail <= 1)          /* one letter more, less or other; or none */
            return true;
    }
    return false;
}

/* Products that add modules, filters or agents to web and mail servers. Source: ways back in, 2.2 and 3; vendors' install guides. */
bool config_known_maker(struct str text)
{
    static const char *const maker[] = {
        "exclaimer", "codetwo", "symantec", "broadcom", "trend micro", "trendmicro", "kaspersky", "sophos", "eset", "mcafee", "trellix", "barracuda", "gfi ", "gfisoftware", "bitdefender", "f-secure",
        "withsecure", "mimecast", "proofpoint", "forcepoint", "websense", "spamtitan", "vamsoft", "nospamproxy", "trustwave", "opswat", "crossware", "mdaemon", "dkim signer", "dkimsigner",
        "digitalpersona", "titus", "boldon james", "policypatrol", "red earth", "newrelic", "new relic", "dynatrace", "appdynamics", "datadog", "stackify", "riverbed", "raygun", "elmah", "duosecurity",
        "duo security", "duo.owa", "rsa.web", "rsa security", "safenet", "okta", "helicon", "ionic", "ca siteminder", "imperva", "fortinet", "solarwinds", "messageware", "secureauth", "cisco", "\\microsoft shared\\web server extensions\\",
    };
    for (size_t i = 0; i < COUNT_OF(maker); i++)
        if (str_ihas(text, str_c(maker[i])))
            return true;
    return false;
}

/* Folders of Windows that hold web parts: IIS and .NET. */
static bool system_place(struct str path)
{
    static const char *const head[] = { "%windir%\\system32\\inetsrv\\", "%systemroot%\\system32\\inetsrv\\", "%windir%\\syswow64\\inetsrv\\", "%windir%\\microsoft.net\\",
                                        "%systemroot%\\microsoft.net\\" };
    for (size_t i = 0; i < COUNT_OF(head); i++)
        if (str_istarts(path, str_c(head[i])))
            return true;
    return str_ihas(path, STR(":\\windows\\system32\\inetsrv\\")) || str_ihas(path, STR(":\\windows\\microsoft.net\\")) || str_ihas(path, STR(":\\windows\\syswow64\\inetsrv\\"));
}

/* Web parts that Windows keeps right in its system folder: remote management, RPC over HTTP, transfers, printing, certificates. */
static bool windows_part(struct str path)
{
    static const char *const part[] = { "\\system32\\wsmsvc.dll", "\\rpcproxy\\rpcproxy.dll", "\\system32\\bitssrv.dll", "\\system32\\msw3prt.dll", "\\certsrv\\mscep\\mscep.dll",
                                        "\\syswow64\\wsmsvc.dll", "\\syswow64\\bitssrv.dll" };
    for (size_t i = 0; i < COUNT_OF(part); i++)
        if (str_iends(path, str_c(part[i])))
            return true;
    return false;
}

static bool in_windows(struct str path) { return str_ihas(path, STR(":\\windows\\")); }

bool config_product_place(const struct files_context *c, struct str path)
{
    for (size_t i = 0; i < c->ev->install_n; i++)
        if (winpath_below(path, c->ev->install[i].path) && !files_odd_place(path))
            return true;
    return str_ihas(path, STR("\\Program Files\\Microsoft\\Exchange Server\\")) && !files_odd_place(path);
}

struct str config_assembly(struct str type)
{
    struct str rest = type, class, name;

    if (!str_cut(&rest, ',', &class) || !str_cut(&rest, ',', &name))
        return STR_EMPTY;
    return str_trim(name);
}

static bool product_head(struct str name)
{
    static const char *const head[] = { "System", "Microsoft.", "mscorlib", "ASP.", "PresentationFramework", "WindowsBase" };

    for (size_t i = 0; i < COUNT_OF(head); i++)
        if (str_istarts(name, str_c(head[i])))
            return true;
    return false;
}

/* Microsoft's by the class and, where one is named, by the assembly: a class can be called anything. */
bool config_product_type(struct str type)
{
    static const char *const path[] = { "~/", "%windir%\\Microsoft.NET\\", "%windir%\\system32\\inetsrv\\", "%SystemRoot%\\system32\\inetsrv\\" };
    struct str assembly = config_assembly(type);

    if (type.n == 0)
        return true;
    for (size_t i = 0; i < COUNT_OF(path); i++)
        if (str_istarts(type, str_c(path[i])))
            return true;
    if (str_ihas(type, STR("\\windows\\system32\\inetsrv\\")) || str_ihas(type, STR("\\windows\\microsoft.net\\")))
        return true;
    return product_head(type) && str_chr(type, '\\') == STR_NONE && (assembly.n == 0 || product_head(assembly));
}

static void says(struct config_says *s, enum config_grade grade, const char *what, const char *detector, enum severity severity, double confidence, const char *title, const char *why,
                 const char *attack)
{
    s->grade = grade;
    s->what = what;
    s->detector = detector;
    s->severity = severity;
    s->confidence = confidence;
    s->title = title;
    s->why = why;
    s->attack = attack;
}

static void native_module(const struct files_context *c, const struct iis_item *it, struct str target, struct config_says *s)
{
    bool disguise = it->kind == IIS_GLOBAL_MODULE && disguised(it->name, it->target);
    bool odd = files_odd_place(target) || files_ioc_path(c, target, IOC_PATH_SUFFIX);

    if (!odd && !disguise && (config_product_place(c, target) || windows_part(target) ||
                             (system_place(it->target) && (built_in(it->target) || !str_ihas(it->target, STR("\\inetsrv\\"))))))
        return;
    if (!odd && !disguise && built_in(it->target) && str_ihas(it->target, STR("\\program files")))
        return;
    s->path = target;
    if (odd)
        says(s, CONFIG_ACCUSES, "iis_module", "config/module", SEV_HIGH, 0.85, "Web server module from a place where nobody installs programs",
             "Every request passes through it, and the path is one that intruders use.", "T1505.004");
    else if (disguise)
        says(s, CONFIG_ACCUSES, "iis_module", "config/module", SEV_HIGH, 0.8, "Web server module that imitates one of Windows",
             "Every request passes through it. It is named as a module of IIS is, or nearly so, and its file is another.", "T1505.004");
    else if (in_windows(target))
        says(s, CONFIG_NOTE, "iis_module", "config/module-unknown", SEV_MEDIUM, 0.6, "Web server module in a folder of Windows that Windows does not have",
             "Every request passes through it. Products install theirs in folders of their own: look at the file, its signature and its age.", "T1505.004");
    else
        says(s, CONFIG_NOTE, "iis_module", "config/module-unknown", config_known_maker(target) ? SEV_INFO : SEV_LOW, 0.3, "Web server module that is neither Microsoft's nor Exchange's",
             "Monitoring and protection products add modules of their own: compare with a clean server.", "T1505.004");
}

static void managed(const struct config_file *w, const struct iis_item *it, struct config_says *s)
{
    bool handler = it->kind == IIS_HANDLER || it->kind == IIS_HTTP_HANDLER, known = config_known_maker(it->target);

    if (config_product_type(it->target))
        return;
    if (w->bare)
        says(s, CONFIG_NOTE, handler ? "handler" : "iis_module", handler ? "files/config-handler" : "files/config-module", SEV_HIGH, 0.7,
             handler ? "Handler that is not the product's" : "Module that is not the product's",
             "aspnet_client holds no application; a configuration that loads code there belongs to somebody else.", "T1505.004");
    else
        says(s, CONFIG_NOTE, handler ? "handler" : "iis_module", w->server ? handler ? "config/handler-unknown" : "config/module-unknown" : handler ? "files/config-handler" : "files/config-module",
             known ? SEV_INFO : SEV_LOW, 0.3, handler ? "Handler that is not the product's" : "Module that is not the product's",
             "Its type is neither Microsoft's nor Exchange's. Many products add their own: compare with a clean server.", "T1505.004");
}

/* A handler that runs server script for what everybody takes for content. Sites map .htm that way on purpose, so it does not count. */
bool files_odd_handler(const struct iis_item *it)
{
    static const char *const still[] = { ".gif", ".jpg", ".jpeg", ".png", ".ico", ".bmp", ".svg", ".css", ".js", ".txt", ".log", ".xml", ".config", ".pdf", ".zip", ".dat", ".map", ".woff", ".ttf" };
    bool runs = str_ihas(it->target, STR("System.Web.UI.PageHandlerFactory")) || str_ihas(it->target, STR("System.Web.UI.SimpleHandlerFactory")) ||
                str_ihas(it->target, STR("\\asp.dll")) || str_ihas(it->target, STR("aspnet_isapi.dll"));

    for (size_t i = 0; runs && i < COUNT_OF(still); i++)
        if (str_iends(it->extra, str_c(still[i])))
            return true;
    return false;
}

static void handler(const struct files_context *c, struct arena *a, const struct config_file *w, const struct iis_item *it, struct config_says *s)
{
    struct str script = str_sub(it->target, 0, str_chr(it->target, '|'));
    struct str target = winpath_canon(a, script, c->ev->system_drive);

    if (files_odd_handler(it)) {
        says(s, CONFIG_ACCUSES, w->server ? "handler" : "web_config", w->server ? "config/handler" : "files/config-handler", SEV_HIGH, w->code || w->bare ? 0.9 : 0.8,
             "Files that are no pages are run as pages", "A handler runs server script in files whose extension does not say so.", "T1505.004");
        return;
    }
    if (str_chr(script, '\\') == STR_NONE) {
        managed(w, it, s);
        return;
    }
    if (system_place(script) || windows_part(target) || config_product_place(c, target))
        return;
    s->path = target;
    if (!s->name.n)
        s->name = winpath_name(script);
    if (files_odd_place(target))
        says(s, CONFIG_ACCUSES, "handler", "config/handler", SEV_HIGH, 0.85, "Requests are handed to a program in a place where nobody installs programs",
             "The handler's program lies where intruders put theirs.", "T1505.004");
    else
        says(s, CONFIG_NOTE, "handler", "config/handler-unknown", SEV_LOW, 0.3, "Requests are handed to a program that is not part of Windows or Exchange",
             "PHP and other engines are added this way: check that somebody wanted it.", "T1505.004");
}

struct str config_route(const struct iis_item *it)
{
    struct str to = it->kind == IIS_REWRITE && str_ieq(it->target, STR("Rewrite")) ? it->extra : it->kind == IIS_ERROR_PAGE || it->kind == IIS_REDIRECT ? it->target : STR_EMPTY;
    size_t     end = 0;

    if (it->kind == IIS_ERROR_PAGE && it->extra.n && !str_ieq(it->extra, STR("ExecuteURL")) && !str_ieq(it->extra, STR("Redirect")))
        return STR_EMPTY;
    while (end < to.n && to.p[end] != '?' && to.p[end] != '{')
        end++;
    to = str_sub(to, 0, end);
    return winpath_is_page(to) ? to : STR_EMPTY;
}

void config_judge(const struct files_context *c, struct arena *a, const struct config_file *w, const struct iis_item *it, struct config_says *ret)
{
    *ret = (struct config_says){ .name = it->name.n ? it->name : it->target };
    switch (it->kind) {
    case IIS_GLOBAL_MODULE: case IIS_ISAPI_FILTER:
        native_module(c, it, winpath_canon(a, it->target, c->ev->system_drive), ret);
        break;
    case IIS_MODULE: case IIS_HTTP_MODULE:
        managed(w, it, ret);
        break;
    case IIS_HANDLER: case IIS_HTTP_HANDLER: case IIS_FAST_CGI:
        handler(c, a, w, it, ret);
        break;
    case IIS_CODE:
        if (!w->server)
            says(ret, CONFIG_ACCUSES, "web_config", "files/config-script", SEV_HIGH, 0.9, "Server script inside a configuration file",
                 "A configuration file holds server-side script; a handler for .config makes it a page.", "T1505.003");
        break;
    case IIS_LOG_OFF:
        says(ret, CONFIG_NOTE, "", "config/log-off", SEV_MEDIUM, 0.4, "Logging is switched off", "What was asked of this site leaves no line in the IIS log.", "T1562.002");
        break;
    case IIS_VIEWSTATE_OPEN:
        says(ret, CONFIG_NOTE, "", "files/view-state", str_ieq(it->name, STR("viewStateEncryptionMode")) ? SEV_LOW : SEV_MEDIUM, 0.5, "View state is not protected",
             str_ieq(it->name, STR("viewStateEncryptionMode")) ? "View state is sent in clear; alone this lets nobody in." : "The setting lets forged view state through, which can run code.", "T1505.003");
        break;
    case IIS_REWRITE: case IIS_ERROR_PAGE:
        if (config_route(it).n && (it->kind == IIS_REWRITE || w->bare))
            says(ret, CONFIG_NOTE, "rewrite_rule", "files/rewrite", SEV_LOW, 0.3, it->kind == IIS_REWRITE ? "Requests are rewritten to a page" : "Errors are answered by a page",
                 "The rule sends requests to a page: check that the page is the product's.", "T1505.003");
        break;
    case IIS_PAGE_PARSER:
        says(ret, CONFIG_NOTE, "", "files/page-parser", SEV_MEDIUM, 0.4, "Pages kept in a database may run server script",
             "Who can store a page there runs code without any file: check who asked for this.", "T1505.003");
        break;
    case IIS_DOMAIN_MANAGER:
        if (w->worker)
            says(ret, CONFIG_ACCUSES, "appdomain_manager", "config/appdomain-manager", SEV_HIGH, 0.8, "Code is loaded into every worker process before the applications",
                 "The worker process' own configuration names an assembly that the runtime loads first; no product does that.", "T1574.014");
        else
            says(ret, CONFIG_NOTE, "", "config/appdomain-manager", SEV_LOW, 0.3, "A configuration names an application domain manager",
                 "The runtime reads this setting in a program's own configuration only.", "T1574.014");
        break;
    case IIS_ENCRYPTED: case IIS_ELSEWHERE:
        says(ret, CONFIG_NOTE, "", w->server ? "config/elsewhere" : "files/config-elsewhere", SEV_INFO, 0.3, "A section that could not be read here",
             "The section is encrypted or kept in another file; what it holds was not seen.", NULL);
        break;
    case IIS_OTHER_PLACE:
        says(ret, CONFIG_NOTE, "", "config/other-place", SEV_MEDIUM, 0.6, "The server's configuration is kept on another computer",
             "redirection.config is enabled: the copy read here is not what the server runs. Collect the folder that it names.", NULL);
        break;
    default:
        break;
    }
}

/* "/owa" + "/x": the address of a virtual directory. */
static struct str address(struct arena *a, const struct iis_vdir *v)
{
    struct str app = str_eq(v->app_path, STR("/")) ? STR("") : v->app_path, path = str_eq(v->path, STR("/")) ? STR("") : v->path;
    struct str all = str_cat(a, str_sub(app, 0, 500), str_sub(path, 0, 500));

    return all.n ? urlpath_canon(a, all) : STR("/");
}

void config_judge_vdir(const struct files_context *c, struct arena *a, const struct iis_vdir *v, struct config_says *s)
{
    struct str target = winpath_canon(a, v->physical_path, c->ev->system_drive), url = address(a, v);
    bool       web = str_ihas(target, STR("\\inetpub\\")) && !str_ihas(target, STR("\\inetpub\\temp\\")), device = false;

    for (struct str rest = target, part; str_cut(&rest, '\\', &part);)
        device = device || winpath_reserved(part);
    /* A served folder is below inetpub by right; the front end's own folders too. */
    bool right = web || config_product_place(c, target) || str_ihas(target, STR("\\FrontEnd\\HttpProxy\\")) || str_ihas(target, STR("\\ClientAccess\\"));
    bool unc = str_starts(target, STR("\\\\"));
    bool inside = str_istarts(url, STR("/owa/")) || str_istarts(url, STR("/ecp/")) || str_istarts(url, STR("/aspnet_client/"));

    *s = (struct config_says){ .name = str_cat(a, v->site_name, url), .path = target, .url = url };      /* as appcmd names it */
    if (v->physical_path.n == 0)
        return;
    if (files_odd_place(target) && (device || !right)) {
        s->reachable = unc ? REACH_UNKNOWN : REACH_YES;
        if (unc)
            says(s, CONFIG_NOTE, "virtual_directory", "config/virtual-directory-remote", SEV_LOW, 0.3, "Served folder on another computer",
                 "The site serves files from a share; check that somebody wanted it.", "T1505.003");
        else
            says(s, CONFIG_ACCUSES, "virtual_directory", "config/virtual-directory", SEV_HIGH, 0.85, "Served folder in a place where nobody publishes",
                 "A virtual directory maps an address of the site to a folder that intruders use to hide pages.", "T1505.003");
    } else if (inside && !right) {
        says(s, CONFIG_NOTE, "virtual_directory", "config/virtual-directory-inside", SEV_MEDIUM, 0.5, "Address below a product's own leads out of the product",
             "The address looks like Exchange's, and the folder is not Exchange's: check that somebody wanted it.", "T1505.003");
    }
}

void config_judge_pool(const struct iis_pool *p, struct config_says *s)
{
    *s = (struct config_says){ .name = p->name };
    if (str_ieq(p->identity, STR("LocalSystem")) && !str_istarts(p->name, STR("MSExchange")) && !str_istarts(p->name, STR("SharePoint")) && !str_istarts(p->name, STR("SecurityTokenService")))
        says(s, CONFIG_NOTE, "", "config/pool", SEV_LOW, 0.3, "Application pool that runs as the computer itself", "Whatever breaks into its sites has every right on this server.", NULL);
}

struct file_fact *config_tell(struct files_context *c, const struct ev_node *n, const struct config_says *s, uint32_t line)
{
    struct file_fact *f = files_fact_at(c, n, s->grade == CONFIG_ACCUSES ? FILE_FACT_WAY_BACK : FILE_FACT_NOTE, s->detector, s->severity, s->confidence);

    if (!f)
        return NULL;
    f->what  = str_c(s->what);
    f->title = str_c(s->title);
    f->why   = str_c(s->why);
    f->name  = files_quote(c, s->name);
    f->url   = s->url.n ? str_dup(c->keep, s->url) : STR_EMPTY;
    f->cite.line = line;
    if (s->path.n) {                  /* the file that says so is not the thing that it speaks of */
        f->path       = str_dup(c->keep, s->path);
        f->hash_hex   = STR_EMPTY;
        f->bytes      = 0;
        f->created_us = TIME_NONE;
        f->reachable  = s->reachable;
    }
    if (s->attack)
        files_attack(f, s->attack);
    return f;
}
