/*
 * image_vmdk: the disks of VMware: flat, sparse, and stream optimised, in one file or as a descriptor with its extents.
 *
 * Grain tables are looked up in the file when they are asked for. Snapshots need their parents, and are refused by name; so are ESX's own sparse forms.
 * Source: VMware, "Virtual Disk Format 5.0".
 */
#include "evidence/image_inner.h"

#include "base/num.h"

#include <stdlib.h>
#include <string.h>

enum { EXTENTS_MAX = 512, DESCRIPTOR_MAX = 64 << 10, SECTOR = 512 };

enum extent_kind { EXTENT_FLAT, EXTENT_SPARSE, EXTENT_ZERO };
struct extent {
    enum extent_kind  kind;
    struct image_file f;
    uint64_t          from, size_bytes, off;             /* of the disk; flat: where it begins in the file */
    uint64_t          grain_bytes, directory, per_table; /* sparse; directory: byte offset */
    bool              packed;
    struct image_cache *cache;
};
struct vmdk { struct extent extent[EXTENTS_MAX]; size_t n; uint64_t size_bytes; };

static uint64_t le(const uint8_t *p, int n) { uint64_t v = 0; for (int i = n; i-- > 0;) v = v << 8 | p[i]; return v; }

/* Where grain `at` lies; 0: nowhere, it is zeros. */
static bool grain_at(const struct extent *x, uint64_t at, uint64_t *ret, struct err *e)
{
    uint8_t entry[4];

    if (!image_file_whole(&x->f, x->directory + at / x->per_table * 4, entry, 4, e))
        return false;
    uint64_t table = le(entry, 4);
    *ret = 0;
    if (table == 0)
        return true;
    if (!image_file_whole(&x->f, table * SECTOR + at % x->per_table * 4, entry, 4, e))
        return false;
    uint64_t sector = le(entry, 4);
    *ret = sector > 1 ? sector * SECTOR : 0;             /* 1: written, with zeros */
    return true;
}

static bool make_grain(void *ctx, uint64_t at, uint8_t *buf, size_t n, struct err *e)
{
    const struct extent *x = ctx;
    uint8_t              head[12];
    uint64_t             off;

    if (!grain_at(x, at, &off, e))
        return false;
    memset(buf, 0, n);
    if (!off)
        return true;
    if (!image_file_whole(&x->f, off, head, sizeof head, e))
        return false;
    size_t size = (size_t)le(head + 8, 4);
    if (size == 0 || size > 2 * n + 1024)
        return err_set(e, ERR_FORMAT, "grain %llu: %zu packed bytes", (unsigned long long)at, size);
    uint8_t *in = malloc(size);
    bool     ok = in ? image_file_whole(&x->f, off + sizeof head, in, size, e) : err_set(e, ERR_MEMORY, "no room for a grain of an image");
    if (ok && !image_inflate((struct str){ in, size }, buf, n))
        ok = err_set(e, ERR_FORMAT, "grain %llu: packed bytes are damaged", (unsigned long long)at);
    free(in);
    return ok;
}

static bool extent_read(const struct extent *x, uint64_t off, uint8_t *buf, size_t n, struct err *e)
{
    size_t got = 0;

    switch (x->kind) {
    case EXTENT_ZERO:
        memset(buf, 0, n);
        return true;
    case EXTENT_FLAT:
        return image_file_whole(&x->f, x->off + off, buf, n, e);
    case EXTENT_SPARSE:
        break;
    }
    if (x->packed)
        return image_cache_read(x->cache, x->size_bytes, off, buf, n, &got, e);
    while (n) {
        uint64_t in = off % x->grain_bytes, at;
        size_t   now = x->grain_bytes - in < n ? (size_t)(x->grain_bytes - in) : n;
        if (!grain_at(x, off / x->grain_bytes, &at, e))
            return false;
        if (!at)
            memset(buf, 0, now);
        else if (!image_file_whole(&x->f, at + in, buf, now, e))
            return false;
        off += now, buf += now, n -= now;
    }
    return true;
}

