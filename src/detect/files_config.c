/*
 * config: applicationHost.config, its history, and what belongs to it.
 *
 * Rule 1   what an entry says is judged by detect/config. The living file tells it now; older versions tell what came and went (files_history.c).
 * Rule 2   the framework's own web.config and machine.config speak for every site.
 * Rule 3   redirection.config that is enabled means that the living file is elsewhere: then this family is not covered.
 * Source   ways back in, 2.1 to 2.3.
 */
#include "detect/config.h"

#include <string.h>

enum { TOLD_MAX = 2000 };                /* facts of one file: who floods the report with them hides something else */

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->family == FAM_IIS_CONFIG;
}

static bool named(struct str path, const char *name) { return str_ieq(winpath_name(path), str_c(name)); }
static bool host(struct str path) { return named(path, "applicationHost.config"); }
static bool old(const struct ev_node *n) { return n->shadow || str_ihas(n->path, STR("\\history\\")) || str_ihas(n->path, STR("\\backup\\")); }

static struct file_fact *tell(struct files_context *c, const struct files_node *n, const struct config_says *s, uint32_t line)
{
    struct file_fact *f = s->grade == CONFIG_SILENT ? NULL : config_tell(c, n->node, s, line);

    if (f) {                          /* the whole server's file: its age and hash say nothing of one entry */
        f->hash_hex   = STR_EMPTY;
        f->bytes      = 0;
        f->created_us = TIME_NONE;
        f->reachable  = s->reachable;
    }
    return f;
}

static struct str where(struct files_context *c, struct str location) { return location.n ? str_sub(files_quote(c, location), 0, 160) : STR("the whole server"); }

static bool entry(struct files_context *c, struct files_node *n, const struct config_file *w, const struct iis_item *it, struct err *e)
{
    struct config_says s;
    bool               native = it->kind == IIS_GLOBAL_MODULE || it->kind == IIS_ISAPI_FILTER;

    if (it->kind == IIS_GLOBAL_MODULE || it->kind == IIS_MODULE)
        files_there(c, "iis_module", it->name, it->target);
    if (it->kind == IIS_MACHINE_KEY && !config_key(c, n->node, it, e))
        return false;
    if (config_route(it).n && !config_expect_page(c, n->node, it, e))
        return false;
    config_judge(c, &n->scratch, w, it, &s);
    if (it->kind == IIS_OTHER_PLACE) {
        struct seen *seen = &c->found->seen[FAM_IIS_CONFIG];
        seen->roots_missing = true;
        if (seen->missing.n == 0)
            seen->missing = files_text(c, "%.*s (redirection.config: the configuration is kept there)", STR_ARG(str_sub(files_quote(c, it->target), 0, 200)));
    }
    struct file_fact *f = tell(c, n, &s, it->line);
    if (!f)
        return true;
    if (it->extra.n && (it->kind == IIS_HANDLER || it->kind == IIS_HTTP_HANDLER))
        f->cite.excerpt = files_text(c, "%s %.*s for %.*s: %.*s", iis_kind_name(it->kind), STR_ARG(str_sub(f->name, 0, 80)), STR_ARG(str_sub(files_quote(c, it->extra), 0, 60)),
                                     STR_ARG(str_sub(files_quote(c, it->target), 0, 160)));
    else if (it->target.n)
        f->cite.excerpt = files_text(c, "%s %.*s: %.*s%s%.*s", iis_kind_name(it->kind), STR_ARG(str_sub(f->name, 0, 100)), STR_ARG(str_sub(files_quote(c, it->target), 0, 160)),
                                     it->location.n ? " in " : "", STR_ARG(str_sub(files_quote(c, it->location), 0, 80)));
    else
        f->cite.excerpt = files_text(c, "%s %.*s in %.*s", iis_kind_name(it->kind), STR_ARG(str_sub(f->name, 0, 100)), STR_ARG(where(c, it->location)));
    bool code = it->kind == IIS_MODULE || it->kind == IIS_HTTP_MODULE || it->kind == IIS_HANDLER || it->kind == IIS_HTTP_HANDLER;
    if (code && !config_expect_assembly(c, config_assembly(it->target), (size_t)(f - c->found->fact), e))
        return false;
    return !native || !s.path.n || config_expect_file(c, s.path, (size_t)(f - c->found->fact), CONFIG_NATIVE, e);
}

