/*
 * pages: every page that IIS would run, by hash, shape, place and name.
 *
 * Rule 1   a published hash, a decisive shape, or what the page analyser proves (webshell/analyse) is a back door (FILE_FACT_PAGE) wherever it lies; a page whose
 *          content a baseline or the pack's list knows is the product's, whatever its code does. Planted settings are one under any name: only the attack's own
 *          reset writes them, even where the server would not run them.
 * Rule 2   names and places alone never accuse: they ask a person, or a use that the logs prove (FILE_FACT_PAGE_REVIEW).
 * Rule 3   a published full path with server script in the file is a back door; without script it asks.
 * Rule 4   a known name with an unknown hash is a changed page or a newer build: it asks, quietly.
 * Source   evidence sheet, 8.1 to 8.4 and 13; ways back in, 1.1 to 1.3; report contract, back_doors.
 */
#include "detect/files_inner.h"

#include "webshell/shape.h"

#include <stdio.h>
#include <string.h>

struct seen_page {
    struct files_node *n;
    struct shape       shape;
    struct str         rest;         /* below FrontEnd\HttpProxy, or empty */
    struct str         url;
    bool               served, page, aspnet_client;
    bool              known;         /* its content is the product's own */
    const struct analysis *does;     /* what its code does; NULL: not analysed */
    const struct ioc  *by_path, *by_name;
};

static bool proven(const struct seen_page *p) { return p->does && p->does->verdict == PAGE_BACK_DOOR && !p->known; }

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return winpath_is_page(n->path) || (n->family == FAM_WEB_ROOTS && n->size_bytes <= SHAPE_BYTES_MAX);
}

bool files_classic(struct str path)
{
    static const char *const ext[] = { ".asp", ".asa", ".cer", ".cdx" };
    for (size_t i = 0; i < COUNT_OF(ext); i++)
        if (str_ieq(winpath_ext(path), str_c(ext[i])))
            return true;
    return false;
}

static void ahead(const struct files_context *c, uint32_t worker, struct files_node *n, struct arena *room)
{
    (void)worker;
    files_analyse(c, n, room);
}

/* Of two readings of a date, the one nearer to the file's own time. */
static int64_t nearer(int64_t at, int64_t alt, int64_t mtime)
{
    if (at == TIME_NONE || alt == TIME_NONE || mtime == TIME_NONE)
        return at;
    int64_t d1 = at > mtime ? at - mtime : mtime - at, d2 = alt > mtime ? alt - mtime : mtime - alt;
    return d2 < d1 ? alt : at;
}

/* What a settings list says of the server: its name, its domain, the build at that time. */
static void learn_server(struct files_context *c, const struct seen_page *p, int64_t at)
{
    struct server *s = &c->found->server;
    const struct shape *x = &p->shape;
    uint16_t v[4];
    int      parts;

    if (s->name.n == 0 && x->server.n && x->server.n <= 15 && str_chr(x->server, '\\') == STR_NONE) {
        uint8_t *q = NEW(c->keep, uint8_t, x->server.n);
        for (size_t i = 0; q && i < x->server.n; i++)
            q[i] = x->server.p[i] >= 'a' && x->server.p[i] <= 'z' ? (uint8_t)(x->server.p[i] - 32) : x->server.p[i];
        if (q)
            s->name = (struct str){ q, x->server.n };
    }
    size_t dot = str_chr(x->origin, '.');
    if (s->domain.n == 0 && dot != STR_NONE && x->origin.n - dot > 2)
        s->domain = str_lower(c->keep, str_from(x->origin, dot + 1));
    if (!x->version.n || !build_parse(x->version, v, &parts))
        return;
    struct file_fact *f = files_fact_at(c, p->n->node, FILE_FACT_EXPOSURE, "files/settings-export", SEV_INFO, 0.6);
    if (!f)
        return;
    f->name    = str_dup(c->keep, x->version);
    f->url     = STR_EMPTY;
    f->path    = STR_EMPTY;
    f->time_us = at;
    f->title   = files_text(c, "Settings written by the server name build %.*s", STR_ARG(x->version));
    f->why     = STR("AdminDisplayVersion in the planted settings list; it names the cumulative update, not security updates");
    f->cite.excerpt = files_text(c, "AdminDisplayVersion: %.*s", STR_ARG(x->version));
}

