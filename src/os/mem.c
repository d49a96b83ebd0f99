#include "os/mem.h"

#include "base/time.h"

#include <stdlib.h>
#include <string.h>

/* A file being written: what was written so far, until commit gives it its name. A spool never gets one. */
struct os_mem_writing {
    struct os_mem_writing *next;
    struct str             path;
    uint8_t               *p;
    size_t                 n, cap;
    intptr_t               h;
};
enum { SCRATCH_BYTES = 128 << 10 };
enum { SPOOL_HANDLE = 1 << 30 };      /* handles of spools are even, as of any file that is read, and beyond those of nodes */

/* "/a//b/" and "/a/./b" are "/a/b". "." and "" are "". */
static struct str tidy(struct arena *a, struct str root, struct str below)
{
    uint8_t *p = NEW(a, uint8_t, root.n + below.n + 2);
    size_t   n = 0;

    if (!p)
        return STR_EMPTY;
    struct str both[2] = { root, below };
    bool       rooted  = (root.n ? root : below).n && (root.n ? root : below).p[0] == '/';
    for (int i = 0; i < 2; i++) {
        struct str part;
        while (str_cut(&both[i], '/', &part)) {
            if (part.n == 0 || str_eq(part, STR(".")))
                continue;
            if (n || rooted)
                p[n++] = '/';
            memcpy(p + n, part.p, part.n);
            n += part.n;
        }
    }
    return (struct str){ p, n };
}

static struct os_mem_node *find(struct os_mem *m, struct str path)
{
    uint32_t i = map_get(&m->by_path, path);
    return i == MAP_NONE || !str_eq(m->node[i].path, path) ? NULL : &m->node[i];      /* a removed one has lost its path */
}

struct os_mem_node *os_mem_find(struct os_mem *m, struct str path)
{
    struct arena scratch = m->scratch;
    scratch.fault = NULL;
    return find(m, tidy(&scratch, STR_EMPTY, path));
}

static struct os_mem_node *put(struct os_mem *m, struct str path, enum os_kind kind)
{
    struct os_mem_node *at = find(m, path);

    if (!at) {
        size_t slash = str_rchr(path, '/');
        if (slash != STR_NONE && slash > 0 && !find(m, str_sub(path, 0, slash)) && !put(m, str_sub(path, 0, slash), OS_DIR))
            return NULL;
        at = GROW(m->a, m->node, m->n, &m->cap);
        if (!at || !map_put(&m->by_path, m->a, path, (uint32_t)m->n))
            return NULL;
        m->n++;
    }
    *at = (struct os_mem_node){ .path = path, .kind = kind, .mtime_us = m->now_us, .btime_us = TIME_NONE };
    return at;
}

struct os_mem_node *os_mem_kind(struct os_mem *m, struct str path, enum os_kind kind)
{
    struct str t = tidy(m->a, STR_EMPTY, path);
    return t.p ? put(m, t, kind) : NULL;
}

struct os_mem_node *os_mem_dir(struct os_mem *m, const char *path) { return os_mem_kind(m, str_c(path), OS_DIR); }

struct os_mem_node *os_mem_add(struct os_mem *m, const char *path, struct str body)
{
    struct os_mem_node *at = os_mem_kind(m, str_c(path), OS_FILE);
    if (at)
        at->body = body;
    return at;
}

/* Every call begins here: it takes the lock, and fails when it is its turn to. */
static bool enter(struct os_mem *m, const char *call, struct str root, struct str below, struct err *e)
{
    pthread_mutex_lock(&m->lock);
    m->calls++;
    if (!fault_now(&m->fault))
        return true;
    err_set(e, ERR_IO, "%s: the disk failed as asked", call);
    err_where(e, "%.*s%s%.*s", STR_ARG(root), root.n && below.n ? "/" : "", STR_ARG(below));
    return false;
}

static bool leave(struct os_mem *m, bool ok)
{
    pthread_mutex_unlock(&m->lock);
    return ok;
}

static bool missing(struct err *e, const char *call, const char *why, struct str root, struct str below)
{
    err_set(e, ERR_IO, "%s: %s", call, why);
    return err_where(e, "%.*s%s%.*s", STR_ARG(root), root.n && below.n ? "/" : "", STR_ARG(below));
}

