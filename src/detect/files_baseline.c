/*
 * baseline: the files of the product's own folders against those of a clean installation.
 *
 * Rule 1   known content at a known path is never asked about, whatever the build: it is the product's.
 * Rule 2   only a baseline of the server's own build (all four numbers) can say "changed". One of another build says that the builds differ.
 * Rule 3   only a folder that the baseline looked at whole can have an "extra" file. Of the same cumulative update: asked with less weight.
 *          Of another: counted, because pages come and go between cumulative updates.
 * Rule 4   nothing here proves a back door: it asks a person. A page whose name is the product's is not proven by its use either.
 * Rule 5   what another detector asks about a page is not asked again; it learns what the baseline says.
 * Source   report contract, back_doors ("unknown alone is a review finding"); ways back in, 1.1 and 2.
 */
#include "detect/files_inner.h"

#include "webshell/shape.h"

#include <string.h>

/* ---- looking ---- */

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    enum baseline_root root;
    struct str         rest;

    /* A file of an earlier day, or a part of one, is no file of the clean installation. */
    return c->opt->baseline && !n->shadow && !n->partial && files_baseline_place(c->ev, n->path, &root, &rest) && baseline_kind_of(root, rest) != BASELINE_NOTHING;
}

/* Of a file that is larger than what a detector sees of it. */
static bool hash_rest(struct files_context *c, struct files_node *n, struct err *e)
{
    enum { PIECE = 1 << 20 };
    struct ev_stream *s   = NULL;
    uint8_t          *buf = NEW(&n->scratch, uint8_t, PIECE);
    size_t            got = 1;

    if (!buf)
        return err_set(e, ERR_MEMORY, "no room to read a program");
    bool ok = ev_stream_open(&s, c->ev, n->node, true, &n->scratch, e);
    while (ok && got)
        ok = ev_stream_fill(s, buf, PIECE, &got, e);
    *c->bytes_read += ev_stream_close(s);
    return ok;
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    const struct baseline *b = c->opt->baseline;
    struct base_file       f = { .node = n->node->id };

    if (!files_baseline_place(c->ev, n->node->path, &f.root, &f.rest))
        return true;
    f.kind  = baseline_kind_of(f.root, f.rest);
    f.first = baseline_first(b, f.root, f.rest);
    if (!n->node->hashed && n->cut && f.first != MAP_NONE && !hash_rest(c, n, e))
        return false;
    if (!n->node->hashed && f.first != MAP_NONE)
        return true;
    struct str proxy = files_proxy_rest(n->node->path);
    f.known = f.first != MAP_NONE && baseline_knows(b, f.root, f.rest, n->node->sha256);
    f.known = f.known || (n->node->hashed && proxy.n && files_clean_page(c->pack, proxy, n->node->sha256));
    if (f.kind == BASELINE_PAGE && !f.known) {
        struct shape shape;
        if (!shape_of(&shape, &n->scratch, n->body, files_classic(n->node->path), e))
            return false;
        f.script = shape.script;
    }
    struct base_file *at = GROW(&c->work->pile, c->work->base, c->work->base_n, &c->work->base_cap);
    if (!at)
        return err_set(e, ERR_MEMORY, "no room for the list of compared files");
    *at = f;
    return c->work->base_n++, true;
}

/* ---- judging ---- */

/* Setup writes the folders' own paths into some configuration files: where many differ, they are told together. */
enum { NAMES_MAX = 3, CONFIGS_MAX = 12 };

struct names { struct str name[NAMES_MAX]; uint64_t n; };

struct judge {
    struct files_context *c;
    const struct baseline *b;
    const struct product *build;          /* what the server is; NULL: unknown, or several */
    enum baseline_fit     fit[BASELINE_PACKS_MAX], best;
    uint32_t             *told;           /* node -> fact that asks about it already, or UINT32_MAX */
    uint64_t              compared, known;
    struct names          folder;         /* right below the install folder, of what was compared */
    bool                  web;            /* so was the site's own folder */
    struct names          extra, changed, other_extra, other_changed, missing, config;
};

static void name(struct names *to, struct str rest)
{
    if (to->n < NAMES_MAX)
        to->name[to->n] = rest;
    to->n++;
}

