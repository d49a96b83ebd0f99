#include "formats/iisconfig.h"

#include "base/hash.h"
#include "base/num.h"
#include "formats/xml.h"

#include <string.h>

struct walk {
    struct arena      *a;
    struct iis_config *out;
    size_t             item_cap, vdir_cap, site_cap, pool_cap;
    bool               full;
    bool               other;        /* something besides an httpRedirect was found */
};

const char *iis_kind_name(enum iis_kind k)
{
    static const char *const name[IIS_KINDS] = {
        [IIS_GLOBAL_MODULE] = "native module",      [IIS_MODULE] = "module",
        [IIS_HTTP_MODULE] = "managed module",       [IIS_HANDLER] = "handler",
        [IIS_HTTP_HANDLER] = "managed handler",     [IIS_ISAPI_FILTER] = "ISAPI filter",
        [IIS_BUILD_PROVIDER] = "build provider",    [IIS_ASSEMBLY] = "compiled-in assembly",
        [IIS_FAST_CGI] = "FastCGI program",         [IIS_REWRITE] = "rewrite rule",
        [IIS_REDIRECT] = "redirect",                [IIS_ERROR_PAGE] = "error page",
        [IIS_MACHINE_KEY] = "machine key",          [IIS_VIEWSTATE_OPEN] = "weakened view state",
        [IIS_LOG_OFF] = "logging switched off",     [IIS_ENCRYPTED] = "encrypted section",
        [IIS_ELSEWHERE] = "section in another file", [IIS_REMOVED] = "removed entry",
        [IIS_PAGE_PARSER] = "script in pages of a database", [IIS_DOMAIN_MANAGER] = "application domain manager",
        [IIS_OTHER_PLACE] = "configuration kept elsewhere", [IIS_CODE] = "server script",
    };
    return k < IIS_KINDS && name[k] ? name[k] : "entry";
}

static bool is(const struct xml_node *n, const char *name) { return n && str_ieq(n->name, str_c(name)); }
static struct str get(const struct xml_node *n, const char *name) { return xml_get(n, str_c(name)); }
static bool yes(struct str v) { return str_ieq(v, STR("true")) || str_eq(v, STR("1")); }

static void trouble(struct walk *w, const char *what)
{
    if (!w->out->damaged)
        memcpy(w->out->what, what, strlen(what) < sizeof w->out->what ? strlen(what) + 1 : sizeof w->out->what - 1);
    w->out->damaged = true;
}

/* The path of the nearest <location> around a node. */
static struct str location_of(const struct xml_node *n)
{
    while (n && !is(n, "location"))
        n = n->parent;
    return get(n, "path");
}

static struct iis_item *item(struct walk *w, enum iis_kind kind, const struct xml_node *n)
{
    if (w->out->item_n >= IISCONFIG_ITEMS_MAX) {
        trouble(w, "too many entries: the rest was not read");
        return NULL;
    }
    struct iis_item *it = GROW(w->a, w->out->item, w->out->item_n, &w->item_cap);
    if (!it) {
        w->full = true;
        return NULL;
    }
    *it = (struct iis_item){ .kind = kind, .location = location_of(n), .line = n->line };
    w->out->item_n++;
    if (kind != IIS_REDIRECT)
        w->other = true;
    return it;
}