static void stat_of(const struct os_mem *m, const struct os_mem_node *n, struct os_stat *ret)
{
    *ret = (struct os_stat){ .kind = n->kind, .size_bytes = n->kind == OS_FILE ? n->body.n : 0, .mtime_us = n->mtime_us,
                             .btime_us = n->btime_us, .dev = 1, .ino = (uint64_t)(n - m->node) + 1 };
}

static bool mem_stat(struct os *os, struct str path, struct os_stat *ret, struct err *e)
{
    struct os_mem *m = os->ctx;

    if (!enter(m, "stat", path, STR_EMPTY, e))
        return leave(m, false);
    const struct os_mem_node *n = os_mem_find(m, path);
    if (!n)
        return leave(m, missing(e, "stat", "no such file or folder", path, STR_EMPTY));
    stat_of(m, n, ret);
    return leave(m, true);
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct os_entry *)a)->name, ((const struct os_entry *)b)->name);
}

static bool mem_list(struct os *os, struct str root, struct str below, struct arena *a, struct os_entry **ret, size_t *ret_n, struct err *e)
{
    struct os_mem   *m = os->ctx;
    struct os_entry *list = NULL;
    size_t           n = 0, cap = 0;

    if (!enter(m, "open folder", root, below, e))
        return leave(m, false);
    struct arena scratch = m->scratch;
    scratch.fault = NULL;
    struct str dir = tidy(&scratch, root, below);
    const struct os_mem_node *d = find(m, dir);
    if (!d || d->kind != OS_DIR || d->unreadable || d->vanished)
        return leave(m, missing(e, "open folder", !d || d->vanished ? "no such folder" : d->unreadable ? "permission denied" : "not a folder", root, below));
    for (size_t i = 0; i < m->n; i++) {
        struct str p = m->node[i].path;
        if (p.n <= dir.n + 1 || !str_starts(p, dir) || p.p[dir.n] != '/' || str_chr(str_from(p, dir.n + 1), '/') != STR_NONE)
            continue;
        struct os_entry *at = GROW(a, list, n, &cap);
        if (!at)
            return leave(m, err_set(e, ERR_MEMORY, "no room for the names of a folder after %zu", n));
        at->name = str_from(p, dir.n + 1);
        stat_of(m, &m->node[i], &at->st);
        n++;
    }
    if (n)
        qsort(list, n, sizeof *list, by_name);
    *ret   = list;
    *ret_n = n;
    return leave(m, true);
}

static bool mem_link(struct os *os, struct str root, struct str below, struct arena *a, struct str *ret, struct err *e)
{
    struct os_mem *m = os->ctx;

    if (!enter(m, "read link", root, below, e))
        return leave(m, false);
    struct arena scratch = m->scratch;
    scratch.fault = NULL;
    const struct os_mem_node *n = find(m, tidy(&scratch, root, below));
    if (!n || n->kind != OS_LINK)
        return leave(m, missing(e, "read link", n ? "not a link" : "no such file", root, below));
    struct str copy = str_dup(a, n->body);
    if (!copy.p)
        return leave(m, err_set(e, ERR_MEMORY, "no room for the text of a link"));
    *ret = copy;
    return leave(m, true);
}

static bool mem_open(struct os *os, struct str root, struct str below, struct os_file *ret, uint64_t *ret_size, struct err *e)
{
    struct os_mem *m = os->ctx;

    if (!enter(m, "open", root, below, e))
        return leave(m, false);
    struct arena scratch = m->scratch;
    scratch.fault = NULL;
    const struct os_mem_node *n = find(m, tidy(&scratch, root, below));
    if (!n || n->vanished || n->unreadable || n->kind != OS_FILE)
        return leave(m, missing(e, "open", !n || n->vanished ? "no such file" : n->unreadable ? "permission denied" : "not a plain file", root, below));
    ret->h    = (intptr_t)(n - m->node) * 2;
    *ret_size = n->body.n;
    m->open_now++;
    return leave(m, true);
}

static struct os_mem_writing *writing_of(struct os_mem *m, struct os_file f)
{
    struct os_mem_writing *w = f.h >= 0 && (f.h & 1 || f.h >= SPOOL_HANDLE) ? m->writing : NULL;
    while (w && w->h != f.h)
        w = w->next;
    return w;
}

