/*
 * image_world: the world that an image is.
 *
 * Native names: the top lists the volumes as "v0", "v1"; below them an entry is "*" and its index in the tree of its volume, in decimal. Orphans lie in "*orphans".
 * The last part of a path is all that counts, with the first that says the volume. In a container (image_is_container) entries go by their own names as well, since who
 * packed it refers to them so.
 */
#include "evidence/image_inner.h"

#include "base/num.h"
#include "base/rd.h"
#include "base/time.h"
#include "base/utf.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_BLOCK = 1 << 20 };

static struct image *image_of(struct os *os) { return os->ctx; }

/* ---- where a native path leads ---- */

enum place_kind { PLACE_TOP, PLACE_FOLDER, PLACE_ORPHANS, PLACE_ENTRY };
struct place { enum place_kind kind; struct image_volume *v; uint32_t entry; };

static bool no_file(struct err *e, const char *call) { return err_set(e, ERR_IO, "%s: no such file in the image", call); }

static size_t spot_of(const struct image_names *t, uint32_t folder, struct str name)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325) ^ folder;

    for (size_t i = 0; i < name.n; i++)
        h = (h ^ ch_lower(name.p[i])) * UINT64_C(0x100000001B3);
    return (size_t)(h ^ h >> 29) & t->mask;
}

bool image_names_make(struct image_volume *v, struct err *e)
{
    const struct mft_tree *t = &v->tree;
    size_t                 room = 64;

    while (room < 2 * (size_t)t->entry_n)
        room *= 2;
    v->names = (struct image_names){ malloc(room * sizeof *v->names.entry), room - 1 };
    if (!v->names.entry)
        return err_set(e, ERR_MEMORY, "no room for the names of a container");
    memset(v->names.entry, 0xFF, room * sizeof *v->names.entry);
    for (uint32_t folder = 0; folder < t->record_n; folder++)
        for (uint32_t i = t->in_folder[folder]; i != MFT_NOTHING; i = t->entry[i].next_in_folder) {
            if (t->entry[i].flags & (MFT_IS_DELETED | MFT_IS_STREAM))
                continue;
            size_t at = spot_of(&v->names, folder, mft_entry_name(t, &t->entry[i]));
            while (v->names.entry[at] != MFT_NOTHING)
                at = (at + 1) & v->names.mask;
            v->names.entry[at] = i;
        }
    return v->named = true;
}

/* As stored, else without case. */
static bool by_own_name(const struct place *in, struct str name, uint32_t *ret)
{
    const struct mft_tree    *t = &in->v->tree;
    const struct image_names *names = &in->v->names;
    uint32_t                  folder = in->kind == PLACE_ENTRY ? t->entry[in->entry].record : MFT_ROOT;
    bool                      any = false;

    if (!in->v->named || in->kind == PLACE_ORPHANS)
        return false;
    for (size_t at = spot_of(names, folder, name); names->entry[at] != MFT_NOTHING; at = (at + 1) & names->mask) {
        const struct mft_entry *x = &t->entry[names->entry[at]];
        struct str              is = mft_entry_name(t, x);
        if (x->parent != folder || !str_ieq(is, name) || (any && !str_eq(is, name)))
            continue;
        *ret = names->entry[at];
        any  = true;
    }
    return any;
}

static bool parts_of(struct image *m, struct str path, struct place *io)
{
    struct str part;

    while (str_cut(&path, '/', &part)) {
        uint32_t n;
        if (part.n == 0 || str_eq(part, STR(".")))
            continue;
        if (io->kind == PLACE_TOP) {
            if (part.p[0] != 'v' || !num_u32(str_from(part, 1), &n) || n >= m->volume_n)
                return false;
            *io = (struct place){ PLACE_FOLDER, &m->volume[n], MFT_NOTHING };
        } else if (str_eq(part, STR("*orphans"))) {
            io->kind = PLACE_ORPHANS;
        } else {
            if (part.p[0] == IMAGE_KEY ? !num_u32(str_from(part, 1), &n) : !by_own_name(io, part, &n))
                return false;
            if (n >= io->v->tree.entry_n)
                return false;
            io->kind  = PLACE_ENTRY;
            io->entry = n;
        }
    }
    return true;
}

