#include "evidence/image_inner.h"

#include "base/num.h"
#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a file is ---- */

static bool ends_in_number(struct str name, uint32_t *ret)
{
    size_t dot = str_rchr(name, '.');
    return dot != STR_NONE && name.n - dot >= 3 && name.n - dot <= 5 && num_u32(str_from(name, dot + 1), ret);
}

/* "x-flat.vmdk", "x-s001.vmdk", "x-f001.vmdk": *ret_n bytes of it are "x". */
static bool vmdk_piece(struct str name, size_t *ret_n)
{
    size_t dash = str_rchr(name, '-');
    struct str tail = dash == STR_NONE ? STR_EMPTY : str_from(name, dash + 1);
    uint32_t   none;

    if (ret_n)
        *ret_n = dash;
    if (str_ieq(tail, STR("flat.vmdk")))
        return true;
    return tail.n == 9 && str_iends(tail, STR(".vmdk")) && (ch_lower(tail.p[0]) == 's' || ch_lower(tail.p[0]) == 'f') && num_u32(str_sub(tail, 1, 4), &none);
}

enum image_kind image_probe(struct str head, struct str name, uint64_t size_bytes, const char **ret_what, const char **ret_hint)
{
    uint32_t number = 0;

    *ret_what = *ret_hint = "";
    if (str_starts(head, STR("EVF\x09\x0d\x0a\xff\0")))
        return head.n > 11 && (head.p[9] | head.p[10] << 8) != 1 ? IMAGE_PIECE : IMAGE_EWF;
    if (str_starts(head, STR("EVF2\x0d\x0a\x81\0"))) {
        *ret_what = "EnCase disk image (Ex01)";
        *ret_hint = "Convert it to E01 or raw (ewfexport), and hunt that.";
        return IMAGE_OTHER;
    }
    if (str_starts(head, STR("vhdxfile")))
        return IMAGE_VHDX;
    if (str_starts(head, STR("conectix")))
        return IMAGE_VHD;
    /* Pieces of a disk in several files are named by its descriptor. */
    if (vmdk_piece(name, NULL))
        return IMAGE_PIECE;
    if (str_starts(head, STR("KDMV")))
        return IMAGE_VMDK;
    if (str_starts(head, STR("# Disk DescriptorFile")))
        return IMAGE_VMDK;
    if (str_starts(head, STR("QFI\xfb"))) {
        *ret_what = "virtual disk (QCOW)";
        *ret_hint = "Convert it (qemu-img convert -O raw), and hunt the result.";
        return IMAGE_OTHER;
    }
    if (size_bytes < IMAGE_BYTES_MIN)
        return IMAGE_NONE;
    if (ends_in_number(name, &number) && number > 1)
        return IMAGE_PIECE;
    return partitions_probe(head) ? IMAGE_RAW : IMAGE_NONE;
}

/* ---- files ---- */

bool image_file_open(struct image_file *ret, const struct image_reach *r, struct str name, struct err *e)
{
    uint8_t      block[8192];
    struct arena a = { block, block + sizeof block, NULL };
    struct str   below = name.n ? str_cat(&a, r->dir, name) : r->from.below;

    *ret = (struct image_file){ .os = r->from.os, .f = OS_FILE_NONE };
    if (!below.p || str_chr(name, '/') != STR_NONE || str_chr(name, '\\') != STR_NONE)
        return err_set(e, ERR_FORMAT, "a name that cannot be a file beside the image");
    return r->from.os->open(r->from.os, r->from.root, below, &ret->f, &ret->size_bytes, e);
}

void image_file_close(struct image_file *f)
{
    if (f->os)
        f->os->close(f->os, &f->f);
}

bool image_file_whole(const struct image_file *f, uint64_t off, uint8_t *buf, size_t n, struct err *e)
{
    size_t got = 0;

    if (off > f->size_bytes || n > f->size_bytes - off)
        return err_set(e, ERR_FORMAT, "the image's file ends at %llu, before %zu bytes at %llu", (unsigned long long)f->size_bytes, n, (unsigned long long)off);
    if (!f->os->read_at(f->os, f->f, off, buf, n, &got, e))
        return false;
    return got == n || err_set(e, ERR_FORMAT, "the image's file ends at %llu", (unsigned long long)(off + got));
}

void image_say(const struct image_reach *r, const char *path, const char *what, const char *hint)
{
    if (r->tell)
        r->tell(r->ctx, str_c(path), what, hint);
}

