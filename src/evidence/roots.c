/*
 * roots: where Exchange is installed and which folders IIS serves, found from the evidence itself.
 *
 * By name   applicationHost.config names sites, virtual directories and their folders; it wins.
 * By shape  a folder that holds FrontEnd\HttpProxy, ClientAccess\Owa, Bin\ExSetup.exe (or, on a known drive, Logging\HttpProxy) is an
 *           Exchange install folder; its folders serve the addresses that every installation gives them.
 * By habit  inetpub\wwwroot; a loose wwwroot or aspnet_client.
 * Source    evidence sheet, 1 and 8.1; ways back in, 1.1.
 */
#include "evidence/inner.h"

#include "base/num.h"
#include "base/winpath.h"
#include "formats/iisconfig.h"

#include <stdlib.h>

enum { CONFIG_MAX = 8 << 20 };

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the web roots"); }

static const struct { struct str folder, url; } front[] = {
    { STR_INIT("owa"), STR_INIT("/owa") }, { STR_INIT("ecp"), STR_INIT("/ecp") }, { STR_INIT("ews"), STR_INIT("/ews") }, { STR_INIT("oab"), STR_INIT("/oab") },
    { STR_INIT("autodiscover"), STR_INIT("/autodiscover") }, { STR_INIT("rpc"), STR_INIT("/rpc") }, { STR_INIT("mapi"), STR_INIT("/mapi") },
    { STR_INIT("powershell"), STR_INIT("/powershell") }, { STR_INIT("sync"), STR_INIT("/microsoft-server-activesync") },
}, back[] = {
    { STR_INIT("Owa"), STR_INIT("/owa") }, { STR_INIT("ecp"), STR_INIT("/ecp") }, { STR_INIT("exchweb\\EWS"), STR_INIT("/ews") },
    { STR_INIT("OAB"), STR_INIT("/oab") }, { STR_INIT("Autodiscover"), STR_INIT("/autodiscover") }, { STR_INIT("PowerShell"), STR_INIT("/powershell") },
    { STR_INIT("Sync"), STR_INIT("/microsoft-server-activesync") }, { STR_INIT("rpcproxy"), STR_INIT("/rpc") },
};

bool ev_is_back_site(const struct ev *v, uint32_t id)
{
    for (size_t i = 0; i < v->back_site_n; i++)
        if (v->back_site[i] == id)
            return true;
    return false;
}

/* "a\b" + "c": in the long-lived arena. */
static struct str child(struct ev *v, struct str dir, struct str name)
{
    struct str s = str_cat(v->keep, dir, STR("\\"));
    return s.p ? str_cat(v->keep, s, name) : STR_EMPTY;
}

/* The folder as it is spelled in the evidence, when it is there. */
static bool walked(const struct ev *v, struct str *path)
{
    size_t at = ev_dir_at(v, *path);
    if (at >= v->dir_n || ev_fold_cmp(v->dir[at], *path) != 0)
        return false;
    *path = v->dir[at];
    return true;
}

static bool add_install(struct ev *v, struct str path, uint32_t named_by, struct err *e)
{
    while (path.n > 2 && path.p[path.n - 1] == '\\')
        path.n--;
    if (path.n <= 2)
        return true;
    for (size_t i = 0; i < v->install_n; i++)
        if (ev_fold_cmp(v->install[i].path, path) == 0)
            return true;
    if (v->install_n == COUNT_OF(v->install))
        return true;
    struct ev_root r = { .path = path, .url = STR(""), .product = true, .named_by = named_by };
    r.found = walked(v, &r.path);
    r.path  = str_dup(v->keep, r.path);
    if (!r.path.p)
        return no_room(e);
    v->install[v->install_n++] = r;
    return true;
}

static bool add_served(struct ev *v, struct str path, struct str url, uint32_t site, uint32_t named_by, struct err *e)
{
    while (path.n > 2 && path.p[path.n - 1] == '\\')
        path.n--;
    for (size_t i = 0; i < v->served_n; i++)
        if (ev_fold_cmp(v->served[i].path, path) == 0 && (str_eq(v->served[i].url, url) || url.n == 0))
            return true;
    if (v->served_n == EV_ROOTS_MAX) {
        ev_refuse(v, path, "too large: more web roots than this build keeps", "Files below it were not looked at as served pages.");
        return true;
    }
    struct ev_root r = { .path = path, .site = site, .named_by = named_by };
    r.found = walked(v, &r.path);
    r.path  = str_dup(v->keep, r.path);
    r.url   = str_dup(v->keep, url);
    if (!r.path.p || !r.url.p)
        return no_room(e);
    v->served[v->served_n++] = r;
    return true;
}

/* ---- by name ---- */

static bool is_live_config(struct str path)
{
    return str_ieq(winpath_name(path), STR("applicationHost.config")) && !str_ihas(path, STR("\\history\\")) &&
           !str_ihas(path, STR("\\backup\\")) && !str_ihas(path, STR("\\Temp\\"));
}

