/*
 * web-config: web.config in the trees that pages are served from.
 *
 * Rule 1   what an entry says is judged by detect/config; a file whose content the pack knows is not asked.
 * Rule 2   aspnet_client holds no application: anything but a redirect there deserves a look.
 * Source   ways back in, 2.2 to 2.4; evidence sheet, 8.1 and 11 (Microsoft's rewrite rules).
 */
#include "detect/config.h"

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->family == FAM_WEB_ROOTS && str_ieq(winpath_name(n->path), STR("web.config"));
}

static bool clean(const struct files_context *c, const struct ev_node *n)
{
    char hex[65];

    if (!n->hashed)
        return false;
    num_tohex(n->sha256, 32, hex);
    for (size_t i = 0; i < c->pack->clean_config_n; i++)
        if (str_ieq(c->pack->clean_config[i], str_c(hex)))
            return true;
    return false;
}

static void mitigation(struct files_context *c, struct files_node *n, size_t rules)
{
    struct str url;
    bool root = files_served(c, &n->scratch, n->node->path, &url) && str_rchr(url, '/') == 0;
    struct file_fact *f = files_fact_at(c, n->node, FILE_FACT_MITIGATION, "files/mitigation", SEV_INFO, 0.95);

    if (root && rules >= 2)
        c->found->server.mitigated = true;
    if (!f)
        return;
    f->title = STR("Microsoft's rewrite rules against CVE-2021-26855");
    f->why   = root ? STR("The site's web.config holds the rules that EOMT and its sisters add. They block known patterns only, and an update makes them unnecessary.")
                    : STR("A web.config below the site's root holds the rules that EOMT adds; they act on that folder only.");
    f->url   = STR_EMPTY;
    files_cve(f, "CVE-2021-26855");
}

/* The assembly of a module that the product does not know lies in the application's own bin folder, where anybody who can write there can put one. */
static bool expect_assembly(struct files_context *c, struct files_node *n, const struct iis_item *it, size_t fact, struct err *e)
{
    struct str name = config_assembly(it->target);

    if (name.n == 0)
        return true;
    struct str path = str_fmt(&n->scratch, "%.*s\\bin\\%.*s.dll", STR_ARG(winpath_dir(n->node->path)), STR_ARG(str_sub(name, 0, 200)));
    if (!path.p)
        return err_set(e, ERR_MEMORY, "no room for the path of an assembly");
    return config_expect_file(c, path, fact, CONFIG_MANAGED, e) && config_expect_assembly(c, name, fact, e);
}

static bool entry(struct files_context *c, struct files_node *n, const struct config_file *w, const struct iis_item *it, struct err *e)
{
    struct config_says s;

    if (it->kind == IIS_MODULE && !n->node->shadow)
        files_there(c, "iis_module", it->name, it->target);
    if (it->kind == IIS_MACHINE_KEY && !config_key(c, n->node, it, e))
        return false;
    if (config_route(it).n && !config_expect_page(c, n->node, it, e))
        return false;
    config_judge(c, &n->scratch, w, it, &s);
    if (s.grade == CONFIG_SILENT)
        return true;
    struct file_fact *f = config_tell(c, n->node, &s, it->line);
    if (!f)
        return true;
    f->cite.excerpt = files_text(c, "%s: name %.*s, target %.*s, for %.*s", iis_kind_name(it->kind), STR_ARG(str_sub(files_quote(c, it->name), 0, 100)),
                                 STR_ARG(str_sub(files_quote(c, it->target), 0, 140)), STR_ARG(str_sub(files_quote(c, it->extra), 0, 80)));
    bool code = it->kind == IIS_MODULE || it->kind == IIS_HTTP_MODULE || it->kind == IIS_HANDLER || it->kind == IIS_HTTP_HANDLER;
    return !code || s.grade == CONFIG_ACCUSES || expect_assembly(c, n, it, (size_t)(f - c->found->fact), e);
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct iis_config w;
    struct config_file at = { .bare = files_in_aspnet_client(n->node->path), .dir = winpath_dir(n->node->path) };
    size_t rules = 0;

    if (clean(c, n->node))
        return true;
    if (!iisconfig_parse(&w, &n->scratch, n->body, e))
        return false;
    if (w.damaged && !files_damage(c, FAM_WEB_ROOTS, n->node, w.what, w.item_n, e))
        return false;
    at.product = config_product_place(c, n->node->path);
    for (size_t i = 0; i < w.item_n; i++) {
        at.code = at.code || w.item[i].kind == IIS_CODE;
        rules  += iisconfig_is_mitigation(&w.item[i]);
    }
    for (size_t i = 0; i < w.item_n; i++)
        if (!entry(c, n, &at, &w.item[i], e))
            return false;
    if (rules) {
        mitigation(c, n, rules);
    } else if (at.bare && !w.only_redirect && w.item_n) {
        static const struct config_says extra = {
            .grade = CONFIG_NOTE, .what = "", .detector = "files/config-extra", .severity = SEV_MEDIUM, .confidence = 0.5,
            .title = "Configuration in aspnet_client that does more than redirect", .why = "A clean folder has no configuration here, or one with a redirect only.",
        };
        config_tell(c, n->node, &extra, 0);
    }
    return true;
}

const struct files_detector files_webconfig = {
    .name = "web-config", .about = "web.config in served folders: handlers, modules, script, machine keys, rules that lead to pages, Microsoft's mitigations", .wants = wants, .look = look,
};
