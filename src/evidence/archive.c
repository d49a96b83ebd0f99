/*
 * archive: the world that an archive is.
 *
 * Handles  of the world are pointers to `struct open_member`, each with its own lock: a handle may be read from several threads at once.
 * Copies   a zip or 7z that lies in the middle of something that can be read only from its beginning (packed in an outer zip) goes to the spool first:
 *          else each member of it would cost unpacking all that lies before it.
 */
#include "evidence/archive_inner.h"

#include "base/num.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct archive {
    struct reach    r;
    struct zipfile *zip;          /* NULL: sequence */
    struct sequence seq;
    const char     *form;
    struct os       os;
};

struct open_member {
    const struct member *m;
    struct body          body;
    bool                 packed;      /* a stream of the zip */
    struct zip_stream   *stream;
    /* stored members: the checksum of what was read in sequence so far */
    bool                 sum;
    uint64_t             sum_at;
    uint32_t             sum_now, sum_want;
    pthread_mutex_t      lock;
};

/* ---- reach ---- */

bool reach_read(struct reach *r, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    if (off >= r->size_bytes) {
        *ret_got = 0;
        return true;
    }
    if (cap > r->size_bytes - off)
        cap = (size_t)(r->size_bytes - off);
    if (r->copied)
        return spool_read(r->spool, r->body, off, buf, cap, ret_got, e);
    return r->from.os->read_at(r->from.os, r->file, off, buf, cap, ret_got, e);
}

bool reach_whole(struct reach *r, uint64_t off, uint8_t *buf, size_t n, bool *ret_all, struct err *e)
{
    size_t got = 0;

    *ret_all = false;
    if (off > r->size_bytes || n > r->size_bytes - off)
        return true;
    if (!reach_read(r, off, buf, n, &got, e))
        return false;
    *ret_all = got == n;
    return true;
}

void reach_tell(struct reach *r, struct str raw, const char *what, const char *hint)
{
    if (!r->tell)
        return;
    pthread_mutex_lock(&r->lock);
    r->tell(r->ctx, raw, what, hint);
    pthread_mutex_unlock(&r->lock);
}

void reach_tell_once(struct reach *r, uint64_t where, struct str raw, const char *what, const char *hint)
{
    pthread_mutex_lock(&r->lock);
    bool first = where < r->told_n && !(r->told[where / 8] >> (where % 8) & 1);
    if (first) {
        r->told[where / 8] |= (uint8_t)(1 << (where % 8));
        if (r->tell)
            r->tell(r->ctx, raw, what, hint);
    }
    pthread_mutex_unlock(&r->lock);
}

bool reach_bomb(const struct reach *r, uint64_t unpacked, uint64_t packed)
{
    return unpacked > RATIO_FROM && unpacked / r->limits.ratio > packed;
}

/* ---- the world ---- */

static struct archive *archive_of(struct os *os) { return os->ctx; }

static struct open_member *opened(struct os_file f) { return f.h > 0 && !(f.h & 1) ? (struct open_member *)f.h : NULL; }

/* root and below in one, for members.c to tidy. Most fit into `small`; else *ret_large is to be freed. Names that do not fit do not fit in an archive. */
enum { PATH_SMALL = 1024, PATH_LARGE = 192 << 10 };
static bool join(uint8_t small[PATH_SMALL], uint8_t **ret_large, struct str root, struct str below, struct str *ret, struct err *e)
{
    uint8_t *p = small;
    size_t   n = root.n;

    *ret_large = NULL;
    if (root.n > PATH_LARGE / 2 || below.n > PATH_LARGE / 2 - 1)
        return err_set(e, ERR_IO, "open: no such file in the archive");
    if (root.n == 0 || below.n == 0) {
        *ret = root.n ? root : below;
        return true;
    }
    if (root.n + below.n + 1 > PATH_SMALL && !(p = *ret_large = malloc(root.n + below.n + 1)))
        return err_set(e, ERR_MEMORY, "no room for a path");
    memcpy(p, root.p, root.n);
    p[n++] = '/';
    memcpy(p + n, below.p, below.n);
    *ret = (struct str){ p, n + below.n };
    return true;
}

static bool find(struct archive *a, struct str root, struct str below, const char *call, const struct member **ret, struct err *e)
{
    uint8_t    small[PATH_SMALL], *large;
    struct str path = STR_EMPTY;

    if (!join(small, &large, root, below, &path, e))
        return false;
    *ret = members_find(a->r.members, path);
    free(large);
    if (!*ret) {
        err_set(e, ERR_IO, "%s: no such file in the archive", call);
        return err_where(e, "%.*s!/%.*s%s%.*s", STR_ARG(a->r.from.name), STR_ARG(root), root.n && below.n ? "/" : "", STR_ARG(below));
    }
    return true;
}