static void folder(struct judge *j, const struct base_file *f)
{
    struct str top = str_sub(f->rest, 0, str_chr(f->rest, '\\'));

    j->web = j->web || f->root == BASELINE_WEB;
    for (size_t i = 0; i < j->folder.n && i < NAMES_MAX; i++)
        if (str_ieq(j->folder.name[i], top))
            return;
    /* Beyond the ones that are named nobody counts: "and more" is enough. */
    if (f->root == BASELINE_INSTALL && j->folder.n <= NAMES_MAX)
        name(&j->folder, top);
}

/* The build by its own program only: setup logs name the cumulative update, and a security update changes pages. */
static const struct product *build_of(const struct files_context *c)
{
    const struct server  *s = &c->found->server;
    const struct product *p = NULL;

    for (size_t i = 0; c->work->exsetup && i < s->product_n; i++) {
        if (s->product[i].parts != 4)
            continue;
        if (p)
            return NULL;
        p = &s->product[i];
    }
    return p;
}

/* Nine of ten files of a pack are as the pack has them: its build is near, whatever it is called. */
static bool agrees(const struct judge *j, size_t pack)
{
    enum { FEW = 10 };
    uint64_t same = 0, other = 0;

    for (size_t i = 0; i < j->c->work->base_n; i++) {
        const struct base_file *f = &j->c->work->base[i];
        bool named = false;
        for (uint32_t r = f->first; r != MAP_NONE && !named; r = j->b->row[r].next)
            named = j->b->row[r].pack == pack;
        same += named && f->known;
        other += named && !f->known;
    }
    return same >= FEW && same >= 9 * other;
}

static void fits(struct judge *j)
{
    for (size_t i = 0; i < j->b->pack_n; i++) {
        j->fit[i] = j->build ? baseline_fit(j->b->pack[i].builds, j->build->v, j->build->parts) : agrees(j, i) ? BASELINE_NEAR : BASELINE_OTHER;
        j->best   = j->fit[i] > j->best ? j->fit[i] : j->best;
    }
}

static enum baseline_fit row_fit(const struct judge *j, uint32_t first)
{
    enum baseline_fit best = BASELINE_OTHER;

    for (uint32_t i = first; i != MAP_NONE; i = j->b->row[i].next) {
        enum baseline_fit f = j->build ? baseline_fit(j->b->row[i].builds, j->build->v, j->build->parts) : j->fit[j->b->row[i].pack];
        best = f > best ? f : best;
    }
    return best;
}

/* *ret_pack: the pack that covers the file's folder and fits best. */
static bool covering(const struct judge *j, const struct base_file *f, size_t *ret_pack)
{
    bool any = false;

    for (size_t i = 0; i < j->b->pack_n; i++) {
        if (!baseline_covers(&j->b->pack[i], f->root, f->rest) || (any && j->fit[i] <= j->fit[*ret_pack]))
            continue;
        *ret_pack = i;
        any       = true;
    }
    return any;
}

static size_t best_pack(const struct judge *j)
{
    size_t at = 0;

    for (size_t i = 0; i < j->b->pack_n; i++)
        if (j->fit[i] > j->fit[at])
            at = i;
    return at;
}

struct words { const char *detector, *title, *why; enum file_fact_kind kind; enum severity severity; double confidence; };