/* Lists of <add>: which section holds them, and which attributes say name, target and extra. */
struct section {
    const char   *name, *parent;         /* parent NULL: any */
    const char   *row;                   /* element of one entry */
    enum iis_kind kind;
    const char   *id, *target, *target2, *extra;
};
static const struct section sections[] = {
    { "globalModules",  NULL,          "add",         IIS_GLOBAL_MODULE,  "name",       "image",           NULL,     "preCondition" },
    { "modules",        NULL,          "add",         IIS_MODULE,         "name",       "type",            NULL,     "preCondition" },
    { "httpModules",    NULL,          "add",         IIS_HTTP_MODULE,    "name",       "type",            NULL,     NULL },
    { "handlers",       NULL,          "add",         IIS_HANDLER,        "name",       "scriptProcessor", "type",   "path" },
    { "httpHandlers",   NULL,          "add",         IIS_HTTP_HANDLER,   "verb",       "type",            NULL,     "path" },
    { "isapiFilters",   NULL,          "filter",      IIS_ISAPI_FILTER,   "name",       "path",            NULL,     NULL },
    { "buildProviders", NULL,          "add",         IIS_BUILD_PROVIDER, "extension",  "type",            NULL,     NULL },
    { "assemblies",     "compilation", "add",         IIS_ASSEMBLY,       "assembly",   NULL,              NULL,     NULL },
    { "fastCgi",        NULL,          "application", IIS_FAST_CGI,       NULL,         "fullPath",        NULL,     "arguments" },
    { "httpErrors",     NULL,          "error",       IIS_ERROR_PAGE,     "statusCode", "path",            NULL,     "responseMode" },
    { "customErrors",   NULL,          "error",       IIS_ERROR_PAGE,     "statusCode", "redirect",        NULL,     NULL },
};

static void read_section(struct walk *w, const struct xml_node *n)
{
    for (size_t s = 0; s < COUNT_OF(sections); s++) {
        const struct section *k = &sections[s];
        if (!is(n, k->name) || (k->parent && !is(n->parent, k->parent)))
            continue;
        for (const struct xml_node *c = n->child; c && !w->full; c = c->next) {
            bool row = is(c, k->row), gone = is(c, "remove");
            if (!row && !gone)
                continue;
            struct iis_item *it = item(w, gone ? IIS_REMOVED : k->kind, c);
            if (!it)
                return;
            if (k->id)
                it->name = get(c, k->id);
            if (gone) {
                it->extra = n->name;
                continue;
            }
            if (k->target)
                it->target = get(c, k->target);
            if (it->target.n == 0 && k->target2)
                it->target = get(c, k->target2);
            if (k->extra)
                it->extra = get(c, k->extra);
        }
    }
}

static void read_rewrite(struct walk *w, const struct xml_node *rules)
{
    for (const struct xml_node *r = rules->child; r && !w->full; r = r->next) {
        if (!is(r, "rule"))
            continue;
        struct iis_item *it = item(w, IIS_REWRITE, r);
        if (!it)
            return;
        const struct xml_node *action = xml_child(r, STR("action"));
        it->name   = get(r, "name");
        it->target = get(action, "type");
        it->extra  = get(action, "url");
        if (it->extra.n == 0)
            it->extra = get(xml_child(r, STR("match")), "url");
    }
}

/* Of the text as everybody writes it: "AB12...,IsolateApps" and "ab12..." are one key. */
static struct str key_hash(struct walk *w, struct str key)
{
    size_t   comma = str_chr(key, ',');
    uint8_t *up, raw[HASH_SHA256_BYTES];
    char     hex[2 * HASH_SHA256_BYTES + 1];

    key = str_trim(str_sub(key, 0, comma));
    up  = TAKE(w->a, uint8_t, key.n + 1);
    for (size_t i = 0; up && i < key.n; i++)
        up[i] = key.p[i] >= 'a' && key.p[i] <= 'z' ? (uint8_t)(key.p[i] - 32) : key.p[i];
    if (!up || !hash_sha256((struct str){ up, key.n }, raw)) {
        w->full = true;
        return STR_EMPTY;
    }
    num_tohex(raw, sizeof raw, hex);
    struct str kept = str_dup(w->a, str_c(hex));
    w->full = w->full || !kept.p;
    return kept;
}