static bool world_list(struct os *os, struct str root, struct str below, struct arena *a, struct os_entry **ret, size_t *ret_n, struct err *e)
{
    uint8_t    small[PATH_SMALL], *large;
    struct str path;

    bool ok = join(small, &large, root, below, &path, e) && members_list(archive_of(os)->r.members, path, a, ret, ret_n, e);
    free(large);
    return ok;
}

static bool world_stat(struct os *os, struct str path, struct os_stat *ret, struct err *e)
{
    struct archive      *a = archive_of(os);
    const struct member *m = members_find(a->r.members, path);
    struct err           no = { 0 };
    uint8_t              block[256];
    struct arena         none = { block, block + sizeof block, NULL };
    struct os_entry     *list;
    size_t               n;

    *ret = (struct os_stat){ .kind = OS_DIR, .mtime_us = TIME_NONE, .btime_us = TIME_NONE };
    if (m) {
        *ret = (struct os_stat){ .kind = m->kind == MEMBER_LINK ? OS_LINK : OS_FILE, .size_bytes = m->size_bytes, .mtime_us = m->mtime_us, .btime_us = TIME_NONE };
        return true;
    }
    /* A folder that has no room here is a folder. */
    if (members_list(a->r.members, path, &none, &list, &n, &no) || no.kind == ERR_MEMORY)
        return true;
    return *e = no, false;
}

static bool world_link(struct os *os, struct str root, struct str below, struct arena *a, struct str *ret, struct err *e)
{
    const struct member *m;

    if (!find(archive_of(os), root, below, "read link", &m, e))
        return false;
    if (m->kind != MEMBER_LINK)
        return err_set(e, ERR_IO, "read link: not a link");
    struct str copy = str_dup(a, m->link);
    if (!copy.p)
        return err_set(e, ERR_MEMORY, "no room for the text of a link");
    *ret = copy;
    return true;
}

static bool place_of(struct archive *a, const struct member *m, struct open_member *h, struct err *e)
{
    if (!a->zip) {
        h->body = a->seq.body[m->where];
        if (h->body.kind != BODY_NONE)
            return true;
        reach_tell_once(&a->r, m->where, m->raw, h->body.why, h->body.hint);
        err_set(e, h->body.err, "%s", h->body.why);
        return err_hint(e, "%s", h->body.hint);
    }
    struct zip_place p;
    if (!zipfile_place(a->zip, m, &p, e))
        return false;
    h->packed = !p.direct;
    h->body   = (struct body){ .kind = BODY_RANGE, .off = p.off, .size_bytes = p.packed_bytes < m->size_bytes ? p.packed_bytes : m->size_bytes };
    h->sum    = p.direct;
    h->sum_want = p.crc;
    if (p.direct && p.packed_bytes != m->size_bytes)
        reach_tell_once(&a->r, m->where, m->raw, p.clipped ? "truncated: the archive ends within it" : "lying size: stored bytes and stated size differ",
                        "What is there was read. Look at this archive by hand.");
    return true;
}

static bool world_open(struct os *os, struct str root, struct str below, struct os_file *ret, uint64_t *ret_size, struct err *e)
{
    struct archive      *a = archive_of(os);
    const struct member *m;

    if (!find(a, root, below, "open", &m, e))
        return false;
    if (m->kind != MEMBER_FILE)
        return err_set(e, ERR_IO, "open: not a plain file");
    struct open_member *h = calloc(1, sizeof *h);
    if (!h)
        return err_set(e, ERR_MEMORY, "no room to open a member");
    h->m = m;
    if (!place_of(a, m, h, e) || (h->packed && !zipfile_take(a->zip, m, 0, &h->stream, e))) {
        free(h);
        return err_where(e, "%.*s!/%.*s", STR_ARG(a->r.from.name), STR_ARG(m->name));
    }
    pthread_mutex_init(&h->lock, NULL);
    ret->h    = (intptr_t)h;
    *ret_size = m->size_bytes;
    return true;
}

static bool read_packed(struct archive *a, struct open_member *h, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    /* Its end was judged when the last byte was read; one that is said to be empty is asked all the same. */
    if (off >= h->m->size_bytes && h->m->size_bytes) {
        *ret_got = 0;
        return true;
    }
    pthread_mutex_lock(&h->lock);
    if (h->stream && zipfile_at(h->stream) > off) {
        zipfile_give(h->stream);
        h->stream = NULL;
    }
    bool ok = (h->stream || zipfile_take(a->zip, h->m, off, &h->stream, e)) && zipfile_read(h->stream, off, buf, cap, ret_got, e);
    pthread_mutex_unlock(&h->lock);
    return ok;
}

