/*
 * iisconfig: applicationHost.config, web.config and other IIS or ASP.NET configuration.
 *
 * Shape    two flat lists in document order. `vdir`: every virtual directory with its site and application. `item`: everything
 *          else that can change what the server runs, one kind each; `location` is the path of the <location> around it.
 *          Both files have one grammar; what a file does not have is simply absent.
 * Text     values as written: %SystemDrive% and the like are not expanded here (base/winpath does that).
 * Bounds   IISCONFIG_ITEMS_MAX items, IISCONFIG_VDIRS_MAX virtual directories, IISCONFIG_SITES_MAX sites, IISCONFIG_POOLS_MAX pools; more: `damaged`.
 *          Others: formats/xml.
 * Errors   ERR_FORMAT: the root element is not "configuration". Others as xml_parse.
 * Owner    the arena.
 * Not done inheritance between files, <clear/>, <remove/> (kept as an item of its own), overrideMode, decryption. A section that
 *          is encrypted or kept in another file is named, so that the report can say what was not seen.
 * Source   ways back in, 2.1 to 2.4; evidence sheet, 1, 8.1 and 11; IIS_schema.xml names of elements.
 */
#ifndef FORMATS_IISCONFIG_H
#define FORMATS_IISCONFIG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { IISCONFIG_ITEMS_MAX = 20000, IISCONFIG_VDIRS_MAX = 4096, IISCONFIG_SITES_MAX = 512, IISCONFIG_BINDINGS_MAX = 16, IISCONFIG_POOLS_MAX = 1024 };

struct iis_site {
    struct str name;
    uint32_t   id;                 /* 0: not a number */
    struct str log_directory;      /* empty: the default of all sites */
    struct str log_format;         /* "W3C", ... or empty */
    struct str binding[IISCONFIG_BINDINGS_MAX];   /* "http *:80:", protocol and bindingInformation */
    size_t     binding_n;
    bool       log_off, log_local_time;
    uint32_t   line;
};

struct iis_pool {
    struct str name, identity;     /* identityType, or the user's name; empty: the default of all pools */
    uint32_t   line;
};

struct iis_vdir {
    struct str site_name, app_path, app_pool, path, physical_path;   /* app_path "/owa", path "/" */
    uint32_t   site_id;
    bool       has_user;           /* a user name is stored with it */
    uint32_t   line;
};

enum iis_kind {
    IIS_GLOBAL_MODULE,     /* name, target = image                                   native, every worker process */
    IIS_MODULE,            /* name, target = type (empty: switches a native one on)  */
    IIS_HTTP_MODULE,       /* name, target = type; system.web                        */
    IIS_HANDLER,           /* name, target = type or scriptProcessor, extra = path   */
    IIS_HTTP_HANDLER,      /* target = type, extra = path; system.web                */
    IIS_ISAPI_FILTER,      /* name, target = path of the DLL                         */
    IIS_BUILD_PROVIDER,    /* name = extension, target = type                        */
    IIS_ASSEMBLY,          /* name = assembly; system.web/compilation/assemblies     */
    IIS_FAST_CGI,          /* target = fullPath, extra = arguments                   */
    IIS_REWRITE,           /* name, target = action type, extra = action url or the pattern */
    IIS_REDIRECT,          /* target = destination                                   */
    IIS_ERROR_PAGE,        /* name = status code, target = path, extra = responseMode */
    IIS_MACHINE_KEY,       /* a fixed key is written here; target = "fixed" or "auto", extra = SHA-256 of the validation key's upper-case text; never the key */
    IIS_VIEWSTATE_OPEN,    /* a setting that weakens view state; name = which        */
    IIS_LOG_OFF,           /* httpLogging dontLog="true"                             */
    IIS_ENCRYPTED,         /* name = section, target = provider                      */
    IIS_ELSEWHERE,         /* name = section, target = configSource                  */
    IIS_REMOVED,           /* name = what, extra = section: <remove>                 */
    IIS_PAGE_PARSER,       /* name = virtual path, target = compilation mode; server script is allowed in pages of a database */
    IIS_DOMAIN_MANAGER,    /* name = assembly that the runtime loads before anything else */
    IIS_OTHER_PLACE,       /* target = folder of the real configuration; redirection.config, enabled */
    IIS_CODE,              /* server script inside a configuration file; name = where */
    IIS_KINDS
};

struct iis_item {
    enum iis_kind kind;
    struct str    name, target, extra, location;
    uint32_t      line;
};

struct iis_config {
    struct iis_site *site; size_t site_n;
    struct iis_vdir *vdir; size_t vdir_n;
    struct iis_item *item; size_t item_n;
    struct iis_pool *pool; size_t pool_n;
    struct str       default_log_directory;    /* sites/siteDefaults/logFile */
    bool             only_redirect;            /* web.config that holds an httpRedirect and nothing else */
    bool             damaged;
    char             what[120];
};

bool iisconfig_parse(struct iis_config *ret, struct arena *a, struct str in, struct err *e);
const char *iis_kind_name(enum iis_kind k);    /* "native module": for people */

/* A rewrite rule of Microsoft's own mitigations (EOMT, BackendCookieMitigation, ExchangeMitigations) that aborts requests. */
bool iisconfig_is_mitigation(const struct iis_item *it);

#endif
