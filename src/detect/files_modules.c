/*
 * modules: what the files of web server modules say of themselves, and what configurations say that only other files decide.
 *
 * Rule 1   a module for the whole server that nobody knows, whose file has no word about its maker or version, is no product's: it accuses.
 * Rule 2   a managed module that a web.config names, whose assembly lies in the bin folder of a product and has no such words, accuses as well;
 *          anywhere else it is somebody's own application, and asks.
 * Rule 3   a library that offers RegisterModule, lies where nobody installs programs and is named by no configuration, asks.
 * Rule 4   a rule that leads to a page which is a back door is part of it.
 * Rule 5   machine keys are compared by hash only. A published one lets anybody in who knows it; one key in several places is told.
 * Source   ways back in, 2.2 to 2.4; RegisterModule: "Native-code API reference", Microsoft Learn.
 */
#include "detect/config.h"

#include "formats/pe.h"

#include <string.h>

enum { WAITING_MAX = 4096 };

struct wait_file { struct str path; size_t fact; enum config_use use; };
struct wait_page { struct str url; struct str name; uint32_t node, line; const char *kind; };
struct key_seen  { struct str hash, location; uint32_t node, line; };
struct library   { uint32_t node; bool registers, versioned, named; int64_t link_us; };

struct config_memory {
    struct wait_file *file;    size_t file_n, file_cap;
    struct wait_page *page;    size_t page_n, page_cap;
    struct key_seen  *key;     size_t key_n, key_cap;
    struct library   *library; size_t library_n, library_cap;
};

static struct config_memory *memory(struct files_context *c, struct err *e)
{
    if (!c->work->config && !(c->work->config = NEW(&c->work->pile, struct config_memory, 1)))
        err_set(e, ERR_MEMORY, "no room for what configurations say");
    return c->work->config;
}

static bool full(struct err *e) { return err_set(e, ERR_MEMORY, "no room for what configurations say"); }

bool config_expect_file(struct files_context *c, struct str path, size_t fact, enum config_use use, struct err *e)
{
    struct config_memory *m = memory(c, e);

    if (!m || m->file_n >= WAITING_MAX)
        return m != NULL;
    struct wait_file *x = GROW(&c->work->pile, m->file, m->file_n, &m->file_cap);
    struct str kept = str_dup(&c->work->pile, path);
    if (!x || !kept.p)
        return full(e);
    *x = (struct wait_file){ kept, fact, use };
    m->file_n++;
    return true;
}

bool config_expect_page(struct files_context *c, const struct ev_node *n, const struct iis_item *it, struct err *e)
{
    struct config_memory *m = memory(c, e);

    if (!m || m->page_n >= WAITING_MAX)
        return m != NULL;
    struct wait_page *x = GROW(&c->work->pile, m->page, m->page_n, &m->page_cap);
    struct str url = urlpath_canon(&c->work->pile, config_route(it)), name = str_dup(&c->work->pile, it->name);
    if (!x || !url.p)
        return full(e);
    *x = (struct wait_page){ url, name, n->id, it->line, iis_kind_name(it->kind) };
    m->page_n++;
    return true;
}

bool config_key(struct files_context *c, const struct ev_node *n, const struct iis_item *it, struct err *e)
{
    struct config_memory *m = memory(c, e);

    if (!m || m->key_n >= WAITING_MAX || it->extra.n == 0 || n->shadow)
        return m != NULL;
    struct key_seen *x = GROW(&c->work->pile, m->key, m->key_n, &m->key_cap);
    struct str hash = str_dup(&c->work->pile, it->extra), location = str_dup(&c->work->pile, it->location);
    if (!x || !hash.p)
        return full(e);
    *x = (struct key_seen){ hash, location, n->id, it->line };
    m->key_n++;
    return true;
}