static void sum_up(struct archive *a, struct open_member *h, uint64_t off, const uint8_t *buf, size_t n)
{
    pthread_mutex_lock(&h->lock);
    if (off == h->sum_at && n) {
        h->sum_now = (uint32_t)crc32_z(h->sum_now, buf, n);
        h->sum_at += n;
        if (h->sum_at == h->m->size_bytes && h->sum_now != h->sum_want)
            reach_tell_once(&a->r, h->m->where, h->m->raw, "checksum: its bytes are not those that were packed", "It was read all the same. Copy the archive again, and compare.");
    }
    pthread_mutex_unlock(&h->lock);
}

static bool world_read_at(struct os *os, struct os_file f, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct archive     *a = archive_of(os);
    struct open_member *h = opened(f);

    if (!h)
        return err_set(e, ERR_IO, "read: the file is not open for reading");
    if (h->packed)
        return read_packed(a, h, off, buf, cap, ret_got, e);
    if (h->body.kind == BODY_SPOOL)
        return spool_read(a->r.spool, h->body.spooled, off, buf, cap, ret_got, e);
    if (h->body.kind == BODY_EMPTY || off >= h->body.size_bytes) {
        *ret_got = 0;
        return true;
    }
    if (cap > h->body.size_bytes - off)
        cap = (size_t)(h->body.size_bytes - off);
    if (!reach_read(&a->r, h->body.off + off, buf, cap, ret_got, e))
        return false;
    if (h->sum)
        sum_up(a, h, off, buf, *ret_got);
    return true;
}

static void world_close(struct os *os, struct os_file *f)
{
    struct open_member *h = opened(*f);

    (void)os;
    if (h) {
        zipfile_give(h->stream);
        pthread_mutex_destroy(&h->lock);
        free(h);
    }
    *f = OS_FILE_NONE;
}

static bool read_only(struct err *e) { return err_set(e, ERR_IO, "an archive is never written to"); }
static bool world_mkdir(struct os *os, struct str path, struct err *e) { return (void)os, (void)path, read_only(e); }
static bool world_create(struct os *os, struct str path, struct os_file *ret, struct err *e) { return (void)os, (void)path, (void)ret, read_only(e); }
static bool world_write(struct os *os, struct os_file f, struct str s, struct err *e) { return (void)os, (void)f, (void)s, read_only(e); }
static bool world_commit(struct os *os, struct os_file *f, struct err *e) { return (void)os, (void)f, read_only(e); }
static bool world_spool(struct os *os, struct str dir, struct os_file *ret, struct err *e) { return (void)os, (void)dir, (void)ret, read_only(e); }
static bool world_write_at(struct os *os, struct os_file f, uint64_t off, struct str s, struct err *e) { return (void)os, (void)f, (void)off, (void)s, read_only(e); }
static int64_t world_now_us(struct os *os) { struct os *o = archive_of(os)->r.from.os; return o->now_us(o); }
static uint64_t world_tick_us(struct os *os) { struct os *o = archive_of(os)->r.from.os; return o->tick_us(o); }

struct os *archive_os(struct archive *a) { return &a->os; }
const struct members *archive_members(const struct archive *a) { return a->r.members; }
const char *archive_form(const struct archive *a) { return a->form; }

/* ---- opening ---- */

/* May its bytes be read in any order? Not when they come out of a packed member of another archive. */
static bool is_random(struct os *os, struct os_file f)
{
    const struct open_member *h = os->read_at == world_read_at ? opened(f) : NULL;
    return !h || (!h->packed && (h->body.kind != BODY_RANGE || archive_of(os)->r.random || archive_of(os)->r.copied));
}

static bool copy_down(struct reach *r, struct err *e)
{
    uint8_t *buf = malloc(SPOOL_CHUNK);
    uint64_t off = 0, size;
    size_t   got = 0;
    bool     ok = false;

    if (!buf)
        return err_set(e, ERR_MEMORY, "no room to copy an inner archive");
    if (!spool_begin(r->spool, e))
        goto out;
    do {
        if (!r->from.os->read_at(r->from.os, r->file, off, buf, SPOOL_CHUNK, &got, e) || !spool_write(r->spool, (struct str){ buf, got }, e))
            goto out;
        off += got;
    } while (got == SPOOL_CHUNK);
    if (!spool_end(r->spool, &r->body, &size, e))
        goto out;
    r->copied     = true;
    r->size_bytes = size;
    /* Nobody reads there again: the stream goes, which would otherwise wait for each of thousands of inner archives. */
    r->from.os->close(r->from.os, &r->file);
    r->file = OS_FILE_NONE;
    ok = true;
out:
    spool_drop(r->spool);
    free(buf);
    return ok;
}