bool image_first_there(const struct image_from *from)
{
    uint8_t      block[8192];
    struct arena a = { block, block + sizeof block, NULL };
    size_t       slash = str_rchr(from->below, '/'), n;
    struct str   name = slash == STR_NONE ? from->below : str_from(from->below, slash + 1), stem, dir = str_sub(from->below, 0, from->below.n - name.n);
    size_t       dot = str_rchr(name, '.');
    const char  *try[3] = { NULL, NULL, NULL };

    if (vmdk_piece(name, &n))
        stem = str_sub(name, 0, n), try[0] = ".vmdk", try[1] = ".VMDK";
    else if (dot == STR_NONE)
        return false;
    else if (ch_alpha(name.p[dot + 1]))
        stem = str_sub(name, 0, dot), try[0] = ".E01", try[1] = ".e01";
    else
        stem = str_sub(name, 0, dot), try[0] = ".001", try[1] = ".000", try[2] = ".0001";
    for (size_t i = 0; i < 3 && try[i]; i++) {
        struct os_file f = OS_FILE_NONE;
        struct err     none = { 0 };
        uint64_t       size;
        struct str     path = str_cat(&a, str_cat(&a, dir, stem), str_c(try[i]));
        if (path.p && from->os->open(from->os, from->root, path, &f, &size, &none)) {
            from->os->close(from->os, &f);
            return true;
        }
    }
    return false;
}

/* ---- raw, in one file or several ---- */

struct raw { struct image_file *file; uint64_t *from; size_t n; };

static bool raw_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    const struct raw *w = ctx;
    size_t            i = w->n, all = 0;

    while (i > 0 && w->from[i - 1] > off)
        i--;
    for (; i > 0 && i <= w->n && all < cap; i++) {
        const struct image_file *f = &w->file[i - 1];
        uint64_t in = off + all - w->from[i - 1];
        size_t   want = in >= f->size_bytes ? 0 : f->size_bytes - in < cap - all ? (size_t)(f->size_bytes - in) : cap - all, got = 0;
        if (want && !f->os->read_at(f->os, f->f, in, buf + all, want, &got, e))
            return false;
        all += got;
        if (got < want)
            break;
    }
    *ret_got = all;
    return true;
}

static void raw_close(void *ctx)
{
    struct raw *w = ctx;
    for (size_t i = 0; w && i < w->n; i++)
        image_file_close(&w->file[i]);
}

bool image_raw_open(struct image_body *ret, const struct image_reach *r, struct err *e)
{
    struct raw *w = NEW(r->keep, struct raw, 1);
    struct str  name = str_from(r->from.below, r->dir.n);
    uint32_t    number = 0;
    uint64_t    size = 0;

    if (!w || !(w->file = NEW(r->keep, struct image_file, IMAGE_PIECES_MAX)) || !(w->from = NEW(r->keep, uint64_t, IMAGE_PIECES_MAX)))
        return err_set(e, ERR_MEMORY, "no room for an image");
    *ret = (struct image_body){ .form = "raw", .ctx = w, .close = raw_close };
    if (!image_file_open(&w->file[0], r, STR_EMPTY, e))
        return false;
    w->n = 1;
    size = w->file[0].size_bytes;
    size_t digits = name.n - str_rchr(name, '.') - 1;
    if (ends_in_number(name, &number) && number <= 1)
        for (uint32_t k = number + 1; w->n < IMAGE_PIECES_MAX; k++) {
            uint8_t      block[2048];
            struct arena a = { block, block + sizeof block, NULL };
            struct err   none = { 0 };
            struct str   next = str_fmt(&a, "%.*s%0*u", STR_ARG(str_sub(name, 0, name.n - digits)), (int)digits, k);
            if (!next.p || !image_file_open(&w->file[w->n], r, next, &none))
                break;
            w->from[w->n] = size;
            size = num_add_sat(size, w->file[w->n++].size_bytes);
        }
    ret->b = (struct blocks){ raw_read, w, size };
    return true;
}