/* The configuration itself said which folders are served: then a folder outside them is not. */
static bool all_roots_known(const struct files_context *c)
{
    for (size_t i = 0; i < c->ev->served_n; i++)
        if (c->ev->served[i].named_by != UINT32_MAX)
            return true;
    return false;
}

static void accuse(struct files_context *c, struct seen_page *p, const struct ioc *hash)
{
    const struct shape *x = &p->shape;
    char         detector[64] = "files/hash";
    struct str   why = files_quote(c, x->why);

    const struct analysis *d = p->does;
    bool         form = x->decisive || x->kind == SHAPE_SETTINGS, flow = !form && proven(p);
    struct str   key = d ? d->key : STR_EMPTY, way = flow || (form && d && d->flow_n) ? files_analysis_way(c, d) : STR_EMPTY;

    if (flow)
        why = files_text(c, "%.*s", STR_ARG(d->why));
    if (!hash)
        snprintf(detector, sizeof detector, "files/%s", form ? shape_name(x->kind) : flow ? analyse_what_name(d->what) : "published-path");
    struct str name = str_dup(c->keep, str_c(detector));
    struct file_fact *f = files_fact_at(c, p->n->node, FILE_FACT_PAGE, "", SEV_CRITICAL, hash ? 0.99 : x->decisive ? x->confidence : flow ? d->confidence : 0.85);
    if (!f)
        return;
    f->detector = name;
    f->what     = str_c(d && d->verdict == PAGE_BACK_DOOR && d->what != WHAT_NONE ? analyse_what_name(d->what) : x->what);
    for (size_t i = 0; key.n && i < c->pack->ioc_n; i++)
        if (c->pack->ioc[i].kind == IOC_CHOPPER_KEY && str_eq(c->pack->ioc[i].value, key)) {
            why = files_text(c, "%.*s The item's name is a published key.", STR_ARG(str_sub(why, 0, 320)));
            break;
        }
    f->key      = key.n ? str_dup(c->keep, key) : STR_EMPTY;
    f->title    = hash ? STR("Page with the hash of a published back door") : form ? str_c(shape_title(x->kind)) : flow ? str_c(analyse_what_title(d->what))
                       : STR("Page at the path of a published back door, with server script in it");
    if (hash)
        f->why = files_text(c, "Its hash is published: %.*s (%.*s).%s%.*s", STR_ARG(str_sub(hash->description, 0, 140)), STR_ARG(str_sub(hash->source, 0, 80)),
                            why.n ? " " : "", STR_ARG(str_sub(why, 0, 120)));
    else if (form || flow)
        f->why = way.n ? files_text(c, "%.*s The way: %.*s.", STR_ARG(str_sub(why, 0, 300)), STR_ARG(way)) : why;
    else
        f->why = files_text(c, "The path was published as %.*s (%.*s), and the file holds server-side script.", STR_ARG(str_sub(p->by_path->description, 0, 120)),
                            STR_ARG(str_sub(p->by_path->source, 0, 120)));
    files_attack(f, "T1505.003");
    if (!p->page)
        f->reachable = REACH_NO;
    else if (!p->served)
        f->reachable = all_roots_known(c) ? REACH_NO : REACH_UNKNOWN;
    if (x->kind == SHAPE_SETTINGS) {
        int64_t at = nearer(x->changed_us, x->changed_alt_us, p->n->node->mtime_us);
        files_cve(f, "CVE-2021-27065");
        f->time_us = at;
        if (f->created_us == TIME_NONE)
            f->created_us = at;
        f->cite.time_us = at;
        f->cite.excerpt = files_text(c, "%.*s: %.*s ... WhenChangedUTC, Server %.*s, OriginatingServer %.*s", STR_ARG(x->field), STR_ARG(x->url), STR_ARG(x->server),
                                     STR_ARG(x->origin));
        if (!x->planted)
            f->severity = SEV_HIGH;
        learn_server(c, p, at);
    } else {
        f->time_us = p->n->node->btime_us;
        f->cite.excerpt = files_text(c, "%.*s, %llu bytes%s%.*s", STR_ARG(winpath_name(p->n->node->path)), (unsigned long long)p->n->node->size_bytes,
                                     key.n ? ", request item " : "", STR_ARG(key));
        if (flow && d->flow_n && d->flow[0].line)
            f->cite.line = d->flow[0].line;
    }
}

struct question { const char *detector, *title, *why; enum severity severity; double confidence; };

