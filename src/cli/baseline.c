/*
 * baseline: a known-good pack from a clean installation or from installation media.
 *
 * Order    the tree is hunted first (files only, no logs): what looks like a back door, or like a way back in, is named and nothing is written. A
 *          baseline that holds an intruder's page would hide it on every server that is compared with it.
 * Same     the same tree gives the same bytes. There is no clock; --date puts a day in.
 * Media    "Setup\ServerRoles" of the installation media is taken for the install folder: a guess, which pack.yaml tells. Setup changes
 *          some configuration files while it installs.
 * Source   docs/baseline.md.
 */
#include "cli/apart.h"
#include "cli/campaign.h"
#include "cli/setup.h"
#include "cli/verbs.h"

#include "base/num.h"
#include "base/winpath.h"
#include "detect/files.h"
#include "emit/csv.h"
#include "formats/pe.h"
#include "os/pool.h"
#include "pack/baseline.h"

#include <stdlib.h>
#include <string.h>

enum { B_OUT, B_JOBS, B_BUILD, B_DATE, B_OPTS };
static const struct opt baseline_opts[B_OPTS + 1] = {
    [B_OUT] = { "out", "DIR", "writes the pack there", NULL },
    [B_JOBS] = { "jobs", "N", "threads; without it one per core", NULL },
    [B_BUILD] = { "build", "BUILD", "the build, where no program of the tree tells it: 15.1.2106.2", NULL },
    [B_DATE] = { "date", "DAY", "when the pack was made, for its pack.yaml: 2021-03-05", NULL },
};

struct entry { struct ev_node *node; enum baseline_root root; enum baseline_kind kind; struct str rest; };

struct work {
    struct str      out, build, build_from, date, product, tree;
    uint16_t        v[4];
    uint32_t        jobs;
    struct pack     pack;
    struct sigma    sigma;
    struct ev       ev;
    struct detected found;
    struct hunt    *hunt;
    struct entry   *entry;  size_t entry_n, entry_cap;
    struct str     *folder; size_t folder_n, folder_cap;
    size_t          rows[BASELINE_ROOTS];
    bool            media;
};

/* ---- is it clean? ---- */

static bool accuses(const struct fact *f)
{
    switch (f->kind) {
    case FACT_PAGE: case FACT_WAY_BACK: case FACT_SECRET: case FACT_LOOT: case FACT_TOOL: case FACT_RANSOM:
        return true;
    case FACT_PAGE_LEFT: case FACT_AV:
        return f->severity >= SEV_HIGH;
    default:
        return false;
    }
}

static bool clean(struct cli *c, const struct work *w, struct err *e)
{
    enum { SHOWN = 20 };
    size_t n = 0;

    for (size_t i = 0; i < w->found.fact_n; i++) {
        const struct fact *f = &w->found.fact[i];
        bool bad = accuses(f);
        if (!bad && !(f->kind == FACT_PAGE_REVIEW && f->severity >= SEV_MEDIUM))
            continue;
        n += bad;
        if (n > SHOWN || (!bad && c->silent))
            continue;
        out_c(c->err, bad ? "afterpatch: not clean: " : "afterpatch: note: look at it before you trust this baseline: ");
        out_term(c->err, f->path, 300);
        out_c(c->err, ": ");
        out_term(c->err, f->title, 200);
        out_c(c->err, "\n");
    }
    if (n == 0)
        return true;
    err_set(e, ERR_FORMAT, "this is no clean installation: %zu thing%s in it belong%s to an intruder; nothing is written", n, n == 1 ? "" : "s", n == 1 ? "s" : "");
    return err_hint(e, "take an installation that was never reachable, and hunt this one");
}

/* ---- what goes in ---- */