static bool place_of(struct image *m, struct str root, struct str below, struct place *ret, const char *call, struct err *e)
{
    *ret = (struct place){ PLACE_TOP, NULL, MFT_NOTHING };
    return (parts_of(m, root, ret) && parts_of(m, below, ret)) || no_file(e, call);
}

/* ---- stat and list ---- */

static struct os_stat stat_of(const struct image_volume *v, const struct mft_entry *x)
{
    struct os_stat st = { .kind = OS_FILE, .size_bytes = x->size_bytes, .mtime_us = x->modified_us, .btime_us = x->born_us != TIME_NONE ? x->born_us : x->created_us };

    if (x->flags & MFT_IS_DIR)
        st.kind = OS_DIR, st.size_bytes = 0;
    if ((x->flags & MFT_IS_LINK) && !(x->flags & MFT_IS_STREAM))
        st.kind = OS_LINK;
    st.earlier = v->earlier ? v->earlier : x->flags & MFT_IS_DELETED ? OS_DELETED : 0;
    return st;
}

static struct os_stat folder(uint8_t earlier) { return (struct os_stat){ .kind = OS_DIR, .mtime_us = TIME_NONE, .btime_us = TIME_NONE, .earlier = earlier }; }

static bool world_stat(struct os *os, struct str path, struct os_stat *ret, struct err *e)
{
    struct place p;

    if (!place_of(image_of(os), STR_EMPTY, path, &p, "stat", e))
        return false;
    *ret = p.kind == PLACE_ENTRY ? stat_of(p.v, &p.v->tree.entry[p.entry]) : folder(p.v ? p.v->earlier : 0);
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct os_entry *x = a, *y = b;
    int c = str_cmp(x->name, y->name);

    if (c)
        return c;
    if (x->st.earlier != y->st.earlier)
        return x->st.earlier < y->st.earlier ? -1 : 1;
    return x->key.n != y->key.n ? (x->key.n < y->key.n ? -1 : 1) : str_cmp(x->key, y->key);
}

/* Is it worth a line? Deleted ones only where their bytes can still be read; of NTFS's own files what a hunt reads. */
static bool is_listed(const struct image_volume *v, const struct mft_entry *x)
{
    const struct mft_tree *t = &v->tree;

    /* What was deleted in a container was the collector's; what Windows put there when it was attached is nobody's evidence. */
    if (v->named && (x->flags & (MFT_IS_DELETED | MFT_IS_STREAM) || x->record < 24 ||
                     (x->parent == MFT_ROOT && (str_eq(mft_entry_name(t, x), STR("System Volume Information")) || str_eq(mft_entry_name(t, x), STR("$RECYCLE.BIN"))))))
        return false;
    if (x->flags & MFT_IS_DELETED && !(x->flags & (MFT_IS_DIR | MFT_IS_SPARE)))
        return false;
    /* Records 1 to 11 are NTFS's own: its log, its bitmap, a stream of bad clusters as large as the volume. Only the table itself is read, and what lies in $Extend. */
    if (x->record > 0 && x->record < 12 && (x->record == MFT_ROOT || !(x->flags & MFT_IS_DIR)))
        return false;
    /* The journal's own name has no bytes: they are its stream's. */
    return !(x->size_bytes == 0 && str_eq(mft_entry_name(t, x), STR("$UsnJrnl")));
}

static bool list_chain(const struct image_volume *v, uint32_t first, struct arena *a, struct os_entry **ret, size_t *ret_n, struct err *e)
{
    const struct mft_tree *t = &v->tree;
    size_t                 n = 0;

    for (uint32_t i = first; i != MFT_NOTHING; i = t->entry[i].next_in_folder)
        n += is_listed(v, &t->entry[i]);
    struct os_entry *list = NEW(a, struct os_entry, n + 1);
    if (!list)
        return err_set(e, ERR_MEMORY, "no room for a list of %zu files", n);
    n = 0;
    for (uint32_t i = first; i != MFT_NOTHING; i = t->entry[i].next_in_folder) {
        const struct mft_entry *x = &t->entry[i];
        if (!is_listed(v, x))
            continue;
        list[n] = (struct os_entry){ .name = mft_entry_name(t, x), .st = stat_of(v, x), .key = v->named ? STR_EMPTY : str_fmt(a, "%c%u", IMAGE_KEY, i) };
        if (!v->named && !list[n].key.p)
            return err_set(e, ERR_MEMORY, "no room for a list of files");
        n++;
    }
    *ret   = list;
    *ret_n = n;
    return true;
}

