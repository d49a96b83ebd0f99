/*
 * image_vhdx: VHDX, the disks of Hyper-V, of Windows' own backup and of KAPE's containers.
 *
 * Blocks are looked up in the file when they are asked for. A disk that was not closed is completed from its log in memory, or, where that is not possible, read as it is and
 * told. Differencing disks need their parents, and are refused by name.
 * Source: MS-VHDX.
 */
#include "evidence/image_inner.h"

#include <stdio.h>
#include <string.h>

static uint64_t le(const uint8_t *p, int n) { uint64_t v = 0; for (int i = n; i-- > 0;) v = v << 8 | p[i]; return v; }

struct vhdx {
    struct image_file f;
    struct vhdx_log   log;
    uint64_t          size_bytes, block_bytes, table_at, entries;
    uint64_t          ratio;                 /* payload entries of the table between two of bitmaps */
};

static bool bytes(const struct vhdx *v, uint64_t off, uint8_t *buf, size_t n, struct err *e) { return vhdx_log_bytes(&v->log, &v->f, off, buf, n, e); }

static bool vhdx_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    const struct vhdx *v = ctx;
    size_t             all = 0;

    cap = off >= v->size_bytes ? 0 : v->size_bytes - off < cap ? (size_t)(v->size_bytes - off) : cap;
    while (all < cap) {
        uint64_t i = (off + all) / v->block_bytes, in = (off + all) % v->block_bytes;
        size_t   now = v->block_bytes - in < cap - all ? (size_t)(v->block_bytes - in) : cap - all;
        uint8_t  entry[8];
        i += i / v->ratio;
        if (i >= v->entries)
            return err_set(e, ERR_FORMAT, "block %llu is in no table", (unsigned long long)i);
        if (!bytes(v, v->table_at + i * 8, entry, 8, e))
            return false;
        uint64_t x = le(entry, 8), state = x & 7;
        if (state != 6 && state != 7)              /* not there, or there in part: of a differencing disk */
            memset(buf + all, 0, now);
        else if (!bytes(v, (x >> 20 << 20) + in, buf + all, now, e))
            return false;
        all += now;
    }
    *ret_got = all;
    return true;
}

static void vhdx_close(void *ctx) { image_file_close(&((struct vhdx *)ctx)->f); }

/* As stored: the first three parts of a GUID lie little-endian. */
static const uint8_t region_bat[16]  = { 0x66, 0x77, 0xC2, 0x2D, 0x23, 0xF6, 0x00, 0x42, 0x9D, 0x64, 0x11, 0x5E, 0x9B, 0xFD, 0x4A, 0x08 };
static const uint8_t region_meta[16] = { 0x06, 0xA2, 0x7C, 0x8B, 0x90, 0x47, 0x9A, 0x4B, 0xB8, 0xFE, 0x57, 0x5F, 0x05, 0x0F, 0x88, 0x6E };
static const uint8_t item_file[16]   = { 0x37, 0x67, 0xA1, 0xCA, 0x36, 0xFA, 0x43, 0x4D, 0xB3, 0xB6, 0x33, 0xF0, 0xAA, 0x44, 0xE7, 0x6B };
static const uint8_t item_size[16]   = { 0x24, 0x42, 0xA5, 0x2F, 0x1B, 0xCD, 0x76, 0x48, 0xB2, 0x11, 0x5D, 0xBE, 0xD8, 0x3B, 0xF4, 0xB8 };
static const uint8_t item_sector[16] = { 0x1D, 0xBF, 0x41, 0x81, 0x6F, 0xA9, 0x09, 0x47, 0xBA, 0x47, 0xF2, 0x33, 0xA8, 0xFA, 0xAB, 0x5F };

static bool read_regions(struct vhdx *v, uint64_t at, uint64_t *ret_meta, struct err *e)
{
    uint8_t head[16], x[32];
    bool    bat = false, meta = false;

    if (!bytes(v, at, head, sizeof head, e))
        return false;
    if (memcmp(head, "regi", 4) != 0 || le(head + 8, 4) > 2047)
        return err_set(e, ERR_FORMAT, "its table of regions is damaged");
    for (uint64_t i = 0; i < le(head + 8, 4); i++) {
        if (!bytes(v, at + 16 + 32 * i, x, sizeof x, e))
            return false;
        if (memcmp(x, region_bat, 16) == 0)
            bat = true, v->table_at = le(x + 16, 8), v->entries = le(x + 24, 4) / 8;
        if (memcmp(x, region_meta, 16) == 0)
            meta = true, *ret_meta = le(x + 16, 8);
    }
    return (bat && meta) || err_set(e, ERR_FORMAT, "its table of regions is not whole");
}

