/*
 * registry: hives of the machine and of its profiles.
 *
 * Rule 1   what a hive is, its keys say, not its name: hives are saved under any.
 * Rule 2   a hive that was not closed is completed from its logs. Where they are missing, the view is called stale, in a note and as damage.
 * Rule 3   copies of earlier days (RegBack, shadow copies) are not read here: they do not say what is there now.
 * Coverage SOFTWARE, SYSTEM and SAM, and NTUSER.DAT of every profile that the machine has.
 * Source   ways back in, 5, 6, 8 and 10; formats/hive.h.
 */
#include "detect/reg.h"

#include "detect/command.h"
#include "evidence/spool.h"

#include <string.h>

enum { STREAM_BLOCK = 1 << 20, HIVE_PACKED_MAX = 96 << 20 };
#define HIVE_BYTES_MAX (UINT64_C(1) << 30)

static bool is_log(struct str path)
{
    struct str ext = winpath_ext(path);

    return str_istarts(ext, STR(".LOG")) && ext.n <= 5;
}

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->family == FAM_REGISTRY && !n->shadow && !is_log(n->path) && !str_ihas(n->path, STR("\\RegBack\\"));
}

/* ---- where the bytes come from ---- */

struct from { struct ev *v; struct ev_node *n; struct str body; struct spool *spool; uint32_t in; };

static bool from_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct from *f = ctx;

    if (f->spool)
        return spool_read(f->spool, f->in, off, buf, cap, ret_got, e);
    if (!f->body.p)
        return ev_read(f->v, f->n, off, buf, cap, ret_got, e);
    size_t n = off < f->body.n ? f->body.n - (size_t)off : 0;
    n = n < cap ? n : cap;
    if (n)
        memcpy(buf, f->body.p + off, n);
    *ret_got = n;
    return true;
}

/*
 * A large hive: once through, for its sum. One in an archive is kept packed in memory on the way, since jumping back in a packed stream would read it anew
 * each time.
 */
static bool through(struct files_context *c, struct ev_node *n, struct arena *a, struct from *f, struct spool **spool, struct err *e)
{
    struct ev_stream *s = NULL;
    uint8_t          *buf = TAKE(a, uint8_t, STREAM_BLOCK);
    struct ev_limits  limits = ev_limits_default();
    size_t            got = STREAM_BLOCK;
    uint64_t          size;
    bool              packed = n->entry.n > 0;

    limits.spool_memory = HIVE_PACKED_MAX;
    if (!buf)
        return err_set(e, ERR_MEMORY, "no room to read a registry hive");
    if (packed && (!spool_open(spool, c->ev->os, STR_EMPTY, &limits, a, e) || !spool_begin(*spool, e)))
        return false;
    if (!ev_stream_open(&s, c->ev, n, true, a, e))
        return false;
    bool ok = true;
    for (uint64_t at = 0; ok && got == STREAM_BLOCK && at < HIVE_BYTES_MAX; at += got)
        ok = ev_stream_fill(s, buf, STREAM_BLOCK, &got, e) && (!packed || got == 0 || spool_write(*spool, (struct str){ buf, got }, e));
    *c->bytes_read += ev_stream_close(s);
    if (ok && packed) {
        ok = spool_end(*spool, &f->in, &size, e);
        f->spool = *spool;
    }
    return ok;
}

/* FILE.LOG1, .LOG2 and .LOG beside it: at most two that hold something. */
static size_t logs_of(struct files_context *c, const struct ev_node *n, struct arena *a, struct from *from, struct hive_source *ret)
{
    static const char *const ext[] = { ".LOG1", ".LOG2", ".LOG" };
    size_t k = 0;

    for (size_t i = 0; i < COUNT_OF(ext) && k < 2; i++) {
        struct str path = str_cat(a, n->path, str_c(ext[i]));
        for (uint32_t j = n->id; path.p && j < c->ev->node_n && j < n->id + 64; j++) {
            struct ev_node *l = &c->ev->node[j];
            if (l->source != n->source || l->shadow || !str_ieq(l->path, path) || l->size_bytes == 0)
                continue;
            from[k] = (struct from){ .v = c->ev, .n = l };
            ret[k]  = (struct hive_source){ from_read, &from[k], l->size_bytes };
            k++;
            break;
        }
    }
    return k;
}

/* ---- what the tables of the other files use ---- */

bool reg_key(struct reg *r, struct arena *a, struct str path, struct hive_key *ret)
{
    struct str rest = path.n && path.p[0] == '@' ? str_from(path, 2) : path;
    struct hive_key at = r->root;

    if (path.n && path.p[0] == '@' && !hive_find(r->h, a, &r->root, r->control, &at))
        return false;
    return hive_find(r->h, a, &at, rest, ret);
}

