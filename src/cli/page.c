/*
 * page: what single pages do, for an administrator who found one.
 *
 * Worker   pages are read in a process without network and without any right to write (sandbox.h); one that brings its reader down is tried once
 *          more, then told as not analysed (guard.h).
 * Walk     folders are walked in order of name, links are not followed. One answer a file, also for files that are no pages. Files that a page includes
 *          or names as its code are read with it, where they lie below the folder given.
 * Bounds   DEPTH_MAX folders deep; of a file CONTAINER_BYTES_MAX bytes are analysed, all of it is hashed.
 */
#include "cli/page_out.h"
#include "cli/verbs.h"

#include "os/guard.h"
#include "os/sandbox.h"

#include <string.h>

enum { DEPTH_MAX = 64, READ_BYTES = 1 << 20, MARK_EVERY = 2048, LISTS_BYTES = 64 << 20, OTHER_MAX = 4 << 20, ABSENT_N = 1024, ABSENT_BYTES = 1 << 20, OPT_JSON = 0 };

static const struct opt opts[] = {
    { "json", NULL, "one line of JSON a file, also for the clean ones", NULL },
    { NULL, NULL, NULL, NULL },
};

struct pages {
    struct cli        *c;
    const struct args *args;
    struct guard      *g;
    struct os         *os;
    struct arena       room;             /* for one page */
    struct hash       *hash;
    uint64_t           n, unread, of[PAGE_BACK_DOOR + 1], since_mark;
    bool               json, alone;      /* alone: named by the operator, so told though it is clean */
    struct str         absent[ABSENT_N]; /* files below the operand that pages name and that are not there: many pages name the same. By their hash */
    struct arena       absent_room;
};

static bool report(struct pages *p, const struct page_said *s)
{
    p->n++;
    p->of[s->a.verdict]++;
    if (p->json)
        page_out_json(p->c->out, s);
    else if (p->alone || s->a.verdict != PAGE_CLEAN)
        page_out_text(p->c->out, s, p->c->colour);
    return true;
}

/* Hashes all of it and gives its head. */
static bool read_page(struct pages *p, struct os_file f, uint64_t size, struct arena *a, struct page_said *s, struct str *ret, struct err *e)
{
    size_t   keep = size < CONTAINER_BYTES_MAX ? (size_t)size : CONTAINER_BYTES_MAX, got = 0;
    uint8_t *head = TAKE(a, uint8_t, keep + 1);

    if (!head)
        return err_set(e, ERR_MEMORY, "no room for a page");
    if (keep && !p->os->read_at(p->os, f, 0, head, keep, &got, e))
        return false;
    hash_push(p->hash, (struct str){ head, got });
    *ret = (struct str){ head, got };
    struct arena scratch = *a;
    uint8_t     *more = size > keep ? TAKE(&scratch, uint8_t, READ_BYTES) : NULL;
    for (uint64_t at = got; more && got && at < size; at += got) {
        if (!p->os->read_at(p->os, f, at, more, READ_BYTES, &got, e))
            return false;
        hash_push(p->hash, (struct str){ more, got });
        guard_beat(p->g, 0);
    }
    hash_done(p->hash, s->sha256);
    s->hashed = size <= keep || more;
    return true;
}

/* Files that a page names, from the folder that the operator gave, never from above it. */
struct others { struct pages *p; struct str root, folder[ANALYSE_MORE_MAX + 1]; size_t n; };

static struct str folder_of(struct str below)
{
    size_t slash = str_rchr(below, '/');
    return slash == STR_NONE ? STR("") : str_sub(below, 0, slash);
}

static bool other(void *ctx, uint32_t from, const struct page_ref *ref, struct arena *a, struct str *ret)
{
    struct others *o = ctx;
    struct err     why = { 0 };
    struct str     path = from < o->n ? analyse_ref_path(a, o->folder[from], ref) : STR_EMPTY;

    struct str    *absent = &o->p->absent[str_hash(path) % ABSENT_N];

    if (!path.p || o->n > ANALYSE_MORE_MAX || (absent->p && str_eq(*absent, path)))
        return false;
    if (!os_slurp(o->p->os, o->root, path, OTHER_MAX, a, ret, &why)) {
        if (why.kind == ERR_IO)
            *absent = str_dup(&o->p->absent_room, path);
        return false;
    }
    o->folder[o->n++] = folder_of(path);
    return true;
}