static void say(struct judge *j, const struct base_file *f, size_t pack, const struct words *w, const char *more)
{
    struct files_context       *c = j->c;
    const struct ev_node       *n = &c->ev->node[f->node];
    const struct baseline_pack *p = &j->b->pack[pack];
    uint32_t                    told = j->told[f->node];

    if (told != UINT32_MAX) {
        /* Asked already: what the baseline says belongs to the same question. */
        struct file_fact *had = &c->found->fact[told];
        struct str   why = files_text(c, "%.*s The baseline \"%.*s\" %s.", STR_ARG(str_sub(had->why, 0, 280)), STR_ARG(str_sub(p->id, 0, 60)),
                                      f->first == MAP_NONE ? "has no such file" : "has another content for it");
        if (had->kind == FILE_FACT_PAGE_REVIEW && why.p)
            had->why = why;
        return;
    }
    struct file_fact *x = files_fact_at(c, n, w->kind, w->detector, w->severity, w->confidence);
    if (!x)
        return;
    x->what         = w->kind == FILE_FACT_PAGE_REVIEW ? STR("unknown") : STR_EMPTY;
    x->product_page = f->first != MAP_NONE;
    x->time_us      = w->kind == FILE_FACT_PAGE_REVIEW && f->first == MAP_NONE ? n->btime_us : TIME_NONE;
    x->title        = str_c(w->title);
    x->why          = files_text(c, "%s Compared with the baseline \"%.*s\", build %.*s.%s", w->why, STR_ARG(str_sub(p->id, 0, 60)), STR_ARG(str_sub(p->builds, 0, 60)), more);
    x->cite.excerpt = files_text(c, "%.*s, %llu bytes", STR_ARG(winpath_name(n->path)), (unsigned long long)n->size_bytes);
    if (w->kind != FILE_FACT_PAGE_REVIEW)
        x->url = STR_EMPTY;
    else if (f->script && f->first == MAP_NONE)
        files_attack(x, "T1505.003");
}

/*
 * "owa\auth\15.1.1979\...": setup leaves the folders of the builds that were here before, and a clean installation of today's build has none.
 */
static bool of_an_older_build(const struct judge *j, struct str rest)
{
    struct str part;
    uint16_t   v[4];
    int        parts;

    for (struct str dir = winpath_dir(rest); str_cut(&dir, '\\', &part);)
        if (build_parse(part, v, &parts) && parts >= 3 && (v[0] == 14 || v[0] == 15) && !(j->build && memcmp(v, j->build->v, sizeof *v * (size_t)parts) == 0))
            return true;
    return false;
}

static void extra(struct judge *j, const struct base_file *f, size_t pack)
{
    static const struct words
        page    = { "files/baseline-extra", "Page that a clean installation of this build does not have", "The product's own folder holds a page that is not the product's.",
                    FILE_FACT_PAGE_REVIEW, SEV_HIGH, 0.8 },
        page_e  = { "files/baseline-extra", "Page that a clean installation of this build does not have", "The product's own folder holds a page that is not the product's.",
                    FILE_FACT_PAGE_REVIEW, SEV_MEDIUM, 0.6 },
        near    = { "files/baseline-extra", "Page that a clean installation of this cumulative update does not have",
                    "The product's own folder holds a page that the clean one lacks. The security update is another one or not known, which seldom adds pages.", FILE_FACT_PAGE_REVIEW, SEV_MEDIUM, 0.5 },
        older   = { "files/baseline-extra", "Page in a folder of another build", "The folder bears the number of a build that the baseline is not of. Updates leave such folders behind, but seldom with pages.",
                    FILE_FACT_PAGE_REVIEW, SEV_MEDIUM, 0.5 },
        program = { "files/baseline-program", "Program beside the product's pages that a clean installation does not have",
                    "Pages of this folder load it. Other products add their own: check whose it is.", FILE_FACT_NOTE, SEV_MEDIUM, 0.4 },
        config  = { "files/baseline-config", "Configuration that a clean installation does not have", "A web server reads it for its folder. Administrators and other products add some.", FILE_FACT_NOTE, SEV_LOW,
                    0.3 },
        script  = { "files/baseline-script", "Script beside the logon pages that a clean installation does not have", "Pages that people log on with may load it.", FILE_FACT_NOTE, SEV_LOW, 0.3 };
    enum baseline_fit fit = j->fit[pack];

    /* The site's own folder is not the product's: whoever runs a site there adds pages. files_pages asks about the places that have none. */
    if (f->root == BASELINE_WEB) {
        if (f->kind == BASELINE_PAGE && j->told[f->node] != UINT32_MAX)
            say(j, f, pack, &near, "");
        return;
    }
    bool old = of_an_older_build(j, f->rest);
    if (fit == BASELINE_OTHER || (old && f->kind != BASELINE_PAGE)) {
        name(&j->other_extra, f->rest);
        return;
    }
    name(&j->extra, f->rest);
    struct str url;
    struct arena scratch = j->c->work->scratch;
    bool served = files_served(j->c, &scratch, j->c->ev->node[f->node].path, &url);
    const char *more = f->script ? " It holds server-side script." : "";
    if (f->kind == BASELINE_PAGE)
        say(j, f, pack, old ? &older : fit == BASELINE_NEAR ? &near : f->script && served ? &page : &page_e, more);
    else if (fit == BASELINE_SAME)
        say(j, f, pack, f->kind == BASELINE_PROGRAM ? &program : f->kind == BASELINE_CONFIG ? &config : &script, more);
}