static bool mem_read_at(struct os *os, struct os_file f, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct os_mem *m = os->ctx;

    if (!enter(m, "read", STR_EMPTY, STR_EMPTY, e))
        return leave(m, false);
    const struct os_mem_writing *spool = f.h & 1 ? NULL : writing_of(m, f);
    if (f.h < 0 || f.h & 1 || (!spool && (size_t)(f.h / 2) >= m->n))
        return leave(m, err_set(e, ERR_IO, "read: the file is not open for reading"));
    struct str body = spool ? (struct str){ spool->p, spool->n } : m->node[f.h / 2].body;
    struct str part = off < body.n ? str_sub(body, (size_t)off, (size_t)off + (cap < body.n - off ? cap : body.n - (size_t)off)) : STR_EMPTY;
    if (part.n)
        memcpy(buf, part.p, part.n);
    *ret_got = part.n;
    return leave(m, true);
}

static void writing_drop(struct os_mem *m, const struct os_mem_writing *w)
{
    for (struct os_mem_writing **at = &m->writing; *at; at = &(*at)->next)
        if (*at == w) {
            *at = w->next;
            return;
        }
}

static void mem_close(struct os *os, struct os_file *f)
{
    struct os_mem *m = os->ctx;

    pthread_mutex_lock(&m->lock);
    if (f->h >= 0)
        m->open_now--;
    writing_drop(m, writing_of(m, *f));
    pthread_mutex_unlock(&m->lock);
    *f = OS_FILE_NONE;
}

/* The node stays, under a name that no path has. */
static bool mem_rmdir(struct os *os, struct str path, struct err *e)
{
    struct os_mem *m = os->ctx;

    if (!enter(m, "remove folder", path, STR_EMPTY, e))
        return leave(m, false);
    struct os_mem_node *n = os_mem_find(m, path);
    bool empty = n && n->kind == OS_DIR;
    for (size_t i = 0; empty && i < m->n; i++)
        empty = !(str_starts(m->node[i].path, n->path) && m->node[i].path.n > n->path.n && m->node[i].path.p[n->path.n] == '/');
    if (!empty)
        return leave(m, missing(e, "remove folder", "no empty folder", path, STR_EMPTY));
    n->path = STR("");
    return leave(m, true);
}

static bool mem_mkdir(struct os *os, struct str path, struct err *e)
{
    struct os_mem *m = os->ctx;

    if (!enter(m, "make folder", path, STR_EMPTY, e))
        return leave(m, false);
    const struct os_mem_node *n = os_mem_find(m, path);
    if (n && n->kind != OS_DIR)
        return leave(m, missing(e, "make folder", "a file has that name", path, STR_EMPTY));
    if (!n && !os_mem_kind(m, path, OS_DIR))
        return leave(m, err_set(e, ERR_MEMORY, "no room for a folder"));
    return leave(m, true);
}

static bool mem_create(struct os *os, struct str path, struct os_file *ret, struct err *e)
{
    struct os_mem *m = os->ctx;

    if (!enter(m, "create", path, STR_EMPTY, e))
        return leave(m, false);
    struct os_mem_writing *w = NEW(m->a, struct os_mem_writing, 1);
    struct str             t = tidy(m->a, STR_EMPTY, path);
    if (!w || !t.p)
        return leave(m, err_set(e, ERR_MEMORY, "no room to write a file"));
    size_t slash = str_rchr(t, '/');
    const struct os_mem_node *parent = slash == STR_NONE || slash == 0 ? NULL : find(m, str_sub(t, 0, slash));
    if (slash != STR_NONE && slash > 0 && (!parent || parent->kind != OS_DIR))
        return leave(m, missing(e, "create", "no such folder", path, STR_EMPTY));
    *w = (struct os_mem_writing){ .next = m->writing, .path = t, .h = (intptr_t)(m->calls * 2 + 1) };
    m->writing = w;
    m->open_now++;
    ret->h = w->h;
    return leave(m, true);
}

/* Bytes between the old end and `off` are zeros, as on a disk. */
static bool put_at(struct os_mem *m, struct os_mem_writing *w, uint64_t off, struct str s, struct err *e)
{
    if (off > SIZE_MAX / 4 - s.n)
        return err_set(e, ERR_IO, "write: offset %llu", (unsigned long long)off);
    size_t end = (size_t)off + s.n;
    if (end > w->cap) {
        size_t   cap = end * 2;
        uint8_t *p   = NEW(m->a, uint8_t, cap);
        if (!p)
            return err_set(e, ERR_MEMORY, "no room for %zu bytes", cap);
        if (w->n)
            memcpy(p, w->p, w->n);
        w->p   = p;
        w->cap = cap;
    }
    if (s.n)
        memcpy(w->p + off, s.p, s.n);
    w->n = end > w->n ? end : w->n;
    return true;
}