static bool data_of(struct reg *r, struct arena *a, const struct hive_key *k, const char *name, uint32_t *ret_type, struct str *ret)
{
    struct hive_value v;

    if (!hive_value(r->h, a, k, str_c(name), &v) || !hive_data(r->h, a, &v, ret))
        return false;
    *ret_type = v.type;
    return true;
}

struct str reg_text(struct reg *r, struct arena *a, const struct hive_key *k, const char *name)
{
    uint32_t   type;
    struct str data;

    return data_of(r, a, k, name, &type, &data) ? hive_text(a, type, data) : STR_EMPTY;
}

bool reg_number(struct reg *r, struct arena a, const struct hive_key *k, const char *name, uint64_t *ret)
{
    uint32_t     type;
    struct str   data;

    return data_of(r, &a, k, name, &type, &data) && hive_number(type, data, ret);
}

bool reg_each(struct reg *r, struct arena a, struct str path, reg_child *child, void *ctx)
{
    struct hive_key k;
    uint32_t       *sub;
    size_t          n;

    if (!reg_key(r, &a, path, &k) || !hive_subkeys(r->h, &a, &k, &sub, &n))
        return !r->failed;
    for (size_t i = 0; i < n && i < REG_EACH_MAX && !r->failed && r->h->why.kind == ERR_NONE; i++) {
        struct arena    scratch = a;
        struct hive_key one;
        if (!hive_key_at(r->h, &scratch, sub[i], &one))
            continue;
        struct str below = str_cat(&scratch, str_cat(&scratch, path, STR("\\")), one.name);
        if (below.p && !child(r, ctx, scratch, &one, below))
            break;
    }
    return !r->failed;
}

static struct str full_path(struct reg *r, struct str path)
{
    if (path.n && path.p[0] == '@')
        return files_text(r->c, "%.*s\\%.*s%.*s", STR_ARG(r->label), STR_ARG(r->control), STR_ARG(str_sub(str_from(path, 1), 0, 400)));
    return files_text(r->c, "%.*s%s%.*s", STR_ARG(r->label), path.n ? "\\" : "", STR_ARG(str_sub(path, 0, 400)));
}

struct file_fact *reg_fact(struct reg *r, enum file_fact_kind kind, const char *detector, enum severity severity, double confidence, const struct hive_key *k, struct str path, const char *value,
                           struct str data)
{
    if (kind == FILE_FACT_NOTE && r->told++ >= REG_TOLD_MAX)
        return NULL;
    struct file_fact *f = files_fact_at(r->c, r->n, kind, detector, severity, confidence);
    if (!f)
        return NULL;
    struct str key = full_path(r, path);
    f->path       = STR_EMPTY;
    f->url        = STR_EMPTY;
    f->hash_hex   = STR_EMPTY;
    f->bytes      = 0;
    f->created_us = TIME_NONE;
    f->reachable  = REACH_UNKNOWN;
    f->name       = key;
    f->time_us    = k ? time_filetime(k->written) : TIME_NONE;
    f->cite.time_us = f->time_us;
    f->cite.offset  = k ? HIVE_BASE_BYTES + (uint64_t)k->at : 0;
    f->cite.excerpt = value ? files_text(r->c, "%.*s: %s = %.*s", STR_ARG(str_sub(key, 0, 260)), *value ? value : "(default)", STR_ARG(str_sub(files_quote(r->c, str_trim(data)), 0, REG_DATA_SHOWN)))
                            : data.n ? files_text(r->c, "%.*s: %.*s", STR_ARG(str_sub(key, 0, 260)), STR_ARG(str_sub(files_quote(r->c, str_trim(data)), 0, REG_DATA_SHOWN))) : key;
    return f;
}

struct str reg_runs(const struct command *k)
{
    struct str path = k->target.n ? k->target : k->image;

    return str_chr(path, '\\') == STR_NONE || str_ihas(path, STR(":\\windows\\system32\\")) || str_ihas(path, STR(":\\windows\\syswow64\\")) ? STR_EMPTY : path;
}

void reg_judged(struct reg *r, struct file_fact *f, const struct command *k)
{
    struct str why = k->reason_n ? command_why(r->c->keep, k) : STR_EMPTY, path = reg_runs(k);

    if (why.n)
        f->why = files_text(r->c, "%.*s%s%.*s", STR_ARG(str_sub(f->why, 0, 300)), f->why.n ? " " : "", STR_ARG(str_sub(why, 0, 450)));
    f->path = path.n ? str_dup(r->c->keep, path) : k->image.n && str_chr(k->image, '\\') != STR_NONE ? str_dup(r->c->keep, k->image) : STR_EMPTY;
    if (path.n && ev_find(r->c->ev, path))
        f->reachable = REACH_YES;
    for (size_t i = 0; i < k->attack_n; i++)
        files_attack(f, k->attack[i]);
}

