/*
 * leftovers: pages that ASP.NET compiled, whether or not they are still there.
 *
 * Code     assemblies are read by their IL (webshell/il): what the page did is told though the page is gone.
 * Rule 1   a compiled page of a name that the product has is nothing.
 * Rule 2   gone means: every folder that could answer its address is in the evidence, and none holds it. One such folder missing: unknown.
 * Rule 3   a leftover proves that a page was there, not that it was hostile: only an assembly with the marks of a back door, or a published
 *          path, makes it more than a question (severity high).
 * Source   evidence sheet, 8.5; ways back in, 1.5.
 */
#include "detect/files_inner.h"

#include "base/utf.h"
#include "formats/compiled.h"
#include "formats/pe.h"

#include <stdlib.h>
#include <string.h>

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return (n->family == FAM_TEMP_ASPNET || str_ihas(n->path, STR("\\Temporary ASP.NET Files\\")) || str_iends(n->path, STR(".compiled"))) &&
           (str_iends(n->path, STR(".compiled")) || str_iends(n->path, STR(".dll")));
}

/* Masked like the words of the page analyser: a letter up. */
static struct str unmask(char *to, const char *masked)
{
    size_t n = strlen(masked);
    for (size_t i = 0; i < n; i++)
        to[i] = (char)(masked[i] - 1);
    return (struct str){ (const uint8_t *)to, n };
}

static struct str page_literal(struct arena *a, const struct pe *pe)
{
    struct str s;
    size_t     pos = 0;

    for (size_t i = 0; i < 10000 && pe_user_string(pe->us_heap, &pos, &s); i++) {
        struct arena before = *a;
        struct str   v = s.n < 1024 ? utf_to8(a, s, UTF_16LE) : STR_EMPTY;
        if ((str_starts(v, STR("~/")) || str_starts(v, STR("/"))) && winpath_is_page(v) && str_chr(v, ' ') == STR_NONE)
            return str_from(v, v.p[0] == '~');
        *a = before;
    }
    return STR_EMPTY;
}

/* What the code of the assembly does with a request: the compiled page proves the page that is gone. Empty: nothing that a back door does. */
static struct str does(struct files_context *c, const struct files_node *n)
{
    enum { KEEP = 256 << 10 };
    struct arena    a = n->scratch;
    uint8_t        *own = TAKE(&a, uint8_t, KEEP);
    struct arena    keep = { own, own + (own ? KEEP : 0), NULL };
    struct analysis r;
    struct err      why = { 0 };

    if (!own || !analyse_page(&r, &keep, a, &(struct analyse_input){ .bytes = n->body, .kind = PAGE_NOT }, &why) || r.verdict != PAGE_BACK_DOOR)
        return STR_EMPTY;
    return files_text(c, "Its code says what the page did: %.*s The way: %.*s.", STR_ARG(str_sub(r.why, 0, 200)), STR_ARG(files_analysis_way(c, &r)));
}

static bool look_dll(struct files_context *c, struct files_node *n, struct err *e)
{
    struct pe  pe;
    char       eval[32], fake[16], item[16];
    struct err mine = { 0 };

    if (!pe_parse(&pe, &n->scratch, n->body, &mine))
        return mine.kind == ERR_MEMORY ? (*e = mine, false) : files_damage(c, FAM_TEMP_ASPNET, n->node, mine.what, 0, e);
    if (!pe.has_clr)
        return true;
    bool evaluates = pe_has_name(&pe, unmask(eval, "KTdsjquFwbmvbuf"));
    bool asks      = pe_has_name(&pe, unmask(item, "hfu`Sfrvftu"));
    bool list      = pe_has_user_text(&pe, STR("OfflineAddressBooks")) || pe_has_user_text(&pe, STR("ExtendedProtectionTokenChecking"));
    bool url       = pe_has_user_text(&pe, unmask(fake, ";!iuuq;00g0"));
    struct str code = list || url ? STR_EMPTY : does(c, n);
    if (!list && !url && !(evaluates && asks) && !code.n)
        return true;
    if (c->work->dll_n >= FILES_LEFT_MAX)
        return true;
    struct left_dll *d = GROW(&c->work->pile, c->work->dll, c->work->dll_n, &c->work->dll_cap);
    struct str name = winpath_name(n->node->path), lit = page_literal(&n->scratch, &pe);
    if (!d)
        return err_set(e, ERR_MEMORY, "no room for compiled pages");
    *d = (struct left_dll){ .assembly = str_sub(name, 0, name.n - 4), .folder = winpath_dir(n->node->path), .node = n->node->id,
                            .url = lit.n ? urlpath_canon(c->keep, lit) : STR_EMPTY,
                            .why = list || url ? STR("The assembly holds the settings list of an Exchange virtual directory: a planted settings export was compiled.")
                             : code.n      ? code
                                               : STR("The assembly evaluates, as script, what the request says.") };
    c->work->dll_n++;
    return true;
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct compiled k;

    if (str_iends(n->node->path, STR(".dll")))
        return look_dll(c, n, e);
    if (!compiled_parse(&k, &n->scratch, n->body, e))
        return false;
    if (k.damaged && !files_damage(c, FAM_TEMP_ASPNET, n->node, "cut or not well-formed", 1, e))
        return false;
    if (c->work->left_n >= FILES_LEFT_MAX)
        return true;
    struct left_page *p = GROW(&c->work->pile, c->work->left, c->work->left_n, &c->work->left_cap);
    size_t comma = str_chr(k.assembly, ',');
    if (!p)
        return err_set(e, ERR_MEMORY, "no room for compiled pages");
    *p = (struct left_page){ .node = n->node->id, .folder = winpath_dir(n->node->path), .url = urlpath_canon(c->keep, str_sub(k.virtual_path, 0, 1024)),
                             .assembly = str_dup(c->keep, str_sub(comma == STR_NONE ? k.assembly : str_sub(k.assembly, 0, comma), 0, 256)) };
    if (!p->url.p || !p->assembly.p)
        return err_set(e, ERR_MEMORY, "no room for compiled pages");
    c->work->left_n++;
    return true;
}