static bool gather(struct work *w, struct arena *keep, struct err *e)
{
    for (size_t i = 0; i < w->ev.node_n; i++) {
        struct entry x = { .node = &w->ev.node[i] };
        if (!files_baseline_place(&w->ev, x.node->path, &x.root, &x.rest))
            continue;
        x.kind = baseline_kind_of(x.root, x.rest);
        if (x.kind == BASELINE_NOTHING)
            continue;
        struct entry *at = GROW(keep, w->entry, w->entry_n, &w->entry_cap);
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
static bool folders(struct work *w, struct arena *keep, struct err *e)
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
    const struct entry *a = x, *b = y;
    int c = a->root != b->root ? (a->root < b->root ? -1 : 1) : str_icmp(a->rest, b->rest);

    return c ? c : memcmp(a->node->sha256, b->node->sha256, 32);
}

/* What could not be read would be missing from the list, and so be an extra page on every other server. */
static bool whole(const struct work *w, struct err *e)
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

struct hashing { struct work *w; struct arena *each; };

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

static bool hash_all(struct cli *c, struct work *w, struct err *e)
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
static bool build_of_programs(struct cli *c, struct work *w, struct err *e)
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

static bool build_make(struct cli *c, struct work *w, struct err *e)
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

static bool head_write(struct out *o, const struct work *w)
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

static bool list_write(struct out *o, const struct work *w, enum baseline_root root)
{
    struct csv csv;
    char       hex[65];
    const struct entry *last = NULL;

    csv_open(&csv, o, false);
    out_c(o, "path,sha256,builds,bytes\r\n");
    for (size_t i = 0; i < w->entry_n; i++) {
        const struct entry *x = &w->entry[i];
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

static bool write_all(struct cli *c, struct work *w, struct err *e)
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

/* ---- the verb ---- */

static bool given(const struct args *args, struct work *w, struct err *e)
{
    int64_t day;

    if (args->operand_n != 1) {
        err_set(e, ERR_USAGE, args->operand_n ? "one tree is taken, %zu are given" : "no tree is given (%zu)", args->operand_n);
        return err_hint(e, "afterpatch baseline --out packs/mine /mnt/clean");
    }
    w->out   = args->value[B_OUT];
    w->tree  = args->operand[0];
    w->build = args->value[B_BUILD];
    w->date  = args->value[B_DATE];
    w->jobs  = os_cores();
    if (!w->out.n) {
        err_set(e, ERR_USAGE, "--out is missing");
        return err_hint(e, "afterpatch baseline --out packs/mine /mnt/clean");
    }
    if (args->given[B_JOBS] && (!num_u32(args->value[B_JOBS], &w->jobs) || !w->jobs || w->jobs > SETUP_JOBS_MAX))
        return err_set(e, ERR_USAGE, "--jobs cannot be \"%.*s\": a number from 1 to %d", STR_ARG(str_sub(args->value[B_JOBS], 0, 40)), SETUP_JOBS_MAX);
    w->jobs = w->jobs < 1 ? 1 : w->jobs > 16 ? 16 : w->jobs;
    if (w->date.n && (w->date.n != sizeof "2021-03-05" - 1 || !time_parse(w->date, &day)))
        return err_set(e, ERR_USAGE, "--date cannot read \"%.*s\" as a day", STR_ARG(str_sub(w->date, 0, 40)));
    return true;
}

static bool make(struct cli *c, struct work *w, const struct args *args, struct err *e)
{
    if (!given(args, w, e) || !apart_check(c->os, w->out, args->operand, 1, c->scratch, e) ||
        !campaign_load(c->os, str_c(pack_embedded_ids[0]), STR_EMPTY, &c->keep, &w->pack, &w->sigma, e) ||
        !ev_open(&w->ev, c->os, &c->keep, args->operand, 1, e))
        return false;
    struct hunt_options opt = { .jobs = w->jobs, .since_us = TIME_NONE, .until_us = TIME_NONE };
    if (!hunt_open(&w->hunt, c->os, &w->ev, &w->pack, &w->sigma, &opt, &c->keep, &w->found, e) || !hunt_files(w->hunt, e))
        return false;
    if (!clean(c, w, e) || !gather(w, &c->keep, e) || !folders(w, &c->keep, e) || !hash_all(c, w, e) || !build_make(c, w, e))
        return false;
    qsort(w->entry, w->entry_n, sizeof *w->entry, by_place);
    if (w->folder_n)
        qsort(w->folder, w->folder_n, sizeof *w->folder, by_text);
    if (!whole(w, e) || !write_all(c, w, e))
        return false;
    out_fmt(c->out, "baseline of build %u.%u.%u.%u: %zu files of the product, %zu of the web root, in ", w->v[0], w->v[1], w->v[2], w->v[3], w->rows[BASELINE_INSTALL],
            w->rows[BASELINE_WEB]);
    out_term(c->out, w->out, 200);
    out_c(c->out, "\n");
    return true;
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct err   e = { 0 };
    struct work *w = NEW(&c->keep, struct work, 1);

    if (!w) {
        err_set(&e, ERR_MEMORY, "no room for the work");
        return cli_fail(c, v->name, &e);
    }
    int code = make(c, w, args, &e) ? CLI_DONE : cli_fail(c, v->name, &e);
    hunt_close(w->hunt);
    ev_close(&w->ev);
    sigma_close(&w->sigma);
    return code;
}

static const struct example examples[] = {
    { "afterpatch baseline --out packs/cu18 /mnt/clean", "From the disk of a clean server of the same build" },
    { "afterpatch hunt --baseline packs/cu18 --out report /mnt/evidence", "Extra and changed pages of the product are findings" },
    { NULL, NULL },
};

const struct verb verb_baseline = {
    .name = "baseline", .about = "makes a list of known-good files from a clean installation, to hunt with", .usage = "--out DIR [OPTION]... TREE",
    .text = "TREE is the drive of a clean Exchange server of the same build (cumulative and security update), its install folder, or the root of "
            "the installation media. Its pages, configuration and the programs beside them are listed with SHA-256 and build.\n\n"
            "A tree in which the file detectors find what belongs to an intruder is refused, and nothing is written. Take an installation that "
            "was never reachable from outside: the list says that what it holds is good.\n\n"
            "The same tree gives the same files, byte for byte.",
    .opt = baseline_opts, .example = examples, .run = run,
};