static void ask(struct files_context *c, struct seen_page *p, const struct question *q)
{
    struct str like = p->rest.n ? files_masquerade(c->pack, p->rest) : STR_EMPTY;
    struct file_fact *f = files_fact_at(c, p->n->node, FILE_FACT_PAGE_REVIEW, q->detector, q->severity, q->confidence);

    if (!f)
        return;
    f->what    = str_c(p->shape.what);
    f->key     = p->does && p->does->key.n ? str_dup(c->keep, p->does->key) : STR_EMPTY;
    f->time_us = p->n->node->btime_us;
    f->title   = str_c(q->title);
    f->why     = files_text(c, "%s%s%.*s%s%s%.*s%s", q->why, like.n ? " Its name is close to the product's own " : "", STR_ARG(like), like.n ? "." : "",
                            p->by_path || p->by_name ? " Indicator lists know the name: " : "",
                            STR_ARG(str_sub(p->by_path ? p->by_path->description : p->by_name ? p->by_name->description : STR_EMPTY, 0, 80)),
                            p->shape.script ? " It holds server-side script." : " It holds no server-side script.");
    f->cite.excerpt = files_text(c, "%.*s, %llu bytes", STR_ARG(winpath_name(p->n->node->path)), (unsigned long long)p->n->node->size_bytes);
    if (p->shape.script)
        files_attack(f, "T1505.003");
    if (!p->page)
        f->reachable = REACH_NO;
}

static bool hidden(struct str path)
{
    for (struct str rest = path, part; str_cut(&rest, '\\', &part);)
        if (part.n && !str_ends(part, STR(":")) && winpath_hidden_name(part))
            return true;
    return false;
}

/* The site's own folder, where a product server has no pages at all. */
static bool in_site_root(const struct seen_page *p) { return p->served && str_rchr(p->url, '/') == 0 && !p->rest.n; }

static bool judge_place(struct files_context *c, struct seen_page *p, struct err *e)
{
    static const struct question
        extra    = { "files/extra-page", "Page that is no part of Exchange, in a tree that holds only its own pages",
                     "The folder belongs to Exchange's front end, which has ten pages of its own; this is none of them.", SEV_HIGH, 0.7 },
        empty    = { "files/extra-page", "Page that is no part of Exchange, in a tree that holds only its own pages",
                     "The folder belongs to Exchange's front end, which has ten pages of its own; this is none of them.", SEV_MEDIUM, 0.5 },
        client   = { "files/aspnet-client-page", "Page in aspnet_client", "The folder normally holds no pages at all.", SEV_HIGH, 0.7 },
        client_e = { "files/aspnet-client-page", "Page in aspnet_client", "The folder normally holds no pages at all.", SEV_MEDIUM, 0.5 },
        name     = { "files/hidden-name", "Page under a name that hides it", "A part of the path is a device name or ends in a dot or blank, which keeps ordinary tools from showing it.",
                     SEV_HIGH, 0.8 },
        path     = { "files/published-path", "File at the path of a published back door", "The path was published as that of a web shell.", SEV_MEDIUM, 0.5 },
        root     = { "files/root-page", "Page in the site's own folder", "Exchange puts no page here; an administrator may have.", SEV_LOW, 0.3 },
        padded   = { "files/padded", "Page padded with blanks", "Nearly all of it is blanks, or its code stands far to the right or far below.", SEV_MEDIUM, 0.5 };
    bool           code = p->shape.script;
    enum base_says says = files_baseline_says(c, p->n->node);

    if (says == BASE_KNOWN) {
        c->work->unchanged_n += p->rest.n && files_clean_page(c->pack, p->rest, NULL);
        return true;
    }
    if (p->rest.n && files_clean_page(c->pack, p->rest, NULL)) {
        if (p->n->node->hashed && files_clean_page(c->pack, p->rest, p->n->node->sha256)) {
            c->work->unchanged_n++;
            return true;
        }
        if (says == BASE_NAMED)
            return true;                  /* files_baseline.c has the content of a build nearer to this one, or hands it back to done */
        uint32_t *at = GROW(&c->work->pile, c->work->changed, c->work->changed_n, &c->work->changed_cap);
        if (!at)
            return err_set(e, ERR_MEMORY, "no room for changed pages");
        *at = p->n->node->id;
        c->work->changed_n++;
        return true;
    }
    if (p->rest.n && says == BASE_NAMED)
        return true;
    if (hidden(p->n->node->path))
        ask(c, p, &name);
    else if (p->rest.n)
        ask(c, p, code ? &extra : &empty);
    else if (p->aspnet_client)
        ask(c, p, code ? &client : &client_e);
    else if (p->by_path)
        ask(c, p, &path);
    else if (p->shape.kind == SHAPE_PADDED && p->served)
        ask(c, p, &padded);
    else if (in_site_root(p) && code && !p->shape.behind)
        ask(c, p, &root);
    return true;
}