/* "/owa/auth/x.aspx" as the pack's list spells it. */
static bool clean_url(const struct files_context *c, struct arena scratch, struct str url)
{
    struct str rest = str_dup(&scratch, str_from(url, 1));
    for (size_t i = 0; i < rest.n; i++)
        if (rest.p[i] == '/')
            ((uint8_t *)(uintptr_t)rest.p)[i] = '\\';
    return files_clean_page(c->pack, rest, NULL);
}

/* Where a page of this address would lie: under every served root whose address is a head of it, front end and back end alike. */
static enum thing_state state_of(const struct files_context *c, struct arena scratch, struct str url, struct str *ret_path)
{
    const struct ev *v = c->ev;
    bool known = false, missing = false;
    size_t longest = 0;

    *ret_path = STR_EMPTY;
    for (size_t i = 0; i < v->served_n; i++) {
        const struct ev_root *r = &v->served[i];
        struct str head = str_eq(r->url, STR("/")) ? STR_EMPTY : r->url;
        if (!str_istarts(url, head) || (url.n > head.n && url.p[head.n] != '/') || (head.n == 0 && r->site == 0 && !r->found))
            continue;
        struct str path = str_cat(&scratch, r->path, str_from(url, head.n));
        if (!path.p)
            return THING_UNKNOWN;
        for (size_t k = r->path.n; k < path.n; k++)
            if (path.p[k] == '/')
                ((uint8_t *)(uintptr_t)path.p)[k] = '\\';
        if (ev_find(v, path)) {
            *ret_path = path;
            return THING_PRESENT;
        }
        if (head.n < longest)
            continue;                       /* a longer address is answered elsewhere */
        if (head.n > longest)
            known = missing = false;
        longest = head.n;
        known   = true;
        if (!ev_has_pages_of(v, r->path))
            missing = true;
        if (ret_path->n == 0 || !files_proxy_rest(*ret_path).n)
            *ret_path = path;
    }
    return known && !missing ? THING_REMOVED : THING_UNKNOWN;
}

/* The folders in which a clean server compiles only its own pages, or none. */
static bool bare_place(struct str url)
{
    return str_istarts(url, STR("/aspnet_client/")) || str_istarts(url, STR("/owa/auth/")) || str_istarts(url, STR("/ecp/auth/")) || str_rchr(url, '/') == 0;
}

bool files_foreign_page(const struct files_context *c, struct arena scratch, struct str url) { return bare_place(url) && !clean_url(c, scratch, url); }

static int by_assembly(const void *a, const void *b)
{
    const struct left_page *x = a, *y = b;
    int d = str_icmp(x->folder, y->folder);

    if (d == 0)
        d = str_icmp(x->assembly, y->assembly);
    return d ? d : x->node < y->node ? -1 : x->node > y->node;
}
static int by_node(const void *a, const void *b)
{
    const struct left_page *x = a, *y = b;
    return x->node < y->node ? -1 : x->node > y->node;
}

static const struct left_dll *dll_of(const struct files_work *w, const struct left_page *p)
{
    for (size_t i = 0; i < w->dll_n; i++)
        if (str_ieq(w->dll[i].assembly, p->assembly) && str_ieq(w->dll[i].folder, p->folder))
            return &w->dll[i];
    return NULL;
}