static bool is_7z(struct reach *r, bool *ret, struct err *e)
{
    uint8_t head[6];
    size_t  got = 0;

    if (!reach_read(r, 0, head, sizeof head, &got, e))
        return false;
    *ret = got == sizeof head && memcmp(head, "7z\xbc\xaf\x27\x1c", 6) == 0;
    return true;
}

static bool open_zip(struct archive *a, struct err *e)
{
    bool broken = false;

    if (!a->r.random && a->r.copied == false) {
        err_set(e, ERR_LIMIT, "no spool for an inner archive");
        broken = true;
    } else if (zipfile_open(&a->zip, &a->r, &broken, e)) {
        a->form = "zip";
        return true;
    }
    if (!broken || e->kind == ERR_MEMORY)
        return false;
    *e = (struct err){ 0 };
    if (!sequence_open(&a->seq, &a->r, true, e))
        return false;
    a->form = a->seq.form;
    return true;
}

/* A tar ends with blocks of zeros. One that was cut between two entries reads well, and only their absence tells. */
static void tell_unended(struct reach *r)
{
    uint8_t    block[512];
    bool       all = false, zero = true;
    struct err why = { 0 };

    if (!r->random || r->size_bytes < sizeof block)
        return;
    if (!reach_whole(r, r->size_bytes - sizeof block, block, sizeof block, &all, &why) || !all) {
        reach_tell(r, STR_EMPTY, "unreadable: its end could not be read", "Copy the archive again.");
        return;
    }
    for (size_t i = 0; i < sizeof block; i++)
        zero = zero && block[i] == 0;
    if (!zero)
        reach_tell(r, STR_EMPTY, "truncated: a tar without its end mark", "Entries may be missing behind the last one here. Copy the archive again.");
}

bool archive_open(struct archive **ret, const struct archive_from *from, enum archive_kind kind, const struct ev_limits *limits, struct spool *spool,
                  archive_want *want, archive_tell *tell, void *ctx, struct arena *keep, struct err *e)
{
    struct archive *a = NEW(keep, struct archive, 1);
    struct err      why = { 0 };
    bool            seven = false, ok = false;

    if (!a)
        return err_set(e, ERR_MEMORY, "no room for an archive");
    struct reach *r = &a->r;
    *r = (struct reach){ .from = *from, .limits = *limits, .spool = spool, .want = want, .tell = tell, .ctx = ctx, .keep = keep, .file = OS_FILE_NONE };
    pthread_mutex_init(&r->lock, NULL);
    a->os = (struct os){
        .ctx = a, .stat = world_stat, .list = world_list, .link = world_link, .open = world_open, .read_at = world_read_at, .close = world_close,
        .mkdir = world_mkdir, .create = world_create, .write = world_write, .commit = world_commit, .spool = world_spool, .write_at = world_write_at,
        .now_us = world_now_us, .tick_us = world_tick_us,
    };
    r->from.name     = str_dup(keep, from->name);
    r->from.root     = STR_EMPTY;
    r->from.below    = STR_EMPTY;
    r->from.password = str_dup(keep, from->password);
    if (!r->from.name.p || !r->from.password.p) {
        err_set(&why, ERR_MEMORY, "no room for an archive");
        goto out;
    }
    if (kind != ARCHIVE_ZIP && kind != ARCHIVE_SEQUENCE) {
        err_set(&why, ERR_FORMAT, "not an archive that is read here");
        goto out;
    }
    if (!from->os->open(from->os, from->root, from->below, &r->file, &r->size_bytes, &why))
        goto out;
    r->random = is_random(from->os, r->file);
    if (!is_7z(r, &seven, &why))
        goto out;
    if (!r->random && spool && (seven || kind == ARCHIVE_ZIP) && !copy_down(r, &why)) {
        if (why.kind != ERR_LIMIT || seven)
            goto out;
        reach_tell(r, STR_EMPTY, "not spooled: read in sequence, from its local headers", why.hint);
        why = (struct err){ 0 };
    }
    ok = kind == ARCHIVE_ZIP ? open_zip(a, &why) : sequence_open(&a->seq, r, false, &why);
    if (ok && kind == ARCHIVE_SEQUENCE)
        a->form = a->seq.form;
    if (ok && a->form && str_eq(str_c(a->form), STR("tar")))
        tell_unended(r);
out:
    if (!ok) {
        archive_close(a);
        *e = why;
        return err_where(e, "%.*s", STR_ARG(from->name));
    }
    *ret = a;
    return true;
}

void archive_close(struct archive *a)
{
    if (!a)
        return;
    zipfile_close(a->zip);
    a->zip = NULL;
    if (a->r.file.h >= 0)
        a->r.from.os->close(a->r.from.os, &a->r.file);
    pthread_mutex_destroy(&a->r.lock);
}
