/* The list of a baseline: which files, their hashes, the build, and the pack's files. */
#include "cli/baseline_list.h"

#include "base/num.h"
#include "base/winpath.h"
#include "detect/files.h"
#include "emit/csv.h"
#include "formats/pe.h"
#include "os/pool.h"

#include <stdlib.h>
#include <string.h>

/* ---- what goes in ---- */

static bool gather(struct baseline_work *w, struct arena *keep, struct err *e)
{
    for (size_t i = 0; i < w->ev.node_n; i++) {
        struct baseline_entry x = { .node = &w->ev.node[i] };
        if (!files_baseline_place(&w->ev, x.node->path, &x.root, &x.rest))
            continue;
        x.kind = baseline_kind_of(x.root, x.rest);
        if (x.kind == BASELINE_NOTHING)
            continue;
        struct baseline_entry *at = GROW(keep, w->entry, w->entry_n, &w->entry_cap);
        if (!at)
            return err_set(e, ERR_MEMORY, "no room for the list of files");
        *at = x;
        w->entry_n++;
        w->rows[x.root]++;
        w->media = w->media || str_ihas(x.node->path, STR("\\Setup\\ServerRoles\\"));
    }
    if (w->rows[BASELINE_INSTALL])
        return true;
    err_set(e, ERR_FORMAT, "no Exchange install folder with pages in it was found");
    return err_hint(e, "give the drive's root, the install folder (it holds FrontEnd and ClientAccess), or the media's root");
}

/* Folders right below the install folders: what is looked at whole. */
static bool folders(struct baseline_work *w, struct arena *keep, struct err *e)
{
    struct map had = { .fold = true };

    for (size_t i = 0; i < w->ev.dir_n + w->entry_n; i++) {
        enum baseline_root root;
        struct str         rest;
        if (i < w->ev.dir_n) {
            /* A name is put behind the folder, so that the folder itself is a place. */
            struct str probe = str_cat(keep, w->ev.dir[i], STR("\\x"));
            if (!probe.p)
                return err_set(e, ERR_MEMORY, "no room for the list of folders");
            if (!files_baseline_place(&w->ev, probe, &root, &rest))
                continue;
        } else {
            root = w->entry[i - w->ev.dir_n].root;
            rest = w->entry[i - w->ev.dir_n].rest;
        }
        size_t cut = str_chr(rest, '\\');
        struct str top = str_sub(rest, 0, cut);
        if (root != BASELINE_INSTALL || cut == STR_NONE || map_get(&had, top) != MAP_NONE)
            continue;
        if (w->folder_n == BASELINE_FOLDERS_MAX)
            break;
        struct str *at = GROW(keep, w->folder, w->folder_n, &w->folder_cap);
        if (!at || !map_put(&had, keep, top, 1))
            return err_set(e, ERR_MEMORY, "no room for the list of folders");
        *at = top;
        w->folder_n++;
    }
    return true;
}

static int by_text(const void *x, const void *y) { return str_icmp(*(const struct str *)x, *(const struct str *)y); }

static int by_place(const void *x, const void *y)
{
    const struct baseline_entry *a = x, *b = y;
    int c = a->root != b->root ? (a->root < b->root ? -1 : 1) : str_icmp(a->rest, b->rest);

    return c ? c : memcmp(a->node->sha256, b->node->sha256, 32);
}

/* What could not be read would be missing from the list, and so be an extra page on every other server. */
static bool whole(const struct baseline_work *w, struct err *e)
{
    for (size_t i = 0; i < w->ev.refused_n; i++) {
        enum baseline_root root;
        struct str         rest;
        if (!files_baseline_place(&w->ev, w->ev.refused[i].path, &root, &rest) || root != BASELINE_INSTALL)
            continue;
        err_set(e, ERR_IO, "a baseline has to be whole: %.*s", STR_ARG(str_sub(w->ev.refused[i].what, 0, 120)));
        err_where(e, "%.*s", STR_ARG(str_sub(w->ev.refused[i].path, 0, 200)));
        return err_hint(e, "%.*s", STR_ARG(w->ev.refused[i].hint));
    }
    return true;
}

/* ---- hashes of what the hunt had no reason to read whole ---- */

struct hashing { struct baseline_work *w; struct arena *each; };

static bool hash_one(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    enum { PIECE = 1 << 18 };
    struct hashing   *h = ctx;
    struct ev_node   *n = h->w->entry[i].node;
    struct arena      a = h->each[worker];
    struct ev_stream *s = NULL;
    uint8_t          *buf = NEW(&a, uint8_t, PIECE);
    size_t            got = 1;

    (void)turn;
    if (n->hashed)
        return true;
    bool ok = buf ? ev_stream_open(&s, &h->w->ev, n, true, &a, e) : err_set(e, ERR_MEMORY, "no room to read a file");
    while (ok && got)
        ok = ev_stream_fill(s, buf, PIECE, &got, e);
    ev_stream_close(s);
    return ok;
}