static bool add_orphans(const struct image_volume *v, struct arena *a, struct os_entry **io, size_t *io_n, struct err *e)
{
    bool any = false;

    for (uint32_t i = v->tree.orphans; i != MFT_NOTHING && !any; i = v->tree.entry[i].next_in_folder)
        any = is_listed(v, &v->tree.entry[i]);
    if (!any)
        return true;
    struct os_entry *more = NEW(a, struct os_entry, *io_n + 1);
    if (!more)
        return err_set(e, ERR_MEMORY, "no room for a list of files");
    memcpy(more, *io, *io_n * sizeof *more);
    more[*io_n] = (struct os_entry){ .name = STR("$OrphanFiles"), .key = STR("*orphans"), .st = folder(v->earlier ? v->earlier : OS_DELETED) };
    *io = more;
    ++*io_n;
    return true;
}

static bool world_list(struct os *os, struct str root, struct str below, struct arena *a, struct os_entry **ret, size_t *ret_n, struct err *e)
{
    struct image    *m = image_of(os);
    struct place     p;
    struct os_entry *list = NULL;
    size_t           n = 0;
    bool             ok = true;

    if (!place_of(m, root, below, &p, "list", e))
        return false;
    switch (p.kind) {
    case PLACE_TOP:
        list = NEW(a, struct os_entry, m->volume_n + 1);
        if (!list)
            return err_set(e, ERR_MEMORY, "no room for a list of volumes");
        for (; n < m->volume_n; n++) {
            list[n] = (struct os_entry){ .name = str_fmt(a, "%c", m->volume[n].letter), .key = str_fmt(a, "v%zu", n), .st = folder(m->volume[n].earlier) };
            if (!list[n].name.p || !list[n].key.p)
                return err_set(e, ERR_MEMORY, "no room for a list of volumes");
        }
        break;
    case PLACE_FOLDER:
        ok = list_chain(p.v, MFT_ROOT < p.v->tree.record_n ? p.v->tree.in_folder[MFT_ROOT] : MFT_NOTHING, a, &list, &n, e) && add_orphans(p.v, a, &list, &n, e);
        break;
    case PLACE_ORPHANS:
        ok = list_chain(p.v, p.v->tree.orphans, a, &list, &n, e);
        break;
    case PLACE_ENTRY:
        if (!(p.v->tree.entry[p.entry].flags & MFT_IS_DIR))
            return err_set(e, ERR_IO, "list: not a folder");
        ok = list_chain(p.v, p.v->tree.in_folder[p.v->tree.entry[p.entry].record], a, &list, &n, e);
        break;
    }
    if (!ok)
        return false;
    if (n)
        qsort(list, n, sizeof *list, by_name);
    *ret   = list;
    *ret_n = n;
    return true;
}

/* Source: MS-FSCC 2.1.2.4 and 2.1.2.5. The text of a junction is "\??\C:\...". */
static bool world_link(struct os *os, struct str root, struct str below, struct arena *a, struct str *ret, struct err *e)
{
    struct place      p;
    struct arena      own = *a;
    uint8_t          *raw = TAKE(&own, uint8_t, MFT_RECORD_MAX);
    struct mft_record *r = TAKE(&own, struct mft_record, 1);

    if (!place_of(image_of(os), root, below, &p, "read link", e))
        return false;
    if (!raw || !r)
        return err_set(e, ERR_MEMORY, "no room for the text of a link");
    if (p.kind != PLACE_ENTRY || !(p.v->tree.entry[p.entry].flags & MFT_IS_LINK))
        return err_set(e, ERR_IO, "read link: not a link");
    if (!ntfs_record(&p.v->ntfs, p.v->tree.entry[p.entry].record, raw, r, e))
        return false;
    struct rd d = { .s = r->reparse };
    rd_skip(&d, 8);
    size_t at = rd_u16le(&d), n = rd_u16le(&d), head = r->reparse_tag == MFT_TAG_LINK ? 20 : 16;
    rd_seek(&d, head + at);
    struct str wide = rd_take(&d, n), text = d.bad ? STR_EMPTY : utf_to8(&own, wide, UTF_16LE);
    if (str_starts(text, STR("\\??\\")))
        text = str_from(text, 4);
    if (!text.n || !(*ret = str_dup(a, text)).p)
        return err_set(e, ERR_FORMAT, "read link: its target is damaged");
    return true;
}