static void places(struct files_context *c, struct files_node *n, const struct iis_config *w)
{
    struct config_says s;
    struct file_fact  *f;

    for (size_t i = 0; i < w->vdir_n; i++) {
        config_judge_vdir(c, &n->scratch, &w->vdir[i], &s);
        if ((f = tell(c, n, &s, w->vdir[i].line)))
            f->cite.excerpt = files_text(c, "site %.*s: %.*s -> %.*s", STR_ARG(str_sub(f->name, 0, 60)), STR_ARG(str_sub(s.url, 0, 120)),
                                         STR_ARG(str_sub(files_quote(c, w->vdir[i].physical_path), 0, 180)));
    }
    for (size_t i = 0; i < w->pool_n; i++) {
        config_judge_pool(&w->pool[i], &s);
        if ((f = tell(c, n, &s, w->pool[i].line)))
            f->cite.excerpt = files_text(c, "pool %.*s: %.*s", STR_ARG(str_sub(f->name, 0, 100)), STR_ARG(str_sub(files_quote(c, w->pool[i].identity), 0, 80)));
    }
    for (size_t i = 0; i < w->site_n; i++) {
        struct iis_item    it = { .kind = IIS_LOG_OFF, .name = w->site[i].name, .location = w->site[i].name, .line = w->site[i].line };
        struct config_file at = { .server = true };
        if (!w->site[i].log_off)
            continue;
        config_judge(c, &n->scratch, &at, &it, &s);
        if ((f = tell(c, n, &s, it.line)))
            f->cite.excerpt = files_text(c, "%s in %.*s", iis_kind_name(it.kind), STR_ARG(where(c, it.location)));
    }
}

/* "https *:443:mail.example.org": the name is the last part; without one the site answers to any. */
static void names(struct files_context *c, const struct iis_config *w)
{
    for (size_t i = 0; i < w->site_n; i++)
        for (size_t k = 0; k < w->site[i].binding_n; k++) {
            struct str b = w->site[i].binding[k];
            size_t     colon = str_rchr(b, ':');
            if (str_starts(b, STR("https ")) && colon != STR_NONE && str_ends(str_sub(b, 0, colon), STR(":443")))
                files_own_name(c, str_from(b, colon + 1));
        }
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    bool framework = str_ihas(n->node->path, STR("\\Microsoft.NET\\Framework")), past = old(n->node);
    bool redirection = named(n->node->path, "redirection.config"), worker = named(n->node->path, "w3wp.exe.config");
    struct config_file at = { .server = true, .worker = worker, .dir = winpath_dir(n->node->path) };
    struct iis_config  w;

    if (!host(n->node->path) && (past || !(framework || redirection || worker)))
        return true;
    c->work->app_host = c->work->app_host || (host(n->node->path) && !past);
    if (!iisconfig_parse(&w, &n->scratch, n->body, e))
        return false;
    if (w.damaged && !files_damage(c, FAM_IIS_CONFIG, n->node, w.what, w.item_n + w.vdir_n, e))
        return false;
    for (size_t i = 0; i < w.item_n && past && host(n->node->path); i++)
        if (w.item[i].kind == IIS_MACHINE_KEY && !config_key(c, n->node, &w.item[i], e))
            return false;
    size_t first = c->found->fact_n;
    for (size_t i = 0; i < w.item_n && !past; i++) {
        if (c->found->fact_n - first > TOLD_MAX)
            return files_damage(c, FAM_IIS_CONFIG, n->node, "more entries deserve a look than anybody configures: the rest was not told", i, e);
        if (!entry(c, n, &at, &w.item[i], e))
            return false;
    }
    if (!past) {
        places(c, n, &w);
        names(c, &w);
    }
    return !host(n->node->path) || config_version(c, n->node, !past, &w, &n->scratch, e);
}

const struct files_detector files_config = {
    .name = "config", .about = "applicationHost.config and its history: modules, handlers, filters, pools and virtual directories that are not the product's, and when they came",
    .wants = wants, .look = look, .done = config_history,
};