/* What keeps one page from being analysed is its answer; only memory ends the run. */
static bool one(struct pages *p, struct str root, struct str below, struct str path, struct err *e)
{
    struct arena     a = p->room, keep;
    struct page_said s = { .path = path, .a = { .why = STR("The file could not be read.") } };
    struct os_file   f = OS_FILE_NONE;
    struct err       why = { 0 };
    uint64_t         size = 0, key = str_hash(path);
    struct str       bytes;

    if (guard_barred(p->g, key)) {
        s.a.verdict = PAGE_REVIEW;
        s.a.why     = STR("The file brought its reader down twice, so it was not analysed. Look at it by hand.");
        p->unread++;
        return report(p, &s);
    }
    guard_enter(p->g, 0, key, path);
    uint8_t *own = TAKE(&a, uint8_t, 4 << 20);
    bool ok = own && p->os->open(p->os, root, below, &f, &size, &why) && read_page(p, f, size, &a, &s, &bytes, &why);
    p->os->close(p->os, &f);
    keep = (struct arena){ own, own + (own ? 4 << 20 : 0), NULL };
    struct others o = { .p = p, .root = root, .folder = { folder_of(below) }, .n = 1 };
    ok = ok && analyse_page(&s.a, &keep, a, &(struct analyse_input){ bytes, container_kind_of(path), other, &o, size > CONTAINER_BYTES_MAX }, &why);
    guard_leave(p->g, 0);
    if (!own)
        return err_set(e, ERR_MEMORY, "no room for a page");
    if (!ok) {
        s.a.verdict = PAGE_REVIEW;
        s.a.why     = str_fmt(&keep, "Not analysed: %s", why.what);
        p->unread++;
    }
    if (p->since_mark++ >= MARK_EVERY) {
        p->since_mark = 0;
        if (!report(p, &s) || !out_done(p->c->out, e))
            return false;
        return guard_mark(p->g, e);
    }
    return report(p, &s);
}

static bool walk(struct pages *p, struct str root, struct str below, struct arena lists, uint32_t depth, struct err *e)
{
    struct os_entry *entry;
    size_t           n;

    if (!p->os->list(p->os, root, below, &lists, &entry, &n, e)) {
        if (e->kind == ERR_MEMORY)
            return false;
        cli_fail(p->c, "page", e);
        *e = (struct err){ 0 };
        p->unread++;
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        struct arena a = lists;
        struct str   in = below.n ? str_fmt(&a, "%.*s/", STR_ARG(below)) : STR("");
        struct str   name = str_cat(&a, in, entry[i].name), head = str_cat(&a, root, str_ends(root, STR("/")) ? STR("") : STR("/"));
        struct str   path = str_cat(&a, head, name);
        if (!path.p || !name.p)
            return err_set(e, ERR_MEMORY, "no room for a path");
        if (entry[i].st.kind == OS_DIR && depth < DEPTH_MAX ? !walk(p, root, name, a, depth + 1, e) : entry[i].st.kind == OS_FILE && !one(p, root, name, path, e))
            return false;
    }
    return true;
}

static bool operand(struct pages *p, struct str path, struct err *e)
{
    struct os_stat st;
    struct arena   lists = p->c->scratch;

    if (!p->os->stat(p->os, path, &st, e))
        return err_hint(e, "check the path and the permissions");
    p->alone = st.kind != OS_DIR;
    memset(p->absent, 0, sizeof p->absent);
    if (st.kind == OS_DIR)
        return walk(p, path, STR(""), lists, 0, e);
    size_t     slash = str_rchr(path, '/');
    struct str dir = slash == STR_NONE ? STR(".") : slash ? str_sub(path, 0, slash) : STR("/");
    return one(p, dir, slash == STR_NONE ? path : str_from(path, slash + 1), path, e);
}

static void sum(struct pages *p)
{
    if (p->json || p->n < 2)
        return;
    out_fmt(p->c->out, "%llu files: %llu with a back door, %llu to look at, %llu that cannot run, %llu without anything of that", (unsigned long long)p->n,
            (unsigned long long)p->of[PAGE_BACK_DOOR], (unsigned long long)p->of[PAGE_REVIEW], (unsigned long long)p->of[PAGE_INERT], (unsigned long long)p->of[PAGE_CLEAN]);
    if (p->unread)
        out_fmt(p->c->out, "; %llu could not be read", (unsigned long long)p->unread);
    out_c(p->c->out, "\n");
}