/* ---- what a hive is ---- */

static bool has(struct reg *r, const char *path)
{
    struct arena    a = r->a;
    struct hive_key k;

    return hive_find(r->h, &a, &r->root, str_c(path), &k);
}

static enum reg_kind kind_of(struct reg *r)
{
    if (has(r, "Select") && (has(r, "ControlSet001") || has(r, "ControlSet002")))
        return REG_SYSTEM;
    if (has(r, "SAM\\Domains"))
        return REG_SAM;
    if (has(r, "Policy\\Secrets") || has(r, "Policy\\PolAdtEv"))
        return REG_SECURITY;
    if (has(r, "Root\\InventoryApplicationFile") || has(r, "Root\\File") || has(r, "Root\\Programs"))
        return REG_AMCACHE;
    if (has(r, "Microsoft\\Windows NT\\CurrentVersion"))
        return REG_SOFTWARE;
    if (has(r, "Software\\Microsoft"))
        return REG_USER;
    if (str_ieq(winpath_name(r->n->path), STR("UsrClass.dat")) || has(r, "Local Settings\\Software"))
        return REG_CLASSES;
    return REG_OTHER;
}

static struct str label_of(struct reg *r)
{
    struct str path = r->n->path, dir = winpath_dir(path);

    switch (r->kind) {
    case REG_SYSTEM:   return STR("HKLM\\SYSTEM");
    case REG_SOFTWARE: return STR("HKLM\\SOFTWARE");
    case REG_SAM:      return STR("HKLM\\SAM");
    case REG_SECURITY: return STR("HKLM\\SECURITY");
    case REG_AMCACHE:  return STR("Amcache");
    default: break;
    }
    if (str_ieq(winpath_name(path), STR("DEFAULT")))
        return STR("HKU\\S-1-5-18");
    size_t users = str_ifind(path, STR("\\Users\\")), service = str_ifind(path, STR("\\ServiceProfiles\\"));
    struct str rest = users != STR_NONE ? str_from(path, users + 7) : service != STR_NONE ? str_from(path, service + 17) : str_ihas(path, STR("\\systemprofile\\")) ? STR("S-1-5-18") : winpath_name(dir);
    struct str who = str_sub(rest, 0, str_chr(rest, '\\'));
    return files_text(r->c, "HKU\\%.*s%s", STR_ARG(str_sub(who.n ? who : STR("?"), 0, 80)), r->kind == REG_CLASSES ? "_Classes" : "");
}

static bool is_service(struct str path)
{
    return str_ihas(path, STR("\\ServiceProfiles\\")) || str_ihas(path, STR("\\systemprofile\\")) || str_ieq(winpath_name(path), STR("DEFAULT"));
}

/* Something that the view of the registry lacks, for people. */
static void miss(struct files_context *c, struct str what, const char *why)
{
    struct seen *s = &c->found->seen[FAM_REGISTRY];

    s->roots_missing = true;
    if (s->missing.n > 300)
        return;
    struct str all = str_cat(c->keep, s->missing, files_text(c, "%s%.*s (%s)", s->missing.n ? "; " : "", STR_ARG(str_sub(what, 0, 200)), why));
    if (all.p)
        s->missing = all;
}

static void tell_state(struct reg *r)
{
    const struct hive *h = r->h;
    struct err *e = r->e;
    char        text[160];

    bool counts = r->kind & (REG_SOFTWARE | REG_SYSTEM | REG_SAM | REG_USER);
    if (counts && hive_stale(h))
        miss(r->c, r->n->path, "without its last changes");
    else if (counts && (h->cut || h->why.kind != ERR_NONE))
        miss(r->c, r->n->path, "damaged");
    if (hive_stale(h)) {
        struct file_fact *f = reg_fact(r, FILE_FACT_NOTE, "registry/stale", SEV_LOW, 0.9, NULL, STR(""), NULL, STR_EMPTY);
        const char       *why = h->said[0].what ? h->said[0].what : h->said[1].what;
        if (f) {
            f->title = STR("A registry hive is shown as it was before its last changes");
            f->why   = files_text(r->c, "It was copied while Windows had it open, and %s%s. Collect FILE.LOG1 and FILE.LOG2 with it, or save it with `reg save`.",
                                  why ? "its transaction log cannot be used: " : "its transaction logs are not in the evidence", why ? why : "");
            f->path  = r->n->path;
        }
        r->failed = r->failed || !files_damage(r->c, FAM_REGISTRY, r->n, "not closed, and no transaction log that fits: the last changes are missing", 0, e);
    }
    if (h->cut)
        r->failed = r->failed || !files_damage(r->c, FAM_REGISTRY, r->n, "it ends before its last cells", 0, e);
    if (h->bad) {
        snprintf(text, sizeof text, "%u damaged places; the first: %s", h->bad, h->bad_what);
        r->failed = r->failed || !files_damage(r->c, FAM_REGISTRY, r->n, text, 0, e);
    }
    if (h->why.kind != ERR_NONE)
        r->failed = r->failed || !files_damage(r->c, FAM_REGISTRY, r->n, h->why.what, 0, e);
}