static bool mem_write(struct os *os, struct os_file f, struct str s, struct err *e)
{
    struct os_mem *m = os->ctx;

    if (!enter(m, "write", STR_EMPTY, STR_EMPTY, e))
        return leave(m, false);
    struct os_mem_writing *w = f.h & 1 ? writing_of(m, f) : NULL;
    if (!w)
        return leave(m, err_set(e, ERR_IO, "write: the file is not open for writing"));
    return leave(m, put_at(m, w, w->n, s, e));
}

static bool mem_spool(struct os *os, struct str dir, struct os_file *ret, struct err *e)
{
    struct os_mem *m = os->ctx;

    if (!enter(m, "create a spool", dir, STR_EMPTY, e))
        return leave(m, false);
    const struct os_mem_node *n = os_mem_find(m, dir);
    if (dir.n && (!n || n->kind != OS_DIR))
        return leave(m, missing(e, "create a spool", "no such folder", dir, STR_EMPTY));
    struct os_mem_writing *w = NEW(m->a, struct os_mem_writing, 1);
    if (!w)
        return leave(m, err_set(e, ERR_MEMORY, "no room to write a file"));
    *w = (struct os_mem_writing){ .next = m->writing, .h = (intptr_t)(SPOOL_HANDLE + m->calls * 2) };
    m->writing = w;
    m->open_now++;
    ret->h = w->h;
    return leave(m, true);
}

static bool mem_write_at(struct os *os, struct os_file f, uint64_t off, struct str s, struct err *e)
{
    struct os_mem *m = os->ctx;

    if (!enter(m, "write", STR_EMPTY, STR_EMPTY, e))
        return leave(m, false);
    struct os_mem_writing *w = f.h & 1 ? NULL : writing_of(m, f);
    if (!w)
        return leave(m, err_set(e, ERR_IO, "write: the file is not a spool"));
    return leave(m, put_at(m, w, off, s, e));
}

static bool mem_commit(struct os *os, struct os_file *f, struct err *e)
{
    struct os_mem *m = os->ctx;
    bool           ok = enter(m, "commit", STR_EMPTY, STR_EMPTY, e);
    struct os_mem_writing *w = f->h & 1 ? writing_of(m, *f) : NULL;

    if (ok && !w)
        return leave(m, err_set(e, ERR_IO, "commit: the file is not open for writing"));
    if (ok) {
        struct os_mem_node *n = put(m, w->path, OS_FILE);
        if (n)
            n->body = (struct str){ w->p, w->n };
        else
            ok = err_set(e, ERR_MEMORY, "no room for a file");
    }
    if (w) {
        writing_drop(m, w);
        m->open_now--;
    }
    *f = OS_FILE_NONE;
    return leave(m, ok);
}

static int64_t mem_now_us(struct os *os) { return ((const struct os_mem *)os->ctx)->now_us; }

static uint64_t mem_tick_us(struct os *os)
{
    struct os_mem *m = os->ctx;

    pthread_mutex_lock(&m->lock);
    uint64_t t = m->tick_us++;
    pthread_mutex_unlock(&m->lock);
    return t;
}

struct os_mem *os_mem_open(struct arena *a, int64_t now_us)
{
    struct os_mem *m = NEW(a, struct os_mem, 1);
    if (!m || pthread_mutex_init(&m->lock, NULL) != 0)
        return NULL;
    /* Memory of its own for names on the way: the arena may be growing in another thread while a call looks one up. */
    uint8_t *room = NEW(a, uint8_t, SCRATCH_BYTES);
    if (!room)
        return NULL;
    m->scratch = (struct arena){ room, room + SCRATCH_BYTES, NULL };
    m->a      = a;
    m->now_us = now_us;
    m->os     = (struct os){
        .ctx = m, .stat = mem_stat, .list = mem_list, .link = mem_link, .open = mem_open, .read_at = mem_read_at, .close = mem_close, .mkdir = mem_mkdir, .rmdir = mem_rmdir,
        .create = mem_create, .write = mem_write, .commit = mem_commit, .spool = mem_spool, .write_at = mem_write_at,
        .now_us = mem_now_us, .tick_us = mem_tick_us,
    };
    return m;
}