bool image_siblings(struct os *os, struct str path, struct arena *a, struct str **ret, size_t *ret_n, struct err *e)
{
    uint8_t          head[IMAGE_HEAD];
    struct os_file   f = OS_FILE_NONE;
    struct err       none = { 0 };
    uint64_t         size = 0;
    size_t           got = 0, n = 0, cap = 0, entry_n = 0;
    const char      *what, *hint;
    struct os_entry *entry = NULL;
    struct str      *list = NULL;
    size_t           slash = str_rchr(path, '/');
    struct str       dir = slash == STR_NONE ? STR(".") : slash ? str_sub(path, 0, slash) : STR("/"), name = slash == STR_NONE ? path : str_from(path, slash + 1);
    size_t           dot = str_rchr(name, '.');
    struct os_stat   st;

    *ret   = NULL;
    *ret_n = 0;
    if (dot == STR_NONE || !os->stat(os, path, &st, &none) || st.kind != OS_FILE || !os->open(os, dir, name, &f, &size, &none))
        return true;
    bool ok = os->read_at(os, f, 0, head, sizeof head, &got, &none);
    os->close(os, &f);
    enum image_kind k = ok ? image_probe((struct str){ head, got }, name, size, &what, &hint) : IMAGE_NONE;
    if ((k != IMAGE_RAW && k != IMAGE_EWF && k != IMAGE_VMDK && k != IMAGE_PIECE) || !os->list(os, dir, STR_EMPTY, a, &entry, &entry_n, &none))
        return true;
    struct str stem = str_sub(name, 0, dot);
    for (size_t i = 0; i < entry_n && n < IMAGE_PIECES_MAX; i++) {
        struct str x = entry[i].name;
        if (entry[i].st.kind != OS_FILE || str_eq(x, name) || !str_istarts(x, stem) || x.n <= stem.n || (x.p[stem.n] != '.' && x.p[stem.n] != '-'))
            continue;
        struct str *at = GROW(a, list, n, &cap);
        if (!at || !(*at = str_fmt(a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(x))).p)
            return err_set(e, ERR_MEMORY, "no room for the pieces of an image");
        n++;
    }
    *ret   = list;
    *ret_n = n;
    return true;
}

/* ---- volumes ---- */

static const char *part_name(const struct partition *p, char to[32])
{
    if (p->number == 0)
        return "";
    snprintf(to, 32, "partition %u", p->number);
    return to;
}

static bool is_system(const struct image_volume *v)
{
    static const char *const way[] = { "Windows", "System32" };
    return image_volume_find(v, way, 2) != MFT_NOTHING;
}

/* Boot and recovery partitions hold nothing that a hunt asks about. */
static bool is_service(const struct image_volume *v)
{
    static const char *const boot[] = { "bootmgr" }, *const recovery[] = { "Recovery" }, *const users[] = { "Users" };
    return v->range.of.size_bytes && v->partition.size_bytes < (UINT64_C(4) << 30) && v->tree.files < 2000 && image_volume_find(v, users, 1) == MFT_NOTHING &&
           (image_volume_find(v, boot, 1) != MFT_NOTHING || image_volume_find(v, recovery, 1) != MFT_NOTHING);
}

static bool add_volume(struct image *m, const struct partition *p, const struct image_volume *live, uint8_t earlier, struct blocks of, struct err *e)
{
    struct image_volume *v = &m->volume[m->volume_n];
    char                 name[32];
    struct err           why = { 0 };

    if (m->volume_n == IMAGE_VOLUMES_MAX) {
        image_say(&m->r, part_name(p, name), "too large: more volumes than this build reads", "Take images of the volumes one by one.");
        return true;
    }
    *v = (struct image_volume){ .partition = *p, .earlier = earlier };
    struct blocks b = block_part(&v->range, of, p->off, p->size_bytes);
    if (!os_arena_map(&v->room, IMAGE_TREE_BYTES, e))
        return false;
    if (!ntfs_open(&v->ntfs, &b, m->r.keep, &why) || !image_volume_index(m, v, live, &why)) {
        char what[220];
        os_arena_unmap(&v->room);
        if (why.kind == ERR_MEMORY)
            return *e = why, false;
        if (m->first.kind == ERR_NONE)
            m->first = why;
        snprintf(what, sizeof what, "unreadable volume: %.160s", why.what);
        image_say(&m->r, part_name(p, name), what, "Copy the image again; if it is the same then, mount the volume read-only and hunt the mount point.");
        return true;
    }
    if (v->ntfs.from_copy)
        image_say(&m->r, part_name(p, name), "damaged: the boot sector is no good, its copy at the end of the volume was used", "Its files were read.");
    if (v->ntfs.from_mirror)
        image_say(&m->r, part_name(p, name), "damaged: the beginning of the file table is no good, its copy ($MFTMirr) was used", "Its files were read.");
    if (!v->ntfs.bitmap.v)
        image_say(&m->r, part_name(p, name), "damaged: the map of used clusters cannot be read", "Deleted files are left out: nobody knows whether their bytes are still theirs.");
    v->system = is_system(v);
    m->volume_n++;
    return true;
}

