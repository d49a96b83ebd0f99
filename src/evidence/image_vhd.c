/*
 * image_vhd: VHD, and VHDX, the disks of Hyper-V and of Windows' own backup.
 *
 * Blocks are looked up in the file when they are asked for; nothing but a few numbers stays in memory. Differencing disks need their parents, and are refused by name.
 * Source: Microsoft, "Virtual Hard Disk Image Format Specification" (2006); MS-VHDX.
 */
#include "evidence/image_inner.h"

#include <string.h>

static uint64_t be(const uint8_t *p, int n) { uint64_t v = 0; for (int i = 0; i < n; i++) v = v << 8 | p[i]; return v; }
static uint64_t le(const uint8_t *p, int n) { uint64_t v = 0; for (int i = n; i-- > 0;) v = v << 8 | p[i]; return v; }

struct vhd {
    struct image_file f;
    uint64_t size_bytes, block_bytes, table_at, entries, skip;   /* skip: bitmap in front of each block of a VHD */
    uint64_t ratio;                                              /* VHDX: payload entries between two of bitmaps; 0: VHD */
};

static bool is_hole(const struct vhd *v, const uint8_t *entry, uint64_t *ret_at)
{
    if (!v->ratio) {
        uint64_t sector = be(entry, 4);
        *ret_at = sector * 512 + v->skip;
        return sector == 0xFFFFFFFF;
    }
    uint64_t x = le(entry, 8);
    *ret_at = x >> 20 << 20;
    return (x & 7) != 6 && (x & 7) != 7;
}

static bool vhd_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    const struct vhd *v = ctx;
    size_t            all = 0;

    cap = off >= v->size_bytes ? 0 : v->size_bytes - off < cap ? (size_t)(v->size_bytes - off) : cap;
    while (all < cap) {
        uint64_t i = (off + all) / v->block_bytes, in = (off + all) % v->block_bytes, at = 0;
        size_t   now = v->block_bytes - in < cap - all ? (size_t)(v->block_bytes - in) : cap - all;
        uint8_t  entry[8];
        if (v->ratio)
            i += i / v->ratio;
        if (i >= v->entries)
            return err_set(e, ERR_FORMAT, "block %llu is in no table", (unsigned long long)i);
        if (!image_file_whole(&v->f, v->table_at + i * (v->ratio ? 8 : 4), entry, v->ratio ? 8 : 4, e))
            return false;
        if (is_hole(v, entry, &at))
            memset(buf + all, 0, now);
        else if (!image_file_whole(&v->f, at + in, buf + all, now, e))
            return false;
        all += now;
    }
    *ret_got = all;
    return true;
}

static void vhd_close(void *ctx) { image_file_close(&((struct vhd *)ctx)->f); }

static struct vhd *begin(struct image_body *ret, const struct image_reach *r, const char *form, struct err *e)
{
    struct vhd *v = NEW(r->keep, struct vhd, 1);

    if (!v) {
        err_set(e, ERR_MEMORY, "no room for an image");
        return NULL;
    }
    v->f.f = OS_FILE_NONE;
    *ret = (struct image_body){ .form = form, .ctx = v, .close = vhd_close };
    return image_file_open(&v->f, r, STR_EMPTY, e) ? v : NULL;
}

static bool needs_parent(struct err *e)
{
    err_set(e, ERR_FORMAT, "a differencing disk: it holds only what changed since its parent");
    return err_hint(e, "Merge it with its parents (Merge-VHD), or convert the whole chain to raw, and hunt that.");
}

bool image_vhd_open(struct image_body *ret, const struct image_reach *r, struct err *e)
{
    struct vhd *v = begin(ret, r, "VHD", e);
    uint8_t     foot[512], head[1024];

    if (!v || !image_file_whole(&v->f, 0, foot, sizeof foot, e))
        return false;
    uint64_t type = be(foot + 60, 4), at = be(foot + 16, 8);
    v->size_bytes = be(foot + 48, 8);
    if (type == 4)
        return needs_parent(e);
    if (type != 3 || !image_file_whole(&v->f, at, head, sizeof head, e) || memcmp(head, "cxsparse", 8) != 0)
        return err_set(e, ERR_FORMAT, "a VHD of no known kind (%u)", (unsigned)type);
    v->table_at    = be(head + 16, 8);
    v->entries     = be(head + 28, 4);
    v->block_bytes = be(head + 32, 4);
    if (v->block_bytes < 4096 || v->block_bytes > (64 << 20) || (v->block_bytes & (v->block_bytes - 1)) || v->size_bytes > INT64_MAX)
        return err_set(e, ERR_FORMAT, "blocks of %llu bytes", (unsigned long long)v->block_bytes);
    v->skip = (v->block_bytes / 512 / 8 + 511) / 512 * 512;
    ret->b  = (struct blocks){ vhd_read, v, v->size_bytes };
    return true;
}

