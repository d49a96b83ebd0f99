/*
 * modules: what the files of web server modules say of themselves, and what configurations say that only other files decide.
 *
 * Rule 1   a module for the whole server that nobody knows, whose file has no word about its maker or version, is no product's: it accuses.
 * Rule 2   a managed module that a web.config names, whose assembly lies in the bin folder of a product and has no such words, accuses as well;
 *          anywhere else it is somebody's own application, and asks.
 * Rule 3   a library in an application's bin folder whose code is that of a back door: with a configuration that names it, a module; with a page whose class
 *          it holds, that page; alone, it asks. What calls itself Microsoft's is left to baselines.
 * Rule 4   a library that offers RegisterModule, lies where nobody installs programs and is named by no configuration, asks.
 * Rule 5   a rule that leads to a page which is a back door is part of it.
 * Rule 6   machine keys are compared by hash only. A published one lets anybody in who knows it; one key in several places is told.
 * Source   ways back in, 2.2 to 2.4; RegisterModule: "Native-code API reference", Microsoft Learn.
 */
#include "detect/config.h"

#include "formats/pe.h"

#include <string.h>

enum { WAITING_MAX = 4096, INHERITS_MAX = 20000, DOORS_MAX = 16, DIRECTIVE_BYTES = 8192, ANALYSED_MAX = 4 << 20 };

struct wait_file { struct str path; size_t fact; enum config_use use; };
struct wait_page { struct str url; struct str name; uint32_t node, line; const char *kind; };
struct key_seen  { struct str hash, location, place; uint32_t node, line; bool old; };   /* place: the living file of which it is a version */
struct door      { enum page_what what; double confidence; struct str why, key; };      /* what the code of a library does, when it is a back door */
struct library   { uint32_t node; bool registers, versioned, named; const struct door *door; };
struct behind    { uint32_t node; struct str class, assembly; };                         /* a page whose class lies elsewhere */

struct config_memory {
    struct wait_file *file;    size_t file_n, file_cap;
    struct wait_page *page;    size_t page_n, page_cap;
    struct key_seen  *key;     size_t key_n, key_cap;
    struct library   *library; size_t library_n, library_cap;
    struct behind    *behind;  size_t behind_n, behind_cap;
    size_t            door_n;
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

static bool in_cache(struct str path) { return str_ihas(path, STR("\\Microsoft.NET\\assembly\\GAC_")) || str_ihas(path, STR(":\\Windows\\assembly\\GAC")); }

bool config_expect_assembly(struct files_context *c, struct str assembly, size_t fact, struct err *e)
{
    if (assembly.n == 0 || assembly.n > 200 || str_chr(assembly, '\\') != STR_NONE)
        return true;
    for (size_t i = 0; i < c->ev->node_n; i++) {
        const struct ev_node *n = &c->ev->node[i];
        struct str            name = winpath_name(n->path);
        if (!n->shadow && name.n == assembly.n + 4 && str_istarts(name, assembly) && str_iends(name, STR(".dll")) && in_cache(n->path))
            return config_expect_file(c, n->path, fact, CONFIG_MANAGED, e);
    }
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

    if (!m || m->key_n >= WAITING_MAX || it->extra.n == 0)
        return m != NULL;
    struct key_seen *x = GROW(&c->work->pile, m->key, m->key_n, &m->key_cap);
    struct str hash = str_dup(&c->work->pile, it->extra), location = str_dup(&c->work->pile, it->location), name = winpath_name(n->path);
    bool       kept = str_ihas(n->path, STR("\\inetpub\\history\\")) || str_ihas(n->path, STR("\\inetsrv\\backup\\"));
    if (!x || !hash.p)
        return full(e);
    *x = (struct key_seen){ hash, location, str_ieq(name, STR("applicationHost.config")) ? name : n->path, n->id, it->line, kept || n->shadow };
    m->key_n++;
    return true;
}

/* ---- libraries, and the pages whose classes they hold ---- */

static bool is_library(struct str path) { return str_ieq(winpath_ext(path), STR(".dll")); }

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->family != FAM_TEMP_ASPNET && ((is_library(n->path) && n->size_bytes > 256) || winpath_is_page(n->path));
}

/* A version that somebody gave it: compilers write 0.0.0.0 by themselves. */
static bool versioned(const struct pe *p)
{
    return p->has_version && (p->version[0] || p->version[1] || p->version[2] || p->version[3]);
}