/* ---- libraries ---- */

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return str_ieq(winpath_ext(n->path), STR(".dll")) && n->family != FAM_TEMP_ASPNET && n->size_bytes > 256;
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct config_memory *m = memory(c, e);
    struct err            mine = { 0 };
    struct pe             p;

    if (!m)
        return false;
    if (m->library_n >= WAITING_MAX || !pe_parse(&p, &n->scratch, n->body, &mine))
        return true;                       /* no program file: whoever looks at its place says so */
    struct library *x = GROW(&c->work->pile, m->library, m->library_n, &m->library_cap);
    if (!x)
        return full(e);
    *x = (struct library){ .node = n->node->id, .link_us = p.link_us, .versioned = (p.has_version || p.product_name.n) && !n->cut };
    for (size_t i = 0; i < p.export_n; i++)
        x->registers = x->registers || str_eq(p.export_name[i], STR("RegisterModule"));
    x->versioned = x->versioned || n->cut;
    m->library_n++;
    return true;
}

static struct library *library_at(const struct files_context *c, struct str path)
{
    struct config_memory *m = c->work->config;
    const struct ev_node *n = ev_find(c->ev, path);

    for (size_t i = 0; n && i < m->library_n; i++)
        if (m->library[i].node == n->id)
            return &m->library[i];
    return NULL;
}

static void cite_file(struct files_context *c, struct fact *f, const struct library *x)
{
    const struct ev_node *n = &c->ev->node[x->node];
    char hex[65];

    if (n->hashed) {
        num_tohex(n->sha256, 32, hex);
        f->hash_hex = str_dup(c->keep, str_c(hex));
    }
    f->path       = n->path;
    f->bytes      = n->size_bytes;
    f->created_us = n->btime_us;
}

static const struct { const char *what, *detector, *title, *why; } nobodys[] = {
    [CONFIG_NATIVE]  = { "iis_module", "config/module", "Web server module of nobody", "Every request passes through it." },
    [CONFIG_MANAGED] = { "iis_module", "config/module", "Module of nobody beside the product's own", "Requests of this application pass through it." },
    [CONFIG_AGENT]   = { "transport_agent", "config/agent", "Transport agent of nobody", "It sees every message." },
};

static void decide_files(struct files_context *c)
{
    struct config_memory *m = c->work->config;

    for (size_t i = 0; i < m->file_n; i++) {
        const struct wait_file *w = &m->file[i];
        struct fact    *f = &c->found->fact[w->fact];
        struct library *x = library_at(c, w->path);
        if (!x)
            continue;
        x->named = true;
        cite_file(c, f, x);
        bool odd = !x->versioned && (w->use == CONFIG_NATIVE ? x->registers : w->use == CONFIG_AGENT || config_product_place(c, w->path));
        if (!odd || f->kind == FACT_WAY_BACK)
            continue;
        f->kind       = FACT_WAY_BACK;
        f->what       = str_c(nobodys[w->use].what);
        f->detector   = str_c(nobodys[w->use].detector);
        f->severity   = SEV_HIGH;
        f->confidence = 0.8;
        f->state      = THING_PRESENT;
        f->title = str_c(nobodys[w->use].title);
        f->why   = files_text(c, "%s Its file %.*s names neither maker nor version, as every product's does.", nobodys[w->use].why, STR_ARG(str_sub(winpath_name(w->path), 0, 100)));
    }
}

/* A module that lies ready, or whose entry was taken out again. */
static void unnamed(struct files_context *c)
{
    struct config_memory *m = c->work->config;

    for (size_t i = 0; i < m->library_n; i++) {
        const struct library *x = &m->library[i];
        const struct ev_node *n = &c->ev->node[x->node];
        if (x->named || !x->registers || x->versioned || !files_odd_place(n->path))
            continue;
        struct fact *f = files_fact_at(c, n, FACT_NOTE, "config/module-file", SEV_MEDIUM, 0.6);
        if (!f)
            return;
        f->what  = STR("iis_module");
        f->title = STR("Library made as a web server module, in a place where nobody installs programs");
        f->why   = STR("It offers RegisterModule, which only modules of IIS do, and names neither maker nor version. No configuration read here names it.");
        f->cite.excerpt = files_text(c, "%.*s, %llu bytes", STR_ARG(winpath_name(n->path)), (unsigned long long)n->size_bytes);
        files_attack(f, "T1505.004");
    }
}