/* Copies of each volume come behind all volumes, newest first. */
static bool add_shadows(struct image *m, size_t at, struct err *e)
{
    struct image_volume *live = &m->volume[at];
    struct blocks        whole = live->ntfs.b;
    struct err           why = { 0 };
    size_t               n = 0, more = 0;
    char                 name[32];

    if (!image_has_shadows(&whole))
        return true;
    if (!image_shadows_open(&live->shadows, whole, &n, &more, &why)) {
        char what[220];
        if (why.kind == ERR_MEMORY)
            return *e = why, false;
        snprintf(what, sizeof what, "shadow copies: %.160s", why.what);
        image_say(&m->r, part_name(&live->partition, name), what, "The volume itself was read. Mount the copies elsewhere (vshadowmount), and hunt them as folders.");
        return true;
    }
    if (more)
        image_say(&m->r, part_name(&live->partition, name), "shadow copies: some are left out: more than this build reads, damaged, or kept on another volume", "Mount them elsewhere (vshadowmount), and hunt them as folders.");
    struct partition all = live->partition;
    all.off = 0;
    for (size_t i = 0; i < n; i++) {
        size_t before = m->volume_n;
        if (!add_volume(m, &all, live, (uint8_t)(i + 1), image_shadow_block(live->shadows, i), e))
            return false;
        if (m->volume_n > before)
            m->volume[before].of = at;
    }
    return true;
}

static bool read_volumes(struct image *m, struct err *e)
{
    struct partitions *p = malloc(sizeof *p);
    size_t             told = 0, empty = 0;
    char               name[32];
    bool               ok = p ? partitions_read(p, &m->body.b, e) : err_set(e, ERR_MEMORY, "no room for a table of partitions");

    if (ok) {
        m->gpt = p->gpt;
        memcpy(m->disk_id, p->disk_id, sizeof m->disk_id);
    }
    for (size_t i = 0; ok && i < p->n; i++) {
        const struct partition *x = &p->one[i];
        const char *hint, *what = volume_kind_says(x->kind, &hint);
        if (x->kind == VOLUME_NTFS) {
            size_t before = m->volume_n;
            ok = add_volume(m, x, NULL, 0, m->body.b, e);
            if (ok && m->volume_n > before && is_service(&m->volume[before])) {
                os_arena_unmap(&m->volume[before].room);
                m->volume_n = before;
            }
        } else if (what && !(x->kind == VOLUME_FAT && x->size_bytes < (UINT64_C(1) << 30))) {   /* small ones are for booting */
            image_say(&m->r, part_name(x, name), what, hint);
            told++;
        } else {
            empty++;
        }
    }
    if (ok && p->trouble) {
        char what[200];
        snprintf(what, sizeof what, "truncated or damaged: %.160s", p->trouble);
        image_say(&m->r, "", what, "What could be found was read. Copy the image again.");
    }
    if (ok && m->volume_n == 0) {
        const char *hint = "Look at it by hand: fdisk -l and file -s say what is in it.", *what = NULL;
        for (size_t i = 0; i < p->n && !what; i++)
            what = volume_kind_says(p->one[i].kind, &hint);
        ok = err_set(e, ERR_FORMAT, "%s", what ? what : m->first.kind ? m->first.what : p->trouble ? p->trouble : p->n ? "no volume that is read here" : "no volume was found in it");
        err_hint(e, "%s", what || !m->first.kind ? hint : "Copy the image again; if it is the same then, mount the volume read-only and hunt the mount point.");
    }
    free(p);
    return ok;
}

static bool make(struct image *m, struct err *e)
{
    image_world_make(m);
    m->volume = NEW(m->r.keep, struct image_volume, IMAGE_VOLUMES_MAX);
    if (!m->volume)
        return err_set(e, ERR_MEMORY, "no room for an image");
    if (!read_volumes(m, e))
        return false;
    for (size_t i = 0, n = m->volume_n; i < n; i++)
        if (!add_shadows(m, i, e))
            return false;
    if (!image_letters_read(m, e))
        return false;
    image_tell *tell = m->r.tell;
    m->r.tell = NULL;                              /* guesses are told when the last image was opened */
    image_letters(&m, 1);
    m->r.tell = tell;
    return true;
}