static void ahead(const struct files_context *c, uint32_t worker, struct files_node *n, struct arena *room)
{
    struct arena scratch = *room;
    struct err   mine = { 0 };
    struct str   dir = winpath_dir(n->node->path), url;
    struct pe    p;

    (void)worker;
    if (is_library(n->node->path) && n->body.n <= ANALYSED_MAX && (in_cache(n->node->path) || (str_ieq(winpath_name(dir), STR("bin")) && files_served(c, &scratch, winpath_dir(dir), &url))) &&
        pe_parse(&p, &scratch, n->body, &mine) && p.has_clr && !str_istarts(p.product_name, STR("Microsoft")))
        files_analyse(c, n, room);
}

static const struct door *door_of(struct files_context *c, struct config_memory *m, const struct analysis *d)
{
    if (!d || d->verdict != PAGE_BACK_DOOR || m->door_n >= DOORS_MAX)
        return NULL;
    struct door *x = NEW(c->keep, struct door, 1);
    if (!x)
        return NULL;
    struct str way = files_analysis_way(c, d);
    *x = (struct door){ d->what, d->confidence, STR_EMPTY, d->key.n ? str_dup(c->keep, d->key) : STR_EMPTY };
    x->why = way.n ? files_text(c, "%.*s The way: %.*s.", STR_ARG(str_sub(files_quote(c, d->why), 0, 300)), STR_ARG(way)) : files_quote(c, d->why);
    m->door_n++;
    return x;
}

/* "Ns.Class" or "Ns.Class, Assembly" of a page's first directive. */
static bool note_class(struct files_context *c, struct config_memory *m, struct files_node *n, struct err *e)
{
    struct str head = str_sub(n->body, 0, DIRECTIVE_BYTES), rest, value;
    size_t     at = str_ifind(head, STR("inherits"));

    if (at == STR_NONE || m->behind_n >= INHERITS_MAX)
        return true;
    rest = str_trim(str_from(head, at + 8));
    rest = rest.n && rest.p[0] == '=' ? str_trim(str_from(rest, 1)) : STR_EMPTY;
    if (rest.n < 2 || (rest.p[0] != '"' && rest.p[0] != '\'') || str_chr(str_from(rest, 1), rest.p[0]) == STR_NONE)
        return true;
    value = str_sub(rest, 1, 1 + str_chr(str_from(rest, 1), rest.p[0]));
    if (value.n == 0 || value.n > 400 || str_istarts(value, STR("Microsoft.")) || str_istarts(value, STR("System.")))
        return true;
    struct behind *x = GROW(&c->work->pile, m->behind, m->behind_n, &m->behind_cap);
    struct str kept = str_dup(&c->work->pile, value);
    if (!x || !kept.p)
        return full(e);
    *x = (struct behind){ n->node->id, str_trim(str_sub(kept, 0, str_chr(kept, ','))), config_assembly(kept) };
    m->behind_n++;
    return true;
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct config_memory *m = memory(c, e);
    struct err            mine = { 0 };
    struct pe             p;

    if (!m)
        return false;
    if (!is_library(n->node->path))
        return note_class(c, m, n, e);
    if (m->library_n >= WAITING_MAX || !pe_parse(&p, &n->scratch, n->body, &mine))
        return true;                       /* no program file: whoever looks at its place says so */
    struct library *x = GROW(&c->work->pile, m->library, m->library_n, &m->library_cap);
    if (!x)
        return full(e);
    *x = (struct library){ .node = n->node->id, .versioned = n->cut || versioned(&p), .door = door_of(c, m, n->page) };
    for (size_t i = 0; i < p.export_n; i++)
        x->registers = x->registers || str_eq(p.export_name[i], STR("RegisterModule"));
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

static void cite_file(struct files_context *c, struct file_fact *f, const struct library *x)
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
        struct file_fact *f = &c->found->fact[w->fact];
        struct library *x = library_at(c, w->path);
        if (!x)
            continue;
        x->named = true;
        cite_file(c, f, x);
        bool odd = x->door || (!x->versioned && (w->use == CONFIG_NATIVE ? x->registers : w->use == CONFIG_AGENT || in_cache(w->path) || config_product_place(c, w->path)));
        if (!odd || f->kind == FILE_FACT_WAY_BACK)
            continue;
        f->kind       = FILE_FACT_WAY_BACK;
        f->what       = str_c(nobodys[w->use].what);
        f->detector   = str_c(nobodys[w->use].detector);
        f->severity   = SEV_HIGH;
        f->confidence = 0.8;
        if (!f->earlier)
            f->state = THING_PRESENT;
        f->title = str_c(nobodys[w->use].title);
        if (x->door)
            f->why = files_text(c, "%s Its code is that of a back door: %.*s", nobodys[w->use].why, STR_ARG(str_sub(x->door->why, 0, 600)));
        else
            f->why = files_text(c, "%s Its file %.*s names neither maker nor version, as every product's does.", nobodys[w->use].why, STR_ARG(str_sub(winpath_name(w->path), 0, 100)));
    }
}