static bool read_metadata(struct vhdx *v, uint64_t at, bool *ret_parent, struct err *e)
{
    uint8_t  head[32], x[32], data[8];
    uint64_t sector = 0;

    if (!bytes(v, at, head, sizeof head, e))
        return false;
    if (memcmp(head, "metadata", 8) != 0 || le(head + 10, 2) > 2047)
        return err_set(e, ERR_FORMAT, "its metadata are damaged");
    for (uint64_t i = 0; i < le(head + 10, 2); i++) {
        if (!bytes(v, at + 32 + 32 * i, x, sizeof x, e))
            return false;
        bool file = memcmp(x, item_file, 16) == 0, size = memcmp(x, item_size, 16) == 0, sect = memcmp(x, item_sector, 16) == 0;
        if (!(file || size || sect))
            continue;
        if (!bytes(v, at + le(x + 16, 4), data, sect ? 4 : 8, e))
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

/* The newer of its two headers: is there a log that was not written home? *ret_head: 80 bytes of it. */
static bool is_dirty(const struct vhdx *v, uint8_t ret_head[80], struct err *e)
{
    uint8_t  h[2][4096];
    bool     has[2] = { false, false }, summed[2] = { false, false };
    static const uint8_t zero[16];

    for (int i = 0; i < 2; i++) {
        struct err why = { 0 };
        has[i] = image_file_whole(&v->f, i ? 128 << 10 : 64 << 10, h[i], sizeof h[i], &why) && memcmp(h[i], "head", 4) == 0;
        if (why.kind == ERR_IO)
            return *e = why, false;
        if (has[i]) {
            uint32_t said = (uint32_t)le(h[i] + 4, 4);
            memset(h[i] + 4, 0, 4);
            summed[i] = image_crc32c(0, h[i], sizeof h[i]) == said;
        }
    }
    int newer = has[1] && (!has[0] || (summed[1] == summed[0] ? le(h[1] + 8, 8) > le(h[0] + 8, 8) : summed[1]));
    if (!has[newer] || memcmp(h[newer] + 48, zero, 16) == 0)
        return false;
    memcpy(ret_head, h[newer], 80);
    return true;
}

/* What fails here costs the last changes of the disk, and is told. */
static bool take_log(struct vhdx *v, const struct image_reach *r, struct err *e)
{
    uint8_t    head[80];
    struct err why = { 0 };
    char       what[240];

    v->log = (struct vhdx_log){ .size_bytes = v->f.size_bytes };
    if (!is_dirty(v, head, &why)) {
        if (why.kind == ERR_IO)
            *e = why;
        return why.kind != ERR_IO;
    }
    if (vhdx_log_open(&v->log, &v->f, head + 48, le(head + 72, 8), (uint32_t)le(head + 68, 4), r->keep, &why)) {
        image_say(r, "", "remark: the disk was not closed; its log was replayed in memory", "It was read as it would be after that. The image itself is unchanged.");
        return true;
    }
    if (why.kind == ERR_MEMORY)
        return *e = why, false;
    snprintf(what, sizeof what, "damaged: the disk was not closed, and its log cannot be replayed: %.120s", why.what);
    image_say(r, "", what, "It was read as it is. Attach it once to Windows and detach it, on a copy, and hunt that.");
    return true;
}

bool image_vhdx_open(struct image_body *ret, const struct image_reach *r, struct err *e)
{
    struct vhdx *v = NEW(r->keep, struct vhdx, 1);
    uint64_t     meta = 0;
    bool         parent = false;
    struct err   first = { 0 };

    if (!v)
        return err_set(e, ERR_MEMORY, "no room for an image");
    v->f.f = OS_FILE_NONE;
    *ret = (struct image_body){ .form = "VHDX", .ctx = v, .close = vhdx_close };
    if (!image_file_open(&v->f, r, STR_EMPTY, e) || !take_log(v, r, e))
        return false;
    if (!read_regions(v, 192 << 10, &meta, &first) && !read_regions(v, 256 << 10, &meta, e))
        return false;
    if (!read_metadata(v, meta, &parent, e))
        return false;
    if (parent)
        return image_needs_parent(e);
    ret->b = (struct blocks){ vhdx_read, v, v->size_bytes };
    return true;
}