static void read_single(struct walk *w, const struct xml_node *n)
{
    struct iis_item *it;
    struct str       v;

    if (is(n, "httpRedirect") && (it = item(w, IIS_REDIRECT, n)))
        it->target = get(n, "destination");
    if (is(n, "machineKey") && (it = item(w, IIS_MACHINE_KEY, n))) {
        v = get(n, "validationKey");
        it->target = v.n == 0 || str_istarts(v, STR("AutoGenerate")) ? STR("auto") : STR("fixed");
        it->extra  = str_eq(it->target, STR("fixed")) ? key_hash(w, v) : STR_EMPTY;
    }
    if (is(n, "pages") && str_ieq(get(n, "viewStateEncryptionMode"), STR("Never")) && (it = item(w, IIS_VIEWSTATE_OPEN, n)))
        it->name = STR("viewStateEncryptionMode");
    if (is(n, "PageParserPath") && yes(get(n, "AllowServerSideScript")) && (it = item(w, IIS_PAGE_PARSER, n))) {
        it->name   = get(n, "VirtualPath");
        it->target = get(n, "CompilationMode");
    }
    if (is(n, "appDomainManagerAssembly") && (it = item(w, IIS_DOMAIN_MANAGER, n)))
        it->name = get(n, "value");
    if (is(n, "configurationRedirection") && yes(get(n, "enabled")) && (it = item(w, IIS_OTHER_PLACE, n)))
        it->target = get(n, "path");
    if (is(n, "pages") && (v = get(n, "enableViewStateMac")).n && !yes(v) && (it = item(w, IIS_VIEWSTATE_OPEN, n)))
        it->name = STR("enableViewStateMac");
    if (is(n, "add") && is(n->parent, "appSettings") && str_ieq(get(n, "key"), STR("aspnet:AllowInsecureDeserialization")) &&
        yes(get(n, "value")) && (it = item(w, IIS_VIEWSTATE_OPEN, n)))
        it->name = get(n, "key");
    if (is(n, "httpLogging") && yes(get(n, "dontLog")))
        item(w, IIS_LOG_OFF, n);
    if ((v = get(n, "configProtectionProvider")).n && (it = item(w, IIS_ENCRYPTED, n))) {
        it->name   = n->name;
        it->target = v;
    }
    if ((v = get(n, "configSource")).n && (it = item(w, IIS_ELSEWHERE, n))) {
        it->name   = n->name;
        it->target = v;
    }
}

static void read_vdirs(struct walk *w, const struct xml_node *app, const struct iis_site *site)
{
    for (const struct xml_node *v = xml_child(app, STR("virtualDirectory")); v; v = xml_child_next(v, STR("virtualDirectory"))) {
        if (w->out->vdir_n >= IISCONFIG_VDIRS_MAX) {
            trouble(w, "too many virtual directories: the rest was not read");
            return;
        }
        struct iis_vdir *d = GROW(w->a, w->out->vdir, w->out->vdir_n, &w->vdir_cap);
        if (!d) {
            w->full = true;
            return;
        }
        *d = (struct iis_vdir){
            .site_name = site->name, .site_id = site->id, .app_path = get(app, "path"), .app_pool = get(app, "applicationPool"),
            .path = get(v, "path"), .physical_path = get(v, "physicalPath"), .has_user = get(v, "userName").n > 0, .line = v->line,
        };
        w->out->vdir_n++;
    }
}

static void read_log(const struct xml_node *log, struct iis_site *s)
{
    struct str v;

    if (!log)
        return;
    s->log_directory  = get(log, "directory");
    s->log_format     = get(log, "logFormat");
    s->log_off        = (v = get(log, "enabled")).n && !yes(v);
    s->log_local_time = yes(get(log, "localTimeRollover"));
}

static void read_site(struct walk *w, const struct xml_node *n)
{
    if (w->out->site_n >= IISCONFIG_SITES_MAX) {
        trouble(w, "too many sites: the rest was not read");
        return;
    }
    struct iis_site *s = GROW(w->a, w->out->site, w->out->site_n, &w->site_cap);
    if (!s) {
        w->full = true;
        return;
    }
    *s = (struct iis_site){ .name = get(n, "name"), .line = n->line };
    num_u32(get(n, "id"), &s->id);
    read_log(xml_child(n, STR("logFile")), s);
    const struct xml_node *bs = xml_child(n, STR("bindings"));
    for (const struct xml_node *b = xml_child(bs, STR("binding")); b && s->binding_n < IISCONFIG_BINDINGS_MAX;
         b = xml_child_next(b, STR("binding"))) {
        struct str line = str_fmt(w->a, "%.*s %.*s", STR_ARG(str_sub(get(b, "protocol"), 0, 64)),
                                  STR_ARG(str_sub(get(b, "bindingInformation"), 0, 512)));
        if (!line.p) {
            w->full = true;
            return;
        }
        s->binding[s->binding_n++] = line;
    }
    w->out->site_n++;
    for (const struct xml_node *app = xml_child(n, STR("application")); app && !w->full; app = xml_child_next(app, STR("application")))
        read_vdirs(w, app, s);
}