/* Does the library hold that class? Read once more: only libraries whose code accuses are asked. */
static bool holds(struct files_context *c, struct library *x, struct str class)
{
    struct arena scratch = c->work->scratch;
    struct err   mine = { 0 };
    struct str   body, name = str_from(class, str_rchr(class, '.') == STR_NONE ? 0 : str_rchr(class, '.') + 1);
    struct pe    p;

    return ev_slurp(c->ev, &c->ev->node[x->node], FILES_BODY_MAX, &scratch, &body, &mine) && pe_parse(&p, &scratch, body, &mine) && pe_has_name(&p, name);
}

static size_t decide_pages_of(struct files_context *c, struct library *x)
{
    struct config_memory *m = c->work->config;
    struct str path = c->ev->node[x->node].path, app = winpath_dir(winpath_dir(path)), stem = winpath_name(path);
    size_t     told = 0;

    stem = str_sub(stem, 0, stem.n - 4);
    for (size_t i = 0; i < m->behind_n && told < DOORS_MAX; i++) {
        const struct behind *y = &m->behind[i];
        if (!winpath_below(c->ev->node[y->node].path, app) || (y->assembly.n && !str_ieq(y->assembly, stem)) || !holds(c, x, y->class))
            continue;
        struct file_fact *f = files_fact_at(c, &c->ev->node[y->node], FILE_FACT_PAGE, "files/behind", SEV_CRITICAL, x->door->confidence);
        if (!f)
            return told;
        f->what  = str_c(x->door->what == WHAT_NONE ? "unknown" : analyse_what_name(x->door->what));
        f->key   = x->door->key;
        f->title = str_c(analyse_what_title(x->door->what));
        f->why   = files_text(c, "Its class %.*s lies in %.*s. %.*s", STR_ARG(str_sub(files_quote(c, y->class), 0, 80)), STR_ARG(str_sub(winpath_name(path), 0, 80)), STR_ARG(str_sub(x->door->why, 0, 500)));
        f->cite.excerpt = files_text(c, "Inherits %.*s, in bin\\%.*s", STR_ARG(str_sub(files_quote(c, y->class), 0, 120)), STR_ARG(str_sub(winpath_name(path), 0, 120)));
        files_attack(f, "T1505.003");
        told++;
    }
    return told;
}

static void decide_libraries(struct files_context *c)
{
    struct config_memory *m = c->work->config;

    for (size_t i = 0; i < m->library_n; i++) {
        struct library *x = &m->library[i];
        if (!x->door || decide_pages_of(c, x) || x->named)
            continue;
        struct file_fact *f = files_fact_at(c, &c->ev->node[x->node], FILE_FACT_NOTE, "files/bin-library", SEV_HIGH, 0.6);
        if (!f)
            return;
        f->title = STR("Library of a web application whose code is that of a back door");
        f->why   = files_text(c, "%.*s No page and no configuration read here names it; what else starts its code was not seen.", STR_ARG(str_sub(x->door->why, 0, 600)));
        f->cite.excerpt = files_text(c, "%.*s, %llu bytes", STR_ARG(f->name), (unsigned long long)f->bytes);
        files_attack(f, "T1505.003");
    }
}

/* A module that lies ready, or whose entry was taken out again; an assembly of nobody in the cache that every application shares. */
static void unnamed(struct files_context *c)
{
    struct config_memory *m = c->work->config;

    for (size_t i = 0; i < m->library_n; i++) {
        const struct library *x = &m->library[i];
        const struct ev_node *n = &c->ev->node[x->node];
        bool odd = files_odd_place(n->path), own = str_ihas(n->path, STR(":\\Windows\\System32\\inetsrv\\")), cached = in_cache(n->path);
        if (x->named || x->versioned || n->shadow || (x->registers ? !odd && !own : !cached || c->ev->node[x->node].size_bytes == 0))
            continue;
        struct file_fact *f = files_fact_at(c, n, FILE_FACT_NOTE, cached ? "config/cache-file" : "config/module-file", cached ? SEV_LOW : SEV_MEDIUM, cached ? 0.4 : 0.6);
        if (!f)
            return;
        f->what  = STR("iis_module");
        f->title = cached ? STR("Assembly of nobody in the cache that all applications share")
                 : odd    ? STR("Library made as a web server module, in a place where nobody installs programs")
                          : STR("Library made as a web server module, among those of Windows, and none of them");
        f->why   = cached ? STR("It names neither maker nor version. Installers put assemblies there, and so do intruders: any application loads one by its name alone. No configuration read here names it.")
                          : STR("It offers RegisterModule, which only modules of IIS do, and names neither maker nor version. No configuration read here names it.");
        f->cite.excerpt = files_text(c, "%.*s, %llu bytes", STR_ARG(winpath_name(n->path)), (unsigned long long)n->size_bytes);
        files_attack(f, "T1505.004");
    }
}