static bool vmdk_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    const struct vmdk *v = ctx;
    size_t             all = 0;

    for (size_t i = 0; i < v->n && all < cap; i++) {
        const struct extent *x = &v->extent[i];
        uint64_t at = off + all;
        if (at < x->from || at - x->from >= x->size_bytes)
            continue;
        uint64_t left = x->size_bytes - (at - x->from);
        size_t   now = left < cap - all ? (size_t)left : cap - all;
        if (!extent_read(x, at - x->from, buf + all, now, e))
            return false;
        all += now;
    }
    *ret_got = all;
    return true;
}

static void vmdk_close(void *ctx)
{
    struct vmdk *v = ctx;
    for (size_t i = 0; i < v->n; i++) {
        image_cache_close(v->extent[i].cache);
        image_file_close(&v->extent[i].f);
    }
}

/* Its file is open. The descriptor that it may hold goes to *ret_text, which has room for DESCRIPTOR_MAX bytes. */
static bool sparse_open(struct extent *x, uint8_t *text, size_t *ret_text, struct err *e)
{
    uint8_t h[SECTOR];

    if (!image_file_whole(&x->f, 0, h, sizeof h, e))
        return false;
    if (memcmp(h, "COWD", 4) == 0)
        return err_set(e, ERR_FORMAT, "a sparse disk of ESX"), err_hint(e, "Convert it (vmkfstools -i, or qemu-img convert -O raw), and hunt the result.");
    if (memcmp(h, "KDMV", 4) != 0)
        return err_set(e, ERR_FORMAT, "no sparse extent");
    uint64_t text_at = le(h + 28, 8), text_n = le(h + 36, 8);
    if (le(h + 56, 8) == UINT64_MAX) {
        /* Written front to back: the header that counts is at the end. */
        if (x->f.size_bytes < 3 * SECTOR || !image_file_whole(&x->f, x->f.size_bytes / SECTOR * SECTOR - 2 * SECTOR, h, sizeof h, e))
            return err_set(e, ERR_FORMAT, "cut: its footer is not there");
        if (memcmp(h, "KDMV", 4) != 0)
            return err_set(e, ERR_FORMAT, "cut: its footer is not there");
    }
    uint64_t capacity = le(h + 12, 8), grain = le(h + 20, 8);
    x->per_table = le(h + 44, 4);
    x->directory = le(h + 56, 8);
    x->packed    = le(h + 8, 4) >> 16 & 1;
    if (grain == 0 || grain > 8192 || (grain & (grain - 1)) || x->per_table == 0 || x->per_table > 65536 || capacity > INT64_MAX / SECTOR || x->directory > INT64_MAX / SECTOR)
        return err_set(e, ERR_FORMAT, "grains of %llu sectors", (unsigned long long)grain);
    x->kind        = EXTENT_SPARSE;
    x->directory  *= SECTOR;
    x->grain_bytes = grain * SECTOR;
    if (!x->size_bytes)
        x->size_bytes = capacity * SECTOR;
    *ret_text = 0;
    if (text && text_at && text_n && text_n <= DESCRIPTOR_MAX / SECTOR) {
        if (!image_file_whole(&x->f, text_at * SECTOR, text, (size_t)text_n * SECTOR, e))
            return false;
        *ret_text = (size_t)text_n * SECTOR;
    }
    return !x->packed || image_cache_open(&x->cache, x->grain_bytes, make_grain, x, e);
}

static bool has_parent(struct str text)
{
    size_t at = str_ifind(text, STR("parentCID="));
    return at != STR_NONE && !str_istarts(str_from(text, at + 10), STR("ffffffff"));
}