/* ---- open and read ---- */

struct opened { struct ntfs_file f; void *block; pthread_mutex_t lock; };

static struct opened *opened_of(struct os_file f) { return f.h > 0 && !(f.h & 1) ? (struct opened *)f.h : NULL; }

static struct str wide_of(struct str s, uint8_t *to, size_t cap)
{
    size_t n = 0;

    while (s.n && n + 4 <= cap) {
        uint32_t c = s.p[0];
        size_t   len = utf8_next(s, &c);
        s = str_from(s, len ? len : 1);
        if (c >= 0x10000) {
            uint32_t hi = 0xD800 + ((c - 0x10000) >> 10), lo = 0xDC00 + ((c - 0x10000) & 0x3FF);
            to[n++] = (uint8_t)hi, to[n++] = (uint8_t)(hi >> 8), to[n++] = (uint8_t)lo, to[n++] = (uint8_t)(lo >> 8);
        } else {
            to[n++] = (uint8_t)c, to[n++] = (uint8_t)(c >> 8);
        }
    }
    return (struct str){ to, n };
}

static bool file_of(const struct image_volume *v, const struct mft_entry *x, struct opened *h, struct err *e)
{
    static const size_t room[] = { 64 << 10, 1 << 20, 48 << 20 };
    uint8_t    wide[1024];
    struct str name = mft_entry_name(&v->tree, x), stream = STR_EMPTY;
    size_t     colon = str_chr(name, ':');

    if (x->flags & MFT_IS_STREAM)
        stream = wide_of(str_from(name, colon == STR_NONE ? name.n : colon + 1), wide, sizeof wide);
    for (size_t i = 0; i < COUNT_OF(room); i++) {
        struct err why = { 0 };
        h->block = malloc(room[i]);
        if (!h->block)
            return err_set(e, ERR_MEMORY, "no room to open a file");
        struct arena a = { h->block, (uint8_t *)h->block + room[i], NULL };
        if (ntfs_file_open(&h->f, &v->ntfs, x->record, x->sequence, stream, &a, &why))
            return true;
        free(h->block);
        h->block = NULL;
        /* A name without bytes of its own: an empty file. */
        if (why.kind == ERR_FORMAT && x->size_bytes == 0 && !stream.n && str_eq(str_c(why.what), STR("no such stream"))) {
            h->f = (struct ntfs_file){ .v = &v->ntfs, .resident = true };
            return true;
        }
        if (why.kind != ERR_MEMORY || i + 1 == COUNT_OF(room))
            return *e = why, false;
    }
    return false;
}

/*
 * A file that is nearly all holes costs a reader time for nothing, and a hostile table can promise exabytes. The change journal is such a file by nature, and is read by
 * who knows how to pass over holes.
 */
static bool is_hollow(const struct ntfs_file *f, struct str name)
{
    enum { RATIO = 300 };
    uint64_t stored = 0;

    if (f->resident || f->size_bytes < UINT64_C(64) << 20 || str_iends(name, STR(":$J")))
        return false;
    for (size_t i = 0; i < f->n; i++)
        stored += f->extent[i].lcn >= 0 ? f->extent[i].clusters * f->v->cluster_bytes : 0;
    return f->size_bytes / RATIO > stored;
}

static bool world_open(struct os *os, struct str root, struct str below, struct os_file *ret, uint64_t *ret_size, struct err *e)
{
    struct place p;

    if (!place_of(image_of(os), root, below, &p, "open", e))
        return false;
    if (p.kind != PLACE_ENTRY || (p.v->tree.entry[p.entry].flags & (MFT_IS_DIR | MFT_IS_LINK) && !(p.v->tree.entry[p.entry].flags & MFT_IS_STREAM)))
        return err_set(e, ERR_IO, "open: not a plain file");
    struct opened *h = calloc(1, sizeof *h);
    if (!h)
        return err_set(e, ERR_MEMORY, "no room to open a file");
    if (!file_of(p.v, &p.v->tree.entry[p.entry], h, e)) {
        free(h);
        return false;
    }
    if (is_hollow(&h->f, mft_entry_name(&p.v->tree, &p.v->tree.entry[p.entry]))) {
        err_set(e, ERR_LIMIT, "%llu bytes that are nearly all holes", (unsigned long long)h->f.size_bytes);
        err_hint(e, "Look at it by hand: it is not what it seems.");
        free(h->block);
        free(h);
        return false;
    }
    pthread_mutex_init(&h->lock, NULL);
    ret->h    = (intptr_t)h;
    *ret_size = h->f.size_bytes;
    return true;
}