static bool is_back_end(const struct iis_site *s)
{
    if (str_ieq(s->name, STR("Exchange Back End")))
        return true;
    for (size_t i = 0; i < s->binding_n; i++)
        if (str_has(s->binding[i], STR(":444:")) || str_has(s->binding[i], STR(":81:")))
            return true;
    return false;
}

/* "D:\Exch\V15" of "D:\Exch\V15\FrontEnd\HttpProxy\owa". */
static struct str install_of(struct str physical)
{
    static const struct str inner[] = { STR_INIT("\\FrontEnd\\HttpProxy"), STR_INIT("\\ClientAccess\\") };

    for (size_t i = 0; i < COUNT_OF(inner); i++) {
        size_t at = str_ifind(physical, inner[i]);
        if (at != STR_NONE)
            return str_sub(physical, 0, at);
    }
    return STR_EMPTY;
}

static bool read_config(struct ev *v, struct ev_candidate *c, uint32_t index, struct arena scratch, struct err *e)
{
    struct ev_node    n = c->node;
    struct str        body;
    struct iis_config cfg = { 0 };
    struct err        why = { 0 };

    if (!ev_node_enter(v, &c->node))
        return true;
    bool ok = ev_slurp(v, &n, CONFIG_MAX, &scratch, &body, &why) && iisconfig_parse(&cfg, &scratch, body, &why);
    ev_node_leave(v);
    if (!ok) {
        ev_refuse_err(v, n.path, why.kind == ERR_IO ? "unreadable" : why.kind == ERR_LIMIT ? "too large" : "damaged configuration", &why);
        return true;
    }
    for (size_t i = 0; i < cfg.site_n; i++)
        if (is_back_end(&cfg.site[i]) && cfg.site[i].id && v->back_site_n < COUNT_OF(v->back_site) && !ev_is_back_site(v, cfg.site[i].id))
            v->back_site[v->back_site_n++] = cfg.site[i].id;
    for (size_t i = 0; i < cfg.vdir_n; i++) {
        const struct iis_vdir *d = &cfg.vdir[i];
        struct str both = str_cat(&scratch, str_cat(&scratch, d->app_path, STR("/")), d->path);
        struct str url  = both.p ? urlpath_canon(&scratch, both) : STR_EMPTY;
        struct str path = winpath_canon(&scratch, d->physical_path, v->system_drive);
        if (!url.p || !path.p)
            return no_room(e);
        if (path.n < 3)
            continue;
        struct str install = install_of(path);
        if (install.n && !add_install(v, install, index, e))
            return false;
        if (!add_served(v, path, url, d->site_id, index, e))
            return false;
    }
    return true;
}

/* ---- by shape ---- */

static bool ends_with_dir(struct str path, struct str tail, struct str *ret_head)
{
    if (!str_iends(path, tail))
        return false;
    *ret_head = str_sub(path, 0, path.n - tail.n);
    return true;
}

static bool add_folders(struct ev *v, struct str base, bool front_end, bool also_missing, uint32_t site, struct err *e)
{
    for (size_t i = 0; i < (front_end ? COUNT_OF(front) : COUNT_OF(back)); i++) {
        struct str path = child(v, base, front_end ? front[i].folder : back[i].folder);
        if (!path.p)
            return no_room(e);
        if ((also_missing || walked(v, &path)) && !add_served(v, path, front_end ? front[i].url : back[i].url, site, UINT32_MAX, e))
            return false;
    }
    return true;
}

static bool shapes(struct ev *v, const struct ev_sink *k, struct err *e)
{
    static const struct str inner[] = { STR_INIT("\\FrontEnd\\HttpProxy"), STR_INIT("\\ClientAccess\\Owa"), STR_INIT("\\ClientAccess\\ecp") };
    static const struct str logs[]  = { STR_INIT("\\Logging\\HttpProxy"), STR_INIT("\\Logging\\ECP") };
    struct str head;

    for (size_t i = 0; i < v->dir_n; i++) {
        for (size_t m = 0; m < COUNT_OF(inner); m++)
            if (ends_with_dir(v->dir[i], inner[m], &head) && !add_install(v, head, UINT32_MAX, e))
                return false;
        /* Logs alone tell the install folder only where the drive is known: a loose "Logging" may lie in any folder. */
        for (size_t m = 0; v->dir[i].p[0] != '?' && m < COUNT_OF(logs); m++)
            if (ends_with_dir(v->dir[i], logs[m], &head) && !add_install(v, head, UINT32_MAX, e))
                return false;
    }
    for (size_t i = 0; i < k->candidate_n; i++)
        if (ends_with_dir(k->candidate[i].node.path, STR("\\Bin\\ExSetup.exe"), &head) && !add_install(v, head, UINT32_MAX, e))
            return false;

    for (size_t i = 0; i < v->install_n; i++) {
        struct str fe = child(v, v->install[i].path, STR("FrontEnd\\HttpProxy")), ca = child(v, v->install[i].path, STR("ClientAccess"));
        if (!fe.p || !ca.p)
            return no_room(e);
        bool fe_there = walked(v, &fe), ca_there = walked(v, &ca);
        /* Exchange 2010 has no front end apart: its ClientAccess answers clients. */
        bool is_2010 = str_iends(v->install[i].path, STR("\\V14")) || (ca_there && !fe_there && v->install[i].found);
        if (!is_2010 && !add_folders(v, fe, true, !fe_there, 1, e))
            return false;
        if (!add_folders(v, ca, false, is_2010 && !ca_there, is_2010 ? 1 : 2, e))
            return false;
    }
    /* Only HttpProxy itself was collected. A folder of that name with logs in it has no owa\auth. */
    for (size_t i = 0; i < v->dir_n; i++)
        if (v->dir[i].p[0] == '?' && (ends_with_dir(v->dir[i], STR("\\HttpProxy\\owa\\auth"), &head) || ends_with_dir(v->dir[i], STR("\\HttpProxy\\ecp\\auth"), &head))) {
            struct str proxy = child(v, head, STR("HttpProxy"));
            if (!proxy.p)
                return no_room(e);
            if (!add_folders(v, proxy, true, false, 1, e))
                return false;
        }
    return true;
}

