/*
 * image_vhd: VHD, the older disks of Hyper-V and of Windows' own backup. Those of fixed size are raw, with a sector more at their end.
 *
 * Blocks are looked up in the file when they are asked for; nothing but a few numbers stays in memory. Differencing disks need their parents, and are refused by name.
 * Source: Microsoft, "Virtual Hard Disk Image Format Specification" (2006).
 */
#include "evidence/image_inner.h"

#include <string.h>

static uint64_t be(const uint8_t *p, int n) { uint64_t v = 0; for (int i = 0; i < n; i++) v = v << 8 | p[i]; return v; }

struct vhd {
    struct image_file f;
    uint64_t size_bytes, block_bytes, table_at, entries, skip;   /* skip: bitmap in front of each block */
};

static bool vhd_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    const struct vhd *v = ctx;
    size_t            all = 0;

    cap = off >= v->size_bytes ? 0 : v->size_bytes - off < cap ? (size_t)(v->size_bytes - off) : cap;
    while (all < cap) {
        uint64_t i = (off + all) / v->block_bytes, in = (off + all) % v->block_bytes;
        size_t   now = v->block_bytes - in < cap - all ? (size_t)(v->block_bytes - in) : cap - all;
        uint8_t  entry[4];
        if (i >= v->entries)
            return err_set(e, ERR_FORMAT, "block %llu is in no table", (unsigned long long)i);
        if (!image_file_whole(&v->f, v->table_at + i * 4, entry, 4, e))
            return false;
        uint64_t sector = be(entry, 4);
        if (sector == 0xFFFFFFFF)
            memset(buf + all, 0, now);
        else if (!image_file_whole(&v->f, sector * 512 + v->skip + in, buf + all, now, e))
            return false;
        all += now;
    }
    *ret_got = all;
    return true;
}

static void vhd_close(void *ctx) { image_file_close(&((struct vhd *)ctx)->f); }

bool image_needs_parent(struct err *e)
{
    err_set(e, ERR_FORMAT, "a differencing disk: it holds only what changed since its parent");
    return err_hint(e, "Merge it with its parents (Merge-VHD), or convert the whole chain to raw, and hunt that.");
}

bool image_vhd_open(struct image_body *ret, const struct image_reach *r, struct err *e)
{
    struct vhd *v = NEW(r->keep, struct vhd, 1);
    uint8_t     foot[512], head[1024];

    if (!v)
        return err_set(e, ERR_MEMORY, "no room for an image");
    v->f.f = OS_FILE_NONE;
    *ret = (struct image_body){ .form = "VHD", .ctx = v, .close = vhd_close };
    if (!image_file_open(&v->f, r, STR_EMPTY, e) || !image_file_whole(&v->f, 0, foot, sizeof foot, e))
        return false;
    uint64_t type = be(foot + 60, 4), at = be(foot + 16, 8);
    struct err why = { 0 };
    v->size_bytes = be(foot + 48, 8);
    if (type == 4)
        return image_needs_parent(e);
    bool there = type == 3 && image_file_whole(&v->f, at, head, sizeof head, &why);
    if (why.kind == ERR_IO)
        return *e = why, false;
    if (!there || memcmp(head, "cxsparse", 8) != 0)
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