/* ---- routes and keys ---- */

static bool is_door(const struct files_context *c, struct str url)
{
    for (size_t i = 0; i < c->found->fact_n; i++) {
        const struct fact *f = &c->found->fact[i];
        if (f->kind == FACT_PAGE && f->url.n && (str_ieq(f->url, url) || (url.n && url.p[0] != '/' && str_iends(f->url, url) && f->url.p[f->url.n - url.n - 1] == '/')))
            return true;
    }
    return false;
}

static void decide_pages(struct files_context *c)
{
    struct config_memory *m = c->work->config;

    for (size_t i = 0; i < m->page_n; i++) {
        const struct wait_page *x = &m->page[i];
        if (!is_door(c, x->url))
            continue;
        struct fact *f = files_fact_at(c, &c->ev->node[x->node], FACT_WAY_BACK, "config/route", SEV_HIGH, 0.9);
        if (!f)
            return;
        f->what  = STR("rewrite_rule");
        f->name  = files_quote(c, x->name.n ? x->name : x->url);
        f->title = STR("A rule of the web server leads to a back door");
        f->why   = STR("Requests for other addresses end at a page that is a back door: the log shows the other address.");
        f->url   = STR_EMPTY;
        f->cite.line = x->line;
        f->cite.excerpt = files_text(c, "%s %.*s leads to %.*s", x->kind, STR_ARG(str_sub(f->name, 0, 100)), STR_ARG(str_sub(files_quote(c, x->url), 0, 200)));
        files_attack(f, "T1505.003");
    }
}

static void decide_keys(struct files_context *c)
{
    struct config_memory *m = c->work->config;

    for (size_t i = 0; i < m->key_n; i++) {
        const struct key_seen *k = &m->key[i];
        uint32_t  at = map_get(&c->pack->ioc_hash, k->hash);
        size_t    same = 0, before = 0;
        for (size_t j = 0; j < m->key_n; j++)
            if (str_eq(m->key[j].hash, k->hash)) {
                same++;
                before += j < i;
            }
        bool published = at != MAP_NONE, twice = same > 1 && before == 0;
        if (!published && !twice)
            continue;
        struct fact *f = files_fact_at(c, &c->ev->node[k->node], published ? FACT_SECRET : FACT_NOTE, "config/machine-key", published ? SEV_HIGH : SEV_INFO, published ? 0.9 : 0.3);
        if (!f)
            return;
        if (published) {
            f->what  = STR("machine_key");
            f->state = THING_UNKNOWN;      /* known to many; whether anybody used it here is another question */
            f->title = STR("Machine key that is published");
            f->why   = files_text(c, "Whoever knows the key can send view state that runs code. Published: %.*s (%.*s).", STR_ARG(str_sub(c->pack->ioc[at].description, 0, 160)),
                                  STR_ARG(str_sub(c->pack->ioc[at].source, 0, 100)));
            files_attack(f, "T1552.001");
        } else {
            f->title = STR("One machine key in several places");
            f->why   = files_text(c, "%zu configurations hold the same fixed key: who read one of them has all. Keys that an intruder could read are changed on every server that has them.", same);
        }
        f->url = STR_EMPTY;
        f->cite.line    = k->line;
        f->cite.excerpt = files_text(c, "machineKey, validation key with SHA-256 %.*s%s%.*s", STR_ARG(str_sub(k->hash, 0, 64)), k->location.n ? ", location " : "",
                                     STR_ARG(str_sub(files_quote(c, k->location), 0, 120)));
    }
}

static bool done(struct files_context *c, struct err *e)
{
    (void)e;
    if (!c->work->config)
        return true;
    decide_files(c);
    unnamed(c);
    decide_pages(c);
    decide_keys(c);
    return true;
}

const struct files_detector files_modules = {
    .name = "modules", .about = "files of web server modules, rules that lead to back doors, machine keys by hash", .wants = wants, .look = look, .done = done,
};