/* As stored: the first three parts of a GUID lie little-endian. */
static const uint8_t region_bat[16]  = { 0x66, 0x77, 0xC2, 0x2D, 0x23, 0xF6, 0x00, 0x42, 0x9D, 0x64, 0x11, 0x5E, 0x9B, 0xFD, 0x4A, 0x08 };
static const uint8_t region_meta[16] = { 0x06, 0xA2, 0x7C, 0x8B, 0x90, 0x47, 0x9A, 0x4B, 0xB8, 0xFE, 0x57, 0x5F, 0x05, 0x0F, 0x88, 0x6E };
static const uint8_t item_file[16]   = { 0x37, 0x67, 0xA1, 0xCA, 0x36, 0xFA, 0x43, 0x4D, 0xB3, 0xB6, 0x33, 0xF0, 0xAA, 0x44, 0xE7, 0x6B };
static const uint8_t item_size[16]   = { 0x24, 0x42, 0xA5, 0x2F, 0x1B, 0xCD, 0x76, 0x48, 0xB2, 0x11, 0x5D, 0xBE, 0xD8, 0x3B, 0xF4, 0xB8 };
static const uint8_t item_sector[16] = { 0x1D, 0xBF, 0x41, 0x81, 0x6F, 0xA9, 0x09, 0x47, 0xBA, 0x47, 0xF2, 0x33, 0xA8, 0xFA, 0xAB, 0x5F };

static bool read_regions(struct vhd *v, uint64_t at, uint64_t *ret_meta, struct err *e)
{
    uint8_t head[16], x[32];
    bool    bat = false, meta = false;

    if (!image_file_whole(&v->f, at, head, sizeof head, e))
        return false;
    if (memcmp(head, "regi", 4) != 0 || le(head + 8, 4) > 2047)
        return err_set(e, ERR_FORMAT, "its table of regions is damaged");
    for (uint64_t i = 0; i < le(head + 8, 4); i++) {
        if (!image_file_whole(&v->f, at + 16 + 32 * i, x, sizeof x, e))
            return false;
        if (memcmp(x, region_bat, 16) == 0)
            bat = true, v->table_at = le(x + 16, 8), v->entries = le(x + 24, 4) / 8;
        if (memcmp(x, region_meta, 16) == 0)
            meta = true, *ret_meta = le(x + 16, 8);
    }
    return (bat && meta) || err_set(e, ERR_FORMAT, "its table of regions is not whole");
}

static bool read_metadata(struct vhd *v, uint64_t at, bool *ret_parent, struct err *e)
{
    uint8_t  head[32], x[32], data[8];
    uint64_t sector = 0;

    if (!image_file_whole(&v->f, at, head, sizeof head, e))
        return false;
    if (memcmp(head, "metadata", 8) != 0 || le(head + 10, 2) > 2047)
        return err_set(e, ERR_FORMAT, "its metadata are damaged");
    for (uint64_t i = 0; i < le(head + 10, 2); i++) {
        if (!image_file_whole(&v->f, at + 32 + 32 * i, x, sizeof x, e))
            return false;
        bool file = memcmp(x, item_file, 16) == 0, size = memcmp(x, item_size, 16) == 0, sect = memcmp(x, item_sector, 16) == 0;
        if (!(file || size || sect))
            continue;
        if (!image_file_whole(&v->f, at + le(x + 16, 4), data, sect ? 4 : 8, e))
            return false;
        if (file)
            v->block_bytes = le(data, 4), *ret_parent = le(data + 4, 4) & 2;
        else if (size)
            v->size_bytes = le(data, 8);
        else
            sector = le(data, 4);
    }
    if ((sector != 512 && sector != 4096) || v->block_bytes < (1 << 20) || v->block_bytes > (256 << 20) || (v->block_bytes & (v->block_bytes - 1)) || v->size_bytes > INT64_MAX)
        return err_set(e, ERR_FORMAT, "sectors of %llu and blocks of %llu bytes", (unsigned long long)sector, (unsigned long long)v->block_bytes);
    v->ratio = (UINT64_C(1) << 23) * sector / v->block_bytes;
    return true;
}

/* The newer of its two headers: is there a log that was not written home? */
static bool is_dirty(const struct vhd *v)
{
    uint8_t    h[2][80];
    struct err none = { 0 };
    static const uint8_t zero[16];
    bool       has[2];

    for (int i = 0; i < 2; i++)
        has[i] = image_file_whole(&v->f, i ? 128 << 10 : 64 << 10, h[i], sizeof h[i], &none) && memcmp(h[i], "head", 4) == 0;
    int newer = has[1] && (!has[0] || le(h[1] + 8, 8) > le(h[0] + 8, 8));
    return has[newer] && memcmp(h[newer] + 48, zero, 16) != 0;
}

bool image_vhdx_open(struct image_body *ret, const struct image_reach *r, struct err *e)
{
    struct vhd *v = begin(ret, r, "VHDX", e);
    uint64_t    meta = 0;
    bool        parent = false;
    struct err  first = { 0 };

    if (!v)
        return false;
    if (!read_regions(v, 192 << 10, &meta, &first) && !read_regions(v, 256 << 10, &meta, e))
        return false;
    if (!read_metadata(v, meta, &parent, e))
        return false;
    if (parent)
        return needs_parent(e);
    if (is_dirty(v))
        image_say(r, "", "damaged: the disk was not closed, and its log was not written home", "It was read as it is. Attach it once to Windows and detach it, on a copy, and hunt that.");
    ret->b = (struct blocks){ vhd_read, v, v->size_bytes };
    return true;
}