static bool hash_all(struct cli *c, struct baseline_work *w, struct err *e)
{
    enum { ROOM = 1 << 20 };
    struct hashing h = { .w = w, .each = NEW(&c->keep, struct arena, w->jobs) };

    for (uint32_t i = 0; h.each && i < w->jobs; i++) {
        uint8_t *p = TAKE(&c->keep, uint8_t, ROOM);
        if (!p)
            h.each = NULL;
        else
            h.each[i] = (struct arena){ p, p + ROOM, NULL };
    }
    return h.each ? pool_run(w->jobs, w->entry_n, hash_one, &h, e) : err_set(e, ERR_MEMORY, "no room to read files");
}

/* ---- the build ---- */

static bool newer(const uint16_t *a, const uint16_t *b)
{
    for (int i = 0; i < 4; i++)
        if (a[i] != b[i])
            return a[i] > b[i];
    return false;
}

/* Media has no installed ExSetup.exe: the newest program of the product that lies beside pages tells. */
static bool build_of_programs(struct cli *c, struct baseline_work *w, struct err *e)
{
    enum { PROGRAM_MAX = 24 << 20 };

    for (size_t i = 0; i < w->entry_n; i++) {
        struct arena scratch = c->scratch;
        struct str   body;
        struct pe    p;
        struct err   why = { 0 };
        if (w->entry[i].kind != BASELINE_PROGRAM || !str_ihas(winpath_name(w->entry[i].rest), STR("Microsoft.Exchange.")))
            continue;
        if (!ev_slurp(&w->ev, w->entry[i].node, PROGRAM_MAX, &scratch, &body, &why) || !pe_parse(&p, &scratch, body, &why) || !p.has_version)
            continue;
        if ((p.version[0] != 14 && p.version[0] != 15) || !newer(p.version, w->v))
            continue;
        memcpy(w->v, p.version, sizeof w->v);
        w->build_from = w->entry[i].rest;
    }
    if (!w->build_from.n) {
        err_set(e, ERR_FORMAT, "no program in this tree tells the build");
        return err_hint(e, "give it: --build 15.1.2106.2");
    }
    return true;
}

static bool build_make(struct cli *c, struct baseline_work *w, struct err *e)
{
    int parts = 4;

    if (w->build.n) {
        if (!build_parse(w->build, w->v, &parts) || parts != 4)
            return err_set(e, ERR_USAGE, "--build cannot be \"%.*s\": four numbers, as in 15.1.2106.2", STR_ARG(str_sub(w->build, 0, 40)));
        w->build_from = STR("--build");
    } else {
        const struct product *best = NULL;
        for (size_t i = 0; i < w->found.server.product_n; i++) {
            const struct product *p = &w->found.server.product[i];
            if (p->parts == 4 && best)
                return err_set(e, ERR_FORMAT, "two builds in one tree: %.*s and %.*s", STR_ARG(best->build), STR_ARG(p->build));
            best = p->parts == 4 ? p : best;
        }
        if (best) {
            memcpy(w->v, best->v, sizeof w->v);
            w->build_from = STR("Bin\\ExSetup.exe");
        } else if (!build_of_programs(c, w, e)) {
            return false;
        }
    }
    struct build_answer a = { 0 };
    w->build = str_fmt(&c->keep, "%u.%u.%u.%u", w->v[0], w->v[1], w->v[2], w->v[3]);
    if (!w->build.p)
        return err_set(e, ERR_MEMORY, "no room for the build");
    if (!build_judge(&w->pack, &c->keep, w->v, 4, TIME_NONE, -1, &a, e))
        return false;
    w->product = a.product.n ? a.product : STR("Exchange Server");
    return true;
}

/* ---- writing ---- */

struct sink { struct os *os; struct os_file file; };

static bool put(void *ctx, struct str s, struct err *e)
{
    struct sink *f = ctx;
    return f->os->write(f->os, f->file, s, e);
}

static void yaml_quoted(struct out *o, struct str s)
{
    out_c(o, "'");
    for (size_t i = 0; i < s.n; i++) {
        out_str(o, str_sub(s, i, i + 1));
        if (s.p[i] == '\'')
            out_c(o, "'");
    }
    out_c(o, "'");
}