static bool changed(struct judge *j, const struct base_file *f, struct err *e)
{
    static const struct words
        page    = { "files/baseline-changed", "Page of the product with other content than a clean installation of this build", "The same build has this page with other content: an administrator, another product or an "
                    "intruder changed it.", FILE_FACT_PAGE_REVIEW, SEV_HIGH, 0.7 },
        program = { "files/baseline-program", "Program of the product with other content than a clean installation of this build",
                    "Pages of this folder load it. An interim update may have replaced it.", FILE_FACT_NOTE, SEV_MEDIUM, 0.5 },
        config  = { "files/baseline-config", "Configuration that differs from a clean installation", "Administrators and setup edit it: compare the two.", FILE_FACT_NOTE, SEV_LOW, 0.3 },
        script  = { "files/baseline-script", "Script of the logon pages with other content than a clean installation of this build",
                    "It runs in the browser of everybody who logs on, and could keep their passwords.", FILE_FACT_NOTE, SEV_MEDIUM, 0.5 };
    static const struct words *const kinds[] = { [BASELINE_PAGE] = &page, [BASELINE_CONFIG] = &config, [BASELINE_PROGRAM] = &program, [BASELINE_SCRIPT] = &script };
    struct files_work *w = j->c->work;

    if (row_fit(j, f->first) == BASELINE_SAME) {
        size_t pack = j->b->row[f->first].pack;
        for (uint32_t i = f->first; i != MAP_NONE; i = j->b->row[i].next)
            if (j->fit[j->b->row[i].pack] > j->fit[pack])
                pack = j->b->row[i].pack;
        if (f->root == BASELINE_WEB && f->kind == BASELINE_PAGE) {
            struct words soft = page;
            soft.severity = SEV_MEDIUM;       /* no page of the product, and one that an administrator may own */
            say(j, f, pack, &soft, "");
        } else if (f->kind != BASELINE_CONFIG || j->config.n <= CONFIGS_MAX) {
            say(j, f, pack, kinds[f->kind], f->kind == BASELINE_PAGE && f->script ? " It holds server-side script." : "");
        }
        name(&j->changed, f->rest);
        return true;
    }
    name(&j->other_changed, f->rest);
    /* No baseline of this build: what the campaign's own list has to say about this page still counts. */
    struct str proxy = files_proxy_rest(j->c->ev->node[f->node].path);
    if (f->kind != BASELINE_PAGE || !proxy.n || !files_clean_page(j->c->pack, proxy, NULL))
        return true;
    uint32_t *at = GROW(&w->pile, w->changed, w->changed_n, &w->changed_cap);
    if (!at)
        return err_set(e, ERR_MEMORY, "no room for changed pages");
    *at = f->node;
    w->changed_n++;
    return true;
}

/* Which nodes are asked about already? Facts about records of a log name other files. */
static bool already(struct judge *j, struct arena *a, struct err *e)
{
    const struct detected *d = j->c->found;

    j->told = NEW(a, uint32_t, j->c->ev->node_n + 1);
    if (!j->told)
        return err_set(e, ERR_MEMORY, "no room for the list of files");
    memset(j->told, 0xff, sizeof *j->told * (j->c->ev->node_n + 1));
    for (size_t i = 0; i < d->fact_n; i++) {
        const struct file_fact *f = &d->fact[i];
        if (f->cite.node < j->c->ev->node_n && f->kind != FILE_FACT_EXPOSURE && f->kind != FILE_FACT_MITIGATION && j->told[f->cite.node] == UINT32_MAX)
            j->told[f->cite.node] = (uint32_t)i;
    }
    return true;
}