/* In the worker. */
static int work(void *ctx, struct guard *g)
{
    struct pages *p = ctx;
    struct err    e = { 0 };
    const char   *sandbox = "none";
    struct arena  whole = { 0 };
    struct sandbox_rules rules = { p->args->operand, p->args->operand_n, STR_EMPTY };
    bool          ok = (!p->c->guarded || sandbox_enter(&rules, &sandbox, &e)) && os_arena_map(&whole, ANALYSE_ARENA_MAX + CONTAINER_BYTES_MAX + LISTS_BYTES + ABSENT_BYTES, &e);

    p->g    = g;
    p->absent_room = (struct arena){ whole.beg, whole.beg + (ok ? ABSENT_BYTES : 0), NULL };
    p->room = (struct arena){ p->absent_room.end, whole.end, NULL };
    p->hash = hash_open(HASH_SHA256);
    if (g)
        out_open(p->c->out, guard_put, g);
    if (ok && !p->hash)
        ok = err_set(&e, ERR_MEMORY, "no SHA-256");
    ok = ok && guard_mark(g, &e);
    for (size_t i = 0; ok && i < p->args->operand_n; i++)
        ok = operand(p, p->args->operand[i], &e);
    if (ok)
        sum(p);
    int code = ok ? (p->of[PAGE_BACK_DOOR] ? CLI_BACK_DOOR : p->unread ? CLI_FAILED : CLI_DONE) : cli_fail(p->c, "page", &e);
    if (!out_done(p->c->out, &e))
        code = cli_fail(p->c, "page", &e);
    out_done(p->c->err, &e);
    hash_close(p->hash);
    os_arena_unmap(&whole);
    return code;
}

static void on_death(void *ctx, const char *what, struct str text)
{
    struct pages *p = ctx;
    struct err    e = { 0 };

    cli_note(p->c, what, text);
    (void)out_done(p->c->err, &e);
}

static int run(struct cli *c, const struct verb *v, const struct args *args)
{
    struct err    e = { 0 };
    struct pages  p = { .c = c, .args = args, .os = c->os, .json = args->given[OPT_JSON] };
    int           code = CLI_FAILED;
    struct guard_options opt = { .off = !c->guarded, .hang_ms = c->hang_ms, .died = on_death, .died_ctx = &p };

    if (args->operand_n == 0) {
        err_set(&e, ERR_USAGE, "no page given");
        err_hint(&e, "name a file or a folder: afterpatch page /mnt/c/inetpub/wwwroot/aspnet_client");
        return cli_fail(c, v->name, &e);
    }
    for (size_t i = 0; i < args->operand_n; i++) {
        struct os_stat st;
        if (!c->os->stat(c->os, args->operand[i], &st, &e)) {
            err_hint(&e, "check the path and the permissions");
            return cli_fail(c, v->name, &e);
        }
    }
    if (!out_done(c->out, &e) || !out_done(c->err, &e) || !guard_run(&opt, work, &p, &code, &e))
        code = cli_fail(c, v->name, &e);
    out_done(c->out, &e);
    return code;
}

static const struct example examples[] = {
    { "afterpatch page owa/auth/logon2.aspx", "What does this page do, and is it a back door?" },
    { "afterpatch page /mnt/c/inetpub", "Every file below a folder; the clean ones are only counted" },
    { "afterpatch page --json /mnt/c/inetpub | jq 'select(.verdict != \"clean\")'", "One line of JSON a file" },
    { NULL, NULL },
};

const struct verb verb_page = {
    .name = "page", .about = "tells what a page of ASP or ASP.NET does, and whether it is a back door", .usage = "[--json] PATH...",
    .text = "Reads pages as text, never runs them, and follows what a request says through the code: to code that is run, programs that are started, files "
            "that are written, connections, secrets. The answer names the kind, the way step by step with line numbers, the request item that carries "
            "the orders, and what must match first.\n\n"
            "A back door: what the request says is run, started, or written where it says; or a tunnel; or a secret is sent out. Other dangerous ways "
            "are for a person to look at. A page that holds such code but cannot run as it is stored is told as that.\n\n"
            "Nothing seen is no proof: files that the page includes or names are read only where they lie below PATH. A hunt (`afterpatch hunt`) also knows whether the "
            "page is served, was used, and belongs to the product. Exit code 6: at least one back door.",
    .opt = opts, .example = examples, .run = run,
};