static bool head_write(struct out *o, const struct baseline_work *w)
{
    out_c(o, "# Known-good files of a clean installation. Use: afterpatch hunt --baseline DIR. Check: afterpatch pack check DIR.\nkind: baseline\n");
    out_fmt(o, "id: exchange-%u.%u.%u.%u\nversion: '%u.%u.%u.%u'\n", w->v[0], w->v[1], w->v[2], w->v[3], w->v[0], w->v[1], w->v[2], w->v[3]);
    out_fmt(o, "title: 'Known-good files of Exchange, build %u.%u.%u.%u'\nproduct: ", w->v[0], w->v[1], w->v[2], w->v[3]);
    yaml_quoted(o, w->product);
    out_fmt(o, "\nbuild: '%u.%u.%u.%u'\nbuild_from: ", w->v[0], w->v[1], w->v[2], w->v[3]);
    yaml_quoted(o, w->build_from);
    out_c(o, w->media ? "\nmade_from: 'installation media; that Setup\\ServerRoles lies as the install folder does is a guess'\n" : "\nmade_from: 'installation'\n");
    if (w->date.n) {
        out_c(o, "made: ");
        yaml_quoted(o, w->date);
        out_c(o, "\n");
    }
    out_c(o, "tool: 'afterpatch " AP_VERSION "'\n\n# Below the install folder: what was looked at whole, so that other pages there are extra ones.\nfolders:\n");
    for (size_t i = 0; i < w->folder_n; i++) {
        out_c(o, "  - ");
        yaml_quoted(o, w->folder[i]);
        out_c(o, "\n");
    }
    out_fmt(o, "web_root: %s\n", w->rows[BASELINE_WEB] ? "true" : "false");
    return !o->failed;
}

static bool list_write(struct out *o, const struct baseline_work *w, enum baseline_root root)
{
    struct csv csv;
    char       hex[65];
    const struct baseline_entry *last = NULL;

    csv_open(&csv, o, false);
    out_c(o, "path,sha256,builds,bytes\r\n");
    for (size_t i = 0; i < w->entry_n; i++) {
        const struct baseline_entry *x = &w->entry[i];
        if (x->root != root || !x->node->hashed)
            continue;
        if (last && str_ieq(last->rest, x->rest) && memcmp(last->node->sha256, x->node->sha256, 32) == 0)
            continue;
        last = x;
        num_tohex(x->node->sha256, 32, hex);
        csv_cell(&csv, x->rest);
        csv_cell(&csv, str_c(hex));
        csv_cell(&csv, w->build);
        csv_u64(&csv, x->node->size_bytes);
        csv_end(&csv);
    }
    return !o->failed;
}

bool baseline_list_write(struct cli *c, const struct baseline_work *w, struct err *e)
{
    static const struct { const char *name; int root; } file[] = { { "pack.yaml", -1 }, { "clean/install.csv", BASELINE_INSTALL }, { "clean/web.csv", BASELINE_WEB } };
    struct arena keep = c->keep;
    struct out  *o = NEW(&keep, struct out, 1);
    struct sink  f[COUNT_OF(file)];
    struct str   clean_dir = str_fmt(&keep, "%.*s/clean", STR_ARG(w->out));
    bool         ok = o && clean_dir.p ? c->os->mkdir(c->os, clean_dir, e) : err_set(e, ERR_MEMORY, "no room for an output buffer");
    size_t       n = 0;

    for (; ok && n < COUNT_OF(file); n++) {
        struct str path = str_fmt(&keep, "%.*s/%s", STR_ARG(w->out), file[n].name);
        f[n] = (struct sink){ c->os, OS_FILE_NONE };
        ok = path.p ? c->os->create(c->os, path, &f[n].file, e) : err_set(e, ERR_MEMORY, "no room for a path");
        if (!ok)
            continue;
        out_open(o, put, &f[n]);
        if (file[n].root < 0)
            head_write(o, w);
        else
            list_write(o, w, (enum baseline_root)file[n].root);
        ok = out_done(o, e);
    }
    /* Named when all are written: no baseline is half of an old one and half of a new one. */
    for (size_t i = 0; i < n; i++) {
        if (ok)
            ok = c->os->commit(c->os, &f[i].file, e);
        c->os->close(c->os, &f[i].file);
    }
    return ok ? true : e->where[0] ? false : err_where(e, "%.*s", STR_ARG(w->out));
}

bool baseline_list_make(struct cli *c, struct baseline_work *w, struct err *e)
{
    if (!gather(w, &c->keep, e) || !folders(w, &c->keep, e) || !hash_all(c, w, e) || !whole(w, e) || !build_make(c, w, e))
        return false;
    qsort(w->entry, w->entry_n, sizeof *w->entry, by_place);
    if (w->folder_n)
        qsort(w->folder, w->folder_n, sizeof *w->folder, by_text);
    return true;
}