static bool read_hive(struct files_context *c, struct files_node *n, struct from *from, struct err *e)
{
    struct arena       a = n->scratch;
    struct hive_source in = { from_read, from, n->cut ? n->node->size_bytes : n->body.n }, logs[2];
    struct from        log_from[2];
    size_t             log_n = logs_of(c, n->node, &a, log_from, logs);
    struct hive        h;
    struct err         mine = { 0 };
    struct reg         r = { .c = c, .n = n->node, .h = &h, .e = e, .control = STR("ControlSet001") };

    if (!hive_open(&h, &a, &in, logs, log_n, &mine)) {
        if (mine.kind == ERR_MEMORY) {
            *e = mine;
            return false;
        }
        return files_damage(c, FAM_REGISTRY, n->node, mine.what, 0, e);
    }
    if (!hive_root(&h, &a, &r.root))
        return files_damage(c, FAM_REGISTRY, n->node, h.why.kind != ERR_NONE ? h.why.what : "the root key of the hive cannot be read", 0, e);
    r.a     = a;
    r.kind  = kind_of(&r);
    r.label = label_of(&r);
    r.service = is_service(n->node->path);
    c->work->reg->seen |= r.kind;
    if (r.kind == REG_SYSTEM) {
        struct hive_key select;
        uint64_t        current;
        if (hive_find(&h, &a, &r.root, STR("Select"), &select) && reg_number(&r, a, &select, "Current", &current) && current < 1000)
            r.control = files_text(c, "ControlSet%03u", (unsigned)current);
        r.a = a;
    }
    (void)(reg_server(&r) && reg_certificates(&r) && reg_autostarts(&r) && reg_services(&r) && reg_tasks(&r) && reg_firewall(&r) && reg_settings(&r) && reg_accounts(&r) && reg_ran(&r) && reg_deleted(&r));
    tell_state(&r);
    return !r.failed;
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct from   from = { .v = c->ev, .n = n->node, .body = n->cut ? STR_EMPTY : n->body };
    struct spool *spool = NULL;
    struct err    mine = { 0 };
    bool          ok = true;

    if (!c->work->reg && !(c->work->reg = NEW(&c->work->pile, struct reg_memory, 1)))
        return err_set(e, ERR_MEMORY, "no room for what the registry says");
    if (!hive_is(n->body)) {
        c->found->seen[FAM_REGISTRY].files--;             /* nothing of it was read */
        return files_damage(c, FAM_REGISTRY, n->node, "this is no registry hive", 0, e);
    }
    if (n->cut && !through(c, n->node, &n->scratch, &from, &spool, &mine)) {
        ok = mine.kind == ERR_MEMORY ? (*e = mine, false) : files_damage(c, FAM_REGISTRY, n->node, mine.what, 0, e);
        spool_close(spool);
        return ok;
    }
    ok = read_hive(c, n, &from, e);
    spool_close(spool);
    return ok;
}

/* ---- coverage ---- */

static bool done(struct files_context *c, struct err *e)
{
    static const struct { enum reg_kind kind; const char *name; } needed[] = {
        { REG_SOFTWARE, "the hive SOFTWARE" }, { REG_SYSTEM, "the hive SYSTEM" }, { REG_SAM, "the hive SAM" },
    };
    const struct reg_memory *m = c->work->reg;
    struct arena             a = c->work->scratch;

    if (!m)
        return true;
    for (size_t i = 0; i < COUNT_OF(needed); i++)
        if (!(m->seen & needed[i].kind))
            miss(c, str_c(needed[i].name), "not in the evidence");
    bool any = false;
    for (size_t i = 0; i < m->profile_n; i++) {
        struct str path = str_cat(&a, m->profile[i], STR("\\NTUSER.DAT"));
        if (path.p && ev_find(c->ev, path))
            any = true;
        else if (path.p)
            miss(c, path, "not in the evidence");
    }
    if (!m->profile_n && !any && !(m->seen & REG_USER))
        miss(c, STR("NTUSER.DAT of any profile"), "not in the evidence");
    reg_certificates_done(c);
    return reg_accounts_done(c, e);
}

const struct files_detector files_registry = {
    .name = "registry", .about = "programs that Windows starts, services, tasks, accounts, weakened settings and traces of tools in registry hives", .wants = wants, .look = look, .done = done,
};