static void tell(struct files_context *c, const struct left_page *p, bool alone, const struct left_dll *d)
{
    struct str path;
    struct arena scratch = c->work->scratch;
    enum thing_state state = state_of(c, scratch, p->url, &path);
    bool guilty = d != NULL;
    char text[2048];

    if (path.n && path.n < sizeof text) {       /* scratch space returns by itself: keep the path first */
        memcpy(text, path.p, path.n);
        path = str_dup(c->keep, (struct str){ (uint8_t *)text, path.n });
    }
    const struct ioc *x = path.n ? files_ioc_path(c, path, IOC_PATH_SUFFIX) : NULL;
    bool bare = bare_place(p->url);
    if (state == THING_PRESENT && !guilty && !bare)
        return;                                 /* an application's own page, where it belongs */
    if (!guilty && !x && !bare && state == THING_UNKNOWN)
        return;                                 /* a back-end page whose folder was not collected says nothing */
    struct file_fact *f = files_fact_at(c, &c->ev->node[p->node], FILE_FACT_PAGE_LEFT, "files/compiled",
                                        guilty || x ? SEV_HIGH : state == THING_PRESENT ? SEV_LOW : bare ? SEV_MEDIUM : SEV_LOW, guilty ? 0.95 : x ? 0.8 : 0.5);
    if (!f)
        return;
    const struct ev_node *n = &c->ev->node[p->node];
    f->detector   = guilty ? STR("files/compiled-assembly") : STR("files/compiled");
    f->state      = state;
    f->reachable  = state == THING_REMOVED ? REACH_NO : state == THING_PRESENT ? REACH_YES : REACH_UNKNOWN;
    f->url        = p->url;
    f->path       = path;
    f->name       = winpath_name(path.n ? path : p->url);
    f->what       = STR("unknown");
    f->bytes      = 0;
    f->hash_hex   = STR_EMPTY;
    f->created_us = TIME_NONE;
    f->alone      = alone;
    f->time_us    = n->btime_us != TIME_NONE ? n->btime_us : n->mtime_us;
    f->title = state == THING_REMOVED ? STR("A page was compiled and is gone") : state == THING_PRESENT ? STR("A page was compiled that is no part of Exchange")
                                      : STR("A page was compiled; its folder was not collected");
    f->why = files_text(c, "%.*s%sASP.NET compiled %.*s, %s.%s%.*s", STR_ARG(d ? d->why : STR("")), d ? " " : "", STR_ARG(str_sub(p->url, 0, 120)),
                        alone ? "alone in its assembly, so it was requested itself" : "together with others of its folder, so it was there when one of them was requested",
                        x ? " Its path was published: " : "", STR_ARG(x ? str_sub(x->description, 0, 80) : STR("")));
    f->cite.excerpt = files_text(c, "virtualPath %.*s, assembly %.*s", STR_ARG(str_sub(p->url, 0, 200)), STR_ARG(str_sub(p->assembly, 0, 80)));
    files_attack(f, "T1505.003");
}

static bool done(struct files_context *c, struct err *e)
{
    struct files_work *w = c->work;

    (void)e;
    if (w->left_n)
        qsort(w->left, w->left_n, sizeof *w->left, by_assembly);
    for (size_t i = 0; i < w->left_n; i++) {
        struct left_page *p = &w->left[i];
        bool before = i > 0 && str_ieq(w->left[i - 1].assembly, p->assembly) && str_ieq(w->left[i - 1].folder, p->folder);
        bool after  = i + 1 < w->left_n && str_ieq(w->left[i + 1].assembly, p->assembly) && str_ieq(w->left[i + 1].folder, p->folder);
        p->handled = !before && !after && p->assembly.n;         /* alone */
    }
    if (w->left_n)
        qsort(w->left, w->left_n, sizeof *w->left, by_node);
    for (size_t i = 0; i < w->left_n; i++) {
        const struct left_page *p = &w->left[i];
        const struct left_dll  *d = dll_of(w, p);
        for (size_t k = 0; d && k < w->dll_n; k++)
            if (&w->dll[k] == d)
                w->dll[k].told = true;
        if (!winpath_is_page(p->url) || clean_url(c, w->scratch, p->url))
            continue;
        /* In an assembly of several pages the guilty one is not known by the assembly alone: its own literal says which. */
        if (d && !p->handled && d->url.n && !str_ieq(d->url, p->url))
            d = NULL;
        tell(c, p, p->handled, d);
    }
    for (size_t k = 0; k < w->dll_n; k++) {
        if (w->dll[k].told)
            continue;
        struct left_page p = { .url = w->dll[k].url, .assembly = w->dll[k].assembly, .folder = w->dll[k].folder, .node = w->dll[k].node };
        tell(c, &p, false, &w->dll[k]);
    }
    return true;
}

const struct files_detector files_leftovers = {
    .name = "leftovers", .about = "compiled pages: what ASP.NET compiled and is gone, assemblies with the marks of a back door", .wants = wants, .look = look, .done = done,
};