/* A page that its own build has, in a folder of which another page is here, is gone or was not collected. */
static bool missing(struct judge *j, struct arena *a, struct err *e)
{
    const struct baseline *b = j->b;
    struct map             folder = { .fold = true };
    uint8_t               *have = NEW(a, uint8_t, b->row_n + 1);

    if (!have)
        return err_set(e, ERR_MEMORY, "no room for missing pages");
    for (size_t i = 0; i < j->c->work->base_n; i++) {
        const struct base_file *f = &j->c->work->base[i];
        if (f->first == MAP_NONE || f->root != BASELINE_INSTALL || f->kind != BASELINE_PAGE)
            continue;
        have[f->first] = 1;
        if (map_get(&folder, winpath_dir(f->rest)) == MAP_NONE && !map_put(&folder, a, winpath_dir(f->rest), 1))
            return err_set(e, ERR_MEMORY, "no room for missing pages");
    }
    for (size_t i = 0; i < b->row_n; i++) {
        const struct baseline_row *r = &b->row[i];
        if (r->root != BASELINE_INSTALL || j->fit[r->pack] != BASELINE_SAME || !winpath_is_page(r->path))
            continue;
        uint32_t first = baseline_first(b, r->root, r->path);
        if (have[first] || map_get(&folder, winpath_dir(r->path)) == MAP_NONE)
            continue;
        have[first] = 1;
        name(&j->missing, r->path);
    }
    return true;
}

static struct str listed(struct files_context *c, const struct names *n)
{
    struct str all = STR_EMPTY;

    for (size_t i = 0; i < n->n && i < NAMES_MAX; i++)
        all = files_text(c, "%.*s%s%.*s", STR_ARG(all), i ? ", " : "", STR_ARG(str_sub(n->name[i], 0, 90)));
    return n->n > NAMES_MAX ? files_text(c, "%.*s and %llu more", STR_ARG(all), (unsigned long long)(n->n - NAMES_MAX)) : all;
}

/* About the comparison as a whole. It rests on what tells the build, or on the first file compared. */
static struct file_fact *note(struct judge *j, const char *detector, enum severity severity)
{
    struct files_context *c = j->c;
    uint32_t     at = j->build && j->build->cite.node < c->ev->node_n ? j->build->cite.node : c->work->base_n ? c->work->base[0].node : UINT32_MAX;
    struct file_fact *f  = files_fact_at(c, at == UINT32_MAX ? NULL : &c->ev->node[at], FILE_FACT_NOTE, detector, severity, 0.9);

    if (!f)
        return NULL;
    f->path      = f->url = f->name = f->hash_hex = STR_EMPTY;
    f->bytes     = 0;
    f->state     = THING_UNKNOWN;
    f->reachable = REACH_UNKNOWN;
    f->created_us = TIME_NONE;
    return f;
}