static void read_pool(struct walk *w, const struct xml_node *n)
{
    const struct xml_node *who = xml_child(n, STR("processModel"));

    if (w->out->pool_n >= IISCONFIG_POOLS_MAX) {
        trouble(w, "too many application pools: the rest was not read");
        return;
    }
    struct iis_pool *p = GROW(w->a, w->out->pool, w->out->pool_n, &w->pool_cap);
    if (!p) {
        w->full = true;
        return;
    }
    *p = (struct iis_pool){ .name = get(n, "name"), .line = n->line };
    p->identity = !who ? STR_EMPTY : get(who, "userName").n ? get(who, "userName") : get(who, "identityType");
    w->out->pool_n++;
}

/* Text that ASP.NET would run if the file were mapped to it, in a value or as content. */
static bool has_script(struct str s)
{
    return str_has(s, STR("<%")) || (str_ihas(s, STR("<script")) && str_ihas(s, STR("runat")));
}

static void read_node(struct walk *w, const struct xml_node *n)
{
    read_section(w, n);
    if (is(n, "rules") && is(n->parent, "rewrite"))
        read_rewrite(w, n);
    if (is(n, "globalRules") && is(n->parent, "rewrite"))
        read_rewrite(w, n);
    read_single(w, n);
    if (is(n, "add") && is(n->parent, "applicationPools"))
        read_pool(w, n);
    if (is(n, "site") && is(n->parent, "sites"))
        read_site(w, n);
    if (is(n, "siteDefaults") && is(n->parent, "sites"))
        w->out->default_log_directory = get(xml_child(n, STR("logFile")), "directory");
    bool script = has_script(n->text);
    for (size_t i = 0; i < n->attr_n && !script; i++)
        script = has_script(n->attr[i].value);
    struct iis_item *it;
    if (script && (it = item(w, IIS_CODE, n)))
        it->name = n->name;
}

/* A setting that does not come from an httpRedirect element or its wrapping. */
static bool plain_wrapping(const struct xml_node *n)
{
    return is(n, "configuration") || is(n, "system.webServer") || is(n, "httpRedirect") || is(n, "location") ||
           (is(n, "add") && is(n->parent, "httpRedirect"));
}

bool iisconfig_parse(struct iis_config *ret, struct arena *a, struct str in, struct err *e)
{
    struct xml_doc    doc;
    struct iis_config out = { 0 };
    struct walk       w = { .a = a, .out = &out };
    bool              redirect = false, only = true;

    if (!xml_parse(&doc, a, in, e))
        return false;
    if (!is(doc.root, "configuration"))
        return err_set(e, ERR_FORMAT, "root element is \"%.*s\", expected \"configuration\"", STR_ARG(str_sub(doc.root->name, 0, 40)));
    if (doc.damaged)
        trouble(&w, doc.what);

    for (const struct xml_node *n = doc.root; n && !w.full; n = xml_walk(doc.root, n)) {
        read_node(&w, n);
        redirect = redirect || is(n, "httpRedirect");
        only     = only && plain_wrapping(n);
    }
    if (w.full)
        return err_set(e, ERR_MEMORY, "no room for more than %zu entries of a configuration", out.item_n);
    out.only_redirect = redirect && only && !w.other;
    *ret = out;
    return true;
}

bool iisconfig_is_mitigation(const struct iis_item *it)
{
    return it->kind == IIS_REWRITE && (str_ieq(it->name, STR("X-AnonResource-Backend Abort - inbound")) ||
                                       str_ieq(it->name, STR("X-BEResource Abort - inbound"))) &&
           str_ieq(it->target, STR("AbortRequest"));
}