/* ---- by habit ---- */

static bool habits(struct ev *v, bool has_config, struct err *e)
{
    struct str head;
    bool       any_root = false, root_found = false;

    for (size_t i = 0; i < v->served_n; i++) {
        if (!str_eq(v->served[i].url, STR("/")) || ev_is_back_site(v, v->served[i].site))
            continue;
        any_root   = true;
        root_found = root_found || v->served[i].found;
    }
    /* Where the configuration names the site's root elsewhere, the old folder is looked at all the same, but it answers nothing. */
    struct str url = any_root && has_config ? STR("") : STR("/");
    for (size_t i = 0; i < v->dir_n; i++) {
        bool loose = v->dir[i].p[0] == '?';
        if (!ends_with_dir(v->dir[i], loose ? STR("\\wwwroot") : STR("\\inetpub\\wwwroot"), &head) || (!loose && head.n != 2))
            continue;
        /* A loose wwwroot is the root that the configuration names, carried here without its drive. */
        if (!add_served(v, v->dir[i], loose && !root_found ? STR("/") : url, 1, UINT32_MAX, e))
            return false;
        any_root = true;
    }
    for (size_t i = 0; i < v->dir_n; i++) {
        if (v->dir[i].p[0] != '?' || !ends_with_dir(v->dir[i], STR("\\aspnet_client"), &head))
            continue;
        bool inside = false;
        for (size_t m = 0; m < v->served_n; m++)
            inside = inside || (v->served[m].url.n && winpath_below(head, v->served[m].path));
        if (!inside && !add_served(v, v->dir[i], STR("/aspnet_client"), 1, UINT32_MAX, e))
            return false;
    }
    if (any_root)
        return true;
    /* Every IIS has one; it was not collected. */
    uint8_t    letter[1] = { v->system_drive };
    struct str path = str_cat(v->keep, (struct str){ letter, 1 }, STR(":\\inetpub\\wwwroot"));
    return path.p ? add_served(v, path, STR("/"), 1, UINT32_MAX, e) : no_room(e);
}

static int root_cmp(const void *a, const void *b)
{
    const struct ev_root *x = a, *y = b;
    int c = str_icmp(x->path, y->path);
    return c ? c : str_cmp(x->url, y->url);
}

bool ev_roots_find(struct ev *v, struct ev_sink *k, struct arena scratch, struct err *e)
{
    bool has_config = false;

    for (size_t i = 0; i < k->candidate_n; i++) {
        if (k->candidate[i].node.shadow || !is_live_config(k->candidate[i].node.path))
            continue;
        size_t before = v->served_n;
        if (!read_config(v, &k->candidate[i], (uint32_t)i, scratch, e))
            return false;
        has_config = has_config || v->served_n > before;
    }
    if (!has_config && v->back_site_n == 0)
        v->back_site[v->back_site_n++] = 2;      /* as Exchange setup numbers them */
    if (!shapes(v, k, e) || !habits(v, has_config, e))
        return false;
    for (size_t i = 0; i < v->served_n; i++)
        for (size_t m = 0; m < v->install_n; m++)
            v->served[i].product = v->served[i].product || winpath_below(v->served[i].path, v->install[m].path);
    qsort(v->install, v->install_n, sizeof *v->install, root_cmp);
    qsort(v->served, v->served_n, sizeof *v->served, root_cmp);
    return true;
}

bool ev_is_served(const struct ev *v, struct str path)
{
    for (size_t i = 0; i < v->served_n; i++)
        if (winpath_below(path, v->served[i].path))
            return true;
    for (size_t i = 0; i < v->install_n; i++) {
        struct str rest = winpath_rest(path, v->install[i].path);
        if (str_istarts(rest, STR("FrontEnd\\")) || str_istarts(rest, STR("ClientAccess\\")))
            return true;
    }
    return false;
}