static void summary(struct judge *j)
{
    struct files_context       *c = j->c;
    const struct baseline_pack *p = &j->b->pack[best_pack(j)];
    bool                        odd = j->best == BASELINE_SAME && j->compared >= 10 && j->known < j->compared / 2;
    struct file_fact           *f = note(j, "files/baseline", odd ? SEV_MEDIUM : SEV_INFO);
    struct str                  build = j->build ? j->build->build : STR("unknown build");
    char                        hex[65];

    if (!f)
        return;
    num_tohex(p->sha256, sizeof p->sha256, hex);
    hex[16] = 0;
    struct str with = files_text(c, "\"%.*s\" (build %.*s, SHA-256 %s...)%s", STR_ARG(str_sub(p->id, 0, 60)), STR_ARG(str_sub(p->builds, 0, 60)), hex,
                                 j->b->pack_n > 1 ? " and others" : "");
    struct str where = files_text(c, "%.*s%s%.*s%s%s", STR_ARG(str_sub(j->folder.name[0], 0, 40)), j->folder.n > 1 ? ", " : "", STR_ARG(str_sub(j->folder.name[1], 0, 40)),
                                  j->folder.n > 2 ? " and more" : "", !j->web ? "" : j->folder.n ? ", web root" : "web root");
    f->title = files_text(c, "Compared %llu files of %s%.*s with known-good ones%s: %llu unknown, %llu %s", (unsigned long long)j->compared, j->build ? "build " : "an ", STR_ARG(build),
                          j->best == BASELINE_SAME ? "" : " of another build", (unsigned long long)(j->extra.n + j->other_extra.n),
                          (unsigned long long)(j->changed.n + j->other_changed.n), j->best == BASELINE_SAME ? "changed" : "different");
    if (!j->compared)
        f->why = files_text(c, "The baseline is %.*s. No file of its folders is in the evidence.", STR_ARG(with));
    else if (j->best == BASELINE_SAME)
        f->why = files_text(c, "The baseline is %.*s. Compared: %.*s; %llu files are as it has them.%s", STR_ARG(with), STR_ARG(where), (unsigned long long)j->known,
                            odd ? " Most are not: the baseline may be of another edition, or ExSetup.exe does not tell the build of the pages." : "");
    else
        f->why = files_text(c, "The baseline is %.*s: the build differs or is not known, so a file that differs says nothing. Compared: %.*s; %llu files are as it has them. "
                            "Make a baseline of the server's own build.", STR_ARG(with), STR_ARG(where), (unsigned long long)j->known);
    f->cite.excerpt = j->other_extra.n ? files_text(c, "not in it: %.*s", STR_ARG(listed(c, &j->other_extra))) : files_text(c, "baseline \"%.*s\"", STR_ARG(str_sub(p->title, 0, 120)));
}

static void configs(struct judge *j)
{
    struct file_fact *f = j->config.n > CONFIGS_MAX ? note(j, "files/baseline-config", SEV_LOW) : NULL;

    if (!f)
        return;
    f->title = files_text(j->c, "%llu configuration files differ from a clean installation", (unsigned long long)j->config.n);
    f->why   = STR("Setup writes paths and names into them, and administrators edit them. What they load is judged by itself; compare those that matter.");
    f->cite.excerpt = listed(j->c, &j->config);
}

static void gone(struct judge *j)
{
    struct file_fact *f = j->missing.n ? note(j, "files/baseline-missing", SEV_INFO) : NULL;

    if (!f)
        return;
    f->title = files_text(j->c, "%llu page%s of this build %s not there", (unsigned long long)j->missing.n, j->missing.n == 1 ? "" : "s", j->missing.n == 1 ? "is" : "are");
    f->why   = files_text(j->c, "Other pages of the same folders are in the evidence: these were removed, never installed, or left out by whoever collected it.");
    f->cite.excerpt = listed(j->c, &j->missing);
}

static bool done(struct files_context *c, struct err *e)
{
    struct judge j = { .c = c, .b = c->opt->baseline };
    struct arena a = c->work->scratch;

    if (!j.b || !j.b->pack_n)
        return true;
    j.build = build_of(c);
    fits(&j);
    if (!already(&j, &a, e))
        return false;
    for (size_t i = 0; i < c->work->base_n; i++) {
        const struct base_file *f = &c->work->base[i];
        if (f->kind == BASELINE_CONFIG && f->first != MAP_NONE && !f->known && row_fit(&j, f->first) == BASELINE_SAME)
            name(&j.config, f->rest);
    }
    /* What is judged takes scratch by value from here on. */
    c->work->scratch = a;
    for (size_t i = 0; i < c->work->base_n; i++) {
        const struct base_file *f = &c->work->base[i];
        size_t pack = 0;
        if (f->first == MAP_NONE && !covering(&j, f, &pack))
            continue;
        j.compared++;
        j.known += f->known;
        folder(&j, f);
        if (f->known)
            continue;
        if (f->first == MAP_NONE)
            extra(&j, f, pack);
        else if (!changed(&j, f, e))
            return false;
    }
    a = c->work->scratch;
    if (!missing(&j, &a, e))
        return false;
    summary(&j);
    configs(&j);
    gone(&j);
    return true;
}

const struct files_detector files_baseline = {
    .name = "baseline", .about = "the product's own pages against those of a clean installation (--baseline)", .wants = wants, .look = look, .done = done,
};