/* ---- routes and keys ---- */

static bool is_door(const struct files_context *c, struct str url)
{
    for (size_t i = 0; i < c->found->fact_n; i++) {
        const struct file_fact *f = &c->found->fact[i];
        if (f->kind == FILE_FACT_PAGE && f->url.n && (str_ieq(f->url, url) || (url.n && url.p[0] != '/' && str_iends(f->url, url) && f->url.p[f->url.n - url.n - 1] == '/')))
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
        struct file_fact *f = files_fact_at(c, &c->ev->node[x->node], FILE_FACT_WAY_BACK, "config/route", SEV_HIGH, 0.9);
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

static bool is_published(const struct files_context *c, const struct key_seen *k) { return map_get(&c->pack->ioc_hash, k->hash) != MAP_NONE; }

/* What the same place had on an earlier day and has no more. NULL: nothing else. One that is published goes first, then the latest. */
static const struct key_seen *key_before(const struct files_context *c, const struct key_seen *now)
{
    const struct config_memory *m = c->work->config;
    const struct key_seen      *best = NULL;

    for (size_t i = 0; i < m->key_n; i++) {
        const struct key_seen *k = &m->key[i];
        if (!str_ieq(k->place, now->place) || !str_ieq(k->location, now->location))
            continue;
        if (!k->old && str_eq(k->hash, now->hash) && k < now)
            return NULL;                         /* told already */
        if (!k->old || str_eq(k->hash, now->hash))
            continue;
        bool better = !best || (is_published(c, k) && !is_published(c, best)) ||
                      (is_published(c, k) == is_published(c, best) && c->ev->node[k->node].mtime_us > c->ev->node[best->node].mtime_us);
        best = better ? k : best;
    }
    return best;
}

/* The keys of an earlier day are not those of today: who has the old ones has nothing. */
static void decide_changed(struct files_context *c)
{
    struct config_memory *m = c->work->config;

    for (size_t i = 0; i < m->key_n; i++) {
        const struct key_seen *now = &m->key[i], *was = now->old ? NULL : key_before(c, now);
        if (!was)
            continue;
        bool         secret = is_published(c, was) && !is_published(c, now);
        struct file_fact *f = files_fact_at(c, &c->ev->node[now->node], secret ? FILE_FACT_SECRET : FILE_FACT_NOTE, "config/machine-key-changed", secret ? SEV_MEDIUM : SEV_INFO, 0.9);
        if (!f)
            return;
        f->what    = secret ? STR("rotated") : STR("machine_key");
        f->state   = secret ? THING_REMOVED : f->state;
        f->url     = STR_EMPTY;
        f->time_us = c->ev->node[now->node].mtime_us;
        f->title   = secret ? STR("A published machine key was changed") : STR("The machine key was changed");
        f->why     = files_text(c, "An older version of this configuration (%.*s) has another key%s. What was signed with the old one is worth nothing here any more; view state that an intruder sent before was.",
                                STR_ARG(str_sub(files_quote(c, c->ev->node[was->node].path), 0, 200)), secret ? ", one that is published" : "");
        f->cite.line    = now->line;
        f->cite.excerpt = files_text(c, "machineKey: validation key with SHA-256 %.*s, before %.*s", STR_ARG(str_sub(now->hash, 0, 64)), STR_ARG(str_sub(was->hash, 0, 64)));
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
            if (!m->key[j].old && str_eq(m->key[j].hash, k->hash)) {
                same++;
                before += j < i;
            }
        if (k->old)
            continue;
        bool published = at != MAP_NONE;
        if (!published && before)
            continue;
        struct file_fact *f = files_fact_at(c, &c->ev->node[k->node], published ? FILE_FACT_SECRET : FILE_FACT_NOTE, "config/machine-key", published ? SEV_HIGH : SEV_INFO, published ? 0.9 : 0.3);
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
            f->title = same > 1 ? STR("One machine key in several places") : STR("Fixed machine key");
            f->why   = same > 1 ? files_text(c, "%zu configurations hold the same fixed key: who read one of them has all. Keys that an intruder could read are changed on every server that has them.", same)
                                : STR("Farms need one. Whoever could read this file has it, and it outlives every update: after a break-in it is changed.");
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
    decide_libraries(c);
    unnamed(c);
    decide_pages(c);
    decide_keys(c);
    decide_changed(c);
    return true;
}

const struct files_detector files_modules = {
    .name = "modules", .about = "files of web server modules and of web applications' bin folders, rules that lead to back doors, machine keys by hash", .wants = wants, .ahead = ahead, .look = look,
    .done = done,
};