/*
 * Where some pages are as the list has them, each other one was changed. Where none is, the whole build is not on the list (the list ends in
 * March 2021): one question then, not twenty.
 */
static bool done(struct files_context *c, struct err *e)
{
    struct files_work *w = c->work;
    bool newer = w->unchanged_n == 0 && w->changed_n >= 3;

    (void)e;
    for (size_t i = 0; i < (newer ? 1 : w->changed_n); i++) {
        const struct ev_node *n = &c->ev->node[w->changed[i]];
        struct file_fact *f = files_fact_at(c, n, newer ? FILE_FACT_NOTE : FILE_FACT_PAGE_REVIEW, "files/changed-page", newer ? SEV_INFO : SEV_LOW, 0.3);
        if (!f)
            break;
        f->product_page = true;
        f->what  = newer ? STR_EMPTY : STR("unknown");
        f->title = newer ? STR("The product's own pages are of a build that the list does not know") : STR("Known page with unknown content");
        f->why   = newer ? files_text(c, "None of the %zu pages that Exchange ships in its front end has a content on the list, which ends in March 2021: they are of another build, or all changed. "
                                      "Compare them with a clean server of the same build.", w->changed_n)
                         : STR("The product has a page of this name here, but no build on the list has this content: changed by an administrator or an intruder, or of a newer build.");
        f->cite.excerpt = files_text(c, "%.*s, %llu bytes", STR_ARG(winpath_name(n->path)), (unsigned long long)n->size_bytes);
    }
    return true;
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct seen_page p = { .n = n, .page = winpath_is_page(n->node->path) };

    if (!shape_of(&p.shape, &n->scratch, n->body, files_classic(n->node->path), e))
        return false;
    p.does          = n->page;
    p.shape.script  = p.shape.script || (p.does && p.does->script);
    p.rest          = files_proxy_rest(n->node->path);
    p.served        = files_served(c, &n->scratch, n->node->path, &p.url);
    p.aspnet_client = files_in_aspnet_client(n->node->path);
    const struct ioc *hash = files_ioc_hash(c, n);
    if (hash && hash->weight != IOC_ACCUSES)
        hash = NULL;
    if (p.page) {
        p.by_path = files_ioc_path(c, n->node->path, IOC_PATH_SUFFIX);
        p.by_name = p.rest.n || p.aspnet_client ? files_ioc_path(c, n->node->path, IOC_FILE_NAME) : NULL;
        if (!p.by_name && (p.rest.n || p.aspnet_client))
            p.by_name = files_ioc_pattern(c, n->scratch, n->node->path);
        /* The settings list without script is the mark of a reset all the same, where a page of that name is served. */
        bool dropped = p.shape.kind == SHAPE_SETTINGS && (p.served || p.rest.n || p.aspnet_client);
        p.known = files_baseline_says(c, n->node) == BASE_KNOWN ||
                  (p.rest.n && n->node->hashed && files_clean_page(c->pack, p.rest, n->node->sha256));
        if (hash || p.shape.decisive || proven(&p) || dropped || (p.by_path && p.shape.script))
            accuse(c, &p, hash);
        else
            return judge_place(c, &p, e);
        return true;
    }
    /* Not a page by its name: IIS would not run it here, but somebody wrote it. */
    bool reset_here = p.shape.kind == SHAPE_SETTINGS && p.shape.planted && (p.served || p.rest.n || p.aspnet_client);
    if (hash || reset_here) {
        accuse(c, &p, hash);
    } else if (p.shape.decisive || p.shape.kind == SHAPE_SETTINGS || (p.does && p.does->verdict == PAGE_INERT && p.does->confidence > 0.9)) {
        static const struct question other = { "files/page-text", "Text of a back door under another extension", "The file's content has the form of a back door, "
                                               "but its extension is not one that the server runs by itself.", SEV_HIGH, 0.7 };
        ask(c, &p, &other);
    }
    return true;
}

const struct files_detector files_pages = {
    .name = "pages", .about = "pages that IIS runs: what their code does with a request, published hashes, decisive shapes, extra pages in trees that have none", .wants = wants,
    .ahead = ahead, .look = look,
    .done = done,
};