static bool world_read_at(struct os *os, struct os_file f, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct opened *h = opened_of(f);

    (void)os;
    if (!h)
        return err_set(e, ERR_IO, "read: the file is not open for reading");
    if (!h->f.compressed)
        return ntfs_file_read(&h->f, off, buf, cap, ret_got, e);
    pthread_mutex_lock(&h->lock);
    bool ok = ntfs_file_read(&h->f, off, buf, cap, ret_got, e);
    pthread_mutex_unlock(&h->lock);
    return ok;
}

static uint64_t world_next_data(struct os *os, struct os_file f, uint64_t off)
{
    struct opened *h = opened_of(f);

    (void)os;
    return h ? ntfs_file_next_data(&h->f, off) : off;
}

static void world_close(struct os *os, struct os_file *f)
{
    struct opened *h = opened_of(*f);

    (void)os;
    if (h) {
        pthread_mutex_destroy(&h->lock);
        free(h->block);
        free(h);
    }
    *f = OS_FILE_NONE;
}

static bool read_only(struct err *e) { return err_set(e, ERR_IO, "an image is never written to"); }
static bool world_mkdir(struct os *os, struct str path, struct err *e) { return (void)os, (void)path, read_only(e); }
static bool world_create(struct os *os, struct str path, struct os_file *ret, struct err *e) { return (void)os, (void)path, (void)ret, read_only(e); }
static bool world_write(struct os *os, struct os_file f, struct str s, struct err *e) { return (void)os, (void)f, (void)s, read_only(e); }
static bool world_commit(struct os *os, struct os_file *f, struct err *e) { return (void)os, (void)f, read_only(e); }
static bool world_write_at(struct os *os, struct os_file f, uint64_t off, struct str s, struct err *e) { return (void)os, (void)f, (void)off, (void)s, read_only(e); }
static int64_t world_now_us(struct os *os) { struct os *o = image_of(os)->clock; return o->now_us(o); }
static uint64_t world_tick_us(struct os *os) { struct os *o = image_of(os)->clock; return o->tick_us(o); }

void image_world_make(struct image *m)
{
    m->os = (struct os){
        .ctx = m, .stat = world_stat, .list = world_list, .link = world_link, .open = world_open, .read_at = world_read_at, .close = world_close, .mkdir = world_mkdir,
        .rmdir = world_mkdir, .create = world_create, .write = world_write, .commit = world_commit, .spool = world_create, .write_at = world_write_at, .now_us = world_now_us,
        .tick_us = world_tick_us, .next_data = world_next_data,
    };
}

/* ---- the tree ---- */

uint32_t image_volume_find(const struct image_volume *v, const char *const *part, size_t part_n)
{
    uint32_t in = MFT_ROOT, found = MFT_NOTHING;

    for (size_t k = 0; k < part_n; k++) {
        found = MFT_NOTHING;
        for (uint32_t i = in < v->tree.record_n ? v->tree.in_folder[in] : MFT_NOTHING; i != MFT_NOTHING && found == MFT_NOTHING; i = v->tree.entry[i].next_in_folder)
            if (!(v->tree.entry[i].flags & MFT_IS_DELETED) && str_ieq(mft_entry_name(&v->tree, &v->tree.entry[i]), str_c(part[k])))
                found = i;
        if (found == MFT_NOTHING)
            return MFT_NOTHING;
        in = v->tree.entry[found].record;
    }
    return found;
}

/* A deleted file whose bytes are all described here, and whose clusters nobody took since. */
static bool is_spare(const struct ntfs *n, const struct mft_record *m, uint8_t *buf, struct err *why)
{
    bool own = false;

    if (m->in_use || m->is_dir || m->has_list || !mft_is_base(m) || m->reparse_tag)
        return false;
    for (size_t i = 0; i < m->stream_n; i++)
        if (m->stream[i].raw.n == 0) {
            own = true;
            if (m->stream[i].size_bytes == 0 || !ntfs_stream_spare(n, &m->stream[i], buf, why))
                return false;
        }
    return own;
}