/* RW 4192256 SPARSE "name" [offset] */
static bool extent_line(struct vmdk *v, const struct image_reach *r, struct str line, struct err *e)
{
    struct str access, size, kind = STR_EMPTY, quoted = STR_EMPTY;
    uint64_t   sectors, off = 0;
    size_t     none;

    if (!str_cut(&line, ' ', &access) || !(str_eq(access, STR("RW")) || str_eq(access, STR("RDONLY"))))
        return true;
    if (!str_cut(&line, ' ', &size) || !num_u64(size, &sectors))
        return err_set(e, ERR_FORMAT, "its descriptor is damaged");
    str_cut(&line, ' ', &kind);
    kind = str_trim(kind);
    size_t open = str_chr(line, '"');
    if (open != STR_NONE) {
        quoted = str_from(line, open + 1);
        size_t close = str_chr(quoted, '"');
        if (close == STR_NONE)
            return err_set(e, ERR_FORMAT, "its descriptor is damaged");
        (void)num_u64(str_trim(str_from(quoted, close + 1)), &off);
        quoted = str_sub(quoted, 0, close);
    }
    if (v->n == EXTENTS_MAX || sectors > INT64_MAX / SECTOR || v->size_bytes > INT64_MAX - sectors * SECTOR || off > INT64_MAX / SECTOR)
        return err_set(e, ERR_LIMIT, "more extents than this build reads, or larger ones than there are");
    struct extent *x = &v->extent[v->n];
    *x = (struct extent){ .kind = EXTENT_ZERO, .from = v->size_bytes, .size_bytes = sectors * SECTOR, .off = off * SECTOR, .f = { .f = OS_FILE_NONE } };
    if (!str_eq(kind, STR("ZERO"))) {
        if (!image_file_open(&x->f, r, quoted, e)) {
            err_set(e, ERR_FORMAT, "an extent is missing: %.*s", STR_ARG(str_sub(quoted, 0, 100)));
            return err_hint(e, "Put all files of the disk into one folder, under their own names, and hunt again.");
        }
        v->n++;                                      /* from here on it is closed with the others */
        if (str_eq(kind, STR("SPARSE")))
            return (v->size_bytes += x->size_bytes, sparse_open(x, NULL, &none, e));
        if (!str_eq(kind, STR("FLAT")) && !str_eq(kind, STR("VMFS"))) {
            err_set(e, ERR_FORMAT, "an extent of the kind %.*s", STR_ARG(str_sub(kind, 0, 30)));
            return err_hint(e, "Convert it (vmkfstools -i, or qemu-img convert -O raw), and hunt the result.");
        }
        x->kind = EXTENT_FLAT;
    } else {
        v->n++;
    }
    v->size_bytes += x->size_bytes;
    return true;
}

bool image_vmdk_open(struct image_body *ret, const struct image_reach *r, struct err *e)
{
    struct vmdk *v = NEW(r->keep, struct vmdk, 1);
    uint8_t     *text = NEW(r->keep, uint8_t, DESCRIPTOR_MAX), head[4];
    size_t       n = 0;

    if (!v || !text)
        return err_set(e, ERR_MEMORY, "no room for an image");
    *ret = (struct image_body){ .form = "VMDK", .ctx = v, .close = vmdk_close };
    struct extent *x = &v->extent[0];
    x->f.f = OS_FILE_NONE;
    if (!image_file_open(&x->f, r, STR_EMPTY, e))
        return false;
    v->n = 1;
    if (!image_file_whole(&x->f, 0, head, sizeof head, e))
        return false;
    bool alone = memcmp(head, "KDMV", 4) == 0;
    if (alone) {
        if (!sparse_open(x, text, &n, e))
            return false;
        v->size_bytes = x->size_bytes;
    } else {
        n = x->f.size_bytes < DESCRIPTOR_MAX ? (size_t)x->f.size_bytes : DESCRIPTOR_MAX;
        if (!image_file_whole(&x->f, 0, text, n, e))
            return false;
        image_file_close(&x->f);
        v->n = 0;
    }
    struct str s = { text, n }, line;
    if (has_parent(s)) {
        err_set(e, ERR_FORMAT, "a snapshot: it holds only what changed since its parent");
        return err_hint(e, "Consolidate the snapshots, or convert the whole chain to raw, and hunt that.");
    }
    while (!alone && str_cut(&s, '\n', &line))
        if (!extent_line(v, r, str_trim(line), e))
            return false;
    if (v->n == 0)
        return err_set(e, ERR_FORMAT, "its descriptor names no extent");
    ret->b = (struct blocks){ vmdk_read, v, v->size_bytes };
    return true;
}