bool image_open(struct image **ret, const struct image_from *from, enum image_kind kind, image_tell *tell, void *ctx, struct arena *keep, struct err *e)
{
    struct image *m = NEW(keep, struct image, 1);
    struct str    below = str_dup(keep, from->below), root = str_dup(keep, from->root);
    size_t        slash = str_rchr(below, '/');

    if (!m || (!below.p && from->below.n) || (!root.p && from->root.n))
        return err_set(e, ERR_MEMORY, "no room for an image");
    m->r = (struct image_reach){ .from = *from, .dir = str_sub(below, 0, slash == STR_NONE ? 0 : slash + 1), .tell = tell, .ctx = ctx, .keep = keep };
    m->r.from.below = below;
    m->r.from.root  = root;
    m->clock = from->os;
    bool ok = kind == IMAGE_RAW ? image_raw_open(&m->body, &m->r, e) : kind == IMAGE_EWF ? image_ewf_open(&m->body, &m->r, e)
            : kind == IMAGE_VHD ? image_vhd_open(&m->body, &m->r, e) : kind == IMAGE_VHDX ? image_vhdx_open(&m->body, &m->r, e)
            : kind == IMAGE_VMDK ? image_vmdk_open(&m->body, &m->r, e) : err_set(e, ERR_FORMAT, "not an image that is read here");
    m->form = m->body.form;
    if (!ok || !make(m, e)) {
        image_close(m);
        return false;
    }
    *ret = m;
    return true;
}

bool image_open_block(struct image **ret, struct blocks b, const char *form, struct os *clock, image_tell *tell, void *ctx, struct arena *keep, struct err *e)
{
    struct image *m = NEW(keep, struct image, 1);

    if (!m)
        return err_set(e, ERR_MEMORY, "no room for an image");
    m->r     = (struct image_reach){ .tell = tell, .ctx = ctx, .keep = keep };
    m->body  = (struct image_body){ .b = b };
    m->form  = form;
    m->clock = clock;
    if (!make(m, e)) {
        image_close(m);
        return false;
    }
    *ret = m;
    return true;
}

/* Is there, at most `depth` folders down, one that is named like a drive and holds what a drive does? */
static bool holds_drives(const struct image_volume *v, uint32_t folder, int depth, uint32_t *budget)
{
    static const char *const inside[] = { "Windows", "inetpub", "Program Files", "ProgramData", "Users", "$MFT", "$Extend" };

    if (folder >= v->tree.record_n)
        return false;
    for (uint32_t i = v->tree.in_folder[folder]; i != MFT_NOTHING && *budget; i = v->tree.entry[i].next_in_folder, --*budget) {
        const struct mft_entry *x = &v->tree.entry[i];
        struct str              name = mft_entry_name(&v->tree, x);
        if (!(x->flags & MFT_IS_DIR) || x->flags & MFT_IS_DELETED || x->record == MFT_ROOT || x->record == folder)
            continue;
        bool letter = name.n && ch_alpha(name.p[0]) && (name.n == 1 || str_ieq(str_from(name, 1), STR("%3A")));
        for (size_t k = 0; letter && k < COUNT_OF(inside); k++)
            for (uint32_t j = v->tree.in_folder[x->record]; j != MFT_NOTHING; j = v->tree.entry[j].next_in_folder)
                if (str_ieq(mft_entry_name(&v->tree, &v->tree.entry[j]), str_c(inside[k])))
                    return true;
        if (depth > 0 && holds_drives(v, x->record, depth - 1, budget))
            return true;
    }
    return false;
}

bool image_is_container(struct image *m, struct str *ret_root, struct err *e)
{
    enum { DEPTH = 3 };
    uint32_t budget = 100000;
    size_t   live = 0;

    *ret_root = STR_EMPTY;
    for (size_t i = 0; i < m->volume_n; i++) {
        live += !m->volume[i].earlier;
        if (m->volume[i].system)
            return true;
    }
    if (live != 1 || !holds_drives(&m->volume[0], MFT_ROOT, DEPTH, &budget))
        return true;
    *ret_root = STR("v0");
    return image_names_make(&m->volume[0], e);
}

struct os *image_os(struct image *m) { return &m->os; }
const char *image_form(const struct image *m) { return m->form; }
uint64_t image_bytes(const struct image *m) { return m->body.b.size_bytes; }

void image_close(struct image *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->volume_n; i++) {
        os_arena_unmap(&m->volume[i].room);
        image_shadows_close(m->volume[i].shadows);
        free(m->volume[i].names.entry);
    }
    m->volume_n = 0;
    if (m->body.close)
        m->body.close(m->body.ctx);
    m->body.close = NULL;
}