/* Of a shadow copy: the same record as on the volume of today, and no folder, whose name others need. Deleted files there are left to who carves. */
static bool is_dull(const uint8_t *raw, const uint8_t *today, size_t n) { return !(raw[0x16] & 1) || (!(raw[0x16] & 2) && memcmp(raw, today, n) == 0); }

bool image_volume_index(struct image *m, struct image_volume *v, const struct image_volume *live, struct err *e)
{
    uint8_t           *block = malloc(TABLE_BLOCK + 4096), *today = live ? malloc(TABLE_BLOCK) : NULL;
    struct mft_record *r = malloc(sizeof *r);
    struct ntfs_file   table = v->ntfs.mft;
    struct err         first = { 0 }, unsure = { 0 };
    uint64_t           lost = 0, torn = 0;
    size_t             got = 0, size = v->ntfs.record_bytes;
    struct ntfs_file   other = live ? live->ntfs.mft : (struct ntfs_file){ 0 };
    size_t             other_got = 0;
    bool               ok = block && r && (today || !live) ? mft_tree_open(&v->tree, v->room, e) : err_set(e, ERR_MEMORY, "no room to read a file table");

    /* A table is never larger than its volume, nor of any use behind its valid length: what promises more is cut there. */
    uint64_t end = table.size_bytes < table.valid_bytes ? table.size_bytes : table.valid_bytes;
    if (end / v->ntfs.cluster_bytes > v->ntfs.clusters)
        end = v->ntfs.clusters * v->ntfs.cluster_bytes;
    for (uint64_t at = 0; ok && at < end; at += TABLE_BLOCK) {
        struct err why = { 0 };
        uint64_t   data = ntfs_file_next_data(&table, at);
        if (data >= at + TABLE_BLOCK) {
            at = data / TABLE_BLOCK * TABLE_BLOCK - TABLE_BLOCK;
            continue;
        }
        if (!ntfs_file_read(&table, at, block, TABLE_BLOCK, &got, &why)) {
            /* What can be read behind a bad place is read; an image that is cut has nothing more, and says so quickly. */
            if (!lost++)
                first = why;
            continue;
        }
        if (live && (live->ntfs.record_bytes != size || !ntfs_file_read(&other, at, today, TABLE_BLOCK, &other_got, &why)))
            other_got = 0;
        for (size_t i = 0; i + size <= got; i += size) {
            struct err none = { 0 };
            if (live && i + size <= other_got && is_dull(block + i, today + i, size))
                continue;
            if (!mft_record_parse(r, block + i, size, (at + i) / size, &none))
                continue;
            torn += r->damaged != NULL;
            mft_tree_add(&v->tree, r, !r->in_use && is_spare(&v->ntfs, r, block + TABLE_BLOCK, &unsure));
        }
    }
    if (ok) {
        mft_tree_settle(&v->tree);
        char name[32], what[200];
        snprintf(name, sizeof name, "partition %u", v->partition.number);
        if (lost) {
            snprintf(what, sizeof what, "truncated: a part of the file table cannot be read: %.120s", first.what);
            image_say(&m->r, name, what, "Files that it described are missing here. Copy the image again.");
        }
        if (unsure.kind) {
            snprintf(what, sizeof what, "damaged: a part of the map of used clusters cannot be read: %.110s", unsure.what);
            image_say(&m->r, name, what, "Deleted files there are left out: nobody knows whether their bytes are still theirs.");
        }
        if (torn)
            image_say(&m->r, name, "damaged: records of the file table are torn or cut", "Their files are kept as far as they can be read.");
        /* From here on it takes no more than it needs. */
        struct arena exact = { 0 }, whole = v->room;
        ok = os_arena_map(&exact, mft_tree_bytes(&v->tree) + 256, e) && (mft_tree_move(&v->tree, exact) || err_set(e, ERR_MEMORY, "no room for a tree of files"));
        v->room = exact;
        os_arena_unmap(&whole);
        if (v->tree.left_out)
            image_say(&m->r, name, "too large: more files than this build keeps", "Mount it read-only and hunt parts of it one by one.");
    }
    free(block);
    free(today);
    free(r);
    return ok;
}
